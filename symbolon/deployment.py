"""Deploying the suite: the same artefacts, salt and first admin give the same addresses on every chain.

Every contract goes through the CREATE2 deployer, so its address is known before it is there, and the truth is
always the code at that address: running again does what is missing and nothing else, wherever an earlier run
was cut off. A record is written after each contract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, cast

from ape.contracts import ContractInstance
from ape.utils.basemodel import ManagerAccessMixin as Ape
from eth_typing import BlockNumber
from eth_utils.address import is_address, to_checksum_address
from eth_utils.crypto import keccak

from symbolon import calls
from symbolon.artifacts import Artifact, artifact
from symbolon.exceptions import NodeError, SymbolonError, WrongChainError
from symbolon.manifest import NotDeployedError, Provenance, Record, RecordError, Records

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from web3.types import TxData

CREATE2_DEPLOYER = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
"""The deployer that is at the same address on practically every chain."""

DEFAULT_SALT = "symbolon"
FIRST_ADMIN = object()
"""Stands for the alliance's first admin in a part's arguments."""


@dataclass(frozen=True)
class Address:
    """Stands for the address of another part in a part's arguments."""

    of: str


@dataclass(frozen=True)
class Part:
    """One contract of the suite: its name, what its constructor is given, and where it belongs."""

    name: str
    args: tuple[object, ...] = ()
    rehearsal_only: bool = False


SUITE = (
    Part("AccessManager", (FIRST_ADMIN,)),
    Part("BrandRegistry", (Address("AccessManager"),)),
    Part("LoyaltyToken", (Address("BrandRegistry"),)),  # the code that every token runs
    Part("LoyaltyTokenFactory", (Address("BrandRegistry"), Address("LoyaltyToken"))),
    Part("ObligationRegistry", (Address("BrandRegistry"), Address("LoyaltyTokenFactory"))),
    Part("Redemptions", (Address("BrandRegistry"), Address("ObligationRegistry"))),
    Part("Bonds", (Address("BrandRegistry"), Address("ObligationRegistry"))),
    Part("Orders", (Address("BrandRegistry"), Address("ObligationRegistry"), Address("Bonds"))),
    Part("EarnDistributor", (Address("BrandRegistry"),)),
    Part("PurchaseRights", (Address("BrandRegistry"), Address("ObligationRegistry"))),
    Part("GroupDeals", tuple(map(Address, ("BrandRegistry", "ObligationRegistry", "PurchaseRights")))),
    Part(
        "GroupPurchaseEscrow",
        tuple(map(Address, ("BrandRegistry", "ObligationRegistry", "Bonds", "PurchaseRights", "GroupDeals"))),
    ),
    Part("BargainDeals", tuple(map(Address, ("BrandRegistry", "ObligationRegistry", "PurchaseRights")))),
    Part(
        "Bargains",
        tuple(
            map(Address, ("BrandRegistry", "ObligationRegistry", "Bonds", "PurchaseRights", "BargainDeals"))
        ),
    ),
    Part("Haggles", tuple(map(Address, ("BrandRegistry", "Bargains", "BargainDeals")))),
    Part("Cuts", tuple(map(Address, ("BrandRegistry", "Bargains", "BargainDeals")))),
    Part("Pools", (Address("BrandRegistry"), Address("ObligationRegistry"))),
    Part("Settlements", (Address("BrandRegistry"), Address("ObligationRegistry"), Address("Bonds"))),
    Part("Swaps", tuple(map(Address, ("BrandRegistry", "ObligationRegistry", "Pools", "Settlements")))),
    Part("ReferralRewards", tuple(map(Address, ("BrandRegistry", "ObligationRegistry", "Redemptions")))),
    Part("CampaignRewards", tuple(map(Address, ("BrandRegistry", "ObligationRegistry", "Redemptions")))),
    Part("Consent", (Address("BrandRegistry"), Address("ObligationRegistry"))),
    Part(
        "AllianceLens",
        (Address("BrandRegistry"), Address("ObligationRegistry"), Address("Bonds"), Address("Orders")),
    ),
    Part(
        "GroupsLens",
        tuple(map(Address, ("ObligationRegistry", "GroupDeals", "GroupPurchaseEscrow", "PurchaseRights"))),
    ),
    Part("PoolsLens", (Address("Pools"), Address("Swaps"), Address("Settlements"))),
    Part("MockDollar", rehearsal_only=True),
)
"""What is deployed, in this order."""


