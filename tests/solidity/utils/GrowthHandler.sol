// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ICampaignRewards } from "../../../contracts/interfaces/ICampaignRewards.sol";
import { IConsent } from "../../../contracts/interfaces/IConsent.sol";
import { IReferralRewards } from "../../../contracts/interfaces/IReferralRewards.sol";
import { GrowthTest } from "./GrowthTest.sol";

/// @notice A brand and some wallets that bind, buy, return, claim, answer, consent and revoke in any order. What
/// is refused is counted apart. Books are kept from what was done alone, never read from the contracts. It
/// deploys a suite of its own.
contract GrowthHandler is GrowthTest {
    struct Event {
        address member;
        bytes32 ref;
        uint256 amount;
        uint256 first;
        uint256 second;
        IReferralRewards.State state;
        address referrer;
        address referrersReferrer;
    }

    struct Given {
        bool granted;
        bool revoked;
        uint256 paid;
        uint256 instalments;
    }

    uint256 public constant WALLETS = 6;
    uint96 private constant SMALL_CAP = 3000;

    address[] public wallets;
    Event[] private _events;
    mapping(address member => address) public referrerOf;
    mapping(address member => mapping(uint256 number => uint256)) private _timesPaid;
    mapping(address member => uint256) private _rewards;
    mapping(address member => mapping(uint256 day => uint256)) private _onDay;
    mapping(address member => Given) private _given;
    mapping(address referrer => uint256) private _earned;
    uint256 public budget;
    uint256 public purse;
    uint256 public asked;
    uint256 public supply;
    mapping(bytes32 action => uint256) public done;
    mapping(bytes32 action => uint256) public refused;

    function setUp() public override {
        super.setUp();
        // Started anew with a cap that is reached.
        IReferralRewards.Terms memory terms = _terms(ALL);
        (terms.opensAt, terms.closesAt, terms.referrerCap) = (ENDS, type(uint40).max, SMALL_CAP);
        vm.warp(ENDS);
        programme = _createProgramme(terms, attester);
        _fundProgramme(programme, 10_000);
        budget = 10_000;
        purse = BUDGET;
        request = _request(PRICE_OF_DATA, 30 days, ENDS + 1500 days, address(0));
        requestId = _publishRequest(request);
        ICampaignRewards.Campaign memory campaign = _campaign(ICampaignRewards.Kind.View);
        (campaign.opensAt, campaign.closesAt) = (ENDS, type(uint40).max);
        _createCampaign("endless", campaign);
        _fundPurse("endless", byKey, 1000);
        purse = 1000;
        supply = token.totalSupply();
        for (uint256 i = 0; i < WALLETS; ++i) {
            wallets.push(vm.addr(i + 1));
        }
    }

    // ----------------------------------------------------------------- money

    function fund(uint256 which, uint256 amount) external {
        amount = _between(amount, 1, 3000);
        if (which % 3 == 0) {
            _fundProgramme(programme, amount);
            budget += amount;
        } else if (which % 3 == 1) {
            _fundPurse("endless", byKey, amount);
            purse += amount;
        } else {
            amount *= 100;
            _fundRequest(request, amount);
            asked += amount;
        }
        done["fund"] += 1;
    }

    function takeBack(uint256 seldom) external {
        if (seldom % 4 != 0) return;
        vm.prank(manager);
        consent.returnRest(request);
        asked = 0;
        done["takeBack"] += 1;
    }

    function passTime(uint256 by) external {
        vm.warp(block.timestamp + _between(by, 1, 8 days));
        done["passTime"] += 1;
    }

    // ------------------------------------------------------------- referrals

    function bind(uint256 from, uint256 to) external {
        (address who, uint256 toKey) = (_wallet(from), 1 + to % WALLETS);
        address referrer = vm.addr(toKey);
        IReferralRewards.Invitation memory invitation = _invitation(toKey);
        vm.prank(who);
        (bool success,) =
            address(referrals).call(abi.encodeCall(referrals.bind, (address(token), referrer, invitation)));
        _count("bind", success);
        if (!success) return;
        assertTrue(referrerOf[who] == address(0), "REF-1: bound twice");
        referrerOf[who] = referrer;
    }

    function accrue(uint256 from, uint256 amount, uint256 ref, bool backdated) external {
        IReferralRewards.Purchase memory bought = _purchase(bytes32(ref % 200), _between(amount, 1, 20_000));
        bought.member = _wallet(from);
        if (backdated) bought.purchasedAt -= 1 days;
        bytes memory signature = _attested(bought);
        (bool success,) =
            address(referrals).call(abi.encodeCall(referrals.accruePurchase, (programme, bought, signature)));
        _count("accrue", success);
        if (!success) return;
        for (uint256 i = 0; i < _events.length; ++i) {
            assertFalse(
                _events[i].member == bought.member && _events[i].ref == bought.ref, "REF-2: counted twice"
            );
        }
        Event memory happened;
        happened.member = bought.member;
        happened.ref = bought.ref;
        happened.amount = bought.amount;
        happened.referrer = referrerOf[bought.member];
        happened.referrersReferrer = referrerOf[happened.referrer];
        assertTrue(happened.referrer != address(0), "REF-2: nobody brought this member");
        happened.first = bought.amount * FIRST_BPS / 10_000;
        if (happened.referrersReferrer != address(0)) happened.second = bought.amount * SECOND_BPS / 10_000;
        happened.state = IReferralRewards.State.Accrued;
        budget -= happened.first + happened.second;
        _events.push(happened);
    }

    function undo(uint256 which) external {
        if (_events.length == 0 || which % 3 != 0) return;
        Event storage happened = _events[which % _events.length];
        vm.prank(manager);
        (bool success,) =
            address(referrals).call(abi.encodeCall(referrals.undo, (_idOf(happened), "returned")));
        _count("undo", success);
        if (!success) return;
        assertTrue(happened.state == IReferralRewards.State.Accrued, "REF-2: undone late");
        happened.state = IReferralRewards.State.Undone;
        budget += happened.first + happened.second;
    }

    function claim(uint256 which) external {
        if (_events.length == 0) return;
        Event storage happened = _events[which % _events.length];
        (bool success,) = address(referrals).call(abi.encodeCall(referrals.claim, (_ids(_idOf(happened)))));
        _count("claim", success);
        if (!success) return;
        assertTrue(happened.state == IReferralRewards.State.Accrued, "REF-2: paid twice, or undone");
        happened.state = IReferralRewards.State.Claimed;
        uint256 given =
            _earn(happened.referrer, happened.first) + _earn(happened.referrersReferrer, happened.second);
        assertLe(given, happened.amount * (FIRST_BPS + SECOND_BPS) / 10_000, "REF-2: more than the share");
        budget += happened.first + happened.second - given;
        supply += given;
    }

    // ------------------------------------------------------------- campaigns

    function voucher(uint256 from, uint256 number, bool again) external {
        ICampaignRewards.Voucher memory signed = _voucher(_wallet(from), number % (MEMBER_CAP + 2));
        if (again) signed.action = "again";
        bytes memory signature = _signedVoucher("endless", signed);
        (bool success,) = address(campaigns)
            .call(abi.encodeCall(campaigns.claim, (address(token), "endless", signed, attester, signature)));
        _count("voucher", success);
        if (success) _notePaid(signed);
    }

    function batch(uint256 seed) external {
        ICampaignRewards.SignedVoucher[] memory vouchers = new ICampaignRewards.SignedVoucher[](5);
        bool[] memory was = new bool[](5);
        for (uint256 i = 0; i < 5; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            vouchers[i] = _forBatch("endless", _voucher(_wallet(random), (random >> 8) % (MEMBER_CAP + 2)));
            if (random >> 16 & 7 == 0) vouchers[i].r ^= bytes32(uint256(1));
            was[i] = campaigns.isPaid(
                address(token), "endless", vouchers[i].voucher.member, vouchers[i].voucher.number
            );
        }
        uint256 paid = campaigns.claimBatch(address(token), "endless", attester, vouchers);
        done["batch"] += paid == 0 ? 0 : 1;
        for (uint256 i = 0; i < 5 && paid != 0; ++i) {
            ICampaignRewards.Voucher memory one = vouchers[i].voucher;
            bool isPaid = campaigns.isPaid(address(token), "endless", one.member, one.number);
            if (!was[i] && isPaid && _timesPaid[one.member][one.number] == 0) {
                _notePaid(one);
                --paid;
            }
        }
        assertEq(paid, 0, "CAMP-1: paid for nothing new");
    }

    // --------------------------------------------------------------- consent

    function grant(uint256 from) external {
        address who = _wallet(from);
        vm.prank(who);
        (bool success,) = address(consent).call(abi.encodeCall(consent.grant, (request, _noEligibility())));
        _count("grant", success);
        if (!success) return;
        assertFalse(_given[who].granted, "CONSENT-1: granted twice");
        uint256 instalments = (request.until - block.timestamp + 30 days - 1) / 30 days;
        _given[who] = Given(true, false, 1, instalments);
        asked -= instalments * PRICE_OF_DATA;
        supply += PRICE_OF_DATA;
    }

    function pay(uint256 from) external {
        address who = _wallet(from);
        uint256 before = token.balanceOf(who);
        (bool success,) = address(consent).call(abi.encodeCall(consent.pay, (request, who)));
        _count("pay", success);
        if (!success) return;
        assertFalse(_given[who].revoked, "CONSENT-1: paid after it was revoked");
        _notePaid(who, token.balanceOf(who) - before);
    }

    function revoke(uint256 from) external {
        address who = _wallet(from);
        uint256 before = token.balanceOf(who);
        vm.prank(who);
        (bool success,) = address(consent).call(abi.encodeCall(consent.revoke, (request)));
        _count("revoke", success);
        assertEq(success, _given[who].granted && !_given[who].revoked, "CONSENT-1: cannot revoke");
        if (!success) return;
        _notePaid(who, token.balanceOf(who) - before);
        _given[who].revoked = true;
        asked += (_given[who].instalments - _given[who].paid) * PRICE_OF_DATA;
    }

    function acknowledge(uint256 from) external {
        address who = _wallet(from);
        vm.prank(manager);
        (bool success,) = address(consent).call(abi.encodeCall(consent.acknowledge, (request, who, "bytes")));
        _count("acknowledge", success);
        assertEq(success, _given[who].granted && !_given[who].revoked, "CONSENT-1: used without leave");
    }

    // ---------------------------------------------------------------- checks

    function checkPromises() external view {
        _checkReferrals();
        _checkCampaigns();
        _checkConsent();
        assertEq(token.totalSupply(), supply, "ISSUE-1: minted more than was earned");
        assertLe(token.totalSupply() + token.totalQuota(), token.capacity(), "ISSUE-1: beyond capacity");
    }

    function _checkReferrals() private view {
        uint256 setAside;
        for (uint256 i = 0; i < _events.length; ++i) {
            Event storage happened = _events[i];
            IReferralRewards.Accrual memory accrual = referrals.accrualOf(_idOf(happened));
            assertTrue(accrual.state == happened.state, "REF-2: an event's state");
            assertEq(accrual.first, happened.first, "REF-2: an event's reward");
            assertEq(accrual.second, happened.second, "REF-2: an event's reward");
            if (happened.state == IReferralRewards.State.Accrued) {
                setAside += happened.first + happened.second;
            }
        }
        assertEq(_leftOf(programme), budget, "BOOK-1: a programme's budget");
        // The first programme's budget lies there, too.
        assertEq(token.quotaOf(address(referrals)), BUDGET + budget + setAside, "BOOK-1: quota of referrals");
        for (uint256 i = 0; i < WALLETS; ++i) {
            address wallet = wallets[i];
            address referrer = referrals.standingOf(address(token), wallet).referrer;
            assertEq(referrer, referrerOf[wallet], "REF-1: bound anew");
            uint256 steps;
            while (referrer != address(0)) {
                assertTrue(referrer != wallet && ++steps < WALLETS, "REF-1: a circle");
                referrer = referrals.standingOf(address(token), referrer).referrer;
            }
            assertLe(referrals.paidTo(address(token), programme, wallet), SMALL_CAP, "REF-2: beyond the cap");
            assertEq(
                referrals.paidTo(address(token), programme, wallet), _earned[wallet], "REF-2: a referrer's"
            );
        }
    }

    function _checkCampaigns() private view {
        assertEq(_left("endless", byKey), purse, "CAMP-1: a purse");
        assertEq(token.quotaOf(address(campaigns)), 2 * BUDGET + purse, "BOOK-1: quota of campaigns");
        for (uint256 i = 0; i < WALLETS; ++i) {
            uint256 rewards;
            for (uint256 number = 0; number < MEMBER_CAP + 2; ++number) {
                bool isPaid = campaigns.isPaid(address(token), "endless", wallets[i], number);
                assertEq(isPaid ? 1 : 0, _timesPaid[wallets[i]][number], "CAMP-1: a number paid");
                if (isPaid) ++rewards;
            }
            assertLe(rewards, MEMBER_CAP, "CAMP-1: beyond the cap");
            assertEq(rewards, _rewards[wallets[i]], "CAMP-1: a member's rewards");
        }
    }

    function _checkConsent() private view {
        uint256 setAside;
        for (uint256 i = 0; i < WALLETS; ++i) {
            Given storage given = _given[wallets[i]];
            IConsent.Grant memory seen = consent.grantOf(requestId, wallets[i]);
            assertEq(
                consent.isGranted(requestId, wallets[i]),
                given.granted && !given.revoked,
                "CONSENT-1: granted or not"
            );
            assertEq(seen.paid, given.paid, "CONSENT-1: paid");
            if (given.granted && !given.revoked) {
                setAside += (given.instalments - given.paid) * PRICE_OF_DATA;
            }
        }
        assertEq(_budget(), asked, "BOOK-1: a request's budget");
        // The first request's budget lies there, too.
        assertEq(token.quotaOf(address(consent)), BUDGET + asked + setAside, "BOOK-1: quota of consent");
    }

    function parts() external view returns (address[4] memory) {
        return [address(referrals), address(campaigns), address(consent), address(token)];
    }

    function theRequest() external view returns (bytes32) {
        return requestId;
    }

    // --------------------------------------------------------------- helpers

    function _idOf(Event storage happened) private view returns (IReferralRewards.EventId memory id) {
        id = _idOf(IReferralRewards.Kind.Purchase, happened.ref);
        id.member = happened.member;
    }

    function _earn(address referrer, uint256 amount) private returns (uint256 given) {
        given = SMALL_CAP - _earned[referrer];
        if (amount < given) given = amount;
        _earned[referrer] += given;
    }

    function _notePaid(ICampaignRewards.Voucher memory paid) private {
        _timesPaid[paid.member][paid.number] += 1;
        _rewards[paid.member] += 1;
        _onDay[paid.member][block.timestamp / 1 days] += 1;
        assertLe(_onDay[paid.member][block.timestamp / 1 days], DAY_CAP, "CAMP-1: beyond the day's cap");
        purse -= REWARD;
        supply += REWARD;
    }

    function _notePaid(address who, uint256 amount) private {
        assertEq(amount % PRICE_OF_DATA, 0, "CONSENT-1: a part of an instalment");
        _given[who].paid += amount / PRICE_OF_DATA;
        assertLe(_given[who].paid, _given[who].instalments, "CONSENT-1: more than was agreed");
        supply += amount;
    }

    function _wallet(uint256 index) private view returns (address) {
        return wallets[index % WALLETS];
    }

    function _between(uint256 any, uint256 least, uint256 most) private pure returns (uint256) {
        return least + any % (most - least + 1);
    }

    function _count(bytes32 action, bool success) private {
        if (success) done[action] += 1;
        else refused[action] += 1;
    }
}
