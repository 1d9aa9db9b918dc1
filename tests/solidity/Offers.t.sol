// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { IOffers } from "../../contracts/interfaces/IOffers.sol";
import { IRedemptions } from "../../contracts/interfaces/IRedemptions.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { DeskTest } from "./utils/DeskTest.sol";

/// @notice Publishing offers.
contract CreateOfferTest is DeskTest {
    bytes32 internal constant CAKE = "a slice of cake";

    function test_createOffer__publishes_first_version() public {
        IOffers.Conditions memory conditions = _conditions();
        vm.expectEmit(address(desk));
        emit IOffers.OfferCreated(address(token), CAKE);
        vm.expectEmit(address(desk));
        emit IOffers.OfferSet(address(token), CAKE, 1, false, START, conditions, DOCUMENT, DOCUMENT_URI);
        _create(CAKE, conditions);

        IOffers.Offer memory offer = desk.offerOf(address(token), CAKE);
        assertEq(offer.version, 1);
        assertEq(offer.worsenedVersion, 1);
        assertEq(offer.sold, 0);
        _assertConditions(offer.conditions, conditions);
        assertEq(offer.termsHash, DOCUMENT);
        assertEq(offer.termsURI, DOCUMENT_URI);
        assertEq(offer.changeAt, 0);
        IOffers.Conditions memory none;
        _assertConditions(offer.pendingConditions, none);
        assertEq(offer.pendingTermsHash, 0);
        assertEq(offer.pendingTermsURI, "");
        _assertValid(CAKE, 1, 1);
        assertEq(desk.offerCount(address(token)), 2);
        assertEq(desk.offerIdAt(address(token), 0), OFFER);
        assertEq(desk.offerIdAt(address(token), 1), CAKE);
        assertEq(desk.offerCount(address(partnerToken)), 0);
        vm.expectRevert();
        desk.offerIdAt(address(token), 2);
    }

    function test_offerOf__unknown__is_nothing() public view {
        IOffers.Offer memory none;
        assertEq(abi.encode(desk.offerOf(address(token), CAKE)), abi.encode(none));
        assertFalse(desk.isOfferVersionValid(address(token), CAKE, 0));
        assertFalse(desk.isOfferVersionValid(address(token), CAKE, 1));
        assertEq(desk.redeemedBy(address(token), CAKE, member), 0);
    }

    function test_createOffer__by_who_runs_campaigns() public {
        vm.prank(brand);
        brands.setManager(brandId, manager, Roles.CAMPAIGN);
        vm.prank(manager);
        desk.createOffer(address(token), CAKE, _conditions(), DOCUMENT, "");
        assertEq(desk.offerOf(address(token), CAKE).version, 1);
    }

    function test_createOffer__by_others__reverts() public {
        vm.prank(brand);
        brands.setManager(brandId, manager, Roles.FULFIL | Roles.SETTLE);
        vm.prank(partner);
        brands.setManager(partnerId, till, Roles.MANAGER);
        address[7] memory others = [manager, partner, till, member, guardian, alliance, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAllowed(brandId, others[i], Roles.CAMPAIGN);
            vm.prank(others[i]);
            desk.createOffer(address(token), CAKE, _conditions(), DOCUMENT, "");
        }
    }

    function test_createOffer__suspended__reverts_until_reinstated() public {
        _suspend();
        _expectNotActive(brandId, IBrandRegistry.Status.Suspended);
        _create(CAKE, _conditions());
        vm.prank(alliance);
        brands.reinstate(brandId);
        _create(CAKE, _conditions());
    }

    function test_createOffer__not_obliged__reverts() public {
        ILoyaltyToken fresh = _createToken(brand, brandId, "Fresh", "FRESH");
        address[4] memory none = [address(fresh), address(implementation), currency, member];
        for (uint256 i = 0; i < none.length; ++i) {
            _expect(
                abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_NotObliged.selector, none[i])
            );
            vm.prank(brand);
            desk.createOffer(none[i], CAKE, _conditions(), DOCUMENT, "");
        }
    }

    function test_createOffer__token_of_another_desk__reverts() public {
        address other = deployCode("Redemptions.sol:Redemptions", abi.encode(brands, obligations));
        _list(IBrandRegistry.List.RedemptionDesk, other, true);
        vm.prank(brand);
        address made = factory.createToken(brandId, address(obligations), other, "Tea", "TEA", 0);
        _oblige(brand, ILoyaltyToken(made));
        _expect(abi.encodeWithSelector(IOffers.Offers_OtherDesk.selector, made, other));
        vm.prank(brand);
        desk.createOffer(made, CAKE, _conditions(), DOCUMENT, "");
        vm.prank(brand);
        IRedemptions(other).createOffer(made, CAKE, _conditions(), DOCUMENT, "");
        assertEq(IRedemptions(other).offerCount(made), 1);
    }

    function test_createOffer__same_id_again__reverts_even_when_closed() public {
        bytes memory reason =
            abi.encodeWithSelector(IOffers.Offers_AlreadyExists.selector, address(token), OFFER);
        _expect(reason);
        _create(OFFER, _conditions());
        vm.warp(CLOSES + 1);
        IOffers.Conditions memory later = _conditions();
        later.closesAt = CLOSES + 2;
        _expect(reason);
        _create(OFFER, later);
        // The id is the token's own: another brand's offer may have the same.
        vm.prank(partner);
        desk.createOffer(address(partnerToken), OFFER, later, DOCUMENT, "");
        assertEq(desk.offerCount(address(token)), 1);
        assertEq(desk.offerCount(address(partnerToken)), 1);
    }

    function test_createOffer__no_price__reverts() public {
        IOffers.Conditions memory conditions = _conditions();
        conditions.price = 0;
        _expect(IOffers.Offers_ZeroPrice.selector);
        _create(CAKE, conditions);
        conditions.price = 1;
        _create(CAKE, conditions);
    }

    function test_createOffer__no_document__reverts() public {
        _expect(IOffers.Offers_NoTerms.selector);
        vm.prank(brand);
        desk.createOffer(address(token), CAKE, _conditions(), 0, DOCUMENT_URI);
    }

    function test_offer__long_place_of_the_document__reverts() public {
        bytes memory tooLong =
            abi.encodeWithSelector(IOffers.Offers_URITooLong.selector, uint256(513), uint256(512));
        vm.startPrank(brand);
        vm.expectRevert(tooLong);
        desk.createOffer(address(token), CAKE, _conditions(), DOCUMENT, _uri(513));
        desk.createOffer(address(token), CAKE, _conditions(), DOCUMENT, _uri(512));
        vm.expectRevert(tooLong);
        desk.setOffer(address(token), OFFER, _conditions(), DOCUMENT, _uri(513));
        desk.setOffer(address(token), OFFER, _conditions(), DOCUMENT, _uri(512));
        vm.stopPrank();
    }

    function test_createOffer__window__closes_after_it_opens() public {
        for (uint40 opensAt = START + 99; opensAt <= START + 101; ++opensAt) {
            IOffers.Conditions memory conditions = _conditions();
            (conditions.opensAt, conditions.closesAt) = (opensAt, START + 100);
            if (opensAt >= START + 100) {
                _expect(abi.encodeWithSelector(IOffers.Offers_InvalidWindow.selector, opensAt, START + 100));
            }
            _create(bytes32(uint256(opensAt)), conditions);
        }
        assertEq(desk.offerCount(address(token)), 2);
    }

    function test_createOffer__window__closes_in_the_future() public {
        for (uint40 closesAt = START - 1; closesAt <= START + 1; ++closesAt) {
            IOffers.Conditions memory conditions = _conditions();
            (conditions.opensAt, conditions.closesAt) = (START - 100, closesAt);
            if (closesAt <= START) {
                _expect(abi.encodeWithSelector(IOffers.Offers_InvalidWindow.selector, START - 100, closesAt));
            }
            _create(bytes32(uint256(closesAt)), conditions);
        }
        assertEq(desk.offerCount(address(token)), 2);
    }
}

