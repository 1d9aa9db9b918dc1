"""alliance.yaml → plan → apply: what differs is shown, carried out once, and nothing else is touched."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from ape import accounts
from ape_test.accounts import TestAccount
from commands import Outcome, done, refused, run
from minting import die_at, in_child
from shop import undone, wait

from symbolon import alliance as alliance_module
from symbolon import calls, standing
from symbolon.alliance import Alliance
from symbolon.anvil import Anvil
from symbolon.brands import Roles, Status
from symbolon.exceptions import JournalLockedError, NotMinedError
from symbolon.fields import DAY
from symbolon.forks import node_url
from symbolon.planning import file
from symbolon.planning.apply import Applying
from symbolon.planning.drawing import money_at, signer_at
from symbolon.planning.plan import compare
from symbolon.planning.safe import checksum
from symbolon.pools import Bounds
from symbolon.rpc import Node
from symbolon.sender import Policy
from symbolon.tokens import Token

QUICK = Policy(poll=0.02, resend_after=0.4, bump_after=0.8, give_up_after=25)

BAKERY = """
accounts: {{alliance: "{operator}", baker: "{brand}", minter: "{manager}", anna: "{guardian}"}}
alliance: {{admin: alliance}}
brands:
  bakery:
    admin: {admin}
    guardian: anna
    managers: {{minter: campaign}}
    token:
      symbol: BAKE
      par: {par}
      capacity: {capacity}
      terms_text: Worth a cent each in our shops.
      quotas: {{minter: {quota}}}
      {more}
"""
OFFERS = """offers:
        - {name: croissant, title: A croissant, price: 2.50, stock: 100}
