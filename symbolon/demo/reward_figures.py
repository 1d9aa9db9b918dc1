"""Figures of campaigns and referrals, computed from what happened on the chain; amounts are base units."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from symbolon.demo.campaigning import Brought, Paid
from symbolon.demo.plan import UNITS_PER_POINT
from symbolon.demo.reward_story import Rewarded
from symbolon.demo.rewarding import FIRST_BPS, REWARD, SECOND_BPS


@dataclass(frozen=True)
class CampaignFigures:
    """One campaign.

    Attributes:
        paid: what became of it.
        planned: coupons that were redeemed in the data.
    """

    paid: Paid
    planned: int

    @property
    def spent(self) -> int:
        """What members got."""
        return self.paid.rewards * REWARD

    @property
    def left(self) -> int:
        """What is still in its purses."""
        return self.paid.budget - self.spent - self.paid.returned


@dataclass(frozen=True)
class ReferralFigures:
    """Who brought whom, and what for.

    Attributes:
        brought: what happened.
        referrers: households that brought somebody.
        chained: those that were brought and bring others.
        most: the most that one household brought.
        purchases: purchases that were attested, and what they came to.
        spent: the same at par.
        set_aside: what accrued for both levels.
    """

    brought: Brought
    referrers: int
    chained: int
    most: int
    purchases: int
    spent: int
    set_aside: int

    @property
    def paid(self) -> int:
        """On both levels."""
        return self.brought.first + self.brought.second

    @property
    def share(self) -> float:
        """What was set aside, of what was spent."""
        return self.set_aside / self.spent if self.spent else 0.0

    @property
    def most_share(self) -> float:
        """What the programme states that both levels can come to."""
        return (FIRST_BPS + SECOND_BPS) / 10_000


@dataclass(frozen=True)
class RewardFigures:
    """Every figure of campaigns and referrals.

    Attributes:
        rewarded: what happened.
        campaigns: by number.
        referrals: who brought whom.
        members: households that got a reward in any campaign.
    """

    rewarded: Rewarded
    campaigns: tuple[CampaignFigures, ...]
    referrals: ReferralFigures
    members: int

    @property
    def rewards(self) -> int:
        """Vouchers that were paid."""
        return sum(each.paid.rewards for each in self.campaigns)

    @property
    def spent(self) -> int:
        """What they came to."""
        return sum(each.spent for each in self.campaigns)


def compute_rewards(rewarded: Rewarded) -> RewardFigures:
    """Compute every figure."""
    planned = Counter(each.campaign for each in rewarded.plan.actions)
    brought = rewarded.brought
    referred = Counter(tie.referrer for tie in brought.ties)
    accrued = brought.accrued.values()
    return RewardFigures(
        rewarded=rewarded,
        campaigns=tuple(CampaignFigures(each, planned[each.coupons.number]) for each in rewarded.paid),
        referrals=ReferralFigures(
            brought=brought,
            referrers=len(referred),
            chained=sum(tie.household in referred for tie in brought.ties),
            most=max(referred.values(), default=0),
            purchases=len(accrued),
            spent=sum(purchase.cents for purchase, _, _ in accrued) * UNITS_PER_POINT,
            set_aside=sum(first + second for _, first, second in accrued),
        ),
        members=len({who for each in rewarded.paid for who in each.members}),
    )
