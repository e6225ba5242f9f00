"""From the text of a CSV file to its records, each with the line it starts on.

Polars' own CSV reader pads short lines, tells no line numbers and lets a stray quote swallow the
rows behind it. So lines are read whole, those that a quoted line break has cut are put together
again, and the records are split into fields by expressions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from store_uptime.errors import SchemaError

_BATCH = 50_000
# A quote still open after this many lines is a stray one. Without a bound, each of them would be
# sought a partner for through the rest of the file.
_LONGEST = 1_000
# One field with the comma in front of it, for `re` and for polars alike.
_FIELD = r',("[^"]*(?:""[^"]*)*"|[^",]*)'
_TEXT = pl.col("text")

RECORDS_SCHEMA = pl.Schema(
    [("line", pl.UInt32), ("text", pl.String), ("fields", pl.List(pl.String))]
)


def read_lines(path: Path, table: str) -> pl.DataFrame:
    """Return `line` (the first is 1) and `text` of a file, plain or compressed.

    Raises
    ------
    SchemaError
        The file is missing, unreadable, damaged, or not UTF-8.
    """
    try:
        if not path.is_file():
            problem = "not a file" if path.exists() else "no such file"
            raise SchemaError(f"{path}: {problem}", table=table)
        # Made absolute, a path cannot look like an address or a home folder to polars.
        lines = pl.read_lines(
            path.absolute(), name="text", row_index_name="line", row_index_offset=1, glob=False
        )
    except (OSError, pl.exceptions.PolarsError) as error:
        place = path if isinstance(error, OSError) else f"{path}{_undecodable_line(path)}"
        raise SchemaError(
            f"{place}: cannot be read: {error}",
            table=table,
            remedy="The file must be UTF-8 text, plain or compressed by gzip or zstd.",
        ) from error
    # The byte-order mark is no part of the first name in the header.
    unmarked = pl.when(pl.col("line") == 1).then(_TEXT.str.strip_prefix("\ufeff"))
    return lines.with_columns(unmarked.otherwise(_TEXT))


def _undecodable_line(path: Path) -> str:
    """Return where the first bytes are that are not UTF-8, if there are any."""
    lines = pl.scan_csv(
        path.absolute(),
        encoding="utf8-lossy",
        has_header=False,
        separator="\x01",
        quote_char=None,
        schema={"text": pl.String},
        extra_columns="ignore",
        row_index_name="line",
        row_index_offset=1,
        glob=False,
    )
    bad = lines.filter(_TEXT.str.contains("\ufffd", literal=True)).head(1).collect()
    return "".join(f", line {line}" for line in bad["line"])


def read_header(lines: pl.DataFrame) -> tuple[list[str] | None, pl.DataFrame]:
    """Return the fields of the first line that is not blank, and the lines behind it.

    There are no fields in a file without text; ``None`` stands for quotes that do not match.
    """
    first = lines.lazy().filter(~_is_blank()).head(1).collect()
    if first.is_empty():
        return [], lines
    behind = lines.slice(first["line"].item())
    return _with_fields(first).row(0, named=True)["fields"], behind


def read_records(lines: pl.DataFrame, needed: Sequence[int]) -> Iterator[pl.DataFrame]:
    """Yield the records in batches: `line`, `text`, `fields` (null if quotes do not match).

    Blank lines are no records. The fields at `needed` never hold a line break: where one would,
    two stray quotes are the likelier story, and the lines between them are records of their own.
    """
    for batch in _join_lines(lines, needed).iter_slices(_BATCH):
        yield _with_fields(batch.filter(~_is_blank()))


def _is_blank() -> pl.Expr:
    return _TEXT.str.strip_chars() == ""


def _join_lines(lines: pl.DataFrame, needed: Sequence[int]) -> pl.DataFrame:
    """Return the lines with those joined that are one record."""
    odd = lines.filter(_TEXT.str.count_matches('"', literal=True) % 2 == 1)["line"].to_list()
    records: dict[int, str] = {}
    inner: list[int] = []
    at = 0
    while at + 1 < len(odd):
        # A line with an odd number of quotes opens a field; only the next such line can close it.
        start, end = odd[at : at + 2]
        texts = lines["text"].slice(start - lines["line"][0], min(end - start + 1, _LONGEST + 1))
        text = "\n".join(texts)
        if len(texts) <= _LONGEST and _is_record(text, needed):
            records[start] = text
            inner += range(start + 1, end + 1)
            at += 1
        at += 1
    if not records:
        return lines
    joined = pl.DataFrame(
        {"line": records.keys(), "joined": records.values()}, schema_overrides={"line": pl.UInt32}
    )
    return (
        lines.filter(~pl.col("line").is_in(inner))
        .join(joined, on="line", how="left", maintain_order="left")
        .select("line", pl.coalesce("joined", "text").alias("text"))
    )


def _is_record(text: str, needed: Sequence[int]) -> bool:
    fields: list[str] = re.findall(_FIELD, f",{text}")
    if sum(map(len, fields)) + len(fields) != len(text) + 1:
        return False  # the pattern had to skip something
    return not any("\n" in fields[place] for place in needed if place < len(fields))


def _with_fields(records: pl.DataFrame) -> pl.DataFrame:
    if not records["text"].str.contains('"', literal=True).any():
        return records.with_columns(fields=_TEXT.str.split(","))
    found = pl.format(",{}", _TEXT).str.extract_all(_FIELD)
    length = found.list.eval(pl.element().str.len_bytes()).list.sum()
    # As above: a shorter sum means that the pattern had to skip something.
    whole = length == _TEXT.str.len_bytes() + 1
    return records.with_columns(fields=pl.when(whole).then(found.list.eval(_unquoted())))


def _unquoted() -> pl.Expr:
    field = pl.element().str.strip_prefix(",")
    inner = field.str.strip_prefix('"').str.strip_suffix('"')
    bare = inner.str.replace_all('""', '"', literal=True)
    return pl.when(field.str.starts_with('"')).then(bare).otherwise(field)
