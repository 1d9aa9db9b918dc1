"""What a pool's brands owe and are owed, period by period, from what the contracts have announced. Pure.

books = read(happenings, tokens, settlements={settlement_id: period})
for line in books.lines: ...      # a statement: one line for each brand and period
for debt in books.debts: ...      # who owes what by when

A statement has two halves. In *tokens* it says what the pool had of a brand's token and what became of it; in
*money*, what the brand is owed by its partners, or owes them where it is negative. Each half adds up, line by
line, to the last unit:

    stock before + provided - withdrawn + brought - taken - prepaid for - handed over = stock after
    opening - brought + taken + prepaid + fees + rounding + paid + enforced - received = closing

and each line opens with what the one before closed with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from symbolon.reference.swap_math import WORTH, Pricing

AMOUNTS = (
    "stock_before",
    "provided",
    "withdrawn",
    "tokens_brought",
    "tokens_taken",
    "tokens_prepaid",
    "handed_over",
    "stock_after",
)
VALUES = (
    "opening",
    "brought",
    "taken",
    "prepaid",
    "fees",
    "rounding",
    "paid",
    "enforced",
    "received",
    "closing",
)
"""The columns of both halves; in each the last is the sum of the others, signed as they count."""

_LESS = {"withdrawn", "tokens_taken", "tokens_prepaid", "handed_over", "brought", "received"}


@dataclass(frozen=True)
class Happening:
    """Something that a contract announced.

    Attributes:
        name: of the event.
        facts: its arguments; addresses checksummed, other words as bytes.
        at: when, in seconds, for what begins or ends a period; else it does not matter.
    """

    name: str
    facts: Mapping[str, Any]
    at: int = 0


@dataclass(frozen=True)
class TokenFacts:
    """A token: how it is called and what it is worth.

    Attributes:
        symbol, decimals: the token's.
        par_value: currency base units per whole token.
    """

    symbol: str
    decimals: int
    par_value: int

    @property
    def pricing(self) -> Pricing:
        """What reckons its worth."""
        return Pricing(par_value=self.par_value, decimals=self.decimals)


@dataclass(frozen=True)
class Window:
    """A period of a pool.

    Attributes:
        number: from 0.
        started_at: when, in seconds.
        ended_at: when it was closed; None while it runs.
        due_at: by when its debts are to be paid; None where nothing is to be settled.
    """

    number: int
    started_at: int
    ended_at: int | None = None
    due_at: int | None = None


@dataclass
class Line:
    """A brand's statement for one period.

    Amounts of its token, in base units: `stock_before`, `provided`, `withdrawn` by it; `tokens_brought` and
    `tokens_taken` by members; `tokens_prepaid`, which burned; `handed_over` to stand behind its debt;
    `stock_after`.

    Values, in currency base units: `opening`; what was `brought` and `taken`, at par; `prepaid` for it in
    this period; its part of the `fees`; `rounding`, since debts are rounded up and claims down; what was
    `paid` of its debts, or `enforced` out of what it laid down; what it `received`, its holders' purse
    included; `closing`.

    Attributes:
        period: which.
        claimant: the token's address, or a treasury's.
        token: what it is called and worth; None for a treasury.
    """

    period: Window
    claimant: str
    token: TokenFacts | None
    stock_before: int = 0
    provided: int = 0
    withdrawn: int = 0
    tokens_brought: int = 0
    tokens_taken: int = 0
    tokens_prepaid: int = 0
    handed_over: int = 0
    opening: int = 0
    prepaid: int = 0
    fees: int = 0
    rounding: int = 0
    paid: int = 0
    enforced: int = 0
    received: int = 0

    @property
    def name(self) -> str:
        """What it is a statement for."""
        return self.token.symbol if self.token else f"treasury {self.claimant}"

    @property
    def net(self) -> int:
        """What members brought less what they took and what was prepaid for, in base units of the token."""
        return self.tokens_brought - self.tokens_taken - self.tokens_prepaid

    @property
    def stock_after(self) -> int:
        """What the pool has of the token in the end."""
        return self.stock_before + self.provided - self.withdrawn + self.net - self.handed_over

    @property
    def brought(self) -> int:
        """What members brought, at par, rounded up."""
        return self.token.pricing.value_up(self.tokens_brought) if self.token else 0

    @property
    def taken(self) -> int:
        """What they took, at par, rounded down."""
        return self.tokens_taken * self.token.pricing.unit_worth // WORTH if self.token else 0

    @property
    def earned(self) -> int:
        """What the period alone came to."""
        return self.taken - self.brought + self.prepaid + self.fees + self.rounding

    @property
    def closing(self) -> int:
        """What the brand is owed in the end, or owes."""
        return self.opening + self.earned + self.paid + self.enforced - self.received

    @property
    def amounts(self) -> dict[str, int]:
        """Its half in tokens, signed as it counts: the last is the sum of the others."""
        return self._signed(AMOUNTS)

    @property
    def values(self) -> dict[str, int]:
        """Its half in money, signed as it counts: the last is the sum of the others."""
        return self._signed(VALUES)

    def _signed(self, columns: Iterable[str]) -> dict[str, int]:
        return {name: -getattr(self, name) if name in _LESS else getattr(self, name) for name in columns}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not any((*self.amounts.values(), *self.values.values()))


@dataclass
class Debt:
    """What a brand came to owe in a period.

    Attributes:
        period: which.
        token: whose brand owes.
        value: how much it was.
        unpaid: how much it still is.
        lien: how many of its tokens stand behind that.
        due_at: when it can be enforced, in seconds.
    """

    period: int
    token: str
    value: int
    unpaid: int
    lien: int
    due_at: int = 0


@dataclass
class Claim:
    """What somebody came to be owed in a period.

    Attributes:
        period: which.
        claimant: a token, for its brand, or a treasury.
        value: how much it is.
        taken: what was taken out.
        payable: what could be taken out now.
    """

    period: int
    claimant: str
    value: int
    taken: int = 0
    payable: int = 0


@dataclass
class Settled:
    """A settlement: all its claims, what has come in, and what was taken out."""

    total: int = 0
    received: int = 0
    taken: int = 0


@dataclass
class Books:
    """Everything about a pool that its statements, reminders and payments need.

    Attributes:
        tokens: every token that has been in the pool.
        periods: all of them, the running one last.
        lines: by period, then by token in the order of joining; treasuries last.
        debts, claims: of all settlements, the oldest first; those that are settled too.
        settled: by period.
        carried: what was prepaid for settlements to come.
    """

    tokens: dict[str, TokenFacts]
    periods: list[Window] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    debts: list[Debt] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    settled: dict[int, Settled] = field(default_factory=dict)
    carried: int = 0

    @property
    def cash(self) -> int:
        """What has come in and nobody has taken out, in currency base units: all closing values together,
        except for the fees of the running period."""
        return self.carried + sum(each.received - each.taken for each in self.settled.values())

    def unpaid(self, token: str | None = None, period: int | None = None) -> list[Debt]:
        """Debts that are not paid, or those of a token's brand or a period, the oldest first."""
        return [
            debt
            for debt in self.debts
            if debt.unpaid and token in (None, debt.token) and period in (None, debt.period)
        ]

    def payable(self, claimant: str) -> list[Claim]:
        """Claims of somebody of which something could be taken out, the oldest first."""
        return [claim for claim in self.claims if claim.payable and claim.claimant == claimant]

    def of_period(self, period: int) -> list[Line]:
        """The lines of one period."""
        return [line for line in self.lines if line.period.number == period]


