"""`load_sql`, by URI and by engine, beside fetching the same rows through ADBC alone.

Needs a PostgreSQL server, found as the tests find one (see docs/contributing.md). Makes its tables
in a schema of their own and drops it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from data import HOUR, NOW, NOW_US, make_data
from told import report, tell

sys.path.append(str(Path(__file__).parents[1]))
from store_uptime import compute_report, load_sql
from support import services  # the folder above is none that Python looks into

HOURS = 8 * 24  # the longest of the default windows, and the look-back
LO = NOW - dt.timedelta(hours=HOURS)
YEAR = 365 * 24 * HOUR


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", type=int, default=10_417, help="hourly polls make 192 a store")
    parser.add_argument("--old", type=int, default=8_000_000, help="polls of the year before")
    parser.add_argument("--ids", choices=["int", "uuid"], default="int")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with services.postgres_server() as server, services.postgres_schema(server) as url:
        fill(url, options.stores, options.old, options.ids)
        contestants: dict[str, Callable[[str], int]] = {
            "ADBC alone": fetch,
            "load_sql of a URI": load,
            "the same + compute_report": compute,
            "load_sql of an engine, psycopg": partial(load_engine, "psycopg"),
            "load_sql of an engine, psycopg2": partial(load_engine, "psycopg2"),
        }
        rows = {name: run(url) for name, run in contestants.items()}  # warms up, too
        tell(", ".join(f"{name}: {height:,} rows" for name, height in rows.items()))
        seconds: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(options.rounds):
            for name, run in contestants.items():
                seconds[name].append(timed(run, url))
    report(seconds)


def fill(url: str, stores: int, old: int, ids: str) -> None:
    """Make the tables: the polls that matter in random order, after those of the year before."""
    data = make_data(stores, HOURS, ids=ids)
    rng = np.random.default_rng(1)
    older = pl.DataFrame(
        {
            "store_id": data.timezones["store_id"].gather(rng.integers(0, stores, old)),
            "timestamp_utc": pl.Series(
                np.sort(NOW_US - HOURS * HOUR - rng.integers(1, YEAR, old))
            ).cast(pl.Datetime("us", "UTC")),
            "status": rng.random(old) < 0.9,
        }
    )
    word = pl.when("status").then(pl.lit("active")).otherwise(pl.lit("inactive")).alias("status")
    tables = {
        "store_status": pl.concat([older, data.status]).with_columns(word),
        "business_hours": data.hours.rename({"day_of_week": "day"}),
        "store_timezones": data.timezones,
    }
    dbapi = services.need("adbc_driver_postgresql.dbapi")
    with closing(dbapi.connect(url)) as connection, connection.cursor() as cursor:
        for name, frame in tables.items():
            cursor.adbc_ingest(name, frame, mode="create")
        cursor.execute("CREATE INDEX ON store_status (timestamp_utc)")
        connection.commit()
    with closing(dbapi.connect(url, autocommit=True)) as connection, connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE store_status")
    tell(f"{data.polls:,} polls of {stores:,} stores that matter, {old:,} older ones")


def fetch(url: str) -> int:
    dbapi = services.need("adbc_driver_postgresql.dbapi")
    columns = "store_id, timestamp_utc, status"
    query = f"SELECT {columns} FROM store_status WHERE timestamp_utc BETWEEN '{LO}' AND '{NOW}'"
    with closing(dbapi.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return pl.DataFrame(cursor.fetch_arrow()).height


def load(url: str) -> int:
    return load_sql(url, now=NOW).status.height


def load_engine(driver: str, url: str) -> int:
    sqlalchemy = services.need("sqlalchemy")
    services.need(driver)
    engine = sqlalchemy.create_engine(
        url.replace("postgresql://", f"postgresql+{driver}://", 1),
        poolclass=sqlalchemy.pool.NullPool,
    )
    return load_sql(engine, now=NOW).status.height


def compute(url: str) -> int:
    return compute_report(*load_sql(url, now=NOW), now=NOW).height


def timed(run: Callable[[str], int], url: str) -> float:
    start = time.perf_counter()
    run(url)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
