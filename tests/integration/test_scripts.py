"""The commands do what they say, and what goes wrong is one sentence and an exit code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ape import accounts, networks
from ape.exceptions import ProviderError
from ape_node.provider import Node
from ape_test.accounts import TestAccount
from commands import ROOT, Outcome, ape_run, run
from eth_account import Account
from nodes import Server

from symbolon import alliance as alliance_module
from symbolon import standing
from symbolon.alliance import Alliance
from symbolon.anvil import Anvil
from symbolon.brands import Brand
from symbolon.manifest import Records
from symbolon.tokens import Token

SEPOLIA = 11_155_111
OPERATOR, BRAND, MANAGER, MEMBER, PARTNER, INTRUDER, GUARDIAN = (f"TEST::{number}" for number in range(7))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the records go: away from those of the person who runs the tests."""
    monkeypatch.setattr(alliance_module, "DEPLOYMENTS", tmp_path)
    monkeypatch.setattr(standing, "STATE", tmp_path / "local" / "chain.json")
    return tmp_path


@pytest.fixture
def network(alliance: Alliance, chain: Anvil, folder: Path) -> str:
    """What follows `--network`: the session's chain, with the records where the commands look for them."""
    (folder / "local").symlink_to(alliance.records.folder)
    return f"ethereum:local:{chain.url}"


def address(account: str) -> str:
    return str(accounts.test_accounts[int(account.removeprefix("TEST::"))].address)


def refused(outcome: Outcome, sentence: str) -> None:
    """The command failed with that sentence, once, and without a traceback."""
    assert outcome.code == 1, outcome
    assert re.search(sentence, outcome.err), outcome.err
    assert outcome.err.count("Error: ") == 1
    assert "Traceback" not in outcome.err + outcome.out


def sent(chain: Anvil, account: str) -> int:
    return int(chain.rpc("eth_getTransactionCount", address(account), "latest"), 16)


# ---- a brand's first day


def test_brand__from_registering_to_minting(network: str, alliance: Alliance, tmp_path: Path) -> None:
    (tmp_path / "terms.txt").write_text("Worth a cent each.")

    def do(account: str, *arguments: str) -> str:
        outcome = run(*arguments, "--network", network, "--account", account)
        assert outcome.code == 0, outcome
        return outcome.out

    told = do(BRAND, "brand", "register", "bakery", "--guardian", address(GUARDIAN))
    brand_id = re.search(r"0x[0-9a-f]{64} is waiting for the alliance", told)
    assert brand_id is not None
    assert "is active" in do(OPERATOR, "brand", "admit", brand_id[0][:66])
    do(BRAND, "brand", "token", "bakery", "--name", "Bakery Points", "--symbol", "BAKE")
    terms = ("--terms", str(tmp_path / "terms.txt"))
    told = do(BRAND, "brand", "oblige", "BAKE", "--par", "0.01", "--capacity", "1000", *terms)
    assert "BAKE is owed for: 0.01 MUSD (of 0x" in told
    assert "may mint 50 BAKE" in do(BRAND, "brand", "quota", "BAKE", address(MANAGER), "50")
    assert "may fulfil for brand" in do(BRAND, "brand", "manager", "bakery", address(MANAGER), "fulfil")
    told = do(MANAGER, "mint", "BAKE", "--to", address(MEMBER), "--amount", "12.50")
    assert f"{address(MEMBER)} holds 12.5 BAKE" in told

    shown = json.loads(run("show", "BAKE", "--json", "--network", network).out)
    assert (shown["outstanding"], shown["unspent quotas"]) == ("12.5 BAKE", "37.5 BAKE")
    assert shown["obligation"]["par value"] == "0.01 MUSD"
    shown = json.loads(run("show", address(MEMBER), "--json", "--network", network).out)
    assert shown["holds"] == {"BAKE": "12.5"}
    assert "fulfil" in run("show", address(MANAGER), "--network", network).out
    assert next(iter(alliance.tokens)).supply == 1250


def test_mint__customer_file__each_row_once(network: str, token: Token, chain: Anvil, tmp_path: Path) -> None:
    rows = [(address(MEMBER), "12.50"), (address(PARTNER), "3")]
    customers = tmp_path / "customers.csv"
    customers.write_text("address,amount\n" + "".join(f"{who},{much}\n" for who, much in rows))
    journal = str(tmp_path / "journal")
    arguments = (token.symbol, "--file", str(customers), "--journal", journal, "--network", network)

    rehearsed = run("mint", *arguments, "--account", MANAGER, "--dry-run", "--ether-price", "2500 EUR")
    assert "2 members, 15.5 BAKE in 1 batches." in rehearsed.out
    assert re.search(r"gas [\d,]+, 0\.\d+ ETH \(\d+\.\d\d EUR\), at most", rehearsed.out)
    assert "Nothing was sent." in rehearsed.out
    assert token.supply == 0
    for _ in range(2):
        outcome = run("mint", *arguments, "--account", MANAGER)
        assert outcome.code == 0, outcome
        assert "2 members have 15.5 BAKE" in outcome.out
        assert token.supply == 1550
    assert (tmp_path / "customers.receipts.csv").read_text().count(",minted,") == 2
    refused(run("mint", *arguments, "--account", INTRUDER, "--campaign", "more"), "may mint 0 and the file")


