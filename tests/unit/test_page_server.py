"""The member's page is served on this machine alone, and its configuration gives away nothing of value."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from symbolon import page
from symbolon.page import PageError

(
    LENS,
    TOKEN,
    MEMBER,
    TILL,
    ORDERS,
    POOLS_LENS,
    GROUPS_LENS,
    GROUP_DEALS,
    GROUPS,
    BARGAIN_DEALS,
    CUTS,
    EARNINGS,
) = ("0x" + digit * 40 for digit in "1234678abcde")
KEY = "0x" + "5" * 64


@pytest.fixture
def records(tmp_path: Path) -> Path:
    write(tmp_path, 31337)
    return tmp_path


def write(folder: Path, chain_id: int) -> None:
    addresses = {
        "AllianceLens": LENS,
        "BargainDeals": BARGAIN_DEALS,
        "Cuts": CUTS,
        "EarnDistributor": EARNINGS,
        "GroupDeals": GROUP_DEALS,
        "GroupPurchaseEscrow": GROUPS,
        "GroupsLens": GROUPS_LENS,
        "Orders": ORDERS,
        "PoolsLens": POOLS_LENS,
    }
    contracts = {name: {"address": address} for name, address in addresses.items()}
    manifest = {"chainId": chain_id, "startBlock": 7, "contracts": contracts}
    accounts = [
        {"name": "alliance", "address": MEMBER, "privateKey": KEY},
        {"name": "member 1", "address": MEMBER, "privateKey": KEY},
        {"name": "bakery till", "address": TILL, "privateKey": KEY, "takes": "BAKE"},
    ]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "accounts.json").write_text(json.dumps({"url": "http://127.0.0.1:8545", "accounts": accounts}))
    (folder / "tokenlist.json").write_text(json.dumps({"tokens": [{"symbol": "BAKE", "address": TOKEN}]}))


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<p>Your points</p>")
    (folder / "assets" / "index-abc.js").write_text("1")
    return folder


@pytest.fixture
def url(records: Path, built: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    server = page.server(records, 0, built)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def get(url: str, path: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=5)
    connection.request("GET", path)
    response = connection.getresponse()
    return response, response.read()


def config(url: str) -> dict[str, Any]:
    response, body = get(url, "/config.json")
    assert response.status == 200
    found: dict[str, Any] = json.loads(body)
    return found


def test_config__of_the_local_chain__has_its_members_and_tills(url: str) -> None:
    assert config(url) == {
        "chainId": 31337,
        "rpc": "http://127.0.0.1:8545",
        "lens": LENS,
        "orders": ORDERS,
        "groupsLens": GROUPS_LENS,
        "groupDeals": GROUP_DEALS,
        "groups": GROUPS,
        "bargainDeals": BARGAIN_DEALS,
        "cuts": CUTS,
        "earnings": EARNINGS,
        "poolsLens": POOLS_LENS,
        "startBlock": 7,
        "members": [{"name": "Member 1", "address": MEMBER, "privateKey": KEY}],
        "tills": [{"name": "Bakery till", "address": TILL, "token": TOKEN}],
    }


def test_earned__lies_beside_the_records__and_nothing_else_of_them_is_served(url: str, records: Path) -> None:
    (records / "earned" / "202607").mkdir(parents=True)
    (records / "earned" / "202607" / "earned.json").write_text("{}")
    response, body = get(url, "/earned/202607/earned.json")
    assert (response.status, body) == (200, b"{}")
    for path in ("/earned/", "/earned/../accounts.json", "/earned/%2e%2e/accounts.json", "/accounts.json"):
        assert get(url, path)[0].status == 404


def test_config__of_any_other_chain__has_no_keys(url: str, records: Path) -> None:
    write(records, 1)
    _, body = get(url, "/config.json")
    assert KEY not in body.decode()
    assert config(url)["members"] == []


def test_config__without_records__is_unavailable(url: str, records: Path) -> None:
    (records / "accounts.json").unlink()
    response, body = get(url, "/config.json")
    assert response.status == 503
    assert "run `make up`" in json.loads(body)["error"]


def test_files__are_served_with_what_the_page_may_do(url: str) -> None:
    response, body = get(url, "/")
    assert (response.status, body) == (200, b"<p>Your points</p>")
    assert response.headers["Cache-Control"] == "no-cache"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self' http://127.0.0.1:8545;" in policy
    assert "unsafe" not in policy
    response, _ = get(url, "/assets/index-abc.js")
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["/assets/", "/missing", "/../manifest.json", "/%2e%2e/accounts.json", "/..%2faccounts.json"]
)
def test_anything_else__is_not_found(url: str, path: str) -> None:
    response, body = get(url, path)
    assert response.status == 404
    assert KEY not in body.decode()


def test_server__is_bound_to_this_machine(records: Path, built: Path) -> None:
    server = page.server(records, 0, built)
    assert server.server_address[0] == "127.0.0.1"
    server.server_close()


def test_port_taken__says_which_option_helps(records: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PageError, match=rf"Port {port} is taken.*--page-port"):
            page.server(records, port)


def test_start__serves_from_a_process_of_its_own(
    records: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "BUILT", built)
    pid, url = page.start(records, 0, records / "page.log")
    try:
        assert config(url)["lens"] == LENS
    finally:
        os.kill(pid, signal.SIGTERM)


def test_start__port_taken__says_so(records: Path, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "BUILT", built)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PageError, match="is taken, so the member's page is not served"):
            page.start(records, taken.getsockname()[1], records / "page.log")


def test_start__page_not_built__says_so(records: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "BUILT", records / "nowhere")
    with pytest.raises(PageError, match="not built, so it is not served: `make down` and then `make up`"):
        page.start(records, 0, records / "page.log")