class List(IntEnum):
    """What the alliance lists, numbered as in IBrandRegistry."""

    CURRENCY = 0
    ARBITER = 1
    MODULE = 2
    OBLIGATION_REGISTRY = 3
    REDEMPTION_DESK = 4
    BONDS = 5
    ATTESTER = 6


LISTED = (
    (List.OBLIGATION_REGISTRY, "ObligationRegistry"),
    (List.REDEMPTION_DESK, "Redemptions"),
    (List.BONDS, "Bonds"),
    (List.MODULE, "Orders"),
    (List.MODULE, "EarnDistributor"),
    (List.MODULE, "GroupPurchaseEscrow"),
    (List.MODULE, "Bargains"),
    (List.MODULE, "Haggles"),
    (List.MODULE, "Cuts"),
    (List.MODULE, "Settlements"),
    (List.MODULE, "Swaps"),
    (List.MODULE, "ReferralRewards"),
    (List.MODULE, "CampaignRewards"),
    (List.MODULE, "Consent"),
    (List.CURRENCY, "MockDollar"),
)
"""What the alliance lists as soon as it is deployed."""


class DeploymentChangedError(SymbolonError):
    """What would be deployed is not what is recorded."""


class DriftError(SymbolonError):
    """Records and chain differ."""


@dataclass(frozen=True)
class Step:
    """One contract that is to be deployed: what makes it, and where it will be."""

    built: Artifact
    args: tuple[Any, ...]
    init_code: bytes
    salt: bytes
    address: str

    @property
    def name(self) -> str:
        """The contract's name."""
        return self.built.name


@dataclass(frozen=True)
class Act:
    """A call that only the alliance can make, for whoever signs for it."""

    what: str
    to: str
    data: bytes


def salt_of(text: str) -> bytes:
    """The 32 bytes that a salt given as text stands for."""
    return keccak(text=text)


def create2_address(salt: bytes, init_code: bytes) -> str:
    """Where the CREATE2 deployer puts that code."""
    deployer = bytes.fromhex(CREATE2_DEPLOYER[2:])
    return to_checksum_address(keccak(b"\xff" + deployer + salt + keccak(init_code))[12:])


def plan(first_admin: str, salt: str = DEFAULT_SALT, *, rehearsal: bool) -> tuple[Step, ...]:
    """Every contract of the suite with its address. Needs no chain.

    `first_admin` is the alliance's; `rehearsal` brings along what is for local chains and forks only.
    """
    if not is_address(first_admin):
        raise SymbolonError(
            f"{first_admin} is no address: give the alliance's first admin as 0x and 40 digits."
        )
    admin = to_checksum_address(first_admin)
    steps: dict[str, Step] = {}
    for part in SUITE:
        if part.rehearsal_only and not rehearsal:
            continue
        args = tuple(_argument(each, admin, steps) for each in part.args)
        built = artifact(part.name)
        init_code = built.init_code(*args)
        address = create2_address(salt_of(salt), init_code)
        steps[part.name] = Step(built, args, init_code, salt_of(salt), address)
    return tuple(steps.values())


def _argument(argument: object, first_admin: str, steps: dict[str, Step]) -> object:
    if argument is FIRST_ADMIN:
        return first_admin
    return steps[argument.of].address if isinstance(argument, Address) else argument


