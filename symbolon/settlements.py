"""Settling what brands came to owe one another in a pool: books and statements, paying, and taking out.

books = alliance.settlements.books(pool)
for debt in books.unpaid(token.address):
    alliance.settlements.pay(pool, token, debt.period, debt.unpaid, sender=treasurer)
for claim in books.payable(token.address):
    alliance.settlements.withdraw(pool, token, claim.period, sender=admin)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from symbolon import calls
from symbolon.calls import AccountLike, address_of
from symbolon.pools import Pool, PoolLike, pool_id
from symbolon.statements import Books, Happening, TokenFacts, read

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token

_OF_POOLS = ("Joined", "Left")
_OF_SWAPS = ("Provided", "Withdrawn", "Swapped", "PeriodClosed")
_OF_SETTLEMENT = ("DebtOpened", "ClaimOpened", "DebtPaid", "ClaimPaid")
_TIMED = ("Joined", "PeriodClosed")  # what begins or ends a period


class Settlements:
    """The settlements of an alliance's pools. Values are currency base units; acts take `sender`."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    @property
    def contract(self) -> ContractInstance:
        """Where brands pay."""
        return self._alliance.settlements_contract

    @property
    def source(self) -> str:
        """The contract whose periods are settled."""
        return str(self._alliance.swaps_contract.address)

    # ---- what there is

    def id_of(self, pool: bytes, period: int) -> bytes:
        """The id under which the contract's events name a settlement."""
        return keccak(encode(["address", "bytes32", "uint32"], [self.source, pool, period]))

    def bond_of(self, pool: PoolLike, token: str) -> int:
        """What is left of what a token's brand laid down for a pool, whether it is still in it or not."""
        return int(calls.read(self.contract, "accountOf", self.source, pool_id(pool), token).bond)

    def books(self, pool: Pool) -> Books:
        """Everything that brands owe and are owed in a pool, from the chain's log up to the pool's block."""
        alliance = self._alliance

        def logs(
            contract: ContractInstance, names: Iterable[str], about: AccountLike | bytes | list[bytes]
        ) -> list[Any]:
            found = calls.events(contract, alliance.start_block, *names, about=about, until=pool.block)
            return list(found)

        found = logs(alliance.pools_contract, _OF_POOLS, pool.id)
        found += logs(alliance.swaps_contract, _OF_SWAPS, pool.id)
        opened = logs(self.contract, ("Prepaid", "SettlementOpened"), self.source)
        found += [log for log in opened if bytes(log.event_arguments["pool"]) == pool.id]
        settlements = {self.id_of(pool.id, number): number for number in range(pool.period.number)}
        found += logs(self.contract, _OF_SETTLEMENT, list(settlements))
        found.sort(key=lambda log: (int(log.block_number), int(log.log_index)))
        happenings = [_happening(log) for log in found]
        tokens = {each.facts["token"]: None for each in happenings if each.name == "Joined"}
        return read(happenings, self._facts(tokens, pool.block), settlements, self._bonds)

    def _facts(self, tokens: Iterable[str], block: int) -> dict[str, TokenFacts]:
        registry = self._alliance.obligation_registry
        order = list(tokens)
        questions: list[calls.Question] = []
        for token in order:
            at = self._alliance.tokens.at(token).contract
            questions += [(at, "symbol", []), (at, "decimals", []), (registry, "obligationOf", [token])]
        answers = iter(calls.read_many(questions, block=block))
        facts = {}
        for token in order:
            symbol, decimals, obligation = (next(answers)[0] for _ in range(3))
            facts[token] = TokenFacts(symbol, decimals, par_value=obligation[2])
        return facts

    @property
    def _bonds(self) -> str:
        return str(self._alliance.bonds_contract.address)

    # ---- debtors, or anyone for them

    def prepay(self, pool: Pool, token: Token, amount: int, most: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Pay for `amount` of the tokens that the pool took in, at par; the sender pays `most` at most.

        Raises NoCurrencyError.
        """
        pool.currency.make_ready(most, self.contract, sender=sender)
        return self._act(sender, "prepay", self.source, pool.id, token.address, amount, most)

    def pay(self, pool: Pool, token: Token, period: int, most: int, *, sender: AccountAPI) -> int:
        """Pay a debt, or `most` of it: how much it was. Raises NoCurrencyError."""
        pool.currency.make_ready(most, self.contract, sender=sender)
        receipt = self._act(sender, "pay", self.source, pool.id, period, token.address, most)
        return self._value_in(receipt, "DebtPaid")

    # ---- anyone

    def enforce(self, pool: Pool, token: Token, period: int, *, sender: AccountAPI) -> int:
        """Pay a debt that is due out of what its brand laid down for the pool: how much it was."""
        receipt = self._act(sender, "enforce", self.source, pool.id, period, token.address)
        return self._value_in(receipt, "DebtPaid")

    def fill_holders(self, pool: Pool, token: Token, period: int, *, sender: AccountAPI) -> int:
        """Put what a claim is worth by now into the holders' purse, as far as that needs it: how much."""
        receipt = self._act(sender, "fillHolders", self.source, pool.id, period, token.address)
        return self._value_in(receipt, "ClaimPaid")

    # ---- claimants

    def withdraw(
        self,
        pool: Pool,
        token: Token,
        period: int,
        *,
        to: AccountLike | None = None,
        sender: AccountAPI,
    ) -> tuple[int, int]:
        """Take out what a brand's claim is worth by now: how much, and what of it went to its holders' purse.

        The rest went to `to`, or the sender, who is the brand's admin.
        """
        arguments = (self.source, pool.id, period, token.address, address_of(to or sender))
        receipt = self._act(sender, "withdraw", *arguments)
        return self._value_in(receipt, "ClaimPaid"), self._value_in(receipt, "ClaimPaid", "toHolders")

    def withdraw_treasury(
        self, pool: Pool, period: int, *, to: AccountLike | None = None, sender: AccountAPI
    ) -> int:
        """Take out what the sender's own claim, as the alliance's treasury, is worth by now: how much."""
        receipt = self._act(
            sender, "withdrawTreasury", self.source, pool.id, period, address_of(to or sender)
        )
        return self._value_in(receipt, "ClaimPaid")

    def _act(self, sender: AccountAPI, method: str, *arguments: object) -> ReceiptAPI:
        return calls.transact(sender, self.contract, method, *arguments)

    def _value_in(self, receipt: ReceiptAPI, event: str, fact: str = "value") -> int:
        (log,) = receipt.decode_logs([getattr(self.contract, event).abi])
        return int(log.event_arguments[fact])


def _happening(log: Any) -> Happening:  # noqa: ANN401 (Ape's log)
    facts = {name: _plain(value) for name, value in log.event_arguments.items()}
    at = calls.block_time(int(log.block_number)) if log.event_name in _TIMED else 0
    return Happening(str(log.event_name), facts, at)


def _plain(value: Any) -> Any:  # noqa: ANN401 (whatever the event holds)
    if isinstance(value, bytes):
        return bytes(value)
    return address_of(value) if isinstance(value, str) else value
