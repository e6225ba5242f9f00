"""From a store to the public tables, and back from the report to whole microseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta, timezone
from typing import Any, Literal

import polars as pl
from dateutil.relativedelta import relativedelta

from store_uptime import CalendarWindow, Policy, Window, compute_report
from support.oracle import DatedRow, Hours, Row, Rules, Span, Store, Totals
from support.wall_clock import DAY, HOUR, MINUTE, SECOND, instant, micros, period

Unit = Literal["seconds", "minutes", "hours", "days"]
Length = timedelta | relativedelta | CalendarWindow
Lengths = Mapping[str, tuple[Length, Unit]]
Frames = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]
Special = Mapping[int, Hours]
Maintenance = tuple[tuple[int | None, int | None], ...]
Recurring = tuple[Row, ...]

UNIT_US: dict[Unit, int] = {"seconds": SECOND, "minutes": MINUTE, "hours": HOUR, "days": DAY}
DEFAULT_LENGTHS: Lengths = {
    "last_hour": (timedelta(hours=1), "minutes"),
    "last_day": (timedelta(hours=24), "hours"),
    "last_week": (timedelta(hours=168), "hours"),
}


@dataclass(frozen=True)
class Spelling:
    """How the tables say what they say; no choice here may change a number."""

    stamps: str = "utc"
    states: str = "words"
    times: str = "text"
    now: str = "utc"
    dates: str = "date"
    all_columns: bool = False


def frames(stores: Sequence[Store], spelling: Spelling | None = None) -> Frames:
    """Write stores down as the three tables ``status``, ``hours`` and ``timezones``."""
    spelling = spelling or Spelling()
    id_type = _id_type(stores)
    return (
        _status(stores, spelling).with_columns(pl.col("store_id").cast(id_type)),
        _hours(stores, spelling).with_columns(pl.col("store_id").cast(id_type)),
        _timezones(stores).with_columns(pl.col("store_id").cast(id_type)),
    )


def _id_type(stores: Sequence[Store]) -> pl.DataType:
    textual = any(isinstance(store.store_id, str) for store in stores)
    return pl.String() if textual else pl.Int64()


def _status(stores: Sequence[Store], spelling: Spelling) -> pl.DataFrame:
    polls = [(store.store_id, us, up) for store in stores for us, up in store.polls]
    words = {"words": ("inactive", "active"), "shouting": (" INACTIVE", "Active ")}
    states: list[bool] | list[str] = [up for _, _, up in polls]
    if spelling.states in words:
        states = [words[spelling.states][up] for _, _, up in polls]
    return pl.DataFrame(
        {
            "store_id": [store_id for store_id, _, _ in polls],
            "timestamp_utc": _stamps([us for _, us, _ in polls], spelling.stamps),
            "status": pl.Series(
                states, dtype=pl.String if spelling.states in words else pl.Boolean
            ),
        }
    )


def _stamps(instants: Sequence[int | None], how: str) -> pl.Series:
    if how == "text":
        texts = [us if us is None else f"{instant(us):%Y-%m-%d %H:%M:%S.%f} UTC" for us in instants]
        return pl.Series(texts, dtype=pl.String)
    if how == "nanoseconds":
        # The last 999 nanoseconds belong to the microsecond they stand in: they are floored away.
        finer = [us if us is None else us * 1000 + 999 for us in instants]
        return pl.Series(finer, dtype=pl.Int64).cast(pl.Datetime("ns", "UTC"))
    zone = {"utc": "UTC", "naive": None, "elsewhere": "Asia/Tokyo"}[how]
    return pl.Series(instants, dtype=pl.Int64).cast(pl.Datetime("us", zone))


def _hours(stores: Sequence[Store], spelling: Spelling) -> pl.DataFrame:
    return _weekly([(store.store_id, row) for store in stores for row in store.rows], spelling)


def _weekly(rows: Sequence[tuple[int | str | None, Row]], spelling: Spelling) -> pl.DataFrame:
    """Write weekly rows down, of hours or of maintenance; without dates where no row has any."""
    dated = [DatedRow(*row) for _, row in rows]

    def times(clocks: Sequence[int]) -> pl.Series:
        if spelling.times == "duration":
            return pl.Series(clocks, dtype=pl.Int64).cast(pl.Duration("us"))
        return pl.Series([clock_text(clock) for clock in clocks], dtype=pl.String)

    def dates(ordinals: Sequence[int | None]) -> pl.Series:
        days = [ordinal if ordinal is None else date.fromordinal(ordinal) for ordinal in ordinals]
        typed = {"text": pl.String(), "midnight": pl.Datetime("us")}
        return pl.Series(days, dtype=pl.Date).cast(typed.get(spelling.dates, pl.Date()))

    limits = {
        "valid_from": dates([row.valid_from for row in dated]),
        "valid_until": dates([row.valid_until for row in dated]),
    }
    return pl.DataFrame(
        {
            "store_id": [store_id for store_id, _ in rows],
            "day_of_week": pl.Series([row.day for row in dated], dtype=pl.Int64),
            "start_time_local": times([row.start for row in dated]),
            "end_time_local": times([row.end for row in dated]),
            **{
                name: each
                for name, each in limits.items()
                if spelling.all_columns or each.null_count() < len(each)
            },
        }
    )


def clock_text(clock: int) -> str:
    """Write a time of day, as briefly as it allows."""
    minutes, rest = divmod(clock, MINUTE)
    text = f"{minutes // 60:02d}:{minutes % 60:02d}"
    if rest == 0:
        return text
    seconds, fraction = divmod(rest, SECOND)
    return f"{text}:{seconds:02d}" + (f".{fraction:06d}" if fraction else "")


def special_frame(
    stores: Sequence[Store], shared: Special, spelling: Spelling | None = None
) -> pl.DataFrame:
    """Write special days down; those of every store have no id."""
    spelling = spelling or Spelling()
    days: list[tuple[int | str | None, Special]] = [(s.store_id, s.special) for s in stores]
    closed: tuple[tuple[int | None, int | None], ...] = ((None, None),)
    rows = [
        (store_id, date.fromordinal(ordinal), start, end)
        for store_id, special in [*days, (None, shared)]
        for ordinal, listed in special.items()
        for start, end in listed or closed
    ]
    times = ("start_time_local", "end_time_local")
    frame = pl.DataFrame(
        rows,
        schema={"store_id": _id_type(stores), "date": pl.Date, **dict.fromkeys(times, pl.Int64)},
        orient="row",
    )
    typed: dict[str, pl.DataType] = {"text": pl.String(), "nanoseconds": pl.Datetime("ns")}
    dates = typed.get(spelling.stamps, pl.Date())
    clock = pl.col(times).map_elements(clock_text, return_dtype=pl.String)
    if spelling.times == "duration":
        clock = pl.col(times).cast(pl.Duration("us"))
    return frame.with_columns(pl.col("date").cast(dates), clock)


def maintenance_frame(
    stores: Sequence[Store], shared: Maintenance, spelling: Spelling | None = None
) -> pl.DataFrame:
    """Write planned downtime down; that of every store has no id."""
    spelling = spelling or Spelling()
    rows: list[tuple[int | str | None, tuple[int | None, int | None]]]
    rows = [(s.store_id, pair) for s in stores for pair in s.maintenance]
    rows += [(None, pair) for pair in shared]
    return pl.DataFrame(
        {
            "store_id": pl.Series([store_id for store_id, _ in rows], dtype=_id_type(stores)),
            "start_utc": _stamps([start for _, (start, _) in rows], spelling.stamps),
            "end_utc": _stamps([end for _, (_, end) in rows], spelling.stamps),
        }
    )


def maintenance_hours_frame(
    stores: Sequence[Store], shared: Recurring, spelling: Spelling | None = None
) -> pl.DataFrame:
    """Write the maintenance of every week down; that of every store has no id."""
    rows: list[tuple[int | str | None, Row]]
    rows = [(s.store_id, row) for s in stores for row in s.recurring]
    rows += [(None, row) for row in shared]
    frame = _weekly(rows, spelling or Spelling())
    return frame.with_columns(pl.col("store_id").cast(_id_type(stores)))


def _timezones(stores: Sequence[Store]) -> pl.DataFrame:
    listed = [store for store in stores if store.zone is not None or store.null_zone]
    return pl.DataFrame(
        {
            "store_id": [store.store_id for store in listed],
            "timezone_str": pl.Series([store.zone for store in listed], dtype=pl.String),
        }
    )


def now_as(us: int, how: str) -> datetime | str:
    """Write ``now`` in one of the accepted ways."""
    odd = instant(us).astimezone(timezone(timedelta(hours=5, minutes=45)))
    if how == "text":
        return odd.isoformat()
    return odd if how == "offset" else instant(us)


def policy_of(rules: Rules) -> Policy:
    """Say the rules of the witness in the library's words."""
    return Policy(**{each.name: getattr(rules, each.name) for each in fields(rules)})


