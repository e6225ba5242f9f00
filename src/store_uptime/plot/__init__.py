"""Charts of what the package computes: Altair charts that one can change further.

Altair is imported when a chart is drawn, not before.
"""

__all__: list[str] = []


def __dir__() -> list[str]:
    """List the public names alone: completion shows what is listed here."""
    return __all__
