"""Friends cut a price: the brand commits to cuts, the buyer opens, friends draw, the buyer takes.

openings = alliance.cuts.draw_up(token, "lamp", buyer, manager)     # the brand: the buyer gets this
alliance.cuts.open(openings, sender=buyer)                          # which checks it first
alliance.cuts.draw(openings, attestation, sender=friend)
alliance.cuts.take(token, "lamp", openings.number, sender=buyer)
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from symbolon import calls, cuts
from symbolon.bargains import NoBargainError, buyer_of, numbered_for
from symbolon.calls import AccountLike, address_of
from symbolon.codes import id_of, label_text, number_text
from symbolon.cuts import CutsError, Opening, Rules
from symbolon.deals import Listing
from symbolon.haggles import Status
from symbolon.signing import Domain, Fields, Signer, Struct

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token

DAY = 86_400


@dataclass(frozen=True)
class Commitment(Struct):
    """That a brand committed to cuts, or a buyer opens on them: the first link, until `deadline`."""

    token: str
    deal_id: bytes
    number: int
    head: bytes
    deadline: int

    type_name: ClassVar[str] = "CutOpening"
    members: ClassVar[Fields] = (
        ("token", "address"),
        ("dealId", "bytes32"),
        ("number", "uint256"),
        ("head", "bytes32"),
        ("deadline", "uint256"),
    )


@dataclass(frozen=True)
class Vouched(Struct):
    """That an address is a person's, until `deadline`; `person` is 32 bytes that say nothing else."""

    token: str
    deal_id: bytes
    helper: str
    person: bytes
    deadline: int

    type_name: ClassVar[str] = "CutHelper"
    members: ClassVar[Fields] = (
        ("token", "address"),
        ("dealId", "bytes32"),
        ("helper", "address"),
        ("person", "bytes32"),
        ("deadline", "uint256"),
    )


@dataclass(frozen=True)
class Attestation:
    """What an attester signed."""

    vouched: Vouched
    signature: bytes

    @property
    def arguments(self) -> tuple[object, ...]:
        """`ICuts.Attestation`."""
        return self.vouched.helper, self.vouched.person, self.vouched.deadline, self.signature


@dataclass(frozen=True)
class Openings:
    """All that a buyer gets from the brand before it opens: every cut, and the signature for them.

    Attributes:
        commitment: what the brand signed.
        signer: who signed for it.
        signature: 65 bytes, or what a wallet takes.
        cuts: all openings, in the order in which they are drawn.
    """

    commitment: Commitment
    signer: str
    signature: bytes
    cuts: tuple[Opening, ...]


@dataclass(frozen=True)
class Cut:
    """A bargain as it was when it was read.

    Attributes:
        token, listing: what it is about.
        number: which; its buyer is in it.
        status: where it stands.
        price: what it can be taken for, in parts.
        left: cuts that are still to be drawn.
        answer_by: for one that was requested and not answered: by when it has to be; else 0.
        deadline: until when it can be taken, in seconds.
        link: what the next opening must show.
    """

    token: str
    listing: Listing
    number: int
    status: Status
    price: int
    left: int
    answer_by: int
    deadline: int
    link: bytes

    @property
    def name(self) -> str:
        """Listing and buyer, as people say it."""
        return f"{self.listing.name}/{number_text(self.number)}"

    @property
    def buyer(self) -> str:
        """Whose it is."""
        return buyer_of(self.number)


