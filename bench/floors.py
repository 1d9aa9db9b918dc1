"""The least gas that any contract could do an operation for, derived from what it must leave behind.

That is a transaction, its calldata, the storage slots that change and the events that wallets and indexers
rely on. What a contract computes in between is left out, so that no contract reaches its floor.
"""

from __future__ import annotations

from bench.chain import account, calldata

AMOUNT = 12_500_000_000_000_000_000
"""12.5 tokens of 18 decimals: what each measured transfer and mint moves."""

MEMBERS_CREDITED = 1 << 20
"""How many a root credits: a million, which takes proofs of twenty nodes."""

INTRINSIC = 21_000
ZERO_BYTE, NONZERO_BYTE = 4, 16
TOKEN_FLOOR = 10  # EIP-7623: at least so much a token, a zero byte being one and any other four
SET_SLOT = 22_100  # cold, zero to non-zero
CHANGE_SLOT = 5_000  # cold, non-zero to non-zero
READ_SLOT = 2_100  # cold
CLEARED = 4_800  # back for a slot set to zero
LOG, LOG_TOPIC, LOG_BYTE = 375, 375, 8
CREATE, CODE_BYTE = 32_000, 200
ECRECOVER = 3_000
SIGNATURE = b"\x99" * 64
_NODE = b"\x99" * 32
_PROOF = [_NODE] * (MEMBERS_CREDITED - 1).bit_length()
_CLAIM = "claim(address,uint256,uint256,bytes32[])"
_CLAIM_FOR = "claim(address,uint256,uint256,bytes32[],bytes)"
MINIMAL_CLONE = 45  # bytes of an ERC-1167 proxy


def calldata_gas(data: bytes) -> int:
    """What the bytes of a call cost, beside what runs."""
    zeros = data.count(0)
    return zeros * ZERO_BYTE + (len(data) - zeros) * NONZERO_BYTE


def log_gas(topics: int, data_bytes: int) -> int:
    """One event."""
    return LOG + topics * LOG_TOPIC + data_bytes * LOG_BYTE


TRANSFER_EVENT = log_gas(topics=3, data_bytes=32)


def transaction_gas(data: bytes, work: int) -> int:
    """A whole transaction with such calldata, doing such work."""
    zeros = data.count(0)
    tokens = zeros + 4 * (len(data) - zeros)
    return INTRINSIC + max(calldata_gas(data) + work, TOKEN_FLOOR * tokens)


def create_token() -> int:
    """A contract of its own, the smallest that can run another's code."""
    return transaction_gas(b"", CREATE + CODE_BYTE * MINIMAL_CLONE)


def transfer(to_new: bool) -> int:
    """Two balances and an event."""
    data = calldata("transfer(address,uint256)", account("anyone"), AMOUNT)
    return transaction_gas(data, CHANGE_SLOT + _balance(to_new) + TRANSFER_EVENT)


def mint(to_new: bool) -> int:
    """A balance, the supply (with whatever bounds it beside it in the slot) and an event."""
    data = calldata("mint(address,uint256)", account("anyone"), AMOUNT)
    return transaction_gas(data, CHANGE_SLOT + _balance(to_new) + TRANSFER_EVENT)


