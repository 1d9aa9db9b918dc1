"""Bargains whose price friends cut: each helper draws the next of a set of cuts that was fixed before."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from symbolon.addresses import keccak
from symbolon.reference.abi_words import words_of
from symbolon.reference.bargains import BrandConsent, Consent, Place, Pricer, Rules, Status, buyer_of
from symbolon.reference.brands import CAMPAIGN, List
from symbolon.reference.contract import DAY, ZERO, Address, require
from symbolon.reference.eip712 import Signature, struct_hash, type_hash, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from symbolon.reference.world import World

OPENING = type_hash("CutOpening(address token,bytes32 dealId,uint256 number,bytes32 head,uint256 deadline)")
HELP = type_hash("CutHelp(address token,bytes32 dealId,uint256 number,uint256 deadline)")
HELPER = type_hash("CutHelper(address token,bytes32 dealId,address helper,bytes32 person,uint256 deadline)")
NO_LINK = bytes(32)
_RULES_BITS = (96, 96, 32, 32, 8, 96, 160)


class CutRules(NamedTuple):
    """How cuts are drawn."""

    cuts: int = 0
    least_cut: int = 0
    attester: Address = ZERO


class Opening(NamedTuple):
    """What shows the next cut."""

    cut: int
    salt: bytes
    next: bytes


class Attestation(NamedTuple):
    """The attester's word for whose address a helper's is."""

    helper: Address
    person: bytes
    deadline: int
    signature: Signature


class Stage(IntEnum):
    """What has become of a bargain, but for what time makes of it."""

    NONE = 0
    REQUESTED = 1
    FIXED = 2
    TAKEN = 3


class Bargain(NamedTuple):
    """A bargain as it is now."""

    status: Status = Status.NONE
    price: int = 0
    left: int = 0
    answer_by: int = 0
    deadline: int = 0
    link: bytes = NO_LINK


class Record(NamedTuple):
    """A bargain as written down."""

    price: int = 0
    floor_price: int = 0
    deadline: int = 0
    left: int = 0
    stage: Stage = Stage.NONE
    link: bytes = NO_LINK
    helped: frozenset[bytes] = frozenset()


class Cuts(Pricer):
    """See ICuts."""

    NAME = "Cuts"
    MAX_CUTS = 64
    ANSWER_PERIOD = 2 * DAY

    def __init__(self, world: World, address: Address, bargains: Address, deals: Address) -> None:
        super().__init__(world, address, bargains, deals)
        self.cut_rules: dict[tuple[Address, bytes], CutRules] = {}
        self.cuts: dict[Place, Record] = {}

    # ---- bargains

    def on_published(
        self, sender: Address, token: Address, deal_id: bytes, brand_id: bytes, rules: bytes
    ) -> int:
        """Learn of a deal."""
        self._check_deals(sender)
        *numbers, attester = map(int, words_of(rules, _RULES_BITS))
        shared = Rules._make(numbers[:4])
        own = CutRules(numbers[4], numbers[5], attester.to_bytes(20))
        self._set_rules(token, deal_id, brand_id, shared)
        fits = 0 < own.cuts <= self.MAX_CUTS and own.least_cut != 0
        fits = fits and own.cuts * own.least_cut <= shared.list_price - shared.floor_price
        require(fits, "Cuts_InvalidRules", own)
        self._check_attester(own.attester)
        self.cut_rules[token, deal_id] = own
        self.emit("CutsPublished", token, deal_id, shared, own)
        return shared.list_price

    def on_payment(self, sender: Address, token: Address, deal_id: bytes, number: int, _most: int) -> int:
        """The buyer takes the price."""
        self._check_bargains(sender)
        place = (token, deal_id, number)
        self._check_status(place, self._status(place), Status.OPEN, Status.REQUESTED)
        price = self._price(place)
        self.cuts[place] = self.cuts[place]._replace(price=price, left=0, stage=Stage.TAKEN, link=NO_LINK)
        self.emit("CutTaken", *place, price)
        return price

    # ---- brand

    def answer(self, sender: Address, token: Address, deal_id: bytes, number: int, cuts: list[int]) -> None:
        """Answer a request with all cuts in the clear."""
        place = (token, deal_id, number)
        self._check_status(place, self._status(place), Status.REQUESTED)
        self.check_role(self._rules_of(token, deal_id).brand_id, sender, CAMPAIGN)
        rules, bargain = self.cut_rules[token, deal_id], self.cuts[place]
        for cut in cuts:
            require(cut >= rules.least_cut, "Cuts_CutTooSmall", cut, rules.least_cut)
        saved = bargain.price - bargain.floor_price
        fit = len(cuts) == rules.cuts and sum(cuts) == saved
        require(fit, "Cuts_WrongCuts", len(cuts), sum(cuts))
        head = self.openings(place, cuts, [bytes(32)] * len(cuts))[0]
        self.cuts[place] = bargain._replace(stage=Stage.FIXED, left=rules.cuts, link=head)
        self.emit("CutAnswered", *place, cuts)

    # ---- buyer

    def open(
        self,
        sender: Address,
        token: Address,
        deal_id: bytes,
        number: int,
        head: bytes,
        buyer: Consent,
        brand: BrandConsent,
    ) -> None:
        """Open a bargain to whose cuts the brand has committed."""
        require(head != NO_LINK, "Cuts_NoCommitment")
        place = (token, deal_id, number)
        bargain = self._new(sender, place, head, buyer)
        rules = self._rules_of(token, deal_id)
        opening = self.opening(place, head, brand.deadline)
        self._check_brand(sender, rules.brand_id, opening, brand)
        deadline = self.world.now + rules.rules.duration
        left = self.cut_rules[token, deal_id].cuts
        self.cuts[place] = bargain._replace(deadline=deadline, left=left, stage=Stage.FIXED, link=head)
        self.emit("CutOpened", token, deal_id, buyer_of(number), number, head, deadline)
        self.world.bargains.begin(self.address, token, deal_id, buyer_of(number))

    def request(self, sender: Address, token: Address, deal_id: bytes, number: int, buyer: Consent) -> None:
        """Open a bargain without the brand, which has time to answer."""
        right = self.world.bargains.deal_words_of(token, deal_id, 4)[3]
        require(right != 0, "Cuts_NoRightNeeded", token, deal_id)
        place = (token, deal_id, number)
        bargain = self._new(sender, place, NO_LINK, buyer)
        answer_by = self.world.now + self.ANSWER_PERIOD
        deadline = answer_by + self._rules_of(token, deal_id).rules.duration
        self.cuts[place] = bargain._replace(deadline=deadline, stage=Stage.REQUESTED)
        self.emit("CutRequested", token, deal_id, buyer_of(number), number, answer_by, deadline)
        self.world.bargains.begin(self.address, token, deal_id, buyer_of(number))

    # ---- helper

    def draw(
        self,
        sender: Address,
        token: Address,
        deal_id: bytes,
        number: int,
        opening: Opening,
        attestation: Attestation,
        helper: Consent,
    ) -> None:
        """Draw the next cut."""
        place = (token, deal_id, number)
        self._check_status(place, self._status(place), Status.OPEN)
        bargain = self.cuts[place]
        require(bargain.left != 0, "Cuts_NothingToDraw", *place)
        self._check_helper(sender, place, attestation, helper)
        person = attestation.person
        require(person not in bargain.helped, "Cuts_HelpedAlready", person)
        link = self.link(place, bargain.left, opening)
        require(link == bargain.link, "Cuts_WrongOpening", link, bargain.link)
        left = bargain.left - 1
        least = self.cut_rules[token, deal_id].least_cut
        most = bargain.price - bargain.floor_price - left * least
        price = bargain.price - (min(max(opening.cut, least), most) if left else most)
        helped = bargain.helped | {person}
        self.cuts[place] = bargain._replace(price=price, left=left, link=opening.next, helped=helped)
        self.emit("CutDrawn", *place, attestation.helper, person, price, left)

    # ---- what is signed, and shown

    def opening(self, place: Place, head: bytes, deadline: int) -> bytes:
        """Either side's word for the cuts that a bargain opens with."""
        return struct_hash(OPENING, *place, head, deadline)

    def help(self, place: Place, deadline: int) -> bytes:
        """A helper's word."""
        return struct_hash(HELP, *place, deadline)

    def helper(self, token: Address, deal_id: bytes, helper: Address, person: bytes, deadline: int) -> bytes:
        """An attester's word for a helper."""
        return struct_hash(HELPER, token, deal_id, helper, person, deadline)

    def link(self, place: Place, left: int, opening: Opening) -> bytes:
        """What fixes a cut, of which so many are left, and all after it."""
        id_ = self.bargain_id_of(*place)
        return keccak(id_ + word(left) + word(opening.cut) + opening.salt + opening.next)

    def openings(
        self, place: Place, cuts: Sequence[int], salts: Sequence[bytes]
    ) -> tuple[bytes, list[Opening]]:
        """The first link of cuts, and what shows each of them, in the order in which they are drawn."""
        found: list[Opening] = []
        following = NO_LINK
        for left, (cut, salt) in enumerate(zip(reversed(cuts), reversed(salts), strict=True), 1):
            found.append(Opening(cut, salt, following))
            following = self.link(place, left, found[-1])
        return following, found[::-1]

    # ---- views

    def cut_rules_of(self, token: Address, deal_id: bytes) -> CutRules:
        """How cuts under a deal are drawn."""
        return self.cut_rules.get((token, deal_id), CutRules())

    def bargain_of(self, token: Address, deal_id: bytes, number: int) -> Bargain:
        """A bargain as it is now."""
        place = (token, deal_id, number)
        bargain = self.cuts.get(place, Record())
        duration = self._rules_of(token, deal_id).rules.duration
        return Bargain(
            status=self._status(place),
            price=self._price(place),
            left=bargain.left,
            answer_by=bargain.deadline - duration if bargain.stage == Stage.REQUESTED else 0,
            deadline=bargain.deadline,
            link=bargain.link,
        )

    def bargain_id_of(self, token: Address, deal_id: bytes, number: int) -> bytes:
        """What every link of a bargain's chain is bound to."""
        fields = (self.world.chain_id, self.address, token, deal_id, number)
        return keccak(b"".join(word(each) for each in fields))

    def has_helped(self, token: Address, deal_id: bytes, number: int, person: bytes) -> bool:
        """Whether a person has helped a bargain."""
        return person in self.cuts.get((token, deal_id, number), Record()).helped

    # ---- internals

    def _new(self, sender: Address, place: Place, head: bytes, buyer: Consent) -> Record:
        """Begin a bargain whose buyer calls or signed, at the list price."""
        token, deal_id, number = place
        self._check_status(place, self._status(place), Status.NONE)
        self._check_consent(sender, buyer_of(number), self.opening(place, head, buyer.deadline), buyer)
        self._check_attester(self.cut_rules_of(token, deal_id).attester)
        rules = self._take_stock(token, deal_id).rules
        return Record(price=rules.list_price, floor_price=rules.floor_price)

    def _is_unanswered(self, place: Place, bargain: Record) -> bool:
        duration = self._rules_of(*place[:2]).rules.duration
        return bargain.stage == Stage.REQUESTED and self.world.now >= bargain.deadline - duration

    def _status(self, place: Place) -> Status:
        bargain = self.cuts.get(place, Record())
        if bargain.stage in (Stage.NONE, Stage.TAKEN):
            return Status.NONE if bargain.stage == Stage.NONE else Status.ENDED
        if self.world.now >= bargain.deadline:
            return Status.LAPSED
        waits = bargain.stage == Stage.REQUESTED and not self._is_unanswered(place, bargain)
        return Status.REQUESTED if waits else Status.OPEN

    def _price(self, place: Place) -> int:
        bargain = self.cuts.get(place, Record())
        return bargain.floor_price if self._is_unanswered(place, bargain) else bargain.price

    def _check_attester(self, attester: Address) -> None:
        listed = self.world.brands.is_listed(List.ATTESTER, attester)
        require(listed, "Cuts_NoAttester", attester)

    def _check_helper(
        self, sender: Address, place: Place, attestation: Attestation, consent: Consent
    ) -> None:
        token, deal_id, number = place
        helper, person, deadline, signature = attestation
        require(helper != buyer_of(number), "Cuts_CannotHelp", helper)
        said = self.helper(token, deal_id, helper, person, deadline)
        attester = self.cut_rules[token, deal_id].attester
        self._check_signed(attester, said, Consent(deadline, signature))
        self._check_consent(sender, helper, self.help(place, consent.deadline), consent)
