"""The programs on the pages about asynchronous services and Django: run as they stand."""

# ruff: noqa: S603, the only programs started here are those on the pages

from __future__ import annotations

import http.client
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import compute_report
from store_uptime.cli.demo import make_demo
from support.host_app import EXAMPLES, eventually, free_port
from support.services import need

DOCS = EXAMPLES.parent
if not EXAMPLES.is_dir():
    pytest.skip("the pages are not beside these tests", allow_module_level=True)

DAY = "2023-03-27"
MIDNIGHT = f"{DAY}T00:00:00Z"
Get = Callable[[str], tuple[int, bytes]]


def programs(page: str, folder: Path) -> Path:
    """Write the programs of a page into a folder, named as their first lines say."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for program in re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        name = re.match(r"# ([\w/]+\.py)\n", program)
        assert name
        file = folder / name[1]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(program)
    return folder


def expected(now: str | None = None) -> pl.DataFrame:
    return compute_report(*make_demo(), now=now)


def stored_text(instant: str) -> pl.Expr:
    return pl.col(instant).dt.strftime("%Y-%m-%d %H:%M:%S")


@contextmanager
def served(argv: list[str], port: int, folder: Path, uri: str) -> Iterator[Get]:
    def get(path: str) -> tuple[int, bytes]:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()

    def listening() -> bool:
        try:
            return bool(get("/nothing"))
        except OSError:
            return False

    env = os.environ | {"DATABASE_URL": uri}
    command = [sys.executable, "-m", *argv, str(port)]
    with subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            eventually(listening)
            yield get
        finally:
            server.terminate()


@pytest.fixture
def uri(tmp_path: Path) -> str:
    """The URI of a SQLite file with the stores of the demo, with an asynchronous driver."""
    status, hours, timezones = make_demo()
    up = pl.when("status").then(pl.lit("active")).otherwise(pl.lit("inactive"))
    tables = {
        "store_status": status.with_columns(stored_text("timestamp_utc"), status=up),
        "business_hours": hours,
        "store_timezones": timezones,
    }
    with closing(sqlite3.connect(tmp_path / "stores.sqlite")) as connection, connection:
        for name, rows in tables.items():
            connection.execute(f"CREATE TABLE {name} ({', '.join(rows.columns)})")
            marks = ", ".join("?" * rows.width)
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows.iter_rows())
    return f"sqlite+aiosqlite:///{tmp_path / 'stores.sqlite'}"


@pytest.mark.parametrize(
    ("server", "packages"),
    [
        ("uvicorn asynchronous:app --port", "fastapi uvicorn aiosqlite greenlet"),
        ("aiohttp.web -H 127.0.0.1 serve:application -P", "aiohttp"),
    ],
)
def test_the_asynchronous_services_answer_many_at_once(
    server: str, packages: str, tmp_path: Path, uri: str
) -> None:
    for package in packages.split():
        need(package)
    folder = programs("howto-async.md", tmp_path)
    # aiohttp's own runner hands over the command line.
    (folder / "serve.py").write_text(
        "from handlers import application as made\napplication = lambda argv: made()\n"
    )
    instants = [f"2023-03-{day}T18:00:00Z" for day in range(20, 28)]
    with served(server.split(), free_port(), folder, uri) as get, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda now: get(f"/report?now={now}"), instants))
        assert get("/report?now=2023-03-27T18:00:00")[0] == 500
    for now, (status, body) in zip(instants, answers, strict=True):
        assert status == 200
        assert_frame_equal(pl.read_csv(body, schema=expected().schema), expected(now))


# --- Django --------------------------------------------------------------------------------------

SETTINGS = """
SECRET_KEY = "of a test"
USE_TZ = True
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["stores"]
ALLOWED_HOSTS = ["*"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "stores.sqlite"}}
"""
URLS = """
from django.urls import path
from stores.views import report_as_json
urlpatterns = [path("report", report_as_json)]
"""
FILL = """
import polars as pl
from django.core.management import call_command
from stores.models import Hours, Poll, Store
call_command("migrate", run_syncdb=True, verbosity=0)
tables = (pl.read_parquet(f"{name}.parquet") for name in ("status", "hours", "timezones"))
for model, rows in zip((Poll, Hours, Store), tables):
    model.objects.bulk_create(model(**row) for row in rows.iter_rows(named=True))
"""


def numbered() -> list[pl.DataFrame]:
    """Return the tables of the demo with numbers of 19 digits for ids."""
    tables = [
        table.collect() if isinstance(table, pl.LazyFrame) else table for table in make_demo()
    ]
    ids = pl.concat([table["store_id"] for table in tables]).unique().sort()
    numbers = pl.int_range(len(ids), eager=True) + 8419537941919820000
    return [
        table.with_columns(pl.col("store_id").replace_strict(ids, numbers, return_dtype=pl.Int64))
        for table in tables
    ]


def report_of_numbers() -> pl.DataFrame:
    status, hours, timezones = numbered()
    return compute_report(status, hours, timezones, now=MIDNIGHT)


def django(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "settings"}
    env["PYTHONPATH"] = os.pathsep.join([str(folder), env.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "django", *argv],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the application of the page, and the stores of the demo in its tables."""
    need("django")
    folder = programs("howto-django.md", tmp_path_factory.mktemp("project"))
    for name in ("stores", "stores/management", "stores/management/commands"):
        (folder / name / "__init__.py").touch()
    (folder / "settings.py").write_text(SETTINGS)
    (folder / "urls.py").write_text(URLS)
    status, hours, timezones = numbered()
    up = pl.when("status").then(pl.lit("active")).otherwise(pl.lit("inactive"))
    status.with_columns(status=up).write_parquet(folder / "status.parquet")
    hours.write_parquet(folder / "hours.parquet")
    zones = timezones.drop_nulls().rename({"store_id": "id", "timezone_str": "timezone"})
    zones.write_parquet(folder / "timezones.parquet")
    filled = django(folder, "shell", "-c", FILL)
    assert filled.returncode == 0, filled.stderr
    return folder


def test_the_view_of_the_page_answers(project: Path) -> None:
    code = (
        "from django.test import Client\n"
        f"for now in ('{MIDNIGHT}', '2023-03-27T18:00:00'):\n"
        "    answer = Client().get('/report', {'now': now})\n"
        "    print(answer.status_code, answer.content.decode())"
    )
    good, naive = django(project, "shell", "-v", "0", "-c", code).stdout.splitlines()
    status, _, body = good.partition(" ")
    assert status == "200"
    rows = report_of_numbers().with_columns(pl.col("store_id").cast(pl.String)).to_dicts()
    assert json.loads(body) == rows
    assert (naive[:3], json.loads(naive[4:])["code"]) == ("422", "naive_instant")


def test_the_command_of_the_page_writes_a_report_once(project: Path) -> None:
    for _ in range(2):
        done = django(project, "nightly", DAY)
        assert (done.returncode, done.stdout) == (0, "7 stores\n"), done.stderr
    expected_rows = report_of_numbers()
    columns = ", ".join(expected_rows.columns)
    with closing(sqlite3.connect(project / "stores.sqlite")) as connection:
        query = f"SELECT {columns} FROM stores_report WHERE run_id = ? ORDER BY store_id"
        found = connection.execute(query, [f"nightly {DAY}"]).fetchall()
    assert_frame_equal(
        pl.DataFrame(found, schema=expected_rows.schema, orient="row"), expected_rows
    )
    wrong = django(project, "nightly", "yesterday")
    assert wrong.returncode == 1
    assert "yesterday" in wrong.stderr
    assert "Traceback" not in wrong.stderr
