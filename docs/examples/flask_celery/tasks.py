"""The Celery application and its one task."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from contextlib import suppress

import polars as pl
from celery import Celery
from celery.signals import before_task_publish, worker_init
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy.exc import SQLAlchemyError

from store_uptime import DatabaseError, compute_report, load_sql, write_sql

from . import runs
from .archive import year_report
from .database import REPORT_TABLES, WEEK, YEAR, clock, engine
from .settings import SETTINGS

PASSING = DatabaseError, SQLAlchemyError  # the database may come back

logger = logging.getLogger(__name__)

celery = Celery("flask_celery", broker=SETTINGS.broker)
celery.conf.update(
    broker_transport_options=SETTINGS.broker_options,
    broker_connection_timeout=SETTINGS.timeout,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # a worker waits for the broker, however long
    broker_heartbeat=15,
    broker_pool_limit=100,  # no thread of a server waits until another has told the broker
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0},
    task_default_queue=SETTINGS.queue,
    task_ignore_result=True,  # the table of runs has it
    task_acks_late=True,  # a message is gone only when its report is finished
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_pool="threads",  # polars is parallel by itself, and does not like to be forked
    # SQLite has one writer at a time, and tells others that it is locked.
    worker_concurrency=1 if SETTINGS.database.get_backend_name() == "sqlite" else 2,
)


@before_task_publish.connect
@worker_init.connect
def _make_folders(**_: object) -> None:
    SETTINGS.make_folders()


def trigger(windows: str = WEEK) -> uuid.UUID:
    """Have a report made, and return its id at once; that of an equal one which is not finished."""
    report_id, is_new = runs.register(windows)
    if not is_new:
        return report_id
    try:
        _ask_workers(report_id, windows)
    except BrokerError:
        with suppress(runs.LostError):  # a worker has it: only the answer did not come
            _fail(report_id, 0, "The broker could not be reached.")
        raise
    return report_id


def ask_broker() -> None:
    """Raise if the broker does not answer."""
    with celery.connection_for_write() as connection:
        connection.ensure_connection(max_retries=0)


def sweep() -> int:
    """End or ask again for the reports that no worker has; return how many are asked for.

    Workers and messages may vanish without a word. It may run at any time, and twice at once.
    """
    runs.give_up()
    for run in (stuck := runs.stuck()):
        logger.warning("report %s: stuck after %d attempts", run.report_id, run.attempts)
        _ask_workers(run.report_id, run.windows)
    return len(stuck)


def _ask_workers(report_id: uuid.UUID, windows: str) -> None:
    # The task has the id of the report, so that Celery's own log lines say which one it is.
    make_report.apply_async((str(report_id), windows), task_id=str(report_id))


# Without the database nothing can be done or noted down, so it is waited for, however long. Each
# attempt is counted before it begins: a report that kills its worker must not kill them for ever.
@celery.task(autoretry_for=PASSING, retry_backoff=True, retry_backoff_max=60, max_retries=None)
def make_report(report_id: str, windows: str = WEEK) -> None:
    """Compute a report from the tables of the database, and keep it there."""
    run = uuid.UUID(report_id)
    attempt = runs.claim(run)
    if attempt is None:
        _leave(report_id)
        return
    try:
        with runs.leased(run, attempt):
            report, now = year_report() if windows == YEAR else _compute()
        with engine(patient=True).begin() as connection:
            # First, so that no other attempt begins meanwhile. The rows are there if and only if
            # it says so.
            runs.finish(connection, run, attempt, runs.COMPLETE, now=now)
            write_sql(report, connection, REPORT_TABLES[windows], run_id=report_id)
    except runs.LostError:
        logger.warning("report %s: attempt %d came too late", report_id, attempt)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of polars is no Exception
        logger.exception("report %s: attempt %d failed", report_id, attempt)
        if not isinstance(error, PASSING):
            _fail(run, attempt, runs.plain(error))
            return
        with engine().begin() as connection:
            free = {"leased_until": None, "asked_at": clock()}
            runs.update(connection, run, attempt, reason=runs.plain(error), **free)
        raise


def _leave(report_id: str) -> None:
    """Come back to a report that another worker has: it may have vanished."""
    runs.give_up()
    run = runs.find(report_id)
    if run is not None and run.status == runs.RUNNING:
        logger.info("report %s: is being made already", report_id)
        raise make_report.retry(countdown=SETTINGS.lease)
    logger.info("report %s: is finished already", report_id)


def _fail(run: uuid.UUID, attempt: int, reason: str) -> None:
    with engine().begin() as connection:
        runs.finish(connection, run, attempt, runs.FAILED, reason)


def _compute() -> tuple[pl.DataFrame, dt.datetime | None]:
    through = engine(patient=True)
    inputs = load_sql(through, special_hours="special_hours", maintenance="maintenance")
    return compute_report(inputs), inputs.now
