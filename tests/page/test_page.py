"""The member's page in a real browser: what it shows is what the chain holds, and its code redeems."""
# ruff: noqa: RUF001 (the page's own typographic apostrophes)

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from page.looking import altered, assert_usable, card, exact, moment, opened, passed, tokens
from playwright.sync_api import Browser, Page, Request, Route, expect

from symbolon import calls, qr
from symbolon import page as served
from symbolon.alliance import Alliance
from symbolon.bonds import Purse
from symbolon.codes import Code
from symbolon.fulfilment import open_ones
from symbolon.redemptions import NotForHereError

if TYPE_CHECKING:
    from page.conftest import Standing

MEMBERS = 5


def read_code(page: Page, folder: Path) -> Code:
    """What a till's camera makes of the screen."""
    page.get_by_role("img", name=re.compile("^QR code")).wait_for()
    page.screenshot(path=folder / "phone.png")
    return Code.decode(qr.read(folder / "phone.png"))


# ---- what it shows


def test_wallet__asks_the_lens_once_for_everything(
    browser: Browser, standing: Standing, alliance: Alliance
) -> None:
    asked: list[Any] = []
    hosts: set[str | None] = set()
    context = browser.new_context()
    page = context.new_page()

    def note(request: Request) -> None:
        hosts.add(urlsplit(request.url).hostname)
        if request.url.startswith(standing.chain_url) and request.method == "POST":
            asked.append(request.post_data_json)

    page.on("request", note)
    page.goto(standing.page_url)
    page.locator(".pass").first.wait_for()
    context.close()
    assert [each["method"] for each in asked] == ["eth_call"]
    call = asked[0]["params"][0]
    assert call["to"].lower() == str(alliance.lens.address).lower()
    assert hosts == {"127.0.0.1"}


def test_wallet__too_dear_for_the_node_in_one_call__is_asked_for_in_parts(
    page: Page, standing: Standing
) -> None:
    """As when fifty brands have many offers each and the node caps what a call may cost."""
    asked: list[int] = []

    def answer(route: Route) -> None:
        request: Any = route.request.post_data_json
        count = int(request["params"][0]["data"][2 + 8 + 2 * 64 :][:64], 16)
        asked.append(count)
        if count <= 2:
            route.continue_()
            return
        error = {"code": -32000, "message": "out of gas"}
        body = json.dumps({"jsonrpc": "2.0", "id": request["id"], "error": error})
        headers = {"Access-Control-Allow-Origin": "*"}
        route.fulfill(body=body, content_type="application/json", headers=headers)

    page.route(f"{standing.chain_url}/**", answer)
    page.reload()
    expect(page.locator(".pass")).to_have_count(3)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert asked[:7] == [50, 25, 13, 7, 4, 2, 2]


def test_wallet__every_members_numbers_are_the_chains(
    page: Page, alliance: Alliance, standing: Standing
) -> None:
    dollars = alliance.mock_dollar.decimals()
    for number in range(1, MEMBERS + 1):
        page.get_by_label("Whose points?").select_option(f"Member {number}")
        member, total = standing.account(f"member {number}"), 0
        for symbol, token in tokens(alliance).items():
            held = token.balance_of(member)
            value = alliance.obligations.value_down(token, held)
            total += value
            shown = card(page, symbol)
            expect(shown.locator("[data-balance]")).to_have_text(exact(held, token.decimals))
            if held:
                expect(shown.locator("[data-worth]")).to_contain_text(f"${exact(value, dollars, 2)} in")
        expect(page.locator("[data-total]")).to_have_text(f"${exact(total, dollars, 2)}")


def test_wallet__shows_the_last_unit_of_eighteen_decimals(
    page: Page, alliance: Alliance, standing: Standing
) -> None:
    book, member = tokens(alliance)["BOOK"], standing.account("member 1")
    book.mint(member, 1_234_567 * 10**15 + 1, sender=standing.account("books manager"))
    expect(card(page, "BOOK").locator("[data-balance]")).to_have_text("1,234.567000000000000001")
    expect(card(page, "BOOK").locator("[data-worth]")).to_have_text("worth $61.72835 in the shop")


