"""What a command tells: its result, to a file, a program or a person; and how far it is."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TextIO

import polars as pl

from store_uptime.cli.files import replacing

STDOUT = "-"

_CSV_DECIMALS = 4
_BAR_LENGTH = 30


class Result(NamedTuple):
    """What a command found: for programs, for a person's terminal, and what its rows are called.

    `table` takes the width of the terminal.
    """

    frame: pl.DataFrame
    table: Callable[[int], str]
    noun: str


class ProgressBar:
    """Says what is being done, to a person at a terminal; nothing to a file or a pipe."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._start = time.monotonic()
        self._drawn = False

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._start

    def say(self, what: str) -> None:
        """Say what begins now."""
        if self._stream.isatty():
            self._stream.write(f"{self.seconds:6.1f} s  {what}\n")
            self._stream.flush()

    def draw(self, done: int, total: int) -> None:
        """Draw how many stores are done, on one line; one batch is no news."""
        if self._stream.isatty() and (done < total or self._drawn):
            self._drawn = True
            full = _BAR_LENGTH * done // total
            bar = "#" * full + "." * (_BAR_LENGTH - full)
            end = "\n" if done == total else ""
            text = f"{self.seconds:6.1f} s  [{bar}] {done:,} of {total:,} stores"
            self._stream.write(f"\r{text}{end}")
            self._stream.flush()


def write_result(result: Result, output: Path | str | None, progress: ProgressBar) -> str:
    """Put the result where it was asked for, and say where that is if it is a file."""
    if isinstance(output, Path):
        progress.say(f"writing {output}")
        write_file(result.frame, output)
        return f", written to {output}"
    if output == STDOUT or not sys.stdout.isatty():
        _write_csv(result.frame)
    else:
        sys.stdout.write(f"\n{result.table(terminal_width())}\n")
    # What follows on standard error must not overtake the result.
    sys.stdout.flush()
    return ""


def terminal_width() -> int:
    """Return how many characters fit into a line."""
    return shutil.get_terminal_size().columns


def _write_csv(frame: pl.DataFrame) -> None:
    # Line by line, because an unbuffered stream (PYTHONUNBUFFERED) says nothing when a long text is
    # cut short. Bytes where they can be had, so that the locale does not matter.
    lines = to_csv(frame).splitlines(keepends=True)
    if hasattr(sys.stdout, "buffer"):
        sys.stdout.buffer.writelines(line.encode() for line in lines)
    else:
        sys.stdout.writelines(lines)


def write_file(frame: pl.DataFrame, path: Path) -> None:
    """Write a file whole or not at all, as Parquet or CSV by the end of its name."""
    with replacing(path) as file:
        if path.suffix.lower() == ".parquet":
            frame.write_parquet(file)
        else:
            file.write(to_csv(frame).encode())


def to_csv(frame: pl.DataFrame) -> str:
    r"""Return `frame` as CSV: floats with 4 decimals, all else exact, null as an empty field.

    Instants are ISO 8601 in UTC. A length of time is a number of seconds, and its column says so.

    Examples
    --------
    >>> to_csv(pl.DataFrame({"store_id": [7], "uptime_last_day": [1.7416666666666667]}))
    'store_id,uptime_last_day\n7,1.7417\n'
    >>> import datetime as dt
    >>> outage = {"start": [dt.datetime(2023, 1, 23, 9)], "downtime": [dt.timedelta(minutes=90)]}
    >>> to_csv(pl.DataFrame(outage))
    'start,downtime_seconds\n2023-01-23T09:00:00Z,5400.0000\n'
    """
    lengths = [name for name, dtype in frame.schema.items() if dtype == pl.Duration]
    seconds = frame.with_columns(pl.col(lengths).dt.total_seconds(fractional=True)).rename(
        {name: f"{name}_seconds" for name in lengths}
    )
    return seconds.write_csv(float_precision=_CSV_DECIMALS, datetime_format="%Y-%m-%dT%H:%M:%S%.fZ")
