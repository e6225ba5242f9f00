"""The stores of a data set: their ids, zones and hours, special days and maintenance."""

from __future__ import annotations

from fractions import Fraction
from uuid import UUID

import polars as pl

from store_uptime._tables.text import parse_time
from store_uptime._time.units import DAY, UNIT_MICROSECONDS
from store_uptime.testing.menus import HOURS_MENU, SPECIAL_MENU
from store_uptime.testing.options import EVERY_STORE, Options
from store_uptime.testing.random_bits import Use, chosen, first_numbers, happens, random_bits

INSTANTS = pl.Datetime("us", "UTC")

_QUARTER = 15 * UNIT_MICROSECONDS["minutes"]
_QUARTERS_A_DAY = 96
_MOST_QUARTERS = 8
_CLOCKS = ("start_time_local", "end_time_local")


def make_ids(options: Options) -> pl.Series:
    """Return the ids of the stores in the order of their numbers: Int64, or UUIDs as String."""
    numbers = first_numbers(options.stores)
    bits = random_bits(options.seed, Use.ID, (numbers,))
    if options.edition == "uuid":
        pairs = zip(bits, random_bits(options.seed, Use.ID_END, (numbers,)), strict=True)
        ids = pl.Series([str(UUID(int=bit << 64 | end, version=4)) for bit, end in pairs])
    else:
        # Random above, the number below: none is there twice, and most have 19 digits.
        ids = (bits // 2**33 * 2**32 + numbers).cast(pl.Int64)
    return ids.alias("store_id")


def make_timezones(options: Options, ids: pl.Series) -> pl.DataFrame:
    """Return the zones of the stores that have one."""
    names = pl.Series("timezone_str", [*options.zones], dtype=pl.String)
    where, weights = (first_numbers(options.stores),), [*options.zones.values()]
    zones = names.gather(chosen(options.seed, Use.ZONE, where, weights))
    return pl.DataFrame([ids, zones]).drop_nulls()


# --- hours ----------------------------------------------------------------------------------------


def make_hours(options: Options, ids: pl.Series) -> pl.DataFrame:
    """Return the weekly hours of the stores that have some, store by store."""
    where = (first_numbers(options.stores),)
    weights = [Fraction(weight) for weight, _ in HOURS_MENU]
    menu = chosen(options.seed, Use.HOURS, where, weights).alias("menu")
    always_open = happens(options.seed, Use.ALWAYS_OPEN, where, options.without_hours)
    stores = pl.DataFrame([ids, menu]).filter(~always_open)
    return stores.join(_hours_menu(), on="menu", maintain_order="left_right").drop("menu")


def _hours_menu() -> pl.DataFrame:
    rows = [
        (menu, int(day), start, end)
        for menu, (_, each) in enumerate(HOURS_MENU)
        for days, start, end in each
        for day in days
    ]
    schema = {"menu": pl.UInt32, "day_of_week": pl.Int64, **dict.fromkeys(_CLOCKS, pl.String)}
    return pl.DataFrame(rows, schema, orient="row").with_columns(_durations())


def _durations() -> list[pl.Expr]:
    return [parse_time(pl.col(name)).cast(pl.Duration("us")).alias(name) for name in _CLOCKS]


# --- days that are not as others ------------------------------------------------------------------


def make_special_hours(options: Options, ids: pl.Series) -> pl.DataFrame:
    """Return a share of the dates of each store, and of all together, with what holds on them."""
    first, last = options.first // DAY, (options.now - 1) // DAY
    days = _some_days(options, ids, last - first + 1, options.special_days, Use.SPECIAL_DAY)
    bits = random_bits(options.seed, Use.SPECIAL_HOURS, (days["number"], days["day"]))
    menu = pl.DataFrame(SPECIAL_MENU, dict.fromkeys(_CLOCKS, pl.String), orient="row")
    hours = menu.with_columns(_durations())[bits % len(SPECIAL_MENU)]
    date = (pl.col("day").cast(pl.Int32) + first).cast(pl.Date)
    return days.select("store_id", date=date).hstack(hours)


def make_maintenance(options: Options, ids: pl.Series) -> pl.DataFrame:
    """Return planned work in a share of the days of each store, and of all together."""
    count = (options.now - options.first) // DAY
    days = _some_days(options, ids, count, options.maintenance, Use.MAINTENANCE)
    where = (days["number"], days["day"])
    length = 1 + random_bits(options.seed, Use.MAINTENANCE_LENGTH, where) % _MOST_QUARTERS
    # It ends on the day on which it starts, and so within the span.
    starts = _QUARTERS_A_DAY - _MOST_QUARTERS + 1
    start = random_bits(options.seed, Use.MAINTENANCE_START, where) % starts
    quarters = days["day"] * _QUARTERS_A_DAY + start
    return days.select(
        "store_id",
        start_utc=_after_quarters(options.first, quarters),
        end_utc=_after_quarters(options.first, quarters + length),
    )


def _after_quarters(first: int, quarters: pl.Series) -> pl.Series:
    return (quarters.cast(pl.Int64) * _QUARTER + first).cast(INSTANTS)


def _some_days(
    options: Options, ids: pl.Series, days: int, share: Fraction, use: Use
) -> pl.DataFrame:
    """Return `store_id`, `number` and `day` of a share of the days; a null id is all stores."""
    everyone = pl.Series([EVERY_STORE], dtype=pl.UInt64)
    numbers = first_numbers(options.stores).append(everyone).alias("number")
    stores = pl.DataFrame([ids.extend_constant(None, 1), numbers])
    day = first_numbers(days).alias("day").to_frame()
    every = stores.join(day, how="cross", maintain_order="left_right")
    return every.filter(happens(options.seed, use, (every["number"], every["day"]), share))
