"""What the machine plays on: the suite deployed on a chain, the model of it, and everybody who acts."""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import Any

import orjson
from eth_utils.address import to_checksum_address

from stateful.actors import Actor, Key
from stateful.chains import CHAIN_ID, START, Chain, bytes_of
from stateful.guarded_dollar import GuardedDollar
from symbolon.addresses import keccak
from symbolon.artifacts import BUILD, artifact
from symbolon.deployment import CREATE2_DEPLOYER, create2_address, plan, salt_of
from symbolon.reference import Address, Addresses, Contract, RevertError, World
from symbolon.reference.contract import ZERO
from symbolon.reference.currency import Currency
from symbolon.reference.eip712 import word
from symbolon.reference.erc1155 import ACCEPTED, BATCH_ACCEPTED
from symbolon.reference.token import QUOTA_ACCEPTED, TRANSFER_ACCEPTED, Source

ALLIANCE = Key("alliance")
ADMINS = [Key("brand"), Key("partner"), Key("rival")]
MANAGERS = [Key("brand's manager"), Key("partner's manager"), Key("rival's manager")]
GUARDIANS = [Key("guardian"), Key("other guardian")]
MEMBERS = [Key(f"member {number}") for number in range(1, 6)]
TILLS = [Key("till"), Key("other till")]
ARBITERS = [Key("arbiter"), Key("other arbiter")]
ATTESTERS = [Key("attester"), Key("other attester")]
FOUNDERS = [Key("founder"), Key("other founder")]
REGISTRAR = Key("registrar")
"""A plain account on the list of obligation registries: a token made for it obeys its key."""
OTHER_DESK = Key("other desk")
MAILBOX = Key("mailbox")
"""A plain account on the list of modules: it cannot answer."""
INTRUDER = Key("intruder")
WALLET_KEY = Key("the wallet's key")

KEYS: list[Key] = [
    ALLIANCE, *ADMINS, *MANAGERS, *GUARDIANS, *MEMBERS, *TILLS, *FOUNDERS, REGISTRAR, OTHER_DESK, MAILBOX,
    *ARBITERS, *ATTESTERS, INTRUDER,
]  # fmt: skip


class Manners(IntEnum):
    """How a contract answers what it is told: by a revert, with something else, or as it should."""

    UNWILLING = 0
    ABSENT_MINDED = 1
    GOOD = 2


class Module(Contract):
    """A contract that answers in one way, and books what it is told of.

    Attributes:
        told: its quota of each token, as far as it knows.
        held: what it has taken in of each token and not given back, as far as it knows.
    """

    def __init__(self, world: World, address: Address, manners: Manners) -> None:
        super().__init__(world, address)
        self.manners = manners
        self.told: dict[Address, int] = {}
        self.held: dict[Address, int] = {}

    def on_quota_received(
        self, sender: Address, holder: Address, amount: int, source: Source, data: bytes
    ) -> bytes:
        self.emit("ToldOfQuota", holder, amount, source, data)
        self.told[sender] = self.told.get(sender, 0) + amount
        return self._answer(QUOTA_ACCEPTED)

    def on_transfer_received(
        self, sender: Address, operator: Address, holder: Address, value: int, data: bytes
    ) -> bytes:
        self.emit("ToldOfTokens", operator, holder, value, data)
        self.take_in(sender, value)
        return self._answer(TRANSFER_ACCEPTED)

    def on_erc1155_received(
        self, _sender: Address, operator: Address, holder: Address, id_: int, value: int, data: bytes
    ) -> bytes:
        self.emit("ToldOfRights", operator, holder, [id_], [value], data)
        return self._answer(ACCEPTED)

    def on_erc1155_batch_received(
        self,
        _sender: Address,
        operator: Address,
        holder: Address,
        ids: list[int],
        values: list[int],
        data: bytes,
    ) -> bytes:
        self.emit("ToldOfRights", operator, holder, ids, values, data)
        return self._answer(BATCH_ACCEPTED)

    def take_in(self, token: Address, amount: int) -> None:
        """Book tokens that came in; less than nothing when they go out."""
        self.held[token] = self.held.get(token, 0) + amount

    def _answer(self, expected: bytes) -> bytes:
        if self.manners == Manners.UNWILLING:
            raise RevertError("Puppet_Unwilling")
        return expected if self.manners == Manners.GOOD else b"\xde\xad\xbe\xef"


