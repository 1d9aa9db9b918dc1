"""`ape run groups` and `rights`: from the deal in a file to the coffee on the table, as people type it."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from commands import done, refused
from market import ARBITER, BRAND, DAY, FRIENDS, INTRUDER, MANAGER, MEMBER, PARTNER, Market, account, address
from shop import wait

from symbolon import alliance as alliance_module
from symbolon import standing
from symbolon.alliance import Alliance
from symbolon.anvil import Anvil
from symbolon.purchases import NoPermitError
from symbolon.tokens import Token

DEALS = """
rights:
  - name: host
    title: Host a coffee group
    price: 20
    supply: 5
groups:
  - name: coffee
    title: A kilo of house coffee
    tiers:
      - {seats: 2, price: 900}
      - {seats: 4, price: 700}
    most_seats: 5
    seat_limit: 2
    groups: 10
    lasts: 3 days
    cutoff: 12 hours
    deliver_in: 10 days
    stake: 10
    compensation: 2
    arbiter: ARBITER
  - name: crate
    title: A crate of wine
    tiers:
      - {seats: 1, price: {tokens: 100, money: 10}}
      - {seats: 3, price: {tokens: 80, money: 8}}
    most_seats: 3
    groups: 5
    lasts: 1 day
    cutoff: 6 hours
    deliver_in: 5 days
    arbiter: ARBITER
    right: host
