"""Errors in the words that are typed on the command line, not in those of Python."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from store_uptime._tables.contract import TABLES
from store_uptime.cli.argument_values import NO_LIMIT
from store_uptime.cli.options import ABSENT_TABLES, flag
from store_uptime.errors import PolicyError, StoreUptimeError, facts_of
from store_uptime.notices import CoverageWarning

_OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "CalendarWindow": "--window",
        "Window": "--window",
        "windows": "--window",
    }
)
_REMEDIES: Mapping[tuple[str, str | None], str] = MappingProxyType(
    {
        ("never_settles", "interpolation"): "Give nearest, or previous with --no-backfill.",
        ("never_settles", "backfill"): "It goes with --interpolation previous, not with nearest.",
        ("never_settles", "max_gap"): "With --interpolation nearest, give one such as 1d.",
        ("never_settles", "lookback"): f"Give at least --max-gap, or {NO_LIMIT}.",
        ("log_of_changes", None): "Changes are seen when they happen. If these are polls, give "
        "--max-gap.",
        ("no_timezones", None): "Give --timezones FILE; or --no-timezones, and all stores are in "
        "--default-timezone.",
        ("piece_not_covered", "start"): "A settled timeline is named by the span that it covers; "
        "look whether a file was renamed.",
    }
)
"""Where the remedy is in Python's words: another, by code and column."""
_TYPED: Mapping[str, str] = MappingProxyType({"strict": "--lenient", "now": "--now ISO"})


def as_typed(option: str | None) -> str | None:
    """Return an argument of the library, such as ``strict=False``, as it is typed here."""
    if option is None:
        return None
    name, _, value = option.partition("=")
    if name in ABSENT_TABLES and value in ("False", "None"):
        return flag(f"no_{name}")
    if name in TABLES:
        return f"{flag(name)} {'FILE' if value == '...' else value}"
    return _TYPED.get(name, option)


def told(error: StoreUptimeError | OSError) -> str:
    """Return what is wrong."""
    if isinstance(error, PolicyError):
        return _about_argument(error)
    if isinstance(error, StoreUptimeError):
        remedy = _REMEDIES.get((error.code, error.column))
        if remedy is not None:
            error = type(error)(**facts_of(error) | {"remedy": remedy})
        return error.text(as_typed(error.option))
    if error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _about_argument(error: PolicyError) -> str:
    # What is no text was made from what was typed, and is written as Python writes it.
    values = ", ".join(repr(value) for value in error.values if isinstance(value, str))
    # The field of a policy is true where the option that is called after its opposite is not given.
    left_out = error.column == "backfill" and error.values == (True,)
    problem = error.problem.replace("with it", "without it") if left_out else error.problem
    text = f"argument {_option_of(error)}: {problem}"
    remedy = _REMEDIES.get((error.code, error.column), error.remedy)
    if error.code == "window_not_covered" and error.table == "windows":
        remedy += " Look at --window and --now."
    remedy = f". {remedy}" if remedy else ""
    return f"{text} ({values}){remedy}" if values else f"{text}{remedy}"


def _option_of(error: PolicyError) -> str:
    name = error.table or ""
    if name != "Policy":
        return _OPTIONS.get(name, flag(name))
    return flag(error.column or "") if error.column != "backfill" else "--no-backfill"


def warned(facts: CoverageWarning) -> str:
    """Return how little is known, and which options to look at."""
    return facts.text(now="--now", max_gap="--max-gap", lookback="--lookback")
