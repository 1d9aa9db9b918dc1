"""Many kinds of things in one contract, counted by kind and holder: OpenZeppelin's ERC-1155."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from symbolon.addresses import keccak
from symbolon.reference.contract import ZERO, Address, Contract, RevertError, checked, require

if TYPE_CHECKING:
    from symbolon.reference.world import World

ACCEPTED = keccak(b"onERC1155Received(address,address,uint256,uint256,bytes)")[:4]
"""What a contract answers that accepts things of one kind."""

BATCH_ACCEPTED = keccak(b"onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)")[:4]
"""What a contract answers that accepts things of several kinds."""


@runtime_checkable
class ERC1155Receiver(Protocol):
    """A contract that can hold things which it is sent."""

    def on_erc1155_received(
        self, sender: Address, operator: Address, holder: Address, id_: int, value: int, data: bytes
    ) -> bytes:
        """Learn of things of one kind; anything but ACCEPTED undoes the call that brings them."""

    def on_erc1155_batch_received(
        self,
        sender: Address,
        operator: Address,
        holder: Address,
        ids: list[int],
        values: list[int],
        data: bytes,
    ) -> bytes:
        """Learn of things of several kinds; anything but BATCH_ACCEPTED undoes the call."""


class ERC1155(Contract):
    """Who holds how many of which kind."""

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.balances: dict[tuple[int, Address], int] = {}
        self.operators: dict[tuple[Address, Address], bool] = {}

    def safe_transfer_from(
        self, sender: Address, holder: Address, to: Address, id_: int, value: int, data: bytes
    ) -> None:
        """ERC-1155."""
        self._check_authorized(sender, holder)
        self._check_ends(holder, to)
        self._update(sender, holder, to, [id_], [value])
        self._ask(to, (sender, holder, id_, value, data), batch=False)

    def safe_batch_transfer_from(
        self,
        sender: Address,
        holder: Address,
        to: Address,
        ids: list[int],
        values: list[int],
        data: bytes,
    ) -> None:
        """ERC-1155."""
        self._check_authorized(sender, holder)
        self._check_ends(holder, to)
        self._update(sender, holder, to, ids, values)
        self._ask(to, (sender, holder, ids, values, data), batch=True)

    def set_approval_for_all(self, sender: Address, operator: Address, approved: bool) -> None:
        """ERC-1155."""
        require(operator != ZERO, "ERC1155InvalidOperator", operator)
        self.operators[sender, operator] = approved
        self.emit("ApprovalForAll", sender, operator, approved)

    # ---- views

    def balance_of(self, account: Address, id_: int) -> int:
        """ERC-1155."""
        return self.balances.get((id_, account), 0)

    def balance_of_batch(self, accounts: list[Address], ids: list[int]) -> list[int]:
        """ERC-1155."""
        require(len(accounts) == len(ids), "ERC1155InvalidArrayLength", len(ids), len(accounts))
        return [self.balance_of(*each) for each in zip(accounts, ids, strict=True)]

    def is_approved_for_all(self, account: Address, operator: Address) -> bool:
        """ERC-1155."""
        return self.operators.get((account, operator), False)

    # ---- internals

    def _mint(self, operator: Address, to: Address, id_: int, value: int) -> None:
        require(to != ZERO, "ERC1155InvalidReceiver", ZERO)
        self._update(operator, ZERO, to, [id_], [value])
        self._ask(to, (operator, ZERO, id_, value, b""), batch=False)

    def _burn(self, operator: Address, holder: Address, id_: int, value: int) -> None:
        require(holder != ZERO, "ERC1155InvalidSender", ZERO)
        self._update(operator, holder, ZERO, [id_], [value])

    def _check_authorized(self, operator: Address, holder: Address) -> None:
        may = holder == operator or self.is_approved_for_all(holder, operator)
        require(may, "ERC1155MissingApprovalForAll", operator, holder)

    def _check_ends(self, holder: Address, to: Address) -> None:
        require(to != ZERO, "ERC1155InvalidReceiver", ZERO)
        require(holder != ZERO, "ERC1155InvalidSender", ZERO)

    def _update(
        self, operator: Address, holder: Address, to: Address, ids: list[int], values: list[int]
    ) -> None:
        """Move, mint from zero or burn to zero; nobody is asked."""
        require(len(ids) == len(values), "ERC1155InvalidArrayLength", len(ids), len(values))
        for id_, value in zip(ids, values, strict=True):
            if holder != ZERO:
                held = self.balance_of(holder, id_)
                require(held >= value, "ERC1155InsufficientBalance", holder, held, value, id_)
                self.balances[id_, holder] = held - value
            if to != ZERO:
                self.balances[id_, to] = checked(self.balance_of(to, id_) + value, 256)
        if len(ids) == 1:
            self.emit("TransferSingle", operator, holder, to, ids[0], values[0])
        else:
            self.emit("TransferBatch", operator, holder, to, ids, values)

    def _ask(self, to: Address, what: tuple[Any, ...], *, batch: bool) -> None:
        """Ask whoever has code whether it takes what it is given."""
        if not self.world.has_code(to):
            return
        receiver = self.world.contracts.get(to)
        if not isinstance(receiver, ERC1155Receiver):
            raise RevertError("ERC1155InvalidReceiver", to)
        ask = receiver.on_erc1155_batch_received if batch else receiver.on_erc1155_received
        answer = ask(self.address, *what)
        require(answer == (BATCH_ACCEPTED if batch else ACCEPTED), "ERC1155InvalidReceiver", to)
