"""A brand: registered by its admin, admitted by the alliance, with a guardian and a profile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbolon.brands import NOBODY, Status
from symbolon.calls import draft
from symbolon.fields import Fields, read_text
from symbolon.planning.model import Account, Difference, Reading, Resource, Stage, World
from symbolon.reverts import moment


@dataclass(frozen=True)
class BrandSpec(Resource):
    """A brand as a file describes it.

    Attributes:
        label: under which it was registered.
        admin: who decides for it.
        founder: who registered it.
        guardian: who may bring it back; an address, nobody is zero.
        profile_uri: where it describes itself.
        campaigner: who signs its offers and deals.
        alliance: who admits it, if the file says it.
    """

    label: str
    admin: Account
    founder: Account
    guardian: str
    profile_uri: str
    campaigner: Account
    alliance: Account | None
    line: int

    @property
    def subject(self) -> str:
        """What it is called in plans."""
        return self.label

    def compare(self, world: World) -> Iterator[Difference]:
        """Whether it is registered and admitted, and what its admin sets."""
        brand = world.brand(self)
        facts = brand.facts
        if facts.status is Status.NONE:
            call = draft(
                world.alliance.brands.register,
                self.label,
                guardian=self.guardian,
                profile_uri=self.profile_uri,
                sender=self.founder.address,
            )
            guard = "no guardian" if self.guardian == NOBODY else f"guardian {self.guardian}"
            yield self.create(Stage.REGISTER, self.founder, f"register the brand, with {guard}", call)
        else:
            if facts.admin != self.admin.address:
                yield self.fixed(
                    f"its admin is {facts.admin}, not {self.admin}: correct the file, or hand the brand over "
                    "with `ape run brand hand-over`"
                )
            if facts.guardian != self.guardian:
                if facts.guardian_change_at and facts.pending_guardian == self.guardian:
                    yield self.waits(f"the guardian takes office at {moment(facts.guardian_change_at)}")
                else:
                    call = draft(brand.set_guardian, self.guardian, sender=self.admin.address)
                    words = f"name guardian {self.guardian}, who takes office after the alliance's delay"
                    yield self.change(Stage.BRAND, self.admin, words, call)
            if facts.profile_uri != self.profile_uri:
                call = draft(brand.set_profile_uri, self.profile_uri, sender=self.admin.address)
                words = f"profile: {facts.profile_uri or 'none'} → {self.profile_uri or 'none'}"
                yield self.change(Stage.BRAND, self.admin, words, call)
        if facts.status in (Status.NONE, Status.APPLIED):
            if self.alliance is None:
                yield self.waits("the alliance has to admit it; name its admin under `alliance` to plan that")
            else:
                call = draft(brand.admit, sender=self.alliance.address)
                yield self.create(Stage.ADMIT, self.alliance, "admit the brand", call)
        elif facts.status is Status.SUSPENDED:
            yield self.fixed("it is suspended: ask the alliance to reinstate it")


def read_brand(label: str, fields: Fields, reading: Reading) -> BrandSpec:
    """A brand's own fields."""
    admin = fields.need("admin", reading.account)
    return BrandSpec(
        label=label,
        admin=admin,
        founder=fields.get("founder", reading.account, admin),
        guardian=fields.get("guardian", reading.address, NOBODY),
        profile_uri=fields.get("profile", read_text, ""),
        campaigner=fields.get("campaigner", reading.account, admin),
        alliance=reading.alliance,
        line=fields.line,
    )
