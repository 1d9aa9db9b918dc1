"""Swapping on the member's page in a real browser: what it promises is what the chain does, to the unit."""
# ruff: noqa: RUF001 (the page's own typographic apostrophes)

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from eth_abi.abi import decode
from page.looking import altered, exact, moment, opened, passed, tokens
from playwright.sync_api import Browser, Locator, Page, Request, expect

from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.artifacts import artifact
from symbolon.bonds import Purse
from symbolon.obligations import Terms
from symbolon.pools import Bounds, Pool, Rules
from symbolon.rpc import Node
from symbolon.tokens import Token

if TYPE_CHECKING:
    from page.conftest import Standing

CENTS = 10**6
WORTH = 10**18
TAKERS = {"BAKE": "bakery", "STAR": "cinema", "BOOK": "books"}


@dataclass(frozen=True)
class Town:
    """The seeded pool, and what it would do."""

    alliance: Alliance
    standing: Standing
    pool: Pool
    tokens: dict[str, Token]

    def quote_out(self, brought: str, taken: str, amount: int) -> int:
        return self._ask("quoteOut", brought, taken, amount)

    def quote_in(self, brought: str, taken: str, amount: int) -> int:
        return self._ask("quoteIn", brought, taken, amount)

    def _ask(self, function: str, brought: str, taken: str, amount: int) -> int:
        pair = (self.tokens[brought].address, self.tokens[taken].address)
        return int(calls.read(self.alliance.swaps_contract, function, self.pool.id, *pair, amount))

    def held(self, symbol: str, name: str = "member 1") -> int:
        return self.tokens[symbol].balance_of(self.standing.account(name))

    def swap_for_another(self, brought: str, taken: str, amount: int) -> None:
        """Member 5 swaps; what that takes is minted."""
        token, other = self.tokens[brought], self.standing.account("member 5")
        token.mint(other, amount, sender=self.standing.account(f"{TAKERS[brought]} manager"))
        self.alliance.swaps.swap(
            self.pool, token, self.tokens[taken], amount_in=amount, amount_out=0, sender=other
        )


@pytest.fixture
def town(alliance: Alliance, standing: Standing) -> Town:
    return Town(alliance, standing, alliance.pools.find("town"), tokens(alliance))


def asking(page: Page, give: str | None = None, offered: str | None = None, want: str | None = None) -> Page:
    """The swap screen, filled in as far as said."""
    page.get_by_role("link", name="Swap points").click()
    page.get_by_label("Which do you give?").wait_for()
    if give:
        page.get_by_label("Which do you give?").select_option(label=give)
    if offered:
        page.get_by_label(re.compile("^How many")).fill(offered)
    if want:
        choice(page, want).get_by_role("radio").check(force=True)
    return page


def choice(page: Page, symbol: str) -> Locator:
    return page.locator(f'[data-choice="{symbol}"]')


def stand_still(page: Page) -> None:
    """The page does not look again, as if it were in the background."""
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true})")
    page.wait_for_timeout(300)  # for what it asked before


