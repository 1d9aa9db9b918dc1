"""Buying together: what brands offer to groups, where each group stands, and what everybody can do.

alliance.groups.publish(token, deal, sender=manager)
group = alliance.groups.open(token, "coffee", sender=member)
alliance.groups.join(alliance.groups.wish(token, group.name, member=friend), sender=friend)
alliance.groups.settle(token, alliance.groups.seats(token, group), sender=anybody)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from eth_abi.abi import encode

from symbolon import calls
from symbolon.brands import NOBODY
from symbolon.calls import AccountLike, address_of
from symbolon.codes import bought_text, id_of, label_text
from symbolon.deals import NAME_BYTES, Deal, Tier
from symbolon.exceptions import SymbolonError
from symbolon.fulfilment import PATIENCE, Call, Order, in_batches
from symbolon.prices import Mix, Price
from symbolon.purchases import NO_PERMIT, PAY, NoDealError, Purchases, conditions, deal_of, numbered
from symbolon.signing import Fields, Signer, Spend, Witness, random_nonce

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.tokens import Token

REQUEST: Fields = (
    ("groupId", "bytes32"),
    ("quantity", "uint256"),
    ("topTier", "uint256"),
    ("member", "address"),
    ("referrer", "address"),
    ("leastCompensation", "uint256"),
)
LEAVING: Fields = (("groupId", "bytes32"),)

_REQUEST_ABI = "(" + ",".join(kind for _, kind in REQUEST) + ")"


class NoGroupError(SymbolonError):
    """There is no such group."""


class NoSeatError(SymbolonError):
    """The member has no seat in the group, or cannot have it."""


class Status(IntEnum):
    """Where a group stands, whether or not that is written down."""

    OPEN = 1
    SUCCEEDED = 2
    FAILED = 3

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Published:
    """A deal as it is now.

    Attributes:
        deal: what was published; it never changes.
        opened: how many groups were opened so far.
    """

    deal: Deal
    opened: int


@dataclass(frozen=True)
class Group:
    """A group as it was when it was read.

    Attributes:
        token: of whose brand.
        id: 32 bytes: the deal's id with the group's number at the end.
        deal: under which it was opened.
        status: where it stands.
        is_closed: whether that is written down.
        deadline: until when one can join; once it has ended, when that was; in seconds.
        cutoff_at: until when one can leave, in seconds.
        price: what a unit costs, or would if the group ended now, in parts; zero if no tier is reached.
        units: of the participants, or of those who would be.
        taken: units by the tier that their members named as the most they pay; empty once it is closed.
    """

    token: str
    id: bytes
    deal: Deal
    status: Status
    is_closed: bool
    deadline: int
    cutoff_at: int
    price: int
    units: int
    taken: tuple[int, ...]

    @property
    def name(self) -> str:
        """Deal and number, as people say it."""
        return bought_text(self.id)

    @property
    def seats_taken(self) -> int:
        """Units that somebody has, at whatever top price; known until it is closed."""
        return sum(self.taken)

    @property
    def seats_left(self) -> int:
        """Units that can still be taken."""
        return self.deal.most_seats - self.seats_taken if self.status is Status.OPEN else 0

    @property
    def next_tier(self) -> Tier | None:
        """The next better price, if there is one."""
        return next((tier for tier in self.deal.tiers if not self.price or tier.price < self.price), None)

    def needed_for(self, tier: Tier) -> int:
        """How many more units at such a top price, or a higher one, reach a tier."""
        index = self.deal.tiers.index(tier)
        return max(0, tier.seats - sum(self.taken[: index + 1]))


@dataclass(frozen=True)
class Seat:
    """What a member has in a group that is not settled yet; with token and group the member is its id.

    Attributes:
        token, group_id: where.
        member: whose.
        quantity: units.
        deposit: parts that were paid.
        compensation: currency base units reserved for the member.
        arbiter: who would decide a dispute.
        referrer: who brought the member; nobody if it is zero.
    """

    token: str
    group_id: bytes
    member: str
    quantity: int
    deposit: int
    compensation: int
    arbiter: str
    referrer: str

    @property
    def arguments(self) -> tuple[object, ...]:
        """`IGroupPurchaseEscrow.Seat`."""
        return (
            self.token,
            self.group_id,
            self.member,
            self.quantity,
            self.deposit,
            self.compensation,
            self.arbiter,
            self.referrer,
        )


@dataclass(frozen=True)
class Wish:
    """A seat that somebody wants to pay for, before it is signed or sent.

    Attributes:
        token: of whose brand.
        group_id: which group; a deal's id opens a new one.
        quantity: units.
        top_tier: whose price is the most that the member pays, counted from 0.
        member: whose seat it will be.
        referrer: who brought the member; nobody if it is zero.
        least_compensation: the least that must be reserved, in currency base units.
        mix: what a part is.
        deposit: parts to pay.
    """

    token: str
    group_id: bytes
    quantity: int
    top_tier: int
    member: str
    referrer: str
    least_compensation: int
    mix: Mix
    deposit: int

    @property
    def cost(self) -> Price:
        """What is paid, of which the surplus comes back."""
        return self.mix.cost(self.deposit)

    @property
    def request(self) -> tuple[object, ...]:
        """`IGroupPurchaseEscrow.SeatRequest`."""
        return (
            self.group_id,
            self.quantity,
            self.top_tier,
            self.member,
            self.referrer,
            self.least_compensation,
        )

    @property
    def witness(self) -> Witness:
        """What the payer agrees to in exchange."""
        names = (name for name, _ in REQUEST)
        return Witness("SeatRequest", REQUEST, dict(zip(names, self.request, strict=True)))


@dataclass(frozen=True)
class SignedWish:
    """A wish with the payer's signature: anybody can send it."""

    wish: Wish
    spend: Spend
    signature: bytes
    permit: tuple[object, ...] = NO_PERMIT


