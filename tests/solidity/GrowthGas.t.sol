// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ICampaignRewards } from "../../contracts/interfaces/ICampaignRewards.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { IReferralRewards } from "../../contracts/interfaces/IReferralRewards.sol";
import { Cooling } from "./utils/DeskTest.sol";
import { GrowthTest } from "./utils/GrowthTest.sol";

/// @notice What members' acts cost, as whole transactions.
contract GrowthGasTest is GrowthTest {
    uint256 private constant BATCH = 100;

    bytes32 private _nonceOfReceipt;
    IFulfilment.Order private _order;

    function setUp() public override {
        super.setUp();
        _bindChain();
        (_nonceOfReceipt,) = _bought(2);
        _order = _fulfilled();
        _claim(0);
        for (uint256 i = 0; i < BATCH; ++i) {
            address holder = vm.addr(1000 + i);
            _mint(holder, 1);
            _claim(VIEWS, _voucher(holder, 0));
        }
    }

    function test_gas__voucher() public {
        ICampaignRewards.Voucher memory voucher = _voucher(member, 1);
        bytes memory signature = _signedVoucher(VIEWS, voucher);
        _run(
            "voucher_claim",
            address(campaigns),
            abi.encodeCall(campaigns.claim, (address(token), VIEWS, voucher, attester, signature)),
            73_000
        );
    }

    function test_gas__voucher_of_a_first_comer() public {
        ICampaignRewards.Voucher memory voucher = _voucher(friend, 0);
        bytes memory signature = _signedVoucher(VIEWS, voucher);
        _run(
            "voucher_claim_first",
            address(campaigns),
            abi.encodeCall(campaigns.claim, (address(token), VIEWS, voucher, attester, signature)),
            107_500
        );
    }

    function test_gas__voucher_batch() public {
        ICampaignRewards.SignedVoucher[] memory vouchers = new ICampaignRewards.SignedVoucher[](BATCH);
        for (uint256 i = 0; i < BATCH; ++i) {
            vouchers[i] = _forBatch(VIEWS, _voucher(vm.addr(1000 + i), 1));
        }
        _run(
            "voucher_batch_100",
            address(campaigns),
            abi.encodeCall(campaigns.claimBatch, (address(token), VIEWS, attester, vouchers)),
            27_500 * BATCH
        );
    }

    function test_gas__bind() public {
        uint256 deadline = block.timestamp + 1 days;
        (address newcomer, uint256 key) = makeAddrAndKey("newcomer");
        bytes memory signature =
            _sign(key, _onReferrals(_bindingHash(address(token), newcomer, friend, deadline)));
        _run(
            "referral_bind",
            address(referrals),
            abi.encodeCall(
                referrals.bindWithSignature,
                (address(token), newcomer, friend, _noInvitation(), deadline, signature)
            ),
            57_500
        );
    }

    function test_gas__accrue_receipt() public {
        _run(
            "referral_accrue receipt",
            address(referrals),
            abi.encodeCall(referrals.accrueReceipt, (address(token), programme, member, _nonceOfReceipt)),
            71_500
        );
    }

    function test_gas__accrue_order() public {
        _run(
            "referral_accrue order",
            address(referrals),
            abi.encodeCall(referrals.accrueOrder, (programme, address(orders), _order)),
            81_000
        );
    }

    function test_gas__accrue_purchase() public {
        IReferralRewards.Purchase memory bought = _purchase("order 1", 1000);
        _run(
            "referral_accrue purchase",
            address(referrals),
            abi.encodeCall(referrals.accruePurchase, (programme, bought, _attested(bought))),
            72_000
        );
    }

    function test_gas__accrue_purchases() public {
        bytes[] memory calls = new bytes[](20);
        for (uint256 i = 0; i < calls.length; ++i) {
            IReferralRewards.Purchase memory bought = _purchase(bytes32(i + 1), 1000);
            calls[i] = abi.encodeCall(referrals.accruePurchase, (programme, bought, _attested(bought)));
        }
        _run(
            "referral_accrue twenty purchases",
            address(referrals),
            abi.encodeWithSignature("multicall(bytes[])", calls),
            43_500 * calls.length
        );
    }

    function test_gas__grant() public {
        uint256 deadline = block.timestamp + 1 days;
        bytes memory signature = _sign(memberKey, _onConsent(_grantHash(request, member, deadline)));
        _run(
            "consent_grant",
            address(consent),
            abi.encodeCall(
                consent.grantWithSignature, (request, _noEligibility(), member, deadline, signature)
            ),
            94_500
        );
    }

    /// @dev As a transaction of its own: what it starts with, its calldata, and everything cold.
    function _run(string memory name, address to, bytes memory data, uint256 most) private {
        address[5] memory all = [address(orders), address(token), to, address(brands), address(obligations)];
        for (uint256 i = 0; i < all.length; ++i) {
            Cooling(address(vm)).cool(all[i]);
        }
        Cooling(address(vm)).cool(address(implementation));
        (bool success,) = to.call(data);
        uint256 used = vm.lastCallGas().gasTotalUsed - uint256(uint64(vm.lastCallGas().gasRefunded));
        assertTrue(success, name);
        used += 21_000;
        for (uint256 i = 0; i < data.length; ++i) {
            used += data[i] == 0 ? 4 : 16;
        }
        emit log_named_uint(name, used);
        assertLe(used, most, name);
    }
}
