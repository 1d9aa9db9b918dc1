"""What swaps cost, reckoned off the chain and the same to the last unit. Pure.

quote_in(bake, star, 500_00)    # bring 500 BAKE: how many STAR?
quote_out(bake, star, 10)       # for 10 STAR: how many BAKE?

Each side of a swap is a token in a pool as it was at some block; what is quoted is what the chain would
answer at that block, refusals included.
"""

from __future__ import annotations

from dataclasses import dataclass

from symbolon.exceptions import SymbolonError
from symbolon.reference.swap_math import Pricing
from symbolon.units import format_amount

NO_CAP = 2**256 - 1
"""As what a daily cap leaves: there is none."""


class NoSwapError(SymbolonError):
    """The pool does not do that swap now."""


@dataclass(frozen=True)
class Side:
    """A token in a pool, as far as it prices and bounds swaps. Amounts are base units.

    Attributes:
        symbol, decimals: the token's.
        par_value: currency base units per whole token.
        provided: what its brand has provided.
        net: what members brought less what they took in this period.
        ceiling: the most that `net` may be.
        base_fee, fee_slope: in parts per million, see `Pricing`.
        left_today: what may still be brought today; `NO_CAP` is any amount.
        stopped: whether nothing can be swapped.
    """

    symbol: str
    decimals: int
    par_value: int
    provided: int
    net: int
    ceiling: int
    base_fee: int
    fee_slope: int
    left_today: int = NO_CAP
    stopped: bool = False

    @property
    def pricing(self) -> Pricing:
        """What prices bringing it."""
        return Pricing(self.par_value, self.ceiling, self.decimals, self.base_fee, self.fee_slope)

    @property
    def stock(self) -> int:
        """What members can take."""
        return self.provided + self.net

    @property
    def room(self) -> int:
        """What they can bring, caps of the day included."""
        return min(max(0, self.ceiling - self.net), self.left_today)

    @property
    def rate(self) -> int:
        """What bringing the next unit costs, in parts per million, rounded down."""
        if self.net <= 0 or not self.ceiling:
            return self.base_fee
        return self.base_fee + self.net * self.fee_slope // self.ceiling

    def text(self, amount: int) -> str:
        """An amount for people."""
        return f"{format_amount(amount, self.decimals)} {self.symbol}"


@dataclass(frozen=True)
class Quote:
    """A swap and what it costs.

    Attributes:
        amount_in, amount_out: base units that are brought and taken.
        fee: what is brought at par less what is taken at par: currency base units times `swap_math.WORTH`,
            exact.
        worth: what is brought at par, in the same.
    """

    amount_in: int
    amount_out: int
    fee: int
    worth: int

    @property
    def rate(self) -> float:
        """The fee as a part of what is brought."""
        return self.fee / self.worth


def quote_in(brought: Side, taken: Side, amount: int) -> Quote:
    """What a swap gives for `amount` of what is brought. Raises NoSwapError."""
    _check(brought, taken, amount)
    _check_room(brought, amount)
    amount_out = brought.pricing.worth_in(brought.net, amount) // taken.pricing.unit_worth
    if not amount_out:
        raise NoSwapError(
            f"{brought.text(amount)} are worth less than the smallest part of {taken.symbol}: bring more."
        )
    if amount_out > taken.stock:
        most = largest(brought, taken)
        raise NoSwapError(
            f"The pool has {taken.text(taken.stock)} and {brought.text(amount)} would take "
            f"{format_amount(amount_out, taken.decimals)}: bring at most {brought.text(most)}."
        )
    return _quote(brought, taken, amount, amount_out)


def quote_out(brought: Side, taken: Side, amount: int) -> Quote:
    """The least that a swap takes for exactly `amount` of what is taken. Raises NoSwapError."""
    _check(brought, taken, amount)
    if amount > taken.stock:
        raise NoSwapError(f"The pool has {taken.text(taken.stock)}: take that at most.")
    worth = amount * taken.pricing.unit_worth
    most = max(0, brought.ceiling - brought.net)
    amount_in = brought.pricing.amount_in(brought.net, worth, most)
    if amount_in > most:
        raise NoSwapError(
            f"The pool takes {brought.text(brought.room)} more and {taken.text(amount)} cost more than that: "
            "take less, or wait for the next period."
        )
    _check_room(brought, amount_in)
    return _quote(brought, taken, amount_in, amount)


def largest(brought: Side, taken: Side) -> int:
    """The most that can be brought for what there is of the other token, in base units."""
    if brought.stopped or taken.stopped:
        return 0
    too_much = (taken.stock + 1) * taken.pricing.unit_worth
    return brought.pricing.amount_in(brought.net, too_much, brought.room) - 1


def _check(brought: Side, taken: Side, amount: int) -> None:
    if amount <= 0:
        raise NoSwapError("The swap is of nothing: swap more.")
    for side in (brought, taken):
        if side.stopped:
            raise NoSwapError(
                f"Swapping {side.symbol} is stopped here: choose another token, or come back later."
            )


def _check_room(brought: Side, amount: int) -> None:
    ceiling = max(0, brought.ceiling - brought.net)
    if amount > ceiling:
        raise NoSwapError(
            f"The pool takes {brought.text(ceiling)} more and {format_amount(amount, brought.decimals)} "
            "would be brought: bring less, or wait for the next period."
        )
    if amount > brought.left_today:
        raise NoSwapError(
            f"The pool takes {brought.text(brought.left_today)} more today and "
            f"{format_amount(amount, brought.decimals)} would be brought: bring less, or come back tomorrow."
        )


def _quote(brought: Side, taken: Side, amount_in: int, amount_out: int) -> Quote:
    worth = amount_in * brought.pricing.unit_worth
    return Quote(amount_in, amount_out, worth - amount_out * taken.pricing.unit_worth, worth)
