"""Prove what always holds of a swap's price, and show that each proof can fail.

The price of `SwapMath` is spelt out here over whole numbers of any size. With numbers it computes: a test
compares that with the model, which the machine compares with the contracts. With unknowns it makes what z3,
a solver, decides. Products of unknowns are beyond it, so each theorem names the small lemmas, proved
here as well, by which it is seen. A bug in the price must leave its theorem unproved, and have numbers that
break it.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, NamedTuple, Protocol

from tools.prover import HALMOS, Verdict, conclude

SECONDS = 60
"""The longest that z3 may take for one question."""

TRIES = 400_000
"""With how many numbers a bug is sought."""

MILLION = 10**6
MOST_FEE = 500_000
"""Base fee and slope together, in parts per million: the most that pools accept."""


# ---- numbers and unknowns


@dataclass(frozen=True)
class Term:
    """An unknown number, or what is computed of some, as z3 reads it."""

    text: str

    def __add__(self, other: Whole) -> Term:
        return _apply("+", self, other)

    def __radd__(self, other: int) -> Term:
        return _apply("+", other, self)

    def __sub__(self, other: Whole) -> Term:
        return _apply("-", self, other)

    def __rsub__(self, other: int) -> Term:
        return _apply("-", other, self)

    def __mul__(self, other: Whole) -> Term:
        return _apply("*", self, other)

    def __rmul__(self, other: int) -> Term:
        return _apply("*", other, self)

    def __le__(self, other: Whole) -> Fact:
        return Fact(_apply("<=", self, other).text)

    def __lt__(self, other: Whole) -> Fact:
        return Fact(_apply("<", self, other).text)

    def __ge__(self, other: Whole) -> Fact:
        return Fact(_apply(">=", self, other).text)

    def __gt__(self, other: Whole) -> Fact:
        return Fact(_apply(">", self, other).text)


Whole = Term | int
"""A whole number, known or not."""
Number = Any
"""The same, where it is all known or all unknown."""


@dataclass(frozen=True)
class Fact:
    """What holds of unknowns, or not, as z3 reads it."""

    text: str

    def __or__(self, other: Fact) -> Fact:
        return Fact(f"(or {self.text} {other.text})")


def _apply(function: str, *terms: Whole) -> Term:
    return Term(
        f"({function} {' '.join(each.text if isinstance(each, Term) else _number(each) for each in terms)})"
    )


def _number(number: int) -> str:
    return str(number) if number >= 0 else f"(- {-number})"


class Algebra(Protocol):
    """What a price is computed with, beside sums and products."""

    def up(self, number: Number, divisor: Number) -> Number:
        """A quotient, rounded up."""

    def down(self, number: Number, divisor: Number) -> Number:
        """A quotient, rounded down."""

    def positive_part(self, number: Number) -> Number:
        """A number, or zero if it is negative."""


class Numbers(Algebra):
    """Computes."""

    def up(self, number: int, divisor: int) -> int:
        """A quotient, rounded up."""
        return -(-number // divisor)

    def down(self, number: int, divisor: int) -> int:
        """A quotient, rounded down."""
        return number // divisor

    def positive_part(self, number: int) -> int:
        """A number, or zero if it is negative."""
        return max(number, 0)


@dataclass
class Unknowns(Algebra):
    """Names what it does not know, and says what is known of it.

    Attributes:
        names: all of them, in the order in which they came up.
        facts: what is known.
        quotients: each quotient that was rounded up, with what was divided by what.
        parts: each positive part, by what it is a part of.
    """

    names: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    quotients: list[tuple[Term, Term, Term]] = field(default_factory=list)
    parts: dict[str, Term] = field(default_factory=dict)

    def new(self, name: str) -> Term:
        """One more."""
        self.names.append(name)
        return Term(name)

    def up(self, number: Term, divisor: Whole) -> Term:
        """A quotient, rounded up: known by its bounds."""
        quotient = self.new(f"up{len(self.names)}")
        self.quotients.append((quotient, number, divisor * Term("1")))
        self.facts += _is_up(quotient, number, divisor)
        return quotient

    def down(self, number: Term, divisor: Term) -> Term:
        """A quotient, rounded down: known by its bounds."""
        quotient = self.new(f"down{len(self.names)}")
        self.facts += [quotient * divisor <= number, (quotient + 1) * divisor > number]
        return quotient

    def positive_part(self, number: Term) -> Term:
        """A number, or zero if it is negative; the same one each time."""
        if number.text in self.parts:
            return self.parts[number.text]
        part = self.parts[number.text] = self.new(f"part{len(self.names)}")
        self.facts += [part >= 0, part >= number, (part <= 0) | (part <= number)]
        return part


def _is_up(quotient: Term, number: Term, divisor: Whole) -> list[Fact]:
    return [quotient * divisor >= number, (quotient - 1) * divisor < number]


# ---- the price


class Token(NamedTuple):
    """What prices a token: its base unit's worth, its ceiling, base fee and slope."""

    unit: Number
    ceiling: Number
    base: Number
    slope: Number


