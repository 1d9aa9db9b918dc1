"""What is generated says what the records say, and the committed page is what would be generated."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import orjson
import pytest
from eth_utils.crypto import keccak

from symbolon import exports
from symbolon.artifacts import artifact
from symbolon.deployment import SUITE
from symbolon.manifest import Provenance, Record, Records
from symbolon.reverts import SENTENCES
from symbolon.tokens import Token


@pytest.fixture
def records(tmp_path: Path) -> Records:
    found = Records(tmp_path / "sepolia")
    found.start(11_155_111)
    for number, part in enumerate(SUITE):
        found.write(
            Record(
                name=part.name,
                address=f"0x{number + 1:040x}",
                abi=artifact(part.name).abi,
                args=(),
                transaction_hash=None,
                block_number=100 + number,
                salt="0x",
                bytecode_hash="0x",
                code_hash="0x",
                provenance=Provenance("0.1.0", "", "0.8.37", "prague", 200, via_ir=True),
            )
        )
    return found


def test_errors_page__is_up_to_date() -> None:
    exports.check({exports.ERRORS_PAGE: exports.errors_page()})


def test_contracts_of_the_members_page__are_up_to_date() -> None:
    exports.check({exports.PAGE: exports.page_contracts()})


def test_errors_page__has_every_error_by_its_selector() -> None:
    page = exports.errors_page().decode()
    for name in SENTENCES:
        assert f"`{name}(" in page
    assert "0x" + keccak(text="LoyaltyToken_MintStopped()")[:4].hex() in page


def test_manifest__has_addresses_and_start_blocks(records: Records) -> None:
    manifest = orjson.loads(exports.from_records(records)[records.folder / "manifest.json"])
    assert (manifest["network"], manifest["chainId"], manifest["startBlock"]) == ("sepolia", 11_155_111, 100)
    assert manifest["contracts"]["BrandRegistry"] == {"address": f"0x{2:040x}", "startBlock": 101}
    assert set(manifest["contracts"]) == {part.name for part in SUITE}


def test_typescript__has_everything_a_front_end_needs(records: Records) -> None:
    text = exports.from_records(records)[records.folder / "symbolon.ts"].decode()
    wanted = [
        "deployments",
        "types",
        "spendFields",
        "redemptionTypes",
        "rewardTypes",
        "errorsAbi",
        "errorTexts",
    ]
    wanted += [f"{part.name[0].lower()}{part.name[1:]}Abi" for part in SUITE]
    found = re.findall(r"^export const (\w+) = .*?^[\]}] as const;$", text, re.MULTILINE | re.DOTALL)
    assert set(wanted) <= set(found)
    assert len(found) == text.count("export const ")


def test_export__nothing_deployed__is_nothing(tmp_path: Path) -> None:
    assert exports.from_records(Records(tmp_path)) == {}


def test_write__writes_what_differs_only(tmp_path: Path) -> None:
    files = {tmp_path / "a": b"1", tmp_path / "b": b"2"}
    assert exports.write(files) == list(files)
    assert exports.write(files) == []
    (tmp_path / "b").write_bytes(b"3")
    with pytest.raises(exports.StaleExportError, match=r"/b\. Run `ape run export`"):
        exports.check(files)
    assert exports.write(files) == [tmp_path / "b"]


@pytest.mark.parametrize(
    ("name", "symbol", "fits"),
    [
        ("Bakery Points", "BAKE", True),
        ("N" * 60, "S" * 16, True),
        ("N" * 61, "BAKE", False),
        ("Bakery\tPoints", "BAKE", False),
        ("Bakery Points", "BA KE", False),
        (" ", "BAKE", False),
    ],
)
def test_token_list__leaves_out_names_that_the_standard_refuses(name: str, symbol: str, fits: bool) -> None:
    token = cast(Token, SimpleNamespace(name=name, symbol=symbol))
    assert exports._fits_list(token) is fits
