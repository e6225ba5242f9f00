"""A plugin of pytest that collects the tests once and runs them against mutant after mutant.

First every test runs once, and it is seen which functions of the engine it calls. A mutant then
meets the tests that call its function: those first that noticed one there before, then those that
notice much in little time. What comes of each is a line of the file that ``MUTATION_RESULTS`` names.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import Phase, settings

from mutation.live import UnfitError, forget_results, in_place
from mutation.mutants import Mutant, named_mutants

_ENGINE = f"{os.sep}_engine{os.sep}"


class Hunt:
    def __init__(self) -> None:
        job = json.loads(Path(os.environ["MUTATION_JOB"]).read_text())
        self.modules: list[str] = job["modules"]
        self.done = set(job["done"])
        self.killers: list[str] = job["killers"]
        self.watched: dict[str, dict[str, Any]] = job["watched"]
        self.budget: float = job["seconds"]
        self.results = Path(os.environ["MUTATION_RESULTS"])
        self.failed = False
        self.called: dict[str, set[pytest.Item]] = defaultdict(set)
        self.seconds: dict[pytest.Item, float] = {}
        self.noticed: Counter[pytest.Item] = Counter()
        self.keen: dict[str, list[pytest.Item]] = defaultdict(list)

    def pytest_collection(self) -> None:
        """Do not shrink what fails: that it does is all that matters."""
        quick = settings(
            settings.get_profile("quick"),
            phases=(Phase.explicit, Phase.generate),
            database=None,
            derandomize=True,
        )
        settings.register_profile("mutation", quick)
        settings.load_profile("mutation")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = [item for item in session.items if self.passes(item)]
        by_name = {item.nodeid: item for item in items}
        self.noticed.update(by_name[name] for name in self.killers if name in by_name)
        for name in self.modules:
            module = importlib.import_module(name)
            source, short = Path(str(module.__file__)).read_text(), name.rpartition(".")[2]
            for key, mutant in named_mutants(short, source):
                if key not in self.done:
                    self.note(start=key)
                    try:
                        with in_place(mutant, module):
                            told = self.meet(short, mutant, items)
                    except UnfitError as error:
                        told = {"outcome": "noticed", "because": repr(error.__cause__)}
                    self.note(key=key, line=mutant.line, **told)
        return True

    def passes(self, item: pytest.Item) -> bool:
        """Return whether a test passes; what it calls and how long it takes is then known."""
        known = self.watched.get(item.nodeid) or self.watch(item)
        self.seconds[item] = known["seconds"]
        for name in known["called"]:
            self.called[name].add(item)
        return bool(known["passes"])

    def watch(self, item: pytest.Item) -> dict[str, Any]:
        called: set[str] = set()

        def note_call(frame: FrameType, event: str, _: Any) -> None:
            if event == "call" and _ENGINE in frame.f_code.co_filename:
                name = f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_qualname}"
                called.add(name.partition(".<locals>")[0])

        self.note(watching=item.nodeid)
        forget_results()
        begin = time.perf_counter()
        sys.setprofile(note_call)
        try:
            passes = self.fails([item]) is None
        finally:
            sys.setprofile(None)
        facts = {
            "seconds": round(time.perf_counter() - begin, 3),
            "called": sorted(called),
            "passes": passes,
        }
        self.note(watched=item.nodeid, **facts)
        return facts

    def meet(self, module: str, mutant: Mutant, items: Iterable[pytest.Item]) -> dict[str, Any]:
        place = f"{module}.{mutant.where}"
        while place not in self.called and place.count(".") > 1:
            place = place.rpartition(".")[0]  # a function inside of another
        keen = self.keen[place]
        chosen = self.called[place] if mutant.where else set(items)
        others = sorted(chosen.difference(keen), key=self.cost)
        begin = time.perf_counter()
        if killer := self.fails(self.within_budget([*keen, *others])):
            if killer in keen:
                keen.remove(killer)
            keen.insert(0, killer)
            self.noticed[killer] += 1
            return {"outcome": "noticed", "by": killer.nodeid}
        spent = round(time.perf_counter() - begin, 1)
        return {"outcome": "survived", "tests": len(chosen), "seconds": spent}

    def cost(self, item: pytest.Item) -> tuple[float, str]:
        return self.seconds[item] / (1 + self.noticed[item]), item.nodeid

    def within_budget(self, items: list[pytest.Item]) -> Iterator[pytest.Item]:
        end = time.perf_counter() + self.budget
        for item in items:
            if time.perf_counter() > end:
                return
            yield item

    def fails(self, items: Iterable[pytest.Item]) -> pytest.Item | None:
        """Run tests up to the first that fails, and return it."""
        for item in items:
            self.failed = False
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if self.failed:
                return item
        return None

    def note(self, **facts: Any) -> None:
        with self.results.open("a") as file:
            file.write(json.dumps(facts) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Hunt(), "hunt")