@dataclass(frozen=True)
class Settled:
    """What became of many seats: those settled, and those left out, each with why."""

    done: tuple[Seat, ...]
    left_out: tuple[tuple[Seat, SymbolonError], ...]


class Groups(Purchases):
    """The groups of an alliance's members. Acts take `sender`, who must be entitled to them."""

    @property
    def contract(self) -> ContractInstance:
        """Where groups are."""
        return self._alliance.groups_contract

    @property
    def deals_contract(self) -> ContractInstance:
        """Where deals are published."""
        return self._alliance.group_deals_contract

    # ---- what there is

    def deal(self, token: Token, name: str | bytes) -> Published:
        """A deal by its name. Raises NoDealError."""
        deal_id = id_of(name)
        agreed = self._agreed(token, deal_id)
        plan, tiers = calls.read(self.deals_contract, "dealOf", token.address, deal_id)
        opened = calls.read(self.contract, "openedOf", token.address, deal_id)
        most_seats, seat_limit, groups, duration, cutoff = plan
        deal = Deal(
            name=label_text(deal_id),
            document=agreed.document,
            mix=agreed.mix,
            tiers=tuple(Tier(int(seats), int(price)) for seats, price in tiers),
            most_seats=int(most_seats),
            seat_limit=int(seat_limit),
            groups=int(groups),
            opens_at=agreed.opens_at,
            closes_at=agreed.closes_at,
            duration=int(duration),
            cutoff=int(cutoff),
            delivery=agreed.delivery,
            right=agreed.right,
        )
        return Published(deal, int(opened))

    def deals(self, token: Token) -> list[Published]:
        """Every deal of a token, oldest first."""
        start, here = self._alliance.start_block, self.contract.address
        found = (
            log.event_arguments
            for log in calls.events(self.deals_contract, start, "DealPublished", about=token)
        )
        return [self.deal(token, bytes(facts["dealId"])) for facts in found if facts["escrow"] == here]

    def group(self, token: Token, name: str | bytes) -> Group:
        """A group by its name, such as coffee/3, or its id. Raises NoGroupError."""
        group_id = name if isinstance(name, bytes) else group_id_of(name)
        try:
            return self._look(token, group_id, self.deal(token, deal_of(group_id)).deal)
        except NoDealError as error:
            raise NoGroupError(f"{token.symbol} has no group {bought_text(group_id)}: {error}") from error

    def groups(self, token: Token, *names: str | bytes) -> list[Group]:
        """Every group of these deals, or of all deals of a token, oldest first."""
        found = [self.deal(token, name) for name in names] if names else self.deals(token)
        which = [
            (numbered(each.deal.id, number), each.deal)
            for each in found
            for number in range(1, each.opened + 1)
        ]
        questions = [(self.deals_contract, "groupOf", (token.address, group_id)) for group_id, _ in which]
        answers = calls.read_many(questions, block=calls.block_number())
        return [_group(token, *each, answer) for each, (answer,) in zip(which, answers, strict=True)]

    def seats(
        self, token: Token, group: Group | None = None, member: AccountLike | None = None
    ) -> list[Seat]:
        """The seats of a token that are not settled; of one group, or one member, if given."""
        names = ("SeatTaken", "SeatRefunded", "OrderOpened")
        whose = None if member is None else address_of(member)
        found: dict[tuple[bytes, str], Seat] = {}
        for log in calls.events(self.contract, self._alliance.start_block, *names, about=token):
            facts = log.event_arguments
            group_id = bytes(facts["offerId"] if log.event_name == "OrderOpened" else facts["groupId"])
            key = group_id, address_of(facts["member"])
            if log.event_name != "SeatTaken":
                found.pop(key, None)
            elif group is None or group.id == group_id:
                found[key] = _seat(facts)
        return [seat for seat in found.values() if whose in (None, seat.member)]

    def seat(self, token: Token, group: Group, member: AccountLike) -> Seat:
        """A member's seat in a group. Raises NoSeatError."""
        for seat in self.seats(token, group, member):
            return seat
        raise NoSeatError(
            f"{address_of(member)} has no seat in {group.name} that waits: look with `ape run groups show`."
        )

    # ---- managers with the campaign role

    def publish(self, token: Token, deal: Deal, *, sender: AccountAPI) -> Published:
        """Publish a deal, for good, under a name that the token has not used."""
        plan = (deal.most_seats, deal.seat_limit, deal.groups, deal.duration, deal.cutoff)
        tiers = [(tier.seats, tier.price) for tier in deal.tiers]
        calls.transact(
            sender,
            self.deals_contract,
            "publishDeal",
            self.contract.address,
            token.address,
            deal.id,
            conditions(deal),
            plan,
            tiers,
            deal.document.hash,
            deal.document.uri,
        )
        return self.deal(token, deal.id)

    # ---- members

    def open(self, token: Token, deal: str | bytes, *, sender: AccountAPI) -> Group:
        """Open a group without taking a seat, which uses up the sender's right if the deal asks for one."""
        receipt = calls.transact(sender, self.contract, "open", token.address, id_of(deal))
        (log,) = receipt.decode_logs([self.contract.GroupOpened.abi])
        return self.group(token, bytes(log.event_arguments["groupId"]))

    def wish(
        self,
        token: Token,
        name: str | bytes,
        quantity: int = 1,
        *,
        member: AccountLike,
        top_tier: int = 0,
        referrer: AccountLike | None = None,
        least_compensation: int | None = None,
    ) -> Wish:
        """A seat in a group, such as coffee/3, or in a new one of a deal, such as coffee.

        `top_tier` counts from 0, the dearest, with whose price the group comes about soonest. All of the
        compensation must be reserved unless less is accepted. Raises NoDealError, NoGroupError.
        """
        wanted = name if isinstance(name, bytes) else group_id_of(name)
        deal = self.deal(token, deal_of(wanted)).deal
        if not 0 <= top_tier < len(deal.tiers):
            raise NoDealError(f"{deal.name} has {len(deal.tiers)} prices: choose 1 to {len(deal.tiers)}.")
        if not 1 <= quantity <= deal.seat_limit:
            raise NoSeatError(f"A member takes 1 to {deal.seat_limit} of {deal.name}, not {quantity}.")
        return Wish(
            token=token.address,
            group_id=wanted,
            quantity=quantity,
            top_tier=top_tier,
            member=address_of(member),
            referrer=address_of(referrer) if referrer else NOBODY,
            least_compensation=(
                deal.delivery.compensation * quantity if least_compensation is None else least_compensation
            ),
            mix=deal.mix,
            deposit=deal.tiers[top_tier].price * quantity,
        )

    def join(self, wish: Wish, *, sender: AccountAPI) -> Seat:
        """Take a seat at the sender's cost."""
        token = self._alliance.tokens[wish.token]
        tokens = self._ready(token, wish.mix, wish.deposit, sender=sender)
        if wish.mix.token_part:
            data = encode(["uint8", _REQUEST_ABI], [PAY, wish.request])
            receipt = calls.transact(
                sender, token.contract, "transferAndCall", self.contract.address, tokens, data
            )
        else:
            receipt = calls.transact(sender, self.contract, "join", token.address, wish.request, NO_PERMIT)
        return self._taken_in(receipt)

    def sign(
        self, wish: Wish, payer: AccountLike, signer: Signer | bytes | str, *, patience: int = PATIENCE
    ) -> SignedWish:
        """Sign to pay for a seat, for anybody to send within `patience` seconds. Raises NoPermitError."""
        token = self._alliance.tokens[wish.token]
        owner, deadline = address_of(payer), calls.now() + patience
        spend = Spend(
            owner, str(self.contract.address), wish.cost.tokens, random_nonce(), deadline, wish.witness
        )
        permit: tuple[object, ...] = NO_PERMIT
        if wish.cost.money:
            permit = self._permit(token.currency, owner, wish.cost.money, deadline, signer)
        return SignedWish(wish, spend, spend.sign(token.domain, signer), permit)

    def submit(self, signed: SignedWish, *, sender: AccountAPI) -> Seat:
        """Take the seat that somebody signed to pay for, at the sender's cost of gas."""
        receipt = calls.transact(
            sender,
            self.contract,
            "joinWithSignature",
            signed.wish.token,
            signed.wish.request,
            signed.spend.arguments,
            signed.signature,
            signed.permit,
        )
        return self._taken_in(receipt)

    def leave(self, seat: Seat, *, sender: AccountAPI) -> ReceiptAPI:
        """Leave a group, with everything. The sender is the seat's member."""
        return calls.transact(sender, self.contract, "leaveGroup", seat.arguments)

    def sign_leaving(
        self, seat: Seat, signer: Signer | bytes | str, *, patience: int = PATIENCE
    ) -> tuple[Spend, bytes]:
        """The member's signature that it leaves, for `leave_signed`."""
        token, deadline = self._alliance.tokens[seat.token], calls.now() + patience
        witness = Witness("SeatLeaving", LEAVING, {"groupId": seat.group_id})
        spend = Spend(seat.member, str(self.contract.address), 0, random_nonce(), deadline, witness)
        return spend, spend.sign(token.domain, signer)

    def leave_signed(self, seat: Seat, spend: Spend, signature: bytes, *, sender: AccountAPI) -> ReceiptAPI:
        """Leave a group as the seat's member signed."""
        return calls.transact(
            sender, self.contract, "leaveGroupWithSignature", seat.arguments, spend.arguments, signature
        )

    # ---- anyone

    def close(self, group: Group, *, sender: AccountAPI) -> Group:
        """Write down how a group ended."""
        calls.transact(sender, self.contract, "close", group.token, group.id)
        return self._look(self._alliance.tokens.at(group.token), group.id, group.deal)

    def settle(self, token: Token, seats: Iterable[Seat], *, sender: AccountAPI) -> Settled:
        """Settle seats of groups that ended, in few transactions: surplus and refunds go out.

        What a participant has then is an order. Those that would fail are left out, each with its reason.
        """

        def call(some: Sequence[Seat]) -> Call:
            return "settle", ([seat.arguments for seat in some],)

        done, left_out = in_batches(self.contract, [list(dict.fromkeys(seats))], call, sender)
        return Settled(tuple(done), tuple(left_out))

    # ---- within

    def _look(self, token: Token, group_id: bytes, deal: Deal) -> Group:
        found = calls.read(self.deals_contract, "groupOf", token.address, group_id)
        if not found.status:
            raise NoGroupError(
                f"{token.symbol} has no group {bought_text(group_id)}: `ape run groups watch {token.symbol}` "
                "lists those that are."
            )
        return _group(token, group_id, deal, found)

    def _taken_in(self, receipt: ReceiptAPI) -> Seat:
        (log,) = receipt.decode_logs([self.contract.SeatTaken.abi])
        return _seat(log.event_arguments)

    def _order(self, log: Any, at: int) -> Order:  # noqa: ANN401 (Ape's log)
        """As for all orders; it counts from when the group ended, whenever its seat was settled."""
        order = super()._order(log, at)
        ended = calls.read(self.deals_contract, "groupOf", order.token, order.offer_id).deadline
        return replace(order, opened_at=int(ended))


