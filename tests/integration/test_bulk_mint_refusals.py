"""Whatever is wrong with chain, token or authority is told in one sentence, and nothing is half done."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from minting import QUICK, assert_paid_once, bulk_mint, customer_file, job_of, mint, mints, receipts
from nodes import Server
from suite import ALLIANCE, BRAND, DECIMALS, INTRUDER, MANAGER, Suite, deploy

from symbolon.anvil import Anvil
from symbolon.bulk_mint import BulkMint
from symbolon.customers import read_customers
from symbolon.exceptions import (
    FeeTooHighError,
    NoContractError,
    NodeNonsenseError,
    NodeUnreachableError,
    NoFundsError,
    QuotaTooSmallError,
    SymbolonError,
    TransactionRevertedError,
    WrongChainError,
)
from symbolon.mint_job import MintJob
from symbolon.reverts import RefusedError
from symbolon.rpc import Node
from symbolon.units import format_amount

ROWS = 1_050


@pytest.fixture
def suite() -> Iterator[Suite]:
    with Anvil() as chain:
        yield deploy(chain)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return customer_file(tmp_path / "customers.csv", ROWS)


def refused(suite: Suite, bulk: BulkMint, error_class: type[SymbolonError], sentence: str) -> None:
    """Dry run and run refuse alike, and nothing happens."""
    for act in (bulk.check, bulk.run):
        with pytest.raises(error_class, match=sentence) as refusal:
            act()
        assert "\n" not in str(refusal.value)
    assert mints(suite) == []


def test_wrong_chain__refused(suite: Suite, file: Path, tmp_path: Path) -> None:
    with Anvil(chain_id=4242) as other:
        bulk = bulk_mint(suite, file, tmp_path / "state")
        lost = BulkMint(Node(other.url), MANAGER, bulk._job, decimals=DECIMALS, folder=tmp_path / "state")
        refused(suite, lost, WrongChainError, "serves chain 4242 and the job is for chain 31337: choose")
    assert not (tmp_path / "state").exists()


def test_no_contract_there__refused(suite: Suite, file: Path, tmp_path: Path) -> None:
    nowhere = Suite(suite.chain, suite.addresses, INTRUDER.address)
    bulk = bulk_mint(nowhere, file, tmp_path)
    refused(suite, bulk, NoContractError, f"no contract at {INTRUDER.address} on chain 31337: check")


def test_contract_is_no_token__refused(suite: Suite, file: Path, tmp_path: Path) -> None:
    registry = Suite(suite.chain, suite.addresses, suite.addresses["BrandRegistry"])
    refused(suite, bulk_mint(registry, file, tmp_path), NoContractError, "is not a loyalty token: check")


def test_another_kind_of_token__refused(suite: Suite, file: Path, tmp_path: Path) -> None:
    dollar = Suite(suite.chain, suite.addresses, suite.addresses["MockDollar"])
    bulk = bulk_mint(dollar, file, tmp_path, decimals=6)
    refused(suite, bulk, NoContractError, "is not a loyalty token: check")


def test_receipts_cannot_be_written__told_before_anything_is_sent(
    suite: Suite, file: Path, tmp_path: Path
) -> None:
    for path in (file / "receipts.csv", tmp_path):
        with pytest.raises(SymbolonError, match=r"Receipts cannot be written to .*: name another file"):
            bulk_mint(suite, file, tmp_path / "state").run(path)
    assert mints(suite) == []


def test_amounts_read_with_other_decimals__refused(suite: Suite, file: Path, tmp_path: Path) -> None:
    bulk = bulk_mint(suite, file, tmp_path, decimals=18)
    refused(suite, bulk, SymbolonError, "has 2 decimals and the amounts were read with 18")


def test_beyond_quota__refused_with_what_is_missing(suite: Suite, file: Path, tmp_path: Path) -> None:
    total = read_customers(file, DECIMALS).total
    suite.send(BRAND, "LoyaltyToken", "revokeQuota", MANAGER.address, 2**80 - total + 1)
    missing = (
        f"may mint {format_amount(total - 1, 2)} and the file needs {format_amount(total, 2)}: .* 0.01 more"
    )
    refused(suite, bulk_mint(suite, file, tmp_path), QuotaTooSmallError, missing)
    suite.grant(MANAGER, 1)
    mint(suite, file, tmp_path)
    assert_paid_once(suite, file)


def test_stranger__refused(suite: Suite, file: Path, tmp_path: Path) -> None:
    bulk = bulk_mint(suite, file, tmp_path, minter=INTRUDER)
    refused(suite, bulk, QuotaTooSmallError, f"{INTRUDER.address} may mint 0 and")


def test_suspended_brand__refused_in_words(suite: Suite, file: Path, tmp_path: Path) -> None:
    suite.send(ALLIANCE, "BrandRegistry", "suspend", suite.ask("LoyaltyToken", "brandId"))
    suite.send(INTRUDER, "ObligationRegistry", "syncMintStop", suite.token)
    refused(suite, bulk_mint(suite, file, tmp_path), RefusedError, "Minting is stopped")


def test_no_funds__refused_with_what_is_missing(suite: Suite, file: Path, tmp_path: Path) -> None:
    suite.chain.rpc("anvil_setBalance", MANAGER.address, hex(10**15))
    refused(
        suite,
        bulk_mint(suite, file, tmp_path),
        NoFundsError,
        f"{MANAGER.address} holds 0.001 ETH and the job may cost up to .* ETH .*: send it .* ETH more",
    )


def test_funds_gone_in_the_middle__told__goes_on(suite: Suite, file: Path, tmp_path: Path) -> None:
    def spend(step: str) -> None:
        if step == "begun":
            suite.chain.rpc("anvil_setBalance", MANAGER.address, hex(10**15))

    with pytest.raises(NoFundsError, match="cannot pay for gas: send it some ETH, then run again to go on"):
        bulk_mint(suite, file, tmp_path, on_step=spend).run()
    suite.chain.rpc("anvil_setBalance", MANAGER.address, hex(10**20))
    mint(suite, file, tmp_path)
    assert_paid_once(suite, file)


def test_fee_above_the_ceiling__refused(suite: Suite, file: Path, tmp_path: Path) -> None:
    bulk = bulk_mint(suite, file, tmp_path, policy=replace(QUICK, fee_ceiling=1000))
    refused(suite, bulk, FeeTooHighError, "the ceiling is .*: wait until it is cheaper")


def test_quota_revoked_in_the_middle__told__part_kept__goes_on(
    suite: Suite, file: Path, tmp_path: Path
) -> None:
    job = job_of(suite, file)
    first = sum(int.from_bytes(job.batch(0)[at + 20 : at + 32]) for at in range(0, len(job.batch(0)), 32))

    def revoke(step: str) -> None:
        if step == "begun":
            suite.send(BRAND, "LoyaltyToken", "revokeQuota", MANAGER.address, 2**80 - first)

    with pytest.raises(TransactionRevertedError, match=r"was mined and did nothing: .* quota of 0"):
        mint(suite, file, tmp_path, on_step=revoke)
    minted = {row["address"].lower() for row in receipts(file) if row["status"] == "minted"}
    assert minted == {address for address, _ in mints(suite)}
    assert len(minted) == 500
    with pytest.raises(QuotaTooSmallError):
        mint(suite, file, tmp_path)
    suite.grant(MANAGER, 2**80 - first)
    mint(suite, file, tmp_path)
    assert_paid_once(suite, file)


def test_node_that_talks_nonsense__refused(suite: Suite, file: Path, tmp_path: Path) -> None:
    with Server(lambda _: (200, b"<html>Welcome to your router</html>")) as router:
        bulk = bulk_mint(suite, file, tmp_path, url=router.url)
        refused(suite, bulk, NodeNonsenseError, "does not answer like an Ethereum node")


def test_no_node__refused(suite: Suite, file: Path, tmp_path: Path) -> None:
    with Server(lambda _: None) as server:
        url = server.url
    refused(suite, bulk_mint(suite, file, tmp_path, url=url), NodeUnreachableError, "cannot be reached")


def test_events_older_than_the_first_block__told(suite: Suite, file: Path, tmp_path: Path) -> None:
    mint(suite, file, tmp_path / "one")
    suite.chain.rpc("evm_mine")
    head = suite.chain.node.head()
    with pytest.raises(
        SymbolonError, match=f"not in the chain from block {head + 1} on: name an older first block"
    ):
        bulk_mint(suite, file, tmp_path / "two", first_block=head + 1).run()


def test_job_of_another_token__has_other_ids(suite: Suite, file: Path) -> None:
    job = job_of(suite, file)
    other = MintJob.of(job.chain_id, INTRUDER.address, job.customers)
    assert other.batch_id(0) != job.batch_id(0)
