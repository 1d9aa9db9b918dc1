"""Data that members let brands have, for a purpose, until a date, at a price."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from symbolon.addresses import keccak
from symbolon.reference.abi_words import words, words_of
from symbolon.reference.contract import DAY, MAX_URI_LENGTH, ZERO, Address, require
from symbolon.reference.eip712 import Signature, type_hash
from symbolon.reference.rewards import Call, Rewards

if TYPE_CHECKING:
    from symbolon.reference.world import World

GRANT = type_hash(
    "DataGrant(address token,address member,string fields,string purpose,bytes32 keyHash,uint256 price,"
    "uint256 every,uint256 until,bytes32 requestId,uint256 deadline)"
)
REVOCATION = type_hash("Revocation(bytes32 requestId,address member,uint256 deadline)")
ELIGIBLE = type_hash("Eligible(bytes32 requestId,address member,uint256 deadline)")

_REQUEST_BITS = (160, None, None, None, 96, 32, 40, 160, None)
"""How many bits a request's fields have; None for 32 bytes."""


class State(IntEnum):
    """Where a grant stands."""

    NONE = 0
    GRANTED = 1
    ENDED = 2
    REVOKED = 3


class Wording(NamedTuple):
    """What a brand asks for, in words."""

    fields: str
    purpose: str
    public_key: bytes


class Request(NamedTuple):
    """What a brand asks for; `every` in seconds, zero if there is one instalment."""

    token: Address
    fields_hash: bytes
    purpose_hash: bytes
    key_hash: bytes
    price: int
    every: int
    until: int
    attester: Address
    salt: bytes

    @property
    def id(self) -> bytes:
        """Its name."""
        return keccak(words(*self))


class Eligibility(NamedTuple):
    """The attester's word that a wallet may grant."""

    deadline: int
    signature: Signature


class Budget(NamedTuple):
    """What a request can still be granted from, and whether it can."""

    left: int = 0
    open: bool = False


class Grant(NamedTuple):
    """One member's grant."""

    state: State = State.NONE
    granted_at: int = 0
    until: int = 0
    revoked_at: int = 0
    instalments: int = 0
    paid: int = 0


