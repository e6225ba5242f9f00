"""Outages summed up: worked by hand, held to plain Python and to the report."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from store_uptime import SchemaError, compute_outages, summarize_outages
from support.frames import policy_of, report_of, totals_of
from support.strategies import Scenario, examples, scenarios
from support.wall_clock import DAY, instant

LENGTHS = ("downtime", "longest", "mean_downtime")
LONGEST = 2**63 - 1  # microseconds, 292,000 years: no Duration is longer


def outages_of(rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    """Return outages of store, downtime in microseconds, ongoing, recovered."""
    columns = ("store_id", "downtime", "ongoing", "recovered")
    dtypes = (pl.Int64, pl.Int64, pl.Boolean, pl.Boolean)
    frame = pl.DataFrame(rows, dict(zip(columns, dtypes, strict=True)), orient="row")
    return frame.with_columns(pl.col("downtime").cast(pl.Duration("us")))


def micros(found: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Return the rows, lengths in microseconds."""
    return found.with_columns(pl.col(LENGTHS).to_physical()).rows()


# --- worked by hand ------------------------------------------------------------------------------

OUTAGES = outages_of(
    [
        (1, 10, False, True),
        (2, 60, True, False),
        (1, 21, False, True),
        (1, 5, False, False),  # where knowledge ends
        (2, 7, False, True),
    ]
)
REGIONS = pl.DataFrame({"store_id": [1, 3, 4], "region": ["north", "south", None]})


def test_all_outages_together() -> None:
    # 10 + 60 + 21 + 5 + 7 = 103; of recovered ones (10 + 21 + 7) / 3 = 12.67
    found = summarize_outages(OUTAGES)
    assert micros(found) == [(5, 1, 3, 103, 60, 12)]
    assert found.schema == {
        **dict.fromkeys(("outages", "ongoing", "recovered"), pl.UInt32()),
        **dict.fromkeys(LENGTHS, pl.Duration("us")),
    }


def test_each_store() -> None:
    # (10 + 21) / 2 = 15.5, and 7 / 1
    assert micros(summarize_outages(OUTAGES, "store_id")) == [
        (1, 3, 0, 2, 36, 21, 15),
        (2, 2, 1, 1, 67, 60, 7),
    ]


def test_groups_by_table_have_a_row_even_without_outages() -> None:
    # Nobody names store 2, and store 4 has no region: both are in the group null.
    assert micros(summarize_outages(OUTAGES, REGIONS)) == [
        ("north", 3, 0, 2, 36, 21, 15),
        ("south", 0, 0, 0, 0, 0, None),
        (None, 2, 1, 1, 67, 60, 7),
    ]


def test_several_columns_make_a_group() -> None:
    joined = OUTAGES.with_columns(region=pl.lit("north"), month=pl.Series([2, 1, 1, 1, 2]))
    expected = [("north", 1, 3, 1, 1, 86, 60, 21), ("north", 2, 2, 0, 2, 17, 10, 8)]
    assert micros(summarize_outages(joined, ["region", "month", "region"])) == expected
    table = pl.DataFrame({"store_id": [1, 2], "region": "north", "month": [1, 2]})
    assert micros(summarize_outages(OUTAGES, table)) == [
        ("north", 1, 3, 0, 2, 36, 21, 15),
        ("north", 2, 2, 1, 1, 67, 60, 7),
    ]


def test_without_outages() -> None:
    none = OUTAGES.clear()
    assert micros(summarize_outages(none)) == [(0, 0, 0, 0, 0, None)]
    assert micros(summarize_outages(none, [])) == [(0, 0, 0, 0, 0, None)]
    assert summarize_outages(none, "store_id").height == 0
    by_region = summarize_outages(none, REGIONS)
    assert by_region["region"].to_list() == ["north", "south", None]
    assert set(micros(by_region.drop("region"))) == {(0, 0, 0, 0, 0, None)}
    assert summarize_outages(OUTAGES, REGIONS).schema == by_region.schema


