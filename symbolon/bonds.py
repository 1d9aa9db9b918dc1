"""Bonds: what brands lay down so that their promises do not rest on their word alone.

alliance.bonds.deposit(token, Purse.COMPENSATION, 500_000_000, sender=anybody)
alliance.bonds.allot_to_offer(token, "mug", 500_000_000, sender=admin)
print(alliance.bonds.of(token).coverage)  # 0.35: the holders' purse covers 35 % of what is outstanding
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from eth_abi.abi import encode

from symbolon import calls
from symbolon.calls import AccountLike, address_of
from symbolon.codes import id_of
from symbolon.currencies import Currency

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token


class Purse(IntEnum):
    """What money in a bond is for."""

    SETTLEMENT = 0
    HOLDERS = 1
    COMPENSATION = 2

    def __str__(self) -> str:
        return ("settlement", "holders", "compensation")[self]


@dataclass(frozen=True)
class PurseState:
    """One purse as it was when it was read; all values in currency base units.

    Attributes:
        value: all that is in it.
        allotted: of that, what modules may draw on.
        required: of that, what must stay.
        withdrawal: what the brand announced to take back; 0 if nothing.
        withdrawable_at, withdrawable_until: from when, inclusive, and until when, exclusive, in seconds.
    """

    value: int
    allotted: int
    required: int
    withdrawal: int
    withdrawable_at: int
    withdrawable_until: int

    @property
    def free(self) -> int:
        """What is neither allotted nor required."""
        return max(0, self.value - max(self.allotted, self.required))


@dataclass(frozen=True)
class Bond:
    """A token's whole bond.

    Attributes:
        currency: what it is in.
        purses: by what they are for.
        coverage: how much of everything outstanding or promised, at par, the holders' purse covers, from 0
            to 1, rounded down to a ten-thousandth.
        cure_by: by when a shortfall that was stated must be made good, in seconds; 0 if none was.
    """

    currency: Currency
    purses: dict[Purse, PurseState]
    coverage: float
    cure_by: int

    @property
    def missing(self) -> int:
        """What the holders' purse lacks of what is required, in currency base units."""
        holders = self.purses[Purse.HOLDERS]
        return max(0, holders.required - holders.value)


class Bonds:
    """The bonds of an alliance's brands. Values are currency base units; acts take `sender`."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    @property
    def contract(self) -> ContractInstance:
        """Where the money is."""
        return self._alliance.bonds_contract

    def of(self, token: Token) -> Bond:
        """A token's bond. Raises NoObligationError."""
        purses = {}
        for purse in Purse:
            found = calls.read(self.contract, "purseOf", token.address, int(purse))
            purses[purse] = PurseState(
                found.value,
                found.allotted,
                found.required,
                found.withdrawal,
                found.withdrawableAt,
                found.withdrawableUntil,
            )
        return Bond(
            currency=token.currency,
            purses=purses,
            coverage=int(calls.read(self.contract, "coverageOf", token.address)) / 10_000,
            cure_by=int(calls.read(self.contract, "cureByOf", token.address)),
        )

    def owed_to(self, currency: AccountLike, account: AccountLike) -> int:
        """What an account can collect in a currency."""
        return int(calls.read(self.contract, "owedTo", address_of(currency), address_of(account)))

    # ---- anyone

    def deposit(self, token: Token, purse: Purse, value: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Put the sender's money into a purse. Raises NoObligationError, NoCurrencyError."""
        token.currency.make_ready(value, self.contract, sender=sender)
        return self.put(token, purse, value, sender=sender)

    def put(self, token: Token, purse: Purse, value: int, *, sender: AccountAPI) -> ReceiptAPI:
        """The same for money that the bonds are allowed to take already."""
        return self._act(sender, "deposit", token, purse, value)

    def collect(self, currency: AccountLike, account: AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Pay out to an account everything that it is owed in a currency."""
        return calls.transact(sender, self.contract, "collect", address_of(currency), address_of(account))

    def flag_shortfall(self, token: Token, *, sender: AccountAPI) -> ReceiptAPI:
        """State that the holders' purse holds less than is required."""
        return calls.transact(sender, self.contract, "flagShortfall", token.address)

    def clear_shortfall(self, token: Token, *, sender: AccountAPI) -> ReceiptAPI:
        """State that the shortfall is made good."""
        return calls.transact(sender, self.contract, "clearShortfall", token.address)

    # ---- brands' admins

    def allot_to_offer(
        self, token: Token, offer: str | bytes, value: int, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Set money of the compensation purse aside for the orders of an offer."""
        desk = self._alliance.orders_desk.address
        return self._act(sender, "allot", token, Purse.COMPENSATION, desk, value, id_of(offer))

    def reclaim_from_offer(
        self, token: Token, offer: str | bytes, value: int, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Take back what was set aside for an offer and is reserved for no order."""
        desk = self._alliance.orders_desk.address
        return self._act(sender, "reclaim", token, Purse.COMPENSATION, desk, value, id_of(offer))

    def allot_to_pool(self, token: Token, pool: bytes, value: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Set money of the settlement purse aside for the brand's debts in a pool."""
        desk = self._alliance.settlements_contract.address
        return self._act(sender, "allot", token, Purse.SETTLEMENT, desk, value, self._fund(pool))

    def reclaim_from_pool(self, token: Token, pool: bytes, value: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Take back what was set aside for a pool and answers for no debt."""
        desk = self._alliance.settlements_contract.address
        return self._act(sender, "reclaim", token, Purse.SETTLEMENT, desk, value, self._fund(pool))

    def announce_withdrawal(
        self, token: Token, purse: Purse, value: int, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Announce that the brand takes money back, after the notice period of the token's terms."""
        return self._act(sender, "announceWithdrawal", token, purse, value)

    def cancel_withdrawal(self, token: Token, purse: Purse, *, sender: AccountAPI) -> ReceiptAPI:
        """Cancel an announced withdrawal."""
        return self._act(sender, "cancelWithdrawal", token, purse)

    def withdraw(self, token: Token, purse: Purse, to: AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Carry out an announced withdrawal, up to what is free now."""
        return self._act(sender, "withdraw", token, purse, address_of(to))

    def _fund(self, pool: bytes) -> bytes:
        return encode(["address", "bytes32"], [self._alliance.swaps_contract.address, pool])

    def _act(
        self, sender: AccountAPI, method: str, token: Token, purse: Purse, *arguments: object
    ) -> ReceiptAPI:
        return calls.transact(sender, self.contract, method, token.address, int(purse), *arguments)
