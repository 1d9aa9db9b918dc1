// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { IGroupDeals } from "../../contracts/interfaces/IGroupDeals.sol";
import { IGroupPurchaseEscrow } from "../../contracts/interfaces/IGroupPurchaseEscrow.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IPurchaseRights } from "../../contracts/interfaces/IPurchaseRights.sol";
import { IPurchases } from "../../contracts/interfaces/IPurchases.sol";
import { GroupTest } from "./utils/GroupTest.sol";
import { StrangerTest } from "./utils/StrangerTest.sol";

/// @notice AUTH-1 for rights, deals and groups: called by a stranger, every function either reverts or does what is
/// meant for strangers.
contract GroupAuthorityTest is GroupTest, StrangerTest {
    string private constant REQUEST = "(bytes32,uint256,uint256,address,address,uint256)";
    string private constant SPEND = "(address,uint256,bytes32,uint256)";
    string private constant PERMIT = "(uint256,uint256,uint8,bytes32,bytes32)";
    string private constant SEAT = "(address,bytes32,address,uint32,uint96,uint96,address,address)";
    string private constant FACTS =
        "(address,bytes32,uint256,address,uint32,uint96,uint96,uint96,address,uint40,bytes32)";

    IGroupPurchaseEscrow.Seat internal waiting;
    IFulfilment.Order internal order;
    uint256 internal rightId;

    function setUp() public override {
        super.setUp();
        stranger = intruder;
        rightId = rights.idOf(address(token), OPENING);
        IGroupPurchaseEscrow.Seat memory seat = _join(member, _open(MIXED), 5, 0);
        vm.warp(START + DURATION);
        _withdraw(seat);
        order = _orderOf(seat);
        // What is the brand's and what is a member's to fetch, and a group that is open.
        seat = _join(friend, _open(KETTLE), 5, 0);
        vm.warp(START + 2 * DURATION);
        _withdraw(seat);
        IFulfilment.Order memory paid = _orderOf(seat);
        vm.prank(friend);
        escrow.confirm(paid);
        waiting = _join(member, _open(MIXED), 3, 0);
        seat = _join(friend, waiting.groupId, 1, 0);
        _leave(seat);

        _addTarget("PurchaseRights", address(rights));
        _addTarget("GroupDeals", address(deals));
        _addTarget("GroupPurchaseEscrow", address(escrow));
        address[12] memory accounts = [
            address(0),
            stranger,
            member,
            friend,
            brand,
            manager,
            arbiter,
            address(token),
            address(escrow),
            address(rights),
            address(deals),
            currency
        ];
        for (uint256 i = 0; i < accounts.length; ++i) {
            _addWord(accounts[i]);
        }
        uint256[9] memory numbers =
            [uint256(0), 1, 2, 3, 100, 300, uint160(member), block.timestamp, FAR_FUTURE];
        for (uint256 i = 0; i < numbers.length; ++i) {
            words.push(bytes32(numbers[i]));
        }
        words.push(waiting.groupId);
        words.push(order.offerId);
        words.push(MIXED);
        words.push(OPENING);
        words.push(bytes32(rightId));
        _addOffsets(0x180);
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
        for (uint256 i = 2; i < 12; ++i) {
            vm.assume(sender != address(uint160(uint256(words[i]))));
        }
        vm.assume(sender != guardian && sender != address(bonds));
        stranger = sender;
        _callWithTail(target, selector, tail);
    }

    // ------------------------------------------------- every one, well-formed

    /// @dev What a stranger would call if it could, for each state-changing function.
    function test_every_mutator__well_formed_by_a_stranger__is_refused() public {
        _tryAll("PurchaseRights", address(rights), _onRights());
        _tryAll("GroupDeals", address(deals), _onDeals());
        _tryAll("GroupPurchaseEscrow", address(escrow), _onEscrow());
    }

    /// @dev What a stranger may do: let others move its own rights, open a group where no right is asked, settle
    /// nothing, and pay others what is theirs, which moves what is theirs.
    function _isForStrangers(string memory signature) internal pure override returns (bool) {
        bytes32 hash = keccak256(bytes(signature));
        return hash == keccak256("setApprovalForAll(address,bool)")
            || hash == keccak256("open(address,bytes32)")
            || hash == keccak256(abi.encodePacked("settle(", SEAT, "[])"))
            || hash == keccak256(abi.encodePacked("finish(address,", FACTS, "[])"));
    }

    function _onRights() private view returns (Call[] memory calls) {
        calls = new Call[](8);
        (address[] memory holders, uint256[] memory quantities) = (new address[](1), new uint256[](1));
        (holders[0], quantities[0]) = (stranger, 1);
        uint256[] memory ids = _one(rightId);
        IPurchaseRights.RightRequest memory request = IPurchaseRights.RightRequest(OPENING, 1, stranger);
        calls[0] = Call(
            "defineRight(address,bytes32,uint96,uint32,uint40,uint40,bytes32,string)",
            abi.encode(token, bytes32("mine"), 1, 1, START, FAR_FUTURE, DOCUMENT, DOCUMENT_URI)
        );
        calls[1] = Call(
            "grant(address,bytes32,address[],uint256[])", abi.encode(token, OPENING, holders, quantities)
        );
        calls[2] = Call(
            "onTransferReceived(address,address,uint256,bytes)",
            abi.encode(member, member, 100, abi.encode(request))
        );
        calls[3] = Call(
            string.concat("buyWithSignature(address,(bytes32,uint256,address),", SPEND, ",bytes)"),
            abi.encode(token, request, _anySpend(), new bytes(65))
        );
        calls[4] = Call("consume(address,uint256)", abi.encode(member, rightId));
        calls[5] = Call(
            "safeTransferFrom(address,address,uint256,uint256,bytes)",
            abi.encode(member, stranger, rightId, 1, bytes(""))
        );
        calls[6] = Call(
            "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)",
            abi.encode(member, stranger, ids, quantities, bytes(""))
        );
        calls[7] = Call("setApprovalForAll(address,bool)", abi.encode(member, true));
    }

    function _onDeals() private view returns (Call[] memory calls) {
        calls = new Call[](1);
        calls[0] = Call(
            "publishDeal(address,address,bytes32,(uint96,uint96,uint40,uint40,uint8,uint8,uint96,address,bytes32),(uint16,uint16,uint32,uint32,uint32),(uint16,uint96)[],bytes32,string)",
            abi.encode(
                escrow, token, bytes32(bytes28("mine")), _tokens(), _plan(), _tiers(), DOCUMENT, DOCUMENT_URI
            )
        );
    }

    /// @dev Groups are closed, seats settled and orders finished or claimed by strangers once their time has come,
    /// which it has not.
    function _onEscrow() private view returns (Call[] memory calls) {
        calls = new Call[](24);
        IGroupPurchaseEscrow.SeatRequest memory request = _request(waiting.groupId, 1, 0);
        request.member = stranger;
        IFulfilment.Order memory facts = order;
        uint256[] memory numbers = _one(order.number);
        bytes memory fund = abi.encode(MIXED);
        calls[0] = Call("open(address,bytes32)", abi.encode(token, BEANS));
        calls[1] = Call(
            string.concat("join(address,", REQUEST, ",", PERMIT, ")"), abi.encode(token, request, _noPermit())
        );
        calls[2] = Call(
            string.concat("joinWithSignature(address,", REQUEST, ",", SPEND, ",bytes,", PERMIT, ")"),
            abi.encode(token, request, _anySpend(), new bytes(65), _noPermit())
        );
        calls[3] = Call(string.concat("leaveGroup(", SEAT, ")"), abi.encode(waiting));
        calls[4] = Call(
            string.concat("leaveGroupWithSignature(", SEAT, ",", SPEND, ",bytes)"),
            abi.encode(waiting, _anySpend(), new bytes(65))
        );
        calls[5] = Call("close(address,bytes32)", abi.encode(token, waiting.groupId));
        calls[6] = Call(string.concat("withdraw(", SEAT, ")"), abi.encode(waiting));
        calls[7] = Call(string.concat("settle(", SEAT, "[])"), abi.encode(new IGroupPurchaseEscrow.Seat[](0)));
        calls[8] = Call(
            "onTransferReceived(address,address,uint256,bytes)",
            abi.encode(member, member, 700, abi.encode(IPurchases.Act.Pay, request))
        );
        calls[9] =
            Call("onDealPublished(address,bytes32,uint256[])", abi.encode(token, KETTLE, new uint256[](6)));
        calls[10] = Call("onAllotted(address,uint8,uint256,bytes)", abi.encode(token, 2, 1e9, fund));
        calls[11] = Call("onReclaimed(address,uint8,uint256,bytes)", abi.encode(token, 2, 1, fund));
        calls[12] = Call(string.concat("dispute(", FACTS, ")"), abi.encode(facts));
        calls[13] = Call("collect(address,address)", abi.encode(currency, stranger));
        calls[14] = Call("collectTo(address,address)", abi.encode(currency, stranger));
        calls[15] = Call("withdrawProceeds(address,address)", abi.encode(token, stranger));
        calls[16] = Call("fulfil(address,bytes32,uint256[])", abi.encode(token, order.offerId, numbers));
        calls[17] = Call(string.concat("decline(", FACTS, ")"), abi.encode(facts));
        calls[18] = Call(string.concat("confirm(", FACTS, ")"), abi.encode(facts));
        calls[19] = Call(
            string.concat("confirmWithSignature(", FACTS, ",", SPEND, ",bytes)"),
            abi.encode(facts, _anySpend(), new bytes(65))
        );
        calls[20] = Call(
            string.concat("disputeWithSignature(", FACTS, ",", SPEND, ",bytes)"),
            abi.encode(facts, _anySpend(), new bytes(65))
        );
        calls[21] = Call(string.concat("decide(", FACTS, ",uint96,uint96)"), abi.encode(facts, 1, 0));
        calls[23] = Call(string.concat("claim(", FACTS, ")"), abi.encode(facts));
        calls[22] = Call(
            string.concat("finish(address,", FACTS, "[])"), abi.encode(token, new IFulfilment.Order[](0))
        );
    }

    function _anySpend() private view returns (ILoyaltyToken.Spend memory) {
        return ILoyaltyToken.Spend({ from: member, amount: 1e9, nonce: "any", deadline: block.timestamp + 1 });
    }

    // --------------------------------------------------------- what matters

    function _whatMatters() internal view override returns (bytes32 state) {
        (uint256[4] memory held, uint256[4] memory owed) = _holdings();
        state = keccak256(
            abi.encode(
                held,
                owed,
                token.totalSupply(),
                rights.balanceOf(member, rightId),
                rights.balanceOf(stranger, rightId),
                rights.rightOf(address(token), OPENING),
                deals.groupOf(address(token), waiting.groupId),
                deals.groupOf(address(token), order.offerId)
            )
        );
        (IFulfilment.State stands, uint40 deadline) =
            escrow.stateOf(address(token), order.offerId, order.number);
        return keccak256(
            abi.encode(
                state,
                stands,
                deadline,
                escrow.isSeat(waiting),
                _free(MIXED),
                escrow.recordOf(address(token), order.offerId),
                escrow.dealWordsOf(address(token), MIXED, 8),
                escrow.dealWordsOf(address(token), KETTLE, 8)
            )
        );
    }

    /// @dev What is somebody's wherever it lies: a stranger may have others paid what is owed to them.
    function _holdings() private view returns (uint256[4] memory held, uint256[4] memory owed) {
        address[4] memory accounts = [stranger, member, friend, brand];
        for (uint256 i = 0; i < 4; ++i) {
            held[i] = token.balanceOf(accounts[i]);
            owed[i] = money.balanceOf(accounts[i]) + _owed(accounts[i]);
        }
        owed[3] += escrow.proceedsOf(address(token));
    }
}
