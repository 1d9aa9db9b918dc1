"""Rules: who is a brand and who may act for it."""

from __future__ import annotations

from stateful.dice import Dice, play
from stateful.machine import EVERYBODY, Machine
from stateful.stage import (
    ADMINS,
    ALLIANCE,
    FOUNDERS,
    GUARDIANS,
    MAILBOX,
    MANAGERS,
    OTHER_DESK,
    REGISTRAR,
)
from symbolon.reference import Address
from symbolon.reference.brands import List, Record, Status
from symbolon.reference.contract import ZERO

MANAGERS_OF = {admin.address: manager for admin, manager in zip(ADMINS, MANAGERS, strict=True)}


class BrandRules(Machine):
    """Registering, managing, recovering, and what the alliance does."""

    def set_scene(self) -> None:
        super().set_scene()
        brands, alliance = self.world.brands, ALLIANCE.address
        listed = [(List.CURRENCY, each.address) for each in self.at.currencies]
        listed += [(List.MODULE, each.address) for each in (*self.at.modules, *self.at.bad_modules)]
        listed += [(List.MODULE, MAILBOX.address)]
        listed += [(List.OBLIGATION_REGISTRY, self.world.obligations.address)]
        listed += [(List.OBLIGATION_REGISTRY, REGISTRAR.address)]
        listed += [
            (List.REDEMPTION_DESK, self.world.desk.address),
            (List.REDEMPTION_DESK, OTHER_DESK.address),
        ]
        for kind, account in listed:
            self.do(alliance, brands, "set_listed", kind, account, True)
        for admin, manager in zip(ADMINS, MANAGERS, strict=True):
            salt, guardian = bytes(32), GUARDIANS[0].address
            made = self.do(admin.address, brands, "register", salt, guardian, f"ipfs://{admin.name}")
            self.do(alliance, brands, "admit", made.result)
            self.do(admin.address, brands, "set_manager", made.result, manager.address, 7)

    # ---- choices

    def a_brand(self, dice: Dice) -> tuple[bytes, Record]:
        brand_id = dice.pick(list(self.world.brands.brands))
        if dice.rarely():
            return dice.word(), Record()
        return brand_id, self.world.brands.brands[brand_id]

    def somebody(self, dice: Dice, rightful: Address) -> Address:
        """Mostly who may; sometimes anybody."""
        return rightful if self.can_act(rightful) and not dice.seldom() else dice.pick(EVERYBODY)

    def a_uri(self, dice: Dice) -> str:
        """Of letters that are two bytes long; rarely as long as may be, or a byte longer."""
        return "u" * (512 + dice.roll(2)) if dice.rarely() else "ipfs://" + "é" * dice.roll(40)

    def brand_with(self, dice: Dice, *statuses: Status) -> tuple[bytes, Record]:
        """A brand of that status where there is one; sometimes any."""
        fitting = [each for each in self.world.brands.brands.items() if each[1].status in statuses]
        return dice.pick(fitting) if fitting and not dice.seldom() else self.a_brand(dice)

    def guardian_of(self, brand_id: bytes) -> Address:
        return self.world.brands.brand_of(brand_id).guardian

    # ---- brands

    @play
    def register(self, dice: Dice) -> None:
        founder = dice.pick(FOUNDERS).address
        salt = dice.roll(2).to_bytes(32)
        guardian = dice.pick([ZERO, *(each.address for each in GUARDIANS)])
        self.do(founder, self.world.brands, "register", salt, guardian, self.a_uri(dice))

    @play
    def set_profile_uri(self, dice: Dice) -> None:
        brand_id, brand = self.a_brand(dice)
        uri = self.a_uri(dice)
        self.do(self.somebody(dice, brand.admin), self.world.brands, "set_profile_uri", brand_id, uri)

    @play
    def set_manager(self, dice: Dice) -> None:
        brand_id, brand = self.a_brand(dice)
        manager = dice.pick([*(each.address for each in MANAGERS), *EVERYBODY, ZERO])
        roles = dice.pick([7, 1, 2, 3, 4, 0, 8, 128])
        sender = self.somebody(dice, brand.admin)
        self.do(sender, self.world.brands, "set_manager", brand_id, manager, roles)

    @play
    def transfer_admin(self, dice: Dice) -> None:
        brand_id, brand = self.a_brand(dice)
        new_admin = dice.pick([*(each.address for each in (*ADMINS, *FOUNDERS)), ZERO])
        sender = self.somebody(dice, brand.admin)
        self.do(sender, self.world.brands, "transfer_admin", brand_id, new_admin)

    @play
    def accept_admin(self, dice: Dice) -> None:
        offered = [each for each, brand in self.world.brands.brands.items() if brand.pending_admin != ZERO]
        if not offered and not dice.seldom():
            self.transfer_admin(dice)
            return
        brand_id = dice.pick(offered) if offered else self.a_brand(dice)[0]
        pending = self.world.brands.brand_of(brand_id).pending_admin
        self.do(self.somebody(dice, pending), self.world.brands, "accept_admin", brand_id)

    @play
    def set_guardian(self, dice: Dice) -> None:
        brand_id, brand = self.a_brand(dice)
        guardian = dice.pick([*(each.address for each in GUARDIANS), self.guardian_of(brand_id), ZERO])
        sender = self.somebody(dice, brand.admin)
        self.do(sender, self.world.brands, "set_guardian", brand_id, guardian)

    # ---- recovery

    @play
    def start_recovery(self, dice: Dice) -> None:
        """By the guardian; around the second at which another takes office, by either."""
        brand_id, brand = self.a_brand(dice)
        new_admin = ZERO if dice.rarely() else dice.pick([*ADMINS, *FOUNDERS]).address
        guardian = self.guardian_of(brand_id)
        if brand.admin != ZERO and not brand.guardian_change_at and dice.seldom():
            successor = next(each.address for each in GUARDIANS if each.address != guardian)
            self.do(brand.admin, self.world.brands, "set_guardian", brand_id, successor)
            brand = self.world.brands.brands[brand_id]
        if self.world.now < brand.guardian_change_at and dice.roll(4):
            self.set_time(max(self.world.now, brand.guardian_change_at - dice.roll(2)))
            guardian = (brand.guardian, brand.pending_guardian)[dice.roll(2)]
        sender = self.somebody(dice, guardian)
        self.do(sender, self.world.brands, "start_recovery", brand_id, new_admin)

    def recovering(self, dice: Dice, *, confirmed: bool | None = False) -> bytes:
        """A brand with a recovery under way that is confirmed or not (None: either); else one is started."""
        if dice.seldom():
            return self.a_brand(dice)[0]
        found = self.world.brands.recoveries.items()
        fitting = [each for each, recovery in found if confirmed in (None, recovery.confirmed)]
        if not fitting:
            self.start_recovery(dice)
        return dice.pick(fitting or list(self.world.brands.recoveries) or list(self.world.brands.brands))

    @play
    def veto_recovery(self, dice: Dice) -> None:
        brand_id = self.recovering(dice, confirmed=None)
        admin = self.world.brands.brand_of(brand_id).admin
        self.do(self.somebody(dice, admin), self.world.brands, "veto_recovery", brand_id)

    @play
    def confirm_recovery(self, dice: Dice) -> None:
        brand_id = self.recovering(dice)
        new_admin = self.world.brands.recovery_of(brand_id).new_admin
        meant = dice.pick(ADMINS).address if dice.seldom() else new_admin
        sender = self.somebody(dice, ALLIANCE.address)
        self.do(sender, self.world.brands, "confirm_recovery", brand_id, meant)

    @play
    def withdraw_confirmation(self, dice: Dice) -> None:
        brand_id = self.recovering(dice, confirmed=True)
        recovery = self.world.brands.recovery_of(brand_id)
        if not recovery.confirmed and recovery.new_admin != ZERO and not dice.seldom():
            self.do(ALLIANCE.address, self.world.brands, "confirm_recovery", brand_id, recovery.new_admin)
        sender = self.somebody(dice, ALLIANCE.address)
        self.do(sender, self.world.brands, "withdraw_confirmation", brand_id)

    @play
    def withdraw_recovery(self, dice: Dice) -> None:
        brand_id = self.recovering(dice)
        sender = self.somebody(dice, self.guardian_of(brand_id))
        self.do(sender, self.world.brands, "withdraw_recovery", brand_id)

    @play
    def complete_recovery(self, dice: Dice) -> None:
        brand_id = self.recovering(dice, confirmed=None)
        recovery = self.world.brands.recovery_of(brand_id)
        if dice.roll(2) == 0 and self.world.now < recovery.ready_at:
            self.set_time(recovery.ready_at)  # nearly nothing else takes it so far
        sender = self.somebody(dice, recovery.new_admin)
        self.do(sender, self.world.brands, "complete_recovery", brand_id)

    # ---- alliance

    @play
    def admit(self, dice: Dice) -> None:
        if not any(brand.status == Status.APPLIED for brand in self.world.brands.brands.values()):
            self.register(dice)
        brand_id, _ = self.brand_with(dice, Status.APPLIED)
        self.do(self.somebody(dice, ALLIANCE.address), self.world.brands, "admit", brand_id)

    @play
    def suspend(self, dice: Dice) -> None:
        if self.suspended() and not dice.seldom():
            return
        brand_id, _ = self.brand_with(dice, Status.ACTIVE)
        self.do(self.somebody(dice, ALLIANCE.address), self.world.brands, "suspend", brand_id)

    def suspended(self) -> list[bytes]:
        brands = self.world.brands.brands.items()
        return [each for each, brand in brands if brand.status == Status.SUSPENDED]

    @play
    def reinstate(self, dice: Dice) -> None:
        if not self.suspended() and not dice.seldom():
            return
        brand_id, _ = self.brand_with(dice, Status.SUSPENDED)
        self.do(self.somebody(dice, ALLIANCE.address), self.world.brands, "reinstate", brand_id)

    @play
    def set_listed(self, dice: Dice) -> None:
        """Take something off a list, put it back, or put something new on it."""
        off = [each for each, listed in self.world.brands.listed.items() if not listed]
        kind, account = dice.pick(off or list(self.world.brands.listed))
        if dice.seldom():
            kind, account = dice.pick(list(List)), dice.pick([ZERO, self.world.desk.address, *EVERYBODY])
        listed = bool(off) or dice.roll(2) == 0
        sender = self.somebody(dice, ALLIANCE.address)
        self.do(sender, self.world.brands, "set_listed", int(kind), account, listed)
