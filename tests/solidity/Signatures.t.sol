// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { SigningTest } from "./utils/SigningTest.sol";
import { Wallet } from "./utils/Wallets.sol";

/// @notice Everything that a member can sign, each way that it can be handed in, and every other use that
/// somebody might make of the same signature (SIG-1).
abstract contract SignedActsTest is SigningTest {
    /// @dev Every function that takes a signature, in its two forms where it has two.
    enum Act {
        Permit,
        PermitBytes,
        Transfer,
        TransferBytes,
        Receive,
        ReceiveBytes,
        Cancel,
        CancelBytes,
        Spend,
        Redeem
    }

    uint256 internal constant ACTS = 10;
    uint256 internal constant VALUE = 100;
    uint256 internal constant BALANCE = 500;
    uint256 internal constant RECEIPT = 77;
    uint256 internal constant DEADLINE = START + 1 hours;

    /// @dev Whose signature it is: the member, or a wallet with code.
    address internal signer;
    uint256 internal signerKey;

    function setUp() public virtual override {
        super.setUp();
        (signer, signerKey) = (member, memberKey);
        _prepare(signer);
    }

    function _prepare(address holder) internal {
        _mint(token, holder, BALANCE);
        _mint(partnerToken, holder, BALANCE);
    }

    // ------------------------------------------------------------ one of each

    function _digestOf(Act act, ILoyaltyToken which, uint256 chainId) internal view returns (bytes32) {
        bytes32 structHash;
        if (act <= Act.PermitBytes) {
            structHash = _permitHash(signer, till, VALUE, which.nonces(signer), DEADLINE);
        } else if (act <= Act.TransferBytes) {
            structHash =
                _authorizationHash(TRANSFER_TYPEHASH, signer, till, VALUE, START - 1, DEADLINE, NONCE);
        } else if (act <= Act.ReceiveBytes) {
            structHash = _authorizationHash(RECEIVE_TYPEHASH, signer, till, VALUE, START - 1, DEADLINE, NONCE);
        } else if (act <= Act.CancelBytes) {
            structHash = _cancelHash(signer, NONCE);
        } else {
            structHash = _spendHash(_spend(), _senderOf(act), SPEND_TYPEHASH, _witness());
        }
        return _digest(which, chainId, structHash);
    }

    function _callOf(Act act, ILoyaltyToken which, bytes memory signature)
        internal
        view
        returns (bytes memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = _split(signature);
        if (act == Act.Permit) {
            return abi.encodeWithSignature(
                "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
                signer,
                till,
                VALUE,
                DEADLINE,
                v,
                r,
                s
            );
        }
        if (act == Act.PermitBytes) {
            return abi.encodeWithSignature(
                "permit(address,address,uint256,uint256,bytes)", signer, till, VALUE, DEADLINE, signature
            );
        }
        if (act == Act.Transfer || act == Act.Receive) {
            return abi.encodeWithSignature(
                act == Act.Transfer
                    ? "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
                    : "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)",
                signer,
                till,
                VALUE,
                START - 1,
                DEADLINE,
                NONCE,
                v,
                r,
                s
            );
        }
        if (act == Act.TransferBytes || act == Act.ReceiveBytes) {
            return abi.encodeWithSignature(
                act == Act.TransferBytes
                    ? "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)"
                    : "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)",
                signer,
                till,
                VALUE,
                START - 1,
                DEADLINE,
                NONCE,
                signature
            );
        }
        if (act == Act.Cancel) {
            return abi.encodeWithSignature(
                "cancelAuthorization(address,bytes32,uint8,bytes32,bytes32)", signer, NONCE, v, r, s
            );
        }
        if (act == Act.CancelBytes) {
            return
                abi.encodeWithSignature(
                    "cancelAuthorization(address,bytes32,bytes)", signer, NONCE, signature
                );
        }
        if (act == Act.Spend) {
            return abi.encodeCall(
                which.receiveWithSignature, (_spend(), VALUE, SPEND_TYPEHASH, _witness(), signature)
            );
        }
        return abi.encodeCall(
            which.redeemWithSignature, (_spend(), VALUE, SPEND_TYPEHASH, _witness(), RECEIPT, signature)
        );
    }

    /// @dev Who has to hand it in; the intruder stands for anyone.
    function _senderOf(Act act) internal view returns (address) {
        if (act == Act.Receive || act == Act.ReceiveBytes) return till;
        if (act == Act.Spend) return address(module);
        if (act == Act.Redeem) return address(desk);
        return intruder;
    }

    function _spend() internal view returns (ILoyaltyToken.Spend memory) {
        return ILoyaltyToken.Spend({ from: signer, amount: VALUE, nonce: NONCE, deadline: DEADLINE });
    }

    function _signed(Act act) internal view returns (bytes memory) {
        return _sign(signerKey, _digestOf(act, token, block.chainid));
    }

    function _submit(Act act, ILoyaltyToken which, bytes memory signature) internal {
        _submit(_senderOf(act), which, _callOf(act, which, signature));
    }

    function _submit(address sender, ILoyaltyToken which, bytes memory data) internal {
        vm.prank(sender);
        (bool success, bytes memory reason) = address(which).call(data);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    /// @dev `_submit` as a call, so that `vm.expectRevert` sees it as one.
    function submit(Act act, ILoyaltyToken which, bytes memory signature) external {
        _submit(act, which, signature);
    }

    function _assertDone(Act act) internal view {
        if (act <= Act.PermitBytes) {
            assertEq(token.allowance(signer, till), VALUE);
            assertEq(token.nonces(signer), 1);
            assertEq(token.balanceOf(signer), BALANCE);
            return;
        }
        assertTrue(token.authorizationState(signer, NONCE));
        assertEq(token.receiptOf(signer, NONCE), act == Act.Redeem ? RECEIPT : 0);
        bool cancelled = act == Act.Cancel || act == Act.CancelBytes;
        assertEq(token.balanceOf(signer), cancelled ? BALANCE : BALANCE - VALUE);
        assertEq(token.balanceOf(till), act >= Act.Transfer && act <= Act.ReceiveBytes ? VALUE : 0);
        assertEq(token.balanceOf(address(module)), act == Act.Spend ? VALUE : 0);
        assertEq(token.totalSupply(), act == Act.Redeem ? BALANCE - VALUE : BALANCE);
    }

    function _assertUntouched(ILoyaltyToken which) internal view {
        assertEq(which.balanceOf(signer), BALANCE);
        assertEq(which.balanceOf(till), 0);
        assertEq(which.balanceOf(intruder), 0);
        assertEq(which.balanceOf(address(module)), 0);
        assertEq(which.allowance(signer, till), 0);
        assertEq(which.nonces(signer), 0);
        assertFalse(which.authorizationState(signer, NONCE));
        assertEq(which.totalQuota(), 0);
    }

    function _refused() internal view returns (bytes memory) {
        return abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_InvalidSignature.selector, signer);
    }

    function _sameType(Act a, Act b) internal pure returns (bool) {
        return a == b || (a < Act.Spend && b < Act.Spend && uint8(a) / 2 == uint8(b) / 2);
    }

    /// @dev Both forms end in the same bytes, but for the compact form, which only bytes can carry.
    function _takesBytes(Act act) internal pure returns (bool) {
        return act >= Act.Spend || uint8(act) % 2 == 1;
    }
}

