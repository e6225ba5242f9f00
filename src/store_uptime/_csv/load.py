"""Load the tables from CSV files without losing a digit, a row or a line number."""

from __future__ import annotations

import os
import warnings

import polars as pl

from store_uptime._csv.rows import read_table
from store_uptime._files import find_files
from store_uptime._tables.contract import TABLES
from store_uptime.errors import RejectedRowsWarning
from store_uptime.inputs import Inputs

ALWAYS_OPEN = "A store that lost all of its hours counts as open all the time."


def load_csv(
    folder: str | os.PathLike[str] | None = None,
    *,
    status: str | os.PathLike[str] | None = None,
    hours: str | os.PathLike[str] | None = None,
    timezones: str | os.PathLike[str] | None = None,
    special_hours: str | os.PathLike[str] | None = None,
    maintenance: str | os.PathLike[str] | None = None,
    strict: bool = True,
) -> Inputs:
    r"""Load the tables from CSV files: three, and two more if they are there.

    The files are UTF-8 with commas between the fields and a header line, plain or compressed by
    gzip or zstd. A byte-order mark, either line end, quoted fields, blank lines, further columns
    and any order of columns are accepted. Ids come out as they stand in the files.

    Parameters
    ----------
    folder
        Where to look for the files that are not named. In any case of letters, each with ``.csv``,
        ``.csv.gz`` or ``.csv.zst``: `status` in ``store_status``, ``store status`` or ``status``;
        `hours` in ``menu_hours``, ``menu hours`` or ``business_hours``; `timezones` in
        ``timezones``, ``store_timezones`` or ``bq-results-*``. The optional `special_hours` is
        looked for in ``special_hours*`` or ``special hours*``, and `maintenance` in
        ``maintenance*``.
    status, hours, timezones, special_hours, maintenance
        The file of one table, whatever its name; goes before `folder`.
    strict
        If true, an unusable row stops the load. If false, such rows are left out, counted in one
        warning, and returned in `Inputs.rejected`. A store that so loses all of its weekly hours
        counts as one without hours: open all the time. What is wrong with a whole file stops the
        load in either case.

    Returns
    -------
    Inputs
        Rows in the order of the files.

        - `status`: `store_id`, `timestamp_utc` (Datetime in UTC, microseconds), `status` (Boolean,
          true = active); no nulls. File columns of the same names.
        - `hours`: `store_id`, `day_of_week` (Int64, 0 = Monday; also read as ``day`` and
          ``dayOfWeek``), `start_time_local` and `end_time_local` (Duration since midnight,
          microseconds); no nulls.
        - `timezones`: `store_id`, `timezone_str` (String, null where the field is empty).
        - `extra["special_hours"]`, if there is such a file: `store_id` (null, for every store,
          where the field is empty), `date` (Date), `start_time_local` and `end_time_local`
          (Duration as in `hours`; both null where both fields are empty: closed all day).
        - `extra["maintenance"]`, if there is such a file: `store_id` (null, for every store, where
          the field is empty), `start_utc` and `end_utc` (Datetime in UTC, microseconds).

        `store_id` is Int64 in all tables if every id in them is a whole number that is written as
        Int64 writes it, and String in all of them otherwise, as when one id is ``007``.

    Raises
    ------
    SchemaError
        No file for one of the first three tables, or several files for any table; a file that
        cannot be read, has no header or lacks a column; ids that went through a spreadsheet, which
        keeps only 15 of their digits.
    InvalidStatusError, InvalidHoursError, UnknownTimeZoneError
        If `strict`: the table of that name, or one of the optional tables for `InvalidHoursError`,
        has rows with too few or too many fields, a quote out of place, an empty id where none may
        be, or a value that `compute_report` would refuse. The message names file and lines.

    Warns
    -----
    RejectedRowsWarning
        If not `strict`: rows were left out.

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
    paths = find_files(
        folder,
        status=status,
        hours=hours,
        timezones=timezones,
        special_hours=special_hours,
        maintenance=maintenance,
    )
    loads = {name: read_table(TABLES[name], path, strict=strict) for name, path in paths.items()}
    counts = {name: load.count_refused for name, load in loads.items() if load.count_refused}
    if counts:
        told = ", ".join(f"{name} {count:,}" for name, count in counts.items())
        risk = f" {ALWAYS_OPEN}" if "hours" in counts else ""
        message = f"load_csv left out rows that it cannot use: {told}. See Inputs.rejected.{risk}"
        warnings.warn(RejectedRowsWarning(message, counts), stacklevel=2)
    rejected = pl.concat(load.rejected(name) for name, load in loads.items())
    id_dtype = pl.Int64 if all(load.has_integer_ids for load in loads.values()) else pl.String
    frames = {name: load.frame(id_dtype) for name, load in loads.items()}
    required = [frames.pop(name) for name, table in TABLES.items() if not table.optional]
    return Inputs(*required, extra=frames, rejected=rejected.sort("table", "line"))
