"""Write an example of a file that describes an alliance."""

from pathlib import Path

import click

from symbolon.cli import sentences
from symbolon.exceptions import SymbolonError
from symbolon.manifest import write_whole
from symbolon.planning.example import EXAMPLE


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default="alliance.yaml")
def cli(file: Path) -> None:
    """Write a commented example of what `plan` and `apply` read to FILE (alliance.yaml)."""
    with sentences():
        if file.exists():
            raise SymbolonError(f"{file} is there already: name another file, or move it away.")
        write_whole(file, EXAMPLE.encode())
    click.echo(f"Wrote {file}: fill in your own accounts, then look at `ape run plan {file}`.")
