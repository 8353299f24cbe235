"""What one stage hands to the next, on disk: what is to be judged, and what came of it. Pure.

Between the jobs of a workflow these files are data from a machine that ran learners' code, so a `Report` is
believed only as far as `answers` goes: it must be about the very commit, milestone and checks that were asked
for, its parts must be bounded, and its status is worked out again from its results.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from cohort_bot.ledger.entry import Instant, Sha, Signature
from cohort_bot.model import Stage
from cohort_bot.model.base import Slug
from cohort_bot.model.cohort import Login
from cohort_bot.result import Document, fingerprint
from cohort_bot.verdict import roll_up

REPORT_BYTES = 2_000_000
MOST_PRINTS = 2000
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Path = Annotated[str, StringConstraints(max_length=4096)]
Word = Annotated[str, StringConstraints(max_length=300)]


class Paper(BaseModel):
    """Strict and frozen: what is not expected is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Task(Paper):
    """A milestone of a learner's to be judged at one commit. `reason`: why a decided one is judged anew."""

    learner: Login
    repo: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", max_length=140)]
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s@]+$", max_length=500)]
    milestone: Slug
    sha: Sha
    spec_sha256: Sha256
    pushed_at: Instant
    approvals: tuple[Literal["organiser", "peer"], ...] = ()
    reason: Annotated[str, StringConstraints(max_length=500)] = ""
    signatures: tuple[Signature, ...] = ()

    @property
    def name(self) -> str:
        """What its files are called, another for every other task. Nothing in it leads out of a folder."""
        whole = hashlib.sha256(self.model_dump_json().encode()).hexdigest()
        return f"{self.learner.lower()}.{self.milestone}.{whole[:16]}"

    @property
    def bundle(self) -> str:
        """The file that the commit is fetched into."""
        return f"{self.learner.lower()}.{self.sha[:16]}.bundle"


class Tasks(Paper):
    """Everything that is to be judged, and what looked odd while it was gathered."""

    schema_version: Literal[1] = Field(1, alias="schema")
    tasks: tuple[Task, ...] = ()
    oddities: tuple[Word, ...] = ()


class Traces(Paper):
    """What trip-wires look at: the protected files, the milestone's files, and its code's fingerprint."""

    protected: dict[Path, Sha] = Field({}, max_length=500)
    files: dict[Path, Sha] = Field({}, max_length=2000)
    prints: tuple[Annotated[int, Field(ge=0, lt=2**64)], ...] = Field((), max_length=MOST_PRINTS)
    oddities: tuple[Word, ...] = Field((), max_length=50)


class Report(Paper):
    """What came of a task."""

    schema_version: Literal[1] = Field(1, alias="schema")
    document: Document
    traces: Traces = Traces()


def answers(report: Report, task: Task, stage: Stage) -> str:
    """Why `report` is no answer to `task`; empty when it is one."""
    told, specs = report.document, stage.milestone.checks
    asked = (task.repo, task.sha, task.milestone, task.spec_sha256)
    if (told.repo, told.commit, told.milestone, told.spec_sha256) != asked:
        return "it is about something else than what was asked"
    if task.spec_sha256 != fingerprint(specs):
        return "the roadmap's checks have changed since it was asked"
    facts = [(one.id, one.kind, one.required, one.points, one.hidden) for one in told.checks]
    if facts != [(spec.id, spec.kind, spec.required, spec.points, spec.hidden) for spec in specs]:
        return "its results are not those of the milestone's checks"
    verdict = roll_up(told.checks)
    if any(one.awaited for one in told.checks) or (verdict.status, verdict.points) != (
        told.status,
        told.points,
    ):
        return "its status does not follow from its results"
    return ""
