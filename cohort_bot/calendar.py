"""When things are due: study weeks, breaks, personal dates and time zones. Pure; no clock is read here.

A study day is a day outside every break. A stage that ends in week N is due at the end of study day 7·N,
counted from the learner's start, in the cohort's zone. An extension adds study days, so a break never
uses up the time that somebody was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cohort_bot.model import Break, Cohort, Learner, Roadmap

# GitHub has been seen to keep only the day of a due date, as midnight in its own zone; its API description
# does not say (docs/contracts.md lists it among the things without an oracle).
FORGE_ZONE = ZoneInfo("America/Los_Angeles")
DAYS_A_WEEK = 7


def study_day(start: date, number: int, breaks: Iterable[Break]) -> date:
    """The date of study day `number` (from 1), with `start` as day 1 unless a break covers it."""
    day = start + timedelta(days=number - 1)
    for pause in sorted(breaks, key=lambda pause: pause.first):
        begun = max(pause.first, start)
        if begun <= day and pause.last >= begun:
            day += timedelta(days=(pause.last - begun).days + 1)
    return day


def end_of_day(day: date, zone: str) -> datetime:
    """The last second of `day` in the IANA zone `zone`, as an aware UTC instant."""
    # fold=1: where clocks go back at midnight, 23:59:59 happens twice and the day ends with the second.
    local = datetime.combine(day, time(23, 59, 59), ZoneInfo(zone)).replace(fold=1)
    return local.astimezone(UTC)


def due_on(cohort: Cohort, last_week: int, learner: Learner | None = None) -> datetime:
    """When a stage that ends in `last_week` is due, for a learner or (without one) for the cohort."""
    start = (learner.start if learner else None) or cohort.start
    extension = learner.extension_days if learner else 0
    day = study_day(start, last_week * DAYS_A_WEEK + extension, cohort.breaks)
    return end_of_day(day, cohort.timezone)


def due_dates(cohort: Cohort, roadmap: Roadmap, learner: Learner | None = None) -> Mapping[str, datetime]:
    """Stage id → its due instant (UTC), in roadmap order."""
    return {stage.id: due_on(cohort, stage.span[1], learner) for stage in roadmap.stages}


def same_due(ours: datetime | None, theirs: datetime | None) -> bool:
    """Whether a forge that says `theirs` may hold `ours`: exactly, or as a day of its own zone."""
    if ours is None or theirs is None:
        return ours is theirs
    midnight = ours.astimezone(FORGE_ZONE).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return theirs in (ours, midnight.astimezone(UTC))
