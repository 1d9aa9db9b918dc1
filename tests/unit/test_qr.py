"""What is drawn for a member can be read by a till, from whatever picture it makes of it."""

import re
from pathlib import Path

import pytest
import segno
from PIL import EpsImagePlugin, Image, ImageFilter

from symbolon import qr
from symbolon.codes import PREFIX
from symbolon.qr import PictureError

TEXT = PREFIX + "AEAQAAAAAAAAA6TJ234567" * 16


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    path = tmp_path / "code.png"
    qr.save(TEXT, path)
    return path


def changed(path: Path, suffix: str = ".png") -> Path:
    return path.with_name(f"changed{suffix}")


def test_read__what_was_drawn__is_the_text(drawn: Path) -> None:
    assert qr.read(drawn) == TEXT


def test_read__a_tilted_blurred_photograph_with_a_thumb_in_it__is_the_text(drawn: Path) -> None:
    page = Image.new("RGB", (1600, 1200), (208, 196, 180))
    with Image.open(drawn) as code:
        page.paste(code.convert("RGB"), (400, 250))
    page.paste((90, 60, 50), (905, 640, 965, 700))
    photograph = page.rotate(11, expand=True).filter(ImageFilter.GaussianBlur(1.5))
    photograph.save(changed(drawn, ".jpg"), quality=60)
    assert qr.read(changed(drawn, ".jpg")) == TEXT


def test_read__white_on_black__is_the_text(drawn: Path) -> None:
    with Image.open(drawn) as code:
        code.convert("L").point(lambda value: 255 - value).save(changed(drawn))
    assert qr.read(changed(drawn)) == TEXT


def test_read__beside_another_qr_code__is_the_text(drawn: Path, tmp_path: Path) -> None:
    segno.make_qr("https://bakery.example").save(str(tmp_path / "other.png"), scale=8)
    with Image.open(drawn) as code, Image.open(tmp_path / "other.png") as other:
        page = Image.new("L", (code.width + other.width + 80, code.height), 255)
        page.paste(code, (0, 0))
        page.paste(other, (code.width + 40, 40))
        page.save(changed(drawn))
    assert qr.read(changed(drawn)) == TEXT


def test_read__two_redemption_codes__refused(drawn: Path, tmp_path: Path) -> None:
    qr.save(TEXT + "AA", tmp_path / "second.png")
    with Image.open(drawn) as code, Image.open(tmp_path / "second.png") as second:
        page = Image.new("L", (code.width + second.width, max(code.height, second.height)), 255)
        page.paste(code, (0, 0))
        page.paste(second, (code.width, 0))
        page.save(changed(drawn))
    with pytest.raises(PictureError, match=r"2 redemption codes in changed\.png: show one at a time"):
        qr.read(changed(drawn))


def test_read__no_code__says_how_to_hold_it(tmp_path: Path) -> None:
    Image.new("RGB", (300, 300), "white").save(tmp_path / "white.png")
    with pytest.raises(PictureError, match=r"No redemption code can be read in white\.png: take it straight"):
        qr.read(tmp_path / "white.png")


def test_read__another_qr_code__says_so(tmp_path: Path) -> None:
    segno.make_qr("https://bakery.example").save(str(tmp_path / "menu.png"), scale=8)
    with pytest.raises(PictureError, match="there is another QR code in it"):
        qr.read(tmp_path / "menu.png")


def test_read__half_a_code__refused(drawn: Path) -> None:
    with Image.open(drawn) as code:
        code.crop((0, 0, code.width, code.height // 2)).save(changed(drawn))
    with pytest.raises(PictureError, match="No redemption code"):
        qr.read(changed(drawn))


def test_read__no_picture__says_what_to_take(tmp_path: Path) -> None:
    path = tmp_path / "code.png"
    path.write_text(TEXT)
    with pytest.raises(PictureError, match="no picture that can be opened: take PNG or JPEG"):
        qr.read(path)
    with pytest.raises(PictureError, match="There is no file"):
        qr.read(tmp_path / "missing.png")
    with pytest.raises(PictureError, match="no picture"):
        qr.read(tmp_path)


def test_read__a_picture_that_is_a_program__is_not_run(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[object] = []

    def run(*arguments: object) -> Image.Image:
        ran.append(arguments)
        return Image.new("L", (10, 10))

    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", run)
    with Image.open(drawn) as code:
        code.convert("L").save(tmp_path / "program.png", format="EPS")
    with pytest.raises(PictureError, match="no picture that can be opened: take PNG or JPEG"):
        qr.read(tmp_path / "program.png")
    assert not ran


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".gif", ".bmp"])
def test_read__in_each_format_that_is_taken__is_the_text(drawn: Path, suffix: str) -> None:
    with Image.open(drawn) as code:
        code.convert("L").save(changed(drawn, suffix))
    assert qr.read(changed(drawn, suffix)) == TEXT


def test_read__a_picture_that_would_fill_the_memory__refused(tmp_path: Path) -> None:
    Image.new("1", (8000, 8000)).save(tmp_path / "huge.png")
    with pytest.raises(PictureError, match="too large"):
        qr.read(tmp_path / "huge.png")


def test_save__as_svg__is_the_same_code(tmp_path: Path) -> None:
    qr.save(TEXT, tmp_path / "code.svg")
    svg = (tmp_path / "code.svg").read_text()
    modules = segno.make_qr(TEXT, error="m", boost_error=False).symbol_size(scale=8, border=4)[0]
    assert f'width="{modules}"' in svg


def test_save__under_another_name__refused(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"end in \.png or \.svg"):
        qr.save(TEXT, tmp_path / "code.gif")
    with pytest.raises(PictureError, match="cannot be written"):
        qr.save(TEXT, tmp_path / "missing" / "code.png")


def test_draw__more_than_a_code_holds__says_what_to_do() -> None:
    with pytest.raises(PictureError, match=r"too long for a QR code.*: show the code as text"):
        qr.draw(PREFIX + "A" * 4000)


def test_terminal__shows_the_same_modules_in_colours_of_its_own() -> None:
    """Read as a terminal shows it: each character is an upper module and, as its background, a lower one."""
    rows: list[list[int]] = []
    for line in qr.on_terminal(TEXT).splitlines():
        pairs = re.findall(r"\x1b\[38;5;(\d+);48;5;(\d+)m▀", line)
        assert line == "".join(f"\x1b[38;5;{a};48;5;{b}m▀" for a, b in pairs) + "\x1b[0m"
        rows += [[int(a) for a, _ in pairs], [int(b) for _, b in pairs]]
    size = len(rows[0])
    picture = Image.new("L", (size, len(rows)))
    picture.putdata([0 if colour == 16 else 255 for row in rows for colour in row])
    import zxingcpp  # noqa: PLC0415

    (found,) = zxingcpp.read_barcodes(picture.resize((size * 6, len(rows) * 6), Image.Resampling.NEAREST))
    assert found.text == TEXT
