"""What a swap at par costs: see SwapMath. Amounts in base units, worth in currency base units times WORTH."""

from __future__ import annotations

from typing import NamedTuple

WORTH = 10**18
MILLION = 10**6


class Pricing(NamedTuple):
    """What prices one side of a swap.

    Attributes:
        par_value: currency base units per whole token.
        ceiling: the most that a pool may have taken in.
        decimals: the token's.
        base_fee: in parts per million.
        fee_slope: how much more it costs at the ceiling.
    """

    par_value: int = 0
    ceiling: int = 0
    decimals: int = 0
    base_fee: int = 0
    fee_slope: int = 0

    @property
    def unit_worth(self) -> int:
        """The worth of a base unit."""
        worth: int = self.par_value * WORTH // 10**self.decimals
        return worth

    def worth_in(self, net: int, amount: int) -> int:
        """What `amount` is worth, less the fee for taking it in after `net`.

        The fee is the area under a line that rises from the base fee at nothing to base fee and slope at the
        ceiling, over the stretch that the amount covers; below nothing the line is level.
        """
        start, end = max(net, 0), max(net + amount, 0)
        fee = amount * self.base_fee
        if end > start:
            fee += _up((end * end - start * start) * self.fee_slope, 2 * self.ceiling)
        return amount * self.unit_worth - _up(fee * self.unit_worth, MILLION)

    def amount_in(self, net: int, worth: int, most: int) -> int:
        """The least amount worth `worth` after its fee; `most` + 1 if `most` is not. By halving."""
        low, high = 0, most + 1
        while low < high:
            middle = (low + high) // 2
            if self.worth_in(net, middle) >= worth:
                high = middle
            else:
                low = middle + 1
        return low

    def value_up(self, amount: int) -> int:
        """What an amount is worth at par, in currency base units, rounded up."""
        return _up(amount * self.unit_worth, WORTH)


def _up(number: int, divisor: int) -> int:
    """A quotient, rounded up."""
    return -(-number // divisor)
