"""What `load_parquet` finds, reads and checks."""

from __future__ import annotations

import os
import random
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from store_uptime import (
    InvalidHoursError,
    SchemaError,
    StoreUptimeError,
    UnknownTimeZoneError,
    compute_report,
    load_csv,
    load_parquet,
)
from support import changing_hours

pytestmark = pytest.mark.filterwarnings("ignore::store_uptime.CoverageWarning")

NOW = "2023-01-25T18:00:00Z"
NINE, FIVE = time(9), time(17)
STATUS = pl.DataFrame(
    {
        "store_id": [7, 7, 8],
        "timestamp_utc": [datetime(2023, 1, 25, hour, tzinfo=UTC) for hour in (10, 12, 15)],
        "status": ["active", "inactive", "active"],
        "note": ["a", "b", "c"],
    }
)
HOURS = pl.DataFrame(
    {"store_id": [7], "day": [2], "start_time_local": [NINE], "end_time_local": [FIVE]}
)
ZONES = pl.DataFrame({"store_id": [7, 8], "timezone_str": ["Etc/UTC", None]})
SPECIAL = pl.DataFrame(
    {
        "store_id": [None, 7],
        "date": [date(2023, 1, 24), date(2023, 1, 23)],
        "start_time_local": [None, NINE],
        "end_time_local": [None, FIVE],
    }
)
TABLES = {"store_status": STATUS, "menu_hours": HOURS, "timezones": ZONES, "special_hours": SPECIAL}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, frame in TABLES.items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
    return tmp_path


def test_the_tables_come_as_documented(folder: Path) -> None:
    inputs = load_parquet(folder)
    assert isinstance(inputs.status, pl.LazyFrame)
    assert inputs.status.collect().equals(STATUS.drop("note"))
    hour = timedelta(hours=1)
    assert inputs.hours.rows() == [(7, 2, 9 * hour, 17 * hour)]
    assert inputs.hours.schema == {
        "store_id": pl.Int64,
        "day_of_week": pl.Int64,
        "start_time_local": pl.Duration("us"),
        "end_time_local": pl.Duration("us"),
    }
    assert inputs.timezones.rows() == [(7, "Etc/UTC"), (8, None)]
    assert inputs.extra["special_hours"].equals(SPECIAL)
    assert inputs.rejected.is_empty()
    assert repr(inputs) == (
        "Inputs(status: lazy, hours: 1, timezones: 2, special_hours: 2, rejected: 0)"
    )


def test_the_report_is_that_of_the_frames(folder: Path) -> None:
    report = compute_report(load_parquet(folder), now=NOW, detail=True)
    assert report["polls_last_day"].to_list() == [2, 1]
    assert report.equals(
        compute_report(STATUS, HOURS, ZONES, NOW, special_hours=SPECIAL, detail=True)
    )


def test_the_report_is_that_of_the_same_tables_in_csv(tmp_path: Path) -> None:
    for name, frame in TABLES.items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
        texts = frame.with_columns(
            (pl.col(pl.Time).dt.to_string("%H:%M:%S")), pl.col(pl.Datetime).dt.to_string("%F %T")
        )
        texts.write_csv(tmp_path / f"{name}.csv")
    from_csv, from_parquet = load_csv(tmp_path), load_parquet(tmp_path)
    assert compute_report(from_parquet, now=NOW).equals(compute_report(from_csv, now=NOW))
    assert from_parquet.hours.equals(from_csv.hours)
    assert from_parquet.timezones.equals(from_csv.timezones)


def test_hours_that_change_give_the_report_worked_by_hand(tmp_path: Path) -> None:
    frames = changing_hours.tables()
    for name, frame in frames.items():
        frame.write_parquet(tmp_path / f"{name.replace('_', '-')}.parquet")
    inputs = load_parquet(tmp_path)
    assert changing_hours.report_of(inputs) == changing_hours.REPORT
    times = ("start_time_local", "end_time_local")
    expected = frames["hours"].rename({"day": "day_of_week"})
    assert inputs.hours.drop(times).equals(expected.drop(times))
    assert list(inputs.extra) == ["maintenance", "maintenance_hours"]
    weekly = frames["maintenance_hours"].rename({"day": "day_of_week"})
    assert inputs.extra["maintenance_hours"].equals(weekly)
    absent = load_parquet(tmp_path, maintenance_hours=False)
    assert list(absent.extra) == ["maintenance"]


