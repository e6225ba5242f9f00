"""The lines of a text, by polars' own reader."""

from __future__ import annotations

import polars as pl


def split_lines(content: bytes, *, skip_lines: int = 0, encoding: str = "utf8") -> pl.Series:
    """Return the lines of a text, plain or packed, without their line ends."""
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
