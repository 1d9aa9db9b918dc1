"""A brand's default, token by token: its grounds, what its holders share, and what anybody can do now.

state = alliance.defaults.of(token)
while steps := gathering(state):  # what was promised to nobody goes to the holders
    for step in steps:
        alliance.defaults.do(step, sender=anybody)
    state = alliance.defaults.of(token)
alliance.defaults.hand_in(token, 20_00, sender=member)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eth_abi.abi import encode

from symbolon import calls
from symbolon.bonds import Purse, PurseState
from symbolon.calls import AccountLike, address_of
from symbolon.currencies import Currency
from symbolon.deployment import contract_at
from symbolon.reference.swap_math import WORTH, Pricing
from symbolon.units import format_amount

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token


@dataclass(frozen=True)
class Place:
    """A pool in which the token was accepted, or is. Values are currency base units.

    Attributes:
        name: the pool's.
        leverage: how much a brand may owe there for what it laid down, in percent.
        joined, suspended: whether the brand is in it, and is stopped there by the alliance's rules.
        withdrawable: what the brand provided and nobody took, in base units of the token.
        debt: what it would owe if the period ended now.
        bond: what is left of what it laid down.
        unpaid: what it owes from periods that are closed.
    """

    name: str
    leverage: int
    joined: bool
    suspended: bool
    withdrawable: int
    debt: int
    bond: int
    unpaid: int

    @property
    def free(self) -> int:
        """What neither running nor unpaid debts need of the bond."""
        needed = -(-(self.debt + self.unpaid) * 100 // self.leverage) if self.joined else 0
        return max(0, self.bond - max(needed, self.unpaid))


@dataclass(frozen=True)
class Debt:
    """An unpaid debt. Values are currency base units.

    Attributes:
        id: under which settlements and reports know it.
        pool, period: where it is from.
        due_at: when it can be enforced, in seconds.
        unpaid: how much it is.
        lien: the tokens that stand behind it, in base units.
        reported: whether the bonds know of it.
        share: what those of its tokens that were handed in can have paid out now.
    """

    id: bytes
    pool: bytes
    period: int
    due_at: int
    unpaid: int
    lien: int
    reported: bool
    share: int


@dataclass(frozen=True)
class Claim:
    """What a settlement has for the brand now, in currency base units."""

    pool: bytes
    period: int
    payable: int


@dataclass(frozen=True)
class Default:
    """Where a token stands, as of one block. Values are currency base units, amounts those of the token.

    Attributes:
        token, symbol: whose, and what it is called.
        currency: what is shared.
        pricing: what reckons its worth.
        block, now: the block and its time, in seconds.
        source, settlements, orders: the market, where its periods are settled, and where orders are.
        cure_period: how long after it was due an unpaid debt is a ground, in seconds.
        round: counts the token's defaults; 0 if there was none.
        declared_at: since when it is in default, in seconds; 0 if it is not.
        reports: reported debts that are unpaid.
        pot, paid: what holders share, and what of it was paid out; as of the cure if that is over.
        base, handed_in: what shares in it, and what of it was handed in; likewise.
        cure_by: by when a flagged shortfall must be made good, in seconds; 0 if none is flagged.
        purses: of the bond.
        places: pools, by their ids.
        debts: those that are unpaid, the oldest first.
        claims: those that have something to give.
        offers: what compensation no order has reserved, by the offer's id.
        quotas: what managers may still mint, by account.
    """

    token: str
    symbol: str
    currency: Currency
    pricing: Pricing
    block: int
    now: int
    source: str
    settlements: str
    orders: str
    cure_period: int
    round: int
    declared_at: int
    reports: int
    pot: int
    paid: int
    base: int
    handed_in: int
    cure_by: int
    purses: dict[Purse, PurseState]
    places: dict[bytes, Place]
    debts: tuple[Debt, ...] = ()
    claims: tuple[Claim, ...] = ()
    offers: Mapping[bytes, int] = field(default_factory=dict)
    quotas: Mapping[str, int] = field(default_factory=dict)

    @property
    def in_default(self) -> bool:
        """Whether it is."""
        return self.declared_at != 0

    @property
    def missing(self) -> int:
        """What the holders' purse lacks of what is required."""
        holders = self.purses[Purse.HOLDERS]
        return max(0, holders.required - holders.value)

    @property
    def is_declarable(self) -> bool:
        """Whether the bonds have a ground by now."""
        return self.reports > 0 or bool(self.missing and self.cure_by and self.now >= self.cure_by)

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong: no default, no shortfall, and no debt that is due."""
        due = any(self.now >= debt.due_at for debt in self.debts)
        return not (self.in_default or self.missing or self.reports or due)

    @property
    def overdue(self) -> list[Debt]:
        """Debts that are a ground, once nothing is left that stands behind them and they are reported."""
        return [
            debt for debt in self.debts if not debt.reported and self.now >= debt.due_at + self.cure_period
        ]

    @property
    def reportable(self) -> list[Debt]:
        """Those of them behind which nothing is left."""
        return [debt for debt in self.overdue if not self.places[debt.pool].bond]

    @property
    def reported(self) -> list[Debt]:
        """Debts that have to be paid before it is over."""
        return [debt for debt in self.debts if debt.reported]

    def par(self, amount: int) -> int:
        """What so many are worth at par, rounded down."""
        return amount * self.pricing.unit_worth // WORTH

    def share(self, amount: int) -> int:
        """What so many have got or can have by now, once they are handed in."""
        return min(amount * self.pot // self.base, self.par(amount)) if self.base else 0

    def text(self, amount: int) -> str:
        """An amount for people."""
        return f"{format_amount(amount, self.pricing.decimals)} {self.symbol}"


@dataclass(frozen=True)
class Step:
    """A call that anybody can make, and that does something as things are.

    Attributes:
        what: it does, in words.
        contract, method, arguments: the call.
        event: the contract's event that tells of the value; empty where none is moved.
    """

    what: str
    contract: str
    method: str
    arguments: tuple[object, ...]
    event: str = ""


@dataclass(frozen=True)
class Part:
    """What somebody who handed tokens in can have.

    Attributes:
        account: whose.
        shares: what can be made out now, by the number of the default, in currency base units.
        owed: what can be collected already, from wherever it came.
    """

    account: str
    shares: dict[int, int]
    owed: int


# ---- what there is to do, from what there is


def stopping(state: Default) -> Iterator[Step]:
    """In default: what stops issuing everywhere, and takes away what would dilute holders' part."""
    if not state.in_default:
        return
    yield from syncing(state, suspended=False)
    for pool, place in state.places.items():
        if place.joined and place.withdrawable:
            what = f"{state.text(place.withdrawable)} that the brand provided to pool {place.name} are burned"
            yield Step(what, "Swaps", "burnProvided", (pool, state.token))
    for minter, amount in state.quotas.items():
        what = f"{minter} cannot mint {state.text(amount)} any more"
        yield Step(what, "ObligationRegistry", "revokeQuota", (state.token, minter))


