"""What people wrote: roadmap, cohort, roster and check specs, as frozen models without I/O."""

from cohort_bot.model.checks import CheckSpec
from cohort_bot.model.cohort import Break, Cohort
from cohort_bot.model.roadmap import Deliverable, MilestoneSpec, Question, Resource, Roadmap, Stage
from cohort_bot.model.roster import Learner, Status

__all__ = [
    "Break",
    "CheckSpec",
    "Cohort",
    "Deliverable",
    "Learner",
    "MilestoneSpec",
    "Question",
    "Resource",
    "Roadmap",
    "Stage",
    "Status",
]
