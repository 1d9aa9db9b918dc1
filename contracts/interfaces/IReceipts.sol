// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IReceipts
/// @notice What members have redeemed, for contracts that reward it. A receipt is final.
interface IReceipts {
    /// @notice How a redemption was met.
    enum Kind {
        None,
        Offer,
        Par,
        Currency
    }

    /// @notice One redemption.
    /// @param kind For an offer, for shop credit at par, or paid out at par in the settlement currency.
    /// @param tag The first ten bytes of the offer's id, or of the order's reference at par.
    /// @param quantity How many units of the offer; zero at par.
    /// @param redeemedAt When.
    /// @param amount How much was burned, in token base units.
    struct Receipt {
        Kind kind;
        bytes10 tag;
        uint32 quantity;
        uint40 redeemedAt;
        uint96 amount;
    }

    /// @notice The receipt of what `member` redeemed of `token` by the signature with `nonce`; kind `None` if
    /// nothing. These three are its id.
    function receiptOf(address token, address member, bytes32 nonce) external view returns (Receipt memory);
}
