"""Rules: time, money, strangers, and looking at everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stateful import abi
from stateful.actors import SPOILED, sign, spoil
from stateful.audit import questions_of_time
from stateful.dice import Dice, play
from stateful.rules_bargains import RULES
from stateful.rules_consents import WORDING
from stateful.rules_earn import EarnRules
from stateful.rules_groups import PLAN, TIERS
from stateful.rules_purchases import MONEY
from stateful.rules_rights import RIGHT
from stateful.stage import ALLIANCE, INTRUDER, TILLS
from symbolon.reference import Address, Contract, deals
from symbolon.reference.bargains import BrandConsent, Consent, Payment
from symbolon.reference.campaigns import Campaign, CounterReview, OrderReview, SignedVoucher, Voucher
from symbolon.reference.campaigns import Kind as CampaignKind
from symbolon.reference.consents import Eligibility
from symbolon.reference.contract import DAY, UINT256, ZERO
from symbolon.reference.currency import Currency
from symbolon.reference.cut_bargains import Attestation, Opening
from symbolon.reference.fulfilment import Order
from symbolon.reference.groups import Seat, SeatRequest
from symbolon.reference.haggles import Agreement
from symbolon.reference.obligations import Terms
from symbolon.reference.offers import Conditions
from symbolon.reference.orders import OrderRequest
from symbolon.reference.pools import Bounds, Rules
from symbolon.reference.redemptions import OfferRedemption, ParRedemption
from symbolon.reference.referrals import EventId, Invitation, Kind, Purchase
from symbolon.reference.referrals import State as Accrual
from symbolon.reference.referrals import Terms as ProgrammeTerms
from symbolon.reference.rights import RightRequest
from symbolon.reference.settlements import Line
from symbolon.reference.swaps import Movement, Step, Swap, SwapRequest
from symbolon.reference.token import Spend

UINT40 = 2**40 - 1
PUBLIC = {
    ("ObligationRegistry", "sync_mint_stop"),
    ("ObligationRegistry", "apply_capacity_raise"),
    ("ObligationRegistry", "revoke_quota"),
    ("Bonds", "flag_shortfall"),
    ("Bonds", "clear_shortfall"),
    ("Bonds", "collect"),
    ("Bonds", "reclaim"),  # in default
    ("Bonds", "gather"),
    ("Bonds", "declare_default"),
    ("Bonds", "cure_default"),
    ("Bonds", "pay_share"),
    ("Orders", "finish"),
    ("Orders", "claim"),
    ("Orders", "retire_offer"),
    ("Pools", "create_pool"),
    ("Pools", "apply_bounds"),
    ("Settlements", "open"),
    ("Settlements", "enforce"),
    ("Settlements", "fill_holders"),
    ("Settlements", "report"),
    ("Settlements", "offset"),
    ("Settlements", "cash_out"),
    ("ReferralRewards", "open_referrals"),
    ("ReferralRewards", "bind"),
    ("ReferralRewards", "accrue_receipt"),
    ("ReferralRewards", "accrue_order"),
    ("ReferralRewards", "claim"),
    ("CampaignRewards", "claim_batch"),
    ("CampaignRewards", "claim_from_list"),
    ("Consent", "pay"),
    ("Swaps", "close"),
    ("Swaps", "sync_suspension"),
    ("Swaps", "burn_provided"),
    ("EarnDistributor", "claim"),
    ("EarnDistributor", "claim_many"),
    ("EarnDistributor", "return_rest"),
    ("GroupPurchaseEscrow", "open"),
    ("GroupPurchaseEscrow", "close"),
    ("GroupPurchaseEscrow", "withdraw"),
    ("GroupPurchaseEscrow", "settle"),
    ("GroupPurchaseEscrow", "collect"),
    ("GroupPurchaseEscrow", "finish"),
    ("GroupPurchaseEscrow", "claim"),
    ("Bargains", "collect"),
    ("Bargains", "finish"),
    ("Bargains", "claim"),
    ("Haggles", "withdraw"),
    ("Haggles", "strike"),
    ("Cuts", "draw"),
    ("Cuts", "request"),
    ("Cuts", "open"),
}
"""What is meant for anybody and changes more than what is the caller's own."""

