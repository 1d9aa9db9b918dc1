"""`ape run earn`: from a points file to tokens in the wallet, as people type it."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commands import Outcome, done, refused
from market import BRAND, DAY, FRIENDS, INTRUDER, MANAGER, MEMBER, PARTNER, Market, account, address
from minting import in_child
from shop import undone, wait
from web3.eth import Eth

from symbolon import alliance as alliance_module
from symbolon import calls, standing
from symbolon.alliance import Alliance
from symbolon.anvil import Anvil
from symbolon.earn import PostingError
from symbolon.merkle_sum import Leaf
from symbolon.proofs import Proofs
from symbolon.reverts import RefusedError
from symbolon.tokens import Token

PAGE = "https://bakery.example/points"
PERIOD = "202607"
TO_PROOFS = ("--out", "proofs", "--secret", "secret", "--yes")


@pytest.fixture
def do(
    alliance: Alliance, chain: Anvil, token: Token, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Market:
    monkeypatch.setattr(alliance_module, "DEPLOYMENTS", tmp_path)
    monkeypatch.setattr(standing, "STATE", tmp_path / "local" / "chain.json")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "local").symlink_to(alliance.records.folder)
    return Market.open(alliance, chain, token, tmp_path)


@pytest.fixture
def earning(do: Market) -> Market:
    """The same, open to postings."""
    done(do("earn", "open", "BAKE", by=BRAND), "open to postings")
    return do


def points(do: Market, *rows: str, name: str = "points.csv") -> str:
    return do.file("\n".join(("member,amount", *rows, "")), name)


def july(do: Market) -> str:
    """A member, a friend, and two customers who have no address."""
    return points(do, f"{address(MEMBER)},12.50", "mia@example.org,3", "card 4711,7", f"{address(PARTNER)},1")


def post(do: Market, file: str, *more: str) -> str:
    return done(do("earn", "post", "BAKE", PERIOD, file, *TO_PROOFS, *more, by=MANAGER))


def make_links(do: Market, file: str) -> dict[str, str]:
    options = ("--proofs", "proofs", "--secret", "secret", "--page", PAGE)
    told = do("earn", "links", "BAKE", PERIOD, file, *options, "--csv", "links.csv", "--sheet", "links.html")
    done(told, "links, good from")
    with (do.folder / "links.csv").open() as table:
        return {row["member"]: row["link"] for row in csv.DictReader(table)}


def test_story__from_the_file_to_the_wallet(earning: Market) -> None:
    do, file = earning, july(earning)
    quota = do.token.quota_of(address(MANAGER))
    told = post(do, file)
    assert "4 members, 2 of them by link, 23.5 BAKE" in told
    assert quota - do.token.quota_of(address(MANAGER)) == 23_50, "ISSUE-1: not all was set aside"
    done(
        do("earn", "check", "proofs", address(MEMBER)), "credited 12.5 BAKE in period 202607, not claimed yet"
    )
    done(do("earn", "check", "proofs", "--all"), "4 members, 23.5 BAKE: all of it fits")

    links = make_links(do, file)
    assert set(links) == {"mia@example.org", "card 4711"}
    sheet = (do.folder / "links.html").read_text()
    assert sheet.count("<svg") == 2
    assert "card 4711" in sheet

    refused(do("earn", "claim", "proofs", address(MEMBER), by=INTRUDER), "pending until")
    wait(30 * DAY + 60)
    before = do.held(MEMBER)
    done(do("earn", "claim", "proofs", address(MEMBER), address(PARTNER), by=INTRUDER), "2 claimed, 0 had")
    assert do.held(MEMBER) - before == 12_50
    done(do("earn", "claim", "proofs", address(MEMBER), by=INTRUDER), "0 claimed, 1 had been")
    assert do.held(MEMBER) - before == 12_50
    done(do("earn", "check", "proofs", address(MEMBER)), ", claimed;")

    friend = FRIENDS[0]
    held = do.held(friend)
    link = links["mia@example.org"]
    done(do("earn", "claim", "proofs", "--link", link, "--to", address(friend), by=INTRUDER), "got 3 BAKE")
    assert do.held(friend) - held == 3_00
    again = do("earn", "claim", "proofs", "--link", link, "--to", address(INTRUDER), by=INTRUDER)
    refused(again, "was claimed already")

    refused(do("earn", "finish", "BAKE", PERIOD, by=INTRUDER), "can be claimed until")
    wait(180 * DAY)
    late = do("earn", "claim", "proofs", "--link", links["card 4711"], by=INTRUDER)
    refused(late, "could be claimed until")
    done(do("earn", "finish", "BAKE", PERIOD, by=INTRUDER), "7 BAKE went back")
    done(do("earn", "finish", "BAKE", PERIOD, by=INTRUDER), "Nothing is left")
    done(do("earn", "show", "BAKE"), r"202607: 23.5 BAKE, 0 BAKE unclaimed; over since")


def test_attack_25__post__run_again__posts_nothing_twice(earning: Market) -> None:
    do, file = earning, july(earning)
    post(do, file)
    quota, first = do.token.quota_of(address(MANAGER)), Proofs(do.folder / "proofs").posting
    for lost in ("nothing", "the proofs"):
        if lost == "the proofs":
            (do.folder / "proofs" / "earned.json").unlink()
        wait(60)
        assert "nothing was sent" in post(do, file)
        assert do.token.quota_of(address(MANAGER)) == quota
        assert Proofs(do.folder / "proofs").posting == first, "the times stay"
    other = points(do, f"{address(MEMBER)},1", name="other.csv")
    options = ("--out", "elsewhere", "--yes")
    said = do("earn", "post", "BAKE", PERIOD, other, *options, by=MANAGER)
    refused(said, "has another posting, of 23.5 BAKE: offset it")


# ---- killed


def post_killed(do: Market, file: str, step: int, *, before: bool = False) -> None:
    """A run that is killed when it has taken that many steps that last, or as it is about to take the last.

    These are the files that it puts in their places, and the transaction.
    """

    def dying(act: Callable[..., Any]) -> Callable[..., Any]:
        def taken(*arguments: Any) -> Any:
            nonlocal step
            step -= 1
            if before and not step:
                os.kill(os.getpid(), signal.SIGKILL)
            result = act(*arguments)
            if not step:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return taken

    def run() -> None:
        Path.replace = dying(Path.replace)  # type: ignore[method-assign]
        Eth.send_raw_transaction = dying(Eth.send_raw_transaction)  # type: ignore[method-assign]
        post(do, file)

    assert in_child(run) == -signal.SIGKILL


def assert_posted_once(do: Market, file: str, quota: int) -> None:
    """OPS-1, EARN-1: set aside once, and with the proofs and the links that were made."""
    earnings = do.alliance.earnings
    logs = list(calls.events(earnings.contract, 0, "EarningsPosted", about=do.token))
    assert len(logs) == 1, "OPS-1: posted other than exactly once"
    assert quota - do.token.quota_of(address(MANAGER)) == 23_50, "OPS-1: not set aside exactly once"
    done(do("earn", "check", "proofs", "--all"), "4 members, 23.5 BAKE: all of it fits")
    assert set(make_links(do, file)) == {"mia@example.org", "card 4711"}


@pytest.mark.parametrize("before", [False, True])
def test_attack_25__post__killed_at_every_step__run_again__posts_once(earning: Market, before: bool) -> None:
    do, file = earning, july(earning)
    quota = do.token.quota_of(address(MANAGER))
    for step in range(1, 5):  # the secret, the shard, the index, the transaction
        with undone():
            post_killed(do, file, step, before=before)
            wait(60)
            post(do, file)
            assert_posted_once(do, file, quota)
        for made in ("proofs/shards/00000.json", "proofs/earned.json", "secret", "links.csv", "links.html"):
            (do.folder / made).unlink()


def test_attack_25__post__killed_while_it_waits_to_be_mined__is_waited_for(
    earning: Market, chain: Anvil
) -> None:
    do, file = earning, july(earning)
    quota = do.token.quota_of(address(MANAGER))
    chain.rpc("evm_setAutomine", False)
    try:
        post_killed(do, file, 4)
        made = Proofs(do.folder / "proofs").posting
        again = do("earn", "post", "BAKE", PERIOD, file, *TO_PROOFS, by=MANAGER)
        refused(again, "Waiting to be mined: 1 of 0x.*run again")
        assert Proofs(do.folder / "proofs").posting == made, "the proofs of what waits were overwritten"
        chain.rpc("evm_mine")
    finally:
        chain.rpc("evm_setAutomine", True)
    assert "nothing was sent" in post(do, file)
    assert_posted_once(do, file, quota)


# ---- returns


def test_attack_9__offset__what_was_returned_is_not_paid(earning: Market) -> None:
    do, file = earning, july(earning)
    post(do, file)
    links = make_links(do, file)
    net = points(do, f"{address(MEMBER)},2.50", "mia@example.org,3", "card 4711,7", name="net.csv")
    options = ("--out", "proofs", "--secret", "secret", "--yes")
    before = do.token.total_quota
    done(do("earn", "offset", "BAKE", PERIOD, net, *options, by=MANAGER), "Posted with root")
    assert before - do.token.total_quota == 11_00, "what is no longer credited goes back"
    done(do("earn", "offset", "BAKE", PERIOD, net, *options, by=MANAGER), "nothing was sent")
    assert make_links(do, net) == links, "links that were sent stay good"
    wait(30 * DAY + 60)
    held = do.held(MEMBER)
    done(do("earn", "claim", "proofs", address(MEMBER), by=INTRUDER), "1 claimed")
    assert do.held(MEMBER) - held == 2_50
    refused(do("earn", "claim", "proofs", address(PARTNER), by=INTRUDER), "credits 0x.* nothing")
    said = do("earn", "offset", "BAKE", PERIOD, file, *options, by=MANAGER)
    refused(said, "is final since .*: take what was returned out of a later period")


def test_post__what_is_wrong__is_told_before_anything_is_sent(earning: Market) -> None:
    do = earning
    out = ("--out", "proofs", "--yes")
    bad = points(do, "0x12,5", "mia@example.org,-1", name="bad.csv")
    said = do("earn", "post", "BAKE", PERIOD, bad, *out, by=MANAGER)
    refused(said, r"nothing was sent; mend it and run again:\n  line 2: .*\n  line 3: .*negative")
    refused(do("earn", "post", "BAKE", PERIOD, july(do), *out, by=MANAGER), "has no address.*--secret")
    much = points(do, f"{address(MEMBER)},999999", name="much.csv")
    refused(do("earn", "post", "BAKE", PERIOD, much, *out, by=MANAGER), "may mint .* grant .* more")
    good = points(do, f"{address(MEMBER)},1", name="good.csv")
    do.token.grant_quota(address(INTRUDER), 100, sender=account(BRAND))
    refused(do("earn", "post", "BAKE", PERIOD, good, *out, by=INTRUDER), "campaign")
    assert not do.alliance.earnings.posted(do.token)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("wallet,points\nMEMBER,1\n", "the header must be member,amount"),
        ("member,amount\nMEMBER,1,2\n", "line 2: there are 3 columns instead of 2"),
        ("member,amount\nMEMBER,1\n0xmember,2\n", "line 3: member 0x.* stands on line 2 already"),
        ("member,amount\n0xmEMBER,1\n", "line 2: .*checksum"),
        ("member,amount\n", "there are no members in it"),
    ],
)
def test_post__a_bad_file__posts_nothing(earning: Market, text: str, sentence: str) -> None:
    do, member = earning, address(MEMBER)
    ways = {"0xmember": member.lower(), "0xmEMBER": "0x" + member[2:].swapcase(), "MEMBER": member}
    for written, meant in ways.items():
        text = text.replace(written, meant)
    quota = do.token.quota_of(address(MANAGER))
    said = do("earn", "post", "BAKE", PERIOD, do.file(text, "bad.csv"), "--out", "proofs", by=MANAGER)
    refused(said, sentence)
    assert not do.alliance.earnings.posted(do.token)
    assert do.token.quota_of(address(MANAGER)) == quota
    assert not (do.folder / "proofs").exists()


def test_post__not_open__says_who_opens(do: Market) -> None:
    good = points(do, f"{address(MEMBER)},1")
    said = do("earn", "post", "BAKE", PERIOD, good, "--out", "proofs", "--yes", by=MANAGER)
    refused(said, "not open to postings: have the brand's admin run")


def test_post__dry_run__leaves_nothing_behind(earning: Market) -> None:
    do = earning
    good = points(do, f"{address(MEMBER)},1")
    said = do("earn", "post", "BAKE", PERIOD, good, "--out", "proofs", "--dry-run", by=MANAGER)
    done(said, "nothing was sent")
    assert not (do.folder / "proofs").exists()
    assert not do.alliance.earnings.posted(do.token)


def test_post__into_the_folder_of_another_period__is_refused(earning: Market) -> None:
    do, file = earning, points(earning, f"{address(MEMBER)},1")
    post(do, file)
    said = do("earn", "post", "BAKE", "202608", file, "--out", "proofs", "--yes", by=MANAGER)
    refused(said, "has the proofs of period 202607")


def test_links__with_another_secret_or_file__are_refused(earning: Market) -> None:
    do, file = earning, july(earning)
    post(do, file)
    (do.folder / "other").write_text("11" * 32)
    common = ("--proofs", "proofs", "--page", PAGE, "--csv", "links.csv")
    said = do("earn", "links", "BAKE", PERIOD, file, *common, "--secret", "other")
    refused(said, "Line 3: mia@example.org is not in the posting, or the secret is another one")
    changed = points(do, "mia@example.org,4", name="changed.csv")
    said = do("earn", "links", "BAKE", PERIOD, changed, *common, "--secret", "secret")
    refused(said, "is credited 3 BAKE and the file says 4 BAKE")
    refused(do("earn", "links", "BAKE", PERIOD, file, "--proofs", "proofs", "--secret", "secret"), "--csv", 2)
    assert not (do.folder / "links.csv").exists()


def test_show__for_programs(earning: Market) -> None:
    do = earning
    assert "Nothing was posted" in done(do("earn", "show", "BAKE"))
    post(do, july(do), "--uri", "https://bakery.example/earned")
    (found,) = json.loads(done(do("earn", "show", "BAKE", "--json")))
    assert found["total"] == found["unclaimed"] == "23.5"
    assert found["claimableUntil"] - found["finalAt"] == 180 * DAY
    told = done(do("earn", "show", "BAKE"))
    assert re.search(r"pending until .*; proofs at https://bakery.example/earned", told)


def test_attack_15_16__proofs_and_links_of_others__are_refused(earning: Market) -> None:
    """What the tools would never send, the contract refuses."""
    do, file = earning, july(earning)
    post(do, file)
    key = bytes.fromhex(make_links(do, file)["mia@example.org"].rpartition("/0x")[2])
    wait(30 * DAY + 60)
    earnings, intruder = do.alliance.earnings, account(INTRUDER)
    proofs = Proofs(do.folder / "proofs")
    mine = proofs.credit(address(MEMBER))
    for forged in (
        replace(mine, leaf=Leaf(bytes.fromhex(str(intruder.address)[2:]), mine.leaf.amount)),
        replace(mine, leaf=mine.leaf._replace(amount=99_99)),
        replace(mine, proof=[]),
        replace(mine, index=mine.index ^ 1),
    ):
        with pytest.raises(RefusedError):
            earnings.claim(do.token, [forged], sender=intruder)
    with pytest.raises(PostingError, match="not one of this posting"):
        earnings.claim_by_link(do.token, mine, key, intruder, sender=intruder)
    other = replace(proofs.posting, period=202608)
    with pytest.raises(PostingError, match="not of what is posted"):
        earnings.check(replace(mine, posting=other))


def test_redeem__straight_from_the_proof(earning: Market) -> None:
    """A member without a token pays at the till with what it earned."""
    do = earning
    customer, till = account(FRIENDS[0]), account(FRIENDS[1])
    do.token.transfer(address(PARTNER), do.held(FRIENDS[0]), sender=customer)
    post(do, points(do, f"{customer.address},12.50"))
    wait(30 * DAY + 60)
    redemptions = do.alliance.redemptions
    redemptions.set_till(do.token, till, sender=account(MANAGER))
    wish = redemptions.at_par(do.token, 10_00, "basket 1", member=customer, till=till)
    code = redemptions.sign(wish, customer)
    credit = Proofs(do.folder / "proofs").credit(str(customer.address))
    taken = redemptions.take(code, earned=[credit], sender=till)
    assert taken.amount == 10_00
    assert do.held(FRIENDS[0]) == 2_50


def buying(do: Market, *proofs: str) -> Outcome:
    """A friend who has no tokens left signs for a basket of 10 BAKE."""
    wish = ("BAKE", "--till", address(FRIENDS[1]), "--par", "10", "--order", "basket 1")
    return do("redeem", "sign", *wish, *proofs, by=FRIENDS[0])


def empty_and_credited(do: Market) -> None:
    do.token.transfer(address(PARTNER), do.held(FRIENDS[0]), sender=account(FRIENDS[0]))
    do.alliance.redemptions.set_till(do.token, address(FRIENDS[1]), sender=account(MANAGER))
    post(do, points(do, f"{address(FRIENDS[0])},12.50", f"{address(MEMBER)},1"))


def test_till__takes_what_was_earned_straight_from_the_proofs(earning: Market) -> None:
    do = earning
    empty_and_credited(do)
    proofs = ("--proofs", "proofs")
    refused(buying(do, *proofs), "holds 0 BAKE")  # still pending
    wait(30 * DAY + 60)
    refused(buying(do), "holds 0 BAKE")
    code = done(buying(do, *proofs)).split()[-1]
    refused(do("redeem", "take", code, by=FRIENDS[1]), "holds 0 BAKE")
    done(do("redeem", "read", code, *proofs), "It can be taken")
    told = done(do("redeem", "take", code, *proofs, by=FRIENDS[1]), "Taken: 10 BAKE for shop credit at par")
    assert "Claimed for the member first: 12.5 BAKE, earned in period 202607." in told
    assert do.held(FRIENDS[0]) == 2_50
    again = do("redeem", "take", code, *proofs, by=FRIENDS[1])
    refused(again, "was taken at .*: it counts once")
    assert do.held(FRIENDS[0]) == 2_50, "EARN-1: claimed twice"


def test_till__what_was_claimed_or_not_credited__is_passed_over(earning: Market) -> None:
    do = earning
    empty_and_credited(do)
    wait(30 * DAY + 60)
    done(do("earn", "claim", "proofs", address(FRIENDS[0]), by=INTRUDER), "1 claimed")
    for buyer in (FRIENDS[0], PARTNER):
        wish = do.alliance.redemptions.at_par(
            do.token, 2_00, "basket", member=account(buyer), till=account(FRIENDS[1])
        )
        code = do.alliance.redemptions.sign(wish, account(buyer)).encode()
        told = done(
            do("redeem", "take", code, "--proofs", "proofs", by=FRIENDS[1]), "^Taken: 2 BAKE|\nTaken: 2"
        )
        assert "Claimed" not in told


def test_till__proofs_that_are_none_or_anothers__are_refused(earning: Market) -> None:
    do = earning
    empty_and_credited(do)
    wait(30 * DAY + 60)
    code = done(buying(do, "--proofs", "proofs")).split()[-1]
    take = ("redeem", "take", code)
    refused(do(*take, "--proofs", "nowhere", by=FRIENDS[1]), "nowhere/earned.json cannot be read")
    index = do.folder / "proofs" / "earned.json"
    posted = index.read_text()
    index.write_text(posted.replace(do.token.address, address(INTRUDER)))
    refused(do(*take, "--proofs", "proofs", by=FRIENDS[1]), "are of 0x.* and not of BAKE")
    index.write_text(posted)
    both = do(*take, "--proofs", "proofs", "--in-currency", by=FRIENDS[1])
    refused(both, "what is paid out is claimed before", 2)
    assert do.held(FRIENDS[0]) == 0
