"""Our scenarios at the counter: a till takes what members signed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from eth_account import Account
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from bench.chain import Chain, MeasurementError, account
from bench.floors import AMOUNT
from bench.scenarios import TOKEN_NAME, Contender, Cost, TokenWorld
from symbolon.codes import OfferRedemption, label_bytes
from symbolon.signing import Domain, compact

_CONDITIONS = "(uint96,uint32,uint32,uint40,uint40,uint8,uint8,uint96,address)"
CREATE_OFFER = f"createOffer(address,bytes32,{_CONDITIONS},bytes32,string)"
REDEMPTION = "(address,bytes32,uint256,uint256,uint256,bytes32,uint256,bytes)"
REDEEM = f"redeemOffer(address,{REDEMPTION})"
REDEEM_MANY = f"redeemOffers(address,{REDEMPTION}[])"

MEMBERS = 100
"""How many a batch serves."""
NO_LIMIT = 2**32 - 1
FOREVER = 2**40 - 1
NOBODY = "0x" + "00" * 20
MINUTES_TO_LIVE = 10 * 60


@dataclass(frozen=True)
class Counter:
    """A till that takes units of one offer, and the members who come to it."""

    token: str
    desk: str
    till: str
    offer_id: bytes
    keys: tuple[bytes, ...]


def add_redeeming(contender: Contender[TokenWorld]) -> None:
    """Scenarios of redeeming at the counter."""
    contender.scenario("redeem_counter")(lambda chain, world: _single(chain, world, seen_before=True))
    contender.scenario("redeem_counter_first")(lambda chain, world: _single(chain, world, seen_before=False))
    contender.scenario("redeem_counter_batch_100")(_batch)


def have_redeemed(chain: Chain, world: TokenWorld, key: bytes) -> bytes:
    """Have a member who holds enough come to a new offer's till; returns the nonce of the receipt."""
    redeem(chain, open_counter(chain, world, NO_LIMIT, members=0), [key], visit=0)
    return _nonce(key, visit=0)


def _single(chain: Chain, world: TokenWorld, *, seen_before: bool) -> Cost:
    """One member at an offer with a limit; others have been there before."""
    counter = open_counter(chain, world, member_limit=10, members=2)
    member, other = counter.keys
    redeem(chain, counter, [other], visit=0)
    if seen_before:
        redeem(chain, counter, [member], visit=1)
    return Cost(redeem(chain, counter, [member], visit=2))


def _batch(chain: Chain, world: TokenWorld) -> Cost:
    """A hundred members, each seen before, at an offer with a member limit and at one without."""
    gas = {}
    for way, member_limit in (("member_limit", 10), ("no_member_limit", NO_LIMIT)):
        before = chain.snapshot()
        counter = open_counter(chain, world, member_limit, MEMBERS)
        redeem(chain, counter, counter.keys, visit=0)
        gas[way] = redeem(chain, counter, counter.keys, visit=1)
        chain.revert(before)
    return Cost(math.ceil(min(gas.values()) / MEMBERS), gas)


def open_counter(chain: Chain, world: TokenWorld, member_limit: int, members: int) -> Counter:
    """An offer, a till for it, and members who hold enough for ten units."""
    admin, till = account("admin"), account("till")
    desk = to_checksum_address(chain.read(world.token, "redemptionDesk()", "address"))
    offer_id = label_bytes("croissant")
    conditions = (AMOUNT, 1_000_000, member_limit, 0, FOREVER, 0, 0, 0, NOBODY)
    chain.call(admin, desk, "setTill(address,address,bool)", world.token, till, True)
    chain.call(admin, desk, CREATE_OFFER, world.token, offer_id, conditions, keccak(b"offer"), "ipfs://offer")
    keys = tuple(member_key(number) for number in range(members))
    for key in keys:
        chain.call(world.minter, world.token, "mint(address,uint256)", address_of(key), 10 * AMOUNT)
    return Counter(world.token, desk, till, offer_id, keys)


def redeem(chain: Chain, counter: Counter, keys: tuple[bytes, ...] | list[bytes], visit: int) -> int:
    """Gas of a till's transaction that takes one unit from each; fails unless each paid exactly for it."""
    balances = [_balance(chain, counter, key) for key in keys]
    structs = [signed(chain, counter, key, visit) for key in keys]
    call, argument = (REDEEM, structs[0]) if len(structs) == 1 else (REDEEM_MANY, structs)
    gas = chain.call(counter.till, counter.desk, call, counter.token, argument).gas
    if [_balance(chain, counter, key) + AMOUNT for key in keys] != balances:
        raise MeasurementError("A member did not pay exactly one unit.")
    return gas


def signed(chain: Chain, counter: Counter, key: bytes, visit: int) -> tuple[object, ...]:
    """What a member shows, as the desk takes it, with a signature of 64 bytes (ERC-2098)."""
    wish = OfferRedemption(
        chain_id=chain.chain_id(),
        token=counter.token,
        member=address_of(key),
        till=counter.till,
        version=1,
        amount=AMOUNT,
        nonce=_nonce(key, visit),
        deadline=chain.now() + MINUTES_TO_LIVE,
        offer_id=counter.offer_id,
        quantity=1,
    )
    domain = Domain(TOKEN_NAME, wish.chain_id, counter.token)
    return wish.arguments(b"".join(compact(wish.spend(counter.desk).sign(domain, key))))


def member_key(number: int) -> bytes:
    """The key of one of those who come to the counter."""
    return keccak(b"symbolon bench member %d" % number)


def address_of(key: bytes) -> str:
    """Whose key it is."""
    return str(Account.from_key(key).address)


def _balance(chain: Chain, counter: Counter, key: bytes) -> int:
    return int(chain.read(counter.token, "balanceOf(address)", "uint256", address_of(key)))


def _nonce(key: bytes, visit: int) -> bytes:
    return keccak(key + bytes([visit]))
