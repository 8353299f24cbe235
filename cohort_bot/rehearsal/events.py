"""What happens in a rehearsal: frozen values, each with the instant at which it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cohort_bot.model import Learner


class Mishap(StrEnum):
    """What goes wrong with a digest's run, as it does with scheduled jobs."""

    NONE = "none"
    AGAIN = "run twice"
    TOGETHER = "run twice at once"
    KILLED = "killed half-way, then run again"


@dataclass(frozen=True)
class Event:
    """Something that happens at `at`, an aware instant."""

    at: datetime


@dataclass(frozen=True)
class RosterEdit(Event):
    """The organiser edits the roster: `learner` is the row as it is from then on; `why` in a few words."""

    learner: Learner
    why: str


@dataclass(frozen=True)
class Enrolment(Event):
    """The organiser runs `enroll`."""


@dataclass(frozen=True)
class Judging(Event):
    """The organiser's judge runs (`verify`)."""


@dataclass(frozen=True)
class DigestRun(Event):
    """The weekly digest runs, with a mishap now and then."""

    mishap: Mishap = Mishap.NONE


@dataclass(frozen=True)
class Acceptance(Event):
    """A learner accepts the invitation."""

    login: str


@dataclass(frozen=True)
class Push(Event):
    """A learner pushes work on `stage`. `done`: the ids of all checks whose work is there by then."""

    login: str
    stage: str
    done: frozenset[str]
    headline: str


# What comes first where several happen at the same instant.
ORDER: tuple[type[Event], ...] = (Acceptance, Push, RosterEdit, Enrolment, Judging, DigestRun)


def in_order(event: Event) -> tuple[datetime, int]:
    """The key by which events are sorted."""
    return event.at, ORDER.index(type(event))
