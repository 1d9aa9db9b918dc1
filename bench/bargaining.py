"""Our scenario of bargaining: a friend draws a cut."""

from __future__ import annotations

from eth_abi.abi import encode
from eth_account import Account
from eth_utils.crypto import keccak

from bench.chain import Chain, MeasurementError, account
from bench.floors import AMOUNT
from bench.founding import SET_LISTED
from bench.ordering import DAY
from bench.redeeming import FOREVER
from bench.scenarios import Contender, Cost, TokenWorld
from symbolon.codes import label_bytes
from symbolon.cuts import Rules, bargain_id, chain, draw_up, head_of, number_of, salts
from symbolon.cutting import Commitment, Vouched
from symbolon.deployment import List
from symbolon.signing import Domain

_CONDITIONS = "(uint96,uint96,uint40,uint40,uint8,uint8,uint96,address,bytes32)"
_PUBLISH = f"publishDeal(address,bytes32,{_CONDITIONS},address,bytes,bytes32,string)"
_OPEN = "open(address,bytes32,uint256,bytes32,(uint256,bytes),(address,uint256,bytes))"
_DRAW = (
    "draw(address,bytes32,uint256,(uint96,bytes32,bytes32),(address,bytes32,uint256,bytes),(uint256,bytes))"
)
_PRICE = "bargainOf(address,bytes32,uint256)"
_BARGAIN = "(uint8,uint96,uint8,uint40,uint40,bytes32)"

DEAL = label_bytes("lamp")
RULES = Rules(list_price=100, floor_price=60, cuts=8, least_cut=1)
_KEYS = {name: keccak(f"symbolon bench {name}".encode()) for name in ("buyer", "attester")}
_NOTHING = (0, b"")


def add_bargaining(contender: Contender[TokenWorld]) -> None:
    """The scenario of a cut."""
    contender.scenario("bargain_cut")(_cut)


def _cut(chain_: Chain, world: TokenWorld) -> Cost:
    """A friend that calls itself draws the second cut of eight, and another the last."""
    cuts = world.suite["Cuts"]
    buyer, attester = (str(Account.from_key(key).address) for key in _KEYS.values())
    _publish(chain_, world, attester)
    number = number_of(buyer, 0)
    seed = keccak(b"symbolon bench cuts")
    bargain = bargain_id(chain_.chain_id(), cuts, world.token, DEAL, number)
    openings = chain(bargain, draw_up(RULES, seed), salts(seed, RULES.cuts))
    domain, until = Domain("Cuts", chain_.chain_id(), cuts), chain_.now() + DAY
    opening = Commitment(world.token, DEAL, number, head_of(bargain, openings), until)
    consent = (until, opening.sign(domain, _KEYS["buyer"]))
    admin = account("admin")
    chain_.call(admin, cuts, _OPEN, world.token, DEAL, number, opening.head, consent, (admin, *_NOTHING))
    gas = []
    price = RULES.list_price
    for place, shown in enumerate(openings):
        friend = account("friend", place)
        vouched = Vouched(world.token, DEAL, friend, keccak(friend.encode()), until)
        attestation = (friend, vouched.person, until, vouched.sign(domain, _KEYS["attester"]))
        what = (world.token, DEAL, number, tuple(shown), attestation, _NOTHING)
        gas.append(chain_.call(friend, cuts, _DRAW, *what).gas)
        price -= shown.cut
        if chain_.read(cuts, _PRICE, _BARGAIN, world.token, DEAL, number)[1] != price:
            raise MeasurementError("A cut took off something else than was written.")
    return Cost(gas[1], {"second": gas[1], "last": gas[-1]})


def _publish(chain_: Chain, world: TokenWorld, attester: str) -> None:
    """A listing whose price eight friends bring down."""
    alliance, arbiter, suite = account("alliance"), account("arbiter"), world.suite
    for kind, who in ((List.ARBITER, arbiter), (List.ATTESTER, attester)):
        chain_.call(alliance, suite["BrandRegistry"], SET_LISTED, int(kind), who, True)
    conditions = (AMOUNT // RULES.list_price, 0, 0, FOREVER, 10, 10, 0, arbiter, bytes(32))
    rules = encode(
        ["(uint96,uint96,uint32,uint32)", "(uint8,uint96,address)"],
        [
            (RULES.list_price, RULES.floor_price, 1_000, 7 * DAY),
            (RULES.cuts, RULES.least_cut, attester),
        ],
    )
    what = (world.token, DEAL, conditions, suite["Cuts"], rules, keccak(b"deal"), "ipfs://deal")
    chain_.call(account("admin"), suite["BargainDeals"], _PUBLISH, *what)
