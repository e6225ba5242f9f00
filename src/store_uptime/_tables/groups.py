"""Groups of stores: columns of the rows to sum up, or a table beside them."""

from __future__ import annotations

from typing import Literal, TypeGuard

import polars as pl

from store_uptime._tables.given import Source
from store_uptime._tables.ids import common_id_dtype, refuse_null_ids
from store_uptime._tables.report_times import need_column
from store_uptime.errors import SchemaError
from store_uptime.inputs import AnyTable

_Named = str | list[str] | tuple[str, ...] | None

Grouping = AnyTable | _Named
"""What may be given as `by`: names of columns, none, or a table of groups."""


def is_named(by: object) -> TypeGuard[_Named]:
    """Return whether `by` names columns, or none; else it should be a table."""
    return by is None or isinstance(by, (str, list, tuple))


def named_groups(source: Source, by: _Named, taken: tuple[str, ...]) -> list[str]:
    """Return the columns of `source` to group by.

    Raises
    ------
    SchemaError
        There is no such column, its type is not accepted, or its name is one of `taken`.
    """
    names = [by] if isinstance(by, str) else list(by or ())
    remedy = f"Join it onto the {source.table}, or give a table of store_id and the groups as by."
    for name in names:
        need_column(source, name, remedy)
    refuse_group_names(source, names, taken)
    return list(dict.fromkeys(names))


def refuse_group_names(source: Source, groups: list[str], taken: tuple[str, ...]) -> None:
    """Raise `SchemaError` for columns to group by of a wrong type, or of a name that is taken."""
    for name in groups:
        if name in taken:
            raise SchemaError(
                "the summary has a column of this name already",
                table=source.table,
                column=name,
                remedy="Rename the column to group by.",
                code="name_taken",
            )
        if source.dtype(name).is_nested() or source.dtype(name) == pl.Object:
            source.refuse_type(name, "strings, numbers, Booleans, dates and times")


def refuse_repeats(source: Source, keys: list[str], remedy: str) -> None:
    """Raise `SchemaError` for null ids, and for rows that `keys` do not tell apart."""
    refuse_null_ids(source, SchemaError)
    # Results are sorted, and to see that takes a tenth of the time of looking for repeats.
    if source.collect(source.rows.select(_each_after_the_last(keys).all())).item():
        return
    again = pl.struct(keys).is_duplicated()
    problem = "a store more than once"
    source.refuse_rows(SchemaError, "store_id", problem, again, remedy, code="repeated_store")


def _each_after_the_last(keys: list[str]) -> pl.Expr:
    """Return whether a row comes after the one before it, by the last key first."""
    after, equal = pl.lit(value=False), pl.lit(value=True)
    for value, before in ((pl.col(key), pl.col(key).shift(1)) for key in reversed(keys)):
        after |= equal & (value > before)
        equal &= value == before
    return after.fill_null(value=False).slice(1)


def join_groups(
    rows: Source, table: Source, taken: tuple[str, ...], how: Literal["left", "full"]
) -> tuple[pl.DataFrame, list[str]]:
    """Return `rows` with the columns of the table of groups, and the names of these.

    A store that the table does not name has null there. What only the table names is left out, or
    with ``"full"`` has a row of nulls beside its groups.

    Raises
    ------
    SchemaError
        The table has no groups, or its ids or the names of its columns are not accepted.
    """
    id_dtype = common_id_dtype({rows.table: rows, "by": table})
    groups = [name for name in table.schema if name != "store_id"]
    if not groups:
        raise SchemaError(
            "no column to group by",
            table="by",
            remedy="Give it one beside store_id.",
            code="no_groups",
        )
    refuse_group_names(table, groups, (*taken, *rows.names))
    table = table.collected(*table.schema)
    refuse_repeats(table, ["store_id"], "Keep one row a store.")
    # An id that the type of the rows cannot hold becomes null, which is no store of theirs.
    ids = pl.col("store_id").cast(id_dtype, strict=False)
    named = table.rows.with_columns(ids)
    ours = rows.rows.with_columns(pl.col("store_id").cast(id_dtype))
    return ours.join(named, on="store_id", how=how, coalesce=True).collect(), groups
