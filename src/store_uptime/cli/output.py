"""Where a result goes: to a file, to a program, or to a person."""

from __future__ import annotations

import errno
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from store_uptime._files.whole import write_whole
from store_uptime.cli.console import Console, give_up
from store_uptime.cli.formats import as_bytes, to_csv

STDOUT = "-"

_STDOUT_NAME = "standard output"


class Result(NamedTuple):
    """What a command found.

    Attributes
    ----------
    frame
        For programs.
    table
        For a person: takes the width of the terminal, and returns a text.
    noun
        What the rows are called.
    missed
        Which rows are below what was asked of them; empty if none is.
    remark
        What the last line says; empty where that is how much is known.
    page
        All of it as a page to look at; empty if none is wanted.
    """

    frame: pl.DataFrame
    table: Callable[[int], str]
    noun: str
    missed: str = ""
    remark: str = ""
    page: bytes = b""


def write_result(result: Result, output: Path | str | None, console: Console) -> str:
    """Put the result where it was asked for, and say where that is if it is a file."""
    if isinstance(output, Path):
        console.begin(f"writing {output}")
        write_file(result.frame, output)
        return f", written to {output}"
    if output == STDOUT or not _is_terminal():
        # In UTF-8, whatever the locale: what a program reads does not depend on it.
        write_out(to_csv(result.frame), "utf-8")
    else:
        write_out(f"\n{result.table(terminal_width())}\n")
    return ""


def write_page(page: bytes, path: Path, console: Console) -> str:
    """Write a page, and say where it is."""
    console.begin(f"writing {path}")
    write_whole(path, page)
    return f", written to {path}"


def write_file(frame: pl.DataFrame, path: Path) -> None:
    """Write a file whole or not at all, in the format that the end of its name says."""
    write_whole(path, as_bytes(frame, path.suffix))


def terminal_width() -> int:
    """Return how many characters fit into a line."""
    return shutil.get_terminal_size().columns


def write_out(text: str, encoding: str | None = None) -> None:
    """Write a text to standard output, whole.

    Without an `encoding` it is that of the stream, and what this cannot say becomes ``?``.

    Raises
    ------
    OSError
        Standard output is closed, full, or nobody reads it. The error names it.
    """
    stream: Any = sys.stdout
    if stream is None:
        raise OSError(errno.EBADF, "is closed", _STDOUT_NAME)
    try:
        if hasattr(stream, "buffer"):
            _write_bytes(stream.buffer, text.encode(encoding or stream.encoding, "replace"))
        else:
            stream.write(text)
        # What follows on standard error must not overtake it.
        stream.flush()
    except OSError as error:
        give_up(stream)
        raise OSError(error.errno, error.strerror or str(error), _STDOUT_NAME) from error


def _write_bytes(buffer: Any, content: bytes) -> None:
    # An unbuffered stream (PYTHONUNBUFFERED) says nothing when it takes a part only.
    rest = memoryview(content)
    while rest:
        written = buffer.write(rest)
        if not written:
            raise BlockingIOError(errno.EAGAIN, "takes nothing at the moment")
        rest = rest[written:]


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()