def test_wallet__of_a_pasted_address__is_that_members(
    page: Page, alliance: Alliance, standing: Standing
) -> None:
    stranger = standing.account("free")
    tokens(alliance)["STAR"].mint(stranger, 77, sender=standing.account("cinema manager"))
    page.get_by_label("Whose points?").select_option("Someone else")
    page.get_by_label("Member’s address").fill("0x1234")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("no member’s address. Copy it again"))
    page.get_by_label("Member’s address").fill(str(stranger.address))
    page.get_by_role("button", name="Show").click()
    expect(card(page, "STAR").locator("[data-balance]")).to_have_text("77")
    page.reload()
    expect(card(page, "STAR").locator("[data-balance]")).to_have_text("77")
    page.get_by_label("Whose points?").select_option("Someone else")
    expect(page.get_by_label("Member’s address")).to_be_visible()
    page.get_by_label("Whose points?").select_option("The pasted one")
    card(page, "STAR").get_by_role("link", name="Pay with points").click()
    expect(page.get_by_role("main")).to_contain_text("Codes are made by whoever holds the points")


def test_wallet__shows_no_addresses(page: Page) -> None:
    assert not re.search("0x[0-9a-fA-F]{6}", page.locator("body").inner_text())


def test_brand__shows_what_stands_behind_its_tokens(page: Page, alliance: Alliance) -> None:
    token = tokens(alliance)["BAKE"]
    obligation = token.obligation
    assert obligation is not None
    card(page, "BAKE").get_by_role("link", name="What stands behind them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bakery")
    facts = {
        "outstanding": exact(token.supply, 2),
        "promised": exact(token.total_quota, 2),
        "capacity": exact(token.capacity, 2),
        "status": "active",
        "notice": f"{obligation.terms.notice_period // 86_400} days",
    }
    for fact, value in facts.items():
        expect(page.locator(f'[data-fact="{fact}"]')).to_have_text(value)
    page.get_by_text("The terms").click()
    expect(page.get_by_text("each is worth its par value in the shop")).to_be_visible()


def test_brand__shows_what_is_laid_down_to_the_cent(
    page: Page, alliance: Alliance, standing: Standing
) -> None:
    token = tokens(alliance)["BAKE"]
    bond, owed = (
        alliance.bonds.of(token),
        alliance.obligations.value_up(token, token.supply + token.total_quota),
    )
    holders = bond.purses[Purse.HOLDERS]
    expect(card(page, "BAKE")).to_contain_text("12% is laid down, 14 days’ notice")
    opened(page, standing, token)
    expect(page.locator("[data-coverage]")).to_have_text(
        "12% of everything given out or promised is laid down in money: "
        f"${exact(holders.value, 6, 2)} of ${exact(owed, 6, 2)}."
    )
    expect(page.locator('[data-fact="purse-1"]')).to_have_text(f"${exact(holders.value, 6, 2)}")
    expect(page.locator('[data-fact="purse-2"]')).to_have_text("$50.00")
    expect(page.locator('[data-fact="purse-0"]')).to_have_text("$200.00")
    expect(page.locator('[data-fact="required"]')).to_have_text(f"${exact(holders.required, 6, 2)}")
    owner = standing.account("bakery admin")
    alliance.bonds.deposit(token, Purse.HOLDERS, 1, sender=owner)
    expect(page.locator("[data-coverage]")).to_contain_text("$300.000001 of $2,500.00")
    alliance.bonds.deposit(token, Purse.HOLDERS, owed, sender=owner)
    expect(page.locator("[data-coverage]")).to_have_text(
        "All of everything given out or promised, $2,500.00, is laid down in money."
    )


