"""Cuts sum to what the deal promises, and a buyer finds out before it opens where anything is amiss."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from symbolon.addresses import checksum_address, keccak
from symbolon.cuts import (
    END,
    NONCE_MAX,
    CutsError,
    Opening,
    Rules,
    answered,
    bargain_id,
    chain,
    check,
    draw_up,
    head_of,
    link,
    number_of,
    salts,
)

BUYER = "0x" + "b0" * 20
TOKEN = "0x" + "70" * 20
CONTRACT = "0x" + "c0" * 20
DEAL = b"an espresso machine".ljust(32, b"\0")
BARGAIN = bargain_id(31337, CONTRACT, TOKEN, DEAL, number_of(BUYER, 7))
SEED = keccak(b"seed")
UINT96 = 2**96 - 1

seeds = st.binary(min_size=32, max_size=32)
words = st.binary(min_size=32, max_size=32)


@st.composite
def all_rules(draw: st.DrawFn) -> Rules:
    cuts = draw(st.integers(1, 64))
    least = draw(st.integers(1, 10**6) | st.just(UINT96 // 64))
    most = UINT96 - cuts * least
    over = draw(st.integers(0, min(10**9, most)) | st.integers(0, most))
    floor = draw(st.integers(0, UINT96 - cuts * least - over))
    return Rules(floor + cuts * least + over, floor, cuts, least)


def drawn(rules: Rules, seed: bytes = SEED) -> tuple[list[Opening], bytes]:
    openings = chain(BARGAIN, draw_up(rules, seed), salts(seed, rules.cuts))
    return openings, head_of(BARGAIN, openings)


# ---- drawing up


@given(all_rules(), seeds)
def test_draw_up__any_rules_and_seed__sums_exactly_and_each_is_enough(rules: Rules, seed: bytes) -> None:
    cuts = draw_up(rules, seed)
    assert len(cuts) == rules.cuts
    assert sum(cuts) == rules.list_price - rules.floor_price
    assert min(cuts) >= rules.least_cut
    assert cuts == draw_up(rules, seed)


def test_draw_up__over_many_seeds__no_place_is_favoured() -> None:
    rules = Rules(1_000, 0, 4, 1)
    totals: Counter[int] = Counter()
    for index in range(4_000):
        for place, cut in enumerate(draw_up(rules, keccak(index.to_bytes(4)))):
            totals[place] += cut
    assert all(abs(totals[place] / 4_000 - 250) < 15 for place in range(4)), totals


@pytest.mark.parametrize("rules", [Rules(99, 90, 10, 1), Rules(100, 90, 0, 1), Rules(100, 90, 2, -1)])
def test_draw_up__what_does_not_fit__is_refused(rules: Rules) -> None:
    with pytest.raises(CutsError, match=r"state fewer cuts, a smaller least cut, or a lower floor price\.$"):
        draw_up(rules, SEED)


def test_draw_up__with_nothing_over__gives_the_least_to_each() -> None:
    assert draw_up(Rules(100, 88, 4, 3), SEED) == [3, 3, 3, 3]
    assert draw_up(Rules(100, 88, 1, 3), SEED) == [12]


# ---- what a draw takes


@given(all_rules(), st.lists(st.integers(0, UINT96), min_size=64, max_size=64))
def test_prices__whatever_was_written_down__fall_to_the_floor_and_no_further(
    rules: Rules, written: list[int]
) -> None:
    path = rules.prices(written[: rules.cuts])
    assert path[0] == rules.list_price
    assert path[-1] == rules.floor_price
    steps = [before - after for before, after in pairwise(path)]
    assert min(steps) >= rules.least_cut


@given(all_rules(), seeds)
def test_prices__of_cuts_that_keep_the_rules__take_each_as_written(rules: Rules, seed: bytes) -> None:
    cuts = draw_up(rules, seed)
    path = rules.prices(cuts)
    assert [before - after for before, after in pairwise(path)] == cuts


# ---- the buyer's check


@given(all_rules(), seeds)
def test_check__as_the_tool_makes_them__is_content(rules: Rules, seed: bytes) -> None:
    openings, head = drawn(rules, seed)
    check(rules, BARGAIN, head, openings)
    clear = answered(BARGAIN, draw_up(rules, seed))
    check(rules, BARGAIN, head_of(BARGAIN, clear), clear)


@given(all_rules(), st.data())
def test_attack_12__any_opening_altered__is_noticed_before_opening(rules: Rules, data: st.DataObject) -> None:
    openings, head = drawn(rules)
    place = data.draw(st.integers(0, rules.cuts - 1))
    altered = Opening(
        data.draw(st.just(openings[place].cut) | st.integers(0, UINT96)),
        data.draw(st.just(openings[place].salt) | words),
        data.draw(st.just(openings[place].next) | words),
    )
    assume(altered != openings[place])
    openings[place] = altered
    with pytest.raises(CutsError, match="do not open this bargain"):
        check(rules, BARGAIN, head, openings)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_attack_12__salt_of_another_length__is_noticed_though_the_chain_is_good(length: int) -> None:
    rules = Rules(100, 60, 4, 1)
    some = salts(SEED, rules.cuts)
    some[2] = some[2][:1] * length
    openings = chain(BARGAIN, draw_up(rules, SEED), some)
    with pytest.raises(CutsError, match="do not open this bargain"):
        check(rules, BARGAIN, head_of(BARGAIN, openings), openings)


def test_attack_12__deal_cut_short__is_no_deal() -> None:
    with pytest.raises(CutsError, match="32 bytes"):
        bargain_id(31337, "0x" + "11" * 20, "0x" + "22" * 20, b"lamp", 1)


@given(all_rules(), st.data())
def test_attack_12__cuts_that_break_the_promise__are_noticed_though_the_chain_is_good(
    rules: Rules, data: st.DataObject
) -> None:
    cuts = draw_up(rules, SEED)
    place = data.draw(st.integers(0, rules.cuts - 1))
    cuts[place] = data.draw(st.integers(0, UINT96).filter(lambda cut: cut != cuts[place]))
    openings = chain(BARGAIN, cuts, salts(SEED, rules.cuts))
    with pytest.raises(CutsError, match="ask the brand for other cuts"):
        check(rules, BARGAIN, head_of(BARGAIN, openings), openings)


def test_attack_12__the_great_cut_kept_for_a_draw_that_never_comes__is_noticed() -> None:
    """One more cut than listed, or one less, or all in one that the sum hides."""
    rules = Rules(500, 400, 5, 5)
    for cuts in ([5, 5, 5, 5, 5, 75], [25, 25, 25, 25], [0, 0, 0, 0, 100]):
        openings = chain(BARGAIN, cuts, salts(SEED, len(cuts)))
        with pytest.raises(CutsError):
            check(rules, BARGAIN, head_of(BARGAIN, openings), openings)


@given(all_rules())
def test_check__of_another_bargain__is_refused(rules: Rules) -> None:
    openings, head = drawn(rules)
    others = [
        bargain_id(1, CONTRACT, TOKEN, DEAL, number_of(BUYER, 7)),
        bargain_id(31337, TOKEN, TOKEN, DEAL, number_of(BUYER, 7)),
        bargain_id(31337, CONTRACT, CONTRACT, DEAL, number_of(BUYER, 7)),
        bargain_id(31337, CONTRACT, TOKEN, bytes(32), number_of(BUYER, 7)),
        bargain_id(31337, CONTRACT, TOKEN, DEAL, number_of(BUYER, 8)),
        bargain_id(31337, CONTRACT, TOKEN, DEAL, number_of(TOKEN, 7)),
    ]
    assert len({BARGAIN, *others}) == 7
    for other in others:
        with pytest.raises(CutsError):
            check(rules, other, head, openings)


def test_check__no_openings_at_all__is_refused() -> None:
    with pytest.raises(CutsError, match="gave 0 openings and the deal has 3 cuts"):
        check(Rules(500, 400, 3, 1), BARGAIN, END, [])
    assert head_of(BARGAIN, []) == END


# ---- ids


@given(st.binary(min_size=20, max_size=20), st.integers(0, NONCE_MAX))
def test_number_of__any_buyer_and_nonce__holds_both(buyer: bytes, nonce: int) -> None:
    number = number_of(checksum_address(buyer), nonce)
    assert number >> 160 == nonce
    assert (number & 2**160 - 1).to_bytes(20) == buyer


@pytest.mark.parametrize("nonce", [-1, NONCE_MAX + 1])
def test_number_of__a_nonce_too_far__is_refused(nonce: int) -> None:
    with pytest.raises(CutsError, match=r"choose a number from 0 to \d+\.$"):
        number_of(BUYER, nonce)


def test_link__of_fixed_facts__is_what_the_contracts_have_too() -> None:
    """The same facts as in tests/solidity/CutChain.t.sol."""
    cuts = [11, 7, 82]
    openings = chain(BARGAIN, cuts, salts(SEED, 3))
    assert link(BARGAIN, 1, openings[2]) == openings[1].next
    assert BARGAIN.hex() == "832354679be07d13126157765fb2c387cfbaf8f9adc5f07733be3d36e2f55105"
    assert (
        head_of(BARGAIN, openings).hex() == "916c29dc93546bb389a931b8e98f99449472cb8c5de9d958594ed8ee78e92bdc"
    )
    assert (
        head_of(BARGAIN, answered(BARGAIN, cuts)).hex()
        == "35430f2c4af5cf9e1c02f1453a90d8adc475e3c388587d9ce11fe59881a1b22a"
    )
    assert draw_up(Rules(500, 400, 5, 3), SEED) == [15, 11, 34, 34, 6]
