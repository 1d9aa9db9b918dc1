"""Others' signed vouchers, around plain tokens and around ours.

A contract of OpenZeppelin's or Solady's parts pays vouchers out of what lies in it (`bench/peers/`): a
signature, a flag or a bit, a transfer. No budget, no cap a member, no window.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from bench import artefacts
from bench.chain import Chain, MeasurementError, account, accounts
from bench.exchanges import MINT, OUR_TOKENS
from bench.floors import AMOUNT
from bench.founding import deploy, make_token
from bench.scenarios import TOKEN_NAME, TOKEN_SYMBOL, Contender, Cost

SIGNER_KEY = keccak(b"symbolon bench signer of vouchers")
SIGNER = Account.from_key(SIGNER_KEY).address
MEMBERS = 100
FOREVER = 2**40 - 1
_VOUCHER = "(address,uint256,uint256,uint256)"
_TYPES = {
    "Voucher": [
        {"name": "member", "type": "address"},
        {"name": "amount", "type": "uint256"},
        {"name": "number", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ]
}

Signed = tuple[tuple[str, int, int, int], bytes]
"""A voucher and its signature."""


@dataclass(frozen=True)
class Desk:
    """A contract that pays vouchers in a token that all members hold already."""

    address: str
    token: str

    def sign(self, chain: Chain, member: str, number: int) -> Signed:
        """The next voucher of a member."""
        voucher = (member, AMOUNT, number, FOREVER)
        domain = {
            "name": "Vouchers",
            "version": "1",
            "chainId": chain.chain_id(),
            "verifyingContract": self.address,
        }
        values = dict(zip((field["name"] for field in _TYPES["Voucher"]), voucher, strict=True))
        signed = Account.sign_message(encode_typed_data(domain, _TYPES, values), SIGNER_KEY)
        return voucher, bytes(signed.signature)

    def balance(self, chain: Chain, of: str) -> int:
        """Tokens that an account holds."""
        return int(chain.read(self.token, "balanceOf(address)", "uint256", of))


def everyone() -> list[Contender[Desk]]:
    """Either kind of desk around either token."""
    openzeppelin = f"@openzeppelin/contracts {artefacts.version_of('@openzeppelin/contracts')}, vouchers"
    solady = f"solady {artefacts.version_of('solady')}"
    kinds = {openzeppelin: "OpenZeppelinVouchers", f"{solady}, vouchers": "SoladyVouchers"}
    return [
        _contender(f"{name}, {around}", contract, make)
        for name, contract in kinds.items()
        for around, make in tokens().items()
    ]


def tokens() -> dict[str, Callable[[Chain], tuple[str, str]]]:
    """What makes each kind of token, and returns its address and who mints it."""
    return {f"around solady {artefacts.version_of('solady')} ERC20": _plain, OUR_TOKENS: _ours}


def _contender(name: str, contract: str, make: Callable[[Chain], tuple[str, str]]) -> Contender[Desk]:
    def set_up(chain: Chain) -> Desk:
        token, minter = make(chain)
        creation = artefacts.peer("Vouchers", contract)
        address = chain.deploy(account("deployer"), creation, ["address", "address"], token, SIGNER)
        chain.call(minter, token, MINT, address, 10 * MEMBERS * AMOUNT)
        for member in accounts("member", MEMBERS):
            chain.call(minter, token, MINT, member, AMOUNT)
        desk = Desk(address, token)
        _claim(chain, desk, account("member"), 0)
        return desk

    contender = Contender(name, set_up)

    @contender.scenario("voucher_claim")
    def claim(chain: Chain, desk: Desk) -> Cost:
        return Cost(_claim(chain, desk, account("member"), 1))

    @contender.scenario("voucher_batch_100")
    def claim_many(chain: Chain, desk: Desk) -> Cost:
        members = accounts("member", MEMBERS)
        signed = [desk.sign(chain, member, 1 + number) for number, member in enumerate(members)]
        vouchers, signatures = zip(*signed, strict=True)
        before = [desk.balance(chain, member) for member in members]
        call = f"claimMany({_VOUCHER}[],bytes[])"
        gas = chain.call(account("relay"), desk.address, call, vouchers, signatures).gas
        if [desk.balance(chain, member) for member in members] != [had + AMOUNT for had in before]:
            raise MeasurementError("A voucher was not paid exactly once.")
        return Cost(math.ceil(gas / MEMBERS))

    return contender


def _claim(chain: Chain, desk: Desk, member: str, number: int) -> int:
    """Anybody hands in a member's voucher; returns the gas."""
    before = desk.balance(chain, member)
    voucher, signature = desk.sign(chain, member, number)
    gas = chain.call(account("relay"), desk.address, f"claim({_VOUCHER},bytes)", voucher, signature).gas
    if desk.balance(chain, member) != before + AMOUNT:
        raise MeasurementError("A voucher was not paid exactly once.")
    return gas


def _plain(chain: Chain) -> tuple[str, str]:
    """Solady's token, deployed in full: the cheapest to move."""
    owner = account("owner")
    token = chain.deploy(owner, artefacts.peer("SoladyToken", "SoladyToken"))
    chain.call(owner, token, "initialize(address,string,string)", owner, TOKEN_NAME, TOKEN_SYMBOL)
    return token, owner


def _ours(chain: Chain) -> tuple[str, str]:
    return make_token(chain, deploy(chain), account("brand"), account("manager")), account("manager")
