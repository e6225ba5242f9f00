"""Whatever is written to CSV files, in whatever way, comes back from them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from store_uptime._csv.load import load_csv
from support.csv_files import (
    MAINTENANCE_HEADER,
    REQUIRED,
    SPECIAL_HEADER,
    WEEKLY_HEADER,
    files,
    instants,
    integers,
    seconds,
    strings,
    validity,
    write,
    zone_rows,
)
from support.strategies import examples


def weekly_rows(stores: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    row = st.tuples(stores, st.integers(0, 6), seconds, seconds, validity)
    return row.map(lambda drawn: (*drawn[:4], *drawn[4]))


def one_sided(drawn: tuple[Any, list[Any], int]) -> tuple[Any, ...]:
    """Return a row of maintenance, without its start, without its end, or with both."""
    store, (start, end), kept = drawn
    return (store, None if kept == 1 else start, None if kept == 2 else end)


@examples(60)
@given(st.data())
def test_what_is_written_is_what_is_loaded(data: st.DataObject) -> None:
    stores = data.draw(st.sampled_from([integers, strings]))
    status = data.draw(st.lists(st.tuples(stores, instants, st.booleans()), max_size=5))
    hours = data.draw(st.lists(weekly_rows(stores), max_size=5))
    zones = data.draw(zone_rows(stores))
    texts = {
        "status": files(["store_id", "timestamp_utc", "status"], status),
        "hours": files(WEEKLY_HEADER.strip().split(","), hours),
        "timezones": files(["store_id", "timezone_str"], zones),
    }
    with tempfile.TemporaryDirectory() as folder:
        drawn = {table: data.draw(text) for table, text in texts.items()}
        inputs = load_csv(**write(Path(folder), **drawn))
    assert [frame.rows() for frame in inputs] == [status, hours, zones]


@examples(40)
@given(st.data())
def test_so_do_the_optional_tables(data: st.DataObject) -> None:
    stores = st.none() | data.draw(st.sampled_from([integers, strings]))
    times = st.one_of(st.tuples(st.none(), st.none()), st.tuples(seconds, seconds))
    days = st.tuples(stores, st.dates(), times).map(lambda row: (*row[:2], *row[2]))
    spans = st.lists(instants, min_size=2, max_size=2, unique=True).map(sorted)
    works = st.tuples(stores, spans, st.sampled_from(range(3))).map(one_sided)
    weeks = weekly_rows(stores)
    rows = {
        "special_hours": data.draw(st.lists(days, max_size=5)),
        "maintenance": data.draw(st.lists(works, max_size=5)),
        "maintenance_hours": data.draw(st.lists(weeks, max_size=5)),
    }
    headers = {
        "special_hours": SPECIAL_HEADER,
        "maintenance": MAINTENANCE_HEADER,
        "maintenance_hours": WEEKLY_HEADER,
    }
    empty = {table: text.splitlines()[0] for table, text in REQUIRED.items()}
    texts = {
        table: data.draw(files(header.strip().split(","), rows[table]))
        for table, header in headers.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        extra = load_csv(**write(Path(folder), **empty, **texts)).extra
    assert {table: frame.rows() for table, frame in extra.items()} == rows
