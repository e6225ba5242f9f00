"""``python -m store_uptime``."""

import sys

from store_uptime.cli import main

if __name__ == "__main__":
    sys.exit(main())
