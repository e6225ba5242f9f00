"""The driver of PostgreSQL through SQLAlchemy with psycopg or psycopg2: rows come by COPY.

It is the application's own connection that is read, so its role, search path, row security and
transaction count.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import polars as pl

from store_uptime._sql.drivers.alchemy import Alchemy
from store_uptime._sql.drivers.literals import QUOTE, with_literals
from store_uptime._sql.drivers.numerics import with_decimals
from store_uptime._sql.parameters import Value
from store_uptime._sql.rows import ForeignTypeError
from store_uptime._time.units import INT64_MAX

_FROM_1970_TO_2000 = 946_684_800 * 10**6
_DAYS_FROM_1970_TO_2000 = 10_957
_INT32_MAX = 2**31 - 1


def can_copy(connection: Any) -> bool:
    """Return whether the driver of a SQLAlchemy connection has COPY."""
    dialect = connection.dialect
    if dialect.name != "postgresql" or dialect.is_async or dialect.driver not in _COPYING:
        return False
    # With a callback for greenlets psycopg2 refuses COPY.
    extensions = getattr(dialect.loaded_dbapi, "extensions", None)
    return extensions is None or extensions.get_wait_callback() is None


class CopyAlchemy(Alchemy):
    """A SQLAlchemy connection on psycopg or psycopg2."""

    def fetch(self, query: str, *values: Value) -> pl.DataFrame:
        query = with_literals(query, values, self._quote_value)
        with closing(self.connection.connection.cursor()) as cursor:
            cursor.execute(f"SELECT * FROM (\n{query}\n) store_uptime_types WHERE 1 = 0")
            oids = {name: oid for name, oid, *_ in cursor.description}
            types = types_of_oids(oids, lambda ask: self._copied(cursor, ask, ANSWER).rows())
            return self._copied(cursor, query, types)

    def _quote_value(self, value: str) -> str:
        return str(self._execute(QUOTE, value).scalar())

    def _copied(self, cursor: Any, query: str, types: Mapping[str, CopiedType]) -> pl.DataFrame:
        columns = ", ".join(type_.sql.format(self.quote(name)) for name, type_ in types.items())
        rows = f"SELECT {columns} FROM (\n{query}\n) store_uptime_rows"
        file = io.BytesIO()
        copy = _COPYING[self.connection.dialect.driver]
        copy(cursor, f"COPY ({rows}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')", file)
        file.seek(0)
        # Polars, too, tells an empty field, which is null, from an empty string in quotes.
        texts = pl.read_csv(
            file,
            has_header=False,
            schema=dict.fromkeys(types, pl.String),
            raise_if_empty=False,
        )
        return read_values(texts, types)


# --- how COPY is run -----------------------------------------------------------------------------


def _copy_psycopg(cursor: Any, statement: str, file: io.BytesIO) -> None:
    with cursor.copy(statement) as rows:
        file.writelines(rows)


def _copy_psycopg2(cursor: Any, statement: str, file: io.BytesIO) -> None:
    cursor.copy_expert(statement, file)


_COPYING: Mapping[str, Callable[[Any, str, io.BytesIO], None]] = MappingProxyType(
    {"psycopg": _copy_psycopg, "psycopg2": _copy_psycopg2}
)


# --- how values are sent and read ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CopiedType:
    """How a type is sent, whatever the settings of the session, and how its text is read.

    `in_arrow` says whether ADBC, too, gives it as it is read.
    """

    sql: str
    read: Callable[[pl.Expr], pl.Expr]
    in_arrow: bool = False


def _number(dtype: pl.DataType) -> CopiedType:
    return CopiedType("{}", lambda text: text.cast(dtype), in_arrow=True)


def _big_endian(text: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return text.str.decode("hex").bin.reinterpret(dtype=dtype, endianness="big").cast(pl.Int64)


def _instants(function: str, dtype: pl.Datetime) -> CopiedType:
    def read(text: pl.Expr) -> pl.Expr:
        micros = _big_endian(text, pl.Int64())
        # Infinity is the largest number.
        return (micros.clip(upper_bound=INT64_MAX - _FROM_1970_TO_2000) + _FROM_1970_TO_2000).cast(
            dtype
        )

    return CopiedType(f"encode({function}({{}}), 'hex')", read, in_arrow=True)


def _read_dates(text: pl.Expr) -> pl.Expr:
    days = _big_endian(text, pl.Int32()) + _DAYS_FROM_1970_TO_2000
    return days.clip(upper_bound=_INT32_MAX).cast(pl.Int32).cast(pl.Date)


_TEXT = CopiedType("{}", lambda text: text, in_arrow=True)
_AS_TEXT = CopiedType("{}", lambda text: text)
_NUMERIC_AS_TEXT = CopiedType("{}", lambda text: text)
_TYPES_BY_OID: Mapping[int, CopiedType] = MappingProxyType(
    {
        16: CopiedType("{}", lambda text: text.str.starts_with("t"), in_arrow=True),  # boolean
        20: _number(pl.Int64()),
        21: _number(pl.Int16()),
        23: _number(pl.Int32()),
        26: CopiedType("CAST({} AS bigint)", lambda text: text.cast(pl.Int64)),  # oid
        700: _number(pl.Float32()),
        701: _number(pl.Float64()),
        1042: CopiedType("CAST({} AS text)", lambda text: text),  # char(n), without its padding
        1082: CopiedType("encode(date_send({}), 'hex')", _read_dates, in_arrow=True),
        1114: _instants("timestamp_send", pl.Datetime("us")),
        1184: _instants("timestamptz_send", pl.Datetime("us", "UTC")),
        1186: CopiedType(  # interval
            "CAST(extract(epoch FROM {}) * 1000000 AS bigint)",
            lambda text: text.cast(pl.Int64).cast(pl.Duration("us")),
        ),
        1700: _NUMERIC_AS_TEXT,
        **dict.fromkeys((25, 1043), _TEXT),  # text, varchar
        # "char", name, bit, varbit, uuid; time, since polars has none of 24:00, and time with time
        # zone, which is refused value by value
        **dict.fromkeys((18, 19, 1560, 1562, 2950, 1083, 1266), _AS_TEXT),
    }
)
_FIRST_OID_OF_USERS = 16_384
ANSWER: Mapping[str, CopiedType] = MappingProxyType(
    dict.fromkeys(("oid", "name", "is_text"), _AS_TEXT)
)
"""The columns of what `types_of_oids` asks the database."""


def types_of_oids(
    oids: Mapping[str, int], ask: Callable[[str], Iterable[tuple[str, ...]]]
) -> dict[str, CopiedType]:
    """Return how columns are copied, by the numbers of their types; `ask` runs a query.

    Types that users made, such as enumerations, are sent as text.

    Raises
    ------
    ForeignTypeError
        No column may have the type, such as an array.
    """
    types = dict(_TYPES_BY_OID)
    foreign: dict[int, str] = {}
    others = sorted({oid for oid in oids.values() if oid not in types})
    if others:
        for number, name, is_text in ask(
            "SELECT CAST(oid AS text) AS oid, format_type(oid, NULL) AS name,"
            " CASE WHEN typtype IN ('b', 'e') AND typcategory <> 'A'"
            f" AND oid >= {_FIRST_OID_OF_USERS} THEN 'yes' ELSE 'no' END AS is_text"
            f" FROM pg_type WHERE oid IN ({', '.join(map(str, others))})"
        ):
            if is_text == "yes":
                types[int(number)] = _AS_TEXT
            else:
                foreign[int(number)] = name
    for column, oid in oids.items():
        if oid in foreign:
            raise ForeignTypeError(column, foreign[oid])
    return {column: types[oid] for column, oid in oids.items()}


def read_values(texts: pl.DataFrame, types: Mapping[str, CopiedType]) -> pl.DataFrame:
    """Return what was sent as text in the types that it has."""
    read = texts.with_columns(type_.read(pl.col(name)) for name, type_ in types.items())
    return with_decimals(read, [name for name, each in types.items() if each is _NUMERIC_AS_TEXT])
