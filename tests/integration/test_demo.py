"""The demonstration on a real chain: a short story told right, and four told wrong, which must fail."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from ape import accounts
from click.testing import CliRunner, Result

from symbolon import calls
from symbolon.demo import earning, story
from symbolon.demo.command import cli
from symbolon.demo.counter import asked
from symbolon.demo.data import Campaign, ShoppingYear, load
from symbolon.demo.plan import brands
from symbolon.demo.redeeming import Counters
from symbolon.demo.stage import Stage
from symbolon.redemptions import Kind

WEEKS, BRANDS = 2, 2
SECOND_WEEK = date(2017, 1, 2).toordinal()


@pytest.fixture(scope="module")
def year() -> ShoppingYear:
    """Two real weeks, made quick: on the first day everybody spent twenty times as much, and in the second
    week, in which no coupon was redeemed, the best customers come to the counters, some of them twice."""
    year = load(BRANDS, WEEKS)
    spending = year.spending.assign(
        cents=year.spending["cents"].where(year.spending["week"] > 1, lambda c: c * 20)
    )
    first = spending[spending["week"] == 1].sort_values("cents", ascending=False, kind="stable")
    visits = [
        (maker, household, SECOND_WEEK + number % 3, campaign, number)
        for maker, mine in first.groupby("manufacturer", sort=False)
        for number, household in enumerate(mine["household"].head(16))
        for campaign in ((24, 24) if number % 2 else (26,))
    ]
    coupons = pd.DataFrame(visits, columns=["manufacturer", "household", "day", "campaign", "coupon"])
    campaigns = (
        Campaign(24, "A", date(2016, 11, 14), date(2017, 1, 16)),
        Campaign(26, "B", date(2016, 12, 28), date(2017, 2, 19)),
    )
    by_day = coupons.sort_values("day", kind="stable", ignore_index=True)
    return replace(year, spending=spending, coupons=by_day, campaigns=campaigns)


@pytest.fixture
def tell(tmp_path: Path, year: ShoppingYear, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Result]:
    """Run the command for a short story; the shopping data is not loaded again."""
    monkeypatch.setattr("symbolon.demo.command.load", lambda *_: year)
    options = ["--weeks", str(WEEKS), "--brands", str(BRANDS), "--report", str(tmp_path / "demo.html")]
    return lambda: CliRunner().invoke(cli, options)


def test_play__chain_and_data_agree_member_by_member(year: ShoppingYear) -> None:
    shown: list[tuple[str, int, int]] = []
    books = story.play(year, WEEKS, lambda *step: shown.append(step))
    expected = {
        (maker, household, week, cents * rate)
        for maker, household, week, cents in year.spending.to_numpy().tolist()
        for rate in [next(b.points_per_dollar for b in books.alliance if b.number == maker)]
    }
    assert set(books.chain.minted.itertuples(index=False, name=None)) == expected
    assert len(books.chain.minted) == len(expected)
    assert books.chain.batches["rows"].max() <= 500
    redeemed = books.chain.redeemed
    assert redeemed["kind"].value_counts().loc[[Kind.OFFER, Kind.PAR, Kind.CURRENCY]].min() > 3
    assert books.chain.takings["rows"].max() > 3
    for brand in brands(year):
        mine = redeemed[redeemed["brand"] == brand.number]
        token, till = books.closing.tokens[brand.number], books.closing.tills[brand.number]
        assert token.supply == brand.expected - mine["units"].sum() < brand.expected
        assert token.capacity == brand.capacity
        assert token.unspent_quota == brand.quota - brand.expected
        assert till.given - till.left == mine["value"].sum() > 0
    assert Counter(asked(redeemed)) == Counter(asked(books.redemptions))
    assert books.closing.balances.sum().to_dict() == {
        number: token.supply for number, token in books.closing.tokens.items()
    }
    for part in story.PARTS:
        steps = [(done, total) for name, done, total in shown if name == part]
        assert steps[0][0] == 0
        assert steps[-1][0] == steps[-1][1]
        assert steps[-1][1] > 0 or part == story.DELIVERING, "nobody holds enough to order in two weeks"


def test_command__writes_the_report_and_says_so(
    tell: Callable[[], Result], tmp_path: Path, year: ShoppingYear
) -> None:
    result = tell()
    assert result.exit_code == 0, result.output
    assert f"agree to the last unit in all {len(year.spending):,} mints" in result.output
    assert re.search(r"all \d\d redemptions \([\d,]+ base units\) and all 0 orders", result.output)
    assert str(tmp_path / "demo.html") in result.output
    page = (tmp_path / "demo.html").read_text()
    assert "The books agree." in page
    assert "Store&#39;s own brand" in page
    assert "Present of campaign 24" in page


def test_command__one_unit_too_much__fails_in_one_sentence(
    tell: Callable[[], Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tampered(
        stage: Stage,
        week: int,
        due: pd.DataFrame,
        wallets: Mapping[int, str],
        advance: Callable[[int], object],
    ) -> None:
        units = due["units"].copy()
        units.iloc[17] += week == 2
        earning_play_week(stage, week, due.assign(units=units), wallets, advance)

    earning_play_week = earning.play_week
    monkeypatch.setattr(earning, "play_week", tampered)
    result = tell()
    assert result.exit_code == 1
    assert "The chain and the shopping data differ in 1 of" in result.output
    assert "week 2:" in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "demo.html").exists()


def test_command__a_mint_beside_the_story__fails(
    tell: Callable[[], Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_a_favour(
        stage: Stage,
        week: int,
        due: pd.DataFrame,
        wallets: Mapping[int, str],
        advance: Callable[[int], object],
    ) -> None:
        earning_play_week(stage, week, due, wallets, advance)
        own = stage.actors[0]
        first = due[due["brand"] == own.brand.number].iloc[0]
        own.token.mint(wallets[int(first["household"])], 1, sender=accounts[own.manager.address])

    earning_play_week = earning.play_week
    monkeypatch.setattr(earning, "play_week", with_a_favour)
    result = tell()
    assert result.exit_code == 1
    assert "The chain minted 2 member-weeks more than once; the first is Store's own brand" in result.output
    assert not (tmp_path / "demo.html").exists()


def test_command__a_redemption_left_out__fails(
    tell: Callable[[], Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(self: Counters, rows: pd.DataFrame, advance: Callable[[int], object]) -> None:
        play_week(self, rows.iloc[:-1], advance)

    play_week = Counters.play_week
    monkeypatch.setattr(Counters, "play_week", forgetful)
    result = tell()
    assert result.exit_code == 1
    assert re.search(r"The counters and the chain differ in 1 of \d\d redemptions", result.output)
    assert "was asked for and not redeemed" in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "demo.html").exists()


def test_command__a_currency_payment_beside_the_story__fails(
    tell: Callable[[], Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The events of the tokens are right, and yet a member has what nobody owed."""

    def generous(self: Counters, rows: pd.DataFrame, advance: Callable[[int], object]) -> None:
        play_week(self, rows, advance)
        actor = self.of[69].actor
        dollar = self.stage.alliance.mock_dollar
        calls.transact(actor.till, dollar, "transfer", self.wallets[int(rows["household"].iloc[0])], 1)

    play_week = Counters.play_week
    monkeypatch.setattr(Counters, "play_week", generous)
    result = tell()
    assert result.exit_code == 1
    assert "The till of Store's own brand has paid" in result.output
    assert not (tmp_path / "demo.html").exists()


def test_command__unknown_option_values__are_refused() -> None:
    assert CliRunner().invoke(cli, ["--weeks", "54"]).exit_code == 2
    assert CliRunner().invoke(cli, ["--brands", "0"]).exit_code == 2
