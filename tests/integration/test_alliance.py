"""The SDK does what its words say, and says in words what cannot be done."""

import pytest
from ape import chain as ape_chain
from ape import networks
from ape_test.accounts import TestAccount
from bakery import CAPACITY, PAR_VALUE, QUOTA
from eth_account import Account

from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.brands import NOBODY, Brand, Roles, Status
from symbolon.deployment import List
from symbolon.exceptions import NoContractError, NoFundsError, SymbolonError
from symbolon.obligations import DAY, SHORTEST_NOTICE, Terms
from symbolon.reverts import RefusedError
from symbolon.tokens import Token

DELAY = 7 * DAY


def later(seconds: int) -> None:
    ape_chain.mine(timestamp=ape_chain.pending_timestamp + seconds)


# ---- brands


def test_register__applies_and_has_its_id_beforehand(
    alliance: Alliance, brand: TestAccount, guardian: TestAccount
) -> None:
    expected = alliance.brands.of(brand, "bakery")
    assert expected.status is Status.NONE
    made = alliance.brands.register(
        "bakery", guardian=guardian, profile_uri="https://b.example", sender=brand
    )
    assert made == expected
    facts = made.facts
    assert (facts.status, facts.admin, facts.guardian) == (Status.APPLIED, brand.address, guardian.address)
    assert (facts.pending_admin, facts.profile_uri) == (NOBODY, "https://b.example")


def test_brands__are_all_who_registered_in_order(
    alliance: Alliance, brand: TestAccount, partner: TestAccount
) -> None:
    made = [alliance.brands.register(label, sender=who) for who, label in ((brand, "a"), (partner, "b"))]
    assert list(alliance.brands) == made
    assert alliance.brands[str(made[0])] == made[0]
    assert alliance.brands[made[0].id].facts.admin == brand.address


@pytest.mark.parametrize("text", ["bakery", "0x12", "0x" + "g" * 64])
def test_brands__no_id__says_what_one_looks_like(alliance: Alliance, text: str) -> None:
    with pytest.raises(SymbolonError, match="is no brand id: give 0x and 64"):
        _ = alliance.brands[text]


def test_admit_suspend_reinstate__are_the_alliances(
    bakery: Brand, operator: TestAccount, intruder: TestAccount
) -> None:
    assert bakery.status is Status.ACTIVE
    with pytest.raises(RefusedError, match="is not the alliance's"):
        bakery.suspend(sender=intruder)
    seen = []
    for act in (bakery.suspend, bakery.reinstate):
        act(sender=operator)
        seen.append(bakery.status)
    assert seen == [Status.SUSPENDED, Status.ACTIVE]


def test_managers__get_and_lose_roles(bakery: Brand, brand: TestAccount, manager: TestAccount) -> None:
    bakery.set_manager(manager, Roles.FULFIL | Roles.SETTLE, sender=brand)
    assert bakery.roles_of(manager) == Roles.FULFIL | Roles.SETTLE
    assert str(bakery.roles_of(manager)) == "fulfil, settle"
    bakery.set_manager(manager, Roles.NONE, sender=brand)
    assert str(bakery.roles_of(manager)) == "none"
    with pytest.raises(RefusedError, match="is no set of managers' roles"):
        bakery.set_manager(manager, Roles.ADMIN, sender=brand)


def test_roles__read_as_written() -> None:
    assert Roles.parse("fulfil, campaign") == Roles.FULFIL | Roles.CAMPAIGN
    assert Roles.parse("none") == Roles.NONE
    for text in ("", "boss", "fulfil,admin"):
        with pytest.raises(SymbolonError, match="is no list of roles"):
            Roles.parse(text)


def test_admin__is_handed_over_in_two_steps(
    bakery: Brand, brand: TestAccount, partner: TestAccount, intruder: TestAccount
) -> None:
    bakery.transfer_admin(partner, sender=brand)
    assert bakery.facts.pending_admin == partner.address
    with pytest.raises(RefusedError, match="was not offered to"):
        bakery.accept_admin(sender=intruder)
    bakery.accept_admin(sender=partner)
    assert bakery.facts.admin == partner.address


