"""Who gets a digest this week, and which of those on the forge are one too many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cohort_bot.digest.week import Week
from cohort_bot.model import Cohort
from cohort_bot.standing import Standing, Survey
from cohort_bot.state import Access


@dataclass(frozen=True, order=True)
class Posted:
    """A digest that is on the forge: when, which (numbers grow), where, for which week."""

    at: str
    number: int
    id: str
    issue_id: str
    week: Week


@dataclass(frozen=True)
class Letter:
    """A text to post as a comment on an issue. `repo_id` is where it must not stand twice."""

    to: str
    repo_id: str
    issue_id: str
    body: str


class Skip(StrEnum):
    """Why somebody gets no digest."""

    NOT_TAKING_PART = "not taking part at present"
    FINISHED = "finished"
    NOT_BEGUN = "starts later"
    OUTSIDE = "has not accepted the invitation yet"
    NO_ISSUE = "has no issue to post on; `cohort-bot enroll` mends that"
    ARCHIVED = "the repo is archived"
    POSTED = "has this week's already"
    BREAK = "the whole week is a break"


@dataclass(frozen=True)
class Round:
    """This week's round: who is to get one, and why the others are not."""

    week: Week
    due: tuple[Standing, ...]
    skipped: Mapping[str, Skip]


def plan(survey: Survey, posted: Mapping[str, Sequence[Posted]], week: Week) -> Round:
    """Who is to get the digest of `week`. `posted`: repo id → our digests there, of any week and issue."""
    due: list[Standing] = []
    skipped: dict[str, Skip] = {}
    resting = _is_break(survey.cohort, week)
    for standing in survey.standings:
        has = any(found.week == week for found in posted.get(standing.repo_id, ()))
        why = Skip.POSTED if has else Skip.BREAK if resting else _why_not(standing)
        if why is None:
            due.append(standing)
        else:
            skipped[standing.learner.github] = why
    return Round(week, tuple(due), skipped)


def doubles(posted: Iterable[Posted]) -> list[Posted]:
    """Those of one repo that are one too many: of each week all but the oldest."""
    kept: set[Week] = set()
    extra = []
    for found in sorted(posted):
        if found.week in kept:
            extra.append(found)
        kept.add(found.week)
    return extra


def _why_not(standing: Standing) -> Skip | None:
    outside = standing.access is not None and standing.access is not Access.JOINED
    reasons = {
        Skip.NOT_TAKING_PART: not standing.active,
        Skip.FINISHED: standing.finished,
        Skip.NOT_BEGUN: not standing.begun,
        Skip.ARCHIVED: standing.archived,
        Skip.OUTSIDE: outside,
        Skip.NO_ISSUE: standing.current is None or not standing.current.issue_id,
    }
    return next((skip for skip, applies in reasons.items() if applies), None)


def _is_break(cohort: Cohort, week: Week) -> bool:
    return all(any(pause.first <= day <= pause.last for pause in cohort.breaks) for day in week.days)
