"""What is signed is what EIP-712 says, field by field, and what the token's code says."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from symbolon import signing
from symbolon.signing import TYPES, Cancel, Domain, Permit, Receive, Signed, Spend, Transfer, Witness

KEY = "0x" + "11" * 32
MEMBER = Account.from_key(KEY)
SHOP = "0x" + "22" * 20
DOMAIN = Domain("Bakery Points", 31_337, "0x" + "33" * 20)
NONCE = b"\x07" * 32
WITNESS = Witness(
    "Redemption", (("offerId", "bytes32"), ("till", "address")), {"offerId": NONCE, "till": SHOP}
)

PERMIT = Permit(MEMBER.address, SHOP, 500, 0, 2**40)
TRANSFER = Transfer(MEMBER.address, SHOP, 500, 0, 2**40, NONCE)
SIGNED: list[Signed] = [
    PERMIT,
    TRANSFER,
    Receive(MEMBER.address, SHOP, 500, 0, 2**40, NONCE),
    Cancel(MEMBER.address, NONCE),
    Spend(MEMBER.address, SHOP, 500, NONCE, 2**40, WITNESS),
]
ids = [each.type_name for each in SIGNED]


def words(*values: int | str | bytes) -> bytes:
    """The values as the ABI encodes them; addresses are text."""
    return b"".join(
        value if isinstance(value, bytes) else int(str(value), 0).to_bytes(32) for value in values
    )


def domain_separator() -> bytes:
    kind = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    name, version = keccak(text="Bakery Points"), keccak(text="1")
    return keccak(keccak(text=kind) + words(name, version, 31_337, DOMAIN.verifying_contract))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Permit", "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
        (
            "TransferWithAuthorization",
            "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,"
            "uint256 validBefore,bytes32 nonce)",
        ),
        (
            "ReceiveWithAuthorization",
            "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,"
            "uint256 validBefore,bytes32 nonce)",
        ),
        ("CancelAuthorization", "CancelAuthorization(address authorizer,bytes32 nonce)"),
    ],
)
def test_types__are_the_standards(name: str, kind: str) -> None:
    assert f"{name}({','.join(f'{what} {field}' for field, what in TYPES[name])})" == kind


def test_digest__of_a_permit__is_eip_712s_by_hand() -> None:
    kind = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    struct = keccak(keccak(text=kind) + words(MEMBER.address, SHOP, 500, 0, 2**40))
    assert PERMIT.digest(DOMAIN) == keccak(b"\x19\x01" + domain_separator() + struct)


def test_digest__of_a_spend__is_eip_712s_by_hand() -> None:
    inner = keccak(keccak(text="Redemption(bytes32 offerId,address till)") + NONCE + words(SHOP))
    kind = keccak(
        text="Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,"
        "Redemption witness)Redemption(bytes32 offerId,address till)"
    )
    struct = keccak(kind + words(MEMBER.address, SHOP, 500, NONCE, 2**40, inner))
    assert WITNESS.hash == inner
    assert WITNESS.typehash == kind
    assert SIGNED[-1].digest(DOMAIN) == keccak(b"\x19\x01" + domain_separator() + struct)


@pytest.mark.parametrize("message", SIGNED, ids=ids)
def test_sign__is_recovered_to_the_signer(message: Signed) -> None:
    signature = message.sign(DOMAIN, KEY)
    assert len(signature) == 65
    assert Account.recover_message(message.signable(DOMAIN), signature=signature) == MEMBER.address


class ApeAccount:
    """Signs as Ape's accounts do: r and s come as bytes, without the zeros in front."""

    address = MEMBER.address

    def sign_message(self, signable_message: Any, /) -> Any:
        signed = MEMBER.sign_message(signable_message)
        r, s = (number.to_bytes((number.bit_length() + 7) // 8) for number in (signed.r, signed.s))
        return SimpleNamespace(v=signed.v, r=r, s=s)


def test_sign__with_an_account_that_leaves_out_leading_zeros__is_whole() -> None:
    """Every 128th signature has such a zero: without care, so many redemptions fail for no reason."""
    short = 0
    for number in range(1_000):
        permit = replace(PERMIT, nonce=number)
        signature = permit.sign(DOMAIN, ApeAccount())
        assert signature == permit.sign(DOMAIN, KEY)
        short += 0 in (signature[0], signature[32])
    assert short >= 3


@pytest.mark.parametrize("message", SIGNED, ids=ids)
def test_sign__with_a_key_or_an_account__is_the_same(message: Signed) -> None:
    assert (
        message.sign(DOMAIN, KEY) == message.sign(DOMAIN, MEMBER) == message.sign(DOMAIN, bytes(MEMBER.key))
    )


@pytest.mark.parametrize("message", SIGNED, ids=ids)
@pytest.mark.parametrize(
    "other",
    [
        replace(DOMAIN, name="Other Points"),
        replace(DOMAIN, chain_id=1),
        replace(DOMAIN, verifying_contract="0x" + "44" * 20),
    ],
)
def test_digest__elsewhere__is_another(message: Signed, other: Domain) -> None:
    """SIG-1: a signature is good for one token on one chain."""
    assert message.digest(DOMAIN) != message.digest(other)


def test_digests__of_different_acts__differ() -> None:
    assert len({message.digest(DOMAIN) for message in SIGNED}) == len(SIGNED)


def test_random_nonce__is_32_bytes_and_new() -> None:
    nonces = {signing.random_nonce() for _ in range(100)}
    assert len(nonces) == 100
    assert {len(nonce) for nonce in nonces} == {32}
