"""The command line: ``store-uptime``, or ``python -m store_uptime``."""

from store_uptime.cli.commands import main

__all__ = ["main"]