@pytest.mark.parametrize("kept", [None, "valid_from", "valid_until"])
def test_columns_of_dates_come_only_where_the_file_has_them(folder: Path, kept: str | None) -> None:
    dates = [kept] if kept else []
    for name in ("menu_hours", "maintenance_hours"):
        frame = HOURS.with_columns(pl.lit(None).alias(each) for each in dates)
        frame.rename(str.upper).write_parquet(folder / f"{name}.parquet")
    inputs = load_parquet(folder)
    assert inputs.hours.columns[4:] == inputs.extra["maintenance_hours"].columns[4:] == dates
    assert inputs.hours.select(dates).schema == dict.fromkeys(dates, pl.Date)
    compute_report(inputs, now=NOW)


def test_polls_without_a_column_in_one_file_of_a_folder_are_refused(folder: Path) -> None:
    place = folder / "polls"
    place.mkdir()
    STATUS.write_parquet(place / "0.parquet")
    STATUS.drop("status").write_parquet(place / "1.parquet")
    with pytest.raises(StoreUptimeError, match="status other than active or inactive"):
        compute_report(load_parquet(folder, status=place), now=NOW)


@pytest.mark.parametrize("how", ["list", "generator", "pattern", "folder", "folder of days"])
def test_polls_may_lie_in_several_files(folder: Path, tmp_path: Path, how: str) -> None:
    place = tmp_path / "polls [1]"
    place.mkdir()
    paths = []
    for number, day in enumerate(STATUS.iter_slices(1)):
        path = place / (f"day={number}" if how == "folder of days" else ".") / f"{number}.parquet"
        path.parent.mkdir(exist_ok=True)
        # Further columns may differ from file to file.
        day.rename({"note": f"note {number}"}).write_parquet(path)
        paths.append(path)
    (place / "_SUCCESS").touch()
    given: dict[str, Any] = {
        "list": paths,
        "generator": (path for path in reversed(paths)),
        "pattern": f"{tmp_path}/polls ?1?/*.parquet",
        "folder": place,
        "folder of days": str(place),
    }
    inputs = load_parquet(folder, status=given[how])
    assert inputs.status.collect().equals(STATUS.drop("note"))


def test_a_folder_may_hold_a_column(folder: Path, tmp_path: Path) -> None:
    for store in (7, 8):
        place = tmp_path / "by store" / f"store_id={store}"
        place.mkdir(parents=True)
        rows = STATUS.filter(store_id=store).drop("store_id")
        rows.write_parquet(place / "0.parquet")
    inputs = load_parquet(folder, status=tmp_path / "by store")
    assert inputs.status.collect().equals(STATUS.drop("note"))


def test_what_is_said_not_to_be_is_empty(folder: Path) -> None:
    inputs = load_parquet(folder, hours=False, timezones=False, special_hours=False)
    assert inputs.hours.is_empty()
    assert inputs.timezones.is_empty()
    assert inputs.hours.schema == load_parquet(folder).hours.schema
    assert inputs.timezones.schema == load_parquet(folder).timezones.schema
    assert inputs.extra == {}
    # Store 7, open all day in Chicago: of the day before, polls at 10, 12 and now speak.
    report = compute_report(inputs, now=NOW)
    assert report["store_id"].to_list() == [7, 8]


def test_a_missing_table_is_told_with_what_was_looked_for(folder: Path) -> None:
    (folder / "menu_hours.parquet").rename(folder / "menu hours.csv")
    with pytest.raises(SchemaError, match=r"menu_hours\.parquet.*menu hours\.csv") as caught:
        load_parquet(folder)
    assert caught.value.option == "hours=False"


