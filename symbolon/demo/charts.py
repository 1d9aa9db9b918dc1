"""The report's drawings: plain SVG whose colours the page decides, so that they follow light, dark and print.

Every mark carries its own value as a title, which a browser shows when pointed at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor, log10

from markupsafe import Markup, escape

WIDTH = 760


def area_stack(
    names: Sequence[str],
    *,
    series: Sequence[Sequence[float]],
    ticks: Sequence[tuple[int, str]],
    show: Callable[[float], str],
    title: str,
) -> Markup:
    """Areas on top of one another, the first at the bottom, each named at its right end.

    Args:
        names: one for each series.
        series: values, as many for each.
        ticks: where on the x axis a label stands, by index of value.
        show: how a value is written.
        title: what the drawing says, for those who cannot see it.
    """
    left, right, top, bottom, height = 52, 184, 14, 26, 360
    count = len(series[0])
    steps = nice_steps(sum(values[-1] for values in series))
    x = _scale(0, max(count - 1, 1), left, WIDTH - right)
    y = _scale(0, steps[-1], height - bottom, top)
    parts = [_y_axis(steps, y, left, WIDTH - right, show), _x_ticks(ticks, x, height - bottom)]
    below = [0.0] * count
    ends: list[float] = []
    for number, values in enumerate(series):
        above = [low + value for low, value in zip(below, values, strict=True)]
        line = [f"{x(i):.1f},{y(value):.1f}" for i, value in enumerate(above)]
        floor_line = [f"{x(i):.1f},{y(value):.1f}" for i, value in reversed(list(enumerate(below)))]
        parts.append(
            f'<polygon class="tone{number % 8}" points="{" ".join(line + floor_line)}">'
            f"<title>{escape(names[number])}: {escape(show(values[-1]))}</title></polygon>"
        )
        ends.append((y(below[-1]) + y(above[-1])) / 2)
        below = above
    for name, values, end, at in zip(
        names, series, ends, _apart(ends, 17, top, height - bottom), strict=True
    ):
        parts.append(
            f'<path class="lead" d="M{WIDTH - right + 2:.1f} {end:.1f}L{WIDTH - right + 10:.1f} {at:.1f}"/>'
            f'<text class="name" x="{WIDTH - right + 14}" y="{at + 4:.1f}">{escape(name)}'
            f'<tspan class="faint" dx="5">{escape(show(values[-1]))}</tspan></text>'
        )
    return _svg(WIDTH, height, title, parts)


def columns(
    values: Sequence[float],
    *,
    titles: Sequence[str],
    ticks: Sequence[tuple[int, str]],
    show: Callable[[float], str],
    title: str,
    strong: frozenset[int] | None = None,
    bad: Sequence[float] | None = None,
    height: int = 230,
) -> Markup:
    """One column for each value; where some are named as `strong`, the others stand back.

    `bad` is the part of each value that went wrong, drawn at the foot of its column.
    """
    left, top, bottom = 52, 14, 26
    steps = nice_steps(max(values))
    slot = (WIDTH - left) / len(values)
    y = _scale(0, steps[-1], height - bottom, top)

    def middle(index: float) -> float:
        return left + slot * (index + 0.5)

    parts = [_y_axis(steps, y, left, WIDTH, show), _x_ticks(ticks, middle, height - bottom)]
    for index, (value, words) in enumerate(zip(values, titles, strict=True)):
        kind = "strong" if strong is None or index in strong else "plain"
        parts.append(
            f'<rect class="{kind}" x="{left + slot * (index + 0.12):.1f}" y="{y(value):.1f}" '
            f'width="{slot * 0.76:.1f}" height="{height - bottom - y(value):.1f}">'
            f"<title>{escape(words)}</title></rect>"
        )
        if bad and bad[index]:
            parts.append(
                f'<rect class="bad" x="{left + slot * (index + 0.12):.1f}" y="{y(bad[index]):.1f}" '
                f'width="{slot * 0.76:.1f}" height="{height - bottom - y(bad[index]):.1f}">'
                f"<title>{escape(words)}</title></rect>"
            )
    return _svg(WIDTH, height, title, parts)


def curve(
    marks: Sequence[tuple[float, float, float]],
    line: Sequence[tuple[float, float]],
    *,
    show: Callable[[float], str],
    title: str,
) -> Markup:
    """Stretches of a scale from 0 to 1, each at a height, against the line that they should follow.

    Args:
        marks: where each begins and ends, and its height.
        line: points of the line, from left to right.
        show: what a height is called.
        title: for those who do not see it.
    """
    left, top, bottom, height = 52, 14, 26, 260
    steps = nice_steps(max(value for *_, value in [*marks, *line]))
    x, y = _scale(0, 1, left, WIDTH), _scale(0, steps[-1], height - bottom, top)
    ticks = [(index, f"{index * 25}\u00a0%") for index in range(5)]
    parts = [_y_axis(steps, y, left, WIDTH, show), _x_ticks(ticks, lambda at: x(at / 4), height - bottom)]
    path = " ".join(f"{x(at):.1f} {y(value):.1f}" for at, value in line)
    parts.append(f'<polyline class="line" points="{path}"/>')
    for begin, end, value in marks:
        begins = x(max(begin, 0))
        parts.append(
            f'<rect class="dot" x="{begins:.1f}" y="{y(value) - 2:.1f}" '
            f'width="{max(x(max(end, 0)) - begins, 3):.1f}" height="4"/>'
        )
    return _svg(WIDTH, height, title, parts)


def lines(
    names: Sequence[str],
    *,
    series: Sequence[Sequence[float]],
    ticks: Sequence[tuple[int, str]],
    show: Callable[[float], str],
    title: str,
) -> Markup:
    """One line for each name, at equal steps, each named at its right end; arguments as for `area_stack`."""
    left, right, top, bottom, height = 52, 216, 14, 26, 260
    steps = nice_steps(max(max(values) for values in series))
    x = _scale(0, max(len(series[0]) - 1, 1), left, WIDTH - right)
    y = _scale(0, steps[-1], height - bottom, top)
    parts = [_y_axis(steps, y, left, WIDTH - right, show), _x_ticks(ticks, x, height - bottom)]
    rising = sorted(range(len(names)), key=lambda number: series[number][-1])
    heights = _apart([y(series[number][-1]) for number in rising], 17, top, height - bottom)
    for number, at in zip(rising, heights, strict=True):
        values, end = series[number], y(series[number][-1])
        points = " ".join(f"{x(i):.1f},{y(value):.1f}" for i, value in enumerate(values))
        parts.append(f'<polyline class="line{number % 8}" points="{points}"/>')
        parts += [
            f'<circle class="dot{number % 8}" cx="{x(i):.1f}" cy="{y(value):.1f}" r="3">'
            f"<title>{escape(names[number])}: {escape(show(value))}</title></circle>"
            for i, value in enumerate(values)
        ]
        parts.append(
            f'<path class="lead" d="M{WIDTH - right + 5:.1f} {end:.1f}L{WIDTH - right + 12:.1f} {at:.1f}"/>'
            f'<text class="name" x="{WIDTH - right + 16}" y="{at + 4:.1f}">{escape(names[number])}'
            f'<tspan class="faint" dx="5">{escape(show(values[-1]))}</tspan></text>'
        )
    return _svg(WIDTH, height, title, parts)


def spark_columns(values: Sequence[float], most: float, titles: Sequence[str], title: str) -> Markup:
    """A small drawing of columns on a scale that ends at `most`, to stand beside others on the same scale."""
    width, height = 176, 56
    slot = width / len(values)
    y = _scale(0, most or 1, height - 1, 2)
    parts = [f'<path class="grid" d="M0 {height - 0.5}H{width}"/>']
    for index, (value, words) in enumerate(zip(values, titles, strict=True)):
        parts.append(
            f'<rect class="strong" x="{slot * (index + 0.1):.2f}" y="{y(value):.2f}" '
            f'width="{slot * 0.8:.2f}" height="{height - 1 - y(value):.2f}">'
            f"<title>{escape(words)}</title></rect>"
        )
    return _svg(width, height, title, parts)


def bullet(value: float, marks: Sequence[tuple[float, str]], most: float, title: str) -> Markup:
    """A bar against marks on a scale that ends at `most`: what is owed against what may be owed."""
    width, height = 240, 14
    x = _scale(0, most, 0, width)
    parts = [
        f'<rect class="track" x="0" y="3" width="{x(marks[-1][0]):.1f}" height="8"/>',
        f'<rect class="strong" x="0" y="3" width="{x(value):.1f}" height="8"/>',
    ]
    parts += [
        f'<path class="mark" d="M{x(at):.1f} 0V{height}"><title>{escape(words)}</title></path>'
        for at, words in marks
    ]
    return _svg(width, height, title, parts)


def bar(share: float, title: str) -> Markup:
    """A share of one as a bar."""
    width, height = 120, 14
    return _svg(
        width,
        height,
        title,
        [
            f'<rect class="track" x="0" y="3" width="{width}" height="8"/>',
            f'<rect class="strong" x="0" y="3" width="{share * width:.1f}" height="8"/>',
        ],
    )


def split(parts: Sequence[tuple[float, str, str]], title: str) -> Markup:
    """A whole in parts, side by side: the value of each, its kind of mark, and what it says."""
    width, height = 120, 14
    x = _scale(0, sum(value for value, _, _ in parts) or 1, 0, width)
    marks, at = [], 0.0
    for value, kind, words in parts:
        marks.append(
            f'<rect class="{kind}" x="{x(at):.1f}" y="3" width="{x(value):.1f}" height="8">'
            f"<title>{escape(words)}</title></rect>"
        )
        at += value
    return _svg(width, height, title, marks)


def nice_steps(most: float, wanted: int = 4) -> list[float]:
    """Round numbers from zero to at least `most`, about `wanted` steps of 1, 2 or 5 times a power of ten."""
    if most <= 0:
        return [0.0, 1.0]
    rough = most / wanted
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))
    return [step * i for i in range(ceil(most / step - 1e-9) + 1)]


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    return lambda value: start + (value - low) / (high - low) * (end - start)


def _y_axis(
    steps: Sequence[float],
    y: Callable[[float], float],
    left: float,
    right: float,
    show: Callable[[float], str],
) -> str:
    return "".join(
        f'<path class="grid" d="M{left} {y(step):.1f}H{right}"/>'
        f'<text class="tick" x="{left - 8}" y="{y(step) + 4:.1f}" text-anchor="end">'
        f"{escape(show(step))}</text>"
        for step in steps
    )


def _x_ticks(ticks: Sequence[tuple[int, str]], x: Callable[[float], float], y: float) -> str:
    return "".join(
        f'<text class="tick" x="{x(index):.1f}" y="{y + 18:.1f}" text-anchor="middle">{escape(words)}</text>'
        for index, words in ticks
    )


def _apart(wanted: Sequence[float], gap: float, top: float, bottom: float) -> list[float]:
    """Heights near the wanted ones, which fall from first to last, at least `gap` apart and on the page."""
    placed: list[float] = []
    for height in wanted:
        highest = placed[-1] - gap if placed else bottom
        placed.append(min(height, highest))
    if placed and placed[-1] < top:
        placed[-1] = top
        for i in range(len(placed) - 2, -1, -1):
            placed[i] = max(placed[i], placed[i + 1] + gap)
    return placed


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> Markup:
    return Markup(  # noqa: S704 (every word from outside went through escape)
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )
