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

AT = pl.col("timestamp_utc")
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
WINDOWS = {
    "last_30_days": Window("30d"),
    "last_month": CalendarWindow("month"),
    "last_quarter": CalendarWindow("quarter"),
    "last_year": CalendarWindow("year"),
}
YEARS = make_dataset(3, 800, poll_every="8h", special_days=0.02, maintenance=0.2)
WEEKS = make_dataset(4, 50, poll_every="2h", outages_per_day=2, without_hours=0.5)
COVERED = ["last_30_days", "last_month"]  # by data from 17 September to 6 November


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
        loaded = self.script(_LOAD, str(folder))
        assert loaded.returncode == 0, loaded.stderr

    def command(self, *arguments: str) -> str:
        done = self.host.command(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def number(self, table: str) -> int:
        """Return how many rows there are."""
        engine = sa.create_engine(self.url)
        with engine.connect() as connection:
            number: int = connection.scalar(sa.text(f"SELECT count(*) FROM {table}"))
        engine.dispose()
        return number

    def script(self, script: str, *arguments: str) -> Any:
        return self.host.run("-c", script, *arguments)


_LOAD = "import pathlib, sys; from flask_celery.loading import *; load(pathlib.Path(sys.argv[1]))"


def rows_of(polls: pl.DataFrame) -> list[dict[str, Any]]:
    up = pl.when("status").then(pl.lit("active")).otherwise(pl.lit("inactive"))
    return polls.with_columns(status=up).to_dicts()


def latest(polls: pl.DataFrame) -> dt.datetime:
    found = polls["timestamp_utc"].max()
    assert isinstance(found, dt.datetime)
    return found


def up_to(inputs: Inputs[pl.DataFrame], now: dt.datetime) -> Inputs[pl.DataFrame]:
    """Return the tables as they are at an instant."""
    return with_polls(inputs, now >= AT)


def with_polls(inputs: Inputs[pl.DataFrame], wanted: pl.Expr) -> Inputs[pl.DataFrame]:
    """Return the tables with some of the polls."""
    status = inputs.status.filter(wanted)
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


# What scripts have in common: steps that are longer than those of the application, to be quick.
_BEGIN = """
import datetime as dt, os, pathlib, signal, sys, time
import polars as pl, sqlalchemy as sa
from flask_celery import archive, database, loading
archive.STEP, hour, nothing = dt.timedelta(days=300), dt.timedelta(hours=1), dt.timedelta(0)

def insert(file):
    at = sa.column("timestamp_utc", database.polls.c.timestamp_utc.type)
    table = sa.table("store_status", at, sa.column("store_id"), sa.column("status"))
    with database.engine().begin() as connection:
        rows = pl.read_parquet(file).to_dicts()
        connection.execute(table.insert(), rows)
"""


# --- killed at every step -------------------------------------------------------------------------

# Do again what the process before was killed at, make the report, then take the polls of one more
# day, and die.
_KILLED = f"""{_BEGIN}
report, polls, verb, step = sys.argv[1:]
engine = database.engine(patient=True)

def work(verb):
    if verb == "settle":
        list(archive.settle(hour))
    else:
        archive.clean(nothing)

work("settle")
work("clean")
archive.year_report()[0].write_parquet(report)
if not step:
    sys.exit()
insert(polls)

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def then_die(owner, name):
    whole = getattr(owner, name)
    setattr(owner, name, lambda *a, **k: (whole(*a, **k), die()))

def on_statement(event, beginning, act=die):
    @sa.event.listens_for(engine, event)
    def look(connection, cursor, statement, *_):
        if statement.startswith(beginning):
            act()

def on_commit(act):
    # Of what is written: reading ends with one, too.
    writing = "INSERT INTO settled_spans", "DELETE"
    on_statement("before_cursor_execute", writing, act)

match step:
    case "before the read": archive._kept = die
    case "after the load": then_die(archive, "load_sql")
    case "after the timeline": then_die(archive, "compute_timeline")
    case "after the span": on_statement("after_cursor_execute", "INSERT INTO settled_spans")
    case "amid the pieces": on_statement("after_cursor_execute", "INSERT INTO settled_pieces")
    case "before the delete": on_statement("before_cursor_execute", "DELETE")
    case "before the commit": on_commit(lambda: setattr(engine.dialect, "do_commit", die))
    case "after the commit": on_commit(lambda: then_die(engine.dialect, "do_commit"))
archive.BATCH_ROWS = 4
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
    ("clean", "before the delete"),
    ("clean", "before the commit"),
    ("clean", "after the commit"),
]


def test_whenever_it_is_killed_nothing_is_lost_or_counted_twice(shop: Shop) -> None:
    """The year's report is that of all polls, to the last bit, though most of them are gone."""
    # Before anything is written, one database is as good as another.
    steps = _STEPS if "sqlite" in shop.url else _STEPS[3:]
    days = [YEARS.now - number * DAY for number in range(len(steps), -1, -1)]
    shop.load(up_to(YEARS.inputs, days[0]))
    kept = []
    files = [shop.host.folder / name for name in ("report.parquet", "polls.parquet")]
    for (verb, step), day, next_day in zip(
        [*steps, ("", "")], days, [*days[1:], None], strict=True
    ):
        coming = YEARS.status.filter(day < AT, (next_day or day) >= AT)
        pl.DataFrame(rows_of(coming)).write_parquet(files[1])
        ended = shop.script(_KILLED, *map(str, files), verb, step)
        assert ended.returncode == (-signal.SIGKILL if step else 0), (step, ended.stderr)
        kept.append(shop.number("settled_spans"))
        wanted = expected(up_to(YEARS.inputs, day))
        assert wanted.null_count().sum_horizontal().item() == 0
        assert_frame_equal(pl.read_parquet(files[0]), wanted, check_exact=True)
    # Each day has its span: one day later where its run was killed, but where it was committed.
    days_kept = [
        number + (step == ("settle", "after the commit")) for number, step in enumerate(steps)
    ]
    assert [number - kept[0] for number in kept] == [*days_kept, len(steps)]
    # Eight days of three polls of three stores; a day may hold one more or less of each.
    assert shop.number("store_status") == pytest.approx(8 * 3 * 3, abs=2 * 3)
    left = load_sql(shop.url, special_hours="special_hours", maintenance="maintenance")
    assert_frame_equal(compute_report(left), compute_report(YEARS.inputs), check_exact=True)


# --- two at once ----------------------------------------------------------------------------------

_WAITING = f"""{_BEGIN}
mine, start = map(pathlib.Path, sys.argv[1:])
whole = archive.compute_timeline

def compute_and_wait(*arguments, **options):
    timeline = whole(*arguments, **options)
    mine.touch()
    while not start.exists():
        time.sleep(0.01)
    return timeline

archive.compute_timeline = compute_and_wait
print(*archive.settle(hour))
archive.year_report()[0].write_parquet(mine)
"""


def test_of_two_runs_at_once_one_is_kept(shop: Shop) -> None:
    shop.load(WEEKS.inputs)
    names = [str(shop.host.folder / name) for name in ("first", "second", "start")]
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(shop.script, _WAITING, name, names[2]) for name in names[:2]]
        eventually(lambda: all(Path(name).exists() for name in names[:2]))
        Path(names[2]).touch()
        told = sorted(run.result().stdout.strip() for run in runs)
    assert told == ["", str(latest(WEEKS.status) - DAY - HOUR)]
    assert shop.number("settled_spans") == 1
    for name in names[:2]:
        found = pl.read_parquet(name)
        assert_frame_equal(
            found.select(expected(WEEKS.inputs, *COVERED).columns),
            expected(WEEKS.inputs, *COVERED),
            check_exact=True,
        )


