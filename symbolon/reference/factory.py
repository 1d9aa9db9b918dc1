"""Makes loyalty tokens at addresses known beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbolon.addresses import keccak
from symbolon.reference.brands import Gated, List
from symbolon.reference.contract import Address, require
from symbolon.reference.eip712 import word
from symbolon.reference.token import Facts, LoyaltyToken

if TYPE_CHECKING:
    from symbolon.reference.world import World

_CLONE_HEAD = bytes.fromhex("3d81600a3d39f3363d3d373d3d3d363d73")
_CLONE_TAIL = bytes.fromhex("5af43d82803e903d91602b57fd5bf3")
_CLONE_LENGTH = 0x2D


class LoyaltyTokenFactory(Gated):
    """See ILoyaltyTokenFactory."""

    def __init__(self, world: World, address: Address, implementation: Address) -> None:
        super().__init__(world, address)
        self.implementation = implementation

    def create_token(
        self,
        sender: Address,
        brand_id: bytes,
        obligation_registry: Address,
        redemption_desk: Address,
        name: str,
        symbol: str,
        decimals: int,
    ) -> Address:
        """Make a token for an active brand; what is given here never changes."""
        brands = self.world.brands
        self.check_active_admin(brand_id, sender)
        for kind, account in (
            (List.OBLIGATION_REGISTRY, obligation_registry),
            (List.REDEMPTION_DESK, redemption_desk),
        ):
            require(brands.is_listed(kind, account), "LoyaltyTokenFactory_NotListed", account)
        require(1 <= len(name.encode()) <= 64, "LoyaltyTokenFactory_InvalidName", name)
        require(1 <= len(symbol.encode()) <= 16, "LoyaltyTokenFactory_InvalidSymbol", symbol)
        require(decimals <= 18, "LoyaltyTokenFactory_InvalidDecimals", decimals)
        token = self.token_address(
            sender, brand_id, obligation_registry, redemption_desk, name, symbol, decimals
        )
        require(token not in self.world.contracts, "FailedDeployment")
        facts = Facts(obligation_registry, redemption_desk, sender, brand_id, decimals, name, symbol)
        self.world.add(LoyaltyToken(self.world, token, facts))
        self.emit(
            "TokenCreated",
            token,
            brand_id,
            sender,
            obligation_registry,
            redemption_desk,
            name,
            symbol,
            decimals,
        )
        return token

    def token_address(
        self,
        creator: Address,
        brand_id: bytes,
        obligation_registry: Address,
        redemption_desk: Address,
        name: str,
        symbol: str,
        decimals: int,
    ) -> Address:
        """Where `creator`'s token of these facts is: a CREATE2 clone that carries them in its code."""
        arguments = b"".join(
            (
                obligation_registry,
                redemption_desk,
                creator,
                brand_id,
                bytes([decimals, len(name.encode())]),
                name.encode(),
                symbol.encode(),
            )
        )
        length = (len(arguments) + _CLONE_LENGTH).to_bytes(2)
        code = b"\x61" + length + _CLONE_HEAD + self.implementation + _CLONE_TAIL + arguments
        salt = keccak(word(creator) + brand_id)
        return keccak(b"\xff" + self.address + salt + keccak(code))[12:]

    def is_token(self, token: Address) -> bool:
        """Whether this factory made it."""
        return self.world.is_token(token)
