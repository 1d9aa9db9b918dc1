"""The story from beginning to end: set the stage, play the weeks, read the chain back, compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import pandas as pd

from symbolon.demo import counter, earning, ordering, pool_story, reward_story, together_story
from symbolon.demo.closing import check_closing, read_closing
from symbolon.demo.data import ShoppingYear, week_of
from symbolon.demo.delivering import Deliveries
from symbolon.demo.figures import Books
from symbolon.demo.ledger import Desks, read_chain, reconcile, reconcile_redemptions
from symbolon.demo.order_ledger import reconcile_orders
from symbolon.demo.plan import brands, earnings, member_addresses
from symbolon.demo.redeeming import Counters
from symbolon.demo.rewarding import RewardPlan
from symbolon.demo.stage import ACTS_PER_BRAND, Stage, set_stage
from symbolon.demo.swapping import PoolPlan
from symbolon.demo.together import TogetherPlan

SETTING, OPENING, BONDING = "Setting the alliance up", "Opening the counters", "Laying down bonds"
MINTING, REDEEMING = "Minting week by week", "Redeeming day by day"
DELIVERING = "Seeing to orders"
READING = "Reading the chain back"
SWAPPING, GATHERING, REWARDING = "Swapping and settling", "Buying together", "Rewarding"
CHAPTERS = (SWAPPING, GATHERING, REWARDING)
PARTS = (SETTING, OPENING, BONDING, MINTING, REDEEMING, DELIVERING, READING, *CHAPTERS)

Show = Callable[[str, int, int], None]
"""Told of the part that is under way, how much of it is done, and of how much."""

T = TypeVar("T")


def play(year: ShoppingYear, weeks: int, show: Show = lambda part, done, total: None) -> Books:
    """Play the year's first weeks on a chain of its own and return the books, which agree.

    Raises BooksDifferError where they do not, and whatever deploying and the chapters raise.
    """
    alliance = brands(year)
    due = earnings(year, alliance)
    offered = counter.offers(year, alliance)
    redemptions = counter.redemptions(year, due, offered)
    plan = ordering.orders(year, due, alliance, weeks)
    wallets = member_addresses(year.households)
    setting = _Counter(show, SETTING, 1 + ACTS_PER_BRAND * len(alliance))
    with set_stage(alliance, setting.advance) as stage:
        opening = _Counter(show, OPENING, len(alliance))
        counters = Counters(stage, offered, redemptions, wallets, opening.advance)
        bonding = _Counter(show, BONDING, len(alliance))
        deliveries = Deliveries(stage, plan, wallets, bonding.advance)
        minting, redeeming = _Counter(show, MINTING, len(due)), _Counter(show, REDEEMING, len(redemptions))
        delivering = _Counter(show, DELIVERING, plan.steps)
        earned_in, redeemed_in = dict(list(due.groupby("week"))), _by_week(redemptions)
        for week in range(1, weeks + 1):
            if week in redeemed_in:
                counters.play_week(redeemed_in[week], redeeming.advance)
            deliveries.play_week(week, delivering.advance)
            if week in earned_in:  # what the week's spending earns is there when the week is over
                earning.play_week(stage, week, earned_in[week], wallets, minting.advance)
        blocks = range(1, stage.chain.node.head() + 1)
        reading = _Counter(show, READING, len(blocks))
        tokens = {actor.brand.number: actor.token.address for actor in stage.actors}
        chain = read_chain(stage.chain.node, tokens, _desks(stage), wallets, reading.over(blocks))
        reconcile(due, chain.minted, alliance)
        reconcile_redemptions(redemptions, chain.redeemed, alliance)
        reconcile_orders(plan.outcomes, chain.orders.orders, alliance)
        closing = read_closing(stage, counters, wallets, chain)
    check_closing(closing, chain, due=due, redemptions=redemptions, plan=plan, alliance=alliance)
    pool_plan = PoolPlan.of(year, due, alliance, weeks)
    swapping = _Counter(show, SWAPPING, len(pool_plan.wishes) + pool_story.STEPS)
    pooled = pool_story.play(pool_plan, wallets, swapping.advance)
    together_plan = TogetherPlan.of(year, due, alliance, weeks)
    gathering = _Counter(show, GATHERING, together_story.steps_of(together_plan))
    together = together_story.play(together_plan, wallets, gathering.advance)
    reward_plan = RewardPlan.of(year, alliance, weeks)
    rewarding = _Counter(show, REWARDING, reward_story.steps_of(reward_plan))
    rewarded = reward_story.play(reward_plan, wallets, rewarding.advance)
    return Books(
        year,
        alliance,
        weeks,
        due,
        offered,
        redemptions,
        plan,
        chain,
        closing,
        tuple(deliveries.refusals),
        pooled,
        together,
        rewarded,
        stage.chain_id,
    )


def _desks(stage: Stage) -> Desks:
    alliance = stage.alliance
    contracts = (alliance.redemption_desk, alliance.orders_desk, alliance.bonds_contract)
    return Desks(*(str(contract.address) for contract in contracts))


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
