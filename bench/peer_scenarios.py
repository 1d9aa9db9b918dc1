"""The others: what people would use instead, from the packages they would install.

Compiled with our own settings through the wrappers in `bench/peers/`, or, for thirdweb, as published.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from bench import artefacts, claims, escrows, exchanges, lists
from bench.chain import Chain, Receipt, account, calldata
from bench.floors import AMOUNT
from bench.scenarios import (
    TOKEN_NAME,
    TOKEN_SYMBOL,
    Contender,
    Cost,
    TokenWorld,
    add_bulk_mint,
    add_mints,
    add_transfers,
    in_use,
)

MINT = "mint(address,uint256)"
MINT_MANY = "mintMany(address[],uint256[])"
CREATE = "create(bytes32,string,string)"
THIRDWEB_CREATE = "deployProxyByImplementation(address,bytes,bytes32)"
THIRDWEB_MINT = "mintTo(address,uint256)"
FORWARDER = account("trusted forwarder")


def everyone() -> Sequence[Contender[Any]]:
    """All peers, in the order in which they are measured."""
    return [
        _solady(),
        _cloned(_name("solady", "ERC20, cloned"), "SoladyToken", "SoladyFactory"),
        _openzeppelin(),
        _cloned(
            _name("@openzeppelin/contracts-upgradeable", "ERC20Permit, cloned"),
            "OpenZeppelinToken",
            "OpenZeppelinFactory",
        ),
        _thirdweb(),
        _airdrop(),
        *exchanges.everyone(),
        *escrows.everyone(),
        *claims.everyone(),
        *lists.everyone(),
    ]


def _solady() -> Contender[TokenWorld]:
    """Solady's ERC-20, owner mints, deployed in full."""

    def set_up(chain: Chain) -> TokenWorld:
        owner = account("owner")
        token = chain.deploy(owner, artefacts.peer("SoladyToken", "SoladyToken"))
        chain.call(owner, token, "initialize(address,string,string)", owner, TOKEN_NAME, TOKEN_SYMBOL)
        return in_use(chain, TokenWorld(token, owner), MINT)

    return _with_token_scenarios(Contender(_name("solady", "ERC20"), set_up))


def _openzeppelin() -> Contender[TokenWorld]:
    """OpenZeppelin's ERC-20 with permit, owner mints, deployed in full."""

    def set_up(chain: Chain) -> TokenWorld:
        owner = account("owner")
        creation = artefacts.peer("OpenZeppelinToken", "OpenZeppelinToken")
        token = chain.deploy(
            owner, creation, ("address", "string", "string"), owner, TOKEN_NAME, TOKEN_SYMBOL
        )
        return in_use(chain, TokenWorld(token, owner), MINT)

    return _with_token_scenarios(Contender(_name("@openzeppelin/contracts", "ERC20Permit"), set_up))


def _cloned(name: str, file: str, factory_name: str) -> Contender[TokenWorld]:
    """A token behind a minimal clone, made and initialised by a factory in one call."""

    def set_up(chain: Chain) -> TokenWorld:
        owner = account("owner")
        factory = chain.deploy(account("deployer"), artefacts.peer(file, factory_name))
        made = chain.call(owner, factory, CREATE, keccak(b"first"), TOKEN_NAME, TOKEN_SYMBOL)
        token = _address(made.logs[-1]["topics"][1])
        return in_use(chain, TokenWorld(token, owner, factory), MINT)

    contender = _with_token_scenarios(Contender(name, set_up))

    @contender.scenario("create_token")
    def create_token(chain: Chain, world: TokenWorld) -> Cost:
        made = chain.call(world.minter, world.factory, CREATE, keccak(b"another"), TOKEN_NAME, TOKEN_SYMBOL)
        return Cost(made.gas)

    return contender


