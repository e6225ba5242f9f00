"""Mappings that nobody can change. A mapping proxy can be neither pickled nor copied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

Held = TypeVar("Held")


class FrozenMapping(Mapping[str, Held]):
    """A mapping from names that cannot be changed; ``|`` makes a dict."""

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
