"""A kit for the tests of host applications: data sets with a known truth, short texts, checks."""

from store_uptime.testing.dataset import Dataset
from store_uptime.testing.equal_reports import assert_report_equal
from store_uptime.testing.making import make_dataset
from store_uptime.testing.story import polls, weekly
from store_uptime.testing.strategies import st_hours, st_inputs, st_policies, st_polls, st_zones
from store_uptime.testing.valid_reports import assert_report_valid

__all__ = [
    "Dataset",
    "assert_report_equal",
    "assert_report_valid",
    "make_dataset",
    "polls",
    "st_hours",
    "st_inputs",
    "st_policies",
    "st_polls",
    "st_zones",
    "weekly",
]


def __dir__() -> list[str]:
    """List the public names alone: completion shows what is listed here."""
    return __all__
