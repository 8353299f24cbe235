"""Where everybody stands: one learner, and the cohort as a whole. Pure; what is now is an argument.

A milestone is **open**, **claimed** (the learner's own CI passed) or **verified** (a pass in the ledger).
"""

from cohort_bot.standing.learner import Standing, Step, stand
from cohort_bot.standing.progress import Progress
from cohort_bot.standing.risk import Risk, Rule
from cohort_bot.standing.survey import Lead, Point, Survey, survey

__all__ = [
    "Lead",
    "Point",
    "Progress",
    "Risk",
    "Rule",
    "Standing",
    "Step",
    "Survey",
    "stand",
    "survey",
]
