"""Whatever contracts refuse, people read amounts of tokens and of money, and not base units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shop import Shop

from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.bonds import Purse
from symbolon.reverts import RefusedError

if TYPE_CHECKING:
    from ape_test.accounts import TestAccount


@pytest.fixture
def shop(alliance: Alliance) -> Shop:
    return Shop.open(alliance)


def pay_in(shop: Shop, value: int, *, by: TestAccount, has: int) -> None:
    """Have somebody with some money put money into the holders' purse."""
    if has:
        calls.transact(by, shop.alliance.mock_dollar, "mint", by.address, has)
    calls.transact(by, shop.alliance.mock_dollar, "approve", shop.alliance.bonds.contract.address, value)
    shop.alliance.bonds.put(shop.token, Purse.HOLDERS, value, sender=by)


def test_refusal_of_a_token__is_in_tokens(shop: Shop) -> None:
    with pytest.raises(
        RefusedError, match=r"99999999\.5 BAKE of quota were asked .* capacity leaves 0 BAKE:"
    ):
        shop.token.grant_quota(shop.manager, 99_999_999_50, sender=shop.brand)
    with pytest.raises(RefusedError, match=r"holds 20 BAKE and 20\.01 BAKE are needed"):
        shop.token.transfer(shop.partner, 20_01, sender=shop.member)


def test_refusal_about_a_token__is_in_its_brands_money(shop: Shop) -> None:
    pay_in(shop, 2_500_000, by=shop.partner, has=2_500_000)
    with pytest.raises(RefusedError, match=r"1 MUSD were asked for and 0 MUSD are free"):
        shop.alliance.bonds.allot_to_offer(shop.token, "bread", 1_000_000, sender=shop.brand)


def test_balance_too_small__is_told_in_what_is_missing(shop: Shop) -> None:
    with pytest.raises(RefusedError, match=r"holds 1\.5 MUSD and 5 MUSD are needed"):
        pay_in(shop, 5_000_000, by=shop.member, has=1_500_000)


def test_balance_that_two_things_fit__is_told_in_neither(shop: Shop) -> None:
    with pytest.raises(RefusedError, match="holds 0 base units and 5000000 base units are needed"):
        pay_in(shop, 5_000_000, by=shop.intruder, has=0)
