"""From the arguments of a call to its tables: given one by one, or together as `Inputs`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from store_uptime._tables.contract import TABLES
from store_uptime._time.instants import check_instant, microseconds
from store_uptime.errors import PolicyError, SchemaError
from store_uptime.inputs import Inputs
from store_uptime.policy import Policy


@dataclass(frozen=True, slots=True)
class Given:
    """The tables by name, and what a loader remembers of the polls that it chose.

    That is the `now` for which it did, and the span from `since` to `until` in which they lie.
    """

    tables: Mapping[str, object]
    now: dt.datetime | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    def now_for(self, now: object) -> dt.datetime | None:
        """Return the caller's `now`, checked, or else that of the loader."""
        return self.now if now is None else check_instant(now)

    def check_span(self, start: int, now: dt.datetime, policy: Policy) -> None:
        """Raise `PolicyError` if polls matter that the loader left out.

        `start` is where the earliest window begins, in microseconds since 1970.
        """
        if self.since is not None:
            back = policy.lookback_us
            if back is None or start - back < microseconds(self.since):
                _refuse_span(
                    "a window, with its look-back, begins before the polls that were loaded",
                    f"since {self.since.isoformat()}",
                )
        if self.until is not None and now > self.until:
            _refuse_span(
                "now is after the polls that were loaded", f"until {self.until.isoformat()}"
            )


def _refuse_span(problem: str, loaded: str) -> None:
    raise PolicyError(
        problem,
        code="outside_loaded_span",
        table="inputs",
        values=[loaded],
        remedy="Load again for it: load_sql(connection, now=now, windows=windows, policy=policy).",
    )


def gather(
    status: object,
    hours: object = None,
    timezones: object = None,
    special_hours: object = None,
    maintenance: object = None,
    maintenance_hours: object = None,
) -> Given:
    """Return the tables of a call, those of `Inputs` if `status` is one.

    Raises
    ------
    SchemaError
        A table is given twice, or `Inputs.extra` has one that does not exist.
    """
    beside = {
        "hours": hours,
        "timezones": timezones,
        "special_hours": special_hours,
        "maintenance": maintenance,
        "maintenance_hours": maintenance_hours,
    }
    named = {name: table for name, table in beside.items() if table is not None}
    if not isinstance(status, Inputs):
        return Given({"status": status, **named})
    held = {"status": status[0], "hours": status[1], "timezones": status[2], **status.extra}
    own = {name: table for name, table in held.items() if table is not None}
    for name in own:
        if name in named:
            raise SchemaError(
                "given twice: in Inputs and beside it",
                code="table_given_twice",
                table=name,
                remedy="Leave the one beside Inputs out.",
            )
        if name not in TABLES:
            raise SchemaError(
                "no such table",
                code="unknown_table",
                table="Inputs.extra",
                values=[name],
                remedy=f"The tables are {', '.join(TABLES)}.",
            )
    return Given({**own, **named}, status.now, status.since, status.until)
