"""Sending transactions through Ape: tried out first, refused in words, and kept from mistakes with keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

import requests
from ape.api.accounts import ImpersonatedAccount
from ape.exceptions import ApeException, ContractLogicError, SignatureError
from ape.utils.basemodel import ManagerAccessMixin as Ape
from eth_abi.abi import decode
from eth_account import Account
from eth_account.hdaccount import key_from_seed, seed_from_mnemonic
from eth_typing import BlockNumber, Hash32
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from web3.exceptions import ContractLogicError as Web3ContractLogicError
from web3.exceptions import TransactionNotFound, Web3Exception, Web3RPCError

from symbolon.addresses import checksum_address, parse_address
from symbolon.anvil import MNEMONIC
from symbolon.exceptions import (
    NoContractError,
    NodeNonsenseError,
    NodeRefusedError,
    NodeUnreachableError,
    NoFundsError,
    SymbolonError,
)
from symbolon.measures import Asked
from symbolon.reverts import Refusal, RefusedError, plainly, understand
from symbolon.signing import Domain
from symbolon.units import ether

if TYPE_CHECKING:
    from ape.api import AccountAPI, ProviderAPI, ReceiptAPI, TransactionAPI
    from ape.contracts import ContractInstance
    from ape.types import ContractLog
    from ethpm_types.abi import MethodABI
    from web3 import Web3
    from web3.types import FilterParams, TxParams

GAS_MARGIN = 1.2
"""How much more gas is allowed than the trial needed: the chain moves on between the two."""

TX_GAS_CAP = 2**24
"""The most gas a transaction can have (EIP-7825)."""

IN_VAIN = Refusal(
    "",
    {},
    "The transaction was mined and did nothing, although its trial went well: look at what changed "
    "meanwhile, and try again.",
)
"""What is said of a contract that refuses in a block and gives no reason when asked again."""

Question = tuple["ContractInstance", str, Sequence[object]]
"""A view of a contract and what it is given."""

_Asked = tuple[str, bytes, str]
"""A call: to whom, with what, and from whom, empty if from nobody."""

_READ_TOGETHER = 100  # views in one request
_DEVELOPMENT_NODES = ("anvil", "hardhat", "ganache", "eth-tester", "ethereumtester")
_PUBLIC_KEYS = 100  # more than anybody starts a development node with

_watchers: ContextVar[tuple[Callable[[str, ReceiptAPI], None], ...]] = ContextVar("watchers", default=())
_drafting: ContextVar[bool] = ContextVar("drafting", default=False)
_as_of: ContextVar[int | None] = ContextVar("as_of", default=None)


class HasAddress(Protocol):
    """An account, a contract, a token."""

    @property
    def address(self) -> str:
        """Where it is."""


AccountLike = str | HasAddress
"""An address, or something that has one."""


class PublicKeyError(SymbolonError):
    """An account whose key everybody has was about to sign on a live chain."""


class NotSignedError(SymbolonError):
    """The account's owner did not sign."""


def address_of(account: AccountLike) -> str:
    """The checksummed address. Raises AddressError for a text that is none, or has a wrong checksum."""
    return checksum_address(parse_address(account if isinstance(account, str) else str(account.address)))


def transact(
    sender: AccountAPI,
    contract: ContractInstance,
    method: str,
    *arguments: object,
) -> ReceiptAPI:
    """Have `sender` call a method of a contract, and wait until that is confirmed.

    The call is tried first: a refusal costs nothing. Raises RefusedError with the contract's reason,
    NoFundsError, PublicKeyError, NotSignedError.
    """
    data = bytes(getattr(contract, method).encode_input(*arguments))
    return send(sender, str(contract.address), data, what=f"{contract.contract_type.name}.{method}")


@dataclass(frozen=True)
class Draft:
    """A call that would have been sent: `what` names it."""

    what: str
    to: str
    data: bytes


class _DraftedError(Exception):
    """Carries a draft out of the act that was about to send it."""

    def __init__(self, made: Draft) -> None:
        self.made = made


def draft(act: Callable[..., object], *arguments: object, sender: str, **named: object) -> Draft:
    """The call that an act of the SDK would send first, for whoever signs elsewhere; nothing is sent.

    So there is one place that knows how each call is put together, whether it is sent or only planned.
    """
    token = _drafting.set(True)
    try:
        act(*arguments, sender=_Named(sender), **named)
    except _DraftedError as drafted:
        return drafted.made
    finally:
        _drafting.reset(token)
    raise AssertionError(f"{act} sends nothing")


@dataclass(frozen=True)
class _Named:
    """An account of which only the address is known."""

    address: str


