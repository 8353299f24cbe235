"""What the cohort's summary says, as plain values for its template. It names people: for organisers only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from cohort_bot.digest import picture
from cohort_bot.digest.letter import LATELY
from cohort_bot.digest.week import Week
from cohort_bot.reviews import Row
from cohort_bot.standing import Progress, Standing, Survey

_ROWS = 100
_BLOCKS = "▁▂▃▄▅▆▇█"


def summary(survey: Survey, week: Week, reviews: Sequence[Row] = ()) -> dict[str, Any]:
    """The values of `digest/summary.md.j2`. `reviews`: those by peers that take too long."""
    total = sum(len(standing.steps) for standing in survey.active)
    verified = survey.count(Progress.VERIFIED)
    planned = sum(step.due <= survey.now for standing in survey.active for step in standing.steps)
    return {
        "week": str(week),
        "cohort": survey.cohort,
        "roadmap": survey.roadmap,
        "active": len(survey.active),
        "finished": sum(standing.finished for standing in survey.active),
        "total": total,
        "planned": planned,
        "verified": verified,
        "claimed": survey.count(Progress.CLAIMED),
        "open": survey.count(Progress.OPEN),
        "planned_bar": picture.bar(planned, total),
        "verified_bar": picture.bar(verified, total),
        "curve": _curve(survey, total),
        "stages": [_stage(survey, number) for number in range(len(survey.roadmap.stages))],
        "at_risk": [_at_risk(standing, survey) for standing in survey.at_risk[:_ROWS]],
        "more_at_risk": len(survey.at_risk[_ROWS:]),
        "outside": [standing.learner.github for standing in survey.outside[:_ROWS]],
        "more_outside": len(survey.outside[_ROWS:]),
        "passed": _passed(survey),
        "shout_outs": survey.cohort.digest.shout_outs,
        "reviews": [
            {"learner": row.learner, "milestone": row.milestone, "reviewer": row.reviewer, "days": row.days}
            for row in reviews[:_ROWS]
        ],
        "more_reviews": len(reviews[_ROWS:]),
        "rules": survey.cohort.policies.at_risk,
    }


def _curve(survey: Survey, total: int) -> str:
    """Verified milestones week by week, as blocks of growing height."""
    heights = [point.verified for point in survey.series if point.verified is not None]
    return "".join(_BLOCKS[round(height * (len(_BLOCKS) - 1) / total)] for height in heights) if total else ""


def _stage(survey: Survey, number: int) -> dict[str, Any]:
    stage, lead = survey.roadmap.stages[number], survey.leads[number]
    return {
        "number": number + 1,
        "title": stage.milestone.title,
        **{progress.value: survey.count(progress, stage.id) for progress in Progress},
        "median": None if lead.median is None else round(lead.median),
    }


def _at_risk(standing: Standing, survey: Survey) -> dict[str, Any]:
    current = standing.current
    due = current.due.astimezone(ZoneInfo(survey.cohort.timezone)).date() if current else None
    return {
        "login": standing.learner.github,
        "name": standing.learner.name,
        "url": current.url if current and current.url else standing.url,
        "working_on": current.title if current else "",
        "due": f"{due:%Y-%m-%d}" if due else "",
        "why": "; ".join(risk.text for risk in standing.risks),
    }


def _passed(survey: Survey) -> list[dict[str, str]]:
    """Whose milestone was verified, by a push of the last seven days."""
    since = survey.now - LATELY
    return [
        {"login": standing.learner.github, "title": step.title}
        for standing in survey.active
        for step in standing.steps
        if step.passed_at is not None and since < step.passed_at <= survey.now
    ]
