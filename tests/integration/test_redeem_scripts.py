"""`ape run offers` and `ape run redeem`: from the brand's offer to the receipt, as people type it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from ape import accounts
from commands import Outcome, run
from PIL import Image
from shop import wait

from symbolon import alliance as alliance_module
from symbolon import standing
from symbolon.alliance import Alliance
from symbolon.anvil import Anvil
from symbolon.brands import Roles
from symbolon.codes import Code
from symbolon.obligations import SHORTEST_NOTICE
from symbolon.tokens import Token

BRAND, MANAGER, MEMBER, PARTNER, INTRUDER, TILL = (f"TEST::{number}" for number in (1, 2, 3, 4, 5, 7))

Do = Callable[..., Outcome]


def address(account: str) -> str:
    return str(accounts.test_accounts[int(account.removeprefix("TEST::"))].address)


@pytest.fixture
def do(
    alliance: Alliance,
    chain: Anvil,
    token: Token,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Do:
    """Runs a command on the session's chain, where the bakery has a manager and a member has 20 BAKE."""
    monkeypatch.setattr(alliance_module, "DEPLOYMENTS", tmp_path)
    monkeypatch.setattr(standing, "STATE", tmp_path / "local" / "chain.json")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "local").symlink_to(alliance.records.folder)
    (tmp_path / "croissant.txt").write_text("A croissant, fresh from the oven.")
    brand, manager, member = (accounts.test_accounts[number] for number in (1, 2, 3))
    token.brand.set_manager(manager, Roles.FULFIL | Roles.CAMPAIGN, sender=brand)
    token.mint(member, 20_00, sender=manager)

    def command(name: str, *arguments: str, by: str = "") -> Outcome:
        signer = ("--account", by) if by else ()
        return run(name, *arguments, "--network", f"ethereum:local:{chain.url}", *signer)

    return command


@pytest.fixture
def shop(do: Do) -> Do:
    """The same, with an offer and a till."""
    create = ("create", "BAKE", "croissant", "--price", "2.50", "--stock", "10", "--member-limit", "4")
    assert do("offers", *create, "--document", "croissant.txt", by=MANAGER).code == 0
    assert do("redeem", "till", "BAKE", address(TILL), by=MANAGER).code == 0
    return do


def signed(shop: Do, *arguments: str) -> str:
    """The text of a code that the member made."""
    made = shop("redeem", "sign", "BAKE", "--till", address(TILL), *arguments, by=MEMBER)
    assert made.code == 0, made
    return made.out.strip()


def refused(outcome: Outcome, sentence: str) -> None:
    """The command failed with that sentence, once, and without a traceback."""
    assert outcome.code == 1, outcome
    assert re.search(sentence, outcome.err), outcome.err
    assert outcome.err.count("Error: ") == 1
    assert "Traceback" not in outcome.err + outcome.out


def test_offers__from_publishing_to_withdrawing(do: Do) -> None:
    told = do("offers", "list", "BAKE").out
    assert told == "There are no offers for BAKE.\n"
    create = ("create", "BAKE", "croissant", "--price", "2.50", "--stock", "10", "--until", "2199-01-01")
    made = do(
        "offers", *create, "--document", "croissant.txt", "--document-uri", "https://b.example", by=MANAGER
    )
    assert re.search(
        r"croissant: 2\.5 BAKE each, 10 in all, from 20\d\d-.* to 2199-01-01 00:00:00 UTC; 10 left", made.out
    )

    better = do("offers", "change", "BAKE", "croissant", "--price", "2", by=MANAGER).out
    assert "Better for members, or the same, so it is in force: the price falls from 2.5 to 2" in better
    worse = do("offers", "change", "BAKE", "croissant", "--stock", "0", by=MANAGER).out
    assert re.search(
        r"Worse for members, so it waits for notice, until 20.* UTC: the stock falls from 10 to 0", worse
    )
    assert re.search(r"announced for 20.* UTC: 2 BAKE each, 0 in all", do("offers", "list", "BAKE").out)
    (listed,) = json.loads(do("offers", "list", "BAKE", "--json").out)
    assert (listed["name"], listed["price"], listed["left"], listed["announced"]["stock"]) == (
        "croissant",
        "2",
        10,
        0,
    )

    again = ("offers", "change", "BAKE", "croissant", "--stock", "5")
    refused(do(*again, by=MANAGER), "Worse conditions of offer .* are announced for .*: withdraw them first")
    assert "10 left" in do("offers", "withdraw", "BAKE", "croissant", by=MANAGER).out
    assert "announced" not in do("offers", "list", "BAKE").out


