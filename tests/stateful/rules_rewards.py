"""What the rules of referrals, campaigns and consent share: that they pay from quota alone (BOOK-1), and what
members really had, as it happened at the counter and to orders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from stateful.actors import Sealed
from stateful.dice import Dice
from stateful.machine import UINT96, Played
from stateful.rules_bargains import BargainRules
from stateful.stage import ALLIANCE, entry_slot, slot_of
from symbolon.addresses import keccak
from symbolon.reference import Address, Contract, Event
from symbolon.reference.abi_words import words
from symbolon.reference.brands import CAMPAIGN, FULFIL, List
from symbolon.reference.contract import ZERO
from symbolon.reference.fulfilment import Fulfilment, Order, Outcome
from symbolon.reference.referrals import Kind
from symbolon.reference.rewards import Rewards
from symbolon.reference.token import LoyaltyToken

FUNDED = {"ProgrammeFunded": 3, "PurseFunded": 4}
"""Where the amount is in the events that say what a contract's quota grew by; the token comes first."""


class Had(NamedTuple):
    """What a member really had, as we saw it happen.

    Attributes:
        thing: the first ten bytes of the offer's id, or of the reference at par.
    """

    amount: int
    at: int
    thing: bytes


What = tuple[Address, Address, Kind, bytes]
"""A token, a member, a kind of event and its reference."""


