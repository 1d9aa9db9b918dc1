"""Files of fields that people write, in YAML: what is wrong with one is told together, line by line.

    problems: Problems = []
    fields = Fields(compose(text, "deals.yaml"), "the file", problems)
    seats = fields.need("seats", whole(1, 500))
    fields.close()
    if problems: raise FileError("deals.yaml", problems)

What reads a value is a function of its node, which raises MistakeError, or any SymbolonError. Pure: no chain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar, cast

import yaml

from symbolon.addresses import checksum_address, parse_address
from symbolon.exceptions import SymbolonError
from symbolon.units import parse_amount

MINUTE, HOUR, DAY = 60, 3_600, 86_400

FOREVER = 2**40 - 1
"""As the end of something: none that anybody will see."""

_SPAN = re.compile(r"([0-9]{1,6}) *(minute|hour|day|week)s?")
_SECONDS = {"minute": MINUTE, "hour": HOUR, "day": DAY, "week": 7 * DAY}
_WHOLE = re.compile(r"[0-9]{1,20}")

T = TypeVar("T")
D = TypeVar("D")

Problems = list[tuple[int, str]]
"""What is wrong: lines, and a sentence each."""


class FileError(SymbolonError):
    """A file cannot be used; `problems` holds one sentence for each thing to mend."""

    def __init__(self, source: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        listed = "".join(f"\n  {problem}" for problem in self.problems)
        super().__init__(f"{source} was not used and nothing was sent; mend it and run again:{listed}")

    @classmethod
    def of(cls, source: str, problems: Problems) -> FileError:
        """The error for what is wrong, line by line."""
        return cls(source, [f"line {line}: {problem}" for line, problem in sorted(problems)])


def read_file(path: Path) -> str:
    """The text of a file. Raises FileError."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(path.name, [f"it cannot be read ({error.strerror or error})"]) from error
    except UnicodeDecodeError as error:
        raise FileError(path.name, [f"it is no text that can be read ({error})"]) from error


def compose(text: str, source: str) -> yaml.Node | None:
    """The YAML in a text, with every value as it was written; None where there is none. Raises FileError."""
    try:
        return yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        what = getattr(error, "problem", None) or "it is nested too deeply"
        raise FileError(source, [f"{where}this is no YAML ({what})"]) from error


class MistakeError(Exception):
    """What is wrong with a value, to be told after its name; nothing where it was told already."""


class Fields:
    """A mapping of the file. What is wrong with a field is noted, and then its value means nothing."""

    def __init__(self, node: yaml.Node | None, what: str, problems: Problems) -> None:
        self._what = what
        self._problems = problems
        self.line = line_of(node)
        self._known: list[str] = []
        self._nodes: dict[str, yaml.Node] = {}
        self.is_sound = True
        if node is not None and not isinstance(node, yaml.MappingNode):
            self.note(f"{what} is no list of fields: write each as `name: value`")
            return
        for key, value in node.value if node is not None else ():
            name = read_text(key) if isinstance(key, yaml.ScalarNode) else "?"
            if name in self._nodes:
                self.note(f"{name} is there twice: keep one", key)
            self._nodes[name] = value

    def note(self, problem: str, node: yaml.Node | None = None) -> None:
        """Note what is wrong, and where."""
        self._problems.append((line_of(node) if node else self.line, problem))
        self.is_sound = False

    def has(self, name: str) -> bool:
        """Whether a field is there, right or wrong."""
        return name in self._nodes

    def need(self, name: str, value: Callable[[yaml.Node], T]) -> T:
        """A field that must be there."""
        if name not in self._nodes:
            self.note(f"{self._what} needs {name}")
        return cast("T", self.get(name, value, None))

    def get(self, name: str, value: Callable[[yaml.Node], T], default: D) -> T | D:
        """A field, or `default` where it is not there."""
        self._known.append(name)
        node = self._nodes.get(name)
        if node is None:
            return default
        try:
            return value(node)
        except MistakeError as mistake:
            self.is_sound = False
            if str(mistake):
                self.note(f"{name} {mistake}", node)
        except SymbolonError as error:
            self.note(f"{name}: {str(error).rstrip('.')}", node)
        return default

    def entries(self) -> Iterator[tuple[str, yaml.Node]]:
        """Every field, where the file itself gives them their names."""
        self._known += self._nodes
        yield from self._nodes.items()

    def named(self, name: str, value: Callable[[str], T]) -> T | None:
        """What the name of a field itself stands for; None where it stands for nothing."""
        try:
            return value(name)
        except SymbolonError as error:
            self.note(str(error).rstrip("."), self._nodes[name])
            return None

    def line_at(self, name: str) -> int:
        """The line of a field, or of all of this where it is not there."""
        return line_of(self._nodes[name]) if name in self._nodes else self.line

    def __contains__(self, name: str) -> bool:
        return name in self._nodes

    def close(self) -> None:
        """Note fields that nothing asked for."""
        for name, node in self._nodes.items():
            if name not in self._known:
                meant = get_close_matches(name, self._known, 1)
                hint = f"did you mean {meant[0]}?" if meant else f"write {either(self._known)}"
                self.note(f"{self._what} has no field {name!r}: {hint}", node)


