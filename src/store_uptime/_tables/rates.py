"""The rates of outages that a caller gives, and whether the uncertainty can be computed."""

from __future__ import annotations

import polars as pl

from store_uptime._tables.given import Source
from store_uptime.errors import PolicyError, SchemaError
from store_uptime.policy import Policy, check_flag, refuse_changes

RATE_COLUMNS = ("rate", "share_down", "weight")
"""The columns of a table of rates."""

_TABLE = "rates"
_MOST_ROWS = 1_000  # The work for a store grows with them.
_NEAR_ONE = 1e-6
_AS_FITTED = "Give what fit_outage_rates returned."


def check_uncertainty(uncertainty: object, rates: object, policy: Policy) -> pl.DataFrame | None:
    """Return the rates that are given, checked, or raise what does not fit.

    Raises
    ------
    PolicyError
        `uncertainty` is no flag, or does not go with the policy; `rates` are given without it.
    SchemaError
        The rates cannot be rates.
    """
    check_flag(uncertainty, "uncertainty")
    if uncertainty:
        refuse_changes(policy, "uncertainty")
        return None if rates is None else read_rates(rates)
    if rates is not None:
        raise PolicyError(
            "have no meaning without uncertainty=True",
            table=_TABLE,
            remedy="Leave them out, or ask for the uncertainty.",
            code="unused_option",
        )
    return None


def read_rates(given: object) -> pl.DataFrame:
    """Return a table of rates: `RATE_COLUMNS` in Float64, in an order that its rows decide.

    Rows without weight are left out: they change nothing, and have no logarithm.

    Raises
    ------
    SchemaError
        A column is missing or holds no numbers, there are no rows or too many, a value is out of
        its range, or the weights do not sum to 1.
    """
    source = Source(given, _TABLE)
    for column in RATE_COLUMNS:
        if not source.dtype(source.column(column)).is_numeric():
            source.refuse_type(column, "numbers, such as Float64")
    frame = source.collected(*RATE_COLUMNS).rows.cast(pl.Float64, strict=False).collect()
    numbers = Source(frame, _TABLE)
    for column, fits, range_ in (
        ("rate", pl.col("rate") > 0, "above 0, in changes per hour"),
        ("share_down", pl.col("share_down").is_between(0, 1, closed="none"), "between 0 and 1"),
        ("weight", pl.col("weight") >= 0, "0 or more"),
    ):
        good = (fits & pl.col(column).is_finite()).fill_null(value=False)
        problem = f"not a number {range_},"
        numbers.refuse_rows(
            SchemaError, column, problem, ~good, _AS_FITTED, code="impossible_rates"
        )
    if not 0 < frame.height <= _MOST_ROWS:
        raise _no_rates(None, "no rows" if frame.is_empty() else f"more than {_MOST_ROWS:,} rows")
    # In one order: what is added up in floats must not depend on the order of the rows.
    frame = frame.filter(pl.col("weight") > 0).sort(RATE_COLUMNS)
    total = float(frame["weight"].sum())
    if not abs(total - 1) <= _NEAR_ONE:
        raise _no_rates("weight", f"the weights sum to {total:.10g}, not to 1")
    return frame


def _no_rates(column: str | None, problem: str) -> SchemaError:
    return SchemaError(
        problem, table=_TABLE, column=column, remedy=_AS_FITTED, code="impossible_rates"
    )
