"""Rights to open a group or a bargain, which brands sell for their tokens or grant."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from symbolon.addresses import keccak
from symbolon.reference.abi_words import words_of
from symbolon.reference.brands import CAMPAIGN, Gated, List
from symbolon.reference.contract import ZERO, Address, checked, require, require_short
from symbolon.reference.eip712 import Signature, struct_hash, type_hash, word
from symbolon.reference.erc1155 import ERC1155
from symbolon.reference.fulfilment import SPEND
from symbolon.reference.token import TRANSFER_ACCEPTED, Spend

if TYPE_CHECKING:
    from symbolon.reference.world import World

_REQUEST = "RightRequest(bytes32 rightId,uint256 quantity,address holder)"
REQUEST = type_hash(_REQUEST)
REQUEST_SPEND = type_hash(f"{SPEND}RightRequest witness){_REQUEST}")
_REQUEST_BITS = (None, 256, 160)


class Right(NamedTuple):
    """A right; its supply is zero if there is none."""

    price: int = 0
    supply: int = 0
    issued: int = 0
    opens_at: int = 0
    closes_at: int = 0
    terms_hash: bytes = bytes(32)
    terms_uri: str = ""


class RightRequest(NamedTuple):
    """What a member buys; the holder is zero for who pays."""

    right_id: bytes
    quantity: int
    holder: Address

    def witness(self) -> bytes:
        """What the member agrees to, hashed."""
        return struct_hash(REQUEST, *self)


def id_of(token: Address, right_id: bytes) -> int:
    """What a brand's right is counted by."""
    return int.from_bytes(keccak(word(token) + right_id))


def request_data(request: RightRequest) -> bytes:
    """What is sent along with tokens to buy rights."""
    return b"".join(word(each) for each in request)


