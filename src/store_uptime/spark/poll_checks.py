"""The polls in Spark: which of them lie in the span, and whether anything is wrong with them.

Spark's own sums only find out whether something may be wrong. What it is, and what to say of it, is
found by the core in Python, which then reads the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from store_uptime._tables.text import parse_status
from store_uptime._time.instants import from_microseconds
from store_uptime._time.units import FIRST_INSTANT, LAST_INSTANT
from store_uptime.spark.layout import stacked
from store_uptime.spark.tables import MICROSECONDS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# Only instants as such can be compared by Spark; texts are for the core to read.
_INSTANT_LITERALS: Mapping[pl.DataType, str] = {
    pl.Datetime("us", "UTC"): "timestamp_micros({0}L)",
    pl.Datetime("us"): "TIMESTAMP_NTZ '{1}'",
}
_USUAL_WORDS = ("active", "inactive", "true", "false", "t", "f", "1", "0")


@dataclass(frozen=True, slots=True)
class PollLook:
    """What a look at all polls has found.

    Attributes
    ----------
    stores
        How many stores there are, in all tables.
    polls
        How many polls lie in the span.
    dubious
        Whether the core has to look, because some poll is no good or none that Spark can judge.
    unnamed
        Whether a store is named by no other table, and has no poll in the span.
    """

    stores: int
    polls: int
    dubious: bool
    unnamed: bool


@dataclass(frozen=True, slots=True)
class PollRows:
    """The rows of `status`, with the types of their columns, and the type of the key.

    `span` is where those that matter lie, in microseconds since 1970 UTC; ``None`` while it is not
    known.
    """

    rows: DataFrame
    schema: pl.Schema
    key_type: str
    span: tuple[int, int] | None = None

    @property
    def has_instants(self) -> bool:
        """Whether timestamps are instants, not texts."""
        return self.schema["timestamp_utc"] in _INSTANT_LITERALS

    def within(self) -> DataFrame:
        """Return the polls in the span; all, if only the core can tell."""
        return self.rows.where(self._in_span()) if self.has_instants else self.rows

    def judged(self) -> DataFrame:
        """Return the polls in the span with Booleans for statuses; null is one that is none."""
        return self.within().selectExpr("store_id", "timestamp_utc", f"{self._up()} AS status")

    def to_check(self) -> DataFrame:
        """Return the polls that the core would check: of others the status is nobody's business."""
        if not self.has_instants:
            return self.rows
        checked = ["store_id IS NULL", "timestamp_utc IS NULL", f"NOT {self._in_years()}"]
        return self.rows.where(" OR ".join([*checked, self._in_span()]))

    def stores_outside(self) -> DataFrame:
        """Return the stores of the polls outside of the span, as `store_id` of the key's type."""
        # By the rules of its own column, "a" and "A" may be one.
        key = f"CAST(store_id AS {self.key_type}) AS store_id"
        return self.rows.where(f"NOT {self._in_span()}").selectExpr(key).distinct()

    def latest(self) -> int | None:
        """Return the latest poll, in microseconds; ``None`` without one, or if it is no good."""
        name = "timestamp_utc"
        last = self.rows.agg({name: "max"}).toDF(name)
        micros = MICROSECONDS[self.schema[name]].format(name)
        found = last.selectExpr(f"{micros} AS last").toArrow()["last"][0].as_py()
        good = found is not None and FIRST_INSTANT <= found <= LAST_INSTANT
        return found if good else None

    def look(self, named: Sequence[DataFrame]) -> PollLook:
        """Look at every poll, in one job; `named` are the other tables that name stores."""
        key = f"CAST(store_id AS {self.key_type}) AS key"
        facts = ("1L AS inside", "0L AS faulty")
        if self.has_instants:
            inside = self._in_span()
            good = f"timestamp_utc IS NOT NULL AND {self._in_years()}"
            good = f"{good} AND (NOT {inside} OR {self._up()} IS NOT NULL)"
            facts = f"IF({inside}, 1L, 0L) AS inside", f"IF({good}, 0L, 1L) AS faulty"
        by_store = self.rows.selectExpr(key, *facts).groupBy("key").sum("inside", "faulty")
        by_store = by_store.toDF("key", "inside", "faulty")
        if named:
            ids = stacked([each.selectExpr(key) for each in named]).where("key IS NOT NULL")
            others = ids.distinct().selectExpr("key", "true AS elsewhere")
            by_store = by_store.join(others, "key", "full_outer")
        else:
            by_store = by_store.selectExpr("*", "CAST(NULL AS BOOLEAN) AS elsewhere")
        (told,) = by_store.selectExpr(
            "count(key) AS stores",
            "coalesce(sum(inside), 0L) AS polls",
            "count_if(key IS NULL OR faulty > 0) AS faults",
            "count_if(elsewhere IS NULL AND inside = 0) AS unnamed",
        ).toArrow().to_pylist()  # fmt: skip
        dubious = told["faults"] > 0 or not self.has_instants
        return PollLook(told["stores"], told["polls"], dubious, unnamed=told["unnamed"] > 0)

    def _in_span(self) -> str:
        # A literal beside the column as it came is what a scan can skip rows by.
        if self.span is None:
            return "false"
        return self._between(*self.span)

    def _in_years(self) -> str:
        return self._between(FIRST_INSTANT, LAST_INSTANT)

    def _between(self, first: int, last: int) -> str:
        literal = _INSTANT_LITERALS[self.schema["timestamp_utc"]]
        edges = [
            literal.format(micros, from_microseconds(micros).replace(tzinfo=None).isoformat(" "))
            for micros in (first, last)
        ]
        return f"(timestamp_utc BETWEEN {edges[0]} AND {edges[1]})"

    def _up(self) -> str:
        """Return the status as a BOOLEAN; null also for words that only the core can read."""
        dtype = self.schema["status"]
        if dtype.is_integer():
            return "CASE status WHEN 1 THEN true WHEN 0 THEN false END"
        if dtype != pl.String:
            return "CAST(status AS BOOLEAN)"
        # A column may compare its texts by rules of its own, such as in any case; a STRING does
        # not.
        word = "CAST(status AS STRING)"
        up, down = (", ".join(f"'{each}'" for each in words) for words in _accepted_words())
        return f"CASE WHEN {word} IN ({up}) THEN true WHEN {word} IN ({down}) THEN false END"


def _accepted_words() -> tuple[list[str], list[str]]:
    """Return words for up and for down, in their usual cases, as far as the core reads them so."""
    cases = {form(word) for word in _USUAL_WORDS for form in (str.lower, str.upper, str.title)}
    words = pl.DataFrame({"word": sorted(cases)})
    up = words.select(parse_status(pl.col("word"))).to_series()
    return words["word"].filter(up).to_list(), words["word"].filter(~up).to_list()
