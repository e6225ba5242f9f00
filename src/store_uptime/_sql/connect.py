"""From what the caller hands over to a `Driver`."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, unquote

from store_uptime._sql.driver import Driver
from store_uptime._sql.drivers.adbc import adbc_driver
from store_uptime._sql.drivers.alchemy import Alchemy
from store_uptime._sql.drivers.copy import CopyAlchemy, can_copy
from store_uptime._sql.drivers.native import duckdb_driver, sqlite3_driver
from store_uptime._sql.errors import first_line
from store_uptime.errors import DatabaseError, MissingDependencyError, SchemaError

_ACCEPTED = (
    "Give a SQLAlchemy engine or connection, an ADBC, DuckDB or sqlite3 connection, or a URI "
    "such as 'postgresql://user@host/database'."
)


def _alchemy_driver(connection: Any) -> Driver:
    return (CopyAlchemy if can_copy(connection) else Alchemy).of(connection)


_DRIVERS: Mapping[str, Callable[[Any], Driver]] = MappingProxyType(
    {
        "sqlite3.Connection": sqlite3_driver,
        "duckdb.DuckDBPyConnection": duckdb_driver,
        "adbc_driver_manager.Connection": adbc_driver,
        "sqlalchemy.Connection": _alchemy_driver,
    }
)
_ONE_OPENING = threading.Lock()
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
    uri, open_own = "", None
    if isinstance(connection, str):
        uri, open_own = connection, _opening_of_uri(connection, write=write)
    elif "sqlalchemy.Engine" in _kinds(connection):
        uri, open_own = connection.url.render_as_string(hide_password=False), connection.connect
    with _connecting(uri):
        own = open_own() if open_own else None
    with nullcontext() if own is None else closing(own):
        with _connecting(uri):
            driver = _driver_of(connection if own is None else own)
        yield driver


def _driver_of(connection: Any) -> Driver:
    for kind in _kinds(connection):
        if kind in _DRIVERS:
            return _DRIVERS[kind](connection)
    raise SchemaError(
        f"a {type(connection).__name__} is not a database connection",
        table="connection",
        remedy=_ACCEPTED,
        code="not_a_connection",
    )


def _kinds(connection: Any) -> list[str]:
    """Return package and name of the classes of an object, for which nothing is imported."""
    # duckdb names its compiled module "_duckdb", or "duckdb.duckdb" in older versions.
    return [
        f"{cls.__module__.partition('.')[0].removeprefix('_')}.{cls.__name__}"
        for cls in type(connection).__mro__
    ]


# --- errors ---------------------------------------------------------------------------------------

_PASSWORD = r"(?:[^%/?#@:]|%[0-9A-Fa-f]{2})*"  # noqa: S105  # the pattern of one
_SECRET_OPTION = re.compile(r"(?i)(?:passw(?:or)?d|pwd|token|secret)=([^&]+)")
_URI = re.compile(rf"[^:]*://(?:[^:/?#@]*(?::({_PASSWORD}))?@)?[^@]*")


@contextmanager
def _connecting(uri: str) -> Iterator[None]:
    """Raise what keeps a connection from being made, without the password of the URI."""
    try:
        yield
    except SchemaError:
        raise
    except ImportError as error:
        raise MissingDependencyError(
            f"a package is not installed: {error}",
            table="connection",
            remedy=_install_line(uri),
            code="missing_package",
        ) from error
    except Exception as error:  # noqa: BLE001  # each driver has errors of its own
        match = _URI.fullmatch(uri)
        if uri and match is None:
            # What drivers quote of such a URI may be a piece of the password.
            remedy = "In a password, write @ : / % as %40 %3A %2F %25."
            raise DatabaseError(
                "the URI is unreadable", table="connection", remedy=remedy, code="unreadable_uri"
            ) from None
        secrets = [match[1] if match else None, *_SECRET_OPTION.findall(uri)]
        forms = {form for secret in filter(None, secrets) for form in (secret, unquote(secret))}
        message = first_line(error)
        for form in forms:
            message = message.replace(form, "***")
        shows_it = any(form in str(error) for form in forms)
        raise DatabaseError(
            f"cannot be opened: {message}", table="connection", code="cannot_connect"
        ) from (None if shows_it else error)


def _install_line(uri: str) -> str:
    """Return what to do where a package is missing that this URI needs."""
    name, _, flavour = uri.partition(":")[0].lower().partition("+")
    if name in ("postgresql", "postgres") and flavour in ("", *_LIBPQ):
        return "Install it: pip install adbc-driver-postgresql."
    if name in ("mysql", "mariadb") and flavour in ("", "pymysql"):
        return "Install it: pip install sqlalchemy pymysql."
    if name == "duckdb":
        return "Install it: pip install duckdb."
    return "Install SQLAlchemy (pip install sqlalchemy) and the driver that the URI names."


# --- URIs ----------------------------------------------------------------------------------------


def _opening_of_uri(uri: str, *, write: bool) -> Callable[[], Any]:
    """Return the function that opens a connection."""
    scheme, separator, rest = uri.partition("://")
    if not separator:
        raise SchemaError(
            "is neither a URI nor a connection",
            table="connection",
            remedy=_ACCEPTED,
            code="not_a_connection",
        )
    name, _, flavour = scheme.lower().partition("+")
    file = rest.partition("?")[0].removeprefix("/")
    if name == "sqlite" and not flavour:
        return lambda: _open_sqlite(file, write=write)
    if name == "duckdb":
        return lambda: _open_duckdb(file, write=write)
    if name in ("postgresql", "postgres"):
        if flavour in ("", *_LIBPQ) and find_spec("adbc_driver_postgresql"):
            return lambda: _open_adbc(rest)
        name = "postgresql"
    if name in ("mysql", "mariadb"):
        flavour = flavour or "pymysql"
    known = f"{name}+{flavour}" if flavour else name
    return lambda: _open_alchemy(f"{known}://{rest}")


def _open_sqlite(file: str, *, write: bool) -> Any:
    # Without a mode, reading a file that is not there would make one.
    mode = "rwc" if write else "ro"
    name = f"file:{quote(str(Path(file).absolute()))}?mode={mode}" if file else ":memory:"
    if not write and find_spec("adbc_driver_sqlite"):
        from adbc_driver_sqlite import dbapi  # noqa: PLC0415  # optional

        return dbapi.connect(name, autocommit=True)
    import sqlite3  # noqa: PLC0415  # most users do not need it

    return sqlite3.connect(name, uri=True)


def _open_duckdb(file: str, *, write: bool) -> Any:
    import duckdb  # noqa: PLC0415  # optional

    # While one thread opens a file, another one would get a database that has no functions yet.
    with _ONE_OPENING:
        return duckdb.connect(file or ":memory:", read_only=bool(file) and not write)


def _open_adbc(rest: str) -> Any:
    from adbc_driver_postgresql import dbapi  # noqa: PLC0415  # optional

    return dbapi.connect(f"postgresql://{rest}", autocommit=True)


def _open_alchemy(uri: str) -> Any:
    import sqlalchemy  # noqa: PLC0415  # optional

    return sqlalchemy.create_engine(uri, poolclass=sqlalchemy.pool.NullPool).connect()
