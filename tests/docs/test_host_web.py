"""The HTTP side of the example host application: what clients are told, and what they are not."""

from __future__ import annotations

import csv
import datetime as dt
import io
import logging
import os
import re
import socket
import sys
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import DatabaseError, InvalidStatusError, SchemaError, compute_report, load_csv
from store_uptime import write_sql as keep_report
from support import services
from support.host_app import (
    EXAMPLES,
    Host,
    Proxy,
    clean_environment,
    copy_application,
    free_port,
    settings_of,
)
from support.host_faults import fetch, soon
from support.host_stores import BY_HAND, write_stores

if not EXAMPLES.is_dir():
    pytest.skip("the examples are not beside these tests", allow_module_level=True)
for package in ("celery", "dotenv", "flask"):
    pytest.importorskip(package)
sa = pytest.importorskip("sqlalchemy")

FOLDER = EXAMPLES / "flask_celery"
DAY = dt.timedelta(days=1)
NAMES = [f"{what}_last_{of}" for of in ("hour", "day", "week") for what in ("uptime", "downtime")]
SECURE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


# --- in this process, without a worker ------------------------------------------------------------


class Web:
    """The application, imported with settings of its own."""

    def __init__(self) -> None:
        self.client: Any = self.module("app").app.test_client()
        self.runs: Any = self.module("runs")
        self.engine: Any = self.module("database").engine()
        self.table: Any = self.module("database").runs

    def module(self, name: str) -> Any:
        return import_module(f"flask_celery.{name}")

    def enter(self, age: dt.timedelta = DAY, **values: object) -> str:
        """Enter a report as if it had been triggered, by default a complete one."""
        now = dt.datetime.now(dt.UTC)
        times = {"created_at": now - age, "finished_at": now - age}
        row = {
            "report_id": uuid.uuid4(),
            "windows": "week",
            "status": "Complete",
            **times,
            **values,
        }
        with self.engine.begin() as connection:
            connection.execute(self.table.insert(), row)
        return str(row["report_id"])

    def keep(self, report: pl.DataFrame, windows: str = "week", **values: Any) -> str:
        """Enter a complete report with its rows."""
        report_id = self.enter(windows=windows, **values)
        name = self.module("database").REPORT_TABLES[windows]
        with self.engine.begin() as connection:
            keep_report(report, connection, name, run_id=report_id)
        return report_id

    def ids(self) -> set[str]:
        with self.engine.connect() as connection:
            return {str(found) for found in connection.scalars(sa.select(self.table.c.report_id))}

    def run_ids(self, table: str) -> list[str]:
        with self.engine.connect() as connection:
            return list(connection.scalars(sa.text(f"SELECT DISTINCT run_id FROM {table}")))

    def finish(self, report_id: str) -> None:
        mine = self.table.c.report_id == uuid.UUID(report_id)
        with self.engine.begin() as connection:
            connection.execute(self.table.update().where(mine).values(status="Complete"))

    def trigger(self, windows: str = "week") -> Any:
        return self.client.post(f"/trigger_report?windows={windows}")


@contextmanager
def imported(folder: Path, **env: str) -> Iterator[Web]:
    """Import a copy of the application; another test gets another one."""
    copy_application(folder)
    patient = {"STATE_DIR": str(folder / "var"), "TIMEOUT_SECONDS": "30"}
    with pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - set(clean_environment()):
            patch.delenv(name)
        for name, value in (patient | env).items():
            patch.setenv(name, value)
        patch.syspath_prepend(folder)
        try:
            yield Web()
        finally:
            for name in [name for name in sys.modules if name.split(".")[0] == "flask_celery"]:
                module = sys.modules.pop(name)
                for of in ("_quick", "_patient"):
                    if hasattr(module, of):
                        getattr(module, of).dispose()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with imported(tmp_path) as made:
        yield made