def deploy(
    sender: AccountAPI,
    records: Records,
    *,
    first_admin: str | None = None,
    salt: str = DEFAULT_SALT,
    currencies: tuple[str, ...] = (),
    replace: bool = False,
    rehearsal: bool | None = None,
    progress: Callable[[str, str], None] = lambda name, outcome: None,
) -> tuple[Act, ...]:
    """Deploy what is missing, record everything, and list what the alliance lists from the start.

    Args:
        sender: pays; the addresses do not depend on it.
        records: of this network; written after each contract.
        first_admin: who is the alliance at first; `sender` if not given.
        salt: another one gives another suite.
        currencies: further settlement currencies (ERC-20s) to list.
        replace: let records of another suite, whose contracts stay where they are, be overwritten.
        rehearsal: bring along what is for local chains and forks only; None asks the chain which it is.
        progress: told each contract's name and what became of it.

    Returns:
        What is left for the alliance to do, if `sender` is not the one who can.

    Raises WrongChainError, DeploymentChangedError, NodeError, and whatever sending raises.
    """
    chain_id = calls.chain_id()
    if records.chain_id not in (None, chain_id):
        raise WrongChainError(
            f"{records.folder} is about chain {records.chain_id} and the node serves chain {chain_id}: "
            "check --network."
        )
    if rehearsal is None:
        rehearsal = calls.is_rehearsal(Ape.provider)
    steps = plan(first_admin or str(sender.address), salt, rehearsal=rehearsal)
    if not replace:
        _check_same(steps, records)
    if not code_at(CREATE2_DEPLOYER):
        raise NodeError(
            f"Chain {chain_id} has no CREATE2 deployer at {CREATE2_DEPLOYER}, without which addresses would "
            "differ: have it deployed there first (it is a fixed, pre-signed transaction)."
        )
    records.start(chain_id)
    for step in steps:
        progress(step.name, _deploy_step(sender, step, records))
    return _list(sender, steps, currencies, progress)


def check(records: Records) -> None:
    """Raise unless every record agrees with itself, with the build and with the connected chain.

    Raises NotDeployedError, WrongChainError, RecordError, DriftError.
    """
    connected(records)
    for record in records:
        _check_record(record)
        if keccak(code_at(record.address)).hex() != record.code_hash.removeprefix("0x"):
            raise DriftError(
                f"The code of {record.name} at {record.address} is not what was deployed: do not use it "
                "before you know why."
            )


def connected(records: Records) -> Iterator[Record]:
    """The records, once the connected chain is known to be theirs and to hold their contracts."""
    chain_id = calls.chain_id()
    hint = "run `ape run deploy`" + (" or `make up`" if Ape.provider.network.is_dev else "")
    if records.chain_id is None:
        raise NotDeployedError(f"Nothing is recorded for {records.network}: {hint} first.")
    if records.chain_id != chain_id:
        raise WrongChainError(
            f"{records.folder} is about chain {records.chain_id} and the node serves chain {chain_id}: "
            "check --network."
        )
    found = list(records)
    for record, code in zip(found, _codes_at([record.address for record in found]), strict=True):
        if not code:
            raise NotDeployedError(
                f"{record.name} is recorded at {record.address} on {records.network} and is not there (a "
                f"local chain forgets when it stops): {hint} again."
            )
    return iter(found)


def code_at(address: str) -> bytes:
    """The code at an address of the connected chain; empty where there is no contract."""
    with calls.node() as web3:
        return bytes(web3.eth.get_code(to_checksum_address(address)))


def _codes_at(addresses: Sequence[str]) -> list[bytes]:
    """The same of several addresses, asked together."""
    if not addresses:  # a batch cannot be of nothing
        return []
    with calls.node() as web3, web3.batch_requests() as batch:
        for address in addresses:
            batch.add(web3.eth.get_code(to_checksum_address(address)))
        return [bytes(cast("bytes", code)) for code in batch.execute()]


def contract_at(name: str, address: str) -> ContractInstance:
    """The contract `name` of the frozen build at that address, for Ape."""
    return ContractInstance(to_checksum_address(address), artifact(name).contract_type)


# ---- one contract


def _deploy_step(sender: AccountAPI, step: Step, records: Records) -> str:
    recorded = records.read(step.name)
    receipt: ReceiptAPI | None = None
    code = code_at(step.address)
    if code and recorded and recorded.address == step.address:
        return "unchanged"
    if not code:
        receipt = calls.send(sender, CREATE2_DEPLOYER, step.salt + step.init_code, what=f"deploy {step.name}")
        code = code_at(step.address)
        if not code:
            raise NodeError(
                f"{step.name} was deployed by {receipt.txn_hash} and the node shows no code at "
                f"{step.address}: wait until the node has caught up and run this again."
            )
    origin = (receipt.txn_hash, receipt.block_number) if receipt else _find_origin(step)
    records.write(_record(step, code, *origin))
    return "deployed" if receipt else "found"


