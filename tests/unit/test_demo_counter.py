"""What members redeem follows from real coupons by the rules as written, and never beyond what they hold."""

from collections import Counter, defaultdict
from datetime import date

import pandas as pd
import pytest
from shopping import MONDAY, small_year

from symbolon.demo.counter import (
    COUNTER,
    NO_LIMIT,
    Asked,
    CounterOffer,
    asked,
    offers,
    redemptions,
    value_of,
)
from symbolon.demo.data import ShoppingYear, day_begins_at, load, week_closes_at
from symbolon.demo.plan import Brand, brands, earnings
from symbolon.redemptions import Kind


@pytest.fixture(scope="module")
def year() -> ShoppingYear:
    return load()


@pytest.fixture(scope="module")
def alliance(year: ShoppingYear) -> tuple[Brand, ...]:
    return brands(year)


@pytest.fixture(scope="module")
def due(year: ShoppingYear, alliance: tuple[Brand, ...]) -> pd.DataFrame:
    return earnings(year, alliance)


@pytest.fixture(scope="module")
def offered(year: ShoppingYear, alliance: tuple[Brand, ...]) -> tuple[CounterOffer, ...]:
    return offers(year, alliance)


@pytest.fixture(scope="module")
def ledger(year: ShoppingYear, due: pd.DataFrame, offered: tuple[CounterOffer, ...]) -> pd.DataFrame:
    return redemptions(year, due, offered)


def small(coupons: list[tuple[int, int, int, int, int]], cents: int = 100_000) -> list[Asked]:
    """What household 1 redeems by those coupons, having spent so much with brand 69 in the first week."""
    story = small_year([(69, 1, 1, cents)], coupons)
    return list(asked(redemptions(story, earnings(story, brands(story)), offers(story, brands(story)))))


def test_small_year__each_way_of_redeeming() -> None:
    story = small_year()
    alliance = brands(story)
    found = redemptions(story, earnings(story, alliance), offers(story, alliance))
    assert list(asked(found)) == [
        Asked(69, 1, MONDAY, Kind.OFFER, "present-8", 1, 40_000, 0),
        Asked(2, 1, MONDAY, Kind.OFFER, "present-8", 1, 25_000, 0),
        Asked(69, 2, MONDAY + 1, Kind.PAR, "order-0001", 0, 10_000, 0),
        Asked(2, 1, MONDAY + 7, Kind.CURRENCY, "order-0002", 0, 50_000, 5_000_000),
        Asked(69, 1, MONDAY + 8, Kind.OFFER, "treat", 1, 10_000, 0),
        Asked(69, 1, MONDAY + 8, Kind.OFFER, "treat", 1, 10_000, 0),
    ]
    assert list(found.columns) == COUNTER


def test_points_are_there_when_the_week_is_over() -> None:
    assert small([(69, 1, MONDAY - 1, 8, 1)]) == []
    assert len(small([(69, 1, MONDAY, 8, 1)])) == 1


@pytest.mark.parametrize(
    ("cents", "kind", "units"),
    [
        (9_999, None, 0),
        (10_000, Kind.PAR, 10_000),
        (49_999, Kind.PAR, 40_000),
        (50_000, Kind.CURRENCY, 50_000),
        (123_456, Kind.CURRENCY, 120_000),
    ],
)
def test_at_par__whole_dollars__paid_out_from_five(cents: int, kind: Kind | None, units: int) -> None:
    found = [(row.kind, row.units, row.value) for row in small([(69, 1, MONDAY, 9, 1)], cents)]
    value = units * 100 if kind is Kind.CURRENCY else 0  # a hundredth of a cent is 100 millionths of a dollar
    assert found == ([(kind, units, value)] if kind else [])


def test_offers__stock_runs_out() -> None:
    """Present after present to household after household, until all eighty are gone."""
    households = range(1, 91)
    story = small_year(
        [(69, household, 1, 40_000) for household in households],
        [(69, household, MONDAY, 8, household) for household in households],
    )
    alliance = brands(story)
    found = list(asked(redemptions(story, earnings(story, alliance), offers(story, alliance))))
    assert Counter(row.reference for row in found) == {"present-8": 80, "treat": 10}
    assert [row.household for row in found if row.reference == "treat"] == list(range(81, 91))


def test_offers__follow_the_campaigns_of_the_brand_s_coupons(
    year: ShoppingYear, alliance: tuple[Brand, ...], offered: tuple[CounterOffer, ...]
) -> None:
    campaigns = {campaign.number: campaign for campaign in year.campaigns}
    for brand in alliance:
        mine = [offer for offer in offered if offer.brand == brand.number]
        coupons = year.coupons[year.coupons["manufacturer"] == brand.number]
        touched = [campaigns[number] for number in coupons["campaign"].unique()]
        treat, *presents = mine
        assert treat.first_day == min(campaign.first_day for campaign in touched)
        assert treat.last_day == max(campaign.last_day for campaign in touched)
        assert treat.member_limit == NO_LIMIT
        assert {offer.name: (offer.first_day, offer.last_day) for offer in presents} == {
            f"present-{campaign.number}": (campaign.first_day, campaign.last_day)
            for campaign in touched
            if campaign.kind == "A"
        }
        assert len({offer.name for offer in mine}) == len(mine)


