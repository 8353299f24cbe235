"""Roadmap × roster → how every repo of the cohort should be. Pure: texts come in as functions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from cohort_bot import calendar, owned
from cohort_bot.model import Cohort, Learner, Roadmap, Stage, Status
from cohort_bot.state import Access, Board, CohortState, Files, Issue, Label, Milestone, Repo

# What the checks in a learner's repo go by is kept current there; every other file is the learner's.
OURS = ".github/cohort/"
LAYOUTS = frozenset({"table", "board", "roadmap"})

# Descriptions end in a marker: a label that a learner renames is still found, and left as they like it.
LABELS = {
    label.key: label
    for label in (
        Label("milestone", "milestone", "1f6feb", "A milestone of the roadmap [cohort-bot:milestone]"),
        Label("claimed", "claimed", "bf8700", "Passed in the learner's own CI [cohort-bot:claimed]"),
        Label("verified", "verified", "1a7f37", "Passed before the organiser's judge [cohort-bot:verified]"),
        Label("help", "help wanted here", "8250df", "I am stuck and would like a hand [cohort-bot:help]"),
    )
}


class Texts(Protocol):
    """What a renderer offers: the words of a cohort, from templates."""

    def milestone_title(self, roadmap: Roadmap, stage: Stage) -> str:
        """The title of the GitHub milestone and of its issue."""

    def milestone_description(self, roadmap: Roadmap, stage: Stage) -> str:
        """One or two lines for the GitHub milestone."""

    def milestone_body(
        self, roadmap: Roadmap, stage: Stage, due: datetime, cohort: Cohort, learner: Learner
    ) -> str:
        """The owned region of a milestone issue."""


def desired_state(
    cohort: Cohort, roadmap: Roadmap, learners: Sequence[Learner], texts: Texts, files: Mapping[str, bytes]
) -> CohortState:
    """How the template and the repos of all active `learners` should be. `files`: what the template holds."""
    undated = _undated(roadmap, texts)
    ours = Files({path: blob_id(content) for path, content in files.items() if path.startswith(OURS)})
    repos = (learner_repo(cohort, roadmap, learner, undated, texts) for learner in enrolled(learners))
    return CohortState(
        template_repo(cohort, roadmap, files), {repo.name: replace(repo, files=ours) for repo in repos}
    )


def enrolled(learners: Sequence[Learner]) -> tuple[Learner, ...]:
    """The learners for whom repos are made and kept: the active ones."""
    return tuple(learner for learner in learners if learner.status is Status.ACTIVE)


def template_repo(cohort: Cohort, roadmap: Roadmap, files: Mapping[str, bytes]) -> Repo:
    """The cohort's own template repo, with the board that every learner's board is copied from."""
    return Repo(
        name=cohort.template,
        visibility=cohort.visibility,
        description=f"Template of {cohort.title or roadmap.title}",
        template=True,
        files=Files({path: blob_id(content) for path, content in files.items()}),
        board=Board(cohort.template, layouts=LAYOUTS, template=True) if cohort.board.enabled else None,
    )


def learner_repo(
    cohort: Cohort, roadmap: Roadmap, learner: Learner, undated: Mapping[str, Milestone], texts: Texts
) -> Repo:
    """One learner's repo: labels, dated milestones, an issue for each, and a board with all of them on it.

    `undated`: stage id → its milestone as it is for everybody, to which the learner's own date is added.
    """
    name = cohort.repo_of(learner.github)
    due = calendar.due_dates(cohort, roadmap, learner)
    bodies = {
        stage.id: texts.milestone_body(roadmap, stage, due[stage.id], cohort, learner)
        for stage in roadmap.stages
    }
    issues = {
        key: Issue(
            key=key,
            title=undated[key].title,
            body=owned.wrap(key, undated[key].title, body),
            milestone=key,
            labels=frozenset({"milestone"}),
            assignees=frozenset({learner.github.lower()}),
            on_board=cohort.board.enabled,
        )
        for key, body in bodies.items()
    }
    return Repo(
        name=name,
        visibility=cohort.visibility,
        description=f"{roadmap.title} · {learner.github}",
        labels=LABELS,
        milestones={key: replace(milestone, due_on=due[key]) for key, milestone in undated.items()},
        issues=issues,
        board=Board(name) if cohort.board.enabled else None,
        learner=learner.github,
        access=Access.JOINED,
    )


def blob_id(content: bytes) -> str:
    """The id that git gives to a file of this content (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects)."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _undated(roadmap: Roadmap, texts: Texts) -> dict[str, Milestone]:
    made = {}
    for stage in roadmap.stages:
        title = texts.milestone_title(roadmap, stage)
        text = texts.milestone_description(roadmap, stage).strip()
        made[stage.id] = Milestone(stage.id, title, owned.sign(stage.id, title, text), due_on=None)
    return made
