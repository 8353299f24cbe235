"""One verdict as a line of the ledger."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from cohort_bot.model.base import Slug
from cohort_bot.model.cohort import Login
from cohort_bot.verdict import Outcome, Points, Standing

Sha = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$|^[0-9a-f]{64}$")]
Instant = Annotated[AwareDatetime, AfterValidator(lambda given: given.astimezone(UTC))]
Key = tuple[str, str, str]


class CheckResult(BaseModel):
    """What became of one check, without the words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Slug
    status: Outcome


class Signature(BaseModel):
    """What a person decided about a commit: an organiser, or (`peer`) a learner who was asked.

    `comment` is the number of the comment that says so, `at` when it was written.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    said: Literal["approve", "changes"]
    at: Instant
    comment: int = Field(ge=0)
    peer: bool = False


class Entry(BaseModel):
    """A milestone's verdict on one commit: one line of the ledger.

    `pushed_at` is when the forge received the commit: lateness is judged by it, never by dates inside the
    commit. `judge` is the version of what judged. `reason` is empty but where a commit was judged anew on
    purpose, or the outcome needs a word; see `files.append`. `signatures` are what people decided about this
    commit so far, oldest first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_version: Literal[1] = Field(1, alias="schema")
    learner: Login
    repo: Annotated[str, StringConstraints(pattern=r"^[^/\s]+/[^/\s]+$")]
    milestone: Slug
    sha: Sha
    spec_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    status: Standing
    points: Points
    results: tuple[CheckResult, ...] = ()
    pushed_at: Instant
    judged_at: Instant
    judge: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    reason: Annotated[str, StringConstraints(max_length=1000)] = ""
    signatures: tuple[Signature, ...] = ()

    @property
    def key(self) -> Key:
        """What was judged, by what: milestone, commit, spec."""
        return self.milestone, self.sha, self.spec_sha256

    @property
    def passed(self) -> bool:
        """Whether this verdict is a pass."""
        return self.status is Standing.PASSED

    @property
    def decided(self) -> bool:
        """Whether this verdict says anything about the work: `could_not_check` does not."""
        return self.status is not Standing.COULD_NOT_CHECK

    @property
    def sent_back(self) -> bool:
        """Whether somebody asked for changes, and no organiser approved it all the same."""
        asked = False
        for signature in self.signatures:
            asked = signature.said == "changes" or (asked and signature.peer)
        return asked and self.status is Standing.NEEDS_WORK

    def line(self) -> bytes:
        """The entry as it stands in a file, line end included."""
        return self.model_dump_json(by_alias=True).encode() + b"\n"
