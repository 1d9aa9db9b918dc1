"""What members earned in a period, credited by one root: posting, offsetting, links, claims.

    leaves = leaves_of(read_points(file, token.decimals, token=token.address), keys)
    posting, tree = alliance.earnings.draft(token, 202607, leaves, pending=30 * DAY)
    proofs.write(folder, posting, leaves, tree)
    alliance.earnings.post(token, posting, uri, sender=manager)

A posting is one transaction, and the chain has one for a period: posting the same again finds it there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from eth_abi.abi import encode

from symbolon import calls
from symbolon.calls import AccountLike, address_of
from symbolon.exceptions import QuotaTooSmallError, SymbolonError
from symbolon.merkle_sum import Leaf, SumTree, list_id
from symbolon.points import address_of_key
from symbolon.proofs import Credit, NothingCreditedError, Posting, ProofError, Proofs
from symbolon.reverts import moment
from symbolon.signing import Domain, Fields, Struct
from symbolon.units import format_amount

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token

DAY = 86_400
CLAIM_DAYS = 180
"""For how many days a posting can be claimed at least, once it is final."""
MOST_PENDING_DAYS = 90
PATIENCE = 3_600
"""Seconds for which a link's claim is good once it is signed."""

_POSTING = "(uint32,uint256,uint40,uint40,string)"
_TOGETHER = 100
"""Claims in one transaction: each has about 100 bytes, and a proof of up to a kilobyte."""


class PostingError(SymbolonError):
    """A period's posting is not there, or another one than was meant."""


@dataclass(frozen=True)
class Posted:
    """A posting as it is on the chain.

    Attributes:
        posting: what it says.
        uri: where its proofs are.
        unclaimed: what it still owes, in base units; zero once that went back.
    """

    posting: Posting
    uri: str
    unclaimed: int


@dataclass(frozen=True)
class LinkClaim(Struct):
    """What a link's key signs: who claims what it credits."""

    token: str
    period: int
    index: int
    to: str
    deadline: int

    type_name: ClassVar[str] = "LinkClaim"
    members: ClassVar[Fields] = (
        ("token", "address"),
        ("period", "uint256"),
        ("index", "uint256"),
        ("to", "address"),
        ("deadline", "uint256"),
    )