"""


@pytest.fixture
def do(
    alliance: Alliance, chain: Anvil, token: Token, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Market:
    monkeypatch.setattr(alliance_module, "DEPLOYMENTS", tmp_path)
    monkeypatch.setattr(standing, "STATE", tmp_path / "local" / "chain.json")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "local").symlink_to(alliance.records.folder)
    return Market.open(alliance, chain, token, tmp_path)


@pytest.fixture
def cafe(do: Market) -> Market:
    """The same, with both deals published and 50 dollars behind the coffee."""
    done(do("groups", "publish", "BAKE", do.file(DEALS), "--yes", by=MANAGER))
    done(do("bond", "deposit", "BAKE", "compensation", "50", by=BRAND))
    done(
        do("groups", "fund", "BAKE", "coffee", "50", by=BRAND), "For compensations of coffee, 50 .* are free"
    )
    return do


def test_publish__shows_it_first__and_again_changes_nothing(do: Market) -> None:
    file = do.file(DEALS)
    told = done(do("groups", "publish", "BAKE", file, "--yes", by=MANAGER))
    assert re.search(
        r"deal coffee: 900 BAKE from 2, 700 BAKE from 4; at most 5, 2 a member, for 3 d, to leave until 12 h "
        r"before, opened at any time, delivered in 10 days, compensation 2 \S+ a unit, a dispute takes 10 %",
        told,
    ), told
    assert re.search(r"right host: 20 BAKE each, 5 in all", told), told
    assert told.index("To be published") < told.index("publishDeal") < told.index("Published: deal crate")
    again = done(do("groups", "publish", "BAKE", file, "--yes", by=MANAGER))
    assert "Nothing is left to be published." in again
    listed = json.loads(do("groups", "list", "BAKE", "--json").out)
    assert [each["name"] for each in listed] == ["coffee", "crate"]
    assert listed[1]["tiers"][0]["price"] == {"tokens": "100", "money": "10"}

    other = do.file(DEALS.replace("most_seats: 5", "most_seats: 6"), "other.yaml")
    refused(
        do("groups", "publish", "BAKE", other, "--yes", by=MANAGER),
        "The deal coffee is published with other conditions, which never change",
    )
    broken = do.file(DEALS.replace("seats: 4", "seats: 2").replace("lasts: 1 day", "lasts: soon"), "b.yaml")
    told_off = do("groups", "publish", "BAKE", broken, "--yes", by=MANAGER)
    refused(told_off, "b.yaml was not used and nothing was sent")
    assert "seats must rise from tier to tier: 2 follows 2" in told_off.err
    assert "line 29: lasts soon is no time" in told_off.err
    fresh = do.file(DEALS.replace("name: coffee", "name: tea"), "tea.yaml")
    refused(do("groups", "publish", "BAKE", fresh, "--yes", by=INTRUDER), "may not act as campaign")


def test_group__that_fills__from_the_link_to_the_warehouse(cafe: Market, tmp_path: Path) -> None:
    opened = done(cafe("groups", "join", "BAKE", "coffee", by=MEMBER))
    assert "coffee/1: 1 of 5 taken, no price reached, 1 more for 900 BAKE; open for" in opened
    assert cafe.held(MEMBER) == 1_100_00

    picture = tmp_path / "friends.png"
    shared = cafe(
        "groups", "link", "BAKE", "coffee/1", "--from", address(MEMBER), "--page", "https://shop.example/p",
        "--save", str(picture),
    )  # fmt: skip
    group_id = "0x" + b"coffee".ljust(28, b"\0").hex() + "00000001"
    assert shared.out == f"https://shop.example/p/#/group/{cafe.token.address}/{group_id}/{address(MEMBER)}\n"
    assert picture.stat().st_size > 200

    brought = ("--from", address(MEMBER))
    for friend, quantity in zip(FRIENDS[:2], ("1", "2"), strict=True):
        done(cafe("groups", "join", "BAKE", "coffee/1", "--quantity", quantity, *brought, by=friend))
    seen = done(cafe("groups", "watch", "BAKE"))
    assert "coffee/1: 4 of 5 taken, now 700 BAKE; open for" in seen
    refused(cafe("groups", "settle", "BAKE", "coffee/1", by=INTRUDER), r"coffee/1 is open until 20")
    present = done(
        cafe("groups", "join", "BAKE", "coffee/1", "--tier", "2", "--member", address(FRIENDS[2]), by=PARTNER)
    )
    assert "coffee/1: succeeded at" in present
    assert "5 at 700 BAKE" in present
    assert "seats are to be settled" in done(cafe("groups", "watch", "BAKE"))

    settled = done(cafe("groups", "settle", "BAKE", by=INTRUDER))
    assert settled.splitlines()[-1] == "4 seats settled, 0 left out."
    assert done(cafe("groups", "settle", "BAKE", by=INTRUDER)).endswith("0 seats settled, 0 left out.\n")
    assert cafe.held(MEMBER) == 1_300_00
    assert (cafe.held(FRIENDS[1]), cafe.held(PARTNER)) == (600_00, 1_300_00)
    assert done(cafe("groups", "watch", "BAKE")) == "No groups of BAKE are open.\n"

    packing = tmp_path / "warehouse.csv"
    assert cafe("groups", "orders", "BAKE", "--save", str(packing)).code == 0
    rows = {row["member"]: row for row in csv.DictReader(packing.open(encoding="utf-8"))}
    assert len(rows) == 4
    row = rows[address(FRIENDS[1])]
    assert row["order"] == f"coffee/1/{address(FRIENDS[1])}"
    assert (row["reference"], row["quantity"], row["amount"], row["money"]) == (
        address(MEMBER),
        "2",
        "1400",
        "0",
    )
    first = cafe("orders", "fulfil", "BAKE", "--file", str(packing), by=MANAGER)
    assert first.out.splitlines()[-1] == "4 delivered, 0 left out."
    again = cafe("orders", "fulfil", "BAKE", "--file", str(packing), by=MANAGER)
    assert again.out.splitlines()[-1] == "0 delivered, 0 left out."

    whose = f"coffee/1/{address(MEMBER)}"
    done(cafe("disputes", "raise", "BAKE", whose, by=MEMBER), "disputed until")
    assert cafe.held(MEMBER) == 1_300_00 - 70_00
    done(
        cafe("disputes", "decide", "BAKE", whose, "--refund", "350", "--compensation", "1", by=ARBITER),
        "decided",
    )
    assert cafe.held(MEMBER) == 1_300_00 + 350_00
    wait(14 * DAY + 60)
    assert done(cafe("orders", "finish", "BAKE", by=INTRUDER)).splitlines()[-1] == "3 fulfilled, 0 left out."


def test_group__that_fails__gives_everything_back(cafe: Market) -> None:
    done(cafe("groups", "join", "BAKE", "coffee", "--tier", "2", by=MEMBER))
    refused(cafe("groups", "leave", "BAKE", "coffee/1", by=INTRUDER), "has no seat in coffee/1 that waits")
    told = done(cafe("groups", "join", "BAKE", "coffee/1", by=FRIENDS[0]))
    assert "2 of 5 taken, no price reached, 1 more for 900 BAKE" in told
    assert "900 BAKE came back." in done(cafe("groups", "leave", "BAKE", "coffee/1", by=FRIENDS[0]))
    wait(3 * DAY - DAY // 2)
    refused(cafe("groups", "leave", "BAKE", "coffee/1", by=MEMBER), "One could leave until 20")
    wait(DAY // 2)
    closed = done(cafe("groups", "close", "BAKE", by=INTRUDER))
    assert "coffee/1: failed at" in closed
    assert closed.endswith("1 closed.\n")
    assert done(cafe("groups", "close", "BAKE", by=INTRUDER)) == "0 closed.\n"
    refused(cafe("groups", "join", "BAKE", "coffee/1", by=FRIENDS[0]), "ended at 20.*: join or open another")
    assert done(cafe("groups", "settle", "BAKE", "coffee/1", by=INTRUDER)).endswith(
        "1 seats settled, 0 left out.\n"
    )
    assert (cafe.held(MEMBER), cafe.held(FRIENDS[0])) == (2_000_00, 2_000_00)


def test_group__of_a_mixed_price__takes_a_right_and_pays_out(cafe: Market) -> None:
    refused(cafe("groups", "open", "BAKE", "crate", by=MEMBER), "buy one, or have one given to it")
    told = done(cafe("rights", "buy", "BAKE", "host", "--quantity", "2", by=MEMBER))
    assert told.endswith(f"{address(MEMBER)} has 2 of host.\n")
    assert cafe.held(MEMBER) == 1_960_00
    done(
        cafe("rights", "give", "BAKE", "host", address(PARTNER), by=MEMBER),
        f"{address(PARTNER)} has 1 of host",
    )
    done(cafe("rights", "grant", "BAKE", "host", address(FRIENDS[0]), by=MANAGER), "2 are left")
    assert "host: 20 BAKE each, 5 in all; 2 left; 1 held" in done(
        cafe("rights", "list", "BAKE", "--holder", address(PARTNER))
    )
    done(cafe("groups", "open", "BAKE", "crate", by=MEMBER), "crate/1: 0 of 3 taken, no price reached")
    for member in (MEMBER, *FRIENDS[:2]):
        done(cafe("groups", "join", "BAKE", "crate/1", by=member))
    assert (cafe.held(MEMBER), cafe.money(MEMBER)) == (1_860_00, 90_000_000)
    shown = done(cafe("groups", "show", "BAKE", "crate/1"))
    assert re.search(r"crate/1: succeeded at .* 3 at 80 BAKE \+ 8 \S+", shown), shown
    done(cafe("groups", "settle", "BAKE", by=INTRUDER))
    assert (cafe.held(MEMBER), cafe.money(MEMBER)) == (1_880_00, 90_000_000)
    paid = done(cafe("groups", "collect", "BAKE", "--all", by=INTRUDER))
    assert paid.endswith("3 paid.\n")
    assert cafe.money(MEMBER) == 92_000_000
    assert done(cafe("groups", "collect", "BAKE", "--all", by=INTRUDER)) == "0 paid.\n"

    assert "There is no money" in done(cafe("groups", "payout", "BAKE", by=BRAND))
    for member in (MEMBER, *FRIENDS[:2]):
        done(cafe("orders", "confirm", "BAKE", f"crate/1/{address(member)}", by=member), "80 BAKE \\+ 8")
    before = cafe.money(BRAND)
    done(cafe("groups", "payout", "BAKE", by=BRAND), r"24 \S+ went to ")
    assert cafe.money(BRAND) == before + 24_000_000


def test_join__that_would_be_refused__sends_nothing_not_even_an_approval(cafe: Market) -> None:
    done(cafe("rights", "buy", "BAKE", "host", by=MEMBER))
    done(cafe("groups", "open", "BAKE", "crate", by=MEMBER))
    refused(
        cafe("groups", "join", "BAKE", "crate/1", by=INTRUDER), "holds 0 BAKE and 100 are to be paid: get the"
    )
    refused(
        cafe("groups", "join", "BAKE", "crate/1", "--quantity", "2", by=MEMBER),
        "A member takes 1 to 1 of crate, not 2.",
    )
    for who in (INTRUDER, MEMBER):
        assert cafe.token.currency.allowance(address(who), cafe.alliance.groups.contract) == 0
    refused(
        cafe("groups", "join", "BAKE", "cake", by=MEMBER), "no deal cake here: look with `ape run groups list"
    )


def test_settle__many_seats_of_many_groups__takes_few_transactions(
    cafe: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("symbolon.fulfilment.BATCH", 4)
    for number in (1, 2):
        done(cafe("groups", "open", "BAKE", "coffee", by=MEMBER))
        for friend in FRIENDS[:3]:
            wish = cafe.alliance.groups.wish(cafe.token, f"coffee/{number}", member=address(friend))
            cafe.alliance.groups.join(wish, sender=account(friend))
    wait(3 * DAY)
    told = done(cafe("groups", "settle", "BAKE", by=INTRUDER))
    assert told.count("GroupPurchaseEscrow.settle") == 2
    assert told.endswith("6 seats settled, 0 left out.\n")


def test_join__signed_by_the_member__is_sent_by_anybody(cafe: Market) -> None:
    groups, anybody = cafe.alliance.groups, account(INTRUDER)
    wish = groups.wish(cafe.token, "coffee", 2, member=account(MEMBER), referrer=address(PARTNER))
    seat = groups.submit(groups.sign(wish, account(MEMBER), account(MEMBER)), sender=anybody)
    assert (seat.member, seat.quantity, seat.deposit) == (address(MEMBER), 2, 1_800_00)
    assert (seat.referrer, seat.compensation) == (address(PARTNER), 4_000_000)
    assert cafe.held(MEMBER) == 200_00
    spend, signature = groups.sign_leaving(seat, account(MEMBER))
    groups.leave_signed(seat, spend, signature, sender=anybody)
    assert cafe.held(MEMBER) == 2_000_00

    rights = cafe.alliance.rights
    rights.submit(
        rights.sign(cafe.token, "host", member=account(MEMBER), signer=account(MEMBER)), sender=anybody
    )
    mixed = groups.wish(cafe.token, "crate", member=account(MEMBER))
    with pytest.raises(NoPermitError, match="approve 10 MUSD for"):  # the local currency has none
        groups.sign(mixed, account(MEMBER), account(MEMBER))
    cafe.token.currency.make_ready(10_000_000, groups.contract, sender=account(MEMBER))
    seat = groups.submit(groups.sign(mixed, account(MEMBER), account(MEMBER)), sender=anybody)
    assert (cafe.held(MEMBER), cafe.money(MEMBER)) == (2_000_00 - 20_00 - 100_00, 90_000_000)
