"""The machine that plays the alliance on a chain and on the model at once.

Every action goes through `Machine.do`: the model says what will happen, the chain does it, and they must
agree on success, result, events, or the very error with its facts. After each step the promises are checked
on the chain itself, without the model; from time to time, and at the end, all that can be read is compared.

Rules come by subclass, a class for each part of the suite: methods marked with `play`, which take dice and
choose arguments that mostly fit and sometimes nearly do. See `rules_*.py` and, put together, `alliance.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

from hypothesis import note, strategies
from hypothesis.control import current_build_context
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from stateful import abi
from stateful.actors import Sealed
from stateful.audit import questions
from stateful.chains import Chain, Outcome, Revm
from stateful.dice import ROUND, Action, Dice, play, rules_of, turns
from stateful.stage import KEYS, MEMBERS, Stage, entry_slot, slot_of
from symbolon.reference import Address, Contract, Event, RevertError, World
from symbolon.reference.contract import ZERO
from symbolon.reference.token import LoyaltyToken

UINT96 = 2**96 - 1
EVERYBODY = [key.address for key in KEYS]
BY_ALLOWANCE = ("transfer_from", "burn_from")
"""Functions of a token by which somebody else moves what a holder, the first argument, allowed."""

MOOD = 40
"""Bytes that say which rules a run plays by: a bit for each."""

GO_ON = ("swap_with_permit", "claim_batch", "bind")
"""Functions that go on where a signature that came along is no good, or not needed any more."""


class Played(NamedTuple):
    """What became of an action, on which model and chain agree: its result, or the error's name."""

    result: Any
    error: str | None

    @property
    def ok(self) -> bool:
        return self.error is None


class Book(NamedTuple):
    """What a token's contract has written down."""

    supply: int
    total_quota: int
    capacity: int


class Tally:
    """What was played, over a whole run."""

    def __init__(self) -> None:
        self.successes: Counter[str] = Counter()
        self.refusals: Counter[tuple[str, str]] = Counter()
        self.checks: Counter[str] = Counter()
        self.steps = 0
        self.runs = 0

    def add(self, other: Tally) -> None:
        """Count what was played elsewhere too."""
        self.successes += other.successes
        self.refusals += other.refusals
        self.checks += other.checks
        self.steps += other.steps
        self.runs += other.runs

    @property
    def errors(self) -> set[str]:
        """Every error that somebody met."""
        return {error for _, error in self.refusals}


