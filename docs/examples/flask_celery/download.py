"""A report as CSV, page by page: never all of it in memory, no connection held in between."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import sqlalchemy as sa
from werkzeug.exceptions import NotFound

from store_uptime import DEFAULT_WINDOWS

from . import archive, runs
from .database import REPORT_TABLES, WEEK, YEAR, engine

PAGE_ROWS = 5_000
WINDOWS = {WEEK: DEFAULT_WINDOWS, YEAR: archive.WINDOWS}
FORMULA = r"^([\t\r\n]|\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])"  # the last four: in East Asian width


def csv_pages(run: runs.Run) -> Iterator[str]:
    """Yield the header of a complete report, then its rows, sorted by the ids of the stores.

    A spreadsheet runs none of them: a text that begins like a formula gets a ' before it.
    """
    names = [f"{what}_{of}" for of in WINDOWS[run.windows] for what in ("uptime", "downtime")]
    table = sa.table(REPORT_TABLES[run.windows], *map(sa.column, ["run_id", "store_id", *names]))
    key = table.c.store_id
    rows = sa.select(key, *(table.c[name] for name in names)).order_by(key).limit(PAGE_ROWS)
    rows = rows.where(table.c.run_id == str(run.report_id))
    yield ",".join(["store_id", *names]) + "\n"
    page = _read(rows)
    while page.height:
        safe = page.with_columns(pl.col(pl.String).str.replace(FORMULA, "'$0"))
        # Each text is quoted: it may hold what ends a cell in some countries, such as a semicolon.
        yield safe.write_csv(include_header=False, quote_style="non_numeric")
        page = _read(rows.where(key > page["store_id"][-1]))
    if runs.find(str(run.report_id)) is None:  # better broken off than a part that looks whole
        raise NotFound("The report was deleted meanwhile.")


def _read(rows: sa.Select[tuple[object, ...]]) -> pl.DataFrame:
    with engine().connect() as connection:
        return pl.read_database(rows, connection, infer_schema_length=None)
