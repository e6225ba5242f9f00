"""Servers for the tests: one that is named, one that answers, or one of our own.

PostgreSQL is looked for at the URL in ``STORE_UPTIME_POSTGRES``, else on loopback at its standard
port, else a throw-away server is started from installed binaries. MariaDB (or MySQL) is looked
for at the URL in ``STORE_UPTIME_MARIADB``, else on loopback at its standard port, and so is
RabbitMQ, at the URL in ``STORE_UPTIME_RABBITMQ``. What is missing makes tests skip, or fail if
``STORE_UPTIME_REQUIRE_SERVICES`` is set.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pytest

_POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"
_MARIADB = "mysql+pymysql://root@127.0.0.1:3306/"
_RABBITMQ = "amqp://guest:guest@127.0.0.1:5672//"


def need(module: str) -> Any:
    """Return an optional package, or skip."""
    try:
        return import_module(module)
    except ImportError:
        missing(f"{module} is not installed")


def missing(reason: str) -> NoReturn:
    """Skip the test, or fail where everything must be there."""
    if os.environ.get("STORE_UPTIME_REQUIRE_SERVICES"):
        pytest.fail(reason)
    pytest.skip(reason)


def _refusal(url: str, **arguments: Any) -> str:
    """Return why there is no connection to be had at `url`, or nothing if there is."""
    sqlalchemy = need("sqlalchemy")
    engine = sqlalchemy.create_engine(url, connect_args=arguments)
    try:
        engine.connect().close()
    except sqlalchemy.exc.OperationalError as error:
        return str(error.orig)
    else:
        return ""
    finally:
        engine.dispose()


# --- PostgreSQL ----------------------------------------------------------------------------------


@contextmanager
def postgres_server() -> Iterator[str]:
    """Give the URL of a PostgreSQL server."""
    need("psycopg")
    need("adbc_driver_postgresql")
    named = os.environ.get("STORE_UPTIME_POSTGRES", "")
    refusal = _refusal(_flavoured(named or _POSTGRES), connect_timeout=5)
    if not refusal:
        yield named or _POSTGRES
        return
    binaries = _postgres_binaries()
    if named or binaries is None:
        missing(f"no PostgreSQL server at {named or _POSTGRES} ({refusal}), no binaries of one")
    with _own_postgres(binaries) as url:
        yield url


def _flavoured(url: str) -> str:
    """Return the URL as SQLAlchemy wants it for psycopg."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _postgres_binaries() -> Path | None:
    found = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    path = Path(found) if found else installed[-1] if installed else None
    return path.parent if path else None


@contextmanager
def _own_postgres(binaries: Path) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="store_uptime_"))
    user: str | None = None
    if os.geteuid() == 0:  # as whom PostgreSQL refuses to run
        user = "postgres"
        shutil.chown(folder, user)
    port = _free_port()
    data = folder / "data"
    options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
    try:
        _run(user, binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8")
        control = binaries / "pg_ctl", "-D", data, "-w"
        _run(user, *control, "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            _run(user, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _run(user: str | None, *command: str | Path) -> None:
    subprocess.run(  # noqa: S603  # binaries of this machine
        list(map(str, command)),
        user=user,
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        timeout=60,
    )


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def postgres_schema(server: str) -> Iterator[str]:
    """Give a URL that leads into a schema of its own, which is dropped afterwards."""
    sqlalchemy = need("sqlalchemy")
    name = f"store_uptime_{uuid.uuid4().hex}"
    engine = sqlalchemy.create_engine(_flavoured(server), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        mark = "&" if "?" in server else "?"
        yield f"{server}{mark}options=-csearch_path%3D{name}"
        # A test that fails may leave a transaction open.
        connection.exec_driver_sql("SET lock_timeout = '20s'")
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    engine.dispose()


@contextmanager
def postgres_database(server: str) -> Iterator[str]:
    """Give the URL of a database of its own, which is dropped afterwards."""
    psycopg = need("psycopg")
    name = f"store_uptime_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def pgbouncer(url: str) -> Iterator[str]:
    """Give the URL of the same database through a PgBouncer that pools transactions.

    It has one connection to the server, which all clients share.
    """
    binary = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if binary is None:
        missing("no binary of PgBouncer")
    folder, port, parts = (
        Path(tempfile.mkdtemp(prefix="store_uptime_")),
        _free_port(),
        urlsplit(url),
    )
    settings = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "any",
        "pool_mode": "transaction",
        "default_pool_size": 1,
    }
    lines = [f"{name} = {value}" for name, value in settings.items()]
    place = f"host={parts.hostname} port={parts.port or 5432} user={parts.username}"
    if parts.password:
        place += f" password={parts.password}"
    (folder / "ini").write_text("\n".join(["[databases]", f"* = {place}", "[pgbouncer]", *lines]))
    folder.chmod(0o755)  # it refuses to run as root, too
    user = "postgres" if os.geteuid() == 0 else None
    with subprocess.Popen(  # noqa: S603  # a binary of this machine
        [binary, "-q", str(folder / "ini")], user=user, stderr=subprocess.DEVNULL
    ) as process:
        try:
            while process.poll() is None and not _listens(port):
                pass
            yield parts._replace(netloc=f"{parts.username}@127.0.0.1:{port}").geturl()
        finally:
            process.terminate()
            process.wait(10)
            shutil.rmtree(folder)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


# --- MariaDB -------------------------------------------------------------------------------------


@contextmanager
def mariadb_database() -> Iterator[str]:
    """Give the URL of a database of its own, which is dropped afterwards."""
    sqlalchemy = need("sqlalchemy")
    need("pymysql")
    server = os.environ.get("STORE_UPTIME_MARIADB", _MARIADB)
    refusal = _refusal(server, connect_timeout=5)
    if refusal:
        missing(f"no MariaDB server at {server} ({refusal})")
    name = f"store_uptime_{uuid.uuid4().hex}"
    engine = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        yield engine.url.set(database=name).render_as_string(hide_password=False)
        connection.exec_driver_sql(f"DROP DATABASE {name}")
    engine.dispose()


# --- RabbitMQ ------------------------------------------------------------------------------------


@contextmanager
def rabbitmq_queue() -> Iterator[tuple[str, str]]:
    """Give the URL of a broker and the name of a queue, which is deleted afterwards."""
    kombu = need("kombu")
    url = os.environ.get("STORE_UPTIME_RABBITMQ", _RABBITMQ)
    name = f"store_uptime_{uuid.uuid4().hex}"
    with kombu.Connection(url, connect_timeout=5) as broker:
        try:
            channel = broker.default_channel
        except (OSError, kombu.exceptions.KombuError) as error:
            missing(f"no RabbitMQ server at {url} ({error})")
        yield url, name
        channel.queue_delete(name)
        channel.exchange_delete(name)  # Celery gives each queue one of its name
