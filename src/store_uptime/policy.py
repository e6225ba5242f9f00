"""The rules that the caller may choose."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, Self, TypedDict, Unpack, get_args

from store_uptime._frozen import as_call
from store_uptime._time.instants import check_instant
from store_uptime._time.lengths import LENGTH_EXAMPLES, read_length, shown_length
from store_uptime._time.zone_names import check_zones
from store_uptime.errors import PolicyError, check_word

Interpolation = Literal["nearest", "previous", "next"]
Evidence = Literal["open", "all"]
MissingDays = Literal["closed", "open"]

_MICROSECOND = dt.timedelta(microseconds=1)


class _Rules(TypedDict, total=False):
    """The fields of `Policy`."""

    interpolation: Interpolation
    evidence: Evidence
    backfill: bool
    max_gap: dt.timedelta | str | None
    lookback: dt.timedelta | str | None
    missing_days: MissingDays
    snap_midnight: bool
    default_timezone: str


_FOR_CHANGES: _Rules = {
    "interpolation": "previous",
    "evidence": "all",
    "backfill": False,
    "max_gap": None,
    "lookback": None,
}


@dataclass(frozen=True, slots=True, init=False, repr=False)
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
        No poll speaks for an instant further from it than this; beyond, time is unknown. A
        ``timedelta``, or a string in polars' notation such as ``"12h"``; a day by default.
        ``None`` sets no limit: then one poll speaks for a whole week, or a year.
    lookback
        How far before the earliest window polls still count as evidence, likewise; a day by
        default. May be zero; ``None`` is without limit.
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
        positive, a negative `lookback`, or a string that is no length of time.

    Notes
    -----
    `default_timezone` is checked against tzdata where it is used, at the call.

    Examples
    --------
    >>> Policy(interpolation="previous", max_gap="90m").max_gap
    datetime.timedelta(seconds=5400)
    >>> Policy(lookback=dt.timedelta(hours=-1))
    Traceback (most recent call last):
        ...
    store_uptime.errors.PolicyError: Policy.lookback: must be a length of zero or more \
(first: datetime.timedelta(days=-1, seconds=82800)). Use None for no limit.
    """

    interpolation: Interpolation
    evidence: Evidence
    backfill: bool
    max_gap: dt.timedelta | None
    lookback: dt.timedelta | None
    missing_days: MissingDays
    snap_midnight: bool
    default_timezone: str

    # Written out, because lengths may be given as strings, but are never kept as such.
    def __init__(
        self,
        interpolation: Interpolation = "nearest",
        evidence: Evidence = "open",
        backfill: bool = True,  # noqa: FBT001, FBT002  # a dataclass's order
        max_gap: dt.timedelta | str | None = dt.timedelta(days=1),
        lookback: dt.timedelta | str | None = dt.timedelta(days=1),
        missing_days: MissingDays = "closed",
        snap_midnight: bool = True,  # noqa: FBT001, FBT002  # a dataclass's order
        default_timezone: str = "America/Chicago",
    ) -> None:
        """Take the rules, or raise `PolicyError`."""
        check_word("Policy", "interpolation", interpolation, get_args(Interpolation))
        check_word("Policy", "evidence", evidence, get_args(Evidence))
        check_word("Policy", "missing_days", missing_days, get_args(MissingDays))
        check_flag(backfill, "Policy", "backfill")
        check_flag(snap_midnight, "Policy", "snap_midnight")
        rules = {
            "interpolation": interpolation,
            "evidence": evidence,
            "backfill": backfill,
            "max_gap": _limit("max_gap", max_gap, at_least=_MICROSECOND),
            "lookback": _limit("lookback", lookback, at_least=dt.timedelta(0)),
            "missing_days": missing_days,
            "snap_midnight": snap_midnight,
            "default_timezone": default_timezone,
        }
        for name, value in rules.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return as_call(self, shown_length)

    @classmethod
    def for_changes(cls, **others: Unpack[_Rules]) -> Self:
        """Return the policy for a log of state changes instead of periodic polls.

        Each row of such a log holds until the next one, however long that is, whenever the store
        is open; before the first row nothing is known. So it is `interpolation` ``"previous"``,
        `evidence` ``"all"``, no `max_gap`, no limit to `lookback`, no `backfill`.

        Give `now` with it: without it, a report ends at the last change. `uptime_min` and
        `uptime_max` say nothing of such a log, and its report has no uncertainty.

        Parameters
        ----------
        **others
            Other fields, or other values of these.

        Raises
        ------
        PolicyError
            As for `Policy`.

        Examples
        --------
        >>> Policy.for_changes(default_timezone="Etc/UTC").interpolation
        'previous'
        """
        rules: _Rules = {**_FOR_CHANGES, **others}
        return cls(**rules)

    def settled_until(self, now: dt.datetime | str) -> dt.datetime:
        """Return the instant before which no poll later than `now` can change a state.

        By ``"nearest"`` with `backfill`, a poll speaks for the time of `max_gap` before it, so a
        timeline is settled up to ``now - max_gap``. By ``"previous"`` without `backfill` it speaks
        for nothing before it, so all is settled up to `now`. In both cases only if `lookback` is at
        least `max_gap`: then no older poll can speak either. Where polls arrive late, give a `now`
        that is set back by the longest delay.

        Parameters
        ----------
        now
            Up to when the polls are there: an aware datetime or an ISO 8601 string with an offset.

        Returns
        -------
        datetime
            In UTC.

        Raises
        ------
        PolicyError
            With these rules a timeline never settles; the message says which to change. Or `now` is
            no instant, or ``now - max_gap`` is before the year 1.
        NaiveDatetimeError
            `now` has no time zone.

        Examples
        --------
        >>> Policy().settled_until("2024-03-02T06:00:00Z").isoformat()
        '2024-03-01T06:00:00+00:00'
        >>> Policy.for_changes().settled_until("2024-03-02T06:00:00Z").isoformat()
        '2024-03-02T06:00:00+00:00'
        """
        until = check_instant(now)
        reach = self._reach_back()
        try:
            return until - reach
        except OverflowError as error:
            remedy = "A timeline is settled up to now - max_gap: give a shorter one."
            raise _refused(
                "max_gap", "reaches back too far", reach, remedy, code="before_year_1"
            ) from error

    def _reach_back(self) -> dt.timedelta:
        """Return how far before it a poll can change a state, or raise where there is no limit."""
        if self.interpolation == "next":
            remedy = "Use 'nearest' with backfill, or 'previous' without it."
            raise _never_settles("interpolation", self.interpolation, remedy)
        if self.interpolation == "previous":
            if self.backfill:
                raise _never_settles("backfill", self.backfill, "With 'previous', use False.")
            reach = dt.timedelta(0)
        else:
            if not self.backfill:
                raise _never_settles("backfill", self.backfill, "With 'nearest', use True.")
            if self.max_gap is None:
                remedy = "With 'nearest', give a limit, such as a day."
                raise _never_settles("max_gap", self.max_gap, remedy)
            reach = self.max_gap
        back = self.lookback
        if back is not None and (self.max_gap is None or back < self.max_gap):
            remedy = "Give one of at least max_gap, or None for no limit."
            raise _never_settles("lookback", back, remedy)
        return reach

    @property
    def max_gap_us(self) -> int | None:
        """`max_gap` in microseconds."""
        return None if self.max_gap is None else self.max_gap // _MICROSECOND

    @property
    def lookback_us(self) -> int | None:
        """`lookback` in microseconds."""
        return None if self.lookback is None else self.lookback // _MICROSECOND


