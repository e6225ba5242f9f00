"""Codes of errors: every fault has one, the same at every door, and the page lists them all."""

from __future__ import annotations

import ast
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import store_uptime
from store_uptime import (
    StoreUptimeError,
    compute_report,
    load_csv,
    load_parquet,
    load_sql,
)
from store_uptime._tables.contract import TABLES
from store_uptime.spark.partition import check_tables, join_outcomes
from support.faults import FAULTS, facts_in_json

SOURCE = Path(store_uptime.__file__).parent
PAGE = Path(__file__).parents[2] / "docs/errors.md"
Frames = Mapping[str, Any]
Row = dict[str, str | None]

# --- one code at every door ----------------------------------------------------------------------

GOOD: dict[str, Row] = {
    "status": {"store_id": "a", "timestamp_utc": "2023-01-25 12:00:00 UTC", "status": "active"},
    "hours": {
        "store_id": "a",
        "day_of_week": "2",
        "start_time_local": "08:00",
        "end_time_local": "17:00",
        "valid_from": "2023-01-02",
        "valid_until": None,
    },
    "timezones": {"store_id": "a", "timezone_str": "Etc/UTC"},
    "special_hours": {
        "store_id": "a",
        "date": "2023-12-25",
        "start_time_local": None,
        "end_time_local": None,
    },
    "maintenance": {
        "store_id": "a",
        "start_utc": "2023-01-25 12:00:00 UTC",
        "end_utc": "2023-01-25 13:00:00 UTC",
    },
    "maintenance_hours": {
        "store_id": "a",
        "day_of_week": "2",
        "start_time_local": "12:00",
        "end_time_local": "12:30",
        "valid_from": None,
        "valid_until": "2023-01-02",
    },
}
TOO_LATE = "9999-12-31 23:00:00-05:00"
BAD_VALUES: list[tuple[str, Row, str]] = [
    ("status", {"store_id": None}, "null_id"),
    ("status", {"timestamp_utc": None}, "unreadable_timestamp"),
    ("status", {"timestamp_utc": "soon"}, "unreadable_timestamp"),
    ("status", {"timestamp_utc": TOO_LATE}, "timestamp_outside_years"),
    ("status", {"status": None}, "unknown_status"),
    ("status", {"status": "closed"}, "unknown_status"),
    ("hours", {"store_id": None}, "null_id"),
    ("hours", {"day_of_week": "8"}, "unknown_weekday"),
    ("hours", {"day_of_week": None}, "unknown_weekday"),
    ("hours", {"day_of_week": "7"}, "weekdays_from_one"),
    ("hours", {"start_time_local": "25:00"}, "unreadable_time"),
    ("hours", {"end_time_local": None}, "unreadable_time"),
    ("hours", {"end_time_local": "2023-01-25 17:00:00"}, "datetime_as_time"),
    ("timezones", {"store_id": None}, "null_id"),
    ("timezones", {"timezone_str": "Mars/Olympus"}, "unknown_zone"),
    ("timezones", {"timezone_str": "Europe/Berlin"}, "two_zones"),
    ("special_hours", {"date": "2023-13-01"}, "unreadable_date"),
    ("special_hours", {"date": None}, "unreadable_date"),
    ("special_hours", {"end_time_local": "25:00"}, "unreadable_time"),
    ("special_hours", {"end_time_local": "17:00"}, "one_time_alone"),
    ("special_hours", {"start_time_local": "08:00"}, "one_time_alone"),
    ("maintenance", {"start_utc": "soon"}, "unreadable_timestamp"),
    ("maintenance", {"end_utc": TOO_LATE}, "timestamp_outside_years"),
    ("maintenance", {"end_utc": "2023-01-25 11:00:00 UTC"}, "end_before_start"),
    ("maintenance", {"start_utc": None, "end_utc": None}, "neither_start_nor_end"),
    ("hours", {"valid_from": "soon"}, "unreadable_date"),
    ("hours", {"valid_until": "2023-01-01"}, "until_before_from"),
    ("maintenance_hours", {"day_of_week": "7"}, "weekdays_from_one"),
    ("maintenance_hours", {"start_time_local": None}, "unreadable_time"),
    ("maintenance_hours", {"valid_until": "2023-13-01"}, "unreadable_date"),
    ("maintenance_hours", {"valid_from": "2023-01-03"}, "until_before_from"),
]


def frames_with(table: str, bad: Row) -> Frames:
    """Return the tables with one good row each, and a second, bad one in this table."""
    rows = {name: [row] for name, row in GOOD.items()}
    rows[table] = [GOOD[table], GOOD[table] | bad]
    return {
        name: pl.DataFrame(each, dict.fromkeys(GOOD[name], pl.String))
        for name, each in rows.items()
    }


def by_frames(frames: Frames, _: Path) -> None:
    compute_report(**frames)


def by_lazy_frames(frames: Frames, _: Path) -> None:
    by_frames({name: frame.lazy() for name, frame in frames.items()}, _)


def by_csv(frames: Frames, folder: Path) -> None:
    for name, frame in frames.items():
        frame.write_csv(folder / f"{name}.csv")
    load_csv(folder)


def by_parquet(frames: Frames, folder: Path) -> None:
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet")
    compute_report(load_parquet(folder))


