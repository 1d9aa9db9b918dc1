"""All that was found, as it is committed, and the tables that documents show of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from typing import Any, cast

import orjson

from bench.artefacts import BENCH
from bench.farming import campaigning, controls
from bench.farming.campaigning import Campaigning
from bench.farming.referring import HONEST_AMOUNT, Referring, Setting
from bench.farming.search import TRICKS, TRICKS_WITH_MONEY, best, chance
from symbolon.exceptions import SymbolonError
from symbolon.reference.campaigns import CampaignRewards
from symbolon.reference.campaigns import Kind as CampaignKind
from symbolon.reference.referrals import ALL_KINDS, Kind, ReferralRewards

FARMING = BENCH / "results" / "farming.json"
README = BENCH / "README.md"
TABLE_BEGINS, TABLE_ENDS = "<!-- farming:begin -->", "<!-- farming:end -->"

ROUNDS = 3
"""Of variations, at each setting."""
TRIES = 120
PLAYS = 8
"""Of a campaign, at each setting."""

SHARES = ((1, 0), (1000, 0), (1000, 500), (0, 4999), (2500, 2499), (4999, 0))
SHARES_OF_MONEY = ((5000, 4999), (0, 9999), (9999, 0))
"""Which only a programme accepts that counts nothing but purchases for money."""
CAPS = (1, 2**96 - 1)
VESTING = (ReferralRewards.MIN_VESTING_DAYS, ReferralRewards.MAX_VESTING_DAYS)
MEMBER_DAYS = (0, 1)

Results = dict[str, Any]
Row = dict[str, Any]


class FarmedError(SymbolonError):
    """Somebody got more than a promise allows."""


def settings() -> list[Setting]:
    """Every combination of the extremes that the contract accepts, and some between them."""
    found = []
    for kinds in range(1, ALL_KINDS + 1):
        shares = SHARES + (SHARES_OF_MONEY if kinds == Kind.PURCHASE.bit else ())
        for share, days, members, cap in product(shares, VESTING, MEMBER_DAYS, CAPS):
            found.append(Setting(*share, kinds, days, members, cap))
    return found


def campaign_settings() -> list[campaigning.Setting]:
    """As `settings`, of campaigns."""
    most = CampaignRewards.MAX_MEMBER_CAP
    caps = ((1, 1), (3, 1), (3, 3), (12, 2), (most, 1), (most, most))
    kinds = (CampaignKind.VIEW, CampaignKind.REVIEW)
    return [
        campaigning.Setting(kind, *cap, purse) for kind, cap, purse in product(kinds, caps, (1, 4, 1_000))
    ]


def play_all() -> Results:
    """Everything, on all processors. Raises FarmedError where a promise is broken."""
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return {
            "referrals": list(pool.map(referral_row, settings(), chunksize=4)),
            "campaigns": list(pool.map(campaign_row, campaign_settings())),
            "referral_controls": list(pool.map(control_row, controls.CONTROLS)),
            "campaign_controls": list(pool.map(campaign_control_row, campaigning.CONTROLS)),
        }


def referral_row(setting: Setting) -> Row:
    """The most that was found to be got at a setting. Raises FarmedError if it is beyond the share."""
    referring = Referring(setting)
    promised = [min(HONEST_AMOUNT * setting.first_bps // 10_000, setting.referrer_cap)] * 3
    counted = [kind.bit for kind in Kind if setting.kinds & kind.bit]
    honest = min(sum(promised[: len(counted)]), setting.referrer_cap)

    def play(actions: Any) -> Any:  # noqa: ANN401 (a play and its outcome)
        outcome = referring.play(actions)
        if outcome.is_beyond(setting.share_bps):
            raise FarmedError(f"{setting} pays {outcome.got} for {outcome.spent} spent: {actions}")
        if referring.honest_reward() != honest:
            raise FarmedError(
                f"{setting} pays the honest {referring.honest_reward()}, not {honest}: {actions}"
            )
        return outcome

    tricks = TRICKS_WITH_MONEY if setting.kinds == Kind.PURCHASE.bit else TRICKS
    found = best(play, chance(repr(setting)), ROUNDS, tricks)
    return {
        **setting._asdict(),
        "referrer_cap": str(setting.referrer_cap),  # it may be more than JSON's readers take for a number
        "tried": found.tried,
        "trick": found.trick,
        "spent": found.outcome.spent,
        "got": found.outcome.got,
    }


def campaign_row(setting: campaigning.Setting) -> Row:
    """As `referral_row`, of a campaign."""
    random, scene = chance(repr(setting)), Campaigning(setting)
    most = most_of_one = 0
    for _ in range(PLAYS):
        outcome = scene.play(random, TRIES)
        one = min(setting.member_cap, setting.day_cap * outcome.days) * campaigning.REWARD
        is_kept = outcome.got <= outcome.bound(setting) and outcome.most <= one and not outcome.unattested
        if not is_kept:
            raise FarmedError(f"{setting} pays {outcome}, at most {outcome.bound(setting)}")
        most, most_of_one = max(most, outcome.got), max(most_of_one, outcome.most)
    return {
        **setting._asdict(),
        "kind": setting.kind.name,
        "budget": 3 * setting.purse * campaigning.REWARD,
        "most_for_one": setting.member_cap * campaigning.REWARD,
        "got": most,
        "got_by_one": most_of_one,
    }


def control_row(name: str) -> Row:
    """What farmers get where a rule is left out."""
    setting, make = controls.CONTROLS[name]
    found = best(make(setting).play, chance(name), ROUNDS)
    return {
        "left_out": name,
        "share_bps": setting.share_bps,
        "trick": found.trick,
        "spent": found.outcome.spent,
        "got": found.outcome.got,
    }


def campaign_control_row(name: str) -> Row:
    """As `control_row`, of a campaign."""
    setting, kind = campaigning.CONTROLS[name]
    random, scene = chance(name), Campaigning(setting, kind)
    found = max((scene.play(random, TRIES) for _ in range(PLAYS)), key=lambda each: each.got)
    return {"left_out": name, "most": found.bound(setting), "got": found.got}


def committed() -> Results:
    """What is committed."""
    return cast(Results, orjson.loads(FARMING.read_bytes()))


def write(results: Results) -> None:
    """Commit results to files: the figures, and the tables in the benchmark's README."""
    FARMING.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    README.write_text(readme_with(results, README.read_text()))


