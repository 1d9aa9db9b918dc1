"""Our suite as a brand meets it: deployed, a brand admitted and obliged, a manager with a quota."""

from __future__ import annotations

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from bench import artefacts
from bench.chain import Chain, Receipt, account, calldata
from bench.floors import AMOUNT
from bench.ordering import add_ordering
from bench.redeeming import add_redeeming
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
from symbolon.deployment import FIRST_ADMIN, LISTED, SUITE, Address

MINT = "mint(address,uint256)"
MINT_BATCH = "mintBatch(bytes32,uint96,bytes)"
CREATE_TOKEN = "createToken(bytes32,address,address,string,string,uint8)"  # noqa: S105 (a signature)
OBLIGE = "oblige(address,address,uint96,uint96,(bytes32,uint32,uint16,string))"
REGISTER = "register(bytes32,address,string)"
ADDRESS_OF = "tokenAddress(address,bytes32,address,address,string,string,uint8)"

NOTICE_PERIOD = 30 * 24 * 3600
UNIT = 10**16
"""What one count of a batch row is worth: a hundredth of a token, so that a count takes two bytes."""


def suite() -> Contender[TokenWorld]:
    """Our own scenarios."""
    contender = Contender("symbolon", lambda chain: set_up(chain, account("manager")))
    add_transfers(contender)
    add_mints(contender, MINT)
    add_bulk_mint(contender, plain=_mint_batch, access_list=_mint_batch_with_access_list)
    contender.scenario("create_token")(_create_token)
    add_redeeming(contender)
    add_ordering(contender)
    return contender


def deploy(chain: Chain) -> dict[str, str]:
    """Address of each contract of the suite, which the account "alliance" governs."""
    alliance = account("alliance")
    suite: dict[str, str] = {}
    for part in SUITE:
        arguments = (_resolved(argument, suite, alliance) for argument in part.args)
        suite[part.name] = chain.deploy(alliance, artifact(part.name).init_code(*arguments))
    for what, name in LISTED:
        chain.call(alliance, suite["BrandRegistry"], "setListed(uint8,address,bool)", what, suite[name], True)
    return suite


def _resolved(argument: object, suite: dict[str, str], first_admin: str) -> object:
    """A part's constructor argument, with the address that it stands for."""
    if argument is FIRST_ADMIN:
        return first_admin
    return suite[argument.of] if isinstance(argument, Address) else argument


def admit_brand(chain: Chain, suite: dict[str, str], admin: str) -> bytes:
    """Register a brand for `admin` and have it admitted; returns its id."""
    brands, salt = suite["BrandRegistry"], keccak(b"brand")
    chain.call(admin, brands, REGISTER, salt, account("guardian"), "ipfs://profile")
    brand_id: bytes = chain.read(brands, "brandIdOf(address,bytes32)", "bytes32", admin, salt)
    chain.call(account("alliance"), brands, "admit(bytes32)", brand_id)
    return brand_id


def set_up(chain: Chain, manager: str) -> TokenWorld:
    """A deployed suite with one brand and its token, of which `manager` may mint half the capacity."""
    suite = deploy(chain)
    admin, factory, registry = account("admin"), suite["LoyaltyTokenFactory"], suite["ObligationRegistry"]
    brand_id = admit_brand(chain, suite, admin)
    facts = (brand_id, registry, suite["Redemptions"], TOKEN_NAME, TOKEN_SYMBOL, 18)
    chain.call(admin, factory, CREATE_TOKEN, *facts)
    token = to_checksum_address(chain.read(factory, ADDRESS_OF, "address", admin, *facts))
    terms = (keccak(b"terms"), NOTICE_PERIOD, 0, "ipfs://terms")
    capacity = 10_000_000 * AMOUNT
    chain.call(admin, registry, OBLIGE, token, suite["MockDollar"], 10_000, capacity, terms)
    chain.call(admin, token, "grantQuota(address,uint96)", manager, capacity // 2)
    world = TokenWorld(token, manager, factory, suite["Bonds"], suite["Orders"])
    return in_use(chain, world, MINT)


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
