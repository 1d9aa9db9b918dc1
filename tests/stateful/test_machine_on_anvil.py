"""The same rules on Anvil: what holds in an EVM by itself holds on a chain, with blocks and receipts."""

from __future__ import annotations

from hypothesis import Phase

from stateful.alliance import Alliance
from stateful.chains import START, OnAnvil
from stateful.running import run
from symbolon.anvil import Anvil


def test_alliance__on_a_chain__keeps_its_promises() -> None:
    with Anvil(timestamp=START) as anvil:

        class OnChain(Alliance):
            make_chain = staticmethod(lambda: OnAnvil(anvil))
            stage = None

        result = run(OnChain, 3, rounds=4, phases=[Phase.generate])
    assert result.tally.successes.total() >= 20
    assert result.tally.refusals.total() >= 5
