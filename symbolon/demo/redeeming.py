"""Second chapter: at the counters, members show codes that they signed, and tills take them, day by day.

It is the path that people use: a member signs a wish for one till, good for minutes; it goes to the till as
text, which is what a QR code holds; the till reads it and calls the redemption desk. What a till takes on one
day it takes together, in transactions that it signs itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import pandas as pd

from symbolon import calls
from symbolon.addresses import keccak
from symbolon.codes import Code, OfferRedemption, ParRedemption, label_bytes
from symbolon.demo.clerk import Clerk
from symbolon.demo.counter import Asked, CounterOffer, asked
from symbolon.demo.data import day_begins_at
from symbolon.demo.plan import member_key
from symbolon.demo.stage import Actor, Stage
from symbolon.deployment import contract_at
from symbolon.offers import Document, Offer
from symbolon.redemptions import BATCH, PATIENCE, Kind
from symbolon.rpc import Fees

_TAKEN_AT = 18 * 3600  # seconds after the day's midnight
_SEED = b"symbolon demonstration: nonces"
_GAS_FIXED, _GAS_EACH = 100_000, 160_000  # limits of a till's transaction; what it does not use costs nothing
_CASH_STEP = 100 * 10**6  # tills are given whole hundreds of dollars


@dataclass
class Counter:
    """One brand's counter.

    Attributes:
        actor: the brand, and its till.
        offers: what it gives, as the chain has it, by name.
        terms_version: version of its token's terms.
        cash: base units of the settlement currency that the till was given.
        clerk: signs what the till sends.
    """

    actor: Actor
    offers: Mapping[str, Offer]
    terms_version: int
    cash: int
    clerk: Clerk


class Counters:
    """All brands' counters.

    Attributes:
        stage: where they are.
        wallets: each household's wallet.
        of: each brand's counter, by its number.
    """

    def __init__(
        self,
        stage: Stage,
        offered: Sequence[CounterOffer],
        redemptions: pd.DataFrame,
        wallets: Mapping[int, str],
        advance: Callable[[], object],
    ) -> None:
        """Publish every brand's offers, appoint its till, and give that what it will need to pay in currency.

        Args:
            stage: where.
            offered: every brand's offers.
            redemptions: the counter's ledger, for what will be paid.
            wallets: each household's wallet.
            advance: called after each brand.
        """
        self.stage = stage
        self.wallets = wallets
        self._desk = contract_at("Redemptions", str(stage.alliance.redemption_desk.address))
        self._numbers = count()
        payable = redemptions.groupby("brand")["value"].sum()
        self.of: dict[int, Counter] = {}
        for actor in stage.actors:
            number = actor.brand.number
            mine = [offer for offer in offered if offer.brand == number]
            self.of[number] = self._open(actor, mine, int(payable.get(number, 0)))
            advance()

    def play_week(self, rows: pd.DataFrame, advance: Callable[[int], object]) -> None:
        """Redeem what members redeem in a week, on the very days.

        Args:
            rows: the week's part of the counter's ledger.
            advance: called with the number of redemptions after each day's.
        """
        with self.stage.blocks_on_demand():
            fees = self.stage.chain.node.fees()
            for day, todays in rows.groupby("day"):
                moment = day_begins_at(int(str(day))) + _TAKEN_AT
                raws = self._takings(todays, moment, fees)
                self.stage.make_block(moment, raws)
                advance(len(todays))

    # ---- brands

    def _open(self, actor: Actor, offered: Sequence[CounterOffer], payable: int) -> Counter:
        alliance, token, admin, till = self.stage.alliance, actor.token, actor.admin, actor.till
        alliance.redemptions.set_till(token, till, sender=admin)
        offers = {
            offer.name: alliance.offers.create(
                token, offer.name, offer.conditions, Document.of(offer.document.encode()), sender=admin
            )
            for offer in offered
        }
        cash = -(-payable // _CASH_STEP) * _CASH_STEP
        if cash:
            calls.transact(admin, alliance.mock_dollar, "mint", till.address, cash)
            calls.transact(till, alliance.mock_dollar, "approve", token.redemption_desk, cash)
        obligation = token.obligation
        assert obligation is not None
        return Counter(actor, offers, obligation.version, cash, self.stage.clerk(actor.till_key))

    # ---- members

    def _shown(self, counter: Counter, row: Asked, moment: int) -> str:
        """The text of the QR code that a member shows for one redemption."""
        token = counter.actor.token
        common: dict[str, Any] = {
            "chain_id": self.stage.chain_id,
            "token": token.address,
            "member": self.wallets[row.household],
            "till": str(counter.actor.till.address),
            "amount": row.units,
            "nonce": keccak(_SEED + next(self._numbers).to_bytes(8, "big")),
            "deadline": moment + PATIENCE,
        }
        wish: OfferRedemption | ParRedemption
        if row.kind == Kind.OFFER:
            offer = counter.offers[row.reference]
            wish = OfferRedemption(**common, version=offer.version, offer_id=offer.id, quantity=row.quantity)
        else:
            order = label_bytes(row.reference)
            wish = ParRedemption(**common, version=counter.terms_version, order_ref=order)
        signature = wish.spend(token.redemption_desk).sign(token.domain, member_key(row.household))
        return Code(wish, signature).encode()

    # ---- tills

    def _takings(self, rows: pd.DataFrame, moment: int, fees: Fees) -> list[bytes]:
        """The signed transactions by which all tills take a day's redemptions."""
        raws: list[bytes] = []
        for _, group in rows.groupby(["brand", "kind"], sort=False):
            wishes = list(asked(group))
            counter, kind = self.of[wishes[0].brand], Kind(wishes[0].kind)
            codes = [Code.decode(self._shown(counter, wish, moment)) for wish in wishes]
            size = 1 if kind is Kind.CURRENCY else BATCH
            raws += [
                self._taking(counter, kind, codes[at : at + size], fees) for at in range(0, len(codes), size)
            ]
        return raws

    def _taking(self, counter: Counter, kind: Kind, codes: Sequence[Code], fees: Fees) -> bytes:
        """A till's signed transaction that takes these codes."""
        token, desk = counter.actor.token, self._desk
        structs = [code.arguments for code in codes]
        if kind is Kind.CURRENCY:
            data = desk.redeemInCurrency.encode_input(token.address, structs[0])
        elif kind is Kind.PAR:
            data = desk.redeemManyAtPar.encode_input(token.address, structs)
        else:
            data = desk.redeemOffers.encode_input(token.address, structs)
        gas = _GAS_FIXED + _GAS_EACH * len(codes)
        return counter.clerk.sign(token.redemption_desk, bytes(data), gas=gas, fees=fees)
