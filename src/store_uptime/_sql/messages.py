"""What a driver says of an error, in one line: the cause, without the query."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PARTS = ("PRIMARY", "DETAIL", "HINT")
# Before the cause: the class of what SQLAlchemy wraps, ADBC's word for the status, and its query.
_BEFORE = re.compile(
    r"<class '[^']*'>: |[A-Z_]+: (?=\[)|\[libpq\] Failed to execute query '.*': (?=\w+:  )",
    re.DOTALL,
)
_QUERY_BEFORE = re.compile(r"(\[libpq\] Failed to execute query) '.*'(?=: )", re.DOTALL)
# The line of the query that PostgreSQL and DuckDB point at.
_POINTED_AT = re.compile(r"\n\S+ \d+: [^\n]*\n *\^[^\n]*")
_AFTER = re.compile(
    r"\s*(\n(CONTEXT|QUERY|Query was|query):|\n\[SQL: |\(Background on this error at: ).*"
    r"|\. SQLSTATE: \w{5}$",
    re.DOTALL,
)


def driver_message(error: BaseException, secrets: Iterable[str] = ()) -> str:
    """Return what the driver says, in one line, with stars for the secrets.

    It begins with the cause. Details and hints of the server follow; the query does not.
    """
    cause = getattr(error, "orig", None) or error
    parts = _parts_of_server(cause) or [_without_query(str(cause).strip())]
    for secret in secrets:
        parts = [part.replace(secret, "***") for part in parts]
    lines = [line.strip() for part in parts for line in part.splitlines()]
    return _joined([line for line in lines if line]).rstrip(".!")


def _parts_of_server(cause: BaseException) -> list[str]:
    """Return what PostgreSQL says in parts, if the driver keeps them; they hold no query."""
    details = getattr(cause, "details", None)  # ADBC
    sent = dict(details) if isinstance(details, list) else {}
    diag = getattr(cause, "diag", None)  # psycopg and psycopg2
    told = [
        sent.get(f"PG_DIAG_MESSAGE_{part}", b"").decode(errors="replace")
        or getattr(diag, f"message_{part.lower()}", None)
        for part in _PARTS
    ]
    if not told[0]:
        return []
    primary, *rest = zip(_PARTS, told, strict=True)
    return [primary[1] or "", *(f"{label}: {text}" for label, text in rest if text)]


def _without_query(text: str) -> str:
    while match := _BEFORE.match(text):
        text = text[match.end() :]
    text = _QUERY_BEFORE.sub(r"\1", text, count=1)
    return _AFTER.sub("", _POINTED_AT.sub("", text), count=1)


def _joined(lines: list[str]) -> str:
    """Return the lines as one; a new sentence has a full stop before it."""
    text = "".join(lines[:1])
    for line in lines[1:]:
        begins = line[0].isupper() and text[-1] not in ".:;,!?"
        text = f"{text}{'. ' if begins else ' '}{line}"
    return text
