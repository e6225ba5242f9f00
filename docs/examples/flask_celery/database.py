"""The tables of the application, and the way to them."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import polars as pl
import sqlalchemy as sa

from .settings import SETTINGS

BATCH_ROWS = 20_000
WEEK, YEAR = "week", "year"
REPORT_TABLES = {WEEK: "store_uptime_report", YEAR: "store_uptime_year"}

metadata = sa.MetaData()

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
    sa.Column("leased_until", sa.DateTime(timezone=True)),
    sa.Column("now", sa.DateTime(timezone=True)),
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


@cache
def engine() -> sa.Engine:
    """Return the one engine of this process; make the folders and tables that are missing.

    A database that cannot be reached raises, and the next call tries again.
    """
    SETTINGS.make_folders()
    made = sa.create_engine(SETTINGS.database, pool_pre_ping=True)
    metadata.create_all(made)
    return made


def alone(connection: sa.Connection, what: str) -> None:
    """Begin a transaction; until it ends, nobody else does what has the same name."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(what))))


def utc(instant: dt.datetime) -> dt.datetime:
    """Return an instant with its zone: SQLite keeps none."""
    return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)


def read_many(query: sa.Select[Any]) -> pl.DataFrame:
    """Return the rows of a query as a frame, also millions of them."""
    if engine().dialect.name == "sqlite":
        with engine().connect() as connection:
            return pl.read_database(query, connection, infer_schema_length=None)
    from adbc_driver_manager import Error  # noqa: PLC0415  # not needed with SQLite

    text = str(query.compile(engine(), compile_kwargs={"literal_binds": True}))
    uri = SETTINGS.database.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        return pl.read_database_uri(text, uri, engine="adbc")
    except Error as error:
        # So that the report is tried again, as after other errors of the database.
        raise sa.exc.OperationalError(text, None, error) from error
