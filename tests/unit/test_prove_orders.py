"""What `make prove` would run of orders is whole: every check runs and can fail, and its bug has a place."""

from __future__ import annotations

import dataclasses
import re

import pytest

from tools import prove, prove_orders


def test_every_check__is_run_and_has_a_control() -> None:
    written = set(re.findall(r"function (check_\w+)\(", (prove.ROOT / prove_orders.PROOFS).read_text()))
    assert written == set(prove_orders.CHECKS)
    assert written == {control.check for control in prove_orders.CONTROLS}


@pytest.mark.parametrize("control", prove_orders.CONTROLS, ids=lambda control: control.contract)
def test_bug__has_its_place_in_the_orders(control: prove_orders.Control) -> None:
    orders, fulfilment = prove_orders.patched(control).values()
    assert f"contract {control.contract} is" in orders
    assert control.after in orders + fulfilment
    assert f'from "./{control.contract}Fulfilment.sol"' in orders
    assert 'from "./' not in fulfilment


def test_bug__without_a_place__is_reported() -> None:
    lost = dataclasses.replace(prove_orders.CONTROLS[0], before="what nobody wrote")
    with pytest.raises(prove.NotProvedError, match="has no place"):
        prove_orders.patched(lost)


@pytest.mark.parametrize(
    ("exitcode", "bounded", "good"),
    [(0, 0, True), (0, 1, False), (1, 0, False), (2, 0, False), (3, 0, False), (4, 0, False), (5, 0, False)],
)
def test_proof__good_only_if_it_holds_everywhere(
    monkeypatch: pytest.MonkeyPatch, exitcode: int, bounded: int, good: bool
) -> None:
    found = {"exitcode": exitcode, "num_bounded_loops": bounded, "num_models": 0, "models": []}
    monkeypatch.setattr(prove_orders, "halmos", lambda *_: found)
    assert prove_orders.check(prove_orders.CHECKS[0]).good is good


@pytest.mark.parametrize(
    ("exitcode", "models", "good"), [(1, 1, True), (1, 0, False), (0, 0, False), (2, 0, False)]
)
def test_control__good_only_with_a_counterexample(
    monkeypatch: pytest.MonkeyPatch, exitcode: int, models: int, good: bool
) -> None:
    monkeypatch.setattr(prove_orders, "halmos", lambda *_: {"exitcode": exitcode, "num_models": models})
    assert prove_orders.refute(prove_orders.CONTROLS[0]).good is good
