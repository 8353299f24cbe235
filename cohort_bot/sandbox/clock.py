"""The only place where the sandbox reads the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol


class Clock(Protocol):
    """What time it is, always in UTC."""

    def now(self) -> datetime:
        """The present instant."""


class RealClock:
    """The machine's own clock; it cannot be moved."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)


class VirtualClock:
    """Stands still at an instant until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._lock = Lock()

    def now(self) -> datetime:
        """The instant it stands at."""
        return self._now

    def move(self, to: datetime) -> datetime:
        """Stand at `to` (any timezone); moving back is allowed."""
        with self._lock:
            self._now = to.astimezone(UTC)
            return self._now

    def advance(self, seconds: float) -> datetime:
        """Stand `seconds` later."""
        with self._lock:
            self._now += timedelta(seconds=seconds)
            return self._now


def stamp(instant: datetime) -> str:
    """`instant` as GitHub's API writes it: UTC, whole seconds, `Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(text: str) -> datetime:
    """The instant that ISO 8601 `text` names; without an offset it is UTC. Raises ValueError."""
    instant = datetime.fromisoformat(text.strip())
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
