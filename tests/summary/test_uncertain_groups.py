"""The error of groups of stores, worked by hand: scatters in squares, biases straight."""

from __future__ import annotations

import datetime as dt
import math
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import SchemaError, Window, summarize, tidy
from support.five_stores import REPORT as CERTAIN
from support.five_stores import day as certain_day

DAY = {"day": Window("1d", "minutes")}
ONE = ["store_id", "uptime_day", "downtime_day", "uptime_expected_day", "uptime_error_day"]
APPENDED = ["stores_without_error", "uptime_expected", "uptime_error", "availability_error"]
# Of an error e and a bias b = expected - uptime, the scatter is the root of e^2 - b^2.
STORES = pl.DataFrame(
    [
        # Scatter 12 of error 13 and bias -5; scatter 0 of error 4 and bias -4.
        (1, "same way", 100.0, 20.0, 95.0, 13.0),
        (2, "same way", 60.0, 0.0, 56.0, 4.0),
        # The same first store, and one that is as far off on the other side: bias +10.
        (3, "opposed", 100.0, 20.0, 95.0, 13.0),
        (4, "opposed", 50.0, 10.0, 60.0, 10.0),
        # Scatter 8 of error 10 and bias -6; scatter 24, no bias.
        (5, "scattered", 200.0, 40.0, 194.0, 10.0),
        (6, "scattered", 10.0, 10.0, 10.0, 24.0),
        # A single poll says nothing of rates; the second has none.
        (7, "some", 120.0, 0.0, None, None),
        (8, "some", 0.0, 0.0, None, None),
        (9, "some", 70.0, 30.0, 66.0, 5.0),
        (10, "none", 120.0, 0.0, None, None),
    ],
    schema={
        "store_id": pl.Int64,
        "region": pl.String,
        "uptime_day": pl.Float64,
        "downtime_day": pl.Float64,
        "uptime_expected_day": pl.Float64,
        "uptime_error_day": pl.Float64,
    },
    orient="row",
)


def day(report: Any = STORES, by: Any = "region", **options: Any) -> pl.DataFrame:
    return summarize(report, by, windows=DAY, **options)


def test_scatters_add_in_squares_and_biases_straight() -> None:
    summary = day()
    assert summary.select("region", *APPENDED).rows() == [
        ("none", 1, None, None, None),
        ("opposed", 0, 155.0, 13.0, 13 / 180),  # (-5 + 10)^2 + 12^2 + 0 = 25 + 144 = 13^2
        ("same way", 0, 151.0, 15.0, 15 / 180),  # (-5 - 4)^2 + 12^2 + 0 = 81 + 144 = 15^2
        ("scattered", 0, 204.0, 26.0, 26 / 260),  # (-6 + 0)^2 + 8^2 + 24^2 = 36 + 64 + 576 = 26^2
        ("some", 2, 66.0, 5.0, 5 / 100),  # of store 9 alone, which is known for 100 minutes
    ]
    assert summary.filter(region="some").select("stores", "uptime", "downtime").row(0) == (
        3,
        190.0,
        30.0,
    )


def test_all_stores_together() -> None:
    """Biases -5 - 4 - 5 + 10 - 6 + 0 - 4 = -14; squares 144 + 144 + 64 + 576 + 9 = 937 and 0s."""
    row = day(by=None).row(0, named=True)
    assert row["stores_without_error"] == 3
    assert row["uptime_expected"] == 576.0  # 95 + 56 + 95 + 60 + 194 + 10 + 66
    assert row["uptime_error"] == pytest.approx(math.sqrt(14**2 + 937), rel=1e-12)
    known = 120 + 60 + 120 + 60 + 240 + 20 + 100
    assert row["availability_error"] == pytest.approx(math.sqrt(1133) / known, rel=1e-12)


def test_a_group_of_one_store_has_the_error_of_the_store() -> None:
    stores = pl.concat(
        [STORES.select(ONE), many_stores(500).select(ONE).with_columns(pl.col("store_id") + 100)]
    )
    whole = stores.filter(
        pl.col("uptime_error_day") >= (pl.col("uptime_expected_day") - pl.col("uptime_day")).abs()
    )
    assert whole.height > 150
    alone, long = day(whole, "store_id"), tidy(whole.sort("store_id"), windows=DAY)
    columns = ["store_id", "uptime_expected", "uptime_error", "availability_error"]
    assert_frame_equal(alone.select(columns), long.select(columns), rel_tol=1e-14)


