"""The rules that the caller may choose."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal, get_args

from store_uptime._time.zone_names import check_zones
from store_uptime.errors import PolicyError, check_word

Interpolation = Literal["nearest", "previous", "next"]
Evidence = Literal["open", "all"]
MissingDays = Literal["closed", "open"]

_MICROSECOND = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules that a report follows where reasonable people differ.

    Attributes
    ----------
    interpolation
        The state between two neighbouring pieces of evidence: that of the ``"nearest"`` (the
        later one from the midpoint on), of the ``"previous"``, or of the ``"next"`` poll.
    evidence
        Which polls may speak: those taken while the store is ``"open"``, or ``"all"``.
    backfill
        Whether the first evidence also speaks for the time before it; otherwise that time is
        unknown.
    max_gap
        No poll speaks for an instant further from it than this; beyond, time is unknown.
        ``None`` sets no limit.
    lookback
        How far before the earliest window polls still count as evidence. May be zero.
    missing_days
        Whether a store that has hours for some weekdays is ``"closed"`` or ``"open"`` all day on
        the others.
    snap_midnight
        Whether an end of 23:59:00 or later means midnight.
    default_timezone
        The zone of a store without one.

    Raises
    ------
    PolicyError
        A word that is not one of those above, a flag that is not a bool, a `max_gap` that is not
        positive, or a negative `lookback`.

    Notes
    -----
    `default_timezone` is checked against tzdata where it is used, at the call.

    Examples
    --------
    >>> Policy(interpolation="previous").interpolation
    'previous'
    >>> Policy(lookback=dt.timedelta(hours=-1))
    Traceback (most recent call last):
        ...
    store_uptime.errors.PolicyError: Policy.lookback: must be a timedelta of zero or more \
(first: datetime.timedelta(days=-1, seconds=82800)). Use timedelta(0) for no look-back at all.
    """

    interpolation: Interpolation = "nearest"
    evidence: Evidence = "open"
    backfill: bool = True
    max_gap: dt.timedelta | None = None
    lookback: dt.timedelta = dt.timedelta(days=1)
    missing_days: MissingDays = "closed"
    snap_midnight: bool = True
    default_timezone: str = "America/Chicago"

    def __post_init__(self) -> None:
        check_word("Policy", "interpolation", self.interpolation, get_args(Interpolation))
        check_word("Policy", "evidence", self.evidence, get_args(Evidence))
        check_word("Policy", "missing_days", self.missing_days, get_args(MissingDays))
        _check_flag("backfill", self.backfill)
        _check_flag("snap_midnight", self.snap_midnight)
        zero = dt.timedelta(0)
        gap: Any = self.max_gap
        if gap is not None and not (isinstance(gap, dt.timedelta) and gap > zero):
            _refuse_field("max_gap", "must be a positive timedelta", gap, "Use None for no limit.")
        back: Any = self.lookback
        if not (isinstance(back, dt.timedelta) and back >= zero):
            remedy = "Use timedelta(0) for no look-back at all."
            _refuse_field("lookback", "must be a timedelta of zero or more", back, remedy)

    @property
    def max_gap_us(self) -> int | None:
        """`max_gap` in microseconds."""
        return None if self.max_gap is None else self.max_gap // _MICROSECOND

    @property
    def lookback_us(self) -> int:
        """`lookback` in microseconds."""
        return self.lookback // _MICROSECOND


def check_batch(batch_stores: Any) -> None:
    """Raise `PolicyError` unless `batch_stores` is a positive integer or None."""
    fits = isinstance(batch_stores, int) and not isinstance(batch_stores, bool) and batch_stores > 0
    if batch_stores is not None and not fits:
        raise PolicyError(
            "must be a whole number from 1 on",
            table="batch_stores",
            values=[batch_stores],
            remedy="With None the library chooses.",
        )


def _refuse_field(field: str, problem: str, value: Any, remedy: str) -> None:
    raise PolicyError(problem, table="Policy", column=field, values=[value], remedy=remedy)


def _check_flag(field: str, value: Any) -> None:
    if not isinstance(value, bool):
        _refuse_field(field, "must be True or False", value, "Use a bool.")


DEFAULT_POLICY = Policy()


def check_policy(policy: Any) -> None:
    """Raise unless `policy` is one, with a default zone that the tzdata package knows.

    Raises
    ------
    PolicyError
        It is no `Policy`.
    UnknownTimeZoneError
        Its `default_timezone` is unknown.
    """
    if not isinstance(policy, Policy):
        remedy = "Give a store_uptime.Policy."
        raise PolicyError("is not a policy", table="policy", values=[policy], remedy=remedy)
    check_zones([policy.default_timezone], table="Policy", column="default_timezone")
