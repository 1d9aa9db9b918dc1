"""A bargain whose price friends cut, on the member's page: the link shows what it has come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from page.looking import exact, moment, tokens
from playwright.sync_api import Page, expect

from symbolon import links
from symbolon.alliance import Alliance
from symbolon.deals import parse
from symbolon.deployment import List

if TYPE_CHECKING:
    from page.conftest import Standing

CHAIR = """
bargains:
  - name: chair
    kind: cut
    title: An armchair
    price: 100
    floor: 70
    cuts: 3
    least_cut: 5
    attester: "{attester}"
    stock: 3
    lasts: 2 days
    deliver_in: 10 days
    arbiter: "{arbiter}"
"""


def test_bargain__shows_what_friends_have_brought_it_to(
    page: Page, alliance: Alliance, standing: Standing
) -> None:
    bake, manager = tokens(alliance)["BAKE"], standing.account("bakery manager")
    attester, buyer, friend = (standing.account(name) for name in ("free", "member 1", "member 2"))
    alliance.set_listed(List.ATTESTER, attester, True, sender=standing.account("alliance"))
    arbiter = standing.account("arbiter").address
    text = CHAIR.format(attester=attester.address, arbiter=arbiter)
    alliance.bargains.publish(bake, parse(text, bake.units).listings[0], sender=manager)
    openings = alliance.cuts.draw_up(bake, "chair", buyer, manager)
    cut = alliance.cuts.open(openings, sender=buyer)

    page.goto(links.to_bargain(standing.page_url, bake.address, cut.listing.id, cut.number))
    expect(page.get_by_role("heading", level=1)).to_have_text("An armchair")
    expect(page.locator("[data-stands]")).to_contain_text(moment(cut.deadline))
    for fact, value in {"list": "100 BAKE", "now": "100 BAKE", "floor": "70 BAKE", "left": "3"}.items():
        expect(page.locator(f'[data-fact="{fact}"]')).to_have_text(value)
    vouched = alliance.cuts.attest(bake, "chair", friend, b"\x01" * 32, attester)
    after = alliance.cuts.draw(openings, vouched, sender=friend)
    expect(page.locator('[data-fact="now"]')).to_have_text(f"{exact(after.price, 2)} BAKE")
    expect(page.locator('[data-fact="left"]')).to_have_text("2")
    alliance.cuts.take(after, sender=buyer)
    expect(page.locator("[data-stands]")).to_have_text("It was taken.")
    page.goto(links.to_bargain(standing.page_url, bake.address, cut.listing.id, cut.number + 2**160))
    expect(page.get_by_role("main")).to_contain_text("There is no such bargain.")
