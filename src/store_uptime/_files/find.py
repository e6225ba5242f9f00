"""Find the files of the tables: those that are named, and in a folder those of usual names."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType

from store_uptime._files.paths import as_path, shown_path
from store_uptime._tables.contract import TABLES, Table
from store_uptime.errors import SchemaError, listed

CSV_ENDINGS = (".csv", ".csv.gz", ".csv.zst")
PARQUET_ENDINGS = (".parquet",)

_STEMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "status": ("store_status", "status", "polls"),
        "hours": ("menu_hours", "business_hours", "store_hours", "hours"),
        "timezones": (
            "timezones",
            "timezone",
            "store_timezones",
            "store_timezone",
            "bq_results_*",
        ),
        "special_hours": ("special_hours*",),
        "maintenance_hours": ("maintenance_hours*",),
        "maintenance": ("maintenance*",),
    }
)
"""How the file of each table may be named, without its ending; the first one that fits counts."""

_ONE_SIGN = str.maketrans("- ", "__")


def find_files(
    folder: object, endings: Sequence[str] = CSV_ENDINGS, **named: object
) -> dict[str, list[Path]]:
    """Return the files of each table, by the table's name; only `status` may have several.

    A table that is given as False, and an optional one without a file, is not among them. What is
    `named` goes before the folder: one path; for `status` also several, or a pattern such as
    ``polls-*.csv``, which stands for the files that fit in the order of their names.

    Raises
    ------
    SchemaError
        Neither a file nor False for a table that must be there; several files in the folder for
        any table; something that is no path; a pattern that fits no file.
    """
    place = None if folder is None else as_path(folder, None)
    paths = {
        table.name: _files_of(table, named.get(table.name), place, endings)
        for table in TABLES.values()
    }
    return {name: found for name, found in paths.items() if found}


def _files_of(
    table: Table, named: object, folder: Path | None, endings: Sequence[str]
) -> list[Path]:
    if named is False and table.name != "status":
        return []
    if named is not None:
        return _several(table, named) if table.name == "status" else [as_path(named, table.name)]
    if folder is not None:
        return _in_folder(table, folder, endings)
    if table.optional:
        return []
    raise SchemaError(
        "no file given",
        table=table.name,
        remedy=f"{_how_to_name(table, missing=True)} Or give the folder it is in.",
        option=_option(table, missing=True),
        code="missing_file",
    )


def _several(table: Table, named: object) -> list[Path]:
    if isinstance(named, (str, os.PathLike)) or not isinstance(named, Iterable):
        return _matching(table, as_path(named, table.name))
    given = [as_path(one, table.name) for one in named]
    # What comes from a set or from `Path.glob` is in no order.
    paths = given if isinstance(named, Sequence) else sorted(given)
    if not paths:
        raise SchemaError("an empty list of files", table=table.name, code="missing_file")
    return [path for one in paths for path in _matching(table, one)]


def _matching(table: Table, path: Path) -> list[Path]:
    if not glob.has_magic(str(path)) or os.path.exists(path):  # noqa: PTH110  # never raises
        return [path]
    found = sorted(filter(Path.is_file, map(Path, glob.glob(str(path), recursive=True))))  # noqa: PTH207  # takes a whole path
    if not found:
        raise SchemaError(
            f"{shown_path(path)}: no file fits this pattern",
            table=table.name,
            remedy="Patterns are matched from the current folder, unless they begin at the root.",
            code="file_not_found",
        )
    return found


def _in_folder(table: Table, folder: Path, endings: Sequence[str]) -> list[Path]:
    names = _names_in(folder, table)
    found = [name for name in names if table_of(name, endings) == table.name]
    if len(found) == 1 or (table.optional and not found):
        return [folder / name for name in found]
    wanted = ", ".join(f"{stem}{endings[0]}" for stem in _STEMS[table.name])
    alike = f" ({' '.join(endings[1:])} as well)" if endings[1:] else ""
    looked = (
        f"Looked for {wanted}{alike}, in any case of letters, _, - and blanks alike; "
        f"the folder holds: {listed(map(shown_path, names))}."
    )
    raise SchemaError(
        f"{len(found) or 'no'} files for this table in {shown_path(folder)}",
        table=table.name,
        values=[shown_path(name) for name in found],
        remedy=f"{_how_to_name(table, missing=not found)} {looked}",
        option=_option(table, missing=not found),
        code="missing_file" if not found else "several_files",
    )


def _how_to_name(table: Table, *, missing: bool) -> str:
    if table.name == "status":
        return "Name the file: {option}; several files of polls as a list or a pattern."
    if missing:
        return "Name the file, or say by {option} that there is none."
    return "Name the file: {option}."


def _option(table: Table, *, missing: bool) -> str:
    return f"{table.name}=False" if missing and table.name != "status" else f"{table.name}=..."


def _names_in(folder: Path, table: Table) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    except OSError as error:
        reason = error.strerror or error
        problem = f"{shown_path(folder)}: not a readable folder: {reason}"
        raise SchemaError(problem, table=table.name, code="unreadable_folder") from error


def table_of(name: str, endings: Sequence[str]) -> str | None:
    """Return the table whose usual name a file has."""
    plain = name.lower().translate(_ONE_SIGN)
    for table, stems in _STEMS.items():
        if any(fnmatchcase(plain, f"{stem}{ending}") for stem in stems for ending in endings):
            return table
    return None
