"""`ape run referral`, `campaign` and `consent`, as people type them."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
import zxingcpp
from ape import accounts
from commands import Do, Outcome, ape_run, done, refused, run
from PIL import Image
from shop import wait

from symbolon import alliance as alliance_module
from symbolon import calls, standing
from symbolon.alliance import Alliance
from symbolon.anvil import Anvil
from symbolon.brands import Roles
from symbolon.codes import label_bytes
from symbolon.referral_links import ReferralLink
from symbolon.reward_files import read_vouchers
from symbolon.tokens import Token
from symbolon.vouchers import Purchase, review_action

BRAND, MANAGER, REFERRER, FRIEND, INTRUDER, SHOP = (f"TEST::{number}" for number in (1, 2, 3, 4, 5, 7))
DAY = 86_400


def address(account: str) -> str:
    return str(accounts.test_accounts[int(account.removeprefix("TEST::"))].address)


def member(number: int) -> str:
    """Somebody whom the shop does not know yet."""
    return address(f"TEST::{10 + number}")


@pytest.fixture
def do(alliance: Alliance, chain: Anvil, token: Token, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Do:
    """Runs a command where the bakery has a manager, and documents to show."""
    monkeypatch.setattr(alliance_module, "DEPLOYMENTS", tmp_path)
    monkeypatch.setattr(standing, "STATE", tmp_path / "local" / "chain.json")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "local").symlink_to(alliance.records.folder)
    (tmp_path / "plain.txt").write_text("In plain words.")
    token.brand.set_manager(
        accounts.test_accounts[2], Roles.FULFIL | Roles.CAMPAIGN, sender=accounts.test_accounts[1]
    )

    def command(name: str, *arguments: str, by: str = "") -> Outcome:
        signer = ("--account", by) if by else ()
        return run(name, *arguments, "--network", f"ethereum:local:{chain.url}", *signer)

    return command


# ---- referrals


def start(do: Do, *more: str) -> str:
    settings = ("--cap", "50", "--until", "2199-01-01", "--document", "plain.txt", *more)
    told = done(do("referral", "create", "BAKE", "--first", "5", "--second", "2.5", *settings, by=MANAGER))
    done(do("referral", "fund", "BAKE", "100", by=BRAND), "100 BAKE are there")
    return told


def test_referral__from_the_link_to_the_statement(do: Do, tmp_path: Path, token: Token) -> None:
    told = start(do, "--count", "purchase", "--attester", address(SHOP), "--vesting-days", "14")
    assert [line.partition(":")[0].strip() for line in told.splitlines()[1:]] == [
        "Programme 1 of BAKE",
        "pays",
        "counts",
        "window",
        "member counts",
        "paid after",
        "one referrer",
        "budget left",
        "attester",
        "Rewards themselves do not count",
    ]
    assert re.search(r"pays: +5 % to who brought the member, 2.5 % to who brought that one", told)
    picture = tmp_path / "link.png"
    page = "https://bakery.example/join"
    link = done(do("referral", "link", "BAKE", "--page", page, "--save", str(picture), by=REFERRER)).strip()
    assert link.startswith(f"{page}#refer?")
    assert ReferralLink.decode(link).referrer == address(REFERRER)
    (seen,) = zxingcpp.read_barcodes(Image.open(picture))
    assert seen.text == link
    done(do("referral", "bind", link, by=FRIEND), f"was brought to BAKE by {address(REFERRER)}")
    refused(do("referral", "bind", link, by=FRIEND), "is bound to .*, for good")
    refused(
        do("referral", "link", "BAKE", "--until", "2020-01-01", by=REFERRER), "which is over: name a later"
    )

    purchases = tmp_path / "purchases.csv"
    rows = [f"{address(FRIEND)},A-1,20,", f"{address(FRIEND)},A-2,10,", f"{address(INTRUDER)},A-3,5,"]
    now = token.contract.provider.get_block("latest").timestamp
    purchases.write_text(
        "\n".join(["member,reference,amount,purchased_at", *(f"{row}{now}" for row in rows)])
    )
    first = do("referral", "accrue", "BAKE", "--file", str(purchases), by=SHOP)
    assert done(first).splitlines()[-1] == "2 accrued, 0 left out."
    assert "1 of members whom nobody brought" in first.err
    again = do("referral", "accrue", "BAKE", "--file", str(purchases), by=SHOP)
    assert done(again).splitlines()[-1] == "0 accrued, 0 left out."
    assert "2 that accrued already" in again.err

    refused(
        do("referral", "undo", "BAKE", address(FRIEND), "A-9", "--reason", "returned", by=MANAGER),
        "Event A-9 is not accrued",
    )
    undone = ("referral", "undo", "BAKE", address(FRIEND), "A-2", "--reason", "returned")
    done(do(*undone, by=MANAGER), "Nothing is paid for A-2")
    assert "0 claimed" in done(do("referral", "claim", "BAKE", by=INTRUDER))
    wait(14 * DAY + 60)
    assert "1 claimed" in done(do("referral", "claim", "BAKE", by=INTRUDER))
    assert token.balance_of(address(REFERRER)) == 1_00
    shown = json.loads(done(do("referral", "show", "BAKE", address(REFERRER), "--json")))
    assert (shown["brought"], shown["paid"], shown["waiting"]) == ([address(FRIEND)], "1", "0")

    statement, page_file = tmp_path / "statement.csv", tmp_path / "statement.html"
    done(do("referral", "statement", "BAKE", "--save", str(statement), "--page", str(page_file)))
    listed = list(csv.DictReader(statement.open(encoding="utf-8")))
    assert [(row["event"], row["state"], row["paid first"]) for row in listed] == [
        ("A-1", "claimed", "1"),
        ("A-2", "undone", "0"),
    ]
    assert "<td>99 BAKE</td>" in page_file.read_text()


def test_referral__purchase_that_a_shop_signed__anybody_hands_in(
    do: Do, tmp_path: Path, token: Token, alliance: Alliance
) -> None:
    start(do, "--count", "purchase", "--attester", address(SHOP))
    done(do("referral", "bind", done(do("referral", "link", "BAKE", by=REFERRER)).strip(), by=FRIEND))
    now, shop = calls.now(), accounts.test_accounts[7]
    bought = Purchase(token.address, address(FRIEND), label_bytes("W-1"), 12_50, now, now + DAY)
    domain = alliance.referrals.domain
    (tmp_path / "w.json").write_text(json.dumps(bought.to_json(bought.sign(domain, shop))))
    signed = ("referral", "accrue", "BAKE", "--signed", "w.json")
    assert "1 accrued, 0 left out" in done(do(*signed, by=INTRUDER))
    again = do(*signed, by=INTRUDER)
    assert "0 accrued, 0 left out" in done(again)
    assert "1 that accrued already" in again.err
    (tmp_path / "w.json").write_text("[]")
    refused(do(*signed, by=INTRUDER), "w.json is no JSON object")
    (tmp_path / "w.json").write_text("{}")
    refused(do(*signed, by=INTRUDER), "This is no signed purchase, or not the whole of one")


def test_referral__purchase_since_the_last_block__accrues_at_once(
    do: Do, chain: Anvil, tmp_path: Path, token: Token
) -> None:
    start(do, "--count", "purchase", "--attester", address(SHOP))
    done(do("referral", "bind", done(do("referral", "link", "BAKE", by=REFERRER)).strip(), by=FRIEND))
    chain.rpc("evm_increaseTime", 3600)  # and nobody makes a block
    row = f"{address(FRIEND)},A-1,20,{calls.now() - 60}"
    (tmp_path / "p.csv").write_text(f"member,reference,amount,purchased_at\n{row}\n")
    assert "1 accrued, 0 left out" in done(do("referral", "accrue", "BAKE", "--file", "p.csv", by=SHOP))


def test_referral__rewards_that_count_again__are_summed(do: Do) -> None:
    told = start(do, "--count", "counter,order")
    assert "an amount leads to at most 8.11% of it" in told  # 0.075 / (1 - 0.075)
    done(do("referral", "end", "BAKE", by=MANAGER), "counts what is bought before 20")
    refused(do("referral", "return", "BAKE", by=MANAGER), "That can be done from 20")
    refused(
        do("referral", "attester", "BAKE", address(SHOP), by=MANAGER), "does not count purchases in the shop"
    )


def test_referral__what_people_get_wrong__is_told(do: Do, tmp_path: Path) -> None:
    refused(do("referral", "fund", "BAKE", "5", by=BRAND), "BAKE has no referral programme")
    settings = ("--cap", "50", "--until", "2199-01-01", "--document", "plain.txt")
    half = ("referral", "create", "BAKE", "--first", "50", "--count", "counter", *settings)
    refused(do(*half, by=MANAGER), "below a half where spending of tokens counts")
    sale = ("referral", "create", "BAKE", "--first", "5", "--count", "sale", *settings)
    refused(do(*sale, by=MANAGER), "'sale' is no list of what counts")
    share = ("referral", "create", "BAKE", "--first", "0.001", "--count", "counter", *settings)
    refused(do(*share, by=MANAGER), "'0.001' is no share: write a percentage")
    refused(do("referral", "bind", "https://bakery.example/join", by=FRIEND), "This is no referral link")
    start(do, "--count", "purchase", "--attester", address(SHOP))
    wrong = tmp_path / "wrong.csv"
    lines = ["member,reference,amount,purchased_at", f"{address(FRIEND)},A-1,1,2027-01-01", "0x12,A-2,x,soon"]
    wrong.write_text("\n".join([*lines, lines[1]]))
    told = do("referral", "accrue", "BAKE", "--file", str(wrong), by=SHOP)
    refused(told, r"line 3: address 0x12 has 2 hex digits")
    assert "line 4: purchase A-1 of" in told.err


# ---- campaigns


def open_campaign(do: Do, *more: str) -> None:
    settings = ("--reward", "2", "--until", "2199-01-01", "--document", "plain.txt", *more)
    done(
        do("campaign", "create", "BAKE", "spring", "--kind", "visit", *settings, by=MANAGER), "spring: 2 BAKE"
    )


def actions(path: Path, *rows: str) -> str:
    path.write_text("\n".join(["member,action", *rows]))
    return str(path)


def test_campaign__vouchers_from_a_file__are_paid_once(do: Do, tmp_path: Path, token: Token) -> None:
    open_campaign(do, "--member-cap", "3")
    done(
        do("campaign", "fund", "BAKE", "spring", "100", "--attester", address(SHOP), by=BRAND),
        "100 BAKE of 100 BAKE left",
    )
    rows = [f"{member(number)},visit {day}" for number in range(3) for day in (1, 2)]
    register = tmp_path / "vouchers.csv"
    issue = (
        "campaign",
        "issue",
        "BAKE",
        "spring",
        actions(tmp_path / "actions.csv", *rows[:4]),
        "--register",
        str(register),
    )
    assert "4 vouchers to issue" in done(do(*issue, by=SHOP))
    actions(tmp_path / "actions.csv", *rows)
    assert "2 vouchers to issue; 4 of the file had one before" in done(do(*issue, by=SHOP))
    before = register.read_bytes()
    assert "0 vouchers to issue" in done(do(*issue, by=SHOP))
    assert register.read_bytes() == before

    assert "6 paid, 0 left out" in done(do("campaign", "pay", str(register), by=INTRUDER))
    again = do("campaign", "pay", str(register), by=INTRUDER)
    assert "0 paid, 0 left out" in done(again)
    assert "6 that were paid before" in again.err
    register.unlink()  # what was paid is on chain
    assert "0 vouchers to issue; 6 of the file had one before" in done(do(*issue, by=SHOP))
    assert [token.balance_of(member(number)) for number in range(3)] == [4_00] * 3

    save, page = tmp_path / "spring.csv", tmp_path / "spring.html"
    told = done(
        do("campaign", "close", "BAKE", "spring", "--save", str(save), "--page", str(page), by=MANAGER)
    )
    assert "paid: 12 BAKE" in told
    assert len(list(csv.DictReader(save.open(encoding="utf-8")))) == 6
    assert "campaign spring" in page.read_text()
    early = do("campaign", "return", "BAKE", "spring", by=MANAGER)
    assert "pays until 20" in early.err
    wait(31 * DAY)
    done(do("campaign", "return", "BAKE", "spring", by=MANAGER), "88 BAKE of .* are capacity again")


def test_campaign__voucher_that_a_shop_answered__is_paid(
    do: Do, chain: Anvil, tmp_path: Path, token: Token
) -> None:
    open_campaign(do)
    done(do("campaign", "fund", "BAKE", "spring", "10", "--attester", address(SHOP), by=BRAND))
    register = tmp_path / "vouchers.csv"
    listed = actions(tmp_path / "actions.csv", f"{member(0)},visit")
    done(do("campaign", "issue", "BAKE", "spring", listed, "--register", str(register), by=SHOP))
    (signed,) = read_vouchers(register)
    voucher = tmp_path / "voucher.json"
    voucher.write_text(json.dumps(signed.to_json()))
    noted = tmp_path / "local" / "chain.json"
    noted.write_text(json.dumps({"pid": chain.pid, "url": chain.url}))
    try:  # as a person does: in a process that has asked the node nothing yet
        pay = ("campaign", "pay", str(voucher), str(register), "--account", INTRUDER)
        assert "1 paid" in done(ape_run(*pay, SYMBOLON_DEPLOYMENTS=str(tmp_path)))
    finally:
        noted.unlink()
    assert "1 that were paid before" in do("campaign", "pay", str(voucher), by=INTRUDER).err
    assert token.balance_of(member(0)) == 2_00
    done(do("campaign", "close", "BAKE", "spring", by=MANAGER))
    wait(31 * DAY)  # now it is too late for it as well, which is no news of a voucher that was paid
    assert "0 paid, 0 left out" in done(do("campaign", "pay", str(voucher), by=INTRUDER))
    voucher.write_text('{"error": "That was too quick."}')
    refused(do("campaign", "pay", str(voucher), by=INTRUDER), "This is no voucher, or not the whole of one")


def test_campaign__rotation__voids_nothing_that_was_earned(do: Do, tmp_path: Path) -> None:
    open_campaign(do)
    done(do("campaign", "fund", "BAKE", "spring", "10", "--attester", address(SHOP), by=BRAND))
    register = tmp_path / "vouchers.csv"
    listed = actions(tmp_path / "actions.csv", f"{member(0)},visit")
    issue = ("campaign", "issue", "BAKE", "spring", listed, "--register", str(register))
    refused(
        do(*issue, by=INTRUDER), f"{address(INTRUDER)} attests nothing for spring, so nobody would be paid"
    )
    done(do(*issue, by=SHOP))
    rotated = (
        "campaign",
        "attester",
        "BAKE",
        "spring",
        address(SHOP),
        "--by",
        address(INTRUDER),
        "--amount",
        "5",
    )
    done(do(*rotated, by=BRAND), "retired, pays until 20")
    assert "1 paid" in done(do("campaign", "pay", str(register), by=INTRUDER))
    actions(tmp_path / "actions.csv", *(f"{member(number)},visit" for number in range(3)))
    assert "2 vouchers to issue" in done(do(*issue, by=SHOP))  # and they are left lying until it is over
    wait(31 * DAY)
    refused(do("campaign", "pay", str(register), by=INTRUDER), "no longer, an attester: have it issued again")
    told = done(do(*issue, by=INTRUDER))
    assert "2 vouchers to issue; 1 of the file had one before" in told
    assert "vouchers.csv has 3 vouchers" in told
    assert "2 paid" in done(do("campaign", "pay", str(register), by=INTRUDER))
    (shown,) = json.loads(done(do("campaign", "show", "BAKE", "spring", "--json")))
    assert [each["left"] for each in shown["attesters"]] == ["8", "1"]


def test_campaign__list__members_bring_their_proofs(do: Do, tmp_path: Path, token: Token) -> None:
    open_campaign(do)
    listed = actions(tmp_path / "actions.csv", *(f"{member(number)},visit" for number in range(5)))
    folder = tmp_path / "proofs"
    root = done(do("campaign", "list", "BAKE", "spring", listed, "--save", str(folder))).strip()
    assert json.loads((folder / "list.json").read_bytes())["root"] == root
    done(do("campaign", "fund", "BAKE", "spring", "10", "--attester", root, by=BRAND), root)
    proofs = folder / f"{member(3).lower()}.json"
    done(do("campaign", "claim", str(proofs), by=INTRUDER), "2 BAKE paid")
    assert "was paid before" in do("campaign", "claim", str(proofs), by=INTRUDER).err
    assert token.balance_of(member(3)) == 2_00
    refused(do("campaign", "claim", listed, by=INTRUDER), "is no member's file of a list")


def test_campaign__review__is_paid_with_its_receipt(do: Do, tmp_path: Path, token: Token) -> None:
    create = ("offers", "create", "BAKE", "tart", "--price", "3", "--stock", "9", "--document", "plain.txt")
    done(do(*create, by=MANAGER))
    done(do("redeem", "till", "BAKE", address(SHOP), by=MANAGER))
    token.mint(address(FRIEND), 10_00, sender=accounts.test_accounts[2])
    code = do("redeem", "sign", "BAKE", "--till", address(SHOP), "--offer", "tart", by=FRIEND)
    done(do("redeem", "take", done(code).strip(), by=SHOP))
    told = done(do("redeem", "receipt", "BAKE", address(FRIEND)))
    nonce = re.findall(r"0x[0-9a-f]{64}", told)[0]

    settings = ("--reward", "2", "--until", "2199-01-01", "--document", "plain.txt", "--kind", "review")
    done(do("campaign", "create", "BAKE", "words", *settings, by=MANAGER))
    done(do("campaign", "fund", "BAKE", "words", "10", "--attester", address(SHOP), by=BRAND))
    (tmp_path / "review.txt").write_text("Gone in a minute.")
    register = str(tmp_path / "reviews.csv")
    action = "0x" + review_action(label_bytes("tart"), "Gone in a minute.").hex()
    listed = actions(tmp_path / "actions.csv", f"{address(FRIEND)},{action}")
    done(do("campaign", "issue", "BAKE", "words", listed, "--register", register, by=SHOP))
    left = do("campaign", "pay", register, by=INTRUDER)
    refused(left, "has to be claimed with the receipt")
    review = ("campaign", "review", register, "--member", address(FRIEND), "--text", "review.txt")
    refused(do(*review, "--receipt", "0x" + "00" * 32, by=INTRUDER), "has no receipt 0x00")
    done(do(*review, "--receipt", nonce, by=INTRUDER), "was paid")
    refused(do(*review, "--receipt", nonce, by=INTRUDER), "has been used for a review")
    (tmp_path / "review.txt").write_text("Never again.")
    refused(do(*review, "--receipt", nonce, by=INTRUDER), "No voucher of .* is for this text")
    assert token.balance_of(address(FRIEND)) == 9_00


def test_campaign__what_people_get_wrong__is_told_by_line(do: Do, tmp_path: Path) -> None:
    open_campaign(do)
    issue = ("campaign", "issue", "BAKE", "spring", str(tmp_path / "a.csv"), "--register", "v.csv")
    (tmp_path / "a.csv").write_text("wallet,action\n")
    refused(do(*issue, by=SHOP), "line 1: column member is missing: the columns are member, action")
    refused(
        do("campaign", "fund", "BAKE", "spring", "99999999", "--attester", address(SHOP), by=BRAND),
        r"99999999 BAKE of quota were asked for and the token's capacity leaves \d+ BAKE",
    )
    mistyped = member(0)[:-1] + ("0" if member(0)[-1] != "0" else "1")
    actions(
        tmp_path / "a.csv", f"{member(0)},visit", f"{member(0)},visit", f"{mistyped},visit", f"{member(1)},"
    )
    told = do(*issue, by=SHOP)
    refused(told, "line 3: .* did 'visit' on line 2 already")
    assert re.search("line 4: address .* has a wrong checksum", told.err)
    assert re.search("line 5: The action is missing", told.err)
    assert not (tmp_path / "v.csv").exists()
    refused(do("campaign", "show", "BAKE", "autumn"), "BAKE has no campaign autumn")


def test_campaign__report__tells_what_wallets_have_in_common(do: Do, tmp_path: Path, token: Token) -> None:
    open_campaign(do)
    done(do("campaign", "fund", "BAKE", "spring", "100", "--attester", address(SHOP), by=BRAND))
    listed = actions(tmp_path / "actions.csv", *(f"{member(number)},visit" for number in range(6)))
    register = str(tmp_path / "vouchers.csv")
    done(do("campaign", "issue", "BAKE", "spring", listed, "--register", register, by=SHOP))
    unpaid = do("campaign", "report", "BAKE", "spring", "--actions", listed)
    assert done(unpaid).startswith("spring has paid nobody yet, so there is nothing to judge")
    done(do("campaign", "pay", register, by=INTRUDER))
    assert "0 clusters among 6 members" in done(do("campaign", "report", "BAKE", "spring"))
    for number in range(4):
        token.transfer(address(INTRUDER), 2_00, sender=accounts.test_accounts[10 + number])
    told = done(do("campaign", "report", "BAKE", "spring"))
    assert f"4 of them sent on to {address(INTRUDER)} what they held" in told
    assert "1 cluster among 6 members; they got 8 BAKE of 12 BAKE" in told
    funding = tmp_path / "funding.csv"
    funding.write_text(
        "\n".join(["account,source", *(f"{member(number)},{address(SHOP)}" for number in (3, 4, 5))])
    )
    (cluster,) = json.loads(
        done(do("campaign", "report", "BAKE", "spring", "--funding", str(funding), "--json"))
    )
    assert set(cluster["wallets"]) == {member(number) for number in range(6)}
    exempt = ("--ordinary", address(INTRUDER), "--ordinary", address(SHOP))
    assert "0 clusters" in done(
        do("campaign", "report", "BAKE", "spring", "--funding", str(funding), *exempt)
    )


# ---- consent


def test_consent_key__nobody_to_type_a_passphrase__is_one_sentence(
    do: Do, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SYMBOLON_DATA_PASSPHRASE", raising=False)
    outcome = run("consent", "key", "data.pem")
    refused(outcome, "run it in a terminal, or set SYMBOLON_DATA_PASSPHRASE")
    assert outcome.err.count("\n") == 1
    assert not (tmp_path / "data.pem").exists()


def test_consent__from_asking_to_revoking(
    do: Do, tmp_path: Path, token: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYMBOLON_DATA_PASSPHRASE", "correct horse")
    public = done(run("consent", "key", "data.pem")).strip()
    refused(run("consent", "key", "data.pem"), "is there already")
    words = ("--fields", "birthday, postcode", "--purpose", "A card on your birthday.")
    asked = ("consent", "ask", "BAKE", *words, "--price", "3", "--until", "2199-01-01", "--key")
    for key in ("0x1234", public[:-2], "key", "0x" + "00" * 38):
        refused(do(*asked, key, by=MANAGER), f"'{key}' is no public key: take what `ape run consent key`")
    request = (
        done(do(*asked, public, "--attester", address(SHOP), by=MANAGER)).splitlines()[-1].partition(":")[0]
    )
    short = request[:10]
    done(do("consent", "fund", "BAKE", short, "9", by=BRAND), "9 BAKE are there")

    refused(do("consent", "grant", "BAKE", short, by=FRIEND), "over exactly this|was good until")
    word = done(do("consent", "attest", "BAKE", short, address(FRIEND), by=SHOP)).strip()
    (tmp_path / "me.txt").write_text("1990-03-01, 1010")
    sealing = ("--data", "me.txt", "--save", "for-the-bakery.bin")
    done(
        do("consent", "grant", "BAKE", short, "--word", word, *sealing, by=FRIEND),
        "for-the-bakery.bin is for the brand",
    )
    again = do("consent", "grant", "BAKE", short, by=FRIEND)
    assert done(again).startswith(f"{address(FRIEND)} lets BAKE have")
    assert "It was granted before, so nothing is paid again." in again.err
    assert token.balance_of(address(FRIEND)) == 3_00
    assert b"1990" not in (tmp_path / "for-the-bakery.bin").read_bytes()

    came = ("consent", "acknowledge", "BAKE", short)
    opening = ("for-the-bakery.bin", "--key", "data.pem", "--save", "opened.txt")
    refused(do(*came, address(INTRUDER), *opening, by=MANAGER), "does not open with this key")
    done(do(*came, address(FRIEND), *opening, by=MANAGER), "is on record")
    assert (tmp_path / "opened.txt").read_text() == "1990-03-01, 1010"
    assert [(tmp_path / name).stat().st_mode & 0o077 for name in ("opened.txt", "data.pem")] == [0, 0]

    done(do("consent", "revoke", "BAKE", short, by=FRIEND), "must not use the data")
    refused(do(*came, address(FRIEND), *opening, by=MANAGER), "revoked, for good")
    done(do("consent", "close", "BAKE", short, by=MANAGER))
    done(do("consent", "return", "BAKE", short, by=MANAGER), "6 BAKE are capacity again")
    (listed,) = json.loads(done(do("consent", "list", "BAKE", "--json")))
    (granted,) = listed["grants"]
    assert (listed["fields"], listed["purpose"], granted["member"], granted["paid"]) == (
        "birthday, postcode",
        "A card on your birthday.",
        address(FRIEND),
        "3",
    )
    assert granted["revokedAt"] > granted["grantedAt"]
    assert re.search(
        r"revoked 20.*; got 3 BAKE; the brand has 0x", done(do("consent", "list", "BAKE", short))
    )
