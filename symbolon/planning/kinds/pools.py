"""Pools: made and bounded by a steward, joined by brands, which lay something down for what they may owe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from symbolon import calls
from symbolon.calls import draft
from symbolon.codes import label_bytes
from symbolon.fields import DAY, Fields, read_span, read_text, whole
from symbolon.planning.kinds.token import TokenSpec
from symbolon.planning.model import Account, Difference, Money, Reading, Resource, Stage, World
from symbolon.pools import NO_COVER_NEEDED, Bounds, Membership, Pool, Rules, parts_per_million, percent
from symbolon.reverts import moment
from symbolon.units import format_amount, parse_amount

_NONE = "none"


@dataclass(frozen=True)
class MemberSpec:
    """A token in a pool: what the pool accepts of it, and what its brand lays down, in base units."""

    token: TokenSpec
    bounds: Bounds
    bond: int
    line: int


@dataclass(frozen=True)
class PoolSpec(Resource):
    """A pool as a file describes it."""

    name: str
    steward: Account
    money: Money
    rules: Rules
    members: tuple[MemberSpec, ...]
    line: int

    @property
    def subject(self) -> str:
        """What it is called in plans."""
        return f"pool {self.name}"

    def compare(self, world: World) -> Iterator[Difference]:
        """Whether it is there, and who is in it on which bounds."""
        pools = world.alliance.pools
        pool_id, found = self._find(world)
        if found is None:
            call = draft(pools.create, self.name, self.rules, sender=self.steward.address)
            days = f"{self.rules.period_length / DAY:g} and {self.rules.payment_time / DAY:g} days"
            yield self.create(
                Stage.POOL, self.steward, f"make the pool, settled in {self.money.symbol}, {days}", call
            )
        else:
            if found.rules != self.rules:
                yield self.fixed(
                    "its rules are others, and never change: correct the file, or use another name"
                )
            if found.steward != self.steward.address:
                yield self.fixed(f"its steward is {found.steward}, not {self.steward}: correct the file")
        is_empty = found is None or not found.members
        for member in self.members:
            _, is_there = world.token(member.token)
            now = pools.membership(pool_id, world.token(member.token)[0]) if found and is_there else None
            yield from self._compare_member(world, pool_id, member, now, is_empty=is_empty)
            is_empty = False
        if found is not None:
            known = {world.token(member.token)[0].address for member in self.members}
            for other in found.members:
                if other.token not in known:
                    yield self.drift(f"{other.symbol} is in it: write it down, or have its brand leave")

    def _find(self, world: World) -> tuple[bytes, Pool | None]:
        pools = world.alliance.pools
        salt = label_bytes(self.name)
        pool_id = bytes(calls.read(pools.contract, "poolIdOf", self.steward.address, salt))
        names = pools.names()
        if pool_id not in names:
            for other in (each for each, name in names.items() if name == self.name):
                if (pool := pools.look(other)).steward == self.steward.address:
                    return other, pool
            return pool_id, None
        return pool_id, pools.look(pool_id)

    def _compare_member(
        self, world: World, pool_id: bytes, member: MemberSpec, now: Membership | None, *, is_empty: bool
    ) -> Iterator[Difference]:
        pools, spec = world.alliance.pools, member.token
        token, _ = world.token(spec)
        announced = now.pending if now else None
        is_due = now is not None and announced == member.bounds and world.now >= now.change_at
        terms = f"{spec.symbol}: {self._in_words(member)}"
        if now and now.joined:
            if now.bounds != member.bounds:
                yield from self._compare_bounds(world, pool_id, member, now, is_due=is_due)
            laid_down = world.alliance.settlements.bond_of(pool_id, token.address)
        else:
            laid_down = 0
            if announced != member.bounds:
                call = draft(pools.announce, pool_id, token, member.bounds, sender=self.steward.address)
                yield self.create(Stage.POOL, self.steward, f"announce {terms}", call)
            if not (is_empty or is_due):
                when = (
                    f"from {moment(now.change_at)} on"
                    if now and announced == member.bounds
                    else "after notice"
                )
                yield self.waits(f"{spec.symbol} can join {when}: apply again then")
                return
            call = draft(pools.join, pool_id, token, sender=spec.admin.address)
            yield self.create(Stage.JOIN, spec.admin, f"{spec.symbol} joins", call)
        if laid_down < member.bond:
            facts = (token, pool_id, member.bond - laid_down)
            call = draft(world.alliance.bonds.allot_to_pool, *facts, sender=spec.admin.address)
            words = f"{spec.symbol}: {spec.worth(laid_down)} → {spec.worth(member.bond)} answer for its debts"
            yield (self.change if laid_down else self.create)(Stage.JOIN, spec.admin, words, call)

    def _compare_bounds(
        self, world: World, pool_id: bytes, member: MemberSpec, now: Membership, *, is_due: bool
    ) -> Iterator[Difference]:
        pools, spec, wanted = world.alliance.pools, member.token, member.bounds
        token, _ = world.token(spec)
        terms = f"{spec.symbol}: {self._in_words(member)}"
        if is_due:
            call = draft(pools.apply, pool_id, token, sender=self.steward.address)
            yield self.change(Stage.POOL, self.steward, f"{terms}, as announced", call)
        elif now.pending == wanted:
            yield self.waits(f"{terms} is announced: apply again from {moment(now.change_at)} on")
        elif _is_lower(wanted, now.bounds):
            caps = {
                "limit": wanted.limit,
                "outflow_cap": wanted.outflow_cap,
                "daily_cap": wanted.daily_cap,
            }
            call = draft(pools.lower, pool_id, token, sender=self.steward.address, **caps)
            yield self.change(Stage.POOL, self.steward, f"{terms}, at once", call)
        else:
            call = draft(pools.announce, pool_id, token, wanted, sender=self.steward.address)
            yield self.change(Stage.POOL, self.steward, f"announce {terms}; apply again after notice", call)

    def _in_words(self, member: MemberSpec) -> str:
        spec, bounds = member.token, member.bounds
        out = format_amount(bounds.outflow_cap, spec.decimals)
        daily = f", {spec.text(bounds.daily_cap)} a day" if bounds.daily_cap else ""
        most = f"at most {spec.text(bounds.limit)} in and {out} out{daily}"
        fee = f"fee {percent(bounds.base_fee)} to {percent(bounds.base_fee + bounds.fee_slope)}"
        return f"{most}, {fee}"


def _is_lower(wanted: Bounds, now: Bounds) -> bool:
    """Whether bounds can be put into force at once."""
    daily = wanted.daily_cap == now.daily_cap or (
        wanted.daily_cap != 0 and (now.daily_cap == 0 or wanted.daily_cap < now.daily_cap)
    )
    return (
        daily
        and wanted.limit <= now.limit
        and wanted.outflow_cap <= now.outflow_cap
        and (wanted.base_fee, wanted.fee_slope) == (now.base_fee, now.fee_slope)
    )


def read_pools(fields: Fields, reading: Reading) -> list[Resource]:
    """The pools of a file."""
    inner = fields.get("pools", lambda node: Fields(node, "pools", reading.problems), None)
    if inner is None:
        return []
    found: list[Resource] = []
    for name, node in inner.entries():
        inner.named(name, label_bytes)
        if (pool := _read_pool(name, Fields(node, f"pool {name}", reading.problems), reading)) is not None:
            found.append(pool)
    return found


def _read_pool(name: str, fields: Fields, reading: Reading) -> PoolSpec | None:
    steward = fields.need("steward", reading.account)
    money = reading.currency(fields)
    period = fields.get("period", read_span, 30 * DAY)
    payment = fields.get("payment", read_span, 14 * DAY)
    leverage = fields.get("leverage", whole(NO_COVER_NEEDED, 1000), NO_COVER_NEEDED)
    inner = fields.get("members", lambda node: Fields(node, "members", reading.problems), None)
    members = []
    for symbol, node in inner.entries() if inner else ():
        spec = reading.tokens.get(symbol)
        if symbol not in reading.tokens:
            fields.note(f"{symbol} is no token that this file describes: write it under its brand", node)
        elif spec is not None:
            members.append(_read_member(spec, Fields(node, f"member {symbol}", reading.problems)))
    fields.close()
    if money is None or not fields.is_sound:
        return None
    rules = Rules(money.address, period, payment, leverage)
    return PoolSpec(name, steward, money, rules, tuple(members), fields.line)


def _read_member(spec: TokenSpec, fields: Fields) -> MemberSpec:
    def tokens(node: yaml.Node) -> int:
        return parse_amount(read_text(node), spec.decimals, allow_zero=True)

    def cap(node: yaml.Node) -> int:
        return 0 if read_text(node) == _NONE else tokens(node)

    def fee(node: yaml.Node) -> int:
        return parts_per_million(read_text(node))

    bounds = Bounds(
        limit=fields.need("limit", tokens),
        outflow_cap=fields.need("provide", tokens),
        daily_cap=fields.get("daily", cap, 0),
        base_fee=fields.get("fee", fee, 0),
        fee_slope=fields.get("slope", fee, 0),
    )
    bond = fields.get("bond", lambda node: parse_amount(read_text(node), spec.money.decimals), 0)
    fields.close()
    return MemberSpec(spec, bounds, bond, fields.line)
