"""Rules: what brands lay down, what they get back, and leaving."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from stateful.dice import Dice, play
from stateful.machine import EVERYBODY, Played
from stateful.rules_redemptions import RedemptionRules
from stateful.stage import ADMINS, MANAGERS, MEMBERS, entry_slot, slot_of
from symbolon.reference import Address, Contract, Event
from symbolon.reference.bonds import Purse
from symbolon.reference.brands import Status
from symbolon.reference.contract import DAY, UINT256, ZERO
from symbolon.reference.token import LoyaltyToken

UINT96 = 2**96 - 1
SHORTEST_NOTICE, TO_WITHDRAW, TO_LEAVE = 14 * DAY, 7 * DAY, 730 * DAY
PURSES = (Purse.SETTLEMENT, Purse.HOLDERS, Purse.COMPENSATION)
Key = tuple[Address, int]
"""A token and a purse."""


class Announced(NamedTuple):
    """What a brand announced to take back, and when it said so."""

    value: int
    at: int


class Leaving(NamedTuple):
    """When a brand said that it leaves, and how long it then had to wait."""

    at: int
    notice: int


class BondRules(RedemptionRules):
    """Bonds are judged by a ledger of our own: of what came in and went out, for whom and when (BOND-1)."""

    def __init__(self) -> None:
        self.purses: Counter[Key] = Counter()
        self.allotted: Counter[tuple[Address, int, Address]] = Counter()
        self.owed: Counter[tuple[Address, Address]] = Counter()
        self.announced: dict[Key, Announced] = {}
        self.leaving: dict[Address, Leaving] = {}
        self.in_default: set[Address] = set()
        self.set_aside: Counter[Address] = Counter()
        self.gifts: Counter[Address] = Counter()
        super().__init__()
        # Each play begins with what the scene has laid down.
        self.purses = Counter({key: purse.value for key, purse in self.world.bonds.purses.items()})
        self.allotted = Counter(self.world.bonds.allotments)

    def set_scene(self) -> None:
        super().set_scene()
        bonds = self.world.bonds
        for admin in (*ADMINS, *MANAGERS):
            for currency in self.at.currencies:
                self.do(admin.address, currency, "mint", admin.address, 10**36)
                self.do(admin.address, currency, "approve", bonds.address, UINT256)
        for token in self.obliged():
            required = bonds.required_of(token.address)
            for purse, value in zip(PURSES, (10**9, required + required // 50 + 1, 10**12), strict=True):
                self.do(self.admin_of(token), bonds, "deposit", token.address, int(purse), value)

    # ---- BOND-1 and BOOK-1, by money and time

    def do(
        self, sender: Address, target: Contract, method: str, *arguments: Any, split: bool = False
    ) -> Played:
        bonds = self.world.bonds
        played = super().do(sender, target, method, *arguments, split=split)
        if not played.ok:
            return played
        if target in self.at.currencies and method in ("mint", "transfer", "transfer_from"):
            self.gifts[target.address] += sum(
                each.facts[2]
                for each in self.world.events
                if each.name == "Transfer" and each.facts[1] == bonds.address
            )
        mine = [each for each in self.world.events if each.contract == bonds.address]
        for event in mine:
            self._judge(event)
        if mine:
            self._check_money()
        return played

    def _judge(self, event: Event) -> None:
        """Enter in our ledger what an event says, if it may be so."""
        judges: dict[str, Callable[..., None]] = {
            "Deposited": self._deposited,
            "Allotted": self._allotted,
            "Reclaimed": self._reclaimed,
            "Drawn": self._drawn,
            "Collected": self._collected,
            "WithdrawalAnnounced": self._withdrawal_announced,
            "Withdrawn": self._withdrawn,
        }
        if event.name in judges:
            judges[event.name](*event.facts)
            if event.name not in ("Collected", "WithdrawalAnnounced"):
                token, purse, *_ = event.facts
                self.ask(self.world.bonds, "purse_of", token, purse)

    def _deposited(self, token: Address, purse: int, _sender: Address, value: int) -> None:
        self.purses[token, purse] += value

    def _allotted(self, token: Address, purse: int, module: Address, value: int) -> None:
        self.allotted[token, purse, module] += value
        assert purse != Purse.HOLDERS, "BOND-1: the holders' money was allotted"
        self._check_purse(token, purse)

    def _reclaimed(self, token: Address, purse: int, module: Address, value: int) -> None:
        self.allotted[token, purse, module] -= value

    def _drawn(self, token: Address, purse: int, module: Address, payee: Address, value: int) -> None:
        self.purses[token, purse] -= value
        self.allotted[token, purse, module] -= value
        self.owed[self.world.obligations.currency_of(token), payee] += value
        left = self.allotted[token, purse, module]
        assert left >= 0, f"BOND-1: {self.at.name(module)} drew {-left} more than it was allotted"

    def _collected(self, currency: Address, account: Address, _to: Address, value: int) -> None:
        self.owed[currency, account] -= value
        assert self.owed[currency, account] == 0, "BOOK-1: what was collected is not what was owed"

    def _withdrawal_announced(self, token: Address, purse: int, value: int, _start: int, _end: int) -> None:
        self.announced[token, purse] = Announced(value, self.world.now)

    def _withdrawn(self, token: Address, purse: int, _to: Address, value: int) -> None:
        self.purses[token, purse] -= value
        announced, now = self.announced.pop((token, purse)), self.world.now
        waited = now - announced.at
        assert waited >= SHORTEST_NOTICE, f"BOND-1: the brand took money back after {waited} seconds"
        assert value <= announced.value, "BOND-1: the brand took back more than it announced"
        self.tally.checks["BOND-1: withdrawn"] += 1
        self._check_purse(token, purse)

    def _check_purse(self, token: Address, purse: int) -> None:
        """What is promised out of a purse is in it, once the brand has had its way."""
        held = self.purses[token, purse]
        allotted = sum(
            value for (owner, its, _), value in self.allotted.items() if (owner, its) == (token, purse)
        )
        assert held >= allotted, f"BOND-1: {held} are left of {allotted} that modules were allotted"
        if purse != Purse.HOLDERS:
            return
        if leaving := self.leaving.get(token):
            gone = self.world.now - leaving.at
            assert gone >= leaving.notice + TO_LEAVE, (
                f"BOND-1: a brand that leaves took its bond back after {gone} seconds"
            )
            return
        book, obligation = self.book_of(token), self.world.obligations.obligation_of(token)
        worth = (book.supply + book.total_quota) * obligation.par_value * obligation.terms.bond_bps
        covered = held * 10_000 * 10 ** self.world.token(token).decimals()
        assert covered >= worth, f"BOND-1: the holders' purse was left with {held}, which is too little"

    def _check_money(self) -> None:
        """The bonds hold what is in purses, what is owed, and what they were given, in each currency."""
        slot = slot_of("MockDollar", "_balances")
        currency_of = self.world.obligations.currency_of
        due: Counter[Address] = Counter()
        for (token, _), value in self.purses.items():
            due[currency_of(token)] += value
        for token, value in self.set_aside.items():
            due[currency_of(token)] += value
        for (currency, _), value in self.owed.items():
            due[currency] += value
        for currency in (each.address for each in self.at.currencies):
            held = self.chain.storage(currency, entry_slot(slot, self.world.bonds.address))
            expected = due[currency] + self.gifts[currency]
            assert held == expected, f"BOOK-1: the bonds hold {held} of {expected}"

    def witness(self, event: Event) -> None:
        super().witness(event)
        now, obligations = self.world.now, self.world.obligations
        if event.name == "WindDownAnnounced":
            token, *_ = event.facts
            self.leaving[token] = Leaving(now, obligations.notice_period_of(token))
        elif event.name == "WindDownWithdrawn":
            left = self.leaving.pop(event.facts[0])
            assert now < left.at + left.notice, "AUTH-1: a brand that had left came back"
        elif event.name == "InDefaultSet":
            token, _, begins = event.facts
            (self.in_default.add if begins else self.in_default.remove)(token)
        elif event.name == "MintStopSynced":
            token, stopped = event.facts
            status = self.world.brands.status_of(self.world.token(token).brand_id())
            left = self.leaving.get(token, Leaving(now, 1))
            is_due = status != Status.ACTIVE or now >= left.at + left.notice or token in self.in_default
            assert stopped == is_due, "AUTH-1: issuing was ended before its time, or begun again"

    # ---- choices

    def obliged(self) -> list[LoyaltyToken]:
        return [each for each in self.world.tokens if each.address in self.world.obligations.obligations]

    def a_purse(self, dice: Dice) -> int:
        return int(dice.pick(PURSES))

    def an_amount_of(self, dice: Dice, most: int) -> int:
        """Mostly a part; rarely more than any purse can hold."""
        return dice.pick([2**128, UINT256]) if dice.rarely() else dice.amount(most)

    def shortage(self, token: LoyaltyToken) -> int:
        """How much the holders' purse lacks."""
        view = self.world.bonds.purse_of(token.address, Purse.HOLDERS)
        return max(0, view.required - view.value)

    # ---- anyone

    @play
    def deposit(self, dice: Dice) -> None:
        token, purse = self.an_obliged_token(dice), self.a_purse(dice)
        value = self.an_amount_of(dice, 10**12)
        if purse == Purse.HOLDERS and token in self.obliged():
            value = dice.pick([self.shortage(token), value])
        sender = self.somebody(dice, ADMINS[0].address)
        self.do(sender, self.world.bonds, "deposit", token.address, purse, value)

    def somebody_owed(self, dice: Dice) -> tuple[Address, Address]:
        """A currency and whom something is owed in it."""
        owed = [each for each, value in self.world.bonds.owed.items() if value]
        if owed and not dice.seldom():
            return dice.pick(owed)
        return dice.pick(self.at.currencies).address, dice.pick([*EVERYBODY, ZERO, self.world.bonds.address])

    @play
    def collect(self, dice: Dice) -> None:
        currency, account = self.somebody_owed(dice)
        self.do(dice.pick(EVERYBODY), self.world.bonds, "collect", currency, account)

    @play
    def collect_to(self, dice: Dice) -> None:
        currency, account = self.somebody_owed(dice)
        to = dice.pick([ZERO, self.world.bonds.address]) if dice.rarely() else dice.pick(EVERYBODY)
        sender = account if self.can_act(account) else MEMBERS[0].address
        self.do(sender, self.world.bonds, "collect_to", currency, to)

    @play
    def flag_shortfall(self, dice: Dice) -> None:
        bonds = self.world.bonds
        short = [each for each in self.obliged() if self.shortage(each) and each.address not in bonds.cure_by]
        token = dice.pick(short) if short and not dice.seldom() else self.an_obliged_token(dice)
        if not short and token in self.obliged() and not dice.seldom():
            before = self.world.obligations.obligation_of(token.address).terms
            more = before._replace(bond_bps=min(before.bond_bps + 1 + dice.roll(200), 10_000))
            self.do(self.admin_of(token), self.world.obligations, "set_terms", token.address, more)
        self.do(dice.pick(EVERYBODY), bonds, "flag_shortfall", token.address)

    @play
    def clear_shortfall(self, dice: Dice) -> None:
        """Promises make the bond too small; taking them back makes it large enough again."""
        bonds, token = self.world.bonds, self.an_obliged_token(dice)
        active = self.world.brands.status_of(token.brand_id()) == Status.ACTIVE
        if token in self.obliged() and active and not token.mint_stopped() and not dice.seldom():
            admin = self.admin_of(token)
            if short := self.shortage(token):
                self.do(ADMINS[0].address, bonds, "deposit", token.address, int(Purse.HOLDERS), short)
            minter, room = MANAGERS[0].address, self.room_in(token)
            self.do(admin, token, "grant_quota", minter, room)
            self.do(dice.pick(EVERYBODY), bonds, "flag_shortfall", token.address)
            if dice.roll(4):
                self.do(admin, token, "revoke_quota", minter, room)
        self.do(dice.pick(EVERYBODY), bonds, "clear_shortfall", token.address)

    # ---- brand

    @play
    def announce_withdrawal(self, dice: Dice) -> None:
        token, purse = self.an_obliged_token(dice), self.a_purse(dice)
        value = self.an_amount_of(dice, self.purses[token.address, purse] or 10**6)
        sender = self.somebody(dice, self.admin_of(token))
        self.do(sender, self.world.bonds, "announce_withdrawal", token.address, purse, value)

    def waiting(self) -> list[Key]:
        """The purses from which a withdrawal is announced and not overdue."""
        earliest = self.world.now - TO_WITHDRAW
        purses = self.world.bonds.purses.items()
        return [each for each, record in purses if record.withdrawal and record.withdrawable_at > earliest]

    def an_announcement(self, dice: Dice) -> tuple[LoyaltyToken, int]:
        """What is announced to be withdrawn; where nothing is, something is announced first."""
        if not self.waiting() and not dice.seldom():
            self.announce_withdrawal(dice)
        waiting = self.waiting()
        if waiting and not dice.rarely():
            address, purse = dice.pick(waiting)
            return self.world.token(address), purse
        return self.an_obliged_token(dice), self.a_purse(dice)

    @play
    def cancel_withdrawal(self, dice: Dice) -> None:
        token, purse = self.an_announcement(dice)
        sender = self.somebody(dice, self.admin_of(token))
        self.do(sender, self.world.bonds, "cancel_withdrawal", token.address, purse)

    @play
    def withdraw(self, dice: Dice) -> None:
        """In time, or a second or a week too early or too late."""
        token, purse = self.an_announcement(dice)
        record = self.world.bonds.purses.get((token.address, purse))
        if record and record.withdrawable_at and not dice.seldom():
            offset = (0, 0, 1, TO_WITHDRAW - 1, TO_WITHDRAW - 1, -1, TO_WITHDRAW)[dice.roll(7)]
            self.set_time(max(self.world.now, record.withdrawable_at + offset))
        sender = self.somebody(dice, self.admin_of(token))
        to = dice.pick([ZERO, self.world.bonds.address]) if dice.rarely() else dice.pick(EVERYBODY)
        self.do(sender, self.world.bonds, "withdraw", token.address, purse, to)

    # ---- leaving

    def has_left(self, token: LoyaltyToken) -> bool:
        return 0 < self.world.obligations.obligation_of(token.address).wind_down_starts_at <= self.world.now

    @play
    def announce_wind_down(self, dice: Dice) -> None:
        """A brand says that it leaves; most stay."""
        staying = [each for each in self.obliged() if each.address not in self.leaving]
        if len(staying) <= 3 and not dice.seldom():
            return
        token = dice.pick(staying) if staying and not dice.seldom() else self.an_obliged_token(dice)
        sender = self.somebody(dice, self.admin_of(token))
        self.do(sender, self.world.obligations, "announce_wind_down", token.address)

    @play
    def withdraw_wind_down(self, dice: Dice) -> None:
        """A brand stays after all: at any time, seldom around the last moment; too late if it has left."""
        leaving = [
            each for each in self.obliged() if each.address in self.leaving and not self.has_left(each)
        ]
        if not leaving and not dice.seldom():
            self.announce_wind_down(dice)
            leaving = [each for each in self.obliged() if each.address in self.leaving]
        token = dice.pick(leaving) if leaving and not dice.rarely() else self.an_obliged_token(dice)
        starts_at = self.world.obligations.obligation_of(token.address).wind_down_starts_at
        if starts_at > self.world.now and dice.seldom():
            self.set_time(max(self.world.now, starts_at + dice.pick([-1, -1, 0, 1])))
        sender = self.somebody(dice, self.admin_of(token))
        self.do(sender, self.world.obligations, "withdraw_wind_down", token.address)

    @play
    def stop_who_has_left(self, dice: Dice) -> None:
        """Anybody ends the issuing of a brand that has left, or tries to a second too early."""
        leaving = [each for each in self.obliged() if each.address in self.leaving]
        if not leaving:
            return
        token = dice.pick(leaving)
        starts_at = self.world.obligations.obligation_of(token.address).wind_down_starts_at
        if starts_at > self.world.now and dice.seldom():
            self.set_time(max(self.world.now, starts_at + dice.pick([-1, 0, 1])))
        self.tally.checks["AUTH-1: mint-stop while leaving"] += 1
        self.do(dice.pick(EVERYBODY), self.world.obligations, "sync_mint_stop", token.address)
        self.ask(token, "mint_stopped")
