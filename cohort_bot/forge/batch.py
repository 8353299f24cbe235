"""How many things to ask for in one request, learned from how the forge bears it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Batch:
    """Halved when the forge gives up on it, doubled again, up to `most`, as it answers."""

    most: int
    size: int = 0

    def __post_init__(self) -> None:
        self.size = self.size or self.most

    def shrink(self) -> None:
        """The forge gave up: ask for less."""
        self.size = max(1, self.size // 2)

    def grow(self) -> None:
        """It answered: dare more."""
        self.size = min(self.most, self.size * 2)