class Price:
    """What `SwapMath` and `Swaps` compute. Bugs are subclasses."""

    most_fee: ClassVar[int] = MOST_FEE
    too_far: ClassVar[int] = 1
    """By how much less would not do for an exact amount out."""

    def fee(self, by: Algebra, token: Token, net: Number, amount: Number) -> Number:
        """In millionths of the token's base units, rounded up."""
        start, end = by.positive_part(net), by.positive_part(net + amount)
        steps = (end - start) * (end + start)
        return amount * token.base + by.up(steps * token.slope, 2 * token.ceiling)

    def charge(self, by: Algebra, token: Token, net: Number, amount: Number) -> Number:
        """The same in worth."""
        return by.up(self.fee(by, token, net, amount) * token.unit, MILLION)

    def worth_in(self, by: Algebra, token: Token, net: Number, amount: Number) -> Number:
        """What an amount is worth, less the fee."""
        return amount * token.unit - self.charge(by, token, net, amount)

    def out(self, by: Algebra, worth: Number, unit: Number) -> Number:
        """How many units of another token that buys."""
        return by.down(worth, unit)


class PriceAtTheEnd(Price):
    """All that is brought costs what the last of it does."""

    def fee(self, by: Algebra, token: Token, net: Number, amount: Number) -> Number:
        """With the rate at the end for all."""
        start, end = by.positive_part(net), by.positive_part(net + amount)
        steps = (end - start) * (end + end)
        return amount * token.base + by.up(steps * token.slope, 2 * token.ceiling)


class ChargeRoundedDown(Price):
    """Less than a unit's worth of fee is forgotten."""

    def charge(self, by: Algebra, token: Token, net: Number, amount: Number) -> Number:
        """Rounded down."""
        return by.up(self.fee(by, token, net, amount) * token.unit - (MILLION - 1), MILLION)


class OutRoundedUp(Price):
    """A part of a unit is given as a whole one."""

    def out(self, by: Algebra, worth: Number, unit: Number) -> Number:
        """Rounded up, or more."""
        return by.down(worth, unit) + 1


class FeesBeyondAll(Price):
    """Base and slope may come to twice what is brought."""

    most_fee = 2 * MILLION


class NotTheLeast(Price):
    """The search for an exact amount out stops one unit late."""

    too_far = 2


# ---- lemmas, of which theorems are made


@dataclass(frozen=True)
class Lemma:
    """What holds of any numbers.

    Attributes:
        title: in words.
        unknowns: their names.
        given: what is known of them.
        claim: what follows.
    """

    title: str
    unknowns: str
    given: Callable[..., list[Fact]]
    claim: Callable[..., Fact]

    def at(self, *terms: Whole) -> Fact:
        """That it holds of these."""
        given = " ".join(each.text for each in self.given(*terms))
        return Fact(f"(=> (and true {given}) {self.claim(*terms).text})")

    def prove(self) -> Verdict:
        """Has z3 look for numbers of which it does not hold: there are none."""
        terms = [Term(name) for name in self.unknowns.split()]
        names, given, claim = self.unknowns.split(), self.given(*terms), self.claim(*terms)
        return _proved(f"lemma: {self.title}", names, given, claim, "(check-sat)")


