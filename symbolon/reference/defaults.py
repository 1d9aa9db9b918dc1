"""When a brand does not keep what it owes: a default, and sharing what is there in any order (BOND-2)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from symbolon.reference.abi_words import words_of
from symbolon.reference.brands import Gated
from symbolon.reference.contract import UINT256, Address, require
from symbolon.reference.token import TRANSFER_ACCEPTED

if TYPE_CHECKING:
    from symbolon.reference.world import World

NO_DEBT = bytes(32)
"""What holders hand tokens in for."""


class Default(NamedTuple):
    """A token's default as it is now."""

    round: int
    declared_at: int
    reports: int
    pot: int
    paid: int
    base: int
    handed_in: int


class Record(NamedTuple):
    """A token's default as written down: the round, and since when it runs, if it does."""

    declared_at: int = 0
    round: int = 0
    reports: int = 0


class Round(NamedTuple):
    """What holders did and got in one default; pot and base as of its cure."""

    handed_in: int = 0
    paid: int = 0
    pot: int = 0
    base: int = 0


class Share(NamedTuple):
    """What somebody handed in, and what was paid for it."""

    handed_in: int = 0
    paid: int = 0


class Defaults(Gated, ABC):
    """See IDefaults. Where the money lies is the business of the class that builds on this one."""

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.defaults: dict[Address, Record] = {}
        self.rounds: dict[tuple[Address, int], Round] = {}
        self.shares: dict[tuple[Address, int, Address, bytes], Share] = {}
        """By token, round, account and debt."""
        self.reported: set[tuple[Address, Address, bytes]] = set()
        """By token, module and debt."""
        self.trusted: set[tuple[Address, Address]] = set()
        """By token and module."""

    # ---- anyone

    def declare_default(self, _sender: Address, token: Address) -> None:
        """Declare a default, if there are grounds."""
        self._check_not_in_default(token)
        record = self._record(token)
        has_grounds = record.reports != 0 or self._is_short_past_cure(token)
        require(has_grounds, "Defaults_NoGrounds", token)
        number = record.round + 1
        self.defaults[token] = Record(declared_at=self.world.now, round=number, reports=record.reports)
        self._cancel_withdrawals(token)
        self.world.obligations.set_in_default(self.address, token, True)
        self.emit("DefaultDeclared", token, number, *self._pot_and_base(token, number))

    def cure_default(self, _sender: Address, token: Address) -> None:
        """State that a default is over."""
        self._check_in_default(token)
        reports = self._record(token).reports
        require(reports == 0, "Defaults_Unpaid", token, reports)
        self._check_whole(token)
        self._cure(token)

    def pay_share(self, _sender: Address, token: Address, number: int, account: Address) -> int:
        """Make out what an account may have got by now and has not."""
        value = self._pay_share(token, number, account, NO_DEBT, UINT256)
        require(value != 0, "Defaults_NothingToPay", token, account, NO_DEBT)
        return value

    # ---- holders

    def on_transfer_received(
        self, sender: Address, _operator: Address, holder: Address, value: int, data: bytes
    ) -> bytes:
        """Take in what a holder hands in: it burns, and shares."""
        self._check_in_default(sender)
        (debt_id,) = words_of(data, (None,)) if data else (NO_DEBT,)
        debt = bytes(debt_id)
        number = self._record(sender).round
        record = self._round(sender, number)
        self.rounds[sender, number] = record._replace(handed_in=record.handed_in + value)
        key = sender, number, holder, debt
        share = self.shares.get(key, Share())
        self.shares[key] = share._replace(handed_in=share.handed_in + value)
        self.emit("HandedIn", sender, holder, debt, value)
        self.world.token(sender).burn(self.address, value)
        if debt == NO_DEBT:
            self._pay_share(sender, number, holder, NO_DEBT, UINT256)
        return TRANSFER_ACCEPTED

    # ---- modules

    def report(self, sender: Address, token: Address, debt_id: bytes) -> None:
        """State that a debt is long unpaid."""
        require((token, sender) in self.trusted, "Defaults_NotTrusted", token, sender)
        is_new = (token, sender, debt_id) not in self.reported
        require(is_new, "Defaults_AlreadyReported", token, sender, debt_id)
        self.reported.add((token, sender, debt_id))
        self._count_reports(sender, token, debt_id, 1)

    def withdraw_report(self, sender: Address, token: Address, debt_id: bytes) -> None:
        """Take a report back, because the debt is paid."""
        stands = (token, sender, debt_id) in self.reported
        require(stands, "Defaults_NotReported", token, sender, debt_id)
        self.reported.remove((token, sender, debt_id))
        self._count_reports(sender, token, debt_id, -1)

    def pay_share_of(self, sender: Address, token: Address, number: int, debt_id: bytes, most: int) -> int:
        """As `pay_share`, for what the caller handed in for a debt."""
        value = self._pay_share(token, number, sender, debt_id, most)
        require(value != 0, "Defaults_NothingToPay", token, sender, debt_id)
        return value

    # ---- views

    def default_of(self, token: Address) -> Default:
        """A token's default as it is now."""
        record = self._record(token)
        its = self._round(token, record.round)
        pot, base = self._pot_and_base(token, record.round)
        return Default(record.round, record.declared_at, record.reports, pot, its.paid, base, its.handed_in)

    def is_in_default(self, token: Address) -> bool:
        """Whether a token is in default."""
        return self._record(token).declared_at != 0

    def may_report(self, token: Address, module: Address) -> bool:
        """Whether the brand ever relied on a module."""
        return (token, module) in self.trusted

    def is_reported(self, token: Address, module: Address, debt_id: bytes) -> bool:
        """Whether a debt stands reported."""
        return (token, module, debt_id) in self.reported

    def share_of(self, token: Address, number: int, account: Address, debt_id: bytes) -> Share:
        """What an account handed in and got in a default."""
        return self.shares.get((token, number, account, debt_id), Share())

    def payable_share_of(self, token: Address, number: int, account: Address, debt_id: bytes) -> int:
        """What would be paid out now."""
        share = self.share_of(token, number, account, debt_id)
        return self._part_of(token, number, share.handed_in) - share.paid

    # ---- internals: for the class on top

    @abstractmethod
    def _pot_left(self, token: Address) -> int:
        """What is in the holders' purse."""

    @abstractmethod
    def _take_from_pot(self, token: Address, value: int) -> None:
        """It leaves the holders' purse."""

    @abstractmethod
    def _owe(self, token: Address, account: Address, value: int) -> None:
        """What was taken from the pot is owed to an account from here on."""

    @abstractmethod
    def _outstanding(self, token: Address) -> int:
        """All that holders have and all that is promised."""

    @abstractmethod
    def _is_short_past_cure(self, token: Address) -> bool:
        """Whether the holders' purse is short, and the time to cure that is over."""

    @abstractmethod
    def _check_whole(self, token: Address) -> None:
        """Refuse unless the holders' purse holds what is required."""

    @abstractmethod
    def _clear_flag(self, token: Address) -> None:
        """A flagged shortfall is made good."""

    @abstractmethod
    def _cancel_withdrawals(self, token: Address) -> None:
        """What the brand announced to take back is cancelled."""

    def _check_in_default(self, token: Address) -> None:
        require(self.is_in_default(token), "Defaults_NotInDefault", token)

    def _check_not_in_default(self, token: Address) -> None:
        require(not self.is_in_default(token), "Defaults_InDefault", token)

    def _is_curable(self, token: Address) -> bool:
        return self.is_in_default(token) and self._record(token).reports == 0

    def _shared(self, token: Address) -> tuple[int, int]:
        record = self._round(token, self._record(token).round)
        return (record.handed_in, record.paid) if self.is_in_default(token) else (0, 0)

    def _cure(self, token: Address) -> None:
        number = self._record(token).round
        record = self._round(token, number)
        pot, base = self._pot_and_base(token, number)
        set_aside = self._part_of(token, number, record.handed_in) - record.paid
        self._clear_flag(token)
        self.rounds[token, number] = record._replace(pot=pot, base=base)
        self.defaults[token] = self._record(token)._replace(declared_at=0)
        self._take_from_pot(token, set_aside)
        self.emit("DefaultCured", token, number, pot, base, set_aside)
        self.world.obligations.set_in_default(self.address, token, False)

    # ---- internals

    def _record(self, token: Address) -> Record:
        return self.defaults.get(token, Record())

    def _round(self, token: Address, number: int) -> Round:
        return self.rounds.get((token, number), Round())

    def _count_reports(self, module: Address, token: Address, debt_id: bytes, change: int) -> None:
        record = self._record(token)
        self.defaults[token] = record._replace(reports=record.reports + change)
        event = "DebtReported" if change > 0 else "ReportWithdrawn"
        self.emit(event, token, module, debt_id, record.reports + change)

    def _pay_share(self, token: Address, number: int, account: Address, debt_id: bytes, most: int) -> int:
        share = self.share_of(token, number, account, debt_id)
        value = min(self.payable_share_of(token, number, account, debt_id), most)
        if value == 0:
            return 0
        self.shares[token, number, account, debt_id] = share._replace(paid=share.paid + value)
        record = self._round(token, number)
        self.rounds[token, number] = record._replace(paid=record.paid + value)
        self.emit("SharePaid", token, number, account, debt_id, value)
        if self._is_open(token, number):
            self._take_from_pot(token, value)
        self._owe(token, account, value)
        return value

    def _part_of(self, token: Address, number: int, handed_in: int) -> int:
        if handed_in == 0:
            return 0
        pot, base = self._pot_and_base(token, number)
        return min(handed_in * pot // base, self.world.obligations.value_down(token, handed_in))

    def _pot_and_base(self, token: Address, number: int) -> tuple[int, int]:
        record = self._round(token, number)
        if not self._is_open(token, number):
            return record.pot, record.base
        return self._pot_left(token) + record.paid, self._outstanding(token) + record.handed_in

    def _is_open(self, token: Address, number: int) -> bool:
        return self.is_in_default(token) and self._record(token).round == number
