"""Running the machine, and telling whether a run meant anything."""

from __future__ import annotations

import os
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from stateful import abi
from stateful.machine import Machine, Tally

ROUNDS = 36
"""Rounds of eight turns in a run, which is as much as Hypothesis draws for one example."""

SUITE = (
    "BrandRegistry",
    "LoyaltyTokenFactory",
    "LoyaltyToken",
    "ObligationRegistry",
    "Redemptions",
    "Bonds",
    "Orders",
    "Pools",
    "Settlements",
    "Swaps",
    "EarnDistributor",
    "PurchaseRights",
    "GroupDeals",
    "GroupPurchaseEscrow",
    "BargainDeals",
    "Bargains",
    "Haggles",
    "Cuts",
    "ReferralRewards",
    "CampaignRewards",
    "Consent",
)

FEWEST_SUCCESSES = 1 / 4000
"""Every action, of more than a hundred and sixty, succeeds at least once in four thousand steps, …"""

NEVER_SUCCEEDS = {
    "BrandRegistry.set_authority": "only the access manager itself can",
    "LoyaltyToken.redeem_with_signature": "only the desk can, and does when a till redeems",
    "Bonds.draw": "only a module can, and does when a brand fails",
    "Bonds.on_transfer_received": "only tokens can, and do when a holder hands them in",
    "Bonds.report": "only a module can, and does when a debt is reported",
    "Bonds.withdraw_report": "only a module can, and does when a reported debt is paid",
    "ObligationRegistry.set_in_default": "only the bonds can, and do when a default begins or ends",
    "Orders.on_transfer_received": "only tokens can, and do when a member orders",
    "Orders.on_allotted": "only the bonds can, and do when a brand allots",
    "Orders.on_reclaimed": "only the bonds can, and do when a brand reclaims",
    "PurchaseRights.on_transfer_received": "only tokens can, and do when a member buys rights",
    "PurchaseRights.consume": "only a module can, and does when a member opens something",
    "EarnDistributor.on_quota_received": "only tokens can, and do when a brand posts",
    "GroupPurchaseEscrow.on_transfer_received": "only tokens can, and do when a member joins",
    "GroupPurchaseEscrow.on_deal_published": "only the deals can, and do when a brand publishes one",
    "GroupPurchaseEscrow.on_allotted": "only the bonds can, and do when a brand allots",
    "GroupPurchaseEscrow.on_reclaimed": "only the bonds can, and do when a brand reclaims",
    "Bargains.on_transfer_received": "only tokens can, and do when a buyer pays",
    "Bargains.on_deal_published": "only the deals can, and do when a brand publishes one",
    "Bargains.on_allotted": "only the bonds can, and do when a brand allots",
    "Bargains.on_reclaimed": "only the bonds can, and do when a brand reclaims",
    "Bargains.begin": "only a pricer can, and does when a bargain opens",
    "Bargains.strike": "only a pricer can, and does when a bargain is struck",
    "Bargains.release": "only a pricer can, and does when a deposit goes back",
    "Haggles.on_published": "only the deals can, and do when a brand publishes one",
    "Haggles.on_payment": "only the bargains can, and do when a buyer pays",
    "Cuts.on_published": "only the deals can, and do when a brand publishes one",
    "Cuts.on_payment": "only the bargains can, and do when a buyer pays",
    "Pools.set_authority": "only the access manager itself can",
    "Settlements.on_allotted": "only the bonds can, and do when a brand allots",
    "Settlements.on_reclaimed": "only the bonds can, and do when a brand reclaims",
    "ReferralRewards.on_quota_received": "only tokens can, and do when a brand fills a budget",
    "CampaignRewards.on_quota_received": "only tokens can, and do when a brand fills a purse",
    "Consent.on_quota_received": "only tokens can, and do when a brand fills a budget",
    "Swaps.on_transfer_received": "only tokens can, and do when a member swaps",
    "Swaps.on_joined": "only the pools can, and do when a brand joins",
    "Swaps.on_left": "only the pools can, and do when a brand leaves",
    "Swaps.on_bounds_set": "only the pools can, and do when bounds change",
    "Swaps.on_account_changed": "only the settlements can, and do when a debt is paid",
    "Swaps.on_bond_reclaimed": "only the settlements can, and do when a brand reclaims",
    "Swaps.on_prepaid": "only the settlements can, and do when a brand pays before the end",
}
"""… but for these."""

