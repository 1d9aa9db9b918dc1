"""Running the scripts: as a person does, and within the test's own process, which is much faster."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
from click.testing import CliRunner

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "scripts"


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit code, what it printed, and what it complained of."""

    code: int
    out: str
    err: str


Do = Callable[..., Outcome]
"""Runs a command in a town: its name, its arguments, and `by` whom."""


def script(name: str) -> click.Command:
    """The command that a script holds."""
    spec = importlib.util.spec_from_file_location(f"script_{name}", SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    command: click.Command = module.cli
    return command


def names() -> list[str]:
    """Every script there is."""
    return sorted(path.stem for path in SCRIPTS.glob("*.py") if not path.stem.startswith("_"))


def commands() -> dict[str, click.Command]:
    """Every command that does something, by what one types after `ape run`."""
    found: dict[str, click.Command] = {}
    for name in names():
        command = script(name)
        if isinstance(command, click.Group):
            found |= {f"{name} {each}": inner for each, inner in command.commands.items()}
        else:
            found[name] = command
    return found


def run(name: str, *arguments: str) -> Outcome:
    """Run a command in this process."""
    result = CliRunner(mix_stderr=False).invoke(script(name), list(arguments), prog_name=f"ape run {name}")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Outcome(result.exit_code, result.stdout, result.stderr)


def ape_run(*arguments: str, **environment: str) -> Outcome:
    """Run a command as a person does, with further environment variables."""
    done = subprocess.run(
        ["ape", "run", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def done(outcome: Outcome, sentence: str = "") -> str:
    """The command did it, and said so."""
    assert outcome.code == 0, outcome
    assert re.search(sentence, outcome.out), outcome.out
    return outcome.out


def refused(outcome: Outcome, sentence: str, code: int = 1) -> None:
    """The command failed with that sentence, once, and without a traceback."""
    assert outcome.code == code, outcome
    assert re.search(sentence, outcome.err), outcome.err
    assert "Traceback" not in outcome.err + outcome.out