def bulk_mint_each(to_new: bool) -> int:
    """One recipient more in a batch: an address, a count in four bytes, a balance and an event."""
    row = bytes.fromhex(account("anyone")[2:]) + (AMOUNT // 10**16).to_bytes(4, "big")
    return calldata_gas(row) + _balance(to_new) + TRANSFER_EVENT


def post_root() -> int:
    """A word for the period; what may still be issued changes, with an event that says where proofs are."""
    data = calldata("post(uint32,bytes32)", 202_607, _NODE)
    return transaction_gas(data, SET_SLOT + CHANGE_SLOT + log_gas(3, 64))


def claim_root() -> int:
    """A proof, a bit, what is left of the period, and a mint."""
    data = calldata(_CLAIM, account("anyone"), 1, AMOUNT, _PROOF)
    return transaction_gas(data, 3 * CHANGE_SLOT + _balance(new=False) + TRANSFER_EVENT)


def redeem_from_root() -> int:
    """The same with a signature and a receipt, whose tokens never are on a balance."""
    data = calldata(_CLAIM_FOR, account("anyone"), 1, AMOUNT, _PROOF, SIGNATURE)
    return transaction_gas(data, 3 * CHANGE_SLOT + ECRECOVER + SET_SLOT + TRANSFER_EVENT)


def redeem() -> int:
    """A signed burn that leaves a receipt: balance, supply, one new slot, an event."""
    data = calldata("redeem(address,uint256,bytes)", account("anyone"), AMOUNT, SIGNATURE)
    return transaction_gas(data, CHANGE_SLOT + _redeemed())


def redeem_batch_each() -> int:
    """One redemption more in a batch, at best packed: who, how much, a signature."""
    row = bytes.fromhex(account("anyone")[2:]) + AMOUNT.to_bytes(12, "big") + SIGNATURE
    return calldata_gas(row) + _redeemed()


def order_open() -> int:
    """Tokens move to an escrow, and one slot and an event hold the order."""
    data = calldata("open(bytes32,uint256)", bytes(31) + b"1", 1)
    return transaction_gas(data, 2 * CHANGE_SLOT + TRANSFER_EVENT + SET_SLOT + log_gas(4, 32))


def order_fulfil() -> int:
    """The order's slot changes, with an event."""
    return transaction_gas(calldata("fulfil(uint256)", 1), order_fulfil_each())


def order_fulfil_each() -> int:
    """One order more in a batch."""
    return CHANGE_SLOT + log_gas(4, 0)


def order_refund() -> int:
    """The order's slot is cleared, at best half of which comes back, and tokens return."""
    data = calldata("refund(uint256)", 1)
    return transaction_gas(data, 2 * CHANGE_SLOT + TRANSFER_EVENT + CHANGE_SLOT - CLEARED + log_gas(4, 0))


def swap() -> int:
    """Two tokens move, each between two accounts; something that prices them changes, with an event."""
    pool = account("pool").encode()[:32]
    data = calldata("swap(bytes32,address,uint256,uint256)", pool, account("anyone"), AMOUNT, AMOUNT)
    moved = 2 * CHANGE_SLOT + TRANSFER_EVENT
    return transaction_gas(data, 2 * moved + CHANGE_SLOT + log_gas(4, 64))


def provide() -> int:
    """A token moves, and a slot and an event hold what for."""
    data = calldata("provide(bytes32,uint256)", account("pool").encode()[:32], AMOUNT)
    return transaction_gas(data, 2 * CHANGE_SLOT + TRANSFER_EVENT + CHANGE_SLOT + log_gas(4, 32))


def settle_each() -> int:
    """One brand more in a period that is closed: its slot is started anew, with an event."""
    return CHANGE_SLOT + log_gas(4, 32)


def group_close() -> int:
    """A slot says how the group ended, with an event."""
    return transaction_gas(calldata("close(uint256)", 1), CHANGE_SLOT + log_gas(3, 64))


def group_withdraw() -> int:
    """The seat's slot becomes an order's, with an event, and tokens return."""
    data = calldata("withdraw(uint256)", 1)
    return transaction_gas(data, 2 * CHANGE_SLOT + TRANSFER_EVENT + CHANGE_SLOT + log_gas(4, 64))


def bargain_cut() -> int:
    """An attested helper is noted, price and link change, with an event."""
    data = calldata("draw(uint256,uint256,bytes)", 1, 1, SIGNATURE)
    return transaction_gas(data, ECRECOVER + SET_SLOT + 2 * CHANGE_SLOT + log_gas(4, 64))


def voucher() -> int:
    """A signature, a bit of the member's word, what is left to pay from, and a mint."""
    return transaction_gas(calldata("claim(address,uint256,bytes)", account("anyone"), 1, SIGNATURE), _paid())


def voucher_each() -> int:
    """One voucher more in a batch, at best packed: who, which, a signature. What is left is written once."""
    row = bytes.fromhex(account("anyone")[2:]) + b"\1" + SIGNATURE
    return calldata_gas(row) + ECRECOVER + CHANGE_SLOT + _balance(new=False) + TRANSFER_EVENT


def referral_bind() -> int:
    """A signature, one new slot, an event."""
    data = calldata("bind(address,address,bytes)", account("anyone"), account("other"), SIGNATURE)
    return transaction_gas(data, ECRECOVER + SET_SLOT + log_gas(4, 0))


def referral_accrue() -> int:
    """The purchase's slot and the budget's, with an event; who is bound to whom is read on two levels."""
    data = calldata("accrue(address,bytes32)", account("anyone"), SIGNATURE[:32])
    return transaction_gas(data, SET_SLOT + CHANGE_SLOT + 2 * READ_SLOT + log_gas(4, 64))


def consent_grant() -> int:
    """A signature, one new slot with an event, the budget, and a mint."""
    data = calldata("grant(bytes32,bytes)", SIGNATURE[:32], SIGNATURE)
    paid = CHANGE_SLOT + _balance(new=False) + TRANSFER_EVENT
    return transaction_gas(data, ECRECOVER + SET_SLOT + log_gas(3, 64) + CHANGE_SLOT + paid)


def _paid() -> int:
    """A member's word, a budget, the supply and a balance."""
    return ECRECOVER + 3 * CHANGE_SLOT + _balance(new=False) + TRANSFER_EVENT


def _redeemed() -> int:
    return ECRECOVER + _balance(new=False) + SET_SLOT + TRANSFER_EVENT


def _balance(new: bool) -> int:
    return SET_SLOT if new else CHANGE_SLOT
