"""Our suite as a brand meets it: deployed, a brand admitted and obliged, a manager with a quota."""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from bench import artefacts
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
from symbolon.artifacts import artifact

MINT = "mint(address,uint256)"
MINT_BATCH = "mintBatch(bytes32,uint96,bytes)"
CREATE_TOKEN = "createToken(bytes32,address,address,string,string,uint8)"  # noqa: S105 (a signature)
OBLIGE = "oblige(address,address,uint96,uint96,(bytes32,uint32,string))"
REGISTER = "register(bytes32,address,string)"
ADDRESS_OF = "tokenAddress(address,bytes32,address,address,string,string,uint8)"

CURRENCY, OBLIGATION_REGISTRY, REDEMPTION_DESK = 0, 3, 4  # IBrandRegistry.List
NOTICE_PERIOD = 30 * 24 * 3600
UNIT = 10**16
"""What one count of a batch row is worth: a hundredth of a token, so that a count takes two bytes."""


@dataclass(frozen=True)
class Suite:
    """Addresses of the deployed contracts."""

    brand_registry: str
    factory: str
    obligation_registry: str
    redemptions: str
    currency: str


def suite() -> Contender[TokenWorld]:
    """Our own scenarios."""
    contender = Contender("symbolon", lambda chain: set_up(chain, account("manager")))
    add_transfers(contender)
    add_mints(contender, MINT)
    add_bulk_mint(contender, plain=_mint_batch, access_list=_mint_batch_with_access_list)
    contender.scenario("create_token")(_create_token)
    return contender


def deploy(chain: Chain) -> Suite:
    """The contracts, wired up, with their currency listed; the account "alliance" governs them."""
    alliance = account("alliance")
    manager = chain.deploy(alliance, artifact("AccessManager").init_code(alliance))
    brands = chain.deploy(alliance, artifact("BrandRegistry").init_code(manager))
    token_code = chain.deploy(alliance, artifact("LoyaltyToken").init_code(brands))
    factory = chain.deploy(alliance, artifact("LoyaltyTokenFactory").init_code(brands, token_code))
    obligations = chain.deploy(alliance, artifact("ObligationRegistry").init_code(brands, factory))
    currency = chain.deploy(alliance, artifact("MockDollar").init_code())
    desk = chain.deploy(alliance, artifact("Redemptions").init_code(brands, obligations))
    listings = ((CURRENCY, currency), (OBLIGATION_REGISTRY, obligations), (REDEMPTION_DESK, desk))
    for listing, listed in listings:
        chain.call(alliance, brands, "setListed(uint8,address,bool)", listing, listed, True)
    return Suite(brands, factory, obligations, desk, currency)


def admit_brand(chain: Chain, parts: Suite, admin: str) -> bytes:
    """Register a brand for `admin` and have it admitted; returns its id."""
    salt = keccak(b"brand")
    chain.call(admin, parts.brand_registry, REGISTER, salt, account("guardian"), "ipfs://profile")
    brand_id: bytes = chain.read(parts.brand_registry, "brandIdOf(address,bytes32)", "bytes32", admin, salt)
    chain.call(account("alliance"), parts.brand_registry, "admit(bytes32)", brand_id)
    return brand_id


def set_up(chain: Chain, manager: str) -> TokenWorld:
    """A deployed suite with one brand and its token, which `manager` may mint."""
    parts = deploy(chain)
    admin = account("admin")
    brand_id = admit_brand(chain, parts, admin)
    facts = (brand_id, parts.obligation_registry, parts.redemptions, TOKEN_NAME, TOKEN_SYMBOL, 18)
    chain.call(admin, parts.factory, CREATE_TOKEN, *facts)
    token = to_checksum_address(chain.read(parts.factory, ADDRESS_OF, "address", admin, *facts))
    terms = (keccak(b"terms"), NOTICE_PERIOD, "ipfs://terms")
    capacity = 1_000_000 * AMOUNT
    chain.call(admin, parts.obligation_registry, OBLIGE, token, parts.currency, 10_000, capacity, terms)
    chain.call(admin, token, "grantQuota(address,uint96)", manager, capacity // 2)
    return in_use(chain, TokenWorld(token, manager, parts.factory), MINT)


def _create_token(chain: Chain, world: TokenWorld) -> Cost:
    admin = account("admin")
    brand_id = chain.read(world.token, "brandId()", "bytes32")
    parts = ("obligationRegistry()", "redemptionDesk()")
    fixed = (to_checksum_address(chain.read(world.token, part, "address")) for part in parts)
    facts = (brand_id, *fixed, "Corner Bakery Pounds", TOKEN_SYMBOL, 18)
    return Cost(chain.call(admin, world.factory, CREATE_TOKEN, *facts).gas)


def _mint_batch(chain: Chain, world: TokenWorld, recipients: list[str]) -> Receipt:
    return chain.send(world.minter, world.token, _batch(chain, world, recipients))


def _mint_batch_with_access_list(chain: Chain, world: TokenWorld, recipients: list[str]) -> Receipt:
    """The same with the recipients' balance slots announced (EIP-2930)."""
    balances = artefacts.slot_of("LoyaltyToken", "_balances")
    keys = [keccak(encode(["address", "uint256"], [to, balances])) for to in recipients]
    announced = {"address": world.token, "storageKeys": ["0x" + key.hex() for key in keys]}
    return chain.send(world.minter, world.token, _batch(chain, world, recipients), [announced])


def _batch(chain: Chain, world: TokenWorld, recipients: list[str]) -> bytes:
    """Call that mints `AMOUNT` to each, under a batch id whose storage word no other batch shares."""
    batch_id = keccak(chain.read(world.token, "totalSupply()", "uint256").to_bytes(32, "big"))
    rows = b"".join(bytes.fromhex(to[2:]) + (AMOUNT // UNIT).to_bytes(4, "big") for to in recipients)
    return calldata(MINT_BATCH, batch_id, UNIT, rows)
