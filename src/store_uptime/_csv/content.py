"""The text of a file, plain or compressed, as bytes of UTF-8."""

from __future__ import annotations

import codecs
import zlib
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import polars as pl

from store_uptime._csv.unpack import unpacked
from store_uptime._files.kinds import HEAD_BYTES, refuse_other_kind
from store_uptime._files.paths import shown_path
from store_uptime.errors import SchemaError

# A longer one is no record, and would be held several times over.
_LONGEST_LINE = 10_000_000
_CONTENT_REMEDY = "The file must be UTF-8 text, plain or compressed by gzip or zstd."


def read_content(path: Path, table: str) -> bytes:
    """Return the text of a file of a table, without a byte-order mark.

    Raises
    ------
    SchemaError
        The file is missing, unreadable, damaged, of another kind, or not UTF-8.
    """
    shown = shown_path(path)
    try:
        if not path.is_file():
            _refuse_no_file(path, table)
        with path.open("rb") as file:
            content = _whole_text(file, shown, table)
        if not content.isascii():
            content.decode()
    except UnicodeDecodeError as error:
        problem = f"{shown}, line {_line_at(content, error.start)}: cannot be read: {error}"
        raise SchemaError(problem, table=table, remedy=_CONTENT_REMEDY, code="not_utf8") from error
    except (OSError, EOFError, zlib.error, pl.exceptions.PolarsError) as error:
        problem = f"{shown}: cannot be read: {error}"
        raise SchemaError(
            problem, table=table, remedy=_CONTENT_REMEDY, code="unreadable_table"
        ) from error
    return content.removeprefix(codecs.BOM_UTF8)


def _refuse_no_file(path: Path, table: str) -> None:
    problem, remedy = "no such file", ""
    if path.exists():
        problem = "not a file"
    elif str(path).startswith("~"):
        remedy = "A ~ is not read as the home folder here; pathlib.Path(...).expanduser() does it."
    raise SchemaError(
        f"{shown_path(path)}: {problem}", table=table, remedy=remedy, code="file_not_found"
    )


def _whole_text(file: BinaryIO, shown: str, table: str) -> bytes:
    """Return what a file holds; stop at the first thing that no table has."""
    text, length = BytesIO(), 0
    for piece in unpacked(file):
        if not text.tell():
            refuse_other_kind(piece[:HEAD_BYTES], shown, table, "CSV")
        is_line_over = b"\n" in piece
        length = len(piece) - piece.rfind(b"\n") if is_line_over else length + len(piece)
        has_nul = b"\0" in piece
        text.write(piece)
        if has_nul or length > _LONGEST_LINE:
            problem = "a NUL byte" if has_nul else f"a line of more than {_LONGEST_LINE:,} bytes"
            line = _line_at(text.getvalue(), text.getvalue().find(b"\0") if has_nul else None)
            raise SchemaError(
                f"{shown}, line {line}: {problem}, which is no text of a table",
                table=table,
                remedy=_CONTENT_REMEDY,
                code="not_text",
            )
    return text.getvalue()


def _line_at(content: bytes, place: int | None) -> int:
    return content.count(b"\n", 0, place) + 1
