// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Test } from "forge-std/Test.sol";

import { Orders } from "../../../contracts/Orders.sol";
import { IBonds } from "../../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../../contracts/interfaces/IBrandRegistry.sol";
import { IFulfilment } from "../../../contracts/interfaces/IFulfilment.sol";
import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../../contracts/interfaces/IObligationRegistry.sol";
import { IOrders } from "../../../contracts/interfaces/IOrders.sol";

/// @notice What the prover offers beyond forge's cheats.
interface Unknowns {
    function createUint(uint256 bits, string calldata name) external pure returns (uint256);

    function createAddress(string calldata name) external pure returns (address);

    function createBytes32(string calldata name) external pure returns (bytes32);
}

/// @notice A registry in which the caller holds any roles or none.
contract AnyRoles {
    uint8 public roles;

    function give(uint8 roles_) external {
        roles = roles_;
    }

    function standingOf(bytes32, address) external view returns (uint8, uint8) {
        return (2, roles);
    }
}

/// @notice A token that counts what goes where, and takes every signature for good.
contract CountingToken {
    bytes32 public constant brandId = "brand";
    uint256 public brought;
    uint256 public sent;
    uint256 public burned;
    address public payee;

    function transfer(address to, uint256 amount) external returns (bool) {
        sent += amount;
        payee = to;
        return true;
    }

    function burn(uint256 amount) external {
        burned += amount;
    }

    function receiveWithSignature(
        ILoyaltyToken.Spend calldata,
        uint256 amount,
        bytes32,
        bytes32,
        bytes calldata
    ) external {
        brought += amount;
    }

    /// @dev As it does when a member sends tokens: they have arrived before anybody hears of them.
    function send(Orders orders, address from, uint256 value, bytes calldata data) external {
        brought += value;
        orders.onTransferReceived(from, from, value, data);
    }
}

/// @notice A bond that counts what is drawn, and for whom.
contract CountingBonds {
    uint256 public drawn;
    address public payee;

    function draw(address, IBonds.Purse purse, address to, uint256 value) external {
        require(purse == IBonds.Purse.Compensation && value != 0);
        drawn += value;
        payee = to;
    }
}

