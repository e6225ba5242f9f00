"""The tables of the application, and the way to them."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import polars as pl
import sqlalchemy as sa

from .postgres import Connection, limits
from .settings import SETTINGS

BATCH_ROWS = 20_000
WEEK, YEAR = "week", "year"
REPORT_TABLES = {WEEK: "store_uptime_report", YEAR: "store_uptime_year"}

metadata = sa.MetaData()


def clock() -> dt.datetime:
    """Return the time. That of two machines may differ by less than a lease."""
    return dt.datetime.now(dt.UTC)


runs = sa.Table(
    "report_runs",
    metadata,
    sa.Column("report_id", sa.Uuid, primary_key=True),
    sa.Column("windows", sa.Text, nullable=False, server_default=WEEK),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("started_at", sa.DateTime(timezone=True)),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("leased_until", sa.DateTime(timezone=True)),  # by the worker that makes it
    # When workers were asked to make it: by a message that may be lost.
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("now", sa.DateTime(timezone=True)),  # where the data end of which it is made
)

# Two runs at once give the next span the same number: only one of them can keep it.
spans = sa.Table(
    "settled_spans",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("start_utc", sa.DateTime(timezone=True), nullable=False, unique=True),
    sa.Column("end_utc", sa.DateTime(timezone=True), nullable=False),
)

pieces = sa.Table(
    "settled_pieces",
    metadata,
    sa.Column("start_utc", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("store_id", sa.Text, primary_key=True),
    sa.Column("end_utc", sa.DateTime(timezone=True), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)

polls = sa.table("store_status", sa.column("timestamp_utc", sa.DateTime(timezone=True)))


def _engine(seconds: int) -> sa.Engine:
    """Return an engine whose statements, and waits for a lock, end after so many seconds."""
    pool = {"pool_pre_ping": True, "pool_recycle": 600, "pool_timeout": SETTINGS.timeout}
    if SETTINGS.database.get_backend_name() == "sqlite":
        return sa.create_engine(SETTINGS.database, connect_args={"timeout": seconds}, **pool)
    url = SETTINGS.database.update_query_dict(limits(SETTINGS.timeout, seconds))
    made = sa.create_engine(url, **pool)
    sa.event.listen(made, "do_connect", lambda *given: Connection.within(seconds, **given[-1]))
    return made


_quick, _patient = _engine(SETTINGS.timeout), _engine(SETTINGS.long_timeout)
_made = threading.Event()


def engine(*, patient: bool = False) -> sa.Engine:
    """Return the engine of this process, or the one for what takes long, such as a report.

    The first call makes the folders and tables that are missing. A database that cannot be reached
    raises, and the next call tries again.
    """
    if not _made.is_set():
        SETTINGS.make_folders()
        if not all(map(sa.inspect(_quick).has_table, metadata.tables)):
            with _quick.begin() as connection:
                alone(connection, "tables")
                metadata.create_all(connection)
        _made.set()
    return _patient if patient else _quick


def alone(connection: sa.Connection, what: str) -> None:
    """Let nobody else do `what` until the transaction ends, which begins here."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(what))))


def utc(instant: dt.datetime) -> dt.datetime:
    """Return an instant with its zone: SQLite keeps none."""
    return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)


def read_many(query: sa.Select[Any]) -> pl.DataFrame:
    """Return the rows of a query as a frame, also millions of them."""
    through = engine(patient=True)
    if through.dialect.name == "sqlite":
        with through.connect() as connection:
            return pl.read_database(query, connection, infer_schema_length=None)
    from adbc_driver_manager import Error  # noqa: PLC0415  # not needed with SQLite

    text = str(query.compile(through, compile_kwargs={"literal_binds": True}))
    uri = through.url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        # For libpq a plus is no blank.
        return pl.read_database_uri(text, uri.replace("+", "%20"), engine="adbc")
    except Error as error:
        # So that the report is tried again, as after other errors of the database.
        raise sa.exc.OperationalError(text, None, error) from error
