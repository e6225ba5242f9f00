"""A function of the core on Spark DataFrames, run in each partition over Arrow.

All tables travel as one, partitioned by store: every store has all its rows in one partition, and
no partition needs to know another. Only methods of the frames are used, never
`pyspark.sql.functions`, so that a classic session and Spark Connect are the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from store_uptime._tables.contract import TABLES
from store_uptime._tables.read import now_at_latest
from store_uptime._time.instants import microseconds
from store_uptime._time.units import FIRST_INSTANT
from store_uptime.spark.layout import Layout, lay_out, stacked
from store_uptime.spark.partition import (
    OUTCOME_DDL,
    Job,
    as_spark_has_it,
    check_partition,
    check_tables,
    join_outcomes,
    result_partition,
)
from store_uptime.spark.poll_checks import PollLook, PollRows
from store_uptime.spark.tables import SparkTable, columns_ddl
from store_uptime.windows import AnyWindow, earliest_start

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

TablesInMemory = Mapping[str, pl.DataFrame]
"""TablesInMemory in memory, by their names."""

SOME_INSTANT = dt.datetime(2024, 3, 31, tzinfo=dt.UTC)
"""Where `now` is not known yet, options are tried out at the instant that `Window` uses itself."""

_NAMES_STORES = ("hours", "timezones")
# Fewer stores are not worth the call of the core, and more polls than this no worker's memory.
_STORES_A_BUCKET = 2_000
_POLLS_A_BUCKET = 4_000_000
_USUAL_PARTITIONS = 200  # of a session of Spark


@dataclass(frozen=True, slots=True)
class Call:
    """A call of one of the core's functions, with the arguments beside the tables.

    Attributes
    ----------
    compute
        The function.
    options
        Its arguments; `now` or `at`, the instants at which it looks, are among them.
    reach
        Says from which one on open time is looked at (microseconds since 1970 UTC), given the
        first instant.
    tried
        What replaces some arguments where `now` is not known yet.
    """

    compute: Callable[..., pl.DataFrame]
    options: Mapping[str, Any]
    reach: Callable[[dt.datetime], int]
    tried: Mapping[str, Any] = field(default_factory=lambda: {"now": SOME_INSTANT})

    @property
    def instants(self) -> Sequence[dt.datetime]:
        """The instants, as far as they are known."""
        instants = self.options.get("at") or [self.options["now"]]
        return [each for each in instants if each is not None]

    def at_latest(self, latest: int | None, empty: TablesInMemory) -> Call:
        """Return the call for `now` being the latest poll, or refuse what only that can tell."""
        known = replace(self, options={**self.options, "now": now_at_latest(latest)})
        known.try_on(empty)
        return known

    def try_on(self, empty: TablesInMemory) -> pl.DataFrame:
        """Return what comes out of tables without rows, or raise what is wrong with arguments."""
        options = self.options if self.instants else {**self.options, **self.tried}
        return Job(self.compute, options).run(empty)

    def span(self) -> tuple[int, int]:
        """Return from where to where polls matter, in microseconds since 1970 UTC."""
        back = self.options["policy"].lookback_us
        first = FIRST_INSTANT if back is None else self.reach(min(self.instants)) - back
        return max(first, FIRST_INSTANT), microseconds(max(self.instants))


def compute_by_store(frames: Sequence[DataFrame | None], call: Call) -> DataFrame:
    """Check the tables, in a few jobs, and return the frame that computes the call.

    All `frames` are there, in the order of `TABLES`.
    """
    given = {
        name: SparkTable(frame, name)
        for name, frame in zip(TABLES, frames, strict=True)
        if frame is not None or name == "status"
    }
    empty = {name: table.empty for name, table in given.items()}
    form = as_spark_has_it(call.try_on(empty))
    key_type = "bigint" if form.schema["store_id"].is_integer() else "string"
    status = given.pop("status").rows
    others = _Others({name: table.rows for name, table in given.items()}, empty, key_type)
    polls = PollRows(status, empty["status"].schema, key_type)

    most = most_buckets(status.sparkSession.conf.get("spark.sql.shuffle.partitions"))
    if not call.instants and polls.has_instants:
        latest = polls.latest()
        if latest is None:
            latest = others.check_with(polls.to_check(), most)
        call = call.at_latest(latest, empty)
    if call.instants:
        polls = replace(polls, span=call.span())
    look = polls.look([others.rows[name] for name in _NAMES_STORES if name in others.rows])
    buckets = _buckets(look, most)
    latest = others.check_with(polls.to_check() if look.dubious else None, buckets)
    if not call.instants:
        call = call.at_latest(latest, empty)
    judged = polls.within() if look.dubious else polls.judged()
    strangers = polls.stores_outside() if look.unnamed else None
    by_store, layout = others.by_store(judged, strangers, buckets)
    job = Job(call.compute, call.options, others.everywhere)
    compute = partial(result_partition, layout=layout, job=job)
    return by_store.mapInArrow(compute, columns_ddl(form.schema))


def most_buckets(setting: str | None) -> int:
    """Return how many partitions there may be; platforms have words for it, such as "auto"."""
    return int(setting) if setting and setting.isdigit() else _USUAL_PARTITIONS


def _buckets(look: PollLook, most: int) -> int:
    by_stores = min(look.stores // _STORES_A_BUCKET, most)
    return max(by_stores, look.polls // _POLLS_A_BUCKET, 1)


class _Others:
    """The tables beside `status`: their rows by store, and those that hold for every store."""

    def __init__(self, rows: Mapping[str, DataFrame], empty: TablesInMemory, key_type: str) -> None:
        self.empty, self.key_type = empty, key_type
        optional = {name: frame for name, frame in rows.items() if TABLES[name].optional}
        # These are few, and every partition needs them.
        self.everywhere: TablesInMemory = {}
        if optional:
            layout = self._lay_out(optional)
            shared = (
                layout.rows(name, frame.where("store_id IS NULL"))
                for name, frame in optional.items()
            )
            self.everywhere = layout.tables(stacked(shared).toArrow())
        own = {name: frame.where("store_id IS NOT NULL") for name, frame in optional.items()}
        self.rows = {**rows, **own}

    def _lay_out(
        self, frames: Mapping[str, DataFrame], id_dtypes: Mapping[str, pl.DataType] | None = None
    ) -> Layout:
        own = {name: self.empty[name].schema["store_id"] for name in frames if name in self.empty}
        return lay_out(frames, {**own, **(id_dtypes or {})}, self.key_type)

    def check_with(self, polls: DataFrame | None, buckets: int) -> int | None:
        """Return the latest poll, in microseconds since 1970 UTC, or raise what is wrong.

        Polls are read where they lie; of the other tables, the rows of a store must come together,
        because only then two zones of one store are seen.
        """
        outcomes = [check_tables({**self.empty, **self.everywhere})]
        frames = dict(self.rows) if polls is None else {**self.rows, "status": polls}
        if frames:
            layout = self._lay_out(frames)
            parts = [] if polls is None else [layout.rows("status", polls)]
            if self.rows:
                rows = stacked(layout.rows(name, frame) for name, frame in self.rows.items())
                parts.append(rows.repartition(buckets, "key"))
            check = partial(check_partition, layout=layout, empty=self.empty)
            found = stacked(parts).mapInArrow(check, OUTCOME_DDL).toArrow()
            outcomes += zip(*found.to_pydict().values(), strict=True)
        return join_outcomes(outcomes)

    def by_store(
        self, polls: DataFrame, strangers: DataFrame | None, buckets: int
    ) -> tuple[DataFrame, Layout]:
        """Return all tables as one, partitioned by store, and how they lie in it.

        Strangers are stores that need a row though they have none of these: they are named without
        a zone.
        """
        frames = {"status": polls, **self.rows}
        id_dtypes: dict[str, pl.DataType] = {}
        if strangers is not None:
            named = strangers.selectExpr("store_id", "CAST(NULL AS STRING) AS timezone_str")
            zones = self.rows.get("timezones")
            if zones is not None:
                key = f"CAST(store_id AS {self.key_type}) AS store_id"
                same = zones.selectExpr(key, "CAST(timezone_str AS STRING) AS timezone_str")
                named = same.unionByName(named)
            frames["timezones"] = named
            # The ids that `timezones` itself has may be too narrow for those of strangers.
            id_dtypes["timezones"] = pl.Int64() if self.key_type == "bigint" else pl.String()
        layout = self._lay_out(frames, id_dtypes)
        rows = stacked(layout.rows(name, frame) for name, frame in frames.items())
        # With a number of partitions, Spark neither joins nor splits them as it sees fit.
        return rows.repartition(buckets, "key"), layout


def plain(windows: Mapping[str, AnyWindow]) -> Mapping[str, AnyWindow]:
    """Return windows in a form that can be sent to workers; what is none comes back as it is."""
    return dict(windows) if isinstance(windows, Mapping) else windows


def reach_of(windows: Mapping[str, AnyWindow]) -> Callable[[dt.datetime], int]:
    """Return how to find where the earliest of the windows begins."""
    return partial(earliest_start, windows)
