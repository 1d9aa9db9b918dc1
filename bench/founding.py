"""The suite deployed, and brands with tokens in it: what every scenario of ours starts from."""

from __future__ import annotations

from collections.abc import Mapping

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from bench.chain import Chain, account
from bench.floors import AMOUNT
from bench.scenarios import TOKEN_NAME, TOKEN_SYMBOL
from symbolon.artifacts import artifact
from symbolon.deployment import FIRST_ADMIN, LISTED, SUITE, Address

CREATE_TOKEN = "createToken(bytes32,address,address,string,string,uint8)"  # noqa: S105 (a signature)
SET_LISTED = "setListed(uint8,address,bool)"
_ADDRESS_OF = "tokenAddress(address,bytes32,address,address,string,string,uint8)"
_REGISTER = "register(bytes32,address,string)"
_OBLIGE = "oblige(address,address,uint96,uint96,(bytes32,uint32,uint16,string))"

PAR_VALUE = 10_000
"""Currency base units per whole token: a cent of a dollar with six decimals."""
DECIMALS = 18
CAPACITY = 10_000_000 * AMOUNT
_NOTICE_PERIOD = 30 * 24 * 3600

Suite = Mapping[str, str]
"""Address of each contract by name."""


def deploy(chain: Chain) -> Suite:
    """The suite, which the account "alliance" governs."""
    alliance = account("alliance")
    suite: dict[str, str] = {}
    for part in SUITE:
        arguments = (_resolved(argument, suite, alliance) for argument in part.args)
        suite[part.name] = chain.deploy(alliance, artifact(part.name).init_code(*arguments))
    for what, name in LISTED:
        chain.call(alliance, suite["BrandRegistry"], SET_LISTED, what, suite[name], True)
    return suite


def make_token(chain: Chain, suite: Suite, admin: str, minter: str) -> str:
    """A brand of `admin`'s with a token it is obliged for, of which `minter` may mint half the capacity."""
    factory, obligations = suite["LoyaltyTokenFactory"], suite["ObligationRegistry"]
    brand_id = _admit_brand(chain, suite, admin)
    facts = (brand_id, obligations, suite["Redemptions"], TOKEN_NAME, TOKEN_SYMBOL, DECIMALS)
    chain.call(admin, factory, CREATE_TOKEN, *facts)
    token = to_checksum_address(chain.read(factory, _ADDRESS_OF, "address", admin, *facts))
    terms = (keccak(b"terms"), _NOTICE_PERIOD, 0, "ipfs://terms")
    chain.call(admin, obligations, _OBLIGE, token, suite["MockDollar"], PAR_VALUE, CAPACITY, terms)
    chain.call(admin, token, "grantQuota(address,uint96)", minter, CAPACITY // 2)
    return token


def _admit_brand(chain: Chain, suite: Suite, admin: str) -> bytes:
    """Register a brand for `admin` and have it admitted; returns its id."""
    brands, salt = suite["BrandRegistry"], keccak(b"brand")
    chain.call(admin, brands, _REGISTER, salt, account("guardian"), "ipfs://profile")
    brand_id: bytes = chain.read(brands, "brandIdOf(address,bytes32)", "bytes32", admin, salt)
    chain.call(account("alliance"), brands, "admit(bytes32)", brand_id)
    return brand_id


def _resolved(argument: object, suite: Suite, first_admin: str) -> object:
    """A part's constructor argument, with the address that it stands for."""
    if argument is FIRST_ADMIN:
        return first_admin
    return suite[argument.of] if isinstance(argument, Address) else argument
