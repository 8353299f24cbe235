"""Gather whether a person has signed the work off."""

from __future__ import annotations

from cohort_bot.checks.submission import Submission
from cohort_bot.evidence import Awaited, SignOff
from cohort_bot.model.checks import Manual


def gather(spec: Manual, submission: Submission) -> SignOff | Awaited:
    """The approvals that count; without one, the check waits for a person."""
    # An organiser can always decide: for a peer who does not answer, and against one.
    approved = tuple(sorted(submission.approvals & {"organiser", *spec.approvers}))
    if approved:
        return SignOff(approved)
    return Awaited(f"waits for a sign-off by: {' or '.join(spec.approvers)}")
