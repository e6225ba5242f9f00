"""The driver of PyMySQL, whose connections are used without SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from store_uptime._sql.dialects import dialect_of
from store_uptime._sql.driver import Driver
from store_uptime._sql.drivers.cursors import CursorDriver
from store_uptime._sql.drivers.refusals import unusable
from store_uptime._sql.drivers.session_zone import in_utc


def pymysql_driver(connection: Any) -> Driver:
    """Return the driver of a connection of PyMySQL, whose server is asked for its state."""
    # Not as attributes of the package: these change where it stands in for MySQLdb.
    from pymysql.constants.SERVER_STATUS import SERVER_STATUS_IN_TRANS  # noqa: PLC0415  # optional
    from pymysql.err import Error  # noqa: PLC0415  # optional

    connection.ping()  # SELECT leaves what is known of the server as it was before
    inside = bool(connection.server_status & SERVER_STATUS_IN_TRANS)
    name = "mariadb" if "mariadb" in connection.get_server_info().lower() else "mysql"
    return PyMySQL(connection, dialect_of(name), (Error,), inside)


class PyMySQL(CursorDriver):
    """A connection of PyMySQL."""

    def quote(self, name: str) -> str:
        doubled = name.replace("`", "``")
        return f"`{doubled}`"

    def cursor(self) -> Any:
        from pymysql.cursors import SSCursor  # noqa: PLC0415  # optional

        return SSCursor(self.connection)

    def insert_many(self, cursor: Any, query: str, rows: Sequence[Sequence[Any]]) -> None:
        cursor.executemany(query, rows)

    def create(self, statement: str) -> None:
        if self.inside:
            raise unusable(
                "is in a transaction, which making a table would commit",
                "Make the table first, or commit first.",
            )
        self.run(statement)

    @contextmanager
    def session(self) -> Iterator[None]:
        with in_utc(self):
            yield
