"""Errors in the words that are typed on the command line, not in those of Python."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from store_uptime._tables.contract import TABLES
from store_uptime.cli.options import ABSENT_TABLES, flag
from store_uptime.errors import PolicyError, StoreUptimeError
from store_uptime.notices import CoverageWarning

_OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "CalendarWindow": "--window",
        "Window": "--window",
        "windows": "--window",
    }
)
_TYPED: Mapping[str, str] = MappingProxyType({"strict": "--lenient", "now": "--now ISO"})


def as_typed(option: str | None) -> str | None:
    """Return an argument of the library, such as ``strict=False``, as it is typed here."""
    if option is None:
        return None
    name, _, value = option.partition("=")
    if name in ABSENT_TABLES and value in ("False", "None"):
        return flag(f"no_{name}")
    if name in TABLES:
        return f"{flag(name)} FILE"
    return _TYPED.get(name, option)


def told(error: StoreUptimeError | OSError) -> str:
    """Return what is wrong."""
    if isinstance(error, PolicyError):
        return _about_argument(error)
    if isinstance(error, StoreUptimeError):
        return error.text(as_typed(error.option))
    if error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _about_argument(error: PolicyError) -> str:
    name = error.table or ""
    option = flag(error.column or "") if name == "Policy" else _OPTIONS.get(name, flag(name))
    # What is no text was made from what was typed, and is written as Python writes it.
    values = ", ".join(repr(value) for value in error.values if isinstance(value, str))
    text = f"argument {option}: {error.problem}"
    remedy = f". {error.remedy}" if error.remedy else ""
    return f"{text} ({values}){remedy}" if values else f"{text}{remedy}"


def warned(facts: CoverageWarning) -> str:
    """Return how little is known, and which options to look at."""
    return facts.text(now="--now", max_gap="--max-gap", lookback="--lookback")
