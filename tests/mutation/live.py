"""A mutant put in the place of the code that runs, and taken out again.

Swapping the code of functions takes no time, and everyone who has imported them is reached. A
change at the level of the module is a change of its constants, wherever they were imported.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from types import FunctionType, ModuleType
from typing import Any

from mutation.mutants import Mutant

PACKAGE = "store_uptime"


class UnfitError(Exception):
    """The mutant cannot be imported: nobody would miss it."""


@contextmanager
def in_place(mutant: Mutant, module: ModuleType) -> Iterator[None]:
    """Run the mutant instead of the module, for as long as the context lasts."""
    fresh: dict[str, Any] = {"__name__": module.__name__, "__file__": module.__file__}
    try:
        exec(compile(mutant.tree, str(module.__file__), "exec"), fresh)  # noqa: S102, our own module
    except Exception as error:
        raise UnfitError from error
    function = mutant.where and _function(vars(module), mutant.where)
    undo = (
        _swap_code(function, _function(fresh, mutant.where)) if function else _rebind(module, fresh)
    )
    forget_results()
    try:
        yield
    finally:
        undo()
        forget_results()


def forget_results() -> None:
    """Empty the caches of functions, which hold what another mutant gave."""
    for module in package_modules():
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def package_modules() -> list[ModuleType]:
    return [module for name, module in list(sys.modules.items()) if name.split(".")[0] == PACKAGE]


def _function(names: dict[str, Any], where: str) -> FunctionType | None:
    """Return the outermost function that holds a place; ``None`` if it is in no function."""
    found: Any = None
    for name in where.split("."):
        found = names[name] if found is None else vars(found)[name]
        found = found.func if isinstance(found, cached_property) else found
        for attribute in ("__wrapped__", "fget", "__func__"):
            found = getattr(found, attribute, None) or found
        if isinstance(found, FunctionType):
            return found
    return None


def _swap_code(function: FunctionType, other: FunctionType | None) -> Callable[[], None]:
    assert other is not None
    kept = function.__code__, function.__defaults__, function.__kwdefaults__

    def put(parts: tuple[Any, ...]) -> None:
        function.__code__, function.__defaults__, function.__kwdefaults__ = parts

    put((other.__code__, other.__defaults__, other.__kwdefaults__))
    return lambda: put(kept)


def _rebind(module: ModuleType, fresh: dict[str, Any]) -> Callable[[], None]:
    """Bind what is no function or class anew, in each module that has it."""
    changed: list[tuple[dict[str, Any], str, Any]] = []
    for name, old in list(vars(module).items()):
        if name.startswith("__") or callable(old) or isinstance(old, ModuleType):
            continue
        for each in package_modules():
            names = vars(each)
            if name in names and names[name] is old:
                changed.append((names, name, old))
                names[name] = fresh.get(name, old)

    def undo() -> None:
        for names, name, old in changed:
            names[name] = old

    return undo
