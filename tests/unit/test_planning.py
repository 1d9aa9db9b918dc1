"""alliance.yaml as people write it, the order of acts, and batches for Safe. No chain."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from symbolon.calls import Draft
from symbolon.exceptions import SymbolonError
from symbolon.fields import FileError
from symbolon.planning.example import EXAMPLE
from symbolon.planning.file import parse, read
from symbolon.planning.model import Account, Act, Mark, Money, Resource, Stage, in_words
from symbolon.planning.plan import in_order, turns_of
from symbolon.planning.safe import batch, checksum, write
from symbolon.planning.words import Price

A, B = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
DOLLAR = "0x90F79bf6EB2c4f870365E785982E1f101E93b906"

BAKERY = f"""
accounts:
  baker: "{A}"
  minter: "{B}"
brands:
  bakery:
    admin: baker
    managers:
      minter: campaign, settle
    token:
      symbol: BAKE
      par: 0.01
      capacity: 1000
      terms_text: Worth a cent.
      quotas:
        minter: 10.50
      offers:
        - name: croissant
          title: A croissant
          price: 2.50
          stock: 9
      campaigns:
        - name: spring
          title: A visit
          kind: visit
          reward: 1
          closes: 2099-01-01
          purses:
            minter: 5
      referrals:
        - number: 1
          title: Friends
          first: 5%
          count: counter
          cap: 9
          opens: 2026-01-01
          closes: 2099-01-01
pools:
  town:
    steward: baker
    members:
      BAKE: {{limit: 5, provide: 7, daily: none, fee: 0.25%}}
