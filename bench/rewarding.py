"""Our scenarios of rewards: vouchers, referrals, and consent to use data."""

from __future__ import annotations

import math
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_account import Account
from eth_utils.crypto import keccak

from bench.chain import Chain, MeasurementError, account
from bench.floors import AMOUNT
from bench.ordering import DAY, ORDER, deliver
from bench.redeeming import FOREVER, have_redeemed
from bench.scenarios import Contender, Cost, TokenWorld
from symbolon.codes import label_bytes
from symbolon.data_requests import REQUEST, DataGrant, Request
from symbolon.signing import Domain, Signed, compact
from symbolon.vouchers import Binding, Invitation, Purchase, Voucher

_CAMPAIGN = "(uint8,uint96,uint8,uint8,uint40,uint40)"
_CREATE_CAMPAIGN = f"createCampaign(address,bytes32,{_CAMPAIGN},bytes32,string)"
_VOUCHER = "(address,uint256,bytes32,uint256)"
_CLAIM = f"claim(address,bytes32,{_VOUCHER},address,bytes)"
_CLAIM_MANY = f"claimBatch(address,bytes32,address,({_VOUCHER},bytes32,bytes32)[])"
_TERMS = "(uint16,uint16,uint16,uint16,uint8,uint40,uint40,uint96)"
_CREATE_PROGRAMME = f"createProgramme(address,{_TERMS},address,bytes32,string)"
_INVITATION = "(uint256,bytes)"
_BIND = f"bindWithSignature(address,address,address,{_INVITATION},uint256,bytes)"
_PURCHASE = "(address,address,bytes32,uint256,uint256,uint256)"
_ACCRUAL = "accrualOf((address,address,uint8,bytes32))"
_GRANT = f"grantWithSignature({REQUEST},(uint256,bytes),address,uint256,bytes)"
_GIVE = "grantQuotaAndCall(address,uint96,bytes)"

MEMBERS = 100
"""How many a batch pays."""
CAMPAIGN, REF = label_bytes("views"), label_bytes("A-1047")
VIEW, ALL_KINDS, PROGRAMME = 0, 7, 1
COUNTER, TO_ORDER, IN_SHOP = range(3)
FIRST_BPS, SECOND_BPS, VESTING_DAYS = 500, 100, 14
DOCUMENT = (keccak(b"document"), "ipfs://document")


def _key(name: str, number: int = 0) -> bytes:
    return keccak(f"symbolon bench {name} {number}".encode())


def _address(key: bytes) -> str:
    return str(Account.from_key(key).address)


ATTESTER = _key("attester")


def add_rewarding(contender: Contender[TokenWorld]) -> None:
    """Scenarios of vouchers, referrals and consent."""
    contender.scenario("voucher_claim")(_claim)
    contender.scenario("voucher_batch_100")(_claim_many)
    contender.scenario("referral_bind")(_bind)
    contender.scenario("referral_accrue")(_accrue)
    contender.scenario("consent_grant")(_grant)


def _signed(chain: Chain, world: TokenWorld, contract: str, what: Signed, key: bytes) -> bytes:
    """What a contract of ours is shown of a signature: 64 bytes (ERC-2098)."""
    domain = Domain(contract, chain.chain_id(), world.suite[contract])
    return b"".join(compact(what.sign(domain, key)))


def _give(chain: Chain, world: TokenWorld, contract: str, data: bytes) -> None:
    """A budget for a thousand rewards."""
    what = (world.suite[contract], 1_000 * AMOUNT, data)
    chain.call(account("admin"), world.token, _GIVE, *what)


# ---- campaigns


