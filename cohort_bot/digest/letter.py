"""What a learner's digest says, as plain values for its template. Nobody else is ever named in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cohort_bot.digest import picture
from cohort_bot.digest.week import Week
from cohort_bot.ledger import Entry, Ledger
from cohort_bot.model import Cohort, Learner, Roadmap, Stage
from cohort_bot.standing import Progress, Standing, Step, Survey
from cohort_bot.standing.risk import study_days
from cohort_bot.verdict import Outcome

LATELY = timedelta(days=7)
_FINDINGS = 5


@dataclass(frozen=True)
class Heard:
    """What the learner's own checks last answered on an issue: its status, when, and where it can be read."""

    status: str
    at: datetime
    url: str


def letter(
    standing: Standing, survey: Survey, ledger: Ledger, week: Week, heard: Heard | None = None
) -> dict[str, Any]:
    """The values of `digest/learner.md.j2`. In a public repo nothing says that somebody is late."""
    current = standing.current
    assert current is not None  # noqa: S101 - the finished get none
    cohort, roadmap = survey.cohort, survey.roadmap
    stage = roadmap.stage(current.stage)
    done = standing.count(Progress.VERIFIED)
    return {
        "week": str(week),
        "hello": standing.learner.name or standing.learner.github,
        "study_week": _study_week(cohort, standing.learner, survey.now),
        "weeks": roadmap.weeks,
        "road": picture.road(standing),
        "bar": picture.bar(done, len(standing.steps)),
        "done": done,
        "milestones": len(standing.steps),
        "current": _current(current, survey, public=standing.public),
        "moved": _moved(ledger.of(standing.learner.github), roadmap, survey.now),
        "heard": _heard(heard, survey),
        "asked": _asked(current, stage),
        "next": _next(current, stage),
        "tip": _tip(roadmap, week),
        "cohort": cohort,
    }


def _current(step: Step, survey: Survey, *, public: bool) -> dict[str, Any]:
    local = step.due.astimezone(ZoneInfo(survey.cohort.timezone))
    return {
        "number": step.number,
        "title": step.title,
        "issue": step.issue,
        "due": local.date(),
        "waiting": step.progress is Progress.CLAIMED,
        "days_left": step.days_left,
        "late_days": 0 if public else step.overdue_days,
        "tell_days": not (public and step.days_left < 0),
    }


def _study_week(cohort: Cohort, learner: Learner, now: datetime) -> int:
    """Which week of their road the learner is in, counted from 1; weeks of a break do not count."""
    zone = ZoneInfo(cohort.timezone)
    start = datetime.combine(learner.start or cohort.start, datetime.min.time(), zone)
    return study_days(start, now, cohort) // 7 + 1


def _moved(entries: tuple[Entry, ...], roadmap: Roadmap, now: datetime) -> list[dict[str, Any]]:
    """What was judged in the last seven days: each milestone once, with its newest verdict."""
    titles = {stage.id: stage.milestone.title for stage in roadmap.stages}
    lately = [entry for entry in entries if entry.decided and now - LATELY < entry.judged_at <= now]
    newest = {entry.milestone: entry for entry in lately if entry.milestone in titles}
    return [
        {
            "title": titles[entry.milestone],
            "passed": entry.passed,
            "earned": entry.points.earned,
            "possible": entry.points.possible,
        }
        for entry in newest.values()
    ]


def _heard(heard: Heard | None, survey: Survey) -> dict[str, Any]:
    """What the learner's own checks said; `lately` in the last seven days. Without an answer all is empty."""
    if heard is None:
        return {"status": "", "day": "", "url": "", "lately": False}
    day = heard.at.astimezone(ZoneInfo(survey.cohort.timezone)).date()
    lately = survey.now - LATELY < heard.at
    return {"status": heard.status, "day": day, "url": heard.url, "lately": lately}


def _asked(step: Step, stage: Stage) -> dict[str, Any]:
    """What the last verdict on the current milestone found wanting, in the words of the roadmap.

    Checks that only the organiser runs stay without a name.
    """
    if step.last is None or step.last.passed:
        return {"checks": [], "hidden": 0, "more": 0, "points": None}
    failed = {result.id for result in step.last.results if result.status is Outcome.FAILED}
    checks = [check for check in stage.milestone.checks if check.id in failed]
    shown = [check.title for check in checks if not check.hidden]
    return {
        "checks": shown[:_FINDINGS],
        "more": len(shown[_FINDINGS:]),
        "hidden": sum(check.hidden for check in checks),
        "points": [step.last.points.earned, step.last.points.possible],
    }


def _next(step: Step, stage: Stage) -> str:
    """A deliverable that is not ticked yet, of those the last verdict found wanting if there are any.

    Empty where all are ticked, or the work waits for the judge.
    """
    if step.progress is Progress.CLAIMED:
        return ""
    failed = set() if step.last is None else {r.id for r in step.last.results if r.status is Outcome.FAILED}
    left = [each for each in stage.milestone.deliverables if each.id not in step.ticked]
    return next((each.text for each in (*(e for e in left if failed & set(e.checks)), *left)), "")


def _tip(roadmap: Roadmap, week: Week) -> str:
    """One tip a week, the same for all, in turn."""
    return roadmap.tips[week.ordinal % len(roadmap.tips)] if roadmap.tips else ""
