"""What `make prove` runs of the token is whole: every check runs and can fail, and each bug has a place."""

from __future__ import annotations

import re

import pytest

from tools import prove_token
from tools.prover import ROOT


def test_every_check__is_run_and_has_a_control() -> None:
    written = set(re.findall(r"function (check_\w+)\(", (ROOT / prove_token.PROOFS).read_text()))
    assert written == {proof.check for proof in prove_token.PROOFS_OF_TOKEN}
    assert written == {control.check for control in prove_token.CONTROLS}


@pytest.mark.parametrize("control", prove_token.CONTROLS, ids=lambda control: control.token)
def test_bug__has_its_place_in_the_token(control: prove_token.Control) -> None:
    bad = prove_token.patched(control)
    assert f"contract {control.token} is" in bad
    assert control.after in bad
    assert 'from "./' not in bad
