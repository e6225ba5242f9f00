"""The tables of the application, and the way to them."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from .settings import SETTINGS

REPORT_TABLE = "store_uptime_report"

metadata = sa.MetaData()

runs = sa.Table(
    "report_runs",
    metadata,
    sa.Column("report_id", sa.Uuid, primary_key=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
)


@cache
def engine() -> sa.Engine:
    """Return the one engine of this process; make the folders and tables that are missing.

    A database that cannot be reached raises, and the next call tries again.
    """
    SETTINGS.make_folders()
    made = sa.create_engine(SETTINGS.database, pool_pre_ping=True)
    metadata.create_all(made)
    return made