def _thirdweb() -> Contender[TokenWorld]:
    """thirdweb's TokenERC20 as its users get it: a clone made by its factory and entered in its registry."""
    creation_of = artefacts.thirdweb

    def create(chain: Chain, owner: str, factory: str, salt: bytes) -> Receipt:
        implementation = chain.read(
            factory, "getImplementation(bytes32,uint256)", "address", b"TokenERC20".ljust(32, b"\0"), 1
        )
        start = calldata(
            "initialize(address,string,string,string,address[],address,address,uint256)",
            *(owner, TOKEN_NAME, TOKEN_SYMBOL, "", [FORWARDER], owner, owner, 0),
        )
        return chain.call(owner, factory, THIRDWEB_CREATE, implementation, start, salt)

    def set_up(chain: Chain) -> TokenWorld:
        owner, deployer = account("owner"), account("deployer")
        registry = chain.deploy(deployer, creation_of("TWRegistry"), ["address"], FORWARDER)
        factory = chain.deploy(
            deployer, creation_of("TWFactory"), ["address", "address"], FORWARDER, registry
        )
        token_code = chain.deploy(deployer, creation_of("TokenERC20"))
        chain.call(deployer, registry, "grantRole(bytes32,address)", keccak(text="OPERATOR_ROLE"), factory)
        chain.call(deployer, factory, "addImplementation(address)", token_code)
        made = create(chain, owner, factory, keccak(b"first"))
        (deployed,) = (log for log in made.logs if log["address"] == factory.lower())
        token = to_checksum_address("0x" + deployed["data"][26:66])
        return in_use(chain, TokenWorld(token, owner, factory), THIRDWEB_MINT)

    contender = Contender(_name("@thirdweb-dev/contracts", "TokenERC20, cloned, published bytecode"), set_up)
    add_transfers(contender)
    add_mints(contender, THIRDWEB_MINT)

    @contender.scenario("create_token")
    def create_token(chain: Chain, world: TokenWorld) -> Cost:
        return Cost(create(chain, world.minter, world.factory, keccak(b"another")).gas)

    return contender


def _airdrop() -> Contender[TokenWorld]:
    """thirdweb's Airdrop behind a clone, handing out Solady's ERC-20, the cheapest token to move."""

    def set_up(chain: Chain) -> TokenWorld:
        owner = account("owner")
        token = chain.deploy(owner, artefacts.peer("SoladyToken", "SoladyToken"))
        chain.call(owner, token, "initialize(address,string,string)", owner, TOKEN_NAME, TOKEN_SYMBOL)
        chain.call(owner, token, MINT, owner, 10_000 * AMOUNT)
        code = chain.deploy(owner, artefacts.thirdweb("Airdrop"))
        airdrop = chain.deploy(owner, artefacts.clone_of(code))
        chain.call(owner, airdrop, "initialize(address,string)", owner, "")
        chain.call(owner, token, "approve(address,uint256)", airdrop, (1 << 256) - 1)
        return TokenWorld(token, owner, airdrop)

    def hand_out(chain: Chain, world: TokenWorld, recipients: list[str]) -> Receipt:
        rows = [(recipient, AMOUNT) for recipient in recipients]
        return chain.call(
            world.minter, world.factory, "airdropERC20(address,(address,uint256)[])", world.token, rows
        )

    contender = Contender(_name("@thirdweb-dev/contracts", "Airdrop, cloned, published bytecode"), set_up)
    add_bulk_mint(contender, packed=hand_out)
    return contender


def _with_token_scenarios(contender: Contender[TokenWorld]) -> Contender[TokenWorld]:
    add_transfers(contender)
    add_mints(contender, MINT)
    add_bulk_mint(contender, loop=_mint_in_a_loop)
    return contender


def _mint_in_a_loop(chain: Chain, world: TokenWorld, recipients: list[str]) -> Receipt:
    return chain.call(world.minter, world.token, MINT_MANY, recipients, [AMOUNT] * len(recipients))


def _address(word: str) -> str:
    return to_checksum_address("0x" + word[-40:])


def _name(package: str, what: str) -> str:
    return f"{package} {artefacts.version_of(package)} {what}"
