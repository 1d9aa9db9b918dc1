"""`ape run bond`, `orders` and `disputes`: from laying money down to who gets what, as people type it."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from ape import accounts
from commands import Outcome, run
from shop import wait

from symbolon import alliance as alliance_module
from symbolon import calls, standing
from symbolon.alliance import Alliance
from symbolon.anvil import Anvil
from symbolon.brands import Roles
from symbolon.deployment import List
from symbolon.tokens import Token

BRAND, MANAGER, MEMBER, PARTNER, INTRUDER, ARBITER = (f"TEST::{number}" for number in (1, 2, 3, 4, 5, 7))
DAY = 86_400

Do = Callable[..., Outcome]


def address(account: str) -> str:
    return str(accounts.test_accounts[int(account.removeprefix("TEST::"))].address)


@pytest.fixture
def do(alliance: Alliance, chain: Anvil, token: Token, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Do:
    """Runs a command where the bakery has 10 dollars, a manager, and a member with 20 BAKE."""
    monkeypatch.setattr(alliance_module, "DEPLOYMENTS", tmp_path)
    monkeypatch.setattr(standing, "STATE", tmp_path / "local" / "chain.json")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "local").symlink_to(alliance.records.folder)
    (tmp_path / "mug.txt").write_text("A mug, by post.")
    operator, brand, manager, member = (accounts.test_accounts[number] for number in (0, 1, 2, 3))
    token.brand.set_manager(manager, Roles.FULFIL | Roles.CAMPAIGN, sender=brand)
    token.mint(member, 20_00, sender=manager)
    calls.transact(brand, alliance.mock_dollar, "mint", brand.address, 10_000_000)
    alliance.set_listed(List.ARBITER, address(ARBITER), True, sender=operator)

    def command(name: str, *arguments: str, by: str = "") -> Outcome:
        signer = ("--account", by) if by else ()
        return run(name, *arguments, "--network", f"ethereum:local:{chain.url}", *signer)

    return command


@pytest.fixture
def mail(do: Do) -> Do:
    """The same, with mugs to order for 5 BAKE each, and 10 dollars behind them."""
    create = ("create", "BAKE", "mug", "--price", "5", "--stock", "50", "--document", "mug.txt")
    delivery = ("--deliver-in", "10", "--compensation", "2", "--stake", "10", "--arbiter", address(ARBITER))
    for arguments in (
        ("bond", "deposit", "BAKE", "compensation", "10"),
        ("offers", *create, *delivery),
        ("bond", "allot", "BAKE", "mug", "10"),
    ):
        done = do(*arguments, by=MANAGER if arguments[0] == "offers" else BRAND)
        assert done.code == 0, done
    return do


def refused(outcome: Outcome, sentence: str) -> None:
    """The command failed with that sentence, once, and without a traceback."""
    assert outcome.code == 1, outcome
    assert re.search(sentence, outcome.err), outcome.err
    assert "Traceback" not in outcome.err + outcome.out


def test_orders__from_the_member_to_the_packing_desk_and_back(mail: Do, tmp_path: Path) -> None:
    for reference in ("A-1", "A-2", "A-3"):
        opened = mail("orders", "open", "BAKE", "mug", "--reference", reference, by=MEMBER)
        assert re.search(rf"mug/\d \({reference}\): 1 for 5 BAKE, open until 20", opened.out), opened
    packing = tmp_path / "packing.csv"
    assert mail("orders", "export", "BAKE", "--save", str(packing)).code == 0
    rows = list(csv.DictReader(packing.open(encoding="utf-8")))
    assert [(row["order"], row["reference"], row["amount"]) for row in rows] == [
        ("mug/0", "A-1", "5"),
        ("mug/1", "A-2", "5"),
        ("mug/2", "A-3", "5"),
    ]
    told = mail("orders", "confirm", "BAKE", "A-2", by=MEMBER).out
    assert "mug/1 (A-2): 1 for 5 BAKE, fulfilled" in told

    done = mail("orders", "fulfil", "BAKE", "--file", str(packing), by=MANAGER)
    assert (done.code, done.out.splitlines()[-1]) == (0, "2 delivered, 0 left out.")
    assert "Passed over: mug/1 is fulfilled." in done.err
    again = mail("orders", "fulfil", "BAKE", "--file", str(packing), by=MANAGER)
    assert again.out.splitlines()[-1] == "0 delivered, 0 left out."

    raised = mail("disputes", "raise", "BAKE", "A-1", by=MEMBER)
    assert "mug/0 (A-1): 1 for 5 BAKE, disputed until" in raised.out, raised
    assert "stake 0.5 BAKE" in mail("disputes", "list", "BAKE", "--arbiter", address(ARBITER)).out
    decided = mail("disputes", "decide", "BAKE", "A-1", "--refund", "5", "--compensation", "1.5", by=ARBITER)
    assert "decided" in decided.out, decided
    wait(14 * DAY + 60)
    assert mail("orders", "finish", "BAKE", by=INTRUDER).out.splitlines()[-1] == "1 fulfilled, 0 left out."
    assert mail("orders", "list", "BAKE").out == "There are no open orders of BAKE.\n"
    listed = json.loads(mail("orders", "list", "BAKE", "--all", "--json").out)
    assert [each["state"] for each in listed] == ["decided", "fulfilled", "fulfilled"]
    collected = mail("bond", "collect", "BAKE", address(MEMBER), by=INTRUDER).out
    assert re.fullmatch(rf"1\.5 \S+ went to {address(MEMBER)}\.", collected.splitlines()[-1]), collected


def test_orders__what_people_get_wrong__is_told(mail: Do, tmp_path: Path) -> None:
    refused(mail("orders", "fulfil", "BAKE", "mug/9", by=MANAGER), "There is no order 'mug/9' of BAKE")
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("number\n1\n")
    refused(
        mail("orders", "fulfil", "BAKE", "--file", str(wrong), by=MANAGER), "no column order or reference"
    )
    wrong.write_text("order\nmug/0\n\n,\n")
    refused(mail("orders", "fulfil", "BAKE", "--file", str(wrong), by=MANAGER), "line 3 names no order")
    assert mail("orders", "open", "BAKE", "mug", "--reference", "A-1", by=MEMBER).code == 0
    refused(mail("orders", "fulfil", "BAKE", "A-1", by=INTRUDER), "left out")
    refused(mail("orders", "claim", "BAKE", "A-1", by=INTRUDER), "That can be done from 20")
    refused(mail("disputes", "raise", "BAKE", "A-1", by=MEMBER), "is open, and this is not for such")
    refused(mail("bond", "deposit", "BAKE", "holders", "1000000", by=BRAND), "holds 0 .* are to be paid")
    refused(mail("bond", "withdraw", "BAKE", "holders", by=BRAND), "No withdrawal from that purse")
    refused(mail("bond", "collect", "BAKE", by=INTRUDER), "Nothing is owed")
    refused(mail("bond", "allot", "BAKE", "mug", "1", by=BRAND), "0 are free")


def test_export__a_members_formula__is_text(mail: Do) -> None:
    formula = "=cmd|' /C calc'!A0"
    assert mail("orders", "open", "BAKE", "mug", "--reference", formula, by=MEMBER).code == 0
    (_, row) = csv.reader(mail("orders", "export", "BAKE").out.splitlines())
    assert row[:2] == ["mug/0", "'" + formula]


def test_bond__taken_back_after_notice(do: Do) -> None:
    assert "holders: 4 " in do("bond", "deposit", "BAKE", "holders", "4", by=BRAND).out
    announced = do("bond", "announce", "BAKE", "holders", "3", by=BRAND).out
    assert re.search(r"3 \S+ can be withdrawn from 20", announced)
    refused(do("bond", "withdraw", "BAKE", "holders", by=BRAND), "")
    wait(14 * DAY + 60)
    assert "holders: 1 " in do("bond", "withdraw", "BAKE", "holders", by=BRAND).out
    shown = do("bond", "show", "BAKE").out
    assert "holders: 1 " in shown
    assert "It covers" in shown


def test_brand__that_leaves__issues_nothing_more(do: Do) -> None:
    told = do("brand", "leave", "BAKE", "--yes", by=BRAND)
    assert re.search("BAKE winds down until 20", told.out), told
    refused(do("mint", "BAKE", "--to", address(PARTNER), "--amount", "1", by=MANAGER), "Minting is stopped")
