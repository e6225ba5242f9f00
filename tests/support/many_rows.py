"""Small tables computed in the way of large ones, and how much is asked of polars."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest


@contextmanager
def as_for_many_rows() -> Iterator[None]:
    """Compute everything inside as if there were more rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("store_uptime._effort._FEW_ROWS", -1)
        yield


def queries_of(call: Callable[[], object]) -> int:
    """Return how often a call runs polars' engine, also behind a step on a frame in memory."""
    count = 0

    def look(_: FrameType, event: str, function: Any) -> None:
        nonlocal count
        if event == "c_call" and function.__name__ in {"collect", "collect_all"}:
            count += 1

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        call()
    finally:
        sys.setprofile(before)
    return count
