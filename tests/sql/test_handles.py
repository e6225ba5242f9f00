"""`load_sql` and `write_sql` with raw connections, sessions, sockets and lists of hosts."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from store_uptime import DatabaseError, SchemaError, load_sql, write_sql
from store_uptime._sql.connect import opened
from support.databases import Database
from support.services import missing, need
from support.sql_reports import REPORT, rows, stored
from support.sql_tables import NOW, TYPES, fill

RAW = ["psycopg", "psycopg2", "pymysql"]


@pytest.fixture
def database(raw: str, request: pytest.FixtureRequest) -> Database:
    kind = "mariadb" if raw == "pymysql" else "postgresql"
    found = Database(kind, request.getfixturevalue("mariadb" if kind == "mariadb" else "postgres"))
    fill(found, TYPES[kind][0])
    return found


@pytest.fixture
def connection(raw: str, database: Database) -> Iterator[Any]:
    with closing(database.raw(raw)) as connection:
        yield connection


def state_of(connection: Any) -> tuple[Any, ...]:
    """Return what a caller has set, and whether a transaction is open."""
    if hasattr(connection, "ping"):
        connection.ping()
        return connection.get_autocommit(), connection.server_status & 1, connection.cursorclass
    factories = (getattr(connection, name, None) for name in ("row_factory", "cursor_factory"))
    status = connection.info.transaction_status
    return connection.autocommit, int(status), connection.isolation_level, *factories


def autocommits(connection: Any) -> None:
    if hasattr(connection, "ping"):
        connection.autocommit(True)
    else:
        connection.autocommit = True


def begins(connection: Any) -> None:
    with closing(connection.cursor()) as cursor:
        cursor.execute("SELECT count(*) FROM store_status")
        cursor.fetchall()


STATES: dict[str, Callable[[Any], None]] = {
    "idle": lambda _: None,
    "autocommit": autocommits,
    "transaction": begins,
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("raw", RAW)
def test_a_raw_connection_is_left_as_it_was(raw: str, state: str, connection: Any) -> None:
    del raw
    STATES[state](connection)
    before = state_of(connection)
    assert load_sql(connection, now=NOW).status.height == 5
    assert state_of(connection) == before
    if state != "transaction":
        write_sql(REPORT, connection, run_id="r")
        assert state_of(connection) == before
    for wrong in (
        lambda: load_sql(connection, status="SELECT nothing FROM store_status"),
        lambda: write_sql(
            REPORT.with_columns(store_id=pl.Series(["a", "b"])), connection, "store_status"
        ),
    ):
        with pytest.raises(SchemaError):
            wrong()
        assert state_of(connection) == before


@pytest.mark.parametrize("raw", RAW)
def test_a_raw_transaction_is_the_callers(raw: str, database: Database, connection: Any) -> None:
    del raw
    write_sql(REPORT, database.url, run_id="before")
    for run_id, ends in (("undone", connection.rollback), ("done", connection.commit)):
        begins(connection)
        write_sql(REPORT, connection, run_id=run_id)
        with pytest.raises(SchemaError, match=r"lacks columns"):
            write_sql(REPORT.with_columns(other=1), connection)
        ends()
    assert stored(database) == sorted(rows("before") + rows("done"), key=repr)


@pytest.mark.parametrize("raw", ["pymysql"])
def test_mariadb_makes_no_table_in_a_transaction_of_the_callers(
    raw: str, database: Database, connection: Any
) -> None:
    del raw
    begins(connection)
    with pytest.raises(SchemaError, match=r"^connection: .*Make the table first") as caught:
        write_sql(REPORT, connection)
    assert caught.value.code == "unusable_connection"
    assert state_of(connection)[1] == 1  # still the caller's
    connection.rollback()
    write_sql(REPORT, connection, run_id="r")
    assert stored(database) == rows("r")


@pytest.mark.parametrize("raw", ["pymysql"])
def test_the_time_zone_of_a_raw_session_changes_nothing_and_stays(
    raw: str, database: Database, connection: Any
) -> None:
    del raw
    there = load_sql(database.url, now=NOW).status
    with closing(connection.cursor()) as cursor:
        cursor.execute("SET time_zone = '-05:00'")
        assert (
            load_sql(connection, now=NOW)
            .status.sort(there.columns)
            .equals(there.sort(there.columns))
        )
        cursor.execute("SELECT @@session.time_zone")
        assert cursor.fetchone() == ("-05:00",)


def psycopg_dicts(database: Database) -> Any:
    psycopg = need("psycopg")
    return psycopg.connect(database.url, row_factory=psycopg.rows.dict_row)


def psycopg_raw_cursors(database: Database) -> Any:
    psycopg = need("psycopg")
    return psycopg.connect(database.url, cursor_factory=psycopg.RawCursor)


def psycopg2_dicts(database: Database) -> Any:
    psycopg2 = need("psycopg2")
    need("psycopg2.extras")
    return psycopg2.connect(database.url, cursor_factory=psycopg2.extras.RealDictCursor)


def psycopg2_tuples(database: Database) -> Any:
    psycopg2 = need("psycopg2")
    need("psycopg2.extras")
    return psycopg2.connect(database.url, cursor_factory=psycopg2.extras.NamedTupleCursor)


def pymysql_dicts(database: Database) -> Any:
    connection = database.raw("pymysql")
    connection.cursorclass = need("pymysql.cursors").DictCursor
    return connection


@pytest.mark.parametrize(
    ("raw", "connect"),
    [
        ("psycopg", psycopg_dicts),
        ("psycopg", psycopg_raw_cursors),
        ("psycopg2", psycopg2_dicts),
        ("psycopg2", psycopg2_tuples),
        ("pymysql", pymysql_dicts),
    ],
)
def test_how_the_caller_wants_rows_does_not_matter(
    raw: str, connect: Callable[[Database], Any], database: Database
) -> None:
    del raw
    with closing(connect(database)) as connection:
        before = state_of(connection)
        assert load_sql(connection, now=NOW).status.height == 5
        assert write_sql(REPORT, connection, run_id="r") == "r"
        assert state_of(connection) == before
        with opened(connection, write=False) as driver:
            odd = (
                "SELECT '50 %s %' AS \"a%\", 1 AS b"
                if database.kind == "postgresql"
                else "SELECT '50 %s %' AS `a%`, 1 AS b"
            )
            assert driver.fetch(odd).rows() == [("50 %s %", 1)]
    assert stored(database) == rows("r")


def test_rows_of_sqlite_as_objects_do_not_matter(tmp_path: Path) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path}/stores.db")
    fill(database, TYPES["sqlite"][0])
    with closing(sqlite3.connect(database.file)) as connection:
        connection.row_factory = sqlite3.Row
        assert load_sql(connection, now=NOW).status.height == 5
        assert write_sql(REPORT, connection, run_id="r") == "r"
        assert connection.row_factory is sqlite3.Row


@pytest.mark.parametrize("raw", ["psycopg2"])
def test_psycopg2_with_a_callback_for_greenlets_is_read_without_copy(
    raw: str, connection: Any
) -> None:
    del raw
    extensions, extras = need("psycopg2.extensions"), need("psycopg2.extras")
    extensions.set_wait_callback(extras.wait_select)
    try:
        assert load_sql(connection, now=NOW).status.height == 5
    finally:
        extensions.set_wait_callback(None)


# --- connections that cannot be used as they are -------------------------------------------------


@pytest.mark.parametrize("raw", ["psycopg", "psycopg2"])
def test_a_transaction_that_has_failed_is_told(raw: str, connection: Any) -> None:
    with closing(connection.cursor()) as cursor, pytest.raises(need(raw).Error):
        cursor.execute("SELECT * FROM nothing")
    for call in (load_sql, lambda where: write_sql(REPORT, where)):
        with pytest.raises(
            SchemaError, match=r"has failed. End it first: connection.rollback\(\)"
        ) as caught:
            call(connection)
        assert caught.value.code == "unusable_connection"
    connection.rollback()
    assert load_sql(connection, now=NOW).status.height == 5


@pytest.mark.parametrize("raw", RAW)
def test_a_raw_connection_that_is_closed_is_told(raw: str, connection: Any) -> None:
    if raw == "pymysql":
        connection.ping()
    connection.close()
    for call in (load_sql, lambda where: write_sql(REPORT, where)):
        with pytest.raises(
            DatabaseError, match=r"^connection: cannot be opened: .*losed"
        ) as caught:
            call(connection)
        assert caught.value.code == "cannot_connect"
    if raw == "pymysql":
        connection.connect()  # so that the fixture can close it


@pytest.mark.parametrize("raw", ["psycopg"])
def test_pipeline_mode_is_refused(raw: str, connection: Any) -> None:
    del raw
    with connection.pipeline(), pytest.raises(SchemaError, match=r"is in pipeline mode. Leave"):
        load_sql(connection)
    assert load_sql(connection, now=NOW).status.height == 5


@pytest.mark.parametrize("raw", ["psycopg2"])
def test_an_asynchronous_connection_of_psycopg2_is_refused(raw: str, database: Database) -> None:
    with closing(need(raw).connect(database.url, async_=True)) as connection:
        need("psycopg2.extras").wait_select(connection)
        with pytest.raises(SchemaError, match=r"is asynchronous. Open one without async_=True"):
            load_sql(connection)


# --- sessions ------------------------------------------------------------------------------------

SESSIONS = ["Session", "scoped_session"]


@pytest.fixture
def session_of(postgres: str) -> Iterator[Callable[[str], Any]]:
    orm = need("sqlalchemy.orm")
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    engine = database.engine()
    made = []

    def session(form: str, **options: Any) -> Any:
        maker = orm.sessionmaker(engine, **options)
        made.append(orm.scoped_session(maker) if form == "scoped_session" else maker())
        return made[-1]

    yield session
    for each in made:
        each.close()
    engine.dispose()


@pytest.mark.parametrize("form", SESSIONS)
def test_a_session_that_is_in_no_transaction_is_in_none_afterwards(
    form: str, session_of: Callable[[str], Any], postgres: str
) -> None:
    session = session_of(form)
    plain = session() if form == "scoped_session" else session
    assert load_sql(session, now=NOW).status.height == 5
    assert not plain.in_transaction()
    write_sql(REPORT, session, run_id="r")
    assert not plain.in_transaction()
    with pytest.raises(SchemaError, match=r"lacks columns"):
        write_sql(REPORT.with_columns(other=1), session)
    with pytest.raises(SchemaError, match=r"status: 'nothing' cannot be read"):
        load_sql(session, status="nothing")
    assert not plain.in_transaction()
    session.rollback()
    assert stored(Database("postgresql", postgres)) == rows("r")


@pytest.mark.parametrize("form", SESSIONS)
def test_a_transaction_of_a_session_is_the_callers(
    form: str, session_of: Callable[[str], Any], postgres: str
) -> None:
    session, text = session_of(form), need("sqlalchemy").text
    session.execute(text("DELETE FROM store_status WHERE status = 'active'"))
    assert load_sql(session, now=NOW).status.height == 2
    write_sql(REPORT, session, run_id="undone")
    session.rollback()
    assert load_sql(session, now=NOW).status.height == 5
    with session.begin():
        write_sql(REPORT, session, run_id="done")
        with pytest.raises(SchemaError, match=r"lacks columns"):
            write_sql(REPORT.with_columns(other=1), session)
    assert stored(Database("postgresql", postgres)) == rows("done")


def test_what_is_pending_in_a_session_is_seen_as_by_its_own_queries(
    session_of: Callable[..., Any],
) -> None:
    sqlalchemy, orm = need("sqlalchemy"), need("sqlalchemy.orm")
    polls = sqlalchemy.Table(
        "store_status",
        sqlalchemy.MetaData(),
        sqlalchemy.Column("store_id", sqlalchemy.BigInteger, primary_key=True),
        sqlalchemy.Column("timestamp_utc", sqlalchemy.DateTime(timezone=True), primary_key=True),
        sqlalchemy.Column("status", sqlalchemy.Text),
    )

    class Poll:
        def __init__(self, **values: Any) -> None:
            for name, value in values.items():
                setattr(self, name, value)

    orm.registry().map_imperatively(Poll, polls)
    for autoflush, height in ((True, 6), (False, 5)):
        session = session_of("Session", autoflush=autoflush)
        session.add(Poll(store_id=7, timestamp_utc=NOW, status="active"))
        assert load_sql(session, now=NOW).status.height == height
        session.rollback()
    session = session_of("Session")
    session.add(Poll(store_id=None, timestamp_utc=NOW, status="active"))
    with pytest.raises(SchemaError, match=r"the session cannot be used: .*Roll it back"):
        load_sql(session)


def test_a_session_without_an_engine_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"the session cannot be used: .*(bind|bound)"):
        load_sql(need("sqlalchemy.orm").Session())


def test_what_an_application_runs_when_a_session_begins_counts(
    session_of: Callable[[str], Any], postgres: str
) -> None:
    """A query there, after which no isolation can be set any more."""
    sqlalchemy = need("sqlalchemy")
    Database("postgresql", postgres).run(
        "ALTER TABLE store_status ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE store_status FORCE ROW LEVEL SECURITY",
        "CREATE POLICY own ON store_status USING (status = current_setting('stores.seen'))",
    )
    session = session_of("Session")
    begun = []

    @sqlalchemy.event.listens_for(session, "after_begin")  # type: ignore[untyped-decorator]  # of a package that is optional
    def see(_session: Any, _transaction: Any, connection: Any) -> None:
        begun.append(connection)
        connection.exec_driver_sql("SELECT set_config('stores.seen', 'active', true)").fetchall()

    load_sql(session, now=NOW)
    write_sql(REPORT, session, run_id="r")
    assert len(begun) == 2


# --- sockets and lists of hosts ------------------------------------------------------------------


@pytest.fixture
def socket_folder(postgres: str) -> str:
    """The folder of the Unix socket of the server, if it has one here."""
    shown = Database("postgresql", postgres).rows("SHOW unix_socket_directories")[0][0]
    for folder in map(str.strip, str(shown).split(",")):
        if folder and any(Path(folder).glob(".s.PGSQL.*")):
            return folder
    missing("no Unix socket of the PostgreSQL server")


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgresql+asyncpg"])
@pytest.mark.parametrize("absent", ["", "adbc_driver_postgresql"])
def test_a_unix_socket_in_a_uri(
    scheme: str, absent: str, postgres: str, socket_folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if absent:
        monkeypatch.setitem(sys.modules, absent, None)
    database = Database("postgresql", postgres)
    fill(database, TYPES["postgresql"][0])
    url = need("sqlalchemy").make_url(postgres)
    options = url.query["options"].replace("=", "%3D").replace(" ", "%20")
    uri = f"{scheme}://{url.username}@/{url.database}?host={socket_folder}&port={url.port or 5432}&options={options}"
    assert load_sql(uri, now=NOW).status.height == 5
    assert write_sql(REPORT, uri, run_id="r") == "r"
    assert stored(database) == rows("r")
    quoted = socket_folder.replace("/", "%2F")
    uri = f"{scheme}://{url.username}@{quoted}:{url.port or 5432}/{url.database}?options={options}"
    assert load_sql(uri, now=NOW).status.height == 5


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_engines_on_a_socket_and_on_several_hosts(
    driver: str, postgres: str, socket_folder: str
) -> None:
    sqlalchemy = need("sqlalchemy")
    need(driver)
    fill(Database("postgresql", postgres), TYPES["postgresql"][0])
    url = sqlalchemy.make_url(postgres).set(drivername=f"postgresql+{driver}")
    port = url.port or 5432
    nowhere = url.set(host=None, port=None)
    for hosts in (
        {"host": socket_folder, "port": str(port)},
        {"host": ["127.0.0.1:1", f"{url.host}:{port}"]},
        {"host": f"127.0.0.1,{url.host}", "port": f"1,{port}"},
    ):
        engine = sqlalchemy.create_engine(nowhere.update_query_dict(hosts))
        assert load_sql(engine, now=NOW).status.height == 5
        write_sql(REPORT, engine)
        engine.dispose()


@pytest.mark.parametrize("absent", ["", "adbc_driver_postgresql"])
@pytest.mark.parametrize(
    "scheme", ["postgresql", "postgres", "postgresql+psycopg2", "postgresql+asyncpg"]
)
def test_several_hosts_in_a_uri(
    scheme: str, absent: str, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if absent:
        need("psycopg2")
        monkeypatch.setitem(sys.modules, absent, None)
    fill(Database("postgresql", postgres), TYPES["postgresql"][0])
    url = need("sqlalchemy").make_url(postgres)
    port = url.port or 5432
    options = url.query["options"].replace("=", "%3D").replace(" ", "%20")
    for place, hosts in (
        (f"127.0.0.1:1,{url.host}:{port}", "target_session_attrs=read-write"),
        ("", f"host=127.0.0.1:1&host={url.host}:{port}"),
        ("", f"host=127.0.0.1,{url.host}&port=1,{port}"),
    ):
        uri = f"{scheme}://{url.username}@{place}/{url.database}?{hosts}&options={options}"
        assert load_sql(uri, now=NOW).status.height == 5


@pytest.mark.parametrize("absent", ["", "adbc_driver_postgresql"])
@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://me:s3cret%2Fword@127.0.0.1:1,127.0.0.1:2/stores?target_session_attrs=any",
        "postgresql+asyncpg://me:s3cret%2Fword@/stores?host=127.0.0.1:1&host=127.0.0.1:2",
        "postgresql://me:s3cret%2Fword@/stores?host=/no/such/folder",
        "postgresql:///stores?host=/no/such/folder&password=s3cret%2Fword",
        "postgresql+psycopg2://me:s3cret%2Fword@%2Fno%2Fsuch%2Ffolder/stores",
    ],
)
def test_a_password_beside_several_hosts_or_a_socket_is_not_told(
    uri: str, absent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("adbc_driver_postgresql", "psycopg", "psycopg2"):
        need(module)
    if absent:
        monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(DatabaseError, match=r"^connection: cannot be opened: ") as caught:
        load_sql(uri)
    assert caught.value.code == "cannot_connect"
    assert "s3cret" not in f"{caught.value!r} {caught.value.__cause__}"


# --- what is no connection -----------------------------------------------------------------------


def duck_relation() -> Any:
    return duckdb.sql("SELECT 1")


def of_sqlalchemy(name: str) -> Callable[[], Any]:
    def make() -> Any:
        sqlalchemy = need("sqlalchemy")
        engine = sqlalchemy.create_engine("sqlite://")
        return {
            "URL": engine.url,
            "pool": engine.pool,
            "sessionmaker": need("sqlalchemy.orm").sessionmaker(engine),
            "class": sqlalchemy.Engine,
        }[name]

    return make


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "int": (lambda: 7, "int is not a database connection. Give a SQLAlchemy engine"),
    "dict": (lambda: {"host": "h"}, "dict is not a database connection. Give a SQLAlchemy engine"),
    "path": (lambda: Path("stores.db"), f"{type(Path()).__module__}.{type(Path()).__name__} is not a database connection. Write: load_sql('sqlite:///stores.db')"),
    "cursor": (lambda: sqlite3.connect(":memory:").cursor(), "sqlite3.Cursor is not a database connection. Write: load_sql(cursor.connection)"),
    "relation": (duck_relation, "DuckDBPyRelation is not a database connection. Give a SQLAlchemy engine"),
    "URL": (of_sqlalchemy("URL"), "sqlalchemy.engine.url.URL is not a database connection. Write: load_sql(url.render_as_string(hide_password=False))"),
    "pool": (of_sqlalchemy("pool"), "Pool is not a database connection. Write: load_sql(engine)"),
    "sessionmaker": (of_sqlalchemy("sessionmaker"), "sqlalchemy.orm.session.sessionmaker is not a database connection. Write: with Session() as session: load_sql(session)"),
    "class": (of_sqlalchemy("class"), "the class sqlalchemy.engine.base.Engine is not a database connection. Give a SQLAlchemy engine"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_connection_is_refused_by_its_full_name(name: str) -> None:
    make, message = REFUSED[name]
    given = make()
    with pytest.raises(SchemaError) as caught:
        load_sql(given)
    assert caught.value.code == "not_a_connection"
    assert message in str(caught.value)
    with pytest.raises(SchemaError) as caught:
        write_sql(REPORT, given)
    assert message.replace("load_sql(", "write_sql(report, ") in str(caught.value)


@pytest.mark.parametrize("package", ["psycopg", "asyncpg"])
def test_raw_asynchronous_connections_are_refused(package: str, postgres: str) -> None:
    async def call() -> None:
        if package == "psycopg":
            connection = await need("psycopg").AsyncConnection.connect(postgres)
            line = "with psycopg.connect(...) as connection: load_sql(connection)"
        else:
            connection = await need("asyncpg").connect(postgres.partition("?")[0])
            line = "await asyncio.to_thread(load_sql, 'postgresql://user@host/database')"
        with pytest.raises(SchemaError) as caught:
            load_sql(connection)
        name = f"{type(connection).__module__}.{type(connection).__qualname__}"
        assert str(caught.value) == (
            f"connection: {name} is not a database connection. Write: {line}"
        )
        await connection.close()

    asyncio.run(call())
