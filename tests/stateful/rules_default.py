"""Rules: brands that do not keep what they owe, and who gets what is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from stateful import abi
from stateful.dice import Dice, play
from stateful.machine import EVERYBODY, Played
from stateful.rules_pools import CAREFUL, UINT96, PoolRules, Settling
from stateful.stage import ADMINS, ALLIANCE, MANAGERS, MEMBERS, TILLS
from symbolon.reference import Address, Contract, Event
from symbolon.reference.bonds import Purse
from symbolon.reference.brands import List
from symbolon.reference.contract import DAY, UINT256
from symbolon.reference.defaults import NO_DEBT
from symbolon.reference.eip712 import word
from symbolon.reference.swap_math import WORTH
from symbolon.reference.swaps import Swap
from symbolon.reference.token import LoyaltyToken

CURE_PERIOD = 30 * DAY
MOST_FAILED = 2
"""Tokens that we bring into default at a time: others must go on."""
Handed = tuple[Address, bytes]
"""Who handed tokens in, and for which debt."""


class Pot(NamedTuple):
    """A default as we saw it: what came in for the holders, how many tokens share, and since when."""

    came_in: int
    base: int
    since: int


class Ended(NamedTuple):
    """A default that is over: pot, base, who handed in how much and got how much."""

    came_in: int
    base: int
    handed: Counter[Handed]
    got: Counter[Handed]


class DefaultRules(PoolRules):
    """Sharing is judged by books of our own: what came in, who handed in how much, what is outstanding."""

    def __init__(self) -> None:
        self.pots: dict[Address, Pot] = {}
        self.handed: dict[Address, Counter[Handed]] = {}
        self.got: dict[Address, Counter[Handed]] = {}
        self.rounds: dict[Address, int] = {}
        self.over: dict[tuple[Address, int], Ended] = {}
        self.flagged: dict[Address, int] = {}
        self.reports: set[tuple[Address, Address, bytes]] = set()
        super().__init__()

    def set_scene(self) -> None:
        bonds = self.world.bonds.address
        super().set_scene()
        self.do(ALLIANCE.address, self.world.brands, "set_listed", int(List.BONDS), bonds, True)

    # ---- judging

    def do(
        self, sender: Address, target: Contract, method: str, *arguments: Any, split: bool = False
    ) -> Played:
        played = super().do(sender, target, method, *arguments, split=split)
        if played.ok:
            for event in self.world.events:
                self._judge_defaults(event)
            for token in list(self.pots):
                self._check_pot(token)
        return played

    def witness(self, event: Event) -> None:
        super().witness(event)
        if event.name == "HandedIn":
            # What is handed in burns: neither the bonds nor a settlement has it any more.
            token, account, _, amount = event.facts
            self._donated[token, self.world.bonds.address] -= amount
            if account == self.world.settlements.address:
                self.liens[token] -= amount

    def _judge_defaults(self, event: Event) -> None:
        """Enter in our books what an event says, if it may be so."""
        judges: dict[str, Callable[..., None]] = {
            "ShortfallFlagged": self._shortfall_flagged,
            "ShortfallCured": self._shortfall_cured,
            "DebtReported": self._debt_reported,
            "ReportWithdrawn": self._report_withdrawn,
            "DefaultDeclared": self._default_declared,
            "DefaultCured": self._default_cured,
            "Deposited": self._came_in,
            "Gathered": self._gathered,
            "HandedIn": self._handed_in,
            "SharePaid": self._share_paid,
        }
        if event.name in judges:
            judges[event.name](*event.facts)
        if event.name in ("Withdrawn", "Allotted", "WithdrawalAnnounced"):
            is_bonds = event.contract == self.world.bonds.address
            assert not is_bonds or event.facts[0] not in self.pots, "BOND-2: a failed brand had its way"

    def _shortfall_flagged(self, token: Address, _held: int, _required: int, _cure_by: int) -> None:
        self.flagged[token] = self.world.now

    def _shortfall_cured(self, token: Address, _held: int, _required: int) -> None:
        self.flagged.pop(token, None)

    def _debt_reported(self, token: Address, module: Address, debt_id: bytes, _reports: int) -> None:
        settling = self.settling[debt_id]
        late = self.world.now - settling.due_at
        assert late >= CURE_PERIOD, f"BOND-2: a debt was reported {late} seconds after it was due"
        assert self.debts[debt_id, token] > 0, "BOND-2: a paid debt was reported"
        left = self.bond[settling.source, settling.pool, token]
        assert left == 0, f"BOND-2: a debt was reported while {left} are left that stand behind it"
        self.reports.add((token, module, debt_id))
        self.tally.checks["BOND-2: reported"] += 1

    def _report_withdrawn(self, token: Address, module: Address, debt_id: bytes, _reports: int) -> None:
        assert self.debts[debt_id, token] == 0, "BOND-2: an unpaid debt is no longer reported"
        self.reports.remove((token, module, debt_id))

    def _default_declared(self, token: Address, number: int, pot: int, base: int) -> None:
        assert self.has_grounds(token), "BOND-2: a default was declared without grounds"
        held, outstanding = self.purses[token, int(Purse.HOLDERS)], self._outstanding(token)
        assert (pot, base) == (held, outstanding), f"BOND-2: {pot} and {base}, not {held} and {outstanding}"
        self.pots[token] = Pot(held, outstanding, self.world.now)
        self.handed[token], self.got[token] = Counter(), Counter()
        self.rounds[token] = number
        for purse in Purse:
            self.announced.pop((token, int(purse)), None)
        self.tally.checks["BOND-2: declared"] += 1

    def _default_cured(self, token: Address, number: int, pot: int, base: int, set_aside: int) -> None:
        reported = [each for each in self.reports if each[0] == token]
        assert not reported, "BOND-2: a default ended with a reported debt unpaid"
        seen = self.pots.pop(token)
        assert (pot, base) == (seen.came_in, self._base(token)), f"BOND-2: it ended with {pot} for {base}"
        handed, got = self.handed[token], self.got[token]
        ended = Ended(pot, base, handed, got)
        due = self._part(token, handed.total(), ended) - got.total()
        assert set_aside == due, f"BOND-2: {set_aside} were set aside of {due}"
        self.over[token, number] = ended
        ratio = self.world.obligations.bond_ratio_of(token)
        worth = base * self.unit_of(token) * ratio
        assert pot * WORTH * 10_000 >= worth, f"BOND-2: a default ended with {pot} for {base}"
        self.tally.checks["BOND-2: cured"] += 1

    def _came_in(self, token: Address, purse: int, _from: Address, value: int) -> None:
        if token in self.pots and purse == Purse.HOLDERS:
            self.pots[token] = self.pots[token]._replace(came_in=self.pots[token].came_in + value)

    def _gathered(self, token: Address, purse: int, value: int) -> None:
        self._came_in(token, int(Purse.HOLDERS), b"", value)
        self._check_purse(token, purse)
        self.tally.checks["BOND-2: gathered"] += 1

    def _handed_in(self, token: Address, account: Address, debt_id: bytes, amount: int) -> None:
        self.handed[token][account, debt_id] += amount
        handed, base = self.handed[token].total(), self.pots[token].base
        assert handed <= base, f"BOND-2: {handed} were handed in of {base}"

    def _share_paid(self, token: Address, number: int, account: Address, debt_id: bytes, value: int) -> None:
        if ended := self.over.get((token, number)):
            assert self.set_aside[token] >= 0, "BOND-2: more was paid than was set aside"
            self.tally.checks["BOND-2: fetched after a cure"] += 1
        else:
            pot = self.pots[token]
            ended = Ended(pot.came_in, self._base(token), self.handed[token], self.got[token])
        ended.got[account, debt_id] += value
        got, part = ended.got[account, debt_id], self._part(token, ended.handed[account, debt_id], ended)
        exact = debt_id == NO_DEBT
        assert got == part if exact else got <= part, f"BOND-2: {got} were paid, and the part is {part}"
        self.tally.checks["BOND-2: a part"] += 1

    def _part(self, token: Address, handed: int, its: Ended) -> int:
        """Of the pot, and at most what it is worth at par."""
        return min(handed * its.came_in // max(1, its.base), handed * self.unit_of(token) // WORTH)

    def _check_pot(self, token: Address) -> None:
        """What came in is what was paid and what is left; and a token's part never falls."""
        pot = self.pots[token]
        held, paid = self.purses[token, int(Purse.HOLDERS)], self.got[token].total()
        assert held + paid == pot.came_in, f"BOND-2: {paid} were paid and {held} are left of {pot.came_in}"
        base = self._base(token)
        assert base <= pot.base, f"BOND-2: {base} tokens share in what was for {pot.base}"
        self.pots[token] = pot._replace(base=base)

    def _judge(self, event: Event) -> None:
        super()._judge(event)
        holders = int(Purse.HOLDERS)
        if event.name == "Gathered":
            token, purse, value = event.facts
            self.purses[token, purse] -= value
            self.purses[token, holders] += value
        elif event.name == "SharePaid":
            token, number, account, _, value = event.facts
            if (token, number) in self.over:
                self.set_aside[token] -= value
            else:
                self.purses[token, holders] -= value
            self.owed[self.world.obligations.currency_of(token), account] += value

        elif event.name == "DefaultCured":
            token, *_, set_aside = event.facts
            self.purses[token, holders] -= set_aside
            self.set_aside[token] += set_aside

    def _outstanding(self, token: Address) -> int:
        book = self.book_of(token)
        return book.supply + book.total_quota

    def _base(self, token: Address) -> int:
        return self._outstanding(token) + self.handed[token].total()

    def has_grounds(self, token: Address) -> bool:
        """By our own books: a reported debt, or a purse that is short a cure period after that was said."""
        if any(each[0] == token for each in self.reports):
            return True
        flagged = self.flagged.get(token)
        if flagged is None or self.world.now < flagged + CURE_PERIOD:
            return False
        return self.purses[token, int(Purse.HOLDERS)] < self.world.bonds.required_of(token)

    # ---- whoever comes first

    def _check_ways_out(self) -> None:
        """Also: all who are left hand in what they have, in one order and in the other, and get the same."""
        super()._check_ways_out()
        for token in list(self.pots):
            holders = [each.address for each in self.at.members if self.can_act(each.address)]
            holders = [each for each in holders if self._held[token].get(each)]
            if not holders:
                continue
            snapshot = self.chain.snapshot()
            first = self._hand_in_all(token, holders)
            self.chain.revert(snapshot)
            snapshot = self.chain.snapshot()
            second = self._hand_in_all(token, holders[::-1])
            self.chain.revert(snapshot)
            assert first == second, f"BOND-2: who comes first matters: {first} and {second}"
            self.tally.checks["BOND-2: in any order"] += 1

    def _hand_in_all(self, token: Address, holders: list[Address]) -> list[int]:
        """On the chain alone: everybody hands in, in two pieces, and fetches; what each has got."""
        bonds = self.world.bonds.address
        for part in (2, 1):
            for holder in holders:
                amount = self.balances_of(token)[holder] // part
                call = abi.function("LoyaltyToken", "transfer_and_call").encode((bonds, amount, b""))
                outcome = self.send(holder, token, call)
                assert outcome.success, f"BOND-2: a holder cannot hand in: {abi.explain(outcome.output)}"
        call_of = abi.function("Bonds", "share_of").encode
        shares = []
        for holder in sorted(holders):
            what = (token, self.rounds[token], holder)
            self.send(holder, bonds, abi.function("Bonds", "pay_share").encode(what))
            shares.append(int.from_bytes(self.chain.read(bonds, call_of((*what, NO_DEBT)))[32:64]))
        return shares

    # ---- choices

    def failed(self) -> list[LoyaltyToken]:
        """The tokens in default."""
        return [each for each in self.obliged() if each.address in self.pots]

    def a_failed(self, dice: Dice) -> LoyaltyToken:
        """Mostly a token in default, which is brought about where there is none."""
        if not self.failed() and not dice.seldom():
            self.neglect(dice)
        return (
            dice.pick(self.failed()) if self.failed() and not dice.rarely() else self.an_obliged_token(dice)
        )

    def can_fail(self) -> list[LoyaltyToken]:
        return (
            []
            if len(self.pots) >= MOST_FAILED
            else [each for each in self.obliged() if each not in self.failed()]
        )

    # ---- grounds

    @play
    def neglect(self, dice: Dice) -> None:
        """A brand's terms ask for more than it has, it is told so, and lets the time go by, or nearly."""
        tokens = self.can_fail()
        if not tokens:
            return
        token, bonds, obligations = dice.pick(tokens), self.world.bonds, self.world.obligations
        address = token.address
        if not self.shortage(token) and not dice.rarely():
            terms = obligations.obligation_of(address).terms
            more = terms._replace(bond_bps=min(terms.bond_bps + 100 + dice.roll(200), 10_000))
            self.do(self.admin_of(token), obligations, "set_terms", address, more)
        if address not in bonds.cure_by:
            self.do(dice.pick(EVERYBODY), bonds, "flag_shortfall", address)
        if cure_by := bonds.cure_by.get(address):
            self.set_time(max(self.world.now, cure_by - dice.rarely()))
        self.do(dice.pick(EVERYBODY), bonds, "declare_default", address)

    @play
    def declare_default(self, dice: Dice) -> None:
        able = [each for each in self.can_fail() if self.has_grounds(each.address)]
        token = dice.pick(able) if able and not dice.seldom() else self.an_obliged_token(dice)
        self.do(dice.pick(EVERYBODY), self.world.bonds, "declare_default", token.address)

    def a_long_unpaid_debt(self, dice: Dice) -> tuple[Address, bytes, int, Address]:
        """One that is paid no more by what was laid down, where there is one."""
        swaps = self.world.swaps.address
        unpaid = [each for each in +self.debts if self.settling[each[0]].source == swaps or dice.rarely()]
        new = [each for each in unpaid if self.is_uncovered(*each) and not self.is_reported(*each)]
        if not new and not dice.seldom():
            self.borrow(dice)
            unpaid = [each for each in +self.debts if self.settling[each[0]].source == swaps]
            new = [each for each in unpaid if self.is_uncovered(*each)]
        if not unpaid:
            return self.a_debt(dice)
        settlement_id, token = dice.pick(new or unpaid)
        settling = self.settling[settlement_id]
        return settling.source, settling.pool, settling.period, token

    def is_uncovered(self, debt_id: bytes, token: Address) -> bool:
        settling = self.settling[debt_id]
        return self.debts[debt_id, token] > self.bond[settling.source, settling.pool, token]

    def is_reported(self, debt_id: bytes, token: Address) -> bool:
        return (token, self.world.settlements.address, debt_id) in self.reports

    @play
    def report_debt(self, dice: Dice) -> None:
        """A cure period after it was due, or a second too early; mostly after all was enforced."""
        self.report_it(dice, self.a_long_unpaid_debt(dice))

    def report_it(self, dice: Dice, debt: tuple[Address, bytes, int, Address]) -> None:
        settlements = self.world.settlements
        due_at = settlements.settlement_of(settlements.settlement_id_of(*debt[:3])).due_at
        if due_at and not dice.seldom():
            self.set_time(max(self.world.now, due_at + CURE_PERIOD - dice.rarely()))
        if settlements.account_of(debt[0], debt[1], debt[3]).bond and not dice.seldom():
            self.do(dice.pick(EVERYBODY), settlements, "enforce", *debt)
        self.do(dice.pick(EVERYBODY), settlements, "report", *debt)

    @play
    def borrow(self, dice: Dice) -> None:
        """Where brands lend to one another without cover: a debt beyond what was laid down."""
        pool, running = self.bold_pool(dice)
        able = [each for each in running if self.position(pool, each).room]
        if able:
            self.bring(dice, pool, dice.pick(able))

    def bold_pool(self, dice: Dice) -> tuple[bytes, list[Address]]:
        """One with lending beyond what was laid down, and who takes part."""
        pools = self.world.swaps.pools
        pool = dice.pick([each for each in pools if self.rules_of_pools[each].leverage > CAREFUL])
        return pool, [each for each in self.members_of(pool) if self._is_running(pool, each)]

    def bring(self, dice: Dice, pool: bytes, token_in: Address) -> None:
        """Members bring a token, its brand takes back what is not needed, and the period ends."""
        swaps, settlements = self.world.swaps, self.world.settlements
        others = [each for each in self.members_of(pool) if each != token_in and self._is_running(pool, each)]
        if not others:
            return
        self.swap_much(dice, pool, token_in, dice.pick(others))
        account = settlements.account_of(swaps.address, pool, token_in)
        debt = -(-max(0, self.position(pool, token_in).net) * self.unit_of(token_in) // WORTH)
        needed = -(-(debt + account.unpaid) * 100 // self.rules_of_pools[pool].leverage)
        if debt and account.bond > max(needed, account.unpaid):
            data = word(swaps.address) + pool
            value = account.bond - max(needed, account.unpaid)
            what = (token_in, int(Purse.SETTLEMENT), settlements.address, value, data)
            self.do(self.admin_of(self.world.token(token_in)), self.world.bonds, "reclaim", *what)
        self.set_time(max(self.world.now, swaps.period_of(pool).closes_at))
        self.do(dice.pick(EVERYBODY), swaps, "close", pool)

    def swap_much(self, dice: Dice, pool: bytes, token_in: Address, token_out: Address) -> None:
        """About as much as can be."""
        token = self.world.token(token_in)
        member = self.greatest_holder(token)
        brought, taken = self.position(pool, token_in), self.position(pool, token_out)
        can_pay = taken.stock * taken.pricing.unit_worth // brought.pricing.unit_worth
        amount = min(token.balance_of(member), brought.room, can_pay, UINT96)
        swap = Swap(pool, token_in, token_out, amount, 0, False, dice.pick(MEMBERS).address, self.world.now)
        self.do(member, self.world.swaps, "swap", swap)

    @play
    def presume(self, dice: Dice) -> None:
        """Somebody without a say states that a debt is unpaid, or paid, or that a token failed."""
        sender, token, bonds = dice.pick(EVERYBODY), self.an_obliged_token(dice).address, self.world.bonds
        self.do(sender, bonds, dice.pick(["report", "withdraw_report"]), token, dice.word())
        self.do(sender, self.world.obligations, "set_in_default", token, dice.roll(2) == 1)
        if token not in self.pots:
            self.do(sender, self.world.swaps, "burn_provided", self.a_pool(dice), token)

    # ---- in default

    @play
    def hand_tokens_in(self, dice: Dice) -> None:
        """For oneself, or for a debt, which is any name; rarely with something that is none."""
        token = self.a_failed(dice)
        holder = self.a_holder(dice, token)
        data = b""
        if dice.seldom():
            data = dice.pick([dice.word(), bytes(32), b"\1" * 31, dice.word() + b"\2"])
        amount = dice.amount(token.balance_of(holder))
        bonds = self.world.bonds.address
        self.do(holder, token, "transfer_and_call", bonds, amount, data)

    @play
    def pay_share(self, dice: Dice) -> None:
        """Somebody hands in, more comes in, and anybody has the difference paid."""
        token, bonds = self.a_failed(dice), self.world.bonds
        handed = self.handed.get(token.address, Counter())
        mine = [account for account, debt in handed if debt == NO_DEBT and handed[account, debt]]
        if not mine or dice.roll(2):
            mine = [self.hand_a_quarter_in(token, b"")]
        if token.address in self.pots and not dice.seldom():
            self._pour(dice, token)
        account = dice.pick(EVERYBODY) if dice.rarely() else dice.pick(mine)
        number = dice.roll(3) if dice.seldom() else self.rounds.get(token.address, 0)
        self.do(dice.pick(EVERYBODY), bonds, "pay_share", token.address, number, account)
        self.pay_share_of(dice)

    @play
    def pay_share_of(self, dice: Dice) -> None:
        """For what was handed in under a name of the caller's own, up to so much."""
        token, bonds = self.a_failed(dice), self.world.bonds
        handed = self.handed.get(token.address, Counter())
        named = [each for each in handed if each[1] != NO_DEBT and self.can_act(each[0]) and handed[each]]
        if not named or dice.roll(2):
            debt = b"\1" * 31 + bytes([dice.roll(256)])
            named = [(self.hand_a_quarter_in(token, debt), debt)]
        if token.address in self.pots and not dice.seldom():
            self._pour(dice, token)
        account, debt = dice.pick(named)
        most = dice.roll(9) if dice.seldom() else UINT256
        what = (token.address, self.rounds.get(token.address, 0), debt, most)
        self.do(self.somebody(dice, account), bonds, "pay_share_of", *what)
        for other, its in list(handed):
            if its == NO_DEBT:
                self.do(dice.pick(EVERYBODY), bonds, "pay_share", *what[:2], other)

    def hand_a_quarter_in(self, token: LoyaltyToken, debt: bytes) -> Address:
        """Who has most hands in some of it."""
        holder = self.greatest_holder(token)
        what = (self.world.bonds.address, token.balance_of(holder) // 4, debt)
        self.do(holder, token, "transfer_and_call", *what)
        return holder

    def greatest_holder(self, token: LoyaltyToken) -> Address:
        return max((each.address for each in self.at.members), key=token.balance_of)

    def _pour(self, dice: Dice, token: LoyaltyToken) -> None:
        """Money for the holders, mostly too little to end it."""
        value = self.shortage(token) * (1 + dice.roll(10)) // 16 or 10**7 * (1 + dice.roll(9))
        what = (token.address, int(Purse.HOLDERS), value)
        self.do(dice.pick(ADMINS).address, self.world.bonds, "deposit", *what)

    @play
    def pay_share_after_cure(self, dice: Dice) -> None:
        """What a cure set aside is there for whoever handed in."""
        if not self.over and not dice.seldom():
            self.hand_tokens_in(dice)
            self.cure_default(dice)
        if self.over:
            (token, number), ended = dice.pick(list(self.over.items()))
            able = [each for each, debt in ended.handed if debt == NO_DEBT]
            account = dice.pick(able or EVERYBODY)
            self.do(dice.pick(EVERYBODY), self.world.bonds, "pay_share", token, number, account)

    @play
    def gather(self, dice: Dice) -> None:
        """What modules have not promised, and then what is free, by anybody."""
        token, bonds, settlements = self.a_failed(dice), self.world.bonds, self.world.settlements
        purse = dice.pick([int(Purse.SETTLEMENT), int(Purse.COMPENSATION), int(Purse.SETTLEMENT)])
        funds = [each for each in self.bond if each[2] == token.address and self.bond[each]]
        if purse == Purse.SETTLEMENT and funds:
            source, pool, _ = dice.pick(funds)
            account = settlements.account_of(source, pool, token.address)
            value = dice.amount(max(1, account.bond - account.unpaid))
            what = (token.address, purse, settlements.address, value, word(source) + pool)
            self.do(dice.pick(EVERYBODY), bonds, "reclaim", *what)
        elif not dice.seldom():
            self.do(ADMINS[0].address, bonds, "deposit", token.address, purse, 1 + dice.roll(99))
        its = self.a_purse(dice) if dice.seldom() else purse
        self.do(dice.pick(EVERYBODY), bonds, "gather", token.address, its)

    @play
    def revoke_quota_in_default(self, dice: Dice) -> None:
        token = self.a_failed(dice)
        minters = [each for each, quota in token.quotas.items() if quota.amount and not quota.is_module]
        minter = dice.pick(minters or list(token.quotas) or EVERYBODY)
        if dice.rarely():
            minter = dice.pick([*token.quotas, *EVERYBODY])
        what = (token.address, minter)
        self.do(dice.pick(EVERYBODY), self.world.obligations, "revoke_quota", *what)

    @play
    def burn_provided(self, dice: Dice) -> None:
        token = self.a_failed(dice)
        pools = [pool for pool, its in self.books if its == token.address]
        pool = dice.pick(pools) if pools and not dice.rarely() else self.a_pool(dice)
        full = [each for each in pools if self.books[each, token.address].provided]
        place = (dice.pick(full) if full and not dice.seldom() else pool, token.address)
        self.do(dice.pick(EVERYBODY), self.world.swaps, "burn_provided", *place)

    # ---- partners of a failed brand

    def debts_of_failed(self) -> list[tuple[bytes, Address]]:
        swaps = self.world.swaps.address
        return [
            each for each in +self.debts if each[1] in self.pots and self.settling[each[0]].source == swaps
        ]

    def fail_a_debtor(self, dice: Dice) -> None:
        """A brand with an unpaid debt, which the play makes, is brought into default."""
        self.fail_over(dice, self.a_long_unpaid_debt(dice))

    def fail_over(self, dice: Dice, debt: tuple[Address, bytes, int, Address]) -> None:
        """A debt is reported, and its brand's token put in default."""
        self.report_it(dice, debt)
        if debt[3] not in self.pots:
            self.do(dice.pick(EVERYBODY), self.world.bonds, "declare_default", debt[3])

    @play
    def cash_out(self, dice: Dice) -> None:
        """The tokens behind a debt of a brand in default, once it is due and enforced."""
        if not self.debts_of_failed() and not dice.seldom():
            self.fail_a_debtor(dice)
        debts, settlements = self.debts_of_failed(), self.world.settlements
        debt = self.a_debt(dice)
        if debts and not dice.rarely():
            settlement_id, token = dice.pick(debts)
            settling = self.settling[settlement_id]
            debt = settling.source, settling.pool, settling.period, token
            if not dice.seldom():
                self.set_time(max(self.world.now, settling.due_at - dice.rarely()))
                if settlements.account_of(settling.source, settling.pool, token).bond:
                    self.do(dice.pick(EVERYBODY), settlements, "enforce", *debt)
                self._pour(dice, self.world.token(token))
        self.do(dice.pick(EVERYBODY), settlements, "cash_out", *debt)

    def claims_of_debtors(self) -> list[tuple[Settling, Settling, Address]]:
        """What a brand in default is owed, and what it owes in the same pool."""
        return [
            (self.settling[claim], self.settling[debt], token)
            for debt, token in self.debts_of_failed()
            for claim, claimant in self.claims
            if claimant == token and self.settling[claim][:2] == self.settling[debt][:2]
        ]

    def lend_and_borrow(self, dice: Dice) -> None:
        """A brand is owed something in one period, owes in the next, and fails."""
        pool, running = self.bold_pool(dice)
        able = [each for each in running if self.position(pool, each).room and self._stock(pool, each)]
        able = [each for each in able if each not in self.pots]
        if len(able) < 2:
            return
        debtor = dice.pick(able)
        self.swap_much(dice, pool, dice.pick([each for each in able if each != debtor]), debtor)
        self.set_time(max(self.world.now, self.world.swaps.period_of(pool).closes_at))
        self.do(dice.pick(EVERYBODY), self.world.swaps, "close", pool)
        swaps = self.world.swaps
        period = swaps.period_of(pool).number
        self.bring(dice, pool, debtor)
        self.fail_over(dice, (swaps.address, pool, period, debtor))

    @play
    def lend_and_fail(self, dice: Dice) -> None:
        """A brand that is owed something fails: its claim pays what it owes, and its tokens the rest."""
        self.lend_and_borrow(dice)
        self.offset(dice)
        self.cash_out(dice)

    @play
    def offset(self, dice: Dice) -> None:
        """What a failed brand is owed pays what it owes in the same pool."""
        settlements, swaps = self.world.settlements, self.world.swaps.address
        if not self.claims_of_debtors() and not dice.seldom():
            self.lend_and_borrow(dice)
        pairs = self.claims_of_debtors()
        full = [
            each
            for each in pairs
            if settlements.payable_of(settlements.settlement_id_of(*each[0][:3]), each[2])
        ]
        if pairs and not full:
            # Its own debtors pay first.
            claim, _, _ = dice.pick(pairs)
            claim_id = settlements.settlement_id_of(*claim[:3])
            for settlement_id, debtor in +self.debts:
                if settlement_id == claim_id:
                    payer = dice.pick([*ADMINS, *TILLS]).address
                    self.do(payer, settlements, "pay", *claim[:3], debtor, UINT256)
        if (full or pairs) and not dice.rarely():
            claim, debt, token = dice.pick(full or pairs)
            what = (claim.source, claim.pool, claim.period, debt.period, token)
        else:
            pool = self.a_pool(dice)
            what = (swaps, pool, dice.roll(2), dice.roll(2), self.a_pooled(dice, pool).address)
        self.do(dice.pick(EVERYBODY), settlements, "offset", *what)

    # ---- cure

    @play
    def cure_default(self, dice: Dice) -> None:
        """All that is reported is paid, and the purse made whole, or nearly."""
        token, bonds = self.a_failed(dice), self.world.bonds
        payer = dice.pick([*ADMINS, *TILLS]).address
        if dice.roll(4):
            self._pay_reported(token, payer)
        if not dice.seldom():
            # Before the last report is withdrawn a whole purse does not end it by itself.
            short = self.shortage(token) if token.address in self.world.obligations.obligations else 0
            if short and not dice.seldom():
                what = (token.address, int(Purse.HOLDERS), short)
                self.do(dice.pick([*ADMINS, *MANAGERS]).address, bonds, "deposit", *what)
        self.do(dice.pick(EVERYBODY), bonds, "cure_default", token.address)

    def _pay_reported(self, token: LoyaltyToken, payer: Address) -> None:
        for _, _, debt_id in [each for each in self.reports if each[0] == token.address]:
            settling = self.settling[debt_id]
            what = (settling.source, settling.pool, settling.period, token.address, UINT256)
            self.do(payer, self.world.settlements, "pay", *what)

    @play
    def cure_slowly(self, dice: Dice) -> None:
        """Promises are taken back until the purse is whole, which anybody can then state."""
        token, obligations = self.a_failed(dice), self.world.obligations
        self._pay_reported(token, dice.pick([*ADMINS, *TILLS]).address)
        if token.address in self.pots:
            for minter in [each for each, quota in token.quotas.items() if not quota.is_module]:
                self.do(dice.pick(EVERYBODY), obligations, "revoke_quota", token.address, minter)
            for account in [each.address for each in (*MEMBERS, *MANAGERS)]:
                if self.shortage(token) and token.balance_of(account):
                    self.do(account, token, "burn", token.balance_of(account) // 2)
        self.do(dice.pick(EVERYBODY), self.world.bonds, "cure_default", token.address)
