"""The page in a browser: what a reader sees, with a mouse, with keys, on paper and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from store_uptime import compute_report, html_report
from store_uptime.plot.look import LOOKS
from store_uptime.testing import Dataset, polls
from support.browser import Visit, chromium, visit

ROWS = "#store-table tbody tr"
SIZES = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
# The lightness of WCAG 2.2, and the contrast of two colours by it; a colour is rgb(…) or rgba(…).
CONTRASTS = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (parts(colour)[3] !== 0) return colour;
    }
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = {};
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const isText = walker.currentNode.data.trim() && element.checkVisibility();
    if (!isText || element.closest("svg, script, style, noscript")) continue;
    const [one, other] = [getComputedStyle(element).color, behind(element)].map(light);
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const name = `${element.tagName}.${element.className}`;
    found[name] = Math.min(found[name] ?? 99, contrast);
  }
  return found;
}"""

SORTING = "[...document.querySelectorAll('#store-table th')].map(th => th.ariaSort).join()"
FOCUSED = """(() => {
  const { ariaLabel, labels, textContent } = document.activeElement;
  return ariaLabel || labels?.[0]?.textContent || textContent;
})()"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture
def opened(browser: Any, page_file: Path) -> Iterator[Visit]:
    with visit(browser, page_file) as found:
        yield found


def cells(page: Any, column: int = 1) -> list[str]:
    """Return the texts of a column of the table, from 1 on, as a reader sees them."""
    texts: list[str] = page.locator(f"{ROWS} > :nth-child({column})").all_text_contents()
    return texts


def sort_by(page: Any, act: Callable[[], object]) -> None:
    """Do what sorts the table, and wait for it: DataTables leaves the browser a moment."""
    before = page.evaluate(SORTING)
    act()
    page.wait_for_function(f"before => {SORTING} !== before", arg=before)


def show_all(page: Any) -> None:
    page.get_by_label("Stores on a page").select_option("250")


# --- as it opens ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_it_opens_without_a_request_or_a_complaint_and_fits(
    browser: Any, page_file: Path, width: int, scheme: str
) -> None:
    with visit(browser, page_file, width=width, scheme=scheme) as found:
        found.page.wait_for_selector(".dt-container")
        assert found.requests == [found.url]
        assert found.complaints == []
        assert found.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        behind = found.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        wanted = LOOKS["light" if scheme == "light" else "dark"].page
        red, green, blue = (int(wanted[at : at + 2], 16) for at in (1, 3, 5))
        assert behind == f"rgb({red}, {green}, {blue})"
        low = {name: ratio for name, ratio in found.page.evaluate(CONTRASTS).items() if ratio < 4.5}
        assert low == {}


def test_without_scripts_all_but_the_whole_table_is_there(browser: Any, page_file: Path) -> None:
    with visit(browser, page_file, scripts=False) as found:
        assert found.page.locator(".card").count() == 3
        assert (
            found.page.locator("noscript").inner_text().startswith("This browser runs no scripts")
        )
        assert len(cells(found.page)) == 25
        assert found.page.locator(".dt-container").count() == 0


# --- the table -----------------------------------------------------------------------------------


def test_ids_are_exact_and_sort_as_numbers_both_ways(opened: Visit, dataset: Dataset) -> None:
    ids = sorted(dataset.timezones["store_id"])
    assert max(ids) > 2**53
    show_all(opened.page)
    assert cells(opened.page) == [*map(str, ids)]
    sort_by(opened.page, opened.page.get_by_role("button", name="Store").click)
    assert cells(opened.page) == [*map(str, reversed(ids))]


def test_a_column_of_numbers_sorts_by_the_number_and_what_is_not_known_comes_last(
    opened: Visit, dataset: Dataset
) -> None:
    """Of 13 columns, the fifth is the availability of the last hour, in which some are closed."""
    report = compute_report(dataset.inputs, detail=True)["availability_last_hour"]
    show_all(opened.page)
    unknown = ["\N{EN DASH}"] * report.null_count()
    assert unknown
    header = opened.page.locator("#store-table thead tr:last-child .dt-column-order").nth(3)
    for way in (1, -1):
        sort_by(opened.page, header.click)
        shown = cells(opened.page, 5)
        known = [Decimal(text) for text in shown[: len(shown) - len(unknown)]]
        assert known == sorted(known)[::way]
        assert shown[len(known) :] == unknown


def test_numbers_are_those_of_the_report_to_the_last_digit_shown(
    opened: Visit, dataset: Dataset
) -> None:
    report = compute_report(dataset.inputs, detail=True)
    show_all(opened.page)
    column = 1
    for name in ("last_hour", "last_day", "last_week"):
        for quantity in ("uptime", "downtime", "unknown", "availability"):
            column += 1
            texts = [text.replace(",", "") for text in cells(opened.page, column)]
            for text, value in zip(texts, report[f"{quantity}_{name}"], strict=True):
                if value is None:
                    assert text == "\N{EN DASH}"
                elif quantity == "availability":
                    assert 0 <= Decimal(value) * 100 - Decimal(text) < Decimal("0.001")
                else:
                    assert abs(Decimal(value) - Decimal(text)) <= Decimal("0.005")


def test_the_rows_without_scripts_are_those_with_them(
    browser: Any, opened: Visit, page_file: Path
) -> None:
    with visit(browser, page_file, scripts=False) as plain:
        for column in range(1, 15):
            assert cells(plain.page, column) == cells(opened.page, column)


def test_a_whole_id_finds_one_store_and_a_zone_all_in_it(opened: Visit, dataset: Dataset) -> None:
    store, zone = dataset.timezones.drop_nulls().row(7)
    search = opened.page.get_by_label("Find a store")
    search.fill(str(store))
    assert cells(opened.page) == [str(store)]
    assert opened.page.locator(".dt-info").inner_text() == "1 to 1 of 1 stores (of 40)"
    search.fill(zone)
    show_all(opened.page)
    there = dataset.timezones.filter(timezone_str=zone)["store_id"]
    assert cells(opened.page) == [*map(str, sorted(there))]
    search.fill("no such store")
    assert cells(opened.page) == ["No store is called so."]


# --- keys and screen readers ---------------------------------------------------------------------


def test_keys_reach_the_content_the_search_and_the_headings(opened: Visit) -> None:
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    reached: list[str] = []
    while not reached or (len(reached) < 60 and not reached[-1].startswith("Store:")):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    assert "Find a store" in reached
    assert reached[-1] == "Store: Activate to invert sorting"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    first = cells(page)
    sort_by(page, lambda: page.keyboard.press("Enter"))
    assert cells(page) != first


def test_a_screen_reader_finds_its_way(opened: Visit) -> None:
    page = opened.page
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.title() == "Forty & more"
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for landmark in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(landmark).count() >= 1, landmark
    assert page.evaluate("[...document.querySelectorAll('th')].every(th => th.scope)")
    assert page.evaluate("[...document.querySelectorAll('table')].every(t => t.caption)")
    nameless = page.evaluate("""[...document.querySelectorAll(
      'a,button,input,select,[role=button],[role=region],[role=group],svg:not([aria-hidden])')]
      .filter(e => !(e.ariaLabel || e.labels?.length || e.textContent.trim()
        || document.getElementById(e.getAttribute('aria-labelledby'))))
      .map(e => e.outerHTML.slice(0, 100))""")
    assert nameless == []
    names = page.evaluate("[...document.querySelectorAll('[role=button]')].map(e => e.ariaLabel)")
    assert len(set(names)) == len(names) == 14
    assert "last hour: Down: Activate to sort" in names
    missing = page.evaluate("""[...document.querySelectorAll('a[href^="#"]')]
      .filter(a => !document.getElementById(a.hash.slice(1))).map(a => a.hash)""")
    assert missing == []


# --- on paper ------------------------------------------------------------------------------------


def test_it_prints_all_stores_in_light_colours_and_the_screen_stays(
    browser: Any, page_file: Path
) -> None:
    with visit(browser, page_file, scheme="dark") as found:
        found.page.get_by_label("Find a store").wait_for()
        assert found.page.pdf().startswith(b"%PDF")
        assert found.page.locator("#print-note").text_content() == (
            "On paper: all 40 stores, in the order of the screen."
        )
        assert len(cells(found.page)) == 25
        found.page.emulate_media(media="print")
        ink = found.page.evaluate("getComputedStyle(document.body).color")
        assert ink == "rgb(0, 0, 0)"
        behind = "getComputedStyle(document.querySelector('svg.marks > rect')).fill"
        assert found.page.evaluate(behind) == "rgb(255, 255, 255)"
        assert not found.page.locator(".dt-search").is_visible()


# --- hostile texts -------------------------------------------------------------------------------

HOSTILE = {
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    "</script><script>alert(2)</script>": "</script><script>alert(2)</script>",
    "<img src=x onerror=alert(3)>&": "<img src=x onerror=alert(3)>&",
    "&lt;b&gt;": "&lt;b&gt;",
    "\"'`<!--": "\"'`<!--",
    "مطعم ١٢": "مطعم ١٢",
    "two\nlines": r"two\u000alines",
    "turned\u202eback": r"turned\u202eback",
    "": '""',
    "  two  blanks ": "  two  blanks ",
}


def test_ids_that_look_like_markup_are_text(browser: Any, extras: None, tmp_path: Path) -> None:  # noqa: ARG001
    status = pl.concat(
        polls("1 Mon 10:00 up, 11:00 down, 12:00 up").with_columns(store_id=pl.lit(store))
        for store in HOSTILE
    )
    path = html_report(status, path=tmp_path / "x.html", title="<script>alert(4)</script>")
    with visit(browser, path) as found:
        page = found.page
        page.wait_for_selector(".dt-container")
        assert cells(page) == [HOSTILE[store] for store in sorted(HOSTILE)]
        assert page.locator("h1").text_content() == "<script>alert(4)</script>"
        for text in ("<script>alert(1)", "<img src=x onerror=alert(3)>&", "&lt;b", r"two\u000a"):
            page.get_by_label("Find a store").fill(text)
            assert len(cells(page)) == 1, text
            assert text in cells(page)[0]
        assert page.locator("script").count() == 2
        assert page.locator("img, b").count() == 0
        assert found.requests == [found.url]
        assert found.complaints == []
