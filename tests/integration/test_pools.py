"""Pools and swaps on a real chain: quotes are the chain's own, signed swaps, and a pool read as one."""
# ruff: noqa: PLC0415 (Ape takes seconds to import, which tests that need no chain are spared)

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symbolon.exceptions import NoContractError, SymbolonError
from symbolon.pools import NoPoolError, NotInPoolError
from symbolon.quotes import NoSwapError, largest
from symbolon.reverts import RefusedError

if TYPE_CHECKING:
    from town import Town

    from symbolon.anvil import Anvil

POSITIONS = 1
"""The slot of the mapping in Swaps: pool to token to position."""


class Drawn(NamedTuple):
    """A position, as its contract keeps it."""

    provided: int
    net: int
    stopped: bool
    par_value: int
    ceiling: int
    decimals: int
    base_fee: int
    fee_slope: int
    daily_cap: int

    def slots(self) -> tuple[int, int, int, int]:
        """What is written, slot by slot."""
        books = self.provided | (self.net % 2**104) << 96 | 1 << 200 | self.stopped << 208
        books |= (self.daily_cap > 0) << 224
        pricing = self.par_value | self.ceiling << 96 | self.decimals << 192
        pricing |= self.base_fee << 200 | self.fee_slope << 224
        return books, pricing, self.ceiling, self.daily_cap


