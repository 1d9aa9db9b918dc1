"""What a brand lays down for its promises: at least so much in each purse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbolon import calls
from symbolon.bonds import Purse
from symbolon.calls import draft
from symbolon.currencies import Currency
from symbolon.fields import Fields, read_text
from symbolon.planning.kinds.token import TokenSpec
from symbolon.planning.model import Account, Difference, Reading, Resource, Stage, World
from symbolon.units import parse_amount


@dataclass(frozen=True)
class Bond(Resource):
    """The least that is to be in each purse, in currency base units, and who pays what is missing."""

    token: TokenSpec
    purses: tuple[tuple[Purse, int], ...]
    payer: Account
    line: int

    @property
    def subject(self) -> str:
        """What it is called in plans."""
        return f"{self.token.brand.label} bond"

    def compare(self, world: World) -> Iterator[Difference]:
        """What is missing."""
        token, is_there = world.token(self.token)
        bonds = world.alliance.bonds
        missing: list[tuple[Purse, int, int]] = []
        for purse, least in self.purses:
            now = 0
            if is_there and token.obligation is not None:
                now = int(calls.read(bonds.contract, "purseOf", token.address, int(purse)).value)
            if now < least:
                missing.append((purse, now, least))
        total = sum(least - now for _, now, least in missing)
        if not total:
            return
        money = Currency(self.token.money.address)
        if (held := money.balance_of(self.payer)) < total:
            yield self.fixed(
                f"{self.payer} is to lay down {self.token.worth(total)} and holds {self.token.worth(held)}: "
                "send it the difference"
            )
            return
        allowed = money.allowance(self.payer, bonds.contract)
        for value in [0, total] if 0 < allowed < total else [total] if allowed < total else []:
            call = draft(money.approve, bonds.contract, value, sender=self.payer.address)
            yield self.change(
                Stage.BOND, self.payer, f"allow the bonds to take {self.token.worth(value)}", call
            )
        for purse, now, least in missing:
            call = draft(bonds.put, token, purse, least - now, sender=self.payer.address)
            words = f"{purse}: {self.token.worth(now)} → {self.token.worth(least)}"
            yield (self.change if now else self.create)(Stage.BOND, self.payer, words, call)


def read_bond(token: TokenSpec, fields: Fields, reading: Reading) -> list[Resource]:
    """The bond of a token."""
    inner = fields.get("bond", lambda node: Fields(node, "the bond", reading.problems), None)
    if inner is None:
        return []
    purses: list[tuple[Purse, int]] = []
    for purse in Purse:
        least = inner.get(
            str(purse), lambda node: parse_amount(read_text(node), token.money.decimals, allow_zero=True), 0
        )
        if least:
            purses.append((purse, least))
    payer = inner.get("payer", reading.account, token.admin)
    inner.close()
    return [Bond(token, tuple(purses), payer, inner.line)]
