"""Values that nobody can change: mappings, and how the others show themselves."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Held = TypeVar("Held")


class FrozenMapping(Mapping[str, Held]):
    """A mapping from names that cannot be changed; ``|`` makes a dict.

    A mapping proxy could be neither pickled nor copied.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Held]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Held:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __or__(self, other: Mapping[str, Held]) -> dict[str, Held]:
        return {**self, **other}

    def __ror__(self, other: Mapping[str, Held]) -> dict[str, Held]:
        return {**other, **self}

    def __repr__(self) -> str:
        return repr(self._values)


def as_call(given: DataclassInstance, shown: Callable[[object], str]) -> str:
    """Return the call that makes a value, without the arguments that are the default.

    The defaults of our functions are such values, and stand in what `help` says of them.
    """
    parameters = inspect.signature(type(given)).parameters
    told = []
    for field in fields(given):
        value = getattr(given, field.name)
        # A subclass of the caller's may take other arguments.
        default = getattr(parameters.get(field.name), "default", inspect.Parameter.empty)
        if default is inspect.Parameter.empty:
            told.append(shown(value))
        elif value != default:
            told.append(f"{field.name}={shown(value)}")
    return f"{type(given).__name__}({', '.join(told)})"
