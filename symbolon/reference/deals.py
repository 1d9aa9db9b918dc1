"""What brands publish for members to buy under, and what all such deals have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from symbolon.addresses import keccak
from symbolon.reference.brands import CAMPAIGN, Gated, List
from symbolon.reference.contract import ZERO, Address, RevertError, require, require_short
from symbolon.reference.rights import id_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from symbolon.reference.world import World

DEAL_ACCEPTED = keccak(b"onDealPublished(address,bytes32,uint256[])")[:4]
"""What a contract answers under whose deals members buy."""

NO_RIGHT = bytes(32)
WORDS = 4
"""How many words all deals have; what follows is between who publishes and who is told."""

_MOST_PRICE = 2**96 - 1


class Conditions(NamedTuple):
    """What is fixed when a deal is published; prices count parts of so many tokens and so much currency."""

    token_part: int = 0
    currency_part: int = 0
    opens_at: int = 0
    closes_at: int = 0
    fulfil_days: int = 0
    stake_percent: int = 0
    compensation: int = 0
    arbiter: Address = ZERO
    right_id: bytes = NO_RIGHT

    def stake_on(self, parts: int) -> int:
        """What disputing a delivery of that price costs, in parts."""
        return parts * self.stake_percent // 100


@runtime_checkable
class DealReceiver(Protocol):
    """A contract that members buy at."""

    def on_deal_published(self, sender: Address, token: Address, deal_id: bytes, words: list[int]) -> bytes:
        """Learn of a deal; anything but DEAL_ACCEPTED undoes the call."""


class Publication(NamedTuple):
    """Where members buy, and the document that describes what."""

    receiver: Address = ZERO
    terms_hash: bytes = bytes(32)
    terms_uri: str = ""
    conditions: Conditions = Conditions()


class Deals(Gated):
    """See IDeals."""

    MAX_STAKE_PERCENT = 20

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.publications: dict[tuple[Address, bytes], Publication] = {}

    def conditions_of(self, token: Address, deal_id: bytes) -> tuple[Conditions, bytes, str, Address]:
        """What was published, and where members buy; all zero if nothing was."""
        found = self.publications.get((token, deal_id), Publication())
        return found.conditions, found.terms_hash, found.terms_uri, found.receiver

    # ---- for the contract on top

    def publish(
        self,
        sender: Address,
        receiver: Address,
        token: Address,
        deal_id: bytes,
        conditions: Conditions,
        more: Sequence[int],
        most_parts: int,
        terms_hash: bytes,
        terms_uri: str,
    ) -> None:
        """Publish a deal under which one purchase costs at most so many parts."""
        obligations = self.world.obligations
        leaving = obligations.wind_down_end_of(token) != 0 or obligations.is_in_default(token)
        require(not leaving, "Deals_Leaving", token)
        brand_id = self.world.token(token).brand_id()
        self.check_active(brand_id, self.check_role(brand_id, sender, CAMPAIGN))
        named = deal_id != bytes(32) and deal_id[28:] == bytes(4)
        require(named, "Deals_InvalidId", deal_id)
        require((token, deal_id) not in self.publications, "Deals_AlreadyExists", token, deal_id)
        listed = self.world.brands.is_listed(List.MODULE, receiver)
        require(listed, "Deals_Refused", receiver)
        self._check_conditions(token, conditions, most_parts)
        require(terms_hash != bytes(32), "Deals_NoTerms")
        require_short(terms_uri, "Deals_URITooLong")
        self.publications[token, deal_id] = Publication(receiver, terms_hash, terms_uri, conditions)
        told = self.world.contracts.get(receiver)
        if not isinstance(told, DealReceiver):
            raise RevertError("")  # nothing there answers, or nothing that understands
        answer = told.on_deal_published(self.address, token, deal_id, [*words_of(conditions), *more])
        require(answer == DEAL_ACCEPTED, "Deals_Refused", receiver)

    # ---- internals

    def _check_conditions(self, token: Address, conditions: Conditions, most_parts: int) -> None:
        part = max(conditions.token_part, conditions.currency_part)
        require(part != 0, "Deals_NoPrice")
        require(most_parts <= _MOST_PRICE // part, "Deals_PriceTooHigh", most_parts)
        opens_at, closes_at = conditions.opens_at, conditions.closes_at
        is_window = opens_at < closes_at and self.world.now < closes_at
        require(is_window, "Deals_InvalidWindow", opens_at, closes_at)
        percent, most = conditions.stake_percent, self.MAX_STAKE_PERCENT
        require(conditions.fulfil_days != 0, "Deals_NoFulfilPeriod")
        require(percent <= most, "Deals_InvalidStake", percent, most)
        listed = self.world.brands.is_listed(List.ARBITER, conditions.arbiter)
        require(listed, "Deals_NoArbiter", conditions.arbiter)
        right_id = conditions.right_id
        exists = right_id == NO_RIGHT or self.world.rights.is_defined(id_of(token, right_id))
        require(exists, "Deals_NoRight", right_id)


def words_of(conditions: Conditions) -> list[int]:
    """Conditions as contracts that members buy at are told them."""
    return [
        conditions.token_part
        | conditions.currency_part << 96
        | conditions.fulfil_days << 192
        | conditions.stake_percent << 200,
        conditions.compensation,
        int.from_bytes(conditions.arbiter) | conditions.opens_at << 160 | conditions.closes_at << 200,
        int.from_bytes(conditions.right_id),
    ]


def conditions_of(words: Sequence[int]) -> Conditions:
    """What the words of a deal say."""
    part, compensation, times, right = words[:WORDS]
    return Conditions(
        token_part=part & _MOST_PRICE,
        currency_part=part >> 96 & _MOST_PRICE,
        opens_at=times >> 160 & 2**40 - 1,
        closes_at=times >> 200 & 2**40 - 1,
        fulfil_days=part >> 192 & 255,
        stake_percent=part >> 200 & 255,
        compensation=compensation,
        arbiter=(times & 2**160 - 1).to_bytes(20),
        right_id=right.to_bytes(32),
    )
