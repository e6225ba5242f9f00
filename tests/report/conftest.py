"""What the worked examples of the report share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from support.judges import Judge, by_library, by_oracle
from support.oracle import Rules, Store, Totals
from support.wall_clock import at


@pytest.fixture(params=[by_library, by_oracle], ids=["library", "oracle"])
def judge(request: pytest.FixtureRequest) -> Judge:
    """Return a function of store, ``now``, length of the window and rules by name."""
    ask = request.param

    def asked(store: Store, now: str, length: timedelta, **rules: Any) -> Totals:
        totals = ask(store, at(now), length, Rules(**rules))
        assert isinstance(totals, Totals)
        return totals

    return asked
