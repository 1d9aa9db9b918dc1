"""Fifth chapter: a brand has not paid, what it laid down is used up, and anybody declares its default.

That is possible a cure period after the debt was due. Points of that brand that lie behind its debts are
handed in as those of any holder; half of its holders hand in theirs a week later, the others two weeks after
them, and everybody gets the same for a point.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from eth_account import Account

from symbolon.addresses import parse_address
from symbolon.bonds import Purse
from symbolon.demo.plan import member_key
from symbolon.demo.pooling import Closed, Pooling
from symbolon.reference.token import LoyaltyToken

DECLARED, FIRST, SECOND, LAST = 7, 8, 10, 11
"""Weeks after the period whose debt was not paid: declared, two rounds of holders, the last sharing."""

_ROUND = 1  # the token's first default
_WEI = 10**18  # for the gas of whoever hands in


@dataclass
class Failed:
    """A default.

    Attributes:
        brand: the brand's number.
        week: on whose Sunday it was declared; zero if it was not.
        pot, base: when it was declared: base units of the settlement currency to share, and of the token that
            share.
        revoked: base units of its manager's quota, which can become points no more.
        burned: base units of the token that the brand itself still had in the pool.
        handed_in: base units by household.
        early: households that came in the first round.
        paid: base units of the settlement currency by household, in the end.
        from_pot: what the token's points behind debts got, for the creditors.
        offset: what the brand's own claims paid of its debts.
        to_holders: what its claims brought to its holders.
        left: of the pot in the end, for whoever still holds its points.
    """

    brand: int
    week: int = 0
    pot: int = 0
    base: int = 0
    revoked: int = 0
    burned: int = 0
    handed_in: Counter[int] = field(default_factory=Counter)
    early: tuple[int, ...] = ()
    paid: Counter[int] = field(default_factory=Counter)
    from_pot: int = 0
    offset: int = 0
    to_holders: int = 0
    left: int = 0


class Failure:
    """What follows from a debt that one brand of a pool does not pay.

    Attributes:
        failed: what came of it so far.
    """

    def __init__(self, pooling: Pooling) -> None:
        self.failed = Failed(pooling.plan.failing.number)
        self._pooling = pooling
        self._twin = pooling.twin
        self._world = pooling.twin.world
        self._acts: dict[int, Callable[[], None]] = {
            DECLARED: self._declare,
            FIRST: lambda: self._hand_in(slice(0, None, 2)),
            SECOND: lambda: self._hand_in(slice(0, None)),
            LAST: self._share,
        }

    def play_evening(self, week: int, moment: int) -> None:
        """Do what is to be done on a week's Sunday, at that second."""
        missed = self._missed
        if missed is None:
            return
        if act := self._acts.get(week - missed.week):
            with self._twin.at(moment):
                act()
            self.failed.week = self.failed.week or week
        if self.failed.week:
            with self._twin.at(moment + 60):
                self._receive(week)

    @property
    def _missed(self) -> Closed | None:
        """The first period whose debt the brand did not pay, if that has ended."""
        later = (each for each in self._pooling.closed if each.number > self._pooling.plan.last_paid)
        return next((each for each in later if each.owed.get(self.failed.brand)), None)

    @property
    def _token(self) -> LoyaltyToken:
        return self._twin.token[self.failed.brand]

    def _declare(self) -> None:
        world, token, missed = self._world, self._token.address, self._missed
        assert missed is not None
        self._anybody(world.settlements, "report", *self._pooling.place(missed), token)
        self._anybody(world.bonds, "declareDefault", token)
        manager = parse_address(str(self._pooling.actors[self.failed.brand].manager.address))
        self.failed.revoked = self._anybody(world.obligations, "revokeQuota", token, manager)
        facts = world.bonds.default_of(token)
        self.failed.pot, self.failed.base = facts.pot, facts.base
        self._anybody(world.swaps, "syncSuspension", self._pooling.pool, token)
        position = world.swaps.position_of(self._pooling.pool, token)
        if position.provided + min(0, position.net) > 0:
            self.failed.burned = self._anybody(world.swaps, "burnProvided", self._pooling.pool, token)
        self._cash_out()

    def _cash_out(self) -> None:
        """The points that lie behind due debts get their part of the pot."""
        world, token = self._world, self._token
        for period in self._pooling.closed:
            place = self._pooling.place(period)
            debt_id = world.settlements.settlement_id_of(*place)
            debt = world.settlements.debt_of(debt_id, token.address)
            is_due = world.now >= self._pooling.settlement(period).due_at
            share = world.bonds.payable_share_of(token.address, _ROUND, world.settlements.address, debt_id)
            if debt.unpaid and is_due and (debt.lien or share):
                got = self._anybody(world.settlements, "cashOut", *place, token.address)
                period.cashed_out += got
                self.failed.from_pot += got

    def _hand_in(self, part: slice) -> None:
        """Some of the holders, by number, hand in all that they have."""
        token, world = self._token, self._world
        holders = [who for who, wallet in self._pooling.wallets.items() if token.balance_of(wallet)]
        coming = sorted(holders)[part]
        self.failed.early = self.failed.early or tuple(coming)
        for household in coming:
            wallet = self._pooling.wallets[household]
            amount = token.balance_of(wallet)
            self._pooling.stage.chain.rpc("anvil_setBalance", "0x" + wallet.hex(), hex(_WEI))
            key = Account.from_key(member_key(household))
            self._twin.do(key, token, "transferAndCall", world.bonds.address, amount, b"")
            self.failed.handed_in[household] += amount

    def _share(self) -> None:
        """Whatever came in since, for everybody who handed in; and all of it is collected."""
        world, token, currency = self._world, self._token, self._pooling.currency
        self._cash_out()
        for household in self.failed.handed_in:
            wallet = self._pooling.wallets[household]
            if world.bonds.payable_share_of(token.address, _ROUND, wallet, bytes(32)):
                self._anybody(world.bonds, "payShare", token.address, _ROUND, wallet)
            self.failed.paid[household] = self._anybody(world.bonds, "collect", currency, wallet)
        self.failed.left = world.bonds.purse_of(token.address, int(Purse.HOLDERS)).value

    def _receive(self, week: int) -> None:
        """What the brand is owed pays its debts in the pool, then its holders; creditors take theirs."""
        settlements, token = self._world.settlements, self._token.address
        for period in self._pooling.closed:
            place = self._pooling.place(period)
            claim_id = settlements.settlement_id_of(*place)
            for debtor in self._pooling.closed:
                debt_id = settlements.settlement_id_of(*self._pooling.place(debtor))
                if settlements.payable_of(claim_id, token) and settlements.debt_of(debt_id, token).unpaid:
                    source, pool, number = place
                    what = (source, pool, number, debtor.number, token)
                    got = self._anybody(settlements, "offset", *what)
                    debtor.cashed_out += got
                    self.failed.offset += got
            if settlements.payable_of(claim_id, token):
                self.failed.to_holders += self._anybody(settlements, "fillHolders", *place, token)
        for period in self._pooling.closed:
            if week > period.week:
                self._pooling.take(period)

    def _anybody(self, *what: object) -> int:
        contract, method, *arguments = what
        return int(self._twin.do(self._pooling.stage.anybody, contract, method, *arguments) or 0)  # type: ignore[arg-type]
