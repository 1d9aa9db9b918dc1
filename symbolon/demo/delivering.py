"""Third chapter: on Sunday evenings members order what they get later, and everybody sees to open orders.

Brands lay down bonds first. Members sign what they order, confirm or dispute, and somebody with nothing but
gas to spend sends it for them; the same somebody ends what brands and arbiters leave lying, and collects for
members what they are owed. What is done at one hour goes into one block.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count

from symbolon import calls
from symbolon.addresses import keccak
from symbolon.bonds import Purse
from symbolon.codes import label_bytes
from symbolon.demo.clerk import Clerk
from symbolon.demo.ordering import PARCEL, OrderPlan, Parcel, Planned, Step, evening_of
from symbolon.demo.plan import member_key
from symbolon.demo.stage import Actor, Stage
from symbolon.deployment import List
from symbolon.fulfilment import PATIENCE, Order
from symbolon.offers import Document, Offer
from symbolon.orders import Wish
from symbolon.rpc import Fees
from symbolon.signing import Spend, Witness

_SEED = b"symbolon demonstration: nonces of orders"
_HOUR = 3600
_GAS_FIXED, _GAS_EACH = 400_000, 60_000  # limits of a transaction; what it does not use costs nothing


class Deliveries:
    """All brands' orders.

    Attributes:
        refusals: what a brand was told each time that it called an order delivered after its time.
    """

    def __init__(
        self,
        stage: Stage,
        plan: OrderPlan,
        wallets: Mapping[int, str],
        advance: Callable[[], object],
    ) -> None:
        """Lay down every brand's bond and publish its offer to order.

        Args:
            stage: where.
            plan: what will be ordered.
            wallets: each household's wallet.
            advance: called after each brand.
        """
        self.refusals: list[str] = []
        self._stage = stage
        self._wallets = wallets
        self._desk = stage.alliance.orders.contract
        self._bonds = stage.alliance.bonds.contract
        self._numbers = count()
        self._orders: dict[tuple[int, int], Order] = {}
        self._todo = plan.todo()
        stage.alliance.set_listed(List.ARBITER, str(stage.arbiter.address), True, sender=stage.founder)
        self._actors = {actor.brand.number: actor for actor in stage.actors}
        self._offers: dict[int, Offer] = {}
        for number, actor in self._actors.items():
            self._offers[number] = self._open(actor, Parcel.of(actor.brand), plan.funds[number])
            advance()
        self._anybody, self._arbiter = stage.clerk(stage.anybody), stage.clerk(stage.arbiter)
        self._admins = {number: stage.clerk(actor.admin_key) for number, actor in self._actors.items()}

    def play_week(self, week: int, advance: Callable[[int], object]) -> None:
        """Do what is to be done about orders in a week, on its Sunday evening.

        Args:
            week: which.
            advance: called with the number of steps made.
        """
        todo = self._todo.get(week)
        if not todo:
            return
        evening = evening_of(week)
        claims = todo.get(Step.CLAIM, [])
        with self._stage.blocks_on_demand():
            fees = self._stage.chain.node.fees()
            if collects := todo.get(Step.COLLECT):
                self._stage.make_block(evening - _HOUR, self._collected(collects, fees))
            self._stage.make_block(evening, self._moved(todo, evening, fees))
        if claims:
            self._call_delivered(order for order in claims if order.is_late)
            with self._stage.blocks_on_demand():
                self._stage.make_block(evening + _HOUR, self._claimed(claims, fees))
        advance(sum(map(len, todo.values())))

    # ---- brands

    def _open(self, actor: Actor, parcel: Parcel, fund: int) -> Offer:
        alliance, token, admin = self._stage.alliance, actor.token, actor.admin
        calls.transact(admin, alliance.mock_dollar, "mint", admin.address, parcel.holders + fund)
        for purse, value in ((Purse.HOLDERS, parcel.holders), (Purse.COMPENSATION, fund)):
            if value:
                alliance.bonds.deposit(token, purse, value, sender=admin)
        offer = alliance.offers.create(
            token,
            PARCEL,
            parcel.conditions(str(self._stage.arbiter.address)),
            Document.of(parcel.document.encode()),
            sender=admin,
        )
        if fund:
            alliance.bonds.allot_to_offer(token, PARCEL, fund, sender=admin)
        return offer

    def _call_delivered(self, late: Iterable[Planned]) -> None:
        """The brand sends what is overdue, and says so; nobody listens any more."""
        for number, orders in self._by_brand(late):
            actor = self._actors[number]
            done = self._stage.alliance.orders.fulfil(actor.token, orders, sender=actor.admin)
            self.refusals += [str(error) for _, error in done.left_out]

    # ---- transactions, signed

    def _moved(self, todo: Mapping[Step, Sequence[Planned]], moment: int, fees: Fees) -> list[bytes]:
        """Everything but collecting and claiming."""
        raws = [self._opened(order, moment, fees) for order in todo.get(Step.OPEN, ())]
        for number, orders in self._by_brand(todo.get(Step.DELIVER, ())):
            token, offer = self._actors[number].token.address, self._offers[number].id
            numbers = [order.number for order in orders]
            raws.append(self._call(self._admins[number], "fulfil", token, offer, numbers, fees=fees))
        for number, orders in self._by_brand(todo.get(Step.FINISH, ())):
            token, facts = self._actors[number].token.address, [order.arguments for order in orders]
            raws.append(self._call(self._anybody, "finish", token, facts, fees=fees))
        for step, method in ((Step.CONFIRM, "confirmWithSignature"), (Step.DISPUTE, "disputeWithSignature")):
            for planned in todo.get(step, ()):
                order = self._orders[planned.key]
                witness = order.confirmation if step is Step.CONFIRM else order.complaint
                amount = 0 if step is Step.CONFIRM else order.stake
                signed = self._signed(planned, amount, witness, moment)
                raws.append(self._call(self._anybody, method, order.arguments, *signed, fees=fees))
        for planned in todo.get(Step.DECIDE, ()):
            decided = self._orders[planned.key].arguments
            raws.append(self._call(self._arbiter, "decide", decided, *planned.split, fees=fees))
        return raws

    def _opened(self, planned: Planned, moment: int, fees: Fees) -> bytes:
        """What a member orders, and signs."""
        parcel, arbiter = planned.parcel, str(self._stage.arbiter.address)
        token, offer = self._actors[parcel.brand].token.address, self._offers[parcel.brand]
        wish = Wish(
            token,
            self._wallets[planned.household],
            offer.id,
            quantity=1,
            version=offer.version,
            least_compensation=parcel.compensation,
            reference=label_bytes(planned.reference),
            most=parcel.price,
        )
        # The contract keeps a hash of these facts: were one of them wrong, it would know no such order.
        self._orders[planned.key] = Order(
            token,
            offer.id,
            planned.number,
            wish.member,
            wish.quantity,
            wish.most,
            wish.least_compensation,
            parcel.stake,
            arbiter,
            moment,
            wish.reference,
            str(self._stage.alliance.orders_desk.address),
        )
        signed = self._signed(planned, wish.most, wish.witness, moment)
        return self._call(self._anybody, "openWithSignature", token, wish.request, *signed, fees=fees)

    def _collected(self, orders: Iterable[Planned], fees: Fees) -> list[bytes]:
        """Whoever is owed anything collects all of it."""
        households = dict.fromkeys(order.household for order in orders)
        currency = self._stage.alliance.mock_dollar.address
        return [
            self._anybody.sign(
                str(self._bonds.address),
                bytes(self._bonds.collect.encode_input(currency, self._wallets[household])),
                gas=_GAS_FIXED,
                fees=fees,
            )
            for household in households
        ]

    def _claimed(self, orders: Iterable[Planned], fees: Fees) -> list[bytes]:
        """The brand, or the arbiter, was silent for too long."""
        return [
            self._call(self._anybody, "claim", self._orders[order.key].arguments, fees=fees)
            for order in orders
        ]

    def _by_brand(self, orders: Iterable[Planned]) -> Iterable[tuple[int, list[Order]]]:
        groups: dict[int, list[Order]] = defaultdict(list)
        for order in orders:
            groups[order.parcel.brand].append(self._orders[order.key])
        return groups.items()

    def _signed(
        self, planned: Planned, amount: int, witness: Witness, moment: int
    ) -> tuple[tuple[object, ...], bytes]:
        """The member's signature for a spend, as the contract takes both."""
        nonce = keccak(_SEED + next(self._numbers).to_bytes(8, "big"))
        wallet, desk = self._wallets[planned.household], str(self._desk.address)
        spend = Spend(wallet, desk, amount, nonce, moment + PATIENCE, witness)
        domain = self._actors[planned.parcel.brand].token.domain
        return spend.arguments, spend.sign(domain, member_key(planned.household))

    def _call(self, clerk: Clerk, method: str, *arguments: object, fees: Fees) -> bytes:
        many = max((len(each) for each in arguments if isinstance(each, list)), default=1)
        data = bytes(getattr(self._desk, method).encode_input(*arguments))
        gas = _GAS_FIXED + _GAS_EACH * many
        return clerk.sign(str(self._desk.address), data, gas=gas, fees=fees)
