"""Referral programmes, campaigns and consent through the front door, on a chain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from ape import accounts
from eth_account import Account
from shop import DAY, Shop, undone, wait
from wallets import make_wallet

from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.campaigns import Campaign, Conditions, Flaw, attester_of
from symbolon.campaigns import Kind as Act
from symbolon.codes import label_bytes
from symbolon.data_requests import Request
from symbolon.deployment import List
from symbolon.fields import FOREVER
from symbolon.fulfilment import Order
from symbolon.offers import NO_LIMIT, Document
from symbolon.offers import Conditions as OfferConditions
from symbolon.referral_links import LinkError
from symbolon.referrals import Event, Kind, NoProgrammeError, Programme, State, Terms
from symbolon.reverts import RefusedError
from symbolon.sealed import DataKey, data_hash, seal
from symbolon.vouchers import Purchase, SignedVoucher, Voucher, VoucherList, action_of, review_action

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ape.api import ProviderAPI
    from ape_test.accounts import TestAccount

DOCUMENT = Document.of(b"In plain words.", "https://bakery.example/plain")
KEY = Account.from_key("0x" + "5e" * 32)  # a web shop's


@pytest.fixture(scope="module")
def opened(_provider: ProviderAPI, _deployed: Alliance) -> Iterator[Shop]:
    with _provider.network.use_provider(_provider), undone():
        shop = Shop.open(_deployed)
        # The admin keeps a part of the capacity, and opens the token to what pays rewards.
        shop.token.revoke_quota(shop.manager, 1_000_00, sender=shop.brand)
        for module in (_deployed.referral_rewards, _deployed.campaign_rewards, _deployed.consent):
            shop.token.grant_quota_and_call(module, 0, sender=shop.brand)
        yield shop


@pytest.fixture
def shop(opened: Shop, _provider: ProviderAPI) -> Iterator[Shop]:
    with _provider.network.use_provider(_provider), undone():
        yield opened


def friend(number: int) -> TestAccount:
    """Somebody whom the shop does not know yet."""
    found: TestAccount = accounts.test_accounts[10 + number]
    return found


# ---- referrals


def start(shop: Shop, *, first: int = 1_000, second: int = 500, cap: int = 100_00) -> Programme:
    """A programme that counts everything, with 100 BAKE."""
    now = calls.now()
    terms = Terms(first, second, 14, 0, frozenset(Kind), now, now + 90 * DAY, cap)
    made = shop.alliance.referrals.create(shop.token, terms, KEY, DOCUMENT, sender=shop.manager)
    shop.alliance.referrals.fund(made, 100_00, sender=shop.brand)
    return shop.alliance.referrals.get(shop.token)


def bought(shop: Shop, member: TestAccount, reference: str, amount: int) -> tuple[Purchase, bytes]:
    """A purchase that the web shop attests, a moment later."""
    now = calls.now()
    wait(1)
    purchase = Purchase(
        shop.token.address, str(member.address), label_bytes(reference), amount, now, now + DAY
    )
    return purchase, purchase.sign(shop.alliance.referrals.domain, KEY)


def test_referral__two_levels__are_paid_for_what_was_bought(shop: Shop) -> None:
    referrals, token = shop.alliance.referrals, shop.token
    programme = start(shop)
    assert programme.left == 100_00
    grandparent, parent, member = (friend(number) for number in range(3))
    referrals.bind(referrals.invite(token, grandparent), sender=parent)
    link = referrals.invite(token, parent)
    binding, signature = referrals.sign_binding(link, member)
    referrals.bind_signed(link, binding, signature, sender=shop.intruder)
    standing = referrals.standing(token, member)
    assert (standing.referrer, standing.refers) == (parent.address, False)

    events = [bought(shop, member, "A-1", 20_00), bought(shop, member, "A-2", 10_00)]
    stranger = bought(shop, shop.intruder, "A-3", 10_00)
    accrued = referrals.accrue(programme, [*events, stranger], sender=shop.intruder)
    assert list(accrued.done) == events, accrued.left_out
    assert next(str(why) for _, why in accrued.left_out).startswith(
        f"{shop.intruder.address} is bound to nobody"
    )
    again = referrals.accrue(programme, events, sender=shop.intruder)
    assert (len(again.done), len(again.left_out)) == (0, 2)

    referrals.undo(
        Event(token.address, member.address, Kind.PURCHASE, label_bytes("A-2")),
        "returned",
        sender=shop.manager,
    )
    assert referrals.ripe(token) == []
    wait(14 * DAY + 60)
    ripe = referrals.ripe(token)
    assert [(each.event.name, each.first, each.second) for each in ripe] == [("A-1", 2_00, 1_00)]
    done, left_out = referrals.claim(token, ripe, sender=shop.intruder)
    assert (len(done), left_out) == (1, [])
    assert (token.balance_of(parent), token.balance_of(grandparent), token.balance_of(member)) == (
        2_00,
        1_00,
        0,
    )
    states = {each.event.name: (each.state, each.paid) for each in referrals.accruals(token)}
    assert states == {"A-1": (State.CLAIMED, (2_00, 1_00)), "A-2": (State.UNDONE, (0, 0))}
    assert referrals.paid_to(programme, parent) == 2_00
    assert referrals.get(token).left == 97_00


def test_referral__receipts__are_found_once(shop: Shop) -> None:
    referrals = shop.alliance.referrals
    programme = start(shop)
    before = shop.take(shop.sign(1))
    wait(60)
    referrals.bind(referrals.invite(shop.token, shop.partner), sender=shop.member)
    assert [each.nonce for each in referrals.receipts(programme)] == [before.nonce]
    first = referrals.accrue(programme, referrals.receipts(programme), sender=shop.intruder)
    assert (len(first.done), len(first.unfit)) == (0, 1)  # the member came before it was brought
    wait(60)
    after = shop.take(shop.sign(2))
    second = referrals.accrue(programme, referrals.receipts(programme), sender=shop.intruder)
    assert [referrals.event_of(each).reference for each in second.done] == [after.nonce]
    assert [each.nonce for each in referrals.receipts(programme)] == [before.nonce]
    (accrual,) = referrals.accruals(shop.token)
    assert (accrual.first, accrual.referrers) == (50, (shop.partner.address, None))


def ordered(shop: Shop) -> Order:
    """A mug that the member ordered, and is content with."""
    alliance, now = shop.alliance, calls.now()
    alliance.set_listed(List.ARBITER, shop.partner, True, sender=shop.operator)
    mug = OfferConditions(5_00, 10, NO_LIMIT, now, FOREVER, fulfil_days=10, arbiter=shop.partner.address)
    alliance.offers.create(shop.token, "mug", mug, DOCUMENT, sender=shop.manager)
    order = alliance.orders.open(
        alliance.orders.wish(shop.token, "mug", member=shop.member), sender=shop.member
    )
    alliance.orders.confirm(order, sender=shop.member)
    return order


def test_referral__fulfilled_orders__are_found_once(shop: Shop) -> None:
    referrals, programme = shop.alliance.referrals, start(shop)
    referrals.bind(referrals.invite(shop.token, shop.partner), sender=shop.member)
    wait(60)
    order = ordered(shop)
    accrued = referrals.accrue(programme, referrals.orders(programme), sender=shop.intruder)
    assert [each.name for each in accrued.done if isinstance(each, Order)] == [order.name]
    assert referrals.orders(programme) == []
    (accrual,) = referrals.accruals(shop.token)
    assert (accrual.event.kind, accrual.first) == (Kind.ORDER, 50)


def test_referral__a_link_of_another_chain_or_programme_that_is_not__is_told(shop: Shop) -> None:
    referrals = shop.alliance.referrals
    with pytest.raises(NoProgrammeError, match="BAKE has no referral programme: `ape run referral create`"):
        referrals.get(shop.token)
    link = replace(referrals.invite(shop.token, shop.partner), chain_id=1)
    with pytest.raises(LinkError, match="is for chain 1 and this is chain 31337"):
        referrals.bind(link, sender=shop.member)
    forged = replace(referrals.invite(shop.token, shop.partner), referrer=shop.brand.address)
    with pytest.raises(RefusedError, match="over exactly this"):
        referrals.bind(forged, sender=shop.member)


# ---- campaigns


def campaign_of(
    shop: Shop, kind: Act = Act.CUSTOM, *, cap: int = 3, day: int = 3, name: str = "spring"
) -> Campaign:
    """A campaign that pays 1 BAKE, whose shop's key has a purse of 5."""
    now = calls.now()
    conditions = Conditions(kind, 1_00, cap, day, now, now + 30 * DAY)
    made = shop.alliance.campaigns.create(shop.token, name, conditions, DOCUMENT, sender=shop.manager)
    shop.alliance.campaigns.fund(made, attester_of(KEY), 5_00, sender=shop.manager)
    return made