BAD: list[tuple[str, pl.DataFrame, type[StoreUptimeError], str]] = [
    ("menu_hours", HOURS.with_columns(day=9), InvalidHoursError, "weekday outside 0-6"),
    ("menu_hours", HOURS.drop("day"), SchemaError, r"menu_hours\.parquet: no such column"),
    ("menu_hours", HOURS.cast({"day": pl.Date}), SchemaError, "type Date is not accepted"),
    ("menu_hours", HOURS.with_columns(valid_until=pl.lit("soon")), InvalidHoursError, "unreadable date"),
    ("maintenance_hours", HOURS.with_columns(valid_from=pl.lit(NINE)), SchemaError, "type Time"),
    ("maintenance_hours", HOURS.with_columns(VALID_FROM=1, Valid_From=1), SchemaError, r"maintenance_hours\.parquet: several"),
    ("timezones", ZONES.with_columns(timezone_str=pl.lit("Mars")), UnknownTimeZoneError, "Mars"),
    ("timezones", ZONES.cast({"store_id": pl.String}), SchemaError, "ids are String here"),
    ("store_status", STATUS.drop("status"), SchemaError, r"store_status\.parquet: no such column"),
    ("store_status", STATUS.cast({"store_id": pl.Float64}), SchemaError, "ids are floats"),
    ("store_status", STATUS.cast({"timestamp_utc": pl.Date}), SchemaError, "type Date"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(BAD)))
def test_what_is_wrong_with_a_table_is_told_by_the_load(folder: Path, number: int) -> None:
    name, frame, error, told = BAD[number]
    frame.write_parquet(folder / f"{name}.parquet")
    with pytest.raises(error, match=told):
        load_parquet(folder)


def test_a_poll_is_checked_when_it_is_read(folder: Path) -> None:
    STATUS.with_columns(status=pl.lit("on")).write_parquet(folder / "store_status.parquet")
    inputs = load_parquet(folder)
    with pytest.raises(StoreUptimeError, match="status other than active or inactive"):
        compute_report(inputs, now=NOW)


def test_files_of_different_types_are_told_apart(folder: Path) -> None:
    one, two = folder / "one.parquet", folder / "two.parquet"
    STATUS.write_parquet(one)
    STATUS.cast({"store_id": pl.Int32}).write_parquet(two)
    with pytest.raises(SchemaError, match=r"two\.parquet: type Int32 here but Int64 in .*one"):
        load_parquet(folder, status=[one, two])


NO_FILES: dict[str, tuple[bytes | None, str]] = {
    "CSV": (b"store_id,timezone_str\n", "this is not Parquet. CSV files are loaded with load_csv"),
    "JSON": (b'[{"store_id": 7}]', "this is JSON, not Parquet"),
    "nothing": (b"", "this is not Parquet"),
    "half a file": (b"PAR1 and no more", "cannot be read"),
    "no file": (None, "no such file"),
}


@pytest.mark.parametrize("kind", NO_FILES)
@pytest.mark.parametrize("table", ["status", "timezones"])
def test_what_is_not_parquet_is_named(folder: Path, table: str, kind: str) -> None:
    data, told = NO_FILES[kind]
    path = folder / "other.parquet"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(SchemaError, match=rf"^{table}: .*other\.parquet: {told}"):
        load_parquet(folder, **{table: path})


def test_only_polls_may_lie_in_a_folder(folder: Path) -> None:
    with pytest.raises(SchemaError, match="not a file"):
        load_parquet(folder, timezones=folder)
    (folder / "empty").mkdir()
    with pytest.raises(SchemaError, match=r"no file \.parquet in this folder"):
        load_parquet(folder, status=folder / "empty")


def test_polars_takes_no_path_that_is_not_utf_8(folder: Path) -> None:
    path = os.fsencode(folder) + b"/polls-\xff.parquet"
    (folder / "store_status.parquet").rename(os.fsdecode(path))
    with pytest.raises(SchemaError, match=r"polls-\\udcff\.parquet: cannot be read") as caught:
        load_parquet(folder, status=os.fsdecode(path))
    assert str(caught.value).isprintable()


def test_an_interrupt_is_no_damage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pl, "scan_parquet", interrupt)
    with pytest.raises(KeyboardInterrupt):
        load_parquet(folder)


def test_damaged_files_are_errors_that_name_them(folder: Path) -> None:
    path = folder / "timezones.parquet"
    frame = pl.DataFrame({"store_id": range(300), "timezone_str": ["Etc/UTC", "Asia/Tokyo"] * 150})
    frame.write_parquet(path)
    data, chance, told = path.read_bytes(), random.Random(1), 0  # noqa: S311  # no secrets
    for _ in range(100):
        damaged = bytearray(data)
        for _ in range(4):
            damaged[chance.randrange(4, len(data))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            load_parquet(folder)
        except StoreUptimeError as error:
            told += "timezones" in str(error)
    assert told > 50
