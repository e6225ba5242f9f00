"""How a data set is made: what may be asked for, and from there to tables and truth."""

from __future__ import annotations

import datetime as dt
from typing import get_args

import polars as pl

from store_uptime._time.instants import from_microseconds
from store_uptime.errors import check_word
from store_uptime.inputs import Inputs
from store_uptime.policy import Policy, check_flag
from store_uptime.testing.dataset import Dataset
from store_uptime.testing.fleet import (
    INSTANTS,
    make_hours,
    make_ids,
    make_maintenance,
    make_special_hours,
    make_timezones,
)
from store_uptime.testing.menus import DEFAULT_ZONES
from store_uptime.testing.options import (
    EVERY_STORE,
    MOST_SEED,
    Edition,
    Options,
    Zones,
    check_length,
    check_outages,
    check_share,
    check_span,
    check_zone_weights,
    whole_number,
)
from store_uptime.testing.random_bits import first_numbers
from store_uptime.testing.simulation import lie_in, make_outages, make_polls, state_changes
from store_uptime.timeline import compute_timeline

_LONGEST_STRETCH = 2**60  # longer than any span; sums of longer ones would wrap around
_DEFAULT_NOW = dt.datetime(2024, 11, 6, tzinfo=dt.UTC)


def make_dataset(
    stores: int,
    days: int,
    *,
    seed: int = 0,
    now: dt.datetime | str = _DEFAULT_NOW,
    poll_every: dt.timedelta | str = "1h",
    jitter: float = 1.0,
    missing: float = 0.0,
    missing_while_down: float = 0.0,
    outages_per_day: float = 1.0,
    outage_length: dt.timedelta | str = "1h",
    off_when_closed: bool = False,
    zones: Zones | None = None,
    edition: Edition = "integer",
    without_hours: float = 0.0,
    special_days: float = 0.0,
    maintenance: float = 0.0,
) -> Dataset:
    """Make stores up, and poll them: all tables, and the truth.

    The same arguments make the same data, on every platform. A store is made of the seed and its
    number: more stores are the same ones and some more, more lost polls are the same ones and some
    more. Another version of this library may make other data.

    Stores are up and down in turns, by night as by day. The lengths of outages and of the time
    between them are distributed exponentially, alike for all stores. Everything lies in
    ``[now - days, now]``. By default nothing is missing: every store has hours, a zone, and all of
    its polls.

    Parameters
    ----------
    stores
        How many, from 1 on.
    days
        How many days of 24 hours before `now` the span begins, from 1 on.
    seed
        A whole number from 0 to 2**64 - 1; each makes other data.
    now
        An aware datetime or an ISO 8601 string with an offset. As it is, American clocks go back
        within the week before it.
    poll_every
        A poll of each store comes in each stretch of this length from the start of the span on: a
        ``timedelta``, or a string in polars' notation.
    jitter
        In which share of the stretch, from its start, it comes at random: 1, anywhere; 0, at the
        start.
    missing
        Which share of the polls is lost.
    missing_while_down
        Which share of the polls during outages is lost beside these, because the store is down.
    outages_per_day
        How many outages a store has on average, on a day of 24 hours.
    outage_length
        How long they are on average, likewise a ``timedelta`` or a string.
    off_when_closed
        Whether a store's terminal is switched off while it is closed, so that polls find it down.
        It changes no truth.
    zones
        A name, names that occur equally often, or a mapping from name to how much it weighs;
        ``None`` as a name is a store without a row. ``None`` alone is a mixture: most are American,
        and some have summer in December.
    edition
        The ids: ``"integer"``, most of 19 digits (Int64), or ``"uuid"`` (String).
    without_hours
        Which share of the stores has no hours, and so is always open. The hours of the others are
        of eleven kinds: by day, past midnight, 24 hours, up to 23:59, twice a day, and closed on
        some weekdays.
    special_days
        Which share of the dates of each store has special hours: closed, a few, or past midnight.
        Of the dates of all stores together (a null id), so many have them, too.
    maintenance
        On which share of the days there is planned work of up to two hours at each store; and so
        often at all stores together.

    Returns
    -------
    Dataset
        The tables and the truth. `Inputs.extra` has ``"special_hours"`` and ``"maintenance"`` if
        their shares are above zero.

    Raises
    ------
    PolicyError
        A number is not in its range, a length is not positive, so many outages do not fit into a
        day, the span begins before the year 1, a word is unknown.
    NaiveDatetimeError
        `now` has no time zone.
    UnknownTimeZoneError
        The tzdata package does not know one of the `zones`.

    Examples
    --------
    How far is the report from the truth, if half of the polls get lost?

    >>> from store_uptime import compute_report
    >>> dataset = make_dataset(200, days=7, missing=0.5)
    >>> dataset
    Dataset(200 stores, 7 days up to 2024-11-06T00:00:00+00:00, 16,876 polls, 1,388 outages)
    >>> report, truth = compute_report(dataset.inputs), dataset.truth()
    >>> hours = (report["uptime_last_week"] - truth["uptime_last_week"]).abs().mean()
    >>> f"{60 * hours:.0f} minutes of a week"
    '109 minutes of a week'
    """
    first, last = check_span(days, now)
    up, down = check_outages(outages_per_day, outage_length)
    every = min(check_length("poll_every", poll_every), _LONGEST_STRETCH)
    check_flag(off_when_closed, "off_when_closed")
    check_word("edition", None, edition, get_args(Edition))
    options = Options(
        stores=whole_number("stores", stores, 1, EVERY_STORE),
        seed=whole_number("seed", seed, 0, MOST_SEED),
        first=first,
        now=last,
        every=every,
        jitter=int(every * check_share("jitter", jitter)),
        missing=check_share("missing", missing),
        missing_while_down=check_share("missing_while_down", missing_while_down),
        up=up,
        down=down,
        off_when_closed=off_when_closed,
        zones=check_zone_weights(DEFAULT_ZONES if zones is None else zones),
        edition=edition,
        without_hours=check_share("without_hours", without_hours),
        special_days=check_share("special_days", special_days),
        maintenance=check_share("maintenance", maintenance),
    )
    return _made(options)


