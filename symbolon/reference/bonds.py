"""What brands lay down for what they owe: three purses, each of which pays for its purpose alone (BOND-1)."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from symbolon.addresses import keccak
from symbolon.reference.brands import List
from symbolon.reference.contract import DAY, ZERO, Address, RevertError, checked, require
from symbolon.reference.defaults import Defaults

if TYPE_CHECKING:
    from symbolon.reference.world import World

ALLOTTED = keccak(b"onAllotted(address,uint8,uint256,bytes)")[:4]
"""What a module answers that accepts an allotment."""

RECLAIMED = keccak(b"onReclaimed(address,uint8,uint256,bytes)")[:4]
"""What a module answers that gives back what it has not promised."""


class Purse(IntEnum):
    """What money in a bond is for."""

    SETTLEMENT = 0
    HOLDERS = 1
    COMPENSATION = 2


class PurseView(NamedTuple):
    """One purse as it is now."""

    value: int
    allotted: int
    required: int
    withdrawal: int
    withdrawable_at: int
    withdrawable_until: int


class Record(NamedTuple):
    """One purse as written down: what is in it, and what the brand announced to take back."""

    value: int = 0
    allotted: int = 0
    withdrawal: int = 0
    withdrawable_at: int = 0


@runtime_checkable
class AllotmentReceiver(Protocol):
    """A contract that a brand lets draw on its bond."""

    def on_allotted(self, sender: Address, token: Address, purse: int, value: int, data: bytes) -> bytes:
        """Learn of more to draw on; anything but ALLOTTED undoes the call that brings it."""

    def on_reclaimed(self, sender: Address, token: Address, purse: int, value: int, data: bytes) -> bytes:
        """Give back what was not promised; anything but RECLAIMED undoes the call."""


class Bonds(Defaults):
    """See IBonds."""

    WITHDRAWAL_WINDOW = 7 * DAY
    CURE_PERIOD = 30 * DAY
    BPS = 10_000
    SCALE = 10**18
    """A multiple of every token's unit, so that so many times an amount has an exact worth at par."""

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.purses: dict[tuple[Address, int], Record] = {}
        self.allotments: dict[tuple[Address, int, Address], int] = {}
        self.owed: dict[tuple[Address, Address], int] = {}
        """By currency and account."""
        self.cure_by: dict[Address, int] = {}

    # ---- anyone

    def deposit(self, sender: Address, token: Address, purse: int, value: int) -> None:
        """Put money into a purse, from the caller's allowance."""
        require(value != 0, "Bonds_ZeroValue")
        self._check_size(value)
        currency = self.world.currency(self.world.obligations.currency_of(token))
        before = currency.balance_of(self.address)
        currency.transfer_from(self.address, sender, self.address, value)
        received = currency.balance_of(self.address) - before
        require(received >= value, "Bonds_ShortDeposit", received, value)
        record = self._purse(token, purse)
        self.purses[token, purse] = record._replace(value=checked(record.value + value, 128))
        self.emit("Deposited", token, purse, sender, value)
        is_curable = self._is_curable(token)
        if purse == Purse.HOLDERS and (is_curable or token in self.cure_by):
            held, required = self._held_and_required(token)
            if held < required:
                return
            if is_curable:
                self._cure(token)
            else:
                self._clear(token, held, required)

    def collect(self, _sender: Address, currency: Address, account: Address) -> int:
        """Pay out what is owed to an account, to that account."""
        return self._collect(currency, account, account)

    def collect_to(self, sender: Address, currency: Address, to: Address) -> int:
        """Pay out what is owed to the caller, to another account."""
        return self._collect(currency, sender, to)

    def flag_shortfall(self, _sender: Address, token: Address) -> None:
        """State that the holders' purse holds too little, which starts the brand's time to cure it."""
        cure_by = self.cure_by_of(token)
        require(cure_by == 0, "Bonds_AlreadyFlagged", token, cure_by)
        held, required = self._held_and_required(token)
        require(held < required, "Bonds_NoShortfall", token, held, required)
        self.cure_by[token] = self.world.now + self.CURE_PERIOD
        self.emit("ShortfallFlagged", token, held, required, self.cure_by[token])

    def clear_shortfall(self, _sender: Address, token: Address) -> None:
        """State that the shortfall is made good."""
        held, required = self._held_and_required(token)
        require(token in self.cure_by, "Bonds_NoShortfall", token, held, required)
        require(held >= required, "Bonds_StillShort", token, held, required)
        self._clear(token, held, required)

    def gather(self, _sender: Address, token: Address, purse: int) -> int:
        """In default, put what is free in a purse into the holders'."""
        self._check_in_default(token)
        require(purse != Purse.HOLDERS, "Bonds_NotAllottable", purse)
        value = self._free_in(token, purse)
        require(value != 0, "Bonds_ZeroValue")
        self._change_purse(token, purse, -value)
        self._change_purse(token, Purse.HOLDERS, value)
        self.emit("Gathered", token, purse, value)
        return value

    # ---- brand

    def allot(
        self, sender: Address, token: Address, purse: int, module: Address, value: int, data: bytes
    ) -> None:
        """Let a module draw on so much more of a purse, and tell it."""
        self._check_brand(token, sender)
        self._check_not_in_default(token)
        require(value != 0, "Bonds_ZeroValue")
        require(purse != Purse.HOLDERS, "Bonds_NotAllottable", purse)
        listed = self.world.brands.is_listed(List.MODULE, module)
        require(listed, "Bonds_ModuleNotListed", module)
        record = self._purse(token, purse)
        free = record.value - record.allotted
        require(value <= free, "Bonds_NotEnoughFree", token, purse, value, free)
        self.purses[token, purse] = record._replace(allotted=record.allotted + value)
        self.allotments[token, purse, module] = self.allotment_of(token, purse, module) + value
        if purse == Purse.SETTLEMENT:
            self.trusted.add((token, module))
        self.emit("Allotted", token, purse, module, value)
        answer = self._receiver(module).on_allotted(self.address, token, purse, value, data)
        require(answer == ALLOTTED, "Bonds_ModuleRefused", module)

    def reclaim(
        self, sender: Address, token: Address, purse: int, module: Address, value: int, data: bytes
    ) -> None:
        """Take back from a module what it has not promised to anybody."""
        if not self.is_in_default(token):
            self._check_brand(token, sender)
        require(value != 0, "Bonds_ZeroValue")
        self._check_allotment(token, purse, module, value)
        answer = self._receiver(module).on_reclaimed(self.address, token, purse, value, data)
        require(answer == RECLAIMED, "Bonds_ModuleRefused", module)
        self._take_allotment(token, purse, module, value)
        self.emit("Reclaimed", token, purse, module, value)

    def announce_withdrawal(self, sender: Address, token: Address, purse: int, value: int) -> None:
        """Announce that the brand takes money back, once the notice period is over."""
        self._check_brand(token, sender)
        self._check_not_in_default(token)
        require(value != 0, "Bonds_ZeroValue")
        withdrawable_at = self.world.now + self.world.obligations.notice_period_of(token)
        self._check_size(value)
        self.purses[token, purse] = self._purse(token, purse)._replace(
            withdrawal=value, withdrawable_at=withdrawable_at
        )
        until = withdrawable_at + self.WITHDRAWAL_WINDOW
        self.emit("WithdrawalAnnounced", token, purse, value, withdrawable_at, until)

    def cancel_withdrawal(self, sender: Address, token: Address, purse: int) -> None:
        """Cancel an announced withdrawal."""
        self._check_brand(token, sender)
        self._use_announcement(token, purse)
        self.emit("WithdrawalCancelled", token, purse)

    def withdraw(self, sender: Address, token: Address, purse: int, to: Address) -> int:
        """Carry out an announced withdrawal, up to what is free now."""
        self._check_brand(token, sender)
        self._check_payee(to)
        self._check_not_in_default(token)
        announced, start = self._use_announcement(token, purse)
        end = start + self.WITHDRAWAL_WINDOW
        due = start <= self.world.now < end
        require(due, "Bonds_WithdrawalNotDue", token, purse, start, end)
        if purse == Purse.HOLDERS:
            ends_at = self.world.obligations.wind_down_end_of(token)
            require(self.world.now >= ends_at, "Bonds_WindingDown", token, ends_at)
        value = min(announced, self._free_in(token, purse))
        require(value != 0, "Bonds_NotEnoughFree", token, purse, announced, 0)
        self._change_purse(token, purse, -value)
        self.emit("Withdrawn", token, purse, to, value)
        self._pay(self.world.obligations.currency_of(token), to, value)
        return value

    # ---- modules

    def draw(self, sender: Address, token: Address, purse: int, payee: Address, value: int) -> None:
        """Take from the calling module's allotment what is then owed to `payee`."""
        require(value != 0, "Bonds_ZeroValue")
        self._check_payee(payee)
        self._take_allotment(token, purse, sender, value)
        self._change_purse(token, purse, -value)
        self._owe(token, payee, value)
        self.emit("Drawn", token, purse, sender, payee, value)

    # ---- views

    def purse_of(self, token: Address, purse: int) -> PurseView:
        """One purse of a token's bond."""
        record = self._purse(token, purse)
        start = record.withdrawable_at
        return PurseView(
            value=record.value,
            allotted=record.allotted,
            required=self.required_of(token) if purse == Purse.HOLDERS else 0,
            withdrawal=record.withdrawal,
            withdrawable_at=start,
            withdrawable_until=start + self.WITHDRAWAL_WINDOW if start else 0,
        )

    def allotment_of(self, token: Address, purse: int, module: Address) -> int:
        """What a module may draw on."""
        return self.allotments.get((token, purse, module), 0)

    def owed_to(self, currency: Address, account: Address) -> int:
        """What is owed to an account."""
        return self.owed.get((currency, account), 0)

    def required_of(self, token: Address) -> int:
        """What the holders' purse must hold: the ratio of everything outstanding, at par, rounded up."""
        ratio = self.world.obligations.bond_ratio_of(token)
        if ratio == 0:
            return 0
        handed_in, paid = self._shared(token)
        worth = self.world.obligations.value_up(token, (self._outstanding(token) + handed_in) * ratio)
        return max(0, -(-worth // self.BPS) - paid)

    def coverage_of(self, token: Address) -> int:
        """How much of everything outstanding the holders' purse covers, in basis points, rounded down."""
        worth = self.world.obligations.value_up(token, self._outstanding(token) * self.SCALE)
        if worth == 0:
            return self.BPS
        return min(self._purse(token, Purse.HOLDERS).value * self.BPS * self.SCALE // worth, self.BPS)

    def cure_by_of(self, token: Address) -> int:
        """By when a flagged shortfall must be made good."""
        return self.cure_by.get(token, 0)

    # ---- internals

    def _purse(self, token: Address, purse: int) -> Record:
        return self.purses.get((token, purse), Record())

    def _check_brand(self, token: Address, sender: Address) -> None:
        self.world.obligations.currency_of(token)  # the token is obliged, hence genuine
        self.check_admin(self.world.token(token).brand_id(), sender)

    def _check_payee(self, payee: Address) -> None:
        require(payee not in (ZERO, self.address), "Bonds_InvalidAccount", payee)

    def _check_size(self, value: int) -> None:
        require(value < 1 << 128, "SafeCastOverflowedUintDowncast", 128, value)

    def _check_allotment(self, token: Address, purse: int, module: Address, value: int) -> int:
        allotted = self.allotment_of(token, purse, module)
        require(value <= allotted, "Bonds_AllotmentExceeded", token, purse, module, value, allotted)
        return allotted

    def _take_allotment(self, token: Address, purse: int, module: Address, value: int) -> None:
        left = self._check_allotment(token, purse, module, value) - value
        self.allotments[token, purse, module] = left
        record = self._purse(token, purse)
        self.purses[token, purse] = record._replace(allotted=record.allotted - value)

    def _use_announcement(self, token: Address, purse: int) -> tuple[int, int]:
        record = self._purse(token, purse)
        require(record.withdrawal != 0, "Bonds_NoWithdrawal", token, purse)
        self.purses[token, purse] = record._replace(withdrawal=0, withdrawable_at=0)
        return record.withdrawal, record.withdrawable_at

    def _change_purse(self, token: Address, purse: int, change: int) -> None:
        record = self._purse(token, purse)
        self.purses[token, purse] = record._replace(value=checked(record.value + change, 128))

    def _owe(self, token: Address, account: Address, value: int) -> None:
        currency = self.world.obligations.currency_of(token)
        self.owed[currency, account] = self.owed_to(currency, account) + value

    def _clear(self, token: Address, held: int, required: int) -> None:
        del self.cure_by[token]
        self.emit("ShortfallCured", token, held, required)

    def _collect(self, currency: Address, account: Address, to: Address) -> int:
        self._check_payee(to)
        value = self.owed_to(currency, account)
        require(value != 0, "Bonds_ZeroValue")
        self.owed[currency, account] = 0
        self.emit("Collected", currency, account, to, value)
        self._pay(currency, to, value)
        return value

    def _pay(self, currency: Address, to: Address, value: int) -> None:
        money = self.world.currency(currency)
        before = money.balance_of(self.address)
        money.transfer(self.address, to, value)
        left = money.balance_of(self.address)
        require(left + value == before, "Bonds_WrongPayment", before, left, value)

    def _outstanding(self, token: Address) -> int:
        loyalty_token = self.world.token(token)
        return loyalty_token.total_supply() + loyalty_token.total_quota()

    def _held_and_required(self, token: Address) -> tuple[int, int]:
        return self._purse(token, Purse.HOLDERS).value, self.required_of(token)

    def _free_in(self, token: Address, purse: int) -> int:
        record = self._purse(token, purse)
        bound = self.required_of(token) if purse == Purse.HOLDERS else record.allotted
        return max(0, record.value - bound)

    def _receiver(self, module: Address) -> AllotmentReceiver:
        receiver = self.world.contracts.get(module)
        if not isinstance(receiver, AllotmentReceiver):
            raise RevertError("")  # nothing there answers, or nothing that understands
        return receiver

    # ---- internals: in default

    def _pot_left(self, token: Address) -> int:
        return self._purse(token, Purse.HOLDERS).value

    def _take_from_pot(self, token: Address, value: int) -> None:
        self._change_purse(token, Purse.HOLDERS, -value)

    def _is_short_past_cure(self, token: Address) -> bool:
        if token not in self.cure_by or self.world.now < self.cure_by[token]:
            return False
        held, required = self._held_and_required(token)
        return held < required

    def _check_whole(self, token: Address) -> None:
        held, required = self._held_and_required(token)
        require(held >= required, "Bonds_StillShort", token, held, required)

    def _clear_flag(self, token: Address) -> None:
        if token in self.cure_by:
            self._clear(token, *self._held_and_required(token))

    def _cancel_withdrawals(self, token: Address) -> None:
        for purse in Purse:
            record = self._purse(token, purse)
            if record.withdrawal:
                self.purses[token, purse] = record._replace(withdrawal=0, withdrawable_at=0)
                self.emit("WithdrawalCancelled", token, purse)
