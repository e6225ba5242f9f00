"""Pictures as SVG, without a library: lines on logarithmic axes, and dots in rows.

Colours are those of Okabe and Ito, which readers without red or green tell apart; each series has
a mark of its own as well. A picture lies on a card of its own, so it can be read on any page, and
follows the reader's choice of dark or light where the viewer does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH = 760
STYLE = """
text { font: 13px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #24292f }
.title { font-size: 15px; font-weight: 600 }
.small { fill: #57606a }
.card { fill: #ffffff; stroke: #d0d7de }
.grid { stroke: #d8dee4; stroke-width: 1 }
.guide { stroke: #8c959f; stroke-width: 1.5; stroke-dasharray: 2 4; fill: none }
.line { fill: none; stroke-width: 2.25 }
.s0 { stroke: #0072b2 } .m0 { fill: #0072b2 }
.s1 { stroke: #d55e00 } .m1 { fill: #d55e00 }
.s2 { stroke: #007a5a } .m2 { fill: #007a5a }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .small { fill: #9da7b3 }
  .card { fill: #0d1117; stroke: #30363d }
  .grid { stroke: #2a313a }
  .guide { stroke: #7d8590 }
  .s0 { stroke: #56b4e9 } .m0 { fill: #56b4e9 }
  .s1 { stroke: #ff8c42 } .m1 { fill: #ff8c42 }
  .s2 { stroke: #2fc59b } .m2 { fill: #2fc59b }
}
"""


@dataclass(slots=True)
class Picture:
    """The parts of a picture, in the order in which they are drawn."""

    height: int
    title: str
    told: str  # to those who do not see it
    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, words: str, at: str = "start", kind: str = "") -> None:
        said = f' class="{kind}"' if kind else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{at}"{said}>{escape(words)}</text>'
        )

    def line(self, points: Sequence[tuple[float, float]], kind: str) -> None:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{path}" class="{kind}"/>')

    def mark(self, x: float, y: float, series: int) -> None:
        """Draw a circle, a square or a triangle."""
        shapes = (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" class="m0"/>',
            f'<rect x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9" class="m1"/>',
            f'<path d="M{x:.1f} {y - 6:.1f}l6 10.4h-12z" class="m2"/>',
        )
        self.parts.append(shapes[series])

    def legend(self, x: float, y: float, names: Sequence[str]) -> None:
        for series, name in enumerate(names):
            self.mark(x, y - 4.5, series)
            self.text(x + 11, y, name)
            x += 36 + 7.2 * len(name)

    def written(self) -> str:
        size = f'width="{WIDTH}" height="{self.height}" viewBox="0 0 {WIDTH} {self.height}"'
        card = f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{self.height - 1}" rx="6" class="card"/>'
        head = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<title>{escape(self.title)}</title>",
            f"<desc>{escape(self.told)}</desc>",
            f"<style>{STYLE}</style>",
            card,
            f'<text x="20" y="30" class="title">{escape(self.title)}</text>',
        ]
        return "\n".join([*head, *self.parts, "</svg>", ""])


@dataclass(frozen=True, slots=True)
class Axis:
    """From values to places on the picture, for values from `low` to `high`."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        low, high, value = (
            map(math.log, (self.low, self.high, value))
            if self.log
            else (self.low, self.high, value)
        )
        return self.start + (self.end - self.start) * (value - low) / (high - low)


def draw_axes(
    picture: Picture, x: Axis, y: Axis, x_ticks: Mapping[str, float], y_ticks: Mapping[str, float]
) -> None:
    """Draw the lines of the grid with what they stand for."""
    for name, value in x_ticks.items():
        picture.line([(x.at(value), y.start), (x.at(value), y.end)], "grid")
        picture.text(x.at(value), y.start + 21, name, "middle", "small")
    for name, value in y_ticks.items():
        picture.line([(x.start, y.at(value)), (x.end, y.at(value))], "grid")
        picture.text(x.start - 8, y.at(value) + 4.5, name, "end", "small")


def draw_series(
    picture: Picture, x: Axis, y: Axis, points: Sequence[tuple[float, float]], series: int
) -> None:
    """Draw one line with its marks."""
    places = [(x.at(value), y.at(found)) for value, found in points]
    picture.line(places, f"line s{series}")
    for place in places:
        picture.mark(*place, series)
