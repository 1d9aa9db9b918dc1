// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { BrandGate } from "./base/BrandGate.sol";
import { Deals } from "./base/Deals.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { IGroupDeals } from "./interfaces/IGroupDeals.sol";
import { IGroupPurchaseEscrow } from "./interfaces/IGroupPurchaseEscrow.sol";
import { IObligationRegistry } from "./interfaces/IObligationRegistry.sol";
import { IPurchaseRights } from "./interfaces/IPurchaseRights.sol";
import { GroupWord, GroupWords } from "./libraries/GroupWord.sol";

// Groups run for days: the seconds by which a block's time can be off decide nothing.
// slither-disable-start timestamp

/// @title GroupDeals
/// @notice See {IGroupDeals} and {IDeals}.
///
/// The escrow is told of a deal in words: after those of all deals one of what groups are like, and one for each tier,
/// of its price and, beside it, the arbiter: so what a join takes over is read at once.
contract GroupDeals is IGroupDeals, Deals {
    /// @inheritdoc IGroupDeals
    uint256 public constant MAX_TIERS = GroupWords.TIERS;
    /// @inheritdoc IGroupDeals
    uint32 public constant MAX_DURATION = 90 days;

    uint256 private constant LANE = 16;
    uint256 private constant MOST_AT = 128;
    uint256 private constant LIMIT_AT = 144;
    uint256 private constant GROUPS_AT = 160;
    uint256 private constant DURATION_AT = 192;
    uint256 private constant CUTOFF_AT = 224;
    uint256 private constant ARBITER_AT = 96;

    constructor(IBrandRegistry brandRegistry, IObligationRegistry obligationRegistry, IPurchaseRights rights)
        Deals(brandRegistry, obligationRegistry, rights)
    { }

    /// @inheritdoc IGroupDeals
    function publishDeal(
        address escrow,
        address token,
        bytes32 dealId,
        Conditions calldata conditions,
        Plan calldata plan,
        Tier[] calldata tiers,
        bytes32 termsHash,
        string calldata termsURI
    ) external {
        _checkTiers(tiers);
        _checkPlan(plan, tiers[tiers.length - 1].seats);
        emit DealPublished({
            token: token,
            dealId: dealId,
            escrow: escrow,
            conditions: conditions,
            plan: plan,
            tiers: tiers,
            termsHash: termsHash,
            termsURI: termsURI
        });
        _publish(
            escrow,
            token,
            dealId,
            conditions,
            _pack(plan, tiers, conditions.arbiter),
            uint256(tiers[0].price) * plan.seatLimit,
            termsHash,
            termsURI
        );
    }

    /// @inheritdoc IGroupDeals
    function dealOf(address token, bytes32 dealId)
        external
        view
        returns (Plan memory plan, Tier[] memory tiers)
    {
        uint256[] memory words = _wordsOf(token, dealId, WORDS + 1 + MAX_TIERS);
        uint256 word = words[WORDS];
        // forge-lint: disable-start(unsafe-typecast) -- each cast cuts a field out of its word
        plan = Plan({
            mostSeats: uint16(word >> MOST_AT),
            seatLimit: uint16(word >> LIMIT_AT),
            groups: uint32(word >> GROUPS_AT),
            duration: uint32(word >> DURATION_AT),
            cutoff: uint32(word >> CUTOFF_AT)
        });
        uint256 count = 0;
        while (count < MAX_TIERS && words[WORDS + 1 + count] != 0) ++count;
        tiers = new Tier[](count);
        for (uint256 i = 0; i < count; ++i) {
            tiers[i] = Tier({ seats: uint16(word >> LANE * i), price: uint96(words[WORDS + 1 + i]) });
        }
        // forge-lint: disable-end(unsafe-typecast)
    }

    /// @inheritdoc IGroupDeals
    function groupOf(address token, bytes32 groupId) external view returns (Group memory facts) {
        bytes32 dealId = groupId & ~bytes32(uint256(type(uint32).max));
        address escrow = _receiverOf(token, dealId);
        if (escrow == address(0)) return facts;
        GroupWord group = IGroupPurchaseEscrow(escrow).groupWordOf(token, groupId);
        if (!group.exists()) return facts;
        facts.isClosed = group.isClosed();
        facts.deadline = group.time();
        facts.cutoffAt = group.cutoffAt();
        facts.mostSeats = group.mostSeats();
        facts.seatLimit = group.seatLimit();
        if (facts.isClosed) {
            (facts.price, facts.units) = (group.price(), group.units());
        } else {
            uint256[] memory words = _wordsOf(token, dealId, WORDS + 1 + MAX_TIERS);
            uint256 tier;
            // forge-lint: disable-start(unsafe-typecast) -- each cast cuts a field out of its word
            (facts.units, tier) = group.reached(uint128(words[WORDS]));
            if (facts.units != 0) facts.price = uint96(words[WORDS + 1 + tier]);
            // forge-lint: disable-end(unsafe-typecast)
            for (uint256 i = 0; i < MAX_TIERS; ++i) {
                facts.takenByTier[i] = group.takenAt(i);
            }
        }
        if (!facts.isClosed && block.timestamp < facts.deadline) facts.status = Status.Open;
        else facts.status = facts.price == 0 ? Status.Failed : Status.Succeeded;
    }

    // ------------------------------------------------------------- internals

    function _checkTiers(Tier[] calldata tiers) private pure {
        uint256 count = tiers.length;
        require(count != 0 && count <= MAX_TIERS, GroupDeals_InvalidTierCount(count, MAX_TIERS));
        for (uint256 i = 0; i < count; ++i) {
            Tier calldata tier = tiers[i];
            bool follows =
                i == 0 ? tier.seats != 0 : tier.seats > tiers[i - 1].seats && tier.price < tiers[i - 1].price;
            require(follows && tier.price != 0, GroupDeals_InvalidTier(i));
        }
    }

    function _checkPlan(Plan calldata plan, uint16 least) private pure {
        require(plan.mostSeats >= least, GroupDeals_InvalidMostSeats(plan.mostSeats, least));
        require(
            plan.seatLimit != 0 && plan.seatLimit <= plan.mostSeats,
            GroupDeals_InvalidSeatLimit(plan.seatLimit, plan.mostSeats)
        );
        require(plan.groups != 0, GroupDeals_NoGroups());
        require(
            plan.duration != 0 && plan.duration <= MAX_DURATION,
            GroupDeals_InvalidDuration(plan.duration, MAX_DURATION)
        );
        require(
            plan.cutoff != 0 && plan.cutoff <= plan.duration,
            GroupDeals_InvalidCutoff(plan.cutoff, plan.duration)
        );
    }

    function _pack(Plan calldata plan, Tier[] calldata tiers, address arbiter)
        private
        pure
        returns (uint256[] memory words)
    {
        words = new uint256[](WORDS + 1 + tiers.length);
        uint256 word = uint256(plan.mostSeats) << MOST_AT | uint256(plan.seatLimit) << LIMIT_AT;
        word |= uint256(plan.groups) << GROUPS_AT | uint256(plan.duration) << DURATION_AT;
        word |= uint256(plan.cutoff) << CUTOFF_AT;
        for (uint256 i = 0; i < tiers.length; ++i) {
            word |= uint256(tiers[i].seats) << LANE * i;
            words[WORDS + 1 + i] = tiers[i].price | uint256(uint160(arbiter)) << ARBITER_AT;
        }
        words[WORDS] = word;
    }
}

// slither-disable-end timestamp
