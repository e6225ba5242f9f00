"""What may be given as a path, and how a path is written in a message."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from store_uptime.errors import SchemaError

FilePath = str | os.PathLike[str]
FilePaths = FilePath | Iterable[FilePath]


def as_path(given: object, table: str | None) -> Path:
    r"""Return what was given as a path, if the operating system can be asked for it.

    Raises
    ------
    SchemaError
        It is no path, is empty, is a URI, holds a NUL character or what no file name can hold.

    Examples
    --------
    >>> as_path("polls.csv", "status").name
    'polls.csv'
    """
    path = os.fspath(given) if isinstance(given, (str, os.PathLike)) else given
    if not isinstance(path, str):
        problem = f"a {type(given).__name__} is not a path"
    elif not path:
        problem = "an empty text is not a path"
    elif "://" in path:
        # It is not shown: the URI of a database holds a password.
        problem = "a URI is not a path; of a database it goes into load_sql"
    elif "\0" in path:
        problem = f"{shown_path(path)}: a path cannot hold a NUL character"
    elif not _is_encodable(path):
        problem = f"{shown_path(path)}: a path cannot hold half of a surrogate pair"
    else:
        return Path(path)
    raise SchemaError(
        problem, table=table, remedy="Give a str or a pathlib.Path.", code="not_a_path"
    )


def shown_path(path: FilePath) -> str:
    r"""Return a path as a message can hold it, which every terminal, log and table takes.

    Examples
    --------
    >>> shown_path("polls\n\udcff.csv")
    'polls\\n\\udcff.csv'
    """
    text = os.fspath(path)
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )


def _is_encodable(path: str) -> bool:
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True
