"""Rows of PostgreSQL by COPY, on a cursor of psycopg or psycopg2.

It is the application's own connection that is read, so its role, search path, row security and
transaction count.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from store_uptime._sql.drivers.postgres_types import typed_rows

RunCopy = Callable[[str, io.BytesIO], object]
"""Runs COPY of a query and writes what it sends, as CSV in UTF-8, into a file."""


def copied_rows(query: str, oids: Mapping[str, int], run_copy: RunCopy) -> pl.DataFrame:
    """Return the rows of a query, whose columns have types of these numbers."""
    return typed_rows(query, oids, partial(_copied, run_copy), sent_as="{}")


def _copied(run_copy: RunCopy, query: str, names: Sequence[str]) -> pl.DataFrame:
    file = io.BytesIO()
    run_copy(query, file)
    file.seek(0)
    # Polars, too, tells an empty field, which is null, from an empty string in quotes.
    return pl.read_csv(
        file,
        has_header=False,
        schema=dict.fromkeys(names, pl.String),
        raise_if_empty=False,
    )


# --- how COPY is run -----------------------------------------------------------------------------


def copy_of(query: str) -> str:
    """Return the statement that copies what a query gives."""
    return f"COPY ({query}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')"


def run_by_psycopg(cursor: Any) -> RunCopy:
    """Return how COPY is run on a cursor of psycopg."""

    def run(query: str, file: io.BytesIO) -> None:
        with cursor.copy(copy_of(query)) as rows:
            file.writelines(rows)

    return run


def run_by_psycopg2(cursor: Any) -> RunCopy:
    """Return how COPY is run on a cursor of psycopg2."""
    return lambda query, file: cursor.copy_expert(copy_of(query), file)
