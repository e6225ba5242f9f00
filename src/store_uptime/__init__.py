"""Uptime and downtime of stores from periodic polls, local opening hours and time zones.

>>> import polars as pl
>>> from store_uptime import compute_report
>>> status = pl.DataFrame(
...     {
...         "store_id": [1, 1],
...         "timestamp_utc": ["2023-01-23 10:14:00 UTC", "2023-01-23 11:15:00 UTC"],
...         "status": ["active", "inactive"],
...     }
... )
>>> hours = pl.DataFrame(
...     {
...         "store_id": [1],
...         "day_of_week": [0],
...         "start_time_local": ["09:00"],
...         "end_time_local": ["12:00"],
...     }
... )
>>> timezones = pl.DataFrame({"store_id": [1], "timezone_str": ["Etc/UTC"]})
>>> report = compute_report(status, hours, timezones, now="2023-01-23T12:00:00Z")
>>> report.select("uptime_last_day", "downtime_last_day").row(0)  # hours: 104.5 and 75.5 minutes
(1.7416666666666667, 1.2583333333333333)
"""

from importlib import import_module
from typing import TYPE_CHECKING

from store_uptime._results.from_timeline import outages_from_timeline, report_from_timeline
from store_uptime._results.long_form import tidy
from store_uptime._results.outage_summary import summarize_outages
from store_uptime._results.summary import summarize
from store_uptime._version import installed_version
from store_uptime.errors import (
    DatabaseError,
    InvalidHoursError,
    InvalidStatusError,
    MissingDependencyError,
    NaiveDatetimeError,
    PolicyError,
    SchemaError,
    StoreUptimeError,
    UnknownTimeZoneError,
)
from store_uptime.history import compute_history, every
from store_uptime.inputs import Inputs
from store_uptime.notices import CoverageWarning, RejectedRowsWarning
from store_uptime.policy import Policy
from store_uptime.polling import describe_polls
from store_uptime.rates import fit_outage_rates
from store_uptime.report import compute_report
from store_uptime.timeline import compute_outages, compute_timeline
from store_uptime.windows import DEFAULT_WINDOWS, CalendarWindow, Window

__all__ = [
    "DEFAULT_WINDOWS",
    "CalendarWindow",
    "CoverageWarning",
    "DatabaseError",
    "Inputs",
    "InvalidHoursError",
    "InvalidStatusError",
    "MissingDependencyError",
    "NaiveDatetimeError",
    "Policy",
    "PolicyError",
    "RejectedRowsWarning",
    "SchemaError",
    "StoreUptimeError",
    "UnknownTimeZoneError",
    "Window",
    "__version__",
    "compute_history",
    "compute_outages",
    "compute_report",
    "compute_timeline",
    "describe_polls",
    "every",
    "fit_outage_rates",
    "html_report",
    "load_csv",
    "load_parquet",
    "load_sql",
    "outages_from_timeline",
    "report_from_timeline",
    "summarize",
    "summarize_outages",
    "tidy",
    "write_sql",
]


def __dir__() -> list[str]:
    """List the public names alone: completion shows what is listed here."""
    rooms = {"plot", "spark", "testing"}  # there once they are imported
    return [*__all__, *sorted(rooms & globals().keys())]


if TYPE_CHECKING:
    from store_uptime._csv.load import load_csv
    from store_uptime._html.write import html_report
    from store_uptime._parquet.load import load_parquet
    from store_uptime._sql.load import load_sql
    from store_uptime._sql.write import write_sql

    __version__: str
else:
    _LOADED_LATE = {
        "html_report": "_html.write",
        "load_csv": "_csv.load",
        "load_parquet": "_parquet.load",
        "load_sql": "_sql.load",
        "write_sql": "_sql.write",
    }

    def __getattr__(name: str) -> object:
        """Look up what reads or writes files when it is asked for: most ask for one or none."""
        if name == "__version__":
            return installed_version()
        if name in _LOADED_LATE:
            found = getattr(import_module(f"{__name__}.{_LOADED_LATE[name]}"), name)
            return globals().setdefault(name, found)
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
