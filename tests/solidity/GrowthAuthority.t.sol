// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ICampaignRewards } from "../../contracts/interfaces/ICampaignRewards.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { IReferralRewards } from "../../contracts/interfaces/IReferralRewards.sol";
import { GrowthTest } from "./utils/GrowthTest.sol";
import { StrangerTest } from "./utils/StrangerTest.sol";

/// @notice AUTH-1 for referrals, campaigns and consent: called by a stranger, every function either reverts or
/// does what is meant for strangers.
contract GrowthAuthorityTest is GrowthTest, StrangerTest {
    string private constant VOUCHER = "(address,uint256,bytes32,uint256)";
    string private constant FACTS =
        "(address,bytes32,uint256,address,uint32,uint96,uint96,uint96,address,uint40,bytes32)";
    string private constant REQUEST =
        "(address,bytes32,bytes32,bytes32,uint96,uint32,uint40,address,bytes32)";
    string private constant EVENT = "(address,address,uint8,bytes32)";

    IFulfilment.Order internal order;
    bytes32 internal nonce;

    function setUp() public override {
        super.setUp();
        stranger = intruder;
        _bindChain();
        (nonce,) = _bought(1);
        order = _fulfilled();
        _accruePurchase(_purchase("A-1", 1000));
        _claim(0);
        _grantData(member);
        _addTarget("ReferralRewards", address(referrals));
        _addTarget("CampaignRewards", address(campaigns));
        _addTarget("Consent", address(consent));
        address[9] memory accounts = [
            address(0),
            stranger,
            member,
            brand,
            friend,
            attester,
            address(token),
            address(partnerToken),
            address(orders)
        ];
        for (uint256 i = 0; i < accounts.length; ++i) {
            _addWord(accounts[i]);
        }
        uint256[7] memory numbers = [uint256(0), 1, 2, 3, 1000, block.timestamp, FAR_FUTURE];
        for (uint256 i = 0; i < numbers.length; ++i) {
            words.push(bytes32(numbers[i]));
        }
        words.push(VIEWS);
        words.push(REVIEWS);
        words.push(byKey);
        words.push(requestId);
        words.push("A-1");
        _addOffsets(0x100);
    }

    // ------------------------------------------------------------------ fuzz

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
        for (uint256 i = 2; i < 9; ++i) {
            vm.assume(sender != address(uint160(uint256(words[i]))));
        }
        vm.assume(sender != manager && sender != grand);
        stranger = sender;
        _callWithTail(target, selector, tail);
    }

    // ------------------------------------------------- every one, well-formed

    /// @dev Signatures here are nobody's: what anybody may submit is nothing without them.
    function test_every_mutator__well_formed_by_a_stranger__is_refused() public {
        _tryAll("ReferralRewards", address(referrals), _onReferrals());
        _tryAll("CampaignRewards", address(campaigns), _onCampaigns());
        _tryAll("Consent", address(consent), _onConsent());
    }

    function _onReferrals() private view returns (Call[] memory calls) {
        IReferralRewards.EventId memory id = _idOf(IReferralRewards.Kind.Purchase, "A-1");
        IReferralRewards.Invitation memory none = IReferralRewards.Invitation(FAR_FUTURE, "");
        calls = new Call[](14);
        calls[0] = Call(
            "createProgramme(address,(uint16,uint16,uint16,uint16,uint8,uint40,uint40,uint96),address,bytes32,string)",
            abi.encode(address(token), _terms(ALL), stranger, DOCUMENT, "")
        );
        calls[1] =
            Call("setAttester(address,uint16,address)", abi.encode(address(token), programme, stranger));
        calls[2] = Call("endProgramme(address,uint16)", abi.encode(address(token), programme));
        calls[3] = Call(string.concat("undo(", EVENT, ",string)"), abi.encode(id, "mine"));
        calls[4] = Call("returnRest(address,uint16)", abi.encode(address(token), programme));
        calls[5] = Call("openReferrals(address)", abi.encode(address(token)));
        calls[6] = Call(
            "bind(address,address,(uint256,bytes))", abi.encode(address(token), address(0xdead), none)
        );
        calls[7] = Call(
            "bindWithSignature(address,address,address,(uint256,bytes),uint256,bytes)",
            abi.encode(address(token), till, friend, none, FAR_FUTURE, new bytes(65))
        );
        calls[8] = Call(
            "accrueReceipt(address,uint16,address,bytes32)",
            abi.encode(address(token), programme, member, bytes32("none"))
        );
        calls[9] = Call(
            string.concat("accrueOrder(uint16,address,", FACTS, ")"),
            abi.encode(programme, address(this), order)
        );
        calls[10] = Call(
            "accruePurchase(uint16,(address,address,bytes32,uint256,uint256,uint256),bytes)",
            abi.encode(programme, _purchase("A-2", 1000), new bytes(65))
        );
        calls[11] = Call(string.concat("claim(", EVENT, "[])"), abi.encode(_ids(id)));
        calls[12] = Call("multicall(bytes[])", abi.encode(new bytes[](0)));
        calls[13] = Call(
            "onQuotaReceived(address,uint256,uint8,bytes)",
            abi.encode(stranger, 1, uint8(0), abi.encode(programme))
        );
    }

    function _onCampaigns() private view returns (Call[] memory calls) {
        ICampaignRewards.Voucher memory voucher = _voucher(stranger, 0);
        calls = new Call[](10);
        calls[0] = Call(
            "createCampaign(address,bytes32,(uint8,uint96,uint8,uint8,uint40,uint40),bytes32,string)",
            abi.encode(address(token), bytes32("mine"), _campaign(ICampaignRewards.Kind.View), DOCUMENT, "")
        );
        calls[1] = Call("retireAttester(address,bytes32,bytes32)", abi.encode(address(token), VIEWS, byKey));
        calls[2] = Call("endCampaign(address,bytes32)", abi.encode(address(token), VIEWS));
        calls[3] = Call("returnRest(address,bytes32,bytes32)", abi.encode(address(token), VIEWS, byKey));
        calls[4] = Call(
            string.concat("claim(address,bytes32,", VOUCHER, ",address,bytes)"),
            abi.encode(address(token), VIEWS, voucher, attester, new bytes(65))
        );
        // The one that is passed over: it succeeds, and pays nobody.
        ICampaignRewards.SignedVoucher[] memory vouchers = new ICampaignRewards.SignedVoucher[](1);
        vouchers[0].voucher = voucher;
        calls[5] = Call(
            string.concat("claimBatch(address,bytes32,address,(", VOUCHER, ",bytes32,bytes32)[])"),
            abi.encode(address(token), VIEWS, attester, vouchers)
        );
        calls[6] = Call(
            string.concat("claimFromList(address,bytes32,", VOUCHER, ",bytes32[])"),
            abi.encode(address(token), VIEWS, voucher, new bytes32[](2))
        );
        calls[7] = Call(
            string.concat(
                "claimReview(address,bytes32,", VOUCHER, ",address,bytes,(bytes32,bytes32,bytes32))"
            ),
            abi.encode(
                    address(token),
                    REVIEWS,
                    voucher,
                    attester,
                    new bytes(65),
                    ICampaignRewards.CounterReview(OFFER, TEXT, nonce)
                )
        );
        calls[8] = Call(
            string.concat(
                "claimOrderReview(address,bytes32,", VOUCHER, ",address,bytes,(bytes32,address,", FACTS, "))"
            ),
            abi.encode(
                address(token),
                REVIEWS,
                voucher,
                attester,
                new bytes(65),
                ICampaignRewards.OrderReview(TEXT, address(orders), order)
            )
        );
        calls[9] = Call(
            "onQuotaReceived(address,uint256,uint8,bytes)",
            abi.encode(stranger, 1, uint8(0), abi.encode(VIEWS, byKey))
        );
    }

    function _onConsent() private view returns (Call[] memory calls) {
        calls = new Call[](11);
        calls[0] = Call(
            string.concat("publish(", REQUEST, ",(string,string,bytes))"), abi.encode(request, _wording())
        );
        calls[1] = Call(string.concat("close(", REQUEST, ")"), abi.encode(request));
        calls[2] = Call(string.concat("returnRest(", REQUEST, ")"), abi.encode(request));
        calls[3] = Call(
            string.concat("acknowledge(", REQUEST, ",address,bytes32)"), abi.encode(request, member, DOCUMENT)
        );
        // For members: of a request that nobody published.
        calls[4] = Call(
            string.concat("grant(", REQUEST, ",(uint256,bytes))"),
            abi.encode(_request(1, 0, START + 1 days, address(0)), _noEligibility())
        );
        calls[5] = Call(
            string.concat("grantWithSignature(", REQUEST, ",(uint256,bytes),address,uint256,bytes)"),
            abi.encode(request, _noEligibility(), friend, FAR_FUTURE, new bytes(65))
        );
        calls[6] = Call(string.concat("revoke(", REQUEST, ")"), abi.encode(request));
        calls[7] = Call(
            string.concat("revokeWithSignature(", REQUEST, ",address,uint256,bytes)"),
            abi.encode(request, member, FAR_FUTURE, new bytes(65))
        );
        calls[8] = Call(string.concat("pay(", REQUEST, ",address)"), abi.encode(request, member));
        calls[9] = Call("multicall(bytes[])", abi.encode(new bytes[](0)));
        calls[10] = Call(
            "onQuotaReceived(address,uint256,uint8,bytes)",
            abi.encode(stranger, 1, uint8(0), abi.encode(request))
        );
    }

    // --------------------------------------------------------- what matters

    function _isForStrangers(string memory signature) internal pure override returns (bool) {
        bytes32 hash = keccak256(bytes(signature));
        return hash == keccak256("openReferrals(address)") // of itself
            || hash == keccak256("multicall(bytes[])") // of nothing
            || hash
                == keccak256(
                "claimBatch(address,bytes32,address,((address,uint256,bytes32,uint256),bytes32,bytes32)[])"
            ); // passed over
    }

    /// @dev Nothing here may change but what accrued of what really happened, and is then for those it is for:
    /// with the words above nobody can do even that.
    function _whatMatters() internal view override returns (bytes32) {
        bytes32 money = keccak256(
            abi.encode(
                token.totalSupply(),
                token.totalQuota(),
                token.quotaOf(address(referrals)),
                token.quotaOf(address(campaigns)),
                token.quotaOf(address(consent)),
                _left(VIEWS, byKey),
                _left(REVIEWS, byKey),
                _budget()
            )
        );
        bytes32 said = keccak256(
            abi.encode(
                referrals.programmeOf(address(token), programme),
                referrals.standingOf(address(token), member),
                referrals.standingOf(address(token), friend),
                referrals.accrualOf(_idOf(IReferralRewards.Kind.Purchase, "A-1")),
                campaigns.campaignOf(address(token), VIEWS),
                campaigns.purseOf(address(token), VIEWS, byKey),
                campaigns.isPaid(address(token), VIEWS, member, 0),
                consent.grantOf(requestId, member)
            )
        );
        return keccak256(abi.encode(money, said));
    }
}
