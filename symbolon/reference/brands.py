"""Who is a brand, who may act for it, and what the alliance has approved."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from symbolon.addresses import keccak
from symbolon.reference.contract import DAY, ZERO, Address, Contract, RevertError, require, require_short
from symbolon.reference.eip712 import word

if TYPE_CHECKING:
    from symbolon.reference.world import World


class Status(IntEnum):
    """Where a brand stands. SUSPENDED stops what is new, never a member's way out."""

    NONE = 0
    APPLIED = 1
    ACTIVE = 2
    SUSPENDED = 3


class List(IntEnum):
    """What the alliance lists."""

    CURRENCY = 0
    ARBITER = 1
    MODULE = 2
    OBLIGATION_REGISTRY = 3
    REDEMPTION_DESK = 4
    BONDS = 5
    ATTESTER = 6


FULFIL = 1 << 0
CAMPAIGN = 1 << 1
SETTLE = 1 << 2
MANAGER = FULFIL | CAMPAIGN | SETTLE
ADMIN = 1 << 7


class Brand(NamedTuple):
    """A brand as it is now. A guardian takes office by the clock."""

    status: Status
    admin: Address
    pending_admin: Address
    guardian: Address
    pending_guardian: Address
    guardian_change_at: int
    profile_uri: str


class Record(NamedTuple):
    """A brand as written down. `era` counts recoveries, each of which dismisses all managers."""

    status: Status = Status.NONE
    admin: Address = ZERO
    era: int = 0
    pending_admin: Address = ZERO
    guardian: Address = ZERO
    pending_guardian: Address = ZERO
    guardian_change_at: int = 0
    profile_uri: str = ""


class Recovery(NamedTuple):
    """A guardian's attempt to give a brand a new admin; all zero if there is none."""

    new_admin: Address = ZERO
    ready_at: int = 0
    guardian: Address = ZERO
    vetoed: bool = False
    confirmed: bool = False


