"""An Ethereum node over JSON-RPC: reads that are retried, sends that never are, and errors in words.

Reads (`ask`, `ask_many` and what is built on them) are repeated a few times when the connection fails, the
node asks for patience or fails for the moment. `send_raw` and `command` are made once: a lost reply does not
tell whether the request arrived, and finding that out is the caller's part.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Any, TypeVar
from urllib.parse import urlsplit

import orjson
import requests

from symbolon.exceptions import (
    FeeTooHighError,
    NodeBusyError,
    NodeError,
    NodeNonsenseError,
    NodeRefusedError,
    NodeUnreachableError,
    NotMinedError,
)

Block = int | str
"""A block by its number, or "latest", "pending", "finalized", …"""

Call = tuple[str, Sequence[object]]
"""A method and its parameters."""

GWEI = 10**9

_T = TypeVar("_T")

_CONNECT_SECONDS = 5.0
_MOST_BYTES = 1_000_000  # of a request; nodes refuse long ones, many at 2 to 5 MB
_TOO_MANY = (-32005, 429)  # codes that mean: too many requests, later
# What nodes say of a block that another node behind the same address has told of, and they will hear of soon.
_NOT_HEARD_OF = ("header not found", "unknown block", "block not found", "blockoutofrange")


@dataclass(frozen=True)
class Fees:
    """What a transaction offers, in wei a gas: `most` in all, of which `tip` to the block's builder."""

    most: int
    tip: int


