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
    for arbiter in (address(ARBITER), address(ARBITER).lower()):
        assert "stake 0.5 BAKE" in mail("disputes", "list", "BAKE", "--arbiter", arbiter).out
    none = mail("disputes", "list", "BAKE", "--arbiter", address(INTRUDER)).out
    assert none == "No disputes about orders of BAKE wait.\n"
    refused(mail("disputes", "list", "BAKE", "--arbiter", "Alice"), "'Alice' is not an address")
    for half in (("--refund", "5"), ("--compensation", "1.5"), ()):
        forgotten = mail("disputes", "decide", "BAKE", "A-1", *half, by=ARBITER)
        assert forgotten.code == 2
        assert "Give both --refund and --compensation" in forgotten.err
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
    refused(mail("bond", "allot", "BAKE", "mug", "1", by=BRAND), "1 MUSD were asked for and 0 MUSD are free")


def test_export__a_members_formula__is_text(mail: Do) -> None:
    formulas = [f"{sign}cmd|' /C calc'!A0" for sign in "=+-@"]
    for formula in formulas:
        assert mail("orders", "open", "BAKE", "mug", f"--reference={formula}", by=MEMBER).code == 0
    (_, *rows) = csv.reader(mail("orders", "export", "BAKE").out.splitlines())
    assert [row[1] for row in rows] == ["'" + formula for formula in formulas]


def test_offer__whose_arbiter_is_struck_off__is_ended_by_anybody(
    mail: Do, alliance: Alliance, token: Token
) -> None:
    refused(mail("offers", "retire", "BAKE", "mug", by=INTRUDER), "there is nothing to do")
    assert mail("orders", "open", "BAKE", "mug", "--reference", "A-1", by=MEMBER).code == 0
    alliance.set_listed(List.ARBITER, address(ARBITER), False, sender=accounts.test_accounts[0])
    retired = mail("offers", "retire", "BAKE", "mug", by=INTRUDER)
    assert "mug: 5 BAKE each, 50 in all, delivered in 10 days, retired until it has" in retired.out, retired
    refused(mail("orders", "open", "BAKE", "mug", by=MEMBER), "The offer is open from")
    refused(mail("offers", "change", "BAKE", "mug", "--stock", "60", by=MANAGER), "as an arbiter: choose one")
    # What was ordered goes on as agreed.
    assert mail("orders", "fulfil", "BAKE", "A-1", by=MANAGER).code == 0
    assert mail("disputes", "raise", "BAKE", "A-1", by=MEMBER).code == 0
    assert (
        mail("disputes", "decide", "BAKE", "A-1", "--refund", "5", "--compensation", "0", by=ARBITER).code
        == 0
    )
    # And with another arbiter the offer opens again, after notice.
    alliance.set_listed(List.ARBITER, address(PARTNER), True, sender=accounts.test_accounts[0])
    anew = ("--arbiter", address(PARTNER), "--until", "2999-01-01")
    assert "20" in mail("offers", "change", "BAKE", "mug", *anew, by=MANAGER).out
    wait(14 * DAY + 60)
    assert mail("orders", "open", "BAKE", "mug", "--reference", "A-2", by=MEMBER).code == 0


def test_fulfil__refunded_ones_in_the_file__are_named_and_the_others_go_through(
    mail: Do, tmp_path: Path
) -> None:
    for reference in ("A-1", "A-2"):
        assert mail("orders", "open", "BAKE", "mug", "--reference", reference, by=MEMBER).code == 0
    packing = tmp_path / "packing.csv"
    assert mail("orders", "export", "BAKE", "--save", str(packing)).code == 0
    assert mail("orders", "decline", "BAKE", "mug/0", by=MANAGER).code == 0
    done = mail("orders", "fulfil", "BAKE", "--file", str(packing), by=MANAGER)
    refused(done, "Left out: mug/0 is refunded: nothing is owed for it any more, so do not ship it")
    assert done.out.splitlines()[-1] == "1 delivered, 1 left out."


def test_fulfil__by_references_that_members_share__leaves_out_what_is_unclear(
    mail: Do, tmp_path: Path
) -> None:
    for reference in ("A-1", "A-2"):
        assert mail("orders", "open", "BAKE", "mug", "--reference", reference, by=MEMBER).code == 0
    assert mail("orders", "decline", "BAKE", "mug/0", by=MANAGER).code == 0
    for reference in ("A-1", "A-2"):
        assert mail("orders", "open", "BAKE", "mug", "--reference", reference, by=MEMBER).code == 0
    file = tmp_path / "references.csv"
    file.write_text("reference\nA-1\nA-2\n")
    done = mail("orders", "fulfil", "BAKE", "--file", str(file), by=MANAGER)
    refused(done, r"Left out: A-2: several orders are called so \(mug/1, mug/3\): give offer and number\.")
    assert done.out.splitlines()[-1] == "1 delivered, 1 left out."
    states = [each["state"] for each in json.loads(mail("orders", "list", "BAKE", "--all", "--json").out)]
    assert states == ["refunded", "open", "delivered", "open"]


