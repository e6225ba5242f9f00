"""A kit for the tests of host applications: data sets with a known truth, short texts, checks."""

from store_uptime.testing.story import polls, weekly

__all__ = ["polls", "weekly"]
