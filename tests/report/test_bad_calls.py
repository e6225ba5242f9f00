"""Random bad calls: whatever is given, there is a result or one error of our own.

Each call is a good one in which some arguments, or some columns of the tables, are replaced.
"""

from __future__ import annotations

import datetime as dt
import pickle
import warnings
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from store_uptime import (
    CalendarWindow,
    Inputs,
    Policy,
    StoreUptimeError,
    Window,
    compute_history,
    compute_outages,
    compute_report,
    compute_timeline,
    describe_polls,
    every,
    summarize,
    summarize_outages,
)
from store_uptime._tables.reading import is_panic
from support.strategies import examples

NOON = "2023-01-23T12:00:00Z"
TABLES: dict[str, Any] = {
    "status": pl.DataFrame(
        {
            "store_id": [1, 1, 2],
            "timestamp_utc": ["2023-01-23 10:14:00 UTC", "2023-01-23 11:15:00+00", "2023-01-23 11:00:00"],
            "status": ["active", "inactive", "active"],
        }
    ),
    "hours": pl.DataFrame(
        {
            "store_id": [1, 2],
            "day_of_week": [0, 1],
            "start_time_local": ["09:00", "8:00"],
            "end_time_local": ["12:00", "24:00"],
            "valid_from": ["2023-01-01", None],
        }
    ),
    "timezones": pl.DataFrame(
        {"store_id": [1, 2], "timezone_str": ["Etc/UTC", "America/New_York"]}
    ),
    "special_hours": pl.DataFrame(
        {
            "store_id": [1, None],
            "date": ["2023-01-23", "2023-01-22"],
            "start_time_local": ["10:00", None],
            "end_time_local": ["11:00", None],
        }
    ),
    "maintenance": pl.DataFrame(
        {
            "store_id": [1, None],
            "start_utc": ["2023-01-23 10:00:00", None],
            "end_utc": ["2023-01-23 10:30:00", "2023-01-22 11:00:00"],
        }
    ),
    "maintenance_hours": pl.DataFrame(
        {
            "store_id": [1, None],
            "day_of_week": [0, 6],
            "start_time_local": ["11:45", "23:00"],
            "end_time_local": ["12:15", "01:00"],
            "valid_from": [None, "2023-01-01"],
            "valid_until": [dt.date(2023, 1, 24), None],
        }
    ),
}  # fmt: skip
RATES = pl.DataFrame({"rate": [2.0, 0.5], "share_down": [0.01, 0.2], "weight": [0.75, 0.25]})
REPORT = compute_report(**TABLES, now=NOON, detail=True, uncertainty=True)
OUTAGES = compute_outages(**TABLES, now=NOON)


class _BrokenStream:
    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        raise ValueError(requested_schema)


class _NoStream:
    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return requested_schema


ODD: list[Any] = [
    None, 0, 1, -1, 1.5, float("nan"), float("inf"), True, 10**30, Decimal(1), "", "x", "7d", "1mo",
    "\x00", "é" * 3000, b"bytes", (), [], [1], {}, {"a": 1}, set(), range(3), object, len,
    "2023-01-23T12:00:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
    dt.datetime(2023, 1, 23, 12),  # noqa: DTZ001  # naive on purpose
    dt.datetime.max.replace(tzinfo=dt.UTC), dt.datetime.min.replace(tzinfo=dt.UTC),
    dt.date(2023, 1, 23), dt.time(3), dt.timedelta(0), dt.timedelta(-1), dt.timedelta.max,
    relativedelta(), relativedelta(months=1), relativedelta(years=99_999), pd.NaT,
    pl.col("x"), pl.Series([1]), _BrokenStream(), _NoStream(), *TABLES.values(), Inputs(*list(TABLES.values())[:3]),
]  # fmt: skip
VALUES: list[Any] = [
    None, 0, 7, -1, 300, 2**62, 1.5, float("nan"), True, "", "x", "\x00", "25:00", "24:00",
    "2023-13-01", "0000-01-01 00:00:00", "99999-01-01 00:00:00", "9999-12-31 23:59:59-23:00",
    "US/Estern", "é" * 3000, b"x", [1], {"a": 1}, Decimal(7), Decimal("1.5"), dt.date(1, 1, 1),
    dt.datetime(9999, 12, 31),  # noqa: DTZ001  # naive on purpose
    dt.time(1), dt.timedelta(days=-5),
]  # fmt: skip
DTYPES: list[Any] = [
    pl.Int8, pl.Int64, pl.UInt64, pl.Int128, pl.Float32, pl.Float64, pl.String, pl.Boolean, pl.Date,
    pl.Datetime("ms"), pl.Datetime("us", "Asia/Tokyo"), pl.Datetime("ns"), pl.Time, pl.Null,
    pl.Duration("us"), pl.Duration("ns"), pl.Binary, pl.Categorical, pl.Decimal(20, 0),
    pl.Decimal(10, 2), pl.List(pl.Int64), pl.Struct({"a": pl.Int64}), pl.Enum(["active", "1"]),
]  # fmt: skip
ENDS = [pl.Datetime("ns"), pl.Datetime("us"), pl.Datetime("ms"), pl.Duration("ms"), pl.Time]