class Cutting:
    """Bargains whose price friends cut. Acts take `sender`, who must be entitled to them."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    @property
    def contract(self) -> ContractInstance:
        """Where prices are cut."""
        return self._alliance.cuts_contract

    @property
    def domain(self) -> Domain:
        """What signatures are bound to."""
        return Domain("Cuts", calls.chain_id(), str(self.contract.address))

    def get(self, token: Token, listing: str | bytes, number: int) -> Cut:
        """A bargain. Raises NoDealError, NoBargainError."""
        found = calls.read(self.contract, "bargainOf", token.address, id_of(listing), number)
        if not found.status:
            raise NoBargainError(
                f"There is no bargain {label_text(id_of(listing))}/{number_text(number)}: its buyer opens it."
            )
        return Cut(
            token=token.address,
            listing=self._alliance.bargains.listing(token, listing).listing,
            number=number,
            status=Status(found.status),
            price=int(found.price),
            left=int(found.left),
            answer_by=int(found.answerBy),
            deadline=int(found.deadline),
            link=bytes(found.link),
        )

    def of(self, token: Token) -> list[Cut]:
        """Every bargain of a token that was ever opened or requested, oldest first."""
        names = ("CutOpened", "CutRequested")
        logs = calls.events(self.contract, self._alliance.start_block, *names, about=token)
        found = (log.event_arguments for log in logs)
        return [self.get(token, bytes(facts["dealId"]), int(facts["number"])) for facts in found]

    def taken(self, token: Token) -> dict[tuple[bytes, int], int]:
        """For how many parts bargains of a token were taken, by listing and number."""
        logs = calls.events(self.contract, self._alliance.start_block, "CutTaken", about=token)
        found = (log.event_arguments for log in logs)
        return {(bytes(each["dealId"]), int(each["number"])): int(each["price"]) for each in found}

    # ---- brands

    def draw_up(
        self,
        token: Token,
        listing: str | bytes,
        buyer: AccountLike,
        signer: Signer,
        *,
        nonce: int = 0,
        brand: AccountLike | None = None,
        patience: int = DAY,
    ) -> Openings:
        """Draw up the cuts of a buyer's bargain and sign for them, good for `patience` seconds.

        All of it goes to the buyer. `brand` is who runs its campaigns, if that is a wallet whose key signs.
        """
        rules, number = self._rules(token, listing), numbered_for(buyer, nonce)
        bargain, seed = self._bargain(token.address, id_of(listing), number), secrets.token_bytes(32)
        openings = cuts.chain(bargain, cuts.draw_up(rules, seed), cuts.salts(seed, rules.cuts))
        head = cuts.head_of(bargain, openings)
        commitment = Commitment(token.address, id_of(listing), number, head, calls.now() + patience)
        signature = commitment.sign(self.domain, signer)
        return Openings(commitment, address_of(brand or signer.address), signature, tuple(openings))

    def answer(self, cut: Cut, *, sender: AccountAPI) -> list[int]:
        """Answer a request with cuts in the clear; those."""
        drawn = cuts.draw_up(_rules(cut.listing), secrets.token_bytes(32))
        calls.transact(sender, self.contract, "answer", cut.token, cut.listing.id, cut.number, drawn)
        return drawn

    # ---- buyers

    def check(self, openings: Openings) -> None:
        """Raise CutsError unless every cut can be drawn and takes off what is written."""
        wanted = openings.commitment
        token = self._alliance.tokens[wanted.token]
        bargain = self._bargain(wanted.token, wanted.deal_id, wanted.number)
        cuts.check(self._rules(token, wanted.deal_id), bargain, wanted.head, openings.cuts)

    def open(self, openings: Openings, *, sender: AccountAPI) -> Cut:
        """Open the sender's bargain, after a check of all cuts. Raises CutsError."""
        self.check(openings)
        wanted = openings.commitment
        calls.transact(
            sender,
            self.contract,
            "open",
            wanted.token,
            wanted.deal_id,
            wanted.number,
            wanted.head,
            (0, b""),
            (openings.signer, wanted.deadline, openings.signature),
        )
        return self.get(self._alliance.tokens.at(wanted.token), wanted.deal_id, wanted.number)

    def request(self, token: Token, listing: str | bytes, *, nonce: int = 0, sender: AccountAPI) -> Cut:
        """Open the sender's bargain without the brand, which has to answer or sells at the floor price."""
        number = numbered_for(sender, nonce)
        calls.transact(sender, self.contract, "request", token.address, id_of(listing), number, (0, b""))
        return self.get(token, listing, number)

    def take(
        self, cut: Cut, *, least_compensation: int | None = None, reference: str = "", sender: AccountAPI
    ) -> ReceiptAPI:
        """Pay the price of the moment; what comes is an order."""
        bargains, token = self._alliance.bargains, self._alliance.tokens.at(cut.token)
        least = cut.listing.delivery.compensation if least_compensation is None else least_compensation
        payment = bargains.payment(
            token, cut.listing.id, cut.number, cut.price, least_compensation=least, reference=reference
        )
        return bargains.pay(payment, sender=sender)

    # ---- attesters and friends

    def attest(
        self,
        token: Token,
        listing: str | bytes,
        helper: AccountLike,
        person: bytes,
        signer: Signer | bytes | str,
        *,
        patience: int = DAY,
    ) -> Attestation:
        """Sign that an address is a person's, good for `patience` seconds."""
        vouched = Vouched(token.address, id_of(listing), address_of(helper), person, calls.now() + patience)
        return Attestation(vouched, vouched.sign(self.domain, signer))

    def draw(self, openings: Openings, attestation: Attestation, *, sender: AccountAPI) -> Cut:
        """Draw the next cut; the sender is the friend. Raises CutsError where none is left, or where the
        attestation is about another address.
        """
        helper = attestation.vouched.helper
        if helper != sender.address:
            raise CutsError(
                f"The attestation is about {helper}, and {sender.address} wants to help: use that."
            )
        wanted = openings.commitment
        token = self._alliance.tokens[wanted.token]
        cut = self.get(token, wanted.deal_id, wanted.number)
        calls.transact(
            sender,
            self.contract,
            "draw",
            wanted.token,
            wanted.deal_id,
            wanted.number,
            tuple(self._next(cut, openings.cuts)),
            attestation.arguments,
            (0, b""),
        )
        return self.get(token, wanted.deal_id, wanted.number)

    def answered(self, cut: Cut) -> tuple[Opening, ...]:
        """The openings of a bargain whose brand answered in the clear. Raises NoBargainError."""
        logs = calls.events(self.contract, self._alliance.start_block, "CutAnswered", about=cut.token)
        for log in logs:
            facts = log.event_arguments
            if (bytes(facts["dealId"]), int(facts["number"])) == (cut.listing.id, cut.number):
                bargain = self._bargain(cut.token, cut.listing.id, cut.number)
                return tuple(cuts.answered(bargain, [int(each) for each in facts["cuts"]]))
        raise NoBargainError(f"The brand has not answered {cut.name} in the clear: the buyer has the cuts.")

    # ---- within

    def _next(self, cut: Cut, openings: Sequence[Opening]) -> Opening:
        drawn = len(openings) - cut.left
        if not cut.left or not 0 <= drawn < len(openings):
            raise CutsError(f"There is nothing left to cut of {cut.name}.")
        return openings[drawn]

    def _bargain(self, token: str, listing_id: bytes, number: int) -> bytes:
        return cuts.bargain_id(calls.chain_id(), str(self.contract.address), token, listing_id, number)

    def _rules(self, token: Token, listing: str | bytes) -> Rules:
        found = self._alliance.bargains.listing(token, listing).listing
        if not found.is_cut:
            raise NoBargainError(f"{found.name} is for haggling: nobody can cut its price.")
        return _rules(found)


def _rules(listing: Listing) -> Rules:
    return Rules(listing.price, listing.floor, listing.cuts, listing.least_cut)
