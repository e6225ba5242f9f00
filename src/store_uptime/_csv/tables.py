"""The tables as text: how what a column holds is read, and when it is unusable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

from store_uptime._tables.contract import (
    DATE,
    ID,
    INSTANT,
    STATUS,
    TIME,
    WEEKDAY,
    ZONE,
    Column,
    Kind,
    Table,
)
from store_uptime._tables.text import parse_date, parse_instant, parse_status, parse_time
from store_uptime._tables.weekdays import DAYS_A_WEEK, read_weekday_text
from store_uptime._time.units import FIRST_INSTANT, LAST_INSTANT
from store_uptime._time.zone_names import zone_names

GROUP = Kind("strings", "", "", "", "", pl.String())
"""The name of a group of stores; nothing can be wrong with it."""


def parsed(column: Column, text: pl.Expr, *, as_usual: bool = False) -> pl.Expr:
    """Return the values of a column in the type in which it is loaded, ids as String.

    Null stands for a blank text and for an unusable one. `as_usual`, instants with an offset are
    not read either, which takes a quarter of the time.
    """
    if as_usual and column.kind == INSTANT:
        value = parse_instant(text, with_offsets=False)
    else:
        value = _PARSERS[column.kind](text)
    return value if column.kind.loaded is None else value.cast(column.kind.loaded)


def is_unusable(column: Column, text: pl.Expr) -> pl.Expr:
    """Return where a parsed column has no value, but must have one."""
    bad = pl.col(column.name).is_null()
    return bad & ~_is_blank_text(text) if column.nullable else bad


def said_of(column: Column, text: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Return what to say of an unusable text of a column, what to do, and the code of the fault."""
    kind = column.kind
    fault, remedy, code = map(pl.lit, (column.fault, kind.remedy, kind.code))
    for each in kind.mistakes:
        is_it = pl.when(text.str.contains(each.form))
        fault = is_it.then(pl.lit(each.fault)).otherwise(fault)
        remedy = is_it.then(pl.lit(each.remedy)).otherwise(remedy)
        code = is_it.then(pl.lit(each.code)).otherwise(code)
    return fault, remedy, code


def numbered_weekdays(table: Table, positions: Mapping[str, int]) -> tuple[int, pl.Expr] | None:
    """Return where the weekdays of a table are, and their numbers as `WeekdayCheck` takes them."""
    for column in table.columns:
        if column.kind == WEEKDAY:
            position = positions[column.name]
            return position, read_weekday_text(pl.col(str(position)))
    return None


def _is_blank_text(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars() == ""


def _parse_text(text: pl.Expr) -> pl.Expr:
    return pl.when(~_is_blank_text(text)).then(text)


def _parse_weekday(text: pl.Expr) -> pl.Expr:
    number = read_weekday_text(text)
    return pl.when(number < DAYS_A_WEEK).then(number)


def _parse_instant(text: pl.Expr) -> pl.Expr:
    instant = parse_instant(text)
    return pl.when(instant.is_between(FIRST_INSTANT, LAST_INSTANT)).then(instant)


def _parse_day(text: pl.Expr) -> pl.Expr:
    return parse_date(text).cast(pl.Datetime("us"))


def _parse_zone(text: pl.Expr) -> pl.Expr:
    return pl.when(text.is_in(sorted(zone_names()))).then(text)


_PARSERS: Mapping[Kind, Callable[[pl.Expr], pl.Expr]] = MappingProxyType(
    {
        ID: _parse_text,
        INSTANT: _parse_instant,
        STATUS: parse_status,
        WEEKDAY: _parse_weekday,
        TIME: parse_time,
        DATE: _parse_day,
        ZONE: _parse_zone,
        GROUP: _parse_text,
    }
)