# ---- dry runs


def test_dry_run__shows_the_cost_and_sends_nothing(network: str, token: Token, chain: Anvil) -> None:
    before = (sent(chain, BRAND), token.quota_of(address(MANAGER)))
    arguments = ("quota", token.symbol, address(MANAGER), "1", "--network", network, "--dry-run")
    outcome = run("brand", *arguments, "--account", BRAND)
    assert outcome.code == 0, outcome
    assert re.search(r"LoyaltyToken\.grantQuota: gas [\d,]+, 0\.\d+ ETH", outcome.out)
    assert "nothing was sent" in outcome.out
    assert (sent(chain, BRAND), token.quota_of(address(MANAGER))) == before
    refused(run("brand", *arguments, "--account", INTRUDER), "may not act as admin")


def test_dry_run__of_a_deployment__leaves_no_record(chain: Anvil, folder: Path) -> None:
    arguments = ("--salt", "other", "--network", f"ethereum:local:{chain.url}")
    outcome = run("deploy", *arguments, "--account", address(OPERATOR), "--dry-run")
    assert outcome.code == 0, outcome
    assert re.search(r"Together: gas \d\d,\d{3},\d{3}, 0\.\d+ ETH", outcome.out)
    assert not (folder / "local").exists()


def test_dry_run__without_a_key__is_enough_of_an_account(network: str, token: Token) -> None:
    stranger = "0x" + "5e" * 20
    arguments = ("sync", token.symbol, "--network", network, "--account", stranger)
    outcome = run("brand", *arguments, "--dry-run")
    assert outcome.code == 0, outcome
    assert "holds 0 ETH, which is not enough" in outcome.err
    refused(run("brand", *arguments), "There is no key for")


# ---- authority


def test_stranger__is_told_who_may(network: str, token: Token, bakery: Brand) -> None:
    common = ("--network", network, "--account", INTRUDER)
    refused(run("brand", "admit", str(bakery), *common), "is not the alliance's: sign with the account")
    refused(run("brand", "quota", token.symbol, address(INTRUDER), "1", *common), "may not act as admin")
    refused(
        run("mint", token.symbol, "--to", address(MEMBER), "--amount", "1", *common),
        r"wants 1 BAKE and has a quota of 0 BAKE: have the .* grant more with `ape run brand quota`\.",
    )


def test_suspended_brand__its_managers_are_told(network: str, token: Token) -> None:
    outcome = run("brand", "suspend", str(token.brand), "--network", network, "--account", OPERATOR)
    assert "BAKE: minting is stopped." in outcome.out
    mint = ("mint", token.symbol, "--to", address(MEMBER), "--amount", "1", "--network", network)
    refused(run(*mint, "--account", MANAGER), "Minting is stopped because the brand is suspended")
    run("brand", "reinstate", str(token.brand), "--network", network, "--account", OPERATOR)
    assert run(*mint, "--account", MANAGER).code == 0


def test_amounts_and_names__that_are_none__are_refused(network: str, token: Token) -> None:
    common = ("--network", network, "--account", BRAND)
    quota = ("brand", "quota", token.symbol, address(MANAGER))
    refused(run(*quota, "1.005", *common), "too finely divided: this token has at most 2 decimals")
    refused(run(*quota, "1,5", *common), "has a comma")
    refused(run(*quota, "100000000", *common), "the token's capacity leaves")
    refused(run("brand", "quota", "CAKE", address(MANAGER), "1", *common), "There is no token 'CAKE' here")
    refused(run("brand", "manager", "bakery", address(MANAGER), "boss", *common), "is no list of roles")
    refused(run("show", "0x1234", "--network", network), "There is no token '0x1234'")


def test_mint__half_an_order__is_a_usage_error(network: str) -> None:
    outcome = run("mint", "BAKE", "--to", address(MEMBER), "--network", network, "--account", MANAGER)
    assert outcome.code == 2
    assert "Give either --to and --amount, or --file." in outcome.err


# ---- chains


def test_no_rpc__is_one_sentence() -> None:
    outcome = run("show", "--network", "ethereum:local:http://127.0.0.1:1")
    refused(outcome, "Nothing answers at http://127.0.0.1:1: start the node")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>Welcome</html>"),
        (200, b"[]"),
        (200, b'{"jsonrpc":"2.0","id":0,"result":"0xzz"}'),
        (404, b"not here"),
        (503, b""),
    ],
)
def test_rpc_answers_nonsense__is_one_sentence(status: int, body: bytes) -> None:
    with Server(lambda _: (status, body)) as server:
        refused(run("show", "--network", f"ethereum:local:{server.url}"), server.url)
        refused(run("show", "--network", f"ethereum:sepolia:{server.url}"), server.url)