def syncing(state: Default, *, suspended: bool) -> Iterator[Step]:
    """What tells pools whether the token is in default: those that have it suspended, or the others."""
    for pool, place in state.places.items():
        if place.joined and place.suspended == suspended:
            what = f"pool {place.name} knows how {state.symbol} stands"
            yield Step(what, "Swaps", "syncSuspension", (pool, state.token))


def gathering(state: Default) -> list[Step]:
    """What comes next, to have all that is left for creditors and holders; nothing where all is done.

    Steps of one kind at a time, since each kind can make room for the next, or for one before it.
    """
    if not state.in_default:
        return list(_cashable(state))
    for kind in (stopping, enforceable, _reclaimable, _free, _offsettable, _fillable, _cashable):
        if steps := list(kind(state)):
            return steps
    return []


def enforceable(state: Default) -> Iterator[Step]:
    """Debts that are due are paid from what was laid down for them."""
    left = {pool: place.bond for pool, place in state.places.items()}
    for debt in state.debts:
        if state.now < debt.due_at or not left[debt.pool]:
            continue
        left[debt.pool] -= min(debt.unpaid, left[debt.pool])
        what = f"of what was laid down paid period {debt.period} of pool {state.places[debt.pool].name}"
        yield _settling(state, what, "enforce", debt.pool, debt.period, event="DebtPaid")


