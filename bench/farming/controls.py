"""Programmes with one rule left out: what the same farmers get then shows what each rule is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from bench.farming.referring import Referring, Setting
from symbolon.addresses import keccak
from symbolon.reference import Address, World
from symbolon.reference.contract import UINT256
from symbolon.reference.eip712 import Signature, word
from symbolon.reference.receipts import Receipt, unpack
from symbolon.reference.referrals import (
    ALL_KINDS,
    EventId,
    Invitation,
    Programme,
    ReferralRewards,
    State,
    Terms,
)

SHARE_BPS = 1000
PLAIN = Setting(SHARE_BPS, 0, ALL_KINDS, ReferralRewards.MIN_VESTING_DAYS, 0, 2**96 - 1)
BONUS = 500


class PaysForSigningUp(ReferralRewards):
    """Whoever brings a member is paid at once."""

    def bind(self, sender: Address, token: Address, referrer: Address, invitation: Invitation) -> None:
        """With a bonus."""
        super().bind(sender, token, referrer, invitation)
        self.emit("Rewarded", token, referrer, sender, bytes(32), 1, 1, BONUS)
        self.mint(token, referrer, BONUS)


class PaysMoreThanAll(ReferralRewards):
    """The levels together are above the whole."""

    def _check_terms(self, terms: Terms, attester: Address) -> None:
        pass


class Renaming(ReferralRewards):
    """Some event counts under several names, which the brand undoes all at once."""

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.names: dict[EventId, list[EventId]] = {}

    def renamed(self, event: EventId, extra: bytes) -> EventId:
        """The event under another name."""
        its = event._replace(ref=keccak(event.ref + extra))
        self.names[event] = [*self.names.get(event, []), its]
        return its

    def undo(self, sender: Address, event: EventId, reason: str) -> None:
        """By all its names."""
        for its in self.names.get(event, []):
            if self.accrual_of(its).state == State.ACCRUED:
                super().undo(sender, its, reason)


class CountsAgain(Renaming):
    """An event counts as often as somebody has it accrue."""

    def _accrue(
        self, event: EventId, number: int, programme: Programme, amount: int, at: int, waits_from: int
    ) -> None:
        its = self.renamed(event, word(len(self.accruals)))
        super()._accrue(its, number, programme, amount, at, waits_from)


class CountsInEachProgramme(Renaming):
    """Programmes run beside one another, and each counts an event."""

    def _accrue(
        self, event: EventId, number: int, programme: Programme, amount: int, at: int, waits_from: int
    ) -> None:
        always = programme._replace(terms=programme.terms._replace(opens_at=0, closes_at=UINT256))
        super()._accrue(self.renamed(event, word(number)), number, always, amount, at, waits_from)


class CountsWhatIsPaidOut(ReferralRewards):
    """Tokens that were paid out in money count as if something had been bought for them."""

    def received(self, token: Address, member: Address, nonce: bytes) -> Receipt:
        """Of any kind."""
        return unpack(self.world.token(token).receipt_of(member, nonce))


class BelievesAnybody(ReferralRewards):
    """What somebody says of a purchase is not held to what was signed."""

    def check_signature(
        self, signer: Address, typehash: bytes, values: Sequence[int | bytes], signature: Signature
    ) -> None:
        """Nothing is refused."""


class Colluding(Referring):
    """The brand's own attester signs purchases that nobody paid: no contract can know, and no share holds."""

    def buys(self, member: Address, amount: int) -> None:
        """Only the honest pay."""
        if member not in self.wallets:
            super().buys(member, amount)


_AT_ONCE = PLAIN._replace(vesting_days=0)
_ABOVE_ALL = PLAIN._replace(first_bps=6000, second_bps=6000)

CONTROLS: Mapping[str, tuple[Setting, Callable[[Setting], Referring]]] = {
    "nothing": (PLAIN, Referring),
    "nothing for signing up": (PLAIN, partial(Referring, rewards=PaysForSigningUp)),
    "all levels together below one": (_ABOVE_ALL, partial(Referring, rewards=PaysMoreThanAll)),
    "an event counts once": (PLAIN, partial(Referring, rewards=CountsAgain)),
    "in one programme": (PLAIN, partial(Referring, rewards=CountsInEachProgramme)),
    "what is paid out is not bought": (PLAIN, partial(Referring, rewards=CountsWhatIsPaidOut)),
    "no pay while goods can come back": (_AT_ONCE, partial(Referring, rewards=PaysMoreThanAll)),
    "only what was signed": (PLAIN, partial(Referring, rewards=BelievesAnybody)),
    "an honest attester": (PLAIN, Colluding),
}
"""By what is left out, in words."""
