"""Results and dates in the shapes that other tools read. Pure.

Points are those of the pass that counts; a milestone without one has none, so that importing never writes a
nought into somebody's record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cohort_bot import calendar
from cohort_bot.model import Learner, Stage, Status
from cohort_bot.reports import status
from cohort_bot.reports.plain import table
from cohort_bot.standing import Standing, Step, Survey

if TYPE_CHECKING:
    from icalendar import Event

CSV_HEADER = (
    "github", "name", "email", "group", "status", "stage", "milestone", "progress", "due", "passed_at",
    "late_days", "points", "points_possible", "commit", "judged_at",
)  # fmt: skip
_NO_POINTS = "-"  # how Moodle writes and reads "no grade"
_CANVAS_ID = re.compile(r"\((\d+)\)(\s*)$")


def as_csv(survey: Survey) -> str:
    """One row a learner and milestone; instants in UTC."""
    return table([CSV_HEADER, *(_row(each, step) for each in survey.standings for step in each.steps)])


def as_canvas(survey: Survey) -> str:
    """A gradebook that Canvas imports: header, `Points Possible`, one row a learner.

    Learners are matched by `SIS Login ID`, for which their e-mail address stands (failing that, their login).
    Columns that Canvas does not know yet become new assignments
    (https://community.canvaslms.com/t5/Instructor-Guide/How-do-I-import-grades-in-the-Gradebook/ta-p/807).
    """
    stages = survey.roadmap.stages
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *map(_canvas_title, _titles(survey))]
    possible = ["    Points Possible", "", "", "", "", *map(worth, stages)]
    rows = [
        [_name(s.learner), "", "", s.learner.email or s.learner.github, s.learner.group]
        + [points(step, stage) for step, stage in zip(s.steps, stages, strict=True)]
        for s in _taking_part(survey)
    ]
    return table([header, possible, *rows])


def as_moodle(survey: Survey) -> str:
    """A file for Moodle's CSV import: who, then a grade and a feedback column for each milestone.

    Map `Email address` to the user's e-mail address, or `ID number` (the GitHub login) to theirs. Moodle
    wants grade and feedback together (https://docs.moodle.org/en/Grade_import).
    """
    stages = survey.roadmap.stages
    items = [f"{title} ({kind})" for title in _titles(survey) for kind in ("Real", "Feedback")]
    rows = [
        [_name(s.learner), s.learner.github, s.learner.email]
        + [cell for step, stage in zip(s.steps, stages, strict=True) for cell in _moodle_cells(step, stage)]
        for s in _taking_part(survey)
    ]
    return table([["Full name", "ID number", "Email address", *items], *rows])


def as_calendar(survey: Survey) -> str:
    """Every due date as an all-day event on the day it falls on in the cohort's zone (RFC 5545).

    Dates that everybody shares stand once; those of learners with a start or an extension of their own stand
    under their login as well. Where the survey is of one learner, only theirs.
    """
    from icalendar import Calendar

    made = Calendar()
    made.add("prodid", "-//cohort-bot//cohort-bot//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", survey.cohort.title or survey.roadmap.title)
    shared = calendar.due_dates(survey.cohort, survey.roadmap)
    personal = [s for s in _taking_part(survey) if any(step.due != shared[step.stage] for step in s.steps)]
    alone = len(survey.standings) == 1
    if not (alone and personal):
        for number, stage in enumerate(survey.roadmap.stages, start=1):
            made.add_component(_event(survey, number, stage, shared[stage.id]))
    for standing in personal:
        for step, stage in zip(standing.steps, survey.roadmap.stages, strict=True):
            if step.due != shared[step.stage] or alone:
                made.add_component(_event(survey, step.number, stage, step.due, standing.learner.github))
    text: bytes = made.to_ical()
    return text.decode()


def worth(stage: Stage) -> int:
    """The points that a milestone can bring: those of its checks, or 1 where they give none."""
    return sum(check.points for check in stage.milestone.checks) or 1


def points(step: Step, stage: Stage) -> int | None:
    """The points of the pass that counts; None without one."""
    if step.counted is None:
        return None
    return step.counted.points.earned if step.counted.points.possible else worth(stage)


def _taking_part(survey: Survey) -> list[Standing]:
    return [standing for standing in survey.standings if standing.learner.status is not Status.WITHDRAWN]


def _titles(survey: Survey) -> list[str]:
    return [
        f"{number}. {stage.milestone.title}" for number, stage in enumerate(survey.roadmap.stages, start=1)
    ]


def _canvas_title(title: str) -> str:
    """Canvas takes digits in brackets at the end of a title for the id of an assignment."""
    return _CANVAS_ID.sub(r"[\1]\2", title)


def _moodle_cells(step: Step, stage: Stage) -> tuple[object, str]:
    earned = points(step, stage)
    if earned is None or step.counted is None:
        return _NO_POINTS, ""
    late = f", {step.late_by.days + 1} days late" if step.late_by else ""
    return earned, f"Verified, pushed {step.counted.pushed_at:%Y-%m-%d} (UTC){late}"


def _row(standing: Standing, step: Step) -> tuple[object, ...]:
    learner, counted, facts = standing.learner, step.counted, status.milestone(step)
    return (
        learner.github, learner.name, learner.email, learner.group, learner.status.value,
        step.stage, step.title, step.progress.value, facts["due"], facts["passed_at"], facts["late_days"],
        counted.points.earned if counted else None, counted.points.possible if counted else None,
        facts["commit"], counted.judged_at.isoformat() if counted else None,
    )  # fmt: skip


def _event(survey: Survey, number: int, stage: Stage, due: datetime, login: str = "") -> Event:
    from icalendar import Event

    cohort = survey.cohort
    day: date = due.astimezone(ZoneInfo(cohort.timezone)).date()
    event = Event()
    # The same date keeps its uid from export to export, so that an import moves it instead of adding another.
    event.add("uid", f"{stage.id}-{login.lower() or 'cohort'}@{cohort.slug}.{cohort.org.lower()}.cohort-bot")
    event.add("dtstamp", survey.now)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", f"Due{f' ({login})' if login else ''}: {number}. {stage.milestone.title}")
    event.add("description", f"{stage.milestone.summary}\n\nDue at the end of this day, {cohort.timezone}.")
    event.add("transp", "TRANSPARENT")
    return event


def _name(learner: Learner) -> str:
    return learner.name or learner.github


FORMATS: Mapping[str, Callable[[Survey], str]] = {
    "csv": as_csv,
    "json": status.as_json,
    "canvas": as_canvas,
    "moodle": as_moodle,
    "ics": as_calendar,
}
