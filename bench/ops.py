"""Recipients a second: the project's bulk mint beside the loops that people write first: `make bench-ops`.

    python -m bench.ops                                    200,000 recipients at once, 300 one by one
    python -m bench.ops --recipients 20000 --singles 100   fewer

Everybody starts from the same chain state, on an Anvil of their own, one after the other. The bulk mint is
all of it: a customer file on disk is read and checked, minted with the journal on, waited for until it is
final, compared with the chain row by row, and answered with a receipt file. Seconds depend on the machine and
on what else runs there; what counts is the ratios, which set the whole job against loops that only mint.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from eth_account import Account
from eth_account.signers.local import LocalAccount

from bench import our_scenarios
from bench.artefacts import BENCH
from bench.chain import TX_GAS_CAP, Chain, MeasurementError, accounts
from bench.floors import AMOUNT
from symbolon.anvil import ANVIL_VERSION, LOCAL_CHAIN_ID, MNEMONIC, Anvil
from symbolon.artifacts import artifact
from symbolon.bulk_mint import BulkMint
from symbolon.customers import read_customers
from symbolon.exceptions import SymbolonError
from symbolon.mint_job import MintJob
from symbolon.rpc import Node
from symbolon.sender import Progress
from symbolon.units import format_amount

OPS = BENCH / "results" / "ops.json"
TARGET_RATIO = 25
"""How many times as fast as Ape's loop the bulk mint has to be."""

TARGET_RATE = 60_000
"""Recipients a second that a machine with nothing else to do has to sign, send and mine."""

MANAGER = 1
"""Which of Anvil's accounts is the brand's manager."""

DECIMALS = 18
WARM_UP = 20
"""Mints before the clock starts: a loop's first calls also load plugins and open connections."""

TRANSACTIONS_A_BLOCK = 400
"""What a block of the bulk mint's chain has room for: Anvil's blocks get dearer as its state grows."""


@dataclass(frozen=True)
class Stage:
    """What everybody starts from: a chain with a token, and its manager with a quota."""

    state: str
    token: str
    supply: int
    manager: LocalAccount

    @contextmanager
    def chain(self, *, tx_gas_limit: bool = True, transactions_a_block: int = 2) -> Iterator[Anvil]:
        """A fresh Anvil in that state."""
        with Anvil(tx_gas_limit=tx_gas_limit) as anvil:
            anvil.rpc("anvil_loadState", self.state)
            anvil.rpc("evm_setBlockGasLimit", hex(transactions_a_block * TX_GAS_CAP))
            anvil.rpc("evm_mine")
            yield anvil


def build_stage() -> Stage:
    """Deploy the suite and make a token whose manager may mint as much as anyone here wants."""
    Account.enable_unaudited_hdwallet_features()
    manager = Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{MANAGER}")
    with Chain() as chain:
        world = our_scenarios.set_up(chain, manager.address)
        supply = int(chain.read(world.token, "totalSupply()", "uint256"))
        return Stage(chain.dump(), world.token, supply, manager)


def ape_loop(stage: Stage, recipients: Sequence[str]) -> float:
    """Seconds for one Ape transaction after the other, as in every tutorial."""
    import ape  # noqa: PLC0415 (slow to import)
    from ape.logging import logger  # noqa: PLC0415

    logger.set_level("ERROR")
    # Ape offers all the gas of a block with each transaction on a local chain, which the cap would refuse.
    with stage.chain(tx_gas_limit=False) as anvil:
        settings = {"host": anvil.url}
        with ape.networks.ethereum.local.use_provider("foundry", provider_settings=settings):
            manager = ape.accounts.test_accounts[MANAGER]
            token = ape.Contract(stage.token, abi=artifact("LoyaltyToken").abi)
            return _timed(anvil, stage, recipients, lambda to: token.mint(to, AMOUNT, sender=manager))


def web3_loop(stage: Stage, recipients: Sequence[str]) -> float:
    """Seconds for one web3.py transaction after the other, each waited for with as little delay as can be."""
    from web3 import HTTPProvider, Web3  # noqa: PLC0415 (slow to import)
    from web3.middleware import SignAndSendRawMiddlewareBuilder  # noqa: PLC0415

    with stage.chain() as anvil:
        web3 = Web3(HTTPProvider(anvil.url))
        web3.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(stage.manager), layer=0)
        token = web3.eth.contract(Web3.to_checksum_address(stage.token), abi=artifact("LoyaltyToken").abi)

        def mint(to: str) -> object:
            minting = token.functions.mint(Web3.to_checksum_address(to), AMOUNT)
            sent = minting.transact({"from": stage.manager.address})
            return web3.eth.wait_for_transaction_receipt(sent, poll_latency=0.001)

        return _timed(anvil, stage, recipients, mint)


@dataclass(frozen=True)
class BulkTimes:
    """Seconds of a bulk mint: to read the file, until all is mined, and until all is done."""

    read: float
    mined: float
    done: float


