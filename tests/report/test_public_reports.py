"""Situations from public bug reports, with what they should have given.

``public_reports.json`` holds them, a report a block: `source` (repository and number, of GitHub
unless it says otherwise), the situation and what its reporter expected, in words; then the same as
tables, what is called with them, and the numbers that the rules of this library give, worked out
by hand (`how`). Where the rules differ from the reporter, the numbers are those of the rules.

- `status`: store, instant, word; or instead of the instant the first and the last of polls so many
  minutes apart. `hours`: store, weekday or list of weekdays, start, end. The other tables have
  their columns in the order of the documentation; a table that is not there has no rows.
- `files`: the lines of files for `load_csv`.
- `windows`: rolling (seconds, unit) or calendar (period, offset, unit). `policy`: what differs from
  the default; ``max_gap_s`` null where a number rests on polls that speak for longer than a day.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from store_uptime import (
    CalendarWindow,
    Inputs,
    Policy,
    RejectedRowsWarning,
    StoreUptimeError,
    Window,
    compute_outages,
    compute_report,
    compute_timeline,
    load_csv,
    summarize,
)

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("public_reports.json").read_text(encoding="utf-8")
)
COLUMNS = {
    "status": ("store_id", "timestamp_utc", "status"),
    "hours": ("store_id", "day_of_week", "start_time_local", "end_time_local"),
    "timezones": ("store_id", "timezone_str"),
    "special_hours": ("store_id", "date", "start_time_local", "end_time_local"),
    "maintenance": ("store_id", "start_utc", "end_utc"),
}
FORM = "%Y-%m-%d %H:%M:%S UTC"


def polls_of(store: str, when: str | Mapping[str, Any], word: str) -> list[tuple[Any, ...]]:
    if isinstance(when, str):
        return [(store, when, word)]
    instant, last = (datetime.strptime(when[name], FORM) for name in ("first", "last"))  # noqa: DTZ007  # written back in the same form
    rows = []
    while instant <= last:
        rows.append((store, instant.strftime(FORM), word))
        instant += timedelta(minutes=when["every_minutes"])
    return rows


def rows_of(table: str, written: list[Any]) -> list[tuple[Any, ...]]:
    if table == "status":
        return [poll for row in written for poll in polls_of(*row)]
    if table == "hours":
        return [
            (store, day, start, end)
            for store, days, start, end in written
            for day in (days if isinstance(days, list) else [days])
        ]
    return [tuple(row) for row in written]


def frame_of(case: Mapping[str, Any], table: str) -> pl.DataFrame:
    types = {name: pl.Int64 if name == "day_of_week" else pl.String for name in COLUMNS[table]}
    return pl.DataFrame(rows_of(table, case.get(table, [])), schema=types, orient="row")


def inputs_of(case: Mapping[str, Any], folder: Path) -> Inputs:
    if "files" not in case:
        tables = {name: frame_of(case, name) for name in COLUMNS}
        required = [tables.pop(name) for name in ("status", "hours", "timezones")]
        return Inputs(*required, extra={name: rows for name, rows in tables.items() if len(rows)})
    for name, lines in case["files"].items():
        (folder / name).write_text("".join(f"{line}\n" for line in lines))
    options: dict[str, Any] = case.get("load", {})
    lenient: AbstractContextManager[Any] = nullcontext()
    if not options.get("strict", True):
        lenient = pytest.warns(RejectedRowsWarning)
    with lenient:
        return load_csv(folder, **options)


def window_of(kind: str, length: Any, *rest: Any) -> Window | CalendarWindow:
    if kind == "rolling":
        return Window(timedelta(seconds=length), *rest)
    return CalendarWindow(length, *rest)


def policy_of(written: Mapping[str, Any]) -> Policy:
    """Return the policy; lengths of time are written in seconds."""
    rules: dict[str, Any] = {}
    for name, value in written.items():
        if name.endswith("_s"):
            rules[name[:-2]] = None if value is None else timedelta(seconds=value)
        else:
            rules[name] = value
    return Policy(**rules)


def plain(value: Any) -> Any:
    """Return instants and lengths as the cases write them."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.total_seconds() if isinstance(value, timedelta) else value


def answer(case: Mapping[str, Any], folder: Path) -> list[dict[str, Any]]:
    """Return the rows of what the case calls."""
    inputs = inputs_of(case, folder)
    options: dict[str, Any] = {"policy": policy_of(case.get("policy", {}))}
    spans = {"compute_timeline": compute_timeline, "compute_outages": compute_outages}
    if case["call"] in spans:
        found = spans[case["call"]](inputs, now=case["now"], start=case.get("start"), **options)
    else:
        shown: dict[str, Any] = {}
        if "windows" in case:
            shown["windows"] = {name: window_of(*said) for name, said in case["windows"].items()}
        found = compute_report(inputs, now=case["now"], detail=True, **(options | shown))
        if case["call"] == "summarize":
            target = {"target": case["target"]} if "target" in case else {}
            found = summarize(found, **(shown | target))
    return [{name: plain(value) for name, value in row.items()} for row in found.to_dicts()]


@pytest.mark.filterwarnings("ignore::store_uptime.CoverageWarning")
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_report_is_answered(case: dict[str, Any], tmp_path: Path) -> None:
    expected = case["expected"]
    if "error" in expected:
        with pytest.raises(StoreUptimeError) as caught:
            answer(case, tmp_path)
        assert type(caught.value).__name__ == expected["error"]
        for word in expected["mentions"]:
            assert word in str(caught.value)
        return
    found = answer(case, tmp_path)
    if "stores" in expected:
        # JSON has texts alone as keys.
        stores = [str(row["store_id"]) for row in found]
        assert stores == sorted(expected["stores"])
        wanted = [expected["stores"][store] for store in stores]
    elif "timeline" in expected:
        names = ("store_id", "start", "end", "state")
        wanted = [dict(zip(names, row, strict=True)) for row in expected["timeline"]]
    else:
        wanted = expected["outages"] if "outages" in expected else expected["rows"]
    assert [
        {name: row[name] for name in said} for row, said in zip(found, wanted, strict=True)
    ] == wanted


def test_every_case_says_where_it_is_from_and_what_was_expected() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES) == 61
    said = ("source", "situation", "reporter_expected", "expected")
    assert [case["id"] for case in CASES if not all(case.get(name) for name in said)] == []