def test_brand__without_a_bond__says_that_nothing_is_laid_down(
    page: Page, alliance: Alliance, standing: Standing
) -> None:
    expect(card(page, "STAR")).to_contain_text("Nothing is laid down, 14 days’ notice")
    opened(page, standing, tokens(alliance)["STAR"])
    expect(page.locator("[data-coverage]")).to_have_text(
        "Nothing is laid down for everything given out or promised, $25,000.00: you rely on the brand’s word."
    )
    expect(page.locator('[data-fact="purse-2"]')).to_have_count(0)
    expect(page.get_by_role("heading", name="How it has delivered")).to_have_count(0)
    expect(page.get_by_role("heading", name="What you can order")).to_have_count(0)


def test_brand__shows_what_it_has_announced_and_what_is_missing(
    page: Page, alliance: Alliance, standing: Standing
) -> None:
    token, owner = tokens(alliance)["BAKE"], standing.account("bakery admin")
    obligation = token.obligation
    assert obligation
    terms = obligation.terms
    alliance.bonds.announce_withdrawal(token, Purse.HOLDERS, 40_250_000, sender=owner)
    alliance.obligations.set_terms(token, replace(terms, bond_bps=250), sender=owner)
    held = opened(page, standing, token).get_by_role("region", name="What stands behind them")
    purse = alliance.bonds.of(token).purses[Purse.HOLDERS]
    expect(held).to_contain_text(
        "The brand may take back up to $40.25 of what is laid down for everyone who holds them"
    )
    expect(held).to_contain_text(moment(purse.withdrawable_at))
    expect(held).to_contain_text(moment(purse.withdrawable_until))
    expect(held).to_contain_text("Then 2.5% must be laid down instead of 10%.")

    passed(standing, terms.notice_period)
    alliance.bonds.withdraw(token, Purse.HOLDERS, owner, sender=owner)
    alliance.obligations.set_terms(token, replace(terms, bond_bps=2_000), sender=owner)
    alliance.bonds.flag_shortfall(token, sender=owner)
    bond = alliance.bonds.of(token)
    expect(held).not_to_contain_text("may take back")
    expect(held).to_contain_text(
        f"${exact(bond.missing, 6, 2)} less is laid down than the terms require, to be made good by"
    )
    expect(held).to_contain_text(moment(bond.cure_by))


def test_brand__leaving__says_until_when_it_owes(page: Page, alliance: Alliance, standing: Standing) -> None:
    token = tokens(alliance)["BAKE"]
    alliance.obligations.announce_wind_down(token, sender=standing.account("bakery admin"))
    expect(card(page, "BAKE")).to_contain_text("Is leaving; yours are good until")
    opened(page, standing, token)
    obligation = token.obligation
    assert obligation
    notice = page.get_by_role("status").filter(has_text="This brand is leaving. It owes you as before until")
    expect(notice).to_contain_text(moment(obligation.wind_down_ends_at))
    passed(standing, obligation.wind_down_ends_at - calls.now())
    expect(page.get_by_role("status").filter(has_text="This brand has left.")).to_be_visible()


def test_brand__suspended__says_that_points_stay_good(
    page: Page, alliance: Alliance, standing: Standing
) -> None:
    token = tokens(alliance)["STAR"]
    token.brand.suspend(sender=standing.account("alliance"))
    expect(card(page, "STAR")).to_contain_text("Gives out no new points; yours stay good")
    page.goto(f"{standing.page_url}#/brand/{token.address}")
    expect(page.locator('[data-fact="status"]')).to_have_text("suspended: no new points")


def test_brand__shows_every_offer_and_why_some_cannot_be_had(
    page: Page, alliance: Alliance, standing: Standing
) -> None:
    token = tokens(alliance)["STAR"]
    page.goto(f"{standing.page_url}#/brand/{token.address}")
    ticket = page.get_by_role("listitem").filter(has_text="Evening ticket")
    offer = alliance.offers.get(token, "evening")
    assert offer.pending is not None
    expect(ticket).to_contain_text(f"{exact(offer.conditions.price, 0)} STAR")
    expect(ticket).to_contain_text(f"{exact(offer.pending.price, 0)} STAR from")
    page.get_by_label("Whose points?").select_option("Member 3")
    expect(ticket).to_contain_text("5 STAR to go")
    expect(ticket.get_by_role("link")).to_have_count(0)


