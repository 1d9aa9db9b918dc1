"""Rules: brands that collude, with their staff and any wallets they like, to leave others with the bill."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations
from typing import Any

from stateful import abi
from stateful.chains import Outcome
from stateful.dice import Dice, play
from stateful.machine import abi_name
from stateful.rules_default import DefaultRules
from stateful.stage import INTRUDER, MEMBERS, TILLS
from symbolon.reference import Address, Contract
from symbolon.reference.bonds import Purse
from symbolon.reference.contract import DAY, UINT256
from symbolon.reference.eip712 import word
from symbolon.reference.swap_math import WORTH
from symbolon.reference.swaps import Act, act_data
from symbolon.reference.token import LoyaltyToken

MOST_BAD = 3
LONG = 366 * DAY
"""No payment is due later than that after its period."""


class CoalitionRules(DefaultRules):
    """The worst that a coalition can do is to owe all it can and to pay nothing (SETTLE-2).

    So that is tried, again and again, on the chain: every period is closed, honest brands pay, the coalition
    does not, and what it laid down is taken. What then is missing from honest brands' claims is at most what
    the coalition owed beyond what it had laid down, pool by pool, and for each claim less than a base unit.
    """

    @play
    def collude(self, dice: Dice) -> None:
        """Brands of a pool mint, swap it for what others provide, and try to get back all that is theirs."""
        pool = self.a_pool(dice)
        members = self.members_of(pool)
        if len(members) < 2:
            return
        bad = self.some_of(dice, members)
        honest = [each for each in members if each not in bad]
        for token in map(self.world.token, bad):
            member = dice.pick(MEMBERS).address
            self._mint_for(token, pool, member)
            # To one another, too: that moves a debt, and must not lose it.
            targets = honest if dice.roll(4) else [each for each in members if each != token.address]
            self._swap_all(token, pool, member, self._richest(pool, targets))
            self._grab(dice, token, pool)
        self.check_coalition(pool, bad)

    def some_of(self, dice: Dice, members: Sequence[Address]) -> list[Address]:
        """From one to three, but never all."""
        rest, count = list(members), 1 + dice.roll(min(MOST_BAD, len(members) - 1))
        return [rest.pop(dice.roll(len(rest))) for _ in range(count)]

    def _richest(self, pool: bytes, tokens: Collection[Address]) -> Address:
        return max(tokens, key=lambda each: self._stock(pool, each) * self.unit_of(each))

    def _mint_for(self, token: LoyaltyToken, pool: bytes, member: Address) -> None:
        managers = [each for each in token.quotas if self.can_act(each) and not token.is_module(each)]
        minters = [each for each in managers if token.quota_of(each)]
        missing = self.position(pool, token.address).room - token.balance_of(member)
        if minters and missing > 0:
            amount = min(missing, token.quota_of(minters[0]))
            self.do(minters[0], token, "mint", member, amount)

    def _swap_all(self, token: LoyaltyToken, pool: bytes, member: Address, taken: Address) -> None:
        """All that there is room for, and that what there is can pay for."""
        can_pay = self._stock(pool, taken) * self.unit_of(taken) // self.unit_of(token.address)
        amount = min(token.balance_of(member), self.position(pool, token.address).room, can_pay)
        data = act_data(Act.SWAP, pool, taken, 0, False, member, self.world.now)
        self.do(member, token, "transfer_and_call", self.world.swaps.address, amount, data)

    def _grab(self, dice: Dice, token: LoyaltyToken, pool: bytes) -> None:
        """Money that is laid down, or all of it but what is needed; tokens that are provided."""
        admin, swaps, position = self.admin_of(token), self.world.swaps, self.position(pool, token.address)
        bond, unpaid = self.world.settlements.account_of(swaps.address, pool, token.address)
        owed = unpaid + position.pricing.value_up(position.intake)
        needed = -(-owed * 100 // self.rules_of_pools[pool].leverage)
        free = max(0, bond - max(needed, unpaid))
        fund = (token.address, int(Purse.SETTLEMENT), self.world.settlements.address)
        for value in (bond, free):
            if dice.roll(2) and value:
                self.do(admin, self.world.bonds, "reclaim", *fund, value, word(swaps.address) + pool)
        provided = position.provided + min(0, position.net)
        if dice.roll(2) and provided:
            self.do(admin, swaps, "withdraw", pool, token.address, provided, MEMBERS[0].address)

    # ---- judging

    def _check_ways_out(self) -> None:
        """Also: whichever brands stop paying now, the others lose no more than they agreed to."""
        super()._check_ways_out()
        for pool in self.world.swaps.pools:
            members = self.members_of(pool)
            sets = [bad for count in range(1, MOST_BAD + 1) for bad in combinations(members, count)]
            proper = [bad for bad in sets if len(bad) < len(members)]
            if proper:
                self.check_coalition(pool, proper[self.tally.checks["audit"] % len(proper)])

    def check_coalition(self, pool: bytes, bad: Collection[Address]) -> None:
        """Have everybody settle up but these, on the chain alone, and see what others miss."""
        now, swaps = self.world.now, self.world.swaps
        beyond = sum(self._exposure_beyond_bond(pool, token) for token in bad)
        closes_at, number = swaps.pools[pool].closes_at, swaps.pools[pool].period
        snapshot = self.chain.snapshot()
        self.chain.set_time(max(now, closes_at))
        self._must_do(INTRUDER.address, swaps, "close", pool)
        tokens = [token for its, token in self.books if its == pool]
        periods = [each.period for each in self.settling.values() if each.source == swaps.address]
        periods = [*dict.fromkeys([*periods, number])]
        payer = TILLS[0].address
        currency = self.world.currency(self.rules_of_pools[pool].currency)
        self._must_do(payer, currency, "mint", payer, 10**33)
        self._must_do(payer, currency, "approve", self.world.settlements.address, UINT256)
        for period in periods:
            for token in tokens:
                if token not in bad and self._unpaid_in(pool, period, token):
                    what = (swaps.address, pool, period, token, UINT256)
                    self._must_do(payer, self.world.settlements, "pay", *what)
        self.chain.set_time(max(now, closes_at) + LONG)
        for period in periods:
            for token in bad:
                fund = (swaps.address, pool, token)
                if self._unpaid_in(pool, period, token) and self._asked("account_of", *fund)[0]:
                    self._must_do(
                        INTRUDER.address, self.world.settlements, "enforce", *fund[:2], period, token
                    )
        honest = [(period, token) for period in periods for token in tokens if token not in bad]
        missing = [self._missing_from(pool, *each) for each in honest]
        self.chain.revert(snapshot)
        self.chain.set_time(now)
        lost, most = sum(missing), beyond + sum(each > 0 for each in missing)
        assert lost <= most, f"SETTLE-2: honest brands lose {lost}, and agreed to {beyond}"
        self.tally.checks[
            "SETTLE-2: something lost" if lost > len(missing) else "SETTLE-2: nothing lost"
        ] += 1

    def _exposure_beyond_bond(self, pool: bytes, token: Address) -> int:
        fund = (self.world.swaps.address, pool, token)
        running = max(0, self.books[pool, token].net) * self.unit_of(token)
        return max(0, self.unpaid[fund] - (-running // WORTH) - self.bond[fund])

    def _unpaid_in(self, pool: bytes, period: int, token: Address) -> int:
        return self._asked("debt_of", self._named_settlement(pool, period), token)[0]

    def _missing_from(self, pool: bytes, period: int, token: Address) -> int:
        """From a claim, once everything that will come in has."""
        settlement_id = self._named_settlement(pool, period)
        claimed, taken = self._asked("claim_of", settlement_id, token)
        return claimed - taken - self._asked("payable_of", settlement_id, token)[0]

    def _named_settlement(self, pool: bytes, period: int) -> bytes:
        return self.world.settlements.settlement_id_of(self.world.swaps.address, pool, period)

    def _asked(self, view: str, *arguments: Any) -> list[int]:
        """What settlements answer on the chain, word by word."""
        call = abi.function("Settlements", view).encode(arguments)
        answer = self.chain.read(self.world.settlements.address, call)
        return [int.from_bytes(answer[place : place + 32]) for place in range(0, len(answer), 32)]

    def _must_do(self, sender: Address, target: Contract, method: str, *arguments: Any) -> Outcome:
        call = abi.function(abi_name(target), method)
        outcome = self.send(sender, target.address, call.encode(arguments))
        assert outcome.success, f"SETTLE-2: nobody can {method}: {abi.explain(outcome.output)}"
        return outcome
