"""QR codes: drawn for a screen, a file or a terminal, and read from a picture."""

from __future__ import annotations

from pathlib import Path

import segno
import zxingcpp
from PIL import Image, UnidentifiedImageError
from segno.encoder import DataOverflowError

from symbolon.codes import PREFIX
from symbolon.exceptions import SymbolonError

_QUIET = 4
"""Modules of white around a code, as the standard wants."""

_BLACK, _WHITE = 16, 231  # of the 256 colours, those that no theme changes
_SUFFIXES = (".png", ".svg")
_PIXELS = 50_000_000
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
"""What cameras and screens make. Some others are programs, which opening would run."""


class PictureError(SymbolonError):
    """A picture cannot be written, or no code can be read from it."""


def draw(text: str) -> segno.QRCode:
    """The smallest QR code of a text that still reads with a seventh of it hidden. Raises PictureError."""
    try:
        return segno.make_qr(text, error="m", boost_error=False)
    except DataOverflowError:
        raise PictureError(
            "The signature is too long for a QR code, as that of some wallets: show the code as text."
        ) from None


def on_terminal(text: str) -> str:
    """The code for a terminal of 256 colours: two rows of modules to a line, black on white in any theme."""
    rows = [list(row) for row in draw(text).matrix_iter(border=_QUIET)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    lines = (
        "".join(
            f"\x1b[38;5;{_BLACK if upper else _WHITE};48;5;{_BLACK if lower else _WHITE}m▀"
            for upper, lower in zip(*pair, strict=True)
        )
        for pair in zip(rows[::2], rows[1::2], strict=True)
    )
    return "\n".join(f"{line}\x1b[0m" for line in lines)


def save(text: str, path: Path) -> None:
    """Write the code as a picture, PNG or SVG by the file's name. Raises PictureError."""
    if path.suffix.lower() not in _SUFFIXES:
        raise PictureError(f"{path.name} is no picture's name: let it end in .png or .svg.")
    code = draw(text)
    try:
        code.save(str(path), scale=8, border=_QUIET)
    except OSError as error:
        raise PictureError(f"{path} cannot be written ({error.strerror}): choose another file.") from error


def read(path: Path) -> str:
    """The text of the one redemption code in a picture. Raises PictureError."""
    try:
        with Image.open(path, formats=_FORMATS) as opened:
            if opened.width * opened.height > _PIXELS:
                raise PictureError(f"{path.name} is too large to be looked through: cut out the code.")
            picture = opened.convert("L")
    except FileNotFoundError:
        raise PictureError(f"There is no file {path}: check its name.") from None
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise PictureError(f"{path.name} is no picture that can be opened: take PNG or JPEG.") from error
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    texts = {each.text for each in found if each.text.upper().startswith(PREFIX)}
    if len(texts) > 1:
        raise PictureError(f"There are {len(texts)} redemption codes in {path.name}: show one at a time.")
    if not texts:
        other = " (there is another QR code in it)" if found else ""
        raise PictureError(
            f"No redemption code can be read in {path.name}{other}: take it straight, whole and well lit."
        )
    return texts.pop()
