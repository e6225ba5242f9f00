"""Where a zone may change its offset: what its file lists, and how far that reaches."""

from __future__ import annotations

import struct
from bisect import bisect_left, bisect_right
from functools import cache
from importlib import resources

from store_uptime._time.units import DAY

# A header of 44 bytes, with the lengths of the six parts behind it (RFC 9636).
_HEADER = struct.Struct(">20x6I")

FROM_HERE_BY_RULE = 4_102_444_800_000_000
"""2100-01-01: no file lists a change after it, and each year goes by the zone's last rule. So every
400 years, which are a whole number of weeks, the clocks do the same again."""

# A rule sets the clocks twice a year at most. A test holds every zone to this.
_BY_RULE = 28 * DAY


def look_at(name: str, start: int, end: int) -> list[int]:
    """Return instants from `start` to `end`, both included, close enough together.

    From each to the next the zone of this name has at most one change of offset.
    """
    listed = _listed(name)
    first = max(start, listed[-1]) if listed else start
    inside = listed[bisect_right(listed, start) : bisect_left(listed, end)]
    return [start, *inside, *range(first + _BY_RULE, end, _BY_RULE), end]


@cache
def _listed(name: str) -> tuple[int, ...]:
    """Return the instants at which the zone's file lists a change, in order."""
    data = resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    # The first half of a file has instants of 32 bits, the second all of them.
    _, _, leaps, instants, kinds, letters = _HEADER.unpack_from(data)
    utc, standard, *_ = _HEADER.unpack_from(data)
    second = 44 + instants * 5 + kinds * 6 + letters + leaps * 8 + standard + utc
    instants = _HEADER.unpack_from(data, second)[3]
    seconds = struct.unpack_from(f">{instants}q", data, second + 44)
    return tuple(each * 10**6 for each in seconds)
