"""When stores go down: each hour of the local week against a walk along the wall clock."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given

from store_uptime import Policy, PolicyError, SchemaError, UnknownTimeZoneError
from store_uptime._results.timeline_calls import read_timeline
from store_uptime.plot import heatmap
from store_uptime.plot.heatmaps import hour_cells
from store_uptime.plot.local_hours import LocalHour, sum_local_hours
from store_uptime.plot.look import LOOKS, readable_on
from support.drawn_charts import (
    labels_in,
    marks_in,
    once,
    rows_of,
    svg_of,
    texts_in,
    titles_of,
)
from support.services import need
from support.settled import DEFAULT_ZONE, Drawn, Piece, Pieces, drawn_timelines, timeline_frame
from support.strategies import examples
from support.wall_clock import DAY, HOUR, MINUTE, at, offset

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Cells = dict[tuple[str, int, str], int]


def hours_of(
    pieces: Pieces,
    zones: Mapping[int | str, str | None] | None = None,
    default: str = "America/Chicago",
) -> list[LocalHour]:
    table = None
    if zones is not None:
        table = pl.DataFrame(
            {"store_id": list(zones), "timezone_str": list(zones.values())},
            {"store_id": pl.Int64, "timezone_str": pl.String},
        )
    read, known = read_timeline(timeline_frame(pieces), table)
    return sum_local_hours(read, None if zones is None else known, default)


def filled(hours: Sequence[LocalHour]) -> Cells:
    """The cells that have something, by weekday, hour and state."""
    return {
        (DAYS[each.day], each.hour, state): time
        for each in hours
        for state in ("up", "down", "unknown")
        if (time := getattr(each, state))
    }


def one(start: str, end: str, zone: str | None) -> Cells:
    """What a store that is up from `start` to `end` has in which cells."""
    pieces: Pieces = {7: [(at(start), at(end), "up")]}
    return filled(hours_of(pieces, None if zone is None else {7: zone}))


def up(**hours: int) -> Cells:
    """Cells by names such as ``Sun03``."""
    return {(name[:3], int(name[3:]), "up"): time for name, time in hours.items()}


# --- against a walk -------------------------------------------------------------------------------


def walk(zone: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Go along the wall clock, hour by hour: the weekday, the hour, and how long it is there."""
    while start < end:
        shift = offset(zone, start)
        wall = start + shift
        stop = min(end, start + HOUR - wall % HOUR)
        while offset(zone, stop - 1) != shift:  # the clock is set before the hour is over
            low, stop = start, stop - 1
            while stop - low > 1:
                middle = (low + stop) // 2
                low, stop = (middle, stop) if offset(zone, middle) == shift else (low, middle)
        yield DAYS[(wall // DAY + 3) % 7], wall % DAY // HOUR, stop - start
        start = stop


@examples(60)
@given(drawn_timelines())
def test_each_cell_has_what_a_walk_along_the_clocks_finds(drawn: Drawn) -> None:
    expected: Counter[tuple[str, int, str]] = Counter()
    # A year of hours would take the walk long: the pieces near their ends tell as much.
    pieces = {
        store_id: [(start, min(end, start + 9 * DAY), state) for start, end, state in own]
        for store_id, own in drawn.pieces.items()
    }
    for store_id, own in pieces.items():
        for start, end, state in own:
            for day, hour, time in walk(drawn.zones.get(store_id, DEFAULT_ZONE), start, end):
                expected[day, hour, state] += time
    read, zones = read_timeline(timeline_frame(pieces), drawn.timezones)
    hours = sum_local_hours(read, zones, DEFAULT_ZONE)
    assert filled(hours) == expected
    assert [(each.day, each.hour) for each in hours] == [
        (day, hour) for day in range(7) for hour in range(24)
    ]


@examples(60)
@given(drawn_timelines())
def test_the_cells_add_up_to_the_timeline(drawn: Drawn) -> None:
    for zones in (None, drawn.timezones):
        read, known = read_timeline(timeline_frame(drawn.pieces), zones)
        hours = sum_local_hours(read, None if zones is None else known, DEFAULT_ZONE)
        for state in ("up", "down", "unknown"):
            whole = sum(
                end - start
                for own in drawn.pieces.values()
                for start, end, each in own
                if each == state
            )
            assert sum(getattr(each, state) for each in hours) == whole


# --- worked by hand -------------------------------------------------------------------------------


def test_without_zones_the_hours_are_those_of_utc() -> None:
    # 2024-05-13 is a Monday: 45 minutes of 23:00, an hour of 00:00, 1 us of 01:00.
    cells = one("2024-05-13T23:15", "2024-05-14T01:00:00.000001", None)
    assert cells == up(Mon23=45 * MINUTE, Tue00=HOUR, Tue01=1)


def test_zones_of_quarter_hours_cut_hours_where_their_clocks_do() -> None:
    # Kathmandu is 5 h 45 min ahead: 05:45 to 06:45.
    cells = one("2024-05-13T00:00", "2024-05-13T01:00", "Asia/Kathmandu")
    assert cells == up(Mon05=15 * MINUTE, Mon06=45 * MINUTE)


def test_an_hour_that_the_clock_skips_has_nothing() -> None:
    # In Chicago 02:00 is 03:00 on 2024-03-10: 00:30 to 02:00, and 03:00 to 04:30.
    cells = one("2024-03-10T06:30", "2024-03-10T09:30", "America/Chicago")
    assert cells == up(Sun00=30 * MINUTE, Sun01=HOUR, Sun03=HOUR, Sun04=30 * MINUTE)


def test_an_hour_that_the_clock_repeats_counts_twice() -> None:
    cells = one("2024-11-03T05:00", "2024-11-03T10:00", "America/Chicago")
    assert cells == up(Sun00=HOUR, Sun01=2 * HOUR, Sun02=HOUR, Sun03=HOUR)


def test_a_day_that_the_clock_skips_has_nothing() -> None:
    # Samoa went from Thursday, 2011-12-29, 24:00 to Saturday, 00:00.
    cells = one("2011-12-30T09:30", "2011-12-30T10:30", "Pacific/Apia")
    assert cells == up(Thu23=30 * MINUTE, Sat00=30 * MINUTE)


def test_times_before_1970_are_as_others() -> None:
    # 1969-12-28 is a Sunday.
    assert one("1969-12-28T23:30", "1969-12-29T00:30", None) == up(
        Sun23=30 * MINUTE, Mon00=30 * MINUTE
    )


def test_stores_without_a_zone_are_in_the_default_one() -> None:
    noon = at("2024-05-13T12:00")
    pieces: Pieces = {store: [(noon, noon + HOUR, "down")] for store in (1, 2, 3)}
    hours = hours_of(pieces, {1: "Etc/UTC", 2: None, 9: "Asia/Tokyo"}, "Europe/Berlin")
    assert filled(hours) == {("Mon", 12, "down"): HOUR, ("Mon", 14, "down"): 2 * HOUR}


def test_weeks_add_up() -> None:
    # Three weeks and an hour: each hour three times, and one a fourth time.
    start = at("2024-05-13T09:00")
    hours = hours_of({7: [(start, start + 21 * DAY + HOUR, "unknown")]})
    assert {each.unknown for each in hours} == {3 * HOUR, 4 * HOUR}
    assert filled(hours)["Mon", 9, "unknown"] == 4 * HOUR


# --- what is drawn --------------------------------------------------------------------------------


def cell(down: int, known: int, unknown: int = 0) -> tuple[str, str, str]:
    """The class, the number and the words of Monday, 09:00."""
    hour = LocalHour(0, 9, known - down, down, unknown)
    return hour_cells([hour]).select("share", "number", "told").row(0)


@pytest.mark.parametrize(
    ("down", "known", "share", "number"),
    [
        (0, 100, "none", "0"),
        (1, 10**6, "below 1", "<0.1"),
        (999_999, 10**8, "below 1", "1.0"),
        (1, 100, "1 to 2", "1.0"),
        (2, 100, "2 to 5", "2.0"),
        (5, 100, "5 to 10", "5.0"),
        (9_999, 100_000, "5 to 10", "10"),
        (1, 10, "10 to 20", "10"),
        (1, 5, "20 or more", "20"),
        (9_999, 10_000, "20 or more", "99"),
        (1, 1, "20 or more", "100"),
    ],
)
def test_a_limit_begins_a_class(down: int, known: int, share: str, number: str) -> None:
    assert cell(down, known)[:2] == (share, number)


def test_words_of_a_cell() -> None:
    told = cell(11_100 * 10**6, 925_800 * 10**6, 12 * HOUR)[2]
    assert told == (
        "Monday 09:00-10:00, 1.2 % down: 3 h 05 min of 257 h 10 min open and known, 12 h unknown"
    )
    assert cell(0, HOUR)[2] == "Monday 09:00-10:00, 0 % down: 0 s of 1 h open and known"
    assert cell(0, 0, HOUR) == (
        "? nothing known",
        "?",
        "Monday 09:00-10:00, nothing known of 1 h open",
    )


def test_hours_without_open_time_are_not_drawn() -> None:
    assert hour_cells([LocalHour(3, 4, 0, 0, 0)]).is_empty()


MONDAY = at("2024-05-13T09:00")
TIMELINE = timeline_frame(
    {
        1: [(MONDAY, MONDAY + HOUR, "up"), (MONDAY + HOUR, MONDAY + 2 * HOUR, "down")],
        2: [
            (MONDAY, MONDAY + HOUR // 2, "down"),
            (MONDAY + 8 * HOUR, MONDAY + 9 * HOUR, "unknown"),
        ],
    }
)
ZONES = pl.DataFrame({"store_id": [1, 2], "timezone_str": ["Europe/Berlin", "Etc/UTC"]})


def test_the_chart_has_each_cell_with_its_number_and_its_words() -> None:
    need("altair")
    chart = heatmap(TIMELINE)
    assert [(row["day"], row["hour"], row["number"]) for row in rows_of(chart, "rect")] == [
        ("Monday", 9, "33"),  # 30 of 90 minutes
        ("Monday", 10, "100"),
        ("Monday", 17, "?"),
    ]
    assert rows_of(chart, "text") == rows_of(chart, "rect")
    # 90 of 150 minutes.
    assert titles_of(chart) == (
        "When do stores go down?",
        "2 stores, 2024-05-13 09:00 to 2024-05-13 18:00 UTC: 60 % of the known time down",
    )
    assert titles_of(heatmap(TIMELINE, title="Ours"))[0] == "Ours"
    assert chart.description.endswith("UTC: 60 % of the known time down")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picture_says_whose_hours_they_are(scheme: Any) -> None:
    need("altair")
    assert "hour of the day, UTC" in texts_in(svg_of(heatmap(TIMELINE, scheme=scheme)))
    svg = svg_of(heatmap(TIMELINE, ZONES, scheme=scheme))
    assert "hour of the day, on each store's own clock" in texts_in(svg)
    # Berlin is two hours ahead in May.
    assert "Monday 11:00-12:00, 0 % down: 0 s of 1 h open and known" in labels_in(svg)


def test_a_timeline_without_pieces_is_an_empty_chart() -> None:
    need("altair")
    chart = heatmap(TIMELINE.clear(), ZONES)
    assert titles_of(chart)[1] == "No open time"
    assert "Wednesday" in texts_in(svg_of(chart))
    unknown = TIMELINE.with_columns(state=pl.lit("unknown"))
    assert titles_of(heatmap(unknown))[1].endswith("UTC: nothing known")


def test_the_order_of_rows_changes_nothing() -> None:
    need("altair")
    chart = heatmap(TIMELINE, ZONES).to_json()
    shuffled = TIMELINE.sample(fraction=1, shuffle=True, seed=3)
    for form in (shuffled.lazy(), shuffled.to_arrow(), once(shuffled)):
        assert heatmap(form, ZONES.reverse()).to_json() == chart


def test_many_stores_are_168_cells() -> None:
    need("altair")
    chance = random.Random(1)  # noqa: S311
    starts = [MONDAY + chance.randrange(7 * DAY) for _ in range(14_000)]
    pieces: dict[int | str, list[Piece]] = {
        store: [(start, start + 10 * HOUR, "up")] for store, start in enumerate(starts)
    }
    chart = heatmap(timeline_frame(pieces))
    assert marks_in(chart) == 2 * 168
    assert titles_of(chart)[1].startswith("14,000 stores, ")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_numbers_are_readable_on_every_fill(scheme: str) -> None:
    look = LOOKS[scheme]
    for fill in (*look.shares, look.page):
        # Web Content Accessibility Guidelines 2.2, 1.4.3.
        light, dark = sorted(map(luminance, (fill, readable_on(fill, look))), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_a_number_has_the_same_colour_in_both_schemes() -> None:
    # A picture that follows the reader's scheme replaces each colour by its own in the other one.
    light, dark = (
        [readable_on(fill, look) == look.ink for fill in look.shares] for look in LOOKS.values()
    )
    assert light == dark


def luminance(colour: str) -> float:
    """The relative luminance of a colour, as the guidelines define it."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [
        x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in (red, green, blue)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# --- what it refuses ------------------------------------------------------------------------------


def test_wrong_arguments_are_refused() -> None:
    need("altair")
    wrong: Any = "sepia"
    with pytest.raises(PolicyError, match=r"^scheme: unknown word \(first: 'sepia'\)"):
        heatmap(TIMELINE, scheme=wrong)
    with pytest.raises(PolicyError, match=r"^policy: is not a policy"):
        heatmap(TIMELINE, policy=wrong)
    with pytest.raises(UnknownTimeZoneError, match=r"^Policy\.default_timezone"):
        heatmap(TIMELINE, policy=Policy(default_timezone="Mars"))
    with pytest.raises(UnknownTimeZoneError, match=r"^timezones\.timezone_str"):
        heatmap(TIMELINE, ZONES.with_columns(timezone_str=pl.lit("Mars")))
    with pytest.raises(SchemaError, match=r"^timeline\.state: no such column"):
        heatmap(TIMELINE.drop("state"))