def test_only_what_is_needed_has_to_be_there() -> None:
    less = OUTAGES.drop("store_id")
    assert micros(summarize_outages(less)) == micros(summarize_outages(OUTAGES))
    by_flag = less.with_columns(cause=pl.Series([1.5, 1.5, 1.5, None, 1.5]))
    assert micros(summarize_outages(by_flag, "cause")) == [
        (1.5, 4, 1, 3, 98, 60, 12),
        (None, 1, 0, 0, 5, 5, None),
    ]
    more = OUTAGES.with_columns(start=pl.lit("?"), more=pl.struct("ongoing"))
    assert_frame_equal(summarize_outages(more), summarize_outages(OUTAGES))


@pytest.mark.parametrize(
    "form",
    [pl.DataFrame.lazy, pl.DataFrame.to_arrow, pl.DataFrame.to_pandas],
    ids=["lazy", "pyarrow", "pandas"],
)
def test_outages_in_any_container(form: Callable[[pl.DataFrame], Any]) -> None:
    expected = summarize_outages(OUTAGES, REGIONS)
    assert_frame_equal(summarize_outages(form(OUTAGES), form(REGIONS)), expected)


def test_lengths_of_arrow_in_seconds_do_not_wrap_around() -> None:
    def in_seconds(*seconds: int) -> pa.Table:
        lengths = pa.array(seconds, pa.duration("s"))
        return OUTAGES.head(len(seconds)).to_arrow().set_column(1, "downtime", lengths)

    assert micros(summarize_outages(in_seconds(1, 2)))[0][3] == 3_000_000
    with pytest.raises(SchemaError, match="outages: cannot be read as a table"):
        summarize_outages(in_seconds(2**62))


@pytest.mark.parametrize(("unit", "expected"), [("ns", 2), ("us", 3_001), ("ms", 3_001_000)])
def test_a_downtime_of_any_unit(unit: Any, expected: int) -> None:
    # A part of a microsecond is cut off, of each outage.
    ticks = pl.Series([1_500, 1_501]).cast(pl.Duration(unit))
    found = summarize_outages(OUTAGES.head(2).with_columns(downtime=ticks))
    assert micros(found)[0][3] == expected


def test_ids_may_be_strings_however_they_are_stored() -> None:
    text = pl.col("store_id").cast(pl.String)
    outages, regions = OUTAGES.with_columns(text.cast(pl.Categorical)), REGIONS.with_columns(text)
    assert_frame_equal(summarize_outages(outages, regions), summarize_outages(OUTAGES, REGIONS))
    assert summarize_outages(outages, "store_id").schema["store_id"] == pl.String


def test_a_store_that_the_ids_of_the_outages_cannot_hold_keeps_its_group() -> None:
    far = pl.DataFrame({"store_id": [1, 2**40], "region": ["north", "east"]})
    small = OUTAGES.with_columns(pl.col("store_id").cast(pl.UInt8))
    assert [row[:2] for row in summarize_outages(small, far).rows()] == [
        ("east", 0),
        ("north", 3),
        (None, 2),
    ]


def test_sums_of_up_to_the_longest_duration_are_exact() -> None:
    half = LONGEST // 2
    rows = [(1, half, False, True), (1, half, False, True), (1, 1, False, False)]
    assert micros(summarize_outages(outages_of(rows))) == [(3, 0, 2, LONGEST, half, half)]
    more = outages_of([*rows, (2, 1, False, True)])
    in_ms = outages_of(rows).with_columns(pl.col("downtime").to_physical().cast(pl.Duration("ms")))
    for outages, together in ((more, LONGEST + 1), (in_ms, LONGEST * 1000)):
        with pytest.raises(SchemaError) as caught:
            summarize_outages(outages)
        assert caught.value.code == "sum_too_large"
        assert str(caught.value) == (
            f"outages.downtime: together beyond 292,000 years in 1 row (first: {together}). "
            "Sum up fewer of them at a time."
        )
    # Each store alone is within.
    assert [row[4] for row in micros(summarize_outages(more, "store_id"))] == [LONGEST, 1]


