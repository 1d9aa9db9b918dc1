"""Consent: which data members let a brand have, what for, until when and at what price.

request = Request(token.address, "birthday, postcode", "a card on your birthday", key.public, 5_00, 0, until)
alliance.consents.ask(request, sender=manager)
alliance.consents.fund(request, 500_00, sender=brand)
alliance.consents.grant(request, sender=member)            # which also pays the member
sealed = seal(request.public_key, b"...", request.id, member.address)      # goes to the brand off chain
alliance.consents.acknowledge(request, member, data_hash(sealed), sender=manager)
alliance.consents.revoke(request, sender=member)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from symbolon import calls
from symbolon.calls import AccountLike, address_of
from symbolon.data_requests import DataGrant, Eligible, Request, Revocation
from symbolon.exceptions import SymbolonError
from symbolon.signing import Domain, Signer

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token

PATIENCE = 60 * 60
"""How long a signature is good unless said otherwise, in seconds."""

FOR_ALL = (0, b"")
"""As an attester's word, where there is no attester."""

_EVENTS = ("Granted", "Revoked", "Paid", "DataReceived")


class NoRequestError(SymbolonError):
    """There is no such request."""


@dataclass(frozen=True)
class Published:
    """A request as it stood when it was read.

    Attributes:
        request: what is asked for.
        left: budget for further grants, in base units.
        is_open: whether it can be granted, before its end.
    """

    request: Request
    left: int
    is_open: bool


@dataclass
class Grant:
    """One member's consent, as the log tells it; times in seconds.

    Attributes:
        member: who.
        granted_at, until: from when to when.
        revoked_at: since when it is revoked, or None.
        paid: base units that the member got.
        received: the hash of what the brand has received, and when.
    """

    member: str
    granted_at: int
    until: int
    revoked_at: int | None = None
    paid: int = 0
    received: list[tuple[bytes, int]] = field(default_factory=list)

    def stands(self, now: int) -> bool:
        """Whether the data may be used."""
        return self.revoked_at is None and now < self.until


