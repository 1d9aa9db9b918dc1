"""The story from beginning to end: set the stage, play the weeks, read the chain back, compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import pandas as pd

from symbolon.demo import counter, earning
from symbolon.demo.closing import check_closing, read_closing
from symbolon.demo.data import ShoppingYear, week_of
from symbolon.demo.figures import Books
from symbolon.demo.ledger import read_chain, reconcile, reconcile_redemptions
from symbolon.demo.plan import brands, earnings, member_addresses
from symbolon.demo.redeeming import Counters
from symbolon.demo.stage import ACTS_PER_BRAND, set_stage

SETTING, OPENING = "Setting the alliance up", "Opening the counters"
MINTING, REDEEMING = "Minting week by week", "Redeeming day by day"
READING = "Reading the chain back"
PARTS = (SETTING, OPENING, MINTING, REDEEMING, READING)

Show = Callable[[str, int, int], None]
"""Told of the part that is under way, how much of it is done, and of how much."""

T = TypeVar("T")


def play(year: ShoppingYear, weeks: int, show: Show = lambda part, done, total: None) -> Books:
    """Play the year's first weeks on a chain of its own and return the books, which agree.

    Raises BooksDifferError where they do not, and whatever deploying, minting and redeeming raise.
    """
    alliance = brands(year)
    due = earnings(year, alliance)
    offered = counter.offers(year, alliance)
    redemptions = counter.redemptions(year, due, offered)
    wallets = member_addresses(year.households)
    setting = _Counter(show, SETTING, 1 + ACTS_PER_BRAND * len(alliance))
    with set_stage(alliance, setting.advance) as stage:
        opening = _Counter(show, OPENING, len(alliance))
        counters = Counters(stage, offered, redemptions, wallets, opening.advance)
        minting, redeeming = _Counter(show, MINTING, len(due)), _Counter(show, REDEEMING, len(redemptions))
        earned_in, redeemed_in = dict(list(due.groupby("week"))), _by_week(redemptions)
        for week in range(1, weeks + 1):
            if week in redeemed_in:
                counters.play_week(redeemed_in[week], redeeming.advance)
            if week in earned_in:  # what the week's spending earns is there when the week is over
                earning.play_week(stage, week, earned_in[week], wallets, minting.advance)
        blocks = range(1, stage.chain.node.head() + 1)
        reading = _Counter(show, READING, len(blocks))
        tokens = {actor.brand.number: actor.token.address for actor in stage.actors}
        desk = str(stage.alliance.redemption_desk.address)
        chain = read_chain(stage.chain.node, tokens, desk, wallets, reading.over(blocks))
        reconcile(due, chain.minted, alliance)
        reconcile_redemptions(redemptions, chain.redeemed, alliance)
        closing = read_closing(stage, counters, wallets, chain)
    check_closing(closing, due, redemptions, chain, alliance)
    return Books(year, alliance, weeks, due, offered, redemptions, chain, closing, stage.chain_id)


def _by_week(redemptions: pd.DataFrame) -> dict[int, pd.DataFrame]:
    return dict(list(redemptions.groupby(redemptions["day"].map(week_of))))


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
