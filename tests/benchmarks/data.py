"""Stores, hours, zones and polls of any size, made in code; every schedule is different."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import NamedTuple

import numpy as np
import polars as pl

NOW = dt.datetime(2023, 1, 25, 18, 13, 22, 479220, tzinfo=dt.UTC)
NOW_US = int(NOW.timestamp()) * 10**6 + NOW.microsecond
HOUR = 3600 * 10**6
# Zones that change nothing in the weeks before NOW, so that every contestant may use the rules
# that it has at hand.
ZONES = ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
         "Asia/Kolkata", "Asia/Beirut", "Europe/Berlin", "Pacific/Honolulu"]  # fmt: skip


class Data(NamedTuple):
    """The three tables, and the same polls as integers for those who like them better."""

    status: pl.DataFrame
    hours: pl.DataFrame
    timezones: pl.DataFrame

    @property
    def polls(self) -> int:
        return self.status.height


def make_data(
    stores: int,
    polls: int,
    *,
    ids: str = "int",
    order: str = "shuffled",
    flip: float = 0.1,
    every: int = HOUR,
) -> Data:
    """Return `polls` polls of each of `stores` stores, one in every `every` microseconds up to NOW.

    `flip` is the chance that a store changes its state from one poll to the next.
    """
    rng = np.random.default_rng(0)
    ident = _ids(rng, stores, ids)
    return Data(
        _status(rng, ident, polls, order, flip, every),
        _hours(rng, ident),
        pl.DataFrame({"store_id": ident, "timezone_str": pl.Series(ZONES).gather(rng.integers(0, len(ZONES), stores))}),
    )  # fmt: skip


def _ids(rng: np.random.Generator, stores: int, kind: str) -> pl.Series:
    if kind == "int":
        return pl.Series(rng.choice(2**62, 2 * stores, replace=True)).unique().head(stores)
    return pl.Series([str(uuid.UUID(bytes=rng.bytes(16))) for _ in range(stores)])


def _status(
    rng: np.random.Generator, ident: pl.Series, polls: int, order: str, flip: float, every: int
) -> pl.DataFrame:
    stores = len(ident)
    t = rng.integers(0, every, (stores, polls))
    t += NOW_US + every * np.arange(-polls, 0, dtype=np.int64)
    up = np.cumsum(rng.random((stores, polls)) < flip, axis=1) % 2 == 0
    store = np.repeat(np.arange(stores), polls)
    t, up = t.ravel(), up.ravel()
    if order != "store":
        rows = rng.permutation(len(t)) if order == "shuffled" else np.argsort(t)
        store, t, up = store[rows], t[rows], up[rows]
    return pl.DataFrame(
        {
            "store_id": ident.gather(store).rechunk(),
            "timestamp_utc": pl.Series(t).cast(pl.Datetime("us", "UTC")),
            "status": up,
        }
    )


def _hours(rng: np.random.Generator, ident: pl.Series) -> pl.DataFrame:
    rows = len(ident) * 7
    start = rng.integers(6 * 60, 12 * 60, rows)
    end = start + rng.integers(6 * 60, 17 * 60, rows)
    end -= end % 1440 == 1439  # 23:59 means midnight, a rule that not all contestants know
    clock = [pl.Series(minutes % 1440 * 60 * 10**9).cast(pl.Time) for minutes in (start, end)]
    return pl.DataFrame(
        {
            "store_id": ident.gather(np.repeat(np.arange(len(ident)), 7)),
            "day_of_week": np.tile(np.arange(7), len(ident)),
            "start_time_local": clock[0],
            "end_time_local": clock[1],
        }
    )
