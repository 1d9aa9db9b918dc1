"""Reading the chain's side of the books, and the comparison that any difference must fail."""

from datetime import date
from typing import Any

import pandas as pd
import pytest
from receipts import ALLIANCE, DESKS, MEMBERS, TOKENS, Chain, mint, receipt, topic

from symbolon.demo.counter import COUNTER, Asked
from symbolon.demo.data import day_begins_at, week_closes_at
from symbolon.demo.errors import BooksDifferError, LedgerError
from symbolon.demo.ledger import (
    OFFER_REDEEMED,
    PAR_REDEEMED,
    TRANSFER,
    ChainLedger,
    read_chain,
    reconcile,
    reconcile_redemptions,
)
from symbolon.demo.plan import LEDGER
from symbolon.redemptions import Kind


def burn(brand: int, household: int, units: int) -> dict[str, Any]:
    topics = [TRANSFER, topic(MEMBERS[household]), topic("0x" + "00" * 20)]
    return mint(brand, household, units) | {"topics": topics}


def event(kind: str, brand: int, household: int, name: bytes, *words: int) -> dict[str, Any]:
    """An event of the redemption desk, with a nonce of ones and a till."""
    return {
        "address": DESKS.redemptions.lower(),
        "topics": [kind, topic(TOKENS[brand]), "0x" + name.ljust(32, b"\0").hex(), topic(MEMBERS[household])],
        "data": "0x" + "11" * 32 + "".join(f"{word:064x}" for word in words) + "00" * 32,
        "transactionHash": "0xfeed",
    }


def read(blocks: list[tuple[int, list[dict[str, Any]]]]) -> ChainLedger:
    return read_chain(Chain(blocks), TOKENS, DESKS, MEMBERS, range(len(blocks)))


def test_read__each_mint_with_brand_household_and_week() -> None:
    other_event = mint(69, 10, 5) | {"topics": ["0xabcd"]}
    other_token = mint(69, 10, 5) | {"address": "0x" + "77" * 20}
    ledger = read(
        [
            (week_closes_at(0), [receipt(5_000, [other_event, other_token])]),
            (
                week_closes_at(1),
                [receipt(70_000, [mint(69, 10, 100), mint(69, 11, 2**70 % 10**9), other_event])],
            ),
            (week_closes_at(2) - 1, []),
            (week_closes_at(2) + 3, [receipt(60_000, [mint(2, 11, 7)]), receipt(61_000, [mint(69, 11, 8)])]),
        ]
    )
    assert ledger.minted.to_numpy().tolist() == [
        [69, 10, 1, 100],
        [69, 11, 1, 2**70 % 10**9],
        [2, 11, 2, 7],
        [69, 11, 2, 8],
    ]
    assert ledger.batches.to_numpy().tolist() == [
        [69, 1, 2, 100 + 2**70 % 10**9, 70_000],
        [2, 2, 1, 7, 60_000],
        [69, 2, 1, 8, 61_000],
    ]
    assert (ledger.other_transactions, ledger.other_gas) == (1, 5_000)


def test_read__failed_transaction__fails() -> None:
    with pytest.raises(LedgerError, match="0xfeed of the story failed"):
        read([(week_closes_at(1), [receipt(50_000, [], status="0x0")])])


NOON = day_begins_at(date(2017, 1, 4).toordinal()) + 43_200
NONCE = "0x" + "11" * 32


def test_read__each_redemption_with_its_kind_and_what_it_cost() -> None:
    offers = [
        event(OFFER_REDEEMED, 69, 10, b"treat", 2, 300),
        burn(69, 10, 300),
        event(OFFER_REDEEMED, 69, 11, b"treat", 1, 150),
        burn(69, 11, 150),
    ]
    par = [event(PAR_REDEEMED, 2, 11, b"order-1", 700, 0), burn(2, 11, 700)]
    currency = [event(PAR_REDEEMED, 2, 10, b"order-2", 900, 90_000), burn(2, 10, 900)]
    ledger = read([(NOON, [receipt(150_000, offers), receipt(80_000, par), receipt(99_000, currency)])])
    day = date(2017, 1, 4).toordinal()
    assert ledger.redeemed.to_numpy().tolist() == [
        [69, 10, day, Kind.OFFER, "treat", 2, 300, 0, NOON, NONCE],
        [69, 11, day, Kind.OFFER, "treat", 1, 150, 0, NOON, NONCE],
        [2, 11, day, Kind.PAR, "order-1", 0, 700, 0, NOON, NONCE],
        [2, 10, day, Kind.CURRENCY, "order-2", 0, 900, 90_000, NOON, NONCE],
    ]
    assert ledger.takings.to_numpy().tolist() == [
        [69, 2, Kind.OFFER, 2, 450, 150_000],
        [2, 2, Kind.PAR, 1, 700, 80_000],
        [2, 2, Kind.CURRENCY, 1, 900, 99_000],
    ]
    assert len(ledger.minted) == ledger.other_transactions == 0


