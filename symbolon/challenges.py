"""Short-lived challenges for views: that a member's wallet was there, and answered in time. Pure.

    challenges = Challenges(secret, domain, token, campaign)          # the shop's; the secret never leaves it
    text = challenges.issue(member, number=3, thing="spring film", now=now, answer="rye")
    ...                                                               # shown beside what is to be viewed
    answer = answer_to(text, domain, member_key, "Rye")               # the member's wallet
    voucher = challenges.check(text, answer, now=later, deadline=until)

The shop remembers nothing: what it asked is in the challenge, under a seal that only its secret makes. Nor
does it need to know what was answered before: a challenge has its voucher's number in it, and a number is
paid once. A challenge proves a wallet's key and its patience, not a person's eyes: caps and the abuse report
are for the rest.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar

from symbolon.addresses import checksum_address, keccak, parse_address
from symbolon.exceptions import SymbolonError
from symbolon.signing import Domain, Fields, Signer, Struct
from symbolon.vouchers import Voucher, action_of

MINUTE = 60
LEAST, PATIENCE = 5, 10 * MINUTE
"""How long a view takes at least, and how long its challenge is good, in seconds unless said otherwise."""

_WIDTHS = (20, 20, 32, 20, 4, 32, 5, 5, 1)  # what a challenge says, before its seal
_SEAL = 32


class ChallengeError(SymbolonError):
    """A challenge was not answered as it should be."""


@dataclass(frozen=True)
class View(Struct):
    """What a member signs to answer: which view of which campaign, and what the wallet shows of it."""

    token: str
    campaign_id: bytes
    member: str
    number: int
    thing: bytes
    challenge: bytes
    answer: str

    type_name: ClassVar[str] = "View"
    members: ClassVar[Fields] = (
        ("token", "address"),
        ("campaignId", "bytes32"),
        ("member", "address"),
        ("number", "uint256"),
        ("thing", "bytes32"),
        ("challenge", "bytes32"),
        ("answer", "string"),
    )


@dataclass(frozen=True)
class Answer:
    """What comes back: what was answered in words, and the member's signature."""

    text: str
    signature: bytes


@dataclass(frozen=True)
class _Challenge:
    contract: bytes
    token: bytes
    campaign_id: bytes
    member: bytes
    number: int
    thing: bytes
    from_at: int
    until: int
    asks: bool
    seal: bytes

    @classmethod
    def read(cls, text: str) -> _Challenge:
        try:
            raw = urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        except (ValueError, UnicodeEncodeError):
            raw = b""
        if len(raw) != sum(_WIDTHS) + _SEAL:
            raise ChallengeError("This is no challenge: take the one that the shop shows, whole.")
        parts, at = [], 0
        for width in _WIDTHS:
            parts.append(raw[at : at + width])
            at += width
        contract, token, campaign, member, number, thing, from_at, until, asks = parts
        numbers = (int.from_bytes(each) for each in (number, from_at, until))
        which, begins, ends = numbers
        return cls(
            contract, token, campaign, member, which, thing, begins, ends, any(asks), raw[sum(_WIDTHS) :]
        )

    @property
    def body(self) -> bytes:
        fields: tuple[bytes | int, ...] = (
            self.contract,
            self.token,
            self.campaign_id,
            self.member,
            self.number,
            self.thing,
            self.from_at,
            self.until,
            int(self.asks),
        )
        return b"".join(
            each if isinstance(each, bytes) else each.to_bytes(width)
            for each, width in zip(fields, _WIDTHS, strict=True)
        )

    def view(self, answer: str) -> View:
        return View(
            token=checksum_address(self.token),
            campaign_id=self.campaign_id,
            member=checksum_address(self.member),
            number=self.number,
            thing=self.thing,
            challenge=keccak(self.body + self.seal),
            answer=answer,
        )


class Challenges:
    """A shop's challenges for one campaign."""

    def __init__(self, secret: bytes, domain: Domain, token: str, campaign_id: bytes) -> None:
        """`secret` is at least 32 random bytes, the same as long as challenges are to be checked."""
        if len(secret) < 32:
            raise ChallengeError("The secret is too short: take 32 random bytes (secrets.token_bytes(32)).")
        self._secret = secret
        self._domain = domain
        self._token = token
        self._campaign_id = campaign_id

    def issue(
        self,
        member: str,
        number: int,
        thing: str,
        *,
        now: int,
        least: int = LEAST,
        patience: int = PATIENCE,
        answer: str = "",
    ) -> str:
        """A challenge for a member, to be answered no sooner than `least` seconds from now.

        `number` is that of the voucher it leads to. `thing` is what is viewed. `answer`, if given, is what
        only who viewed it can say; case and spaces do not matter.
        """
        challenge = _Challenge(
            contract=parse_address(self._domain.verifying_contract),
            token=parse_address(self._token),
            campaign_id=self._campaign_id,
            member=parse_address(member),
            number=number,
            thing=action_of(thing),
            from_at=now + least,
            until=now + patience,
            asks=bool(_plain(answer)),
            seal=b"",
        )
        sealed = challenge.body + self._seal(challenge.body, answer)
        return urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def check(self, text: str, answer: Answer, *, now: int, deadline: int) -> Voucher:
        """The voucher that the answer earned, for the shop's key to sign, good until `deadline`.

        The same challenge gives the same number however often it is answered. Raises ChallengeError.
        """
        challenge = _Challenge.read(text)
        said = answer.text if challenge.asks else ""
        if not hmac.compare_digest(self._seal(challenge.body, said), challenge.seal):
            raise ChallengeError(
                "That is not the answer, or the challenge is not ours: view it again and answer anew."
            )
        here = (parse_address(self._domain.verifying_contract), parse_address(self._token), self._campaign_id)
        if (challenge.contract, challenge.token, challenge.campaign_id) != here:
            raise ChallengeError("The challenge is another campaign's: ask for one of this campaign.")
        if now < challenge.from_at:
            raise ChallengeError("That was too quick: view it to its end before answering.")
        if now > challenge.until:
            raise ChallengeError("The challenge has run out: view it again and answer in time.")
        view = challenge.view(answer.text)
        if not view.is_signed_by(view.member, self._domain, answer.signature):
            raise ChallengeError(
                "The answer is not signed by the member who was asked: sign with its wallet."
            )
        return Voucher(
            view.token, view.campaign_id, view.member, view.number, keccak(challenge.body), deadline
        )

    def _seal(self, body: bytes, answer: str) -> bytes:
        return hmac.digest(self._secret, body + _plain(answer).encode(), sha256)


def answer_to(text: str, domain: Domain, signer: Signer | bytes | str, answer: str = "") -> Answer:
    """Answer a challenge with the member's key or account; `answer` is what it asks for, if it does.

    Raises ChallengeError for a text that is no challenge.
    """
    view = _Challenge.read(text).view(answer)
    return Answer(answer, view.sign(domain, signer))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
