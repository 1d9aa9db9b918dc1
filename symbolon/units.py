"""Exact amounts: what people write ("12.50") to what the chain holds (base units), and back.

Base units are whole numbers; one token is 10**decimals of them. Nothing here goes through a float, and
nothing is rounded: what does not fit is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from symbolon.exceptions import AmountError

UINT96_MAX = 2**96 - 1
"""The most base units that a token amount can be."""

_PLAIN = re.compile(r"([0-9]+)(?:\.([0-9]*))?|\.([0-9]+)")
_CURRENCY = re.compile(r"[A-Za-z]{1,12}")
_LONGEST = 120  # a longer text is no amount, and int() of a very long one is slow


def parse_amount(text: str, decimals: int, *, allow_zero: bool = False, maximum: int = UINT96_MAX) -> int:
    """Base units of an amount written with digits and at most one decimal point, spaces around it ignored.

    `maximum` is in base units. Raises AmountError for anything else: a sign, an exponent, a comma, more
    decimals than the token has (trailing zeros aside), zero unless `allow_zero`, or too much.
    """
    stripped = text.strip()
    match = _PLAIN.fullmatch(stripped) if len(stripped) <= _LONGEST else None
    if match is None:
        raise AmountError(_why_not_plain(stripped))
    whole, fraction = match[1] or "0", (match[2] or match[3] or "")
    if len(fraction) > decimals:
        kept, beyond = fraction[:decimals], fraction[decimals:]
        if beyond.strip("0"):
            allowed = (
                f"at most {decimals} decimal{'' if decimals == 1 else 's'}" if decimals else "no decimals"
            )
            raise AmountError(f"amount {stripped} is too finely divided: this token has {allowed}")
        fraction = kept
    amount = int(whole + fraction.ljust(decimals, "0"))
    if amount > maximum:
        raise AmountError(f"amount {stripped} is too large: at most {format_amount(maximum, decimals)}")
    if amount == 0 and not allow_zero:
        raise AmountError("amount is zero: write a positive number or remove the line")
    return amount


def format_amount(amount: int, decimals: int) -> str:
    """The shortest text that `parse_amount` reads back as `amount`: "12.5" for 1250 with 2 decimals."""
    sign, digits = ("-", -amount) if amount < 0 else ("", amount)
    whole, fraction = divmod(digits, 10**decimals)
    if not fraction:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{fraction:0{decimals}}".rstrip("0")


def counted(number: int, thing: str) -> str:
    """How many there are of a thing whose plural takes an s."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def ether(wei: int) -> str:
    """Wei as ETH, to the last digit that matters to a person."""
    text = f"{wei / 10**18:.9f}".rstrip("0").rstrip(".")
    return text if wei == 0 or text != "0" else "less than 0.000000001"


@dataclass(frozen=True)
class EtherPrice:
    """What one ETH costs: hundredths of a currency, and the currency's name."""

    hundredths: int
    currency: str

    @classmethod
    def parse(cls, text: str) -> EtherPrice:
        """A price as people write it, such as "2500 EUR". Raises AmountError."""
        number, _, currency = text.strip().partition(" ")
        if not _CURRENCY.fullmatch(currency.strip()):
            raise AmountError(
                f"{text!r} is no price of an ETH: write a number and a currency, such as 2500 EUR"
            )
        return cls(parse_amount(number, 2), currency.strip())

    def of(self, wei: int) -> str:
        """What so much ETH costs, rounded up to the next hundredth."""
        worth = -(-wei * self.hundredths // 10**18)
        return f"{worth // 100:,}.{worth % 100:02} {self.currency}"


def _why_not_plain(text: str) -> str:
    if not text:
        return "amount is missing"
    shown = text if len(text) <= 40 else f"{text[:40]}…"
    if text.startswith(("-", "\u2212")):
        return f"amount {shown} is negative: write a positive number"
    if "," in text:
        return f"amount {shown} has a comma: write a point before decimals and nothing else, such as 1200.50"
    return f"amount {shown!r} is not a number: write digits with at most one point, such as 12.50"