@contextmanager
def imported_with(request: pytest.FixtureRequest, folder: Path, **env: str) -> Iterator[Web]:
    """Import the application with the database that is the fixture's parameter."""
    if request.param == "sqlite":
        with imported(folder, **env) as made:
            yield made
        return
    server = request.getfixturevalue("postgres_server")
    with (
        services.postgres_database(server) as url,
        imported(folder, **env, **settings_of(url)) as made,
    ):
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Web]:
    """The application with SQLite, and with PostgreSQL."""
    with imported_with(request, tmp_path) as made:
        yield made


def report_of(ids: list[Any], names: list[str] = NAMES) -> pl.DataFrame:
    """Return a report with numbers of which none is another's."""
    columns = {name: [n + of / 7 for n in range(len(ids))] for of, name in enumerate(names)}
    return pl.DataFrame({"store_id": ids, **columns}).cast(dict.fromkeys(names, pl.Float64))


# --- what a status says ---------------------------------------------------------------------------


def test_a_status_has_windows_attempts_and_times(either: Web) -> None:
    def at(second: int) -> dt.datetime:
        return dt.datetime(2023, 1, 23, 17, 30, second, 250_000, tzinfo=dt.UTC)

    east = dt.timezone(dt.timedelta(hours=5, minutes=30))
    report_id = either.enter(
        windows="year",
        attempts=2,
        created_at=at(0),
        started_at=at(1),
        finished_at=at(2),
        now=dt.datetime(2023, 1, 23, 12, tzinfo=dt.UTC),
        leased_until=at(3),
    )
    assert either.client.get(f"/check_status/{report_id}").json == {
        "report_id": report_id,
        "windows": "year",
        "status": "Complete",
        "reason": None,
        "attempts": 2,
        "created_at": "2023-01-23T17:30:00.250000+00:00",
        "started_at": "2023-01-23T17:30:01.250000+00:00",
        "finished_at": "2023-01-23T17:30:02.250000+00:00",
        "now": "2023-01-23T12:00:00+00:00",
    }
    assert dt.datetime.fromisoformat("2023-01-23T23:00:00.250+05:30") == at(0).astimezone(east)


def test_a_report_that_waits_has_no_times_yet(either: Web) -> None:
    before = dt.datetime.now(dt.UTC)
    report_id = either.trigger().json["report_id"]
    told = either.client.get(f"/check_status/{report_id}").json
    assert before <= dt.datetime.fromisoformat(told.pop("created_at")) <= dt.datetime.now(dt.UTC)
    assert told == {
        "report_id": report_id,
        "windows": "week",
        "status": "Running",
        "reason": None,
        "attempts": 0,
        "started_at": None,
        "finished_at": None,
        "now": None,
    }


def test_the_id_stands_first(web: Web) -> None:
    report_id = web.enter()
    text = web.client.get("/check_status").text
    assert text.startswith(f'{{"report_id":"{report_id}"')
    assert text.endswith("}\n")


# --- a list of reports ----------------------------------------------------------------------------


def test_reports_are_listed_newest_first_and_not_all(either: Web) -> None:
    ids = [either.enter(age=n * DAY) for n in range(105)]
    told = either.client.get("/reports").json
    assert list(told) == ["reports"]
    assert [report["report_id"] for report in told["reports"]] == ids[:20]
    assert told["reports"][0] == either.client.get("/check_status").json
    for limit in (1, 100):
        listed = either.client.get(f"/reports?limit={limit}").json["reports"]
        assert [report["report_id"] for report in listed] == ids[:limit]


def test_where_there_are_no_reports_the_list_is_empty(web: Web) -> None:
    answer = web.client.get("/reports")
    assert (answer.status_code, answer.json) == (200, {"reports": []})
    assert web.client.get("/check_status").status_code == 404


@pytest.mark.parametrize("limit", ["0", "-1", "101", "x", "", "1.5", "9" * 5000, "%00"])
def test_another_limit_is_refused(web: Web, limit: str) -> None:
    answer = web.client.get(f"/reports?limit={limit}")
    assert (answer.status_code, answer.json) == (
        400,
        {"error": "limit is a number from 1 to 100."},
    )


# --- one report for equal requests ----------------------------------------------------------------


