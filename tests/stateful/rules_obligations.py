"""Rules: what brands owe, and how terms and capacity change."""

from __future__ import annotations

from stateful.dice import Dice, play
from stateful.rules_tokens import TokenRules
from stateful.stage import ADMINS, REGISTRAR
from symbolon.reference import Address, Event
from symbolon.reference.brands import Status
from symbolon.reference.contract import DAY, ZERO
from symbolon.reference.obligations import Terms
from symbolon.reference.token import LoyaltyToken

UINT96 = 2**96 - 1
PARS = (10_000, 1_234_567, 1, 250_000, 3)
Named = tuple[Address, bytes]
"""What has versions: an offer by its token and id, or a token's terms by the token and no id."""
TERMS = b""


class ObligationRules(TokenRules):
    """Obliging, changing terms, and capacity that rises only after notice."""

    def __init__(self) -> None:
        # When conditions got worse, as announced on the chain: RED-2 is judged by time, without versions.
        self.worsenings: dict[Named, list[int]] = {}
        super().__init__()

    def set_scene(self) -> None:
        super().set_scene()
        capacities = (10**12, 10**27, UINT96, 0, 10**15)
        for token, capacity, par in zip(self.world.tokens, capacities, PARS, strict=True):
            if token.obligation_registry() == REGISTRAR.address:
                self.do(REGISTRAR.address, token, "set_capacity", UINT96)
            else:
                terms = Terms(b"\x01" * 32, 30 * DAY, 500, "ipfs://terms")
                debt = (token.address, self.at.currencies[0].address, par, capacity, terms)
                self.do(self.admin_of(token), self.world.obligations, "oblige", *debt)
        self.start_issuing()

    def witness(self, event: Event) -> None:
        super().witness(event)
        if event.name == "TermsSet":
            token, _, worse, effective_at, *_ = event.facts
            if worse:
                self.worsenings.setdefault((token, TERMS), []).append(effective_at)
        elif event.name == "TermsWithdrawn":
            self.worsenings[event.facts[0], TERMS].pop()

    def has_got_worse(self, named: Named, since: int) -> bool:
        """Whether an announced worsening has taken effect after `since`."""
        return any(since < effective_at <= self.world.now for effective_at in self.worsenings.get(named, ()))

    # ---- choices

    def an_obliged_token(self, dice: Dice) -> LoyaltyToken:
        if dice.rarely():
            return self.a_token(dice)
        obliged = self.world.obligations.obligations
        return dice.pick([each for each in self.world.tokens if each.address in obliged])

    def some_terms(self, dice: Dice, before: Terms) -> Terms:
        """Longer notice, more of a bond or another place is better at once; another document, shorter notice
        or less of a bond is worse.
        """
        twist = dice.roll(11)
        longer = before.notice_period + dice.roll(20) * DAY
        return (
            before._replace(notice_period=longer),
            before._replace(terms_uri=self.a_uri(dice)),
            before._replace(terms_hash=bytes([1 + dice.roll(255)]) * 32),
            before._replace(notice_period=14 * DAY),
            before._replace(notice_period=45 * DAY, terms_hash=bytes([1 + dice.roll(255)]) * 32),
            before._replace(notice_period=14 * DAY - 1 + dice.roll(2)),
            before._replace(notice_period=3650 * DAY + dice.roll(2)),
            before._replace(terms_hash=bytes(32)),
            before._replace(bond_bps=min(before.bond_bps + dice.roll(100), 10_000)),
            before._replace(bond_bps=before.bond_bps // 2),
            before._replace(bond_bps=10_000 + dice.roll(2)),
        )[twist]

    # ---- brand

    @play
    def oblige(self, dice: Dice) -> None:
        obligations = self.world.obligations
        fresh = [
            each
            for each in self.world.tokens
            if each.obligation_registry() == obligations.address
            and each.address not in obligations.obligations
        ]
        if not fresh and not dice.seldom():
            self.create_token(dice)
            return
        token = dice.pick(fresh) if fresh and not dice.seldom() else self.a_token(dice)
        address = self.world.desk.address if dice.rarely() else token.address
        currency = ZERO if dice.rarely() else dice.pick(self.at.currencies).address
        par = 0 if dice.rarely() else dice.pick(PARS)
        bond_bps = 10_001 if dice.rarely() else dice.roll(3) * 100
        terms = Terms(bytes([dice.roll(16) != 15]) * 32, (14 + dice.roll(40)) * DAY, bond_bps, "ipfs://terms")
        if dice.rarely():
            terms = terms._replace(notice_period=dice.roll(2) * 3651 * DAY)
        debt = (address, currency, par, 10 ** dice.roll(29), terms)
        self.do(self.somebody(dice, self.admin_of(token)), obligations, "oblige", *debt)

    @play
    def make_and_oblige(self, dice: Dice) -> None:
        """A brand's further token, ready to be issued."""
        brand_id, brand = self.brand_with(dice, Status.ACTIVE)
        obligations, desk = self.world.obligations, self.world.desk.address
        facts = (brand_id, obligations.address, desk, f"Extra {dice.roll(3)}", "X", dice.roll(19))
        made = self.do(self.somebody(dice, brand.admin), self.world.factory, "create_token", *facts)
        if made.ok:
            terms = Terms(b"\x02" * 32, 14 * DAY, dice.roll(3) * 100, "")
            debt = (made.result, self.at.currencies[1].address, dice.pick(PARS), 10**20, terms)
            self.do(brand.admin, obligations, "oblige", *debt)

    @play
    def set_terms(self, dice: Dice) -> None:
        token = self.an_obliged_token(dice)
        before = self.world.obligations.obligation_of(token.address).terms
        sender = self.somebody(dice, self.admin_of(token))
        terms = self.some_terms(dice, before)
        self.do(sender, self.world.obligations, "set_terms", token.address, terms)

    @play
    def withdraw_terms(self, dice: Dice) -> None:
        obligation_of = self.world.obligations.obligation_of
        pending = [each for each in self.world.tokens if obligation_of(each.address).terms_change_at]
        if not pending and not dice.seldom():
            token = self.an_obliged_token(dice)
            terms = Terms(dice.word(), 20 * DAY, 0, "ipfs://worse")
            self.do(self.admin_of(token), self.world.obligations, "set_terms", token.address, terms)
            pending = [token]
        token = dice.pick(pending) if pending else self.an_obliged_token(dice)
        sender = self.somebody(dice, self.admin_of(token))
        self.do(sender, self.world.obligations, "withdraw_terms", token.address)

    @play
    def set_capacity(self, dice: Dice) -> None:
        token = self.an_obliged_token(dice)
        committed = token.total_supply() + token.total_quota()
        raised = min(token.capacity() * 2, UINT96)
        least = max(0, committed - 1)
        capacity = (raised, committed + self.room_in(token) // 2, committed, least, raised)[dice.roll(5)]
        sender = self.somebody(dice, self.admin_of(token))
        self.do(sender, self.world.obligations, "set_capacity", token.address, capacity)

    def raising(self, dice: Dice) -> LoyaltyToken:
        """A token whose capacity is to be raised; where there is none, one is announced."""
        if dice.seldom():
            return self.an_obliged_token(dice)
        obligations = self.world.obligations
        announced = [each for each, record in obligations.obligations.items() if record.capacity_change_at]
        if announced:
            return self.world.token(dice.pick(announced))
        token = self.an_obliged_token(dice)
        raised = min(token.capacity() + 10**6, UINT96)
        self.do(self.admin_of(token), obligations, "set_capacity", token.address, raised)
        return token

    @play
    def withdraw_capacity_raise(self, dice: Dice) -> None:
        token = self.raising(dice)
        sender = self.somebody(dice, self.admin_of(token))
        self.do(sender, self.world.obligations, "withdraw_capacity_raise", token.address)

    # ---- anyone

    @play
    def apply_capacity_raise(self, dice: Dice) -> None:
        token = self.raising(dice)
        due_at = self.world.obligations.obligation_of(token.address).capacity_change_at
        if dice.roll(2) == 0 and self.world.now < due_at:
            self.set_time(due_at)
        sender = dice.pick(self.at.recipients[:5])
        self.do(sender, self.world.obligations, "apply_capacity_raise", token.address)

    @play
    def sync_mint_stop(self, dice: Dice) -> None:
        token = self.an_obliged_token(dice)
        sender = dice.pick([*self.at.recipients[:5], ADMINS[0].address])
        self.do(sender, self.world.obligations, "sync_mint_stop", token.address)

    @play
    def suspend_and_sync(self, dice: Dice) -> None:
        """A suspension, or the end of one, that every token of the brand knows of."""
        suspended = self.suspended()
        brand_id = dice.pick(suspended or list(self.world.brands.brands))
        change = "reinstate" if suspended else "suspend"
        self.do(self.world.brands.alliance, self.world.brands, change, brand_id)
        for token in self.world.tokens:
            if token.brand_id() == brand_id and token.address in self.world.obligations.obligations:
                sender = self.at.recipients[0]
                self.do(sender, self.world.obligations, "sync_mint_stop", token.address)
