// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { SuiteTest } from "./utils/SuiteTest.sol";

contract ObligationRegistryTest is SuiteTest {
    uint32 internal constant MIN_NOTICE = 14 days;
    uint32 internal constant MAX_NOTICE = 3650 days;

    ILoyaltyToken internal fresh;

    function setUp() public override {
        super.setUp();
        fresh = _createToken(brand, brandId, "Fresh Points", "FRESH");
    }

    function test_bounds__as_documented() public view {
        assertEq(obligations.MIN_NOTICE_PERIOD(), MIN_NOTICE);
        assertEq(obligations.MIN_NOTICE_PERIOD(), brands.CHANGE_DELAY());
        assertEq(obligations.MAX_NOTICE_PERIOD(), MAX_NOTICE);
        assertEq(obligations.WIND_DOWN_PERIOD(), WIND_DOWN);
    }

    // ---------------------------------------------------------------- oblige

    function test_oblige__gives_capacity_and_first_terms() public {
        IObligationRegistry.Terms memory terms = _terms();
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.Obliged(address(fresh), brandId, currency, PAR, 500);
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.TermsSet(
            address(fresh), 1, false, START, terms.termsHash, NOTICE, BOND_BPS, terms.termsURI
        );
        vm.expectEmit(address(fresh));
        emit ILoyaltyToken.CapacitySet(500);
        vm.prank(brand);
        obligations.oblige(address(fresh), currency, PAR, 500, terms);

        assertEq(fresh.capacity(), 500);
        IObligationRegistry.Obligation memory obligation = obligations.obligationOf(address(fresh));
        assertEq(obligation.brandId, brandId);
        assertEq(obligation.currency, currency);
        assertEq(obligation.parValue, PAR);
        assertEq(obligation.version, 1);
        assertEq(obligation.worsenedVersion, 1);
        assertEq(obligation.terms.termsHash, terms.termsHash);
        assertEq(obligation.terms.noticePeriod, NOTICE);
        assertEq(obligation.terms.termsURI, terms.termsURI);
        assertEq(obligation.pendingTerms.termsHash, 0);
        assertEq(obligation.termsChangeAt, 0);
        assertEq(obligation.pendingCapacity, 0);
        assertEq(obligation.capacityChangeAt, 0);
        assertEq(obligation.terms.bondBps, BOND_BPS);
        assertEq(obligation.windDownStartsAt, 0);
        assertEq(obligation.windDownEndsAt, 0);
        assertEq(obligations.bondRatioOf(address(fresh)), BOND_BPS);
        assertEq(obligations.windDownEndOf(address(fresh)), 0);
        assertEq(obligations.currencyOf(address(fresh)), currency);
        assertEq(obligations.noticePeriodOf(address(fresh)), NOTICE);
    }

    function test_oblige__is_listed_in_order() public {
        assertEq(obligations.tokenCount(), 2);
        assertEq(obligations.tokenAt(0), address(token));
        assertEq(obligations.tokenAt(1), address(partnerToken));
        _oblige(brand, fresh);
        assertEq(obligations.tokenCount(), 3);
        assertEq(obligations.tokenAt(2), address(fresh));
        vm.expectRevert();
        obligations.tokenAt(3);
    }

    function test_oblige__twice__reverts() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IObligationRegistry.ObligationRegistry_AlreadyObliged.selector, address(token)
            )
        );
        _oblige(brand, token);
    }

    function test_oblige__no_token_of_the_factory__reverts() public {
        address[3] memory none = [address(implementation), currency, brand];
        for (uint256 i = 0; i < none.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_NotToken.selector, none[i])
            );
            _oblige(brand, ILoyaltyToken(none[i]));
        }
    }

    function test_oblige__made_for_another_registry__reverts() public {
        address other = deployCode("ObligationRegistry.sol:ObligationRegistry", abi.encode(brands, factory));
        _list(IBrandRegistry.List.ObligationRegistry, other, true);
        vm.prank(brand);
        address made = factory.createToken(brandId, other, address(desk), "Tea", "TEA", 0);
        vm.expectRevert(
            abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_OtherRegistry.selector, made, other)
        );
        _oblige(brand, ILoyaltyToken(made));
    }

    function test_oblige__others__revert() public {
        address[4] memory others = [partner, manager, alliance, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAuthorized(brandId, others[i]);
            _oblige(others[i], fresh);
        }
    }

    function test_oblige__suspended__reverts() public {
        _suspend();
        _expectNotActive(brandId, IBrandRegistry.Status.Suspended);
        _oblige(brand, fresh);
    }

    function test_oblige__currency_not_listed__reverts() public {
        _list(IBrandRegistry.List.Currency, currency, false);
        vm.expectRevert(
            abi.encodeWithSelector(
                IObligationRegistry.ObligationRegistry_CurrencyNotListed.selector, currency
            )
        );
        _oblige(brand, fresh);
    }

    function test_oblige__no_par_value__reverts() public {
        _expect(IObligationRegistry.ObligationRegistry_ZeroParValue.selector);
        vm.prank(brand);
        obligations.oblige(address(fresh), currency, 0, CAPACITY, _terms());
    }

    function test_terms__long_place__reverts() public {
        bytes memory tooLong = abi.encodeWithSelector(
            IObligationRegistry.ObligationRegistry_URITooLong.selector, uint256(513), uint256(512)
        );
        vm.expectRevert(tooLong);
        _obligeWith(_termsOf("doc", MIN_NOTICE, _uri(513)));
        _obligeWith(_termsOf("doc", MIN_NOTICE, _uri(512)));
        vm.expectRevert(tooLong);
        _setTerms(_termsOf("other", MIN_NOTICE, _uri(513)));
        _setTerms(_termsOf("other", MIN_NOTICE, _uri(512)));
    }

    function test_oblige__no_terms__reverts() public {
        _expect(IObligationRegistry.ObligationRegistry_NoTerms.selector);
        _obligeWith(_termsOf(0, NOTICE, "ipfs://terms"));
    }

    function test_oblige__notice__at_its_bounds() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IObligationRegistry.ObligationRegistry_NoticeTooShort.selector, MIN_NOTICE - 1, MIN_NOTICE
            )
        );
        _obligeWith(_termsOf("doc", MIN_NOTICE - 1, ""));
        vm.expectRevert(
            abi.encodeWithSelector(
                IObligationRegistry.ObligationRegistry_NoticeTooLong.selector, MAX_NOTICE + 1, MAX_NOTICE
            )
        );
        _obligeWith(_termsOf("doc", MAX_NOTICE + 1, ""));
        uint256 snapshot = vm.snapshotState();
        _obligeWith(_termsOf("doc", MIN_NOTICE, ""));
        vm.revertToState(snapshot);
        _obligeWith(_termsOf("doc", MAX_NOTICE, ""));
    }

    // ----------------------------------------------------------------- terms

    function test_setTerms__longer_notice__at_once_and_old_versions_stay_good() public {
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.TermsSet(
            address(token), 2, false, START, keccak256("terms"), NOTICE + 1, BOND_BPS, "ipfs://terms"
        );
        _setTerms(_termsOf(keccak256("terms"), NOTICE + 1, "ipfs://terms"));
        IObligationRegistry.Obligation memory obligation = obligations.obligationOf(address(token));
        assertEq(obligation.version, 2);
        assertEq(obligation.worsenedVersion, 1);
        assertEq(obligation.terms.noticePeriod, NOTICE + 1);
        assertEq(obligation.termsChangeAt, 0);
        _assertValid(1, 2);
    }

    function test_setTerms__same_document_elsewhere__at_once() public {
        _setTerms(_termsOf(keccak256("terms"), NOTICE, "ipfs://moved"));
        IObligationRegistry.Obligation memory obligation = obligations.obligationOf(address(token));
        assertEq(obligation.terms.termsURI, "ipfs://moved");
        _assertValid(1, 2);
    }

    function test_setTerms__another_document__after_notice_to_the_second() public {
        uint40 effectiveAt = START + NOTICE;
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.TermsSet(
            address(token), 2, true, effectiveAt, "other", NOTICE + 9, BOND_BPS, "ipfs://other"
        );
        _setTerms(_termsOf("other", NOTICE + 9, "ipfs://other"));
        for (uint40 time = effectiveAt - 1; time <= effectiveAt + 1; ++time) {
            vm.warp(time);
            IObligationRegistry.Obligation memory obligation = obligations.obligationOf(address(token));
            if (time < effectiveAt) {
                assertEq(obligation.terms.termsHash, keccak256("terms"));
                assertEq(obligation.pendingTerms.termsHash, "other");
                assertEq(obligation.pendingTerms.noticePeriod, NOTICE + 9);
                assertEq(obligation.pendingTerms.termsURI, "ipfs://other");
                assertEq(obligation.termsChangeAt, effectiveAt);
                assertEq(obligation.version, 1);
                assertEq(obligation.worsenedVersion, 1);
                assertEq(obligations.noticePeriodOf(address(token)), NOTICE);
                _assertValid(1, 1);
            } else {
                assertEq(obligation.terms.termsHash, "other");
                assertEq(obligation.terms.noticePeriod, NOTICE + 9);
                assertEq(obligation.terms.termsURI, "ipfs://other");
                assertEq(obligation.pendingTerms.termsHash, 0);
                assertEq(obligation.pendingTerms.noticePeriod, 0);
                assertEq(obligation.pendingTerms.termsURI, "");
                assertEq(obligation.termsChangeAt, 0);
                assertEq(obligation.version, 2);
                assertEq(obligation.worsenedVersion, 2);
                assertEq(obligations.noticePeriodOf(address(token)), NOTICE + 9);
                _assertValid(2, 2);
            }
        }
    }

    function test_setTerms__shorter_notice__waits_the_longer_one() public {
        _setTerms(_termsOf(keccak256("terms"), MIN_NOTICE, "ipfs://terms"));
        vm.warp(START + NOTICE - 1);
        assertEq(obligations.obligationOf(address(token)).terms.noticePeriod, NOTICE);
        vm.warp(START + NOTICE);
        assertEq(obligations.obligationOf(address(token)).terms.noticePeriod, MIN_NOTICE);
        // The next worsening waits the notice now in force, and not the one that was.
        _setTerms(_termsOf("other", MIN_NOTICE, "ipfs://other"));
        assertEq(obligations.obligationOf(address(token)).termsChangeAt, START + NOTICE + MIN_NOTICE);
        assertEq(obligations.obligationOf(address(token)).version, 2);
        vm.warp(START + NOTICE + MIN_NOTICE);
        _assertValid(3, 3);
    }

    function test_setTerms__while_a_worsening_is_pending__reverts() public {
        _setTerms(_termsOf("other", NOTICE, ""));
        bytes memory pending = abi.encodeWithSelector(
            IObligationRegistry.ObligationRegistry_ChangePending.selector, address(token), START + NOTICE
        );
        vm.expectRevert(pending);
        _setTerms(_termsOf("another", NOTICE, ""));
        // A better one neither: it would be hidden by what comes.
        vm.expectRevert(pending);
        _setTerms(_termsOf(keccak256("terms"), NOTICE + 1, "ipfs://terms"));
        vm.warp(START + NOTICE - 1);
        vm.expectRevert(pending);
        _setTerms(_termsOf("another", NOTICE, ""));
        vm.warp(START + NOTICE);
        _setTerms(_termsOf("other", NOTICE + 1, ""));
        _assertValid(2, 3);
        // What waited has been written down, and nothing waits any more.
        IObligationRegistry.Obligation memory obligation = obligations.obligationOf(address(token));
        assertEq(obligation.pendingTerms.termsHash, 0);
        assertEq(obligation.pendingTerms.noticePeriod, 0);
        assertEq(obligation.termsChangeAt, 0);
    }

    function test_setTerms__nothing_changes__reverts() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IObligationRegistry.ObligationRegistry_NothingChanges.selector, address(token)
            )
        );
        _setTerms(_terms());
    }

    function test_setTerms__invalid__reverts() public {
        _expect(IObligationRegistry.ObligationRegistry_NoTerms.selector);
        _setTerms(_termsOf(0, NOTICE, ""));
        vm.expectRevert(
            abi.encodeWithSelector(
                IObligationRegistry.ObligationRegistry_NoticeTooShort.selector, MIN_NOTICE - 1, MIN_NOTICE
            )
        );
        _setTerms(_termsOf("other", MIN_NOTICE - 1, ""));
        vm.expectRevert(
            abi.encodeWithSelector(
                IObligationRegistry.ObligationRegistry_NoticeTooLong.selector, MAX_NOTICE + 1, MAX_NOTICE
            )
        );
        _setTerms(_termsOf(keccak256("terms"), MAX_NOTICE + 1, "ipfs://terms"));
    }

    function test_withdrawTerms__before_they_take_effect() public {
        _setTerms(_termsOf("other", NOTICE, "ipfs://other"));
        vm.warp(START + NOTICE - 1);
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.TermsWithdrawn(address(token), 2);
        vm.prank(brand);
        obligations.withdrawTerms(address(token));
        vm.warp(START + NOTICE + 1);
        IObligationRegistry.Obligation memory obligation = obligations.obligationOf(address(token));
        assertEq(obligation.terms.termsHash, keccak256("terms"));
        assertEq(obligation.pendingTerms.termsHash, 0);
        assertEq(obligation.pendingTerms.termsURI, "");
        assertEq(obligation.termsChangeAt, 0);
        _assertValid(1, 1);
        // The number that the withdrawn terms would have had goes to the next ones.
        _setTerms(_termsOf(keccak256("terms"), NOTICE + 1, "ipfs://terms"));
        _assertValid(1, 2);
    }

    function test_withdrawTerms__in_effect_or_none__reverts() public {
        bytes memory none = abi.encodeWithSelector(
            IObligationRegistry.ObligationRegistry_NoChangePending.selector, address(token)
        );
        vm.expectRevert(none);
        vm.prank(brand);
        obligations.withdrawTerms(address(token));
        _setTerms(_termsOf("other", NOTICE, ""));
        vm.warp(START + NOTICE);
        vm.expectRevert(none);
        vm.prank(brand);
        obligations.withdrawTerms(address(token));
        assertEq(obligations.obligationOf(address(token)).terms.termsHash, "other");
    }

    // ------------------------------------------------------------ bond ratio

    function test_oblige__bond_ratio__at_its_bounds() public {
        IObligationRegistry.Terms memory terms = _terms();
        terms.bondBps = 10_001;
        _expectRatioTooHigh(10_001);
        _obligeWith(terms);
        for (uint256 i = 0; i < 2; ++i) {
            uint256 snapshot = vm.snapshotState();
            terms.bondBps = i == 0 ? 0 : 10_000;
            _obligeWith(terms);
            assertEq(obligations.bondRatioOf(address(fresh)), terms.bondBps);
            vm.revertToState(snapshot);
        }
    }

    function test_setTerms__bond_ratio_beyond_all__reverts() public {
        IObligationRegistry.Terms memory terms = _terms();
        terms.bondBps = 10_001;
        _expectRatioTooHigh(10_001);
        _setTerms(terms);
        terms.bondBps = type(uint16).max;
        _expectRatioTooHigh(type(uint16).max);
        _setTerms(terms);
    }

    function test_setTerms__higher_bond_ratio__at_once_and_old_versions_stay_good() public {
        IObligationRegistry.Terms memory terms = _terms();
        terms.bondBps = BOND_BPS + 1;
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.TermsSet(
            address(token), 2, false, START, terms.termsHash, NOTICE, BOND_BPS + 1, terms.termsURI
        );
        _setTerms(terms);
        assertEq(obligations.bondRatioOf(address(token)), BOND_BPS + 1);
        _assertValid(1, 2);
    }

    function test_setTerms__lower_bond_ratio__after_notice_to_the_second() public {
        IObligationRegistry.Terms memory terms = _terms();
        terms.bondBps = BOND_BPS - 1;
        uint40 effectiveAt = START + NOTICE;
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.TermsSet(
            address(token), 2, true, effectiveAt, terms.termsHash, NOTICE, BOND_BPS - 1, terms.termsURI
        );
        _setTerms(terms);
        assertEq(obligations.bondRatioOf(address(token)), BOND_BPS);
        vm.warp(effectiveAt - 1);
        assertEq(obligations.bondRatioOf(address(token)), BOND_BPS);
        assertEq(obligations.obligationOf(address(token)).pendingTerms.bondBps, BOND_BPS - 1);
        _assertValid(1, 1);
        for (uint40 time = effectiveAt; time <= effectiveAt + 1; ++time) {
            vm.warp(time);
            assertEq(obligations.bondRatioOf(address(token)), BOND_BPS - 1);
            assertEq(obligations.obligationOf(address(token)).terms.bondBps, BOND_BPS - 1);
            _assertValid(2, 2);
        }
    }

    /// @dev Worse in one field is worse, however much better the others are.
    function test_setTerms__lower_bond_ratio_and_longer_notice__waits() public {
        IObligationRegistry.Terms memory terms = _terms();
        terms.bondBps = BOND_BPS - 1;
        terms.noticePeriod = NOTICE * 2;
        _setTerms(terms);
        assertEq(obligations.obligationOf(address(token)).termsChangeAt, START + NOTICE);
        vm.prank(brand);
        obligations.withdrawTerms(address(token));
        terms.bondBps = BOND_BPS + 1;
        terms.noticePeriod = NOTICE - 1;
        _setTerms(terms);
        assertEq(obligations.obligationOf(address(token)).termsChangeAt, START + NOTICE);
    }

    // -------------------------------------------------------------- capacity

    function test_setCapacity__lower__at_once_down_to_what_is_promised() public {
        _mint(member, 300);
        _grant(till, 200);
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.CapacitySet(address(token), 500);
        vm.expectEmit(address(token));
        emit ILoyaltyToken.CapacitySet(500);
        _setCapacity(500);
        assertEq(token.capacity(), 500);
        vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_CapacityTooLow.selector, 499, 500));
        _setCapacity(499);
    }

    function test_setCapacity__higher__after_notice_to_the_second_by_anyone() public {
        uint40 effectiveAt = START + NOTICE;
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.CapacityRaiseAnnounced(address(token), CAPACITY + 1, effectiveAt);
        _setCapacity(CAPACITY + 1);
        assertEq(token.capacity(), CAPACITY);
        assertEq(obligations.obligationOf(address(token)).pendingCapacity, CAPACITY + 1);
        assertEq(obligations.obligationOf(address(token)).capacityChangeAt, effectiveAt);

        vm.warp(effectiveAt - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IObligationRegistry.ObligationRegistry_ChangeNotDue.selector, address(token), effectiveAt
            )
        );
        _apply();
        for (uint40 late = 0; late < 2; ++late) {
            uint256 snapshot = vm.snapshotState();
            vm.warp(effectiveAt + late);
            assertEq(token.capacity(), CAPACITY);
            vm.expectEmit(address(obligations));
            emit IObligationRegistry.CapacitySet(address(token), CAPACITY + 1);
            _apply();
            assertEq(token.capacity(), CAPACITY + 1);
            assertEq(obligations.obligationOf(address(token)).pendingCapacity, 0);
            assertEq(obligations.obligationOf(address(token)).capacityChangeAt, 0);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IObligationRegistry.ObligationRegistry_NoChangePending.selector, address(token)
                )
            );
            _apply();
            vm.revertToState(snapshot);
        }
    }

    function test_setCapacity__higher_again__replaces_and_waits_anew() public {
        _setCapacity(CAPACITY + 1);
        vm.warp(START + NOTICE - 1);
        _setCapacity(CAPACITY + 2);
        vm.warp(START + NOTICE);
        vm.expectRevert(
            abi.encodeWithSelector(
                IObligationRegistry.ObligationRegistry_ChangeNotDue.selector,
                address(token),
                START + 2 * NOTICE - 1
            )
        );
        _apply();
        vm.warp(START + 2 * NOTICE - 1);
        _apply();
        assertEq(token.capacity(), CAPACITY + 2);
    }

    /// @dev Whoever lowers capacity, or sets it to what it is, does not want it to rise by itself later.
    function test_setCapacity__at_or_below_the_present__withdraws_an_announced_raise() public {
        for (uint96 fall = 0; fall < 2; ++fall) {
            uint256 snapshot = vm.snapshotState();
            _setCapacity(CAPACITY * 2);
            vm.warp(START + NOTICE); // also when it is due and nobody has put it into force
            vm.expectEmit(address(obligations));
            emit IObligationRegistry.CapacityRaiseWithdrawn(address(token), CAPACITY * 2);
            vm.expectEmit(address(obligations));
            emit IObligationRegistry.CapacitySet(address(token), CAPACITY - fall);
            _setCapacity(CAPACITY - fall);

            assertEq(obligations.obligationOf(address(token)).pendingCapacity, 0);
            assertEq(obligations.obligationOf(address(token)).capacityChangeAt, 0);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IObligationRegistry.ObligationRegistry_NoChangePending.selector, address(token)
                )
            );
            _apply();
            assertEq(token.capacity(), CAPACITY - fall);
            vm.revertToState(snapshot);
        }
    }

    function test_setCapacity__lower_than_promised__keeps_the_announced_raise() public {
        _mint(member, 500);
        _setCapacity(CAPACITY + 1);
        vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_CapacityTooLow.selector, 499, 500));
        _setCapacity(499);
        vm.warp(START + NOTICE);
        _apply();
        assertEq(token.capacity(), CAPACITY + 1);
    }

    /// @dev Nothing is announced, so nothing is said to be withdrawn.
    function test_setCapacity__lower_with_nothing_announced__one_event() public {
        vm.recordLogs();
        _setCapacity(CAPACITY - 1);
        assertEq(vm.getRecordedLogs().length, 2); // the registry's and the token's
    }

    /// @dev The notice that counts is the one in force when the raise is announced, also when the clock has
    /// changed it and nobody has written that down.
    function test_setCapacity__higher__waits_the_notice_in_force() public {
        _setTerms(_termsOf(keccak256("terms"), MIN_NOTICE, "ipfs://terms"));
        vm.warp(START + NOTICE);
        _setCapacity(CAPACITY + 1);
        assertEq(obligations.obligationOf(address(token)).capacityChangeAt, START + NOTICE + MIN_NOTICE);
        assertEq(obligations.obligationOf(address(token)).version, 2);
    }

    function test_applyCapacityRaise__suspended__waits_for_reinstatement() public {
        _setCapacity(CAPACITY + 1);
        _suspend();
        vm.warp(START + NOTICE);
        _expectNotActive(brandId, IBrandRegistry.Status.Suspended);
        _apply();
        vm.prank(alliance);
        brands.reinstate(brandId);
        _apply();
        assertEq(token.capacity(), CAPACITY + 1);
    }

    function test_withdrawCapacityRaise__ends_it() public {
        bytes memory none = abi.encodeWithSelector(
            IObligationRegistry.ObligationRegistry_NoChangePending.selector, address(token)
        );
        vm.expectRevert(none);
        vm.prank(brand);
        obligations.withdrawCapacityRaise(address(token));
        _setCapacity(CAPACITY + 1);
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.CapacityRaiseWithdrawn(address(token), CAPACITY + 1);
        vm.prank(brand);
        obligations.withdrawCapacityRaise(address(token));
        vm.warp(START + NOTICE);
        vm.expectRevert(none);
        _apply();
        assertEq(token.capacity(), CAPACITY);
    }

    // -------------------------------------------------------------- mint-stop

    function test_syncMintStop__follows_the_brands_status_by_anyone() public {
        _suspend();
        assertFalse(token.mintStopped());
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.MintStopSynced(address(token), true);
        vm.prank(intruder);
        obligations.syncMintStop(address(token));
        assertTrue(token.mintStopped());
        vm.prank(alliance);
        brands.reinstate(brandId);
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.MintStopSynced(address(token), false);
        vm.prank(intruder);
        obligations.syncMintStop(address(token));
        assertFalse(token.mintStopped());
    }

    function test_syncMintStop__nothing_to_do__does_nothing() public {
        vm.recordLogs();
        obligations.syncMintStop(address(token));
        _suspendAndStop();
        vm.getRecordedLogs();
        obligations.syncMintStop(address(token));
        assertEq(vm.getRecordedLogs().length, 0);
        assertTrue(token.mintStopped());
    }

    // -------------------------------------------------------------- wind-down

    function test_announceWindDown__tells_start_and_end_and_stops_nothing() public {
        uint40 startsAt = START + NOTICE;
        uint40 endsAt = startsAt + WIND_DOWN;
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.WindDownAnnounced(address(token), startsAt, endsAt);
        _announceWindDown();

        IObligationRegistry.Obligation memory obligation = obligations.obligationOf(address(token));
        assertEq(obligation.windDownStartsAt, startsAt);
        assertEq(obligation.windDownEndsAt, endsAt);
        assertEq(obligations.windDownEndOf(address(token)), endsAt);
        assertEq(obligations.windDownEndOf(address(partnerToken)), 0);
        obligations.syncMintStop(address(token));
        assertFalse(token.mintStopped());
        _mint(member, 1);
        _assertValid(1, 1);
    }

    /// @dev Until its start a brand issues as ever; from that second on anybody can end it, and nobody can
    /// bring it back, whatever becomes of the brand.
    function test_syncMintStop__winding_down__from_its_start_to_the_second_and_for_good() public {
        _grant(manager, 100);
        _announceWindDown();
        uint40 startsAt = START + NOTICE;
        uint40 endsAt = startsAt + WIND_DOWN;
        vm.warp(startsAt - 1);
        obligations.syncMintStop(address(token));
        _mint(member, 1);
        for (uint40 late = 0; late < 2; ++late) {
            uint256 snapshot = vm.snapshotState();
            vm.warp(startsAt + late);
            vm.expectEmit(address(obligations));
            emit IObligationRegistry.MintStopSynced(address(token), true);
            vm.expectEmit(address(token));
            emit ILoyaltyToken.MintStopSet(true);
            vm.prank(intruder);
            obligations.syncMintStop(address(token));
            for (uint256 i = 0; i < 4; ++i) {
                if (i > 0) vm.warp(endsAt - 2 + i);
                obligations.syncMintStop(address(token));
                _expect(ILoyaltyToken.LoyaltyToken_MintStopped.selector);
                vm.prank(manager);
                token.mint(member, 1);
                _expect(ILoyaltyToken.LoyaltyToken_MintStopped.selector);
                _grant(manager, 1);
                assertEq(obligations.bondRatioOf(address(token)), i < 2 ? BOND_BPS : 0);
            }
            assertEq(obligations.windDownEndOf(address(token)), endsAt, "it has ended, and says when");
            assertFalse(partnerToken.mintStopped());
            vm.revertToState(snapshot);
        }
    }

    function test_announceWindDown__longer_notice__starts_later_and_lasts_as_long() public {
        uint32[3] memory notices = [WIND_DOWN - 1, WIND_DOWN, WIND_DOWN + 1];
        for (uint256 i = 0; i < notices.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            _setTerms(_termsOf(keccak256("terms"), notices[i], "ipfs://terms"));
            _announceWindDown();
            uint40 startsAt = START + notices[i];
            uint40 endsAt = startsAt + (i == 2 ? notices[i] : WIND_DOWN);
            assertEq(obligations.obligationOf(address(token)).windDownStartsAt, startsAt);
            assertEq(obligations.windDownEndOf(address(token)), endsAt);
            vm.warp(endsAt - 1);
            assertEq(obligations.bondRatioOf(address(token)), BOND_BPS);
            vm.warp(endsAt);
            assertEq(obligations.bondRatioOf(address(token)), 0);
            vm.revertToState(snapshot);
        }
    }

    /// @dev What was announced lapses, and is told as if it had been withdrawn.
    function test_announceWindDown__announced_changes__lapse_a_second_before_they_take_effect() public {
        IObligationRegistry.Terms memory worse = _termsOf("other", 800 days, "ipfs://other");
        worse.bondBps = 0;
        _setTerms(worse);
        _setCapacity(CAPACITY + 1);
        vm.warp(START + NOTICE - 1);
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.TermsWithdrawn(address(token), 2);
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.CapacityRaiseWithdrawn(address(token), CAPACITY + 1);
        _announceWindDown();
        vm.warp(START + NOTICE);

        IObligationRegistry.Obligation memory obligation = obligations.obligationOf(address(token));
        assertEq(obligation.terms.termsHash, keccak256("terms"));
        assertEq(obligation.pendingTerms.termsHash, 0);
        assertEq(obligation.pendingTerms.noticePeriod, 0);
        assertEq(obligation.pendingTerms.termsURI, "");
        assertEq(obligation.termsChangeAt, 0);
        assertEq(obligation.pendingCapacity, 0);
        assertEq(obligation.capacityChangeAt, 0);
        assertEq(obligation.windDownStartsAt, START + NOTICE - 1 + NOTICE);
        assertEq(obligation.windDownEndsAt, START + NOTICE - 1 + NOTICE + WIND_DOWN);
        assertEq(obligations.bondRatioOf(address(token)), BOND_BPS);
        _assertValid(1, 1);
        _expectNoChangePending();
        _apply();
    }

    /// @dev What has taken effect has taken effect, also when nobody had written it down.
    function test_announceWindDown__worse_terms_in_effect__stand() public {
        IObligationRegistry.Terms memory worse = _termsOf("other", 800 days, "ipfs://other");
        worse.bondBps = 1;
        _setTerms(worse);
        vm.warp(START + NOTICE);
        _announceWindDown();
        assertEq(obligations.obligationOf(address(token)).terms.termsHash, "other");
        assertEq(obligations.bondRatioOf(address(token)), 1);
        assertEq(obligations.windDownEndOf(address(token)), START + NOTICE + 2 * 800 days);
        _assertValid(2, 2);
    }

    /// @dev Before it starts, while it runs, and when it has ended.
    function test_winding_down__for_the_worse__reverts_from_the_announcement_on() public {
        _announceWindDown();
        uint40 startsAt = START + NOTICE;
        uint40 endsAt = startsAt + WIND_DOWN;
        bytes memory windingDown = abi.encodeWithSelector(
            IObligationRegistry.ObligationRegistry_WindingDown.selector, address(token), endsAt
        );
        IObligationRegistry.Terms memory lower = _terms();
        lower.bondBps = BOND_BPS - 1;
        uint40[7] memory times = [START, startsAt - 1, startsAt, startsAt + 1, endsAt - 1, endsAt, endsAt + 1];
        for (uint256 i = 0; i < times.length; ++i) {
            vm.warp(times[i]);
            vm.expectRevert(windingDown);
            _setTerms(_termsOf("other", NOTICE, "ipfs://terms"));
            vm.expectRevert(windingDown);
            _setTerms(_termsOf(keccak256("terms"), NOTICE - 1, "ipfs://terms"));
            vm.expectRevert(windingDown);
            _setTerms(lower);
            vm.expectRevert(windingDown);
            _setCapacity(CAPACITY + 1);
            vm.expectRevert(windingDown);
            _announceWindDown();
        }
    }

    function test_winding_down__for_the_better__works() public {
        _announceWindDown();
        IObligationRegistry.Terms memory better = _termsOf(keccak256("terms"), NOTICE * 30, "ipfs://moved");
        better.bondBps = BOND_BPS + 1;
        _setTerms(better);
        assertEq(obligations.bondRatioOf(address(token)), BOND_BPS + 1);
        _assertValid(1, 2);
        _setCapacity(CAPACITY - 1);
        assertEq(token.capacity(), CAPACITY - 1);
        // And start and end stay where they were, though the notice is longer now.
        assertEq(obligations.obligationOf(address(token)).windDownStartsAt, START + NOTICE);
        assertEq(obligations.windDownEndOf(address(token)), START + NOTICE + WIND_DOWN);
        vm.warp(START + NOTICE + WIND_DOWN);
        assertEq(obligations.bondRatioOf(address(token)), 0);
    }

    function test_withdrawWindDown__before_its_start_to_the_second() public {
        _announceWindDown();
        uint40 startsAt = START + NOTICE;
        uint256 snapshot = vm.snapshotState();
        vm.warp(startsAt - 1);
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.WindDownWithdrawn(address(token));
        _withdrawWindDown();
        assertEq(obligations.obligationOf(address(token)).windDownStartsAt, 0);
        assertEq(obligations.windDownEndOf(address(token)), 0);

        for (uint40 late = 0; late < 2; ++late) {
            vm.revertToState(snapshot);
            vm.warp(startsAt + late);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IObligationRegistry.ObligationRegistry_WindDownStarted.selector, address(token), startsAt
                )
            );
            _withdrawWindDown();
        }
    }

    /// @dev Withdrawn, it was as if nothing had been announced: issuing goes on past the start that there would
    /// have been, the bond is owed past that end, and what gets worse waits its whole notice from then on.
    function test_withdrawWindDown__all_is_as_before_and_nothing_looser() public {
        _setTerms(_termsOf("other", NOTICE, "ipfs://other"));
        _announceWindDown();
        vm.warp(START + NOTICE - 1);
        _withdrawWindDown();
        vm.warp(START + NOTICE);
        obligations.syncMintStop(address(token));
        _mint(member, 1);
        assertEq(obligations.obligationOf(address(token)).terms.termsHash, keccak256("terms"));
        _assertValid(1, 1);
        _setTerms(_termsOf("other", NOTICE, "ipfs://other"));
        _setCapacity(CAPACITY + 1);
        _expectChangeNotDue(START + 2 * NOTICE);
        _apply();
        vm.warp(START + 2 * NOTICE);
        _apply();
        _assertValid(2, 2);
        vm.warp(START + NOTICE + WIND_DOWN);
        assertEq(obligations.bondRatioOf(address(token)), BOND_BPS);

        // And it can be announced again, with the whole notice.
        _announceWindDown();
        assertEq(
            obligations.obligationOf(address(token)).windDownStartsAt, START + NOTICE + WIND_DOWN + NOTICE
        );
    }

    function test_withdrawWindDown__none_announced__reverts() public {
        _expectNoChangePending();
        _withdrawWindDown();
        _announceWindDown();
        _withdrawWindDown();
        _expectNoChangePending();
        _withdrawWindDown();
    }

    /// @dev A brand's status and its leaving are two reasons to stop; either is enough.
    function test_syncMintStop__winding_down_and_suspended__either_stops() public {
        _suspendAndStop();
        vm.recordLogs();
        _announceWindDown();
        _withdrawWindDown();
        _announceWindDown();
        assertEq(vm.getRecordedLogs().length, 3);
        assertTrue(token.mintStopped());
        vm.prank(alliance);
        brands.reinstate(brandId);
        obligations.syncMintStop(address(token));
        assertFalse(token.mintStopped());
        vm.warp(START + NOTICE);
        obligations.syncMintStop(address(token));
        assertTrue(token.mintStopped());
        _suspend();
        obligations.syncMintStop(address(token));
        vm.prank(alliance);
        brands.reinstate(brandId);
        vm.warp(START + NOTICE + WIND_DOWN + 1);
        obligations.syncMintStop(address(token));
        assertTrue(token.mintStopped());
    }

    /// @dev ISSUE-3: what was promised is paid, and what is held can be moved, until the end and after it.
    function test_winding_down__holders_and_modules__go_on() public {
        _mint(member, 300);
        _grantModule(module, 200);
        _leave();
        for (uint256 i = 0; i < 2; ++i) {
            module.mint(token, member, 50);
            vm.startPrank(member);
            token.transfer(till, 20);
            token.transferAndCall(address(module), 30, "");
            token.burn(10);
            vm.stopPrank();
            vm.warp(START + NOTICE + WIND_DOWN);
        }
        assertEq(token.balanceOf(member), 300 + 2 * (50 - 20 - 30 - 10));
        assertEq(token.quotaOf(address(module)), 200 - 2 * 50);
        assertEq(token.balanceOf(address(module)), 2 * 30);
    }

    // ------------------------------------------------------------------ value

    function test_value__rounds_as_its_name_says() public view {
        // A base unit (0.01 of a token) is worth 100 settlement base units.
        assertEq(obligations.valueDown(address(token), 3), 300);
        assertEq(obligations.valueUp(address(token), 3), 300);
        assertEq(obligations.valueDown(address(token), 0), 0);
        assertEq(obligations.valueUp(address(token), 0), 0);
    }

    function testFuzz_value__any_decimals_and_par__one_unit_apart_at_most(
        uint8 decimals,
        uint96 par,
        uint96 amount
    ) public {
        decimals %= 19;
        par = uint96(bound(par, 1, type(uint96).max));
        vm.startPrank(brand);
        address made =
            factory.createToken(brandId, address(obligations), address(desk), "Any", "ANY", decimals);
        obligations.oblige(made, currency, par, 0, _terms());
        vm.stopPrank();
        uint256 product = uint256(par) * amount;
        uint256 unit = 10 ** decimals;
        assertEq(obligations.valueDown(made, amount), product / unit);
        assertEq(obligations.valueUp(made, amount), product / unit + (product % unit == 0 ? 0 : 1));
    }

    // --------------------------------------------------------------- refusals

    function test_brand_functions__others__revert() public {
        _setTerms(_termsOf("other", NOTICE, ""));
        _setCapacity(CAPACITY + 1);
        address[4] memory others = [partner, manager, alliance, intruder];
        bytes[6] memory calls = [
            abi.encodeCall(obligations.setTerms, (address(token), _terms())),
            abi.encodeCall(obligations.withdrawTerms, (address(token))),
            abi.encodeCall(obligations.setCapacity, (address(token), CAPACITY * 2)),
            abi.encodeCall(obligations.withdrawCapacityRaise, (address(token))),
            abi.encodeCall(obligations.announceWindDown, (address(token))),
            abi.encodeCall(obligations.withdrawWindDown, (address(token)))
        ];
        for (uint256 i = 0; i < others.length; ++i) {
            for (uint256 j = 0; j < calls.length; ++j) {
                _expectNotAuthorized(brandId, others[i]);
                this.submit(others[i], calls[j]);
            }
        }
    }

    function test_any_function__not_obliged__reverts() public {
        address none = address(fresh);
        bytes[14] memory calls = [
            abi.encodeCall(obligations.setTerms, (none, _terms())),
            abi.encodeCall(obligations.withdrawTerms, (none)),
            abi.encodeCall(obligations.setCapacity, (none, 1)),
            abi.encodeCall(obligations.withdrawCapacityRaise, (none)),
            abi.encodeCall(obligations.applyCapacityRaise, (none)),
            abi.encodeCall(obligations.syncMintStop, (none)),
            abi.encodeCall(obligations.valueDown, (none, 1)),
            abi.encodeCall(obligations.valueUp, (none, 1)),
            abi.encodeCall(obligations.noticePeriodOf, (none)),
            abi.encodeCall(obligations.currencyOf, (none)),
            abi.encodeCall(obligations.announceWindDown, (none)),
            abi.encodeCall(obligations.withdrawWindDown, (none)),
            abi.encodeCall(obligations.bondRatioOf, (none)),
            abi.encodeCall(obligations.windDownEndOf, (none))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_NotObliged.selector, none)
            );
            this.submit(brand, calls[i]);
        }
        assertEq(obligations.obligationOf(none).parValue, 0);
        assertEq(obligations.obligationOf(none).brandId, 0);
        assertFalse(obligations.isVersionValid(none, 0));
        assertFalse(obligations.isVersionValid(none, 1));
    }

    /// @dev What must always be possible is possible for a suspended brand.
    function test_brand_functions__suspended__can_lower_and_withdraw() public {
        _setTerms(_termsOf("other", NOTICE, ""));
        _setCapacity(CAPACITY + 1);
        _suspendAndStop();
        vm.startPrank(brand);
        obligations.withdrawTerms(address(token));
        obligations.withdrawCapacityRaise(address(token));
        obligations.setCapacity(address(token), 0);
        vm.stopPrank();
        assertEq(token.capacity(), 0);
    }

    // ---------------------------------------------------------------- helpers

    function submit(address sender, bytes memory call) external {
        vm.prank(sender);
        (bool success, bytes memory reason) = address(obligations).call(call);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    function _termsOf(bytes32 termsHash, uint32 noticePeriod, string memory termsURI)
        private
        pure
        returns (IObligationRegistry.Terms memory)
    {
        return IObligationRegistry.Terms({
            termsHash: termsHash, noticePeriod: noticePeriod, bondBps: BOND_BPS, termsURI: termsURI
        });
    }

    function _obligeWith(IObligationRegistry.Terms memory terms) private {
        vm.prank(brand);
        obligations.oblige(address(fresh), currency, PAR, CAPACITY, terms);
    }

    function _setTerms(IObligationRegistry.Terms memory terms) private {
        vm.prank(brand);
        obligations.setTerms(address(token), terms);
    }

    function _setCapacity(uint96 capacity) private {
        vm.prank(brand);
        obligations.setCapacity(address(token), capacity);
    }

    function _withdrawWindDown() private {
        vm.prank(brand);
        obligations.withdrawWindDown(address(token));
    }

    function _expectNoChangePending() private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IObligationRegistry.ObligationRegistry_NoChangePending.selector, address(token)
            )
        );
    }

    function _expectChangeNotDue(uint40 effectiveAt) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IObligationRegistry.ObligationRegistry_ChangeNotDue.selector, address(token), effectiveAt
            )
        );
    }

    function _expectRatioTooHigh(uint16 bondBps) private {
        vm.expectRevert(
            abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_BondRatioTooHigh.selector, bondBps)
        );
    }

    function _apply() private {
        vm.prank(intruder);
        obligations.applyCapacityRaise(address(token));
    }

    /// @dev Exactly the versions from `first` to `last` are good.
    function _assertValid(uint32 first, uint32 last) private view {
        for (uint32 version = 0; version <= last + 2; ++version) {
            assertEq(
                obligations.isVersionValid(address(token), version),
                version >= first && version <= last,
                "RED-2: version"
            );
        }
        assertFalse(obligations.isVersionValid(address(token), type(uint32).max));
    }
}
