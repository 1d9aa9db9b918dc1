"""Swapping tokens of one brand for those of another, what brands provide for it, and closing periods.

alliance.swaps.provide(pool, star, 100, sender=brand)
quote = alliance.swaps.quote(pool, bake, star, amount_in=500_00)
alliance.swaps.swap(pool, bake, star, amount_in=500_00, amount_out=quote.amount_out, sender=member)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_abi.abi import encode

from symbolon import calls
from symbolon.calls import AccountLike, address_of
from symbolon.pools import Pool, PoolLike, pool_id
from symbolon.quotes import Quote, quote_in, quote_out
from symbolon.signing import Fields, Signer, Spend, Witness, random_nonce

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token

PATIENCE = 10 * 60
"""How long a swap is good unless said otherwise, in seconds."""

REQUEST: Fields = (
    ("pool", "bytes32"),
    ("tokenOut", "address"),
    ("amountOut", "uint256"),
    ("exactOut", "bool"),
    ("to", "address"),
)
"""What a member who signs a swap agrees to, besides what is taken and until when."""

_SWAP, _PROVIDE = 0, 1  # ISwaps.Act


@dataclass(frozen=True)
class Swapped:
    """A swap that was made: who got what, in base units."""

    token_in: str
    token_out: str
    to: str
    amount_in: int
    amount_out: int


@dataclass(frozen=True)
class SignedSwap:
    """A swap with the member's signature: anybody can send it.

    Attributes:
        token_in: what is brought.
        request: `ISwaps.SwapRequest`.
        spend, signature: what the member signed.
    """

    token_in: str
    request: tuple[object, ...]
    spend: Spend
    signature: bytes


class Swaps:
    """The swaps of an alliance's members. Amounts are base units; acts take `sender`."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    @property
    def contract(self) -> ContractInstance:
        """Where members swap."""
        return self._alliance.swaps_contract

    # ---- members

    def quote(
        self,
        pool: PoolLike,
        token_in: Token,
        token_out: Token,
        *,
        amount_in: int | None = None,
        amount_out: int | None = None,
    ) -> Quote:
        """What a swap costs now: give either amount. Reckoned off the chain from one look at the pool.

        A `Pool` that is given is taken as it is. Raises NoSwapError, NotInPoolError.
        """
        seen = pool if isinstance(pool, Pool) else self._alliance.pools.look(pool)
        brought, taken = seen.member(token_in).side, seen.member(token_out).side
        if amount_in is not None:
            return quote_in(brought, taken, amount_in)
        assert amount_out is not None
        return quote_out(brought, taken, amount_out)

    def swap(
        self,
        pool: PoolLike,
        token_in: Token,
        token_out: Token,
        *,
        amount_in: int,
        amount_out: int,
        exact_out: bool = False,
        to: AccountLike | None = None,
        patience: int = PATIENCE,
        sender: AccountAPI,
    ) -> Swapped:
        """Swap the sender's tokens, in one transaction and without an allowance.

        Exactly `amount_in` for at least `amount_out`; with `exact_out` at most `amount_in`, of which what is
        not needed comes back, for exactly `amount_out`.
        """
        deadline = calls.now() + patience
        data = encode(
            ["uint8", "bytes32", "address", "uint256", "bool", "address", "uint256"],
            [
                _SWAP,
                pool_id(pool),
                token_out.address,
                amount_out,
                exact_out,
                address_of(to or sender),
                deadline,
            ],
        )
        receipt = token_in.transfer_and_call(self.contract, amount_in, data, sender=sender)
        return self._swapped_in(receipt)

    def sign(
        self,
        pool: PoolLike,
        token_in: Token,
        token_out: Token,
        *,
        amount_in: int,
        amount_out: int,
        member: AccountLike,
        signer: Signer | bytes | str,
        exact_out: bool = False,
        to: AccountLike | None = None,
        patience: int = PATIENCE,
    ) -> SignedSwap:
        """Sign a swap with the member's key or account, for anybody to send within `patience` seconds."""
        owner = address_of(member)
        request = (pool_id(pool), token_out.address, amount_out, exact_out, address_of(to or owner))
        names = (name for name, _ in REQUEST)
        witness = Witness("SwapRequest", REQUEST, dict(zip(names, request, strict=True)))
        deadline = calls.now() + patience
        spend = Spend(owner, str(self.contract.address), amount_in, random_nonce(), deadline, witness)
        return SignedSwap(token_in.address, request, spend, spend.sign(token_in.domain, signer))

    def submit(self, signed: SignedSwap, *, sender: AccountAPI) -> Swapped:
        """Make a swap that a member signed, at the sender's cost of gas."""
        receipt = self._act(
            sender,
            "swapWithSignature",
            signed.token_in,
            signed.request,
            signed.spend.arguments,
            signed.signature,
        )
        return self._swapped_in(receipt)

    # ---- those who settle for a brand

    def provide(self, pool: PoolLike, token: Token, amount: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Let members take so many of the sender's tokens, which are of its brand."""
        data = encode(["uint8", "bytes32"], [_PROVIDE, pool_id(pool)])
        return token.transfer_and_call(self.contract, amount, data, sender=sender)

    def withdraw(
        self, pool: PoolLike, token: Token, amount: int, *, to: AccountLike | None = None, sender: AccountAPI
    ) -> ReceiptAPI:
        """Take back what was provided and nobody has taken."""
        return self._act(sender, "withdraw", pool_id(pool), token.address, amount, address_of(to or sender))

    def set_stopped(self, pool: PoolLike, token: Token, stopped: bool, *, sender: AccountAPI) -> ReceiptAPI:
        """Stop the brand's part of a pool at once, or let it go on."""
        return self._act(sender, "setStopped", pool_id(pool), token.address, stopped)

    # ---- anyone

    def sync_suspension(self, pool: PoolLike, token: Token, *, sender: AccountAPI) -> ReceiptAPI:
        """Stop a token's part where its brand is suspended or leaves, or end that."""
        return self._act(sender, "syncSuspension", pool_id(pool), token.address)

    def close(self, pool: PoolLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Close a period that has ended: what brands owe one another is then to be settled."""
        return self._act(sender, "close", pool_id(pool))

    def _act(self, sender: AccountAPI, method: str, *arguments: object) -> ReceiptAPI:
        return calls.transact(sender, self.contract, method, *arguments)

    def _swapped_in(self, receipt: ReceiptAPI) -> Swapped:
        (log,) = receipt.decode_logs([self.contract.Swapped.abi])
        facts = log.event_arguments
        return Swapped(
            token_in=address_of(facts["tokenIn"]),
            token_out=address_of(facts["tokenOut"]),
            to=address_of(facts["to"]),
            amount_in=int(facts["amountIn"]),
            amount_out=int(facts["amountOut"]),
        )
