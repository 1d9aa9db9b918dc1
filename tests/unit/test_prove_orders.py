"""What `make prove` runs of orders is whole: every check runs and can fail, and each bug has a place."""

from __future__ import annotations

import re

import pytest

from tools import prove_orders
from tools.prover import ROOT


def test_every_check__is_run_and_has_a_control() -> None:
    written = set(re.findall(r"function (check_\w+)\(", (ROOT / prove_orders.PROOFS).read_text()))
    assert written == set(prove_orders.CHECKS)
    assert written == {control.check for control in prove_orders.CONTROLS}


@pytest.mark.parametrize("control", prove_orders.CONTROLS, ids=lambda control: control.contract)
def test_bug__has_its_place_in_the_orders(control: prove_orders.Control) -> None:
    orders, fulfilment = prove_orders.patched(control).values()
    assert f"contract {control.contract} is" in orders
    assert control.after in orders + fulfilment
    assert f'from "./{control.contract}Fulfilment.sol"' in orders
    assert 'from "./' not in fulfilment
