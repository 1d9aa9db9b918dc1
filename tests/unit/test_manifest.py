"""Deployment records come back as they were written, and what is damaged is told with the mend."""

from pathlib import Path

import orjson
import pytest

from symbolon.manifest import Provenance, Record, RecordError, Records, write_whole


def record(name: str = "BrandRegistry", block: int = 7) -> Record:
    return Record(
        name=name,
        address="0x" + "ab" * 20,
        abi=[{"type": "error", "name": "E", "inputs": []}],
        args=("0x" + "cd" * 20,),
        transaction_hash="0x" + "01" * 32,
        block_number=block,
        salt="0x" + "02" * 32,
        bytecode_hash="0x" + "03" * 32,
        code_hash="0x" + "04" * 32,
        provenance=Provenance("0.1.0", "f00d+", "0.8.37+commit.x", "prague", 200, via_ir=True),
    )


def test_record__written_and_read__is_the_same(tmp_path: Path) -> None:
    records = Records(tmp_path / "sepolia")
    records.start(11_155_111)
    records.write(record())
    assert Records(tmp_path / "sepolia").read("BrandRegistry") == record()
    assert (tmp_path / "sepolia" / ".chainId").read_text() == "11155111"
    assert records.network == "sepolia"


def test_record__has_the_keys_that_other_tools_read(tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.write(record())
    content = orjson.loads((tmp_path / "BrandRegistry.json").read_bytes())
    assert {"address", "abi", "args", "transactionHash", "blockNumber", "salt", "bytecodeHash"} <= set(
        content
    )
    assert content["provenance"] == {
        "version": "0.1.0",
        "commit": "f00d+",
        "compiler": "0.8.37+commit.x",
        "evmVersion": "prague",
        "optimizerRuns": 200,
        "viaIR": True,
        "startBlock": 7,
    }


def test_records__are_in_the_order_of_deployment(tmp_path: Path) -> None:
    records = Records(tmp_path)
    for name, block in (("Zebra", 1), ("Ant", 3), ("Bee", 2)):
        records.write(record(name, block))
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "accounts.json").write_text("{}")
    assert [each.name for each in records] == ["Zebra", "Bee", "Ant"]


def test_records__nothing_there__is_empty(tmp_path: Path) -> None:
    records = Records(tmp_path / "nowhere")
    assert records.chain_id is None
    assert records.read("BrandRegistry") is None
    assert list(records) == []


@pytest.mark.parametrize("content", ["", "{", "{}", '{"address": 1}', "[]"])
def test_record__damaged__says_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / "BrandRegistry.json").write_text(content)
    with pytest.raises(RecordError, match=r"BrandRegistry\.json cannot be read .* run `ape run deploy`"):
        Records(tmp_path).read("BrandRegistry")


def test_chain_id__no_number__says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / ".chainId").write_text("sepolia")
    with pytest.raises(RecordError, match="holds no number"):
        _ = Records(tmp_path).chain_id


def test_origin__is_read_and_never_written(tmp_path: Path) -> None:
    live = Records(tmp_path / "sepolia")
    live.start(11_155_111)
    live.write(record())
    fork = Records(tmp_path / "sepolia-fork", live)
    assert fork.chain_id == 11_155_111
    assert fork.read("BrandRegistry") == record()
    fork.write(record("MockDollar"))
    assert {each.name for each in fork} == {"BrandRegistry", "MockDollar"}
    assert {each.name for each in live} == {"BrandRegistry"}


def test_write_whole__cut_off__leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "record.json"
    write_whole(path, b"old")

    def cut_off(_: int) -> None:
        raise OSError("power")

    monkeypatch.setattr("os.fsync", cut_off)
    with pytest.raises(OSError, match="power"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
