"""Special hours and maintenance: hand-worked days, laws, and every error's sentence."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given

from store_uptime import (
    InvalidHoursError,
    Policy,
    SchemaError,
    StoreUptimeError,
    Window,
    compute_report,
)
from support.frames import frames, totals_of
from support.oracle import Store, day_hours, zone_of
from support.strategies import Scenario, examples, scenarios
from support.wall_clock import DAY, HOUR, at, wall_clock

LAW = examples(40)
WEEK = {"week": Window(dt.timedelta(days=7))}
MONDAY = "2023-12-25T00:00:00Z"
NINE_TO_FIVE = tuple((day, 9 * HOUR, 17 * HOUR) for day in range(7))
SHOP = Store(7, "Etc/UTC", NINE_TO_FIVE, ((at("2023-12-20T12:00"), True),))
BAR = Store(8, "Etc/UTC", tuple((day, 22 * HOUR, 2 * HOUR) for day in range(7)), SHOP.polls)
ALWAYS = Store(9, "Asia/Kathmandu", (), SHOP.polls)  # UTC+5:45
TABLES = frames([SHOP, BAR, ALWAYS])
TIMES = ("start_time_local", "end_time_local")


def special(*rows: tuple[Any, ...]) -> pl.DataFrame:
    """Rows of id, date, start, end; where the times are left out, the store is closed."""
    full = [(*row, None, None)[:4] for row in rows]
    columns = ("store_id", "date", *TIMES)
    return pl.DataFrame(full, schema=columns, orient="row").with_columns(
        pl.col("store_id").cast(pl.Int64), pl.col(TIMES).cast(pl.String)
    )


def maintenance(*rows: tuple[Any, str, str]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=("store_id", "start_utc", "end_utc"), orient="row")
    return frame.with_columns(pl.col("store_id").cast(pl.Int64))


def scheduled(now: str = MONDAY, **options: Any) -> list[float]:
    """Return the open hours of the week before `now`, store by store."""
    report = compute_report(*TABLES, now, windows=WEEK, detail=True, **options)
    return report["scheduled_week"].to_list()


# --- by hand: 7 x 8 h, 7 x 4 h (of which the last 2 h lie after Sunday midnight), 168 h -----------


def test_the_plain_week() -> None:
    """The bar: 2 h from Sunday before, 6 x 4 h, and 2 h before the week ends at midnight."""
    assert scheduled() == [56.0, 28.0, 168.0]


def test_a_store_closed_for_a_day() -> None:
    assert scheduled(special_hours=special((7, "2023-12-20"))) == [48.0, 28.0, 168.0]


def test_all_stores_closed_for_a_day() -> None:
    """The bar loses what starts on Wednesday; the tail of Tuesday's night still stands."""
    rows = special((None, "2023-12-20"))
    assert scheduled(special_hours=rows) == [48.0, 24.0, 144.0]


def test_the_tail_of_the_evening_before_still_stands() -> None:
    """At 03:00 on Wednesday, three hours back: open from 00:00 to 02:00, though it is special."""
    report = compute_report(
        *TABLES,
        "2023-12-20T03:00:00Z",
        windows={"night": Window(dt.timedelta(hours=3))},
        special_hours=special((8, "2023-12-20")),
        detail=True,
    )
    assert report["scheduled_night"].to_list() == [0.0, 2.0, 3.0]


def test_special_hours_replace_all_weekly_rows_of_the_date() -> None:
    """From 10 to 12 and from 14 to 15:30 instead of 9 to 5: 3.5 h instead of 8."""
    rows = special((7, "2023-12-20", "10:00", "12:00"), (7, "2023-12-20", "14:00", "15:30"))
    assert scheduled(special_hours=rows)[0] == 51.5


def test_special_hours_may_run_past_midnight() -> None:
    """New Year's Eve comes early: from 20:00 on Sunday to 03:00, of which 4 h lie in the week."""
    rows = special((7, "2023-12-24", "20:00", "03:00"))
    assert scheduled(special_hours=rows)[0] == 52.0
    later = scheduled("2023-12-25T06:00:00Z", special_hours=rows)[0]
    assert later == 48.0 + 7.0  # Tuesday to Saturday and Monday before, and the whole night