def spans_of(now: int, lengths: Lengths, zone: str = "UTC") -> list[Span]:
    """Return the windows as pairs of instants; lengths are taken from ``now`` in UTC."""
    return [_span(now, length, zone) for length, _ in lengths.values()]


def _span(now: int, length: Length, zone: str) -> Span:
    if not isinstance(length, CalendarWindow):
        return Span(micros(instant(now) - length), now)
    begins = (length.week_start, length.first_month)
    start, end = period(zone, length.period, length.offset, now, *begins)
    return Span(start, end, ends_at_now=end == now)


def windows_of(lengths: Lengths) -> dict[str, Window | CalendarWindow]:
    """Say the windows in the library's words."""
    return {
        name: replace(length, unit=unit)
        if isinstance(length, CalendarWindow)
        else Window(length, unit)
        for name, (length, unit) in lengths.items()
    }


def report_of(
    tables: Frames,
    now: datetime | str | int | None,
    lengths: Lengths = DEFAULT_LENGTHS,
    rules: Rules | None = None,
    extra: Mapping[str, Any] | None = None,
) -> pl.DataFrame:
    """Call the library with ``detail=True``."""
    return compute_report(
        *tables,
        instant(now) if isinstance(now, int) else now,
        windows=windows_of(lengths),
        policy=policy_of(rules or Rules()),
        **(extra or {}),
        detail=True,
    )


def totals_of(report: pl.DataFrame, lengths: Lengths) -> dict[int | str, list[Totals]]:
    """Read the report back in whole microseconds, and prove that nothing was lost on the way.

    The report divides an integer by the length of its unit; so must the float that the nearest
    integer gives when it is divided again, to the last bit.
    """
    return {
        row["store_id"]: [_read(row, name, unit) for name, (_, unit) in lengths.items()]
        for row in report.iter_rows(named=True)
    }


def _read(row: Mapping[str, float], name: str, unit: Unit) -> Totals:
    found = {}
    for kind in ("uptime", "downtime", "unknown", "scheduled", "uptime_min", "uptime_max"):
        value = row[f"{kind}_{name}"]
        found[kind] = round(value * UNIT_US[unit])
        assert value == found[kind] / UNIT_US[unit], (kind, name, value)
    totals = Totals(**found, polls=int(row[f"polls_{name}"]))
    seen = totals.uptime + totals.downtime
    assert row[f"availability_{name}"] == (totals.uptime / seen if seen else None)
    return totals
