"""A web shop that attests purchases and pays for views, by signing alone: it needs no chain and no gas.

SHOP_KEY=0x… python examples/webshop/shop.py deployments/local BAKE spring
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

from eth_account import Account

from symbolon.addresses import checksum_address, parse_address
from symbolon.challenges import Answer, Challenges
from symbolon.codes import label_bytes
from symbolon.exceptions import SymbolonError
from symbolon.units import parse_amount
from symbolon.vouchers import Purchase, SignedVoucher, rewards_domain

DAY = 86_400
PORT = 8590
LONGEST = 10_000  # bytes of a request
FILM, LAST_WORD = "spring film", "rye"

Facts = Mapping[str, Any]


class BadRequestError(SymbolonError):
    """What was asked cannot be answered."""


class Shop:
    """What the shop knows and signs. Members write amounts in whole tokens at par, such as "12.50"."""

    def __init__(
        self,
        manifest: Facts,
        token: Facts,
        campaign: str,
        key: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._token, self._decimals = str(token["address"]), int(token["decimals"])
        self._key = Account.from_key(key)
        self._purchases = rewards_domain("ReferralRewards", manifest)
        self._vouchers = rewards_domain("CampaignRewards", manifest)
        # Challenges outlive a restart if the secret is kept; here a restart ends those that are open.
        self._challenges = Challenges(
            secrets.token_bytes(32), self._vouchers, self._token, label_bytes(campaign)
        )
        self._clock = clock
        self._lock = Lock()
        self._orders = 0
        self._views: dict[str, int] = defaultdict(int)

    def order(self, facts: Facts) -> Facts:
        """A member bought something: say so, for whoever brought the member."""
        member, now = _member(facts), int(self._clock())
        amount = parse_amount(_text(facts, "amount"), self._decimals)
        with self._lock:
            self._orders += 1
            name = f"W-{now}-{self._orders}"
        purchase = Purchase(self._token, member, label_bytes(name), amount, now, now + 30 * DAY)
        return purchase.to_json(purchase.sign(self._purchases, self._key))

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
        answer = Answer(_text(facts, "answer"), _signature(facts))
        voucher = self._challenges.check(_text(facts, "challenge"), answer, now=now, deadline=now + 30 * DAY)
        with self._lock:
            self._views[voucher.member] = max(self._views[voucher.member], voucher.number + 1)
        return SignedVoucher.sign(voucher, self._vouchers, self._key).to_json()


def serve(shop: Shop, port: int = 0) -> ThreadingHTTPServer:
    """The shop on this machine alone; port 0 is any that is free."""
    routes = {"/orders": shop.order, "/views": shop.view, "/answers": shop.answer}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Answer a request."""
            try:
                asked = self._asked()
                route = routes.get(self.path)
                if route is None:
                    self._tell(404, {"error": f"There is no such page: post to {', '.join(routes)}."})
                    return
                told = route(asked)
            except SymbolonError as error:
                self._tell(400, {"error": str(error)})
            else:
                self._tell(200, told)

        def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
            """Tell of requests that are none of ours in JSON too."""
            if code == HTTPStatus.NOT_IMPLEMENTED:
                code, message = 405, f"This is asked with POST, at one of {', '.join(routes)}."
            self.close_connection = True
            self._tell(code, {"error": message or explain or "This is no request."})

        def _asked(self) -> Facts:
            length = self.headers["Content-Length"] or ""
            if not length.isdecimal() or int(length) > LONGEST:
                raise BadRequestError(f"Send a body of at most {LONGEST} bytes, and its Content-Length.")
            try:
                asked = json.loads(self.rfile.read(int(length)))
            except ValueError:
                asked = None
            if not isinstance(asked, dict):
                raise BadRequestError('The body is no JSON object: send one such as {"member": "0x…"}.')
            return asked

        def _tell(self, status: int, told: Facts) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep still."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def _text(facts: Facts, name: str) -> str:
    """What was said of something, in words that can be words."""
    found = facts.get(name)
    try:
        if isinstance(found, str) and found.encode():
            return found
    except UnicodeEncodeError:
        pass
    raise BadRequestError(f'Say "{name}" as a text: the shop\'s README has an example.')


def _member(facts: Facts) -> str:
    return checksum_address(parse_address(_text(facts, "member")))


def _signature(facts: Facts) -> bytes:
    try:
        return bytes.fromhex(_text(facts, "signature").removeprefix("0x"))
    except ValueError:
        raise BadRequestError('"signature" is not hexadecimal digits: send the wallet\'s, whole.') from None


def open_shop(folder: Path, symbol: str, campaign: str, key: str) -> Shop:
    """The shop by the records of a network, as `ape run export` writes them. Raises BadRequestError."""
    try:
        Account.from_key(key)
    except ValueError:
        raise BadRequestError("SHOP_KEY is no private key: write 0x and 64 hexadecimal digits.") from None
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
        listed = json.loads((folder / "tokenlist.json").read_text())["tokens"]
        token = next(each for each in listed if symbol in (each["symbol"], each["address"]))
        return Shop(manifest, token, campaign, key)
    except OSError as error:
        raise BadRequestError(
            f"{error.filename} cannot be read: name a folder such as deployments/local."
        ) from error
    except StopIteration:
        raise BadRequestError(f"{folder} knows no token {symbol}: write its symbol or its address.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BadRequestError(
            f"The records in {folder} cannot be read: `ape run export` writes them."
        ) from error


def main() -> None:
    """Open the shop."""
    if len(sys.argv) != 4 or "SHOP_KEY" not in os.environ:
        sys.exit("Usage: SHOP_KEY=0x… python examples/webshop/shop.py deployments/NETWORK TOKEN CAMPAIGN")
    try:
        _, folder, symbol, campaign = sys.argv
        server = serve(open_shop(Path(folder), symbol, campaign, os.environ["SHOP_KEY"]), PORT)
    except SymbolonError as error:
        sys.exit(str(error))
    except OSError:
        sys.exit(f"Port {PORT} is taken: end what listens there.")
    print(f"Open at http://127.0.0.1:{server.server_port}", flush=True)
    with suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
