"""The report on Spark DataFrames."""

from store_uptime.spark.report import compute_report

__all__ = ["compute_report"]


def __dir__() -> list[str]:
    """List the public names alone: completion shows what is listed here."""
    return __all__
