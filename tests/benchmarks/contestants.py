"""Several ways to the same six numbers a store, each by the same rules.

Each takes the tables and returns `store_id` and whole microseconds of uptime and downtime in the
last hour, day and week: `up_0`, `down_0`, `up_1` and so on, sorted by `store_id`. They know the rules
that these data ask for: the plain pipeline and the loop leave out the one for duplicate polls.
"""

from __future__ import annotations

import bisect
import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from data import HOUR, NOW, NOW_US, Data
from store_uptime import Policy, compute_report

WINDOWS = (HOUR, 24 * HOUR, 168 * HOUR)
NAMES = ("last_hour", "last_day", "last_week")
UNITS = (60 * 10**6, HOUR, HOUR)
LO = NOW_US - 192 * HOUR
# The others know no reach of a poll. At 100,000 stores, one has polls that are a day apart.
POLICY = Policy(max_gap=None)


# --- store_uptime -------------------------------------------------------------------------------


def library(data: Data) -> pl.DataFrame:
    """`compute_report`, from frames in memory or lazy ones."""
    return compute_report(*data, NOW, policy=POLICY)


def read_first(path: Path) -> Callable[[Data], pl.DataFrame]:
    """`compute_report` after reading the file of polls into memory."""
    return lambda data: library(data._replace(status=pl.read_parquet(path)))


def as_micros(report: pl.DataFrame) -> pl.DataFrame:
    """Return the report in the form that all contestants return."""
    return report.select(
        "store_id",
        *(
            (pl.col(f"{state}time_{name}") * unit).round().cast(pl.Int64).alias(f"{state}_{k}")
            for k, (name, unit) in enumerate(zip(NAMES, UNITS, strict=True))
            for state in ("up", "down")
        ),
    )


# --- DuckDB -------------------------------------------------------------------------------------

# Only polls at which the state changes become edges, and the open time up to an edge is read off
# the sessions once for each edge: the joins with the sessions are what costs most here.
SQL = f"""
WITH dated AS (
    SELECT h.store_id,
           epoch_us(timezone(z.timezone_str, d.day + h.start_time_local::TIME)) AS open,
           epoch_us(timezone(z.timezone_str, d.day + h.end_time_local::TIME
                    + CASE WHEN h.end_time_local <= h.start_time_local THEN INTERVAL 1 DAY
                           ELSE INTERVAL 0 DAY END)) AS close
    FROM hours h JOIN timezones z USING (store_id)
    JOIN (SELECT day::DATE AS day, isodow(day) - 1 AS day_of_week
          FROM generate_series(DATE '2023-01-15', DATE '2023-01-27', INTERVAL 1 DAY) s(day)) d
      ON d.day_of_week = h.day_of_week
), clipped AS (
    SELECT store_id, greatest(open, {LO}) AS open, least(close, {NOW_US + 1}) AS close
    FROM dated WHERE close > {LO} AND open <= {NOW_US}
), marked AS (
    SELECT *, open > max(close) OVER (PARTITION BY store_id ORDER BY open
              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS apart FROM clipped
), numbered AS (
    SELECT *, count(*) FILTER (apart) OVER (PARTITION BY store_id ORDER BY open) AS n FROM marked
), merged AS (
    SELECT store_id, min(open) AS open, max(close) AS close FROM numbered GROUP BY store_id, n
), sessions AS MATERIALIZED (
    SELECT *, sum(close - open) OVER (PARTITION BY store_id ORDER BY open)::BIGINT
              - (close - open) AS before FROM merged
), evidence AS (
    SELECT p.store_id, p.t, p.up
    FROM (SELECT store_id, epoch_us(timestamp_utc) AS t, status AS up FROM status
          WHERE epoch_us(timestamp_utc) BETWEEN {LO} AND {NOW_US}) p
    ASOF JOIN sessions s ON p.store_id = s.store_id AND p.t >= s.open WHERE p.t < s.close
), single AS (
    SELECT * FROM evidence
    QUALIFY lead(t) OVER (PARTITION BY store_id ORDER BY t, up DESC) IS DISTINCT FROM t
), neighbours AS (
    SELECT *, lag(t) OVER w AS t_before, lag(up) OVER w AS up_before FROM single
    WINDOW w AS (PARTITION BY store_id ORDER BY t)
), edges AS (
    SELECT store_id, coalesce((t_before + t) // 2, {LO}) AS x, up FROM neighbours
    WHERE up IS DISTINCT FROM up_before
    UNION ALL
    SELECT store_id, x, NULL FROM timezones,
           unnest([{NOW_US - WINDOWS[2]}, {NOW_US - WINDOWS[1]}, {NOW_US - WINDOWS[0]}, {NOW_US}]) b(x)
), placed AS (
    SELECT e.store_id, e.x, e.up,
           coalesce(s.before + least(e.x, s.close) - s.open, 0) AS open_time
    FROM edges e ASOF LEFT JOIN sessions s ON e.store_id = s.store_id AND e.x >= s.open
), pieces AS (
    SELECT store_id, x, last_value(up IGNORE NULLS) OVER w AS up,
           lead(open_time) OVER w - open_time AS spent
    FROM placed WINDOW w AS (PARTITION BY store_id ORDER BY x, up NULLS LAST)
)
SELECT store_id,
       coalesce(sum(spent) FILTER (up AND x >= {NOW_US - WINDOWS[0]} AND x < {NOW_US}), 0)::BIGINT AS up_0,
       coalesce(sum(spent) FILTER (NOT up AND x >= {NOW_US - WINDOWS[0]} AND x < {NOW_US}), 0)::BIGINT AS down_0,
       coalesce(sum(spent) FILTER (up AND x >= {NOW_US - WINDOWS[1]} AND x < {NOW_US}), 0)::BIGINT AS up_1,
       coalesce(sum(spent) FILTER (NOT up AND x >= {NOW_US - WINDOWS[1]} AND x < {NOW_US}), 0)::BIGINT AS down_1,
       coalesce(sum(spent) FILTER (up AND x >= {NOW_US - WINDOWS[2]} AND x < {NOW_US}), 0)::BIGINT AS up_2,
       coalesce(sum(spent) FILTER (NOT up AND x >= {NOW_US - WINDOWS[2]} AND x < {NOW_US}), 0)::BIGINT AS down_2
FROM pieces GROUP BY store_id ORDER BY store_id
"""


