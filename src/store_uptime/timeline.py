"""The timeline: open time cut into pieces of one state, and the outages among them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl

from store_uptime._engine.batches import Line, lay_out
from store_uptime._engine.evidence import DOWN, UNKNOWN, UP, cut_pieces
from store_uptime._tables.read import now_or_latest, read_tables
from store_uptime._time.instants import check_now, microseconds
from store_uptime.errors import PolicyError
from store_uptime.policy import DEFAULT_POLICY, Policy, check_policy
from store_uptime.windows import Window

_WEEK = Window(dt.timedelta(days=7))
_STATES = {UP: "up", DOWN: "down", UNKNOWN: "unknown"}
_INSTANT = pl.Datetime("us", "UTC")
_LENGTH = pl.Duration("us")


def compute_timeline(
    status: Any,
    hours: Any,
    timezones: Any,
    now: dt.datetime | str | None = None,
    *,
    start: dt.datetime | str | None = None,
    policy: Policy = DEFAULT_POLICY,
    special_hours: Any = None,
    maintenance: Any = None,
) -> pl.DataFrame:
    """Cut the open time of ``[start, now)`` into pieces of one state.

    What is up, down or unknown here sums up to what `compute_report` says of a window from `start`
    to `now`, to the microsecond.

    Parameters
    ----------
    status, hours, timezones, now, policy, special_hours, maintenance
        As for `compute_report`.
    start
        Where the timeline begins: an aware datetime or an ISO 8601 string with an offset. ``None``
        is 7 days before `now`.

    Returns
    -------
    pl.DataFrame
        `store_id` (of the type that it has in `status`), `start` and `end` (Datetime in UTC,
        microseconds, half-open), `state` (Enum ``up``, ``down``, ``unknown``); never null. One row
        for each stretch of open time in one state, as long as it can be; closed time has no rows.
        Sorted by `store_id` and `start`.

    Raises
    ------
    NaiveDatetimeError
        `now` or `start` has no time zone.
    PolicyError
        `now`, `start` or `policy` make no sense; `start` is not before `now`.
    SchemaError, InvalidStatusError, InvalidHoursError, UnknownTimeZoneError
        As for `compute_report`.

    Examples
    --------
    Open on Monday from 09:00 to 12:00, up at 10:14, down at 11:15: the polls meet halfway.

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
    >>> timeline = compute_timeline(status, hours, timezones, "2023-01-23T18:00:00Z")
    >>> timeline.select(pl.col("start", "end").dt.strftime("%a %T"), "state").rows()
    [('Mon 09:00:00', 'Mon 10:44:30', 'up'), ('Mon 10:44:30', 'Mon 12:00:00', 'down')]
    """
    tables = (status, hours, timezones, special_hours, maintenance)
    return _of_each_line(_timeline, tables, now, start, policy)


def compute_outages(
    status: Any,
    hours: Any,
    timezones: Any,
    now: dt.datetime | str | None = None,
    *,
    start: dt.datetime | str | None = None,
    policy: Policy = DEFAULT_POLICY,
    special_hours: Any = None,
    maintenance: Any = None,
) -> pl.DataFrame:
    """List the outages of ``[start, now)``: downtime, joined across closed time.

    Two pieces of downtime are one outage when nothing but closed time lies between them. The
    `downtime` of all outages of a store sums up to its downtime in the report, to the microsecond.

    Parameters
    ----------
    status, hours, timezones, now, start, policy, special_hours, maintenance
        As for `compute_timeline`.

    Returns
    -------
    pl.DataFrame
        One row for each outage, sorted by `store_id` and `start`:

        - `store_id`: of the type that it has in `status`;
        - `start`, `end`: Datetime in UTC, microseconds, half-open, both in open time;
        - `downtime`: Duration, the open time down inside it;
        - `ongoing`: Boolean, whether the store is still down at `now`. It may be closed then: no
          open time that is not down lies between the outage and `now`, and the poll that speaks
          for `now` says down;
        - `elapsed`: Duration from `start` to `end`, or to `now` if it is ongoing;
        - `last_poll_before`, `first_poll_after`: Datetime in UTC, the evidence next to the outage
          on either side, null if there is none. A poll where it starts or ends counts as outside
          if it says up. Of an ongoing outage `first_poll_after` is null.

    Raises
    ------
    NaiveDatetimeError, PolicyError
        As for `compute_timeline`.
    SchemaError, InvalidStatusError, InvalidHoursError, UnknownTimeZoneError
        As for `compute_report`.

    Examples
    --------
    The store of the example of `compute_timeline` closed at 12:00, still down.

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
    >>> outages = compute_outages(status, hours, timezones, "2023-01-23T18:00:00Z")
    >>> outages.select("downtime", "ongoing", "elapsed").row(0)
    (datetime.timedelta(seconds=4530), True, datetime.timedelta(seconds=26130))
    """
    tables = (status, hours, timezones, special_hours, maintenance)
    return _of_each_line(_outages, tables, now, start, policy)


def _of_each_line(
    compute: Callable[[Line, int], pl.DataFrame],
    given: tuple[Any, Any, Any, Any, Any],
    now: Any,
    start: Any,
    policy: Policy,
) -> pl.DataFrame:
    until = None if now is None else check_now(now)
    since = None if start is None else check_now(start, table="start")
    check_policy(policy)
    names = ("status", "hours", "timezones", "special_hours", "maintenance")
    tables = read_tables(dict(zip(names, given, strict=True)))
    until = now_or_latest(until, tables.polls.last)
    if since is not None and since >= until:
        remedy = f"The timeline is [start, now), and now is {until.isoformat()}."
        raise PolicyError("is not before now", table="start", values=[start], remedy=remedy)
    span = _WEEK.start_us(until) if since is None else microseconds(since), microseconds(until)
    # Stores are numbered in the order of their ids, so what the lines give is in order.
    return pl.concat(compute(line, span[0]) for line in lay_out(tables, *span, policy))


# --- pieces of open time ------------------------------------------------------------------------


def _timeline(line: Line, start: int) -> pl.DataFrame:
    pieces = _open_pieces(line, start, _states(line))
    states = pl.Enum(_STATES.values())
    return pieces.select(
        _store_id(line),
        _instant(line, pl.col("start")),
        _instant(line, pl.col("end")),
        pl.col("state").replace_strict(_STATES, return_dtype=states),
    )


def _states(line: Line) -> pl.DataFrame:
    return cut_pieces(line.evidence, line.axis, line.policy, proofs=False)


def _open_pieces(line: Line, start: int, states: pl.DataFrame) -> pl.DataFrame:
    """Return the open time from `start` on, as `i`, `start`, `end` (positions) and `state`."""
    axis, sessions = line.axis, line.sessions
    stores = line.stores.table.select("i").lazy()
    cuts = [
        *(stores.select(x=axis.place(pl.col("i"), pl.lit(at))) for at in (start, axis.now)),
        *(sessions.lazy().select(x=edge) for edge in ("open", "close")),
        states.lazy().select("x"),
    ]
    own = axis.instant(pl.col("i"), pl.col("x"))
    between = (
        pl.concat(cuts)
        .unique()
        .sort("x")
        .with_columns(end=pl.col("x").shift(-1), i=axis.store(pl.col("x")))
        .join_asof(states.lazy(), on="x")
        .join_asof(sessions.lazy(), left_on="x", right_on="open", coalesce=False)
        .filter(pl.col("x") < pl.col("close"), own >= start, own < axis.now)
        .select("i", "end", "state", start="x")
    )
    return _joined(between.collect())


def _joined(pieces: pl.DataFrame) -> pl.DataFrame:
    """Return the pieces, as long as they can be."""
    i, start, end, state = (pl.col(name) for name in ("i", "start", "end", "state"))
    same = (i == i.shift(1)) & (state == state.shift(1)) & (start == end.shift(1))
    begins = ~same.fill_null(value=False)
    ends = begins.shift(-1).fill_null(value=True)
    return pieces.select(
        i.filter(begins), start.filter(begins), end.filter(ends), state.filter(begins)
    )


def _store_id(line: Line) -> pl.Expr:
    return pl.lit(line.stores.table["store_id"]).gather(pl.col("i")).alias("store_id")


def _instant(line: Line, position: pl.Expr) -> pl.Expr:
    """Return the instant of a position of store `i`."""
    return line.axis.instant(pl.col("i"), position).cast(_INSTANT)


# --- outages ------------------------------------------------------------------------------------


def _outages(line: Line, start: int) -> pl.DataFrame:
    states = _states(line)
    found = _down_runs(_open_pieces(line, start, states))
    found = (
        found.with_columns(until=line.axis.place(pl.col("i"), pl.lit(line.axis.now)))
        .join_asof(states, left_on="until", right_on="x")
        .with_columns(ongoing=pl.col("final") & (pl.col("state") == DOWN))
    )
    found = found.with_columns(
        elapsed=pl.when("ongoing").then("until").otherwise("end") - pl.col("start"),
        before=_poll_beside(line, found, "start", -1),
        after=pl.when(~pl.col("ongoing")).then(_poll_beside(line, found, "end", 1)),
    )
    return found.select(
        _store_id(line),
        _instant(line, pl.col("start")),
        _instant(line, pl.col("end")),
        pl.col("downtime").cast(_LENGTH),
        "ongoing",
        pl.col("elapsed").cast(_LENGTH),
        _instant(line, pl.col("before")).alias("last_poll_before"),
        _instant(line, pl.col("after")).alias("first_poll_after"),
    )


def _down_runs(pieces: pl.DataFrame) -> pl.DataFrame:
    """Return each run of downtime as `i`, `start`, `end`, `downtime`, and whether it is `final`.

    That is whether the store has no other open time after it.
    """
    i, down = pl.col("i"), pl.col("state") == DOWN
    goes_on = (down & down.shift(1) & (i == i.shift(1))).fill_null(value=False)
    return (
        pieces.with_columns(
            run=(~goes_on).cum_sum(), final=(i != i.shift(-1)).fill_null(value=True)
        )
        .filter(down)
        .group_by("run", maintain_order=True)
        .agg(
            pl.col("i", "start").first(),
            pl.col("end", "final").last(),
            downtime=(pl.col("end") - pl.col("start")).sum(),
        )
    )


def _poll_beside(line: Line, outages: pl.DataFrame, edge: str, step: int) -> pl.Series:
    """Return where the poll next to each outage is, a `step` outwards from its `edge`, or null.

    A poll at the very edge is next to the outage if it says up, and part of it if it says down.
    """
    polls, i = pl.lit(line.evidence), pl.col("i")
    down_there = outages[edge] * 2
    if step < 0:
        beside = line.evidence.search_sorted(down_there + 1, side="right").cast(pl.Int64) - 1
    else:
        beside = line.evidence.search_sorted(down_there, side="left").cast(pl.Int64)

    def poll(place: pl.Expr) -> pl.Expr:
        return polls.gather(pl.when(place.is_between(0, len(line.evidence) - 1)).then(place))

    place, edge_poll = pl.lit(beside), pl.lit(down_there)
    place += pl.when(poll(place) == edge_poll).then(step).otherwise(0)
    found = poll(place) // 2
    return outages.select(pl.when(line.axis.store(found) == i).then(found)).to_series()
