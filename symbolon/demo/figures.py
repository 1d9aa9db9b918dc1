"""The figures of the report, computed from the chain's events; those of the data frame stand beside them.

Money at par is in base units here and becomes dollars only where it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from symbolon.demo.closing import Closing, TokenState
from symbolon.demo.counter import Asked, CounterOffer, asked
from symbolon.demo.data import ShoppingYear, week_closes_at, week_of
from symbolon.demo.ledger import ChainLedger
from symbolon.demo.order_figures import BrandOrders, OrderFigures, compute_orders
from symbolon.demo.ordering import OrderPlan
from symbolon.demo.plan import CENTS_PER_POINT, UNITS_PER_POINT, Brand
from symbolon.demo.pool_figures import Pooled, PoolFigures, compute_pool
from symbolon.demo.reward_figures import RewardFigures, compute_rewards
from symbolon.demo.reward_story import Rewarded
from symbolon.demo.together_figures import Together, TogetherFigures, compute_together
from symbolon.redemptions import Kind

BUSIEST = 8
OLD = 26
"""Weeks after which points that are still there count as old."""

ETHER_PRICE = 3_000
"""Dollars an ether, assumed."""
FEES = (
    ("rollup", 0.01),
    ("Ethereum, calm", 0.5),
    ("Ethereum, busy", 10.0),
)
"""Gwei a unit of gas, assumed."""


@dataclass(frozen=True, eq=False)
class Books:
    """Everything the report is made from.

    Attributes:
        year: the shopping.
        alliance: the brands, largest first.
        weeks: how many weeks the story played.
        due: ledger of what the shopping data says is due.
        offers: what the brands offer at their counters.
        redemptions: the counter's ledger of what members redeem, by the plan.
        plan: what members order, and what is to become of it.
        chain: what the chain's events say.
        closing: what the contracts themselves say at the end.
        refusals: what a brand was told that called orders delivered after its time.
        pooled: what happened in the pool.
        together: what happened when households bought together.
        rewarded: what happened in campaigns, and with who brought whom.
        chain_id: where it was played, but for these three.
    """

    year: ShoppingYear
    alliance: tuple[Brand, ...]
    weeks: int
    due: pd.DataFrame
    offers: tuple[CounterOffer, ...]
    redemptions: pd.DataFrame
    plan: OrderPlan
    chain: ChainLedger
    closing: Closing
    refusals: tuple[str, ...]
    pooled: Pooled
    together: Together
    rewarded: Rewarded
    chain_id: int


@dataclass(frozen=True)
class Roll:
    """How a liability came to be what it is, in base units; nothing was owed at the opening."""

    issued: int
    offers: int
    par: int
    currency: int
    orders: int

    @property
    def at_counter(self) -> int:
        """Redeemed at tills, in all three ways."""
        return self.offers + self.par + self.currency

    @property
    def redeemed(self) -> int:
        """At tills, and by orders that were fulfilled."""
        return self.at_counter + self.orders

    @property
    def outstanding(self) -> int:
        """What is still owed at the closing."""
        return self.issued - self.redeemed

    @property
    def rate(self) -> float:
        """Redeemed of what was issued."""
        return self.redeemed / self.issued if self.issued else 0.0

    @property
    def counter_rate(self) -> float:
        """Redeemed at tills of what was issued."""
        return self.at_counter / self.issued if self.issued else 0.0


@dataclass(frozen=True)
class CounterFigures:
    """What happened at one brand's counter.

    Attributes:
        coupons: coupons for its products that were redeemed in the data.
        rows, planned_rows: redemptions, from events and from the plan.
        members, planned_members: who redeemed, from events and from the plan.
        planned_units: base units redeemed, from the plan.
        weekly: base units redeemed in each week.
        rates: redeemed at tills of what had been issued, after each week.
        paid: base units of the settlement currency that the till paid, from its balance.
        old_issued: base units issued more than OLD weeks before the end.
        old_left: those of them that are still with members, if the oldest go first.
    """

    coupons: int
    rows: int
    planned_rows: int
    members: int
    planned_members: int
    planned_units: int
    weekly: tuple[int, ...]
    rates: tuple[float, ...]
    paid: int
    old_issued: int
    old_left: int

    @property
    def breakage(self) -> float | None:
        """Share of old points that are still there; None where there are no old points."""
        return self.old_left / self.old_issued if self.old_issued else None


@dataclass(frozen=True)
class OfferFigures:
    """How an offer was taken up: units sold, members who took it, base units they gave for it."""

    offer: CounterOffer
    sold: int
    members: int
    units: int

    @property
    def share(self) -> float:
        """Sold of the stock."""
        return self.sold / self.offer.stock


@dataclass(frozen=True)
class KindFigures:
    """What redeeming in one way came to: redemptions, members, base units, transactions and their gas."""

    kind: Kind
    rows: int
    members: int
    units: int
    transactions: int
    gas: int


@dataclass(frozen=True)
class Proof:
    """A receipt: of which brand's token, what for, and the nonce that makes its id."""

    brand: Brand
    row: Asked
    nonce: str

    @property
    def day(self) -> date:
        """When."""
        return date.fromordinal(self.row.day)

    @property
    def kind(self) -> Kind:
        """How it was met."""
        return Kind(self.row.kind)


