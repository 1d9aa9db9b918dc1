"""What a till is told when the desk refuses: names, whole tokens, and what to do."""

import re
import string
from typing import Any

import pytest

from symbolon.artifacts import merged_abi
from symbolon.codes import OfferRedemption, label_bytes
from symbolon.refusals import SENTENCES, at_the_counter
from symbolon.reverts import Refusal

MEMBER, TILL = "0x" + "22" * 20, "0x" + "33" * 20
WISH = OfferRedemption(
    chain_id=1,
    token="0x" + "11" * 20,
    member=MEMBER,
    till=TILL,
    version=1,
    amount=250,
    nonce=bytes(32),
    deadline=1_800_000_000,
    offer_id=label_bytes("croissant"),
    quantity=3,
)
ERRORS = {
    entry["name"]: entry for entry in merged_abi("Redemptions", "LoyaltyToken") if entry["type"] == "error"
}


def told(name: str, **facts: Any) -> str:
    return at_the_counter(Refusal(name, facts, "as the contract says"), WISH, "BAKE", 2).sentence


@pytest.mark.parametrize("name", SENTENCES)
def test_sentence__uses_facts_that_there_are(name: str) -> None:
    ours = {"name", "symbol", "member", "till", "deadline"}
    facts = {each["name"] for each in ERRORS[name]["inputs"]}
    used = {field for _, field, _, _ in string.Formatter().parse(SENTENCES[name]) if field}
    assert used <= facts | ours


@pytest.mark.parametrize("name", SENTENCES)
def test_sentence__says_what_is_wrong_and_what_to_do(name: str) -> None:
    assert re.search(r"\S: \S.*[.]$", SENTENCES[name])


def test_every_refusal_of_a_redemption_has_its_sentence() -> None:
    """Those of brands' acts and of the constructor are not for a counter."""
    brands = {
        "AlreadyExists",
        "ZeroPrice",
        "URITooLong",
        "NoTerms",
        "InvalidWindow",
        "ChangePending",
        "NoChangePending",
        "NothingChanges",
        "OtherDesk",
        "ShortPaid",
        "NoDelivery",
    }
    at_tills = {
        entry["name"]
        for entry in merged_abi("Redemptions")
        if entry["type"] == "error" and entry["name"].startswith(("Offers_", "Redemptions_"))
    }
    assert {name for name in at_tills if name.split("_")[1] not in brands} <= set(SENTENCES)


def test_amounts__are_in_whole_tokens() -> None:
    assert told("LoyaltyToken_MoreThanSigned", amount=300, signed=250) == (
        "It costs 3 BAKE and the member signed for at most 2.5: show the member the price and have it signed "
        "again."
    )
    assert told("ERC20InsufficientBalance", sender=MEMBER, balance=1, needed=250) == (
        "The member holds 0.01 BAKE and 2.5 are needed: take less."
    )


def test_balance__of_another_than_the_member__is_told_as_it_is() -> None:
    assert told("ERC20InsufficientBalance", sender=TILL, balance=1, needed=250) == "as the contract says"


def test_offer__is_called_by_its_name() -> None:
    assert told("Offers_StaleVersion", version=1, worsenedVersion=2, current=3) == (
        "The offer croissant got worse since the member saw it (version 1 then, 3 now): show the member the "
        "new conditions and have it signed again."
    )
    assert "open from 2017-01-01 00:00:00 UTC to 2018-01-01 00:00:00 UTC" in told(
        "Offers_OutsideWindow", opensAt=1_483_228_800, closesAt=1_514_764_800
    )


def test_anything_else__is_told_as_it_is() -> None:
    assert told("Panic", code=17) == "as the contract says"