def _record(step: Step, code: bytes, transaction_hash: str | None, block_number: int) -> Record:
    return Record(
        name=step.name,
        address=step.address,
        abi=step.built.abi,
        args=step.args,
        transaction_hash=transaction_hash,
        block_number=block_number,
        salt="0x" + step.salt.hex(),
        bytecode_hash="0x" + keccak(step.init_code).hex(),
        code_hash="0x" + keccak(code).hex(),
        provenance=Provenance.of(step.built),
    )


def _find_origin(step: Step) -> tuple[str | None, int]:
    """Transaction and block that made a contract, as far as the node's history tells."""
    made_by = step.salt + step.init_code
    try:
        with calls.node() as web3:
            low, high = 0, web3.eth.block_number
            while low < high:
                middle = (low + high) // 2
                if web3.eth.get_code(to_checksum_address(step.address), BlockNumber(middle)):
                    high = BlockNumber(middle)
                else:
                    low = middle + 1
            for found in web3.eth.get_block(BlockNumber(low), full_transactions=True)["transactions"]:
                transaction = cast("TxData", found)
                if bytes(transaction["input"]) == made_by:
                    return "0x" + bytes(transaction["hash"]).hex(), low
            return None, low
    except NodeError:
        return None, 0


# ---- what is checked


def _check_same(steps: tuple[Step, ...], records: Records) -> None:
    for step in steps:
        recorded = records.read(step.name)
        if recorded and recorded.address != step.address and code_at(recorded.address):
            raise DeploymentChangedError(
                f"{step.name} is recorded at {recorded.address} and would now be at {step.address}, because "
                "the code, the salt or the first admin is another: deployed contracts never change, so check "
                f"out the version that was deployed ({recorded.provenance.version}), or make a new suite "
                "beside the old one with --replace."
            )


def _check_record(record: Record) -> None:
    try:
        init_code = artifact(record.name).init_code(*record.args)
    except Exception as error:  # eth_abi has a dozen ways of saying that arguments do not fit
        raise RecordError(f"The record of {record.name} has arguments that do not fit ({error}).") from error
    if "0x" + keccak(init_code).hex() != record.bytecode_hash:
        raise DriftError(
            f"{record.name} was deployed from another build than this one (version "
            f"{record.provenance.version}, commit {record.provenance.commit or 'unknown'}): check it out, "
            "or on a local chain start over with `make down` and `make up`."
        )
    if create2_address(bytes.fromhex(record.salt.removeprefix("0x")), init_code) != record.address:
        raise RecordError(
            f"The record of {record.name} does not lead to its address {record.address}: restore it from "
            "version control, or remove it and run `ape run deploy` again."
        )


# ---- what the alliance lists


def _list(
    sender: AccountAPI,
    steps: tuple[Step, ...],
    currencies: tuple[str, ...],
    progress: Callable[[str, str], None],
) -> tuple[Act, ...]:
    addresses = {step.name: step.address for step in steps}
    registry = contract_at("BrandRegistry", addresses["BrandRegistry"])
    wanted = [(kind, addresses[name]) for kind, name in LISTED if name in addresses]
    wanted += [(List.CURRENCY, to_checksum_address(currency)) for currency in currencies]
    left = []
    for kind, account in wanted:
        what = f"list {account} as {kind.name.lower().replace('_', ' ')}"
        if registry.isListed(int(kind), account):
            progress(what, "unchanged")
        elif not _may_list(sender, addresses["AccessManager"], registry):
            data = bytes(registry.setListed.encode_input(int(kind), account, True))
            left.append(Act(what, str(registry.address), data))
            progress(what, "left to the alliance")
        else:
            calls.transact(sender, registry, "setListed", int(kind), account, True)
            progress(what, "done")
    return tuple(left)


def _may_list(sender: AccountAPI, manager: str, registry: ContractInstance) -> bool:
    alliance = contract_at("AccessManager", manager)
    selector = artifact("BrandRegistry").selector("setListed")
    immediate, _ = alliance.canCall(sender.address, registry.address, selector)
    return bool(immediate)