@dataclass(frozen=True)
class BrandFigures:
    """One brand's year.

    Attributes:
        spent: cents spent on its products.
        units: base units issued; `due_units` must equal it.
        rows, due_rows: member-weeks with points, from events and from the data.
        members, due_members: who earned its points, from events and from the data.
        roll: from what was issued to what is owed, from events.
        counter: what happened at its counter.
        orders: what became of what was ordered.
        held, locked: base units that members hold, and that lie with open orders, from balances; together
            they must equal `roll.outstanding`.
        holders: members who hold any.
        weekly: base units issued in each week.
        cumulative: base units outstanding after each week.
        active: members who earned in each week.
        median: base units of the holder in the middle.
        top_tenth, top_hundredth: share of its points with the tenth, the hundredth who hold most.
        batches: transactions that minted.
        gas: what they used.
    """

    brand: Brand
    token: TokenState
    spent: int
    units: int
    due_units: int
    rows: int
    due_rows: int
    members: int
    due_members: int
    roll: Roll
    counter: CounterFigures
    orders: BrandOrders
    held: int
    locked: int
    holders: int
    weekly: tuple[int, ...]
    cumulative: tuple[int, ...]
    active: tuple[int, ...]
    median: int
    top_tenth: float
    top_hundredth: float
    batches: int
    gas: int

    @property
    def used(self) -> float:
        """Share of the capacity that is outstanding."""
        return self.roll.outstanding / self.token.capacity

    @property
    def dollars(self) -> float:
        """What is owed at par."""
        return dollars(self.roll.outstanding)


@dataclass(frozen=True)
class WeekFigures:
    """One week of the whole alliance: base units issued and redeemed, members who earned, mints, gas."""

    number: int
    first_day: datetime
    last_day: datetime
    units: int
    redeemed: int
    redemptions: int
    members: int
    rows: int
    batches: int
    gas: int


@dataclass(frozen=True)
class Fee:
    """What the year's minting costs at an assumed price of gas, in dollars."""

    name: str
    gwei: float
    total: float
    per_row: float
    share: float


@dataclass(frozen=True, eq=False)
class Figures:
    """The whole report in numbers.

    Attributes:
        held_brands: how many members hold the points of exactly 0, 1, 2, … brands.
        overlap: for each brand, the share of its holders who also hold each brand's points.
        busiest: the weeks with the most points, most first.
        earners: members who earned with any brand.
        members: those who hold points at the end.
        redeemers: those who redeemed at any brand's till.
        proofs: one receipt of each kind.
    """

    brands: tuple[BrandFigures, ...]
    weeks: tuple[WeekFigures, ...]
    busiest: tuple[WeekFigures, ...]
    households: int
    earners: int
    members: int
    roll: Roll
    redemptions: int
    redeemers: int
    orders: OrderFigures
    pool: PoolFigures
    together: TogetherFigures
    rewards: RewardFigures
    offers: tuple[OfferFigures, ...]
    kinds: tuple[KindFigures, ...]
    receipts: int
    proofs: tuple[Proof, ...]
    paid: int
    spent: int
    units: int
    due_units: int
    supply: int
    capacity: int
    rows: int
    due_rows: int
    held_brands: tuple[int, ...]
    overlap: tuple[tuple[float, ...], ...]
    batches: int
    gas: int
    other_transactions: int
    other_gas: int
    fees: tuple[Fee, ...]


def dollars(units: int) -> float:
    """Base units at par, for show."""
    return units * CENTS_PER_POINT / UNITS_PER_POINT / 100


