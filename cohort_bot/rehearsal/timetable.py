"""Everybody's lives and the organiser's routine as one list of events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from cohort_bot.model import Learner
from cohort_bot.rehearsal.biography import Biography, Frame
from cohort_bot.rehearsal.events import (
    Acceptance,
    DigestRun,
    Enrolment,
    Event,
    Judging,
    Mishap,
    in_order,
)
from cohort_bot.rehearsal.people import Fate

_HOUR = timedelta(hours=1)
_HALF_A_WEEK = timedelta(days=3)
# Counted from the second week, six weeks a round.
_MISHAPS = (Mishap.NONE, Mishap.AGAIN, Mishap.TOGETHER, Mishap.KILLED, Mishap.NONE, Mishap.NONE)


def timetable(frame: Frame, lives: Iterable[Biography]) -> tuple[Event, ...]:
    """Everything that happens, in order, from the enrolment to the judge's last round."""
    events: list[Event] = [Enrolment(frame.opens), *_routine(frame)]
    for life in lives:
        events += [*life.pushes, *life.edits]
        if life.joins is not None and life.joins < frame.ends:
            events.append(Acceptance(life.joins, life.learner.github))
    return (*sorted((each for each in events if each.at < frame.ends), key=in_order), Judging(frame.ends))


def roster_at(lives: Sequence[Biography], at: datetime) -> tuple[Learner, ...]:
    """The roster as it stands at `at`, edits of that very instant included."""
    rows: dict[str, Learner] = {
        life.learner.github: life.learner for life in lives if life.fate is not Fate.LATE_JOINER
    }
    edits = (edit for life in lives for edit in life.edits if edit.at <= at)
    for edit in sorted(edits, key=in_order):
        rows[edit.learner.github] = edit.learner
    return tuple(rows.values())


def _routine(frame: Frame) -> Iterator[Event]:
    """What the organiser's schedules do every week; the roster is seen to an hour before."""
    for week in range(frame.weeks):
        digest = frame.digest(week)
        yield Enrolment(digest - 2 * _HOUR)
        yield Judging(digest - _HOUR)
        yield DigestRun(digest, _MISHAPS[(week - 1) % len(_MISHAPS)])
        yield Judging(digest + _HALF_A_WEEK)
