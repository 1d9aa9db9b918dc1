"""Rules: what members earned, credited by roots: posted, replaced, claimed, redeemed and returned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from stateful.actors import Key, Sealed, sign, spoil
from stateful.dice import Dice, play
from stateful.machine import EVERYBODY, Played
from stateful.rules_consents import ConsentRules
from stateful.stage import ALLIANCE, INTRUDER, entry_slot, slot_of
from symbolon.merkle_sum import Leaf, SumTree
from symbolon.reference import Address, Event
from symbolon.reference.brands import CAMPAIGN, List
from symbolon.reference.contract import DAY, ZERO
from symbolon.reference.earn import Credit, Posting, posting_data
from symbolon.reference.token import LoyaltyToken

UINT96 = 2**96 - 1
LINKS = [Key(f"link {number}") for number in range(1, 4)]
"""One-time keys, which came to customers by mail."""
MOST_PERIODS = 9

Place = tuple[Address, int]
"""Token and period."""


class Standing(NamedTuple):
    """A posting as we saw it: what is posted and claimed, and when it is final and over."""

    final_at: int
    until: int
    posted: int
    claimed: int = 0
    returned: int = 0


class Period(NamedTuple):
    """A tree that a brand has, as its tools built it."""

    token: LoyaltyToken
    number: int
    final_at: int
    until: int
    leaves: list[Leaf]
    tree: SumTree

    @property
    def root(self) -> int:
        return int.from_bytes(self.tree.root)

    def credit(self, index: int) -> Credit:
        """A leaf with its proof."""
        leaf = self.leaves[index]
        proof = [int.from_bytes(each) for each in self.tree.proof(index)]
        times = (self.number, self.final_at, self.until)
        return Credit(*times, index, leaf.account, leaf.amount, proof)


class EarnRules(ConsentRules):
    """What is earned is judged by books of our own: what was posted, and which leaf was paid."""

    def __init__(self) -> None:
        self.standings: dict[Place, Standing] = {}
        self.paid: set[tuple[Address, int, int]] = set()
        self.periods: list[Period] = []
        super().__init__()

    def set_scene(self) -> None:
        super().set_scene()
        listed = (int(List.MODULE), self.world.earnings.address, True)
        self.do(ALLIANCE.address, self.world.brands, "set_listed", *listed)
        for token in self.world.tokens:
            opened = (self.world.earnings.address, 0, b"")
            self.do(self.admin_of(token), token, "grant_quota_and_call", *opened)

    # ---- judging

    def witness(self, event: Event) -> None:
        super().witness(event)
        if event.contract != self.world.earnings.address:
            return
        token, period, *facts = event.facts
        place = (token, period)
        if event.name == "EarningsPosted":
            self._judge_posting(place, *facts[:3])
        elif event.name == "EarningsClaimed":
            _, index, amount = facts
            assert (*place, index) not in self.paid, "EARN-1: a leaf was paid twice"
            self.paid.add((*place, index))
            before = self.standings[place]
            after = before._replace(claimed=before.claimed + amount)
            self.standings[place] = after
            assert after.claimed <= after.posted, "EARN-1: more was claimed than posted"
            assert before.final_at <= self.world.now < before.until, "EARN-1: claimed when it could not be"
            self.tally.checks["EARN-1: claimed"] += 1
        elif self.world.now >= self.standings[place].until:  # the rest was returned
            (amount,) = facts
            standing = self.standings[place]
            self.standings[place] = standing._replace(returned=amount)
            assert standing.claimed + amount == standing.posted, "EARN-1: another rest was returned"
            self.tally.checks["EARN-1: returned"] += 1

    def _judge_posting(self, place: Place, root: int, final_at: int, until: int) -> None:
        before, total = self.standings.get(place), root & UINT96
        if before is None:
            assert until - final_at >= 180 * DAY, "EARN-1: claimable for less than 180 days"
            self.tally.checks["EARN-1: posted"] += 1
        else:
            assert self.world.now < before.final_at, "EARN-1: replaced although it was final"
            assert (final_at, until) == before[:2], "EARN-1: its times were changed"
            kind = "less" if total < before.posted else "more"
            self.tally.checks[f"EARN-1: replaced with {kind}"] += 1
        self.standings[place] = Standing(final_at, until, total)

    def _check_contracts_keep(self) -> None:
        super()._check_contracts_keep()
        for token in self.world.tokens:
            quotas = slot_of("LoyaltyToken", "_quotas")
            word = self.chain.storage(token.address, entry_slot(quotas, self.world.earnings.address))
            owed = sum(
                each.posted - each.claimed - each.returned
                for (its, _), each in self.standings.items()
                if its == token.address
            )
            assert word & UINT96 == owed, f"BOOK-1: {owed} {token.facts.name} are owed, {word & UINT96} kept"

    def moments_of_earnings(self) -> Iterator[int]:
        """When postings become final, and when they are over."""
        for standing in self.standings.values():
            yield from (standing.final_at, standing.until)

    # ---- choices

    def some_leaves(self, dice: Dice, most: int) -> list[Leaf]:
        """One to eight places, members' and links'; none is credited more than a part of `most`."""
        leaves = []
        for _ in range(1 + dice.roll(8)):
            rolled = dice.roll(256)  # one byte each, so that some are left for what is done with them
            is_link = rolled % 3 == 2
            accounts = [each.address for each in LINKS] if is_link else self.at.recipients
            leaves.append(Leaf(accounts[rolled // 3 % len(accounts)], most * (rolled % 32) // 512, is_link))
        return leaves

    def grown(self, token: LoyaltyToken, number: int, times: tuple[int, int], leaves: list[Leaf]) -> Period:
        """The tree over leaves, of a period."""
        list_id = self.world.earnings.list_id_of(token.address, number)
        return Period(token, number, *times, leaves, SumTree.of(list_id, leaves))

    def posting_of(self, dice: Dice, period: Period) -> Posting:
        return Posting(period.number, period.root, period.final_at, period.until, self.a_uri(dice))

    def send_posting(self, dice: Dice, period: Period, previous: int, amount: int) -> Played:
        """By whoever has the quota and may, or by the admin out of capacity."""
        token, module = period.token, self.world.earnings.address
        data = posting_data(self.posting_of(dice, period), previous)
        poster = self.who_may(token, CAMPAIGN)
        amount = min(amount, UINT96)
        if token.quota_of(poster) >= amount and dice.roll(2):
            sender = self.somebody(dice, poster)
            return self.do(sender, token, "pass_quota_and_call", module, amount, data)
        sender = self.somebody(dice, self.admin_of(token))
        return self.do(sender, token, "grant_quota_and_call", module, amount, data)

    def remember(self, period: Period) -> None:
        """A posting that is there, in place of the one before it."""
        place = (period.token, period.number)
        self.periods = [each for each in self.periods if (each.token, each.number) != place][-MOST_PERIODS:]
        self.periods.append(period)

    def a_final_period(self, dice: Dice, *, fresh: bool = False) -> Period | None:
        """Mostly one that can be claimed, posted for it if there is none; rarely any."""
        now = self.world.now
        final = [each for each in self.periods if each.final_at <= now < each.until]
        if final and not fresh and not dice.rarely():
            return dice.pick(final)
        if self.periods and dice.seldom():
            return dice.pick(self.periods)
        token = self.a_staying_token(dice)
        return self._posted(dice, token, (now, now + 180 * DAY + dice.roll(2)))

    def _posted(self, dice: Dice, token: LoyaltyToken, times: tuple[int, int]) -> Period | None:
        number = len(self.standings) + 1
        period = self.grown(token, number, times, self.some_leaves(dice, max(0, self.room_in(token))))
        if not self.send_posting(dice, period, 0, period.tree.total).ok:
            return None
        self.remember(period)
        return period

    def a_leaf(self, dice: Dice, period: Period, *, is_link: bool) -> int:
        """Mostly one of that kind which was not paid."""
        place = (period.token.address, period.number)
        fit = [
            index
            for index, each in enumerate(period.leaves)
            if each.is_link == is_link and (*place, index) not in self.paid
        ]
        return dice.pick(fit) if fit and not dice.seldom() else dice.roll(len(period.leaves))

    def altered(self, dice: Dice, credit: Credit) -> Credit:
        """Rarely with something in it changed."""
        if not dice.rarely():
            return credit
        return (
            credit._replace(amount=credit.amount ^ 1 + dice.roll(9)),
            credit._replace(account=INTRUDER.address),
            credit._replace(place=credit.place ^ 1 << dice.roll(5)),
            credit._replace(proof=credit.proof[1:]),
            credit._replace(proof=[*credit.proof, 0]),
            credit._replace(final_at=max(0, credit.final_at - 1)),
            credit._replace(period=credit.period + 1),
            credit._replace(proof=[each ^ 1 << 95 for each in credit.proof]),
            credit._replace(proof=[UINT96] * (1 + len(credit.proof))),
        )[dice.roll(9)]

    def a_credit(self, dice: Dice) -> Credit:
        """One that there is, where there is one; for strangers."""
        if self.periods:
            period = dice.pick(self.periods)
            return period.credit(dice.roll(len(period.leaves)))
        return Credit(1, 0, self.world.now + 1, 0, INTRUDER.address, 1, [])

    # ---- brand

    @play
    def post_earnings(self, dice: Dice) -> None:
        token, now = self.a_staying_token(dice), self.world.now
        final_at = now + dice.roll(91) * DAY
        if dice.seldom():
            final_at = now + dice.pick([-1, 0, 90 * DAY, 90 * DAY + 1])
        until = final_at + 180 * DAY + (dice.roll(3) - 1 if dice.seldom() else dice.roll(9) * DAY)
        if not dice.seldom():
            self._posted(dice, token, (final_at, until))
            return
        number = len(self.standings) + 1 if dice.roll(2) else 1
        period = self.grown(token, number, (final_at, until), self.some_leaves(dice, 2**20))
        previous = dice.pick([0, period.root])
        if self.send_posting(dice, period, previous, period.tree.total + dice.roll(3) - 1).ok:
            self.remember(period)

    @play
    def replace_earnings(self, dice: Dice) -> None:
        """Goods came back, or more was bought; rarely too late, by what was replaced, or with other times."""
        now = self.world.now
        pending = [each for each in self.periods if now < each.final_at]
        if not pending or dice.rarely():
            token = self.a_staying_token(dice)
            made = self._posted(dice, token, (now + DAY, now + 181 * DAY))
            pending = [made] if made else self.periods
        if not pending:
            return
        before = dice.pick(pending)
        if dice.seldom():
            self.set_time(max(now, before.final_at + dice.roll(3) - 1))
        leaves = [
            each._replace(amount=min(max(0, each.amount + (dice.roll(5) - 3) * each.amount // 4), UINT96))
            for each in before.leaves
        ]
        if dice.roll(3) == 2:
            leaves = [each._replace(amount=each.amount + 1 + dice.roll(9)) for each in before.leaves]
        times = (before.final_at, before.until + dice.rarely())
        after = self.grown(before.token, before.number, times, leaves)
        previous = before.root ^ 1 if dice.rarely() else before.root
        missing = max(0, after.tree.total - before.tree.total) + dice.rarely()
        if self.send_posting(dice, after, previous, missing).ok:
            self.remember(after)

    # ---- anyone

    @play
    def claim_earnings(self, dice: Dice) -> None:
        period = self.a_final_period(dice)
        if period:
            credit = period.credit(self.a_leaf(dice, period, is_link=False))
            what = (period.token.address, self.altered(dice, credit))
            self.do(dice.pick(EVERYBODY), self.world.earnings, "claim", *what)

    @play
    def claim_many_earnings(self, dice: Dice) -> None:
        """A member's of several periods, or a relay's of one; some of them again."""
        period = self.a_final_period(dice)
        if not period:
            return
        own = [each for each in self.periods if each.token is period.token][:2]
        credits_ = [
            self.altered(dice, each.credit(self.a_leaf(dice, each, is_link=False)))
            for each in (*own, period)[: dice.roll(4)]
        ]
        what = (period.token.address, credits_)
        self.do(dice.pick(EVERYBODY), self.world.earnings, "claim_many", *what)

    @play
    def claim_by_link(self, dice: Dice) -> None:
        """Somebody opened a link, and named a wallet."""
        period = self.a_final_period(dice)
        if not period:
            return
        index = self.a_leaf(dice, period, is_link=True)
        credit = period.credit(index)
        to = ZERO if dice.rarely() else dice.pick(self.at.recipients)
        deadline = self.a_deadline(dice)
        digest = self.world.earnings.link_digest(period.token.address, period.number, index, to, deadline)
        signature = self._link_signature(dice, credit.account, digest)
        if dice.rarely():
            to = dice.pick(self.at.recipients)
        what = (period.token.address, self.altered(dice, credit), to, deadline, signature)
        if self.hand_in(dice.pick(EVERYBODY), self.world.earnings, "claim_by_link", *what).ok:
            self.tally.checks["EARN-1: claimed by link"] += 1

    def _link_signature(self, dice: Dice, key: Address, digest: bytes) -> Sealed:
        keys = [each.address for each in LINKS]
        if key not in keys or dice.rarely():
            key = dice.pick(keys)
        sealed = sign(key, digest, compact=dice.seldom())
        return spoil(sign(key, digest), dice.roll(6)) if dice.rarely() else sealed

    @play
    def return_rest(self, dice: Dice) -> None:
        """Mostly once it is over, for which time has to pass."""
        unpaid = [
            each
            for each in self.periods
            if self.world.earnings.unclaimed_of(each.token.address, each.number) or dice.rarely()
        ]
        over = [each for each in unpaid if self.world.now >= each.until]
        period = dice.pick(over or unpaid) if unpaid else self.a_final_period(dice)
        if not period:
            return
        if dice.roll(4):
            self.set_time(max(self.world.now, period.until + dice.seldom() - dice.seldom()))
        root = period.root ^ 1 if dice.rarely() else period.root
        what = (period.token.address, period.number, root, period.final_at, period.until)
        self.do(dice.pick(EVERYBODY), self.world.earnings, "return_rest", *what)

    # ---- tills

    @play
    def redeem_offer_from_the_proof(self, dice: Dice) -> None:
        self._redeem_from_the_proof(dice, at_par=False)

    @play
    def redeem_at_par_from_the_proof(self, dice: Dice) -> None:
        self._redeem_from_the_proof(dice, at_par=True)

    def _redeem_from_the_proof(self, dice: Dice, *, at_par: bool) -> None:
        """A member pays with what it has not claimed yet."""
        token, desk, now = self.a_redeemable_token(dice), self.world.desk, self.world.now
        final = [each for each in self.periods if each.token is token and each.final_at <= now < each.until]
        period = dice.pick(final) if final else self._posted(dice, token, (now, now + 181 * DAY))
        if not period:
            return
        till = self.a_till(dice, token)
        wish = self.wish_for_par(dice, token, till) if at_par else self.wish_for_offer(dice, token, till)
        own = [index for index, each in enumerate(period.leaves) if each.account == wish.redemption.member]
        places = own or [self.a_leaf(dice, period, is_link=False)]
        credits_ = [
            self.altered(dice, period.credit(each)) for each in places if not period.leaves[each].is_link
        ]
        earnings = self.world.rights.address if dice.rarely() else self.world.earnings.address
        method = "claim_and_redeem_at_par" if at_par else "claim_and_redeem_offer"
        what = (token.address, earnings, credits_, wish.redemption)
        if self.hand_in(self.somebody(dice, till), desk, method, *what).ok:
            self.tally.checks["EARN-1: redeemed from the proof"] += 1