def voucher(
    shop: Shop, campaign: Campaign, member: TestAccount, number: int, action: bytes = b"\1" * 32
) -> SignedVoucher:
    """A voucher that the web shop's key signed."""
    plain = Voucher(campaign.token, campaign.id, str(member.address), number, action, calls.now() + DAY)
    return SignedVoucher.sign(plain, shop.alliance.campaigns.domain, KEY)


def test_campaign__vouchers__are_paid_once_and_those_with_a_flaw_passed_over(shop: Shop) -> None:
    campaigns = shop.alliance.campaigns
    campaign = campaign_of(shop, day=2)
    good = [voucher(shop, campaign, friend(number), 0) for number in range(2)]
    tomorrow = [voucher(shop, campaign, friend(0), number) for number in (1, 2)]
    beyond = voucher(shop, campaign, friend(0), 3)
    forged = replace(good[0], voucher=replace(good[0].voucher, number=2, member=friend(3).address))
    assert campaigns.flaws([good[0], beyond, forged]) == [Flaw.NONE, Flaw.BEYOND_CAP, Flaw.NOT_ATTESTED]
    done = campaigns.pay([*good, *tomorrow, beyond, forged, good[0]], sender=shop.intruder)
    assert list(done.paid) == [*good, tomorrow[0]]
    reasons = {
        each.voucher.number: why for each, why in done.left_out if each.voucher.member == friend(0).address
    }
    assert "run it again tomorrow" in reasons[2]
    assert "beyond what a member gets" in reasons[3]
    again = campaigns.pay([*good, *tomorrow], sender=shop.intruder)
    assert (len(again.paid), len(again.left_out)) == (0, 4)
    wait(DAY)
    late = [voucher(shop, campaign, friend(0), 2)]
    assert len(campaigns.pay(late, sender=shop.intruder).paid) == 1
    assert (shop.token.balance_of(friend(0)), shop.token.balance_of(friend(1))) == (3_00, 1_00)
    (purse,) = campaigns.purses(campaign)
    assert (purse.given, purse.paid, purse.left) == (5_00, 4_00, 1_00)
    assert [(each.member, each.number) for each in campaigns.payments(campaign)][-1] == (friend(0).address, 2)


