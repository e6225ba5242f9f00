"""How charts look: colours that all readers tell apart, on a light or a dark page."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeVar, get_args

from store_uptime.errors import check_word, need_packages

Scheme = Literal["light", "dark"]

MOST_MARKS = 4000
"""What a browser still draws at once; a chart of more shows a part, and says so."""

FONT = 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif'

ChartT = TypeVar("ChartT", bound=Any)


class Look(NamedTuple):
    """The colours of a scheme.

    All colours of a scheme differ, so that a page can replace each of them by one of its own. Blue
    and vermilion are those of Okabe and Ito (Color Universal Design, 2008), which readers without
    red or green tell apart; `shares` go from little to much.

    Attributes
    ----------
    page
        Behind the chart.
    ink, muted, grid
        Titles and numbers; labels of axes; lines behind the marks.
    up, down, unknown, closed
        The states.
    target
        A line to compare with.
    lines
        For groups, in the order in which they are taken.
    shares
        Shares of time that is down, from least to most.
    """

    page: str
    ink: str
    muted: str
    grid: str
    up: str
    down: str
    unknown: str
    closed: str
    target: str
    lines: tuple[str, ...]
    shares: tuple[str, ...]


LOOKS = {
    "light": Look(
        page="#ffffff",
        ink="#24292f",
        muted="#57606a",
        grid="#d8dee4",
        up="#0072b2",
        down="#d55e00",
        unknown="#6e7781",
        closed="#eaeef2",
        target="#8250df",
        lines=(
            "#0071b1",
            "#d45d00",
            "#007a5a",
            "#a64c85",
            "#7a6a00",
            "#3a87c2",
            "#5b4b9a",
            "#303030",
        ),
        shares=("#e7eff6", "#fde0c8", "#fbbd8b", "#f4934a", "#e4752a", "#a94700", "#6f2d00"),
    ),
    "dark": Look(
        page="#0d1117",
        ink="#e6edf3",
        muted="#9da7b3",
        grid="#2a313a",
        up="#56b4e9",
        down="#ff8c42",
        unknown="#8b949e",
        closed="#1c232c",
        target="#c297ff",
        lines=(
            "#57b5ea",
            "#ff8d43",
            "#2fc59b",
            "#e39ac6",
            "#d9c850",
            "#8fc7ee",
            "#b3a4f0",
            "#d0d0d0",
        ),
        shares=("#1b2b3a", "#452611", "#613410", "#83430f", "#a3530f", "#f08a3c", "#ffd9bd"),
    ),
}


def require_altair() -> None:
    """Raise `MissingDependencyError` unless Altair is installed."""
    remedy = "Install what the extra plot brings: pip install altair vl-convert-python."
    need_packages("charts need", "altair", remedy=remedy)


def look_of(scheme: object) -> Look:
    """Return the colours of a scheme, once it is clear that charts can be drawn at all.

    Raises
    ------
    MissingDependencyError
        Altair is not installed.
    PolicyError
        There is no such scheme.
    """
    require_altair()
    check_word("scheme", None, scheme, get_args(Scheme))
    return LOOKS[str(scheme)]


def dressed(chart: ChartT, look: Look, title: str | None, default: str, subtitle: str) -> ChartT:
    """Return a finished chart with its title, a line below it that says more, and its colours.

    The title is `default` where it is ``None``; an empty one stays empty.
    """
    text = {
        "labelColor": look.muted,
        "titleColor": look.ink,
        "labelFont": FONT,
        "titleFont": FONT,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    }
    heading = {
        "text": default if title is None else title,
        "subtitle": subtitle,
        "anchor": "start",
        "color": look.ink,
        "subtitleColor": look.muted,
        "font": FONT,
        "subtitleFont": FONT,
        "fontSize": 15,
        "subtitleFontSize": 12,
        "offset": 12,
    }
    axis = text | {"domainColor": look.grid, "tickColor": look.grid, "gridColor": look.grid}
    titled = chart.properties(title=heading, background=look.page).configure(font=FONT, padding=16)
    result: ChartT = (
        titled.configure_axis(**axis).configure_legend(**text).configure_view(stroke=None)
    )
    return result


def readable_on(fill: str, look: Look) -> str:
    """Return the colour of a text on a fill: the ink or the page, whichever is further from it."""
    return max(look.ink, look.page, key=lambda text: abs(_lightness(text) - _lightness(fill)))


def _lightness(colour: str) -> float:
    """Return how light a colour looks, from 0 to 1: the cube root of its luminance, about.

    The weights are those of sRGB (IEC 61966-2-1).
    """
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    weights = (0.2126, 0.7152, 0.0722)
    luminance = sum(weight * part**2.2 for weight, part in zip(weights, channels, strict=True))
    return float(luminance ** (1 / 3))