def send(sender: AccountAPI, to: str, data: bytes, *, what: str) -> ReceiptAPI:
    """As `transact`, for a call that is encoded already; `what` names it for those who watch."""
    if _drafting.get():
        raise _DraftedError(Draft(what, to, data))
    refuse_public_key(str(sender.address))
    provider = Ape.provider
    gas = estimate(str(sender.address), to, data)
    ecosystem = provider.network.ecosystem
    limit = max(gas, min(int(gas * GAS_MARGIN), TX_GAS_CAP))
    with node():
        transaction = ecosystem.create_transaction(
            sender=sender.address, receiver=to, data=data, gas_limit=limit, value=0
        )
        transaction = provider.prepare_transaction(transaction)
        transaction.chain_id = chain_id()  # for a local node, Ape would take the one it expects
        _check_funds(sender, limit * int(transaction.max_fee or 0))
        receipt = _sign_and_send(sender, transaction)
    for watcher in _watchers.get():
        watcher(what, receipt)
    return receipt


def _sign_and_send(sender: AccountAPI, transaction: TransactionAPI) -> ReceiptAPI:
    if isinstance(sender, ImpersonatedAccount):
        return sender.call(transaction)
    transaction.nonce = sender.nonce
    signed = sender.sign_transaction(transaction)
    if signed is None:
        raise NotSignedError("The transaction was not signed, so nothing was sent.")
    try:
        return Ape.provider.send_transaction(signed)
    except ApeException as error:
        if not _was_in_vain(bytes(signed.txn_hash)):
            raise
        data = _revert_data(error)
        asked = (str(transaction.receiver), bytes(transaction.data), str(sender.address))
        raise (_refused(data, asked) if data else RefusedError(IN_VAIN)) from error


def _was_in_vain(transaction: bytes) -> bool:
    """Whether a transaction was mined and did nothing."""
    try:
        return int(Ape.provider.web3.eth.get_transaction_receipt(Hash32(transaction))["status"]) == 0
    except TransactionNotFound:
        return False


def estimate(sender: str, to: str, data: bytes) -> int:
    """Gas that a call would use now. Raises RefusedError where it would be refused."""
    call = {"from": to_checksum_address(sender), "to": to_checksum_address(to), "data": "0x" + data.hex()}
    # A development node makes no block until it has to, so that its latest one can be hours old.
    block: Literal["pending", "latest"] = "pending" if Ape.provider.network.is_dev else "latest"
    with node((to, data, sender)) as web3:
        return int(web3.eth.estimate_gas(cast("TxParams", call), block))


def read(contract: ContractInstance, method: str, *arguments: object) -> Any:  # noqa: ANN401 (the method's)
    """What a view of a contract returns, with its failures put in words. Raises NoContractError.

    Asked past Ape, which would look at the contract's code first, and on a refusal would trace the call, show
    that to whoever reads along and lose what the contract said.
    """
    data = bytes(getattr(contract, method).encode_input(*arguments))
    with node((str(contract.address), data, "")) as web3:
        call = cast("TxParams", {"to": contract.address, "data": "0x" + data.hex()})
        returned = web3.eth.call(call, _block())
        if not returned:
            raise NoContractError(f"There is no contract at {contract.address}: check the network.")
        answer = Ape.provider.network.ecosystem.decode_returndata(_view(contract, method), returned)
    return answer[0] if isinstance(answer, tuple) and len(answer) == 1 else answer


def read_many(questions: Sequence[Question], *, block: int) -> list[tuple[Any, ...]]:
    """What views return as of one block, in their order, asked together; plain values, structs as tuples."""
    answers: list[tuple[Any, ...]] = []
    for first in range(0, len(questions), _READ_TOGETHER):
        some = questions[first : first + _READ_TOGETHER]
        # To encode a call, Ape may ask the node for its chain, and in the midst of a batch gets no answer.
        asked = [
            {"to": contract.address, "data": bytes(getattr(contract, method).encode_input(*arguments))}
            for contract, method, arguments in some
        ]
        with node() as web3, web3.batch_requests() as batch:
            for call in asked:
                batch.add(web3.eth.call(cast("TxParams", call), BlockNumber(block)))
            returned = batch.execute()
        answers += [
            decode(_outputs(contract, method), bytes(cast("bytes", raw)))
            for (contract, method, _), raw in zip(some, returned, strict=True)
        ]
    return answers


def _outputs(contract: ContractInstance, method: str) -> list[str]:
    return [str(collapse_if_tuple(each.model_dump())) for each in _view(contract, method).outputs]