class Node:
    """A node at a URL; one HTTP connection, for one thread."""

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 60.0,
        attempts: int = 5,
        patience: float = 0.5,
        most_per_batch: int = 100,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Nothing is asked yet.

        timeout: seconds without a byte after which an answer counts as lost. attempts: how often a read is
        tried. patience: seconds before the second try, doubled for each further one. most_per_batch: requests
        sent together; a node that refuses as many is sent fewer.
        """
        self.url = url
        self._timeout = timeout
        self._attempts = attempts
        self._patience = patience
        self._most = most_per_batch
        self._sleep = sleep
        self._has_answered = False
        self._session = requests.Session()
        self._session.headers["Content-Type"] = "application/json"

    @property
    def name(self) -> str:
        """The node's address without what may be secret in it."""
        parts = urlsplit(self.url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname}{port}"

    # ---- requests

    def ask(self, method: str, *params: object) -> Any:  # noqa: ANN401 (whatever JSON the method returns)
        """The result of a read. Raises NodeRefusedError with the node's own reason, and other NodeErrors."""
        (answer,) = self.ask_many([(method, params)])
        if isinstance(answer, NodeRefusedError):
            raise answer
        return answer

    def ask_many(self, calls: Sequence[Call], *, most: int | None = None) -> list[Any]:
        """The results of many reads, in their order; where the node refused one, its NodeRefusedError.

        most: requests sent together, where the answers are large.
        """
        answers: list[Any] = [_MISSING] * len(calls)
        for chunk in _chunks(range(len(calls)), min(most or self._most, self._most)):
            waiting = chunk
            for attempt in range(self._attempts):
                if attempt:
                    self._sleep(self._patience * 2 ** (attempt - 1))
                error = self._try_reads(calls, waiting, answers)
                waiting = [at for at in waiting if answers[at] is _MISSING]
                if not waiting:
                    break
            else:
                raise error
        return answers

    def command(self, method: str, *params: object) -> Any:  # noqa: ANN401 (as above)
        """The result of something that is not to be repeated, such as `evm_mine`. Raises NodeError."""
        (reply,) = self._post_batch([(method, params)])
        if reply is _MISSING:
            raise NodeNonsenseError(f"{self.name} did not answer {method}.")
        if isinstance(reply, NodeRefusedError):
            raise reply
        return reply

    def send_raw(self, raws: Sequence[bytes]) -> list[NodeRefusedError | None]:
        """Hand over signed transactions, once and in order: what the node said against each.

        None means accepted or unknown (the reply was lost, or the node did not say): the chain will tell.
        """
        replies: list[NodeRefusedError | None] = []
        calls: list[Call] = [("eth_sendRawTransaction", ["0x" + raw.hex()]) for raw in raws]
        for chunk in _chunks(calls, self._most):
            try:
                answers = self._post_batch(chunk)
            except (NodeUnreachableError, NodeBusyError, NodeNonsenseError):
                answers = [None] * len(chunk)
            replies += [answer if isinstance(answer, NodeRefusedError) else None for answer in answers]
        return replies

    # ---- the chain

    def chain_id(self) -> int:
        """The chain's number (EIP-155)."""
        return self._number("eth_chainId")

    def client_version(self) -> str:
        """The node's program, such as "anvil/v1.7.1"."""
        return str(self.ask("web3_clientVersion"))

    def identity(self) -> str:
        """What tells this chain from others of the same number, restarted development chains among them."""
        try:
            client = self.client_version()
        except NodeRefusedError:  # as some providers do
            client = ""
        if client.lower().startswith("anvil"):
            return f"anvil {self._member('instanceId', 'anvil_metadata')}"
        return f"genesis {self._member('hash', 'eth_getBlockByNumber', '0x0', False)}"

    def head(self) -> int:
        """Number of the latest block."""
        return self._number("eth_blockNumber")

    def block_gas_limit(self) -> int:
        """Gas that the latest block could hold."""
        method = "eth_getBlockByNumber"
        limit = self._member("gasLimit", method, "latest", False)
        try:
            return int(limit, 16)
        except ValueError:
            raise self._nonsense(method, limit) from None

    def nonce(self, account: str, block: Block = "latest") -> int:
        """How many transactions of the account the chain has by that block; "pending" adds waiting ones."""
        return self._number("eth_getTransactionCount", account, _block(block))

    def check_nothing_waits(self, account: str) -> None:
        """Raise NotMinedError where transactions of the account wait: one may be what is about to be sent."""
        waiting = self.nonce(account, "pending") - self.nonce(account)
        if waiting > 0:
            raise NotMinedError(
                f"Waiting to be mined: {waiting} of {account}, which an earlier run or somebody else sent: "
                "let them be mined, then run again."
            )

    def balance(self, account: str) -> int:
        """Wei the account holds."""
        return self._number("eth_getBalance", account, "latest")

    def code(self, address: str) -> bytes:
        """The contract's code; empty where there is none."""
        return self._data(self.ask("eth_getCode", address, "latest"))

    def call(self, to: str, data: bytes, *, sender: str | None = None, block: Block = "latest") -> bytes:
        """What a contract returns. Raises NodeRefusedError, with the contract's own `data`, on a revert."""
        return self._data(self.ask("eth_call", _transaction(to, data, sender), _block(block)))

    def call_many(self, to: str, datas: Sequence[bytes], *, block: Block = "latest") -> list[bytes]:
        """As `call`, for many calls of one contract."""
        calls: list[Call] = [("eth_call", [_transaction(to, data, None), _block(block)]) for data in datas]
        return [self._data(answer) for answer in _unrefused(self.ask_many(calls))]

    def estimate_gas(self, to: str, data: bytes, *, sender: str, block: Block = "latest") -> int:
        """Gas a transaction would need after that block. Raises NodeRefusedError as `call` does."""
        return self._number("eth_estimateGas", _transaction(to, data, sender), _block(block))

    def base_fee(self) -> int:
        """Wei a gas that the next block will burn."""
        return self._fee_history()[0]

    def fees(self, ceiling: int | None = None) -> Fees:
        """What to offer now: room for the base fee to double, and the tip that others paid of late.

        ceiling: wei a gas never to be exceeded. Raises FeeTooHighError where the next block would cost more.
        """
        base, tip = self._fee_history()
        tip = self._suggested_tip() if tip is None else tip
        if ceiling is not None and base + tip > ceiling:
            raise FeeTooHighError(
                f"The network asks for {_gwei(base + tip)} gwei a gas and the ceiling is {_gwei(ceiling)}: "
                "wait until it is cheaper, or raise the ceiling."
            )
        most = 2 * base + tip
        return Fees(most if ceiling is None else min(most, ceiling), tip)

    def receipts(self, hashes: Sequence[str]) -> list[dict[str, Any] | None]:
        """The receipt of each transaction; None where the node does not have it in the chain (yet)."""
        calls: list[Call] = [("eth_getTransactionReceipt", [each]) for each in hashes]
        answers = _unrefused(self.ask_many(calls, most=20))  # with hundreds of logs each
        for answer in answers:
            if answer is not None and not _is_receipt(answer):
                raise self._nonsense("eth_getTransactionReceipt", answer)
        return answers

    def block_receipts(self, block: Block) -> list[dict[str, Any]]:
        """All receipts of a block, in order."""
        answer = self.ask("eth_getBlockReceipts", _block(block))
        if not isinstance(answer, list) or not all(_is_receipt(receipt) for receipt in answer):
            raise self._nonsense("eth_getBlockReceipts", answer)
        return answer

    def logs(self, address: str, topics: Sequence[object], first: int, last: int) -> list[dict[str, Any]]:
        """Events of a contract from block `first` to `last`, in order; topics as in eth_getLogs.

        A node that refuses so many blocks at once is asked for half of them.
        """
        if first > last:
            return []
        request = {"address": address, "topics": topics, "fromBlock": hex(first), "toBlock": hex(last)}
        try:
            answer = self.ask("eth_getLogs", request)
        except NodeRefusedError:
            if first == last:
                raise
            middle = (first + last) // 2
            return self.logs(address, topics, first, middle) + self.logs(address, topics, middle + 1, last)
        if not isinstance(answer, list) or not all(_is_log(log) for log in answer):
            raise self._nonsense("eth_getLogs", answer)
        return answer

    # ---- development nodes

    def automine(self) -> bool:
        """Whether each transaction makes a block at once, as development nodes can."""
        try:
            return self.ask("hardhat_getAutomine") is True
        except NodeError:
            return False

    def set_automine(self, enabled: bool) -> None:
        """Switch that on or off."""
        self.command("evm_setAutomine", enabled)

    def mine(self) -> None:
        """Make one block now."""
        self.command("evm_mine")

    # ---- internals

    def _try_reads(self, calls: Sequence[Call], which: Sequence[int], answers: list[Any]) -> NodeError:
        """Ask for some of the calls once and note the answers; the error is for those that got none."""
        try:
            replies = self._post_batch([calls[at] for at in which])
        except (NodeUnreachableError, NodeNonsenseError) as error:
            if not self._has_answered:
                raise  # a wrong address stays wrong
            return error
        except NodeBusyError as error:
            return error
        self._has_answered = True
        for at, reply in zip(which, replies, strict=True):
            if not (isinstance(reply, NodeRefusedError) and _is_for_later(reply)):
                answers[at] = reply
        return NodeBusyError(f"{self.name} leaves requests unanswered: try later or another node.")

    def _post_batch(self, calls: Sequence[Call]) -> list[Any]:
        """Results in the order of the calls; NodeRefusedError or _MISSING in the place of one without."""
        batch = [
            {"jsonrpc": "2.0", "id": at, "method": method, "params": params}
            for at, (method, params) in enumerate(calls)
        ]
        body = orjson.dumps(batch if len(batch) > 1 else batch[0])
        if len(body) > _MOST_BYTES and len(calls) > 1:
            half = len(calls) // 2
            return self._post_batch(calls[:half]) + self._post_batch(calls[half:])
        reply = self._post(body, calls[0][0])
        if isinstance(reply, dict):
            if len(calls) > 1:  # the batch as a whole was refused
                self._most = max(1, len(calls) // 2)
                half = len(calls) // 2
                return self._post_batch(calls[:half]) + self._post_batch(calls[half:])
            reply = [reply]
        if not isinstance(reply, list):
            raise self._nonsense(calls[0][0], reply)
        answers: list[Any] = [_MISSING] * len(calls)
        for each in reply:
            at = each.get("id") if isinstance(each, dict) else None
            if len(calls) == 1 and at is None:
                at = 0  # a node that could not make sense of the request does not know its id
            if (
                not isinstance(at, int)
                or not 0 <= at < len(calls)
                or not ("result" in each or "error" in each)
            ):
                raise self._nonsense(calls[0][0], each)
            answers[at] = self._refusal(calls[at][0], each["error"]) if "error" in each else each["result"]
        return answers

    def _post(self, body: bytes, method: str) -> Any:  # noqa: ANN401 (whatever JSON came)
        try:
            response = self._session.post(self.url, data=body, timeout=(_CONNECT_SECONDS, self._timeout))
        except requests.Timeout as error:
            raise NodeUnreachableError(
                f"{self.name} did not answer in time: try again or another node."
            ) from error
        except (requests.RequestException, OSError, ValueError) as error:
            raise NodeUnreachableError(
                f"{self.name} cannot be reached ({_cause(error)}): check the address and that the node runs."
            ) from error
        status = response.status_code
        if status == 429 or status >= 500:
            raise NodeBusyError(
                f"{self.name} answered {status} {response.reason}: try later or another node."
            )
        try:
            return _parse(response.content)
        except orjson.JSONDecodeError as error:
            if status >= 400:
                raise NodeRefusedError(
                    f"{self.name} answered {status} {response.reason}: check the address and the access key.",
                    code=status,
                    reason=str(response.reason),
                ) from error
            raise self._nonsense(method, response.content[:40].decode(errors="replace")) from error

    def _refusal(self, method: str, error: object) -> NodeRefusedError:
        facts = error if isinstance(error, dict) else {"message": error}
        code = facts.get("code")
        reason = str(facts.get("message") or "no reason given")
        data = facts.get("data")
        if isinstance(data, dict):  # some nodes wrap it
            data = data.get("data") or data.get("result")
        return NodeRefusedError(
            f"{self.name} refused {method}: {reason}.",
            code=code if isinstance(code, int) else 0,
            reason=reason,
            data=data if isinstance(data, str) and data.startswith("0x") else "",
        )

    def _nonsense(self, method: str, answer: object) -> NodeNonsenseError:
        shown = str(answer)
        return NodeNonsenseError(
            f"{self.name} does not answer like an Ethereum node ({method} gave {shown[:60]!r}): check the "
            "address."
        )

    def _number(self, method: str, *params: object) -> int:
        answer = self.ask(method, *params)
        try:
            return int(answer, 16)
        except (TypeError, ValueError):
            raise self._nonsense(method, answer) from None

    def _dict(self, method: str, *params: object) -> dict[str, Any]:
        answer = self.ask(method, *params)
        if not isinstance(answer, dict):
            raise self._nonsense(method, answer)
        return answer

    def _member(self, name: str, method: str, *params: object) -> str:
        """A text that is part of the answer."""
        answer = self._dict(method, *params)
        member = answer.get(name)
        if not isinstance(member, str):
            raise self._nonsense(method, answer)
        return member

    def _data(self, answer: object) -> bytes:
        if isinstance(answer, str) and answer.startswith("0x"):
            try:
                return bytes.fromhex(answer[2:])
            except ValueError:
                pass
        raise self._nonsense("a call", answer)

    def _fee_history(self) -> tuple[int, int | None]:
        """The next block's base fee, and the tip that was typical of late; None where nobody gave any."""
        history = self._dict("eth_feeHistory", "0xa", "latest", [50])
        try:
            base = int(history["baseFeePerGas"][-1], 16)
            tips = [int(block[0], 16) for block in history.get("reward") or []]
        except (KeyError, IndexError, TypeError, ValueError):
            raise self._nonsense("eth_feeHistory", history) from None
        given = [tip for tip in tips if tip]
        if not given:
            return base, None
        # Where most blocks gave none, the few that did may be somebody's mistake, and no reason to follow.
        return base, median_low(given) if 2 * len(given) > len(tips) else min(GWEI, *given)

    def _suggested_tip(self) -> int:
        try:
            return self._number("eth_maxPriorityFeePerGas")
        except NodeRefusedError:
            return GWEI


def _parse(content: bytes) -> Any:  # noqa: ANN401 (whatever JSON came)
    """JSON; a long answer without the collector looking through hundreds of thousands of new objects."""
    pause = len(content) > _MOST_BYTES and gc.isenabled()
    if pause:
        gc.disable()
    try:
        return orjson.loads(content)
    finally:
        if pause:
            gc.enable()


def _is_for_later(refusal: NodeRefusedError) -> bool:
    """Whether the same request may well be answered in a moment."""
    said = refusal.reason.lower()
    return refusal.code in _TOO_MANY or any(words in said for words in _NOT_HEARD_OF)


def _is_receipt(answer: object) -> bool:
    """Whether it has what is read of a receipt."""
    try:
        return isinstance(answer, dict) and all(
            int(answer[name], 16) >= 0 for name in ("blockNumber", "status", "gasUsed", "transactionHash")
        )
    except (KeyError, TypeError, ValueError):
        return False


def _is_log(answer: object) -> bool:
    """Whether it has what is read of an event."""
    return isinstance(answer, dict) and answer.keys() >= _LOG


_LOG = {"topics", "data", "blockNumber", "transactionHash"}


class _Missing:
    """Stands for an answer that a node left out of a batch."""


_MISSING = _Missing()


def _unrefused(answers: Iterable[Any]) -> list[Any]:
    found = list(answers)
    for answer in found:
        if isinstance(answer, NodeRefusedError):
            raise answer
    return found


def _chunks(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]


def _block(block: Block) -> str:
    return hex(block) if isinstance(block, int) else block


def _transaction(to: str, data: bytes, sender: str | None) -> dict[str, str]:
    return {"to": to, "data": "0x" + data.hex()} | ({"from": sender} if sender else {})


def _cause(error: BaseException) -> str:
    """The innermost reason, which is the one a person understands."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    text = str(getattr(error, "strerror", None) or error)
    return text[:80]


def _gwei(wei: int) -> str:
    return f"{wei / GWEI:.3g}"
