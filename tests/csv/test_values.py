"""Values as people's files have them: as their tools write them, and by their mistakes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from store_uptime import (
    InvalidHoursError,
    SchemaError,
    UnknownTimeZoneError,
    compute_report,
)
from store_uptime._csv import records
from support.csv_files import HOUR, HOURS, ID, STATUS, ZONES, Load, ids, polls

HOURS_HEADER = "store_id,day,start_time_local,end_time_local\n"


# --- files that must be read ----------------------------------------------------------------------


def test_timestamps_of_psql_are_read(load: Load) -> None:
    rows = [
        "00000000-0000-0000-53a5-c96335878186,active,2023-01-21 02:46:01.055228+00",
        "00000000-0000-0000-7dad-bdc2fb7fc2de,active,2023-01-22 22:06:41.525234+02",
        "00000000-0000-0000-79b2-7b57c0d42ab3,active,2023-01-24 16:50:17.269543-05:30",
        "00000000-0000-0000-0b49-5e96e0b8346e,active,2023-01-19 06:47:54.627651 UTC",
    ]
    status = load(status=polls(*rows)).status
    assert status["timestamp_utc"].to_list() == [
        datetime(2023, 1, 21, 2, 46, 1, 55_228, tzinfo=UTC),
        datetime(2023, 1, 22, 20, 6, 41, 525_234, tzinfo=UTC),  # 22:06 less 2 hours
        datetime(2023, 1, 24, 22, 20, 17, 269_543, tzinfo=UTC),  # 16:50 and 5:30 hours
        datetime(2023, 1, 19, 6, 47, 54, 627_651, tzinfo=UTC),
    ]


def test_offsets_are_read_in_blocks_with_and_without_any(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_BLOCK_BYTES", 60)
    endings = ["", "+01", " UTC", "", "Z", "-0100", "", "+00:00", ""]
    rows = [f"{k},active,2023-01-22 12:00:00{ending}" for k, ending in enumerate(endings)]
    status = load(status=polls(*rows)).status
    assert ids(status) == list(range(len(endings)))
    assert status["timestamp_utc"].dt.hour().to_list() == [12, 11, 12, 12, 12, 13, 12, 12, 12]


def test_what_polars_writes_is_read_back(load: Load) -> None:
    status = load().status
    for zone in ("UTC", "Asia/Kolkata"):
        local = status.with_columns(pl.col("timestamp_utc").dt.convert_time_zone(zone))
        assert load(status=local.write_csv()).status.equals(status)


@pytest.mark.parametrize(
    ("up", "down"),
    [("t", "f"), ("true", "false"), ("True", "FALSE"), ("1", "0"), (" T ", "inactive")],
)
def test_statuses_may_be_booleans(load: Load, up: str, down: str) -> None:
    rows = [f"{ID},{word},2023-01-21 02:46:01.055228" for word in (up, down, up)]
    assert load(status=polls(*rows)).status["status"].to_list() == [True, False, True]


@pytest.mark.parametrize("name", ["dayofweek", "DAY", "Day_Of_Week", "DAYOFWEEK"])
def test_columns_are_found_in_any_case(load: Load, name: str) -> None:
    # PostgreSQL makes small letters of names that are not quoted.
    hours = HOURS.replace("store_id,day", f"Store_ID,{name}").replace("local", "LOCAL")
    found = load(hours=hours, status=STATUS.replace("store_id", " STORE_ID ")).hours
    assert found.equals(load().hours)
    assert found.columns == ["store_id", "day_of_week", "start_time_local", "end_time_local"]


def test_an_exact_name_goes_before_one_in_another_case(load: Load) -> None:
    text = "DAY,store_id,day,start_time_local,end_time_local\n9,1,6,06:30:00,24:00\n"
    assert load(hours=text).hours["day_of_week"].to_list() == [6]


def test_times_of_a_spreadsheet_are_read(load: Load) -> None:
    rows = f"{ID},0,0:00:00,1:00:00\n{ID},6,9:00,9:05:30\n"
    found = load(hours=HOURS_HEADER + rows).hours
    assert found.select("start_time_local", "end_time_local").rows() == [
        (0 * HOUR, 1 * HOUR),
        (9 * HOUR, 9 * HOUR + timedelta(minutes=5, seconds=30)),
    ]


WEEKDAYS = ["0", "1.0", " 2 ", "Thursday", "fri", "SAT", "6."]


def test_weekdays_may_be_floats_and_names(load: Load) -> None:
    rows = "".join(f"{ID},{day},09:00,17:00\n" for day in WEEKDAYS)
    assert load(hours=HOURS_HEADER + rows).hours["day_of_week"].to_list() == list(range(7))


def test_two_names_of_one_zone_are_loaded_and_are_one(load: Load) -> None:
    names = ["Asia/Calcutta", "Asia/Kolkata"]
    text = "store_id,timezone_str\n" + "".join(f"{ID},{name}\n" for name in names)
    inputs = load(timezones=text)
    assert inputs.timezones["timezone_str"].to_list() == names
    report = compute_report(*inputs, "2023-01-23T00:00:00Z")
    one = load(timezones=f"store_id,timezone_str\n{ID},Asia/Kolkata\n")
    assert report.equals(compute_report(*one, "2023-01-23T00:00:00Z"))


# --- files that must be refused -------------------------------------------------------------------

# From a public repository: Monday is 1, Sunday is 7.
FROM_ONE = "store_id,dayOfWeek,start_time_local,end_time_local\n" + "".join(
    f"1,{day},09:00:00,22:00:00\n" for day in range(1, 8)
)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    "change",
    [("", ""), (",1,", ",1.0,"), (",7,", ", 7.0 ,"), (",3,", ",Wednesday,"), (",3,", ",x,")],
)
def test_weekdays_numbered_1_to_7_are_refused(
    load: Load, change: tuple[str, str], *, strict: bool
) -> None:
    with pytest.raises(InvalidHoursError) as caught:
        load(hours=FROM_ONE.replace(*change), strict=strict)
    error = caught.value
    assert "numbered 1 = Monday to 7 = Sunday; subtract 1 in " in str(error)
    assert "hours-of-test.csv: " in str(error)
    assert "strict" not in str(error)
    assert (error.table, error.column, error.code) == ("hours", "dayOfWeek", "weekdays_from_one")


def test_the_numbering_shows_across_blocks(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_BLOCK_BYTES", 30)
    with pytest.raises(InvalidHoursError, match=r"in 7 rows \(first: 1, 2, 3, 4, 5\)"):
        load(hours=FROM_ONE)
    with pytest.raises(InvalidHoursError, match="weekday outside 0-6"):
        load(hours=f"{FROM_ONE}1,0,09:00,17:00\n")


def test_times_that_pandas_made_datetimes_are_called_so(load: Load) -> None:
    rows = f"{ID},0,1900-01-01 00:00:00,1900-01-01 01:00:00\n"
    with pytest.raises(InvalidHoursError) as caught:
        load(hours=HOURS_HEADER + rows)
    assert "start_time_local: a date and a time where only a time may be (line 2)" in str(
        caught.value
    )
    assert "pandas writes times so" in str(caught.value)


def test_an_unknown_zone_tells_the_nearest_known_ones(load: Load) -> None:
    text = ZONES.replace("America/Denver", "US/Estern") + "2,new york\n3,Mars/Olympus\n"
    with pytest.raises(UnknownTimeZoneError) as caught:
        load(timezones=text)
    assert "near 'US/Estern': US/Eastern" in str(caught.value)
    assert "'new york': America/New_York" in str(caught.value)


@pytest.mark.parametrize("names", ["Day,DAY", "DAY,Day_Of_Week"])
def test_two_columns_that_differ_in_case_are_an_error(load: Load, names: str) -> None:
    with pytest.raises(SchemaError, match=r"hours-of-test\.csv: more than one such column"):
        load(hours=f"store_id,{names},start_time_local,end_time_local\n")


def test_a_table_in_the_place_of_another_is_recognised(load: Load) -> None:
    with pytest.raises(SchemaError, match="no such column; this looks like the hours table"):
        load(status=HOURS)
    with pytest.raises(SchemaError, match="no such column; this looks like the timezones table"):
        load(hours=ZONES)


def test_many_columns_make_no_long_message(load: Load) -> None:
    with pytest.raises(SchemaError, match=r"\(20,000 in all\)") as caught:
        load(status=",".join(f"column {k}" for k in range(20_000)) + "\n")
    assert len(str(caught.value)) < 2_000
