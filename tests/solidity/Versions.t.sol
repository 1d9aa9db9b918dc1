// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { IOffers } from "../../contracts/interfaces/IOffers.sol";
import { IRedemptions } from "../../contracts/interfaces/IRedemptions.sol";
import { DeskTest } from "./utils/DeskTest.sol";

/// @notice RED-2: better at once, worse after notice, and a member's call is good while nothing has got worse
/// since the version it names.
contract VersionsTest is DeskTest {
    // ----------------------------------------------------------------- ghost

    /// @dev All that was ever announced and not withdrawn, in order: the entry at `i` is version `i + 1`, in
    /// force from `from` on. Nothing is kept of what is in force: it is looked up.
    struct Entry {
        uint256 from;
        bool worse;
        IOffers.Conditions conditions;
        bytes32 document;
    }

    Entry[] private _log;

    function setUp() public override {
        super.setUp();
        _log.push(Entry({ from: START, worse: false, conditions: _conditions(), document: DOCUMENT }));
    }

    function _lastInForce() private view returns (uint256 index) {
        while (index + 1 < _log.length && _log[index + 1].from <= block.timestamp) ++index;
    }

    function _isPending() private view returns (bool) {
        return _log[_log.length - 1].from > block.timestamp;
    }

    /// @dev In force once, and nothing worse came into force after it.
    function _isGood(uint256 version) private view returns (bool) {
        if (version == 0 || version > _log.length || _log[version - 1].from > block.timestamp) return false;
        for (uint256 i = version; i < _log.length; ++i) {
            if (_log[i].worse && _log[i].from <= block.timestamp) return false;
        }
        return true;
    }

    // ------------------------------------------------------------------ fuzz

    /// @dev Each seed is a step: the brand makes something better, something worse, the document another,
    /// takes back what is pending, or time passes. After each the member looks at every version and tries
    /// one.
    function testFuzz_versions__any_history__calls_good_while_nothing_got_worse(uint256[8] memory seeds)
        public
    {
        for (uint256 i = 0; i < seeds.length; ++i) {
            _step(seeds[i] % 8, seeds[i] >> 8);
            _compare(seeds[i] >> 128);
        }
    }

    function _step(uint256 kind, uint256 seed) private {
        if (kind == 7) {
            if (_isPending()) {
                _withdraw(OFFER);
                _log.pop();
            }
        } else if (kind >= 5) {
            uint256[4] memory steps = [uint256(1), NOTICE - 1, NOTICE, 1 + seed % (2 * NOTICE)];
            vm.warp(block.timestamp + steps[seed % 4]);
        } else if (_isPending()) {
            vm.warp(_log[_log.length - 1].from - 1 + seed % 3); // at -1, 0, +1
        } else if (kind < 2) {
            _announce(_improve(seed), false, 0);
        } else if (kind < 4) {
            _announce(_worsen(_improve(seed), seed), true, 0);
        } else {
            _announce(_improve(seed), true, keccak256(abi.encode(seed, _log.length)));
        }
    }

    function _announce(IOffers.Conditions memory conditions, bool worse, bytes32 document) private {
        if (document == 0) document = _log[_log.length - 1].document;
        uint256 from = block.timestamp + (worse ? NOTICE : 0);
        _log.push(Entry({ from: from, worse: worse, conditions: conditions, document: document }));
        vm.prank(brand);
        desk.setOffer(address(token), OFFER, conditions, document, DOCUMENT_URI);
    }

    /// @dev Stock gets better for sure, each other field if its bit of `seed` is set.
    function _improve(uint256 seed) private view returns (IOffers.Conditions memory to) {
        to = _log[_lastInForce()].conditions;
        to.stock += 1;
        if (seed & 1 != 0 && to.price > 1) to.price -= 1;
        if (seed & 2 != 0) to.memberLimit += 1;
        if (seed & 4 != 0) to.opensAt -= 1;
        if (seed & 8 != 0) to.closesAt += 1;
    }

    /// @dev One field worse, whatever the others do.
    function _worsen(IOffers.Conditions memory to, uint256 seed)
        private
        view
        returns (IOffers.Conditions memory)
    {
        IOffers.Conditions memory from = _log[_lastInForce()].conditions;
        uint256 which = (seed >> 4) % 5;
        if (which == 0) to.price = from.price + 1;
        if (which == 1) to.stock = from.stock - 1;
        if (which == 2) to.memberLimit = from.memberLimit - 1;
        if (which == 3) to.opensAt = from.opensAt + 1;
        if (which == 4) to.closesAt = from.closesAt - 1;
        return to;
    }

    function _compare(uint256 seed) private {
        Entry memory now_ = _log[_lastInForce()];
        IOffers.Offer memory offer = _offer();
        assertEq(offer.version, _lastInForce() + 1, "RED-2: version");
        _assertConditions(offer.conditions, now_.conditions);
        assertEq(offer.termsHash, now_.document, "RED-2: document");
        assertEq(offer.changeAt, _isPending() ? _log[_log.length - 1].from : 0, "RED-2: change");
        for (uint32 version = 0; version <= _log.length + 1; ++version) {
            assertEq(
                desk.isOfferVersionValid(address(token), OFFER, version), _isGood(version), "RED-2: validity"
            );
        }
        uint32 named = uint32(seed % (_log.length + 2));
        _tryVersion(named, _isGood(named), now_.conditions);
    }

    /// @dev The member names `version` and is ready to pay a lot: a good call costs the price of now.
    function _tryVersion(uint32 version, bool good, IOffers.Conditions memory conditions) private {
        IRedemptions.OfferRedemption memory wish = _wish(OFFER, 1);
        (wish.version, wish.maxAmount) = (version, BALANCE);
        wish = _signed(wish);
        bool open = block.timestamp >= conditions.opensAt && block.timestamp < conditions.closesAt
            && conditions.memberLimit != 0 && conditions.stock != 0;
        uint256 snapshot = vm.snapshotState();
        vm.prank(till);
        (bool success,) = address(desk).call(abi.encodeCall(desk.redeemOffer, (address(token), wish)));
        assertEq(success, good && open, "RED-2: call");
        if (success) {
            assertEq(BALANCE - token.balanceOf(member), conditions.price, "RED-2: price of now");
        }
        vm.revertToState(snapshot);
    }

    // ----------------------------------------------------- attacks 3 and 24c

    /// @dev 24c: a brand improves its offer so that a member's pending call fails. It succeeds, for less.
    function test_attack_24c__improved_under_a_pending_call__succeeds_and_costs_less() public {
        IRedemptions.OfferRedemption memory wish = _signed(_wish(OFFER, 2));
        IOffers.Conditions memory better = _conditions();
        for (uint256 i = 1; i <= 20; ++i) {
            better.price -= 1;
            better.stock += 1;
            _change(OFFER, better);
        }
        assertEq(_offer().version, 21);
        _redeem(wish);
        assertEq(token.balanceOf(member), BALANCE - 2 * (PRICE - 20));
        assertEq(_receipt(wish.nonce).amount, 2 * (PRICE - 20));
    }

    /// @dev 24c at par: the terms get better, twice, under a pending call.
    function test_attack_24c__terms_improved_under_a_pending_par_call__succeeds() public {
        IRedemptions.ParRedemption memory wish = _signed(_parWish(700));
        _setTerms(keccak256("terms"), NOTICE + 1);
        _setTerms(keccak256("terms"), NOTICE + 2);
        _redeem(wish);
        assertEq(token.balanceOf(member), BALANCE - 700);
    }

    /// @dev 24c: nor does announcing a worsening and taking it back make a call fail.
    function test_attack_24c__announced_and_withdrawn_under_a_pending_call__succeeds() public {
        IRedemptions.OfferRedemption memory wish = _signed(_wish(OFFER, 1));
        IOffers.Conditions memory worse = _conditions();
        worse.price += 1;
        for (uint256 i = 0; i < 5; ++i) {
            _change(OFFER, worse);
            _withdraw(OFFER);
        }
        _change(OFFER, worse);
        _redeem(wish);
        assertEq(token.balanceOf(member), BALANCE - PRICE);
    }

    /// @dev 3: worse between a member's look and the call. Before notice it is impossible; at the very second
    /// it takes effect, what the member saw before is refused.
    function test_attack_3__worsened_between_look_and_call__old_price_or_no_sale() public {
        IOffers.Conditions memory worse = _conditions();
        worse.price += 1;
        _change(OFFER, worse);
        for (uint40 time = START + NOTICE - 1; time <= START + NOTICE + 1; ++time) {
            vm.warp(START + NOTICE - 1);
            IRedemptions.OfferRedemption memory wish = _wish(OFFER, 1);
            wish.maxAmount = BALANCE; // ready to pay more, and still not made to
            assertEq(wish.version, 1);
            wish = _signed(wish);
            uint256 snapshot = vm.snapshotState();
            vm.warp(time);
            if (time < START + NOTICE) {
                _redeem(wish);
                assertEq(token.balanceOf(member), BALANCE - PRICE);
            } else {
                _expectStale(1, 2, 2);
                _redeem(wish);
            }
            vm.revertToState(snapshot);
        }
    }

    function test_attack_3__terms_worsened_between_look_and_par_call__refused() public {
        _setTerms("worse terms", NOTICE);
        for (uint40 time = START + NOTICE - 1; time <= START + NOTICE + 1; ++time) {
            vm.warp(START + NOTICE - 1);
            IRedemptions.ParRedemption memory wish = _signed(_parWish(700));
            uint256 snapshot = vm.snapshotState();
            vm.warp(time);
            bool stale = time >= START + NOTICE;
            if (stale) _expectStaleTerms(1);
            _redeem(wish);
            if (stale) _expectStaleTerms(1);
            if (stale) _redeemInCurrency(wish);
            assertEq(token.balanceOf(member), stale ? BALANCE : BALANCE - 700);
            vm.revertToState(snapshot);
        }
    }

    /// @dev 3: repriced after minting. What members hold buys at the old price for the whole notice.
    function test_attack_3__repriced_after_minting__old_price_for_the_whole_notice() public {
        IOffers.Conditions memory worse = _conditions();
        worse.price = BALANCE;
        _change(OFFER, worse);
        vm.warp(START + NOTICE - 1);
        _buy(OFFER, LIMIT);
        assertEq(token.balanceOf(member), BALANCE - LIMIT * PRICE);
    }

    /// @dev A version that was announced but is not in force yet, or that nobody announced, is no version.
    function test_redeemOffer__version_of_the_future__reverts() public {
        IOffers.Conditions memory worse = _conditions();
        worse.price += 1;
        _change(OFFER, worse);
        uint32[3] memory none = [uint32(0), 2, type(uint32).max];
        for (uint256 i = 0; i < none.length; ++i) {
            IRedemptions.OfferRedemption memory wish = _wish(OFFER, 1);
            wish.version = none[i];
            wish = _signed(wish);
            _expectStale(none[i], 1, 1);
            _redeem(wish);
            IRedemptions.ParRedemption memory par = _parWish(1);
            par.version = none[i];
            par = _signed(par);
            _expectStaleTerms(none[i]);
            _redeem(par);
        }
    }

    /// @dev The price of now counts, but never more than was signed: also a member who names the newest
    /// version pays at most what it signed.
    function test_redeemOffer__dearer_than_signed__reverts() public {
        IRedemptions.OfferRedemption memory wish = _wish(OFFER, 2);
        wish.maxAmount -= 1;
        wish = _signed(wish);
        _expect(
            abi.encodeWithSelector(
                ILoyaltyToken.LoyaltyToken_MoreThanSigned.selector, 2 * PRICE, 2 * PRICE - 1
            )
        );
        _redeem(wish);
    }

    /// @dev Less stock and lower limits than were redeemed already close the offer, and undo nothing.
    function test_redeemOffer__stock_and_limit_below_what_was_sold__none_left() public {
        _buy(OFFER, 3);
        IOffers.Conditions memory worse = _conditions();
        (worse.stock, worse.memberLimit) = (2, 9);
        _change(OFFER, worse);
        vm.warp(START + NOTICE);
        IRedemptions.OfferRedemption memory wish = _signed(_wish(OFFER, 1));
        _expect(abi.encodeWithSelector(IOffers.Offers_OutOfStock.selector, 1, 0));
        _redeem(wish);

        (worse.stock, worse.memberLimit) = (9, 2);
        _change(OFFER, worse);
        vm.warp(START + 2 * NOTICE);
        wish = _signed(_wish(OFFER, 1));
        _expect(abi.encodeWithSelector(IOffers.Offers_MemberLimitReached.selector, 1, 0));
        _redeem(wish);

        // More of both: what was redeemed before still counts.
        (worse.stock, worse.memberLimit) = (9, 4);
        _change(OFFER, worse);
        wish = _signed(_wish(OFFER, 2));
        _expect(abi.encodeWithSelector(IOffers.Offers_MemberLimitReached.selector, 2, 1));
        _redeem(wish);
        _buy(OFFER, 1);
        assertEq(_offer().sold, 4);
        assertEq(desk.redeemedBy(address(token), OFFER, member), 4);
    }

    // --------------------------------------------------------------- helpers

    function _setTerms(bytes32 document, uint32 notice) private {
        vm.prank(brand);
        obligations.setTerms(
            address(token),
            IObligationRegistry.Terms({
                termsHash: document, noticePeriod: notice, bondBps: BOND_BPS, termsURI: "ipfs://terms"
            })
        );
    }

    function _expectStale(uint32 version, uint32 worsenedVersion, uint32 current) private {
        _expect(
            abi.encodeWithSelector(IOffers.Offers_StaleVersion.selector, version, worsenedVersion, current)
        );
    }

    function _expectStaleTerms(uint32 version) private {
        _expect(abi.encodeWithSelector(IRedemptions.Redemptions_StaleTerms.selector, address(token), version));
    }
}
