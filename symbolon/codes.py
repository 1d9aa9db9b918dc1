"""What a member shows at a till: a signed redemption as one line of text, drawn as a QR code. Pure: no chain.

    code = Code(redemption, redemption.spend(desk).sign(domain, key))
    Code.decode(code.encode()) == code

The text is `SYMBOLON:` and RFC 4648 base32 without padding: capital letters and digits, which QR codes hold
densely and which survive being copied and typed. Its bytes, numbers big-endian:

    format: 1 (1) ‖ kind: 1 for an offer, 2 at par (1) ‖ chain id (8) ‖ token (20) ‖ member (20) ‖ till (20) ‖
    offer id or order reference (32) ‖ quantity, 0 at par (4) ‖ version (4) ‖ amount (12) ‖ nonce (32) ‖
    deadline (5) ‖ signature (the rest) ‖ checksum: the first bytes of the keccak256 of all before (4)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from base64 import b32decode, b32encode
from dataclasses import dataclass
from typing import ClassVar

from symbolon.addresses import checksum_address, keccak
from symbolon.exceptions import SymbolonError
from symbolon.signing import Fields, Spend, Witness

PREFIX = "SYMBOLON:"
FORMAT = 1

OFFER_FIELDS: Fields = (
    ("offerId", "bytes32"),
    ("quantity", "uint256"),
    ("version", "uint256"),
    ("till", "address"),
)
PAR_FIELDS: Fields = (("orderRef", "bytes32"), ("version", "uint256"), ("till", "address"))

UNITS_MAX = 2**32 - 1
"""The most units of an offer that there can be."""

_WIDTHS = (1, 1, 8, 20, 20, 20, 32, 4, 4, 12, 32, 5)  # everything before the signature
_HEAD = sum(_WIDTHS)
_CHECKSUM = 4
_LONGEST = 20_000  # characters; a QR code holds far fewer, so a longer text is something else


class CodeError(SymbolonError):
    """A text is no redemption code that can be used."""


class LabelError(SymbolonError):
    """A text cannot name an offer or an order."""


@dataclass(frozen=True, kw_only=True)
class Redemption(ABC):
    """What a member wishes at a till, before it is signed.

    Attributes:
        chain_id: where.
        token: which token is burned.
        member: whose.
        till: who may take it.
        version: of the conditions that the member saw: the offer's, or at par those of the token's terms.
        amount: base units; for an offer the most that it may cost.
        nonce: 32 bytes that the member has not used; part of the receipt's id.
        deadline: the last second at which it is good.
    """

    chain_id: int
    token: str
    member: str
    till: str
    version: int
    amount: int
    nonce: bytes
    deadline: int

    kind: ClassVar[int]

    @property
    @abstractmethod
    def reference(self) -> bytes:
        """What it is for: the offer's id, or the order's reference."""

    @property
    @abstractmethod
    def units(self) -> int:
        """Units of the offer; zero at par."""

    @property
    @abstractmethod
    def witness(self) -> Witness:
        """What the member agrees to in exchange."""

    @abstractmethod
    def arguments(self, signature: bytes) -> tuple[object, ...]:
        """The struct that the redemption desk takes."""

    def spend(self, desk: str) -> Spend:
        """What the member signs, in the token's domain; `desk` is the token's redemption desk."""
        return Spend(self.member, desk, self.amount, self.nonce, self.deadline, self.witness)


@dataclass(frozen=True, kw_only=True)
class OfferRedemption(Redemption):
    """A wish for `quantity` units of an offer."""

    offer_id: bytes
    quantity: int

    kind: ClassVar[int] = 1

    @property
    def reference(self) -> bytes:
        """The offer's id."""
        return self.offer_id

    @property
    def units(self) -> int:
        """How many."""
        return self.quantity

    @property
    def witness(self) -> Witness:
        """Which units of what, under which conditions, at which till."""
        values = (self.offer_id, self.quantity, self.version, self.till)
        names = (name for name, _ in OFFER_FIELDS)
        return Witness("OfferRedemption", OFFER_FIELDS, dict(zip(names, values, strict=True)))

    def arguments(self, signature: bytes) -> tuple[object, ...]:
        """`IRedemptions.OfferRedemption`."""
        signed = (self.version, self.amount, self.nonce, self.deadline, signature)
        return self.member, self.offer_id, self.quantity, *signed


@dataclass(frozen=True, kw_only=True)
class ParRedemption(Redemption):
    """A wish for shop credit worth par, or its payment in currency, for the purchase `order_ref`."""

    order_ref: bytes

    kind: ClassVar[int] = 2

    @property
    def reference(self) -> bytes:
        """The shop's reference of the purchase."""
        return self.order_ref

    @property
    def units(self) -> int:
        """None: it is no offer."""
        return 0

    @property
    def witness(self) -> Witness:
        """For which purchase, under which terms, at which till."""
        values = (self.order_ref, self.version, self.till)
        names = (name for name, _ in PAR_FIELDS)
        return Witness("ParRedemption", PAR_FIELDS, dict(zip(names, values, strict=True)))

    def arguments(self, signature: bytes) -> tuple[object, ...]:
        """`IRedemptions.ParRedemption`."""
        return self.member, self.order_ref, self.version, self.amount, self.nonce, self.deadline, signature


