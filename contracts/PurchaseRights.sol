// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import { ERC1155 } from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";

import { BrandGate } from "./base/BrandGate.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "./interfaces/IObligationRegistry.sol";
import { IPurchaseRights } from "./interfaces/IPurchaseRights.sol";
import { MAX_URI_LENGTH } from "./libraries/Limits.sol";
import { Roles } from "./libraries/Roles.sol";

// Windows run for days: the seconds by which a block's time can be off decide nothing.
// slither-disable-start timestamp

/// @title PurchaseRights
/// @notice See {IPurchaseRights}.
///
/// **Holding.** Balances and transfers are OpenZeppelin's, unchanged. A sale asks a holder with code whether it takes
/// the right, last of all; a grant, of many at once, asks nobody.
///
/// **Money.** None stays here: what is paid burns in the call that brings it. Tokens that are merely sent here
/// are lost to their sender and count for nothing.
contract PurchaseRights is IPurchaseRights, IERC1363Receiver, ERC1155, BrandGate {
    // Slot 0: all that a sale looks at.
    struct RightRecord {
        uint96 price;
        uint32 supply;
        uint32 issued;
        uint40 opensAt;
        uint40 closesAt;
        bytes32 termsHash;
        string termsURI;
    }

    bytes32 private constant REQUEST_TYPEHASH =
        keccak256("RightRequest(bytes32 rightId,uint256 quantity,address holder)");
    bytes32 private constant REQUEST_SPEND_TYPEHASH = keccak256(
        "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,RightRequest witness)RightRequest(bytes32 rightId,uint256 quantity,address holder)"
    );

    /// @notice Where the tokens' standing obligations are.
    IObligationRegistry public immutable OBLIGATION_REGISTRY;

    mapping(uint256 id => RightRecord) private _rights;

    constructor(IBrandRegistry brandRegistry, IObligationRegistry obligationRegistry)
        ERC1155("")
        BrandGate(brandRegistry)
    {
        OBLIGATION_REGISTRY = obligationRegistry;
    }

    // ----------------------------------------------------------------- brand

    /// @inheritdoc IPurchaseRights
    function defineRight(
        address token,
        bytes32 rightId,
        uint96 price,
        uint32 supply,
        uint40 opensAt,
        uint40 closesAt,
        bytes32 termsHash,
        string calldata termsURI
    ) external {
        // Check: the token is obliged, hence genuine, and its brand stays
        require(
            OBLIGATION_REGISTRY.windDownEndOf(token) == 0 && !OBLIGATION_REGISTRY.isInDefault(token),
            PurchaseRights_Leaving(token)
        );
        _checkCampaign(token);
        require(rightId != 0, PurchaseRights_InvalidId(rightId));
        uint256 id = idOf(token, rightId);
        RightRecord storage right = _rights[id];
        require(right.supply == 0, PurchaseRights_AlreadyDefined(token, rightId));
        require(supply != 0, PurchaseRights_NoSupply());
        require(
            opensAt < closesAt && block.timestamp < closesAt, PurchaseRights_InvalidWindow(opensAt, closesAt)
        );
        require(termsHash != 0, PurchaseRights_NoTerms());
        uint256 length = bytes(termsURI).length;
        require(length <= MAX_URI_LENGTH, PurchaseRights_URITooLong(length, MAX_URI_LENGTH));

        // Effect
        (right.price, right.supply) = (price, supply);
        (right.opensAt, right.closesAt) = (opensAt, closesAt);
        (right.termsHash, right.termsURI) = (termsHash, termsURI);
        emit RightDefined({
            token: token,
            rightId: rightId,
            id: id,
            price: price,
            supply: supply,
            opensAt: opensAt,
            closesAt: closesAt,
            termsHash: termsHash,
            termsURI: termsURI
        });
        emit URI({ value: termsURI, id: id });
    }

    /// @inheritdoc IPurchaseRights
    function grant(address token, bytes32 rightId, address[] calldata holders, uint256[] calldata quantities)
        external
    {
        require(
            holders.length == quantities.length,
            PurchaseRights_UnequalLists(holders.length, quantities.length)
        );
        RightRecord storage right = _right(token, rightId);
        _checkCampaign(token);
        uint256 id = idOf(token, rightId);
        uint256 total = 0;
        for (uint256 i = 0; i < holders.length; ++i) {
            (address holder, uint256 quantity) = (holders[i], quantities[i]);
            require(holder != address(0), PurchaseRights_InvalidHolder(holder));
            total += quantity;
            _update(address(0), holder, _one(id), _one(quantity));
        }
        _issue(right, total);
        emit RightsGranted({ id: id, by: msg.sender, quantity: total });
    }

    // ---------------------------------------------------------------- tokens

    /// @inheritdoc IERC1363Receiver
    /// @dev Only a genuine token gets through: a right exists only for tokens that are obliged.
    function onTransferReceived(address, address from, uint256 value, bytes calldata data)
        external
        returns (bytes4 magic)
    {
        RightRequest memory request = abi.decode(data, (RightRequest));
        uint256 cost = _take(msg.sender, request);
        require(value == cost, PurchaseRights_WrongTokens(value, cost));
        _deliver(msg.sender, from, request, cost);
        return IERC1363Receiver.onTransferReceived.selector;
    }

    // ------------------------------------------------------- signed variants

    /// @inheritdoc IPurchaseRights
    function buyWithSignature(
        address token,
        RightRequest calldata request,
        ILoyaltyToken.Spend calldata spend,
        bytes calldata signature
    ) external {
        uint256 cost = _take(token, request);
        bytes32 witness = keccak256(abi.encode(REQUEST_TYPEHASH, request));
        ILoyaltyToken(token).receiveWithSignature(spend, cost, REQUEST_SPEND_TYPEHASH, witness, signature);
        _deliver(token, spend.from, request, cost);
    }

    // --------------------------------------------------------------- modules

    /// @inheritdoc IPurchaseRights
    function consume(address account, uint256 id) external {
        require(
            BRAND_REGISTRY.isListed(IBrandRegistry.List.Module, msg.sender),
            PurchaseRights_NotModule(msg.sender)
        );
        _burn(account, id, 1);
        emit RightConsumed({ id: id, account: account, module: msg.sender });
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IPurchaseRights
    function idOf(address token, bytes32 rightId) public pure returns (uint256 id) {
        return uint256(keccak256(abi.encode(token, rightId)));
    }

    /// @inheritdoc IPurchaseRights
    function rightOf(address token, bytes32 rightId) external view returns (Right memory) {
        RightRecord storage right = _rights[idOf(token, rightId)];
        return Right({
            price: right.price,
            supply: right.supply,
            issued: right.issued,
            opensAt: right.opensAt,
            closesAt: right.closesAt,
            termsHash: right.termsHash,
            termsURI: right.termsURI
        });
    }

    /// @inheritdoc IPurchaseRights
    function isDefined(uint256 id) external view returns (bool) {
        return _rights[id].supply != 0;
    }

    /// @notice Where the document of a right is.
    function uri(uint256 id) public view override returns (string memory) {
        return _rights[id].termsURI;
    }

    // ------------------------------------------------------------- internals

    /// @dev Takes the rights from what there is to sell.
    /// @return cost What they cost.
    function _take(address token, RightRequest memory request) private returns (uint256 cost) {
        RightRecord storage right = _right(token, request.rightId);
        require(right.price != 0, PurchaseRights_NotSold(token, request.rightId));
        require(
            block.timestamp >= right.opensAt && block.timestamp < right.closesAt,
            PurchaseRights_OutsideWindow(right.opensAt, right.closesAt)
        );
        _issue(right, request.quantity);
        return right.price * request.quantity;
    }

    /// @dev Burns what was paid, and gives the rights out last: a holder with code is asked.
    function _deliver(address token, address buyer, RightRequest memory request, uint256 cost) private {
        uint256 id = idOf(token, request.rightId);
        address holder = request.holder == address(0) ? buyer : request.holder;
        emit RightsSold({ id: id, buyer: buyer, holder: holder, quantity: request.quantity, amount: cost });
        ILoyaltyToken(token).burn(cost);
        _mint(holder, id, request.quantity, "");
    }

    function _issue(RightRecord storage right, uint256 quantity) private {
        require(quantity != 0, PurchaseRights_ZeroQuantity());
        uint256 left = right.supply - right.issued;
        require(quantity <= left, PurchaseRights_SoldOut(quantity, left));
        // forge-lint: disable-next-line(unsafe-typecast) -- at most the supply
        right.issued += uint32(quantity);
    }

    function _right(address token, bytes32 rightId) private view returns (RightRecord storage right) {
        right = _rights[idOf(token, rightId)];
        require(right.supply != 0, PurchaseRights_NotFound(token, rightId));
    }

    /// @dev The caller runs campaigns for the token's brand, which is active.
    function _checkCampaign(address token) private view {
        bytes32 brandId = ILoyaltyToken(token).brandId();
        IBrandRegistry.Status status = _checkRole(brandId, Roles.CAMPAIGN);
        require(status == IBrandRegistry.Status.Active, BrandGate_NotActive(brandId, status));
    }

    function _one(uint256 value) private pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = value;
    }
}

// slither-disable-end timestamp
