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
        """The document without what would give hidden checks away: only that they failed, and what to do."""
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
    if not one.hidden or one.status is not Outcome.FAILED:
        return one
    return replace(
        one,
        found="a check that only the organiser runs did not pass",
        expected="",
        reproduce="",
        also=(),
        where=(),
        evidence={},
        log_tail="",
    )
