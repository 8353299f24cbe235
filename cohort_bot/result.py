"""The result document: one JSON a milestone, from which every other report is made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from cohort_bot.model.checks import CheckSpec
from cohort_bot.verdict import Outcome, Points, Result, Standing, Verdict

# Kinds whose findings quote what the organiser asked and wanted to hear.
_QUOTING = frozenset({"blackbox", "docker_service", "pytest"})


class Document(BaseModel):
    """A milestone's verdict on one commit, judged by one set of checks.

    `schema_version` (in JSON: `schema`) grows when a field changes its meaning; new fields do not change it.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="ignore")

    schema_version: Literal[1] = Field(1, alias="schema")
    repo: str = Field("", description="owner/name, empty where it is not known.")
    commit: str = Field("", description="The full SHA, empty where there is none.")
    milestone: str
    title: str = ""
    spec_sha256: str
    status: Standing
    points: Points
    checks: tuple[Result, ...]

    def for_learner(self) -> Document:
        """The document without what would give hidden inputs and answers away."""
        return self.model_copy(update={"checks": tuple(_veiled(one) for one in self.checks)})


def document(
    verdict: Verdict,
    *,
    milestone: str,
    specs: Sequence[CheckSpec],
    title: str = "",
    repo: str = "",
    commit: str = "",
) -> Document:
    """`verdict` with what it was judged by, and on what."""
    return Document(
        repo=repo, commit=commit, milestone=milestone, title=title, spec_sha256=fingerprint(specs),
        status=verdict.status, points=verdict.points, checks=verdict.results,
    )  # fmt: skip


def to_json(documents: Sequence[Document]) -> str:
    """One document as a JSON object, several as an array of them."""
    rows = [one.model_dump_json(by_alias=True, indent=2) for one in documents]
    return (rows[0] if len(rows) == 1 else "[" + ",\n".join(rows) + "]") + "\n"


def fingerprint(specs: Sequence[CheckSpec]) -> str:
    """SHA-256 of the checks as canonical JSON: the same checks, however written, have the same one."""
    canonical = json.dumps(
        [spec.model_dump(mode="json") for spec in specs], sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _veiled(one: Result) -> Result:
    if not one.hidden or one.kind not in _QUOTING or one.status is not Outcome.FAILED:
        return one
    return replace(
        one,
        found="it gave a wrong answer to a question that only the organiser knows",
        expected="the right one",
        why="Questions that you do not know beforehand show whether your work holds up in general.",
        next="Ask it questions of your own at the edges: empty, very large, very small, unusual.",
        reproduce="",
        also=(),
        where=(),
        advice=(),
        evidence={},
        log_tail="",
    )
