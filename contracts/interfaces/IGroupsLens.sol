// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IDeals } from "./IDeals.sol";
import { IGroupDeals } from "./IGroupDeals.sol";
import { IGroupPurchaseEscrow } from "./IGroupPurchaseEscrow.sol";
import { IPurchaseRights } from "./IPurchaseRights.sol";

/// @title IGroupsLens
/// @notice Buying together in one read: what is offered to groups, which groups are open, and where a member's seats
/// are. Which deals there are, {IGroupDeals-DealPublished} tells; which seats somebody took,
/// {IGroupPurchaseEscrow-SeatTaken}.
interface IGroupsLens {
    /// @notice A deal, or a group.
    struct Key {
        address token;
        bytes32 id;
    }

    /// @notice A group as a member sees it.
    /// @param key Which.
    /// @param group As it is now; status `None` if there is none.
    /// @param seated Whether the member has a seat in it that is not settled yet.
    struct GroupView {
        Key key;
        IGroupDeals.Group group;
        bool seated;
    }

    /// @notice A deal as a member sees it. Of one that is not there everything but the key is zero.
    /// @param key Which.
    /// @param brandId Whose.
    /// @param name The token's.
    /// @param balance What the member has of the token.
    /// @param currencySymbol That of the token's settlement currency.
    /// @param termsHash keccak256 of the document that describes what is bought.
    /// @param termsURI Where that is.
    /// @param opened How many groups were opened so far.
    /// @param freeCompensation What compensations of next seats can be reserved from, in currency base units.
    /// @param rights How many of the rights to open a group the member has; zero where none is needed.
    /// @param groups Its open groups among the latest that were asked for, the latest first.
    struct DealView {
        Key key;
        bytes32 brandId;
        string name;
        string symbol;
        uint8 decimals;
        string contractURI;
        uint256 balance;
        string currencySymbol;
        uint8 currencyDecimals;
        IDeals.Conditions conditions;
        bytes32 termsHash;
        string termsURI;
        IGroupDeals.Plan plan;
        IGroupDeals.Tier[] tiers;
        uint256 opened;
        uint256 freeCompensation;
        uint256 rights;
        GroupView[] groups;
    }

    /// @notice Deals with their open groups, in the order of the keys; as many as are asked for.
    /// @param skipped How many of each deal's latest groups are passed over.
    /// @param count How many of each deal's groups are looked at, from there back.
    function dealsOf(address member, Key[] calldata deals, uint256 skipped, uint256 count)
        external
        view
        returns (DealView[] memory);

    /// @notice Groups, in the order of the keys, open or not.
    function groupsOf(address member, Key[] calldata groups) external view returns (GroupView[] memory);

    /// @notice Where deals are published.
    function DEALS() external view returns (IGroupDeals);

    /// @notice Where members buy together.
    function ESCROW() external view returns (IGroupPurchaseEscrow);

    /// @notice The rights to open groups.
    function RIGHTS() external view returns (IPurchaseRights);
}
