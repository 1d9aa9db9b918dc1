"""What stops the story: books that do not agree."""

from symbolon.exceptions import SymbolonError


class LedgerError(SymbolonError):
    """The chain tells something that is no part of the story."""


class BooksDifferError(SymbolonError):
    """The chain and the shopping data differ."""
