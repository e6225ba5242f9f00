"""What a command tells: its result, to a file, a program or a person; and how far it is."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import polars as pl

from store_uptime.cli.files import replacing
from store_uptime.cli.render import to_csv

STDOUT = "-"

_BAR = 30


class Progress:
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

    def bar(self, done: int, total: int) -> None:
        """Draw how many stores are done, on one line; one batch is no news."""
        if self._stream.isatty() and (done < total or self._drawn):
            self._drawn = True
            full = _BAR * done // total
            bar = "#" * full + "." * (_BAR - full)
            end = "\n" if done == total else ""
            text = f"{self.seconds:6.1f} s  [{bar}] {done:,} of {total:,} stores"
            self._stream.write(f"\r{text}{end}")
            self._stream.flush()


def write_result(
    frame: pl.DataFrame,
    table: Callable[[int], str],
    output: Path | str | None,
    progress: Progress,
) -> str:
    """Put the frame where it was asked for, and say where that is if it is a file.

    A person gets it as `table`, which is given the width of the terminal.
    """
    if isinstance(output, Path):
        progress.say(f"writing {output}")
        write_file(frame, output)
        return f", written to {output}"
    if output == STDOUT or not sys.stdout.isatty():
        _write_csv(frame)
    else:
        sys.stdout.write(f"\n{table(terminal_width())}\n")
    # What follows on standard error must not overtake the result.
    sys.stdout.flush()
    return ""


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


def terminal_width() -> int:
    """Return how many characters fit into a line."""
    return shutil.get_terminal_size().columns
