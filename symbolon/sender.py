"""Sends a list of calls, each exactly once, however often it is stopped, cut off or reorganised.

The order is everything: sign, write the signed bytes to the journal, only then send. From there on the chain
is the truth and the journal says what to look for. What has no answer is sent again as the same bytes; what
pays too little is signed again for the same nonce; a call gets a new nonce only when the chain shows that
another transaction of the account took the old one for good, and that the call has not been carried out by
then. Final means as many blocks deep in the canonical chain as was asked for.

    sender = Sender(node, account, journal, done=already_minted)
    sender.run(calls)

Stop it in any way and run it again with the same journal. A lost journal loses nothing either, as long as
`done` can tell from the chain which calls have been carried out.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol

from symbolon.addresses import checksum_address, parse_address
from symbolon.exceptions import (
    FeeTooHighError,
    JournalMismatchError,
    NodeError,
    NodeRefusedError,
    NoFundsError,
    NonceTakenError,
    NotMinedError,
    TransactionRefusedError,
    TransactionRevertedError,
)
from symbolon.journal import Chapter, Journal, Lock
from symbolon.rpc import Block, Fees, Node


class Signed(Protocol):
    """A signed transaction, as eth-account returns it."""

    @property
    def raw_transaction(self) -> bytes: ...  # noqa: D102
    @property
    def hash(self) -> bytes: ...  # noqa: D102


class Signer(Protocol):
    """An account that signs: eth-account's LocalAccount is one."""

    @property
    def address(self) -> str: ...  # noqa: D102
    def sign_transaction(self, transaction_dict: dict[str, Any]) -> Signed: ...  # noqa: D102


@dataclass(frozen=True)
class Call:
    """One transaction to be: `key` names it within the job, `gas` is its limit."""

    key: str
    to: str
    data: bytes
    gas: int
    access_list: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True)
class Progress:
    """How many of the calls have been signed, are in the chain, and are final, of how many."""

    signed: int
    mined: int
    final: int
    total: int


@dataclass(frozen=True)
class Policy:
    """How to send.

    confirmations: blocks, its own included, that must stand on a transaction. fee_ceiling: wei a gas never to
    be exceeded. window: most transactions under way at once. poll: seconds between looks at the chain.
    resend_after, bump_after, give_up_after: seconds without progress until waiting transactions are sent
    again, the first one's fee is raised, and NotMinedError is raised. mine: make blocks oneself, as
    development nodes allow; None does so where the node makes one for each transaction, which is slow and
    loses transactions that come in batches.
    """

    confirmations: int = 1
    fee_ceiling: int | None = None
    window: int = 400
    poll: float = 1.0
    resend_after: float = 30.0
    bump_after: float = 90.0
    give_up_after: float = 900.0
    mine: bool | None = None


Done = Callable[[Sequence[Call], Block], list[bool]]
"""Whether each call has been carried out, by whomever, as of a block."""

_GROUP = 100  # transactions signed and written before they are sent; the disk is waited for once a group
_BLOCKS_AHEAD = 4  # blocks' worth of gas under way: with more, our own load outruns the fees we offered
_PLAIN_GAS = 21_000  # of a transaction that does nothing
_LOOKS = 3  # looks until what a node does not have counts as missing, for nodes lag behind one another
_BUMP_PERCENT = 113  # nodes replace a transaction by one that offers 10 % more, some by 12.5 %

# What nodes say against a transaction, in their various words.
_HARMLESS = ("already known", "known transaction", "already imported", "already in", "nonce too low")
_CONTESTED = ("replacement transaction underpriced",)
_CHEAP = ("underpriced", "less than block base fee", "fee too low", "price too low", "fee cap")
_NO_FUNDS = ("insufficient funds", "insufficient balance")
_HOPELESS = (
    "gas limit",
    "intrinsic gas",
    "oversized",
    "not supported",
    "exceeds",
    "invalid sender",
    "chain id",
)


