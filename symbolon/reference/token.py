"""A brand's loyalty token: issued from quotas, moved and burned by its holders alone."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from symbolon.addresses import keccak
from symbolon.reference.brands import Gated, List
from symbolon.reference.contract import UINT256, ZERO, Address, RevertError, require, require_short
from symbolon.reference.eip712 import Signature, domain_separator, struct_hash, type_hash, typed_digest

if TYPE_CHECKING:
    from symbolon.reference.world import World

PERMIT = type_hash("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")
TRANSFER = type_hash(
    "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,"
    "uint256 validBefore,bytes32 nonce)"
)
RECEIVE = type_hash(
    "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,"
    "uint256 validBefore,bytes32 nonce)"
)
CANCEL = type_hash("CancelAuthorization(address authorizer,bytes32 nonce)")

USED = 1
"""Marks a nonce that left no receipt."""

QUOTA_ACCEPTED = keccak(b"onQuotaReceived(address,uint256,uint8,bytes)")[:4]
"""What a module answers that accepts quota: the selector of `onQuotaReceived`."""

TRANSFER_ACCEPTED = keccak(b"onTransferReceived(address,address,uint256,bytes)")[:4]
"""What a contract answers that accepts tokens: the selector of `onTransferReceived` (ERC-1363)."""

NARROW_ROW = 24
WIDE_ROW = 32


class Source(IntEnum):
    """Where a module's quota came from."""

    GRANTED = 0
    PASSED = 1


@runtime_checkable
class QuotaReceiver(Protocol):
    """A contract that a token can entrust quota to."""

    def on_quota_received(
        self, sender: Address, holder: Address, amount: int, source: Source, data: bytes
    ) -> bytes:
        """Learn of quota; anything but QUOTA_ACCEPTED undoes the call that brings it."""


@runtime_checkable
class TransferReceiver(Protocol):
    """A contract that learns of the tokens which it is sent by `transfer_and_call`."""

    def on_transfer_received(
        self, sender: Address, operator: Address, holder: Address, value: int, data: bytes
    ) -> bytes:
        """Learn of tokens; anything but TRANSFER_ACCEPTED undoes the call that brings them."""


class Facts(NamedTuple):
    """What is fixed when a token is made."""

    obligation_registry: Address
    redemption_desk: Address
    creator: Address
    brand_id: bytes
    decimals: int
    name: str
    symbol: str


class Quota(NamedTuple):
    """What a minter may still mint. A module's is a promise: no stop, no revocation."""

    amount: int = 0
    is_module: bool = False


class Spend(NamedTuple):
    """A holder's leave for the contract that the signature names to take up to `amount`, once."""

    holder: Address
    amount: int
    nonce: bytes
    deadline: int