def _view(contract: ContractInstance, method: str) -> MethodABI:
    found: MethodABI
    (found,) = (each for each in contract.contract_type.view_methods if each.name == method)
    return found


def domain_of(contract: ContractInstance) -> Domain:
    """What signatures for a contract are bound to (ERC-5267)."""
    found = read(contract, "eip712Domain")
    return Domain(
        str(found.name), int(found.chainId), address_of(found.verifyingContract), str(found.version)
    )


@contextmanager
def as_of(block: int | None) -> Iterator[None]:
    """Have everything that is read in the `with` block be as it was at a block; None is the latest."""
    token = _as_of.set(block)
    try:
        yield
    finally:
        _as_of.reset(token)


def _block() -> BlockNumber | Literal["latest"]:
    found = _as_of.get()
    return "latest" if found is None else BlockNumber(found)


def block_number() -> int:
    """The connected chain's latest block, or the one as of which is read."""
    found = _as_of.get()
    if found is not None:
        return found
    with node() as web3:
        return int(web3.eth.block_number)


def chain_id() -> int:
    """The connected chain's number, as its node tells it."""
    with node() as web3:
        return int(web3.eth.chain_id)


def confirmations() -> int:
    """Blocks after which Ape counts a transaction of the connected network as final; at least 1."""
    return max(1, int(Ape.provider.network.required_confirmations))


def block_time(number: int) -> int:
    """When a block was made, in seconds."""
    with node() as web3:
        return int(web3.eth.get_block(BlockNumber(number))["timestamp"])


def now() -> int:
    """The connected chain's clock, in seconds: what a block made now would carry."""
    if (found := _as_of.get()) is not None:
        return block_time(found)
    with node() as web3:
        try:
            return int(web3.eth.get_block("pending")["timestamp"])
        except (Web3Exception, KeyError):  # not every node tells
            return int(web3.eth.get_block("latest")["timestamp"])


