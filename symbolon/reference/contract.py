"""What every part of the model shares: calls that are refused whole, events, arithmetic that is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from symbolon.reference.world import World

Address = bytes
"""20 bytes."""

ZERO = bytes(20)
DAY = 86_400
UINT256 = 2**256 - 1
MAX_URI_LENGTH = 512
"""The most bytes of an address on the web that a brand may write down."""


class RevertError(Exception):
    """A contract refuses a call.

    Attributes:
        name: of its error; "Panic" where the compiler's own check failed, "" where no reason is given.
        facts: the error's arguments, in order.
    """

    def __init__(self, name: str, *facts: Any) -> None:  # noqa: ANN401 (whatever the error holds)
        super().__init__(f"{name}({', '.join(map(_shown, facts))})")
        self.name = name
        self.facts = facts


def require(condition: bool, error: str, *facts: object) -> None:
    """Refuse the call with `error` unless `condition` holds."""
    if not condition:
        raise RevertError(error, *facts)


def require_short(uri: str, error: str) -> None:
    """Refuse the call with `error` if an address on the web is too long."""
    length = len(uri.encode())
    require(length <= MAX_URI_LENGTH, error, length, MAX_URI_LENGTH)


def checked(value: int, bits: int) -> int:
    """`value`, if an unsigned integer of so many bits holds it; else a panic, as in compiled code."""
    require(0 <= value < 1 << bits, "Panic", 0x11)
    return value


class Event(NamedTuple):
    """Something that a contract put on record; its facts in the order of the event's parameters."""

    contract: Address
    name: str
    facts: tuple[Any, ...]


class Contract:
    """A part of the model at an address.

    All its state is in attributes, and what is in a mapping is never changed in place. So a shallow copy is a
    snapshot, which is how a call that is refused half way leaves nothing behind.
    """

    def __init__(self, world: World, address: Address) -> None:
        self.world = world
        self.address = address

    def emit(self, event: str, *facts: object) -> None:
        """Put an event on record."""
        self.world.events.append(Event(self.address, event, facts))

    def save(self) -> dict[str, Any]:
        """The state as it is."""
        held = vars(self)
        state = held.copy()
        for name in _CONTAINERS.get(type(self)) or self._containers():
            state[name] = held[name].copy()
        return state

    def restore(self, saved: dict[str, Any]) -> None:
        """Bring back a saved state; it is used up."""
        vars(self).update(saved)

    def _containers(self) -> tuple[str, ...]:
        """The attributes that are copied with the state: the same for a kind of contract, so found once."""
        held = vars(self).items()
        found = tuple(name for name, value in held if isinstance(value, dict | set | list))
        _CONTAINERS[type(self)] = found
        return found


_CONTAINERS: dict[type[Contract], tuple[str, ...]] = {}


def _shown(fact: object) -> str:
    return "0x" + fact.hex() if isinstance(fact, bytes) else repr(fact)
