"""The demonstration on a real chain: a short story told right, and two told wrong, which must fail."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest
from ape import accounts
from click.testing import CliRunner, Result

from symbolon.demo import earning, story
from symbolon.demo.command import cli
from symbolon.demo.data import ShoppingYear, load
from symbolon.demo.plan import brands
from symbolon.demo.stage import Stage

WEEKS, BRANDS = 2, 2


@pytest.fixture(scope="module")
def year() -> ShoppingYear:
    return load(BRANDS, WEEKS)


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
    for brand in brands(year):
        token = books.tokens[brand.number]
        assert token.supply == brand.expected
        assert token.capacity == brand.capacity
        assert token.unspent_quota == brand.quota - brand.expected
    for part in story.PARTS:
        steps = [(done, total) for name, done, total in shown if name == part]
        assert steps[0][0] == 0
        assert steps[-1][0] == steps[-1][1] > 0


def test_command__writes_the_report_and_says_so(
    tell: Callable[[], Result], tmp_path: Path, year: ShoppingYear
) -> None:
    result = tell()
    assert result.exit_code == 0, result.output
    assert f"agree to the last unit in all {len(year.spending):,} mints" in result.output
    assert str(tmp_path / "demo.html") in result.output
    page = (tmp_path / "demo.html").read_text()
    assert "The books agree." in page
    assert "Store&#39;s own brand" in page


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


def test_command__unknown_option_values__are_refused() -> None:
    assert CliRunner().invoke(cli, ["--weeks", "54"]).exit_code == 2
    assert CliRunner().invoke(cli, ["--brands", "0"]).exit_code == 2
