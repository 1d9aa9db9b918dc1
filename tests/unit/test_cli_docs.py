"""Every command explains itself, and has its place in docs/cli.md."""

import re

import click
import pytest
from commands import ROOT, commands

PAGE = (ROOT / "docs" / "cli.md").read_text()
COMMANDS = commands()


@pytest.mark.parametrize("name", COMMANDS)
def test_command__has_help_and_so_has_each_option(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    assert command.help.split("\n\n", maxsplit=1)[0].endswith((".", ")."))
    for option in (each for each in command.params if isinstance(each, click.Option)):
        assert option.help, f"{name} {option.opts[0]}"


@pytest.mark.parametrize("name", COMMANDS)
def test_command__has_its_place_in_the_page(name: str) -> None:
    assert f"| `ape run {name}` |" in PAGE


def test_page__names_no_command_that_there_is_not() -> None:
    assert set(re.findall(r"^\| `ape run ([a-z -]+)` \|", PAGE, re.MULTILINE)) == set(COMMANDS)


def test_page__names_no_option_that_there_is_not() -> None:
    known = {opt for command in COMMANDS.values() for each in command.params for opt in each.opts}
    known |= {"--network", "--help"}
    assert set(re.findall(r"--[a-z][a-z-]+", PAGE)) <= known


def options(name: str) -> set[str]:
    return {opt for each in COMMANDS[name].params for opt in each.opts}


@pytest.mark.parametrize("name", [each for each in COMMANDS if "--account" in options(each)])
def test_command_that_signs__can_be_rehearsed(name: str) -> None:
    assert "--dry-run" in options(name) or name == "doctor"  # which signs nothing
