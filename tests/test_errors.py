"""Every error: its class, its sentence, its facts. Never a wrong number or a bare polars error."""

from __future__ import annotations

import datetime as dt
import pickle
from typing import Any

import polars as pl
import pytest
from dateutil.relativedelta import relativedelta

import store_uptime
from store_uptime import (
    DatabaseError,
    InvalidHoursError,
    InvalidStatusError,
    MissingDependencyError,
    NaiveDatetimeError,
    Policy,
    PolicyError,
    SchemaError,
    StoreUptimeError,
    UnknownTimeZoneError,
    Window,
    compute_report,
)

NOW = "2023-01-25T18:00:00Z"
STATUS: dict[str, Any] = {
    "store_id": [1, 2],
    "timestamp_utc": ["2023-01-25 12:00:00 UTC", "2023-01-25 13:00:00 UTC"],
    "status": ["active", "inactive"],
}
HOURS: dict[str, Any] = {
    "store_id": [1, 2],
    "day_of_week": [2, 2],
    "start_time_local": ["08:00", "08:00"],
    "end_time_local": ["17:00", "17:00"],
}
TIMEZONES: dict[str, Any] = {"store_id": [1, 2], "timezone_str": ["UTC", "UTC"]}
FLOATS_REMEDY = "Read ids as integers or strings from the start"


def tables() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    return pl.DataFrame(STATUS), pl.DataFrame(HOURS), pl.DataFrame(TIMEZONES)


def report(*, lazy: bool = False, **changes: dict[str, Any]) -> pl.DataFrame:
    """Compute the report with some columns replaced, or dropped where the new one is None."""
    frames: list[pl.DataFrame | pl.LazyFrame] = []
    for name, columns in (("status", STATUS), ("hours", HOURS), ("timezones", TIMEZONES)):
        changed = columns | changes.get(name, {})
        frame = pl.DataFrame({key: value for key, value in changed.items() if value is not None})
        frames.append(frame.lazy() if lazy else frame)
    status, hours, timezones = frames
    return compute_report(status, hours, timezones, NOW)


