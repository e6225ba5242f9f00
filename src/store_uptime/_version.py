"""The version of the package that is installed."""

from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str:
    """Return the version, or words that say that the package runs without being installed."""
    try:
        return version("store-uptime")
    except PackageNotFoundError:
        return "(not installed)"
