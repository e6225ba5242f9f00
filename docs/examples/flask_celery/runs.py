"""The life of a report: Running, then Complete or Failed."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from werkzeug.exceptions import TooManyRequests

from store_uptime import DatabaseError, StoreUptimeError

from .database import REPORT_TABLES, alone, engine, runs
from .settings import SETTINGS

RUNNING, COMPLETE, FAILED = "Running", "Complete", "Failed"
RETRY_AFTER = 10  # seconds, said to clients that come at a bad time

logger = logging.getLogger(__name__)

Run = sa.Row[tuple[object, ...]]


def register(windows: str) -> tuple[uuid.UUID, bool]:
    """Return the id of a new report, or of the unfinished one of these windows; say whether new."""
    with engine().begin() as connection:
        alone(connection, "register")
        unfinished = connection.execute(sa.select(runs).where(runs.c.status == RUNNING)).all()
        for run in unfinished:
            if run.windows == windows:
                logger.info("report %s: asked for again", run.report_id)
                return run.report_id, False
        if len(unfinished) >= SETTINGS.queue_limit:
            told = f"{len(unfinished)} reports are not finished yet. Try again later."
            raise TooManyRequests(told, retry_after=RETRY_AFTER)
        report_id = uuid.uuid4()
        row = {"report_id": report_id, "windows": windows, "status": RUNNING}
        connection.execute(runs.insert(), row | {"created_at": dt.datetime.now(dt.UTC)})
        logger.info("report %s: triggered, windows=%s", report_id, windows)
        return report_id, True


def find(report_id: str) -> Run | None:
    """Return the run of an id that came from outside; ``None`` if there is none."""
    try:
        wanted = uuid.UUID(report_id)
    except ValueError:
        return None
    with engine().connect() as connection:
        return connection.execute(sa.select(runs).where(runs.c.report_id == wanted)).first()


def latest(most: int) -> list[Run]:
    """Return the runs that were triggered last, the newest first."""
    newest = sa.select(runs).order_by(runs.c.created_at.desc(), runs.c.report_id)
    with engine().connect() as connection:
        return list(connection.execute(newest.limit(most)))


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


def delete_finished(age: dt.timedelta) -> int:
    """Delete the reports that finished so long ago, each with its rows; return how many."""
    finished = sa.select(runs).where(runs.c.status != RUNNING)
    with engine().connect() as connection:
        until = dt.datetime.now(dt.UTC) - age
        old = connection.execute(finished.where(runs.c.finished_at < until)).all()
    for run in old:
        with engine().begin() as connection:
            if run.status == COMPLETE:
                rows = sa.table(REPORT_TABLES[run.windows], sa.column("run_id"))
                connection.execute(sa.delete(rows).where(rows.c.run_id == str(run.report_id)))
            connection.execute(runs.delete().where(runs.c.report_id == run.report_id))
    return len(old)


def plain(error: BaseException) -> str:
    """Return what a client may know: what is wrong with the data, but no words of a driver.

    Those may name hosts and hold SQL. The log has them.
    """
    of_driver = isinstance(error, DatabaseError) or getattr(error, "code", "") == "query_refused"
    if type(error) is LookupError or (isinstance(error, StoreUptimeError) and not of_driver):
        return str(error)
    return f"{type(error).__name__}: the worker's log says more."