def test_campaign__of_a_key_that_is_a_wallet__pays_one_by_one(shop: Shop) -> None:
    campaigns = shop.alliance.campaigns
    campaign = campaign_of(shop)
    wallet = make_wallet(str(KEY.address), sender=shop.intruder)
    campaigns.fund(campaign, attester_of(wallet), 2_00, sender=shop.manager)
    signed = [replace(voucher(shop, campaign, friend(number), 0), key=wallet) for number in range(2)]
    assert len(campaigns.pay(signed, sender=shop.intruder).paid) == 2


def test_campaign__list__pays_whoever_brings_the_proof(shop: Shop) -> None:
    campaigns = shop.alliance.campaigns
    campaign = campaign_of(shop)
    vouchers = [
        Voucher(
            campaign.token,
            campaign.id,
            friend(number).address,
            0,
            action_of(f"visit {number}"),
            calls.now() + DAY,
        )
        for number in range(5)
    ]
    listed = VoucherList(campaigns.domain, vouchers)
    campaigns.fund(campaign, listed.root, 5_00, sender=shop.brand)
    for each, proof in zip(listed.vouchers, listed.proofs, strict=True):
        campaigns.claim_from_list(each, proof, sender=shop.intruder)
    assert [shop.token.balance_of(friend(number)) for number in range(5)] == [1_00] * 5
    with pytest.raises(RefusedError, match="is not paid: it has been paid"):
        campaigns.claim_from_list(vouchers[0], listed.proofs[0], sender=shop.intruder)
    with pytest.raises(RefusedError, match="not, or no longer, an attester"):
        campaigns.claim_from_list(replace(vouchers[0], number=1), listed.proofs[0], sender=shop.intruder)


