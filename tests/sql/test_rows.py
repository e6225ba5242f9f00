"""Rows of Python objects, as drivers of databases give them that are not at hand here."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import polars as pl
import pytest

from store_uptime._sql.rows import MixedTypesError, frame_of_rows

NOON = dt.datetime(2023, 1, 25, 12, tzinfo=dt.UTC)
INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30))
TEXT = "0b8a2f7e-9d61-4c0c-8a55-5a6f0d3c1e42"


def column(*batches: list[Any]) -> pl.Series:
    """Return a column whose values come in several batches."""
    rows = [[(value,) for value in batch] for batch in batches]
    return frame_of_rows(["x"], rows)["x"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([None, NOON.astimezone(INDIA), NOON], pl.Series([None, NOON, NOON])),
        ([UUID(TEXT), None], pl.Series([TEXT, None])),
        ([Decimal("7.5"), Decimal(7)], pl.Series([Decimal("7.5"), Decimal("7.0")])),
        ([2**63, 7], pl.Series([2**63, 7], dtype=pl.UInt64)),
        ([None, None], pl.Series([None, None])),
    ],
)
def test_objects_are_what_they_are(values: list[Any], expected: pl.Series) -> None:
    found = column(values)
    assert (found.dtype, found.to_list()) == (expected.dtype, expected.to_list())


MIXED: list[list[list[Any]]] = [
    [[1, 1.5]],
    [[1.5, 1]],
    [[True, 1]],
    [[NOON, "2023-01-25"]],
    [[b"7", "7"]],
    [[7], ["7"]],
    [[None], [7.5], [7]],
    [[1, 2**70]],
    [[2**200]],
]


@pytest.mark.parametrize("batches", MIXED)
def test_values_of_several_types_are_refused_in_any_order(batches: list[list[Any]]) -> None:
    with pytest.raises(MixedTypesError):
        column(*batches)
