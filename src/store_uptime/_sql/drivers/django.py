"""The connections of Django, under which lies one of psycopg, psycopg2, PyMySQL or sqlite3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from store_uptime._sql.drivers.refusals import unusable


def is_of_django(connection: Any, kinds: Sequence[str]) -> bool:
    """Return whether an object, whose classes have these names, is a connection of Django's."""
    # Caches stand behind a proxy of the same class.
    is_proxy = "django.ConnectionProxy" in kinds and hasattr(connection, "ensure_connection")
    return is_proxy or "django.BaseDatabaseWrapper" in kinds


def connection_under(wrapper: Any) -> Any:
    """Return the driver's own connection, which is opened if it is not."""
    try:
        wrapper.ensure_connection()
    except Exception as error:
        if type(error).__name__ != "SynchronousOnlyOperation":
            raise
        raise unusable(
            "Django lets no code of an event loop use it",
            "Write: await sync_to_async(load_sql)(connection)",
        ) from error
    if wrapper.in_atomic_block and wrapper.needs_rollback:
        raise unusable(
            "is in an atomic block in which something has failed", "Leave the block first."
        )
    return wrapper.connection


def is_inside(wrapper: Any) -> bool:
    """Return whether what is done is the caller's to commit, even before the first statement."""
    return bool(wrapper.in_atomic_block or not wrapper.get_autocommit())
