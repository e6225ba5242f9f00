"""Load the tables from CSV files without losing a digit, a row or a line number."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Literal

import polars as pl

from store_uptime._csv.lenient import stores_left_out, warning_of
from store_uptime._csv.loaded import Load, joined
from store_uptime._csv.one_zone import one_zone_each, stores_of_two_zones
from store_uptime._csv.rows import read_table
from store_uptime._files.find import find_files
from store_uptime._files.paths import FilePath, FilePaths
from store_uptime._tables.contract import TABLES
from store_uptime.inputs import Inputs
from store_uptime.policy import check_flag


def load_csv(
    folder: FilePath | None = None,
    *,
    status: FilePaths | None = None,
    hours: FilePath | Literal[False] | None = None,
    timezones: FilePath | Literal[False] | None = None,
    special_hours: FilePath | Literal[False] | None = None,
    maintenance: FilePath | Literal[False] | None = None,
    maintenance_hours: FilePath | Literal[False] | None = None,
    strict: bool = True,
) -> Inputs:
    r"""Load the tables from CSV files: three, and more if they are there.

    The files are UTF-8 with a header line, plain or compressed by gzip or zstd. The fields are
    separated by commas, semicolons, tabs or vertical bars: by that which makes the columns of the
    table stand in the header. A byte-order mark, either line end, quoted fields, blank lines,
    further columns and any order of columns are accepted. Ids come out as they stand in the files.

    Parameters
    ----------
    folder
        Where to look for the files that are not named. In any case of letters, with ``_``, ``-``
        and blanks alike, each with ``.csv``, ``.csv.gz`` or ``.csv.zst``: `status` in
        ``store_status``, ``status`` or ``polls``; `hours` in ``menu_hours``, ``business_hours``,
        ``store_hours`` or ``hours``; `timezones` in ``timezones``, ``timezone``,
        ``store_timezones``, ``store_timezone`` or ``bq-results-*``. The optional `special_hours`
        is looked for in ``special_hours*``, `maintenance` in ``maintenance*``, and
        `maintenance_hours` in ``maintenance_hours*``.
    status
        The polls, whatever their file is called; goes before `folder`. One file, or several: a
        list of paths, which are read in its order, or a pattern such as ``polls/2023-*.csv``,
        whose files are read in the order of their paths (``**`` stands for any folders).
    hours, timezones, special_hours, maintenance, maintenance_hours
        The file of one table, whatever its name; goes before `folder`. ``False``: there is none,
        also where the folder has one. Without `hours` every store is open all the time, without
        `timezones` every one is in the default zone of the policy.
    strict
        If true, an unusable row stops the load. If false, such rows are left out, counted in one
        warning, and returned in `Inputs.rejected`. A poll is left out alone. A row of any other
        table says when its store is open, so with it the whole store is left out, of every table;
        a row without a readable id, or one for every store, stops the load all the same. What is
        wrong with a whole file always does.

    Returns
    -------
    Inputs
        Rows in the order of the files.

        - `status`: `store_id`, `timestamp_utc` (Datetime in UTC, microseconds), `status` (Boolean,
          true = active); no nulls. File columns of the same names.
        - `hours`: `store_id`, `day_of_week` (Int64, 0 = Monday; also read as ``day`` and
          ``dayOfWeek``), `start_time_local` and `end_time_local` (Duration since midnight,
          microseconds); no nulls. If the file has them, `valid_from` and `valid_until` (Date, null
          where the field is empty: without limit). No rows with ``hours=False``.
        - `timezones`: `store_id`, `timezone_str` (String, null where the field is empty). No rows
          with ``timezones=False``.
        - `extra["special_hours"]`, if there is such a file: `store_id` (null, for every store,
          where the field is empty), `date` (Date), `start_time_local` and `end_time_local`
          (Duration as in `hours`; both null where both fields are empty: closed all day).
        - `extra["maintenance"]`, if there is such a file: `store_id` (null, for every store, where
          the field is empty), `start_utc` and `end_utc` (Datetime in UTC, microseconds; one of
          them may be null, where the field is empty: since ever, for ever).
        - `extra["maintenance_hours"]`, if there is such a file: the columns of `hours`, with
          `store_id` null, for every store, where the field is empty.

        `store_id` is Int64 in all tables if every id in them is a whole number that is written as
        Int64 writes it, and String in all of them otherwise, as when one id is ``007``.

    Raises
    ------
    SchemaError
        Neither a file nor ``False`` for one of the first three tables, or several files in the
        folder for any; a pattern that no file fits; what is no path; a file that cannot be read,
        is of another kind (a workbook, a Git LFS pointer, Parquet, ...), has no header, lacks a
        column or has it twice; ids that lost digits in a spreadsheet or as floats of pandas.
    InvalidStatusError, InvalidHoursError, UnknownTimeZoneError
        If `strict`: the table of that name, or one of the optional tables for `InvalidHoursError`,
        has rows with too few or too many fields, a quote out of place, an empty id where none may
        be, or a value that `compute_report` would refuse, two zones of one store among them. The
        message names file and lines. If not `strict`: such a row of another table than `status`
        has no readable id, or is for every store.
    PolicyError
        `strict` is neither true nor false.

    Warns
    -----
    RejectedRowsWarning
        If not `strict`: rows were left out. Its `stores` are those that were left out whole.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, text in {
    ...         "store_status.csv": "store_id,status,timestamp_utc\n"
    ...         "8419537941919820732,active,2023-01-22 12:09:39.388884 UTC\n",
    ...         "menu_hours.csv": "store_id,day,start_time_local,end_time_local\n"
    ...         "8419537941919820732,6,06:00:00,18:00:00\n",
    ...         "timezones.csv": "store_id,timezone_str\n8419537941919820732,America/Denver\n",
    ...     }.items():
    ...         _ = Path(folder, name).write_text(text)
    ...     status, hours, timezones = load_csv(folder)
    >>> status.row(0)[::2]
    (8419537941919820732, True)
    """
    check_flag(strict, "strict")
    paths = find_files(
        folder,
        status=status,
        hours=hours,
        timezones=timezones,
        special_hours=special_hours,
        maintenance=maintenance,
        maintenance_hours=maintenance_hours,
    )
    loads = {name: read_files(name, files, strict=strict) for name, files in paths.items()}
    rejected = pl.concat(loads[name].rejected(name) for name in sorted(loads))
    stores = stores_left_out(rejected)
    if counts := {name: load.count_refused for name, load in loads.items() if load.count_refused}:
        warnings.warn(warning_of(counts, stores), stacklevel=2)
    if stores:
        loads = {name: load.without(stores) for name, load in loads.items()}
    return _inputs_of(loads, rejected)


def read_files(name: str, paths: list[Path], *, strict: bool) -> Load:
    table = TABLES[name]
    load = joined(read_table(table, path, strict=strict) for path in paths)
    if name == "timezones" and (two := stores_of_two_zones(load.frame(table, pl.String()))):
        # Read once more, so that the rows are told with their lines and texts.
        load = joined(read_table(one_zone_each(table, two), path, strict=strict) for path in paths)
    return load


def _inputs_of(loads: dict[str, Load], rejected: pl.DataFrame) -> Inputs:
    id_dtype = pl.Int64() if all(load.has_integer_ids for load in loads.values()) else pl.String()
    # A table that is not there has no rows, but all columns.
    tables = {
        name: loads.get(name, Load()).frame(table, id_dtype) for name, table in TABLES.items()
    }
    required = [tables[name] for name, table in TABLES.items() if not table.optional]
    extra = {name: tables[name] for name in loads if TABLES[name].optional}
    return Inputs(*required, extra=extra, rejected=rejected)
