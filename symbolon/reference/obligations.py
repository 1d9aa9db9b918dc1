"""What a brand owes to the holders of its token: shop credit worth par, for every token outstanding."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from symbolon.reference.brands import Gated, List, Status
from symbolon.reference.contract import DAY, ZERO, Address, checked, require, require_short
from symbolon.reference.versions import FIRST, History

if TYPE_CHECKING:
    from symbolon.reference.world import World


class Terms(NamedTuple):
    """The terms of a standing obligation: a document by its hash, how long a worsening waits, and how much of
    what is owed the bond must cover.
    """

    terms_hash: bytes = bytes(32)
    notice_period: int = 0
    bond_bps: int = 0
    terms_uri: str = ""

    def is_worse_than(self, before: Terms) -> bool:
        """Whether the document is another one or any field is worse for holders."""
        return (
            self.terms_hash != before.terms_hash
            or self.notice_period < before.notice_period
            or self.bond_bps < before.bond_bps
        )


class Obligation(NamedTuple):
    """A standing obligation as it is now; all zero if there is none."""

    brand_id: bytes = bytes(32)
    currency: Address = ZERO
    par_value: int = 0
    version: int = 0
    worsened_version: int = 0
    terms: Terms = Terms()
    pending_terms: Terms = Terms()
    terms_change_at: int = 0
    pending_capacity: int = 0
    capacity_change_at: int = 0
    wind_down_starts_at: int = 0
    wind_down_ends_at: int = 0


class Record(NamedTuple):
    """A standing obligation as written down. Currency and par value are never written again (RED-3)."""

    currency: Address
    par_value: int
    terms: Terms
    history: History = FIRST
    pending_terms: Terms = Terms()
    pending_capacity: int = 0
    capacity_change_at: int = 0
    wind_down_starts_at: int = 0
    wind_down_ends_at: int = 0
    defaulted_by: Address = ZERO

    def settled(self, now: int) -> Record:
        """With a worsening that is due written down."""
        if not self.history.is_change_due(now):
            return self
        return self._replace(
            history=self.history.current(now), terms=self.pending_terms, pending_terms=Terms()
        )


class ObligationRegistry(Gated):
    """See IObligationRegistry."""

    MAX_NOTICE_PERIOD = 3650 * DAY
    WIND_DOWN_PERIOD = 730 * DAY
    FULL_RATIO = 10_000

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.min_notice_period = world.brands.CHANGE_DELAY
        self.obligations: dict[Address, Record] = {}
        """By token, in the order in which they were obliged."""

    # ---- brand

    def oblige(
        self, sender: Address, token: Address, currency: Address, par_value: int, capacity: int, terms: Terms
    ) -> None:
        """Promise to redeem a token; from here on it can be issued, up to `capacity`."""
        require(self.world.factory.is_token(token), "ObligationRegistry_NotToken", token)
        loyalty_token = self.world.token(token)
        registry = loyalty_token.obligation_registry()
        require(registry == self.address, "ObligationRegistry_OtherRegistry", token, registry)
        brand_id = loyalty_token.brand_id()
        self.check_active_admin(brand_id, sender)
        require(token not in self.obligations, "ObligationRegistry_AlreadyObliged", token)
        listed = self.world.brands.is_listed(List.CURRENCY, currency)
        require(listed, "ObligationRegistry_CurrencyNotListed", currency)
        require(par_value != 0, "ObligationRegistry_ZeroParValue")
        self._check_terms(terms)
        self.obligations[token] = Record(currency, par_value, terms)
        self.emit("Obliged", token, brand_id, currency, par_value, capacity)
        self._emit_terms_set(token, 1, False, self.world.now, terms)
        loyalty_token.set_capacity(self.address, capacity)

    def set_terms(self, sender: Address, token: Address, terms: Terms) -> None:
        """Change the terms: at once if nothing gets worse, else after the notice in force (RED-2)."""
        now = self.world.now
        record = self._of_admin(sender, token).settled(now)
        change_at = record.history.change_at
        require(change_at == 0, "ObligationRegistry_ChangePending", token, change_at)
        self._check_terms(terms)
        require(terms != record.terms, "ObligationRegistry_NothingChanges", token)
        worse = terms.is_worse_than(record.terms)
        effective_at = now + record.terms.notice_period if worse else now
        if worse:
            self._check_may_worsen(token, record)
            history = record.history.announced(effective_at)
            self.obligations[token] = record._replace(history=history, pending_terms=terms)
        else:
            self.obligations[token] = record._replace(history=record.history.improved(), terms=terms)
        self._emit_terms_set(token, record.history.version + 1, worse, effective_at, terms)

    def withdraw_terms(self, sender: Address, token: Address) -> None:
        """Withdraw worse terms that have not taken effect."""
        record = self._of_admin(sender, token).settled(self.world.now)
        require(record.history.change_at != 0, "ObligationRegistry_NoChangePending", token)
        self.obligations[token] = self._without_pending_terms(token, record)

    def set_capacity(self, sender: Address, token: Address, capacity: int) -> None:
        """Lower capacity at once, or announce a raise; one announced before lapses."""
        record = self._of_admin(sender, token).settled(self.world.now)
        loyalty_token = self.world.token(token)
        if capacity > loyalty_token.capacity():
            self._check_may_worsen(token, record)
            effective_at = self.world.now + record.terms.notice_period
            self.obligations[token] = record._replace(
                pending_capacity=capacity, capacity_change_at=effective_at
            )
            self.emit("CapacityRaiseAnnounced", token, capacity, effective_at)
        else:
            if record.capacity_change_at != 0:
                record = self._without_raise(token, record)
            self.obligations[token] = record
            self.emit("CapacitySet", token, capacity)
            loyalty_token.set_capacity(self.address, capacity)

    def withdraw_capacity_raise(self, sender: Address, token: Address) -> None:
        """Withdraw an announced raise."""
        record = self._of_admin(sender, token)
        require(record.capacity_change_at != 0, "ObligationRegistry_NoChangePending", token)
        self.obligations[token] = self._without_raise(token, record)

    def announce_wind_down(self, sender: Address, token: Address) -> None:
        """Announce to leave: after notice nothing new is issued, and what is owed is owed on."""
        record = self._of_admin(sender, token)
        self._check_not_winding_down(token, record)
        record = self._lapsed(token, record)
        notice = record.terms.notice_period
        starts_at = self.world.now + notice
        ends_at = starts_at + max(notice, self.WIND_DOWN_PERIOD)
        self.obligations[token] = record._replace(wind_down_starts_at=starts_at, wind_down_ends_at=ends_at)
        self.emit("WindDownAnnounced", token, starts_at, ends_at)

    def withdraw_wind_down(self, sender: Address, token: Address) -> None:
        """Stay: withdraw a wind-down that has not started."""
        record = self._of_admin(sender, token)
        starts_at = record.wind_down_starts_at
        require(starts_at != 0, "ObligationRegistry_NoChangePending", token)
        require(self.world.now < starts_at, "ObligationRegistry_WindDownStarted", token, starts_at)
        self.obligations[token] = record._replace(wind_down_starts_at=0, wind_down_ends_at=0)
        self.emit("WindDownWithdrawn", token)

    # ---- anyone

    def apply_capacity_raise(self, _sender: Address, token: Address) -> None:
        """Put an announced raise into force once its notice is over, if the brand is active."""
        record = self._obliged(token)
        effective_at = record.capacity_change_at
        require(effective_at != 0, "ObligationRegistry_NoChangePending", token)
        due = self.world.now >= effective_at
        require(due, "ObligationRegistry_ChangeNotDue", token, effective_at)
        loyalty_token = self.world.token(token)
        brand_id = loyalty_token.brand_id()
        self.check_active(brand_id, self.world.brands.status_of(brand_id))
        self.obligations[token] = record._replace(pending_capacity=0, capacity_change_at=0)
        self.emit("CapacitySet", token, record.pending_capacity)
        loyalty_token.set_capacity(self.address, record.pending_capacity)

    def sync_mint_stop(self, _sender: Address, token: Address) -> None:
        """Bring a token's mint-stop in line with its brand's status and its wind-down."""
        self._sync_mint_stop(token, self._obliged(token))

    def revoke_quota(self, _sender: Address, token: Address, minter: Address) -> int:
        """In default, take back what a manager may still mint; how much there was to take."""
        require(self.is_in_default(token), "ObligationRegistry_NotInDefault", token)
        return self.world.token(token).revoke_quota(self.address, minter, 2**96 - 1)

    # ---- bonds

    def set_in_default(self, sender: Address, token: Address, in_default: bool) -> None:
        """Say that a token is in default, or is no more."""
        record = self._obliged(token)
        if in_default:
            listed = self.world.brands.is_listed(List.BONDS, sender)
            may_call = record.defaulted_by == ZERO and listed
        else:
            may_call = record.defaulted_by == sender
        require(may_call, "ObligationRegistry_NotBonds", token, sender)
        if in_default:
            record = self._lapsed(token, record)
        record = record._replace(defaulted_by=sender if in_default else ZERO)
        self.obligations[token] = record
        self.emit("InDefaultSet", token, sender, in_default)
        self._sync_mint_stop(token, record)

    # ---- views

    def obligation_of(self, token: Address) -> Obligation:
        """The obligation of a token as it is now."""
        if token not in self.obligations:
            return Obligation()
        record = self.obligations[token].settled(self.world.now)
        return Obligation(
            brand_id=self.world.token(token).brand_id(),
            currency=record.currency,
            par_value=record.par_value,
            version=record.history.version,
            worsened_version=record.history.worsened_version,
            terms=record.terms,
            pending_terms=record.pending_terms,
            terms_change_at=record.history.change_at,
            pending_capacity=record.pending_capacity,
            capacity_change_at=record.capacity_change_at,
            wind_down_starts_at=record.wind_down_starts_at,
            wind_down_ends_at=record.wind_down_ends_at,
        )

    def is_version_valid(self, token: Address, version: int) -> bool:
        """Whether a call that names a version of the terms is still good."""
        record = self.obligations.get(token)
        return record is not None and record.history.is_valid(version, self.world.now)

    def notice_period_of(self, token: Address) -> int:
        """The notice period in force."""
        return self._obliged(token).settled(self.world.now).terms.notice_period

    def bond_ratio_of(self, token: Address) -> int:
        """The bond ratio in force, in basis points; zero once the wind-down has ended."""
        record = self._obliged(token)
        ended = record.wind_down_ends_at != 0 and self.world.now >= record.wind_down_ends_at
        return 0 if ended else record.settled(self.world.now).terms.bond_bps

    def wind_down_end_of(self, token: Address) -> int:
        """When the wind-down ends, told from its announcement on; zero if the brand is not leaving."""
        return self._obliged(token).wind_down_ends_at

    def is_in_default(self, token: Address) -> bool:
        """Whether a token is in default."""
        return token in self.obligations and self.obligations[token].defaulted_by != ZERO

    def currency_of(self, token: Address) -> Address:
        """The settlement currency."""
        return self._obliged(token).currency

    def token_count(self) -> int:
        """How many tokens are obliged."""
        return len(self.obligations)

    def token_at(self, index: int) -> Address:
        """One of them."""
        require(index < len(self.obligations), "Panic", 0x32)
        return list(self.obligations)[index]

    def value_down(self, token: Address, amount: int) -> int:
        """What tokens are worth at par, rounded down."""
        par_value = self._obliged(token).par_value
        return checked(amount * par_value // 10 ** self.world.token(token).decimals(), 256)

    def value_up(self, token: Address, amount: int) -> int:
        """What tokens are worth at par, rounded up."""
        par_value = self._obliged(token).par_value
        return checked(-(-amount * par_value // 10 ** self.world.token(token).decimals()), 256)

    # ---- internals

    def _obliged(self, token: Address) -> Record:
        require(token in self.obligations, "ObligationRegistry_NotObliged", token)
        return self.obligations[token]

    def _of_admin(self, sender: Address, token: Address) -> Record:
        record = self._obliged(token)
        self.check_admin(self.world.token(token).brand_id(), sender)
        return record

    def _check_terms(self, terms: Terms) -> None:
        notice, least, most = terms.notice_period, self.min_notice_period, self.MAX_NOTICE_PERIOD
        require(terms.terms_hash != bytes(32), "ObligationRegistry_NoTerms")
        require(notice >= least, "ObligationRegistry_NoticeTooShort", notice, least)
        require(notice <= most, "ObligationRegistry_NoticeTooLong", notice, most)
        possible = terms.bond_bps <= self.FULL_RATIO
        require(possible, "ObligationRegistry_BondRatioTooHigh", terms.bond_bps)
        require_short(terms.terms_uri, "ObligationRegistry_URITooLong")

    def _check_not_winding_down(self, token: Address, record: Record) -> None:
        ends_at = record.wind_down_ends_at
        require(ends_at == 0, "ObligationRegistry_WindingDown", token, ends_at)

    def _check_may_worsen(self, token: Address, record: Record) -> None:
        self._check_not_winding_down(token, record)
        require(record.defaulted_by == ZERO, "ObligationRegistry_InDefault", token)

    def _lapsed(self, token: Address, record: Record) -> Record:
        record = record.settled(self.world.now)
        if record.history.change_at != 0:
            record = self._without_pending_terms(token, record)
        if record.capacity_change_at != 0:
            record = self._without_raise(token, record)
        return record

    def _without_pending_terms(self, token: Address, record: Record) -> Record:
        self.emit("TermsWithdrawn", token, record.history.version + 1)
        return record._replace(history=record.history.announced(0), pending_terms=Terms())

    def _without_raise(self, token: Address, record: Record) -> Record:
        self.emit("CapacityRaiseWithdrawn", token, record.pending_capacity)
        return record._replace(pending_capacity=0, capacity_change_at=0)

    def _sync_mint_stop(self, token: Address, record: Record) -> None:
        loyalty_token = self.world.token(token)
        starts_at = record.wind_down_starts_at
        winding_down = starts_at != 0 and self.world.now >= starts_at
        status = self.world.brands.status_of(loyalty_token.brand_id())
        stopped = winding_down or status != Status.ACTIVE or record.defaulted_by != ZERO
        if stopped != loyalty_token.mint_stopped():
            self.emit("MintStopSynced", token, stopped)
            loyalty_token.set_mint_stop(self.address, stopped)

    def _emit_terms_set(
        self, token: Address, version: int, worse: bool, effective_at: int, terms: Terms
    ) -> None:
        self.emit(
            "TermsSet",
            token,
            version,
            worse,
            effective_at,
            terms.terms_hash,
            terms.notice_period,
            terms.bond_bps,
            terms.terms_uri,
        )
