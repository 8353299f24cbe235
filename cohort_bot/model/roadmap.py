"""The roadmap: stages, their milestones and deliverables, and what surrounds them."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, HttpUrl, StringConstraints

from cohort_bot.model.base import Line, Slug, Text, Written
from cohort_bot.model.checks import CheckSpec

WEEKS = re.compile(r"^\s*(\d{1,3})\s*(?:-|–|to)\s*(\d{1,3})\s*$|^\s*(\d{1,3})\s*$")


class Resource(Written):
    """Something to learn from."""

    title: Line
    url: HttpUrl
    kind: Literal[
        "platform", "course", "book", "docs", "tutorial", "video", "paper", "code", "article", "community"
    ]
    note: Line | None = None


class Deliverable(Written):
    """One line of a milestone's checklist. It is ticked when every check named here passes."""

    id: Slug
    text: Line
    checks: tuple[Slug, ...] = ()


class MilestoneSpec(Written):
    """What a learner must show at the end of a stage."""

    title: Line
    summary: Text
    folder: Annotated[str, StringConstraints(pattern=r"^[\w.-]+(?:/[\w.-]+)*$")] = Field(
        description="Where in the repo the work goes; a starter folder of this name is made."
    )
    deliverables: Annotated[tuple[Deliverable, ...], Field(min_length=1)]
    checks: tuple[CheckSpec, ...] = ()


class Stage(Written):
    """A span of weeks with one aim and one milestone at its end."""

    id: Slug
    title: Line
    weeks: Annotated[str, StringConstraints(pattern=WEEKS.pattern)] = Field(
        description="First and last week, counted from 1: `1-8`; or a single week: `3`.",
        coerce_numbers_to_str=True,
        json_schema_extra={"type": ["string", "integer"]},
    )
    aim: Text
    concepts: Annotated[tuple[Line, ...], Field(min_length=1)]
    resources: Annotated[tuple[Resource, ...], Field(min_length=1)]
    milestone: MilestoneSpec

    @property
    def span(self) -> tuple[int, int]:
        """First and last week, both counted from 1 and both included."""
        match = WEEKS.match(self.weeks)
        assert match is not None  # noqa: S101 - the field's pattern has been checked
        first = int(match[1] or match[3])
        return first, int(match[2] or first)


class Question(Written):
    """A question learners ask, and our answer."""

    question: Line
    answer: Text


class Roadmap(Written):
    """A whole roadmap. Order of stages is order of weeks."""

    version: Literal[1] = 1
    title: Line
    promise: Text
    approach: Text | None = None
    prerequisites: tuple[Line, ...] = ()
    stages: Annotated[tuple[Stage, ...], Field(min_length=1, max_length=30)]
    careers: tuple[Line, ...] = ()
    tips: tuple[Text, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def weeks(self) -> int:
        """How many study weeks the whole roadmap spans."""
        return max(stage.span[1] for stage in self.stages)

    def stage(self, key: str) -> Stage:
        """The stage whose id is `key`. Raises KeyError."""
        for stage in self.stages:
            if stage.id == key:
                return stage
        raise KeyError(key)
