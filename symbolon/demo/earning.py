"""First chapter: each week, every brand mints what its customers earned, with the tool that brands use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import pandas as pd

from symbolon.bulk_mint import BulkMint
from symbolon.customers import customers_from
from symbolon.demo.data import week_closes_at
from symbolon.demo.plan import DECIMALS
from symbolon.demo.stage import Actor, Stage
from symbolon.mint_job import MintJob
from symbolon.rpc import Node
from symbolon.sender import Policy

_POLICY = Policy(poll=0.02, mine=True)  # the chain is next door and makes a block when told
_AT_ONCE = 3  # brands that mint side by side: while one computes, the chain works for another


def play_week(
    stage: Stage, week: int, due: pd.DataFrame, wallets: Mapping[int, str], advance: Callable[[int], object]
) -> None:
    """Mint one week's earnings for all brands, at the hour at which the week closes.

    Args:
        stage: where.
        week: which.
        due: the week's part of the ledger.
        wallets: each household's wallet.
        advance: called with the number of mints after each brand's.
    """
    by_brand = dict(list(due.groupby("brand")))
    actors = [actor for actor in stage.actors if actor.brand.number in by_brand]

    def mint(actor: Actor) -> int:
        return _mint(stage, actor, week, by_brand[actor.brand.number], wallets)

    stage.turn_to(week_closes_at(week))
    with stage.blocks_on_demand(), ThreadPoolExecutor(_AT_ONCE) as pool:
        for rows in pool.map(mint, actors):
            advance(rows)


def _mint(stage: Stage, actor: Actor, week: int, rows: pd.DataFrame, wallets: Mapping[int, str]) -> int:
    pairs = zip(rows["household"].map(wallets), rows["units"].tolist(), strict=True)
    customers = customers_from(pairs, token=actor.token.address)
    job = MintJob.of(stage.chain_id, actor.token.address, customers, campaign=f"2017-week-{week:02}")
    BulkMint(
        Node(stage.chain.url),
        actor.manager,
        job,
        decimals=DECIMALS,
        folder=stage.folder / f"week-{week:02}",
        policy=_POLICY,
    ).run()
    return len(rows)
