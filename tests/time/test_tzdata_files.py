"""The segments of every zone, held to the bytes of the tzdata package's own files."""

from __future__ import annotations

import struct
from importlib import resources
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime._time.changes import FROM_HERE_BY_RULE
from store_uptime._time.zone_names import zone_names
from store_uptime._time.zones import segments
from support.effort import thinned
from support.strategies import examples
from support.wall_clock import offset

HEADER = struct.Struct(">4sc15x6I")
DAY = 86_400
TEN_YEARS = 3_652 * DAY


def changes(name: str) -> list[tuple[int, int]]:
    """Return (instant, offset after) in seconds for every change of offset, read by hand."""
    data = resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    _, _, utc, std, leap, times, types, chars = HEADER.unpack_from(data)
    second = 44 + times * 5 + types * 6 + chars + leap * 8 + std + utc
    _, _, _, _, _, times, types, _ = HEADER.unpack_from(data, second)
    at = second + 44
    instants = struct.unpack_from(f">{times}q", data, at)
    kinds = data[at + 8 * times : at + 9 * times]
    offsets = [struct.unpack_from(">i", data, at + 9 * times + 6 * k)[0] for k in range(types)]
    spelled = [(-(2**62), offsets[0])]
    spelled += [(t, offsets[kind]) for t, kind in zip(instants, kinds, strict=True)]
    return [spelled[0]] + [new for old, new in pairwise(spelled) if new[1] != old[1]]


@pytest.mark.parametrize("name", thinned(sorted(zone_names()), 5))
def test_segments_are_those_of_the_file(name: str) -> None:
    # The last ten years that the file spells out change by change; afterwards a rule takes over.
    all_changes = changes(name)
    end = max(all_changes[-1][0], 0) + DAY
    start = end - TEN_YEARS
    offset = [shift for t, shift in all_changes if t <= start][-1]
    inside = [(t, shift) for t, shift in all_changes if start < t < end]
    edges = [start, *(t for t, _ in inside), end]
    offsets = [offset, *(shift for _, shift in inside)]
    expected = [
        (since * 10**6, until * 10**6, shift * 10**6)
        for (since, until), shift in zip(pairwise(edges), offsets, strict=True)
    ]
    assert [tuple(segment) for segment in segments(name, start * 10**6, end * 10**6)] == expected


def shift(name: str, second: int) -> int:
    """Ask the standard library how far a zone's clock is ahead of UTC."""
    return offset(name, second * 10**6) // 10**6


@examples(150)
@given(st.sampled_from(sorted(zone_names())), st.integers(-5 * 10**9, 8 * 10**9), st.integers(1, 9))
def test_segments_are_found_by_looking_every_day(name: str, start: int, years: int) -> None:
    """No two changes lie within two days (below), so one look a day misses none."""
    end = start + years * 365 * DAY + start % 977
    looks = [*range(start, end, DAY), end]
    changed = sum(shift(name, one) != shift(name, other) for one, other in pairwise(looks))
    found = list(segments(name, start * 10**6, end * 10**6))
    # A change at the end itself belongs to what comes after.
    assert len(found) == 1 + changed - (shift(name, end) != shift(name, end - 1))
    assert (found[0].start, found[-1].end) == (start * 10**6, end * 10**6)
    for one, other in pairwise(found):
        assert one.end == other.start
        assert one.offset != other.offset
    for since, until, ahead in found:
        assert {offset(name, since), offset(name, until - 1)} == {ahead}


def test_no_two_changes_of_offset_lie_within_a_day() -> None:
    # `first_reading` and the test above rest on it.
    closest = min(
        later - earlier
        for name in zone_names()
        for (earlier, _), (later, _) in pairwise(changes(name)[1:])
    )
    assert closest > 2 * DAY


def test_no_file_lists_a_change_after_2099() -> None:
    last = max(changes(name)[-1][0] for name in zone_names())
    assert last * 10**6 < FROM_HERE_BY_RULE


@pytest.mark.parametrize("name", thinned(sorted(zone_names()), 20))
def test_by_rule_a_zone_changes_seldom_and_repeats_itself(name: str) -> None:
    """Where the files end, changes lie four weeks apart at least: so far apart are the looks."""
    first = max(changes(name)[-1][0], 0)
    days = [shift(name, first + k * DAY) for k in range(2 * 366)]
    at = [k for k, (one, other) in enumerate(pairwise(days)) if one != other]
    assert all(later - earlier > 29 for earlier, later in pairwise(at))
    for k in range(0, 2 * 366, 5):
        after_2099 = FROM_HERE_BY_RULE // 10**6 + k * DAY
        assert shift(name, after_2099) == shift(name, after_2099 + 146_097 * DAY)
