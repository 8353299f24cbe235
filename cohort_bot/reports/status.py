"""Who stands where: for a terminal, as JSON, as CSV. Those who need somebody come first."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cohort_bot.reports.plain import table as as_table
from cohort_bot.standing import Progress, Standing, Step, Survey

SIGNS = {Progress.VERIFIED: "●", Progress.CLAIMED: "◐", Progress.OPEN: "○"}
_STYLES = {Progress.VERIFIED: "green", Progress.CLAIMED: "yellow", Progress.OPEN: "dim"}


def as_rich(survey: Survey) -> RenderableType:
    """A table for people: one line a learner, at risk first, and the sums above it."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("Learner", "Road", "Working on", "Due", "Standing", "At risk because"):
        table.add_column(name, no_wrap=name in ("Learner", "Road", "Due"))
    for standing in survey.by_need:
        current = standing.current
        table.add_row(
            Text(standing.learner.github),
            _road(standing),
            Text(f"{current.number}. {current.title}" if current else ""),
            Text(day_of(current.due, survey) if current and standing.active else ""),
            Text(words(standing)),
            Text("; ".join(risk.text for risk in standing.risks), style="red"),
        )
    return Group(Text(headline(survey), style="bold"), Text(_legend(survey), style="dim"), Text(), table)


def headline(survey: Survey) -> str:
    """The sums in one line."""
    sums = [f"{survey.count(each)} {each.value}" for each in reversed(Progress)]
    learners = f"{len(survey.active)} active learner{'' if len(survey.active) == 1 else 's'}"
    return (
        f"{learners}, {len(survey.at_risk)} at risk. "
        f"Milestones: {', '.join(sums)}; {survey.behind} due and not verified."
    )


def words(standing: Standing) -> str:
    """Where a learner stands, in a few words."""
    current = standing.current
    if not standing.active:
        return standing.learner.status.value
    if current is None:
        return "finished"
    if current.progress is Progress.CLAIMED:
        return "claimed, waiting for the judge"
    if not standing.begun:
        return "starts later"
    if current.days_left < 0:
        return f"late by {_days(-current.days_left)}"
    return f"due in {_days(current.days_left)}" if current.days_left else "due today"


def day_of(instant: datetime, survey: Survey) -> str:
    """The date of `instant` in the cohort's zone, ISO 8601."""
    return f"{instant.astimezone(ZoneInfo(survey.cohort.timezone)):%Y-%m-%d}"


def as_json(survey: Survey) -> str:
    """Everything that is known, as one JSON document; instants in UTC."""
    return json.dumps(document(survey), indent=2, ensure_ascii=False) + "\n"


def document(survey: Survey) -> dict[str, Any]:
    """The same in plain values. `schema` grows when a field changes its meaning."""
    return {
        "schema": 1,
        "cohort": survey.cohort.slug,
        "org": survey.cohort.org,
        "roadmap": survey.roadmap.title,
        "now": survey.now.isoformat(),
        "sums": {
            "active": len(survey.active),
            "at_risk": len(survey.at_risk),
            "due_not_verified": survey.behind,
            **{progress.value: survey.count(progress) for progress in Progress},
        },
        "learners": [_learner(standing) for standing in survey.by_need],
    }


HEADER = (
    "github", "name", "group", "status", "standing", "current", "due", "days_left",
    "open", "claimed", "verified", "access", "pushed_at", "at_risk",
)  # fmt: skip


def as_csv(survey: Survey) -> str:
    """One row a learner."""
    return as_table([HEADER, *(_row(standing, survey) for standing in survey.by_need)])


def _row(standing: Standing, survey: Survey) -> tuple[object, ...]:
    learner, current = standing.learner, standing.current
    return (
        learner.github,
        learner.name,
        learner.group,
        learner.status.value,
        words(standing),
        current.stage if current else "",
        day_of(current.due, survey) if current else "",
        current.days_left if current else "",
        *(standing.count(progress) for progress in (Progress.OPEN, Progress.CLAIMED, Progress.VERIFIED)),
        standing.access.value if standing.access else "",
        standing.pushed_at.isoformat() if standing.pushed_at else "",
        "; ".join(risk.text for risk in standing.risks),
    )


def _learner(standing: Standing) -> dict[str, Any]:
    learner, current = standing.learner, standing.current
    return {
        "github": learner.github,
        "name": learner.name,
        "group": learner.group,
        "status": learner.status.value,
        "standing": words(standing),
        "current": current.stage if current else None,
        "finished": standing.finished,
        "access": standing.access.value if standing.access else None,
        "pushed_at": standing.pushed_at.isoformat() if standing.pushed_at else None,
        "repo": standing.url or None,
        "at_risk": [{"rule": risk.rule.value, "text": risk.text} for risk in standing.risks],
        "milestones": [milestone(step) for step in standing.steps],
    }


def milestone(step: Step) -> dict[str, Any]:
    """One milestone of one learner in plain values."""
    counted = step.counted
    return {
        "stage": step.stage,
        "title": step.title,
        "progress": step.progress.value,
        "due": step.due.isoformat(),
        "days_left": step.days_left,
        "passed_at": step.passed_at.isoformat() if step.passed_at else None,
        "late_days": round(step.late_by.total_seconds() / 86400, 2),
        "points": {"earned": counted.points.earned, "possible": counted.points.possible} if counted else None,
        "commit": counted.sha if counted else None,
    }


def _road(standing: Standing) -> Text:
    road = Text()
    for step in standing.steps:
        road.append(SIGNS[step.progress], _STYLES[step.progress])
    return road


def _legend(survey: Survey) -> str:
    local = survey.now.astimezone(ZoneInfo(survey.cohort.timezone))
    signs = ", ".join(f"{sign} {progress.value}" for progress, sign in SIGNS.items())
    return f"{signs}. As of {local:%Y-%m-%d %H:%M} ({survey.cohort.timezone})."


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