def _made(options: Options) -> Dataset:
    ids = make_ids(options)
    hours, timezones = make_hours(options, ids), make_timezones(options, ids)
    extra = {}
    if options.special_days:
        extra["special_hours"] = make_special_hours(options, ids)
    if options.maintenance:
        extra["maintenance"] = make_maintenance(options, ids)
    now = from_microseconds(options.now)

    def beside(polls: pl.DataFrame) -> Inputs:
        """Return all tables, with these polls."""
        status = pl.DataFrame(
            {
                "store_id": ids.gather(polls["number"]),
                "timestamp_utc": polls["at"].cast(INSTANTS),
                "status": polls["up"],
            }
        )
        return Inputs(status, hours, timezones, extra=extra, now=now)

    outages = make_outages(options)
    changes = beside(state_changes(options, outages))
    polls = make_polls(options, outages)
    if options.off_when_closed:
        polls = polls.with_columns(up=lie_in(polls, _open_and_up(options, ids, changes)))
    return Dataset(
        beside(polls),
        changes,
        outages.select(ids.gather(outages["number"]), pl.col("start", "end").cast(INSTANTS)),
        from_microseconds(options.first),
        now,
    )


def _open_and_up(options: Options, ids: pl.Series, changes: Inputs) -> pl.DataFrame:
    """Return when stores are both: `number`, `start` and `end`, as `lie_in` takes them."""
    start = from_microseconds(options.first)
    pieces = compute_timeline(changes, start=start, policy=Policy.for_changes())
    up = pieces.filter(pl.col("state") == "up")
    numbers = pl.DataFrame([ids, first_numbers(options.stores).alias("number")])
    return up.join(numbers, on="store_id", maintain_order="left").select(
        "number", pl.col("start", "end").to_physical()
    )
