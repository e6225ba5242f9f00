"""Tables of rates: in which forms they may come, and what cannot be one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from store_uptime import Policy, SchemaError, compute_report
from store_uptime._tables.rates import check_uncertainty, read_rates
from store_uptime.testing import polls

STATUS = polls("7 Mon 10:14 up, 11:15 down\n8 Mon 10:00 up")
RATES = pl.DataFrame({"rate": [2.0, 0.5], "share_down": [0.01, 0.2], "weight": [0.75, 0.25]})


def report(rates: Any) -> pl.DataFrame:
    return compute_report(STATUS, uncertainty=True, rates=rates)


def with_rates(**columns: Any) -> pl.DataFrame:
    return RATES.with_columns(
        pl.Series(name, values, strict=False) for name, values in columns.items()
    )


@pytest.mark.parametrize(
    ("rates", "code", "said"),
    [
        (7, "not_a_table", "rates: a int is not a table."),
        (RATES.drop("weight"), "missing_column", "rates.weight: no such column"),
        (RATES.rename({"rate": "Rate"}), "missing_column", "rates.rate: no such column"),
        (RATES.cast({"rate": pl.String}), "unaccepted_type", "rates.rate: type String is not accepted. Accepted: numbers, such as Float64."),
        (RATES.cast({"weight": pl.Boolean}), "unaccepted_type", "rates.weight: type Boolean is not accepted."),
        (with_rates(rate=[0.0, 1.0]), "impossible_rates", "rates.rate: not a number above 0, in changes per hour, in 1 row (first: 0.0). Give what fit_outage_rates returned."),
        (with_rates(rate=[-1.0, float("inf")]), "impossible_rates", "rates.rate: not a number above 0, in changes per hour, in 2 rows (first: -1.0, inf)."),
        (with_rates(rate=[None, float("nan")]), "impossible_rates", "in 2 rows (first: None, nan)."),
        (with_rates(share_down=[0.0, 1.0]), "impossible_rates", "rates.share_down: not a number between 0 and 1, in 2 rows (first: 0.0, 1.0)."),
        (with_rates(share_down=[None, 0.5]), "impossible_rates", "rates.share_down: not a number between 0 and 1, in 1 row (first: None)."),
        (with_rates(weight=[1.25, -0.25]), "impossible_rates", "rates.weight: not a number 0 or more, in 1 row (first: -0.25)."),
        (with_rates(weight=[float("nan"), 1.0]), "impossible_rates", "rates.weight: not a number 0 or more, in 1 row (first: nan)."),
        (with_rates(weight=[0.75, 0.250002]), "impossible_rates", "rates.weight: the weights sum to 1.000002, not to 1."),
        (with_rates(weight=[0.0, 0.0]), "impossible_rates", "rates.weight: the weights sum to 0, not to 1."),
        (RATES.clear(), "impossible_rates", "rates: no rows. Give what fit_outage_rates returned."),
        (pl.concat([RATES.with_columns(pl.col("weight") / 501)] * 501), "impossible_rates", "rates: more than 1,000 rows."),
    ],
)  # fmt: skip
def test_what_cannot_be_rates(rates: Any, code: str, said: str) -> None:
    with pytest.raises(SchemaError) as caught:
        report(rates)
    assert (caught.value.code, caught.value.table) == (code, "rates")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        RATES,
        RATES.lazy(),
        RATES.to_arrow(),
        pd.DataFrame(RATES.to_dict(as_series=False)),
        duckdb.from_arrow(RATES.to_arrow()),
        RATES.reverse().select("weight", "share_down", "rate", kind=pl.lit("bakeries")),
        RATES.cast({"rate": pl.Decimal(10, 2), "weight": pl.Float32}),
        pl.concat([RATES, RATES.with_columns(rate=9.0, weight=0.0)]),
        with_rates(weight=[0.75 + 4e-7, 0.25 + 4e-7]).with_columns(pl.col("weight").round(3)),
    ],
    ids=["frame", "lazy", "arrow", "pandas", "duckdb", "reversed", "numbers", "no weight", "near"],
)
def test_rates_of_any_form_are_read_as_one_table(given: Any) -> None:
    """Sorted, so that a sum over them does not depend on how the rows came."""
    expected = RATES.reverse()  # the lower rate first
    assert_frame_equal(read_rates(given), expected, check_exact=True)
    assert_frame_equal(report(given), report(RATES))


def test_whole_numbers_are_numbers_and_read_rates_may_be_read_again() -> None:
    whole = pl.DataFrame({"rate": [3], "share_down": [Decimal("0.5")], "weight": [1]})
    read = read_rates(whole)
    assert read.rows() == [(3.0, 0.5, 1.0)]
    assert read.dtypes == [pl.Float64] * 3
    assert_frame_equal(read_rates(read), read)


def test_weights_may_be_off_by_what_floats_lose() -> None:
    third = pl.DataFrame({"rate": [1.0] * 3, "share_down": [0.1] * 3, "weight": [0.3333333] * 3})
    assert read_rates(third).height == 3  # 0.9999999


def test_without_uncertainty_or_rates_there_are_none() -> None:
    assert check_uncertainty(uncertainty=False, rates=None, policy=Policy.for_changes()) is None
    assert check_uncertainty(uncertainty=True, rates=None, policy=Policy()) is None
    found = check_uncertainty(uncertainty=True, rates=RATES, policy=Policy())
    assert found is not None
    assert found.height == 2