class DuckDB:
    """Hand-written SQL over tables in DuckDB's own storage, which it reads fastest."""

    def __init__(self, data: Data) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        for name, frame in data._asdict().items():
            self.connection.register("frame", frame.to_arrow())
            self.connection.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
            self.connection.unregister("frame")

    def __call__(self, _: Data) -> pl.DataFrame:
        return pl.DataFrame(self.connection.sql(SQL))


# --- plain polars -------------------------------------------------------------------------------


def plain_polars(data: Data) -> pl.DataFrame:
    """The pipeline that comes to mind: sort, shift by store, join on store, clip, sum."""
    polls = data.status.lazy().select(
        "store_id", t=pl.col("timestamp_utc").dt.epoch("us"), up="status"
    )
    polls = polls.filter(pl.col("t").is_between(LO, NOW_US))
    sessions = _sessions(data)
    inside = polls.sort("t").join_asof(
        sessions.sort("open").lazy(), left_on="t", right_on="open", by="store_id", coalesce=False
    )
    evidence = inside.filter(pl.col("t") < pl.col("close")).select("store_id", "t", "up")
    t = pl.col("t")
    pieces = evidence.sort("store_id", "t").select(
        "store_id",
        "up",
        since=((t.shift(1) + t) // 2).over("store_id").fill_null(LO),
        until=((t.shift(-1) + t) // 2).over("store_id").fill_null(NOW_US),
    )
    joined = pieces.join(sessions.lazy(), on="store_id")
    sums = []
    for k, length in enumerate(WINDOWS):
        first = pl.max_horizontal("since", "open", pl.lit(NOW_US - length))
        last = pl.min_horizontal("until", "close", pl.lit(NOW_US))
        spent = (last - first).clip(lower_bound=0)
        sums += [
            spent.filter(pl.col("up")).sum().alias(f"up_{k}"),
            spent.filter(~pl.col("up")).sum().alias(f"down_{k}"),
        ]
    totals = joined.filter(pl.col("since") < pl.col("close"), pl.col("until") > pl.col("open"))
    totals = totals.group_by("store_id").agg(sums)
    every = data.timezones.lazy().select("store_id").join(totals, on="store_id", how="left")
    return every.fill_null(0).sort("store_id").collect()


def _sessions(data: Data) -> pl.DataFrame:
    """Return each store's sessions in UTC, overlaps merged."""
    dates = pl.DataFrame(
        {"date": pl.date_range(dt.date(2023, 1, 15), dt.date(2023, 1, 27), eager=True)}
    )
    dates = dates.with_columns(day_of_week=pl.col("date").dt.weekday().cast(pl.Int64) - 1)
    start, end = pl.col("start_time_local"), pl.col("end_time_local")
    dated = data.hours.join(dates, on="day_of_week").join(data.timezones, on="store_id")
    dated = dated.with_columns(
        open=pl.col("date").dt.combine(start),
        close=pl.col("date").dt.combine(end)
        + pl.when(end <= start).then(pl.duration(days=1)).otherwise(pl.duration()),
    )
    zoned = [
        part.with_columns(pl.col("open", "close").dt.replace_time_zone(zone).dt.epoch("us"))
        for (zone,), part in dated.partition_by("timezone_str", as_dict=True).items()
    ]
    clipped = pl.concat(zoned).select(
        "store_id",
        pl.col("open").clip(lower_bound=LO),
        pl.col("close").clip(upper_bound=NOW_US + 1),
    )
    ordered = clipped.filter(pl.col("open") < pl.col("close")).sort("store_id", "open")
    reach = pl.col("close").cum_max().shift(1)
    apart = (pl.col("open") > reach).fill_null(value=True).over("store_id")
    return (
        ordered.with_columns(n=apart.cum_sum())
        .group_by("n")
        .agg(pl.col("store_id", "open").first(), pl.col("close").max())
        .drop("n")
    )


# --- one store at a time ------------------------------------------------------------------------


def pure_python(data: Data) -> pl.DataFrame:
    """The loop that services run: store by store, poll by poll."""
    polls: dict[Any, list[tuple[int, bool]]] = defaultdict(list)
    for store, moment, up in data.status.rows():
        t = int(moment.timestamp()) * 10**6 + moment.microsecond
        if LO <= t <= NOW_US:
            polls[store].append((t, up))
    hours: dict[Any, list[Any]] = defaultdict(list)
    for store, *row in data.hours.rows():
        hours[store].append(row)
    rows = []
    for store, zone in sorted(data.timezones.rows()):
        sessions = _store_sessions(hours[store], ZoneInfo(zone))
        rows.append((store, *_store_totals(sorted(polls[store]), sessions)))
    names = [f"{state}_{k}" for k in range(3) for state in ("up", "down")]
    return pl.DataFrame(rows, schema=["store_id", *names], orient="row")


def _store_sessions(hours: list[Any], zone: ZoneInfo) -> list[tuple[int, int]]:
    found = []
    for offset in range(-10, 3):
        date = NOW.date() + dt.timedelta(days=offset)
        for day, start, end in hours:
            if date.weekday() == day:
                last = date + dt.timedelta(days=1) if end <= start else date
                open_, close = (
                    int(dt.datetime.combine(d, clock, zone).timestamp()) * 10**6
                    for d, clock in ((date, start), (last, end))
                )
                if open_ <= NOW_US and close > LO:
                    found.append((max(open_, LO), min(close, NOW_US + 1)))
    merged: list[tuple[int, int]] = []
    for open_, close in sorted(found):
        if merged and open_ <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], close))
        else:
            merged.append((open_, close))
    return merged


def _store_totals(polls: list[tuple[int, bool]], sessions: list[tuple[int, int]]) -> list[int]:
    opens = [session[0] for session in sessions]
    evidence = []
    for t, up in polls:
        at = bisect.bisect_right(opens, t) - 1
        if at >= 0 and t < sessions[at][1]:
            evidence.append((t, up))
    totals = [0] * 6
    for n, (t, up) in enumerate(evidence):
        since = (evidence[n - 1][0] + t) // 2 if n else LO
        until = (t + evidence[n + 1][0]) // 2 if n + 1 < len(evidence) else NOW_US
        for open_, close in sessions[max(bisect.bisect_right(opens, since) - 1, 0) :]:
            if open_ >= until:
                break
            for k, length in enumerate(WINDOWS):
                spent = min(until, close, NOW_US) - max(since, open_, NOW_US - length)
                if spent > 0:
                    totals[2 * k + (not up)] += spent
    return totals


# --- the floor ----------------------------------------------------------------------------------


def floor(data: Data) -> pl.DataFrame:
    """The least that anyone can do with the polls: one pass, grouped by store."""
    return (
        data.status.lazy()
        .group_by("store_id")
        .agg(pl.col("timestamp_utc").max(), pl.col("status").sum())
        .collect()
    )
