"""What a bulk mint consists of, before any chain is asked: batches that follow from the customer file alone.

The rows are sorted by address and cut into batches. Each batch has an id that follows from the chain, the
token, the campaign label and all rows, and the token remembers the ids it has minted. So the same file can be
run by anybody, from any machine, saved in any way and in any order of its lines, as often as one likes, and
is paid once. To pay an identical file a second time on purpose, give it another campaign label.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from symbolon.addresses import checksum_address, keccak, parse_address
from symbolon.customers import (
    ADDRESS_BYTES,
    ROW_BYTES,
    Customers,
    address_order,
    row_addresses,
    row_amounts,
)
from symbolon.exceptions import SymbolonError

# What makes a batch what it is. With anything here changed, the files of old could be paid a second time.
ROWS_PER_BATCH = 500
_DOMAIN = b"symbolon bulk mint 1"
_BATCHES_PER_WORD = 256

# An access list costs 2,400 gas and saves 100 for each balance: a shorter one costs more than it saves.
_FEWEST_ANNOUNCED = 25
_BALANCES_SLOT = 2  # of the token's `_balances`; a test holds it to the build

_CAMPAIGN = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")

_MINT_BATCH = keccak(b"mintBatch(bytes32,uint96,bytes)")[:4]
_MINT_BATCH_WIDE = keccak(b"mintBatchWide(bytes32,bytes)")[:4]


@dataclass(frozen=True)
class MintJob:
    """What is to be minted: a customer file for one token on one chain, and the batches that follow from it.

    chain_id: the chain's number. token: its address. campaign: label that tells deliberate payments of the
    same file apart. customers: the rows, in the file's order. order: for each place in the order of batches,
    the row's place in the file. rows: packed rows in the order of batches.
    """

    chain_id: int
    token: str
    campaign: str
    customers: Customers
    order: npt.NDArray[np.int64] = field(repr=False)
    rows: bytes = field(repr=False)

    @classmethod
    def of(cls, chain_id: int, token: str, customers: Customers, *, campaign: str = "mint") -> MintJob:
        """The job for a customer file. Raises SymbolonError where the label cannot be one."""
        if not _CAMPAIGN.fullmatch(campaign):
            raise SymbolonError(
                f"{campaign!r} cannot be a campaign label: use up to 64 small letters, digits, dots, dashes "
                "and underscores, such as spring-2026."
            )
        order = address_order(customers.rows)
        address = checksum_address(parse_address(token))
        return cls(chain_id, address, campaign, customers, order, _table(customers.rows)[order].tobytes())

    @cached_property
    def id(self) -> bytes:
        """32 bytes that are the same whenever chain, token, campaign and rows are."""
        return keccak(
            _DOMAIN
            + self.chain_id.to_bytes(32)
            + parse_address(self.token)
            + keccak(self.campaign.encode())
            + keccak(self.rows)
        )

    def __len__(self) -> int:
        """Number of batches."""
        return (len(self.customers) + ROWS_PER_BATCH - 1) // ROWS_PER_BATCH

    def batch_id(self, number: int) -> bytes:
        """What the token remembers of a batch: neighbours share a word of its storage."""
        word, bit = divmod(number, _BATCHES_PER_WORD)
        return keccak(self.id + word.to_bytes(32))[:31] + bytes([bit])

    def batch(self, number: int) -> bytes:
        """The packed rows of a batch."""
        size = ROWS_PER_BATCH * ROW_BYTES
        return self.rows[number * size : (number + 1) * size]

    def calldata(self, number: int) -> bytes:
        """The call that mints a batch: counts of a common unit where they fit 32 bits, else whole amounts."""
        rows = self.batch(number)
        amounts = row_amounts(rows)
        unit = math.gcd(*amounts)
        if max(amounts) // unit >= 2**32:
            return _MINT_BATCH_WIDE + self.batch_id(number) + _word(0x40) + _tail(rows)
        packed = np.empty((len(amounts), ADDRESS_BYTES + 4), dtype=np.uint8)
        packed[:, :ADDRESS_BYTES] = _table(rows)[:, :ADDRESS_BYTES]
        counts = np.array([amount // unit for amount in amounts], dtype=">u4")
        packed[:, ADDRESS_BYTES:] = counts.view(np.uint8).reshape(-1, 4)
        return _MINT_BATCH + self.batch_id(number) + _word(unit) + _word(0x60) + _tail(packed.tobytes())

    def access_list(self, number: int) -> list[dict[str, Any]]:
        """The balances that a batch writes, to be announced with it (EIP-2930); if that saves any."""
        holders = row_addresses(self.batch(number))
        if len(holders) < _FEWEST_ANNOUNCED * ADDRESS_BYTES:
            return []
        keys = (holders[at : at + ADDRESS_BYTES] for at in range(0, len(holders), ADDRESS_BYTES))
        slots = [keccak(bytes(12) + holder + _word(_BALANCES_SLOT)) for holder in keys]
        return [{"address": self.token, "storageKeys": ["0x" + slot.hex() for slot in slots]}]


def _table(rows: bytes) -> npt.NDArray[np.uint8]:
    return np.frombuffer(rows, dtype=np.uint8).reshape(-1, ROW_BYTES)


def _word(number: int) -> bytes:
    return number.to_bytes(32)


def _tail(data: bytes) -> bytes:
    """Bytes as the ABI appends them: length, content, zeros up to a whole word."""
    return _word(len(data)) + data + bytes(-len(data) % 32)
