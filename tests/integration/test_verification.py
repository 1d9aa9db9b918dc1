"""What explorers are given compiles to the very bytes on the chain."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from commands import done, refused, run

from symbolon import manifest, verification
from symbolon.alliance import Alliance
from symbolon.deployment import code_at
from symbolon.manifest import Record

NAME = "LoyaltyTokenFactory"


@pytest.fixture
def record(alliance: Alliance) -> Record:
    found = alliance.records.read(NAME)
    assert found is not None
    return found


def test_verify__writes_what_compiles_to_the_code_on_the_chain(
    alliance: Alliance, record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "DEPLOYMENTS", alliance.records.folder.parent)
    told = done(run("verify", alliance.records.network, NAME, "--save", str(tmp_path)))
    assert "Byte for byte as recorded: 1." in told
    facts = json.loads((tmp_path / "contracts.json").read_text())
    fact = facts[NAME]
    assert fact["address"] == record.address
    assert fact["contractName"] == f"contracts/{NAME}.sol:{NAME}"
    assert fact["compilerVersion"].startswith("v0.8.37+commit.")
    given = json.loads((tmp_path / f"{NAME}.input.json").read_text())
    _, deployed = verification.recompiled(given, fact["contractName"])
    code = bytearray(code_at(record.address))
    places = [place for some in deployed["immutableReferences"].values() for place in some]
    assert places, "no immutables to compare"
    for place in places:
        at = slice(place["start"], place["start"] + place["length"])
        assert code[at].hex() in fact["constructorArguments"], "an immutable is no argument"
        code[at] = bytes(place["length"])
    assert bytes(code) == bytes.fromhex(deployed["object"])


def test_verify__other_source_or_arguments__is_refused(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(record, args=("0x" + "11" * 20, record.args[1]))
    with pytest.raises(verification.VerificationError, match="does not lead to 0x"):
        verification.inputs([other])
    monkeypatch.setattr(verification, "_ROOT", tmp_path)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / f"{NAME}.sol").write_text("contract LoyaltyTokenFactory {}")
    with pytest.raises(verification.VerificationError, match="is not what was compiled"):
        verification.inputs([record])


def test_verify__unknown_network_or_contract__is_one_sentence(
    alliance: Alliance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "DEPLOYMENTS", alliance.records.folder.parent)
    refused(run("verify", "atlantis"), "No contract is recorded for atlantis")
    refused(run("verify", alliance.records.network, "Bakery"), "No Bakery is recorded for")
