"""Deploying gives the same addresses everywhere, does nothing twice, and survives being cut off."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from ape import accounts, networks
from ape.logging import LogLevel, logger
from ape_test.accounts import TestAccount

from symbolon import calls, deployment, exports
from symbolon.alliance import Alliance
from symbolon.anvil import Anvil
from symbolon.deployment import CREATE2_DEPLOYER, SUITE, DeploymentChangedError, DriftError, List
from symbolon.exceptions import NodeError, NoFundsError, WrongChainError
from symbolon.manifest import NotDeployedError, Record, RecordError, Records

NAMES = [part.name for part in SUITE]


@contextlib.contextmanager
def connected(chain_id: int) -> Iterator[Anvil]:
    logger.set_level(LogLevel.WARNING)
    with Anvil(chain_id=chain_id) as chain:
        local = networks.ethereum.local
        with local.use_provider("foundry", provider_settings={"host": chain.url}, disconnect_after=True):
            yield chain


@pytest.fixture(scope="module")
def chain() -> Iterator[Anvil]:
    with connected(31_337) as chain:
        yield chain


@pytest.fixture(autouse=True)
def unchanged_chain(chain: Anvil) -> Iterator[None]:
    snapshot = chain.rpc("evm_snapshot")
    yield
    chain.rpc("evm_revert", snapshot)


@pytest.fixture
def deployer() -> TestAccount:
    account: TestAccount = accounts.test_accounts[0]
    return account


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path / "local")


def transactions(chain: Anvil, account: TestAccount) -> int:
    return int(chain.rpc("eth_getTransactionCount", account.address, "latest"), 16)


def content(records: Records) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in records.folder.iterdir()}


def test_deploy__on_two_chains__has_the_same_addresses(
    deployer: TestAccount, records: Records, tmp_path: Path
) -> None:
    Alliance.deploy(sender=deployer, records=records)
    with connected(4_242) as other:
        elsewhere = Records(tmp_path / "elsewhere")
        # The sender pays and decides nothing.
        payer = accounts.test_accounts[5]
        Alliance.deploy(sender=payer, first_admin=deployer, records=elsewhere)
        assert elsewhere.chain_id == int(other.rpc("eth_chainId"), 16) == 4_242
    assert records.chain_id == 31_337
    assert {each.name: each.address for each in records} == {each.name: each.address for each in elsewhere}
    assert [each.name for each in records] == NAMES


def test_deploy__again__changes_nothing(chain: Anvil, deployer: TestAccount, records: Records) -> None:
    Alliance.deploy(sender=deployer, records=records)
    written, sent = content(records), transactions(chain, deployer)
    Alliance.deploy(sender=deployer, records=records)
    assert content(records) == written
    assert transactions(chain, deployer) == sent


@pytest.mark.parametrize("after", [0, 3, len(NAMES) - 1])
def test_deploy__cut_off_between_mining_and_writing__goes_on(
    chain: Anvil, deployer: TestAccount, records: Records, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """The worst moment: the contract is there and no record of it."""
    write = records.write

    def cut_off(record: Record) -> None:
        if record.name == NAMES[after]:
            raise KeyboardInterrupt
        write(record)

    monkeypatch.setattr(records, "write", cut_off)
    with pytest.raises(KeyboardInterrupt):
        Alliance.deploy(sender=deployer, records=records)
    monkeypatch.undo()
    sent = transactions(chain, deployer)
    alliance = Alliance.deploy(sender=deployer, records=records)
    assert [each.name for each in records] == NAMES
    deployment.check(records)
    missing = len(NAMES) - after - 1
    assert transactions(chain, deployer) == sent + missing + len(deployment.LISTED)
    found = records.read(NAMES[after])
    assert found is not None
    transaction = chain.rpc("eth_getTransactionByHash", found.transaction_hash)
    assert int(transaction["blockNumber"], 16) == found.block_number
    assert transaction["to"] == CREATE2_DEPLOYER.lower()
    assert alliance.is_listed(List.OBLIGATION_REGISTRY, str(alliance.obligation_registry.address))


def test_deploy__lists_what_brands_need(deployer: TestAccount, records: Records) -> None:
    coin = "0x" + "c0" * 20
    alliance = Alliance.deploy(sender=deployer, records=records, currencies=(coin,))
    assert {each.lower() for each in alliance.currencies()} == {
        str(alliance.mock_dollar.address).lower(),
        coin,
    }
    assert alliance.left_to_do == ()


def test_deploy__by_somebody_else__leaves_the_lists_to_the_alliance(
    deployer: TestAccount, records: Records
) -> None:
    multisig = accounts.test_accounts[9]
    alliance = Alliance.deploy(sender=deployer, first_admin=multisig, records=records)
    assert len(alliance.left_to_do) == len(deployment.LISTED)
    assert alliance.currencies() == []
    for act in alliance.left_to_do:
        calls.send(multisig, act.to, act.data, what=act.what)
    assert alliance.currencies() == [str(alliance.mock_dollar.address)]


def test_deploy__another_suite__needs_to_be_meant(deployer: TestAccount, records: Records) -> None:
    first = Alliance.deploy(sender=deployer, records=records)
    with pytest.raises(DeploymentChangedError, match="--replace"):
        Alliance.deploy(sender=deployer, records=records, salt="second")
    second = Alliance.deploy(sender=deployer, records=records, salt="second", replace=True)
    assert second.brand_registry.address != first.brand_registry.address


def test_deploy__records_of_another_chain__are_left_alone(deployer: TestAccount, records: Records) -> None:
    records.start(1)
    with pytest.raises(WrongChainError, match="about chain 1 and the node serves chain 31337"):
        Alliance.deploy(sender=deployer, records=records)
    assert list(records) == []


def test_deploy__no_create2_deployer__says_so(chain: Anvil, deployer: TestAccount, records: Records) -> None:
    chain.rpc("anvil_setCode", CREATE2_DEPLOYER, "0x")
    with pytest.raises(NodeError, match="no CREATE2 deployer"):
        Alliance.deploy(sender=deployer, records=records)


def test_deploy__no_funds__says_so_and_sends_nothing(
    chain: Anvil, deployer: TestAccount, records: Records
) -> None:
    chain.rpc("anvil_setBalance", deployer.address, hex(10**12))
    with pytest.raises(NoFundsError, match=rf"{deployer.address} holds 0\.000001 ETH"):
        Alliance.deploy(sender=deployer, records=records)
    assert transactions(chain, deployer) == 0


# ---- connecting


def test_connect__nothing_recorded__says_what_to_run(records: Records) -> None:
    with pytest.raises(NotDeployedError, match="run `ape run deploy` or `make up`"):
        Alliance.connect(records)


def test_connect__chain_started_over__says_what_to_run(
    chain: Anvil, deployer: TestAccount, records: Records
) -> None:
    before = chain.rpc("evm_snapshot")
    Alliance.deploy(sender=deployer, records=records)
    chain.rpc("evm_revert", before)
    with pytest.raises(NotDeployedError, match="a local chain forgets when it stops"):
        Alliance.connect(records)


def test_connect__finds_what_was_deployed(deployer: TestAccount, records: Records) -> None:
    deployed = Alliance.deploy(sender=deployer, records=records)
    brand = deployed.brands.register("bakery", sender=deployer)
    found = Alliance.connect(records)
    assert list(found.brands) == [brand]
    assert found.start_block == 1


# ---- drift


def test_check__as_deployed__passes(deployer: TestAccount, records: Records) -> None:
    Alliance.deploy(sender=deployer, records=records)
    deployment.check(records)


def edited(records: Records, name: str, **changes: object) -> None:
    path = records.folder / f"{name}.json"
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), **changes}))


def test_check__other_code_at_the_address__is_told(
    chain: Anvil, deployer: TestAccount, records: Records
) -> None:
    alliance = Alliance.deploy(sender=deployer, records=records)
    chain.rpc("anvil_setCode", alliance.brand_registry.address, "0x6001")
    with pytest.raises(DriftError, match=r"The code of BrandRegistry at .* is not what was deployed"):
        deployment.check(records)


def test_check__deployed_from_another_build__is_told(deployer: TestAccount, records: Records) -> None:
    Alliance.deploy(sender=deployer, records=records)
    edited(records, "BrandRegistry", bytecodeHash="0x" + "00" * 32)
    with pytest.raises(DriftError, match="deployed from another build"):
        deployment.check(records)


def test_check__edited_record__is_told(deployer: TestAccount, records: Records) -> None:
    alliance = Alliance.deploy(sender=deployer, records=records)
    path = records.folder / "BrandRegistry.json"
    whole = path.read_bytes()
    changes: tuple[dict[str, object], ...] = (
        {"salt": "0x" + "00" * 32},
        {"args": []},
        {"args": ["somebody"]},
        {"address": alliance.token_factory.address},
    )
    for change in changes:
        edited(records, "BrandRegistry", **change)
        with pytest.raises(RecordError, match="The record of BrandRegistry"):
            deployment.check(records)
        path.write_bytes(whole)
    deployment.check(records)


def test_exports__edited__are_told_and_mended(deployer: TestAccount, records: Records) -> None:
    alliance = Alliance.deploy(sender=deployer, records=records)
    exports.write_all(alliance)
    exports.check(exports.everything(alliance))
    (records.folder / "manifest.json").write_text("{}")
    with pytest.raises(exports.StaleExportError, match=r"manifest\.json.*Run `ape run export`"):
        exports.check(exports.everything(alliance))
    assert exports.write_all(alliance) == [records.folder / "manifest.json"]
    exports.check(exports.everything(alliance))
