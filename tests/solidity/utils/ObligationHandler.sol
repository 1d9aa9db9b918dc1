// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IObligationRegistry } from "../../../contracts/interfaces/IObligationRegistry.sol";
import { SuiteTest } from "./SuiteTest.sol";

/// @notice Plays a brand that changes its terms and capacity at random while time passes, and keeps the whole
/// history of versions beside it: when each takes effect and whether it is worse. What is in force, and which
/// versions are good, is then looked up in that history by the clock (RED-2).
contract ObligationHandler is SuiteTest {
    struct Change {
        uint256 effectiveAt;
        bool worse;
        IObligationRegistry.Terms terms;
    }

    Change[] internal changes;
    uint256 internal limit;
    uint256 internal raise;
    uint256 internal raiseAt;
    bool internal suspended;
    uint256 internal windDownStartsAt;
    uint256 internal windDownEndsAt;

    mapping(bytes4 act => uint256) public done;
    mapping(bytes4 act => uint256) public refused;
    /// @notice How many acts there were.
    uint256 public tried;

    function setUp() public override {
        super.setUp();
        changes.push(Change({ effectiveAt: block.timestamp, worse: false, terms: _terms() }));
        limit = CAPACITY;
        _mint(member, CAPACITY / 2);
    }

    function acts() external pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](11);
        selectors[0] = this.setTerms.selector;
        selectors[1] = this.withdrawTerms.selector;
        selectors[2] = this.setCapacity.selector;
        selectors[3] = this.withdrawRaise.selector;
        selectors[4] = this.applyRaise.selector;
        selectors[5] = this.wait_.selector;
        selectors[6] = this.waitUntilDue.selector;
        selectors[7] = this.changeStatus.selector;
        selectors[8] = this.meddle.selector;
        selectors[9] = this.announceWindDown.selector;
        selectors[10] = this.withdrawWindDown.selector;
    }

    /// @notice What it plays on, for whoever wants to break it.
    function tokenAddress() external view returns (address) {
        return address(token);
    }

    function obligationsAddress() external view returns (address) {
        return address(obligations);
    }

    // ------------------------------------------------------------------ acts

    /// @dev Few documents, periods and ratios, so that better, worse and unchanged are all common.
    function setTerms(uint256 document, uint256 notice, uint256 ratio, uint256 uri) external {
        IObligationRegistry.Terms memory terms = IObligationRegistry.Terms({
            termsHash: keccak256(abi.encode(document % 3)),
            noticePeriod: uint32(14 days + (notice % 3) * 1 days),
            bondBps: uint16(BOND_BPS + ratio % 3),
            termsURI: uri % 2 == 0 ? "ipfs://here" : "ipfs://there"
        });
        if (document % 5 == 0) terms.termsHash = _inForce().termsHash;
        IObligationRegistry.Terms memory current = _inForce();
        bool same = keccak256(abi.encode(terms)) == keccak256(abi.encode(current));
        bool worse = terms.termsHash != current.termsHash || terms.noticePeriod < current.noticePeriod
            || terms.bondBps < current.bondBps;
        bool may = !_isPending() && !same && !(worse && windDownEndsAt != 0);
        if (!_act(brand, abi.encodeCall(obligations.setTerms, (address(token), terms)), may)) return;
        changes.push(
            Change({
                effectiveAt: block.timestamp + (worse ? current.noticePeriod : 0), worse: worse, terms: terms
            })
        );
    }

    function withdrawTerms() external {
        bool may = _isPending();
        if (_act(brand, abi.encodeCall(obligations.withdrawTerms, (address(token))), may)) changes.pop();
    }

    function setCapacity(uint256 capacity) external {
        capacity = bound(capacity, CAPACITY / 2 - 10, uint256(CAPACITY) * 2);
        bool may = capacity >= CAPACITY / 2 && !(capacity > limit && windDownEndsAt != 0);
        uint256 notice = _inForce().noticePeriod;
        bytes memory data = abi.encodeCall(obligations.setCapacity, (address(token), uint96(capacity)));
        if (!_act(brand, data, may)) return;
        if (capacity > limit) {
            raise = capacity;
            raiseAt = block.timestamp + notice;
        } else {
            limit = capacity;
            (raise, raiseAt) = (0, 0);
        }
    }

    function withdrawRaise() external {
        bytes memory data = abi.encodeCall(obligations.withdrawCapacityRaise, (address(token)));
        if (_act(brand, data, raiseAt != 0)) (raise, raiseAt) = (0, 0);
    }

    /// @dev Sooner, or when it is due.
    function applyRaise(bool waits) external {
        if (waits && raiseAt > block.timestamp) _warp(raiseAt);
        bool may = raiseAt != 0 && block.timestamp >= raiseAt && !suspended;
        bytes memory data = abi.encodeCall(obligations.applyCapacityRaise, (address(token)));
        if (!_act(intruder, data, may)) return;
        limit = raise;
        (raise, raiseAt) = (0, 0);
    }

    function changeStatus() external {
        vm.prank(alliance);
        suspended ? brands.reinstate(brandId) : brands.suspend(brandId);
        suspended = !suspended;
        obligations.syncMintStop(address(token));
        done[msg.sig] += 1;
    }

    function wait_(uint256 time) external {
        _warp(block.timestamp + bound(time, 1, 10 days));
        done[msg.sig] += 1;
    }

    /// @dev To the second before, at or after something takes effect.
    function waitUntilDue(uint256 which) external {
        uint256[4] memory dues =
            [changes[changes.length - 1].effectiveAt, raiseAt, windDownStartsAt, windDownEndsAt];
        uint256 due = dues[which % 4];
        if (due < block.timestamp + 1) return;
        _warp(due - 1 + (which / 4) % 3);
        done[msg.sig] += 1;
    }

    /// @dev Now and then; once it has started, which is late in a run, again and again in vain.
    function announceWindDown(uint256 luck) external {
        if (luck % 4 != 0 && windDownStartsAt == 0) return;
        uint256 notice = _inForce().noticePeriod;
        bytes memory data = abi.encodeCall(obligations.announceWindDown, (address(token)));
        if (!_act(brand, data, windDownEndsAt == 0)) return;
        windDownStartsAt = block.timestamp + notice;
        windDownEndsAt = windDownStartsAt + (notice > 730 days ? notice : 730 days);
        if (_isPending()) changes.pop();
        (raise, raiseAt) = (0, 0);
    }

    /// @dev At any time, or in the last second in which it can be withdrawn, or the first in which it cannot.
    function withdrawWindDown(uint256 when) external {
        if (windDownStartsAt > block.timestamp && when % 3 != 0) _warp(windDownStartsAt - when % 2);
        bytes memory data = abi.encodeCall(obligations.withdrawWindDown, (address(token)));
        if (!_act(brand, data, block.timestamp < windDownStartsAt)) return;
        (windDownStartsAt, windDownEndsAt) = (0, 0);
    }

    /// @dev RED-3: obliging again is the only function that names par and currency, and it is refused; and
    /// the rest is not for others.
    function meddle(uint256 how, uint96 par, uint96 capacity) external {
        how %= 5;
        if (how == 0) {
            bytes memory data =
                abi.encodeCall(obligations.oblige, (address(token), currency, par, capacity, _terms()));
            _act(brand, data, false);
        } else if (how == 1) {
            _act(intruder, abi.encodeCall(obligations.setTerms, (address(token), _terms())), false);
        } else if (how == 2) {
            _act(intruder, abi.encodeCall(obligations.setCapacity, (address(token), capacity)), false);
        } else if (how == 3) {
            _act(partner, abi.encodeCall(obligations.announceWindDown, (address(token))), false);
        } else {
            _act(partner, abi.encodeCall(obligations.withdrawTerms, (address(token))), false);
        }
    }

    // ---------------------------------------------------------------- checks

    function checkPromises() external view {
        IObligationRegistry.Obligation memory obligation = obligations.obligationOf(address(token));
        assertEq(obligation.parValue, PAR, "RED-3: par");
        assertEq(obligation.currency, currency, "RED-3: currency");
        assertEq(obligations.currencyOf(address(token)), currency, "RED-3: currency");

        uint256 version;
        uint256 worsened = 1;
        for (uint256 i = 0; i < changes.length && changes[i].effectiveAt <= block.timestamp; ++i) {
            version = i + 1;
            if (changes[i].worse) worsened = i + 1;
        }
        IObligationRegistry.Terms memory terms = _inForce();
        assertEq(obligation.version, version, "RED-2: version");
        assertEq(obligation.worsenedVersion, worsened, "RED-2: worsened version");
        assertEq(
            keccak256(abi.encode(obligation.terms)), keccak256(abi.encode(terms)), "RED-2: terms in force"
        );
        assertEq(obligations.noticePeriodOf(address(token)), terms.noticePeriod, "RED-2: notice");
        assertEq(obligation.windDownStartsAt, windDownStartsAt, "RED-2: start of the wind-down");
        assertEq(obligation.windDownEndsAt, windDownEndsAt, "RED-2: wind-down");
        assertEq(obligations.windDownEndOf(address(token)), windDownEndsAt, "RED-2: wind-down");
        assertEq(
            obligations.bondRatioOf(address(token)),
            windDownEndsAt != 0 && block.timestamp >= windDownEndsAt ? 0 : terms.bondBps,
            "BOND-1: ratio"
        );
        assertEq(token.mintStopped(), suspended || _isLeaving(), "ISSUE-1: mint-stop");
        for (uint256 v = 0; v <= changes.length + 1; ++v) {
            assertEq(
                obligations.isVersionValid(address(token), uint32(v)),
                v <= version && v >= worsened,
                "RED-2: valid versions"
            );
        }
        bool pending = _isPending();
        assertEq(
            obligation.termsChangeAt,
            pending ? changes[changes.length - 1].effectiveAt : 0,
            "RED-2: when worse terms come"
        );
        if (pending) {
            terms = changes[changes.length - 1].terms;
        } else {
            delete terms;
        }
        assertEq(
            keccak256(abi.encode(obligation.pendingTerms)),
            keccak256(abi.encode(terms)),
            "RED-2: terms to come"
        );
        assertEq(token.capacity(), limit, "ISSUE-1: capacity");
        assertEq(obligation.pendingCapacity, raise, "ISSUE-1: announced capacity");
        assertEq(obligation.capacityChangeAt, raiseAt, "ISSUE-1: when it may rise");
        _assertBooks(token);
    }

    // --------------------------------------------------------------- helpers

    /// @dev Until a late hour nothing irrevocable happens, since little can happen afterwards.
    function _warp(uint256 time) private {
        if (tried < 200 && windDownStartsAt != 0 && time >= windDownStartsAt) {
            vm.prank(brand);
            obligations.withdrawWindDown(address(token));
            (windDownStartsAt, windDownEndsAt) = (0, 0);
        }
        vm.warp(time);
        obligations.syncMintStop(address(token));
    }

    function _isLeaving() private view returns (bool) {
        return windDownStartsAt != 0 && block.timestamp >= windDownStartsAt;
    }

    function _isPending() private view returns (bool) {
        return changes[changes.length - 1].effectiveAt > block.timestamp;
    }

    function _inForce() private view returns (IObligationRegistry.Terms memory) {
        uint256 last = changes.length - 1;
        return changes[_isPending() ? last - 1 : last].terms;
    }

    function _act(address sender, bytes memory data, bool expected) private returns (bool) {
        vm.prank(sender);
        (bool success,) = address(obligations).call(data);
        assertEq(success, expected, expected ? "refused what must work" : "did what must not work");
        success ? done[msg.sig] += 1 : refused[msg.sig] += 1;
        tried += 1;
        return success;
    }
}
