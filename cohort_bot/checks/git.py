"""Gather the repo's history."""

from __future__ import annotations

import re
from datetime import date

from cohort_bot.checks.submission import Submission
from cohort_bot.evidence import History
from cohort_bot.model.checks import Git

_MANY = 20
# What the organiser keeps current in every repo is no work of the learner's.
_NOT_THEIRS = ":(exclude,top).github/cohort"
_DAY = re.compile(r"[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")


def gather(spec: Git, submission: Submission) -> History:
    """Read the commits on the checked-out branch that touched `spec.path`, merges left out."""
    head = submission.git("rev-parse", "--abbrev-ref", "HEAD")
    if head is None:
        return History(is_repo=False)
    days = _days(spec, submission)
    return History(
        is_repo=True,
        branch=head.out.strip() if head.ok else "",
        shallow=_says(submission, "rev-parse", "--is-shallow-repository") == "true",
        commits=len(days),
        days=tuple(sorted(set(days))),
        large=_large(submission, int(spec.max_file_mb * 1e6)),
        branches=_branches(submission),
    )


def _says(submission: Submission, *args: str) -> str:
    answer = submission.git(*args)
    return answer.out.strip() if answer is not None and answer.ok else ""


def _days(spec: Git, submission: Submission) -> list[date]:
    """The day of each commit, in its author's own zone: what they would call the day they worked."""
    said = _says(submission, "log", "--no-merges", "--format=%as", "HEAD", "--", spec.path, _NOT_THEIRS)
    # Anybody may date a commit at will; a year that no calendar has is no day of work.
    return [date.fromisoformat(line) for line in said.splitlines() if _DAY.fullmatch(line)]


def _large(submission: Submission, limit: int) -> tuple[tuple[str, int], ...]:
    """Files of the current commit over `limit` bytes, by git's own record; their content is not read."""
    said = _says(submission, "ls-tree", "-r", "-l", "-z", "HEAD")
    found = []
    for entry in filter(None, said.split("\0")):
        about, _, path = entry.partition("\t")
        size = about.split()[-1]
        if size.isdigit() and int(size) > limit:
            found.append((path, int(size)))
    return tuple(found[:_MANY])


def _branches(submission: Submission) -> tuple[str, ...]:
    """Branches that hold the checked-out commit: in CI the head is often detached."""
    said = _says(submission, "branch", "--all", "--contains", "HEAD", "--format=%(refname:short)")
    return tuple(name.removeprefix("origin/") for name in said.splitlines() if not name.startswith("("))
