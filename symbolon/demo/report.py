"""The report of the demonstration: one page that opens anywhere, needs no network and prints well."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from symbolon.demo import charts
from symbolon.demo.counter import NO_LIMIT, PAID_OUT, PRESENTS_FOR, CounterOffer, value_of
from symbolon.demo.data import Campaign
from symbolon.demo.figures import (
    ETHER_PRICE,
    OLD,
    Books,
    Figures,
    OfferFigures,
    WeekFigures,
    compute,
    dollars,
)
from symbolon.demo.order_figures import BrandOrders, OrderFigures
from symbolon.demo.ordering import FULFIL_DAYS
from symbolon.demo.plan import BOND_BPS, CENTS_PER_POINT, UNITS_PER_POINT
from symbolon.demo.pool_figures import PoolFigures
from symbolon.demo.rewarding import REWARD
from symbolon.demo.swapping import BASE_FEE, FEE_SLOPE
from symbolon.demo.together import CUTS, LIST_POINTS

TEMPLATE = "report.html.j2"

_CURRENCY_DECIMALS = 6
_YEAR = 2017


def write(books: Books, path: Path) -> Figures:
    """Write the report to `path`, making its folder, and return the figures in it."""
    figures = compute(books)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(books, figures), encoding="utf-8")
    return figures


def render(books: Books, figures: Figures) -> str:
    """The page as HTML."""
    environment = Environment(
        loader=PackageLoader("symbolon.demo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": _count,
        "points": points,
        "whole_points": lambda units: _count(units // UNITS_PER_POINT),
        "money": money,
        "exact_money": lambda units: exact_value(value_of(units)),
        "exact_value": exact_value,
        "parts": lambda cents: f"${cents / 100:,.2f}",
        "cents": lambda units: f"${dollars(units):,.2f}",
        "sentence": lambda words: words[:1].upper() + words[1:],
        "paid_money": lambda value: f"${value / 10**_CURRENCY_DECIMALS:,.2f}",
        "percent": percent,
        "word": _word,
        "dollars": dollars,
        "days": _days,
        "day": _day,
        "open_days": _open_days,
        "mega": lambda gas: f"{gas / 1e6:,.1f}\u00a0M",
    }
    shelves = [
        (brand.brand, [(row, _bar(row)) for row in figures.offers if row.offer.brand == brand.brand.number])
        for brand in figures.brands
    ]
    return environment.get_template(TEMPLATE).render(
        books=books,
        figures=figures,
        brands=figures.brands,
        shelves=[(brand, shelf) for brand, shelf in shelves if shelf],
        charts=_charts(figures, books.year.campaigns),
        least_overlap=min((share for row in figures.overlap for share in row if share < 1), default=0.0),
        cents_per_point=CENTS_PER_POINT,
        no_limit=NO_LIMIT,
        paid_out=PAID_OUT,
        old_weeks=OLD,
        ether_price=ETHER_PRICE,
        fulfil_days=FULFIL_DAYS,
        cuts=CUTS,
        list_points=LIST_POINTS,
        reward=REWARD,
        bond_percent=BOND_BPS // 100,
        zero_lines=sum(maker.zero_lines for maker in books.year.manufacturers),
        maker_lines=sum(maker.lines for maker in books.year.manufacturers),
    )


def points(units: int) -> str:
    """Base units as points, to the last one: 1,234.56."""
    return f"{units // UNITS_PER_POINT:,}.{units % UNITS_PER_POINT:02}"


def exact_value(value: int) -> str:
    """Base units of the settlement currency to a hundredth of a cent, the least that is here: $12.3456."""
    whole, part = divmod(value, 10**_CURRENCY_DECIMALS)
    return f"${whole:,}.{part // 100:04}"


def money(amount: float) -> str:
    """Dollars for show: more digits the smaller they are."""
    if amount >= 1000:
        return f"${amount:,.0f}"
    if amount >= 0.1 or amount == 0:
        return f"${amount:,.2f}"
    return f"${amount:.2g}"


def percent(share: float) -> str:
    """A share of one for show; only a true whole is 100 %."""
    if 0.995 <= share < 1:
        return "> 99\u00a0%"
    digits = ",.0f" if share >= 0.0995 or share == 0 else ".2g"
    return f"{share * 100:{digits}}\u00a0%"


def _charts(figures: Figures, campaigns: tuple[Campaign, ...]) -> dict[str, Markup | list[Markup]]:
    """Every drawing of the page by name; a list has one for each brand."""
    weeks, brands = figures.weeks, figures.brands
    months = _month_ticks(weeks)
    busiest = frozenset(week.number - 1 for week in figures.busiest)
    most_active = max(max(brand.active) for brand in brands)
    highest_rate = max(max(brand.counter.rates) for brand in brands)
    return {
        "liability": charts.area_stack(
            [brand.brand.name for brand in brands],
            series=[[dollars(units) for units in brand.cumulative] for brand in brands],
            ticks=months,
            show=_round_money,
            title="Points outstanding at par, by brand, after each week",
        ),
        "issued": charts.columns(
            [dollars(week.units) for week in weeks],
            titles=[
                f"{_days(week)}: {points(week.units)} points, {money(dollars(week.units))}" for week in weeks
            ],
            ticks=months,
            show=_round_money,
            title="Points issued in each week, at par",
            strong=busiest,
        ),
        "active": charts.columns(
            [week.members for week in weeks],
            titles=[f"{_days(week)}: {week.members:,} members" for week in weeks],
            ticks=months,
            show=lambda value: f"{value:,.0f}",
            title="Members who earned points with any brand, by week",
            height=200,
        ),
        "active_by_brand": [
            charts.spark_columns(
                brand.active,
                most_active,
                [f"{_days(week)}: {n:,} members" for week, n in zip(weeks, brand.active, strict=True)],
                f"Members who earned with {brand.brand.name}, by week",
            )
            for brand in brands
        ],
        "redeemed": charts.columns(
            [dollars(week.redeemed) for week in weeks],
            titles=[
                f"{_days(week)}: {week.redemptions:,} redemptions, {money(dollars(week.redeemed))}"
                for week in weeks
            ],
            ticks=months,
            show=_round_money,
            title="Points redeemed in each week, at par",
            strong=_big_campaign_weeks(figures, campaigns),
        ),
        "rates": [
            charts.spark_columns(
                brand.counter.rates,
                highest_rate,
                [
                    f"{_days(week)}: {percent(rate)}"
                    for week, rate in zip(weeks, brand.counter.rates, strict=True)
                ],
                f"Share of {brand.brand.name}'s points redeemed at its till by the end of each week",
            )
            for brand in brands
        ],
        "rate": [
            charts.bar(
                brand.roll.counter_rate / highest_rate if highest_rate else 0.0,
                f"{percent(brand.roll.counter_rate)} of {brand.brand.name}'s points",
            )
            for brand in brands
        ],
        "capacity": [
            charts.bullet(
                brand.roll.outstanding,
                [
                    (
                        brand.roll.outstanding + brand.token.unspent_quota,
                        "may be minted under today's quota",
                    ),
                    (brand.token.capacity, "capacity"),
                ],
                brand.token.capacity,
                f"{brand.brand.name}: {percent(brand.used)} of capacity outstanding",
            )
            for brand in brands
        ],
        "held": charts.columns(
            figures.held_brands,
            titles=[f"{n:,} members hold points of {k} brands" for k, n in enumerate(figures.held_brands)],
            ticks=[(k, str(k)) for k in range(len(figures.held_brands))],
            show=lambda value: f"{value:,.0f}",
            title="Members by the number of brands whose points they hold",
            height=200,
        ),
        "top_tenth": [
            charts.bar(brand.top_tenth, f"{percent(brand.top_tenth)} of {brand.brand.name}'s points")
            for brand in brands
        ],
        **_order_charts(figures.orders, weeks),
        **_pool_charts(figures.pool),
    }


def _pool_charts(pool: PoolFigures) -> dict[str, Markup | list[Markup]]:
    """The drawing of the fee."""
    if not pool.curve:
        return {}
    return {
        "curve": charts.curve(
            pool.curve,
            [(0, BASE_FEE), (1, BASE_FEE + FEE_SLOPE)],
            show=lambda rate: f"{rate / 10_000:g}\u00a0%",
            title="What each swap cost in parts of what was brought, by how full the pool was",
        )
    }


def _order_charts(orders: OrderFigures, weeks: tuple[WeekFigures, ...]) -> dict[str, Markup | list[Markup]]:
    """The drawings of orders and bonds."""
    return {
        "ordered": charts.columns(
            orders.opened,
            titles=[
                f"{_days(week)}: {opened:,} orders, {late:,} not delivered in time"
                for week, opened, late in zip(weeks, orders.opened, orders.late, strict=True)
            ],
            ticks=_month_ticks(weeks),
            show=lambda value: f"{value:,.0f}",
            title="Orders opened in each week",
            bad=orders.late,
            height=200,
        ),
        "fates": [_fates(brand) for brand in orders.brands],
    }


def _fates(brand: BrandOrders) -> Markup:
    """What became of the points that members gave for orders."""
    sums = brand.sums
    back = sums.returned + sums.stake_back
    parts = [
        (sums.burned, "strong", f"{points(sums.burned)} points burned"),
        (back, "bad", f"{points(back)} points back with members"),
        (sums.locked, "track", f"{points(sums.locked)} points with open orders"),
    ]
    return charts.split(parts, f"What became of the points given for orders of {brand.brand.name}")


def _bar(row: OfferFigures) -> Markup:
    """How much of an offer's stock is sold."""
    return charts.bar(row.share, f"{row.sold:,} of {row.offer.stock:,} sold")