class Stage:
    """A chain and a model with the same suite on them, which can go back to a marked moment."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.puppets: dict[Address, str] = {}
        deployed = self._deploy()
        self.world = World(
            Addresses(
                alliance=ALLIANCE.address,
                brand_registry=deployed["BrandRegistry"],
                token_implementation=deployed["LoyaltyToken"],
                token_factory=deployed["LoyaltyTokenFactory"],
                obligation_registry=deployed["ObligationRegistry"],
                redemption_desk=deployed["Redemptions"],
                bonds=deployed["Bonds"],
                orders=deployed["Orders"],
                pools=deployed["Pools"],
                settlements=deployed["Settlements"],
                swaps=deployed["Swaps"],
                earnings=deployed["EarnDistributor"],
                rights=deployed["PurchaseRights"],
                group_deals=deployed["GroupDeals"],
                groups=deployed["GroupPurchaseEscrow"],
                bargain_deals=deployed["BargainDeals"],
                bargains=deployed["Bargains"],
                haggles=deployed["Haggles"],
                cuts=deployed["Cuts"],
                referral_rewards=deployed["ReferralRewards"],
                campaign_rewards=deployed["CampaignRewards"],
                consent=deployed["Consent"],
            ),
            chain_id=CHAIN_ID,
            now=START,
        )
        self.guarded_dollar = self.world.add(GuardedDollar(self.world, self._make("GuardedDollar")))
        self.currencies = [
            self.guarded_dollar,
            self.world.add(Currency(self.world, deployed["MockDollar"])),
        ]
        self.wallet = self._puppet("wallet", WALLET_KEY.address, Manners.UNWILLING)
        self.world.wallets[self.wallet.address] = WALLET_KEY.address
        self.world.add(Module(self.world, self.wallet.address, Manners.UNWILLING))
        self.modules = [self._module("pool", Manners.GOOD), self._module("escrow", Manners.GOOD)]
        self.bad_modules = [
            self._module("absent-minded module", Manners.ABSENT_MINDED),
            self._module("unwilling module", Manners.UNWILLING),
        ]
        self.members: list[Actor] = [*MEMBERS, self.wallet]
        self.contracts = [bytes(each) for each in deployed.values()]
        self.names = {each.address: each.name for each in (*KEYS, *self.members, WALLET_KEY)}
        self.names |= {
            ZERO: "nobody",
            **{address: name for name, address in deployed.items()},
            **self.puppets,
        }
        self.recipients = [each.address for each in self.members]
        """Who may get tokens, so that all there is of a token is known to be somewhere among them."""
        self.donees: list[Address] = [
            *(deployed[name] for name in ("Redemptions", "ObligationRegistry", "LoyaltyTokenFactory")),
            *(deployed[name] for name in ("BrandRegistry", "LoyaltyToken", "MockDollar", "Bonds")),
            *(deployed[name] for name in ("Pools", "PurchaseRights")),
        ]
        """Contracts that tokens are sent to and that cannot use them."""
        self.spenders: list[Address] = [
            *(each.address for each in (*self.modules, *self.bad_modules)),
            MAILBOX.address,
        ]
        """Who may be named as a spender, and takes tokens in."""
        self.holders = [*self.recipients, *self.donees, *self.spenders]
        self.holders += [deployed[name] for name in ("Orders", "Swaps", "Settlements")]
        self.holders += [deployed[name] for name in ("GroupPurchaseEscrow", "Bargains")]
        self.holders += [each.address for each in MANAGERS]  # who provide what they mint
        self._saved: Any = None
        self._snapshot: Any = None
        self._marked_at = START

    # ---- time and again

    def set_time(self, now: int) -> None:
        self.world.now = now
        self.chain.set_time(now)

    def mark(self) -> None:
        """Come back here on every `rewind`."""
        self._saved, self._snapshot = self.world.save(), self.chain.snapshot()
        self._marked_at = self.world.now

    @property
    def is_marked(self) -> bool:
        return self._saved is not None

    def rewind(self) -> None:
        self.chain.revert(self._snapshot)
        self._snapshot = self.chain.snapshot()
        self.world.restore(self._saved)
        self._saved = self.world.save()
        self.set_time(self._marked_at)

    # ---- names

    def name(self, address: Address) -> str:
        """Who that is, in the story."""
        contract = self.world.contracts.get(address)
        if address in self.names:
            return self.names[address]
        return contract.name() if contract and hasattr(contract, "name") else "0x" + address.hex()

    # ---- deployment

    def _deploy(self) -> dict[str, Address]:
        deployed = {}
        for step in plan(to_checksum_address(ALLIANCE.address), rehearsal=True):
            outcome = self.chain.send(
                ALLIANCE.address, bytes_of(CREATE2_DEPLOYER), step.salt + step.init_code
            )
            assert outcome.success, f"{step.name} is not deployed"
            deployed[step.name] = bytes_of(step.address)
        return deployed

    def _make(self, name: str, *arguments: object) -> Address:
        init_code = artifact(name).init_code(*arguments)
        salt = salt_of(f"stage {name} {arguments}")
        self.chain.send(ALLIANCE.address, bytes_of(CREATE2_DEPLOYER), salt + init_code)
        return bytes_of(create2_address(salt, init_code))

    def _puppet(self, name: str, key: Address, manners: Manners) -> Actor:
        address = self._make("Puppet", to_checksum_address(key), manners)
        self.puppets[address] = name
        return Actor(name, address)

    def _module(self, name: str, manners: Manners) -> Module:
        # Modules with the same manners are told apart by a key that signs nothing.
        puppet = self._puppet(name, Key(f"nobody in {name}").address, manners)
        return self.world.add(Module(self.world, puppet.address, manners))


@cache
def slot_of(contract: str, variable: str) -> int:
    """Where the compiler put a contract's variable."""
    layout = orjson.loads((BUILD / f"{contract}.sol" / f"{contract}.json").read_bytes())["storageLayout"]
    return next(int(each["slot"]) for each in layout["storage"] if each["label"] == variable)


@cache
def entry_slot(slot: int, key: Address) -> int:
    """Where a mapping at `slot` has what belongs to `key`."""
    return int.from_bytes(keccak(word(key) + word(slot)))
