"""Amounts are exact: what parses is what was written, and everything else is refused in a sentence."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbolon.exceptions import AmountError
from symbolon.units import UINT96_MAX, EtherPrice, ether, format_amount, parse_amount

DECIMALS = st.integers(0, 18)


@pytest.mark.parametrize(
    ("text", "decimals", "amount"),
    [
        ("12.50", 2, 1250),
        ("12.5", 2, 1250),
        ("12", 2, 1200),
        ("12.", 2, 1200),
        (".5", 2, 50),
        ("0.01", 2, 1),
        ("007", 0, 7),
        (" 3 ", 0, 3),
        ("1.000", 2, 100),
        ("1.0", 0, 1),
        ("79228162514.264337593543950335", 18, UINT96_MAX),
    ],
)
def test_parse__plain_number__exact(text: str, decimals: int, amount: int) -> None:
    assert parse_amount(text, decimals) == amount


@pytest.mark.parametrize(
    ("text", "decimals", "sentence"),
    [
        ("", 2, "amount is missing"),
        ("   ", 2, "amount is missing"),
        ("-1", 2, "amount -1 is negative: write a positive number"),
        ("\u22121", 2, "is negative"),
        ("0", 2, "amount is zero: write a positive number or remove the line"),
        ("0.00", 2, "amount is zero"),
        ("1.005", 2, "amount 1.005 is too finely divided: this token has at most 2 decimals"),
        ("1.05", 1, "at most 1 decimal"),
        ("1.5", 0, "this token has no decimals"),
        ("12,50", 2, "has a comma: write a point before decimals"),
        ("1,000.00", 2, "has a comma"),
        ("1e18", 2, "amount '1e18' is not a number: write digits with at most one point, such as 12.50"),
        ("0x10", 2, "is not a number"),
        ("+1", 2, "is not a number"),
        ("1_000", 2, "is not a number"),
        ("NaN", 2, "is not a number"),
        ("inf", 2, "is not a number"),
        ("1 000", 2, "is not a number"),
        ("1.2.3", 2, "is not a number"),
        (".", 2, "is not a number"),
        ("€5", 2, "is not a number"),
        ("\u0663", 2, "is not a number"),
        ("79228162514.264337593543950336", 18, "is too large: at most 79228162514.264337593543950335"),
        ("9" * 119, 0, "is too large"),
        ("9" * 100_000, 0, "is not a number"),
    ],
)
def test_parse__anything_else__refused(text: str, decimals: int, sentence: str) -> None:
    with pytest.raises(AmountError) as refused:
        parse_amount(text, decimals)
    assert sentence in str(refused.value)
    assert len(str(refused.value)) < 260


def test_parse__zero_where_allowed() -> None:
    assert parse_amount("0.00", 2, allow_zero=True) == 0


def test_parse__beyond_the_callers_maximum__refused() -> None:
    assert parse_amount("10.00", 2, maximum=1000) == 1000
    with pytest.raises(AmountError, match=r"too large: at most 10$"):
        parse_amount("10.01", 2, maximum=1000)


@given(st.integers(1, UINT96_MAX), DECIMALS)
def test_format_then_parse__same_amount(amount: int, decimals: int) -> None:
    text = format_amount(amount, decimals)
    assert parse_amount(text, decimals) == amount
    assert Fraction(text) * 10**decimals == amount


@given(st.integers(0, 10**10), st.integers(0, 24), DECIMALS)
def test_parse__any_fraction__exact_or_refused(digits: int, written: int, decimals: int) -> None:
    text = f"{digits // 10**written}.{digits % 10**written:0{written}}" if written else str(digits)
    exact = Fraction(text) * 10**decimals
    if exact.denominator == 1 and exact > 0:
        assert parse_amount(text, decimals) == int(exact)
    else:
        with pytest.raises(AmountError):
            parse_amount(text, decimals)


@given(st.text())
def test_parse__any_text__a_positive_amount_or_a_sentence(text: str) -> None:
    try:
        assert 0 < parse_amount(text, 18) <= UINT96_MAX
    except AmountError as refused:
        assert "amount" in str(refused)


@pytest.mark.parametrize(
    ("amount", "decimals", "text"),
    [(1250, 2, "12.5"), (0, 2, "0"), (-1250, 2, "-12.5"), (5, 0, "5"), (1, 18, "0.000000000000000001")],
)
def test_format__shortest_text(amount: int, decimals: int, text: str) -> None:
    assert format_amount(amount, decimals) == text


@pytest.mark.parametrize(
    ("wei", "text"),
    [(0, "0"), (1, "less than 0.000000001"), (10**9, "0.000000001"), (15 * 10**17, "1.5"), (10**19, "10")],
)
def test_ether__is_written_for_people(wei: int, text: str) -> None:
    assert ether(wei) == text


def test_ether_price__as_people_write_it__costs_rounded_up() -> None:
    price = EtherPrice.parse(" 2500.50 EUR ")
    assert price.of(10**18) == "2,500.50 EUR"
    assert price.of(0) == "0.00 EUR"
    assert price.of(1) == "0.01 EUR"


@pytest.mark.parametrize("text", ["2500", "EUR", "2500 €5", "-1 EUR", "2,500 EUR", ""])
def test_ether_price__anything_else__refused_in_a_sentence(text: str) -> None:
    with pytest.raises(AmountError):
        EtherPrice.parse(text)