class BrandRegistry(Contract):
    """See IBrandRegistry."""

    RECOVERY_DELAY = 7 * DAY
    CHANGE_DELAY = 14 * DAY

    def __init__(self, world: World, address: Address, alliance: Address) -> None:
        super().__init__(world, address)
        self.alliance = alliance
        self.brands: dict[bytes, Record] = {}
        self.recoveries: dict[bytes, Recovery] = {}
        self.roles: dict[tuple[bytes, int, Address], int] = {}
        self.listed: dict[tuple[int, Address], bool] = {}

    # ---- brands

    def register(self, sender: Address, salt: bytes, guardian: Address, profile_uri: str) -> bytes:
        """Apply as a brand; its id does not depend on who comes first."""
        brand_id = self.brand_id_of(sender, salt)
        require(self._record(brand_id).status == Status.NONE, "BrandRegistry_AlreadyRegistered", brand_id)
        require_short(profile_uri, "BrandRegistry_URITooLong")
        self.brands[brand_id] = Record(
            status=Status.APPLIED, admin=sender, guardian=guardian, profile_uri=profile_uri
        )
        self.emit("BrandRegistered", brand_id, sender, guardian, profile_uri)
        return brand_id

    def set_profile_uri(self, sender: Address, brand_id: bytes, profile_uri: str) -> None:
        """Change where the brand describes itself."""
        brand = self._of_admin(sender, brand_id)
        require_short(profile_uri, "BrandRegistry_URITooLong")
        self.brands[brand_id] = brand._replace(profile_uri=profile_uri)
        self.emit("ProfileURISet", brand_id, profile_uri)

    def set_manager(self, sender: Address, brand_id: bytes, manager: Address, roles: int) -> None:
        """Give a manager exactly these roles."""
        brand = self._of_admin(sender, brand_id)
        require(manager != ZERO, "BrandRegistry_InvalidAccount", manager)
        require(roles & ~MANAGER == 0, "BrandRegistry_InvalidRoles", roles)
        self.roles[brand_id, brand.era, manager] = roles
        self.emit("ManagerSet", brand_id, manager, roles)

    def transfer_admin(self, sender: Address, brand_id: bytes, new_admin: Address) -> None:
        """Offer the brand to another admin; zero withdraws the offer."""
        brand = self._of_admin(sender, brand_id)
        self.brands[brand_id] = brand._replace(pending_admin=new_admin)
        self.emit("AdminTransferStarted", brand_id, sender, new_admin)

    def accept_admin(self, sender: Address, brand_id: bytes) -> None:
        """Take over a brand that was offered."""
        brand = self._record(brand_id)
        require(sender == brand.pending_admin, "BrandRegistry_NotPendingAdmin", brand_id, sender)
        self.brands[brand_id] = brand._replace(admin=sender, pending_admin=ZERO)
        self.emit("AdminTransferred", brand_id, brand.admin, sender)

    def set_guardian(self, sender: Address, brand_id: bytes, guardian: Address) -> None:
        """Name another guardian, who takes office after the delay; the present one withdraws a change."""
        brand = self._of_admin(sender, brand_id)
        present = self._guardian(brand)
        change_at = 0 if guardian == present else self.world.now + self.CHANGE_DELAY
        self.brands[brand_id] = brand._replace(
            guardian=present,
            pending_guardian=guardian if change_at else ZERO,
            guardian_change_at=change_at,
        )
        self.emit("GuardianChangeStarted", brand_id, guardian, change_at)

    # ---- recovery

    def start_recovery(self, sender: Address, brand_id: bytes, new_admin: Address) -> None:
        """The guardian starts giving the brand to another admin, or starts over."""
        self._check_guardian(sender, brand_id)
        require(new_admin != ZERO, "BrandRegistry_InvalidAccount", new_admin)
        current = self.recovery_of(brand_id)
        require(
            not current.confirmed or sender == current.guardian, "BrandRegistry_RecoveryConfirmed", brand_id
        )
        ready_at = self.world.now + self.RECOVERY_DELAY
        self.recoveries[brand_id] = Recovery(new_admin, ready_at, guardian=sender)
        self.emit("RecoveryStarted", brand_id, sender, new_admin, ready_at)

    def veto_recovery(self, sender: Address, brand_id: bytes) -> None:
        """The sitting admin objects, which counts unless the alliance confirms."""
        self._of_admin(sender, brand_id)
        self.recoveries[brand_id] = self._recovery_under_way(brand_id)._replace(vetoed=True)
        self.emit("RecoveryVetoed", brand_id, sender)

    def confirm_recovery(self, sender: Address, brand_id: bytes, new_admin: Address) -> None:
        """The alliance confirms, which no veto stops."""
        self._check_alliance(sender)
        recovery = self._open_recovery(brand_id)
        require(recovery.new_admin == new_admin, "BrandRegistry_InvalidAccount", new_admin)
        self.recoveries[brand_id] = recovery._replace(confirmed=True)
        self.emit("RecoveryConfirmed", brand_id)

    def withdraw_confirmation(self, sender: Address, brand_id: bytes) -> None:
        """The alliance takes its confirmation back: all is as if it had never confirmed."""
        self._check_alliance(sender)
        recovery = self._recovery_under_way(brand_id)
        require(recovery.confirmed, "BrandRegistry_RecoveryNotConfirmed", brand_id)
        self.recoveries[brand_id] = recovery._replace(confirmed=False)
        self.emit("RecoveryConfirmationWithdrawn", brand_id)

    def withdraw_recovery(self, sender: Address, brand_id: bytes) -> None:
        """The guardian gives up what is not confirmed."""
        self._check_guardian(sender, brand_id)
        self._open_recovery(brand_id)
        del self.recoveries[brand_id]
        self.emit("RecoveryWithdrawn", brand_id)

    def complete_recovery(self, sender: Address, brand_id: bytes) -> None:
        """The new admin takes over, and the guardian who started it stays."""
        recovery = self._recovery_under_way(brand_id)
        require(sender == recovery.new_admin, "BrandRegistry_NotPendingAdmin", brand_id, sender)
        require(not recovery.vetoed or recovery.confirmed, "BrandRegistry_RecoveryVetoed", brand_id)
        require(
            self.world.now >= recovery.ready_at,
            "BrandRegistry_RecoveryNotReady",
            brand_id,
            recovery.ready_at,
        )
        brand = self._record(brand_id)
        self.brands[brand_id] = brand._replace(
            admin=sender,
            era=brand.era + 1,
            pending_admin=ZERO,
            guardian=recovery.guardian,
            pending_guardian=ZERO,
            guardian_change_at=0,
        )
        del self.recoveries[brand_id]
        self.emit("RecoveryCompleted", brand_id, brand.admin, sender)

    # ---- alliance

    def admit(self, sender: Address, brand_id: bytes) -> None:
        """Let a brand that applied begin."""
        self._move(sender, brand_id, Status.APPLIED, Status.ACTIVE)
        self.emit("BrandAdmitted", brand_id)

    def suspend(self, sender: Address, brand_id: bytes) -> None:
        """Stop what is new."""
        self._move(sender, brand_id, Status.ACTIVE, Status.SUSPENDED)
        self.emit("BrandSuspended", brand_id)

    def reinstate(self, sender: Address, brand_id: bytes) -> None:
        """End a suspension."""
        self._move(sender, brand_id, Status.SUSPENDED, Status.ACTIVE)
        self.emit("BrandReinstated", brand_id)

    def set_listed(self, sender: Address, kind: int, account: Address, listed: bool) -> None:
        """Put an account on a list, or take it off."""
        self._check_alliance(sender)
        require(account != ZERO, "BrandRegistry_InvalidAccount", account)
        self.listed[kind, account] = listed
        self.emit("Listed", kind, account, listed)

    def set_authority(self, sender: Address, _authority: Address) -> None:
        """Put another access manager in charge: only the present one itself can, and it is not modelled."""
        raise RevertError("AccessManagedUnauthorized", sender)

    # ---- views

    def brand_id_of(self, founder: Address, salt: bytes) -> bytes:
        """The id of a founder's brand."""
        return keccak(word(founder) + salt)

    def brand_of(self, brand_id: bytes) -> Brand:
        """A brand as it is now."""
        brand = self._record(brand_id)
        changing = self.world.now < brand.guardian_change_at
        return Brand(
            status=brand.status,
            admin=brand.admin,
            pending_admin=brand.pending_admin,
            guardian=self._guardian(brand),
            pending_guardian=brand.pending_guardian if changing else ZERO,
            guardian_change_at=brand.guardian_change_at if changing else 0,
            profile_uri=brand.profile_uri,
        )

    def recovery_of(self, brand_id: bytes) -> Recovery:
        """The recovery under way."""
        return self.recoveries.get(brand_id, Recovery())

    def status_of(self, brand_id: bytes) -> Status:
        """Where a brand stands."""
        return self._record(brand_id).status

    def profile_uri_of(self, brand_id: bytes) -> str:
        """Where a brand describes itself."""
        return self._record(brand_id).profile_uri

    def standing_of(self, brand_id: bytes, account: Address) -> tuple[Status, int]:
        """Where a brand stands and what `account` may do for it."""
        brand = self._record(brand_id)
        if account == brand.admin and account != ZERO:
            return brand.status, ADMIN | MANAGER
        return brand.status, self.roles.get((brand_id, brand.era, account), 0)

    def is_brand_account(self, brand_id: bytes, account: Address) -> bool:
        """Whether `account` acts for the brand in any way."""
        if account == ZERO:
            return False
        _, roles = self.standing_of(brand_id, account)
        return roles != 0 or account == self._guardian(self._record(brand_id))

    def is_listed(self, kind: int, account: Address) -> bool:
        """Whether the alliance lists `account`."""
        return self.listed.get((kind, account), False)

    # ---- internals

    def _record(self, brand_id: bytes) -> Record:
        return self.brands.get(brand_id, Record())

    def _of_admin(self, sender: Address, brand_id: bytes) -> Record:
        brand = self._record(brand_id)
        require(sender == brand.admin, "BrandRegistry_NotAdmin", brand_id, sender)
        return brand

    def _guardian(self, brand: Record) -> Address:
        changed = brand.guardian_change_at != 0 and self.world.now >= brand.guardian_change_at
        return brand.pending_guardian if changed else brand.guardian

    def _check_guardian(self, sender: Address, brand_id: bytes) -> None:
        guardian = self._guardian(self._record(brand_id))
        require(sender == guardian, "BrandRegistry_NotGuardian", brand_id, sender)

    def _check_alliance(self, sender: Address) -> None:
        require(sender == self.alliance, "AccessManagedUnauthorized", sender)

    def _recovery_under_way(self, brand_id: bytes) -> Recovery:
        recovery = self.recovery_of(brand_id)
        require(recovery.new_admin != ZERO, "BrandRegistry_NoRecovery", brand_id)
        return recovery

    def _open_recovery(self, brand_id: bytes) -> Recovery:
        recovery = self._recovery_under_way(brand_id)
        require(not recovery.confirmed, "BrandRegistry_RecoveryConfirmed", brand_id)
        return recovery

    def _move(self, sender: Address, brand_id: bytes, start: Status, end: Status) -> None:
        self._check_alliance(sender)
        brand = self._record(brand_id)
        require(brand.status == start, "BrandRegistry_WrongStatus", brand_id, brand.status)
        self.brands[brand_id] = brand._replace(status=end)


class Gated(Contract):
    """A contract that brands act on; lets through only those who act for one."""

    def check_role(self, brand_id: bytes, account: Address, role: int) -> Status:
        """Refuse unless `account` holds the role; where the brand stands."""
        status, roles = self.world.brands.standing_of(brand_id, account)
        require(roles & role != 0, "BrandGate_NotAuthorized", brand_id, account, role)
        return status

    def check_admin(self, brand_id: bytes, account: Address) -> None:
        """For what must always be possible."""
        self.check_role(brand_id, account, ADMIN)

    def check_active_admin(self, brand_id: bytes, account: Address) -> None:
        """For what is new."""
        self.check_active(brand_id, self.check_role(brand_id, account, ADMIN))

    def check_active(self, brand_id: bytes, status: Status) -> None:
        """Refuse unless the brand is active."""
        require(status == Status.ACTIVE, "BrandGate_NotActive", brand_id, status)
