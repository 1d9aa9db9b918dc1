"""How the tests look at the page, and what they expect to be written there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from commands import ROOT
from playwright.sync_api import Locator, Page, Route, expect

from symbolon.alliance import Alliance
from symbolon.rpc import Node
from symbolon.tokens import Token

if TYPE_CHECKING:
    from page.conftest import Standing


AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"


def tokens(alliance: Alliance) -> dict[str, Token]:
    return {token.symbol: token for token in alliance.tokens}


def card(page: Page, symbol: str) -> Locator:
    return page.locator(f'[data-token="{symbol}"]')


def exact(units: int, decimals: int, least: int = 0) -> str:
    """An amount as the page writes it, worked out here from the chain's integer alone."""
    whole, fraction = divmod(units, 10**decimals)
    digits = f"{fraction:0{decimals}d}".rstrip("0") if decimals else ""
    width = max(len(digits), least) if not digits else max(len(digits), min(2, max(decimals, least)))
    shown = digits.ljust(width, "0")
    return f"{whole:,}" + (f".{shown}" if shown else "")


def moment(seconds: int) -> re.Pattern[str]:
    """A moment as the page writes it; the space before AM and PM is the browser's choice."""
    time = datetime.fromtimestamp(seconds, UTC)
    clock = f"{time:%I:%M}".removeprefix("0")
    return re.compile(rf"{time:%B} {time.day}, {time.year} at {clock}\s{time:%p}")


def opened(page: Page, standing: Standing, token: Token, member: str = "Member 1") -> Page:
    """A brand's page, as that member sees it."""
    page.get_by_label("Whose points?").select_option(member)
    page.goto(f"{standing.page_url}#/brand/{token.address}")
    page.locator("[data-coverage]").wait_for()
    return page


def assert_usable(page: Page) -> None:
    """Labels, contrast, structure by axe's rules; nothing to scroll sideways; targets for thumbs."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_timeout(100)
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    problems = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found["violations"]]
    assert problems == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    small = page.evaluate(
        """() => [...document.querySelectorAll('a, button, select, input, summary')]
          .filter(each => each.checkVisibility() && !each.matches('.skip'))
          .map(each => [each.textContent, each.getBoundingClientRect().height])
          .filter(([, height]) => height < 44)"""
    )
    assert small == []


def passed(standing: Standing, seconds: int) -> None:
    node = Node(standing.chain_url)
    node.command("evm_increaseTime", seconds)
    node.command("evm_mine")


def altered(page: Page, change: Callable[[dict[str, object]], object]) -> None:
    """Give the page another configuration than the server's."""

    def answer(route: Route) -> None:
        config = route.fetch().json()
        change(config)
        route.fulfill(body=json.dumps(config), content_type="application/json")

    page.route("**/config.json", answer)
