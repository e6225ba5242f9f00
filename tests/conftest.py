"""How many examples the property tests try, and how they are chosen."""

import os

from hypothesis import HealthCheck, settings

# Continuous integration must not fail by chance; people who run the tests at home search on.
common = settings(
    deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("full", common)
settings.register_profile("quick", common, max_examples=20)
settings.load_profile(os.environ.get("STORE_UPTIME_EXAMPLES", "full"))
