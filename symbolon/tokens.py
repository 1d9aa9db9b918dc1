"""Loyalty tokens: what is outstanding and promised, who may mint, and what holders do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from symbolon import calls, signing
from symbolon.addresses import ZERO_ADDRESS
from symbolon.brands import Roles
from symbolon.calls import AccountLike, address_of
from symbolon.currencies import Currency, NoObligationError
from symbolon.deployment import contract_at
from symbolon.exceptions import NoContractError
from symbolon.prices import Units

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI

    from symbolon.alliance import Alliance
    from symbolon.brands import Brand
    from symbolon.obligations import Obligation, Terms


@dataclass(frozen=True)
class Transferred:
    """That a holder sent tokens to another, at a time in seconds."""

    sender: str
    to: str
    at: int


class Tokens:
    """The tokens of an alliance: look one up by its address, or go through all."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    def __getitem__(self, address: AccountLike) -> Token:
        """The token at an address. Raises NoContractError unless the alliance's factory made it."""
        at = address_of(address)
        if not calls.read(self._alliance.token_factory, "isToken", at):
            raise NoContractError(f"{at} is no token of this alliance: `ape run show` lists those that are.")
        return Token(self._alliance, at)

    def at(self, address: str) -> Token:
        """The token at an address that is known to hold one."""
        return Token(self._alliance, address)

    def foreseen(self, creator: AccountLike, brand_id: bytes, name: str, symbol: str, decimals: int) -> Token:
        """The token that a brand's admin would make, where it will be."""
        alliance = self._alliance
        desk = str(alliance.redemption_desk.address)
        facts = (brand_id, str(alliance.obligation_registry.address), desk, name, symbol, decimals)
        at = calls.read(alliance.token_factory, "tokenAddress", address_of(creator), *facts)
        token = Token(alliance, address_of(at))
        token.redemption_desk = desk
        return token

    def __iter__(self) -> Iterator[Token]:
        """Every token, oldest first."""
        for token, _ in self._created():
            yield token

    def of(self, brand: Brand) -> list[Token]:
        """The tokens made for a brand, oldest first."""
        return [token for token, brand_id in self._created() if brand_id == brand.id]

    def _created(self) -> Iterator[tuple[Token, bytes]]:
        factory = self._alliance.token_factory
        for log in calls.events(factory, self._alliance.start_block, "TokenCreated"):
            facts = log.event_arguments
            yield Token(self._alliance, address_of(facts["token"])), bytes(facts["brandId"])