"""

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, alliance: Alliance, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(alliance_module, "DEPLOYMENTS", tmp_path)
    monkeypatch.setattr(standing, "STATE", tmp_path / "local" / "chain.json")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "local").symlink_to(alliance.records.folder)
    return tmp_path


@pytest.fixture
def do(chain: Anvil) -> Callable[..., Outcome]:
    return lambda *arguments: run(*arguments, "--network", f"ethereum:local:{chain.url}")


@pytest.fixture
def write(
    folder: Path, operator: TestAccount, brand: TestAccount, manager: TestAccount, guardian: TestAccount
) -> Write:
    """Writes what the bakery should be."""
    who = {"operator": operator, "brand": brand, "manager": manager, "guardian": guardian}
    usual = {"admin": "baker", "par": 0.01, "capacity": 10_000, "quota": 500, "more": OFFERS}

    def write(**changed: object) -> Path:
        path = folder / "alliance.yaml"
        path.write_text(BAKERY.format(**{**who, **usual, **changed}))
        return path

    return write


def apply(do: Callable[..., Outcome]) -> str:
    return done(do("apply", "--yes"))


def sent(*signers: TestAccount) -> int:
    return sum(int(each.nonce) for each in signers)


def bake(alliance: Alliance) -> Token:
    (token,) = alliance.tokens
    return token


# ---- from a file to the chain


def test_example__is_applied__and_applied_again_does_nothing(
    alliance: Alliance, do: Callable[..., Outcome]
) -> None:
    done(run("init"))
    assert "23 to create, 1 waiting." in done(do("plan"))
    assert list(alliance.brands) == []
    assert "Done: 23. Left to do: 0." in apply(do)
    tokens = {token.symbol: token for token in alliance.tokens}
    assert tokens["CRUMB"].capacity == 1_000_000_00
    assert {offer.name for offer in alliance.offers.of(tokens["CRUMB"])} == {"croissant", "cake"}
    assert [member.symbol for member in alliance.pools.find("corner").members] == ["CRUMB"]
    before = sent(*accounts.test_accounts[:6])
    assert "BEAN can join from" in apply(do)
    assert sent(*accounts.test_accounts[:6]) == before
    wait(14 * DAY)
    assert "Done: 1. Left to do: 0." in apply(do)
    assert "Nothing to do: the chain is as the file says." in apply(do)
    assert [member.symbol for member in alliance.pools.find("corner").members] == ["CRUMB", "BEAN"]


def test_init__never_overwrites(folder: Path) -> None:
    done(run("init"))
    (folder / "alliance.yaml").write_text("mine")
    refused(run("init"), "alliance.yaml is there already")
    assert (folder / "alliance.yaml").read_text() == "mine"


def test_plan__shows_gas_and_cost_and_sends_nothing(
    write: Write, do: Callable[..., Outcome], brand: TestAccount, operator: TestAccount
) -> None:
    write()
    before = sent(brand, operator)
    told = done(do("plan", "--ether-price", "2500 EUR"))
    assert "+ register the brand, with guardian 0x" in told
    assert "EUR)" in told
    assert f"baker ({brand.address}) signs 6: " in told
    assert sent(brand, operator) == before
    refused(do("plan", "--check"), "The chain differs from the file.")
    apply(do)
    done(do("plan", "--check"), "Nothing to do")


# ---- stopped anywhere


def applied(
    alliance: Alliance, path: Path, state: Path, on_step: Callable[[str], None] = lambda _: None
) -> None:
    """As the command, without the rehearsal, which would take most of the time."""
    with Applying(
        alliance, Node(node_url()), signer_at, folder=state, policy=QUICK, on_step=on_step
    ) as under_way:
        under_way.resume()
        wanted = file.read(path, money_at(alliance))
        turns = compare(alliance, wanted).turns
        under_way.run(turns, defaultdict(lambda: 1_000_000), wanted)
        assert compare(alliance, wanted).differences == ()


def die_after(count: int) -> Callable[[str], None]:
    """An on_step that kills its process, as kill -9 does, when so many steps have been taken."""
    left = count

    def on_step(_: str) -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    return on_step


def assert_done_once(alliance: Alliance, manager: TestAccount, acts: int) -> None:
    token = bake(alliance)
    assert token.quota_of(manager) == 500_00, "OPS-1: the quota was granted other than exactly once"
    assert sent(*accounts.test_accounts[:3]) == acts, "OPS-1: acts were sent other than exactly once"


@pytest.mark.parametrize("journal_lost", [False, True])
def test_killed__goes_on__each_act_once(
    alliance: Alliance, write: Write, manager: TestAccount, tmp_path: Path, journal_lost: bool
) -> None:
    kill_and_go_on(alliance, write(), manager, tmp_path, journal_lost=journal_lost, every=11)


@pytest.mark.long
@pytest.mark.parametrize("journal_lost", [False, True])
def test_killed_at_every_step__goes_on__each_act_once(
    alliance: Alliance, write: Write, manager: TestAccount, tmp_path: Path, journal_lost: bool
) -> None:
    kill_and_go_on(alliance, write(), manager, tmp_path, journal_lost=journal_lost, every=1)


def kill_and_go_on(
    alliance: Alliance, path: Path, manager: TestAccount, tmp_path: Path, *, journal_lost: bool, every: int
) -> None:
    """Kill a run at each step that the journal can end with, or at some of them, and run it again."""
    steps: list[str] = []
    before = sent(*accounts.test_accounts[:3])
    with undone():
        applied(alliance, path, tmp_path / "whole", steps.append)
        acts = sent(*accounts.test_accounts[:3])
        assert acts - before == 7
        assert_done_once(alliance, manager, acts)
    assert len(steps) > 30
    for count in range(1, len(steps) + 1, every):
        state = tmp_path / str(count)
        with undone():
            code = in_child(lambda: applied(alliance, path, state, die_after(count)))  # noqa: B023
            assert code == -signal.SIGKILL, steps[count - 1]
            if journal_lost:
                shutil.rmtree(state)
            applied(alliance, path, state)
            assert_done_once(alliance, manager, acts)


def test_killed_while_an_act_waits_to_be_mined__it_is_waited_for__not_sent_again(
    alliance: Alliance, write: Write, manager: TestAccount, chain: Anvil, tmp_path: Path
) -> None:
    applied(alliance, write(quota=100), tmp_path)
    path = write(quota=500)
    chain.rpc("evm_setAutomine", False)
    try:
        assert in_child(lambda: applied(alliance, path, tmp_path, die_at("sent"))) == -signal.SIGKILL
        chain.rpc("evm_setIntervalMining", 2)  # longer than anybody waits for what is not known
        applied(alliance, path, tmp_path)
    finally:
        chain.rpc("evm_setIntervalMining", 0)
        chain.rpc("evm_setAutomine", True)
    assert bake(alliance).quota_of(manager) == 500_00, "OPS-1: the quota was granted twice"


def test_killed_while_an_act_waits_to_be_mined__journal_lost__it_has_to_be_waited_for(
    alliance: Alliance, write: Write, manager: TestAccount, chain: Anvil, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    applied(alliance, write(quota=100), state)
    path = write(quota=500)
    chain.rpc("evm_setAutomine", False)
    try:
        assert in_child(lambda: applied(alliance, path, state, die_at("sent"))) == -signal.SIGKILL
        shutil.rmtree(state)
        with pytest.raises(NotMinedError, match="Waiting to be mined: 1 of 0x"):
            applied(alliance, path, state)
        chain.rpc("evm_mine")
    finally:
        chain.rpc("evm_setAutomine", True)
    applied(alliance, path, state)
    assert bake(alliance).quota_of(manager) == 500_00, "OPS-1: the quota was granted twice"


def test_two_operators_on_a_machine__one_is_told(alliance: Alliance, tmp_path: Path) -> None:
    with (
        Applying(alliance, Node(node_url()), signer_at, folder=tmp_path),
        pytest.raises(JournalLockedError, match="is in use by process"),
    ):
        Applying(alliance, Node(node_url()), signer_at, folder=tmp_path)


# ---- what changes


def test_changes__what_takes_notice_is_announced__and_gone_on_with(
    alliance: Alliance, write: Write, do: Callable[..., Outcome], manager: TestAccount
) -> None:
    write()
    apply(do)
    bake(alliance).mint(manager, 100_00, sender=manager)
    assert "Nothing to do" in done(do("plan"))  # minting is no difference
    write(capacity=20_000, quota=600, more=OFFERS.replace("2.50", "2"))
    told = apply(do)
    assert "capacity: 10,000 BAKE → 20,000 BAKE, announced; apply again after 14 days of notice" in told
    assert "minter may mint 600 BAKE in all, 100 BAKE more than before" in told
    assert "the price falls from 2.5 to 2 BAKE" in told
    assert bake(alliance).quota_of(manager) == 500_00
    assert "… capacity: 10,000 BAKE → 20,000 BAKE is announced" in apply(do)
    wait(14 * DAY)
    assert "as announced" in apply(do)
    assert bake(alliance).capacity == 20_000_00
    assert "Nothing to do" in done(do("plan"))


def test_quota_lowered__takes_back_what_is_not_minted__and_says_what_is(
    alliance: Alliance, write: Write, do: Callable[..., Outcome], manager: TestAccount
) -> None:
    write()
    apply(do)
    bake(alliance).mint(manager, 400_00, sender=manager)
    write(quota=300)
    told = apply(do)
    assert "take 100 BAKE back from minter" in told
    assert "! minter was granted 500 BAKE in all, of which only 100 BAKE are not minted" in told
    assert bake(alliance).quota_of(manager) == 0


def test_what_is_for_good__is_named_with_its_line__and_left_alone(
    write: Write, do: Callable[..., Outcome], brand: TestAccount
) -> None:
    write()
    apply(do)
    before = sent(brand)
    write(par=0.02)
    told = apply(do)
    assert "! par is 0.01 MUSD for good, not 0.02 MUSD: correct the file (line 10)" in told
    assert sent(brand) == before


REWARDS = """campaigns:
        - name: visit
          title: A visit
          kind: visit
          reward: 0.50
          closes: 2099-01-01
          purses: {{minter: {purse}}}
      referrals:
        - number: 1
          title: Friends
          first: {first}
          count: purchase
          attester: {attester}
          cap: 10
          opens: 2026-01-01
          closes: 2099-01-01
          budget: {budget}
