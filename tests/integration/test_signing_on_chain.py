"""The token takes what `symbolon.signing` signs, once, and nothing else (SIG-1)."""

from dataclasses import replace

import pytest
from ape import accounts, networks
from ape import chain as ape_chain
from ape_test.accounts import TestAccount
from eth_utils.crypto import keccak

from symbolon import calls
from symbolon.reverts import RefusedError
from symbolon.signing import Cancel, Permit, Receive, Spend, Transfer, Witness, random_nonce
from symbolon.tokens import Token

FOREVER = 2**40


@pytest.fixture
def funded(token: Token, manager: TestAccount, member: TestAccount) -> Token:
    """The token, of which the member holds 100."""
    token.mint(member, 100, sender=manager)
    return token


def test_domain__is_the_tokens_own(token: Token) -> None:
    """As ERC-5267 tells it: which fields there are, then name, version, chain and contract."""
    told = tuple(calls.read(token.contract, "eip712Domain"))
    domain = token.domain
    assert bytes(told[0]) == b"\x0f"
    assert told[1:5] == (domain.name, domain.version, domain.chain_id, domain.verifying_contract)


def test_permit__allows_once(
    funded: Token, member: TestAccount, partner: TestAccount, intruder: TestAccount
) -> None:
    permit = Permit(member.address, partner.address, 60, funded.permit_nonce(member), FOREVER)
    signature = permit.sign(funded.domain, member)
    funded.permit(permit, signature, sender=intruder)
    assert funded.allowance(member, partner) == 60
    assert funded.permit_nonce(member) == 1
    with pytest.raises(RefusedError, match=f"The signature is not {member.address}'s"):
        funded.permit(permit, signature, sender=intruder)


def test_transfer__moves_once(
    funded: Token, member: TestAccount, partner: TestAccount, intruder: TestAccount
) -> None:
    transfer = Transfer(member.address, partner.address, 60, 0, FOREVER, random_nonce())
    signature = transfer.sign(funded.domain, member.private_key)
    funded.transfer_with_authorization(transfer, signature, sender=intruder)
    assert (funded.balance_of(member), funded.balance_of(partner)) == (40, 60)
    assert funded.is_authorization_used(member, transfer.nonce)
    with pytest.raises(RefusedError, match="has used or cancelled the authorization"):
        funded.transfer_with_authorization(transfer, signature, sender=intruder)


def test_transfer__out_of_its_time__is_refused(
    funded: Token, member: TestAccount, partner: TestAccount
) -> None:
    now = ape_chain.pending_timestamp
    early = Transfer(member.address, partner.address, 1, now + 1_000, FOREVER, random_nonce())
    with pytest.raises(RefusedError, match="is good after"):
        funded.transfer_with_authorization(early, early.sign(funded.domain, member), sender=member)
    late = Transfer(member.address, partner.address, 1, 0, now - 1_000, random_nonce())
    with pytest.raises(RefusedError, match="was good until"):
        funded.transfer_with_authorization(late, late.sign(funded.domain, member), sender=member)


def test_receive__only_the_recipient_submits(
    funded: Token, member: TestAccount, partner: TestAccount, intruder: TestAccount
) -> None:
    receive = Receive(member.address, partner.address, 60, 0, FOREVER, random_nonce())
    signature = receive.sign(funded.domain, member)
    with pytest.raises(RefusedError, match="only the recipient"):
        funded.receive_with_authorization(receive, signature, sender=intruder)
    with pytest.raises(RefusedError, match="The signature is not"):
        funded.transfer_with_authorization(receive, signature, sender=intruder)
    funded.receive_with_authorization(receive, signature, sender=partner)
    assert funded.balance_of(partner) == 60


