"""The frozen build is read as it is, and a missing one is told with the mend."""

from pathlib import Path

import pytest
from eth_abi.abi import encode

from symbolon import artifacts
from symbolon.artifacts import BuildMissingError, artifact, merged_abi


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    artifact.cache_clear()


def test_artifact__not_compiled__says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "BUILD", tmp_path)
    with pytest.raises(BuildMissingError, match=r"BrandRegistry is not compiled: run `make setup`\."):
        artifact("BrandRegistry")


def test_artifact__damaged__says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "BUILD", tmp_path)
    (tmp_path / "BrandRegistry.sol").mkdir()
    (tmp_path / "BrandRegistry.sol" / "BrandRegistry.json").write_text('{"abi": []')
    with pytest.raises(BuildMissingError, match="remove the folder build"):
        artifact("BrandRegistry")


def test_init_code__is_bytecode_and_encoded_arguments() -> None:
    built = artifact("LoyaltyTokenFactory")
    addresses = ("0x" + "11" * 20, "0x" + "22" * 20)
    assert built.init_code(*addresses) == built.bytecode + encode(["address", "address"], addresses)


def test_build__is_for_the_rules_we_deploy_to_and_says_nothing_of_its_driver() -> None:
    built = artifact("LoyaltyToken")
    assert built.compiler.startswith("0.8.37+commit.")
    assert built.settings["evmVersion"] == "prague"
    assert built.settings["metadata"] == {"bytecodeHash": "none", "appendCBOR": False}


def test_merged_abi__has_each_signature_once() -> None:
    merged = merged_abi("LoyaltyToken", "MockDollar")
    keys = [(entry["type"], artifacts.signature(entry)) for entry in merged]
    assert len(keys) == len(set(keys))
    assert ("function", "transfer(address,uint256)") in keys
    assert ("error", "LoyaltyToken_MintStopped()") in keys
