"""What is left to do in a default, from what there is: each kind in its turn, and nothing for nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symbolon.bonds import Purse, PurseState
from symbolon.currencies import Currency
from symbolon.defaults import Claim, Debt, Default, Place, gathering, stopping, syncing
from symbolon.reference.swap_math import Pricing

NOW, DUE, CURE = 10_000, 5_000, 3_000
POOL, ELSEWHERE = b"p" * 32, b"e" * 32
EMPTY = PurseState(0, 0, 0, 0, 0, 0)
PLACE = Place("town", 100, joined=True, suspended=True, withdrawable=0, debt=0, bond=0, unpaid=0)
DEBT = Debt(b"d" * 32, POOL, 1, DUE, unpaid=40, lien=0, reported=False, share=0)


def state(**changes: object) -> Default:
    """In default with nothing left to do, or as it differs."""
    sound = Default(
        token="0xToken",
        symbol="BAKE",
        currency=Currency.__new__(Currency),
        pricing=Pricing(par_value=10, decimals=0),
        block=1,
        now=NOW,
        source="0x" + "50" * 20,
        settlements="0xSettlements",
        orders="0xOrders",
        cure_period=CURE,
        round=1,
        declared_at=NOW - 1,
        reports=0,
        pot=0,
        paid=0,
        base=0,
        handed_in=0,
        cure_by=0,
        purses=dict.fromkeys(Purse, EMPTY),
        places={POOL: PLACE, ELSEWHERE: replace(PLACE, name="elsewhere")},
    )
    return replace(sound, **changes)  # type: ignore[arg-type]


def at(**changes: object) -> dict[bytes, Place]:
    """The pool as it differs, and the other one."""
    return {POOL: replace(PLACE, **changes), ELSEWHERE: PLACE}  # type: ignore[arg-type]


def methods(of: Default) -> list[str]:
    return [step.method for step in gathering(of)]


@pytest.mark.parametrize(
    ("debt", "unpaid", "bond", "leverage", "joined", "free"),
    [
        (0, 0, 9, 100, True, 9),
        (4, 3, 9, 100, True, 2),
        (4, 3, 9, 300, True, 6),  # 2⅓ cover 7, but what is unpaid stays
        (8, 0, 9, 300, True, 6),  # 2⅔, rounded up
        (8, 3, 9, 100, False, 6),
        (8, 3, 9, 100, True, 0),
    ],
)
def test_free__is_what_neither_running_nor_unpaid_debts_need(  # noqa: PLR0917
    debt: int, unpaid: int, bond: int, leverage: int, joined: bool, free: int
) -> None:
    place = replace(PLACE, debt=debt, unpaid=unpaid, bond=bond, leverage=leverage, joined=joined)
    assert place.free == free


def test_share__is_a_part_of_the_pot_and_at_most_par() -> None:
    assert state(pot=70, base=100).share(10) == 7
    assert state(pot=7_000, base=100).share(10) == 100
    assert state().share(10) == 0


def test_declarable__from_the_day_on_and_only_while_short() -> None:
    short = {**dict.fromkeys(Purse, EMPTY), Purse.HOLDERS: replace(EMPTY, value=3, required=4)}
    assert state(purses=short, cure_by=NOW).is_declarable
    assert not state(purses=short, cure_by=NOW + 1).is_declarable
    assert not state(purses=short).is_declarable
    assert not state(cure_by=NOW).is_declarable
    assert state(reports=1).is_declarable


def test_overdue__a_cure_period_after_it_was_due_and_not_reported_yet() -> None:
    ripe = replace(DEBT, due_at=NOW - CURE)
    assert state(debts=(ripe,)).overdue == state(debts=(ripe,)).reportable == [ripe]
    assert state(debts=(ripe,), places=at(bond=1)).reportable == []
    assert state(debts=(replace(ripe, due_at=ripe.due_at + 1),)).overdue == []
    assert state(debts=(replace(ripe, reported=True),)).overdue == []


def test_stopping__does_what_is_not_done_and_only_in_default() -> None:
    running = state(places=at(suspended=False, withdrawable=5), quotas={"0xManager": 3})
    assert [step.method for step in stopping(running)] == ["syncSuspension", "burnProvided", "revokeQuota"]
    assert methods(running) == [step.method for step in stopping(running)]
    assert not list(stopping(replace(running, declared_at=0)))
    assert not list(stopping(state(places=at(joined=False, suspended=False, withdrawable=5))))
    assert [step.arguments[0] for step in syncing(state(), suspended=True)] == [POOL, ELSEWHERE]


def test_gathering__nothing_left__does_nothing() -> None:
    assert gathering(state()) == []


def test_gathering__bond_before_claims_before_tokens() -> None:
    """Each kind comes only when the one before has nothing to do any more."""
    owing = state(
        debts=(replace(DEBT, lien=4),),
        claims=(Claim(POOL, 0, 25),),
        places=at(bond=10, unpaid=40),
        pot=50,
        base=100,
    )
    assert methods(owing) == ["enforce"]
    assert methods(replace(owing, places=at(unpaid=30))) == ["offset"]
    assert methods(replace(owing, places=at(unpaid=30), claims=())) == ["cashOut"]
    assert methods(replace(owing, debts=(), places=at())) == ["fillHolders"]
    assert methods(replace(owing, debts=(), places=at(unpaid=1))) == []


def test_gathering__not_due__waits() -> None:
    early = replace(DEBT, due_at=NOW + 1, lien=4)
    assert methods(state(debts=(early,), places=at(bond=40, unpaid=40), pot=50, base=100)) == []
    assert methods(state(debts=(early,), places=at(unpaid=40), pot=50, base=100)) == []


def test_gathering__what_is_free__goes_to_the_holders() -> None:
    places, offer = at(bond=9), b"o" * 32
    reclaimed = gathering(state(places=places, offers={offer: 6}))
    assert [step.arguments[1:4] for step in reclaimed] == [
        (int(Purse.SETTLEMENT), "0xSettlements", 9),
        (int(Purse.COMPENSATION), "0xOrders", 6),
    ]
    free = replace(EMPTY, value=5, allotted=3)
    assert methods(state(purses=dict.fromkeys(Purse, free))) == ["gather", "gather"]
    assert methods(state(purses=dict.fromkeys(Purse, replace(free, allotted=5)))) == []


def test_offset__spends_each_claim_and_pays_each_debt_once() -> None:
    debts = (DEBT, replace(DEBT, id=b"f" * 32, period=3, unpaid=10))
    claims = (Claim(POOL, 0, 45), Claim(POOL, 2, 9), Claim(ELSEWHERE, 0, 7))
    found = gathering(state(debts=debts, claims=claims, places=at(unpaid=50)))
    assert [step.arguments[2:4] for step in found] == [(0, 1), (0, 3), (2, 3)]


def test_cash_out__brings_nothing__is_left_alone() -> None:
    lien = replace(DEBT, lien=1)
    assert methods(state(debts=(lien,), places=at(unpaid=40), pot=5, base=100)) == []
    assert methods(state(debts=(DEBT,), places=at(unpaid=40), pot=5, base=100)) == []
    assert methods(state(debts=(replace(DEBT, share=1),), places=at(unpaid=40))) == ["cashOut"]


def test_gathering__after_the_cure__fetches_what_was_set_aside_alone() -> None:
    cured = state(declared_at=0, places=at(unpaid=40, withdrawable=3), claims=(Claim(POOL, 0, 5),))
    assert methods(replace(cured, debts=(replace(DEBT, share=1),))) == ["cashOut"]
    assert methods(replace(cured, debts=(replace(DEBT, share=1, lien=1),))) == []
    assert methods(replace(cured, debts=(replace(DEBT, share=1),), places=at(unpaid=40, bond=1))) == []
