"""A view is attested for who was asked, once, not too soon and not too late."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace

import pytest
from eth_account import Account

from symbolon.challenges import Answer, ChallengeError, Challenges, answer_to
from symbolon.signing import Domain

MEMBER, STRANGER = (Account.from_key("0x" + digit * 64) for digit in "12")
TOKEN, CAMPAIGN = "0x" + "3" * 40, b"spring".ljust(32, b"\0")
DOMAIN = Domain("CampaignRewards", 31_337, "0x" + "4" * 40)
SECRET = b"s" * 32
SHOP = Challenges(SECRET, DOMAIN, TOKEN, CAMPAIGN)


def issue(shop: Challenges = SHOP, number: int = 2, answer: str = "") -> str:
    return shop.issue(MEMBER.address, number, "film", now=100, least=5, patience=60, answer=answer)


def test_answer__in_time__is_a_voucher_of_the_number_asked_for() -> None:
    text = issue()
    voucher = SHOP.check(text, answer_to(text, DOMAIN, MEMBER), now=105, deadline=900)
    assert (voucher.token, voucher.campaign_id, voucher.member) == (TOKEN, CAMPAIGN, MEMBER.address)
    assert (voucher.number, voucher.deadline) == (2, 900)
    assert SHOP.check(text, answer_to(text, DOMAIN, MEMBER), now=160, deadline=900) == voucher


@pytest.mark.parametrize(("now", "sentence"), [(104, "too quick"), (161, "has run out")])
def test_answer__too_soon_or_too_late__is_refused(now: int, sentence: str) -> None:
    text = issue()
    with pytest.raises(ChallengeError, match=sentence):
        SHOP.check(text, answer_to(text, DOMAIN, MEMBER), now=now, deadline=900)


def test_answer__by_another_wallet_or_for_another_chain__is_refused() -> None:
    text = issue()
    for answer in (answer_to(text, DOMAIN, STRANGER), answer_to(text, replace(DOMAIN, chain_id=1), MEMBER)):
        with pytest.raises(ChallengeError, match="not signed by the member"):
            SHOP.check(text, answer, now=110, deadline=900)


@pytest.mark.parametrize("said", ["Rye", " RYE  "])
def test_answer__right_in_words__is_taken(said: str) -> None:
    text = issue(answer="rye")
    assert SHOP.check(text, answer_to(text, DOMAIN, MEMBER, said), now=110, deadline=900).number == 2


@pytest.mark.parametrize("said", ["", "wheat", "ryee"])
def test_answer__wrong_in_words__is_refused(said: str) -> None:
    text = issue(answer="rye")
    with pytest.raises(ChallengeError, match="not the answer"):
        SHOP.check(text, answer_to(text, DOMAIN, MEMBER, said), now=110, deadline=900)


def test_challenge__of_another_secret_or_campaign__is_refused() -> None:
    for other in (
        Challenges(b"t" * 32, DOMAIN, TOKEN, CAMPAIGN),
        Challenges(SECRET, DOMAIN, TOKEN, b"autumn".ljust(32, b"\0")),
        Challenges(SECRET, DOMAIN, "0x" + "5" * 40, CAMPAIGN),
    ):
        text = issue(other)
        with pytest.raises(ChallengeError):
            SHOP.check(text, answer_to(text, DOMAIN, MEMBER), now=110, deadline=900)


def test_challenge__any_byte_changed__is_refused() -> None:
    text = issue(answer="rye")
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    for at in range(len(raw)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        altered = urlsafe_b64encode(changed).rstrip(b"=").decode()
        answer = answer_to(altered, DOMAIN, MEMBER, "rye")
        with pytest.raises(ChallengeError):
            SHOP.check(altered, answer, now=110, deadline=900)


@pytest.mark.parametrize("text", ["", "x", "ä" * 200, "A" * 500])
def test_challenge__that_is_none__is_told(text: str) -> None:
    with pytest.raises(ChallengeError, match="This is no challenge"):
        SHOP.check(text, Answer("", bytes(65)), now=110, deadline=900)


def test_secret__too_short__is_told() -> None:
    with pytest.raises(ChallengeError, match="take 32 random bytes"):
        Challenges(b"short", DOMAIN, TOKEN, CAMPAIGN)
