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
from suite import DECIMALS, Suite, calldata

import symbolon.bulk_mint
import symbolon.mint_job
from faults.line import PATIENCE
from faults.schedule import Schedule
from symbolon.addresses import checksum_address, parse_address
from symbolon.anvil import LOCAL_CHAIN_ID
from symbolon.bulk_mint import BulkMint
from symbolon.customers import read_customers
from symbolon.exceptions import NodeError, SymbolonError
from symbolon.mint_job import MintJob
from symbolon.rpc import Node
from symbolon.sender import Policy

Steps = Callable[[str], None]
"""Told each step's name when it has been taken."""


@dataclass(frozen=True)
class Job:
    """What a client is to do: a customer file, under a schedule, on a suite's token.

    patience: seconds that it waits for a reply, by the clock of the world. Short while there are faults;
    without any, a busy machine must not look like one.
    """

    suite: Suite
    file: Path
    schedule: Schedule
    patience: float = PATIENCE


class Client(Protocol):
    """Mints a customer file; returns when all is done, or raises SymbolonError."""

    def __call__(self, job: Job, url: str, folder: Path, minter: LocalAccount, on_step: Steps) -> None: ...


def tool(job: Job, url: str, folder: Path, minter: LocalAccount, on_step: Steps) -> None:
    """The project's bulk mint; seconds are those of the machine that it runs on.

    Most schedules cut small batches, in this process alone: what the chain makes of large ones takes long.
    """
    for module in (symbolon.mint_job, symbolon.bulk_mint):
        module.ROWS_PER_BATCH = job.schedule.together  # type: ignore[attr-defined]
    policy = Policy(
        confirmations=job.schedule.confirmations,
        fee_ceiling=job.schedule.ceiling,
        resend_after=8,
        bump_after=16,
        give_up_after=60,
    )
    customers = read_customers(job.file, DECIMALS, token=job.suite.token)
    bulk = BulkMint(
        _node(job, url),
        minter,
        MintJob.of(LOCAL_CHAIN_ID, job.suite.token, customers),
        decimals=DECIMALS,
        folder=folder / "state",
        policy=policy,
        on_step=on_step,
    )
    bulk.run(folder / "receipts.csv")


def _node(job: Job, url: str) -> Node:
    return Node(url, timeout=job.patience, attempts=4, sleep=time.sleep)


class _NotYetError(SymbolonError):
    """A receipt did not come."""


def naive(job: Job, url: str, folder: Path, minter: LocalAccount, on_step: Steps) -> None:
    """One mint after the other, three attempts each, and a file that says how far it came.

    It does all that a tutorial says: it waits for each receipt, tries again when something fails, remembers
    where it was, and writes down what it did.
    """
    node = _node(job, url)
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
    until = time.monotonic() + 20
    while time.monotonic() < until:
        node.head()
        (receipt,) = node.receipts([hash_])
        if receipt is not None:
            if receipt["status"] != "0x1":
                raise _NotYetError(f"Transaction {hash_} did nothing.")
            on_step("mined")
            return hash_
        time.sleep(0.5)
    raise _NotYetError(f"Transaction {hash_} has not been mined.")