def bulk_mint(stage: Stage, recipients: Sequence[str], folder: Path) -> BulkTimes:
    """Times of the project's own way, from a file on disk to a receipt for every row of it."""
    path = folder / "customers.csv"
    amount = format_amount(AMOUNT, DECIMALS)
    path.write_text("address,amount\n" + "".join(f"{to},{amount}\n" for to in recipients))
    mined_at = 0.0

    def note(progress: Progress) -> None:
        nonlocal mined_at
        if not mined_at and progress.mined == progress.total:
            mined_at = time.perf_counter()

    with stage.chain(transactions_a_block=TRANSACTIONS_A_BLOCK) as anvil:
        began = time.perf_counter()
        customers = read_customers(path, DECIMALS, token=stage.token)
        job = MintJob.of(LOCAL_CHAIN_ID, stage.token, customers)
        read_at = time.perf_counter()
        bulk = BulkMint(
            Node(anvil.url), stage.manager, job, decimals=DECIMALS, folder=folder / "state", on_progress=note
        )
        bulk.run(folder / "receipts.csv")
        done_at = time.perf_counter()
        _check_minted(anvil, stage, recipients)
    return BulkTimes(read_at - began, mined_at - began, done_at - began)


def _timed(anvil: Anvil, stage: Stage, recipients: Sequence[str], mint: Callable[[str], object]) -> float:
    """Seconds that minting to each took, without the first few."""
    for to in recipients[:WARM_UP]:
        mint(to)
    began = time.perf_counter()
    for to in recipients[WARM_UP:]:
        mint(to)
    took = time.perf_counter() - began
    _check_minted(anvil, stage, recipients)
    return took


def _check_minted(anvil: Anvil, stage: Stage, recipients: Sequence[str]) -> None:
    """Make sure that all recipients together, and some of them looked at, have what was to be minted."""
    contract = artifact("LoyaltyToken")

    def read(method: str, argument: bytes = b"") -> int:
        data = "0x" + (contract.selector(method) + argument).hex()
        return int(anvil.rpc("eth_call", {"to": stage.token, "data": data}, "latest"), 16)

    looked_at = recipients[:: max(1, len(recipients) // 50)]
    held = {read("balanceOf", bytes(12) + bytes.fromhex(to[2:])) for to in looked_at}
    supply = read("totalSupply")
    minted = supply - stage.supply
    if held != {AMOUNT} or minted != len(recipients) * AMOUNT:
        raise MeasurementError(f"{len(recipients)} recipients have {minted} instead of {AMOUNT} each.")


def measure(recipients: int, singles: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Run everybody once; recipients a second, and how many times as fast as the loops we are."""
    stage = build_stage()
    people = accounts("recipient", max(recipients, singles + WARM_UP))
    machine = describe_machine()
    rates: dict[str, float] = {}
    for name, loop in (("ape_loop", ape_loop), ("web3_loop", web3_loop)):
        rates[name] = singles / loop(stage, people[: singles + WARM_UP])
        say(f"{name}: {rates[name]:.1f} recipients a second over {singles}")
    with tempfile.TemporaryDirectory(prefix="symbolon-bench-") as folder:
        times = bulk_mint(stage, people[:recipients], Path(folder))
    rates["bulk_mint"] = recipients / times.done
    rates["bulk_mint_until_mined"] = recipients / (times.mined - times.read)
    say(
        f"bulk_mint: {rates['bulk_mint']:,.0f} recipients a second over {recipients:,}, "
        f"{rates['bulk_mint_until_mined']:,.0f} while signing, sending and mining"
    )
    return {
        "machine": machine,
        "recipients": recipients,
        "singles": singles,
        "recipients_per_second": {name: round(rate, 1) for name, rate in rates.items()},
        "bulk_mint_seconds": {
            "customer file read": round(times.read, 2),
            "signed, sent and mined": round(times.mined - times.read, 2),
            "final, compared, receipts written": round(times.done - times.mined, 2),
        },
        "times_as_fast": {
            "bulk_mint / ape_loop": round(rates["bulk_mint"] / rates["ape_loop"], 1),
            "bulk_mint / web3_loop": round(rates["bulk_mint"] / rates["web3_loop"], 1),
        },
        "target": {
            "bulk_mint / ape_loop": TARGET_RATIO,
            "bulk_mint_until_mined, on an idle machine": TARGET_RATE,
        },
    }


def describe_machine() -> dict[str, Any]:
    """What ran it, and how busy it was with other things when it began."""
    models = [
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "anvil": ANVIL_VERSION,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; 0 when the target is met, 1 where it is missed or nothing could be measured."""
    parser = argparse.ArgumentParser(prog="make bench-ops", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--recipients", type=int, default=200_000, help="of the bulk mint")
    parser.add_argument("--singles", type=int, default=300, help="mints of each loop")
    parser.add_argument("--out", type=Path, default=OPS, help="where to write the results")
    options = parser.parse_args(arguments)
    try:
        results = measure(options.recipients, options.singles, print)
    except SymbolonError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    for pair, times in results["times_as_fast"].items():
        print(f"{pair}: {times:,.1f} times as fast")
    print(f"Wrote {options.out}.")
    return 0 if results["times_as_fast"]["bulk_mint / ape_loop"] >= TARGET_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
