"""Whatever a contract says when it refuses comes out as a sentence that a person understands."""

import re
import string
from enum import IntEnum
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak

from symbolon.artifacts import artifact, merged_abi, signature
from symbolon.brands import Status
from symbolon.deployment import SUITE
from symbolon.haggles import Status as BargainStatus
from symbolon.reverts import CONTRACTS, SENTENCES, errors, moment, plain_text, understand

ERRORS = errors(merged_abi(*CONTRACTS))
SAMPLES = {"address": "0x" + "ab" * 20, "string": "Name", "bytes32": b"\x07" * 32, "bytes4": b"\x07" * 4}


def revert(entry: dict[str, Any]) -> bytes:
    kinds = [collapse_if_tuple(each) for each in entry["inputs"]]
    return keccak(text=signature(entry))[:4] + encode(kinds, [sample(each) for each in entry["inputs"]])


def sample(entry: dict[str, Any]) -> object:
    if "components" in entry:
        return tuple(map(sample, entry["components"]))
    return SAMPLES.get(entry["type"], 1)


def test_every_contract_of_the_suite_is_covered() -> None:
    assert {part.name for part in SUITE} <= set(CONTRACTS)


def test_every_custom_error_has_a_sentence_and_no_sentence_is_left_over() -> None:
    named = {entry["name"] for name in CONTRACTS for entry in artifact(name).abi if entry["type"] == "error"}
    assert named == set(SENTENCES)


def test_names_are_unique_so_that_a_name_tells_the_error() -> None:
    names = [entry["name"] for entry in ERRORS.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("entry", ERRORS.values(), ids=lambda entry: str(entry["name"]))
def test_error__is_told_with_its_facts_and_with_what_to_do(entry: dict[str, Any]) -> None:
    refusal = understand(revert(entry))
    assert refusal.name == entry["name"]
    assert list(refusal.facts) == [each["name"] for each in entry["inputs"]]
    assert re.search(r"\S: \S.*[.]$", refusal.sentence), "what is wrong: what to do."
    assert not set("{}") & set(refusal.sentence)


@pytest.mark.parametrize("name", SENTENCES)
def test_sentence__names_facts_that_the_error_has(name: str) -> None:
    entry = next(entry for entry in ERRORS.values() if entry["name"] == name)
    used = {field for _, field, _, _ in string.Formatter().parse(SENTENCES[name]) if field}
    assert used <= {each["name"] for each in entry["inputs"]}


def test_facts__are_in_words_where_numbers_say_nothing() -> None:
    data = keccak(text="BrandGate_NotActive(bytes32,uint8)")[:4] + encode(
        ["bytes32", "uint8"], [bytes(32), 3]
    )
    assert "is suspended" in understand(data).sentence
    data = keccak(text="LoyaltyToken_Expired(uint256)")[:4] + encode(["uint256"], [1_500_000_000])
    assert "2017-07-14 02:40:00 UTC" in understand(data).sentence


@pytest.mark.parametrize(
    ("name", "stands"),
    [
        ("BrandRegistry_WrongStatus", Status),
        ("Pricer_WrongStatus", BargainStatus),
    ],
)
def test_whatever_stands_somewhere__has_words_of_its_own(name: str, stands: type[IntEnum]) -> None:
    entry = next(entry for entry in ERRORS.values() if entry["name"] == name)
    told = set()
    for each in stands:
        data = revert(entry)
        place = 4 + 32 * [given["name"] for given in entry["inputs"]].index("status")
        told.add(understand(data[:place] + each.to_bytes(32) + data[place + 32 :]).sentence)
    assert len(told) == len(stands)


def test_amounts__are_told_in_words_if_somebody_knows_them() -> None:
    data = keccak(text="LoyaltyToken_CapacityExceeded(uint256,uint256)")[:4] + encode(
        ["uint256", "uint256"], [999_99, 12_50]
    )
    told = understand(data, lambda kind, amount, facts: f"{amount / 100} {kind} of {facts['available']}")
    assert told.sentence.startswith("999.99 token of 1250 of quota were asked for and the token's capacity")
    assert told.facts == {"requested": 999_99, "available": 12_50}
    assert understand(data).sentence.startswith("99999 base units of quota were asked for")


def test_amounts__are_in_base_units_for_programs() -> None:
    told = plain_text(SENTENCES["Bonds_NotEnoughFree"])
    assert told.startswith("{value} base units of the currency were asked for and {free} are free:")


def test_reason_text__is_passed_on() -> None:
    data = keccak(text="Error(string)")[:4] + encode(["string"], ["not today"])
    assert understand(data).sentence == "The contract says: not today"


def test_panic__says_what_happened() -> None:
    data = keccak(text="Panic(uint256)")[:4] + encode(["uint256"], [0x11])
    assert "too large or fell below zero" in understand(data).sentence


@pytest.mark.parametrize("data", [b"\x01\x02\x03\x04", b"\x01", bytes(4), b"\xff" * 40])
def test_foreign_answer__is_shown_as_it_is(data: bytes) -> None:
    assert data.hex() in understand(data).sentence


def test_own_error_cut_short__is_shown_as_it_is() -> None:
    data = keccak(text="LoyaltyToken_CapacityExceeded(uint256,uint256)")[:4] + bytes(5)
    assert data.hex() in understand(data).sentence


def test_nothing__says_where_to_look() -> None:
    assert "without a reason" in understand(b"").sentence


def test_moment__beyond_the_calendar__is_a_number() -> None:
    assert moment(2**255) == f"second {2**255}"
