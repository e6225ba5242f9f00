"""`write_sql`: many writers at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote

import duckdb
import polars as pl
import pytest

from store_uptime import DatabaseError, SchemaError, compute_report, load_sql, write_sql
from store_uptime.testing import make_dataset
from support.databases import ALL, FORMS, Database, empty_database
from support.effort import thinned
from support.many_writers import STORES, at_once, report_of, runs_in, whole
from support.services import need
from support.sql_reports import TABLE

TEN = 10
FEWER = STORES - 20
NOBODY: list[Exception | None] = [None] * TEN
OF_THE_CALLER = ("transaction", "psycopg2 transaction", "adbc", "duckdb transaction")
OWN = [(kind, form) for kind, form in ALL if form not in OF_THE_CALLER]
# A session of SQLAlchemy's has a transaction of the caller's, which nothing tells the end of.
NOT_PLAIN = ("engine", "connection", "session", "session transaction")
PLAIN = [(kind, form) for kind, form in OWN if form not in NOT_PLAIN]
THERE = ["no table", "no rows", "older rows"]
CALLERS = [(kind, form) for kind, form in ALL if form in OF_THE_CALLER]


def of_each(ways: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Return each way to write with each state of the table."""
    return [(*way, there) for way in ways for there in THERE]


def prepare(database: Database, there: str) -> None:
    """Let the table be there or not, and have or not have an older, shorter report of each run."""
    if there == "no table":
        return
    write_sql(report_of(99), database.url, run_id="older")
    if there == "older rows":
        older = f"generated_at, store_id, uptime_last_day FROM {TABLE} WHERE store_id <= {FEWER}"
        runs = (f"SELECT 'run {writer}', {older} AND run_id = 'older'" for writer in range(TEN))
        database.run(f"INSERT INTO {TABLE} {' UNION ALL '.join(runs)}")


@contextmanager
def kept_open(database: Database, form: str) -> Iterator[None]:
    """Keep a file of DuckDB open: threads that open it at once can get it without its functions."""
    if form in ("duckdb", "duckdb transaction"):
        with duckdb.connect(database.file):
            yield
    else:
        yield


def writing(database: Database, form: str, **options: Any) -> Callable[[int], object]:
    """Return what each writer does: it writes a run of its own, or the one of `options`."""

    def write(writer: int) -> None:
        run: dict[str, Any] = {"run_id": f"run {writer}", **options}
        with database.handed_over(form) as connection:
            write_sql(report_of(writer), connection, **run)

    return write


