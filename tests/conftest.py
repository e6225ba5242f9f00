"""How many examples the property tests try, how they are chosen, and the servers for tests."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from support import services

# Continuous integration must not fail by chance; people who run the tests at home search on.
common = settings(
    deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("full", common)
settings.register_profile("quick", common, max_examples=20)
settings.load_profile(os.environ.get("STORE_UPTIME_EXAMPLES", "full"))


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
