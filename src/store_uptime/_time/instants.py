"""Instants: aware datetimes outside, integer microseconds since 1970-01-01 UTC inside."""

from __future__ import annotations

import calendar
import datetime as dt

from dateutil.parser import isoparse

from store_uptime.errors import NaiveDatetimeError, PolicyError

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def microseconds(instant: dt.datetime) -> int:
    """Return an aware `instant` as integer microseconds since 1970-01-01 UTC."""
    return calendar.timegm(instant.utctimetuple()) * 10**6 + instant.microsecond


def check_instant(given: object, *, table: str = "now") -> dt.datetime:
    """Return `now`, or what else is given as an instant, as a plain datetime in UTC, or raise.

    Raises
    ------
    NaiveDatetimeError
        It carries no zone or offset.
    PolicyError
        It is neither a datetime nor a readable ISO 8601 string.
    """
    remedy = "Give an aware datetime or an ISO 8601 string with an offset."
    refusal = PolicyError(
        "is not an instant", table=table, values=[given], remedy=remedy, code="not_an_instant"
    )
    instant = given
    if isinstance(given, str):
        try:
            # " UTC" is how the poll files themselves end their timestamps.
            ending = "Z" if " UTC" in given else ""
            instant = isoparse(given.strip().removesuffix(" UTC") + ending)
        except ValueError as error:
            raise refusal from error
    if not isinstance(instant, dt.datetime):
        raise refusal
    try:
        offset = instant.utcoffset()
    except Exception as error:
        # pandas' NaT is a datetime, but has no time; a tzinfo may be anybody's code.
        raise refusal from error
    if offset is None:
        example = "2023-01-25T18:13:22+00:00"
        remedy = f"Attach the zone: now.replace(tzinfo=timezone.utc), or {example!r} as a string."
        raise NaiveDatetimeError(
            "has no time zone", table=table, values=[given], remedy=remedy, code="naive_instant"
        )
    try:
        return from_microseconds(microseconds(instant))
    except (OverflowError, ValueError) as error:
        raise refusal from error


def from_microseconds(value: int) -> dt.datetime:
    """Return the aware UTC datetime `value` microseconds after 1970."""
    return _EPOCH + dt.timedelta(microseconds=value)