def test_the_columns_come_last_and_only_where_the_report_has_them() -> None:
    summary, without = day(), day(STORES.drop("uptime_expected_day", "uptime_error_day"))
    assert summary.columns == [*without.columns, *APPENDED]
    assert summary.select(APPENDED).dtypes == [pl.UInt32, pl.Float64, pl.Float64, pl.Float64]
    assert_frame_equal(summary.drop(APPENDED), without, check_exact=True)
    assert_frame_equal(certain_day(CERTAIN), certain_day(CERTAIN.lazy()))
    assert not {*APPENDED} & {*certain_day(CERTAIN).columns}
    assert day(STORES.clear()).schema == summary.schema
    assert day(STORES.clear(), None).select(APPENDED).row(0) == (0, None, None, None)


def test_a_window_without_an_error_has_nulls_beside_one_that_has() -> None:
    windows = {"day": DAY["day"], "week": Window("7d")}
    both = STORES.with_columns(uptime_week=pl.lit(20.0), downtime_week=pl.lit(0.5))
    found = summarize(both, windows=windows).select("window", *APPENDED).rows()
    assert found[0][:3] == ("day", 3, 576.0)
    assert found[1] == ("week", None, None, None, None)


def test_each_window_is_in_its_own_unit() -> None:
    """A bias of -3 hours and a scatter of 4; the group of four: (4 * 3)^2 + 4 * 4^2 = 208."""
    four = pl.DataFrame({"store_id": [1, 2, 3, 4]}).with_columns(
        uptime_week=20.0, downtime_week=30.0, uptime_expected_week=17.0, uptime_error_week=5.0
    )
    row = summarize(four, windows={"week": Window("7d", "hours")}).row(0, named=True)
    assert row["uptime_expected"] == 68.0
    assert row["uptime_error"] == pytest.approx(math.sqrt(208), rel=1e-12)
    assert row["availability_error"] == pytest.approx(math.sqrt(208) / 200, rel=1e-12)


def test_a_history_has_the_error_of_each_instant() -> None:
    instants = [dt.datetime(2024, 5, day, tzinfo=dt.UTC) for day in (13, 14)]
    later = STORES.with_columns(pl.col("uptime_error_day") * 2)
    two = pl.concat(
        rows.with_columns(now=pl.lit(now))
        for rows, now in zip((STORES, later), instants, strict=True)
    )
    same_way = day(two).filter(region="same way").select("now", "uptime_error").rows()
    # Errors 26 and 8, biases -5 and -4: 81 + (676 - 25) + (64 - 16) = 780.
    assert same_way == [(instants[0], 15.0), (instants[1], pytest.approx(math.sqrt(780)))]


def test_an_error_rounded_below_the_bias_leaves_no_scatter() -> None:
    """As in a file with few decimals: 3.9999 beside a bias of 4. Squares below zero are none."""
    rounded = STORES.filter(store_id=2).with_columns(uptime_error_day=pl.lit(3.9999))
    assert day(rounded)["uptime_error"].to_list() == [4.0]


def test_where_nothing_is_known_there_is_no_error() -> None:
    wrong = STORES.with_columns(
        pl.col("uptime_expected_day", "uptime_error_day").fill_null(0.0)
    ).filter(region="some")
    row = day(wrong).row(0, named=True)
    # Store 7 counts with a bias of -120 now, store 8 still does not.
    assert (row["stores_unknown"], row["stores_without_error"]) == (1, 1)
    assert row["uptime_error"] == pytest.approx(math.sqrt(124**2 + 3**2))


# --- the order of the rows, and large numbers ----------------------------------------------------


def many_stores(count: int) -> pl.DataFrame:
    """Return stores with times that look random: multiples of primes, in odd microseconds."""
    numbers = pl.int_range(count, eager=True)
    micros = {
        "uptime_day": numbers * 7_919 % 1_000_003 * 1_013,
        "downtime_day": numbers * 104_729 % 999_983 * 17 + 1,
        "uptime_expected_day": numbers * 15_485_863 % 1_000_033 * 1_009,
        "uptime_error_day": numbers * 32_452_843 % 999_979 * 2_003,
    }
    return pl.DataFrame(
        {"store_id": numbers, "region": (numbers % 3).cast(pl.String)}
    ).with_columns((values / 60e6).alias(name) for name, values in micros.items())


