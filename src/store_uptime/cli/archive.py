"""A folder of settled timelines: one Parquet file for each span, named by it.

The spans stand in the names alone, so a folder can be judged without a look into its files. A file
covers its span also where nothing was open and it has no rows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from store_uptime._files.paths import shown_path
from store_uptime.errors import SchemaError, listed

_NAMED_INSTANT = r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}(?:_[0-9]{6})?)Z"
_NAME = re.compile(rf"timeline_{_NAMED_INSTANT}_{_NAMED_INSTANT}\.parquet")
_ENDING = ".parquet"


class SettledSpan(NamedTuple):
    """The span of a file, in UTC."""

    start: dt.datetime
    end: dt.datetime

    @property
    def name(self) -> str:
        """The name of its file; by their names, files are in the order of their starts."""
        return f"timeline_{_as_name(self.start)}_{_as_name(self.end)}{_ENDING}"


class Archive(NamedTuple):
    """The files of a folder: sorted, each from where the one before it ends."""

    folder: Path
    spans: Sequence[SettledSpan] = ()

    @property
    def files(self) -> list[Path]:
        """The paths, in order."""
        return [self.folder / span.name for span in self.spans]

    @property
    def covers(self) -> SettledSpan:
        """The span of all files together; there must be one."""
        return SettledSpan(self.spans[0].start, self.spans[-1].end)


def read_archive(folder: Path) -> Archive:
    """Return the archive in a folder; there may be no file in it.

    Files of other endings are ignored, and so are hidden ones, which a killed run may leave behind.

    Raises
    ------
    SchemaError
        It is no folder; a file ``.parquet`` has no name of this kind; two files overlap, or there
        is a gap between them.
    """
    if not folder.is_dir():
        problem = f"{shown_path(folder)}: no such folder"
        raise SchemaError(problem, table="timeline", code="unreadable_folder")
    paths = [path for path in folder.iterdir() if _is_part(path)]
    spans = {path.name: _span_of_file(path) for path in paths}
    foreign = sorted(name for name, span in spans.items() if span is None)
    if foreign:
        raise SchemaError(
            f"{shown_path(folder)}: not named as a settled timeline: "
            f"{listed(map(shown_path, foreign))}",
            table="timeline",
            remedy="Move other files to another folder.",
            code="foreign_file",
        )
    archive = Archive(folder, sorted(span for span in spans.values() if span is not None))
    for one, other in pairwise(archive.spans):
        _check_neighbours(folder, one, other)
    return archive


def _check_neighbours(folder: Path, one: SettledSpan, other: SettledSpan) -> None:
    names = f"{one.name} and {other.name}"
    if other.start < one.end:
        raise SchemaError(
            f"{shown_path(folder)}: {names} overlap",
            table="timeline",
            remedy="Move one of them to another folder.",
            code="overlapping_files",
        )
    if other.start > one.end:
        raise SchemaError(
            f"{shown_path(folder)}: nothing covers the time between {names}",
            table="timeline",
            remedy="Put the missing file back, or move those on one side to another folder.",
            code="gap_between_files",
        )


def _is_part(path: Path) -> bool:
    return path.suffix.lower() == _ENDING and not path.name.startswith(".")


def _span_of_file(path: Path) -> SettledSpan | None:
    """Return the span in the name of a file, or ``None`` if it has no such name."""
    match = _NAME.fullmatch(path.name)
    if match is None or not path.is_file():
        return None
    try:
        span = SettledSpan(*map(_from_name, match.groups()))
    except ValueError:  # such as a month 13
        return None
    # Each instant is written in one way, so that no span has two names.
    return span if span.start < span.end and span.name == path.name else None


def _as_name(instant: dt.datetime) -> str:
    # The time of day has no colons, which Windows allows in no name. An underscore sorts behind Z,
    # so a fraction of a second comes after the second itself.
    text = instant.replace(tzinfo=None).isoformat().replace(":", "").replace(".", "_")
    return f"{text}Z"


def _from_name(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.replace("_", ".")).replace(tzinfo=dt.UTC)
