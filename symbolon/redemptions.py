"""Redeeming at the counter: what a member asks for and signs, and how a till takes it.

wish = alliance.redemptions.of_offer(token, "croissant", member=member, till=till)
code = alliance.redemptions.sign(wish, member)  # code.encode() is what the QR code holds
alliance.redemptions.take(code, sender=till)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from symbolon import calls
from symbolon.calls import AccountLike, address_of
from symbolon.codes import Code, OfferRedemption, ParRedemption, Redemption, label_bytes, label_text
from symbolon.currencies import NoObligationError
from symbolon.deployment import contract_at
from symbolon.exceptions import NoContractError, NodeRefusedError, SymbolonError
from symbolon.refusals import at_the_counter
from symbolon.reverts import Refusal, RefusedError, moment
from symbolon.sift import together
from symbolon.signing import Signer, random_nonce
from symbolon.units import UINT96_MAX

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.alliance import Alliance
    from symbolon.proofs import Credit
    from symbolon.tokens import Token

MINUTE = 60
PATIENCE = 5 * MINUTE
"""How long a signature is good unless said otherwise, in seconds; the desk takes none beyond an hour."""

BATCH = 100
"""Redemptions in one transaction: far below what a transaction can have of gas."""

_METHODS = {
    OfferRedemption.kind: ("redeemOffer", "redeemOffers"),
    ParRedemption.kind: ("redeemAtPar", "redeemManyAtPar"),
}
_FROM_PROOFS = {OfferRedemption.kind: "claimAndRedeemOffer", ParRedemption.kind: "claimAndRedeemAtPar"}


class NotForHereError(SymbolonError):
    """A code is good, and not for this chain or this till."""


class NotTakenError(SymbolonError):
    """A code was left out of a batch for a reason of the batch's own."""


class Kind(IntEnum):
    """How a redemption was met."""

    NONE = 0
    OFFER = 1
    PAR = 2
    CURRENCY = 3

    def __str__(self) -> str:
        return ("nothing", "an offer", "shop credit at par", "payment at par")[self]


@dataclass(frozen=True)
class Receipt:
    """The stored proof of a redemption; its id is the token, the member and the nonce.

    Attributes:
        kind: how it was met.
        tag: the first ten bytes of the offer's id or the order's reference.
        quantity: units of the offer; zero at par.
        redeemed_at: when, in seconds.
        amount: base units burned.
    """

    kind: Kind
    tag: bytes
    quantity: int
    redeemed_at: int
    amount: int

    @property
    def name(self) -> str:
        """The tag for people."""
        return label_text(self.tag.ljust(32, b"\0"))


@dataclass(frozen=True)
class Redeemed:
    """A redemption as the chain's log tells it.

    Attributes:
        token, member, nonce: the receipt's id.
        kind: how it was met.
        reference: the offer's id or the order's reference, whole.
        quantity: units of the offer; zero at par.
        amount: base units burned.
        value: settlement base units paid; zero unless in currency.
        till: who took it.
        block_number: in which block.
    """

    token: str
    member: str
    nonce: bytes
    kind: Kind
    reference: bytes
    quantity: int
    amount: int
    value: int
    till: str
    block_number: int

    @property
    def name(self) -> str:
        """The reference for people."""
        return label_text(self.reference)


@dataclass(frozen=True)
class Batch:
    """What became of many codes: those taken, and those left out, each with why."""

    taken: tuple[Redeemed, ...]
    left_out: tuple[tuple[Code, SymbolonError], ...]


