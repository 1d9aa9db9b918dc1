"""Acts done twice: on the chain, and in the reference model that has the same contracts at the same places.

Whatever the chain writes down of such acts must be what the model wrote down, event by event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count, zip_longest
from typing import Any

import pandas as pd
from eth_abi.abi import encode
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.abi import collapse_if_tuple

from symbolon.addresses import keccak, parse_address
from symbolon.artifacts import artifact
from symbolon.demo.clerk import Clerk
from symbolon.demo.errors import BooksDifferError, LedgerError
from symbolon.demo.plan import member_key
from symbolon.demo.stage import Actor, Stage
from symbolon.deployment import List, salt_of
from symbolon.reference import Address, Addresses, Contract, Event, World
from symbolon.reference.campaigns import SignedVoucher
from symbolon.reference.contract import ZERO
from symbolon.reference.currency import Currency
from symbolon.reference.eip712 import Signature
from symbolon.reference.obligations import Terms
from symbolon.reference.purchases import NO_PERMIT
from symbolon.reference.token import LoyaltyToken, Spend
from symbolon.signing import Domain, Fields, Signed, Witness, compact
from symbolon.signing import Spend as SignedSpend

_PATIENCE = 15 * 60
_SEED = b"symbolon demonstration: nonces of what is signed"
_BALANCE_OF = keccak(b"balanceOf(address)")[:4]
_BATCHES = b"symbolon demonstration: batches of a week"
_GAS = 10_000_000  # the limit of an act; what it does not use costs nothing
_Log = tuple[Address, tuple[bytes, ...], bytes]


class Sealed(Signature):
    """A signature as the model knows it, with the bytes that the chain is given."""

    raw: bytes

    @classmethod
    def none(cls) -> Sealed:
        """None, where none is needed."""
        sealed = cls(ZERO, b"")
        sealed.raw = b""
        return sealed

    @classmethod
    def over(cls, digest: bytes, key: bytes) -> Sealed:
        """What a private key says of a digest that the model knows."""
        account = Account.from_key(key)
        sealed = cls(parse_address(str(account.address)), digest)
        sealed.raw = bytes(account.unsafe_sign_hash(digest).signature)
        return sealed

    @classmethod
    def of(cls, signed: Signed, domain: Domain, key: bytes) -> Sealed:
        """What a private key says."""
        return cls.over(signed.digest(domain), key)


def witness_of(type_name: str, fields: Fields, request: Sequence[object]) -> Witness:
    """What a member agrees to, from the model's struct, whose fields come in the same order."""
    names = (name for name, _ in fields)
    return Witness(type_name, fields, dict(zip(names, map(_shown, request), strict=True)))


