"""The life of a report: Running, then Complete or Failed."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import TooManyRequests

from store_uptime import DatabaseError, StoreUptimeError

from .database import REPORT_TABLES, alone, clock, engine, runs
from .settings import SETTINGS

RUNNING, COMPLETE, FAILED = "Running", "Complete", "Failed"
ATTEMPTS = 5
RETRY_AFTER = 10  # seconds, said to clients that come at a bad time
LEASE, PATIENCE = (dt.timedelta(seconds=it) for it in (SETTINGS.lease, SETTINGS.patience))

Run = sa.Row[tuple[object, ...]]

logger = logging.getLogger(__name__)


class LostError(Exception):
    """Another attempt, or nobody, works on this report by now."""


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
            told = f"At most {SETTINGS.queue_limit} reports may be unfinished. Try again later."
            raise TooManyRequests(told, retry_after=RETRY_AFTER)
        report_id = uuid.uuid4()
        row = {"report_id": report_id, "windows": windows, "status": RUNNING}
        connection.execute(runs.insert(), row | {"created_at": clock()})
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


# --- who works on it ------------------------------------------------------------------------------


def claim(report_id: uuid.UUID) -> int | None:
    """Take the report for the time of a lease; return the number of the attempt.

    ``None`` if it is finished, or if another worker has it. A broker delivers at least once.
    """
    now = clock()
    claimed = _running(_free(now), runs.c.report_id == report_id, runs.c.attempts < ATTEMPTS)
    values = {"attempts": runs.c.attempts + 1, "started_at": now, "leased_until": now + LEASE}
    with engine().begin() as connection:
        return connection.execute(claimed.values(values).returning(runs.c.attempts)).scalar()


@contextmanager
def leased(report_id: uuid.UUID, attempt: int) -> Iterator[None]:
    """Renew the lease while the report is made, but not for ever: what hangs loses it."""
    over, end = threading.Event(), clock() + dt.timedelta(seconds=SETTINGS.long_timeout)

    def renew() -> None:
        while not over.wait(SETTINGS.lease / 3) and clock() < end:
            try:
                with engine().begin() as connection:
                    update(connection, report_id, attempt, leased_until=clock() + LEASE)
            except LostError:
                return
            except SQLAlchemyError as error:
                logger.warning("report %s: not renewed: %s", report_id, error)

    threading.Thread(target=renew, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def update(connection: sa.Connection, report_id: uuid.UUID, attempt: int, **values: object) -> None:
    """Change the run of an attempt if it still counts; else raise `LostError`."""
    mine = _running(runs.c.report_id == report_id, runs.c.attempts == attempt)
    if not connection.execute(mine.values(values)).rowcount:
        raise LostError


def finish(
    connection: sa.Connection,
    report_id: uuid.UUID,
    attempt: int,
    status: str,
    reason: str | None = None,
    now: dt.datetime | None = None,
) -> None:
    """Say how the report ended."""
    ended = {"status": status, "reason": reason, "now": now, "finished_at": clock()}
    update(connection, report_id, attempt, **ended, leased_until=None)


def give_up() -> None:
    """End the reports whose attempts are used up, with the last reason that is known."""
    reason = f"Given up after {ATTEMPTS} attempts. " + sa.func.coalesce(runs.c.reason, "")
    used_up = _running(_free(now := clock()), runs.c.attempts >= ATTEMPTS)
    ended = used_up.values(status=FAILED, reason=sa.func.trim(reason), finished_at=now)
    with engine().begin() as connection:
        connection.execute(ended)


def stuck() -> Sequence[Run]:
    """Return the runs for which workers have to be asked again, each once in a while."""
    now = clock()
    vanished = (runs.c.leased_until < now) & (runs.c.asked_at < runs.c.leased_until)
    forgotten = _running(_free(now), vanished | (runs.c.asked_at < now - PATIENCE))
    with engine().begin() as connection:
        return connection.execute(forgotten.values(asked_at=now).returning(runs)).all()


def _running(*which: sa.ColumnElement[bool]) -> sa.Update:
    return runs.update().where(runs.c.status == RUNNING, *which)


def _free(now: dt.datetime) -> sa.ColumnElement[bool]:
    return runs.c.leased_until.is_(None) | (runs.c.leased_until < now)


def delete_finished(age: dt.timedelta) -> int:
    """Delete the reports that finished so long ago, each with its rows; return how many."""
    finished = sa.select(runs).where(runs.c.status != RUNNING)
    with engine().connect() as connection:
        until = clock() - age
        old = connection.execute(finished.where(runs.c.finished_at < until)).all()
    for run in old:
        with engine(patient=True).begin() as connection:
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
    known = type(error) is LookupError or isinstance(error, StoreUptimeError)
    told = str(error) if known and not of_driver else ""
    return told or f"{type(error).__name__}: the worker's log says more."
