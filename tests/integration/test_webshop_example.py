"""The web shop of the examples: what it signs over HTTP is paid on chain."""

from __future__ import annotations

import http.client
import json
import re
import shlex
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from ape import accounts
from eth_account import Account
from shop import DAY, Shop, wait

from examples.webshop.shop import PORT, BadRequestError, open_shop, serve
from examples.webshop.shop import Shop as WebShop
from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.campaigns import Conditions, Kind, attester_of
from symbolon.challenges import answer_to
from symbolon.exports import manifest_json, token_list
from symbolon.offers import Document
from symbolon.referrals import Kind as Counted
from symbolon.referrals import Terms
from symbolon.vouchers import Purchase, SignedVoucher

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer

README = Path(__file__).resolve().parents[2] / "examples" / "webshop" / "README.md"
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
    token = {"address": shop.token.address, "decimals": 2}
    running = serve(WebShop(manifest, token, "spring", KEY, clock))
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


def ask(
    server: ThreadingHTTPServer, method: str, path: str, body: bytes | None
) -> tuple[int, dict[str, Any]]:
    """Status and answer of any request."""
    link = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    link.request(method, path, body)
    answered = link.getresponse()
    told: dict[str, Any] = json.loads(answered.read())
    link.close()
    return answered.status, told


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
    told = post(server, "/orders", member=member.address, amount="20")
    wait(60)
    purchase, signature = Purchase.from_json(told)
    assert purchase.amount == 20_00
    accrued = referrals.accrue(referrals.get(shop.token), [(purchase, signature)], sender=shop.intruder)
    assert len(accrued.done) == 1, accrued
    wait(14 * DAY + 60)
    referrals.claim(shop.token, referrals.ripe(shop.token), sender=shop.intruder)
    assert shop.token.balance_of(shop.partner) == 2_00


MEMBER = "0x" + "11" * 20


@pytest.mark.parametrize(
    ("path", "facts", "sentence"),
    [
        ("/sale", {}, "no such page: post to /orders, /views, /answers"),
        ("/orders", {"member": MEMBER}, 'Say "amount" as a text'),
        ("/orders", {"member": MEMBER, "amount": 5}, 'Say "amount" as a text'),
        ("/orders", {"member": MEMBER, "amount": "0"}, "amount is zero"),
        ("/orders", {"member": MEMBER, "amount": "-1"}, "is negative"),
        ("/orders", {"member": MEMBER, "amount": "1.005"}, "too finely divided"),
        ("/orders", {"member": MEMBER, "amount": "9" * 40}, "is too large"),
        ("/orders", {"amount": "5"}, 'Say "member" as a text'),
        ("/views", {"member": "Alice"}, "is not an address"),
        ("/views", {"member": ["0x"]}, 'Say "member" as a text'),
        ("/answers", {"challenge": "x", "answer": "rye", "signature": "0x"}, "This is no challenge"),
        ("/answers", {"challenge": "x", "answer": "rye", "signature": "rye"}, "is not hexadecimal digits"),
        ("/answers", {"challenge": "x", "answer": "\ud800", "signature": "0x"}, 'Say "answer" as a text'),
    ],
)
def test_web_shop__nonsense__is_told_in_a_sentence(
    server: ThreadingHTTPServer, path: str, facts: dict[str, Any], sentence: str
) -> None:
    status, told = ask(server, "POST", path, json.dumps(facts).encode())
    assert 400 <= status < 500
    assert sentence in told["error"]


@pytest.mark.parametrize(
    ("method", "body", "sentence"),
    [
        ("POST", b"", "no JSON object"),
        ("POST", b"{", "no JSON object"),
        ("POST", b"\xff", "no JSON object"),
        ("POST", b"[1]", "no JSON object"),
        ("POST", b"[" * 9_000, "no JSON object"),
        ("POST", b" " * 20_000, "at most 10000 bytes"),
        ("GET", None, "asked with POST"),
        ("DELETE", None, "asked with POST"),
    ],
)
def test_web_shop__what_is_no_request__is_told_in_a_sentence(
    server: ThreadingHTTPServer, method: str, body: bytes | None, sentence: str
) -> None:
    status, told = ask(server, method, "/orders", body)
    assert 400 <= status < 500
    assert sentence in told["error"]


def test_readme__its_curl_line__is_answered(server: ThreadingHTTPServer, shop: Shop) -> None:
    (line,) = re.findall(r"^curl (.*) > purchase.json$", README.read_text(), re.MULTILINE)
    _, url, _, body = shlex.split(line)
    assert url == f"http://127.0.0.1:{PORT}/orders"
    status, told = ask(server, "POST", "/orders", body.encode())
    assert status == 200
    purchase, signature = Purchase.from_json(told)
    assert purchase.amount == 12_50
    assert purchase.is_signed_by(Account.from_key(KEY).address, shop.alliance.referrals.domain, signature)


def test_open_shop__knows_its_token_by_symbol_or_says_what_is_missing(shop: Shop, tmp_path: Path) -> None:
    records = shop.alliance.records
    with pytest.raises(BadRequestError, match="cannot be read: name a folder such as deployments/local"):
        open_shop(tmp_path, "BAKE", "spring", KEY)
    (tmp_path / "manifest.json").write_bytes(manifest_json(records, records.network, calls.chain_id()))
    (tmp_path / "tokenlist.json").write_bytes(token_list(shop.alliance))
    with pytest.raises(BadRequestError, match="knows no token STAR"):
        open_shop(tmp_path, "STAR", "spring", KEY)
    with pytest.raises(BadRequestError, match="SHOP_KEY is no private key"):
        open_shop(tmp_path, "BAKE", "spring", "key")
    told = open_shop(tmp_path, "BAKE", "spring", KEY).order({"member": MEMBER, "amount": "0.01"})
    assert (told["token"], told["amount"]) == (shop.token.address, "1")
