"""The facts of errors and warnings: a service can send them on as JSON, and they are never long."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from store_uptime import (
    CoverageWarning,
    PolicyError,
    RejectedRowsWarning,
    StoreUptimeError,
    Window,
    compute_report,
    load_csv,
)
from support.bad_tables import report, tables
from support.csv_files import STATUS, write
from support.faults import facts_in_json


def facts_told(call: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(StoreUptimeError) as caught:
        call()
    return facts_in_json(caught.value)


def test_long_texts_among_the_values_lose_their_middle(tmp_path: Path) -> None:
    long = "a" * 5_000 + "z" * 5_000
    doors: list[Callable[[], Any]] = [
        lambda: report(status={"status": [long, long]}),
        lambda: report(timezones={"timezone_str": [long, long]}),
        lambda: load_csv(**write(tmp_path, status=STATUS.replace("active", long))),
        lambda: compute_report(*tables(), now=long),
    ]
    for call in doors:
        (value, *_) = facts_told(call)["values"]
        assert len(value) == 1_000
        assert value.startswith("aaa")
        assert "..." in value
        assert value.endswith("zzz")


def test_at_most_five_values_are_kept_wherever_they_come_from() -> None:
    windows = {f"{prefix}{name}": Window("1d") for prefix in ("", "min_") for name in range(9)}
    facts = facts_told(lambda: compute_report(*tables(), windows=windows, detail=True))
    assert facts["values"] == [f"uptime_min_{name}" for name in range(5)]  # of nine
    error = PolicyError("is wrong", code="wrong_number", values=range(10**6))
    assert error.values == (0, 1, 2, 3, 4)


def test_a_text_of_a_thousand_characters_is_kept_whole() -> None:
    error = PolicyError("is wrong", code="wrong_number", values=["x" * 1_000, "x" * 1_001])
    assert error.values[0] == "x" * 1_000
    assert error.values[1] == f"{'x' * 665}...{'x' * 332}"  # 997 are left, a third of them behind


WARNINGS: list[tuple[UserWarning, dict[str, Any]]] = [
    (
        RejectedRowsWarning("3 rows left out", {"status": 2, "hours": 1}, ["8419537941919820732"]),
        {"counts": {"status": 2, "hours": 1}, "stores": ["8419537941919820732"]},
    ),
    (
        CoverageWarning(
            known={"week": 0.25, "day": None},
            window="week",
            stores=3,
            stores_unknown=2,
            first_poll=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
            last_poll=None,
            now=dt.datetime(2024, 1, 2, tzinfo=dt.UTC),
            unmet=("hours",),
        ),
        {
            "known": {"week": 0.25, "day": None},
            "window": "week",
            "stores": 3,
            "stores_unknown": 2,
            "first_poll": "2024-01-01 00:00:00+00:00",
            "last_poll": None,
            "now": "2024-01-02 00:00:00+00:00",
            "unmet": ["hours"],
            "from_timeline": False,
            "covers": None,
            "outside": [],
        },
    ),
]


@pytest.mark.parametrize(("warning", "facts"), WARNINGS, ids=["rejected", "coverage"])
def test_the_facts_of_warnings_can_be_sent_on(warning: UserWarning, facts: dict[str, Any]) -> None:
    assert json.loads(json.dumps(vars(warning), default=str)) == facts


def test_the_facts_of_a_real_warning_can_be_sent_on() -> None:
    status, hours, timezones = tables()
    early = status.with_columns(pl.lit("2020-01-01 00:00:00 UTC").alias("timestamp_utc"))
    with pytest.warns(CoverageWarning) as told:
        compute_report(early, hours, timezones, now="2023-01-25T18:00:00Z")
    facts = json.loads(json.dumps(vars(told[0].message), default=str))
    assert facts["known"]["last_week"] == 0
    assert facts["first_poll"] == "2020-01-01 00:00:00+00:00"
