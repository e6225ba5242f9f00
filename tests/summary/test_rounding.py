"""No number with few decimals looks better than it is."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import Window
from store_uptime._results.rounding import percent, rounded
from store_uptime.cli.formats import to_csv
from store_uptime.cli.render import to_plain_table, to_table

# Up to a year of whole microseconds, up and down.
TIMES = st.integers(0, 366 * 86_400 * 10**6)
SHARES = st.tuples(TIMES, TIMES).filter(any).map(lambda times: (times[0], sum(times)))
TIDY = st.builds(Fraction, st.integers(0, 10_000), st.just(10_000))
ROUNDED_DOWN = ["availability", "availability_last_week", "availability_mean"]


@given(share=SHARES)
@pytest.mark.parametrize("name", ROUNDED_DOWN)
def test_an_availability_is_rounded_down_as_a_fraction(name: str, share: tuple[int, int]) -> None:
    up, known = share
    text = to_csv(pl.DataFrame({name: [up / known]})).splitlines()[1]
    # The oracle: whole ten-thousandths of the fraction itself, which no float has touched.
    assert Fraction(text) == Fraction(up * 10_000 // known, 10_000)
    assert (text == "1.0000") == (up == known)


@given(share=TIDY)
def test_four_decimals_stay_as_they_are(share: Fraction) -> None:
    values = pl.Series("availability", [float(share)])
    assert Fraction(to_csv(values.to_frame()).splitlines()[1]) == share


@given(value=st.floats(0, 10**6), decimals=st.integers(0, 4))
def test_bounds_are_rounded_outwards(value: float, decimals: int) -> None:
    def shown(name: str) -> Decimal:
        return Decimal(repr(rounded(pl.Series(name, [value]), decimals).item()))

    step = Decimal(1).scaleb(-decimals)
    exact = Decimal(repr(value))
    assert shown("uptime_min_w") == exact.quantize(step, ROUND_FLOOR)
    assert shown("uptime_max_w") == exact.quantize(step, ROUND_CEILING)
    assert shown("error_budget_used") == exact.quantize(step, ROUND_CEILING)
    assert shown("uptime_min_w") <= shown("uptime_w") <= shown("uptime_max_w")


def test_what_is_no_finite_number_stays() -> None:
    column = pl.Series("error_budget_used", [None, float("inf"), 1e300])
    assert rounded(column, 4).to_list() == [None, float("inf"), 1e300]


def test_a_table_rounds_as_csv_does() -> None:
    nearly = 1 - 2.0**-53
    row = {"uptime_w": [nearly], "downtime_w": [1e-9], "unknown_w": [0.0], "scheduled_w": [1.0]}
    row |= {"availability_w": [nearly], "uptime_min_w": [nearly], "uptime_max_w": [1.001]}
    report = pl.DataFrame({"store_id": [7], **row, "polls_w": [3]})
    lines = to_table(report, {"w": Window("1h")}, 200, detail=True).splitlines()
    assert lines[2].split() == ["7", "1.00", "0.00", "0.00", "1.00", "0.9999", "0.99", "1.01", "3"]
    summary = pl.DataFrame({"window": ["w"], "availability_mean": [nearly], "x": [nearly]})
    assert to_plain_table(summary, ["window"], 80).splitlines()[1].split() == [
        "w",
        "0.9999",
        "1.00",
    ]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (1, "100 %"),
        (1.0, "100 %"),
        (Fraction(10**15 - 1, 10**15), "99.99 %"),
        (0.29, "29.00 %"),
        (Fraction(1, 3), "33.33 %"),
        (1e-9, "under 0.01 %"),
        (0.0, "0.00 %"),
    ],
)
def test_percent_is_rounded_down(share: float | Fraction, text: str) -> None:
    assert percent(share) == text
