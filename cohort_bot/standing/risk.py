"""Who is at risk, by stated rules that `policies.at_risk` in cohort.yaml tunes. Each is off at 0."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from cohort_bot.model import Break, Cohort
from cohort_bot.state import Access


class Rule(StrEnum):
    """Why somebody is at risk."""

    LATE = "late"
    IDLE = "idle"
    INVITATION = "invitation"
    TRIES = "tries"


@dataclass(frozen=True)
class Risk:
    """A rule that applies, the number that made it apply, and both in words for the organiser."""

    rule: Rule
    number: int
    text: str


@dataclass(frozen=True)
class Facts:
    """What the rules look at. `waiting`: the work is done and waits for the judge."""

    now: datetime
    start: datetime
    waiting: bool
    overdue_days: int
    tries: int
    access: Access | None
    pushed_at: datetime | None
    created_at: datetime | None


def risks(facts: Facts, cohort: Cohort) -> tuple[Risk, ...]:
    """The rules that apply, the gravest first."""
    return tuple(_risks(facts, cohort))


def _risks(facts: Facts, cohort: Cohort) -> Iterator[Risk]:
    rules = cohort.policies.at_risk
    if rules.late_days and facts.overdue_days > rules.late_days:
        yield Risk(Rule.LATE, facts.overdue_days, f"overdue by {facts.overdue_days} days")
    outside = facts.access in (Access.NONE, Access.INVITED, Access.EXPIRED)
    if outside and facts.created_at is not None:
        days = (facts.now - facts.created_at).days
        if rules.invitation_days and days > rules.invitation_days:
            yield Risk(Rule.INVITATION, days, f"invited {days} days ago, not in yet")
    elif not facts.waiting and facts.pushed_at is not None:
        days = study_days(max(facts.pushed_at, facts.start), facts.now, cohort)
        if rules.idle_days and days > rules.idle_days:
            yield Risk(Rule.IDLE, days, f"no push for {days} days")
    if rules.tries and facts.tries >= rules.tries:
        yield Risk(Rule.TRIES, facts.tries, f"needed work {facts.tries} times in a row")


def study_days(since: datetime, now: datetime, cohort: Cohort) -> int:
    """Days from `since` to `now` in the cohort's zone that no break covers."""
    zone = ZoneInfo(cohort.timezone)
    first, last = since.astimezone(zone).date(), now.astimezone(zone).date()
    return max((last - first).days - _covered(first, last, cohort.breaks), 0)


def _covered(first: date, last: date, breaks: Iterable[Break]) -> int:
    """How many of the days after `first`, up to `last`, lie in a break."""
    days: set[date] = set()
    for pause in breaks:
        begin, end = max(pause.first, first + timedelta(days=1)), min(pause.last, last)
        days |= {begin + timedelta(days=number) for number in range((end - begin).days + 1)}
    return len(days)
