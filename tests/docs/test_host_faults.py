"""The example host application when something breaks around it: nothing runs for ever."""

from __future__ import annotations

import os
import re
import signal
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support import services
from support.host_app import (
    EXAMPLES,
    Host,
    Proxy,
    clean_environment,
    copy_application,
    eventually,
    settings_of,
)
from support.host_faults import SECONDS, fetch, locked, script, soon, waiting
from support.host_stores import write_stores

if not EXAMPLES.is_dir():
    pytest.skip("the examples are not beside these tests", allow_module_level=True)
for package in ("celery", "dotenv", "flask", "sqlalchemy"):
    pytest.importorskip(package)

POLLS = 2 + 40 * (8 * 24 - 1) + 1


@dataclass(frozen=True)
class Site:
    """The application as it serves, with both servers behind proxies."""

    host: Host
    database: str
    broker: str
    to_database: Proxy
    to_broker: Proxy

    @property
    def direct(self) -> dict[str, str]:
        """Settings that lead past the proxies."""
        return settings_of(self.database) | {"CELERY_BROKER_URL": self.broker}

    def another(self, **env: str) -> Host:
        """Return the same application on another machine."""
        return Host(self.host.folder, self.host.env | env, self.host.port)

    def sweep(self, report_id: str) -> bool:
        """Sweep, and return whether the report is finished."""
        done = self.host.command("sweep", **self.direct)
        assert done.returncode == 0, done.stderr
        return bool(self.run(report_id)[0] != "Running")

    def run(self, report_id: str) -> tuple[str, str | None, int]:
        """Return status, reason and attempts."""
        query = "SELECT status, reason, attempts FROM report_runs WHERE report_id = %s"
        status, reason, attempts = fetch(self.database, query, report_id)[0]
        return status, reason, attempts

    def all_of(self, report_id: str) -> list[tuple[object, ...]]:
        """Return all that the database has of a report."""
        query = "SELECT u::text, s::text FROM report_runs u JOIN store_uptime_report s ON run_id = report_id::text WHERE report_id = %s ORDER BY 2"
        return fetch(self.database, query, report_id)


def proxy_to(url: str, port: int) -> Proxy:
    target = urlsplit(url)
    return Proxy(target.hostname or "127.0.0.1", target.port or port)


@pytest.fixture(scope="module")
def csv_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("csv")
    write_stores(folder)
    return folder