def test_a_special_opening_on_a_day_without_weekly_rows() -> None:
    """A store with rows for Monday only, open on one Saturday too."""
    store = Store(1, "Etc/UTC", ((0, 9 * HOUR, 17 * HOUR),), SHOP.polls)
    report = compute_report(
        *frames([store]),
        MONDAY,
        windows=WEEK,
        special_hours=special((1, "2023-12-23", "10:00", "11:00")),
        detail=True,
    )
    assert report["scheduled_week"].to_list() == [9.0]


def test_missing_days_that_are_open_may_be_special() -> None:
    store = Store(1, "Etc/UTC", ((0, 9 * HOUR, 17 * HOUR),), SHOP.polls)
    report = compute_report(
        *frames([store]),
        MONDAY,
        windows=WEEK,
        policy=Policy(missing_days="open"),
        special_hours=special((1, "2023-12-23", "10:00", "11:00")),
        detail=True,
    )
    assert report["scheduled_week"].to_list() == [8.0 + 5 * 24 + 1]


def test_rows_naming_a_store_beat_rows_for_every_store() -> None:
    rows = special((None, "2023-12-20"), (7, "2023-12-20", "12:00", "13:00"))
    assert scheduled(special_hours=rows) == [49.0, 24.0, 144.0]
    closed = special((7, "2023-12-20"), (None, "2023-12-20", "00:00", "24:00"))
    assert scheduled(special_hours=closed)[0] == 48.0


def test_a_date_is_local() -> None:
    """Nepal's Wednesday is Tuesday 18:15 to Wednesday 18:15 UTC: closed for one of three hours."""
    report = compute_report(
        *TABLES,
        "2023-12-19T19:15:00Z",
        windows={"w": Window(dt.timedelta(hours=3))},
        special_hours=special((9, "2023-12-20")),
        detail=True,
    )
    assert report["scheduled_w"].to_list()[2] == 2.0


def test_a_closed_row_beside_others_adds_nothing() -> None:
    rows = special((7, "2023-12-20"), (7, "2023-12-20", "10:00", "11:00"))
    assert scheduled(special_hours=rows)[0] == 49.0


def test_a_weekly_row_from_24_on_starts_on_the_next_date() -> None:
    """Tuesday's row from 24:00 to 02:00 is Wednesday's night: Wednesday's closing removes it."""
    store = Store(1, "Etc/UTC", ((1, DAY, 2 * HOUR),), SHOP.polls)
    for date, hours in (("2023-12-19", 2.0), ("2023-12-20", 0.0)):
        report = compute_report(
            *frames([store]),
            MONDAY,
            windows=WEEK,
            special_hours=special((1, date)),
            detail=True,
        )
        assert report["scheduled_week"].to_list() == [hours]


def test_late_ends_mean_midnight_on_special_days_too() -> None:
    rows = special((7, "2023-12-20", "00:00", "23:59"))
    assert scheduled(special_hours=rows)[0] == 48.0 + 24.0
    literal = scheduled(special_hours=rows, policy=Policy(snap_midnight=False))
    assert literal[0] == pytest.approx(48.0 + 24.0 - 1 / 60)


def test_evidence_is_what_was_polled_in_special_hours() -> None:
    """Closed on the day of its only poll: nothing is known. Open later that day: nor then."""
    for rows in (special((7, "2023-12-20")), special((7, "2023-12-20", "13:00", "17:00"))):
        report = compute_report(*TABLES, MONDAY, windows=WEEK, special_hours=rows, detail=True).row(
            0, named=True
        )
        assert report["polls_week"] == 0
        assert report["unknown_week"] == report["scheduled_week"] > 0


