"""Columns by their names, in any case; tables by their columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from store_uptime._tables.contract import TABLES


def matching(
    names: Sequence[str], present: Iterable[str], *, to_the_letter: bool = False
) -> list[str]:
    """Return the columns that `names` may mean: one, several that differ in case only, or none.

    The first of `names` that is there to the letter goes before all that are not.
    """
    columns = list(present)
    for name in names:
        if name in columns:
            return [name]
    if to_the_letter:
        return []
    folded = {name.casefold() for name in names}
    return [column for column in columns if column.casefold() in folded]


def needed(table: str, present: Iterable[str]) -> list[bool]:
    """Return, for each column, whether the table may need it; of an unknown table, all of them."""
    if table not in TABLES:
        return [True for _ in present]
    folded = {name.casefold() for name in TABLES[table].names}
    return [column.casefold() in folded for column in present]


def no_such_column(table: str, present: Iterable[str]) -> str:
    """Return what to say of a missing column: these may be the columns of another table."""
    columns = list(present)
    for other in TABLES.values():
        must = [each for each in other.columns if not each.optional]
        if other.name != table and all(matching(each.names, columns) for each in must):
            return f"no such column; this looks like the {other.name} table"
    return "no such column"
