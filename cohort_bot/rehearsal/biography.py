"""One learner's life in a cohort: when they join, what they push and when, what the organiser does for them.

Work is dated in study days, so that people rest in breaks. A stage is begun when the one before is done, and
takes its planned time multiplied by the learner's pace.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cohort_bot import calendar
from cohort_bot.model import Cohort, Learner, Roadmap, Stage, Status
from cohort_bot.rehearsal.events import Push, RosterEdit
from cohort_bot.rehearsal.people import Chance, Fate, between

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PACE = {
    Fate.STEADY: (0.82, 0.95),
    Fate.FAST: (0.5, 0.65),
    Fate.LATE: (1.15, 1.3),
    Fate.STUCK: (0.8, 0.9),
    Fate.DROPOUT: (0.9, 1.1),
    Fate.PAUSED: (0.82, 0.95),
    Fate.LATE_JOINER: (0.8, 0.95),
    Fate.EXTENDED: (1.05, 1.15),
}
_BEFORE_START = timedelta(days=7)
_DESK_HOURS = timedelta(hours=3)
_EXTENSION_DAYS = 14
_SILENT_WEEKS = 4
_STUMBLES = 0.25


@dataclass(frozen=True)
class Frame:
    """What a rehearsal plays in: the cohort, its (light) roadmap, and how many weeks from its start."""

    cohort: Cohort
    roadmap: Roadmap
    weeks: int

    def local(self, day: date, hour: float) -> datetime:
        """That hour of that day in the cohort's zone, as a UTC instant."""
        midnight = datetime.combine(day, time(0), ZoneInfo(self.cohort.timezone))
        return (midnight + timedelta(hours=hour)).astimezone(UTC)

    @property
    def opens(self) -> datetime:
        """When everybody is enrolled: a week before the start."""
        return self.local(self.cohort.start - _BEFORE_START, 10)

    @property
    def ends(self) -> datetime:
        """When the rehearsal is over."""
        return self.local(self.cohort.start + timedelta(weeks=self.weeks), 0)

    def digest(self, week: int) -> datetime:
        """When the digest of the calendar week of study week `week` (from 0) is posted."""
        monday = self.cohort.start + timedelta(weeks=week)
        monday -= timedelta(days=monday.weekday())
        day = monday + timedelta(days=_DAYS.index(self.cohort.digest.weekday))
        return self.local(day, self.cohort.digest.hour)

    def desk(self, week: int) -> datetime:
        """When the organiser sees to the roster in that week: some hours before the digest."""
        return self.digest(week) - _DESK_HOURS

    def share(self, part: float) -> int:
        """The week that lies at `part` (0 to 1) of the rehearsal, never its first."""
        return min(max(round(part * self.weeks), 1), max(self.weeks - 1, 1))


@dataclass(frozen=True)
class Biography:
    """A life. `learner` is the roster's row at first; who joins late is on it from an edit on."""

    learner: Learner
    fate: Fate
    joins: datetime | None = None
    pushes: tuple[Push, ...] = ()
    edits: tuple[RosterEdit, ...] = ()


def biography(learner: Learner, fate: Fate, frame: Frame, chance: Chance) -> Biography:
    """The life of `learner` in `frame`, as `fate` has it."""
    if fate is Fate.NEVER_JOINS:
        return Biography(learner, fate)
    invited = frame.opens
    if fate is Fate.LATE_JOINER:
        edit = _enlisted(learner, frame)
        learner, invited = edit.learner, edit.at
        life = Biography(learner, fate, edits=(edit,))
    else:
        life = Biography(learner, fate)
    life = replace(life, joins=invited + timedelta(days=between(0.3, 4, chance)))
    pace = between(*_PACE[fate], chance)
    pushes = [_push(frame, learner, *draft) for draft in _drafts(frame, fate, pace, chance)]
    return _turned(life, pushes, frame)


def _enlisted(learner: Learner, frame: Frame) -> RosterEdit:
    at = frame.desk(frame.share(0.08))
    start = at.astimezone(ZoneInfo(frame.cohort.timezone)).date() + timedelta(days=1)
    return RosterEdit(at, learner.model_copy(update={"start": start}), "joins late")


