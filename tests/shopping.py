"""A shopping year small enough to reckon by hand, and the books of a story that went as planned."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from symbolon.bonds import Bond, Purse, PurseState
from symbolon.codes import label_bytes
from symbolon.demo.closing import RECEIPTS, Closing, TillState, TokenState
from symbolon.demo.counter import CounterOffer, asked, offers, redemptions
from symbolon.demo.data import Campaign, Manufacturer, ShoppingYear, day_begins_at, week_of
from symbolon.demo.figures import Books
from symbolon.demo.ledger import BATCHES, TAKINGS, ChainLedger
from symbolon.demo.order_closing import OrderClosing
from symbolon.demo.order_ledger import Act, Deed, OrderLedger
from symbolon.demo.ordering import OrderPlan, Step, orders
from symbolon.demo.plan import Brand, brands, earnings
from symbolon.demo.pool_figures import Pooled
from symbolon.demo.reward_story import Rewarded
from symbolon.demo.rewarding import RewardPlan
from symbolon.demo.swapping import PoolPlan
from symbolon.demo.together import TogetherPlan
from symbolon.demo.together_figures import Together
from symbolon.fulfilment import Record, State

SPENDING = [
    # manufacturer, household, week, cents
    (69, 1, 1, 60_000),
    (69, 2, 1, 10_500),
    (69, 1, 2, 2_500),
    (69, 3, 3, 1),
    (2, 1, 1, 40_000),
    (2, 2, 3, 1_000),
]
MONDAY = date(2017, 1, 2).toordinal()  # of the second week
COUPONS = [
    # manufacturer, household, day, campaign, coupon
    (69, 1, MONDAY, 8, 1),  # a present
    (2, 1, MONDAY, 8, 1),  # a present of that brand
    (69, 2, MONDAY + 1, 9, 2),  # a dollar's worth of credit
    (69, 3, MONDAY + 2, 9, 3),  # has nothing yet
    (2, 1, MONDAY + 7, 9, 4),  # five dollars, which are paid out
    (69, 1, MONDAY + 8, 8, 5),  # a treat: one present a member
    (69, 1, MONDAY + 8, 8, 6),  # and not another
]
CAMPAIGNS = (
    Campaign(8, "A", date(2016, 12, 28), date(2017, 1, 15)),
    Campaign(9, "B", date(2017, 1, 2), date(2017, 1, 20)),
)


def small_year(
    spending: list[tuple[int, int, int, int]] = SPENDING,
    coupons: list[tuple[int, int, int, int, int]] = COUPONS,
) -> ShoppingYear:
    """Four households, of which the last buys nothing; two brands at 1 and 2 points a dollar."""
    return ShoppingYear(
        households=(1, 2, 3, 4),
        manufacturers=(
            Manufacturer(69, True, "COUPON/MISC ITEMS", 73_001, 6, 1),
            Manufacturer(2, False, "GRAPES", 41_000, 3, 0),
        ),
        spending=pd.DataFrame(spending, columns=["manufacturer", "household", "week", "cents"]),
        lines=1000,
        coupons=pd.DataFrame(coupons, columns=["manufacturer", "household", "day", "campaign", "coupon"]),
        campaigns=CAMPAIGNS,
        redemptions=pd.DataFrame(
            [row[1:] for row in coupons], columns=["household", "day", "campaign", "coupon"]
        ),
        redeemed_coupons=7,
    )


def order_year() -> ShoppingYear:
    """Twelve weeks in which eighty households order of brand 2 in time, four when it is late, two at the end.

    Each buys in the first week, and a little more in the one in which it orders: the second to fourth, the
    fifth, the last two. Nobody comes to a till.
    """
    households = range(1, 87)
    orders_in = {household: 2 + household % 3 for household in households}
    orders_in |= dict.fromkeys(range(81, 85), 5) | {85: 11, 86: 12}
    spending = [(69, 1, 1, 10_000), *((2, household, 1, 20_000) for household in households)]
    spending += [(2, household, week, 20_001) for household, week in orders_in.items()]
    by_week = sorted(spending, key=lambda row: (row[2], row[1]))
    return replace(small_year(by_week, coupons=[]), households=tuple(households))


def small_books(year: ShoppingYear | None = None, weeks: int = 3) -> Books:
    """The books of the small year: the chain did what was planned, each mint and redemption by itself."""
    year = year or small_year()
    alliance = brands(year)
    due = earnings(year, alliance)
    offered = offers(year, alliance)
    planned = redemptions(year, due, offered)
    plan = orders(year, due, alliance, weeks)
    batches = [
        (brand, week, 1, units, 50_000 + units % 7)
        for brand, _, week, units in due.itertuples(index=False, name=None)
    ]
    takings: list[tuple[Any, ...]] = [
        (row.brand, week_of(row.day), row.kind, 1, row.units, 90_000 + 1_000 * row.kind)
        for row in asked(planned)
    ]
    chain = ChainLedger(
        minted=due.copy(),
        batches=pd.DataFrame(batches, columns=BATCHES),
        redeemed=planned.assign(
            time=[day_begins_at(day) + 64_800 for day in planned["day"]],
            nonce=[f"0x{number:064x}" for number in range(len(planned))],
        ),
        takings=pd.DataFrame(takings, columns=TAKINGS).astype("int64"),
        other_transactions=12,
        other_gas=3_400_000,
        orders=OrderLedger(plan.outcomes, small_deeds(plan), plan.collected),
    )
    return Books(
        year,
        alliance,
        weeks,
        due,
        offered,
        planned,
        plan,
        chain,
        small_closing(year, due, offered, plan, chain),
        ("That was too late.",) if any(order.is_late for order in plan.orders) else (),
        Pooled(PoolPlan.of(year, due, alliance, weeks)),
        Together(TogetherPlan.of(year, due, alliance, weeks)),
        Rewarded(RewardPlan.of(year, alliance, weeks)),
        31337,
    )


def small_deeds(plan: OrderPlan) -> tuple[Deed, ...]:
    """Each step by itself."""
    acts = {Step.OPEN: Act.OPENED, Step.DELIVER: Act.DELIVERED, Step.DISPUTE: Act.DISPUTED}
    acts |= {Step.COLLECT: Act.COLLECTED}
    steps = [step for order in plan.orders for _, step in order.steps(plan.weeks)]
    return tuple(Deed(acts.get(step, Act.ENDED), 1, 70_000 + step.value) for step in steps)


def small_closing(
    year: ShoppingYear,
    due: pd.DataFrame,
    offered: tuple[CounterOffer, ...],
    plan: OrderPlan,
    chain: ChainLedger,
) -> Closing:
    """What contracts would say after such a story."""
    households, alliance = year.households, brands(year)
    balances: dict[tuple[int, int], int] = defaultdict(int)
    paid: dict[int, int] = defaultdict(int)
    sold = {(offer.brand, offer.name): 0 for offer in offered}
    left = {brand.number: 100_000_000 for brand in alliance}
    for brand, household, _, units in due.itertuples(index=False, name=None):
        balances[household, brand] += units
    for row in asked(chain.redeemed):
        balances[row.household, row.brand] -= row.units
        paid[row.household] += row.value
        left[row.brand] -= row.value
        if row.quantity:
            sold[row.brand, row.reference] += row.quantity
    locked = dict.fromkeys(left, 0)
    for order in plan.outcomes:
        balances[order.household, order.brand] -= order.given
        locked[order.brand] += order.locked
        sold[order.brand, "parcel"] = sold.get((order.brand, "parcel"), 0) + 1
    for household, value in plan.collected.items():
        paid[household] += value
    tokens = {
        brand.number: TokenState(
            address="0x" + f"{brand.number:040x}",
            supply=sum(balances[household, brand.number] for household in households) + locked[brand.number],
            capacity=brand.capacity,
            unspent_quota=brand.quota - brand.expected,
        )
        for brand in alliance
    }
    receipts = [
        (row.kind, label_bytes(row.reference)[:10], row.quantity, moment, row.units)
        for row, moment in zip(asked(chain.redeemed), chain.redeemed["time"], strict=True)
    ]
    return Closing(
        tokens=tokens,
        tills={
            brand.number: TillState("0x" + f"{brand.number + 1000:040x}", 100_000_000, left[brand.number])
            for brand in alliance
        },
        balances=pd.DataFrame(
            {
                brand.number: [balances[household, brand.number] for household in households]
                for brand in alliance
            },
            index=list(households),
        ),
        sold=sold,
        receipts=pd.DataFrame(receipts, columns=RECEIPTS),
        paid=pd.Series({household: paid[household] for household in households}, dtype="int64"),
        orders=small_order_closing(households, alliance, plan, tokens, locked),
    )


def small_order_closing(
    households: tuple[int, ...],
    alliance: tuple[Brand, ...],
    plan: OrderPlan,
    tokens: dict[int, TokenState],
    locked: dict[int, int],
) -> OrderClosing:
    """What the contracts of orders and bonds would say."""
    owed = dict.fromkeys(households, 0)
    paid = dict.fromkeys(tokens, 0)
    reserved = dict.fromkeys(tokens, 0)
    for order in plan.outcomes:
        owed[order.household] += order.paid
        paid[order.brand] += order.paid
        reserved[order.brand] += 0 if order.ended else order.compensation
    for household, value in plan.collected.items():
        owed[household] -= value
    bonds = {}
    for brand in alliance:
        token = tokens[brand.number]
        promised = token.supply + token.unspent_quota  # a hundred of these a cent
        holders, left = brand.quota * 10, plan.funds[brand.number] - paid[brand.number]
        purses = {
            Purse.SETTLEMENT: PurseState(0, 0, 0, 0, 0, 0),
            Purse.HOLDERS: PurseState(holders, 0, promised * 10, 0, 0, 0),
            Purse.COMPENSATION: PurseState(left, left, 0, 0, 0, 0),
        }
        coverage = min(holders * 100 // promised, 10_000) / 10_000
        bonds[brand.number] = Bond(None, purses, coverage, 0)  # type: ignore[arg-type]  # there is no chain
    return OrderClosing(
        states=tuple(order.state if order.state <= State.FULFILLED else 0 for order in plan.outcomes),
        records={brand.number: small_record(plan, brand.number) for brand in alliance},
        locked=locked,
        bonds=bonds,
        free={
            number: bond.purses[Purse.COMPENSATION].value - reserved[number] for number, bond in bonds.items()
        },
        owed=owed,
        cash=sum(owed.values())
        + sum(purse.value for bond in bonds.values() for purse in bond.purses.values()),
    )


def small_record(plan: OrderPlan, brand: int) -> Record:
    """What an offer's contract would count."""
    mine = [order for order in plan.outcomes if order.brand == brand]
    members = [order for order in mine if order.state in (State.COMPENSATED, State.DECIDED)]
    return Record(
        open=sum(order.state in (State.OPEN, State.DELIVERED, State.DISPUTED) for order in mine),
        fulfilled=sum(order.state is State.FULFILLED for order in mine),
        declined=0,
        failed=sum(order.disputed == 0 for order in members),
        lost=sum(order.disputed > 0 for order in members),
        disputed=sum(order.disputed > 0 for order in mine),
        compensation_paid=sum(order.paid for order in mine),
    )
