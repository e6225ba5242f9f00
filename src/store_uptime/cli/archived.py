"""What is read where a timeline stands in the place of polls: its files, and the zones."""

from __future__ import annotations

import datetime as dt
from argparse import Namespace
from dataclasses import dataclass, fields, replace
from pathlib import Path

import polars as pl

from store_uptime._csv.load import read_files
from store_uptime._engine.pieces import INSTANT_DTYPE
from store_uptime._files.find import PARQUET_ENDINGS
from store_uptime._files.paths import shown_path
from store_uptime._parquet.load import read_small
from store_uptime._tables.contract import TABLES
from store_uptime._tables.given import Source
from store_uptime._tables.ids import common_id_dtype
from store_uptime._tables.names import no_such_column
from store_uptime._tables.reading import reading_rows
from store_uptime._tables.rows import empty_rows
from store_uptime._tables.timeline_rows import PIECE_COLUMNS
from store_uptime._tables.timezones import read_timezones
from store_uptime.cli.archive import SettledSpan, read_archive
from store_uptime.cli.options import flag
from store_uptime.errors import PolicyError, SchemaError
from store_uptime.policy import Policy

_POLL_OPTIONS = [
    *(table for table in TABLES if table != "timezones"),
    *("no_hours", "lenient", "uncertainty", "rates"),
]
_RULES = [field.name for field in fields(Policy) if field.name != "default_timezone"]
_ZONE_TABLE = TABLES["timezones"]
_AS_TEXTS = pl.col("store_id").cast(pl.String)
_KEEP = "Keep what store-uptime timeline --append wrote."


@dataclass(frozen=True)
class Archived:
    """A timeline in files, and the zones of its stores.

    Attributes
    ----------
    timeline
        The pieces, lazily.
    count
        How many rows the files have.
    covers
        The span that the pieces are of.
    timezones
        `store_id` and `timezone_str`; ``None`` where nothing was said of zones.
    """

    timeline: pl.LazyFrame
    count: int
    covers: SettledSpan
    timezones: pl.DataFrame | None


# --- arguments ------------------------------------------------------------------------------------


def check_archived(args: Namespace) -> None:
    """Refuse options that need polls, and rules that have done their work."""
    given = vars(args)
    options = [flag(name) for name in _POLL_OPTIONS if given[name]]
    if args.folder is not None:
        options.insert(0, "FOLDER")
    if options:
        args.refuse(f"argument {options[0]}: does not go with --timeline, as no polls are read")
    rules = ["--changes"] if args.changes else []
    rules += [
        flag(f"no_{name}" if given[name] is False else name) for name in _RULES if name in given
    ]
    if rules:
        args.refuse(
            f"argument {rules[0]}: does not go with --timeline, which was made by its rules"
        )
    if args.local and args.timezones is None and not args.no_timezones:
        args.refuse("argument --local: with --timeline it needs --timezones or --no-timezones")
    if isinstance(args.output, Path) and _is_in(args.timeline, args.output):
        args.refuse(f"argument --output: {args.timeline} is for settled timelines alone")


def _is_in(folder: Path, path: Path) -> bool:
    is_inside = path.resolve().parent == folder.resolve()
    return is_inside and path.suffix.lower() in PARQUET_ENDINGS


# --- tables ---------------------------------------------------------------------------------------


def load_archived(args: Namespace) -> Archived:
    """Return the timeline of the folder, and the zones if they are given."""
    archive = read_archive(args.timeline)
    if not archive.spans:
        problem = f"{shown_path(args.timeline)}: no settled timeline in this folder"
        raise SchemaError(
            problem,
            table="timeline",
            remedy="store-uptime timeline --settled --append writes them.",
            code="file_not_found",
        )
    timeline = _scan_pieces(archive.files)
    with reading_rows("timeline"):
        count = timeline.select(pl.len()).collect().item()
    ids = timeline.collect_schema()["store_id"]
    zones = None
    if args.no_timezones:
        zones = empty_rows(_ZONE_TABLE, ids)
    elif args.timezones is not None:
        zones = _load_zones(Path(args.timezones))
        if zones.schema["store_id"].is_integer() != ids.is_integer():
            # As in a folder of CSV files, one id that is no number makes texts of all.
            timeline, zones = timeline.with_columns(_AS_TEXTS), zones.with_columns(_AS_TEXTS)
    return Archived(timeline, count, archive.covers, zones)


def _scan_pieces(files: list[Path]) -> pl.LazyFrame:
    first, *others = schemas = [_schema_of(file) for file in files]
    for file, schema in zip(files[1:], others, strict=True):
        differing = [name for name in PIECE_COLUMNS[1:] if schema[name] != first[name]]
        if differing:
            raise SchemaError(
                f"{shown_path(file)}: another type than in {shown_path(files[0])}",
                table="timeline",
                column=differing[0],
                remedy=_KEEP,
                code="files_differ",
            )
    if all(schema["store_id"] == first["store_id"] for schema in schemas):
        return _scan_files(files)
    return pl.concat(_scan_files([file]).with_columns(_AS_TEXTS) for file in files)


def _scan_files(files: list[Path]) -> pl.LazyFrame:
    scan = pl.scan_parquet(files, glob=False, hive_partitioning=False, extra_columns="ignore")
    return scan.select(PIECE_COLUMNS)


def _schema_of(file: Path) -> pl.Schema:
    """Return the columns that the pieces need, by a look at the end of the file alone."""
    with reading_rows("timeline", f"{shown_path(file)}: cannot be read"):
        schema = pl.read_parquet_schema(file)
    missing = [name for name in PIECE_COLUMNS if name not in schema]
    if missing:
        raise SchemaError(
            f"{shown_path(file)}: {no_such_column('timeline', list(schema))}",
            table="timeline",
            column=missing[0],
            remedy=_KEEP,
            code="missing_column",
        )
    return pl.Schema(schema)


def _load_zones(path: Path) -> pl.DataFrame:
    if path.suffix.lower() in PARQUET_ENDINGS:
        rows = read_small(_ZONE_TABLE, path)
    else:
        load = read_files(_ZONE_TABLE.name, [path], strict=True)
        rows = load.frame(_ZONE_TABLE, pl.Int64() if load.has_integer_ids else pl.String())
    source = Source(rows, _ZONE_TABLE.name)
    return read_timezones(source, _ZONE_TABLE, common_id_dtype({_ZONE_TABLE.name: source}))


def cut(archived: Archived, start: dt.datetime | None, now: dt.datetime | None) -> Archived:
    """Return the pieces from `start` to `now`, each ``None`` for where the timeline has its own.

    Raises
    ------
    PolicyError
        The timeline does not cover that, or it is no span.
    """
    covers = archived.covers
    span = SettledSpan(start or covers.start, now or covers.end)
    if span == covers:
        return archived
    for name, instant in (("start", span.start), ("now", span.end)):
        if not covers.start <= instant <= covers.end or span.start >= span.end:
            raise PolicyError(
                "does not give a span that the timeline covers",
                table=name,
                values=[instant.isoformat()],
                remedy=f"It covers {covers.start.isoformat()} to {covers.end.isoformat()}.",
                code="window_not_covered",
            )
    first, last = (pl.lit(each, INSTANT_DTYPE) for each in span)
    inside = archived.timeline.filter(pl.col("end") > first, pl.col("start") < last)
    rows = inside.with_columns(
        pl.max_horizontal("start", first).alias("start"),
        pl.min_horizontal("end", last).alias("end"),
    )
    return replace(archived, timeline=rows, covers=span)
