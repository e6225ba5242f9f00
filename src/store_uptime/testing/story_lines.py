"""Lines of text, each of a store: what they have in common, whatever they tell of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

import polars as pl

from store_uptime.errors import StoreUptimeError, shortened

_COMMENT = re.compile(r"(?:^|\s)#.*")
_INTEGER = re.compile("0|-?[1-9][0-9]{0,18}")
_INT64 = range(-(2**63), 2**63)
_SHOWN_ENTRY = 80
# Behind an id such a sign is no part of it.
_ENDS_OF_ENTRIES = (",", ";", ":")


@dataclass(frozen=True, slots=True)
class StoryForm:
    """How the lines of a text are written, and what is raised of one that is not."""

    table: str
    between: str
    error: type[StoreUptimeError]
    remedy: str


class StoryLine(NamedTuple):
    """A line: its number, what is written there, the id, and the entries that follow."""

    form: StoryForm
    number: int
    written: str
    store_id: str
    entries: list[str]

    def error(self, problem: str, remedy: str, *, code: str) -> StoreUptimeError:
        """Return the error that the line has a problem."""
        return self.form.error(
            f"line {self.number} {problem}",
            table=self.form.table,
            values=[self.written],
            remedy=remedy,
            code=code,
        )

    def refuse(self, entry: str) -> NoReturn:
        """Raise, for an entry that cannot be read."""
        at = f" at {shortened(entry, _SHOWN_ENTRY)!r}" if entry else ""
        raise self.error(f"cannot be read{at}", self.form.remedy, code="unreadable_line")


def story_lines(text: str, form: StoryForm) -> Iterator[StoryLine]:
    """Yield the lines of a text that say something, or raise what the form says."""
    if not isinstance(text, str):
        raise form.error(
            f"a {type(text).__name__} is no text",
            table=form.table,
            remedy=form.remedy,
            code="unreadable_line",
        )
    for number, written in enumerate(text.splitlines(), start=1):
        words = _COMMENT.sub("", written).split()
        if words:
            entries = [entry.strip() for entry in " ".join(words[1:]).split(form.between)]
            line = StoryLine(form, number, written.strip(), words[0], entries)
            if words[0].endswith(_ENDS_OF_ENTRIES):
                line.refuse(words[0])
            yield line


def typed_ids(ids: pl.Series) -> pl.Series:
    """Return the ids as Int64 if that writes every one of them as it stands there."""
    whole = all(_INTEGER.fullmatch(each) and int(each) in _INT64 for each in ids)
    return ids.cast(pl.Int64) if whole else ids
