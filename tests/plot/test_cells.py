"""What a status page draws of a history."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from itertools import pairwise

import polars as pl
import pytest

from store_uptime import (
    CalendarWindow,
    Policy,
    PolicyError,
    SchemaError,
    Window,
    compute_history,
    every,
)
from store_uptime._tables.given import Source
from store_uptime._time.instants import microseconds
from store_uptime.plot.cells import (
    cell_marks,
    cells_of,
    class_of,
    end_marks,
    fitting_window,
    read_cells,
    read_instants,
    share_of,
)
from store_uptime.plot.choice import choose
from store_uptime.testing import make_dataset
from store_uptime.windows import AnyWindow

DATA = make_dataset(12, 9, seed=2, outages_per_day=1, missing=0.4)
DAY, HOUR = 86_400_000_000, 3_600_000_000  # in microseconds
WINDOWS: dict[str, AnyWindow] = {
    "hour": Window("1h", "minutes"),
    "day": Window("1d"),
    "yesterday": CalendarWindow("day"),
}


def instants(step: str, count: int, start: str = "2024-05-13T00:00Z") -> list[int]:
    found = every(step, start=start, end="2034-01-01T00:00Z")[:count]
    return [microseconds(each) for each in found]


# --- which window ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "name"),
    [("1h", "hour"), ("1d", "day"), ("7d", "week"), ("1mo", "month")],
)
def test_the_window_as_long_as_the_steps_is_drawn(step: str, name: str) -> None:
    windows = {
        "hour": Window("1h"),
        "day": Window("1d"),
        "week": Window("7d"),
        "month": Window("1mo"),
    }
    assert fitting_window(windows, instants(step, 5), None)[0] == name


@pytest.mark.parametrize(
    ("period", "step"), [("day", "1d"), ("week", "7d"), ("month", "1mo"), ("year", "1y")]
)
def test_periods_of_the_calendar_fit_steps_from_each_to_the_next(period: str, step: str) -> None:
    windows = {"hour": Window("1h"), "that": CalendarWindow(period)}  # type: ignore[arg-type]  # one of the words
    assert fitting_window(windows, instants(step, 4, "2024-05-13T12:00Z"), None)[0] == "that"


def test_cells_follow_each_other() -> None:
    nows = instants("1mo", 6, "2024-01-01T00:00Z")
    cells = [*cells_of(Window("1mo"), nows).values()]
    assert all(before.end == after.start for before, after in pairwise(cells))
    assert cells[0].told == "Fri 2023-12-01 00:00:00 UTC to Mon 2024-01-01 00:00:00 UTC"


def test_a_period_of_the_calendar_stands_before_the_instant_it_is_counted_from() -> None:
    nows = instants("1d", 3, "2024-05-13T12:00Z")
    cells = cells_of(CalendarWindow("day"), nows)
    assert [(each.start, each.end) for each in cells.values()] == [(now - DAY, now) for now in nows]
    assert (
        cells[nows[0]].told
        == "day -1 on the store's own calendar, counted from Mon 2024-05-13 12:00:00 UTC"
    )
    assert cells_of(CalendarWindow("day"), nows[:1])[nows[0]].start == nows[0] - DAY


@pytest.mark.parametrize(
    ("nows", "steps"),
    [
        (instants("2h", 3), "Its steps are 2 h."),
        ([0, DAY, 3 * DAY], "Its steps are 24 h to 48 h."),
    ],
)
def test_without_a_window_that_fits_nothing_is_drawn(nows: list[int], steps: str) -> None:
    with pytest.raises(PolicyError, match=f"windows: must be as long as the steps .*{steps}"):
        fitting_window(WINDOWS, nows, None)
    with pytest.raises(PolicyError, match="window: must be as long as the steps"):
        fitting_window(WINDOWS, nows, "hour")


def test_where_several_fit_one_must_be_named() -> None:
    nows = instants("1d", 3)
    with pytest.raises(PolicyError, match="first: 'day', 'yesterday'"):
        fitting_window(WINDOWS, nows, None)
    assert fitting_window(WINDOWS, nows, "yesterday") == ("yesterday", CalendarWindow("day"))
    with pytest.raises(PolicyError, match="unknown window"):
        fitting_window(WINDOWS, nows, "week")


def test_of_one_instant_the_only_window_is_drawn() -> None:
    assert fitting_window({"day": Window("1d")}, [0], None)[0] == "day"
    with pytest.raises(PolicyError, match="more than one"):
        fitting_window(WINDOWS, [0], None)


# --- the cells ------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [1, 7, 1000, 86_400 * 10**6, 10**15 + 1])
def test_classes_are_those_of_exact_fractions(known: int) -> None:
    limits = [0, 1, known // 100, known // 20, known // 10, known]
    for down in {min(max(limit + step, 0), known) for limit in limits for step in (-1, 0, 1)}:
        up, share = known - down, Fraction(known - down, known)
        if share == 1:
            expected = "100 %"
        elif share >= Fraction(99, 100):
            expected = "99 to 100 %"
        elif share >= Fraction(95, 100):
            expected = "95 to 99 %"
        else:
            expected = "90 to 95 %" if share >= Fraction(9, 10) else "below 90 %"
        assert class_of(up, down, None) == class_of(up, down, 5) == expected


def test_cells_without_known_time_are_unknown_or_closed() -> None:
    assert class_of(0, 0, 0) == share_of(0, 0, 0) == "closed"
    assert class_of(0, 0, 1) == class_of(0, 0, None) == share_of(0, 0, None) == "nothing known"


@pytest.mark.parametrize("detail", [False, True])
def test_cells_say_what_the_reports_of_their_instants_say(detail: bool) -> None:  # noqa: FBT001
    at = every("1d", start=DATA.now - dt.timedelta(days=4), end=DATA.now)
    windows = {"day": WINDOWS["day"]}
    policy = Policy(max_gap="1h")
    history = compute_history(DATA.inputs, at=at, windows=windows, policy=policy, detail=detail)
    source = Source(history, "history")
    assert read_instants(source) == [microseconds(now) for now in at]
    rows = read_cells(source, "day", windows["day"])
    chosen = choose(rows.group_by("store_id").agg(pl.col("down").sum()), None, 99)
    marks = cell_marks(rows, chosen, cells_of(windows["day"], read_instants(source)))
    assert marks.height == history.height
    assert (marks["partly"].any(), marks["unknown"].null_count() == 0) == (detail, detail)
    ends = dict(end_marks(rows, chosen).rows())
    for store, name in chosen.names.items():
        own = history.filter(store_id=store)
        up, down = (
            sum(Fraction(round(each * HOUR)) for each in own[f"{part}_day"])
            for part in ("uptime", "downtime")
        )
        hundredths = int(10_000 * up / (up + down))
        told = f"{hundredths // 100}.{hundredths % 100:02} %" if down else "100 %"
        assert ends[name] == told


def history(**columns: object) -> pl.DataFrame:
    first = {"now": "2024-05-14T00:00:00Z", "store_id": 7, "uptime_day": 8.0, "downtime_day": 0.0}
    return pl.DataFrame([first | columns])


def ends_of(*rows: pl.DataFrame) -> list[tuple[str, str]]:
    found = read_cells(Source(pl.concat(rows), "history"), "day", Window("1d"))
    return end_marks(found, choose(found.select("store_id", down=0).unique(), None, 9)).rows()


def test_the_number_at_the_end_is_100_only_without_any_downtime() -> None:
    later = {"now": "2024-05-15T00:00:00Z"}
    assert ends_of(history(), history(**later)) == [("7", "100 %")]
    microsecond = 1 / 3_600_000_000
    assert ends_of(history(), history(**later, downtime_day=microsecond)) == [("7", "99.99 %")]
    # 8 h and 7.75 h of 16 h: 98.4375 %
    assert ends_of(history(), history(**later, uptime_day=7.75, downtime_day=0.25)) == [
        ("7", "98.43 %")
    ]
    assert ends_of(history(uptime_day=0.0)) == [("7", "-")]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (history().drop("now"), "now: no such column"),
        (history().clear(), " no reports to draw"),
        (history(now=None), "now: "),
        (history(now="soon"), "now: null or unreadable timestamp"),
        (history(now="9999-12-31 23:00:00-05:00"), "now: timestamp outside"),
    ],
)
def test_a_history_has_instants(bad: pl.DataFrame, message: str) -> None:
    with pytest.raises(SchemaError, match=rf"history[.:]{message}"):
        read_instants(Source(bad, "history"))


def test_a_repeated_store_is_refused() -> None:
    with pytest.raises(SchemaError, match="a store more than once in 2 rows"):
        ends_of(history(), history())