def test_maintenance_is_closed_time() -> None:
    """Overlapping, touching and outside of the hours: 09:00 to 11:30 is what it takes away."""
    rows = maintenance(
        (7, "2023-12-20 08:00:00 UTC", "2023-12-20 10:00:00 UTC"),
        (7, "2023-12-20 09:30:00 UTC", "2023-12-20 11:00:00 UTC"),
        (7, "2023-12-20 11:00:00 UTC", "2023-12-20 11:30:00 UTC"),
        (7, "2023-12-20 17:00:00 UTC", "2023-12-21 09:00:00 UTC"),
    )
    assert scheduled(maintenance=rows) == [53.5, 28.0, 168.0]


def test_maintenance_for_every_store() -> None:
    rows = maintenance((None, "2023-12-20 16:00:00 UTC", "2023-12-20 23:00:00 UTC"))
    assert scheduled(maintenance=rows) == [55.0, 27.0, 161.0]


def test_maintenance_may_begin_before_and_end_after_the_week() -> None:
    rows = maintenance(
        (7, "2023-12-01 00:00:00 UTC", "2023-12-19 09:00:00 UTC"),
        (8, "2023-12-24 23:00:00 UTC", "2024-01-19 09:00:00 UTC"),
        (9, "0001-01-01 00:00:00 UTC", "9999-12-31 23:59:59 UTC"),
    )
    assert scheduled(maintenance=rows) == [48.0, 27.0, 0.0]


def test_a_poll_in_maintenance_is_no_evidence() -> None:
    rows = maintenance((None, "2023-12-20 12:00:00 UTC", "2023-12-20 12:00:00.000001 UTC"))
    report = compute_report(*TABLES, MONDAY, windows=WEEK, maintenance=rows, detail=True)
    assert report["polls_week"].to_list() == [0, 0, 0]
    after = maintenance((None, "2023-12-20 12:00:00.000001 UTC", "2023-12-20 13:00:00 UTC"))
    report = compute_report(*TABLES, MONDAY, windows=WEEK, maintenance=after, detail=True)
    assert report["polls_week"].to_list() == [1, 0, 1]


def test_stores_that_no_other_table_names_are_not_in_the_report() -> None:
    report = compute_report(
        *TABLES,
        MONDAY,
        special_hours=special((1234, "2023-12-20")),
        maintenance=maintenance((1235, "2023-12-20 16:00:00 UTC", "2023-12-20 23:00:00 UTC")),
    )
    assert report["store_id"].to_list() == [7, 8, 9]


@pytest.mark.parametrize(
    "date",
    [
        pl.lit("2023-12-20"),
        pl.lit(dt.date(2023, 12, 20)),
        pl.lit(dt.datetime(2023, 12, 20)),  # noqa: DTZ001
        pl.lit(dt.datetime(2023, 12, 20)).cast(pl.Datetime("ns")),  # noqa: DTZ001
        pl.lit(dt.datetime(2023, 12, 20)).cast(pl.Datetime("ms")),  # noqa: DTZ001
    ],
)
def test_dates_of_every_kind(date: pl.Expr) -> None:
    rows = special((7, "2023-12-20")).with_columns(date=date)
    assert scheduled(special_hours=rows)[0] == 48.0
    assert scheduled(special_hours=rows.lazy())[0] == 48.0


@pytest.mark.parametrize("dtype", [pl.Null, pl.Int32, pl.UInt64])
def test_ids_of_every_kind(dtype: Any) -> None:
    rows = special((None if dtype == pl.Null else 7, "2023-12-20"))
    rows = rows.with_columns(pl.col("store_id").cast(dtype))
    work = maintenance((None, "2023-12-21 16:00:00 UTC", "2023-12-21 23:00:00 UTC"))
    work = work.with_columns(pl.col("store_id").cast(dtype))
    assert scheduled(special_hours=rows, maintenance=work)[0] == 47.0


def test_times_of_a_table_without_any() -> None:
    """Where all stores are closed on all dates, the columns of times may have no type."""
    rows = special((7, "2023-12-20")).with_columns(pl.lit(None).alias(name) for name in TIMES)
    assert scheduled(special_hours=rows)[0] == 48.0


