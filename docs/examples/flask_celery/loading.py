"""From CSV files into the tables that reports are made of."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs
import sqlalchemy as sa

from store_uptime import load_csv

from .database import BATCH_ROWS, alone, engine

_Type = sa.types.TypeEngine[Any]


def load(folder: Path) -> dict[str, int]:
    """Replace what the tables hold by what the files say; return how many rows each has now.

    All or nothing. Reports that are being made meanwhile see the tables as they were.
    """
    inputs = load_csv(folder)
    frames = {
        "store_status": _status(inputs.status),
        "business_hours": inputs.hours,
        "store_timezones": inputs.timezones,
        **inputs.extra,
    }
    tables = _tables(ids=inputs.status["store_id"].dtype)
    with engine(patient=True).begin() as connection:
        alone(connection, "load")
        tables.create_all(connection)
        for name, table in tables.tables.items():
            connection.execute(table.delete())
            if name in frames:
                _fill(connection, table, frames[name].with_columns(_clock(cs.duration())))
    return {name: frame.height for name, frame in frames.items()}


def _status(polls: pl.DataFrame) -> pl.DataFrame:
    up = pl.when("status").then(pl.lit("active")).otherwise(pl.lit("inactive"))
    return polls.with_columns(status=up)


def _clock(since_midnight: pl.Expr) -> pl.Expr:
    """Write times of day as text: SQLite has no type for them, and not every type has 24:00."""
    micros, hour = since_midnight.dt.total_microseconds(), 3_600_000_000
    rest = (micros % hour * 1000).cast(pl.Time).dt.to_string(":%M:%S%.f")
    return (micros // hour).cast(pl.String).str.zfill(2) + rest


def _fill(connection: sa.Connection, table: sa.Table, frame: pl.DataFrame) -> None:
    batches = frame.iter_slices(BATCH_ROWS)
    if connection.dialect.name == "sqlite":
        for batch in batches:
            connection.execute(table.insert(), batch.to_dicts())
        return
    # 1.7 million rows take seconds; by INSERT they take two minutes.
    statement = f"COPY {table.name} ({', '.join(frame.columns)}) FROM STDIN (FORMAT csv)"
    with closing(connection.connection.cursor()) as cursor, cursor.copy(statement) as rows:
        for batch in batches:
            rows.write(batch.write_csv(include_header=False, datetime_format="%F %T%.6f+00"))


def _tables(ids: pl.DataType) -> sa.MetaData:
    integer, text, date, instant = sa.BigInteger(), sa.Text(), sa.Date(), sa.DateTime(timezone=True)
    times: dict[str, _Type] = {"start_time_local": text, "end_time_local": text}
    columns: dict[str, dict[str, _Type]] = {
        "store_status": {"timestamp_utc": instant, "status": text},
        "business_hours": {"day_of_week": integer, **times},
        "store_timezones": {"timezone_str": text},
        "special_hours": {"date": date, **times},
        "maintenance": {"start_utc": instant, "end_utc": instant},
    }
    store_id = integer if ids.is_integer() else text
    tables = sa.MetaData()
    for name, others in columns.items():
        typed = {"store_id": store_id, **others}
        sa.Table(name, tables, *(sa.Column(column, kind) for column, kind in typed.items()))
    sa.Index("store_status_timestamp_utc", tables.tables["store_status"].c.timestamp_utc)
    return tables
