"""The whole protocol at one moment: its contracts, the clock, and calls that happen whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from symbolon.reference.bargains import BargainDeals, Bargains
from symbolon.reference.bonds import Bonds
from symbolon.reference.brands import BrandRegistry
from symbolon.reference.campaigns import CampaignRewards
from symbolon.reference.consents import Consent
from symbolon.reference.contract import ZERO, Address, Contract, Event, RevertError
from symbolon.reference.currency import Currency
from symbolon.reference.cut_bargains import Cuts
from symbolon.reference.earn import EarnDistributor
from symbolon.reference.eip712 import Signature
from symbolon.reference.factory import LoyaltyTokenFactory
from symbolon.reference.groups import GroupDeals, GroupPurchaseEscrow
from symbolon.reference.haggles import Haggles
from symbolon.reference.obligations import ObligationRegistry
from symbolon.reference.orders import Orders
from symbolon.reference.pools import Pools
from symbolon.reference.redemptions import Redemptions
from symbolon.reference.referrals import ReferralRewards
from symbolon.reference.rights import PurchaseRights
from symbolon.reference.settlements import Settlements
from symbolon.reference.swaps import Swaps
from symbolon.reference.token import LoyaltyToken

_T = TypeVar("_T")


@dataclass(frozen=True)
class Addresses:
    """Where the suite is deployed, and who the alliance is: the account that the access manager obeys."""

    alliance: Address
    brand_registry: Address
    token_implementation: Address
    token_factory: Address
    obligation_registry: Address
    redemption_desk: Address
    bonds: Address
    orders: Address
    pools: Address
    settlements: Address
    swaps: Address
    earnings: Address
    rights: Address
    group_deals: Address
    groups: Address
    bargain_deals: Address
    bargains: Address
    haggles: Address
    cuts: Address
    referral_rewards: Address
    campaign_rewards: Address
    consent: Address


class World:
    """The protocol.

    Attributes:
        now: seconds since 1970; the caller moves it on.
        chain_id: which signatures are bound to.
        contracts: by address, whatever can be called.
        wallets: the key that signs for each wallet that is a contract (ERC-1271).
        events: what the latest successful call put on record.
    """

    def __init__(self, addresses: Addresses, *, chain_id: int, now: int) -> None:
        self.chain_id = chain_id
        self.now = now
        self.events: list[Event] = []
        self.contracts: dict[Address, Contract] = {}
        self.wallets: dict[Address, Address] = {}
        self.brands = self.add(BrandRegistry(self, addresses.brand_registry, addresses.alliance))
        self.factory = self.add(
            LoyaltyTokenFactory(self, addresses.token_factory, addresses.token_implementation)
        )
        self.obligations = self.add(ObligationRegistry(self, addresses.obligation_registry))
        self.desk = self.add(Redemptions(self, addresses.redemption_desk))
        self.bonds = self.add(Bonds(self, addresses.bonds))
        self.orders = self.add(Orders(self, addresses.orders))
        self.pools = self.add(Pools(self, addresses.pools))
        self.settlements = self.add(Settlements(self, addresses.settlements))
        self.swaps = self.add(Swaps(self, addresses.swaps))
        self.earnings = self.add(EarnDistributor(self, addresses.earnings))
        self.rights = self.add(PurchaseRights(self, addresses.rights))
        self.group_deals = self.add(GroupDeals(self, addresses.group_deals))
        self.groups = self.add(GroupPurchaseEscrow(self, addresses.groups, addresses.group_deals))
        self.bargain_deals = self.add(BargainDeals(self, addresses.bargain_deals))
        self.bargains = self.add(Bargains(self, addresses.bargains, addresses.bargain_deals))
        paid_at = (addresses.bargains, addresses.bargain_deals)
        self.haggles = self.add(Haggles(self, addresses.haggles, *paid_at))
        self.cuts = self.add(Cuts(self, addresses.cuts, *paid_at))
        self.referrals = self.add(ReferralRewards(self, addresses.referral_rewards))
        self.campaigns = self.add(CampaignRewards(self, addresses.campaign_rewards))
        self.consents = self.add(Consent(self, addresses.consent))

    _C = TypeVar("_C", bound=Contract)

    def add(self, contract: _C) -> _C:
        """Put a contract at its address."""
        self.contracts[contract.address] = contract
        return contract

    def call(self, method: Callable[..., _T], sender: Address, *arguments: Any) -> _T:  # noqa: ANN401 (the method's)
        """Have `sender` call a contract's method; if it is refused, nothing has happened.

        Raises RevertError.
        """
        saved = self.save()
        self.events = []
        try:
            return method(sender, *arguments)
        except RevertError:
            self.restore(saved)
            self.events = []
            raise

    def token(self, address: Address) -> LoyaltyToken:
        """The loyalty token at an address. Raises KeyError where there is none."""
        token = self.contracts[address]
        if not isinstance(token, LoyaltyToken):
            raise KeyError(address)
        return token

    def is_token(self, address: Address) -> bool:
        """Whether the factory made what is at `address`."""
        return isinstance(self.contracts.get(address), LoyaltyToken)

    @property
    def tokens(self) -> list[LoyaltyToken]:
        """Every loyalty token, in the order in which they were made."""
        return [each for each in self.contracts.values() if isinstance(each, LoyaltyToken)]

    def currency(self, address: Address) -> Currency:
        """The settlement currency at an address. A call to what is none has no answer: raises RevertError."""
        currency = self.contracts.get(address)
        if not isinstance(currency, Currency):
            raise RevertError("")
        return currency

    def has_code(self, account: Address) -> bool:
        """Whether an account is a contract."""
        return account in self.contracts or account in self.wallets or account == self.factory.implementation

    def is_signed(self, signer: Address, digest: bytes, signature: Signature) -> bool:
        """Whether a signature over a digest is `signer`'s: its key's, or that of the key its wallet obeys."""
        is_owner = signature.key in (signer, self.wallets.get(signer))
        return signer != ZERO and signature.digest == digest and is_owner

    # ---- snapshots

    def save(self) -> dict[Address, tuple[Contract, dict[str, Any]]]:
        """The state of every contract; time and signers are no part of it."""
        return {address: (contract, contract.save()) for address, contract in self.contracts.items()}

    def restore(self, saved: dict[Address, tuple[Contract, dict[str, Any]]]) -> None:
        """Bring back a saved state; it is used up."""
        self.contracts = {address: contract for address, (contract, _) in saved.items()}
        for contract, state in saved.values():
            contract.restore(state)
