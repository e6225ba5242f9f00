"""A kit for the tests of host applications: data sets with a known truth, short texts, checks."""

from store_uptime.testing.dataset import Dataset
from store_uptime.testing.making import make_dataset

__all__ = [
    "Dataset",
    "make_dataset",
]
