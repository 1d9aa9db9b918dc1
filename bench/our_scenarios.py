"""Our suite as a brand meets it: deployed, a brand admitted and obliged, a manager with a quota."""

from __future__ import annotations

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from bench import artefacts
from bench.bargaining import add_bargaining
from bench.chain import Chain, Receipt, account, calldata
from bench.earning import add_earning
from bench.floors import AMOUNT
from bench.founding import CREATE_TOKEN, deploy, make_token
from bench.grouping import add_grouping
from bench.ordering import add_ordering
from bench.redeeming import add_redeeming
from bench.rewarding import add_rewarding
from bench.scenarios import (
    TOKEN_SYMBOL,
    Contender,
    Cost,
    TokenWorld,
    add_bulk_mint,
    add_mints,
    add_transfers,
    in_use,
)
from bench.swapping import add_swapping

MINT = "mint(address,uint256)"
MINT_BATCH = "mintBatch(bytes32,uint96,bytes)"

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
    add_swapping(contender)
    add_grouping(contender)
    add_bargaining(contender)
    add_rewarding(contender)
    add_earning(contender)
    return contender


def set_up(chain: Chain, manager: str) -> TokenWorld:
    """A deployed suite with one brand and its token, of which `manager` may mint half the capacity."""
    suite = deploy(chain)
    token = make_token(chain, suite, account("admin"), manager)
    return in_use(chain, TokenWorld(token, manager, suite["LoyaltyTokenFactory"], suite), MINT)


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
