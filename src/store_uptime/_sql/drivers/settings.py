"""Values for queries of PostgreSQL that can take none, such as COPY."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from store_uptime._sql.driver import Driver
from store_uptime._sql.parameters import PARAMETER, Value, with_marks


def with_settings(driver: Driver, query: str, values: Sequence[Value]) -> str:
    """Bind the values to settings of the transaction; return a query that reads these."""
    marks = []
    for i, value in enumerate(values):
        setting = f"store_uptime.value_{i}"
        driver.run(f"SELECT set_config('{setting}', {PARAMETER}, true)", str(value))
        marks.append(f"CAST(current_setting('{setting}') AS {_type_of(value)})")
    return with_marks(query, marks)


def _type_of(value: Value) -> str:
    if isinstance(value, dt.datetime):
        return "timestamp" if value.tzinfo is None else "timestamptz"
    return "text"
