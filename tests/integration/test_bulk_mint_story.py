"""A customer file is minted, receipted row by row, and never paid twice, on a real chain and real token."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from minting import QUICK, assert_paid_once, bulk_mint, customer_file, job_of, mint, receipts
from suite import DECIMALS, MANAGER, PARTNER, Suite, deploy

from symbolon.anvil import Anvil
from symbolon.customers import read_customers
from symbolon.rpc import Node
from symbolon.sender import Policy, Progress
from symbolon.units import format_amount

ROWS = 1_050  # three batches, the last one not full


@pytest.fixture
def suite() -> Iterator[Suite]:
    with Anvil() as chain:
        yield deploy(chain)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return customer_file(tmp_path / "customers.csv", ROWS)


def test_mint__every_row_once__with_a_receipt_each(suite: Suite, file: Path, tmp_path: Path) -> None:
    seen: list[Progress] = []
    result = mint(suite, file, tmp_path / "state", on_progress=seen.append)

    assert_paid_once(suite, file)
    customers = read_customers(file, DECIMALS)
    assert (result.rows, result.amount) == (ROWS, customers.total)
    assert result.own == {0, 1, 2}
    assert seen[-1] == Progress(signed=3, mined=3, final=3, total=3)

    rows = receipts(file)
    assert [(row["address"], row["amount"]) for row in rows] == [
        (address, format_amount(amount, DECIMALS)) for address, amount in customers
    ]
    assert [int(row["line"]) for row in rows] == list(range(2, ROWS + 2))
    assert {row["status"] for row in rows} == {"minted"}
    for row in (rows[0], rows[ROWS // 2], rows[-1]):
        (receipt,) = suite.chain.node.receipts([row["transaction"]])
        assert receipt is not None
        assert int(receipt["blockNumber"], 16) == int(row["block"])
        recipients = {log["topics"][2][26:] for log in receipt["logs"] if len(log["topics"]) == 3}
        assert row["address"][2:].lower() in recipients
        assert any(row["batch"] in log["topics"] for log in receipt["logs"])


def test_mint__again__sends_nothing(suite: Suite, file: Path, tmp_path: Path) -> None:
    first = mint(suite, file, tmp_path)
    nonce = suite.chain.node.nonce(MANAGER.address)
    again = mint(suite, file, tmp_path)
    assert suite.chain.node.nonce(MANAGER.address) == nonce
    assert again == first
    assert_paid_once(suite, file)


def test_mint__same_rows_saved_otherwise__same_job(suite: Suite, file: Path, tmp_path: Path) -> None:
    mint(suite, file, tmp_path / "state")
    header, *lines = file.read_text().splitlines()
    other = tmp_path / "other.csv"
    shuffled = [header, *reversed(lines)]
    other.write_bytes(("\ufeff" + "\r\n".join(shuffled).replace(",", ";")).encode())
    result = mint(suite, other, tmp_path / "another-operators-state", minter=PARTNER)
    assert result.own == frozenset()
    assert_paid_once(suite, file)
    assert receipts(other)[0]["address"] == receipts(file)[-1]["address"]
    assert receipts(other)[0]["transaction"] == receipts(file)[-1]["transaction"]


def test_mint__another_campaign__pays_again_on_purpose(suite: Suite, file: Path, tmp_path: Path) -> None:
    mint(suite, file, tmp_path, campaign="spring")
    mint(suite, file, tmp_path, campaign="autumn")
    assert_paid_once(suite, file, times=2)


def test_mint__amounts_without_common_unit__wide_form(suite: Suite, tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    big = format_amount(2**64 + 1, DECIMALS)
    narrow = customer_file(tmp_path / "narrow.csv", 499).read_text()
    file.write_text(f"{narrow}\n0x{'11' * 20},{big}\n0x{'22' * 20},0.01")
    mint(suite, file, tmp_path)
    assert_paid_once(suite, file)
    assert suite.balance("0x" + "11" * 20) == 2**64 + 1


def test_mint__receipts_written_in_parts__are_the_same(
    suite: Suite, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mint(suite, file, tmp_path / "state")
    whole = receipts(file)
    monkeypatch.setattr("symbolon.bulk_mint._RECEIPTS_TOGETHER", 400)
    mint(suite, file, tmp_path / "state")
    assert receipts(file) == whole
    assert len(whole) == ROWS


def test_mint__references__come_back(suite: Suite, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(
        f'address,amount,reference\n0x{"11" * 20},1,"till 4, ""Basel"""\n\n0x{"22" * 20},2,plain\n'
    )
    mint(suite, file, tmp_path)
    assert [(row["line"], row["reference"]) for row in receipts(file)] == [
        ("2", 'till 4, "Basel"'),
        ("4", "plain"),
    ]


def test_dry_run__what_it_will_cost__and_nothing_sent(suite: Suite, file: Path, tmp_path: Path) -> None:
    plan = bulk_mint(suite, file, tmp_path).check()
    assert suite.supply() == 0
    assert list(tmp_path.iterdir()) == [file]

    before = suite.chain.node.balance(MANAGER.address)
    result = mint(suite, file, tmp_path)
    (receipts_,) = [suite.chain.node.receipts([place.transaction for place in result.places.values()])]
    gas = sum(int(receipt["gasUsed"], 16) for receipt in receipts_ if receipt)
    assert plan.gas == pytest.approx(gas, rel=0.1)
    assert before - suite.chain.node.balance(MANAGER.address) <= plan.fee_most
    assert (plan.rows, plan.batches, plan.batches_left) == (ROWS, 3, 3)
    assert plan.fee < plan.fee_most

    again = bulk_mint(suite, file, tmp_path).check()
    assert (again.batches_left, again.gas, again.fee_most) == (0, 0, 0)


