"""The report of a night, against a fleet whose truth is known."""

from __future__ import annotations

import datetime as dt
import sqlite3

import polars as pl
import pytest
from status_page.service import WINDOWS, write_night

from store_uptime.testing import (
    Dataset,
    assert_report_equal,
    assert_report_valid,
    make_dataset,
)


def written(connection: sqlite3.Connection, run_id: str) -> pl.DataFrame:
    """Return the report of a run as it stands in the database."""
    rows = connection.execute("SELECT * FROM reports WHERE run_id = ?", (run_id,))
    names = [column[0] for column in rows.description]
    report = pl.DataFrame(rows.fetchall(), names, orient="row", infer_schema_length=None)
    return report.drop("run_id", "generated_at").sort("store_id")


def test_a_report_keeps_every_law(
    database: sqlite3.Connection, store_uptime_dataset: Dataset, frozen_now: dt.datetime
) -> None:
    store_uptime_dataset.to_sql(database, if_exists="replace")
    report = written(database, write_night(database, frozen_now))
    assert_report_valid(report, WINDOWS)
    assert report.height == store_uptime_dataset.truth(WINDOWS).height


def test_a_night_that_is_written_again_is_the_same_night(
    database: sqlite3.Connection, store_uptime_dataset: Dataset, frozen_now: dt.datetime
) -> None:
    store_uptime_dataset.to_sql(database, if_exists="replace")
    first = written(database, write_night(database, frozen_now))
    again = written(database, write_night(database, frozen_now))
    assert_report_equal(first, again, windows=WINDOWS)


# With a poll every two minutes a change of state is seen at most a minute too early or too late,
# and a store has some 16 changes in the eight days.
def test_with_dense_polls_it_is_near_the_truth(database: sqlite3.Connection) -> None:
    dataset = make_dataset(10, days=8, seed=1, poll_every="2m", jitter=0, outage_length="2h")
    dataset.to_sql(database, if_exists="replace")
    report = written(database, write_night(database, dataset.now))
    assert_report_equal(report, dataset.truth(WINDOWS), windows=WINDOWS, tolerance="20m")


# The share of the true downtime that the report tells of, where polls are lost during outages.
@pytest.mark.parametrize(("lost", "told"), [(0.0, (0.9, 1.1)), (0.9, (0.2, 0.7))])
def test_polls_that_are_lost_while_a_store_is_down_hide_downtime(
    database: sqlite3.Connection, lost: float, told: tuple[float, float]
) -> None:
    dataset = make_dataset(100, days=8, seed=2, missing_while_down=lost)
    dataset.to_sql(database, if_exists="replace")
    report = written(database, write_night(database, dataset.now))
    down, truly_down = (
        float(each["downtime_week"].sum()) for each in (report, dataset.truth(WINDOWS))
    )
    assert told[0] < down / truly_down < told[1]