"""


def rewards(**changed: object) -> str:
    return REWARDS.format(**{"purse": 5, "first": "5%", "attester": "minter", "budget": 7, **changed})


def test_rewards__are_started_and_filled_once__and_filled_up(
    alliance: Alliance, write: Write, do: Callable[..., Outcome], brand: TestAccount, manager: TestAccount
) -> None:
    def purse() -> int:
        (found,) = alliance.campaigns.purses(alliance.campaigns.get(bake(alliance), "visit"))
        return found.left

    write(more=rewards())
    apply(do)
    assert (purse(), alliance.referrals.get(bake(alliance)).left) == (5_00, 7_00)
    before = sent(brand, manager)
    assert "Nothing to do" in apply(do)
    assert sent(brand, manager) == before
    write(more=rewards(purse=6, budget=9, attester="baker"))
    apply(do)
    programme = alliance.referrals.get(bake(alliance))
    assert (purse(), programme.left, programme.attester) == (6_00, 9_00, brand.address)
    assert "Nothing to do" in apply(do)


def test_rewards__what_is_for_good_or_was_given__is_told_and_left_alone(
    alliance: Alliance, write: Write, do: Callable[..., Outcome], brand: TestAccount, manager: TestAccount
) -> None:
    write(more=rewards())
    apply(do)
    before = sent(brand, manager)
    write(more=rewards(purse=4, first="6%", budget=6).replace("reward: 0.50", "reward: 0.60"))
    told = apply(do)
    assert "campaign visit\n  ! it has other conditions, which never change: choose another name" in told
    assert "programme 1\n  ! it has other terms, which never change" in told
    write(more=rewards(purse=4, budget=6).replace("A visit", "A short visit"))
    told = apply(do)
    assert "campaign visit\n  ! it was announced with another document" in told
    assert "programme 1\n  ! it was given 7 BAKE in all" in told
    write(more=rewards(purse=4).replace("number: 1", "number: 3"))
    told = apply(do)
    assert "minter was given 5 BAKE in all" in told
    assert "BAKE's next programme is number 2: write that" in told
    assert "referral programmes\n  ? 1 runs: write it down" in told
    write(more="campaigns: []")
    assert "bakery campaigns\n  ? visit runs: write it down" in apply(do)
    assert sent(brand, manager) == before


def test_rewards__that_are_over__get_no_more(
    alliance: Alliance, write: Write, do: Callable[..., Outcome], brand: TestAccount, manager: TestAccount
) -> None:
    write(more=rewards().replace("2099-01-01", "2027-01-01"))
    apply(do)
    campaign = alliance.campaigns.get(bake(alliance), "visit")
    wait(campaign.conditions.closes_at - calls.now())
    before = sent(brand, manager)
    write(more=rewards(purse=6, budget=9).replace("2099-01-01", "2027-01-01"))
    told = apply(do)
    assert "campaign visit\n  ! it closed at 2027-01-01" in told
    assert "programme 1\n  ! it closed at 2027-01-01" in told
    assert sent(brand, manager) == before


def test_drift__is_shown__and_nothing_is_taken_away(
    alliance: Alliance,
    write: Write,
    do: Callable[..., Outcome],
    brand: TestAccount,
    partner: TestAccount,
) -> None:
    write()
    apply(do)
    bakery = next(iter(alliance.brands))
    bakery.set_manager(partner, Roles.SETTLE, sender=brand)
    bake(alliance).grant_quota(partner, 5_00, sender=brand)
    before = sent(brand)
    told = apply(do)
    assert f"? {partner.address} may settle: write it down, with `none` to dismiss it" in told
    assert f"? {partner.address} may mint 5 BAKE" in told
    assert sent(brand) == before
    assert bakery.roles_of(partner) == Roles.SETTLE


def test_refused_by_a_contract__is_said__and_nothing_is_sent(
    write: Write, do: Callable[..., Outcome], brand: TestAccount
) -> None:
    write()
    apply(do)
    before = sent(brand)
    write(capacity=100)
    outcome = do("apply", "--yes")
    assert "would be refused" in outcome.out
    refused(outcome, "Nothing was sent, because some of it would be refused")
    assert sent(brand) == before


def test_bond__is_laid_down_once__and_its_lack_of_money_is_told(
    alliance: Alliance, write: Write, do: Callable[..., Outcome], brand: TestAccount
) -> None:
    write(more="bond: {holders: 50, compensation: 20.5}")
    assert "! baker is to lay down 70.5 MUSD and holds 0 MUSD" in done(do("plan"))
    calls.transact(brand, alliance.mock_dollar, "mint", brand.address, 100_000_000)
    assert "holders: 0 MUSD → 50 MUSD" in apply(do)
    assert "Nothing to do" in apply(do)
    assert int(calls.read(alliance.mock_dollar, "balanceOf", brand.address)) == 29_500_000


def test_pool__bounds_lower_at_once_and_rise_after_notice(
    alliance: Alliance, write: Write, do: Callable[..., Outcome]
) -> None:
    pool = "\npools:\n  town:\n    steward: alliance\n    members:\n      BAKE: {{limit: {}, provide: 100}}\n"
    write().open("a").write(pool.format(100))
    apply(do)
    write().open("a").write(pool.format(50))
    assert "BAKE: at most 50 BAKE in" in apply(do)
    town = alliance.pools.find("town")
    assert town.member(bake(alliance)).terms.bounds == Bounds(50_00, 100_00)
    write().open("a").write(pool.format(80))
    assert "apply again after notice" in apply(do)
    wait(14 * DAY)
    apply(do)
    assert alliance.pools.find("town").member(bake(alliance)).terms.bounds.limit == 80_00
    assert "Nothing to do" in done(do("plan"))


# ---- the runbook of a lost key


def test_admins_key_lost__recovered__and_the_file_goes_on_with_the_new_one(
    alliance: Alliance,
    write: Write,
    do: Callable[..., Outcome],
    guardian: TestAccount,
    partner: TestAccount,
) -> None:
    write()
    apply(do)
    bakery = next(iter(alliance.brands))
    bakery.start_recovery(partner, sender=guardian)
    wait(7 * DAY)
    bakery.complete_recovery(sender=partner)
    assert f"! its admin is {partner.address}, not baker" in done(do("plan"))
    path = write(admin="saved\n    founder: baker")
    path.write_text(path.read_text().replace("accounts: {", f'accounts: {{saved: "{partner.address}", '))
    assert "minter may campaign" in apply(do)  # dismissed with the old admin
    assert "Nothing to do" in apply(do)
    assert len(list(alliance.tokens)) == 1


# ---- keys that are elsewhere


def test_safe__has_what_others_sign__in_turns(
    alliance: Alliance,
    write: Write,
    do: Callable[..., Outcome],
    folder: Path,
    chain: Anvil,
) -> None:
    vault = "0x" + "5afe" * 10
    path = write(admin="vault")
    path.write_text(path.read_text().replace("accounts: {", f'accounts: {{vault: "{vault}", '))
    told = apply(do)
    assert "No key here signs for vault (0x5" in told
    assert "Nothing else can be done before that." in told
    for turns in ([1, 3], [1]):
        done(do("plan", "--safe", "batch.json"))
        found = sorted(folder.glob("batch.*-vault.json"))
        assert [each.name for each in found] == [f"batch.{number}-vault.json" for number in turns]
        content = json.loads(found[0].read_text())
        assert content["meta"]["checksum"] == checksum(content)
        assert content["meta"]["createdFromSafeAddress"].lower() == vault
        assert content["chainId"] == str(calls.chain_id())
        execute(chain, content)
        if turns == [1, 3]:
            assert "Done: 1." in apply(do)  # the alliance admits the brand
        for each in found:
            each.unlink()
    assert next(iter(alliance.brands)).status is Status.ACTIVE
    assert "Nothing to do" in done(do("plan"))


def execute(chain: Anvil, batch: dict[str, object]) -> None:
    """As the Safe would, if it were an account."""
    vault = batch["meta"]["createdFromSafeAddress"]  # type: ignore[index]
    chain.rpc("anvil_impersonateAccount", vault)
    chain.rpc("anvil_setBalance", vault, hex(10**18))
    for each in batch["transactions"]:  # type: ignore[attr-defined]
        request = {"from": vault, "to": each["to"], "data": each["data"], "gas": hex(3_000_000)}
        hash_ = chain.rpc("eth_sendTransaction", request)
        with calls.node() as web3:  # Anvil mines when it gets to it
            assert web3.eth.wait_for_transaction_receipt(hash_, timeout=20)["status"] == 1


# ---- the rehearsal


def test_fork__goes_through_notice_periods__and_leaves_the_chain_alone(
    alliance: Alliance, write: Write, do: Callable[..., Outcome], brand: TestAccount
) -> None:
    write()
    apply(do)
    before = (sent(brand), calls.block_number())
    write(capacity=20_000)
    told = done(do("fork", "--wait", "15"))
    assert "15 days later:" in told
    assert "capacity: 10,000 BAKE → 20,000 BAKE, as announced" in told
    assert told.endswith(
        "Nothing to do: the chain is as the file says.\nThe copy was thrown away; nothing was sent.\n"
    )
    assert (sent(brand), calls.block_number()) == before
    assert bake(alliance).capacity == 10_000_00


def test_fork__where_something_is_refused__fails(write: Write, do: Callable[..., Outcome]) -> None:
    write()
    apply(do)
    write(capacity=100)
    refused(do("fork"), "Some of it would be refused.")
