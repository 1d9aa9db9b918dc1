// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IReceipts } from "../../contracts/interfaces/IReceipts.sol";
import { IRedemptions } from "../../contracts/interfaces/IRedemptions.sol";
import { Busy } from "./utils/Busy.sol";
import { DeskHandler } from "./utils/DeskHandler.sol";

/// @notice What holds at the desk whatever happens at it, and that enough happened for it to mean something.
contract DeskInvariants is Busy {
    /// @dev How often each action must have succeeded in a run of the default depth.
    DeskHandler private _handler;
    IRedemptions private _desk;
    ILoyaltyToken private _token;
    bytes32[] private _actions;

    function setUp() public {
        _handler = new DeskHandler();
        _handler.setUp();
        _desk = _handler.theDesk();
        _token = ILoyaltyToken(_handler.theToken());

        bytes4[] memory selectors = new bytes4[](13);
        selectors[0] = _add("createOffer", DeskHandler.createOffer.selector);
        selectors[1] = _add("setOffer", DeskHandler.setOffer.selector);
        selectors[2] = _add("withdrawOfferChange", DeskHandler.withdrawOfferChange.selector);
        selectors[3] = _add("passTime", DeskHandler.passTime.selector);
        selectors[4] = _add("mint", DeskHandler.mint.selector);
        selectors[5] = _add("redeemOffer", DeskHandler.redeemOffer.selector);
        selectors[6] = _add("redeemOffers", DeskHandler.redeemOffers.selector);
        selectors[7] = _add("redeemAtPar", DeskHandler.redeemAtPar.selector);
        selectors[8] = _add("redeemInCurrency", DeskHandler.redeemInCurrency.selector);
        selectors[9] = _add("replay", DeskHandler.replay.selector);
        selectors[10] = _add("steal", DeskHandler.steal.selector);
        selectors[11] = _add("transfer", DeskHandler.transfer.selector);
        selectors[12] = _add("burn", DeskHandler.burn.selector);
        targetContract(address(_handler));
        targetSelector(FuzzSelector({ addr: address(_handler), selectors: selectors }));
    }

    function _add(bytes32 action, bytes4 selector) private returns (bytes4) {
        _actions.push(action);
        return selector;
    }

    /// @dev All in one, so that the same calls are played once.
    /// forge-config: default.invariant.runs = 4
    /// forge-config: default.invariant.depth = 300
    /// forge-config: long.invariant.runs = 100
    /// forge-config: long.invariant.depth = 500
    function invariant_desk__books_agree_with_receipts_supply_and_money() public view {
        _assertSold();
        _assertSupply();
        _assertHoldsNothing();
        // The latest receipts now, all of them at the end.
        uint256 count = _handler.redeemedCount();
        _assertReceipts(count > 2 ? count - 2 : 0);
    }

    /// @dev Nothing was in vain: every action succeeded in this run, and no receipt has changed.
    function afterInvariant() public {
        for (uint256 i = 0; i < _actions.length; ++i) {
            _expect(_handler.done(_actions[i]), string(abi.encodePacked("vacuous: ", _actions[i])));
        }
        assertEq(_assertReceipts(0), _handler.burnedByReceipts(), "burned != sum of receipts");
        _assertBusy();
    }

    /// @dev Units sold are what members took, never more than there ever were.
    function _assertSold() private view {
        for (uint256 i = 0; i < _handler.offerCount(); ++i) {
            bytes32 offerId = _handler.offerIds(i);
            uint256 sold = _desk.offerOf(address(_token), offerId).sold;
            assertLe(sold, _handler.mostStock(offerId), "sold > stock ever");
            uint256 taken;
            for (uint256 j = 0; j < _handler.MEMBERS(); ++j) {
                address buyer = _handler.buyers(j);
                uint256 units = _desk.redeemedBy(address(_token), offerId, buyer);
                assertEq(units, _handler.units(offerId, buyer), "a member's units");
                taken += units;
            }
            assertEq(taken, sold, "sum of taken != sold");
        }
    }

    /// @dev Supply falls by receipts and by holders' own burns, and by nothing else.
    function _assertSupply() private view {
        assertEq(
            _token.totalSupply(),
            _handler.minted() - _handler.burnedByReceipts() - _handler.burnedByHolders(),
            "supply"
        );
    }

    /// @dev A receipt says what was burned and never changes.
    function _assertReceipts(uint256 from) private view returns (uint256 sum) {
        for (uint256 i = from; i < _handler.redeemedCount(); ++i) {
            DeskHandler.Redeemed memory redeemed = _handler.redeemedAt(i);
            assertEq(_token.receiptOf(redeemed.member, redeemed.nonce), redeemed.word, "a receipt changed");
            IReceipts.Receipt memory receipt =
                _desk.receiptOf(address(_token), redeemed.member, redeemed.nonce);
            assertTrue(receipt.kind != IReceipts.Kind.None, "no receipt");
            assertEq(receipt.amount, redeemed.amount, "what a receipt says");
            sum += receipt.amount;
        }
    }

    /// @dev BOOK-1: the desk holds nothing, and members have what was paid to them.
    function _assertHoldsNothing() private view {
        IERC20 currency = IERC20(_handler.theCurrency());
        assertEq(currency.balanceOf(address(_desk)), 0, "BOOK-1: currency at the desk");
        assertEq(_token.balanceOf(address(_desk)), 0, "BOOK-1: tokens at the desk");
        uint256 sum;
        for (uint256 i = 0; i < _handler.MEMBERS(); ++i) {
            sum += currency.balanceOf(_handler.buyers(i));
        }
        assertEq(sum, _handler.paid(), "RED-3: paid at par");
    }
}
