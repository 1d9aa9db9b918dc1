"""Sixth chapter: households buy together.

It is played on a chain of its own and in the reference model at once. A household buys the right to open a
group and opens it with a seat of its own; others follow its link. All of them sign, and somebody with nothing
but gas to spend sends it; only who pays in dollars has to allow that first. A week later anybody closes the
group and settles its seats, in one call; the brand delivers a week after that, or is late.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from eth_abi.abi import encode
from eth_account import Account

from symbolon.addresses import keccak, parse_address
from symbolon.bonds import Purse
from symbolon.codes import label_bytes
from symbolon.demo.data import week_closes_at
from symbolon.demo.ordering import evening_of
from symbolon.demo.plan import UNITS_PER_POINT, Brand, member_key
from symbolon.demo.stage import Stage
from symbolon.demo.together import MOST_SEATS, RIGHT_POINTS, TIERS, Gathering, TogetherPlan
from symbolon.demo.twin import Twin, witness_of
from symbolon.deployment import List
from symbolon.fields import FOREVER
from symbolon.reference import Address
from symbolon.reference.contract import DAY, ZERO
from symbolon.reference.deals import Conditions
from symbolon.reference.fulfilment import Order
from symbolon.reference.groups import Plan, Seat, SeatRequest, Tier
from symbolon.reference.purchases import NO_PERMIT
from symbolon.reference.rights import RightRequest
from symbolon.signing import Fields

PARCEL, GATHER = label_bytes("parcel"), label_bytes("gather")
PART_VALUE = 10_000
"""What one part of a price is worth: a cent, in base units of the settlement currency."""

FULFIL_DAYS, STAKE_PERCENT = 10, 10
COMPENSATION = 50 * PART_VALUE
"""What a member gets for a parcel that does not come in time, likewise."""

SEAT_REQUEST: Fields = (
    ("groupId", "bytes32"),
    ("quantity", "uint256"),
    ("topTier", "uint256"),
    ("member", "address"),
    ("referrer", "address"),
    ("leastCompensation", "uint256"),
)
RIGHT_REQUEST: Fields = (("rightId", "bytes32"), ("quantity", "uint256"), ("holder", "address"))
LEAVING: Fields = (("groupId", "bytes32"),)
"""What members sign, as the contracts have it."""

DELIVERS, CLAIMED, FINISHED = 1, 2, 4
"""Weeks after a group has closed: the brand delivers; what is late is claimed; what is undisputed ends."""

_HOUR = 3600
_DURATION, _CUTOFF = 7 * DAY - 4 * _HOUR, 2 * DAY  # clocks are put forward and back on Sundays
_FUND = 200 * COMPENSATION
_WEI = 10**18  # for the gas of whoever allows its dollars to be taken
_DOCUMENT = keccak(b"A parcel, for all who take one together. (Invented for a demonstration.)")


@dataclass
class Bought:
    """A group and what became of it; amounts are parts of the price.

    Attributes:
        gathering: as it was planned.
        group_id: on the chain.
        seats: deposits of those who took a seat, by household.
        left: those who left.
        price: what each paid in the end; zero if the group failed, or has not closed.
        is_closed: whether it has closed.
        orders: of the participants, by household.
        state: what came of the orders.
        compensated: what late deliveries brought, in base units of the settlement currency.
        collected: dollars that came back, likewise.
    """

    gathering: Gathering
    group_id: bytes
    seats: dict[int, Seat] = field(default_factory=dict)
    left: list[int] = field(default_factory=list)
    price: int = 0
    is_closed: bool = False
    orders: dict[int, Order] = field(default_factory=dict)
    state: str = ""
    compensated: int = 0
    collected: int = 0

    @property
    def staying(self) -> dict[int, Seat]:
        """The seats that were not given up."""
        return {who: seat for who, seat in self.seats.items() if who not in self.left}

    @property
    def deposited(self) -> int:
        """What all who took a seat paid in."""
        return sum(seat.deposit for seat in self.seats.values())

    @property
    def paid(self) -> int:
        """What participants pay in the end."""
        return sum(order.amount for order in self.orders.values())


class Buying:
    """Groups of all brands.

    Attributes:
        twin: where it is played.
        plan: what is to happen.
        wallets: each household's wallet.
        bought: the groups that were opened.
        opens_at: when it begins.
        arbiter: who would decide disputes.
    """

    def __init__(self, stage: Stage, plan: TogetherPlan, wallets: Mapping[int, str]) -> None:
        """Publish every brand's deal, and lay down what compensates late deliveries."""
        self.opens_at = opens_at = week_closes_at(1) - 12 * _HOUR
        self.twin = Twin(stage, opens_at)
        self.plan = plan
        self.wallets = {household: parse_address(wallet) for household, wallet in wallets.items()}
        self.bought: list[Bought] = []
        self._stage = stage
        self._actors = {actor.brand.number: actor for actor in stage.actors}
        self._household_of = {wallet: household for household, wallet in self.wallets.items()}
        self._earned = dict(list(plan.earned.groupby("week")))
        self._opening: dict[int, list[Gathering]] = defaultdict(list)
        for gathering in plan.gatherings:
            self._opening[gathering.week].append(gathering)
        self.arbiter = parse_address(str(stage.arbiter.address))
        with self.twin.at(opens_at):
            founder = Account.from_key(stage.founder.private_key)
            self.twin.do(founder, self.twin.world.brands, "setListed", int(List.ARBITER), self.arbiter, True)
            for brand in plan.alliance:
                self._publish(brand, opens_at)

    def play_evening(self, week: int, advance: Callable[[int], object]) -> None:
        """What is done on a week's Sunday evening, and on the Wednesday before it."""
        evening = evening_of(week)
        opened = [bought for bought in self.bought if bought.gathering.week == week - 1]
        with self.twin.at(evening - 4 * DAY):
            for bought in opened:
                self._leave(bought)
        with self.twin.at(evening):
            for bought in opened:
                if not bought.is_closed:
                    self._close(bought)
        with self.twin.at(evening + _HOUR):
            for bought in self._since(week, DELIVERS):
                self._deliver(bought)
        with self.twin.at(evening + _HOUR + 1):
            for bought in self._since(week, CLAIMED):
                self._claim(bought)
            for bought in self._since(week, FINISHED):
                self._finish(bought)
        with self.twin.at(evening + _HOUR + 2):
            for brand in self.plan.alliance:
                self._fetch_proceeds(brand)
        for gathering in self._opening.get(week, ()):
            began = evening + 2 * _HOUR + 60 * self.place(gathering)
            with self.twin.at(began):
                for household, top, _ in gathering.seats:
                    self._allow(gathering, household, top)
            with self.twin.at(began + 1):
                self.bought.append(self._open(gathering))
            advance(len(gathering.seats))

    def close_week(self, week: int) -> None:
        """Mint what the week's spending earns."""
        if week in self._earned:
            with self.twin.at(week_closes_at(week)):
                self.twin.issue(week, self._earned[week], self.wallets)

    def place(self, gathering: Gathering) -> int:
        """Which of the brands it is."""
        return [brand.number for brand in self.plan.alliance].index(gathering.brand)

    @property
    def currency(self) -> Address:
        """The settlement currency."""
        return parse_address(str(self._stage.alliance.mock_dollar.address))

    # ---- brands

    def _publish(self, brand: Brand, opens_at: int) -> None:
        world, twin = self.twin.world, self.twin
        token, admin = twin.token[brand.number].address, self._actors[brand.number].admin_key
        price = RIGHT_POINTS * UNITS_PER_POINT
        twin.do(
            admin,
            world.rights,
            "defineRight",
            *(token, GATHER, price, MOST_SEATS * 100, opens_at, FOREVER, _DOCUMENT, ""),
        )
        is_mixed = self.plan.is_mixed(brand.number)
        parts = (UNITS_PER_POINT // 2, PART_VALUE // 2) if is_mixed else (UNITS_PER_POINT, 0)
        conditions = Conditions(
            *parts, opens_at, FOREVER, FULFIL_DAYS, STAKE_PERCENT, COMPENSATION, self.arbiter, GATHER
        )
        plan = Plan(MOST_SEATS, 1, 1_000, _DURATION, _CUTOFF)
        tiers = [Tier(seats, price) for seats, price in TIERS]
        what = (world.groups.address, token, PARCEL, conditions, plan, tiers, _DOCUMENT, "")
        twin.do(admin, world.group_deals, "publishDeal", *what)
        currency, wallet = world.currency(self.currency), parse_address(str(admin.address))
        purse = int(Purse.COMPENSATION)
        twin.do(admin, currency, "mint", wallet, _FUND)
        twin.do(admin, currency, "approve", world.bonds.address, _FUND)
        twin.do(admin, world.bonds, "deposit", token, purse, _FUND)
        deal = encode(["bytes32"], [PARCEL])
        twin.do(admin, world.bonds, "allot", token, purse, world.groups.address, _FUND, deal)

    def _deliver(self, bought: Bought) -> None:
        if not bought.orders or bought.gathering.is_late:
            return
        world, gathering = self.twin.world, bought.gathering
        numbers = [order.number for order in bought.orders.values()]
        what = (self._token(gathering), bought.group_id, numbers)
        self.twin.do(self._actors[gathering.brand].admin_key, world.groups, "fulfil", *what)
        bought.state = "delivered"

    def _fetch_proceeds(self, brand: Brand) -> None:
        """The dollars that it has earned."""
        groups, token = self.twin.world.groups, self.twin.token[brand.number].address
        if groups.proceeds_of(token):
            admin = self._actors[brand.number].admin_key
            what = (token, parse_address(str(admin.address)))
            self.twin.do(admin, groups, "withdrawProceeds", *what)

    # ---- members

    def _open(self, gathering: Gathering) -> Bought:
        """Who opens it buys the right to; whoever joins follows its link."""
        world, twin = self.twin.world, self.twin
        token = twin.token[gathering.brand]
        right = RightRequest(GATHER, 1, ZERO)
        witness = witness_of("RightRequest", RIGHT_REQUEST, right)
        leave = twin.leave(gathering.opener, token, world.rights, RIGHT_POINTS * UNITS_PER_POINT, witness)
        twin.do(self._stage.anybody, world.rights, "buyWithSignature", token.address, right, *leave)
        bought = Bought(gathering, PARCEL)
        for household, top, _ in gathering.seats:
            seat = self._join(bought, household, top)
            bought.group_id = seat.group_id
            bought.seats[household] = seat
        if gathering.is_full:
            self._close(bought)
        return bought

    def _join(self, bought: Bought, household: int, top: int) -> Seat:
        world, twin, gathering = self.twin.world, self.twin, bought.gathering
        token = twin.token[gathering.brand]
        opener = self.wallets[gathering.opener]
        referrer = ZERO if household == gathering.opener else opener
        wish = SeatRequest(bought.group_id, 1, top, self.wallets[household], referrer, COMPENSATION)
        conditions = world.group_deals.conditions_of(token.address, PARCEL)[0]
        price = TIERS[top][1]
        witness = witness_of("SeatRequest", SEAT_REQUEST, wish)
        leave = twin.leave(household, token, world.groups, price * conditions.token_part, witness)
        what = (token.address, wish, *leave, NO_PERMIT)
        twin.do(self._stage.anybody, world.groups, "joinWithSignature", *what)
        (taken,) = (event.facts for event in world.events if event.name == "SeatTaken")
        return Seat(*taken)

    def _allow(self, gathering: Gathering, household: int, top: int) -> None:
        """Whoever pays dollars has some, and allows the groups' contract to take them."""
        world, wallet = self.twin.world, self.wallets[household]
        conditions = world.group_deals.conditions_of(self._token(gathering), PARCEL)[0]
        value = TIERS[top][1] * conditions.currency_part
        if not value:
            return
        currency = world.currency(self.currency)
        self._stage.chain.rpc("anvil_setBalance", "0x" + wallet.hex(), hex(_WEI))
        key = Account.from_key(member_key(household))
        self.twin.do(key, currency, "mint", wallet, value)
        self.twin.do(key, currency, "approve", world.groups.address, value)

    def _leave(self, bought: Bought) -> None:
        world, twin = self.twin.world, self.twin
        token = twin.token[bought.gathering.brand]
        for household in (seat.household for seat in bought.gathering.seats if seat.leaves):
            witness = witness_of("SeatLeaving", LEAVING, (bought.group_id,))
            leave = twin.leave(household, token, world.groups, 0, witness)
            what = (bought.seats[household], *leave)
            twin.do(self._stage.anybody, world.groups, "leaveGroupWithSignature", *what)
            bought.left.append(household)

    # ---- anybody

    def _close(self, bought: Bought) -> None:
        world, twin = self.twin.world, self.twin
        token = self._token(bought.gathering)
        if not bought.gathering.is_full:
            twin.do(self._stage.anybody, world.groups, "close", token, bought.group_id)
        bought.is_closed, bought.price = True, world.group_deals.group_of(token, bought.group_id).price
        twin.do(self._stage.anybody, world.groups, "settle", list(bought.staying.values()))
        closed_at = world.group_deals.group_of(token, bought.group_id).deadline
        for event in world.events:
            if event.name == "OrderOpened":
                _, group_id, member, number, quantity, amount, compensation, stake, arbiter, _, ref = (
                    event.facts
                )
                order = Order(
                    *(token, group_id, number, member, quantity, amount),
                    *(compensation, stake, arbiter, closed_at, ref),
                )
                bought.orders[self._household_of[member]] = order
        bought.state = "open" if bought.price else "failed"
        self._collect(bought)

    def _claim(self, bought: Bought) -> None:
        """Of whoever waited in vain: everything back, and the compensation."""
        if not bought.gathering.is_late or not bought.orders:
            return
        world, twin = self.twin.world, self.twin
        for household, order in bought.orders.items():
            twin.do(self._stage.anybody, world.groups, "claim", order)
            what = (self.currency, self.wallets[household])
            bought.compensated += twin.do(self._stage.anybody, world.bonds, "collect", *what)
        bought.state = "compensated"
        self._collect(bought)

    def _finish(self, bought: Bought) -> None:
        if bought.state != "delivered":
            return
        world, twin = self.twin.world, self.twin
        token, orders = self._token(bought.gathering), list(bought.orders.values())
        twin.do(self._stage.anybody, world.groups, "finish", token, orders)
        bought.state = "fulfilled"

    def _collect(self, bought: Bought) -> None:
        """The dollars that came back, for whoever has some coming."""
        world = self.twin.world
        for household in bought.seats:
            wallet = self.wallets[household]
            if world.groups.owed_to(self.currency, wallet):
                what = (self.currency, wallet)
                bought.collected += self.twin.do(self._stage.anybody, world.groups, "collect", *what)

    def _since(self, week: int, weeks: int) -> Iterator[Bought]:
        """Groups that closed so many weeks ago."""
        return (bought for bought in self.bought if bought.gathering.closes_in == week - weeks)

    def _token(self, gathering: Gathering) -> Address:
        return self.twin.token[gathering.brand].address
