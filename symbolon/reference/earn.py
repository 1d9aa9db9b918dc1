"""What any number of members earned in a period, credited by one root."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from symbolon.addresses import keccak
from symbolon.reference.abi_words import words_of
from symbolon.reference.brands import CAMPAIGN, Gated
from symbolon.reference.contract import DAY, Address, RevertError, require, require_short
from symbolon.reference.eip712 import (
    Signature,
    domain_separator,
    struct_hash,
    type_hash,
    typed_digest,
    word,
)
from symbolon.reference.token import QUOTA_ACCEPTED, Source

if TYPE_CHECKING:
    from symbolon.reference.world import World

LINK_CLAIM = type_hash("LinkClaim(address token,uint256 period,uint256 index,address to,uint256 deadline)")
_SUM_BITS = 96
_SUM = (1 << _SUM_BITS) - 1
_HEAD_BITS = (256, None)
_POSTING_BITS = (32, 256, 40, 40, 256)
_FAR = 1 << 64
"""Beyond this the compiled code does not follow an offset or a length."""


class Posting(NamedTuple):
    """A period's credits."""

    period: int
    root: int
    final_at: int
    claimable_until: int
    uri: str


class Credit(NamedTuple):
    """A leaf with its proof, and what is the posting's."""

    period: int
    final_at: int
    claimable_until: int
    place: int
    account: Address
    amount: int
    proof: list[int]


class Posted(NamedTuple):
    """A posting as written down."""

    root: int
    final_at: int
    claimable_until: int
    unclaimed: int


def posting_data(posting: Posting, previous: int) -> bytes:
    """What is sent along with quota to post, or to replace a root."""
    uri = posting.uri.encode()
    head = b"".join(map(word, (64, previous, *posting[:4], 160, len(uri))))
    return head + uri + bytes(-len(uri) % 32)


def read_posting(data: bytes) -> tuple[Posting, int]:
    """The same the other way round; what is no such thing has no answer."""
    start, previous = _numbers(data, _HEAD_BITS)
    body = _rest(data, start)
    *numbers, uri_at = _numbers(body, _POSTING_BITS)
    tail = _rest(body, uri_at)
    (length,) = _numbers(tail, (256,))
    uri = tail[32 : 32 + length]
    if length >= _FAR or len(uri) < length:
        raise RevertError("")
    period, root, final_at, claimable_until = numbers
    return Posting(period, root, final_at, claimable_until, uri.decode()), previous


def leaf(list_id: bytes, index: int, account: Address, amount: int, *, is_link: bool) -> int:
    """A leaf's node: 20 bytes of a hash, and what it credits in 12."""
    body = list_id + index.to_bytes(4) + bytes([is_link]) + account + amount.to_bytes(12)
    return node(keccak(keccak(body)), amount)


def root_of(leaf_node: int, index: int, proof: list[int]) -> int:
    """The root above a leaf."""
    require(index >> len(proof) == 0, "MerkleSum_IndexTooLarge", index, len(proof))
    root, fits = leaf_node, True
    for level, beside in enumerate(proof):
        left, right = (beside, root) if index >> level & 1 else (root, beside)
        total = (left & _SUM) + (right & _SUM)
        fits = fits and total <= _SUM
        root = node(keccak(word(left) + word(right)), total & _SUM)
    require(fits, "MerkleSum_SumTooLarge")
    return root


def node(hashed: bytes, total: int) -> int:
    """A node of a hash, which is cut, and a sum."""
    return int.from_bytes(hashed) >> _SUM_BITS << _SUM_BITS | total


