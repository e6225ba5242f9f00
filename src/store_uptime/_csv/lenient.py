"""What a lenient load leaves out, so that the stores that it keeps have right numbers.

A poll that is left out is a poll that does not speak. A row of another table that is left out would
change when its store is open: so the whole store is left out, of every table.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from store_uptime._csv.rows import says_when_open
from store_uptime._tables.contract import TABLES
from store_uptime.errors import listed
from store_uptime.notices import RejectedRowsWarning


def stores_left_out(rejected: pl.DataFrame) -> list[str]:
    """Return the ids, as texts, of the stores that are left out whole, because of these rows."""
    tables = [table.name for table in TABLES.values() if says_when_open(table)]
    rows = rejected.filter(pl.col("table").is_in(tables))
    return rows["store_id"].unique(maintain_order=True).to_list()


def warning_of(counts: Mapping[str, int], stores: list[str]) -> RejectedRowsWarning:
    """Return the warning that says what was left out."""
    told = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    message = f"load_csv left out rows that it cannot use: {told}."
    if stores:
        message += f" {told_stores(stores)}"
    return RejectedRowsWarning(f"{message} See Inputs.rejected.", counts, stores)


def told_stores(stores: list[str]) -> str:
    """Return the sentence that names the stores that are left out."""
    count = f"{len(stores):,} store{'' if len(stores) == 1 else 's'}"
    return f"{count} left out whole, of every table: {listed(stores)}."
