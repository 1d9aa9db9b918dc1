"""A chain with the suite for each module, and a line to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faults.play import Stage
from faults.world import World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as world:
        yield world


@pytest.fixture(scope="module")
def stage(world: World) -> Iterator[Stage]:
    with Stage(world) as stage:
        yield stage