contract SignaturesTest is SignedActsTest {
    function test_domain__is_this_token_on_this_chain() public {
        assertEq(token.DOMAIN_SEPARATOR(), _domainSeparator(token, block.chainid));
        assertTrue(token.DOMAIN_SEPARATOR() != partnerToken.DOMAIN_SEPARATOR());
        (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        ) = token.eip712Domain();
        assertEq(fields, hex"0f");
        assertEq(name, "Coffee Points");
        assertEq(version, "1");
        assertEq(chainId, block.chainid);
        assertEq(verifyingContract, address(token));
        assertEq(salt, 0);
        assertEq(extensions.length, 0);
        vm.chainId(block.chainid + 1);
        assertEq(token.DOMAIN_SEPARATOR(), _domainSeparator(token, block.chainid));
        (,,, chainId,,,) = token.eip712Domain();
        assertEq(chainId, block.chainid);
    }

    // ------------------------------------------------------- the good and used

    function test_signed_acts__each__does_what_was_signed_once() public {
        for (uint256 i = 0; i < ACTS; ++i) {
            uint256 snapshot = vm.snapshotState();
            Act act = Act(i);
            bytes memory signature = _signed(act);
            _submit(act, token, signature);
            _assertDone(act);
            // Twice: a used permit no longer matches the owner's nonce, all others leave a mark.
            vm.expectRevert(
                act <= Act.PermitBytes
                    ? _refused()
                    : abi.encodeWithSelector(
                        ILoyaltyToken.LoyaltyToken_AuthorizationUsed.selector, signer, NONCE
                    )
            );
            this.submit(act, token, signature);
            vm.revertToState(snapshot);
        }
    }

    function test_signed_acts__compact_signatures__are_as_good_and_as_used() public {
        for (uint256 i = 0; i < ACTS; ++i) {
            Act act = Act(i);
            if (!_takesBytes(act)) continue;
            uint256 snapshot = vm.snapshotState();
            bytes32 digest = _digestOf(act, token, block.chainid);
            _submit(act, token, _signCompact(memberKey, digest));
            _assertDone(act);
            vm.expectRevert();
            this.submit(act, token, _sign(memberKey, digest));
            vm.revertToState(snapshot);
        }
    }

    function test_signed_acts__events() public {
        uint256 snapshot = vm.snapshotState();
        for (uint256 i = 0; i < ACTS; ++i) {
            Act act = Act(i);
            bytes memory signature = _signed(act);
            vm.expectEmit(address(token));
            if (act <= Act.PermitBytes) {
                emit IERC20.Approval(signer, till, VALUE);
            } else if (act == Act.Cancel || act == Act.CancelBytes) {
                emit ILoyaltyToken.AuthorizationCanceled(signer, NONCE);
            } else {
                // The desk tells of a redemption, and of its nonce, itself.
                if (act != Act.Redeem) {
                    emit ILoyaltyToken.AuthorizationUsed(signer, NONCE);
                    vm.expectEmit(address(token));
                }
                address to = act == Act.Redeem ? address(0) : _senderOf(act);
                emit IERC20.Transfer(signer, act <= Act.TransferBytes ? till : to, VALUE);
            }
            _submit(act, token, signature);
            vm.revertToState(snapshot);
        }
    }

    // ------------------------------------------ attack 16: the same signature…

    function test_replay__on_another_clone__reverts() public {
        for (uint256 i = 0; i < ACTS; ++i) {
            bytes memory signature = _signed(Act(i));
            vm.expectRevert(_refused());
            this.submit(Act(i), partnerToken, signature);
        }
        _assertUntouched(partnerToken);
    }

    function test_replay__on_another_chain__reverts() public {
        bytes[] memory signatures = new bytes[](ACTS);
        for (uint256 i = 0; i < ACTS; ++i) {
            signatures[i] = _signed(Act(i));
        }
        vm.chainId(block.chainid + 1);
        for (uint256 i = 0; i < ACTS; ++i) {
            vm.expectRevert(_refused());
            this.submit(Act(i), token, signatures[i]);
        }
        _assertUntouched(token);
    }

    /// @dev Every signature handed in as every other type.
    function test_replay__as_another_act__reverts() public {
        uint256 snapshot = vm.snapshotState();
        for (uint256 i = 0; i < ACTS; ++i) {
            bytes memory signature = _signed(Act(i));
            for (uint256 j = 0; j < ACTS; ++j) {
                if (_sameType(Act(i), Act(j))) continue;
                vm.expectRevert(_refused());
                this.submit(Act(j), token, signature);
            }
            // The two forms of one act take the same signature: it is the same act.
            if (Act(i) < Act.Spend) {
                _submit(Act(i ^ 1), token, signature);
                _assertDone(Act(i ^ 1));
                vm.revertToState(snapshot);
            }
        }
        _assertUntouched(token);
    }

    function test_replay__malleated__reverts() public {
        for (uint256 i = 0; i < ACTS; ++i) {
            bytes memory signature = _malleate(_signed(Act(i)));
            vm.expectRevert(_refused());
            this.submit(Act(i), token, signature);
            if (!_takesBytes(Act(i))) continue;
            (bytes32 r, bytes32 vs) = _compact(signature);
            vm.expectRevert(_refused());
            this.submit(Act(i), token, abi.encodePacked(r, vs));
        }
        _assertUntouched(token);
    }

    /// @dev After use, the other forms of the same signature find its nonce used.
    function test_replay__in_another_form_after_use__reverts() public {
        for (uint256 i = 0; i < ACTS; ++i) {
            Act act = Act(i);
            uint256 snapshot = vm.snapshotState();
            bytes memory signature = _signed(act);
            _submit(act, token, signature);
            bytes[] memory others = new bytes[](2);
            others[0] = _malleate(signature);
            (bytes32 r, bytes32 vs) = _compact(signature);
            others[1] = abi.encodePacked(r, vs);
            for (uint256 j = 0; j < others.length; ++j) {
                if (!_takesBytes(act) && j == 1) continue;
                vm.expectRevert();
                this.submit(act, token, others[j]);
            }
            vm.revertToState(snapshot);
        }
    }

    function test_replay__after_cancelling__reverts() public {
        bytes[] memory signatures = new bytes[](ACTS);
        for (uint256 i = 0; i < ACTS; ++i) {
            signatures[i] = _signed(Act(i));
        }
        _submit(Act.Cancel, token, signatures[uint8(Act.Cancel)]);
        for (uint256 i = uint8(Act.Transfer); i < ACTS; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_AuthorizationUsed.selector, signer, NONCE)
            );
            this.submit(Act(i), token, signatures[i]);
        }
        assertEq(token.balanceOf(signer), BALANCE);
    }

    /// @dev ERC-3009 and Spend share their nonces: each use of one stops all others.
    function test_replay__same_nonce_of_another_act__reverts() public {
        bytes[] memory signatures = new bytes[](ACTS);
        for (uint256 i = 0; i < ACTS; ++i) {
            signatures[i] = _signed(Act(i));
        }
        for (uint256 i = uint8(Act.Transfer); i < ACTS; ++i) {
            uint256 snapshot = vm.snapshotState();
            _submit(Act(i), token, signatures[i]);
            for (uint256 j = uint8(Act.Transfer); j < ACTS; ++j) {
                vm.expectRevert(
                    abi.encodeWithSelector(
                        ILoyaltyToken.LoyaltyToken_AuthorizationUsed.selector, signer, NONCE
                    )
                );
                this.submit(Act(j), token, signatures[j]);
            }
            vm.revertToState(snapshot);
        }
    }

    function test_replay__by_another_sender__reverts() public {
        address[5] memory senders = [intruder, member, brand, manager, address(0xdead)];
        for (uint256 i = 0; i < senders.length; ++i) {
            bytes memory data = _callOf(Act.Receive, token, _signed(Act.Receive));
            vm.expectRevert(
                abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_NotRecipient.selector, senders[i], till)
            );
            this.submitAs(senders[i], data);
            data = _callOf(Act.ReceiveBytes, token, _signed(Act.ReceiveBytes));
            vm.expectRevert(
                abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_NotRecipient.selector, senders[i], till)
            );
            this.submitAs(senders[i], data);
            // The spender is part of what was signed, so anyone else's call carries another digest.
            data = _callOf(Act.Spend, token, _signed(Act.Spend));
            vm.expectRevert(_refused());
            this.submitAs(senders[i], data);
            data = _callOf(Act.Redeem, token, _signed(Act.Redeem));
            vm.expectRevert(
                abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_NotRedemptionDesk.selector, senders[i])
            );
            this.submitAs(senders[i], data);
        }
        // The module's signature is none for the redemption desk, nor the other way round.
        bytes memory spend = _callOf(Act.Redeem, token, _signed(Act.Spend));
        vm.expectRevert(_refused());
        this.submitAs(address(desk), spend);
        bytes memory redemption = _callOf(Act.Spend, token, _signed(Act.Redeem));
        vm.expectRevert(_refused());
        this.submitAs(address(module), redemption);
        _assertUntouched(token);
    }

    function test_signature__by_another_key__reverts() public {
        for (uint256 i = 0; i < ACTS; ++i) {
            bytes memory signature = _sign(partnerKey, _digestOf(Act(i), token, block.chainid));
            vm.expectRevert(_refused());
            this.submit(Act(i), token, signature);
        }
    }

    function testFuzz_signature__any_bytes__revert(bytes memory signature, uint8 act) public {
        act = uint8(bound(act, 0, ACTS - 1));
        vm.expectRevert(_refused());
        this.submit(Act(act), token, signature);
        _assertUntouched(token);
    }

    /// @dev ecrecover answers zero where it cannot recover; nobody may act for the address zero.
    function test_signature__of_nobody__reverts() public {
        signer = address(0);
        for (uint256 i = 0; i < ACTS; ++i) {
            vm.expectRevert(_refused());
            this.submit(Act(i), token, new bytes(65));
        }
        vm.expectRevert(_refused());
        this.submit(Act.PermitBytes, token, new bytes(64));
    }

    // ------------------------------------------------------------ every field

    function testFuzz_permit__every_field_is_bound(
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 field
    ) public {
        vm.assume(spender != till && spender != address(0) && value != VALUE && deadline != DEADLINE);
        bytes memory signature = _signed(Act.Permit);
        field %= 3;
        vm.expectRevert(
            field == 2 && deadline < START
                ? abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_Expired.selector, deadline)
                : _refused()
        );
        token.permit(
            signer,
            field == 0 ? spender : till,
            field == 1 ? value : VALUE,
            field == 2 ? deadline : DEADLINE,
            signature
        );
    }

    function testFuzz_transferWithAuthorization__every_field_is_bound(uint256 noise, uint8 field) public {
        vm.assume(noise != 0);
        bytes memory signature = _signed(Act.Transfer);
        field %= 5;
        address to = field == 0 ? vm.addr(bound(noise, 1, type(uint128).max)) : till;
        uint256 value = field == 1 ? noise : VALUE;
        uint256 validAfter = field == 2 ? bound(noise, 0, START - 2) : START - 1;
        uint256 validBefore = field == 3 ? bound(noise, DEADLINE + 1, type(uint256).max) : DEADLINE;
        bytes32 nonce = field == 4 ? bytes32(noise) : NONCE;
        vm.assume(value != VALUE || field != 1);
        vm.assume(nonce != NONCE || field != 4);
        vm.expectRevert(_refused());
        token.transferWithAuthorization(signer, to, value, validAfter, validBefore, nonce, signature);
    }

    function testFuzz_spend__every_field_is_bound(uint256 noise, uint8 field) public {
        bytes memory signature = _signed(Act.Spend);
        ILoyaltyToken.Spend memory spend = _spend();
        bytes32 witness = _witness();
        field %= 4;
        if (field == 0) spend.amount = bound(noise, VALUE + 1, type(uint256).max);
        if (field == 1) spend.nonce = bytes32(noise);
        if (field == 2) spend.deadline = bound(noise, DEADLINE + 1, type(uint256).max);
        if (field == 3) witness = bytes32(noise);
        vm.assume(field != 1 || bytes32(noise) != NONCE);
        vm.assume(field != 3 || bytes32(noise) != _witness());
        vm.expectRevert(_refused());
        vm.prank(address(module));
        token.receiveWithSignature(spend, VALUE, SPEND_TYPEHASH, witness, signature);
    }

    function testFuzz_spend__another_type__reverts(bytes32 typehash) public {
        vm.assume(typehash != SPEND_TYPEHASH && typehash != TRANSFER_TYPEHASH && typehash != RECEIVE_TYPEHASH);
        bytes memory signature = _signed(Act.Spend);
        vm.expectRevert(_refused());
        vm.prank(address(module));
        token.receiveWithSignature(_spend(), VALUE, typehash, _witness(), signature);
    }

    /// @dev A spender names the type, and ERC-3009's have as many fields as a Spend: a transfer to a module
    /// could be read as a Spend by it, with other fields for nonce and deadline, and be used twice.
    function test_spend__type_of_an_authorization__reverts() public {
        bytes32[2] memory types = [TRANSFER_TYPEHASH, RECEIVE_TYPEHASH];
        address[2] memory spenders = [address(module), address(desk)];
        for (uint256 i = 0; i < types.length; ++i) {
            for (uint256 j = 0; j < spenders.length; ++j) {
                bytes32 structHash =
                    _authorizationHash(types[i], signer, spenders[j], VALUE, START - 1, DEADLINE, NONCE);
                bytes memory signature = _sign(signerKey, _digest(token, structHash));
                ILoyaltyToken.Spend memory spend = ILoyaltyToken.Spend({
                    from: signer, amount: VALUE, nonce: bytes32(uint256(START - 1)), deadline: DEADLINE
                });
                // The very same digest, so that nothing but the type can tell them apart.
                assertEq(structHash, _spendHash(spend, spenders[j], types[i], NONCE));
                vm.expectRevert(
                    abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_InvalidType.selector, types[i])
                );
                vm.prank(spenders[j]);
                if (j == 0) token.receiveWithSignature(spend, VALUE, types[i], NONCE, signature);
                else token.redeemWithSignature(spend, VALUE, types[i], NONCE, RECEIPT, signature);
            }
        }
        _assertUntouched(token);
    }

    /// @dev The other types have other numbers of fields, whatever a spender makes of them.
    function test_spend__type_of_a_permit_or_cancellation__reverts() public {
        bytes32[2] memory types = [
            keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
            keccak256("CancelAuthorization(address authorizer,bytes32 nonce)")
        ];
        Act[2] memory acts = [Act.Permit, Act.Cancel];
        for (uint256 i = 0; i < types.length; ++i) {
            bytes memory signature = _signed(acts[i]);
            vm.expectRevert(_refused());
            vm.prank(address(module));
            token.receiveWithSignature(_spend(), VALUE, types[i], 0, signature);
            bytes memory spendSignature =
                _sign(signerKey, _digest(token, _spendHash(_spend(), address(module), types[i], 0)));
            vm.expectRevert(_refused());
            this.submit(acts[i], token, spendSignature);
        }
        _assertUntouched(token);
    }

    // ---------------------------------------------------------------- amounts

    function test_spend__less_than_signed__takes_that_and_the_nonce() public {
        bytes memory signature = _signed(Act.Spend);
        vm.prank(address(module));
        token.receiveWithSignature(_spend(), 30, SPEND_TYPEHASH, _witness(), signature);
        assertEq(token.balanceOf(signer), BALANCE - 30);
        assertEq(token.balanceOf(address(module)), 30);
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_AuthorizationUsed.selector, signer, NONCE)
        );
        vm.prank(address(module));
        token.receiveWithSignature(_spend(), 70, SPEND_TYPEHASH, _witness(), signature);
    }

    function test_spend__more_than_signed__reverts() public {
        bytes memory more =
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_MoreThanSigned.selector, VALUE + 1, VALUE);
        bytes memory signature = _signed(Act.Spend);
        vm.expectRevert(more);
        vm.prank(address(module));
        token.receiveWithSignature(_spend(), VALUE + 1, SPEND_TYPEHASH, _witness(), signature);
        signature = _signed(Act.Redeem);
        vm.expectRevert(more);
        vm.prank(address(desk));
        token.redeemWithSignature(_spend(), VALUE + 1, SPEND_TYPEHASH, _witness(), RECEIPT, signature);
    }

    function test_signed_acts__beyond_balance__revert_and_leave_the_nonce() public {
        vm.prank(signer);
        token.transfer(partner, BALANCE - VALUE + 1);
        for (uint256 i = uint8(Act.Transfer); i < ACTS; ++i) {
            if (Act(i) == Act.Cancel || Act(i) == Act.CancelBytes) continue;
            bytes memory signature = _signed(Act(i));
            vm.expectRevert(
                abi.encodeWithSelector(
                    IERC20Errors.ERC20InsufficientBalance.selector, signer, VALUE - 1, VALUE
                )
            );
            this.submit(Act(i), token, signature);
        }
        assertFalse(token.authorizationState(signer, NONCE));
    }

    function test_spend__nothing__uses_the_nonce_up() public {
        bytes memory signature = _signed(Act.Spend);
        vm.prank(address(module));
        token.receiveWithSignature(_spend(), 0, SPEND_TYPEHASH, _witness(), signature);
        assertEq(token.balanceOf(signer), BALANCE);
        assertTrue(token.authorizationState(signer, NONCE));
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_AuthorizationUsed.selector, signer, NONCE)
        );
        this.submit(Act.Spend, token, signature);
    }

    /// @dev Whoever the holder names: a spender is on no list, and may be a plain account.
    function test_spend__any_spender_that_is_named__takes_it() public {
        bytes memory signature =
            _sign(signerKey, _digest(token, _spendHash(_spend(), partner, SPEND_TYPEHASH, _witness())));
        vm.prank(partner);
        token.receiveWithSignature(_spend(), VALUE, SPEND_TYPEHASH, _witness(), signature);
        assertEq(token.balanceOf(partner), VALUE);
        assertEq(token.balanceOf(signer), BALANCE - VALUE);
    }

    /// @dev ISSUE-1 and ISSUE-3: no quota is made of it, and no stop stands in its way.
    function test_spend__suspended_and_stopped__comes_in_and_goes_back() public {
        _suspendAndStop();
        uint256 committed = token.totalSupply() + token.totalQuota();
        module.receiveWithSignature(token, _spend(), VALUE, SPEND_TYPEHASH, _witness(), _signed(Act.Spend));
        assertEq(token.quotaOf(address(module)), 0);
        assertEq(token.totalSupply() + token.totalQuota(), committed);
        module.give(token, signer, VALUE);
        assertEq(token.balanceOf(signer), BALANCE);
    }

    function test_redeemWithSignature__receipt_zero_or_one__reverts() public {
        bytes memory signature = _signed(Act.Redeem);
        for (uint256 receipt = 0; receipt < 2; ++receipt) {
            _expect(ILoyaltyToken.LoyaltyToken_InvalidReceipt.selector);
            vm.prank(address(desk));
            token.redeemWithSignature(_spend(), VALUE, SPEND_TYPEHASH, _witness(), receipt, signature);
        }
        vm.prank(address(desk));
        token.redeemWithSignature(_spend(), VALUE, SPEND_TYPEHASH, _witness(), 2, signature);
        assertEq(token.receiptOf(signer, NONCE), 2);
    }

    function test_transferWithAuthorization__to_the_token__reverts() public {
        bytes32 structHash =
            _authorizationHash(TRANSFER_TYPEHASH, signer, address(token), VALUE, START - 1, DEADLINE, NONCE);
        bytes memory signature = _sign(signerKey, _digest(token, structHash));
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(token)));
        token.transferWithAuthorization(signer, address(token), VALUE, START - 1, DEADLINE, NONCE, signature);
    }

    function test_permit__for_nobody__reverts() public {
        bytes memory signature =
            _sign(signerKey, _digest(token, _permitHash(signer, address(0), VALUE, 0, DEADLINE)));
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidSpender.selector, address(0)));
        token.permit(signer, address(0), VALUE, DEADLINE, signature);
    }

    function test_permit__nonces_in_order() public {
        bytes memory second = _sign(signerKey, _digest(token, _permitHash(signer, till, VALUE, 1, DEADLINE)));
        vm.expectRevert(_refused());
        token.permit(signer, till, VALUE, DEADLINE, second);
        _submit(Act.Permit, token, _signed(Act.Permit));
        token.permit(signer, till, VALUE, DEADLINE, second);
        assertEq(token.nonces(signer), 2);
    }

    // ----------------------------------------------------------------- clocks

    /// @dev ERC-2612 and Spend are good at their deadline, ERC-3009 until the second before its end.
    function test_signed_acts__deadline__at_minus_one_zero_plus_one() public {
        bytes memory expired = abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_Expired.selector, DEADLINE);
        for (uint256 i = 0; i < ACTS; ++i) {
            Act act = Act(i);
            bytes memory signature = _signed(act);
            bool endless = act == Act.Cancel || act == Act.CancelBytes;
            bool exclusive = act >= Act.Transfer && act <= Act.ReceiveBytes;
            for (uint256 time = DEADLINE - 1; time <= DEADLINE + 1; ++time) {
                uint256 snapshot = vm.snapshotState();
                vm.warp(time);
                if (!endless && (time > DEADLINE || (time == DEADLINE && exclusive))) {
                    vm.expectRevert(expired);
                    this.submit(act, token, signature);
                    _assertUntouched(token);
                } else {
                    _submit(act, token, signature);
                    _assertDone(act);
                }
                vm.revertToState(snapshot);
            }
        }
    }

    function test_authorizations__validAfter__at_minus_one_zero_plus_one() public {
        uint256 validAfter = START - 1;
        for (uint256 i = uint8(Act.Transfer); i <= uint8(Act.ReceiveBytes); ++i) {
            bytes memory signature = _signed(Act(i));
            for (uint256 time = validAfter - 1; time <= validAfter + 1; ++time) {
                uint256 snapshot = vm.snapshotState();
                vm.warp(time);
                if (time <= validAfter) {
                    vm.expectRevert(
                        abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_NotYetValid.selector, validAfter)
                    );
                    this.submit(Act(i), token, signature);
                } else {
                    _submit(Act(i), token, signature);
                    _assertDone(Act(i));
                }
                vm.revertToState(snapshot);
            }
        }
    }

    /// @dev A mint-stop stops nothing that a holder signed (ISSUE-3).
    function test_signed_acts__suspended_and_stopped__all_work() public {
        _suspendAndStop();
        for (uint256 i = 0; i < ACTS; ++i) {
            uint256 snapshot = vm.snapshotState();
            _submit(Act(i), token, _signed(Act(i)));
            _assertDone(Act(i));
            vm.revertToState(snapshot);
        }
    }

    // ---------------------------------------------------------------- helpers

    function submitAs(address sender, bytes memory data) external {
        _submit(sender, token, data);
    }
}

