"""Our scenarios of earning by root: a brand credits a million members, one claims, one pays with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from bench.chain import Chain, MeasurementError, account
from bench.floors import AMOUNT, MEMBERS_CREDITED
from bench.ordering import DAY
from bench.redeeming import REDEMPTION, Counter, address_of, member_key, open_counter, redeem, signed
from bench.scenarios import Contender, Cost, TokenWorld
from symbolon.brands import Roles
from symbolon.merkle_sum import Leaf, SumTree, list_id
from symbolon.proofs import Credit, Posting

PERIOD = 202_607
MEMBER, BUYER = 777_777, 777_776
"""Places in the list of who claims and of who pays with it at the till: neighbours, with bits in one word."""
URI = "https://bakery.example/earned/202607"

_POSTING = "(uint32,uint256,uint40,uint40,string)"
_CREDIT = "(uint32,uint40,uint40,uint32,address,uint96,uint256[])"
_CLAIM = f"claim(address,{_CREDIT})"
_CLAIM_AND_REDEEM = f"claimAndRedeemOffer(address,address,{_CREDIT}[],{REDEMPTION})"
_GRANT = "grantQuotaAndCall(address,uint96,bytes)"
_PASS = "passQuotaAndCall(address,uint96,bytes)"  # noqa: S105 (a signature)
_SET_MANAGER = "setManager(bytes32,address,uint8)"


def add_earning(contender: Contender[TokenWorld]) -> None:
    """Scenarios of earning by root."""
    contender.scenario("post_root")(_post_root)
    contender.scenario("claim_root_1m")(_claim_root)
    contender.scenario("redeem_from_root_1m")(_redeem_from_root)


@dataclass(frozen=True)
class Million:
    """A period that credits as many members the same."""

    posting: Posting
    tree: SumTree

    def credit(self, index: int) -> Credit:
        """A place's credit with its proof."""
        return Credit(self.posting, index, Leaf(_account(index), AMOUNT), self.tree.proof(index))

    def call_data(self) -> bytes:
        """What comes with the quota."""
        facts = self.posting
        struct = (facts.period, int.from_bytes(facts.root), facts.final_at, facts.claimable_until, URI)
        return encode([_POSTING, "uint256"], [struct, 0])


_KNOWN = {MEMBER: account("member"), BUYER: address_of(member_key(0))}


def _account(index: int) -> bytes:
    if index in _KNOWN:
        return bytes.fromhex(_KNOWN[index][2:])
    return keccak(b"symbolon bench earner %d" % index)[:20]


@cache
def _tree(name: bytes) -> SumTree:
    return SumTree.of(name, (Leaf(_account(index), AMOUNT) for index in range(MEMBERS_CREDITED)))


def _open(chain: Chain, world: TokenWorld) -> None:
    """The token is open to postings, its minter runs campaigns, and there was one in the month before."""
    admin, token = account("admin"), world.token
    brand_id = chain.read(token, "brandId()", "bytes32")
    chain.call(admin, world.suite["BrandRegistry"], _SET_MANAGER, brand_id, world.minter, Roles.CAMPAIGN)
    chain.call(admin, token, _GRANT, _distributor(world), 0, b"")
    name = _list_id(chain, world, PERIOD - 1)
    first = SumTree.of(name, [Leaf(bytes.fromhex(world.holder[2:]), AMOUNT)])
    _post(chain, world, Million(_posting(chain, world, PERIOD - 1, first), first))


def _million(chain: Chain, world: TokenWorld) -> Million:
    tree = _tree(_list_id(chain, world, PERIOD))
    return Million(_posting(chain, world, PERIOD, tree), tree)


def _posting(chain: Chain, world: TokenWorld, period: int, tree: SumTree) -> Posting:
    final_at = chain.now() + 30 * DAY
    place = (chain.chain_id(), _distributor(world), world.token)
    return Posting(*place, period, tree.root, final_at, final_at + 180 * DAY)