def test_offers__what_people_get_wrong__is_told(do: Do) -> None:
    create = ("offers", "create", "BAKE", "croissant", "--document", "croissant.txt", "--stock", "1")
    missing = do(*create, by=MANAGER)
    assert (missing.code, "A new offer needs --price." in missing.err) == (2, True)
    refused(do(*create, "--price", "0", by=MANAGER), "amount is zero")
    refused(do(*create, "--price", "0.001", by=MANAGER), "too finely divided")
    refused(
        do(*create, "--price", "1", "--until", "2020-01-01", by=MANAGER), "cannot be open from .* to 2020"
    )
    bad = do(*create, "--price", "1", "--until", "soon", by=MANAGER)
    assert (bad.code, "'soon' is no time: write 2027-03-01" in bad.err) == (2, True)
    refused(do(*create, "--price", "1", by=INTRUDER), "may not act as campaign")
    refused(do("offers", "change", "BAKE", "tart", "--price", "1", by=MANAGER), "BAKE has no offer tart")
    long = (
        "offers",
        "create",
        "BAKE",
        "c" * 33,
        "--document",
        "croissant.txt",
        "--stock",
        "1",
        "--price",
        "1",
    )
    refused(do(*long, by=MANAGER), "cannot be a name here: write 1 to 32 letters")


def test_offers__dry_run__changes_nothing(do: Do) -> None:
    create = (
        "offers",
        "create",
        "BAKE",
        "croissant",
        "--price",
        "1",
        "--stock",
        "1",
        "--document",
        "croissant.txt",
    )
    rehearsed = do(*create, "--dry-run", by=MANAGER)
    assert rehearsed.code == 0, rehearsed
    assert "Rehearsed on a fork; nothing was sent." in rehearsed.out
    assert "There are no offers" in do("offers", "list", "BAKE").out


def test_redeem__picture_to_receipt(shop: Do, token: Token) -> None:
    sign = ("sign", "BAKE", "--till", address(TILL), "--offer", "croissant", "--quantity", "2")
    made = shop("redeem", *sign, "--save", "phone.png", by=MEMBER)
    assert made.code == 0, made
    assert f"2 of croissant for at most 5 BAKE, from {address(MEMBER)}, at till {address(TILL)}" in made.err
    assert "The QR code is in phone.png." in made.err
    code = Code.decode(made.out)

    seen = shop("redeem", "read", "--image", "phone.png")
    assert seen.out.endswith("It can be taken.\n")
    rehearsed = shop("redeem", "take", "--image", "phone.png", "--dry-run", by=TILL)
    assert "nothing was sent" in rehearsed.out
    assert token.balance_of(address(MEMBER)) == 20_00
    taken = shop("redeem", "take", "--image", "phone.png", by=TILL)
    assert "Taken: 5 BAKE for an offer: 2 of croissant" in taken.out
    assert token.balance_of(address(MEMBER)) == 15_00

    nonce = "0x" + code.redemption.nonce.hex()
    one = shop("redeem", "receipt", "BAKE", address(MEMBER), nonce).out
    assert re.fullmatch(r"20.* UTC: 5 BAKE for an offer: 2 of croissant\n", one)
    history = shop("redeem", "receipt", "BAKE", address(MEMBER)).out
    assert re.fullmatch(
        rf"20.* UTC: 5 BAKE for an offer: 2 of croissant; member .*, nonce {nonce}\n", history
    )
    refused(shop("redeem", "read", "--image", "phone.png"), "This code was taken at .*: it counts once")
    refused(shop("redeem", "receipt", "BAKE", address(PARTNER), nonce), "Nothing was redeemed by that nonce")


def test_redeem__paid_out_in_dollars(shop: Do, alliance: Alliance) -> None:
    from symbolon import calls  # noqa: PLC0415 (beside its only use)

    till = accounts.test_accounts[7]
    calls.transact(till, alliance.mock_dollar, "mint", till.address, 10**6)
    text = signed(shop, "--par", "12.34", "--order", "R-4711")
    taken = shop("redeem", "take", text, "--in-currency", by=TILL)
    assert "Taken: 12.34 BAKE for payment at par: R-4711, 0.1234 MUSD paid" in taken.out
    assert alliance.mock_dollar.balanceOf(address(MEMBER)) == 123_400
    text = signed(shop, "--par", "1", "--order", "R-4712")
    assert "for shop credit at par: R-4712;" in shop("redeem", "take", text, by=TILL).out


