"""A proof counts only if it holds everywhere, and a bug only with a counterexample."""

from __future__ import annotations

from typing import Any

import pytest

from tools import prover
from tools.prover import NotProvedError, Prover, Verdict, with_bug


class Oracle(Prover):
    """Says what it is told to say."""

    answer: dict[str, Any]

    def halmos(self, *_: str) -> dict[str, Any]:
        return self.answer


def oracle(**answer: object) -> Oracle:
    made = Oracle("Something", "nowhere")
    object.__setattr__(made, "answer", answer)
    return made


@pytest.mark.parametrize(
    ("exitcode", "bounded", "good"),
    [(0, 0, True), (0, 1, False), (1, 0, False), (2, 0, False), (3, 0, False), (4, 0, False), (5, 0, False)],
)
def test_proof__good_only_if_it_holds_everywhere(exitcode: int, bounded: int, good: bool) -> None:
    found = oracle(exitcode=exitcode, num_bounded_loops=bounded).prove("Proofs", "check_AUTH_1__nobody")
    assert found.good is good
    assert found.title == "AUTH-1 nobody"


@pytest.mark.parametrize(
    ("exitcode", "models", "good"), [(1, 1, True), (1, 0, False), (0, 0, False), (2, 0, False)]
)
def test_control__good_only_with_a_counterexample(exitcode: int, models: int, good: bool) -> None:
    found = oracle(exitcode=exitcode, num_models=models).refute("Bad", "check_views", "a bug")
    assert found.good is good


def test_reach__tells_what_succeeds() -> None:
    models = [{"model": {"p_what_1": {"value": 3}, "p_who_2": {"value": 9}}}, {"model": None}]
    assert oracle(models=models).reach("Proofs", "what") == {3}


@pytest.mark.parametrize("source", ["", "what is there twice, what is there twice"])
def test_bug__without_a_place_of_its_own__is_reported(source: str) -> None:
    with pytest.raises(NotProvedError, match='The bug "a bug" has no place'):
        with_bug(source, "a bug", "what is there twice", "")


def test_run__one_bad_verdict__is_bad(capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = (Verdict("title", "found", each, 1) for each in (True, False))
    assert prover.run([lambda: good])
    assert not prover.run([lambda: good, lambda: bad, lambda: good])
    assert capsys.readouterr().out.count("title") == 4
