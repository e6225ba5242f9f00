"""The study of accuracy: its measures by hand, its simulations where the answer is known."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from accuracy import question_tables, study, tables
from accuracy.cells import MINUS, NOTHING
from accuracy.fixed_times import judge_polls
from accuracy.lost_polls import judge_lost_while_down
from accuracy.measured import MINUTES, compare, score, slope
from accuracy.pictures import PICTURES, picture_rates
from accuracy.rules_compared import (
    EVIDENCE,
    INTERPOLATIONS,
    LENGTHS,
    RATES,
    TERMINALS,
    compare_rules,
)

SVG = "{http://www.w3.org/2000/svg}"
if not study.PAGE.is_file():
    pytest.skip("the page is not beside these tests", allow_module_level=True)


def hours(**columns: list[float | None]) -> pl.DataFrame:
    """Return reports of the last hour, a store a row, as `compute_history` gives them."""
    count = len(next(iter(columns.values())))
    return pl.DataFrame(
        {"now": [0] * count, "store_id": range(count)}
        | {f"{name}_hour": values for name, values in columns.items()}
    )


# Open for an hour, and wholly known; the third is closed, the fourth not wholly known.
REPORTS = hours(
    uptime=[60, 20, 0, 30, 60],
    unknown=[0, 0, 0, 10, 0],
    scheduled=[60, 60, 0, 60, 60],
    uptime_min=[30, 10, 0, 0, 55],
    uptime_max=[60, 40, 0, 60, 60],
)
TRUTH = hours(uptime=[60, 45, 0, 30, 50])


def test_the_score_of_three_hours() -> None:
    found = score(compare(REPORTS, TRUTH), "hour")
    assert found.windows == 3
    assert found.error == (0 + 25 + 10) / 3
    assert found.bias == (0 - 25 + 10) / 3
    # 60 is in 30 to 60; 45 is not in 10 to 40, nor 50 in 55 to 60. The last two were down.
    assert found.proved == 1 / 3
    assert found.proved_down == 0
    assert (found.told, found.told_down) == (None, None)


def test_what_is_told_of_the_error_is_scored() -> None:
    error = pl.Series("uptime_error_hour", [0.0, 12.5, None, 9.0, 4.9])
    found = score(compare(REPORTS.with_columns(error), TRUTH), "hour")
    # 25 is just twice 12.5; 10 is more than twice 4.9.
    assert found.told == 2 / 3
    assert found.told_down == 1 / 2


def test_of_no_window_nothing_is_said() -> None:
    found = score(compare(REPORTS.head(0), TRUTH), "hour")
    assert (found.windows, found.error, found.proved) == (0, None, None)


def test_the_exponent_of_powers_and_between_them() -> None:
    assert slope([5, 10, 20], [3, 6, 12]) == pytest.approx(1)
    assert slope([1, 4, 16], [7, 14, 28]) == pytest.approx(1 / 2)
    # Twice, and then four times as much at each doubling: the line between has 3 halves.
    assert slope([1, 2, 4], [1, 2, 8]) == pytest.approx(3 / 2)


# An outage from 14:00 to 14:30. The poll at 14:10 finds it, those at 13:10 and 15:10 do not; so it
# counts from 13:40 to 14:40: 60 minutes, on each of seven days. No poll at :40 finds it.
@pytest.mark.parametrize(
    ("kind", "reported", "proved"), [("all at :10", 420, 1), ("all at :40", 0, 0)]
)
def test_polls_at_a_fixed_minute(kind: str, reported: float, proved: float) -> None:
    found = judge_polls(kind, told=False)
    assert found["fleet"] == pytest.approx(reported)
    assert found["error"] == pytest.approx(210)  # 7 * 30 is the truth
    assert found["proved"] == proved


def test_polls_at_random_are_nearer_than_those_at_a_minute_of_their_own() -> None:
    own = judge_polls("each store at a minute of its own", told=False)
    # Of 60 minutes 30 find the outage: half of the stores 420, half nothing.
    assert own["fleet"] == pytest.approx(210)
    assert own["error"] == pytest.approx(210)
    error = judge_polls("at random in each hour", told=False)["error"]
    # Of seven outages a poll finds each with a chance of 1/2. How many it finds is off by
    # 2 * (1 * 3.5 + 7 * 2.5 + 21 * 1.5 + 35 * 0.5) / 128 = 1.09 in the mean, of about 60 minutes
    # each: 66 minutes, and a little more, since gaps differ.
    assert error is not None
    assert 60 < error < 80


def test_with_evidence_of_open_time_a_terminal_that_is_off_makes_no_difference() -> None:
    found = {
        (terminals, rule.interpolation, rule.evidence): score(compared, "week").error
        for terminals, rule, compared in compare_rules(30, "1h", "1h", told=False)
    }
    assert len(found) == 3 * 6
    for interpolation in INTERPOLATIONS:
        on, off, half = (found[each, interpolation, "open"] for each in TERMINALS)
        assert on == off == pytest.approx(half)
        on, off, half = (found[each, interpolation, "all"] for each in TERMINALS)
        assert on is not None
        assert off is not None
        assert half is not None
        assert on < half < off


def test_lost_polls_hide_downtime_and_stretch_the_gaps() -> None:
    kept = judge_lost_while_down(100, "15m", "4h", 0, told=False)
    lost = judge_lost_while_down(100, "15m", "4h", 0.5, told=False)
    assert kept["found"] == pytest.approx(1, abs=0.02)
    assert kept["ratio"] == pytest.approx(1, abs=0.03)
    # The way from one poll to the next that is not lost: 1, 2, 3 ... stretches with a chance of
    # 1/2, 1/4, 1/8 ..., two in the mean, but cut short where the store comes up again.
    assert lost["ratio"] is not None
    assert 1.7 < lost["ratio"] < 2
    assert lost["found"] is not None
    assert lost["found"] < 0.98


# --- the page ---------------------------------------------------------------------------------------


def made_up_grid() -> pl.DataFrame:
    """Return a grid in which the error is a tenth of the distance, and others are worse."""
    rows = [
        {
            "every": rate,
            "length": length,
            "terminals": terminals,
            "interpolation": interpolation,
            "evidence": evidence,
            "window": window,
            "windows": 10,
            "error": RATES[rate] / 10 * (1 if evidence == "open" else 2),
            "bias": -0.4 if terminals == "on" else 0.6,
            "proved": 0.75,
            "proved_down": 0.625,
            "told": None,
            "told_down": None,
        }
        for rate, length, terminals, interpolation, evidence, window in itertools.product(
            RATES, LENGTHS, TERMINALS, INTERPOLATIONS, EVIDENCE, MINUTES
        )
    ]
    return pl.DataFrame(rows, schema_overrides={"told": pl.Float64, "told_down": pl.Float64})


def test_the_tables_of_a_made_up_grid() -> None:
    grid = made_up_grid()
    rates = tables.of_rates(grid).splitlines()
    assert (
        rates[2] == "| 5 minutes | 0.50 / 0.50 / 0.50 | 0.50 / 0.50 / 0.50 | 0.50 / 0.50 / 0.50 |"
    )
    assert rates[8] == "| 4 hours | 24 / 24 / 24 | 24 / 24 / 24 | 24 / 24 / 24 |"
    assert rates[10].endswith("| 1.00 / 1.00 / 1.00 |")
    errors = tables.of_errors(grid).splitlines()
    # Six minutes at an hour's distance; a bias rounds to a minute, and of nothing there is no sign.
    assert errors[2].startswith(
        f"| `nearest`, `open` | 6.0 | 6.0 | 6.0 | {MINUS}0.4 / +0.6 / +0.6 | 0 / +1 "
    )
    assert errors[5].startswith("| `nearest`, `all` | 12 | 12 | 12 |")
    nothing = " | ".join([NOTHING] * 3)
    assert f"| `next`, `all` | 75 % | 75 % | 75 % | {nothing} |" in tables.of_promises(grid)
    hours = tables.of_coverage(grid.with_columns(told_down=0.5), "hour").splitlines()
    assert hours[0].endswith("| `uptime ± 2 error` | the same, hours with downtime |")
    # 0.625 rounds to the even 62.
    cells = [" / ".join([each] * 3) for each in ("75 %", "62 %", NOTHING, "50 %")]
    assert hours[8] == f"| 4 hours | {' | '.join(cells)} |"
    better = tables.of_better_rules(grid).splitlines()
    assert better[2] == f"| stay on | hour | 21 of 21 | 21 of 21 | {NOTHING} |"


def test_an_error_that_is_a_share_of_the_distance_is_a_straight_line() -> None:
    drawn = ET.fromstring(picture_rates(made_up_grid()))  # noqa: S314  # made by ourselves
    lines = [each for each in drawn.iter(f"{SVG}polyline") if each.get("class") == "line s0"]
    points = [tuple(map(float, pair.split(","))) for pair in lines[0].get("points", "").split()]
    (x0, y0), (x1, y1) = points[0], points[-1]
    assert y1 < y0  # a larger error is further up
    for x, y in points:
        assert y == pytest.approx(y0 + (y1 - y0) * (x - x0) / (x1 - x0), abs=0.2)


def test_the_page_has_a_place_for_each_table_and_keeps_its_text() -> None:
    page = study.PAGE.read_text(encoding="utf-8")
    names = re.findall(r"<!-- (\w+) -->", page)
    blocks = {
        name: re.findall(rf"<!-- {name} -->\n\n(.*?)\n\n<!-- end", page, re.DOTALL)[0]
        for name in names
        if name != "end"
    }
    assert study.fill(page, blocks) == page
    assert all(block.startswith("| ") for block in blocks.values())
    with pytest.raises(ValueError, match="0 places for else"):
        study.fill(page, {"else": ""})
    # The one table that is made quickly shows whether the page is of this version.
    assert blocks["fixed"] == question_tables.of_fixed_times()


@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_is_small_and_shown(name: str) -> None:
    path = study.DOCS / "pictures" / name
    text = path.read_text(encoding="utf-8")
    assert len(text) < 60_000
    assert ET.fromstring(text).tag == f"{SVG}svg"  # noqa: S314  # made by ourselves
    assert "prefers-color-scheme: dark" in text
    assert f"](pictures/{Path(name)})" in study.PAGE.read_text(encoding="utf-8")
