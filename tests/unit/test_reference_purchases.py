"""The model of rights, groups and bargains by itself: prices, money, clocks, and who may do what."""

from __future__ import annotations

from typing import Any

import pytest

from symbolon.addresses import keccak
from symbolon.reference import Addresses, RevertError, World
from symbolon.reference.bargains import BrandConsent, Consent, Payment, Rules, Status, payment_data
from symbolon.reference.bonds import Purse
from symbolon.reference.brands import List
from symbolon.reference.contract import DAY, ZERO
from symbolon.reference.currency import Currency
from symbolon.reference.cut_bargains import Attestation, CutRules
from symbolon.reference.deals import NO_RIGHT, Conditions, conditions_of, words_of
from symbolon.reference.eip712 import Signature, word
from symbolon.reference.groups import Plan, Seat, SeatRequest, Tier, plan_of, reached, seat_data
from symbolon.reference.haggles import Agreement
from symbolon.reference.obligations import Terms
from symbolon.reference.purchases import NO_PERMIT
from symbolon.reference.rights import RightRequest, id_of, request_data
from symbolon.reference.token import LoyaltyToken

NOW = 1_750_000_000
TIERS = [Tier(2, 60), Tier(4, 50), Tier(6, 40)]
PLAN = Plan(most_seats=6, seat_limit=3, groups=2, duration=3 * DAY, cutoff=DAY)
DEAL, RIGHT = (name.ljust(32, b"\0") for name in (b"espresso", b"open"))
UNSIGNED = Consent(0, Signature(ZERO, b""))


def account(name: str) -> bytes:
    return keccak(name.encode())[12:]


BRAND, MEMBER, FRIEND, STRANGER, ARBITER, ATTESTER, CASH, HOME = map(
    account, ("brand", "member", "friend", "stranger", "arbiter", "attester", "cash", "alliance")
)


class Town:
    """A brand with a token, members who have tokens and money, and a deal's conditions."""

    def __init__(self) -> None:
        names = Addresses.__dataclass_fields__
        self.world = World(
            Addresses(**{name: account(name) for name in names} | {"alliance": HOME}), chain_id=1, now=NOW
        )
        self.money = self.world.add(Currency(self.world, CASH))
        brands, call = self.world.brands, self.world.call
        modules = (self.world.groups, self.world.bargains, self.world.haggles, self.world.cuts)
        for kind, listed in (
            (List.CURRENCY, CASH),
            (List.ARBITER, ARBITER),
            (List.ATTESTER, ATTESTER),
            (List.OBLIGATION_REGISTRY, self.world.obligations.address),
            (List.REDEMPTION_DESK, self.world.desk.address),
            *((List.MODULE, each.address) for each in modules),
        ):
            call(brands.set_listed, HOME, int(kind), listed, True)
        brand_id = call(brands.register, BRAND, bytes(32), ZERO, "")
        call(brands.admit, HOME, brand_id)
        obligations = self.world.obligations
        facts = (brand_id, obligations.address, self.world.desk.address, "Coffee", "C", 0)
        self.token: LoyaltyToken = self.world.token(call(self.world.factory.create_token, BRAND, *facts))
        at = self.token.address
        call(obligations.oblige, BRAND, at, CASH, 1, 10**9, Terms(b"\1" * 32, 30 * DAY, 0, ""))
        call(self.token.grant_quota, BRAND, BRAND, 10**6)
        for each in (MEMBER, FRIEND, STRANGER):
            call(self.token.mint, BRAND, each, 10_000)
            call(self.money.mint, each, each, 10_000)
            for desk in modules[:2]:
                call(self.money.approve, each, desk.address, 10_000)
        call(self.money.mint, BRAND, BRAND, 10**6)
        call(self.money.approve, BRAND, self.world.bonds.address, 10**6)

    def call(self, method: Any, sender: bytes, *arguments: Any) -> Any:
        return self.world.call(method, sender, *arguments)

    def conditions(self, **more: Any) -> Conditions:
        plain = Conditions(1, 0, NOW, NOW + 100 * DAY, 5, 10, 0, ARBITER, NO_RIGHT)
        return plain._replace(**more)

    def publish(self, **more: Any) -> None:
        what = (self.world.groups.address, self.token.address, DEAL, self.conditions(**more))
        self.call(self.world.group_deals.publish_deal, BRAND, *what, PLAN, TIERS, b"\1" * 32, "ipfs://x")

    def join(self, payer: bytes, quantity: int, tier: int, group: int = 1, **more: Any) -> Seat:
        """Send the deposit's tokens, and take what is currency by allowance."""
        group_id = DEAL[:28] + group.to_bytes(4)
        if (self.token.address, group_id) not in self.world.groups.groups:
            group_id = DEAL
        request = SeatRequest(group_id, quantity, tier, ZERO, ZERO, 0)._replace(**more)
        deal = self.world.groups.deals[self.token.address, DEAL]
        tokens = TIERS[tier].price * quantity * deal.conditions.token_part
        if tokens:
            what = (self.world.groups.address, tokens, seat_data(request))
            self.call(self.token.transfer_and_call, payer, *what)
        else:
            self.call(self.world.groups.join, payer, self.token.address, request, NO_PERMIT)
        (seat,) = (Seat(*each.facts) for each in self.world.events if each.name == "SeatTaken")
        return seat

    def withdraw(self, seat: Seat) -> None:
        self.call(self.world.groups.withdraw, STRANGER, seat)

    def fund(self, desk: Any, value: int) -> None:
        at, bonds = self.token.address, self.world.bonds
        self.call(bonds.deposit, BRAND, at, int(Purse.COMPENSATION), value)
        self.call(bonds.allot, BRAND, at, int(Purse.COMPENSATION), desk.address, value, DEAL)

    def bargains(self, pricer: Any, rules: tuple[int | bytes, ...], **more: Any) -> None:
        what = (self.token.address, DEAL, self.conditions(**more), pricer.address)
        packed = b"".join(word(each) for each in rules)
        self.call(self.world.bargain_deals.publish_deal, BRAND, *what, packed, b"\1" * 32, "")


