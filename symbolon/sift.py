"""Doing together what can be done together, among much that is asked for. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from symbolon.exceptions import SymbolonError
from symbolon.reverts import RefusedError

T = TypeVar("T")
R = TypeVar("R")
E = TypeVar("E", bound=Exception)


def sift(items: Sequence[T], refusal: Callable[[Sequence[T]], E | None]) -> tuple[list[T], list[tuple[T, E]]]:
    """Keep, in their order, the items that can be done together; drop the others, each with why not.

    `refusal` says why some items cannot be done one after the other, or None where they can. What fails must
    still fail with more behind it: then the first culprit is the last of the shortest beginning that fails,
    which is found with about twice the logarithm of its place in questions.
    """
    kept: list[T] = []
    dropped: list[tuple[T, E]] = []
    rest = list(items)
    while rest and (error := refusal([*kept, *rest])):
        good, bad = 0, 1  # rest[:good] can be done; in the end rest[:bad] is the shortest that cannot
        while bad < len(rest):
            found = refusal([*kept, *rest[:bad]])
            if found:
                error = found
                break
            good, bad = bad, min(2 * bad, len(rest))
        while bad - good > 1:
            middle = (good + bad) // 2
            found = refusal([*kept, *rest[:middle]])
            if found:
                bad, error = middle, found
            else:
                good = middle
        kept += rest[: bad - 1]
        dropped.append((rest[bad - 1], error))
        rest = rest[bad:]
    return [*kept, *rest], dropped


def together(
    items: Sequence[T],
    refusal: Callable[[Sequence[T]], SymbolonError | None],
    act: Callable[[Sequence[T]], Iterable[R]],
) -> tuple[list[R], list[tuple[T, SymbolonError]]]:
    """What `act` makes of the items that can be done together, and the others, each with why not.

    What is refused although its trial went well, because somebody did something in the meantime or meant to
    deceive, is done in halves: each is tried again, and who spoils it ends up alone.
    """
    some, left_out = sift(items, refusal)
    if not some:
        return [], left_out
    try:
        return list(act(some)), left_out
    except RefusedError as error:
        if len(some) == 1:
            return [], [*left_out, (some[0], error)]
    done: list[R] = []
    middle = len(some) // 2
    for half in (some[:middle], some[middle:]):
        more, out = together(half, refusal, act)
        done += more
        left_out += out
    return done, left_out
