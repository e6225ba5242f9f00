"""Charts of what the package computes: Altair charts that one can change further.

Altair is imported when a chart is drawn, not before.
"""

from store_uptime.plot.distributions import distribution
from store_uptime.plot.heatmaps import heatmap
from store_uptime.plot.histories import bars
from store_uptime.plot.rankings import worst
from store_uptime.plot.timelines import timeline
from store_uptime.plot.trends import trend

__all__ = ["bars", "distribution", "heatmap", "timeline", "trend", "worst"]


def __dir__() -> list[str]:
    """List the public names alone: completion shows what is listed here."""
    return __all__