@pytest.mark.parametrize(("kind", "form", "there"), thinned(of_each(OWN), 2))
def test_writers_of_different_runs_all_succeed(
    kind: str, form: str, there: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    prepare(database, there)
    with kept_open(database, form):
        assert at_once(writing(database, form), TEN) == NOBODY
    older = {} if there == "no table" else {"older": (STORES, 99, 99)}
    assert runs_in(database, TABLE) == {**older, **whole(range(TEN))}


@pytest.mark.parametrize(("kind", "form", "there"), thinned(of_each(PLAIN), 2))
def test_writers_of_one_run_leave_one_of_them_whole(
    kind: str, form: str, there: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    prepare(database, there)
    with kept_open(database, form):
        assert at_once(writing(database, form, run_id="run 0"), TEN) == NOBODY
    height, least, most = runs_in(database, TABLE)["run 0"]
    assert (height, least) == (STORES, most)
    assert most in range(TEN)


@pytest.mark.parametrize("kind", FORMS)
def test_writers_of_one_run_need_no_key(kind: str, request: pytest.FixtureRequest) -> None:
    database = empty_database(kind, request)
    database.run(
        f"CREATE TABLE {TABLE} (run_id varchar(40), generated_at timestamp, store_id bigint, uptime_last_day double precision)"
    )
    assert at_once(writing(database, "uri", run_id="run 0"), TEN) == NOBODY
    height, least, most = runs_in(database, TABLE)["run 0"]
    assert (height, least) == (STORES, most)


@pytest.mark.parametrize("there", ["no table", "older rows"])
@pytest.mark.parametrize("run_id", ["run 0", "", None])
@pytest.mark.parametrize("kind", FORMS)
def test_of_writers_that_replace_one_is_left_whole(
    kind: str, run_id: str | None, there: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    prepare(database, there)
    options = {} if run_id == "" else {"run_id": run_id}
    assert at_once(writing(database, "uri", if_exists="replace", **options), TEN) == NOBODY
    ((height, least, most),) = runs_in(database, TABLE).values()
    assert (height, least) == (STORES, most)


@pytest.mark.parametrize("kind", FORMS)
def test_who_appends_while_another_replaces_is_whole_or_gone(
    kind: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    prepare(database, "older rows")
    replace = writing(database, "uri", if_exists="replace")
    append = writing(database, "uri")
    assert at_once(lambda writer: (append if writer else replace)(writer), TEN) == NOBODY
    runs = runs_in(database, TABLE)
    assert runs.pop("run 0") == (STORES, 0, 0)
    assert runs.items() <= whole(range(1, TEN)).items()


@pytest.mark.parametrize(("kind", "form"), PLAIN)
def test_of_writers_that_want_a_table_of_their_own_one_wins(
    kind: str, form: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    with kept_open(database, form):
        raised = at_once(writing(database, form, if_exists="fail"), TEN)
    (winner,) = (writer for writer, error in enumerate(raised) if error is None)
    for error in filter(None, raised):
        assert isinstance(error, SchemaError)
        assert str(error).startswith(f"{TABLE}: cannot be written: ")
        assert "exist" in str(error)
    assert runs_in(database, TABLE) == whole([winner])


@pytest.mark.parametrize(("kind", "form", "there"), thinned(of_each(CALLERS), 2))
def test_in_transactions_of_the_callers_each_is_whole_or_gets_a_clear_error(
    kind: str, form: str, there: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    prepare(database, there)
    refused: list[Exception] = []

    def write(writer: int) -> None:
        with database.handed_over(form) as connection:  # which is committed at the end
            try:
                write_sql(report_of(writer), connection, run_id=f"run {writer}")
            except Exception as error:
                refused.append(error)
                raise

    with kept_open(database, form):
        raised = at_once(write, TEN)
    assert all(isinstance(error, DatabaseError) for error in refused), refused
    done = [writer for writer, error in enumerate(raised) if error is None]
    # Without a timeout of its own ADBC does not wait for the others when SQLite commits.
    assert done or (kind, form) == ("sqlite", "adbc")
    if there == "no rows" and kind != "sqlite":
        assert done == [*range(TEN)]
    older = dict.fromkeys(whole(range(TEN)), (FEWER, 99, 99))
    expected = {**(older if there == "older rows" else {}), **whole(done)}
    found = runs_in(database, TABLE) if done or there != "no table" else {}
    found.pop("older", None)
    assert found == expected


@pytest.mark.parametrize("there", THERE)
def test_cursors_of_one_duckdb_connection_may_write_at_once(there: str, tmp_path: Any) -> None:
    database = Database("duckdb", f"duckdb:///{tmp_path}/stores.db")
    prepare(database, there)
    with duckdb.connect(database.file) as connection:

        def write(writer: int) -> None:
            with closing(connection.cursor()) as cursor:
                write_sql(report_of(writer), cursor, run_id=f"run {writer}")

        assert at_once(write, TEN) == NOBODY
    assert whole(range(TEN)).items() <= runs_in(database, TABLE).items()


@pytest.mark.parametrize("form", ["uri", "engine", "psycopg2", "autocommit"])
def test_sessions_of_postgresql_that_are_serializable_all_succeed(form: str, postgres: str) -> None:
    strict = f"{postgres}%20-cdefault_transaction_isolation%3Dserializable"
    database = Database("postgresql", strict)
    assert database.rows("SHOW transaction_isolation") == [("serializable",)]
    prepare(database, "older rows")
    assert at_once(writing(database, form), TEN) == NOBODY
    assert at_once(writing(database, form, run_id="run 0"), TEN) == NOBODY
    assert runs_in(database, TABLE).items() >= whole(range(1, TEN)).items()


@pytest.mark.parametrize("form", ["uri", "connection", "autocommit"])
def test_a_session_of_mariadb_waits_as_long_as_for_a_lock(form: str, mariadb: str) -> None:
    database = Database("mariadb", mariadb)
    prepare(database, "no rows")
    name = mariadb.rpartition("/")[2]
    lock = f"SHA1(CONCAT_WS('/', 'store_uptime', '{name}', '{TABLE}', 'run 0'))"
    with database.engine().connect() as other:
        assert other.exec_driver_sql(f"SELECT GET_LOCK({lock}, 0)").scalar() == 1
        with with_lock_wait(database, form, 1) as connection:
            with pytest.raises(
                DatabaseError, match=r"^store_uptime_report: .*another session writes the same"
            ):
                write_sql(report_of(0), connection, run_id="run 0")
            # Another run, or the same of another table, does not have to wait.
            write_sql(report_of(1), connection, run_id="run 1")
            write_sql(report_of(2), connection, "elsewhere", run_id="run 0")
            write_sql(report_of(3), connection, f"{name}.{TABLE}", run_id="run 3")
            with pytest.raises(DatabaseError, match=r"another session writes the same"):
                write_sql(report_of(0), connection, f"{name}.{TABLE}", run_id="run 0")
    assert runs_in(database, TABLE) == {"older": (STORES, 99, 99), **whole([1, 3])}


@contextmanager
def with_lock_wait(database: Database, form: str, seconds: int) -> Iterator[Any]:
    """Give a connection whose sessions wait so long for a lock."""
    statement = f"SET SESSION innodb_lock_wait_timeout = {seconds}"
    if form == "uri":
        yield f"{database.url}?init_command={quote(statement)}"
    else:
        with database.handed_over(form) as connection:
            connection.exec_driver_sql(statement)
            connection.commit()
            yield connection


@pytest.mark.parametrize("if_exists", ["append", "replace"])
@pytest.mark.parametrize("form", ["connection", "autocommit"])
def test_a_session_of_mariadb_that_stays_open_keeps_no_turn(
    form: str, if_exists: Any, mariadb: str
) -> None:
    database = Database("mariadb", mariadb)
    prepare(database, "no rows")
    database.run("CREATE TABLE narrow (run_id varchar(9))")
    with database.handed_over(form) as connection:
        write_sql(report_of(1), connection, run_id="run 1", if_exists=if_exists)
        with pytest.raises(SchemaError, match=r"lacks columns"):
            write_sql(report_of(1), connection, "narrow", run_id="run 1", if_exists=if_exists)
        assert at_once(writing(database, "uri", run_id="run 1", if_exists=if_exists), 2) == [
            None,
            None,
        ]


@pytest.mark.parametrize("log", ["STATEMENT", "MIXED"])
def test_mariadb_keeps_its_isolation_where_it_logs_statements(log: str, mariadb: str) -> None:
    """There InnoDB refuses to write at READ COMMITTED: error 1665."""
    database = Database("mariadb", mariadb)
    prepare(database, "no rows")
    engine, levels = database.engine(), set()

    def pretend(*call: Any) -> tuple[str, Any]:
        _, _, statement, values, *_ = call
        if "ISOLATION LEVEL" in statement:
            levels.add(statement.rpartition("LEVEL ")[2])
        if log == "STATEMENT" and statement.startswith("SHOW VARIABLES"):
            return "SHOW VARIABLES WHERE Variable_name = 'autocommit'", values
        return statement, values

    need("sqlalchemy").event.listen(engine, "before_cursor_execute", pretend, retval=True)

    def write(writer: int) -> None:
        write_sql(report_of(writer), engine, run_id=f"run {writer}")

    assert at_once(write, TEN) == NOBODY
    assert levels == (set() if log == "STATEMENT" else {"READ COMMITTED"})
    assert runs_in(database, TABLE) == {"older": (STORES, 99, 99), **whole(range(TEN))}


@pytest.mark.parametrize("form", ["uri", "engine", "connection", "autocommit"])
def test_mariadb_writes_into_a_table_that_it_has_just_made_all_rows_or_none(
    form: str, mariadb: str
) -> None:
    """CREATE TABLE ends the transaction, and these rows need more than one INSERT."""
    database = Database("mariadb", mariadb)
    ids = [f"{i:0>250}" for i in range(6_000)] + ["x" * 300]
    with database.handed_over(form) as connection, pytest.raises((DatabaseError, SchemaError)):
        write_sql(pl.DataFrame({"store_id": ids}), connection)
    assert database.rows(f"SELECT count(*) FROM {TABLE}") == [(0,)]


@pytest.mark.parametrize("form", ["psycopg", "psycopg2"])
def test_a_transaction_that_cannot_see_a_new_table_is_told(form: str, postgres: str) -> None:
    database = Database("postgresql", postgres)
    engine = database.engine(form, isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM pg_class").fetchall()
        write_sql(report_of(0), postgres, run_id="run 0")
        with pytest.raises(
            DatabaseError, match=rf"^{TABLE}: another session made the table after .* Roll back"
        ):
            write_sql(report_of(1), connection, run_id="run 1")
        connection.rollback()
        write_sql(report_of(1), connection, run_id="run 1")
        connection.commit()
    assert runs_in(database, TABLE) == whole([0, 1])


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_transaction_of_an_older_state_gets_a_clear_error_for_a_run_that_is_new(
    kind: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    prepare(database, "no rows")
    with database.engine(isolation_level="REPEATABLE READ").connect() as connection:
        connection.exec_driver_sql(f"SELECT count(*) FROM {TABLE}").fetchall()
        write_sql(report_of(0), database.url, run_id="run 0")
        with pytest.raises(
            (DatabaseError, SchemaError),
            match=rf"(?i)^{TABLE}: cannot be written: the INSERT fails: .*duplicate",
        ):
            write_sql(report_of(1), connection, run_id="run 0")
        connection.commit()
    assert runs_in(database, TABLE) == {"older": (STORES, 99, 99), **whole([0])}


@pytest.mark.parametrize("kind", FORMS)
def test_data_sets_that_replace_each_other_leave_one_whole(
    kind: str, request: pytest.FixtureRequest
) -> None:
    database = empty_database(kind, request)
    sets = [make_dataset(stores, days=2, poll_every="6h") for stores in (1, 2, 3, 4)]
    sets[0].to_sql(database.url, if_exists="replace")
    raised = at_once(lambda i: sets[i].to_sql(database.url, if_exists="replace"), len(sets))
    assert raised == [None] * len(sets)
    left = compute_report(load_sql(database.url), now=sets[0].now)
    assert any(left.equals(compute_report(each.inputs)) for each in sets)