/// @notice Signers with code: ERC-1271 wallets, honest and hostile, and keys whose accounts run code.
contract WalletSignaturesTest is SignedActsTest {
    Wallet internal wallet;

    function setUp() public override {
        super.setUp();
        wallet = new Wallet(member);
        signer = address(wallet);
        _prepare(signer);
        // `_assertDone` looks at the whole supply.
        vm.prank(member);
        token.burn(BALANCE);
    }

    function test_wallet__what_its_owner_signed__does_each_act_once() public {
        for (uint256 i = 0; i < ACTS; ++i) {
            uint256 snapshot = vm.snapshotState();
            bytes memory signature = _signed(Act(i));
            _submit(Act(i), token, signature);
            _assertDone(Act(i));
            vm.expectRevert();
            this.submit(Act(i), token, signature);
            vm.revertToState(snapshot);
        }
    }

    function test_wallet__what_another_signed__reverts() public {
        signerKey = partnerKey;
        for (uint256 i = 0; i < ACTS; ++i) {
            bytes memory signature = _signed(Act(i));
            vm.expectRevert(_refused());
            this.submit(Act(i), token, signature);
        }
        _assertUntouched(token);
    }

    /// @dev Whatever else a wallet answers is a no, and costs whoever asked no more than the wallet spent.
    function test_wallet__any_answer_but_the_right_one__reverts() public {
        Wallet.Behaviour[7] memory answers = [
            Wallet.Behaviour.Nothing,
            Wallet.Behaviour.Garbage,
            Wallet.Behaviour.Dirty,
            Wallet.Behaviour.Short,
            Wallet.Behaviour.Silent,
            Wallet.Behaviour.Reverts,
            Wallet.Behaviour.RevertBomb
        ];
        for (uint256 j = 0; j < answers.length; ++j) {
            wallet.behave(answers[j]);
            for (uint256 i = 0; i < ACTS; ++i) {
                bytes memory signature = _signed(Act(i));
                vm.expectRevert(_refused());
                uint256 before = gasleft();
                this.submit(Act(i), token, signature);
                assertLt(before - gasleft(), 3_000_000);
            }
        }
        _assertUntouched(token);
    }

    function test_wallet__return_bomb__is_not_copied() public {
        wallet.behave(Wallet.Behaviour.ReturnBomb);
        bytes memory signature = _signed(Act.PermitBytes);
        uint256 before = gasleft();
        _submit(Act.PermitBytes, token, signature);
        // A megabyte of memory costs the wallet 2.2 million gas; the token must not pay it again.
        assertLt(before - gasleft(), 2_500_000);
    }

    function test_wallet__burns_all_gas__only_its_own_act_fails() public {
        wallet.behave(Wallet.Behaviour.BurnsGas);
        bytes memory data = _callOf(Act.TransferBytes, token, _signed(Act.TransferBytes));
        vm.prank(intruder);
        (bool success,) = address(token).call{ gas: 1_000_000 }(data);
        assertFalse(success);
        _assertUntouched(token);
    }

    /// @dev It gives its own tokens away, nobody else's.
    function test_wallet__says_yes_to_anything__signs_for_itself_only() public {
        wallet.behave(Wallet.Behaviour.Anything);
        bytes memory nonsense = new bytes(65);
        _submit(Act.Transfer, token, nonsense);
        _assertDone(Act.Transfer);
        signer = partner;
        _prepare(partner);
        vm.expectRevert(_refused());
        this.submit(Act.Permit, token, nonsense);
        assertEq(token.allowance(partner, till), 0);
    }

    function test_wallet__changes_its_mind__old_signatures_are_worth_nothing() public {
        bytes memory signature = _signed(Act.Transfer);
        wallet.behave(Wallet.Behaviour.Nothing);
        vm.expectRevert(_refused());
        this.submit(Act.Transfer, token, signature);
    }

    /// @dev ERC-7702: the account runs code and has its key all the same.
    function test_key_with_code__still_signs_each_act() public {
        (signer, signerKey) = (member, memberKey);
        vm.prank(address(wallet));
        token.transfer(member, BALANCE);
        Wallet refusing = new Wallet(partner);
        vm.etch(member, abi.encodePacked(hex"ef0100", address(refusing)));
        assertGt(member.code.length, 0);
        for (uint256 i = 0; i < ACTS; ++i) {
            uint256 snapshot = vm.snapshotState();
            _submit(Act(i), token, _signed(Act(i)));
            _assertDone(Act(i));
            vm.revertToState(snapshot);
        }
        // And its code may sign for it too, as for any wallet.
        signerKey = partnerKey;
        _submit(Act.TransferBytes, token, _signed(Act.TransferBytes));
        _assertDone(Act.TransferBytes);
    }
}
