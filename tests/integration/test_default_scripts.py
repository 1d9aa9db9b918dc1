"""`ape run default`, as people type it: from the first ground to the cure, and to the last share."""

from __future__ import annotations

import json

import pytest
from ape import accounts
from commands import Do, done, refused
from shop import wait
from town import NOTICE, PAYMENT, PERIOD, Town

from symbolon.bonds import Purse
from symbolon.defaults import gathering
from symbolon.obligations import DAY
from symbolon.pools import Bounds, Rules

BAKER, CINEMA, MEMBER, OTHER, INTRUDER = (f"TEST::{number}" for number in (1, 2, 4, 5, 9))
CURE = 30 * DAY


@pytest.fixture
def bold(town: Town, do: Do) -> Town:
    """The baker owes 3 in a pool for which it laid down 1, and is owed 0.5 there from the period before."""
    bake, star, _ = town.tokens
    rules = Rules(town.pool.currency.address, PERIOD, PAYMENT, leverage=300)
    pool = town.alliance.pools.create("bold", rules, sender=town.steward)
    for token in (bake, star):
        town.alliance.pools.announce(pool, token, Bounds(10**9, 10**9), sender=town.steward)
    wait(NOTICE)
    for token, admin, amount in ((bake, BAKER, "500"), (star, CINEMA, "9")):
        town.alliance.pools.join(pool, token, sender=town.admin_of(token))
        laid = ("pools", "bond", "bold", token.symbol, "1", "--deposit", "--yes")
        done(do(*laid, by=admin))
        done(do("pools", "provide", "bold", token.symbol, amount, "--yes", by=admin))
    done(do("pools", "swap", "bold", "STAR", "BAKE", "--in", "1", by=MEMBER))
    wait(PERIOD)
    done(do("settle", "close", "bold", by=INTRUDER), "STAR owes 0.5 MUSD")
    done(do("settle", "pay", "bold", "STAR", by=CINEMA))
    done(do("pools", "swap", "bold", "BAKE", "STAR", "--in", "300", by=MEMBER))
    wait(PERIOD)
    done(do("settle", "close", "bold", by=INTRUDER), "BAKE owes 3 MUSD")
    return town


def money(town: Town, account: str) -> int:
    return town.money_of(accounts.test_accounts[int(account.removeprefix("TEST::"))])


def test_default__of_a_debt__from_too_early_to_the_cure(do: Do, bold: Town) -> None:
    bake, alliance = bold.tokens[0], bold.alliance
    alliance.bonds.deposit(bake, Purse.HOLDERS, 20_000_000, sender=bold.admin_of(bake))
    bake.grant_quota(bold.members[2], 5_00, sender=bold.admin_of(bake))
    early = do("default", "declare", "BAKE", "--yes", by=INTRUDER)
    refused(
        early,
        r"BAKE cannot be brought into default yet: 3 MUSD for period 1 of pool bold can be reported from",
    )
    wait(PAYMENT)
    refused(do("default", "declare", "BAKE", "--yes", by=INTRUDER), "yet: 3 MUSD for period 1")
    refused(do("default", "hand-in", "BAKE", "1", "--yes", by=MEMBER), "BAKE is not in default: keep it")
    wait(CURE)
    done(do("default", "show", "BAKE"), r"`ape run default declare` can declare it.\n  Owes 3 MUSD")
    asked = do("default", "declare", "BAKE", by=INTRUDER)
    assert (asked.code, "Go on?" in asked.out) == (1, True)
    assert not alliance.defaults.of(bake).in_default

    told = done(do("default", "declare", "BAKE", "--yes", by=INTRUDER))
    assert "1 MUSD of what was laid down paid period 1 of pool bold." in told
    assert "2 MUSD for period 1 of pool bold is reported." in told
    assert "BAKE is in default. 20 MUSD are there for " in told
    assert f"{bold.members[2].address} cannot mint 5 BAKE any more." in told
    assert bake.quota_of(bold.members[2]) == 0
    stands = alliance.pools.look(bold.id).member(bake)
    assert (stands.withdrawable, stands.suspended) == (0, True)
    again = done(do("default", "declare", "BAKE", "--yes", by=INTRUDER), "BAKE is in default since 20")
    assert len(again.splitlines()) == 1


@pytest.fixture
def failed(do: Do, bold: Town) -> Town:
    """The baker has not paid in time, and is in default."""
    bold.alliance.bonds.deposit(bold.tokens[0], Purse.HOLDERS, 20_000_000, sender=bold.admins[0])
    wait(PAYMENT + CURE)
    done(do("default", "declare", "BAKE", "--yes", by=INTRUDER), "BAKE is in default")
    return bold


