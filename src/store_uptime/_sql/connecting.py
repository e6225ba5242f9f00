"""What keeps a connection from being made, without the password of its URI."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

from store_uptime._sql.errors import first_line
from store_uptime._sql.uris import LIBPQ_DRIVERS, name_and_driver
from store_uptime.errors import DatabaseError, MissingDependencyError, SchemaError

_PASSWORD = r"(?:[^%/?#@:]|%[0-9A-Fa-f]{2})*"  # noqa: S105  # the pattern of one
_SECRET_OPTION = re.compile(r"(?i)(?:passw(?:or)?d|pwd|token|secret)=([^&]+)")
_URI = re.compile(rf"[^:]*://(?:[^:/?#@]*(?::({_PASSWORD}))?@)?[^@]*")


@contextmanager
def connecting(uri: str) -> Iterator[None]:
    """Raise what keeps a connection from being made, without the password of the URI."""
    try:
        yield
    except (SchemaError, DatabaseError):
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
    name, flavour = name_and_driver(uri.partition(":")[0])
    if name == "postgresql" and flavour in LIBPQ_DRIVERS:
        return "Install it: pip install adbc-driver-postgresql."
    if name in ("mysql", "mariadb") and flavour in ("", "pymysql"):
        return "Install it: pip install sqlalchemy pymysql."
    if name == "duckdb":
        return "Install it: pip install duckdb."
    return "Install SQLAlchemy (pip install sqlalchemy) and the driver that the URI names."