def test_offer__whose_document_is_another__is_called_by_its_id(
    page: Page, alliance: Alliance, standing: Standing
) -> None:
    """The hash on chain is what counts: whoever serves another document does not describe the offer."""
    from symbolon.offers import Conditions, Document  # noqa: PLC0415 (beside its only use)

    now = calls.now()
    lie = Document(b"\x01" * 32, "data:application/json,%7B%22name%22%3A%22A%20free%20car%22%7D")
    conditions = Conditions(1_00, 5, 1, now, now + 86_400)
    token = tokens(alliance)["BAKE"]
    alliance.offers.create(token, "day-old bread", conditions, lie, sender=standing.account("bakery manager"))
    page.goto(f"{standing.page_url}#/brand/{token.address}")
    expect(page.get_by_role("heading", name="day-old bread")).to_be_visible()
    assert "free car" not in page.content()


# ---- what is delivered later


def test_offer_to_order__says_what_a_member_gets_if_nothing_comes(
    page: Page, alliance: Alliance, standing: Standing
) -> None:
    token, owner = tokens(alliance)["BAKE"], standing.account("bakery admin")
    opened(page, standing, token, "Member 4")
    expect(page.get_by_role("region", name="What you get for them")).not_to_contain_text("Breakfast")
    offer = page.get_by_role("region", name="What you can order").get_by_role("listitem")
    expect(offer).to_have_count(1)
    expect(offer).to_contain_text("Breakfast at your door")
    expect(offer).to_contain_text("comes within 7 days")
    expect(offer).to_contain_text("If nothing comes, you get everything back, and $0.50.")
    expect(offer).to_contain_text("Disputing a delivery costs you 15 BAKE if you turn out wrong.")
    expect(offer.get_by_role("link")).to_have_count(0)
    free = alliance.orders.free_compensation(token, "breakfast")
    alliance.bonds.reclaim_from_offer(token, "breakfast", free - 123_456, sender=owner)
    expect(offer).to_contain_text(
        "everything back, and $0.123456. The shop promises $0.50 and has not set that much aside."
    )
    alliance.bonds.reclaim_from_offer(token, "breakfast", 123_456, sender=owner)
    expect(offer).to_contain_text("you get everything back. The shop promises $0.50")


def test_wallet__offer_to_order__leads_to_the_brands_page(page: Page) -> None:
    page.get_by_label("Whose points?").select_option("Member 4")
    breakfast = card(page, "BAKE").get_by_role("listitem").filter(has_text="Breakfast at your door")
    breakfast.get_by_role("link", name="See how").click()
    expect(page.get_by_role("heading", name="What you can order")).to_be_visible()


def test_orders__through_their_life__say_what_happens_next(
    page: Page, alliance: Alliance, standing: Standing
) -> None:
    token, member = tokens(alliance)["BAKE"], standing.account("member 4")
    manager = standing.account("bakery manager")
    (order,) = alliance.orders.of(token)
    shown = opened(page, standing, token, "Member 4").get_by_role("region", name="Your orders")
    expect(shown.get_by_role("listitem")).to_have_count(1)
    expect(shown).to_contain_text("Breakfast at your door")
    expect(shown).to_contain_text("150 BAKE")
    expect(shown).to_contain_text("If it does not, you get 150 BAKE back and $0.50.")
    expect(shown).to_contain_text(moment(order.deadline))

    alliance.orders.fulfil(token, [order], sender=manager)
    expect(shown).to_contain_text("The shop says that it came. If it did not, object by")
    expect(shown).to_contain_text(moment(alliance.orders.get(token, "breakfast", 0).deadline))

    alliance.orders.dispute(order, sender=member)
    disputed = alliance.orders.get(token, "breakfast", 0)
    expect(shown).to_contain_text("you get 165 BAKE back and $0.50.")
    expect(shown).to_contain_text(moment(disputed.deadline))

    passed(standing, disputed.deadline - calls.now())
    expect(shown).to_contain_text(
        "Nobody decided in time: 165 BAKE and $0.50 are yours as soon as anybody claims them."
    )
    alliance.orders.claim(order, sender=manager)
    expect(shown).to_have_count(0)
    facts = {"open": "0", "declined": "0", "failed": "0", "disputed": "1", "lost": "1", "paid": "$0.50"}
    for fact, value in facts.items():
        expect(page.locator(f'[data-fact="{fact}"]')).to_have_text(value)
    expect(page.locator("[data-delivery]")).to_have_text("0% of what is settled came as promised: 0 of 1.")


