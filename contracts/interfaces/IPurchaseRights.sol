// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC1155 } from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";

import { ILoyaltyToken } from "./ILoyaltyToken.sol";

/// @title IPurchaseRights
/// @notice The right to open a group or a bargain, which a brand sells for its tokens or grants. Rights are
/// ERC-1155: whoever has one may use it, give it away or sell it, and nobody can take it (no pause, no
/// claw-back, no freeze). Using it burns it.
///
/// A right's price, supply, window and document are fixed when it is defined. What is paid for it burns. A
/// right that was sold can be used where and while the deals that name it say.
///
/// A member buys by sending tokens here with `transferAndCall` and `data = abi.encode(RightRequest)`, exactly the
/// price of so many; or, without ETH, signs in the token's domain a `Spend` whose spender is this contract and
/// whose witness is the `RightRequest`, and anybody submits it.
///
/// **Trust.** Contracts on the alliance's list of modules use rights up: each sees to it that the holder asked
/// for it.
interface IPurchaseRights is IERC1155 {
    /// @notice One right.
    /// @param price Token base units for one; zero if it is not sold but granted alone.
    /// @param supply How many there can ever be.
    /// @param issued How many were sold or granted so far.
    /// @param opensAt From when it is sold, inclusive.
    /// @param closesAt Until when, exclusive. Granting is bound to neither.
    /// @param termsHash keccak256 of the document that describes what it is a right to.
    /// @param termsURI Where that document is.
    struct Right {
        uint96 price;
        uint32 supply;
        uint32 issued;
        uint40 opensAt;
        uint40 closesAt;
        bytes32 termsHash;
        string termsURI;
    }

    /// @notice What a member buys.
    /// @param rightId Which right of the brand whose tokens pay.
    /// @param quantity How many.
    /// @param holder Who gets them; zero for who pays.
    struct RightRequest {
        bytes32 rightId;
        uint256 quantity;
        address holder;
    }

    event RightDefined(
        address indexed token,
        bytes32 indexed rightId,
        uint256 indexed id,
        uint96 price,
        uint32 supply,
        uint40 opensAt,
        uint40 closesAt,
        bytes32 termsHash,
        string termsURI
    );
    event RightsSold(
        uint256 indexed id, address indexed buyer, address indexed holder, uint256 quantity, uint256 amount
    );
    event RightsGranted(uint256 indexed id, address indexed by, uint256 quantity);
    event RightConsumed(uint256 indexed id, address indexed account, address indexed module);

    error PurchaseRights_InvalidId(bytes32 rightId);
    error PurchaseRights_AlreadyDefined(address token, bytes32 rightId);
    error PurchaseRights_NotFound(address token, bytes32 rightId);
    error PurchaseRights_NoSupply();
    error PurchaseRights_InvalidWindow(uint40 opensAt, uint40 closesAt);
    error PurchaseRights_OutsideWindow(uint40 opensAt, uint40 closesAt);
    error PurchaseRights_NoTerms();
    error PurchaseRights_URITooLong(uint256 length, uint256 most);
    error PurchaseRights_Leaving(address token);
    error PurchaseRights_NotSold(address token, bytes32 rightId);
    error PurchaseRights_ZeroQuantity();
    error PurchaseRights_SoldOut(uint256 quantity, uint256 left);
    error PurchaseRights_WrongTokens(uint256 amount, uint256 cost);
    error PurchaseRights_UnequalLists(uint256 holders, uint256 quantities);
    error PurchaseRights_InvalidHolder(address holder);
    error PurchaseRights_NotModule(address caller);

    // ---- brand

    /// @notice Defines a right. Campaign role, brand active, its token neither being wound down nor in default.
    /// Emits {RightDefined}.
    ///
    /// Requirements:
    /// - the token is obliged; the brand has not used `rightId` yet, and it is not zero
    /// - `supply` is not zero; the window is one and is not over; there is a document
    function defineRight(
        address token,
        bytes32 rightId,
        uint96 price,
        uint32 supply,
        uint40 opensAt,
        uint40 closesAt,
        bytes32 termsHash,
        string calldata termsURI
    ) external;

    /// @notice Gives rights away. No holder is asked by a call, so that none can hold up the others. Campaign
    /// role, brand active. Emits ERC-1155's {TransferSingle} for each and {RightsGranted}.
    ///
    /// Requirements:
    /// - the supply is enough; no holder is zero
    function grant(address token, bytes32 rightId, address[] calldata holders, uint256[] calldata quantities)
        external;

    // ---- signed variants

    /// @notice Buys as the member signed, for anybody to submit. Emits {RightsSold}.
    /// @param spend The member's spend; its amount is at least what the rights cost.
    function buyWithSignature(
        address token,
        RightRequest calldata request,
        ILoyaltyToken.Spend calldata spend,
        bytes calldata signature
    ) external;

    // ---- modules

    /// @notice Uses up one right of `account`. Contracts on the alliance's list of modules only, which do it when
    /// the account itself opens something. Emits {RightConsumed}.
    ///
    /// Requirements:
    /// - the account has one
    /// @param id As of {idOf}.
    function consume(address account, uint256 id) external;

    // ---- views

    /// @notice The ERC-1155 id of a brand's right: `uint256(keccak256(abi.encode(token, rightId)))`.
    function idOf(address token, bytes32 rightId) external pure returns (uint256 id);

    /// @notice A right; its `supply` is zero if it was never defined.
    function rightOf(address token, bytes32 rightId) external view returns (Right memory);

    /// @notice Whether a right was defined.
    function isDefined(uint256 id) external view returns (bool);
}
