"""A web shop that attests purchases and pays for views, by signing alone: it needs no chain and no gas."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

from eth_account import Account

from symbolon.addresses import checksum_address, parse_address
from symbolon.challenges import Answer, Challenges
from symbolon.codes import label_bytes
from symbolon.exceptions import SymbolonError
from symbolon.vouchers import Purchase, SignedVoucher, rewards_domain

DAY = 86_400
LONGEST = 10_000  # bytes of a request
FILM, LAST_WORD = "spring film", "rye"

Facts = Mapping[str, Any]


class Shop:
    """What the shop knows and signs. Amounts are base units of the token, at par."""

    def __init__(
        self,
        manifest: Facts,
        token: str,
        campaign: str,
        key: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._token = token
        self._key = Account.from_key(key)
        self._purchases = rewards_domain("ReferralRewards", manifest)
        self._vouchers = rewards_domain("CampaignRewards", manifest)
        # Challenges outlive a restart if the secret is kept; here a restart ends those that are open.
        self._challenges = Challenges(secrets.token_bytes(32), self._vouchers, token, label_bytes(campaign))
        self._clock = clock
        self._lock = Lock()
        self._orders = 0
        self._views: dict[str, int] = defaultdict(int)

    def order(self, facts: Facts) -> Facts:
        """A member bought something: say so, for whoever brought the member."""
        member, now = _member(facts), int(self._clock())
        with self._lock:
            self._orders += 1
            name = f"W-{now}-{self._orders}"
        purchase = Purchase(self._token, member, label_bytes(name), int(facts["amount"]), now, now + 30 * DAY)
        signature = purchase.sign(self._purchases, self._key)
        return {
            "token": purchase.token,
            "member": purchase.member,
            "reference": name,
            "amount": purchase.amount,
            "purchasedAt": purchase.purchased_at,
            "deadline": purchase.deadline,
            "signature": "0x" + signature.hex(),
        }

    def view(self, facts: Facts) -> Facts:
        """A member begins to view the film: what it has to answer, and when."""
        member = _member(facts)
        with self._lock:
            number = self._views[member]
        now = int(self._clock())
        return {"challenge": self._challenges.issue(member, number, FILM, now=now, answer=LAST_WORD)}

    def answer(self, facts: Facts) -> Facts:
        """A member answers: a voucher, if it is right. The same challenge gives the same voucher again."""
        now = int(self._clock())
        signature = bytes.fromhex(str(facts["signature"]).removeprefix("0x"))
        answer = Answer(str(facts["answer"]), signature)
        voucher = self._challenges.check(str(facts["challenge"]), answer, now=now, deadline=now + 30 * DAY)
        with self._lock:
            self._views[voucher.member] = max(self._views[voucher.member], voucher.number + 1)
        return SignedVoucher.sign(voucher, self._vouchers, self._key).to_json()


def serve(shop: Shop, port: int = 0) -> ThreadingHTTPServer:
    """The shop on this machine alone; port 0 is any that is free."""
    routes = {"/orders": shop.order, "/views": shop.view, "/answers": shop.answer}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Answer a request."""
            route = routes.get(self.path)
            try:
                asked = json.loads(self.rfile.read(min(int(self.headers["Content-Length"]), LONGEST)))
                status, told = (
                    (404, {"error": "There is no such page."}) if route is None else (200, route(asked))
                )
            except SymbolonError as error:
                status, told = 400, {"error": str(error)}
            except (KeyError, TypeError, ValueError):
                status, told = 400, {"error": "This is not what is asked here: see the shop's README."}
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep still."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def _member(facts: Facts) -> str:
    return checksum_address(parse_address(str(facts["member"])))


def main() -> None:
    """Open the shop."""
    if len(sys.argv) != 4 or "SHOP_KEY" not in os.environ:
        sys.exit("Usage: SHOP_KEY=0x… python examples/webshop/shop.py MANIFEST TOKEN CAMPAIGN")
    manifest = json.loads(Path(sys.argv[1]).read_text())
    server = serve(
        Shop(manifest, _member({"member": sys.argv[2]}), sys.argv[3], os.environ["SHOP_KEY"]), 8590
    )
    print(f"Open at http://127.0.0.1:{server.server_port}")
    server.serve_forever()


if __name__ == "__main__":
    main()
