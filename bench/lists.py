"""Others' Merkle lists of a million members, around plain tokens and around ours.

A contract of OpenZeppelin's or Solady's parts pays a list out of what lies in it (`bench/peers/`), thirdweb's
Airdrop out of what its owner allows it: a proof of 32-byte nodes, a bit or a flag, a transfer. No sums, so
that a list can promise more than there is; no times; nothing set aside for whoever comes late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import sha3  # type: ignore[import-untyped]

from bench import artefacts
from bench.chain import Chain, MeasurementError, account
from bench.claims import tokens
from bench.exchanges import MINT
from bench.floors import AMOUNT, MEMBERS_CREDITED
from bench.scenarios import Contender, Cost

INDEX = 777_777
"""The member's place in the list."""
_CLAIM = "claim(uint256,address,uint256,bytes32[])"
_THIRDWEB_CLAIM = "claimERC20(address,address,uint256,bytes32[])"
_NODE = 32

Call = tuple[object, ...]
"""A function's signature and what it is given."""


@dataclass(frozen=True)
class List:
    """A list that is open, and the calls that claim for the member and for its neighbour in the list."""

    token: str
    contract: str
    member: Call
    neighbour: Call

    def claim(self, chain: Chain, call: Call, who: str) -> int:
        """Anybody claims; returns the gas."""
        held = _balance(chain, self.token, who)
        signature, *what = call
        gas = chain.call(account("relay"), self.contract, str(signature), *what).gas
        if _balance(chain, self.token, who) != held + AMOUNT:
            raise MeasurementError("A place of a list did not pay what it credits.")
        return gas


def everyone() -> Iterable[Contender[List]]:
    """Each kind of list around either token."""
    openzeppelin = f"@openzeppelin/contracts {artefacts.version_of('@openzeppelin/contracts')}, Merkle list"
    solady = f"solady {artefacts.version_of('solady')}, Merkle list"
    package = "@thirdweb-dev/contracts"
    thirdweb = f"{package} {artefacts.version_of(package)} Airdrop, cloned, published bytecode"
    kinds: dict[str, Callable[[Chain, str, str], List]] = {
        openzeppelin: lambda chain, token, _: _list(chain, token, "OpenZeppelinList"),
        solady: lambda chain, token, _: _list(chain, token, "SoladyList"),
        thirdweb: _airdrop,
    }
    for name, open_list in kinds.items():
        for around, make in tokens().items():
            yield _contender(f"{name}, {around}", open_list, make)


def _contender(
    name: str, open_list: Callable[[Chain, str, str], List], make: Callable[[Chain], tuple[str, str]]
) -> Contender[List]:
    def set_up(chain: Chain) -> List:
        token, minter = make(chain)
        opened = open_list(chain, token, minter)
        for holder in (opened.contract, minter):
            chain.call(minter, token, MINT, holder, 10 * AMOUNT)
        for each in (INDEX, INDEX ^ 1):
            chain.call(minter, token, MINT, _member(each), AMOUNT)
        opened.claim(chain, opened.neighbour, _member(INDEX ^ 1))
        return opened

    contender = Contender(name, set_up)

    @contender.scenario("claim_root_1m")
    def claim(chain: Chain, opened: List) -> Cost:
        return Cost(opened.claim(chain, opened.member, _member(INDEX)))

    return contender


def _list(chain: Chain, token: str, contract: str) -> List:
    """One contract a list."""
    tree = _numbered()
    creation = artefacts.peer("MerkleLists", contract)
    address = chain.deploy(account("deployer"), creation, ["address", "bytes32"], token, tree.root)
    member, neighbour = (
        (_CLAIM, each, _member(each), AMOUNT, tree.proof(each)) for each in (INDEX, INDEX ^ 1)
    )
    return List(token, address, member, neighbour)


def _airdrop(chain: Chain, token: str, owner: str) -> List:
    """thirdweb's behind a clone, which pays from its owner's allowance."""
    tree = _named()
    code = chain.deploy(owner, artefacts.thirdweb("Airdrop"))
    address = chain.deploy(owner, artefacts.clone_of(code))
    chain.call(owner, address, "initialize(address,string)", owner, "")
    chain.call(owner, token, "approve(address,uint256)", address, (1 << 256) - 1)
    chain.call(owner, address, "setMerkleRoot(address,bytes32,bool)", token, tree.root, False)
    member, neighbour = (
        (_THIRDWEB_CLAIM, token, _member(each), AMOUNT, tree.proof(each)) for each in (INDEX, INDEX ^ 1)
    )
    return List(token, address, member, neighbour)


# ---- trees


@dataclass(frozen=True)
class Tree:
    """A tree whose parents hash their children in ascending order, as both libraries want them."""

    levels: tuple[bytes, ...]

    @classmethod
    def of(cls, leaves: Iterable[bytes]) -> Tree:
        """Over as many leaves as a power of two."""
        levels = [b"".join(leaves)]
        while len(levels[-1]) > _NODE:
            levels.append(b"".join(_parents(levels[-1])))
        return cls(tuple(levels))

    @property
    def root(self) -> bytes:
        """The root."""
        return self.levels[-1]

    def proof(self, index: int) -> list[bytes]:
        """The nodes beside a leaf's path, from the leaf on."""
        beside = (index >> level ^ 1 for level in range(len(self.levels) - 1))
        return [level[_NODE * at : _NODE * (at + 1)] for level, at in zip(self.levels, beside, strict=False)]


def _parents(level: bytes) -> Iterable[bytes]:
    for at in range(0, len(level), 2 * _NODE):
        left, right = level[at : at + _NODE], level[at + _NODE : at + 2 * _NODE]
        yield sha3.keccak_256(left + right if left < right else right + left).digest()


@cache
def _numbered() -> Tree:
    """Leaves of place, member and amount, hashed twice."""
    hashed, amount = sha3.keccak_256, AMOUNT.to_bytes(32)
    return Tree.of(
        hashed(hashed(index.to_bytes(32) + bytes(12) + _raw(index) + amount).digest()).digest()
        for index in range(MEMBERS_CREDITED)
    )


@cache
def _named() -> Tree:
    """Leaves of member and amount, hashed once."""
    amount = AMOUNT.to_bytes(32)
    return Tree.of(sha3.keccak_256(_raw(index) + amount).digest() for index in range(MEMBERS_CREDITED))


def _raw(index: int) -> bytes:
    if index in (INDEX, INDEX ^ 1):
        return bytes.fromhex(_member(index)[2:])
    digest: bytes = sha3.keccak_256(b"symbolon bench earner %d" % index).digest()
    return digest[:20]


def _member(index: int) -> str:
    return account("member", index)


def _balance(chain: Chain, token: str, of: str) -> int:
    return int(chain.read(token, "balanceOf(address)", "uint256", of))