def test_recovery__gives_the_brand_back_after_its_delay(
    bakery: Brand, guardian: TestAccount, partner: TestAccount
) -> None:
    bakery.start_recovery(partner, sender=guardian)
    recovery = bakery.recovery
    assert recovery is not None
    assert (recovery.new_admin, recovery.guardian) == (partner.address, guardian.address)
    with pytest.raises(RefusedError, match="has to wait until"):
        bakery.complete_recovery(sender=partner)
    later(DELAY)
    bakery.complete_recovery(sender=partner)
    assert bakery.facts.admin == partner.address
    assert bakery.recovery is None


def test_recovery__vetoed__goes_on_once_the_alliance_confirms(
    bakery: Brand, brand: TestAccount, guardian: TestAccount, partner: TestAccount, operator: TestAccount
) -> None:
    bakery.start_recovery(partner, sender=guardian)
    bakery.veto_recovery(sender=brand)
    later(DELAY)
    with pytest.raises(RefusedError, match="ask the alliance to confirm"):
        bakery.complete_recovery(sender=partner)
    bakery.confirm_recovery(partner, sender=operator)
    bakery.complete_recovery(sender=partner)
    assert bakery.facts.admin == partner.address


def test_recovery__confirmation_withdrawn__the_veto_counts_again(
    bakery: Brand, brand: TestAccount, guardian: TestAccount, partner: TestAccount, operator: TestAccount
) -> None:
    bakery.start_recovery(partner, sender=guardian)
    with pytest.raises(RefusedError, match="there is no confirmation to withdraw"):
        bakery.withdraw_confirmation(sender=operator)
    bakery.confirm_recovery(partner, sender=operator)
    bakery.veto_recovery(sender=brand)
    with pytest.raises(RefusedError, match="ask the alliance to withdraw its confirmation"):
        bakery.withdraw_recovery(sender=guardian)
    bakery.withdraw_confirmation(sender=operator)
    recovery = bakery.recovery
    assert recovery is not None
    assert (recovery.vetoed, recovery.confirmed) == (True, False)
    later(DELAY)
    with pytest.raises(RefusedError, match="ask the alliance to confirm"):
        bakery.complete_recovery(sender=partner)


def test_profile__too_long__says_how_long_it_may_be(bakery: Brand, brand: TestAccount) -> None:
    with pytest.raises(RefusedError, match="has 513 bytes and at most 512 fit"):
        bakery.set_profile_uri("https://" + "a" * 505, sender=brand)


def test_guardian__changes_after_notice_and_may_withdraw(
    bakery: Brand, brand: TestAccount, guardian: TestAccount, partner: TestAccount
) -> None:
    bakery.start_recovery(partner, sender=guardian)
    bakery.withdraw_recovery(sender=guardian)
    assert bakery.recovery is None
    bakery.set_guardian(partner, sender=brand)
    facts = bakery.facts
    assert (facts.guardian, facts.pending_guardian) == (guardian.address, partner.address)
    assert facts.guardian_change_at > 0
    bakery.set_profile_uri("https://new.example", sender=brand)
    assert bakery.facts.profile_uri == "https://new.example"


# ---- tokens and obligations


def test_token__is_what_its_brand_made(alliance: Alliance, bakery: Brand, token: Token) -> None:
    assert (token.name, token.symbol, token.decimals, token.brand) == ("Bakery Points", "BAKE", 2, bakery)
    assert (token.supply, token.total_quota, token.capacity) == (0, QUOTA, CAPACITY)
    assert not token.mint_stopped
    assert list(alliance.tokens) == bakery.tokens() == [token]
    assert alliance.tokens[token.address] == token


def test_tokens__not_of_the_factory__are_refused(alliance: Alliance) -> None:
    with pytest.raises(NoContractError, match="is no token of this alliance"):
        _ = alliance.tokens[str(alliance.mock_dollar.address)]


