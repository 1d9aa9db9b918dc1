"""Who may do what for a brand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbolon import calls
from symbolon.brands import Roles, Status
from symbolon.calls import address_of, draft
from symbolon.fields import Fields, read_text
from symbolon.planning.kinds.brand import BrandSpec
from symbolon.planning.model import Account, Difference, Reading, Resource, Stage, World


@dataclass(frozen=True)
class Managers(Resource):
    """A brand's managers and their roles; whoever has none is dismissed."""

    brand: BrandSpec
    roles: tuple[tuple[Account, Roles], ...]
    line: int

    @property
    def subject(self) -> str:
        """What they are called in plans."""
        return f"{self.brand.label} managers"

    def compare(self, world: World) -> Iterator[Difference]:
        """Whose roles differ."""
        brand = world.brand(self.brand)
        is_there = brand.status is not Status.NONE
        for manager, wanted in self.roles:
            now = brand.roles_of(manager) if is_there else Roles.NONE
            if now == wanted:
                continue
            call = draft(brand.set_manager, manager, wanted, sender=self.brand.admin.address)
            words = f"{manager} may {wanted}" if now is Roles.NONE else f"{manager} may: {now} → {wanted}"
            act = self.create if now is Roles.NONE else self.change
            yield act(Stage.BRAND, self.brand.admin, words, call)
        if is_there:
            yield from self._drift(world)

    def _drift(self, world: World) -> Iterator[Difference]:
        brand, alliance = world.brand(self.brand), world.alliance
        known = {account.address for account, _ in self.roles} | {brand.facts.admin}
        logs = calls.events(alliance.brand_registry, alliance.start_block, "ManagerSet", about=brand.id)
        for manager in dict.fromkeys(address_of(log.event_arguments["manager"]) for log in logs):
            if manager not in known and (roles := brand.roles_of(manager)):
                yield self.drift(f"{manager} may {roles}: write it down, with `none` to dismiss it")


def read_managers(brand: BrandSpec, fields: Fields, reading: Reading) -> list[Resource]:
    """The managers of a brand."""
    inner = fields.get("managers", lambda node: Fields(node, "managers", reading.problems), None)
    if inner is None:
        return []
    found: list[tuple[Account, Roles]] = []
    for name, node in inner.entries():
        manager = inner.named(name, reading.named)
        roles = inner.get(name, lambda each: Roles.parse(read_text(each)), Roles.NONE)
        if manager is None:
            continue
        if brand.admin is not None and manager.address == brand.admin.address:
            inner.note(f"{name} is the brand's admin, who may do everything: leave it out", node)
        found.append((manager, roles))
    return [Managers(brand, tuple(found), inner.line)]
