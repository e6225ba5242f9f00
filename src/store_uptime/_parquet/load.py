"""Load the tables from Parquet files: the polls as they are needed, the others at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import polars as pl

from store_uptime._files.find import PARQUET_ENDINGS, find_files
from store_uptime._files.kinds import HEAD_BYTES, refuse_other_kind
from store_uptime._files.paths import FilePath, FilePaths, shown_path
from store_uptime._tables.contract import TABLES, Table
from store_uptime._tables.given import Source
from store_uptime._tables.loaded import as_loaded, no_rows
from store_uptime._tables.read import read_tables
from store_uptime._tables.reading import reading_rows
from store_uptime.errors import SchemaError, StoreUptimeError, facts_of
from store_uptime.inputs import Inputs

_MAGIC = b"PAR1"


def load_parquet(
    folder: FilePath | None = None,
    *,
    status: FilePaths | None = None,
    hours: FilePath | Literal[False] | None = None,
    timezones: FilePath | Literal[False] | None = None,
    special_hours: FilePath | Literal[False] | None = None,
    maintenance: FilePath | Literal[False] | None = None,
    maintenance_hours: FilePath | Literal[False] | None = None,
) -> Inputs[pl.LazyFrame]:
    r"""Load the tables from Parquet files, the polls lazily.

    Columns may be of every type that `compute_report` accepts; further ones are ignored.

    Parameters
    ----------
    folder
        Where to look for the files that are not named, by the names of `load_csv`, with
        ``.parquet``.
    status
        The polls: one file, a list of files, a pattern such as ``polls/*.parquet``, or a folder.
        Of a folder all files ``.parquet`` are read, also in folders inside it; names of folders
        such as ``date=2023-01-22`` are columns (Hive). Goes before `folder`.
    hours, timezones, special_hours, maintenance, maintenance_hours
        The file of one table; goes before `folder`. ``False``: there is none, also where the folder
        has one. Without `hours` every store is open all the time, without `timezones` every one is
        in the default zone of the policy.

    Returns
    -------
    Inputs
        - `status`: a LazyFrame with `store_id`, `timestamp_utc` and `status` in the types that the
          files have. Its rows are read, and checked, when something is computed of it.
        - `hours`: `store_id`, `day_of_week` (Int64, 0 = Monday), `start_time_local` and
          `end_time_local` (Duration since midnight, microseconds); no nulls. If the file has them,
          `valid_from` and `valid_until` (Date, null = without limit).
        - `timezones`: `store_id`, `timezone_str` (String, null where the file has none).
        - `extra`: the optional tables that are there, in the types that the files have.

        `store_id` has, in `hours` and `timezones`, the type that it has in `status`; String
        for Categorical and Enum.

    Raises
    ------
    SchemaError
        Neither a file nor ``False`` for one of the first three tables, or several files in the
        folder for any; a pattern that no file fits; what is no path; a file that is missing,
        damaged or not Parquet; a column that is missing, or of a type that `compute_report`
        refuses, or not of the same type in all files of `status`.
    InvalidHoursError, UnknownTimeZoneError
        The table of that name, or one of the optional tables for `InvalidHoursError`, has a value
        that `compute_report` refuses.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from store_uptime import compute_report
    >>> status = {"store_id": [7, 7], "status": [True, False]}
    >>> status["timestamp_utc"] = ["2023-01-23 10:14:00", "2023-01-23 11:15:00"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pl.DataFrame(status).write_parquet(Path(folder, "polls.parquet"))
    ...     inputs = load_parquet(folder, hours=False, timezones=False)
    ...     compute_report(inputs).select("uptime_last_hour").item()  # 10:15 to 10:44:30
    29.5
    """
    paths = find_files(
        folder,
        PARQUET_ENDINGS,
        status=status,
        hours=hours,
        timezones=timezones,
        special_hours=special_hours,
        maintenance=maintenance,
        maintenance_hours=maintenance_hours,
    )
    polls = _scan_polls(paths.pop("status"))
    rows = {name: read_small(TABLES[name], path) for name, (path,) in paths.items()}
    # Of the polls only the names and types of the columns are looked at here.
    schema = polls.collect_schema()
    empty = {name: no_rows(TABLES[name], schema["store_id"]) for name in ("hours", "timezones")}
    tables = read_tables({"status": pl.LazyFrame(schema=schema), **empty, **rows})
    return Inputs(
        polls,
        as_loaded(tables.hours, "hours", rows.get("hours")),
        as_loaded(tables.timezones, "timezones"),
        extra={name: frame for name, frame in rows.items() if TABLES[name].optional},
    )


def _scan_polls(paths: Sequence[Path]) -> pl.LazyFrame:
    scans = [_scan(TABLES["status"], path) for path in paths]
    first = scans[0].collect_schema()
    for path, scan in zip(paths, scans, strict=True):
        for name, dtype in scan.collect_schema().items():
            if dtype != first[name]:
                raise SchemaError(
                    f"{shown_path(path)}: type {dtype} here but {first[name]} in "
                    f"{shown_path(paths[0])}",
                    table="status",
                    column=name,
                    remedy="Write all files of a table with the same types.",
                    code="files_differ",
                )
    return pl.concat(scans)


def read_small(table: Table, path: Path) -> pl.DataFrame:
    scan = _scan(table, path)
    with _naming(path, table.name):
        return scan.collect()


def _scan(table: Table, path: Path) -> pl.LazyFrame:
    """Return the columns of a table, by their own names, as a file or a folder has them."""
    files = _files_of_folder(table, path) if path.is_dir() else [path]
    for file in files:
        _check_file(table, file)
    with _naming(path, table.name):
        scan = pl.scan_parquet(
            files,
            glob=False,
            hive_partitioning=path.is_dir(),
            # Further columns may come and go; where one that is needed is missing, its nulls are
            # refused.
            missing_columns="insert",
            extra_columns="ignore",
        )
        scan.collect_schema()
        source = Source(scan, table.name)
        found = source.columns(table)
    return scan.select(pl.col(present).alias(name) for name, present in found.items())


def _files_of_folder(table: Table, folder: Path) -> list[Path]:
    if table.name != "status":
        raise SchemaError(
            f"{shown_path(folder)}: not a file", table=table.name, code="file_not_found"
        )
    files = sorted(file for file in folder.rglob("*.parquet") if file.is_file())
    if not files:
        problem = f"{shown_path(folder)}: no file .parquet in this folder"
        raise SchemaError(problem, table=table.name, code="file_not_found")
    return files


def _check_file(table: Table, path: Path) -> None:
    """Raise `SchemaError` unless the file begins as Parquet does."""
    with _naming(path, table.name):
        if not path.is_file():
            raise SchemaError("no such file", table=table.name, code="file_not_found")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        # Polars takes paths that are UTF-8, and no others.
        str(path).encode()
    if not head.startswith(_MAGIC):
        refuse_other_kind(head, shown_path(path), table.name, "Parquet")
        problem = f"{shown_path(path)}: this is not Parquet"
        remedy = "CSV files are loaded with load_csv."
        raise SchemaError(problem, table=table.name, remedy=remedy, code="other_kind_of_file")


@contextmanager
def _naming(path: Path, table: str) -> Iterator[None]:
    """Raise what goes wrong inside as an error that names the file."""
    shown = shown_path(path)
    try:
        with reading_rows(table, f"{shown}: cannot be read"):
            yield
    except StoreUptimeError as error:
        if error.problem.startswith(shown):
            raise
        facts = facts_of(error) | {"problem": f"{shown}: {error.problem}"}
        raise type(error)(**facts) from error
