"""Every command in the runbooks is one that there is, with the options that it has."""

from __future__ import annotations

import re
import shlex

import click
import pytest
from commands import ROOT, commands

PAGE = (ROOT / "docs" / "runbooks.md").read_text()
QUOTED = [" ".join(each.split()) for each in re.findall(r"`ape run ([^`]+)`", PAGE)]
COMMANDS = commands()


@pytest.mark.parametrize("line", QUOTED)
def test_command__is_one_that_there_is(line: str) -> None:
    first, *rest = shlex.split(line)
    name, given = (f"{first} {rest[0]}", rest[1:]) if first not in COMMANDS and rest else (first, rest)
    command = COMMANDS[name]
    options = {name for each in command.params for name in each.opts}
    assert {each for each in given if each.startswith("--")} <= options
    taken = [each for each in command.params if isinstance(each, click.Argument)]
    plain = positional(given, command)
    assert len(plain) >= sum(each.required for each in taken)
    assert len(plain) <= len(taken) or any(each.nargs == -1 for each in taken)


def positional(given: list[str], command: click.Command) -> list[str]:
    """What is given beside options and their values."""
    valued = {
        name
        for each in command.params
        if isinstance(each, click.Option) and not each.is_flag
        for name in each.opts
    }
    return [
        each
        for before, each in zip(["", *given], given, strict=False)
        if not each.startswith("--") and before not in valued
    ]


def test_runbooks__are_there_for_what_matters() -> None:
    titles = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert titles == ["First deployment", "A lost key", "A lost journal", "Moving to a new version"]
    assert len(QUOTED) > 15
