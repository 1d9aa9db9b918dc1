"""Carries a plan out, each act once, however often it is stopped and run again.

The journal is told of a turn before anything of it is signed, and `symbolon.sender` tells it of each
transaction before it is sent. A run begins by seeing to what an earlier one had signed. After that the chain
alone says what is left to do: an act has been carried out when comparing the file with the chain does not
call for it any more, whoever did it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from symbolon import calls
from symbolon.addresses import keccak
from symbolon.exceptions import NonceTakenError, SymbolonError, TransactionRevertedError
from symbolon.journal import DEFAULT_FOLDER, Chapter, Journal, Record
from symbolon.planning.model import Resource, World
from symbolon.planning.plan import Turn
from symbolon.reverts import understand
from symbolon.rpc import Block, Node
from symbolon.sender import Call, Done, Policy, Progress, Sender, Signer

if TYPE_CHECKING:
    from symbolon.alliance import Alliance

GAS_MARGIN = 1.5
"""How much more gas is allowed than the rehearsal took: the chain moves on between the two."""

SignerAt = Callable[[str], Signer | None]
"""Who signs for an address; None where its key is not here."""


class NoKeyError(SymbolonError):
    """A key that is needed is not here."""


class Applying:
    """An apply under way; a `with` block keeps others on this machine out.

    resume() comes first, then run() with what is planned after it.
    """

    def __init__(
        self,
        alliance: Alliance,
        node: Node,
        signer_at: SignerAt,
        *,
        folder: Path = DEFAULT_FOLDER,
        policy: Policy | None = None,
        on_progress: Callable[[Progress], None] = lambda _: None,
        on_step: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Opens the journal in `folder`. on_step: see Sender. Raises JournalError."""
        self._alliance = alliance
        self._node = node
        self._signer_at = signer_at
        # One transaction at a time: each act may rest on the one before it.
        self._policy = replace(policy or Policy(), window=1, mine=False)
        self._report = on_progress
        self._step = on_step
        instance, registry = node.identity(), str(alliance.brand_registry.address)
        header = {
            "kind": "header",
            "job": "apply",
            "chain": node.chain_id(),
            "instance": instance,
            "registry": registry,
        }
        place = keccak(f"{instance} {registry}".encode()).hex()[:16]
        self._journal = Journal(folder / f"apply-{place}.jsonl", header)
        self._next = 1 + max((int(each.get("chapter", 0)) for each in self._journal.records), default=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._journal.close()

    # ---- what an earlier run left

    def resume(self) -> list[str]:
        """See to it that whatever was signed is mined for good or never will be; what was waited for."""
        chapters: dict[int, list[Record]] = {}
        for record in self._journal.records:
            chapters.setdefault(int(record["chapter"]), []).append(record)
        waited_for = []
        for number, records in chapters.items():
            if records[-1]["kind"] not in ("finished", "closed"):
                waited_for += self._resume(number, records)
        return waited_for

    def _resume(self, number: int, records: Sequence[Record]) -> list[str]:
        intent = records[0]
        under_way: dict[str, list[Record]] = {}
        for record in records:
            if record["kind"] in ("signed", "final"):
                under_way.setdefault(record["key"], []).append(record)
            elif record["kind"] in ("taken", "reverted"):
                under_way.pop(record["key"], None)
        chapter = Chapter(self._journal, number, [each for some in under_way.values() for each in some])
        wanted = [_call(each) for each in intent["acts"] if each["key"] in under_way]
        try:
            if wanted:
                # Not `done`: the file may say something else by now. What was signed is all that matters.
                self._sender(intent["signer"], chapter, None).run(wanted)
        except (NonceTakenError, TransactionRevertedError):
            pass  # so it will not happen; whether it is still to be done, the next plan says
        chapter.append({"kind": "closed"})
        self._step("closed")
        return [call.key for call in wanted]

    # ---- the turns

    def run(
        self, turns: Sequence[Turn], gas: Mapping[str, int], wanted: Sequence[Resource]
    ) -> dict[str, list[str]]:
        """Carry turns out; for each act's key the hashes of its transactions.

        gas: what each act took in the rehearsal, by its key. wanted: what the acts follow from. Raises what
        `Sender.run` raises, NoKeyError; NotMinedError also where transactions wait that the journal does not
        know. Running again goes on.
        """
        sent: dict[str, list[str]] = {}
        for turn in turns:
            # Without a journal, what waits may be these very acts: granting adds up.
            self._node.check_nothing_waits(turn.signer.address)
            number, self._next = self._next, self._next + 1
            chapter = Chapter(self._journal, number)
            acts: list[Record] = [
                {
                    "key": act.key,
                    "what": f"{act.subject}: {act.text}",
                    "to": act.call.to,
                    "data": "0x" + act.call.data.hex(),
                    "gas": min(int(gas[act.key] * GAS_MARGIN), calls.TX_GAS_CAP),
                }
                for act in turn.acts
            ]
            chapter.append({"kind": "turn", "signer": turn.signer.address, "acts": acts})
            self._step("turn")
            sender = self._sender(turn.signer.address, chapter, self._done(turn, wanted))
            sent |= sender.run([_call(each) for each in acts])
        return sent

    def _done(self, turn: Turn, wanted: Sequence[Resource]) -> Done:
        """Tells which acts of a turn comparing does not call for any more."""
        concerned = {act.subject for act in turn.acts}
        resources = [each for each in wanted if each.subject in concerned]

        def done(some: Sequence[Call], block: Block) -> list[bool]:
            with calls.as_of(block if isinstance(block, int) else None):
                world = World(self._alliance)
                left = {act.key for resource in resources for act in resource.acts(world)}
            return [call.key not in left for call in some]

        return done

    def _sender(self, address: str, chapter: Chapter, done: Done | None) -> Sender:
        signer = self._signer_at(address)
        if signer is None:
            raise NoKeyError(
                f"What {address} signed is not in the chain yet, and its key is not here: run this where "
                "it is."
            )
        return Sender(
            self._node,
            signer,
            chapter,
            done=done,
            explain=lambda data: understand(data).sentence,
            policy=self._policy,
            on_progress=self._report,
            on_step=self._step,
        )


def _call(act: Record) -> Call:
    return Call(act["key"], act["to"], bytes.fromhex(act["data"][2:]), act["gas"])