def test_whoever_asks_for_the_same_gets_the_report_that_is_not_finished(either: Web) -> None:
    first, second, other = either.trigger(), either.trigger(), either.trigger("year")
    report_id = first.json["report_id"]
    assert (second.status_code, second.json) == (202, {"report_id": report_id})
    assert second.headers["Location"] == first.headers["Location"] == f"/check_status/{report_id}"
    assert (other.status_code, other.json["report_id"] != report_id) == (202, True)
    either.finish(report_id)
    third = either.trigger().json["report_id"]
    assert third not in {report_id, other.json["report_id"]}
    assert either.ids() == {report_id, other.json["report_id"], third}


def test_equal_requests_send_one_message(web: Web, tmp_path: Path) -> None:
    for _ in range(5):
        web.trigger()
    assert len(list((tmp_path / "var" / "messages").glob("*.msg"))) == 1


def at_once(number: int, what: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(what, range(number)))


def test_fifty_at_once_get_one_report(either: Web) -> None:
    either.trigger()  # tables and folders are there: the triggers are not spread over the first use
    either.finish(next(iter(either.ids())))
    before = either.ids()
    app = either.module("app").app
    answers = at_once(50, lambda _: app.test_client().post("/trigger_report"))
    assert [answer.status_code for answer in answers] == [202] * 50
    (report_id,) = {answer.json["report_id"] for answer in answers}
    assert either.ids() - before == {report_id}


# --- a limit --------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
def narrow(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Web]:
    """The application with room for one report."""
    with imported_with(request, tmp_path, QUEUE_LIMIT="1") as made:
        yield made


def test_beyond_the_limit_a_client_is_told_to_come_later(narrow: Web) -> None:
    report_id = narrow.trigger().json["report_id"]
    refused = narrow.trigger("year")
    assert refused.status_code == 429
    assert refused.json == {"error": "At most 1 reports may be unfinished. Try again later."}
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert narrow.ids() == {report_id}
    assert narrow.trigger().json == {"report_id": report_id}  # an equal one needs no room
    narrow.finish(report_id)
    assert narrow.trigger("year").status_code == 202


def test_the_limit_holds_for_all_that_come_at_once(narrow: Web) -> None:
    app = narrow.module("app").app
    paths = [f"/trigger_report?windows={windows}" for windows in ("week", "year")]
    answers = at_once(20, lambda n: app.test_client().post(paths[n % 2]))
    assert sorted(answer.status_code for answer in answers) == [202] * 10 + [429] * 10
    assert len(narrow.ids()) == 1


def test_the_command_line_is_told_too(tmp_path: Path) -> None:
    copy_application(tmp_path)
    host = Host(tmp_path, clean_environment() | {"QUEUE_LIMIT": "1"})
    report_id = host.command("trigger").stdout
    assert host.command("trigger").stdout == report_id
    refused = host.command("trigger", "--windows", "year")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "At most 1 reports may be unfinished." in refused.stderr


# --- a download -----------------------------------------------------------------------------------


def rows_of(answer: Any) -> list[list[str]]:
    """Read as a spreadsheet does."""
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.text, newline="")))


FORMULAS = [
    '=HYPERLINK("http://example.com","x")',
    "+1",
    "-1",
    "@x",
    "\tx",
    "\rx",
    "\n=1",
    " =1",
    "\u00a0=1",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff20x",
    "=1\n2",
]
PLAIN = ["a", "a=1", "1-2", "0042", "'", 'a "quoted" one', "a;=1", "a,b", "a|b", "Zoë", "", "x\ty"]


def test_no_cell_is_a_formula(either: Web) -> None:
    report_id = either.keep(report_of([*FORMULAS, *PLAIN]))
    answer = either.client.get(f"/get_report/{report_id}")
    header, *rows = rows_of(answer)
    assert header == ["store_id", *NAMES]
    assert {row[0] for row in rows} == {*PLAIN, *(f"'{text}" for text in FORMULAS)}
    assert all(len(row) == 7 for row in rows)
    # Where a semicolon ends a cell, only a quoted text keeps it.
    assert '"a;=1",' in answer.text


