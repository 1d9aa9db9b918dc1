"""The ABI, prepared once for each function, so that a step costs microseconds.

Addresses are 20 bytes, structs are tuples, and whatever makes bytes of itself can stand for `bytes`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_utils.abi import collapse_if_tuple

from symbolon.addresses import keccak
from symbolon.artifacts import Abi, artifact, signature
from symbolon.reference import Contract, Event, RevertError
from symbolon.reference.rewards import Call

_SPLIT_SIGNATURE = ["uint8", "bytes32", "bytes32"]
_STATIC_WORDS = re.compile(r"u?int\d+|address|bool|bytes\d+")


@dataclass(frozen=True)
class Kind:
    """How a type is written: whether its length varies, its bytes in the head, and the writing itself."""

    dynamic: bool
    head: int
    write: Callable[[Any], bytes]


@dataclass(frozen=True)
class Function:
    """A function of a contract.

    Attributes:
        encode: makes a call.
        encode_result: makes what it would return.
        inputs: the types of its arguments, structs by name.
    """

    name: str
    selector: bytes
    encode: Callable[[Sequence[Any]], bytes]
    encode_result: Callable[[Any], bytes]
    is_view: bool
    inputs: tuple[str, ...]


class Encoded(Call):
    """One of many acts in a call, with the bytes that a contract is given."""

    contract: str

    def __bytes__(self) -> bytes:
        return function(self.contract, self.method).encode(self.arguments)


def encoded(contract: Contract, method: str, *arguments: Any) -> Encoded:
    """An act at a contract, for its `multicall`."""
    call = Encoded(method, arguments)
    call.contract = type(contract).__name__
    return call


Log = tuple[bytes, tuple[bytes, ...], bytes]
"""Contract, topics, data."""


@cache
def function(contract: str, name: str, *, split: bool = False) -> Function:
    """A function by its name in the model; `split` takes a signature as v, r and s."""
    return functions(contract)[name, split]


@cache
def functions(contract: str) -> dict[tuple[str, bool], Function]:
    """Every function of a contract, by its name in the model and whether it splits a signature."""
    found = {}
    for entry in artifact(contract).abi:
        if entry["type"] == "function":
            inputs = tuple(each["internalType"].split(".")[-1] for each in entry["inputs"])
            split = list(inputs[-3:]) == _SPLIT_SIGNATURE
            made = _function(entry, inputs, split=split)
            found[made.name, split] = made
    return found


def event_log(contract_name: str, event: Event) -> Log:
    """The log that an event is written as."""
    topic, indexed, plain = _event(contract_name, event.name)
    topics = (topic, *(kind.write(event.facts[place]) for place, kind in indexed))
    places, write = plain
    return event.contract, topics, write([event.facts[place] for place in places])


def refusal(error: RevertError) -> bytes:
    """What a call returns that is refused so."""
    if not error.name:
        return b""
    selector, write = _error(error.name)
    return selector + write(error.facts)


@cache
def selectors() -> list[bytes]:
    """Of every function of the suite."""
    return [each.selector for contract in SUITE for each in functions(contract).values()]


def explain(data: bytes) -> str:
    """A refusal in words, for messages."""
    if not data:
        return "refused without a reason"
    for contract in CONTRACTS:
        for entry in artifact(contract).abi:
            if entry["type"] == "error" and keccak(signature(entry).encode())[:4] == data[:4]:
                types = [collapse_if_tuple(each) for each in entry["inputs"]]
                return f"{entry['name']}{decode(types, data[4:])}"
    return "0x" + data.hex()


SUITE = (
    "AccessManager",
    "BrandRegistry",
    "LoyaltyTokenFactory",
    "LoyaltyToken",
    "ObligationRegistry",
    "Redemptions",
    "Bonds",
    "Orders",
    "Pools",
    "Settlements",
    "Swaps",
    "EarnDistributor",
    "PurchaseRights",
    "GroupDeals",
    "GroupPurchaseEscrow",
    "BargainDeals",
    "Bargains",
    "Haggles",
    "Cuts",
    "ReferralRewards",
    "CampaignRewards",
    "Consent",
)


def own_errors(contracts: Sequence[str]) -> set[str]:
    """The errors that contracts of ours declare, not those of the libraries they use."""
    entries = (entry for contract in contracts for entry in artifact(contract).abi)
    return {each["name"] for each in entries if each["type"] == "error" and "_" in each["name"]}


CONTRACTS = (*SUITE, "MockDollar", "GuardedDollar", "Puppet")


def snake(name: str) -> str:
    """The model's name of a function: "setProfileURI" is set_profile_uri."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


# ---- types


def _kind(entry: dict[str, Any], type_: str | None = None) -> Kind:
    type_ = type_ or entry["type"]
    if type_.endswith("[]"):
        return _array(_kind(entry, type_[:-2]))
    if fixed := re.fullmatch(r"(.+)\[(\d+)\]", type_):
        return _tuple([_kind(entry, fixed[1])] * int(fixed[2]))
    if type_ == "tuple":
        made = _tuple([_kind(each) for each in entry["components"]])
        is_signed = [each["name"] for each in entry["components"]][-2:] == ["r", "vs"]
        return _split_compact(made) if is_signed else made
    if type_ in ("bytes", "string"):
        return Kind(True, 32, _write_bytes if type_ == "bytes" else _write_string)
    assert _STATIC_WORDS.fullmatch(type_), type_
    return Kind(False, 32, _write_left if re.fullmatch(r"bytes\d+", type_) else _write_word)