class Token:
    """One token. Amounts are base units; acts take `sender`, who must be entitled to them."""

    def __init__(self, alliance: Alliance, address: str) -> None:
        self._alliance = alliance
        self.address = address
        self.contract = contract_at("LoyaltyToken", address)

    def __repr__(self) -> str:
        return f"<Token {self.symbol} {self.address}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and other.address == self.address

    def __hash__(self) -> int:
        return hash(self.address)

    # ---- what never changes

    @cached_property
    def name(self) -> str:
        """ERC-20 name."""
        return str(calls.read(self.contract, "name"))

    @cached_property
    def symbol(self) -> str:
        """ERC-20 symbol."""
        return str(calls.read(self.contract, "symbol"))

    @cached_property
    def decimals(self) -> int:
        """ERC-20 decimals."""
        return int(calls.read(self.contract, "decimals"))

    @cached_property
    def units(self) -> Units:
        """What prices in this token and its currency are written in. Raises NoObligationError."""
        currency = self.currency
        return Units(self.symbol, self.decimals, currency.symbol, currency.decimals)

    @cached_property
    def brand(self) -> Brand:
        """Whose token it is."""
        return self._alliance.brands[bytes(calls.read(self.contract, "brandId"))]

    @cached_property
    def redemption_desk(self) -> str:
        """Where its offers are, and where tills redeem it."""
        return str(calls.read(self.contract, "redemptionDesk"))

    @cached_property
    def domain(self) -> signing.Domain:
        """What signatures about this token are bound to."""
        return signing.Domain(self.name, calls.chain_id(), self.address)

    # ---- what it holds now

    @property
    def supply(self) -> int:
        """Outstanding with holders."""
        return int(calls.read(self.contract, "totalSupply"))

    @property
    def capacity(self) -> int:
        """The most that may be outstanding or promised."""
        return int(calls.read(self.contract, "capacity"))

    @property
    def total_quota(self) -> int:
        """All unspent quotas together."""
        return int(calls.read(self.contract, "totalQuota"))

    @property
    def mint_stopped(self) -> bool:
        """Whether managers' quotas are stopped."""
        return bool(calls.read(self.contract, "mintStopped"))

    @property
    def contract_uri(self) -> str:
        """Where the token describes itself (ERC-7572)."""
        return str(calls.read(self.contract, "contractURI"))

    @property
    def obligation(self) -> Obligation | None:
        """What the brand owes for it; None before it obliged itself."""
        return self._alliance.obligations.of(self)

    @cached_property
    def currency(self) -> Currency:
        """What it is settled in. Raises NoObligationError before its brand obliged itself."""
        obligation = self.obligation
        if obligation is None:
            raise NoObligationError(
                f"The brand has not obliged itself for {self.symbol} and owes nothing: "
                "`ape run brand oblige` comes first."
            )
        return Currency(obligation.currency)

    def balance_of(self, account: AccountLike) -> int:
        """What an account holds."""
        return int(calls.read(self.contract, "balanceOf", address_of(account)))

    def allowance(self, owner: AccountLike, spender: AccountLike) -> int:
        """What `spender` may take from `owner`."""
        return int(calls.read(self.contract, "allowance", address_of(owner), address_of(spender)))

    def quota_of(self, minter: AccountLike) -> int:
        """What an account may still mint."""
        return int(calls.read(self.contract, "quotaOf", address_of(minter)))

    def is_module(self, account: AccountLike) -> bool:
        """Whether the token is open to an account as a module."""
        return bool(calls.read(self.contract, "isModule", address_of(account)))

    def is_batch_minted(self, batch_id: bytes) -> bool:
        """Whether a batch has been minted."""
        return bool(calls.read(self.contract, "isBatchMinted", batch_id))

    def permit_nonce(self, owner: AccountLike) -> int:
        """The nonce that the owner's next permit takes."""
        return int(calls.read(self.contract, "nonces", address_of(owner)))

    def is_authorization_used(self, authorizer: AccountLike, nonce: bytes) -> bool:
        """Whether a nonce of signed transfers, spends and cancellations is used."""
        return bool(calls.read(self.contract, "authorizationState", address_of(authorizer), nonce))

    def transfers(self) -> list[Transferred]:
        """Every transfer from one holder to another, oldest first."""
        time_of = cache(calls.block_time)
        found = []
        for log in calls.events(self.contract, self._alliance.start_block, "Transfer"):
            sender, to = (address_of(log.event_arguments[name]) for name in ("from", "to"))
            if ZERO_ADDRESS not in (sender, to):
                found.append(Transferred(sender, to, time_of(int(log.block_number))))
        return found

    # ---- its brand's admin

    def oblige(
        self, currency: AccountLike, par_value: int, capacity: int, terms: Terms, *, sender: AccountAPI
    ) -> Obligation:
        """Have the brand oblige itself for the token; see `Obligations.oblige`."""
        return self._alliance.obligations.oblige(self, currency, par_value, capacity, terms, sender=sender)

    def grant_quota(self, minter: AccountLike, amount: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Set quota aside from capacity for a manager, on top of what it has."""
        return self._act(sender, "grantQuota", address_of(minter), amount)

    def revoke_quota(self, minter: AccountLike, amount: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Take back up to `amount` of a manager's unspent quota."""
        return self._act(sender, "revokeQuota", address_of(minter), amount)

    def grant_quota_and_call(
        self, module: AccountLike, amount: int, data: bytes = b"", *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Set quota aside for a module and tell it; an amount of zero only opens the token to it."""
        return self._act(sender, "grantQuotaAndCall", address_of(module), amount, data)

    def entrust(self, module: AccountLike, amount: int, data: bytes, *, sender: AccountAPI) -> ReceiptAPI:
        """Give quota to a module and tell it: the admin out of capacity, others out of their own."""
        is_admin = Roles.ADMIN in self.brand.roles_of(sender)
        give = self.grant_quota_and_call if is_admin else self.pass_quota_and_call
        return give(module, amount, data, sender=sender)

    def set_contract_uri(self, uri: str, *, sender: AccountAPI) -> ReceiptAPI:
        """Change where the token describes itself; empty means where its brand does."""
        return self._act(sender, "setContractURI", uri)

    # ---- minters

    def mint(self, to: AccountLike, amount: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Mint from the sender's quota."""
        return self._act(sender, "mint", address_of(to), amount)

    def mint_batch(self, batch_id: bytes, unit: int, rows: bytes, *, sender: AccountAPI) -> ReceiptAPI:
        """Mint packed rows (20 bytes of address, 4 of a count of `unit`), once per batch id."""
        return self._act(sender, "mintBatch", batch_id, unit, rows)

    def mint_batch_wide(self, batch_id: bytes, rows: bytes, *, sender: AccountAPI) -> ReceiptAPI:
        """Mint packed rows (20 bytes of address, 12 of base units), once per batch id."""
        return self._act(sender, "mintBatchWide", batch_id, rows)

    def pass_quota_and_call(
        self, module: AccountLike, amount: int, data: bytes = b"", *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Hand the sender's quota on to a module and tell it."""
        return self._act(sender, "passQuotaAndCall", address_of(module), amount, data)

    def return_quota(self, amount: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Give the sender's quota back to capacity."""
        return self._act(sender, "returnQuota", amount)

    # ---- holders

    def transfer(self, to: AccountLike, amount: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Move the sender's tokens."""
        return self._act(sender, "transfer", address_of(to), amount)

    def transfer_from(
        self, owner: AccountLike, to: AccountLike, amount: int, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Move an owner's tokens from the sender's allowance."""
        return self._act(sender, "transferFrom", address_of(owner), address_of(to), amount)

    def approve(self, spender: AccountLike, amount: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Let `spender` take up to `amount` of the sender's tokens."""
        return self._act(sender, "approve", address_of(spender), amount)

    def burn(self, amount: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Burn the sender's tokens."""
        return self._act(sender, "burn", amount)

    def burn_from(self, owner: AccountLike, amount: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Burn an owner's tokens from the sender's allowance."""
        return self._act(sender, "burnFrom", address_of(owner), amount)

    def transfer_and_call(
        self, to: AccountLike, amount: int, data: bytes = b"", *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Move the sender's tokens to a contract and tell it (ERC-1363)."""
        return self._act(sender, "transferAndCall", address_of(to), amount, data)

    # ---- anybody, with a holder's signature

    def permit(self, permit: signing.Permit, signature: bytes, *, sender: AccountAPI) -> ReceiptAPI:
        """Submit a signed allowance (ERC-2612)."""
        arguments = (permit.owner, permit.spender, permit.value, permit.deadline, signature)
        return self._act(sender, "permit", *arguments)

    def transfer_with_authorization(
        self, transfer: signing.Transfer, signature: bytes, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Submit a signed transfer (ERC-3009)."""
        return self._act(sender, "transferWithAuthorization", *transfer.arguments, signature)

    def receive_with_authorization(
        self, transfer: signing.Receive, signature: bytes, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Submit a transfer signed for its recipient to submit (ERC-3009)."""
        return self._act(sender, "receiveWithAuthorization", *transfer.arguments, signature)

    def cancel_authorization(
        self, cancellation: signing.Cancel, signature: bytes, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Submit a signed withdrawal of a signature not used yet (ERC-3009)."""
        arguments = (cancellation.authorizer, cancellation.nonce, signature)
        return self._act(sender, "cancelAuthorization", *arguments)

    def _act(self, sender: AccountAPI, method: str, *arguments: object) -> ReceiptAPI:
        return calls.transact(sender, self.contract, method, *arguments)
