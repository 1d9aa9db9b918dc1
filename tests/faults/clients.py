"""Who mints: the project's tool, and a client as people write it first, each in a process that can be killed.

A client's run is a function of a folder, where it keeps what it needs, and of the address of its node.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from eth_account.signers.local import LocalAccount
from minting import bulk_mint
from suite import DECIMALS, Suite, calldata

from faults.line import PATIENCE
from faults.schedule import Schedule
from symbolon.addresses import checksum_address, parse_address
from symbolon.customers import read_customers
from symbolon.exceptions import NodeError, SymbolonError
from symbolon.rpc import Node
from symbolon.sender import Policy

Steps = Callable[[str], None]
"""Told each step's name when it has been taken."""


@dataclass(frozen=True)
class Job:
    """What a client is to do: a customer file, under a schedule, on a suite's token.

    patience, give_up_after: seconds that it waits for a reply, and for anything to move. Short while there
    are faults; without any, a busy machine must not look like one.
    """

    suite: Suite
    file: Path
    schedule: Schedule
    patience: float = PATIENCE
    give_up_after: float = 1.2


class Client(Protocol):
    """Mints a customer file; returns when all is done, or raises SymbolonError."""

    def __call__(self, job: Job, url: str, folder: Path, minter: LocalAccount, on_step: Steps) -> None: ...


def tool(job: Job, url: str, folder: Path, minter: LocalAccount, on_step: Steps) -> None:
    """The project's bulk mint, in a hurry."""
    policy = Policy(
        confirmations=job.schedule.confirmations,
        fee_ceiling=job.schedule.ceiling,
        poll=0.004,
        resend_after=0.08,
        bump_after=0.16,
        give_up_after=job.give_up_after,
    )
    bulk = bulk_mint(
        job.suite,
        job.file,
        folder / "state",
        node=Node(url, timeout=job.patience, attempts=4, patience=0.01),
        minter=minter,
        policy=policy,
        on_step=on_step,
    )
    bulk.run(folder / "receipts.csv")


class _NotYetError(SymbolonError):
    """A receipt did not come."""


def naive(job: Job, url: str, folder: Path, minter: LocalAccount, on_step: Steps) -> None:
    """One mint after the other, three attempts each, and a file that says how far it came.

    It does all that a tutorial says: it waits for each receipt, tries again when something fails, remembers
    where it was, and writes down what it did.
    """
    node = Node(url, timeout=job.patience, attempts=4, patience=0.01)
    folder.mkdir(exist_ok=True)
    progress = folder / "progress.csv"
    done = len(progress.read_text().splitlines()) if progress.exists() else 0
    on_step("begun")
    for address, amount in list(read_customers(job.file, DECIMALS))[done:]:
        data = calldata("LoyaltyToken", "mint", address, amount)
        for attempt in range(3):
            try:
                hash_ = _mint_one(node, job.suite.token, data, minter, on_step)
                break
            except (NodeError, _NotYetError):
                if attempt == 2:
                    raise
        with progress.open("a", newline="") as file:
            csv.writer(file).writerow((address, amount, hash_))
        on_step("final")
    on_step("finished")


def _mint_one(node: Node, token: str, data: bytes, minter: LocalAccount, on_step: Steps) -> str:
    fees = node.fees()
    on_step("signing")
    transaction: dict[str, Any] = {
        "type": 2,
        "chainId": node.chain_id(),
        "nonce": node.nonce(minter.address, "pending"),
        "to": checksum_address(parse_address(token)),
        "value": 0,
        "gas": 120_000,
        "maxFeePerGas": fees.most,
        "maxPriorityFeePerGas": fees.tip,
        "data": data,
    }
    signed = minter.sign_transaction(transaction)
    on_step("signed")
    hash_ = str(node.command("eth_sendRawTransaction", "0x" + bytes(signed.raw_transaction).hex()))
    on_step("sent")
    until = time.monotonic() + 0.15
    while time.monotonic() < until:
        node.head()
        (receipt,) = node.receipts([hash_])
        if receipt is not None:
            if receipt["status"] != "0x1":
                raise _NotYetError(f"Transaction {hash_} did nothing.")
            on_step("mined")
            return hash_
        time.sleep(0.004)
    raise _NotYetError(f"Transaction {hash_} has not been mined.")