/// @notice Changing offers: better at once, worse after notice (RED-2).
contract SetOfferTest is DeskTest {
    /// @dev One field better than the offer of the set-up, whichever.
    function _better(uint256 which) private pure returns (IOffers.Conditions memory better) {
        better = _conditions();
        if (which == 0) better.price -= 1;
        if (which == 1) better.stock += 1;
        if (which == 2) better.memberLimit += 1;
        if (which == 3) better.opensAt -= 1;
        if (which == 4) better.closesAt += 1;
    }

    /// @dev One field worse.
    function _worse(uint256 which) private pure returns (IOffers.Conditions memory worse) {
        worse = _conditions();
        if (which == 0) worse.price += 1;
        if (which == 1) worse.stock -= 1;
        if (which == 2) worse.memberLimit -= 1;
        if (which == 3) worse.opensAt += 1;
        if (which == 4) worse.closesAt -= 1;
    }

    function test_setOffer__any_field_better__at_once_and_old_calls_stay_good() public {
        uint256 snapshot = vm.snapshotState();
        for (uint256 which = 0; which < 5; ++which) {
            IOffers.Conditions memory better = _better(which);
            vm.expectEmit(address(desk));
            emit IOffers.OfferSet(address(token), OFFER, 2, false, START, better, DOCUMENT, DOCUMENT_URI);
            _change(OFFER, better);
            IOffers.Offer memory offer = _offer();
            assertEq(offer.version, 2);
            assertEq(offer.worsenedVersion, 1);
            assertEq(offer.changeAt, 0);
            _assertConditions(offer.conditions, better);
            _assertValid(OFFER, 1, 2);
            vm.revertToState(snapshot);
        }
    }

    function test_setOffer__same_document_elsewhere__at_once() public {
        vm.expectEmit(address(desk));
        emit IOffers.OfferSet(address(token), OFFER, 2, false, START, _conditions(), DOCUMENT, "ipfs://moved");
        vm.prank(brand);
        desk.setOffer(address(token), OFFER, _conditions(), DOCUMENT, "ipfs://moved");
        assertEq(_offer().termsURI, "ipfs://moved");
        assertEq(_offer().termsHash, DOCUMENT);
        assertEq(_offer().changeAt, 0);
        _assertValid(OFFER, 1, 2);
    }

    function test_setOffer__any_field_worse__after_notice_to_the_second() public {
        uint256 snapshot = vm.snapshotState();
        for (uint256 which = 0; which < 5; ++which) {
            _assertWorsens(_worse(which), DOCUMENT);
            vm.revertToState(snapshot);
        }
    }

    function test_setOffer__another_document__after_notice_to_the_second() public {
        _assertWorsens(_conditions(), "another document");
    }

    function test_setOffer__one_field_worse__makes_all_wait() public {
        IOffers.Conditions memory mixed = _handedOver(1, STOCK - 1, LIMIT * 2, START - 1, CLOSES + 1);
        _assertWorsens(mixed, DOCUMENT);
    }

    function test_setOffer__another_document_and_better_fields__makes_all_wait() public {
        IOffers.Conditions memory better = _better(0);
        _assertWorsens(better, "another document");
    }

    function _assertWorsens(IOffers.Conditions memory worse, bytes32 document) private {
        uint40 changeAt = START + NOTICE;
        vm.expectEmit(address(desk));
        emit IOffers.OfferSet(address(token), OFFER, 2, true, changeAt, worse, document, "ipfs://new");
        vm.prank(brand);
        desk.setOffer(address(token), OFFER, worse, document, "ipfs://new");

        IOffers.Conditions memory none;
        for (uint40 time = changeAt - 1; time <= changeAt + 1; ++time) {
            vm.warp(time);
            IOffers.Offer memory offer = _offer();
            if (time < changeAt) {
                assertEq(offer.version, 1);
                assertEq(offer.changeAt, changeAt);
                _assertConditions(offer.conditions, _conditions());
                assertEq(offer.termsHash, DOCUMENT);
                assertEq(offer.termsURI, DOCUMENT_URI);
                _assertConditions(offer.pendingConditions, worse);
                assertEq(offer.pendingTermsHash, document);
                assertEq(offer.pendingTermsURI, "ipfs://new");
                _assertValid(OFFER, 1, 1);
            } else {
                assertEq(offer.version, 2);
                assertEq(offer.worsenedVersion, 2);
                assertEq(offer.changeAt, 0);
                _assertConditions(offer.conditions, worse);
                assertEq(offer.termsHash, document);
                assertEq(offer.termsURI, "ipfs://new");
                _assertConditions(offer.pendingConditions, none);
                assertEq(offer.pendingTermsHash, 0);
                assertEq(offer.pendingTermsURI, "");
                _assertValid(OFFER, 2, 2);
            }
        }
    }

    /// @dev The notice is the one of the day of the announcement; what the terms become later moves nothing.
    function test_setOffer__terms_get_longer_notice__announced_change_stays() public {
        _change(OFFER, _worse(0));
        vm.prank(brand);
        obligations.setTerms(
            address(token),
            IObligationRegistry.Terms({
                termsHash: keccak256("terms"),
                noticePeriod: 2 * NOTICE,
                bondBps: BOND_BPS,
                termsURI: "ipfs://terms"
            })
        );
        assertEq(_offer().changeAt, START + NOTICE);
        vm.warp(START + NOTICE);
        IOffers.Conditions memory worse = _worse(0);
        worse.price += 1;
        _change(OFFER, worse);
        assertEq(_offer().changeAt, START + 3 * NOTICE);
    }

    /// @dev The terms' shorter notice itself waits for the longer one, and holds from its first second.
    function test_setOffer__terms_get_shorter_notice__counts_from_when_it_does() public {
        vm.prank(brand);
        obligations.setTerms(
            address(token),
            IObligationRegistry.Terms({
                termsHash: keccak256("terms"),
                noticePeriod: 14 days,
                bondBps: BOND_BPS,
                termsURI: "ipfs://terms"
            })
        );
        for (uint40 time = START + NOTICE - 1; time <= START + NOTICE + 1; ++time) {
            vm.warp(time);
            uint256 snapshot = vm.snapshotState();
            _change(OFFER, _worse(0));
            assertEq(_offer().changeAt, time + (time < START + NOTICE ? NOTICE : 14 days));
            vm.revertToState(snapshot);
        }
    }

    function test_setOffer__while_one_is_pending__reverts_until_it_is_due() public {
        _change(OFFER, _worse(0));
        uint40 changeAt = START + NOTICE;
        IOffers.Conditions memory again = _worse(0);
        again.price += 1;
        for (uint40 time = changeAt - 1; time <= changeAt + 1; ++time) {
            vm.warp(time);
            uint256 snapshot = vm.snapshotState();
            for (uint256 i = 0; i < 2; ++i) {
                bool due = time >= changeAt;
                if (!due) {
                    _expect(
                        abi.encodeWithSelector(
                            IOffers.Offers_ChangePending.selector, address(token), OFFER, changeAt
                        )
                    );
                }
                // First a worse one, then a better one.
                _change(OFFER, i == 0 ? again : _better(0));
                if (due) {
                    assertEq(_offer().version, i == 0 ? 2 : 3);
                    assertEq(_offer().worsenedVersion, 2);
                }
                vm.revertToState(snapshot);
            }
        }
    }

    /// @dev What was due is written down with the change that follows, whole.
    function test_setOffer__after_one_took_effect__goes_on_from_it() public {
        vm.prank(brand);
        desk.setOffer(address(token), OFFER, _worse(0), "another document", "ipfs://another");
        vm.warp(START + NOTICE);
        IOffers.Conditions memory better = _worse(0);
        better.stock += 5;
        vm.prank(brand);
        desk.setOffer(address(token), OFFER, better, "another document", "ipfs://another");
        IOffers.Offer memory offer = _offer();
        assertEq(offer.version, 3);
        assertEq(offer.worsenedVersion, 2);
        _assertConditions(offer.conditions, better);
        assertEq(offer.termsHash, "another document");
        assertEq(offer.termsURI, "ipfs://another");
        assertEq(offer.changeAt, 0);
        _assertValid(OFFER, 2, 3);
    }

    function test_setOffer__nothing_changes__reverts() public {
        bytes memory reason =
            abi.encodeWithSelector(IOffers.Offers_NothingChanges.selector, address(token), OFFER);
        _expect(reason);
        _change(OFFER, _conditions());
        // Also against what took effect by the clock.
        _change(OFFER, _worse(1));
        vm.warp(START + NOTICE);
        _expect(reason);
        _change(OFFER, _worse(1));
    }

    function test_setOffer__unknown__reverts() public {
        bytes memory reason =
            abi.encodeWithSelector(IOffers.Offers_NotFound.selector, address(token), bytes32("cake"));
        _expect(reason);
        _change("cake", _better(0));
        _expect(reason);
        _withdraw("cake");
        // Not even for what is no token.
        _expect(abi.encodeWithSelector(IOffers.Offers_NotFound.selector, intruder, OFFER));
        vm.prank(brand);
        desk.setOffer(intruder, OFFER, _better(0), DOCUMENT, "");
    }

    function test_setOffer__by_others__reverts() public {
        vm.prank(brand);
        brands.setManager(brandId, manager, Roles.FULFIL | Roles.SETTLE);
        address[7] memory others = [manager, partner, till, member, guardian, alliance, intruder];
        _change(OFFER, _worse(0));
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAllowed(brandId, others[i], Roles.CAMPAIGN);
            vm.prank(others[i]);
            desk.setOffer(address(token), OFFER, _better(0), DOCUMENT, DOCUMENT_URI);
            _expectNotAllowed(brandId, others[i], Roles.CAMPAIGN);
            vm.prank(others[i]);
            desk.withdrawOfferChange(address(token), OFFER);
        }
        vm.prank(brand);
        brands.setManager(brandId, manager, Roles.CAMPAIGN);
        vm.startPrank(manager);
        desk.withdrawOfferChange(address(token), OFFER);
        desk.setOffer(address(token), OFFER, _better(0), DOCUMENT, DOCUMENT_URI);
        vm.stopPrank();
        assertEq(_offer().version, 2);
    }

    function test_setOffer__invalid_conditions__revert() public {
        IOffers.Conditions memory conditions = _better(0);
        conditions.price = 0;
        _expect(IOffers.Offers_ZeroPrice.selector);
        _change(OFFER, conditions);

        _expect(IOffers.Offers_NoTerms.selector);
        vm.prank(brand);
        desk.setOffer(address(token), OFFER, _better(0), 0, DOCUMENT_URI);

        for (uint40 opensAt = CLOSES - 1; opensAt <= CLOSES + 1; ++opensAt) {
            conditions = _conditions();
            conditions.opensAt = opensAt;
            if (opensAt >= CLOSES) {
                _expect(abi.encodeWithSelector(IOffers.Offers_InvalidWindow.selector, opensAt, CLOSES));
            }
            uint256 snapshot = vm.snapshotState();
            _change(OFFER, conditions);
            vm.revertToState(snapshot);
        }
    }

    /// @dev An offer that is over can go on, and one can be ended before its time, after notice.
    function test_setOffer__window__can_end_in_the_past() public {
        IOffers.Conditions memory conditions = _conditions();
        conditions.closesAt = START + 1;
        _change(OFFER, conditions);
        vm.warp(START + NOTICE);
        _assertConditions(_offer().conditions, conditions);
        conditions.closesAt = START + NOTICE + 1;
        _change(OFFER, conditions);
        assertEq(_offer().version, 3);
        assertEq(_offer().changeAt, 0);
        _buy(OFFER, 1);
    }

    function test_setOffer__suspended__works() public {
        _change(OFFER, _worse(0));
        _suspendAndStop();
        _withdraw(OFFER);
        assertEq(_offer().changeAt, 0);
        _change(OFFER, _better(0));
        assertEq(_offer().conditions.price, PRICE - 1);
        _change(OFFER, _conditions());
        assertEq(_offer().changeAt, START + NOTICE);
    }

    // -------------------------------------------------------------- withdraw

    function test_withdrawOfferChange__before_its_time__leaves_all_as_it_was() public {
        IOffers.Offer memory before = _offer();
        vm.prank(brand);
        desk.setOffer(address(token), OFFER, _worse(0), "another document", "ipfs://another");
        vm.warp(START + NOTICE - 1);
        vm.expectEmit(address(desk));
        emit IOffers.OfferChangeWithdrawn(address(token), OFFER, 2);
        _withdraw(OFFER);
        assertEq(abi.encode(_offer()), abi.encode(before));
        vm.warp(START + 10 * NOTICE);
        assertEq(abi.encode(_offer()), abi.encode(before));
        _assertValid(OFFER, 1, 1);
        // Its number is free for the next one.
        _change(OFFER, _better(0));
        assertEq(_offer().version, 2);
        _assertValid(OFFER, 1, 2);
    }

    function test_withdrawOfferChange__once_due__reverts() public {
        _change(OFFER, _worse(0));
        for (uint40 time = START + NOTICE; time <= START + NOTICE + 1; ++time) {
            vm.warp(time);
            _expect(abi.encodeWithSelector(IOffers.Offers_NoChangePending.selector, address(token), OFFER));
            _withdraw(OFFER);
            assertEq(_offer().version, 2);
        }
    }

    function test_withdrawOfferChange__none_pending__reverts() public {
        bytes memory reason =
            abi.encodeWithSelector(IOffers.Offers_NoChangePending.selector, address(token), OFFER);
        _expect(reason);
        _withdraw(OFFER);
        _change(OFFER, _worse(0));
        _withdraw(OFFER);
        _expect(reason);
        _withdraw(OFFER);
    }
}

