"""Members' data on its way to a brand: encrypted to the brand's key, so that nobody else can read it. Pure.

    key = DataKey.make()                                   # the brand's; the request names key.public
    sealed = seal(key.public, b"1990-03-01", request_id, member)
    key.open(sealed, request_id, member)                   # the brand reads it
    data_hash(sealed)                                      # what the brand acknowledges on chain

This is HPKE (RFC 9180) with X25519, HKDF-SHA256 and AES-256-GCM, as the maintained library has it. What is
sealed for one request and member opens for no other. The hash of the sealed bytes, once acknowledged, proves
which bytes the brand has; with the key, what is in them.
"""

from __future__ import annotations

from dataclasses import dataclass

from Crypto.Protocol import HPKE
from Crypto.Protocol.DH import import_x25519_public_key
from Crypto.PublicKey import ECC

from symbolon.addresses import keccak, parse_address
from symbolon.exceptions import SymbolonError

_SUITE = bytes.fromhex("002000010002")
"""RFC 9180's numbers of X25519, HKDF-SHA256 and AES-256-GCM: what a public key begins with."""

_KEY = 32
_INFO = b"symbolon consent 1"
_PROTECTION = "scryptAndAES256-CBC"


class SealedDataError(SymbolonError):
    """Data cannot be sealed or opened."""


@dataclass(frozen=True)
class DataKey:
    """A brand's key for members' data."""

    _key: ECC.EccKey

    @classmethod
    def make(cls) -> DataKey:
        """A new one."""
        return cls(ECC.generate(curve="curve25519"))

    @classmethod
    def load(cls, text: str, passphrase: str) -> DataKey:
        """The key that `save` wrote. Raises SealedDataError."""
        try:
            key = ECC.import_key(text, passphrase=passphrase)
        except (ValueError, IndexError, TypeError) as error:
            raise SealedDataError(
                "The data key cannot be opened: check its file and its passphrase."
            ) from error
        if key.curve != "Curve25519" or not key.has_private():
            raise SealedDataError("This is no data key: take the file that `ape run consent key` wrote.")
        return cls(key)

    def save(self, passphrase: str) -> str:
        """The key as text (PKCS#8), behind a passphrase."""
        if not passphrase:
            raise SealedDataError("The passphrase is empty: choose one, since this key opens members' data.")
        return str(
            self._key.export_key(
                format="PEM",
                passphrase=passphrase,
                protection=_PROTECTION,
                prot_params={"iteration_count": 2**15},
            )
        )

    @property
    def public(self) -> bytes:
        """What a request names: the algorithms and the public key, 38 bytes."""
        return _SUITE + bytes(self._key.public_key().export_key(format="raw"))

    def open(self, sealed: bytes, request_id: bytes, member: str) -> bytes:
        """The data. Raises SealedDataError where it was sealed for something else, or altered."""
        try:
            cipher = HPKE.new(
                receiver_key=self._key,
                aead_id=HPKE.AEAD.AES256_GCM,
                enc=sealed[:_KEY],
                info=_info(request_id, member),
            )
            return bytes(cipher.unseal(sealed[_KEY:]))
        except ValueError as error:
            raise SealedDataError(
                "The data does not open with this key for this request and member: it was sealed for "
                "another, or is damaged; ask the member to send it again."
            ) from error


def seal(public_key: bytes, data: bytes, request_id: bytes, member: str) -> bytes:
    """Data encrypted for a request's key, for one request and member. Raises SealedDataError."""
    if public_key[: len(_SUITE)] != _SUITE or len(public_key) != len(_SUITE) + _KEY:
        raise SealedDataError(
            "The request's key is of a kind that this program does not know: ask the brand which it is."
        )
    try:
        key = import_x25519_public_key(public_key[len(_SUITE) :])
        cipher = HPKE.new(receiver_key=key, aead_id=HPKE.AEAD.AES256_GCM, info=_info(request_id, member))
        return bytes(cipher.enc + cipher.seal(data))
    except ValueError as error:
        raise SealedDataError(
            "The request's key is not a point of its curve: give the brand nothing, and tell it."
        ) from error


def data_hash(sealed: bytes) -> bytes:
    """What a brand acknowledges: keccak256 of the encrypted bytes."""
    return keccak(sealed)


def _info(request_id: bytes, member: str) -> bytes:
    return _INFO + request_id + parse_address(member)
