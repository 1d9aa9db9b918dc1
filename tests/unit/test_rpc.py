"""A node that fails is asked again where that is safe, and every failure is a sentence without secrets."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from nodes import Answer, Script, Server, error, result

from symbolon.exceptions import (
    FeeTooHighError,
    NodeBusyError,
    NodeNonsenseError,
    NodeRefusedError,
    NodeUnreachableError,
)
from symbolon.rpc import GWEI, Fees, Node

DROPPED: Answer = None
BUSY: Answer = (429, b"slow down")
BROKEN: Answer = (503, b"<html>bad gateway</html>")
PAGE: Answer = (200, b"<html>Welcome</html>")
TRUNCATED: Answer = (200, b'{"id":0,"resu')


class Bench:
    """A node before a script, and how long it waited between tries."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.waits: list[float] = []

    def __call__(self, *answers: Answer | Callable[[Any], Any], **options: int) -> Node:
        self.script = Script(*answers)
        server = self._stack.enter_context(Server(self.script))
        return Node(server.url, timeout=5, sleep=self.waits.append, **options)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with ExitStack() as stack:
        yield Bench(stack)


# ---- reads


@pytest.mark.parametrize("trouble", [DROPPED, BUSY, BROKEN, TRUNCATED, PAGE], ids=str)
def test_read__trouble_for_a_while__tried_again(bench: Bench, trouble: Answer) -> None:
    node = bench(result("0x1"), trouble, trouble, result("0x7a69"))
    assert node.chain_id() == 1
    assert node.chain_id() == 31337
    assert bench.waits == [0.5, 1.0]


@pytest.mark.parametrize(
    ("trouble", "error_class", "sentence"),
    [
        (DROPPED, NodeUnreachableError, "cannot be reached"),
        (BUSY, NodeBusyError, "answered 429"),
        (BROKEN, NodeBusyError, "answered 503"),
        (PAGE, NodeNonsenseError, "does not answer like an Ethereum node"),
    ],
    ids=str,
)
def test_read__trouble_for_good__a_sentence(
    bench: Bench, trouble: Answer, error_class: type[Exception], sentence: str
) -> None:
    node = bench(result("0x1"), trouble)
    node.chain_id()
    with pytest.raises(error_class, match=sentence):
        node.chain_id()
    assert len(bench.script.requests) == 6
    assert bench.waits == [0.5, 1.0, 2.0, 4.0]


def test_first_contact__nobody_there__told_at_once(bench: Bench) -> None:
    with Server(lambda _: None) as server:
        url = server.url
    node = Node(url.replace("://", "://user:secret@") + "/v3/secret-key", sleep=bench.waits.append)
    with pytest.raises(NodeUnreachableError, match="Connection refused") as refused:
        node.chain_id()
    assert "secret" not in str(refused.value)
    assert url in str(refused.value)
    assert bench.waits == []


@pytest.mark.parametrize(
    "answer",
    [
        PAGE,
        (200, b""),
        (200, b"null"),
        (200, b'"0x1"'),
        (200, b"{}"),
        (200, b'{"id":0}'),
        (200, b'{"id":7,"result":"0x1"}'),
        (200, b"[[]]"),
        (200, b'{"id":0,"result":"one"}'),
        (200, b'{"id":0,"result":null}'),
        (200, b'{"id":0,"result":[1]}'),
    ],
    ids=str,
)
def test_first_contact__not_a_node__told_at_once(bench: Bench, answer: Answer) -> None:
    with pytest.raises(NodeNonsenseError, match="does not answer like an Ethereum node"):
        bench(answer).chain_id()
    assert bench.waits == []


