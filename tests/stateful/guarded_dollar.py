"""A settlement currency as the large ones are: signed allowances, and an issuer who can shut somebody out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbolon.reference.contract import Address, RevertError, require
from symbolon.reference.currency import Currency
from symbolon.reference.eip712 import Signature, domain_separator, struct_hash, typed_digest
from symbolon.reference.token import PERMIT

if TYPE_CHECKING:
    from symbolon.reference import World


class GuardedDollar(Currency):
    """See GuardedDollar in the tests' utils."""

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.domain = domain_separator("Guarded Dollar", world.chain_id, address)
        self.blocked: dict[Address, bool] = {}
        self.permits: dict[Address, int] = {}

    def mint(self, sender: Address, to: Address, amount: int) -> None:
        """Print money."""
        self._check_free(to)
        super().mint(sender, to, amount)

    def set_blocked(self, _sender: Address, account: Address, blocked: bool) -> None:
        """Shut an account out, or let it in again."""
        self.blocked[account] = blocked
        self.emit("BlockedSet", account, blocked)

    def permit(
        self,
        _sender: Address,
        owner: Address,
        spender: Address,
        value: int,
        deadline: int,
        signature: Signature,
    ) -> None:
        """ERC-2612; why one is refused matters to nobody here."""
        digest = self.permit_digest(owner, spender, value, self.nonces(owner), deadline)
        if self.world.now > deadline or signature.key != owner or signature.digest != digest:
            raise RevertError("")
        self.permits[owner] = self.nonces(owner) + 1
        self.approve(owner, spender, value)

    def permit_digest(self, owner: Address, spender: Address, value: int, nonce: int, deadline: int) -> bytes:
        """Of a permit."""
        return typed_digest(self.domain, struct_hash(PERMIT, owner, spender, value, nonce, deadline))

    def nonces(self, owner: Address) -> int:
        """The next nonce of a permit."""
        return self.permits.get(owner, 0)

    def is_blocked(self, account: Address) -> bool:
        """Whether an account is shut out."""
        return self.blocked.get(account, False)

    def _transfer(self, holder: Address, to: Address, value: int) -> None:
        self._check_free(holder)
        self._check_free(to)
        super()._transfer(holder, to, value)

    def _check_free(self, account: Address) -> None:
        require(not self.is_blocked(account), "GuardedDollar_Blocked", account)
