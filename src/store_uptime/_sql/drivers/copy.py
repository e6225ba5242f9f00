"""Rows of PostgreSQL by COPY, on a cursor of psycopg or psycopg2.

It is the application's own connection that is read, so its role, search path, row security and
transaction count.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import polars as pl

from store_uptime._sql.drivers.numerics import with_decimals
from store_uptime._time.units import INT64_MAX

_FROM_1970_TO_2000 = 946_684_800 * 10**6

RunCopy = Callable[[str, io.BytesIO], object]
"""Runs COPY of a query and writes what it sends, as CSV in UTF-8, into a file."""


def copied_rows(cursor: Any, query: str, run_copy: RunCopy) -> pl.DataFrame | None:
    """Return the rows of a query; ``None`` if it has a column of a type that is not copied."""
    cursor.execute(f"SELECT * FROM (\n{query}\n) store_uptime_types WHERE 1 = 0")
    types = {name: _type_of_oid(oid) for name, oid, *_ in cursor.description}
    known = {name: type_ for name, type_ in types.items() if type_ is not None}
    return _copied(query, known, run_copy) if len(known) == len(types) else None


def _copied(query: str, types: Mapping[str, _CopiedType], run_copy: RunCopy) -> pl.DataFrame:
    columns = ", ".join(type_.sql.format(_quoted(name)) for name, type_ in types.items())
    rows = f"SELECT {columns} FROM (\n{query}\n) store_uptime_rows"
    file = io.BytesIO()
    run_copy(rows, file)
    file.seek(0)
    # Polars, too, tells an empty field, which is null, from an empty string in quotes.
    texts = pl.read_csv(
        file,
        has_header=False,
        schema=dict.fromkeys(types, pl.String),
        raise_if_empty=False,
    )
    read = texts.select(type_.read(pl.col(name)) for name, type_ in types.items())
    numerics = [name for name, type_ in types.items() if type_ is _NUMERIC_AS_TEXT]
    return with_decimals(read, numerics)


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


# --- how COPY is run -----------------------------------------------------------------------------


def copy_of(query: str) -> str:
    """Return the statement that copies what a query gives."""
    return f"COPY ({query}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')"


def run_by_psycopg(cursor: Any) -> RunCopy:
    """Return how COPY is run on a cursor of psycopg."""

    def run(query: str, file: io.BytesIO) -> None:
        with cursor.copy(copy_of(query)) as rows:
            file.writelines(rows)

    return run


def run_by_psycopg2(cursor: Any) -> RunCopy:
    """Return how COPY is run on a cursor of psycopg2."""
    return lambda query, file: cursor.copy_expert(copy_of(query), file)


# --- how values are sent and read ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _CopiedType:
    """How a type is sent, whatever the settings of the session, and how its text is read."""

    sql: str
    read: Callable[[pl.Expr], pl.Expr]


def _number(dtype: pl.DataType) -> _CopiedType:
    return _CopiedType("{}", lambda text: text.cast(dtype))


def _instants(function: str, dtype: pl.Datetime) -> _CopiedType:
    def read(text: pl.Expr) -> pl.Expr:
        micros = text.str.decode("hex").bin.reinterpret(dtype=pl.Int64, endianness="big")
        # Infinity is the largest number.
        return (micros.clip(upper_bound=INT64_MAX - _FROM_1970_TO_2000) + _FROM_1970_TO_2000).cast(
            dtype
        )

    return _CopiedType(f"encode({function}({{}}), 'hex')", read)


_AS_TEXT = _CopiedType("{}", lambda text: text)
_NUMERIC_AS_TEXT = _CopiedType("{}", lambda text: text)
_TYPES_BY_OID: Mapping[int, _CopiedType] = MappingProxyType(
    {
        16: _CopiedType("{}", lambda text: text == "t"),  # boolean
        20: _number(pl.Int64()),
        21: _number(pl.Int16()),
        23: _number(pl.Int32()),
        700: _number(pl.Float32()),
        701: _number(pl.Float64()),
        1082: _CopiedType("{} - DATE '1970-01-01'", lambda text: text.cast(pl.Int32).cast(pl.Date)),
        1114: _instants("timestamp_send", pl.Datetime("us")),
        1184: _instants("timestamptz_send", pl.Datetime("us", "UTC")),
        1186: _CopiedType(  # interval
            "CAST(extract(epoch FROM {}) * 1000000 AS bigint)",
            lambda text: text.cast(pl.Int64).cast(pl.Duration("us")),
        ),
        1700: _NUMERIC_AS_TEXT,
        # "char", name, text, char(n), varchar, bit, varbit, uuid; time, since polars has none of
        # 24:00, and time with time zone, which is refused value by value
        **dict.fromkeys((18, 19, 25, 1042, 1043, 1560, 1562, 2950, 1083, 1266), _AS_TEXT),
    }
)
_FIRST_OID_OF_USERS = 16_384


def _type_of_oid(oid: int) -> _CopiedType | None:
    """Return how a type is copied; types that users made, such as enumerations, as text.

    ``None`` is for types that no column may have, such as arrays. Rows with one of them come as
    Python objects, as from any database, and are refused like there.
    """
    return _AS_TEXT if oid >= _FIRST_OID_OF_USERS else _TYPES_BY_OID.get(oid)