def test_redeem__batch__says_of_each_what_became_of_it(shop: Do, tmp_path: Path) -> None:
    texts = [signed(shop, "--par", "1", "--order", f"order {number}") for number in range(3)]
    shop("redeem", "take", texts[1], by=TILL)
    (tmp_path / "codes.txt").write_text("\ufeff" + "\r\n".join([*texts, "", "SYMBOLON:AAAA"]))
    shop(
        "redeem",
        "sign",
        "BAKE",
        "--till",
        address(TILL),
        "--offer",
        "croissant",
        "--save",
        "phone.png",
        by=MEMBER,
    )
    Image.new("L", (99, 99)).save(tmp_path / "black.png")
    (tmp_path / "noise.bin").write_bytes(b"\xff\xfe\xfd")

    done = shop("redeem", "batch", "codes.txt", "phone.png", "black.png", "noise.bin", by=TILL)

    assert done.code == 1
    assert re.findall(r"Taken: .*: (order \d|1 of croissant);", done.out) == [
        "order 0",
        "order 2",
        "1 of croissant",
    ]
    assert "3 taken, 4 left out." in done.out
    for sentence in (
        "Left out: codes.txt, line 2: This code was taken at",
        "Left out: codes.txt, line 5: The code is damaged or cut off",
        "Left out: black.png: No redemption code can be read",
        "Left out: noise.bin: This is neither a picture nor a text",
    ):
        assert sentence in done.err
    assert "Error: Some codes were left out" in done.err


def test_redeem__what_people_get_wrong__is_told(shop: Do, tmp_path: Path) -> None:
    sign = ("redeem", "sign", "BAKE", "--till", address(TILL))
    for wrong in (
        (),
        ("--offer", "croissant", "--par", "1"),
        ("--par", "1"),
        ("--offer", "croissant", "--order", "1"),
    ):
        outcome = shop(*sign, *wrong, by=MEMBER)
        assert (outcome.code, "Give either --offer, or --par and --order." in outcome.err) == (2, True), wrong
    refused(shop(*sign, "--offer", "tart", by=MEMBER), "BAKE has no offer tart")
    refused(
        shop(*sign, "--offer", "croissant", "--quantity", "5", by=MEMBER), "can have 4 more and asked for 5"
    )
    refused(shop(*sign, "--par", "20.01", "--order", "1", by=MEMBER), "holds 20 BAKE and 20.01 are needed")
    refused(shop(*sign, "--par", "1,5", "--order", "1", by=MEMBER), "has a comma")
    refused(shop(*sign, "--offer", "croissant", "--most", "2", by=MEMBER), "costs 2.5 BAKE .* at most 2:")
    refused(
        shop("redeem", "sign", "BAKE", "--till", "till 1", "--offer", "croissant", by=MEMBER),
        "is not an address",
    )
    other = ("redeem", "sign", "BAKE", "--till", address(INTRUDER), "--offer", "croissant")
    refused(shop(*other, by=MEMBER), f"{address(INTRUDER)} is not listed as a till for BAKE")
    refused(
        shop(*sign, "--offer", "croissant", "--member", address(PARTNER), by=MEMBER), "not that of member"
    )
    refused(shop(*sign, "--offer", "croissant", "--save", "code.gif", by=MEMBER), r"end in \.png or \.svg")

    text = signed(shop, "--offer", "croissant")
    refused(shop("redeem", "take", text, by=PARTNER), "signed for till .*: have it signed for this till")
    refused(shop("redeem", "take", text[:-3], by=TILL), "damaged or cut off")
    refused(shop("redeem", "take", "https://bakery.example", by=TILL), "This is no redemption code")
    refused(shop("redeem", "take", "--image", "missing.png", by=TILL), "There is no file")
    refused(shop("redeem", "take", text, "--in-currency", by=TILL), "only shop credit at par is paid out")
    both = shop("redeem", "take", text, "--image", "phone.png", by=TILL)
    assert (both.code, "Give either the text of a code" in both.err) == (2, True)
    refused(shop("redeem", "till", "BAKE", address(INTRUDER), by=INTRUDER), "may not act as fulfil")
    refused(shop("redeem", "receipt", "BAKE", address(MEMBER), "0x12"), "is no nonce: give 0x and 64")
    assert (
        "is no longer a till for BAKE"
        in shop("redeem", "till", "BAKE", address(TILL), "--remove", by=MANAGER).out
    )
    refused(shop("redeem", "take", text, by=TILL), "not listed as a till")


def test_redeem__stale_or_too_late__says_what_to_do(shop: Do) -> None:
    text = signed(shop, "--offer", "croissant", "--minutes", "1")
    wait(120)
    refused(shop("redeem", "take", text, by=TILL), "was good until .*: have the member make a new one")
    assert shop("offers", "change", "BAKE", "croissant", "--price", "3", by=MANAGER).code == 0
    text = signed(shop, "--offer", "croissant", "--minutes", "59")
    wait(SHORTEST_NOTICE - 30 * 60)
    text = signed(shop, "--offer", "croissant", "--minutes", "59")
    wait(45 * 60)
    refused(
        shop("redeem", "take", text, by=TILL), "got worse since the member saw it .*show the member the new"
    )


def test_redeem__dry_run__signs_nothing(shop: Do) -> None:
    sign = ("redeem", "sign", "BAKE", "--till", address(TILL), "--offer", "croissant", "--dry-run")
    told = shop(*sign, by=address(MEMBER))
    assert (told.code, told.out) == (0, "")
    assert "1 of croissant for at most 2.5 BAKE" in told.err
    assert "Nothing was signed." in told.err
