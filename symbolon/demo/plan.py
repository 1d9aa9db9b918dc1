"""What the demonstration adds to the shopping data: brands, their terms, the members' wallets.

The shopping is real; everything here is invented for the demonstration, and the report says so.

A point is worth one cent and has two decimals. A brand that gives n points a dollar therefore owes n base
units for each cent spent: whole numbers throughout, nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd
from eth_account import Account

from symbolon.addresses import keccak
from symbolon.demo.data import Manufacturer, ShoppingYear

DECIMALS = 2
UNITS_PER_POINT = 100
CENTS_PER_POINT = 1
"""Par value: what a brand owes for one point, in cents."""

PAR_VALUE = CENTS_PER_POINT * 10_000
"""The same in the settlement currency, a dollar with six decimals."""

BOND_BPS = 1_000
"""How much of everything outstanding or promised, at par, a brand's bond covers for all holders, in basis
points."""

LEDGER = ["brand", "household", "week", "units"]
"""Columns of a ledger: the brand's number, whose points, in which week, how many base units."""

_SEED = b"symbolon demonstration: public keys to nothing"
_SELLS = {
    69: "groceries and fuel",
    2: "fruit and vegetables",
    764: "laundry, nappies and paper",
    103: "soft drinks",
    1208: "soft drinks",
    544: "snacks",
    317: "cheese and dressings",
    673: "fruit and flowers",
}
_POINTS_PER_DOLLAR = (2, 2, 3, 3, 4, 4, 5)


@dataclass(frozen=True)
class Brand:
    """A brand of the demonstration: one manufacturer of the data set under invented terms.

    Attributes:
        number: the manufacturer's number in the data set.
        name: what the report and its token call it.
        symbol: its token's symbol.
        sells: what most of its sales are.
        points_per_dollar: points for a dollar spent, which is also base units for a cent.
        expected: base units it expects to issue in the story.
        quota: base units its marketing manager may mint, out of the capacity.
        capacity: base units it obliges itself for.
        is_store: whether it is the retailer's own label.
    """

    number: int
    name: str
    symbol: str
    sells: str
    points_per_dollar: int
    expected: int
    quota: int
    capacity: int
    is_store: bool = False


def brands(year: ShoppingYear) -> tuple[Brand, ...]:
    """The manufacturers as brands, largest first; the smaller a brand, the more points it gives a dollar."""
    spent = year.spending.groupby("manufacturer")["cents"].sum()
    rates = iter(_POINTS_PER_DOLLAR + _POINTS_PER_DOLLAR[-1:] * len(year.manufacturers))
    return tuple(
        _brand(maker, 1 if maker.private_label else next(rates), int(spent.get(maker.number, 0)))
        for maker in year.manufacturers
    )


def earnings(year: ShoppingYear, alliance: Iterable[Brand]) -> pd.DataFrame:
    """What the spending earns, as a ledger in the order of the spending: cents times the brand's rate."""
    rates = {brand.number: brand.points_per_dollar for brand in alliance}
    spending = year.spending
    ledger = spending.rename(columns={"manufacturer": "brand"})
    ledger["units"] = spending["cents"] * spending["manufacturer"].map(rates).astype("int64")
    return ledger[LEDGER]


def terms_document(brand: Brand) -> str:
    """What the brand promises, in the words whose hash goes on chain."""
    return (
        f"{brand.name} takes back each of its points for goods or services worth {CENTS_PER_POINT} cent. "
        f"A bond covers {BOND_BPS // 100} percent of them. "
        "(Invented for a demonstration.)\n"
    )


def member_key(household: int) -> bytes:
    """Private key of a household's wallet: derived from a public seed, so for local chains only."""
    return keccak(_SEED + household.to_bytes(4, "big"))


def till_key(brand: Brand) -> bytes:
    """Private key of a brand's till, likewise."""
    return keccak(_SEED + b", till " + brand.symbol.encode())


def member_addresses(households: Iterable[int]) -> dict[int, str]:
    """Each household's wallet, with checksum."""
    return {household: str(Account.from_key(member_key(household)).address) for household in households}


def with_quota(brand: Brand, units: int) -> Brand:
    """The same brand where it issues only so many base units: in a chapter of its own."""
    quota = round_up(units)
    return replace(brand, expected=units, quota=quota, capacity=round_up(quota * 5 // 4))


def _brand(maker: Manufacturer, points_per_dollar: int, cents: int) -> Brand:
    expected = cents * points_per_dollar
    quota = round_up(expected * 11 // 10)
    return Brand(
        number=maker.number,
        name="Store's own brand" if maker.private_label else f"Brand {maker.number}",
        symbol="OWN" if maker.private_label else f"B{maker.number}",
        sells=_SELLS.get(maker.number, maker.category.lower()),
        points_per_dollar=points_per_dollar,
        expected=expected,
        quota=quota,
        capacity=round_up(quota * 5 // 4),
        is_store=maker.private_label,
    )


def round_up(units: int) -> int:
    """To whole hundreds of dollars at par."""
    step = 100 * 100 // CENTS_PER_POINT * UNITS_PER_POINT
    return -(-units // step) * step
