"""Tables that other people's programs read."""

from __future__ import annotations

import csv

import pytest

from symbolon.tables import inert, to_csv


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_inert__of_a_formula__is_text(text: str) -> None:
    assert inert(text) == "'" + text


@pytest.mark.parametrize("text", ["", "BAKE", "a=1", "5 = 5"])
def test_inert__of_anything_else__is_itself(text: str) -> None:
    assert inert(text) == text


def test_csv__is_read_as_it_was_written() -> None:
    rows = [["1", 'a "b"'], ["2", "c,\nd"]]
    assert list(csv.reader(to_csv(("one", "two"), rows).splitlines(keepends=True))) == [["one", "two"], *rows]
