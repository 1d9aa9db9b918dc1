// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ICuts } from "../../../contracts/interfaces/ICuts.sol";
import { IFulfilment } from "../../../contracts/interfaces/IFulfilment.sol";
import { IHaggles } from "../../../contracts/interfaces/IHaggles.sol";
import { IPricer } from "../../../contracts/interfaces/IPricer.sol";
import { IPurchases } from "../../../contracts/interfaces/IPurchases.sol";
import { BargainTest } from "./BargainTest.sol";

/// @notice Plays many bargains of both kinds at once, with honest and lying brands, friends, strangers and time. It
/// keeps the plainest books beside them: every act says beforehand whether it must succeed, and what it changes.
contract BargainHandler is BargainTest {
    uint256 internal constant BUYERS = 3;

    enum Kind {
        Haggle,
        Cut
    }

    /// @dev A bargain as whoever follows the events knows it.
    struct Followed {
        Kind kind;
        uint256 number;
        uint256 price; // of a cut; a haggle's deposit
        uint256 deadline;
        uint256 answerBy; // zero unless it waits for the brand
        uint256 drawn;
        uint256 ordered; // the order's parts
        bool over;
        IFulfilment.Order order;
    }

    address[] internal buyers;
    Followed[] internal followed;
    mapping(uint256 id => uint96[]) internal written;
    mapping(uint256 id => bool) internal inTheClear;
    uint256[BUYERS] internal nonces;
    uint256 internal heldParts;
    uint256 internal owedParts;
    uint256 internal earnedParts;
    uint256 internal reserved;
    uint256 internal donatedTokens;
    uint256 internal donatedMoney;

    mapping(bytes4 act => uint256) public done;
    mapping(bytes4 act => uint256) public refused;
    /// @notice How many acts there were.
    uint256 public tried;

    function setUp() public override {
        super.setUp();
        buyers = [member, friend, makeAddr("third buyer")];
        for (uint256 i = 1; i < BUYERS; ++i) {
            _equip(buyers[i]);
        }
    }

    function acts() external pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](12);
        selectors[0] = this.haggle.selector;
        selectors[1] = this.strike.selector;
        selectors[2] = this.withdraw.selector;
        selectors[3] = this.open.selector;
        selectors[4] = this.request.selector;
        selectors[5] = this.answer.selector;
        selectors[6] = this.draw.selector;
        selectors[7] = this.drawMore.selector;
        selectors[8] = this.take.selector;
        selectors[9] = this.confirm.selector;
        selectors[10] = this.claim.selector;
        selectors[11] = this.wait_.selector;
    }

    // ----------------------------------------------------- for the controls

    function bargainsAddress() external view returns (address) {
        return address(bargains);
    }

    function cutsAddress() external view returns (address) {
        return address(cuts);
    }

    function tokenAddress() external view returns (address) {
        return address(token);
    }

    function lastBargainId() external view returns (bytes32) {
        return cuts.bargainIdOf(address(token), CUT, followed[followed.length - 1].number);
    }

    // ------------------------------------------------------------------ acts

    function haggle(uint256 who, uint256 deposit) external {
        who %= BUYERS;
        deposit = deposit % 16 == 0 ? LIST + 1 : bound(deposit, FLOOR, LIST);
        uint256 number = _number(buyers[who], nonces[who]);
        bytes memory data = abi.encode(IPurchases.Act.Pay, _payment(HAGGLE, number, deposit));
        if (!_act(
                buyers[who],
                address(token),
                abi.encodeCall(token.transferAndCall, (address(bargains), deposit * TOKEN_PART, data)),
                deposit <= LIST && _canPay(buyers[who], deposit) && _rightsOf(buyers[who]) != 0
            )) {
            return;
        }
        Followed storage one = _follow(Kind.Haggle, number, who);
        (one.price, one.deadline) = (deposit, block.timestamp + DURATION);
        heldParts += deposit;
    }

    function strike(uint256 which, uint256 price, uint256 how) external {
        (bool any, uint256 id) = _pick(which, Kind.Haggle);
        if (!any) return;
        Followed storage one = followed[id];
        price = bound(price, FLOOR - 1, one.price + 1);
        if (how % 4 != 0) price = bound(price, FLOOR, one.price);
        IPricer.BrandConsent memory offer = _offer(one.number, price);
        bool may = !one.over && block.timestamp < one.deadline && price >= FLOOR && price <= one.price
            && how % 8 != 1;
        address by = how % 8 == 1 ? intruder : _buyer(one);
        IFulfilment.Order memory order = _facts(HAGGLE, one.number, price);
        bytes memory data = abi.encodeCall(
            haggles.strike, (address(token), HAGGLE, one.number, _agreementFor(price, order), _none(), offer)
        );
        if (!_act(by, address(haggles), data, may)) return;
        owedParts += one.price - price;
        heldParts -= one.price - price;
        _ordered(one, order);
    }

    function withdraw(uint256 which, uint256 how) external {
        (bool any, uint256 id) = _pick(which, Kind.Haggle);
        if (!any) return;
        Followed storage one = followed[id];
        bool own = how % 2 == 0;
        bytes memory data = abi.encodeCall(haggles.withdraw, (address(token), HAGGLE, one.number, _none()));
        bool may = !one.over && (own || block.timestamp >= one.deadline);
        if (!_act(own ? _buyer(one) : intruder, address(haggles), data, may)) return;
        one.over = true;
        heldParts -= one.price;
        owedParts += one.price;
    }

    /// @dev Mostly as the deal promises, sometimes whatever comes to the brand's mind; the buyer did not look.
    function open(uint256 who, uint96[5] calldata lies, uint256 how) external {
        who %= BUYERS;
        uint256 number = _number(buyers[who], nonces[who]);
        uint96[] memory list = _drawnUp();
        for (uint256 i = 0; i < CUTS && how % 3 == 0; ++i) {
            list[i] = i % 2 == 0 ? lies[i] % 300 : lies[i];
        }
        (bytes32 head,) = _chain(number, list, SEED);
        IPricer.BrandConsent memory consent = _commitment(number, head);
        bytes memory data = abi.encodeCall(cuts.open, (address(token), CUT, number, head, _none(), consent));
        bool may = how % 8 != 1 && _rightsOf(buyers[who]) != 0;
        if (!_act(how % 8 == 1 ? intruder : buyers[who], address(cuts), data, may)) return;
        written[followed.length] = list;
        Followed storage one = _follow(Kind.Cut, number, who);
        (one.price, one.deadline) = (LIST, block.timestamp + DURATION);
    }

    function request(uint256 who) external {
        who %= BUYERS;
        uint256 number = _number(buyers[who], nonces[who]);
        bytes memory data = abi.encodeCall(cuts.request, (address(token), CUT, number, _none()));
        if (!_act(buyers[who], address(cuts), data, _rightsOf(buyers[who]) != 0)) return;
        Followed storage one = _follow(Kind.Cut, number, who);
        one.price = LIST;
        one.answerBy = block.timestamp + ANSWER;
        one.deadline = one.answerBy + DURATION;
    }

    function answer(uint256 which, uint256 how) external {
        (bool any, uint256 id) = _pick(which, Kind.Cut);
        if (!any) return;
        Followed storage one = followed[id];
        uint96[] memory list = _drawnUp();
        if (how % 4 == 1) list[how % CUTS] += 1;
        bool may = !one.over && one.answerBy != 0 && block.timestamp < one.answerBy && how % 4 != 1;
        bytes memory data = abi.encodeCall(cuts.answer, (address(token), CUT, one.number, list));
        if (!_act(manager, address(cuts), data, may)) return;
        (written[id], inTheClear[id], one.answerBy) = (list, true, 0);
    }

    /// @dev The next opening, or, now and then, another one.
    function draw(uint256 which, uint256 helper, uint256 how) public {
        (bool any, uint256 id) = _pick(which, Kind.Cut);
        if (!any || written[id].length == 0) return;
        Followed storage one = followed[id];
        (, ICuts.Opening[] memory openings) =
            _chain(one.number, written[id], inTheClear[id] ? bytes32(0) : SEED);
        address account = address(uint160(0x1000 + helper % 8));
        if (how % 16 == 1) account = _buyer(one);
        bool may = !one.over && block.timestamp < one.deadline && one.drawn < CUTS
            && !cuts.hasHelped(address(token), CUT, one.number, _person(account)) && how % 16 != 1;
        uint256 place = one.drawn < CUTS ? one.drawn : CUTS - 1;
        if (how % 8 == 2 && place + 1 < CUTS) (place, may) = (place + 1, false);
        ICuts.Attestation memory attestation = _attest(account, _person(account));
        bytes memory data = abi.encodeCall(
            cuts.draw, (address(token), CUT, one.number, openings[place], attestation, _none())
        );
        if (!_act(account, address(cuts), data, may)) return;
        one.price -= _taken(one, written[id][place]);
        ++one.drawn;
    }

    function drawMore(uint256 which, uint256 helper) external {
        for (uint256 i = 0; i < CUTS; ++i) {
            draw(which, helper % 8 + i, 0);
        }
    }

    /// @dev For what it costs, or for a part less.
    function take(uint256 which, uint256 how) external {
        (bool any, uint256 id) = _pick(which, Kind.Cut);
        if (!any) return;
        Followed storage one = followed[id];
        uint256 price = _priceOf(one);
        uint256 most = how % 8 == 1 ? price - 1 : how % 8 == 2 ? price + 9 : price;
        IFulfilment.Order memory order = _facts(CUT, one.number, price);
        bytes memory data = abi.encode(IPurchases.Act.Pay, _payment(CUT, one.number, most));
        bool may = !one.over && block.timestamp < one.deadline && most >= price && _canPay(_buyer(one), most);
        if (!_act(
                _buyer(one),
                address(token),
                abi.encodeCall(token.transferAndCall, (address(bargains), most * TOKEN_PART, data)),
                may
            )) {
            return;
        }
        heldParts += price;
        _ordered(one, order);
    }

    function confirm(uint256 which) external {
        if (followed.length == 0) return;
        Followed storage one = followed[which % followed.length];
        if (one.ordered == 0 || which % 3 != 0) return;
        bytes memory data = abi.encodeCall(bargains.confirm, (one.order));
        if (!_act(_buyer(one), address(bargains), data, true)) return;
        heldParts -= one.ordered;
        earnedParts += one.ordered;
        reserved -= one.order.compensation;
        one.ordered = 0;
    }

    /// @dev RED-1: by a stranger, once the brand's time is over, and not before.
    function claim(uint256 which) external {
        if (followed.length == 0) return;
        Followed storage one = followed[which % followed.length];
        if (one.ordered == 0) return;
        if (which % 2 == 0) vm.warp(block.timestamp + uint256(FULFIL_DAYS) * 1 days);
        bool may = block.timestamp >= one.order.openedAt + uint256(FULFIL_DAYS) * 1 days;
        if (!_act(intruder, address(bargains), abi.encodeCall(bargains.claim, (one.order)), may)) return;
        heldParts -= one.ordered;
        owedParts += one.ordered;
        reserved -= one.order.compensation;
        one.ordered = 0;
    }

    /// @dev Hours, or to a bargain's deadline or the second before or after it; and somebody gives away something.
    function wait_(uint256 which, uint256 how) external {
        if (followed.length != 0 && how % 3 == 0) {
            Followed storage one = followed[followed.length - 1];
            uint256 at = (which % 2 == 0 || one.answerBy == 0 ? one.deadline : one.answerBy) - 1 + how % 5 % 3;
            if (at > block.timestamp) vm.warp(at);
        } else {
            vm.warp(block.timestamp + how % 20 hours);
        }
        vm.startPrank(member);
        if (token.balanceOf(member) > 1e5) {
            token.transfer(address(bargains), 1);
            money.transfer(address(bargains), 1);
            (donatedTokens, donatedMoney) = (donatedTokens + 1, donatedMoney + 1);
        }
        vm.stopPrank();
        ++done[msg.sig];
    }

    // ---------------------------------------------------------------- checks

    function check() external view {
        assertEq(token.balanceOf(address(bargains)), heldParts * TOKEN_PART + donatedTokens, "BOOK-1: tokens");
        uint256 owed = bargains.proceedsOf(address(token));
        for (uint256 i = 0; i < BUYERS; ++i) {
            owed += bargains.owedTo(currency, buyers[i]);
        }
        assertEq(owed, (owedParts + earnedParts) * CURRENCY_PART, "BOOK-1: owed");
        assertEq(
            money.balanceOf(address(bargains)),
            heldParts * CURRENCY_PART + owed + donatedMoney,
            "BOOK-1: currency"
        );
        assertEq(
            bonds.allotmentOf(address(token), PURSE, address(bargains)),
            reserved + bargains.freeCompensationOf(address(token), HAGGLE)
                + bargains.freeCompensationOf(address(token), CUT),
            "BOND-1: allotment != reserved + free"
        );
        for (uint256 i = 0; i < followed.length; ++i) {
            _check(followed[i]);
        }
    }

    function _check(Followed storage one) private view {
        if (one.kind == Kind.Haggle) {
            uint256 deposit = bargains.depositOf(address(token), HAGGLE, one.number);
            assertEq(deposit, one.over ? 0 : one.price, "BOOK-1: deposit");
            return;
        }
        ICuts.Bargain memory bargain = _cut(one.number);
        assertGe(bargain.price, FLOOR, "BARG-1: below the floor");
        assertLe(bargain.price, LIST, "BARG-1: above the list price");
        if (one.over) return;
        assertEq(bargain.price, _priceOf(one), "BARG-1: another price than the draws make");
    }

    /// @dev At the end everybody is alone: each buyer ends what is open, and all is fetched, to the last unit.
    function drain() external {
        vm.warp(block.timestamp + 365 days);
        for (uint256 i = 0; i < followed.length; ++i) {
            Followed storage one = followed[i];
            vm.startPrank(_buyer(one));
            if (one.kind == Kind.Haggle && !one.over) {
                haggles.withdraw(address(token), HAGGLE, one.number, _none());
            }
            if (one.ordered != 0) bargains.claim(one.order);
            vm.stopPrank();
        }
        for (uint256 i = 0; i < BUYERS; ++i) {
            if (bargains.owedTo(currency, buyers[i]) != 0) bargains.collect(currency, buyers[i]);
        }
        if (bargains.proceedsOf(address(token)) != 0) {
            vm.prank(brand);
            bargains.withdrawProceeds(address(token), brand);
        }
        assertEq(token.balanceOf(address(bargains)), donatedTokens, "BOOK-1: tokens at the end");
        assertEq(money.balanceOf(address(bargains)), donatedMoney, "BOOK-1: currency at the end");
        uint256 ordered =
            bargains.recordOf(address(token), CUT).open + bargains.recordOf(address(token), HAGGLE).open;
        assertEq(ordered, 0, "RED-1: an order that does not end");
    }

    // ------------------------------------------------------------- internals

    function _follow(Kind kind, uint256 number, uint256 who) private returns (Followed storage one) {
        ++nonces[who];
        one = followed.push();
        (one.kind, one.number) = (kind, number);
    }

    function _ordered(Followed storage one, IFulfilment.Order memory order) private {
        (one.over, one.ordered, one.order) = (true, order.amount, order);
        reserved += order.compensation;
    }

    function _pick(uint256 which, Kind kind) private view returns (bool any, uint256 id) {
        uint256 count = followed.length;
        for (uint256 i = 0; i < count && i < 12; ++i) {
            id = (which % count + i) % count;
            // Mostly one that can still be ended, now and then one that cannot.
            if (followed[id].kind == kind && (!followed[id].over || which % 8 == 0)) return (true, id);
        }
    }

    function _buyer(Followed storage one) private view returns (address) {
        return address(uint160(one.number));
    }

    function _canPay(address who, uint256 parts) private view returns (bool) {
        return token.balanceOf(who) >= parts * TOKEN_PART && money.balanceOf(who) >= parts * CURRENCY_PART;
    }

    function _priceOf(Followed storage one) private view returns (uint256) {
        return one.answerBy != 0 && block.timestamp >= one.answerBy ? FLOOR : one.price;
    }

    /// @dev What a draw takes, said in another way than the contract says it.
    function _taken(Followed storage one, uint256 cut) private view returns (uint256) {
        uint256 following = CUTS - 1 - one.drawn;
        uint256 lowest = FLOOR + following * LEAST;
        if (following == 0) return one.price - FLOOR;
        if (cut < LEAST) cut = LEAST;
        return cut > one.price - lowest ? one.price - lowest : cut;
    }

    function _agreementFor(uint256 price, IFulfilment.Order memory order)
        private
        pure
        returns (IHaggles.Agreement memory)
    {
        return IHaggles.Agreement({
            price: uint96(price), leastCompensation: order.compensation, orderRef: REF
        });
    }

    function _act(address by, address target, bytes memory data, bool may) private returns (bool success) {
        ++tried;
        vm.prank(by);
        bytes memory reason;
        (success, reason) = target.call(data);
        if (success != may) {
            assertTrue(may, "must be refused");
            assembly ("memory-safe") {
                revert(add(reason, 0x20), mload(reason))
            }
        }
        ++(success ? done : refused)[msg.sig];
    }
}
