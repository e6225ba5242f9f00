"""Hypothesis strategies for the tables that this package takes.

Hypothesis is imported when one of them is called, not before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, get_args

import polars as pl

from store_uptime.errors import check_word
from store_uptime.inputs import Inputs
from store_uptime.policy import Policy, check_flag
from store_uptime.testing.strategy_options import (
    check_sizes,
    read_now,
    read_span,
    read_store_ids,
    require_hypothesis,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

OptionalTable = Literal["special_hours", "maintenance", "maintenance_hours"]


def st_polls(
    store_ids: Iterable[int] | Iterable[str] | None = None,
    *,
    start: dt.datetime | str = "2024-05-05T00:00Z",
    end: dt.datetime | str = "2024-05-13T12:00Z",
    min_size: int = 1,
    max_size: int = 10,
) -> SearchStrategy[pl.DataFrame]:
    """Draw tables `status`.

    Among the polls are repeated ones, two of one instant that disagree, and neighbours that are a
    microsecond apart. The simplest table has one active poll of the first store, at the last full
    hour.

    Parameters
    ----------
    store_ids
        The stores that may be polled: integers or strings. ``None`` draws one to three.
    start, end
        The first and the last instant that a poll may have: aware datetimes or ISO 8601 strings
        with an offset. They are as far apart as reports of a week look back.
    min_size, max_size
        How many polls there are, of all stores together.

    Returns
    -------
    SearchStrategy of pl.DataFrame
        `store_id` (Int64 or String), `timestamp_utc` (Datetime in UTC, microseconds) and `status`
        (String, ``active`` or ``inactive``), no nulls, in any order.

    Raises
    ------
    MissingDependencyError
        Hypothesis is not installed.
    PolicyError
        `store_ids` are none, or not of one kind; `start` or `end` is no instant, or `end` is
        before `start`; `min_size` or `max_size` is no whole number, or less than zero or the other.
    NaiveDatetimeError
        `start` or `end` has no time zone.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(st_polls([7]), lambda polls: "inactive" in polls["status"]).rows()
    [(7, datetime.datetime(2024, 5, 13, 12, 0, tzinfo=zoneinfo.ZoneInfo(key='UTC')), 'inactive')]
    """
    first, last = read_span(start, end)
    check_sizes(min_size, max_size)
    ids = read_store_ids(store_ids)
    require_hypothesis()
    from store_uptime.testing.drawn_tables import (  # noqa: PLC0415  # needs Hypothesis
        draw_polls,
        instants_in,
    )

    return draw_polls(ids, instants_in(first, last), min_size, max_size)


def st_hours(
    store_ids: Iterable[int] | Iterable[str] | None = None,
) -> SearchStrategy[pl.DataFrame]:
    """Draw tables `hours`.

    Among the rows are some that run past midnight, that start and end at one time of day, that
    overlap or touch, that lie in an hour which clocks skip or repeat, and ends at 24:00, 00:00,
    23:59 and 23:59:59. Stores lack weekdays, or have no rows. The simplest table has one row,
    Monday from 09:00 to 17:00.

    Parameters
    ----------
    store_ids
        As in `st_polls`.

    Returns
    -------
    SearchStrategy of pl.DataFrame
        `store_id` (Int64 or String), `day_of_week` (Int64, 0 = Monday), `start_time_local` and
        `end_time_local` (String, ``HH:MM`` or ``HH:MM:SS``), no nulls, in any order.

    Raises
    ------
    MissingDependencyError
        Hypothesis is not installed.
    PolicyError
        `store_ids` are none, or not of one kind.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(st_hours(["a", "b"]), lambda hours: hours["day_of_week"].max() == 5).rows()
    [('a', 5, '09:00', '17:00')]
    """
    ids = read_store_ids(store_ids)
    require_hypothesis()
    from store_uptime.testing.drawn_tables import draw_hours  # noqa: PLC0415  # needs Hypothesis

    return draw_hours(ids)


def st_zones() -> SearchStrategy[str]:
    """Draw names of time zones that tzdata knows, many of them hard to get right.

    The simplest is ``UTC``. A table `timezones` comes with `st_inputs`.

    Raises
    ------
    MissingDependencyError
        Hypothesis is not installed.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(st_zones(), lambda zone: zone.startswith("America/"))
    'America/Chicago'
    """
    require_hypothesis()
    from store_uptime.testing.drawn_tables import drawn_zones  # noqa: PLC0415  # needs Hypothesis

    return drawn_zones


def st_policies() -> SearchStrategy[Policy]:
    """Draw policies with any rules; the simplest is the default one.

    Raises
    ------
    MissingDependencyError
        Hypothesis is not installed.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(st_policies(), lambda policy: policy.max_gap is None) == Policy(max_gap=None)
    True
    """
    require_hypothesis()
    from store_uptime.testing.drawn_inputs import (  # noqa: PLC0415  # needs Hypothesis
        drawn_policies,
    )

    return drawn_policies


def st_inputs(
    store_ids: Iterable[int] | Iterable[str] | None = None,
    *,
    now: dt.datetime | str | None = None,
    extra: Iterable[OptionalTable] = get_args(OptionalTable),
    validity: bool = True,
) -> SearchStrategy[Inputs]:
    """Draw tables that fit together, as `Inputs`, for every function that computes.

    They are of the same stores, and of the nine days before `inputs.now`. Most of these lie near a
    change of some clocks, and some stores lack polls, hours or a zone. The simplest example is
    store 1 in UTC, open on Monday from 09:00 to 17:00, with one active poll on a Monday noon, which
    is `now`.

    So few polls tell little: most calls warn by `CoverageWarning`.

    Parameters
    ----------
    store_ids
        As in `st_polls`.
    now
        An aware datetime or an ISO 8601 string with an offset, in the years 2 to 9998. ``None``
        draws one.
    extra
        The optional tables that may be drawn. Without rows they are left out.
    validity
        Whether weekly rows may hold on some dates only.

    Returns
    -------
    SearchStrategy of Inputs
        `status` and `hours` as `st_polls` and `st_hours` draw them, but that there may be no polls,
        and polls after `now`. `timezones`: `store_id`, `timezone_str` (String or null). In `extra`:
        `special_hours` with `date` (Date) and both times or none; `maintenance` with `start_utc`
        and `end_utc` (Datetime in UTC, microseconds, one of them may be null);
        `maintenance_hours` like `hours`; a null `store_id` there is every store. Weekly tables have
        `valid_from` and `valid_until` (Date or null) if some row has one.

        The ``repr`` is Python that makes the tables again, with instants and dates as texts.

    Raises
    ------
    MissingDependencyError
        Hypothesis is not installed.
    PolicyError
        `store_ids` are none, or not of one kind; `now` is no instant of these years; `extra` has
        another name; `validity` is no bool.
    NaiveDatetimeError
        `now` has no time zone.

    Examples
    --------
    >>> from hypothesis import find
    >>> status, hours, timezones = find(st_inputs(["a"], extra=[]), lambda inputs: True)
    >>> hours.rows(), timezones.rows()
    ([('a', 0, '09:00', '17:00')], [('a', 'UTC')])
    """
    ids = read_store_ids(store_ids)
    ending = read_now(now)
    tables = tuple(extra)
    for name in tables:
        check_word("st_inputs", "extra", name, get_args(OptionalTable))
    check_flag(validity, "st_inputs", "validity")
    require_hypothesis()
    from store_uptime.testing.drawn_inputs import draw_inputs  # noqa: PLC0415  # needs Hypothesis

    return draw_inputs(ids, ending, tables, validity=validity)