def line_of(node: yaml.Node | None) -> int:
    """The line that something begins on."""
    return int(node.start_mark.line) + 1 if node is not None else 1


def read_sequence(node: yaml.Node) -> list[yaml.Node]:
    """The items of a list."""
    if not isinstance(node, yaml.SequenceNode):
        raise MistakeError("is no list: begin each with a dash")
    return list(node.value)


def read_text(node: yaml.Node) -> str:
    """A text, which is not empty."""
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        raise MistakeError("is empty: write one value")
    return str(node.value).strip()


def whole(least: int, most: int) -> Callable[[yaml.Node], int]:
    """What reads a whole number within bounds."""

    def read(node: yaml.Node) -> int:
        text = read_text(node)
        if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
            raise MistakeError(f"{text} is no whole number from {least} to {most}")
        return int(text)

    return read


def one_of(*choices: str) -> Callable[[yaml.Node], str]:
    """What reads one of a few words."""

    def read(node: yaml.Node) -> str:
        if (text := read_text(node)) not in choices:
            raise MistakeError(f"{text} is neither: write {either(choices)}")
        return text

    return read


def name_of_bytes(longest: int) -> Callable[[yaml.Node], str]:
    """What reads a name of so many bytes at most."""

    def read(node: yaml.Node) -> str:
        text = read_text(node)
        if len(text.encode()) > longest or not text.isprintable() or "/" in text:
            raise MistakeError(f"{text!r} is none: write 1 to {longest} letters, digits or signs but /")
        return text

    return read


def read_address(node: yaml.Node) -> str:
    """An address."""
    return checksum_address(parse_address(read_text(node)))


def read_span(node: yaml.Node) -> int:
    """A length of time, in seconds."""
    match = _SPAN.fullmatch(text := read_text(node))
    if match is None:
        raise MistakeError(f"{text} is no time: write 3 days, 12 hours or 90 minutes")
    return int(match[1]) * _SECONDS[match[2]]


def read_days(node: yaml.Node) -> int:
    """A length of time, in days."""
    seconds = read_span(node)
    if seconds % DAY or not 1 <= seconds // DAY <= 255:
        raise MistakeError(f"{read_text(node)} is not from 1 to 255 days")
    return seconds // DAY


def read_basis_points(node: yaml.Node) -> int:
    """A percentage up to 100, with two decimals at most."""
    bps = parse_amount(read_text(node).removesuffix("%"), 2, allow_zero=True)
    if bps > 10_000:
        raise MistakeError("is more than 100 %")
    return bps


def read_moment(node: yaml.Node) -> int:
    """A time, in seconds since 1970."""
    try:
        read = datetime.fromisoformat(read_text(node))
        seconds = int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise MistakeError(
            f"{read_text(node)} is no time: write 2027-03-01 or 2027-03-01 18:30, in UTC"
        ) from None
    return min(max(seconds, 0), FOREVER)


def either(words: Iterable[str]) -> str:
    """Words to choose from."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