def test_oblige__says_what_is_owed(alliance: Alliance, token: Token) -> None:
    obligation = token.obligation
    assert obligation is not None
    assert obligation.par_value == PAR_VALUE
    assert obligation.currency == str(alliance.mock_dollar.address)
    assert (obligation.version, obligation.pending_terms, obligation.pending_capacity) == (1, None, None)
    assert alliance.obligations.value_down(token, 150) == 15_000
    assert alliance.obligations.value_up(token, 1) == 100
    assert alliance.obligations.is_version_valid(token, 1)
    assert not alliance.obligations.is_version_valid(token, 2)


def test_oblige__not_yet__is_none(bakery: Brand, brand: TestAccount) -> None:
    assert bakery.create_token("Other", "OTH", 18, sender=brand).obligation is None


def test_terms__worse_ones_wait_and_can_be_withdrawn(
    alliance: Alliance, token: Token, brand: TestAccount
) -> None:
    alliance.obligations.set_terms(token, Terms.of_document(b"Worth less."), sender=brand)
    obligation = token.obligation
    assert obligation is not None
    assert obligation.pending_terms == Terms.of_document(b"Worth less.")
    assert obligation.terms != obligation.pending_terms
    alliance.obligations.withdraw_terms(token, sender=brand)
    assert token.obligation is not None
    assert token.obligation.pending_terms is None


def test_capacity__falls_at_once_and_rises_after_notice(
    alliance: Alliance, token: Token, brand: TestAccount, intruder: TestAccount
) -> None:
    alliance.obligations.set_capacity(token, CAPACITY - 1, sender=brand)
    assert token.capacity == CAPACITY - 1
    alliance.obligations.set_capacity(token, 2 * CAPACITY, sender=brand)
    with pytest.raises(RefusedError, match="is due at"):
        alliance.obligations.apply_capacity_raise(token, sender=intruder)
    later(SHORTEST_NOTICE)
    alliance.obligations.apply_capacity_raise(token, sender=intruder)
    assert token.capacity == 2 * CAPACITY
    alliance.obligations.set_capacity(token, 3 * CAPACITY, sender=brand)
    alliance.obligations.withdraw_capacity_raise(token, sender=brand)
    assert token.obligation is not None
    assert token.obligation.pending_capacity is None


def test_quota__is_granted_spent_returned_and_revoked(
    token: Token, brand: TestAccount, manager: TestAccount, member: TestAccount
) -> None:
    token.mint(member, 500, sender=manager)
    assert (token.balance_of(member), token.supply, token.quota_of(manager)) == (500, 500, QUOTA - 500)
    token.return_quota(100, sender=manager)
    token.revoke_quota(manager, 2**96 - 1, sender=brand)
    assert token.quota_of(manager) == 0
    with pytest.raises(
        RefusedError, match=r"wants 0\.01 BAKE and has a quota of 0 BAKE.*`ape run brand quota`"
    ):
        token.mint(member, 1, sender=manager)


def test_batch__is_minted_once(token: Token, manager: TestAccount, member: TestAccount) -> None:
    raw = bytes.fromhex(member.address[2:])
    token.mint_batch(b"\x01" * 32, 5, raw + (3).to_bytes(4), sender=manager)
    token.mint_batch_wide(b"\x02" * 32, raw + (7).to_bytes(12), sender=manager)
    assert token.balance_of(member) == 22
    assert token.is_batch_minted(b"\x01" * 32)
    with pytest.raises(RefusedError, match="has been minted"):
        token.mint_batch(b"\x01" * 32, 5, raw + (3).to_bytes(4), sender=manager)


def test_holders__send_approve_and_burn(
    token: Token, manager: TestAccount, member: TestAccount, partner: TestAccount, intruder: TestAccount
) -> None:
    token.mint(member, 100, sender=manager)
    token.transfer(partner, 40, sender=member)
    token.approve(partner, 30, sender=member)
    assert token.allowance(member, partner) == 30
    token.transfer_from(member, partner, 10, sender=partner)
    token.burn_from(member, 20, sender=partner)
    token.burn(50, sender=partner)
    assert (token.balance_of(member), token.balance_of(partner), token.supply) == (30, 0, 30)
    with pytest.raises(RefusedError, match=r"holds 0\.3 BAKE and 0\.31 BAKE are needed"):
        token.transfer(partner, 31, sender=member)
    with pytest.raises(RefusedError, match="may spend 0 "):
        token.transfer_from(member, intruder, 1, sender=intruder)