class Twin:
    """A stage and its model.

    Attributes:
        stage: where the chain is.
        world: the model.
        token: each brand's token in the model, by the brand's number.
        events: all that the model wrote down of acts done here, with the second at which.
    """

    def __init__(self, stage: Stage, moment: int) -> None:
        """Bring the model to where the stage is, at that second: every brand may issue, and no more."""
        self.stage = stage
        self.world = _world(stage, moment)
        self.events: list[tuple[int, Event]] = []
        self.token: dict[int, LoyaltyToken] = {}
        self._domains = {parse_address(actor.token.address): actor.token.domain for actor in stage.actors}
        self._nonces = count()
        self._first_block = stage.chain.node.head() + 1
        self._clerks: dict[str, Clerk] = {}
        self._raws: list[bytes] = []
        self._fees = stage.chain.node.fees()
        for actor in stage.actors:
            self.token[actor.brand.number] = self._enter(actor)

    @contextmanager
    def at(self, moment: int) -> Iterator[None]:
        """What is done within goes into one block of that second."""
        self.world.now = moment
        with self.stage.blocks_on_demand():
            self._fees = self.stage.chain.node.fees()
            yield
            if self._raws:
                self.stage.make_block(moment, self._raws)
                self._raws.clear()

    def do(self, key: LocalAccount, contract: Contract, method: str, *arguments: Any) -> Any:  # noqa: ANN401
        """Have an account call a contract; `method` is the contract's name for it. Signatures are `Sealed`.

        Raises RevertError where the model refuses, and nothing has happened.
        """
        mine = getattr(contract, _snake(method))
        result = self.world.call(mine, parse_address(str(key.address)), *arguments)
        self.events += [(self.world.now, each) for each in self.world.events]
        clerk = self._clerks.get(str(key.address))
        if clerk is None:
            clerk = self._clerks[str(key.address)] = self.stage.clerk(key)
        data = _call(_abi_name(contract), method, arguments)
        self._raws.append(clerk.sign("0x" + contract.address.hex(), data, gas=_GAS, fees=self._fees))
        return result

    def leave(
        self, household: int, token: LoyaltyToken, spender: Contract, amount: int, witness: Witness
    ) -> tuple[Spend, Sealed]:
        """A household's signed leave to take so much, for a quarter of an hour, in exchange for a witness."""
        key = member_key(household)
        wallet = parse_address(str(Account.from_key(key).address))
        nonce = keccak(_SEED + next(self._nonces).to_bytes(8, "big"))
        until = self.world.now + _PATIENCE
        wallets = ("0x" + wallet.hex(), "0x" + spender.address.hex())
        signed = SignedSpend(*wallets, amount, nonce, until, witness)
        return Spend(wallet, amount, nonce, until), Sealed.of(signed, self._domains[token.address], key)

    def issue(self, week: int, rows: pd.DataFrame, wallets: Mapping[int, Address]) -> None:
        """Mint what a week's spending earns, the rows of a ledger, unless a token's minting is stopped."""
        actors = {actor.brand.number: actor for actor in self.stage.actors}
        for number, mine in rows.groupby("brand"):
            brand = int(str(number))
            token = self.token[brand]
            if token.mint_stopped():
                continue
            pairs = zip(mine["household"], mine["units"], strict=True)
            packed = b"".join(wallets[who] + int(units).to_bytes(12) for who, units in pairs)
            self.do(actors[brand].manager, token, "mintBatchWide", keccak(_BATCHES + bytes([week])), packed)

    def check(self) -> int:
        """Compare what both wrote down, event by event; how many there are.

        Raises BooksDifferError, and LedgerError where the chain refused an act.
        """
        theirs = list(self._chain_logs())
        ours = [_log(self.world.contracts[each.contract], each) for _, each in self.events]
        for place, (found, expected) in enumerate(zip_longest(theirs, ours)):
            if found != expected:
                told = self.events[place][1] if place < len(self.events) else "nothing"
                raise BooksDifferError(
                    f"Of {len(ours):,} events in the model and {len(theirs):,} on the chain, number "
                    f"{place + 1:,} is another one; the model has {told}."
                )
        return len(ours)

    def check_balances(self, holders: Iterable[Address]) -> int:
        """Ask every token and the currency for the balances of these and of all contracts, and compare.

        Returns how many there are. Raises BooksDifferError.
        """
        asked = [*holders, *self.world.contracts]
        currency = self.world.currency(parse_address(str(self.stage.alliance.mock_dollar.address)))
        contracts: tuple[LoyaltyToken | Currency, ...] = (*self.world.tokens, currency)
        for contract in contracts:
            questions = [_BALANCE_OF + holder.rjust(32, b"\0") for holder in asked]
            answers = self.stage.chain.node.call_many("0x" + contract.address.hex(), questions)
            for holder, answer in zip(asked, answers, strict=True):
                found, expected = int.from_bytes(answer, "big"), contract.balance_of(holder)
                if found != expected:
                    raise BooksDifferError(
                        f"0x{holder.hex()} has {found:,} base units of 0x{contract.address.hex()}, and "
                        f"{expected:,} in the model."
                    )
        return len(contracts) * len(asked)

    def _chain_logs(self) -> Iterator[_Log]:
        node = self.stage.chain.node
        for number in range(self._first_block, node.head() + 1):
            for receipt in node.block_receipts(number):
                if receipt["status"] != "0x1":
                    raise LedgerError(
                        f"Transaction {receipt['transactionHash']} of the story failed on the chain."
                    )
                for log in receipt["logs"]:
                    topics = tuple(bytes.fromhex(each[2:]) for each in log["topics"])
                    yield parse_address(log["address"]), topics, bytes.fromhex(log["data"][2:])

    def _enter(self, actor: Actor) -> LoyaltyToken:
        """What a brand did on the stage, in the model."""
        world, facts = self.world, actor.token
        admin = parse_address(str(actor.admin.address))
        obligation = facts.obligation
        assert obligation is not None
        brand_id = world.call(world.brands.register, admin, salt_of(actor.brand.symbol), ZERO, "")
        world.call(world.brands.admit, world.brands.alliance, brand_id)
        names = (facts.name, facts.symbol, facts.decimals)
        places = (world.obligations.address, world.desk.address)
        made = world.call(world.factory.create_token, admin, brand_id, *places, *names)
        if made != parse_address(facts.address):
            raise BooksDifferError(f"In the model the token of {actor.brand.name} is at 0x{made.hex()}.")
        terms = Terms(
            obligation.terms.hash,
            obligation.terms.notice_period,
            obligation.terms.bond_bps,
            obligation.terms.uri,
        )
        currency = parse_address(str(self.stage.alliance.mock_dollar.address))
        what = (made, currency, obligation.par_value, actor.brand.capacity, terms)
        world.call(world.obligations.oblige, admin, *what)
        token = world.token(made)
        world.call(token.grant_quota, admin, parse_address(str(actor.manager.address)), actor.brand.quota)
        return token


