"""Empty databases of every kind, and every way to hand one over."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

import duckdb
import pytest

from support.services import need

FORMS = {
    "postgresql": ("uri", "engine", "psycopg2", "psycopg2 transaction", "connection", "autocommit", "transaction", "adbc", "adbc autocommit",
        "session", "session transaction", "raw psycopg", "raw psycopg autocommit", "raw psycopg transaction", "raw psycopg2", "raw psycopg2 autocommit", "raw psycopg2 transaction"),
    "mariadb": ("uri", "engine", "connection", "autocommit", "transaction", "session", "session transaction", "raw pymysql", "raw pymysql autocommit"),
    "sqlite": ("sqlite3", "uri", "engine", "connection", "transaction", "session", "session transaction", "adbc", "adbc autocommit"),
    "duckdb": ("duckdb", "uri", "duckdb transaction"),
}  # fmt: skip
ALL = [(kind, form) for kind, forms in FORMS.items() for form in forms]


class Database:
    """A database of one kind, in which nothing is yet."""

    def __init__(self, kind: str, url: str) -> None:
        self.kind = kind
        self.url = url
        self._given_up: list[AbstractContextManager[Any]] = []

    @property
    def file(self) -> str:
        return self.url.partition(":///")[2]

    @property
    def alchemy_url(self) -> str:
        return self.url_for("psycopg")

    def url_for(self, driver: str) -> str:
        """Return the URL as SQLAlchemy wants it; the driver is one for PostgreSQL."""
        return self.url.replace("postgresql://", f"postgresql+{driver}://", 1)

    def as_user(self, name: str, password: str) -> str:
        """Return the URL for another user."""
        url = need("sqlalchemy").make_url(self.url).set(username=name, password=password)
        return str(url.render_as_string(hide_password=False))

    def engine(self, driver: str = "psycopg", **options: Any) -> Any:
        """Return an engine; the driver is one for PostgreSQL."""
        sqlalchemy = need("sqlalchemy")
        return sqlalchemy.create_engine(
            self.url_for(driver), poolclass=sqlalchemy.pool.NullPool, **options
        )

    def run(self, *statements: str) -> None:
        """Run statements on a connection of their own, and commit."""
        with self._own() as execute:
            for statement in statements:
                execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what another connection sees."""
        with self._own() as execute:
            return [tuple(row) for row in execute(query).fetchall()]

    @contextmanager
    def _own(self) -> Iterator[Callable[[str], Any]]:
        if self.kind == "sqlite":
            with closing(sqlite3.connect(self.file)) as lite, lite:
                yield lite.execute
        elif self.kind == "duckdb":
            with closing(duckdb.connect(self.file)) as duck:
                yield duck.execute
        else:
            with self.engine().begin() as connection:
                yield connection.exec_driver_sql

    @contextmanager
    def handed_over(self, form: str) -> Iterator[Any]:
        """Give what `load_sql` and `write_sql` accept, as `FORMS` calls it.

        In a transaction that is open, one statement has been run; it is committed at the end.
        """
        if form == "uri":
            yield self.url
        elif form.startswith("adbc"):
            with self._adbc(autocommit="autocommit" in form) as connection:
                yield connection
                if "autocommit" not in form:
                    connection.commit()
        elif form == "sqlite3":
            with closing(sqlite3.connect(self.file)) as connection:
                yield connection
        elif form.startswith("raw"):
            with self._raw(form) as connection:
                yield connection
        elif form.startswith("duckdb"):
            with closing(duckdb.connect(self.file)) as connection:
                if form == "duckdb":
                    yield connection
                else:
                    connection.begin()
                    yield connection
                    connection.commit()
        else:
            with self._alchemy(form) as connection:
                yield connection

    def given_up(self, form: str) -> Any:
        """Return a connection that is going to be lost, so that nothing is done at its end."""
        handed = self.handed_over(form)
        self._given_up.append(handed)
        return handed.__enter__()

    @contextmanager
    def _adbc(self, *, autocommit: bool) -> Iterator[Any]:
        dbapi = need(f"adbc_driver_{self.kind}.dbapi")
        url = f"file:{self.file}" if self.kind == "sqlite" else self.url
        with closing(dbapi.connect(url, autocommit=autocommit)) as connection:
            yield connection

    def raw(self, driver: str) -> Any:
        """Open a connection of psycopg, psycopg2 or PyMySQL."""
        module = need(driver)
        if driver != "pymysql":
            return module.connect(self.url)
        url = need("sqlalchemy").make_url(self.url)
        password = url.password or ""
        place = {"host": url.host, "port": url.port or 3306, "database": url.database}
        return module.connect(user=url.username, password=password, **place)

    @contextmanager
    def _raw(self, form: str) -> Iterator[Any]:
        _, driver, *state = form.split()
        with closing(self.raw(driver)) as connection:
            if state == ["autocommit"]:
                _set_autocommit(connection)
            if state == ["transaction"]:
                with closing(connection.cursor()) as cursor:
                    # MariaDB begins no transaction for a query that reads no table.
                    cursor.execute("BEGIN" if driver == "pymysql" else "SELECT 1")
            yield connection
            if state == ["transaction"]:
                connection.commit()

    @contextmanager
    def _alchemy(self, form: str) -> Iterator[Any]:
        options = {"isolation_level": "AUTOCOMMIT"} if form == "autocommit" else {}
        if form.startswith("psycopg2"):
            need("psycopg2")
            options["driver"] = "psycopg2"
        engine = self.engine(**options)
        if form.endswith(("engine", "psycopg2")):
            yield engine
            return
        if form.startswith("session"):
            with need("sqlalchemy.orm").Session(engine) as session:
                if form == "session":
                    yield session
                    return
                session.execute(need("sqlalchemy").text("SELECT 1"))
                yield session
                session.commit()
            return
        with engine.connect() as connection:
            if not form.endswith("connection"):
                connection.exec_driver_sql("SELECT 1").fetchall()
            yield connection
            if form.endswith("transaction"):
                connection.commit()


def _set_autocommit(connection: Any) -> None:
    if callable(getattr(connection, "get_autocommit", None)):  # PyMySQL
        connection.autocommit(True)
    else:
        connection.autocommit = True


def empty_database(kind: str, request: pytest.FixtureRequest) -> Database:
    """Return an empty database for one test."""
    if kind in ("postgresql", "mariadb"):
        fixture = {"postgresql": "postgres"}.get(kind, kind)
        return Database(kind, request.getfixturevalue(fixture))
    folder = request.getfixturevalue("tmp_path")
    return Database(kind, f"{kind}:///{folder}/stores.db")
