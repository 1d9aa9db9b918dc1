"""What the alliance lists: settlement currencies, arbiters, and who vouches for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbolon.calls import draft
from symbolon.deployment import List
from symbolon.fields import Fields, read_sequence
from symbolon.planning.model import Account, Difference, Reading, Resource, Stage, World

_LISTS = (("currencies", List.CURRENCY), ("arbiters", List.ARBITER), ("attesters", List.ATTESTER))


@dataclass(frozen=True)
class Listed(Resource):
    """One of the alliance's lists."""

    name: str
    list: List
    accounts: tuple[Account, ...]
    admin: Account
    line: int

    @property
    def subject(self) -> str:
        """What it is called in plans."""
        return f"alliance {self.name}"

    def compare(self, world: World) -> Iterator[Difference]:
        """Who is missing on it, and who is on it besides."""
        now = world.alliance.listed(self.list)
        for account in self.accounts:
            if account.address not in now:
                facts = (self.list, account, True)
                call = draft(world.alliance.set_listed, *facts, sender=self.admin.address)
                yield self.create(Stage.LIST, self.admin, f"list {account}", call)
        wanted = {account.address for account in self.accounts}
        for address in now:
            if address not in wanted:
                yield self.drift(f"{address} is listed: write it down, or have the alliance strike it off")


def read_alliance(fields: Fields, reading: Reading) -> list[Resource]:
    """The alliance's own fields, which say also who acts for it."""
    inner = fields.get("alliance", lambda node: Fields(node, "the alliance", reading.problems), None)
    if inner is None:
        return []
    reading.alliance = admin = inner.need("admin", reading.account)
    found: list[Resource] = []
    for name, which in _LISTS:
        if name in inner:
            accounts = inner.get(
                name, lambda node: [reading.account(each) for each in read_sequence(node)], []
            )
            found.append(Listed(name, which, tuple(accounts), admin, inner.line_at(name)))
    inner.close()
    return found
