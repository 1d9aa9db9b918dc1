"""What a user can get wrong, one class each: the message says what is wrong and what to do about it."""

from collections.abc import Sequence


class SymbolonError(Exception):
    """Base of every error that is meant for a person: one clear sentence, shown without a traceback."""


# ---- amounts and customer files


class AmountError(SymbolonError):
    """A text is not an amount that the token can hold."""


class AddressError(SymbolonError):
    """A text is not an Ethereum address."""


class CustomerFileError(SymbolonError):
    """A customer file cannot be used; `problems` holds one sentence for each thing to mend."""

    def __init__(self, source: str, problems: Sequence[str], *, more: bool = False) -> None:
        self.problems = tuple(problems)
        listed = "".join(f"\n  {problem}" for problem in self.problems)
        rest = "\n  … and there may be more." if more else ""
        super().__init__(f"{source} was not used and nothing was sent; mend it and run again:{listed}{rest}")


class TableFileError(CustomerFileError):
    """As a customer file, of a file of actions, purchases, vouchers or traces."""


# ---- talking to a node


class NodeError(SymbolonError):
    """The node did not do what was asked."""


class NodeUnreachableError(NodeError):
    """No answer came back; whether the request arrived is unknown."""


class NodeNonsenseError(NodeError):
    """Something answered, but not as an Ethereum node does."""


class NodeBusyError(NodeError):
    """The node asked for fewer requests, or failed for the moment, longer than was worth waiting."""


class NodeRefusedError(NodeError):
    """The node understood and said no: `code`, `reason` and `data` are its own."""

    def __init__(self, message: str, *, code: int = 0, reason: str = "", data: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.data = data


class WrongChainError(SymbolonError):
    """The node serves another chain than the one meant."""


class NoContractError(SymbolonError):
    """There is no contract at the address."""


class FeeTooHighError(SymbolonError):
    """The network asks for more than the ceiling the user set."""


class NoFundsError(SymbolonError):
    """The signing account cannot pay for gas."""


# ---- journals


class JournalError(SymbolonError):
    """A journal cannot be used."""


class JournalLockedError(JournalError):
    """Somebody else is at it."""


class JournalCorruptError(JournalError):
    """A journal was altered or damaged before its last line."""


class JournalMismatchError(JournalError):
    """A journal belongs to another job."""


# ---- sending


class TransactionRevertedError(SymbolonError):
    """A transaction was mined and did nothing, or would; `reason` is the contract's own."""

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class TransactionRefusedError(SymbolonError):
    """The node will not take a transaction, now or later."""


class NonceTakenError(SymbolonError):
    """Another transaction of the same account used the nonce, and nothing tells whether to send again."""


class NotMinedError(SymbolonError):
    """Nothing was mined for longer than was worth waiting; running again goes on from here."""


# ---- bulk mints


class QuotaTooSmallError(SymbolonError):
    """The minter may not mint that much."""


class UnfinishedJobError(SymbolonError):
    """Another file was begun under the same campaign label and not finished."""


class ReconciliationError(SymbolonError):
    """The chain holds something else than the customer file says."""
