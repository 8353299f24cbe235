"""Counting what was used within a time: windows that slide, and hours that begin with the first request."""

from __future__ import annotations

import math
from collections import deque

HOUR = 3600.0


class Sliding:
    """What was used within the last `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._uses: deque[tuple[float, int]] = deque()
        self._total = 0

    def used(self, now: float) -> int:
        """The sum of what still counts."""
        while self._uses and self._uses[0][0] + self._seconds <= now:
            self._total -= self._uses.popleft()[1]
        return self._total

    def add(self, now: float, amount: int) -> None:
        """Use some."""
        self._uses.append((now, amount))
        self._total += amount

    def room_in(self, now: float, amount: int, most: int) -> float:
        """Seconds until `amount` fits under `most`; what never fits goes when all is free."""
        over = self.used(now) + amount - most
        wait = 0.0
        for when, used in self._uses:
            if over <= 0:
                break
            over, wait = over - used, when + self._seconds - now
        return wait


class Fixed:
    """A primary limit: so much in the hour that begins with the first request."""

    def __init__(self) -> None:
        self.used, self.reset = 0, 0.0

    def roll(self, now: float) -> None:
        """Begin a new hour where the last one is over."""
        if now >= self.reset:
            self.used, self.reset = 0, math.ceil(now + HOUR)
