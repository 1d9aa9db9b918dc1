"""What a purse says of itself."""

import pytest

from symbolon.bonds import PurseState


@pytest.mark.parametrize(
    ("value", "allotted", "required", "free"),
    [(10, 4, 0, 6), (10, 0, 7, 3), (10, 10, 0, 0), (10, 0, 11, 0)],
)
def test_free__is_what_is_neither_allotted_nor_required(
    value: int, allotted: int, required: int, free: int
) -> None:
    assert PurseState(value, allotted, required, 0, 0, 0).free == free
