// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBargains } from "./IBargains.sol";

/// @title IPricer
/// @notice Who finds the price of bargains: what is asked when a deal is published ({IBargainDeals}) and when somebody
/// pays ({IBargains}), and what all pricers share. No money lies here.
///
/// **Prices.** Whole numbers of the deal's parts. Under a deal no bargain costs more than the list price or less
/// than the floor price.
///
/// **Signatures** are EIP-712 structs in the pricer's own domain (ERC-5267), which binds chain and contract. Each
/// struct names what is agreed to, token and deal, the bargain's number and with it the buyer (but for attestations,
/// which name the helper), and a deadline, which is the last second at which it is good. What it allows can happen
/// once, so that there is nothing to replay. Keys and ERC-1271 wallets sign. Whoever makes the call itself signs
/// nothing.
interface IPricer {
    /// @notice Where a bargain stands, as it follows from its facts and the time.
    /// - `Requested`: the brand has still to say what the cuts are
    /// - `Open`: it can come about
    /// - `Lapsed`: its time is over
    /// - `Ended`: it became an order, or its buyer has the deposit back
    enum Status {
        None,
        Requested,
        Open,
        Lapsed,
        Ended
    }

    /// @notice What bargains under a deal go by.
    /// @param listPrice What they cost at most, in parts.
    /// @param floorPrice What they cost at least, in parts; less than that, and not zero.
    /// @param stock How many can be opened in all; not zero.
    /// @param duration How long one lives, in seconds; not zero.
    struct Rules {
        uint96 listPrice;
        uint96 floorPrice;
        uint32 stock;
        uint32 duration;
    }

    /// @notice Somebody's signature, for anybody to submit; all empty from whoever makes the call.
    /// @param deadline The last second at which it is good.
    struct Consent {
        uint256 deadline;
        bytes signature;
    }

    /// @notice As {Consent}, for the brand.
    /// @param signer Somebody who runs its campaigns at the time of the call.
    struct BrandConsent {
        address signer;
        uint256 deadline;
        bytes signature;
    }

    error Pricer_NotBargains(address caller);
    error Pricer_NotDeals(address caller);
    error Pricer_InvalidRules(Rules rules);
    error Pricer_OutOfStock(uint256 stock);
    error Pricer_WrongStatus(address token, bytes32 dealId, uint256 number, Status status);
    error Pricer_InvalidPrice(uint256 price, uint256 least, uint256 most);
    error Pricer_Expired(uint256 deadline);
    error Pricer_InvalidSignature(address signer);

    /// @notice A deal is published whose prices are found here. {IBargainDeals} only, which undoes everything unless
    /// the caller may publish it and the deal is new.
    /// @param brandId Whose deal it is, if so.
    /// @param rules In the pricer's own terms.
    /// @return mostPrice The most that a bargain under it can cost, in parts.
    function onPublished(address token, bytes32 dealId, bytes32 brandId, bytes calldata rules)
        external
        returns (uint96 mostPrice);

    /// @notice A bargain's buyer pays. {IBargains} only, which has seen that the number is the buyer's.
    /// @param most What it pays at most, in parts.
    /// @return price What it pays now, for an order; or zero, and then all of `most` is a deposit, with which the
    /// bargain begins.
    function onPayment(address token, bytes32 dealId, uint256 number, uint256 most)
        external
        returns (uint96 price);

    /// @notice Where bargains are paid for and kept.
    function BARGAINS() external view returns (IBargains);

    /// @notice What bargains under a deal go by; all zero if there is no such deal.
    /// @return rules As published.
    /// @return opened How many of the stock are in use or used up.
    function rulesOf(address token, bytes32 dealId) external view returns (Rules memory rules, uint256 opened);
}
