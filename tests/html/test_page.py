"""The file: what is in it, how large it is, and that it is there whole or not at all."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
import warnings
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from store_uptime import (
    CalendarWindow,
    CoverageWarning,
    Inputs,
    MissingDependencyError,
    Policy,
    PolicyError,
    SchemaError,
    Window,
    compute_report,
    html_report,
    load_csv,
    summarize,
)
from store_uptime._html import page as page_module
from store_uptime.testing import Dataset, make_dataset, polls, weekly

pytestmark = pytest.mark.usefixtures("extras", "no_charts")

DAY = {"day": Window("1d")}
STORY = polls("""
    1 Thu 12:00 up, 15:00 down, 18:00 up, Fri 00:00 up, 06:00 up, 12:00 up
    2 Thu 12:00 up, 18:00 up, Fri 00:00 up, 06:00 up, 12:00 down
""")
NOW = "2024-05-17T12:00:00Z"


class Texts(HTMLParser):
    """The texts of a page, without those of scripts and styles."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside: list[str] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in ("script", "style", "svg"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._inside:
            self.found.append(" ".join(data.split()))


def texts_of(path: Path) -> list[str]:
    return Texts(path.read_text("utf-8")).found


def after(texts: list[str], name: str) -> str:
    """Return the text behind the first one that is `name`."""
    return texts[texts.index(name) + 1]


