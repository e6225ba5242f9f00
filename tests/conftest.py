"""How the tests are run, how many examples the property tests try, and the servers for tests."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from support import services

# Continuous integration must not fail by chance; people who run the tests at home search on.
common = settings(
    deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("full", common)
settings.register_profile("quick", common, max_examples=20)
settings.load_profile(os.environ.get("STORE_UPTIME_EXAMPLES", "quick"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Run a single file in this process: one worker would run it all, and hide its output."""
    files = {argument.partition("::")[0] for argument in config.args}
    return 0 if len(files) == 1 and files.pop().endswith(".py") else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the property tests, before ``-m`` looks at marks; nobody has to remember it."""
    for item in items:
        if is_hypothesis_test(getattr(item, "function", None)):
            item.add_marker("property")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with services.postgres_server() as url:
        yield url


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """A URL that leads into an empty schema of PostgreSQL."""
    with services.postgres_schema(postgres_server) as url:
        yield url


@pytest.fixture
def mariadb() -> Iterator[str]:
    """The URL of an empty database of MariaDB."""
    with services.mariadb_database() as url:
        yield url