class Consent(Rewards):
    """See IConsent."""

    NAME = "Consent"
    MIN_EVERY = DAY
    MAX_INSTALMENTS = 1000

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.budgets: dict[bytes, Budget] = {}
        self.grants: dict[tuple[bytes, Address], Grant] = {}

    # ---- tokens

    def fund(self, token: Address, holder: Address, amount: int, data: bytes) -> None:
        """Add to a request's budget."""
        request = Request._make(words_of(data, _REQUEST_BITS))
        its_token = int.to_bytes(request.token, 20) if isinstance(request.token, int) else request.token
        require(its_token == token, "Consent_OtherToken", token, its_token)
        budget = self._open_budget(request.id)
        self.budgets[request.id] = budget._replace(left=budget.left + amount)
        self.emit("RequestFunded", request.id, holder, amount)

    # ---- brand

    def publish(self, sender: Address, request: Request, wording: Wording) -> bytes:
        """Publish a request; its name."""
        self.check_new(sender, request.token)
        require(request.id not in self.budgets, "Consent_AlreadyPublished", request.id)
        is_valid = (
            _hash_of(wording.fields.encode()) == request.fields_hash
            and _hash_of(wording.purpose.encode()) == request.purpose_hash
            and _hash_of(wording.public_key) == request.key_hash
            and (request.every == 0 or request.every >= self.MIN_EVERY)
            and self.world.now < request.until
            and self._instalments_of(request) <= self.MAX_INSTALMENTS
        )
        require(is_valid, "Consent_InvalidRequest")
        self.budgets[request.id] = Budget(open=True)
        self.emit("RequestPublished", request.token, request.id, request, wording)
        return request.id

    def close(self, sender: Address, request: Request) -> None:
        """End granting; what was granted stands."""
        self.check_campaigner(sender, request.token)
        self.budgets[request.id] = self._open_budget(request.id)._replace(open=False)
        self.emit("RequestClosed", request.id)

    def return_rest(self, sender: Address, request: Request) -> None:
        """Give back to capacity what is set aside for nobody."""
        self.check_campaigner(sender, request.token)
        left, is_open = self.budget_of(request.id)
        if left:
            self.budgets[request.id] = Budget(0, is_open)
        self.emit("RestReturned", request.id, left)
        self.world.token(request.token).return_quota(self.address, left)

    def acknowledge(self, sender: Address, request: Request, member: Address, data_hash: bytes) -> None:
        """Say that a member's data was received."""
        self.check_campaigner(sender, request.token)
        self._check_granted(request.id, member)
        self.emit("DataReceived", request.id, member, data_hash)

    # ---- members

    def grant(self, sender: Address, request: Request, eligibility: Eligibility) -> None:
        """Grant what is asked, and be paid the first instalment."""
        request_id, now = request.id, self.world.now
        left = self._open_budget(request_id).left
        require(now < request.until, "Consent_Closed", request_id)
        state = self.grant_of(request_id, sender).state
        require(state == State.NONE, "Consent_WrongState", request_id, sender, state)
        if request.attester != ZERO:
            deadline, signature = eligibility
            self.check_signature(request.attester, ELIGIBLE, (request_id, sender, deadline), signature)
        instalments = self._instalments_of(request)
        cost = instalments * request.price
        require(cost <= left, "Consent_BudgetShort", cost, left)
        self._add(request_id, -cost)
        self.grants[request_id, sender] = Grant(State.GRANTED, now, request.until, 0, instalments, 1)
        facts = (request_id, sender, request.token, request.until, request.price, instalments)
        self.emit("Granted", *facts)
        self.emit("Paid", request_id, sender, 1, request.price)
        self.mint(request.token, sender, request.price)

    def grant_with_signature(
        self,
        _sender: Address,
        request: Request,
        eligibility: Eligibility,
        member: Address,
        deadline: int,
        signature: Signature,
    ) -> None:
        """Grant for a member who signed."""
        self.check_signature(member, GRANT, grant_fields(request, member, deadline), signature)
        self.grant(member, request, eligibility)

    def revoke(self, sender: Address, request: Request) -> None:
        """Revoke the sender's grant, and pay what had come due."""
        request_id = request.id
        self._check_granted(request_id, sender)
        grant = self.grants[request_id, sender]
        due = self._due_of(request, grant)
        self.grants[request_id, sender] = grant._replace(state=State.REVOKED, revoked_at=self.world.now)
        self._add(request_id, (grant.instalments - due) * request.price)
        self.emit("Revoked", request_id, sender)
        self._pay_due(request, sender)

    def revoke_with_signature(
        self, _sender: Address, request: Request, member: Address, deadline: int, signature: Signature
    ) -> None:
        """Revoke for a member who signed."""
        self.check_signature(member, REVOCATION, (request.id, member, deadline), signature)
        self.revoke(member, request)

    # ---- anyone

    def pay(self, _sender: Address, request: Request, member: Address) -> None:
        """Pay the instalments that have come due."""
        state = self.grant_of(request.id, member).state
        goes_on = state in (State.GRANTED, State.ENDED)
        require(goes_on, "Consent_WrongState", request.id, member, state)
        paid = self._pay_due(request, member)
        require(paid != 0, "Consent_NothingDue", request.id, member)

    def multicall(self, sender: Address, calls: Sequence[Call]) -> list[bytes]:
        """Do many acts in one call."""
        return self.run_all(sender, calls)

    # ---- views

    def request_id_of(self, request: Request) -> bytes:
        """The name of a request."""
        return request.id

    def budget_of(self, request_id: bytes) -> Budget:
        """What can still be granted from, and whether it can."""
        return self.budgets.get(request_id, Budget())

    def grant_of(self, request_id: bytes, member: Address) -> Grant:
        """One member's grant; it ends by the clock."""
        grant = self.grants.get((request_id, member), Grant())
        has_ended = grant.state == State.GRANTED and self.world.now >= grant.until
        return grant._replace(state=State.ENDED) if has_ended else grant

    def is_granted(self, request_id: bytes, member: Address) -> bool:
        """Whether a member's data may be used now."""
        return self.grant_of(request_id, member).state == State.GRANTED

    # ---- internals

    def _open_budget(self, request_id: bytes) -> Budget:
        budget = self.budget_of(request_id)
        require(budget.open, "Consent_Closed", request_id)
        return budget

    def _check_granted(self, request_id: bytes, member: Address) -> None:
        state = self.grant_of(request_id, member).state
        require(state == State.GRANTED, "Consent_WrongState", request_id, member, state)

    def _instalments_of(self, request: Request) -> int:
        """How many there are for who grants now."""
        if request.every == 0:
            return 1
        return -(-(request.until - self.world.now) // request.every)

    def _due_of(self, request: Request, grant: Grant) -> int:
        """How many have come due."""
        if request.every == 0:
            return 1
        return min((self.world.now - grant.granted_at) // request.every + 1, grant.instalments)

    def _pay_due(self, request: Request, member: Address) -> int:
        """Pay what has come due and was not paid; how many instalments."""
        grant = self.grants[request.id, member]
        due = self._due_of(request, grant)
        count = due - grant.paid
        if count:
            self.grants[request.id, member] = grant._replace(paid=due)
            amount = count * request.price
            self.emit("Paid", request.id, member, count, amount)
            self.mint(request.token, member, amount)
        return count

    def _add(self, request_id: bytes, amount: int) -> None:
        budget = self.budgets[request_id]
        self.budgets[request_id] = budget._replace(left=budget.left + amount)


def grant_fields(request: Request, member: Address, deadline: int) -> tuple[int | bytes, ...]:
    """What a member signs to grant; texts by their hashes, as EIP-712 has it."""
    return (
        request.token,
        member,
        request.fields_hash,
        request.purpose_hash,
        request.key_hash,
        request.price,
        request.every,
        request.until,
        request.id,
        deadline,
    )


def _hash_of(text: bytes) -> bytes:
    """Of words that are neither empty nor too long."""
    require(len(text) <= MAX_URI_LENGTH, "Consent_WordingTooLong", len(text), MAX_URI_LENGTH)
    require(len(text) != 0, "Consent_InvalidRequest")
    return keccak(text)