def test_numbers_stay_numbers(either: Web) -> None:
    numbers = report_of([-1, 10**18 + 1]).with_columns(
        pl.lit(-2.5).alias("uptime_last_day"),
        pl.lit(None, pl.Float64).alias("downtime_last_day"),
        pl.lit(0.1 + 0.2).alias("uptime_last_week"),
    )
    answer = either.client.get(f"/get_report/{either.keep(numbers)}")
    assert rows_of(answer)[1] == ["-1", "0.0", str(1 / 7), "-2.5", "", "0.30000000000000004", "0.7142857142857143"]  # fmt: skip
    assert_frame_equal(pl.read_csv(answer.data, schema=numbers.schema), numbers)


@pytest.mark.parametrize("ids", ["integers", "texts"])
def test_a_report_of_many_pages_is_whole(
    either: Web, ids: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(either.module("download"), "PAGE_ROWS", 10)
    stores: list[Any] = list(range(-20, 101))
    if ids == "texts":
        stores = [f"{'Ab'[store % 2]}-{store:03}é" for store in stores]
    for number in (0, 1, 9, 10, 11, 20, 121):
        report = report_of(stores[:number]).cast({"store_id": pl.Series(stores).dtype})
        report_id = either.keep(report)
        answer = either.client.get(f"/get_report/{report_id}")
        read = pl.read_csv(answer.data, schema=report.schema)
        assert_frame_equal(read.sort("store_id"), report.sort("store_id"))
        if ids == "integers":
            assert read["store_id"].is_sorted()


def test_rows_leave_page_by_page_and_hold_no_connection(
    either: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(either.module("download"), "PAGE_ROWS", 10)
    report_id = either.keep(report_of(list(range(35))))
    either.keep(report_of([1000]))
    with either.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE store_uptime_report ADD secret INTEGER"))
    asked: list[str] = []
    sa.event.listen(either.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    answer = either.client.get(f"/get_report/{report_id}")
    assert sum("store_uptime_report" in query for query in asked) == 1
    assert "Content-Length" not in answer.headers
    chunks = []
    for chunk in answer.response:
        chunks.append(chunk.decode() if isinstance(chunk, bytes) else chunk)
        assert either.engine.pool.checkedout() == 0
    assert [chunk.count("\n") for chunk in chunks] == [1, 10, 10, 10, 5]
    pages = [query for query in asked if "store_uptime_report" in query]
    assert len(pages) == 5
    for query in pages:
        assert "*" not in query
        assert "secret" not in query
        assert all(name in query for name in ("store_id", *NAMES))
        assert "LIMIT" in query


def test_a_report_over_a_year_has_its_columns(either: Web) -> None:
    windows = ("last_30_days", "last_month", "last_quarter", "last_year")
    names = [f"{what}_{of}" for of in windows for what in ("uptime", "downtime")]
    report = report_of([7, 8], names)
    answer = either.client.get(f"/get_report/{either.keep(report, 'year')}")
    assert rows_of(answer)[0] == ["store_id", *names]
    assert_frame_equal(pl.read_csv(answer.data, schema=report.schema), report)


def test_a_report_that_is_deleted_meanwhile_is_not_cut_short(
    either: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(either.module("download"), "PAGE_ROWS", 10)
    report_id = either.keep(report_of(list(range(35))))
    answer = either.client.get(f"/get_report/{report_id}")
    chunks = iter(answer.response)
    assert [next(chunks).count(b"\n") for _ in range(2)] == [1, 10]
    assert either.runs.delete_finished(dt.timedelta(0)) == 1
    with pytest.raises(Exception, match="deleted meanwhile"):
        list(chunks)
    assert either.client.get(f"/get_report/{report_id}").status_code == 404


def test_a_report_whose_rows_are_gone_at_once_is_not_found(web: Web) -> None:
    run = web.runs.find(web.keep(report_of([1])))
    web.runs.delete_finished(dt.timedelta(0))
    with pytest.raises(Exception, match="deleted meanwhile") as raised:
        list(web.module("download").csv_pages(run))
    assert getattr(raised.value, "code", None) == 404


# --- old reports ----------------------------------------------------------------------------------


def test_old_reports_go_with_their_rows_and_running_ones_stay(either: Web) -> None:
    names = [f"{what}_{of}" for of in either.module("archive").WINDOWS for what in ("uptime", "downtime")]  # fmt: skip
    old = either.keep(report_of([1, 2]), age=31 * DAY)
    old_year = either.keep(report_of([1], names), "year", age=40 * DAY)
    young = either.keep(report_of([3]), age=29 * DAY)
    long = either.keep(
        report_of([4]), age=29 * DAY, created_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    )
    failed = either.enter(status="Failed", age=31 * DAY)
    running = either.enter(status="Running", age=90 * DAY, finished_at=None)
    with either.engine.begin() as connection:  # as of an attempt that wrote them
        keep_report(report_of([5]), connection, "store_uptime_report", run_id=running)
    assert either.ids() == {old, old_year, young, long, failed, running}
    assert either.runs.delete_finished(30 * DAY) == 3
    assert either.ids() == {young, long, running}
    assert set(either.run_ids("store_uptime_report")) == {young, long, running}
    assert either.run_ids("store_uptime_year") == []
    assert either.runs.delete_finished(30 * DAY) == 0
    assert either.runs.delete_finished(dt.timedelta(0)) == 2
    assert either.ids() == {running}


def test_nothing_is_there_to_delete(either: Web) -> None:
    either.enter(status="Failed")  # the tables of reports are not there yet
    assert either.runs.delete_finished(dt.timedelta(0)) == 1


def test_the_command_deletes_reports_or_polls(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old, young = web.keep(report_of([1]), age=8 * DAY), web.keep(report_of([1]))
    write_stores(tmp_path)
    web.module("loading").load(tmp_path)
    poll = f"INSERT INTO store_status VALUES ({BY_HAND}, '2023-01-01 10:00:00', 'active')"
    with web.engine.begin() as connection:
        connection.execute(sa.text(poll))
    list(web.module("archive").settle(dt.timedelta(0)))
    polls = 2 + 40 * (8 * 24 - 1) + 1
    for arguments, told, reports, left in (
        ("--keep 30d", "deleted: 0 polls", {old, young}, polls + 1),
        ("--older-than 30d", "deleted: 0 reports", {old, young}, polls + 1),
        ("--older-than 1w", "deleted: 1 reports", {young}, polls + 1),
        ("--keep 10d", "deleted: 1 polls", {young}, polls),
        ("--older-than 0d", "deleted: 1 reports", set(), polls),
        ("", "deleted: 0 polls", set(), polls),
    ):
        monkeypatch.setattr(sys, "argv", ["flask_celery", "clean", *arguments.split()])
        assert web.module("__main__").main() == 0
        assert capsys.readouterr().out.startswith(told)
        assert web.ids() == reports
        with web.engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM store_status")) == left


@pytest.mark.parametrize("arguments", [["--older-than", "7d", "--keep", "7d"], ["--older-than", "x"], ["--older-than", "-1d"]])  # fmt: skip
def test_a_command_that_says_both_or_no_length_is_refused(
    tmp_path: Path, arguments: list[str]
) -> None:
    copy_application(tmp_path)
    done = Host(tmp_path, clean_environment()).command("clean", *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


# --- what stands on every answer ------------------------------------------------------------------


def fail(*_: object) -> None:
    raise RuntimeError("host=db.internal password=s3cret")


def unreachable(*_: object) -> None:
    error = ConnectionError('connection to server at "db.internal", port 5432 failed')
    raise sa.exc.OperationalError("SELECT secret FROM report_runs", {}, error)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("GET", "/reports", 200),
        ("GET", "/check_status", 200),
        ("GET", "/get_report/{complete}", 200),
        ("HEAD", "/get_report/{complete}", 200),
        ("OPTIONS", "/trigger_report", 200),
        ("POST", "/trigger_report?windows=week", 202),
        ("POST", "/trigger_report?windows=decade", 400),
        ("GET", "/reports?limit=x", 400),
        ("GET", "/", 404),
        ("GET", "/static/app.py", 404),
        ("GET", "/check_status/no-such-id", 404),
        ("GET", "/get_report/no-such-id", 404),
        ("GET", "/trigger_report", 405),
        ("GET", "/get_report/{running}", 409),
        ("GET", "/get_report/{failed}", 409),
        ("POST", "/trigger_report?windows=year", 429),
        ("GET", "/reports?fail", 500),
        ("GET", "/reports?unreachable", 503),
        ("GET", "/health?unreachable", 503),
    ],
)
def test_every_answer_is_secured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, path: str, status: int
) -> None:
    with imported(tmp_path, QUEUE_LIMIT="1") as web:
        failed = web.enter(status="Failed", reason="status.status: status other than active.")
        complete = web.keep(report_of([1]))
        running = web.enter(status="Running", finished_at=None)
        for name, broken in (("fail", fail), ("unreachable", unreachable)):
            if path.endswith(f"?{name}"):
                monkeypatch.setattr(web.runs, "latest", broken)
        answer = web.client.open(
            path.format(failed=failed, complete=complete, running=running), method=method
        )
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in SECURE} == SECURE
    for secret in ("s3cret", "db.internal", "SELECT", "Traceback"):
        assert secret not in answer.text
    if status >= 400 and not path.startswith("/health"):
        assert list(answer.json) == ["error"]
        assert answer.headers.get_all("Content-Type") == ["application/json"]
    assert ("Allow" in answer.headers) == (status == 405 or method == "OPTIONS")
    assert ("Retry-After" in answer.headers) == (status in {429, 503} and "health" not in path)


@pytest.mark.parametrize("path", ["/reports", "/health"])
def test_what_a_driver_says_is_in_the_log(
    web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    monkeypatch.setattr(web.runs, "latest", unreachable)
    with caplog.at_level(logging.INFO):
        answer = web.client.get(path)
    assert answer.status_code == 503
    assert "db.internal" in caplog.text
    assert "db.internal" not in answer.text


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            InvalidStatusError("status other than active or inactive", table="status", column="status", count=2, values=["closed"], remedy="Correct it.", code="unknown_status"),
            "status.status: status other than active or inactive in 2 rows (first: 'closed'). Correct it.",
        ),
        (LookupError("Nothing is settled yet."), "Nothing is settled yet."),
        (
            DatabaseError("cannot be opened: server at 10.0.0.7 refuses me", table="connection", code="cannot_connect"),
            "DatabaseError: the worker's log says more.",
        ),
        (
            SchemaError("the database reports: SELECT secret at 10.0.0.7", table="status", code="query_refused"),
            "SchemaError: the worker's log says more.",
        ),
        (sa.exc.ProgrammingError("SELECT secret", {}, ValueError("10.0.0.7")), "ProgrammingError: the worker's log says more."),
        (KeyError("10.0.0.7"), "KeyError: the worker's log says more."),
    ],
    ids=["data", "archive", "database", "query", "sql", "bug"],
)  # fmt: skip
def test_a_reason_tells_of_the_data_and_not_of_the_machines(
    web: Web, error: Exception, reason: str
) -> None:
    assert web.runs.plain(error) == reason