_MEANWHILE = f"""{_BEGIN}
folder, load = pathlib.Path(sys.argv[1]), archive._load

def settle_and_clean():
    archive._load = load
    list(archive.settle(hour))
    archive.clean(nothing)

def load_after(*span):
    settle_and_clean()
    return load(*span)

def load_before(*span):
    inputs = load(*span)
    settle_and_clean()
    return inputs

loading.load(folder / "csv")
settle_and_clean()
for loads in (load_after, load_before):
    insert(folder / f"{{loads.__name__}}_polls.parquet")
    archive._load = loads
    archive.year_report()[0].write_parquet(folder / f"{{loads.__name__}}.parquet")
"""


def test_a_report_that_is_made_while_they_run_has_each_poll_once(small: Shop) -> None:
    """Two weeks are settled and cleaned just before its polls are read, and two weeks just after."""
    days, folder = [WEEKS.now - number * DAY for number in (28, 14, 0)], small.host.folder
    replace(YEARS, inputs=up_to(WEEKS.inputs, days[0])).write_csv(folder / "csv")
    spans = list(zip(("load_after", "load_before"), days, days[1:], strict=False))
    for name, day, next_day in spans:
        coming = WEEKS.status.filter(day < AT, next_day >= AT)
        pl.DataFrame(rows_of(coming)).write_parquet(folder / f"{name}_polls.parquet")
    made = small.script(_MEANWHILE, str(folder))
    assert made.returncode == 0, made.stderr
    for name, _, day in spans:
        found = pl.read_parquet(folder / f"{name}.parquet")
        wanted = expected(up_to(WEEKS.inputs, day), "last_30_days")
        assert_frame_equal(found.select(wanted.columns), wanted, check_exact=True)


# --- day by day -----------------------------------------------------------------------------------


_AGAIN = f"""{_BEGIN}
loading.load(pathlib.Path(sys.argv[1]))
print(list(archive.settle(hour)))
archive.year_report()[0].write_parquet(sys.argv[2])
"""


