"""A data set: the tables, the truth, and how they are written."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from store_uptime._engine.window_edges import find_window_edges
from store_uptime._sql.accepted import AnyConnection
from store_uptime._time.instants import microseconds
from store_uptime.errors import PolicyError
from store_uptime.inputs import Inputs
from store_uptime.policy import DEFAULT_POLICY, Policy
from store_uptime.report import compute_report
from store_uptime.testing.written import (
    IfThere,
    write_csv_files,
    write_parquet_files,
    write_tables,
)
from store_uptime.windows import DEFAULT_WINDOWS, AnyWindow, check_windows


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Dataset:
    """Made-up stores: what polls saw of them, and the truth.

    Attributes
    ----------
    inputs
        All tables as the loaders return them, with `now`: ``compute_report(dataset.inputs)``. The
        rows stand store by store.
    changes
        The same tables with the truth in place of the polls, as a log of state changes. Whatever
        is computed of it with `Policy.for_changes` is true: reports by other rules, histories,
        timelines.
    outages
        The truth: `store_id`, `start` and `end` (Datetime in UTC, microseconds, half-open), never
        null; sorted as the polls are. The outages of a store are disjoint, cut at the ends of the
        span, and run on through closed time.
    start, now
        The ends of the span in which everything lies (datetimes in UTC). Windows end at `now`.

    Notes
    -----
    Two of them are equal only if they are the same object. They can be pickled.
    """

    inputs: Inputs
    changes: Inputs
    outages: pl.DataFrame
    start: dt.datetime
    now: dt.datetime

    @property
    def status(self) -> pl.DataFrame:
        """The polls, as in `Inputs`."""
        return self.inputs.status

    @property
    def hours(self) -> pl.DataFrame:
        """The weekly hours, as in `Inputs`."""
        return self.inputs.hours

    @property
    def timezones(self) -> pl.DataFrame:
        """The zones, as in `Inputs`."""
        return self.inputs.timezones

    def __repr__(self) -> str:
        days = (self.now - self.start).days
        stores = self.changes.status["store_id"].n_unique()
        return (
            f"Dataset({stores:,} stores, {days:,} days up to {self.now.isoformat()}, "
            f"{self.status.height:,} polls, {self.outages.height:,} outages)"
        )

    def truth(self, windows: Mapping[str, AnyWindow] = DEFAULT_WINDOWS) -> pl.DataFrame:
        """Compute the true uptime and downtime: open time less outages, and what is left of it.

        A store is open by the rules of the default `Policy`. By others the truth is
        ``compute_report(dataset.changes, policy=Policy.for_changes(missing_days="open"))``.

        Parameters
        ----------
        windows
            As for `compute_report`; none may begin before the span.

        Returns
        -------
        pl.DataFrame
            As `compute_report` has it: one row for every store, also for one without polls, sorted
            by `store_id`, then `uptime_<name>` and `downtime_<name>` for each window.

        Raises
        ------
        PolicyError
            `windows` make no sense, or one begins before the span.

        Examples
        --------
        >>> from store_uptime import Window
        >>> from store_uptime.testing import make_dataset
        >>> dataset = make_dataset(1, days=2, without_hours=1, outages_per_day=0)
        >>> dataset.truth({"two_days": Window("2d")}).drop("store_id").row(0, named=True)
        {'uptime_two_days': 48.0, 'downtime_two_days': 0.0}
        """
        chosen = check_windows(windows, detail=False)
        zones = sorted({*self.timezones["timezone_str"], DEFAULT_POLICY.default_timezone})
        edges = find_window_edges(chosen, [self.now], zones)
        if (edges["first_start"] < microseconds(self.start)).any():
            raise PolicyError(
                "a window begins before the data set",
                table="windows",
                values=[f"since {self.start.isoformat()}"],
                remedy="Make one of more days: make_dataset(stores, days).",
                code="outside_loaded_span",
            )
        return compute_report(self.changes, windows=chosen, policy=Policy.for_changes())

    def write_csv(self, folder: str | os.PathLike[str]) -> Path:
        """Write the tables as CSV files that ``load_csv(folder)`` finds.

        They are called ``store_status.csv``, ``menu_hours.csv``, ``timezones.csv``,
        ``special_hours.csv`` and ``maintenance.csv``, and look as those that people have. No file
        holds `now`: hand it over with what is loaded.

        Parameters
        ----------
        folder
            Where to; it is made if it is not there.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        SchemaError
            `folder` is no path, cannot be written to, or holds a file that `load_csv` would take
            for one of the tables. Nothing is overwritten.

        Examples
        --------
        >>> import tempfile
        >>> from store_uptime import load_csv
        >>> from store_uptime.testing import make_dataset
        >>> dataset = make_dataset(3, days=7)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     loaded = load_csv(dataset.write_csv(folder))
        >>> compute_report(loaded, now=dataset.now).equals(compute_report(dataset.inputs))
        True
        """
        return write_csv_files(self.inputs, folder)

    def write_parquet(self, folder: str | os.PathLike[str]) -> Path:
        """Write the tables as Parquet files that ``load_parquet(folder)`` finds.

        As `write_csv`, but with ``.parquet``, and with the types of `Inputs`.
        """
        return write_parquet_files(self.inputs, folder)

    def to_sql(self, connection: AnyConnection, *, if_exists: IfThere = "fail") -> None:
        """Write the tables into a database, where ``load_sql(connection)`` finds them.

        They are called ``store_status``, ``business_hours`` and ``store_timezones``; `load_sql`
        has to be told of ``special_hours`` and ``maintenance``. Times of day and dates are text.
        What `connection` has begun as a transaction is left to the caller to commit; else the rows
        are there for good when the call returns. All is written, or nothing; but MySQL and MariaDB
        keep a table that they have made.

        Parameters
        ----------
        connection
            As for `write_sql`.
        if_exists
            What to do with tables that are there: ``"fail"``, or ``"replace"`` all rows of them.
            They must have the columns of `Inputs`, of types that hold the values.

        Raises
        ------
        SchemaError
            A table is there, and `if_exists` is ``"fail"``; or it lacks a column or has one of
            another type; `connection` is of no kind that `write_sql` takes.
        DatabaseError
            The database cannot be reached, broke off, or could not do what it was asked to do.
        PolicyError
            `if_exists` makes no sense.
        MissingDependencyError
            A URI needs a package that is not installed.

        Examples
        --------
        >>> import sqlite3
        >>> from store_uptime import load_sql
        >>> from store_uptime.testing import make_dataset
        >>> connection = sqlite3.connect(":memory:")
        >>> dataset = make_dataset(3, days=7)
        >>> dataset.to_sql(connection)
        >>> loaded = load_sql(connection, now=dataset.now)
        >>> compute_report(loaded).equals(compute_report(dataset.inputs))
        True
        """
        write_tables(self.inputs, connection, if_exists)
