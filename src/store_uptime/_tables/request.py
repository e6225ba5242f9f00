"""What every computation begins with: the policy and the tables, checked together."""

from __future__ import annotations

import datetime as dt
from typing import Any

from store_uptime._tables.read import Tables, read_tables
from store_uptime._time.instants import from_microseconds
from store_uptime._time.zones import check_zones, zone_names
from store_uptime.errors import InvalidStatusError
from store_uptime.policy import Policy, check_policy


def read_request(
    status: Any, hours: Any, timezones: Any, special_hours: Any, maintenance: Any, policy: Policy
) -> Tables:
    """Check the policy and all tables, and return the tables in canonical form."""
    check_policy(policy)
    check_zones([policy.default_timezone], table="Policy", column="default_timezone")
    tables = read_tables(status, hours, timezones, special_hours, maintenance)
    zones = tables.timezones["zone"].drop_nulls()
    # Few zones have many stores; the rows are looked through only to count them for an error.
    if not zone_names().issuperset(zones.unique()):
        check_zones(zones, table="timezones", column="timezone_str")
    return tables


def latest_poll(tables: Tables) -> dt.datetime:
    """Return the instant of the latest poll, which is `now` where none is given.

    Raises
    ------
    InvalidStatusError
        There are no polls.
    """
    if tables.polls.last is None:
        raise InvalidStatusError(
            "no polls to take now from", table="status", remedy="Pass now explicitly."
        )
    return from_microseconds(tables.polls.last)
