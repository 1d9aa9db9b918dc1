"""Loyalty tokens that are obligations: deploy, issue and account for an alliance of brands."""
