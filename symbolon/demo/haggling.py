"""The sixth chapter's second half: households bargain, with friends' help or with the brand.

Before a bargain opens, the brand fixes its cuts and hands all openings to the buyer, whose tool checks them.
Friends sign that they help, the attester signs that they are who they are, and somebody sends it: each draws
the next cut. A week later the buyer signs that it takes the price. Who haggles lays its bid down; the brand
and the buyer sign one price, and one transaction strikes it. Where the brand does not answer, anybody gives
the bid back when its time is over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from eth_abi.abi import encode
from eth_account import Account

from symbolon.addresses import checksum_address, keccak, parse_address
from symbolon.bonds import Purse
from symbolon.codes import label_bytes
from symbolon.cuts import Rules as CutPromise
from symbolon.cuts import bargain_id, chain, check, draw_up, head_of, number_of, salts
from symbolon.demo.buying import COMPENSATION, FULFIL_DAYS, STAKE_PERCENT, Buying
from symbolon.demo.ordering import evening_of
from symbolon.demo.plan import UNITS_PER_POINT, Brand, member_key
from symbolon.demo.stage import Stage
from symbolon.demo.together import CUTS, FLOOR_POINTS, LEAST_CUT, LIST_POINTS, Haggle
from symbolon.demo.twin import Sealed, witness_of
from symbolon.deployment import List
from symbolon.fields import FOREVER
from symbolon.reference import Address
from symbolon.reference.bargains import BrandConsent, Consent, Payment, Place
from symbolon.reference.contract import DAY
from symbolon.reference.cut_bargains import Attestation, Opening
from symbolon.reference.deals import Conditions
from symbolon.reference.fulfilment import Order
from symbolon.reference.haggles import Agreement
from symbolon.reference.purchases import NO_PERMIT
from symbolon.signing import Fields

CUT, HAGGLED = label_bytes("parcel-cut"), label_bytes("parcel-haggled")
PAYMENT: Fields = (
    ("dealId", "bytes32"),
    ("number", "uint256"),
    ("most", "uint256"),
    ("leastCompensation", "uint256"),
    ("orderRef", "bytes32"),
)

TAKEN, DELIVERED, FINISHED = 1, 2, 5
"""Weeks after a bargain opened: the buyer takes it, the brand delivers, what is undisputed ends."""

_HOUR = 3600
_DURATION = 8 * DAY
_STOCK = 1_000
_FUND = 50 * COMPENSATION
_SEED = b"symbolon demonstration: cuts"
_ATTESTER = keccak(b"symbolon demonstration: who attests that friends are who they are")
_DOCUMENT = keccak(b"A parcel, for what you can bring its price down to. (Invented for a demonstration.)")
_PROMISE = CutPromise(LIST_POINTS, FLOOR_POINTS, CUTS, LEAST_CUT)


@dataclass
class Bargained:
    """A bargain and what became of it.

    Attributes:
        haggle: as it was planned.
        number: on the chain.
        prices: after each cut, the first price before them; points.
        price: what the buyer paid; zero if nothing came of it.
        orders: the order, once there is one.
        is_fulfilled: whether it has ended well.
    """

    haggle: Haggle
    number: int
    prices: list[int] = field(default_factory=lambda: [LIST_POINTS])
    price: int = 0
    orders: list[Order] = field(default_factory=list)
    is_fulfilled: bool = False


class Haggling:
    """Bargains of all brands, on the same stage as their groups.

    Attributes:
        bargained: the bargains that were opened.
    """

    def __init__(self, stage: Stage, buying: Buying, opens_at: int) -> None:
        """Publish every brand's two deals, and lay down what compensates late deliveries."""
        self.bargained: list[Bargained] = []
        self._stage, self._twin, self._world = stage, buying.twin, buying.twin.world
        self._arbiter, self._currency, self._wallets = buying.arbiter, buying.currency, buying.wallets
        self._actors = {actor.brand.number: actor for actor in stage.actors}
        self._attester = parse_address(str(Account.from_key(_ATTESTER).address))
        self._opening: dict[int, list[Haggle]] = defaultdict(list)
        for haggle in buying.plan.haggles:
            self._opening[haggle.week].append(haggle)
        with self._twin.at(opens_at):
            founder = Account.from_key(stage.founder.private_key)
            listing = (int(List.ATTESTER), self._attester, True)
            self._twin.do(founder, self._world.brands, "setListed", *listing)
            for brand in buying.plan.alliance:
                self._publish(brand, opens_at)

    def play_evening(self, week: int, advance: Callable[[int], object]) -> None:
        """What is done on a week's Sunday evening, after the groups."""
        late = evening_of(week) + 3 * _HOUR
        with self._twin.at(late):
            for bargained in self._since(week, TAKEN):
                self._take(bargained)
            for bargained in self._since(week, FINISHED):
                self._finish(bargained)
        with self._twin.at(late + 1):
            for bargained in self._since(week, DELIVERED):
                self._deliver(bargained)
        with self._twin.at(late + 2):
            for bargained in self._since(week, DELIVERED):
                self._give_up(bargained)
        with self._twin.at(late + 3):
            for haggle in self._opening.get(week, ()):
                self.bargained.append(self._open(haggle))
        advance(len(self._opening.get(week, ())))

    # ---- brands

    def _publish(self, brand: Brand, opens_at: int) -> None:
        twin, world = self._twin, self._world
        token, admin = twin.token[brand.number].address, self._actors[brand.number].admin_key
        conditions = Conditions(
            token_part=UNITS_PER_POINT,
            opens_at=opens_at,
            closes_at=FOREVER,
            fulfil_days=FULFIL_DAYS,
            stake_percent=STAKE_PERCENT,
            compensation=COMPENSATION,
            arbiter=self._arbiter,
        )
        shared = (LIST_POINTS, FLOOR_POINTS, _STOCK, _DURATION)
        words = "uint96,uint96,uint32,uint32"
        haggled = encode([f"({words})"], [shared])
        cut = encode(
            [f"({words})", "(uint8,uint96,address)"], [shared, (CUTS, LEAST_CUT, "0x" + self._attester.hex())]
        )
        for deal, pricer, rules in ((CUT, world.cuts, cut), (HAGGLED, world.haggles, haggled)):
            what = (token, deal, conditions, pricer.address, rules, _DOCUMENT, "")
            twin.do(admin, world.bargain_deals, "publishDeal", *what)
        purse, currency = int(Purse.COMPENSATION), world.currency(self._currency)
        twin.do(admin, currency, "mint", parse_address(str(admin.address)), 2 * _FUND)
        twin.do(admin, currency, "approve", world.bonds.address, 2 * _FUND)
        twin.do(admin, world.bonds, "deposit", token, purse, 2 * _FUND)
        for deal in (CUT, HAGGLED):
            twin.do(admin, world.bonds, "allot", token, purse, world.bargains.address, _FUND, deal)

    def _deliver(self, bargained: Bargained) -> None:
        if bargained.price:
            token, deal, number = self._place(bargained)
            admin = self._actors[bargained.haggle.brand].admin_key
            self._twin.do(admin, self._world.bargains, "fulfil", token, deal, [number])

    # ---- buyers and their friends

    def _open(self, haggle: Haggle) -> Bargained:
        number = number_of(checksum_address(self._wallets[haggle.buyer]), haggle.number)
        bargained = Bargained(haggle, number)
        if haggle.is_cut:
            self._open_cut(bargained)
        else:
            self._pay(bargained, haggle.bid)
        return bargained

    def _open_cut(self, bargained: Bargained) -> None:
        """The brand fixes the cuts; the buyer looks, and opens; its friends draw."""
        cuts, haggle, place = self._world.cuts, bargained.haggle, self._place(bargained)
        seed = keccak(_SEED + place[0] + bargained.number.to_bytes(32))
        shown = (checksum_address(cuts.address), checksum_address(place[0]))
        bargain = bargain_id(self._stage.chain_id, *shown, CUT, bargained.number)
        openings = chain(bargain, draw_up(_PROMISE, seed), salts(seed, CUTS))
        head = head_of(bargain, openings)
        check(_PROMISE, bargain, head, openings)
        until = self._world.now + _HOUR
        digest = cuts.digest(cuts.opening(place, head, until))
        admin = self._actors[haggle.brand].admin_key
        brand = BrandConsent(parse_address(str(admin.address)), until, Sealed.over(digest, bytes(admin.key)))
        buyer = Consent(until, Sealed.over(digest, member_key(haggle.buyer)))
        self._anybody(cuts, "open", *place, head, buyer, brand)
        for household, opening in zip(haggle.helpers, openings, strict=False):
            self._anybody(cuts, "draw", *place, Opening(*opening), *self._help(place, household, until))
            bargained.prices.append(cuts.bargain_of(*place).price)

    def _help(self, place: Place, household: int, until: int) -> tuple[Attestation, Consent]:
        """Who a friend is, in its attester's word, and its own that it helps."""
        cuts, helper = self._world.cuts, self._wallets[household]
        person = keccak(_SEED + household.to_bytes(4))
        said = cuts.helper(*place[:2], helper, person, until)
        word = Sealed.over(cuts.digest(said), _ATTESTER)
        own = Sealed.over(cuts.digest(cuts.help(place, until)), member_key(household))
        return Attestation(helper, person, until, word), Consent(until, own)

    def _take(self, bargained: Bargained) -> None:
        """A buyer takes the cut price, if it still holds as much; a bid is struck half way."""
        haggle, place = bargained.haggle, self._place(bargained)
        if haggle.is_cut:
            price = bargained.prices[-1]
            token = self._twin.token[haggle.brand]
            if token.balance_of(self._wallets[haggle.buyer]) >= price * UNITS_PER_POINT:
                self._pay(bargained, price)
                self._note(bargained)
        elif haggle.is_answered:
            haggles, until = self._world.haggles, self._world.now + _HOUR
            agreed = Agreement(haggle.struck_at, COMPENSATION, bytes(32))
            bid = haggles.digest(haggles.bid(place, agreed, 0, until))
            offer = haggles.digest(haggles.offer(place, agreed.price, 0, until))
            admin = self._actors[haggle.brand].admin_key
            signer = parse_address(str(admin.address))
            buyer = Consent(until, Sealed.over(bid, member_key(haggle.buyer)))
            brand = BrandConsent(signer, until, Sealed.over(offer, bytes(admin.key)))
            self._anybody(haggles, "strike", *place, agreed, buyer, brand)
            self._note(bargained)

    def _give_up(self, bargained: Bargained) -> None:
        """Anybody gives a bid back that the brand did not answer."""
        if not bargained.haggle.is_cut and not bargained.haggle.is_answered:
            what = (*self._place(bargained), Consent(0, Sealed.none()))
            self._anybody(self._world.haggles, "withdraw", *what)

    def _finish(self, bargained: Bargained) -> None:
        if bargained.price:
            token = self._place(bargained)[0]
            self._anybody(self._world.bargains, "finish", token, bargained.orders)
            bargained.is_fulfilled = True

    def _pay(self, bargained: Bargained, points: int) -> None:
        """The buyer signs; somebody sends it."""
        haggle, (_, deal, number) = bargained.haggle, self._place(bargained)
        token, bargains = self._twin.token[haggle.brand], self._world.bargains
        payment = Payment(deal, number, points, COMPENSATION, bytes(32))
        witness = witness_of("Payment", PAYMENT, payment)
        leave = self._twin.leave(haggle.buyer, token, bargains, points * UNITS_PER_POINT, witness)
        self._anybody(bargains, "payWithSignature", token.address, payment, NO_PERMIT, *leave)

    def _note(self, bargained: Bargained) -> None:
        """The order that has just been opened."""
        (facts,) = (event.facts for event in self._world.events if event.name == "OrderOpened")
        token, deal, member, number, quantity, amount, compensation, stake, arbiter, _, ref = facts
        bargained.price = amount
        bargained.orders.append(
            Order(
                *(token, deal, number, member, quantity, amount),
                *(compensation, stake, arbiter, self._world.now, ref),
            )
        )

    def _place(self, bargained: Bargained) -> tuple[Address, bytes, int]:
        deal = CUT if bargained.haggle.is_cut else HAGGLED
        return self._twin.token[bargained.haggle.brand].address, deal, bargained.number

    def _since(self, week: int, weeks: int) -> list[Bargained]:
        """Bargains that were opened so many weeks ago."""
        return [each for each in self.bargained if each.haggle.week == week - weeks]

    def _anybody(self, *what: object) -> None:
        contract, method, *arguments = what
        self._twin.do(self._stage.anybody, contract, method, *arguments)  # type: ignore[arg-type]
