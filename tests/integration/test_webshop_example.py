"""The web shop of the examples: what it signs over HTTP is paid on chain."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from threading import Thread
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from ape import accounts
from eth_account import Account
from shop import DAY, Shop, wait

from examples.webshop.shop import Shop as WebShop
from examples.webshop.shop import serve
from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.campaigns import Conditions, Kind, attester_of
from symbolon.challenges import answer_to
from symbolon.codes import label_bytes
from symbolon.exports import manifest_json
from symbolon.offers import Document
from symbolon.referrals import Kind as Counted
from symbolon.referrals import Terms
from symbolon.vouchers import Purchase, SignedVoucher

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer

KEY = "0x" + "5e" * 32
DOCUMENT = Document.of(b"In plain words.")


class Clock:
    """Time as the shop sees it."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(alliance: Alliance) -> Shop:
    """The bakery, with a programme and a campaign that the web shop's key attests."""
    opened = Shop.open(alliance)
    opened.token.revoke_quota(opened.manager, 100_00, sender=opened.brand)
    now, key = calls.now(), Account.from_key(KEY)
    terms = Terms(1_000, 0, 14, 0, frozenset({Counted.PURCHASE}), now, now + 90 * DAY, 50_00)
    programme = alliance.referrals.create(opened.token, terms, key, DOCUMENT, sender=opened.manager)
    alliance.referrals.fund(programme, 50_00, sender=opened.brand)
    conditions = Conditions(Kind.VIEW, 1_00, 2, 2, now, now + 90 * DAY)
    campaign = alliance.campaigns.create(opened.token, "spring", conditions, DOCUMENT, sender=opened.manager)
    alliance.campaigns.fund(campaign, attester_of(key), 50_00, sender=opened.brand)
    return opened


@pytest.fixture
def server(shop: Shop, clock: Clock) -> Iterator[ThreadingHTTPServer]:
    records = shop.alliance.records
    manifest = orjson.loads(manifest_json(records, records.network, calls.chain_id()))
    clock.now = calls.now()
    running = serve(WebShop(manifest, shop.token.address, "spring", KEY, clock))
    thread = Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def post(server: ThreadingHTTPServer, path: str, **facts: object) -> dict[str, Any]:
    """What the shop answers."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.server_port}{path}", json.dumps(facts).encode(), method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answered:
            found: dict[str, Any] = json.load(answered)
    except urllib.error.HTTPError as error:
        found = json.load(error)
    return found


def test_web_shop__a_view_answered_in_time__is_paid_once(
    shop: Shop, server: ThreadingHTTPServer, clock: Clock
) -> None:
    campaigns, viewer = shop.alliance.campaigns, accounts.test_accounts[10]
    challenge = post(server, "/views", member=viewer.address)["challenge"]

    def answered(text: str = "Rye", by: Any = viewer) -> dict[str, Any]:
        answer = answer_to(challenge, campaigns.domain, by, text)
        return post(
            server, "/answers", challenge=challenge, answer=text, signature="0x" + answer.signature.hex()
        )

    assert answered()["error"].startswith("That was too quick")
    clock.now += 6
    assert answered("wheat")["error"].startswith("That is not the answer")
    assert "not signed by the member" in answered(by=shop.intruder)["error"]
    first, second = (SignedVoucher.from_json(answered()) for _ in range(2))
    assert (first.voucher.number, second.voucher.number) == (0, 0)
    done = campaigns.pay([first, second], sender=shop.intruder)
    assert (len(done.paid), shop.token.balance_of(viewer)) == (1, 1_00)
    clock.now += 600
    assert answered()["error"].startswith("The challenge has run out")
    challenge = post(server, "/views", member=viewer.address)["challenge"]
    clock.now += 6
    assert SignedVoucher.from_json(answered()).voucher.number == 1


def test_web_shop__an_order__rewards_who_brought_the_member(
    shop: Shop, server: ThreadingHTTPServer, clock: Clock
) -> None:
    referrals, member = shop.alliance.referrals, accounts.test_accounts[10]
    referrals.bind(referrals.invite(shop.token, shop.partner), sender=member)
    wait(60)
    clock.now = calls.now()
    told = post(server, "/orders", member=member.address, amount=20_00)
    wait(60)
    purchase = Purchase(
        told["token"],
        told["member"],
        label_bytes(told["reference"]),
        told["amount"],
        told["purchasedAt"],
        told["deadline"],
    )
    signature = bytes.fromhex(told["signature"][2:])
    accrued = referrals.accrue(referrals.get(shop.token), [(purchase, signature)], sender=shop.intruder)
    assert len(accrued.done) == 1, accrued
    wait(14 * DAY + 60)
    referrals.claim(shop.token, referrals.ripe(shop.token), sender=shop.intruder)
    assert shop.token.balance_of(shop.partner) == 2_00


def test_web_shop__nonsense__is_told(server: ThreadingHTTPServer) -> None:
    assert "no such page" in post(server, "/sale")["error"]
    assert "not what is asked" in post(server, "/orders", member="0x" + "11" * 20)["error"]
    assert "is not an address" in post(server, "/views", member="Alice")["error"]
    assert "no challenge" in post(server, "/answers", challenge="x", answer="", signature="0x")["error"]
