"""What many codes in one transaction come to when somebody keeps coming first."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from symbolon import calls, redemptions
from symbolon.codes import Code, OfferRedemption, label_bytes
from symbolon.redemptions import Redemptions
from symbolon.reverts import Refusal, RefusedError

TOKEN, MEMBER, TILL, DESK = ("0x" + digit * 40 for digit in "1234")
SPENT = RefusedError(Refusal("Spent", {}, "There is too little: have more."))
WISH = OfferRedemption(
    chain_id=1,
    token=TOKEN,
    member=MEMBER,
    till=TILL,
    version=1,
    amount=250,
    nonce=bytes(32),
    deadline=1_800_000_000,
    offer_id=label_bytes("croissant"),
    quantity=1,
)


def test_take_all__somebody_always_comes_first__all_are_left_out_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def transact(*_: object) -> None:
        raise SPENT

    call = SimpleNamespace(encode_input=lambda *_: b"")
    desk = SimpleNamespace(address=DESK, redeemOffer=call, redeemOffers=call)
    monkeypatch.setattr(calls, "chain_id", lambda: 1)
    monkeypatch.setattr(calls, "estimate", lambda *_: 21_000)
    monkeypatch.setattr(calls, "transact", transact)
    monkeypatch.setattr(redemptions, "contract_at", lambda *_: desk)
    token = SimpleNamespace(address=TOKEN, redemption_desk=DESK, symbol="BAKE", decimals=2)
    codes = [Code(replace(WISH, nonce=bytes([number]) * 32), bytes(65)) for number in range(3)]

    alliance = SimpleNamespace(tokens={TOKEN: token})
    batch = Redemptions(alliance).take_all(  # type: ignore[arg-type]
        codes,
        sender=SimpleNamespace(address=TILL),
    )
    assert batch.taken == ()
    assert [(code, str(error)) for code, error in batch.left_out] == [(code, str(SPENT)) for code in codes]
