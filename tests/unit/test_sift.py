"""Sifting keeps what a loop that tries one after the other would keep, and asks far less."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from symbolon.sift import sift


class Counter:
    """A till that takes amounts while its stock lasts, refuses zeros, and counts how often it was asked."""

    def __init__(self, stock: int) -> None:
        self.stock = stock
        self.asked = 0

    def refusal(self, amounts: Sequence[int]) -> ValueError | None:
        self.asked += 1
        left = self.stock
        for amount in amounts:
            if amount == 0:
                return ValueError("zero")
            if amount > left:
                return ValueError(f"{left} left")
            left -= amount
        return None


def one_by_one(amounts: list[int], stock: int) -> tuple[list[int], list[tuple[int, str]]]:
    kept: list[int] = []
    dropped: list[tuple[int, str]] = []
    for amount in amounts:
        error = Counter(stock).refusal([*kept, amount])
        if error:
            dropped.append((amount, str(error)))
        else:
            kept.append(amount)
    return kept, dropped


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(0, 60))
def test_sift__keeps_and_drops_what_trying_one_by_one_does(amounts: list[int], stock: int) -> None:
    kept, dropped = sift(amounts, Counter(stock).refusal)
    assert (kept, [(amount, str(error)) for amount, error in dropped]) == one_by_one(amounts, stock)


def test_sift__all_good__asks_once() -> None:
    counter = Counter(1000)
    assert sift([1] * 100, counter.refusal) == ([1] * 100, [])
    assert counter.asked == 1


def test_sift__one_bad_among_a_hundred__asks_few_times() -> None:
    for place in range(100):
        counter = Counter(1000)
        amounts = [1] * place + [0] + [1] * (99 - place)
        kept, dropped = sift(amounts, counter.refusal)
        assert (len(kept), len(dropped)) == (99, 1)
        assert counter.asked <= 16


def test_sift__all_bad__asks_twice_each() -> None:
    counter = Counter(1000)
    kept, dropped = sift([0] * 100, counter.refusal)
    assert (kept, len(dropped)) == ([], 100)
    assert counter.asked <= 200


def test_sift__nothing__asks_nothing() -> None:
    counter = Counter(1)
    assert sift([], counter.refusal) == ([], [])
    assert counter.asked == 0
