"""Which rows are unusable, and what is said of them."""

from __future__ import annotations

import pytest

from store_uptime import (
    InvalidHoursError,
    InvalidStatusError,
    RejectedRowsWarning,
    StoreUptimeError,
    UnknownTimeZoneError,
)
from store_uptime.inputs import REJECTED_SCHEMA
from support.csv_files import (
    HOURS,
    OPTIONAL,
    OPTIONAL_ROWS,
    REQUIRED_ROWS,
    TEXTS,
    Load,
    poll,
    polls,
    special,
)

NO_ID = "store_id: null id"
NO_POLL_TIME = "timestamp_utc: null or unreadable timestamp"
NO_STATUS = "status: status other than active or inactive"
NO_WEEKDAY = "day: weekday outside 0-6"
NO_ZONE = "timezone_str: zone unknown to the tzdata package"
NO_DATE = "date: null or unreadable date"
STRAY = "quote out of place"
SPAN = "2023-01-22 02:00:00,2023-01-22 03:00:00"


def fields(count: int, wanted: int) -> str:
    return f"wrong number of fields: {count} instead of {wanted}"


BAD = [
    ("status", "1,active", fields(2, 3), "1,active"),
    ("status", "1,active,2023-01-22 12:00:00,", fields(4, 3), None),
    ("status", ",active,2023-01-22 12:00:00", NO_ID, ""),
    ("status", '" ",active,2023-01-22 12:00:00', NO_ID, " "),
    ("status", "1,active,", NO_POLL_TIME, ""),
    ("status", "1,active,22.01.2023 12:00", NO_POLL_TIME, "22.01.2023 12:00"),
    ("status", "1,active,2023-02-30 12:00:00", NO_POLL_TIME, "2023-02-30 12:00:00"),
    ("status", "1,active\r,2023-01-22 12:00", NO_POLL_TIME, "2023-01-22 12:00"),
    ("status", "1,on,2023-01-22 12:00:00", NO_STATUS, "on"),
    ("status", "1,,2023-01-22 12:00:00", NO_STATUS, ""),
    ("status", '1,"active,2023-01-22 12:00:00', STRAY, None),
    ("status", '1,act"ive,2023-01-22 12:00:00', STRAY, None),
    ("status", '1,"act"ive,2023-01-22 12:00:00', STRAY, None),
    ("hours", "1,8,09:00,17:00", NO_WEEKDAY, "8"),
    ("hours", "1,-1,09:00,17:00", NO_WEEKDAY, "-1"),
    ("hours", "1,1.5,09:00,17:00", NO_WEEKDAY, "1.5"),
    ("hours", "1,Montag,09:00,17:00", NO_WEEKDAY, "Montag"),
    ("hours", "1,,09:00,17:00", NO_WEEKDAY, ""),
    ("hours", "1,0,9 am,17:00", "start_time_local: null or unreadable time", "9 am"),
    ("hours", "1,0,09:00,", "end_time_local: null or unreadable time", ""),
    ("hours", "1,0,09:00,25:00", "end_time_local: null or unreadable time", "25:00"),
    ("hours", "1,0,09:00", fields(3, 4), "1,0,09:00"),
    ("hours", ",0,09:00,17:00", NO_ID, ""),
    ("timezones", "1,Mars/Olympus", NO_ZONE, "Mars/Olympus"),
    ("timezones", "1,../../etc/passwd", NO_ZONE, "../../etc/passwd"),
    ("timezones", "1,Etc/UTC,1", fields(3, 2), "1,Etc/UTC,1"),
    ("timezones", ",Etc/UTC", NO_ID, ""),
    ("special_hours", "1,25.12.2023,,", NO_DATE, "25.12.2023"),
    ("special_hours", "1,12/25/2023,,", NO_DATE, "12/25/2023"),
    ("special_hours", "1,2023-12-25 00:00:00,,", NO_DATE, "2023-12-25 00:00:00"),
    ("special_hours", "1,2023-1-5,,", NO_DATE, "2023-1-5"),
    ("special_hours", "1,2023-02-29,,", NO_DATE, "2023-02-29"),
    ("special_hours", "1,0000-01-01,,", NO_DATE, "0000-01-01"),
    ("special_hours", "1,,09:00,12:00", NO_DATE, ""),
    ("special_hours", "1,2023-12-25,9,12:00", "start_time_local: unreadable time", "9"),
    ("special_hours", "1,2023-12-25,09:00,25:00", "end_time_local: unreadable time", "25:00"),
    ("special_hours", "1,2023-12-25,closed,", "start_time_local: unreadable time", "closed"),
    ("special_hours", "1,2023-12-25,09:00,", "end_time_local: null time beside one in start_time_local", None),
    ("special_hours", ",2023-12-25, ,12:00", "start_time_local: null time beside one in end_time_local", None),
    ("special_hours", "1,2023-12-25,09:00", fields(3, 4), None),
    ("special_hours", '1,2023-12-25,"09:00,12:00', STRAY, None),
    ("maintenance", "1,,", "start_utc: null beside a null in end_utc", None),
    ("maintenance", ", ,\t", "start_utc: null beside a null in end_utc", None),
    ("maintenance", "1,2023-01-22 02:00:00,2023-01-22", "end_utc: unreadable timestamp", "2023-01-22"),
    ("maintenance", "1,since ever,2023-01-22 02:00:00", "start_utc: unreadable timestamp", "since ever"),
    ("maintenance", "1,2023-01-22 02:00:00+24:00,2023-01-22 03:00:00", "start_utc: unreadable timestamp", "2023-01-22 02:00:00+24:00"),
    ("maintenance", "1,2023-01-22 02:00:00,2023-01-22 02:00:00", "end_utc: end not after its start", None),
    ("maintenance", ",2023-01-22 02:00:01,2023-01-22 02:00:00", "end_utc: end not after its start", None),
    ("maintenance", f"1,{SPAN},", fields(4, 3), None),
    ("maintenance_hours", "1,8,02:00,03:00,,", NO_WEEKDAY, "8"),
    ("maintenance_hours", "1,0,,03:00,,", "start_time_local: null or unreadable time", ""),
    ("maintenance_hours", "1,0,02:00,3 am,,", "end_time_local: null or unreadable time", "3 am"),
    ("maintenance_hours", "1,0,02:00,03:00,01/02/2023,", "valid_from: unreadable date", "01/02/2023"),
    ("maintenance_hours", "1,0,02:00,03:00,,2023-02-30", "valid_until: unreadable date", "2023-02-30"),
    ("maintenance_hours", "1,0,02:00,03:00,2023-01-02 00:00:00,", "valid_from: unreadable date", "2023-01-02 00:00:00"),
    ("maintenance_hours", "1,0,02:00,03:00,2023-01-02,2023-01-01", "valid_until: before valid_from", None),
    ("maintenance_hours", ",0,02:00,03:00,2023-01-02,2023-01-01", "valid_until: before valid_from", None),
    ("maintenance_hours", "1,0,02:00,03:00", fields(4, 6), None),
    ("maintenance_hours", '1,0,"02:00,03:00,,', STRAY, None),
]  # fmt: skip
NAMES = [f"{case[0]}-{case[1]!r}" for case in BAD]
ERRORS: dict[str, type[StoreUptimeError]] = {
    "status": InvalidStatusError,
    "hours": InvalidHoursError,
    "timezones": UnknownTimeZoneError,
    "special_hours": InvalidHoursError,
    "maintenance": InvalidHoursError,
    "maintenance_hours": InvalidHoursError,
}