def test_cancel__takes_a_signature_back(
    funded: Token, member: TestAccount, partner: TestAccount, intruder: TestAccount
) -> None:
    transfer = Transfer(member.address, partner.address, 60, 0, FOREVER, random_nonce())
    signature = transfer.sign(funded.domain, member)
    cancel = Cancel(member.address, transfer.nonce)
    with pytest.raises(RefusedError, match="The signature is not"):
        funded.cancel_authorization(cancel, cancel.sign(funded.domain, intruder), sender=intruder)
    funded.cancel_authorization(cancel, cancel.sign(funded.domain, member), sender=intruder)
    with pytest.raises(RefusedError, match="has used or cancelled"):
        funded.transfer_with_authorization(transfer, signature, sender=intruder)
    assert funded.balance_of(member) == 100


def test_signature__for_anything_else__is_refused(
    funded: Token, member: TestAccount, partner: TestAccount, intruder: TestAccount
) -> None:
    transfer = Transfer(member.address, partner.address, 60, 0, FOREVER, random_nonce())
    signature = transfer.sign(funded.domain, member)
    for other in (
        replace(transfer, to=intruder.address),
        replace(transfer, value=61),
        replace(transfer, valid_before=FOREVER + 1),
        replace(transfer, nonce=random_nonce()),
        replace(transfer, holder=partner.address),
    ):
        with pytest.raises(RefusedError):
            funded.transfer_with_authorization(other, signature, sender=intruder)
    for domain in (
        replace(funded.domain, chain_id=1),
        replace(funded.domain, verifying_contract=partner.address),
        replace(funded.domain, name="Bakery Pints"),
    ):
        with pytest.raises(RefusedError, match="The signature is not"):
            funded.transfer_with_authorization(transfer, transfer.sign(domain, member), sender=intruder)


def test_spend__is_taken_by_the_contract_it_names_for_what_was_agreed(
    funded: Token, member: TestAccount
) -> None:
    escrow = _yes_contract()
    witness = Witness(
        "Order", (("item", "bytes32"), ("till", "address")), {"item": b"\1" * 32, "till": escrow.address}
    )
    spend = Spend(member.address, escrow.address, 60, random_nonce(), FOREVER, witness)
    signature = spend.sign(funded.domain, member)

    def take(amount: int, agreed: bytes) -> None:
        arguments = (spend.arguments, amount, witness.typehash, agreed, signature)
        calls.transact(escrow, funded.contract, "receiveWithSignature", *arguments)

    with pytest.raises(RefusedError, match="The signature is not"):
        take(60, b"\2" * 32)
    with pytest.raises(RefusedError, match="were signed for"):
        take(61, witness.hash)
    take(50, witness.hash)
    assert (funded.balance_of(member), funded.balance_of(escrow)) == (50, 50)
    with pytest.raises(RefusedError, match="has used or cancelled"):
        take(10, witness.hash)


def test_transfer_and_call__moves_to_a_contract_that_says_yes(
    funded: Token, member: TestAccount, partner: TestAccount
) -> None:
    escrow = _yes_contract()
    funded.transfer_and_call(escrow, 40, b"order", sender=member)
    assert (funded.balance_of(member), funded.balance_of(escrow)) == (60, 40)
    with pytest.raises(RefusedError, match="is no contract and cannot be told"):
        funded.transfer_and_call(partner, 1, sender=member)
    with pytest.raises(RefusedError, match="did not accept what it was sent"):
        funded.transfer_and_call(_contract("0x" + "78" * 20, b"no!!"), 1, sender=member)
    assert funded.balance_of(member) == 60


def _yes_contract() -> TestAccount:
    """An account that stands where a contract would: it accepts whatever tokens it is told of."""
    return _contract("0x" + "77" * 20, keccak(text="onTransferReceived(address,address,uint256,bytes)")[:4])


def _contract(address: str, answer: bytes) -> TestAccount:
    """An account whose code answers every call with these four bytes."""
    code = b"\x63" + answer + bytes.fromhex("60e01b60005260206000f3")
    provider = networks.provider
    provider.set_code(address, code)
    provider.set_balance(address, 10**20)
    account: TestAccount = accounts.test_accounts.impersonate_account(address)
    return account