class LoyaltyToken(Gated):
    """See ILoyaltyToken."""

    def __init__(self, world: World, address: Address, facts: Facts) -> None:
        super().__init__(world, address)
        self.facts = facts
        self.domain = domain_separator(facts.name, world.chain_id, address)
        self.supply = 0
        self.committed_quota = 0
        self.stopped = False
        self.most = 0
        self.uri = ""
        self.balances: dict[Address, int] = {}
        self.quotas: dict[Address, Quota] = {}
        self.allowances: dict[tuple[Address, Address], int] = {}
        self.marks: dict[tuple[Address, bytes], int] = {}
        self.batches: set[bytes] = set()
        self.permits: dict[Address, int] = {}

    # ---- obligation registry

    def set_capacity(self, sender: Address, new_capacity: int) -> None:
        """Set the most that may be outstanding or promised (ISSUE-1)."""
        self._check_obligation_registry(sender)
        committed = self.supply + self.committed_quota
        require(new_capacity >= committed, "LoyaltyToken_CapacityTooLow", new_capacity, committed)
        self.most = new_capacity
        self.emit("CapacitySet", new_capacity)

    def set_mint_stop(self, sender: Address, stopped: bool) -> None:
        """Stop managers' quotas and new quotas, or let them go on."""
        self._check_obligation_registry(sender)
        self.stopped = stopped
        self.emit("MintStopSet", stopped)

    # ---- redemption desk

    def redeem_with_signature(
        self,
        sender: Address,
        spend: Spend,
        amount: int,
        typehash: bytes,
        witness: bytes,
        receipt: int,
        signature: Signature,
    ) -> None:
        """Burn what a holder's signature allows the desk to take; the receipt marks the nonce."""
        require(sender == self.facts.redemption_desk, "LoyaltyToken_NotRedemptionDesk", sender)
        require(receipt > USED, "LoyaltyToken_InvalidReceipt")
        self._use_spend(sender, spend, amount, typehash, witness, receipt, signature)
        self._burn(spend.holder, amount)

    # ---- brand

    def grant_quota(self, sender: Address, minter: Address, amount: int) -> None:
        """Set quota aside from capacity for a manager."""
        require(minter != ZERO, "LoyaltyToken_InvalidMinter", minter)
        is_module = self._quota(minter).is_module or self._may_be_module(minter)
        require(not is_module, "LoyaltyToken_IsModule", minter)
        self._grant_quota(sender, minter, amount)

    def revoke_quota(self, sender: Address, minter: Address, amount: int) -> int:
        """Take back up to `amount` of a manager's quota; how much there was to take."""
        if sender != self.facts.obligation_registry:
            self.check_admin(self.facts.brand_id, sender)
        quota = self._quota(minter)
        require(not quota.is_module, "LoyaltyToken_IsModule", minter)
        taken = min(amount, quota.amount)
        self.quotas[minter] = quota._replace(amount=quota.amount - taken)
        self.committed_quota -= taken
        self.emit("QuotaRevoked", minter, taken)
        return taken

    def grant_quota_and_call(self, sender: Address, module: Address, amount: int, data: bytes) -> None:
        """Open the token to a module, with quota set aside from capacity."""
        require(self._may_be_module(module), "LoyaltyToken_NotModule", module)
        quota = self._quota(module)
        require(quota.is_module or quota.amount == 0, "LoyaltyToken_HoldsQuota", module, quota.amount)
        self._grant_quota(sender, module, amount)
        self.quotas[module] = self._quota(module)._replace(is_module=True)
        self._call_module(sender, module, amount, Source.GRANTED, data)

    def set_contract_uri(self, sender: Address, uri: str) -> None:
        """Change where the token describes itself; empty means where its brand does."""
        self.check_admin(self.facts.brand_id, sender)
        require_short(uri, "LoyaltyToken_URITooLong")
        self.uri = uri
        self.emit("ContractURIUpdated")

    # ---- minters

    def mint(self, sender: Address, to: Address, amount: int) -> None:
        """Mint from the caller's quota."""
        self._check_recipient(to)
        self._spend_quota(sender, amount)
        self._credit(to, amount)
        self.emit("Transfer", ZERO, to, amount)

    def mint_batch(self, sender: Address, batch_id: bytes, unit: int, rows: bytes) -> None:
        """Mint a multiple of `unit` to each row (address, 4 bytes of count), once for each batch id."""
        self._mint_rows(sender, batch_id, rows, NARROW_ROW, unit)

    def mint_batch_wide(self, sender: Address, batch_id: bytes, rows: bytes) -> None:
        """As `mint_batch`, with 12 bytes of amount in a row."""
        self._mint_rows(sender, batch_id, rows, WIDE_ROW, 1)

    def pass_quota_and_call(self, sender: Address, module: Address, amount: int, data: bytes) -> None:
        """Hand the caller's quota on to a module."""
        self._take_quota(sender, amount)
        quota = self._quota(module)
        require(quota.is_module, "LoyaltyToken_NotModule", module)
        self.quotas[module] = quota._replace(amount=quota.amount + amount)
        self.emit("QuotaPassed", sender, module, amount)
        self._call_module(sender, module, amount, Source.PASSED, data)

    def return_quota(self, sender: Address, amount: int) -> None:
        """Give the caller's quota back to capacity."""
        quota = self._quota(sender)
        require(amount <= quota.amount, "LoyaltyToken_QuotaExceeded", sender, amount, quota.amount)
        self.quotas[sender] = quota._replace(amount=quota.amount - amount)
        self.committed_quota -= amount
        self.emit("QuotaReturned", sender, amount)

    # ---- holders

    def transfer(self, sender: Address, to: Address, value: int) -> bool:
        """ERC-20."""
        self._transfer(sender, to, value)
        return True

    def transfer_from(self, sender: Address, holder: Address, to: Address, value: int) -> bool:
        """ERC-20."""
        self._spend_allowance(sender, holder, value)
        self._transfer(holder, to, value)
        return True

    def approve(self, sender: Address, spender: Address, value: int) -> bool:
        """ERC-20."""
        self._approve(sender, spender, value)
        return True

    def burn(self, sender: Address, amount: int) -> None:
        """Burn the caller's tokens."""
        self._burn(sender, amount)

    def burn_from(self, sender: Address, holder: Address, amount: int) -> None:
        """Burn a holder's tokens from the caller's allowance."""
        self._spend_allowance(sender, holder, amount)
        self._burn(holder, amount)

    def transfer_and_call(self, sender: Address, to: Address, value: int, data: bytes) -> bool:
        """Move the caller's tokens to a contract and tell it (ERC-1363)."""
        self._transfer(sender, to, value)
        require(self.world.has_code(to), "LoyaltyToken_NotContract", to)
        receiver = self.world.contracts.get(to)
        if not isinstance(receiver, TransferReceiver):
            raise RevertError("")  # it does not understand
        answer = receiver.on_transfer_received(self.address, sender, sender, value, data)
        require(answer == TRANSFER_ACCEPTED, "LoyaltyToken_CallRefused", to)
        return True

    # ---- spenders

    def receive_with_signature(
        self,
        sender: Address,
        spend: Spend,
        amount: int,
        typehash: bytes,
        witness: bytes,
        signature: Signature,
    ) -> None:
        """Move to the caller what a holder's signature allows it, as the spender, to take."""
        self._use_spend(sender, spend, amount, typehash, witness, USED, signature)
        self.emit("AuthorizationUsed", spend.holder, spend.nonce)
        self._transfer(spend.holder, sender, amount)

    # ---- signed variants, for anyone to submit

    def permit(
        self,
        _sender: Address,
        owner: Address,
        spender: Address,
        value: int,
        deadline: int,
        signature: Signature,
    ) -> None:
        """ERC-2612."""
        require(self.world.now <= deadline, "LoyaltyToken_Expired", deadline)
        digest = self.permit_digest(owner, spender, value, self.nonces(owner), deadline)
        self._check_signature(owner, digest, signature)
        self.permits[owner] = self.nonces(owner) + 1
        self._approve(owner, spender, value)

    def transfer_with_authorization(
        self,
        _sender: Address,
        holder: Address,
        to: Address,
        value: int,
        valid_after: int,
        valid_before: int,
        nonce: bytes,
        signature: Signature,
    ) -> None:
        """ERC-3009; both bounds are exclusive."""
        self._use_transfer(TRANSFER, holder, to, value, valid_after, valid_before, nonce, signature)

    def receive_with_authorization(
        self,
        sender: Address,
        holder: Address,
        to: Address,
        value: int,
        valid_after: int,
        valid_before: int,
        nonce: bytes,
        signature: Signature,
    ) -> None:
        """ERC-3009, by the recipient only."""
        require(sender == to, "LoyaltyToken_NotRecipient", sender, to)
        self._use_transfer(RECEIVE, holder, to, value, valid_after, valid_before, nonce, signature)

    def cancel_authorization(
        self, _sender: Address, authorizer: Address, nonce: bytes, signature: Signature
    ) -> None:
        """ERC-3009: withdraw a signature not used yet."""
        self._use_nonce(authorizer, nonce, USED)
        self.emit("AuthorizationCanceled", authorizer, nonce)
        self._check_signature(authorizer, self.cancel_digest(authorizer, nonce), signature)

    # ---- what is signed

    def permit_digest(self, owner: Address, spender: Address, value: int, nonce: int, deadline: int) -> bytes:
        """Of a permit."""
        return typed_digest(self.domain, struct_hash(PERMIT, owner, spender, value, nonce, deadline))

    def transfer_digest(
        self,
        typehash: bytes,
        holder: Address,
        to: Address,
        value: int,
        valid_after: int,
        valid_before: int,
        nonce: bytes,
    ) -> bytes:
        """Of a transfer by ERC-3009, of either type."""
        struct = struct_hash(typehash, holder, to, value, valid_after, valid_before, nonce)
        return typed_digest(self.domain, struct)

    def cancel_digest(self, authorizer: Address, nonce: bytes) -> bytes:
        """Of a cancellation."""
        return typed_digest(self.domain, struct_hash(CANCEL, authorizer, nonce))

    def spend_digest(self, spender: Address, spend: Spend, typehash: bytes, witness: bytes) -> bytes:
        """Of a leave for `spender` to take tokens in exchange for what `witness` says."""
        struct = struct_hash(
            typehash, spend.holder, spender, spend.amount, spend.nonce, spend.deadline, witness
        )
        return typed_digest(self.domain, struct)

    # ---- views

    def name(self) -> str:
        """ERC-20."""
        return self.facts.name

    def symbol(self) -> str:
        """ERC-20."""
        return self.facts.symbol

    def decimals(self) -> int:
        """ERC-20."""
        return self.facts.decimals

    def brand_id(self) -> bytes:
        """Whose token this is."""
        return self.facts.brand_id

    def obligation_registry(self) -> Address:
        """Who sets capacity."""
        return self.facts.obligation_registry

    def redemption_desk(self) -> Address:
        """Who redeems by signature."""
        return self.facts.redemption_desk

    def creator(self) -> Address:
        """Who made it."""
        return self.facts.creator

    def total_supply(self) -> int:
        """What holders hold."""
        return self.supply

    def total_quota(self) -> int:
        """What minters may still mint."""
        return self.committed_quota

    def capacity(self) -> int:
        """The most that may be outstanding or promised."""
        return self.most

    def mint_stopped(self) -> bool:
        """Whether managers' quotas are stopped."""
        return self.stopped

    def balance_of(self, account: Address) -> int:
        """ERC-20."""
        return self.balances.get(account, 0)

    def allowance(self, owner: Address, spender: Address) -> int:
        """ERC-20."""
        return self.allowances.get((owner, spender), 0)

    def nonces(self, owner: Address) -> int:
        """The next nonce of a permit."""
        return self.permits.get(owner, 0)

    def quota_of(self, minter: Address) -> int:
        """What a minter may still mint."""
        return self._quota(minter).amount

    def is_module(self, account: Address) -> bool:
        """Whether the token is open to a module."""
        return self._quota(account).is_module

    def is_batch_minted(self, batch_id: bytes) -> bool:
        """Whether a batch has been minted."""
        return batch_id in self.batches

    def receipt_of(self, holder: Address, nonce: bytes) -> int:
        """What the desk stored when it redeemed by this signature."""
        mark = self.marks.get((holder, nonce), 0)
        return mark if mark > USED else 0

    def authorization_state(self, authorizer: Address, nonce: bytes) -> bool:
        """Whether a nonce is used or cancelled."""
        return (authorizer, nonce) in self.marks

    def contract_uri(self) -> str:
        """Where the token describes itself."""
        return self.uri or self.world.brands.profile_uri_of(self.facts.brand_id)

    # ---- holding

    def _transfer(self, holder: Address, to: Address, value: int) -> None:
        self._check_recipient(to)
        self._debit(holder, value)
        self._credit(to, value)
        self.emit("Transfer", holder, to, value)

    def _burn(self, holder: Address, amount: int) -> None:
        self._debit(holder, amount)
        self.supply -= amount
        self.emit("Transfer", holder, ZERO, amount)

    def _debit(self, holder: Address, amount: int) -> None:
        held = self.balance_of(holder)
        require(amount <= held, "ERC20InsufficientBalance", holder, held, amount)
        self.balances[holder] = held - amount

    def _credit(self, to: Address, amount: int) -> None:
        self.balances[to] = self.balance_of(to) + amount

    def _check_recipient(self, to: Address) -> None:
        require(to not in (ZERO, self.address), "ERC20InvalidReceiver", to)

    def _approve(self, owner: Address, spender: Address, value: int) -> None:
        require(spender != ZERO, "ERC20InvalidSpender", spender)
        self.allowances[owner, spender] = value
        self.emit("Approval", owner, spender, value)

    def _spend_allowance(self, spender: Address, owner: Address, value: int) -> None:
        allowed = self.allowance(owner, spender)
        if allowed == UINT256:  # without end
            return
        require(value <= allowed, "ERC20InsufficientAllowance", spender, allowed, value)
        self.allowances[owner, spender] = allowed - value

    # ---- issuing

    def _quota(self, minter: Address) -> Quota:
        return self.quotas.get(minter, Quota())

    def _check_obligation_registry(self, sender: Address) -> None:
        require(sender == self.facts.obligation_registry, "LoyaltyToken_NotObligationRegistry", sender)

    def _may_be_module(self, account: Address) -> bool:
        own = (self.facts.obligation_registry, self.facts.redemption_desk)
        return account in own or self.world.brands.is_listed(List.MODULE, account)

    def _grant_quota(self, sender: Address, minter: Address, amount: int) -> None:
        self.check_active_admin(self.facts.brand_id, sender)
        require(not self.stopped, "LoyaltyToken_MintStopped")
        available = self.most - self.supply - self.committed_quota
        require(amount <= available, "LoyaltyToken_CapacityExceeded", amount, available)
        self.committed_quota += amount
        quota = self._quota(minter)
        self.quotas[minter] = quota._replace(amount=quota.amount + amount)
        self.emit("QuotaGranted", minter, amount)

    def _take_quota(self, minter: Address, amount: int) -> None:
        quota = self._quota(minter)
        require(quota.is_module or not self.stopped, "LoyaltyToken_MintStopped")
        require(amount <= quota.amount, "LoyaltyToken_QuotaExceeded", minter, amount, quota.amount)
        self.quotas[minter] = quota._replace(amount=quota.amount - amount)

    def _spend_quota(self, minter: Address, amount: int) -> None:
        self._take_quota(minter, amount)
        self.supply += amount
        self.committed_quota -= amount

    def _call_module(
        self, sender: Address, module: Address, amount: int, source: Source, data: bytes
    ) -> None:
        receiver = self.world.contracts.get(module)
        if not isinstance(receiver, QuotaReceiver):
            raise RevertError("")  # nothing there answers, or nothing that understands
        answer = receiver.on_quota_received(self.address, sender, amount, source, data)
        require(answer == QUOTA_ACCEPTED, "LoyaltyToken_CallRefused", module)

    def _mint_rows(self, sender: Address, batch_id: bytes, rows: bytes, width: int, unit: int) -> None:
        length = len(rows)
        require(length != 0 and length % width == 0, "LoyaltyToken_InvalidRows", length)
        require(batch_id not in self.batches, "LoyaltyToken_BatchAlreadyMinted", batch_id)
        self.batches.add(batch_id)
        total = 0
        for start in range(0, length, width):
            row = rows[start : start + width]
            to, amount = row[:20], int.from_bytes(row[20:]) * unit
            self._credit(to, amount)
            self.emit("Transfer", ZERO, to, amount)
            total += amount
        nobody = self.balance_of(ZERO) == self.balance_of(self.address) == 0
        require(nobody, "LoyaltyToken_InvalidRow")
        require(total != 0, "LoyaltyToken_ZeroAmount")
        self._spend_quota(sender, total)
        self.emit("BatchMinted", batch_id, sender, total)

    # ---- signatures

    def _check_signature(self, signer: Address, digest: bytes, signature: Signature) -> None:
        genuine = self.world.is_signed(signer, digest, signature)
        require(genuine, "LoyaltyToken_InvalidSignature", signer)

    def _use_nonce(self, authorizer: Address, nonce: bytes, mark: int) -> None:
        require((authorizer, nonce) not in self.marks, "LoyaltyToken_AuthorizationUsed", authorizer, nonce)
        self.marks[authorizer, nonce] = mark

    def _use_transfer(
        self,
        typehash: bytes,
        holder: Address,
        to: Address,
        value: int,
        valid_after: int,
        valid_before: int,
        nonce: bytes,
        signature: Signature,
    ) -> None:
        require(self.world.now > valid_after, "LoyaltyToken_NotYetValid", valid_after)
        require(self.world.now < valid_before, "LoyaltyToken_Expired", valid_before)
        self._use_nonce(holder, nonce, USED)
        self.emit("AuthorizationUsed", holder, nonce)
        digest = self.transfer_digest(typehash, holder, to, value, valid_after, valid_before, nonce)
        self._check_signature(holder, digest, signature)
        self._transfer(holder, to, value)

    def _use_spend(
        self,
        spender: Address,
        spend: Spend,
        amount: int,
        typehash: bytes,
        witness: bytes,
        mark: int,
        signature: Signature,
    ) -> None:
        require(self.world.now <= spend.deadline, "LoyaltyToken_Expired", spend.deadline)
        # A spend has as many fields as these two, so their names must never stand for it.
        require(typehash not in (TRANSFER, RECEIVE), "LoyaltyToken_InvalidType", typehash)
        require(amount <= spend.amount, "LoyaltyToken_MoreThanSigned", amount, spend.amount)
        self._use_nonce(spend.holder, spend.nonce, mark)
        digest = self.spend_digest(spender, spend, typehash, witness)
        self._check_signature(spend.holder, digest, signature)
