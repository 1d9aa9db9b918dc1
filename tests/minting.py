"""Customer files for bulk mint tests, a run that does not dawdle, and what must be true afterwards."""

from __future__ import annotations

import csv
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount
from suite import DECIMALS, MANAGER, Suite

from symbolon.addresses import checksum_addresses, keccak
from symbolon.bulk_mint import BulkMint, MintResult
from symbolon.customers import Customers, read_customers
from symbolon.mint_job import MintJob
from symbolon.rpc import Node
from symbolon.sender import Policy
from symbolon.units import format_amount

QUICK = Policy(poll=0.02, resend_after=0.4, bump_after=0.8, give_up_after=25)
"""A chain of our own answers at once; nothing here has to wait for minutes."""

_TRANSFER = "0x" + keccak(b"Transfer(address,address,uint256)").hex()


def customer_file(path: Path, rows: int, *, seed: int = 1) -> Path:
    """A file of that many random members and amounts."""
    dice = random.Random(seed)
    lines = [
        f"{address},{format_amount(dice.randint(1, 10**6), DECIMALS)}"
        for address in checksum_addresses(dice.randbytes(20 * rows))
    ]
    path.write_text("\n".join(["address,amount", *lines]))
    return path


def bulk_mint(suite: Suite, file: Path, folder: Path, **options: Any) -> BulkMint:
    """The bulk mint of a file, journals in `folder`. Options: url or node, minter, campaign, BulkMint's."""
    node = options.pop("node", None) or Node(options.pop("url", suite.chain.url), patience=0.05)
    minter: LocalAccount = options.pop("minter", MANAGER)
    job = job_of(suite, file, campaign=options.pop("campaign", "mint"))
    return BulkMint(node, minter, job, **{"decimals": DECIMALS, "folder": folder, "policy": QUICK, **options})


def job_of(suite: Suite, file: Path, *, campaign: str = "mint") -> MintJob:
    """The job of a file."""
    customers = read_customers(file, DECIMALS, token=suite.token)
    return MintJob.of(suite.chain.node.chain_id(), suite.token, customers, campaign=campaign)


def mint(suite: Suite, file: Path, folder: Path, **options: Any) -> MintResult:
    """Run the bulk mint of a file, with its receipts beside it."""
    return bulk_mint(suite, file, folder, **options).run(file.with_suffix(".receipts.csv"))


def die_at(step: str, occurrence: int = 1) -> Callable[[str], None]:
    """An on_step that kills its process, as kill -9 does, when the step has been taken that often."""
    seen: Counter[str] = Counter()

    def on_step(name: str) -> None:
        seen[name] += 1
        if name == step and seen[name] == occurrence:
            os.kill(os.getpid(), signal.SIGKILL)

    return on_step


def in_child(act: Callable[[], object]) -> int:
    """Run something in a process of its own; minus the signal that killed it, 0 where it ended well."""
    child = os.fork()
    if child == 0:
        try:
            act()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def mints(suite: Suite) -> list[tuple[str, int]]:
    """Every mint of the token that the chain has: to whom, how much."""
    request = {"address": suite.token, "topics": [_TRANSFER, "0x" + "00" * 32], "fromBlock": "0x0"}
    return [
        ("0x" + log["topics"][2][26:], int(log["data"], 16))
        for log in suite.chain.rpc("eth_getLogs", request)
    ]


def assert_paid_once(suite: Suite, *files: Path, times: int = 1) -> None:
    """OPS-1: each row of the files has been minted exactly that often, and nothing else."""
    rows: list[tuple[str, int]] = []
    for file in files:
        customers: Customers = read_customers(file, DECIMALS)
        rows += [(address.lower(), amount) for address, amount in customers]
    assert Counter(mints(suite)) == Counter(rows * times), "OPS-1: rows minted other than exactly once"
    assert suite.supply() == times * sum(amount for _, amount in rows), "OPS-1: supply differs from the file"


def receipts(file: Path) -> list[dict[str, str]]:
    """The receipt file of a customer file."""
    with file.with_suffix(".receipts.csv").open(newline="") as text:
        return list(csv.DictReader(text))