SIGN = Lemma(
    "a product of what is not negative is not negative",
    "a b",
    lambda a, b: [a >= 0, b >= 0],
    lambda a, b: a * b >= 0,
)
CANCEL = Lemma(
    "what is at most as much many times is so once",
    "a b times",
    lambda a, b, times: [times > 0, a * times <= b * times],
    lambda a, b, _: a <= b,
)
UP_SIGN = Lemma(
    "what is not negative is not rounded up to what is",
    "q p d",
    lambda q, p, d: [d > 0, p >= 0, *_is_up(q, p, d)],
    lambda q, _p, _d: q >= 0,
)
UP_SUM = Lemma(
    "a sum rounded up is at most the parts rounded up",
    "q p q1 p1 q2 p2 d",
    lambda q, p, q1, p1, q2, p2, d: [
        d > 0,
        *_is_up(q, p, d),
        *_is_up(q1, p1, d),
        *_is_up(q2, p2, d),
        p <= p1 + p2,
    ],
    lambda q, _p, q1, _p1, q2, _p2, _d: q <= q1 + q2,
)
UP_STEP = Lemma(
    "so many whole divisors more are at most so much more, rounded up",
    "q p q1 p1 d more",
    lambda q, p, q1, p1, d, more: [d > 0, *_is_up(q, p, d), *_is_up(q1, p1, d), p <= p1 + more * d],
    lambda q, _p, q1, _p1, _d, more: q <= q1 + more,
)
LEMMAS = (SIGN, CANCEL, UP_SIGN, UP_SUM, UP_STEP)


# ---- theorems


class Said(NamedTuple):
    """A theorem about certain numbers.

    Attributes:
        given: what is known of them.
        claim: what follows.
        seen_by: the lemmas it takes to see that, where they are unknown.
    """

    given: list[Any]
    claim: Any
    seen_by: Callable[[Unknowns], list[Fact]]


@dataclass(frozen=True)
class Theorem:
    """What holds of every price.

    Attributes:
        title: in words.
        unknowns: names of the numbers that it is about.
        say: the theorem about these numbers, of a price.
        bugs: prices of which it does not hold.
    """

    title: str
    unknowns: str
    say: Callable[..., Said]
    bugs: tuple[type[Price], ...]

    def prove(self) -> Verdict:
        """Has z3 look for numbers of which it does not hold: there are none."""
        return _proved(self.title, *self.question(Price()))

    def question(self, price: Price) -> tuple[list[str], list[Fact], Fact]:
        """What is asked of z3: unknowns, what is given, and what follows."""
        by = Unknowns()
        said = self.say(price, by, *map(by.new, self.unknowns.split()))
        return by.names, [*said.given, *by.facts, *said.seen_by(by)], said.claim

    def holds(self, price: Price, *numbers: int) -> bool:
        """Whether it does of these numbers."""
        said = self.say(price, Numbers(), *numbers)
        return said.claim or not all(said.given)

    def refute(self, bug: type[Price]) -> Verdict:
        """Tries to prove it of a price with a bug, and looks for numbers that show the bug."""
        started, title = time.monotonic(), f"{self.title}, where {_first_line(bug)}"
        if _ask(*self.question(bug())) == "unsat":
            return Verdict(title, "PROVED: it takes too much for granted", False, time.monotonic() - started)
        found = self.counterexample(bug())
        text = "refuted as it must be" if found else "NOT refuted"
        return Verdict(title, text, found is not None, time.monotonic() - started)

    def counterexample(self, price: Price) -> tuple[int, ...] | None:
        """Numbers of which it does not hold, if some are found; the same each time."""
        dice, names = random.Random(self.title), self.unknowns.split()  # noqa: S311 (nothing is secret)
        for _ in range(TRIES):
            numbers = tuple(_some(dice, name) for name in names)
            if not self.holds(price, *numbers):
                return numbers
        return None


