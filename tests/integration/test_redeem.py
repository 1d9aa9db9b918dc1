"""Redeeming at the counter, on a real chain: the member signs, the till takes, and nobody is cheated."""
# ruff: noqa: PLC0415 (Ape takes seconds to import, which tests that need no chain are spared)

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from eth_account import Account

from symbolon import qr
from symbolon.codes import Code, label_bytes
from symbolon.manifest import ROOT
from symbolon.reverts import RefusedError, moment

if TYPE_CHECKING:
    from ape.api import ProviderAPI
    from shop import Shop

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token


@pytest.fixture(scope="module")
def opened(_provider: ProviderAPI, _deployed: Alliance) -> Iterator[Shop]:
    from shop import Shop, undone

    with _provider.network.use_provider(_provider), undone():
        yield Shop.open(_deployed)


@pytest.fixture
def shop(opened: Shop, _provider: ProviderAPI) -> Iterator[Shop]:
    """The shop as it was opened; what the test does in it is undone."""
    from shop import undone

    with _provider.network.use_provider(_provider), undone():
        yield opened


# ---- from the member's hand to the till's


def test_redeem__by_a_picture_of_the_code__burns_and_leaves_a_receipt(shop: Shop, tmp_path: Path) -> None:
    from symbolon import calls
    from symbolon.redemptions import Kind

    held, supply, redemptions = shop.held, shop.token.supply, shop.alliance.redemptions
    qr.save(shop.sign(2).encode(), tmp_path / "phone.png")

    code = Code.decode(qr.read(tmp_path / "phone.png"))
    redeemed = shop.take(code)

    assert (shop.held, shop.token.supply) == (held - 5_00, supply - 5_00)
    assert (redeemed.kind, redeemed.name, redeemed.quantity, redeemed.amount, redeemed.till) == (
        Kind.OFFER,
        "croissant",
        2,
        5_00,
        shop.till.address,
    )
    receipt = redemptions.receipt(shop.token, shop.member, code.redemption.nonce)
    assert receipt is not None
    assert (receipt.kind, receipt.name, receipt.quantity, receipt.amount) == (
        Kind.OFFER,
        "croissant",
        2,
        5_00,
    )
    assert receipt.redeemed_at == calls.block_time(redeemed.block_number)
    assert redemptions.history(shop.token, shop.member) == [redeemed]
    assert redemptions.history(shop.token, shop.partner) == []
    assert shop.alliance.offers.get(shop.token, "croissant").sold == 2
    assert shop.alliance.offers.redeemed_by(shop.token, "croissant", shop.member) == 2


def test_redeem__by_a_wallet_with_a_contract__burns_the_wallets_tokens(shop: Shop) -> None:
    from wallets import make_wallet

    wallet, held, redemptions = (
        make_wallet(shop.member.address, sender=shop.member),
        shop.held,
        shop.alliance.redemptions,
    )
    shop.token.mint(wallet, 20_00, sender=shop.manager)
    wish = shop.wish(member=wallet)
    with pytest.raises(RefusedError, match=rf"not that of member {wallet}.*give nothing"):
        shop.take(redemptions.sign(wish, shop.intruder))

    shop.take(Code.decode(redemptions.sign(wish, shop.member).encode()))

    assert (shop.token.balance_of(wallet), shop.held) == (17_50, held)
    assert redemptions.receipt(shop.token, wallet, wish.nonce) is not None


def test_redeem__at_par__leaves_a_receipt_of_the_order(shop: Shop) -> None:
    from symbolon.redemptions import Kind

    held, code = shop.held, shop.sign_at_par(7_77, "basket 4711")
    redeemed = shop.take(Code.decode(code.encode()))
    assert (redeemed.kind, redeemed.name, redeemed.amount, redeemed.value) == (
        Kind.PAR,
        "basket 4711",
        7_77,
        0,
    )
    receipt = shop.alliance.redemptions.receipt(shop.token, shop.member, code.redemption.nonce)
    assert receipt is not None
    assert (receipt.kind, receipt.tag, receipt.quantity) == (Kind.PAR, b"basket 471", 0)
    assert shop.held == held - 7_77


