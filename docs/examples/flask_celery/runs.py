"""The life of a report: Running, then Complete or Failed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
import sqlalchemy as sa

from .database import REPORT_TABLES, engine, runs

RUNNING, COMPLETE, FAILED = "Running", "Complete", "Failed"

Run = sa.Row[tuple[object, ...]]


def register(windows: str) -> uuid.UUID:
    """Enter a new report, and return its id."""
    report_id = uuid.uuid4()
    row = {"report_id": report_id, "windows": windows, "status": RUNNING}
    with engine().begin() as connection:
        connection.execute(runs.insert(), row | {"created_at": dt.datetime.now(dt.UTC)})
    return report_id


def find(report_id: str) -> Run | None:
    """Return the run of an id that came from outside; ``None`` if there is none."""
    try:
        wanted = uuid.UUID(report_id)
    except ValueError:
        return None
    return _first(sa.select(runs).where(runs.c.report_id == wanted))


def latest() -> Run | None:
    """Return the run that was triggered last."""
    return _first(sa.select(runs).order_by(runs.c.created_at.desc()).limit(1))


def _first(query: sa.Select[tuple[object, ...]]) -> Run | None:
    with engine().connect() as connection:
        return connection.execute(query).first()


def begin_attempt(report_id: uuid.UUID) -> int:
    """Count one more attempt, and return its number; zero if the report is finished."""
    update = (
        runs.update()
        .where(runs.c.report_id == report_id, runs.c.status == RUNNING)
        .values(attempts=runs.c.attempts + 1)
        .returning(runs.c.attempts)
    )
    with engine().begin() as connection:
        return connection.execute(update).scalar() or 0


@contextmanager
def locked(report_id: uuid.UUID) -> Iterator[sa.Connection | None]:
    """Give a transaction in which nobody else works on this report; ``None`` if it is finished.

    A broker delivers at least once. Whoever comes second waits here, and then finds it finished.
    """
    running = sa.select(runs).where(runs.c.report_id == report_id, runs.c.status == RUNNING)
    with engine().begin() as connection:
        found = connection.execute(running.with_for_update()).first()
        yield connection if found else None


def finish(
    connection: sa.Connection, report_id: uuid.UUID, status: str, reason: str | None = None
) -> None:
    """Say how the report ended."""
    connection.execute(
        runs.update()
        .where(runs.c.report_id == report_id)
        .values(status=status, reason=reason, finished_at=dt.datetime.now(dt.UTC))
    )


def read_report(run: Run) -> pl.DataFrame:
    """Return the rows of a complete report, as they were computed."""
    table = sa.table(REPORT_TABLES[run.windows], sa.column("run_id"))
    query = sa.select(sa.text("*")).select_from(table).where(table.c.run_id == str(run.report_id))
    with engine().connect() as connection:
        rows = pl.read_database(query, connection, infer_schema_length=None)
    return rows.drop("run_id", "generated_at").sort("store_id")
