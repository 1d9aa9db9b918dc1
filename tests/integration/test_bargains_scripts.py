"""`ape run bargains`: haggling and cuts, from the listing in a file to the order, as people type it."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from commands import done, refused
from market import (
    BRAND,
    DAY,
    FRIENDS,
    INTRUDER,
    MANAGER,
    MEMBER,
    OPERATOR,
    PARTNER,
    Market,
    account,
    address,
)
from shop import wait

from symbolon import alliance as alliance_module
from symbolon import standing
from symbolon.alliance import Alliance
from symbolon.anvil import Anvil
from symbolon.deployment import List
from symbolon.tokens import Token
from symbolon.units import format_amount, parse_amount

ATTESTER = PARTNER
LISTINGS = """
rights:
  - {name: cutter, title: Have friends cut a price, price: 10, supply: 5}
bargains:
  - name: lamp
    kind: haggle
    title: A brass lamp
    price: {tokens: 800, money: 8}
    floor: {tokens: 500, money: 5}
    stock: 3
    lasts: 2 days
    deliver_in: 10 days
    stake: 10
    arbiter: ARBITER
  - name: chair
    kind: cut
    title: An armchair
    price: 1000
    floor: 700
    cuts: 3
    least_cut: 50
    attester: ATTESTER
    stock: 3
    lasts: 2 days
    deliver_in: 10 days
    arbiter: ARBITER
    right: cutter