def dollars(worth: int) -> str:
    return "$" + exact(-(-worth // WORTH), 6, 2)


# ---- what can be swapped


def test_swap__shows_what_comes_for_each__as_the_contract_quotes_it(page: Page, town: Town) -> None:
    asking(page, "Bakery Points")
    expect(choice(page, "STAR")).to_have_text(re.compile("Cinema.*each worth \\$0.50$"))
    expect(choice(page, "BAKE")).to_have_count(0)
    for offered in ("100", "119.99", "51.3", "120"):
        page.get_by_label(re.compile("^How many")).fill(offered)
        units = round(float(offered) * 100)
        for taken, decimals in (("STAR", 0), ("BOOK", 18)):
            quoted = town.quote_out("BAKE", taken, units)
            shown = choice(page, taken).locator("[data-gets]")
            expect(shown).to_have_text(f"{exact(quoted, decimals)} {taken}")


def test_swap__asks_the_lens_once_and_nobody_else(browser: Browser, town: Town) -> None:
    asked: list[Any] = []
    hosts: set[str | None] = set()
    context = browser.new_context()
    page = context.new_page()

    def note(request: Request) -> None:
        hosts.add(urlsplit(request.url).hostname)
        if request.url.startswith(town.standing.chain_url) and request.method == "POST":
            asked.append(request.post_data_json)

    page.on("request", note)
    page.goto(f"{town.standing.page_url}#/swap/{town.tokens['BAKE'].address}")
    page.get_by_label("Which do you give?").wait_for()
    context.close()
    assert [each["method"] for each in asked] == ["eth_call"]
    assert asked[0]["params"][0]["to"].lower() == str(town.alliance.pools_lens.address).lower()
    assert hosts == {"127.0.0.1"}


def test_swap__from_a_brands_page__begins_with_its_points(page: Page, town: Town) -> None:
    opened(page, town.standing, town.tokens["STAR"])
    page.get_by_role("link", name="Swap for others").click()
    expect(page.get_by_label("Which do you give?")).to_have_value(town.tokens["STAR"].address)


def test_swap__offers_only_what_the_member_holds(page: Page) -> None:
    options = asking(page).get_by_label("Which do you give?").get_by_role("option")
    expect(options).to_have_text(["Bakery Points", "Cinema Stars"])


def test_swap__of_what_the_member_does_not_hold__begins_with_another(page: Page, town: Town) -> None:
    page.goto(f"{town.standing.page_url}#/swap/{town.tokens['BOOK'].address}")
    expect(page.get_by_role("status")).to_have_text("Those points cannot be swapped. These can.")
    expect(page.get_by_label("Which do you give?")).to_have_value(town.tokens["BAKE"].address)
    page.get_by_label("Which do you give?").select_option(label="Cinema Stars")
    expect(page.get_by_role("status")).to_have_count(0)


def test_swap__nothing_to_swap__says_so(page: Page, town: Town) -> None:
    page.get_by_label("Whose points?").select_option("Someone else")
    page.get_by_label("Member’s address").fill(str(town.standing.account("free").address))
    page.get_by_role("button", name="Show").click()
    expect(page.locator("[data-total]")).to_have_text("$0.00")
    expect(page.get_by_role("link", name="Swap points")).to_have_count(0)
    page.goto(f"{town.standing.page_url}#/swap")
    expect(page.get_by_role("status")).to_have_text("None of your points can be swapped for others yet.")


def test_swap__of_someone_elses__can_be_seen_and_not_made(page: Page, town: Town) -> None:
    stranger = town.standing.account("free")
    town.tokens["STAR"].mint(stranger, 5, sender=town.standing.account("cinema manager"))
    page.get_by_label("Whose points?").select_option("Someone else")
    page.get_by_label("Member’s address").fill(str(stranger.address))
    page.get_by_role("button", name="Show").click()
    asking(page, offered="5", want="BOOK")
    expect(page.locator("[data-deal]")).to_have_text(f"{exact(town.quote_out('STAR', 'BOOK', 5), 18)} BOOK")
    expect(page.get_by_role("main")).to_contain_text("Swaps are made by whoever holds the points")
    expect(page.get_by_role("button", name="Swap now")).to_have_count(0)


def test_another_chain__nothing_is_swapped(page: Page) -> None:
    altered(page, lambda config: config.update(chainId=1))
    page.reload()
    asking(page, "Bakery Points", "100", "BOOK")
    expect(page.get_by_role("main")).to_contain_text("Swaps are made by whoever holds the points")
    expect(page.get_by_role("button", name="Swap now")).to_have_count(0)


# ---- swapping


def test_swap__gives_what_was_shown__and_signs_the_least(page: Page, town: Town) -> None:
    quoted = town.quote_out("BAKE", "BOOK", 100_00)
    bake, book = town.held("BAKE"), town.held("BOOK")
    asking(page, "Bakery Points", "100", "BOOK")
    worth = 100_00 * 10_000 * 10**16
    lost = worth - quoted * 50_000
    share = -(-lost * 10_000 // worth)
    expect(page.locator("[data-gives]")).to_have_text("100 BAKE")
    expect(page.locator("[data-deal]")).to_have_text(f"{exact(quoted, 18)} BOOK")
    expect(page.locator("[data-fee]")).to_have_text(f"{dollars(lost)}, {share / 100}%")
    expect(page.locator("[data-keeps]")).to_have_text("20 BAKE")
    least = quoted - quoted // 200
    expect(page.locator("[data-bound]")).to_contain_text(f"You get at least {exact(least, 18)} BOOK.")
    page.get_by_role("button", name="Swap now").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Swapped")
    expect(page.locator("[data-taken]")).to_have_text(f"{exact(quoted, 18)} BOOK")
    expect(page.locator("[data-given]")).to_have_text("You gave 100 BAKE.")
    assert town.held("BAKE") == bake - 100_00
    assert town.held("BOOK") == book + quoted
    request, spend = signed(town)
    member = str(town.standing.account("member 1").address).lower()
    pair = (town.pool.id, town.tokens["BOOK"].address.lower())
    assert request == (*pair, least, False, member)
    assert spend[:2] == (member, 100_00)
    assert 0 < spend[3] - calls.now() <= 300


def signed(town: Town) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """What the latest transaction had signed: the request, and the spend."""
    (transaction,) = Node(town.standing.chain_url).command("eth_getBlockByNumber", "latest", True)[
        "transactions"
    ]
    data = bytes.fromhex(transaction["input"][2:])
    assert data[:4] == artifact("Swaps").selector("swapWithSignature")
    shape = [
        "address",
        "(bytes32,address,uint256,bool,address)",
        "(address,uint256,bytes32,uint256)",
        "bytes",
    ]
    _, request, spend, _ = decode(shape, data[4:])
    return request, spend


def test_swap__into_whole_tokens__takes_only_what_they_cost(page: Page, town: Town) -> None:
    """120.00 BAKE are worth 2.4 STAR: two come, and what they do not cost stays."""
    cost = town.quote_in("BAKE", "STAR", 2)
    asking(page, "Bakery Points", "120", "STAR")
    expect(page.locator("[data-deal]")).to_have_text("2 STAR")
    expect(page.locator("[data-gives]")).to_have_text(f"{exact(cost, 2)} BAKE")
    expect(page.locator("[data-keeps]")).to_have_text(f"{exact(120_00 - cost, 2)} BAKE")
    expect(page.locator("[data-bound]")).to_contain_text("You get exactly this, for at most 120 BAKE.")
    page.get_by_role("button", name="Swap now").click()
    expect(page.locator("[data-taken]")).to_have_text("2 STAR")
    expect(page.locator("[data-given]")).to_have_text(f"You gave {exact(cost, 2)} BAKE.")
    assert town.held("BAKE") == 120_00 - cost
    assert town.held("STAR") == 14


def test_swap__what_cannot_be_split__is_said_in_words(page: Page, town: Town) -> None:
    """Three Stars are worth $1.50, four Toys $1.40, and there is nothing between."""
    coins(town)
    asking(page, "Cinema Stars", "3", "TOY")
    expect(page.locator("[data-deal]")).to_have_text("4 TOY")
    expect(page.locator("[data-fee]")).to_have_text("$0.10, 6.67%; $0.10 of it because TOY cannot be split")


def test_swap__in_two_pools__is_made_in_the_better(page: Page, town: Town) -> None:
    better = coins(town)
    asking(page, "Cinema Stars", "4", "BAKE")
    expect(page.locator("[data-deal]")).to_have_text("200 BAKE")
    expect(page.locator("[data-fee]")).to_have_text("$0.00, 0%")
    page.get_by_role("button", name="Swap now").click()
    expect(page.locator("[data-taken]")).to_have_text("200 BAKE")
    assert signed(town)[0][0] == better.id


def coins(town: Town) -> Pool:
    """A second pool, of no fee: Stars, points of the bakery, and Toys at $0.35, which are whole as well."""
    alliance, steward = town.alliance, town.standing.account("alliance")
    cinema, manager = town.standing.account("cinema admin"), town.standing.account("cinema manager")
    toy = town.tokens["STAR"].brand.create_token("Toys", "TOY", 0, sender=cinema)
    dollar = str(alliance.mock_dollar.address)
    toy.oblige(dollar, 350_000, 10_000, Terms.of_document(b"A toy each."), sender=cinema)
    toy.grant_quota(manager, 10_000, sender=cinema)
    pool = alliance.pools.create("coins", Rules(dollar, 30 * 86_400, 14 * 86_400), sender=steward)
    bakery, baker = town.standing.account("bakery admin"), town.standing.account("bakery manager")
    star, bake = town.tokens["STAR"], town.tokens["BAKE"]
    joining = [(toy, cinema, manager), (star, cinema, manager), (bake, bakery, baker)]
    for token, _, _ in joining:
        alliance.pools.announce(pool, token, Bounds(1_000_00, 1_000_00), sender=steward)
    passed(town.standing, 14 * 86_400)
    for token, admin, mint in joining:
        alliance.pools.join(pool, token, sender=admin)
        alliance.bonds.deposit(token, Purse.SETTLEMENT, 100 * CENTS, sender=admin)
        alliance.bonds.allot_to_pool(token, pool.id, 100 * CENTS, sender=admin)
        token.mint(admin, 500_00 if token.decimals else 500, sender=mint)
        alliance.swaps.provide(pool, token, 500_00 if token.decimals else 500, sender=admin)
    return pool


def test_swap__others_were_faster__nothing_happens(page: Page, town: Town) -> None:
    asking(page, "Bakery Points", "100", "BOOK")
    quoted = page.locator("[data-deal]").inner_text()
    stand_still(page)
    town.swap_for_another("BAKE", "BOOK", 15_000_00)
    page.get_by_role("button", name="Swap now").click()
    expect(page.get_by_role("alert")).to_have_text(
        "Nothing was swapped: the numbers have changed meanwhile. Look at them and try again."
    )
    assert town.held("BAKE") == 120_00
    fresh = town.quote_out("BAKE", "BOOK", 100_00)
    expect(page.locator("[data-deal]")).to_have_text(f"{exact(fresh, 18)} BOOK")
    assert quoted != f"{exact(fresh, 18)} BOOK"
    page.get_by_role("button", name="Swap now").click()
    expect(page.locator("[data-taken]")).to_have_text(f"{exact(fresh, 18)} BOOK")


def test_swap__of_more_than_there_is_or_nothing__says_what_to_do(page: Page) -> None:
    asking(page)
    swap, alert = page.get_by_role("button", name="Swap now"), page.get_by_role("alert")
    swap.click()
    expect(alert).to_have_text("Say how many Bakery Points you want to give, such as 12.")
    page.get_by_label(re.compile("^How many")).fill("120.01")
    swap.click()
    expect(alert).to_have_text("You have 120 Bakery Points: give less.")
    page.get_by_label(re.compile("^How many")).fill("120")
    swap.click()
    expect(alert).to_have_text("Choose what you want for them.")


# ---- what is not to be had


def test_swap__brand_that_stopped__says_so_and_others_go_on(page: Page, town: Town) -> None:
    owner = town.standing.account("cinema admin")
    town.alliance.swaps.set_stopped(town.pool, town.tokens["STAR"], True, sender=owner)
    asking(page, "Bakery Points", "100", "STAR")
    expect(choice(page, "STAR")).to_contain_text("Cinema has stopped swaps for now")
    expect(choice(page, "BOOK").locator("[data-gets]")).to_be_visible()
    page.get_by_role("button", name="Swap now").click()
    expect(page.get_by_role("alert")).to_have_text(
        "Cinema has stopped swaps for now: give another amount, or choose something else."
    )
    page.get_by_label("Which do you give?").select_option(label="Cinema Stars")
    for symbol in ("BAKE", "BOOK"):
        expect(choice(page, symbol)).to_contain_text("Cinema has stopped swaps for now")
    assert town.held("BAKE") == 120_00
    opened(page, town.standing, town.tokens["STAR"])
    expect(standing_of(page)).to_contain_text("This brand has stopped swaps of its points for now.")
    expect(page.locator('[data-fact="available"]')).to_have_text("0 STAR")


def test_swap__not_enough_of_it__says_how_much_there_is(page: Page, town: Town) -> None:
    star, owner = town.tokens["STAR"], town.standing.account("cinema admin")
    member = town.pool.member(star)
    town.alliance.swaps.withdraw(town.pool, star, member.withdrawable - 1, sender=owner)
    asking(page, "Bakery Points", "120")
    expect(choice(page, "STAR")).to_contain_text("Only 1 STAR left here")
    page.get_by_label(re.compile("^How many")).fill("12")
    least = town.quote_in("BAKE", "STAR", 1)
    expect(choice(page, "STAR")).to_contain_text(f"At least {exact(least, 2)} BAKE for this")
    town.alliance.swaps.withdraw(town.pool, star, 1, sender=owner)
    expect(choice(page, "STAR")).to_contain_text("None left here")


def test_swap__no_more_is_taken__says_how_much_still_is(page: Page, town: Town) -> None:
    bake, owner = town.tokens["BAKE"], town.standing.account("bakery admin")
    bounds = town.pool.member(bake).terms.bounds
    lower = {"outflow_cap": bounds.outflow_cap, "sender": owner}
    town.alliance.pools.lower(town.pool, bake, limit=bounds.limit, daily_cap=30_00, **lower)  # type: ignore[arg-type]
    asking(page, "Bakery Points", "100")
    expect(choice(page, "BOOK")).to_contain_text("At most 30 BAKE are taken today")
    town.alliance.pools.lower(town.pool, bake, limit=12_34, daily_cap=30_00, **lower)  # type: ignore[arg-type]
    expect(choice(page, "BOOK")).to_contain_text("At most 12.34 BAKE are taken for now")
    town.alliance.pools.lower(town.pool, bake, limit=0, daily_cap=30_00, **lower)  # type: ignore[arg-type]
    expect(choice(page, "BOOK")).to_contain_text("No more BAKE are taken for now")


# ---- where a brand stands


def standing_of(page: Page) -> Locator:
    return page.get_by_role("region", name="Swaps with other brands")


def test_brand__shows_its_pool_and_what_members_can_do(page: Page, town: Town) -> None:
    opened(page, town.standing, town.tokens["BAKE"])
    expect(standing_of(page).get_by_role("heading", level=3)).to_have_text("With Cinema and Books")
    expect(page.locator("[data-net]")).to_contain_text("Nobody owes anybody anything so far.")
    expect(page.locator("[data-net]")).to_contain_text(moment(town.pool.period.closes_at))
    facts = {
        "available": "20,000 BAKE",
        "room": "20,000 BAKE",
        "provided": "20,000 BAKE",
        "limit": "20,000 BAKE",
        "ceiling": "20,000 BAKE",
        "fees": "0.2% to 2.2%",
        "laid-down": "$200.00",
        "unpaid": "$0.00",
    }
    for fact, value in facts.items():
        expect(page.locator(f'[data-fact="{fact}"]')).to_have_text(value)


def test_brand__what_it_owes_and_is_owed__from_the_swap_to_the_payment(page: Page, town: Town) -> None:
    bake, book = town.tokens["BAKE"], town.tokens["BOOK"]
    town.swap_for_another("BAKE", "BOOK", 5_000_00)
    opened(page, town.standing, bake)
    expect(page.locator("[data-net]")).to_contain_text("it owes the others $50.00 so far")
    expect(page.locator('[data-fact="available"]')).to_have_text("25,000 BAKE")
    expect(page.locator('[data-fact="room"]')).to_have_text("15,000 BAKE")
    credit = -town.alliance.pools.look(town.pool).member(book).side.net * 50_000 // WORTH
    opened(page, town.standing, book)
    expect(page.locator("[data-net]")).to_contain_text(f"the others owe it ${exact(credit, 6, 2)} so far")

    passed(town.standing, town.pool.period.closes_at - calls.now())
    town.alliance.swaps.close(town.pool, sender=town.standing.account("free"))
    due_at = calls.now() + 14 * 86_400
    owed = page.locator('[data-settlement="0"]')
    expect(page.locator("[data-net]")).to_contain_text("Nobody owes anybody anything so far.")
    expect(owed).to_contain_text("The others owe it $50.00, to be paid by")
    expect(owed).to_contain_text("$0.00 of that has come in.")
    opened(page, town.standing, bake)
    expect(owed).to_contain_text("It owes the others $50.00, to be paid by")
    expect(owed).to_contain_text(moment(due_at))
    expect(page.locator('[data-fact="unpaid"]')).to_have_text("$50.00")

    pay(town, bake, 20 * CENTS)
    expect(owed).to_contain_text("It owes the others $30.00")
    opened(page, town.standing, book)
    expect(owed).to_contain_text("$20.00 of that has come in.")
    passed(town.standing, 15 * 86_400)
    expect(owed).to_contain_text("The others owe it $50.00, due since")
    opened(page, town.standing, bake)
    expect(owed).to_contain_text("anybody can have that paid from what it laid down")
    pay(town, bake, 30 * CENTS)
    expect(owed).to_have_count(0)


def pay(town: Town, token: Token, value: int) -> None:
    payer, settlements = town.standing.account("free"), town.alliance.settlements_contract
    dollar = town.alliance.mock_dollar
    calls.transact(payer, dollar, "mint", payer.address, value)
    calls.transact(payer, dollar, "approve", settlements.address, value)
    source = town.alliance.swaps_contract.address
    calls.transact(payer, settlements, "pay", source, town.pool.id, 0, token.address, value)


def test_brand__limits_that_will_change__are_announced(page: Page, town: Town) -> None:
    bake, steward = town.tokens["BAKE"], town.standing.account("alliance")
    higher = Bounds(30_000_00, 30_000_00, base_fee=5_000, fee_slope=10_000)
    town.alliance.pools.announce(town.pool, bake, higher, sender=steward)
    opened(page, town.standing, bake)
    notice = standing_of(page).get_by_role("status")
    expect(notice).to_contain_text(moment(town.alliance.pools.look(town.pool).member(bake).terms.change_at))
    expect(notice).to_contain_text("at most 30,000 BAKE are taken, for 0.5% to 1.5%.")


def test_brand__that_left__shows_what_is_still_there(page: Page, town: Town) -> None:
    star, owner = town.tokens["STAR"], town.standing.account("cinema admin")
    amount = town.pool.member(star).withdrawable
    town.alliance.swaps.withdraw(town.pool, star, amount, sender=owner)
    town.alliance.pools.leave(town.pool, star, sender=owner)
    opened(page, town.standing, star)
    # Its money stays there until it takes it back.
    expect(page.locator("[data-net]")).to_have_text("It is not in there any more.")
    expect(page.locator('[data-fact="laid-down"]')).to_have_text("$200.00")
    expect(page.get_by_role("link", name="Swap for others")).to_have_count(0)
    town.alliance.bonds.reclaim_from_pool(star, town.pool.id, 200 * CENTS, sender=owner)
    expect(standing_of(page)).to_have_count(0)
