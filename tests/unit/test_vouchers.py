"""What shops and members sign for rewards, without a chain."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from symbolon.addresses import keccak
from symbolon.merkle import Tree, is_in
from symbolon.signing import Domain, compact, signer_of
from symbolon.vouchers import (
    Binding,
    Invitation,
    Purchase,
    SignedVoucher,
    Voucher,
    VoucherError,
    VoucherList,
    action_of,
    is_listed,
    review_action,
    rewards_domain,
)

KEY = Account.from_key("0x" + "11" * 32)
TOKEN, MEMBER, OTHER = ("0x" + digit * 40 for digit in "123")
DOMAIN = Domain("CampaignRewards", 31_337, "0x" + "4" * 40)
VOUCHER = Voucher(TOKEN, b"spring".ljust(32, b"\0"), MEMBER, 3, action_of("visit"), 1_000)
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def test_voucher__signed__is_good_until_its_deadline() -> None:
    signed = SignedVoucher.sign(VOUCHER, DOMAIN, KEY)
    assert signed.key == KEY.address
    signed.check(DOMAIN, 1_000)
    with pytest.raises(VoucherError, match=r"time has passed: have the shop issue it again"):
        signed.check(DOMAIN, 1_001)


@pytest.mark.parametrize(
    "change",
    [
        {"token": OTHER},
        {"campaign_id": b"x" * 32},
        {"member": OTHER},
        {"number": 4},
        {"action": action_of("review")},
        {"deadline": 2_000},
    ],
    ids=lambda change: next(iter(change)),
)
def test_voucher__altered__is_nobodys(change: dict[str, object]) -> None:
    signed = SignedVoucher.sign(VOUCHER, DOMAIN, KEY)
    with pytest.raises(VoucherError, match="something in it was changed"):
        replace(signed, voucher=replace(VOUCHER, **change)).check(DOMAIN, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{"chain_id": 1}, {"verifying_contract": OTHER}, {"name": "Consent"}])
def test_voucher__of_another_chain_or_contract__is_nobodys(change: dict[str, object]) -> None:
    signed = SignedVoucher.sign(VOUCHER, DOMAIN, KEY)
    with pytest.raises(VoucherError):
        signed.check(replace(DOMAIN, **change), 0)  # type: ignore[arg-type]


def test_voucher__as_it_travels__comes_back() -> None:
    signed = SignedVoucher.sign(VOUCHER, DOMAIN, KEY.key)
    assert SignedVoucher.from_json(signed.to_json()) == signed
    for facts in ({}, {**signed.to_json(), "number": "many"}, {**signed.to_json(), "signature": "0xgg"}):
        with pytest.raises(VoucherError, match="ask the shop again"):
            SignedVoucher.from_json(facts)


def test_signature__the_other_of_the_two__is_nobodys() -> None:
    signed = SignedVoucher.sign(VOUCHER, DOMAIN, KEY)
    digest, signature = VOUCHER.digest(DOMAIN), signed.signature
    assert signer_of(digest, signature) == KEY.address
    high = (ORDER - int.from_bytes(signature[32:64])).to_bytes(32)
    twin = signature[:32] + high + bytes([27 + 28 - signature[64]])
    assert signer_of(digest, twin) is None
    for broken in (b"", signature[:-1], signature[:64] + b"\0", bytes(64) + b"\x1b"):
        assert signer_of(digest, broken) is None


@given(st.integers(0, 2**32))
def test_signature__in_two_words__is_the_same(number: int) -> None:
    signature = SignedVoucher.sign(replace(VOUCHER, number=number), DOMAIN, KEY).signature
    r, vs = compact(signature)
    word = int.from_bytes(vs)
    assert r + (word & (2**255 - 1)).to_bytes(32) + bytes([27 + (word >> 255)]) == signature


def test_action__is_the_hash_of_what_it_is_called_or_digits_as_they_are() -> None:
    assert action_of(" visit ") == keccak(b"visit")
    assert action_of("0x" + "ab" * 32) == b"\xab" * 32
    assert review_action(b"\1" * 32, "Fine.") != review_action(b"\1" * 32, "Fine!")
    for wrong in ("", "  ", "0x" + "zz" * 32):
        with pytest.raises(VoucherError):
            action_of(wrong)


@pytest.mark.parametrize(
    "statement",
    [
        Purchase(TOKEN, MEMBER, bytes(32), 5, 1, 2),
        Invitation(TOKEN, MEMBER, 1),
        Binding(TOKEN, MEMBER, OTHER, 1),
    ],
    ids=lambda statement: statement.type_name,
)
def test_statement__is_the_signers_alone(statement: Purchase | Invitation | Binding) -> None:
    signature = statement.sign(DOMAIN, KEY)
    assert statement.is_signed_by(KEY.address, DOMAIN, signature)
    assert not statement.is_signed_by(MEMBER, DOMAIN, signature)
    assert not replace(statement, token=OTHER).is_signed_by(KEY.address, DOMAIN, signature)


def test_domain__comes_from_the_manifest() -> None:
    manifest = {"chainId": 5, "contracts": {"CampaignRewards": {"address": OTHER}}}
    assert rewards_domain("CampaignRewards", manifest) == Domain("CampaignRewards", 5, OTHER)
    with pytest.raises(VoucherError, match=r"This manifest\.json has no Consent"):
        rewards_domain("Consent", manifest)


# ---- lists


@given(st.integers(1, 70), st.data())
def test_tree__every_leaf_and_nothing_else__is_in_it(count: int, data: st.DataObject) -> None:
    leaves = [keccak(bytes([number])) for number in range(count)]
    tree = Tree(leaves)
    index = data.draw(st.integers(0, count - 1))
    proof = tree.proof(index)
    assert is_in(tree.root, leaves[index], proof)
    assert not is_in(tree.root, keccak(b"another"), proof)
    assert len(proof) <= (count - 1).bit_length()
    if proof:
        assert not is_in(tree.root, leaves[index], proof[1:])


def test_tree__of_two__is_their_hash_in_order_of_size() -> None:
    low, high = bytes(32), b"\xff" * 32
    assert Tree([low, high]).root == Tree([high, low]).root == keccak(low + high)
    assert Tree([high]).root == high
    with pytest.raises(ValueError, match="at least one leaf"):
        Tree([])


def test_list__knows_its_vouchers_and_whose_they_are() -> None:
    vouchers = [
        replace(VOUCHER, member=member, number=number) for member in (MEMBER, OTHER) for number in range(3)
    ]
    listed = VoucherList(DOMAIN, vouchers)
    for voucher, proof in zip(vouchers, listed.proofs, strict=True):
        assert is_listed(listed.root, voucher, DOMAIN, proof)
        assert not is_listed(listed.root, replace(voucher, number=9), DOMAIN, proof)
        assert not is_listed(listed.root, voucher, replace(DOMAIN, chain_id=1), proof)
    assert {member: len(theirs) for member, theirs in listed.by_member().items()} == {MEMBER: 3, OTHER: 3}
    with pytest.raises(VoucherError, match="there is nothing to list"):
        VoucherList(DOMAIN, [])


# ---- docs/integration.md


def test_documented_voucher__is_signed_by_the_shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "integration.md").read_text()
    (program,) = (each for each in re.findall(r"```python\n(.*?)```", page, re.S) if "SignedVoucher" in each)
    manifest = {"chainId": 31_337, "contracts": {"CampaignRewards": {"address": DOMAIN.verifying_contract}}}
    folder = tmp_path / "deployments" / "local"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.chdir(tmp_path)
    exec(program, {"token": TOKEN, "member": MEMBER, "until": 900, "shop_key": KEY.key})
    SignedVoucher.from_json(ast.literal_eval(capsys.readouterr().out)).check(DOMAIN, 900)
