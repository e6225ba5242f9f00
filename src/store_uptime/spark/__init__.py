"""Reports on Spark DataFrames."""

from store_uptime.spark.report import compute_report
from store_uptime.spark.timeline import report_from_timeline

__all__ = ["compute_report", "report_from_timeline"]


def __dir__() -> list[str]:
    """List the public names alone: completion shows what is listed here."""
    return __all__