def _post(chain: Chain, world: TokenWorld, what: Million, *, by_admin: bool = False) -> int:
    """Gas of posting; fails unless all of it is set aside."""
    sender, how = (account("admin"), _GRANT) if by_admin else (world.minter, _PASS)
    total = what.posting.total
    gas = chain.call(sender, world.token, how, _distributor(world), total, what.call_data()).gas
    place = (world.token, what.posting.period)
    if chain.read(_distributor(world), "unclaimedOf(address,uint32)", "uint96", *place) != total:
        raise MeasurementError("Not all that was posted is set aside.")
    return gas


def _post_root(chain: Chain, world: TokenWorld) -> Cost:
    """By a manager out of its quota, and by the admin out of the token's capacity."""
    _open(chain, world)
    million, gas = _million(chain, world), {}
    for way, by_admin in (("manager", False), ("admin", True)):
        before = chain.snapshot()
        gas[way] = _post(chain, world, million, by_admin=by_admin)
        chain.revert(before)
    return Cost(gas["manager"], gas)


def _posted(chain: Chain, world: TokenWorld, claimed: int) -> Million:
    """A million, final, of which one has claimed."""
    _open(chain, world)
    million = _million(chain, world)
    _post(chain, world, million)
    chain.wait(31 * DAY)
    _claim(chain, world, million, claimed)
    return million


def _claim_root(chain: Chain, world: TokenWorld) -> Cost:
    """Anybody claims for a member who holds tokens."""
    return Cost(_claim(chain, world, _posted(chain, world, claimed=BUYER), MEMBER))


def _claim(chain: Chain, world: TokenWorld, million: Million, index: int) -> int:
    """Gas of a claim; fails unless it pays."""
    credit = million.credit(index)
    who = str(credit.arguments[4])
    held = world.balance(chain, who)
    gas = chain.call(account("relay"), _distributor(world), _CLAIM, world.token, credit.arguments).gas
    if world.balance(chain, who) != held + AMOUNT:
        raise MeasurementError("A claim did not pay what is credited.")
    return gas


def _redeem_from_root(chain: Chain, world: TokenWorld) -> Cost:
    """As `redeem_counter`, by a member who pays with what it earned: at once, and one after the other."""
    counter = open_counter(chain, world, member_limit=10, members=2)
    buyer, other = counter.keys
    redeem(chain, counter, [other], visit=0)
    redeem(chain, counter, [buyer], visit=1)
    million = _posted(chain, world, claimed=MEMBER)
    before = chain.snapshot()
    gas = {"at_once": _claim_and_redeem(chain, world, counter, million)}
    chain.revert(before)
    claimed = _claim(chain, world, million, BUYER)
    gas["apart"] = claimed + redeem(chain, counter, [buyer], visit=2)
    return Cost(gas["at_once"], gas)


def _claim_and_redeem(chain: Chain, world: TokenWorld, counter: Counter, million: Million) -> int:
    """Gas; fails unless what was earned went into what was bought, both once."""
    buyer = address_of(counter.keys[0])
    held = world.balance(chain, buyer)
    wish = signed(chain, counter, counter.keys[0], visit=2)
    what = (world.token, _distributor(world), [million.credit(BUYER).arguments], wish)
    gas = chain.call(counter.till, counter.desk, _CLAIM_AND_REDEEM, *what).gas
    claimed = chain.read(
        _distributor(world), "isClaimed(address,uint32,uint32)", "bool", world.token, PERIOD, BUYER
    )
    if not claimed or world.balance(chain, buyer) != held:
        raise MeasurementError("A member did not pay exactly with what it earned.")
    return gas


def _distributor(world: TokenWorld) -> str:
    return world.suite["EarnDistributor"]


def _list_id(chain: Chain, world: TokenWorld, period: int) -> bytes:
    return list_id(chain.chain_id(), _distributor(world), world.token, period)
