"""Looking for the play that gets farmers most: known tricks first, then what chance and selection find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from bench.farming.referring import PROGRAMME_DAYS, WALLETS, Action, Outcome, Verb

Play = list[Action]

MOST_ACTIONS = 24
KEPT = 4
"""How many plays are bred from."""
AMOUNTS = (1, 2, 3, 9, 19, 99, 1_000, 9_999, 10_000, 100_000)
DAYS = (0, 1, 13, 14, 15, 30, 365, PROGRAMME_DAYS)


def _bind(wallet: int, other: int) -> Action:
    return Action(Verb.BIND, wallet, other)


def _spends(wallet: int, amount: int = 10_000) -> Play:
    """Buys in every way."""
    return [Action(verb, wallet, 0, amount) for verb in (Verb.BUY, Verb.REDEEM, Verb.ORDER)]


def _split(wallet: int, count: int) -> Play:
    return [Action(verb, wallet, 0, 19) for _ in range(count) for verb in (Verb.BUY, Verb.REDEEM, Verb.ORDER)]


_HARVEST = [Action(Verb.ACCRUE), Action(Verb.WAIT, amount=365), Action(Verb.CLAIM)]

TRICKS: Mapping[str, Play] = {
    "signing up": [_bind(1, 0), _bind(2, 1), _bind(3, 1)],
    "two wallets": [_bind(1, 0), *_spends(1)],
    "two wallets, for money": [_bind(1, 0), Action(Verb.BUY, 1, 0, 10_000)],
    "chain": [_bind(1, 0), _bind(2, 1), _bind(3, 2), *_spends(3), *_spends(2)],
    "chain bound from its end": [_bind(3, 2), _bind(2, 1), _bind(1, 0), *_spends(3)],
    "circle": [_bind(1, 0), _bind(0, 1), _bind(2, 1), _bind(0, 2), *_spends(0), *_spends(1), *_spends(2)],
    "star": [_bind(1, 0), _bind(2, 0), _bind(3, 0), *(each for w in (1, 2, 3) for each in _spends(w))],
    "itself": [Action(Verb.OPEN), _bind(0, 0), *_spends(0)],
    "split": [_bind(1, 0), _bind(2, 1), *_split(2, 5)],
    "counted again": [
        *(_bind(1, 0), *_spends(1), Action(Verb.ACCRUE), Action(Verb.ACCRUE), Action(Verb.WAIT, amount=30)),
        *(Action(Verb.ACCRUE), Action(Verb.CLAIM_TWICE), Action(Verb.CLAIM), Action(Verb.ACCRUE)),
        *(Action(Verb.CLAIM), Action(Verb.CLAIM)),
    ],
    "given back": [_bind(1, 0), Action(Verb.BUY, 1, 0, 10_000), Action(Verb.GIVE_BACK, 1)],
    "given back after accruing": [
        *(_bind(1, 0), Action(Verb.BUY, 1, 0, 10_000), Action(Verb.ACCRUE), Action(Verb.CLAIM)),
        *(Action(Verb.WAIT, amount=13), Action(Verb.GIVE_BACK, 1)),
    ],
    "given back before accruing": [
        *(_bind(1, 0), Action(Verb.BUY, 1, 0, 10_000), Action(Verb.WAIT, amount=13)),
        Action(Verb.GIVE_BACK, 1),
    ],
    "declined": [_bind(1, 0), Action(Verb.DECLINED, 1, 0, 10_000)],
    "paid out": [_bind(1, 0), Action(Verb.CASH_IN, 1, 0, 10_000)],
    "rewards spent again": [
        *(_bind(1, 0), _bind(2, 1), *_spends(2), *_HARVEST, Action(Verb.SEND, 0, 2), Action(Verb.SEND, 1, 2)),
        *(Action(Verb.SPEND, 2), *_HARVEST, Action(Verb.SEND, 0, 2), Action(Verb.SEND, 1, 2)),
        Action(Verb.SPEND, 2),
    ],
    "wallets anew": [
        *(_bind(1, 0), *_spends(1), Action(Verb.WAIT, amount=30), _bind(2, 0), *_spends(2)),
        *(Action(Verb.WAIT, amount=30), _bind(3, 0), *_spends(3)),
    ],
    "between two programmes": [
        *(_bind(1, 0), Action(Verb.WAIT, amount=PROGRAMME_DAYS - 1), *_spends(1), Action(Verb.ACCRUE)),
        *(Action(Verb.WAIT, amount=1), Action(Verb.ACCRUE), *_spends(1)),
    ],
}
"""What farmers are known to try."""

TRICKS_WITH_MONEY: Mapping[str, Play] = {
    **TRICKS,
    "chain, for money": [_bind(1, 0), _bind(2, 1), Action(Verb.BUY, 2, 0, 10_000)],
}
"""And where nothing else counts."""


@dataclass(frozen=True)
class Best:
    """The play that got most for each unit spent, and most at all.

    Attributes:
        trick: whose offspring it is.
        tried: how many plays were.
    """

    trick: str
    play: Play
    outcome: Outcome
    tried: int


def best(
    play: Callable[[Play], Outcome], random: Random, rounds: int, tricks: Mapping[str, Play] = TRICKS
) -> Best:
    """Try all tricks, then `rounds` of variations on the best and of plays by chance."""
    bred = [(_worth(played), name, actions, played) for name, actions, played in _all_tricks(play, tricks)]
    tried = len(bred)
    for _ in range(rounds):
        bred = sorted(bred, key=lambda each: each[0], reverse=True)[:KEPT]
        for name, actions in [(name, actions) for _, name, actions, _ in bred]:
            varied = _varied(actions, random)
            played = play(varied)
            bred.append((_worth(played), name, varied, played))
        chance = [_some_action(random) for _ in range(1 + random.randrange(MOST_ACTIONS))]
        played = play(chance)
        bred.append((_worth(played), "chance", chance, played))
        tried += KEPT + 1
    _, name, actions, played = max(bred, key=lambda each: each[0])
    return Best(name, actions, played, tried)


def chance(name: str) -> Random:
    """The same chance each time for the same name."""
    return Random(name)  # noqa: S311 (nothing is kept secret by it)


def _all_tricks(
    play: Callable[[Play], Outcome], tricks: Mapping[str, Play]
) -> list[tuple[str, Play, Outcome]]:
    return [(name, actions, play(actions)) for name, actions in tricks.items()]


def _worth(outcome: Outcome) -> tuple[float, int]:
    """Something for nothing first; then by what is got for each unit spent, then by all that is got."""
    if outcome.got and not outcome.spent:
        return float("inf"), outcome.got
    return outcome.got / outcome.spent if outcome.spent else 0.0, outcome.got


def _some_action(random: Random) -> Action:
    verb = random.choice(list(Verb))
    amount = random.choice(DAYS if verb == Verb.WAIT else AMOUNTS)
    return Action(verb, random.randrange(WALLETS), random.randrange(WALLETS), amount)


def _varied(actions: Play, random: Random) -> Play:
    """With up to three actions changed, added, dropped or done again."""
    varied = list(actions)
    for _ in range(1 + random.randrange(3)):
        place = random.randrange(len(varied) + 1)
        what = random.randrange(4)
        if what == 0 or not varied:
            varied.insert(place, _some_action(random))
        elif what == 1:
            varied[min(place, len(varied) - 1)] = _some_action(random)
        elif what == 2:
            del varied[min(place, len(varied) - 1)]
        else:
            varied.insert(place, random.choice(varied))
    return varied[: 2 * MOST_ACTIONS]
