"""The search for what farmers get is deterministic: what is committed is what it finds."""

import pytest

from bench.farming import campaigning, controls, results
from bench.farming.referring import Setting
from bench.farming.results import (
    README,
    by_share,
    campaign_control_row,
    campaign_row,
    campaign_settings,
    committed,
    control_row,
    readme_with,
    referral_row,
    settings,
)

EVERY_SO_MANY = 41
"""A prime, so that what is played again has every value of every term in it."""


def test_settings__are_those_committed() -> None:
    found = committed()
    played = [Setting(**{name: int(row[name]) for name in Setting._fields}) for row in found["referrals"]]
    assert played == settings()
    assert len(found["campaigns"]) == len(campaign_settings())


@pytest.mark.parametrize("place", range(0, len(settings()), EVERY_SO_MANY))
def test_programme__farmed__pays_what_is_committed(place: int) -> None:
    assert referral_row(settings()[place]) == committed()["referrals"][place]


@pytest.mark.parametrize("place", range(0, len(campaign_settings()), 5))
def test_campaign__farmed__pays_what_is_committed(place: int) -> None:
    assert campaign_row(campaign_settings()[place]) == committed()["campaigns"][place]


def test_REF_2__no_closed_set_of_wallets__gets_more_than_the_share() -> None:
    rows = committed()["referrals"]
    assert all(row["got"] * 10_000 <= row["spent"] * (row["first_bps"] + row["second_bps"]) for row in rows)
    # The search is worth something: with each pair of shares it comes as near as whole units allow.
    for share in results.SHARES + results.SHARES_OF_MONEY:
        its = [row for row in rows if (row["first_bps"], row["second_bps"]) == share]
        most = max(row["got"] / row["spent"] for row in its if row["spent"])
        assert most * 10_000 > 0.99 * sum(share)


@pytest.mark.parametrize("left_out", controls.CONTROLS)
def test_rule__left_out__farmers_get_more(left_out: str) -> None:
    row = control_row(left_out)
    (recorded,) = (each for each in committed()["referral_controls"] if each["left_out"] == left_out)
    assert row == recorded
    share = 10_000 if left_out == "all levels together below one" else row["share_bps"]
    assert (row["got"] * 10_000 > row["spent"] * share) == (left_out != "nothing")


@pytest.mark.parametrize("left_out", campaigning.CONTROLS)
def test_rule_of_a_campaign__left_out__farmers_get_more(left_out: str) -> None:
    row = campaign_control_row(left_out)
    (recorded,) = (each for each in committed()["campaign_controls"] if each["left_out"] == left_out)
    assert row == recorded
    assert (row["got"] > row["most"]) == (left_out != "nothing")


def test_readme__its_tables__are_the_committed_figures() -> None:
    text = README.read_text()
    assert readme_with(committed(), text) == text


def test_table__has_every_pair_of_shares() -> None:
    shares = {row[0] for row in by_share(committed())[1:]}
    assert len(shares) == len(results.SHARES + results.SHARES_OF_MONEY)