@pytest.fixture(scope="module")
def site(
    postgres_server: str, csv_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("host")
    copy_application(folder)
    with (
        services.postgres_database(postgres_server) as url,
        services.rabbitmq_queue() as (broker, queue),
    ):
        to_database, to_broker = proxy_to(url, 5432), proxy_to(broker, 5672)
        near = urlsplit(broker)
        user = near.netloc.rpartition("@")[0]
        through = near._replace(netloc=f"{user}@127.0.0.1:{to_broker.port}").geturl()
        env = settings_of(url) | {"DB_HOST": "127.0.0.1", "DB_PORT": str(to_database.port)}
        env |= {"CELERY_BROKER_URL": through, "CELERY_QUEUE": queue} | SECONDS
        host = Host(folder, clean_environment() | env)
        loaded = host.command("load", str(csv_folder))
        assert loaded.returncode == 0, loaded.stderr
        with host.serving():
            yield Site(host, url, broker, to_database, to_broker)
        to_database.cut()
        to_broker.cut()


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    """The application with an empty database of its own, and no server."""
    copy_application(tmp_path)
    host = Host(tmp_path, clean_environment() | SECONDS)
    if request.param == "sqlite":
        yield host
        return
    with services.postgres_database(request.getfixturevalue("postgres_server")) as url:
        host.env |= settings_of(url)
        yield host


@pytest.fixture(scope="module")
def made(site: Site) -> str:
    """The id of a report that is complete."""
    site.host.start_worker()
    report_id = site.host.trigger()
    assert site.host.finished(report_id)["status"] == "Complete"
    site.host.kill_worker()
    return report_id


# --- servers that say nothing --------------------------------------------------------------------


def test_a_database_that_does_not_answer_is_not_waited_for(site: Site, made: str) -> None:
    requests = ("POST", "/trigger_report"), ("GET", f"/check_status/{made}"), ("GET", f"/get_report/{made}")  # fmt: skip
    with site.to_database.holding(), ThreadPoolExecutor(4) as pool, soon():
        first_use = pool.submit(site.host.command, "trigger")
        answers = list(pool.map(lambda request: site.host.ask(*request), requests))
        assert [answer.status for answer in answers] == [503] * 3
        assert first_use.result().stderr.startswith("error: ")
    assert site.host.status(made)["status"] == "Complete"


def test_a_table_that_is_locked_is_not_waited_for(site: Site, made: str) -> None:
    with locked(site.database, "report_runs"), soon():
        assert site.host.ask("GET", f"/check_status/{made}").status == 503
    assert site.host.status(made)["status"] == "Complete"


def test_a_broker_that_does_not_answer_is_not_waited_for(site: Site, made: str) -> None:
    with site.to_broker.holding():
        for _ in range(2):  # with a connection from before, and without one
            with soon():
                assert site.host.ask("POST", "/trigger_report").status == 503
            latest = site.host.ask("GET", "/check_status").json
            assert latest["status"] == "Failed"
            assert latest["reason"] == "The broker could not be reached."
            assert latest["report_id"] != made
    site.host.start_worker()
    try:
        assert site.host.finished(site.host.trigger())["status"] == "Complete"
    finally:
        site.host.kill_worker()


# --- workers and messages that vanish -------------------------------------------------------------


@contextmanager
def vanished(site: Site, worker: Host, how: str) -> Iterator[None]:
    """Let a worker say nothing any more, while nobody sees it end."""
    if how == "cut off":
        with site.to_database.holding():
            yield
        return
    assert worker.worker is not None
    os.kill(worker.worker.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(worker.worker.pid, signal.SIGCONT)


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("how", ["stopped", "cut off"])
def test_the_report_of_a_worker_that_vanishes_is_made_by_another(site: Site, how: str) -> None:
    first, second = site.another(), site.another(**site.direct)
    first.start_worker()
    try:
        with ExitStack() as back:
            with locked(site.database, "store_status"):
                report_id = site.host.trigger()
                eventually(lambda: waiting(site.database))
                back.enter_context(vanished(site, first, how))
            second.start_worker()
            eventually(lambda: site.sweep(report_id))
            assert site.run(report_id) == ("Complete", None, 2)
            before = site.all_of(report_id)
            assert len(before) == 41
        eventually(lambda: f"{report_id}: attempt 1" in first.log("worker"))
        assert site.all_of(report_id) == before
    finally:
        first.kill_worker()
        second.kill_worker()


@pytest.mark.usefixtures("made")
def test_a_lost_message_is_sent_again_once_whoever_sweeps(site: Site) -> None:
    report_id = site.host.trigger()
    with services.need("kombu").Connection(site.broker) as broker:
        assert broker.default_channel.queue_purge(site.host.env["CELERY_QUEUE"]) > 0
    patient = {"PATIENCE_SECONDS": "600"}
    assert site.host.command("sweep", **patient).stdout == "stuck: 0 reports\n"
    age = "UPDATE report_runs SET asked_at = now() - INTERVAL '601 s' WHERE report_id = %s RETURNING 1"
    assert fetch(site.database, age, report_id) == [(1,)]
    with ThreadPoolExecutor(2) as pool:
        told = pool.map(lambda _: site.host.command("sweep", **patient).stdout, range(2))
        assert sorted(told) == ["stuck: 0 reports\n", "stuck: 1 reports\n"]
    site.host.start_worker()
    try:
        assert site.host.finished(report_id)["status"] == "Complete"
    finally:
        site.host.kill_worker()
    assert site.run(report_id)[2] == 1


def enter(site: Site, **values: object) -> str:
    """Enter a report of which no message is on its way, and return its id."""
    row = {"report_id": str(uuid.uuid4()), "status": "Running", **values}
    statement = f"INSERT INTO report_runs ({', '.join(row)}, created_at) VALUES ({', '.join(['%s'] * len(row))}, now())"
    with services.need("psycopg").connect(site.database) as connection:
        connection.execute(statement, list(row.values()))
    return str(row["report_id"])


@pytest.mark.parametrize("by", ["a sweep", "a message"])
def test_attempts_that_are_used_up_leave_the_last_reason(site: Site, by: str) -> None:
    told = enter(site, attempts=5, reason="DatabaseError: the worker's log says more.")
    silent = enter(site, attempts=5, leased_until="2020-01-01T00:00:00Z")
    held = enter(site, attempts=5, leased_until="2100-01-01T00:00:00Z")
    if by == "a sweep":
        assert site.host.command("sweep").stdout == "stuck: 0 reports\n"
    else:
        site.host.work_on(told)
    given_up = "Given up after 5 attempts."
    reason = f"{given_up} DatabaseError: the worker's log says more."
    assert site.run(told) == ("Failed", reason, 5)
    assert site.run(silent) == ("Failed", given_up, 5)
    assert site.run(held) == ("Running", None, 5)
    fetch(site.database, "DELETE FROM report_runs WHERE report_id = %s RETURNING 1", held)


# --- what a task may end with ---------------------------------------------------------------------

_NEW = """
import time
from flask_celery import runs, tasks

def new():
    entered = runs.register("week")
    return entered[0] if isinstance(entered, tuple) else entered
"""
_ENDS = f"""{_NEW}
for error in (
    type("PanicException", (BaseException,), {{}})("index out of bounds"),
    MemoryError(),
    LookupError(),
    LookupError("Nothing is settled yet."),
    KeyError("host=10.0.0.7"),
):
    def fail():
        raise error

    tasks._compute = fail
    run = str(new())
    tasks.make_report(run)
    found = runs.find(run)
    print(found.status, found.leased_until, found.reason)
"""


@pytest.mark.parametrize("fresh", ["sqlite"], indirect=True)
def test_whatever_a_task_ends_with_it_ends(fresh: Host) -> None:
    assert script(fresh, _ENDS).splitlines() == [
        "Failed None PanicException: the worker's log says more.",
        "Failed None MemoryError: the worker's log says more.",
        "Failed None LookupError: the worker's log says more.",
        "Failed None Nothing is settled yet.",
        "Failed None KeyError: the worker's log says more.",
    ]


_SLOW = f"""{_NEW}
run = new()
compute, meanwhile = tasks._compute, []

def slowly():
    for _ in range(25):
        time.sleep(0.1)
        meanwhile.append(runs.claim(run))
    return compute()

tasks._compute = slowly
tasks.make_report(str(run))
found = runs.find(str(run))
print(set(meanwhile), found.status, found.attempts)
"""


def test_a_slow_report_keeps_its_lease(fresh: Host, csv_folder: Path) -> None:
    assert fresh.command("load", str(csv_folder)).returncode == 0
    assert script(fresh, _SLOW, LEASE_SECONDS="1") == "{None} Complete 1\n"


_HANGS = f"""{_NEW}
run = new()
with runs.leased(run, runs.claim(run)):
    time.sleep(3.5)
    print(runs.claim(run))
"""


@pytest.mark.parametrize("fresh", ["sqlite"], indirect=True)
def test_a_report_that_hangs_loses_its_lease(fresh: Host) -> None:
    assert script(fresh, _HANGS, LEASE_SECONDS="1", LONG_TIMEOUT_SECONDS="1") == "2\n"


# --- first use, and two at once -------------------------------------------------------------------

_FIRST = """
import threading
from flask_celery import database, runs
together, engines = threading.Barrier(30), set()

def use():
    together.wait()
    engines.add(database.engine())
    with database.engine().begin() as connection:
        row = {"report_id": runs.uuid.uuid4(), "status": "Complete", "created_at": runs.clock()}
        connection.execute(database.runs.insert(), row)

threads = [threading.Thread(target=use) for _ in range(30)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(engines))
"""
_COUNT = """
import sqlalchemy as sa
from flask_celery import database
with database.engine().connect() as connection:
    for table in ("report_runs", "store_status"):
        if sa.inspect(connection).has_table(table):
            print(connection.scalar(sa.text(f"SELECT count(*) FROM {table}")))
"""


def test_the_first_use_is_no_race(fresh: Host) -> None:
    with ThreadPoolExecutor(3) as pool:
        busy = {"TIMEOUT_SECONDS": "30"}  # 90 writers of SQLite wait for each other
        told = list(pool.map(lambda _: script(fresh, _FIRST, **busy), range(3)))
    assert told == ["1\n"] * 3
    assert script(fresh, _COUNT) == "90\n"


def test_two_loads_at_once_leave_each_poll_once(fresh: Host, csv_folder: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        loads = list(pool.map(lambda _: fresh.command("load", str(csv_folder)), range(2)))
    assert [load.returncode for load in loads] == [0] * 2, [load.stderr for load in loads]
    assert script(fresh, _COUNT) == f"0\n{POLLS}\n"


# --- limits of PostgreSQL -------------------------------------------------------------------------

_LIMITS = """
import sqlalchemy as sa
from flask_celery import database
for patient in (False, True):
    with database.engine(patient=patient).connect() as connection:
        for name in ("statement", "lock", "idle_in_transaction_session"):
            print(connection.scalar(sa.text(f"SHOW {name}_timeout")), end=" ")
        print(connection.scalar(sa.text("SHOW tcp_keepalives_idle")))
"""


@pytest.mark.parametrize("fresh", ["postgresql"], indirect=True)
def test_every_connection_has_its_limits(fresh: Host) -> None:
    assert script(fresh, _LIMITS).splitlines() == ["2s 2s 1min 10", "30s 30s 1min 10"]


_IDLE = """
import time, uuid
import sqlalchemy as sa
from flask_celery import postgres
postgres.IDLE = 1
from flask_celery import database
with database.engine().connect() as first:
    first.execute(sa.text("LOCK TABLE report_runs"))
    time.sleep(1.5)
    with database.engine().connect() as second:
        print(second.scalar(sa.text("SELECT count(*) FROM report_runs")))
    try:
        first.scalar(sa.text("SELECT 1"))
    except sa.exc.DBAPIError as error:
        print(error.connection_invalidated)
"""


@pytest.mark.parametrize("fresh", ["postgresql"], indirect=True)
def test_a_transaction_in_which_nothing_happens_is_ended(fresh: Host) -> None:
    assert script(fresh, _IDLE) == "0\nTrue\n"


_FULL = """
import time
from contextlib import ExitStack
from flask_celery import app, database
with ExitStack() as stack:
    for _ in range(15):
        stack.enter_context(database.engine().connect())
    begin = time.monotonic()
    print(app.app.test_client().get("/check_status").status_code)
    assert 1 < time.monotonic() - begin < 6
print(app.app.test_client().get("/check_status").status_code)
"""


def test_a_pool_that_is_full_is_not_waited_for(fresh: Host) -> None:
    assert script(fresh, _FULL) == "503\n404\n"


@pytest.mark.parametrize("fresh", ["postgresql"], indirect=True)
def test_the_host_may_be_the_folder_of_a_socket(fresh: Host, csv_folder: Path) -> None:
    psycopg = services.need("psycopg")
    env = fresh.env
    at = {"host": env["DB_HOST"], "port": env["DB_PORT"] or "5432", "user": env["DB_USER"]}
    with psycopg.connect(dbname=env["DB_NAME"], **at) as connection:
        folder = connection.execute("SHOW unix_socket_directories").fetchone()[0].split(",")[0]
    try:
        psycopg.connect(dbname=env["DB_NAME"], **at | {"host": folder}).close()
    except psycopg.OperationalError as error:
        services.missing(f"no Unix socket of PostgreSQL ({error})")
    loaded = fresh.command("load", str(csv_folder), DB_HOST=folder)
    assert loaded.returncode == 0, loaded.stderr
    for command in ("settle", "clean", "sweep"):
        done = fresh.command(command, DB_HOST=folder)
        assert done.returncode == 0, done.stderr
    read = "from flask_celery.database import *; print(read_many(sa.select(pieces)).height > 0)"
    assert script(fresh, read, DB_HOST=folder) == "True\n"


def test_the_page_shows_what_is_run() -> None:
    files = [path.read_text("utf-8") for path in (EXAMPLES / "flask_celery").glob("*.py")]
    page = (EXAMPLES.parent / "howto-host-app.md").read_text("utf-8")
    shown = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert len(shown) >= 4
    for block in shown:
        assert any(block in text for text in files), block
