"""Files as programs and people write them: what other tools make of these tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from store_uptime import InvalidHoursError, SchemaError
from support.csv_files import Load, gzipped

HOUR = timedelta(hours=1)


def test_a_timestamptz_of_postgresql(load: Load) -> None:
    text = (
        "store_id,status,timestamp_utc\n"
        "00000000-0000-0000-53a5-c96335878186,active,2023-01-21 02:46:01.055228+00\n"
        "00000000-0000-0000-7dad-bdc2fb7fc2de,active,2023-01-22 20:06:41.52+00\n"
        "00000000-0000-0000-79b2-7b57c0d42ab3,active,2023-01-24 22:20:17-05:30\n"
    )
    assert load(status=text).status["timestamp_utc"].to_list() == [
        datetime(2023, 1, 21, 2, 46, 1, 55228, UTC),
        datetime(2023, 1, 22, 20, 6, 41, 520000, UTC),
        datetime(2023, 1, 25, 3, 50, 17, 0, UTC),
    ]


def test_booleans_of_postgresql(load: Load) -> None:
    text = (
        "store_id,timestamp_utc,status\n"
        "6027445104242295174,2023-01-21 02:46:01.055228,t\n"
        "9056103070852694750,2023-01-22 20:06:41.525234,f\n"
    )
    assert load(status=text).status["status"].to_list() == [True, False]


def test_names_of_columns_without_quotes_in_postgresql(load: Load) -> None:
    text = "store_id,dayofweek,start_time_local,end_time_local\nstore_A,0,09:00:00,18:00:00\n"
    assert load(hours=text).hours.rows() == [("store_A", 0, 9 * HOUR, 18 * HOUR)]


def test_times_of_a_spreadsheet(load: Load) -> None:
    text = (
        "store_id,day,start_time_local,end_time_local\n"
        "store_6437885820884378017,0,0:00:00,1:00:00\n"
        "store_9117779094872096979,6,0:00:00,9:30\n"
    )
    assert load(hours=text).hours["end_time_local"].to_list() == [HOUR, 9.5 * HOUR]


def test_the_european_csv_of_a_spreadsheet(load: Load) -> None:
    text = '\ufeffstore_id;timezone_str\r\n"7";Europe/Berlin\r\n'
    assert load(timezones=text).timezones.rows() == [(7, "Europe/Berlin")]


@pytest.mark.parametrize("strict", [True, False])
def test_times_that_pandas_has_made_datetimes(load: Load, *, strict: bool) -> None:
    times = pd.to_datetime(pd.Series(["00:00:00", "01:00:00"]), format="%H:%M:%S")
    frame = pd.DataFrame({"store_id": 6437885820884378017, "day": 0, "start_time_local": times})
    text = frame.assign(end_time_local=times).to_csv(index=False, date_format="%Y-%m-%d %H:%M:%S")
    assert "1900-01-01 01:00:00" in text
    if strict:
        with pytest.raises(InvalidHoursError, match=r"'1900-01-01 00:00:00'.*pandas") as caught:
            load(hours=text)
        # That would open the store around the clock.
        assert "strict=False" not in str(caught.value)
    else:
        with pytest.warns(UserWarning, match=r"1 store left out whole.*6437885820884378017\."):
            inputs = load(hours=text, strict=False)
        assert inputs.hours.is_empty()


@pytest.mark.parametrize("strict", [True, False])
def test_weekdays_numbered_from_1(load: Load, *, strict: bool) -> None:
    # The week of one store as it stands in a public file. Read row by row, each is a day late.
    hours = "store_id,dayOfWeek,start_time_local,end_time_local\n" + "".join(
        f"1,{day},{start}:00:00,{end}:00:00\n"
        for day, start, end in [
            *((day, "09", 22) for day in (1, 2, 3, 4)),
            *((5, "09", 23), (6, "10", 23), (7, "10", 21)),
        ]
    )
    with pytest.raises(InvalidHoursError, match="numbered 1 = Monday to 7 = Sunday; subtract 1"):
        load(hours=hours, strict=strict)


@pytest.mark.parametrize("strict", [True, False])
def test_the_pointer_of_a_file_in_git_lfs(load: Load, *, strict: bool) -> None:
    pointer = (
        "version https://git-lfs.github.com/spec/v1\n"
        "oid sha256:5c9b8e269d2d44c930b36cc357acd13d05b6e425d42f820732bd1d1a52885d55\n"
        "size 140677031\n"
    )
    with pytest.raises(SchemaError, match="Git LFS"):
        load(status=pointer, strict=strict)


@pytest.mark.parametrize("strict", [True, False])
def test_ids_of_a_spreadsheet(load: Load, *, strict: bool) -> None:
    text = "store_id,status,timestamp_utc\n8.41954E+18,active,2023-01-22 12:09:39.388884 UTC\n"
    with pytest.raises(SchemaError, match="went through a spreadsheet"):
        load(status=gzipped(text.encode()), strict=strict)
