"""The closing: what the contracts themselves say when the story is over.

Balances, receipts, offers and payments, asked for one by one, must follow from the books, to the last unit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from symbolon.addresses import keccak
from symbolon.codes import label_bytes
from symbolon.demo.counter import asked
from symbolon.demo.data import day_of
from symbolon.demo.errors import BooksDifferError
from symbolon.demo.ledger import ChainLedger
from symbolon.demo.order_closing import OrderClosing, check_order_closing, read_order_closing
from symbolon.demo.ordering import PARCEL, OrderPlan
from symbolon.demo.plan import Brand
from symbolon.demo.redeeming import Counters
from symbolon.demo.stage import Stage
from symbolon.redemptions import Kind
from symbolon.rpc import Node

RECEIPTS = ["kind", "tag", "quantity", "time", "units"]
"""Columns of the receipts: how the redemption was met, the first ten bytes of the name of its offer or order,
units of the offer, when, base units burned."""

_BALANCE_OF = keccak(b"balanceOf(address)")[:4]
_RECEIPT_OF = keccak(b"receiptOf(address,address,bytes32)")[:4]
_WORD = 32
_TAG = 10


@dataclass(frozen=True)
class TokenState:
    """What a token's own contract says at the end of the story, in base units."""

    address: str
    supply: int
    capacity: int
    unspent_quota: int


@dataclass(frozen=True)
class TillState:
    """What a brand's till was given of the settlement currency, and what it has left, in base units of it."""

    address: str
    given: int
    left: int


@dataclass(frozen=True, eq=False)
class Closing:
    """What the contracts say at the end.

    Attributes:
        tokens: each brand's token.
        tills: each brand's till.
        balances: base units of each brand's token (columns, by number) that each household holds (rows).
        sold: units of each offer that its contract counts, by brand and name.
        receipts: what is stored of each redemption of the chain's ledger, in its order; see RECEIPTS.
        paid: base units of the settlement currency that each household holds.
        orders: what the contracts of orders and bonds say.
    """

    tokens: Mapping[int, TokenState]
    tills: Mapping[int, TillState]
    balances: pd.DataFrame
    sold: Mapping[tuple[int, str], int]
    receipts: pd.DataFrame
    paid: pd.Series[int]
    orders: OrderClosing


def read_closing(stage: Stage, counters: Counters, wallets: Mapping[int, str], chain: ChainLedger) -> Closing:
    """Ask every contract."""
    node, alliance = stage.chain.node, stage.alliance
    token_of = {actor.brand.number: actor.token for actor in stage.actors}
    currency = str(alliance.mock_dollar.address)
    return Closing(
        tokens={
            actor.brand.number: TokenState(
                address=actor.token.address,
                supply=actor.token.supply,
                capacity=actor.token.capacity,
                unspent_quota=actor.token.quota_of(str(actor.manager.address)),
            )
            for actor in stage.actors
        },
        tills={
            actor.brand.number: TillState(
                address=str(actor.till.address),
                given=counters.of[actor.brand.number].cash,
                left=_balances(node, currency, [str(actor.till.address)])[0],
            )
            for actor in stage.actors
        },
        balances=pd.DataFrame(
            {number: _balances(node, token.address, wallets.values()) for number, token in token_of.items()},
            index=list(wallets),
        ),
        sold={
            (number, offer.name): offer.sold
            for number, token in token_of.items()
            for offer in alliance.offers.of(token)
        },
        receipts=_receipts(
            node,
            str(alliance.redemption_desk.address),
            [
                (token_of[brand].address, wallets[household], nonce)
                for brand, household, nonce in zip(
                    chain.redeemed["brand"], chain.redeemed["household"], chain.redeemed["nonce"], strict=True
                )
            ],
        ),
        paid=pd.Series(_balances(node, currency, wallets.values()), index=list(wallets), dtype="int64"),
        orders=read_order_closing(stage, wallets, chain.orders),
    )


def check_closing(
    closing: Closing,
    chain: ChainLedger,
    *,
    due: pd.DataFrame,
    redemptions: pd.DataFrame,
    plan: OrderPlan,
    alliance: Sequence[Brand],
) -> None:
    """Raise BooksDifferError where a contract says anything else than what follows from the books.

    Args:
        closing: what the contracts say.
        chain: what the chain's events say.
        due: ledger of what was to be earned.
        redemptions: the counter's ledger of what was to be redeemed.
        plan: what was to be ordered.
        alliance: the brands.
    """
    names = {brand.number: brand.name for brand in alliance}
    for brand in alliance:
        _check_token(closing, chain, brand)
    _check_balances(closing, due, redemptions, plan, names)
    _check_receipts(closing.receipts, chain.redeemed, names)
    _check_offers(closing.sold, redemptions, plan, names)
    _check_payments(closing, redemptions, plan, names)
    promised = {number: token.supply + token.unspent_quota for number, token in closing.tokens.items()}
    check_order_closing(closing.orders, chain.orders, plan, promised, alliance)


# ---- asking


def _balances(node: Node, token: str, holders: Iterable[str]) -> list[int]:
    answers = node.call_many(token, [_BALANCE_OF + _word(holder) for holder in holders])
    return [int.from_bytes(answer, "big") for answer in answers]