class PurchaseRights(ERC1155, Gated):
    """See IPurchaseRights."""

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.rights: dict[int, Right] = {}

    # ---- tokens

    def on_transfer_received(
        self, sender: Address, _operator: Address, holder: Address, value: int, data: bytes
    ) -> bytes:
        """Take in what a member sends to buy rights; it burns."""
        right_id, quantity, to = words_of(data, _REQUEST_BITS)
        request = RightRequest(bytes(right_id), int(quantity), int(to).to_bytes(20))
        cost = self._take(sender, request)
        require(value == cost, "PurchaseRights_WrongTokens", value, cost)
        self._deliver(sender, sender, holder, request, cost)
        return TRANSFER_ACCEPTED

    # ---- brand

    def define_right(
        self,
        sender: Address,
        token: Address,
        right_id: bytes,
        price: int,
        supply: int,
        opens_at: int,
        closes_at: int,
        terms_hash: bytes,
        terms_uri: str,
    ) -> None:
        """Define a right, for good."""
        obligations = self.world.obligations
        leaving = obligations.wind_down_end_of(token) != 0 or obligations.is_in_default(token)
        require(not leaving, "PurchaseRights_Leaving", token)
        self._check_campaign(sender, token)
        require(right_id != bytes(32), "PurchaseRights_InvalidId", right_id)
        id_ = id_of(token, right_id)
        require(id_ not in self.rights, "PurchaseRights_AlreadyDefined", token, right_id)
        require(supply != 0, "PurchaseRights_NoSupply")
        is_window = opens_at < closes_at and self.world.now < closes_at
        require(is_window, "PurchaseRights_InvalidWindow", opens_at, closes_at)
        require(terms_hash != bytes(32), "PurchaseRights_NoTerms")
        require_short(terms_uri, "PurchaseRights_URITooLong")
        self.rights[id_] = Right(price, supply, 0, opens_at, closes_at, terms_hash, terms_uri)
        facts = (price, supply, opens_at, closes_at, terms_hash, terms_uri)
        self.emit("RightDefined", token, right_id, id_, *facts)
        self.emit("URI", terms_uri, id_)

    def grant(
        self,
        sender: Address,
        token: Address,
        right_id: bytes,
        holders: list[Address],
        quantities: list[int],
    ) -> None:
        """Give rights away; nobody is asked."""
        same = len(holders) == len(quantities)
        require(same, "PurchaseRights_UnequalLists", len(holders), len(quantities))
        self._right(token, right_id)
        self._check_campaign(sender, token)
        id_, total = id_of(token, right_id), 0
        for holder, quantity in zip(holders, quantities, strict=True):
            require(holder != ZERO, "PurchaseRights_InvalidHolder", holder)
            total = checked(total + quantity, 256)
            self._update(sender, ZERO, holder, [id_], [quantity])
        self._issue(token, right_id, total)
        self.emit("RightsGranted", id_, sender, total)

    # ---- signed variants, for anyone to submit

    def buy_with_signature(
        self, sender: Address, token: Address, request: RightRequest, spend: Spend, signature: Signature
    ) -> None:
        """Buy what the member signed."""
        cost = self._take(token, request)
        self.world.token(token).receive_with_signature(
            self.address, spend, cost, REQUEST_SPEND, request.witness(), signature
        )
        self._deliver(sender, token, spend.holder, request, cost)

    # ---- modules

    def consume(self, sender: Address, account: Address, id_: int) -> None:
        """Use up one right of an account."""
        listed = self.world.brands.is_listed(List.MODULE, sender)
        require(listed, "PurchaseRights_NotModule", sender)
        self._burn(sender, account, id_, 1)
        self.emit("RightConsumed", id_, account, sender)

    # ---- views

    def id_of(self, token: Address, right_id: bytes) -> int:
        """What a brand's right is counted by."""
        return id_of(token, right_id)

    def right_of(self, token: Address, right_id: bytes) -> Right:
        """A right."""
        return self.rights.get(id_of(token, right_id), Right())

    def is_defined(self, id_: int) -> bool:
        """Whether a right was defined."""
        return id_ in self.rights

    def uri(self, id_: int) -> str:
        """Where the document of a right is."""
        return self.rights.get(id_, Right()).terms_uri

    # ---- internals

    def _right(self, token: Address, right_id: bytes) -> Right:
        id_ = id_of(token, right_id)
        require(id_ in self.rights, "PurchaseRights_NotFound", token, right_id)
        return self.rights[id_]

    def _check_campaign(self, sender: Address, token: Address) -> None:
        brand_id = self.world.token(token).brand_id()
        self.check_active(brand_id, self.check_role(brand_id, sender, CAMPAIGN))

    def _take(self, token: Address, request: RightRequest) -> int:
        """Take rights from what there is to sell; what they cost."""
        right = self._right(token, request.right_id)
        require(right.price != 0, "PurchaseRights_NotSold", token, request.right_id)
        is_open = right.opens_at <= self.world.now < right.closes_at
        require(is_open, "PurchaseRights_OutsideWindow", right.opens_at, right.closes_at)
        self._issue(token, request.right_id, request.quantity)
        return right.price * request.quantity

    def _deliver(
        self, operator: Address, token: Address, buyer: Address, request: RightRequest, cost: int
    ) -> None:
        """Burn what was paid, and give the rights out."""
        id_, holder = id_of(token, request.right_id), request.holder
        holder = buyer if holder == ZERO else holder
        self.emit("RightsSold", id_, buyer, holder, request.quantity, cost)
        self.world.token(token).burn(self.address, cost)
        self._mint(operator, holder, id_, request.quantity)

    def _issue(self, token: Address, right_id: bytes, quantity: int) -> None:
        right = self._right(token, right_id)
        require(quantity != 0, "PurchaseRights_ZeroQuantity")
        left = right.supply - right.issued
        require(quantity <= left, "PurchaseRights_SoldOut", quantity, left)
        self.rights[id_of(token, right_id)] = right._replace(issued=right.issued + quantity)
