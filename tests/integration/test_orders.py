"""Redemption to order, on a real chain: who gets what when brands deliver, fail, and are disputed with."""
# ruff: noqa: PLC0415 (Ape takes seconds to import, which tests that need no chain are spared)

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from symbolon.exceptions import SymbolonError
from symbolon.reverts import RefusedError

if TYPE_CHECKING:
    from ape.api import ProviderAPI
    from ape_test.accounts import TestAccount
    from shop import Shop

    from symbolon.alliance import Alliance
    from symbolon.fulfilment import Order, Record

DAY = 86_400
PRICE, COMPENSATION, FUND = 5_00, 2_000_000, 5_000_000


@dataclass
class Mailroom:
    """The bakery sends mugs."""

    shop: Shop
    arbiter: TestAccount

    @property
    def alliance(self) -> Alliance:
        return self.shop.alliance

    @property
    def currency(self) -> str:
        return self.alliance.currencies()[0]

    @property
    def owed(self) -> int:
        return self.alliance.bonds.owed_to(self.currency, self.shop.member)

    def order(self, quantity: int = 1, reference: str = "", **more: object) -> Order:
        wish = self.alliance.orders.wish(
            self.shop.token,
            "mug",
            quantity,
            member=self.shop.member,
            reference=reference,
            **more,  # type: ignore[arg-type]
        )
        return self.alliance.orders.open(wish, sender=self.shop.member)

    def now(self, order: Order) -> Order:
        return self.alliance.orders.get(self.shop.token, order.offer_id, order.number)

    @property
    def record(self) -> Record:
        return self.alliance.orders.record(self.shop.token, "mug")


@pytest.fixture(scope="module")
def opened(_provider: ProviderAPI, _deployed: Alliance) -> Iterator[Mailroom]:
    from ape import accounts
    from shop import DOCUMENT, Shop, undone

    from symbolon import calls
    from symbolon.bonds import Purse
    from symbolon.deployment import List
    from symbolon.fields import FOREVER
    from symbolon.offers import NO_LIMIT, Conditions

    with _provider.network.use_provider(_provider), undone():
        shop = Shop.open(_deployed)
        arbiter = accounts.test_accounts[7]
        _deployed.set_listed(List.ARBITER, arbiter, True, sender=shop.operator)
        conditions = Conditions(
            PRICE,
            stock=1000,
            member_limit=NO_LIMIT,
            opens_at=calls.now(),
            closes_at=FOREVER,
            fulfil_days=10,
            stake_percent=10,
            compensation=COMPENSATION,
            arbiter=str(arbiter.address),
        )
        _deployed.offers.create(shop.token, "mug", conditions, DOCUMENT, sender=shop.manager)
        calls.transact(shop.brand, _deployed.mock_dollar, "mint", shop.brand.address, 2 * FUND)
        _deployed.bonds.deposit(shop.token, Purse.COMPENSATION, FUND, sender=shop.brand)
        _deployed.bonds.allot_to_offer(shop.token, "mug", FUND, sender=shop.brand)
        yield Mailroom(shop, arbiter)


@pytest.fixture
def mail(opened: Mailroom, _provider: ProviderAPI) -> Iterator[Mailroom]:
    from shop import undone

    with _provider.network.use_provider(_provider), undone():
        yield opened


def test_order__delivered_and_left_alone__burns_after_two_weeks(mail: Mailroom) -> None:
    from shop import wait

    from symbolon.fulfilment import State

    token, held, supply = mail.shop.token, mail.shop.held, mail.shop.token.supply
    order = mail.order(2, "A-1047")
    assert (order.name, order.amount, order.compensation, order.stake) == ("mug/0", 10_00, 4_000_000, 1_00)
    assert mail.shop.held == held - 10_00
    assert mail.alliance.orders.find(token, "A-1047") == order == mail.alliance.orders.find(token, "mug/0")

    done = mail.alliance.orders.fulfil(token, [order], sender=mail.shop.manager)
    assert (done.done, done.left_out) == ((order,), ())
    again = mail.alliance.orders.fulfil(token, [order], sender=mail.shop.manager)
    assert [left for left, _ in again.left_out] == [order]
    assert mail.alliance.orders.due(token) == []
    wait(14 * DAY + 60)
    (due,) = mail.alliance.orders.due(token)
    assert due.state is State.DELIVERED
    mail.alliance.orders.finish(token, [due], sender=mail.shop.intruder)
    assert mail.now(order).state is State.FULFILLED
    assert (token.supply, mail.owed) == (supply - 10_00, 0)
    assert mail.alliance.orders.free_compensation(token, "mug") == FUND
    assert (mail.record.fulfilled, mail.record.open) == (2, 0)


def test_order__never_delivered__anybody_brings_tokens_and_compensation_back(mail: Mailroom) -> None:
    from shop import wait

    from symbolon import calls
    from symbolon.fulfilment import State

    held, orders = mail.shop.held, mail.alliance.orders
    order = mail.order()
    with pytest.raises(RefusedError):
        orders.claim(order, sender=mail.shop.intruder)
    wait(10 * DAY + 60)
    late = orders.fulfil(mail.shop.token, [order], sender=mail.shop.manager)
    assert late.done == ()
    orders.claim(order, sender=mail.shop.intruder)
    after = mail.now(order)
    assert (after.state, after.refunded, after.paid) == (State.COMPENSATED, PRICE, COMPENSATION)
    assert (mail.shop.held, mail.owed) == (held, COMPENSATION)
    mail.alliance.bonds.collect(mail.currency, mail.shop.member, sender=mail.shop.intruder)
    assert calls.read(mail.alliance.mock_dollar, "balanceOf", mail.shop.member.address) == COMPENSATION
    assert (mail.record.failed, mail.record.compensation_paid, mail.owed) == (1, COMPENSATION, 0)


