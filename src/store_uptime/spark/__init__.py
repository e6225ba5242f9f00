"""Reports on Spark DataFrames."""

from store_uptime.spark.history import compute_history
from store_uptime.spark.pieces import compute_outages, compute_timeline
from store_uptime.spark.report import compute_report
from store_uptime.spark.timeline import report_from_timeline

__all__ = [
    "compute_history",
    "compute_outages",
    "compute_report",
    "compute_timeline",
    "report_from_timeline",
]


def __dir__() -> list[str]:
    """List the public names alone: completion shows what is listed here."""
    return __all__