def test_gas_limit__enough_for_the_worst_batch__with_little_to_spare(suite: Suite, tmp_path: Path) -> None:
    # All recipients new, amounts that need the wide form and have no zero byte.
    file = tmp_path / "worst.csv"
    lines = [
        f"0x{n.to_bytes(2).hex().replace('00', 'ff') * 10},{0x0101_0101_0101_0101 + n}.01"
        for n in range(1, 501)
    ]
    file.write_text("\n".join(["address,amount", *lines]))
    result = mint(suite, file, tmp_path)
    hash_ = result.places[0].transaction
    (receipt,) = suite.chain.node.receipts([hash_])
    assert receipt is not None
    limit = int(suite.chain.rpc("eth_getTransactionByHash", hash_)["gas"], 16)
    assert 0.9 < int(receipt["gasUsed"], 16) / limit < 0.99
    assert limit < 2**24


def test_access_lists__announced__cost_less_for_new_members_and_old(suite: Suite, tmp_path: Path) -> None:
    file = customer_file(tmp_path / "customers.csv", 60)

    def gas_of(campaign: str, *, access_lists: bool) -> int:
        result = mint(suite, file, tmp_path, campaign=campaign, access_lists=access_lists)
        (receipt,) = suite.chain.node.receipts([result.places[0].transaction])
        assert receipt is not None
        return int(receipt["gasUsed"], 16)

    snapshot = suite.chain.rpc("evm_snapshot")
    new = gas_of("plain", access_lists=False)
    old = gas_of("again", access_lists=False)
    suite.chain.rpc("evm_revert", snapshot)
    # 100 a balance less, 2,400 for the list more.
    assert new - gas_of("listed", access_lists=True) == 60 * 100 - 2_400
    assert old - gas_of("listed-again", access_lists=True) == 60 * 100 - 2_400


# ---- ways in which chains make blocks


def test_automine_node__switched_back_on(suite: Suite, file: Path, tmp_path: Path) -> None:
    assert suite.chain.node.automine()
    mint(suite, file, tmp_path)
    assert suite.chain.node.automine()


@pytest.mark.parametrize("confirmations", [1, 4])
def test_node_that_mines_by_the_clock__waited_for(tmp_path: Path, confirmations: int) -> None:
    file = customer_file(tmp_path / "customers.csv", ROWS)
    with Anvil(extra=["--block-time=1"]) as chain:
        chain.rpc("evm_setAutomine", True)
        suite = deploy(chain)
        chain.rpc("evm_setAutomine", False)
        chain.rpc("evm_setIntervalMining", 1)
        policy = Policy(confirmations=confirmations, poll=0.05, resend_after=5)
        result = mint(suite, file, tmp_path, policy=policy)
        head = chain.node.head()
        assert head - max(place.block for place in result.places.values()) >= confirmations - 1
        assert_paid_once(suite, file)


def test_node_that_never_mines__mined_when_told(suite: Suite, file: Path, tmp_path: Path) -> None:
    suite.chain.rpc("evm_setAutomine", False)
    policy = Policy(**{**QUICK.__dict__, "mine": True, "confirmations": 3})
    result = mint(suite, file, tmp_path, policy=policy)
    assert suite.chain.node.head() - max(place.block for place in result.places.values()) >= 2
    assert_paid_once(suite, file)
    assert not suite.chain.node.automine()  # left as it was


# ---- which file is which


def test_batch_ids__bits_of_shared_words(suite: Suite, file: Path, tmp_path: Path) -> None:
    job = job_of(suite, file)
    mint(suite, file, tmp_path)
    ids = [job.batch_id(number) for number in range(len(job))]
    assert [id_[31] for id_ in ids] == [0, 1, 2]
    assert len({id_[:31] for id_ in ids}) == 1
    assert all(suite.ask("LoyaltyToken", "isBatchMinted", id_) for id_ in ids)
    assert not suite.ask("LoyaltyToken", "isBatchMinted", job.batch_id(3))


def test_job_on_another_chain__another_job(suite: Suite, file: Path) -> None:
    with Anvil(chain_id=4242) as other:
        elsewhere = Suite(other, suite.addresses, suite.token)
        assert job_of(elsewhere, file).id != job_of(suite, file).id


def test_restarted_chain__old_journal_does_not_mislead(file: Path, tmp_path: Path) -> None:
    for _ in range(2):  # the same chain id and addresses, another chain
        with Anvil() as chain:
            suite = deploy(chain)
            mint(suite, file, tmp_path / "state")
            assert_paid_once(suite, file)
    assert len(list((tmp_path / "state").glob("*.jsonl"))) == 2


def test_identity__tells_chains_apart_and_stays(suite: Suite) -> None:
    node = Node(suite.chain.url)
    identity = node.identity()
    suite.chain.rpc("evm_mine")
    assert node.identity() == identity
    with Anvil() as other:
        assert Node(other.url).identity() != identity