def test_offer__is_open_from_the_first_midnight_to_the_last() -> None:
    offer = CounterOffer(2, "treat", "A treat", 6_000, 1, 1, date(2017, 1, 2), date(2017, 1, 8))
    conditions = offer.conditions
    assert (conditions.opens_at, conditions.closes_at) == (week_closes_at(1), week_closes_at(2))
    assert offer.document == "A treat for 60 points. (Invented for a demonstration.)\n"


def test_redemptions__each_by_a_coupon_of_that_household_brand_and_day(
    year: ShoppingYear, ledger: pd.DataFrame
) -> None:
    coupons = Counter(year.coupons[["manufacturer", "household", "day"]].itertuples(index=False, name=None))
    found = Counter(ledger[["brand", "household", "day"]].itertuples(index=False, name=None))
    assert found <= coupons
    assert found.total() > 1_000
    assert ledger["kind"].value_counts().loc[[Kind.OFFER, Kind.PAR, Kind.CURRENCY]].min() > 10


def test_redemptions__never_more_than_a_member_holds(ledger: pd.DataFrame, due: pd.DataFrame) -> None:
    """By pandas alone: what had been redeemed after each redemption, and what had been earned before it."""
    keys = ["brand", "household"]
    earned = due.assign(at=due["week"].map(week_closes_at)).sort_values("at", kind="stable")
    earned["earned"] = earned.groupby(keys)["units"].cumsum()
    spent = ledger.assign(at=ledger["day"].map(day_begins_at))
    spent["spent"] = spent.groupby(keys)["units"].cumsum()
    both = pd.merge_asof(
        spent.sort_values("at", kind="stable"), earned[[*keys, "at", "earned"]], on="at", by=keys
    )
    assert len(both) == len(ledger)
    assert (both["spent"] <= both["earned"]).all()
    left = both["earned"] - both["spent"]
    assert (left[both["kind"] != Kind.OFFER] < 10_000).all(), "credit is for all whole dollars"


def test_redemptions__offers_within_stock_limit_and_window(
    ledger: pd.DataFrame, offered: tuple[CounterOffer, ...]
) -> None:
    at_offers = ledger[ledger["kind"] == Kind.OFFER]
    for offer in offered:
        mine = at_offers[(at_offers["brand"] == offer.brand) & (at_offers["reference"] == offer.name)]
        assert mine["quantity"].sum() <= offer.stock
        assert mine.groupby("household")["quantity"].sum().le(offer.member_limit).all()
        assert mine["day"].between(offer.first_day.toordinal(), offer.last_day.toordinal()).all()
        assert (mine["units"] == mine["quantity"] * offer.price).all()
    names = {(offer.brand, offer.name) for offer in offered}
    assert set(at_offers[["brand", "reference"]].itertuples(index=False, name=None)) <= names


def test_redemptions__who_goes_without__could_afford_nothing(
    year: ShoppingYear, ledger: pd.DataFrame, due: pd.DataFrame, offered: tuple[CounterOffer, ...]
) -> None:
    """Visit by visit, with dictionaries: nobody is turned away who holds a treat's price."""
    weekly: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for brand, household, week, units in due.itertuples(index=False, name=None):
        weekly[brand, household].append((week_closes_at(week), units))
    rows = defaultdict(list)
    for row in asked(ledger):
        rows[row.brand, row.household, row.day].append(row)
    prices = {offer.brand: offer.price for offer in offered if offer.name == "treat"}
    visits = Counter(year.coupons[["manufacturer", "household", "day"]].itertuples(index=False, name=None))
    turned_away = 0
    for (brand, household, day), times in visits.items():
        if missed := times - len(rows[brand, household, day]):
            turned_away += missed
            earned = sum(units for at, units in weekly[brand, household] if at <= day_begins_at(day))
            spent = sum(
                row.units
                for (b, h, d), done in rows.items()
                for row in done
                if (b, h) == (brand, household) and d <= day
            )
            assert earned - spent < prices[brand]
    assert turned_away + len(ledger) == len(year.coupons)


def test_order_references__are_all_different(ledger: pd.DataFrame) -> None:
    at_par = ledger[ledger["kind"] != Kind.OFFER]
    assert at_par["reference"].is_unique


def test_value__of_a_whole_point_is_a_cent() -> None:
    assert value_of(100) == 10_000
    assert value_of(1) == 100
