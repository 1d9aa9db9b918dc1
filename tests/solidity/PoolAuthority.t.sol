// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IPools } from "../../contracts/interfaces/IPools.sol";
import { ISettlements } from "../../contracts/interfaces/ISettlements.sol";
import { ISwaps } from "../../contracts/interfaces/ISwaps.sol";
import { StrangerTest } from "./utils/StrangerTest.sol";
import { SwapTest } from "./utils/SwapTest.sol";

/// @notice AUTH-1 for pools, swaps and settlements: called by a stranger, every function either reverts or does
/// what is meant for strangers.
contract PoolAuthorityTest is SwapTest, StrangerTest {
    string private constant BOUNDS = "(uint96,uint96,uint96,uint24,uint24)";
    string private constant RULES = "(address,address,uint32,uint32,uint16)";
    string private constant SWAP = "(bytes32,address,address,uint256,uint256,bool,address,uint256)";

    /// @dev It could join, if its brand wanted.
    ILoyaltyToken internal d;
    bytes32 internal settled;

    function setUp() public override {
        super.setUp();
        stranger = intruder;
        vm.prank(alliance);
        pools.setAllianceFee(1000, treasury);
        _close();
        d = _tokenOf(third, thirdId, "DDD", 6, 123);
        _announce(d, _bounds(5));

        // A debt that is not due, half of it paid, and claims of which nothing is taken.
        _swap(a, b, 10_000e2);
        settled = _close();
        _pay(a, 1, 60e6);
        // A running debt, a part of it prepaid; a part that is stopped; bounds and a steward to come.
        _swap(c, b, 70);
        money.mint(till, 7e6);
        vm.startPrank(till);
        money.approve(address(settlements), 7e6);
        settlements.prepay(swaps, pool, address(c), 1, 7e6);
        vm.stopPrank();
        vm.prank(partner);
        swaps.setStopped(pool, address(b), true);
        _announce(a, _bounds(1));
        vm.prank(steward);
        pools.nameSteward(pool, till);

        _addTarget("Pools", address(pools));
        _addTarget("Swaps", address(swaps));
        _addTarget("Settlements", address(settlements));
        _addWords();
    }

    function _addWords() private {
        address[19] memory accounts = [
            address(0),
            stranger,
            member,
            brand,
            partner,
            third,
            till,
            steward,
            treasury,
            alliance,
            address(a),
            address(b),
            address(c),
            address(d),
            address(pools),
            address(swaps),
            address(settlements),
            address(bonds),
            address(money)
        ];
        for (uint256 i = 0; i < accounts.length; ++i) {
            _addWord(accounts[i]);
        }
        uint256[10] memory numbers =
            [uint256(0), 1, 2, 5, 64, 100, 1000, block.timestamp, FAR_FUTURE, FOREVER];
        for (uint256 i = 0; i < numbers.length; ++i) {
            words.push(bytes32(numbers[i]));
        }
        words.push(pool);
        words.push(pool);
        words.push(POOL_SALT);
        words.push(settled);
        _addOffsets(0x100);
    }

    // ------------------------------------------------------------------ fuzz

    /// @dev Any function, with arguments that mean something, by somebody to whom nobody gave anything.
    function testFuzz_any_function__by_a_stranger__leaves_what_matters(
        uint256 target,
        uint256 selector,
        uint256 seed
    ) public {
        _callWithWords(target, selector, seed);
    }

    function testFuzz_any_function__any_calldata__leaves_what_matters(
        uint256 target,
        uint256 selector,
        bytes memory tail,
        address sender
    ) public {
        for (uint256 i = 1; i < 19; ++i) {
            vm.assume(i == 1 || sender != address(uint160(uint256(words[i]))));
        }
        stranger = sender;
        _callWithTail(target, selector, tail);
    }

    // ------------------------------------------------- every one, well-formed

    /// @dev What a stranger would call if it could, for each state-changing function.
    function test_every_mutator__well_formed_by_a_stranger__is_refused() public {
        _tryAll("Pools", address(pools), _onPools());
        _tryAll("Swaps", address(swaps), _onSwaps());
        _tryAll("Settlements", address(settlements), _onSettlements());
    }

    /// @dev What a stranger may do: found a pool of its own, keep a pool in line with a brand's status, and
    /// settle what is its own.
    function _isForStrangers(string memory signature) internal pure override returns (bool) {
        bytes32 hash = keccak256(bytes(signature));
        return hash == keccak256(abi.encodePacked("createPool(bytes32,", RULES, ")"))
            || hash == keccak256("syncSuspension(bytes32,address)")
            || hash
                == keccak256(
                "open(bytes32,uint32,address,uint40,(address,uint128,uint96,uint128)[],address,uint128)"
            );
    }

    /// @dev Bounds can be applied by strangers once their time has come, which it has not.
    function _onPools() private view returns (Call[] memory calls) {
        calls = new Call[](11);
        calls[0] = Call("setAllianceFee(uint16,address)", abi.encode(2000, stranger));
        calls[1] = Call("setAuthority(address)", abi.encode(stranger));
        calls[2] =
            Call(string.concat("createPool(bytes32,", RULES, ")"), abi.encode(POOL_SALT, _rules(COVERED)));
        calls[3] = Call("nameSteward(bytes32,address)", abi.encode(pool, stranger));
        calls[4] = Call("acceptSteward(bytes32)", abi.encode(pool));
        calls[5] = Call(
            string.concat("announceBounds(bytes32,address,", BOUNDS, ")"),
            abi.encode(pool, address(a), _bounds(type(uint96).max))
        );
        calls[6] = Call("withdrawBounds(bytes32,address)", abi.encode(pool, address(a)));
        calls[7] = Call(
            "lowerBounds(bytes32,address,uint96,uint96,uint96)", abi.encode(pool, address(a), 0, 0, 0)
        );
        calls[8] = Call("joinPool(bytes32,address)", abi.encode(pool, address(d)));
        calls[9] = Call("leavePool(bytes32,address)", abi.encode(pool, address(a)));
        calls[10] = Call("applyBounds(bytes32,address)", abi.encode(pool, address(a)));
    }

    /// @dev Anybody can close a period once it is over, and burn what a brand in default provided, which none is.
    function _onSwaps() private view returns (Call[] memory calls) {
        calls = new Call[](16);
        ISwaps.Swap memory order = _order(a, c, 1000e2);
        order.to = stranger;
        calls[0] = Call("withdraw(bytes32,address,uint256,address)", abi.encode(pool, a, 1, stranger));
        calls[1] = Call("setStopped(bytes32,address,bool)", abi.encode(pool, b, false));
        calls[2] = Call("syncSuspension(bytes32,address)", abi.encode(pool, a));
        calls[3] = Call("close(bytes32)", abi.encode(pool));
        calls[4] = Call(string.concat("swap(", SWAP, ")"), abi.encode(order));
        calls[5] = Call(
            string.concat("swapWithPermit(", SWAP, ",uint256,uint256,bytes)"),
            abi.encode(order, FOREVER, FOREVER, new bytes(65))
        );
        calls[6] = Call(
            "swapWithSignature(address,(bytes32,address,uint256,bool,address),(address,uint256,bytes32,uint256),bytes)",
            abi.encode(
                a,
                ISwaps.SwapRequest(pool, address(c), 1, false, stranger),
                ILoyaltyToken.Spend({ from: member, amount: 1000e2, nonce: 0, deadline: FOREVER }),
                new bytes(65)
            )
        );
        ISwaps.Step[] memory steps = new ISwaps.Step[](1);
        steps[0] = ISwaps.Step(pool, address(a), address(c), 1000e2, false);
        ISwaps.Movement[] memory movements = new ISwaps.Movement[](2);
        movements[0] = ISwaps.Movement(address(a), -1000e2);
        movements[1] = ISwaps.Movement(address(c), 1);
        calls[7] = Call(
            "swapMany((bytes32,address,address,uint256,bool)[],(address,int256)[],address,uint256)",
            abi.encode(steps, movements, stranger, FOREVER)
        );
        calls[8] = Call(
            "onTransferReceived(address,address,uint256,bytes)",
            abi.encode(member, member, 1000e2, abi.encode(ISwaps.Act.Provide, pool))
        );
        calls[9] = Call(
            string.concat("onJoined(bytes32,address,", RULES, ")"), abi.encode(pool, d, _rules(COVERED))
        );
        calls[10] =
            Call(string.concat("onBoundsSet(bytes32,address,", BOUNDS, ")"), abi.encode(pool, a, _bounds(1)));
        calls[11] = Call("onLeft(bytes32,address)", abi.encode(pool, a));
        calls[12] =
            Call("onAccountChanged(bytes32,address,uint256,uint256)", abi.encode(pool, a, uint256(1e30), 0));
        calls[13] = Call("onBondReclaimed(bytes32,address,uint256,uint256)", abi.encode(pool, a, 0, 0));
        calls[14] = Call("onPrepaid(bytes32,address,uint256)", abi.encode(pool, c, 1));
        calls[15] = Call("burnProvided(bytes32,address)", abi.encode(pool, a));
    }

    /// @dev Debts can be enforced once they are due and reported long after, and holders' purses filled that lack
    /// something; none is in default.
    function _onSettlements() private view returns (Call[] memory calls) {
        calls = new Call[](12);
        bytes memory fund = abi.encode(swaps, pool);
        calls[0] = Call("onAllotted(address,uint8,uint256,bytes)", abi.encode(a, PURSE, 1e9, fund));
        calls[1] = Call("onReclaimed(address,uint8,uint256,bytes)", abi.encode(a, PURSE, 1, fund));
        ISettlements.Line[] memory lines = new ISettlements.Line[](1);
        lines[0] = ISettlements.Line({ token: address(a), owed: 5, lien: 0, claim: 0 });
        calls[2] = Call(
            "open(bytes32,uint32,address,uint40,(address,uint128,uint96,uint128)[],address,uint128)",
            abi.encode(pool, 1, money, 1, lines, stranger, 5)
        );
        calls[3] =
            Call("prepay(address,bytes32,address,uint256,uint256)", abi.encode(swaps, pool, c, 1, FOREVER));
        calls[4] = Call("pay(address,bytes32,uint32,address,uint256)", abi.encode(swaps, pool, 1, a, FOREVER));
        calls[5] = Call("enforce(address,bytes32,uint32,address)", abi.encode(swaps, pool, 1, a));
        calls[6] =
            Call("withdraw(address,bytes32,uint32,address,address)", abi.encode(swaps, pool, 1, b, stranger));
        calls[7] = Call("fillHolders(address,bytes32,uint32,address)", abi.encode(swaps, pool, 1, b));
        calls[8] =
            Call("withdrawTreasury(address,bytes32,uint32,address)", abi.encode(swaps, pool, 1, stranger));
        calls[9] = Call("report(address,bytes32,uint32,address)", abi.encode(swaps, pool, 1, a));
        calls[10] = Call("offset(address,bytes32,uint32,uint32,address)", abi.encode(swaps, pool, 1, 1, a));
        calls[11] = Call("cashOut(address,bytes32,uint32,address)", abi.encode(swaps, pool, 1, a));
    }

    // --------------------------------------------------------- what matters

    function _whatMatters() internal view override returns (bytes32 state) {
        (uint16 fee, address receiver) = pools.allianceFee();
        state = keccak256(
            abi.encode(
                IAccessManaged(address(pools)).authority(),
                fee,
                receiver,
                pools.poolOf(pool),
                swaps.periodOf(pool),
                settlements.settlementOf(settled),
                settlements.claimOf(settled, treasury),
                settlements.claimOf(settled, stranger),
                settlements.prepaidOf(address(swaps), pool),
                _moneyOf()
            )
        );
        ILoyaltyToken[4] memory all = [a, b, c, d];
        for (uint256 i = 0; i < all.length; ++i) {
            state = keccak256(abi.encode(state, _tokenState(all[i])));
        }
    }

    function _moneyOf() private view returns (bytes32 state) {
        address[9] memory accounts =
            [stranger, member, brand, partner, third, till, treasury, address(settlements), address(bonds)];
        for (uint256 i = 0; i < accounts.length; ++i) {
            state = keccak256(abi.encode(state, money.balanceOf(accounts[i])));
        }
    }

    function _tokenState(ILoyaltyToken which) private view returns (bytes32 state) {
        address token_ = address(which);
        address[5] memory holders =
            [stranger, member, which == b ? partner : brand, address(swaps), address(settlements)];
        for (uint256 i = 0; i < holders.length; ++i) {
            state = keccak256(abi.encode(state, which.balanceOf(holders[i])));
        }
        return keccak256(
            abi.encode(
                state,
                which.totalSupply(),
                which.mintStopped(),
                pools.membershipOf(pool, token_),
                swaps.positionOf(pool, token_),
                settlements.debtOf(settled, token_),
                settlements.claimOf(settled, token_),
                settlements.accountOf(address(swaps), pool, token_),
                bonds.purseOf(token_, PURSE),
                bonds.allotmentOf(token_, PURSE, address(settlements))
            )
        );
    }
}
