"""How figures and tables are written in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTHING, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
SHOWN = {
    "5m": "5 minutes",
    "10m": "10 minutes",
    "15m": "15 minutes",
    "30m": "30 minutes",
    "1h": "1 hour",
    "2h": "2 hours",
    "4h": "4 hours",
}
TERMINALS_SHOWN = {"on": "stay on", "off": "off when closed", "half": "off at half of the stores"}


def write_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown, its first column to the left and the others to the right."""
    lines = [f"| {' | '.join(cells)} |" for cells in [head, *rows]]
    lines.insert(1, "|---" + "|---:" * (len(head) - 1) + "|")
    return "\n".join(lines)


def minutes(value: float | None) -> str:
    """Return minutes with two digits or more."""
    if value is None:
        return NOTHING
    if value == 0:
        return "0"
    return f"{value:.{0 if value >= 10 else 1 if value >= 1 else 2}f}"


def signed(value: float | None, places: int = 0) -> str:
    """Return a bias, in minutes."""
    written = f"{value or 0:+.{places}f}"
    # Neither a minus nor a plus belongs to what is nothing.
    return "0" if float(written) == 0 else written.replace("-", MINUS)


def percent(share: float | None, places: int = 0) -> str:
    return NOTHING if share is None else f"{100 * share:.{places}f} %"


def join_cells(cells: Sequence[str]) -> str:
    """Return the values of one cell; once, if they are all the same."""
    return cells[0] if len(set(cells)) == 1 else " / ".join(cells)