@dataclass(frozen=True)
class Campaign:
    """One that pays `AMOUNT` for a view, out of the purse of a key."""

    world: TokenWorld

    @property
    def contract(self) -> str:
        """Where."""
        return self.world.suite["CampaignRewards"]

    def voucher(self, member: str, number: int) -> Voucher:
        """A member's next one."""
        return Voucher(self.world.token, CAMPAIGN, member, number, REF, FOREVER)

    def claim(self, chain: Chain, member: str, number: int) -> int:
        """Anybody hands in a voucher; returns the gas."""
        voucher, held = self.voucher(member, number), self.world.balance(chain, member)
        signature = _signed(chain, self.world, "CampaignRewards", voucher, ATTESTER)
        what = (self.world.token, CAMPAIGN, voucher.arguments, _address(ATTESTER), signature)
        gas = chain.call(account("relay"), self.contract, _CLAIM, *what).gas
        if self.world.balance(chain, member) != held + AMOUNT:
            raise MeasurementError("A voucher was not paid exactly once.")
        return gas

    def claim_many(self, chain: Chain, members: list[str], number: int) -> int:
        """Anybody hands in a voucher of each; returns the gas."""
        held = [self.world.balance(chain, member) for member in members]
        signed = []
        for member in members:
            voucher = self.voucher(member, number)
            signature = _signed(chain, self.world, "CampaignRewards", voucher, ATTESTER)
            signed.append((voucher.arguments, signature[:32], signature[32:]))
        what = (self.world.token, CAMPAIGN, _address(ATTESTER), signed)
        gas = chain.call(account("relay"), self.contract, _CLAIM_MANY, *what).gas
        if [self.world.balance(chain, member) for member in members] != [had + AMOUNT for had in held]:
            raise MeasurementError("A voucher was not paid exactly once.")
        return gas


def _campaign(chain: Chain, world: TokenWorld) -> Campaign:
    """One that has paid somebody before."""
    terms = (VIEW, AMOUNT, 20, 10, 0, FOREVER)
    what = (world.token, CAMPAIGN, terms, *DOCUMENT)
    chain.call(account("admin"), world.suite["CampaignRewards"], _CREATE_CAMPAIGN, *what)
    data = encode(["bytes32", "address"], [CAMPAIGN, _address(ATTESTER)])
    _give(chain, world, "CampaignRewards", data)
    campaign = Campaign(world)
    campaign.claim(chain, world.holder, 0)
    return campaign


def _claim(chain: Chain, world: TokenWorld) -> Cost:
    """A member whom the campaign has paid before, and one whom it has not; both hold tokens."""
    campaign = _campaign(chain, world)
    gas = {"first": campaign.claim(chain, world.member, 0)}
    gas["paid_before"] = campaign.claim(chain, world.member, 1)
    return Cost(gas["paid_before"], gas)


def _claim_many(chain: Chain, world: TokenWorld) -> Cost:
    """A hundred of the one kind, and of the other."""
    campaign = _campaign(chain, world)
    members = [account("member", number) for number in range(1, MEMBERS + 1)]
    with chain.setting_the_scene():
        for member in members:
            chain.call(world.minter, world.token, "mint(address,uint256)", member, AMOUNT)
    gas = {"first": campaign.claim_many(chain, members, 0)}
    gas["paid_before"] = campaign.claim_many(chain, members, 1)
    return Cost(math.ceil(gas["paid_before"] / MEMBERS), gas)


# ---- referrals


@dataclass(frozen=True)
class Programme:
    """One of two levels in which everything counts: the holder has referred a friend, who has referred."""

    world: TokenWorld

    @property
    def contract(self) -> str:
        """Where."""
        return self.world.suite["ReferralRewards"]

    def invite(self, chain: Chain, referrer: bytes) -> tuple[int, bytes]:
        """A referrer's leave to bind to it."""
        invitation = Invitation(self.world.token, _address(referrer), FOREVER)
        return FOREVER, _signed(chain, self.world, "ReferralRewards", invitation, referrer)

    def bind(self, chain: Chain, member: bytes, referrer: bytes, *, is_new: bool = False) -> int:
        """Anybody hands in what a member signed; returns the gas. A new referrer's invitation comes along."""
        binding = Binding(self.world.token, _address(member), _address(referrer), FOREVER)
        signature = _signed(chain, self.world, "ReferralRewards", binding, member)
        invitation = self.invite(chain, referrer) if is_new else (0, b"")
        what = (self.world.token, _address(member), _address(referrer), invitation, FOREVER, signature)
        return chain.call(account("relay"), self.contract, _BIND, *what).gas

    def accrue(self, chain: Chain, call: str, event: tuple[object, ...], *what: object) -> int:
        """Anybody has an event accrue; returns the gas. Fails unless both levels get something."""
        gas = chain.call(account("relay"), self.contract, call, *what).gas
        kinds = "(uint8,uint16,uint40,uint96,uint96)"
        *_, first, second = chain.read(self.contract, _ACCRUAL, kinds, event)
        if not first or not second:
            raise MeasurementError("A level gets nothing for an event.")
        return gas


