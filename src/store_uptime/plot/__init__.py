"""Charts of what the package computes: Altair charts that one can change further.

Altair is imported when a chart is drawn, not before.
"""

from store_uptime.plot.histories import bars
from store_uptime.plot.timelines import timeline

__all__ = ["bars", "timeline"]


def __dir__() -> list[str]:
    """List the public names alone: completion shows what is listed here."""
    return __all__
