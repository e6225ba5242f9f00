"""Runs of quiet time, and what is left around them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from store_uptime._time.quiet import Run, outside, repeats
from support.strategies import examples

edges = st.lists(st.integers(0, 100), min_size=2, max_size=8, unique=True).map(sorted)


@examples(200)
@given(edges, st.integers(0, 60), st.integers(0, 60), st.integers(1, 9))
def test_a_run_lies_in_a_quiet_stretch_with_a_period_before_it(
    marks: list[int], start: int, length: int, period: int
) -> None:
    quiet = list(pairwise(marks))[::2]
    end = start + length
    runs = list(repeats(quiet, start, end, period))
    for run in runs:
        assert (run.end - run.start) % period == 0 < run.end - run.start
        assert any(
            since <= run.start - period and run.end <= until < run.end + period
            for since, until in ((max(a, start), min(b, end)) for a, b in quiet)
        )
    roomy = [pair for pair in quiet if min(pair[1], end) - max(pair[0], start) >= 2 * period]
    assert len(runs) == len(roomy)
    inside = {at for run in runs for at in range(run.start, run.end)}
    left = [at for since, until in outside(runs, start, end) for at in range(since, until)]
    assert left == [at for at in range(start, end) if at not in inside]


def test_nothing_is_left_behind_a_run_that_reaches_the_end() -> None:
    runs = list(repeats([(0, 30)], 0, 30, 10))
    assert runs == [Run(10, 30, 10)]
    assert list(outside(runs, 0, 30)) == [(0, 10)]
