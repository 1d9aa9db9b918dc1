"""The front door: deploy an alliance, or connect to one, on the network that Ape is connected to.

with networks.parse_network_choice("ethereum:local:foundry"):
    alliance = Alliance.deploy(sender=accounts.test_accounts[0])
    bakery = alliance.brands.register("bakery", sender=baker)
    bakery.admit(sender=accounts.test_accounts[0])
    token = bakery.create_token("Bakery Points", "BAKE", sender=baker)
    token.oblige(alliance.currencies()[0], 10_000, 1_000_000, terms, sender=baker)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from ape.utils.basemodel import ManagerAccessMixin as Ape

from symbolon import calls, deployment
from symbolon.bargains import Bargains
from symbolon.bonds import Bonds
from symbolon.brands import Brands
from symbolon.calls import AccountLike, address_of
from symbolon.campaigns import Campaigns
from symbolon.consents import Consents
from symbolon.cutting import Cutting
from symbolon.defaults import Defaults
from symbolon.deployment import Act, List, contract_at
from symbolon.earn import Earnings
from symbolon.fulfilment import Deliveries
from symbolon.groups import Groups
from symbolon.haggles import Haggles
from symbolon.manifest import DEPLOYMENTS, NotDeployedError, Record, Records
from symbolon.obligations import Obligations
from symbolon.offers import Offers
from symbolon.orders import Orders
from symbolon.pools import Pools
from symbolon.redemptions import Redemptions
from symbolon.referrals import Referrals
from symbolon.rights import Rights
from symbolon.settlements import Settlements
from symbolon.swaps import Swaps
from symbolon.tokens import Tokens

if TYPE_CHECKING:
    from ape.api import AccountAPI, NetworkAPI, ReceiptAPI
    from ape.contracts import ContractInstance


class Alliance:
    """An alliance of brands on the connected network.

    Attributes:
        brands, tokens, obligations, offers, redemptions, orders, earnings, rights, groups, bargains, haggles,
            cuts, bonds, defaults, pools, swaps, settlements, referrals, campaigns, consents: what it is made
            of.
        deliveries: the orders of all desks.
        records: where its contracts are written down.
        left_to_do: what deploying left for the alliance's admin, who was not the one that deployed.
    """

    def __init__(self, records: Records, found: dict[str, Record], left_to_do: tuple[Act, ...] = ()) -> None:
        self.records = records
        self.left_to_do = left_to_do
        self._found = found
        self.brands = Brands(self)
        self.tokens = Tokens(self)
        self.obligations = Obligations(self)
        self.offers = Offers(self)
        self.redemptions = Redemptions(self)
        self.orders = Orders(self)
        self.earnings = Earnings(self)
        self.rights = Rights(self)
        self.groups = Groups(self)
        self.bargains = Bargains(self)
        self.haggles = Haggles(self)
        self.cuts = Cutting(self)
        self.deliveries = Deliveries(self.orders, self.groups, self.bargains)
        self.bonds = Bonds(self)
        self.defaults = Defaults(self)
        self.pools = Pools(self)
        self.swaps = Swaps(self)
        self.settlements = Settlements(self)
        self.referrals = Referrals(self)
        self.campaigns = Campaigns(self)
        self.consents = Consents(self)

    @classmethod
    def deploy(
        cls,
        *,
        sender: AccountAPI,
        records: Records | None = None,
        first_admin: AccountLike | None = None,
        salt: str = deployment.DEFAULT_SALT,
        currencies: tuple[str, ...] = (),
        replace: bool = False,
        rehearsal: bool | None = None,
        progress: Callable[[str, str], None] = lambda name, outcome: None,
    ) -> Alliance:
        """Deploy what is missing and connect; doing it again changes nothing. See `deployment.deploy`."""
        records = records or records_of(Ape.provider.network)
        left = deployment.deploy(
            sender,
            records,
            first_admin=address_of(first_admin) if first_admin else None,
            salt=salt,
            currencies=currencies,
            replace=replace,
            rehearsal=rehearsal,
            progress=progress,
        )
        return cls(records, _by_name(records), left)

    @classmethod
    def connect(cls, records: Records | None = None) -> Alliance:
        """The alliance that is recorded for the connected network.

        Raises NotDeployedError where none is, or where it is not there; WrongChainError where the records are
        of another chain.
        """
        records = records or records_of(Ape.provider.network)
        return cls(records, _by_name(records))

    def __repr__(self) -> str:
        return f"<Alliance on {self.records.network}, brand registry {self.brand_registry.address}>"

    # ---- contracts

    @cached_property
    def access_manager(self) -> ContractInstance:
        """The alliance itself: who may do what in its name."""
        return self._contract("AccessManager")

    @cached_property
    def brand_registry(self) -> ContractInstance:
        """Who is a brand, and who may act for it."""
        return self._contract("BrandRegistry")

    @cached_property
    def token_factory(self) -> ContractInstance:
        """Makes tokens."""
        return self._contract("LoyaltyTokenFactory")

    @cached_property
    def obligation_registry(self) -> ContractInstance:
        """What brands owe."""
        return self._contract("ObligationRegistry")

    @cached_property
    def redemption_desk(self) -> ContractInstance:
        """Where brands' offers are, and where tills redeem."""
        return self._contract("Redemptions")

    @cached_property
    def orders_desk(self) -> ContractInstance:
        """Where what brands deliver later is offered, ordered and disputed."""
        return self._contract("Orders")

    @cached_property
    def earnings_contract(self) -> ContractInstance:
        """Where what was earned is credited by roots."""
        return self._contract("EarnDistributor")

    @cached_property
    def rights_contract(self) -> ContractInstance:
        """Rights to open groups and bargains."""
        return self._contract("PurchaseRights")

    @cached_property
    def group_deals_contract(self) -> ContractInstance:
        """What brands offer to groups."""
        return self._contract("GroupDeals")

    @cached_property
    def groups_contract(self) -> ContractInstance:
        """Where people buy together."""
        return self._contract("GroupPurchaseEscrow")

    @cached_property
    def bargain_deals_contract(self) -> ContractInstance:
        """What brands offer to bargain for."""
        return self._contract("BargainDeals")

    @cached_property
    def bargains_contract(self) -> ContractInstance:
        """Where bargains are paid for and kept."""
        return self._contract("Bargains")

    @cached_property
    def haggles_contract(self) -> ContractInstance:
        """Prices by bid and counter-offer."""
        return self._contract("Haggles")

    @cached_property
    def cuts_contract(self) -> ContractInstance:
        """Prices that friends cut."""
        return self._contract("Cuts")

    @cached_property
    def bonds_contract(self) -> ContractInstance:
        """Where the money is that brands lay down."""
        return self._contract("Bonds")

    @cached_property
    def pools_contract(self) -> ContractInstance:
        """Which brands accept one another's tokens, and within which bounds."""
        return self._contract("Pools")

    @cached_property
    def swaps_contract(self) -> ContractInstance:
        """Where members swap."""
        return self._contract("Swaps")

    @cached_property
    def settlements_contract(self) -> ContractInstance:
        """Where brands pay what they came to owe one another."""
        return self._contract("Settlements")

    @cached_property
    def referral_rewards(self) -> ContractInstance:
        """Who brought whom, and what that is worth."""
        return self._contract("ReferralRewards")

    @cached_property
    def campaign_rewards(self) -> ContractInstance:
        """What brands pay members for."""
        return self._contract("CampaignRewards")

    @cached_property
    def consent(self) -> ContractInstance:
        """Which data members let brands have, and for what."""
        return self._contract("Consent")

    @cached_property
    def lens(self) -> ContractInstance:
        """Whole screens in one read."""
        return self._contract("AllianceLens")

    @cached_property
    def groups_lens(self) -> ContractInstance:
        """Groups in one read: deals with their open groups, and a member's seats."""
        return self._contract("GroupsLens")

    @cached_property
    def pools_lens(self) -> ContractInstance:
        """Pools in one read: what can be swapped, and where brands stand."""
        return self._contract("PoolsLens")

    @cached_property
    def mock_dollar(self) -> ContractInstance:
        """A settlement currency that anyone may print; on local chains and forks only."""
        return self._contract("MockDollar")

    @property
    def start_block(self) -> int:
        """The block from which the alliance's events are to be read."""
        return min(record.block_number for record in self._found.values())

    # ---- what it lists

    def set_listed(self, kind: List, account: AccountLike, listed: bool, *, sender: AccountAPI) -> ReceiptAPI:
        """Put an account on one of the alliance's lists, or take it off."""
        return calls.transact(
            sender, self.brand_registry, "setListed", int(kind), address_of(account), listed
        )

    def is_listed(self, kind: List, account: AccountLike) -> bool:
        """Whether the alliance lists an account."""
        return bool(calls.read(self.brand_registry, "isListed", int(kind), address_of(account)))

    def listed(self, kind: List) -> list[str]:
        """Everything on one of the alliance's lists now, in the order it came there."""
        logs = calls.events(self.brand_registry, self.start_block, "Listed")
        found = (log.event_arguments for log in logs)
        seen = dict.fromkeys(address_of(each["account"]) for each in found if each["list"] == int(kind))
        return [account for account in seen if self.is_listed(kind, account)]

    def currencies(self) -> list[str]:
        """The settlement currencies that the alliance lists."""
        return self.listed(List.CURRENCY)

    def address_of(self, name: str) -> str:
        """Where the suite's contract of that name is. Raises NotDeployedError where there is none."""
        record = self._found.get(name)
        if record is None:
            raise NotDeployedError(
                f"There is no {name} on {self.records.network}: run `ape run deploy`, which adds what is "
                "missing."
            )
        return record.address

    def _contract(self, name: str) -> ContractInstance:
        return contract_at(name, self.address_of(name))


def records_of(network: NetworkAPI) -> Records:
    """Where the records of a network are: deployments/<network>/, or <ecosystem>-<network> off Ethereum.

    A fork starts from the records of what it forks and writes its own.
    """
    name = str(network.name)
    if network.is_adhoc:
        name = f"chain-{calls.chain_id()}"
    elif network.ecosystem.name != "ethereum":
        name = f"{network.ecosystem.name}-{name}"
    origin = Records(DEPLOYMENTS / name.removesuffix("-fork")) if network.is_fork else None
    return Records(DEPLOYMENTS / name, origin)


def _by_name(records: Records) -> dict[str, Record]:
    return {record.name: record for record in deployment.connected(records)}