def _programme(chain: Chain, world: TokenWorld) -> Programme:
    terms = (FIRST_BPS, SECOND_BPS, VESTING_DAYS, 0, ALL_KINDS, 0, FOREVER, 1_000 * AMOUNT)
    what = (world.token, terms, _address(ATTESTER), *DOCUMENT)
    chain.call(account("admin"), world.suite["ReferralRewards"], _CREATE_PROGRAMME, *what)
    _give(chain, world, "ReferralRewards", encode(["uint16"], [PROGRAMME]))
    programme = Programme(world)
    programme.bind(chain, _key("friend"), _key("first referrer"), is_new=True)
    programme.bind(chain, _key("member"), _key("friend"), is_new=True)
    return programme


def _bind(chain: Chain, world: TokenWorld) -> Cost:
    """To who refers already, and to who does not."""
    programme = _programme(chain, world)
    gas = {"referrer_known": programme.bind(chain, _key("newcomer"), _key("friend"))}
    gas["referrer_new"] = programme.bind(chain, _key("newcomer", 1), _key("newcomer", 2), is_new=True)
    return Cost(gas["referrer_known"], gas)


def _accrue(chain: Chain, world: TokenWorld) -> Cost:
    """A receipt, an order and a purchase of a member whose referrer was referred itself."""
    programme, member = _programme(chain, world), _key("member")
    who = _address(member)
    chain.call(world.minter, world.token, "mint(address,uint256)", who, 10 * AMOUNT)
    nonce = have_redeemed(chain, world, member)
    order = deliver(chain, world, who)
    bought = Purchase(world.token, who, REF, AMOUNT, chain.now(), FOREVER)
    signature = _signed(chain, world, "ReferralRewards", bought, ATTESTER)
    desk = world.suite["Orders"]
    order_ref = chain.read(programme.contract, f"orderRefOf(address,{ORDER})", "bytes32", desk, order)
    calls: dict[str, tuple[object, ...]] = {
        "receipt": (
            "accrueReceipt(address,uint16,address,bytes32)",
            (world.token, who, COUNTER, nonce),
            *(world.token, PROGRAMME, who, nonce),
        ),
        "order": (
            f"accrueOrder(uint16,address,{ORDER})",
            (world.token, who, TO_ORDER, order_ref),
            *(PROGRAMME, desk, order),
        ),
        "purchase": (
            f"accruePurchase(uint16,{_PURCHASE},bytes)",
            (world.token, who, IN_SHOP, REF),
            *(PROGRAMME, bought.arguments, signature),
        ),
    }
    gas = {way: programme.accrue(chain, *call) for way, call in calls.items()}  # type: ignore[arg-type]
    return Cost(min(gas.values()), gas)


# ---- consent


def _grant(chain: Chain, world: TokenWorld) -> Cost:
    """A member who holds tokens grants: once, and in instalments of which the first is paid."""
    consent, admin, gas = world.suite["Consent"], account("admin"), {}
    member = _key("member")
    chain.call(world.minter, world.token, "mint(address,uint256)", _address(member), AMOUNT)
    for way, every in (("once", 0), ("in_instalments", 30 * DAY)):
        words = ("birthday, postcode", "birthday greetings", b"\x02" + keccak(b"key"))
        request = Request(world.token, *words, AMOUNT, every, chain.now() + 365 * DAY)
        publish = f"publish({REQUEST},(string,string,bytes))"
        chain.call(admin, consent, publish, request.arguments, request.wording)
        _give(chain, world, "Consent", request.encoded)
        grant = DataGrant.of(request, _address(member), FOREVER)
        signature = _signed(chain, world, "Consent", grant, member)
        held = world.balance(chain, _address(member))
        what = (request.arguments, (0, b""), _address(member), FOREVER, signature)
        gas[way] = chain.call(account("relay"), consent, _GRANT, *what).gas
        if world.balance(chain, _address(member)) != held + AMOUNT:
            raise MeasurementError("A grant was not paid for exactly once.")
    return Cost(min(gas.values()), gas)
