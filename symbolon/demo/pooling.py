"""Fourth chapter: members swap, brands settle, and one of them stops paying.

It is played on a chain of its own and in the reference model at once. Members sign what they swap, and
somebody with nothing but gas to spend sends it for them. On the Sunday on which a period ends, anybody closes
it; a week later brands pay and take what they are owed; a week after that, what is still unpaid is taken from
what the debtor laid down.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ape import accounts
from eth_account import Account
from eth_account.signers.local import LocalAccount

from symbolon.addresses import parse_address
from symbolon.bonds import Purse
from symbolon.demo.data import week_closes_at
from symbolon.demo.ordering import evening_of
from symbolon.demo.stage import Actor, Stage
from symbolon.demo.swapping import (
    BOND,
    LEAST,
    LEVERAGE,
    OPENS_IN,
    PAYMENT_TIME,
    PERIOD,
    PROVIDED,
    PoolPlan,
    Wish,
)
from symbolon.demo.twin import Twin, witness_of
from symbolon.reference import Address, RevertError
from symbolon.reference.eip712 import word
from symbolon.reference.pools import Rules
from symbolon.reference.settlements import Settlement
from symbolon.reference.swaps import Act, SwapRequest
from symbolon.reference.token import LoyaltyToken
from symbolon.swaps import REQUEST

_HOUR = 3600
_SALT = bytes(32)


class Swapped(NamedTuple):
    """What became of a wish.

    Attributes:
        wish: which.
        given, got: base units; both zero where nothing came of it.
        net, ceiling: of the brand whose points were brought, before; base units.
        refusal: why not all of it was taken; empty where it was.
    """

    wish: Wish
    given: int
    got: int
    net: int
    ceiling: int
    refusal: str


@dataclass
class Closed:
    """A period that has ended, in base units of the settlement currency.

    Attributes:
        number: from zero.
        week: on whose Sunday.
        owed, claims: of each brand, by its number, when it was closed.
        paid: by debtors themselves.
        enforced: taken from what they had laid down.
        cashed_out: what else came in for a brand that failed.
        taken: by each creditor.
    """

    number: int
    week: int
    owed: dict[int, int]
    claims: dict[int, int]
    paid: dict[int, int] = field(default_factory=dict)
    enforced: dict[int, int] = field(default_factory=dict)
    cashed_out: int = 0
    taken: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def unpaid(self, brand: int) -> int:
        """What a brand has not paid so far."""
        return self.owed.get(brand, 0) - self.paid.get(brand, 0) - self.enforced.get(brand, 0)


class Pooling:
    """A pool of all brands.

    Attributes:
        swapped: what became of each wish, in the order in which they were tried.
        closed: the periods that have ended.
        twin: where it is played; `stage` is the chain's side of it.
        plan: what is to happen.
        wallets: each household's wallet.
        actors: the brands, by number.
        pool: the pool's id.
    """

    def __init__(self, stage: Stage, plan: PoolPlan, wallets: Mapping[int, str]) -> None:
        """Announce what bounds each brand in the pool, and lay down what stands behind it.

        Args:
            stage: where.
            plan: what is to happen.
            wallets: each household's wallet.
        """
        self.swapped: list[Swapped] = []
        self.closed: list[Closed] = []
        opens_at = week_closes_at(1) - 12 * _HOUR
        self.twin = Twin(stage, opens_at)
        self.stage = stage
        self.plan = plan
        self.wallets = {household: parse_address(wallet) for household, wallet in wallets.items()}
        self._by_week: dict[int, list[Wish]] = defaultdict(list)
        for wish in plan.wishes:
            self._by_week[wish.week].append(wish)
        self._earned = dict(list(plan.earned.groupby("week")))
        self._steward: LocalAccount = Account.from_key(accounts.test_accounts[0].private_key)
        self.actors = {actor.brand.number: actor for actor in stage.actors}
        self._number_of = {token.address: number for number, token in self.twin.token.items()}
        self.pool = b""
        with self.twin.at(opens_at):
            self._announce()

    def play_evening(self, week: int, advance: Callable[[int], object]) -> None:
        """Swap, close, pay: what is done on a week's Sunday evening.

        Args:
            week: which.
            advance: called with the number of wishes tried.
        """
        evening = evening_of(week)
        if week == OPENS_IN:
            with self.twin.at(evening):
                self._open()
        if wishes := self._by_week.get(week):
            with self.twin.at(evening):
                self.swapped += [self._swap(wish) for wish in wishes]
            advance(len(wishes))
        if week in self.plan.closing_weeks:
            with self.twin.at(evening + _HOUR):
                self._close(week)
        for period in self.closed:
            if week - period.week in (1, 2):
                with self.twin.at(evening + 2 * _HOUR):
                    self._settle(period, is_due=week - period.week == 2)

    def close_week(self, week: int) -> None:
        """Mint what the week's spending earns."""
        if week in self._earned:
            with self.twin.at(week_closes_at(week)):
                self.twin.issue(week, self._earned[week], self.wallets)

    # ---- brands

    def _announce(self) -> None:
        world, twin = self.twin.world, self.twin
        currency = world.currency(self.currency)
        rules = Rules(world.swaps.address, self.currency, PERIOD, PAYMENT_TIME, LEVERAGE)
        self.pool = twin.do(self._steward, world.pools, "createPool", _SALT, rules)
        for brand in self.plan.alliance:
            token, admin = self.twin.token[brand.number], self.actors[brand.number].admin_key
            bounds = self.plan.bounds(brand)
            twin.do(self._steward, world.pools, "announceBounds", self.pool, token.address, bounds)
            holders, address = self.plan.holders_bond(brand), parse_address(str(admin.address))
            twin.do(admin, currency, "mint", address, holders + BOND)
            twin.do(admin, currency, "approve", world.bonds.address, holders + BOND)
            twin.do(admin, world.bonds, "deposit", token.address, int(Purse.HOLDERS), holders)
            twin.do(admin, world.bonds, "deposit", token.address, int(Purse.SETTLEMENT), BOND)

    def _open(self) -> None:
        """Everybody joins, sets aside for the pool what it laid down, and provides."""
        world, twin = self.twin.world, self.twin
        fund = word(world.swaps.address) + self.pool
        for brand in self.plan.alliance:
            token, actor = twin.token[brand.number], self.actors[brand.number]
            twin.do(actor.admin_key, world.pools, "joinPool", self.pool, token.address)
            what = (token.address, int(Purse.SETTLEMENT), world.settlements.address, BOND, fund)
            twin.do(actor.admin_key, world.bonds, "allot", *what)
            self._provide(actor, token)

    def _provide(self, actor: Actor, token: LoyaltyToken) -> None:
        """Mint what the pool lacks of what is to be in it."""
        lacks = PROVIDED - self.twin.world.swaps.position_of(self.pool, token.address).provided
        if lacks <= 0 or token.mint_stopped():
            return
        admin = parse_address(str(actor.admin_key.address))
        data = word(int(Act.PROVIDE)) + self.pool
        self.twin.do(actor.manager, token, "mint", admin, lacks)
        self.twin.do(actor.admin_key, token, "transferAndCall", self.twin.world.swaps.address, lacks, data)

    # ---- members

    def _swap(self, wish: Wish) -> Swapped:
        """Swap what the pool takes of what a household would give; half a dollar at least."""
        swaps = self.twin.world.swaps
        token, wanted = self.twin.token[wish.gives], self.twin.token[wish.wants]
        position = swaps.position_of(self.pool, token.address)
        room = max(0, position.ceiling - position.net)
        nothing = Swapped(wish, 0, 0, position.net, position.ceiling, "")
        given = min(wish.units, room)
        refusal = "" if given == wish.units else "limit"
        if given < LEAST:
            return nothing._replace(refusal=refusal)
        try:
            got = swaps.quote_out(self.pool, token.address, wanted.address, given)
        except RevertError as error:
            return nothing._replace(refusal=error.name)
        request = SwapRequest(self.pool, wanted.address, got, False, self.wallets[wish.household])
        self._send(wish, token, request, given)
        return nothing._replace(given=given, got=got, refusal=refusal)

    def _send(self, wish: Wish, token: LoyaltyToken, request: SwapRequest, given: int) -> None:
        """What a member signs; anybody submits it."""
        swaps = self.twin.world.swaps
        witness = witness_of("SwapRequest", REQUEST, request)
        leave = self.twin.leave(wish.household, token, swaps, given, witness)
        self.twin.do(self.stage.anybody, swaps, "swapWithSignature", token.address, request, *leave)

    # ---- settling

    def _close(self, week: int) -> None:
        world, twin = self.twin.world, self.twin
        number = world.swaps.period_of(self.pool).number
        twin.do(self.stage.anybody, world.swaps, "close", self.pool)
        opened: dict[str, dict[int, int]] = {"DebtOpened": {}, "ClaimOpened": {}}
        for event in world.events:
            if event.name in opened:
                _, token, value, *_ = event.facts
                opened[event.name][self._number_of[token]] = value
        self.closed.append(Closed(number, week, opened["DebtOpened"], opened["ClaimOpened"]))
        for number, actor in self.actors.items():
            self._provide(actor, twin.token[number])

    def _settle(self, period: Closed, *, is_due: bool) -> None:
        """Debtors pay, or once it is due anybody has what they laid down; creditors take."""
        world, twin = self.twin.world, self.twin
        place = self.place(period)
        for number in period.owed:
            token, unpaid = twin.token[number], period.unpaid(number)
            if not unpaid:
                continue
            if is_due:
                if not world.settlements.account_of(world.swaps.address, self.pool, token.address).bond:
                    continue
                enforced = twin.do(self.stage.anybody, world.settlements, "enforce", *place, token.address)
                period.enforced[number] = enforced
            elif number != self.plan.failing.number or period.number <= self.plan.last_paid:
                self._pay(self.actors[number].admin_key, place, token, unpaid)
                period.paid[number] = unpaid
        self.take(period)

    def take(self, period: Closed) -> None:
        """Creditors take what their claims are worth by now; one that failed has no say any more."""
        world, twin = self.twin.world, self.twin
        place = self.place(period)
        for number in period.claims:
            token, admin = twin.token[number], self.actors[number].admin_key
            settlement_id = world.settlements.settlement_id_of(*place)
            if world.bonds.is_in_default(token.address):
                continue
            if world.settlements.payable_of(settlement_id, token.address):
                to = parse_address(str(admin.address))
                period.taken[number] += twin.do(
                    admin, world.settlements, "withdraw", *place, token.address, to
                )

    def place(self, period: Closed) -> tuple[Address, bytes, int]:
        """What a period's settlement is known by."""
        return self.twin.world.swaps.address, self.pool, period.number

    def _pay(
        self, admin: LocalAccount, place: tuple[Address, bytes, int], token: LoyaltyToken, value: int
    ) -> None:
        world, twin = self.twin.world, self.twin
        currency, address = world.currency(self.currency), parse_address(str(admin.address))
        twin.do(admin, currency, "mint", address, value)
        twin.do(admin, currency, "approve", world.settlements.address, value)
        twin.do(admin, world.settlements, "pay", *place, token.address, value)

    def settlement(self, period: Closed) -> Settlement:
        """A period's settlement, as it stands."""
        settlements = self.twin.world.settlements
        return settlements.settlement_of(settlements.settlement_id_of(*self.place(period)))

    @property
    def currency(self) -> Address:
        """The settlement currency."""
        return parse_address(str(self.stage.alliance.mock_dollar.address))
