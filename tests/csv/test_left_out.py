"""A store that a lenient load keeps has the numbers of a strict load; what it refuses is left out.

The law: a lenient load gives what a strict one gives of the same files without the refused polls and
without all rows of the stores that are left out.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import (
    InvalidHoursError,
    RejectedRowsWarning,
    StoreUptimeError,
    UnknownTimeZoneError,
    load_csv,
)
from support.csv_files import (
    HOURS,
    MAINTENANCE_HEADER,
    SPECIAL_HEADER,
    STATUS,
    WEEKLY_HEADER,
    ZONES,
    Load,
    poll,
    polls,
    write,
)
from support.strategies import examples

HEADERS = {
    "status": STATUS.partition("\n")[0],
    "hours": WEEKLY_HEADER.strip(),
    "timezones": ZONES.partition("\n")[0],
    "special_hours": SPECIAL_HEADER.strip(),
    "maintenance": MAINTENANCE_HEADER.strip(),
    "maintenance_hours": WEEKLY_HEADER.strip(),
}
# What may follow an id, and what may not.
GOOD = {
    "status": ["active,2023-01-22 12:00:00", "INACTIVE,2023-01-23 12:00:00"],
    "hours": ["0,09:00,17:00,,", "6,22:00,02:00,2023-01-22,", "6,22:00,03:00,,2023-01-22"],
    "timezones": ["Etc/UTC", "UTC", "Asia/Tokyo", ""],
    "special_hours": ["2023-12-25,,", "2023-12-24,09:00,12:00"],
    "maintenance": ["2023-01-22 02:00:00,2023-01-22 03:00:00", ",2023-01-22 03:00:00"],
    "maintenance_hours": ["0,02:00,03:00,,", "0,02:00,03:00,2023-01-22,2023-01-22"],
}
BAD = {
    "status": ["on,2023-01-22 12:00:00", "active,never"],
    "hours": ["9,09:00,17:00,,", "0,9 am,17:00,,", "0,09:00,17:00,never,"],
    "timezones": ["Mars/Olympus", "x"],
    "special_hours": ["never,,", "2023-12-24,09:00,"],
    "maintenance": ["2023-01-22 02:00:00,never"],
    "maintenance_hours": ["0,02:00,03:00,2023-01-22,2023-01-21", "8,02:00,03:00,,", "0,,,,"],
}
STORES = ["7", "8", "007", "store a"]

Row = tuple[str, str]


def is_good(table: str, row: Row) -> bool:
    return row[1] in GOOD[table]


def zones_of(store: str, rows: list[Row]) -> set[str]:
    links = {"UTC": "Etc/UTC"}
    return {links.get(zone, zone) for id_, zone in rows if id_ == store and zone}


def text_of(table: str, rows: list[Row]) -> str:
    return "".join(f"{line}\n" for line in [HEADERS[table], *(f"{a},{b}" for a, b in rows)])


def drawn_rows(table: str) -> st.SearchStrategy[list[Row]]:
    rest = st.sampled_from([*GOOD[table] * 3, *BAD[table]])
    return st.lists(st.tuples(st.sampled_from(STORES), rest), max_size=6)


@examples(100)
@given(st.fixed_dictionaries({table: drawn_rows(table) for table in HEADERS}))
def test_a_lenient_load_is_a_strict_one_of_what_it_keeps(tables: dict[str, list[Row]]) -> None:
    out = {
        store
        for table, rows in tables.items()
        for store, _ in (row for row in rows if table != "status" and not is_good(table, row))
    }
    zones = tables["timezones"]
    good_zones = [row for row in zones if is_good("timezones", row)]
    out |= {store for store in STORES if len(zones_of(store, good_zones)) > 1}
    kept = {
        table: [row for row in rows if row[0] not in out and is_good(table, row)]
        for table, rows in tables.items()
    }
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        texts = {table: text_of(table, rows) for table, rows in tables.items()}
        lenient = load_csv(**write(Path(folder), **texts), strict=False)
        texts = {table: text_of(table, rows) for table, rows in kept.items()}
        strict = load_csv(**write(Path(folder), **texts))
    for one, other in zip(lenient, strict, strict=True):
        assert one.schema == other.schema
        assert one.equals(other)
    assert lenient.extra.keys() == strict.extra.keys()
    assert all(frame.equals(strict.extra[name]) for name, frame in lenient.extra.items())
    stores = {store for one in told for store in getattr(one.message, "stores", ())}
    assert stores == out
    assert sum(getattr(told[0].message, "counts", {}).values() if told else []) == (
        lenient.rejected.height
    )
    bad_polls = [row for row in tables["status"] if not is_good("status", row)]
    refused = lenient.rejected.filter(table="status")
    assert refused["text"].to_list() == [f"{a},{b}" for a, b in bad_polls]
    others = lenient.rejected.filter(pl.col("table") != "status")
    assert set(others["store_id"]) == out


CASES: dict[str, tuple[str, str]] = {
    "hours": ("hours", f"{HOURS}5,9,09:00,17:00\n"),
    "an unknown zone": ("timezones", f"{ZONES}5,Mars/Olympus\n"),
    "two zones": ("timezones", f"{ZONES}5,Etc/UTC\n5,Asia/Tokyo\n"),
    "special hours": ("special_hours", f"{SPECIAL_HEADER}5,never,,\n"),
    "maintenance": ("maintenance", f"{MAINTENANCE_HEADER}5,,\n"),
    "a date of hours": ("hours", f"{WEEKLY_HEADER}5,0,09:00,17:00,,never\n"),
    "maintenance hours": ("maintenance_hours", f"{WEEKLY_HEADER}5,0,09:00,17:00,never,\n"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_store_that_is_left_out_has_no_polls_left(load: Load, case: str) -> None:
    table, text = CASES[case]
    with pytest.warns(RejectedRowsWarning, match=r"1 store left out whole.*: 5\.") as caught:
        inputs = load(strict=False, status=polls(poll(5), poll(6)), **{table: text})
    (warning,) = (one.message for one in caught)
    assert isinstance(warning, RejectedRowsWarning)
    assert warning.stores == ("5",)
    assert inputs.status["store_id"].to_list() == [6]


def test_ids_are_integers_again_once_the_others_are_left_out(load: Load) -> None:
    with pytest.warns(RejectedRowsWarning):
        inputs = load(strict=False, status=polls(poll("007"), poll(6)), hours=f"{HOURS}007,9,,\n")
    assert inputs.status["store_id"].to_list() == [6]
    assert inputs.status.schema["store_id"] == pl.Int64


def test_another_spelling_is_another_store(load: Load) -> None:
    with pytest.warns(RejectedRowsWarning):
        inputs = load(strict=False, status=polls(poll("007"), poll(7)), hours=f"{HOURS}007,9,,\n")
    assert inputs.status["store_id"].to_list() == [7]


def test_many_stores_are_not_all_named(load: Load) -> None:
    rows = "".join(f"{store},9,,\n" for store in range(1, 3001))
    with pytest.warns(RejectedRowsWarning, match=r"3,000 stores.*\.\.\. \(3,000 in all\)") as told:
        load(strict=False, hours=HOURS + rows)
    assert len(str(told[0].message)) < 2_000


NOBODYS: dict[str, tuple[str, str, type[StoreUptimeError]]] = {
    "an empty id": ("hours", ",0,09:00,17:00", InvalidHoursError),
    "too few fields": ("hours", "5,0,09:00", InvalidHoursError),
    "a date": ("hours", ",0,09:00,17:00,never,", InvalidHoursError),
    "a stray quote": ("timezones", '5,"Etc/UTC', UnknownTimeZoneError),
    "for every store": ("special_hours", ",never,,", InvalidHoursError),
    "for every store, too": ("maintenance", ",,", InvalidHoursError),
    "for every store and week": ("maintenance_hours", ",0,09:00,17:00,never,", InvalidHoursError),
}


@pytest.mark.parametrize("case", NOBODYS)
def test_a_row_of_no_known_store_stops_a_lenient_load(load: Load, case: str) -> None:
    table, row, error = NOBODYS[case]
    text = f"{HEADERS[table]}\n5,{BAD[table][0]}\n{row}\n"
    with pytest.raises(error, match=r"\(line 3\) in 1 row.*of which store they are") as caught:
        load(strict=False, **{table: text})
    assert caught.value.option == "strict=False"
    told = caught.value.text("--lenient")
    assert "Leaving such rows out, as --lenient does, could change when a store is open" in told


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("write_day", [str, lambda day: f"{day}.0"], ids=["digits", "floats"])
def test_weekdays_from_1_to_7_are_refused_as_a_whole(
    load: Load, write_day: Callable[[int], str], *, strict: bool
) -> None:
    rows = "".join(f"1,{write_day(day)},09:00:00,22:00:00,,\n" for day in range(1, 8))
    for table in ("hours", "maintenance_hours"):
        told = rf"^{table}\.day: .*{table}-of-test\.csv: weekdays numbered 1 = Mon"
        with pytest.raises(InvalidHoursError, match=told):
            load(**{table: f"{HEADERS[table]}\n{rows}"}, strict=strict)