MISSING = "no such column. The columns are: "
BAD_TABLES = [
    # --- a column is missing
    ("status", {"store_id": None}, SchemaError, "status.store_id: " + MISSING),
    ("status", {"timestamp_utc": None}, SchemaError, "status.timestamp_utc: " + MISSING),
    ("status", {"status": None}, SchemaError, "status.status: " + MISSING + "store_id, timestamp_utc."),
    ("hours", {"store_id": None}, SchemaError, "hours.store_id: " + MISSING),
    ("hours", {"day_of_week": None}, SchemaError, "Rename the one that holds it to 'day_of_week'."),
    ("hours", {"start_time_local": None}, SchemaError, "hours.start_time_local: " + MISSING),
    ("hours", {"end_time_local": None}, SchemaError, "hours.end_time_local: " + MISSING),
    ("timezones", {"store_id": None}, SchemaError, "timezones.store_id: " + MISSING),
    ("timezones", {"timezone_str": None}, SchemaError, "timezones.timezone_str: " + MISSING),
    # --- a column of a type that is not listed
    ("status", {"store_id": [1.0, 2.0]}, SchemaError, "status.store_id: ids are floats (Float64). " + FLOATS_REMEDY),
    ("hours", {"store_id": [1.0, 2.0]}, SchemaError, "hours.store_id: ids are floats (Float64)."),
    ("timezones", {"store_id": [1.0, None]}, SchemaError, "timezones.store_id: ids are floats"),
    ("status", {"store_id": [True, False]}, SchemaError, "status.store_id: type Boolean is not accepted. Accepted: integers and strings."),
    ("status", {"timestamp_utc": [1, 2]}, SchemaError, "status.timestamp_utc: type Int64 is not accepted."),
    ("status", {"timestamp_utc": [dt.date(2023, 1, 1)] * 2}, SchemaError, "status.timestamp_utc: type Date is not accepted."),
    ("status", {"status": [1, 0]}, SchemaError, "status.status: type Int64 is not accepted."),
    ("hours", {"day_of_week": [1.0, 2.0]}, SchemaError, "hours.day_of_week: type Float64 is not accepted."),
    ("hours", {"day_of_week": ["Mon", "Tue"]}, SchemaError, "Accepted: integers from 0 (Monday) to 6 (Sunday)."),
    ("hours", {"start_time_local": [8, 9]}, SchemaError, "hours.start_time_local: type Int64 is not accepted."),
    ("timezones", {"timezone_str": [1, 2]}, SchemaError, "timezones.timezone_str: type Int64 is not accepted."),
    # --- ids of different kinds
    ("hours", {"store_id": ["1", "2"]}, SchemaError, "hours.store_id: ids are String here but Int64 in status."),
    ("timezones", {"store_id": ["1", "2"]}, SchemaError, "Give store_id the same kind, integer or string, in all tables."),
    # --- values of status
    ("status", {"store_id": [1, None]}, InvalidStatusError, "status.store_id: null id in 1 row (first: None). Remove the rows or give them an id."),
    ("status", {"store_id": [None, None]}, InvalidStatusError, "null id in 2 rows"),
    ("status", {"timestamp_utc": [None, "2023-01-25 12:00:00 UTC"]}, InvalidStatusError, "status.timestamp_utc: null or unreadable timestamp in 1 row (first: None)."),
    ("status", {"timestamp_utc": [None, None]}, InvalidStatusError, "null or unreadable timestamp in 2 rows"),
    ("status", {"timestamp_utc": ["yesterday", "2023-02-30 12:00:00 UTC"]}, InvalidStatusError, "in 2 rows (first: 'yesterday', '2023-02-30 12:00:00 UTC'). Write instants in UTC, like '2023-01-22 12:09:39.388884 UTC'."),
    ("status", {"status": ["active", "closed"]}, InvalidStatusError, "status.status: status other than active or inactive in 1 row (first: 'closed'). A status is 'active' or 'inactive', or a Boolean."),
    ("status", {"status": [None, "active"]}, InvalidStatusError, "(first: None)"),
    ("status", {"status": [None, True]}, InvalidStatusError, "(first: None)"),
    ("status", {"status": [None, None]}, InvalidStatusError, "in 2 rows (first: None, None)"),
    # --- values of hours
    ("hours", {"store_id": [1, None]}, InvalidHoursError, "hours.store_id: null id in 1 row"),
    ("hours", {"day_of_week": [7, -1]}, InvalidHoursError, "hours.day_of_week: weekday outside 0-6 in 2 rows (first: 7, -1). Weekdays are whole numbers from 0 (Monday) to 6 (Sunday)."),
    ("hours", {"day_of_week": [None, 1]}, InvalidHoursError, "weekday outside 0-6 in 1 row (first: None)"),
    ("hours", {"day_of_week": [None, None]}, InvalidHoursError, "weekday outside 0-6 in 2 rows"),
    ("hours", {"start_time_local": ["9 am", "08:00"]}, InvalidHoursError, "hours.start_time_local: null or unreadable time in 1 row (first: '9 am'). Write local times as HH:MM or HH:MM:SS, from 00:00 to 24:00."),
    ("hours", {"end_time_local": [None, "08:00"]}, InvalidHoursError, "hours.end_time_local: null or unreadable time in 1 row (first: None)."),
    ("hours", {"end_time_local": [None, None]}, InvalidHoursError, "null or unreadable time in 2 rows"),
    ("hours", {"end_time_local": [dt.timedelta(hours=25), dt.timedelta(hours=-1)]}, InvalidHoursError, "null or unreadable time in 2 rows"),
    # --- values of timezones
    ("timezones", {"timezone_str": ["Mars/Olympus", "UTC"]}, UnknownTimeZoneError, "timezones.timezone_str: zone unknown to the tzdata package in 1 row (first: 'Mars/Olympus'). Use an IANA name such as 'America/Chicago'"),
    ("timezones", {"store_id": [1, None]}, UnknownTimeZoneError, "timezones.store_id: null id in 1 row"),
    ("timezones", {"store_id": [1, 1], "timezone_str": ["UTC", "Asia/Tokyo"]}, UnknownTimeZoneError, "one store with two different zones in 2 rows (first: (1, ['Asia/Tokyo', 'UTC'])). Keep one row per store."),
]  # fmt: skip


@pytest.mark.parametrize("lazy", [False, True], ids=["eager", "lazy"])
@pytest.mark.parametrize(("table", "change", "error", "sentence"), BAD_TABLES)
def test_bad_tables(
    table: str, change: dict[str, Any], error: type[StoreUptimeError], sentence: str, *, lazy: bool
) -> None:
    with pytest.raises(error) as caught:
        report(lazy=lazy, **{table: change})
    assert sentence in str(caught.value)
    assert caught.value.table == table
    assert isinstance(caught.value, StoreUptimeError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "text",
    [
        "2023-01-25",
        "2023-01-25 12:00 UTC",
        "2023-1-25 12:00:00 UTC",
        "2023-01-25 24:00:00 UTC",
        "2023-01-25 12:00:60 UTC",
        "2023-01-25 12:00:00. UTC",
        "2023-01-25 12:00:00.1234567890 UTC",
        "2023-01-25 12:00:00 EST",
        "2023-01-25 12:00:00 +00:00",
        "2023-01-25T12:00:00+02:00",
        " 2023-01-25 12:00:00 UTC",
        "2023-01-25 12:00:00 UTC\n",
        "25.01.2023 12:00:00",
        "٢٠٢٣-01-25 12:00:00 UTC",
        "",
    ],
)
def test_unreadable_timestamps(text: str) -> None:
    with pytest.raises(InvalidStatusError, match="null or unreadable timestamp in 1 row"):
        report(status={"timestamp_utc": [text, "2023-01-25 13:00:00 UTC"]})


