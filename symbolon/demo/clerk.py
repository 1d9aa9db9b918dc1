"""Who sends much at once: transactions signed one after the other, to go into one block together."""

from __future__ import annotations

from dataclasses import dataclass

from eth_account.signers.local import LocalAccount

from symbolon.rpc import Fees


@dataclass
class Clerk:
    """An account that sends nothing but what it signs here.

    Attributes:
        key: signs.
        chain_id: for which chain.
        nonce: of its next transaction.
    """

    key: LocalAccount
    chain_id: int
    nonce: int

    def sign(self, to: str, data: bytes, *, gas: int, fees: Fees) -> bytes:
        """A transaction that calls a contract, ready to be sent; `gas` is its limit."""
        signed = self.key.sign_transaction(
            {
                "type": 2,
                "chainId": self.chain_id,
                "nonce": self.nonce,
                "to": bytes.fromhex(to[2:]),
                "value": 0,
                "gas": gas,
                "maxFeePerGas": fees.most,
                "maxPriorityFeePerGas": fees.tip,
                "data": data,
            }
        )
        self.nonce += 1
        return bytes(signed.raw_transaction)
