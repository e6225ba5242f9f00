"""Which stores a chart shows, in which order, and by what names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

import polars as pl

from store_uptime.errors import PolicyError
from store_uptime.plot.look import MOST_MARKS
from store_uptime.plot.words import shown_name


class Chosen(NamedTuple):
    """The stores of a chart.

    Attributes
    ----------
    ids
        Their ids, from the first row to the last.
    names
        By id, what stands at its row: a text that no other row has.
    told
        Which of how many they are, in words.
    """

    ids: pl.Series
    names: dict[object, str]
    told: str


def choose(known: pl.DataFrame, stores: object, most_stores: object) -> Chosen:
    """Return the stores to draw: those asked for, or else the ones with the most downtime.

    Parameters
    ----------
    known
        All stores that may be drawn: `store_id`, and `down`, a number by which they compare; null
        for a store that is drawn only if it is asked for.
    stores
        Ids in the order of their rows, or ``None``.
    most_stores
        How many are chosen at most, if `stores` is ``None``.

    Raises
    ------
    PolicyError
        `stores` is no collection of ids of this kind, is empty or names a store that is not known;
        `most_stores` is no whole number above 0.
    """
    if isinstance(most_stores, bool) or not isinstance(most_stores, int) or most_stores < 1:
        raise PolicyError(
            "must be a whole number above 0",
            table="most_stores",
            values=[most_stores],
            remedy="Give how many stores to draw at most, such as 30.",
            code="wrong_number",
        )
    everywhere = known.drop_nulls("down")
    count = everywhere.height
    if stores is not None:
        ids = _asked(stores, known["store_id"])
        return _with_names(ids, f"{len(ids):,} of {count:,} stores" if len(ids) < count else "")
    if count <= most_stores:
        return _with_names(everywhere["store_id"].sort(), "")
    first = everywhere.sort("down", "store_id", descending=[True, False]).head(most_stores)
    told = f"{most_stores:,} of {count:,} stores: those with the most downtime"
    return _with_names(first["store_id"], told)


def _with_names(ids: pl.Series, told: str) -> Chosen:
    names: dict[object, str] = {}
    for each, text in zip(ids, ids.cast(pl.String), strict=True):
        name = shown_name(text)
        # Two ids may differ in what cannot be shown.
        while name in names.values():
            name += "'"
        names[each] = name
    return Chosen(ids, names, told or f"{len(ids):,} store{'' if len(ids) == 1 else 's'}")


def _asked(stores: object, known: pl.Series) -> pl.Series:
    given = list(stores) if isinstance(stores, Iterable) and not isinstance(stores, str) else []
    texts = [str(each) if isinstance(each, UUID) else each for each in given]
    try:
        ids = pl.Series("store_id", texts, dtype=known.dtype).unique(maintain_order=True)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        ids = known.clear()
    if ids.is_empty() or ids.null_count():
        raise PolicyError(
            f"must be ids of stores, of the type {known.dtype}",
            table="stores",
            values=given or [stores],
            remedy="Give a list of ids as they are in the table, or None.",
            code="not_store_ids",
        )
    absent = ids.filter(~ids.is_in(known.implode()))
    if not absent.is_empty():
        raise PolicyError(
            "a store of which the tables say nothing",
            table="stores",
            count=len(absent),
            values=absent.to_list(),
            remedy="Give ids as they are in the tables. A store that was never open is in no "
            "timeline; timezones may name it.",
            code="unknown_store",
        )
    return ids


def refuse_many(marks: int, stores: int) -> None:
    """Raise `PolicyError` if these are more marks than a browser draws at once."""
    if marks > MOST_MARKS:
        fit = stores * MOST_MARKS // marks
        advice = f"About {fit:,} of these stores fit: give" if fit else "Give"
        raise PolicyError(
            f"{stores:,} store{'' if stores == 1 else 's'} would need more than {MOST_MARKS:,} "
            "marks, too many for a browser",
            table="stores",
            remedy=f"{advice} fewer, by stores or most_stores, or draw a shorter span.",
            code="too_many_marks",
        )
