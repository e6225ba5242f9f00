"""Writers that begin at the same time, and what each of them writes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
import pytest

from support.databases import Database

STORES = 60


def report_of(writer: int, stores: int = STORES) -> pl.DataFrame:
    """Return a report whose numbers say who wrote it."""
    ids = pl.int_range(1, stores + 1, eager=True)
    return pl.DataFrame({"store_id": ids}).with_columns(uptime_last_day=pl.lit(float(writer)))


def at_once(work: Callable[[int], object], writers: int) -> list[Exception | None]:
    """Let all write at once; return what each raised."""
    raised: list[Exception | None] = [None] * writers
    skipped: list[BaseException] = []
    barrier = threading.Barrier(writers)

    def start(writer: int) -> None:
        barrier.wait()
        try:
            work(writer)
        except pytest.skip.Exception as skip:
            skipped.append(skip)
        except Exception as error:  # noqa: BLE001  # the test looks at it
            raised[writer] = error

    threads = [threading.Thread(target=start, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if skipped:
        raise skipped[0]
    return raised


def runs_in(database: Database, table: str) -> dict[Any, tuple[int, float, float]]:
    """Return of each run how many rows it has, and the least and largest number."""
    query = f"SELECT run_id, count(*), min(uptime_last_day), max(uptime_last_day) FROM {table}"
    return {run: (height, *who) for run, height, *who in database.rows(f"{query} GROUP BY run_id")}


def whole(writers: Sequence[int], stores: int = STORES) -> dict[str, tuple[int, float, float]]:
    """Return the same of these writers, each of whom wrote a run of its own."""
    return {f"run {writer}": (stores, writer, writer) for writer in writers}
