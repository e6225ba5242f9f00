"""What all charts share."""

from __future__ import annotations

from typing import Any

import pytest

from store_uptime import (
    MissingDependencyError,
    compute_history,
    compute_report,
    compute_timeline,
    every,
    plot,
)
from store_uptime.testing import make_dataset
from support.drawn_charts import hide_altair, titles_of
from support.services import need

MADE = make_dataset(3, 9, seed=1)
FRAMES: dict[str, Any] = {
    "timeline": compute_timeline(MADE.inputs),
    "report": compute_report(MADE.inputs),
    "history": compute_history(
        MADE.inputs, at=every("1d", start="2024-11-04T00:00Z", end="2024-11-06T00:00Z")
    ),
}
CHARTS = {
    "timeline": "timeline",
    "heatmap": "timeline",
    "distribution": "report",
    "worst": "report",
    "bars": "history",
    "trend": "history",
}


def test_every_chart_is_here() -> None:
    assert sorted(CHARTS) == plot.__all__ == dir(plot)


@pytest.mark.parametrize("name", CHARTS)
def test_no_title_is_a_default_one_and_an_empty_one_stays_empty(name: str) -> None:
    need("altair")
    draw, frame = getattr(plot, name), FRAMES[CHARTS[name]]
    assert titles_of(draw(frame))[0] != ""
    assert titles_of(draw(frame, title=""))[0] == ""
    assert titles_of(draw(frame, title="Ours"))[0] == "Ours"


@pytest.mark.parametrize("name", CHARTS)
def test_equal_input_is_drawn_as_the_same_text(name: str) -> None:
    need("altair")
    draw, frame = getattr(plot, name), FRAMES[CHARTS[name]]
    shuffled = frame.sample(fraction=1, shuffle=True, seed=5)
    assert draw(frame).to_json() == draw(frame).to_json() == draw(shuffled).to_json()


@pytest.mark.parametrize("name", CHARTS)
def test_without_altair_a_chart_says_what_to_install(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_altair(monkeypatch)
    with pytest.raises(MissingDependencyError, match="pip install altair vl-convert-python"):
        getattr(plot, name)(FRAMES[CHARTS[name]])
