"""The programs on the pages about services: taken from the pages as they stand, and run."""

# ruff: noqa: S603, the only programs started here are those on the pages

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import socket
import sqlite3
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import compute_report, tidy
from store_uptime.cli.demo import make_demo
from support.host_app import EXAMPLES, eventually, free_port

DOCS = EXAMPLES.parent
if not EXAMPLES.is_dir():
    pytest.skip("the pages are not beside these tests", allow_module_level=True)

DAY = "2023-03-27"
MIDNIGHT = f"{DAY}T00:00:00Z"


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the programs of the page, named as their first lines say."""
    for program in blocks("howto-service.md", "python"):
        name = re.match(r"# (\w+\.py)\n", program)
        assert name
        (tmp_path / name[1]).write_text(program)
    return tmp_path


def demo_tables() -> dict[str, pl.DataFrame]:
    status, hours, timezones = make_demo()
    text = pl.col("timestamp_utc").dt.strftime("%Y-%m-%d %H:%M:%S")
    up = pl.when("status").then(pl.lit("active")).otherwise(pl.lit("inactive"))
    return {
        "store_status": status.with_columns(text, status=up),
        "business_hours": hours,
        "store_timezones": timezones,
    }


@pytest.fixture
def database(folder: Path) -> str:
    """The URI of a SQLite file with the stores of the demo."""
    with closing(sqlite3.connect(folder / "stores.sqlite")) as connection, connection:
        for name, rows in demo_tables().items():
            connection.execute(f"CREATE TABLE {name} ({', '.join(rows.columns)})")
            marks = ", ".join("?" * rows.width)
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows.iter_rows())
    return f"sqlite:///{folder / 'stores.sqlite'}"


def kept(folder: Path, run_id: str) -> pl.DataFrame:
    columns = ", ".join(expected().columns)
    query = f"SELECT {columns} FROM store_uptime_report WHERE run_id = ? ORDER BY store_id"
    with closing(sqlite3.connect(folder / "stores.sqlite")) as connection:
        rows = connection.execute(query, [run_id]).fetchall()
    return pl.DataFrame(rows, schema=expected().schema, orient="row")


def expected(now: str = MIDNIGHT) -> pl.DataFrame:
    return compute_report(*make_demo(), now=now)


# --- FastAPI -------------------------------------------------------------------------------------

Get = Callable[[str], tuple[int, bytes]]


@contextmanager
def served(folder: Path, database: str) -> Iterator[Get]:
    port = free_port()

    def get(path: str) -> tuple[int, bytes]:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()

    def listening() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    argv = [sys.executable, "-m", "uvicorn", "service:app", "--port", str(port)]
    env = os.environ | {"DATABASE_URL": database}
    with subprocess.Popen(argv, cwd=folder, env=env, stderr=subprocess.DEVNULL) as server:
        try:
            eventually(listening)
            yield get
        finally:
            server.terminate()


def test_the_endpoint_answers_many_at_once_and_refuses_what_makes_no_sense(
    folder: Path, database: str
) -> None:
    for package in ("fastapi", "uvicorn"):
        pytest.importorskip(package)
    instants = [f"2023-03-{day}T18:00:00Z" for day in range(20, 28)]
    with served(folder, database) as get, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda now: get(f"/report?now={now}"), instants))
        latest = get("/report")
        rows = json.loads(get(f"/report.json?now={MIDNIGHT}")[1])
        naive = get("/report?now=2023-03-27T18:00:00")
    for now, (status, body) in zip(instants, answers, strict=True):
        assert status == 200
        assert_frame_equal(pl.read_csv(body, schema=expected().schema), expected(now))
    # The store without hours is polled on the hour, last at 18:00 on the 27th.
    assert latest == answers[-1]
    detailed = compute_report(*make_demo(), now=MIDNIGHT, detail=True)
    long = tidy(detailed).with_columns(pl.col("store_id", "window").cast(pl.String))
    assert rows == long.to_dicts()
    assert naive[0] == 422
    refused = json.loads(naive[1])
    assert (refused["code"], refused["table"]) == ("naive_instant", "now")
    assert "2023-03-27T18:00:00" in refused["error"]


def test_the_endpoint_says_when_there_is_no_database(folder: Path) -> None:
    for package in ("fastapi", "uvicorn"):
        pytest.importorskip(package)
    with served(folder, f"sqlite:///{folder / 'absent.sqlite'}") as get:
        status, body = get("/report")
    assert (status, json.loads(body)["code"]) == (503, "cannot_connect")
    assert str(folder).encode() not in body


# --- cron ----------------------------------------------------------------------------------------


def nightly(folder: Path, database: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "nightly.py", DAY]
    env = os.environ | {"DATABASE_URL": database}
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_the_nightly_script_run_twice_leaves_one_report(folder: Path, database: str) -> None:
    for _ in range(2):
        done = nightly(folder, database)
        assert (done.returncode, done.stdout) == (0, "7 stores\n"), done.stderr
        assert_frame_equal(kept(folder, f"nightly {DAY}"), expected())


def test_the_nightly_script_fails_so_that_cron_can_tell(folder: Path, database: str) -> None:
    with closing(sqlite3.connect(folder / "stores.sqlite")) as connection, connection:
        connection.execute("UPDATE store_timezones SET timezone_str = 'Mars/Olympus'")
    done = nightly(folder, database)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: timezones.timezone_str: ")
    assert "Traceback" not in done.stderr


def crontab(program: str) -> str:
    """Return the command of the page's crontab that runs `program`, as cron hands it to the shell."""
    lines = [line for text in blocks("howto-service.md", "text") for line in text.splitlines()]
    (line,) = [line for line in lines if line.startswith("15 0 ") and program in line]
    assert "%" not in line.replace("\\%", "")
    return line.split(maxsplit=5)[5].replace("\\%", "%")


