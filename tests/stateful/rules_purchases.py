"""Rules: what purchases share whose price is found before they become orders: money, arbiters, fulfilment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from stateful import abi
from stateful.actors import Sealed
from stateful.dice import Dice, play
from stateful.machine import EVERYBODY, Played, abi_name
from stateful.rules_orders import ENDS, Going
from stateful.rules_rights import RightRules
from stateful.stage import ADMINS, ARBITERS, INTRUDER, MANAGERS, MEMBERS, entry_slot, slot_of
from symbolon.reference import Address, Contract, Event
from symbolon.reference.bonds import Purse
from symbolon.reference.contract import DAY, UINT256, ZERO
from symbolon.reference.deals import Conditions
from symbolon.reference.fulfilment import Fulfilment, Order, State
from symbolon.reference.purchases import NO_PERMIT, Permit, Purchases, deal_id_of
from symbolon.reference.token import LoyaltyToken

TOKENS, MONEY, BOTH = (name.ljust(32, b"\0") for name in (b"tokens", b"money", b"both"))
"""Deals of the scene: what their prices are in."""
Asset = tuple[Address, Address]
"""A contract of purchases and a token or currency."""


class Bought(NamedTuple):
    """Something that a member has paid for: where, and under which deal or in which group."""

    desk: Purchases
    token: Address
    offer_id: bytes
    member: Address


class SealedPermit(Permit):
    """A permit as a contract is given it: its signature split into three."""

    @property
    def fields(self) -> tuple[int | bytes, ...]:
        raw = bytes(self.signature) if isinstance(self.signature, Sealed) else bytes(65)
        return self.value, self.deadline, raw[64], raw[:32], raw[32:64]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)


class PurchaseRules(RightRules):
    """Money is judged by books of our own: what came in for which purchase, and what became of it (BOOK-1).

    Attributes:
        deals: conditions as they were published.
        credits: what is owed to whom, in which currency.
        earned: what brands have earned in currency.
        unasked: what contracts were merely sent.
        paid_in, credited: money that the latest call had to bring from whom, and to be owed to whom.
    """

    def __init__(self) -> None:
        self.deals: dict[tuple[Address, Address, bytes], Conditions] = {}
        self.credits: Counter[tuple[Address, Address, Address]] = Counter()
        self.earned: Counter[Asset] = Counter()
        self.unasked: Counter[Asset] = Counter()
        self.paid_in: Counter[tuple[Address, Address]] = Counter()
        self.credited: Counter[tuple[Address, Address]] = Counter()
        super().__init__()
        for desk in self.purchases():
            for (token, deal_id), deal in desk.deals.items():
                self.deals[desk.address, token, deal_id] = deal.conditions

    def purchases(self) -> list[Purchases]:
        """The contracts of purchases."""
        return []

    def desks(self) -> list[Fulfilment]:
        return [*super().desks(), *self.purchases()]

    def set_scene(self) -> None:
        super().set_scene()
        for each in (*ADMINS, *MANAGERS, *self.at.members):
            for currency in self.at.currencies:
                self.do(each.address, currency, "mint", each.address, 10**33)
                for desk in self.purchases():
                    self.do(each.address, currency, "approve", desk.address, UINT256)
        self.before_publishing()
        for desk in self.purchases():
            for token in self.obliged():
                for deal_id in self.deal_ids(desk):
                    self.publish_in_scene(desk, token, deal_id)
                    fund = (token.address, int(Purse.COMPENSATION), desk.address, 10**6, deal_id)
                    self.do(self.admin_of(token), self.world.bonds, "allot", *fund)

    def before_publishing(self) -> None:
        """What contracts of purchases need of the alliance."""

    def deal_ids(self, _desk: Purchases) -> list[bytes]:
        """Of the deals of the scene."""
        return [TOKENS, MONEY, BOTH]

    def publish_in_scene(self, desk: Purchases, token: LoyaltyToken, deal_id: bytes) -> None:
        """Publish a deal whose prices are in what its id says."""

    def some_terms_of(self, token: LoyaltyToken, deal_id: bytes, right_id: bytes) -> Conditions:
        """Conditions of a deal of the scene."""
        now, part = self.world.now, max(1, token.capacity() // 10**6)
        token_part, currency_part = {TOKENS: (1, 0), MONEY: (0, 7), BOTH: (part, 5)}[deal_id]
        arbiter = ARBITERS[deal_id == BOTH].address
        window = (now - DAY, now + 4000 * DAY)
        return Conditions(token_part, currency_part, *window, 5, 10, 900, arbiter, right_id)

    # ---- judging

    def do(
        self, sender: Address, target: Contract, method: str, *arguments: Any, split: bool = False
    ) -> Played:
        self.paid_in.clear()
        self.credited.clear()
        played = super().do(sender, target, method, *arguments, split=split)
        if not played.ok:
            return played
        for desk in self.purchases():
            events = [each for each in self.world.events if each.contract == desk.address]
            if events or target is desk:
                self._check_flows(desk)
                self._check_due(desk)
            elif isinstance(target, LoyaltyToken) or target in self.at.currencies:
                self._count_unasked(desk, target)
        return played

    def conditions_under(self, desk: Fulfilment, token: Address, offer_id: bytes) -> Conditions:
        """Of the deal under which something was bought."""
        return self.deals[desk.address, token, deal_id_of(offer_id)]

    def gain(self, desk: Fulfilment, token: Address, offer_id: bytes, account: Address, amount: int) -> None:
        if not isinstance(desk, Purchases):
            super().gain(desk, token, offer_id, account, amount)
            return
        conditions = self.conditions_under(desk, token, offer_id)
        super().gain(desk, token, offer_id, account, amount * conditions.token_part)
        currency, value = self.currency_of(token), amount * conditions.currency_part
        if value < 0:
            self.paid_in[currency, account] -= value
        elif value > 0:
            self.credited[currency, account] += value

    def currency_of(self, token: Address) -> Address:
        return self.world.obligations.currency_of(token)

    def _watch(self, desk: Fulfilment, event: Event, signer: Address, sender: Address) -> None:
        if isinstance(desk, Purchases):
            self._watch_money(desk, event, sender)
        super()._watch(desk, event, signer, sender)

    def _watch_money(self, desk: Purchases, event: Event, sender: Address) -> None:
        if event.name == "Credited":
            currency, account, value = event.facts
            self.credits[desk.address, currency, account] += value
        elif event.name == "Collected":
            currency, account, to, value = event.facts
            due = self.credits.pop((desk.address, currency, account), 0)
            assert value == due, f"BOOK-1: {value} was collected of {due}"
            assert account in (to, sender), "ISSUE-2: somebody else collected what is a member's"
            self.tally.checks["BOOK-1: collected"] += 1
        elif event.name == "ProceedsWithdrawn":
            token, _, value = event.facts
            due = self.earned.pop((desk.address, token), 0)
            assert value == due, f"BOOK-1: {value} was withdrawn of {due}"
            brand = self.world.brands.brand_of(self.world.token(token).brand_id())
            assert sender == brand.admin, "AUTH-1: somebody else took what a brand earned"

    def kept(self, going: Going, amount: int) -> None:
        super().kept(going, amount)
        if isinstance(going.desk, Purchases):
            order = going.order
            part = self.conditions_under(going.desk, order.token, order.offer_id).currency_part
            self.earned[going.desk.address, order.token] += amount * part

    def _check_flows(self, desk: Purchases) -> None:
        """Money came from whom, and is owed to whom, the purchases say; no more and no less."""
        came: Counter[tuple[Address, Address]] = Counter()
        owed: Counter[tuple[Address, Address]] = Counter()
        for event in self.world.events:
            if event.name == "Transfer" and event.facts[1] == desk.address:
                if event.contract in [each.address for each in self.at.currencies]:
                    came[event.contract, event.facts[0]] += event.facts[2]
            elif event.name == "Credited" and event.contract == desk.address:
                currency, account, value = event.facts
                owed[currency, account] += value
        assert came == self.paid_in, f"GROUP-1: {came} came in, and {self.paid_in} was to be paid"
        assert owed == self.credited, f"GROUP-1: {owed} is owed, and {self.credited} should be"

    def laid_down(self, desk: Purchases) -> Iterator[tuple[Address, bytes, int]]:
        """Parts that lie there for what is no order yet: token, deal or what is under it, how many."""
        yield from ()

    def due(self, desk: Purchases) -> Counter[Address]:
        """What a contract must hold, by our books."""
        due: Counter[Address] = Counter()
        orders = [each for each in self.going.values() if each.desk is desk]
        parts = [(each.order.token, each.order.offer_id, each.locked) for each in orders]
        for token, offer_id, count in (*parts, *self.laid_down(desk)):
            conditions = self.conditions_under(desk, token, offer_id)
            due[token] += count * conditions.token_part
            due[self.currency_of(token)] += count * conditions.currency_part
        for (its, currency, _), value in self.credits.items():
            due[currency] += value if its == desk.address else 0
        for (its, token), value in self.earned.items():
            due[self.currency_of(token)] += value if its == desk.address else 0
        for (its, asset), amount in self.unasked.items():
            due[asset] += amount if its == desk.address else 0
        return due

    def _check_due(self, desk: Purchases) -> None:
        due = self.due(desk)
        for token in self.obliged():
            held = self._held.get(token.address, {}).get(desk.address, 0)
            expected = due[token.address]
            assert held == expected, f"BOOK-1: {held} {token.facts.name} are there of {expected}"
        for currency in self.at.currencies:
            held, expected = self.money_of(currency.address, desk.address), due[currency.address]
            assert held == expected, f"BOOK-1: {held} of money are there of {expected}"

    def money_of(self, currency: Address, account: Address) -> int:
        """What an account has of a currency, read from storage."""
        return self.chain.storage(currency, entry_slot(slot_of("MockDollar", "_balances"), account))

    def _count_unasked(self, desk: Purchases, asset: Contract) -> None:
        """What is merely sent is nobody's, and changes nothing."""
        for event in self.world.events:
            if event.name == "Transfer" and event.contract == asset.address:
                holder, to, amount = event.facts
                assert holder != desk.address, "BOOK-1: what members paid was moved from outside"
                if to == desk.address:
                    self.unasked[desk.address, asset.address] += amount

    def _check_contracts_keep(self) -> None:
        super()._check_contracts_keep()
        for desk in self.purchases():
            self._check_due(desk)

    def _check_ways_out(self) -> None:
        """Also: anybody can end an order at its deadline, and what was locked is the member's again."""
        super()._check_ways_out()
        for desk in self.purchases():
            own = [each for each in self.going.values() if each.desk is desk]
            for going in own[-3:]:
                order, method = going.order, ENDS[going.state]
                parts = 0 if method == "finish" else going.locked
                arguments = (order.token, [order]) if method == "finish" else (order,)
                bought = Bought(desk, order.token, order.offer_id, order.member)
                self._must_give(bought, going.deadline, parts, (desk, method, arguments))
                self.tally.checks[f"RED-1: {method} of a purchase at the deadline"] += 1

    def _must_give(
        self, bought: Bought, at: int, parts: int, act: tuple[Contract, str, tuple[Any, ...]]
    ) -> None:
        """A stranger can do it then, and the member has so many parts more."""
        now, snapshot = self.world.now, self.chain.snapshot()
        desk, token, offer_id, member = bought
        target, method, arguments = act
        conditions = self.conditions_under(desk, token, offer_id)
        currency = self.currency_of(token)
        asked = abi.function(abi_name(desk), "owed_to").encode((currency, member))
        self.chain.set_time(max(now, at))
        held = self.balances_of(token)[member]
        owed = int.from_bytes(self.chain.read(desk.address, asked))
        call = abi.function(abi_name(target), method).encode(arguments)
        outcome = self.send(INTRUDER.address, target.address, call)
        assert outcome.success, f"GROUP-3: nobody can {method} {arguments}: {abi.explain(outcome.output)}"
        back = self.balances_of(token)[member] - held
        owed = int.from_bytes(self.chain.read(desk.address, asked)) - owed
        due = (parts * conditions.token_part, parts * conditions.currency_part)
        assert (back, owed) == due, f"GROUP-1: the member gets {back, owed} and not {due}"
        self.chain.revert(snapshot)
        self.chain.set_time(now)

    def moments_of_purchases(self) -> Iterator[int]:
        """At which something begins or ends by itself."""
        yield from ()

    # ---- choices

    def a_desk(self, dice: Dice) -> Purchases:
        return dice.pick(self.purchases())

    def make_order(self, dice: Dice, desk: Fulfilment) -> Order | None:
        if not isinstance(desk, Purchases):
            return super().make_order(dice, desk)
        before = set(self.going)
        self.buy_now(dice, desk)
        made = [each.order for key, each in self.going.items() if key not in before and each.desk is desk]
        return made[-1] if made else None

    def buy_now(self, dice: Dice, desk: Purchases) -> None:
        """Have somebody buy, as far as an order."""

    def stake_of(self, desk: Fulfilment, order: Order) -> int:
        if not isinstance(desk, Purchases):
            return super().stake_of(desk, order)
        # Facts may be made up: nobody knows such a deal.
        deal = self.deals.get((desk.address, order.token, deal_id_of(order.offer_id)))
        return order.stake * deal.token_part if deal else order.stake

    def dispute_now(self, member: Address, desk: Fulfilment, order: Order) -> Played:
        if isinstance(desk, Purchases) and self.stake_of(desk, order) == 0:
            return self.do(member, desk, "dispute", order)
        return super().dispute_now(member, desk, order)

    def a_deal(self, dice: Dice, desk: Purchases) -> tuple[LoyaltyToken, bytes]:
        """A token and one of its deals, mostly one that there is."""
        deals = list(desk.deals)
        if deals and not dice.rarely():
            address, deal_id = dice.pick(deals)
            return self.world.token(address), deal_id
        return self.a_token(dice), dice.word()

    def a_buyer(self, dice: Dice, token: LoyaltyToken, cost: int) -> Address:
        """Mostly somebody who can pay; seldom the brand itself."""
        if dice.seldom():
            return dice.pick([self.admin_of(token), *(each.address for each in MANAGERS)])
        rich = [each for each in self.at.recipients if token.balance_of(each) >= cost and self.can_act(each)]
        return dice.pick(rich) if rich else dice.pick(MEMBERS).address

    def a_permit(
        self, dice: Dice, token: Address, desk: Purchases, payer: Address, value: int
    ) -> SealedPermit:
        """For the currency, mostly good; or none."""
        if dice.roll(4) == 3 or self.currency_of(token) != self.at.guarded_dollar.address:
            return self.no_permit()
        dollar, deadline = self.at.guarded_dollar, min(self.a_deadline(dice), UINT256)
        nonce = dollar.nonces(payer) + dice.rarely()
        digest = dollar.permit_digest(payer, desk.address, value, nonce, deadline)
        return SealedPermit(value, deadline, self.seal(dice, payer, digest, split=True))

    def no_permit(self) -> SealedPermit:
        return SealedPermit(*NO_PERMIT)

    # ---- brand

    @play
    def fund_purchases(self, dice: Dice) -> None:
        """Compensations of a deal get more money, or less."""
        desk = self.a_desk(dice)
        token, deal_id = self.a_deal(dice, desk)
        purse = self.a_purse(dice) if dice.rarely() else int(Purse.COMPENSATION)
        if dice.roll(2):
            method, value = "allot", self.an_amount_of(dice, 10**6)
        else:
            deal = desk.deals.get((token.address, deal_id))
            method, value = "reclaim", self.an_amount_of(dice, deal.free if deal else 5)
        data = deal_id[:-1] if dice.rarely() else deal_id
        sender = self.somebody(dice, self.admin_of(token))
        self.do(sender, self.world.bonds, method, token.address, purse, desk.address, value, data)

    @play
    def withdraw_proceeds(self, dice: Dice) -> None:
        for desk in self.purchases():
            self.withdraw_proceeds_of(dice, desk)

    def withdraw_proceeds_of(self, dice: Dice, desk: Purchases) -> None:
        """What a brand has earned there; where none has, an order is confirmed first."""
        if not any(value for (its, _), value in self.earned.items() if its == desk.address):
            order = self.bring_about(dice, desk, State.OPEN)
            if order:
                self.do(order.member, desk, "confirm", order)
        there = [token for (its, token), value in self.earned.items() if its == desk.address and value]
        token = self.world.token(dice.pick(there)) if there and not dice.rarely() else self.a_token(dice)
        to = dice.pick([ZERO, desk.address]) if dice.rarely() else dice.pick(EVERYBODY)
        sender = self.somebody(dice, self.admin_of(token))
        self.do(sender, desk, "withdraw_proceeds", token.address, to)

    # ---- members

    def somebody_credited(self, dice: Dice) -> tuple[Purchases, Address, Address]:
        """Where something is owed, in which currency, and to whom."""
        desk = self.a_desk(dice)
        owed = [each for each, value in self.credits.items() if value and each[0] == desk.address]
        if not owed and not dice.seldom():
            self.make_credit(dice, desk)
            owed = [each for each, value in self.credits.items() if value and each[0] == desk.address]
        if owed and not dice.rarely():
            _, currency, account = dice.pick(owed)
            return desk, currency, account
        return desk, dice.pick(self.at.currencies).address, dice.pick([*EVERYBODY, ZERO, desk.address])

    def make_credit(self, dice: Dice, desk: Purchases) -> None:
        """See to it that something is owed to somebody: an order that the brand declines."""
        order = self.bring_about(dice, desk, State.OPEN)
        if order:
            self.do(self.admin_of(self.world.token(order.token)), desk, "decline", order)

    @play
    def collect_from_purchases(self, dice: Dice) -> None:
        """Anybody; seldom while the currency's issuer shuts the account out, who then gets it elsewhere."""
        desk, currency, account = self.somebody_credited(dice)
        dollar = self.at.guarded_dollar
        if currency == dollar.address and account != ZERO and dice.roll(4) == 3:
            self.do(INTRUDER.address, dollar, "set_blocked", account, True)
            refused = self.do(dice.pick(EVERYBODY), desk, "collect", currency, account)
            assert not refused.ok, "GROUP-3: somebody was paid who is shut out"
            sender = account if self.can_act(account) else MEMBERS[0].address
            played = self.do(sender, desk, "collect_to", currency, INTRUDER.address)
            self.tally.checks["GROUP-3: shut out, and paid elsewhere"] += played.ok
            self.do(INTRUDER.address, dollar, "set_blocked", account, False)
            return
        self.do(dice.pick(EVERYBODY), desk, "collect", currency, account)

    @play
    def collect_from_purchases_to(self, dice: Dice) -> None:
        desk, currency, account = self.somebody_credited(dice)
        to = dice.pick([ZERO, desk.address]) if dice.rarely() else dice.pick(EVERYBODY)
        sender = account if self.can_act(account) else MEMBERS[0].address
        self.do(sender, desk, "collect_to", currency, to)

    @play
    def give_to_purchases(self, dice: Dice) -> None:
        """Tokens and money that nobody asked for; it changes nothing (BOOK-1)."""
        token, desk = self.a_token(dice), self.a_desk(dice)
        if dice.roll(2):
            holder = self.a_holder(dice, token)
            self.do(holder, token, "transfer", desk.address, dice.amount(token.balance_of(holder)))
        else:
            self.do(MEMBERS[0].address, dice.pick(self.at.currencies), "transfer", desk.address, dice.roll(9))

    @play
    def dispute_for_money(self, dice: Dice) -> None:
        """A delivery whose price is currency alone, or has tokens too and is refused so."""
        for desk in self.purchases():
            order = self.an_order(dice, desk, State.DELIVERED)
            if order is None:
                continue
            if dice.seldom():
                self.late(dice, desk, order)
            self.do(self.somebody(dice, order.member), desk, "dispute", order)

    # ---- what becomes of purchases, one at each contract

    @play
    def fulfil_purchases(self, dice: Dice) -> None:
        for desk in self.purchases():
            self.deliver(dice, desk)

    @play
    def decline_purchase(self, dice: Dice) -> None:
        for desk in self.purchases():
            self.give_up(dice, desk)

    @play
    def confirm_purchase(self, dice: Dice) -> None:
        for desk in self.purchases():
            self.agree(dice, desk)

    @play
    def confirm_purchase_with_signature(self, dice: Dice) -> None:
        for desk in self.purchases():
            self.agree_by_signature(dice, desk)

    @play
    def dispute_purchase(self, dice: Dice) -> None:
        for desk in self.purchases():
            self.object(dice, desk)

    @play
    def dispute_purchase_with_signature(self, dice: Dice) -> None:
        for desk in self.purchases():
            self.object_by_signature(dice, desk)

    @play
    def decide_purchase(self, dice: Dice) -> None:
        for desk in self.purchases():
            self.judge_order(dice, desk)

    @play
    def finish_purchases(self, dice: Dice) -> None:
        for desk in self.purchases():
            self.end_in_silence(dice, desk)

    @play
    def claim_purchase(self, dice: Dice) -> None:
        for desk in self.purchases():
            self.claim_in_silence(dice, desk)