"""


@pytest.fixture
def fair(
    alliance: Alliance, chain: Anvil, token: Token, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Market:
    """The bakery, with a lamp to haggle over and an armchair whose price friends cut."""
    monkeypatch.setattr(alliance_module, "DEPLOYMENTS", tmp_path)
    monkeypatch.setattr(standing, "STATE", tmp_path / "local" / "chain.json")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "local").symlink_to(alliance.records.folder)
    do = Market.open(alliance, chain, token, tmp_path)
    alliance.set_listed(List.ATTESTER, address(ATTESTER), True, sender=account(OPERATOR))
    listings = do.file(LISTINGS.replace("ATTESTER", f'"{address(ATTESTER)}"'))
    told = done(do("bargains", "publish", "BAKE", listings, "--yes", by=MANAGER))
    assert (
        "bargain lamp: haggle from 800 BAKE + 8 MUSD down to 500 BAKE + 5 MUSD; 3 in all, each for 2 d"
        in told
    )
    assert "bargain chair: 3 friends cut it from 1000 BAKE to 700 BAKE" in told
    again = done(do("bargains", "publish", "BAKE", listings, "--yes", by=MANAGER))
    assert "Nothing is left to be published." in again
    return do


def test_publish__one_of_two_would_be_refused__publishes_neither(fair: Market) -> None:
    again = LISTINGS.replace("lamp", "stool").replace("chair", "bench").replace("cutter", "carver")
    stranger = again.replace("ATTESTER", f'"{address(INTRUDER)}"')
    refused(
        fair("bargains", "publish", "BAKE", fair.file(stranger), "--yes", by=MANAGER),
        "does not list 0x.* attester",
    )
    assert "stool" not in done(fair("bargains", "list", "BAKE"))
    assert "carver" not in done(fair("rights", "list", "BAKE"))


def test_haggle__from_the_deposit_to_the_order(fair: Market, tmp_path: Path) -> None:
    lamp = f"lamp/{address(MEMBER)}"
    opened = done(fair("bargains", "haggle", "BAKE", "lamp", "700", by=MEMBER))
    assert f"{lamp}: open, deposit 700 BAKE + 7 MUSD, until 20" in opened
    assert (fair.held(MEMBER), fair.money(MEMBER)) == (1_300_00, 93_000_000)

    bid, offer = str(tmp_path / "bid.json"), str(tmp_path / "offer.json")
    done(fair("bargains", "bid", "BAKE", lamp, "550", "--save", bid, by=MEMBER))
    assert "550 BAKE + 5.5 MUSD for lamp" in done(fair("bargains", "read", "BAKE", lamp, "--bid", bid))
    done(fair("bargains", "offer", "BAKE", lamp, "650", "--save", offer, by=MANAGER))
    done(fair("bargains", "read", "BAKE", lamp, "--offer", offer), "650 BAKE")
    refused(
        fair("bargains", "read", "BAKE", lamp, "--bid", offer), "is a signed offer and a signed bid is needed"
    )

    done(fair("bargains", "revoke", "BAKE", lamp, by=MEMBER))
    refused(fair("bargains", "strike", "BAKE", lamp, "--bid", bid, by=MANAGER), "It was taken back")
    refused(
        fair("bargains", "strike", "BAKE", lamp, "--offer", offer, by=INTRUDER),
        "is not the buyer of lamp.*: give the --bid too",
    )
    struck = done(fair("bargains", "strike", "BAKE", lamp, "--offer", offer, by=MEMBER))
    assert f"{lamp} is struck at 650 BAKE + 6.5 MUSD." in struck
    assert fair.held(MEMBER) == 1_350_00
    done(fair("bargains", "collect", "BAKE", by=MEMBER), r"0\.5 MUSD went to")
    (row,) = csv.DictReader(done(fair("bargains", "orders", "BAKE")).splitlines())
    assert (row["order"], row["amount"], row["money"]) == (lamp, "650", "6.5")
    done(fair("orders", "fulfil", "BAKE", lamp, by=MANAGER), "1 delivered")
    done(fair("orders", "confirm", "BAKE", lamp, by=MEMBER), "fulfilled")
    done(fair("bargains", "payout", "BAKE", by=BRAND), r"6\.5 MUSD went to")
    assert done(fair("bargains", "watch", "BAKE")) == "No bargains of BAKE are open.\n"
    every = done(fair("bargains", "watch", "BAKE", "--all"))
    assert every == f"{lamp}: struck at 650 BAKE + 6.5 MUSD, and an order since\n"
    refused(fair("bargains", "link", "BAKE", lamp), "Over lamp the buyer and the brand alone haggle")


def test_haggle__bid_struck_by_the_brand__and_lapse(fair: Market, tmp_path: Path) -> None:
    bid = str(tmp_path / "bid.json")
    mine, hers = f"lamp/{address(MEMBER)}", f"lamp/{address(FRIENDS[0])}"
    for buyer in (MEMBER, FRIENDS[0]):
        done(fair("bargains", "haggle", "BAKE", "lamp", "600", by=buyer))
    done(fair("bargains", "bid", "BAKE", mine, "600", "--save", bid, by=MEMBER))
    refused(fair("bargains", "strike", "BAKE", hers, "--bid", bid, by=MANAGER), "about another bargain")
    done(fair("bargains", "strike", "BAKE", mine, "--bid", bid, by=MANAGER), "is struck at 600")
    refused(fair("bargains", "withdraw", "BAKE", hers, by=INTRUDER), "")
    wait(2 * DAY)
    assert "lapsed" in done(fair("bargains", "watch", "BAKE"))
    done(
        fair("bargains", "withdraw", "BAKE", hers, by=INTRUDER),
        f"600 BAKE .* went back to {address(FRIENDS[0])}",
    )
    assert fair.held(FRIENDS[0]) == 2_000_00


def test_bid__altered_or_for_too_much__does_not_count(fair: Market, tmp_path: Path) -> None:
    lamp, bid = f"lamp/{address(MEMBER)}", tmp_path / "bid.json"
    done(fair("bargains", "haggle", "BAKE", "lamp", "600", by=MEMBER))
    refused(fair("bargains", "bid", "BAKE", lamp, "650", "--save", str(bid), by=MEMBER), "above the deposit")
    assert not bid.exists()
    done(fair("bargains", "bid", "BAKE", lamp, "500", "--save", str(bid), by=MEMBER))
    paper = json.loads(bid.read_text())
    paper["bid"]["price"] = "50100"
    bid.write_text(json.dumps(paper))
    refused(fair("bargains", "read", "BAKE", lamp, "--bid", str(bid)), f"not signed by {address(MEMBER)}")
    bid.write_text("{")
    refused(fair("bargains", "read", "BAKE", lamp, "--bid", str(bid)), "bid.json is not a signed bid")


def test_cut__friends_bring_the_price_down(fair: Market, tmp_path: Path) -> None:
    chair, cuts = f"chair/{address(MEMBER)}", str(tmp_path / "cuts.json")
    done(fair("bargains", "draw-up", "BAKE", "chair", address(MEMBER), "--save", cuts, by=MANAGER))
    checked = done(fair("bargains", "check", cuts))
    assert "All 3 cuts can be drawn, from 1000 BAKE to 700 BAKE" in checked
    refused(fair("bargains", "start", cuts, by=MEMBER), "buy one, or have one given to it")
    done(fair("rights", "buy", "BAKE", "cutter", by=MEMBER))
    assert f"{chair}: open, now 1000 BAKE, 3 cuts left" in done(fair("bargains", "start", cuts, by=MEMBER))
    prices = []
    for number, friend in enumerate(FRIENDS[:2]):
        vouched = str(tmp_path / f"{number}.json")
        person = ("--person", f"friend {number}", "--save", vouched)
        done(fair("bargains", "attest", "BAKE", "chair", address(friend), *person, by=ATTESTER))
        told = done(fair("bargains", "cut", cuts, "--attestation", vouched, by=friend))
        prices.append(parse_amount(re.search(r"now (\S+) BAKE", told)[1], 2))  # type: ignore[index]
        refused(
            fair("bargains", "cut", cuts, "--attestation", vouched, by=friend),
            "has helped this bargain already",
        )
        refused(fair("bargains", "cut", cuts, "--attestation", vouched, by=INTRUDER), "attestation is about")
    assert 700_00 < prices[1] < prices[0] < 1000_00
    shared = fair("bargains", "link", "BAKE", chair, "--page", "https://shop.example/")
    assert shared.out.startswith(f"https://shop.example/#/bargain/{fair.token.address}/0x{b'chair'.hex()}")
    held = fair.held(MEMBER)
    done(
        fair("bargains", "take", "BAKE", chair, "--reference", "A-7", by=MEMBER),
        f"is taken for {format_amount(prices[1], 2)} BAKE",
    )
    assert fair.held(MEMBER) == held - prices[1]
    assert f"{chair}: taken for " in done(fair("bargains", "watch", "BAKE", "--all"))
    done(fair("orders", "fulfil", "BAKE", "A-7", by=MANAGER), "1 delivered")


def test_cut__brand_that_keeps_silent__sells_at_the_floor(fair: Market) -> None:
    chair = f"chair/{address(MEMBER)}"
    done(fair("rights", "grant", "BAKE", "cutter", address(MEMBER), address(PARTNER), by=MANAGER))
    done(
        fair("bargains", "request", "BAKE", "chair", by=MEMBER),
        f"{chair}: requested, .* to be answered until 20",
    )
    done(fair("bargains", "request", "BAKE", "chair", by=PARTNER))
    done(
        fair("bargains", "answer", "BAKE", f"chair/{address(PARTNER)}", by=MANAGER), "is answered with 3 cuts"
    )
    period = int(fair.alliance.cuts.contract.ANSWER_PERIOD())
    wait(period)
    done(fair("bargains", "take", "BAKE", chair, by=MEMBER), "is taken for 700 BAKE")


def test_cuts__that_were_altered__do_not_open(fair: Market, tmp_path: Path) -> None:
    cuts = tmp_path / "cuts.json"
    done(fair("bargains", "draw-up", "BAKE", "chair", address(MEMBER), "--save", str(cuts), by=MANAGER))
    paper = json.loads(cuts.read_text())
    paper["cuts"][0]["cut"] = "1"
    cuts.write_text(json.dumps(paper))
    refused(fair("bargains", "check", str(cuts)), "do not open this bargain")
    done(fair("rights", "buy", "BAKE", "cutter", by=MEMBER))
    refused(fair("bargains", "start", str(cuts), by=MEMBER), "do not open this bargain")
