"""`load_sql`: timestamps that are strings are read exactly where they matter."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import InvalidStatusError, Window, load_sql
from support.databases import empty_database
from support.sql_tables import NO_HOURS, NOW, POLLS, TICK, Types, fill, insert

NO_ZONES = "SELECT 1 AS store_id, '' AS timezone_str WHERE 1 = 0"


HOUR = {"hour": Window(dt.timedelta(hours=1), "minutes")}


# What the clock reads is so many minutes ahead of UTC.
OFFSETS = {"+05:30": 330, "-0800": -480, " +14": 840, "-23:59": -1439, "+23:59": 1439}
ENDS = ["", "Z", "+00:00", "UTC", " UTC", *OFFSETS]
FORMS = st.tuples(st.sampled_from(" T"), st.integers(0, 9), st.sampled_from(ENDS))


def spelled(instant: dt.datetime, form: tuple[str, int, str]) -> tuple[str, dt.datetime]:
    """Return a way to write the instant, and the instant that it then means."""
    separator, digits, end = form
    fraction = f"{instant.microsecond:06}000"[:digits]
    meant = instant.replace(microsecond=int(fraction[:6].ljust(6, "0")))
    clock = instant + dt.timedelta(minutes=OFFSETS.get(end, 0))
    text = f"{clock:%Y-%m-%d}{separator}{clock:%H:%M:%S}"
    return text + (f".{fraction}" if digits else "") + end, meant


def loaded(texts: list[str], now: dt.datetime | None) -> list[dt.datetime]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "CREATE TABLE store_status (store_id INTEGER, timestamp_utc TEXT, status TEXT)"
        )
        connection.executemany(
            "INSERT INTO store_status VALUES (1, ?, 'active')", [(text,) for text in texts]
        )
        inputs = load_sql(connection, hours=NO_HOURS, timezones=NO_ZONES, now=now, windows=HOUR)
    return sorted(inputs.status["timestamp_utc"])


# Around the bounds of an hour and a day of look-back before `NOW`, and around `NOW`.
SINCE = NOW - dt.timedelta(hours=25)


NEAR = st.builds(
    lambda edge, shift: edge + shift,
    st.sampled_from([SINCE, NOW]),
    st.one_of(
        st.timedeltas(dt.timedelta(seconds=-2), dt.timedelta(seconds=2)),
        st.timedeltas(dt.timedelta(days=-3), dt.timedelta(days=3)),
        st.sampled_from([-TICK, dt.timedelta(0), TICK]),
    ),
)


POLLED = st.lists(st.tuples(NEAR, FORMS), min_size=1, max_size=12)


@given(POLLED)
def test_strings_are_read_exactly_where_they_matter(polled: Any) -> None:
    polls = [spelled(instant, form) for instant, form in polled]
    expected = sorted(t for _, t in polls if SINCE <= t <= NOW)
    assert loaded([text for text, _ in polls], NOW) == expected


@given(POLLED)
def test_the_latest_of_strings_is_the_latest_instant(polled: Any) -> None:
    polls = [spelled(instant, form) for instant, form in polled]
    latest = max(t for _, t in polls)
    expected = sorted(t for _, t in polls if latest - dt.timedelta(hours=25) <= t)
    assert loaded([text for text, _ in polls], None) == expected


@pytest.mark.parametrize("kind", ["postgresql", "mariadb", "duckdb"])
def test_strings_compare_alike_in_all_databases(kind: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    fill(database, Types("varchar(40)", "bigint", "varchar(8)"), polls=[])
    forms = [(" ", 6, " UTC"), ("T", 6, "Z"), ("T", 9, "+00:00"), (" ", 6, ""), (" ", 6, "-0800")]
    for _, instant, status, _ in POLLS:
        for form in forms:
            database.run(insert("store_status", 7, spelled(instant, form)[0], status))
    found = load_sql(database.url, now=NOW).status["timestamp_utc"]
    expected = sorted([t for _, t, _, matters in POLLS if matters] * len(forms))
    assert sorted(found) == expected
    assert max(load_sql(database.url).status["timestamp_utc"]) == max(t for _, t, *_ in POLLS)


def test_an_unreadable_string_that_is_latest_is_told() -> None:
    with pytest.raises(
        InvalidStatusError, match=r"latest timestamp is unreadable.*first: 'yesterday'"
    ):
        loaded(["2023-01-25 12:00:00", "yesterday"], None)


def test_an_unreadable_string_among_those_that_are_read_is_told() -> None:
    with pytest.raises(
        InvalidStatusError, match=r"unreadable timestamp in 1 row .first: '2023-01-25 nine'"
    ):
        loaded(["2023-01-25 12:00:00", "2023-01-25 nine"], NOW)
