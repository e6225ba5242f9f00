"""What a driver says of an error, in one line: the cause, without the query."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_ADBC_PARTS = (b"PRIMARY", b"DETAIL", b"HINT")
_LABEL = re.compile(r"^(DETAIL|HINT): +")
# What stands before the cause: the class that SQLAlchemy wraps, words of polars and of ADBC, among
# them the whole query, and how bad PostgreSQL finds it.
_BEFORE = re.compile(
    r"<class '[^']*'>: |got external error: |\[(?:libpq|SQLite|Driver Manager)\] "
    r"|(?:ALREADY_EXISTS|CANCELLED|INTEGRITY|INTERNAL|INVALID_ARGUMENT|INVALID_DATA|INVALID_STATE|IO"
    r"|NOT_FOUND|NOT_IMPLEMENTED|TIMEOUT|UNAUTHENTICATED|UNAUTHORIZED|UNKNOWN): "
    r"|Failed to execute query '.*': (?=\w+:  )|Failed to execute query '.*': "
    r"|[Ff]ailed to [\w ]+: (?:PGRES_\w+ )?"
    r"|Execution error \[\w+\]: |(?:ERROR|FATAL|PANIC):  ",
    re.DOTALL,
)
# The line of the query that PostgreSQL and DuckDB point at.
_POINTED_AT = re.compile(r"\n\S+ \d+: [^\n]*\n *\^[^\n]*")
# What stands behind it. ADBC speaks of memory where SQLite cannot open a file.
_BEHIND = re.compile(
    r"\n(?:CONTEXT|QUERY|Query was|query):.*|\n?\. SQLSTATE: \w{5}$|: failed to allocate memory$"
    r"| *\(Background on this error at: .*",
    re.DOTALL,
)


def driver_message(error: BaseException, secrets: Iterable[str] = ()) -> str:
    """Return what the driver says, in one line, with stars for the secrets.

    It begins with the cause. Details and hints of the server follow; the query does not.
    """
    cause = getattr(error, "orig", None) or error
    inner: Any = cause.__cause__
    if hasattr(inner, "hint"):  # of asyncpg, which SQLAlchemy leaves out
        cause = inner
    parts = _parts_of_postgres(cause) or [_without_query(_words_of(cause))]
    for secret in secrets:
        parts = [part.replace(secret, "***") for part in parts]
    lines = [_LABEL.sub(r"\1: ", line.strip()) for part in parts for line in part.splitlines()]
    return _joined([line for line in lines if line]).rstrip(".!?")


def _parts_of_postgres(cause: BaseException) -> list[str]:
    """Return what PostgreSQL says, where the driver keeps its parts; they hold no query."""
    details, diag = getattr(cause, "details", None), getattr(cause, "diag", None)
    if diag is not None:  # psycopg and psycopg2
        told = [diag.message_primary, diag.message_detail, diag.message_hint]
    else:  # ADBC
        sent = dict(details) if isinstance(details, list) else {}
        fields = [sent.get(b"PG_DIAG_MESSAGE_" + part, b"") for part in _ADBC_PARTS]
        told = [field.decode(errors="replace") for field in fields]
    labelled = zip(("", "DETAIL: ", "HINT: "), told, strict=True)
    return [f"{label}{text}" for label, text in labelled if text] if told[0] else []


def _words_of(cause: BaseException) -> str:
    # Some errors say nothing, and some of these have zero for a code.
    return str(cause).strip() if any(cause.args) else type(cause).__name__


def _without_query(text: str) -> str:
    text = _POINTED_AT.sub("", text)
    while match := _BEFORE.match(text):
        text = text[match.end() :]
    return _BEHIND.sub("", text)


def _joined(lines: list[str]) -> str:
    """Return the lines as one; a new sentence has a full stop before it."""
    text = "".join(lines[:1])
    for line in lines[1:]:
        begins = line[0].isupper() and text[-1] not in ".:;,!?"
        text = f"{text}{'. ' if begins else ' '}{line}"
    return text
