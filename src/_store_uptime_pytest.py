"""The pytest plugin of store_uptime: data with a known truth, for the tests of host applications.

pytest imports it at the start of every run on a machine where store_uptime is installed. So it
stands beside the package and imports it in the fixtures only: a run that does not use them does not
pay for it. ``-p no:store_uptime`` switches it off.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from store_uptime.testing import Dataset


@pytest.fixture(scope="session")
def store_uptime_dataset() -> Dataset:
    """Return 20 stores, polled hourly for 8 days, and when they were really down.

    It is ``store_uptime.testing.make_dataset(20, 8)``, made once for all tests of the session: do
    not change its frames in place. Define a fixture of this name where you want another one.
    """
    from store_uptime.testing import make_dataset  # noqa: PLC0415  # see above

    return make_dataset(20, 8)


@pytest.fixture
def frozen_now(store_uptime_dataset: Dataset) -> dt.datetime:
    """Return the `now` of `store_uptime_dataset`, where its polls end: an aware datetime.

    It is always the same. No clock is stopped and nothing is patched: give it as `now`, since
    store_uptime never reads the clock of the machine.
    """
    return store_uptime_dataset.now