def test_campaign__review__takes_the_receipt_of_the_thing(shop: Shop) -> None:
    campaigns = shop.alliance.campaigns
    campaign = campaign_of(shop, Act.REVIEW)
    had = shop.take(shop.sign(1))
    text = "Still warm, and gone in a minute."
    signed = voucher(shop, campaign, shop.member, 0, review_action(had.reference, text))
    with pytest.raises(RefusedError, match="claimed with the receipt"):
        campaigns.claim(signed, sender=shop.intruder)
    with pytest.raises(RefusedError, match="and the review is"):
        campaigns.claim_review(signed, had, "Another text.", sender=shop.intruder)
    before = shop.held
    campaigns.claim_review(signed, had, text, sender=shop.intruder)
    assert shop.held == before + 1_00
    second = voucher(shop, campaign, shop.member, 1, review_action(had.reference, text))
    with pytest.raises(RefusedError, match="has been used for a review"):
        campaigns.claim_review(second, had, text, sender=shop.intruder)


def test_campaign__review_of_an_order__takes_the_order(shop: Shop) -> None:
    campaigns, campaign = shop.alliance.campaigns, campaign_of(shop, Act.REVIEW)
    order, text = ordered(shop), "Came whole."
    signed = voucher(shop, campaign, shop.member, 0, review_action(order.offer_id, text))
    before = shop.held
    campaigns.claim_review(signed, order, text, sender=shop.intruder)
    assert shop.held == before + 1_00


def test_campaign__retired_key__pays_for_a_month_and_the_rest_goes_back(shop: Shop) -> None:
    campaigns = shop.alliance.campaigns
    campaign, key = campaign_of(shop), attester_of(KEY)
    campaigns.retire(campaign, key, sender=shop.manager)
    assert len(campaigns.pay([voucher(shop, campaign, friend(0), 0)], sender=shop.intruder).paid) == 1
    with pytest.raises(RefusedError, match="That can be done from"):
        campaigns.return_rest(campaign, key, sender=shop.manager)
    wait(30 * DAY + 60)
    campaigns.return_rest(campaign, key, sender=shop.manager)
    (purse,) = campaigns.purses(campaign)
    assert (purse.left, purse.returned) == (0, 4_00)


# ---- consent


def test_consent__granting_is_being_paid_and_revoking_ends_it(shop: Shop) -> None:
    consents, key = shop.alliance.consents, DataKey.make()
    until = calls.now() + 90 * DAY
    request = Request(
        shop.token.address,
        "birthday, postcode",
        "A card on your birthday.",
        key.public,
        1_00,
        30 * DAY,
        until,
        KEY.address,
    )
    consents.ask(request, sender=shop.manager)
    consents.fund(request, 20_00, sender=shop.brand)
    (published,) = consents.of(shop.token)
    assert (published.request, published.left, published.is_open) == (request, 20_00, True)
    assert consents.find(shop.token, "0x" + request.id.hex()[:8]).request == request

    with pytest.raises(RefusedError):
        consents.grant(request, sender=friend(0))
    consents.grant(request, consents.attest(request, friend(0), KEY), sender=friend(0))
    granted, signature = consents.sign_grant(request, friend(1))
    consents.grant_signed(
        request, granted, signature, consents.attest(request, friend(1), KEY), sender=shop.intruder
    )
    assert [shop.token.balance_of(friend(number)) for number in range(2)] == [1_00, 1_00]

    data = "1990-03-01, 1010"
    sealed = seal(request.public_key, data.encode(), request.id, friend(0).address)
    assert key.open(sealed, request.id, friend(0).address) == data.encode()
    consents.acknowledge(request, friend(0), data_hash(sealed), sender=shop.manager)

    wait(31 * DAY)
    consents.pay(request, friend(1), sender=shop.intruder)
    revoked, signature = consents.sign_revocation(request, friend(1))
    consents.revoke_signed(request, revoked, signature, sender=shop.intruder)
    assert not consents.is_granted(request, friend(1))
    with pytest.raises(RefusedError, match="revoked, for good"):
        consents.acknowledge(request, friend(1), data_hash(sealed), sender=shop.manager)
    consents.revoke(request, sender=friend(0))

    one, other = consents.grants(request)
    assert (one.member, one.paid, [each for each, _ in one.received]) == (
        friend(0).address,
        2_00,
        [data_hash(sealed)],
    )
    assert (other.paid, other.until, other.revoked_at is not None) == (2_00, until, True)
    consents.close(request, sender=shop.manager)
    consents.return_rest(request, sender=shop.manager)
    (published,) = consents.of(shop.token)
    assert (published.left, published.is_open) == (0, False)
