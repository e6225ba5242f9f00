"""What each command computes."""

from __future__ import annotations

import datetime as dt
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import polars as pl

from store_uptime._calls import history_on, pieces_on, polls_on, report_on
from store_uptime._engine.outages import list_outages
from store_uptime._engine.pieces import list_pieces
from store_uptime._engine.poll_worth import GapSums
from store_uptime._results.outage_summary import summarize_outages
from store_uptime._results.summary import summarize
from store_uptime._tables.gather import Given, gather
from store_uptime._tables.read import Tables, now_or_latest, read_tables
from store_uptime.cli.arguments import needs_detail
from store_uptime.cli.console import Console
from store_uptime.cli.goals import complaint
from store_uptime.cli.looks import check_stores, chosen_rows, in_local_time, only_stores, zones_of
from store_uptime.cli.output import Result
from store_uptime.cli.render import to_plain_table, to_table
from store_uptime.cli.sources import counted
from store_uptime.cli.spans import instants_of
from store_uptime.inputs import Inputs
from store_uptime.notices import CoverageWarning
from store_uptime.policy import Policy
from store_uptime.windows import AnyWindow

_SUMMARY_DETAILS = ("stores_closed", "unknown", "scheduled", "availability", "availability_mean")
"""What a person sees of a summary only with ``--detail``."""
_POLLS_BRIEF = ("store_id", "evidence", "median_gap", "longest_gap", "gap_ratio")
"""What a person sees of polls, beside the column that they are sorted by."""
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
    """What a command computes with."""

    args: Namespace
    inputs: Inputs[pl.DataFrame | pl.LazyFrame]
    groups: pl.DataFrame | None
    windows: Mapping[str, AnyWindow]
    policy: Policy
    console: Console

    @property
    def given(self) -> Given:
        """The tables of the call."""
        return gather(self.inputs)

    @cached_property
    def tables(self) -> Tables:
        """The tables in canonical form."""
        return read_tables(self.given.tables)

    @property
    def now(self) -> dt.datetime:
        """Where to end."""
        return now_or_latest(self.given.now_for(self.args.now), self.tables.polls.last)


def result_of(task: Task) -> tuple[Result, CoverageWarning]:
    """Return what was asked for, and how much of it is known."""
    if task.args.store is not None:
        check_stores(task.args, task.tables)
    return _COMPUTE[task.args.name](task)


def _report(task: Task) -> tuple[Result, CoverageWarning]:
    report, facts = report_on(task.given, task.args.now, **_report_options(task))
    return _report_result(report, ["store_id"], task), facts


def _history(task: Task) -> tuple[Result, CoverageWarning]:
    history, facts = history_on(
        task.given, instants_of(task.args, task.now), **_report_options(task)
    )
    return _report_result(history, ["now", "store_id"], task), facts


def _report_options(task: Task) -> dict[str, Any]:
    return {
        "windows": task.windows,
        "policy": task.policy,
        "detail": needs_detail(task.args),
        "batch_stores": task.args.batch_stores,
        "progress": task.console.draw,
    }


def _report_result(detailed: pl.DataFrame, keys: list[str], task: Task) -> Result:
    """Return the report or history as it is shown, or its summary if that was asked for."""
    args, windows = task.args, task.windows
    detailed = only_stores(detailed, args)
    usual = [f"{part}_{name}" for name in windows for part in ("uptime", "downtime")]
    report = detailed if args.detail else detailed.select(*keys, *usual)
    if task.groups is None and args.target is None:
        shown = chosen_rows(report, args)
        table = partial(to_table, shown, windows, detail=args.detail, most_rows=args.top)
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
        brief = shown if args.detail else shown.drop(_SUMMARY_DETAILS)
        table = partial(to_plain_table, brief, [*keys, "window"], most_rows=args.top)
        noun = "row"
    missed = ""
    if args.fail_below is not None:
        missed = complaint(detailed, keys, shown, windows, args.fail_below)
    return Result(shown, table, noun, missed)


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


def _outages(task: Task) -> tuple[Result, CoverageWarning]:
    outages, facts = pieces_on(list_outages, task.given, task.args.now, **_piece_options(task))
    if task.args.ongoing:
        outages = outages.filter("ongoing")
    if task.groups is None and task.args.sum_keys is None:
        return _pieces_result(outages, "outage", task), facts
    return _outage_sums(outages, task), facts


def _outage_sums(outages: pl.DataFrame, task: Task) -> Result:
    args, by = task.args, task.args.sum_keys
    keys = by
    if task.groups is not None:
        # Ids are compared as they stand in the files.
        outages = outages.with_columns(pl.col("store_id").cast(pl.String))
        by, keys = only_stores(task.groups, args), _names_of_groups(task.groups)
    shown = chosen_rows(summarize_outages(only_stores(outages, args), by), args)
    return Result(shown, partial(to_plain_table, shown, keys, most_rows=args.top), "row")


def _timeline(task: Task) -> tuple[Result, CoverageWarning]:
    timeline, facts = pieces_on(list_pieces, task.given, task.args.now, **_piece_options(task))
    return _pieces_result(timeline, "piece", task), facts


def _piece_options(task: Task) -> dict[str, Any]:
    return {
        # As text, so that a message shows it as it is typed.
        "start": task.args.start and task.args.start.isoformat(),
        "policy": task.policy,
        "batch_stores": task.args.batch_stores,
        "progress": task.console.draw,
    }


def _pieces_result(
    pieces: pl.DataFrame, noun: str, task: Task, columns: Sequence[str] | None = None
) -> Result:
    """Return the rows that are asked for; a person sees only `columns` of them, or all."""
    shown = brief = chosen_rows(only_stores(pieces, task.args), task.args)
    if task.args.local:
        zones = zones_of(task.tables, task.policy.default_timezone)
        shown, brief = (in_local_time(shown, zones, unit) for unit in ("auto", "minutes"))
    brief = brief.select(columns or brief.columns)
    table = partial(to_plain_table, brief, ["store_id"], most_rows=task.args.top)
    return Result(shown, table, noun)


def _polls(task: Task) -> tuple[Result, CoverageWarning]:
    described, sums, facts = polls_on(task.given, task.args.now, **_piece_options(task))
    sorted_by = task.args.sort and task.args.sort.column.removesuffix("_seconds")
    columns = [name for name in described.columns if name in _POLLS_BRIEF or name == sorted_by]
    result = _pieces_result(described, "store", task, columns)
    return result._replace(remark=_gap_ratio(sums)), facts


def _gap_ratio(sums: GapSums) -> str:
    if sums.ratio is None:
        return "no gap ratio of the fleet"
    gaps = counted(sums.count_inactive, "gap")
    return f"gap ratio {sums.ratio:.2f} of the fleet ({gaps} after inactive polls)"


_COMPUTE: Mapping[str, Callable[[Task], tuple[Result, CoverageWarning]]] = {
    "report": _report,
    "history": _history,
    "outages": _outages,
    "timeline": _timeline,
    "polls": _polls,
}