@pytest.mark.parametrize(
    "logs",
    [
        [burn(69, 10, 300)],
        [event(OFFER_REDEEMED, 69, 10, b"treat", 1, 300)],
        [event(OFFER_REDEEMED, 69, 10, b"treat", 1, 300), burn(69, 10, 299)],
        [event(OFFER_REDEEMED, 69, 10, b"treat", 1, 300), burn(69, 11, 300)],
        [event(OFFER_REDEEMED, 69, 10, b"treat", 1, 300), burn(2, 10, 300)],
        [event(PAR_REDEEMED, 69, 10, b"order-1", 300, 0), burn(69, 10, 300), burn(69, 10, 300)],
    ],
)
def test_read__burned_something_else_than_was_redeemed__fails(logs: list[dict[str, Any]]) -> None:
    with pytest.raises(LedgerError, match="0xfeed burned something else than what it redeemed"):
        read([(NOON, [receipt(90_000, logs)])])


def test_read__redemption_at_another_desk__is_none() -> None:
    strange = event(OFFER_REDEEMED, 69, 10, b"treat", 1, 300) | {"address": "0x" + "99" * 20}
    assert read([(NOON, [receipt(90_000, [strange])])]).other_transactions == 1


@pytest.mark.parametrize("strange", [mint(69, 10, 5, origin=MEMBERS[11]), mint(69, 404, 5)])
def test_read__transfer_that_is_no_mint_to_a_member__fails(strange: dict[str, Any]) -> None:
    with pytest.raises(LedgerError, match="no mint to a member"):
        read([(week_closes_at(1), [receipt(50_000, [mint(69, 10, 1), strange])])])


DUE = [[69, 10, 1, 100], [69, 11, 1, 200], [2, 11, 2, 7]]


def frame(rows: list[list[int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=LEDGER).astype("int64")


def test_reconcile__equal_in_any_order__passes() -> None:
    reconcile(frame(DUE), frame(DUE[::-1]), ALLIANCE)


def test_reconcile__one_unit_off__names_the_place_and_both_numbers() -> None:
    with pytest.raises(
        BooksDifferError,
        match=r"differ in 1 of 3 member-weeks; the first is Store's own brand, household 11, week 1: "
        r"200 base units are due, 201 were minted\.",
    ):
        reconcile(frame(DUE), frame([DUE[0], [69, 11, 1, 201], DUE[2]]), ALLIANCE)


def test_reconcile__swapped_between_members__fails_though_totals_agree() -> None:
    swapped = frame([[69, 10, 1, 200], [69, 11, 1, 100], DUE[2]])
    assert swapped["units"].sum() == frame(DUE)["units"].sum()
    with pytest.raises(BooksDifferError, match="differ in 2 of 3"):
        reconcile(frame(DUE), swapped, ALLIANCE)


def test_reconcile__one_missing__fails() -> None:
    with pytest.raises(
        BooksDifferError, match=r"Brand 2, household 11, week 2: 7 base units are due, 0 were"
    ):
        reconcile(frame(DUE), frame(DUE[:2]), ALLIANCE)


def test_reconcile__one_too_many__fails() -> None:
    with pytest.raises(BooksDifferError, match=r"differ in 1 of 4 .* 0 base units are due, 1 were"):
        reconcile(frame(DUE), frame([*DUE, [2, 10, 2, 1]]), ALLIANCE)


def test_reconcile__in_another_week__fails() -> None:
    with pytest.raises(BooksDifferError, match="differ in 2 of 4"):
        reconcile(frame(DUE), frame([*DUE[:2], [2, 11, 3, 7]]), ALLIANCE)


def test_reconcile__minted_twice__fails_also_when_the_sum_is_right() -> None:
    with pytest.raises(BooksDifferError, match="minted 1 member-weeks more than once; the first is Brand 2"):
        reconcile(frame(DUE), frame([*DUE[:2], [2, 11, 2, 3], [2, 11, 2, 4]]), ALLIANCE)


ASKED = [
    Asked(69, 10, 736_333, Kind.OFFER, "treat", 1, 300, 0),
    Asked(69, 10, 736_333, Kind.OFFER, "treat", 1, 300, 0),
    Asked(2, 11, 736_334, Kind.CURRENCY, "order-1", 0, 900, 90_000),
]


def counter(rows: list[Asked]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COUNTER)


def test_reconcile_redemptions__equal_in_any_order__passes() -> None:
    reconcile_redemptions(counter(ASKED), counter(ASKED[::-1]), ALLIANCE)


def test_reconcile_redemptions__one_missing__fails_though_another_is_like_it() -> None:
    with pytest.raises(
        BooksDifferError,
        match=r"differ in 1 of 3 redemptions; the first is Store's own brand, household 10, 2017-01-04: "
        r"an offer \(treat\) for 300 base units was asked for and not redeemed\.",
    ):
        reconcile_redemptions(counter(ASKED), counter(ASKED[1:]), ALLIANCE)


@pytest.mark.parametrize(
    "change",
    [
        {"brand": 69},
        {"household": 10},
        {"day": 736_335},
        {"kind": Kind.PAR},
        {"reference": "order-2"},
        {"quantity": 1},
        {"units": 901},
        {"value": 89_999},
    ],
)
def test_reconcile_redemptions__any_column_off__fails(change: dict[str, Any]) -> None:
    with pytest.raises(BooksDifferError, match=r"differ in 1 of 3 .* was redeemed and not asked for"):
        reconcile_redemptions(counter(ASKED), counter([*ASKED[:2], ASKED[2]._replace(**change)]), ALLIANCE)


def test_reconcile_redemptions__one_too_many__fails() -> None:
    with pytest.raises(BooksDifferError, match="differ in 1 of 4"):
        reconcile_redemptions(counter(ASKED), counter([*ASKED, ASKED[0]]), ALLIANCE)
