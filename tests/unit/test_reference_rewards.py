"""What the model of rewards says at its edges. That the contracts say the same, the machine shows."""

from __future__ import annotations

import pytest

from bench.farming.referring import Action, Referring, Setting, Verb
from bench.farming.scene import BRAND, PLENTY, Scene, address, signed
from symbolon.addresses import keccak
from symbolon.reference import RevertError
from symbolon.reference.abi_words import words
from symbolon.reference.campaigns import Campaign, Flaw, Kind, SignedVoucher, Voucher, name_of
from symbolon.reference.consents import Eligibility, Grant, Request, State, Wording
from symbolon.reference.contract import DAY, ZERO
from symbolon.reference.referrals import ALL_KINDS

MEMBER, KEY = address("member"), address("key")
PLAIN = Setting(1000, 500, ALL_KINDS, 14, 0, 2**96 - 1)
CHAIN = [Action(Verb.BIND, 1, 0), Action(Verb.BIND, 2, 1)]
WORDING = Wording("birthday", "greetings", b"key")


def campaign(scene: Scene, kind: Kind = Kind.VIEW, purse: int = PLENTY // 8) -> None:
    now, token = scene.world.now, scene.tokens[0]
    facts = (token.address, words(1), Campaign(kind, 100, 3, 2, now, now + 9 * DAY), bytes(32), "")
    scene.do(scene.world.campaigns.create_campaign, BRAND, *facts)
    given = (scene.world.campaigns.address, purse, words(1) + name_of(KEY))
    scene.do(token.grant_quota_and_call, BRAND, *given)


def batch(scene: Scene, numbers: list[int]) -> list[int]:
    """What came of a batch: for each voucher what is wrong with it, 0 if it was paid."""
    token = scene.tokens[0].address
    vouchers = [Voucher(MEMBER, number, bytes(32), 2**40) for number in numbers]
    digest = scene.world.campaigns.digest_of
    sealed = [SignedVoucher(each, signed(KEY, digest(token, words(1), each))) for each in vouchers]
    scene.do(scene.world.campaigns.claim_batch, MEMBER, token, words(1), KEY, sealed)
    events = [each for each in scene.world.events if each.contract == scene.world.campaigns.address]
    return [each.facts[-1] if each.name == "VoucherPassedOver" else 0 for each in events]


def request(scene: Scene, every: int, days: int) -> Request:
    token, now = scene.tokens[0], scene.world.now
    hashes = (keccak(b"birthday"), keccak(b"greetings"), keccak(b"key"))
    made = Request(token.address, *hashes, 10, every, now + days * DAY, ZERO, bytes(32))
    scene.do(scene.world.consents.publish, BRAND, made, WORDING)
    given = (scene.world.consents.address, 1_000, words(*made))
    scene.do(token.grant_quota_and_call, BRAND, *given)
    return made


def refused(scene: Scene, *call: object) -> str:
    with pytest.raises(RevertError) as error:
        scene.do(*call)  # type: ignore[arg-type]
    return error.value.name


@pytest.mark.parametrize(
    "amount, got", [(19, 1), (20, 3), (10, 1), (9, 0)]
)  # 10 % and 5 %, each rounded down
def test_shares__are_rounded_down_level_by_level(amount: int, got: int) -> None:
    outcome = Referring(PLAIN).play([*CHAIN, Action(Verb.BUY, 2, 0, amount)])
    assert (outcome.spent, outcome.got) == (amount, got)


def test_cap__cuts_what_a_referrer_gets__and_the_rest_is_budget_again() -> None:
    referring = Referring(PLAIN._replace(referrer_cap=7))
    token = referring.scene.tokens[0].address
    outcome = referring.play([*CHAIN, Action(Verb.BUY, 2, 0, 10_000)])
    assert outcome.got == 14  # both levels', seven each
    assert referring.rewards.programme_of(token, 1).left == PLENTY // 4 - 14 - referring.honest_reward()


def test_batch__flawed_vouchers__stand_in_nobodys_way() -> None:
    scene = Scene()
    campaign(scene)
    assert batch(scene, [0, 0, 3, 1, 2]) == [0, Flaw.ALREADY_PAID, Flaw.BEYOND_CAP, 0, Flaw.DAY_FULL]
    scene.wait(1)
    assert batch(scene, [2]) == [0]
    assert scene.tokens[0].balance_of(MEMBER) == 300


def test_purse__is_all_that_its_key_can_pay() -> None:
    scene = Scene()
    campaign(scene, purse=199)
    assert batch(scene, [0, 1]) == [0, Flaw.PURSE_EMPTY]


def test_review__without_a_receipt__is_not_paid() -> None:
    scene = Scene()
    campaign(scene, Kind.REVIEW)
    assert batch(scene, [0]) == [Flaw.NEEDS_RECEIPT]


@pytest.mark.parametrize("after, paid", [(0, 1), (DAY - 1, 1), (DAY, 2), (3 * DAY - 1, 3)])
def test_consent__revoked__pays_what_had_come_due_and_frees_the_rest(after: int, paid: int) -> None:
    scene = Scene()
    consents, asked = scene.world.consents, request(scene, DAY, 3)
    scene.do(consents.grant, MEMBER, asked, Eligibility(0, signed(ZERO, b"")))
    assert consents.budget_of(asked.id).left == 970
    scene.world.now += after
    scene.do(consents.revoke, MEMBER, asked)
    assert scene.tokens[0].balance_of(MEMBER) == 10 * paid
    assert consents.budget_of(asked.id).left == 1_000 - 10 * paid
    assert refused(scene, consents.pay, MEMBER, asked, MEMBER) == "Consent_WrongState"
    assert refused(scene, consents.acknowledge, BRAND, asked, MEMBER, bytes(32)) == "Consent_WrongState"


def test_consent__at_its_end__is_no_more_and_still_paid() -> None:
    scene = Scene()
    consents, asked = scene.world.consents, request(scene, DAY, 2)
    scene.do(consents.grant, MEMBER, asked, Eligibility(0, signed(ZERO, b"")))
    granted = Grant(State.GRANTED, scene.world.now, asked.until, 0, 2, 1)
    assert consents.grant_of(asked.id, MEMBER) == granted
    scene.wait(2)
    assert not consents.is_granted(asked.id, MEMBER)
    scene.do(consents.pay, MEMBER, asked, MEMBER)
    assert consents.grant_of(asked.id, MEMBER) == granted._replace(state=State.ENDED, paid=2)
