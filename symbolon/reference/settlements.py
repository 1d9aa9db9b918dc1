"""What brands came to owe one another, and sharing what has come in."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from symbolon.addresses import keccak
from symbolon.reference.abi_words import words_of
from symbolon.reference.bonds import ALLOTTED, RECLAIMED, Purse
from symbolon.reference.brands import Gated, List
from symbolon.reference.contract import UINT256, ZERO, Address, RevertError, checked, require
from symbolon.reference.eip712 import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from symbolon.reference.world import World


class Line(NamedTuple):
    """What a token's brand owes or is owed when a settlement opens, and the tokens that stand behind it."""

    token: Address
    owed: int = 0
    lien: int = 0
    claim: int = 0


class Settlement(NamedTuple):
    """A settlement. `due_at` is zero if there is none."""

    currency: Address = ZERO
    due_at: int = 0
    total: int = 0
    received: int = 0


class Debt(NamedTuple):
    """What a brand still owes, and its tokens that stand behind it."""

    unpaid: int = 0
    lien: int = 0
    reported: bool = False


class Claim(NamedTuple):
    """What somebody is owed, and has taken."""

    value: int = 0
    taken: int = 0


class Account(NamedTuple):
    """What stands behind a token's debts in a pool: money laid down, and what is unpaid of them all."""

    bond: int = 0
    unpaid: int = 0


class Prepayment(NamedTuple):
    """What came in before a pool's period ended."""

    currency: Address = ZERO
    value: int = 0


@runtime_checkable
class Source(Protocol):
    """A contract whose members settle here."""

    def on_account_changed(
        self, sender: Address, pool: bytes, token: Address, bond: int, unpaid: int
    ) -> None:
        """Learn of what stands behind a token's debts."""

    def on_bond_reclaimed(self, sender: Address, pool: bytes, token: Address, bond: int, unpaid: int) -> None:
        """Learn that less stands behind them, or refuse."""

    def on_prepaid(self, sender: Address, pool: bytes, token: Address, most: int) -> tuple[Address, int, int]:
        """Cancel a running debt, or a part of it; the currency, for how many tokens, and what it costs."""


