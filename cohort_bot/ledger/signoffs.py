"""Verdicts that lack nothing but a person. Pure."""

from __future__ import annotations

from cohort_bot.ledger.entry import Entry
from cohort_bot.model import Stage
from cohort_bot.verdict import Outcome, Standing


def awaits(stage: Stage, entry: Entry) -> frozenset[str]:
    """The sign-offs that are all that is missing; none where more is missing, or the work was sent back."""
    manual = {spec.id for spec in stage.milestone.checks if spec.kind == "manual"}
    needed = {spec.id for spec in stage.milestone.checks if spec.required}
    missing = {one.id for one in entry.results if one.status is not Outcome.PASSED} & needed
    if entry.status is not Standing.NEEDS_WORK or entry.sent_back or not missing <= manual:
        return frozenset()
    return frozenset(missing)
