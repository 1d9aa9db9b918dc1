"""A shopping year small enough to reckon by hand, and the books of a story that went as planned."""

from collections import defaultdict
from datetime import date
from typing import Any

import pandas as pd

from symbolon.codes import label_bytes
from symbolon.demo.closing import RECEIPTS, Closing, TillState, TokenState
from symbolon.demo.counter import CounterOffer, asked, offers, redemptions
from symbolon.demo.data import Campaign, Manufacturer, ShoppingYear, day_begins_at, week_of
from symbolon.demo.figures import Books
from symbolon.demo.ledger import BATCHES, TAKINGS, ChainLedger
from symbolon.demo.plan import Brand, brands, earnings

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
        redeemed_coupons=7,
    )


def small_books(year: ShoppingYear | None = None, weeks: int = 3) -> Books:
    """The books of the small year: the chain did what was planned, each mint and redemption by itself."""
    year = year or small_year()
    alliance = brands(year)
    due = earnings(year, alliance)
    offered = offers(year, alliance)
    planned = redemptions(year, due, offered)
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
    )
    return Books(
        year,
        alliance,
        weeks,
        due,
        offered,
        planned,
        chain,
        small_closing(alliance, due, offered, chain),
        31337,
    )


def small_closing(
    alliance: tuple[Brand, ...], due: pd.DataFrame, offered: tuple[CounterOffer, ...], chain: ChainLedger
) -> Closing:
    """What contracts would say after such a story."""
    households = (1, 2, 3, 4)
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
    receipts = [
        (row.kind, label_bytes(row.reference)[:10], row.quantity, moment, row.units)
        for row, moment in zip(asked(chain.redeemed), chain.redeemed["time"], strict=True)
    ]
    return Closing(
        tokens={
            brand.number: TokenState(
                address="0x" + f"{brand.number:040x}",
                supply=sum(balances[household, brand.number] for household in households),
                capacity=brand.capacity,
                unspent_quota=brand.quota - brand.expected,
            )
            for brand in alliance
        },
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
    )
