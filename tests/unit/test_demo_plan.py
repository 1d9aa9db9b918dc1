"""What the demonstration invents is plainly named, whole, and within what a brand obliges itself for."""

from dataclasses import replace

import pytest
from shopping import small_year

from symbolon.demo.data import Manufacturer, ShoppingYear
from symbolon.demo.plan import LEDGER, brands, earnings, member_addresses, member_key

SPENDING = [(69, 1, 1, 1001), (69, 2, 2, 3), (2, 1, 1, 777), (764, 2, 1, 1)]


@pytest.fixture
def year() -> ShoppingYear:
    makers = [
        (69, True, "COUPON/MISC ITEMS"),
        (2, False, "GRAPES"),
        (764, False, "PAPER"),
        (9, False, "YEAST"),
    ]
    return replace(
        small_year(SPENDING),
        manufacturers=tuple(Manufacturer(number, own, category, 0, 0, 0) for number, own, category in makers),
    )


def test_brands__are_named_by_number_and_never_after_a_company(year: ShoppingYear) -> None:
    assert [brand.name for brand in brands(year)] == ["Store's own brand", "Brand 2", "Brand 764", "Brand 9"]
    assert [brand.symbol for brand in brands(year)] == ["OWN", "B2", "B764", "B9"]
    assert brands(year)[3].sells == "yeast"


def test_brands__expect_their_rate_times_the_cents_spent(year: ShoppingYear) -> None:
    assert [brand.expected for brand in brands(year)] == [1004, 777 * 2, 2, 0]
    for brand in brands(year):
        assert brand.expected * 1.1 <= brand.quota <= brand.capacity


def test_earnings__are_whole_units_line_by_line(year: ShoppingYear) -> None:
    ledger = earnings(year, brands(year))
    assert list(ledger.columns) == LEDGER
    assert ledger.dtypes.unique().tolist() == ["int64"]
    assert ledger.to_numpy().tolist() == [[69, 1, 1, 1001], [69, 2, 2, 3], [2, 1, 1, 1554], [764, 2, 1, 2]]


def test_members__are_the_same_on_every_machine() -> None:
    assert member_addresses([1, 2469]) == {
        1: "0xA5788EC5F22C05d62e053693DF0C2ce473E477E9",
        2469: "0x197b7b0f530a6081D2eb5773534c05dFE281023F",
    }


def test_members__all_have_their_own_wallet() -> None:
    households = range(1, 2501)
    assert len(set(member_addresses(households).values())) == len(households)
    assert len(member_key(1)) == 32