def test_orders__not_delivered_in_time__are_the_members_to_claim(
    page: Page, alliance: Alliance, standing: Standing
) -> None:
    token = tokens(alliance)["BOOK"]
    shown = opened(page, standing, token, "Member 5").get_by_role("region", name="Your orders")
    expect(shown.get_by_role("listitem")).to_have_count(2)
    expect(page.locator("[data-delivery]")).to_have_text("100% of what is settled came as promised: 1 of 1.")
    expect(page.locator('[data-fact="open"]')).to_have_text("2")
    passed(standing, 15 * 86_400)
    latest, earlier = shown.get_by_role("listitem").all()
    expect(latest).to_contain_text(
        "It did not come in time: 200 BOOK and $2.00 are yours as soon as anybody claims them."
    )
    expect(earlier).to_contain_text("you did not object: it counts as delivered")
    (late,) = open_ones(alliance.orders.of(token))
    alliance.orders.claim(late, sender=standing.account("free"))
    expect(shown.get_by_role("listitem")).to_have_count(1)
    expect(page.locator("[data-delivery]")).to_have_text("50% of what is settled came as promised: 1 of 2.")
    expect(page.locator('[data-fact="failed"]')).to_have_text("1")
    expect(page.locator('[data-fact="paid"]')).to_have_text("$2.00")


def test_orders__of_others__are_not_shown(page: Page, alliance: Alliance, standing: Standing) -> None:
    opened(page, standing, tokens(alliance)["BAKE"], "Member 5")
    expect(page.get_by_role("heading", name="What you can order")).to_be_visible()
    expect(page.get_by_role("heading", name="Your orders")).to_have_count(0)


# ---- redeeming


def test_redeem__offer__by_what_the_tills_camera_sees(
    page: Page, alliance: Alliance, standing: Standing, tmp_path: Path
) -> None:
    token, member = tokens(alliance)["BAKE"], standing.account("member 1")
    croissant = card(page, "BAKE").get_by_role("listitem").filter(has_text="Croissant")
    croissant.get_by_role("link", name="Get it").click()
    page.get_by_role("button", name="One more").click()
    expect(page.locator("[data-cost]")).to_have_text("80 BAKE")
    page.get_by_role("button", name="Show my code").click()

    code = read_code(page, tmp_path)
    assert code.redemption.member == member.address
    assert 0 < code.redemption.deadline - calls.now() <= 300
    redeemed = alliance.redemptions.take(code, sender=standing.account("bakery till"))

    assert (redeemed.name, redeemed.quantity, redeemed.amount) == ("croissant", 2, 80_00)
    expect(page.locator("[data-taken]")).to_have_text("80 BAKE")
    expect(page.locator("[data-left]")).to_have_text("You have 40 Bakery Points left.")
    page.get_by_role("link", name="Back to your points").click()
    expect(card(page, "BAKE").locator("[data-balance]")).to_have_text(exact(token.balance_of(member), 2))
    assert token.balance_of(member) == 40_00


