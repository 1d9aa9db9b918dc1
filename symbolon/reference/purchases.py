"""What purchases have in common whose price is found before they become orders."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import suppress
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from symbolon.reference.abi_words import words_of
from symbolon.reference.bonds import ALLOTTED, RECLAIMED, Purse
from symbolon.reference.brands import List
from symbolon.reference.contract import ZERO, Address, RevertError, require
from symbolon.reference.deals import DEAL_ACCEPTED, NO_RIGHT, Conditions, conditions_of
from symbolon.reference.eip712 import Signature
from symbolon.reference.fulfilment import Fulfilment, Order
from symbolon.reference.rights import id_of
from symbolon.reference.token import TRANSFER_ACCEPTED

if TYPE_CHECKING:
    from symbolon.reference.world import World

_MOST_FREE = 2**88 - 1
_MOST_PRICE = 2**96 - 1
FREE_AT = 96


class Act(IntEnum):
    """What tokens are sent for."""

    PAY = 0
    DISPUTE = 1


class Permit(NamedTuple):
    """A signed allowance of the settlement currency; none if its deadline is zero."""

    value: int
    deadline: int
    signature: Signature


NO_PERMIT = Permit(0, 0, Signature(ZERO, b""))


@runtime_checkable
class Permits(Protocol):
    """A currency that takes signed allowances."""

    def permit(
        self,
        sender: Address,
        owner: Address,
        spender: Address,
        value: int,
        deadline: int,
        signature: Signature,
    ) -> None:
        """ERC-2612."""


class Deal(NamedTuple):
    """A deal as it was published, and the money that compensations can be reserved from."""

    words: tuple[int, ...] = ()
    free: int = 0

    @property
    def conditions(self) -> Conditions:
        """What all deals have."""
        return conditions_of(self.words)


class Purchases(Fulfilment):
    """See IPurchases."""

    def __init__(self, world: World, address: Address, deals: Address) -> None:
        super().__init__(world, address)
        self.publisher = deals
        self.deals: dict[tuple[Address, bytes], Deal] = {}
        self.owed: dict[tuple[Address, Address], int] = {}
        """By currency and account."""
        self.proceeds: dict[Address, int] = {}

    # ---- tokens

    def on_transfer_received(
        self, sender: Address, _operator: Address, holder: Address, value: int, data: bytes
    ) -> bytes:
        """Take in what somebody sends to pay, or to dispute an order."""
        (act,) = words_of(data, (256,))
        if act not in (Act.PAY, Act.DISPUTE):
            raise RevertError("")
        if act == Act.PAY:
            self.paid(sender, holder, value, data[32:])
        else:
            self.dispute_sent(sender, holder, value, data[32:])
        return TRANSFER_ACCEPTED

    # ---- deals

    def on_deal_published(self, sender: Address, token: Address, deal_id: bytes, words: list[int]) -> bytes:
        """Learn of a deal."""
        require(sender == self.publisher, "Purchases_NotDeals", sender)
        self.deals[token, deal_id] = Deal(tuple(words))
        return DEAL_ACCEPTED

    # ---- bonds

    def on_allotted(self, sender: Address, token: Address, purse: int, value: int, data: bytes) -> bytes:
        """Learn of money that compensations of a deal can be reserved from."""
        deal_id, deal = self._funded(sender, token, purse, data)
        allotted = self.world.bonds.allotment_of(token, Purse.COMPENSATION, self.address)
        require(allotted <= _MOST_FREE, "Purchases_FundTooLarge", value)
        self.deals[token, deal_id] = deal._replace(free=deal.free + value)
        self.emit("CompensationFunded", token, deal_id, value)
        return ALLOTTED

    def on_reclaimed(self, sender: Address, token: Address, purse: int, value: int, data: bytes) -> bytes:
        """Give back what no purchase has reserved."""
        deal_id, deal = self._funded(sender, token, purse, data)
        require(value <= deal.free, "Purchases_NotFree", value, deal.free)
        self.deals[token, deal_id] = deal._replace(free=deal.free - value)
        self.emit("CompensationUnfunded", token, deal_id, value)
        return RECLAIMED

    # ---- member

    def dispute(self, sender: Address, order: Order) -> None:
        """Dispute a delivery whose stake is no tokens."""
        require(sender == order.member, "Fulfilment_NotMember", sender, order.member)
        self.dispute_order(order)
        tokens = self.charge_stake(order)
        require(tokens == 0, "Fulfilment_WrongStake", 0, tokens)

    # ---- anyone

    def collect(self, _sender: Address, currency: Address, account: Address) -> int:
        """Pay out what is owed to an account, to that account."""
        return self._collect(currency, account, account)

    def collect_to(self, sender: Address, currency: Address, to: Address) -> int:
        """Pay out what is owed to the caller, to another account."""
        return self._collect(currency, sender, to)

    # ---- brand

    def withdraw_proceeds(self, sender: Address, token: Address, to: Address) -> int:
        """Pay out what the token's brand has earned in currency."""
        currency = self.world.obligations.currency_of(token)
        self.check_admin(self._brand_of(token), sender)
        self._check_payee(to)
        value = self.proceeds_of(token)
        require(value != 0, "Purchases_NothingOwed", to)
        self.proceeds[token] = 0
        self.emit("ProceedsWithdrawn", token, to, value)
        self._pay(currency, to, value)
        return value

    # ---- views

    def deal_words_of(self, token: Address, deal_id: bytes, count: int) -> list[int]:
        """A deal as it was published, and above the compensation what is free; zeros if there is none."""
        deal = self.deals.get((token, deal_id), Deal())
        words = [*deal.words, *(0,) * max(count, 2)]
        words[1] |= deal.free << FREE_AT
        return words[:count]

    def free_compensation_of(self, token: Address, deal_id: bytes) -> int:
        """Money that compensations of the deal's next purchases can be reserved from."""
        return self.published(token, deal_id).free

    def owed_to(self, currency: Address, account: Address) -> int:
        """What is owed to an account."""
        return self.owed.get((currency, account), 0)

    def proceeds_of(self, token: Address) -> int:
        """What the token's brand has earned in currency and not fetched yet."""
        return self.proceeds.get(token, 0)

    # ---- for the contract on top

    @abstractmethod
    def paid(self, token: Address, holder: Address, amount: int, data: bytes) -> None:
        """Take tokens that came to pay; the token is not known to be genuine yet."""

    def published(self, token: Address, deal_id: bytes) -> Deal:
        """A deal that there is."""
        require((token, deal_id) in self.deals, "Purchases_NotFound", token, deal_id)
        return self.deals[token, deal_id]

    def use_deal(self, token: Address, deal: Deal, account: Address) -> None:
        """Let an account begin under a deal, and use its right up."""
        conditions = deal.conditions
        window = (conditions.opens_at, conditions.closes_at)
        is_open = conditions.opens_at <= self.world.now < conditions.closes_at
        require(is_open, "Purchases_OutsideWindow", *window)
        arbiter = conditions.arbiter
        listed = self.world.brands.is_listed(List.ARBITER, arbiter)
        require(listed, "Purchases_NoArbiter", arbiter)
        if conditions.right_id != NO_RIGHT:
            self.world.rights.consume(self.address, account, id_of(token, conditions.right_id))

    def check_buyer(self, token: Address, brand_id: bytes, account: Address) -> None:
        """Refuse whoever acts for the brand, and whoever could not be paid."""
        can_be_paid = account not in (ZERO, token, self.address, self.world.bonds.address)
        require(can_be_paid, "Purchases_InvalidAccount", account)
        is_brands = self.world.brands.is_brand_account(brand_id, account)
        require(not is_brands, "Purchases_BrandAccount", account)

    def reserve(self, token: Address, deal_id: bytes, quantity: int, least: int) -> int:
        """Reserve the compensation of so many units, or what there is."""
        deal = self.deals[token, deal_id]
        compensation = min(deal.conditions.compensation * quantity, deal.free)
        require(compensation >= least, "Purchases_CompensationShort", compensation, least)
        self.deals[token, deal_id] = deal._replace(free=deal.free - compensation)
        return compensation

    def unreserve(self, token: Address, deal_id: bytes, compensation: int) -> None:
        """Free what was reserved."""
        deal = self.deals[token, deal_id]
        self.deals[token, deal_id] = deal._replace(free=deal.free + compensation)

    def charge(
        self, token: Address, deal: Deal, payer: Address, parts: int, permit: Permit = NO_PERMIT
    ) -> int:
        """Take the currency of so many parts from the payer's allowance; the tokens of so many."""
        value = parts * deal.conditions.currency_part
        if value:
            self._receive(self.world.obligations.currency_of(token), payer, value, permit)
        return parts * deal.conditions.token_part

    def pay_out(self, token: Address, deal: Deal, account: Address, parts: int) -> None:
        """Give so many parts to an account: tokens at once, currency to be collected."""
        value, tokens = parts * deal.conditions.currency_part, parts * deal.conditions.token_part
        if value:
            currency = self.world.obligations.currency_of(token)
            self.owed[currency, account] = self.owed_to(currency, account) + value
            self.emit("Credited", currency, account, value)
        if tokens:
            self.world.token(token).transfer(self.address, account, tokens)

    # ---- what fulfilment leaves open

    def give_back(self, order: Order, amount: int) -> None:
        """Parts of the order's member."""
        self.pay_out(order.token, self._deal_under(order), order.member, amount)

    def charge_stake(self, order: Order) -> int:
        """Its currency by the member's allowance."""
        return self.charge(order.token, self._deal_under(order), order.member, order.stake)

    def earn(self, order: Order, amount: int) -> int:
        """Currency is the brand's to withdraw."""
        conditions = self._deal_under(order).conditions
        if value := amount * conditions.currency_part:
            self.proceeds[order.token] = self.proceeds_of(order.token) + value
            self.emit("Earned", order.token, order.offer_id, value)
        return amount * conditions.token_part

    def use_reserve(self, order: Order, value: int) -> None:
        """The member is paid out of the bond; what is left serves the next purchases."""
        self.unreserve(order.token, deal_id_of(order.offer_id), order.compensation - value)
        if value:
            self.world.bonds.draw(self.address, order.token, Purse.COMPENSATION, order.member, value)

    # ---- internals

    def _deal_under(self, order: Order) -> Deal:
        return self.deals[order.token, deal_id_of(order.offer_id)]

    def _check_payee(self, payee: Address) -> None:
        require(payee not in (ZERO, self.address), "Purchases_InvalidAccount", payee)

    def _funded(self, sender: Address, token: Address, purse: int, data: bytes) -> tuple[bytes, Deal]:
        require(sender == self.world.bonds.address, "Purchases_NotBonds", sender)
        require(purse == Purse.COMPENSATION, "Purchases_WrongPurse", purse)
        if len(data) < 32:
            raise RevertError("")
        deal_id = bytes(data[:32])
        return deal_id, self.published(token, deal_id)

    def _receive(self, currency: Address, payer: Address, value: int, permit: Permit) -> None:
        money = self.world.currency(currency)
        if permit.deadline and isinstance(money, Permits):
            with suppress(RevertError):  # it has changed nothing then, and what is allowed counts
                money.permit(
                    self.address, payer, self.address, permit.value, permit.deadline, permit.signature
                )
        before = money.balance_of(self.address)
        money.transfer_from(self.address, payer, self.address, value)
        self._check_moved(money.balance_of(self.address), before, value)

    def _collect(self, currency: Address, account: Address, to: Address) -> int:
        self._check_payee(to)
        value = self.owed_to(currency, account)
        require(value != 0, "Purchases_NothingOwed", account)
        self.owed[currency, account] = 0
        self.emit("Collected", currency, account, to, value)
        self._pay(currency, to, value)
        return value

    def _pay(self, currency: Address, to: Address, value: int) -> None:
        money = self.world.currency(currency)
        before = money.balance_of(self.address)
        money.transfer(self.address, to, value)
        self._check_moved(before, money.balance_of(self.address), value)

    def _check_moved(self, more: int, less: int, value: int) -> None:
        moved = max(0, more - less)
        require(moved == value, "Purchases_WrongPayment", moved, value)


def deal_id_of(id_: bytes) -> bytes:
    """The deal under which something was bought: the id without the number in its last four bytes."""
    return id_[:28] + bytes(4)
