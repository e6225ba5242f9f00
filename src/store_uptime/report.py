"""The report: uptime and downtime of every store in every window."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from store_uptime.clocks import state_clocks
from store_uptime.errors import InvalidStatusError
from store_uptime.evidence import DOWN, PROVED_DOWN, PROVED_UP, UP, cut_pieces
from store_uptime.instant import check_now, from_microseconds, microseconds
from store_uptime.line import Line, lay_out
from store_uptime.policy import (
    DEFAULT_POLICY,
    DEFAULT_WINDOWS,
    UNIT_MICROSECONDS,
    Policy,
    Window,
    check_batch,
    check_policy,
    check_windows,
)
from store_uptime.polls import Polls
from store_uptime.schema import read_tables
from store_uptime.zones import check_zones

_CLOCKS = {"uptime": (UP, PROVED_UP), "downtime": (DOWN, PROVED_DOWN)}
_PROOF_CLOCKS = {"proved_up": (PROVED_UP,), "proved_down": (PROVED_DOWN,)}


def compute_report(
    status: Any,
    hours: Any,
    timezones: Any,
    now: dt.datetime | str | None = None,
    *,
    windows: Mapping[str, Window] = DEFAULT_WINDOWS,
    policy: Policy = DEFAULT_POLICY,
    detail: bool = False,
    batch_stores: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> pl.DataFrame:
    """Compute uptime and downtime of every store in every window.

    Inputs may be polars frames, eager or lazy, or any object with ``__arrow_c_stream__`` (pandas,
    pyarrow, DuckDB relations). Extra columns are ignored, row and column order never matter, and
    nothing of the caller's is changed.

    Parameters
    ----------
    status
        The polls: `store_id` (any integer type or String; Categorical and Enum become String),
        `timestamp_utc` (Datetime of any zone and precision, naive taken as UTC, or strings such
        as ``2023-01-22 12:09:39.388884 UTC``; anything finer than a microsecond is cut off) and
        `status` (``active``/``inactive`` in any case as String, Enum or Categorical, or Boolean,
        true = active).
    hours
        The weekly hours, local: `store_id`, `day_of_week` (also read as `day`, `dayOfWeek`;
        integer, 0 = Monday), `start_time_local` and `end_time_local` (Time, Duration since
        midnight, or strings ``HH:MM``, ``HH:MM:SS[.f]``, ``24:00``). An end at or before the
        start lies on the next day. A store without rows is always open.
    timezones
        `store_id` and `timezone_str`, an IANA name; null is as good as no row.
    now
        Where all windows end: an aware datetime or an ISO 8601 string with an offset. ``None``
        is the latest poll. The clock of the machine is never read.
    windows
        A mapping from name to `Window`; the names become the columns' endings, in this order.
    policy
        The rules where reasonable people differ, see `Policy`.
    detail
        Whether to append what lies behind the numbers.
    batch_stores
        How many stores to compute at a time; less takes less memory and more time. ``None``
        chooses by the size of the tables. The numbers do not depend on it.
    progress
        Called after each batch with the number of stores done and the number of all stores.

    Returns
    -------
    pl.DataFrame
        One row for every store that occurs in any of the three tables, sorted by `store_id`,
        which has the type that it has in `status`. Then, for each window in turn,
        `uptime_<name>` and `downtime_<name>`: Float64 in the window's unit, unrounded, never
        null.

        With `detail`, there follow for each window in turn `unknown_<name>` and
        `scheduled_<name>` (same type and unit; uptime + downtime + unknown = scheduled),
        `availability_<name>` (Float64 in [0, 1]: uptime / (uptime + downtime), null where nothing
        is known), `uptime_min_<name>` and `uptime_max_<name>` (same type and unit: what the polls
        prove if a store changes state at most once between two of them) and `polls_<name>`
        (UInt32: pieces of evidence in the window, one at `now` included).

    Raises
    ------
    SchemaError
        A column is missing or of a type not listed above; ids are floats, or of different kinds
        in two tables.
    InvalidStatusError
        A null id or timestamp, an unreadable timestamp or a status other than active and inactive;
        or no polls and no `now`.
    InvalidHoursError
        A null id, a weekday outside 0-6, a null or unreadable time.
    UnknownTimeZoneError
        A zone that the tzdata package does not know, a store with two different zones, a null id.
    NaiveDatetimeError
        `now` has no time zone.
    PolicyError
        `now`, `windows`, `policy` or `batch_stores` make no sense.

    Examples
    --------
    Open on Monday from 09:00 to 12:00, up at 10:14, down at 11:15: the polls meet halfway, at
    10:44:30, which makes 104.5 minutes up and 75.5 minutes down.

    >>> status = pl.DataFrame(
    ...     {
    ...         "store_id": [7, 7],
    ...         "timestamp_utc": ["2023-01-23 10:14:00 UTC", "2023-01-23 11:15:00 UTC"],
    ...         "status": ["active", "inactive"],
    ...     }
    ... )
    >>> hours = pl.DataFrame(
    ...     {
    ...         "store_id": [7],
    ...         "day_of_week": [0],
    ...         "start_time_local": ["09:00"],
    ...         "end_time_local": ["12:00"],
    ...     }
    ... )
    >>> timezones = pl.DataFrame({"store_id": [7], "timezone_str": ["Etc/UTC"]})
    >>> today = {"today": Window(dt.timedelta(hours=12), "minutes")}
    >>> noon = "2023-01-23T12:00:00Z"
    >>> compute_report(status, hours, timezones, noon, windows=today).row(0, named=True)
    {'store_id': 7, 'uptime_today': 104.5, 'downtime_today': 75.5}
    """
    chosen = check_windows(windows, detail=detail)
    check_policy(policy)
    check_batch(batch_stores)
    instant = None if now is None else check_now(now)
    check_zones([policy.default_timezone], table="Policy", column="default_timezone")
    tables = read_tables(status, hours, timezones)
    zones = tables.timezones["zone"].drop_nulls().to_list()
    check_zones(zones, table="timezones", column="timezone_str")
    instant = instant or _latest(tables.polls)
    starts = {name: window.start_us(instant) for name, window in chosen.items()}
    span = min(starts.values()), microseconds(instant)
    reports = []
    for line in lay_out(tables, *span, policy, batch_stores):
        reports.append(_report(line, chosen, starts, detail=detail))
        if progress is not None:
            progress(sum(report.height for report in reports), line.total)
    return pl.concat(reports).sort("store_id")


def _latest(polls: Polls) -> dt.datetime:
    if polls.last is None:
        raise InvalidStatusError(
            "no polls to take now from", table="status", remedy="Pass now explicitly."
        )
    return from_microseconds(polls.last)


def _report(
    line: Line, windows: Mapping[str, Window], starts: Mapping[str, int], *, detail: bool
) -> pl.DataFrame:
    """Return the report on the stores of one line."""
    readings = _read_clocks(line, {*starts.values(), line.axis.now}, detail=detail)

    def passed(clock: str, name: str) -> pl.Expr:
        return pl.col(f"{clock}@{line.axis.now}") - pl.col(f"{clock}@{starts[name]}")

    # Polars divides by a constant by multiplying with its reciprocal, which rounds twice. By a
    # column, it divides.
    readings = readings.with_columns(
        pl.repeat(micros, readings.height, dtype=pl.Int64, eager=True).alias(unit)
        for unit, micros in UNIT_MICROSECONDS.items()
    )
    columns, details = [pl.col("store_id")], []
    for name, window in windows.items():
        unit = pl.col(window.unit)
        up, down = passed("uptime", name), passed("downtime", name)
        columns += [(up / unit).alias(f"uptime_{name}"), (down / unit).alias(f"downtime_{name}")]
        if detail:
            scheduled = passed("open_time", name)
            minimum, maximum = passed("proved_up", name), scheduled - passed("proved_down", name)
            details += [
                ((scheduled - up - down) / unit).alias(f"unknown_{name}"),
                (scheduled / unit).alias(f"scheduled_{name}"),
                pl.when(up + down > 0).then(up / (up + down)).alias(f"availability_{name}"),
                (minimum / unit).alias(f"uptime_min_{name}"),
                (maximum / unit).alias(f"uptime_max_{name}"),
                passed("polls", name).cast(pl.UInt32).alias(f"polls_{name}"),
            ]
    return readings.select(columns + details)


def _read_clocks(line: Line, instants: set[int], *, detail: bool) -> pl.DataFrame:
    """Return `store_id` and what every clock shows at every instant, as `clock@instant`."""
    axis, stores = line.axis, line.stores
    edges = pl.DataFrame({"instant": sorted(instants)})
    points = (
        stores.table.select("i")
        .join(edges, how="cross")
        .with_columns(x=axis.place(pl.col("i"), pl.col("instant")))
    )
    clocks = _CLOCKS | _PROOF_CLOCKS if detail else _CLOCKS
    pieces = cut_pieces(line.evidence, axis, line.policy, proofs=detail)
    readings = state_clocks(points.sort("x").lazy(), pieces, line.sessions, clocks).collect()
    if detail:
        # A poll at `now` belongs to the windows that end there, hence the one microsecond more.
        at_now = pl.col("instant") == axis.now
        before = readings.select(2 * (pl.col("x") + at_now)).to_series()
        readings = readings.with_columns(polls=line.evidence.search_sorted(before).cast(pl.Int64))
    names = [name for name in readings.columns if name not in ("i", "instant", "x")]
    wide = [
        readings.filter(pl.col("instant") == instant)
        .sort("i")
        .select(pl.col(name).alias(f"{name}@{instant}") for name in names)
        for instant in sorted(instants)
    ]
    return pl.concat([stores.table.select("store_id"), *wide], how="horizontal")
