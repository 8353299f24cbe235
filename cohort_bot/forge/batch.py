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

    def shrink(self, asked: int) -> None:
        """The forge gave up on so many: ask for half of them."""
        self.size = max(1, min(self.size, asked) // 2)

    def grow(self) -> None:
        """It answered: dare more."""
        self.size = min(self.most, self.size * 2)
