"""Ask of every small change of the engine whether a test notices it.

    python tests/mutation/run.py                 # the whole engine, an hour or two
    python tests/mutation/run.py states sessions # some modules

tells each change that no test notices, and a score. It needs the extra ``test``. Threads of
polars do not outlive a fork, so there is none: one process collects the tests, changes functions
where they stand, and is started again where a change makes it crash or hang.
"""

# ruff: noqa: T201, a command line prints

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).parents[1]
_ENGINE = _TESTS.parent / "src/store_uptime/_engine"
_EXPLAINED = Path(__file__).with_name("explained.txt")
_FOLDERS = (
    *("engine", "report", "timeline", "polling", "summary", "accuracy"),
    "html/test_behind.py",
)
_GIGABYTES = 12


def main() -> int:
    modules = sorted(_modules())
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="*", help="of the engine (default: all)")
    parser.add_argument("--tests", nargs="*", default=_FOLDERS, help="folders and files in tests")
    parser.add_argument("--seconds", type=float, default=60, help="for the tests of one change")
    parser.add_argument("--results", type=Path, help="where to keep them; a second run goes on")
    options = parser.parse_args()
    if unknown := set(options.modules).difference(modules):
        parser.error(f"no modules of the engine: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as scratch:
        results = options.results or Path(scratch, "results")
        results.touch()
        while not _hunt(options, results, Path(scratch, "job")):
            pass
        return _tell(_lines(results), options.modules or modules)


def _modules() -> dict[str, str]:
    """Return the modules of the engine by their last names."""
    paths = (path for path in _ENGINE.rglob("*.py") if path.stem != "__init__")
    inside = {path.stem: path.relative_to(_ENGINE).with_suffix("").parts for path in paths}
    return {name: ".".join(("store_uptime._engine", *parts)) for name, parts in inside.items()}


def _hunt(options: argparse.Namespace, results: Path, job: Path) -> bool:
    """Go on where the results end; return whether all mutants have been met."""
    known = _modules()
    modules = options.modules or sorted(known)
    lines = _lines(results)
    job_facts = {
        "modules": [known[module] for module in modules],
        "done": [*(line["key"] for line in lines if "key" in line), *_explained()],
        "watched": {line["watched"]: line for line in lines if "watched" in line},
        "killers": [line["by"] for line in lines if "by" in line],
        "seconds": options.seconds,
    }
    job.write_text(json.dumps(job_facts))
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join((str(_TESTS), str(_ENGINE.parents[1]))),
        "MUTATION_JOB": str(job),
        "MUTATION_RESULTS": str(results),
        "POLARS_MAX_THREADS": "2",  # so that what is done on several threads is done
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "mutation.plugin"]
    command += [
        "-o",
        "addopts=--import-mode=importlib",
        *(str(_TESTS / each) for each in options.tests),
    ]
    process = subprocess.Popen(  # noqa: S603, the program is this Python
        command,
        env=environment,
        cwd=_TESTS.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_limit_memory,  # noqa: PLW1509, this process has one thread
    )
    ended = _wait(process, results, 3 * options.seconds + 20)
    last = (_lines(results) or [{}])[-1]
    note: dict[str, Any] = {}
    if "start" in last:
        note = {
            "key": last["start"],
            "outcome": "noticed",
            "because": "a crash" if ended else "a hang",
        }
    elif "watching" in last:  # a test that takes more memory than there may be
        note = {"watched": last["watching"], "passes": False, "seconds": 0, "called": []}
    if note:
        with results.open("a") as file:
            file.write(json.dumps(note) + "\n")
        return False
    if process.returncode not in (0, 1, 5):
        raise SystemExit(f"the tests do not start: {' '.join(command)}")
    return True


def _wait(process: subprocess.Popen[bytes], results: Path, patience: float) -> bool:
    """Wait for the end; return false if nothing came for so many seconds that it was ended."""
    while process.poll() is None:
        time.sleep(1)
        is_met = "start" in (_lines(results) or [{}])[-1]
        if is_met and time.time() - results.stat().st_mtime > patience:
            process.kill()
            process.wait()
            return False
    return True


def _limit_memory() -> None:
    import resource  # noqa: PLC0415, not on Windows

    most = _GIGABYTES << 30
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _lines(results: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in results.read_text().splitlines()]


def _explained() -> set[str]:
    """Return the names of the mutants that no test can notice, or need notice."""
    return {line for line in _EXPLAINED.read_text().splitlines() if line and line[0] != "#"}


def _tell(lines: list[dict[str, Any]], modules: Collection[str]) -> int:
    last = {line["key"]: line for line in lines if "key" in line}
    counts: dict[str, Counter[str]] = {module: Counter() for module in modules}
    for key in _explained().difference(last):
        counts.get(key.partition(".")[0].partition(":")[0], Counter())["explained"] += 1
    for key, line in last.items():
        counts.get(key.partition(".")[0].partition(":")[0], Counter())[line["outcome"]] += 1
        if line["outcome"] == "survived":
            print(f"{key}    (line {line['line']}, {line['tests']} tests, {line['seconds']} s)")
    counts["all"] = sum(counts.values(), Counter())
    for module, count in counts.items():
        told = (
            f"{count['noticed']:5} of {count.total():5} noticed, {count['explained']:4} explained"
        )
        print(f"{module:20} {told}, {count['survived']:4} left")
    return int(counts["all"]["survived"] > 0)


if __name__ == "__main__":
    sys.exit(main())