def _big_campaign_weeks(figures: Figures, campaigns: tuple[Campaign, ...]) -> frozenset[int]:
    """The weeks, by index, in which a campaign ran that came with presents."""
    return frozenset(
        index
        for index, week in enumerate(figures.weeks)
        for campaign in campaigns
        if campaign.kind == PRESENTS_FOR
        and campaign.first_day <= week.last_day.date()
        and campaign.last_day >= week.first_day.date()
    )


def _month_ticks(weeks: tuple[WeekFigures, ...]) -> list[tuple[int, str]]:
    """A label at the first week that ends in each month."""
    ticks: list[tuple[int, str]] = []
    month = 0
    for index, week in enumerate(weeks):
        if week.last_day.month != month:
            month = week.last_day.month
            ticks.append((index, f"{week.last_day:%b}"))
    return ticks


def _days(week: WeekFigures) -> str:
    first, last = week.first_day, week.last_day
    if first.date() == last.date():
        return _day(last)
    if first.month == last.month:
        return f"{first.day} to {_day(last)}"
    return f"{_day(first)} to {_day(last)}"


def _day(moment: date) -> str:
    return f"{moment.day} {moment:%b}"


def _open_days(offer: CounterOffer) -> str:
    """When an offer is open; the year where it is another."""
    days = (offer.first_day, offer.last_day)
    return " to ".join(_day(day) if day.year == _YEAR else f"{_day(day)} {day.year}" for day in days)


def _round_money(amount: float) -> str:
    return f"${amount:,.0f}"


def _word(number: int) -> str:
    """A small number in letters, as running text wants it."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[number] if number < len(words) else _count(number)


def _count(number: int) -> str:
    return f"{number:,}"