def check_batch(batch_stores: object) -> None:
    """Raise `PolicyError` unless `batch_stores` is a positive integer or None."""
    fits = isinstance(batch_stores, int) and not isinstance(batch_stores, bool) and batch_stores > 0
    if batch_stores is not None and not fits:
        raise PolicyError(
            "must be a whole number from 1 on",
            table="batch_stores",
            values=[batch_stores],
            remedy="With None the library chooses.",
            code="wrong_number",
        )


def check_flag(value: object, table: str, column: str | None = None) -> None:
    """Raise `PolicyError` unless an option, of a call or of a policy, is True or False."""
    if not isinstance(value, bool):
        raise PolicyError(
            "must be True or False",
            table=table,
            column=column,
            values=[value],
            remedy="Use a bool.",
            code="not_a_flag",
        )


def check_progress(progress: object) -> None:
    """Raise `PolicyError` unless `progress` can be called, or is None."""
    if progress is not None and not callable(progress):
        raise PolicyError(
            "cannot be called",
            table="progress",
            values=[progress],
            remedy="Give a function of two numbers: the stores that are done, and all stores.",
            code="not_callable",
        )


def _limit(field: str, given: object, *, at_least: dt.timedelta) -> dt.timedelta | None:
    """Return a length that has a limit, or None."""
    if given is None:
        return None
    wanted = "a length of zero or more" if not at_least else "a positive length"
    try:
        length = read_length(given)
    except ValueError:
        length = None
    if isinstance(length, dt.timedelta) and length >= at_least:
        return length
    if isinstance(given, str):
        remedy = f"Write it like {LENGTH_EXAMPLES}; months and years have no fixed length."
    else:
        remedy = "Use None for no limit."
    raise _refused(field, f"must be {wanted}", given, remedy, code="not_a_length")


def _refused(field: str, problem: str, value: object, remedy: str, *, code: str) -> PolicyError:
    return PolicyError(
        problem, table="Policy", column=field, values=[value], remedy=remedy, code=code
    )


def _never_settles(field: str, value: object, remedy: str) -> PolicyError:
    problem = "with it, what is kept may still change, so that no timeline settles"
    return _refused(field, problem, value, remedy, code="never_settles")


DEFAULT_POLICY = Policy()


def refuse_changes(policy: Policy, table: str) -> None:
    """Raise `PolicyError` if the rules are those for a log of changes: all that make them so.

    With one of them changed, rows may be periodic polls: each as good as the next, or with a limit
    to how long they speak.
    """
    if all(getattr(policy, rule) == value for rule, value in _FOR_CHANGES.items()):
        raise PolicyError(
            "does not go with the rules for a log of changes, which is no sample",
            table=table,
            remedy="Changes are seen when they happen, so they leave nothing to estimate. If these "
            "are periodic polls, set a max_gap.",
            code="log_of_changes",
        )


def check_policy(policy: object) -> None:
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
        raise PolicyError(
            "is not a policy", table="policy", values=[policy], remedy=remedy, code="not_a_policy"
        )
    check_zones([policy.default_timezone], table="Policy", column="default_timezone")
