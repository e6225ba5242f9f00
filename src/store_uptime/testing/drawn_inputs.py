"""Random policies, and tables that fit together. This module needs Hypothesis."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import get_args

from hypothesis import strategies as st

from store_uptime._time.instants import from_microseconds, microseconds
from store_uptime.policy import DEFAULT_POLICY, Evidence, Interpolation, MissingDays, Policy
from store_uptime.testing.drawn_tables import (
    HOUR,
    StoreIds,
    draw_hours,
    draw_maintenance,
    draw_maintenance_hours,
    draw_polls,
    draw_special_hours,
    draw_timezones,
    drawn_ids,
    drawn_zones,
    instants,
    instants_beside,
    seldom,
)
from store_uptime.testing.shown_inputs import ShownInputs

_MONDAY_NOON = ("UTC", "2024-05-13T12:00Z")
# What a clock reads twice, or never: an hour, half an hour, midnight, a day.
_CHANGES = (
    ("America/Chicago", "2024-11-03T07:00Z"),
    ("America/Chicago", "2024-03-10T08:00Z"),
    ("Europe/Berlin", "2024-10-27T01:00Z"),
    ("Europe/Berlin", "2024-03-31T01:00Z"),
    ("Australia/Lord_Howe", "2024-04-06T15:00Z"),
    ("Australia/Lord_Howe", "2024-10-05T15:30Z"),
    ("Asia/Beirut", "2023-03-25T22:00Z"),
    ("Asia/Beirut", "2023-10-28T21:00Z"),
    ("Africa/Casablanca", "2024-03-10T02:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00Z"),
)
_SITUATIONS = tuple(
    (zone, microseconds(dt.datetime.fromisoformat(text)))
    for zone, text in (_MONDAY_NOON, *_CHANGES)
)

_GAPS = (DEFAULT_POLICY.max_gap, None, "1h", "1us", "400d")
_LOOKBACKS = (DEFAULT_POLICY.lookback, None, "0s", "7h", "1us", "400d")

drawn_policies: st.SearchStrategy[Policy] = st.builds(
    Policy,
    interpolation=st.sampled_from(get_args(Interpolation)),
    evidence=st.sampled_from(get_args(Evidence)),
    backfill=st.sampled_from((True, False)),
    max_gap=st.sampled_from(_GAPS),
    lookback=st.sampled_from(_LOOKBACKS),
    missing_days=st.sampled_from(get_args(MissingDays)),
    snap_midnight=st.sampled_from((True, False)),
    default_timezone=st.just(DEFAULT_POLICY.default_timezone) | drawn_zones,
)


_after_change = st.integers(0, 8 * 24).map(HOUR.__mul__) | instants_beside(st.just(0))


@st.composite
def draw_inputs(
    draw: st.DrawFn,
    store_ids: StoreIds | None,
    now: dt.datetime | None,
    extra: Collection[str],
    *,
    validity: bool,
) -> ShownInputs:
    """Draw tables that fit together, and a `now` near a change of the clocks if there is none."""
    ids = store_ids or draw(drawn_ids)
    zone, change = draw(st.sampled_from(_SITUATIONS))
    end = change + draw(_after_change) if now is None else microseconds(now)
    ending = from_microseconds(end)
    today = ending.date()
    valid = today if validity else None
    status = draw(draw_polls(ids, instants, 1, 10, end))
    optional = {
        "special_hours": draw_special_hours(ids, today),
        "maintenance": draw_maintenance(ids, end),
        "maintenance_hours": draw_maintenance_hours(ids, valid),
    }
    drawn = {name: draw(optional[name]) for name in optional if name in extra}
    return ShownInputs(
        status.clear() if draw(seldom) else status,
        draw(draw_hours(ids, valid)),
        # What is drawn last may be dropped with a store.
        draw(draw_timezones(ids, zone)),
        extra={name: table for name, table in drawn.items() if table.height},
        now=ending,
    )
