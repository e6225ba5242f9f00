"""Pages to look at: made once, because each takes its time."""

from pathlib import Path

import pytest

from store_uptime import html_report
from store_uptime.testing import Dataset, make_dataset
from support.services import need


@pytest.fixture(scope="session")
def extras() -> None:
    for module in ("altair", "vl_convert", "jinja2", "itables"):
        need(module)


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """Forty stores, most ids of 19 digits, some without hours; eight days, some polls lost."""
    return make_dataset(40, 8, missing=0.05, without_hours=0.1, outages_per_day=0.5)


@pytest.fixture(scope="session")
def page_file(extras: None, dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001
    path = tmp_path_factory.mktemp("page") / "report.html"
    return html_report(dataset.inputs, path=path, title="Forty & more")


@pytest.fixture
def no_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw none, which is most of what a page takes."""
    monkeypatch.setattr("store_uptime._html.write.draw_charts", lambda *_: iter(()))
