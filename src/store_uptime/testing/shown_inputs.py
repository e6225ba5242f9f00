"""Inputs that show their tables."""

from __future__ import annotations

from textwrap import indent
from typing import Any

import polars as pl
import polars.selectors as cs

from store_uptime.inputs import Inputs


class ShownInputs(Inputs[pl.DataFrame]):
    """Inputs whose ``repr`` is Python that makes them again, all rows of all tables.

    Hypothesis prints it of an example that fails. The code imports ``datetime``, ``polars as pl``
    and ``Inputs``.
    """

    def __repr__(self) -> str:
        tables = zip(("status", "hours", "timezones"), map(_code_of, self), strict=True)
        extra = [f"{name!r}: {_code_of(table)}," for name, table in self.extra.items()]
        lines = [f"{name}={code}," for name, code in tables]
        lines += [f"extra={{\n{_indented(extra)}\n}},"] if extra else []
        lines += [f"now=datetime.fromisoformat('{self.now}'),"] if self.now else []
        return f"Inputs(\n{_indented(lines)}\n)"

    def _repr_pretty_(self, printer: Any, _: object) -> None:
        # Hypothesis asks for it, as IPython does, and takes a repr for a single line.
        first, *others = repr(self).splitlines()
        printer.text(first)
        for line in others:
            printer.break_()
            printer.text(line)


def _indented(lines: list[str]) -> str:
    return indent("\n".join(lines), "    ")


def _code_of(table: pl.DataFrame) -> str:
    """Return code that makes a table, with instants and dates as texts, which read better."""
    texts = table.with_columns(
        cs.datetime().dt.strftime("%Y-%m-%d %H:%M:%S%.f UTC"), cs.date().cast(pl.String)
    )
    schema = ", ".join(f"{name!r}: pl.{dtype}" for name, dtype in texts.schema.items())
    rows = "".join(f"    {row},\n" for row in texts.rows())
    data = f"[\n{rows}]" if rows else "[]"
    return f"pl.DataFrame(orient='row', schema={{{schema}}}, data={data})"
