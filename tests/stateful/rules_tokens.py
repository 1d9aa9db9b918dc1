"""Rules: making tokens, issuing them, holding them, and every signed variant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from stateful.actors import SPOILED, Sealed, sign, spoil
from stateful.dice import Dice, play
from stateful.machine import EVERYBODY, Played
from stateful.rules_brands import BrandRules
from stateful.stage import (
    ADMINS,
    ALLIANCE,
    GUARDIANS,
    MAILBOX,
    MANAGERS,
    OTHER_DESK,
    REGISTRAR,
    WALLET_KEY,
    Module,
)
from symbolon.reference import Address, Contract
from symbolon.reference.brands import List, Status
from symbolon.reference.contract import UINT256, ZERO
from symbolon.reference.eip712 import struct_hash, type_hash
from symbolon.reference.token import RECEIVE, TRANSFER, LoyaltyToken, Spend

UINT96 = 2**96 - 1
WITNESS = type_hash("Swap(address into,uint256 least)")
SWAP_SPEND = type_hash(
    "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,Swap witness)"
    "Swap(address into,uint256 least)"
)
MOST_REMEMBERED = 24


class Submission(NamedTuple):
    """A call with a signature in it, as it was handed in once."""

    sender: Address
    target: Contract
    method: str
    arguments: tuple[Any, ...]
    split: bool


class TokenRules(BrandRules):
    """Tokens, all the way from the factory to the last burn."""

    def __init__(self) -> None:
        self.handed_in: list[Submission] = []
        self.nonces = 0
        super().__init__()

    def set_scene(self) -> None:
        super().set_scene()
        obligations, desk = self.world.obligations.address, self.world.desk.address
        for place, registry, its_desk, name, symbol, decimals in (
            (0, obligations, desk, "Coffee Points", "COFFEE", 2),
            (1, obligations, desk, "Books", "BK", 18),
            (2, obligations, desk, "Cinema", "C", 0),
            (0, REGISTRAR.address, desk, "Self-made", "SELF", 6),
            (1, obligations, OTHER_DESK.address, "Elsewhere", "ELSE", 9),
        ):
            admin = ADMINS[place].address
            brand_id = self.world.brands.brand_id_of(admin, bytes(32))
            facts = (brand_id, registry, its_desk, name, symbol, decimals)
            self.do(admin, self.world.factory, "create_token", *facts)

    def start_issuing(self) -> None:
        """Quotas and first balances, once tokens have capacity."""
        for place, token in enumerate(self.world.tokens):
            admin = self.admin_of(token)
            manager = MANAGERS[place % len(MANAGERS)].address
            tenth = token.capacity() // 10
            self.do(admin, token, "grant_quota", manager, tenth * 3)
            for member in self.at.members:
                self.do(manager, token, "mint", member.address, tenth // 8)
            for module in self.at.modules:
                self.do(admin, token, "grant_quota_and_call", module.address, tenth, b"")
            for each in (self.at.members[0], self.at.wallet):
                self.do(each.address, token, "approve", self.at.modules[0].address, UINT256)

    # ---- choices

    def a_token(self, dice: Dice) -> LoyaltyToken:
        return dice.pick(self.world.tokens)

    def admin_of(self, token: LoyaltyToken) -> Address:
        return self.world.brands.brand_of(token.brand_id()).admin

    def a_holder(self, dice: Dice, token: LoyaltyToken) -> Address:
        """Mostly somebody who has some."""
        have = [each for each in self.at.recipients if token.balance_of(each)]
        return dice.pick(have) if have and not dice.rarely() else dice.pick(self.at.recipients)

    def a_recipient(self, dice: Dice, token: LoyaltyToken) -> Address:
        """Mostly a member, sometimes a contract, seldom nobody or the token."""
        if dice.seldom():
            return dice.pick([*self.at.donees, *self.at.spenders, ZERO, token.address])
        return dice.pick(self.at.recipients)

    def a_minter(self, dice: Dice, token: LoyaltyToken) -> Address:
        """Mostly somebody with quota."""
        able = [each for each in token.quotas if self.can_act(each) and each != MAILBOX.address]
        have = [each for each in able if token.quotas[each].amount]
        return dice.pick(have) if have and not dice.rarely() else dice.pick(EVERYBODY)

    def a_module(self, dice: Dice) -> Address:
        if dice.seldom():
            others = [each.address for each in self.at.bad_modules] + [MAILBOX.address, MANAGERS[0].address]
            return dice.pick([*others, self.world.desk.address, self.world.obligations.address])
        return dice.pick(self.at.modules).address

    def a_deadline(self, dice: Dice) -> int:
        """Mostly soon; sometimes now, just over, or never."""
        now = self.world.now
        return (now, now - 1, UINT256, now + 1)[dice.roll(4)] if dice.seldom() else now + 60 * dice.roll(60)

    def spent(self, minter: Address, token: LoyaltyToken, amount: int, played: Played) -> None:
        """What a module did with its quota, in its own books."""
        contract = self.world.contracts.get(minter)
        if played.ok and isinstance(contract, Module) and token.is_module(minter):
            contract.told[token.address] -= amount

    # ---- making

    @play
    def create_token(self, dice: Dice) -> None:
        brand_id, brand = self.brand_with(dice, Status.ACTIVE)
        registry = dice.pick([self.world.obligations.address] * 14 + [REGISTRAR.address, MAILBOX.address])
        desk = dice.pick([self.world.desk.address] * 14 + [OTHER_DESK.address, MAILBOX.address])
        name = dice.pick(["", "x" * 65]) if dice.rarely() else dice.pick(["Stars", "Ü" * 32, "x" * 64, "x"])
        symbol = dice.pick(["", "x" * 17]) if dice.rarely() else dice.pick(["PTS", "☆", "x" * 16])
        decimals = dice.pick([19, 255]) if dice.rarely() else dice.roll(19)
        sender = self.somebody(dice, brand.admin)
        self.do(sender, self.world.factory, "create_token", brand_id, registry, desk, name, symbol, decimals)

    @play
    def set_contract_uri(self, dice: Dice) -> None:
        token = self.a_token(dice)
        uri = "" if dice.seldom() else self.a_uri(dice)
        self.do(self.somebody(dice, self.admin_of(token)), token, "set_contract_uri", uri)

    # ---- quotas

    def room_in(self, token: LoyaltyToken) -> int:
        return token.capacity() - token.total_supply() - token.total_quota()

    @play
    def grant_quota(self, dice: Dice) -> None:
        token = self.a_token(dice)
        minter = dice.pick(MANAGERS).address
        if dice.seldom():
            # Never the intruder: who holds a quota is no stranger.
            minter = dice.pick([ZERO, self.a_module(dice), dice.pick(self.at.recipients)])
        amount = min(dice.amount(self.room_in(token)), UINT96)
        self.do(self.somebody(dice, self.admin_of(token)), token, "grant_quota", minter, amount)

    @play
    def revoke_quota(self, dice: Dice) -> None:
        token = self.a_token(dice)
        managers = [each.address for each in MANAGERS if token.quota_of(each.address)]
        minter = dice.pick(managers) if managers and not dice.seldom() else self.a_minter(dice, token)
        amount = min(dice.amount(token.quota_of(minter)), UINT96)
        self.do(self.somebody(dice, self.admin_of(token)), token, "revoke_quota", minter, amount)

    @play
    def grant_quota_and_call(self, dice: Dice) -> None:
        token, module = self.a_token(dice), self.a_module(dice)
        amount = min(dice.amount(self.room_in(token)), UINT96)
        if dice.rarely():
            amount = 0
        sender, data = self.somebody(dice, self.admin_of(token)), bytes(dice.roll(70))
        self.do(sender, token, "grant_quota_and_call", module, amount, data)

    @play
    def grant_before_listing(self, dice: Dice) -> None:
        """An account with a manager's quota is listed as a module, and the brand opens to it."""
        token, module = self.a_token(dice), dice.pick([*self.at.modules, *self.at.bad_modules]).address
        alliance, brands, admin = ALLIANCE.address, self.world.brands, self.admin_of(token)
        amount = min(1 + dice.roll(9), self.room_in(token))
        self.do(alliance, brands, "set_listed", int(List.MODULE), module, False)
        self.do(admin, token, "grant_quota", module, amount)
        self.do(alliance, brands, "set_listed", int(List.MODULE), module, True)
        self.do(admin, token, "grant_quota_and_call", module, 0, b"")
        if dice.roll(2):
            self.do(admin, token, "revoke_quota", module, UINT96)
            self.do(admin, token, "grant_quota_and_call", module, amount, b"")

    @play
    def pass_quota_and_call(self, dice: Dice) -> None:
        token, module = self.a_token(dice), self.a_module(dice)
        minter = self.a_minter(dice, token)
        amount = min(dice.amount(token.quota_of(minter)), UINT96)
        played = self.do(minter, token, "pass_quota_and_call", module, amount, bytes(dice.roll(70)))
        self.spent(minter, token, amount, played)

    @play
    def return_quota(self, dice: Dice) -> None:
        token = self.a_token(dice)
        minter = self.a_minter(dice, token)
        amount = min(dice.amount(token.quota_of(minter)), UINT96)
        self.spent(minter, token, amount, self.do(minter, token, "return_quota", amount))

    # ---- minting

    @play
    def mint(self, dice: Dice) -> None:
        token = self.a_token(dice)
        minter, to = self.a_minter(dice, token), self.a_recipient(dice, token)
        amount = dice.amount(token.quota_of(minter))
        self.spent(minter, token, amount, self.do(minter, token, "mint", to, amount))

    def a_batch_id(self, dice: Dice, token: LoyaltyToken) -> bytes:
        """Mostly new, often next to another one in its word, sometimes used."""
        if token.batches and dice.seldom():
            return dice.pick(sorted(token.batches))
        return dice.pick([bytes(30), b"\xff" * 30]) + bytes([dice.roll(2), dice.roll(256)])

    def some_recipients(self, dice: Dice, token: LoyaltyToken) -> list[Address]:
        """Up to four, the same one twice among them; rarely none."""
        count = 0 if dice.rarely() else 1 + dice.roll(4)
        return [self.a_recipient(dice, token) for _ in range(count)]

    @play
    def mint_batch(self, dice: Dice) -> None:
        token = self.a_token(dice)
        minter, batch_id = self.a_minter(dice, token), self.a_batch_id(dice, token)
        recipients = self.some_recipients(dice, token)
        counts = [1 + dice.roll(4) for _ in recipients]
        share = dice.amount(token.quota_of(minter))
        unit = min(share // max(1, sum(counts)), UINT96)
        if dice.rarely():
            counts, unit = [2**32 - 1] * len(counts), UINT96
        rows = b"".join(to + count.to_bytes(4) for to, count in zip(recipients, counts, strict=True))
        rows += bytes(dice.rarely())
        played = self.do(minter, token, "mint_batch", batch_id, unit, rows)
        self.spent(minter, token, sum(counts) * unit, played)

    @play
    def mint_batch_wide(self, dice: Dice) -> None:
        token = self.a_token(dice)
        minter, batch_id = self.a_minter(dice, token), self.a_batch_id(dice, token)
        recipients = self.some_recipients(dice, token)
        most = token.quota_of(minter) // max(1, len(recipients))
        amounts = [min(dice.amount(most), UINT96) for _ in recipients]
        rows = b"".join(to + amount.to_bytes(12) for to, amount in zip(recipients, amounts, strict=True))
        rows += bytes(dice.rarely())
        played = self.do(minter, token, "mint_batch_wide", batch_id, rows)
        self.spent(minter, token, sum(amounts), played)

    # ---- holding

    @play
    def transfer(self, dice: Dice) -> None:
        token = self.a_token(dice)
        holder, to = self.a_holder(dice, token), self.a_recipient(dice, token)
        self.do(holder, token, "transfer", to, dice.amount(token.balance_of(holder)))

    @play
    def donate(self, dice: Dice) -> None:
        """Tokens for a contract that never asked for them."""
        token = self.a_token(dice)
        holder = self.a_holder(dice, token)
        amount = dice.amount(token.balance_of(holder))
        self.do(holder, token, "transfer", dice.pick([*self.at.donees, *self.at.spenders]), amount)

    @play
    def approve(self, dice: Dice) -> None:
        token = self.a_token(dice)
        holder = self.a_holder(dice, token)
        value = UINT256 if dice.seldom() else dice.amount(token.balance_of(holder))
        spenders = [*self.at.recipients, *(each.address for each in self.at.modules)]
        spender = ZERO if dice.rarely() else dice.pick(spenders)
        self.do(holder, token, "approve", spender, value)

    def an_allowance(self, dice: Dice, token: LoyaltyToken) -> tuple[Address, Address, int]:
        """Owner, spender, and an amount that mostly fits both allowance and balance."""
        given = [pair for pair, value in token.allowances.items() if value and self.can_act(pair[1])]
        owner, spender = dice.pick(given) if given else (self.a_holder(dice, token), MAILBOX.address)
        if dice.seldom():
            spender = dice.pick(EVERYBODY)
        most = min(token.allowance(owner, spender), token.balance_of(owner))
        return owner, spender, dice.amount(most)

    @play
    def transfer_from(self, dice: Dice) -> None:
        token = self.a_token(dice)
        owner, spender, value = self.an_allowance(dice, token)
        self.do(spender, token, "transfer_from", owner, self.a_recipient(dice, token), value)

    @play
    def claw_back(self, dice: Dice) -> None:
        """Whoever has some power helps himself to a holder's tokens."""
        token = self.a_token(dice)
        holder = self.a_holder(dice, token)
        powers = [each.address for each in (ALLIANCE, REGISTRAR, *MANAGERS, *GUARDIANS)]
        powers += [self.admin_of(token), *(each.address for each in self.at.modules)]
        taker = dice.pick(powers)
        value = dice.amount(token.balance_of(holder))
        if dice.roll(2):
            self.do(taker, token, "transfer_from", holder, dice.pick(self.at.recipients), value)
        else:
            self.do(taker, token, "burn_from", holder, value)

    @play
    def burn(self, dice: Dice) -> None:
        token = self.a_token(dice)
        holder = self.a_holder(dice, token)
        self.do(holder, token, "burn", dice.amount(token.balance_of(holder)))

    @play
    def burn_from(self, dice: Dice) -> None:
        token = self.a_token(dice)
        owner, spender, value = self.an_allowance(dice, token)
        self.do(spender, token, "burn_from", owner, value)

    @play
    def transfer_and_call(self, dice: Dice) -> None:
        token, to = self.a_token(dice), self.a_module(dice)
        if dice.rarely():
            to = self.a_recipient(dice, token)
        holder = self.a_holder(dice, token)
        amount = dice.amount(token.balance_of(holder))
        self.do(holder, token, "transfer_and_call", to, amount, bytes(dice.roll(70)))

    def took_in(self, spender: Address, token: LoyaltyToken, amount: int, played: Played) -> None:
        """What a contract fetched itself, in its own books."""
        contract = self.world.contracts.get(spender)
        if played.ok and isinstance(contract, Module):
            contract.take_in(token.address, amount)

    @play
    def take_in_by_allowance(self, dice: Dice) -> None:
        token, module = self.a_token(dice), self.at.modules[0].address
        owner = dice.pick([self.at.members[0], self.at.wallet]).address
        value = dice.amount(min(token.allowance(owner, module), token.balance_of(owner)))
        played = self.do(module, token, "transfer_from", owner, module, value)
        self.took_in(module, token, value, played)

    @play
    def give_back(self, dice: Dice) -> None:
        """A contract gives what it took in, and none of what it was only donated."""
        token, module = self.a_token(dice), dice.pick(self.at.modules)
        amount = min(dice.amount(module.held.get(token.address, 0)), module.held.get(token.address, 0))
        played = self.do(module.address, token, "transfer", dice.pick(self.at.recipients), amount)
        self.took_in(module.address, token, -amount, played)

    # ---- signing

    def seal(self, dice: Dice, signer: Address, digest: bytes, *, split: bool = False) -> Sealed:
        """`signer`'s signature, through its key where it is a wallet; seldom spoiled or another's."""
        is_wallet = signer == self.at.wallet.address
        key = WALLET_KEY.address if is_wallet else signer
        if signer not in EVERYBODY and not is_wallet:
            key = MANAGERS[0].address
        if dice.rarely():
            key = dice.pick(EVERYBODY)
        sealed = sign(key, digest, compact=not (split or is_wallet) and dice.seldom())
        if dice.rarely():
            ways = SPOILED[:3] if split else SPOILED
            return spoil(sign(key, digest), dice.pick(ways))
        return sealed

    def hand_in(
        self, sender: Address, target: Contract, method: str, *arguments: Any, split: bool = False
    ) -> Played:
        """A call with a signature in it, which is remembered so that it can be tried again."""
        self.handed_in.append(Submission(sender, target, method, arguments, split))
        del self.handed_in[:-MOST_REMEMBERED]
        return self.do(sender, target, method, *arguments, split=split)

    def twisted(self, dice: Dice, arguments: Sequence[Any], *others: Callable[[], Any]) -> tuple[Any, ...]:
        """The arguments as they were signed, or with one of them changed afterwards."""
        changed = list(arguments)
        if dice.seldom():
            place = dice.roll(len(others))
            changed[place] = others[place]()
        return tuple(changed)

    @play
    def permit(self, dice: Dice) -> None:
        token = self.a_token(dice)
        owner = self.a_holder(dice, token)
        spender = ZERO if dice.rarely() else dice.pick(self.at.recipients)
        value, deadline = dice.amount(token.balance_of(owner)), self.a_deadline(dice)
        nonce = token.nonces(owner) + dice.rarely()
        split = dice.roll(2) == 1
        digest = token.permit_digest(owner, spender, value, nonce, deadline)
        signature = self.seal(dice, owner, digest, split=split)
        arguments = self.twisted(
            dice,
            (owner, spender, value, deadline),
            lambda: dice.pick([ZERO, *self.at.recipients]),
            lambda: dice.pick(self.at.recipients),
            lambda: value + 1,
            lambda: min(deadline + 1, UINT256),
        )
        self.hand_in(dice.pick(EVERYBODY), token, "permit", *arguments, signature, split=split)

    def a_nonce(self, dice: Dice, token: LoyaltyToken, holder: Address) -> bytes:
        """Mostly new, sometimes used for something else."""
        used = [nonce for owner, nonce in token.marks if owner == holder]
        self.nonces += 1
        return dice.pick(used) if used and dice.rarely() else self.nonces.to_bytes(32)

    def _authorization(self, dice: Dice, typehash: bytes) -> tuple[LoyaltyToken, tuple[Any, ...], bool]:
        token = self.a_token(dice)
        holder, to = self.a_holder(dice, token), self.a_recipient(dice, token)
        value = dice.amount(token.balance_of(holder))
        now = self.world.now
        after = (now, now + 1, UINT256)[dice.roll(3)] if dice.rarely() else (0, now - 1)[dice.roll(2)]
        before = (now, now - 1, 0)[dice.roll(3)] if dice.rarely() else now + 1 + 60 * dice.roll(60)
        nonce = self.a_nonce(dice, token, holder)
        split = dice.roll(2) == 1
        digest = token.transfer_digest(typehash, holder, to, value, after, before, nonce)
        signature = self.seal(dice, holder, digest, split=split)
        arguments = self.twisted(
            dice,
            (holder, to, value, after, before, nonce),
            lambda: dice.pick(self.at.recipients),
            lambda: dice.pick(self.at.recipients),
            lambda: value + 1,
            lambda: max(0, after - 1),
            lambda: before + 1,
            dice.word,
        )
        return token, (*arguments, signature), split

    @play
    def transfer_with_authorization(self, dice: Dice) -> None:
        token, arguments, split = self._authorization(dice, RECEIVE if dice.rarely() else TRANSFER)
        sender = dice.pick(EVERYBODY)
        self.hand_in(sender, token, "transfer_with_authorization", *arguments, split=split)

    @play
    def receive_with_authorization(self, dice: Dice) -> None:
        token, arguments, split = self._authorization(dice, TRANSFER if dice.rarely() else RECEIVE)
        _, to, *_ = arguments
        sender = self.somebody(dice, to)
        self.hand_in(sender, token, "receive_with_authorization", *arguments, split=split)

    @play
    def cancel_authorization(self, dice: Dice) -> None:
        token = self.a_token(dice)
        holder = self.a_holder(dice, token)
        nonce = self.a_nonce(dice, token, holder)
        split = dice.roll(2) == 1
        digest = token.cancel_digest(holder, nonce)
        signature = self.seal(dice, holder, digest, split=split)
        arguments = self.twisted(dice, (holder, nonce), lambda: dice.pick(self.at.recipients), dice.word)
        sender = dice.pick(EVERYBODY)
        self.hand_in(sender, token, "cancel_authorization", *arguments, signature, split=split)

    @play
    def receive_with_signature(self, dice: Dice) -> None:
        token, spender = self.a_token(dice), dice.pick(self.at.spenders)
        holder = self.a_holder(dice, token)
        most = dice.amount(token.balance_of(holder))
        spend = Spend(holder, most, self.a_nonce(dice, token, holder), self.a_deadline(dice))
        witness = struct_hash(WITNESS, token.address, dice.roll(256))
        typehash = dice.pick([TRANSFER, RECEIVE]) if dice.rarely() else SWAP_SPEND
        signature = self.seal(dice, holder, token.spend_digest(spender, spend, typehash, witness))
        arguments = self.twisted(
            dice,
            (spend, most if dice.roll(2) else most // 2, typehash, witness),
            lambda: spend._replace(amount=most + 1),
            lambda: most + 1,
            lambda: bytes(32),
            lambda: bytes(32),
        )
        played = self.hand_in(spender, token, "receive_with_signature", *arguments, signature)
        self.took_in(spender, token, arguments[1], played)

    @play
    def hand_in_again(self, dice: Dice) -> None:
        """What was handed in before, again: the same, by another, or to another token."""
        if not self.handed_in:
            return
        once = dice.pick(self.handed_in)
        sender = dice.pick([*EVERYBODY, once.sender]) if dice.roll(2) else once.sender
        target, arguments = once.target, once.arguments
        if dice.roll(4) == 3:
            token = self.a_token(dice)
            if isinstance(target, LoyaltyToken):
                target = token
            else:
                first, *rest = arguments
                if hasattr(first, "token"):  # as orders and seats do
                    arguments = (first._replace(token=token.address), *rest)
                elif isinstance(first, bytes):
                    arguments = (token.address, *rest)
        played = self.do(sender, target, once.method, *arguments, split=once.split)
        if once.method == "receive_with_signature" and isinstance(target, LoyaltyToken):
            self.took_in(sender, target, arguments[1], played)

    # ---- a token that obeys a plain account

    @play
    def set_capacity_oneself(self, dice: Dice) -> None:
        own = [each for each in self.world.tokens if each.obligation_registry() == REGISTRAR.address]
        token = dice.pick(own)
        committed = token.total_supply() + token.total_quota()
        capacity = max(0, committed - 1 + dice.roll(2)) if dice.seldom() else UINT96 - dice.roll(256)
        self.do(self.somebody(dice, REGISTRAR.address), token, "set_capacity", capacity)

    @play
    def set_mint_stop_oneself(self, dice: Dice) -> None:
        own = [each for each in self.world.tokens if each.obligation_registry() == REGISTRAR.address]
        token = dice.pick(own)
        stopped = not token.mint_stopped()
        self.do(self.somebody(dice, REGISTRAR.address), token, "set_mint_stop", stopped)
