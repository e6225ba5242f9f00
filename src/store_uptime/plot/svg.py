"""Charts as SVG that stands on any page: it follows the reader's light or dark scheme."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from itertools import chain
from typing import TYPE_CHECKING, Any

from store_uptime.errors import need_packages
from store_uptime.plot.look import LOOKS, Look, require_altair

if TYPE_CHECKING:
    import altair as alt

_PAINTS = ("fill", "stroke", "stop-color")  # the attributes that hold a colour
_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Texts escape what opens and closes a tag, so these are tags.
_DEFINED = re.compile(r'<(clipPath|linearGradient) id="([^"]*)"(.*?)</\1>')
_USING = re.compile(r'<[^<>]*"url\(#[^<>]*>')
_USED = re.compile(r'(?<="url\(#)[^)]*(?=\)")')
_MARK = re.compile(
    r'<(\w+) aria-label="([^"]+)" role="graphics-symbol" aria-roledescription="[^"]*"([^<>]*)/>'
)


def scheme_svg(chart: alt.TopLevelMixin) -> str:
    """Return a chart of the light scheme as SVG whose colours follow the reader's scheme.

    The SVG needs nothing else: letters are text, in the reader's own fonts. It may stand in a file
    or inside a page, also beside others. Its name for screen readers is the description of the
    chart. Marks that have a `description` show it when pointed at, without any script. Equal charts
    give equal bytes on one machine; another one may have other fonts to measure texts with.

    Raises
    ------
    MissingDependencyError
        Altair or vl-convert is not installed.
    """
    require_altair()
    remedy = "Install it: pip install vl-convert-python."
    need_packages("a chart as SVG needs", "vl_convert", remedy=remedy)
    import vl_convert

    spec: dict[str, Any] = chart.to_dict()
    drawn = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", vl_convert.vegalite_to_svg(spec))
    svg = _with_own_names(_with_titles(drawn), sha256(repr(spec).encode()).hexdigest()[:8])
    start, _, rest = svg.removeprefix("<svg ").partition(">")
    told = escape(spec.get("description", ""))
    head = f'<svg role="graphics-document" aria-roledescription="chart" aria-label="{told}" {start}'
    dark = "".join(_dark_rules(rest))
    return f"{head}><style>@media screen and (prefers-color-scheme:dark){{{dark}}}</style>{rest}\n"


def _dark_rules(svg: str) -> Iterator[str]:
    """Yield a rule for each colour that is there; a rule goes before the attribute it names."""
    for light, dark in zip(_colours(LOOKS["light"]), _colours(LOOKS["dark"]), strict=True):
        for paint in _PAINTS:
            if f'{paint}="{light}"' in svg:
                yield f'svg.marks [{paint}="{light}"]{{{paint}:{dark}}}'


def _colours(look: Look) -> list[str]:
    return [*chain.from_iterable([each] if isinstance(each, str) else each for each in look)]


def _with_titles(svg: str) -> str:
    """Return the SVG with the label of each mark as what is shown when it is pointed at.

    It is what screen readers say then, too.
    """
    return _MARK.sub(r'<\1 role="graphics-symbol"\3><title>\2</title></\1>', svg)


def _with_own_names(svg: str, own: str) -> str:
    """Return the SVG with names of its parts that begin with `own`; of equal parts one is left.

    Vega numbers the parts from one chart to the next: the names would change from run to run, and
    two charts on a page might share one. It also draws a gradient anew for each mark.
    """
    parts: dict[str, str] = {}
    names: dict[str, str] = {}

    def kept(found: re.Match[str]) -> str:
        kind, name, rest = found.groups()
        if is_new := rest not in parts:
            parts[rest] = f"u{own}-{len(parts)}"
        names[name] = parts[rest]
        return f'<{kind} id="{parts[rest]}"{rest}</{kind}>' if is_new else ""

    svg = _DEFINED.sub(kept, svg)
    return _USING.sub(lambda tag: _USED.sub(lambda name: names[name[0]], tag[0]), svg)