def test_holders__in_whatever_order__get_the_same(do: Do, failed: Town) -> None:
    bake, alliance = failed.tokens[0], failed.alliance
    # One comes before anything is gathered, the other last: they get the same.
    before = {account: money(failed, account) for account in (MEMBER, OTHER)}
    refused(do("default", "hand-in", "BAKE", by=MEMBER), "Give either AMOUNT or --all", code=2)
    refused(do("default", "hand-in", "BAKE", "50000", "--yes", by=MEMBER), "hand in what there is")
    done(
        do("default", "hand-in", "BAKE", "1000", "--yes", by=MEMBER),
        r"1,?000 BAKE burn. They get 0\.1\d* MUSD now",
    )
    first = money(failed, MEMBER) - before[MEMBER]
    assert first > 0
    gathered = done(do("default", "gather", "BAKE", by=INTRUDER))
    assert "200 MUSD that were laid down for pool town are free." in gathered
    assert "200 MUSD went from the settlement purse to the holders'." in gathered
    assert "0.5 MUSD owed to the brand for period 0 of pool bold paid period 1." in gathered
    assert "came for tokens behind period 1 of pool bold and paid for it" in gathered
    state = alliance.defaults.of(bake)
    assert gathering(state) == []
    twice = done(do("default", "gather", "BAKE", by=INTRUDER), "There is nothing to gather.")
    assert len(twice.splitlines()) == 2
    assert alliance.defaults.of(bake).pot == state.pot == 220_000_000
    done(do("default", "hand-in", "BAKE", "1000", "--yes", by=OTHER))
    done(do("default", "pay", "BAKE", by=INTRUDER), "MUSD went to 0x")
    gained = {account: money(failed, account) - before[account] for account in before}
    assert gained[MEMBER] == gained[OTHER] > first
    done(do("default", "pay", "BAKE", by=INTRUDER), "Nothing more is there for who handed in BAKE")
    assert gained[OTHER] == alliance.defaults.of(bake).share(1000_00)


def test_cure__when_reported_debts_are_paid__lets_all_go_on(do: Do, failed: Town) -> None:
    bake, alliance = failed.tokens[0], failed.alliance
    done(do("default", "hand-in", "BAKE", "1000", "--yes", by=MEMBER))
    done(do("default", "gather", "BAKE", by=INTRUDER))
    (facts,) = json.loads(do("default", "show", "BAKE", "--json").out)
    assert (facts["in_default"], facts["round"], facts["reports"], facts["pot"]) == (True, 1, 1, "220")
    assert float(facts["handed_in"]) > 1000  # with those behind the debt
    unpaid = facts["debts"][0]["unpaid"]
    refused(do("default", "cure", "BAKE", by=BAKER), rf"stays in default: {unpaid} MUSD for period 1 of pool")
    done(do("settle", "pay", "bold", "BAKE", by=BAKER), "Period 1: ")
    cured = done(do("default", "cure", "BAKE", by=BAKER), "The default of BAKE is over.")
    assert "pool town knows how BAKE stands" in cured
    assert not alliance.pools.look(failed.id).member(bake).suspended
    done(do("default", "show", "BAKE"), r"Default 1 of BAKE is over: .* were handed in for ")
    done(do("default", "cure", "BAKE", by=BAKER), "BAKE is not in default")


def test_default__of_a_shortfall__is_stated_first_and_ends_with_a_deposit(do: Do, town: Town) -> None:
    bake = town.tokens[0]
    lacks = town.alliance.bonds.of(bake).missing
    done(do("default", "show", "BAKE"), "which nobody stated yet")
    done(do("default", "declare", "BAKE", by=INTRUDER), "which is now stated: if it still does on 20")
    early = do("default", "declare", "BAKE", "--yes", by=INTRUDER)
    refused(early, "its holders' purse lacks .* and can be made whole until 20.*Come back then")
    refused(do("default", "cure", "BAKE", "--dry-run", "--account", "nobody"), "nobody", code=2)
    wait(CURE)
    done(do("default", "declare", "BAKE", "--yes", by=INTRUDER), "BAKE is in default")
    done(do("default", "show"), "To cure: the holders' purse lacks")
    refused(do("default", "cure", "BAKE", by=BAKER), "stays in default: the holders' purse lacks")
    town.alliance.bonds.deposit(bake, Purse.HOLDERS, lacks, sender=town.admin_of(bake))
    done(
        do("default", "cure", "BAKE", by=BAKER),
        r"BAKE is not in default\.\n.*\npool town knows how BAKE stands",
    )
    done(do("default", "show", "BAKE"), "Nothing is wrong with BAKE.")
    refused(do("default", "declare", "BAKE", by=INTRUDER), "Nothing is wrong with BAKE")