@pytest.mark.parametrize(
    "text",
    ["9:00", "24:01", "24:00:01", "25:00", "12:60", "12:00:60", "12:00:00.", "12", "", " 12:00", "-1:00", "12:00 PM"],
)  # fmt: skip
def test_unreadable_times(text: str) -> None:
    with pytest.raises(InvalidHoursError, match="null or unreadable time in 1 row"):
        report(hours={"start_time_local": [text, "08:00"]})


def test_timestamps_beyond_microseconds_are_refused_not_wrapped() -> None:
    far = pl.Series([2**62, -(2**62)], dtype=pl.Int64).cast(pl.Datetime("ms"))
    with pytest.raises(InvalidStatusError) as caught:
        report(status={"timestamp_utc": far})
    assert caught.value.values == (2**62, -(2**62))


def test_durations_beyond_a_day_are_refused_not_wrapped() -> None:
    far = pl.Series([2**62, 0], dtype=pl.Int64).cast(pl.Duration("ms"))
    with pytest.raises(InvalidHoursError, match=r"in 1 row \(first: 4611686018427387904\)"):
        report(hours={"end_time_local": far})


def test_ids_that_the_type_of_status_cannot_hold() -> None:
    status = {"store_id": pl.Series([1, 2], dtype=pl.UInt8)}
    for table in ("hours", "timezones"):
        with pytest.raises(SchemaError) as caught:
            report(lazy=False, status=status, **{table: {"store_id": [1, 256]}})
        assert str(caught.value) == (
            f"{table}.store_id: id outside UInt8, the type of the ids in status in 1 row (first: "
            "256). Cast status.store_id to a type that holds every id."
        )


@pytest.mark.parametrize("table", [None, {"store_id": [1]}, [1, 2]])
def test_what_is_no_table(table: Any) -> None:
    with pytest.raises(SchemaError, match=r"hours: a \w+ is not a table. Give a polars frame, or"):
        compute_report(pl.DataFrame(STATUS), table, pl.DataFrame(TIMEZONES))


def test_a_lazy_frame_that_cannot_be_read() -> None:
    broken = pl.DataFrame(STATUS).lazy().select("nothing")
    with pytest.raises(SchemaError, match="status: the lazy frame cannot be read:"):
        compute_report(broken, pl.DataFrame(HOURS), pl.DataFrame(TIMEZONES))


