"""Ids that lost digits on their way: in a spreadsheet, or as floats of pandas."""

from __future__ import annotations

import polars as pl

from store_uptime.errors import SHOWN_VALUES, SchemaError

# An exponent without a point or a sign, as in 12e7, may be part of an honest hexadecimal id.
_FLOAT = r"^[+-]?[0-9]+([.,][0-9]*[eE][+-]?[0-9]+|[eE][+-][0-9]+|\.[0-9]*)$"
# A spreadsheet writes a large E, and in some countries a comma; programs do neither.
_OF_SPREADSHEET = r"[E,]"
_LONG = r"^[1-9][0-9]{15,}$"
_DIGITS = 15
_SCHEMA = pl.Schema({"line": pl.Int64, "number": pl.Int64, "id": pl.String})
_SPREADSHEET = "the ids went through a spreadsheet, which wrote them as"
_SPREADSHEET_REMEDY = "in a spreadsheet, import the column as text."
_HELD_AS_FLOATS = "the ids went through pandas, or a program like it, which held them as floats"
_DTYPE_REMEDY = (
    "pandas makes floats of whole numbers where a value is missing: read the column with "
    "dtype={'store_id': 'string'}, there and wherever else the table is read."
)


class DamagedIds:
    """Looks, part by part of a file, for ids that lost digits."""

    def __init__(self) -> None:
        self._floats = self._shortened = pl.DataFrame(schema=_SCHEMA)
        self._count_floats = 0
        self._count_shortened = 0
        self._some_are_whole = False

    def look_at(self, ids: pl.DataFrame) -> None:
        """Take `id`, `line` and `number`, the id as Int64 or null, of the next rows."""
        text = pl.col("id")
        # Where all ids are whole numbers, this saves a tenth of the time that a file takes.
        floats = ids.filter(pl.col("number").is_null()).filter(text.str.contains(_FLOAT))
        self._count_floats += floats.height
        self._floats = pl.concat([self._floats, floats]).head(SHOWN_VALUES)
        if self._some_are_whole:
            return
        long = ids.filter(text.str.contains(_LONG))
        digits = long["id"].str.strip_chars_end("0").str.len_bytes()
        self._some_are_whole = bool((digits > _DIGITS).any())
        self._count_shortened += long.height
        distinct = pl.concat([self._shortened, long])
        distinct = distinct.unique("id", keep="first", maintain_order=True)
        self._shortened = distinct.head(SHOWN_VALUES)

    def refuse_damage(self, table: str, file: str) -> None:
        """Raise `SchemaError` if the ids of a table are damaged."""
        found, count, remedy = self._floats, self._count_floats, _SPREADSHEET_REMEDY
        if count and not found["id"].str.contains(_OF_SPREADSHEET).any():
            damage, remedy = _HELD_AS_FLOATS, _DTYPE_REMEDY
        elif count:
            damage = f"{_SPREADSHEET} decimal numbers"
        elif not self._some_are_whole and self._shortened.height > 1:
            damage = f"{_SPREADSHEET} numbers of {_DIGITS} digits, the rest zeros"
            found, count = self._shortened, self._count_shortened
        else:
            return
        raise SchemaError(
            f"{file}, line {found['line'][0]}: {damage}",
            table=table,
            column="store_id",
            count=count,
            values=found["id"].to_list(),
            remedy=f"Export the table again from its source; {remedy}",
            code="float_ids" if self._count_floats else "rounded_ids",
        )
