"""Wallets that may be one person's, among those that were rewarded: found by traces in common. Pure.

Three kinds of traces are looked at, each by itself:

- *money*: wallets that were filled from one source, or that gather what they got in one place
- *time*: wallets that again and again act within seconds of one another, or that came in a burst
- *graph*: chains of wallets that each brought the next, and members who pass what
  they get to who brought them

Wallets with a trace in common make a cluster, and a cluster says in words what it has in common. It is no
proof: a family, an office and a shop's own tablet leave the same traces. Nothing here stops a payment; the
caps do that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import exp, lgamma, log

LEAST = 3
"""Wallets that must have a trace in common before it is one."""

CLOSE = 30
"""Seconds within which two wallets act together."""

TOGETHER = 3
"""How often they must, before it is no accident; and so often as often as chance would have it."""

CHAIN = 4
"""Wallets that each brought only the next, before they are a chain."""

BURST = 600
"""Seconds that a burst of new members takes at most."""

CHANCE = 1e-6
"""How unlikely so many in so short a time must be, had members come independently of one another."""


@dataclass(frozen=True)
class Transfer:
    """Something of worth that one account sent another, at a time in seconds."""

    sender: str
    to: str
    at: int


@dataclass(frozen=True)
class Sighting:
    """A member did something, at a time in seconds."""

    member: str
    at: int


@dataclass(frozen=True)
class Binding:
    """A member was brought by a referrer, at a time in seconds."""

    member: str
    referrer: str
    at: int


@dataclass(frozen=True)
class Traces:
    """What is known.

    Attributes:
        rewarded: what each wallet got, in base units: those that are looked at.
        transfers: who sent whom something, oldest first: tokens, and money where it is known.
        sightings: when members did what they were rewarded for.
        bindings: who brought whom.
        ordinary: accounts that fill or collect from many by their nature, such as the brand's, its modules
            and exchanges.
    """

    rewarded: Mapping[str, int]
    transfers: Sequence[Transfer] = ()
    sightings: Sequence[Sighting] = ()
    bindings: Sequence[Binding] = ()
    ordinary: Collection[str] = ()


@dataclass(frozen=True)
class Finding:
    """One trace that some wallets have in common, in words."""

    wallets: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Cluster:
    """Wallets that may be one person's.

    Attributes:
        wallets: which.
        amount: what they got together, in base units.
        findings: what they have in common.
    """

    wallets: tuple[str, ...]
    amount: int
    findings: tuple[Finding, ...]


def clusters(traces: Traces) -> list[Cluster]:
    """Every cluster that got anything, that which got most first."""
    findings = [*by_money(traces), *by_time(traces), *by_graph(traces)]
    groups = _Groups()
    for finding in findings:
        groups.join(finding.wallets)
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        found[groups.of(finding.wallets[0])].append(finding)
    made = []
    for several in found.values():
        wallets = tuple(dict.fromkeys(wallet for finding in several for wallet in finding.wallets))
        amount = sum(traces.rewarded.get(wallet, 0) for wallet in wallets)
        if amount:
            made.append(Cluster(wallets, amount, tuple(several)))
    return sorted(made, key=lambda cluster: (-cluster.amount, cluster.wallets))


# ---- money


def by_money(traces: Traces) -> Iterator[Finding]:
    """Wallets first filled from one source, and wallets that gather what they got in one place."""
    first: dict[str, str] = {}
    gathered: dict[str, dict[str, None]] = defaultdict(dict)
    for transfer in traces.transfers:
        if transfer.to in traces.rewarded:
            first.setdefault(transfer.to, transfer.sender)
        if transfer.sender in traces.rewarded and transfer.to != transfer.sender:
            gathered[transfer.to][transfer.sender] = None
    filled: dict[str, list[str]] = defaultdict(list)
    for wallet, source in first.items():
        filled[source].append(wallet)
    for source, wallets in filled.items():
        if len(wallets) >= LEAST and source not in traces.ordinary:
            yield Finding(tuple(wallets), f"{len(wallets)} of them were first filled by {source}")
    for place, senders in gathered.items():
        if len(senders) >= LEAST and place not in traces.ordinary:
            # The place itself is theirs too, if it was rewarded.
            own = (place,) if place in traces.rewarded and place not in senders else ()
            yield Finding((*senders, *own), f"{len(senders)} of them sent on to {place} what they held")


# ---- time


def by_time(traces: Traces) -> Iterator[Finding]:
    """Wallets that act together again and again, and bursts of members who were brought."""
    yield from _together(traces)
    yield from _bursts(traces)


def _together(traces: Traces) -> Iterator[Finding]:
    sightings = sorted(
        (each for each in set(traces.sightings) if each.member in traces.rewarded),
        key=lambda each: (each.at, each.member),
    )
    if len(sightings) < 2:
        return
    span = max(1, sightings[-1].at - sightings[0].at)
    often: dict[str, int] = defaultdict(int)
    for each in sightings:
        often[each.member] += 1
    met: dict[tuple[str, str], int] = defaultdict(int)
    start = 0
    for index, each in enumerate(sightings):
        while sightings[start].at < each.at - CLOSE:
            start += 1
        near = {other.member for other in sightings[start:index] if other.member != each.member}
        for other in near:
            met[min(each.member, other), max(each.member, other)] += 1
    groups = _Groups()
    pairs: dict[tuple[str, str], int] = {}
    for (one, other), times in met.items():
        by_chance = often[one] * often[other] * 2 * CLOSE / span
        if times >= TOGETHER and times >= TOGETHER * by_chance:
            groups.join((one, other))
            pairs[one, other] = times
    fewest: dict[str, int] = {}
    for (one, _), times in pairs.items():
        whose = groups.of(one)
        fewest[whose] = min(fewest.get(whose, times), times)
    for whose, wallets in groups.all():
        yield Finding(
            tuple(wallets),
            f"{len(wallets)} of them acted within {CLOSE} seconds of one another, {fewest[whose]} times or "
            "more",
        )


def _bursts(traces: Traces) -> Iterator[Finding]:
    """Members of one referrer who came in a burst that independent people would not make."""
    brought: dict[str, list[Binding]] = defaultdict(list)
    for each in sorted(traces.bindings, key=lambda each: each.at):
        brought[each.referrer].append(each)
    times = [each.at for each in traces.bindings]
    span = max(times, default=0) - min(times, default=0) + BURST
    for referrer, theirs in brought.items():
        start, best = 0, theirs[:0]
        for end in range(len(theirs)):
            while theirs[end].at - theirs[start].at > BURST:
                start += 1
            if end + 1 - start > len(best):
                best = theirs[start : end + 1]
        # What the referrer's others lead one to expect in such a time; at least one in the whole time.
        expected = max(1, len(theirs) - len(best)) * BURST / span
        if len(best) >= LEAST and _at_least(len(best), expected) < CHANCE:
            lasted = best[-1].at - best[0].at
            yield Finding(
                (referrer, *(one.member for one in best)),
                f"{len(best)} of them were brought by {referrer} within {lasted} seconds",
            )


def _at_least(count: int, expected: float) -> float:
    """How likely at least `count` are where `expected` are, independent of one another (Poisson)."""
    terms = (exp(each * log(expected) - expected - lgamma(each + 1)) for each in range(count, count + 60))
    return sum(terms)


# ---- graph


def by_graph(traces: Traces) -> Iterator[Finding]:
    """Chains of wallets that each brought the next alone, and members who pass on what they get."""
    referrer_of = {each.member: each.referrer for each in traces.bindings}
    brought: dict[str, list[str]] = defaultdict(list)
    for member, referrer in referrer_of.items():
        brought[referrer].append(member)
    for head in brought:
        if len(brought.get(referrer_of.get(head, ""), ())) == 1:
            continue  # within a chain, which begins higher up
        chain = [head]
        while len(below := brought.get(chain[-1], [])) == 1 and below[0] not in chain:
            chain.append(below[0])
        if len(chain) >= CHAIN:
            yield Finding(tuple(chain), f"{len(chain)} of them are a chain, each brought by the one before")
    back: dict[str, dict[str, None]] = defaultdict(dict)
    for transfer in traces.transfers:
        if referrer_of.get(transfer.sender) == transfer.to:
            back[transfer.to][transfer.sender] = None
    for referrer, members in back.items():
        if referrer not in traces.ordinary:
            count = f"{len(members)} of them" if len(members) > 1 else "one of them"
            yield Finding((referrer, *members), f"{count} sent tokens to {referrer}, who had brought them")


# ---- groups


@dataclass
class _Groups:
    """Who belongs together, where each of a pair belongs to the other's (union-find)."""

    _above: dict[str, str] = field(default_factory=dict)

    def of(self, one: str) -> str:
        """Who stands for the group."""
        above = self._above.setdefault(one, one)
        while above != self._above[above]:
            above = self._above[above] = self._above[self._above[above]]
        self._above[one] = above
        return above

    def join(self, several: Iterable[str]) -> None:
        """They all belong together."""
        for one, other in pairwise(several):
            self._above[self.of(one)] = self.of(other)

    def all(self) -> Iterator[tuple[str, list[str]]]:
        """Every group, with who stands for it."""
        found: dict[str, list[str]] = defaultdict(list)
        for one in list(self._above):
            found[self.of(one)].append(one)
        return iter(found.items())
