"""Data sets in files and databases: as people have them, where the loaders find them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

import polars as pl

from store_uptime._files.find import CSV_ENDINGS, PARQUET_ENDINGS, table_of
from store_uptime._files.paths import as_path, shown_path
from store_uptime._sql.fill import fill_tables
from store_uptime.errors import SchemaError, check_word
from store_uptime.inputs import Inputs

IfThere = Literal["fail", "replace"]

_FILE_NAMES: Mapping[str, str] = MappingProxyType({"status": "store_status", "hours": "menu_hours"})
_TABLE_NAMES: Mapping[str, str] = MappingProxyType(
    {"status": "store_status", "hours": "business_hours", "timezones": "store_timezones"}
)


def _tables_of(inputs: Inputs) -> dict[str, pl.DataFrame]:
    own = {"status": inputs.status, "hours": inputs.hours, "timezones": inputs.timezones}
    return {**own, **inputs.extra}


# --- values as text -------------------------------------------------------------------------------


def _plain(rows: pl.DataFrame) -> pl.DataFrame:
    """Return statuses as words, times of day and dates as text."""
    columns = rows.schema.items()
    return rows.select(_as_text(pl.col(name), dtype).alias(name) for name, dtype in columns)


def _as_text(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean:
        return pl.when(value).then(pl.lit("active")).otherwise(pl.lit("inactive"))
    if dtype == pl.Duration:
        return _clock(value)
    return value.dt.to_string("iso") if dtype == pl.Date else value


def _clock(time: pl.Expr) -> pl.Expr:
    """Return Durations since midnight like 24:00:00, which no type of time has."""
    seconds = time.dt.total_seconds()
    parts = (seconds // 3600, seconds // 60 % 60, seconds % 60)
    return pl.concat_str([part.cast(pl.String).str.zfill(2) for part in parts], separator=":")


# --- files and databases --------------------------------------------------------------------------


def write_csv_files(inputs: Inputs, folder: object) -> Path:
    """Write a CSV file for each table, with instants like ``2023-01-22 12:09:39.388884 UTC``."""

    def write(rows: pl.DataFrame, file: Path) -> None:
        instants = pl.selectors.datetime().dt.strftime("%Y-%m-%d %H:%M:%S%.6f UTC")
        _plain(rows).with_columns(instants).write_csv(file)

    return _write_files(inputs, folder, CSV_ENDINGS, write)


def write_parquet_files(inputs: Inputs, folder: object) -> Path:
    """Write a Parquet file for each table, with the types that it has."""
    return _write_files(inputs, folder, PARQUET_ENDINGS, pl.DataFrame.write_parquet)


def _write_files(
    inputs: Inputs,
    folder: object,
    endings: tuple[str, ...],
    write: Callable[[pl.DataFrame, Path], None],
) -> Path:
    place = as_path(folder, "folder")
    try:
        place.mkdir(parents=True, exist_ok=True)
        _refuse_tables(place, endings)
        for name, rows in _tables_of(inputs).items():
            write(rows, place / f"{_FILE_NAMES.get(name, name)}{endings[0]}")
    except OSError as error:
        problem = f"{shown_path(place)}: cannot be written to: {error.strerror or error}"
        raise SchemaError(problem, table="folder", code="unwritable_folder") from error
    return place


def _refuse_tables(folder: Path, endings: tuple[str, ...]) -> None:
    """Raise `SchemaError` if a loader would find files of the folder beside the new ones."""
    names = sorted(entry.name for entry in folder.iterdir())
    there = [shown_path(name) for name in names if table_of(name, endings)]
    if there:
        raise SchemaError(
            f"{shown_path(folder)}: files of tables are there already",
            table="folder",
            values=there,
            remedy="Give an empty folder, or remove them.",
            code="files_there",
        )


def write_tables(inputs: Inputs, connection: object, if_exists: IfThere) -> None:
    """Write a table of a database for each table, all of them or nothing."""
    check_word("if_exists", None, if_exists, get_args(IfThere))
    tables = _tables_of(inputs).items()
    named = {_TABLE_NAMES.get(name, name): _plain(rows) for name, rows in tables}
    fill_tables(named, connection, anew=if_exists == "fail")
