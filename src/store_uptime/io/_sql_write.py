"""Write a report into a table: all of it or nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import polars as pl

from store_uptime.errors import PolicyError, SchemaError
from store_uptime.io._sql_driver import PARAMETER, Driver, told
from store_uptime.io._sql_read import source_of

_TYPES = {
    "postgresql": {
        "integer": "bigint",
        "real": "double precision",
        "text": "text",
        "boolean": "boolean",
        "instant": "timestamptz",
    },
    "duckdb": {
        "integer": "BIGINT",
        "real": "DOUBLE",
        "text": "VARCHAR",
        "boolean": "BOOLEAN",
        "instant": "TIMESTAMPTZ",
    },
    "sqlite": {
        "integer": "INTEGER",
        "real": "REAL",
        "text": "TEXT",
        "boolean": "BOOLEAN",
        "instant": "TEXT",
    },
    "mysql": {
        "integer": "BIGINT",
        "real": "DOUBLE",
        "text": "VARCHAR(255)",
        "boolean": "BOOLEAN",
        "instant": "DATETIME(6)",
    },
}


def write(
    driver: Driver, report: pl.DataFrame, table: str, run_id: str | None, if_exists: str
) -> str:
    run = str(uuid.uuid4()) if run_id is None else run_id
    target = source_of(driver, "report", table)
    now = dt.datetime.now(dt.UTC)
    stamp: Any = now
    if driver.dialect == "mysql":
        stamp = now.replace(tzinfo=None)
    if driver.dialect == "sqlite":
        stamp = now.isoformat(sep=" ")
    rows = report.select(pl.lit(run).alias("run_id"), pl.lit(stamp).alias("generated_at"), pl.all())
    types = _TYPES[driver.dialect]
    specs = []
    for name, dtype in rows.schema.items():
        kind = (
            "integer"
            if dtype.is_integer()
            else "real"
            if dtype.is_float()
            else "boolean"
            if dtype == pl.Boolean
            else "instant"
            if dtype.is_temporal() or name == "generated_at"
            else "text"
        )
        specs.append(
            f"{driver.quote(name)} {types[kind]}{' NOT NULL' if name in ('run_id', 'generated_at', 'store_id') else ''}"
        )
    with driver.writing(), told(driver, "cannot be written", table="report"):
        driver.run(
            f"CREATE TABLE IF NOT EXISTS {target} ({', '.join(specs)}, PRIMARY KEY (run_id, store_id))"
        )
        driver.run(f"DELETE FROM {target} WHERE run_id = {PARAMETER}", run)
        driver.insert(target, rows)
    return run