class Settlements(Gated):
    """See ISettlements."""

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.settlements: dict[bytes, Settlement] = {}
        self.debts: dict[tuple[bytes, Address], Debt] = {}
        self.claims: dict[tuple[bytes, Address], Claim] = {}
        self.accounts: dict[tuple[Address, bytes, Address], Account] = {}
        self.prepayments: dict[tuple[Address, bytes], Prepayment] = {}
        self.trusted: set[tuple[Address, Address]] = set()  # tokens and sources
        self.books: defaultdict[Address, int] = defaultdict(int)  # money and liens, by asset

    # ---- bonds

    def on_allotted(self, sender: Address, token: Address, purse: int, value: int, data: bytes) -> bytes:
        """Learn of money that a brand lays down for its debts in a pool."""
        source, pool = self._fund(sender, purse, data)
        listed = self.world.brands.is_listed(List.MODULE, source)
        require(listed, "Settlements_SourceNotListed", source)
        account = self.account_of(source, pool, token)
        require(value < 1 << 128, "SafeCastOverflowedUintDowncast", 128, value)
        self.trusted.add((token, source))
        account = self._set_bond(source, pool, token, checked(account.bond + value, 128))
        self._source(source).on_account_changed(self.address, pool, token, *account)
        return ALLOTTED

    def on_reclaimed(self, sender: Address, token: Address, purse: int, value: int, data: bytes) -> bytes:
        """Give back what neither running nor unpaid debts need."""
        source, pool = self._fund(sender, purse, data)
        account = self.account_of(source, pool, token)
        free = max(0, account.bond - account.unpaid)
        require(value <= free, "Settlements_NotFree", value, free)
        account = self._set_bond(source, pool, token, account.bond - value)
        self._source(source).on_bond_reclaimed(self.address, pool, token, *account)
        return RECLAIMED

    # ---- sources

    def open(
        self,
        sender: Address,
        pool: bytes,
        period: int,
        currency: Address,
        due_at: int,
        lines: Sequence[Line],
        treasury: Address,
        treasury_claim: int,
    ) -> None:
        """Open a settlement of one of the caller's pools."""
        settlement_id = self.settlement_id_of(sender, pool, period)
        require(settlement_id not in self.settlements, "Settlements_AlreadyOpen", settlement_id)
        require(due_at != 0, "Settlements_NotOpen", settlement_id)
        prepaid = self._use_prepaid(sender, pool, currency)
        due, claimed = prepaid, treasury_claim
        for line in lines:
            due, claimed = due + line.owed, claimed + line.claim
            if line.owed:
                self._open_debt(sender, settlement_id, pool, line)
            if line.claim:
                self._open_claim(settlement_id, line.token, line.claim)
        if treasury_claim:
            self._open_claim(settlement_id, treasury, treasury_claim)
        require(due == claimed, "Settlements_Unbalanced", due, claimed)
        require(due < 1 << 128, "SafeCastOverflowedUintDowncast", 128, due)
        self.settlements[settlement_id] = Settlement(currency, due_at, due, prepaid)
        self.emit("SettlementOpened", sender, pool, period, currency, due_at, due, prepaid)

    # ---- debtors

    def prepay(
        self, sender: Address, source: Address, pool: bytes, token: Address, amount: int, most: int
    ) -> int:
        """Pay for a part of a running debt; what it cost."""
        currency, taken, value = self._source(source).on_prepaid(self.address, pool, token, amount)
        require(value != 0, "Settlements_ZeroValue")
        require(value <= most, "Settlements_TooDear", value, most)
        before = self.prepayments.get((source, pool), Prepayment())
        first = before.currency if before.value else currency
        require(first == currency, "Settlements_OtherCurrency", first, currency)
        require(value < 1 << 96, "SafeCastOverflowedUintDowncast", 96, value)
        self.prepayments[source, pool] = Prepayment(currency, checked(before.value + value, 96))
        self.emit("Prepaid", source, pool, token, sender, taken, value)
        self._receive(sender, currency, value)
        return value

    def pay(
        self, sender: Address, source: Address, pool: bytes, period: int, token: Address, most: int
    ) -> int:
        """Pay a debt, up to `most`; what was paid."""
        settlement_id = self.settlement_id_of(source, pool, period)
        value = min(most, self._unpaid(settlement_id, token))
        require(value != 0, "Settlements_ZeroValue")
        burned = self._book(settlement_id, source, pool, token, value, sender)
        self._receive(sender, self.settlements[settlement_id].currency, value)
        self._release(settlement_id, source, pool, token, burned)
        return value

    def enforce(self, _sender: Address, source: Address, pool: bytes, period: int, token: Address) -> int:
        """Pay a debt that is due out of the bond, as far as that goes; what was paid."""
        settlement_id = self.settlement_id_of(source, pool, period)
        unpaid = self._unpaid(settlement_id, token)
        self._check_due(settlement_id)
        bond = self.account_of(source, pool, token).bond
        value = min(unpaid, bond)
        require(value != 0, "Settlements_NoBond", source, pool, token)
        self._set_bond(source, pool, token, bond - value)
        bonds, currency = self.world.bonds, self.settlements[settlement_id].currency
        self.books[currency] += value
        burned = self._book(settlement_id, source, pool, token, value, bonds.address)
        bonds.draw(self.address, token, Purse.SETTLEMENT, self.address, value)
        self._collect(currency, value)
        self._release(settlement_id, source, pool, token, burned)
        return value

    # ---- default

    def report(self, _sender: Address, source: Address, pool: bytes, period: int, token: Address) -> None:
        """Report a debt that is long unpaid, with nothing left that was laid down for it."""
        settlement_id = self.settlement_id_of(source, pool, period)
        self._unpaid(settlement_id, token)
        bonds = self.world.bonds
        reportable_at = checked(self.settlements[settlement_id].due_at + bonds.CURE_PERIOD, 40)
        is_time = self.world.now >= reportable_at
        require(is_time, "Settlements_NotReportable", settlement_id, reportable_at)
        self._check_no_bond(source, pool, token)
        require((token, source) in self.trusted, "Settlements_NotTrusted", source, token)
        debt = self.debts[settlement_id, token]
        self.debts[settlement_id, token] = debt._replace(reported=True)
        bonds.report(self.address, token, settlement_id)

    def offset(
        self,
        _sender: Address,
        source: Address,
        pool: bytes,
        claim_period: int,
        debt_period: int,
        token: Address,
    ) -> int:
        """In default, pay a debt from the brand's own claim in the same pool; how much."""
        self._check_in_default(token)
        settlement_id = self.settlement_id_of(source, pool, claim_period)
        debt_id = self.settlement_id_of(source, pool, debt_period)
        unpaid = self._unpaid(debt_id, token)
        currency = self.settlement_of(settlement_id).currency
        other = self.settlements[debt_id].currency
        value = self._take(settlement_id, token, unpaid)
        require(currency == other, "Settlements_OtherCurrency", currency, other)
        self.emit("ClaimPaid", settlement_id, token, self.address, value, 0)
        self.books[currency] += value
        burned = self._book(debt_id, source, pool, token, value, self.address)
        self._release(debt_id, source, pool, token, burned)
        return value

    def cash_out(self, _sender: Address, source: Address, pool: bytes, period: int, token: Address) -> int:
        """In default, hand in the tokens behind a debt, and pay it with what they get; how much."""
        settlement_id = self.settlement_id_of(source, pool, period)
        bonds, debt = self.world.bonds, self.debt_of(settlement_id, token)
        if debt.lien:
            self._check_in_default(token)
        unpaid = self._unpaid(settlement_id, token)
        self._check_due(settlement_id)
        self._check_no_bond(source, pool, token)
        if debt.lien:
            self.debts[settlement_id, token] = debt._replace(lien=0)
            self.books[token] -= debt.lien
            self.world.token(token).transfer_and_call(self.address, bonds.address, debt.lien, settlement_id)
        number = bonds.default_of(token).round
        value = bonds.pay_share_of(self.address, token, number, settlement_id, unpaid)
        currency = self.settlements[settlement_id].currency
        self.books[currency] += value
        burned = self._book(settlement_id, source, pool, token, value, bonds.address)
        self._collect(currency, value)
        self._release(settlement_id, source, pool, token, burned)
        return value

    # ---- claimants

    def withdraw(
        self, sender: Address, source: Address, pool: bytes, period: int, token: Address, to: Address
    ) -> int:
        """Take out what a brand's claim is worth by now, the holders' purse first."""
        settlement_id = self.settlement_id_of(source, pool, period)
        self._check_payee(to)
        is_claimant = (settlement_id, token) in self.claims
        require(is_claimant, "Settlements_NothingToTake", settlement_id, token)
        if not self.world.is_token(token):
            raise RevertError("")  # a treasury, which has no brand
        self.check_admin(self.world.token(token).brand_id(), sender)
        self._check_owes_nothing(source, pool, token)
        value = self._take(settlement_id, token, UINT256)
        to_holders = min(value, self._missing(token))
        self.emit("ClaimPaid", settlement_id, token, to, value, to_holders)
        currency = self.settlements[settlement_id].currency
        if to_holders:
            self._deposit(currency, token, to_holders)
        if value != to_holders:
            self._pay(currency, to, value - to_holders)
        return value

    def fill_holders(
        self, _sender: Address, source: Address, pool: bytes, period: int, token: Address
    ) -> int:
        """Put what a brand's claim is worth by now into the holders' purse, as far as that needs it."""
        settlement_id = self.settlement_id_of(source, pool, period)
        self._check_owes_nothing(source, pool, token)
        value = self._take(settlement_id, token, self._missing(token))
        self.emit("ClaimPaid", settlement_id, token, self.world.bonds.address, value, value)
        self._deposit(self.settlements[settlement_id].currency, token, value)
        return value

    def withdraw_treasury(
        self, sender: Address, source: Address, pool: bytes, period: int, to: Address
    ) -> int:
        """Take out what the caller's own claim is worth by now."""
        settlement_id = self.settlement_id_of(source, pool, period)
        self._check_payee(to)
        value = self._take(settlement_id, sender, UINT256)
        self.emit("ClaimPaid", settlement_id, sender, to, value, 0)
        self._pay(self.settlements[settlement_id].currency, to, value)
        return value

    # ---- views

    def settlement_id_of(self, source: Address, pool: bytes, period: int) -> bytes:
        """Under which events name a settlement."""
        facts: tuple[int | bytes, ...] = (source, pool, period)
        return keccak(b"".join(map(word, facts)))

    def settlement_of(self, settlement_id: bytes) -> Settlement:
        """A settlement."""
        return self.settlements.get(settlement_id, Settlement())

    def debt_of(self, settlement_id: bytes, token: Address) -> Debt:
        """What a token's brand still owes."""
        return self.debts.get((settlement_id, token), Debt())

    def claim_of(self, settlement_id: bytes, claimant: Address) -> Claim:
        """What somebody may claim."""
        return self.claims.get((settlement_id, claimant), Claim())

    def payable_of(self, settlement_id: bytes, claimant: Address) -> int:
        """What a claim gives now."""
        claim = self.claim_of(settlement_id, claimant)
        if claim.value == 0:
            return 0
        settlement = self.settlements[settlement_id]
        return claim.value * settlement.received // settlement.total - claim.taken

    def account_of(self, source: Address, pool: bytes, token: Address) -> Account:
        """What stands behind a token's debts in a pool."""
        return self.accounts.get((source, pool, token), Account())

    def prepaid_of(self, source: Address, pool: bytes) -> int:
        """What was prepaid for a pool's running period."""
        return self.prepayments.get((source, pool), Prepayment()).value

    # ---- internals

    def _fund(self, sender: Address, purse: int, data: bytes) -> tuple[Address, bytes]:
        require(sender == self.world.bonds.address, "Settlements_NotBonds", sender)
        require(purse == Purse.SETTLEMENT, "Settlements_WrongPurse", purse)
        source, pool = words_of(data, (160, None))
        return int(source).to_bytes(20), bytes(pool)

    def _source(self, address: Address) -> Source:
        source = self.world.contracts.get(address)
        if not isinstance(source, Source):
            raise RevertError("")  # nothing there answers, or nothing that understands
        return source

    def _set_bond(self, source: Address, pool: bytes, token: Address, bond: int) -> Account:
        account = self.account_of(source, pool, token)._replace(bond=bond)
        self.accounts[source, pool, token] = account
        self.emit("BondChanged", source, pool, token, bond)
        return account

    def _change_unpaid(self, source: Address, pool: bytes, token: Address, change: int) -> Account:
        account = self.account_of(source, pool, token)
        account = account._replace(unpaid=checked(account.unpaid + change, 128))
        self.accounts[source, pool, token] = account
        return account

    def _use_prepaid(self, source: Address, pool: bytes, currency: Address) -> int:
        prepaid = self.prepayments.get((source, pool), Prepayment())
        if prepaid.value == 0:
            return 0
        require(prepaid.currency == currency, "Settlements_OtherCurrency", prepaid.currency, currency)
        self.prepayments[source, pool] = prepaid._replace(value=0)
        return prepaid.value

    def _open_debt(self, source: Address, settlement_id: bytes, pool: bytes, line: Line) -> None:
        self._change_unpaid(source, pool, line.token, line.owed)
        once = (settlement_id, line.token) not in self.debts
        require(once, "Settlements_AlreadyOpen", settlement_id)
        self.debts[settlement_id, line.token] = Debt(line.owed, line.lien)
        self.emit("DebtOpened", settlement_id, line.token, line.owed, line.lien)
        if line.lien == 0:
            return
        self.books[line.token] += line.lien
        booked = self.books[line.token]
        held = self.world.token(line.token).balance_of(self.address)
        require(held >= booked, "Settlements_ShortPayment", held, booked)

    def _open_claim(self, settlement_id: bytes, claimant: Address, value: int) -> None:
        claim = self.claim_of(settlement_id, claimant)
        self.claims[settlement_id, claimant] = claim._replace(value=checked(claim.value + value, 128))
        self.emit("ClaimOpened", settlement_id, claimant, value)

    def _unpaid(self, settlement_id: bytes, token: Address) -> int:
        unpaid = self.debt_of(settlement_id, token).unpaid
        require(unpaid != 0, "Settlements_NothingUnpaid", settlement_id, token)
        return unpaid

    def _book(
        self, settlement_id: bytes, source: Address, pool: bytes, token: Address, value: int, payer: Address
    ) -> int:
        """Write down that a debt is paid, or a part of it; what is to burn for it."""
        debt = self.debts[settlement_id, token]
        burned = debt.lien * value // debt.unpaid
        self.debts[settlement_id, token] = debt._replace(unpaid=debt.unpaid - value, lien=debt.lien - burned)
        self.books[token] -= burned
        settlement = self.settlements[settlement_id]
        self.settlements[settlement_id] = settlement._replace(received=settlement.received + value)
        self._change_unpaid(source, pool, token, -value)
        self.emit("DebtPaid", settlement_id, token, payer, value, burned)
        return burned

    def _release(
        self, settlement_id: bytes, source: Address, pool: bytes, token: Address, burned: int
    ) -> None:
        debt = self.debts[settlement_id, token]
        if debt.reported and debt.unpaid == 0:
            self.debts[settlement_id, token] = debt._replace(reported=False)
            self.world.bonds.withdraw_report(self.address, token, settlement_id)
        if burned:
            self.world.token(token).burn(self.address, burned)
        account = self.account_of(source, pool, token)
        self._source(source).on_account_changed(self.address, pool, token, *account)

    def _take(self, settlement_id: bytes, claimant: Address, most: int) -> int:
        value = min(self.payable_of(settlement_id, claimant), most)
        require(value != 0, "Settlements_NothingToTake", settlement_id, claimant)
        claim = self.claims[settlement_id, claimant]
        self.claims[settlement_id, claimant] = claim._replace(taken=claim.taken + value)
        self.books[self.settlements[settlement_id].currency] -= value
        return value

    def _missing(self, token: Address) -> int:
        ends_at = self.world.obligations.wind_down_end_of(token)
        if (ends_at != 0 and self.world.now < ends_at) or self.world.bonds.is_in_default(token):
            return UINT256
        purse = self.world.bonds.purse_of(token, Purse.HOLDERS)
        return max(0, purse.required - purse.value)

    def _check_due(self, settlement_id: bytes) -> None:
        due_at = self.settlements[settlement_id].due_at
        require(self.world.now >= due_at, "Settlements_NotDue", settlement_id, due_at)

    def _check_no_bond(self, source: Address, pool: bytes, token: Address) -> None:
        bond = self.account_of(source, pool, token).bond
        require(bond == 0, "Settlements_BondLeft", source, pool, token, bond)

    def _check_in_default(self, token: Address) -> None:
        require(self.world.bonds.is_in_default(token), "Settlements_NotInDefault", token)

    def _check_owes_nothing(self, source: Address, pool: bytes, token: Address) -> None:
        unpaid = self.account_of(source, pool, token).unpaid
        allowed = unpaid == 0 or not self.world.bonds.is_in_default(token)
        require(allowed, "Settlements_OwesFirst", source, pool, token, unpaid)

    def _check_payee(self, payee: Address) -> None:
        require(payee not in (ZERO, self.address), "Settlements_InvalidAccount", payee)

    def _receive(self, sender: Address, currency: Address, value: int) -> None:
        self.books[currency] += value
        money = self.world.currency(currency)
        before = money.balance_of(self.address)
        money.transfer_from(self.address, sender, self.address, value)
        self._check_received(currency, before, value)

    def _collect(self, currency: Address, value: int) -> None:
        before = self.world.currency(currency).balance_of(self.address)
        self.world.bonds.collect(self.address, currency, self.address)
        self._check_received(currency, before, value)

    def _check_received(self, currency: Address, before: int, value: int) -> None:
        received = self.world.currency(currency).balance_of(self.address) - before
        require(received >= value, "Settlements_ShortPayment", received, value)

    def _deposit(self, currency: Address, token: Address, value: int) -> None:
        bonds = self.world.bonds
        self.world.currency(currency).approve(self.address, bonds.address, value)
        bonds.deposit(self.address, token, Purse.HOLDERS, value)

    def _pay(self, currency: Address, to: Address, value: int) -> None:
        money = self.world.currency(currency)
        before = money.balance_of(self.address)
        money.transfer(self.address, to, value)
        left = money.balance_of(self.address)
        require(left + value == before, "Settlements_WrongPayment", before, left, value)