QUESTIONS: dict[str, Callable[[Node], object]] = {
    "identity": Node.identity,
    "block_gas_limit": Node.block_gas_limit,
    "nonce": lambda node: node.nonce("0x" + "11" * 20),
    "code": lambda node: node.code("0x" + "11" * 20),
    "base_fee": Node.base_fee,
    "receipts": lambda node: node.receipts(["0x" + "22" * 32]),
    "block_receipts": lambda node: node.block_receipts(1),
    "logs": lambda node: node.logs("0x" + "11" * 20, [], 1, 2),
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("hollow", [{}, {"blockNumber": "soon"}, [{}], [None], "", "0xzz", 7, True], ids=str)
def test_hollow_answer__told_and_not_stumbled_over(bench: Bench, question: str, hollow: object) -> None:
    node = bench(result("anvil/v1.7.1") if question == "identity" else result(hollow), result(hollow))
    with pytest.raises(NodeNonsenseError, match="does not answer like an Ethereum node"):
        QUESTIONS[question](node)


def test_no_access__the_status_is_told(bench: Bench) -> None:
    with pytest.raises(
        NodeRefusedError, match="answered 401 Unauthorized: check the address and the access key"
    ):
        bench((401, b"who are you")).chain_id()


def test_refused__reason_and_data_are_the_nodes(bench: Bench) -> None:
    node = bench(error(3, "execution reverted", "0x08c379a0"))
    with pytest.raises(NodeRefusedError, match="refused eth_call: execution reverted") as refused:
        node.call("0x" + "11" * 20, b"")
    assert (refused.value.code, refused.value.data) == (3, "0x08c379a0")
    assert len(bench.script.requests) == 1  # a refusal is an answer


def test_error_with_http_status_400__still_the_nodes_reason(bench: Bench) -> None:
    node = bench((400, b'{"jsonrpc":"2.0","id":0,"error":{"code":-32602,"message":"invalid params"}}'))
    with pytest.raises(NodeRefusedError, match="invalid params"):
        node.chain_id()


# ---- many at once


def test_many__in_their_order__whatever_the_nodes(bench: Bench) -> None:
    node = bench(
        lambda batch: [{"id": each["id"], "result": each["params"][0]} for each in reversed(batch)],
        most_per_batch=3,
    )
    assert node.ask_many([("echo", [n]) for n in range(6)]) == list(range(6))
    assert [len(request) for request in bench.script.requests] == [3, 3]


def test_many__some_left_out_or_put_off__only_those_again(bench: Bench) -> None:
    first = lambda batch: [  # noqa: E731
        {"id": 0, "result": "a"},
        {"id": 2, "error": {"code": -32005, "message": "limit exceeded"}},
    ]
    node = bench(first, lambda batch: [{"id": each["id"], "result": each["params"][0]} for each in batch])
    assert node.ask_many([("get", ["A"]), ("get", ["B"]), ("get", ["C"])]) == ["a", "B", "C"]
    assert [each["params"] for each in bench.script.requests[1]] == [["B"], ["C"]]
    assert bench.waits == [0.5]


@pytest.mark.parametrize(
    "words", ["header not found", "Unknown block.", "BlockOutOfRangeError: block height is 1"]
)
def test_read__of_a_block_that_one_of_several_nodes_has_not_heard_of__again(bench: Bench, words: str) -> None:
    node = bench(error(-32000, words), result("0x07"))
    assert node.call("0x" + "11" * 20, b"", block=9) == b"\x07"
    assert bench.waits == [0.5]


def test_many__a_refusal_stands_in_its_place(bench: Bench) -> None:
    answers = bench(
        lambda batch: [{"id": 0, "result": 1}, {"id": 1, "error": {"code": 3, "message": "no"}}]
    ).ask_many([("a", []), ("b", [])])
    assert answers[0] == 1
    assert isinstance(answers[1], NodeRefusedError)


def test_many__node_that_refuses_long_batches__sent_shorter_ones(bench: Bench) -> None:
    def picky(request: Any) -> Any:
        if isinstance(request, list) and len(request) > 2:
            return {"id": None, "error": {"code": -32600, "message": "batch too large"}}
        return result("0x1")(request)

    node = bench(picky)
    assert node.ask_many([("get", [n]) for n in range(8)]) == ["0x1"] * 8
    bench.script.requests.clear()
    assert node.ask_many([("get", [n]) for n in range(8)]) == ["0x1"] * 8
    assert [len(request) for request in bench.script.requests] == [2, 2, 2, 2]


def test_many__long_requests__split_by_size(bench: Bench) -> None:
    node = bench(result("0x1"))
    node.ask_many([("send", ["0x" + "00" * 200_000]) for _ in range(5)])
    assert sum(len(request) if isinstance(request, list) else 1 for request in bench.script.requests) == 5
    assert len(bench.script.requests) > 2


# ---- sends


@pytest.mark.parametrize("trouble", [DROPPED, BUSY, BROKEN, TRUNCATED], ids=str)
def test_send__reply_lost__never_sent_twice(bench: Bench, trouble: Answer) -> None:
    node = bench(trouble)
    assert node.send_raw([b"\x01", b"\x02"]) == [None, None]
    assert len(bench.script.requests) == 1
    assert bench.waits == []


def test_send__each_with_its_own_refusal(bench: Bench) -> None:
    node = bench(
        lambda batch: [
            {"id": 0, "result": "0xaa"},
            {"id": 1, "error": {"code": -32000, "message": "nonce too low"}},
        ]
    )
    accepted, refused = node.send_raw([b"\x01", b"\x02"])
    assert accepted is None
    assert refused is not None
    assert refused.reason == "nonce too low"
    assert bench.script.requests[0][1]["params"] == ["0x02"]


def test_command__made_once(bench: Bench) -> None:
    with pytest.raises(NodeBusyError):
        bench(BUSY).mine()
    assert len(bench.script.requests) == 1


# ---- which chain


def test_identity__genesis__also_where_the_client_is_kept_secret(bench: Bench) -> None:
    genesis = result({"hash": "0xabc", "number": "0x0"})
    assert bench(result("Geth/v1.16.0"), genesis).identity() == "genesis 0xabc"
    assert bench(error(-32601, "method not allowed"), genesis).identity() == "genesis 0xabc"
    assert bench.script.requests[1]["params"][0] == "0x0"


# ---- fees


def history(bases: list[int], tips: list[int]) -> Callable[[Any], Any]:
    return result(
        {
            "baseFeePerGas": [hex(base) for base in bases],
            "reward": [[hex(tip)] for tip in tips],
            "oldestBlock": "0x1",
        }
    )


def test_fees__room_for_the_base_fee_to_double(bench: Bench) -> None:
    node = bench(history([9 * GWEI, 10 * GWEI], [0, 3 * GWEI, GWEI, 2 * GWEI]))
    assert node.fees() == Fees(most=22 * GWEI, tip=2 * GWEI)
    assert node.fees(15 * GWEI) == Fees(most=15 * GWEI, tip=2 * GWEI)


def test_fees__beyond_the_ceiling__refused(bench: Bench) -> None:
    node = bench(history([10 * GWEI], [GWEI]))
    assert node.fees(11 * GWEI).most == 11 * GWEI
    with pytest.raises(FeeTooHighError, match=r"asks for 11 gwei a gas and the ceiling is 10\.9: wait"):
        node.fees(int(10.9 * GWEI))


def test_fees__few_tipped__not_followed_into_what_may_be_a_mistake(bench: Bench) -> None:
    assert bench(history([GWEI], [0, 0, 20_000 * GWEI, 0])).fees() == Fees(most=3 * GWEI, tip=GWEI)
    assert bench(history([GWEI], [0, 0, 5, 0])).fees().tip == 5


def test_fees__nobody_tipped__the_nodes_advice(bench: Bench) -> None:
    quiet = history([GWEI], [0, 0])
    assert bench(quiet, result(hex(7))).fees() == Fees(most=2 * GWEI + 7, tip=7)
    assert bench(quiet, error(-32601, "no such method")).fees().tip == GWEI


# ---- logs


def test_logs__node_that_limits_the_range__asked_in_parts(bench: Bench) -> None:
    asked: list[tuple[int, int]] = []

    def limited(request: Any) -> Any:
        first, last = (int(request["params"][0][key], 16) for key in ("fromBlock", "toBlock"))
        if last - first >= 4:
            return error(-32000, "block range too wide")(request)
        asked.append((first, last))
        rest = {"topics": [], "data": "0x", "transactionHash": "0x"}
        return result([{"blockNumber": hex(each), **rest} for each in range(first, last + 1)])(request)

    node = bench(limited)
    assert [int(log["blockNumber"], 16) for log in node.logs("0x", [], 5, 20)] == list(range(5, 21))
    assert asked == [(5, 8), (9, 12), (13, 16), (17, 20)]
    assert node.logs("0x", [], 3, 2) == []


def test_logs__refused_for_a_single_block__told(bench: Bench) -> None:
    with pytest.raises(NodeRefusedError, match="pruned"):
        bench(error(-32000, "pruned")).logs("0x", [], 1, 4)
