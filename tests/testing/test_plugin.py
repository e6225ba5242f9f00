"""The pytest plugin as a host application meets it: installed, in a run of its own.

pytest imports it before coverage starts, so it is no part of what coverage counts.
"""

from __future__ import annotations

import ast
from importlib import metadata
from pathlib import Path

import pytest

import _store_uptime_pytest
from support.services import missing

pytest_plugins = ["pytester"]
ALONE = ("-p", "store_uptime")
ON_WORKERS = (*ALONE, "-p", "xdist.plugin", "-n", "2")


@pytest.fixture(autouse=True)
def host(pytester: pytest.Pytester) -> pytest.Pytester:
    if not metadata.entry_points(group="pytest11", name="store_uptime"):
        missing("the plugin is not installed: install the checkout once more")
    return pytester


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the other plugins that are installed here, which take a second to start."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


NO_IMPORTS = """
    import sys

    def test_imports():
        assert "_store_uptime_pytest" in sys.modules
        assert {"store_uptime", "polars"}.isdisjoint(sys.modules)
"""


def test_a_run_that_does_not_use_it_imports_nothing_of_this_package(host: pytest.Pytester) -> None:
    host.makepyfile(NO_IMPORTS)
    host.runpytest_subprocess().assert_outcomes(passed=1)


@pytest.mark.usefixtures("alone")
def test_nor_do_the_workers_of_such_a_run(host: pytest.Pytester) -> None:
    host.makepyfile(NO_IMPORTS)
    host.runpytest_subprocess(*ON_WORKERS).assert_outcomes(passed=1)


def test_the_plugin_itself_needs_pytest_only() -> None:
    assert _store_uptime_pytest.__file__
    module = ast.parse(Path(_store_uptime_pytest.__file__).read_text("utf-8"))
    imported = {
        name.name for node in module.body if isinstance(node, ast.Import) for name in node.names
    }
    imported |= {str(node.module) for node in module.body if isinstance(node, ast.ImportFrom)}
    assert imported == {"__future__", "datetime", "pytest", "typing"}


@pytest.mark.usefixtures("alone")
def test_all_tests_of_a_worker_share_one_dataset(host: pytest.Pytester) -> None:
    host.makepyfile("""
        import datetime as dt
        import time

        import pytest

        seen = set()

        @pytest.mark.parametrize("number", range(4))
        def test_data(number, store_uptime_dataset, frozen_now):
            seen.add(id(store_uptime_dataset))
            assert len(seen) == 1
            assert store_uptime_dataset.truth().height == 20
            assert frozen_now - store_uptime_dataset.start == dt.timedelta(days=8)
            assert frozen_now == store_uptime_dataset.now == store_uptime_dataset.inputs.now

        def test_no_clock_is_stopped(frozen_now):
            before = time.monotonic_ns()
            time.sleep(0.001)
            assert time.monotonic_ns() > before
            assert dt.datetime.now(dt.UTC) > frozen_now
    """)
    host.runpytest_subprocess(*ON_WORKERS).assert_outcomes(passed=5)


@pytest.mark.usefixtures("alone")
def test_a_dataset_of_the_hosts_own_goes_before(host: pytest.Pytester) -> None:
    host.makepyfile(
        test_first="""
            def test_it(store_uptime_dataset):
                assert store_uptime_dataset.truth().height == 20
        """,
        test_other="""
            import pytest
            from store_uptime.testing import make_dataset

            NEXT_YEAR = "2025-01-01T00:00:00+00:00"

            @pytest.fixture(scope="module")
            def store_uptime_dataset():
                return make_dataset(1, 1, now=NEXT_YEAR)

            def test_it(frozen_now):
                assert frozen_now.isoformat() == NEXT_YEAR
        """,
    )
    host.runpytest_subprocess(*ALONE).assert_outcomes(passed=2)


def test_it_can_be_switched_off(host: pytest.Pytester) -> None:
    host.makepyfile("""
        import sys

        def test_imports():
            assert "_store_uptime_pytest" not in sys.modules

        def test_data(frozen_now):
            pass
    """)
    told = host.runpytest_subprocess("-p", "no:store_uptime")
    told.assert_outcomes(passed=1, errors=1)
    told.stdout.fnmatch_lines(["*fixture 'frozen_now' not found"])


@pytest.mark.usefixtures("alone")
def test_the_fixtures_say_what_they_are(host: pytest.Pytester) -> None:
    told = host.runpytest_subprocess(*ALONE, "--fixtures")
    told.stdout.fnmatch_lines_random(
        [
            "store_uptime_dataset [[]session scope[]] -- *_store_uptime_pytest.py:*",
            "    Return 20 stores, polled hourly for 8 days, and when they were really down.",
            "frozen_now -- *_store_uptime_pytest.py:*",
            "    Return the `now` of `store_uptime_dataset`, where its polls end: an aware datetime.",
        ]
    )
