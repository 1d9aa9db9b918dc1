"""Purchase rights: leave to open a group or a bargain, sold for tokens or given away, and then passed on.

alliance.rights.define(token, right, sender=manager)
alliance.rights.buy(token, "host", sender=member)
alliance.rights.grant(token, "host", {friend: 2}, sender=manager)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_abi.abi import encode

from symbolon import calls
from symbolon.brands import NOBODY
from symbolon.calls import AccountLike, address_of
from symbolon.codes import id_of, label_text
from symbolon.deals import Right
from symbolon.exceptions import SymbolonError
from symbolon.fulfilment import PATIENCE
from symbolon.offers import Document
from symbolon.signing import Fields, Signer, Spend, Witness, random_nonce

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token

REQUEST: Fields = (("rightId", "bytes32"), ("quantity", "uint256"), ("holder", "address"))


class NoRightError(SymbolonError):
    """The token has no such right."""


@dataclass(frozen=True)
class Defined:
    """A right as it is now: what was defined, and how many were sold or given away so far."""

    right: Right
    issued: int

    @property
    def left(self) -> int:
        """How many there still can be."""
        return self.right.supply - self.issued


@dataclass(frozen=True)
class Purchase:
    """What a member signed to buy: anybody can send it."""

    token: str
    request: tuple[bytes, int, str]
    spend: Spend
    signature: bytes


class Rights:
    """The rights of an alliance's brands. Acts take `sender`, who must be entitled to them."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    @property
    def contract(self) -> ContractInstance:
        """Where rights are."""
        return self._alliance.rights_contract

    # ---- what there is

    def get(self, token: Token, name: str | bytes) -> Defined:
        """A right by its name. Raises NoRightError."""
        found = calls.read(self.contract, "rightOf", token.address, id_of(name))
        if not found.supply:
            raise NoRightError(
                f"{token.symbol} has no right {label_text(id_of(name))}: `ape run rights list` lists those "
                "that are."
            )
        right = Right(
            name=label_text(id_of(name)),
            document=Document(bytes(found.termsHash), found.termsURI),
            price=int(found.price),
            supply=int(found.supply),
            opens_at=int(found.opensAt),
            closes_at=int(found.closesAt),
        )
        return Defined(right, int(found.issued))

    def of(self, token: Token) -> list[Defined]:
        """Every right of a token, oldest first."""
        logs = calls.events(self.contract, self._alliance.start_block, "RightDefined", about=token)
        return [self.get(token, bytes(log.event_arguments["rightId"])) for log in logs]

    def held(self, token: Token, name: str | bytes, account: AccountLike) -> int:
        """How many of a right an account has."""
        return int(calls.read(self.contract, "balanceOf", address_of(account), self._id(token, name)))

    # ---- managers with the campaign role

    def define(self, token: Token, right: Right, *, sender: AccountAPI) -> Defined:
        """Define a right, for good."""
        calls.transact(
            sender,
            self.contract,
            "defineRight",
            token.address,
            right.id,
            right.price,
            right.supply,
            right.opens_at,
            right.closes_at,
            right.document.hash,
            right.document.uri,
        )
        return self.get(token, right.id)

    def grant(
        self, token: Token, name: str | bytes, holders: Mapping[str, int], *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Give rights away: how many to whom."""
        return calls.transact(
            sender,
            self.contract,
            "grant",
            token.address,
            id_of(name),
            [address_of(holder) for holder in holders],
            list(holders.values()),
        )

    # ---- members

    def buy(
        self,
        token: Token,
        name: str | bytes,
        quantity: int = 1,
        *,
        holder: AccountLike | None = None,
        sender: AccountAPI,
    ) -> ReceiptAPI:
        """Buy rights with the sender's tokens, which burn; for another if `holder` is given."""
        request, cost = self._request(token, name, quantity, holder)
        data = encode([kind for _, kind in REQUEST], request)
        return calls.transact(sender, token.contract, "transferAndCall", self.contract.address, cost, data)

    def sign(
        self,
        token: Token,
        name: str | bytes,
        quantity: int = 1,
        *,
        member: AccountLike,
        signer: Signer | bytes | str,
        holder: AccountLike | None = None,
        patience: int = PATIENCE,
    ) -> Purchase:
        """Sign to buy rights, for anybody to send within `patience` seconds."""
        request, cost = self._request(token, name, quantity, holder)
        names = (field for field, _ in REQUEST)
        witness = Witness("RightRequest", REQUEST, dict(zip(names, request, strict=True)))
        deadline = calls.now() + patience
        spend = Spend(address_of(member), str(self.contract.address), cost, random_nonce(), deadline, witness)
        return Purchase(token.address, request, spend, spend.sign(token.domain, signer))

    def submit(self, purchase: Purchase, *, sender: AccountAPI) -> ReceiptAPI:
        """Buy what a member signed, at the sender's cost of gas."""
        return calls.transact(
            sender,
            self.contract,
            "buyWithSignature",
            purchase.token,
            purchase.request,
            purchase.spend.arguments,
            purchase.signature,
        )

    def give(
        self, token: Token, name: str | bytes, to: AccountLike, quantity: int = 1, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Give the sender's rights to another."""
        right = self._id(token, name)
        return calls.transact(
            sender, self.contract, "safeTransferFrom", sender.address, address_of(to), right, quantity, b""
        )

    def _id(self, token: Token, name: str | bytes) -> int:
        return int(calls.read(self.contract, "idOf", token.address, id_of(name)))

    def _request(
        self, token: Token, name: str | bytes, quantity: int, holder: AccountLike | None
    ) -> tuple[tuple[bytes, int, str], int]:
        """What is asked for, and its price."""
        price = self.get(token, name).right.price
        return (id_of(name), quantity, address_of(holder) if holder else NOBODY), price * quantity