def test_open__with_too_little_left_for_a_dispute__says_so(mail: Do) -> None:
    assert "dispute" not in mail("orders", "open", "BAKE", "mug", "--quantity", "3", by=MEMBER).err
    told = mail("orders", "open", "BAKE", "mug", "--any-compensation", by=MEMBER)
    assert told.code == 0
    assert "takes a stake of 0.5 BAKE and 0 are left" in told.err


def test_bond__short_until_less_is_required__is_stated_and_made_good(
    do: Do, token: Token, tmp_path: Path
) -> None:
    (tmp_path / "terms.txt").write_text("Worth a cent each in our shops.")
    refused(do("bond", "shortfall", "BAKE", by=INTRUDER), "holders' purse")
    assert do("bond", "deposit", "BAKE", "holders", "1", by=BRAND).code == 0
    bonded = do("brand", "terms", "BAKE", "--terms", "terms.txt", "--bond", "50", by=BRAND)
    assert bonded.code == 0, bonded
    assert "are missing, to be made good by 20" in do("bond", "shortfall", "BAKE", by=INTRUDER).out
    refused(do("bond", "shortfall", "BAKE", by=INTRUDER), "is flagged")
    brand, manager = accounts.test_accounts[1], address(MANAGER)
    token.revoke_quota(manager, token.quota_of(manager), sender=brand)
    assert "The shortfall is made good." in do("bond", "shortfall", "BAKE", by=INTRUDER).out


def test_bond__taken_back_after_notice(do: Do, alliance: Alliance) -> None:
    assert "holders: 4 " in do("bond", "deposit", "BAKE", "holders", "4", by=BRAND).out
    announced = do("bond", "announce", "BAKE", "holders", "3", by=BRAND).out
    assert re.search(r"3 \S+ can be withdrawn from 20", announced)
    refused(do("bond", "withdraw", "BAKE", "holders", by=BRAND), "")
    wait(14 * DAY + 60)
    to = ("--to", address(PARTNER))
    assert "holders: 1 " in do("bond", "withdraw", "BAKE", "holders", *to, by=BRAND).out
    assert alliance.mock_dollar.balanceOf(address(PARTNER)) == 3_000_000
    shown = do("bond", "show", "BAKE").out
    assert "holders: 1 " in shown
    assert "It covers" in shown


def test_bond__whole_again_because_less_is_owed__flag_is_taken_down(do: Do, token: Token) -> None:
    more = ("--terms", "mug.txt", "--notice-days", "14", "--bond", "50")
    refused(do("bond", "shortfall", "BAKE", by=INTRUDER), "there is nothing to do")
    assert do("brand", "terms", "BAKE", *more, by=BRAND).code == 0
    wait(14 * DAY + 60)
    told = do("bond", "shortfall", "BAKE", by=INTRUDER).out
    assert re.search(r"are missing, to be made good by 20", told), told
    assert re.search(r"The holders' purse lacks .*, to be made good by 20", do("bond", "show", "BAKE").out)
    calls.transact(accounts.test_accounts[3], token.contract, "burn", 20_00)
    assert do("brand", "quota", "BAKE", address(MANAGER), "1000000", "--revoke", by=BRAND).code == 0
    assert "`ape run bond shortfall` has the flag taken down" in do("bond", "show", "BAKE").out
    assert "The shortfall is made good." in do("bond", "shortfall", "BAKE", by=INTRUDER).out
    assert "shortfall" not in do("bond", "show", "BAKE").out


def test_brand__that_says_it_leaves__can_stay(do: Do) -> None:
    refused(do("brand", "stay", "BAKE", by=BRAND), "is announced for")
    told = do("brand", "leave", "BAKE", "--yes", by=BRAND)
    assert re.search(r"BAKE winds down from (20\S+) .* to 20.*`ape run brand stay` withdraws it", told.out), (
        told
    )
    assert re.search("wind-down +from 20.* to 20", do("show", "BAKE").out)
    refused(do("brand", "leave", "BAKE", "--yes", by=BRAND), "come back then to end issuing")
    refused(do("brand", "capacity", "BAKE", "9000000", by=BRAND), "can only get better")
    assert "BAKE is issued and owed for as before" in do("brand", "stay", "BAKE", by=BRAND).out
    wait(14 * DAY + 60)
    assert do("brand", "sync", "BAKE", by=INTRUDER).out.endswith("minting is open.\n")
    assert do("mint", "BAKE", "--to", address(PARTNER), "--amount", "1", by=MANAGER).code == 0


def test_brand__that_leaves__issues_nothing_more(do: Do) -> None:
    assert do("brand", "leave", "BAKE", "--yes", by=BRAND).code == 0
    wait(14 * DAY + 60)
    refused(do("brand", "stay", "BAKE", by=BRAND), "cannot be withdrawn any more")
    for _ in range(2):
        told = do("brand", "leave", "BAKE", by=INTRUDER)
        assert re.search("BAKE is issued no more, and winds down until 20", told.out), told
    refused(do("mint", "BAKE", "--to", address(PARTNER), "--amount", "1", by=MANAGER), "Minting is stopped")
