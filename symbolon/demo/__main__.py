"""`python -m symbolon.demo` plays the story."""

from symbolon.demo.command import cli

cli(prog_name="demo")
