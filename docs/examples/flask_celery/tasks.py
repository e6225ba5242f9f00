"""The Celery application and its one task."""

from __future__ import annotations

import logging
import uuid

import polars as pl
from celery import Celery
from celery.signals import before_task_publish, worker_init
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy.exc import SQLAlchemyError

from store_uptime import DatabaseError, compute_report, load_sql, write_sql

from . import runs
from .archive import year_report
from .database import REPORT_TABLES, WEEK, YEAR, engine
from .settings import SETTINGS

ATTEMPTS = 5

logger = logging.getLogger(__name__)

celery = Celery("flask_celery", broker=SETTINGS.broker)
celery.conf.update(
    broker_transport_options=SETTINGS.broker_options,
    broker_connection_retry_on_startup=True,
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
        # With the report's id as the task's, Celery's own log lines tell which report they are of.
        make_report.apply_async((str(report_id), windows), task_id=str(report_id))
    except BrokerError:
        with engine().begin() as connection:
            runs.finish(connection, report_id, runs.FAILED, "The broker could not be reached.")
        raise
    return report_id


def ask_broker() -> None:
    """Raise if the broker does not answer within seconds."""
    with celery.connection_for_write(connect_timeout=3) as connection:
        connection.ensure_connection(max_retries=0)


# Without the database nothing can be done or noted down, so it is waited for, however long. Each
# attempt is counted before it begins: a report that kills its worker must not kill them for ever.
@celery.task(
    autoretry_for=(DatabaseError, SQLAlchemyError),
    retry_backoff=True,
    retry_backoff_max=60,
    max_retries=None,
)
def make_report(report_id: str, windows: str = WEEK) -> None:
    """Compute a report from the tables of the database, and keep it there."""
    run = uuid.UUID(report_id)
    attempt = runs.begin_attempt(run)
    with runs.locked(run) as connection:
        if connection is None:
            logger.info("report %s is finished already", report_id)
            return
        if attempt > ATTEMPTS:
            runs.finish(connection, run, runs.FAILED, f"Given up after {ATTEMPTS} attempts.")
            return
        try:
            report = year_report() if windows == YEAR else _compute()
            write_sql(report, connection, REPORT_TABLES[windows], run_id=report_id)
        except Exception as error:
            if isinstance(error, DatabaseError | SQLAlchemyError) and attempt < ATTEMPTS:
                raise
            logger.exception("report %s failed", report_id)
            runs.finish(connection, run, runs.FAILED, runs.plain(error))
        else:
            # In the same transaction as the rows: they are there if and only if it says so.
            runs.finish(connection, run, runs.COMPLETE)


def _compute() -> pl.DataFrame:
    inputs = load_sql(engine(), special_hours="special_hours", maintenance="maintenance")
    return compute_report(inputs)
