"""What the benchmarks print: lines as they come, and tables of medians and ratios."""

from __future__ import annotations

import statistics
import sys


def report(seconds: dict[str, list[float]]) -> None:
    """Print medians, and ratios to the first line of the same round, of which the median is shown."""
    first = next(iter(seconds.values()))
    tell("| what | seconds (median) | min - max | relative |")
    tell("|---|---:|---:|---:|")
    for name, runs in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(runs, first, strict=True))
        tell(
            f"| {name} | {statistics.median(runs):.2f} | {min(runs):.2f} - {max(runs):.2f} | {ratio:.2f} |"
        )


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
