"""`make up` leaves a chain that can be built on as the documentation says, and `make down` ends it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from commands import ROOT, ape_run, run
from eth_abi.abi import decode, encode
from eth_utils.crypto import keccak

from symbolon import alliance as alliance_module
from symbolon import standing as standing_module
from symbolon.rpc import Node
from symbolon.standing import MULTICALL3

INTEGRATION = (ROOT / "docs" / "integration.md").read_text()


@dataclass(frozen=True)
class Standing:
    """A chain that `up` left running, and the folder that it wrote."""

    folder: Path
    told: str

    @property
    def accounts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "local" / "accounts.json").read_text())
        return found

    @property
    def url(self) -> str:
        return str(self.accounts["url"])


@pytest.fixture(autouse=True)
def records(standing: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process look for records, and for the chain, where the standing chain's are."""
    monkeypatch.setattr(alliance_module, "DEPLOYMENTS", standing.folder)
    monkeypatch.setattr(standing_module, "STATE", standing.folder / "local" / "chain.json")


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    folder = tmp_path_factory.mktemp("deployments")
    up = ape_run("up", "--port", "0", SYMBOLON_DEPLOYMENTS=str(folder))
    assert up.code == 0, up
    try:
        yield Standing(folder, up.out)
    finally:
        down = ape_run("down", SYMBOLON_DEPLOYMENTS=str(folder))
    assert "Ended the local chain at" in down.out
    assert not (folder / "local" / "chain.json").exists()


def example(language: str, since: str = "") -> str:
    """The documentation's first code block of that language, or the first after some words."""
    text = INTEGRATION[INTEGRATION.index(since) :]
    block, *_ = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(block)


def test_up__tells_where_everything_is(standing: Standing) -> None:
    assert f"A local chain runs at {standing.url}" in standing.told
    names = [each["name"] for each in standing.accounts["accounts"]]
    assert names[:4] == ["alliance", "bakery admin", "cinema admin", "books admin"]
    assert len(names) == 20
    assert sum(1 for each in standing.accounts["accounts"] if each["holds"]) == 5


def test_up__again__is_refused_and_changes_nothing(standing: Standing) -> None:
    again = run("up")
    assert again.code == 1
    assert "runs at" in again.err
    shown = json.loads(run("show", "--json").out)
    assert list(shown["tokens"]) == ["BAKE", "STAR", "BOOK"]
    assert set(shown["brands"].values()) == {"active"}


def test_show__tells_what_is_laid_down_and_how_it_was_delivered(standing: Standing) -> None:
    bakery, cinema, books = (json.loads(run("show", name, "--json").out) for name in ("BAKE", "STAR", "BOOK"))
    assert bakery["laid down"]["covers"] == "12.00% of what is outstanding or promised"
    assert bakery["laid down"]["for holders"].startswith("300 ")
    assert bakery["laid down"]["must stay"].startswith("250 ")
    assert bakery["orders"]["open"] == 1
    assert cinema["laid down"]["covers"].startswith("0.00%")
    assert "orders" not in cinema
    assert (books["orders"]["open"], books["orders"]["came as promised"]) == (2, "1 of 1 settled")


def test_multicall3__answers_where_front_ends_look(standing: Standing) -> None:
    selector = keccak(text="aggregate3((address,bool,bytes)[])")[:4]
    inner = keccak(text="getBlockNumber()")[:4]
    data = selector + encode(["(address,bool,bytes)[]"], [[(MULTICALL3, False, inner)] * 2])
    node = Node(standing.url)
    (answers,) = decode(["(bool,bytes)[]"], node.call(MULTICALL3, data))
    assert [(ok, int.from_bytes(number)) for ok, number in answers] == [(True, node.head())] * 2


def test_token_list__is_of_the_standard(standing: Standing) -> None:
    schema = json.loads(
        (ROOT / "node_modules" / "@uniswap" / "token-lists" / "src" / "tokenlist.schema.json").read_text()
    )
    listed = json.loads((standing.folder / "local" / "tokenlist.json").read_text())
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
    assert list(validator.iter_errors(listed)) == []
    assert [(each["symbol"], each["decimals"]) for each in listed["tokens"]] == [
        ("BAKE", 2),
        ("STAR", 0),
        ("BOOK", 18),
    ]
    listed["tokens"][0]["decimals"] = -1
    assert list(validator.iter_errors(listed)), "a schema that lets everything through proves nothing"


def test_exports__are_up_to_date(standing: Standing) -> None:
    assert "Everything is up to date." in run("export", "--check").out


def test_doctor__finds_nothing_amiss(standing: Standing) -> None:
    outcome = run("doctor", "--account", "TEST::0")
    assert outcome.code == 0, outcome
    assert "no " not in [line[:3] for line in outcome.out.splitlines()]


# ---- docs/integration.md


def test_documented_typescript__is_typed_and_runs(standing: Standing, tmp_path: Path) -> None:
    for name in ("symbolon.ts", "accounts.json"):
        (tmp_path / name).write_bytes((standing.folder / "local" / name).read_bytes())
    (tmp_path / "example.ts").write_text(example("ts"))
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    options = {
        "strict": True,
        "target": "es2022",
        "lib": ["es2022", "dom"],
        "module": "nodenext",
        "resolveJsonModule": True,
        "skipLibCheck": True,
        "types": [],
    }
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": ["example.ts"]}))
    tsc = ROOT / "node_modules" / "typescript" / "bin" / "tsc"
    checked = subprocess.run(["node", tsc], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    done = subprocess.run(
        ["node", "--disable-warning=ExperimentalWarning", "example.js"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "BAKE: 11900 and 4600"


def test_documented_python__runs(standing: Standing, tmp_path: Path) -> None:
    told = run_python(standing, tmp_path, example("python"))
    assert re.search(r"BAKE: \d+ and \d+\nEach whole token is worth 10000 base units of 0x", told)


def test_documented_local_chain__has_dollars_attesters_and_days_for_the_asking(
    standing: Standing, tmp_path: Path
) -> None:
    run_python(standing, tmp_path, example("python", since="What only a local chain"))


def run_python(standing: Standing, folder: Path, text: str) -> str:
    """What a documented program prints."""
    program = folder / "example.py"
    program.write_text(text.replace("http://127.0.0.1:8545", standing.url))
    done = subprocess.run(
        [sys.executable, program],
        cwd=ROOT,
        env={**os.environ, "SYMBOLON_DEPLOYMENTS": str(standing.folder), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