def test_empty_tables_change_nothing() -> None:
    empty: Any = {"special_hours": special(), "maintenance": maintenance()}
    assert scheduled(**empty) == scheduled()
    untyped: Any = {
        "special_hours": pl.DataFrame({name: [] for name in ("store_id", "date", *TIMES)}),
        "maintenance": pl.DataFrame({name: [] for name in ("store_id", "start_utc", "end_utc")}),
    }
    assert scheduled(**untyped) == scheduled()


def test_groups_of_stores_change_nothing() -> None:
    options: Any = {
        "special_hours": special((None, "2023-12-20"), (8, "2023-12-21", "10:00", "11:00")),
        "maintenance": maintenance(
            (None, "2023-12-22 16:00:00 UTC", "2023-12-22 23:00:00 UTC"),
            (9, "2023-12-23 16:00:00 UTC", "2023-12-23 23:00:00 UTC"),
        ),
    }
    assert scheduled(batch_stores=1, **options) == scheduled(**options)


# --- laws ----------------------------------------------------------------------------------------


@LAW
@given(scenarios())
def test_maintenance_over_all_time_makes_everything_zero(scenario: Scenario) -> None:
    whole = ((at("1900-01-01T00:00"), at("2200-01-01T00:00")),)
    report = replace(scenario, maintenance=whole).report()
    for windows in totals_of(report, scenario.lengths).values():
        for each in windows:
            assert (each.scheduled, each.uptime, each.downtime, each.unknown) == (0, 0, 0, 0)


@LAW
@given(scenarios())
def test_a_special_day_equal_to_the_weekly_rule_changes_nothing(scenario: Scenario) -> None:
    """Write out for every date what the week says anyway, store by store."""
    scenario = scenario.plain

    def spelled_out(store: Store) -> Store:
        today, _ = wall_clock(zone_of(store, scenario.rules), scenario.now)
        dates = range(today - 12, today + 2)
        # A late end would be moved once more, and an end past midnight is written as it reads.
        hours = {day: day_hours(store, scenario.rules, day) for day in dates}
        written = {
            day: tuple((start, end if end <= DAY else end - DAY) for start, end in rows)
            for day, rows in hours.items()
        }
        return replace(store, special=written)

    rules = replace(scenario.rules, snap_midnight=False)
    scenario = replace(scenario, rules=rules)
    stores = tuple(spelled_out(store) for store in scenario.stores)
    special_ones = replace(scenario, stores=stores)
    assert special_ones.report().equals(scenario.report())


@LAW
@given(scenarios())
def test_maintenance_never_adds_time(scenario: Scenario) -> None:
    busy = totals_of(scenario.report(), scenario.lengths)
    quiet = scenario.without_maintenance.report()
    for store_id, windows in totals_of(quiet, scenario.lengths).items():
        for without, with_work in zip(windows, busy[store_id], strict=True):
            assert with_work.scheduled <= without.scheduled


# --- errors --------------------------------------------------------------------------------------

DATE, NOON, ONE = "2023-12-20", "12:00", "2023-12-20 13:00:00 UTC"
TIMESTAMPS_REMEDY = "Write instants in UTC"


