"""Where everything will be is known before any chain is asked."""

import pytest
from eth_utils.crypto import keccak

from symbolon.deployment import create2_address, plan, salt_of
from symbolon.exceptions import SymbolonError

ADMIN = "0x" + "aa" * 20


def addresses(first_admin: str = ADMIN, salt: str = "symbolon", *, rehearsal: bool = True) -> dict[str, str]:
    return {step.name: step.address for step in plan(first_admin, salt, rehearsal=rehearsal)}


def test_create2_address__is_the_standards() -> None:
    """EIP-1014, with the deployer at its own address."""
    init_code = bytes.fromhex("00")
    preimage = "ff4e59b44847b379578588920ca78fbf26c0b4956c" + "00" * 32 + keccak(init_code).hex()
    assert create2_address(bytes(32), init_code).lower() == "0x" + keccak(hexstr=preimage)[12:].hex()


def test_plan__again__is_the_same() -> None:
    assert addresses() == addresses()


def test_plan__another_salt_or_admin__is_another_suite() -> None:
    others = (addresses(salt="other"), addresses(first_admin="0x" + "bb" * 20))
    for other in others:
        for name in ("AccessManager", "BrandRegistry", "LoyaltyToken", "ObligationRegistry"):
            assert other[name] != addresses()[name]


def test_plan__live__leaves_out_what_is_for_rehearsals_and_moves_nothing() -> None:
    live, local = addresses(rehearsal=False), addresses(rehearsal=True)
    assert set(local) - set(live) == {"MockDollar"}
    assert all(local[name] == live[name] for name in live)


def test_plan__later_parts_are_given_the_earlier_ones() -> None:
    steps = {step.name: step for step in plan(ADMIN, rehearsal=False)}
    assert steps["AccessManager"].args[0].lower() == ADMIN
    assert steps["BrandRegistry"].args == (steps["AccessManager"].address,)
    assert steps["LoyaltyTokenFactory"].args == (
        steps["BrandRegistry"].address,
        steps["LoyaltyToken"].address,
    )


def test_plan__admin_is_no_address__says_so() -> None:
    with pytest.raises(SymbolonError, match=r"multisig\.eth is no address"):
        plan("multisig.eth", rehearsal=False)


def test_salt__text_is_hashed() -> None:
    assert salt_of("symbolon") == keccak(text="symbolon")