# --- against plain Python ------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    store: int
    downtime: int
    ongoing: bool
    recovered: bool


drawn = st.lists(
    st.builds(
        lambda store, downtime, fate: Drawn(store, downtime, fate == 1, fate == 2),
        st.integers(1, 5),
        st.integers(0, 10) | st.integers(0, 2**58),
        st.integers(0, 2),
    ),
    max_size=12,
)
regions_drawn = st.dictionaries(st.integers(1, 7), st.sampled_from(("a", "b", None)), min_size=1)


def written(outages: Iterable[Drawn]) -> pl.DataFrame:
    return outages_of([(o.store, o.downtime, o.ongoing, o.recovered) for o in outages])


def expected_of(outages: Sequence[Drawn]) -> tuple[Any, ...]:
    mended = [each.downtime for each in outages if each.recovered]
    return (
        len(outages),
        sum(each.ongoing for each in outages),
        len(mended),
        sum(each.downtime for each in outages),
        max((each.downtime for each in outages), default=0),
        sum(mended) // len(mended) if mended else None,
    )


@examples(200)
@given(drawn, regions_drawn)
def test_sums_are_those_of_plain_python(outages: list[Drawn], regions: dict[int, Any]) -> None:
    frame = written(outages)
    assert micros(summarize_outages(frame)) == [expected_of(outages)]
    for by, group_of, names in (
        ("store_id", lambda store: store, {each.store for each in outages}),
        (
            pl.DataFrame(
                list(regions.items()), {"store_id": pl.Int64, "r": pl.String}, orient="row"
            ),
            regions.get,
            {*regions.values(), *(regions.get(each.store) for each in outages)},
        ),
    ):
        order = sorted(names, key=lambda name: (name is None, name))
        assert micros(summarize_outages(frame, by)) == [
            (name, *expected_of([each for each in outages if group_of(each.store) == name]))
            for name in order
        ]


@examples(50)
@given(drawn, st.randoms(use_true_random=True))
def test_the_order_of_the_outages_is_nothing(outages: list[Drawn], chance: random.Random) -> None:
    shuffled = written(chance.sample(outages, len(outages)))
    for by in (None, "store_id"):
        expected = summarize_outages(written(outages), by)
        assert_frame_equal(summarize_outages(shuffled, by), expected)


@examples(50)
@given(drawn)
def test_the_stores_add_up_to_the_whole(outages: list[Drawn]) -> None:
    stores = summarize_outages(written(outages), "store_id")
    whole = summarize_outages(written(outages)).row(0, named=True)
    for name in ("outages", "ongoing", "recovered"):
        assert stores[name].sum() == whole[name]
    assert stores["downtime"].to_physical().sum() == whole["downtime"] // dt.timedelta(
        microseconds=1
    )
    assert stores["longest"].max() == (whole["longest"] if outages else None)


@examples(40)
@given(scenarios(), st.integers(1, 9 * DAY))
def test_the_downtime_is_that_of_the_report(scenario: Scenario, length: int) -> None:
    lengths: Any = {"w": (dt.timedelta(microseconds=length), "seconds")}
    report = report_of(scenario.tables, scenario.now, lengths, scenario.rules, extra=scenario.extra)
    options: dict[str, Any] = {"policy": policy_of(scenario.rules), **scenario.extra}
    start, now = instant(scenario.now - length), instant(scenario.now)
    outages = compute_outages(*scenario.tables, now, start=start, **options)
    everyone = report.select("store_id", store=pl.col("store_id"))
    found = summarize_outages(outages, everyone)
    downtime = dict(zip(found["store"], found["downtime"].to_physical(), strict=True))
    totals = totals_of(report, lengths)
    assert downtime == {store: own.downtime for store, (own,) in totals.items()}