def readme_with(results: Results, text: str) -> str:
    """The benchmark's README with its tables made from these results."""
    head, rest = text.split(TABLE_BEGINS, 1)
    made = (by_share(results), by_campaign(results), by_control(results))
    tables = "\n\n".join(_markdown(table) for table in made)
    return head + TABLE_BEGINS + "\n" + tables + "\n" + TABLE_ENDS + rest.split(TABLE_ENDS, 1)[1]


Table = list[tuple[str, ...]]
"""Rows of cells, the first row being what the columns are called."""


def by_share(results: Results) -> Table:
    """What was got most, for each pair of shares and for what counts."""
    head = ("shares: first + second level", "what counts", "settings", "plays")
    most = ("most got of 100 spent", "promised at most", "best trick")
    table: Table = [(*head, *most)]
    for share in SHARES + SHARES_OF_MONEY:
        for what, is_money in (("money alone", True), ("tokens, too", False)):
            rows = [
                row
                for row in results["referrals"]
                if (row["first_bps"], row["second_bps"]) == share
                and (row["kinds"] == Kind.PURCHASE.bit) == is_money
            ]
            if not rows:
                continue
            top = max(rows, key=_share_of)
            table.append(
                (
                    f"{share[0] / 100:g} % + {share[1] / 100:g} %",
                    what,
                    str(len(rows)),
                    f"{sum(row['tried'] for row in rows):,}",
                    f"{100 * _share_of(top):.4g}",
                    f"{sum(share) / 100:g}",
                    str(top["trick"]),
                )
            )
    return table


def by_campaign(results: Results) -> Table:
    """What was got most of campaigns, by their caps."""
    table: Table = [
        ("campaign: cap a member, a day", "budget", "most got", "most got by one member", "its cap")
    ]
    groups = dict.fromkeys(
        (row["member_cap"], row["day_cap"], row["budget"], row["most_for_one"])
        for row in results["campaigns"]
    )
    for member_cap, day_cap, budget, cap in groups:
        rows = [
            row
            for row in results["campaigns"]
            if (row["member_cap"], row["day_cap"], row["budget"]) == (member_cap, day_cap, budget)
        ]
        got = max(row["got"] for row in rows)
        by_one = max(row["got_by_one"] for row in rows)
        table.append((f"{member_cap}, {day_cap}", f"{budget:,}", f"{got:,}", f"{by_one:,}", f"{cap:,}"))
    return table


def by_control(results: Results) -> Table:
    """What was got where a rule was left out."""
    table: Table = [("left out", "promised at most", "got", "by")]
    for row in results["referral_controls"]:
        promised = f"{row['share_bps'] / 100:g} of 100 spent"
        is_gift = row["got"] and not row["spent"]
        got = f"{row['got']:,} for nothing" if is_gift else f"{100 * _share_of(row):.4g} of 100 spent"
        table.append((row["left_out"], promised, got, row["trick"]))
    table += [
        (f"of a campaign: {row['left_out']}", f"{row['most']:,}", f"{row['got']:,}", "chance")
        for row in results["campaign_controls"]
    ]
    return table


def _share_of(row: Row) -> float:
    return float(row["got"] / row["spent"]) if row["spent"] else 0.0


def _markdown(table: Iterable[Sequence[str]]) -> str:
    head, *rows = (f"| {' | '.join(row)} |" for row in table)
    columns = head.count("|") - 2
    return "\n".join((head, "|---|" + "--:|" * columns, *rows))