SIGNED = ("accrue_purchase", "claim", "claim_review", "claim_order_review")
"""What else takes a signature as bytes."""

OWN_NAMES = {("ReferralRewards", "Terms"): "Programme"}
"""What is called the same in two contracts."""


class WorldRules(EarnRules):
    """What goes on around the brands and their members."""

    # ---- time

    def clocks(self) -> list[int]:
        """Every moment at which something begins or ends by itself, from now on."""
        now = self.world.now
        return sorted({each for each in self._moments() if each > now})

    def _moments(self) -> Iterator[int]:
        world = self.world
        for brand in world.brands.brands.values():
            yield brand.guardian_change_at
        for recovery in world.brands.recoveries.values():
            yield recovery.ready_at
        for debt in world.obligations.obligations.values():
            yield from (debt.history.change_at, debt.capacity_change_at)
            yield from (debt.wind_down_starts_at, debt.wind_down_ends_at)
        for purse in world.bonds.purses.values():
            if purse.withdrawable_at:
                yield from (purse.withdrawable_at, purse.withdrawable_at + world.bonds.WITHDRAWAL_WINDOW)
        for going in self.going.values():
            yield going.deadline
        yield from self.moments_of_purchases()
        yield from self.moments_of_earnings()
        for record in world.swaps.pools.values():
            yield record.closes_at
        # A stranger's may be due at the end of time.
        ours = (each for each in self.settling.values() if each.source == world.swaps.address)
        for settling in ours:
            yield settling.due_at
            yield settling.due_at + world.bonds.CURE_PERIOD
        yield from world.bonds.cure_by.values()
        yield from self._moments_of_rewards()
        for offer in (*world.desk.offers.values(), *world.orders.offers.values()):
            conditions = offer.proposal.conditions
            yield from (conditions.opens_at, conditions.closes_at, offer.history.change_at)
        for wish in self.wishes:
            deadline = wish.redemption.deadline
            if deadline < UINT40:
                yield from (deadline, deadline - world.desk.FRESHNESS)

    def _moments_of_rewards(self) -> Iterator[int]:
        world = self.world
        for programme in world.referrals.programmes.values():
            closes_at = programme.terms.closes_at
            yield from (programme.terms.opens_at, closes_at, closes_at + world.referrals.ACCRUAL_PERIOD)
        for accrual in world.referrals.accruals.values():
            if accrual.state == Accrual.ACCRUED:
                yield accrual.vests_at
        for campaign in world.campaigns.campaigns.values():
            closes_at = campaign.closes_at
            yield from (campaign.opens_at, closes_at, closes_at + world.campaigns.CLAIM_PERIOD)
        for purse in world.campaigns.purses.values():
            if purse.until < UINT40:
                yield purse.until
        for request_id, _ in world.consents.grants:
            yield self.requests[request_id].until

    @play
    def wait_for_a_clock(self, dice: Dice) -> None:
        """A second before, at, or a second after a moment that matters."""
        clocks = self.clocks()
        if clocks:
            moment = clocks[0] if dice.roll(4) else dice.pick(clocks)
            offset = (0, 1, -1)[dice.roll(3)]
            self.tally.checks[f"a clock at {offset:+d}"] += 1
            self.set_time(max(self.world.now, moment + offset))
            for question in questions_of_time(self.world):
                self.ask(*question)

    @play
    def wait_a_little(self, dice: Dice) -> None:
        self.set_time(self.world.now + 1 + dice.roll(256))

    @play
    def wait_some_days(self, dice: Dice) -> None:
        self.set_time(self.world.now + dice.roll(20) * DAY)

    # ---- money

    @play
    def move_money(self, dice: Dice) -> None:
        """Tills run short, forget to approve, or catch up; presents go to the desk."""
        currency, desk = dice.pick(self.at.currencies), self.world.desk.address
        till = dice.pick(TILLS).address
        what = dice.roll(6)
        if what == 0:
            self.do(till, currency, "mint", till, 10 ** dice.roll(31))
        elif what == 1:
            self.do(till, currency, "approve", desk, (UINT256, 0, 10**12)[dice.roll(3)])
        elif what == 2:
            self.do(till, currency, "mint", dice.pick([desk, ZERO]), 5)
        elif what == 3:
            held = currency.balance_of(till)
            self.do(
                till, currency, "transfer", dice.pick([*self.at.recipients, desk, ZERO]), dice.amount(held)
            )
        elif what == 4:
            self.do(
                INTRUDER.address,
                currency,
                "transfer_from",
                dice.pick([till, ZERO]),
                INTRUDER.address,
                dice.roll(2),
            )
        else:
            self.do(till, currency, "approve", dice.pick([desk, ZERO]), UINT256)

    # ---- strangers

    @play
    def intrude(self, dice: Dice) -> None:
        """A stranger tries any two functions, with arguments that look right (AUTH-1)."""
        for _ in range(2):
            self._intrude_once(dice)

    def _intrude_once(self, dice: Dice) -> None:
        world = self.world
        target: Contract = dice.pick(
            [
                *(world.brands, world.factory, world.obligations, world.desk, world.bonds, world.orders),
                *(world.pools, world.swaps, world.settlements, world.rights, world.group_deals, world.groups),
                *(world.bargain_deals, world.bargains, world.haggles, world.cuts, world.earnings),
                *(world.referrals, world.campaigns, world.consents),
                *(*world.tokens, *world.tokens),
            ]
        )
        functions = abi.functions(type(target).__name__).items()
        self._call_as_stranger(dice, target, *dice.pick([key for key, each in functions if not each.is_view]))

    @play
    def intrude_where_all_may(self, dice: Dice) -> None:
        """A stranger tries what is meant for anybody."""
        name, method = dice.pick(sorted(PUBLIC))
        target = next(each for each in self.world.contracts.values() if type(each).__name__ == name)
        self._call_as_stranger(dice, target, method, split=False)

    def _call_as_stranger(self, dice: Dice, target: Contract, method: str, split: bool) -> None:
        """With arguments that look right; whatever comes of it, nothing but its own has changed."""
        world, name = self.world, type(target).__name__
        function = abi.functions(name)[method, split]
        sealed = self._a_signature(dice, split=split)
        by_signature = ("permit", "authorization", "with_signature", "by_link")
        is_signed = method.endswith(by_signature) or method in SIGNED
        rows = INTRUDER.address + bytes(dice.pick([3, 11, 0])) + b"\1"
        arguments = [
            (sealed if is_signed else rows)
            if each == "bytes"
            else self._a_value(dice, OWN_NAMES.get((name, each), each), sealed)
            for each in function.inputs
        ]
        if isinstance(target, deals.Deals):
            arguments = [self.no_terms() if isinstance(each, Conditions) else each for each in arguments]
        if split:
            arguments = [*arguments[:-3], sealed]
        before, marks = world.save(), INTRUDER.address
        played = self.do(marks, target, method, *arguments, split=split)
        if played.ok and (name, method) not in PUBLIC:
            changed = list(_changes(before, world.save(), marks))
            assert not changed, f"AUTH-1: a stranger changed {changed} by {name}.{method}"
        self.tally.checks["AUTH-1: any function" + (", done" if played.ok else ", refused")] += 1

    def _a_signature(self, dice: Dice, *, split: bool) -> Any:
        """Somebody's over something: the stranger's own, a spoiled one, or one seen in an earlier call."""
        sealed = sign(INTRUDER.address, dice.word())
        return spoil(sealed, dice.pick(SPOILED[:3] if split else SPOILED)) if dice.seldom() else sealed

    def _a_value(self, dice: Dice, kind: str, sealed: Any) -> Any:
        """Something of that type which means something here."""
        world = self.world
        now, nonce, offer_id = world.now, dice.word(), (1).to_bytes(32)
        if kind in ("address", "contract ISettlementSource", "contract IEarnDistributor"):
            return dice.pick([INTRUDER.address, ZERO, *self.at.recipients, *world.contracts])
        if kind == "bytes32":
            return dice.pick([*world.brands.brands, *world.pools.pools, offer_id, nonce])
        if kind in ("bool", "string", "List", "uint8", "Purse", "Source"):
            made = {
                "bool": dice.roll(2) == 1,
                "string": "x" * dice.roll(3),
                "Purse": dice.roll(3),
                "Source": dice.roll(2),
            }
            return made.get(kind, dice.roll(5))
        lists: dict[str, list[Any]] = {
            "uint256[]": [0, 1],
            "uint96[]": [0, 1],
            "address[]": [INTRUDER.address] * 2,
            "bytes32[]": [nonce, nonce],
            "bytes[]": [],
        }
        if kind in lists:
            return lists[kind][: dice.roll(3)]
        if kind.startswith("uint"):
            most = 2 ** int(kind.removeprefix("uint")) - 1
            return min(dice.pick([0, 1, 2, now, now + 60, most]), most)
        member = dice.pick(self.at.recipients)
        pool = dice.pick(list(world.pools.pools))
        token, other = (dice.pick(world.tokens).address for _ in range(2))
        structs = {
            "Terms": Terms(b"\1" * 32, 30 * DAY, 0, "x"),
            "Conditions": Conditions(1, 9, 9, now, now + DAY),
            "Spend": Spend(member, 1, nonce, now + 60),
            "OfferRedemption": OfferRedemption(member, offer_id, 1, 1, UINT40, nonce, now + 60, sealed),
            "ParRedemption": ParRedemption(member, offer_id, 1, 1, nonce, now + 60, sealed),
            "OrderRequest": OrderRequest(offer_id, 1, 1, 0, nonce),
            "Order": self._some_order(dice),
            "Rules": Rules(world.swaps.address, self.at.currencies[0].address, DAY, DAY, 100),
            "Bounds": Bounds(1, 1, 1, 1, 1),
            "Swap": Swap(pool, token, other, dice.roll(9), 0, False, INTRUDER.address, now),
            "SwapRequest": SwapRequest(pool, other, 0, False, INTRUDER.address),
            "Step": Step(pool, token, other, dice.roll(9), False),
            "Movement": Movement(token, -(dice.roll(9))),
            "Line": Line(token, 0, 0, dice.rarely()),
            "RightRequest": RightRequest(RIGHT, 1, INTRUDER.address),
            "Plan": PLAN,
            "Tier": TIERS[0],
            "Permit": self.no_permit(),
            "SeatRequest": SeatRequest(self._some_group(dice, token), 1, 0, member, ZERO, 0),
            "Seat": self._some_seat(dice, token),
            "Credit": self.a_credit(dice),
            "Payment": Payment(MONEY, int.from_bytes(INTRUDER.address), 1, 0, nonce),
            "Consent": Consent(now + 60, sealed),
            "BrandConsent": BrandConsent(INTRUDER.address, now + 60, sealed),
            "Agreement": Agreement(RULES.floor_price, 0, nonce),
            "Opening": Opening(1, nonce, nonce),
            "Attestation": Attestation(INTRUDER.address, nonce, now + 60, sealed),
            **self._values_of_rewards(dice, token, member, sealed),
        }
        return [structs[kind[:-2]]] * dice.roll(3) if kind.endswith("[]") else structs[kind]

    def _some_group(self, dice: Dice, token: Address) -> bytes:
        return dice.pick([MONEY, *(group_id for its, group_id in self.rooms if its == token)])

    def _some_seat(self, dice: Dice, token: Address) -> Seat:
        """One that there is, where there is one."""
        seats = list(self.world.groups.seats.values())
        if seats and not dice.seldom():
            return dice.pick(seats)
        group_id = self._some_group(dice, token)
        return Seat(token, group_id, INTRUDER.address, 1, 60, 0, INTRUDER.address, ZERO)

    def no_terms(self) -> deals.Conditions:
        """Conditions under which nobody sells anything."""
        return deals.Conditions()

    def _values_of_rewards(self, dice: Dice, token: Address, member: Address, sealed: Any) -> dict[str, Any]:
        now, word = self.world.now, dice.word()
        voucher = Voucher(member, dice.roll(3), word, now + 60)
        events = list(self.world.referrals.accruals)
        made_up = EventId(token, member, Kind(dice.roll(3)), word)
        hers = [each for each in self.requests.values() if each.attester != ZERO]
        return {
            "Programme": ProgrammeTerms(1000, 0, 14, 0, 3, now, now + DAY, 1),
            "EventId": dice.pick([*events, made_up]),
            "Invitation": Invitation(now + 60, sealed),
            "Purchase": Purchase(token, member, word, 9, now, now + 60),
            "Campaign": Campaign(CampaignKind.VIEW, 1, 1, 1, now, now + DAY),
            "Voucher": voucher,
            "SignedVoucher": SignedVoucher(voucher, sealed),
            "CounterReview": CounterReview(word, word, word),
            "OrderReview": OrderReview(word, self.world.orders.address, self._some_order(dice)),
            "Request": dice.pick(hers),
            "Wording": WORDING,
            "Eligibility": Eligibility(now + 60, sealed),
        }

    def _some_order(self, dice: Dice) -> Order:
        """One that there is, where there is one."""
        standing = list(self.world.orders.orders.values())
        if standing and not dice.seldom():
            return dice.pick(standing).order
        facts = (dice.pick(self.world.tokens).address, (1).to_bytes(32), 0, INTRUDER.address, 1, 1, 0, 0)
        return Order(*facts, INTRUDER.address, self.world.now, bytes(32))

    @play
    def intrude_blindly(self, dice: Dice) -> None:
        """A stranger sends bytes to any contract; whatever comes of it, nothing has changed (AUTH-1)."""
        play_money = {each.address for each in self.at.currencies}  # which anybody may make
        contracts = [each for each in self.at.contracts if each not in play_money]
        to = dice.pick([*contracts, *(each.address for each in self.world.tokens)])
        selector = dice.pick(abi.selectors()) if dice.roll(4) else dice.number(4).to_bytes(4)
        words = [
            dice.pick([INTRUDER.address, to, ALLIANCE.address, bytes(1), b"\1", b"\x60"]) for _ in range(5)
        ]
        data = selector + b"".join(each.rjust(32, b"\0") for each in words)[: dice.roll(161)]
        before = self.chain.snapshot()
        outcome = self.chain.send(INTRUDER.address, to, data)
        self.tally.checks["AUTH-1: any bytes" + (", done" if outcome.success else ", refused")] += 1
        if outcome.success:
            logged = [log for log in outcome.logs if INTRUDER.address.rjust(32, b"\0") not in log[1]]
            empty = [log for log in logged if int.from_bytes(log[2]) == 0]
            assert logged == empty, f"AUTH-1: a stranger made {to.hex()} log {logged} by {data.hex()}"
            for token in self.world.tokens:
                self._check_token(token, INTRUDER.address, frozenset(), {})
        self.chain.revert(before)

    # ---- everything

    @play
    def look_at_everything(self, dice: Dice) -> None:
        if dice.seldom():
            self.audit()


def _changes(before: Any, after: Any, stranger: Address) -> Iterator[str]:
    """What differs between two states of the model, apart from what is the stranger's own or worthless."""
    for address, (contract, state) in after.items():
        if isinstance(contract, Currency):
            continue
        if address not in before:
            yield f"{contract} is new"
            continue
        old = before[address][1]
        for name, value in state.items():
            if not isinstance(value, dict):
                if value != old[name] and name != "world":
                    yield f"{type(contract).__name__}.{name}"
                continue
            for key, entry in value.items():
                owner = key[0] if isinstance(key, tuple) else key
                is_own = stranger in (owner, getattr(entry, "admin", None))
                if old[name].get(key, 0) != entry and not is_own:
                    yield f"{type(contract).__name__}.{name}[{key}]"
