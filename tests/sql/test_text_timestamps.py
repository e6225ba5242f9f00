"""`load_sql`: timestamps that are strings are read exactly where they matter."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import InvalidStatusError, Policy, Window, load_sql
from store_uptime._sql.drivers.native import Sqlite3
from support.databases import empty_database
from support.sql_tables import NOW, POLLS, TICK, Types, fill, insert

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
        inputs = load_sql(connection, hours=None, timezones=None, now=now, windows=HOUR)
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


def test_the_latest_string_may_be_an_earlier_instant() -> None:
    # 0:30 on the 26th, five and a half hours ahead of UTC, is 19:00 on the 25th; 22:00, two hours
    # behind, is midnight.
    texts = ["2023-01-25 23:00:00", "2023-01-26 00:30:00+05:30"]
    assert loaded(texts, None)[-1] == dt.datetime(2023, 1, 25, 23, tzinfo=dt.UTC)
    texts.append("2023-01-25T22:00:00-02")
    assert loaded(texts, None)[-1] == dt.datetime(2023, 1, 26, tzinfo=dt.UTC)


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
    forms = [(" ", 6, " UTC"), ("T", 6, "Z"), ("T", 9, "+00:00"), (" ", 6, "")]
    forms += [("T" if end[0] == "+" else " ", 6, end) for end in OFFSETS]
    with database.handed_over("uri") as connection:
        assert load_sql(connection).now is None
    for _, instant, status, _ in POLLS:
        for form in forms:
            database.run(insert("store_status", 7, spelled(instant, form)[0], status))
    expected = sorted([t for _, t, _, matters in POLLS if matters] * len(forms))
    last = dt.datetime(9999, 12, 31, 12, tzinfo=dt.UTC)
    for driver in ("uri", "psycopg2") if kind == "postgresql" else ("uri",):
        with database.handed_over(driver) as connection:
            assert sorted(load_sql(connection, now=NOW).status["timestamp_utc"]) == expected
            assert load_sql(connection).now == max(t for _, t, *_ in POLLS)
            # Neither end has a day beyond it that could be written.
            every_poll = load_sql(connection, now=last, policy=Policy(lookback=None)).status
        assert every_poll.height == len(POLLS) * len(forms)


@pytest.mark.parametrize(
    ("separator", "polls"),
    [
        (" ", 13 + 13),  # from 11:00 on the 24th to 12:00 on the 25th
        ("T", 24 + 13),  # a T sorts behind a blank, so from 0:00 on
    ],
)
def test_strings_without_offsets_are_read_no_day_too_much(
    separator: str, polls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = dt.datetime(2023, 1, 25, 12, tzinfo=dt.UTC)
    hourly = (noon - dt.timedelta(hours=k) for k in range(24 * 24))
    texts = [spelled(instant, (separator, 0, " UTC"))[0] for instant in hourly]
    heights: list[int] = []
    fetch = Sqlite3.fetch

    def counted(driver: Sqlite3, query: str, *values: Any) -> pl.DataFrame:
        rows = fetch(driver, query, *values)
        heights.append(rows.height)
        return rows

    monkeypatch.setattr(Sqlite3, "fetch", counted)
    # From 25 hours before the latest poll on: a window of an hour, and a day of look-back.
    assert len(loaded(texts, None)) == 26
    # No columns of a table have rows; one row each: the latest string, the number of nulls, the
    # latest second, the strings of that second.
    assert heights == [0, 1, 1, 1, 1, polls]


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