def by_sqlite(frames: Frames, _: Path) -> None:
    connection = sqlite3.connect(":memory:")
    for name, frame in frames.items():
        connection.execute(f"CREATE TABLE {name} ({', '.join(frame.columns)})")
        places = ", ".join("?" * frame.width)
        connection.executemany(f"INSERT INTO {name} VALUES ({places})", frame.rows())
    names: dict[str, Any] = {name: name for name in frames}
    load_sql(connection, **names)


def by_spark(frames: Frames, _: Path) -> None:
    join_outcomes([check_tables(frames)])


DOORS = {
    "frames": by_frames,
    "lazy": by_lazy_frames,
    "csv": by_csv,
    "parquet": by_parquet,
    "sqlite": by_sqlite,
    "spark": by_spark,
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("table", "bad", "code"), BAD_VALUES, ids=[f"{t}-{b}" for t, b, _ in BAD_VALUES]
)
def test_the_same_fault_has_the_same_code(
    table: str, bad: Row, code: str, door: str, tmp_path: Path
) -> None:
    error = raised_by(partial(DOORS[door], frames_with(table, bad)), tmp_path)
    assert (error.code, error.table) == (code, table)
    assert type(error) is TABLES[table].error


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("table", GOOD)
def test_a_missing_column_has_the_same_code(table: str, door: str, tmp_path: Path) -> None:
    frames = frames_with(table, {})
    for column in (each.name for each in TABLES[table].columns if not each.optional):
        less = {**frames, table: frames[table].drop(column)}
        error = raised_by(partial(DOORS[door], less), tmp_path)
        assert (error.code, error.table, error.column) == ("missing_column", table, column)


def test_spark_hands_on_all_facts() -> None:
    with pytest.raises(StoreUptimeError) as caught:
        join_outcomes([check_tables(frames_with("hours", {"day_of_week": "8"}))] * 2)
    assert caught.value.code == "unknown_weekday"
    assert (caught.value.count, caught.value.values) == (2, ("8", "8"))
    empty = {"status": pl.DataFrame({"store_id": [1.5]})}
    with pytest.raises(StoreUptimeError) as caught:
        join_outcomes([check_tables(empty)] * 2)
    assert (caught.value.code, caught.value.count) == ("float_ids", None)


# --- every fault has a code ----------------------------------------------------------------------


def raised_by(call: Callable[[Path], Any], folder: Path) -> StoreUptimeError:
    with pytest.raises(StoreUptimeError) as caught:
        call(folder)
    return caught.value


@pytest.mark.parametrize(
    ("code", "fault"), FAULTS, ids=[f"{number}-{code}" for number, (code, _) in enumerate(FAULTS)]
)
def test_faults_have_their_codes_and_facts_that_can_be_sent_on(
    code: str, fault: Callable[[Path], Any], tmp_path: Path
) -> None:
    facts = facts_in_json(raised_by(fault, tmp_path))
    assert facts["code"] == code
    assert facts["problem"]
    assert len(facts["values"]) <= 5


# --- the page ------------------------------------------------------------------------------------


@pytest.fixture
def page() -> dict[str, set[str]]:
    """Return the classes of each code that the page lists."""
    if not PAGE.is_file():
        pytest.skip("the page is not beside these tests")
    rows = re.findall(
        r"^\| (`.*?`) \| (.*?) \| .+? \| .+? \|$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    codes = [code for code, _ in rows]
    assert len(codes) == len(set(codes)) > 60
    return {code.strip("`"): set(re.findall(r"`(\w+)`", classes)) for code, classes in rows}


def strings_in(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif not isinstance(node, (ast.Subscript, ast.JoinedStr)):
        for child in ast.iter_child_nodes(node):
            yield from strings_in(child)


def codes_in_the_source() -> set[str]:
    """Return what is written as the code of an error, and the codes of the contract."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "code":
                found |= set(strings_in(node.value))
    for table in TABLES.values():
        found |= {check.code for check in table.checks}
        for kind in (column.kind for column in table.columns):
            found |= {kind.code, *(mistake.code for mistake in kind.mistakes)}
    return found


def test_the_page_lists_the_codes_of_the_source_and_no_others(page: dict[str, set[str]]) -> None:
    assert codes_in_the_source() == set(page)
    assert [code for code in page if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", code)] == []


def test_the_page_has_the_classes_that_are_raised(
    page: dict[str, set[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    raised = defaultdict(set)
    for table, _, code in BAD_VALUES:
        raised[code].add(TABLES[table].error.__name__)
    for code, fault in FAULTS:
        raised[code].add(type(raised_by(fault, tmp_path_factory.mktemp("fault"))).__name__)
    # Without ADBC no database is unknown; `tests/sql/test_write.py` has one.
    assert dict(raised) == {code: page[code] for code in page if code != "unknown_database"}


def test_no_error_is_raised_without_a_code() -> None:
    classes = {each.__name__ for each in StoreUptimeError.__subclasses__()}
    without = [
        f"{path.name}: {ast.unparse(node)}"
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in classes
        if "code" not in {keyword.arg for keyword in node.keywords}
    ]
    assert without == []
    with pytest.raises(TypeError, match="code"):
        StoreUptimeError("is wrong")  # type: ignore[call-arg]  # that is the point
