"""Settlement currencies: the ERC-20 money that obligations are reckoned in."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from symbolon import calls
from symbolon.calls import AccountLike, address_of
from symbolon.deployment import contract_at
from symbolon.exceptions import SymbolonError
from symbolon.units import format_amount, parse_amount

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI


class NoObligationError(SymbolonError):
    """Nothing is owed for the token."""


class NoCurrencyError(SymbolonError):
    """Who is to pay holds too little."""


class Currency:
    """One currency. Values are base units."""

    def __init__(self, address: AccountLike) -> None:
        # Any ERC-20 will do; the local one's interface is at hand.
        self.contract = contract_at("MockDollar", address_of(address))
        self.address = str(self.contract.address)

    @cached_property
    def symbol(self) -> str:
        """ERC-20 symbol."""
        return str(calls.read(self.contract, "symbol"))

    @cached_property
    def decimals(self) -> int:
        """ERC-20 decimals."""
        return int(calls.read(self.contract, "decimals"))

    def text(self, value: int) -> str:
        """A value for people, such as 2.5 USDC."""
        return f"{format_amount(value, self.decimals)} {self.symbol}"

    def parse(self, text: str) -> int:
        """A value that a person wrote. Raises AmountError."""
        return parse_amount(text, self.decimals)

    def balance_of(self, account: AccountLike) -> int:
        """What an account holds."""
        return int(calls.read(self.contract, "balanceOf", address_of(account)))

    def make_ready(self, value: int, spender: AccountLike, *, sender: AccountAPI) -> None:
        """Let `spender` take `value` from the sender: its allowance is set to just that where it is lower.

        Raises NoCurrencyError where the sender holds less.
        """
        held, to = self.balance_of(sender), address_of(spender)
        if held < value:
            raise NoCurrencyError(
                f"{sender.address} holds {self.text(held)} and {format_amount(value, self.decimals)} are to "
                "be paid: send it the difference first."
            )
        allowed = self.allowance(sender, to)
        if allowed < value:
            if allowed:  # some currencies change an allowance only by way of zero
                self.approve(to, 0, sender=sender)
            self.approve(to, value, sender=sender)

    def allowance(self, owner: AccountLike, spender: AccountLike) -> int:
        """What `spender` may take from `owner`."""
        return int(calls.read(self.contract, "allowance", address_of(owner), address_of(spender)))

    def approve(self, spender: AccountLike, value: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Let `spender` take up to `value` from the sender."""
        return calls.transact(sender, self.contract, "approve", address_of(spender), value)
