"""What was computed, as it is shown and written."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from store_uptime._results.outage_summary import summarize_outages
from store_uptime._results.summary import summarize
from store_uptime._tables.report_times import UNCERTAINTY
from store_uptime.cli.arguments import needs_detail
from store_uptime.cli.console import Console
from store_uptime.cli.goals import complaint
from store_uptime.cli.looks import chosen_rows, in_local_time, only_stores
from store_uptime.cli.output import Result
from store_uptime.cli.render import to_plain_table, to_table
from store_uptime.policy import Policy
from store_uptime.windows import AnyWindow

_SUMMARY_DETAILS = (
    *("stores_closed", "unknown", "scheduled", "availability", "availability_mean"),
    *("uptime_expected", "availability_error"),
)
"""What a person sees of a summary only with ``--detail``."""
_NO_OUTAGES = pl.DataFrame(
    schema={
        "store_id": pl.String,
        "downtime": pl.Duration("us"),
        "ongoing": pl.Boolean,
        "recovered": pl.Boolean,
    }
)


@dataclass(frozen=True)
class Task:
    """What is asked for, whatever it is computed from."""

    args: Namespace
    groups: pl.DataFrame | None
    windows: Mapping[str, AnyWindow]
    policy: Policy
    console: Console
    rates: pl.DataFrame | None = None

    @property
    def poll_report_options(self) -> dict[str, Any]:
        """The options of a report and of a history from polls."""
        uncertain = {"uncertainty": self.args.uncertainty, "rates": self.rates}
        return self.report_options | uncertain

    @property
    def report_options(self) -> dict[str, Any]:
        """The options of a report and of a history, whatever they are made from."""
        return {
            "windows": self.windows,
            "policy": self.policy,
            "detail": needs_detail(self.args),
            "batch_stores": self.args.batch_stores,
            "progress": self.console.draw,
        }


def report_result(detailed: pl.DataFrame, keys: list[str], task: Task) -> Result:
    """Return the report or history as it is shown, or its summary if that was asked for."""
    args, windows = task.args, task.windows
    detailed = only_stores(detailed, args)
    usual = [f"{part}_{name}" for name in windows for part in ("uptime", "downtime")]
    if args.uncertainty:
        usual += [f"{part}_{name}" for name in windows for part in UNCERTAINTY]
    report = detailed if args.detail else detailed.select(*keys, *usual)
    if task.groups is None and args.target is None:
        shown = chosen_rows(report, args)
        how = {"detail": args.detail, "uncertainty": args.uncertainty, "most_rows": args.top}
        table = partial(to_table, shown, windows, **how)
        noun = "row" if "now" in keys else "store"
    else:
        keys = [key for key in keys if key != "store_id"]
        if task.groups is not None:
            # Ids are compared as they stand in the files.
            detailed, report = (
                rows.with_columns(pl.col("store_id").cast(pl.String)) for rows in (detailed, report)
            )
            detailed = detailed.join(task.groups, on="store_id", how="left")
            keys += _names_of_groups(task.groups)
        shown = chosen_rows(_summary_of(report, task.groups, windows, args), args)
        brief = shown.select(_brief_columns(shown, args))
        table = partial(to_plain_table, brief, [*keys, "window"], most_rows=args.top)
        noun = "row"
    missed = ""
    if args.fail_below is not None:
        missed = complaint(detailed, keys, shown, windows, args.fail_below)
    return Result(shown, table, noun, missed)


def _brief_columns(summary: pl.DataFrame, args: Namespace) -> list[str]:
    """Return what a person sees of a summary: the error beside what it is the error of."""
    names = [name for name in summary.columns if args.detail or name not in _SUMMARY_DETAILS]
    if args.uncertainty:
        names.remove("uptime_error")
        names.insert(names.index("uptime") + 1, "uptime_error")
    return names


def _names_of_groups(groups: pl.DataFrame) -> list[str]:
    return [name for name in groups.columns if name != "store_id"]


def try_groups(groups: pl.DataFrame, windows: Mapping[str, AnyWindow], args: Namespace) -> None:
    """Raise now what summing up over these groups would raise after the work."""
    if args.name == "outages":
        summarize_outages(_NO_OUTAGES, groups)
        return
    parts = ("uptime", "downtime", *(["unknown"] if needs_detail(args) else []))
    times = [f"{part}_{name}" for name in windows for part in parts]
    schema = {"store_id": pl.String, **dict.fromkeys(times, pl.Float64)}
    _summary_of(pl.DataFrame(schema=schema), groups, windows, args)


def _summary_of(
    report: pl.DataFrame,
    groups: pl.DataFrame | None,
    windows: Mapping[str, AnyWindow],
    args: Namespace,
) -> pl.DataFrame:
    """Return the report summed up over the groups, or over all stores."""
    target = {} if args.target is None else {"target": args.target}
    return summarize(report, groups, windows=windows, **target)


def outages_result(outages: pl.DataFrame, task: Task, zones: Mapping[str, str]) -> Result:
    """Return the outages that are asked for, or sums of them; `zones` as for `pieces_result`."""
    args, by = task.args, task.args.sum_keys
    if args.ongoing:
        outages = outages.filter("ongoing")
    if task.groups is None and by is None:
        return pieces_result(outages, "outage", task, zones)
    keys = by
    if task.groups is not None:
        # Ids are compared as they stand in the files.
        outages = outages.with_columns(pl.col("store_id").cast(pl.String))
        by, keys = only_stores(task.groups, args), _names_of_groups(task.groups)
    shown = chosen_rows(summarize_outages(only_stores(outages, args), by), args)
    return Result(shown, partial(to_plain_table, shown, keys, most_rows=args.top), "row")


def pieces_result(
    pieces: pl.DataFrame,
    noun: str,
    task: Task,
    zones: Mapping[str, str],
    columns: Sequence[str] | None = None,
) -> Result:
    """Return the rows that are asked for; a person sees only `columns` of them, or all.

    `zones` are those of `zones_of`.
    """
    shown = brief = chosen_rows(only_stores(pieces, task.args), task.args)
    if task.args.local:
        shown, brief = (in_local_time(shown, zones, unit) for unit in ("auto", "minutes"))
    brief = brief.select(columns or brief.columns)
    table = partial(to_plain_table, brief, ["store_id"], most_rows=task.args.top)
    return Result(shown, table, noun)
