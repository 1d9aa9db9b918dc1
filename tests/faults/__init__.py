"""Bulk minting while everything goes wrong, by schedules that a seed decides; see docs/operations.md."""
