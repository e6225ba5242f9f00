"""The example host application, end to end: HTTP, a worker process, RabbitMQ, PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import compute_report, load_csv
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
from support.host_faults import SECONDS, fetch, locked, waiting
from support.host_stores import BY_HAND, write_stores

if not EXAMPLES.is_dir():
    pytest.skip("the examples are not beside these tests", allow_module_level=True)
for package in ("celery", "dotenv", "flask", "sqlalchemy"):
    pytest.importorskip(package)
psycopg = pytest.importorskip("psycopg")

HEADER = "store_id,uptime_last_hour,downtime_last_hour,uptime_last_day,downtime_last_day,uptime_last_week,downtime_last_week"


@pytest.fixture(scope="module")
def csv_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("csv")
    write_stores(folder)
    return folder


@pytest.fixture(scope="module")
def expected(csv_folder: Path) -> pl.DataFrame:
    inputs = load_csv(csv_folder)
    return compute_report(inputs)


@pytest.fixture(scope="module")
def database(postgres_server: str) -> Iterator[str]:
    with services.postgres_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="module")
def proxy(database: str) -> Iterator[Proxy]:
    """The way from the application to the database."""
    target = urlsplit(database)
    made = Proxy(target.hostname or "", target.port or 5432)
    yield made
    made.cut()


@pytest.fixture(scope="module")
def queue() -> Iterator[dict[str, str]]:
    """Settings for a queue of its own, so that runs side by side do not share reports."""
    with services.rabbitmq_queue() as (broker, name):
        yield {"CELERY_BROKER_URL": broker, "CELERY_QUEUE": name}


@pytest.fixture(scope="module")
def running(
    database: str,
    proxy: Proxy,
    queue: dict[str, str],
    csv_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("host")
    copy_application(folder)
    settings = settings_of(database) | {"DB_HOST": "127.0.0.1", "DB_PORT": str(proxy.port)}
    lines = [f"{name}={value}\n" for name, value in settings.items()]
    (folder / "flask_celery" / ".env").write_text("".join(["CELERY_QUEUE=not_this\n", *lines]))
    lease = {"LEASE_SECONDS": SECONDS["LEASE_SECONDS"]}
    host = Host(folder, clean_environment() | queue | lease)
    loaded = host.command("load", str(csv_folder))
    assert loaded.returncode == 0, loaded.stderr
    with host.serving():
        yield host


@pytest.fixture
def host(running: Host) -> Host:
    """The application with a worker that lives."""
    if running.worker is None:
        running.start_worker()
    return running


def downloaded(host: Host, report_id: str, like: pl.DataFrame) -> pl.DataFrame:
    answer = host.ask("GET", f"/get_report/{report_id}")
    assert answer.status == 200
    return pl.read_csv(answer.body, schema=like.schema)


def execute(database: str, statement: str, *values: object) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(statement, values)


def test_a_downloaded_report_is_the_one_that_compute_report_returns(
    host: Host, expected: pl.DataFrame
) -> None:
    answer = host.ask("POST", "/trigger_report")
    report_id = answer.json["report_id"]
    assert answer.status == 202
    assert uuid.UUID(report_id).version == 4
    assert answer.headers["Location"] == f"/check_status/{report_id}"
    complete = host.finished(report_id)
    assert complete["status"] == "Complete"
    assert complete["now"] == "2023-01-23T12:00:00+00:00"
    assert complete["created_at"] < complete["started_at"] < complete["finished_at"]
    assert host.ask("GET", f"/check_status?report_id={report_id}").json == complete
    csv = host.ask("GET", f"/get_report/{report_id}")
    assert csv.headers.get_content_type() == "text/csv"
    assert csv.headers["Content-Disposition"] == f'attachment; filename="report-{report_id}.csv"'
    assert csv.body.decode().splitlines()[0] == HEADER
    assert expected.height == 41
    assert_frame_equal(pl.read_csv(csv.body, schema=expected.schema), expected)


def test_the_store_worked_by_hand_has_its_special_day_and_its_maintenance(
    host: Host, expected: pl.DataFrame
) -> None:
    # Open 9 to 12, up until halfway between 10:14 and 11:15, which is 10:44:30; not counted: 10:00
    # to 10:10. Up 104.5 - 10 minutes, down 75.5; in the last hour down only. In the week there is
    # Friday the 20th too, a special day on which every store is open for 24 hours: unknown, since
    # the first poll does not reach back for more than a day.
    report_id = host.trigger()
    host.finished(report_id)
    row = downloaded(host, report_id, expected).row(by_predicate=pl.col("store_id") == BY_HAND)
    assert row == (BY_HAND, 0.0, 60.0, 94.5 / 60, 75.5 / 60, 94.5 / 60, 75.5 / 60)


def test_ten_reports_made_one_after_the_other_are_all_kept(
    host: Host, database: str, expected: pl.DataFrame
) -> None:
    ids = []
    for _ in range(10):
        ids.append(host.trigger())
        assert host.finished(ids[-1])["status"] == "Complete"
    assert len(set(ids)) == 10
    for report_id in ids:
        assert_frame_equal(downloaded(host, report_id, expected), expected)
    rows = fetch(database, "SELECT count(*) FROM store_uptime_report WHERE run_id = ANY(%s)", ids)
    assert rows == [(10 * expected.height,)]


def test_without_an_id_the_latest_report_is_meant(host: Host) -> None:
    host.finished(host.trigger())
    latest = host.trigger()
    assert host.ask("GET", "/check_status").json["report_id"] == latest
    host.finished(latest)


@pytest.mark.parametrize("table", ["store_status", "store_uptime_report"])
def test_a_report_whose_worker_is_killed_completes_once(
    host: Host, database: str, expected: pl.DataFrame, table: str
) -> None:
    host.finished(host.trigger())  # so that the table is there
    with locked(database, table):
        report_id = host.trigger()
        eventually(lambda: waiting(database))
        host.kill_worker()
        assert host.status(report_id)["status"] == "Running"
        assert host.ask("GET", f"/get_report/{report_id}").status == 409
    host.start_worker()
    assert host.finished(report_id)["status"] == "Complete"
    assert_frame_equal(downloaded(host, report_id, expected), expected)
    counted = fetch(
        database,
        "SELECT count(*), count(DISTINCT generated_at) FROM store_uptime_report WHERE run_id = %s",
        report_id,
    )
    assert counted == [(expected.height, 1)]
    attempts = fetch(database, "SELECT attempts FROM report_runs WHERE report_id = %s", report_id)
    assert attempts == [(2,)]


def test_a_message_that_is_delivered_twice_makes_one_report(host: Host, database: str) -> None:
    send = "import sys; from flask_celery.tasks import make_report; make_report.delay(sys.argv[1])"
    with locked(database, "store_status"):
        report_id = host.trigger()
        eventually(lambda: waiting(database))
        assert host.run("-c", send, report_id).returncode == 0
        eventually(lambda: f"{report_id}: is being made already" in host.log("worker"))
        assert waiting(database) == 1
    assert host.finished(report_id)["status"] == "Complete"
    query = "SELECT attempts, max(generated_at), count(*) FROM report_runs, store_uptime_report WHERE report_id = %s AND run_id = report_id::text GROUP BY 1"
    before = fetch(database, query, report_id)
    assert before[0][0] == 1
    eventually(lambda: f"{report_id}: is finished already" in host.log("worker"))
    host.work_on(report_id)
    assert fetch(database, query, report_id) == before


def test_reports_outlive_a_database_that_goes_away_and_comes_back(
    host: Host, database: str, proxy: Proxy, expected: pl.DataFrame
) -> None:
    with locked(database, "store_status"):
        report_id = host.trigger()
        eventually(lambda: waiting(database))
        proxy.cut()
        try:
            for method, path in (
                ("POST", "/trigger_report"),
                ("GET", f"/check_status/{report_id}"),
                ("GET", f"/get_report/{report_id}"),
            ):
                answer = host.ask(method, path)
                assert answer.status == 503
                assert "cannot be reached" in answer.json["error"]
        finally:
            proxy.restore()
    assert host.finished(report_id)["status"] == "Complete"
    assert_frame_equal(downloaded(host, report_id, expected), expected)
    assert host.finished(host.trigger())["status"] == "Complete"


def test_a_report_of_unusable_data_fails_and_says_why(host: Host, database: str) -> None:
    execute(database, "INSERT INTO business_hours VALUES (%s, 9, '09:00', '17:00')", BY_HAND)
    report_id = host.trigger()
    answer = host.finished(report_id)
    execute(database, "DELETE FROM business_hours WHERE day_of_week = 9")
    assert answer["status"] == "Failed"
    assert answer["reason"].startswith("hours.day_of_week: ")
    refused = host.ask("GET", f"/get_report/{report_id}")
    assert refused.status == 409
    assert answer["reason"] in refused.json["error"]


def run_after(database: str, attempts: int) -> str:
    """Enter a report that has been tried so many times, and return its id."""
    report_id = str(uuid.uuid4())
    statement = "INSERT INTO report_runs (report_id, status, attempts, created_at) VALUES (%s, 'Running', %s, now())"
    execute(database, statement, report_id, attempts)
    return report_id


def test_a_report_that_keeps_killing_its_workers_is_given_up(host: Host, database: str) -> None:
    report_id = run_after(database, attempts=5)
    host.work_on(report_id)
    status = host.status(report_id)
    assert (status["status"], status["reason"]) == ("Failed", "Given up after 5 attempts.")


def test_a_report_that_the_database_refuses_five_times_fails_and_leaves_no_rows(
    host: Host, database: str
) -> None:
    host.finished(host.trigger())  # so that the table is there
    report_id = run_after(database, attempts=4)
    execute(
        database,
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'refusal' USING ERRCODE = 'disk_full'; END $$",
    )
    execute(
        database,
        "CREATE TRIGGER refusal BEFORE INSERT ON store_uptime_report FOR EACH ROW"
        f" WHEN (NEW.run_id = '{report_id}' AND NEW.store_id = {BY_HAND})"
        " EXECUTE FUNCTION refuse()",
    )
    with pytest.raises(AssertionError, match="refusal"):  # which Celery would try again
        host.work_on(report_id)
    execute(database, "DROP TRIGGER refusal ON store_uptime_report")
    host.work_on(report_id)
    answer = host.status(report_id)
    assert answer["status"] == "Failed"
    told = "Given up after 5 attempts. DatabaseError: the worker's log says more."
    assert answer["reason"] == told
    assert fetch(database, "SELECT 1 FROM store_uptime_report WHERE run_id = %s", report_id) == []


def test_a_report_whose_rows_a_constraint_refuses_fails_at_once(host: Host, database: str) -> None:
    host.finished(host.trigger())  # so that the table is there
    report_id = run_after(database, attempts=0)
    rule = f"CHECK (run_id <> '{report_id}' OR store_id <> {BY_HAND})"
    execute(database, f"ALTER TABLE store_uptime_report ADD CONSTRAINT refusal {rule}")
    host.work_on(report_id)
    answer = host.status(report_id)
    assert (answer["status"], answer["attempts"]) == ("Failed", 1)
    assert answer["reason"] == "SchemaError: the worker's log says more."
    assert fetch(database, "SELECT 1 FROM store_uptime_report WHERE run_id = %s", report_id) == []


def test_a_report_that_no_broker_takes_fails(host: Host) -> None:
    tried = host.command("trigger", CELERY_BROKER_URL="amqp://127.0.0.1:1//")
    assert tried.returncode == 1
    assert tried.stderr.startswith("error: ")
    latest = host.ask("GET", "/check_status").json
    assert (latest["status"], latest["reason"]) == ("Failed", "The broker could not be reached.")


def test_the_command_line_triggers_and_waits(host: Host, expected: pl.DataFrame) -> None:
    done = host.command("trigger", "--wait")
    assert (done.returncode, done.stderr.split()) == (0, ["Complete"])
    assert_frame_equal(downloaded(host, done.stdout.strip(), expected), expected)


def test_loading_replaces_and_refuses_as_a_whole(
    host: Host, database: str, csv_folder: Path, tmp_path: Path
) -> None:
    query = "SELECT (SELECT count(*) FROM store_status), (SELECT count(*) FROM business_hours)"
    before = fetch(database, query)
    assert before == [(2 + 40 * (8 * 24 - 1) + 1, 1 + 40 * 7)]
    assert host.command("load", str(csv_folder)).returncode == 0
    assert fetch(database, query) == before
    (tmp_path / "timezones.csv").write_text("store_id,timezone_str\n7,Mars/Olympus\n")
    for name in ("store_status", "menu_hours"):
        (tmp_path / f"{name}.csv").write_bytes((csv_folder / f"{name}.csv").read_bytes())
    refused = host.command("load", str(tmp_path))
    assert refused.returncode == 1
    assert "Mars/Olympus" in refused.stderr
    assert fetch(database, query) == before


HOSTILE = [
    "../../etc/passwd",
    "../../../../../../etc/passwd",
    "/etc/passwd",
    "..\\..\\windows\\win.ini",
    "'; DROP TABLE report_runs; --",
    "' OR '1'='1",
    "\0",
    "%00",
    "\ud83d".encode("utf-8", "surrogatepass"),
    b"\xff\xfe",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "a\r\nSet-Cookie: x=y",
    "0" * 5000,
    "\N{ARABIC-INDIC DIGIT ONE}" * 32,
    "",
    "-1",
    "None",
    str(uuid.UUID(int=0)),
    "c0ffee00-0000-4000-8000-000000000000",
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("path", ["/check_status/", "/get_report/", "/check_status?report_id="])
def test_an_id_that_was_never_given_out_is_not_found(
    host: Host, path: str, hostile: str | bytes
) -> None:
    answer = host.ask("GET", path + quote(hostile, safe=""))
    assert answer.status == 404
    assert set(answer.json) == {"error"}
    assert answer.headers.get_content_type() == "application/json"


@pytest.mark.parametrize("path", ["/check_status/", "/get_report/"])
def test_a_path_in_place_of_an_id_is_not_found(host: Host, path: str) -> None:
    for raw in (
        "../../etc/passwd",
        "../../../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/app.py",
    ):
        answer = host.ask("GET", path + raw)
        assert answer.status == 404
        assert set(answer.json) == {"error"}


def test_with_servers_nothing_is_written_beside_the_application(host: Host) -> None:
    assert not (host.folder / "flask_celery" / "var").exists()


def test_secrets_do_not_show_in_the_settings(host: Host) -> None:
    show = "from flask_celery.settings import SETTINGS; print(SETTINGS)"
    secrets = {"DB_PASSWORD": "s3cret", "CELERY_BROKER_URL": "amqp://u:s3cret@b//"}
    shown = host.run("-c", show, **secrets)
    assert shown.stdout.startswith("Settings(")
    assert "s3cret" not in shown.stdout


def test_only_a_post_triggers(host: Host) -> None:
    before = host.ask("GET", "/check_status").json
    answer = host.ask("GET", "/trigger_report")
    assert answer.status == 405
    assert host.ask("GET", "/check_status").json == before


def test_the_demo_needs_no_settings_and_no_servers(tmp_path: Path) -> None:
    copy_application(tmp_path)
    done = Host(tmp_path, clean_environment()).command("demo")
    assert done.returncode == 0, done.stderr
    assert '"status": "Complete"' in done.stdout
    assert f'{HEADER}\n"clock-change",0.0,0.0,4.0,0.0,27.0,0.0\n' in done.stdout
    assert "7 stores" in done.stdout
    assert not (tmp_path / "flask_celery" / "var").exists()
