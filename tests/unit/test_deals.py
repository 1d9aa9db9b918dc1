"""Deals as people write them down: what is right means one thing, what is wrong is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from symbolon.deals import NO_RIGHT, NOBODY, Book, Tier, parse, read
from symbolon.fields import DAY, FOREVER, FileError
from symbolon.prices import Mix, Price, Units

UNITS = Units("BAKE", 2, "mUSD", 6)
ARBITER = "0x976EA74026E726554dB657fA54763abd0C3a0aa9"

COFFEE = f"""
groups:
  - name: coffee
    title: A kilo of coffee
    tiers:
      - seats: 3
        price: 900
      - seats: 8
        price: 720.50
    most_seats: 10
    groups: 50
    lasts: 3 days
    cutoff: 1 day
    deliver_in: 10 days
    arbiter: "{ARBITER}"
"""
LAMP = f"""
bargains:
  - name: lamp
    kind: haggle
    title: A brass lamp
    price: 800
    floor: 500
    stock: 3
    lasts: 2 days
    deliver_in: 1 week
    arbiter: "{ARBITER}"
"""


def parsed(text: str) -> Book:
    return parse(text, UNITS)


def told(text: str) -> tuple[str, ...]:
    with pytest.raises(FileError) as caught:
        parsed(text)
    return caught.value.problems


def changed(text: str, what: str, to: str) -> str:
    assert what in text
    return text.replace(what, to)


# ---- what is right


def test_deal__as_written() -> None:
    (deal,) = parsed(COFFEE).deals
    assert (deal.name, deal.id) == ("coffee", b"coffee".ljust(32, b"\0"))
    assert deal.mix == Mix(1, 0)
    assert deal.tiers == (Tier(3, 900_00), Tier(8, 720_50))
    assert (deal.least_seats, deal.most_seats, deal.seat_limit, deal.groups) == (3, 10, 1, 50)
    assert (deal.opens_at, deal.closes_at, deal.duration, deal.cutoff) == (0, FOREVER, 3 * DAY, DAY)
    assert (deal.delivery.days, deal.delivery.stake_percent, deal.delivery.compensation) == (10, 0, 0)
    assert (deal.delivery.arbiter, deal.right) == (ARBITER, NO_RIGHT)
    assert deal.document.uri.startswith(
        "data:application/json,%7B%22name%22%3A%20%22A%20kilo%20of%20coffee%22"
    )


def test_deal__everything_said() -> None:
    more = "seat_limit: 2\n    stake: 10\n    compensation: 2.5\n    right: host\n"
    more += "    opens: 2027-03-01\n    closes: 2027-03-01 18:30\n    groups: 50"
    (deal,) = parsed(changed(changed(COFFEE, "groups: 50", more), "cutoff: 1 day", "cutoff: 12 hours")).deals
    assert (deal.seat_limit, deal.cutoff) == (2, DAY // 2)
    assert (deal.delivery.stake_percent, deal.delivery.compensation) == (10, 2_500_000)
    assert (deal.opens_at, deal.closes_at) == (1_803_859_200, 1_803_859_200 + 18 * 3600 + 1800)
    assert deal.right == b"host".ljust(32, b"\0")


def test_mix__is_exact_in_parts() -> None:
    text = changed(COFFEE, "price: 900", "price: {tokens: 500, money: 9}")
    (deal,) = parsed(changed(text, "price: 720.50", "price: {tokens: 0.50, money: 0.009}")).deals
    assert deal.mix == Mix(1, 180)
    assert [tier.price for tier in deal.tiers] == [500_00, 50]
    assert deal.mix.cost(50) == Price(50, 9_000)


def test_listing__to_haggle_and_to_cut() -> None:
    (haggle,) = parsed(LAMP).listings
    assert (haggle.is_cut, haggle.price, haggle.floor, haggle.attester) == (False, 800_00, 500_00, NOBODY)
    assert haggle.delivery.days == 7
    text = changed(
        LAMP, "kind: haggle", f'kind: cut\n    cuts: 12\n    least_cut: 5\n    attester: "{ARBITER}"'
    )
    (cut,) = parsed(text).listings
    assert (cut.is_cut, cut.cuts, cut.least_cut, cut.attester) == (True, 12, 5_00, ARBITER)
    assert "too little for so many cuts" in told(changed(text, "least_cut: 5", "least_cut: 26"))[0]


def test_right__sold_and_given_away() -> None:
    text = "rights:\n  - {name: host, title: Host, price: 50, supply: 20}\n"
    text += "  - {name: gift, title: A present, supply: 5}\n"
    sold, given = parsed(text).rights
    assert (sold.id, sold.price, sold.supply) == (b"host".ljust(32, b"\0"), 50_00, 20)
    assert given.price == 0


def test_document__is_a_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "coffee.txt").write_text("House coffee.")
    (tmp_path / "deals.yaml").write_text(changed(COFFEE, "title: A kilo of coffee", "document: coffee.txt"))
    (deal,) = read(tmp_path / "deals.yaml", UNITS).deals
    assert (deal.document.hash, deal.document.uri) == (keccak(b"House coffee."), "")


# ---- what is wrong


@pytest.mark.parametrize(
    ("what", "to", "sentence"),
    [
        ("price: 720.50", "price: 900", "line 3: prices must fall from tier to tier: that for 8 seats"),
        ("seats: 8", "seats: 3", "line 3: seats must rise from tier to tier: 3 follows 3"),
        ("seats: 3", "seats: 0", "line 6: seats 0 is no whole number from 1"),
        ("most_seats: 10", "most_seats: 7", "line 3: the last tier's 8 seats are more than most_seats 7"),
        ("groups: 50", "groups: many", "line 11: groups many is no whole number"),
        ("groups: 50", "groups: 50\n    seat_limit: 11", "line 3: seat_limit 11 is more than most_seats 10"),
        ("lasts: 3 days", "lasts: 3", "line 12: lasts 3 is no time: write 3 days"),
        ("cutoff: 1 day", "cutoff: 4 days", "line 3: cutoff is longer than lasts"),
        ("cutoff: 1 day", "cutoff: 0 days", "line 3: cutoff 0: members could leave in the last second"),
        ("    cutoff: 1 day\n", "", "line 3: this group needs cutoff"),
        (
            "lasts: 3 days",
            "lasts: 3 days\n    opens: soon",
            "line 13: opens soon is no time: write 2027-03-01",
        ),
        ("deliver_in: 10 days", "deliver_in: 10 hours", "line 14: deliver_in 10 hours is not from 1 to 255"),
        (ARBITER, "0x12", "line 15: arbiter: address 0x12 has 2 hex digits"),
        ("price: 900", "price: 900.001", "line 7: price: amount 900.001 is too finely divided"),
        ("price: 900", "price: {}", "line 7: price is nothing: write tokens, money or both"),
        ("price: 900", "price: {token: 9}", "line 7: a price has no field 'token': did you mean tokens?"),
        ("price: 900", "price: {money: 9}", "line 3: all prices of a deal have one proportion of tokens"),
        ("name: coffee", "name: coffee/1", "line 3: name 'coffee/1' is none: write 1 to 28 letters"),
        ("name: coffee", f"name: {'c' * 29}", "line 3: name 'c"),
        (
            "title: A kilo of coffee",
            "titel: A kilo",
            "line 4: this group has no field 'titel': did you mean title",
        ),
        ("title: A kilo of coffee", "document: gone.txt", "line 4: document gone.txt cannot be read"),
        ("title: A kilo of coffee", "seat_limit: 1", "line 3: title is missing: say what members get"),
        ("    groups: 50\n", "", "line 3: this group needs groups"),
        ("name: coffee", "name: coffee\n    name: tea", "line 4: name is there twice: keep one"),
    ],
)
def test_deal__with_a_mistake__says_so(what: str, to: str, sentence: str) -> None:
    problems = told(changed(COFFEE, what, to))
    assert any(problem.startswith(sentence) for problem in problems), problems


@pytest.mark.parametrize(
    ("what", "to", "sentence"),
    [
        ("floor: 500", "floor: 800", "line 3: floor is not below price"),
        ("kind: haggle", "kind: auction", "line 4: kind auction is neither: write haggle or cut"),
        ("kind: haggle", "kind: cut", "line 3: this bargain needs cuts"),
        ("kind: haggle", "kind: haggle\n    cuts: 3", "line 5: this bargain has no field 'cuts'"),
    ],
)
def test_listing__with_a_mistake__says_so(what: str, to: str, sentence: str) -> None:
    problems = told(changed(LAMP, what, to))
    assert any(problem.startswith(sentence) for problem in problems), problems


def test_file__all_mistakes_are_told_at_once__by_line() -> None:
    text = changed(changed(COFFEE, "seats: 3", "seats: x"), "lasts: 3 days", "lasts: long")
    lines = [problem.split(":")[0] for problem in told(text)]
    assert lines == ["line 6", "line 12"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: there is nothing here: write rights, groups or bargains"),
        ("- a", "line 1: the file is no list of fields"),
        ("groups: 5", "line 1: groups is no list: begin each with a dash"),
        ("groups:\n  - 5", "line 2: this group is no list of fields"),
        ("deals: []", "line 1: the file has no field 'deals': write rights, groups or bargains"),
        ("groups: [", "line 1: this is no YAML"),
        ("groups: &a\n  - *a", "line 1: this group is no list of fields"),
    ],
)
def test_file__that_is_something_else__says_so(text: str, sentence: str) -> None:
    problems = told(text)
    assert problems[0].startswith(sentence), problems


def test_file__two_of_one_name__says_so() -> None:
    twice = COFFEE + COFFEE.split("groups:\n", 1)[1]
    assert "the name 'coffee' is taken by another in this file" in told(twice)[0]


def test_file__is_not_there__says_so(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"gone\.yaml was not used and nothing was sent"):
        read(tmp_path / "gone.yaml", UNITS)