/// @notice Where an offer lies: what is read together lies in one slot.
contract OfferLayoutTest is DeskTest {
    function test_Offers__record__as_commented() public {
        IOffers.Conditions memory conditions = _handedOver(0x1111, 0x22, 0x33, START - 0x44, CLOSES);
        _create("cup", conditions);
        conditions.price = 0x5555;
        vm.prank(brand);
        desk.setOffer(address(token), "cup", conditions, "another document", "ipfs://another");
        _buy("cup", 7);

        uint256 base = _at("cup", _at(bytes32(uint256(uint160(address(token)))), 0));
        conditions.price = 0x1111;
        assertEq(_slot(base), _packed(conditions), "slot 0: conditions");
        conditions.price = 0x5555;
        uint256 history = 1 | (uint256(1) << 32) | (uint256(START + NOTICE) << 64);
        assertEq(_slot(base + 1), history | (uint256(7) << 104), "slot 1: history and units sold");
        assertEq(_slot(base + 2), 0, "slot 2: what a desk needs that delivers");
        assertEq(_slot(base + 3), _packed(conditions), "slots 3 and 4: pending conditions");
        assertEq(_slot(base + 5), uint256(DOCUMENT));
        assertEq(_slot(base + 6) & 0xff, 2 * bytes(DOCUMENT_URI).length);
        assertEq(_slot(base + 7), uint256(bytes32("another document")));
        assertEq(_slot(base + 8) & 0xff, 2 * bytes("ipfs://another").length);
        assertEq(_slot(_at(bytes32(uint256(uint160(member))), base + 9)), 7);

        uint256 ids = _at(bytes32(uint256(uint160(address(token)))), 1);
        assertEq(_slot(ids), 2);
        assertEq(_slot(uint256(keccak256(abi.encode(ids))) + 1), uint256(bytes32("cup")));
        uint256 tills = _at(bytes32(uint256(uint160(address(token)))), 2);
        assertEq(_slot(_at(bytes32(uint256(uint160(till))), tills)), 1);
    }

    /// @dev What was announced is cleared away when it is withdrawn, and when the change after it is written.
    function test_Offers__record__nothing_left_of_what_was_pending() public {
        uint256 base = _at(OFFER, _at(bytes32(uint256(uint160(address(token)))), 0));
        IOffers.Conditions memory worse = _conditions();
        worse.price += 1;
        _change(OFFER, worse);
        _withdraw(OFFER);
        _assertNothingPending(base);
        _change(OFFER, worse);
        vm.warp(START + NOTICE);
        _change(OFFER, _conditions());
        _assertNothingPending(base);
    }

    function _assertNothingPending(uint256 base) private view {
        assertEq(_slot(base + 3), 0);
        assertEq(_slot(base + 4), 0);
        assertEq(_slot(base + 7), 0);
        assertEq(_slot(base + 8), 0);
    }

    function _packed(IOffers.Conditions memory conditions) private pure returns (uint256) {
        return conditions.price | (uint256(conditions.stock) << 96) | (uint256(conditions.memberLimit) << 128)
            | (uint256(conditions.opensAt) << 160) | (uint256(conditions.closesAt) << 200);
    }

    function _slot(uint256 slot) private view returns (uint256) {
        return uint256(vm.load(address(desk), bytes32(slot)));
    }

    function _at(bytes32 key, uint256 slot) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(key, slot)));
    }
}
