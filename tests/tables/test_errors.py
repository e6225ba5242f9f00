"""Every error: its class, its sentence, its facts. Never a wrong number or a bare polars error."""

from __future__ import annotations

import datetime as dt
import pickle
from pathlib import Path
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
from support.bad_tables import BAD_TABLES, HOURS, STATUS, TIMEZONES, report, tables


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
    ["009:00", "24:01", "24:00:01", "25:00", "12:60", "12:00:60", "12:00:00.", "12", "", " 12:00", "-1:00", "12:00 PM"],
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


@pytest.mark.parametrize("table", [{"store_id": [1]}, [1, 2], b"hours.csv", 0])
def test_what_is_no_table(table: Any) -> None:
    with pytest.raises(SchemaError, match=r"hours: a \w+ is not a table. Give a polars frame, or"):
        compute_report(pl.DataFrame(STATUS), table, pl.DataFrame(TIMEZONES))


@pytest.mark.parametrize("table", ["hours.csv", Path("hours.parquet")])
def test_a_path_is_loaded_first(table: Any) -> None:
    with pytest.raises(SchemaError, match=r"Load files first, by load_csv or load_parquet"):
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
        ("tomorrow", PolicyError, "now: is not an instant (first: 'tomorrow'). Give an aware datetime"),
        ("", PolicyError, "now: is not an instant"),
        (dt.date(2023, 1, 25), PolicyError, "now: is not an instant"),
        (1674669600, PolicyError, "now: is not an instant"),
        (dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=1))), PolicyError, "now: is not an instant"),
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
        ({"max_gap": dt.timedelta(0)}, "Policy.max_gap: must be a positive length"),
        ({"max_gap": 90}, "Use None for no limit."),
        ({"lookback": dt.timedelta(microseconds=-1)}, "Policy.lookback: must be a length of zero or more"),
        ({"lookback": 1}, "Use None for no limit."),
        ({"max_gap": "1mo"}, "Policy.max_gap: must be a positive length (first: '1mo'). Write it like 7d, 90m or 2h30m; months and years have no fixed length."),
        ({"lookback": "soon"}, "Policy.lookback: must be a length of zero or more (first: 'soon')."),
    ],
)  # fmt: skip
def test_bad_policies(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy(**options)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((dt.timedelta(0), "hours"), "Window.length: must be a positive timedelta, relativedelta or string"),
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
        ({"policy": "nearest"}, "policy: is not a policy (first: 'nearest'). Give a store_uptime.Policy."),
        ({"batch_stores": 0}, "batch_stores: must be a whole number from 1 on (first: 0)."),
        ({"batch_stores": True}, "batch_stores: must be a whole number from 1 on"),
        ({"batch_stores": 1.5}, "With None the library chooses."),
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
    assert error.remedy == "A status is 'active' or 'inactive', true or false, t or f, 1 or 0."
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
