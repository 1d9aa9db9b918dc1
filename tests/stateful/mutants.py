"""Contracts with a bug put in on purpose: what the machine must catch, and by which promise's name."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from symbolon.reference import groups
from symbolon.reference.bonds import Bonds
from symbolon.reference.campaigns import CampaignRewards, Flaw, Voucher
from symbolon.reference.consents import Consent, Request
from symbolon.reference.consents import State as GrantState
from symbolon.reference.contract import require
from symbolon.reference.cut_bargains import Cuts
from symbolon.reference.cut_bargains import Record as CutRecord
from symbolon.reference.defaults import Defaults
from symbolon.reference.fulfilment import Fulfilment, Order, Outcome, State
from symbolon.reference.groups import GroupPurchaseEscrow, Seat, Tier
from symbolon.reference.obligations import ObligationRegistry
from symbolon.reference.pools import Bounds, Pools
from symbolon.reference.receipts import Receipt
from symbolon.reference.referrals import EventId, ReferralRewards
from symbolon.reference.settlements import Settlements
from symbolon.reference.swap_math import Pricing
from symbolon.reference.swaps import Swaps
from symbolon.reference.token import USED, LoyaltyToken
from symbolon.reference.versions import History

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Mutant:
    """A change of one contract.

    Attributes:
        name: what the bug does, in words for test names.
        contracts: that are deployed with the change in them.
        source: file below contracts/ that is changed.
        before, after: the change; `before` is in the file exactly once.
        breach: how the machine's complaint begins.
        agrees: makes the model err in the same way, so that nothing but the promise can tell.
    """

    name: str
    contracts: tuple[str, ...]
    source: str
    before: str
    after: str
    breach: str
    agrees: Callable[[pytest.MonkeyPatch], None] | None = None


def _forget_what_left_no_receipt(self: LoyaltyToken, authorizer: bytes, nonce: bytes, mark: int) -> None:
    is_free = self.marks.get((authorizer, nonce), 0) <= USED
    require(is_free, "LoyaltyToken_AuthorizationUsed", authorizer, nonce)
    self.marks[authorizer, nonce] = mark


def _without_what_was_paid(patch: pytest.MonkeyPatch) -> None:
    def pot_and_base(self: Defaults, token: bytes, number: int) -> tuple[int, int]:
        record = self._round(token, number)
        if not self._is_open(token, number):
            return record.pot, record.base
        return self._pot_left(token), self._outstanding(token) + record.handed_in

    patch.setattr(Defaults, "_pot_and_base", pot_and_base)


def _without_compensation(patch: pytest.MonkeyPatch) -> None:
    end = Fulfilment._end_for_member

    def claim(self: Fulfilment, _sender: bytes, order: Order) -> None:
        state, deadline = self._find(order)
        if state != State.DISPUTED:
            self._check_state(order, state, State.OPEN)
            self.count_failed(order)
        self._check_from(deadline)
        end(self, order, 0)

    patch.setattr(Fulfilment, "claim", claim)


def _without_stakes(patch: pytest.MonkeyPatch) -> None:
    end = Fulfilment._end

    def without(self: Fulfilment, order: Order, outcome: Outcome, *values: int) -> int:
        refunded, compensation, stake_back = values
        return end(self, order, outcome, refunded, compensation, stake_back * (outcome != Outcome.DECIDED))

    patch.setattr(Fulfilment, "_end", without)


def _with_allotments_free(patch: pytest.MonkeyPatch) -> None:
    def free_in(self: Bonds, token: bytes, purse: int) -> int:
        held = self.purse_of(token, purse)
        return max(0, held.value - held.required)

    patch.setattr(Bonds, "_free_in", free_in)


def _without_notice(patch: pytest.MonkeyPatch) -> None:
    announce = Bonds.announce_withdrawal

    def at_once(self: Bonds, sender: bytes, token: bytes, purse: int, value: int) -> None:
        with patch.context() as meanwhile:
            meanwhile.setattr(self.world.obligations, "notice_period_of", lambda _: 0)
            announce(self, sender, token, purse, value)

    patch.setattr(Bonds, "announce_withdrawal", at_once)


def _leaving_at_once(patch: pytest.MonkeyPatch) -> None:
    announce = ObligationRegistry.announce_wind_down

    def at_once(self: ObligationRegistry, sender: bytes, token: bytes) -> None:
        announce(self, sender, token)
        record = self.obligations[token]
        early = record._replace(wind_down_starts_at=self.world.now)
        self.obligations[token] = early
        self.world.events[-1] = self.world.events[-1]._replace(
            facts=(token, early.wind_down_starts_at, early.wind_down_ends_at)
        )

    patch.setattr(ObligationRegistry, "announce_wind_down", at_once)


def _without_fee(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Pricing, "worth_in", lambda self, _, amount: (amount + 1) * self.unit_worth)


def _keeping_what_is_announced(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Bounds, "lowered_to", lambda self, _other: self)


def _raising_at_once(patch: pytest.MonkeyPatch) -> None:
    announce = Pools.announce_bounds

    def at_once(self: Pools, *arguments: Any) -> None:
        delay, self.change_delay = self.change_delay, 0
        try:
            announce(self, *arguments)
        finally:
            self.change_delay = delay

    patch.setattr(Pools, "announce_bounds", at_once)


def _reclaiming_all(patch: pytest.MonkeyPatch) -> None:
    def on_bond_reclaimed(self: Swaps, sender: bytes, *account: Any) -> None:
        self.on_account_changed(sender, *account)

    patch.setattr(Swaps, "on_bond_reclaimed", on_bond_reclaimed)


def _keeping_an_eighth(patch: pytest.MonkeyPatch) -> None:
    def payable_of(self: Settlements, settlement_id: bytes, claimant: bytes) -> int:
        claim = self.claim_of(settlement_id, claimant)
        if claim.value == 0:
            return 0
        settlement = self.settlements[settlement_id]
        return claim.value * (settlement.received * 7 // 8) // settlement.total - claim.taken

    patch.setattr(Settlements, "payable_of", payable_of)


def _first_come_first_served(patch: pytest.MonkeyPatch) -> None:
    def payable_of(self: Settlements, settlement_id: bytes, claimant: bytes) -> int:
        claim = self.claim_of(settlement_id, claimant)
        received = self.settlement_of(settlement_id).received
        return max(0, min(claim.value, received) - claim.taken)

    patch.setattr(Settlements, "payable_of", payable_of)


def _only_when_there_are_more(patch: pytest.MonkeyPatch) -> None:
    def reached(tiers: tuple[Tier, ...], taken: tuple[int, ...]) -> tuple[int, int]:
        best, units = (0, 0), 0
        for tier, count in zip(tiers, taken, strict=True):
            units += count
            if units > tier.seats:
                best = tier.price, units
        return best

    patch.setattr(groups, "reached", reached)


def _without_surplus(patch: pytest.MonkeyPatch) -> None:
    settle, pay_out = GroupPurchaseEscrow._settle, GroupPurchaseEscrow.pay_out

    def without(self: GroupPurchaseEscrow, seat: Seat) -> None:
        with patch.context() as meanwhile:
            meanwhile.setattr(
                GroupPurchaseEscrow,
                "pay_out",
                lambda self, token, deal, account, parts: (
                    pay_out(self, token, deal, account, parts) if parts == seat.deposit else None
                ),
            )
            settle(self, seat)

    patch.setattr(GroupPurchaseEscrow, "_settle", without)


def _forgetting_who_helped(patch: pytest.MonkeyPatch) -> None:
    draw = Cuts.draw

    def forgetting(self: Cuts, sender: bytes, *arguments: Any) -> None:
        draw(self, sender, *arguments)
        place = arguments[:3]
        self.cuts[place] = self.cuts[place]._replace(helped=frozenset())

    patch.setattr(Cuts, "draw", forgetting)


def _with_events_again(patch: pytest.MonkeyPatch) -> None:
    accrue: Any = ReferralRewards._accrue

    def again(self: ReferralRewards, event: EventId, *facts: Any) -> None:
        self.accruals.pop(event, None)
        accrue(self, event, *facts)

    patch.setattr(ReferralRewards, "_accrue", again)


def _with_numbers_again(patch: pytest.MonkeyPatch) -> None:
    flaw_of = CampaignRewards._flaw_of

    def again(
        self: CampaignRewards, token: bytes, campaign_id: bytes, voucher: Voucher, *rest: Any, **more: Any
    ) -> Flaw:
        flaw = flaw_of(self, token, campaign_id, voucher, *rest, **more)
        if flaw != Flaw.ALREADY_PAID:
            return flaw
        used = self.accounts[token, campaign_id, voucher.member].numbers
        cap = self.campaigns[token, campaign_id].member_cap
        free = next(number for number in range(cap + 1) if number not in used)
        return flaw_of(self, token, campaign_id, voucher._replace(number=free), *rest, **more)

    patch.setattr(CampaignRewards, "_flaw_of", again)


class _AnyTag(bytes):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = bytes.__hash__


def _with_any_receipt(patch: pytest.MonkeyPatch) -> None:
    received = CampaignRewards.received

    def any_tag(self: CampaignRewards, token: bytes, member: bytes, nonce: bytes) -> Receipt:
        return received(self, token, member, nonce)._replace(tag=_AnyTag())

    patch.setattr(CampaignRewards, "received", any_tag)


def _with_pay_after_revoking(patch: pytest.MonkeyPatch) -> None:
    def pay(self: Consent, _sender: bytes, request: Request, member: bytes) -> None:
        state = self.grant_of(request.id, member).state
        require(state != GrantState.NONE, "Consent_WrongState", request.id, member, state)
        require(self._pay_due(request, member) != 0, "Consent_NothingDue", request.id, member)

    patch.setattr(Consent, "pay", pay)


FULFILMENTS = ("Orders", "GroupPurchaseEscrow", "Bargains")
"""The contracts that fulfilment is a part of."""


MUTANTS = (
    Mutant(
        "quota_beyond_capacity",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "require(amount <= available, LoyaltyToken_CapacityExceeded(amount, available));",
        "",
        "ISSUE-1",
    ),
    Mutant(
        "capacity_below_what_is_promised",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "require(newCapacity >= committed,",
        "require(newCapacity >= _books.supply,",
        "ISSUE-1",
    ),
    Mutant(
        "brand_claws_back",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "        _spendAllowance(from, value);\n        _transfer(from, to, value);",
        "        (, uint8 roles) = BRAND_REGISTRY.standingOf(TokenArgs.brandId(), msg.sender);\n"
        "        if (roles == 0) _spendAllowance(from, value);\n"
        "        _transfer(from, to, value);",
        "ISSUE-2",
    ),
    Mutant(
        "stop_freezes_transfers",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "    function _transfer(address from, address to, uint256 value) private {\n",
        "    function _transfer(address from, address to, uint256 value) private {\n"
        "        require(!_books.mintStopped, LoyaltyToken_MintStopped());\n",
        "(ISSUE-3|MODEL)",
    ),
    Mutant(
        "tokens_brought_from_nowhere",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "        _transfer(msg.sender, to, value);\n        require(to.code.length",
        "        _balances[to] += value;\n"
        "        emit Transfer({ from: msg.sender, to: to, value: value });\n"
        "        require(to.code.length",
        "BOOK-1",
    ),
    Mutant(
        "told_of_more_than_came",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "onTransferReceived(msg.sender, msg.sender, value, data)",
        "onTransferReceived(msg.sender, msg.sender, value + 1, data)",
        "MODEL",
    ),
    Mutant(
        "signature_good_twice",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "require(marks[nonce] == 0, LoyaltyToken_AuthorizationUsed(authorizer, nonce));",
        "require(marks[nonce] <= USED, LoyaltyToken_AuthorizationUsed(authorizer, nonce));",
        "SIG-1",
        lambda patch: patch.setattr(LoyaltyToken, "_use_nonce", _forget_what_left_no_receipt),
    ),
    Mutant(
        "deadline_not_signed",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "require(block.timestamp <= spend.deadline, LoyaltyToken_Expired(spend.deadline));",
        "require(block.timestamp <= spend.deadline + 1, LoyaltyToken_Expired(spend.deadline));",
        "MODEL",
    ),
    Mutant(
        "stranger_stops_minting",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "function setMintStop(bool stopped) external onlyObligationRegistry {",
        "function setMintStop(bool stopped) external {",
        "MODEL",
    ),
    Mutant(
        "par_follows_capacity",
        ("ObligationRegistry",),
        "ObligationRegistry.sol",
        "emit CapacitySet({ token: token, capacity: capacity });\n"
        "            ILoyaltyToken(token).setCapacity(capacity);",
        "emit CapacitySet({ token: token, capacity: capacity });\n"
        "            obligation.parValue -= 1;\n"
        "            ILoyaltyToken(token).setCapacity(capacity);",
        "RED-3",
    ),
    Mutant(
        "shorter_notice_at_once",
        ("ObligationRegistry",),
        "ObligationRegistry.sol",
        "!sameDocument || terms.noticePeriod < current.noticePeriod ||",
        "!sameDocument ||",
        "MODEL",
    ),
    Mutant(
        "better_makes_stale",
        ("ObligationRegistry", "Redemptions", "Orders"),
        "libraries/Versions.sol",
        "return _pack(version(history) + 1, worsenedVersion(history), changeAt(history));",
        "return _pack(version(history) + 1, version(history) + 1, changeAt(history));",
        "RED-2",
        lambda patch: patch.setattr(
            History, "improved", lambda self: History(self.version + 1, self.version + 1, self.change_at)
        ),
    ),
    Mutant(
        "old_versions_stay_good",
        ("ObligationRegistry", "Redemptions", "Orders"),
        "libraries/Versions.sol",
        "return _pack(next, next, 0);",
        "return _pack(next, worsenedVersion(history), 0);",
        "RED-2",
        lambda patch: patch.setattr(
            History,
            "current",
            lambda self, now: (
                History(self.version + 1, self.worsened_version, 0) if self.is_change_due(now) else self
            ),
        ),
    ),
    Mutant(
        "sold_units_not_counted",
        ("Redemptions",),
        "Redemptions.sol",
        "offer.counts = counts + (redemption.quantity << SOLD_AT);",
        "offer.counts = counts + (1 << SOLD_AT);",
        "MODEL",
    ),
    Mutant(
        "stranger_lists_tills",
        ("Redemptions",),
        "Redemptions.sol",
        "_checkRole(ILoyaltyToken(token).brandId(), Roles.FULFIL);",
        "",
        "MODEL",
    ),
    Mutant(
        "failed_orders_pay_no_compensation",
        FULFILMENTS,
        "base/Fulfilment.sol",
        "        _checkFrom(word);\n        _endForMember(order, word, order.compensation);",
        "        _checkFrom(word);\n        _endForMember(order, word, 0);",
        "RED-1",
        _without_compensation,
    ),
    Mutant(
        "stake_lost_by_who_is_right",
        FULFILMENTS,
        "base/Fulfilment.sol",
        "_end(order, word, Outcome.Decided, refunded, compensation, order.stake)",
        "_end(order, word, Outcome.Decided, refunded, compensation, 0)",
        "RED-1",
        _without_stakes,
    ),
    Mutant(
        "anybody_confirms",
        FULFILMENTS,
        "base/Fulfilment.sol",
        "require(msg.sender == order.member, Fulfilment_NotMember(msg.sender, order.member));",
        "",
        "MODEL",
    ),
    Mutant(
        "delivered_after_its_time",
        FULFILMENTS,
        "base/Fulfilment.sol",
        "            _checkBefore(word);\n            _orders[key]",
        "            _orders[key]",
        "MODEL",
    ),
    Mutant(
        "allotted_money_leaves",
        ("Bonds",),
        "Bonds.sol",
        "purse == Purse.Holders ? requiredOf(token) : record.allotted;",
        "purse == Purse.Holders ? requiredOf(token) : 0;",
        "BOND-1",
        _with_allotments_free,
    ),
    Mutant(
        "bond_leaves_without_notice",
        ("Bonds",),
        "Bonds.sol",
        "uint40(block.timestamp) + OBLIGATION_REGISTRY.noticePeriodOf(token);",
        "uint40(block.timestamp);",
        "BOND-1",
        _without_notice,
    ),
    Mutant(
        "brand_leaves_without_notice",
        ("ObligationRegistry",),
        "ObligationRegistry.sol",
        "obligation.windDownStartsAt = startsAt;",
        "obligation.windDownStartsAt = startsAt = uint40(block.timestamp);",
        "AUTH-1",
        _leaving_at_once,
    ),
    Mutant(
        "retired_offer_stays_open",
        ("Orders",),
        "Orders.sol",
        "offer.front = front & ~(uint256(type(uint40).max) << CLOSES_AT) | closesAt << CLOSES_AT;",
        "closesAt = front;",
        "(RED-1|MODEL)",
    ),
    Mutant(
        "fee_forgotten_and_a_unit_more",
        ("Swaps",),
        "libraries/SwapMath.sol",
        "return amount * unit - Math.mulDiv(_feeUp(pricing, net, amount), unit, MILLION, "
        "Math.Rounding.Ceil);",
        "return (amount + 1) * unit;",
        "SWAP-1",
        _without_fee,
    ),
    Mutant(
        "lowered_bounds_wait_to_be_raised_again",
        ("Pools",),
        "Pools.sol",
        """        if (pending.limit > lower.limit) pending.limit = lower.limit;
        if (pending.outflowCap > lower.outflowCap) pending.outflowCap = lower.outflowCap;
        if (_raisesDaily(pending.dailyCap, lower.dailyCap)) pending.dailyCap = lower.dailyCap;