def compute(books: Books) -> Figures:
    """Compute every figure of the report."""
    minted, batches, redeemed = books.chain.minted, books.chain.batches, books.chain.redeemed
    orders = _orders(books)
    brands = tuple(_brand(books, own) for own in orders.brands)
    weeks = tuple(_week(books, week) for week in range(1, books.weeks + 1))
    holds = books.closing.balances > 0
    holders = [set(holds.index[holds[brand.number]]) for brand in books.alliance]
    counted = holds.sum(axis=1).value_counts()
    gas, units, rows = int(batches["gas"].sum()), int(minted["units"].sum()), len(minted)
    return Figures(
        brands=brands,
        weeks=weeks,
        busiest=tuple(sorted(weeks, key=lambda week: -week.units)[:BUSIEST]),
        households=len(books.year.households),
        earners=minted["household"].nunique(),
        members=int(holds.any(axis=1).sum()),
        roll=_roll(minted, redeemed, orders.sums.burned),
        redemptions=len(redeemed),
        redeemers=redeemed["household"].nunique(),
        orders=orders,
        pool=compute_pool(books.pooled),
        together=compute_together(books.together),
        rewards=compute_rewards(books.rewarded),
        offers=tuple(_offer(books, offer) for offer in books.offers),
        kinds=tuple(_kind(books.chain, kind) for kind in Kind if kind is not Kind.NONE),
        receipts=len(books.closing.receipts),
        proofs=_proofs(books),
        paid=sum(brand.counter.paid for brand in brands),
        spent=sum(brand.spent for brand in brands),
        units=units,
        due_units=int(books.due["units"].sum()),
        supply=sum(brand.token.supply for brand in brands),
        capacity=sum(brand.token.capacity for brand in brands),
        rows=rows,
        due_rows=len(books.due),
        held_brands=tuple(int(counted.get(k, 0)) for k in range(len(books.alliance) + 1)),
        overlap=tuple(
            tuple(len(own & other) / len(own) if own else 0.0 for other in holders) for own in holders
        ),
        batches=len(batches),
        gas=gas,
        other_transactions=books.chain.other_transactions,
        other_gas=books.chain.other_gas,
        fees=tuple(_fee(name, gwei, gas, rows, units) for name, gwei in FEES),
    )


def _orders(books: Books) -> OrderFigures:
    tokens = {brand: books.closing.tokens[brand.number] for brand in books.alliance}
    promised = {brand: token.supply + token.unspent_quota for brand, token in tokens.items()}
    return compute_orders(books.plan, books.chain.orders, books.closing.orders, promised, books.refusals)


def _brand(books: Books, orders: BrandOrders) -> BrandFigures:
    brand = orders.brand
    batches, spending = books.chain.batches, books.year.spending
    own = _of(books.chain.minted, brand)
    due = _of(books.due, brand)
    redeemed = _of(books.chain.redeemed, brand)
    by_week = own.groupby("week")
    weeks = range(1, books.weeks + 1)
    weekly = by_week["units"].sum().reindex(weeks, fill_value=0)
    redeemed_weekly = _redeemed_by_week(redeemed, books.weeks)
    issued_so_far, redeemed_so_far = weekly.cumsum(), redeemed_weekly.cumsum()
    burned_so_far = pd.Series(orders.burned_weekly, index=weeks, dtype="int64").cumsum()
    holdings = np.sort(books.closing.balances[brand.number].to_numpy())[::-1]
    holdings = holdings[holdings > 0]
    mine = batches[batches["brand"] == brand.number]
    return BrandFigures(
        brand=brand,
        token=books.closing.tokens[brand.number],
        spent=int(spending.loc[spending["manufacturer"] == brand.number, "cents"].sum()),
        units=int(own["units"].sum()),
        due_units=int(due["units"].sum()),
        rows=len(own),
        due_rows=len(due),
        members=own["household"].nunique(),
        due_members=due["household"].nunique(),
        roll=_roll(own, redeemed, orders.sums.burned),
        counter=_counter(books, brand, redeemed_weekly, redeemed_so_far / issued_so_far.clip(lower=1)),
        orders=orders,
        held=int(holdings.sum()),
        locked=books.closing.orders.locked[brand.number],
        holders=len(holdings),
        weekly=tuple(int(units) for units in weekly),
        cumulative=tuple(int(units) for units in issued_so_far - redeemed_so_far - burned_so_far),
        active=tuple(int(n) for n in by_week["household"].nunique().reindex(weeks, fill_value=0)),
        median=int(np.median(holdings)) if len(holdings) else 0,
        top_tenth=_top_share(holdings, 10),
        top_hundredth=_top_share(holdings, 100),
        batches=len(mine),
        gas=int(mine["gas"].sum()),
    )


