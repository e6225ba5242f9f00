"""What `load_csv` finds, reads exactly, refuses, and reports. All files are made here."""

from __future__ import annotations

import gzip
import tempfile
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import (
    Inputs,
    InvalidHoursError,
    InvalidStatusError,
    SchemaError,
    StoreUptimeError,
    UnknownTimeZoneError,
    compute_report,
)
from store_uptime._csv import records
from store_uptime._csv.load import load_csv
from store_uptime.inputs import REJECTED_SCHEMA
from support.csv_files import ZONE_NAMES, files, instants, integers, seconds, strings, zstd
from support.strategies import examples

ID = 8139926242460185114
STATUS = f"store_id,status,timestamp_utc\n{ID},active,2023-01-22 12:09:39.388884 UTC\n"
HOURS = f"store_id,day,start_time_local,end_time_local\n{ID},6,06:30:00,24:00\n"
ZONES = f"store_id,timezone_str\n{ID},America/Denver\n"

STATUS_ROW = (ID, datetime(2023, 1, 22, 12, 9, 39, 388884, tzinfo=UTC), True)
HOURS_ROW = (ID, 6, timedelta(hours=6, minutes=30), timedelta(hours=24))
ZONES_ROW = (ID, "America/Denver")

Load = Callable[..., Inputs]


def write(folder: Path, **texts: str | bytes) -> dict[str, Any]:
    """Write the three files and return them as the arguments of `load_csv`."""
    paths = {}
    for table, default in {"status": STATUS, "hours": HOURS, "timezones": ZONES}.items():
        text = texts.get(table, default)
        paths[table] = folder / f"{table}-of-test.csv"
        paths[table].write_bytes(text if isinstance(text, bytes) else text.encode())
    return paths


@pytest.fixture(name="load")
def _load(tmp_path: Path) -> Load:
    """Load three files of these texts; the default of each is one good row."""

    def load(*, strict: bool = True, **texts: str | bytes) -> Inputs:
        return load_csv(strict=strict, **write(tmp_path, **texts))

    return load


@pytest.fixture(name="lenient")
def _lenient(load: Load) -> Load:
    """Load leniently, and expect the warning that rows were left out."""

    def lenient(**texts: str | bytes) -> Inputs:
        with pytest.warns(UserWarning, match="left out"):
            return load(strict=False, **texts)

    return lenient


def polls(*rows: str) -> str:
    return "store_id,status,timestamp_utc\n" + "".join(f"{row}\n" for row in rows)


def poll(store: Any) -> str:
    return f"{store},active,2023-01-22 12:00:00 UTC"


def ids(frame: pl.DataFrame) -> list[Any]:
    return frame["store_id"].to_list()


# --- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("compress", [("", bytes), (".gz", gzip.compress), (".zst", zstd)])
@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("status", "store_status.csv"),
        ("status", "store status.csv"),
        ("status", "Status.CSV"),
        ("hours", "menu_hours.csv"),
        ("hours", "Menu hours.csv"),
        ("hours", "BUSINESS_HOURS.csv"),
        ("timezones", "timezones.csv"),
        ("timezones", "store_timezones.csv"),
        ("timezones", "bq-results-20230125-202210-1674678181880.csv"),
    ],
)
def test_a_folder_is_searched_for_the_usual_names(
    tmp_path: Path, table: str, name: str, compress: tuple[str, Callable[[bytes], bytes]]
) -> None:
    suffix, packed = compress
    (tmp_path / f"{name}{suffix}").write_bytes(
        packed({"status": STATUS, "hours": HOURS, "timezones": ZONES}[table].encode())
    )
    (tmp_path / "notes.csv").write_text("none of the three")
    (tmp_path / "nested" / "timezones.csv").mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    others = write(elsewhere)
    del others[table]
    inputs = load_csv(tmp_path, **others)
    assert [frame.rows() for frame in inputs] == [[STATUS_ROW], [HOURS_ROW], [ZONES_ROW]]


