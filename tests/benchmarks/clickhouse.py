"""The same numbers by ClickHouse, embedded: `pip install --group benchmark`.

The steps are those of the SQL for DuckDB. Three differ. What is used twice would be computed twice,
so the sessions are a table. ClickHouse turns wall clocks into instants only for a zone that stands in
the query, so there is a branch for each zone. And neighbours are found in an array for each store,
which takes three quarters of the time that window functions take: its numbers are instant and state
in one, so that of two polls at one instant the inactive one comes first and stays.

ClickHouse has zone rules of its own, of the day it was built. A wall clock that a day skips it reads
an hour earlier, one that a day repeats as the first of the two. Neither occurs in these data.
"""

from __future__ import annotations

import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from contestants import LO, WINDOWS
from data import NOW_US, ZONES, Data


def _instant(day: str, seconds: str) -> str:
    """Return the SQL for the microsecond at which the wall clock of `timezone_str` reads this."""
    fields = f"toYear({day}), toMonth({day}), toDayOfMonth({day}), intDiv({seconds}, 3600), intDiv({seconds} % 3600, 60), {seconds} % 60"
    branches = ", ".join(
        f"timezone_str = '{zone}', toUnixTimestamp(makeDateTime({fields}, '{zone}'))"
        for zone in ZONES
    )
    return f"toInt64(multiIf({branches}, NULL)) * 1000000"


SESSIONS = f"""
CREATE TEMPORARY TABLE sessions ENGINE = Memory AS
WITH days AS (
    SELECT toDate('2023-01-15') + number AS day, toDayOfWeek(day) - 1 AS day_of_week FROM numbers(13)
), dated AS (
    SELECT h.store_id AS store_id,
           {_instant("day", "start_time_local")} AS opens,
           {_instant("(day + (end_time_local <= start_time_local))", "end_time_local")} AS closes
    FROM hours h JOIN timezones z ON h.store_id = z.store_id JOIN days d ON d.day_of_week = h.day_of_week
), clipped AS (
    SELECT store_id, greatest(opens, {LO}) AS open, least(closes, {NOW_US + 1}) AS close
    FROM dated WHERE closes > {LO} AND opens <= {NOW_US}
), marked AS (
    SELECT *, open > max(close) OVER (PARTITION BY store_id ORDER BY open
              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS apart FROM clipped
), numbered AS (
    SELECT *, sum(apart) OVER (PARTITION BY store_id ORDER BY open) AS n FROM marked
), merged AS (
    SELECT store_id, min(open) AS open, max(close) AS close FROM numbered GROUP BY store_id, n
)
SELECT *, sum(close - open) OVER (PARTITION BY store_id ORDER BY open) - (close - open) AS before
FROM merged
"""


def _sums() -> str:
    return ", ".join(
        f"coalesce(sumIf(spent, {test} AND x >= {NOW_US - length} AND x < {NOW_US}), 0) AS {name}_{k}"
        for k, length in enumerate(WINDOWS)
        for name, test in (("up", "state = 1"), ("down", "state = 0"))
    )


REPORT = f"""
WITH evidence AS (
    SELECT p.store_id AS store_id, p.t AS t, p.up AS up
    FROM (SELECT store_id, toUnixTimestamp64Micro(timestamp_utc) AS t, status AS up FROM status
          WHERE t BETWEEN {LO} AND {NOW_US}) p
    ASOF JOIN sessions s ON p.store_id = s.store_id AND p.t >= s.open WHERE p.t < s.close
), sorted AS (
    SELECT store_id, arraySort(groupArray(t * 2 + up)) AS all_keys FROM evidence GROUP BY store_id
), single AS (
    SELECT store_id, arrayFilter((key, last) -> intDiv(key, 2) <> intDiv(last, 2),
                                 all_keys, arrayPushFront(arrayPopBack(all_keys), -2)) AS keys FROM sorted
), neighbours AS (
    SELECT store_id, arrayJoin(arrayZip(keys, arrayPushFront(arrayPopBack(keys), -1))) AS pair,
           pair.1 AS key, pair.2 AS last FROM single
), edges AS (
    SELECT store_id, if(last < 0, {LO}, intDiv(intDiv(last, 2) + intDiv(key, 2), 2)) AS x,
           toNullable(key % 2) AS up FROM neighbours
    WHERE last < 0 OR key % 2 <> last % 2
    UNION ALL
    SELECT store_id, arrayJoin([{NOW_US - WINDOWS[2]}, {NOW_US - WINDOWS[1]}, {NOW_US - WINDOWS[0]}, {NOW_US}]), NULL
    FROM timezones
), placed AS (
    SELECT e.store_id AS store_id, e.x AS x, e.up AS up,
           s.before + least(e.x, s.close) - s.open AS open_time
    FROM edges e ASOF LEFT JOIN sessions s ON e.store_id = s.store_id AND e.x >= s.open
), pieces AS (
    SELECT store_id, x, last_value(up) IGNORE NULLS OVER w AS state,
           lead(open_time) OVER w - open_time AS spent
    FROM placed WINDOW w AS (PARTITION BY store_id ORDER BY x, up NULLS LAST)
)
SELECT store_id, {_sums()} FROM pieces GROUP BY store_id ORDER BY store_id
"""


class ClickHouse:
    """Hand-written SQL over tables in ClickHouse's own storage, in the order in which rows came."""

    def __init__(self, data: Data) -> None:
        self.session: Any = import_module("chdb.session").Session()
        clocks = pl.col("start_time_local", "end_time_local")
        seconds = (clocks.to_physical() // 10**9).cast(pl.Int32)
        tables = data._replace(hours=data.hours.with_columns(seconds))
        with tempfile.TemporaryDirectory() as folder:
            for name, frame in tables._asdict().items():
                path = Path(folder) / f"{name}.parquet"
                frame.write_parquet(path)
                self.session.query(
                    f"CREATE TABLE {name} ENGINE = MergeTree ORDER BY tuple() AS "
                    f"SELECT * FROM file('{path}') SETTINGS schema_inference_make_columns_nullable = 0"
                )
                # Else it merges its parts while the others are timed.
                self.session.query(f"OPTIMIZE TABLE {name} FINAL")

    def __call__(self, _: Data) -> pl.DataFrame:
        self.session.query("DROP TABLE IF EXISTS sessions")
        self.session.query(SESSIONS)
        return pl.read_ipc_stream(self.session.query(REPORT, "ArrowStream").bytes())