def events(
    contract: ContractInstance,
    start_block: int,
    *names: str,
    about: AccountLike | bytes | Sequence[bytes] | None = None,
    until: int | None = None,
) -> Iterator[ContractLog]:
    """Every event of these names that a contract has emitted since a block, oldest first.

    They are all read up to the same block, the latest if `until` names none, so that none is missing that
    another rests on. `about` leaves out those whose first indexed fact is something else: an address, 32
    bytes, or any of several. Nodes limit how much one question may cover: the stretch of blocks is halved
    until they answer.
    """
    abis = [getattr(contract, name).abi for name in names]
    topics: list[list[str]] = [["0x" + keccak(text=abi.selector).hex() for abi in abis]]
    if about is not None:
        topics.append(["0x" + word.hex() for word in _words(about)])
        if not topics[-1]:  # which would mean: anything
            return
    ecosystem = Ape.provider.network.ecosystem
    last = block_number() if until is None else until
    first, stretch = start_block, last + 1
    while first <= last:
        to = min(first + stretch - 1, last)
        query = {"address": contract.address, "topics": topics, "fromBlock": first, "toBlock": to}
        try:
            with node() as web3:
                logs = web3.eth.get_logs(cast("FilterParams", query))
        except NodeRefusedError:
            if stretch == 1:
                raise
            stretch = max(1, (to - first + 1) // 2)
            continue
        yield from ecosystem.decode_logs([dict(each) for each in logs], *abis)
        first = to + 1


def _words(about: AccountLike | bytes | Sequence[bytes]) -> list[bytes]:
    if isinstance(about, bytes):
        return [about]
    if isinstance(about, str) or hasattr(about, "address"):
        return [parse_address(address_of(cast("AccountLike", about))).rjust(32, b"\0")]
    return list(about)


@dataclass(frozen=True)
class SignedBytes:
    """A signed transaction and its hash."""

    raw_transaction: bytes
    hash: bytes


class ApeSigner:
    """Lets an account of Ape sign for `symbolon.sender`, which knows nothing of Ape.

    A bare address has a say in what would be sent, and signs nothing.
    """

    def __init__(self, account: AccountAPI | str) -> None:
        self._account = account
        self.address = address_of(account)

    def sign_transaction(self, transaction_dict: dict[str, Any]) -> SignedBytes:
        """Sign a transaction given in JSON-RPC's terms. Raises NotSignedError, PublicKeyError."""
        if isinstance(self._account, str):
            raise NotSignedError(f"There is no key for {self.address} here.")
        refuse_public_key(self.address)
        fields = {**transaction_dict, "sender": self.address}
        transaction = Ape.provider.network.ecosystem.create_transaction(**fields)
        signed = self._account.sign_transaction(transaction)
        if signed is None:
            raise NotSignedError("The transaction was not signed, so it was not sent.")
        raw = bytes(signed.serialize_transaction())
        return SignedBytes(raw, keccak(raw))


@contextmanager
def watched(watcher: Callable[[str, ReceiptAPI], None]) -> Iterator[None]:
    """Have every transaction of the `with` block shown to `watcher`, with its name and its receipt."""
    token = _watchers.set((*_watchers.get(), watcher))
    try:
        yield
    finally:
        _watchers.reset(token)


def is_rehearsal(provider: ProviderAPI) -> bool:
    """Whether nothing is at stake: local or a fork by Ape's name, and a development node by its own."""
    if not provider.network.is_dev:
        return False
    with node() as web3:
        version = str(web3.client_version).lower()
    return any(name in version for name in _DEVELOPMENT_NODES)


def refuse_public_key(address: str) -> None:
    """Raise PublicKeyError if everybody has the key of `address` and the chain is live."""
    if not is_rehearsal(Ape.provider) and address in public_addresses():
        raise PublicKeyError(
            f"{address} is one of the well-known development accounts, whose key everybody has, and "
            f"{Ape.provider.network.name} is a live chain: use an account of your own "
            "(`ape accounts generate`)."
        )


@cache
def public_addresses() -> frozenset[str]:
    """The accounts that Anvil, Hardhat and Ape share by default."""
    seed = seed_from_mnemonic(MNEMONIC, "")
    keys = (key_from_seed(seed, f"m/44'/60'/0'/0/{index}") for index in range(_PUBLIC_KEYS))
    return frozenset(str(Account.from_key(key).address) for key in keys)


def _check_funds(sender: AccountAPI, most: int) -> None:
    balance = int(sender.balance)
    if balance < most:
        raise NoFundsError(
            f"{sender.address} holds {ether(balance)} ETH and this may cost up to {ether(most)} ETH: send it "
            f"some ETH on {Ape.provider.network.name} and try again."
        )


@contextmanager
def node(asked: _Asked | None = None) -> Iterator[Web3]:
    """The connected node; what Ape, web3 and the network throw meanwhile comes out as sentences.

    `asked` is the call that is about to be made, so that a refusal's amounts are told in their tokens.
    """
    try:
        yield Ape.provider.web3
    except SymbolonError:
        raise
    except (Web3ContractLogicError, ContractLogicError) as error:
        raise _refused(_revert_data(error), asked) from error
    except SignatureError as error:
        raise NotSignedError(f"The transaction was not signed, so nothing was sent: {error}.") from error
    except Web3RPCError as error:
        if data := _revert_data(error):
            raise _refused(data, asked) from error
        reason = (error.rpc_response or {}).get("error", {}).get("message") or str(error)
        raise NodeRefusedError(f"The node refused: {reason}.", reason=str(reason)) from error
    except requests.exceptions.ConnectionError as error:
        raise NodeUnreachableError(
            f"The node of {_network()} does not answer: check its address and that it runs."
        ) from error
    except requests.exceptions.RequestException as error:
        raise NodeNonsenseError(
            f"What answers for {_network()} is not an Ethereum node ({error}): check its address."
        ) from error
    except (Web3Exception, ValueError) as error:
        raise NodeNonsenseError(
            f"The node of {_network()} gave an answer that makes no sense ({error}): check its address."
        ) from error
    except ApeException as error:
        raise NodeRefusedError(f"{str(error).rstrip('.')}.", reason=str(error)) from error


def _refused(data: bytes, asked: _Asked | None) -> RefusedError:
    """What a contract said to a call."""
    words = Asked(Ape.provider.web3, *asked).words if asked else plainly
    return RefusedError(understand(data, words))


def _network() -> str:
    provider = Ape.network_manager.active_provider
    return provider.network.name if provider else "the network"


def _revert_data(error: BaseException) -> bytes:
    """What a reverted call returned, wherever in the chain of errors it is kept."""
    seen: BaseException | None = error
    while seen is not None:
        for value in (getattr(seen, "data", None), *_rpc_data(seen)):
            if isinstance(value, str) and value.startswith("0x"):
                return bytes.fromhex(value[2:])
        seen = getattr(seen, "base_err", None) or seen.__cause__
    return b""


def _rpc_data(error: BaseException) -> tuple[Any, ...]:
    response = getattr(error, "rpc_response", None) or {}
    found = response.get("error", {}).get("data")
    return (found.get("data"), found.get("result")) if isinstance(found, dict) else (found,)
