"""How a file may be written, and what is wrong with a whole file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from store_uptime import SchemaError, compute_report
from store_uptime._csv import records
from store_uptime._csv.load import load_csv
from support.csv_files import (
    HOURS,
    HOURS_ROW,
    ID,
    REQUIRED,
    STATUS,
    ZONES,
    ZONES_ROW,
    Load,
    gzipped,
    ids,
    poll,
    polls,
    zstd,
)

SPELLINGS: dict[str, str | bytes] = {
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
    "gzip": gzipped(ZONES.encode()),
    "gzip in two parts": gzipped(ZONES[:30].encode()) + gzipped(ZONES[30:].encode()),
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
    for texts in ({}, {key: text.split("\n")[0] for key, text in REQUIRED.items()}):
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


def test_a_file_with_a_header_only_is_an_empty_table(load: Load) -> None:
    inputs = load(status="store_id,status,timestamp_utc")
    assert inputs.status.is_empty()
    assert inputs.hours.rows() == [HOURS_ROW]


@pytest.mark.parametrize(
    "text",
    [b"", b"\n\n", "\ufeff".encode(), gzipped(b""), zstd(b""), zstd(b"\n")],
    ids=["nothing", "blank lines", "a mark", "gzip", "zstd", "a blank line in zstd"],
)
def test_a_file_without_a_header_is_an_error(load: Load, text: bytes) -> None:
    with pytest.raises(SchemaError, match=r"status-of-test\.csv: the file is empty"):
        load(status=text)


def test_a_missing_column_is_told_with_the_header(load: Load) -> None:
    with pytest.raises(SchemaError, match=r"by semicolons, are store_id, day, start") as caught:
        load(hours="store_id;day;start_time_local;end_time\n")
    assert caught.value.column == "end_time_local"
    with pytest.raises(SchemaError, match=r"no such column.*day_of_week or day or dayOfWeek"):
        load(hours=HOURS.replace("day", "weekday"))


def test_a_column_that_occurs_twice_is_an_error(load: Load) -> None:
    with pytest.raises(SchemaError, match="more than one such column"):
        load(timezones="store_id,timezone_str,store_id\n1,Etc/UTC,2\n")
    for twice in ("valid_from", "VALID_FROM"):
        text = f"store_id,day,start_time_local,end_time_local,{twice},Valid_From\n"
        with pytest.raises(SchemaError, match="exactly one must be named valid_from") as caught:
            load(hours=text.replace("Valid_From", twice))
        assert (caught.value.code, caught.value.column) == ("ambiguous_column", twice)
    with pytest.raises(SchemaError, match="more than one such column"):
        load(hours=text)


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("special_hours", "store_id,day\n"),
        ("maintenance", "store_id,start,end\n"),
        ("maintenance_hours", "store_id,day,start,end,valid_from,valid_until\n"),
    ],
)
def test_an_optional_file_with_other_columns_is_an_error(load: Load, table: str, text: str) -> None:
    with pytest.raises(SchemaError, match=f"{table}-of-test.csv: no such column"):
        load(**{table: text})


@pytest.mark.parametrize("header", ['store_id,"timezone_str', 'store_id,timezone_str,"a\nb"'])
def test_quotes_that_do_not_match_in_the_header_line_are_an_error(load: Load, header: str) -> None:
    with pytest.raises(SchemaError, match="header"):
        load(timezones=f"{header}\n1,Etc/UTC\n")


@pytest.mark.parametrize("pack", [bytes, gzipped, zstd])
def test_bytes_that_are_not_utf_8_are_an_error_with_their_line(
    load: Load, pack: Callable[[bytes], bytes]
) -> None:
    text = b"store_id,timezone_str\r\n\r\n1,Etc/UTC\r\n2,\xe9\x01\r\n3,\xe9\r\n"
    with pytest.raises(SchemaError, match=r"timezones-of-test\.csv, line 4: .*UTF-8"):
        load(timezones=pack(text))


def test_utf_16_is_an_error(load: Load) -> None:
    with pytest.raises(SchemaError, match="must be UTF-8"):
        load(timezones=ZONES.encode("utf-16"))
    with pytest.raises(SchemaError, match=r"line 1: a NUL byte.*must be UTF-8"):
        load(timezones=ZONES.encode("utf-16-le"))


@pytest.mark.parametrize("pack", [gzipped, zstd])
def test_a_damaged_archive_is_an_error(load: Load, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(SchemaError, match=r"status-of-test\.csv: cannot be read"):
        load(status=pack(STATUS.encode())[:-9])


def test_rows_keep_their_order_across_batches(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_BLOCK_BYTES", 50)
    stores = [5, 3, 9, 1, 7, 2, 8]
    assert ids(load(status=polls(*map(poll, stores))).status) == stores
    quoted = polls(*(f'"{store}"{poll("")}' for store in stores))
    assert ids(load(status=quoted).status) == stores


def test_an_empty_zone_is_null(load: Load) -> None:
    timezones = load(timezones='store_id,timezone_str\n1,\n2,""\n3, \n').timezones
    assert timezones["timezone_str"].to_list() == [None, None, None]


def test_statuses_are_read_in_any_case(load: Load) -> None:
    status = load(status=STATUS.replace("active", " InActive ")).status
    assert status["status"].to_list() == [False]


def test_quoted_and_bare_fields_are_the_same(load: Load) -> None:
    quoted = {
        table: "\n".join(
            ",".join(f'"{field}"' for field in line.split(",")) for line in text.splitlines()
        )
        for table, text in REQUIRED.items()
    }
    for bare, framed in zip(load(), load(**quoted), strict=True):
        assert bare.equals(framed)


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