class EarnDistributor(Gated):
    """See IEarnDistributor."""

    CLAIM_PERIOD = 180 * DAY
    MAX_PENDING = 90 * DAY

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.domain = domain_separator("EarnDistributor", world.chain_id, address)
        self.postings: dict[tuple[Address, int], Posted] = {}
        self.claims: dict[tuple[Address, int, int], bool] = {}

    # ---- tokens

    def on_quota_received(
        self, sender: Address, holder: Address, amount: int, _source: Source, data: bytes
    ) -> bytes:
        """Take in a posting with the quota that it is missing."""
        if not data:
            require(amount == 0, "EarnDistributor_WrongQuota", amount, 0)
            return QUOTA_ACCEPTED
        posting, previous = read_posting(data)
        if not self.world.is_token(sender):
            raise RevertError("")
        brand_id = self.world.token(sender).brand_id()
        self.check_active(brand_id, self.check_role(brand_id, holder, CAMPAIGN))
        posted = self.postings.get((sender, posting.period))
        self._check_times(sender, posting, posted, previous)
        reserved, wanted = posted.unclaimed if posted else 0, posting.root & _SUM
        missing = max(0, wanted - reserved)
        require(amount == missing, "EarnDistributor_WrongQuota", amount, missing)
        require_short(posting.uri, "EarnDistributor_URITooLong")
        self.postings[sender, posting.period] = Posted(*posting[1:4], wanted)
        self.emit("EarningsPosted", sender, *posting)
        if wanted < reserved:
            self._return(sender, posting.period, reserved - wanted)
        return QUOTA_ACCEPTED

    # ---- anyone

    def claim(self, _sender: Address, token: Address, credit: Credit) -> None:
        """Claim a member's credit for it."""
        self._claim(token, credit, credit.account, is_link=False)

    def claim_many(self, _sender: Address, token: Address, credits: list[Credit]) -> None:
        """Claim what has not been claimed."""
        for credit in credits:
            if not self.is_claimed(token, credit.period, credit.place):
                self._claim(token, credit, credit.account, is_link=False)

    def claim_by_link(
        self,
        _sender: Address,
        token: Address,
        credit: Credit,
        to: Address,
        deadline: int,
        signature: Signature,
    ) -> None:
        """Claim a link's credit for whom its key names."""
        require(self.world.now <= deadline, "EarnDistributor_Expired", deadline)
        digest = self.link_digest(token, credit.period, credit.place, to, deadline)
        genuine = self.world.is_signed(credit.account, digest, signature)
        require(genuine, "EarnDistributor_InvalidSignature", credit.account)
        self._claim(token, credit, to, is_link=True)

    def return_rest(
        self, _sender: Address, token: Address, period: int, root: int, final_at: int, claimable_until: int
    ) -> None:
        """Give back what nobody claimed."""
        posted = self._posted(token, period)
        same = posted[:3] == (root, final_at, claimable_until)
        require(same, "EarnDistributor_OtherPosting", token, period)
        require(self.world.now >= claimable_until, "EarnDistributor_NotOver", claimable_until)
        require(posted.unclaimed != 0, "EarnDistributor_NothingLeft", token, period)
        self.postings[token, period] = posted._replace(unclaimed=0)
        self._return(token, period, posted.unclaimed)

    # ---- what is signed

    def link_digest(self, token: Address, period: int, index: int, to: Address, deadline: int) -> bytes:
        """Of a link's claim."""
        return typed_digest(self.domain, struct_hash(LINK_CLAIM, token, period, index, to, deadline))

    # ---- views

    def unclaimed_of(self, token: Address, period: int) -> int:
        """What a period still owes."""
        posted = self.postings.get((token, period))
        return posted.unclaimed if posted else 0

    def is_posted(self, token: Address, period: int, root: int, final_at: int, claimable_until: int) -> bool:
        """Whether this is the posting of its period."""
        posted = self.postings.get((token, period))
        return posted is not None and posted[:3] == (root, final_at, claimable_until)

    def is_claimed(self, token: Address, period: int, index: int) -> bool:
        """Whether a leaf has been claimed."""
        return (token, period, index) in self.claims

    def list_id_of(self, token: Address, period: int) -> bytes:
        """What leaves of a period's tree are bound to."""
        return keccak(b"".join([word(each) for each in (self.world.chain_id, self.address, token, period)]))

    # ---- internals

    def _claim(self, token: Address, credit: Credit, to: Address, *, is_link: bool) -> None:
        now, (period, final_at, until, index, account, amount, proof) = self.world.now, credit
        require(now >= final_at, "EarnDistributor_NotFinal", final_at)
        require(now < until, "EarnDistributor_Over", until)
        posted = self._posted(token, period)
        bottom = leaf(self.list_id_of(token, period), index, account, amount, is_link=is_link)
        same = posted[:3] == (root_of(bottom, index, proof), final_at, until)
        require(same, "EarnDistributor_WrongProof", token, period, index)
        place = (token, period, index)
        require(place not in self.claims, "EarnDistributor_AlreadyClaimed", *place)
        self.claims[place] = True
        self.postings[token, period] = posted._replace(unclaimed=posted.unclaimed - amount)
        self.emit("EarningsClaimed", token, period, to, index, amount)
        self.world.token(token).mint(self.address, to, amount)

    def _return(self, token: Address, period: int, amount: int) -> None:
        self.emit("RestReturned", token, period, amount)
        self.world.token(token).return_quota(self.address, amount)

    def _posted(self, token: Address, period: int) -> Posted:
        posted = self.postings.get((token, period))
        require(posted is not None, "EarnDistributor_NotPosted", token, period)
        assert posted is not None
        return posted

    def _check_times(self, token: Address, posting: Posting, posted: Posted | None, previous: int) -> None:
        """A first posting's times are good; one that replaces another has its times, while it is pending."""
        now, (period, _, final_at, until, _) = self.world.now, posting
        if posted is None:
            require(previous == 0, "EarnDistributor_OtherPosting", token, period)
            good = now <= final_at <= now + self.MAX_PENDING and until >= final_at + self.CLAIM_PERIOD
            require(good, "EarnDistributor_InvalidTimes", final_at, until)
            return
        same = posted[:3] == (previous, final_at, until)
        require(same, "EarnDistributor_OtherPosting", token, period)
        require(now < final_at, "EarnDistributor_Final", final_at)


def _numbers(data: bytes, widths: tuple[int | None, ...]) -> list[int]:
    return [each if isinstance(each, int) else int.from_bytes(each) for each in words_of(data, widths)]


def _rest(data: bytes, start: int) -> bytes:
    """What lies at an offset."""
    if start >= _FAR:
        raise RevertError("")
    return data[start:]
