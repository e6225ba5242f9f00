"""A lazy `status` gives what the same rows in memory give, and is read as seldom as can be."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import (
    CoverageWarning,
    InvalidStatusError,
    Policy,
    SchemaError,
    compute_history,
    compute_outages,
    compute_report,
)
from support.many_stores import NOW, tables
from support.plans import scans, seen_plans

FORMS = ["instants", "texts", "offsets", "odd words"]
BUDGET = "store_uptime._tables.scanned_polls.MOST_IN_MEMORY"
LONG_AGO = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)


def in_form(status: pl.DataFrame, form: str) -> pl.DataFrame:
    """Return the polls with timestamps as instants or as text, and statuses as words."""
    up, stamp = pl.col("status"), pl.col("timestamp_utc")
    words = ("Active ", "INACTIVE") if form == "odd words" else ("active", "inactive")
    word = pl.when(up).then(pl.lit(words[0])).otherwise(pl.lit(words[1]))
    status = status.with_columns(status=word)
    if form == "texts":
        return status.with_columns(stamp.dt.strftime("%Y-%m-%d %H:%M:%S%.6f UTC"))
    if form == "offsets":
        later = stamp + pl.duration(hours=2)
        return status.with_columns(later.dt.strftime("%Y-%m-%d %H:%M:%S%.6f+02:00"))
    return status


def with_old_polls(status: pl.DataFrame) -> pl.DataFrame:
    """Return the polls and older ones: of a store that has others, and of two that have none."""
    old = status.head(3).with_columns(
        store_id=pl.Series([100, 7, 8]),
        timestamp_utc=pl.lit(LONG_AGO).cast(status.schema["timestamp_utc"]),
    )
    return pl.concat([old, status])


@pytest.fixture(name="room", params=["fits into memory", "just fits", "does not fit"])
def _room(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the room for polls in memory large, or just large enough, or too small."""
    status, *_ = tables()
    if request.param != "fits into memory":
        # The polls of the span are fewer than all.
        inside = status.filter(pl.col("timestamp_utc") <= dt.datetime.fromisoformat(NOW)).height
        monkeypatch.setattr(BUDGET, inside if request.param == "just fits" else 100)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("now", [NOW, None])
@pytest.mark.usefixtures("room")
def test_scanned_polls_give_the_same_report(tmp_path: Path, form: str, now: str | None) -> None:
    status, hours, zones = tables()
    polls = in_form(with_old_polls(status), form)
    polls.write_parquet(tmp_path / "status.parquet", row_group_size=700)
    scanned = pl.scan_parquet(tmp_path / "status.parquet")
    for policy in (Policy(), Policy(lookback=None)):
        whole = compute_report(polls, hours, zones, now, detail=True, policy=policy)
        assert {7, 8} <= {*whole["store_id"]}
        for given in (scanned, polls.lazy()):
            found = compute_report(given, hours, zones, now, detail=True, policy=policy)
            assert_frame_equal(found, whole, check_exact=True)
    at = [NOW, "2023-03-10T00:00:00Z"]
    assert_frame_equal(
        compute_history(scanned, hours, zones, at=at),
        compute_history(polls, hours, zones, at=at),
        check_exact=True,
    )


@pytest.mark.parametrize("dtype", [pl.Int64, pl.String])
def test_where_the_span_fits_into_memory_it_is_read_once(
    tmp_path: Path, dtype: type[pl.DataType]
) -> None:
    status, hours, zones = (
        frame.with_columns(pl.col("store_id").cast(dtype)) for frame in tables()
    )
    now = dt.datetime.fromisoformat(NOW)
    span = pl.col("timestamp_utc").is_between(now - dt.timedelta(days=8), now)
    status.filter(span).write_parquet(tmp_path / "status.parquet")
    with seen_plans() as plans:
        compute_report(pl.scan_parquet(tmp_path / "status.parquet"), hours, zones, NOW)
    assert scans(plans) == 1


def test_each_timestamp_of_a_csv_file_is_parsed_once(tmp_path: Path) -> None:
    status, hours, zones = tables()
    in_form(with_old_polls(status), "texts").write_csv(tmp_path / "status.csv")
    for now in (NOW, None):
        with seen_plans() as plans:
            compute_report(pl.scan_csv(tmp_path / "status.csv"), hours, zones, now)
        assert scans(plans, "Csv") == 1


