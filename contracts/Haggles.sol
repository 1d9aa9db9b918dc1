// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import { BrandGate } from "./base/BrandGate.sol";
import { Pricer } from "./base/Pricer.sol";
import { IBargains } from "./interfaces/IBargains.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { IHaggles } from "./interfaces/IHaggles.sol";
import { IPricer } from "./interfaces/IPricer.sol";

// Bargains live for hours and days: the seconds by which a block's time can be off decide nothing.
// slither-disable-start timestamp

/// @title Haggles
/// @notice See {IHaggles}.
///
/// What is here says who may have a bargain struck or its deposit given back; {IBargains} holds the deposit and
/// bounds the price by it. A bargain that ended keeps its word, so that its number is never used again.
contract Haggles is IHaggles, Pricer {
    // One slot.
    struct HaggleRecord {
        uint40 deadline;
        uint32 bidNonce;
        uint32 offerNonce;
        bool ended;
    }

    bytes32 private constant BID_TYPEHASH = keccak256(
        "HaggleBid(address token,bytes32 dealId,uint256 number,uint256 price,uint256 leastCompensation,bytes32 orderRef,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant OFFER_TYPEHASH = keccak256(
        "HaggleOffer(address token,bytes32 dealId,uint256 number,uint256 price,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant WITHDRAWAL_TYPEHASH =
        keccak256("HaggleWithdrawal(address token,bytes32 dealId,uint256 number,uint256 deadline)");

    mapping(address token => mapping(bytes32 dealId => mapping(uint256 number => HaggleRecord))) private
        _haggles;

    constructor(IBrandRegistry brandRegistry, IBargains bargains, address deals)
        Pricer(bargains, deals)
        BrandGate(brandRegistry)
        EIP712("Haggles", "1")
    { }

    // -------------------------------------------------------------- bargains

    /// @inheritdoc IPricer
    function onPublished(address token, bytes32 dealId, bytes32 brandId, bytes calldata rules)
        external
        onlyDeals
        returns (uint96 mostPrice)
    {
        Rules memory decoded = abi.decode(rules, (Rules));
        _setRules(token, dealId, brandId, decoded);
        emit HagglesPublished({ token: token, dealId: dealId, rules: decoded });
        return decoded.listPrice;
    }

    /// @inheritdoc IPricer
    function onPayment(address token, bytes32 dealId, uint256 number, uint256 most)
        external
        onlyBargains
        returns (uint96 price)
    {
        HaggleRecord storage haggle = _haggles[token][dealId][number];
        Status status = _statusOf(haggle);
        require(status == Status.None, Pricer_WrongStatus(token, dealId, number, status));
        RulesRecord storage rules = _rulesOf(token, dealId);
        (uint96 least, uint96 list) = (rules.floorPrice, rules.listPrice);
        require(most >= least && most <= list, Pricer_InvalidPrice(most, least, list));
        _takeStock(rules);
        uint40 deadline = uint40(block.timestamp) + rules.duration;
        haggle.deadline = deadline;
        emit HaggleOpened({
            token: token,
            dealId: dealId,
            buyer: _buyerOf(number),
            number: number,
            deposit: most,
            deadline: deadline
        });
        return 0;
    }

    // ----------------------------------------------------------------- buyer

    /// @inheritdoc IHaggles
    function withdraw(address token, bytes32 dealId, uint256 number, Consent calldata buyer) external {
        HaggleRecord storage haggle = _haggles[token][dealId][number];
        Status status = _statusOf(haggle);
        if (status != Status.Lapsed) {
            require(status == Status.Open, Pricer_WrongStatus(token, dealId, number, status));
            bytes32 structHash =
                keccak256(abi.encode(WITHDRAWAL_TYPEHASH, token, dealId, number, buyer.deadline));
            _checkConsent(_buyerOf(number), structHash, buyer.deadline, buyer.signature);
        }
        haggle.ended = true;
        --_rulesOf(token, dealId).opened;
        emit HaggleWithdrawn({ token: token, dealId: dealId, number: number });
        BARGAINS.release(token, dealId, number);
    }

    // ------------------------------------------------------------------ both

    /// @inheritdoc IHaggles
    function strike(
        address token,
        bytes32 dealId,
        uint256 number,
        Agreement calldata agreement,
        Consent calldata buyer,
        BrandConsent calldata brand
    ) external {
        HaggleRecord storage haggle = _openHaggle(token, dealId, number);
        RulesRecord storage rules = _rulesOf(token, dealId);
        (uint96 price, uint96 least) = (agreement.price, rules.floorPrice);
        require(price >= least, Pricer_InvalidPrice(price, least, rules.listPrice));
        _checkConsent(
            _buyerOf(number),
            keccak256(
                abi.encode(BID_TYPEHASH, token, dealId, number, agreement, haggle.bidNonce, buyer.deadline)
            ),
            buyer.deadline,
            buyer.signature
        );
        _checkBrand(
            rules.brandId,
            keccak256(
                abi.encode(OFFER_TYPEHASH, token, dealId, number, price, haggle.offerNonce, brand.deadline)
            ),
            brand
        );
        haggle.ended = true;
        emit HaggleStruck({ token: token, dealId: dealId, number: number, price: price });
        BARGAINS.strike(token, dealId, number, price, agreement.leastCompensation, agreement.orderRef);
    }

    /// @inheritdoc IHaggles
    function revoke(address token, bytes32 dealId, uint256 number) external {
        HaggleRecord storage haggle = _openHaggle(token, dealId, number);
        if (msg.sender == _buyerOf(number)) {
            ++haggle.bidNonce;
        } else {
            _checkCampaigner(_rulesOf(token, dealId).brandId, msg.sender);
            ++haggle.offerNonce;
        }
        emit HaggleRevoked({
            token: token,
            dealId: dealId,
            number: number,
            bidNonce: haggle.bidNonce,
            offerNonce: haggle.offerNonce
        });
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IHaggles
    function bargainOf(address token, bytes32 dealId, uint256 number) external view returns (Haggle memory) {
        HaggleRecord storage haggle = _haggles[token][dealId][number];
        return Haggle({
            status: _statusOf(haggle),
            deadline: haggle.deadline,
            bidNonce: haggle.bidNonce,
            offerNonce: haggle.offerNonce
        });
    }

    // ------------------------------------------------------------- internals

    function _statusOf(HaggleRecord storage haggle) private view returns (Status) {
        uint40 deadline = haggle.deadline;
        // slither-disable-next-line incorrect-equality -- zero stands for none, it is no measure
        if (deadline == 0) return Status.None;
        if (haggle.ended) return Status.Ended;
        return block.timestamp < deadline ? Status.Open : Status.Lapsed;
    }

    function _openHaggle(address token, bytes32 dealId, uint256 number)
        private
        view
        returns (HaggleRecord storage haggle)
    {
        haggle = _haggles[token][dealId][number];
        Status status = _statusOf(haggle);
        require(status == Status.Open, Pricer_WrongStatus(token, dealId, number, status));
    }
}

// slither-disable-end timestamp
