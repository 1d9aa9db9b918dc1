"""What was earned by root, on the member's page: seen with its proof, and claimed with a click."""
# ruff: noqa: RUF001 (the page's own typographic apostrophes)

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from page.looking import assert_usable, moment, opened, passed, tokens
from playwright.sync_api import Page, expect

from symbolon import links, proofs
from symbolon.addresses import keccak, parse_address
from symbolon.alliance import Alliance
from symbolon.merkle_sum import Leaf
from symbolon.points import LinkKeys, address_of_key
from symbolon.proofs import Posting
from symbolon.tokens import Token

if TYPE_CHECKING:
    from page.conftest import Standing

DAY = 86_400
PERIOD = 202_607
OTHERS = 2_500  # so that there are several files, and twelve levels


@dataclass(frozen=True)
class July:
    """What the bakery posted: 12.50 for member 1, 3 for a link, and some for others."""

    token: Token
    posting: Posting
    folder: Path
    key: bytes
    page_url: str

    @property
    def link(self) -> str:
        return links.to_earnings(self.page_url, self.token.address, PERIOD, self.key)

    @property
    def mine(self) -> str:
        return f"{self.page_url}#/earned/{self.token.address}/{PERIOD}"


@pytest.fixture
def july(alliance: Alliance, standing: Standing) -> Iterator[July]:
    bake, earnings = tokens(alliance)["BAKE"], alliance.earnings
    admin, manager = (standing.account(f"bakery {role}") for role in ("admin", "manager"))
    earnings.open(bake, sender=admin)
    key = LinkKeys(b"\x07" * 32, bytes(32)).key("mia@example.org")
    member = parse_address(str(standing.account("member 1").address))
    others = [Leaf(keccak(b"%d" % number)[:20], 1) for number in range(OTHERS)]
    leaves = sorted([Leaf(member, 12_50), Leaf(address_of_key(key), 3_00, True), *others])
    posting, tree = earnings.draft(bake, PERIOD, leaves, pending=DAY)
    folder = standing.folder / "earned" / str(PERIOD)
    proofs.write(folder, posting, leaves, tree)
    earnings.post(bake, posting, f"{standing.page_url}earned/{PERIOD}/", sender=manager)
    yield July(bake, posting, folder, key, standing.page_url)
    shutil.rmtree(folder)


def stands(page: Page, sentence: str) -> None:
    expect(page.locator("[data-stands]")).to_contain_text(sentence)


def test_link__seen_while_pending__claimed_with_a_click(page: Page, july: July, standing: Standing) -> None:
    member = standing.account("member 1")
    held = july.token.balance_of(member)
    page.goto(july.link)
    expect(page.get_by_role("heading", level=1)).to_have_text("What you earned")
    expect(page.locator("[data-earned]")).to_have_text("3 BAKE")
    expect(page.locator('[data-fact="from"]')).to_have_text(moment(july.posting.final_at))
    expect(page.locator('[data-fact="until"]')).to_have_text(moment(july.posting.claimable_until))
    expect(page.locator('[data-fact="proof"]')).to_have_text("by 12 steps up to what is on the chain")
    stands(page, "the shop can take out what was returned")
    expect(page.get_by_role("button", name="Claim for Member 1")).to_have_count(0)

    passed(standing, DAY + 60)
    stands(page, "It is yours to claim.")
    page.get_by_role("button", name="Claim for Member 1").click()
    stands(page, "It was claimed.")
    expect(page.get_by_role("button", name="Claim for Member 1")).to_have_count(0)
    assert july.token.balance_of(member) - held == 3_00, "EARN-1: not what the link credits"
    page.get_by_role("link", name="See what you get for them").click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_member__finds_it_at_the_brand__and_claims_it_once(
    page: Page, july: July, standing: Standing
) -> None:
    passed(standing, DAY + 60)
    member = standing.account("member 1")
    held = july.token.balance_of(member)
    opened(page, standing, july.token)
    line = page.locator(f'[data-period="{PERIOD}"]')
    expect(line).to_contain_text("12.50 BAKE")
    line.get_by_role("link", name="Look at it").click()
    expect(page.locator("[data-earned]")).to_have_text("12.50 BAKE")
    page.get_by_role("button", name="Claim").click()
    stands(page, "It was claimed.")
    assert july.token.balance_of(member) - held == 12_50
    opened(page, standing, july.token)
    expect(line).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_screens__can_be_used_by_everybody(page: Page, july: July, standing: Standing, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    passed(standing, DAY + 60)
    page.goto(july.link)
    page.get_by_role("button", name="Claim for Member 1").wait_for()
    assert_usable(page)
    opened(page, standing, july.token)
    page.locator(f'[data-period="{PERIOD}"]').wait_for()
    assert_usable(page)


def test_member__claimed_by_somebody_else_meanwhile__is_told(
    page: Page, july: July, alliance: Alliance, standing: Standing
) -> None:
    passed(standing, DAY + 60)
    page.goto(july.mine)
    button = page.get_by_role("button", name="Claim")
    button.wait_for()
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true})")
    page.wait_for_timeout(300)
    credit = proofs.Proofs(july.folder).credit(str(standing.account("member 1").address))
    alliance.earnings.claim(july.token, [credit], sender=standing.account("free"))
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was claimed: what you earned has changed")
    stands(page, "It was claimed.")


def test_nobody__is_credited_what_was_not_posted(page: Page, july: July) -> None:
    page.get_by_label("Whose points?").select_option("Member 2")
    page.goto(july.mine)
    expect(page.get_by_role("main")).to_contain_text("Nothing is credited to you here.")
    page.goto(july.mine.replace(str(PERIOD), "202608"))
    expect(page.get_by_role("main")).to_contain_text("The shop has posted nothing under that number.")


def test_link__of_somebody_who_looks_on__is_not_claimed(page: Page, july: July, standing: Standing) -> None:
    passed(standing, DAY + 60)
    page.get_by_label("Whose points?").select_option("Someone else")
    page.get_by_label("Member’s address").fill(str(standing.account("free").address))
    page.get_by_role("button", name="Show").click()
    page.goto(july.link)
    expect(page.locator("[data-earned]")).to_have_text("3 BAKE")
    expect(page.get_by_role("main")).to_contain_text(
        "Anybody can hand this in, and it goes to whom you name."
    )
    expect(page.get_by_role("button", name="Claim")).to_have_count(0)


def test_link__damaged__says_so(page: Page, july: July) -> None:
    page.goto(july.link[:-64] + "0" * 64)
    expect(page.get_by_role("alert")).to_have_text("This link is damaged: open it as it was sent to you.")


def test_attack_15__proofs__altered_or_gone__credit_nothing(page: Page, july: July) -> None:
    shards = sorted((july.folder / "shards").iterdir())
    assert len(shards) == 3
    for shard in shards:
        shard.write_text(shard.read_text().replace('"1250"', '"9950"').replace('"300"', '"900"'))
    for address in (july.mine, july.link):
        page.goto(address)
        expect(page.get_by_role("alert")).to_contain_text("proofs do not lead to what it posted")
        expect(page.locator("[data-earned]")).to_have_count(0)
    for shard in shards:
        shard.unlink()
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("proofs cannot be read right now")