def test_redeem__signed_by_a_bare_key__is_as_good(shop: Shop) -> None:
    key = Account.create()
    shop.token.mint(key.address, 5_00, sender=shop.manager)
    wish = shop.wish(member=key.address)
    shop.take(shop.alliance.redemptions.sign(wish, key))
    assert shop.token.balance_of(key.address) == 2_50


def test_redeem__as_documented(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "redeeming.md").read_text()
    (example,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    known: dict[str, Any] = {
        "alliance": shop.alliance,
        "token": shop.token,
        "member": shop.member,
        "till": shop.till,
    }
    exec(example, known | {"qr": qr, "Path": Path, "Code": Code}, known)
    assert known["receipt"].amount == 5_00
    assert f"{len(known['code'].encode())} characters" in page
    size = qr.draw(known["code"].encode()).symbol_size(border=0)[0]
    assert f"{size} by {size} modules" in page


# ---- better at once, worse after notice (RED-2)


def test_redeem__price_falls_before_it_is_taken__costs_the_member_less(shop: Shop) -> None:
    held, code = shop.held, shop.sign(2)
    assert not shop.change(price=2_00).worse
    assert shop.take(code).amount == 4_00
    assert shop.held == held - 4_00


def test_attack_24c__improved_again_and_again__no_code_fails(shop: Shop) -> None:
    """Else a brand could make every code in its members' hands stale, by a change a second."""
    code = shop.sign()
    for stock in range(11, 16):
        assert not shop.change(stock=stock).worse
    assert shop.change(price=3_00).worse
    version = shop.alliance.offers.get(shop.token, "croissant").version
    assert version == code.redemption.version + 5
    assert shop.take(code).amount == 2_50


def test_redeem__offer_got_worse_after_notice__says_to_show_the_new_conditions(shop: Shop) -> None:
    from symbolon import calls
    from symbolon.obligations import SHORTEST_NOTICE

    assert shop.change(price=3_00).effective_at > calls.now() + SHORTEST_NOTICE - 60
    shop.wait_for_notice()
    with pytest.raises(RefusedError, match=r"croissant got worse .*version 1 then, 2 now.*new conditions"):
        shop.take(shop.sign(version=1))
    assert shop.take(shop.sign()).amount == 3_00


def test_redeem__worse_change_withdrawn__costs_what_it_did(shop: Shop) -> None:
    shop.change(price=3_00)
    shop.alliance.offers.withdraw_change(shop.token, "croissant", sender=shop.manager)
    shop.wait_for_notice()
    assert shop.take(shop.sign(version=1)).amount == 2_50


def test_redeem__at_par_after_the_terms_got_worse__says_to_show_the_new_terms(shop: Shop) -> None:
    from symbolon.obligations import Terms

    shop.alliance.obligations.set_terms(shop.token, Terms.of_document(b"Worse."), sender=shop.brand)
    shop.wait_for_notice()
    with pytest.raises(RefusedError, match=r"terms of BAKE got worse .*the new terms and have it signed"):
        shop.take(shop.sign_at_par(1_00, version=1))
    shop.take(shop.sign_at_par(1_00))


# ---- a till alone takes nothing, and a member alone gives nothing


def test_attack_24d__till_hands_nothing_over__needs_a_fresh_signature_each_time(shop: Shop) -> None:
    """Nobody can make a till hand over the goods; it takes no more than the member signed for just now."""
    from symbolon import calls
    from symbolon.redemptions import NotForHereError

    held, code = shop.held, shop.sign()
    shop.take(code)
    wish, signature = code.redemption, code.signature
    for again in (
        code,
        replace(code, redemption=replace(wish, nonce=b"\x01" * 32)),
        replace(code, redemption=shop.wish(4)),
        replace(code, signature=b"\0"),
        replace(code, signature=signature[:64] + bytes([signature[64] ^ 1])),
        shop.sign(deadline=calls.now() + 2 * 3600),
        shop.sign(deadline=calls.now() - 1),
        shop.sign(till=shop.intruder.address),
    ):
        with pytest.raises((RefusedError, NotForHereError)):
            shop.take(again)
    assert shop.held == held - 2_50


def test_redeem__by_whoever_finds_the_code__refused(shop: Shop) -> None:
    from symbolon.redemptions import NotForHereError

    held, redemptions = shop.held, shop.alliance.redemptions
    with pytest.raises(NotForHereError, match=r"signed for till .*: have it signed for this till"):
        redemptions.take(shop.sign(), sender=shop.intruder)
    with pytest.raises(RefusedError, match=r"not listed as a till for BAKE: have a manager"):
        redemptions.take(shop.sign(till=shop.intruder.address), sender=shop.intruder)
    assert shop.held == held


def test_redeem__at_a_till_that_was_removed__refused(shop: Shop) -> None:
    shop.alliance.redemptions.set_till(shop.token, shop.till, False, sender=shop.manager)
    with pytest.raises(RefusedError, match="not listed as a till"):
        shop.take(shop.sign())


# ---- what a till is told


def test_redeem__twice__says_when_it_was_taken(shop: Shop) -> None:
    from symbolon import calls

    code = shop.sign()
    when = moment(calls.block_time(shop.take(code).block_number))
    with pytest.raises(RefusedError, match=f"This code was taken at {when}: it counts once"):
        shop.take(code)


def test_redeem__withdrawn_by_the_member__says_so(shop: Shop) -> None:
    from symbolon.signing import Cancel

    code = shop.sign()
    cancel = Cancel(shop.member.address, code.redemption.nonce)
    shop.token.cancel_authorization(cancel, cancel.sign(shop.token.domain, shop.member), sender=shop.till)
    with pytest.raises(RefusedError, match="used or withdrawn this code: have the member make a new one"):
        shop.take(code)


def test_redeem__too_late__says_until_when_it_was_good(shop: Shop) -> None:
    from shop import wait

    code = shop.sign()
    wait(6 * 60)
    with pytest.raises(RefusedError, match=r"was good until .* UTC: have the member make a new one"):
        shop.take(code)


def test_redeem__good_for_too_long__says_so(shop: Shop) -> None:
    from symbolon import calls

    with pytest.raises(RefusedError, match="more than an hour"):
        shop.take(shop.sign(deadline=calls.now() + 3 * 3600))


def test_redeem__more_than_the_member_holds__says_how_much_there_is(shop: Shop) -> None:
    code = shop.sign(2)
    shop.token.transfer(shop.partner, shop.held - 1_00, sender=shop.member)
    with pytest.raises(RefusedError, match="The member holds 1 BAKE and 5 are needed"):
        shop.take(code)


def test_redeem__more_than_a_member_can_have__says_how_many(shop: Shop) -> None:
    shop.take(shop.sign(3))
    with pytest.raises(RefusedError, match="Of croissant, this member can have 1 more and asked for 2"):
        shop.take(shop.sign(2))


def test_redeem__more_than_there_are__says_how_many_are_left(shop: Shop) -> None:
    shop.change(stock=2)
    shop.wait_for_notice()
    with pytest.raises(RefusedError, match="Of croissant, 2 are left and 3 were asked for"):
        shop.take(shop.sign(3))


def test_redeem__before_or_after_the_offer_is_open__says_when_it_is(shop: Shop) -> None:
    from shop import DAY, DOCUMENT, wait

    from symbolon import calls

    later = replace(shop.conditions, opens_at=calls.now() + DAY)
    shop.alliance.offers.create(shop.token, "tart", later, DOCUMENT, sender=shop.manager)
    with pytest.raises(RefusedError, match=r"offer tart is open from .* to .*: come back then"):
        shop.take(shop.sign(offer_id=label_bytes("tart")))
    wait(61 * DAY)
    with pytest.raises(RefusedError, match="offer croissant is open from"):
        shop.take(shop.sign())


def test_redeem__signed_for_less_than_it_costs__says_both(shop: Shop) -> None:
    with pytest.raises(RefusedError, match=r"costs 5 BAKE and the member signed for at most 4\.99"):
        shop.take(shop.sign(2, amount=4_99))


def test_redeem__of_another_chain__says_which(shop: Shop) -> None:
    from symbolon.redemptions import NotForHereError

    with pytest.raises(NotForHereError, match="for chain 1 and this is chain 31337: check --network"):
        shop.take(shop.sign(chain_id=1))


def test_redeem__of_an_offer_there_is_not__says_so(shop: Shop) -> None:
    from symbolon.offers import NoOfferError

    with pytest.raises(NoOfferError, match="BAKE has no offer cake: `ape run offers list`"):
        shop.alliance.redemptions.of_offer(shop.token, "cake", member=shop.member, till=shop.till)
    with pytest.raises(RefusedError, match="BAKE has no offer cake"):
        shop.take(shop.sign(offer_id=label_bytes("cake")))


def test_redeem__of_nothing__says_so(shop: Shop) -> None:
    with pytest.raises(RefusedError, match="for no units at all"):
        shop.take(shop.sign(0))
    with pytest.raises(RefusedError, match="for no BAKE at all"):
        shop.take(shop.sign_at_par(0))


def test_redeem__signed_by_another__says_to_give_nothing(shop: Shop) -> None:
    code = shop.alliance.redemptions.sign(shop.wish(), shop.intruder)
    with pytest.raises(RefusedError, match=r"not that of member .*: give nothing for it"):
        shop.take(code)


def test_redeem__of_a_token_of_no_brand_here__says_so(shop: Shop) -> None:
    from symbolon.exceptions import NoContractError

    code = shop.sign()
    forged = replace(code, redemption=replace(code.redemption, token=shop.intruder.address))
    with pytest.raises(NoContractError, match="is no token of this alliance"):
        shop.take(forged)


def test_check__tells_the_member_what_the_till_would_be_told(shop: Shop) -> None:
    shop.alliance.redemptions.check(shop.sign())
    with pytest.raises(RefusedError, match="this member can have 4 more and asked for 5"):
        shop.alliance.redemptions.check(shop.sign(5))


# ---- many at once


def test_batch__with_some_bad__takes_the_others_together_and_says_why_not_those(shop: Shop) -> None:
    """In the order they came: of what there is too little, the first come have it."""
    codes = [shop.sign_at_par(1_00, f"order {number}") for number in range(12)]
    codes[3] = replace(codes[3], signature=codes[4].signature)
    codes[7] = codes[5]
    codes[9] = shop.sign_at_par(15_00)

    done = shop.alliance.redemptions.take_all(codes, sender=shop.till)

    reasons = [str(error) for _, error in done.left_out]
    assert len(reasons) == 3
    assert "twice: it counts once" in reasons[0]
    assert "give nothing for it" in reasons[1]
    assert "holds 13 BAKE and 15 are needed" in reasons[2]
    assert [each.name for each in done.taken] == [
        f"order {number}" for number in range(12) if number not in (3, 7, 9)
    ]
    assert len({each.block_number for each in done.taken}) == 1
    assert shop.held == 20_00 - 9_00


def test_batch__of_offers_beyond_the_members_limit__takes_those_that_fit(shop: Shop) -> None:
    done = shop.alliance.redemptions.take_all([shop.sign(3), shop.sign(2), shop.sign(1)], sender=shop.till)
    assert [each.quantity for each in done.taken] == [3, 1]
    ((_, error),) = done.left_out
    assert "can have 1 more and asked for 2" in str(error)


def test_batch__of_both_kinds__takes_each_in_its_way(shop: Shop) -> None:
    from symbolon.redemptions import Kind

    done = shop.alliance.redemptions.take_all([shop.sign(), shop.sign_at_par(1_00)], sender=shop.till)
    assert [each.kind for each in done.taken] == [Kind.OFFER, Kind.PAR]
    assert done.left_out == ()


def test_batch__for_another_till_or_chain__leaves_those_out(shop: Shop) -> None:
    codes = [shop.sign(till=shop.intruder.address), shop.sign(chain_id=5), shop.sign()]
    done = shop.alliance.redemptions.take_all(codes, sender=shop.till)
    assert len(done.taken) == 1
    assert [code for code, _ in done.left_out] == codes[:2]


def test_batch__of_nothing_good__sends_nothing(shop: Shop) -> None:
    before = shop.till.nonce
    done = shop.alliance.redemptions.take_all([shop.sign(5), shop.sign(6)], sender=shop.till)
    assert (done.taken, len(done.left_out), shop.till.nonce) == ((), 2, before)


def test_batch__a_member_spends_between_trial_and_block__takes_the_others(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from symbolon import calls

    hurried: list[bool] = []
    send = calls.send

    def late(*args: object, **kwargs: object) -> object:
        if not hurried:
            hurried.append(True)
            shop.token.transfer(shop.partner, 19_00, sender=shop.member)
        return send(*args, **kwargs)  # type: ignore[arg-type]

    codes = [shop.sign_at_par(1_00, "small"), shop.sign_at_par(5_00, "large")]
    monkeypatch.setattr(calls, "send", late)
    done = shop.alliance.redemptions.take_all(codes, sender=shop.till)
    assert [each.name for each in done.taken] == ["small"]
    ((_, error),) = done.left_out
    assert "holds 0 BAKE and 5 are needed" in str(error)


@pytest.mark.parametrize(
    ("repeats", "reason"), [(True, "give nothing for it"), (False, "mined and did nothing")]
)
def test_batch__a_wallet_says_yes_when_tried_and_no_in_the_block__takes_the_others(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, repeats: bool, reason: str
) -> None:
    """Whether or not the wallet says no once more when Ape asks why."""
    from wallets import FICKLE, make_wallet

    from symbolon import calls

    with calls.node() as web3:
        eth = web3.eth
    ask = eth.call

    def answer(call: Any, *more: Any) -> Any:
        return b"" if "maxFeePerGas" in call and not repeats else ask(call, *more)

    monkeypatch.setattr(eth, "call", answer)
    wallet = make_wallet(shop.member.address, sender=shop.member, behaviour=FICKLE)
    shop.token.mint(wallet, 1_00, sender=shop.manager)
    codes = [shop.sign_at_par(1_00, f"order {number}") for number in range(5)]
    wish = replace(codes[2].redemption, member=wallet)
    codes[2] = shop.alliance.redemptions.sign(wish, shop.member)

    done = shop.alliance.redemptions.take_all(codes, sender=shop.till)

    assert [each.name for each in done.taken] == [f"order {number}" for number in (0, 1, 3, 4)]
    ((left, error),) = done.left_out
    assert left == codes[2]
    assert reason in str(error)


def test_batch__a_forgery_of_a_code_stands_before_it__takes_the_genuine_one(shop: Shop) -> None:
    genuine = shop.sign_at_par(1_00)
    forged = replace(genuine, signature=bytes(65))
    done = shop.alliance.redemptions.take_all([forged, genuine, genuine], sender=shop.till)
    assert [each.nonce for each in done.taken] == [genuine.redemption.nonce]
    assert {code for code, _ in done.left_out} == {forged, genuine}


# ---- paid out at par (RED-3)


@pytest.fixture
def fine_token(shop: Shop) -> Token:
    """A token of 18 decimals, worth 0.333333 dollars: no amount comes out even."""
    from symbolon.obligations import Terms

    made = shop.token.brand.create_token("Flour Grams", "GRAM", 18, sender=shop.brand)
    dollar = shop.alliance.currencies()[0]
    made.oblige(dollar, 333_333, 10**24, Terms.of_document(b"Terms"), sender=shop.brand)
    made.grant_quota(shop.manager, 10**24, sender=shop.brand)
    made.mint(shop.member, 10**19, sender=shop.manager)
    shop.alliance.redemptions.set_till(made, shop.till, sender=shop.manager)
    return made


@pytest.mark.parametrize(
    ("amount", "value"),
    [(1, 1), (10**18, 333_333), (10**18 + 1, 333_334), (3 * 10**18, 999_999), (3 * 10**12 + 4, 1)],
)
def test_currency__pays_par_rounded_up_to_the_last_unit(
    shop: Shop, fine_token: Token, amount: int, value: int
) -> None:
    from symbolon import calls
    from symbolon.redemptions import Kind

    dollar, desk, redemptions = (
        shop.alliance.mock_dollar,
        shop.alliance.redemption_desk,
        shop.alliance.redemptions,
    )
    assert dollar.decimals() == 6
    calls.transact(shop.till, dollar, "mint", shop.till.address, value)
    wish = redemptions.at_par(fine_token, amount, "payout", member=shop.member, till=shop.till)

    redeemed = redemptions.take_in_currency(redemptions.sign(wish, shop.member), sender=shop.till)

    assert (redeemed.kind, redeemed.value) == (Kind.CURRENCY, value)
    assert (dollar.balanceOf(shop.member), dollar.balanceOf(shop.till)) == (value, 0)
    assert dollar.allowance(shop.till, desk) == 0
    assert fine_token.balance_of(shop.member) == 10**19 - amount
    receipt = redemptions.receipt(fine_token, shop.member, wish.nonce)
    assert receipt is not None
    assert (receipt.kind, receipt.amount) == (Kind.CURRENCY, amount)


def test_currency__till_short_of_it__says_how_much_and_approves_nothing(shop: Shop) -> None:
    from symbolon.currencies import NoCurrencyError

    held = shop.held
    with pytest.raises(NoCurrencyError, match=r"holds 0 .* and 0\.1 are to be paid: send it the difference"):
        shop.alliance.redemptions.take_in_currency(shop.sign_at_par(10_00), sender=shop.till)
    assert shop.alliance.mock_dollar.allowance(shop.till, shop.alliance.redemption_desk) == 0
    assert shop.held == held


def test_currency__code_that_would_fail__approves_nothing(shop: Shop) -> None:
    from symbolon import calls

    calls.transact(shop.till, shop.alliance.mock_dollar, "mint", shop.till.address, 10**9)
    code = replace(shop.sign_at_par(10_00), signature=b"\x01" * 65)
    with pytest.raises(RefusedError, match="give nothing for it"):
        shop.alliance.redemptions.take_in_currency(code, sender=shop.till)
    assert shop.alliance.mock_dollar.allowance(shop.till, shop.alliance.redemption_desk) == 0


def test_currency__for_an_offer__refused(shop: Shop) -> None:
    from symbolon.redemptions import NotForHereError

    with pytest.raises(NotForHereError, match="only shop credit at par is paid out"):
        shop.alliance.redemptions.take_in_currency(shop.sign(), sender=shop.till)


# ---- offers


def test_offers__more_than_fit_one_read__are_all_listed_with_what_is_announced(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shop import DOCUMENT

    from symbolon import offers

    monkeypatch.setattr(offers, "_PAGE", 2)
    for name in ("b", "c", "d", "e"):
        shop.alliance.offers.create(shop.token, name, shop.conditions, DOCUMENT, sender=shop.manager)
    shop.change(price=3_00)
    found = shop.alliance.offers.of(shop.token)
    assert [offer.name for offer in found] == ["croissant", "b", "c", "d", "e"]
    assert found[0] == shop.alliance.offers.get(shop.token, "croissant")
    assert (found[0].conditions, found[0].document) == (shop.conditions, DOCUMENT)
    assert found[0].pending == replace(shop.conditions, price=3_00)
    assert found[1].pending is None


def test_change__says_in_words_what_happens_and_when(shop: Shop) -> None:
    from symbolon.fields import FOREVER
    from symbolon.offers import NO_LIMIT

    better = shop.change(price=2_00, stock=20, closes_at=FOREVER)
    assert str(better).startswith(
        "Better for members, or the same, so it is in force: the price falls from 2.5 to 2 BAKE; the stock "
        "rises from 10 to 20 units; it closes later, never instead of 20"
    )
    worse = shop.change(price=2_25, member_limit=NO_LIMIT)
    until = moment(worse.effective_at)
    assert str(worse) == (
        f"Worse for members, so it waits for notice, until {until}: the price rises from 2 to 2.25 BAKE; a "
        "member's limit rises from 4 units to no limit."
    )


def test_change__of_the_document__is_worse_and_of_where_it_is__not(shop: Shop) -> None:
    from shop import DOCUMENT

    from symbolon.offers import Document

    offers = shop.alliance.offers
    moved = offers.change(
        shop.token,
        "croissant",
        document=Document(DOCUMENT.hash, "https://elsewhere.example"),
        sender=shop.manager,
    )
    assert (moved.worse, moved.parts) == (False, ("its description has moved",))
    other = offers.change(shop.token, "croissant", document=Document.of(b"A roll."), sender=shop.manager)
    assert (other.worse, other.parts) == (True, ("its description is another",))


def test_offers_and_tills__set_by_somebody_without_the_role__refused(shop: Shop) -> None:
    from shop import DOCUMENT

    for account in (shop.intruder, shop.till, shop.partner):
        with pytest.raises(RefusedError, match="may not act as campaign"):
            shop.alliance.offers.create(shop.token, "mine", shop.conditions, DOCUMENT, sender=account)
        with pytest.raises(RefusedError, match="may not act as fulfil"):
            shop.alliance.redemptions.set_till(shop.token, account, sender=account)