def test_the_order_of_the_rows_changes_no_bit() -> None:
    stores = many_stores(5_000)
    shuffled = stores.sample(fraction=1, shuffle=True, seed=1)
    for by in (None, "region"):
        assert_frame_equal(day(stores, by), day(shuffled, by), check_exact=True)
        assert_frame_equal(day(stores, by), day(stores.reverse(), by), check_exact=True)


def test_sums_are_those_of_whole_microseconds() -> None:
    stores = many_stores(5_000)
    squares = biases = 0
    times = ("uptime_day", "uptime_expected_day", "uptime_error_day")
    for row in stores.select(times).iter_rows():
        up, expected, error = (round(value * 60_000_000) for value in row)
        squares += max(error**2 - (expected - up) ** 2, 0)
        biases += expected - up
    exact = math.sqrt(Fraction(squares + biases**2)) / 60e6
    assert day(stores, None)["uptime_error"].item() == pytest.approx(exact, rel=1e-15)


def test_the_largest_errors_do_not_wrap_around() -> None:
    """2^61 microseconds, the most that is read, of 10,000 stores: 100 times as much together."""
    most = 2**61 / 60e6
    stores = pl.DataFrame({"store_id": range(10_000)}).with_columns(
        uptime_day=1.0, downtime_day=0.0, uptime_expected_day=1.0, uptime_error_day=most
    )
    ages = {"day": Window(dt.timedelta(days=700_000), "minutes")}
    found = summarize(stores, windows=ages)["uptime_error"].item()
    assert found == pytest.approx(100 * most, rel=1e-12)


# --- what is refused -----------------------------------------------------------------------------


def with_value(column: str, value: float | None) -> pl.DataFrame:
    first = pl.int_range(pl.len()) == 0
    return STORES.with_columns(
        pl.when(first).then(pl.lit(value, pl.Float64)).otherwise(column).alias(column)
    )


@pytest.mark.parametrize(
    ("report", "code", "said"),
    [
        (with_value("uptime_error_day", -1.0), "impossible_time", "report.uptime_error_day: negative, not finite or beyond 73,000 years in 1 row (first: -1.0)"),
        (with_value("uptime_error_day", math.nan), "impossible_time", "(first: nan)"),
        (with_value("uptime_expected_day", math.inf), "impossible_time", "report.uptime_expected_day: negative, not finite or beyond 73,000 years in 1 row (first: inf)"),
        (with_value("uptime_expected_day", 4e10), "impossible_time", "(first: 40000000000.0)"),
        (with_value("uptime_error_day", None), "impossible_time", "report.uptime_error_day: null without uptime_expected_day, or uptime_expected_day without it, in 1 row (first: None)"),
        (STORES.drop("uptime_error_day"), "missing_column", "report.uptime_error_day: no such column"),
        (STORES.drop("uptime_expected_day"), "missing_column", "report.uptime_expected_day: no such column"),
        (STORES.cast({"uptime_error_day": pl.Float32}), "unaccepted_type", "report.uptime_error_day: type Float32 is not accepted"),
    ],
)  # fmt: skip
def test_what_cannot_be_an_error(report: pl.DataFrame, code: str, said: str) -> None:
    with pytest.raises(SchemaError) as caught:
        day(report)
    assert caught.value.code == code
    assert said in str(caught.value)


@pytest.mark.parametrize("name", APPENDED)
def test_a_group_cannot_have_the_name_of_a_column(name: str) -> None:
    for report, by in (
        (STORES.rename({"region": name}), name),
        (STORES, STORES.select("store_id", pl.col("region").alias(name))),
    ):
        with pytest.raises(SchemaError) as caught:
            day(report, by)
        assert caught.value.code == "name_taken"


def test_the_uptime_of_a_window_called_error_x_is_no_error() -> None:
    windows = {"x": Window("1h", "minutes"), "error_x": Window("1h", "minutes")}
    plain = pl.DataFrame({"store_id": [1]}).with_columns(
        uptime_x=50.0, downtime_x=10.0, uptime_error_x=40.0, downtime_error_x=20.0
    )
    summary = summarize(plain, windows=windows)
    assert summary["uptime"].to_list() == [50.0, 40.0]
    assert not {*APPENDED} & {*summary.columns}