def _some(dice: random.Random, name: str) -> int:
    """A number that may be what is called so."""
    most = 10 ** dice.randrange(1, 8)
    if name.startswith("net"):
        return dice.randrange(-most, most)
    return dice.randrange(name.startswith(("unit", "ceiling", "other")), most)


def _possible(price: Price, token: Token) -> list[Any]:
    return [
        token.unit > 0,
        token.ceiling > 0,
        token.base >= 0,
        token.slope >= 0,
        token.base + token.slope <= price.most_fee,
    ]


def _in_pieces(price: Price, by: Algebra, *numbers: Number) -> Said:
    token, (net, first, rest) = Token(*numbers[:4]), numbers[4:]
    pieces = price.worth_in(by, token, net, first) + price.worth_in(by, token, net + first, rest)
    whole = price.worth_in(by, token, net, first + rest)

    def seen_by(known: Unknowns) -> list[Fact]:
        one, two, both = known.quotients[0::2]
        return [
            UP_SUM.at(*both[:2], *one[:2], *two[:2], one[2]),
            SIGN.at(one[0] + two[0] - both[0], token.unit),
        ]

    return Said([*_possible(price, token), first >= 0, rest >= 0], pieces <= whole, seen_by)


def _par(price: Price, by: Algebra, *numbers: Number) -> Said:
    token, (net, amount, other) = Token(*numbers[:4]), numbers[4:]
    charge, worth = price.charge(by, token, net, amount), price.worth_in(by, token, net, amount)
    given = price.out(by, worth, other)
    start, end = by.positive_part(net), by.positive_part(net + amount)
    area = 2 * token.ceiling * token.base * amount + token.slope * (end * end - start * start)
    # All of it times two ceilings and a million, so that nothing is a fraction.
    ceiling = token.ceiling
    left = (amount * token.unit - given * other) * ceiling * (2 * MILLION)

    def seen_by(known: Unknowns) -> list[Fact]:
        (i, p, d), (o, q, _) = known.quotients[:2]
        return [
            SIGN.at(d * i - p, token.unit),
            SIGN.at(o * MILLION - q, ceiling),
            SIGN.at(amount * token.unit - charge - given * other, ceiling),
        ]

    return Said([*_possible(price, token), other > 0, amount >= 0], area * token.unit <= left, seen_by)


def _there_and_back(price: Price, by: Algebra, *numbers: Number) -> Said:
    one, other, (net, net2, amount) = Token(*numbers[:4]), Token(*numbers[4:8]), numbers[8:]
    there = price.out(by, price.worth_in(by, one, net, amount), other.unit)
    back = price.out(by, price.worth_in(by, other, net2, there), one.unit)

    def seen_by(known: Unknowns) -> list[Fact]:
        hints = [CANCEL.at(back, amount, one.unit)]
        ends = list(known.parts.values())
        for place, brought, token in ((0, amount, one), (2, there, other)):
            (i, p, d), (o, q, whole) = known.quotients[place : place + 2]
            start, end = ends[place : place + 2]
            hints += [
                SIGN.at(end - start, end + start),
                SIGN.at((end - start) * (end + start), token.slope),
                UP_SIGN.at(i, p, d),
                SIGN.at(brought, token.base),
                SIGN.at(brought * token.base + i, token.unit),
                UP_SIGN.at(o, q, whole),
            ]
        return hints

    possible = [*_possible(price, one), *_possible(price, other), amount >= 0, there >= 0]
    return Said(possible, back <= amount, seen_by)


def _more_for_more(price: Price, by: Algebra, *numbers: Number) -> Said:
    token, (net, amount, more) = Token(*numbers[:4]), numbers[4:]
    before = price.worth_in(by, token, net, amount)
    after = price.worth_in(by, token, net, amount + more)
    given = [*_possible(price, token), amount >= 0, more >= 0, net + amount + more <= token.ceiling]
    return Said(given, before <= after, partial(_rising, token, more))