def _reclaimable(state: Default) -> Iterator[Step]:
    """What modules promised to nobody goes back to its purse."""
    for pool, place in state.places.items():
        if place.free:
            what = f"that were laid down for pool {place.name} are free"
            fund = encode(["address", "bytes32"], [state.source, pool])
            yield _reclaim(state, what, Purse.SETTLEMENT, state.settlements, place.free, fund)
    for offer, value in state.offers.items():
        what = f"that were set aside for offer 0x{offer.hex()} are free"
        yield _reclaim(state, what, Purse.COMPENSATION, state.orders, value, offer)


def _free(state: Default) -> Iterator[Step]:
    """What is free in the other purses goes to the holders'."""
    for purse in (Purse.SETTLEMENT, Purse.COMPENSATION):
        if state.purses[purse].free:
            what = f"went from the {purse} purse to the holders'"
            yield Step(what, "Bonds", "gather", (state.token, int(purse)), "Gathered")


def _offsettable(state: Default) -> Iterator[Step]:
    """What the brand is owed in a pool pays what it owes there."""
    unpaid = {debt.id: debt.unpaid for debt in state.debts}
    for claim in state.claims:
        left, name = claim.payable, state.places[claim.pool].name
        for debt in state.debts:
            value = min(left, unpaid[debt.id]) if debt.pool == claim.pool else 0
            if value:
                unpaid[debt.id] -= value
                left -= value
                what = f"owed to the brand for period {claim.period} of pool {name} paid period {debt.period}"
                periods = (claim.period, debt.period)
                yield _settling(state, what, "offset", claim.pool, *periods, event="DebtPaid")


def _fillable(state: Default) -> Iterator[Step]:
    """What it is owed where it owes nothing goes to the holders' purse."""
    for claim in state.claims:
        place = state.places[claim.pool]
        if not place.unpaid:
            what = (
                f"that the brand was owed for period {claim.period} of pool {place.name} went to its holders"
            )
            yield _settling(state, what, "fillHolders", claim.pool, claim.period, event="ClaimPaid")


def _cashable(state: Default) -> Iterator[Step]:
    """Tokens behind debts that are due share as any others, once nothing else stands behind them."""
    for debt in state.debts:
        place = state.places[debt.pool]
        handable = debt.lien if state.in_default else 0
        if debt.lien > handable or not (debt.share or state.share(handable)):
            continue
        if state.now >= debt.due_at and not place.bond:
            what = f"came for tokens behind period {debt.period} of pool {place.name} and paid for it"
            yield _settling(state, what, "cashOut", debt.pool, debt.period, event="DebtPaid")


def _settling(state: Default, what: str, method: str, pool: bytes, *periods: int, event: str) -> Step:
    return Step(what, "Settlements", method, (state.source, pool, *periods, state.token), event)


def _reclaim(state: Default, what: str, *arguments: object) -> Step:
    return Step(what, "Bonds", "reclaim", (state.token, *arguments), "Reclaimed")


# ---- the chain


