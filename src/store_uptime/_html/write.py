"""The door: one call, one file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from store_uptime._calls import with_warning
from store_uptime._engine.reports import Progress
from store_uptime._files.paths import FilePath, as_path
from store_uptime._files.whole import check_target, write_whole
from store_uptime._html.behind import Behind, compute_behind
from store_uptime._html.charts import draw_charts
from store_uptime._html.contents import PageOrder, page_order, page_parts
from store_uptime._html.page import render_page, require_packages
from store_uptime._html.stores import store_table
from store_uptime._results.summary import check_goal
from store_uptime._tables.gather import Given, gather
from store_uptime.errors import PolicyError
from store_uptime.inputs import AnyPolls, AnyTable
from store_uptime.policy import DEFAULT_POLICY, Policy, check_progress
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow

DEFAULT_TARGET = 0.99


class Page(NamedTuple):
    """A page, and what it was made of."""

    content: bytes
    behind: Behind


def html_report(
    status: AnyPolls,
    hours: AnyTable | None = None,
    timezones: AnyTable | None = None,
    now: dt.datetime | str | None = None,
    *,
    path: FilePath,
    title: str | None = None,
    target: float = DEFAULT_TARGET,
    windows: Mapping[str, AnyWindow] = DEFAULT_WINDOWS,
    policy: Policy = DEFAULT_POLICY,
    special_hours: AnyTable | None = None,
    maintenance: AnyTable | None = None,
    maintenance_hours: AnyTable | None = None,
    uncertainty: bool = False,
    rates: AnyTable | None = None,
    batch_stores: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write a report, and what lies behind its numbers, as one HTML file to look at and to send.

    The file needs no other and no network. It has the numbers of all stores together, the share of
    time that is known and why the rest is not, charts, outages, a table of all stores that sorts
    and searches, and what was asked. Equal input makes an equal file, if the machine has the same
    fonts and packages; the clock of the machine is never read.

    Parameters
    ----------
    status, hours, timezones, now, windows, policy, special_hours, maintenance, maintenance_hours
        As for `compute_report`.
    uncertainty, rates, batch_stores
        As for `compute_report`. With `uncertainty`, uptimes have their error beside them.
    path
        Where to write the file, a `str` or a `pathlib.Path`. What is there is replaced, once the
        page is complete; whatever fails leaves it as it was.
    title
        The heading of the page. ``None`` is one that says how many stores there are.
    target
        The availability that a store should have, as for `summarize`.
    progress
        Called now and then with the number of stores done and the number of all stores. It counts
        up once: to all stores when the page is complete.

    Returns
    -------
    pathlib.Path
        `path`.

    Raises
    ------
    MissingDependencyError
        altair, vl-convert-python, jinja2 or itables is not installed.
    SchemaError
        `path` is no path; or as for `compute_report`.
    FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError
        Nothing can be written at `path`. This is found before the work.
    PolicyError
        `title` is no text; `target` is no number above 0 and at most 1; or as for
        `compute_report`.
    InvalidStatusError, InvalidHoursError, UnknownTimeZoneError, NaiveDatetimeError
        As for `compute_report`.

    Warns
    -----
    CoverageWarning
        As for `compute_report`; the page says it, too.

    Examples
    --------
    >>> import tempfile
    >>> from store_uptime import html_report
    >>> from store_uptime.testing import make_dataset
    >>> stores = make_dataset(20, days=8)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = html_report(stores.inputs, path=f"{folder}/report.html", title="Our stores")
    ...     page = path.read_text(encoding="utf-8")
    >>> "Our stores" in page
    True
    """
    place = check_page(path, title, target)
    given = gather(status, hours, timezones, special_hours, maintenance, maintenance_hours)
    order = page_order(given, status, windows=windows, policy=policy, target=target, title=title)
    page = make_page(
        given,
        now,
        order,
        uncertainty=uncertainty,
        rates=rates,
        batch_stores=batch_stores,
        progress=progress,
    )
    with_warning((page.behind.report, page.behind.facts))
    write_whole(place, page.content)
    return place


def check_page(path: object, title: object, target: object) -> Path:
    """Return where the page goes, or raise what can be told before the work."""
    if title is not None and not isinstance(title, str):
        raise PolicyError(
            "is no text",
            table="title",
            values=[title],
            remedy="Give a str, or None.",
            code="not_a_title",
        )
    place = as_path(path, "path")
    check_goal(target)
    require_packages()
    check_target(place)
    return place


def make_page(given: Given, now: object, order: PageOrder, **options: Any) -> Page:
    """Return the page; the options are those of `report_on` that `PageOrder` does not have."""
    steps = _Steps(options.pop("progress"))
    behind = compute_behind(
        given,
        now,
        windows=order.windows,
        policy=order.policy,
        progress=steps.batches,
        **options,
    )
    steps.next()
    charts = []
    for svg in draw_charts(behind, order):
        charts.append(svg)
        steps.next()
    table = store_table(behind, order.windows, uncertainty=options["uncertainty"])
    content = render_page(page_parts(behind, order, table), table.data, charts)
    steps.end()
    return Page(content, behind)


class _Steps:
    """Tells how much is done, in stores: half is the report, then each step half of the rest."""

    def __init__(self, progress: Progress | None) -> None:
        check_progress(progress)
        self._progress = progress
        self._stores = self._told = 0

    def batches(self, done: int, stores: int) -> None:
        """Take the progress of the report."""
        self._stores = stores
        self._tell(done // 2)

    def next(self) -> None:
        """Count a part that is no batch as done."""
        self._tell(self._told + (self._stores - self._told) // 2)

    def end(self) -> None:
        """Count all as done."""
        self._tell(self._stores)

    def _tell(self, done: int) -> None:
        self._told = done
        if self._progress is not None:
            self._progress(done, self._stores)
