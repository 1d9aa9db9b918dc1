"""Everything that can be read, as questions that model and chain must answer alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from symbolon.reference.bonds import Purse
from symbolon.reference.brands import List
from symbolon.reference.contract import ZERO
from symbolon.reference.referrals import Kind

if TYPE_CHECKING:
    from stateful.stage import Stage
    from symbolon.reference import World
    from symbolon.reference.offers import Offers
    from symbolon.reference.purchases import Purchases
    from symbolon.reference.token import LoyaltyToken

Question = tuple[Any, ...]
"""A contract, a view's name, its arguments."""


def questions(world: World, stage: Stage) -> Iterator[Question]:
    """One after the other, about whatever has ever been touched and some things that have not."""
    yield from _brands(world, stage)
    for token in world.tokens:
        yield world.factory, "is_token", token.address
        yield from _token(token, stage)
        yield from _obligation(world, token)
        yield from _bond(world, token)
        yield from _offers(world.desk, token, stage)
        yield from _offers(world.orders, token, stage)
    yield from _counter(world)
    yield from _orders(world)
    yield from _pools(world)
    yield from _settlements(world)
    yield from _earnings(world)
    yield from _rights(world)
    for desk in (world.groups, world.bargains):
        yield from _purchases(desk, world)
    yield from _groups(world)
    yield from _bargains(world)
    yield from _referrals(world)
    yield from _campaigns(world)
    yield from _consents(world)
    yield world.factory, "is_token", world.desk.address
    yield world.obligations, "token_count"
    for index in range(world.obligations.token_count() + 1):
        yield world.obligations, "token_at", index
    for currency in stage.currencies:
        yield currency, "total_supply"
        for holder in currency.balances:
            yield currency, "balance_of", holder
        for pair in currency.allowances:
            yield currency, "allowance", *pair


def questions_of_time(world: World) -> Iterator[Question]:
    """About whatever changes by the clock alone."""
    for brand_id in world.brands.brands:
        yield world.brands, "brand_of", brand_id
    for token in world.obligations.obligations:
        yield world.obligations, "obligation_of", token
    for owner, offer_id in world.desk.offers:
        yield world.desk, "offer_of", owner, offer_id
    for owner, offer_id in world.orders.offers:
        yield world.orders, "offer_of", owner, offer_id
    for token, purse in world.bonds.purses:
        yield world.bonds, "purse_of", token, purse
    for place in world.swaps.positions:
        yield world.swaps, "position_of", *place
    for group in world.groups.groups:
        yield world.group_deals, "group_of", *group
    for bargain in world.cuts.cuts:
        yield world.cuts, "bargain_of", *bargain
    for bargain in world.haggles.haggles:
        yield world.haggles, "bargain_of", *bargain
    for grant in world.consents.grants:
        yield world.consents, "grant_of", *grant
        yield world.consents, "is_granted", *grant


def _brands(world: World, stage: Stage) -> Iterator[Question]:
    brands = world.brands
    for brand_id, brand in brands.brands.items():
        yield brands, "brand_of", brand_id
        yield brands, "recovery_of", brand_id
        yield brands, "status_of", brand_id
        yield brands, "profile_uri_of", brand_id
        for account in {brand.admin, brand.pending_admin, brand.guardian, brand.pending_guardian, ZERO}:
            yield brands, "standing_of", brand_id, account
            yield brands, "is_brand_account", brand_id, account
    for brand_id, _, manager in brands.roles:
        yield brands, "standing_of", brand_id, manager
        yield brands, "is_brand_account", brand_id, manager
    yield brands, "brand_of", bytes(32)
    for kind, account in brands.listed:
        yield brands, "is_listed", kind, account
        yield brands, "is_listed", (kind + 1) % len(List), account


def _token(token: LoyaltyToken, stage: Stage) -> Iterator[Question]:
    for fact in (
        "name",
        "symbol",
        "decimals",
        "brand_id",
        "obligation_registry",
        "redemption_desk",
        "creator",
    ):
        yield token, fact
    for book in ("total_supply", "total_quota", "capacity", "mint_stopped", "contract_uri"):
        yield token, book
    for holder in (*stage.holders, token.address, ZERO):
        yield token, "balance_of", holder
    for minter in token.quotas:
        yield token, "quota_of", minter
        yield token, "is_module", minter
    for pair in token.allowances:
        yield token, "allowance", *pair
    for owner in stage.recipients:
        yield token, "nonces", owner
    for mark in token.marks:
        yield token, "receipt_of", *mark
        yield token, "authorization_state", *mark
    for batch in token.batches:
        yield token, "is_batch_minted", batch
        neighbour = int.from_bytes(batch) ^ 1
        yield token, "is_batch_minted", neighbour.to_bytes(32)


