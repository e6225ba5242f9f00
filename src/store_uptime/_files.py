"""Find the files of the tables in a folder by their names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType

from store_uptime._tables.contract import TABLES, Table
from store_uptime.errors import SchemaError

_STEMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "status": ("store_status", "store status", "status"),
        "hours": ("menu_hours", "menu hours", "business_hours"),
        "timezones": ("timezones", "store_timezones", "bq-results-*"),
        "special_hours": ("special_hours*", "special hours*"),
        "maintenance": ("maintenance*",),
    }
)
"""How the file of each table may be named, without its endings."""

_ENDINGS = (".csv", ".csv.gz", ".csv.zst")
_LISTED = 20


def find_files(
    folder: str | os.PathLike[str] | None, **named: str | os.PathLike[str] | None
) -> dict[str, Path]:
    """Return the file of each table, by the table's name; an optional table may have none.

    A file that is `named` goes before those in the folder.

    Raises
    ------
    SchemaError
        No file for a table that must be there, or several files for any table.
    """
    paths = {table.name: _file_of(table, named[table.name], folder) for table in TABLES.values()}
    return {name: path for name, path in paths.items() if path is not None}


def _file_of(
    table: Table, named: str | os.PathLike[str] | None, folder: str | os.PathLike[str] | None
) -> Path | None:
    if named is not None:
        return Path(named)
    if folder is not None:
        return _only_file(table, Path(folder))
    if table.optional:
        return None
    raise SchemaError(
        "no file given",
        table=table.name,
        remedy="Name it, {option}, or give the folder it is in.",
        option=_option(table),
    )


def _only_file(table: Table, folder: Path) -> Path | None:
    names = _names_in(folder, table)
    found = [name for name in names if _is_name_of(table, name)]
    if len(found) == 1:
        return folder / found[0]
    if table.optional and not found:
        return None
    wanted = ", ".join(f"{stem}.csv" for stem in _STEMS[table.name])
    listed = ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")
    raise SchemaError(
        f"{len(found) or 'no'} files for this table in {folder}",
        table=table.name,
        values=found,
        remedy=f"Looked for one of {wanted}, in any case of letters, also with .gz or .zst; "
        f"the folder holds: {listed or 'no files'}. Or name the file: {{option}}.",
        option=_option(table),
    )


def _option(table: Table) -> str:
    return f"{table.name}=..."


def _names_in(folder: Path, table: Table) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    except OSError as error:
        reason = error.strerror or error
        raise SchemaError(f"{folder}: not a readable folder: {reason}", table=table.name) from error


def _is_name_of(table: Table, name: str) -> bool:
    return any(
        fnmatchcase(name.lower(), f"{stem}{ending}")
        for stem in _STEMS[table.name]
        for ending in _ENDINGS
    )
