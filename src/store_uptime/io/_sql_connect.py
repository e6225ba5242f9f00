"""From what the caller hands over to a `Driver`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from store_uptime.errors import DatabaseError, MissingDependencyError, SchemaError
from store_uptime.io._sql_adbc import Adbc
from store_uptime.io._sql_alchemy import Alchemy
from store_uptime.io._sql_dbapi import DuckDB, Sqlite3
from store_uptime.io._sql_driver import Driver, message_of

_REMEDY = (
    "Give a SQLAlchemy engine or connection, an ADBC, DuckDB or sqlite3 connection, or a URI "
    "such as 'postgresql://user@host/database'."
)
_KINDS: dict[str, Callable[[Any], Driver]] = {
    "sqlite3.Connection": Sqlite3,
    "duckdb.DuckDBPyConnection": DuckDB,
    "adbc_driver_manager.Connection": Adbc,
    "sqlalchemy.Connection": Alchemy,
}
_POSTGRES = ("postgresql", "postgres")
_LIBPQ = ("psycopg", "psycopg2", "psycopg2cffi")


@contextmanager
def opened(connection: Any, *, write: bool) -> Iterator[Driver]:
    """Give the driver of a connection; close afterwards what was opened for it, nothing else.

    Raises
    ------
    SchemaError
        `connection` is none of those that are accepted.
    MissingDependencyError
        What a URI needs is not installed.
    DatabaseError
        There is no connection to be had.
    """
    if isinstance(connection, str):
        with _opened_uri(connection, write=write) as driver:
            yield driver
        return
    kinds = {f"{_package(cls)}.{cls.__name__}" for cls in type(connection).__mro__}
    if "sqlalchemy.Engine" in kinds:
        with _opened_engine(connection) as driver:
            yield driver
        return
    for kind, driver_of in _KINDS.items():
        if kind in kinds:
            with _connecting(""):
                driver = driver_of(connection)
            yield driver
            return
    raise SchemaError(
        f"a {type(connection).__name__} is no database connection",
        table="connection",
        remedy=_REMEDY,
    )


def _package(cls: type) -> str:
    # duckdb names its compiled module "_duckdb", or "duckdb.duckdb" in older versions.
    return cls.__module__.partition(".")[0].removeprefix("_")


@contextmanager
def _connecting(uri: str) -> Iterator[None]:
    """Raise what keeps a connection from being made, without the password."""
    try:
        yield
    except ImportError as error:
        raise MissingDependencyError(
            f"a package is not installed: {error}", table="connection", remedy=_install(uri)
        ) from error
    except Exception as error:  # noqa: BLE001  # each driver has errors of its own
        message = message_of(error)
        secrets = _secrets(uri)
        cause = None if any(secret in str(error) for secret in secrets) else error
        for secret in secrets:
            message = message.replace(secret, "***")
        raise DatabaseError(f"cannot be opened: {message}", table="connection") from cause


def _install(uri: str) -> str:
    scheme = uri.partition(":")[0].partition("+")[0]
    extra = {"postgres": "postgres", "postgresql": "postgres", "duckdb": "duckdb",
             "mysql": "mysql", "mariadb": "mysql"}.get(scheme, "sql")  # fmt: skip
    return f"Install it: pip install 'store-uptime[{extra}]'."


def _secrets(uri: str) -> list[str]:
    """Return all that may be a password in the URI, however it is written."""
    found = re.findall(r"//[^/?#]*?:(.*)@", uri) + re.findall(r"(?i)password=([^&]*)", uri)
    return sorted({form for text in found for form in (text, unquote(text)) if form})


# --- URIs ----------------------------------------------------------------------------------------


@contextmanager
def _opened_uri(uri: str, *, write: bool) -> Iterator[Driver]:
    scheme, separator, rest = uri.partition("://")
    name, _, flavour = scheme.lower().partition("+")
    if not separator:
        raise SchemaError("is neither a URI nor a connection", table="connection", remedy=_REMEDY)
    if name == "sqlite" and not flavour:
        opening = _opened_sqlite(_file(rest), write=write)
    elif name == "duckdb":
        opening = _opened_duckdb(uri, _file(rest), write=write)
    elif name in _POSTGRES and flavour in ("", *_LIBPQ) and find_spec("adbc_driver_postgresql"):
        opening = _opened_adbc(uri, f"postgresql://{rest}")
    else:
        opening = _opened_alchemy(uri, f"{_flavoured(name, flavour)}://{rest}")
    with opening as driver:
        yield driver


def _file(rest: str) -> str:
    """Return the file that stands behind the two slashes of a URI, as SQLAlchemy reads it."""
    return rest.partition("?")[0].removeprefix("/")


def _flavoured(name: str, flavour: str) -> str:
    """Return the name under which SQLAlchemy knows the driver that is meant."""
    if name == "postgres":
        name = "postgresql"
    if name in ("mysql", "mariadb") and not flavour:
        flavour = "pymysql"
    return f"{name}+{flavour}" if flavour else name


@contextmanager
def _opened_sqlite(file: str, *, write: bool) -> Iterator[Driver]:
    # Without a mode, reading a file that is not there would make one.
    path = f"file:{quote(str(Path(file).absolute()))}?mode={'rwc' if write else 'ro'}"
    name = path if file else ":memory:"
    if not write and find_spec("adbc_driver_sqlite"):
        with _connecting(""):
            from adbc_driver_sqlite import dbapi  # noqa: PLC0415  # optional

            connection = dbapi.connect(name, autocommit=True)
        with closing(connection):
            yield Adbc(connection)
        return
    with _connecting(""):
        import sqlite3  # noqa: PLC0415  # see Sqlite3

        plain = sqlite3.connect(name, uri=True)
    with closing(plain):
        yield Sqlite3(plain)


@contextmanager
def _opened_duckdb(uri: str, file: str, *, write: bool) -> Iterator[Driver]:
    with _connecting(uri):
        import duckdb  # noqa: PLC0415  # optional

        connection = duckdb.connect(file or ":memory:", read_only=bool(file) and not write)
    with closing(connection):
        yield DuckDB(connection)


@contextmanager
def _opened_adbc(uri: str, plain: str) -> Iterator[Driver]:
    with _connecting(uri):
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415  # optional

        connection = dbapi.connect(plain, autocommit=True)
    with closing(connection):
        yield Adbc(connection)


@contextmanager
def _opened_alchemy(uri: str, known: str) -> Iterator[Driver]:
    with _connecting(uri):
        import sqlalchemy  # noqa: PLC0415  # optional

        engine = sqlalchemy.create_engine(known, poolclass=sqlalchemy.pool.NullPool)
        connection = engine.connect()
    with closing(connection):
        yield Alchemy(connection)


# --- engines -------------------------------------------------------------------------------------


@contextmanager
def _opened_engine(engine: Any) -> Iterator[Driver]:
    uri = engine.url.render_as_string(hide_password=False)
    if _url_says_it_all(engine) and find_spec("adbc_driver_postgresql"):
        with _opened_adbc(uri, f"postgresql://{uri.partition('://')[2]}") as driver:
            yield driver
        return
    with _connecting(uri):
        connection = engine.connect()
    with closing(connection):
        yield Alchemy(connection)


def _url_says_it_all(engine: Any) -> bool:
    """Return whether ADBC, given the URL, is sure to see what the engine would.

    It would not if the application gave the engine a creator or arguments of its own, or if it
    listens for connections, to set a role or a search path for instance.
    """
    dialect, pool = engine.dialect, engine.pool
    if dialect.name != "postgresql" or dialect.driver not in _LIBPQ:
        return False
    listeners = [*pool.dispatch.connect, *pool.dispatch.first_connect, *pool.dispatch.checkout]
    if not all(listener.__module__.startswith("sqlalchemy.") for listener in listeners):
        return False
    if list(dialect.dispatch.do_connect) or engine._has_events:  # noqa: SLF001  # no public way
        return False
    arguments, options = dialect.create_connect_args(engine.url)
    cells = dict(zip(*_closure(pool._creator), strict=True))  # noqa: SLF001  # no public way
    return cells.get("cparams") == options and list(cells.get("cargs_tup", ())) == list(arguments)


def _closure(function: Any) -> tuple[tuple[str, ...], list[Any]]:
    code = getattr(function, "__code__", None)
    if code is None:
        return (), []
    return code.co_freevars, [cell.cell_contents for cell in function.__closure__ or ()]
