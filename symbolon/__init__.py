"""Loyalty tokens that are obligations: deploy, issue and account for an alliance of brands."""

__version__ = "0.1.0"
