"""A brand's token and what the brand owes for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from symbolon.calls import draft
from symbolon.fields import (
    DAY,
    Fields,
    name_of_bytes,
    read_basis_points,
    read_span,
    read_text,
    whole,
)
from symbolon.obligations import SHORTEST_NOTICE, Obligation, Terms
from symbolon.planning.kinds.brand import BrandSpec
from symbolon.planning.model import (
    Account,
    Difference,
    Money,
    Note,
    Reading,
    Resource,
    Stage,
    World,
    in_words,
)
from symbolon.prices import Units
from symbolon.reverts import moment
from symbolon.tokens import Token
from symbolon.units import parse_amount


@dataclass(frozen=True)
class TokenSpec(Resource):
    """A token and its obligation as a file describes them.

    Attributes:
        brand: whose it is.
        name, symbol, decimals, money, par_value: fixed for good; par in base units of the money.
        capacity: the most base units that may be outstanding or promised.
        terms: of the obligation.
    """

    brand: BrandSpec
    name: str
    symbol: str
    decimals: int
    money: Money
    par_value: int
    capacity: int
    terms: Terms
    line: int

    @property
    def subject(self) -> str:
        """What it is called in plans."""
        return f"{self.brand.label} token {self.symbol}"

    @property
    def admin(self) -> Account:
        """Who decides for its brand."""
        return self.brand.admin

    @property
    def units(self) -> Units:
        """What prices in it are written in."""
        return Units(self.symbol, self.decimals, self.money.symbol, self.money.decimals)

    def text(self, amount: int) -> str:
        """An amount of it for people."""
        return in_words(amount, self.decimals, self.symbol)

    def worth(self, value: int) -> str:
        """A value of its currency for people."""
        return in_words(value, self.money.decimals, self.money.symbol)

    def compare(self, world: World) -> Iterator[Difference]:
        """Whether it is there, and what its brand owes for it."""
        token, is_there = world.token(self)
        if not is_there:
            brand = world.brand(self.brand)
            facts = (self.name, self.symbol, self.decimals)
            call = draft(brand.create_token, *facts, sender=self.admin.address)
            words = f'make token {self.symbol}, "{self.name}", {self.decimals} decimals, for good'
            yield self.create(Stage.BRAND, self.admin, words, call)
        else:
            for what, now, wanted in (
                ("name", token.name, self.name),
                ("decimals", token.decimals, self.decimals),
            ):
                if now != wanted:
                    yield self._for_good(what, now, wanted)
        obligation = token.obligation if is_there else None
        if obligation is None:
            arguments = (token, self.money.address, self.par_value, self.capacity, self.terms)
            call = draft(world.alliance.obligations.oblige, *arguments, sender=self.admin.address)
            words = (
                f"owe {self.worth(self.par_value)} for each, for good; capacity {self.text(self.capacity)}, "
                f"{self._terms_in_words(self.terms)}"
            )
            yield self.create(Stage.BRAND, self.admin, words, call)
            return
        if obligation.currency != self.money.address:
            yield self._for_good("currency", obligation.currency, self.money.address)
        elif obligation.par_value != self.par_value:
            yield self._for_good("par", self.worth(obligation.par_value), self.worth(self.par_value))
        yield from self._compare_terms(world, token, obligation)
        yield from self._compare_capacity(world, token, obligation)

    def _compare_terms(self, world: World, token: Token, now: Obligation) -> Iterator[Difference]:
        if now.pending_terms is not None:
            if now.pending_terms == self.terms:
                yield self.waits(f"the new terms take effect at {moment(now.terms_change_at)}")
            else:
                yield self.fixed(
                    f"other terms are announced for {moment(now.terms_change_at)}: write those down, or "
                    f"withdraw them with `ape run brand withdraw-terms {self.symbol}`"
                )
        elif now.terms != self.terms:
            worse = (
                now.terms.hash != self.terms.hash
                or self.terms.notice_period < now.terms.notice_period
                or self.terms.bond_bps < now.terms.bond_bps
            )
            when = f"after {_days(now.terms.notice_period)} of notice" if worse else "at once"
            call = draft(world.alliance.obligations.set_terms, token, self.terms, sender=self.admin.address)
            words = f"terms: {self._terms_in_words(self.terms)}; in force {when}"
            yield self.change(Stage.BRAND, self.admin, words, call)

    def _compare_capacity(self, world: World, token: Token, now: Obligation) -> Iterator[Difference]:
        obligations, capacity = world.alliance.obligations, token.capacity
        words = f"capacity: {self.text(capacity)} → {self.text(self.capacity)}"
        announced = now.pending_capacity
        if announced == self.capacity:
            if world.now >= now.capacity_change_at:
                call = draft(obligations.apply_capacity_raise, token, sender=self.admin.address)
                yield self.change(Stage.BRAND, self.admin, f"{words}, as announced", call)
            else:
                when = moment(now.capacity_change_at)
                yield self.waits(f"{words} is announced: apply again from {when} on")
        elif capacity == self.capacity:
            if announced is not None:
                yield self.drift(
                    f"a capacity of {self.text(announced)} is announced: write it down or withdraw it"
                )
        else:
            call = draft(obligations.set_capacity, token, self.capacity, sender=self.admin.address)
            when = "at once"
            if self.capacity > capacity:
                when = f"announced; apply again after {_days(now.terms.notice_period)} of notice"
            yield self.change(Stage.BRAND, self.admin, f"{words}, {when}", call)

    def _for_good(self, what: str, now: object, wanted: object) -> Note:
        return self.fixed(f"{what} is {now} for good, not {wanted}: correct the file")

    def _terms_in_words(self, terms: Terms) -> str:
        bond = f", bond {terms.bond_bps / 100:g} %" if terms.bond_bps else ""
        return f"terms 0x{terms.hash.hex()[:8]}…, notice {_days(terms.notice_period)}{bond}"


def read_token(brand: BrandSpec, fields: Fields, reading: Reading) -> TokenSpec | None:
    """A token's own fields; None where they make no sense."""
    decimals = fields.get("decimals", whole(0, 18), 2)
    symbol = fields.need("symbol", name_of_bytes(16))
    name = fields.get("name", name_of_bytes(64), symbol)
    terms = _read_terms(fields, reading)
    money = reading.currency(fields)
    par = fields.need("par", lambda node: _amount(node, money.decimals if money else 18))
    capacity = fields.need("capacity", lambda node: _amount(node, decimals))
    if symbol in reading.tokens:
        fields.note(f"the symbol {symbol} is taken by another token in this file: choose another one")
    if not fields.is_sound or money is None:
        reading.tokens.setdefault(symbol, None)
        return None
    spec = TokenSpec(brand, name, symbol, decimals, money, par, capacity, terms, fields.line)
    reading.tokens[symbol] = spec
    return spec


def _read_terms(fields: Fields, reading: Reading) -> Terms:
    document = fields.get("terms", reading.content, None)
    text = fields.get("terms_text", read_text, None)
    if (document is None) == (text is None) and fields.is_sound:
        fields.note("the token needs either terms, a document, or terms_text")
    return Terms.of_document(
        document if document is not None else (text or "").encode(),
        notice_period=fields.get("notice", read_span, SHORTEST_NOTICE),
        uri=fields.get("terms_uri", read_text, ""),
        bond_bps=fields.get("bond_ratio", read_basis_points, 0),
    )


def _amount(node: yaml.Node, decimals: int) -> int:
    return parse_amount(read_text(node), decimals)


def _days(seconds: int) -> str:
    return f"{seconds / DAY:g} days"
