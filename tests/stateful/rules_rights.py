"""Rules: rights to open a group or a bargain, which brands sell or grant, and members pass on."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from stateful.dice import Dice, play
from stateful.machine import EVERYBODY, Played
from stateful.rules_coalition import CoalitionRules
from stateful.stage import ALLIANCE, MEMBERS
from symbolon.reference import Address, Contract, Event
from symbolon.reference.brands import CAMPAIGN, List, Status
from symbolon.reference.contract import DAY, UINT256, ZERO
from symbolon.reference.rights import REQUEST_SPEND, Right, RightRequest, id_of, request_data
from symbolon.reference.token import LoyaltyToken, Spend

RIGHT = b"open".ljust(32, b"\0")
"""The right of the scene: each obliged token's brand sells it."""


class Issue(NamedTuple):
    """How many rights there can be, were issued and were used up, as we saw it."""

    supply: int
    issued: int = 0
    used: int = 0


class RightRules(CoalitionRules):
    """Rights are judged by books of our own: who had how many, who moved them, who used them up."""

    def __init__(self) -> None:
        self.issues: dict[int, Issue] = {}
        self.rights: Counter[tuple[int, Address]] = Counter()
        super().__init__()
        if not self.issues:
            self._take_stock_of_rights()

    def _take_stock_of_rights(self) -> None:
        """Each play begins with what the scene has issued, none of which is used up."""
        rights = self.world.rights
        self.rights = Counter(rights.balances)
        self.issues = {id_: Issue(each.supply, each.issued) for id_, each in rights.rights.items()}

    def set_scene(self) -> None:
        super().set_scene()
        world, now = self.world, self.world.now
        self.do(ALLIANCE.address, world.brands, "set_listed", int(List.MODULE), world.groups.address, True)
        for token in self.obliged():
            price = max(1, token.capacity() // 10**6)
            what = (token.address, RIGHT, price, 10**6, now - DAY, now + 4000 * DAY, b"\x06" * 32, "ipfs://r")
            self.do(self.who_may(token, CAMPAIGN), world.rights, "define_right", *what)
            holders = [each.address for each in self.at.members]
            granted = (token.address, RIGHT, holders, [3] * len(holders))
            self.do(self.who_may(token, CAMPAIGN), world.rights, "grant", *granted)

    # ---- judging

    def witness(self, event: Event) -> None:
        super().witness(event)
        if event.name == "Transfer" and event.facts[:2] == (self.world.rights.address, ZERO):
            # What is paid for rights burns: it is no present.
            self._donated[event.contract, event.facts[0]] -= event.facts[2]

    def do(
        self, sender: Address, target: Contract, method: str, *arguments: Any, split: bool = False
    ) -> Played:
        played = super().do(sender, target, method, *arguments, split=split)
        if played.ok:
            signer = next((each.holder for each in arguments if isinstance(each, Spend)), sender)
            for event in self.world.events:
                if event.contract == self.world.rights.address:
                    self._judge_rights(event, sender, self.opener_in(arguments) or signer)
        return played

    def opener_in(self, _arguments: tuple[Any, ...]) -> Address | None:
        """Who opens something by a call, where neither calling nor signing to pay shows it."""
        return None

    def _judge_rights(self, event: Event, sender: Address, signer: Address) -> None:
        if event.name == "RightDefined":
            _, _, id_, _, supply, *_ = event.facts
            self.issues[id_] = Issue(supply)
        elif event.name in ("TransferSingle", "TransferBatch"):
            _, holder, to, ids, values = event.facts
            approved = self.world.rights.is_approved_for_all(holder, sender)
            may = holder in (ZERO, sender, signer) or approved
            assert may, f"ISSUE-2: {self.at.name(sender)} moved rights of {self.at.name(holder)}"
            if event.name == "TransferSingle":
                ids, values = [ids], [values]
            for id_, value in zip(ids, values, strict=True):
                self._move_rights(holder, to, id_, value)
        elif event.name in ("RightsSold", "RightsGranted"):
            id_, *_ = event.facts
            quantity = event.facts[3 if event.name == "RightsSold" else 2]
            issue = self.issues[id_]
            self.issues[id_] = issue._replace(issued=issue.issued + quantity)
            assert self.issues[id_].issued <= issue.supply, "GROUP-1: more rights than there can be"
        elif event.name == "RightConsumed":
            id_, account, _ = event.facts
            assert account == signer, "AUTH-1: a right was used up and its holder had not asked for it"
            self.issues[id_] = self.issues[id_]._replace(used=self.issues[id_].used + 1)
            self.tally.checks["GROUP-1: a right used up"] += 1

    def _move_rights(self, holder: Address, to: Address, id_: int, value: int) -> None:
        self.rights[id_, holder] -= value if holder != ZERO else 0
        self.rights[id_, to] += value if to != ZERO else 0
        assert self.rights[id_, holder] >= 0, "BOOK-1: more rights left than there were"
        for account in (holder, to):
            self.ask(self.world.rights, "balance_of", account, id_)

    def _check_contracts_keep(self) -> None:
        super()._check_contracts_keep()
        held: Counter[int] = Counter()
        for (id_, _), count in self.rights.items():
            held[id_] += count
        for id_, issue in self.issues.items():
            left = issue.issued - issue.used
            assert held[id_] == left, f"BOOK-1: {held[id_]} rights are held, {left} were not used"

    # ---- choices

    def staying(self) -> list[LoyaltyToken]:
        """Tokens whose brands are active and neither leave nor are in default."""
        obligations, brands = self.world.obligations, self.world.brands
        return [
            each
            for each in self.obliged()
            if not obligations.wind_down_end_of(each.address)
            and not obligations.is_in_default(each.address)
            and brands.status_of(each.brand_id()) == Status.ACTIVE
        ]

    def a_staying_token(self, dice: Dice) -> LoyaltyToken:
        """Mostly one whose brand can begin something."""
        staying = self.staying()
        return dice.pick(staying) if staying and not dice.rarely() else self.a_token(dice)

    def a_right(self, dice: Dice) -> tuple[LoyaltyToken, bytes]:
        token = self.a_staying_token(dice)
        return token, dice.word() if dice.rarely() else RIGHT

    def a_holder_of_rights(self, dice: Dice) -> tuple[int, Address]:
        """Mostly somebody who has some, and which."""
        held = [each for each, count in self.rights.items() if count and self.can_act(each[1])]
        if held and not dice.rarely():
            return dice.pick(held)
        return id_of(self.a_token(dice).address, RIGHT), dice.pick(self.at.recipients)

    def have_right(self, token: LoyaltyToken, account: Address) -> None:
        """See to it that somebody has the brand's right, if the brand can give it."""
        if not self.rights[id_of(token.address, RIGHT), account]:
            what = (token.address, RIGHT, [account], [1])
            self.do(self.who_may(token, CAMPAIGN), self.world.rights, "grant", *what)

    # ---- brand

    @play
    def define_right(self, dice: Dice) -> None:
        token, now = self.a_staying_token(dice), self.world.now
        right_id = RIGHT if dice.rarely() else bytes(32) if dice.rarely() else dice.word()
        opens_at = now + (dice.roll(3) - 1) * DAY
        closes_at = dice.pick([now, opens_at]) if dice.rarely() else opens_at + (1 + dice.roll(9)) * DAY
        price = 0 if dice.seldom() else max(1, token.capacity() // 10**6)
        supply = 0 if dice.rarely() else 1 + dice.roll(9)
        terms_hash = bytes([dice.roll(32) != 31]) * 32
        window = (opens_at, closes_at)
        what = (token.address, right_id, price, supply, *window, terms_hash, self.a_uri(dice))
        sender = self.somebody(dice, self.who_may(token, CAMPAIGN))
        self.do(sender, self.world.rights, "define_right", *what)

    @play
    def grant_rights(self, dice: Dice) -> None:
        """To several at once, wallets and contracts among them, which are not asked."""
        token, right_id = self.a_right(dice)
        count = dice.roll(4)
        holders = [dice.pick(self.at.holders) for _ in range(count)]
        if dice.rarely():
            holders = [*holders, ZERO]
        quantities = [dice.pick([UINT256, 10**6]) if dice.rarely() else dice.roll(3) for _ in holders]
        if dice.rarely():
            quantities = [*quantities, 1]
        sender = self.somebody(dice, self.who_may(token, CAMPAIGN))
        self.do(sender, self.world.rights, "grant", token.address, right_id, holders, quantities)

    # ---- members

    def a_right_request(self, dice: Dice) -> tuple[LoyaltyToken, RightRequest, int]:
        """What somebody buys, and what it costs."""
        token, right_id = self.a_right(dice)
        own = [each for each in self.world.rights.rights if each in self.issues]
        right = self.world.rights.rights.get(id_of(token.address, right_id), Right())
        quantity = dice.pick([0, 10**6 + 1, UINT256]) if dice.rarely() else 1 + dice.roll(2)
        others = [*self.at.recipients, *(each.address for each in self.at.modules), *self.at.donees]
        holder = dice.pick(others) if dice.seldom() and own else ZERO
        return token, RightRequest(right_id, quantity, holder), min(right.price * quantity, UINT256)

    @play
    def buy_rights(self, dice: Dice) -> None:
        token, request, cost = self.a_right_request(dice)
        rich = [each for each in self.at.recipients if token.balance_of(each) >= cost and self.can_act(each)]
        buyer = dice.pick(rich) if rich else dice.pick(MEMBERS).address
        amount = max(0, cost + dice.roll(3) - 1) if dice.rarely() else cost
        data = request_data(request)
        if dice.rarely():
            data = dice.pick([data[:-1], b"", data[:64] + b"\xff" * 32])
        self.do(buyer, token, "transfer_and_call", self.world.rights.address, amount, data)

    @play
    def buy_rights_with_signature(self, dice: Dice) -> None:
        token, request, cost = self.a_right_request(dice)
        buyer = self.a_holder(dice, token)
        most = max(0, cost + dice.roll(3) - 1) if dice.seldom() else cost
        spend = self.a_spend(dice, token, buyer, most)
        digest = token.spend_digest(self.world.rights.address, spend, REQUEST_SPEND, request.witness())
        signature = self.seal(dice, buyer, digest)
        if dice.rarely():
            request = request._replace(holder=dice.pick(EVERYBODY))
        what = (token.address, request, spend, signature)
        self.hand_in(dice.pick(EVERYBODY), self.world.rights, "buy_with_signature", *what)

    @play
    def send_rights(self, dice: Dice) -> None:
        """By the holder, or by whoever may for it; rarely by a stranger, or to who cannot take it."""
        (id_, holder), rights = self.a_holder_of_rights(dice), self.world.rights
        operators = [each for owner, each in rights.operators if owner == holder and self.can_act(each)]
        sender = dice.pick(operators) if operators and dice.roll(2) else self.somebody(dice, holder)
        to = dice.pick([ZERO, *self.at.donees, *self.at.spenders]) if dice.seldom() else None
        to = to if to is not None else dice.pick(MEMBERS).address
        value = dice.amount(self.rights[id_, holder])
        self.do(sender, rights, "safe_transfer_from", holder, to, id_, value, bytes(dice.roll(40)))

    @play
    def send_many_rights(self, dice: Dice) -> None:
        (id_, holder), rights = self.a_holder_of_rights(dice), self.world.rights
        own = [each for (each, owner), count in self.rights.items() if owner == holder and count]
        ids = [id_, *own[: dice.roll(3)]][: 1 + dice.roll(3)]
        values = [0 if dice.seldom() else 1 for _ in ids]
        if dice.rarely():
            values = values[:-1]
        to = dice.pick([ZERO, *self.at.donees, *self.at.spenders]) if dice.seldom() else None
        to = to if to is not None else dice.pick(MEMBERS).address
        sender = self.somebody(dice, holder)
        self.do(sender, rights, "safe_batch_transfer_from", holder, to, ids, values, bytes(dice.roll(40)))

    @play
    def approve_for_rights(self, dice: Dice) -> None:
        operator = ZERO if dice.rarely() else dice.pick(MEMBERS).address
        allowed = dice.roll(4) != 3
        sender = dice.pick([*MEMBERS, self.at.wallet]).address
        self.do(sender, self.world.rights, "set_approval_for_all", operator, allowed)
