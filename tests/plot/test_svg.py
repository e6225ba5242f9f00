"""Charts as SVG that follows the reader's scheme."""

from __future__ import annotations

import re
import sys
from itertools import chain
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from store_uptime import MissingDependencyError
from store_uptime.plot.look import LOOKS, Look
from store_uptime.plot.svg import scheme_svg

alt = pytest.importorskip("altair")
pytest.importorskip("vl_convert")

HOSTILE = '\x01</title><script>alert(1)</script> & "q" id="clip1" \'שלום\''


def colours(look: Look) -> list[str]:
    return [*chain.from_iterable([each] if isinstance(each, str) else each for each in look)]


def squares(*fills: str, **options: object) -> Any:
    rows = [{"at": place, "fill": fill, "told": HOSTILE} for place, fill in enumerate(fills)]
    chart = alt.Chart(alt.InlineData(values=rows)).mark_bar(**options)
    fill = alt.Fill("fill:N", scale=None)
    encoded = chart.encode(fill, x="at:O", description="told:N", tooltip="told:N")
    return encoded.properties(description="Squares <in> a row & more")


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  # our own


def test_each_colour_that_is_there_has_a_dark_one() -> None:
    light, dark = colours(LOOKS["light"]), colours(LOOKS["dark"])
    assert len({*light}) == len(light) == len(dark)
    svg = scheme_svg(squares(*light))
    rules = dict(re.findall(r'svg\.marks \[fill="(#\w{6})"\]\{fill:(#\w{6})\}', svg))
    assert rules == dict(zip(light, dark, strict=True))
    assert scheme_svg(squares(light[0])).count("svg.marks [") == 1


def test_gradients_follow_too() -> None:
    look = LOOKS["light"]
    stops = [{"offset": at, "color": colour} for at, colour in enumerate((look.up, look.down))]
    striped = alt.Chart(alt.InlineData(values=[{"at": 1}])).mark_bar(
        color={"gradient": "linear", "stops": stops}
    )
    svg = scheme_svg(striped.encode(x="at:Q"))
    assert f'[stop-color="{look.down}"]{{stop-color:{LOOKS["dark"].down}}}' in svg


def test_a_mark_shows_its_description_when_it_is_pointed_at() -> None:
    root = parsed(scheme_svg(squares("#24292f")))
    titles = [each.text for each in root.iter("{http://www.w3.org/2000/svg}title")]
    shown = HOSTILE.replace("\x01", "\N{REPLACEMENT CHARACTER}")
    assert titles == [shown]
    assert root.get("aria-label") == "Squares <in> a row & more"
    assert root.find(".//{*}script") is None


def test_equal_charts_give_equal_bytes_and_others_share_no_names() -> None:
    first, again, other = (
        scheme_svg(squares(fill, clip=True)) for fill in ("#24292f", "#24292f", "#57606a")
    )
    assert first == again
    names, others = (re.findall(r' id="(u\w+-0)"', svg) for svg in (first, other))
    assert len(names) == len(others) == 1
    assert names != others
    assert f'"url(#{names[0]})"' in first
    assert 'id="clip1" ' in parsed(first).find(".//{*}title").text  # type: ignore[operator, union-attr]  # it is there


def test_marks_with_equal_gradients_share_one() -> None:
    look = LOOKS["light"]
    stops = [{"offset": 0, "color": look.up}, {"offset": 1, "color": look.down}]
    fill = {"gradient": "linear", "stops": stops}
    rows = [{"at": place} for place in range(5)]
    svg = scheme_svg(alt.Chart(alt.InlineData(values=rows)).mark_bar(color=fill).encode(x="at:O"))
    assert svg.count("<linearGradient ") == 1
    assert svg.count('fill="url(#u') == 5


@pytest.mark.parametrize("package", ["altair", "vl_convert"])
def test_a_missing_package_is_named(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chart = squares("#24292f")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError, match=f"pip install .*{package.replace('_', '-')}"):
        scheme_svg(chart)
