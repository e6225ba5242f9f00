"""Choices read from the bytes of the fuzzer, so that a small change of them is a small change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Choice = TypeVar("Choice")


class Draw:
    """Bytes, taken one by one; behind their end there are zeros, which choose what is usual."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def byte(self) -> int:
        self._place += 1
        return self._data[self._place - 1] if self._place <= len(self._data) else 0

    def below(self, count: int) -> int:
        return self.byte() % count

    def rarely(self, one_in: int = 16) -> bool:
        """Return whether the rare case is wanted; a zero never wants it."""
        return self.byte() % one_in == one_in - 1

    def one_of(self, choices: Sequence[Choice]) -> Choice:
        return choices[self.below(len(choices))]

    def bytes(self, most: int) -> bytes:
        return bytes(self.byte() for _ in range(self.below(most + 1)))

    def integer(self) -> int:
        """Return any integer of 64 bits with a sign."""
        return int.from_bytes(bytes(self.byte() for _ in range(8)), "little", signed=True)
