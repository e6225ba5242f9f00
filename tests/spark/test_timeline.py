"""The report from a timeline on a real Spark, beside that of the core and beside plain arithmetic."""

from __future__ import annotations

import datetime as dt
import warnings
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store_uptime import (
    CalendarWindow,
    CoverageWarning,
    PolicyError,
    SchemaError,
    StoreUptimeError,
    Window,
    every,
    report_from_timeline,
    spark,
)
from support.comparing import bits
from support.spark_frames import one_to_spark, rows_of, skip_without_spark

skip_without_spark()

ZONES = ["Asia/Kolkata", "America/New_York", "Asia/Calcutta"]
FIRST = dt.datetime(2024, 3, 4, tzinfo=dt.UTC)
DAYS = 9  # with the night of March 10, in which American clocks go forward
COVERS = (FIRST, FIRST + dt.timedelta(days=DAYS))
WINDOWS = {
    "week": Window("7d"),
    "hour": Window("1h", "minutes"),
    "yesterday": CalendarWindow("day"),
    "a `b`, c": CalendarWindow("day", 0, "seconds"),
}


def made_timeline(stores: int = 12) -> pl.DataFrame:
    """Make four touching pieces a store and day, by odd microseconds."""
    pieces = pl.DataFrame({"store_id": range(stores)}).join(
        pl.DataFrame({"k": range(4 * DAYS)}), how="cross"
    )
    store, k = pl.col("store_id"), pl.col("k")

    def edge(number: pl.Expr) -> pl.Expr:
        odd = (number * 7919 + store * 104_729) % 3_600_000_000
        return pl.lit(FIRST) + pl.duration(microseconds=number * 21_600_000_000 + odd)

    return pieces.select(
        "store_id",
        start=edge(k),
        end=pl.min_horizontal(edge(k + 1), pl.lit(COVERS[1])),
        state=pl.lit(pl.Series(["up", "down", "unknown", "up"])).gather((k * 31 + store) % 4),
    )


TIMELINE = made_timeline()
# Store 2 has two names of one zone, store 10 no row, store 11 no zone, 40 and 41 no pieces.
TIMEZONES = pl.DataFrame(
    [
        *((store, ZONES[store % 3]) for store in range(10)),
        (2, "Asia/Kolkata"),
        (11, None),
        (40, "Pacific/Apia"),
        (41, None),
    ],
    ["store_id", "timezone_str"],
    orient="row",
)


@pytest.fixture
def timeline(session: Any) -> Any:
    return one_to_spark(session, TIMELINE)


@pytest.fixture
def timezones(session: Any) -> Any:
    return one_to_spark(session, TIMEZONES)


def in_order(report: Any) -> pl.DataFrame:
    found = pl.DataFrame(report.toArrow())
    return found.sort([name for name in ("now", "store_id") if name in found.columns])


# --- the same rows -------------------------------------------------------------------------------


@pytest.mark.parametrize("windows", [WINDOWS, {"week": Window("7d")}], ids=["any", "lengths"])
@pytest.mark.parametrize("kind", ["report", "history"])
def test_rows_are_those_of_the_core(
    session: Any, timeline: Any, timezones: Any, windows: Any, kind: str
) -> None:
    options: dict[str, Any] = {"windows": windows, "covers": COVERS, "detail": True}
    if kind == "history":
        options["at"] = every("7h", start="2024-03-11T19:00Z", end=COVERS[1])
    found = spark.report_from_timeline(timeline, timezones, **options)
    assert type(found) is type(session.range(1))
    expected = report_from_timeline(TIMELINE, TIMEZONES, **options)
    assert bits(in_order(found)) == bits(expected)
    assert expected.filter(pl.col("store_id") < 40)["scheduled_week"].min() == 168.0


