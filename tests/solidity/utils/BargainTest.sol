// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBargainDeals } from "../../../contracts/interfaces/IBargainDeals.sol";
import { IBargains } from "../../../contracts/interfaces/IBargains.sol";
import { IBonds } from "../../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../../contracts/interfaces/IBrandRegistry.sol";
import { ICuts } from "../../../contracts/interfaces/ICuts.sol";
import { IDeals } from "../../../contracts/interfaces/IDeals.sol";
import { IFulfilment } from "../../../contracts/interfaces/IFulfilment.sol";
import { IHaggles } from "../../../contracts/interfaces/IHaggles.sol";
import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { IPricer } from "../../../contracts/interfaces/IPricer.sol";
import { IPurchaseRights } from "../../../contracts/interfaces/IPurchaseRights.sol";
import { IPurchases } from "../../../contracts/interfaces/IPurchases.sol";
import { Roles } from "../../../contracts/libraries/Roles.sol";
import { Currency } from "./Currencies.sol";
import { SigningTest } from "./SigningTest.sol";

/// @notice A brand that bargains: one deal to haggle over and one whose price friends cut, each of a fixed mix of
/// tokens and currency, behind a right; an attester, friends, a buyer with means. What is signed, and how cuts are
/// chained, is spelt out anew here, not taken from the contracts.
abstract contract BargainTest is SigningTest {
    bytes32 internal constant HAGGLE = "a sofa with a scratch";
    bytes32 internal constant CUT = "an espresso machine";
    bytes32 internal constant RIGHT = "a bargain";
    bytes32 internal constant DOCUMENT = keccak256("what is sold");
    string internal constant DOCUMENT_URI = "ipfs://what";
    bytes32 internal constant REF = "A-1047";
    uint96 internal constant LIST = 500;
    uint96 internal constant FLOOR = 400;
    uint32 internal constant STOCK = 1000;
    uint32 internal constant DURATION = 3 days;
    uint8 internal constant CUTS = 5;
    uint96 internal constant LEAST = 5;
    uint96 internal constant TOKEN_PART = 3;
    uint96 internal constant CURRENCY_PART = 2;
    uint40 internal constant CLOSES = START + 365 days;
    uint8 internal constant FULFIL_DAYS = 10;
    uint8 internal constant STAKE_PERCENT = 10;
    uint96 internal constant COMPENSATION = 700;
    uint256 internal constant FUND = 7000;
    uint96 internal constant BALANCE = 1_000_000;
    uint256 internal constant MEANS = 1_000_000;
    uint40 internal constant ANSWER = 2 days;
    bytes32 internal constant SEED = "seed";
    IBonds.Purse internal constant PURSE = IBonds.Purse.Compensation;

    string internal constant PAYMENT_TYPE =
        "Payment(bytes32 dealId,uint256 number,uint256 most,uint256 leastCompensation,bytes32 orderRef)";

    IPurchaseRights internal rights;
    IBargainDeals internal deals;
    IBargains internal bargains;
    IHaggles internal haggles;
    ICuts internal cuts;
    Currency internal money;
    address internal arbiter = makeAddr("arbiter");
    address internal attester;
    uint256 internal attesterKey;
    address internal friend;
    uint256 internal friendKey;
    address internal second = makeAddr("second friend");
    uint256 private _nonces;

    function setUp() public virtual override {
        super.setUp();
        (attester, attesterKey) = makeAddrAndKey("attester");
        (friend, friendKey) = makeAddrAndKey("friend");
        rights = IPurchaseRights(
            deployCode("PurchaseRights.sol:PurchaseRights", abi.encode(brands, obligations))
        );
        deals = IBargainDeals(
            deployCode("BargainDeals.sol:BargainDeals", abi.encode(brands, obligations, rights))
        );
        bargains = IBargains(
            deployCode("Bargains.sol:Bargains", abi.encode(brands, obligations, bonds, rights, deals))
        );
        haggles = IHaggles(deployCode("Haggles.sol:Haggles", abi.encode(brands, bargains, deals)));
        cuts = ICuts(deployCode("Cuts.sol:Cuts", abi.encode(brands, bargains, deals)));
        vm.label(address(bargains), "Bargains");
        vm.label(address(haggles), "Haggles");
        vm.label(address(cuts), "Cuts");
        _list(IBrandRegistry.List.Module, address(bargains), true);
        _list(IBrandRegistry.List.Module, address(haggles), true);
        _list(IBrandRegistry.List.Module, address(cuts), true);
        _list(IBrandRegistry.List.Arbiter, arbiter, true);
        _list(IBrandRegistry.List.Attester, attester, true);
        money = new Currency(6);
        currency = address(money);
        _list(IBrandRegistry.List.Currency, currency, true);
        token = _createToken(brand, brandId, "Pottery Points", "POT");
        _oblige(brand, token);
        vm.prank(brand);
        brands.setManager(brandId, manager, Roles.CAMPAIGN);
        _defineRight(brand, token);
        _publish(HAGGLE, _conditions(), address(haggles), abi.encode(_rules()));
        _publish(CUT, _conditions(), address(cuts), abi.encode(_rules(), _cutRules()));
        _fund(HAGGLE, FUND);
        _fund(CUT, FUND);
        _equip(member);
    }

    // ----------------------------------------------------------------- brand

    function _defineRight(address admin, ILoyaltyToken which) internal {
        vm.prank(admin);
        rights.defineRight(
            address(which), RIGHT, 10, 1_000_000, START, type(uint40).max, DOCUMENT, DOCUMENT_URI
        );
    }

    function _conditions() internal view returns (IDeals.Conditions memory) {
        return IDeals.Conditions({
            tokenPart: TOKEN_PART,
            currencyPart: CURRENCY_PART,
            opensAt: START,
            closesAt: CLOSES,
            fulfilDays: FULFIL_DAYS,
            stakePercent: STAKE_PERCENT,
            compensation: COMPENSATION,
            arbiter: arbiter,
            rightId: RIGHT
        });
    }

    function _rules() internal pure returns (IPricer.Rules memory) {
        return IPricer.Rules({ listPrice: LIST, floorPrice: FLOOR, stock: STOCK, duration: DURATION });
    }

    function _cutRules() internal view returns (ICuts.CutRules memory) {
        return ICuts.CutRules({ cuts: CUTS, leastCut: LEAST, attester: attester });
    }

    function _publish(bytes32 dealId, IDeals.Conditions memory conditions, address pricer, bytes memory rules)
        internal
    {
        vm.prank(manager);
        deals.publishDeal(address(token), dealId, conditions, pricer, rules, DOCUMENT, DOCUMENT_URI);
    }

    function _fund(bytes32 dealId, uint256 value) internal {
        money.mint(brand, value);
        vm.startPrank(brand);
        money.approve(address(bonds), value);
        bonds.deposit(address(token), PURSE, value);
        bonds.allot(address(token), PURSE, address(bargains), value, abi.encode(dealId));
        vm.stopPrank();
    }

    // ---------------------------------------------------------------- member

    /// @dev Tokens, money with leave to take it, and rights.
    function _equip(address who) internal {
        _mint(token, who, BALANCE);
        money.mint(who, MEANS);
        vm.prank(who);
        money.approve(address(bargains), type(uint256).max);
        _grantRights(token, who, 100);
    }

    function _grantRights(ILoyaltyToken which, address who, uint256 count) internal {
        address[] memory holders = new address[](1);
        uint256[] memory counts = new uint256[](1);
        (holders[0], counts[0]) = (who, count);
        vm.prank(which == token ? brand : partner);
        rights.grant(address(which), RIGHT, holders, counts);
    }

    function _rightsOf(address who) internal view returns (uint256) {
        return rights.balanceOf(who, rights.idOf(address(token), RIGHT));
    }

    function _number(address who, uint256 nonce) internal pure returns (uint256) {
        return nonce << 160 | uint160(who);
    }

    function _number() internal view returns (uint256) {
        return _number(member, 0);
    }

    function _nonce() internal returns (bytes32) {
        return keccak256(abi.encode("nonce", ++_nonces));
    }

    function _payment(bytes32 dealId, uint256 number, uint256 most)
        internal
        pure
        returns (IBargains.Payment memory)
    {
        return IBargains.Payment({
            dealId: dealId, number: number, most: most, leastCompensation: 0, orderRef: REF
        });
    }

    /// @dev By the bargain's buyer, with the tokens of `most`.
    function _pay(IBargains.Payment memory payment) internal {
        _pay(address(uint160(payment.number)), payment, payment.most * TOKEN_PART);
    }

    function _pay(address who, IBargains.Payment memory payment, uint256 amount) internal {
        vm.prank(who);
        token.transferAndCall(address(bargains), amount, abi.encode(IPurchases.Act.Pay, payment));
    }

    /// @dev The facts of the order that a bargain would become now.
    function _facts(bytes32 dealId, uint256 number, uint256 price)
        internal
        view
        returns (IFulfilment.Order memory)
    {
        uint256 free = bargains.freeCompensationOf(address(token), dealId);
        return IFulfilment.Order({
            token: address(token),
            offerId: dealId,
            number: number,
            member: address(uint160(number)),
            quantity: 1,
            amount: uint96(price),
            compensation: uint96(free < COMPENSATION ? free : COMPENSATION),
            stake: uint96(price * STAKE_PERCENT / 100),
            arbiter: arbiter,
            openedAt: uint40(block.timestamp),
            orderRef: REF
        });
    }

    // --------------------------------------------------------------- haggling

    function _open(uint256 deposit) internal returns (uint256 number) {
        number = _number();
        _pay(_payment(HAGGLE, number, deposit));
    }

    function _agreement(uint96 price) internal pure returns (IHaggles.Agreement memory) {
        return IHaggles.Agreement({ price: price, leastCompensation: COMPENSATION, orderRef: REF });
    }

    function _haggle(uint256 number) internal view returns (IHaggles.Haggle memory) {
        return haggles.bargainOf(address(token), HAGGLE, number);
    }

    function _strike(address by, uint256 number, uint96 price) internal {
        IPricer.BrandConsent memory offer = _offer(number, price);
        IPricer.Consent memory bid = _bid(number, _agreement(price));
        vm.prank(by);
        haggles.strike(address(token), HAGGLE, number, _agreement(price), bid, offer);
    }

    function _withdraw(address by, uint256 number) internal {
        vm.prank(by);
        haggles.withdraw(address(token), HAGGLE, number, _none());
    }

    // ---------------------------------------------------------------- cutting

    /// @dev Cuts as a brand draws them up: they sum, and none is less than the least.
    function _drawnUp() internal pure returns (uint96[] memory list) {
        list = new uint96[](CUTS);
        (list[0], list[1], list[2], list[3], list[4]) = (15, 11, 34, 34, 6);
    }

    function _chain(uint256 number, uint96[] memory list, bytes32 seed)
        internal
        view
        returns (bytes32 head, ICuts.Opening[] memory openings)
    {
        bytes32 bargain = keccak256(abi.encode(block.chainid, address(cuts), token, CUT, number));
        openings = new ICuts.Opening[](list.length);
        for (uint256 left = 1; left <= list.length; ++left) {
            uint256 i = list.length - left;
            bytes32 salt = seed == 0 ? bytes32(0) : keccak256(abi.encodePacked(seed, "salt", i));
            openings[i] = ICuts.Opening({ cut: list[i], salt: salt, next: head });
            head = keccak256(abi.encode(bargain, left, list[i], salt, head));
        }
    }

    function _openCut(uint256 number) internal returns (ICuts.Opening[] memory openings) {
        return _openCut(number, _drawnUp());
    }

    function _openCut(uint256 number, uint96[] memory list)
        internal
        returns (ICuts.Opening[] memory openings)
    {
        bytes32 head;
        (head, openings) = _chain(number, list, SEED);
        IPricer.BrandConsent memory consent = _commitment(number, head);
        vm.prank(address(uint160(number)));
        cuts.open(address(token), CUT, number, head, _none(), consent);
    }

    function _request(uint256 number) internal {
        vm.prank(address(uint160(number)));
        cuts.request(address(token), CUT, number, _none());
    }

    function _answer(uint256 number, uint96[] memory list) internal {
        vm.prank(manager);
        cuts.answer(address(token), CUT, number, list);
    }

    /// @dev By the helper's own call, whoever it is.
    function _draw(uint256 number, ICuts.Opening memory opening, address helper) internal {
        ICuts.Attestation memory attestation = _attest(helper, _person(helper));
        vm.prank(helper);
        cuts.draw(address(token), CUT, number, opening, attestation, _none());
    }

    function _person(address who) internal pure returns (bytes32) {
        return keccak256(abi.encode("person", who));
    }

    function _cut(uint256 number) internal view returns (ICuts.Bargain memory) {
        return cuts.bargainOf(address(token), CUT, number);
    }

    // ------------------------------------------------------------ signatures

    function _none() internal pure returns (IPricer.Consent memory consent) { }

    function _noPermit() internal pure returns (IPurchases.Permit memory permit) { }

    function _soon() internal view returns (uint256) {
        return block.timestamp + 5 minutes;
    }

    function _pricerDigest(address pricer, string memory name, uint256 chainId, bytes32 structHash)
        internal
        pure
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256(bytes(name)),
                keccak256("1"),
                chainId,
                pricer
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function _haggleDigest(bytes32 structHash) internal view returns (bytes32) {
        return _pricerDigest(address(haggles), "Haggles", block.chainid, structHash);
    }

    function _cutDigest(bytes32 structHash) internal view returns (bytes32) {
        return _pricerDigest(address(cuts), "Cuts", block.chainid, structHash);
    }

    function _bidHash(uint256 number, IHaggles.Agreement memory agreement, uint256 nonce, uint256 deadline)
        internal
        view
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                keccak256(
                    "HaggleBid(address token,bytes32 dealId,uint256 number,uint256 price,uint256 leastCompensation,bytes32 orderRef,uint256 nonce,uint256 deadline)"
                ),
                token,
                HAGGLE,
                number,
                agreement.price,
                agreement.leastCompensation,
                agreement.orderRef,
                nonce,
                deadline
            )
        );
    }

    function _offerHash(uint256 number, uint256 price, uint256 nonce, uint256 deadline)
        internal
        view
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                keccak256(
                    "HaggleOffer(address token,bytes32 dealId,uint256 number,uint256 price,uint256 nonce,uint256 deadline)"
                ),
                token,
                HAGGLE,
                number,
                price,
                nonce,
                deadline
            )
        );
    }

    /// @dev The buyer's, who is the member here.
    function _bid(uint256 number, IHaggles.Agreement memory agreement)
        internal
        view
        returns (IPricer.Consent memory)
    {
        bytes32 hash = _bidHash(number, agreement, _haggle(number).bidNonce, _soon());
        return IPricer.Consent({ deadline: _soon(), signature: _sign(memberKey, _haggleDigest(hash)) });
    }

    /// @dev The brand's, by its admin's key.
    function _offer(uint256 number, uint256 price) internal view returns (IPricer.BrandConsent memory) {
        bytes32 hash = _offerHash(number, price, _haggle(number).offerNonce, _soon());
        return IPricer.BrandConsent({
            signer: brand, deadline: _soon(), signature: _sign(brandKey, _haggleDigest(hash))
        });
    }

    function _openingHash(bytes32 dealId, uint256 number, bytes32 head, uint256 deadline)
        internal
        view
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                keccak256(
                    "CutOpening(address token,bytes32 dealId,uint256 number,bytes32 head,uint256 deadline)"
                ),
                token,
                dealId,
                number,
                head,
                deadline
            )
        );
    }

    /// @dev The brand's, by its admin's key.
    function _commitment(uint256 number, bytes32 head) internal view returns (IPricer.BrandConsent memory) {
        bytes32 digest = _cutDigest(_openingHash(CUT, number, head, _soon()));
        return IPricer.BrandConsent({ signer: brand, deadline: _soon(), signature: _sign(brandKey, digest) });
    }

    function _helperHash(bytes32 dealId, address helper, bytes32 person, uint256 deadline)
        internal
        view
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                keccak256(
                    "CutHelper(address token,bytes32 dealId,address helper,bytes32 person,uint256 deadline)"
                ),
                token,
                dealId,
                helper,
                person,
                deadline
            )
        );
    }

    function _attest(address helper, bytes32 person) internal view returns (ICuts.Attestation memory) {
        bytes32 digest = _cutDigest(_helperHash(CUT, helper, person, _soon()));
        return ICuts.Attestation({
            helper: helper, person: person, deadline: _soon(), signature: _sign(attesterKey, digest)
        });
    }

    function _helpHash(uint256 number, uint256 deadline) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("CutHelp(address token,bytes32 dealId,uint256 number,uint256 deadline)"),
                token,
                CUT,
                number,
                deadline
            )
        );
    }

    function _help(uint256 number) internal view returns (IPricer.Consent memory) {
        bytes32 digest = _cutDigest(_helpHash(number, _soon()));
        return IPricer.Consent({ deadline: _soon(), signature: _sign(friendKey, digest) });
    }

    function _paymentDigest(ILoyaltyToken.Spend memory spend, IBargains.Payment memory payment)
        internal
        view
        returns (bytes32)
    {
        bytes32 witness = keccak256(abi.encode(keccak256(bytes(PAYMENT_TYPE)), payment));
        bytes32 typehash = keccak256(
            abi.encodePacked(
                "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,Payment witness)",
                PAYMENT_TYPE
            )
        );
        return _digest(token, _spendHash(spend, address(bargains), typehash, witness));
    }

    function _spend(uint256 amount) internal returns (ILoyaltyToken.Spend memory) {
        return ILoyaltyToken.Spend({ from: member, amount: amount, nonce: _nonce(), deadline: _soon() });
    }

    // -------------------------------------------------------- revert reasons

    function _expectStatus(bytes32 dealId, uint256 number, IPricer.Status status) internal {
        vm.expectRevert(
            abi.encodeWithSelector(
                IPricer.Pricer_WrongStatus.selector, address(token), dealId, number, status
            )
        );
    }

    function _expectInvalidSignature(address signer) internal {
        vm.expectRevert(abi.encodeWithSelector(IPricer.Pricer_InvalidSignature.selector, signer));
    }
}
