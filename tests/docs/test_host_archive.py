"""The archive of the example host application: no poll that is lost or counted twice shows later."""

from __future__ import annotations

import datetime as dt
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import CalendarWindow, Inputs, Window, compute_report, load_sql
from store_uptime.testing import make_dataset
from support import services
from support.host_app import (
    EXAMPLES,
    Host,
    clean_environment,
    copy_application,
    eventually,
    settings_of,
)

if not EXAMPLES.is_dir():
    pytest.skip("the examples are not beside these tests", allow_module_level=True)
for package in ("celery", "dotenv", "flask"):
    pytest.importorskip(package)
sa = pytest.importorskip("sqlalchemy")

DAY, HOUR, TICK = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(microseconds=1)
WINDOWS = {
    "last_30_days": Window("30d"),
    "last_month": CalendarWindow("month"),
    "last_quarter": CalendarWindow("quarter"),
    "last_year": CalendarWindow("year"),
}
YEARS = make_dataset(5, 800, poll_every="6h", special_days=0.02, maintenance=0.5)
WEEKS = make_dataset(6, 50, outages_per_day=2)


@dataclass(frozen=True)
class Shop:
    """The application with an empty database of its own, and what the tests do behind its back."""

    host: Host
    url: str

    def load(self, inputs: Inputs[pl.DataFrame]) -> None:
        """Have the tables replaced, as with files from elsewhere."""
        folder = self.host.folder / "csv"
        folder.mkdir(exist_ok=True)
        for file in folder.iterdir():
            file.unlink()
        replace(YEARS, inputs=inputs).write_csv(folder)
        self.command("load", str(folder))

    def command(self, *arguments: str) -> str:
        done = self.host.command(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def add(self, polls: pl.DataFrame) -> None:
        """Write polls as a poller does."""
        self._run(_POLLS.insert(), rows_of(polls))

    def one(self, query: str) -> Any:
        """Return the first row of a query."""
        engine = sa.create_engine(self.url)
        with engine.connect() as connection:
            row = connection.execute(sa.text(query)).first()
        engine.dispose()
        return row

    def number(self, table: str) -> int:
        return int(self.one(f"SELECT count(*) FROM {table}")[0])

    def _run(self, statement: Any, *values: Any) -> None:
        engine = sa.create_engine(self.url)
        with engine.begin() as connection:
            connection.execute(statement, *values)
        engine.dispose()

    def script(self, script: str, *arguments: str) -> Any:
        return self.host.run("-c", script, *arguments)

    def year(self) -> pl.DataFrame:
        """Return the year's report as the application makes it."""
        file = self.host.folder / "year.parquet"
        made = self.script(_YEAR, str(file))
        assert made.returncode == 0, made.stderr
        return pl.read_parquet(file)


_POLLS = sa.table(
    "store_status",
    sa.column("store_id"),
    sa.column("timestamp_utc", sa.DateTime(timezone=True)),
    sa.column("status"),
)
_YEAR = "import sys; from flask_celery.archive import *; year_report().write_parquet(sys.argv[1])"


def rows_of(polls: pl.DataFrame) -> list[dict[str, Any]]:
    up = pl.when("status").then(pl.lit("active")).otherwise(pl.lit("inactive"))
    return polls.with_columns(status=up).to_dicts()


def up_to(inputs: Inputs[pl.DataFrame], now: dt.datetime) -> Inputs[pl.DataFrame]:
    """Return the tables as they are at an instant."""
    status = inputs.status.filter(pl.col("timestamp_utc") <= now)
    return Inputs(status, inputs.hours, inputs.timezones, extra=inputs.extra)


def expected(inputs: Inputs[pl.DataFrame], *names: str) -> pl.DataFrame:
    """Return what all polls that there ever were say."""
    return compute_report(inputs, windows={name: WINDOWS[name] for name in names or WINDOWS})


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    copy_application(tmp_path)
    host = Host(tmp_path, clean_environment())
    if request.param == "sqlite":
        yield on_sqlite(tmp_path)
        return
    server = request.getfixturevalue("postgres_server")
    with services.postgres_database(server) as url:
        host.env |= settings_of(url)
        yield Shop(host, url.replace("postgresql:", "postgresql+psycopg:", 1))


def on_sqlite(folder: Path) -> Shop:
    host = Host(folder, clean_environment())
    return Shop(host, f"sqlite:///{folder}/flask_celery/var/store_uptime.sqlite")


@pytest.fixture
def small(tmp_path: Path) -> Shop:
    """One without a server."""
    copy_application(tmp_path)
    return on_sqlite(tmp_path)


# --- killed at every step -------------------------------------------------------------------------

# Do again what the process before was killed at, make the report, then take the polls of one more
# day, and die.
_KILLED = """
import datetime as dt, os, signal, sys
import polars as pl, sqlalchemy as sa
from flask_celery import archive, database
report, polls, verb, step = sys.argv[1:]
archive.STEP, database.BATCH_ROWS = dt.timedelta(days=100), 4
archive.BATCH_ROWS = 4
engine, hour, nothing = database.engine(), dt.timedelta(hours=1), dt.timedelta(0)

def work(verb):
    if verb == "settle":
        while archive.settle(hour):
            pass
    else:
        archive.clean(nothing)

work("settle")
work("clean")
archive.year_report().write_parquet(report)
table = sa.table("store_status", *map(sa.column, ["store_id", "status"]),
                 sa.column("timestamp_utc", sa.DateTime(timezone=True)))
with engine.begin() as connection:
    connection.execute(table.insert(), pl.read_parquet(polls).to_dicts())

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def then_die(owner, name):
    whole = getattr(owner, name)
    setattr(owner, name, lambda *a, **k: (whole(*a, **k), die()))

def on_statement(event, beginning):
    @sa.event.listens_for(engine, event)
    def look(connection, cursor, statement, *_):
        if statement.startswith(beginning):
            die()

match step:
    case "before the read": archive._kept = die
    case "after the load": then_die(archive, "load_sql")
    case "after the timeline": then_die(archive, "compute_timeline")
    case "after the span": on_statement("after_cursor_execute", "INSERT INTO settled_spans")
    case "amid the pieces": on_statement("after_cursor_execute", "INSERT INTO settled_pieces")
    case "before the delete": on_statement("before_cursor_execute", "DELETE")
    case "after the delete": on_statement("after_cursor_execute", "DELETE")
    case "before the commit": engine.dialect.do_commit = die
    case "after the commit": then_die(engine.dialect, "do_commit")
if verb == "clean":
    # What is cleaned first has to be settled.
    pass
work(verb)
"""
_STEPS = [
    ("settle", "before the read"),
    ("settle", "after the load"),
    ("settle", "after the timeline"),
    ("settle", "after the span"),
    ("settle", "amid the pieces"),
    ("settle", "before the commit"),
    ("settle", "after the commit"),
    ("clean", "before the read"),
    ("clean", "before the delete"),
    ("clean", "after the delete"),
    ("clean", "before the commit"),
    ("clean", "after the commit"),
]


def test_whenever_it_is_killed_nothing_is_lost_or_counted_twice(shop: Shop) -> None:
    """The year's report is that of all polls, to the last bit, though most of them are gone."""
    days = [YEARS.now - number * DAY for number in range(len(_STEPS), -1, -1)]
    shop.load(up_to(YEARS.inputs, days[0]))
    report, polls = shop.host.folder / "report.parquet", shop.host.folder / "polls.parquet"
    for (verb, step), day, next_day in zip(_STEPS, days, days[1:], strict=False):
        timestamp = pl.col("timestamp_utc")
        coming = YEARS.status.filter(timestamp > day, timestamp <= next_day)
        pl.DataFrame(rows_of(coming)).write_parquet(polls)
        killed = shop.script(_KILLED, str(report), str(polls), verb, step)
        assert killed.returncode == -signal.SIGKILL, (step, killed.stderr)
        found, wanted = pl.read_parquet(report), expected(up_to(YEARS.inputs, day))
        assert wanted.null_count().sum_horizontal().item() == 0
        assert_frame_equal(found, wanted, check_exact=True)
    # TODO
