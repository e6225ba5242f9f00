"""Standard error: what is being done, what came of it, and what went wrong."""

from __future__ import annotations

import os
import re
import time
from typing import TextIO

from store_uptime._files.paths import shown_path

_BAR_LENGTH = 30
_PASSWORDS = re.compile(r"(?i)(?<=://)[^\s/]*@|(?<=password=)[^&\s'\"]+")


class Console:
    """Writes to standard error, which may be closed or full.

    Attributes
    ----------
    quiet
        Whether only warnings and errors are said.
    lost
        Whether something could not be written. Where standard error is closed from the start,
        nobody wants to hear anything, and nothing is lost.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self.quiet = False
        self.lost = False
        self._stream = stream
        self._start = time.monotonic()
        self._drawn = False

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._start

    def say(self, text: str) -> None:
        """Write one line, whatever line ends and control characters the text has."""
        line = shown_path(without_passwords(" ".join(text.splitlines())))
        self._write(f"{line}\n")

    def note(self, text: str) -> None:
        """Write one line, unless only warnings and errors are wanted."""
        if not self.quiet:
            self.say(text)

    def begin(self, what: str) -> None:
        """Say what begins now, to a person at a terminal; nothing to a file or a pipe."""
        if self._is_watched():
            self.say(f"{self.seconds:6.1f} s  {what}")

    def draw(self, done: int, total: int) -> None:
        """Draw how many stores are done, on one line; one batch is no news."""
        if self._is_watched() and (done < total or self._drawn):
            self._drawn = True
            full = _BAR_LENGTH * done // total
            bar = "#" * full + "." * (_BAR_LENGTH - full)
            end = "\n" if done == total else ""
            text = f"{self.seconds:6.1f} s  [{bar}] {done:,} of {total:,} stores"
            self._write(f"\r{text}{end}")

    def _is_watched(self) -> bool:
        return not self.quiet and self._stream is not None and self._stream.isatty()

    def _write(self, text: str) -> None:
        if self._stream is None or self.lost:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            self.lost = True
            give_up(self._stream)


def without_passwords(text: str) -> str:
    """Return the text without the passwords of the URIs in it.

    Examples
    --------
    >>> without_passwords("reading postgresql://me:secret@host/database")
    'reading postgresql://***@host/database'
    """
    return _PASSWORDS.sub(lambda found: "***@" if found[0].endswith("@") else "***", text)


def hold_handles() -> None:
    """Lead closed standard handles to nowhere, lest a file that is opened later take their place.

    `sys.stdout` and `sys.stderr` stay ``None`` where they were closed.
    """
    for handle in range(3):
        try:
            os.fstat(handle)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def give_up(stream: TextIO) -> None:
    """Lead a stream that cannot be written to nowhere.

    Python writes what is left in it once more on its way out, and would complain then.
    """
    try:
        handle = stream.fileno()
    except OSError:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, handle)
    os.close(nowhere)
