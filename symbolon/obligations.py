"""Obligations: what brands owe to the holders of their tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eth_utils.crypto import keccak

from symbolon import calls
from symbolon.calls import AccountLike, address_of

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token

DAY = 86_400
SHORTEST_NOTICE = 14 * DAY
"""The shortest notice period, in seconds."""


@dataclass(frozen=True)
class Terms:
    """The terms of a standing obligation.

    Attributes:
        hash: keccak256 of the terms document.
        notice_period: how long a worsening waits, in seconds.
        uri: where the document is.
        bond_bps: how much of everything outstanding or promised, at par, the holders' purse of the bond must
            cover, in basis points.
    """

    hash: bytes
    notice_period: int = SHORTEST_NOTICE
    uri: str = ""
    bond_bps: int = 0

    @classmethod
    def of_document(
        cls, document: bytes, *, notice_period: int = SHORTEST_NOTICE, uri: str = "", bond_bps: int = 0
    ) -> Terms:
        """The terms that a document states."""
        return cls(keccak(document), notice_period, uri, bond_bps)


@dataclass(frozen=True)
class Obligation:
    """A standing obligation as it was when it was read.

    Attributes:
        brand_id: who owes.
        currency: what it is settled in (an ERC-20), fixed.
        par_value: settlement base units per whole token, fixed.
        version: counts the changes of the terms that took effect, from 1.
        worsened_version: the version in which the latest worsening took effect; 1 if none has.
        terms: the terms in force.
        pending_terms: worse terms that were announced, or None.
        terms_change_at: when they take effect, in seconds; 0 if none are.
        pending_capacity: the higher capacity that was announced, in base units, or None.
        capacity_change_at: from when anyone may apply it, in seconds; 0 if none is.
        wind_down_starts_at: when the wind-down that was announced starts, or started, in seconds: until then
            it can be withdrawn, from then on issuing ends. 0 if the brand is not leaving.
        wind_down_ends_at: when it ends, in seconds; 0 if the brand is not leaving.
    """

    brand_id: bytes
    currency: str
    par_value: int
    version: int
    worsened_version: int
    terms: Terms
    pending_terms: Terms | None
    terms_change_at: int
    pending_capacity: int | None
    capacity_change_at: int
    wind_down_starts_at: int = 0
    wind_down_ends_at: int = 0


class Obligations:
    """The obligations of an alliance's brands. Acts take `sender`, who must be entitled to them."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    def of(self, token: Token | AccountLike) -> Obligation | None:
        """What is owed for a token; None before its brand obliged itself."""
        found = self._read("obligationOf", address_of(token))
        if found.parValue == 0:
            return None
        return Obligation(
            brand_id=bytes(found.brandId),
            currency=found.currency,
            par_value=found.parValue,
            version=found.version,
            worsened_version=found.worsenedVersion,
            terms=_terms(found.terms),
            pending_terms=_terms(found.pendingTerms) if found.termsChangeAt else None,
            terms_change_at=found.termsChangeAt,
            pending_capacity=found.pendingCapacity if found.capacityChangeAt else None,
            capacity_change_at=found.capacityChangeAt,
            wind_down_starts_at=found.windDownStartsAt,
            wind_down_ends_at=found.windDownEndsAt,
        )

    def is_version_valid(self, token: Token | AccountLike, version: int) -> bool:
        """Whether a call that names that version of the terms is still good."""
        return bool(self._read("isVersionValid", address_of(token), version))

    def value_down(self, token: Token | AccountLike, amount: int) -> int:
        """What `amount` base units are worth at par, in settlement base units, rounded down."""
        return int(self._read("valueDown", address_of(token), amount))

    def value_up(self, token: Token | AccountLike, amount: int) -> int:
        """What `amount` base units are worth at par, in settlement base units, rounded up."""
        return int(self._read("valueUp", address_of(token), amount))

    # ---- brands' admins

    def oblige(
        self,
        token: Token | AccountLike,
        currency: AccountLike,
        par_value: int,
        capacity: int,
        terms: Terms,
        *,
        sender: AccountAPI,
    ) -> Obligation:
        """Have a brand oblige itself for its token, which can then be issued.

        `par_value` is settlement base units per whole token; it and `currency`, which the alliance lists, are
        fixed for good. `capacity` is the most base units that may be outstanding or promised.
        """
        arguments = (address_of(token), address_of(currency), par_value, capacity, _tuple(terms))
        self._act(sender, "oblige", *arguments)
        obligation = self.of(token)
        assert obligation is not None
        return obligation

    def set_terms(self, token: Token | AccountLike, terms: Terms, *, sender: AccountAPI) -> ReceiptAPI:
        """Change the terms: at once if nothing gets worse, else after the notice period in force."""
        return self._act(sender, "setTerms", address_of(token), _tuple(terms))

    def withdraw_terms(self, token: Token | AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Withdraw worse terms that have not taken effect."""
        return self._act(sender, "withdrawTerms", address_of(token))

    def set_capacity(self, token: Token | AccountLike, capacity: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Lower capacity at once, or announce a raise for after the notice period in force.

        Either takes the place of a raise announced before.
        """
        return self._act(sender, "setCapacity", address_of(token), capacity)

    def withdraw_capacity_raise(self, token: Token | AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Withdraw an announced raise."""
        return self._act(sender, "withdrawCapacityRaise", address_of(token))

    def announce_wind_down(self, token: Token | AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Announce to leave: after notice nothing new is issued, and the brand owes as before."""
        return self._act(sender, "announceWindDown", address_of(token))

    def withdraw_wind_down(self, token: Token | AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Stay: withdraw a wind-down that has not started."""
        return self._act(sender, "withdrawWindDown", address_of(token))

    # ---- anyone

    def apply_capacity_raise(self, token: Token | AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Put an announced raise into force once its notice is over."""
        return self._act(sender, "applyCapacityRaise", address_of(token))

    def sync_mint_stop(self, token: Token | AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Bring a token's mint-stop in line with its brand's status and its wind-down."""
        return self._act(sender, "syncMintStop", address_of(token))

    def _read(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 (whatever the method returns)
        return calls.read(self._alliance.obligation_registry, method, *arguments)

    def _act(self, sender: AccountAPI, method: str, *arguments: object) -> ReceiptAPI:
        return calls.transact(sender, self._alliance.obligation_registry, method, *arguments)


def _tuple(terms: Terms) -> tuple[bytes, int, int, str]:
    return terms.hash, terms.notice_period, terms.bond_bps, terms.uri


def _terms(found: Any) -> Terms:  # noqa: ANN401 (Ape's struct)
    return Terms(bytes(found.termsHash), found.noticePeriod, found.termsURI, found.bondBps)
