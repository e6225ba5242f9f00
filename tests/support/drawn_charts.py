"""What an Altair chart draws: the rows of its marks, its texts, and its picture."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl
import pyarrow as pa
import pytest

from support.services import need


def rows_of(chart: Any, kind: str, number: int = 0) -> list[dict[str, Any]]:
    """Return the data of the layer with this kind of mark; `number` tells several apart."""
    whole = chart.to_dict()
    found = [layer for layer in whole["layer"] if layer["mark"]["type"] == kind]
    data = found[number].get("data", whole.get("data"))
    rows: list[dict[str, Any]] = data.get("values") or whole["datasets"][data["name"]]
    return rows


def marks_in(chart: Any) -> int:
    """Count the marks that a browser would draw, at most."""
    whole = chart.to_dict()
    data = (layer.get("data", whole.get("data")) for layer in whole["layer"])
    return sum(len(each.get("values") or whole["datasets"][each["name"]]) for each in data)


def titles_of(chart: Any) -> tuple[str, str]:
    """Return the title and the line below it."""
    title = chart.to_dict()["title"]
    return title["text"], title["subtitle"]


def svg_of(chart: Any) -> ET.Element:
    """Return the picture of a chart, read as XML."""
    vl_convert = need("vl_convert")
    return ET.fromstring(vl_convert.vegalite_to_svg(chart.to_json()))  # noqa: S314  # our own


def texts_in(svg: ET.Element) -> list[str]:
    """Return all texts that a picture shows."""
    return [text.text or "" for text in svg.iter() if text.tag.endswith("text")]


def labels_in(svg: ET.Element) -> Iterator[str]:
    """Yield what screen readers say of its marks."""
    yield from filter(None, (each.get("aria-label") for each in svg.iter()))


def once(frame: pl.DataFrame) -> pa.RecordBatchReader:
    """Return a table that can be read once."""
    return frame.to_arrow().to_reader()


def hide_altair(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make Altair a package that is not installed."""
    monkeypatch.setitem(sys.modules, "altair", None)