@pytest.mark.parametrize("adaptive", ["true", "false"])
def test_one_store_may_have_nearly_all_pieces(sessions: dict[str, Any], adaptive: str) -> None:
    """Many partitions, nothing broadcast but the edges of the windows."""
    session = sessions["classic"]
    many = made_timeline(1).with_columns(store_id=pl.lit(7, pl.Int64))
    rows = pl.concat([many, TIMELINE.filter(pl.col("store_id") != 7)])
    settings_ = {
        "spark.sql.adaptive.enabled": adaptive,
        "spark.sql.autoBroadcastJoinThreshold": "-1",
    }
    before = {name: session.conf.get(name) for name in settings_}
    for name, value in settings_.items():
        session.conf.set(name, value)
    given_ = one_to_spark(session, rows).repartition(11)
    zones = one_to_spark(session, TIMEZONES).repartition(5)
    found = in_order(spark.report_from_timeline(given_, zones, windows=WINDOWS, covers=COVERS))
    for name, value in before.items():
        session.conf.set(name, value)
    expected = report_from_timeline(rows, TIMEZONES, windows=WINDOWS, covers=COVERS)
    assert bits(found) == bits(expected)


MINUTES = 240
STATES = ("up", "down", "unknown", None)


@st.composite
def drawn_minutes(draw: st.DrawFn) -> list[list[str | None]]:
    """Draw what each of some stores has in every minute, in stretches; ``None`` is closed."""
    stretch = st.tuples(st.sampled_from(STATES), st.integers(1, 90))
    stores = draw(st.lists(st.lists(stretch, min_size=1, max_size=8), min_size=1, max_size=4))
    told = [[state for state, length in store for _ in range(length)] for store in stores]
    return [(each + [None] * MINUTES)[:MINUTES] for each in told]


def pieces_of(minutes: list[str | None]) -> Iterator[tuple[int, int, str]]:
    """Yield a piece for each stretch of at most seven minutes, so that pieces touch."""
    start = 0
    for minute in range(1, MINUTES + 1):
        if minute == MINUTES or minutes[minute] != minutes[start] or minute - start == 7:
            if (state := minutes[start]) is not None:
                yield start, minute, state
            start = minute