def _obligation(world: World, token: LoyaltyToken) -> Iterator[Question]:
    obligations = world.obligations
    yield obligations, "obligation_of", token.address
    yield obligations, "notice_period_of", token.address
    yield obligations, "currency_of", token.address
    yield obligations, "bond_ratio_of", token.address
    yield obligations, "wind_down_end_of", token.address
    for version in range(obligations.obligation_of(token.address).version + 3):
        yield obligations, "is_version_valid", token.address, version
    for amount in (0, 1, 10 ** token.decimals() + 1, 2**96 - 1):
        yield obligations, "value_down", token.address, amount
        yield obligations, "value_up", token.address, amount


def _bond(world: World, token: LoyaltyToken) -> Iterator[Question]:
    bonds = world.bonds
    for purse in Purse:
        yield bonds, "purse_of", token.address, purse
    for view in ("required_of", "coverage_of", "cure_by_of"):
        yield bonds, view, token.address
    for owner, its, module in bonds.allotments:
        if owner == token.address:
            for each in (its, (its + 1) % len(Purse)):
                yield bonds, "allotment_of", owner, each, module
    for view in ("default_of", "is_in_default"):
        yield bonds, view, token.address
    yield world.obligations, "is_in_default", token.address
    for module in (world.settlements.address, world.orders.address):
        yield bonds, "may_report", token.address, module


def _offers(desk: Offers, token: LoyaltyToken, stage: Stage) -> Iterator[Question]:
    count = desk.offer_count(token.address)
    yield desk, "offer_count", token.address
    for index in range(count + 1):
        yield desk, "offer_id_at", token.address, index
    for owner, offer_id in desk.offers:
        if owner == token.address:
            yield desk, "offer_of", owner, offer_id
            for version in range(desk.offer_of(owner, offer_id).version + 3):
                yield desk, "is_offer_version_valid", owner, offer_id, version
            for member in stage.recipients:
                yield desk, "redeemed_by", owner, offer_id, member


def _counter(world: World) -> Iterator[Question]:
    for token, till in world.desk.tills:
        yield world.desk, "is_till", token, till
    for loyalty_token in world.tokens:
        for holder, nonce in loyalty_token.marks:
            yield world.desk, "receipt_of", loyalty_token.address, holder, nonce


def _orders(world: World) -> Iterator[Question]:
    bonds, orders = world.bonds, world.orders
    for share in bonds.shares:
        yield bonds, "share_of", *share
        yield bonds, "payable_share_of", *share
    for token, debt_id in ((each, debt) for debt, each in world.settlements.debts):
        yield bonds, "is_reported", token, world.settlements.address, debt_id
    for currency, account in bonds.owed:
        yield bonds, "owed_to", currency, account
    for token, offer_id in orders.offers:
        yield orders, "free_compensation_of", token, offer_id
        yield orders, "record_of", token, offer_id
        for number in range(min(orders.offer_of(token, offer_id).sold + 1, 64)):
            yield orders, "state_of", token, offer_id, number
    for standing in orders.orders.values():
        yield orders, "is_fulfilled", standing.order
        yield orders, "is_fulfilled", standing.order._replace(quantity=standing.order.quantity + 1)


def _pools(world: World) -> Iterator[Question]:
    pools, swaps = world.pools, world.swaps
    yield pools, "alliance_fee"
    yield pools, "pool_count"
    for index, pool in enumerate((*pools.pools, bytes(32))):
        yield pools, "pool_at", index
        yield pools, "pool_of", pool
        yield pools, "tokens_of", pool
        yield swaps, "period_of", pool
    for place in pools.memberships:
        yield pools, "membership_of", *place
        yield swaps, "position_of", *place
    for pool in swaps.pools:
        tokens = pools.tokens_of(pool)
        for token_in, token_out in zip(tokens, (*tokens[1:], *tokens[:1]), strict=True):
            for amount in (1, 10**9, swaps.positions[pool, token_out].stock):
                yield swaps, "quote_out", pool, token_in, token_out, amount
                yield swaps, "quote_in", pool, token_in, token_out, amount


def _settlements(world: World) -> Iterator[Question]:
    settlements = world.settlements
    for settlement_id in settlements.settlements:
        yield settlements, "settlement_of", settlement_id
    for named in settlements.debts:
        yield settlements, "debt_of", *named
        yield settlements, "payable_of", *named
    for named in settlements.claims:
        yield settlements, "claim_of", *named
        yield settlements, "payable_of", *named
    for fund in settlements.accounts:
        yield settlements, "account_of", *fund
    for place in settlements.prepayments:
        yield settlements, "prepaid_of", *place


def _earnings(world: World) -> Iterator[Question]:
    earnings = world.earnings
    for (token, period), posted in earnings.postings.items():
        yield earnings, "list_id_of", token, period
        yield earnings, "unclaimed_of", token, period
        yield earnings, "unclaimed_of", token, period ^ 1
        yield earnings, "is_posted", token, period, *posted[:3]
        yield earnings, "is_posted", token, period, posted.root, posted.final_at, posted.claimable_until + 1
        yield earnings, "is_posted", token, period ^ 1 << 31, *posted[:3]
        for index in range(9):
            yield earnings, "is_claimed", token, period, index


