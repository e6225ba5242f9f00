"""The text of a file, plain or compressed, as bytes of UTF-8."""

from __future__ import annotations

import codecs
import gzip
import zlib
from pathlib import Path

import polars as pl

from store_uptime.errors import SchemaError

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_CONTENT_REMEDY = "The file must be UTF-8 text, plain or compressed by gzip or zstd."


def read_content(path: Path, table: str) -> bytes:
    """Return the text of a file of a table, without a byte-order mark.

    Raises
    ------
    SchemaError
        The file is missing, unreadable, damaged, or not UTF-8.
    """
    try:
        if not path.is_file():
            problem = "not a file" if path.exists() else "no such file"
            raise SchemaError(f"{path}: {problem}", table=table)
        content = _unpacked(path.read_bytes())
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = f"{path}, line {line}: cannot be read: {error}"
        raise SchemaError(problem, table=table, remedy=_CONTENT_REMEDY) from error
    except (OSError, EOFError, zlib.error, pl.exceptions.PolarsError) as error:
        problem = f"{path}: cannot be read: {error}"
        raise SchemaError(problem, table=table, remedy=_CONTENT_REMEDY) from error
    return content.removeprefix(codecs.BOM_UTF8)


def _unpacked(data: bytes) -> bytes:
    if data.startswith(_GZIP):
        return gzip.decompress(data)
    if data.startswith(_ZSTD):
        return _unpacked_zstd(data)
    return data


def _unpacked_zstd(data: bytes) -> bytes:
    # Polars is the one dependency that reads zstd; Python does so from 3.14 on.
    try:
        return "\n".join(split_lines(data)).encode()
    except pl.exceptions.PolarsError:
        lines = split_lines(data, encoding="utf8-lossy")
        # Bytes that are not UTF-8 again, so that they are found and told as in any other file.
        return "\n".join(lines).encode().replace("\ufffd".encode(), b"\xff")


def split_lines(content: bytes, *, skip_lines: int = 0, encoding: str = "utf8") -> pl.Series:
    """Return the lines of a text, without their line ends."""
    lines = pl.read_csv(
        content,
        has_header=False,
        skip_lines=skip_lines,
        schema={"text": pl.String},
        separator="\n",
        quote_char=None,
        empty_string_is_null=False,
        encoding=encoding,
        raise_if_empty=False,
    )
    return lines["text"]