class RewardRules(BargainRules):
    """Contracts that pay have exactly the quota that they were given and did not pay or give back."""

    def __init__(self) -> None:
        self.had: dict[What, Had] = {}
        self.has_quota: Counter[tuple[Address, Address]] = Counter()
        self.blanks = 0
        super().__init__()
        for token in self.world.tokens:
            for module in self.payers():
                self.has_quota[module.address, token.address] = token.quota_of(module.address)

    def payers(self) -> tuple[Rewards, ...]:
        """The contracts that pay."""
        return self.world.referrals, self.world.campaigns, self.world.consents

    def set_scene(self) -> None:
        super().set_scene()
        for module in self.payers():
            listed = (int(List.MODULE), module.address, True)
            self.do(ALLIANCE.address, self.world.brands, "set_listed", *listed)

    # ---- what happens

    def witness(self, event: Event) -> None:
        super().witness(event)
        facts, now = event.facts, self.world.now
        if event.name == "OfferRedeemed":
            token, offer_id, member, nonce, _, amount, _ = facts
            self.had[token, member, Kind.COUNTER, nonce] = Had(amount, now, offer_id[:10])
        elif event.name == "ParRedeemed":
            token, order_ref, member, nonce, amount, value, _ = facts
            if value == 0:  # else it was paid out
                self.had[token, member, Kind.COUNTER, nonce] = Had(amount, now, order_ref[:10])
        elif event.name == "OrderEnded" and facts[3] == Outcome.FULFILLED:
            desk = self.world.contracts[event.contract]
            assert isinstance(desk, Fulfilment)
            order = desk.orders[facts[:3]].order
            ref = keccak(words(event.contract, *order.id))
            amount = self.worth_of(desk, order)
            self.had[order.token, order.member, Kind.ORDER, ref] = Had(amount, now, order.offer_id[:10])

    def worth_of(self, desk: Fulfilment, order: Order) -> int:
        """What was paid for it in tokens, and in money at par."""
        if desk is self.world.orders:
            return order.amount
        conditions = self.conditions_under(desk, order.token, order.offer_id)
        par_value = self.world.obligations.obligation_of(order.token).par_value
        money = order.amount * conditions.currency_part
        whole: int = 10 ** self.world.token(order.token).decimals()
        return order.amount * conditions.token_part + money * whole // par_value

    def do(
        self, sender: Address, target: Contract, method: str, *arguments: Any, split: bool = False
    ) -> Played:
        touched = self._touched(target, arguments)
        before = {token.address: self._held.get(token.address, {}) for token in touched}
        played = super().do(sender, target, method, *arguments, split=split)
        if played.ok:
            payers = {each.address for each in self.payers()}
            mine = [each for each in self.world.events if each.contract in payers]
            gains: Counter[tuple[Address, Address]] = Counter()
            for event in mine:
                self.judge(event, sender, arguments, gains)
            if mine:
                self._check_gains(before, gains)
            for token in touched:
                self._check_quotas(token)
        return played

    def judge(
        self,
        event: Event,
        sender: Address,
        arguments: Sequence[Any],
        gains: Counter[tuple[Address, Address]],
    ) -> None:
        """Whether what a contract that pays has done may be. Counts what members gained by it."""
        if event.name in FUNDED:
            self.comes(event, event.facts[0], event.facts[FUNDED[event.name]])

    def comes(self, event: Event, token: Address, amount: int) -> None:
        """Note what a contract was given to pay from."""
        self.has_quota[event.contract, token] += amount

    def pays(self, event: Event, token: Address, to: Address, amount: int, gains: Counter[Any]) -> None:
        """Note what a contract paid."""
        self.has_quota[event.contract, token] -= amount
        gains[token, to] += amount

    def returns(self, event: Event, token: Address, amount: int) -> None:
        """Note what a contract gave back."""
        self.has_quota[event.contract, token] -= amount

    def _check_gains(
        self, before: dict[Address, dict[Address, int]], gains: Counter[tuple[Address, Address]]
    ) -> None:
        for (token, member), gain in gains.items():
            risen = self._held[token][member] - before[token][member]
            assert risen == gain, f"BOOK-1: {self.at.name(member)} was paid {risen} and not {gain}"

    def _check_quotas(self, token: LoyaltyToken) -> None:
        slot = slot_of("LoyaltyToken", "_quotas")
        for module in self.payers():
            has = self.chain.storage(token.address, entry_slot(slot, module.address)) & UINT96
            due = self.has_quota[module.address, token.address]
            name = f"{self.at.name(module.address)}, {token.facts.name}"
            assert has == due, f"BOOK-1: {name}: {has} of quota, of what it was given {due} is left"

    def _touched(self, target: Contract, arguments: Sequence[Any]) -> list[LoyaltyToken]:
        """Also the tokens that are named further down."""
        touched = super()._touched(target, arguments)
        if target in self.payers():
            found = (self.world.contracts.get(each) for each in _tokens_in(arguments))
            more = dict.fromkeys(each for each in found if isinstance(each, LoyaltyToken))
            touched += [each for each in more if each not in touched]
        return touched

    # ---- choices

    def a_rewarding_token(self, dice: Dice) -> LoyaltyToken:
        """Mostly one that is obliged and redeemed at the desk."""
        return self.a_redeemable_token(dice)

    def campaigner_of(self, token: LoyaltyToken) -> Address:
        """Who runs campaigns."""
        return self.who_may(token, CAMPAIGN)

    def blank(self) -> Sealed:
        """No signature, where none is needed."""
        self.blanks += 1
        sealed = Sealed(ZERO, words(self.blanks))
        sealed.raw = b""
        return sealed

    def give(self, dice: Dice, token: LoyaltyToken, module: Rewards, data: bytes) -> Played:
        """Some quota for what `data` names: from capacity, else what a manager has."""
        room = self.room_in(token)
        if room and dice.roll(4):
            amount = 1 + room * dice.roll(32) // 2048
            sender = self.somebody(dice, self.admin_of(token))
            return self.do(sender, token, "grant_quota_and_call", module.address, min(amount, room), data)
        minter = self.a_minter(dice, token)
        amount = min(dice.amount(token.quota_of(minter)), UINT96)
        played = self.do(minter, token, "pass_quota_and_call", module.address, amount, data)
        self.spent(minter, token, amount, played)
        return played

    def something_had(
        self,
        dice: Dice,
        token: LoyaltyToken,
        kinds: Sequence[Kind],
        fits: Callable[[What], bool] = lambda _: True,
    ) -> What | None:
        """Something that a member had, mostly such as fits, else had just now; seldom nothing came of it."""
        known = [each for each in self.had if each[0] == token.address and each[2] in kinds]
        fitting = [each for each in known if fits(each)]
        if fitting and not dice.seldom():
            return dice.pick(fitting[-8:])
        kind = dice.pick(kinds)
        for _ in range(3):
            self._have(dice, token, kind)
            latest = next(
                (each for each in reversed(self.had) if (each[0], each[2]) == (token.address, kind)), None
            )
            if latest and fits(latest):
                break
        return latest

    def _have(self, dice: Dice, token: LoyaltyToken, kind: Kind) -> None:
        """A member gets something, if all goes well."""
        if kind == Kind.ORDER:
            offers = [offer for owner, offer in self.world.orders.offers if owner == token.address]
            if not offers or not self.order_now(dice, token, dice.pick(offers)).ok:
                return
            order = list(self.going.values())[-1].order
            self.do(self.who_may(token, FULFIL), self.world.orders, "fulfil", *order.id[:2], [order.number])
            self.do(order.member, self.world.orders, "confirm", order)
            return
        till = self.a_till(dice, token)
        at_par = dice.roll(2)
        wish = self.wish_for_par(dice, token, till) if at_par else self.wish_for_offer(dice, token, till)
        self.take(wish, till, "redeem_at_par" if at_par else "redeem_offer")

    def order_of(self, what: What) -> tuple[Address, Order]:
        """The order that an event stands for, and where it was opened; seats and bargains are orders too."""
        return next(
            (desk.address, each.order)
            for desk in self.world.contracts.values()
            if isinstance(desk, Fulfilment)
            for each in desk.orders.values()
            if keccak(words(desk.address, *each.order.id)) == what[3]
        )


def _tokens_in(arguments: Sequence[Any]) -> Iterator[Address]:
    for each in arguments:
        if isinstance(each, bytes) and len(each) == 20:
            yield each
        elif isinstance(each, tuple | list) and not isinstance(each, Sealed):
            yield from _tokens_in(each)
