"""A town of brands, founded once for each module, and commands that are run in it."""
# ruff: noqa: PLC0415 (Ape takes seconds to import, which tests that need no chain are spared)

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from commands import Do, Outcome, run

if TYPE_CHECKING:
    from ape.api import ProviderAPI
    from town import Town

    from symbolon.alliance import Alliance
    from symbolon.anvil import Anvil


@pytest.fixture(scope="module")
def founded(_provider: ProviderAPI, _deployed: Alliance) -> Iterator[Town]:
    from shop import undone
    from town import Town

    with _provider.network.use_provider(_provider), undone():
        yield Town.found(_deployed)


@pytest.fixture
def town(founded: Town, _provider: ProviderAPI) -> Iterator[Town]:
    from shop import undone

    with _provider.network.use_provider(_provider), undone():
        yield founded


@pytest.fixture
def do(town: Town, chain: Anvil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Do:
    """Runs a command in the town."""
    from symbolon import alliance, standing

    monkeypatch.setattr(alliance, "DEPLOYMENTS", tmp_path)
    monkeypatch.setattr(standing, "STATE", tmp_path / "local" / "chain.json")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "local").symlink_to(town.alliance.records.folder)

    def command(name: str, *arguments: str, by: str = "") -> Outcome:
        signer = ("--account", by) if by else ()
        return run(name, *arguments, "--network", f"ethereum:local:{chain.url}", *signer)

    return command