class Defaults:
    """The defaults of an alliance's tokens. Amounts and values are base units; acts take `sender`."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    @property
    def contract(self) -> ContractInstance:
        """Where it is decided: the bonds."""
        return self._alliance.bonds_contract

    # ---- what there is

    def of(self, token: Token) -> Default:
        """Where a token stands as of the latest block. Raises NoObligationError."""
        alliance, block, at = self._alliance, calls.block_number(), token.address
        currency, bonds, swaps = token.currency, self.contract, alliance.swaps_contract
        names = alliance.pools.names()
        questions: list[calls.Question] = [
            (bonds, "defaultOf", [at]),
            (bonds, "cureByOf", [at]),
            (bonds, "CURE_PERIOD", []),
            (alliance.obligation_registry, "obligationOf", [at]),
            *((bonds, "purseOf", [at, int(purse)]) for purse in Purse),
        ]
        for pool in names:
            questions += [
                (alliance.pools_contract, "poolOf", [pool]),
                (swaps, "positionOf", [pool, at]),
                (alliance.settlements_contract, "accountOf", [swaps.address, pool, at]),
            ]
        answers = iter(calls.read_many(questions, block=block))
        (facts,), (cure_by,), (cure_period,), (obligation,) = (next(answers) for _ in range(4))
        pricing = Pricing(par_value=obligation[2], decimals=token.decimals)
        number, declared_at, reports, pot, paid, base, handed_in = facts
        purses = {purse: PurseState(*next(answers)[0]) for purse in Purse}
        places = {
            pool: _place(name, pricing, *(next(answers)[0] for _ in range(3))) for pool, name in names.items()
        }
        debts, claims = self._settled(token, number, block)
        return Default(
            token=at,
            symbol=token.symbol,
            currency=currency,
            pricing=pricing,
            block=block,
            now=calls.block_time(block),
            source=str(swaps.address),
            settlements=str(alliance.settlements_contract.address),
            orders=str(alliance.orders_desk.address),
            cure_period=cure_period,
            round=number,
            declared_at=declared_at,
            reports=reports,
            pot=pot,
            paid=paid,
            base=base,
            handed_in=handed_in,
            cure_by=cure_by,
            purses=purses,
            places=places,
            debts=debts,
            claims=claims,
            offers=self._offers(token, block),
            quotas=self._quotas(token, block),
        )

    def parts(self, token: Token) -> list[Part]:
        """What everybody who handed tokens in can have, in the order of their coming."""
        block, bonds = calls.block_number(), self.contract
        logs = calls.events(bonds, self._alliance.start_block, "HandedIn", about=token, until=block)
        found = [log.event_arguments for log in logs]
        accounts = list(
            dict.fromkeys(address_of(each["account"]) for each in found if not any(each["debtId"]))
        )
        ((facts,),) = calls.read_many([(bonds, "defaultOf", [token.address])], block=block)
        rounds = range(1, facts[0] + 1)
        questions: list[calls.Question] = []
        for account in accounts:
            questions += [
                (bonds, "payableShareOf", [token.address, number, account, bytes(32)]) for number in rounds
            ]
            questions.append((bonds, "owedTo", [token.currency.address, account]))
        answers = (answer for (answer,) in calls.read_many(questions, block=block))
        return [
            Part(account, {number: next(answers) for number in rounds}, next(answers)) for account in accounts
        ]

    def share_of(self, token: Token, number: int, account: AccountLike) -> tuple[int, int]:
        """What an account handed in in a default, and what was paid for it."""
        found = calls.read(self.contract, "shareOf", token.address, number, address_of(account), bytes(32))
        return int(found.handedIn), int(found.paid)

    def _settled(self, token: Token, number: int, block: int) -> tuple[tuple[Debt, ...], tuple[Claim, ...]]:
        """What its brand owes and can have, of all settlements of the alliance's pools."""
        alliance, settlements, bonds = self._alliance, self._alliance.settlements_contract, self.contract
        start, source = alliance.start_block, alliance.swaps_contract
        opened = calls.events(settlements, start, "SettlementOpened", about=source, until=block)
        known = {}
        for log in opened:
            facts = log.event_arguments
            pool, period = bytes(facts["pool"]), int(facts["period"])
            known[alliance.settlements.id_of(pool, period)] = (pool, period, int(facts["dueAt"]))
        owing: list[bytes] = []
        owed: list[bytes] = []
        for log in calls.events(
            settlements, start, "DebtOpened", "ClaimOpened", about=list(known), until=block
        ):
            facts = log.event_arguments
            whose, listed = ("token", owing) if log.event_name == "DebtOpened" else ("claimant", owed)
            if address_of(facts[whose]) == token.address:
                listed.append(bytes(facts["settlementId"]))
        questions: list[calls.Question] = []
        for id_ in owing:
            share = [token.address, number, str(settlements.address), id_]
            questions += [(settlements, "debtOf", [id_, token.address]), (bonds, "payableShareOf", share)]
        questions += [(settlements, "payableOf", [id_, token.address]) for id_ in owed]
        answers = (answer for (answer,) in calls.read_many(questions, block=block))
        debts = []
        for id_ in owing:
            pool, period, due_at = known[id_]
            (unpaid, lien, reported), share_now = next(answers), next(answers)
            if unpaid:
                debts.append(Debt(id_, pool, period, due_at, unpaid, lien, reported, share_now))
        claims = [Claim(*known[id_][:2], next(answers)) for id_ in owed]
        debts.sort(key=lambda debt: debt.due_at)
        return tuple(debts), tuple(claim for claim in claims if claim.payable)

    def _offers(self, token: Token, block: int) -> dict[bytes, int]:
        desk = self._alliance.orders_desk
        logs = calls.events(desk, self._alliance.start_block, "CompensationFunded", about=token, until=block)
        offers = list(dict.fromkeys(bytes(log.event_arguments["offerId"]) for log in logs))
        questions: list[calls.Question] = [
            (desk, "freeCompensationOf", [token.address, each]) for each in offers
        ]
        answers = calls.read_many(questions, block=block)
        return {offer: free for offer, (free,) in zip(offers, answers, strict=True) if free}

    def _quotas(self, token: Token, block: int) -> dict[str, int]:
        logs = calls.events(token.contract, self._alliance.start_block, "QuotaGranted", until=block)
        minters = list(dict.fromkeys(address_of(log.event_arguments["minter"]) for log in logs))
        questions: list[calls.Question] = []
        for minter in minters:
            questions += [(token.contract, "quotaOf", [minter]), (token.contract, "isModule", [minter])]
        answers = (answer for (answer,) in calls.read_many(questions, block=block))
        found = {minter: (next(answers), next(answers)) for minter in minters}
        return {minter: quota for minter, (quota, is_module) in found.items() if quota and not is_module}

    # ---- anyone

    def do(self, step: Step, *, sender: AccountAPI) -> int:
        """Take a step: how much it moved, in currency base units; 0 for one that moves none."""
        contract = contract_at(step.contract, self._alliance.address_of(step.contract))
        receipt = calls.transact(sender, contract, step.method, *step.arguments)
        if not step.event:
            return 0
        (log,) = receipt.decode_logs([getattr(contract, step.event).abi])
        return int(log.event_arguments["value"])

    def report(self, token: Token, debt: Debt, *, sender: AccountAPI) -> ReceiptAPI:
        """Report a debt to the bonds, which is a ground for a default."""
        source = self._alliance.settlements.source
        arguments = (source, debt.pool, debt.period, token.address)
        return calls.transact(sender, self._alliance.settlements_contract, "report", *arguments)

    def declare(self, token: Token, *, sender: AccountAPI) -> ReceiptAPI:
        """Declare a default that there are grounds for."""
        return calls.transact(sender, self.contract, "declareDefault", token.address)

    def cure(self, token: Token, *, sender: AccountAPI) -> ReceiptAPI:
        """State that a default is over."""
        return calls.transact(sender, self.contract, "cureDefault", token.address)

    def pay_share(self, token: Token, number: int, account: AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Make out what an account can have of a default by now: it is owed to it then."""
        arguments = (token.address, number, address_of(account))
        return calls.transact(sender, self.contract, "payShare", *arguments)

    # ---- holders

    def hand_in(self, token: Token, amount: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Hand the sender's tokens in: they burn, and their part is owed to the sender."""
        return token.transfer_and_call(self.contract, amount, sender=sender)


def _place(
    name: str, pricing: Pricing, pool: tuple[Any, ...], position: tuple[Any, ...], account: tuple[int, int]
) -> Place:
    """From what `poolOf`, `positionOf` and `accountOf` return."""
    joined, _, suspended, _, _, provided, net, *_ = position
    return Place(
        name=name,
        leverage=int(pool[0][-1]),
        joined=bool(joined),
        suspended=bool(suspended),
        withdrawable=provided + min(net, 0),
        debt=pricing.value_up(max(net, 0)),
        bond=account[0],
        unpaid=account[1],
    )