class Redemptions:
    """Redemptions of an alliance's tokens. Acts take `sender`, who must be entitled to them."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    # ---- members

    def of_offer(
        self,
        token: Token,
        name: str | bytes,
        quantity: int = 1,
        *,
        member: AccountLike,
        till: AccountLike,
        most: int | None = None,
        patience: int = PATIENCE,
    ) -> OfferRedemption:
        """A wish for units of an offer as it is now, to be signed by the member for one till.

        `most` is what it may cost, in base units; the present price if not given. `patience` is how long it
        is good, in seconds. Raises NoOfferError.
        """
        offer = self._alliance.offers.get(token, name)
        return OfferRedemption(
            chain_id=calls.chain_id(),
            token=token.address,
            member=address_of(member),
            till=address_of(till),
            version=offer.version,
            amount=min(offer.conditions.price * quantity, UINT96_MAX) if most is None else most,
            nonce=random_nonce(),
            deadline=calls.now() + patience,
            offer_id=offer.id,
            quantity=quantity,
        )

    def at_par(
        self,
        token: Token,
        amount: int,
        order: str | bytes,
        *,
        member: AccountLike,
        till: AccountLike,
        patience: int = PATIENCE,
    ) -> ParRedemption:
        """A wish for shop credit worth par for a purchase, whose reference `order` the shop gives.

        Raises NoObligationError.
        """
        obligation = token.obligation
        if obligation is None:
            raise NoObligationError(f"The brand has not obliged itself for {token.symbol}: it owes nothing.")
        return ParRedemption(
            chain_id=calls.chain_id(),
            token=token.address,
            member=address_of(member),
            till=address_of(till),
            version=obligation.version,
            amount=amount,
            nonce=random_nonce(),
            deadline=calls.now() + patience,
            order_ref=label_bytes(order) if isinstance(order, str) else order,
        )

    def sign(self, wish: Redemption, signer: Signer | bytes | str) -> Code:
        """Sign a wish with the member's key or account, or with the key that the member's wallet goes by."""
        token = self._alliance.tokens[wish.token]
        return Code(wish, wish.spend(token.redemption_desk).sign(token.domain, signer))

    # ---- anyone

    def check(self, code: Code, *, earned: Sequence[Credit] = ()) -> None:
        """Raise RefusedError, with the reason, unless the till that the code names could take it now.

        `earned` as for `take`.
        """
        token = self.token_of(code)
        self._refuse(code.redemption.till, token, [code], earned)

    def token_of(self, code: Code) -> Token:
        """The token that a code is about. Raises NotForHereError unless the code is for this chain."""
        wish, chain_id = code.redemption, calls.chain_id()
        if wish.chain_id != chain_id:
            raise NotForHereError(
                f"The code is for chain {wish.chain_id} and this is chain {chain_id}: check --network."
            )
        return self._alliance.tokens[wish.token]

    def receipt(self, token: Token, member: AccountLike, nonce: bytes) -> Receipt | None:
        """The receipt of what a member redeemed by the signature with that nonce; None if nothing."""
        found = calls.read(_desk(token), "receiptOf", token.address, address_of(member), nonce)
        kind = Kind(found.kind)
        if kind is Kind.NONE:
            return None
        return Receipt(kind, bytes(found.tag), found.quantity, found.redeemedAt, found.amount)

    def history(self, token: Token, member: AccountLike | None = None) -> list[Redeemed]:
        """Every redemption of a token, or of one member, oldest first."""
        whose = None if member is None else address_of(member)
        start, names = self._alliance.start_block, ("OfferRedeemed", "ParRedeemed")
        found = [_redeemed(log) for log in calls.events(_desk(token), start, *names, about=token)]
        return [each for each in found if whose in (None, each.member)]

    def is_till(self, token: Token, account: AccountLike) -> bool:
        """Whether an account may take redemptions of the token."""
        return bool(calls.read(_desk(token), "isTill", token.address, address_of(account)))

    # ---- managers with the fulfil role

    def set_till(
        self, token: Token, till: AccountLike, allowed: bool = True, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Let an account take redemptions of the token, or no longer."""
        return calls.transact(sender, _desk(token), "setTill", token.address, address_of(till), allowed)

    # ---- tills

    def take(self, code: Code, *, earned: Sequence[Credit] = (), sender: AccountAPI) -> Redeemed:
        """Take a member's code: the tokens burn, and the member is owed what the code is for, hand to hand.

        `earned` is what is claimed for the member first, straight from its proofs, in the same transaction.
        Raises NotForHereError, NoContractError for a token of nobody here, RefusedError with the reason.
        """
        token = self._token_for(code, sender)
        method, what = self._taking([code], earned)
        try:
            receipt = calls.transact(sender, _desk(token), method, token.address, *what)
        except RefusedError as error:
            raise self._worded(error, code, token) from error
        (redeemed,) = _in(receipt, token)
        return redeemed

    def take_in_currency(self, code: Code, *, sender: AccountAPI) -> Redeemed:
        """Take tokens and pay their par value, rounded up, in the settlement currency, which ends the debt.

        The currency comes from the sender, whose allowance to the desk is set to exactly what is due where
        it is too low. Raises as `take`, and NoCurrencyError.
        """
        token = self._token_for(code, sender)
        if code.redemption.kind != ParRedemption.kind:
            raise NotForHereError("The code is for an offer, and only shop credit at par is paid out.")
        self._refuse(str(sender.address), token, [code])
        desk = _desk(token)
        value = self._alliance.obligations.value_up(token, code.redemption.amount)
        token.currency.make_ready(value, desk, sender=sender)
        try:
            receipt = calls.transact(sender, desk, "redeemInCurrency", token.address, code.arguments)
        except RefusedError as error:
            raise self._worded(error, code, token) from error
        (redeemed,) = _in(receipt, token)
        return redeemed

    def take_all(self, codes: Iterable[Code], *, sender: AccountAPI) -> Batch:
        """Take many codes in few transactions. Those that would fail are left out, each with its reason."""
        left_out: list[tuple[Code, SymbolonError]] = []
        groups: dict[tuple[str, int, int, str], list[Code]] = defaultdict(list)
        seen: set[Code] = set()
        for code in codes:
            if code in seen:
                twice = NotTakenError("The same code is in the batch twice: it counts once.")
                left_out.append((code, twice))
                continue
            seen.add(code)
            wish = code.redemption
            groups[wish.token, wish.kind, wish.chain_id, wish.till].append(code)
        taken: list[Redeemed] = []
        for group in groups.values():
            try:
                token = self._token_for(group[0], sender)
            except (NotForHereError, NoContractError) as error:
                left_out += [(code, error) for code in group]
                continue
            for at in range(0, len(group), BATCH):
                done = self._take_together(token, group[at : at + BATCH], sender)
                taken += done.taken
                left_out += done.left_out
        return Batch(tuple(taken), tuple(left_out))

    def _take_together(self, token: Token, codes: Sequence[Code], sender: AccountAPI) -> Batch:
        """Take codes of one token and kind in one transaction, or in more where some would undo it."""

        def refusal(some: Sequence[Code]) -> SymbolonError | None:
            try:
                self._refuse(str(sender.address), token, some)
            except (RefusedError, NodeRefusedError) as error:  # any other trouble is no code's fault
                return error
            return None

        def take(some: Sequence[Code]) -> Iterator[Redeemed]:
            method, what = self._taking(some)
            try:
                receipt = calls.transact(sender, _desk(token), method, token.address, *what)
            except RefusedError as error:
                raise self._worded(error, some[-1], token) from error
            return _in(receipt, token)

        taken, left_out = together(codes, refusal, take)
        return Batch(tuple(taken), tuple(left_out))

    # ---- what went wrong

    def _token_for(self, code: Code, till: AccountAPI) -> Token:
        """As `token_of`. Raises NotForHereError also where the code is for another till."""
        token, wish = self.token_of(code), code.redemption
        if wish.till != address_of(till):
            raise NotForHereError(
                f"The member signed for till {wish.till} and this is {address_of(till)}: have it signed for "
                "this till."
            )
        return token

    def _taking(self, codes: Sequence[Code], earned: Sequence[Credit] = ()) -> tuple[str, list[object]]:
        """The desk's method that takes codes of one kind, and what it is given besides the token."""
        kind, structs = codes[0].redemption.kind, [code.arguments for code in codes]
        single, many = _METHODS[kind]
        if len(codes) > 1:
            return many, [structs]
        if not earned:
            return single, [structs[0]]
        earnings = address_of(self._alliance.earnings.contract)
        return _FROM_PROOFS[kind], [earnings, [each.arguments for each in earned], structs[0]]

    def _refuse(self, till: str, token: Token, codes: Sequence[Code], earned: Sequence[Credit] = ()) -> None:
        """Raise RefusedError, in the words of the last code, unless the till could take them together."""
        desk, (method, what) = _desk(token), self._taking(codes, earned)
        data = bytes(getattr(desk, method).encode_input(token.address, *what))
        try:
            calls.estimate(till, str(desk.address), data)
        except RefusedError as error:
            raise self._worded(error, codes[-1], token) from error

    def _worded(self, error: RefusedError, code: Code, token: Token) -> RefusedError:
        """The same refusal, told to people at a counter."""
        wish = code.redemption
        refused = at_the_counter(
            Refusal(error.name, error.facts, str(error)), wish, token.symbol, token.decimals
        )
        if error.name == "LoyaltyToken_AuthorizationUsed" and (
            receipt := self.receipt(token, wish.member, wish.nonce)
        ):
            taken = f"This code was taken at {moment(receipt.redeemed_at)}: it counts once."
            refused = Refusal(error.name, error.facts, taken)
        return RefusedError(refused)


def _desk(token: Token) -> ContractInstance:
    return contract_at("Redemptions", token.redemption_desk)


def _in(receipt: ReceiptAPI, token: Token) -> Iterator[Redeemed]:
    """The redemptions that a transaction made, in their order."""
    desk = _desk(token)
    abis = [desk.OfferRedeemed.abi, desk.ParRedeemed.abi]
    return (_redeemed(log) for log in receipt.decode_logs(abis))


def _redeemed(log: Any) -> Redeemed:  # noqa: ANN401 (Ape's log)
    facts = log.event_arguments
    value = int(facts.get("value", 0))
    if log.event_name == "OfferRedeemed":
        kind, reference = Kind.OFFER, facts["offerId"]
    else:
        kind, reference = (Kind.CURRENCY if value else Kind.PAR), facts["orderRef"]
    return Redeemed(
        token=address_of(facts["token"]),
        member=address_of(facts["member"]),
        nonce=bytes(facts["nonce"]),
        kind=kind,
        reference=bytes(reference),
        quantity=int(facts.get("quantity", 0)),
        amount=int(facts["amount"]),
        value=value,
        till=address_of(facts["till"]),
        block_number=int(log.block_number),
    )
