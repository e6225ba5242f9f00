"""From the text of a CSV file to its records, each with the line it starts on.

A file is read in blocks of whole lines, and each block in one of two ways. Polars' reader is fast,
but it fills up short records and lets a stray quote swallow the rows behind it. So it reads only
blocks in which every line is one plain record. The others are read line by line, by the standard
library's reader where there are quotes, and each of their faults is told with its line.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import islice

import polars as pl

from store_uptime._csv.lines import split_lines

_BLOCK_BYTES = 4_000_000
# Where a block is not plain, its parts mostly are.
_PARTS = 8
# A quote still open after this many lines is a stray one. Without a bound, each of them would be
# sought a partner for through the rest of the file.
_MOST_LINES = 1_000
# More repetitions make a regular expression that polars refuses.
_MOST_COLUMNS = 1_000
STRAY_QUOTE = "quote out of place"
"""The fault of a line in which a quote makes no sense."""


@dataclass(frozen=True, slots=True)
class FirstLine:
    """The first line that is not blank, its number, and where it ends; no text if there is none."""

    text: str
    line: int
    end: int


def find_first_line(content: bytes) -> FirstLine:
    """Return the first line of a file that is not blank."""
    file, line = BytesIO(content), 0
    for data in file:
        line += 1
        if (text := _text_of(data)).strip():
            return FirstLine(text, line, file.tell())
    return FirstLine("", line, len(content))


def split_line(text: str, separator: str) -> list[str] | None:
    """Return the fields of a record of one line; ``None`` stands for quotes that do not match."""
    return _take_record(BytesIO(text.encode()), separator, most_lines=1)[1]


def read_records(
    content: bytes, header: FirstLine, separator: str, width: int, needed: Collection[int]
) -> Iterator[pl.DataFrame]:
    """Yield the records behind the header, all of `width` fields, in parts; the first has no rows.

    Columns are `line`, `text`, `fault`, and the fields by their positions; fields are null where
    there is a fault. Blank lines are no records. The fields at `needed` never hold a line break:
    where one would, two stray quotes are the likelier story, and the lines between them are
    records of their own.
    """
    names = [str(position) for position in range(width)]
    schema = {"line": pl.Int64, **dict.fromkeys(["text", "fault", *names], pl.String)}
    yield pl.DataFrame(schema=schema)
    file, line, size = BytesIO(content), header.line + 1, _BLOCK_BYTES
    file.seek(header.end)
    while (start := file.tell()) < len(content):
        end = content.find(b"\n", start + size) + 1 or len(content)
        # With the line end in front, no block looks like an archive to polars.
        records = read_plain(content[start - 1 : end], names, separator)
        if records is None and size == _BLOCK_BYTES:
            size //= _PARTS
        elif records is not None:
            file.seek(end)
            yield records.select(pl.int_range(line, pl.len() + line).alias("line"), pl.all())
            line += records.height
            size = _BLOCK_BYTES
        else:
            line, rows = _read_by_line(file, end, line, separator, width, needed)
            # By columns, which takes half the time; without rows there are none to be had.
            yield pl.DataFrame(dict(zip(schema, zip(*rows, strict=True), strict=False)), schema)


def read_plain(block: bytes, names: Collection[str], separator: str) -> pl.DataFrame | None:
    """Return `text`, `fault` and the fields of a block, if each of its lines is a plain record.

    That is one with all fields, none of which holds a quote, a line break or a carriage return;
    they may stand in quotes. The block begins with the line end before it.
    """
    # In a file of one column, a blank line would look like a record; and polars leaves out a
    # byte-order mark, also one that is no more than the first character of the block.
    if len(names) == 1 or block.startswith(codecs.BOM_UTF8, 1):
        return None
    lines = split_lines(block, skip_lines=1)
    if b'"' not in block and b"\r" not in block:
        is_plain = lines.str.count_matches(separator, literal=True) == len(names) - 1
    elif len(names) > _MOST_COLUMNS:
        return None
    else:
        field = rf'(?:[^"{separator}\r]*|"[^"\r]*")'
        is_plain = lines.str.contains(f"^{field}(?:[{separator}]{field}){{{len(names) - 1}}}$")
    if not is_plain.all():
        return None
    fields = pl.read_csv(
        block,
        has_header=False,
        skip_lines=1,
        schema=dict.fromkeys(names, pl.String),
        separator=separator,
        empty_string_is_null=False,
    )
    fault = pl.lit(None, pl.String)
    return fields.select(lines.alias("text"), fault.alias("fault"), pl.all())


def _read_by_line(
    file: BytesIO, end: int, line: int, separator: str, width: int, needed: Collection[int]
) -> tuple[int, list[tuple[int | str | None, ...]]]:
    """Return the line behind the records that start before `end`, and these records."""
    rows: list[tuple[int | str | None, ...]] = []
    while file.tell() < end:
        lines, fields = _take_record(file, separator, _MOST_LINES, needed)
        text = "\n".join(lines)
        # Tabs may be the fields of a record, none of which holds anything.
        if text.strip() or separator in text:
            fault = _fault_of(fields, width)
            values = fields if fields and not fault else [None] * width
            rows.append((line, text, fault, *values))
        line += len(lines)
    return line, rows


def _fault_of(fields: list[str] | None, width: int) -> str | None:
    if fields is None:
        return STRAY_QUOTE
    if len(fields) != width:
        return f"wrong number of fields: {len(fields)} instead of {width}"
    return None


def _take_record(
    file: BytesIO, separator: str, most_lines: int, needed: Collection[int] = ()
) -> tuple[list[str], list[str] | None]:
    """Return the lines of the next record, and its fields.

    Where no record makes sense, it is the next line alone, and there are no fields.
    """
    lines = [_text_of(file.readline())]
    if '"' not in lines[0]:
        return lines, lines[0].split(separator)
    behind_first = file.tell()

    def feed() -> Iterator[str]:
        yield f"{lines[0]}\n"
        for data in islice(file, most_lines - 1):
            lines.append(_text_of(data))
            yield f"{lines[-1]}\n"

    try:
        fields = next(csv.reader(feed(), delimiter=separator, strict=True))
    except csv.Error:
        fields = []
    # The reader takes a quote in the middle of a field as it is, and so would hide a stray one.
    has_stray_quote = '"' in _quoted_field(separator).sub("", "\n".join(lines))
    broken = any("\n" in fields[position] for position in needed if position < len(fields))
    if not fields or has_stray_quote or broken:
        file.seek(behind_first)
        return lines[:1], None
    return lines, fields


@cache
def _quoted_field(separator: str) -> re.Pattern[str]:
    return re.compile(rf'(?:^|(?<=[{separator}]))"(?:[^"]|"")*"')


def _text_of(line: bytes) -> str:
    return line.decode().removesuffix("\n").removesuffix("\r")
