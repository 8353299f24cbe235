"""The journal of reviews by peers, beside the verdicts: who was asked about which commit, and its end.

`reviews/LOGIN.jsonl` holds the reviews of that learner's work, a line for each step of one. It is written
before the forge is, so that a run that was killed is gone on with, and whoever was asked stays asked when the
roster changes. What reviewers decide stands in the ledger itself, as signatures.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from cohort_bot.errors import Problem
from cohort_bot.ledger.entry import Instant, Key, Sha
from cohort_bot.ledger.files import SUFFIX, add_line
from cohort_bot.model.base import Slug
from cohort_bot.model.cohort import Login

FOLDER = "reviews"
REPLACED = "replaced"


class Step(BaseModel):
    """A line: a review was `opened`, its reviewer was `asked`, or it was `closed`.

    `place` is the repo `owner/name` that is reviewed. `granted`: the reviewer's access to it is ours to take
    away again. `issue` is the id of the issue that answers come on, all with numbers above `comment`. `why`
    it was closed: `approve`, `changes`, `decided`, `superseded`, `replaced` or `left`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_version: Literal[1] = Field(1, alias="schema")
    what: Literal["opened", "asked", "closed"]
    learner: Login
    milestone: Slug
    sha: Sha
    spec_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    reviewer: Login
    at: Instant
    place: str = ""
    blind: bool = False
    granted: bool = False
    issue: str = ""
    comment: int = 0
    why: str = ""


@dataclass(frozen=True)
class Review:
    """One reviewer's review of one commit, as its steps left it; see `Step`. `times` it was opened so far."""

    opened: Step
    asked: Step | None = None
    closed: Step | None = None
    times: int = 1

    @property
    def key(self) -> Key:
        """The verdict in the ledger that it is about: milestone, commit, spec."""
        return self.opened.milestone, self.opened.sha, self.opened.spec_sha256

    @property
    def reviewer(self) -> str:
        """Who was asked, in lower case."""
        return self.opened.reviewer.lower()

    @property
    def open(self) -> bool:
        """Whether an answer is still waited for."""
        return self.closed is None

    @property
    def asked_at(self) -> datetime | None:
        """Since when the reviewer knows; None while something about it is still to be done."""
        return self.asked.at if self.asked else None

    def step(self, what: Literal["opened", "asked", "closed"], at: datetime, **more: object) -> Step:
        """The next line about this review."""
        return self.opened.model_copy(update={"what": what, "at": at, **more})


@dataclass(frozen=True)
class Reviews:
    """Every review by the login of its author in lower case, in the order in which they were opened."""

    records: Mapping[str, tuple[Review, ...]] = field(default_factory=dict)
    damage: tuple[Problem, ...] = ()

    def of(self, learner: str, milestone: str = "") -> tuple[Review, ...]:
        """The reviews of a learner's work, of one milestone or all."""
        found = self.records.get(learner.lower(), ())
        return tuple(review for review in found if milestone in ("", review.opened.milestone))

    @property
    def open(self) -> tuple[Review, ...]:
        """All that still wait for an answer."""
        return tuple(review for found in self.records.values() for review in found if review.open)


def read_reviews(folder: Path) -> Reviews:
    """The journal in the ledger `folder`, which need not exist. Damaged lines are named in `damage`."""
    records: dict[str, tuple[Review, ...]] = {}
    damage: list[Problem] = []
    for path in sorted((folder / FOLDER).glob(f"*{SUFFIX}")):
        found: dict[tuple[Key, str], Review] = {}
        for step in _steps(path, damage):
            review = Review(step)
            key = (review.key, review.reviewer)
            if step.what == "opened":
                before = found.pop(key, None)
                found[key] = replace(review, times=before.times + 1) if before else review
            elif key in found:
                asked = step.what == "asked"
                found[key] = replace(found[key], asked=step) if asked else replace(found[key], closed=step)
        records[path.stem.lower()] = tuple(found.values())
    return Reviews(records, tuple(damage))


def note(folder: Path, step: Step) -> None:
    """Add `step` to the journal; it is on the disk before this returns."""
    line = step.model_dump_json(by_alias=True).encode() + b"\n"
    add_line(folder / FOLDER / f"{step.learner.lower()}{SUFFIX}", line)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second run on the same folder waiting, so that each reviewer is asked once."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / FOLDER, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _steps(path: Path, damage: list[Problem]) -> Iterator[Step]:
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            yield Step.model_validate_json(line)
        except ValidationError:
            cure = "Delete the line; the next `cohort-bot verify` asks again where that is needed."
            damage.append(Problem(str(path), number, 1, "this line of the reviews is damaged", cure))