@pytest.fixture
def town() -> Town:
    return Town()


def refused(call: Any, *arguments: Any) -> str:
    with pytest.raises(RevertError) as refusal:
        call(*arguments)
    return refusal.value.name


# ---- prices


@pytest.mark.parametrize(
    ("taken", "best"),
    [
        ((0, 0, 0), (0, 0)),
        ((1, 0, 0), (0, 0)),
        ((2, 0, 0), (60, 2)),
        ((2, 1, 0), (60, 2)),
        ((2, 2, 0), (50, 4)),
        ((0, 0, 6), (40, 6)),
        ((0, 0, 5), (0, 0)),
        ((0, 4, 1), (50, 4)),
        ((1, 3, 2), (40, 6)),
    ],
)
def test_reached__the_best_tier_that_enough_top_prices_cover(
    taken: tuple[int, ...], best: tuple[int, int]
) -> None:
    assert reached(tuple(TIERS), taken) == best


def test_deal__in_words_and_back() -> None:
    conditions = Conditions(2**96 - 1, 7, 2**40 - 1, 5, 255, 20, 2**96 - 1, ARBITER, RIGHT)
    assert conditions_of(words_of(conditions)) == conditions


def test_plan__in_words_and_back(town: Town) -> None:
    town.publish()
    assert plan_of(town.world.groups.deals[town.token.address, DEAL].words) == (PLAN, tuple(TIERS))


# ---- groups


def test_group__all_pay_the_tier_reached__and_have_the_rest_back(town: Town) -> None:
    town.publish()
    first, second, third = town.join(MEMBER, 2, 0), town.join(FRIEND, 2, 1), town.join(STRANGER, 1, 2)
    town.world.now += 3 * DAY
    for seat in (first, second, third):
        town.withdraw(seat)
    assert [town.token.balance_of(each) for each in (MEMBER, FRIEND, STRANGER)] == [9_900, 9_900, 10_000]
    assert town.token.balance_of(town.world.groups.address) == 200
    orders = [each.order.amount for each in town.world.groups.orders.values()]
    assert orders == [100, 100]


def test_group__full__closes_at_once_at_the_best_price(town: Town) -> None:
    town.publish()
    town.join(MEMBER, 3, 2)
    town.join(FRIEND, 3, 2)
    closed = [each.facts for each in town.world.events if each.name == "GroupClosed"]
    assert closed == [(town.token.address, DEAL[:31] + b"\1", 40, 6, NOW)]
    assert refused(town.join, STRANGER, 1, 0) == "GroupPurchaseEscrow_NotOpen"


@pytest.mark.parametrize(("offset", "outcome"), [(-1, None), (0, "TooLateToLeave"), (1, "TooLateToLeave")])
def test_leave__until_the_cutoff_and_never_after(town: Town, offset: int, outcome: str | None) -> None:
    town.publish()
    seat = town.join(MEMBER, 2, 0)
    town.world.now += 2 * DAY + offset
    if outcome is None:
        town.call(town.world.groups.leave_group, MEMBER, seat)
        assert town.token.balance_of(MEMBER) == 10_000
    else:
        left = refused(town.call, town.world.groups.leave_group, MEMBER, seat)
        assert left == f"GroupPurchaseEscrow_{outcome}"