class Consents:
    """What members let an alliance's brands have. Acts take `sender`, who must be entitled to them."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    @property
    def contract(self) -> ContractInstance:
        """Where it is kept."""
        return self._alliance.consent

    @property
    def domain(self) -> Domain:
        """What signatures for it are bound to."""
        return calls.domain_of(self.contract)

    # ---- what there is

    def of(self, token: Token) -> list[Published]:
        """Every request of a token's brand, oldest first."""
        logs = calls.events(self.contract, self._alliance.start_block, "RequestPublished", about=token)
        requests = [_request(log.event_arguments) for log in logs]
        questions = [(self.contract, "budgetOf", (request.id,)) for request in requests]
        answers = calls.read_many(questions, block=calls.block_number())
        return [
            Published(request, int(left), bool(is_open))
            for request, (left, is_open) in zip(requests, answers, strict=True)
        ]

    def find(self, token: Token, text: str) -> Published:
        """A request by the beginning of its id. Raises NoRequestError where none, or several, begin so."""
        found = [each for each in self.of(token) if ("0x" + each.request.id.hex()).startswith(text.lower())]
        if len(found) != 1:
            what = f"no request {text}" if not found else f"several requests that begin with {text}"
            raise NoRequestError(
                f"{token.symbol} has {what}: `ape run consent list {token.symbol}` lists those that are."
            )
        return found[0]

    def grants(self, request: Request) -> list[Grant]:
        """Who granted a request, oldest first: until when, revoked when, paid what, and which data came."""
        found: dict[str, Grant] = {}
        time_of = cache(calls.block_time)
        for log in self._events(request):
            facts = log.event_arguments
            member, at = address_of(facts["member"]), time_of(int(log.block_number))
            if log.event_name == "Granted":
                found[member] = Grant(member, at, int(facts["until"]))
            elif log.event_name == "Revoked":
                found[member].revoked_at = at
            elif log.event_name == "Paid":
                found[member].paid += int(facts["amount"])
            else:
                found[member].received.append((bytes(facts["dataHash"]), at))
        return list(found.values())

    def is_granted(self, request: Request, member: AccountLike) -> bool:
        """Whether a member's data may be used under a request now."""
        return bool(calls.read(self.contract, "isGranted", request.id, address_of(member)))

    # ---- managers with the campaign role

    def ask(self, request: Request, *, sender: AccountAPI) -> Published:
        """Publish a request; members can grant it once it is funded."""
        calls.transact(sender, self.contract, "publish", request.arguments, request.wording)
        return Published(request, 0, True)

    def fund(self, request: Request, amount: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Add to a request's budget: the admin out of capacity, a manager out of its quota."""
        token = self._alliance.tokens[request.token]
        return token.entrust(self.contract, amount, request.encoded, sender=sender)

    def close(self, request: Request, *, sender: AccountAPI) -> ReceiptAPI:
        """Let nobody grant it any more; what was granted stands."""
        return calls.transact(sender, self.contract, "close", request.arguments)

    def return_rest(self, request: Request, *, sender: AccountAPI) -> ReceiptAPI:
        """Give back to capacity what is set aside for nobody."""
        return calls.transact(sender, self.contract, "returnRest", request.arguments)

    def acknowledge(
        self, request: Request, member: AccountLike, data_hash: bytes, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Say that a member's data came; `data_hash` is that of the sealed bytes."""
        return calls.transact(
            sender, self.contract, "acknowledge", request.arguments, address_of(member), data_hash
        )

    # ---- attesters

    def attest(
        self, request: Request, member: AccountLike, signer: Signer, *, patience: int = PATIENCE
    ) -> tuple[int, bytes]:
        """An attester's word that a wallet may grant, as `grant` takes it."""
        word = Eligible(request.id, address_of(member), calls.now() + patience)
        return word.deadline, word.sign(self.domain, signer)

    # ---- members

    def grant(
        self, request: Request, eligibility: tuple[int, bytes] = FOR_ALL, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Grant a request, which pays the sender, who is the member."""
        return calls.transact(sender, self.contract, "grant", request.arguments, eligibility)

    def sign_grant(
        self, request: Request, signer: Signer, *, patience: int = PATIENCE
    ) -> tuple[DataGrant, bytes]:
        """A member's signature that it grants, for anybody to hand in by `grant_signed`."""
        granted = DataGrant.of(request, address_of(signer), calls.now() + patience)
        return granted, granted.sign(self.domain, signer)

    def grant_signed(
        self,
        request: Request,
        granted: DataGrant,
        signature: bytes,
        eligibility: tuple[int, bytes] = FOR_ALL,
        *,
        sender: AccountAPI,
    ) -> ReceiptAPI:
        """Grant as a member signed, at the sender's cost of gas."""
        arguments = (request.arguments, eligibility, granted.member, granted.deadline, signature)
        return calls.transact(sender, self.contract, "grantWithSignature", *arguments)

    def revoke(self, request: Request, *, sender: AccountAPI) -> ReceiptAPI:
        """Revoke the sender's grant: nothing more is paid, and its data must not be used."""
        return calls.transact(sender, self.contract, "revoke", request.arguments)

    def sign_revocation(
        self, request: Request, signer: Signer, *, patience: int = PATIENCE
    ) -> tuple[Revocation, bytes]:
        """A member's signature that it revokes, for anybody to hand in by `revoke_signed`."""
        revoked = Revocation(request.id, address_of(signer), calls.now() + patience)
        return revoked, revoked.sign(self.domain, signer)

    def revoke_signed(
        self, request: Request, revoked: Revocation, signature: bytes, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Revoke as a member signed."""
        arguments = (request.arguments, revoked.member, revoked.deadline, signature)
        return calls.transact(sender, self.contract, "revokeWithSignature", *arguments)

    # ---- anyone

    def pay(self, request: Request, member: AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Pay a member the instalments that have come due."""
        return calls.transact(sender, self.contract, "pay", request.arguments, address_of(member))

    # ---- within

    def _events(self, request: Request) -> Iterator[Any]:
        return calls.events(self.contract, self._alliance.start_block, *_EVENTS, about=request.id)


def _request(facts: dict[str, Any]) -> Request:
    """A request from the event that published it, whose structs Ape gives as lists."""
    token, _, _, _, price, every, until, attester, salt = facts["request"]
    fields, purpose, public_key = facts["wording"]
    return Request(
        token=address_of(token),
        fields=str(fields),
        purpose=str(purpose),
        public_key=bytes(public_key),
        price=int(price),
        every=int(every),
        until=int(until),
        attester=address_of(attester),
        salt=bytes(salt),
    )