def _failing(frame: pl.DataFrame) -> pl.DataFrame:
    raise ZeroDivisionError(frame.height)


FORMS: list[Callable[[pl.DataFrame], Any]] = [
    lambda frame: frame,
    lambda frame: frame.lazy(),
    lambda frame: frame.to_arrow(),
    lambda frame: frame.lazy().select(pl.all(), pl.first().cast(pl.Int8).alias("more")),
    lambda frame: frame.lazy().map_batches(_failing),
    lambda frame: frame.lazy().select("no such column"),
]


@st.composite
def changed(draw: st.DrawFn, frame: pl.DataFrame) -> Any:
    """Draw a table that is the given one but for a column or two, in some form."""
    for _ in range(draw(st.integers(0, 2))):
        column = draw(st.sampled_from(frame.columns or ["none"]))
        change = draw(st.integers(0, 7))
        if change == 0:
            frame = frame.drop(column, strict=False)
        elif change == 1:
            name = draw(st.sampled_from(["x", column.upper(), ""]))
            frame = frame if name in frame.columns else frame.rename({column: name}, strict=False)
        elif change == 2:
            value = [draw(st.sampled_from(VALUES))] * frame.height
            frame = frame.with_columns(pl.Series(column, value, strict=False))
        elif change == 3:
            frame = frame.with_columns(_cast(frame, column, draw(st.sampled_from(DTYPES))))
        elif change == 4:
            frame = frame.with_columns(_end_of(frame, column, draw(st.sampled_from(ENDS))))
        elif change == 5:
            frame = frame.clear()
        elif change == 6:
            frame = pl.concat([frame, frame])
        else:
            frame = frame.with_columns(pl.Series("more", [object()] * frame.height, pl.Object))
    form = draw(st.sampled_from([FORMS[0], *FORMS]))
    try:
        return form(frame)
    except (pl.exceptions.PolarsError, TypeError, ValueError):
        return frame


def _cast(frame: pl.DataFrame, column: str, dtype: Any) -> pl.Series:
    try:
        return frame[column].cast(dtype, strict=False)
    except BaseException as error:
        # Polars panics where an instant beyond the calendar is to become text.
        if not isinstance(error, pl.exceptions.PolarsError) and not is_panic(error):
            raise
        return pl.Series(column, [None] * frame.height, dtype)


def _end_of(frame: pl.DataFrame, column: str, dtype: Any) -> pl.Series:
    """Return the largest number that the type can hold in each row."""
    largest = pl.Series(column, [86_399_999_999_999 if dtype == pl.Time else 2**63 - 1], pl.Int64)
    return largest.cast(dtype).new_from_index(0, frame.height)


def some(good: Any) -> st.SearchStrategy[Any]:
    """Return the good argument most of the time, and an odd one else."""
    return st.one_of(*[st.just(good)] * 5, st.sampled_from(ODD))


def tables() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"status": changed(TABLES["status"])},
        optional={
            name: st.one_of(changed(frame), changed(frame), st.sampled_from(ODD))
            for name, frame in TABLES.items()
            if name != "status"
        },
    )