def until_today(status: pl.DataFrame) -> pl.DataFrame:
    """Return the polls as if the demo were of today."""
    later = datetime.now(UTC).date() - date.fromisoformat(DAY)
    instant = pl.col("timestamp_utc").str.to_datetime("%Y-%m-%d %H:%M:%S") + later
    return status.with_columns(instant.dt.strftime("%Y-%m-%d %H:%M:%S"))


@pytest.mark.parametrize("program", ["store-uptime", "nightly.py"])
def test_the_lines_of_the_crontab_run(folder: Path, database: str, program: str) -> None:
    (folder / ".venv").symlink_to(sys.prefix)
    data = folder / "data"
    data.mkdir()
    tables = demo_tables() | {"store_status": until_today(demo_tables()["store_status"])}
    for name, rows in tables.items():
        rows.write_csv(data / f"{name}.csv")
    command = crontab(program).replace("/srv/reports", shlex.quote(str(folder)))
    env = os.environ | {"DATABASE_URL": database}
    before = datetime.now(UTC).date()
    done = subprocess.run(
        ["/bin/sh", "-c", command], env=env, cwd="/", check=True, capture_output=True
    )
    if program == "store-uptime":
        assert (done.stdout, done.stderr) == (b"", b"")  # else cron would send a mail
        assert pl.read_csv(folder / "report.csv").height == 7
    else:
        days = {before, datetime.now(UTC).date()}  # midnight may have come between
        assert any(kept(folder, f"nightly {day}").height == 7 for day in days)


# --- Airflow -------------------------------------------------------------------------------------


def test_the_task_of_the_dag_writes_the_report_of_its_day(
    folder: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stand_in(**_: object) -> Callable[[Any], Any]:
        def keep(function: Any) -> Any:
            kept_functions[function.__name__] = function
            return lambda: None if function.__name__ == "report" else function()

        return keep

    kept_functions: dict[str, Any] = {}
    sdk = types.SimpleNamespace(dag=stand_in, task=stand_in)
    monkeypatch.setitem(sys.modules, "airflow", types.ModuleType("airflow"))
    monkeypatch.setitem(sys.modules, "airflow.sdk", sdk)
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.syspath_prepend(folder)
    program = (folder / "store_uptime_nightly.py").read_text()
    exec(compile(program, "store_uptime_nightly.py", "exec"), {})  # noqa: S102
    assert kept_functions["report"](data_interval_end=datetime(2023, 3, 27, tzinfo=UTC)) == 7
    monkeypatch.delitem(sys.modules, "nightly")
    assert_frame_equal(kept(folder, f"nightly {DAY}"), expected())


# --- the host application ------------------------------------------------------------------------


def test_what_the_page_shows_of_the_host_application_stands_in_it() -> None:
    files = [path.read_text() for path in (EXAMPLES / "flask_celery").glob("*.py")]
    shown = blocks("howto-host-app.md", "python")
    assert shown
    for block in shown:
        assert any(block in file for file in files)