def _exactly_so_much_out(price: Price, by: Algebra, *numbers: Number) -> Said:
    token, (net, amount, other, found) = Token(*numbers[:4]), numbers[4:]
    worth = price.worth_in(by, token, net, amount)
    given = price.out(by, worth, other)
    less = found - price.too_far
    too_little = price.worth_in(by, token, net, less) < given * other
    within = [net + amount <= token.ceiling, net + less <= token.ceiling]
    possible = [*_possible(price, token), *within, other > 0, amount >= 0, less >= 0, too_little]
    return Said(possible, found <= amount, partial(_rising, token, less - amount))


def _rising(token: Token, more: Number, known: Unknowns) -> list[Fact]:
    """For more that is brought, the fee rises by half of that at most."""
    (i1, p1, d), _, (i2, p2, _), _ = known.quotients
    _, end1, *_, end2 = known.parts.values()
    rise, most = (end2 - end1) * (end2 + end1), more * (2 * token.ceiling)
    return [
        SIGN.at(end2 - end1, 2 * token.ceiling - end2 - end1),
        SIGN.at(more - end2 + end1, token.ceiling),
        SIGN.at(most - rise, token.slope),
        UP_STEP.at(i2, p2, i1, p1, d, more * token.slope),
        SIGN.at(more, MOST_FEE - token.base - token.slope),
        SIGN.at(more * (MOST_FEE - token.base) + i1 - i2, token.unit),
        SIGN.at(more, token.unit),
    ]


PRICED = "unit ceiling base slope"
THEOREMS = (
    Theorem(
        "SWAP-1 in pieces never cheaper",
        f"{PRICED} net first rest",
        _in_pieces,
        (PriceAtTheEnd, ChargeRoundedDown),
    ),
    Theorem(
        "SWAP-1 at most par less the area under the curve",
        f"{PRICED} net amount other",
        _par,
        (ChargeRoundedDown, OutRoundedUp),
    ),
    Theorem(
        "SWAP-1 there and back never profits",
        f"{PRICED} unit2 ceiling2 base2 slope2 net net2 amount",
        _there_and_back,
        (OutRoundedUp,),
    ),
    Theorem(
        "SWAP-1 who brings more gets no less",
        f"{PRICED} net amount more",
        _more_for_more,
        (FeesBeyondAll,),
    ),
    Theorem(
        "SWAP-1 exactly so much out costs no more than it must",
        f"{PRICED} net amount other found",
        _exactly_so_much_out,
        (NotTheLeast, FeesBeyondAll),
    ),
)


# ---- asking


LINEAR = "(check-sat-using (then (! simplify :som true) (! smt :arith.nl false)))"
"""Every product is a thing of its own, of which lemmas tell; sums alone are worked with."""


def _ask(names: Sequence[str], given: Sequence[Fact], claim: Fact, how: str = LINEAR) -> str:
    """Whether z3 finds numbers of which the claim does not hold: sat, unsat, or what keeps it from saying."""
    lines = [f"(declare-const {name} Int)" for name in names]
    lines += [f"(assert {each.text})" for each in given]
    lines += [f"(assert (not {claim.text}))", how]
    run = subprocess.run(
        [HALMOS / "z3", f"-T:{SECONDS}", "-in"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout.strip()


def _proved(
    title: str, names: Sequence[str], given: Sequence[Fact], claim: Fact, how: str = LINEAR
) -> Verdict:
    started = time.monotonic()
    answer = _ask(names, given, claim, how)
    found = {"unsat": "proved", "sat": "REFUTED"}.get(answer, f"not decided: {answer}")
    return Verdict(title, found, answer == "unsat", time.monotonic() - started)


def _first_line(bug: type[Price]) -> str:
    text = (bug.__doc__ or "").splitlines()[0].rstrip(".")
    return text[0].lower() + text[1:]


def work() -> Iterator[Callable[[], Verdict]]:
    """All that is run."""
    for lemma in LEMMAS:
        yield lemma.prove
    for theorem in THEOREMS:
        yield theorem.prove
        for bug in theorem.bugs:
            yield partial(theorem.refute, bug)


if __name__ == "__main__":
    sys.exit(conclude(work()))