def test_the_report_over_a_year_is_asked_for_as_any_other(small: Shop) -> None:
    """For two weeks nobody polled: more than a step."""
    silent = AT.is_between(WEEKS.now - 40 * DAY, WEEKS.now - 25 * DAY)
    inputs = with_polls(WEEKS.inputs, ~silent)
    now = latest(inputs.status)
    small.load(inputs)
    assert small.command("clean", "--keep", "0h") == "deleted: 0 polls\n"
    with small.host.serving():
        small.host.start_worker()
        refused = small.host.ask("POST", "/trigger_report?windows=decade")
        assert (refused.status, refused.json) == (400, {"error": "windows is one of week, year."})
        failed = small.host.finished(small.host.trigger("?windows=year"))
        assert failed["status"] == "Failed"
        assert failed["reason"] == "Nothing is settled yet. Run: python -m flask_celery settle"

        steps = small.command("settle").splitlines()
        assert len(steps) == 7  # 50 - 1 days, a week at a time
        assert steps[-1] == f"settled up to {now - DAY - HOUR}"
        # By 20 days, not by the 8 that a report over a week needs.
        gone = inputs.status.filter(now - 20 * DAY > AT).height
        assert small.command("clean", "--keep", "20d") == f"deleted: {gone} polls\n"
        done = small.host.command("trigger", "--windows", "year", "--wait")
        assert (done.returncode, done.stderr.split()) == (0, ["Complete"])
        csv = small.host.ask("GET", f"/get_report/{done.stdout.strip()}")
        nothing = {
            f"{what}_{name}": None
            for name in ("last_quarter", "last_year")
            for what in ("uptime", "downtime")
        }
        wanted = expected(inputs, *COVERED).with_columns(
            pl.lit(value, pl.Float64).alias(name) for name, value in nothing.items()
        )
        assert_frame_equal(pl.read_csv(csv.body, schema=wanted.schema), wanted, check_exact=True)
        report_id = small.host.trigger()
        assert small.host.finished(report_id)["status"] == "Complete"
        week, csv = compute_report(inputs), small.host.ask("GET", f"/get_report/{report_id}")
        assert_frame_equal(pl.read_csv(csv.body, schema=week.schema), week)

    again = small.script(
        _AGAIN, *map(str, (small.host.folder / "csv", file := small.host.folder / "again.parquet"))
    )
    assert (again.returncode, again.stdout) == (0, "[]\n")
    assert small.number("store_status") == inputs.status.height
    assert_frame_equal(pl.read_parquet(file), wanted, check_exact=True)


_LATE = f"""{_BEGIN}
folder = pathlib.Path(sys.argv[1])
for hours in range(2):
    loading.load(folder / "csv")
    with database.engine().begin() as connection:
        connection.execute(database.spans.delete())
        connection.execute(database.pieces.delete())
    list(archive.settle(hours * hour))
    insert(folder / "late.parquet")
    list(archive.settle(hour))
    archive.year_report()[0].write_parquet(folder / f"{{hours}}.parquet")
"""


def test_polls_may_come_as_late_as_the_delay(small: Shop) -> None:
    """One store is not heard of for 60 hours; what it said then comes after the others' polls.

    It says how the store was during the 24 hours before, and without a delay the first 40 minutes
    of them are settled already, as unknown.
    """
    stores = make_dataset(2, 50, jitter=0, outages_per_day=0, without_hours=1)
    now = stores.now - 5 * DAY
    one = pl.col("store_id") == stores.status["store_id"].min()
    late = stores.status.filter(one).head(1)
    late = late.with_columns(pl.lit(now - dt.timedelta(minutes=40)).alias("timestamp_utc"))
    inputs = with_polls(stores.inputs, ~(one & AT.is_between(now - 60 * HOUR, now)))
    folder = small.host.folder
    replace(YEARS, inputs=up_to(inputs, now)).write_csv(folder / "csv")
    after = pl.concat([late, inputs.status.filter(now < AT)])
    pl.DataFrame(rows_of(after)).write_parquet(folder / "late.parquet")
    made = small.script(_LATE, str(folder))
    assert made.returncode == 0, made.stderr
    uptime = "uptime_last_30_days"
    status = pl.concat([inputs.status, late])
    wanted = expected(Inputs(status, inputs.hours, inputs.timezones), "last_30_days")[uptime]
    for hours, minutes in ((0, 40), (1, 0)):
        lost = wanted - pl.read_parquet(folder / f"{hours}.parquet")[uptime]
        assert (lost * 60).round(6).to_list() == [minutes, 0]


def test_a_poll_of_a_clock_that_is_fast_does_not_settle_what_has_not_been(small: Shop) -> None:
    now = dt.datetime.now(dt.UTC)
    stores = make_dataset(1, 3, now=now)
    ahead = stores.status.head(1).with_columns(pl.lit(now + 40 * DAY).alias("timestamp_utc"))
    small.load(Inputs(pl.concat([stores.status, ahead]), stores.hours, stores.timezones))
    assert small.command("settle") == f"settled up to {latest(stores.status) - DAY - HOUR}\n"