def test_a_name_goes_before_the_folder(tmp_path: Path) -> None:
    for name, text in {"status.csv": STATUS, "menu_hours.csv": HOURS}.items():
        (tmp_path / name).write_text(text)
    for name in ("timezones.csv", "timezones.csv.gz"):
        (tmp_path / name).write_text("two of them, and neither is read")
    named = tmp_path / "mine.txt"
    named.write_text(ZONES)
    assert load_csv(str(tmp_path), timezones=str(named)).timezones.rows() == [ZONES_ROW]


def test_a_missing_file_is_told_with_what_was_looked_for_and_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "polls.csv").write_text(STATUS)
    with pytest.raises(SchemaError) as caught:
        load_csv(tmp_path)
    assert caught.value.table == "status"
    for part in (str(tmp_path), "store_status.csv", "store status.csv", "polls.csv", "status=..."):
        assert part in str(caught.value)


def test_a_long_list_of_files_is_cut(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"file{number:02}.csv").touch()
    with pytest.raises(SchemaError, match=r"file19\.csv, \.\.\.") as caught:
        load_csv(tmp_path)
    assert "file20" not in str(caught.value)


def test_an_empty_folder_holds_no_files(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="the folder holds: no files"):
        load_csv(tmp_path)


def test_two_files_for_one_table_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "store_status.csv").write_text(STATUS)
    (tmp_path / "Store Status.csv.gz").write_bytes(gzip.compress(STATUS.encode()))
    with pytest.raises(SchemaError, match="2 files for this table") as caught:
        load_csv(tmp_path)
    assert caught.value.values == ("Store Status.csv.gz", "store_status.csv")


def test_a_table_without_file_and_folder_is_an_error(tmp_path: Path) -> None:
    paths = write(tmp_path)
    with pytest.raises(SchemaError, match=r"hours: no file given.*load_csv\(hours=\.\.\.\)"):
        load_csv(status=paths["status"], timezones=paths["timezones"])


@pytest.mark.parametrize("name", ["absent", "s3:/bucket", "~", "*.csv", "a" * 300, "nul\0"])
def test_a_path_to_nothing_is_one_clear_error(tmp_path: Path, name: str) -> None:
    paths = write(tmp_path)
    with pytest.raises(SchemaError) as caught:
        load_csv(**{**paths, "hours": tmp_path / name})
    assert str(tmp_path / name) in str(caught.value)
    assert caught.value.table == "hours"


def test_a_folder_in_place_of_a_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="not a file"):
        load_csv(**{**write(tmp_path), "hours": tmp_path})


@pytest.mark.parametrize("name", ["absent", "status-of-test.csv"])
def test_a_folder_that_is_none_is_one_clear_error(tmp_path: Path, name: str) -> None:
    write(tmp_path)
    with pytest.raises(SchemaError, match="not a readable folder"):
        load_csv(tmp_path / name)


# --- text ---------------------------------------------------------------------------------------

