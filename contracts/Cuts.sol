// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import { BrandGate } from "./base/BrandGate.sol";
import { Pricer } from "./base/Pricer.sol";
import { IBargains } from "./interfaces/IBargains.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { ICuts } from "./interfaces/ICuts.sol";
import { IPricer } from "./interfaces/IPricer.sol";
import { CutChain } from "./libraries/CutChain.sol";
import { Roles } from "./libraries/Roles.sol";

// Bargains live for hours and days: the seconds by which a block's time can be off decide nothing.
// slither-disable-start timestamp

/// @title Cuts
/// @notice See {ICuts}.
///
/// Nothing lies anywhere for a bargain before it is taken, and then it is an order. So no bargain can keep
/// anything from anybody, and lapsing takes no transaction.
///
/// **Two words.** A bargain is one word, with a copy of the floor price so that a draw need not look for it, and
/// the link that the next opening must show. The price falls in {draw} alone, by `CutChain.taken`, which keeps it at
/// or above the floor whatever a brand committed to; and to the floor, in {bargainOf}'s eyes and in taking, where
/// a request was not answered.
contract Cuts is ICuts, Pricer {
    /// @dev What has become of a bargain; what time makes of it is in `_statusOf`.
    enum Stage {
        None,
        Requested,
        Fixed,
        Taken
    }

    struct CutRecord {
        uint96 price;
        uint96 floorPrice;
        uint40 deadline;
        uint8 left;
        Stage stage;
        bytes32 link;
        mapping(bytes32 person => bool) helped;
    }

    // Slot 0: what a draw looks at.
    struct CutRulesRecord {
        uint96 leastCut;
        address attester;
        uint8 cuts;
    }

    /// @inheritdoc ICuts
    uint8 public constant MAX_CUTS = 64;
    /// @inheritdoc ICuts
    uint32 public constant ANSWER_PERIOD = 2 days;

    /// @dev Which word of a deal is the right that it uses up, see {IDealReceiver}.
    uint256 private constant RIGHT = 3;

    bytes32 private constant OPENING_TYPEHASH =
        keccak256("CutOpening(address token,bytes32 dealId,uint256 number,bytes32 head,uint256 deadline)");
    bytes32 private constant HELP_TYPEHASH =
        keccak256("CutHelp(address token,bytes32 dealId,uint256 number,uint256 deadline)");
    bytes32 private constant HELPER_TYPEHASH =
        keccak256("CutHelper(address token,bytes32 dealId,address helper,bytes32 person,uint256 deadline)");

    mapping(address token => mapping(bytes32 dealId => CutRulesRecord)) private _cutRules;
    mapping(bytes32 bargainId => CutRecord) private _bargains;

    constructor(IBrandRegistry brandRegistry, IBargains bargains, address deals)
        Pricer(bargains, deals)
        BrandGate(brandRegistry)
        EIP712("Cuts", "1")
    { }

    // -------------------------------------------------------------- bargains

    /// @inheritdoc IPricer
    function onPublished(address token, bytes32 dealId, bytes32 brandId, bytes calldata rules)
        external
        onlyDeals
        returns (uint96 mostPrice)
    {
        (Rules memory shared, CutRules memory own) = abi.decode(rules, (Rules, CutRules));
        _setRules(token, dealId, brandId, shared);
        require(
            own.cuts != 0 && own.cuts <= MAX_CUTS && own.leastCut != 0
                && uint256(own.cuts) * own.leastCut <= shared.listPrice - shared.floorPrice,
            Cuts_InvalidRules(own)
        );
        _checkAttester(own.attester);
        _cutRules[token][dealId] =
            CutRulesRecord({ leastCut: own.leastCut, attester: own.attester, cuts: own.cuts });
        emit CutsPublished({ token: token, dealId: dealId, rules: shared, cutRules: own });
        return shared.listPrice;
    }

    /// @inheritdoc IPricer
    /// @dev The buyer takes the price.
    function onPayment(address token, bytes32 dealId, uint256 number, uint256)
        external
        onlyBargains
        returns (uint96 price)
    {
        CutRecord storage bargain = _bargains[bargainIdOf(token, dealId, number)];
        RulesRecord storage rules = _rulesOf(token, dealId);
        Status status = _statusOf(bargain, rules);
        require(
            status == Status.Open || status == Status.Requested,
            Pricer_WrongStatus(token, dealId, number, status)
        );
        price = _priceOf(bargain, rules);
        (bargain.price, bargain.left, bargain.stage) = (price, 0, Stage.Taken);
        delete bargain.link;
        emit CutTaken({ token: token, dealId: dealId, number: number, price: price });
    }

    // ----------------------------------------------------------------- brand

    /// @inheritdoc ICuts
    function answer(address token, bytes32 dealId, uint256 number, uint96[] calldata cuts) external {
        bytes32 bargainId = bargainIdOf(token, dealId, number);
        CutRecord storage bargain = _bargains[bargainId];
        RulesRecord storage rules = _rulesOf(token, dealId);
        _checkStatus(bargain, rules, token, dealId, number, Status.Requested);
        _checkRole(rules.brandId, Roles.CAMPAIGN);
        CutRulesRecord storage cutRules = _cutRules[token][dealId];
        uint256 least = cutRules.leastCut;
        uint256 sum = 0;
        for (uint256 i = 0; i < cuts.length; ++i) {
            require(cuts[i] >= least, Cuts_CutTooSmall(cuts[i], least));
            sum += cuts[i];
        }
        uint8 left = cutRules.cuts;
        require(
            cuts.length == left && sum == bargain.price - bargain.floorPrice, Cuts_WrongCuts(cuts.length, sum)
        );
        (bargain.stage, bargain.left) = (Stage.Fixed, left);
        bargain.link = CutChain.head(bargainId, cuts);
        emit CutAnswered({ token: token, dealId: dealId, number: number, cuts: cuts });
    }

    // ----------------------------------------------------------------- buyer

    /// @inheritdoc ICuts
    function open(
        address token,
        bytes32 dealId,
        uint256 number,
        bytes32 head,
        Consent calldata buyer,
        BrandConsent calldata brand
    ) external {
        require(head != 0, Cuts_NoCommitment());
        (CutRecord storage bargain, RulesRecord storage rules) = _new(token, dealId, number, head, buyer);
        _checkBrand(rules.brandId, _openingHash(token, dealId, number, head, brand.deadline), brand);
        uint40 deadline = uint40(block.timestamp) + rules.duration;
        (bargain.deadline, bargain.left, bargain.stage) =
        (deadline, _cutRules[token][dealId].cuts, Stage.Fixed);
        bargain.link = head;
        emit CutOpened({
            token: token,
            dealId: dealId,
            buyer: _buyerOf(number),
            number: number,
            head: head,
            deadline: deadline
        });
        BARGAINS.begin(token, dealId, _buyerOf(number));
    }

    /// @inheritdoc ICuts
    function request(address token, bytes32 dealId, uint256 number, Consent calldata buyer) external {
        require(BARGAINS.dealWordsOf(token, dealId, RIGHT + 1)[RIGHT] != 0, Cuts_NoRightNeeded(token, dealId));
        (CutRecord storage bargain, RulesRecord storage rules) = _new(token, dealId, number, 0, buyer);
        uint40 answerBy = uint40(block.timestamp) + ANSWER_PERIOD;
        uint40 deadline = answerBy + rules.duration;
        (bargain.deadline, bargain.stage) = (deadline, Stage.Requested);
        emit CutRequested({
            token: token,
            dealId: dealId,
            buyer: _buyerOf(number),
            number: number,
            answerBy: answerBy,
            deadline: deadline
        });
        BARGAINS.begin(token, dealId, _buyerOf(number));
    }

    // ---------------------------------------------------------------- helper

    /// @inheritdoc ICuts
    function draw(
        address token,
        bytes32 dealId,
        uint256 number,
        Opening calldata opening,
        Attestation calldata attestation,
        Consent calldata helper
    ) external {
        // Check
        bytes32 bargainId = bargainIdOf(token, dealId, number);
        CutRecord storage bargain = _bargains[bargainId];
        RulesRecord storage rules = _rulesOf(token, dealId);
        _checkStatus(bargain, rules, token, dealId, number, Status.Open);
        uint8 left = bargain.left;
        require(left != 0, Cuts_NothingToDraw(token, dealId, number));
        CutRulesRecord storage cutRules = _cutRules[token][dealId];
        _checkHelper(token, dealId, number, attestation, helper, cutRules.attester);
        require(!bargain.helped[attestation.person], Cuts_HelpedAlready(attestation.person));
        bytes32 link = CutChain.link(bargainId, left, opening.cut, opening.salt, opening.next);
        require(link == bargain.link, Cuts_WrongOpening(link, bargain.link));

        // Effect
        (uint96 price, uint96 floorPrice) = (bargain.price, bargain.floorPrice);
        --left;
        // forge-lint: disable-next-line(unsafe-typecast) -- at most what is left above the floor
        price -= uint96(CutChain.taken(opening.cut, price - floorPrice, cutRules.leastCut, left));
        (bargain.price, bargain.left) = (price, left);
        bargain.link = opening.next;
        bargain.helped[attestation.person] = true;
        emit CutDrawn({
            token: token,
            dealId: dealId,
            number: number,
            helper: attestation.helper,
            person: attestation.person,
            price: price,
            left: left
        });
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc ICuts
    function cutRulesOf(address token, bytes32 dealId) external view returns (CutRules memory) {
        CutRulesRecord storage record = _cutRules[token][dealId];
        return CutRules({ cuts: record.cuts, leastCut: record.leastCut, attester: record.attester });
    }

    /// @inheritdoc ICuts
    function bargainOf(address token, bytes32 dealId, uint256 number) external view returns (Bargain memory) {
        CutRecord storage bargain = _bargains[bargainIdOf(token, dealId, number)];
        RulesRecord storage rules = _rulesOf(token, dealId);
        return Bargain({
            status: _statusOf(bargain, rules),
            price: _priceOf(bargain, rules),
            left: bargain.left,
            answerBy: bargain.stage == Stage.Requested ? bargain.deadline - rules.duration : 0,
            deadline: bargain.deadline,
            link: bargain.link
        });
    }

    /// @inheritdoc ICuts
    function bargainIdOf(address token, bytes32 dealId, uint256 number) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), token, dealId, number));
    }

    /// @inheritdoc ICuts
    function hasHelped(address token, bytes32 dealId, uint256 number, bytes32 person)
        external
        view
        returns (bool)
    {
        return _bargains[bargainIdOf(token, dealId, number)].helped[person];
    }

    // --------------------------------------------------- internals: the price

    /// @dev Begins a bargain whose buyer calls or signed, at the list price.
    function _new(address token, bytes32 dealId, uint256 number, bytes32 head, Consent calldata buyer)
        private
        returns (CutRecord storage bargain, RulesRecord storage rules)
    {
        bargain = _bargains[bargainIdOf(token, dealId, number)];
        require(
            bargain.stage == Stage.None,
            Pricer_WrongStatus(token, dealId, number, _statusOf(bargain, _rulesOf(token, dealId)))
        );
        _checkConsent(
            _buyerOf(number),
            _openingHash(token, dealId, number, head, buyer.deadline),
            buyer.deadline,
            buyer.signature
        );
        _checkAttester(_cutRules[token][dealId].attester);
        rules = _rulesOf(token, dealId);
        _takeStock(rules);
        (bargain.price, bargain.floorPrice) = (rules.listPrice, rules.floorPrice);
    }

    function _statusOf(CutRecord storage bargain, RulesRecord storage rules) private view returns (Status) {
        (Stage stage, uint40 deadline) = (bargain.stage, bargain.deadline);
        if (stage == Stage.None) return Status.None;
        if (stage == Stage.Taken) return Status.Ended;
        if (block.timestamp >= deadline) return Status.Lapsed;
        if (stage == Stage.Requested && !_isUnanswered(deadline, rules)) return Status.Requested;
        return Status.Open;
    }

    /// @dev What was drawn to, or the floor price where the brand was silent.
    function _priceOf(CutRecord storage bargain, RulesRecord storage rules) private view returns (uint96) {
        bool isFloor = bargain.stage == Stage.Requested && _isUnanswered(bargain.deadline, rules);
        return isFloor ? bargain.floorPrice : bargain.price;
    }

    /// @dev Whether the time to answer a request is over; the deal's duration begins when it is.
    function _isUnanswered(uint40 deadline, RulesRecord storage rules) private view returns (bool) {
        return block.timestamp >= deadline - rules.duration;
    }

    // ----------------------------------------------------- internals: checks

    function _checkStatus(
        CutRecord storage bargain,
        RulesRecord storage rules,
        address token,
        bytes32 dealId,
        uint256 number,
        Status expected
    ) private view {
        Status status = _statusOf(bargain, rules);
        require(status == expected, Pricer_WrongStatus(token, dealId, number, status));
    }

    function _checkAttester(address attester) private view {
        require(BRAND_REGISTRY.isListed(IBrandRegistry.List.Attester, attester), Cuts_NoAttester(attester));
    }

    /// @dev The attester says who the helper is, who is not the buyer, and calls or signed.
    function _checkHelper(
        address token,
        bytes32 dealId,
        uint256 number,
        Attestation calldata attestation,
        Consent calldata consent,
        address attester
    ) private view {
        address helper = attestation.helper;
        require(helper != _buyerOf(number), Cuts_CannotHelp(helper));
        _checkSigned(
            attester,
            keccak256(
                abi.encode(HELPER_TYPEHASH, token, dealId, helper, attestation.person, attestation.deadline)
            ),
            attestation.deadline,
            attestation.signature
        );
        _checkConsent(
            helper,
            keccak256(abi.encode(HELP_TYPEHASH, token, dealId, number, consent.deadline)),
            consent.deadline,
            consent.signature
        );
    }

    function _openingHash(address token, bytes32 dealId, uint256 number, bytes32 head, uint256 deadline)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(OPENING_TYPEHASH, token, dealId, number, head, deadline));
    }
}

// slither-disable-end timestamp