def without_store(reason: str, row: str) -> bool:
    """Return whether a refused row does not say which store it is of."""
    return reason in {STRAY, NO_ID} or "fields" in reason or row.startswith(",")


@pytest.mark.parametrize(("table", "row", "reason", "value"), BAD, ids=NAMES)
def test_a_bad_row_stops_the_load(
    load: Load, table: str, row: str, reason: str, value: str | None
) -> None:
    text = f"{TEXTS[table]}\n{row}\n"
    with pytest.raises(ERRORS[table]) as caught:
        load(**{table: text})
    error, message = caught.value, str(caught.value)
    column = None if reason == STRAY or "fields" in reason else reason.partition(":")[0]
    assert (error.table, error.column, error.count) == (table, column, 1)
    assert error.values == (row if value is None else value,)
    line = text.count("\n")
    assert f"{table}-of-test.csv: {reason} (line {line}) in 1 row" in message
    # Only of polls some may be left out: any other row would change when a store is open.
    assert error.option == ("strict=False" if table == "status" else None)
    assert ("strict=False" in message) == (table == "status")
    assert message.endswith(error.remedy)


@pytest.mark.parametrize(("table", "row", "reason"), [case[:3] for case in BAD], ids=NAMES)
def test_a_lenient_load_returns_the_bad_row_and_keeps_the_other_stores(
    load: Load, table: str, row: str, reason: str
) -> None:
    text = f"{TEXTS[table]}\n{row}\n"
    texts = {**OPTIONAL, table: text}
    if table != "status" and without_store(reason, row):
        with pytest.raises(ERRORS[table], match="do not say of which store they are") as error:
            load(strict=False, **texts)
        assert error.value.count == 1
        assert error.value.option == "strict=False"
        return
    with pytest.warns(RejectedRowsWarning, match=f"cannot use: {table} 1\\.") as caught:
        inputs = load(strict=False, **texts)
    (warning,) = [one.message for one in caught]
    assert isinstance(warning, RejectedRowsWarning)
    assert warning.stores == (() if table == "status" else ("1",))
    assert ("1 store left out whole, of every table: 1." in str(warning)) == (table != "status")
    assert [frame.rows() for frame in inputs] == REQUIRED_ROWS
    assert {name: frame.rows() for name, frame in inputs.extra.items()} == OPTIONAL_ROWS
    assert inputs.rejected.schema == REJECTED_SCHEMA
    columns = ["table", "line", "store_id", "reason", "text"]
    store = None if without_store(reason, row) or "_id" in reason.partition(":")[0] else "1"
    assert inputs.rejected.select(columns).rows() == [(table, text.count("\n"), store, reason, row)]
    assert inputs.rejected["file"].str.ends_with(f"{table}-of-test.csv").all()


