"""Every error that this package raises on purpose.

Each class derives from `StoreUptimeError` and from the builtin that fits, so a caller may catch
either. The facts behind a message are attributes too: a service can log or translate them.
"""

from __future__ import annotations

from collections.abc import Sequence
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
"""How many offending values a message shows."""

_SHOWN_CHARACTERS = 80


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
        What to do about it.

    Attributes
    ----------
    problem, table, column, count, values, remedy
        The parameters, unchanged; ``None``, or empty for `values`, where one does not apply.
    """

    def __init__(
        self,
        problem: str,
        *,
        table: str | None = None,
        column: str | None = None,
        count: int | None = None,
        values: Sequence[Any] = (),
        remedy: str = "",
    ) -> None:
        self.problem = problem
        self.table = table
        self.column = column
        self.count = count
        self.values = tuple(values)
        self.remedy = remedy
        super().__init__(self._text())

    def _text(self) -> str:
        place = ".".join(part for part in (self.table, self.column) if part)
        text = f"{place}: {self.problem}" if place else self.problem
        if self.count is not None:
            text += f" in {self.count:,} row{'' if self.count == 1 else 's'}"
        if self.values:
            shown = ", ".join(_shown(value) for value in self.values[:SHOWN_VALUES])
            text += f" (first: {shown})"
        return f"{text}. {self.remedy}" if self.remedy else f"{text}."

    def __reduce__(self) -> tuple[Any, ...]:
        # Task queues pickle exceptions between processes; the default protocol would call the
        # class with the finished text alone and lose the facts.
        facts = (self.table, self.column, self.count, self.values, self.remedy)
        return _rebuilt, (type(self), self.problem, *facts)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 3]}..."


def _rebuilt(
    cls: type[StoreUptimeError],
    problem: str,
    table: str | None,
    column: str | None,
    count: int | None,
    values: Sequence[Any],
    remedy: str,
) -> StoreUptimeError:
    return cls(problem, table=table, column=column, count=count, values=values, remedy=remedy)


class SchemaError(StoreUptimeError, ValueError):
    """A table lacks a column, or a column has a type that is not accepted."""


class InvalidStatusError(StoreUptimeError, ValueError):
    """`status` holds a null id, a null or unreadable timestamp, or an unknown status."""


class InvalidHoursError(StoreUptimeError, ValueError):
    """`hours` holds a null id, a weekday outside 0-6, or a null or unreadable time."""


class UnknownTimeZoneError(StoreUptimeError, ValueError):
    """A zone is unknown to the tzdata package, or one store has two different zones."""


class NaiveDatetimeError(StoreUptimeError, ValueError):
    """`now` has no time zone, so it names no instant."""


class PolicyError(StoreUptimeError, ValueError):
    """A policy, a window or `now` makes no sense."""


def check_word(
    table: str, column: str | None, word: Any, words: Sequence[str], *, kind: str = "word"
) -> None:
    """Raise `PolicyError` unless `word` is one of `words`, which are of this kind."""
    if not (isinstance(word, str) and word in words):
        remedy = f"Use one of {', '.join(map(repr, words))}."
        raise PolicyError(
            f"unknown {kind}", table=table, column=column, values=[word], remedy=remedy
        )


class MissingDependencyError(StoreUptimeError, ImportError):
    """An optional package is not installed."""


class DatabaseError(StoreUptimeError, ConnectionError):
    """A database cannot be reached, broke off, or could not do what it was asked to do."""
