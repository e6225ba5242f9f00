"""What a call says of its own numbers: too little known, tables of different stores."""

from __future__ import annotations

import datetime as dt
import pickle
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import polars as pl
import pytest

from store_uptime import (
    CoverageWarning,
    Policy,
    Window,
    compute_history,
    compute_outages,
    compute_report,
    compute_timeline,
)
from store_uptime._engine.coverage import Coverage
from store_uptime.testing import weekly

NOON = dt.datetime(2024, 5, 15, 12, tzinfo=dt.UTC)  # a Wednesday
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
ZONES = pl.DataFrame({"store_id": [1, 2], "timezone_str": ["Etc/UTC", "Etc/UTC"]})
HOURS = weekly("1 Mon-Sun 00:00-24:00\n2 Mon-Sun 00:00-24:00")
WINDOWS = {"hour": Window("1h"), "week": Window("7d")}
WEEK_ONLY = {"week": Window("7d")}


def polls(*hours_before: float, store_id: Any = 1) -> pl.DataFrame:
    """Return polls of one store so many hours before noon, all of them up."""
    return pl.DataFrame(
        {
            "store_id": [store_id] * len(hours_before),
            "timestamp_utc": [NOON - HOUR * hours for hours in hours_before],
            "status": [True] * len(hours_before),
        },
        schema_overrides={"timestamp_utc": pl.Datetime("us", "UTC")},
    )