@pytest.mark.parametrize(
    ("now", "error", "sentence"),
    [
        (dt.datetime(2023, 1, 25, tzinfo=dt.UTC).replace(tzinfo=None), NaiveDatetimeError, "now: has no time zone (first: datetime"),
        ("2023-01-25T18:00:00", NaiveDatetimeError, "Attach the zone: now.replace("),
        ("2023-01-25", NaiveDatetimeError, "now: has no time zone"),
        ("tomorrow", PolicyError, "now: is no instant (first: 'tomorrow'). Give an aware datetime"),
        ("", PolicyError, "now: is no instant"),
        (dt.date(2023, 1, 25), PolicyError, "now: is no instant"),
        (1674669600, PolicyError, "now: is no instant"),
        (dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=1))), PolicyError, "now: is no instant"),
    ],
)  # fmt: skip
def test_bad_now(now: Any, error: type[StoreUptimeError], sentence: str) -> None:
    with pytest.raises(error) as caught:
        compute_report(*tables(), now)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"interpolation": "linear"}, "Policy.interpolation: unknown word (first: 'linear'). Use one of 'nearest', 'previous', 'next'."),
        ({"interpolation": None}, "Policy.interpolation: unknown word"),
        ({"evidence": "closed"}, "Use one of 'open', 'all'."),
        ({"missing_days": "both"}, "Use one of 'closed', 'open'."),
        ({"backfill": 1}, "Policy.backfill: must be True or False (first: 1). Use a bool."),
        ({"snap_midnight": "yes"}, "Policy.snap_midnight: must be True or False"),
        ({"max_gap": dt.timedelta(0)}, "Policy.max_gap: must be a positive timedelta"),
        ({"max_gap": 90}, "Use None for no limit."),
        ({"lookback": dt.timedelta(microseconds=-1)}, "Policy.lookback: must be a timedelta of zero or more"),
        ({"lookback": None}, "Use timedelta(0) for no look-back at all."),
    ],
)  # fmt: skip
def test_bad_policies(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy(**options)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((dt.timedelta(0), "hours"), "Window.length: must be a positive timedelta or relativedelta"),
        ((dt.timedelta(-1), "hours"), "The window is [now - length, now)."),
        ((relativedelta(), "hours"), "must be a positive"),
        ((relativedelta(months=-1), "hours"), "must be a positive"),
        ((3600, "hours"), "must be a positive"),
        ((dt.timedelta(1), "weeks"), "Window.unit: unknown unit (first: 'weeks'). Use one of 'seconds', 'minutes', 'hours', 'days'."),
        ((dt.timedelta(1), None), "unknown unit"),
        ((dt.timedelta.max, "hours"), "Window.length: reaches back too far"),
        ((relativedelta(years=5000), "hours"), "Windows must start in the year 1 or later."),
    ],
)  # fmt: skip
def test_bad_windows(arguments: tuple[Any, Any], sentence: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Window(*arguments)
    assert sentence in str(caught.value)


HOUR = Window(dt.timedelta(hours=1))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"windows": {}}, "windows: no windows (first: {}). Give a mapping from name to Window"),
        ({"windows": None}, "windows: no windows"),
        ({"windows": {"last_hour": dt.timedelta(hours=1)}}, "windows: not a window"),
        ({"windows": {1: HOUR}}, "windows: not a window"),
        ({"windows": {"x": HOUR, "min_x": HOUR}, "detail": True}, "windows: two columns of one name (first: 'uptime_min_x'). Rename a window."),
        ({"windows": {"x": Window(dt.timedelta(days=720_000))}, "now": "1971-01-01T00:00:00Z"}, "Window.length: reaches back too far"),
        ({"windows": {"x": Window(relativedelta(day=20))}, "now": "2023-01-20T00:00:00Z"}, "must be a positive"),
        ({"policy": "nearest"}, "policy: is no policy (first: 'nearest'). Give a store_uptime.Policy."),
        ({"batch_stores": 0}, "batch_stores: is no size (first: 0)."),
        ({"batch_stores": True}, "batch_stores: is no size"),
        ({"batch_stores": 1.5}, "Give a whole number from 1 on, or None to have one chosen."),
    ],
)  # fmt: skip
def test_bad_arguments(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PolicyError) as caught:
        compute_report(*tables(), **options)
    assert sentence in str(caught.value)


def test_names_that_clash_only_in_the_details_are_fine_without() -> None:
    windows = {"x": HOUR, "min_x": HOUR}
    columns = compute_report(*tables(), windows=windows).columns
    assert columns == ["store_id", "uptime_x", "downtime_x", "uptime_min_x", "downtime_min_x"]


def test_an_unknown_default_zone_is_named_at_the_call() -> None:
    policy = Policy(default_timezone="America/Atlantis")
    with pytest.raises(UnknownTimeZoneError, match=r"Policy\.default_timezone: zone unknown"):
        compute_report(*tables(), policy=policy)


def test_facts_are_attributes_and_survive_pickling() -> None:
    with pytest.raises(InvalidStatusError) as caught:
        report(status={"status": ["closed", "x" * 100]})
    error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  # task queues do this
    assert type(error) is InvalidStatusError
    assert str(error) == str(caught.value)
    assert (error.table, error.column, error.count) == ("status", "status", 2)
    assert error.values == ("closed", "x" * 100)
    assert error.remedy == "A status is 'active' or 'inactive', or a Boolean."
    assert error.problem == "status other than active or inactive"
    assert "x" * 76 + "...)" in str(error)


def test_only_the_first_few_values_are_shown() -> None:
    many = [f"bad {k}" for k in range(1000)]
    status = {
        "store_id": [1] * 1000,
        "timestamp_utc": [STATUS["timestamp_utc"][0]] * 1000,
        "status": many,
    }
    with pytest.raises(InvalidStatusError) as caught:
        report(status=status)
    assert "in 1,000 rows (first: 'bad 0', 'bad 1', 'bad 2', 'bad 3', 'bad 4')." in str(
        caught.value
    )
    assert len(caught.value.values) == 5


def test_all_errors_are_public_and_fit_a_builtin() -> None:
    errors = [
        value
        for value in vars(store_uptime).values()
        if isinstance(value, type) and issubclass(value, StoreUptimeError)
    ]
    assert len(errors) == 9
    builtins = {MissingDependencyError: ImportError, DatabaseError: ConnectionError}
    for error in errors:
        assert error.__name__ in store_uptime.__all__
        if error is not StoreUptimeError:
            assert issubclass(error, builtins.get(error, ValueError))
