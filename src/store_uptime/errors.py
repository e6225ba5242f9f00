"""Every error that this package raises on purpose.

Each class derives from `StoreUptimeError` and from the builtin that fits, so a caller may catch
either. The facts behind a message are attributes too: a service can log or translate them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from importlib import import_module
from typing import Any

__all__ = [
    "DatabaseError",
    "InvalidHoursError",
    "InvalidStatusError",
    "MissingDependencyError",
    "NaiveDatetimeError",
    "PolicyError",
    "SchemaError",
    "StoreUptimeError",
    "UnknownTimeZoneError",
]

SHOWN_VALUES = 5
"""How many offending values an error holds, and its message shows."""

_LISTED_NAMES = 12
_SHOWN_CHARACTERS = 80
_HELD_CHARACTERS = 1_000  # of a text among the values: services log them and send them on
# With five values and a place, a message stays below 2,000 characters.
_SENTENCE_CHARACTERS = 650
_PLAIN = {str, bytes, bool, int, float, Decimal, dt.date, dt.datetime, dt.time, dt.timedelta}


class StoreUptimeError(Exception):
    """Root of all errors of this package.

    Parameters
    ----------
    problem
        What is wrong, in words.
    table, column
        Where: the input table and its column, as the caller named them.
    count
        How many rows are affected.
    values
        The first few offending values.
    remedy
        What to do about it. ``{option}`` in it stands for `option`.
    code
        The kind of fault, one snake_case word of those that ``docs/errors.md`` lists; it is never
        renamed.
    option
        The argument that the remedy is about, as it is written in Python, such as
        ``strict=False``.

    Attributes
    ----------
    problem, code, table, column, count, option
        The parameters, unchanged; ``None`` where one does not apply.
    values
        At most five of the parameter's; a text of more than 1,000 characters without its middle.
    remedy
        What to do about it, with the option as it is written in Python.
    """

    def __init__(
        self,
        problem: str,
        *,
        code: str,
        table: str | None = None,
        column: str | None = None,
        count: int | None = None,
        values: Sequence[object] = (),
        remedy: str = "",
        option: str | None = None,
    ) -> None:
        self.problem = problem
        self.code = code
        self.table = table
        self.column = column
        self.count = count
        self.values = tuple(_held(value) for value in values[:SHOWN_VALUES])
        self.option = option
        self._remedy = remedy
        super().__init__(self.text(option))

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return self._remedy_with(self.option)

    def _remedy_with(self, option: str | None) -> str:
        return self._remedy if option is None else self._remedy.replace("{option}", option)

    def text(self, option: str | None) -> str:
        """Return the message with the option as it is written where the message is read."""
        places = (self.table, self.column)
        where = ".".join(shortened(place, _SHOWN_CHARACTERS) for place in places if place)
        problem = shortened(self.problem, _SENTENCE_CHARACTERS)
        text = f"{where}: {problem}" if where else problem
        if self.count is not None:
            text += f" in {self.count:,} row{'' if self.count == 1 else 's'}"
        if self.values:
            shown = ", ".join(map(_shown, self.values))
            text += f" (first: {shown})"
        remedy = shortened(self._remedy_with(option), _SENTENCE_CHARACTERS)
        return f"{text}. {remedy}" if remedy else f"{text}."

    def __reduce__(self) -> tuple[object, tuple[object, ...], object]:
        # Task queues pickle exceptions between processes; the default protocol would call the
        # class with the finished text alone and lose the facts.
        facts = facts_of(self) | {"values": _travelling(self.values)}
        notes = {"__notes__": self.__notes__} if hasattr(self, "__notes__") else None
        return _rebuilt, (type(self), facts), notes


def shortened(text: str, most: int) -> str:
    """Return the text, without its middle where it is longer than `most` characters."""
    if len(text) <= most:
        return text
    kept = most - 3
    return f"{text[: kept - kept // 3]}...{text[len(text) - kept // 3 :]}"


def _held(value: object) -> object:
    return shortened(value, _HELD_CHARACTERS) if type(value) is str else value


def listed(names: Iterable[str]) -> str:
    """Return names for a message: the first ones, and how many there are if those are not all."""
    every = list(names)
    shown = ", ".join(shortened(name, _SHOWN_CHARACTERS) for name in every[:_LISTED_NAMES])
    more = f", ... ({len(every):,} in all)" if len(every) > _LISTED_NAMES else ""
    return f"{shown}{more}" if every else "none"


def _travelling(value: object) -> object:
    """Return a value in a form that can be pickled: what is not plain, as it is shown."""
    if type(value) is list:
        return [*map(_travelling, value)]
    if type(value) is tuple:
        return tuple(map(_travelling, value))
    return value if value is None or type(value) in _PLAIN else _Shown(_shown(value))


class _Shown(str):
    """What is shown of a value that stays behind; it looks like the value itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  # the value is a stranger's
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 3]}..."


def facts_of(error: StoreUptimeError) -> dict[str, Any]:
    """Return the arguments of which the class makes the same error."""
    names = ("problem", "code", "table", "column", "count", "values", "option")
    return {name: getattr(error, name) for name in names} | {"remedy": error._remedy}  # noqa: SLF001


def _rebuilt(cls: type[StoreUptimeError], facts: Mapping[str, Any]) -> StoreUptimeError:
    return cls(**facts)


class SchemaError(StoreUptimeError, ValueError):
    """A table lacks a column, or a column has a type that is not accepted."""


class InvalidStatusError(StoreUptimeError, ValueError):
    """`status` holds a null id, a null or unreadable timestamp, or an unknown status."""


class InvalidHoursError(StoreUptimeError, ValueError):
    """`hours`, `special_hours` or `maintenance` hold a row that says no time.

    A null id in `hours`, a weekday outside 0-6, a null or unreadable time or date, one of two
    times alone, an end not after its start.
    """


class UnknownTimeZoneError(StoreUptimeError, ValueError):
    """A zone is unknown to the tzdata package, or one store has two different zones."""


class NaiveDatetimeError(StoreUptimeError, ValueError):
    """`now`, `start` or an instant of `at` has no time zone, so it names no instant."""


class PolicyError(StoreUptimeError, ValueError):
    """A policy, a window or `now` makes no sense."""


def check_word(
    table: str, column: str | None, word: object, words: Sequence[str], *, kind: str = "word"
) -> None:
    """Raise `PolicyError` unless `word` is one of `words`, which are of this kind."""
    if not (isinstance(word, str) and word in words):
        remedy = f"Use one of {', '.join(map(repr, words))}."
        raise PolicyError(
            f"unknown {kind}",
            table=table,
            column=column,
            values=[word],
            remedy=remedy,
            code="unknown_word",
        )


class MissingDependencyError(StoreUptimeError, ImportError):
    """An optional package is not installed."""


def need_packages(who: str, *names: str, remedy: str) -> None:
    """Raise `MissingDependencyError` unless all packages are there; `who` is what needs them."""
    try:
        for name in names:
            import_module(name)
    except ImportError as error:
        raise MissingDependencyError(
            f"{who} another package: {error}", remedy=remedy, code="missing_package"
        ) from error


class DatabaseError(StoreUptimeError, ConnectionError):
    """A database cannot be reached, broke off, or could not do what it was asked to do."""
