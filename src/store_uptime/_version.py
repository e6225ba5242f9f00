"""The version of the package that is installed."""

from __future__ import annotations


def installed_version() -> str:
    """Return the version, or words that say that the package runs without being installed."""
    from importlib import metadata  # noqa: PLC0415  # it brings in many modules; most never ask

    try:
        return metadata.version("store-uptime")
    except metadata.PackageNotFoundError:
        return "(not installed)"
