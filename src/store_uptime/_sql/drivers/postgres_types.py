"""The types of PostgreSQL that columns may have, and how the text of their values is read.

By whatever way the rows come, they are of these types, and infinities are no instants: what the
drivers make of values differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from store_uptime._sql.drivers.numerics import with_decimals
from store_uptime._sql.rows import ForeignTypeError
from store_uptime._time.units import INT64_MAX

_FROM_1970_TO_2000 = 946_684_800 * 10**6
_DAYS_FROM_1970_TO_2000 = 10_957
_INT32_MAX = 2**31 - 1

TextsOf = Callable[[str, Sequence[str]], pl.DataFrame]
"""Runs a query whose columns are texts, and returns them, in columns of these names."""

AS_TEXT = "CAST({} AS text)"
"""Makes a text of a value."""


@dataclass(frozen=True, slots=True)
class PostgresType:
    """How a type is sent, whatever the settings of the session, and how its text is read.

    `in_arrow` says whether ADBC, too, gives it as it is read.
    """

    sql: str
    read: Callable[[pl.Expr], pl.Expr]
    in_arrow: bool = False


def _number(dtype: pl.DataType) -> PostgresType:
    return PostgresType("{}", lambda text: text.cast(dtype), in_arrow=True)


def _big_endian(text: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    return text.str.decode("hex").bin.reinterpret(dtype=dtype, endianness="big").cast(pl.Int64)


def _instants(function: str, dtype: pl.Datetime) -> PostgresType:
    def read(text: pl.Expr) -> pl.Expr:
        micros = _big_endian(text, pl.Int64())
        # Infinity is the largest number.
        return (micros.clip(upper_bound=INT64_MAX - _FROM_1970_TO_2000) + _FROM_1970_TO_2000).cast(
            dtype
        )

    return PostgresType(f"encode({function}({{}}), 'hex')", read, in_arrow=True)


def _read_dates(text: pl.Expr) -> pl.Expr:
    days = _big_endian(text, pl.Int32()) + _DAYS_FROM_1970_TO_2000
    return days.clip(upper_bound=_INT32_MAX).cast(pl.Int32).cast(pl.Date)


_TEXT = PostgresType("{}", lambda text: text, in_arrow=True)
_AS_TEXT = PostgresType("{}", lambda text: text)
_NUMERIC_AS_TEXT = PostgresType("{}", lambda text: text)
_TYPES_BY_OID: Mapping[int, PostgresType] = MappingProxyType(
    {
        16: PostgresType("{}", lambda text: text.str.starts_with("t"), in_arrow=True),  # boolean
        20: _number(pl.Int64()),
        21: _number(pl.Int16()),
        23: _number(pl.Int32()),
        26: PostgresType("CAST({} AS bigint)", lambda text: text.cast(pl.Int64)),  # oid
        700: _number(pl.Float32()),
        701: _number(pl.Float64()),
        1042: PostgresType("CAST({} AS text)", lambda text: text),  # char(n), without its padding
        1082: PostgresType("encode(date_send({}), 'hex')", _read_dates, in_arrow=True),
        1114: _instants("timestamp_send", pl.Datetime("us")),
        1184: _instants("timestamptz_send", pl.Datetime("us", "UTC")),
        1186: PostgresType(  # interval
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


def without_rows(query: str) -> str:
    """Return a query by which the columns of another are known, and the numbers of their types."""
    return f"SELECT * FROM (\n{query}\n) store_uptime_types WHERE 1 = 0"


def types_of_oids(oids: Mapping[str, int], texts_of: TextsOf) -> dict[str, PostgresType]:
    """Return the types of columns by their numbers; those of users, such as enumerations, as text.

    Raises
    ------
    ForeignTypeError
        No column may have the type, such as an array.
    """
    types = dict(_TYPES_BY_OID)
    foreign: dict[int, str] = {}
    others = sorted({oid for oid in oids.values() if oid not in types})
    if others:
        query = (
            "SELECT CAST(oid AS text) AS oid, format_type(oid, NULL) AS name,"
            " CASE WHEN typtype IN ('b', 'e') AND typcategory <> 'A'"
            f" AND oid >= {_FIRST_OID_OF_USERS} THEN 'yes' ELSE 'no' END AS is_text"
            f" FROM pg_type WHERE oid IN ({', '.join(map(str, others))})"
        )
        for number, name, is_text in texts_of(query, ("oid", "name", "is_text")).rows():
            if is_text == "yes":
                types[int(number)] = _AS_TEXT
            else:
                foreign[int(number)] = name
    for column, oid in oids.items():
        if oid in foreign:
            raise ForeignTypeError(column, foreign[oid])
    return {column: types[oid] for column, oid in oids.items()}


def typed_rows(
    query: str, oids: Mapping[str, int], texts_of: TextsOf, *, sent_as: str = AS_TEXT
) -> pl.DataFrame:
    """Return the rows of a query, whose columns have types of these numbers.

    `sent_as` is what makes a text of a value, if what `texts_of` runs does not do that by itself.

    Raises
    ------
    ForeignTypeError
        No column may have one of the types.
    """
    types = types_of_oids(oids, texts_of)
    columns = ", ".join(
        f"{sent_as.format(type_.sql.format(name))} AS {name}"
        for name, type_ in zip(map(_quoted, types), types.values(), strict=True)
    )
    texts = texts_of(f"SELECT {columns} FROM (\n{query}\n) store_uptime_rows", tuple(types))
    return values_of_texts(texts, types)


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def values_of_texts(texts: pl.DataFrame, types: Mapping[str, PostgresType]) -> pl.DataFrame:
    """Return what was sent as text in the types that it has."""
    read = texts.with_columns(type_.read(pl.col(name)) for name, type_ in types.items())
    return with_decimals(read, [name for name, each in types.items() if each is _NUMERIC_AS_TEXT])
