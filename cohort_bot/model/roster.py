"""The roster: who takes part, and each learner's own dates."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from cohort_bot.model.base import Written
from cohort_bot.model.cohort import Login


class Status(StrEnum):
    """Whether a learner takes part. Nothing is made for paused or withdrawn ones; what they have stays."""

    ACTIVE = "active"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


class Learner(Written):
    """One row of the roster."""

    github: Login
    name: str = ""
    email: str = ""
    group: str = ""
    start: date | None = Field(None, description="A personal start date; the cohort's without it.")
    extension_days: int = Field(0, ge=0, le=730)
    status: Status = Status.ACTIVE
