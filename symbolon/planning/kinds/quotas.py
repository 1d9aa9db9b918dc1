"""What accounts may mint of a token: how much was granted to each in all; minting makes no difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from symbolon import calls
from symbolon.calls import address_of, draft
from symbolon.fields import Fields, read_text
from symbolon.planning.kinds.token import TokenSpec
from symbolon.planning.model import Account, Difference, Reading, Resource, Stage, World
from symbolon.units import parse_amount


@dataclass(frozen=True)
class Quotas(Resource):
    """Who was granted how much of a token, ever, less what was taken back; in base units."""

    token: TokenSpec
    granted: tuple[tuple[Account, int], ...]
    line: int

    @property
    def subject(self) -> str:
        """What they are called in plans."""
        return f"{self.token.brand.label} quotas"

    def compare(self, world: World) -> Iterator[Difference]:
        """Who should be granted more, or have some taken back."""
        token, is_there = world.token(self.token)
        admin = self.token.admin
        so_far = self._granted_so_far(world) if is_there else Counter[str]()
        for minter, wanted in self.granted:
            now = so_far.pop(minter.address, 0)
            words = f"{minter} may mint {self.token.text(wanted)} in all"
            if now < wanted:
                call = draft(token.grant_quota, minter, wanted - now, sender=admin.address)
                act = self.change if now else self.create
                before = f", {self.token.text(wanted - now)} more than before" if now else ""
                yield act(Stage.BRAND, admin, words + before, call)
            elif now > wanted:
                unspent = token.quota_of(minter)
                taken = min(now - wanted, unspent)
                if taken:
                    call = draft(token.revoke_quota, minter, taken, sender=admin.address)
                    yield self.change(
                        Stage.BRAND, admin, f"take {self.token.text(taken)} back from {minter}", call
                    )
                if taken < now - wanted:
                    yield self.fixed(
                        f"{minter} was granted {self.token.text(now)} in all, of which only "
                        f"{self.token.text(unspent)} are not minted: what was minted stays, write "
                        f"{self.token.text(now - taken)}"
                    )
        for address, _ in so_far.items():
            if (unspent := token.quota_of(address)) and not token.is_module(address):
                yield self.drift(
                    f"{address} may mint {self.token.text(unspent)}: write it down; 0 takes it back"
                )

    def _granted_so_far(self, world: World) -> Counter[str]:
        token, _ = world.token(self.token)
        found: Counter[str] = Counter()
        start = world.alliance.start_block
        for log in calls.events(token.contract, start, "QuotaGranted", "QuotaRevoked"):
            sign = 1 if log.event_name == "QuotaGranted" else -1
            found[address_of(log.event_arguments["minter"])] += sign * int(log.event_arguments["amount"])
        return found


def read_quotas(token: TokenSpec, fields: Fields, reading: Reading) -> list[Resource]:
    """The quotas of a token."""
    inner = fields.get("quotas", lambda node: Fields(node, "quotas", reading.problems), None)
    if inner is None:
        return []
    found: list[tuple[Account, int]] = []
    for name, _ in inner.entries():
        minter = inner.named(name, reading.named)
        amount = inner.get(
            name, lambda node: parse_amount(read_text(node), token.decimals, allow_zero=True), 0
        )
        if minter is not None:
            found.append((minter, amount))
    return [Quotas(token, tuple(found), inner.line)]
