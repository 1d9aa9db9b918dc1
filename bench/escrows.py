"""Others' group purchases, around plain tokens and around ours: a struct escrow of OpenZeppelin's parts.

Nobody publishes one to compare with, so it is what one would write in an afternoon (`bench/peers/`). It knows
neither top prices nor delivery; what it does at all, it does in the plainest way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench import artefacts
from bench.chain import Chain, account
from bench.exchanges import APPROVE, EVERYTHING, MINT, OUR_TOKENS
from bench.floors import AMOUNT
from bench.founding import deploy, make_token
from bench.scenarios import TOKEN_NAME, TOKEN_SYMBOL, Contender, Cost

DAY = 24 * 3600
SURPLUS = AMOUNT // 5
_OPEN = "open(address,uint256,uint256,uint256,uint256,uint256)"
_JOIN, _CLOSE, _WITHDRAW = "join(uint256,uint256)", "close(uint256)", "withdraw(uint256)"

MakeToken = Callable[[Chain], str]
"""A token of which the account "member" then has plenty."""


@dataclass(frozen=True)
class Escrow:
    """A group that one member of two has joined; the price falls by a fifth with the second."""

    address: str
    token: str

    def join(self, chain: Chain, member: str) -> int:
        """A member deposits the price of one seat; returns the gas."""
        return chain.call(member, self.address, _JOIN, 1, 1).gas

    def balance(self, chain: Chain, of: str) -> int:
        """Tokens that an account holds."""
        return int(chain.read(self.token, "balanceOf(address)", "uint256", of))


def everyone() -> list[Contender[Escrow]]:
    """The escrow around either token."""
    openzeppelin = f"@openzeppelin/contracts {artefacts.version_of('@openzeppelin/contracts')}, struct escrow"
    return [
        _contender(f"{openzeppelin}, around solady {artefacts.version_of('solady')} ERC20", _plain),
        _contender(f"{openzeppelin}, {OUR_TOKENS}", _ours),
    ]


def _contender(name: str, make_token: MakeToken) -> Contender[Escrow]:
    def set_up(chain: Chain) -> Escrow:
        token = make_token(chain)
        address = chain.deploy(account("deployer"), artefacts.peer("NaiveEscrow", "NaiveEscrow"))
        chain.call(
            account("seller"),
            address,
            _OPEN,
            *(token, AMOUNT, AMOUNT - SURPLUS, 2, 2, chain.now() + 10 * DAY),
        )
        escrow = Escrow(address, token)
        for person in (account("member"), account("friend")):
            chain.call(person, token, APPROVE, address, EVERYTHING)
        escrow.join(chain, account("friend"))
        return escrow

    contender = Contender(name, set_up)

    @contender.scenario("group_join")
    def join(chain: Chain, escrow: Escrow) -> Cost:
        return Cost(escrow.join(chain, account("member")))

    @contender.scenario("group_close")
    def close(chain: Chain, escrow: Escrow) -> Cost:
        escrow.join(chain, account("member"))
        chain.wait(10 * DAY)
        return Cost(chain.call(account("relay"), escrow.address, _CLOSE, 1).gas)

    @contender.scenario("group_withdraw")
    def withdraw(chain: Chain, escrow: Escrow) -> Cost:
        escrow.join(chain, account("member"))
        return Cost(_pull(chain, escrow, account("member")))

    @contender.scenario("group_refund")
    def refund(chain: Chain, escrow: Escrow) -> Cost:
        return Cost(_pull(chain, escrow, account("friend")))

    return contender


def _pull(chain: Chain, escrow: Escrow, member: str) -> int:
    """Close the group and let a participant withdraw what is his; returns the gas of the latter."""
    chain.wait(10 * DAY)
    chain.call(account("relay"), escrow.address, _CLOSE, 1)
    return chain.call(member, escrow.address, _WITHDRAW, 1).gas


def _plain(chain: Chain) -> str:
    """Solady's token, deployed in full: the cheapest to move."""
    owner = account("owner")
    token = chain.deploy(owner, artefacts.peer("SoladyToken", "SoladyToken"))
    chain.call(owner, token, "initialize(address,string,string)", owner, TOKEN_NAME, TOKEN_SYMBOL)
    return _handed_out(chain, token, owner)


def _ours(chain: Chain) -> str:
    return _handed_out(
        chain, make_token(chain, deploy(chain), account("brand"), account("manager")), account("manager")
    )


def _handed_out(chain: Chain, token: str, minter: str) -> str:
    """The token, which member, friend and seller hold already."""
    for person in (account("member"), account("friend"), account("seller")):
        chain.call(minter, token, MINT, person, 10 * AMOUNT)
    return token
