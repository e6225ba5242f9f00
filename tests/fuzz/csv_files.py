"""Fuzz `load_csv`: any bytes as files of the tables.

The first byte chooses how the files are written a second time, and whether the load is strict;
the rest are the texts of the tables, with lines of ``%%`` between them. An empty text is no file.
"""

from __future__ import annotations

import gzip
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["store_uptime"]):
    import polars as pl
    import pyarrow as pa

    from store_uptime import Inputs, StoreUptimeError, compute_report, load_csv
    from store_uptime.testing import assert_report_valid

from fuzz.findings import BrokenPromiseError, Outcome, assert_same, kept_findings, outcome_of

_TABLES = ("status", "hours", "timezones", "special_hours", "maintenance", "maintenance_hours")
_NOW = "2024-11-04T12:00:00Z"


def _is_utf8(text: bytes) -> bool:
    """Return whether polars, which unpacks zstd to texts only, hands out all bytes as they were."""
    try:
        return bool(text.decode()) and "\ufffd" not in text.decode()
    except UnicodeDecodeError:
        return False


def _wider(text: bytes) -> bytes:
    """Return the text with one more column, if it is plain and has commas only."""
    first, *others = text.split(b"\n")
    if not text.isascii() or re.search(rb'["\r\0]', text) or re.search(rb"[;\t|]", first):
        return text
    if b"," not in first:
        return text
    # What is blank to Python's text is no record.
    wider = [line + b",x" if line.decode().strip() else line for line in others]
    return b"\n".join([first + b",more", *wider])


# Ways to write a text again that change nothing. Quotes and returns may make a line end part of a
# value, so such texts are left as they are.
_WAYS: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("gzip", lambda text: gzip.compress(text, 1)),
    (
        "zstd",
        lambda text: pa.compress(text, codec="zstd", asbytes=True) if _is_utf8(text) else text,
    ),
    ("CRLF", lambda text: text if re.search(rb'[\r"]', text) else text.replace(b"\n", b"\r\n")),
    ("a byte-order mark", lambda text: b"\xef\xbb\xbf" + text.removeprefix(b"\xef\xbb\xbf")),
    ("a line end", lambda text: text if b'"' in text else text + b"\n"),
    ("one more column", _wider),
)
_PACKED = re.compile(rb"\x1f\x8b|\x28\xb5\x2f\xfd")


def fuzz_csv_files(data: bytes) -> None:
    choice = data[0] if data else 0
    texts = dict(zip(_TABLES, data[1:].split(b"\n%%\n"), strict=False))
    strict = bool(choice % 2)
    way, rewritten = _WAYS[choice // 2 % len(_WAYS)]
    first = _loaded(texts, strict=strict)
    if any(_PACKED.match(text) for text in texts.values()):
        return
    again = {name: rewritten(text) if text else text for name, text in texts.items()}
    assert_same(first, _loaded(again, strict=strict), way)


def _loaded(texts: dict[str, bytes], *, strict: bool) -> Outcome:
    """Load the texts; the polls are the outcome, for the other tables are in the report."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            if text:
                Path(folder, f"{name}.csv").write_bytes(text)
        absent: dict[str, Any] = {name: False for name in _TABLES[1:] if not texts.get(name)}

        def load() -> pl.DataFrame:
            inputs = load_csv(folder, strict=strict, **absent)
            return _report_of(inputs)

        return outcome_of(load)


def _report_of(inputs: Inputs) -> pl.DataFrame:
    try:
        report = compute_report(inputs, now=_NOW if inputs.status.is_empty() else None, detail=True)
    except StoreUptimeError as error:
        # Only windows may still be wrong: they begin before the first year.
        if error.code != "before_year_1":
            raise BrokenPromiseError("what was loaded is refused") from error
        raise
    assert_report_valid(report)
    return report


if __name__ == "__main__":
    atheris.Setup(sys.argv, kept_findings(fuzz_csv_files))
    atheris.Fuzz()
