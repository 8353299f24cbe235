"""What every kind of evidence is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Who can mend it: the learner, the course's authors, or whoever runs the checks."""

    LEARNER = "learner"
    COURSE = "course"
    RUNNER = "runner"


@dataclass(frozen=True)
class Place:
    """A spot in the submission. `line` counts from 1; 0 means the whole file."""

    path: str
    line: int = 0


@dataclass(frozen=True)
class Ran:
    """A command that was run: how it is typed, how it ended, and the end of what it said.

    `code` is None when it could not be started; `log` holds both streams, with
    paths relative to the submission.
    """

    command: str
    code: int | None
    timed_out: bool
    seconds: float
    log: str
    truncated: bool = False

    @property
    def ok(self) -> bool:
        """Whether it ended by itself with exit code 0."""
        return self.code == 0 and not self.timed_out


@dataclass(frozen=True)
class Unavailable:
    """The evidence cannot be had, and not because of the work: no Docker here, no held-out data there.

    `detail` is what a program said of it, in its own words.
    """

    fault: Fault
    found: str
    next: str
    detail: str = ""


@dataclass(frozen=True)
class Awaited:
    """Not for this place to judge: it waits for the organiser's judge, or for a person."""

    reason: str
