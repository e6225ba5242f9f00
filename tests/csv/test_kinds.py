"""Files that are no CSV, whatever their name says, are refused by what they are."""

from __future__ import annotations

import bz2
import io
import json
import lzma
import pickle
import sqlite3
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from store_uptime import SchemaError
from support.csv_files import STATUS, ZONES, Load, gzipped, zstd

FRAME = pl.read_csv(ZONES.encode())


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "application/vnd.oasis.opendocument.spreadsheet")
    return file.getvalue()


def tarred(text: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        entry = tarfile.TarInfo("zones.csv")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text.encode()))
    return file.getvalue()


def written(write: Callable[[pl.DataFrame, io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    write(FRAME, file)
    return file.getvalue()


GIT_LFS = b"""\
version https://git-lfs.github.com/spec/v1
oid sha256:5c9b8e269d2d44c930b36cc357acd13d05b6e425d42f820732bd1d1a52885d55
size 140677031
"""
KINDS: dict[str, tuple[bytes, str]] = {
    "a Git LFS pointer": (GIT_LFS, "'git lfs pull'"),
    "a workbook": (zipped("[Content_Types].xml", "xl/workbook.xml"), "Save each sheet as CSV"),
    "a workbook (openpyxl)": (zipped("docProps/app.xml"), "15 digits"),
    "a workbook (LibreOffice)": (zipped("mimetype", "content.xml"), "Save each sheet as CSV"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), "Save each sheet"),
    "a zip archive": (zipped("zones.csv"), "Unpack it first"),
    "a zip archive (empty)": (zipped(), "Unpack it first"),
    "a 7z archive": (b"7z\xbc\xaf\x27\x1c\x00\x04", "Unpack it first"),
    "a rar archive": (b"Rar!\x1a\x07\x01\x00", "Unpack it first"),
    "a tar archive": (tarred(ZONES), "Unpack it first"),
    "packed by bzip2": (bz2.compress(ZONES.encode()), "Unpack it first"),
    "packed by xz": (lzma.compress(ZONES.encode()), "Unpack it first"),
    "packed twice": (gzipped(gzipped(ZONES.encode())), "Unpack it once"),
    "a Parquet file": (written(pl.DataFrame.write_parquet), "load_parquet"),
    "an Arrow or Feather file": (written(pl.DataFrame.write_ipc), "Read it with polars"),
    "an Arrow or Feather file (a stream)": (
        written(pl.DataFrame.write_ipc_stream),
        "Read it with polars",
    ),
    "a pickle of Python": (pickle.dumps(ZONES), "Read it with polars"),
    "JSON": (json.dumps(FRAME.to_dicts()).encode(), "Read it with polars"),
    "JSON (lines)": (written(pl.DataFrame.write_ndjson), "Read it with polars"),
    "JSON (on many lines)": (
        json.dumps(FRAME.to_dict(as_series=False), indent=2).encode(),
        "polars",
    ),
    "JSON (rows)": (b"\xef\xbb\xbf\n[ [1, 2], [3, 4] ]", "Read it with polars"),
    "JSON (nothing)": (b"[]", "Read it with polars"),
    "an HTML page": (b"\n\n<!DOCTYPE html>\n<html lang='en'>\n<head>", "behind 'Raw'"),
    "an HTML page (old)": (b"<HTML><BODY>", "behind 'Raw'"),
    "an XML file": (b"<?xml version='1.0'?>\n<rows>", "Export the table as CSV"),
    "a PDF file": (b"%PDF-1.7\n%\xe2\xe3", "Export the table as CSV"),
    "text in UTF-16": (ZONES.encode("utf-16"), "save it as that"),
    "text in UTF-16 (the other order)": (b"\xfe\xff" + ZONES.encode("utf-16-be"), "must be UTF-8"),
    "text in UTF-32": (ZONES.encode("utf-32"), "must be UTF-8"),
    **{
        f"a zlib stream, not gzip ({level})": (zlib.compress(ZONES.encode(), level), "Unpack it")
        for level in (1, 6, 9)
    },
}


@pytest.mark.parametrize("packed", [False, True], ids=["as it is", "in gzip"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_another_kind_is_named(load: Load, kind: str, *, packed: bool) -> None:
    data, remedy = KINDS[kind]
    with pytest.raises(SchemaError, match=r"timezones-of-test\.csv: this is ") as caught:
        load(timezones=gzipped(data) if packed else data)
    assert f"this is {kind.partition(' (')[0]}" in str(caught.value)
    assert ", not CSV. " in str(caught.value)
    assert remedy in str(caught.value)
    assert caught.value.code == "other_kind_of_file"


def test_so_is_one_that_zstd_has_packed(load: Load) -> None:
    with pytest.raises(SchemaError, match="this is a Git LFS pointer"):
        load(status=zstd(GIT_LFS))


def test_a_database_is_named(load: Load, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "lite") as lite:
        lite.execute("CREATE TABLE t (a INTEGER)")
    lite.close()
    with duckdb.connect(str(tmp_path / "duck")) as duck:
        duck.execute("CREATE TABLE t (a INTEGER)")
    for name, kind in {"lite": "a SQLite", "duck": "a DuckDB"}.items():
        with pytest.raises(SchemaError, match=f"this is {kind} database.*load_sql"):
            load(status=(tmp_path / name).read_bytes())


# Headers that begin as other files do, and are none.
HONEST = [
    "x^2",
    "PK",
    "[note]",
    "{note}",
    "PAR1",
    "BZh9",
    "%PDF",
    "region1,DUCK",
    "Rar!",
    "<html5>",
]


@pytest.mark.parametrize("name", HONEST)
def test_a_column_may_have_any_name(load: Load, name: str) -> None:
    status = "".join(f"{name},{line}\n" for line in STATUS.splitlines())
    assert load(status=status).status.height == 1
