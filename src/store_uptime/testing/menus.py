"""What stores are drawn from: weekly hours as people have them, special hours, and zones."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Rows = tuple[tuple[str, str, str], ...]
"""Hours: the weekdays as digits (0 = Monday), start and end."""

HOURS_MENU: tuple[tuple[int, Rows], ...] = (
    (20, (("0123456", "10:00:00", "22:00:00"),)),
    (12, (("01234", "09:00:00", "17:00:00"),)),  # closed at the weekend
    (10, (("01234", "06:30:00", "23:00:00"), ("56", "08:00:00", "21:00:00"))),
    (10, (("123456", "11:00:00", "14:30:00"), ("123456", "17:00:00", "22:30:00"))),  # two sessions
    (8, (("0123", "16:00:00", "00:00:00"), ("456", "16:00:00", "02:00:00"))),  # past midnight
    (8, (("0123456", "20:00:00", "04:00:00"),)),  # open while clocks change
    (8, (("0123456", "00:00:00", "00:00:00"),)),  # 24 hours, in three ways
    (6, (("0123456", "00:00:00", "23:59:59"),)),
    (4, (("0123456", "00:00:00", "24:00:00"),)),
    (8, (("0123456", "00:00:00", "01:30:00"), ("0123456", "11:00:00", "23:59:00"))),  # split
    (6, (("456", "12:00:00", "21:00:00"),)),  # closed on most days
)  # fmt: skip
"""How much each menu weighs, and its rows."""

SPECIAL_MENU: tuple[tuple[str | None, str | None], ...] = (
    (None, None),
    ("10:00:00", "14:00:00"),
    ("18:00:00", "03:00:00"),
)
"""Start and end on a special day: closed, shorter, and past midnight."""

DEFAULT_ZONES: Mapping[str, int] = MappingProxyType(
    {
        "America/New_York": 30,
        "America/Chicago": 22,
        "America/Los_Angeles": 16,
        "America/Denver": 7,
        "America/Phoenix": 2,  # no daylight saving
        "America/Boise": 2,
        "America/Anchorage": 1,
        "Pacific/Honolulu": 1,
        "America/Puerto_Rico": 1,
        "Europe/London": 3,
        "Europe/Berlin": 3,
        "Asia/Kolkata": 2,  # half an hour off
        "Asia/Beirut": 1,  # clocks change at midnight
        "Australia/Sydney": 2,  # summer in December
        "Australia/Lord_Howe": 1,  # clocks change by half an hour
        "America/Santiago": 1,
        "Pacific/Auckland": 1,
    }
)
"""How much each zone weighs."""
