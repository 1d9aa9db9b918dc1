"""Plans for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import click

from symbolon.planning.model import Account, Act, Mark
from symbolon.planning.plan import Plan
from symbolon.planning.rehearse import Outcome, gas_by_signer
from symbolon.units import ether

_COLOURS = {
    Mark.CREATE: "green",
    Mark.CHANGE: "yellow",
    Mark.FIXED: "red",
    Mark.WAITS: "cyan",
    Mark.DRIFT: "magenta",
}
LEGEND = "+ create   ~ change   ! cannot be changed   … waits   ? on the chain, not in the file"


@dataclass(frozen=True)
class Price:
    """What gas costs: wei a gas, and what an ETH costs in some money, if somebody said it."""

    wei: int
    ether: float | None = None
    money: str = ""

    @classmethod
    def of(cls, wei: int, text: str | None) -> Price:
        """The price with an ETH at, say, "2500 EUR". Raises click.UsageError."""
        if text is None:
            return cls(wei)
        amount, _, money = text.strip().partition(" ")
        try:
            return cls(wei, float(amount.replace(",", "")), money.strip() or "in money")
        except ValueError:
            raise click.UsageError(f'{text!r} is no price: write it as "2500 EUR".') from None

    def text(self, gas: int) -> str:
        """What so much gas costs."""
        cost = f"{ether(gas * self.wei)} ETH"
        if self.ether is not None:
            cost += f" ({gas * self.wei / 10**18 * self.ether:,.2f} {self.money})"
        return cost


def lines(plan: Plan, outcomes: Sequence[Outcome], price: Price) -> Iterator[str]:
    """A plan, subject by subject, with what each act costs; and what it comes to."""
    if not plan.differences:
        yield "Nothing to do: the chain is as the file says."
        return
    by_key = {outcome.act.key: outcome for outcome in outcomes}
    subject = ""
    for each in plan.differences:
        if each.subject != subject:
            subject = each.subject
            yield click.style(subject, bold=True)
        mark = click.style(each.mark, fg=_COLOURS[each.mark])
        if isinstance(each, Act):
            yield f"  {mark} {each.text}  [{_fate(each, by_key, price)}]"
        else:
            where = f" (line {each.line})" if each.line else ""
            yield f"  {mark} {each.text}{where}"
    yield ""
    yield LEGEND
    yield from _summary(plan, outcomes, price)


def _fate(act: Act, outcomes: Mapping[str, Outcome], price: Price) -> str:
    outcome = outcomes.get(act.key)
    if outcome is None:
        return f"{act.signer}"
    if outcome.refusal:
        return f"{act.signer}; would be refused: {outcome.refusal}"
    return f"{act.signer}, gas {outcome.gas:,}, {price.text(outcome.gas)}"


def _summary(plan: Plan, outcomes: Sequence[Outcome], price: Price) -> Iterator[str]:
    words = {
        Mark.CREATE: "to create",
        Mark.CHANGE: "to change",
        Mark.FIXED: "cannot be changed",
        Mark.WAITS: "waiting",
        Mark.DRIFT: "not in the file",
    }
    counts = (f"{plan.count(mark)} {what}" for mark, what in words.items() if plan.count(mark))
    yield f"Plan: {', '.join(counts)}."
    gas = sum(outcome.gas for outcome in outcomes)
    if gas:
        yield f"Together: gas {gas:,}, {price.text(gas)} at {price.wei / 10**9:.3f} gwei."
    for signer, used in gas_by_signer(outcomes).items():
        count = sum(outcome.act.signer == signer for outcome in outcomes)
        yield f"  {named(signer)} signs {count}: {price.text(used)}"


def named(account: Account) -> str:
    """An account by name and address."""
    return account.name if account.name == account.address else f"{account.name} ({account.address})"