@dataclass(frozen=True)
class _Attempt:
    """A signed transaction that may be in the world."""

    nonce: int
    hash: str
    raw: bytes
    fees: Fees


@dataclass
class _Item:
    """A call and where it stands. `open` are the attempts for its current nonce, the last one in force."""

    call: Call
    open: list[_Attempt] = field(default_factory=list)
    refused: bool = False  # by the node, for good: to be signed anew, for the same nonce
    contested: bool = False  # another transaction with its nonce waits and pays more
    looks: int = 0  # how often its receipt was missing
    recorded: bool = False  # the journal knows that it is final
    inherited: bool = False  # signed by an earlier run

    @property
    def nonce(self) -> int:
        """The nonce in force."""
        return self.open[-1].nonce

    def give_up_nonce(self) -> None:
        """Another transaction has it for good, or this one's own did nothing with it."""
        self.open.clear()
        self.contested = self.inherited = False
        self.looks = 0


class Sender:
    """Sends calls from one account, with one journal."""

    def __init__(
        self,
        node: Node,
        signer: Signer,
        journal: Journal | Chapter,
        *,
        done: Done | None = None,
        explain: Callable[[bytes], str] = lambda data: f"0x{data.hex()}" if data else "no reason given",
        policy: Policy | None = None,
        on_progress: Callable[[Progress], None] = lambda _: None,
        on_step: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Nothing is sent yet.

        done: tells from the chain what has been carried out; without it, a call whose nonce was taken by
        another transaction stops the job. explain: puts what a reverted call returned into words. on_step:
        told each step's name as it has been taken, for rehearsing what happens when the process ends there.
        """
        self._node = node
        self._signer = signer
        self._journal = journal
        self._done = done
        self._explain = explain
        self._policy = policy or Policy()
        self._report = on_progress
        self._step = on_step
        self._chain_id = 0
        self._block_gas = 0
        self._total = 0
        self._settled = 0
        self._planned: deque[_Item] = deque()  # to be signed
        self._foreign: list[_Item] = []  # carried out by another transaction, not final yet
        self._open: list[_Item] = []  # signed, not final yet; by nonce
        self._latest = 0  # the account's nonce in the latest block
        self._holding = False  # unknown transactions of the account wait in the pool
        self._refusal = ""  # the last thing the node said against one of ours

    def run(self, calls: Sequence[Call]) -> dict[str, list[str]]:
        """Return when every call is final: for each key, the hashes of its own transactions.

        Where none of them was mined, somebody else carried the call out. Raises what stops the job:
        TransactionRevertedError, TransactionRefusedError, NoFundsError, FeeTooHighError, NonceTakenError,
        NotMinedError, NodeError, JournalError. Running again goes on.
        """
        account = self._signer.address
        self._chain_id = self._node.chain_id()
        self._block_gas = self._node.block_gas_limit()
        self._total = len(calls)
        lock = self._journal.path.parent / f"account-{self._chain_id}-{account.lower()}.lock"
        with Lock(lock, f"Account {account}"):
            items = self._resume(calls)
            self._sort_out(items)
            with self._mining() as mine:
                self._drive(mine)
            if not any(record["kind"] == "finished" for record in self._journal.records):
                self._write({"kind": "finished"})
                self._step("finished")
        return {item.call.key: [attempt.hash for attempt in item.open] for item in items}

    # ---- where the job stands

    def _resume(self, calls: Sequence[Call]) -> list[_Item]:
        """The calls with what the journal says of each."""
        items = {call.key: _Item(call) for call in calls}
        for record in self._journal.records:
            if "key" not in record:
                continue
            item = items.get(record["key"])
            if item is None:
                raise JournalMismatchError(
                    f"Journal {self._journal.path} tells of {record['key']!r}, which this job does not have: "
                    "name another folder for journals."
                )
            if record["kind"] == "signed":
                attempt = _Attempt(
                    record["nonce"],
                    record["hash"],
                    bytes.fromhex(record["raw"][2:]),
                    Fees(record["most"], record["tip"]),
                )
                item.open.append(attempt)
                item.inherited = True
                item.refused = False
            elif record["kind"] in ("taken", "reverted"):
                item.give_up_nonce()
            elif record["kind"] == "refused":
                item.refused = True
            elif record["kind"] == "final":
                item.recorded = True
        return list(items.values())

    def _sort_out(self, items: Sequence[_Item]) -> None:
        """Put items that are not under way where they belong, by what the chain says now."""
        unsent = [item for item in items if not item.open]
        carried_out = self._consult(unsent, "latest")
        self._open += [item for item in items if item.open]
        self._open.sort(key=lambda item: item.nonce)
        self._foreign += [item for item in unsent if carried_out[item.call.key]]
        self._planned.extend(item for item in unsent if not carried_out[item.call.key])

    def _consult(self, items: Sequence[_Item], block: Block) -> dict[str, bool]:
        """Whether each item's call has been carried out as of a block, by its key."""
        if self._done is None or not items:
            return {item.call.key: False for item in items}
        answers = self._done([item.call for item in items], block)
        return {item.call.key: answer for item, answer in zip(items, answers, strict=True)}

    # ---- the loop

    def _drive(self, mine: bool) -> None:
        policy = self._policy
        began = moved = pushed = raised = time.monotonic()
        before: object = None
        head = self._observe()
        self._push(raise_first=False)  # what an earlier run may have signed and not sent
        while self._settled < self._total:
            now = time.monotonic()
            # While transactions wait, only a mined one is progress; once all are mined, any block is.
            standing = (self._latest, self._settled, len(self._planned), None if self._waiting() else head)
            stands_still = standing == before
            if not stands_still:
                before, moved, pushed, raised = standing, now, now, now
            if now - moved > policy.give_up_after:
                self._give_up(now - moved)
            if now - pushed > policy.resend_after:
                raise_first = now - raised > policy.bump_after
                self._push(raise_first=raise_first)
                pushed, raised = now, now if raise_first else raised
            self._fill(hold=now - began < policy.resend_after)
            if mine:
                self._node.mine()
            if stands_still or not mine:
                time.sleep(policy.poll)
            head = self._observe()

    def _waiting(self) -> list[_Item]:
        """Signed and not in the chain, by nonce."""
        return [item for item in self._open if item.nonce >= self._latest]

    def _observe(self) -> int:
        """Look at the chain, settle what is final, and return the latest block's number."""
        head = self._node.head()
        deep = head - self._policy.confirmations + 1
        account = self._signer.address
        self._latest = self._node.nonce(account)
        if deep >= 0:
            used_up = self._node.nonce(account, deep)
            self._settle([item for item in self._open if item.nonce < used_up], deep)
            self._settle_foreign(deep)
        mined = self._total - len(self._planned) - len(self._waiting())
        self._report(Progress(self._total - len(self._planned), mined, self._settled, self._total))
        return head

    def _give_up(self, seconds: float) -> NoReturn:
        waiting = self._waiting()
        where = f"Nothing moved for {seconds:.0f} seconds"
        if waiting and waiting[0].nonce > self._latest:
            why = (
                f"{where}, because transaction {self._latest} of {self._signer.address}, which this job did "
                "not make, is missing or stuck: send or cancel it"
            )
        elif waiting:
            said = f" (the node said last: {self._refusal})" if self._refusal else ""
            why = f"{where} with {len(waiting)} transactions waiting to be mined{said}: look at the node"
        else:
            why = f"{where}, because no block came: look at the node"
        raise NotMinedError(f"{why}, then run again to go on from here.")

    # ---- what the chain says

    def _settle(self, items: Sequence[_Item], deep: int) -> None:
        """Items whose nonce is used up for good: by one of their own transactions, or by another."""
        carried_out = self._consult(items, deep)
        final = [item for item in items if carried_out[item.call.key]]
        doubtful: list[tuple[_Item, dict[str, Any] | None]] = []
        for item, receipt in self._receipts([item for item in items if not carried_out[item.call.key]]):
            if receipt is None:
                item.looks += 1
                if item.looks >= _LOOKS:
                    doubtful.append((item, None))
            elif int(receipt["blockNumber"], 16) <= deep:  # else moved by a reorganisation, between two looks
                if int(receipt["status"], 16) == 0:
                    doubtful.append((item, receipt))
                elif self._done is None:
                    final.append(item)
                else:
                    item.looks += 1
                    if item.looks >= _LOOKS:
                        doubtful.append((item, receipt))
        self._conclude(final, deep)
        self._doubt(doubtful)

    def _receipts(self, items: Sequence[_Item]) -> list[tuple[_Item, dict[str, Any] | None]]:
        """Each item with the receipt of the one of its transactions that was mined."""
        owners = [(item, attempt.hash) for item in items for attempt in item.open]
        receipts = self._node.receipts([hash_ for _, hash_ in owners])
        mined = {
            item.call.key: receipt
            for (item, _), receipt in zip(owners, receipts, strict=True)
            if receipt is not None
        }
        return [(item, mined.get(item.call.key)) for item in items]

    def _doubt(self, items: Sequence[tuple[_Item, dict[str, Any] | None]]) -> None:
        """Items that reverted or lost their nonce: to wait for, to be planned anew, or the end."""
        carried_out = self._consult([item for item, _ in items], "latest")
        stopped: TransactionRevertedError | None = None
        for item, receipt in items:
            key = item.call.key
            if carried_out[key]:
                continue  # by somebody else, and not final yet
            if receipt is not None:
                error = self._reverted(item.call, receipt)
                # What an earlier run sent may have reverted for a reason that has been mended since.
                stopped = stopped or (None if item.inherited else error)
            elif self._done is not None:
                self._write({"kind": "taken", "key": key, "nonce": item.nonce})
            else:
                raise NonceTakenError(
                    f"Another transaction of {self._signer.address} took nonce {item.nonce} from {key}: see "
                    "what it did, and decide whether to send again."
                )
            self._open.remove(item)
            item.give_up_nonce()
            self._planned.append(item)
        if stopped is not None:
            raise stopped

    def _reverted(self, call: Call, receipt: dict[str, Any]) -> TransactionRevertedError:
        """Note that a call's transaction was mined and reverted; the error that says why."""
        reason, hash_ = self._reason(call, receipt), receipt["transactionHash"]
        self._write({"kind": "reverted", "key": call.key, "hash": hash_, "reason": reason})
        return TransactionRevertedError(
            f"The transaction for {call.key} ({hash_}) was mined and did nothing: {reason}", reason=reason
        )

    def _settle_foreign(self, deep: int) -> None:
        """Items that another transaction carried out: final, waiting, or undone by a reorganisation."""
        if not self._foreign:
            return
        for_good = self._consult(self._foreign, deep)
        unsure = [item for item in self._foreign if not for_good[item.call.key]]
        self._conclude([item for item in self._foreign if for_good[item.call.key]], deep)
        self._foreign = []
        self._sort_out(unsure)

    def _conclude(self, items: Sequence[_Item], deep: int) -> None:
        """Items that are final as of a block."""
        if not items:
            return
        self._step("mined")
        news = [{"kind": "final", "key": item.call.key, "block": deep} for item in items if not item.recorded]
        if news:
            self._write(*news)
            self._step("final")
        gone = {id(item) for item in items}
        self._open = [item for item in self._open if id(item) not in gone]
        self._settled += len(items)

    def _reason(self, call: Call, receipt: dict[str, Any]) -> str:
        """Why a mined transaction did nothing, by making the same call at its block."""
        number = int(receipt["blockNumber"], 16)
        for block in (number, number - 1):
            try:
                self._node.call(call.to, call.data, sender=self._signer.address, block=block)
            except NodeRefusedError as refusal:
                if refusal.data or block != number:
                    return self._explain(bytes.fromhex(refusal.data[2:]))
        if int(receipt["gasUsed"], 16) > call.gas * 15 // 16:  # of an inner call, the outer one keeps a part
            return f"it used up its gas limit of {call.gas}"
        return "the same call would succeed now"

    # ---- signing and sending

    def _fill(self, *, hold: bool) -> None:
        """Sign and send what has not been, as much as the window and the next blocks take."""
        waiting = self._waiting()
        if not self._planned or len(waiting) >= self._policy.window:
            return
        nonce = max((item.nonce + 1 for item in self._open), default=self._latest)
        pending = self._node.nonce(self._signer.address, "pending")
        if pending > max(nonce, self._latest) and hold:
            # Transactions that this journal does not know wait in the pool, perhaps of a run whose journal
            # was lost. They may be these very calls: let them be mined first.
            self._holding = True
            return
        if self._holding:
            self._holding = False
            planned = list(self._planned)
            self._planned.clear()
            self._sort_out(planned)
        nonce = max(nonce, pending, self._latest)
        gas = _BLOCKS_AHEAD * self._block_gas - sum(item.call.gas for item in waiting)
        room = self._policy.window - len(waiting)
        while self._planned and room and (gas > 0 or not waiting):
            fees = self._node.fees(self._policy.fee_ceiling)
            group: list[tuple[_Item, int, Fees]] = []
            while self._planned and len(group) < min(room, _GROUP) and (gas > 0 or not group):
                item = self._planned.popleft()
                gas -= item.call.gas
                group.append((item, nonce, fees))
                nonce += 1
            room -= len(group)
            self._open += [item for item, _, _ in group]
            self._sign_and_send(group)
            waiting = self._waiting()

    def _push(self, *, raise_first: bool) -> None:
        """Send what waits again as it is, and what pays too little, or was refused, signed anew."""
        waiting = self._waiting()
        if not waiting:
            return
        if raise_first and waiting[0].nonce > self._latest:
            self._fill_gap(waiting[0].nonce)
            raise_first = False
        base_fee = self._node.base_fee()
        poor = [item for item in waiting if item.refused or item.open[-1].fees.most < base_fee]
        if raise_first and waiting[0] not in poor:
            poor.insert(0, waiting[0])
        # Another transaction of the account has the same nonce and pays more: it is not ours to outbid.
        poor = [item for item in poor if not item.contested]
        self._send([item for item in waiting if item not in poor])
        self._raise_fees(poor)

    def _fill_gap(self, end: int) -> None:
        """Use up nonces that ours wait behind and nobody's transaction has, by sending nothing to ourselves.

        Such gaps are left by transactions that were dropped, and by nodes that told of too many.
        """
        account = self._signer.address
        try:
            fees = self._node.fees(self._policy.fee_ceiling)
        except FeeTooHighError as error:
            self._refusal = str(error).rstrip(".")
            return
        missing = range(max(self._latest, self._node.nonce(account, "pending")), end)
        if not missing:
            return  # somebody's transactions wait there
        nothing = Call("", account, b"", _PLAIN_GAS)
        attempts = [self._sign(nothing, nonce, fees) for nonce in missing[:_GROUP]]
        self._write(*({"kind": "gap", "nonce": each.nonce, "hash": each.hash} for each in attempts))
        self._node.send_raw([attempt.raw for attempt in attempts])

    def _raise_fees(self, items: Sequence[_Item]) -> None:
        """Sign again for the same nonces, offering enough more for nodes to take it instead."""
        if not items:
            return
        ceiling = self._policy.fee_ceiling
        try:
            fees = self._node.fees(ceiling)
        except FeeTooHighError as error:
            self._refusal = str(error).rstrip(".")
            return
        group: list[tuple[_Item, int, Fees]] = []
        for item in items:
            last = item.open[-1].fees
            most = max(fees.most, last.most * _BUMP_PERCENT // 100 + 1)
            tip = max(fees.tip, last.tip * _BUMP_PERCENT // 100 + 1)
            if ceiling is not None and most > ceiling:
                self._refusal = "what waits may not pay more, for the ceiling on fees"
            else:
                group.append((item, item.nonce, Fees(most, min(tip, most))))
        self._sign_and_send(group, may_raise=False)

    def _sign_and_send(self, group: Sequence[tuple[_Item, int, Fees]], *, may_raise: bool = True) -> None:
        """Sign, have it on disk, and only then send."""
        if not group:
            return
        records = []
        for item, nonce, fees in group:
            attempt = self._sign(item.call, nonce, fees)
            item.open.append(attempt)
            item.refused = False
            records.append(
                {
                    "kind": "signed",
                    "key": item.call.key,
                    "nonce": nonce,
                    "hash": attempt.hash,
                    "most": fees.most,
                    "tip": fees.tip,
                    "raw": "0x" + attempt.raw.hex(),
                }
            )
        self._step("signing")
        self._write(*records)
        self._step("signed")
        self._send([item for item, _, _ in group], may_raise=may_raise)

    def _sign(self, call: Call, nonce: int, fees: Fees) -> _Attempt:
        signed = self._signer.sign_transaction(
            {
                "type": 2,
                "chainId": self._chain_id,
                "nonce": nonce,
                "to": checksum_address(parse_address(call.to)),
                "value": 0,
                "gas": call.gas,
                "maxFeePerGas": fees.most,
                "maxPriorityFeePerGas": fees.tip,
                "data": call.data,
                "accessList": list(call.access_list),
            }
        )
        return _Attempt(nonce, "0x" + bytes(signed.hash).hex(), bytes(signed.raw_transaction), fees)

    def _send(self, items: Sequence[_Item], *, may_raise: bool = True) -> None:
        refusals = self._node.send_raw([item.open[-1].raw for item in items])
        self._step("sent")
        cheap = []
        for item, refusal in zip(items, refusals, strict=True):
            if refusal is not None and self._hear(item, refusal):
                cheap.append(item)
        if may_raise:
            self._raise_fees(cheap)

    def _hear(self, item: _Item, refusal: NodeRefusedError) -> bool:
        """Take in what the node said against a transaction; True where it wants a higher fee."""
        said = refusal.reason.lower()
        if any(words in said for words in _HARMLESS):
            return False  # the chain will show whose transaction it is
        self._refusal = refusal.reason.rstrip(".")
        if any(words in said for words in _CONTESTED):
            item.contested = len(item.open) == 1  # else it may be our own, at the fee before
        elif any(words in said for words in _CHEAP):
            return True
        elif any(words in said for words in _NO_FUNDS):
            raise NoFundsError(
                f"{self._signer.address} cannot pay for gas: send it some ETH, then run again to go on."
            )
        elif any(words in said for words in _HOPELESS):
            self._write({"kind": "refused", "key": item.call.key, "reason": refusal.reason})
            raise TransactionRefusedError(
                f"{self._node.name} will not take the transaction for {item.call.key}: {self._refusal}."
            )
        return False

    def _write(self, *records: dict[str, Any]) -> None:
        self._journal.append(*records)

    # ---- development nodes

    @contextmanager
    def _mining(self) -> Iterator[bool]:
        """Whether to make blocks; while it lasts, the node makes none of its own accord."""
        switches = [record["on"] for record in self._journal.records if record["kind"] == "automine"]
        left_off = bool(switches) and not switches[-1]  # by a run that was killed
        automine = left_off or self._node.automine()
        if self._policy.mine is False or not automine:
            yield self._policy.mine is True
            return
        self._write({"kind": "automine", "on": False})
        self._node.set_automine(False)
        try:
            yield True
        finally:
            with suppress(NodeError):
                self._node.set_automine(True)
                self._write({"kind": "automine", "on": True})
