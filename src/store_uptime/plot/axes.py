"""What charts with a row for each store share: axes, legends, and what is said of a mark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

WIDTH, ROW_HEIGHT = 720, 24

# Days where the axis shows midnights, the time of day elsewhere.
_DAY_OR_TIME = (
    "utcFormat(datum.value, "
    "utchours(datum.value) || utcminutes(datum.value) ? '%H:%M' : '%a %-d %b')"
)
_FIELD = re.compile(r"{(\w+)}")


def time_axis(title: str, first: int, last: int) -> alt.X:
    """Return the axis for `from`, in milliseconds, the same on machines of all zones."""
    import altair as alt

    scale = alt.Scale(type="utc", domain=[first, last])
    x: alt.X = alt.X("from:T", title=title, scale=scale).axis(labelExpr=_DAY_OR_TIME, tickCount=8)
    return x


def row_axis(names: Iterable[str]) -> alt.Y:
    """Return the axis for `row`; long names are cut."""
    import altair as alt

    y: alt.Y = alt.Y("row:N", title=None, scale=alt.Scale(domain=[*names]))
    return y.axis(ticks=False, domain=False, labelLimit=270, labelPadding=8)


def one_legend(
    field: str, title: str | None, names: Sequence[str], **values: Sequence[Any]
) -> dict[str, Any]:
    """Return encodings of a field, such as `fill`, by its names; together they make one legend."""
    import altair as alt

    channels: Mapping[str, Any] = {
        "fill": alt.Fill,
        "stroke": alt.Stroke,
        "strokeDash": alt.StrokeDash,
        "shape": alt.Shape,
    }
    legend = alt.Legend(title=title, orient="top", symbolSize=220, columnPadding=18)
    return {
        name: channels[name](f"{field}:N", legend=legend).scale(domain=[*names], range=[*each])
        for name, each in values.items()
    }


def said(sentence: str, titles: Mapping[str, str]) -> dict[str, Any]:
    """Return the tooltip of a mark, and for screen readers the sentence.

    The sentence has its fields in braces; in the tooltip each has a line, with its title.
    """
    import altair as alt

    tooltip = [
        alt.Tooltip(f"{name}:N", title=titles.get(name, name)) for name in _FIELD.findall(sentence)
    ]
    told = _FIELD.sub(r"' + datum.\1 + '", sentence)
    return {"tooltip": tooltip, "description": alt.value({"expr": f"'{told}'"})}
