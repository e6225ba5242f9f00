"""What a file is that is no table, told by its first bytes, and what to do with it."""

from __future__ import annotations

import codecs
import re

from store_uptime.errors import SchemaError

HEAD_BYTES = 600

_ARCHIVE = "Unpack it first, or pack the CSV file by gzip or zstd."
_DATABASE = "Load it with load_sql."
_EXPORT = "Export the table as CSV from the program that holds it."
_FRAME = "Read it with polars and give the frames to compute_report."
_WORKBOOK = (
    "Save each sheet as CSV in UTF-8. A spreadsheet keeps 15 digits of a number, so its ids are "
    "exact only where they were text."
)
_UTF_8 = "The file must be UTF-8: save it as that, in a spreadsheet as 'CSV UTF-8'."
_KINDS = tuple(
    (re.compile(rb"\s*(?:" + start + rb")", re.DOTALL | re.IGNORECASE), name, remedy)
    for start, name, remedy in (
        (
            rb"version https://git-lfs",
            "a Git LFS pointer, which stands for the file",
            "Fetch the file: run 'git lfs pull', or download it from the page of the repository.",
        ),
        (
            rb"PK\x03\x04.{26}(?:\[Content_Types\]|_rels/|docProps/|xl/|mimetypeapplication/)",
            "a workbook",
            _WORKBOOK,
        ),
        (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old workbook", _WORKBOOK),
        (rb"PK(?:\x03\x04|\x05\x06)", "a zip archive", _ARCHIVE),
        (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", _ARCHIVE),
        (rb"Rar!\x1a\x07", "a rar archive", _ARCHIVE),
        (rb"BZh[1-9]1AY&SY", "packed by bzip2", _ARCHIVE),
        (rb"\xfd7zXZ\x00", "packed by xz", _ARCHIVE),
        (rb"\x78[\x01\x9c\xda]", "a zlib stream, not gzip", _ARCHIVE),
        (rb"\x1f\x8b|\x28\xb5\x2f\xfd", "packed twice", "Unpack it once."),
        (rb".{257}ustar(?:\x0000|  \x00)", "a tar archive", _ARCHIVE),
        (rb"SQLite format 3\x00", "a SQLite database", _DATABASE),
        (rb".{8}DUCK..\x00\x00", "a DuckDB database", _DATABASE),
        (rb"PAR[1E][\x00-\x1f]", "a Parquet file", "Load it with load_parquet."),
        (rb"ARROW1\x00|FEA1|\xff\xff\xff\xff.{3}\x00", "an Arrow or Feather file", _FRAME),
        (rb"\x80[\x02-\x05].", "a pickle of Python", _FRAME),
        (rb"\{\s*[\"}]|\[\s*[\[{\]\"]", "JSON", _FRAME),
        (
            rb"<!doctype html|<html[\s>]",
            "an HTML page",
            "Save the file itself, not the page that shows it; on GitHub that is behind 'Raw'.",
        ),
        (rb"<\?xml", "an XML file", _EXPORT),
        (rb"%PDF-", "a PDF file", _EXPORT),
        (rb"\xff\xfe\x00\x00|\x00\x00\xfe\xff", "text in UTF-32", _UTF_8),
        (rb"\xff\xfe|\xfe\xff", "text in UTF-16", _UTF_8),
    )
)
"""First bytes, behind blanks, the name of such a file, and the remedy."""


def refuse_other_kind(head: bytes, path: str, table: str, wanted: str) -> None:
    """Raise `SchemaError` if the first bytes of a file are those of another kind of file.

    Parameters
    ----------
    head
        The first `HEAD_BYTES` of the file.
    path, table
        Where they come from.
    wanted
        What the file should be.
    """
    text = head.removeprefix(codecs.BOM_UTF8)
    for start, name, remedy in _KINDS:
        if start.match(text):
            problem = f"{path}: this is {name}, not {wanted}"
            raise SchemaError(problem, table=table, remedy=remedy, code="other_kind_of_file")
