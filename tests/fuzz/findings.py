"""What a fuzzed call may do, and how what it must not do is written down."""

from __future__ import annotations

import hashlib
import os
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

import polars as pl

from store_uptime import CoverageWarning, RejectedRowsWarning, StoreUptimeError

LONGEST_MESSAGE = 2_000
FINDINGS = "STORE_UPTIME_FINDINGS"
"""The environment variable that names the folder for findings."""

Outcome = pl.DataFrame | StoreUptimeError


class BrokenPromiseError(AssertionError):
    """The package broke a promise without raising anything."""


def outcome_of(call: Callable[[], pl.DataFrame]) -> Outcome:
    """Return the report of a call, or the error of the package that refuses its input.

    Any other exception is the caller's to see. So is a panic that the package told as a fault of
    the table, except where polars cannot so much as take the table in.
    """
    try:
        return call()
    except StoreUptimeError as error:
        if len(str(error)) > LONGEST_MESSAGE:
            raise BrokenPromiseError(f"a message of {len(str(error))} characters") from error
        is_panic = type(error.__cause__).__name__ == "PanicException"
        if is_panic and "cannot be read as a table" not in error.problem:
            raise BrokenPromiseError(f"a panic inside: {error}") from error
        return error


def assert_same(one: Outcome, other: Outcome, what: str) -> None:
    """Assert that two ways to say the same end alike: in one report, or in errors of one code."""
    if isinstance(one, pl.DataFrame) and isinstance(other, pl.DataFrame):
        is_same = one.equals(other) and one.schema == other.schema
    elif isinstance(one, StoreUptimeError) and isinstance(other, StoreUptimeError):
        is_same = one.code == other.code
    else:
        is_same = False
    if not is_same:
        raise BrokenPromiseError(f"{what} changes the outcome, from\n{one!r}\nto\n{other!r}")


def kept_findings(target: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """Return the target as libFuzzer shall call it: it goes on after a finding.

    A finding is written down once for each place in the code, with the input that shows it first.
    Native crashes and hangs end the process; libFuzzer writes their input to the same folder.
    """
    folder = Path(os.environ[FINDINGS])

    def guarded(data: bytes) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", CoverageWarning)
            warnings.simplefilter("ignore", RejectedRowsWarning)
            try:
                target(data)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001, panics of polars are no Exception
                _write_down(folder, data, error)

    return guarded


def _write_down(folder: Path, data: bytes, error: BaseException) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        f"{frame.filename}:{frame.lineno}" for frame in frames if "store_uptime" in frame.filename
    ]
    place = f"{type(error).__name__} {ours[-1] if ours else str(error)[:60]}"
    name = hashlib.sha256(place.encode()).hexdigest()[:12]
    if not (folder / name).exists():
        (folder / name).write_bytes(data)
        (folder / f"{name}.txt").write_text("".join(traceback.format_exception(error)))
