"""The cohort: whose it is, when it runs, and how its repos are to be."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from cohort_bot.model.base import Line, Slug, Written

# https://docs.github.com/en/enterprise-cloud@latest/admin/managing-iam/iam-configuration-reference/username-considerations-for-external-authentication
Login = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?:_[A-Za-z0-9]+)?$", max_length=39),
]


_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
YEARS = range(2000, 2101)


def _day(value: object) -> object:
    """`value` as a date where it is one; else an error in two lines, what is wrong and the cure.

    Pydantic alone would take 20260907 for seconds since 1970.
    """
    if isinstance(value, date):
        return value
    if value is None or value == "":
        raise PydanticCustomError("day", "needs a date\nWrite a date such as 2026-09-07.")
    found = _DAY.fullmatch(str(value).strip())
    if found is None:
        raise _no_day(value, "no date", "Write year, month and day, such as 2026-09-07.")
    year, month, day = (int(part) for part in found.groups())
    if year not in YEARS:
        raise _no_day(value, "far from today", f"Write a year from {YEARS[0]} to {YEARS[-1]}.")
    if not 1 <= month <= 12:
        raise _no_day(value, "no date", "Write the month (1 to 12) before the day.")
    if not 1 <= day <= (days := monthrange(year, month)[1]):
        raise _no_day(value, "no date", f"That month has {days} days.")
    return date(year, month, day)


def _no_day(value: object, wrong: str, cure: str) -> PydanticCustomError:
    # The text goes in as context, not into the template: it may contain braces.
    shown = ascii(value).strip("'\"")[:60]
    return PydanticCustomError("day", "is `{shown}`, which is " + wrong + "\n" + cure, {"shown": shown})


Day = Annotated[date, BeforeValidator(_day)]


RepoName = Annotated[
    str,
    StringConstraints(pattern=r"^(?:[A-Za-z0-9-]+/)?[A-Za-z0-9._-]+$", max_length=140),
    Field(description="`owner/name`, or `name` in the cohort's own organisation."),
]


class Break(Written):
    """Days that do not count: both ends included."""

    name: Line = "Break"
    first: Day
    last: Day


class BoardSettings(Written):
    """How the learners' boards are to be."""

    enabled: bool = True
    public: bool = Field(False, description="Anybody may see the boards.")


class DigestSettings(Written):
    """When and how the weekly digest is posted."""

    enabled: bool = True
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    hour: int = Field(9, ge=0, le=23, description="Local hour in the cohort's zone.")
    shout_outs: bool = Field(False, description="Name learners who passed a milestone in the cohort summary.")
    summary_repo: RepoName | None = Field(
        None,
        description="The private repo that gets the cohort summary as an issue. Without it, the repo that "
        "the digest's workflow runs in.",
    )


class AtRisk(Written):
    """When a learner is named as at risk. Each rule is off at 0."""

    late_days: int = Field(7, ge=0, description="The current milestone is overdue by more days than this.")
    idle_days: int = Field(14, ge=0, description="No push for more days than this; breaks do not count.")
    invitation_days: int = Field(5, ge=0, description="The invitation waits for more days than this.")
    tries: int = Field(5, ge=0, description="The current milestone needed work this many times in a row.")


class ReviewSettings(Written):
    """How learners review each other, where the roadmap asks for it."""

    seed: int = Field(
        0,
        ge=0,
        description="Shuffles who reviews whom. Blind reviews need a long one that nobody can guess.",
    )
    days: int = Field(
        5, ge=1, le=90, description="How long a reviewer has before you are told; breaks do not count."
    )


class Policies(Written):
    """The cohort's rules."""

    grace_hours: int = Field(24, ge=0, description="How long a closed issue may wait for its ledger pass.")
    permission: Literal["push", "maintain"] = Field("push", description="What learners may do in their repo.")
    at_risk: AtRisk = AtRisk()


class Cohort(Written):
    """`cohort.yaml`."""

    version: Literal[1] = 1
    org: Login
    slug: Slug
    title: Line | None = None
    start: Day
    timezone: str = Field(min_length=1, description="An IANA name such as Europe/Berlin.")
    breaks: tuple[Break, ...] = ()
    visibility: Literal["private", "public", "internal"] = "private"
    roadmap: str | None = Field(
        None, description="A file beside this one. Without it roadmap.yaml, or else the shipped roadmap."
    )
    roster: str = Field("roster.csv", description="The roster, a CSV file beside this one.")
    templates: str = Field("templates", description="A folder of overrides for the shipped templates.")
    board: BoardSettings = BoardSettings()
    digest: DigestSettings = DigestSettings()
    policies: Policies = Policies()
    reviews: ReviewSettings = ReviewSettings()
    action: str = Field(
        "cohort-bot/cohort-bot@v1",
        description="The Action that the learner's workflow calls; pin it to a full SHA.",
    )

    @property
    def template(self) -> str:
        """The name of the cohort's template repo, and of its board."""
        return f"{self.slug}-template"

    def repo_of(self, login: str) -> str:
        """The name of a learner's repo. Logins are case-insensitive on GitHub, so the name is lower-case."""
        return f"{self.slug}-{login.lower()}"
