"""The chain and the page that `make up` leaves running, and a real browser to look at it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ape import networks
from commands import ape_run
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from symbolon import page as served
from symbolon.alliance import Alliance
from symbolon.manifest import Records
from symbolon.rpc import Node

if TYPE_CHECKING:
    from ape_test.accounts import TestAccount

PHONE = ViewportSize(width=360, height=740)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Standing:
    """What `up` left running: the chain, the page, and the records of both."""

    folder: Path
    state: dict[str, Any]

    @property
    def page_url(self) -> str:
        return str(self.state["pageUrl"])

    @property
    def chain_url(self) -> str:
        return str(self.state["url"])

    def account(self, name: str) -> TestAccount:
        """A seeded account, for Ape, by the name that accounts.json has; the first of that name."""
        from ape import accounts  # noqa: PLC0415 (an import would make a manager before the network is chosen)

        listed = json.loads((self.folder / "accounts.json").read_text())["accounts"]
        alias = next(each["alias"] for each in listed if each["name"] == name)
        found: TestAccount = accounts.test_accounts[int(alias.removeprefix("TEST::"))]
        return found


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    assert (served.BUILT / "index.html").is_file(), "the page is not built: run `make .local/page`"
    folder = tmp_path_factory.mktemp("deployments")
    up = ape_run("up", "--port", "0", "--page-port", "0", SYMBOLON_DEPLOYMENTS=str(folder))
    assert up.code == 0, up
    try:
        records = folder / "local"
        yield Standing(records, json.loads((records / "chain.json").read_text()))
    finally:
        assert ape_run("down", SYMBOLON_DEPLOYMENTS=str(folder)).code == 0


@pytest.fixture
def alliance(standing: Standing) -> Iterator[Alliance]:
    """The alliance on that chain; what the test does to the chain is undone."""
    node = Node(standing.chain_url)
    snapshot = node.command("evm_snapshot")
    settings = {"host": standing.chain_url}
    with networks.ethereum.local.use_provider("foundry", provider_settings=settings):
        yield Alliance.connect(Records(standing.folder))
    node.command("evm_revert", snapshot)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "the page's tests need a browser: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, standing: Standing, alliance: Alliance) -> Iterator[Page]:
    """The page on a phone, opened; whatever the browser complains of fails the test."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, locale="en-GB", timezone_id="UTC")
    page = context.new_page()
    page.set_default_timeout(15_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.goto(standing.page_url)
    page.locator(".pass").first.wait_for()
    yield page
    context.close()
    assert [each for each in complaints if not each.startswith("Failed to load resource")] == []
