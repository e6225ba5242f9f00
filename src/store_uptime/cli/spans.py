"""Which instants and which span of time a command asks for."""

from __future__ import annotations

import datetime as dt
from argparse import Namespace
from collections.abc import Mapping

from store_uptime._time.instants import microseconds
from store_uptime.errors import PolicyError
from store_uptime.windows import AnyWindow, Window, earliest_start

_WEEK_BACK = {"week": Window("7d")}


def instants_of(args: Namespace, now: dt.datetime) -> list[dt.datetime]:
    """Return the instants of a history, which goes back from `now`, or raise `PolicyError`."""
    try:
        return [now - args.every * k for k in range(args.reports)]
    except (OverflowError, ValueError) as error:
        raise PolicyError(
            "the first report would be before the year 1",
            code="before_year_1",
            table="reports",
            remedy="Ask for fewer, or for a shorter --every.",
        ) from error


def windows_to_load(
    args: Namespace, windows: Mapping[str, AnyWindow], now: dt.datetime | None
) -> Mapping[str, AnyWindow]:
    """Return windows that end at `now` and hold all that a command asks for.

    `now` is needed for histories and where there is a ``--start``.
    """
    if now is not None and args.name == "history":
        return _back_to(earliest_start(windows, min(instants_of(args, now))), now)
    if args.name in ("report", "history"):
        return windows
    if now is None or args.start is None or args.start >= now:
        return _WEEK_BACK
    return _back_to(microseconds(args.start), now)


def _back_to(start: int, now: dt.datetime) -> Mapping[str, AnyWindow]:
    length = dt.timedelta(microseconds=microseconds(now) - start)
    return {"span": Window(length)}