def _world(stage: Stage, moment: int) -> World:
    """The suite without brands."""
    alliance = stage.alliance

    def place(contract: Any) -> Address:  # noqa: ANN401 (whatever has an address)
        return parse_address(str(contract.address))

    addresses = Addresses(
        alliance=place(stage.founder),
        brand_registry=place(alliance.brand_registry),
        token_implementation=parse_address(alliance.address_of("LoyaltyToken")),
        token_factory=place(alliance.token_factory),
        obligation_registry=place(alliance.obligation_registry),
        redemption_desk=place(alliance.redemption_desk),
        bonds=place(alliance.bonds_contract),
        orders=place(alliance.orders_desk),
        pools=parse_address(alliance.address_of("Pools")),
        settlements=parse_address(alliance.address_of("Settlements")),
        swaps=parse_address(alliance.address_of("Swaps")),
        earnings=parse_address(alliance.address_of("EarnDistributor")),
        rights=parse_address(alliance.address_of("PurchaseRights")),
        group_deals=parse_address(alliance.address_of("GroupDeals")),
        groups=parse_address(alliance.address_of("GroupPurchaseEscrow")),
        bargain_deals=parse_address(alliance.address_of("BargainDeals")),
        bargains=parse_address(alliance.address_of("Bargains")),
        haggles=parse_address(alliance.address_of("Haggles")),
        cuts=parse_address(alliance.address_of("Cuts")),
        referral_rewards=parse_address(alliance.address_of("ReferralRewards")),
        campaign_rewards=parse_address(alliance.address_of("CampaignRewards")),
        consent=parse_address(alliance.address_of("Consent")),
    )
    world = World(addresses, chain_id=stage.chain_id, now=moment)
    world.add(Currency(world, place(alliance.mock_dollar)))
    for kind in List:
        for account in alliance.listed(kind):
            world.call(world.brands.set_listed, addresses.alliance, int(kind), parse_address(account), True)
    return world


# ---- as the ABI has it


def _abi_name(contract: Contract) -> str:
    name = type(contract).__name__
    return "MockDollar" if name == "Currency" else name


@cache
def _inputs(contract: str, kind: str, name: str, count: int) -> list[dict[str, Any]]:
    """What a function or an event of that name has so many of."""
    entries = (each for each in artifact(contract).abi if each["type"] == kind and each["name"] == name)
    return next(each["inputs"] for each in entries if len(each["inputs"]) == count)


@cache
def _types(contract: str, kind: str, name: str, count: int) -> list[str]:
    return [collapse_if_tuple(each) for each in _inputs(contract, kind, name, count)]


def _call(contract: str, method: str, arguments: Sequence[Any]) -> bytes:
    types = _types(contract, "function", method, len(arguments))
    return keccak(f"{method}({','.join(types)})".encode())[:4] + encode(types, list(map(_plain, arguments)))


def _log(contract: Contract, event: Event) -> _Log:
    named = (_abi_name(contract), "event", event.name, len(event.facts))
    types = _types(*named)
    indexed = [each["indexed"] for each in _inputs(*named)]
    rows = list(zip(types, indexed, event.facts, strict=True))
    topics = tuple(encode([kind], [fact]) for kind, is_topic, fact in rows if is_topic)
    plain = [(kind, fact) for kind, is_topic, fact in rows if not is_topic]
    data = encode([kind for kind, _ in plain], [_plain(fact) for _, fact in plain])
    return event.contract, (keccak(f"{event.name}({','.join(types)})".encode()), *topics), data


def _plain(value: Any) -> Any:  # noqa: ANN401 (whatever an ABI knows)
    """A signature as its bytes, or beside a voucher as two words; no permit as nothing but zeros."""
    if value == NO_PERMIT:
        return 0, 0, 0, bytes(32), bytes(32)
    if isinstance(value, SignedVoucher):
        return (_plain(value.voucher), *compact(_plain(value.signature)))
    if hasattr(value, "raw"):
        return value.raw
    if isinstance(value, tuple | list):
        return tuple(map(_plain, value))
    return value


def _shown(value: object) -> object:
    """An address as wallets have it."""
    return "0x" + value.hex() if isinstance(value, bytes) and len(value) == 20 else value


def _snake(name: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name)
