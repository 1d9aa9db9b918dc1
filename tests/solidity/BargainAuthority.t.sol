// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ICuts } from "../../contracts/interfaces/ICuts.sol";
import { IPricer } from "../../contracts/interfaces/IPricer.sol";
import { BargainTest } from "./utils/BargainTest.sol";
import { StrangerTest } from "./utils/StrangerTest.sol";

/// @notice AUTH-1 for bargains and their pricers: called by a stranger, every function either reverts or does what
/// is meant for strangers.
contract BargainAuthorityTest is BargainTest, StrangerTest {
    string private constant CONDITIONS = "(uint96,uint96,uint40,uint40,uint8,uint8,uint96,address,bytes32)";
    string private constant CONSENT = "(uint256,bytes)";
    string private constant BRAND_CONSENT = "(address,uint256,bytes)";

    uint256 internal cut;
    uint256 internal requested;
    uint256 internal taken;
    ICuts.Opening internal opening;

    function setUp() public override {
        super.setUp();
        stranger = intruder;
        _open(450);
        cut = _number(member, 1);
        requested = _number(member, 2);
        taken = _number(member, 3);
        ICuts.Opening[] memory openings = _openCut(cut);
        _draw(cut, openings[0], friend);
        opening = openings[1];
        _request(requested);
        _openCut(taken);
        _pay(_payment(CUT, taken, LIST));
        // Something that is the member's to fetch, which anybody may bring it.
        _pay(_payment(HAGGLE, _number(member, 4), 450));
        _withdraw(member, _number(member, 4));
        _addTarget("Bargains", address(bargains));
        _addTarget("BargainDeals", address(deals));
        _addTarget("Haggles", address(haggles));
        _addTarget("Cuts", address(cuts));
        _addWords();
    }

    function _addWords() private {
        address[14] memory accounts = [
            address(0),
            stranger,
            member,
            brand,
            manager,
            friend,
            attester,
            arbiter,
            address(token),
            address(money),
            address(bargains),
            address(haggles),
            address(cuts),
            address(deals)
        ];
        for (uint256 i = 0; i < accounts.length; ++i) {
            _addWord(accounts[i]);
        }
        uint256[8] memory numbers = [uint256(0), 1, 5, 450, 400, 500, block.timestamp, FAR_FUTURE];
        for (uint256 i = 0; i < numbers.length; ++i) {
            words.push(bytes32(numbers[i]));
        }
        words.push(bytes32(_number()));
        words.push(bytes32(cut));
        words.push(bytes32(requested));
        words.push(bytes32(taken));
        words.push(HAGGLE);
        words.push(CUT);
        words.push(RIGHT);
        _addOffsets(0x100);
    }

    function testFuzz_any_bargain_function__by_a_stranger__leaves_what_matters(
        uint256 target,
        uint256 selector,
        uint256 seed
    ) public {
        _callWithWords(target, selector, seed);
    }

    function testFuzz_any_bargain_function__any_calldata__leaves_what_matters(
        uint256 target,
        uint256 selector,
        bytes memory tail
    ) public {
        _callWithTail(target, selector, tail);
    }

    /// @dev Each function of the pricers and of publishing, with arguments that the right account could use.
    function test_each_function__by_a_stranger__is_refused_by_name() public {
        _tryAll("Haggles", address(haggles), _onHaggles());
        _tryAll("Cuts", address(cuts), _onCuts());
        Call[] memory calls = new Call[](1);
        calls[0] = Call(
            string.concat("publishDeal(address,bytes32,", CONDITIONS, ",address,bytes,bytes32,string)"),
            abi.encode(
                token, bytes32("new"), _conditions(), haggles, abi.encode(_rules()), DOCUMENT, DOCUMENT_URI
            )
        );
        _tryAll("BargainDeals", address(deals), calls);
    }

    function _onHaggles() private view returns (Call[] memory calls) {
        IPricer.BrandConsent memory own = IPricer.BrandConsent(stranger, FAR_FUTURE, "");
        calls = new Call[](5);
        calls[0] = Call(
            "onPublished(address,bytes32,bytes32,bytes)",
            abi.encode(token, HAGGLE, brandId, abi.encode(_rules()))
        );
        calls[1] = Call(
            "onPayment(address,bytes32,uint256,uint256)", abi.encode(token, HAGGLE, _number(stranger, 0), 450)
        );
        calls[2] = Call(
            string.concat("withdraw(address,bytes32,uint256,", CONSENT, ")"),
            abi.encode(token, HAGGLE, _number(), _none())
        );
        calls[3] = Call(
            string.concat(
                "strike(address,bytes32,uint256,(uint96,uint96,bytes32),", CONSENT, ",", BRAND_CONSENT, ")"
            ),
            abi.encode(token, HAGGLE, _number(), _agreement(450), _none(), own)
        );
        calls[4] = Call("revoke(address,bytes32,uint256)", abi.encode(token, HAGGLE, _number()));
    }

    function _onCuts() private view returns (Call[] memory calls) {
        IPricer.BrandConsent memory own = IPricer.BrandConsent(stranger, FAR_FUTURE, "");
        ICuts.Attestation memory attestation = _attest(friend, "friend");
        attestation.helper = stranger;
        calls = new Call[](6);
        calls[0] = Call(
            "onPublished(address,bytes32,bytes32,bytes)",
            abi.encode(token, CUT, brandId, abi.encode(_rules(), _cutRules()))
        );
        calls[1] =
            Call("onPayment(address,bytes32,uint256,uint256)", abi.encode(token, CUT, cut, uint256(LIST)));
        calls[2] =
            Call("answer(address,bytes32,uint256,uint96[])", abi.encode(token, CUT, requested, _drawnUp()));
        calls[3] = Call(
            string.concat("open(address,bytes32,uint256,bytes32,", CONSENT, ",", BRAND_CONSENT, ")"),
            abi.encode(token, CUT, _number(stranger, 0), bytes32("head"), _none(), own)
        );
        calls[4] = Call(
            string.concat("request(address,bytes32,uint256,", CONSENT, ")"),
            abi.encode(token, CUT, _number(member, 9), _none())
        );
        calls[5] = Call(
            string.concat(
                "draw(address,bytes32,uint256,(uint96,bytes32,bytes32),(address,bytes32,uint256,bytes),",
                CONSENT,
                ")"
            ),
            abi.encode(token, CUT, cut, opening, attestation, _none())
        );
    }

    function _isForStrangers(string memory) internal pure override returns (bool) {
        return false;
    }

    function _whatMatters() internal view override returns (bytes32 state) {
        address[5] memory accounts = [stranger, member, brand, friend, arbiter];
        for (uint256 i = 0; i < accounts.length; ++i) {
            address who = accounts[i];
            // What is owed is somebody's, whether it was fetched or not.
            uint256 worth = money.balanceOf(who) + bargains.owedTo(currency, who);
            worth += bonds.owedTo(currency, who);
            state = keccak256(abi.encode(state, token.balanceOf(who), worth, _rightsOf(who)));
        }
        state = keccak256(
            abi.encode(
                state,
                token.balanceOf(address(bargains)),
                bargains.proceedsOf(address(token)),
                bargains.depositOf(address(token), HAGGLE, _number()),
                bargains.freeCompensationOf(address(token), HAGGLE),
                bargains.freeCompensationOf(address(token), CUT),
                bargains.recordOf(address(token), CUT)
            )
        );
        (IPricer.Rules memory rules, uint256 opened) = cuts.rulesOf(address(token), CUT);
        return keccak256(
            abi.encode(
                state,
                _haggle(_number()),
                _cut(cut),
                _cut(requested),
                _cut(taken),
                rules,
                opened,
                bargains.pricerOf(address(token), HAGGLE),
                bargains.pricerOf(address(token), "new")
            )
        );
    }
}
