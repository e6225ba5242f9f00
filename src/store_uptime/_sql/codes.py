"""The codes of databases: which of their errors another try may mend, and which not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

# What is listed here passes, or keeps a connection from being opened. What a database says besides,
# it will say again.

# --- SQLSTATE: PostgreSQL, and what is like it ----------------------------------------------------

_PASSING_STATES = (
    "08",  # the connection
    "25006",  # a transaction that only reads, as on a standby
    "25P03",  # ended while idle in a transaction
    "25P04",  # ended by the limit of time for a transaction
    "28",  # no such role, a wrong password
    "3D",  # no such database
    "40",  # rolled back for another transaction
    "53",  # full, or too many connections
    "55",  # locked, in use
    "57",  # cancelled by somebody or by a limit of time, shut down, starting up
    "58",  # the system below
    "72",  # the snapshot is too old
    "XX",  # damaged, or changed by two at once
)


def _passes_by_state(error: Exception) -> bool | None:
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    return state.startswith(_PASSING_STATES) if isinstance(state, str) else None


# --- MySQL and MariaDB ----------------------------------------------------------------------------

_PASSING_NUMBERS = frozenset(
    (
        # files, and room for them: 1021 is a full disk, 1114 a full table
        *(1004, 1015, 1016, 1021, 1023, 1024, 1026, 1028, 1030, 1033, 1034, 1114, 1180, 1194, 1197),
        *(1878, 3675),
        # memory and threads
        *(1037, 1038, 1041, 1119, 1135),
        # too many connections, a wrong password, hosts that are blocked, limits of a user
        *(1040, 1042, 1043, 1045, 1129, 1130, 1203, 1226),
        # the connection, or the server, ends
        *(1053, 1077, 1079, 1080, 1152, 1154, 1155, 1156, 1157, 1158, 1159, 1160, 1161, 1184),
        *(1927, 3032, 3168, 3169, 4031),
        # locks, deadlocks, and what another transaction changed meanwhile
        *(1020, 1205, 1206, 1213, 1412, 1613, 1614, 1637, 1689, 3058, 3101, 3572),
        # read-only
        *(1036, 1290, 1792, 1836, 1874),
        # interrupted, by somebody or by a limit of time
        *(1317, 1969, 3024),
        # errors of an engine, of another server, of none in particular
        *(1105, 1296, 1297, 1429, 1430),
        # of the client, which are about the connection
        *range(2000, 2062),
    )
)


def _passes_by_number(error: Exception) -> bool | None:
    number = getattr(error, "errno", None) or next(iter(error.args), None)
    # Zero, and what is less, stands for errors of the driver without a number.
    return number in _PASSING_NUMBERS if isinstance(number, int) and number > 0 else None


# --- SQLite ---------------------------------------------------------------------------------------

# Its result codes, and what SQLite says for them: ADBC gives only the words, in a frame.
_PASSING_RESULTS: Mapping[int, str] = MappingProxyType(
    {
        2: "internal error",
        3: "access permission denied",
        4: "query aborted",
        5: "database is locked",
        6: "database( table| schema)? is locked",
        7: "out of memory",
        8: "attempt to write a readonly database",
        9: "interrupted",
        10: "disk I/O error",
        11: "database disk image is malformed",
        13: "database or disk is full",
        14: "unable to open database",
        15: "locking protocol",
        17: "database schema has changed",
        26: "file is not a database",
    }
)
_FRAMED_WORDS = re.compile(
    r"(got external error|[A-Z_]+): (\[SQLite\] )?([Ff]ailed to [\w ]+: )?(\(\d+\) )?"
    rf"(?P<passing>{'|'.join(_PASSING_RESULTS.values())})?"
)


def _passes_by_result(error: Exception) -> bool | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        # An extended code has the plain one in its lowest byte.
        return code & 0xFF in _PASSING_RESULTS
    framed = _FRAMED_WORDS.match(str(error))
    return framed["passing"] is not None if framed else None


# --- DuckDB ---------------------------------------------------------------------------------------

_DUCKDB_CLASSES: Mapping[str, bool] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *("ConnectionException", "FatalException", "InternalException", "IOException"),
                *("InterruptException", "OutOfMemoryException", "ResourceInUseException"),
                *("SerializationException", "TransactionException"),
            ),
            True,
        ),
        **dict.fromkeys(
            (
                *("ConstraintException", "DependencyException", "PermissionException"),
                "SequenceException",
            ),
            False,
        ),
    }
)
_DUCKDB_READ_ONLY = "attached in read-only mode"


def _passes_by_class(error: Exception) -> bool | None:
    if _DUCKDB_READ_ONLY in str(error):
        return True
    names = (cls.__name__ for cls in type(error).__mro__)
    return next((_DUCKDB_CLASSES[name] for name in names if name in _DUCKDB_CLASSES), None)


# --- all of them ----------------------------------------------------------------------------------

_BY_DATABASE: Mapping[str, Callable[[Exception], bool | None]] = MappingProxyType(
    {
        "mysql": _passes_by_number,
        "mariadb": _passes_by_number,
        "sqlite": _passes_by_result,
        "duckdb": _passes_by_class,
    }
)


def passes(error: Exception, database: str) -> bool | None:
    """Return whether another try may mend the error of a driver; ``None`` if no code says it."""
    return _BY_DATABASE.get(database, _passes_by_state)(error)
