"""URIs of databases: which driver opens one, and what its arguments are called there."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from store_uptime._sql.drivers.refusals import unusable
from store_uptime._sql.refused import ACCEPTED
from store_uptime.errors import SchemaError

# What is asynchronous is read through a driver that is not.
_SYNCHRONOUS: Mapping[str, str] = MappingProxyType(
    {
        "asyncpg": "",
        "psycopg_async": "psycopg",
        "aiosqlite": "",
        "aiomysql": "pymysql",
        "asyncmy": "pymysql",
        "aioodbc": "pyodbc",
        "oracledb_async": "oracledb",
    }
)
LIBPQ_DRIVERS = ("", "psycopg", "psycopg2", "psycopg2cffi")
"""The drivers of URIs that libpq reads itself."""


def open_uri(uri: str, *, write: bool) -> Any:
    """Open a connection."""
    scheme, separator, rest = uri.partition("://")
    if not separator:
        raise SchemaError(
            "is neither a URI nor a connection",
            table="connection",
            remedy=ACCEPTED,
            code="not_a_connection",
        )
    name, flavour = name_and_driver(scheme)
    file = rest.partition("?")[0].removeprefix("/")
    if name == "sqlite" and not flavour:
        return _open_sqlite(file, write=write)
    if name == "duckdb":
        return _open_duckdb(file, write=write)
    if name == "postgresql" and flavour in LIBPQ_DRIVERS:
        return _open_postgres(f"postgresql://{_for_libpq(scheme, rest)}", flavour)
    if name in ("mysql", "mariadb"):
        flavour = flavour or "pymysql"
    known = f"{name}+{flavour}" if flavour else name
    return _open_alchemy(f"{known}://{rest}")


def name_and_driver(scheme: str) -> tuple[str, str]:
    """Return the name of the database and that of the synchronous driver, which may be empty."""
    name, _, driver = scheme.lower().partition("+")
    return "postgresql" if name == "postgres" else name, _SYNCHRONOUS.get(driver, driver)


# --- how each is opened --------------------------------------------------------------------------


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

    return duckdb.connect(file or ":memory:", read_only=bool(file) and not write)


def _open_postgres(uri: str, flavour: str) -> Any:
    if not find_spec("adbc_driver_postgresql"):
        for module in (flavour, "psycopg", "psycopg2"):
            if module and find_spec(module):
                return import_module(module).connect(uri)
    from adbc_driver_postgresql import dbapi  # noqa: PLC0415  # optional

    return dbapi.connect(uri, autocommit=True)


def _open_alchemy(uri: str) -> Any:
    import sqlalchemy  # noqa: PLC0415  # optional

    return sqlalchemy.create_engine(uri, poolclass=sqlalchemy.pool.NullPool).connect()


# --- arguments that libpq does not know ----------------------------------------------------------

# They tune asyncpg, and change nothing of what is read.
_WITHOUT_MEANING = frozenset(
    {
        "async_fallback",
        "max_cacheable_statement_size",
        "max_cached_statement_lifetime",
        "prepared_statement_cache_size",
        "prepared_statement_name_func",
        "statement_cache_size",
    }
)
_ONLY_ASYNCPG = frozenset({"command_timeout", "direct_tls", "server_settings"})
_SSL_MODES: Mapping[str, str] = MappingProxyType({"true": "require", "false": "disable"})
_HOST_AND_PORT = re.compile(r"([a-zA-Z0-9\-.]*):(\d+)")


def _for_libpq(scheme: str, rest: str) -> str:
    """Return what follows ``://``, with arguments of SQLAlchemy and asyncpg as libpq has them."""
    place, _, query = rest.partition("?")
    arguments = parse_qsl(query, keep_blank_values=True)
    known = [*_without_asyncpg(arguments)] if scheme.lower().endswith("+asyncpg") else arguments
    known = _with_lists(known)
    if known == arguments:
        return rest  # as it was written
    return f"{place}?{urlencode(known, quote_via=quote, safe='')}"


def _without_asyncpg(arguments: list[tuple[str, str]]) -> list[tuple[str, str]]:
    strange = [name for name, _ in arguments if name in _ONLY_ASYNCPG]
    if strange:
        raise unusable(
            f"the URI has an argument that only asyncpg knows: {strange[0]}",
            "Leave it out of the URI, or hand over a connection: "
            "await connection.run_sync(lambda sync: load_sql(sync)).",
        )
    kept = [(name, value) for name, value in arguments if name not in _WITHOUT_MEANING]
    return [_translated(name, value) for name, value in kept]


def _translated(name: str, value: str) -> tuple[str, str]:
    if name == "ssl":
        return "sslmode", _SSL_MODES.get(value.lower(), value)
    if name == "timeout" and re.fullmatch(r"\d+(\.\d+)?", value):
        return "connect_timeout", str(math.ceil(float(value)))
    return name, value


def _with_lists(arguments: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the hosts that SQLAlchemy takes one by one, each with its port, as one list each."""
    hosts = [value for name, value in arguments if name == "host"]
    matches = [_HOST_AND_PORT.fullmatch(host) for host in hosts]
    if len(hosts) < 2 and not any(matches):  # noqa: PLR2004  # several
        return arguments
    others = [each for each in arguments if each[0] != "host"]
    names = [match[1] if match else host for match, host in zip(matches, hosts, strict=True)]
    listed_hosts = [*others, ("host", ",".join(names))]
    if not any(matches):
        return listed_hosts
    ports = [match[2] if match else "" for match in matches]
    return [*listed_hosts, ("port", ",".join(ports))]