def _turned(life: Biography, pushes: list[Push], frame: Frame) -> Biography:
    """`life` with its pushes, as far as its turns let them happen."""
    edits: list[RosterEdit] = list(life.edits)
    if life.fate is Fate.DROPOUT:
        silent = frame.share(0.3)
        pushes = [push for push in pushes if push.at < frame.desk(silent)]
        leaves = min(silent + _SILENT_WEEKS, frame.weeks - 1)
        edits.append(_edit(life, frame, leaves, "withdrawn", status=Status.WITHDRAWN))
    if life.fate is Fate.EXTENDED:
        first = frame.roadmap.stages[0].span[1]
        week = min(max(first - 2, 1), frame.weeks - 1)
        edits.append(_edit(life, frame, week, f"{_EXTENSION_DAYS} days more", extension_days=_EXTENSION_DAYS))
    if life.fate is Fate.PAUSED:
        leaves, weeks = frame.share(0.3), max(frame.weeks // 8, 2)
        pushes = [_after(push, frame.desk(leaves), timedelta(weeks=weeks)) for push in pushes]
        edits.append(_edit(life, frame, leaves, "pauses", status=Status.PAUSED))
        edits.append(_edit(life, frame, leaves + weeks, "comes back", extension_days=7 * weeks))
    return replace(
        life,
        pushes=tuple(push for push in pushes if push.at < frame.ends),
        edits=tuple(edit for edit in edits if edit.at < frame.ends),
    )


def _edit(life: Biography, frame: Frame, week: int, why: str, **changes: object) -> RosterEdit:
    return RosterEdit(frame.desk(week), life.learner.model_copy(update=changes), why)


def _after(push: Push, leaves: datetime, away: timedelta) -> Push:
    return push if push.at < leaves else replace(push, at=push.at + away)


def _instant(frame: Frame, learner: Learner, day: float) -> datetime:
    """An hour between eight and ten in the evening of a study day, the later the nearer to the next."""
    start = learner.start or frame.cohort.start
    found = calendar.study_day(start, int(day) + 1, frame.cohort.breaks)
    return frame.local(found, 8 + 14 * (day % 1))


def _push(
    frame: Frame, learner: Learner, day: float, stage: Stage, done: frozenset[str], headline: str
) -> Push:
    return Push(_instant(frame, learner, day), learner.github, stage.id, done, headline)


_Draft = tuple[float, Stage, frozenset[str], str]


def _drafts(frame: Frame, fate: Fate, pace: float, chance: Chance) -> Iterator[_Draft]:
    """Study day, stage, checks met and commit headline of everything that is pushed, about one a week."""
    day = between(4, 6, chance)
    trouble = 0 if frame.weeks <= 2 * frame.roadmap.stages[0].span[1] else 1
    for number, stage in enumerate(frame.roadmap.stages):
        seen = (check for check in stage.milestone.checks if not check.hidden)
        # What is advice comes first: where it alone is missing, a milestone passes before it is handed in.
        ids = [check.id for check in sorted(seen, key=lambda check: check.required)]
        first, last = stage.span
        length = pace * 7 * (last - first + 1) - (4 if number == 0 else 0)
        drafts = max(round(length / 7), 2)
        for draft in range(1, drafts):
            done = frozenset(ids[: len(ids) * draft // drafts])
            yield day, stage, done, f"{stage.title}: draft {draft}"
            day += between(0.8, 1.2, chance) * length / drafts
        tries = _tries(frame, day, stuck=fate is Fate.STUCK and number == trouble, chance=chance)
        for day, last_try in tries:
            missing = set() if last_try else _overlooked(stage)
            done = frozenset(check.id for check in stage.milestone.checks) - missing
            yield day, stage, done, f"{stage.title}: {'finished' if last_try else 'done, I think'}"
        day += between(2, 6, chance)


def _tries(frame: Frame, day: float, *, stuck: bool, chance: Chance) -> Iterator[tuple[float, bool]]:
    """When a milestone is handed in, and whether everything is there: mostly at once, else in a few tries."""
    if stuck:
        while day < 0.75 * 7 * frame.weeks:
            yield day, False
            day += between(5, 8, chance)
    elif chance() < _STUMBLES:
        yield day, False
        day += between(3, 6, chance)
    yield day, True


def _overlooked(stage: Stage) -> set[str]:
    """What is missing where a learner thinks that all is done: what only the judge sees, if any."""
    required = [check for check in stage.milestone.checks if check.required]
    hidden = {check.id for check in required if check.hidden}
    return hidden or {check.id for check in required[-1:]}
