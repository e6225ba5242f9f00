"""Servers that some tests need, and what becomes of a test where there is none.

They are looked for on this machine's usual ports, or where these variables say:
STORE_UPTIME_POSTGRES and STORE_UPTIME_RABBITMQ, each a URI. A test without its server is skipped,
and fails if STORE_UPTIME_REQUIRE_SERVICES is 1.
"""

from __future__ import annotations

import os
import socket
from typing import NoReturn
from urllib.parse import urlsplit

import pytest

_POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"
_RABBITMQ = "amqp://guest:guest@127.0.0.1:5672//"


def postgres() -> str:
    """Return the URI of a PostgreSQL in which this user may create databases."""
    return _reachable("PostgreSQL", os.environ.get("STORE_UPTIME_POSTGRES", _POSTGRES))


def rabbitmq() -> str:
    """Return the URI of a RabbitMQ."""
    return _reachable("RabbitMQ", os.environ.get("STORE_UPTIME_RABBITMQ", _RABBITMQ))


def _reachable(name: str, uri: str) -> str:
    parts = urlsplit(uri)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5).close()
    except OSError as error:
        _missing(f"no {name} at {parts.hostname}:{parts.port}: {error}")
    return uri


def _missing(reason: str) -> NoReturn:
    if os.environ.get("STORE_UPTIME_REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
