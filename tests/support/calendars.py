"""The calendars that a call makes, counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from store_uptime._engine import batches
from store_uptime._time.calendar import Calendar, make_calendar


def dates_of(monkeypatch: pytest.MonkeyPatch, compute: Callable[[], Any]) -> int:
    """Return how many dates the calendars hold that a call makes."""
    made: list[int] = []

    def spy(*args: Any) -> Calendar:
        calendar = make_calendar(*args)
        made.append(calendar.dates.height + calendar.runs.height)
        return calendar

    monkeypatch.setattr(batches, "make_calendar", spy)
    compute()
    return sum(made)