def _rights(world: World) -> Iterator[Question]:
    rights = world.rights
    for id_, holder in rights.balances:
        yield rights, "balance_of", holder, id_
        yield rights, "is_defined", id_
        yield rights, "uri", id_
        yield rights, "is_defined", id_ ^ 1
    for pair in rights.operators:
        yield rights, "is_approved_for_all", *pair
    held = list(rights.balances)[-8:]
    yield rights, "balance_of_batch", [holder for _, holder in held], [id_ for id_, _ in held]
    yield rights, "balance_of_batch", [ZERO], []
    for token, right_id in {
        (token, deal.conditions.right_id) for (token, _), deal in world.groups.deals.items()
    }:
        yield rights, "id_of", token, right_id
        yield rights, "right_of", token, right_id


def _purchases(desk: Purchases, world: World) -> Iterator[Question]:
    for token, deal_id in desk.deals:
        for each in (deal_id, deal_id[:31] + b"\1"):
            yield desk, "deal_words_of", token, each, 13
            yield desk, "free_compensation_of", token, each
    for currency, account in desk.owed:
        yield desk, "owed_to", currency, account
    for loyalty_token in world.tokens:
        yield desk, "proceeds_of", loyalty_token.address
    for token, offer_id, _ in desk.orders:
        yield desk, "record_of", token, offer_id
    for standing in desk.orders.values():
        yield desk, "state_of", *standing.order.id
        yield desk, "is_fulfilled", standing.order
        yield desk, "is_fulfilled", standing.order._replace(quantity=standing.order.quantity + 1)


def _groups(world: World) -> Iterator[Question]:
    groups, deals = world.groups, world.group_deals
    for deal in deals.publications:
        yield deals, "deal_of", *deal
        yield deals, "group_of", *deal
        yield deals, "conditions_of", *deal
        yield groups, "opened_of", *deal
    for token, group_id in groups.groups:
        yield deals, "group_of", token, group_id
        yield deals, "conditions_of", token, group_id
        yield groups, "record_of", token, group_id
        yield groups, "group_word_of", token, group_id
    for seat in groups.seats.values():
        yield groups, "is_seat", seat
        yield groups, "is_seat", seat._replace(deposit=seat.deposit + 1)
        yield groups, "has_seat", *seat.id
        yield groups, "has_seat", seat.token, seat.group_id, groups.address


def _bargains(world: World) -> Iterator[Question]:
    for deal in world.bargain_deals.publications:
        yield world.bargain_deals, "conditions_of", *deal
        yield world.bargains, "pricer_of", *deal
        yield world.bargains, "record_of", *deal
        yield world.haggles, "rules_of", *deal
        yield world.cuts, "rules_of", *deal
        yield world.cuts, "cut_rules_of", *deal
    for place in (*world.haggles.haggles, *world.cuts.cuts):
        yield world.bargains, "deposit_of", *place
        yield world.haggles, "bargain_of", *place
        yield world.cuts, "bargain_of", *place
        yield world.cuts, "bargain_id_of", *place
    for place, bargain in world.cuts.cuts.items():
        for person in (*bargain.helped, bytes(32)):
            yield world.cuts, "has_helped", *place, person


def _referrals(world: World) -> Iterator[Question]:
    referrals = world.referrals
    for token in world.tokens:
        yield referrals, "programme_count", token.address
        for number in range(referrals.programme_count(token.address) + 2):
            yield referrals, "programme_of", token.address, number
    for place in referrals.standings:
        yield referrals, "standing_of", *place
    for event in referrals.accruals:
        yield referrals, "accrual_of", event
        yield referrals, "accrual_of", event._replace(kind=Kind((event.kind + 1) % len(Kind)))
    for paid in referrals.paid:
        yield referrals, "paid_to", *paid
    for standing in world.orders.orders.values():
        yield referrals, "order_ref_of", world.orders.address, standing.order


def _campaigns(world: World) -> Iterator[Question]:
    campaigns = world.campaigns
    for place in campaigns.campaigns:
        yield campaigns, "campaign_of", *place
    for purse in campaigns.purses:
        yield campaigns, "purse_of", *purse
    for account in campaigns.accounts:
        yield campaigns, "left_today", *account
        for number in (0, 1, 2, 3, 231, 232, 2**200):
            yield campaigns, "is_paid", *account, number
    for receipt in campaigns.reviewed:
        yield campaigns, "is_reviewed", *receipt
        yield campaigns, "is_reviewed", *receipt[:2], bytes(32)


def _consents(world: World) -> Iterator[Question]:
    consents = world.consents
    for request_id in (*consents.budgets, bytes(32)):
        yield consents, "budget_of", request_id
    for grant in consents.grants:
        yield consents, "grant_of", *grant
        yield consents, "is_granted", *grant
    yield consents, "is_granted", bytes(32), bytes(20)