def _counter(books: Books, brand: Brand, weekly: pd.Series[int], rates: pd.Series[float]) -> CounterFigures:
    coupons, till = books.year.coupons, books.closing.tills[brand.number]
    minted, redeemed = _of(books.chain.minted, brand), _of(books.chain.redeemed, brand)
    planned = _of(books.redemptions, brand)
    old = minted[minted["week"] <= books.weeks - OLD].groupby("household")["units"].sum()
    gone = redeemed.groupby("household")["units"].sum().reindex(old.index, fill_value=0)
    for order in books.chain.orders.orders:
        if order.brand == brand.number and order.household in gone.index:
            gone[order.household] += order.given
    return CounterFigures(
        coupons=int((coupons["manufacturer"] == brand.number).sum()),
        rows=len(redeemed),
        planned_rows=len(planned),
        members=redeemed["household"].nunique(),
        planned_members=planned["household"].nunique(),
        planned_units=int(planned["units"].sum()),
        weekly=tuple(int(units) for units in weekly),
        rates=tuple(float(rate) for rate in rates),
        paid=till.given - till.left,
        old_issued=int(old.sum()),
        old_left=int((old - gone).clip(lower=0).sum()),
    )


def _of(ledger: pd.DataFrame, brand: Brand) -> pd.DataFrame:
    return ledger[ledger["brand"] == brand.number]


def _redeemed_by_week(redeemed: pd.DataFrame, weeks: int) -> pd.Series[int]:
    by_week = redeemed.groupby(redeemed["day"].map(week_of))["units"].sum()
    return by_week.reindex(range(1, weeks + 1), fill_value=0)


def _roll(minted: pd.DataFrame, redeemed: pd.DataFrame, burned: int) -> Roll:
    by_kind = redeemed.groupby("kind")["units"].sum()
    offers, par, currency = (int(by_kind.get(kind, 0)) for kind in (Kind.OFFER, Kind.PAR, Kind.CURRENCY))
    return Roll(int(minted["units"].sum()), offers, par, currency, burned)


def _offer(books: Books, offer: CounterOffer) -> OfferFigures:
    redeemed = books.chain.redeemed
    mine = redeemed[(redeemed["brand"] == offer.brand) & (redeemed["reference"] == offer.name)]
    return OfferFigures(
        offer=offer,
        sold=int(mine["quantity"].sum()),
        members=mine["household"].nunique(),
        units=int(mine["units"].sum()),
    )


def _kind(chain: ChainLedger, kind: Kind) -> KindFigures:
    rows = chain.redeemed[chain.redeemed["kind"] == kind]
    takings = chain.takings[chain.takings["kind"] == kind]
    return KindFigures(
        kind=kind,
        rows=len(rows),
        members=rows["household"].nunique(),
        units=int(rows["units"].sum()),
        transactions=len(takings),
        gas=int(takings["gas"].sum()),
    )


def _proofs(books: Books) -> tuple[Proof, ...]:
    """The last receipt of each kind."""
    last = books.chain.redeemed.drop_duplicates("kind", keep="last").sort_values("kind")
    brands = {brand.number: brand for brand in books.alliance}
    return tuple(
        Proof(brands[row.brand], row, nonce) for row, nonce in zip(asked(last), last["nonce"], strict=True)
    )


def _week(books: Books, week: int) -> WeekFigures:
    minted = books.chain.minted[books.chain.minted["week"] == week]
    batches = books.chain.batches[books.chain.batches["week"] == week]
    redeemed = books.chain.redeemed[books.chain.redeemed["day"].map(week_of) == week]
    closes = datetime.fromtimestamp(week_closes_at(week), UTC)
    first_day = datetime.fromtimestamp(week_closes_at(week - 1), UTC)
    return WeekFigures(
        number=week,
        first_day=max(first_day, datetime(2017, 1, 1, tzinfo=UTC)),
        last_day=closes - timedelta(days=1),
        units=int(minted["units"].sum()),
        redeemed=int(redeemed["units"].sum()),
        redemptions=len(redeemed),
        members=minted["household"].nunique(),
        rows=len(minted),
        batches=len(batches),
        gas=int(batches["gas"].sum()),
    )


def _top_share(descending: np.ndarray[tuple[int], np.dtype[np.int64]], part: int) -> float:
    """Share of the whole that the first 1/part of holders have, the number of holders rounded up."""
    if not len(descending):
        return 0.0
    return float(descending[: -(-len(descending) // part)].sum() / descending.sum())


def _fee(name: str, gwei: float, gas: int, rows: int, units: int) -> Fee:
    total = gas * gwei * 1e-9 * ETHER_PRICE
    return Fee(name, gwei, total, total / rows if rows else 0.0, total / dollars(units) if units else 0.0)