def _tuple(kinds: list[Kind]) -> Kind:
    write = _tuple_writer(kinds)
    dynamic = any(kind.dynamic for kind in kinds)
    return Kind(dynamic, 32 if dynamic else sum(kind.head for kind in kinds), write)


def _split_compact(kind: Kind) -> Kind:
    """Of a struct that ends with a signature of 64 bytes in its two parts, where the model has one field."""

    def write(values: Sequence[Any]) -> bytes:
        *fields, signature = values
        raw = bytes(signature).ljust(64, b"\0")
        return kind.write((*fields, raw[:32], raw[32:64]))

    return Kind(kind.dynamic, kind.head, write)


def _array(kind: Kind) -> Kind:
    def write(values: Sequence[Any]) -> bytes:
        return len(values).to_bytes(32) + _tuple_writer([kind] * len(values))(values)

    return Kind(True, 32, write)


def _tuple_writer(kinds: list[Kind]) -> Callable[[Sequence[Any]], bytes]:
    writers = [kind.write for kind in kinds]
    if all(write is _write_word for write in writers):

        def write_words(values: Sequence[Any]) -> bytes:
            assert len(values) == len(writers), values
            return b"".join(
                [
                    value.to_bytes(32, signed=value < 0) if isinstance(value, int) else value.rjust(32, b"\0")
                    for value in values
                ]
            )

        return write_words
    if not any(kind.dynamic for kind in kinds):

        def write_static(values: Sequence[Any]) -> bytes:
            return b"".join([write(value) for write, value in zip(writers, values, strict=True)])

        return write_static
    heads = sum(kind.head for kind in kinds)

    def write_dynamic(values: Sequence[Any]) -> bytes:
        assert len(values) == len(kinds), values
        head, tail, end = [], [], heads
        for kind, value in zip(kinds, values, strict=True):
            written = kind.write(value)
            if kind.dynamic:
                head.append(end.to_bytes(32))
                tail.append(written)
                end += len(written)
            else:
                head.append(written)
        return b"".join(head + tail)

    return write_dynamic


def _write_word(value: int | bytes) -> bytes:
    if isinstance(value, int):
        return value.to_bytes(32, signed=value < 0)
    return value.rjust(32, b"\0")


def _write_left(value: bytes) -> bytes:
    return value.ljust(32, b"\0")


def _write_bytes(value: Any) -> bytes:
    raw = bytes(value)
    return len(raw).to_bytes(32) + raw + bytes(-len(raw) % 32)


def _write_string(value: str) -> bytes:
    return _write_bytes(value.encode())


# ---- entries of an ABI


def _function(entry: dict[str, Any], inputs: tuple[str, ...], *, split: bool) -> Function:
    selector = keccak(signature(entry).encode())[:4]
    write = _tuple_writer([_kind(each) for each in entry["inputs"]])

    def encode(values: Sequence[Any]) -> bytes:
        if split:
            raw = bytes(values[-1])
            values = (*values[:-1], raw[64], raw[:32], raw[32:64])
        return selector + write(values)

    return Function(
        name=snake(entry["name"]),
        selector=selector,
        encode=encode,
        encode_result=_result_writer([_kind(each) for each in entry["outputs"]]),
        is_view=entry["stateMutability"] in ("view", "pure"),
        inputs=inputs,
    )


def _result_writer(outputs: list[Kind]) -> Callable[[Any], bytes]:
    write = _tuple_writer(outputs)
    if not outputs:
        return lambda result: b""
    return (lambda result: write((result,))) if len(outputs) == 1 else write


Places = tuple[list[int], Callable[[Sequence[Any]], bytes]]


@cache
def _event(contract: str, name: str) -> tuple[bytes, list[tuple[int, Kind]], Places]:
    (entry,) = (e for e in artifact(contract).abi if e["type"] == "event" and e["name"] == name)
    inputs: Abi = entry["inputs"]
    indexed = [(place, _kind(each)) for place, each in enumerate(inputs) if each["indexed"]]
    plain = [place for place, each in enumerate(inputs) if not each["indexed"]]
    write = _tuple_writer([_kind(inputs[place]) for place in plain])
    return keccak(signature(entry).encode()), indexed, (plain, write)


@cache
def _error(name: str) -> tuple[bytes, Callable[[Sequence[Any]], bytes]]:
    if name == "Panic":
        return keccak(b"Panic(uint256)")[:4], _write_panic
    for contract in CONTRACTS:
        for entry in artifact(contract).abi:
            if entry["type"] == "error" and entry["name"] == name:
                write = _tuple_writer([_kind(each) for each in entry["inputs"]])
                return keccak(signature(entry).encode())[:4], write
    raise AssertionError(f"no contract has an error {name}")


def _write_panic(facts: Sequence[Any]) -> bytes:
    (code,) = facts
    return _write_word(code)