class Machine(RuleBasedStateMachine):
    """Actions on both sides, and the promises.

    Subclasses add rules, and say what is there before the first step by extending `set_scene`.
    """

    make_chain: ClassVar[Callable[[], Chain]] = Revm
    stage: ClassVar[Stage | None] = None
    tally: ClassVar[Tally] = Tally()

    def __init__(self) -> None:
        super().__init__()
        kind = type(self)
        self._is_told = current_build_context().is_final
        self._is_broken = False
        self._spent: set[bytes] = set()
        self._held: dict[Address, dict[Address, int]] = {}
        self._fixed: dict[Address, int] = {}
        self._donated: Counter[tuple[Address, Address]] = Counter()
        # A bug may show while the scene is set: then it shows again each time that it is asked about.
        if kind.stage is None or not kind.stage.is_marked:
            kind.stage = Stage(kind.make_chain())
            self.play_on(kind.stage)
            self.set_scene()
            kind.stage.mark()
            kind.tally = Tally()
        else:
            self.play_on(kind.stage)
            self.at.rewind()
        self.tally.runs += 1
        for token in self.world.tokens:
            self._check_token(token, ZERO, frozenset(), {})

    @initialize(mood=strategies.binary(min_size=MOOD, max_size=MOOD))
    def choose_rules(self, mood: bytes) -> None:
        """Play by all rules, or by about half of them: some things only happen where others do not."""
        every = rules_of(type(self))
        assert len(every) < 8 * MOOD, "more rules than bits to choose them by"
        bits = int.from_bytes(mood)
        chosen = [each for place, each in enumerate(every) if bits >> place + 1 & 1]
        self.rules: list[Action] = every if bits & 1 == 0 else [every[0], *chosen]

    @rule(rolled=ROUND)
    def play_round(self, rolled: bytes) -> None:
        """Eight turns."""
        self._is_broken = True
        for dice in turns(rolled):
            dice.pick_of_many(self.rules)(self, dice)
        self._is_broken = False

    @play
    def rest(self, dice: Dice) -> None:
        """Do nothing."""

    def play_on(self, stage: Stage) -> None:
        """Take the stage."""
        self.at = stage
        self.world: World = stage.world
        self.chain = stage.chain

    def set_scene(self) -> None:
        """What has happened before the first step."""

    # ---- acting

    def do(
        self, sender: Address, target: Contract, method: str, *arguments: Any, split: bool = False
    ) -> Played:
        """Have `sender` call a contract, on both sides.

        `arguments` hold signatures as `Sealed`; `split` hands the last one in as v, r and s.
        """
        self.tally.steps += 1
        signatures = [each for each in signatures_in(arguments) if each.raw]
        touched = self._touched(target, arguments)
        allowed = {}
        if method in BY_ALLOWANCE and isinstance(target, LoyaltyToken):
            allowed[arguments[0]] = target.allowance(arguments[0], sender)
        call = abi.function(abi_name(target), method, split=split)
        played, expected = self._predict(sender, target, method, arguments, call)
        outcome = self.send(sender, target.address, call.encode(arguments))
        self._tell(sender, target, method, arguments, played)

        # The promises first, so that a breach is called by its name.
        # Whoever is called may part with what is its own; what it owes is for the rules that know it.
        acting = (sender, *self._acting(target, arguments), *self._signers(signatures))
        authorised = frozenset(acting) if outcome.success else frozenset()
        for token in touched:
            self._check_token(token, sender, authorised, allowed if outcome.success else {})
        if outcome.success and method not in GO_ON:
            self._check_signatures(signatures)
        self._check_agreement(expected, outcome)

        label = f"{type(target).__name__}.{method}"
        if played.ok:
            self.tally.successes[label] += 1
            for event in self.world.events:
                self.witness(event)
        else:
            self.tally.refusals[label, played.error or "no reason"] += 1
        return played

    def send(self, sender: Address, to: Address, data: bytes) -> Outcome:
        """Have anybody make a call on the chain alone; accounts with code act through their strings."""
        if sender in self.at.puppets:
            return self.chain.send(MEMBERS[0].address, sender, to + data)
        return self.chain.send(sender, to, data)

    def can_act(self, account: Address) -> bool:
        """Whether we have a key for an account, or hold its strings."""
        return account in EVERYBODY or account in self.at.puppets

    def set_time(self, now: int) -> None:
        """Let time pass until `now`."""
        self.at.set_time(now)
        if self._is_told:
            note(f"-- it is {now}")

    def witness(self, event: Event) -> None:
        """Something happened. Subclasses keep their own account of it."""
        if event.name == "Transfer":
            _, to, amount = event.facts
            if to in self.at.donees:
                self._donated[event.contract, to] += amount

    def _predict(
        self,
        sender: Address,
        target: Contract,
        method: str,
        arguments: Sequence[Any],
        call: abi.Function,
    ) -> tuple[Played, Outcome]:
        try:
            result = self.world.call(getattr(target, method), sender, *arguments)
        except RevertError as error:
            return Played(None, error.name or "no reason"), Outcome(False, abi.refusal(error), [])
        contracts = self.world.contracts
        logs = [abi.event_log(abi_name(contracts[each.contract]), each) for each in self.world.events]
        return Played(result, None), Outcome(True, call.encode_result(result), logs)

    def _touched(self, target: Contract, arguments: Sequence[Any]) -> list[LoyaltyToken]:
        """The tokens that a call is about."""
        if isinstance(target, LoyaltyToken):
            return [target]
        contracts = self.world.contracts
        listed = [item for each in arguments if type(each) is list for item in each]
        every = (*arguments, *listed)
        named = dict.fromkeys(each if type(each) is bytes else getattr(each, "token", None) for each in every)
        found = (contracts.get(each) for each in named if each)
        return [each for each in found if isinstance(each, LoyaltyToken)]

    def _acting(self, target: Contract, _arguments: Sequence[Any]) -> tuple[Address, ...]:
        """The contracts that act in a call."""
        return (target.address,)

    def _signers(self, signatures: list[Sealed]) -> Iterator[Address]:
        wallets = self.world.wallets.items()
        for signature in signatures:
            yield signature.key
            yield from (wallet for wallet, key in wallets if key == signature.key)

    # ---- promises, on the chain

    def _check_agreement(self, expected: Outcome, outcome: Outcome) -> None:
        if expected == outcome:
            return
        if expected.success and outcome.success:
            raise AssertionError(
                f"MODEL: it returns {outcome.output.hex()} and logs {_shown(outcome.logs)}, not "
                f"{expected.output.hex()} and {_shown(expected.logs)}"
            )
        said = "done" if outcome.success else abi.explain(outcome.output)
        foreseen = "done" if expected.success else abi.explain(expected.output)
        raise AssertionError(f"MODEL: on the chain it is {said}, in the model {foreseen}")

    def _check_token(
        self,
        token: LoyaltyToken,
        sender: Address,
        authorised: frozenset[Address],
        allowed: dict[Address, int],
    ) -> None:
        """ISSUE-1, ISSUE-2, RED-3 and the books of one token."""
        name = token.facts.name
        book = self.book_of(token.address)
        assert book.supply + book.total_quota <= book.capacity, f"ISSUE-1: {name} has promised beyond {book}"

        before, now = self._held.get(token.address, {}), self.balances_of(token.address)
        for holder, held in before.items():
            fall = held - now[holder]
            assert fall <= 0 or holder in authorised or fall <= allowed.get(holder, 0), (
                f"ISSUE-2: {self.at.name(sender)} took {fall} {name} from {self.at.name(holder)}"
            )
        self._held[token.address] = now
        assert sum(now.values()) == book.supply, f"BOOK-1: holders of {name} do not hold its supply, {book}"

        debt = self.chain.storage(self.world.obligations.address, self._debt_slot(token.address))
        fixed = self._fixed.setdefault(token.address, debt) or debt
        self._fixed[token.address] = fixed
        assert debt == fixed, f"RED-3: par or currency of {name} has changed"

    def _check_signatures(self, signatures: list[Sealed]) -> None:
        for signature in signatures:
            assert signature.digest not in self._spent, "SIG-1: a signature was good a second time"
            self._spent.add(signature.digest)

    def book_of(self, token: Address) -> Book:
        """A token's books, read from storage."""
        word = self.chain.storage(token, slot_of("LoyaltyToken", "_books"))
        capacity = self.chain.storage(token, slot_of("LoyaltyToken", "_capacity")) & UINT96
        return Book(word & UINT96, word >> 96 & UINT96, capacity)

    def balances_of(self, token: Address) -> dict[Address, int]:
        """What everybody holds of a token, read from storage."""
        slot = slot_of("LoyaltyToken", "_balances")
        holders = self.at.holders
        words = self.chain.storages(token, [entry_slot(slot, holder) for holder in holders])
        return dict(zip(holders, words, strict=True))

    def _debt_slot(self, token: Address) -> int:
        return entry_slot(slot_of("ObligationRegistry", "_obligations"), token)

    # ---- everything at once

    def audit(self) -> None:
        """Compare all that can be read, and check the promises that take a look at everything."""
        self.tally.checks["audit"] += 1
        for question in questions(self.world, self.at):
            self.ask(*question)
        self._check_modules()
        self._check_contracts_keep()
        self._check_ways_out()

    def ask(self, target: Contract, method: str, *arguments: Any) -> None:
        """Read a view on both sides."""
        call = abi.function(abi_name(target), method)
        try:
            expected = call.encode_result(getattr(target, method)(*arguments))
        except RevertError as error:
            expected = abi.refusal(error)
        answer = self.chain.read(target.address, call.encode(arguments))
        if answer != expected:
            asked = f"{type(target).__name__}.{method}({', '.join(map(self._named, arguments))})"
            raise AssertionError(
                f"MODEL: {asked} is {answer.hex()} on the chain and {expected.hex()} in the model"
            )

    def _check_modules(self) -> None:
        """Modules have exactly the quota that they know of, and at least the tokens: whatever they owe they
        can mint or give back, and nothing is lost.
        """
        quotas = slot_of("LoyaltyToken", "_quotas")
        for token in self.world.tokens:
            held = self.balances_of(token.address)
            for module in self.at.modules:
                has, owed = held[module.address], module.held.get(token.address, 0)
                assert has >= owed, (
                    f"BOOK-1: {self.at.name(module.address)} has {has} {token.facts.name} and owes {owed}"
                )
                word = self.chain.storage(token.address, entry_slot(quotas, module.address))
                if word >> 96 == 0:
                    continue  # not open to it: what it has, it has as a manager
                quota, told = word & UINT96, module.told.get(token.address, 0)
                name = f"{self.at.name(module.address)}, {token.facts.name}"
                assert quota == told, f"BOOK-1: {name}: {quota} of quota, and it knows of {told}"

    def _check_contracts_keep(self) -> None:
        """No contract of ours holds more than it was given as a present, or parts with any of it."""
        for token in self.world.tokens:
            held = self.balances_of(token.address)
            for donee in self.at.donees:
                given = self._donated[token.address, donee]
                assert held[donee] == given, (
                    f"BOOK-1: {self.at.name(donee)} holds {held[donee]} {token.facts.name}, was given {given}"
                )
        desk = self.world.desk.address
        for currency in self.at.currencies:
            call = abi.function("MockDollar", "balance_of")
            held_now = int.from_bytes(self.chain.read(currency.address, call.encode((desk,))))
            assert held_now == self._donated[currency.address, desk], "BOOK-1: the desk kept somebody's money"

    def _check_ways_out(self) -> None:
        """Whatever the brand's status and the mint-stop, a holder can send, burn and be refunded."""
        snapshot = self.chain.snapshot()
        for token in self.world.tokens:
            held = self._held.get(token.address, {})
            holder = next((each.address for each in self.at.members if held.get(each.address)), None)
            if holder is not None:
                for method, *arguments in (
                    ("transfer_and_call", self.at.modules[1].address, 1, b""),
                    ("burn", held[holder] - 1),
                ):
                    self._must_work(holder, token, method, *arguments)
            for module in self.at.modules:
                if promised := module.told.get(token.address, 0):
                    self._must_work(module.address, token, "mint", MEMBERS[0].address, promised)
                if owed := module.held.get(token.address, 0):
                    self._must_work(module.address, token, "transfer", MEMBERS[0].address, owed)
        self.chain.revert(snapshot)

    def _must_work(self, sender: Address, token: LoyaltyToken, method: str, *arguments: Any) -> None:
        call = abi.function("LoyaltyToken", method)
        outcome = self.send(sender, token.address, call.encode(arguments))
        self.tally.checks[f"ISSUE-3: {method}" + (" while stopped" if token.stopped else "")] += 1
        if not outcome.success:
            who, what = self.at.name(sender), token.facts.name
            raise AssertionError(f"ISSUE-3: {who} cannot {method} {what}: {abi.explain(outcome.output)}")

    def teardown(self) -> None:
        if not self._is_broken:  # else what broke is what counts
            self.audit()

    # ---- the story, told when a run has failed

    def _tell(
        self, sender: Address, target: Contract, method: str, arguments: Sequence[Any], played: Played
    ) -> None:
        if self._is_told:
            said = ", ".join(map(self._named, arguments))
            contract = self.at.name(target.address)
            note(f"{self.at.name(sender)}: {contract}.{method}({said}) -> {played.error or 'ok'}")

    def _named(self, value: Any) -> str:
        if isinstance(value, Sealed):
            return f"<signature of {self.at.name(value.key)}>"
        if isinstance(value, tuple | list):
            return f"({', '.join(map(self._named, value))})"
        if isinstance(value, bytes):
            return self.at.name(value) if len(value) == 20 else "0x" + value.hex()
        return repr(value)


def abi_name(contract: Contract) -> str:
    name = type(contract).__name__
    return {"Currency": "MockDollar", "Module": "Puppet"}.get(name, name)


def signatures_in(arguments: Sequence[Any]) -> Iterator[Sealed]:
    for value in arguments:
        if isinstance(value, Sealed):
            yield value
        elif isinstance(value, tuple | list):
            yield from signatures_in(value)


def _shown(logs: Sequence[abi.Log]) -> str:
    return str(
        [(contract.hex(), [topic.hex() for topic in topics], data.hex()) for contract, topics, data in logs]
    )