NEVER_MET = {
    "LoyaltyToken_InvalidReceipt": "the desk's receipts are never that small",
    "Bonds_ModuleRefused": "orders answer as they should, and others do not answer",
    "Bonds_ShortDeposit": "the currency is an honest one",
    "Bonds_WrongPayment": "the currency is an honest one",
    "Bargains_NoDeposit": "the pricers know what has none",
    "Bargains_NumberUsed": "the pricers know what was used",
    "Pools_PoolFull": "there are not so many tokens",
    "Purchases_WrongPayment": "the currency is an honest one",
    "Settlements_WrongPayment": "the currency is an honest one",
    "Settlements_OtherCurrency": "a pool has one",
}
"""Our own errors that no play can bring about."""

EXPECTED = (
    "audit",
    "AUTH-1: any function, refused",
    "AUTH-1: any function, done",
    "AUTH-1: any bytes, refused",
    "ISSUE-3: transfer while stopped",
    "ISSUE-3: transfer_and_call while stopped",
    "ISSUE-3: burn while stopped",
    "ISSUE-3: mint while stopped",
    "RED-2: at once",
    "RED-2: later",
    "RED-2: refused",
    "RED-2: ordered",
    "RED-1: silence",
    "RED-1: declined",
    "RED-1: claim at the deadline",
    "RED-1: finish at the deadline",
    "RED-1: no order under an ended offer",
    "AUTH-1: mint-stop while leaving",
    "BOND-1: withdrawn",
    "SWAP-1: at par",
    "SWAP-1: there and back",
    "SWAP-2: within the bounds",
    "SWAP-2: raised",
    "SWAP-2: lowered under what was announced",
    "SWAP-2: reclaimed",
    "SWAP-2: withdrawn at any time",
    "SWAP-3: within what the member said",
    "SWAP-4: a present",
    "SETTLE-1: opened",
    "SETTLE-1: enforced",
    "SETTLE-1: closed at the end",
    "SETTLE-2: nothing lost",
    "SETTLE-2: something lost",
    "SETTLE-3: taken",
    "BOND-2: reported",
    "BOND-2: declared",
    "BOND-2: gathered",
    "BOND-2: a part",
    "BOND-2: in any order",
    "BOND-2: cured",
    "BOND-2: fetched after a cure",
    "EARN-1: posted",
    "EARN-1: replaced with less",
    "EARN-1: replaced with more",
    "EARN-1: claimed",
    "EARN-1: claimed by link",
    "EARN-1: returned",
    "EARN-1: redeemed from the proof",
    "GROUP-1: a right used up",
    "GROUP-1: left",
    "GROUP-2: closed full",
    "GROUP-2: succeeded",
    "GROUP-2: failed",
    "GROUP-2: surplus",
    "GROUP-2: no surplus",
    "GROUP-3: refunded",
    "GROUP-3: withdrawn by a stranger",
    "GROUP-3: shut out, and paid elsewhere",
    "BOOK-1: collected",
    "RED-1: claim of a purchase at the deadline",
    "RED-1: finish of a purchase at the deadline",
    "BARG-1: struck",
    "BARG-1: surplus",
    "BARG-1: all back",
    "BARG-1: lapsed into a refund",
    "BARG-1: drawn",
    "BARG-1: taken",
    "BARG-1: taken at the floor",
    "BARG-1: to the floor",
    "REF-1: bound",
    "REF-2: accrued",
    "REF-2: undone",
    "REF-2: paid",
    "REF-2: paid whatever the brand does",
    "CAMP-1: paid",
    "CAMP-1: paid whatever the brand does",
    "CAMP-2: reviewed",
    "CONSENT-1: granted",
    "CONSENT-1: paid",
    "CONSENT-1: revoked",
    "CONSENT-1: revoked whatever the brand does",
    "a clock at -1",
    "a clock at +0",
    "a clock at +1",
)
"""Checks that were made at least ten times."""


