"""Mints a whole customer file, each row exactly once, in a few large transactions.

    job = MintJob.of(chain_id, token, customers, campaign="spring")
    bulk = BulkMint(node, account, job, decimals=2)
    bulk.check()   # a dry run: what it would cost, or why it cannot be done
    bulk.run(receipts=Path("receipts.csv"))

Whatever happens to a run, run it again: what has been minted is not minted again (see `mint_job`, `sender`).
Afterwards the token's events are compared with the file, row by row, and the receipt file says of each row
in which transaction it was minted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from symbolon.addresses import checksum_addresses, keccak, parse_address
from symbolon.customers import ROW_BYTES, row_addresses, row_amounts, total_amount
from symbolon.exceptions import (
    NoContractError,
    NodeRefusedError,
    NoFundsError,
    QuotaTooSmallError,
    ReconciliationError,
    SymbolonError,
    UnfinishedJobError,
    WrongChainError,
)
from symbolon.journal import DEFAULT_FOLDER, Journal, read_header, read_journal
from symbolon.mint_job import ROWS_PER_BATCH, MintJob
from symbolon.reconcile import Minted, compare, find_batches
from symbolon.reverts import RefusedError, plainly, understand
from symbolon.rpc import Block, Node
from symbolon.sender import Call, Policy, Progress, Sender, Signer
from symbolon.units import ether, format_amount

_IS_BATCH_MINTED = keccak(b"isBatchMinted(bytes32)")[:4]
_QUOTA_OF = keccak(b"quotaOf(address)")[:4]
_DECIMALS = keccak(b"decimals()")[:4]
_NOT_YET = "not yet,,,\r\n"
_RECEIPTS_TOGETHER = 50_000
_LOOKS = 3  # until a batch that is not deep enough counts as moved

# A batch's gas limit: what it needs where every recipient is new, and a little more. A test holds it to that.
_GAS_FIXED = 100_000
_GAS_PER_ROW = 25_400


@dataclass(frozen=True)
class Plan:
    """What a run would do now. Fees are in wei: `fee` at today's price, `fee_most` at twice that."""

    rows: int
    amount: int
    batches: int
    batches_left: int
    gas: int
    fee: int
    fee_most: int


@dataclass(frozen=True)
class MintResult:
    """What has been minted: all of it, compared with the chain row by row.

    amount: base units. places: for each batch, where it was minted. own: the batches that transactions of
    this job's journal minted; others were minted by another run or another minter.
    """

    rows: int
    amount: int
    places: dict[int, Minted]
    own: frozenset[int]