def test_order__disputed__the_arbiter_splits(mail: Mailroom) -> None:
    from symbolon.fulfilment import State

    held, orders, token = mail.shop.held, mail.alliance.orders, mail.shop.token
    order = mail.order(2)
    orders.fulfil(token, [order], sender=mail.shop.manager)
    orders.dispute(order, sender=mail.shop.member)
    assert mail.shop.held == held - 10_00 - 1_00
    assert mail.now(order).state is State.DISPUTED
    with pytest.raises(RefusedError):
        orders.decide(order, 10_00, 0, sender=mail.shop.brand)
    orders.decide(order, 6_00, 1_500_000, sender=mail.arbiter)
    assert (mail.shop.held, mail.owed) == (held - 4_00, 1_500_000)
    assert (mail.now(order).state, mail.record.lost, mail.record.disputed) == (State.DECIDED, 2, 2)
    assert orders.free_compensation(token, "mug") == FUND - 1_500_000


def test_order__signed_by_a_member_without_ether__works_from_end_to_end(mail: Mailroom) -> None:
    from symbolon.fulfilment import State

    orders, token, member, relay = (
        mail.alliance.orders,
        mail.shop.token,
        mail.shop.member,
        mail.shop.intruder,
    )
    held = mail.shop.held
    wish = orders.wish(token, "mug", member=member, reference="gasless")
    signed = orders.sign(wish, member)
    with pytest.raises(RefusedError):
        orders.submit(
            replace(signed, wish=replace(wish, reference=b"another".ljust(32, b"\0"))), sender=relay
        )
    first = orders.submit(signed, sender=relay)
    with pytest.raises(RefusedError):
        orders.submit(signed, sender=relay)
    orders.fulfil(token, [first], sender=mail.shop.manager)
    spend, signature = orders.sign_dispute(first, member)
    orders.dispute_signed(first, spend, signature, sender=relay)
    with pytest.raises(RefusedError):
        orders.confirm_signed(first, *orders.sign_confirmation(first, mail.shop.partner), sender=relay)
    orders.confirm_signed(first, *orders.sign_confirmation(first, member), sender=relay)
    assert mail.now(first).state is State.FULFILLED
    assert mail.shop.held == held - PRICE  # the stake came back


def test_order__compensation_short__needs_the_members_consent(mail: Mailroom) -> None:
    with pytest.raises(RefusedError, match="compensation"):
        mail.order(3)
    assert mail.order(3, least_compensation=0).compensation == FUND


def test_orders__many_with_a_bad_one__the_rest_are_delivered(mail: Mailroom) -> None:
    orders = [mail.order(1, f"A-{number}", least_compensation=0) for number in range(4)]
    mail.alliance.orders.decline(orders[1], sender=mail.shop.manager)
    done = mail.alliance.orders.fulfil(mail.shop.token, orders, sender=mail.shop.manager)
    assert done.done == (orders[0], orders[2], orders[3])
    assert [left for left, _ in done.left_out] == [orders[1]]


def test_delivery__of_all_offers__is_added_up_however_many_there_are(
    mail: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shop import DOCUMENT

    from symbolon import orders
    from symbolon.fulfilment import Record

    shop, alliance = mail.shop, mail.alliance
    conditions = alliance.offers.get(shop.token, "mug").conditions
    for name in ("plate", "bowl"):
        alliance.offers.create(shop.token, name, conditions, DOCUMENT, sender=shop.manager)
    alliance.orders.confirm(mail.order(2), sender=shop.member)
    wish = alliance.orders.wish(shop.token, "plate", member=shop.member, least_compensation=0)
    alliance.orders.open(wish, sender=shop.member)
    expected = Record(open=1, fulfilled=2, declined=0, failed=0, lost=0, disputed=0, compensation_paid=0)
    assert alliance.orders.delivery(shop.token) == expected
    monkeypatch.setattr(orders, "_SUMMED", 1)
    assert alliance.orders.delivery(shop.token) == expected
    listed = [(offer.name, offer.conditions.fulfil_days) for offer in alliance.offers.of(shop.token)]
    assert listed == [("croissant", 0), ("mug", 10), ("plate", 10), ("bowl", 10)]


def test_orders__one_is_opened_and_ended_while_they_are_read__are_read_as_of_before(
    mail: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    from symbolon import calls

    first = mail.order()
    with calls.node() as web3:
        eth = web3.eth
    read = eth.get_logs

    def slow(query: Any) -> Any:
        found = read(query)
        monkeypatch.undo()
        mail.alliance.orders.confirm(mail.order(), sender=mail.shop.member)
        return found

    monkeypatch.setattr(eth, "get_logs", slow)
    assert mail.alliance.orders.of(mail.shop.token) == [first]


def test_orders__of_another_token__are_not_even_asked_for(
    mail: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    from symbolon import calls

    order = mail.order()
    other = mail.shop.token.brand.create_token("Crumbs", "CRUMB", 2, sender=mail.shop.brand)
    with calls.node() as web3:
        eth = web3.eth
    read = eth.get_logs
    answers = []

    def counted(query: Any) -> Any:
        answers.append(read(query))
        return answers[-1]

    monkeypatch.setattr(eth, "get_logs", counted)
    assert mail.alliance.orders.of(other) == []
    assert answers == [[]]
    assert mail.alliance.orders.of(mail.shop.token) == [order]


def test_order__unknown__is_told(mail: Mailroom) -> None:
    with pytest.raises(SymbolonError, match="has no order mug/7"):
        mail.alliance.orders.find(mail.shop.token, "mug/7")
