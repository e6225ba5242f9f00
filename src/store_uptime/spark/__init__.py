"""The report on Spark DataFrames."""

from store_uptime.spark.report import compute_report

__all__ = ["compute_report"]