def test_what_does_not_fit_is_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BUDGET, 100)
    status, hours, zones = tables()
    with_old_polls(status).write_parquet(tmp_path / "status.parquet")
    with seen_plans() as plans:
        compute_report(pl.scan_parquet(tmp_path / "status.parquet"), hours, zones, NOW)
    count, survey, packing = (
        plan for plan in plans if "Parquet SCAN" in plan and "PROJECT 0/" not in plan
    )
    assert "PROJECT 1/3 COLUMNS" in count
    assert survey.count("Parquet SCAN") == 2  # the polls of the span, and the ids of the others
    assert packing.count("Parquet SCAN") == 1
    for plan in (count, survey, packing):
        assert plan.count("SELECTION: ") == plan.count("Parquet SCAN")


FAULTS = {
    "a null id": (pl.lit(None).alias("store_id"), "store_id.*in 1 row"),
    "a null timestamp": (
        pl.lit(None).alias("timestamp_utc"),
        "null or unreadable timestamp in 1 row",
    ),
    "a year that is none": (
        pl.lit(-(2**62)).cast(pl.Datetime("us", "UTC")).alias("timestamp_utc"),
        "outside the years",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", [LONG_AGO, dt.datetime(2023, 3, 14, 9, tzinfo=dt.UTC)])
@pytest.mark.usefixtures("room")
def test_ids_and_timestamps_are_checked_wherever_they_stand(fault: str, at: dt.datetime) -> None:
    status, hours, zones = tables()
    value, message = FAULTS[fault]
    stamp = pl.lit(at).cast(status.schema["timestamp_utc"]).alias("timestamp_utc")
    bad = status.head(1).with_columns(stamp).with_columns(value)
    polls = pl.concat([status, bad.cast(status.schema)])
    for now in (NOW, None):
        with pytest.raises(InvalidStatusError, match=message):
            compute_report(polls.lazy(), hours, zones, now)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.usefixtures("room")
def test_a_status_is_checked_where_it_matters(form: str) -> None:
    status, hours, zones = tables()
    polls = in_form(with_old_polls(status), form)
    whole = compute_report(polls, hours, zones, NOW)
    number = pl.int_range(pl.len())
    old, new = (
        polls.with_columns(
            status=pl.when(number == row).then(pl.lit("?")).otherwise(pl.col("status"))
        )
        for row in (0, 250)
    )
    assert_frame_equal(compute_report(old.lazy(), hours, zones, NOW), whole, check_exact=True)
    with pytest.raises(InvalidStatusError, match="status other than active or inactive in 1 row"):
        compute_report(new.lazy(), hours, zones, NOW)


@pytest.mark.usefixtures("room")
def test_the_warning_tells_of_all_polls() -> None:
    status, hours, zones = tables()
    polls = with_old_polls(status)
    now = "2023-06-01T00:00:00Z"
    facts = []
    for given in (polls, polls.lazy()):
        with pytest.warns(CoverageWarning) as caught:
            compute_outages(given, hours, zones, now)
        (warning,) = (each.message for each in caught)
        facts.append((str(warning), warning.first_poll, warning.last_poll))  # type: ignore[union-attr]
    assert facts[0] == facts[1]
    assert facts[0][1] == LONG_AGO


def test_no_polls_at_all() -> None:
    status, hours, zones = tables()
    for polls in (status.clear(), in_form(status, "texts").clear()):
        assert_frame_equal(
            compute_report(polls.lazy(), hours, zones, NOW),
            compute_report(polls, hours, zones, NOW),
            check_exact=True,
        )
        with pytest.raises(InvalidStatusError, match="no polls to take now from"):
            compute_report(polls.lazy(), hours, zones)


def test_a_scan_that_fails_is_told(tmp_path: Path) -> None:
    status, hours, zones = tables()
    path = tmp_path / "status.parquet"
    status.write_parquet(path, row_group_size=700)
    scanned = pl.scan_parquet(path)
    scanned.collect_schema()
    content = bytearray(path.read_bytes())
    content[200:4000] = bytes(3800)
    path.write_bytes(content)
    with pytest.raises(SchemaError, match="status: "):
        compute_report(scanned, hours, zones, NOW)
