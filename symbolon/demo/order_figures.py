"""The figures of orders, bonds and disputes, from the chain's events and from what its contracts say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from symbolon.bonds import Purse
from symbolon.demo.counter import value_of
from symbolon.demo.order_closing import OrderClosing
from symbolon.demo.order_ledger import Act, OrderLedger
from symbolon.demo.ordering import Fate, Ordered, OrderPlan
from symbolon.demo.plan import Brand
from symbolon.fulfilment import State

WAITING = {
    State.OPEN: "waits for its brand",
    State.DELIVERED: "delivered, can be disputed",
    State.DISPUTED: "disputed, waits for the arbiter",
}
"""Where orders stand that the story leaves open."""


@dataclass(frozen=True)
class Sums:
    """What orders come to: how many, base units of tokens, and of the settlement currency.

    Nothing is lost: `ordered` + `staked` = `burned` + `returned` + `stake_back` + `locked`.
    """

    orders: int
    ordered: int
    staked: int
    burned: int
    returned: int
    stake_back: int
    locked: int
    paid: int

    @classmethod
    def of(cls, orders: Iterable[Ordered]) -> Sums:
        """Of these."""
        rows = tuple(orders)
        return cls(
            orders=len(rows),
            ordered=sum(order.amount for order in rows),
            staked=sum(order.staked for order in rows),
            burned=sum(order.burned for order in rows),
            returned=sum(order.returned for order in rows),
            stake_back=sum(order.stake_back for order in rows),
            locked=sum(order.locked for order in rows),
            paid=sum(order.paid for order in rows),
        )


@dataclass(frozen=True)
class Bonded:
    """A brand's bond, in base units of the settlement currency.

    Attributes:
        holders: in the holders' purse, all the while.
        required: of that, by the terms, at the end.
        worth: of everything outstanding or promised at the end, at par.
        coverage: the part of it that the holders' purse covers, as the contract says it, from 0 to 1.
        before, after: in the compensation purse at the beginning, at the end.
        reserved: of that, for orders that are still open.
    """

    holders: int
    required: int
    worth: int
    coverage: float
    before: int
    after: int
    reserved: int


@dataclass(frozen=True)
class BrandOrders:
    """What a brand's orders came to.

    Attributes:
        brand: whose.
        sums: of all its orders.
        planned_orders: how many there were to be, from the plan.
        planned: base units that members were to give for them and not get back, from the plan.
        planned_burned: those of them that were to be burned.
        given: what `planned` is from the events.
        members: who ordered.
        on_time, late: delivered in time, and claimed because it was not.
        late_paid: compensation for the late ones, in base units of the settlement currency.
        disputed, open: ever disputed, and still open at the end.
        burned_weekly: base units burned in each week.
        bond: the money behind it.
    """

    brand: Brand
    sums: Sums
    planned_orders: int
    planned: int
    planned_burned: int
    given: int
    members: int
    on_time: int
    late: int
    late_paid: int
    disputed: int
    open: int
    burned_weekly: tuple[int, ...]
    bond: Bonded

    @property
    def on_time_share(self) -> float | None:
        """Of the orders whose time is over, those delivered in it; None where there are none."""
        told = self.on_time + self.late
        return self.on_time / told if told else None


@dataclass(frozen=True)
class Ending:
    """How orders ended, or where they stand, and what they come to."""

    name: str
    sums: Sums


@dataclass(frozen=True)
class Dispute:
    """One dispute and who got what."""

    brand: Brand
    order: Ordered
    name: str


@dataclass(frozen=True)
class ActFigures:
    """What doing one thing about orders came to: how many, transactions and their gas."""

    act: Act
    rows: int
    transactions: int
    gas: int


@dataclass(frozen=True)
class OrderFigures:
    """All orders, bonds and disputes in numbers.

    Attributes:
        brands: each brand's.
        endings: by how they ended, then by where they stand.
        disputes: one by one.
        sums: of all orders.
        opened, late: orders opened in each week, and those of them that were not delivered in time.
        members: who ordered.
        earned: how many the brand earned anything by.
        collected, owed: what members collected of compensations, and what they still can, in base units of
            the settlement currency.
        acts: what it took on chain.
        refusals: what a brand was told that called orders delivered after its time.
    """

    brands: tuple[BrandOrders, ...]
    endings: tuple[Ending, ...]
    disputes: tuple[Dispute, ...]
    sums: Sums
    opened: tuple[int, ...]
    late: tuple[int, ...]
    members: int
    earned: int
    collected: int
    owed: int
    acts: tuple[ActFigures, ...]
    refusals: tuple[str, ...]

    @property
    def on_time_share(self) -> float:
        """Of all orders whose time is over, those delivered in it."""
        told = sum(brand.on_time + brand.late for brand in self.brands)
        return sum(brand.on_time for brand in self.brands) / told if told else 0.0


def compute_orders(
    plan: OrderPlan,
    ledger: OrderLedger,
    closing: OrderClosing,
    promised: Mapping[Brand, int],
    refusals: tuple[str, ...],
) -> OrderFigures:
    """Compute every figure of orders.

    Args:
        plan: what was to be ordered; it says who was silent, of which no event tells.
        ledger: what the chain's events say.
        closing: what the contracts say.
        promised: base units of each brand's token that are outstanding or may still be minted.
        refusals: as in `OrderFigures`.
    """
    rows = ledger.orders
    fates = {order.key: order.fate for order in plan.orders}
    weeks = range(1, plan.weeks + 1)
    opened = Counter(row.week for row in rows)
    late = Counter(row.week for row in rows if fates[row.key] is Fate.LATE)
    brands = {brand.number: brand for brand in promised}
    return OrderFigures(
        brands=tuple(
            _brand(brand, plan, ledger, closing, worth=value_of(units)) for brand, units in promised.items()
        ),
        endings=_endings(rows, fates),
        disputes=tuple(
            Dispute(brands[row.brand], row, _name(row, fates[row.key])) for row in rows if row.disputed
        ),
        sums=Sums.of(rows),
        opened=tuple(opened[week] for week in weeks),
        late=tuple(late[week] for week in weeks),
        members=len({row.household for row in rows}),
        earned=sum(row.burned > 0 for row in rows),
        collected=sum(ledger.collected.values()),
        owed=sum(closing.owed.values()),
        acts=tuple(_act(ledger, act) for act in Act),
        refusals=refusals,
    )


def _brand(
    brand: Brand, plan: OrderPlan, ledger: OrderLedger, closing: OrderClosing, *, worth: int
) -> BrandOrders:
    mine = [row for row in ledger.orders if row.brand == brand.number]
    planned = [row for row in plan.outcomes if row.brand == brand.number]
    burned = Counter[int]()
    for row in mine:
        burned[row.ended] += row.burned
    late = [row for row in mine if row.ended and not row.delivered]
    bond = closing.bonds[brand.number]
    holders, compensation = bond.purses[Purse.HOLDERS], bond.purses[Purse.COMPENSATION]
    return BrandOrders(
        brand=brand,
        sums=Sums.of(mine),
        planned_orders=len(planned),
        planned=sum(row.given for row in planned),
        planned_burned=sum(row.burned for row in planned),
        given=sum(row.given for row in mine),
        members=len({row.household for row in mine}),
        on_time=sum(row.delivered > 0 for row in mine),
        late=len(late),
        late_paid=sum(row.paid for row in late),
        disputed=sum(row.disputed > 0 for row in mine),
        open=sum(not row.ended for row in mine),
        burned_weekly=tuple(burned[week] for week in range(1, plan.weeks + 1)),
        bond=Bonded(
            holders=holders.value,
            required=holders.required,
            worth=worth,
            coverage=bond.coverage,
            before=plan.funds[brand.number],
            after=compensation.value,
            reserved=compensation.value - closing.free[brand.number],
        ),
    )


def _endings(rows: Iterable[Ordered], fates: Mapping[tuple[int, int], Fate]) -> tuple[Ending, ...]:
    groups: dict[str, list[Ordered]] = {str(name): [] for name in (*Fate, *WAITING.values())}
    for row in rows:
        groups[_name(row, fates[row.key])].append(row)
    return tuple(Ending(name, Sums.of(group)) for name, group in groups.items() if group)


def _name(row: Ordered, fate: Fate) -> str:
    return str(fate) if row.ended else WAITING[row.state]


def _act(ledger: OrderLedger, act: Act) -> ActFigures:
    deeds = [deed for deed in ledger.deeds if deed.act is act]
    return ActFigures(act, sum(deed.rows for deed in deeds), len(deeds), sum(deed.gas for deed in deeds))