def data_of(path: Path) -> dict[str, Any]:
    found = re.search(r'id="store-data">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


# --- what it says --------------------------------------------------------------------------------


def test_numbers_of_a_fleet_by_hand(tmp_path: Path) -> None:
    """Store 1 is down from 13:30 to 16:30, store 2 from 09:00 on: 6 of 48 hours, so 87.5 % up.

    Of a target of 90 %, 4.8 hours may be down, and 6 are: 125 %. Both stores are at 21 of 24 hours.
    """
    path = html_report(STORY, now=NOW, windows=DAY, target=0.9, path=tmp_path / "a.html")
    texts = texts_of(path)
    card = texts[texts.index("day") :]
    assert after(card, "day") == "87.500 %"
    assert after(card, "Up") == "42.00 hours"
    assert after(card, "Down") == "6.00 hours"
    assert after(card, "Unknown") == "0.00 hours"
    assert after(card, "Known") == "100 % of the open time"
    assert after(card, "Below 90 %") == "2 of 2 stores"
    assert after(card, "Error budget used") == "125.0 %"
    assert after(texts, "Downtime together") == "6 h"
    assert after(texts, "Still going on") == "1"
    assert after(texts, "Mean time to repair") == "3 h"
    data = data_of(path)
    assert data["ids"] == ["1", "2"]
    assert [column["steps"] for column in data["columns"]] == [
        [2100, 2100],
        [300, 300],
        [0, 0],
        [87500, 87500],
    ]


def test_outages_are_told_by_the_clock_of_the_store(tmp_path: Path) -> None:
    """13:30 in UTC is 08:30 in Chicago in May."""
    texts = texts_of(html_report(STORY, now=NOW, windows=DAY, path=tmp_path / "a.html"))
    assert "Thu 2024-05-16 08:30 -05:00" in texts
    assert "goes on" in texts


def test_the_reasons_say_what_the_policy_says(tmp_path: Path) -> None:
    status = polls("1 Thu 18:00 up\n2 Thu 18:00 up")
    hours = weekly("2 Fri 00:00-12:00")
    zones = pl.DataFrame({"store_id": [1, 2], "timezone_str": ["Etc/UTC"] * 2})
    where = {"now": NOW, "windows": DAY, "path": tmp_path / "a.html"}
    policy = Policy(backfill=False, max_gap="2h")
    with pytest.warns(CoverageWarning, match=r"Only 5\.5 %"):  # 2 of 24 + 12 hours
        texts = texts_of(html_report(status, hours, zones, policy=policy, **where))  # type: ignore[arg-type]
    assert after(texts, "Known") == "5.55 % of the open time"
    assert after(texts, "Before the first poll of the store") == "16.66 %"  # 6 hours
    assert after(texts, "After the last poll of the store, more than 2 h from it") == "44.44 %"
    assert after(texts, "The store was polled only while it was closed") == "33.33 %"
    assert after(texts, "Look at this first").startswith("Only 5.5 % of the open time is known")


def test_the_title_and_the_windows_are_told(tmp_path: Path) -> None:
    windows = {"last_month": CalendarWindow("month"), "so_far": CalendarWindow("day", 0)}
    windows |= {"month_2": CalendarWindow("month", -2)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = html_report(
            STORY, now=NOW, windows={**windows, "moving": Window("1mo")}, path=tmp_path / "a.html"
        )
    texts = texts_of(path)
    assert texts.count("Uptime of 2 stores") == 2
    assert "the last full month, in each store's own zone, in hours:" in texts
    assert "2024-04-01 to 2024-04-30" in texts
    assert "2024-03-01 to 2024-03-31" in texts
    assert "2024-05-17 to now" in texts
    assert "2024-04-17 12:00:00 UTC to 2024-05-17 12:00:00 UTC" in texts


def test_every_rule_of_the_policy_is_told_either_way(tmp_path: Path) -> None:
    other = Policy(
        interpolation="previous",
        evidence="all",
        backfill=False,
        max_gap=None,
        lookback=None,
        missing_days="open",
        snap_midnight=False,
        default_timezone="Etc/UTC",
    )
    first, second = (
        texts_of(html_report(STORY, now=NOW, windows=DAY, policy=policy, path=tmp_path / "a.html"))
        for policy in (Policy(), other)
    )
    for texts, name in ((first, "max_gap = 1d"), (second, "max_gap = None")):
        assert name in texts
    rules = slice(-18, -1)
    assert len(set(first[rules]) & set(second[rules])) <= 1  # the heading


def test_rows_that_a_loader_left_out_are_told(tmp_path: Path) -> None:
    status, hours = tmp_path / "status.csv", tmp_path / "hours.csv"
    status.write_text(
        "store_id,timestamp_utc,status\n7,2023-01-25 11:00:00,active\n7,2023-01-25 12:00:00,maybe\n"
        "8,2023-01-25 11:00:00,active\n"
    )
    hours.write_text(
        "store_id,day,start_time_local,end_time_local\n8,1,25:00,26:00\n7,1,9:00,12:00\n"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        inputs = load_csv(status=status, hours=hours, timezones=False, strict=False)
        path = html_report(inputs, path=tmp_path / "a.html")
    texts = texts_of(path)
    lead = after(texts, "Rows that were left out")
    assert lead.startswith("2 rows could not be used")
    assert lead.endswith("1 store left out whole, of every table: 8.")
    for reason in inputs.rejected["reason"]:
        assert after(texts, reason) == "1"


def test_of_many_kinds_of_such_rows_the_first_are_told(tmp_path: Path) -> None:
    kinds = {"table": "status", "file": "", "line": 1, "store_id": "7", "text": ""}
    rejected = pl.DataFrame({**kinds, "reason": [f"reason {number:02}" for number in range(21)]})
    nowhere = weekly("9 Mon 09:00-10:00").clear()
    zones = pl.DataFrame(schema={"store_id": pl.Int64, "timezone_str": pl.String})
    inputs = Inputs(STORY, nowhere, zones, rejected=rejected)
    texts = texts_of(html_report(inputs, now=NOW, path=tmp_path / "a.html"))
    assert after(texts, "Rows that were left out") == (
        "21 rows could not be used, and were left out when the tables were read. The first 20 of 21 "
        "kinds:"
    )
    assert "reason 19" in texts
    assert "reason 20" not in texts


def test_with_uncertainty_each_uptime_has_its_error(tmp_path: Path, dataset: Dataset) -> None:
    path = html_report(dataset.inputs, uncertainty=True, path=tmp_path / "a.html")
    report = compute_report(dataset.inputs, uncertainty=True)
    column = data_of(path)["columns"][11]
    for step, error in zip(column["steps"], report["uptime_error_last_week"], strict=True):
        assert (step is None) == (error is None)
        assert step is None or 0 <= step - error * 100 < 1  # rounded up
    total = summarize(report)["uptime_error"][2]
    texts = texts_of(path)
    told = texts[len(texts) - texts[::-1].index("± error of the uptime")]
    assert 0 <= float(told.split(" ")[0].replace(",", "")) - total < 0.01


def test_without_stores_there_is_a_page_all_the_same(tmp_path: Path) -> None:
    texts = texts_of(html_report(STORY.clear(), now=NOW, path=tmp_path / "a.html"))
    assert "Uptime of 0 stores" in texts
    assert after(texts, "last hour") == "no open time"
    assert "Charts" not in texts


def test_of_a_target_of_all_there_is_no_budget(tmp_path: Path) -> None:
    path = html_report(STORY, now=NOW, windows=DAY, target=1, path=tmp_path / "a.html")
    assert after(texts_of(path), "Error budget used") == "all, as no downtime is allowed"


# --- the file ------------------------------------------------------------------------------------


def test_it_grows_by_less_than_the_limit_allows(tmp_path: Path, dataset: Dataset) -> None:
    """With 14,000 stores it must stay below five million bytes; a million is left for charts."""
    data = make_dataset(340, 8, missing=0.05, without_hours=0.1, outages_per_day=0.5)
    less, more = (
        html_report(inputs, path=tmp_path / "a.html", title="").stat().st_size
        for inputs in (dataset.inputs, data.inputs)
    )
    assert less + (more - less) / 300 * 14_000 < 4_000_000


def test_it_takes_rows_that_can_be_read_only_once(tmp_path: Path) -> None:
    class Once:
        def __init__(self, rows: pl.DataFrame) -> None:
            self.rows: pl.DataFrame | None = rows

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            assert self.rows is not None
            rows, self.rows = self.rows, None
            return rows.__arrow_c_stream__(requested_schema)

    path = html_report(Once(STORY), now=NOW, windows=DAY, path=tmp_path / "a.html")
    assert data_of(path)["ids"] == ["1", "2"]


def test_progress_counts_up_once_to_all_stores(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    html_report(
        STORY,
        now=NOW,
        path=tmp_path / "a.html",
        batch_stores=1,
        progress=lambda done, of: told.append((done, of)),
    )
    assert [of for _, of in told] == [2] * len(told)
    done = [count for count, _ in told]
    assert done == sorted(done)
    assert done[-1] == 2


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.html"
    path.write_text("before")

    def fail(*_: object) -> bytes:
        raise RuntimeError

    monkeypatch.setattr("store_uptime._html.write.render_page", fail)
    with pytest.raises(RuntimeError):
        html_report(STORY, now=NOW, path=path)
    assert path.read_text() == "before"
    assert [*tmp_path.iterdir()] == [path]


def test_a_warning_that_is_an_error_leaves_no_file(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", CoverageWarning)
        with pytest.raises(CoverageWarning):
            html_report(STORY, now="2025-01-01T00:00:00Z", path=tmp_path / "a.html")
    assert [*tmp_path.iterdir()] == []


def test_it_warns_once_and_of_the_line_that_asked(tmp_path: Path) -> None:
    with pytest.warns(CoverageWarning) as caught:
        html_report(STORY, now="2025-01-01T00:00:00Z", path=tmp_path / "a.html")
    assert [warning.filename for warning in caught] == [__file__]


# --- what it refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "wrong", "kind", "code"),
    [
        ("path", 7, SchemaError, "not_a_path"),
        ("title", 7, PolicyError, "not_a_title"),
        ("target", 2, PolicyError, "wrong_number"),
        ("progress", 7, PolicyError, "not_callable"),
        ("windows", None, PolicyError, "no_windows"),
        ("policy", None, PolicyError, "not_a_policy"),
    ],
)
def test_wrong_options(
    tmp_path: Path, option: str, wrong: object, kind: type[Exception], code: str
) -> None:
    options: dict[str, Any] = {"path": tmp_path / "a.html", "now": NOW, option: wrong}
    with pytest.raises(kind) as caught:
        html_report(STORY, **options)
    assert caught.value.code == code  # type: ignore[attr-defined]


def test_a_folder_that_is_not_there_is_found_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        html_report("no table", path=tmp_path / "none/a.html")  # type: ignore[arg-type]


@pytest.mark.parametrize("package", ["altair", "vl_convert", "jinja2", "itables"])
def test_what_is_not_installed_is_named(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError) as caught:
        html_report(STORY, path=tmp_path / "a.html")
    assert caught.value.code == "missing_package"
    assert caught.value.remedy == (
        "Install what the extra html brings: pip install altair vl-convert-python jinja2 itables."
    )


def test_nothing_is_missed_before_it_is_used() -> None:
    code = (
        "import sys; sys.modules |= dict.fromkeys(['altair', 'vl_convert', 'jinja2', 'itables']); "
        "from store_uptime import html_report; import store_uptime.cli"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603  # our own


def test_a_table_of_itables_in_another_form_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "_EXPORTS", re.compile("no such thing"))
    with pytest.raises(MissingDependencyError, match="itables"):
        page_module.render_page({}, "{}", [])


def test_an_inputs_is_one_argument(tmp_path: Path) -> None:
    inputs = Inputs(
        STORY,
        weekly("1 Thu 00:00-24:00"),
        pl.DataFrame(schema={"store_id": pl.Int64, "timezone_str": pl.String}),
        now=dt.datetime(2024, 5, 17, 12, tzinfo=dt.UTC),
    )
    texts = texts_of(html_report(inputs, path=tmp_path / "a.html", windows=DAY))
    assert after(texts, "Everything ends at (now)") == "2024-05-17 12:00:00 UTC"
    assert after(texts, "Tables given") == "status, hours, timezones"
