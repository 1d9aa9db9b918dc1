"""What `make prove` would run is whole: every check runs and can fail, and its bug has a place."""

from __future__ import annotations

import dataclasses
import re

import pytest

from tools import prove

SOURCE = (prove.ROOT / "contracts" / "LoyaltyToken.sol").read_text()


def test_every_check__is_run_and_has_a_control() -> None:
    written = set(re.findall(r"function (check_\w+)\(", (prove.ROOT / prove.PROOFS).read_text()))
    assert written == {proof.check for proof in prove.PROOFS_OF_TOKEN}
    assert written == {control.check for control in prove.CONTROLS}


@pytest.mark.parametrize("control", prove.CONTROLS, ids=lambda control: control.token)
def test_bug__has_its_place_in_the_token(control: prove.Control) -> None:
    bad = prove.patched(SOURCE, control)
    assert f"contract {control.token} is" in bad
    assert control.after in bad
    assert 'from "./' not in bad


def test_bug__without_a_place__is_reported() -> None:
    lost = dataclasses.replace(prove.CONTROLS[0], before="what nobody wrote")
    with pytest.raises(prove.NotProvedError, match="has no place"):
        prove.patched(SOURCE, lost)


@pytest.mark.parametrize(
    ("exitcode", "bounded", "good"),
    [(0, 0, True), (0, 1, False), (1, 0, False), (2, 0, False), (3, 0, False), (4, 0, False), (5, 0, False)],
)
def test_proof__good_only_if_it_holds_everywhere(
    monkeypatch: pytest.MonkeyPatch, exitcode: int, bounded: int, good: bool
) -> None:
    found = {"exitcode": exitcode, "num_bounded_loops": bounded, "num_models": 0, "models": []}
    monkeypatch.setattr(prove, "halmos", lambda *_: found)
    assert prove.prove(prove.PROOFS_OF_TOKEN[0], "Plain").good is good


@pytest.mark.parametrize(
    ("exitcode", "models", "good"), [(1, 1, True), (1, 0, False), (0, 0, False), (2, 0, False)]
)
def test_control__good_only_with_a_counterexample(
    monkeypatch: pytest.MonkeyPatch, exitcode: int, models: int, good: bool
) -> None:
    monkeypatch.setattr(prove, "halmos", lambda *_: {"exitcode": exitcode, "num_models": models})
    assert prove.refute(prove.CONTROLS[0]).good is good
