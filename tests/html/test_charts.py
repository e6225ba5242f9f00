"""The charts of the page: which there are, and of what."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from store_uptime import Policy, Window, html_report
from store_uptime._html.behind import compute_behind
from store_uptime._html.charts import draw_charts
from store_uptime._html.contents import page_order
from store_uptime._tables.gather import gather
from store_uptime.testing import polls

pytestmark = pytest.mark.usefixtures("extras")

NOW = "2024-05-17T12:00:00Z"
STORY = polls("""
    1 Thu 12:00 up, 15:00 down, 18:00 up, Fri 00:00 up, 06:00 up, 12:00 up
    2 Thu 12:00 up, 18:00 up, Fri 00:00 up, 06:00 up, 12:00 down
""")


@pytest.fixture
def titles(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what the charts are called, undrawn."""
    monkeypatch.setattr(
        "store_uptime._html.charts.scheme_svg", lambda chart: chart.to_dict()["title"]["text"]
    )

    def titles_of(status: pl.DataFrame, length: str, **extra: Any) -> list[str]:
        windows, policy = {"window": Window(length)}, Policy()
        given = gather(status, **extra)
        how: dict[str, Any] = {"windows": windows, "policy": policy}
        behind = compute_behind(given, NOW, batch_stores=None, progress=None, **how)
        order = page_order(given, status, target=0.99, title=None, **how)
        return [*draw_charts(behind, order)]

    return titles_of


def test_the_charts_of_a_day(titles: Any) -> None:
    assert titles(STORY, "1d") == [
        "Availability of all stores, hour by hour",
        "How many stores have which availability (window)",
        "The lowest availabilities (window)",
        "When do stores go down?",
        "When stores were up and down",
    ]


def test_without_open_time_there_are_none(titles: Any) -> None:
    assert titles(STORY.clear(), "1d") == []


@pytest.mark.parametrize(
    ("length", "step"), [("2h", None), ("7d", "day by day"), ("100d", "week by week")]
)
def test_how_the_fleet_goes_on_is_told_in_steps_that_fit(
    titles: Any, length: str, step: str | None
) -> None:
    """Two hours have two such steps, which show nothing."""
    found = [title for title in titles(STORY, length) if title.startswith("Availability of all")]
    assert found == [f"Availability of all stores, {step}"] * (step is not None)


def test_a_timeline_of_the_last_week_needs_open_time_in_it(titles: Any) -> None:
    status = polls("1 2024-05-01 12:00 up, 13:00 down, 14:00 up")
    closed = {"store_id": [1], "start_utc": ["2024-05-02 00:00:00"], "end_utc": [None]}
    shut = pl.DataFrame(closed, schema_overrides={"end_utc": pl.String})
    assert "When stores were up and down" in titles(status, "30d")
    assert "When stores were up and down" not in titles(status, "30d", maintenance=shut)


def test_a_store_that_changes_all_the_time_has_no_timeline(titles: Any) -> None:
    """Up and down in turns each minute for three days: 4,320 pieces."""
    start, count = dt.datetime(2024, 5, 14, 12, tzinfo=dt.UTC), 3 * 24 * 60
    instants = [start + dt.timedelta(minutes=minute) for minute in range(count)]
    status = pl.DataFrame(
        {"store_id": 1, "timestamp_utc": instants, "status": ["active", "inactive"] * (count // 2)}
    )
    found = titles(status, "7d")
    assert "When stores were up and down" not in found
    assert "When do stores go down?" in found


def test_equal_input_makes_an_equal_file_whatever_the_order(tmp_path: Path) -> None:
    files = [
        html_report(
            rows,
            now=NOW,
            windows={"day": Window("1d")},
            path=tmp_path / f"{name}.html",
            batch_stores=size,
        )
        for name, rows, size in (("a", STORY, None), ("b", STORY.reverse(), 1))
    ]
    assert files[0].read_bytes() == files[1].read_bytes()
