"""The roster: who takes part, and each learner's own dates."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from cohort_bot.model.base import Written
from cohort_bot.model.cohort import Day, Login

# Two years: a longer extension is a slip, or another cohort.
MOST_DAYS = 730


class Status(StrEnum):
    """Whether a learner takes part. Nothing is made for paused or withdrawn ones; what they have stays."""

    ACTIVE = "active"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


Short = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
]


class Learner(Written):
    """One row of the roster."""

    github: Login
    name: Short = ""
    email: Short = ""
    group: Short = ""
    start: Day | None = Field(None, description="A personal start date; the cohort's without it.")
    extension_days: int = Field(0, ge=0, le=MOST_DAYS)
    status: Status = Status.ACTIVE