def warned(call: Callable[[], object]) -> CoverageWarning | None:
    """Return the warning that a call gives, if any; never more than one."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    found = [each.message for each in caught]
    assert len(found) <= 1
    if found:
        assert isinstance(found[0], CoverageWarning)
        assert caught[0].filename == __file__
        return found[0]
    return None


def test_little_is_known_of_a_week_with_one_poll() -> None:
    """The poll at 11:00 speaks for 25 hours of store 1: 24 before it, 1 after it.

    Of 2 x 168 hours that is 25 / 336, 7.44 %; of the last hour 1 of 2 hours, which is half.
    """
    warning = warned(lambda: compute_report(polls(1), HOURS, ZONES, NOON, windows=WINDOWS))
    assert warning is not None
    assert warning.known == {"hour": 0.5, "week": 25 / 336}
    assert (warning.window, warning.stores, warning.stores_unknown) == ("week", 2, 1)
    assert warning.first_poll == warning.last_poll == NOON - HOUR
    assert (warning.now, warning.unmet) == (NOON, ())
    assert str(warning) == (
        "Only 7.4 % of the open time of week is known: 1 of 2 stores has nothing known; the "
        "polls run from 2024-05-15T11:00Z to 2024-05-15T11:00Z, and now is 2024-05-15T12:00Z. "
        "Look at now, max_gap and lookback."
    )


def test_downtime_is_known_as_well_as_uptime() -> None:
    """Two days ago, store 1 was up and store 2 was down: each speaks for two days of seven."""
    status = pl.concat([polls(48), polls(48, store_id=2).with_columns(status=False)])
    warning = warned(lambda: compute_report(status, HOURS, ZONES, NOON, windows=WEEK_ONLY))
    assert warning is not None
    assert warning.known == {"week": 4 / 14}
    assert warning.stores_unknown == 0


def test_a_store_of_which_a_microsecond_is_known_is_not_unknown() -> None:
    # A poll at the end of the window, which speaks for the microsecond before it.
    policy = Policy(max_gap="1us")
    warning = warned(
        lambda: compute_report(polls(0), HOURS, ZONES, NOON, windows=WEEK_ONLY, policy=policy)
    )
    assert warning is not None
    assert (warning.stores, warning.stores_unknown) == (2, 1)


def test_a_history_of_centuries_knows_downtime_and_parts_of_an_hour() -> None:
    """Store 1 was down for the last half hour, as far as is known; store 2 was never polled.

    The instants are so far apart that each is a pass of its own.
    """
    policy = Policy(max_gap="30m")
    later = NOON + 365 * 300 * DAY
    warning = warned(
        lambda: compute_history(
            polls(0).with_columns(status=False),
            HOURS,
            ZONES,
            [NOON, later],
            windows=WEEK_ONLY,
            policy=policy,
        )
    )
    assert warning is not None
    assert warning.stores == 2
    assert warning.stores_unknown == 1


def test_one_poll_is_enough_to_see_that_no_table_meets() -> None:
    warning = warned(lambda: compute_report(polls(1, store_id=9), HOURS, ZONES, NOON))
    assert warning is not None
    assert list(warning.unmet) == ["hours", "timezones"]


def test_the_time_of_all_stores_is_added_up_beyond_int64() -> None:
    coverage = Coverage(["week"])
    coverage.add("week", pl.Series([2**62] * 4), pl.Series([2**62] * 2), 4)
    assert (coverage.scheduled, coverage.known) == ({"week": 2**64}, {"week": 2**63})


def test_half_is_enough() -> None:
    one = Policy(max_gap="30m", lookback="1h")
    hour = {"hour": Window("1h")}

    def known(poll: float) -> CoverageWarning | None:
        """Return the warning about store 1 alone, known for half an hour or a second less."""
        tables = polls(poll), HOURS.filter(store_id=1), ZONES.filter(store_id=1)
        return warned(lambda: compute_report(*tables, NOON, windows=hour, policy=one))

    assert known(1) is None  # 11:00 speaks until 11:30
    less = known(1 + 1 / 3600)
    assert less is not None
    assert less.known == {"hour": (1800 - 1) / 3600}


def test_a_poll_of_another_century_and_a_now_years_later_are_told() -> None:
    typo = polls(1, 2, -9 * 365 * 24)  # the last one in 2033
    warning = warned(lambda: compute_report(typo, HOURS, ZONES))
    assert warning is not None
    assert warning.now == warning.last_poll == NOON + 9 * 365 * DAY
    late = warned(lambda: compute_report(polls(1, 2), HOURS, ZONES, NOON + 900 * DAY))
    assert late is not None
    assert (late.stores_unknown, late.known["last_week"]) == (2, 0.0)
    assert "Only 0.0 % of the open time of last_hour is known" in str(late)


def test_without_polls_it_says_so() -> None:
    warning = warned(lambda: compute_report(polls(), HOURS, ZONES, NOON))
    assert warning is not None
    assert (warning.first_poll, warning.last_poll, warning.unmet) == (None, None, ())
    assert "2 of 2 stores have nothing known; there are no polls, and now is" in str(warning)


def test_a_window_without_open_time_does_not_count() -> None:
    closed = HOURS.filter(pl.col("day_of_week") == 0)  # Mondays only
    day = {"day": Window("1d")}
    assert warned(lambda: compute_report(polls(1), closed, ZONES, NOON, windows=day)) is None
    week = warned(lambda: compute_report(polls(1), closed, ZONES, NOON, windows=WINDOWS))
    assert week is not None
    assert (week.known, week.window) == ({"hour": None, "week": 0.0}, "week")


def test_a_history_counts_all_instants_together() -> None:
    """At 11:00 the hour before is known, at 12:00 of the day after nothing: one hour of two."""
    at = [NOON - HOUR, NOON + DAY]
    hour, reach = {"hour": Window("1h")}, Policy(max_gap="1h")
    tables = polls(1, 2), HOURS.filter(store_id=1), ZONES.filter(store_id=1)
    assert warned(lambda: compute_history(*tables, at, windows=hour, policy=reach)) is None
    third = [*at, NOON + 2 * DAY]
    warning = warned(lambda: compute_history(*tables, third, windows=hour, policy=reach))
    assert warning is not None
    assert warning.known == {"hour": 1 / 3}
    assert (warning.stores, warning.stores_unknown, warning.now) == (1, 0, NOON + 2 * DAY)


@pytest.mark.parametrize("compute", [compute_timeline, compute_outages])
def test_timeline_and_outages_count_the_open_time_from_start_to_now(
    compute: Callable[..., pl.DataFrame],
) -> None:
    """The poll at 11:00 speaks for 25 of 2 x 168 hours."""
    warning = warned(lambda: compute(polls(1), HOURS, ZONES, NOON))
    assert warning is not None
    assert warning.known == {"timeline": 25 / 336}
    assert (warning.stores, warning.stores_unknown) == (2, 1)
    own = polls(1), HOURS.filter(store_id=1), ZONES.filter(store_id=1)
    assert warned(lambda: compute(*own, NOON, start=NOON - DAY)) is None


@pytest.mark.parametrize("compute", [compute_report, compute_timeline, compute_outages])
def test_once_whatever_the_batches(compute: Callable[..., pl.DataFrame]) -> None:
    whole = warned(lambda: compute(polls(1), HOURS, ZONES, NOON))
    parts = warned(lambda: compute(polls(1), HOURS, ZONES, NOON, batch_stores=1))
    assert whole is not None
    assert parts is not None
    assert vars(whole) == vars(parts)


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("batch_stores", [None, 1])
@pytest.mark.parametrize(
    ("tables", "unmet"),
    [
        ("hours", ("hours",)),
        ("timezones", ("timezones",)),
        ("both", ("hours", "timezones")),
        ("neither", ()),
    ],
)
def test_tables_of_other_stores_are_told(
    tables: str, unmet: tuple[str, ...], batch_stores: int | None, *, lazy: bool
) -> None:
    others = pl.col("store_id") + 100
    hours = HOURS.with_columns(others) if tables in ("hours", "both") else HOURS
    zones = ZONES.with_columns(others) if tables in ("timezones", "both") else ZONES
    status = polls(*range(0, 180, 12))
    given = status.lazy() if lazy else status
    near = {"hour": Window("1h")}
    warning = warned(
        lambda: compute_report(given, hours, zones, NOON, windows=near, batch_stores=batch_stores)
    )
    found = () if warning is None else warning.unmet
    assert found == unmet
    for table in unmet:
        assert f"No polled store is in {table}" in str(warning)


def test_one_store_that_meets_is_enough_among_thousands() -> None:
    """Only the last of 5,000 polled stores has hours, so a look at some of the polls misses it."""
    stores = pl.DataFrame({"store_id": range(5_000)})
    status = stores.with_columns(timestamp_utc=pl.lit(NOON), status=True)
    hours = HOURS.filter(store_id=1).with_columns(store_id=pl.lit(4_999, pl.Int64))
    zones = stores.with_columns(timezone_str=pl.lit("Etc/UTC"))
    hour = {"hour": Window("1h")}
    assert warned(lambda: compute_report(status, hours, zones, NOON, windows=hour)) is None
    elsewhere = hours.with_columns(store_id=pl.lit(5_000, pl.Int64))
    warning = warned(lambda: compute_report(status, elsewhere, zones, NOON, windows=hour))
    assert warning is not None
    assert warning.unmet == ("hours",)
    both = pl.concat([hours, elsewhere])
    assert warned(lambda: compute_report(status, both, zones, NOON, windows=hour)) is None


def test_a_table_without_rows_or_zones_is_none_to_meet() -> None:
    near = {"hour": Window("1h")}
    status = polls(1)
    no_zones = ZONES.with_columns(timezone_str=pl.lit(None, pl.String), store_id=pl.lit(9))
    for hours, zones in ((HOURS.clear(), ZONES.clear()), (None, None), (None, no_zones.head(1))):
        warning = warned(partial(compute_report, status, hours, zones, NOON, windows=near))
        assert warning is None or not warning.unmet


def test_the_facts_travel_and_may_be_told_in_other_words() -> None:
    warning = warned(lambda: compute_report(polls(1), HOURS, ZONES, NOON))
    assert warning is not None
    warning.add_note("seen")
    again = pickle.loads(pickle.dumps(warning))  # noqa: S301  # our own
    assert (vars(again), str(again)) == (vars(warning), str(warning))
    typed = warning.text(now="--now", max_gap="--max-gap", lookback="--lookback")
    assert typed.endswith("Look at --now, --max-gap and --lookback.")


def test_a_trace_is_not_called_nothing() -> None:
    """An hour of 100 years: 1 / 876,000."""
    century = {"century": Window(36_500 * DAY)}
    policy = Policy(max_gap="30m")
    tables = polls(1), HOURS.filter(store_id=1), ZONES.filter(store_id=1)
    warning = warned(lambda: compute_report(*tables, NOON, windows=century, policy=policy))
    assert str(warning).startswith("Only less than 0.1 % of the open time is known")