def _receipts(node: Node, desk: str, ids: Iterable[tuple[str, str, str]]) -> pd.DataFrame:
    """The stored receipts by token, member and nonce."""
    calls = [
        _RECEIPT_OF + _word(token) + _word(member) + bytes.fromhex(nonce[2:]) for token, member, nonce in ids
    ]
    rows = []
    for answer in node.call_many(desk, calls):
        kind, tag, quantity, time, units = (
            answer[at : at + _WORD] for at in range(0, len(RECEIPTS) * _WORD, _WORD)
        )
        rows.append((_number(kind), tag[:_TAG], _number(quantity), _number(time), _number(units)))
    return pd.DataFrame(rows, columns=RECEIPTS)


def _word(address: str) -> bytes:
    return bytes.fromhex(address[2:]).rjust(_WORD, b"\0")


def _number(word: bytes) -> int:
    return int.from_bytes(word, "big")


# ---- checking


def _check_token(closing: Closing, chain: ChainLedger, brand: Brand) -> None:
    """What a token says of itself must follow from its events, and its supply be with the story's members."""
    token = closing.tokens[brand.number]
    issued = int(chain.minted.loc[chain.minted["brand"] == brand.number, "units"].sum())
    redeemed = int(chain.redeemed.loc[chain.redeemed["brand"] == brand.number, "units"].sum())
    redeemed += sum(order.burned for order in chain.orders.orders if order.brand == brand.number)
    if token.supply != issued - redeemed or token.unspent_quota != brand.quota - issued:
        raise BooksDifferError(
            f"The token of {brand.name} says that {token.supply:,} base units are outstanding and "
            f"{token.unspent_quota:,} may be minted; by its events it is {issued - redeemed:,} and "
            f"{brand.quota - issued:,}."
        )
    held, locked = int(closing.balances[brand.number].sum()), closing.orders.locked[brand.number]
    if held + locked != token.supply:
        raise BooksDifferError(
            f"The members hold {held:,} base units of the token of {brand.name}, {locked:,} lie with their "
            f"orders, and {token.supply:,} are outstanding."
        )


def _check_balances(
    closing: Closing,
    due: pd.DataFrame,
    redemptions: pd.DataFrame,
    plan: OrderPlan,
    names: Mapping[int, str],
) -> None:
    keys = ["household", "brand"]
    expected = due.groupby(keys)["units"].sum()
    ordered = pd.DataFrame(
        [(order.household, order.brand, order.given) for order in plan.outcomes], columns=[*keys, "units"]
    )
    for spent in (redemptions, ordered.astype("int64")):
        expected = expected.sub(spent.groupby(keys)["units"].sum(), fill_value=0).astype("int64")
    held = closing.balances.rename_axis(index="household", columns="brand").stack().astype("int64")
    both = pd.DataFrame({"expected": expected, "held": held}).fillna(0).astype("int64").reset_index()
    wrong = both[both["expected"] != both["held"]]
    if len(wrong):
        household, brand, should, does = (int(value) for value in wrong.iloc[0])
        raise BooksDifferError(
            f"{len(wrong):,} balances differ from what was earned, redeemed and ordered; the first is "
            f"{names[brand]}, household {household}: it should hold {should:,} base units and holds {does:,}."
        )


def _check_receipts(stored: pd.DataFrame, redeemed: pd.DataFrame, names: Mapping[int, str]) -> None:
    rows = zip(stored.itertuples(index=False, name=None), asked(redeemed), redeemed["time"], strict=True)
    for receipt, row, moment in rows:
        told = (row.kind, label_bytes(row.reference)[:_TAG], row.quantity, moment, row.units)
        if receipt != told or day_of(moment) != row.day:
            raise BooksDifferError(
                f"The receipt of {names[row.brand]}, household {row.household}, "
                f"{date.fromordinal(row.day)}, does not say what the chain's event says."
            )


def _check_offers(
    sold: Mapping[tuple[int, str], int],
    redemptions: pd.DataFrame,
    plan: OrderPlan,
    names: Mapping[int, str],
) -> None:
    at_offers = redemptions[redemptions["kind"] == Kind.OFFER]
    wanted = at_offers.groupby(["brand", "reference"])["quantity"].sum().to_dict()
    wanted |= Counter((order.parcel.brand, PARCEL) for order in plan.orders)
    for (brand, name), units in sold.items():
        expected = int(wanted.pop((brand, name), 0))
        if units != expected:
            raise BooksDifferError(
                f"{names[brand]} has sold {units:,} of its offer {name!r}, by its contract, and {expected:,} "
                "should have been."
            )
    if wanted:
        brand, name = next(iter(wanted))
        raise BooksDifferError(f"{names[brand]} has no offer {name!r} on chain.")


def _check_payments(
    closing: Closing, redemptions: pd.DataFrame, plan: OrderPlan, names: Mapping[int, str]
) -> None:
    by_till = redemptions.groupby("brand")["value"].sum()
    for brand, till in closing.tills.items():
        paid = int(by_till.get(brand, 0))
        if till.given - till.left != paid:
            raise BooksDifferError(
                f"The till of {names[brand]} has paid {till.given - till.left:,} base units of the "
                f"settlement currency, and {paid:,} were due."
            )
    expected = redemptions.groupby("household")["value"].sum().reindex(closing.paid.index, fill_value=0)
    expected += pd.Series(plan.collected, dtype="int64").reindex(closing.paid.index, fill_value=0)
    wrong = expected.index[expected != closing.paid]
    if len(wrong):
        raise BooksDifferError(
            f"Household {wrong[0]} has {closing.paid[wrong[0]]:,} base units of the settlement currency, and "
            f"{expected[wrong[0]]:,} were due to it."
        )
