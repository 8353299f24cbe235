"""Ledger entries to test with: made from a few words."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from cohort_bot.ledger import Entry

START = datetime(2026, 9, 7, 9, tzinfo=UTC)
SPEC = hashlib.sha256(b"spec").hexdigest()


def sha(name: str) -> str:
    return hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()


def entry(
    learner: str = "ada", milestone: str = "one", commit: str = "a", day: float = 10, **more: Any
) -> Entry:
    """A pass of `learner`, pushed `day` days after the cohort's start and judged an hour later."""
    pushed = START + timedelta(days=day)
    values: dict[str, Any] = {
        "learner": learner,
        "repo": f"acme/ml-{learner.lower()}",
        "milestone": milestone,
        "sha": sha(commit),
        "spec_sha256": SPEC,
        "status": "passed",
        "points": {"earned": 3, "possible": 3},
        "results": [{"id": "tests", "status": "passed"}],
        "pushed_at": pushed,
        "judged_at": pushed + timedelta(hours=1),
        "judge": "0.1.0",
    }
    return Entry.model_validate(values | more)