class Earnings:
    """What the alliance's brands credit by roots. Acts take `sender`, who must be entitled to them."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    @property
    def contract(self) -> ContractInstance:
        """Where roots are posted."""
        return self._alliance.earnings_contract

    # ---- what there is

    def posted(self, token: Token, period: int | None = None) -> list[Posted]:
        """The postings of a token, oldest period first, as they are now; of one period if it is named."""
        latest: dict[int, Any] = {}
        logs = calls.events(self.contract, self._alliance.start_block, "EarningsPosted", about=token)
        for log in logs:
            facts = log.event_arguments
            if period in (None, facts["period"]):
                latest[int(facts["period"])] = facts
        return [self._posted(token, facts) for _, facts in sorted(latest.items())]

    def get(self, token: Token, period: int) -> Posted:
        """The posting of a period. Raises PostingError."""
        found = self.posted(token, period)
        if not found:
            raise PostingError(f"Nothing was posted for period {period} of {token.symbol}: check the number.")
        return found[0]

    def is_claimed(self, token: Token, credit: Credit) -> bool:
        """Whether a credit was claimed."""
        place = (token.address, credit.posting.period, credit.index)
        return bool(calls.read(self.contract, "isClaimed", *place))

    def check(self, credit: Credit) -> None:
        """Whether the chain has the posting that a credit is of. Raises PostingError."""
        posting = credit.posting
        facts = (posting.period, int.from_bytes(posting.root), posting.final_at, posting.claimable_until)
        here = posting.chain_id == calls.chain_id() and posting.distributor == address_of(self.contract)
        if not here or not calls.read(self.contract, "isPosted", posting.token, *facts):
            raise PostingError(
                f"The proofs of period {posting.period} are not of what is posted on this chain: it was "
                "replaced, so fetch them again, or check --network."
            )

    def claimable(self, token: Token, member: AccountLike, places: Iterable[Proofs]) -> list[Credit]:
        """What proofs credit a member that can be claimed now; whatever else they say of it is passed over.

        Raises ProofError where they are another token's or damaged, PostingError where they are not of what
        is posted.
        """
        found, now = [], calls.now()
        for proofs in places:
            posting = proofs.posting
            if posting.token != token.address:
                raise ProofError(
                    f"The proofs of period {posting.period} are of {posting.token} and not of "
                    f"{token.symbol}: name the place of those."
                )
            if not posting.final_at <= now < posting.claimable_until:
                continue
            with suppress(NothingCreditedError):
                credit = proofs.credit(address_of(member))
                self.check(credit)
                if not self.is_claimed(token, credit):
                    found.append(credit)
        return found

    # ---- brand

    def draft(
        self,
        token: Token,
        period: int,
        leaves: Sequence[Leaf],
        *,
        pending: int = 0,
        claimable: int = CLAIM_DAYS * DAY,
    ) -> tuple[Posting, SumTree]:
        """What would be posted now, and its tree: final in `pending` seconds, claimable for so many more.

        Where the period has a posting already, with its times: they stay.
        """
        chain, distributor = calls.chain_id(), address_of(self.contract)
        tree = SumTree.of(list_id(chain, distributor, token.address, period), leaves)
        there = self.posted(token, period)
        if there:
            return replace(there[0].posting, root=tree.root), tree
        final_at = calls.now() + pending
        times = (final_at, final_at + claimable)
        return Posting(chain, distributor, token.address, period, tree.root, *times), tree

    def open(self, token: Token, *, sender: AccountAPI) -> ReceiptAPI:
        """Open a token to postings that managers pay from their quotas (the brand's admin)."""
        return token.grant_quota_and_call(self.contract, 0, sender=sender)

    def post(self, token: Token, posting: Posting, uri: str, *, sender: AccountAPI) -> bool:
        """Post a period's root, with quota for all of it from the sender's; False where it is there already.

        Raises PostingError where the period has another posting, QuotaTooSmallError.
        """
        there = self.posted(token, posting.period)
        if there and there[0].posting.root != posting.root:
            raise PostingError(
                f"Period {posting.period} of {token.symbol} has another posting, of "
                f"{_amount(token, there[0].posting.total)}: offset it while it is pending, or give this one "
                "another number."
            )
        if not there:
            self._send(token, posting, uri, previous=0, amount=posting.total, sender=sender)
        return not there

    def offset(self, token: Token, posting: Posting, uri: str, *, sender: AccountAPI) -> bool:
        """Replace a pending posting by one that has what was returned taken out; False where it is that.

        What is missing is taken from the sender's quota, what is over goes back to capacity. Raises
        PostingError where nothing was posted or it is final, QuotaTooSmallError.
        """
        before = self.get(token, posting.period).posting
        if before.root == posting.root:
            return False
        if calls.now() >= before.final_at:
            raise PostingError(
                f"Period {before.period} of {token.symbol} is final since {moment(before.final_at)}: take "
                "what was returned out of a later period."
            )
        missing = max(0, posting.total - before.total)
        previous = int.from_bytes(before.root)
        self._send(token, posting, uri, previous=previous, amount=missing, sender=sender)
        return True

    def finish(self, token: Token, period: int, *, sender: AccountAPI) -> int:
        """Give what nobody claimed back to capacity, once it is over; how much that was."""
        found = self.get(token, period)
        posting = found.posting
        facts = (int.from_bytes(posting.root), posting.final_at, posting.claimable_until)
        if found.unclaimed:
            calls.transact(sender, self.contract, "returnRest", token.address, period, *facts)
        return found.unclaimed

    # ---- anyone

    def claim(self, token: Token, credits_: Sequence[Credit], *, sender: AccountAPI) -> int:
        """Claim members' credits for them, those that were not yet; how many those were."""
        left = [each for each in credits_ if not self.is_claimed(token, each)]
        for first in range(0, len(left), _TOGETHER):
            some = [each.arguments for each in left[first : first + _TOGETHER]]
            calls.transact(sender, self.contract, "claimMany", token.address, some)
        return len(left)

    def sign_link(self, token: Token, credit: Credit, key: bytes, to: AccountLike) -> tuple[LinkClaim, bytes]:
        """Name with a link's key who claims; anybody can send that within an hour."""
        deadline = calls.now() + PATIENCE
        claim = LinkClaim(token.address, credit.posting.period, credit.index, address_of(to), deadline)
        domain = Domain("EarnDistributor", calls.chain_id(), address_of(self.contract))
        return claim, claim.sign(domain, key)

    def claim_by_link(
        self, token: Token, credit: Credit, key: bytes, to: AccountLike, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Claim what a link credits for an account, at the sender's cost of gas. Raises PostingError."""
        if not credit.leaf.is_link or credit.leaf.account != address_of_key(key):
            raise PostingError("The link is not one of this posting's: check its proofs.")
        claim, signature = self.sign_link(token, credit, key, to)
        what = (token.address, credit.arguments, claim.to, claim.deadline, signature)
        return calls.transact(sender, self.contract, "claimByLink", *what)

    # ---- internals

    def _posted(self, token: Token, facts: Any) -> Posted:  # noqa: ANN401 (an event's)
        period, place = int(facts["period"]), (calls.chain_id(), address_of(self.contract), token.address)
        root = int(facts["root"]).to_bytes(32)
        posting = Posting(*place, period, root, int(facts["finalAt"]), int(facts["claimableUntil"]))
        unclaimed = int(calls.read(self.contract, "unclaimedOf", token.address, period))
        return Posted(posting, str(facts["uri"]), unclaimed)

    def _send(
        self, token: Token, posting: Posting, uri: str, *, previous: int, amount: int, sender: AccountAPI
    ) -> None:
        if not token.is_module(self.contract):
            raise PostingError(
                f"{token.symbol} is not open to postings: have the brand's admin run `ape run earn open` "
                "once."
            )
        quota = token.quota_of(sender)
        if quota < amount:
            raise QuotaTooSmallError(
                f"{sender.address} may mint {_amount(token, quota)} and the posting needs "
                f"{_amount(token, amount)}: have the brand's admin grant {_amount(token, amount - quota)} "
                "more."
            )
        root = int.from_bytes(posting.root)
        facts = (posting.period, root, posting.final_at, posting.claimable_until, uri)
        data = encode([_POSTING, "uint256"], [facts, previous])
        calls.transact(sender, token.contract, "passQuotaAndCall", address_of(self.contract), amount, data)


def _amount(token: Token, units: int) -> str:
    return f"{format_amount(units, token.decimals)} {token.symbol}"