def test_a_table_that_is_missing_is_named_to_the_client_and_the_query_is_not(
    web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    report_id = web.trigger().json["report_id"]
    web.module("tasks").make_report(report_id)
    told = web.client.get(f"/check_status/{report_id}").json
    assert told["status"] == "Failed"
    assert "SELECT" not in told["reason"]
    assert "the worker's log says more" in told["reason"]
    assert f"report {report_id}: attempt 1 failed" in caplog.text
    assert "no such table" in caplog.text


# --- what the log has of a report -----------------------------------------------------------------


def test_log_lines_name_the_report(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    complete = web.keep(report_of([1]))
    with caplog.at_level(logging.INFO):
        report_id = web.trigger().json["report_id"]
        web.trigger()
        web.client.get(f"/get_report/{complete}")
    assert [record.getMessage() for record in caplog.records if "report " in record.getMessage()] == [
        f"report {report_id}: triggered, windows=week",
        f"report {report_id}: asked for again",
        f"report {complete}: downloaded",
    ]  # fmt: skip


# --- health ---------------------------------------------------------------------------------------


@contextmanager
def silent() -> Iterator[int]:
    """A port at which connections are taken, and nothing is said."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def refusing() -> Iterator[int]:
    """A port at which nobody is."""
    yield free_port()


@pytest.mark.parametrize("missing", ["none", "database", "broker", "both"])
@pytest.mark.parametrize("how", ["refuses", "is silent"])
def test_health_says_what_is_missing_within_seconds(tmp_path: Path, missing: str, how: str) -> None:
    services.need("psycopg")
    copy_application(tmp_path)
    with silent() if how == "is silent" else refusing() as port:
        env = {"TIMEOUT_SECONDS": "2"}
        if missing in {"database", "both"}:
            env |= {"DB_NAME": "x", "DB_HOST": "127.0.0.1", "DB_PORT": str(port)}
        if missing in {"broker", "both"}:
            env |= {"CELERY_BROKER_URL": f"amqp://guest:s3cret@127.0.0.1:{port}//"}
        script = (
            "import json, time; from flask_celery.app import app; client = app.test_client();"
            "begin = time.monotonic(); answer = client.get('/health');"
            "print(answer.status_code, time.monotonic() - begin, answer.text)"
        )
        done = Host(tmp_path, clean_environment() | env).run("-c", script)
    status, seconds, text = done.stdout.split(" ", 2)
    assert float(seconds) < 10
    words = {True: "cannot be reached", False: "ok"}
    database, broker = (words[missing in {name, "both"}] for name in ("database", "broker"))
    assert text.strip() == f'{{"database":"{database}","broker":"{broker}"}}'
    assert status == ("200" if missing == "none" else "503")
    assert "s3cret" not in done.stderr


# --- with servers ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Site:
    """Two servers over one database and one queue, both behind proxies."""

    hosts: list[Host]
    database: str
    broker: str
    ways: dict[str, Proxy]


@pytest.fixture(scope="module")
def site(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("web")
    write_stores(folder)
    copy_application(folder)
    with (
        services.postgres_database(postgres_server) as url,
        services.rabbitmq_queue() as (broker, queue),
    ):
        ends = {"database": urlsplit(url), "broker": urlsplit(broker)}
        ways = {
            name: Proxy(end.hostname or "", end.port or (5432 if name == "database" else 5672))
            for name, end in ends.items()
        }
        user = ends["broker"].netloc.rpartition("@")[0]
        near = ends["broker"]._replace(netloc=f"{user}@127.0.0.1:{ways['broker'].port}").geturl()
        env = settings_of(url) | {"DB_HOST": "127.0.0.1", "DB_PORT": str(ways["database"].port)}
        env |= {"CELERY_BROKER_URL": near, "CELERY_QUEUE": queue}
        hosts = [Host(folder, clean_environment() | env) for _ in range(2)]
        loaded = hosts[0].command("load", str(folder))
        assert loaded.returncode == 0, loaded.stderr
        with hosts[0].serving(), hosts[1].serving():
            yield Site(hosts, url, broker, ways)
        for way in ways.values():
            way.cut()


def test_fifty_triggers_at_two_servers_make_one_report(site: Site) -> None:
    answers = at_once(50, lambda n: site.hosts[n % 2].ask("POST", "/trigger_report"))
    assert [answer.status for answer in answers] == [202] * 50
    (report_id,) = {answer.json["report_id"] for answer in answers}
    assert fetch(site.database, "SELECT report_id::text FROM report_runs") == [(report_id,)]
    with services.need("kombu").Connection(site.broker) as broker:
        queue = site.hosts[0].env["CELERY_QUEUE"]
        assert broker.default_channel.queue_declare(queue, passive=True).message_count == 1
    host = site.hosts[0]
    host.start_worker()
    try:
        told = host.finished(report_id)
        assert (told["status"], told["attempts"]) == ("Complete", 1)
        assert told["now"] == "2023-01-23T12:00:00+00:00"
        times = [dt.datetime.fromisoformat(told[name]) for name in ("created_at", "started_at", "finished_at")]  # fmt: skip
        assert times == sorted(times)
        assert f"make_report[{report_id}] received" in host.log("worker")
    finally:
        host.kill_worker()
    expected = compute_report(load_csv(host.folder))
    answer = host.ask("GET", f"/get_report/{report_id}")
    assert_frame_equal(pl.read_csv(answer.body, schema=expected.schema), expected)
    assert {name: answer.headers[name] for name in SECURE} == SECURE


@pytest.mark.parametrize("missing", ["broker", "database"])
@pytest.mark.parametrize("how", ["is cut off", "is silent"])
def test_health_follows_what_goes_away_and_comes_back(site: Site, missing: str, how: str) -> None:
    host = site.hosts[0]
    well = {"database": "ok", "broker": "ok"}
    assert host.ask("GET", "/health").json == well
    way = site.ways[missing]
    with gone(way, how), soon():
        answer = host.ask("GET", "/health")
        assert answer.status == 503
        assert answer.json == well | {missing: "cannot be reached"}
    answer = host.ask("GET", "/health")
    assert (answer.status, answer.json) == (200, well)


@contextmanager
def gone(way: Proxy, how: str) -> Iterator[None]:
    if how == "is silent":
        with way.holding():
            yield
        return
    way.cut()
    try:
        yield
    finally:
        way.restore()


# --- versions, and the page -----------------------------------------------------------------------


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned() -> dict[str, str]:
    lines = (FOLDER / "requirements.lock").read_text("utf-8").splitlines()
    return {canonical(name): version for name, version in (line.split("==") for line in lines)}


def test_the_lock_has_names_and_versions_and_no_address() -> None:
    lines = (FOLDER / "requirements.lock").read_text("utf-8").splitlines()
    assert len(lines) > 20
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][A-Za-z0-9.!+]*", line), line
    assert len(pinned()) == len(lines)
    assert "store-uptime" not in pinned()  # it comes from a checkout


def test_the_lock_pins_what_is_required_and_all_that_this_requires() -> None:
    requirements = pytest.importorskip("packaging.requirements")
    lines = (FOLDER / "requirements.txt").read_text("utf-8").splitlines()
    asked = [requirements.Requirement(line) for line in lines]
    asked.append(requirements.Requirement("store_uptime[sql,postgres]"))
    seen = set()
    while asked:
        wanted = asked.pop()
        name = canonical(wanted.name)
        if name != "store-uptime":
            assert name in pinned(), f"{wanted} is not pinned"
            assert wanted.specifier.contains(pinned()[name], prereleases=True), wanted
        key = (name, *sorted(wanted.extras))
        if key in seen:
            continue
        seen.add(key)
        needs = map(requirements.Requirement, metadata.requires(name) or [])
        extras = [{"extra": extra} for extra in ("", *wanted.extras)]
        asked += [it for it in needs if not it.marker or any(map(it.marker.evaluate, extras))]
    names = {name for name, *_ in seen}
    assert {"celery", "flask", "polars", "psycopg-binary", "sqlalchemy", "kombu"} <= names


def test_it_stays_an_example_to_copy() -> None:
    lines = [line for file in FOLDER.glob("*.py") for line in file.read_text("utf-8").splitlines()]
    assert len(list(filter(str.strip, lines))) <= 1_000


def test_the_page_names_all_requests_settings_commands_and_files(web: Web) -> None:
    page = (FOLDER / "README.md").read_text("utf-8")
    rules = list(web.module("app").app.url_map.iter_rules())
    assert len(rules) == 6
    for rule in rules:
        (method,) = rule.methods - {"HEAD", "OPTIONS"}
        assert f"`{method} {rule.rule.replace('<report_id>', 'ID')}" in page
    for name in re.findall(r'env\.get\("(\w+)"\)', (FOLDER / "settings.py").read_text("utf-8")):
        assert f"`{name}`" in page, name
    for file in FOLDER.glob("*.py"):
        assert file.name == "__init__.py" or f"`{file.name}`" in page, file.name
    assert "--older-than" in page
    assert "requirements.lock" in page
