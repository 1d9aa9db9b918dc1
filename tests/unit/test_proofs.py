"""Proofs as static files: any holder finds and checks its own, and whatever is altered shows."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from symbolon import proofs
from symbolon.addresses import checksum_address, keccak
from symbolon.merkle_sum import Leaf, SumTree, list_id, root_of
from symbolon.proofs import Posting, ProofError, Proofs

PLACE = (1, checksum_address(b"\x11" * 20), checksum_address(b"\x22" * 20), 202607)


def some(count: int) -> list[Leaf]:
    return sorted(Leaf(keccak(each.to_bytes(4))[:20], 100 + each, each % 3 == 0) for each in range(count))


def publish(folder: Path, count: int) -> list[Leaf]:
    leaves = some(count)
    tree = SumTree.of(list_id(*PLACE), leaves)
    proofs.write(folder, Posting(*PLACE, tree.root, 1_000, 2_000), leaves, tree)
    return leaves


@pytest.mark.parametrize("count", [1, 2, 1_000, 1_024, 1_025, 2_049, 5_000])
def test_credit__of_whomever__leads_to_the_root(tmp_path: Path, count: int) -> None:
    leaves = publish(tmp_path, count)
    found = Proofs(tmp_path)
    assert found.count == count
    for index in {0, 1, 1_023, 1_024, count // 2, count - 1} & set(range(count)):
        credit = found.credit(leaves[index].account)
        assert (credit.index, credit.leaf) == (index, leaves[index])
        assert root_of(list_id(*PLACE), index, credit.leaf, credit.proof) == found.posting.root
    found.check()


def test_credit__of_a_stranger__is_refused(tmp_path: Path) -> None:
    publish(tmp_path, 2_000)
    for stranger in (bytes(20), b"\xff" * 20, keccak(b"stranger")[:20]):
        with pytest.raises(ProofError, match=r"credits 0x.* nothing"):
            Proofs(tmp_path).credit(stranger)


def test_files__have_nothing_personal_and_are_small(tmp_path: Path) -> None:
    publish(tmp_path, 2_000)
    index = json.loads((tmp_path / "earned.json").read_text())
    assert set(index) == {
        *("format", "chain_id", "distributor", "token", "period", "root", "total", "final_at"),
        *("claimable_until", "leaves", "shards"),
    }
    sizes = [each.stat().st_size for each in (tmp_path / "shards").iterdir()]
    assert len(sizes) == 2
    assert max(sizes) < 80_000


@pytest.mark.parametrize("what", ["leaf", "proof", "order", "missing", "torn", "format"])
def test_shard__altered__shows(tmp_path: Path, what: str) -> None:
    leaves = publish(tmp_path, 2_000)
    path = tmp_path / "shards" / "00000.json"
    content = json.loads(path.read_text())
    if what == "leaf":
        content["leaves"][5][1] = "1"
    elif what == "proof":
        content["proof"][0] = "0x" + "00" * 32
    elif what == "order":
        content["leaves"][0], content["leaves"][1] = content["leaves"][1], content["leaves"][0]
    elif what == "missing":
        del content["leaves"][-1]
    elif what == "format":
        content = []
    path.write_text(json.dumps(content)[: -1 if what == "torn" else None])
    with pytest.raises(ProofError, match="damaged"):
        Proofs(tmp_path).credit(leaves[5].account)
    with pytest.raises(ProofError, match="damaged"):
        Proofs(tmp_path).check()


def test_index__missing_or_foreign__is_told(tmp_path: Path) -> None:
    with pytest.raises(ProofError, match="cannot be read"):
        Proofs(tmp_path)
    (tmp_path / "earned.json").write_text('{"format": "something else"}')
    with pytest.raises(ProofError, match="damaged"):
        Proofs(tmp_path)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_proofs__on_any_web_server__are_read(tmp_path: Path, served: str) -> None:
    leaves = publish(tmp_path, 1_500)
    assert Proofs(served + "/").credit(leaves[1_200].account).leaf == leaves[1_200]
    with pytest.raises(ProofError, match="cannot be read"):
        Proofs(served + "/elsewhere")