SPELLINGS = {
    "plain": ZONES,
    "no line end at the end": ZONES.rstrip("\n"),
    "byte-order mark": f"\ufeff{ZONES}",
    "byte-order mark before a quote": f'\ufeff"store_id",timezone_str\n{ID},America/Denver\n',
    "Windows line ends": ZONES.replace("\n", "\r\n"),
    "blank lines": "\n \n" + ZONES.replace("\n", "\n\n\t\n\n"),
    "other order": f"timezone_str,store_id\nAmerica/Denver,{ID}\n",
    "further columns": f'note,store_id,,timezone_str,\n"a, ""b""",{ID},,America/Denver,1\n',
    "further columns of one name": f"note,store_id,note,timezone_str\n,{ID},,America/Denver\n",
    "blanks in the header": f" store_id , timezone_str\t\n{ID},America/Denver\n",
    "quotes": f'"store_id","timezone_str"\n"{ID}","America/Denver"\n',
    "line break in a further column": f'store_id,timezone_str,n\n{ID},America/Denver,"a\n\nb"\n',
    "gzip": gzip.compress(ZONES.encode()),
    "gzip in two parts": gzip.compress(ZONES[:30].encode()) + gzip.compress(ZONES[30:].encode()),
    "zstd": zstd(ZONES.encode()),
    "zstd with a byte-order mark": zstd(f"\ufeff{ZONES}".encode()),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_file_may_be_written_in_many_ways(load: Load, spelling: str) -> None:
    timezones = load(timezones=SPELLINGS[spelling]).timezones
    assert timezones.rows() == [ZONES_ROW]
    assert timezones.columns == ["store_id", "timezone_str"]


@pytest.mark.parametrize("name", ["day", "dayOfWeek", "day_of_week"])
def test_the_weekday_has_three_names(load: Load, name: str) -> None:
    hours = load(hours=HOURS.replace("day", name)).hours
    assert hours.rows() == [HOURS_ROW]
    assert hours.columns[1] == "day_of_week"


def test_the_columns_have_the_documented_types(load: Load) -> None:
    instant, since_midnight = pl.Datetime("us", "UTC"), pl.Duration("us")
    for texts in ({}, {key: text.split("\n")[0] for key, text in _texts().items()}):
        status, hours, timezones = load(**texts)
        assert dict(status.schema) == {
            "store_id": pl.Int64,
            "timestamp_utc": instant,
            "status": pl.Boolean,
        }
        assert dict(hours.schema) == {
            "store_id": pl.Int64,
            "day_of_week": pl.Int64,
            "start_time_local": since_midnight,
            "end_time_local": since_midnight,
        }
        assert dict(timezones.schema) == {"store_id": pl.Int64, "timezone_str": pl.String}


def _texts() -> dict[str, str]:
    return {"status": STATUS, "hours": HOURS, "timezones": ZONES}


def test_a_file_with_a_header_only_is_an_empty_table(load: Load) -> None:
    inputs = load(status="store_id,status,timestamp_utc")
    assert inputs.status.is_empty()
    assert inputs.hours.rows() == [HOURS_ROW]


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff", gzip.compress(b"")])
def test_a_file_without_a_header_is_an_error(load: Load, text: str | bytes) -> None:
    with pytest.raises(SchemaError, match=r"status-of-test\.csv: the file is empty"):
        load(status=text)


def test_a_missing_column_is_told_with_the_header(load: Load) -> None:
    with pytest.raises(SchemaError, match="store_id;day") as caught:
        load(hours="store_id;day;start_time_local;end_time_local\n")
    assert caught.value.column == "store_id"
    with pytest.raises(SchemaError, match=r"no such column.*day_of_week or day or dayOfWeek"):
        load(hours=HOURS.replace("day", "weekday"))


def test_a_column_that_occurs_twice_is_an_error(load: Load) -> None:
    with pytest.raises(SchemaError, match="more than one such column"):
        load(timezones="store_id,timezone_str,store_id\n1,Etc/UTC,2\n")


@pytest.mark.parametrize("header", ['store_id,"timezone_str', 'store_id,timezone_str,"a\nb"'])
def test_quotes_that_do_not_match_in_the_header_line_are_an_error(load: Load, header: str) -> None:
    with pytest.raises(SchemaError, match="header"):
        load(timezones=f"{header}\n1,Etc/UTC\n")


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd])
def test_bytes_that_are_not_utf_8_are_an_error_with_their_line(
    load: Load, pack: Callable[[bytes], bytes]
) -> None:
    text = b"store_id,timezone_str\r\n\r\n1,Etc/UTC\r\n2,\xe9\x01\r\n3,\xe9\r\n"
    with pytest.raises(SchemaError, match=r"timezones-of-test\.csv, line 4: .*UTF-8"):
        load(timezones=pack(text))