def policy() -> st.SearchStrategy[Any]:
    good = {
        "max_gap": "1d",
        "lookback": None,
        "default_timezone": "Asia/Calcutta",
        "backfill": False,
    }
    return st.fixed_dictionaries({}, optional={name: some(value) for name, value in good.items()})


def windows() -> st.SearchStrategy[Any]:
    rolling = st.builds(lambda *given: lambda: Window(*given), some("1mo"), some("hours"))
    calendar = st.builds(lambda *given: lambda: CalendarWindow(*given), some("month"), some(-1))
    week = some("week"), some(0), some("hours"), some("Sunday"), some(1)
    weekly = st.builds(lambda *given: lambda: CalendarWindow(*given), *week)
    kinds = rolling | calendar | weekly
    made = st.dictionaries(st.sampled_from(["a", "b", "min_a"]), kinds, max_size=2)
    return made | st.sampled_from(ODD)


CALLS: Mapping[str, tuple[Callable[..., object], dict[str, Any]]] = {
    "report": (compute_report, {"now": NOON, "detail": True, "batch_stores": 1}),
    "uncertainty": (compute_report, {"now": NOON, "uncertainty": True, "rates": RATES}),
    "history": (compute_history, {"at": [NOON], "batch_stores": 1, "detail": False}),
    "timeline": (compute_timeline, {"now": NOON, "start": "2023-01-20T00:00Z"}),
    "outages": (
        compute_outages,
        {"now": NOON, "start": "2023-01-20T00:00Z", "batch_stores": None},
    ),
    "polls": (describe_polls, {"now": NOON, "start": "2023-01-20T00:00Z", "batch_stores": 1}),
}


def refuses_or_returns(call: Callable[[], object]) -> None:
    """Run a call that must end well or with an error of our own that is fit to be shown."""
    error = _error_of(call)
    if error is not None:
        assert len(str(error)) <= 2_000
        again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
        assert (type(again), str(again)) == (type(error), str(error))


def _error_of(call: Callable[[], object]) -> StoreUptimeError | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            call()
        except StoreUptimeError as error:
            return error
    return None


@examples(250)
@given(st.data())
def test_computing(data: st.DataObject) -> None:
    compute, good = CALLS[data.draw(st.sampled_from(sorted(CALLS)))]
    options = {name: data.draw(some(value)) for name, value in good.items()}
    given_tables, rules = data.draw(tables()), data.draw(policy())
    drawn = data.draw(windows()) if compute in (compute_report, compute_history) else None

    def call() -> None:
        named = {} if drawn is None else {"windows": _made(drawn)}
        compute(**given_tables, policy=Policy(**rules), **named, **options)

    refuses_or_returns(call)


def _made(drawn: Any) -> Any:
    """Make the windows inside the call that may refuse them."""
    if isinstance(drawn, dict) and all(map(callable, drawn.values())):
        return {name: make() for name, make in drawn.items()}
    return drawn


@examples(100)
@given(changed(REPORT), some(TABLES["timezones"]), some(None), some(0.99))
def test_summing_up(report: Any, by: Any, given_windows: Any, target: Any) -> None:
    named = {} if given_windows is None else {"windows": given_windows}
    refuses_or_returns(lambda: summarize(report, by, target=target, **named))


@examples(100)
@given(changed(RATES), st.booleans())
def test_rates(rates: Any, is_history: bool) -> None:  # noqa: FBT001  # drawn
    compute: Any = compute_history if is_history else compute_report
    instants: dict[str, Any] = {"at": [NOON]} if is_history else {"now": NOON}
    refuses_or_returns(lambda: compute(**TABLES, **instants, uncertainty=True, rates=rates))


@examples(100)
@given(changed(OUTAGES), some(TABLES["timezones"]) | st.sampled_from(OUTAGES.columns))
def test_summing_outages_up(outages: Any, by: Any) -> None:
    refuses_or_returns(lambda: summarize_outages(outages, by))


@examples(50)
@given(some("1d"), some("2023-01-01T00:00Z"), some("2023-01-03T00:00Z"))
def test_instants(step: Any, start: Any, end: Any) -> None:
    refuses_or_returns(lambda: every(step, start=start, end=end))
