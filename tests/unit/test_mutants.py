"""Which faults `make mutants` thinks of, and that no survivor goes without an argument."""

from __future__ import annotations

import orjson
import pytest

from bench.mutants import (
    ARGUMENTS,
    INVALID,
    RESULT,
    ROOT,
    SAME,
    SURVIVED,
    Compiler,
    MutantsError,
    arguments,
    report,
    sampled,
)
from bench.mutation import Mutant, mutants

SOURCE = """// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

contract Till {
    event Sold(uint256 price, uint256 count);
    uint256 private constant PERIOD = 2 days;
    uint256 private sold;

    function sell(uint256 price, uint256 count) external {
        require(price < 100 && count != 0);
        if (count == 1) sold += price;
        emit Sold(price, count);
        assembly ("memory-safe") {
            if iszero(lt(count, 7)) { sstore(0x01, sub(price, count)) }
        }
    }
}
"""

SELLING = {
    ("half of a condition", "require(price < 100);"),
    ("half of a condition", "require(count != 0);"),
    ("relation", "require(price <= 100 && count != 0);"),
    ("relation", "require(price >= 100 && count != 0);"),
    ("relation", "require(price < 100 && count == 0);"),
    ("constant", "require(price < 101 && count != 0);"),
    ("constant", "require(price < 99 && count != 0);"),
    ("constant", "require(price < 100 && count != 1);"),
    ("statement left out", "{ }"),
    ("condition", "if (true) sold += price;"),
    ("condition", "if (false) sold += price;"),
    ("relation", "if (count != 1) sold += price;"),
    ("constant", "if (count == 2) sold += price;"),
    ("constant", "if (count == 0) sold += price;"),
    ("sum", "if (count == 1) sold -= price;"),
    ("sum", "if (count == 1) sold = price;"),
    ("statement left out", "if (count == 1) { }"),
    ("arguments swapped", "emit Sold(count, price);"),
    ("condition", "if 0 { sstore(0x01, sub(price, count)) }"),
    ("condition", "if 1 { sstore(0x01, sub(price, count)) }"),
    ("negation", "if lt(count, 7) { sstore(0x01, sub(price, count)) }"),
    ("relation", "if iszero(gt(count, 7)) { sstore(0x01, sub(price, count)) }"),
    ("relation", "if iszero(iszero(gt(count, 7))) { sstore(0x01, sub(price, count)) }"),
    ("constant", "if iszero(lt(count, 8)) { sstore(0x01, sub(price, count)) }"),
    ("constant", "if iszero(lt(count, 6)) { sstore(0x01, sub(price, count)) }"),
    ("statement left out", "if iszero(lt(count, 7)) { { } }"),
    ("constant", "if iszero(lt(count, 7)) { sstore(2, sub(price, count)) }"),
    ("constant", "if iszero(lt(count, 7)) { sstore(0, sub(price, count)) }"),
    ("sum", "if iszero(lt(count, 7)) { sstore(0x01, add(price, count)) }"),
    ("arguments swapped", "if iszero(lt(count, 7)) { sstore(0x01, sub(count, price)) }"),
}


def _compiler(source: str = SOURCE) -> Compiler:
    settings = {"metadata": {"bytecodeHash": "none", "appendCBOR": False}}
    return Compiler("Till", {"contracts/Till.sol": source}, settings)


@pytest.fixture(scope="module")
def made() -> list[Mutant]:
    return mutants("Till", SOURCE, _compiler().ast())


def test_mutants__each_fault_in_its_place(made: list[Mutant]) -> None:
    found = {(each.operator, each.after) for each in made if each.function == "sell"}
    assert found == SELLING
    delays = {each.after for each in made if each.function == "PERIOD"}
    assert delays == {f"uint256 private constant PERIOD = {days} days;" for days in (1, 3)}
    assert {each.function for each in made} == {"sell", "PERIOD"}


def test_mutants__are_the_contract_but_for_their_line(made: list[Mutant]) -> None:
    lines = SOURCE.splitlines()
    for each in made:
        assert " ".join(lines[each.line - 1].split()) == each.before
        theirs = each.source.splitlines()
        assert " ".join(theirs[each.line - 1].split()) == each.after
        assert [*theirs[: each.line - 1], *theirs[each.line :]] == [
            *lines[: each.line - 1],
            *lines[each.line :],
        ]


def test_mutants__keep_their_names_when_lines_move(made: list[Mutant]) -> None:
    moved = SOURCE.replace("contract Till", "\n\n// A till.\ncontract Till")
    assert [each.key for each in mutants("Till", moved, _compiler(moved).ast())] == [
        each.key for each in made
    ]
    assert len({each.key for each in made}) == len(made)


def test_sample__all_or_some_and_the_same_within_a_larger_one(made: list[Mutant]) -> None:
    all_of_them, half, fourth = (
        [each.key for each in made if sampled(each.key, one_in)] for one_in in (1, 2, 4)
    )
    assert len(made) == len(all_of_them) > len(half) > len(fourth) > 0
    assert set(fourth) < set(half)


def test_codes__of_what_does_not_compile__none() -> None:
    bad, other = SOURCE.replace("sold += price", "sold += msg"), SOURCE.replace("100", "101")
    code, nothing, another, same = _compiler().codes([SOURCE, bad, other, SOURCE])
    assert nothing is None
    assert code
    assert code == same
    assert another
    assert another != code


def _why(mutant: Mutant, why: str = "it is so") -> str:
    return (
        f"[[{mutant.contract}]]\nfunction = '{mutant.function}'\nbefore = '{mutant.before}'\n"
        f"after = '{mutant.after}'\nnth = {mutant.nth}\nwhy = '{why}'\n"
    )


def test_report__shares_and_arguments(made: list[Mutant]) -> None:
    five = made[:5]
    verdicts = [INVALID, SAME, "test_sell", SURVIVED, "setUp"]
    row = report(five, verdicts, arguments(_why(five[3])))
    assert (row["made"], row["invalid"], row["same_code"], row["killed"], row["survived"]) == (5, 1, 1, 2, 1)
    assert row["share_killed"] == pytest.approx(2 / 3, abs=1e-4)
    (survivor,) = row["survivors"]
    assert survivor["why"] == "it is so"
    assert (survivor["line"], survivor["after"]) == (five[3].line, five[3].after)


def test_report__survivor_without_an_argument__is_an_error(made: list[Mutant]) -> None:
    with pytest.raises(MutantsError, match="1 survivors need a test") as error:
        report(made[:2], [SURVIVED, "test_sell"], {})
    assert made[0].after in str(error.value)


def test_report__argument_about_no_survivor__is_an_error(made: list[Mutant]) -> None:
    with pytest.raises(MutantsError, match="are about no survivor"):
        report(made[:1], ["test_sell"], arguments(_why(made[0])))


def test_arguments__two_about_one_mutant__are_an_error(made: list[Mutant]) -> None:
    with pytest.raises(MutantsError, match="speaks twice of"):
        arguments(_why(made[0]) + _why(made[0], "another reason"))


def test_committed_arguments__are_about_lines_that_exist_and_give_the_results_their_reasons() -> None:
    why = arguments(ARGUMENTS.read_text())
    for contract, _, before, _, _ in why:
        source = (ROOT / "contracts" / f"{contract}.sol").read_text()
        assert before in " ".join(source.split())
    results = orjson.loads(RESULT.read_bytes())
    reported = [row["why"] for each in results.values() for row in each["survivors"]]
    assert set(reported) <= set(why.values())
