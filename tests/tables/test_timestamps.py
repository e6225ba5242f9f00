"""Timestamps: every spelling is the instant that it says, and none lies outside the calendar."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import InvalidHoursError, InvalidStatusError, SchemaError, compute_report
from store_uptime._csv.tables import parsed
from store_uptime._tables.contract import TABLES
from store_uptime._tables.text import parse_instant
from support.bad_tables import NOW, STATUS, report

Form = Callable[[pl.DataFrame], Any]
FORMS: dict[str, Form] = {"eager": lambda frame: frame, "lazy": lambda frame: frame.lazy()}
TIMESTAMP = TABLES["status"].columns[1]
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
TICK = dt.timedelta(microseconds=1)
DAY = dt.timedelta(days=1)
FIRST = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
LENGTH = dt.datetime(9999, 12, 31, tzinfo=dt.UTC) - FIRST


def read(*texts: str) -> list[int | None]:
    """Return what the border reads, in microseconds since 1970."""
    return pl.DataFrame({"a": texts}).select(parse_instant(pl.col("a"))).to_series().to_list()


def read_in_csv(*texts: str) -> list[dt.datetime | None]:
    frame = pl.DataFrame({"a": texts})
    return frame.select(parsed(TIMESTAMP, pl.col("a"))).to_series().to_list()


# The clock less its offset is UTC: 12:30 at -05:30 is 18:00, at +05:30 it is 07:00.
SAME_INSTANT = [
    "2023-01-22 12:30:00.5",
    "2023-01-22T12:30:00.5Z",
    "2023-01-22 12:30:00.5 Z",
    "2023-01-22 12:30:00.50UTC",
    "2023-01-22 12:30:00.500 UTC",
    "2023-01-22 12:30:00.5+00",
    "2023-01-22 12:30:00.5000-00",
    "2023-01-22 12:30:00.500000+0000",
    "2023-01-22T12:30:00.500000000+00:00",
    "2023-01-22 12:30:00.5 +00:00",
    "2023-01-22 18:00:00.5+0530",
    "2023-01-22 18:00:00.5 +0530",
    "2023-01-22T18:00:00.500000+05:30",
    "2023-01-22 07:00:00.5-05:30",
    "2023-01-22 07:00:00.500 -0530",
    "2023-01-22 07:30:00.5-05",
    "2023-01-23 12:29:00.5+23:59",
    "2023-01-21 12:31:00.5-23:59",
    "2023-01-22 07:33:58.5-04:56:02",  # as PostgreSQL writes New York before 1883
    "2023-01-22 12:30:00.500000999 +00",
    "2023-01-22 18:00:00.500000999+05:30",
]
HALF_PAST = dt.datetime(2023, 1, 22, 12, 30, 0, 500_000, tzinfo=dt.UTC)


@pytest.mark.parametrize("text", SAME_INSTANT)
def test_every_spelling_of_an_instant_is_that_instant(text: str) -> None:
    assert read(text) == [(HALF_PAST - EPOCH) // TICK]
    assert read_in_csv(text) == [HALF_PAST]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", SAME_INSTANT)
def test_the_report_counts_from_it(text: str, form: str) -> None:
    # The other poll, up, comes half an hour later; the hour to it is half known at best.
    later = "2023-01-22 13:00:00.5 UTC"
    status = {**STATUS, "store_id": [1, 1], "timestamp_utc": [text, later]}
    found = compute_report(FORMS[form](pl.DataFrame(status)), None, None, later, detail=True)
    # "active" holds from 12:15 back to 12:00, and up to the midpoint 12:45; then "inactive".
    assert found.select("uptime_last_hour", "downtime_last_hour").row(0) == (45.0, 15.0)


@given(
    st.timedeltas(2 * DAY, LENGTH - 2 * DAY),
    st.integers(-1439, 1439),
    st.sampled_from(["{0}{1:02}", "{0}{1:02}{2:02}", "{0}{1:02}:{2:02}", " {0}{1:02}:{2:02}"]),
    st.sampled_from(" T"),
    st.integers(0, 9),
)
def test_any_offset_is_taken_off(
    since: dt.timedelta, minutes: int, ending: str, separator: str, digits: int
) -> None:
    clock = FIRST + since
    if "{2" not in ending:
        minutes = minutes // 60 * 60 if minutes > 0 else -(-minutes // 60 * 60)
    sign = "-" if minutes < 0 else "+"
    fraction = f"{clock.microsecond:06}000"[:digits]
    text = clock.replace(tzinfo=None).isoformat(separator, "seconds") + (
        f".{fraction}" if digits else ""
    )
    text += ending.format(sign, *divmod(abs(minutes), 60))
    meant = clock.replace(microsecond=int(fraction[:6].ljust(6, "0")))
    assert read(text) == [(meant - dt.timedelta(minutes=minutes) - EPOCH) // TICK]


UNREADABLE = [
    "2023-01-22 12:00:00+24:00",
    "2023-01-22 12:00:00+25:00",
    "2023-01-22 12:00:00+05:60",
    "2023-01-22 12:00:00+05:99",
    "2023-01-22 12:00:00+5",
    "2023-01-22 12:00:00+5:30",
    "2023-01-22 12:00:00+053",
    "2023-01-22 12:00:00+",
    "2023-01-22 12:00:00 + 05:30",
    "2023-01-22 12:00:00  +05:30",
    "2023-01-22 12:00:00+05:30 UTC",
    "2023-01-22 12:00:00 UTC+5",
    "2023-01-22 12:00:00.+05:30",
    "2023-01-22 12:00:00.1234567890+05:30",
    "2023-01-22 12:00+05:30",
    "2023-02-30 12:00:00+05:30",
    "2023-01-22 24:00:00+05:30",
    "2023-01-22 12:00:00 −05:30",  # a minus sign that is no hyphen  # noqa: RUF001
    "2023-01-22 12:00:00+05:30\n",
    "0000-01-01 12:00:00",
    "0000-01-01 12:00:00+05:30",
    "0000-12-31 23:59:59-01:00",
    "10000-01-01 00:00:00",
    "infinity",
]


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_no_instant_is_unreadable(text: str) -> None:
    assert read(text) == [None]
    assert read_in_csv(text) == [None]
    for lazy in (False, True):
        with pytest.raises(InvalidStatusError, match="null or unreadable timestamp in 1 row"):
            report(lazy=lazy, status={"timestamp_utc": [text, "2023-01-22 12:00:00+05:30"]})


BEYOND = ["0001-01-01 00:00:00+00:01", "9999-12-31 23:59:59-00:01", "9999-12-31 23:59:59 -23:59"]


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("text", BEYOND)
def test_an_offset_may_not_lead_out_of_the_calendar(text: str, *, lazy: bool) -> None:
    assert read_in_csv(text) == [None]
    with pytest.raises(InvalidStatusError, match="outside the years 1 to 9999 in 1 row"):
        report(lazy=lazy, status={"timestamp_utc": [text, "2023-01-22 12:00:00"]})


def test_the_first_and_the_last_instant_of_the_calendar_are_read() -> None:
    edges = ["0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"]
    first, last = (dt.datetime.fromisoformat(edge).replace(tzinfo=dt.UTC) for edge in edges)
    assert read(*edges) == [(first - EPOCH) // TICK, (last - EPOCH) // TICK]
    assert read_in_csv(*edges) == [first, last]


# Seconds that were taken for milliseconds lie in 1970; milliseconds for seconds, in the year 55037.
OUTSIDE = {
    "infinity": 2**63 - 1,
    "-infinity": -(2**63) + 1,
    "wrong unit": 1_674_669_600_000 * 1_000_000,
    "a tick before the first year": -62_135_596_800_000_001,
    "a tick after the last": 253_402_300_800_000_000,
}


@pytest.mark.parametrize("now", [None, NOW])
@pytest.mark.parametrize("zone", [None, "UTC"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", OUTSIDE)
def test_instants_outside_the_calendar_are_told(
    case: str, form: str, zone: str | None, now: str | None
) -> None:
    ticks = pl.Series([OUTSIDE[case], 0]).cast(pl.Datetime("us", zone))
    status = FORMS[form](pl.DataFrame({**STATUS, "timestamp_utc": ticks}))
    with pytest.raises(InvalidStatusError) as caught:
        compute_report(status, None, None, now)
    told = f"status.timestamp_utc: timestamp outside the years 1 to 9999 in 1 row (first: {OUTSIDE[case]})."
    assert str(caught.value).startswith(told)
    assert caught.value.code == "timestamp_outside_years"
    maintenance = pl.DataFrame({"store_id": [1, 1], "start_utc": [EPOCH] * 2, "end_utc": ticks})
    with pytest.raises(InvalidHoursError, match=r"maintenance.end_utc: .*outside the years"):
        compute_report(pl.DataFrame(STATUS), None, None, NOW, maintenance=FORMS[form](maintenance))


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_the_ends_of_every_unit_are_told_or_inside_the_calendar(unit: Any) -> None:
    for ticks in (2**63 - 1, -(2**63) + 1):
        status = {**STATUS, "timestamp_utc": pl.Series([ticks] * 2).cast(pl.Datetime(unit))}
        if unit == "ns":  # 1677 and 2262
            assert compute_report(pl.DataFrame(status), None, None, NOW).height == 2
            continue
        with pytest.raises(InvalidStatusError, match="outside the years 1 to 9999 in 2 rows"):
            compute_report(pl.DataFrame(status), None, None)


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("type_name", ["TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP", "TIMESTAMPTZ"])
def test_no_infinity_wraps_around(type_name: str, sign: str) -> None:
    """DuckDB keeps infinity as the last number; times 1,000 it would be an instant of 1970."""
    instant = f"'{sign}infinity'::{type_name} AS timestamp_utc"
    with duckdb.connect() as connection:
        polls = connection.sql(f"SELECT 1 AS store_id, {instant}, true AS status")
        with pytest.raises((SchemaError, InvalidStatusError)) as caught:
            compute_report(polls)
        assert caught.value.table == "status"
        # While the error is held, the connection may be used for something else.
        assert connection.sql("SELECT 7").fetchall() == [(7,)]


def test_infinity_of_a_database_is_told() -> None:
    query = "SELECT 1 AS store_id, 'infinity'::TIMESTAMPTZ AS timestamp_utc, true AS status"
    with (
        duckdb.connect() as connection,
        pytest.raises(InvalidStatusError, match="outside the years 1 to 9999"),
    ):
        compute_report(connection.sql(query), None, None)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Kolkata", "America/St_Johns"])
def test_what_polars_writes_as_csv_is_read_back(zone: str | None, unit: Any) -> None:
    instants = pl.Series([1_674_390_579_388_884_000, -1_000_000]).cast(pl.Datetime("ns"))
    typed = instants.dt.cast_time_unit(unit)
    if zone:
        typed = typed.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    written = pl.DataFrame({"t": typed}).write_csv()
    texts = pl.read_csv(io.StringIO(written), infer_schema=False)["t"].to_list()
    in_utc = typed.dt.cast_time_unit("ns").to_physical() // 1000
    assert read(*texts) == in_utc.to_list()
