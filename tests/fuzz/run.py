"""Fuzz the border of the package for some minutes; exit with 1 if something is found.

    python tests/fuzz/run.py --minutes 60

needs Linux and ``pip install --group fuzz``. Half of the time is for each target. What is found
is told at the end, and kept with its input in ``--findings``; an input runs again by

    python tests/fuzz/run.py --target arrow_tables --again FILE
"""

# ruff: noqa: T201, a command line prints

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_HERE = Path(__file__).parent
_TARGETS = ("csv_files", "arrow_tables")
_SECONDS_OF_ONE_INPUT = 60
_MEGABYTES = 2_500
_EXECUTIONS = re.compile(r"stat::number_of_executed_units:\s*(\d+)|^#(\d+)\b", re.MULTILINE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60, help="in all (default: %(default)s)")
    parser.add_argument("--target", choices=_TARGETS, action="append", help="default: both")
    parser.add_argument("--findings", type=Path, help="where to keep them (default: a new folder)")
    parser.add_argument("--corpus", type=Path, help="where to keep inputs for the next run")
    parser.add_argument("--again", type=Path, help="run one input again, and show what it does")
    options = parser.parse_args()
    targets = options.target or _TARGETS
    if options.again:
        return _run_again(targets, options.again)
    findings = options.findings or Path(tempfile.mkdtemp(prefix="store_uptime_findings_"))
    with tempfile.TemporaryDirectory() as scratch:
        for target in targets:
            seconds = round(options.minutes * 60 / len(targets))
            corpus = (options.corpus or Path(scratch)) / target
            count = _fuzz(target, seconds, corpus, findings / target)
            print(f"{target}: {count:,} inputs in {seconds / 60:.1f} minutes", flush=True)
    found = sorted(path for path in findings.glob("*/*") if path.suffix != ".txt")
    for path in found:
        told = path.with_suffix(".txt")
        last = told.read_text().strip().splitlines()[-1] if told.exists() else "crash or hang"
        print(f"{path}: {last[:200]}")
    print(f"{len(found)} findings")
    return int(bool(found))


def _fuzz(target: str, seconds: int, corpus: Path, findings: Path) -> int:
    """Fuzz one target, anew after each crash or hang, and return how many inputs were tried."""
    corpus.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    end, count = time.monotonic() + seconds, 0
    while (left := round(end - time.monotonic())) > 0:
        arguments = [
            f"-max_total_time={left}",
            f"-timeout={_SECONDS_OF_ONE_INPUT}",
            f"-report_slow_units={_SECONDS_OF_ONE_INPUT}",
            f"-rss_limit_mb={_MEGABYTES}",
            f"-artifact_prefix={findings}/",
            "-max_len=4096",
            "-print_final_stats=1",
            f"-dict={_HERE / 'words.dict'}",
            str(corpus),
            str(_HERE / "corpus" / target),
        ]
        done = _run(target, arguments, findings, quiet=True)
        numbers = [
            int(number) for pair in _EXECUTIONS.findall(done.stderr) for number in pair if number
        ]
        count += max(numbers, default=0)
        if done.returncode and not numbers:
            print(done.stderr[-2_000:])
            raise SystemExit(f"{target} does not start")
    return count


def _run_again(targets: list[str] | tuple[str, ...], path: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        for target in targets:
            done = _run(target, [str(path)], Path(folder), quiet=False)
            if done.returncode:
                return done.returncode
        told = [each.read_text() for each in Path(folder).glob("*.txt")]
    print("\n".join(told) or "nothing is wrong")
    return int(bool(told))


def _run(
    target: str, arguments: list[str], findings: Path, *, quiet: bool
) -> subprocess.CompletedProcess[str]:
    roots = [str(_HERE.parent), str(_HERE.parents[1] / "src"), os.environ.get("PYTHONPATH", "")]
    # Tables are small: threads would only wait for one another.
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, roots)),
        "POLARS_MAX_THREADS": "1",
        "STORE_UPTIME_FINDINGS": str(findings),
    }
    return subprocess.run(  # noqa: S603, the program is this Python
        [sys.executable, "-m", f"fuzz.{target}", *arguments],
        env=environment, check=False, text=True, errors="replace",
        stdout=subprocess.DEVNULL if quiet else None, stderr=subprocess.PIPE if quiet else None,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
