"""Sessions of SQLAlchemy's ORM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from store_uptime._sql.drivers.refusals import unusable
from store_uptime._sql.errors import first_line
from store_uptime._sql.refused import kinds_of, refuse_outside_run_sync

_OWN_SNAPSHOTS = ("postgresql", "mysql", "mariadb")


@contextmanager
def connection_of(session: Any, *, write: bool) -> Iterator[Any]:
    """Give the connection of a session, in a transaction that is ended if it is begun here."""
    import sqlalchemy  # noqa: PLC0415  # optional

    try:
        bind = session.get_bind()
        refuse_outside_run_sync(bind, write=write)
        if session.in_transaction():
            if session.autoflush:  # as before any query of the session
                session.flush()
            connection = session.connection()
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise unusable(
            f"the session cannot be used: {first_line(error)}",
            "Roll it back, or give a connection: session.connection().",
        ) from error
    if session.in_transaction():
        yield connection
        return
    with session.begin():
        yield session.connection(execution_options=_snapshot(bind, write=write))


def _snapshot(bind: Any, *, write: bool) -> dict[str, str]:
    """Return what lets the transaction see one state of the data, set before it begins.

    What an application does at its beginning, such as setting a role, may be a query.
    """
    is_engine = "sqlalchemy.Engine" in kinds_of(bind)
    if write or not is_engine or bind.dialect.name not in _OWN_SNAPSHOTS:
        return {}
    return {"isolation_level": "REPEATABLE READ"}
