"""What polls are worth, worked by hand; and arguments that make no sense."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from store_uptime import (
    Inputs,
    NaiveDatetimeError,
    Policy,
    PolicyError,
    StoreUptimeError,
    describe_polls,
)
from store_uptime.testing import weekly
from support.frames import frames
from support.oracle import Store
from support.wall_clock import DAY, HOUR, MINUTE, at, instant


def of_store(frame: pl.DataFrame, *columns: str) -> tuple[Any, ...]:
    """Return what is said of the only store, instants and lengths in microseconds."""
    plain = frame.with_columns(pl.col(pl.Datetime, pl.Duration).to_physical())
    (row,) = plain.select(columns).rows()
    return row


# --- by hand -------------------------------------------------------------------------------------

START, NOW = "2023-01-23T00:00:00Z", "2023-01-24T20:00:00Z"
SHOP = Store(
    7,
    "America/New_York",  # UTC-5 in January
    tuple((day, 9 * HOUR, 17 * HOUR) for day in range(5)),  # 14:00 to 22:00 UTC
    (
        (at("2023-01-23T15:00"), True),
        (at("2023-01-23T15:00"), True),  # said twice
        (at("2023-01-23T16:00"), True),
        (at("2023-01-23T16:00"), False),  # gainsaid: inactive wins
        (at("2023-01-23T21:30"), True),
        (at("2023-01-23T23:00"), False),  # closed
        (at("2023-01-24T14:30"), False),
        (at("2023-01-24T17:00"), True),
    ),
)
# Open time between them: 1 h, 5.5 h, 0.5 h on Monday and 0.5 h on Tuesday, 2.5 h; then 3 h to now.


def described(store: Store = SHOP, **options: Any) -> pl.DataFrame:
    now, start = options.pop("now", NOW), options.pop("start", START)
    return describe_polls(*frames([store]), now, start=start, **options)


def test_all_columns_by_hand() -> None:
    found = described()
    assert found.schema == {
        "store_id": pl.Int64(),
        "polls": pl.UInt32(),
        "repeated": pl.UInt32(),
        "conflicting": pl.UInt32(),
        "outside_hours": pl.UInt32(),
        "first_poll": pl.Datetime("us", "UTC"),
        "last_poll": pl.Datetime("us", "UTC"),
        "evidence": pl.UInt32(),
        "inactive_share": pl.Float64(),
        "median_gap": pl.Duration("us"),
        "longest_gap": pl.Duration("us"),
        "gap_ratio": pl.Float64(),
        "gaps_after_inactive": pl.UInt32(),
        "has_hours": pl.Boolean(),
        "has_timezone": pl.Boolean(),
    }
    assert dict(zip(found.columns[1:], of_store(found, *found.columns[1:]), strict=True)) == {
        "polls": 8,
        "repeated": 1,
        "conflicting": 1,
        "outside_hours": 1,
        "first_poll": at("2023-01-23T15:00"),
        "last_poll": at("2023-01-24T17:00"),
        "evidence": 5,
        "inactive_share": 0.4,
        "median_gap": 105 * MINUTE,  # of 1, 1, 2.5 and 5.5 h: (1 + 2.5) / 2
        "longest_gap": 330 * MINUTE,
        "gap_ratio": 4.0,  # 5.5 h and 2.5 h after inactive ones, 1 h and 1 h after active ones
        "gaps_after_inactive": 2,
        "has_hours": True,
        "has_timezone": True,
    }


def test_the_longest_gap_may_be_the_one_that_lasts() -> None:
    """From 17:00 to 22:00 on Tuesday, and from 14:00 to 15:00 on Wednesday: 6 h."""
    found = described(now="2023-01-25T15:00:00Z")
    assert of_store(found, "longest_gap", "median_gap") == (6 * HOUR, 105 * MINUTE)


def test_polls_at_start_and_at_now_count_and_others_do_not() -> None:
    found = described(start="2023-01-23T16:00:00Z", now="2023-01-24T14:30:00Z")
    # 2 polls at 16:00, at 21:30, 23:00, and 14:30.
    assert of_store(found, "polls", "evidence", "repeated") == (5, 3, 0)
    found = described(start="2023-01-23T16:00:00.000001Z", now="2023-01-24T14:29:59.999999Z")
    assert of_store(found, "polls", "evidence", "median_gap") == (2, 1, None)
    # From 21:30 to 22:00, and the half hour of Tuesday but for its last microsecond.
    assert of_store(found, "longest_gap") == (HOUR - 1,)


def test_a_week_before_now_is_the_default_start_and_now_the_latest_poll() -> None:
    found = describe_polls(*frames([SHOP]))
    assert of_store(found, "polls", "longest_gap") == (8, 330 * MINUTE)
    later = at("2023-01-31T16:00")  # seven days after Tuesday 16:00
    found = describe_polls(*frames([SHOP]), instant(later))
    assert of_store(found, "polls", "last_poll") == (1, at("2023-01-24T17:00"))


def test_special_days_and_maintenance_are_followed() -> None:
    """Tuesday opens at 10:00 on the wall (15:00 UTC), and on Monday nothing counts from 17 to 18."""
    special = pl.DataFrame(
        {
            "store_id": [7],
            "date": ["2023-01-24"],
            "start_time_local": ["10:00"],
            "end_time_local": ["17:00"],
        }
    )
    work = pl.DataFrame(
        {
            "store_id": [None],
            "start_utc": ["2023-01-23 17:00:00 UTC"],
            "end_utc": ["2023-01-23 18:00:00 UTC"],
        },
        schema_overrides={"store_id": pl.Int64},
    )
    found = described(special_hours=special, maintenance=work)
    # 15:00 up, 16:00 down, 21:30 up, 17:00 up: gaps of 1 h, 4.5 h, and 0.5 h + 2 h.
    assert of_store(found, "evidence", "outside_hours", "median_gap") == (4, 2, 150 * MINUTE)
    assert of_store(found, "gap_ratio", "gaps_after_inactive") == (4.5 / 1.75, 1)


def test_maintenance_of_every_week_is_followed() -> None:
    """On the wall, Monday from 10:30 to 12:30 is closed: 15:30 to 17:30 UTC, with both at 16:00."""
    found = described(maintenance_hours=weekly("7 Mon 10:30-12:30"))
    # From 15:00 to 21:30 less 2 h, 0.5 h + 0.5 h, 2.5 h.
    assert of_store(found, "evidence", "outside_hours", "median_gap") == (4, 2, 150 * MINUTE)
    assert of_store(found, "longest_gap") == (270 * MINUTE,)


def test_polls_outside_hours_stay_what_they_are_if_all_are_evidence() -> None:
    found = described(policy=Policy(evidence="all"))
    # 23:00 is half an hour of open time after 21:30, and half an hour before 14:30.
    assert of_store(found, "outside_hours", "evidence", "median_gap") == (1, 6, HOUR)
    assert of_store(found, "inactive_share", "gaps_after_inactive") == (0.5, 3)


def test_a_median_of_two_is_rounded_down() -> None:
    polls = tuple((at("2023-01-23T15:00") + us, True) for us in (0, 1, 3))
    assert of_store(described(Store(7, polls=polls)), "median_gap") == (1,)


@pytest.mark.parametrize(
    ("polls", "inactive_share", "longest_gap"),
    [
        ((), None, None),
        (((at("2023-01-23T23:00"), True),), None, None),  # closed
        (((at("2023-01-24T19:00"), False),), 1.0, HOUR),
    ],
)
def test_what_is_not_known_is_null(
    polls: Any, inactive_share: float | None, longest_gap: int | None
) -> None:
    found = described(Store(7, SHOP.zone, SHOP.rows, polls))
    assert of_store(found, "polls", "gaps_after_inactive") == (len(polls), 0)
    assert of_store(found, "inactive_share", "longest_gap") == (inactive_share, longest_gap)
    assert of_store(found, "median_gap", "gap_ratio") == (None, None)


@pytest.mark.parametrize(
    ("states", "ratio", "count"),
    [
        ((True, True, True), None, 0),
        ((False, False, False), None, 2),
        ((True, True, False), None, 0),  # the last poll has no gap after it
        ((True, False, True), 1.0, 1),
    ],
)
def test_a_ratio_needs_gaps_of_both_kinds(states: Any, ratio: float | None, count: int) -> None:
    polls = tuple((at("2023-01-24T10:00") + k * HOUR, up) for k, up in enumerate(states))
    found = described(Store(7, polls=polls))
    assert of_store(found, "gap_ratio", "gaps_after_inactive") == (ratio, count)


def test_no_ratio_where_no_open_time_follows_active_polls() -> None:
    """Active at 23:00, inactive at 23:30, both at night; then active on Tuesday at 15:00."""
    night, day = at("2023-01-23T23:00"), at("2023-01-24T15:00")
    polls = ((night, True), (night + HOUR // 2, False), (day, True))
    found = described(Store(7, SHOP.zone, SHOP.rows, polls), policy=Policy(evidence="all"))
    assert of_store(found, "gap_ratio", "gaps_after_inactive") == (None, 1)
    assert of_store(found, "median_gap", "longest_gap") == (HOUR // 2, 5 * HOUR)


def test_stores_that_lack_hours_or_a_zone_are_told() -> None:
    poll = ((at("2023-01-24T10:00"), True),)
    stores = [
        SHOP,
        Store(1, None, SHOP.rows),
        Store(2, "Asia/Tokyo"),
        Store(3, None, polls=poll),
        Store(4, None, null_zone=True),
    ]
    found = describe_polls(*frames(stores), NOW)
    assert found.select("store_id", "has_hours", "has_timezone").rows() == [
        (1, True, False),
        (2, False, True),
        (3, False, False),
        (4, False, False),
        (7, True, True),
    ]


def test_centuries_take_no_time_and_are_counted_exactly() -> None:
    """Two polls 52,178 weeks (1,000 years) apart, of a store that is open 3 hours a week."""
    monday = at("2023-01-23T10:00")
    polls = ((monday - 52_178 * 7 * DAY, True), (monday, False))
    store = Store(7, "UTC", ((0, 9 * HOUR, 12 * HOUR),), polls)
    found = described(store, now="2023-01-23T18:00:00Z", start="0900-01-01T00:00:00Z")
    assert of_store(found, "median_gap") == (52_178 * 3 * HOUR,)


# --- arguments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "error", "message"),
    [
        (dt.datetime(2023, 1, 1), NaiveDatetimeError, "start: has no time zone"),  # noqa: DTZ001
        ("soon", PolicyError, "start: is not an instant"),
        (NOW, PolicyError, r"start: is not before now .* now is 2023-01-24T20:00:00\+00:00"),
    ],
)
def test_a_start_that_makes_no_sense(
    start: Any, error: type[StoreUptimeError], message: str
) -> None:
    with pytest.raises(error, match=message):
        described(start=start)


def test_other_arguments_that_make_no_sense() -> None:
    odd: list[dict[str, Any]] = [
        {"batch_stores": 0},
        {"progress": 7},
        {"policy": "nearest"},
        {"now": "soon"},
    ]
    for options in odd:
        with pytest.raises(PolicyError):
            described(**options)


def test_polls_that_a_loader_left_out_are_missed_without_a_look_back() -> None:
    since = instant(at("2023-01-23T00:00"))
    inputs = Inputs(*frames([SHOP]), since=since, until=instant(at("2023-01-24T20:00")))
    found = describe_polls(inputs, now=NOW, start=since, policy=Policy(lookback=None))
    assert found.equals(described())
    for now, start in ((NOW, since - dt.timedelta.resolution), ("2023-01-24T20:01:00Z", since)):
        with pytest.raises(PolicyError, match="the polls that were loaded"):
            describe_polls(inputs, now=now, start=start)


def test_it_says_how_many_stores_are_done() -> None:
    seen: list[tuple[int, int]] = []
    stores = [Store(number) for number in range(5)]
    describe_polls(*frames(stores), NOW, batch_stores=2, progress=lambda *each: seen.append(each))
    assert seen == [(2, 5), (4, 5), (5, 5)]


def test_it_warns_of_nothing(recwarn: pytest.WarningsRecorder) -> None:
    status, hours, zones = frames([SHOP])
    hours, zones = (each.with_columns(store_id=pl.lit(8, pl.Int64)) for each in (hours, zones))
    assert describe_polls(status, hours, zones, "2033-01-01T00:00:00Z").height == 2
    assert not recwarn.list
