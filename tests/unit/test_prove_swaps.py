"""What `make prove` runs of swaps is whole: it is about the model's price, and each theorem can fail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbolon.reference.swap_math import Pricing
from tools import prove_swaps
from tools.prove_swaps import THEOREMS, Numbers, Price, Theorem, Token
from tools.prover import ROOT

MOST = 2**96 - 1


PRICINGS = st.builds(
    Pricing,
    st.integers(1, MOST),
    st.integers(1, MOST),
    st.integers(0, 18),
    st.integers(0, 500_000),
    st.integers(0, 500_000),
)


@given(PRICINGS, st.integers(-MOST, MOST), st.integers(0, MOST))
def test_price__is_the_models(pricing: Pricing, net: int, amount: int) -> None:
    token = Token(pricing.unit_worth, pricing.ceiling, pricing.base_fee, pricing.fee_slope)
    assert Price().worth_in(Numbers(), token, net, amount) == pricing.worth_in(net, amount)


def test_most_fee__is_the_pools() -> None:
    source = (ROOT / "contracts" / "Pools.sol").read_text()
    assert f"MOST_FEE = {prove_swaps.MOST_FEE:_};" in source


@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda theorem: theorem.title)
def test_theorem__no_number_breaks_it__each_of_its_bugs_does(
    theorem: Theorem, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert theorem.bugs
    for bug in theorem.bugs:
        numbers = theorem.counterexample(bug())
        assert numbers is not None
        assert theorem.holds(Price(), *numbers)
    monkeypatch.setattr(prove_swaps, "TRIES", 2_000)
    assert theorem.counterexample(Price()) is None


def test_bug_that_is_proved_or_breaks_nothing__is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    theorem = THEOREMS[0]
    monkeypatch.setattr(prove_swaps, "_ask", lambda *_: "unsat")
    assert theorem.prove().good
    assert not theorem.refute(theorem.bugs[0]).good
    monkeypatch.setattr(prove_swaps, "_ask", lambda *_: "unknown")
    assert not theorem.prove().good
    assert theorem.refute(theorem.bugs[0]).good
    monkeypatch.setattr(prove_swaps, "TRIES", 10)
    assert not theorem.refute(Price).good
