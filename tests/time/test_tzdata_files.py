"""The segments of every zone, held to the bytes of the tzdata package's own files."""

from __future__ import annotations

import struct
from importlib import resources
from itertools import pairwise

import pytest

from store_uptime._time.zone_names import zone_names
from store_uptime._time.zones import segments
from support.effort import thinned

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


def test_no_two_changes_of_offset_lie_within_a_day() -> None:
    # The search for changes looks at one instant a day; this is why that misses none.
    closest = min(
        later - earlier
        for name in zone_names()
        for (earlier, _), (later, _) in pairwise(changes(name)[1:])
    )
    assert closest > 2 * DAY