@settings(
    max_examples=5, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(
    drawn_minutes(), st.integers(1, MINUTES), st.lists(st.integers(1, 300), min_size=2, max_size=2)
)
def test_a_window_holds_the_minutes_that_are_in_it(
    session: Any, stores: list[list[str | None]], end: int, lengths: list[int]
) -> None:
    """The oracle counts minutes one by one."""
    rows = [(i, *piece) for i, minutes in enumerate(stores) for piece in pieces_of(minutes)]
    schema = {"store_id": pl.Int64, "start": pl.Int64, "end": pl.Int64, "state": pl.String}
    local = pl.DataFrame(rows, schema, orient="row").with_columns(
        (pl.lit(FIRST) + pl.duration(minutes=pl.col(name))).alias(name) for name in ("start", "end")
    )
    windows = {f"w{i}": Window(dt.timedelta(minutes=n), "minutes") for i, n in enumerate(lengths)}
    now = FIRST + dt.timedelta(minutes=end)
    covers = (FIRST - dt.timedelta(days=1), FIRST + dt.timedelta(days=1))
    report = spark.report_from_timeline(
        one_to_spark(session, local), now=now, windows=windows, covers=covers, detail=True
    )
    found = {row["store_id"]: row for row in rows_of(report).iter_rows(named=True)}
    assert found.keys() == {row[0] for row in rows}
    for store, row in found.items():
        for name, length in zip(windows, lengths, strict=True):
            held: dict[str | None, int] = defaultdict(int)
            for minute in stores[store][max(end - length, 0) : end]:
                held[minute] += 1
            assert row[f"uptime_{name}"] == held["up"]
            assert row[f"downtime_{name}"] == held["down"]
            assert row[f"unknown_{name}"] == held["unknown"]
            assert row[f"scheduled_{name}"] == held["up"] + held["down"] + held["unknown"]


def test_a_time_is_the_double_nearest_to_the_quotient(sessions: dict[str, Any]) -> None:
    lengths = [1, 2**52 + 1, *(pow(3, k, 10**15 + 37) for k in range(1, 600))]
    end = dt.datetime(2124, 1, 1, tzinfo=dt.UTC)
    length = pl.Series(lengths) % (90 * 365 * 86_400 * 10**6) + 1
    local = pl.DataFrame({"store_id": range(len(lengths))}).with_columns(
        start=pl.lit(end) - pl.duration(microseconds=pl.lit(length)), end=end, state=pl.lit("up")
    )
    units = {"seconds": 10**6, "minutes": 60 * 10**6, "hours": 3600 * 10**6, "days": 86400 * 10**6}
    windows: dict[str, Any] = {unit: Window("100y", unit) for unit in units}  # type: ignore[arg-type]  # each is one
    covers = ("2000-01-01T00:00Z", end)
    report = spark.report_from_timeline(
        one_to_spark(sessions["classic"], local), windows=windows, covers=covers
    )
    found = rows_of(report)
    for unit, micros in units.items():
        expected = [float(Fraction(each, micros)) for each in length]
        assert found[f"uptime_{unit}"].to_list() == expected


# --- types ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
@pytest.mark.parametrize("kind", ["timestamp", "timestamp_ntz"])
def test_the_time_zone_of_the_session_changes_nothing(session: Any, zone: str, kind: str) -> None:
    """By hand, in the hour that clocks of New York skip, and before 1970.

    02:10 to 02:50 is 40 minutes, and to 03:20 another 30; of the last quarter of an hour of 1969
    a microsecond belongs to the next piece.
    """
    moments = ["2024-03-10 02:10:00", "2024-03-10 02:50:00", "2024-03-10 03:20:00"]
    moments += ["1969-12-31 23:45:00", "1969-12-31 23:59:59.999999", "1970-01-01 00:00:00"]
    a, b, c, d, e, f = (dt.datetime.fromisoformat(each) for each in moments)
    local = pl.DataFrame(
        {"store_id": 7, "start": [a, b, d, e], "end": [b, c, e, f], "state": ["up", "down"] * 2}
    )
    if kind == "timestamp":
        local = local.with_columns(pl.col("start", "end").dt.replace_time_zone("UTC"))
    given_ = one_to_spark(session, local)
    session.conf.set("spark.sql.session.timeZone", zone)
    at = ["1970-01-01T00:00:00Z", "2024-03-10T04:00:00Z"]
    found = spark.report_from_timeline(
        given_, at=at, windows={"w": Window("2h", "minutes")}, covers=("1969-01-01T00:00Z", at[1])
    )
    times = in_order(found).select("uptime_w", "downtime_w").rows()
    assert times == [((900 * 10**6 - 1) / 60e6, 1 / 60e6), (40.0, 30.0)]


@pytest.mark.parametrize(
    ("sql", "out"),
    [
        ("CAST(store_id AS tinyint)", "tinyint"),
        ("8419537941919820732 + store_id", "bigint"),
        ("concat('store ', store_id)", "string"),
        ("CAST(store_id AS decimal(18,0))", "bigint"),
        ("CAST(8419537941919820732 + store_id AS decimal(20,0))", "bigint"),
        ("CAST(98419537941919820732 + store_id AS decimal(20,0))", "decimal(38,0)"),
    ],
)  # fmt: skip
def test_ids_stay_apart_and_keep_their_type(sessions: dict[str, Any], sql: str, out: str) -> None:
    """In the order of the numbers 0 to 41, which the ids are made of."""
    given_ = [one_to_spark(sessions["classic"], frame) for frame in (TIMELINE, TIMEZONES)]
    renamed = [
        frame.selectExpr(f"{sql} AS store_id", *(f"`{name}`" for name in frame.columns[1:]))
        for frame in given_
    ]
    found = spark.report_from_timeline(*renamed, windows=WINDOWS, covers=COVERS)
    assert found.schema["store_id"].dataType.simpleString() == out
    expected = report_from_timeline(TIMELINE, TIMEZONES, windows=WINDOWS, covers=COVERS)
    got = pl.DataFrame(found.toArrow())
    number = pl.col("store_id").cast(pl.String).str.extract("([0-9]+)$").str.slice(-3)
    offset = 732 if "98419" in sql or "8419" in sql else 0
    got = got.with_columns(store_id=number.cast(pl.Int64) - offset).sort("store_id")
    assert bits(got) == bits(expected)


def test_columns_are_found_in_any_case(sessions: dict[str, Any]) -> None:
    timeline = one_to_spark(sessions["classic"], TIMELINE)
    loud = timeline.toDF(*map(str.upper, timeline.columns))
    found = spark.report_from_timeline(loud, covers=COVERS)
    expected = report_from_timeline(TIMELINE, covers=COVERS)
    assert bits(pl.DataFrame(found.toArrow()).sort("store_id")) == bits(expected)


def test_columns_are_found_to_the_letter_and_states_too(timeline: Any) -> None:
    odd = timeline.selectExpr(
        "'?' AS STATE", "1 AS twice", "2 AS twice", "map(1, 2) AS x", "`end`", "start",
        "store_id", "CAST(state AS STRING COLLATE UTF8_LCASE) AS state",
    )  # fmt: skip
    windows = {"week": Window("7d")}
    found = spark.report_from_timeline(odd, windows=windows, covers=COVERS)
    assert bits(in_order(found)) == bits(
        report_from_timeline(TIMELINE, windows=windows, covers=COVERS)
    )
    as_it_likes = "CAST(upper(state) AS STRING COLLATE UTF8_LCASE) AS state"
    loud = timeline.selectExpr("store_id", "start", "`end`", as_it_likes)
    with pytest.raises(SchemaError, match=r"timeline\.state: state other than .* in 432 rows"):
        spark.report_from_timeline(loud, windows=windows, covers=COVERS)


@pytest.mark.parametrize("at", [None, ["2024-03-12T00:00Z"]], ids=["report", "history"])
def test_without_pieces_there_are_zeros(session: Any, at: list[str] | None) -> None:
    empty = TIMELINE.clear()
    nothing = session.sql("SELECT NULL AS store_id, NULL AS start, NULL AS end, NULL AS state")
    zones = one_to_spark(session, TIMEZONES)
    now = None if at else "2024-03-12T00:00Z"
    with pytest.warns(CoverageWarning, match="the timeline is empty"):
        expected = report_from_timeline(empty, TIMEZONES, now, at=at, windows=WINDOWS, detail=True)
    for given_ in (one_to_spark(session, empty), nothing.where("false")):
        with pytest.warns(CoverageWarning, match="the timeline is empty"):
            found = spark.report_from_timeline(
                given_, zones, now, at=at, windows=WINDOWS, detail=True
            )
        assert bits(in_order(found)) == bits(expected)
        with pytest.raises(SchemaError, match="no pieces to take now from"):
            spark.report_from_timeline(given_, zones)
    no_stores = spark.report_from_timeline(
        one_to_spark(session, empty), zones.where("false"), windows=WINDOWS, covers=COVERS
    )
    assert no_stores.count() == 0
    assert no_stores.columns == report_from_timeline(TIMELINE, TIMEZONES, windows=WINDOWS).columns


# --- the span ------------------------------------------------------------------------------------


def test_windows_outside_of_the_pieces_are_warned_of(timeline: Any) -> None:
    windows = {"month": Window("30d"), "day": Window("1d")}
    with pytest.warns(CoverageWarning, match="windows 'month' begin before it") as caught:
        found = spark.report_from_timeline(timeline, windows=windows)
    told = caught[0].message
    assert isinstance(told, CoverageWarning)
    assert (caught[0].filename, told.outside) == (__file__, ("month",))
    assert told.covers == (TIMELINE["start"].min(), TIMELINE["end"].max())
    assert told.known == {"month": None, "day": None}
    assert (told.stores, told.stores_unknown, told.now) == (0, 0, COVERS[1])
    with pytest.warns(CoverageWarning, match="windows 'month' begin before it"):
        expected = report_from_timeline(TIMELINE, windows=windows)
    assert bits(in_order(found)) == bits(expected)


def test_a_period_lies_inside_in_the_zones_that_stores_have(session: Any, timeline: Any) -> None:
    """A day of Kolkata begins at 18:30 UTC; one of Chicago does not, but there is no store."""
    kolkata = TIMELINE.select("store_id", timezone_str=pl.lit("Asia/Kolkata")).unique()
    day = ("2024-03-05T18:30:00Z", "2024-03-06T18:30:00Z")
    inside = "start >= TIMESTAMP '2024-03-05 18:30:00Z' AND end <= TIMESTAMP '2024-03-06 18:30:00Z'"
    pieces, zones = timeline.where(inside), one_to_spark(session, kolkata)
    windows = {"day": CalendarWindow("day")}
    with warnings.catch_warnings():
        warnings.simplefilter("error", CoverageWarning)
        found = spark.report_from_timeline(pieces, zones, windows=windows, covers=day)
    assert found.count() == 12
    with pytest.raises(PolicyError, match="windows: begins before what the timeline covers"):
        spark.report_from_timeline(pieces, zones.where("store_id > 0"), windows=windows, covers=day)


# --- errors --------------------------------------------------------------------------------------

# A table of this cannot be read: an error that comes instead of Spark's has come before any job.
UNREADABLE = "CAST(raise_error('a job has run') AS {}) AS {}"
COLUMNS = {"store_id": "int", "start": "timestamp", "end": "timestamp_ntz", "state": "string"}


@pytest.mark.parametrize(
    ("changes", "options", "sentence"),
    [
        ({"state": None}, {}, "timeline.state: no such column. The columns are: store_id, start"),
        ({"start": None}, {}, "timeline.start: no such column. The columns are: store_id, end"),
        ({"start": None, "START": "date"}, {}, "timeline.start: type Date is not accepted"),
        ({"store_id": "double"}, {}, "timeline.store_id: ids are floats (Float64)"),
        ({"store_id": "string"}, {}, "timezones.store_id: ids are Int32 here but String in timeline"),
        ({"end": "bigint"}, {}, "timeline.end: type Int64 is not accepted"),
        ({"end": "string"}, {}, "timeline.end: type string is not accepted. Accepted: TIMESTAMP"),
        ({"state": "boolean"}, {}, "timeline.state: type Boolean is not accepted"),
        ({"state": "array<int>"}, {}, "timeline.state: type array<int> is not accepted"),
        ({}, {"windows": {}}, "windows: no windows"),
        ({}, {"detail": 1}, "detail: "),
        ({}, {"policy": 7}, "policy: is not a policy"),
        ({}, {"at": []}, "at: no instants"),
        ({}, {"now": COVERS[0], "at": COVERS}, "now: given beside at"),
        ({}, {"now": "2024-01-01T00:00"}, "now: has no time zone"),
        ({}, {"covers": COVERS[0]}, "covers: must be a pair of instants"),
        ({}, {"timezones": None, "windows": WINDOWS}, "timezones: is needed for calendar windows"),
    ],
)  # fmt: skip
def test_bad_schemas_and_options_are_told_before_any_job(
    session: Any, changes: dict[str, str | None], options: dict[str, Any], sentence: str
) -> None:
    types = COLUMNS | changes
    pieces = [UNREADABLE.format(kind, f"`{name}`") for name, kind in types.items() if kind]
    zones = [UNREADABLE.format("int", "store_id"), UNREADABLE.format("string", "timezone_str")]
    given_ = {"timezones": session.range(3).selectExpr(*zones)} | options
    with pytest.raises(StoreUptimeError) as caught:
        spark.report_from_timeline(session.range(3).selectExpr(*pieces), **given_)
    assert sentence in str(caught.value)


def test_what_is_no_spark_frame_or_has_a_column_twice(timeline: Any) -> None:
    eager: Any = TIMELINE
    with pytest.raises(SchemaError, match="timeline: a DataFrame is not a Spark DataFrame"):
        spark.report_from_timeline(eager)
    with pytest.raises(SchemaError, match=r"timeline\.state: columns of one name"):
        spark.report_from_timeline(timeline.selectExpr("*", "'up' AS state"))


START, END, ID = pl.col("start"), pl.col("end"), pl.col("store_id")
FAR = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
BAD_VALUES: dict[str, list[pl.Expr]] = {
    "null id": [ID.replace(5, None)],
    "null start": [pl.when(ID != 5).then(START).alias("start")],
    "null end": [pl.when(ID != 5).then(END).alias("end")],
    "nulls throughout": [pl.lit(None, pl.Datetime("us", "UTC")).alias("end")],
    "null state": [pl.when(ID != 5).then("state").alias("state")],
    "another word": [pl.col("state").replace("unknown", "UP")],
    "no length": [pl.when(ID == 5).then(START).otherwise(END).alias("end")],
    "beyond the years": [
        pl.when(ID == 5).then(END.cast(pl.Int64) * 200).otherwise(END.cast(pl.Int64))
        .cast(pl.Datetime("us", "UTC")).alias("end")
    ],
    "before the years": [
        pl.when(ID == 5).then(START.cast(pl.Int64) * -50).otherwise(START.cast(pl.Int64))
        .cast(pl.Datetime("us", "UTC")).alias("start")
    ],
    "overlapping": [pl.when(ID.is_in([2, 5])).then(END + pl.duration(minutes=1)).otherwise(END).alias("end")],
    "kept twice": [ID.replace(5, 4)],
    "outside of covers": [pl.when(ID == 5).then(END - pl.duration(days=9)).otherwise(END).alias("end"),
                          pl.when(ID == 5).then(START - pl.duration(days=9)).otherwise(START).alias("start")],
}  # fmt: skip
BAD_ZONES: dict[str, list[pl.Expr]] = {
    "null zone id": [ID.replace(5, None)],
    "unknown zone": [pl.lit("Mars/Olympus").alias("timezone_str")],
    "two zones": [ID.replace(5, 4)],
    "foreign id": [ID + 2**40],
}


def facts(error: StoreUptimeError) -> list[Any]:
    names = ("problem", "code", "table", "column", "count", "remedy")
    return [type(error), *(getattr(error, name) for name in names)]


@pytest.mark.parametrize("bad", [*BAD_VALUES, *BAD_ZONES])
def test_a_bad_value_is_told_at_the_call_as_by_the_core(sessions: dict[str, Any], bad: str) -> None:
    session = sessions["connect" if bad in ("overlapping", "two zones") else "classic"]
    local: dict[str, Any] = {"timeline": TIMELINE.with_columns(BAD_VALUES.get(bad, []))}
    local["timezones"] = TIMEZONES.with_columns(BAD_ZONES.get(bad, []))
    if bad == "foreign id":
        local["timeline"] = local["timeline"].with_columns(ID.cast(pl.Int32))
    options: dict[str, Any] = {"windows": {"hour": Window("1h")}, "covers": COVERS}
    with pytest.raises(StoreUptimeError) as expected:
        report_from_timeline(**local, **options)
    made = {name: one_to_spark(session, frame).repartition(3) for name, frame in local.items()}
    with pytest.raises(StoreUptimeError) as caught:
        spark.report_from_timeline(**made, **options)
    assert facts(caught.value) == facts(expected.value)
    assert 1 <= len(caught.value.values) <= 5
    if caught.value.code in ("overlapping_pieces", "piece_not_covered"):
        assert caught.value.values == expected.value.values