"""


def money(address: str | None) -> Money:
    if address not in (None, DOLLAR):
        raise SymbolonError(f"there is no contract at {address}: check the currency's address")
    found: Money = SimpleNamespace(address=DOLLAR, symbol="MUSD", decimals=6)
    return found


def parsed(text: str) -> list[Resource]:
    return parse(text, money)


def told(text: str) -> tuple[str, ...]:
    with pytest.raises(FileError) as caught:
        parsed(text)
    return caught.value.problems


def changed(what: str, to: str) -> str:
    assert what in BAKERY
    return BAKERY.replace(what, to)


# ---- the file


def test_file__says_what_is_wanted() -> None:
    subjects = [each.subject for each in parsed(BAKERY)]
    assert subjects == [
        "bakery",
        "bakery managers",
        "bakery token BAKE",
        "bakery quotas",
        "bakery offer croissant",
        "bakery offers",
        "bakery campaign spring",
        "bakery campaigns",
        "bakery referral programme 1",
        "bakery referral programmes",
        "pool town",
    ]


def test_example__can_be_read() -> None:
    assert len(parsed(EXAMPLE)) > 10


@pytest.mark.parametrize(
    ("what", "to", "line", "sentence"),
    [
        (
            "    admin: baker",
            "    admin: backer",
            7,
            "admin: backer is no name among the accounts: write baker or",
        ),
        ("    admin: baker\n", "", 7, "brand bakery needs admin"),
        ("admin: baker", "admin: 0x12", 7, "admin: address 0x12 has 2 hex digits instead of 40"),
        ("campaign, settle", "boss", 9, "minter: 'boss' is no list of roles"),
        ("      minter: campaign", "      baker: campaign", 9, "baker is the brand's admin"),
        ("capacity: 1000", "capacity: 10.005", 13, "capacity: amount 10.005 is too finely divided"),
        ("par: 0.01", "par: 1,5", 12, "par: amount 1,5 has a comma"),
        ("par: 0.01", "price: 0.01", 11, "the token of bakery needs par"),
        ("terms_text: Worth a cent.", "terms: gone.pdf", 14, "terms gone.pdf cannot be read"),
        (
            "      terms_text: Worth a cent.\n",
            "",
            11,
            "the token needs either terms, a document, or terms_text",
        ),
        ("minter: 10.50", "nobody: 10.50", 16, "nobody is no name among the accounts"),
        ("price: 2.50", "prize: 2.50", 18, "this offer needs price"),
        ("BAKE: {limit", "CAKE: {limit", 42, "CAKE is no token that this file describes"),
        ("limit: 5", "limit: none", 42, "limit: amount 'none' is not a number"),
        ("par: 0.01", f"par: 0.01\n      currency: '{B}'", 11, "currency: there is no contract at"),
        ("\npools:", "\npoles:", 39, "the file has no field 'poles': did you mean pools?"),
        ("kind: visit", "kind: stay", 25, "kind stay is neither: write view, visit"),
        ("minter: 5", "minster: 5", 29, "minster is no name among the accounts"),
        (
            "closes: 2099-01-01\n          purses",
            "closes: 1960-01-01\n          purses",
            23,
            "closes is not after",
        ),
        (
            "reward: 1",
            "reward: 1\n          member_cap: 2\n          day_cap: 3",
            28,
            "day_cap 3 is no whole",
        ),
        ("first: 5%", "first: 50%", 31, "first and second come to 0 %, to 50 % or more"),
        ("count: counter", "count: till", 34, "count is no list of what counts: write counter, order or"),
        ("count: counter", "count: purchase", 31, "attester is missing"),
        ("cap: 9", "attester: minter\n          cap: 9", 31, "attester signs purchases, which do not"),
        ("          opens: 2026-01-01\n", "", 31, "this programme needs opens"),
        (f'baker: "{A}"', "baker: me", 3, "baker: 'me' is not an address"),
    ],
)
def test_file__wrong__is_told_with_its_line(what: str, to: str, line: int, sentence: str) -> None:
    problems = told(changed(what, to))
    assert any(each.startswith(f"line {line}: ") and sentence in each for each in problems), problems


def test_programmes__with_a_gap_between_them__is_told() -> None:
    start = BAKERY.index("        - number: 1")
    programme = BAKERY[start : BAKERY.index("pools:")]
    problems = told(changed(programme, programme + programme.replace("number: 1", "number: 3")))
    assert problems == ("line 38: number 3 stands where 2 should: write them in order, without gaps",)


def test_file__everything_wrong_is_told_at_once() -> None:
    text = changed("par: 0.01", "par: no").replace("capacity: 1000", "capacity: -1")
    assert [each.partition(":")[0] for each in told(text)] == ["line 12", "line 13"]


@pytest.mark.parametrize("text", ["", "accounts: {}"])
def test_file__empty__says_what_writes_one(text: str) -> None:
    assert "`ape run init` writes an example" in told(text)[0]


def test_file__missing_or_no_yaml__is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"gone\.yaml was not used and nothing was sent"):
        read(tmp_path / "gone.yaml", money)
    assert "this is no YAML" in told("brands: [")[0]


# ---- the order of acts

ALLIANCE, BAKER, CAFE = Account("alliance", DOLLAR), Account("baker", A), Account("cafe", B)


def act(stage: Stage, signer: Account, text: str = "") -> Act:
    call = Draft("Contract.act", A, text.encode())
    return Act(f"{stage.name} {signer}", text, Mark.CREATE, stage, signer, call)


def test_order__by_stage__with_as_few_turns_as_the_stages_allow() -> None:
    acts = [
        act(Stage.REGISTER, BAKER),
        act(Stage.ADMIT, ALLIANCE),
        act(Stage.BRAND, BAKER, "token"),
        act(Stage.BRAND, BAKER, "oblige"),
        act(Stage.REGISTER, CAFE),
        act(Stage.ADMIT, ALLIANCE),
        act(Stage.BRAND, CAFE),
        act(Stage.CAMPAIGN, BAKER),
        act(Stage.CAMPAIGN, CAFE),
    ]
    turns = turns_of(in_order(acts))
    assert [(str(turn.signer), len(turn.acts)) for turn in turns] == [
        ("baker", 1),
        ("cafe", 1),
        ("alliance", 2),
        ("baker", 2),
        ("cafe", 2),
        ("baker", 1),
    ]
    assert [each.text for each in turns[3].acts] == ["token", "oblige"]


def test_key__is_the_acts_own() -> None:
    assert act(Stage.BRAND, BAKER, "a").key == act(Stage.BRAND, BAKER, "a").key
    assert act(Stage.BRAND, BAKER, "a").key != act(Stage.BRAND, BAKER, "b").key


# ---- batches for Safe


def test_safe__checksum__is_the_builders_own() -> None:
    # What the builder's own way of writing gives in JavaScript.
    content = {
        "version": "1.0",
        "chainId": "4",
        "createdAt": 1,
        "meta": {"txBuilderVersion": "1.4.0", "name": "é", "createdFromSafeAddress": A},
        "transactions": [{"to": A, "value": "0", "data": None, "contractInputsValues": {"b": "1", "a": "ü"}}],
    }
    assert checksum(content) == "0x9b235dd285e1df267f067d936e007c6aac942fdff0117408ec37350e303755bf"


def test_safe__checksum__leaves_out_name_and_itself__and_nothing_else(tmp_path: Path) -> None:
    (turn,) = turns_of([act(Stage.BRAND, BAKER, "a"), act(Stage.BRAND, BAKER, "b")])
    content = batch(turn, 1, 1_700_000_000, "first")
    assert content["meta"]["checksum"] == checksum(content)
    assert batch(turn, 1, 1_700_000_000, "second")["meta"]["checksum"] == content["meta"]["checksum"]
    assert batch(turn, 2, 1_700_000_000, "first")["meta"]["checksum"] != content["meta"]["checksum"]
    content["transactions"].reverse()
    assert content["meta"]["checksum"] != checksum(content)
    assert [path.name for path in write(tmp_path / "x.json", [(3, turn)], 1, 0)] == ["x.3-baker.json"]


# ---- words


@pytest.mark.parametrize(
    ("amount", "text"), [(100_000_050, "1,000,000.5 BAKE"), (0, "0 BAKE"), (5, "0.05 BAKE")]
)
def test_in_words(amount: int, text: str) -> None:
    assert in_words(amount, 2, "BAKE") == text


def test_price__in_money_too__if_somebody_said_it() -> None:
    assert Price.of(10**9, "2,500 EUR").text(1_000_000) == "0.001 ETH (2.50 EUR)"
    assert Price.of(10**9, None).text(1_000_000) == "0.001 ETH"
