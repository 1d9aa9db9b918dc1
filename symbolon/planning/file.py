"""Reading `alliance.yaml`: everything wrong with it is told at once, a sentence and a line each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from symbolon.addresses import checksum_address, parse_address
from symbolon.fields import Fields, FileError, Problems, compose, read_file, read_text
from symbolon.planning.kinds import OF_BRAND, OF_FILE, OF_TOKEN
from symbolon.planning.kinds.brand import read_brand
from symbolon.planning.kinds.listing import read_alliance
from symbolon.planning.kinds.token import read_token
from symbolon.planning.model import Account, MoneyAt, Reading, Resource


def read(path: Path, money: MoneyAt) -> list[Resource]:
    """What a file describes, in its order. Raises FileError."""
    return parse(read_file(path), money, path.name, path.parent)


def parse(text: str, money: MoneyAt, source: str = "The file", folder: Path = Path()) -> list[Resource]:
    """What a text describes; documents that it names are files in `folder`. Raises FileError."""
    problems: Problems = []
    top = Fields(compose(text, source), "the file", problems)
    reading = Reading(folder, problems, money)
    _read_accounts(top, reading)
    found = read_alliance(top, reading)
    for label, fields in _mappings(top, "brands", "brand", reading):
        found += _read_brand(label, fields, reading)
    for kind in OF_FILE:
        found += kind(top, reading)
    top.close()
    if not problems and not found:
        problems.append((1, "there is nothing here: `ape run init` writes an example"))
    if problems:
        raise FileError.of(source, problems)
    return found


def _read_accounts(top: Fields, reading: Reading) -> None:
    fields = top.get("accounts", lambda node: Fields(node, "accounts", reading.problems), None)
    for name, _ in fields.entries() if fields else ():
        assert fields is not None
        text = fields.get(name, read_text, None)
        address = fields.get(name, lambda node: checksum_address(parse_address(read_text(node))), None)
        if text and address:
            reading.accounts[name] = Account(name, address)


def _mappings(top: Fields, section: str, what: str, reading: Reading) -> Iterator[tuple[str, Fields]]:
    """What is described by its name in a section."""
    fields = top.get(section, lambda node: Fields(node, section, reading.problems), None)
    for name, node in fields.entries() if fields else ():
        yield name, Fields(node, f"{what} {name}", reading.problems)


def _read_brand(label: str, fields: Fields, reading: Reading) -> list[Resource]:
    brand = read_brand(label, fields, reading)
    found: list[Resource] = [brand]
    if not fields.is_sound:
        return found
    for of_brand in OF_BRAND:
        found += of_brand(brand, fields, reading)
    inner = fields.get("token", lambda node: Fields(node, f"the token of {label}", reading.problems), None)
    fields.close()
    token = read_token(brand, inner, reading) if inner else None
    if token is None or inner is None:
        return found
    found.append(token)
    for of_token in OF_TOKEN:
        found += of_token(token, inner, reading)
    inner.close()
    return found