def group_id_of(name: str) -> bytes:
    """The id of a group, such as coffee/3, or of a deal, such as coffee. Raises NoGroupError."""
    deal, slash, number = name.strip().rpartition("/")
    if not slash:
        deal, number = number, "0"
    if len(deal.encode()) > NAME_BYTES or not number.isdecimal() or not int(number) < 2**32:
        raise NoGroupError(f"{name!r} is no group: write deal and number, such as coffee/3.")
    return numbered(deal, int(number))


def _group(token: Token, group_id: bytes, deal: Deal, found: Any) -> Group:  # noqa: ANN401 (a struct)
    """A group from `IGroupDeals.Group`, by position: of many that are read, names are lost."""
    status, is_closed, deadline, cutoff_at, _, _, price, units, taken = (found[field] for field in range(9))
    return Group(
        token=token.address,
        id=group_id,
        deal=deal,
        status=Status(status),
        is_closed=bool(is_closed),
        deadline=int(deadline),
        cutoff_at=int(cutoff_at),
        price=int(price),
        units=int(units),
        taken=tuple(int(each) for each in taken)[: len(deal.tiers)],
    )


def _seat(facts: Any) -> Seat:  # noqa: ANN401 (Ape's log)
    return Seat(
        token=address_of(facts["token"]),
        group_id=bytes(facts["groupId"]),
        member=address_of(facts["member"]),
        quantity=int(facts["quantity"]),
        deposit=int(facts["deposit"]),
        compensation=int(facts["compensation"]),
        arbiter=address_of(facts["arbiter"]),
        referrer=address_of(facts["referrer"]),
    )