class BulkMint:
    """Carries a job out."""

    def __init__(
        self,
        node: Node,
        minter: Signer,
        job: MintJob,
        *,
        decimals: int,
        first_block: int = 0,
        folder: Path = DEFAULT_FOLDER,
        access_lists: bool = False,
        policy: Policy | None = None,
        on_progress: Callable[[Progress], None] = lambda _: None,
        on_step: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Nothing is asked or sent yet.

        decimals: of the token, as the customer file was read with. first_block: none of the token's events
        are older. folder: where the journal goes. access_lists: announce the balances that a batch writes,
        for less gas and more than twice the data. on_step: see Sender.
        """
        self._node = node
        self._minter = minter
        self._job = job
        self._decimals = decimals
        self._first_block = first_block
        self._folder = folder
        self._access_lists = access_lists
        self._policy = policy or Policy()
        self._on_progress = on_progress
        self._on_step = on_step

    # ---- before

    def check(self) -> Plan:
        """What a run would cost now; nothing is sent.

        Raises WrongChainError, NoContractError, QuotaTooSmallError, NoFundsError, FeeTooHighError, or
        RefusedError with the token's own reason.
        """
        job, node, account = self._job, self._node, self._minter.address
        self._check_place()
        head = node.head()  # all answers as of one block, so that they agree
        minted = self._are_minted(range(len(job)), head)
        left = [number for number, done in enumerate(minted) if not done]
        total = job.customers.total
        if not left:
            return Plan(len(job.customers), total, len(job), 0, 0, 0, 0)
        self._check_quota(left, head)
        gas = self._estimate(left, head)
        fees = node.fees(self._policy.fee_ceiling)
        fee, most = gas * (node.base_fee() + fees.tip), gas * fees.most
        balance = node.balance(account)
        if balance < most:
            raise NoFundsError(
                f"{account} holds {ether(balance)} ETH and the job may cost up to {ether(most)} ETH "
                f"({ether(fee)} at the current price): send it {ether(most - balance)} ETH more."
            )
        return Plan(len(job.customers), total, len(job), len(left), gas, fee, most)

    def _check_quota(self, left: Sequence[int], block: Block) -> None:
        """Whether the minter may mint these batches."""
        account = self._minter.address
        call = _QUOTA_OF + bytes(12) + parse_address(account)
        quota = int.from_bytes(self._node.call(self._job.token, call, block=block))
        wanted = sum(total_amount(self._job.batch(number)) for number in left)
        if quota < wanted:
            raise QuotaTooSmallError(
                f"{account} may mint {self._amount(quota)} and the file needs {self._amount(wanted)}: have "
                f"the brand's admin grant {self._amount(wanted - quota)} more, or sign with another minter."
            )

    def _estimate(self, left: Sequence[int], block: Block) -> int:
        """Gas for these batches, by what the first of them needs."""
        job = self._job
        try:
            gas = self._node.estimate_gas(
                job.token, job.calldata(left[0]), sender=self._minter.address, block=block
            )
        except NodeRefusedError as refusal:
            if not refusal.data:
                raise
            raise RefusedError(understand(bytes.fromhex(refusal.data[2:]), self._words)) from refusal
        return gas * sum(len(job.batch(number)) for number in left) // len(job.batch(left[0]))

    def _check_place(self) -> None:
        job, node = self._job, self._node
        if (found := node.chain_id()) != job.chain_id:
            raise WrongChainError(
                f"{node.name} serves chain {found} and the job is for chain {job.chain_id}: choose the right "
                "network."
            )
        if not node.code(job.token):
            raise NoContractError(
                f"There is no contract at {job.token} on chain {job.chain_id}: check the token."
            )
        try:
            decimals = int.from_bytes(node.call(job.token, _DECIMALS))
            self._are_minted([0], "latest")
        except NodeRefusedError as refusal:
            raise NoContractError(
                f"The contract at {job.token} is not a loyalty token: check the address."
            ) from refusal
        if decimals != self._decimals:
            raise SymbolonError(
                f"Token {job.token} has {decimals} decimals and the amounts were read with {self._decimals}: "
                "read the file for this token."
            )

    # ---- the run

    def run(self, receipts: Path | None = None) -> MintResult:
        """Mint what has not been minted, wait until it is final, and compare everything with the chain.

        receipts: CSV that says of each row where it was minted; written also when the run stops with an
        error. Raises what `check` and `Sender.run` raise, and UnfinishedJobError, JournalLockedError,
        ReconciliationError.
        """
        job, node = self._job, self._node
        self.check()
        if receipts is not None and not receipts.is_file():
            self.write_receipts(receipts, {})  # better to hear now that they cannot be written
        try:
            with self._journal() as journal:
                began = self._first_block_of(journal)
                self._on_step("begun")
                sender = Sender(
                    node,
                    self._minter,
                    journal,
                    done=lambda calls, block: self._are_minted([int(call.key) for call in calls], block),
                    explain=lambda data: understand(data, self._words).sentence,
                    policy=self._policy,
                    on_progress=self._on_progress,
                    on_step=self._on_step,
                )
                sent = sender.run([self._call(number) for number in range(len(job))])
            places = self._compare(began)
        except SymbolonError:
            if receipts is not None:
                with suppress(SymbolonError):
                    found = self._find(self._first_block, node.head(), strict=False)
                    self.write_receipts(receipts, found)
            raise
        if receipts is not None:
            self.write_receipts(receipts, places)
        own = frozenset(number for number, place in places.items() if place.transaction in sent[str(number)])
        return MintResult(len(job.customers), job.customers.total, places, own)

    def _journal(self) -> Journal:
        job = self._job
        instance = self._node.identity()
        header = {
            "kind": "header",
            "job": "0x" + job.id.hex(),
            "chain": job.chain_id,
            "instance": instance,
            "token": job.token,
            "campaign": job.campaign,
            "signer": self._minter.address,
            "rows": len(job.customers),
            "digest": "0x" + keccak(job.rows).hex(),
        }
        path = self._folder / f"mint-{job.id.hex()[:16]}-{keccak(instance.encode()).hex()[:8]}.jsonl"
        self._check_unfinished(header, path)
        return Journal(path, header)

    def _first_block_of(self, journal: Journal) -> int:
        """The block at which the journal was begun: none of its transactions are older."""
        for record in journal.records:
            if record["kind"] == "begun":
                return int(record["block"])
        block = self._node.head()
        journal.append({"kind": "begun", "block": block})
        return block

    def _compare(self, began: int) -> dict[int, Minted]:
        """Where each batch is in the chain, which has it as the file says and as deep as was asked for.

        A reorganisation may have moved a batch since it was final, and a node may lag behind the one that
        told of it: so what is not deep enough is looked for again.
        """
        for look in range(_LOOKS):
            if look:
                time.sleep(self._policy.poll)
            head = self._node.head()
            places = self._find(began, head)
            compare(self._node, self._job, places)
            deep = head - self._policy.confirmations + 1
            young = [number for number, place in places.items() if place.block > deep]
            if not young:
                return places
        raise ReconciliationError(
            f"A reorganisation moved batch {young[0]} to block {places[young[0]].block}, which is not as "
            "deep as was asked for: run again to wait until it is."
        )

    def _find(self, began: int, head: int, *, strict: bool = True) -> dict[int, Minted]:
        """Where each batch is in the chain."""
        node, job = self._node, self._job
        numbers = range(len(job))
        places = find_batches(node, job, numbers, began, head)
        if older := [number for number in numbers if number not in places]:
            places |= find_batches(node, job, older, self._first_block, began - 1)
        if strict and (missing := [number for number in numbers if number not in places]):
            raise ReconciliationError(
                f"The token says that batch {missing[0]} was minted, and its event is not in the chain from "
                f"block {self._first_block} on: name an older first block, or ask another node."
            )
        return places

    def _call(self, number: int) -> Call:
        job = self._job
        gas = _GAS_FIXED + _GAS_PER_ROW * (len(job.batch(number)) // ROW_BYTES)
        announced = job.access_list(number) if self._access_lists else []
        return Call(str(number), job.token, job.calldata(number), gas, announced)

    def _check_unfinished(self, header: dict[str, Any], own: Path) -> None:
        """Refuse while another file of the same campaign was begun: it is likely the same one, edited."""
        for path in sorted(self._folder.glob("mint-*.jsonl")):
            other = read_header(path)
            same = all(other.get(key) == header[key] for key in ("instance", "token", "campaign"))
            if path == own or not same:
                continue
            kinds = {record["kind"] for record in read_journal(path)[1]}
            if "signed" in kinds and "finished" not in kinds:
                raise UnfinishedJobError(
                    f"Another file of {other['rows']} rows was begun for this token under the campaign label "
                    f"{other['campaign']!r} and is not finished (journal {path}): run that file to its end "
                    "first, or give this one another label if it is to be paid as well."
                )

    def _are_minted(self, numbers: Iterable[int], block: Block) -> list[bool]:
        datas = [_IS_BATCH_MINTED + self._job.batch_id(number) for number in numbers]
        return [any(answer) for answer in self._node.call_many(self._job.token, datas, block=block)]

    # ---- after

    def write_receipts(self, path: Path, minted: dict[int, Minted]) -> None:
        """Say of each row of the file, in its order, where it was minted. Raises SymbolonError."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(path.name + ".draft")
            with draft.open("w", encoding="utf-8", newline="") as file:
                file.write("line,address,amount,reference,status,batch,transaction,block\r\n")
                file.writelines(self._receipt_lines(minted))
            draft.replace(path)
        except OSError as error:
            raise SymbolonError(
                f"Receipts cannot be written to {path} ({error.strerror or error}): name another file and "
                "run again; nothing is minted twice."
            ) from error

    def _receipt_lines(self, minted: dict[int, Minted]) -> Iterator[str]:
        """A line for each row; a part of the file at a time, since as text it takes ten times the memory."""
        job, customers = self._job, self._job.customers
        batch_of = np.empty(len(customers), dtype=np.int32)
        batch_of[job.order] = np.arange(len(customers)) // ROWS_PER_BATCH
        places = {
            number: f"minted,0x{job.batch_id(number).hex()},{place.transaction},{place.block}\r\n"
            for number, place in minted.items()
        }
        for first in range(0, len(customers), _RECEIPTS_TOGETHER):
            part = slice(first, first + _RECEIPTS_TOGETHER)
            rows = customers.rows[first * ROW_BYTES : part.stop * ROW_BYTES]
            lines = customers.lines[part]
            references = customers.references[part] if customers.references else [""] * len(lines)
            for line, address, amount, reference, batch in zip(
                lines,
                checksum_addresses(row_addresses(rows)),
                row_amounts(rows),
                references,
                batch_of[part].tolist(),
                strict=True,
            ):
                place = places.get(batch, _NOT_YET)
                yield f"{line},{address},{self._amount(amount)},{_quoted(reference)},{place}"

    def _words(self, kind: str, amount: int, facts: Mapping[str, Any]) -> str:
        """An amount in what the token says when it refuses."""
        return f"{self._amount(amount)} tokens" if kind == "token" else plainly(kind, amount)

    def _amount(self, amount: int) -> str:
        return format_amount(amount, self._decimals)


def _quoted(text: str) -> str:
    """A text as a field of a CSV file."""
    return '"' + text.replace('"', '""') + '"' if text else ""
