"""The page's own reckoning of swaps is the contracts', to the unit."""

from __future__ import annotations

import json
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from page.looking import tokens

from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.pools import Pool
from symbolon.quotes import NoSwapError, Quote, Side, quote_in, quote_out
from symbolon.reference.swap_math import WORTH
from symbolon.reverts import RefusedError

if TYPE_CHECKING:
    from page.conftest import Standing

SCRIPT = Path(__file__).with_name("swap.mjs")
MOST = 2**96 - 1
TOLERANCE = 200

Function = Literal["quoteOut", "quoteIn", "dealFor"]


@dataclass(frozen=True)
class Question:
    """One question for the page's module."""

    function: Function
    brought: Side
    taken: Side
    amount: int

    def written(self) -> list[object]:
        """As the script reads it."""
        return [self.function, _tradable(self.brought), _tradable(self.taken), str(self.amount)]


def _tradable(side: Side) -> dict[str, object]:
    return {
        "position": {
            "parValue": str(side.par_value),
            "ceiling": str(side.ceiling),
            "decimals": side.decimals,
            "baseFee": side.base_fee,
            "feeSlope": side.fee_slope,
            "net": str(side.net),
        },
        "room": "0" if side.stopped else str(side.room),
        "available": "0" if side.stopped else str(side.stock),
    }


def answers(questions: list[Question]) -> list[Any]:
    asked = json.dumps([each.written() for each in questions])
    run = subprocess.run(
        ["node", str(SCRIPT)], input=asked, capture_output=True, text=True, check=True, timeout=300
    )
    found: list[Any] = json.loads(run.stdout)
    assert len(found) == len(questions)
    return found


def any_side(dice: random.Random) -> Side:
    """Mostly of like worth, so that they can be swapped; now and then as far from sense as numbers go."""
    decimals = dice.randint(0, 18)
    par_value = dice.randint(1, 10**7)
    most = min(MOST, dice.choice((10**6, 10**9, 10**13)) * 10**decimals // par_value)
    if dice.random() < 0.1:
        par_value, most = dice.choice((1, MOST)), dice.choice((0, 1, MOST))
    ceiling = dice.randint(0, most)
    net = dice.choice((0, -dice.randint(0, most), dice.randint(0, ceiling), ceiling, -1))
    base_fee = dice.choice((0, 1, dice.randint(0, 500_000)))
    return Side(
        symbol="ANY",
        decimals=decimals,
        par_value=par_value,
        provided=max(0, -net) + dice.randint(0, most),
        net=net,
        ceiling=ceiling,
        base_fee=base_fee,
        fee_slope=dice.choice((0, 500_000 - base_fee, dice.randint(0, 500_000 - base_fee))),
        stopped=dice.random() < 0.05,
    )


def any_amount(dice: random.Random, most: int) -> int:
    """Of every size up to the most, and now and then beyond."""
    few = (0, 1, 2, most - 1, most, most + 1)
    size = dice.randint(1, max(most, 1).bit_length())
    return max(0, dice.choice((*few, *(dice.randint(0, 2**size) for _ in few))))


def reference(question: Question) -> Quote | None:
    quote = quote_in if question.function == "quoteOut" else quote_out
    try:
        return quote(question.brought, question.taken, question.amount)
    except NoSwapError:
        return None


def test_quotes__of_any_pool__are_the_reference_models() -> None:
    dice, questions = random.Random(5), list[Question]()
    for _ in range(3_000):
        brought, taken = any_side(dice), any_side(dice)
        questions.append(Question("quoteOut", brought, taken, any_amount(dice, brought.room)))
        questions.append(Question("quoteIn", brought, taken, any_amount(dice, taken.stock)))
    served = 0
    for question, answer in zip(questions, answers(questions), strict=True):
        expected = reference(question)
        if expected is None:
            assert answer is None, question
            continue
        served += 1
        amount = expected.amount_out if question.function == "quoteOut" else expected.amount_in
        assert int(answer) == amount, question
    assert served > 1_500


def test_deal__of_any_pool__is_one_that_the_pool_makes_and_adds_up() -> None:
    dice, questions = random.Random(6), list[Question]()
    for _ in range(3_000):
        brought, taken = any_side(dice), any_side(dice)
        questions.append(Question("dealFor", brought, taken, any_amount(dice, brought.room)))
    kinds = {True: 0, False: 0}
    for question, deal in zip(questions, answers(questions), strict=True):
        brought, taken, offered = question.brought, question.taken, question.amount
        if reference(Question("quoteOut", brought, taken, offered)) is None:
            assert deal is None, question
            continue
        gives, gets, most, least = (int(deal[name]) for name in ("gives", "gets", "most", "least"))
        kinds[deal["exactOut"]] += 1
        assert most == offered, "never more than the member offered"
        assert quote_in(brought, taken, gives).amount_out >= gets
        cost = quote_out(brought, taken, gets).amount_in
        assert deal["exactOut"] == ((offered - cost) * TOLERANCE >= cost), "room for a worse price, or none"
        if deal["exactOut"]:
            assert (gives, least) == (cost, gets)
        else:
            assert gives == offered
            assert least == gets - gets // TOLERANCE
        worth, fee, dust = (int(deal[name]) for name in ("worth", "fee", "dust"))
        assert worth == gives * brought.par_value * WORTH // 10**brought.decimals
        assert worth - fee - dust == gets * taken.par_value * WORTH // 10**taken.decimals
        assert fee >= 0
        assert dust >= 0
    assert min(kinds.values()) > 40, kinds


def test_quotes__on_the_standing_chain__are_the_contracts(alliance: Alliance, standing: Standing) -> None:
    """Before and after swaps that move every price."""
    known, dice = tokens(alliance), random.Random(7)
    pool = alliance.pools.find("town")
    member = standing.account("member 4")
    for name, symbol in (("bakery", "BAKE"), ("cinema", "STAR"), ("books", "BOOK")):
        token = known[symbol]
        token.mint(member, pool.member(token).side.room, sender=standing.account(f"{name} manager"))
    for brought, taken, share in (("BAKE", "STAR", 3), ("STAR", "BOOK", 5), ("BOOK", "BAKE", 2)):
        _hold_to_the_contract(alliance, pool, dice)
        amount = pool.member(known[brought]).side.room // share
        alliance.swaps.swap(pool, known[brought], known[taken], amount_in=amount, amount_out=0, sender=member)
    _hold_to_the_contract(alliance, pool, dice)


def _hold_to_the_contract(alliance: Alliance, pool: Pool, dice: random.Random) -> None:
    swaps = alliance.swaps_contract
    sides = {each.token: each.side for each in alliance.pools.look(pool).members}
    questions, expected = [], []
    for brought, side_in in sides.items():
        for taken, side_out in sides.items():
            if brought == taken:
                continue
            for function, most in (("quoteOut", side_in.room), ("quoteIn", side_out.stock)):
                for _ in range(8):
                    amount = any_amount(dice, most)
                    questions.append(Question(function, side_in, side_out, amount))  # type: ignore[arg-type]
                    expected.append(_asked(swaps, function, pool.id, brought, taken, amount))
    found = [None if each is None else int(each) for each in answers(questions)]
    assert found == expected
    assert any(expected)


def _asked(swaps: Any, function: str, *question: object) -> int | None:
    try:
        return int(calls.read(swaps, function, *question))
    except RefusedError:
        return None