@dataclass(frozen=True)
class Code:
    """A redemption with the member's signature: all that a till needs."""

    redemption: Redemption
    signature: bytes

    @property
    def arguments(self) -> tuple[object, ...]:
        """The struct that the redemption desk takes."""
        return self.redemption.arguments(self.signature)

    def encode(self) -> str:
        """The text that the QR code holds."""
        wish = self.redemption
        fields: tuple[bytes | int, ...] = (
            FORMAT,
            wish.kind,
            wish.chain_id,
            bytes.fromhex(wish.token[2:]),
            bytes.fromhex(wish.member[2:]),
            bytes.fromhex(wish.till[2:]),
            wish.reference,
            wish.units,
            wish.version,
            wish.amount,
            wish.nonce,
            wish.deadline,
        )
        packed = b"".join(
            field if isinstance(field, bytes) else field.to_bytes(width, "big")
            for field, width in zip(fields, _WIDTHS, strict=True)
        )
        body = packed + self.signature
        return PREFIX + _base32(body + keccak(body)[:_CHECKSUM])

    @classmethod
    def decode(cls, text: str) -> Code:
        """The code that a text holds; spaces, line ends and small letters do not matter. Raises CodeError."""
        body = _unwrapped(text)
        raw, at = [], 0
        for width in _WIDTHS:
            raw.append(body[at : at + width])
            at += width
        _, kind, chain_id, token, member, till, reference, units, version, amount, nonce, deadline = raw
        shared = {
            "chain_id": int.from_bytes(chain_id, "big"),
            "token": checksum_address(token),
            "member": checksum_address(member),
            "till": checksum_address(till),
            "version": int.from_bytes(version, "big"),
            "amount": int.from_bytes(amount, "big"),
            "nonce": nonce,
            "deadline": int.from_bytes(deadline, "big"),
        }
        quantity = int.from_bytes(units, "big")
        redemption: Redemption
        if kind[0] == OfferRedemption.kind:
            redemption = OfferRedemption(offer_id=reference, quantity=quantity, **shared)  # type: ignore[arg-type]
        elif kind[0] == ParRedemption.kind and quantity == 0:
            redemption = ParRedemption(order_ref=reference, **shared)  # type: ignore[arg-type]
        else:
            raise CodeError("The code asks for something that this till does not know: update this program.")
        return cls(redemption, body[_HEAD:])


def label_bytes(text: str) -> bytes:
    """The 32 bytes of an offer's id or an order's reference: a name of 1 to 32 bytes, or 0x and 64 digits.

    Raises LabelError.
    """
    stripped = text.strip()
    if stripped.startswith("0x") and len(stripped) == 66:
        try:
            return bytes.fromhex(stripped[2:])
        except ValueError:
            raise LabelError(f"{text!r} is no name: after 0x there are 64 hexadecimal digits.") from None
    raw = stripped.encode()
    if not 1 <= len(raw) <= 32 or not stripped.isprintable():
        raise LabelError(
            f"{text!r} cannot be a name here: write 1 to 32 letters, digits or signs, or 0x and 64 digits."
        )
    return raw.ljust(32, b"\0")


def id_of(name: str | bytes) -> bytes:
    """The 32 bytes of a name, or of what is an id already. Raises LabelError."""
    return label_bytes(name) if isinstance(name, str) else name


def label_text(raw: bytes) -> str:
    """An offer's id or an order's reference for people: the name if it is one, else hexadecimal digits."""
    with_digits = "0x" + raw.hex()
    try:
        text = raw.rstrip(b"\0").decode()
    except UnicodeDecodeError:
        return with_digits
    return text if text.isprintable() and text and text == text.strip() else with_digits


def bought_text(raw: bytes) -> str:
    """What an order is of, for people: an offer's name, or that of a deal and which group under it."""
    whole = label_text(raw)
    deal, number = label_text(raw[:28].ljust(32, b"\0")), int.from_bytes(raw[28:])
    return f"{deal}/{number}" if whole.startswith("0x") and number and not deal.startswith("0x") else whole


def number_text(number: int) -> str:
    """What tells the orders of one offer apart, for people: a number, or whose it is and which of its own."""
    if number <= UNITS_MAX:
        return str(number)
    which, whose = divmod(number, 2**160)
    return checksum_address(whose.to_bytes(20)) + (f"/{which}" if which else "")


def _unwrapped(text: str) -> bytes:
    """The bytes before the checksum, which is right, of a text that is whole."""
    compact = "".join(text[: _LONGEST + 1].split()).upper()
    if not compact.startswith(PREFIX) or len(text) > _LONGEST:
        raise CodeError(f"This is no redemption code: one begins with {PREFIX}")
    encoded = compact.removeprefix(PREFIX)
    try:
        packed = b32decode(encoded + "=" * (-len(encoded) % 8))
    except ValueError:
        packed = b""
    body, checksum = packed[:-_CHECKSUM], packed[-_CHECKSUM:]
    if not body or keccak(body)[:_CHECKSUM] != checksum or _base32(packed) != encoded:
        raise CodeError("The code is damaged or cut off: have the member show it again.")
    if body[0] != FORMAT:
        raise CodeError(f"The code has format {body[0]}, which is newer than this program: update it.")
    if len(body) <= _HEAD:
        raise CodeError("The code carries no signature: have the member show it again.")
    return body


def _base32(raw: bytes) -> str:
    return b32encode(raw).decode().rstrip("=")