def test_suspended_brand__managers_cannot_mint_once_it_is_synced(
    alliance: Alliance, token: Token, operator: TestAccount, manager: TestAccount, member: TestAccount
) -> None:
    token.mint(member, 100, sender=manager)
    token.brand.suspend(sender=operator)
    alliance.obligations.sync_mint_stop(token, sender=member)
    assert token.mint_stopped
    with pytest.raises(RefusedError, match="ask the alliance to reinstate it"):
        token.mint(member, 1, sender=manager)
    token.burn(100, sender=member)  # ISSUE-3: the way out is open


def test_suspended_brand__grants_no_quota(
    token: Token, operator: TestAccount, brand: TestAccount, manager: TestAccount
) -> None:
    token.brand.suspend(sender=operator)
    with pytest.raises(RefusedError, match="is suspended, so nothing new can begin"):
        token.grant_quota(manager, 1, sender=brand)


def test_contract_uri__is_the_brands_until_it_has_its_own(
    bakery: Brand, token: Token, brand: TestAccount
) -> None:
    bakery.set_profile_uri("https://brand.example", sender=brand)
    assert token.contract_uri == "https://brand.example"
    token.set_contract_uri("https://token.example", sender=brand)
    assert token.contract_uri == "https://token.example"


def test_lists__show_what_is_listed_now(
    alliance: Alliance, operator: TestAccount, member: TestAccount
) -> None:
    alliance.set_listed(List.ARBITER, member, True, sender=operator)
    assert alliance.listed(List.ARBITER) == [member.address]
    alliance.set_listed(List.ARBITER, member, False, sender=operator)
    assert alliance.listed(List.ARBITER) == []


# ---- sending


def test_refusal__costs_nothing(token: Token, intruder: TestAccount, member: TestAccount) -> None:
    before = (intruder.nonce, intruder.balance)
    with pytest.raises(RefusedError) as caught:
        token.mint(member, 1, sender=intruder)
    assert caught.value.name == "LoyaltyToken_QuotaExceeded"
    assert caught.value.facts == {"minter": intruder.address, "requested": 1, "available": 0}
    assert (intruder.nonce, intruder.balance) == before


def test_no_funds__says_who_needs_what(token: Token, manager: TestAccount, member: TestAccount) -> None:
    networks.provider.set_balance(manager.address, 10**9)
    with pytest.raises(NoFundsError, match=rf"{manager.address} holds 0\.000000001 ETH and this may cost"):
        token.mint(member, 1, sender=manager)


def test_watched__sees_every_transaction_by_name(
    token: Token, manager: TestAccount, member: TestAccount
) -> None:
    seen = []
    with calls.watched(lambda what, receipt: seen.append((what, receipt.txn_hash))):
        receipt = token.mint(member, 1, sender=manager)
    token.mint(member, 1, sender=manager)
    assert seen == [("LoyaltyToken.mint", receipt.txn_hash)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "missing"),
        ("0x12", "2 hex digits instead of 40"),
        ("somebody.eth", "is a name, not an address"),
        ("0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266", "wrong checksum"),
    ],
)
def test_address__that_is_none__is_refused(alliance: Alliance, text: str, why: str) -> None:
    with pytest.raises(SymbolonError, match=why):
        alliance.is_listed(List.MODULE, text)


def test_ape_signer__signs_what_eth_account_would(alliance: Alliance, member: TestAccount) -> None:
    fields = {
        "type": 2,
        "chainId": calls.chain_id(),
        "nonce": 3,
        "to": str(alliance.brand_registry.address),
        "value": 0,
        "gas": 100_000,
        "maxFeePerGas": 3 * 10**9,
        "maxPriorityFeePerGas": 10**9,
        "data": b"\x01\x02",
        "accessList": [{"address": str(alliance.lens.address), "storageKeys": ["0x" + "01" * 32]}],
    }
    expected = Account.sign_transaction(fields, member.private_key)
    signed = calls.ApeSigner(member).sign_transaction(fields)
    assert (signed.raw_transaction, signed.hash) == (expected.raw_transaction, expected.hash)
