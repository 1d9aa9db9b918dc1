"""The story from beginning to end: set the stage, play the weeks, read the chain back, compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from symbolon.demo import earning
from symbolon.demo.data import ShoppingYear
from symbolon.demo.figures import Books, TokenState
from symbolon.demo.ledger import BooksDifferError, ChainLedger, read_chain, reconcile
from symbolon.demo.plan import Brand, brands, earnings, member_addresses
from symbolon.demo.stage import ACTS_PER_BRAND, set_stage

SETTING, MINTING, READING = "Setting the alliance up", "Minting week by week", "Reading the chain back"
PARTS = (SETTING, MINTING, READING)

Show = Callable[[str, int, int], None]
"""Told of the part that is under way, how much of it is done, and of how much."""

T = TypeVar("T")


def play(year: ShoppingYear, weeks: int, show: Show = lambda part, done, total: None) -> Books:
    """Play the year's first weeks on a chain of its own and return the books, which agree.

    Raises BooksDifferError where they do not, and whatever deploying and minting raise.
    """
    alliance = brands(year)
    due = earnings(year, alliance)
    wallets = member_addresses(year.households)
    setting = _Counter(show, SETTING, 1 + ACTS_PER_BRAND * len(alliance))
    with set_stage(alliance, setting.advance) as stage:
        minting = _Counter(show, MINTING, len(due))
        for week, rows in due.groupby("week"):
            earning.play_week(stage, int(str(week)), rows, wallets, minting.advance)
        tokens = stage.token_states()
        addresses = {number: token.address for number, token in tokens.items()}
        blocks = range(1, stage.chain.node.head() + 1)
        reading = _Counter(show, READING, len(blocks))
        chain = read_chain(stage.chain.node, addresses, wallets, reading.over(blocks))
    reconcile(due, chain.minted, alliance)
    _check_tokens(alliance, tokens, chain)
    return Books(year, alliance, weeks, due, chain, tokens, stage.chain_id)


def _check_tokens(alliance: Iterable[Brand], tokens: dict[int, TokenState], chain: ChainLedger) -> None:
    """What each token says of itself must follow from its events."""
    for brand in alliance:
        token = tokens[brand.number]
        minted = int(chain.minted.loc[chain.minted["brand"] == brand.number, "units"].sum())
        if token.supply != minted or token.unspent_quota != brand.quota - minted:
            raise BooksDifferError(
                f"The token of {brand.name} says that {token.supply:,} base units are outstanding and "
                f"{token.unspent_quota:,} may be minted; by its events it is {minted:,} and "
                f"{brand.quota - minted:,}."
            )


class _Counter:
    """Counts a part's progress and shows it."""

    def __init__(self, show: Show, part: str, total: int) -> None:
        self._show, self._part, self._total, self._done = show, part, total, 0
        self.advance(0)

    def advance(self, by: int = 1) -> None:
        self._done += by
        self._show(self._part, self._done, self._total)

    def over(self, items: Iterable[T]) -> Iterator[T]:
        for item in items:
            yield item
            self.advance()