def test_redeem__at_par__by_what_the_tills_camera_sees(
    page: Page, alliance: Alliance, standing: Standing, tmp_path: Path
) -> None:
    page.get_by_label("Whose points?").select_option("Member 2")
    card(page, "BOOK").get_by_role("link", name="Pay with points").click()
    show = page.get_by_role("button", name="Show my code")
    show.click()
    expect(page.get_by_role("alert")).to_contain_text("Say how many Book Miles")
    page.get_by_label("How many Book Miles?").fill("260.5")
    show.click()
    expect(page.get_by_role("alert")).to_contain_text("You have 260 Book Miles: give less")
    page.get_by_label("How many Book Miles?").fill("12.25")
    show.click()
    expect(page.get_by_role("alert")).to_contain_text("Copy the order number from the till")
    page.get_by_label("Order number").fill("R-4711")
    expect(page.get_by_role("main")).to_contain_text("$0.6125")
    show.click()

    code = read_code(page, tmp_path)
    redeemed = alliance.redemptions.take(code, sender=standing.account("books till"))

    assert (redeemed.name, redeemed.amount) == ("R-4711", 12_25 * 10**16)
    expect(page.locator("[data-taken]")).to_have_text("12.25 BOOK")
    expect(page.locator("[data-left]")).to_have_text("You have 247.75 Book Miles left.")


def test_redeem__as_text__is_the_same_code(
    page: Page, alliance: Alliance, standing: Standing, tmp_path: Path
) -> None:
    card(page, "BAKE").get_by_role("link", name="Get it").first.click()
    page.get_by_role("button", name="Show my code").click()
    seen = read_code(page, tmp_path)
    page.get_by_text("The reader does not work?").click()
    assert Code.decode(page.get_by_label("Give the till this text").input_value()) == seen


def test_redeem__price_fell_meanwhile__tells_what_was_really_given(
    page: Page, alliance: Alliance, standing: Standing, tmp_path: Path
) -> None:
    token = tokens(alliance)["BAKE"]
    coffee = card(page, "BAKE").get_by_role("listitem").filter(has_text="Filter coffee")
    coffee.get_by_role("link", name="Get it").click()
    page.get_by_role("button", name="Show my code").click()
    code = read_code(page, tmp_path)
    cheaper = replace(alliance.offers.get(token, "coffee").conditions, price=50_00)
    alliance.offers.change(token, "coffee", cheaper, sender=standing.account("bakery manager"))
    alliance.redemptions.take(code, sender=standing.account("bakery till"))
    expect(page.locator("[data-taken]")).to_have_text("50 BAKE")


def test_redeem__put_away__can_still_not_be_taken_by_another_till(
    page: Page, alliance: Alliance, standing: Standing, tmp_path: Path
) -> None:
    card(page, "BAKE").get_by_role("link", name="Get it").first.click()
    page.get_by_role("button", name="Show my code").click()
    code = read_code(page, tmp_path)
    page.get_by_role("button", name="Put it away").click()
    expect(page.get_by_role("button", name="Show my code")).to_be_visible()
    with pytest.raises(NotForHereError, match="have it signed for this till"):
        alliance.redemptions.take(code, sender=standing.account("cinema till"))


def test_redeem__after_five_minutes__says_that_nothing_was_taken(page: Page, standing: Standing) -> None:
    page.clock.install()
    page.goto(standing.page_url)
    card(page, "BAKE").get_by_role("link", name="Get it").first.click()
    page.get_by_role("button", name="Show my code").click()
    timer = page.get_by_role("timer")
    expect(timer).to_have_text("Good for 5:00")
    page.clock.fast_forward(61_000)
    expect(timer).to_have_text("Good for 3:59")
    page.clock.fast_forward(240_000)
    expect(page.get_by_text("This code has run out. Nothing was taken.")).to_be_visible()
    page.get_by_role("button", name="Make a new one").click()
    expect(page.get_by_role("button", name="Show my code")).to_be_visible()


def test_redeem__by_keyboard_alone(page: Page) -> None:
    page.get_by_label("Whose points?").focus()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Get it":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Show my code":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name=re.compile("^QR code"))).to_be_visible()


# ---- another chain, and no chain


def test_another_chain__nothing_is_signed_and_no_key_is_asked_for(page: Page, standing: Standing) -> None:
    """Even where the demonstration's keys were handed to it."""
    altered(page, lambda config: config.update(chainId=1))
    page.reload()
    card(page, "BAKE").get_by_role("link", name="Get it").first.click()
    expect(page.get_by_role("main")).to_contain_text("Codes are made by whoever holds the points")
    assert page.get_by_role("textbox").count() == 0


