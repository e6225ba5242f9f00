"""Polls of simulated stores, some of which are lost, from one seed."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from random import Random

from support.oracle import Poll, Row, Store
from support.wall_clock import DAY, HOUR, at

FIRST = at("2024-05-06")
DAYS = 7
LAST = FIRST + DAYS * DAY
DAYTIME: tuple[Row, ...] = tuple((day, 9 * HOUR, 21 * HOUR) for day in range(7))


@dataclass(frozen=True)
class Fleet:
    """How stores fail, how they are polled, and which of their polls are lost.

    Stores fail once in `up` on average, for `down` on average, by night as by day. A poll comes at
    a random instant of each stretch of the length `every`. Shares are in percent.
    """

    every: int = HOUR
    up: int = 20 * HOUR
    down: int = HOUR
    lost: int = 0
    lost_while_down: int = 0
    hours: tuple[Row, ...] = DAYTIME

    def stores(self, count: int, seed: int) -> list[Store]:
        """Make some stores."""
        random = Random(seed)  # noqa: S311  # a simulation
        return [
            Store(store_id, "UTC", self.hours, tuple(self._polls(random)))
            for store_id in range(count)
        ]

    def _polls(self, random: Random) -> list[Poll]:
        changes = self._changes(random)
        found = []
        for stretch in range(FIRST, LAST, self.every):
            instant = stretch + random.randrange(self.every)
            up = bisect_right(changes, instant) % 2 == 0
            if random.randrange(100) >= (self.lost if up else self.lost_while_down):
                found.append((instant, up))
        return found

    def _changes(self, random: Random) -> list[int]:
        """Return the instants at which a store fails, recovers, fails again and so on."""
        changes, instant = [], FIRST
        while instant < LAST:
            for mean in (self.up, self.down):
                instant += 1 + int(random.expovariate(1 / mean))
                changes.append(instant)
        return changes
