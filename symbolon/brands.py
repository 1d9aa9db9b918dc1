"""Brands: who they are, who acts for them, and how they come and go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from functools import reduce
from typing import TYPE_CHECKING

from symbolon import calls
from symbolon.calls import AccountLike, address_of
from symbolon.deployment import salt_of
from symbolon.exceptions import SymbolonError
from symbolon.reverts import STATUSES

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token

NOBODY = "0x0000000000000000000000000000000000000000"


class Status(IntEnum):
    """Where a brand stands."""

    NONE = 0
    APPLIED = 1
    ACTIVE = 2
    SUSPENDED = 3

    def __str__(self) -> str:
        return STATUSES[self]


class Roles(IntFlag):
    """What an account may do for a brand. The admin holds all of them; managers hold all but the last."""

    NONE = 0
    FULFIL = 1
    CAMPAIGN = 2
    SETTLE = 4
    ADMIN = 128

    @classmethod
    def parse(cls, text: str) -> Roles:
        """The managers' roles named in a text such as "fulfil,campaign"; "none" is none."""
        known = {"none": cls.NONE, "fulfil": cls.FULFIL, "campaign": cls.CAMPAIGN, "settle": cls.SETTLE}
        names = [name.strip().lower() for name in text.split(",") if name.strip()]
        if not names or any(name not in known for name in names):
            raise SymbolonError(
                f"{text!r} is no list of roles: write fulfil, campaign, settle, with commas between, or none."
            )
        return reduce(cls.__or__, (known[name] for name in names))

    def __str__(self) -> str:
        return ", ".join(str(each.name).lower() for each in type(self) if each in self) or "none"


@dataclass(frozen=True)
class BrandFacts:
    """Everything about a brand at one moment; nobody is the zero address.

    Attributes:
        status: where it stands.
        admin: who decides for it.
        pending_admin: who may take over by accepting.
        guardian: who may start a recovery.
        pending_guardian: who becomes guardian at `guardian_change_at`.
        guardian_change_at: when, in seconds; 0 if no change is pending.
        profile_uri: where the brand describes itself.
    """

    status: Status
    admin: str
    pending_admin: str
    guardian: str
    pending_guardian: str
    guardian_change_at: int
    profile_uri: str


@dataclass(frozen=True)
class Recovery:
    """A guardian's attempt to give a brand a new admin.

    Attributes:
        new_admin: who takes over.
        ready_at: when `new_admin` may, in seconds.
        guardian: who started it.
        vetoed: whether the sitting admin objected.
        confirmed: whether the alliance confirmed it, which overrides the objection.
    """

    new_admin: str
    ready_at: int
    guardian: str
    vetoed: bool
    confirmed: bool