@dataclass(frozen=True)
class Result:
    """A run: what was played, and in how many seconds."""

    tally: Tally
    seconds: float

    @property
    def speed(self) -> float:
        """Steps a second."""
        return self.tally.steps / self.seconds

    def __str__(self) -> str:
        tally, speed = self.tally, self.speed
        done, refused = tally.successes.total(), tally.refusals.total()
        return (
            f"{tally.runs:,} runs, {tally.steps:,} steps in {self.seconds:.0f} s ({speed:,.0f} a second): "
            f"{done:,} done, {refused:,} refused with {len(tally.errors)} different errors"
        )


def run(machine: type[Machine], runs: int, *, start: int = 0, rounds: int = ROUNDS, **more: Any) -> Result:
    """Play so many runs from the scene: the same ones each time from the same `start`."""
    machine.tally = Tally()
    started = time.perf_counter()
    options: dict[str, Any] = {
        "database": None,
        "phases": [Phase.generate, Phase.shrink],
        "report_multiple_bugs": False,
        **more,
    }
    profile = settings(
        max_examples=runs,
        stateful_step_count=rounds,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **options,
    )
    run_state_machine_as_test(seed(start)(machine), settings=profile)  # type: ignore[no-untyped-call]
    return Result(machine.tally, time.perf_counter() - started)


def run_on_all_processors(
    machine: type[Machine], starts: Iterable[int], runs: int, *, seconds: float | None = None
) -> Result:
    """Play so many runs from each start, a process on each processor.

    After `seconds` no more are begun. The first failure is raised as an AssertionError with its whole story.
    """
    began, total = time.perf_counter(), Tally()
    until = None if seconds is None else began + seconds
    upcoming, under_way = iter(starts), set[Future[Tally | str]]()
    processors = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(processors, mp_context=get_context("spawn")) as pool:
        while True:
            while len(under_way) < processors and (until is None or time.perf_counter() < until):
                if (start := next(upcoming, None)) is None:
                    break
                under_way.add(pool.submit(_play, machine, runs, start))
            if not under_way:
                return Result(total, time.perf_counter() - began)
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for played in (each.result() for each in done):
                assert isinstance(played, Tally), played
                total.add(played)


def _play(machine: type[Machine], runs: int, start: int) -> Tally | str:
    """In a process of its own: what was played, or how it failed."""
    try:
        return run(machine, runs, start=start).tally
    except Exception:
        return f"{runs} runs from start {start} fail:\n{traceback.format_exc()}"


def check_not_vacuous(tally: Tally) -> None:
    """Fail where something that should happen often did not."""
    least = max(20, int(tally.steps * FEWEST_SUCCESSES))
    actions = {
        f"{contract}.{function.name}"
        for contract in SUITE
        for function in abi.functions(contract).values()
        if not function.is_view
    }
    counts = {action: tally.successes[action] for action in actions - set(NEVER_SUCCEEDS)}
    rare = {action: count for action, count in counts.items() if count < least}
    assert not rare, f"of {tally.steps} steps too few were such as succeed: {rare}, at least {least} should"

    # Chance may spare a run the rarest refusals (a till that pays itself, say), but only a few of them.
    errors = set(abi.own_errors(SUITE)) - set(NEVER_MET)
    unmet = {error for error in errors if error not in tally.errors}
    assert len(unmet) <= len(errors) // 8, f"nobody met {sorted(unmet)}"

    idle = {check: tally.checks[check] for check in EXPECTED if tally.checks[check] < 10}
    assert not idle, f"too seldom checked: {idle}"


def table(tally: Tally) -> list[str]:
    """A line for each action: how often it succeeded, how often not, and why mostly."""
    lines = []
    refused: dict[str, Counter[str]] = {}
    for (action, error), count in tally.refusals.items():
        refused.setdefault(action, Counter())[error] += count
    for action in sorted(set(tally.successes) | set(refused)):
        reasons = refused.get(action, Counter())
        mostly = ", ".join(f"{error} {count}" for error, count in reasons.most_common(2))
        lines.append(f"{action:46} {tally.successes[action]:7} {reasons.total():7}  {mostly}")
    return [*lines, *(f"{check:46} {count:7}" for check, count in sorted(tally.checks.items()))]
