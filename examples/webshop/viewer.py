"""A member's wallet at the web shop: it asks for a view, waits, answers, and prints the voucher.

MEMBER_KEY=0x… python examples/webshop/viewer.py deployments/local rye > voucher.json
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from eth_account import Account

from symbolon.challenges import LEAST, answer_to
from symbolon.exceptions import SymbolonError
from symbolon.vouchers import rewards_domain

SHOP = "http://127.0.0.1:8590"


def post(path: str, **facts: str) -> dict[str, Any]:
    """What the shop answers; what it refuses ends the program with its sentence."""
    body = json.dumps(facts).encode()
    request = urllib.request.Request(f"{SHOP}{path}", body, method="POST")  # noqa: S310 (our own shop)
    try:
        with urllib.request.urlopen(request, timeout=10) as answered:  # noqa: S310 (as above)
            found: dict[str, Any] = json.load(answered)
            return found
    except urllib.error.HTTPError as error:
        sys.exit(json.load(error)["error"])
    except OSError:
        sys.exit(f"No shop answers at {SHOP}: open it first.")


def main() -> None:
    """View, wait, answer."""
    if len(sys.argv) != 3 or "MEMBER_KEY" not in os.environ:
        sys.exit("Usage: MEMBER_KEY=0x… python examples/webshop/viewer.py deployments/NETWORK LAST_WORD")
    try:
        member = Account.from_key(os.environ["MEMBER_KEY"])
    except ValueError:
        sys.exit("MEMBER_KEY is no private key: write 0x and 64 hexadecimal digits.")
    try:
        manifest = json.loads((Path(sys.argv[1]) / "manifest.json").read_text())
        domain = rewards_domain("CampaignRewards", manifest)
    except (OSError, ValueError, SymbolonError):
        sys.exit(f"{sys.argv[1]} has no manifest.json of a network: name a folder such as deployments/local.")
    challenge = post("/views", member=member.address)["challenge"]
    time.sleep(LEAST + 1)  # the film
    answer = answer_to(challenge, domain, member, sys.argv[2])
    signature = "0x" + answer.signature.hex()
    voucher = post("/answers", challenge=challenge, answer=answer.text, signature=signature)
    print(json.dumps(voucher, indent=2))


if __name__ == "__main__":
    main()