def test_utf_16_is_an_error(load: Load) -> None:
    with pytest.raises(SchemaError, match="must be UTF-8"):
        load(timezones=ZONES.encode("utf-16"))


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_a_damaged_archive_is_an_error(load: Load, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(SchemaError, match=r"status-of-test\.csv: cannot be read"):
        load(status=pack(STATUS.encode())[:-9])


def test_rows_keep_their_order_across_batches(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_BLOCK_BYTES", 2)
    stores = [5, 3, 9, 1, 7, 2, 8]
    assert ids(load(status=polls(*map(poll, stores))).status) == stores
    quoted = polls(*(f'"{store}"{poll("")}' for store in stores))
    assert ids(load(status=quoted).status) == stores


# --- ids ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 0, 8139926242460185114])
def test_integers_stay_exact(load: Load, number: int) -> None:
    assert ids(load(status=polls(poll(number))).status) == [number]


@pytest.mark.parametrize(
    "text",
    [
        "007",
        "+5",
        "-0",
        "9223372036854775808",
        "12345678901234567890",
        "d84a4552-3668-4075-ad1d-16840294f818",
        "12e7",
        "1_000",
        " 1",
        "naïve",
        "é\u00a0\U0001f600",
    ],
)
@pytest.mark.parametrize("table", ["status", "hours", "timezones"])
def test_one_id_that_is_no_plain_integer_makes_all_ids_strings(
    load: Load, table: str, text: str
) -> None:
    rows = _texts()[table].splitlines()
    texts = {table: "\n".join([*rows, rows[1].replace(str(ID), text)])}
    inputs = load(**texts)
    for name, frame in zip(_texts(), inputs, strict=True):
        assert frame.schema["store_id"] == pl.String
        assert ids(frame) == ([str(ID), text] if name == table else [str(ID)])


def test_batches_of_integers_and_of_strings_become_strings(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_BLOCK_BYTES", 1)
    assert ids(load(status=polls(poll(12), poll("012"), poll(12))).status) == ["12", "012", "12"]


@pytest.mark.parametrize(
    "text",
    ["8.13992E+018", "8.13992e18", "8E+18", '"8,13992E+018"', "123.0", "123.", "-1.5", "+1.0"],
)
@pytest.mark.parametrize("strict", [True, False])
def test_ids_written_as_decimal_numbers_are_refused(load: Load, text: str, *, strict: bool) -> None:
    status = polls("\n", poll(1), poll(text), poll(text))
    with pytest.raises(SchemaError, match="went through a spreadsheet") as caught:
        load(status=status, strict=strict)
    assert "status-of-test.csv, line 5" in str(caught.value)
    assert (caught.value.table, caught.value.column) == ("status", "store_id")
    assert caught.value.count == 2
    assert caught.value.values == (text.strip('"'),) * 2


@pytest.mark.parametrize("strict", [True, False])
def test_long_ids_that_all_end_in_zeros_are_refused(load: Load, *, strict: bool) -> None:
    text = polls(poll(7), poll(1481966498820150000), poll(349396324602055000))
    with pytest.raises(
        SchemaError, match="spreadsheet, which wrote them as numbers of 15"
    ) as caught:
        load(status=text, strict=strict)
    assert "status-of-test.csv, line 3" in str(caught.value)
    assert caught.value.count == 2


@pytest.mark.parametrize(
    "stores",
    [
        [1481966498820150000],
        [1481966498820150000, 1481966498820150000],
        [1481966498820150000, 579100056021594000, 8139926242460185114],
        [1481966498820150000, 579100056021594001],
        [123456789012340, 123456789012350],
        ["0000000000001200", "0000000000003400"],
    ],
)
def test_honest_ids_may_end_in_zeros(
    load: Load, stores: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_BLOCK_BYTES", 1)
    assert list(map(str, ids(load(status=polls(*map(poll, stores))).status))) == [*map(str, stores)]


@pytest.mark.parametrize("strict", [True, False])
def test_damaged_ids_are_told_before_bad_rows(load: Load, *, strict: bool) -> None:
    text = polls("1", "1,on,never", ",active,", "2.0,on,never")
    with pytest.raises(SchemaError, match="line 5: the ids went through a spreadsheet"):
        load(status=text, strict=strict)


def test_a_refused_row_does_not_decide_on_the_kind_of_ids(lenient: Load) -> None:
    inputs = lenient(status=polls(poll(1), "nonsense", "nonsense,active,never", "2.5"))
    assert ids(inputs.status) == [1]


# --- bad rows -----------------------------------------------------------------------------------

BAD = [
    ("status", "1,active", "fields: 2 instead of 3", "1,active"),
    ("status", "1,active,2023-01-22 12:00:00,", "fields: 4 instead of 3", None),
    ("status", ",active,2023-01-22 12:00:00", "empty store_id", ""),
    ("status", '" ",active,2023-01-22 12:00:00', "empty store_id", " "),
    ("status", "1,active,", "unreadable timestamp_utc", ""),
    ("status", "1,active,22.01.2023 12:00", "unreadable timestamp_utc", "22.01.2023 12:00"),
    ("status", "1,active,2023-02-30 12:00:00", "unreadable timestamp_utc", "2023-02-30 12:00:00"),
    ("status", "1,on,2023-01-22 12:00:00", "status other than active or inactive", "on"),
    ("status", "1,,2023-01-22 12:00:00", "status other than active or inactive", ""),
    ("status", '1,"active,2023-01-22 12:00:00', "quote out of place", None),
    ("status", '1,act"ive,2023-01-22 12:00:00', "quote out of place", None),
    ("status", '1,"act"ive,2023-01-22 12:00:00', "quote out of place", None),
    ("hours", "1,7,09:00,17:00", "weekday outside 0-6", "7"),
    ("hours", "1,-1,09:00,17:00", "weekday outside 0-6", "-1"),
    ("hours", "1,1.0,09:00,17:00", "weekday outside 0-6", "1.0"),
    ("hours", "1,Monday,09:00,17:00", "weekday outside 0-6", "Monday"),
    ("hours", "1,,09:00,17:00", "weekday outside 0-6", ""),
    ("hours", "1,0,9 am,17:00", "unreadable start_time_local", "9 am"),
    ("hours", "1,0,09:00,", "unreadable end_time_local", ""),
    ("hours", "1,0,09:00,25:00", "unreadable end_time_local", "25:00"),
    ("hours", "1,0,09:00", "fields: 3 instead of 4", "1,0,09:00"),
    ("hours", ",0,09:00,17:00", "empty store_id", ""),
    ("timezones", "1,Mars/Olympus", "zone unknown", "Mars/Olympus"),
    ("timezones", "1,../../etc/passwd", "zone unknown", "../../etc/passwd"),
    ("timezones", "1,Etc/UTC,1", "fields: 3 instead of 2", "1,Etc/UTC,1"),
    ("timezones", ",Etc/UTC", "empty store_id", ""),
]
ERRORS: dict[str, type[StoreUptimeError]] = {
    "status": InvalidStatusError,
    "hours": InvalidHoursError,
    "timezones": UnknownTimeZoneError,
}


@pytest.mark.parametrize(("table", "row", "reason", "value"), BAD)
def test_a_bad_row_stops_the_load(
    load: Load, table: str, row: str, reason: str, value: str | None
) -> None:
    with pytest.raises(ERRORS[table]) as caught:
        load(**{table: f"{_texts()[table]}\n{row}\n"})
    error, message = caught.value, str(caught.value)
    assert (error.table, error.count, len(error.values)) == (table, 1, 1)
    assert error.values[0] == (row if value is None else value)
    for part in (f"{table}-of-test.csv", "(line 4)", reason, error.remedy, "strict=False"):
        assert part in message


@pytest.mark.parametrize(("table", "row", "reason"), [case[:3] for case in BAD])
def test_a_lenient_load_returns_the_bad_row_and_keeps_the_others(
    lenient: Load, table: str, row: str, reason: str
) -> None:
    inputs = lenient(**{table: f"{_texts()[table]}\n{row}\n"})
    assert [frame.rows() for frame in inputs] == [[STATUS_ROW], [HOURS_ROW], [ZONES_ROW]]
    assert inputs.rejected.schema == REJECTED_SCHEMA
    ((at_table, line, why, text),) = inputs.rejected.rows()
    assert (at_table, line, text) == (table, 4, row)
    assert reason in why


def test_an_error_names_the_column_as_the_file_does(load: Load) -> None:
    with pytest.raises(InvalidHoursError, match=r"^hours\.day: ") as caught:
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
    assert "wrong number of fields: 1 instead of 3 (line 2); " in str(caught.value)
    assert "unreadable timestamp_utc (line 6, line 7, line 8, line 9)" in str(caught.value)


def test_a_lenient_load_warns_once_with_counts_at_the_caller(tmp_path: Path) -> None:
    paths = write(tmp_path, status=polls("1", "2", poll(ID)), timezones=f"{ZONES}9")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        inputs = load_csv(strict=False, **paths)
    (warning,) = caught
    assert issubclass(warning.category, UserWarning)
    assert "status 2, timezones 1." in str(warning.message)
    assert warning.filename == __file__
    assert inputs.rejected.select("table", "line", "text").rows() == [
        ("status", 2, "1"),
        ("status", 3, "2"),
        ("timezones", 3, "9"),
    ]


def test_a_clean_load_rejects_nothing_and_does_not_warn(load: Load) -> None:
    for strict in (True, False):
        rejected = load(strict=strict).rejected
        assert rejected.is_empty()
        assert rejected.schema == REJECTED_SCHEMA


def test_rejected_rows_are_sorted_by_table_and_line(
    lenient: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_BLOCK_BYTES", 1)
    inputs = lenient(status=polls("1", poll(1), "2"), hours=f"{HOURS}3\n4")
    assert inputs.rejected.select("table", "line").rows() == [
        ("hours", 3),
        ("hours", 4),
        ("status", 2),
        ("status", 4),
    ]


def test_a_file_of_bad_rows_only_is_an_empty_table(lenient: Load) -> None:
    inputs = lenient(status=polls("1", "2"))
    assert inputs.status.is_empty()
    assert inputs.rejected.height == 2


def test_an_empty_zone_is_null(load: Load) -> None:
    timezones = load(timezones='store_id,timezone_str\n1,\n2,""\n3, \n').timezones
    assert timezones["timezone_str"].to_list() == [None, None, None]


def test_two_zones_of_one_store_are_left_to_the_report(load: Load) -> None:
    inputs = load(timezones=f"{ZONES}{ID},Etc/UTC\n", strict=False)
    assert inputs.timezones.height == 2
    with pytest.raises(UnknownTimeZoneError, match="two different zones"):
        compute_report(*inputs)


def test_statuses_are_read_in_any_case(load: Load) -> None:
    status = load(status=STATUS.replace("active", " InActive ")).status
    assert status["status"].to_list() == [False]


# --- quotes and lines ---------------------------------------------------------------------------

NOTES = "store_id,timezone_str,note\n"


def test_line_numbers_count_blank_lines_and_quoted_line_breaks(lenient: Load) -> None:
    text = NOTES + '\n1,Etc/UTC,"a\n\nb"\n\n2,Mars/A,"c\nd"\n3,Etc/UTC,x\n4,Mars/B,y\n'
    inputs = lenient(timezones=text)
    assert ids(inputs.timezones) == [1, 3]
    assert inputs.rejected.select("line", "text").rows() == [
        (7, '2,Mars/A,"c\nd"'),
        (10, "4,Mars/B,y"),
    ]


def test_a_stray_quote_swallows_nothing(lenient: Load) -> None:
    inputs = lenient(timezones=NOTES + '1,Etc/UTC,"a\n2,Etc/UTC,b\n3,Etc/UTC,c\n')
    assert ids(inputs.timezones) == [2, 3]
    assert inputs.rejected["line"].to_list() == [2]


def test_two_stray_quotes_swallow_nothing(lenient: Load) -> None:
    inputs = lenient(timezones=NOTES + '1,"Etc/UTC,a\n2,Etc/UTC,b\n3,Etc/UTC",c\n4,Etc/UTC,d\n')
    assert ids(inputs.timezones) == [2, 4]
    assert inputs.rejected["line"].to_list() == [2, 4]


def test_a_quoted_line_break_may_follow_a_stray_quote(lenient: Load) -> None:
    inputs = lenient(timezones=NOTES + '1,Etc/UTC,a"b\n2,Etc/UTC,"c\nd"\n3,Etc/UTC,e\n')
    assert ids(inputs.timezones) == [2, 3]
    assert inputs.rejected["line"].to_list() == [2]


def test_a_record_of_too_few_fields_may_have_a_line_break(lenient: Load) -> None:
    inputs = lenient(timezones='note,store_id,timezone_str\n"a\nb"\n"c\nd",1,Etc/UTC\n')
    assert ids(inputs.timezones) == [1]
    assert inputs.rejected.select("line", "text").rows() == [(2, '"a\nb"')]


def test_a_quoted_field_has_a_limited_number_of_lines(
    lenient: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_MOST_LINES", 3)
    inputs = lenient(timezones=NOTES + '1,Etc/UTC,"a\nb\nc"\n2,Etc/UTC,"a\nb\nc\nd"\n')
    assert ids(inputs.timezones) == [1]
    assert inputs.rejected["line"].to_list() == [5, 6, 7, 8]


def test_quoted_and_bare_fields_are_the_same(load: Load) -> None:
    quoted = {
        table: "\n".join(
            ",".join(f'"{field}"' for field in line.split(",")) for line in text.splitlines()
        )
        for table, text in _texts().items()
    }
    for bare, framed in zip(load(), load(**quoted), strict=True):
        assert bare.equals(framed)


# --- round trip ---------------------------------------------------------------------------------


@examples(60)
@given(st.data())
def test_what_is_written_is_what_is_loaded(data: st.DataObject) -> None:
    stores = data.draw(st.sampled_from([integers, strings]))
    status = data.draw(st.lists(st.tuples(stores, instants, st.booleans()), max_size=5))
    hours = data.draw(st.lists(st.tuples(stores, st.integers(0, 6), seconds, seconds), max_size=5))
    zones = data.draw(st.lists(st.tuples(stores, st.sampled_from(ZONE_NAMES)), max_size=5))
    texts = {
        "status": files(["store_id", "timestamp_utc", "status"], status),
        "hours": files(["store_id", "day", "start_time_local", "end_time_local"], hours),
        "timezones": files(["store_id", "timezone_str"], zones),
    }
    with tempfile.TemporaryDirectory() as folder:
        drawn = {table: data.draw(text) for table, text in texts.items()}
        inputs = load_csv(**write(Path(folder), **drawn))
    assert [frame.rows() for frame in inputs] == [status, hours, zones]


@examples(100)
@given(st.text(alphabet='17",\n\r \ufeffé', max_size=60))
def test_every_line_is_kept_or_returned(text: str) -> None:
    lines = {
        number: line.removesuffix("\r")
        for number, line in enumerate(f"{text}\n".split("\n"), start=2)
        if line.strip()
    }
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        inputs = load_csv(strict=False, **write(Path(folder), timezones=f"{ZONES[:22]}{text}"))
    rejected = {
        line + place: part
        for line, record in inputs.rejected.select("line", "text").rows()
        for place, part in enumerate(record.split("\n"))
        if part.strip()
    }
    assert rejected.items() <= lines.items()
    assert len(rejected) + inputs.timezones.height == len(lines)


# --- together -----------------------------------------------------------------------------------


def test_the_report_takes_what_was_loaded(tmp_path: Path) -> None:
    (tmp_path / "store_status.csv").write_text(
        polls("007,active,2023-01-23 10:14:00 UTC", "007,inactive,2023-01-23 11:15:00 UTC")
    )
    (tmp_path / "menu_hours.csv").write_text(
        "store_id,dayOfWeek,start_time_local,end_time_local\n007,0,09:00,12:00\n"
    )
    (tmp_path / "timezones.csv").write_text("store_id,timezone_str\n007,Etc/UTC\n")
    status, hours, timezones = load_csv(tmp_path)
    report = compute_report(status, hours, timezones, "2023-01-23T12:00:00Z")
    day = report.select("store_id", "uptime_last_day", "downtime_last_day").row(0)
    assert day == ("007", 104.5 / 60, 75.5 / 60)


def test_a_table_copied_through_a_spreadsheet_is_refused(load: Load) -> None:
    stores = [1481966498820158979, 3493963246020554876, 579100056021594123]
    rows = [f"{store - store % 10 ** (len(str(store)) - 15)},4,0:00:00,0:10:00" for store in stores]
    hours = "\r\n".join(["store_id,day,start_time_local,end_time_local", *rows, ""])
    with pytest.raises(SchemaError, match="spreadsheet"):
        load(hours=hours)
    zones = "\n".join(["store_id,timezone_str", *(f"{store:.14E},Etc/UTC" for store in stores)])
    with pytest.raises(SchemaError, match="spreadsheet"):
        load(timezones=zones)
