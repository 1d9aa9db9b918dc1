"""A settlement currency: a plain ERC-20 (OpenZeppelin's) that anyone may print, as on local chains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbolon.reference.contract import UINT256, ZERO, Address, Contract, checked, require

if TYPE_CHECKING:
    from symbolon.reference.world import World


class Currency(Contract):
    """See MockDollar."""

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.supply = 0
        self.balances: dict[Address, int] = {}
        self.allowances: dict[tuple[Address, Address], int] = {}

    def mint(self, _sender: Address, to: Address, amount: int) -> None:
        """Print money."""
        require(to != ZERO, "ERC20InvalidReceiver", to)
        self.supply = checked(self.supply + amount, 256)
        self.balances[to] = self.balance_of(to) + amount
        self.emit("Transfer", ZERO, to, amount)

    def transfer(self, sender: Address, to: Address, value: int) -> bool:
        """ERC-20."""
        self._transfer(sender, to, value)
        return True

    def approve(self, sender: Address, spender: Address, value: int) -> bool:
        """ERC-20."""
        require(spender != ZERO, "ERC20InvalidSpender", spender)
        self.allowances[sender, spender] = value
        self.emit("Approval", sender, spender, value)
        return True

    def transfer_from(self, sender: Address, holder: Address, to: Address, value: int) -> bool:
        """ERC-20."""
        allowed = self.allowance(holder, sender)
        if allowed < UINT256:
            require(allowed >= value, "ERC20InsufficientAllowance", sender, allowed, value)
            require(holder != ZERO, "ERC20InvalidApprover", holder)
            self.allowances[holder, sender] = allowed - value
        self._transfer(holder, to, value)
        return True

    def total_supply(self) -> int:
        """ERC-20."""
        return self.supply

    def balance_of(self, account: Address) -> int:
        """ERC-20."""
        return self.balances.get(account, 0)

    def allowance(self, owner: Address, spender: Address) -> int:
        """ERC-20."""
        return self.allowances.get((owner, spender), 0)

    def _transfer(self, holder: Address, to: Address, value: int) -> None:
        require(holder != ZERO, "ERC20InvalidSender", holder)
        require(to != ZERO, "ERC20InvalidReceiver", to)
        held = self.balance_of(holder)
        require(held >= value, "ERC20InsufficientBalance", holder, held, value)
        self.balances[holder] = held - value
        self.balances[to] = self.balance_of(to) + value
        self.emit("Transfer", holder, to, value)