@pytest.mark.parametrize(("offset", "error"), [(-1, "GroupPurchaseEscrow_StillOpen"), (0, None), (1, None)])
def test_close__from_the_deadline_on__by_anybody(town: Town, offset: int, error: str | None) -> None:
    town.publish()
    seat = town.join(MEMBER, 1, 0)
    town.world.now += 3 * DAY + offset
    what = (STRANGER, town.token.address, seat.group_id)
    if error:
        assert refused(town.call, town.world.groups.close, *what) == error
    else:
        town.call(town.world.groups.close, *what)
        town.withdraw(seat)
        assert town.token.balance_of(MEMBER) == 10_000, "a group that no tier was reached in has failed"


def test_join__for_the_brand__is_refused(town: Town) -> None:
    town.publish()

    def as_gift() -> None:
        town.join(MEMBER, 1, 0, member=BRAND)

    assert refused(as_gift) == "Purchases_BrandAccount"


def test_group__in_a_mix__is_exact_and_pays_currency_on_demand(town: Town) -> None:
    town.publish(token_part=3, currency_part=7)
    seats = [town.join(MEMBER, 2, 0), town.join(FRIEND, 2, 0)]
    assert (town.token.balance_of(MEMBER), town.money.balance_of(MEMBER)) == (10_000 - 360, 10_000 - 840)
    town.world.now += 3 * DAY
    town.call(town.world.groups.settle, STRANGER, [*seats, seats[0]])
    assert town.token.balance_of(MEMBER) == 10_000 - 300
    assert town.world.groups.owed_to(CASH, MEMBER) == 140
    town.call(town.world.groups.collect, STRANGER, CASH, MEMBER)
    assert town.money.balance_of(MEMBER) == 10_000 - 700
    order = next(iter(town.world.groups.orders.values())).order
    town.call(town.world.groups.confirm, MEMBER, order)
    town.call(town.world.groups.withdraw_proceeds, BRAND, town.token.address, BRAND)
    assert town.world.groups.proceeds_of(town.token.address) == 0
    assert town.money.balance_of(town.world.groups.address) == 700 + 140, "the friend's price and surplus"


def test_seat__that_the_brand_is_silent_about__is_settled_late_and_compensated(town: Town) -> None:
    town.publish(compensation=100)
    town.fund(town.world.groups, 150)
    seat = town.join(MEMBER, 2, 0)
    assert seat.compensation == 150, "what there is, where less than the promise was accepted"
    town.world.now += 3 * DAY + 5 * DAY
    town.withdraw(seat)
    order = next(iter(town.world.groups.orders.values())).order
    town.call(town.world.groups.claim, STRANGER, order)
    assert town.token.balance_of(MEMBER) == 10_000
    assert town.world.bonds.owed_to(CASH, MEMBER) == 150


# ---- rights


def test_right__is_bought_sent_on_and_used_up(town: Town) -> None:
    at, rights = town.token.address, town.world.rights
    defined = (at, RIGHT, 25, 3, NOW, NOW + DAY, b"\1" * 32, "ipfs://right")
    town.call(rights.define_right, BRAND, *defined)
    town.publish(right_id=RIGHT)
    data = request_data(RightRequest(RIGHT, 2, ZERO))
    town.call(town.token.transfer_and_call, MEMBER, rights.address, 50, data)
    town.call(rights.safe_transfer_from, MEMBER, MEMBER, FRIEND, id_of(at, RIGHT), 1, b"")
    assert refused(town.call, town.world.groups.open, STRANGER, at, DEAL) == "ERC1155InsufficientBalance"
    town.call(town.world.groups.open, FRIEND, at, DEAL)
    left = [rights.balance_of(each, id_of(at, RIGHT)) for each in (MEMBER, FRIEND)]
    assert left == [1, 0]
    assert town.token.supply == 30_000 - 50
    too_many = (at, RIGHT, [MEMBER], [2])
    assert refused(town.call, rights.grant, BRAND, *too_many) == "PurchaseRights_SoldOut"


# ---- bargains

RULES = Rules(list_price=500, floor_price=400, stock=2, duration=3 * DAY)


def number_of(buyer: bytes, own: int = 0) -> int:
    return own << 160 | int.from_bytes(buyer)