# --- what is refused -----------------------------------------------------------------------------

RETURNED = "Give what compute_outages returned."
NULL_DOWNTIME = OUTAGES.with_columns(downtime=pl.lit(None, pl.Duration("us")))
TWICE = pl.concat([REGIONS, REGIONS.head(1)])
BAD_CALLS = [
    ((7,), "outages: a int is not a table.", "not_a_table"),
    ((OUTAGES.drop("downtime"),), f"outages.downtime: no such column. The columns are: store_id, ongoing, recovered. {RETURNED}", "missing_column"),
    ((OUTAGES.drop("ongoing"),), "outages.ongoing: no such column.", "missing_column"),
    ((OUTAGES.drop("recovered"),), "Compute the outages again: an older version did not say which have recovered.", "missing_column"),
    ((OUTAGES.drop("store_id"), "store_id"), "outages.store_id: no such column.", "missing_column"),
    ((OUTAGES.drop("store_id"), REGIONS), "outages.store_id: no such column.", "missing_column"),
    ((OUTAGES, "region"), "outages.region: no such column. The columns are: store_id, downtime, ongoing, recovered. Join it onto the outages, or give a table of store_id and the groups as by.", "missing_column"),
    ((OUTAGES.with_columns(downtime=1.5),), "outages.downtime: type Float64 is not accepted. Accepted: Duration.", "unaccepted_type"),
    ((OUTAGES.with_columns(ongoing=1),), "outages.ongoing: type Int32 is not accepted. Accepted: Boolean.", "unaccepted_type"),
    ((OUTAGES.with_columns(recovered=pl.lit("yes")),), "outages.recovered: type String is not accepted.", "unaccepted_type"),
    ((NULL_DOWNTIME,), f"outages.downtime: null or negative in 5 rows (first: None, None, None, None, None). {RETURNED}", "impossible_time"),
    ((outages_of([(1, -3, False, True), (1, 0, False, True)]),), "outages.downtime: null or negative in 1 row (first: -3).", "impossible_time"),
    ((outages_of([(1, 3, None, True)]),), "outages.ongoing: null in 1 row", "impossible_outage"),
    ((outages_of([(1, 3, True, None)]),), "outages.recovered: null in 1 row", "impossible_outage"),
    ((outages_of([(1, 3, True, True)]),), "outages.recovered: true of an outage that is ongoing too in 1 row", "impossible_outage"),
    ((outages_of([(None, 3, False, True)]), "store_id"), "outages.store_id: null id in 1 row", "null_id"),
    ((outages_of([(None, 3, False, True)]), REGIONS), "outages.store_id: null id in 1 row", "null_id"),
    ((OUTAGES.with_columns(pl.col("store_id").cast(pl.Float64)), "store_id"), "outages.store_id: ids are floats (Float64).", "float_ids"),
    ((OUTAGES, REGIONS.with_columns(pl.col("store_id").cast(pl.String))), "by.store_id: ids are String here but Int64 in outages.", "mixed_ids"),
    ((OUTAGES, TWICE), "by.store_id: a store more than once in 2 rows (first: 1, 1). Keep one row a store.", "repeated_store"),
    ((OUTAGES, REGIONS.select("store_id")), "by: no column to group by.", "no_groups"),
    ((OUTAGES, REGIONS.rename({"region": "longest"})), "by.longest: the summary has a column of this name already.", "name_taken"),
    ((OUTAGES, "ongoing"), "outages.ongoing: the summary has a column of this name already.", "name_taken"),
    ((OUTAGES.with_columns(region=pl.lit([1])), "region"), "outages.region: type List(Int64) is not accepted.", "unaccepted_type"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "sentence", "code"), BAD_CALLS)
def test_bad_calls(call: tuple[Any, ...], sentence: str, code: str) -> None:
    with pytest.raises(SchemaError) as caught:
        summarize_outages(*call)
    assert sentence in str(caught.value)
    assert caught.value.code == code
