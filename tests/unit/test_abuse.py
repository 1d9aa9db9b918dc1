"""Wallets with traces in common are found and told why; independent ones are left in peace."""

from __future__ import annotations

from random import Random

import pytest

from symbolon.abuse import Binding, Sighting, Traces, Transfer, clusters

DAY = 86_400
YEAR = 365 * DAY


def wallet(number: int) -> str:
    return f"0x{number:040x}"


FARM = [wallet(number) for number in range(1, 7)]
SOURCE, SINK, BRAND = wallet(100), wallet(101), wallet(102)


def rewarded(*more: str) -> dict[str, int]:
    return dict.fromkeys((*FARM, *more), 200)


def words(traces: Traces) -> list[str]:
    return [finding.words for cluster in clusters(traces) for finding in cluster.findings]


def test_money__one_source__is_a_cluster() -> None:
    transfers = [Transfer(SOURCE, each, at) for at, each in enumerate(FARM)]
    (cluster,) = clusters(Traces(rewarded(wallet(50)), transfers))
    assert (set(cluster.wallets), cluster.amount) == (set(FARM), 1_200)
    assert [each.words for each in cluster.findings] == [f"6 of them were first filled by {SOURCE}"]


def test_money__only_the_first_source_counts() -> None:
    first = [Transfer(BRAND, each, 0) for each in FARM]
    later = [Transfer(SOURCE, each, 1) for each in FARM]
    assert clusters(Traces(rewarded(), [*first, *later], ordinary=[BRAND])) == []


def test_money__gathered_in_one_place__is_a_cluster_with_the_place_if_it_was_paid_too() -> None:
    transfers = [Transfer(each, SINK, at) for at, each in enumerate(FARM)]
    assert f"6 of them sent on to {SINK} what they held" in words(Traces(rewarded(), transfers))
    (cluster,) = clusters(Traces(rewarded(SINK), transfers))
    assert SINK in cluster.wallets


@pytest.mark.parametrize(
    ("ordinary", "transfers"),
    [
        (SOURCE, [Transfer(SOURCE, each, 0) for each in FARM]),
        (SINK, [Transfer(each, SINK, 0) for each in FARM]),
    ],
)
def test_money__through_an_exchange_or_of_two_wallets__is_nothing(
    ordinary: str, transfers: list[Transfer]
) -> None:
    assert clusters(Traces(rewarded(), transfers)) != []
    assert clusters(Traces(rewarded(), transfers, ordinary=[ordinary])) == []
    assert clusters(Traces(rewarded(), transfers[:2])) == []


def test_time__wallets_that_act_together_again_and_again__are_a_cluster() -> None:
    dice = Random(7)
    others = [wallet(number) for number in range(200, 300)]
    sightings = [Sighting(each, dice.randrange(YEAR)) for each in others for _ in range(12)]
    for day in range(10, 60, 10):
        sightings += [Sighting(each, day * DAY + 4 * number) for number, each in enumerate(FARM[:3])]
    (cluster,) = clusters(Traces(rewarded(*others), sightings=sightings))
    assert set(cluster.wallets) == set(FARM[:3])
    assert cluster.findings[0].words == "3 of them acted within 30 seconds of one another, 5 times or more"


def test_time__a_crowd_at_one_event__is_no_cluster() -> None:
    dice = Random(7)
    members = [wallet(number) for number in range(200, 260)]
    evening = [Sighting(each, dice.randrange(600)) for each in members]
    year = [Sighting(each, dice.randrange(YEAR)) for each in members for _ in range(20)]
    assert clusters(Traces(rewarded(*members), sightings=[*evening, *year])) == []


def test_time__members_that_come_in_a_burst__are_a_cluster() -> None:
    dice = Random(7)
    slow = [
        Binding(wallet(number), wallet(number % 7 + 500), dice.randrange(YEAR)) for number in range(200, 280)
    ]
    burst = [Binding(each, SOURCE, 40 * DAY + 20 * at) for at, each in enumerate(FARM)]
    (cluster,) = clusters(Traces(rewarded(), bindings=[*slow, *burst]))
    assert set(cluster.wallets) == {SOURCE, *FARM}
    assert cluster.findings[0].words == f"6 of them were brought by {SOURCE} within 100 seconds"


def test_graph__a_chain__is_a_cluster_and_a_family_is_not() -> None:
    chain = [Binding(FARM[at + 1], FARM[at], at * DAY * 40) for at in range(5)]
    assert words(Traces(rewarded(), bindings=chain)) == [
        "6 of them are a chain, each brought by the one before"
    ]
    family = [Binding(FARM[1], FARM[0], 0), Binding(FARM[2], FARM[1], 50 * DAY)]
    assert words(Traces(rewarded(), bindings=family)) == []


def test_graph__a_chain_below_a_busy_referrer__is_found() -> None:
    others = [Binding(wallet(number), FARM[0], number * DAY) for number in range(200, 203)]
    chain = [Binding(FARM[at + 1], FARM[at], at * 40 * DAY) for at in range(5)]
    found = clusters(Traces(rewarded(), bindings=[*others, *chain]))
    assert [set(cluster.wallets) for cluster in found] == [set(FARM[1:])]


def test_graph__tokens_passed_to_who_brought_one__are_told() -> None:
    bindings = [Binding(FARM[1], FARM[0], 0)]
    told = words(Traces(rewarded(), [Transfer(FARM[1], FARM[0], 9)], bindings=bindings))
    assert told == [f"one of them sent tokens to {FARM[0]}, who had brought them"]


def test_clusters__with_a_wallet_in_common__are_one_and_the_dearest_comes_first() -> None:
    transfers = [Transfer(SOURCE, each, 0) for each in FARM[:3]]
    transfers += [Transfer(each, SINK, 1) for each in FARM[2:5]]
    pair = [wallet(number) for number in (60, 61, 62)]
    transfers += [Transfer(wallet(103), each, 2) for each in pair]
    dearest, other = clusters(Traces(rewarded(*pair), transfers))
    assert (len(dearest.wallets), len(dearest.findings), dearest.amount) == (5, 2, 1_000)
    assert set(other.wallets) == set(pair)


def test_nothing__is_nothing() -> None:
    assert clusters(Traces({})) == []


def test_time__members_who_are_always_there__meet_by_chance() -> None:
    dice = Random(7)
    members = [wallet(number) for number in range(200, 220)]
    busy = [Sighting(each, dice.randrange(7_200)) for each in members for _ in range(40)]
    assert clusters(Traces(rewarded(*members), sightings=busy)) == []


def test_clusters__that_got_nothing__are_not_told() -> None:
    bindings = [Binding(FARM[1], FARM[0], 0)]
    passed = [Transfer(FARM[1], FARM[0], 9)]
    assert clusters(Traces({wallet(50): 200}, passed, bindings=bindings)) == []