def test_haggle__is_struck_by_both__and_the_rest_comes_back(town: Town) -> None:
    haggles, place = town.world.haggles, (town.token.address, DEAL, number_of(MEMBER))
    town.bargains(haggles, RULES)
    payment = Payment(DEAL, place[2], 480, 0, bytes(32))
    what = (town.world.bargains.address, 480, payment_data(payment))
    town.call(town.token.transfer_and_call, MEMBER, *what)
    agreement = Agreement(430, 0, bytes(32))
    offer = haggles.digest(haggles.offer(place, 430, 0, NOW))
    brand = BrandConsent(BRAND, NOW, Signature(BRAND, offer))
    alone = (STRANGER, *place, agreement, Consent(NOW, Signature(STRANGER, offer)), brand)
    assert refused(town.call, haggles.strike, *alone) == "Pricer_InvalidSignature"
    town.call(haggles.strike, MEMBER, *place, agreement, UNSIGNED, brand)
    assert town.token.balance_of(MEMBER) == 10_000 - 430
    assert haggles.bargain_of(*place).status == Status.ENDED


def test_haggle__an_offer_that_was_taken_back__is_void(town: Town) -> None:
    haggles, place = town.world.haggles, (town.token.address, DEAL, number_of(MEMBER))
    town.bargains(haggles, RULES)
    data = payment_data(Payment(DEAL, place[2], 480, 0, bytes(32)))
    town.call(town.token.transfer_and_call, MEMBER, town.world.bargains.address, 480, data)
    digest = haggles.digest(haggles.offer(place, 430, 0, NOW))
    brand = BrandConsent(BRAND, NOW, Signature(BRAND, digest))
    town.call(haggles.revoke, BRAND, *place)
    what = (MEMBER, *place, Agreement(430, 0, bytes(32)), UNSIGNED, brand)
    assert refused(town.call, haggles.strike, *what) == "Pricer_InvalidSignature"
    town.world.now += 3 * DAY
    town.call(haggles.withdraw, STRANGER, *place, UNSIGNED)
    assert town.token.balance_of(MEMBER) == 10_000


@pytest.mark.parametrize("cuts", [[40, 30, 20, 10], [10, 10, 10, 70], [0, 0, 0, 0], [2**96 - 1] * 4])
def test_cuts__drawn_in_order__lead_to_the_floor_whatever_was_written(town: Town, cuts: list[int]) -> None:
    world, place = town.world, (town.token.address, DEAL, number_of(MEMBER))
    town.bargains(world.cuts, (*RULES, *CutRules(4, 10, ATTESTER)))
    head, openings = world.cuts.openings(place, cuts, [bytes([each]) * 32 for each in range(4)])
    signed = world.cuts.digest(world.cuts.opening(place, head, NOW))
    town.call(
        world.cuts.open,
        BRAND,
        *place,
        head,
        Consent(NOW, Signature(MEMBER, signed)),
        BrandConsent(BRAND, *UNSIGNED),
    )
    prices = []
    for index, opening in enumerate(openings):
        helper, person = account(f"helper {index}"), bytes([index]) * 32
        said = world.cuts.digest(world.cuts.helper(*place[:2], helper, person, NOW))
        attestation = Attestation(helper, person, NOW, Signature(ATTESTER, said))
        again = (helper, *place, openings[0], attestation, UNSIGNED)
        town.call(world.cuts.draw, helper, *place, opening, attestation, UNSIGNED)
        assert refused(town.call, world.cuts.draw, *again) in ("Cuts_HelpedAlready", "Cuts_NothingToDraw")
        prices.append(world.cuts.bargain_of(*place).price)
    steps = [before - after for before, after in zip([500, *prices], prices, strict=False)]
    assert prices[-1] == 400
    assert min(steps) >= 10
    assert sum(cuts) != 100 or steps == cuts


@pytest.mark.parametrize(("offset", "price"), [(-1, 500), (0, 400), (1, 400)])
def test_cuts__a_silent_brand__yields_the_floor_price(town: Town, offset: int, price: int) -> None:
    world, place = town.world, (town.token.address, DEAL, number_of(MEMBER))
    defined = (town.token.address, RIGHT, 0, 3, NOW, NOW + DAY, b"\1" * 32, "")
    town.call(world.rights.define_right, BRAND, *defined)
    town.call(world.rights.grant, BRAND, town.token.address, RIGHT, [MEMBER], [1])
    town.bargains(world.cuts, (*RULES, *CutRules(4, 10, ATTESTER)), right_id=RIGHT)
    town.call(world.cuts.request, MEMBER, *place, UNSIGNED)
    world.now += 2 * DAY + offset
    data = payment_data(Payment(DEAL, place[2], 500, 0, bytes(32)))
    town.call(town.token.transfer_and_call, MEMBER, world.bargains.address, 500, data)
    assert town.token.balance_of(MEMBER) == 10_000 - price
