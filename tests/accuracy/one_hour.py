"""What one report of the last hour says of that hour."""

from __future__ import annotations

import polars as pl

from accuracy.measured import MINUTES, ROUNDING, compare, report_at, truth_at
from accuracy.rules_compared import DAYS, NOW, SEED
from store_uptime import Policy
from store_uptime.testing import make_dataset

HOUR = {"hour": MINUTES["hour"]}
WHOLE = 60.0
SAID = {
    "all of it up": pl.col("uptime") > WHOLE - ROUNDING,
    "some of it": pl.col("uptime").is_between(ROUNDING, WHOLE - ROUNDING),
    "none of it": pl.col("uptime") < ROUNDING,
}


def read_hours(stores: int, rate: str, length: str) -> pl.DataFrame:
    """Return for each kind of report how many there are, and what was true.

    Of hours in which a store is open throughout: `share` of them, `right` (the truth is just what
    is reported, to the second), the means of the true uptime and of ``uptime_min`` and
    ``uptime_max``, and between which true uptimes nine of ten hours lie.
    """
    dataset = make_dataset(
        stores, DAYS, seed=SEED, now=NOW, poll_every=rate, outage_length=length, without_hours=1
    )
    reports = report_at(dataset.inputs, [NOW], Policy(), HOUR, told=False)
    hours = compare(reports, truth_at(dataset, [NOW], HOUR))
    true = pl.col("true_uptime")
    rows = [
        hours.filter(holds).select(
            said=pl.lit(said),
            share=pl.len() / hours.height,
            right=(pl.col("error").abs() < 1 / 60).mean(),
            mean=true.mean(),
            least=pl.col("least").mean(),
            most=pl.col("most").mean(),
            low=true.quantile(0.05),
            high=true.quantile(0.95),
        )
        for said, holds in SAID.items()
    ]
    return pl.concat(rows)
