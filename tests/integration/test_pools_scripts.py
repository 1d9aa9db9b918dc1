"""`ape run pools` and `settle`, as people type them: from a new pool to the last unit that is shared out."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

from ape import accounts
from commands import Do, done, refused
from shop import wait
from town import NOTICE, PAYMENT, PERIOD, Town

from symbolon import calls
from symbolon.pools import Bounds, Rules

BAKER, CINEMA, BOOKSHOP, MEMBER, STEWARD, TREASURY, INTRUDER = (
    f"TEST::{number}" for number in (1, 2, 3, 4, 7, 8, 9)
)


def address(account: str) -> str:
    return str(accounts.test_accounts[int(account.removeprefix("TEST::"))].address)


def test_pool__from_its_making_to_the_first_swap(do: Do) -> None:
    done(do("pools", "create", "lane", "--period-days", "7", by=STEWARD), "Pool lane is 0x.*settled in MUSD")
    refused(do("pools", "join", "lane", "BAKE", by=BAKER), "has announced nothing for BAKE: ask 0x")
    refused(do("pools", "announce", "lane", "BAKE", by=STEWARD), "needs --limit and --provide", code=2)
    terms = ("--limit", "1000", "--provide", "500", "--fee", "0.25", "--slope", "1")
    refused(do("pools", "announce", "lane", "BAKE", *terms, by=INTRUDER), "is not the steward of pool")
    done(
        do("pools", "announce", "lane", "BAKE", *terms, by=STEWARD), "BAKE in lane from 20.*costs 0.25 % and"
    )
    star = ("--limit", "20", "--provide", "10", "--daily", "5")
    done(do("pools", "announce", "lane", "STAR", *star, by=STEWARD), "at most 5 STAR a day")
    wait(NOTICE)
    refused(do("pools", "join", "lane", "BAKE", "--yes", by=INTRUDER), "may not act as admin")
    joined = done(do("pools", "join", "lane", "BAKE", "--yes", by=BAKER), "BAKE is in pool lane. Next")
    assert "You can lose at most what you then provide here" in joined
    done(
        do("pools", "join", "lane", "STAR", "--yes", by=CINEMA),
        "with BAKE: members bring net 20 STAR at most",
    )
    refused(do("pools", "join", "lane", "STAR", "--yes", by=CINEMA), "is in pool lane already")
    refused(do("pools", "provide", "lane", "STAR", "11", "--yes", by=CINEMA), "provide at most 10")
    refused(do("pools", "provide", "lane", "STAR", "9", "--yes", by=INTRUDER), "holds 0 STAR: mint")
    told = done(do("pools", "provide", "lane", "STAR", "9", "--yes", by=CINEMA), "members can take 9 STAR")
    assert "worth 4.5 MUSD at par, and you can lose at most that" in told
    assert "covered by what they laid down" in told
    asked = do("pools", "provide", "lane", "STAR", "1", by=CINEMA)
    assert (asked.code, "Go on?" in asked.out) == (1, True)
    refused(do("pools", "quote", "lane", "BAKE", "STAR", "--in", "100"), "The pool takes 0 BAKE more")
    refused(
        do("pools", "bond", "lane", "BAKE", "5", "--yes", by=BAKER),
        "settlement purse has 0 MUSD that are free",
    )
    laid = ("pools", "bond", "lane", "BAKE", "5", "--deposit", "--yes")
    done(do(*laid, by=BAKER), r"bring 500 BAKE.*\n.*5 MUSD laid down")
    done(do("pools", "bond", "lane", "BAKE", "1", "--reclaim", by=BAKER), "4 MUSD laid down")
    done(
        do("pools", "list"),
        r"town \(0x\w+\): BAKE, STAR, BOOK.*\nlane \(0x\w+\): BAKE, STAR, settled in MUSD",
    )
    quoted = done(do("pools", "quote", "lane", "BAKE", "STAR", "--in", "250"))
    assert re.match(r"250 BAKE for 4 STAR: \d+\.\d+% less than at par, as of block \d+\.", quoted)
    done(
        do("pools", "swap", "lane", "BAKE", "STAR", "--out", "3", by=MEMBER),
        r"15\d\.\d+ BAKE were .* for 3 STAR",
    )
    refused(do("pools", "leave", "lane", "STAR", by=CINEMA), "leave once the period is closed, from 20")


def test_swap__is_what_was_quoted_and_what_cannot_be_is_told(do: Do, town: Town) -> None:
    quoted = json.loads(do("pools", "quote", "town", "BOOK", "STAR", "--out", "7", "--json").out)
    told = done(
        do("pools", "swap", "town", "BOOK", "STAR", "--out", "7", "--to", address(INTRUDER), by=MEMBER)
    )
    assert told.splitlines()[-1] == (
        f"{quoted['in']} BOOK were swapped for 7 STAR, which {address(INTRUDER)} has."
    )
    assert town.tokens[1].balance_of(address(INTRUDER)) == 7
    swap = ("pools", "swap", "town")
    refused(do(*swap, "BOOK", "STAR", "--in", "1", by=INTRUDER), "less than the smallest part of STAR")
    refused(do(*swap, "BOOK", "STAR", "--in", "20", by=INTRUDER), "holds 0 BOOK and 20 BOOK are needed")
    refused(do(*swap, "BOOK", "STAR", by=MEMBER), "Give either --in or --out", code=2)
    refused(do(*swap, "BOOK", "BOOK", "--in", "1", by=MEMBER), "the same token", code=2)
    refused(do(*swap, "BOOK", "STAR", "--out", "4000", by=MEMBER), "take that at most")
    refused(
        do("pools", "swap", "nowhere", "BOOK", "STAR", "--out", "4", by=MEMBER), "There is no pool nowhere"
    )
    rehearsed = do(*swap, "BOOK", "STAR", "--in", "50", "--dry-run", by=MEMBER)
    assert "Rehearsed on a fork; nothing was sent." in rehearsed.out
    assert town.tokens[1].balance_of(accounts.test_accounts[4]) == 800


def test_brand__stops_lowers_withdraws_and_leaves(do: Do, town: Town) -> None:
    done(do("pools", "stop", "town", "STAR", by=CINEMA), "STAR, stopped: ")
    refused(do("pools", "quote", "town", "STAR", "BAKE", "--in", "1"), "Swapping STAR is stopped here")
    done(
        do("pools", "resume", "town", "STAR", by=CINEMA), "STAR: members can take 400 STAR and bring 400 STAR"
    )
    refused(do("pools", "stop", "town", "STAR", by=INTRUDER), "may not settle for the brand")
    done(
        do("pools", "lower", "town", "STAR", "--limit", "30", "--daily", "3", by=CINEMA),
        "bring 3 STAR, 3 STAR more today",
    )
    refused(do("pools", "lower", "town", "STAR", "--limit", "31", by=CINEMA), "That would raise a bound")
    refused(do("pools", "lower", "town", "STAR", by=CINEMA), "Give --limit, --provide or --daily", code=2)
    done(do("pools", "announce", "town", "STAR", "--limit", "90", by=STEWARD), "bring net 90 STAR at most")
    refused(do("pools", "apply", "town", "STAR", by=INTRUDER), "count from 20.*: come back then")
    assert "announced" in json.dumps(json.loads(do("pools", "show", "town", "--json").out))
    done(do("pools", "show", "town"), r"from 20.*: members bring net 90 STAR")
    done(do("pools", "cancel", "town", "STAR", by=STEWARD), "Nothing is announced for STAR")
    done(do("pools", "announce", "town", "STAR", "--daily", "none", by=STEWARD))
    wait(NOTICE)
    done(do("pools", "apply", "town", "STAR", by=INTRUDER), "can take 400 STAR and bring 30 STAR;")
    refused(do("pools", "withdraw", "town", "STAR", "401", by=CINEMA), "400 can be taken back")
    refused(do("pools", "leave", "town", "STAR", by=CINEMA), "still has 400 STAR of yours")
    done(
        do("pools", "withdraw", "town", "STAR", "150", "--to", address(INTRUDER), by=CINEMA),
        "250 STAR provided",
    )
    done(do("pools", "withdraw", "town", "STAR", "--all", by=CINEMA), "can take 0 STAR")
    refused(do("pools", "withdraw", "town", "STAR", by=CINEMA), "Give either AMOUNT or --all", code=2)
    assert town.tokens[1].balance_of(address(INTRUDER)) == 150
    done(do("pools", "leave", "town", "STAR", by=CINEMA), "STAR has left pool town")
    refused(
        do("pools", "leave", "town", "STAR", by=CINEMA), "STAR is not in pool town: choose a token that is"
    )
    done(do("pools", "hand-over", "town", address(INTRUDER), by=STEWARD), "can accept pool town")
    done(do("pools", "accept", "town", by=INTRUDER), f"{address(INTRUDER)} is the steward of pool town")
    done(do("pools", "alliance-fee", "7.5", address(TREASURY), by="TEST::0"), "7.5 % of fees go to")
    refused(do("pools", "alliance-fee", "20.5", address(TREASURY), by="TEST::0"), "too large")


def test_suspended_brand__is_stopped_by_anybody(do: Do, town: Town) -> None:
    town.tokens[0].brand.suspend(sender=town.operator)
    done(
        do("pools", "sync", "town", "BAKE", by=INTRUDER),
        "BAKE, stopped because its brand is suspended or leaves",
    )
    town.tokens[0].brand.reinstate(sender=town.operator)
    done(do("pools", "sync", "town", "BAKE", by=INTRUDER), "BAKE: members can take")


def test_settling__from_the_first_swap_to_the_last_unit(do: Do, town: Town, tmp_path: Path) -> None:
    done(do("pools", "swap", "town", "BAKE", "STAR", "--in", "5000", by=MEMBER))
    done(do("pools", "swap", "town", "BOOK", "STAR", "--in", "500", by=MEMBER))
    done(do("settle", "close", by=INTRUDER), "Pool town: period 0 can be closed from 20")
    refused(
        do("settle", "prepay", "town", "BAKE", "100", "--most", "0.5", by=INTRUDER), "100 BAKE cost 1 MUSD"
    )
    done(
        do("settle", "prepay", "town", "BAKE", "100", by=INTRUDER),
        "100 BAKE are paid for with 1 MUSD, and burned",
    )
    done(do("settle", "prepay", "town", "STAR", "--all", by=INTRUDER), "owes nothing in this period")
    assert do("settle", "remind").out == "Nobody owes anything.\n"
    wait(PERIOD)
    closed = done(do("settle", "close", by=INTRUDER), "period 0 is closed")
    assert re.search(r"BAKE owes 49 MUSD, by 20", closed), closed
    done(
        do("settle", "close", "town", by=INTRUDER), "period 1 can be closed from 20"
    )  # twice does nothing twice

    reminded = done(do("settle", "remind"))
    assert re.search(
        r"BAKE owes 49 MUSD for period 0 of pool town by 20.*`ape run settle pay town BAKE`", reminded
    )
    assert f"Admin {address(BAKER)}; 200 MUSD are laid down." in reminded
    done(do("settle", "remind", "town", "--save", "due.csv"))
    due = list(csv.DictReader((tmp_path / "due.csv").open(encoding="utf-8")))
    assert [(row["brand"], row["owes"], row["overdue"]) for row in due] == [
        ("BAKE", "49", "no"),
        ("BOOK", "25.0015", "no"),
    ]
    assert [row["brand"] for row in json.loads(do("settle", "remind", "--json").out)] == ["BAKE", "BOOK"]

    done(do("settle", "enforce", by=INTRUDER), "No debt is due")
    done(
        do("settle", "pay", "town", "BAKE", "--most", "9", by=BAKER),
        "Period 0: 9 MUSD paid, 40 MUSD still owed",
    )
    done(do("settle", "pay", "town", "BAKE", by=BAKER), "Period 0: 40 MUSD paid.")
    done(do("settle", "pay", "town", "BAKE", by=BAKER), "owes nothing in pool town: there is nothing to pay")
    refused(do("settle", "withdraw", "town", "STAR", by=INTRUDER), "may not act as admin")
    taken = done(
        do("settle", "withdraw", "town", "STAR", by=CINEMA), "Period 0: .* of which .* still to come in"
    )
    again = done(do("settle", "withdraw", "town", "STAR", by=CINEMA))
    assert again == "Nothing has come in for STAR in pool town that was not taken out.\n", (taken, again)
    wait(PAYMENT)
    assert "which is overdue" in done(do("settle", "remind"))
    done(
        do("settle", "enforce", by=INTRUDER),
        r"25\.0015 MUSD came from what BOOK laid down; 0 MUSD are still owed",
    )
    done(do("settle", "enforce", "town", by=INTRUDER), "No debt is due")
    done(do("settle", "withdraw", "town", "STAR", "--to", address(INTRUDER), by=CINEMA), "that was all of it")
    done(do("settle", "withdraw", "town", "STAR", "--holders", by=INTRUDER), "Nothing has come in")
    done(do("settle", "treasury", "town", by=TREASURY), r"Period 0: .* taken out; that was all of it")
    done(do("settle", "treasury", "town", by=TREASURY), "Nothing has come in")
    assert calls.read(town.alliance.mock_dollar, "balanceOf", town.alliance.settlements.contract.address) == 0

    printed = done(do("settle", "statement", "town", "STAR"))
    assert [row["period"] for row in csv.DictReader(printed.splitlines())] == ["0", "1"]
    saved = do("settle", "statement", "town", "--save", "all.csv", "--page", "all.html", "--period", "0")
    assert (saved.code, saved.out) == (0, "")
    assert "4 statements are in all.csv." in saved.err
    rows = list(csv.DictReader((tmp_path / "all.csv").open(encoding="utf-8")))
    assert [row["closing"] for row in rows if row["brand"] in ("BAKE", "BOOK")] == ["-49", "-25.0015"]
    assert "<title>Pool town: statements</title>" in (tmp_path / "all.html").read_text()
    assert json.loads(do("settle", "statement", "town", "BAKE", "--json").out)[1]["closing"] == "0"


def test_enforcing__what_nothing_stands_behind__is_told(do: Do, town: Town) -> None:
    """With leverage, a brand can owe three times what it laid down."""
    bake, star, _ = town.tokens
    rules = Rules(town.pool.currency.address, PERIOD, PAYMENT, leverage=300)
    bold = town.alliance.pools.create("bold", rules, sender=town.steward)
    for token in (bake, star):
        town.alliance.pools.announce(bold, token, Bounds(10**9, 10**9), sender=town.steward)
    wait(NOTICE)
    for token in (bake, star):
        town.alliance.pools.join(bold, token, sender=town.admin_of(token))
    done(do("pools", "bond", "bold", "BAKE", "1", "--deposit", "--yes", by=BAKER), "bring 300 BAKE")
    risk = done(do("pools", "provide", "bold", "STAR", "9", "--yes", by=CINEMA))
    assert "2 MUSD of it would not be covered by what your partners laid down" in risk
    done(do("pools", "swap", "bold", "BAKE", "STAR", "--in", "300", by=MEMBER))
    wait(PERIOD)
    done(do("settle", "close", "bold", by=INTRUDER), "BAKE owes 3 MUSD")
    wait(PAYMENT)
    done(
        do("settle", "enforce", "bold", by=INTRUDER), "1 MUSD came from what BAKE laid down; 2 MUSD are still"
    )
    again = do("settle", "enforce", by=INTRUDER)
    assert (again.code, again.out) == (0, "")
    assert "BAKE owes 2 MUSD, and nothing is left of what it laid down" in again.err


def test_holders_purse__is_filled_first(do: Do, town: Town) -> None:
    done(do("pools", "swap", "town", "BAKE", "STAR", "--in", "5000", by=MEMBER))
    wait(PERIOD)
    done(do("settle", "close", by=INTRUDER))
    done(do("settle", "pay", "town", "BAKE", by=BAKER))
    missing = town.alliance.bonds.of(town.tokens[1]).missing
    assert missing
    filled = done(
        do("settle", "withdraw", "town", "STAR", "--holders", by=INTRUDER), "went to the holders' purse"
    )
    assert town.alliance.bonds.of(town.tokens[1]).missing < missing, filled
