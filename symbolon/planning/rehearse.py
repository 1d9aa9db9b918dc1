"""Trying a plan out on a copy of the chain: what each act costs, or why it would be refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symbolon import calls
from symbolon.forks import Fork
from symbolon.planning.model import Account, Act
from symbolon.reverts import RefusedError


@dataclass(frozen=True)
class Outcome:
    """What became of an act: the gas it took, or the contract's reason against it."""

    act: Act
    gas: int
    refusal: str = ""


def rehearse(fork: Fork, acts: Sequence[Act]) -> list[Outcome]:
    """Carry acts out on a copy of the chain, each signed by whom it is meant for."""
    outcomes = []
    for act in acts:
        with fork.acting(act.signer.address) as account:
            try:
                receipt = calls.send(account, act.call.to, act.call.data, what=act.call.what)
                outcomes.append(Outcome(act, int(receipt.gas_used)))
            except RefusedError as error:
                outcomes.append(Outcome(act, 0, str(error)))
    return outcomes


def gas_by_signer(outcomes: Sequence[Outcome]) -> dict[Account, int]:
    """How much gas each account pays for."""
    found: dict[Account, int] = {}
    for outcome in outcomes:
        found[outcome.act.signer] = found.get(outcome.act.signer, 0) + outcome.gas
    return found
