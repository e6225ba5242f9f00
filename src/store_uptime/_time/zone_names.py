"""The names of zones: those that tzdata lists, which of them mean one zone, which are near."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from types import MappingProxyType

from store_uptime.errors import SHOWN_VALUES, UnknownTimeZoneError, shortened

_REMEDY = "Use an IANA name such as 'America/Chicago', or upgrade tzdata if the zone is new."
_MOST_NEAR = 3
_LONGEST_NAME = 64
# How alike two names must be. Below, "Mars/Olympus" is like some.
_ALIKE = 0.75
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])0?(\d{1,2})(?::?00)?")
# What Windows calls the zones that most people mean, as the Unicode CLDR maps them.
_WINDOWS: Mapping[str, str] = MappingProxyType(
    {
        "alaskan": "America/Anchorage",
        "argentina": "America/Argentina/Buenos_Aires",
        "atlantic": "America/Halifax",
        "aus eastern": "Australia/Sydney",
        "central": "America/Chicago",
        "central europe": "Europe/Budapest",
        "central european": "Europe/Warsaw",
        "china": "Asia/Shanghai",
        "e. south america": "America/Sao_Paulo",
        "eastern": "America/New_York",
        "gmt": "Europe/London",
        "hawaiian": "Pacific/Honolulu",
        "india": "Asia/Kolkata",
        "mountain": "America/Denver",
        "pacific": "America/Los_Angeles",
        "romance": "Europe/Paris",
        "south africa": "Africa/Johannesburg",
        "us mountain": "America/Phoenix",
        "w. europe": "Europe/Berlin",
    }
)


@cache
def zone_names() -> frozenset[str]:
    """Return the names that tzdata lists. No other name ever becomes part of a path."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())


@cache
def zone_links() -> Mapping[str, str]:
    """Return, for each name that is a link in tzdata, the zone that it is another name of."""
    path = resources.files("tzdata").joinpath("zoneinfo", "tzdata.zi")
    lines = (line.split() for line in path.read_text("utf-8").splitlines())
    return {line[2]: line[1] for line in lines if line and line[0] == "L"}


def check_zones(names: Iterable[object], *, table: str, column: str) -> None:
    """Raise `UnknownTimeZoneError` unless tzdata lists all `names`."""
    unknown = [name for name in names if not (isinstance(name, str) and name in zone_names())]
    if unknown:
        distinct = {repr(name): name for name in unknown}
        shown = [distinct[key] for key in sorted(distinct)[:SHOWN_VALUES]]
        raise UnknownTimeZoneError(
            "zone unknown to the tzdata package",
            table=table,
            column=column,
            count=len(unknown),
            values=shown,
            remedy=with_near_zones(_REMEDY, shown),
            code="unknown_zone",
        )


def with_near_zones(remedy: str, unknown: Sequence[object]) -> str:
    """Return the remedy, and with it the known names that are near the unknown ones."""
    near = near_zones(unknown)
    return f"{remedy} Known names near {near}." if near else remedy


def near_zones(unknown: Sequence[object]) -> str:
    """Return a sentence on the known names that are near some others, or none."""
    near = {name: _near(name) for name in unknown if isinstance(name, str)}
    told = (f"{shortened(name, _LONGEST_NAME)!r}: {', '.join(near[name])}" for name in near)
    return "; ".join(each for each, names in zip(told, near.values(), strict=True) if names)


def _near(given: str) -> list[str]:
    """Return the names that may be meant by one that tzdata does not know, the nearest first."""
    text = given[:_LONGEST_NAME].strip().casefold()
    if offset := _OFFSET.fullmatch(text):
        # In tzdata's names the sign is the other way round: Etc/GMT-3 is ahead of UTC.
        name = f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}"
        return [name] if name in zone_names() else []
    plain = re.sub(r" ((standard|daylight) )?time$", "", text)
    if plain != text and plain in _WINDOWS:
        return [_WINDOWS[plain]]
    key = re.sub(r"[\s_]+", "_", plain)
    names = sorted(zone_names())
    whole = {name.casefold(): name for name in names}
    places = {name.casefold().rpartition("/")[2]: name for name in names}
    place = key.rpartition("/")[2]
    found = [whole[key]] if key in whole else []
    found += [name for name in names if _is_place(name.casefold().rpartition("/")[2], place)]
    if not found:
        for wanted, known in ((key, whole), (place, places)):
            alike = difflib.get_close_matches(wanted, known, cutoff=_ALIKE)
            found += [known[each] for each in alike]
    return list(dict.fromkeys(found))[:_MOST_NEAR]


def _is_place(known: str, place: str) -> bool:
    # Many write PST for PST8PDT.
    return known == place or re.match(rf"{re.escape(place)}\d", known) is not None
