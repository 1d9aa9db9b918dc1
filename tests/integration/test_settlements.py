"""Pools and settling on a real chain: swaps as quoted, and statements that an independent count bears out."""
# ruff: noqa: PLC0415 (Ape takes seconds to import, which tests that need no chain are spared)

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

import pytest

from symbolon.quotes import NoSwapError
from symbolon.reverts import RefusedError
from symbolon.statement_files import Heading, as_csv
from symbolon.statements import AMOUNTS, VALUES, Books

if TYPE_CHECKING:
    from ape.api import ProviderAPI
    from town import Town

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token


class Clerk:
    """Counts for itself: what it sees in balances and views, token by token, in the period that runs."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town = town
        self.dice = random.Random(seed)
        self.brought: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        self.prepaid: Counter[str] = Counter()
        self.paid: Counter[str] = Counter()
        self.enforced: Counter[str] = Counter()
        self.received: Counter[str] = Counter()
        self.provided: Counter[str] = Counter()

    def swap(self) -> bool:
        """Any member, any pair, any amount; whether the pool did it."""
        town, dice = self.town, self.dice
        member = dice.choice(town.members)
        brought, taken = dice.sample(town.tokens, 2)
        pool = town.pool
        exact_out = dice.random() < 0.5
        side = pool.member(taken if exact_out else brought).side
        amount = dice.randint(
            1, max(1, (side.stock if exact_out else side.room) // dice.choice((1, 3, 30)) + 1)
        )
        given = {"amount_out" if exact_out else "amount_in": amount}
        try:
            quoted = town.alliance.swaps.quote(pool, brought, taken, **given)
        except NoSwapError:
            self.refuses(brought, taken, amount, exact_out=exact_out)
            return False
        before = brought.balance_of(member), taken.balance_of(member)
        if before[0] < quoted.amount_in:
            return False
        town.alliance.swaps.swap(
            pool,
            brought,
            taken,
            amount_in=quoted.amount_in,
            amount_out=quoted.amount_out,
            exact_out=exact_out,
            sender=member,
        )
        moved = before[0] - brought.balance_of(member), taken.balance_of(member) - before[1]
        assert moved == (quoted.amount_in, quoted.amount_out)
        self.brought[brought.address] += moved[0]
        self.taken[taken.address] += moved[1]
        return True

    def refuses(self, brought: Token, taken: Token, amount: int, *, exact_out: bool) -> None:
        """What is no quote off the chain is none on it."""
        from symbolon import calls

        method = "quoteIn" if exact_out else "quoteOut"
        with pytest.raises(RefusedError):
            calls.read(
                self.town.alliance.swaps_contract,
                method,
                self.town.id,
                brought.address,
                taken.address,
                amount,
            )

    def prepay(self) -> None:
        """A part of what the first debtor owes."""
        town, payer = self.town, self.town.intruder
        pool = town.pool
        token = next(each for each in town.tokens if pool.member(each).intake)
        member = pool.member(token)
        amount = self.dice.randint(1, member.intake)
        before = town.money_of(payer)
        town.alliance.settlements.prepay(
            pool, token, amount, member.side.pricing.value_up(amount), sender=payer
        )
        self.prepaid[token.address] += before - town.money_of(payer)

    def provide(self, token: Token) -> None:
        town = self.town
        admin, before = town.admin_of(token), token.balance_of(town.admin_of(token))
        town.alliance.swaps.provide(town.pool, token, 7, sender=admin)
        self.provided[token.address] += before - token.balance_of(admin)

    def pay(self, books: Books) -> None:
        """Half of a debt here, all of one there, and what is overdue by force."""
        town, payer = self.town, self.town.intruder
        for debt in books.unpaid():
            token = town.alliance.tokens.at(debt.token)
            before = town.money_of(payer)
            town.alliance.settlements.pay(
                town.pool, token, debt.period, -(-debt.unpaid // self.dice.choice((1, 2))), sender=payer
            )
            self.paid[debt.token] += before - town.money_of(payer)

    def enforce(self, books: Books) -> None:
        town, alliance = self.town, self.town.alliance
        from symbolon.bonds import Purse

        for debt in books.unpaid():
            token = alliance.tokens.at(debt.token)
            before = alliance.bonds.of(token).purses[Purse.SETTLEMENT].value
            alliance.settlements.enforce(town.pool, token, debt.period, sender=town.intruder)
            after = alliance.bonds.of(token).purses[Purse.SETTLEMENT].value
            self.enforced[debt.token] += before - after

    def withdraw(self, books: Books) -> None:
        from symbolon.bonds import Purse

        town, alliance = self.town, self.town.alliance
        for token in town.tokens:
            admin = town.admin_of(token)
            for claim in books.payable(token.address):
                purse = alliance.bonds.of(token).purses[Purse.HOLDERS].value
                before = town.money_of(admin)
                alliance.settlements.withdraw(town.pool, token, claim.period, sender=admin)
                gained = town.money_of(admin) - before
                gained += alliance.bonds.of(token).purses[Purse.HOLDERS].value - purse
                self.received[token.address] += gained
        for claim in books.payable(str(town.treasury.address)):
            before = town.money_of(town.treasury)
            alliance.settlements.withdraw_treasury(town.pool, claim.period, sender=town.treasury)
            self.received[str(town.treasury.address)] += town.money_of(town.treasury) - before

    def balance(self, claimant: str) -> int:
        """What somebody is owed less what it owes, by the chain's own views of every settlement."""
        from symbolon import calls

        settlements, total = self.town.alliance.settlements, 0
        for period in range(self.town.pool.period.number):
            settlement = settlements.id_of(self.town.id, period)
            claim = calls.read(settlements.contract, "claimOf", settlement, claimant)
            debt = calls.read(settlements.contract, "debtOf", settlement, claimant)
            total += claim.value - claim.taken - debt.unpaid
        return total


