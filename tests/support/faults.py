"""Calls of public functions that must fail, each with the code of its fault."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from store_uptime import (
    CalendarWindow,
    Inputs,
    Policy,
    StoreUptimeError,
    Window,
    compute_history,
    compute_outages,
    compute_report,
    compute_timeline,
    every,
    fit_outage_rates,
    html_report,
    load_csv,
    load_parquet,
    load_sql,
    outages_from_timeline,
    report_from_timeline,
    summarize,
    summarize_outages,
    tidy,
    write_sql,
)
from store_uptime._csv.groups import read_groups
from store_uptime._tables.given import Source
from store_uptime.cli.archive import read_archive
from store_uptime.plot.availabilities import chosen_window
from store_uptime.plot.cells import fitting_window, read_instants
from store_uptime.plot.choice import choose, refuse_many
from store_uptime.plot.group_lines import group_lines
from store_uptime.plot.rankings import rank_stores
from store_uptime.testing import (
    assert_report_equal,
    assert_report_valid,
    make_dataset,
    polls,
    st_inputs,
    st_polls,
    weekly,
)
from support.bad_tables import STATUS as POLLS
from support.bad_tables import report, tables
from support.csv_files import HOURS, ID, STATUS, ZONES, write

Fault = Callable[[Path], Any]
NOW = "2023-01-25T18:00:00Z"
REPORT = pl.DataFrame({"store_id": [7], "uptime_day": [1.0], "downtime_day": [2.0]})
DAY = {"day": Window("1d")}
DRAWN = pl.DataFrame({"store_id": [7], "down": [0]})
RATES = pl.DataFrame({"rate": [2.0], "share_down": [0.01], "weight": [1.0]})
WRONG_UNIT = pl.DataFrame({"store_id": [1], "start": [2**59], "end": [2**60], "state": ["up"]}).with_columns(
    pl.col("start", "end").cast(pl.Datetime("us", "UTC"))
)  # fmt: skip
PIECE = (7, "09:00", "12:00", "up")
FACTS = ("code", "table", "column", "count", "values", "problem", "remedy", "option")
MOST_JSON = 8_000  # five values of 1,000 characters, and a message of 2,000
LONGEST = pl.Series([2**63 - 1]).cast(pl.Duration("us")).item()


def facts_in_json(error: StoreUptimeError) -> dict[str, Any]:
    """Send the facts of an error on, and read them as another program does."""
    facts = {name: getattr(error, name) for name in FACTS}
    text = json.dumps(facts, default=str, ensure_ascii=False)
    assert len(text) < MOST_JSON
    read: dict[str, Any] = json.loads(text)
    return read


def csv(**texts: str | bytes) -> Fault:
    """Load one good row of each table, but for what is given."""
    return lambda folder: load_csv(**write(folder, **texts))


def span_file(first: int, last: int) -> str:
    """Return the name of the settled timeline from one day of a month to another."""
    return f"timeline_2023-01-{first:02}T000000Z_2023-01-{last:02}T000000Z.parquet"


def archive(*names: str) -> Fault:
    """Read a folder of settled timelines with these files."""

    def call(folder: Path) -> Any:
        for name in names:
            (folder / name).touch()
        return read_archive(folder)

    return call


def groups(text: str) -> Fault:
    def call(folder: Path) -> Any:
        file = folder / "groups.csv"
        file.write_text(text)
        return read_groups(file)

    return call


def several_files(folder: Path) -> Any:
    for name in ("status.csv", "polls.csv"):
        (folder / name).write_text(STATUS)
    return load_csv(folder)


def files_that_differ(folder: Path) -> Any:
    files = [folder / "a.parquet", folder / "b.parquet"]
    for file, dtype in zip(files, (pl.Int64, pl.Int32), strict=True):
        pl.DataFrame(POLLS).cast({"store_id": dtype}).write_parquet(file)
    return load_parquet(status=files, hours=False, timezones=False)


def loaded_span(_: Path) -> Any:
    given = Inputs(*tables(), since=dt.datetime(2023, 1, 25, tzinfo=dt.UTC))
    return compute_report(given, now=NOW)


def text_in_numbers(_: Path) -> Any:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE polls (store_id, timestamp_utc, status)")
    rows = [(1, "2023-01-25 12:00:00", "active"), ("x", "2023-01-25 12:00:00", "active")]
    connection.executemany("INSERT INTO polls VALUES (?, ?, ?)", rows)
    return load_sql(connection, status="polls", hours=None, timezones=None)


def read_only(folder: Path) -> Any:
    file = folder / "stores.db"
    sqlite3.connect(file).execute("CREATE TABLE other (x)")
    return write_sql(REPORT, sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True))


def written(frame: pl.DataFrame, **options: Any) -> Fault:
    return lambda _: write_sql(frame, sqlite3.connect(":memory:"), **options)


def computed(**options: Any) -> Fault:
    return lambda _: compute_report(*tables(), **options)


def outages_summed(**flags: bool | None) -> Fault:
    outages = pl.DataFrame({"downtime": [LONGEST] * 2, "ongoing": False, "recovered": True})
    return lambda _: summarize_outages(outages.with_columns(**flags))


def many_instants() -> pl.DataFrame:
    """Return a history with more instants than a chart has points."""
    nows = pl.DataFrame(
        {"now": pl.Series(range(4001), dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))}
    )
    return REPORT.join(nows, how="cross")


def from_pieces(*rows: tuple[Any, ...], **options: Any) -> Fault:
    """Compute a report from pieces `(store_id, start, end, state)` of 23 January 2023."""
    schema = {"store_id": pl.Int64, "start": pl.String, "end": pl.String, "state": pl.String}
    frame = pl.DataFrame(rows, schema, orient="row")
    instants = [pl.format("2023-01-23T{}:00Z", name).alias(name) for name in ("start", "end")]
    return lambda _: report_from_timeline(frame.with_columns(instants), **options)


def made(**options: Any) -> Fault:
    return lambda _: make_dataset(**{"stores": 1, "days": 1, **options})


def summed(frame: pl.DataFrame, **options: Any) -> Fault:
    return lambda _: summarize(frame, windows=DAY, **options)


FAULTS: list[tuple[str, Fault]] = [
    ("not_a_table", lambda _: compute_report([1, 2])),  # type: ignore[arg-type]
    ("table_given_twice", lambda _: compute_report(Inputs(*tables()), tables()[1])),
    ("unknown_table", lambda _: compute_report(Inputs(*tables(), extra={"holidays": REPORT}))),
    ("unknown_table", lambda _: load_sql(sqlite3.connect(":memory:"), status="", hours=None, timezones=None)),
    ("unreadable_table", lambda _: compute_report(pl.LazyFrame(POLLS).select("nothing"))),
    ("unreadable_table", csv(status=b"\x1f\x8b no gzip")),
    ("ambiguous_column", csv(hours=HOURS.replace("day", "store_id", 1))),
    ("unaccepted_type", lambda _: report(status={"status": [1.5, 2.5]})),
    ("unaccepted_type", written(REPORT.with_columns(x=[dt.timedelta(1)]))),
    ("missing_column", summed(REPORT.drop("uptime_day"))),
    ("missing_column", lambda _: tidy(REPORT, windows={"hour": Window("1h")})),
    ("missing_column", computed(uncertainty=True, rates=RATES.drop("weight"))),
    ("unaccepted_type", computed(uncertainty=True, rates=RATES.with_columns(rate=pl.lit("2")))),
    ("impossible_rates", computed(uncertainty=True, rates=RATES.with_columns(weight=0.9))),
    ("impossible_rates", computed(uncertainty=True, rates=RATES.clear())),
    ("unused_option", computed(rates=RATES)),
    ("log_of_changes", computed(uncertainty=True, policy=Policy.for_changes())),
    ("log_of_changes", lambda _: fit_outage_rates(*tables(), policy=Policy.for_changes())),
    ("name_taken", computed(windows={"x": Window("1h"), "error_x": Window("1h")}, uncertainty=True)),
    ("name_taken", written(REPORT.with_columns(run_id=1))),
    ("name_taken", computed(windows={"x": Window("1h"), "min_x": Window("1h")}, detail=True)),
    ("name_taken", summed(REPORT.with_columns(window=1), by="window")),
    ("null_id", written(REPORT.with_columns(store_id=pl.lit(None, pl.Int64)))),
    ("null_id", groups("store_id,region\n,north\n")),
    ("float_ids", lambda _: report(status={"store_id": [1.0, 2.0]})),
    ("float_ids", csv(status=STATUS.replace(str(ID), "8.13993E+18"))),
    ("float_ids", csv(status=STATUS.replace(str(ID), "12.0"))),
    ("rounded_ids", csv(hours=HOURS.replace(str(ID), "8139926242460180000") + "8139926242460190000,6,06:30,24:00\n")),
    ("mixed_ids", lambda _: report(hours={"store_id": ["1", "2"]})),
    ("number_out_of_range", lambda _: report(status={"store_id": pl.Series([1, 2], dtype=pl.UInt8)}, hours={"store_id": [1, 256]})),
    ("number_out_of_range", written(REPORT.with_columns(polls=pl.lit(2**63, pl.UInt64)))),
    ("repeated_store", written(pl.concat([REPORT, REPORT]))),
    ("repeated_store", summed(pl.concat([REPORT, REPORT]))),
    ("no_polls", lambda _: compute_report(tables()[0].clear())),
    ("end_before_start", lambda _: compute_timeline(*tables(), NOW, start=NOW)),
    ("end_before_start", lambda _: every("1d", start=NOW, end="2023-01-24T00:00Z")),
    ("end_before_start", lambda _: st_polls(end="2023-01-24T00:00Z")),
    ("unknown_zone", computed(policy=Policy(default_timezone="Mars/Olympus"))),
    ("unreadable_line", lambda _: polls("7 Mon 25:00 up")),
    ("unreadable_line", lambda _: weekly("7 closed")),
    ("not_one_instant", lambda _: polls("7 2024-03-10 02:30 up", zone="America/New_York")),
    ("timestamp_outside_years", lambda _: polls("7 9999-12-31 24:00 up")),
    ("unreadable_date", lambda _: polls("", week="soon")),
    ("unknown_zone", made(zones=["Mars/Olympus"])),
    ("missing_file", lambda _: load_csv()),
    ("missing_file", load_csv),
    ("missing_file", lambda _: load_csv(status=[], hours=False, timezones=False)),
    ("several_files", several_files),
    ("file_not_found", lambda folder: load_csv(status=folder / "polls.csv", hours=False, timezones=False)),
    ("file_not_found", lambda folder: load_parquet(status=folder / "*.parquet", hours=False, timezones=False)),
    ("file_not_found", lambda folder: load_parquet(status=folder, hours=False, timezones=False)),
    ("unreadable_folder", lambda folder: load_csv(folder / "nothing")),
    ("files_there", lambda folder: make_dataset(1, 1).write_parquet(make_dataset(1, 1).write_parquet(folder))),
    ("unwritable_folder", lambda folder: make_dataset(1, 1).write_csv(Path(write(folder)["hours"]))),
    ("not_a_path", lambda _: load_csv(7)),  # type: ignore[arg-type]  # that is the point
    ("other_kind_of_file", csv(hours="version https://git-lfs.github.com/spec/v1\n")),
    ("not_text", csv(status=f"{STATUS}7,active\0,\n")),
    ("not_utf8", csv(status=STATUS.encode() + b"\xe4,active,\n")),
    ("no_header", csv(timezones="")),
    ("two_separators", csv(timezones="store_id,timezone_str,x;store_id;timezone_str;y\n")),
    ("misplaced_quote", csv(status=f'"{STATUS}')),
    ("misplaced_quote", csv(status=f'{STATUS}7,"active,2023\n')),
    ("misplaced_quote", csv(hours=f'{HOURS}7,6,"06:30,24:00\n')),
    ("misplaced_quote", csv(timezones=f'{ZONES}7,"Etc/UTC\n')),
    ("misplaced_quote", groups('store_id,region\n7,"north\n')),
    ("wrong_field_count", csv(status=f"{STATUS}7,active\n")),
    ("wrong_field_count", csv(hours=f"{HOURS}7,active\n")),
    ("wrong_field_count", csv(timezones=f"{ZONES}7\n")),
    ("wrong_field_count", groups("store_id,region\n7\n")),
    ("files_differ", files_that_differ),
    ("naive_instant", made(now=dt.datetime(2024, 1, 1))),  # noqa: DTZ001  # the point
    ("not_an_instant", made(now=7)),
    ("naive_instant", computed(now="2023-01-25T18:00:00")),
    ("not_an_instant", computed(now="tomorrow")),
    ("not_an_instant", lambda _: st_inputs(now="9999-12-31T00:00Z")),
    ("no_instants", lambda _: compute_history(*tables())),
    ("no_instants", lambda _: compute_history(*tables(), at=[])),
    ("too_many_instants", lambda _: every("1us", start="2023-01-25T00:00Z", end=NOW)),
    ("outside_loaded_span", loaded_span),
    ("outside_loaded_span", lambda _: make_dataset(1, 1).truth()),
    ("not_a_length", lambda _: Window("soon")),
    ("not_a_length", lambda _: Policy(max_gap="0s")),
    ("not_a_length", lambda _: every("-1d", start=NOW, end=NOW)),
    ("not_a_length", made(poll_every="0s")),
    ("not_a_length", made(outage_length="1mo")),
    ("before_year_1", made(days=1_000_000)),
    ("before_year_1", lambda _: Window(dt.timedelta.max)),
    ("before_year_1", computed(windows={"x": CalendarWindow("year", -2023)})),
    ("no_windows", computed(windows={})),
    ("not_a_window", computed(windows={"x": dt.timedelta(1)})),
    ("unknown_word", lambda _: Policy(interpolation="linear")),  # type: ignore[arg-type]  # that is the point
    ("unknown_word", made(edition="2024")),
    ("unknown_word", written(REPORT, if_exists="ignore")),
    ("unknown_word", lambda _: st_inputs(extra=["holidays"])),  # type: ignore[list-item]  # the point
    ("not_a_flag", lambda _: Policy(backfill=1)),  # type: ignore[arg-type]  # that is the point
    ("not_a_flag", computed(detail="all")),
    ("not_a_flag", computed(uncertainty=0)),
    ("not_a_flag", lambda _: compute_timeline(*tables(), NOW, settled=1)),  # type: ignore[arg-type]  # the point
    ("never_settles", lambda _: Policy(max_gap=None).settled_until(NOW)),
    ("before_year_1", lambda _: Policy().settled_until("0001-01-01T12:00Z")),
    ("end_before_start", lambda _: compute_timeline(*tables(), NOW, start="2023-01-25T00:00Z", settled=True)),
    ("end_before_start", from_pieces(PIECE, covers=(NOW, NOW))),
    ("end_before_start", from_pieces((7, "09:00", "09:00", "up"))),
    ("not_a_span", from_pieces(PIECE, covers=(NOW,))),
    ("window_not_covered", from_pieces(PIECE, covers=("2023-01-23T00:00Z", NOW))),
    ("now_beside_at", from_pieces(PIECE, now=NOW, at=[NOW])),
    ("no_timezones", from_pieces(PIECE, windows={"day": CalendarWindow("day")})),
    ("null_id", from_pieces((None, "09:00", "10:00", "up"))),
    ("unreadable_timestamp", from_pieces((7, "09:00", "25:00", "up"))),
    ("timestamp_outside_years", lambda _: outages_from_timeline(WRONG_UNIT)),
    ("unknown_state", from_pieces((7, "09:00", "10:00", "active"))),
    ("overlapping_pieces", from_pieces(PIECE, (7, "11:59", "13:00", "down"))),
    ("piece_not_covered", from_pieces(PIECE, windows={"hour": Window("1h")}, covers=("2023-01-23T10:00Z", NOW))),
    ("no_pieces", from_pieces()),
    ("foreign_file", archive("store_status.parquet")),
    ("overlapping_files", archive(span_file(1, 3), span_file(2, 4))),
    ("gap_between_files", archive(span_file(1, 2), span_file(3, 4))),
    ("not_a_flag", lambda _: load_csv(".", strict="no")),  # type: ignore[arg-type]  # the point
    ("not_a_flag", made(off_when_closed=1)),
    ("not_a_title", lambda folder: html_report(tables()[0], path=folder / "a.html", title=7)),  # type: ignore[arg-type]  # the point
    ("not_callable", computed(progress=7)),
    ("not_callable", lambda _: compute_outages(tables()[0], now=NOW, progress=7)),  # type: ignore[arg-type]  # the point
    ("wrong_number", made(stores=0)),
    ("wrong_number", made(outages_per_day=25)),
    ("wrong_number", made(missing=1.01)),
    ("wrong_number", made(zones=[])),
    ("wrong_number", computed(batch_stores=0)),
    ("wrong_number", lambda _: CalendarWindow("day", 1)),
    ("wrong_number", lambda _: CalendarWindow("year", first_month=0)),
    ("unused_option", lambda _: CalendarWindow("day", week_start="sunday")),
    ("unused_option", lambda _: CalendarWindow("month", first_month=4)),
    ("wrong_number", summed(REPORT, target=99)),
    ("not_a_policy", computed(policy="nearest")),
    ("wrong_number", lambda _: st_polls(min_size=2, max_size=1)),
    ("not_store_ids", lambda _: st_polls([])),
    ("no_instants", lambda _: read_instants(Source(REPORT.clear().with_columns(now=pl.lit(NOW)), "history"))),
    ("not_store_ids", lambda _: choose(DRAWN, "7", 30)),
    ("unknown_store", lambda _: choose(DRAWN, [8], 30)),
    ("wrong_number", lambda _: choose(DRAWN, None, 0)),
    ("too_many_marks", lambda _: refuse_many(4001, 30)),
    ("no_fitting_window", lambda _: fitting_window({"day": Window("1d")}, [0, 3_600_000_000], None)),
    ("several_windows_fit", lambda _: fitting_window({"a": Window("1h"), "b": Window("1h")}, [0, 3_600_000_000], None)),
    ("wrong_number", lambda _: rank_stores(REPORT, chosen_window(DAY, "day"), 1001, None)),
    ("unknown_word", lambda _: chosen_window(DAY, "week")),
    ("too_many_marks", lambda _: group_lines(many_instants(), None, chosen_window(DAY, None), 8)),
    ("missing_column", lambda _: group_lines(REPORT, None, chosen_window(DAY, None), 8)),
    ("not_a_run_id", written(REPORT, run_id="")),
    ("impossible_time", summed(REPORT.with_columns(uptime_day=-1.0))),
    ("longer_than_window", lambda _: tidy(REPORT, windows={"day": Window("2h")})),
    ("longer_than_window", summed(REPORT.with_columns(uptime_day=25.0))),
    ("unknown_column", lambda _: assert_report_valid(REPORT.with_columns(region=1), DAY)),
    ("not_a_length", lambda _: assert_report_equal(REPORT, REPORT, windows=DAY, tolerance="-1s")),
    ("impossible_outage", outages_summed(ongoing=True)),
    ("sum_too_large", outages_summed()),
    ("no_groups", summed(REPORT, by=REPORT.select("store_id"))),
    ("not_a_connection", lambda _: load_sql(7)),  # type: ignore[arg-type]
    ("not_a_connection", lambda _: load_sql("stores.db")),
    ("unusable_connection", lambda _: load_sql("postgresql+asyncpg://host/stores?direct_tls=1")),
    ("unreadable_uri", lambda folder: load_sql(f"sqlite:///{folder}/a@b@c/stores.db")),
    ("cannot_connect", lambda folder: load_sql(f"sqlite:///{folder}/nothing/stores.db")),
    ("mixed_types", text_in_numbers),
    ("database_failed", read_only),
    ("query_refused", lambda _: load_sql(sqlite3.connect(":memory:"))),
    ("missing_package", lambda _: load_sql("mssql+pymssql://host/stores")),
]  # fmt: skip
"""Each with a folder of its own; the faults of single values are in `test_codes.py`."""
