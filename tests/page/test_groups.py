"""Buying together on the member's page in a real browser: what is shown is so, and joining works."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from page.looking import altered, exact, opened, passed, tokens
from playwright.sync_api import Locator, Page, expect

from symbolon.alliance import Alliance
from symbolon.groups import Group, Seat
from symbolon.tokens import Token

if TYPE_CHECKING:
    from page.conftest import Standing

DAY = 86_400


@dataclass(frozen=True)
class Circle:
    """The seeded group of coffee, which member 4 opened."""

    alliance: Alliance
    standing: Standing
    bake: Token

    @property
    def group(self) -> Group:
        return self.alliance.groups.group(self.bake, "coffee/1")

    def seat(self, name: str) -> Seat:
        return self.alliance.groups.seat(self.bake, self.group, self.standing.account(name))

    def held(self, name: str) -> int:
        return self.bake.balance_of(self.standing.account(name))

    def joined(self, name: str, top_tier: int = 0) -> None:
        """Another member joins."""
        member = self.standing.account(name)
        self.bake.mint(member, 100_00, sender=self.standing.account("bakery manager"))
        wish = self.alliance.groups.wish(self.bake, "coffee/1", member=member, top_tier=top_tier)
        self.alliance.groups.join(wish, sender=member)


@pytest.fixture
def circle(alliance: Alliance, standing: Standing) -> Circle:
    return Circle(alliance, standing, tokens(alliance)["BAKE"])


def together(page: Page) -> Page:
    page.get_by_role("link", name="Buy together").click()
    page.get_by_role("heading", level=1, name="Buy together").wait_for()
    return page


def looking(page: Page, number: int = 1) -> Page:
    """At one of the groups of coffee."""
    together(page).get_by_role("link", name=f"Join: group {number} of A kilo of house coffee").first.click()
    page.get_by_role("heading", level=1, name="A kilo of house coffee").wait_for()
    return page


def tier(page: Page, index: int) -> Locator:
    return page.locator(f'[data-tier="{index}"]')


def test_groups__show_what_is_open_and_what_is_reached(page: Page, circle: Circle) -> None:
    deal = together(page).locator('[data-deal="coffee"]')
    row = deal.locator('[data-group="1"]')
    expect(row).to_contain_text("No price reached yet")
    expect(row).to_contain_text("1 of 6 taken · 2 days left")
    circle.joined("member 5")
    expect(row).to_contain_text("Now 60 BAKE each")
    expect(row).to_contain_text("2 of 6 taken")


def test_join__with_the_first_price__and_others_bring_it_down(page: Page, circle: Circle) -> None:
    before = circle.held("member 1")
    looking(page)
    expect(tier(page, 0)).to_contain_text("1 more")
    expect(tier(page, 2)).to_contain_text("4 more")
    expect(page.locator("[data-deposit]")).to_have_text("60 BAKE")
    page.get_by_role("button", name="Join").click()
    expect(page.locator("[data-seat]")).to_contain_text("You have 1 seat, for at most 60 BAKE.")
    assert circle.held("member 1") == before - 60_00
    seat = circle.seat("member 1")
    assert (seat.quantity, seat.deposit) == (1, 60_00)
    expect(tier(page, 0)).to_contain_text("reached")
    expect(page.get_by_role("img", name="QR code: join group 1 of A kilo of house coffee")).to_be_visible()
    circle.joined("member 5")
    expect(page.locator("[data-stands]")).to_contain_text("3 of 6 taken, now 50 bake each")


def test_join__by_a_friends_link__names_who_brought_the_member(page: Page, circle: Circle) -> None:
    friend = str(circle.standing.account("member 4").address)
    group = f"0x{circle.group.id.hex()}"
    page.goto(f"{circle.standing.page_url}#/group/{circle.bake.address}/{group}/{friend}")
    page.get_by_role("button", name="One more").click()
    page.get_by_label("What would you pay at most for one?").select_option("2")
    expect(page.locator("[data-deposit]")).to_have_text("80 BAKE")
    page.get_by_role("button", name="Join").click()
    expect(page.locator("[data-seat]")).to_contain_text("You have 2 seats, for at most 80 BAKE.")
    seat = circle.seat("member 1")
    assert (seat.referrer, seat.quantity, seat.deposit) == (friend, 2, 80_00)
    member = str(circle.standing.account("member 1").address)
    share = page.locator("[data-share]").input_value()
    assert (
        share.lower() == f"{circle.standing.page_url}#/group/{circle.bake.address}/{group}/{member}".lower()
    )


def test_leave__gives_everything_back__until_the_cutoff(page: Page, circle: Circle) -> None:
    before = circle.held("member 1")
    looking(page).get_by_role("button", name="Join").click()
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("button", name="Join")).to_be_visible()
    assert circle.held("member 1") == before
    page.get_by_role("button", name="Join").click()
    expect(page.locator("[data-seat]")).to_be_visible()
    passed(circle.standing, 3 * DAY - 6 * 3600)
    expect(page.get_by_role("button", name="Leave")).to_have_count(0)
    expect(page.locator("[data-seat]")).to_be_visible()
    passed(circle.standing, 6 * 3600)
    expect(page.locator("[data-stands]")).to_have_text("2 ordered, each for 60 BAKE")
    expect(page.locator("[data-seat]")).to_contain_text("Anybody can have it settled now")


def test_start__a_group_of_ones_own(page: Page, circle: Circle) -> None:
    together(page).get_by_role("link", name="Start a group").click()
    page.get_by_role("button", name="Start the group").click()
    expect(page.locator("[data-seat]")).to_contain_text("You have 1 seat, for at most 60 BAKE.")
    assert page.url.endswith("00000002")
    assert circle.alliance.groups.group(circle.bake, "coffee/2").seats_taken == 1
    together_again = page.goto(f"{circle.standing.page_url}#/groups")
    assert together_again is None or together_again.ok
    expect(page.get_by_role("region", name="You are in")).to_contain_text("A kilo of house coffee")


def test_join__with_too_few_points__says_so(page: Page, circle: Circle) -> None:
    page.get_by_label("Whose points?").select_option("Member 2")
    looking(page).get_by_role("button", name="Join").click()
    held = exact(circle.held("member 2"), 2)
    expect(page.get_by_role("alert")).to_have_text(f"You have {held} Bakery Points: take less.")


def test_join__others_filled_it__nothing_happens(page: Page, circle: Circle) -> None:
    before = circle.held("member 1")
    looking(page)
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true})")
    page.wait_for_timeout(300)
    for name in ("member 2", "member 3", "member 5", "bakery till", "cinema till"):
        circle.joined(name)
    page.get_by_role("button", name="Join").click()
    expect(page.locator("[data-stands]")).to_have_text("6 ordered, each for 40 BAKE")
    assert circle.held("member 1") == before


def test_another_chain__nobody_joins(page: Page, circle: Circle) -> None:
    altered(page, lambda config: config.update(chainId=1))
    page.reload()
    looking(page)
    expect(page.get_by_role("main")).to_contain_text("Seats are taken by whoever holds the points")
    expect(page.get_by_role("button", name="Join")).to_have_count(0)


def test_brand__shows_its_open_groups(page: Page, circle: Circle) -> None:
    opened(page, circle.standing, circle.bake)
    expect(page.locator('[data-deal="coffee"] [data-group="1"]')).to_contain_text(re.compile("1 of 6 taken"))
    opened(page, circle.standing, tokens(circle.alliance)["STAR"])
    expect(page.locator("[data-deal]")).to_have_count(0)