def test_no_node_named__says_how_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: object) -> str:
        raise ProviderError("Missing URI for network 'hoodi' on 'ethereum'.")

    monkeypatch.setattr(Node, "uri", property(missing))
    outcome = run("show", "--network", "ethereum:hoodi")
    refused(outcome, "No node is known for hoodi: name one with --network ethereum:hoodi:URL")


def test_unknown_network__is_a_usage_error() -> None:
    outcome = run("show", "--network", "ethereum:atlantis")
    assert outcome.code == 2
    assert "'ethereum:atlantis' is no network that is known here: write one of" in outcome.err
    assert "ethereum:local" in outcome.err
    assert "ethereum:sepolia" in outcome.err


def test_unknown_account__is_told_where_accounts_come_from(network: str, token: Token) -> None:
    for unknown in ("nobody", "TEST::99"):
        outcome = run("brand", "sync", token.address, "--network", network, "--account", unknown)
        assert outcome.code == 2
        assert f"There is no account '{unknown}' here: write an alias that `ape accounts list`" in outcome.err


def test_nothing_deployed__says_what_to_run(chain: Anvil) -> None:
    outcome = run("show", "--network", f"ethereum:local:{chain.url}")
    refused(outcome, "Nothing is recorded for local: run `ape run deploy` or `make up` first")


def test_no_funds__says_who_needs_them(network: str, token: Token, chain: Anvil) -> None:
    chain.rpc("anvil_setBalance", address(MANAGER), "0x1")
    mint = ("mint", token.symbol, "--to", address(MEMBER), "--amount", "1", "--network", network)
    refused(run(*mint, "--account", MANAGER), "send it some ETH")


@pytest.fixture(scope="module")
def sepolia() -> Iterator[Anvil]:
    """A node that passes for a live chain's: what it is, its operator says with `--network`."""
    with Anvil(chain_id=SEPOLIA) as chain:
        yield chain


def test_wrong_chain__is_refused(chain: Anvil) -> None:
    outcome = run("show", "--network", f"ethereum:sepolia:{chain.url}")
    refused(outcome, "sepolia is chain 11155111 and .* serves chain 31337: check --network")


def test_well_known_key__on_a_live_chain__is_refused(sepolia: Anvil) -> None:
    live = ("--network", f"ethereum:sepolia:{sepolia.url}", "--account", OPERATOR)
    for more in ((), ("--dry-run",)):
        refused(run("deploy", *live, *more), "whose key everybody has, and sepolia is a live chain")
    assert sent(sepolia, OPERATOR) == 0


def test_well_known_key__on_a_fork_of_a_live_chain__is_welcome(sepolia: Anvil, folder: Path) -> None:
    with Anvil(fork_url=sepolia.url, chain_id=None) as fork:
        outcome = run("deploy", "--network", f"ethereum:local:{fork.url}", "--account", OPERATOR)
    assert outcome.code == 0, outcome
    assert "MockDollar: deployed" in outcome.out
    assert Records(folder / "local").chain_id == SEPOLIA
    assert sent(sepolia, OPERATOR) == 0


def test_own_key__on_a_live_chain__deploys_no_toys(
    sepolia: Anvil, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "0x" + "0a" * 32
    owner = TestAccount(index=0, address_str=Account.from_key(key).address, private_key=key)
    sepolia.rpc("anvil_setBalance", owner.address, hex(10**20))
    live = networks.ethereum.sepolia
    monkeypatch.setattr(type(live), "required_confirmations", 0)
    settings = {"uri": sepolia.url}
    with live.use_provider("node", provider_settings=settings, disconnect_after=True):
        alliance = Alliance.deploy(sender=owner)
        assert alliance.records.folder == folder / "sepolia"
        assert "MockDollar" not in {record.name for record in alliance.records}


# ---- as a person runs them


def test_command__is_done__ends_without_a_last_look_at_all_there_is() -> None:
    # What is registered first runs last: by then nothing is left for Python to look through.
    tell = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count())); import symbolon.cli"
    ended = subprocess.run([sys.executable, "-c", tell], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(ended.stdout) > 100_000


def test_ape_run__refusal__is_one_sentence_and_exit_code_1(
    alliance: Alliance, chain: Anvil, folder: Path
) -> None:
    (folder / "local").symlink_to(alliance.records.folder)
    arguments = ("--network", f"ethereum:local:{chain.url}", "--account", BRAND)
    outcome = ape_run("brand", "admit", "bakery", *arguments, SYMBOLON_DEPLOYMENTS=str(folder))
    refused(outcome, "is not the alliance's: sign with the account that it acts through")
