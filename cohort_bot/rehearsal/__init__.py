"""A cohort that never was: invented learners with fates of their own, and a timetable of what they and the
organiser do. Pure: the script is made here, from a seed; `cli/rehearse.py` plays it on the sandbox.
"""

from cohort_bot.rehearsal.biography import Biography, Frame, biography
from cohort_bot.rehearsal.events import (
    Acceptance,
    DigestRun,
    Enrolment,
    Event,
    Judging,
    Mishap,
    Push,
    RosterEdit,
)
from cohort_bot.rehearsal.light import lightened, work
from cohort_bot.rehearsal.people import Fate, cast
from cohort_bot.rehearsal.report import Life, Report, Traffic, text
from cohort_bot.rehearsal.timetable import roster_at, timetable

__all__ = [
    "Acceptance",
    "Biography",
    "DigestRun",
    "Enrolment",
    "Event",
    "Fate",
    "Frame",
    "Judging",
    "Life",
    "Mishap",
    "Push",
    "Report",
    "RosterEdit",
    "Traffic",
    "biography",
    "cast",
    "lightened",
    "roster_at",
    "text",
    "timetable",
    "work",
]
