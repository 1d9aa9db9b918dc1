"""Orders as the packing desk sees them, and what many in one transaction come to when some fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from symbolon import calls
from symbolon.codes import label_bytes
from symbolon.fulfilment import Names, NoOrderError, Order, State
from symbolon.orders import Orders
from symbolon.reverts import Refusal, RefusedError

TOKEN, OTHER, MEMBER, DESK, MANAGER = ("0x" + digit * 40 for digit in "12345")
TOOK_BACK = RefusedError(Refusal("Fulfilment_WrongState", {}, "It is fulfilled: leave it out."))


def order(number: int, **more: Any) -> Order:
    facts = {"member": MEMBER, "quantity": 1, "amount": 500, "compensation": 0, "stake": 50, "arbiter": DESK}
    return Order(
        TOKEN,
        label_bytes("mug"),
        number,
        **{**facts, "opened_at": 1, "reference": bytes(32), "desk": DESK, **more},
    )


def opened(token: str, number: int, reference: str = "") -> SimpleNamespace:
    """What the chain's log says of a new order."""
    facts = {
        "token": token,
        "offerId": label_bytes("mug"),
        "number": number,
        "member": MEMBER,
        "quantity": 1,
        "amount": 500,
        "compensation": 0,
        "stake": 50,
        "arbiter": DESK,
        "fulfilBy": 1000,
        "orderRef": label_bytes(reference) if reference else bytes(32),
    }
    return SimpleNamespace(event_name="OrderOpened", block_number=number, log_index=0, event_arguments=facts)


class Desk:
    """A contract that takes what it is told, unless somebody comes first `spoiled` times."""

    address = DESK

    def __init__(self, spoiled: int = 0) -> None:
        self.spoiled = spoiled
        self.sent: list[list[int]] = []
        self.logs: list[SimpleNamespace] = []
        self.fulfil = SimpleNamespace(encode_input=lambda *_: b"")

    def events(self, _desk: object, _start: int, *names: str, about: Any) -> Iterator[SimpleNamespace]:
        found = (log for log in self.logs if log.event_name in names)
        return (log for log in found if log.event_arguments["token"] == about.address)

    def transact(self, _sender: object, _desk: object, _method: str, *arguments: Any) -> None:
        if self.spoiled:
            self.spoiled -= 1
            raise TOOK_BACK
        self.sent.append(arguments[2])


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk()
    monkeypatch.setattr(calls, "estimate", lambda *_: 21_000)
    monkeypatch.setattr(calls, "transact", desk.transact)
    monkeypatch.setattr(calls, "events", desk.events)
    monkeypatch.setattr(calls, "block_time", lambda number: number)
    return desk


def orders_at(desk: Desk) -> Orders:
    return Orders(SimpleNamespace(orders_desk=desk, start_block=0))  # type: ignore[arg-type]


def fulfil(desk: Desk, some: Sequence[Order]) -> Any:
    token, manager = SimpleNamespace(address=TOKEN), SimpleNamespace(address=MANAGER)
    return orders_at(desk).fulfil(token, some, sender=manager)  # type: ignore[arg-type]


def test_fulfil__somebody_came_first__is_tried_again_in_halves(desk: Desk) -> None:
    desk.spoiled = 2
    some = [order(number) for number in range(5)]
    done = fulfil(desk, some)
    assert (done.done, done.left_out, desk.sent) == (tuple(some), (), [[0], [1], [2, 3, 4]])


def test_fulfil__somebody_always_comes_first__all_are_left_out_with_the_reason(desk: Desk) -> None:
    desk.spoiled = 100
    some = [order(0), order(1)]
    done = fulfil(desk, some)
    assert (done.done, done.left_out) == ((), tuple((each, TOOK_BACK) for each in some))


def test_fulfil__named_twice__is_sent_once(desk: Desk) -> None:
    fulfil(desk, [order(0), order(1), order(0)])
    assert desk.sent == [[0, 1]]


def test_fulfil__more_than_a_batch__is_sent_in_several(desk: Desk) -> None:
    done = fulfil(desk, [order(number) for number in range(450)])
    assert [len(batch) for batch in desk.sent] == [200, 200, 50]
    assert len(done.done) == 450


def test_of__orders_of_another_token__are_not_ours(desk: Desk) -> None:
    desk.logs = [opened(OTHER, 0), opened(TOKEN, 1), opened(OTHER, 2)]
    token = SimpleNamespace(address=TOKEN)
    assert [(each.token, each.number) for each in orders_at(desk).of(token)] == [(TOKEN, 1)]  # type: ignore[arg-type]


def test_called__of_several_with_a_reference__those_that_have_not_ended() -> None:
    reference = label_bytes("A-1")
    ended = order(3, reference=reference, state=State.REFUNDED)
    going, other = order(7, reference=reference), order(8, reference=reference, state=State.DELIVERED)
    assert Names([ended]).called("A-1") == [ended]
    assert Names([ended, going]).called("A-1") == [going]
    assert Names([ended, going, other]).called("A-1") == [going, other]


def test_called__a_reference_that_is_another_orders_name__is_passed_by() -> None:
    named, other = order(3), order(7, reference=label_bytes("mug/3"))
    assert Names([other, named]).called("mug/3") == [named]
    assert Names([named, other]).called("0x" + "00" * 32) == []


def test_find__several_of_one_reference__are_named_and_none_is_taken(desk: Desk) -> None:
    desk.logs = [opened(TOKEN, 3, "A-1"), opened(TOKEN, 7, "A-1")]
    token = SimpleNamespace(address=TOKEN, symbol="BAKE")
    with pytest.raises(NoOrderError, match=r"Several orders are called A-1 \(mug/3, mug/7\)"):
        orders_at(desk).find(token, "A-1")  # type: ignore[arg-type]


def test_is_due__from_the_second_of_the_deadline_on() -> None:
    waiting = order(0, deadline=1000)
    assert [waiting.is_due(now) for now in (999, 1000, 1001)] == [False, True, True]
    assert not order(0, deadline=0, state=State.COMPENSATED).is_due(1000)