class Brands:
    """The brands of an alliance: register one, look one up by its id, or go through all."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    def __getitem__(self, brand_id: bytes | str) -> Brand:
        """The brand of that id, 32 bytes or their hex; whether there is one, its status says."""
        try:
            raw = bytes.fromhex(brand_id.removeprefix("0x")) if isinstance(brand_id, str) else bytes(brand_id)
        except ValueError:
            raw = b""
        if len(raw) != 32:
            raise SymbolonError(f"{brand_id!r} is no brand id: give 0x and 64 hexadecimal digits.")
        return Brand(self._alliance, raw)

    def __iter__(self) -> Iterator[Brand]:
        """Every brand that ever registered, in the order they did."""
        registry = self._alliance.brand_registry
        for log in calls.events(registry, self._alliance.start_block, "BrandRegistered"):
            yield self[bytes(log.event_arguments["brandId"])]

    def of(self, founder: AccountLike, label: str) -> Brand:
        """The brand that `founder` registers, or has registered, under `label`; the id follows from both."""
        registry = self._alliance.brand_registry
        return self[bytes(calls.read(registry, "brandIdOf", address_of(founder), salt_of(label)))]

    def register(
        self,
        label: str,
        *,
        sender: AccountAPI,
        guardian: AccountLike = NOBODY,
        profile_uri: str = "",
    ) -> Brand:
        """Register a brand with `sender` as its admin; it can act once the alliance admits it.

        `label` tells one founder's brands apart; it is hashed, not stored. `guardian` may bring the brand
        back when the admin's key is lost. `profile_uri` is where it describes itself.
        """
        arguments = (salt_of(label), address_of(guardian), profile_uri)
        calls.transact(sender, self._alliance.brand_registry, "register", *arguments)
        return self.of(sender, label)


class Brand:
    """One brand. Its acts take `sender`, who must be entitled to them."""

    def __init__(self, alliance: Alliance, brand_id: bytes) -> None:
        self._alliance = alliance
        self.id = brand_id

    def __repr__(self) -> str:
        return f"<Brand {self}>"

    def __str__(self) -> str:
        return "0x" + self.id.hex()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Brand) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    # ---- what it is

    @property
    def facts(self) -> BrandFacts:
        """Everything about it now, in one read."""
        found = calls.read(self._alliance.brand_registry, "brandOf", self.id)
        return BrandFacts(
            status=Status(found.status),
            admin=found.admin,
            pending_admin=found.pendingAdmin,
            guardian=found.guardian,
            pending_guardian=found.pendingGuardian,
            guardian_change_at=found.guardianChangeAt,
            profile_uri=found.profileURI,
        )

    @property
    def status(self) -> Status:
        """Where it stands."""
        return Status(calls.read(self._alliance.brand_registry, "statusOf", self.id))

    @property
    def recovery(self) -> Recovery | None:
        """The recovery under way, if any."""
        found = calls.read(self._alliance.brand_registry, "recoveryOf", self.id)
        if found.newAdmin == NOBODY:
            return None
        return Recovery(found.newAdmin, found.readyAt, found.guardian, found.vetoed, found.confirmed)

    def roles_of(self, account: AccountLike) -> Roles:
        """What the account may do for it."""
        standing = calls.read(self._alliance.brand_registry, "standingOf", self.id, address_of(account))
        return Roles(standing.roles)

    def tokens(self) -> list[Token]:
        """The tokens made for it, oldest first."""
        return self._alliance.tokens.of(self)

    # ---- its admin

    def create_token(self, name: str, symbol: str, decimals: int = 2, *, sender: AccountAPI) -> Token:
        """Make a token, for good; it can be issued once the brand has obliged itself for it."""
        alliance = self._alliance
        registry, desk = str(alliance.obligation_registry.address), str(alliance.redemption_desk.address)
        arguments = (self.id, registry, desk, name, symbol, decimals)
        calls.transact(sender, alliance.token_factory, "createToken", *arguments)
        return alliance.tokens[alliance.tokens.foreseen(sender, self.id, name, symbol, decimals)]

    def set_profile_uri(self, uri: str, *, sender: AccountAPI) -> ReceiptAPI:
        """Change where the brand describes itself."""
        return self._act(sender, "setProfileURI", uri)

    def set_manager(self, manager: AccountLike, roles: Roles, *, sender: AccountAPI) -> ReceiptAPI:
        """Give a manager exactly these roles; none dismisses."""
        return self._act(sender, "setManager", address_of(manager), int(roles))

    def transfer_admin(self, new_admin: AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Offer the brand to a new admin, who takes over by accepting; nobody withdraws the offer."""
        return self._act(sender, "transferAdmin", address_of(new_admin))

    def set_guardian(self, guardian: AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Name another guardian, who takes office after the alliance's delay."""
        return self._act(sender, "setGuardian", address_of(guardian))

    def veto_recovery(self, *, sender: AccountAPI) -> ReceiptAPI:
        """Object to a recovery, which counts unless the alliance confirms it."""
        return self._act(sender, "vetoRecovery")

    # ---- its admin to be

    def accept_admin(self, *, sender: AccountAPI) -> ReceiptAPI:
        """Take over a brand that was offered to `sender`."""
        return self._act(sender, "acceptAdmin")

    def complete_recovery(self, *, sender: AccountAPI) -> ReceiptAPI:
        """Take over by a recovery whose delay is over."""
        return self._act(sender, "completeRecovery")

    # ---- its guardian

    def start_recovery(self, new_admin: AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Start giving the brand to a new admin."""
        return self._act(sender, "startRecovery", address_of(new_admin))

    def withdraw_recovery(self, *, sender: AccountAPI) -> ReceiptAPI:
        """Give up a recovery that is not confirmed."""
        return self._act(sender, "withdrawRecovery")

    # ---- the alliance

    def admit(self, *, sender: AccountAPI) -> ReceiptAPI:
        """Admit it."""
        return self._act(sender, "admit")

    def suspend(self, *, sender: AccountAPI) -> ReceiptAPI:
        """Suspend it: nothing new begins, every way out stays open."""
        return self._act(sender, "suspend")

    def reinstate(self, *, sender: AccountAPI) -> ReceiptAPI:
        """End a suspension."""
        return self._act(sender, "reinstate")

    def confirm_recovery(self, new_admin: AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Confirm the recovery that gives the brand to `new_admin`, which no veto then stops."""
        return self._act(sender, "confirmRecovery", address_of(new_admin))

    def withdraw_confirmation(self, *, sender: AccountAPI) -> ReceiptAPI:
        """Take the confirmation of its recovery back; a veto then counts, whenever it was given."""
        return self._act(sender, "withdrawConfirmation")

    def _act(self, sender: AccountAPI, method: str, *arguments: object) -> ReceiptAPI:
        return calls.transact(sender, self._alliance.brand_registry, method, self.id, *arguments)
