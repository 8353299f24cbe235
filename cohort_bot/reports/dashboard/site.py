"""The pages of the site, from a survey. Whatever people wrote shows as text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cohort_bot.ledger import Entry, Ledger
from cohort_bot.model import Stage
from cohort_bot.reports import status
from cohort_bot.reports.dashboard import charts
from cohort_bot.reports.dashboard.privacy import Person, Privacy, people
from cohort_bot.shipped import TEMPLATES
from cohort_bot.standing import Progress, Standing, Step, Survey
from cohort_bot.verdict import Outcome
from cohort_bot.verdict import Standing as Verdict
from cohort_bot.verdict.finding import clean

FOLDER = TEMPLATES / "dashboard"
LEARNERS = "learners"
_ASSETS = ("style.css", "find.js")
SAID = {
    Verdict.PASSED: "passed",
    Verdict.NEEDS_WORK: "needs work",
    Verdict.COULD_NOT_CHECK: "could not be checked",
}


def site(survey: Survey, ledger: Ledger, privacy: Privacy) -> Mapping[str, str]:
    """Path → text of every file of the site. With `privacy` on, no file holds a name, a login or a commit."""
    standings = survey.by_need
    named = list(zip(standings, people(standings, privacy), strict=True))
    common = _common(survey, privacy)
    pages = {"index.html": _environment().get_template("index.html").render(common | _index(survey, named))}
    template = _environment().get_template("learner.html")
    for standing, person in named:
        values = _learner(standing, person, survey, ledger, privacy)
        pages[f"{LEARNERS}/{person.page}"] = template.render(common | values)
    return pages | {name: (FOLDER / name).read_text(encoding="utf-8") for name in _ASSETS}


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["plain"] = clean
    return made


def _common(survey: Survey, privacy: Privacy) -> dict[str, Any]:
    local = survey.now.astimezone(ZoneInfo(survey.cohort.timezone))
    return {
        "title": survey.cohort.title or survey.roadmap.title,
        "as_of": f"{local:%Y-%m-%d %H:%M}",
        "zone": survey.cohort.timezone,
        "private": not privacy.open,
        "stages": [
            {"number": number, "title": stage.milestone.title}
            for number, stage in enumerate(survey.roadmap.stages, start=1)
        ],
    }


def _index(survey: Survey, named: list[tuple[Standing, Person]]) -> dict[str, Any]:
    total = sum(len(standing.steps) for standing in survey.active)
    due = sum(step.due <= survey.now for standing in survey.active for step in standing.steps)
    return {
        "active": len(survey.active),
        "total": total,
        "due": due,
        "behind": survey.behind,
        "counts": {each.value: survey.count(each) for each in Progress},
        "finished": sum(standing.finished for standing in survey.active),
        "outside": len(survey.outside),
        "rows": [_row(standing, person, survey) for standing, person in named],
        "at_risk": len(survey.at_risk),
        "rules": survey.cohort.policies.at_risk,
        "burn_up": Markup(charts.burn_up(survey)),  # noqa: S704 - drawn here, from numbers and dates
        "series": [
            {"week": p.week, "day": day(p.at, survey), "planned": p.planned, "verified": p.verified}
            for p in survey.series
        ],
        "lead_times": Markup(charts.lead_times(survey)),  # noqa: S704 - the same
        "leads": [
            {
                "number": number,
                "title": lead.stage.milestone.title,
                "count": len(lead.days),
                "least": round(lead.days[0]) if lead.days else None,
                "median": round(lead.median) if lead.median is not None else None,
                "most": round(lead.days[-1]) if lead.days else None,
            }
            for number, lead in enumerate(survey.leads, start=1)
        ],
    }


def _row(standing: Standing, person: Person, survey: Survey) -> dict[str, Any]:
    return {
        "label": person.label,
        "page": f"{LEARNERS}/{person.page}",
        "cells": [_cell(step, survey) for step in standing.steps],
        "standing": status.words(standing),
        "risks": "; ".join(risk.text for risk in standing.risks),
        "active": standing.active,
    }


def _cell(step: Step, survey: Survey) -> dict[str, str]:
    """One square of the heat map: its colour, and the day it is about."""
    if step.progress is Progress.VERIFIED:
        late = step.late_by.total_seconds() > 0
        return {"kind": "late" if late else "verified", "day": _short(step.passed_at or step.due, survey)}
    if step.progress is Progress.CLAIMED:
        return {"kind": "claimed", "day": _short(step.due, survey)}
    return {"kind": "overdue" if step.overdue_days else "open", "day": _short(step.due, survey)}


def _learner(
    standing: Standing, person: Person, survey: Survey, ledger: Ledger, privacy: Privacy
) -> dict[str, Any]:
    steps = [
        _step(step, stage, survey, privacy)
        for step, stage in zip(standing.steps, survey.roadmap.stages, strict=True)
    ]
    titles = {stage.id: number for number, stage in enumerate(survey.roadmap.stages, start=1)}
    entries = [e for e in ledger.of(standing.learner.github) if e.milestone in titles]
    return {
        "label": person.label,
        "standing": status.words(standing),
        "risks": [risk.text for risk in standing.risks],
        "steps": steps,
        "history": [_verdict(e, titles[e.milestone], survey, privacy) for e in reversed(entries)],
        "url": standing.url if privacy.open else "",
        "verified": standing.count(Progress.VERIFIED),
    }


def _step(step: Step, stage: Stage, survey: Survey, privacy: Privacy) -> dict[str, Any]:
    cell = _cell(step, survey)
    return {
        "number": step.number,
        "title": stage.milestone.title,
        "kind": cell["kind"],
        "due": day(step.due, survey),
        "passed": day(step.passed_at, survey) if step.passed_at else "",
        "late_days": step.late_by.days + 1 if step.late_by else 0,
        "overdue_days": step.overdue_days,
        "points": f"{step.counted.points.earned}/{step.counted.points.possible}" if step.counted else "",
        "url": step.url if privacy.open else "",
    }


def _verdict(entry: Entry, number: int, survey: Survey, privacy: Privacy) -> dict[str, Any]:
    return {
        "number": number,
        "when": day(entry.judged_at, survey),
        "status": SAID[entry.status],
        "points": f"{entry.points.earned}/{entry.points.possible}",
        "failed": [result.id for result in entry.results if result.status is Outcome.FAILED],
        "reason": entry.reason if privacy.open else "",
        "sha": entry.sha[:12] if privacy.open else "",
    }


def day(instant: datetime, survey: Survey) -> str:
    """The date in the cohort's zone, ISO 8601."""
    return status.day_of(instant, survey)


def _short(instant: datetime, survey: Survey) -> str:
    return charts.short_day(instant, survey)