def read(
    happenings: Iterable[Happening],
    tokens: Mapping[str, TokenFacts],
    settlements: Mapping[bytes, int],
    bonds: str,
) -> Books:
    """The books of a pool, from everything about it that happened, in order.

    `settlements` are the periods of its settlements by their ids; what is about others is passed over.
    `bonds` is who pays where a debt is enforced.
    """
    story = [each for each in happenings if each.facts.get("settlementId") in (None, *settlements)]
    reader = _Reader(Books(dict(tokens)), settlements, bonds)
    for happening in story:  # what closing a period opens is announced after it
        reader.open(happening)
    for happening in story:
        reader.follow(happening)
    return reader.finish()


class _Reader:
    def __init__(self, books: Books, settlements: Mapping[bytes, int], bonds: str) -> None:
        self._books = books
        self._settlements = settlements
        self._bonds = bonds
        self._debts: dict[tuple[int, str], Debt] = {}
        self._claims: dict[tuple[int, str], Claim] = {}
        self._due: dict[int, int] = {}
        self._members: set[str] = set()
        self._now: dict[str, Line] = {}
        self._prepaid = 0
        self._acts: dict[str, Callable[[Mapping[str, Any], int], None]] = {
            "Joined": self._joined,
            "Left": self._left,
            "Provided": self._provided,
            "Withdrawn": self._withdrawn,
            "Swapped": self._swapped,
            "Prepaid": self._prepaid_for,
            "PeriodClosed": self._period_closed,
            "DebtPaid": self._debt_paid,
            "ClaimPaid": self._claim_paid,
        }

    def open(self, happening: Happening) -> None:
        """Note what is owed in a settlement."""
        facts = happening.facts
        if happening.name == "SettlementOpened":
            period = facts["period"]
            self._due[period] = facts["dueAt"]
            self._books.settled[period] = Settled(facts["total"], facts["prepaid"])
        elif happening.name == "DebtOpened":
            period = self._settlements[facts["settlementId"]]
            token, value = facts["token"], facts["value"]
            self._debts[period, token] = Debt(period, token, value, value, facts["lien"])
        elif happening.name == "ClaimOpened":
            period = self._settlements[facts["settlementId"]]
            claimant = facts["claimant"]
            self._claims[period, claimant] = Claim(period, claimant, facts["value"])

    def follow(self, happening: Happening) -> None:
        """Write down what happened."""
        if act := self._acts.get(happening.name):
            act(happening.facts, happening.at)

    def finish(self) -> Books:
        """The books as they are now."""
        books = self._books
        if books.periods:
            self._write_down()
        for (period, _), debt in self._debts.items():
            debt.due_at = self._due[period]
        for claim in self._claims.values():
            settled = books.settled[claim.period]
            claim.payable = claim.value * settled.received // settled.total - claim.taken
        books.debts, books.claims = list(self._debts.values()), list(self._claims.values())
        books.carried = self._prepaid
        return books

    # ---- by the event's name

    def _joined(self, facts: Mapping[str, Any], at: int) -> None:
        if not self._books.periods:
            self._books.periods.append(Window(0, at))
        self._members.add(facts["token"])
        self._line(facts["token"])

    def _left(self, facts: Mapping[str, Any], _: int) -> None:
        self._members.discard(facts["token"])

    def _provided(self, facts: Mapping[str, Any], _: int) -> None:
        self._line(facts["token"]).provided += facts["amount"]

    def _withdrawn(self, facts: Mapping[str, Any], _: int) -> None:
        self._line(facts["token"]).withdrawn += facts["amount"]

    def _swapped(self, facts: Mapping[str, Any], _: int) -> None:
        self._line(facts["tokenIn"]).tokens_brought += facts["amountIn"]
        self._line(facts["tokenOut"]).tokens_taken += facts["amountOut"]

    def _prepaid_for(self, facts: Mapping[str, Any], _: int) -> None:
        line = self._line(facts["token"])
        line.tokens_prepaid += facts["amount"]
        line.prepaid += facts["value"]
        self._prepaid += facts["value"]

    def _period_closed(self, facts: Mapping[str, Any], at: int) -> None:
        books, number = self._books, facts["period"]
        for claimant in [key for period, key in self._claims if period == number]:
            self._line(claimant)  # a treasury has none before
        for line in self._now.values():
            self._close(line, number, settles=facts["settled"])
        if facts["settled"]:
            self._prepaid = 0
        started_at = books.periods[-1].started_at
        window = Window(number, started_at, at, self._due.get(number))
        books.periods[-1] = window
        for line in self._now.values():
            line.period = window
        self._write_down()
        books.periods.append(Window(number + 1, at))
        self._now = {
            key: Line(books.periods[-1], key, line.token, stock_before=line.stock_after, opening=line.closing)
            for key, line in self._now.items()
        }

    def _debt_paid(self, facts: Mapping[str, Any], _: int) -> None:
        period, token, value = self._settlements[facts["settlementId"]], facts["token"], facts["value"]
        line, debt = self._line(token), self._debts[period, token]
        if facts["payer"] == self._bonds:
            line.enforced += value
        else:
            line.paid += value
        debt.unpaid -= value
        debt.lien -= facts["burned"]
        self._books.settled[period].received += value

    def _claim_paid(self, facts: Mapping[str, Any], _: int) -> None:
        period, claimant = self._settlements[facts["settlementId"]], facts["claimant"]
        self._line(claimant).received += facts["value"]
        self._claims[period, claimant].taken += facts["value"]
        self._books.settled[period].taken += facts["value"]

    # ----

    def _line(self, claimant: str) -> Line:
        if claimant not in self._now:
            token = self._books.tokens.get(claimant)
            self._now[claimant] = Line(self._books.periods[-1], claimant, token)
        return self._now[claimant]

    def _close(self, line: Line, number: int, *, settles: bool) -> None:
        """Fees and rounding are what makes a debt or a claim of what was brought and taken."""
        debt, claim = self._debts.get((number, line.claimant)), self._claims.get((number, line.claimant))
        line.handed_over = debt.lien if debt else 0
        due = (claim.value if claim else 0) - (debt.value if debt else 0)
        if line.token is None or (line.net > 0 and not settles):
            line.fees = due - line.earned  # where nobody is owed, all that members left are fees
        elif claim:
            line.fees = due - (-line.net * line.token.pricing.unit_worth // WORTH)
        line.rounding = due - line.earned

    def _write_down(self) -> None:
        order = {claimant: place for place, claimant in enumerate(self._books.tokens)}
        lines = [line for line in self._now.values() if line.claimant in self._members or not line.is_empty]
        self._books.lines += sorted(lines, key=lambda line: order.get(line.claimant, len(order)))