@pytest.mark.parametrize("others", [0, 1])
def test_polls_all_of_which_are_bad_are_no_case_for_a_lenient_load(load: Load, others: int) -> None:
    text = polls(*["1,active,22.01.2023 12:00"] * 3, *[poll(2)] * others)
    with pytest.raises(InvalidStatusError) as caught:
        load(status=text)
    assert ("strict=False" in str(caught.value)) == (others > 0)


def test_an_error_names_the_column_as_the_file_does(load: Load) -> None:
    with pytest.raises(InvalidHoursError, match=r"^hours\.day: .*: day: weekday") as caught:
        load(hours=HOURS.replace(",6,", ",9,"))
    assert caught.value.column == "day"
    with pytest.raises(InvalidHoursError) as caught:
        load(hours=f"{HOURS}1")
    assert caught.value.column is None


def test_an_error_counts_all_bad_rows_and_shows_the_first(load: Load) -> None:
    with pytest.raises(InvalidStatusError) as caught:
        load(status=polls("1", *(poll(number) for number in range(3)), *["2,off,never"] * 8))
    assert caught.value.count == 9
    assert caught.value.values == ("1", "never", "never", "never", "never")
    message = str(caught.value)
    assert "wrong number of fields: 1 instead of 3 (line 2); " in message
    assert f"{NO_POLL_TIME} (line 6, line 7, line 8, line 9)" in message


def test_one_row_is_refused_for_its_first_fault(load: Load) -> None:
    text = special("1,never,09:00,", "1,2023-12-25,9 am,", "1,2023-12-25,,noon")
    with pytest.raises(
        InvalidHoursError,
        match=r"date: null or unreadable date \(line 2\); "
        r"start_time_local: unreadable time \(line 3\); "
        r"end_time_local: unreadable time \(line 4\) in 3 rows",
    ):
        load(special_hours=text)