def test_node_that_serves_another_chain__nothing_is_signed(page: Page, standing: Standing) -> None:
    def answer(route: Route) -> None:
        request: Any = route.request.post_data_json
        if request["method"] != "eth_chainId":
            route.continue_()
            return
        body = json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": "0x1"})
        headers = {"Access-Control-Allow-Origin": "*"}
        route.fulfill(body=body, content_type="application/json", headers=headers)

    page.route(f"{standing.chain_url}/**", answer)
    card(page, "BAKE").get_by_role("link", name="Get it").first.click()
    page.get_by_role("button", name="Show my code").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("on the local demonstration only"))
    expect(page.get_by_role("img", name=re.compile("^QR code"))).to_have_count(0)


def test_node_down__says_so_in_plain_words(page: Page, standing: Standing, tmp_path: Path) -> None:
    for path in standing.folder.glob("*.json"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    accounts = json.loads((standing.folder / "accounts.json").read_text())
    (tmp_path / "accounts.json").write_text(json.dumps({**accounts, "url": "http://127.0.0.1:9"}))
    pid, url = served.start(tmp_path, 0, tmp_path / "page.log")
    try:
        page.goto(url)
        alert = page.get_by_role("alert")
        expect(alert).to_have_text(
            "The shops cannot be reached right now. Your points are safe; this page tries again by itself."
        )
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
    finally:
        os.kill(pid, signal.SIGTERM)


def test_node_lost__what_was_read_stays_until_it_is_back(
    page: Page, alliance: Alliance, standing: Standing
) -> None:
    page.context.set_offline(True)
    alert = page.get_by_role("alert")
    expect(alert).to_have_text(re.compile("cannot be reached right now"))
    expect(card(page, "BAKE").locator("[data-balance]")).to_have_text("120")
    tokens(alliance)["BAKE"].mint(
        standing.account("member 1"), 5_00, sender=standing.account("bakery manager")
    )
    page.context.set_offline(False)
    expect(card(page, "BAKE").locator("[data-balance]")).to_have_text("125")
    expect(alert).to_have_count(0)


def test_server_without_records__says_what_to_start(page: Page, standing: Standing) -> None:
    page.route("**/config.json", lambda route: route.fulfill(status=503, body="{}"))
    page.reload()
    expect(page.get_by_role("alert")).to_have_text(re.compile("Start everything with “make up”"))


# ---- for everybody


def show_code(page: Page) -> None:
    card(page, "BAKE").get_by_role("link", name="Get it").first.click()
    page.get_by_role("button", name="Show my code").click()
    page.get_by_role("timer").wait_for()


def show_swap(page: Page) -> None:
    page.get_by_role("link", name="Swap points").click()
    page.get_by_label("Which do you give?").select_option(label="Bakery Points")
    page.get_by_label(re.compile("^How many")).fill("119.99")
    page.get_by_role("radio").first.check(force=True)
    page.locator("[data-bound]").wait_for()


def swap(page: Page) -> None:
    show_swap(page)
    page.get_by_role("button", name="Swap now").click()
    page.locator("[data-taken]").wait_for()


def brand_with_orders(page: Page) -> None:
    page.get_by_label("Whose points?").select_option("Member 5")
    card(page, "BOOK").get_by_role("link", name="What stands behind them").click()
    page.get_by_role("heading", name="Your orders").wait_for()


SCREENS: dict[str, Callable[[Page], object]] = {
    "wallet": lambda page: page,
    "brand": lambda page: card(page, "BAKE").get_by_role("link", name="What stands behind them").click(),
    "orders": brand_with_orders,
    "offer": lambda page: card(page, "BAKE").get_by_role("link", name="Get it").first.click(),
    "par": lambda page: card(page, "BAKE").get_by_role("link", name="Pay with points").click(),
    "other": lambda page: page.get_by_label("Whose points?").select_option("Someone else"),
    "code": show_code,
    "swap": show_swap,
    "swapped": swap,
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_screen__can_be_used_by_everybody(page: Page, screen: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    SCREENS[screen](page)
    assert_usable(page)
