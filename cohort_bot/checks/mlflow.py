"""Gather what was tracked with MLflow."""

from __future__ import annotations

from cohort_bot.checks.stores import find
from cohort_bot.checks.submission import Submission
from cohort_bot.evidence import Tracked
from cohort_bot.model.checks import Mlflow


def gather(spec: Mlflow, submission: Submission) -> Tracked:
    """Every store that `spec` lets us look at."""
    return find(submission, spec.stores)
