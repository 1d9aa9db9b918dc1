// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { IGroupDeals } from "../interfaces/IGroupDeals.sol";
import { IGroupPurchaseEscrow } from "../interfaces/IGroupPurchaseEscrow.sol";
import { IGroupsLens } from "../interfaces/IGroupsLens.sol";
import { ILoyaltyToken } from "../interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../interfaces/IObligationRegistry.sol";
import { IPurchaseRights } from "../interfaces/IPurchaseRights.sol";

// Views of what the suite itself made, as many at a time as the caller asks for.
// slither-disable-start calls-loop

/// @title GroupsLens
/// @notice See {IGroupsLens}.
contract GroupsLens is IGroupsLens {
    /// @notice What brands owe, and in which currency.
    IObligationRegistry public immutable OBLIGATION_REGISTRY;
    /// @inheritdoc IGroupsLens
    IGroupDeals public immutable DEALS;
    /// @inheritdoc IGroupsLens
    IGroupPurchaseEscrow public immutable ESCROW;
    /// @inheritdoc IGroupsLens
    IPurchaseRights public immutable RIGHTS;

    constructor(
        IObligationRegistry obligationRegistry,
        IGroupDeals deals,
        IGroupPurchaseEscrow escrow,
        IPurchaseRights rights
    ) {
        OBLIGATION_REGISTRY = obligationRegistry;
        DEALS = deals;
        ESCROW = escrow;
        RIGHTS = rights;
    }

    /// @inheritdoc IGroupsLens
    function dealsOf(address member, Key[] calldata deals, uint256 skipped, uint256 count)
        external
        view
        returns (DealView[] memory shown)
    {
        shown = new DealView[](deals.length);
        for (uint256 i = 0; i < deals.length; ++i) {
            shown[i].key = deals[i];
            _fill(shown[i], member, skipped, count);
        }
    }

    /// @inheritdoc IGroupsLens
    function groupsOf(address member, Key[] calldata groups)
        external
        view
        returns (GroupView[] memory shown)
    {
        shown = new GroupView[](groups.length);
        for (uint256 i = 0; i < groups.length; ++i) {
            shown[i] = _groupView(member, groups[i]);
        }
    }

    function _fill(DealView memory shown, address member, uint256 skipped, uint256 count) private view {
        (address token, bytes32 dealId) = (shown.key.token, shown.key.id);
        address receiver;
        (shown.conditions, shown.termsHash, shown.termsURI, receiver) = DEALS.conditionsOf(token, dealId);
        if (receiver != address(ESCROW)) return; // where there is none it is zero
        _fillToken(shown, member);
        (shown.plan, shown.tiers) = DEALS.dealOf(token, dealId);
        shown.opened = ESCROW.openedOf(token, dealId);
        shown.freeCompensation = ESCROW.freeCompensationOf(token, dealId);
        bytes32 rightId = shown.conditions.rightId;
        if (rightId != 0) shown.rights = RIGHTS.balanceOf(member, RIGHTS.idOf(token, rightId));
        shown.groups = _openGroups(shown, member, skipped, count);
    }

    function _fillToken(DealView memory shown, address member) private view {
        ILoyaltyToken token = ILoyaltyToken(shown.key.token);
        IERC20Metadata currency = IERC20Metadata(OBLIGATION_REGISTRY.currencyOf(address(token)));
        shown.brandId = token.brandId();
        shown.name = token.name();
        shown.symbol = token.symbol();
        shown.decimals = token.decimals();
        shown.contractURI = token.contractURI();
        shown.balance = token.balanceOf(member);
        shown.currencySymbol = currency.symbol();
        shown.currencyDecimals = currency.decimals();
    }

    /// @dev Groups are numbered from 1 on, at the end of the deal's id.
    function _openGroups(DealView memory shown, address member, uint256 skipped, uint256 count)
        private
        view
        returns (GroupView[] memory groups)
    {
        uint256 length = Math.min(Math.saturatingSub(shown.opened, skipped), count);
        groups = new GroupView[](length);
        uint256 found = 0;
        for (uint256 i = 0; i < length; ++i) {
            bytes32 groupId = bytes32(uint256(shown.key.id) | shown.opened - skipped - i);
            GroupView memory each = _groupView(member, Key({ token: shown.key.token, id: groupId }));
            if (each.group.status == IGroupDeals.Status.Open) groups[found++] = each;
        }
        assembly ("memory-safe") {
            mstore(groups, found)
        }
    }

    function _groupView(address member, Key memory key) private view returns (GroupView memory shown) {
        shown.key = key;
        shown.group = DEALS.groupOf(key.token, key.id);
        shown.seated = ESCROW.hasSeat(key.token, key.id, member);
    }
}

// slither-disable-end calls-loop
