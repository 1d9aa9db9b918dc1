"""What groups and bargains have in common: what deals say, who pays in what, and what is whose to fetch."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from symbolon import calls
from symbolon.bonds import Purse
from symbolon.calls import AccountLike, address_of
from symbolon.codes import id_of, label_text
from symbolon.deals import Deal, Delivery, Listing
from symbolon.deployment import contract_at
from symbolon.exceptions import SymbolonError
from symbolon.fulfilment import Fulfilments
from symbolon.offers import Document
from symbolon.prices import Mix
from symbolon.reverts import RefusedError
from symbolon.signing import Domain, Permit, Signer
from symbolon.units import format_amount

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.currencies import Currency
    from symbolon.tokens import Token

PAY = 0
"""What tokens are sent for; the rest of the data says what is bought."""

NO_PERMIT = (0, 0, 0, bytes(32), bytes(32))
"""As a permit of the currency: none is needed."""

_NUMBER = 4  # bytes, behind a deal's id, of what was bought under it


class NoDealError(SymbolonError):
    """The token has no such deal."""


class TooFewTokensError(SymbolonError):
    """Somebody holds fewer tokens than are to be paid."""


class NoPermitError(SymbolonError):
    """The currency takes no signed allowances."""


@dataclass(frozen=True)
class Agreed:
    """What `IDeals.Conditions` says, and the document, by name."""

    mix: Mix
    opens_at: int
    closes_at: int
    delivery: Delivery
    right: bytes
    document: Document


class Purchases(Fulfilments):
    """What is bought at one contract for prices in parts. Acts take `sender`."""

    @property
    @abstractmethod
    def deals_contract(self) -> ContractInstance:
        """Where its deals are published."""

    # ---- what there is

    def free_compensation(self, token: Token, deal: str | bytes) -> int:
        """What the compensations of a deal's next purchases can be reserved from, in currency base units."""
        return int(calls.read(self.contract, "freeCompensationOf", token.address, id_of(deal)))

    def owed_to(self, currency: AccountLike, account: AccountLike) -> int:
        """What an account can collect in a currency."""
        return int(calls.read(self.contract, "owedTo", address_of(currency), address_of(account)))

    def proceeds(self, token: Token) -> int:
        """What the token's brand has earned in currency and not fetched."""
        return int(calls.read(self.contract, "proceedsOf", token.address))

    def creditors(self, currency: AccountLike) -> list[str]:
        """Everybody to whom something was ever owed in a currency, and who may have collected it."""
        start = self._alliance.start_block
        logs = calls.events(self.contract, start, "Credited", about=address_of(currency))
        return list(dict.fromkeys(address_of(log.event_arguments["account"]) for log in logs))

    # ---- anyone

    def collect(self, currency: AccountLike, account: AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Pay out to an account everything that it is owed in a currency."""
        return calls.transact(sender, self.contract, "collect", address_of(currency), address_of(account))

    def collect_to(self, currency: AccountLike, to: AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Pay out to another account everything that the sender is owed in a currency."""
        return calls.transact(sender, self.contract, "collectTo", address_of(currency), address_of(to))

    # ---- brands' admins

    def withdraw_proceeds(self, token: Token, to: AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Pay out what the token's brand has earned in currency."""
        return calls.transact(sender, self.contract, "withdrawProceeds", token.address, address_of(to))

    def allot(self, token: Token, deal: str | bytes, value: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Set money of the compensation purse aside for a deal's purchases."""
        return self._move("allot", token, deal, value, sender)

    def reclaim(self, token: Token, deal: str | bytes, value: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Take back what was set aside for a deal and is reserved for nobody."""
        return self._move("reclaim", token, deal, value, sender)

    # ---- within

    def _move(
        self, method: str, token: Token, deal: str | bytes, value: int, sender: AccountAPI
    ) -> ReceiptAPI:
        return calls.transact(
            sender,
            self._alliance.bonds_contract,
            method,
            token.address,
            int(Purse.COMPENSATION),
            self.contract.address,
            value,
            id_of(deal),
        )

    def _agreed(self, token: Token, deal: str | bytes) -> Agreed:
        """What a deal says that every purchase has. Raises NoDealError."""
        found, hash_, uri, receiver = calls.read(
            self.deals_contract, "conditionsOf", token.address, id_of(deal)
        )
        # By position: of several that are returned, Ape leaves out the names.
        token_part, money_part, opens_at, closes_at, days, stake, compensation, arbiter, right = found
        if not closes_at or receiver != self.contract.address:
            name = label_text(id_of(deal))
            command = f"ape run {type(self).__name__.lower()} list {token.symbol}"
            raise NoDealError(f"{token.symbol} has no deal {name} here: look with `{command}`.")
        return Agreed(
            Mix(int(token_part), int(money_part)),
            int(opens_at),
            int(closes_at),
            Delivery(int(days), int(stake), int(compensation), address_of(arbiter)),
            bytes(right),
            Document(bytes(hash_), uri),
        )

    @cached_property
    def _mixes(self) -> dict[tuple[str, bytes], Mix]:
        return {}

    def _mix(self, token: str, offer_id: bytes) -> Mix:
        key = token, deal_of(offer_id)
        if key not in self._mixes:  # for good: what was published never changes
            self._mixes[key] = self._agreed(self._alliance.tokens.at(token), key[1]).mix
        return self._mixes[key]

    def _ready(self, token: Token, mix: Mix, parts: int, *, sender: AccountAPI) -> int:
        """Let the contract take the money of so many parts from the sender; the tokens of so many parts.

        Raises TooFewTokensError where the sender holds too few tokens, before the money is approved.
        """
        cost = mix.cost(parts)
        held = token.balance_of(sender)
        if held < cost.tokens:
            have, need = (format_amount(each, token.decimals) for each in (held, cost.tokens))
            raise TooFewTokensError(
                f"{sender.address} holds {have} {token.symbol} and {need} are to be paid: "
                "get the difference first."
            )
        if cost.money:
            token.currency.make_ready(cost.money, self.contract, sender=sender)
        return cost.tokens

    def _permit(
        self, currency: Currency, owner: str, value: int, deadline: int, signer: Signer | bytes | str
    ) -> tuple[object, ...]:
        """`IPurchases.Permit`, signed; none where nothing is to be paid or the allowance is there.

        Raises NoPermitError.
        """
        spender = str(self.contract.address)
        if int(calls.read(currency.contract, "allowance", owner, spender)) >= value:
            return NO_PERMIT
        signing = contract_at("LoyaltyToken", currency.address)  # any ERC-2612 will do; this one's is at hand
        try:
            _, name, version, chain_id, *_ = calls.read(signing, "eip712Domain")
            nonce = int(calls.read(signing, "nonces", owner))
        except RefusedError as error:
            raise NoPermitError(
                f"{currency.symbol} takes no signed allowances that are known here: approve "
                f"{currency.text(value)} for {spender} first."
            ) from error
        permit = Permit(owner, spender, value, nonce, deadline)
        signed = permit.sign(Domain(name, int(chain_id), currency.address, version), signer)
        return value, deadline, signed[64], signed[:32], signed[32:64]


def conditions(deal: Deal | Listing) -> tuple[object, ...]:
    """`IDeals.Conditions`."""
    return (
        deal.mix.token_part,
        deal.mix.currency_part,
        deal.opens_at,
        deal.closes_at,
        deal.delivery.days,
        deal.delivery.stake_percent,
        deal.delivery.compensation,
        deal.delivery.arbiter,
        deal.right,
    )


def deal_of(offer_id: bytes) -> bytes:
    """The deal that something was bought under."""
    return offer_id[:-_NUMBER] + bytes(_NUMBER)


def number_of(offer_id: bytes) -> int:
    """Which of a deal's groups it is."""
    return int.from_bytes(offer_id[-_NUMBER:])


def numbered(deal: str | bytes, number: int) -> bytes:
    """The id of a deal's group of that number."""
    return id_of(deal)[:-_NUMBER] + number.to_bytes(_NUMBER)