/// @notice What holds of an order whatever its facts, state, deadline and time, whoever does whatever: the
/// prover runs the code of `Orders` with unknowns in place of values. `make prove` runs it and shows that each
/// proof can fail.
///
/// Each check starts from an order of any facts in any state and an offer with any counts that are in order:
/// units that ended are units that were sold, so that no count is full, and what is reserved and free is no
/// more than what can be allotted. The invariant tests hold both. Token and bonds only count.
abstract contract OrderProof is Test {
    Unknowns internal constant PROVER = Unknowns(address(uint160(uint256(keccak256("svm cheat code")))));
    bytes32 internal constant OFFER = "mug";
    uint32 internal constant NUMBER = 7;
    uint256 internal constant FAILED_AT = 136;
    uint256 internal constant FREE_AT = 168;
    uint256 internal constant MOST_ALLOTTED = type(uint88).max;
    uint256 internal constant MOST_UNITS = type(uint32).max;

    Orders internal orders;
    CountingToken internal token;
    CountingBonds internal bonds;
    AnyRoles internal registry;
    bytes32 internal wordSlot;
    bytes32 internal countsSlot;
    bytes32 internal tallySlot;

    function setUp() public {
        token = new CountingToken();
        bonds = new CountingBonds();
        registry = new AnyRoles();
        orders = Orders(_code(IBrandRegistry(address(registry)), IBonds(address(bonds))));
        bytes32 key = keccak256(abi.encode(address(token), OFFER, uint256(NUMBER)));
        wordSlot = keccak256(abi.encode(key, uint256(2)));
        bytes32 offers = keccak256(abi.encode(address(token), uint256(0)));
        countsSlot = bytes32(uint256(keccak256(abi.encode(OFFER, offers))) + 1);
        bytes32 tallies = keccak256(abi.encode(address(token), uint256(3)));
        tallySlot = keccak256(abi.encode(OFFER, tallies));
    }

    /// @dev The code that orders run.
    function _code(IBrandRegistry brands, IBonds behind) internal virtual returns (address);

    // ---------------------------------------------------------------- proofs

    /// @notice BOOK-1 and BOND-1: what an order holds is what went in less what went back and burned, to the
    /// unit; and what is reserved, free and drawn is what was. Over every act, in every state, at any time.
    function check_BOOK_1__tokens_and_purses(uint8 what, address caller) public {
        (IFulfilment.Order memory order, uint8 state,) = _anyOrder();
        uint256 held = _held(order, state);
        uint256 reserved = _reserved(order, state) + _free();
        vm.assume(_act(what, caller, order));
        (uint8 then,) = _standing();
        assert(held + token.brought() == _held(order, then) + token.sent() + token.burned());
        assert(reserved == _reserved(order, then) + _free() + bonds.drawn());
        if (token.sent() != 0) assert(token.payee() == order.member);
        if (bonds.drawn() != 0) assert(bonds.payee() == order.member);
    }

    /// @notice RED-1: from its deadline on anybody at all ends an order: where the brand or the arbiter was
    /// silent, the member gets back all that was locked, and what was reserved.
    function check_RED_1__way_out(address anybody) public {
        (IFulfilment.Order memory order, uint8 state, uint256 deadline) = _anyOrder();
        vm.assume(state != uint8(IFulfilment.State.Fulfilled) && block.timestamp >= deadline);
        bool delivered = state == uint8(IFulfilment.State.Delivered);
        assert(_act(delivered ? 5 : 4, anybody, order));
        (uint8 then,) = _standing();
        if (delivered) {
            assert(then == uint8(IFulfilment.State.Fulfilled) && token.burned() == order.amount);
        } else {
            assert(then == 0 && token.sent() == _held(order, state));
            assert(token.sent() == 0 || token.payee() == order.member);
            assert(bonds.drawn() == order.compensation);
        }
    }

    /// @notice RED-1: before its deadline an order ends by its member, its brand or, when disputed, its
    /// arbiter alone.
    function check_RED_1__nobody_elses(uint8 what, address caller) public {
        (IFulfilment.Order memory order, uint8 state, uint256 deadline) = _anyOrder();
        vm.assume(state != uint8(IFulfilment.State.Fulfilled) && block.timestamp < deadline);
        vm.assume(what == 0 || (what >= 2 && what <= 5));
        vm.assume(_act(what, caller, order));
        (uint8 then,) = _standing();
        assert(then == state || _isParty(what, caller, order, state));
    }

    /// @notice Not a proof: refuted once for each act that can succeed here. What always reverts is easily
    /// proved.
    function reach(uint8 what, address caller) public {
        (IFulfilment.Order memory order,,) = _anyOrder();
        vm.assume(_act(what, caller, order));
        assert(false);
    }

    // ------------------------------------------------------------- internals

    /// @dev Any order in any state at any time, and any counts of its offer.
    function _anyOrder() private returns (IFulfilment.Order memory order, uint8 state, uint256 deadline) {
        order.token = address(token);
        order.offerId = OFFER;
        order.number = NUMBER;
        order.member = PROVER.createAddress("member");
        order.quantity = uint32(PROVER.createUint(32, "quantity"));
        order.amount = uint96(PROVER.createUint(96, "amount"));
        order.compensation = uint96(PROVER.createUint(96, "compensation"));
        order.stake = uint96(PROVER.createUint(96, "stake"));
        order.arbiter = PROVER.createAddress("arbiter");
        order.openedAt = uint40(PROVER.createUint(40, "openedAt"));
        order.orderRef = PROVER.createBytes32("orderRef");
        state = uint8(PROVER.createUint(8, "state"));
        deadline = PROVER.createUint(40, "deadline");
        uint256 time = PROVER.createUint(39, "time");
        vm.assume(state >= 1 && state <= 4 && order.openedAt <= time);
        vm.warp(time);
        registry.give(uint8(PROVER.createUint(8, "roles")));
        uint256 facts = uint256(keccak256(abi.encode(order))) >> 48 << 48;
        vm.store(address(orders), wordSlot, bytes32(facts | uint256(state) << 40 | deadline));

        uint256 counts = uint256(PROVER.createBytes32("counts"));
        vm.assume(uint104(counts) != 0);
        vm.assume(uint256(uint32(counts >> FAILED_AT)) + order.quantity <= MOST_UNITS);
        vm.assume((counts >> FREE_AT) + order.compensation <= MOST_ALLOTTED);
        vm.store(address(orders), countsSlot, bytes32(counts));
        uint256 tally = uint256(PROVER.createBytes32("tally"));
        for (uint256 place = 0; place < 128; place += 32) {
            vm.assume(uint256(uint32(tally >> place)) + order.quantity <= MOST_UNITS);
        }
        vm.assume((tally >> 128) + order.compensation <= type(uint128).max);
        vm.store(address(orders), tallySlot, bytes32(tally));
    }

    /// @dev One of all acts; whether it succeeds.
    function _act(uint8 what, address caller, IFulfilment.Order memory order) private returns (bool success) {
        bytes memory data;
        if (what == 0) {
            data = abi.encodeCall(orders.decline, (order));
        } else if (what == 1) {
            uint256[] memory one = new uint256[](1);
            one[0] = NUMBER;
            data = abi.encodeCall(orders.fulfil, (order.token, OFFER, one));
        } else if (what == 2) {
            data = abi.encodeCall(orders.confirm, (order));
        } else if (what == 3) {
            uint96 refunded = uint96(PROVER.createUint(96, "refunded"));
            uint96 paid = uint96(PROVER.createUint(96, "paid"));
            data = abi.encodeCall(orders.decide, (order, refunded, paid));
        } else if (what == 4) {
            data = abi.encodeCall(orders.claim, (order));
        } else if (what == 5) {
            IFulfilment.Order[] memory one = new IFulfilment.Order[](1);
            one[0] = order;
            data = abi.encodeCall(orders.finish, (order.token, one));
        } else if (what == 6) {
            return _tryToSend(caller, order);
        } else {
            vm.assume(what <= 8);
            ILoyaltyToken.Spend memory spend = ILoyaltyToken.Spend(caller, order.stake, 0, block.timestamp);
            data = what == 7
                ? abi.encodeCall(orders.disputeWithSignature, (order, spend, ""))
                : abi.encodeCall(orders.confirmWithSignature, (order, spend, ""));
        }
        vm.prank(caller);
        (success,) = address(orders).call(data);
    }

    function _tryToSend(address from, IFulfilment.Order memory order) private returns (bool success) {
        bytes memory data = abi.encode(IOrders.Act.Dispute, order);
        uint256 value = PROVER.createUint(96, "value");
        (success,) = address(token).call(abi.encodeCall(token.send, (orders, from, value, data)));
    }

    function _isParty(uint8 what, address caller, IFulfilment.Order memory order, uint8 state)
        private
        view
        returns (bool)
    {
        if (what == 2) return caller == order.member;
        if (what == 3) return caller == order.arbiter && state == uint8(IFulfilment.State.Disputed);
        return what == 0 && registry.roles() != 0;
    }

    function _standing() private view returns (uint8 state, uint256 deadline) {
        uint256 word = uint256(vm.load(address(orders), wordSlot));
        return (uint8(word >> 40), uint40(word));
    }

    /// @dev What an order in that state has locked.
    function _held(IFulfilment.Order memory order, uint8 state) private pure returns (uint256) {
        if (state == 0 || state == uint8(IFulfilment.State.Fulfilled)) return 0;
        return state == uint8(IFulfilment.State.Disputed) ? uint256(order.amount) + order.stake : order.amount;
    }

    /// @dev What is reserved for it.
    function _reserved(IFulfilment.Order memory order, uint8 state) private pure returns (uint256) {
        return state == 0 || state == uint8(IFulfilment.State.Fulfilled) ? 0 : order.compensation;
    }

    function _free() private view returns (uint256) {
        return uint256(vm.load(address(orders), countsSlot)) >> FREE_AT;
    }
}

/// @notice The code as it is: every check holds.
contract OrderProofs is OrderProof {
    function _code(IBrandRegistry brands, IBonds behind) internal override returns (address) {
        return address(new Orders(brands, IObligationRegistry(address(0)), behind));
    }
}
