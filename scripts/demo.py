"""Play a year of an alliance on real shopping data, on a local chain, and report it."""

from symbolon.demo.command import cli

__all__ = ["cli"]