@dataclass
class Counted:
    """What the clerk saw of a period, and of the chain's own views when it was closed."""

    clerk: Clerk
    stock: dict[str, int]
    closing: dict[str, int]


def play(town: Town, number: int) -> Counted:
    """A period: swaps, a prepayment, and in the second one payments, in the third what is overdue."""
    from shop import wait
    from town import PAYMENT, PERIOD

    alliance, clerk = town.alliance, Clerk(town, seed=70 + number)
    assert sum(clerk.swap() for _ in range(14)) > 4
    clerk.prepay()
    if number:
        wait(PAYMENT)
        settle = clerk.pay if number == 1 else clerk.enforce
        settle(alliance.settlements.books(town.pool))
        clerk.provide(town.tokens[number])
    clerk.withdraw(alliance.settlements.books(town.pool))
    wait(PERIOD)
    alliance.swaps.close(town.pool, sender=town.intruder)
    stock = {token.address: town.pool.member(token).side.stock for token in town.tokens}
    claimants = (*stock, str(town.treasury.address))
    return Counted(clerk, stock, {each: clerk.balance(each) for each in claimants})


@pytest.fixture(scope="module")
def played(_provider: ProviderAPI, _deployed: Alliance) -> Iterator[tuple[Town, list[Counted]]]:
    """Three periods in a town, as the clerk saw them."""
    from shop import undone
    from town import Town

    with _provider.network.use_provider(_provider), undone():
        town = Town.found(_deployed)
        yield town, [play(town, number) for number in range(3)]


def test_statements__after_much_swapping_and_settling__are_what_an_independent_count_says(
    played: tuple[Town, list[Counted]],
) -> None:
    from town import worth

    town, counted = played
    first = {token.address: worth(token) for token in town.tokens}
    books = town.alliance.settlements.books(town.pool)
    opening: Counter[str] = Counter()
    for number, seen in enumerate(counted):
        lines = {line.claimant: line for line in books.of_period(number)}
        assert set(seen.stock) <= set(lines)
        for claimant, line in lines.items():
            clerk = seen.clerk
            assert line.tokens_brought == clerk.brought[claimant]
            assert line.tokens_taken == clerk.taken[claimant]
            assert line.provided == clerk.provided[claimant] + (0 if number else first.get(claimant, 0))
            assert line.prepaid == clerk.prepaid[claimant]
            assert line.paid == clerk.paid[claimant]
            assert line.enforced == clerk.enforced[claimant]
            assert line.received == clerk.received[claimant]
            assert line.stock_after == seen.stock.get(claimant, 0)
            assert (line.opening, line.closing) == (opening[claimant], seen.closing[claimant])
            assert abs(line.rounding) <= 2 + (line.prepaid > 0)
        opening = Counter({claimant: line.closing for claimant, line in lines.items()})
    settled = {column: sum(line.values[column] for line in books.lines) for column in VALUES}
    assert all(settled[column] for column in ("prepaid", "fees", "paid", "enforced", "received"))
    assert any(line.token is None for line in books.lines)
    here = town.alliance.mock_dollar.balanceOf(town.alliance.settlements.contract.address)
    assert sum(opening.values()) == books.cash == here  # SETTLE-1
    adds_up(as_csv(Heading("town", "mUSD", 6, 0, 0), books.lines))


def adds_up(table: str) -> None:
    """Each row of a CSV, as a spreadsheet would read it."""
    rows = list(csv.DictReader(table.splitlines()))
    assert len(rows) >= 9
    with localcontext() as context:
        context.prec = 60
        for row in rows:
            for columns in (AMOUNTS, VALUES):
                if row[columns[0]]:
                    *parts, total = (Decimal(row[name]) for name in columns)
                    assert sum(parts) == total, row


def test_books__are_the_chains_own_views(played: tuple[Town, list[Counted]]) -> None:
    """Who owes what, and what can be taken out: from the log alone, and as the contract says."""
    from symbolon import calls

    town, _ = played
    settlements = town.alliance.settlements
    books = settlements.books(town.pool)
    assert books.debts
    assert books.claims
    for debt in books.debts:
        settlement = settlements.id_of(town.id, debt.period)
        found = calls.read(settlements.contract, "debtOf", settlement, debt.token)
        due = calls.read(settlements.contract, "settlementOf", settlement).dueAt
        assert (debt.unpaid, debt.lien, debt.due_at) == (found.unpaid, found.lien, due)
    for claim in books.claims:
        settlement = settlements.id_of(town.id, claim.period)
        payable = calls.read(settlements.contract, "payableOf", settlement, claim.claimant)
        found = calls.read(settlements.contract, "claimOf", settlement, claim.claimant)
        assert (claim.value, claim.taken, claim.payable) == (found.value, found.taken, payable)