@pytest.mark.parametrize(
    ("rows", "change", "error", "message"),
    [
        ((7, None), {}, InvalidHoursError, "special_hours.date: null or unreadable date in 1 row"),
        ((7, "20.12.2023"), {}, InvalidHoursError, r"first: '20.12.2023'\). Write local dates like '2023-12-25'."),
        ((7, "2023-02-29"), {}, InvalidHoursError, "null or unreadable date"),
        ((7, "2023-12-20 "), {}, InvalidHoursError, "null or unreadable date"),
        ((7, DATE, NOON), {}, InvalidHoursError, "special_hours.end_time_local: null time beside one in start_time_local"),
        ((7, DATE, None, NOON), {}, InvalidHoursError, "special_hours.start_time_local: null time beside one in end_time_local"),
        ((7, DATE, "noon", NOON), {}, InvalidHoursError, "special_hours.start_time_local: unreadable time in 1 row .*first: 'noon'"),
        ((7, DATE, NOON, "25:00"), {}, InvalidHoursError, "special_hours.end_time_local: unreadable time"),
        ((7, DATE), {"store_id": None}, SchemaError, "special_hours.store_id: no such column"),
        ((7, DATE), {"date": None}, SchemaError, "special_hours.date: no such column"),
        ((7, DATE), {"end_time_local": None}, SchemaError, "special_hours.end_time_local: no such column"),
        ((7, DATE), {"date": pl.lit(3)}, SchemaError, "special_hours.date: type Int32 is not accepted"),
        ((7, DATE), {"date": pl.lit(dt.datetime(2023, 1, 1, 3))}, InvalidHoursError, "null or unreadable date"),  # noqa: DTZ001
        ((7, DATE), {"date": pl.lit(dt.datetime(2023, 1, 1, tzinfo=dt.UTC))}, SchemaError, "not accepted. Accepted: Date, naive Datetime at midnight"),
        ((7, DATE), {"date": pl.lit(10**7, pl.Int32).cast(pl.Date)}, InvalidHoursError, "null or unreadable date"),
        ((7, DATE), {"start_time_local": pl.lit(3)}, SchemaError, "type Int32 is not accepted"),
        ((7, DATE), {"store_id": pl.lit(7.0)}, SchemaError, "special_hours.store_id: ids are floats"),
        ((7, DATE), {"store_id": pl.lit("7")}, SchemaError, "ids are String here but Int64 in status"),
        ((7, DATE), {"store_id": pl.lit(2**64 - 1, pl.UInt64)}, SchemaError, "id outside Int64"),
    ],
)  # fmt: skip
def test_bad_special_hours(
    rows: tuple[Any, ...],
    change: dict[str, pl.Expr | None],
    error: type[StoreUptimeError],
    message: str,
) -> None:
    frame = special((8, "2023-12-21"), rows)
    frame = frame.with_columns(**{name: each for name, each in change.items() if each is not None})
    frame = frame.drop(name for name, each in change.items() if each is None)
    with pytest.raises(error, match=message) as caught:
        scheduled(special_hours=frame)
    assert caught.value.table == "special_hours"


@pytest.mark.parametrize(
    ("row", "change", "error", "message"),
    [
        ((7, None, None), {}, InvalidHoursError, "maintenance.start_utc: null beside a null in end_utc in 1 row"),
        ((7, "once", ONE), {}, InvalidHoursError, "maintenance.start_utc: unreadable timestamp in 1 row"),
        ((7, ONE, "later"), {}, InvalidHoursError, f"first: 'later'.*{TIMESTAMPS_REMEDY}"),
        ((7, ONE, ONE), {}, InvalidHoursError, "maintenance.end_utc: end not after its start in 1 row"),
        ((7, ONE, "2023-12-20 12:00:00 UTC"), {}, InvalidHoursError, "end it after its start"),
        ((7, ONE, ONE), {"store_id": None}, SchemaError, "maintenance.store_id: no such column"),
        ((7, ONE, ONE), {"end_utc": None}, SchemaError, "maintenance.end_utc: no such column"),
        ((7, ONE, ONE), {"end_utc": pl.lit(3)}, SchemaError, "type Int32 is not accepted"),
        ((7, ONE, ONE), {"store_id": pl.lit("x")}, SchemaError, "ids are String here but Int64 in status"),
    ],
)  # fmt: skip
def test_bad_maintenance(
    row: tuple[Any, Any, Any],
    change: dict[str, pl.Expr | None],
    error: type[StoreUptimeError],
    message: str,
) -> None:
    frame = maintenance((8, "2023-12-20 12:00:00 UTC", ONE), row)
    frame = frame.with_columns(**{name: each for name, each in change.items() if each is not None})
    frame = frame.drop(name for name, each in change.items() if each is None)
    with pytest.raises(error, match=message) as caught:
        scheduled(maintenance=frame)
    assert caught.value.table == "maintenance"