@st.composite
def positions(draw: st.DrawFn) -> Drawn:
    """Anything that a pool can come to, small numbers and the largest."""
    amounts = st.integers(0, 10 ** draw(st.integers(1, 28)))
    provided, ceiling = draw(amounts), draw(amounts)
    base_fee = draw(st.integers(0, 500_000))
    return Drawn(
        provided=provided,
        net=draw(st.integers(-provided, max(ceiling, 1) * 3 // 2)),
        stopped=draw(st.integers(0, 20)) == 20,
        par_value=draw(st.integers(1, 10 ** draw(st.integers(1, 12)))),
        ceiling=ceiling,
        decimals=draw(st.integers(0, 18)),
        base_fee=base_fee,
        fee_slope=draw(st.integers(0, 500_000 - base_fee)),
        daily_cap=draw(st.one_of(st.just(0), amounts)),
    )


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(sides=st.tuples(positions(), positions()), scale=st.integers(1, 3_000), exact_out=st.booleans())
def test_quote__of_any_positions__is_the_chains_own(
    town: Town, chain: Anvil, sides: tuple[Drawn, Drawn], scale: int, exact_out: bool
) -> None:
    from symbolon import calls

    for token, position in zip(town.tokens, sides, strict=False):
        put(chain, town, token.address, position)
    brought, _ = sides
    token_in, token_out = town.tokens[:2]
    pool = town.pool
    side_in, side_out = pool.member(token_in).side, pool.member(token_out).side
    assert (side_in.net, side_in.ceiling, side_in.decimals) == (
        brought.net,
        brought.ceiling,
        brought.decimals,
    )
    whole = side_out.stock if exact_out else max(largest(side_in, side_out), 1)
    amount = max(1, whole * scale // 2_000)  # up to half more than there is
    what = (pool.id, token_in.address, token_out.address, amount)
    method = "quoteIn" if exact_out else "quoteOut"
    try:
        said: int | None = calls.read(town.alliance.swaps_contract, method, *what)
    except RefusedError:
        said = None
    given = {"amount_out" if exact_out else "amount_in": amount}
    try:
        quote = town.alliance.swaps.quote(pool, token_in, token_out, **given)
        reckoned: int | None = quote.amount_in if exact_out else quote.amount_out
    except NoSwapError:
        reckoned = None
    assert said == reckoned


def put(chain: Anvil, town: Town, token: str, position: Drawn) -> None:
    """Write a position where its contract keeps it."""
    inner = keccak(encode(["bytes32", "uint256"], [town.id, POSITIONS]))
    first = int.from_bytes(keccak(encode(["address", "bytes32"], [token, inner])))
    for place, word in enumerate(position.slots()):
        swaps = str(town.alliance.swaps_contract.address)
        chain.rpc("anvil_setStorageAt", swaps, f"0x{first + place:064x}", f"0x{word:064x}")
    chain.rpc("evm_mine")


def test_swap__signed_by_a_member_without_ether__is_made_once_and_as_signed(town: Town) -> None:
    swaps, (bake, star, _) = town.alliance.swaps, town.tokens
    member, relay = town.members[0], town.intruder
    quote = swaps.quote(town.pool, bake, star, amount_out=4)
    before = bake.balance_of(member)
    signed = swaps.sign(
        town.pool,
        bake,
        star,
        amount_in=quote.amount_in + 5,
        amount_out=4,
        exact_out=True,
        member=member,
        signer=member,
    )
    pool, token_out, amount_out, exact_out, _ = signed.request
    mine = replace(signed, request=(pool, token_out, amount_out, exact_out, str(relay.address)))
    with pytest.raises(RefusedError, match="The signature is not"):
        swaps.submit(mine, sender=relay)
    made = swaps.submit(signed, sender=relay)
    assert (made.amount_in, made.amount_out, made.to) == (quote.amount_in, 4, str(member.address))
    assert before - bake.balance_of(member) == quote.amount_in
    with pytest.raises(RefusedError, match="used or cancelled"):
        swaps.submit(signed, sender=relay)


def test_swap__worse_than_what_is_named__does_nothing(town: Town) -> None:
    swaps, (bake, star, _), member = town.alliance.swaps, town.tokens, town.members[0]
    with pytest.raises(RefusedError, match="gives 9 STAR and at least 10 STAR were asked for"):
        swaps.swap(town.pool, bake, star, amount_in=500_00, amount_out=10, sender=member)
    with pytest.raises(RefusedError, match="The swap was good until"):
        swaps.swap(town.pool, bake, star, amount_in=500_00, amount_out=9, patience=-1, sender=member)


def test_view__that_refuses__says_why_and_shows_nothing(
    town: Town, capfd: pytest.CaptureFixture[str]
) -> None:
    from symbolon import calls
    from symbolon.currencies import Currency

    bake, star, _ = town.tokens
    with pytest.raises(RefusedError, match="gives nothing: swap more"):
        calls.read(town.alliance.swaps_contract, "quoteOut", town.id, bake.address, star.address, 1)
    nowhere = Currency(str(town.intruder.address))
    with pytest.raises(NoContractError, match=f"There is no contract at {town.intruder.address}"):
        nowhere.balance_of(town.intruder)
    assert capfd.readouterr() == ("", "")


def test_pool__in_which_somebody_swaps_while_it_is_read__is_as_of_one_block(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from symbolon import calls

    swaps, (bake, star, _), member = town.alliance.swaps, town.tokens, town.members[0]
    before = town.pool
    read = calls.read_many

    def slow(*arguments: Any, **named: Any) -> Any:
        found = read(*arguments, **named)
        monkeypatch.undo()
        swaps.swap(before, bake, star, amount_in=500_00, amount_out=9, sender=member)
        return found

    monkeypatch.setattr(calls, "read_many", slow)
    assert replace(town.pool, currency=before.currency) == before
    assert town.pool.member(bake).intake == 500_00


def test_pool__by_its_name_or_id(town: Town) -> None:
    pools, (bake, _, _) = town.alliance.pools, town.tokens
    assert pools.find("town").id == pools.find("0x" + town.id.hex()).id == town.id
    with pytest.raises(NoPoolError, match="There is no pool village"):
        pools.find("village")
    with pytest.raises(NoPoolError, match="There is no pool 0x00"):
        pools.look(bytes(32))
    other = pools.create("town", town.pool.rules, sender=town.intruder)
    with pytest.raises(NoPoolError, match=r"Several pools are called town \(0x\w+, 0x\w+\): give the id"):
        pools.find("town")
    with pytest.raises(NotInPoolError, match="BAKE is not in pool town"):
        other.member(bake)
    with pytest.raises(SymbolonError, match="is there already"):
        pools.create("town", town.pool.rules, sender=town.intruder)
    assert [pool.id for pool in pools] == [town.id, other.id]


def test_at_risk__is_what_is_provided_as_far_as_partners_have_not_covered_what_they_can_owe(
    town: Town,
) -> None:
    bake, star, book = town.pool.members
    assert town.pool.at_risk(bake) == town.pool.uncovered(star) == 0
    bold = replace(town.pool, members=(bake, replace(star, bond=50_000_000), replace(book, unpaid=7)))
    assert bold.uncovered(bold.members[1]) == 150_000_000
    assert bold.at_risk(bake) == 150_000_007 - (200_000_000 - book.value(book.side.ceiling) - 1)
    assert bold.at_risk(bake, provided=100_00) == 1_000_000  # a hundred BAKE
    assert bold.at_risk(bold.members[1]) == bold.uncovered(bold.members[2])