""",
        "",
        "SWAP-2",
        _keeping_what_is_announced,
    ),
    Mutant(
        "bounds_rise_at_once",
        ("Pools",),
        "Pools.sol",
        "uint40 effectiveAt = uint40(block.timestamp) + CHANGE_DELAY;",
        "uint40 effectiveAt = uint40(block.timestamp);",
        "SWAP-2",
        _raising_at_once,
    ),
    Mutant(
        "reclaimed_while_a_running_debt_needs_it",
        ("Swaps",),
        "Swaps.sol",
        "require(debt <= line, Swaps_BondInUse(pool, token, debt, line));",
        "",
        "SWAP-2",
        _reclaiming_all,
    ),
    Mutant(
        "first_to_take_takes_all",
        ("Settlements",),
        "Settlements.sol",
        "return Math.mulDiv(claim.value, settlement.received, settlement.total) - claim.taken;",
        "return Math.saturatingSub(Math.min(claim.value, settlement.received), claim.taken);",
        "SETTLE-3",
        _first_come_first_served,
    ),
    Mutant(
        "an_eighth_of_what_comes_in_stays",
        ("Settlements",),
        "Settlements.sol",
        "return Math.mulDiv(claim.value, settlement.received, settlement.total) - claim.taken;",
        "return Math.mulDiv(claim.value, settlement.received * 7 / 8, settlement.total) - claim.taken;",
        "SETTLE-2",
        _keeping_an_eighth,
    ),
    Mutant(
        "present_counts_as_stock",
        ("Swaps",),
        "Swaps.sol",
        "return (_sum(books.provided, books.net), SwapMath.unitWorth(position.pricing));",
        "return (ILoyaltyToken(token).balanceOf(address(this)), SwapMath.unitWorth(position.pricing));",
        "(SWAP-4|MODEL)",
    ),
    Mutant(
        "debts_rounded_down",
        ("Swaps",),
        "Swaps.sol",
        "line.owed = Math.ceilDiv(uint256(net) * unit, SwapMath.WORTH).toUint128();",
        "line.owed = (uint256(net) * unit / SwapMath.WORTH).toUint128();",
        "(SETTLE-1|MODEL)",
    ),
    Mutant(
        "who_comes_first_gets_less",
        ("Bonds",),
        "base/Defaults.sol",
        "return (_potLeft(token) + record.paid, _outstanding(token) + record.handedIn);",
        "return (_potLeft(token), _outstanding(token) + record.handedIn);",
        "(BOND-2|MODEL)",
        agrees=_without_what_was_paid,
    ),
    Mutant(
        "cured_with_a_debt_unpaid",
        ("Bonds",),
        "base/Defaults.sol",
        "return record.declaredAt != 0 && record.reports == 0;",
        "return record.declaredAt != 0;",
        "BOND-2",
        agrees=lambda patch: patch.setattr(Defaults, "_is_curable", Defaults.is_in_default),
    ),
    Mutant(
        "leaf_paid_twice",
        ("EarnDistributor",),
        "EarnDistributor.sol",
        "posted.claimed[index >> 8] = bits | bit;",
        "",
        "(EARN-1|MODEL)",
    ),
    Mutant(
        "final_and_replaced",
        ("EarnDistributor",),
        "EarnDistributor.sol",
        "require(block.timestamp < posting.finalAt, EarnDistributor_Final(posting.finalAt));",
        "posting.finalAt;",
        "(EARN-1|MODEL)",
    ),
    Mutant(
        "rest_stays_with_the_module",
        ("EarnDistributor",),
        "EarnDistributor.sol",
        "if (wanted < reserved) _return(token, period, reserved - wanted);",
        "",
        "(BOOK-1|MODEL)",
    ),
    Mutant(
        "tier_before_the_best",
        ("GroupPurchaseEscrow", "GroupDeals"),
        "libraries/GroupWord.sol",
        "if (needed != 0 && those >= needed) return (those, tier);",
        "if (needed != 0 && those > needed) return (those, tier);",
        "(GROUP-2|MODEL)",
        _only_when_there_are_more,
    ),
    Mutant(
        "surplus_to_the_brand",
        ("GroupPurchaseEscrow",),
        "GroupPurchaseEscrow.sol",
        "if (amount != seat.deposit) _repay(seat, group, seat.deposit - amount);",
        "",
        "(GROUP-1|RED-1|BOOK-1)",
        _without_surplus,
    ),
    Mutant(
        "left_after_the_cutoff",
        ("GroupPurchaseEscrow",),
        "GroupPurchaseEscrow.sol",
        "require(block.timestamp < cutoffAt, GroupPurchaseEscrow_TooLateToLeave(cutoffAt));",
        "cutoffAt;",
        "MODEL",
    ),
    Mutant(
        "brand_takes_a_seat",
        ("GroupPurchaseEscrow",),
        "GroupPurchaseEscrow.sol",
        "        _checkBuyer(token, brandId, member);\n",
        "",
        "(GROUP-1|MODEL)",
    ),
    Mutant(
        "closed_a_second_early",
        ("GroupPurchaseEscrow",),
        "GroupPurchaseEscrow.sol",
        "require(block.timestamp >= deadline, GroupPurchaseEscrow_StillOpen(token, groupId, deadline));",
        "require(block.timestamp + 1 >= deadline, GroupPurchaseEscrow_StillOpen(token, groupId, deadline));",
        "MODEL",
    ),
    Mutant(
        "right_stays_when_it_is_used",
        ("PurchaseRights",),
        "PurchaseRights.sol",
        "_burn(account, id, 1);",
        "",
        "MODEL",
    ),
    Mutant(
        "paid_out_to_who_calls",
        ("GroupPurchaseEscrow", "Bargains"),
        "base/Purchases.sol",
        "_owed[currency][account] += value;",
        "_owed[currency][msg.sender] += value;",
        "(GROUP-1|MODEL|BOOK-1)",
    ),
    Mutant(
        "earned_in_currency_forgotten",
        ("GroupPurchaseEscrow", "Bargains"),
        "base/Purchases.sol",
        "_proceeds[order.token] += value;",
        "",
        "MODEL",
    ),
    Mutant(
        "old_bids_stay_good",
        ("Haggles",),
        "Haggles.sol",
        "++haggle.bidNonce;",
        "",
        "MODEL",
    ),
    Mutant(
        "silence_gives_the_list_price",
        ("Cuts",),
        "Cuts.sol",
        "return isFloor ? bargain.floorPrice : bargain.price;",
        "return bargain.price;",
        "BARG-1",
        lambda patch: patch.setattr(
            Cuts, "_price", lambda self, place: self.cuts.get(place, CutRecord()).price
        ),
    ),
    Mutant(
        "cuts_smaller_than_fixed",
        ("Cuts",),
        "libraries/CutChain.sol",
        "return cut < leastCut ? leastCut : cut;",
        "return leastCut;",
        "(BARG-1|MODEL)",
    ),
    Mutant(
        "a_person_draws_twice",
        ("Cuts",),
        "Cuts.sol",
        "bargain.helped[attestation.person] = true;",
        "",
        "(BARG-1|SIG-1)",
        _forgetting_who_helped,
    ),
    Mutant(
        "guardian_a_second_early",
        ("BrandRegistry",),
        "BrandRegistry.sol",
        "return changeAt != 0 && block.timestamp >= changeAt ?",
        "return changeAt != 0 && block.timestamp + 1 >= changeAt ?",
        "MODEL",
    ),
    Mutant(
        "recovery_keeps_managers",
        ("BrandRegistry",),
        "BrandRegistry.sol",
        "brand.era += 1;",
        "",
        "MODEL",
    ),
    Mutant(
        "event_counts_again",
        ("ReferralRewards",),
        "ReferralRewards.sol",
        "require(_accruals[key] == 0, ReferralRewards_WrongState(id.ref, _stateOf(_accruals[key])));",
        "",
        "(REF-2|SIG-1)",
        _with_events_again,
    ),
    Mutant(
        "voucher_pays_again",
        ("CampaignRewards",),
        "CampaignRewards.sol",
        "if (_hasPaid(account, number)) return Flaw.AlreadyPaid;",
        "",
        "CAMP-1",
        _with_numbers_again,
    ),
    Mutant(
        "review_of_something_else",
        ("CampaignRewards",),
        "CampaignRewards.sol",
        "receipt.kind != IReceipts.Kind.None && receipt.tag == bytes10(review.thing),",
        "receipt.kind != IReceipts.Kind.None,",
        "CAMP-2",
        _with_any_receipt,
    ),
    Mutant(
        "revoked_grant_is_paid",
        ("Consent",),
        "Consent.sol",
        "require(state == State.Granted || state == State.Ended,",
        "require(state != State.None,",
        "CONSENT-1",
        _with_pay_after_revoking,
    ),
)


def build(mutant: Mutant, frozen: Path, folder: Path) -> Path:
    """A build like the frozen one but for the mutant, in `folder`."""
    made = folder / "build"
    shutil.copytree(frozen, made, ignore=shutil.ignore_patterns("build-info"))
    for contract, code in _compile(mutant).items():
        target = made / f"{contract}.sol" / f"{contract}.json"
        content = orjson.loads(target.read_bytes())
        content["bytecode"]["object"] = "0x" + code
        target.write_bytes(orjson.dumps(content))
    return made


def _compile(mutant: Mutant) -> dict[str, str]:
    """Creation code of the mutant's contracts. Sources that it does not change are read from the tree."""
    changed = ROOT / "contracts" / mutant.source
    text = changed.read_text()
    assert text.count(mutant.before) == 1, f"{mutant.name}: what it changes is in {mutant.source} no longer"
    paths = {contract: f"contracts/{contract}.sol" for contract in mutant.contracts}
    sources = {path: (ROOT / path).read_text() for path in paths.values()}
    sources[f"contracts/{mutant.source}"] = text.replace(mutant.before, mutant.after)
    request: dict[str, Any] = {
        "language": "Solidity",
        "sources": {path: {"content": content} for path, content in sources.items()},
        "settings": {
            "remappings": ["@openzeppelin/contracts/=node_modules/@openzeppelin/contracts/"],
            "optimizer": {"enabled": True, "runs": 1},  # else they outgrow what a contract may have
            "evmVersion": "prague",
            "outputSelection": {path: {name: ["evm.bytecode.object"]} for name, path in paths.items()},
        },
    }
    answer = subprocess.run(
        [ROOT / "tools" / "solc", "--standard-json", "--base-path", ROOT],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
    )
    output = json.loads(answer.stdout)
    errors = [each for each in output.get("errors", []) if each["severity"] == "error"]
    assert not errors, f"{mutant.name}: {errors[0]['formattedMessage']}"
    made = output["contracts"]
    return {name: made[path][name]["evm"]["bytecode"]["object"] for name, path in paths.items()}
