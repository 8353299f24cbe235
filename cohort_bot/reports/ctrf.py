"""Result documents in the Common Test Report Format (https://ctrf.io)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from cohort_bot import __version__
from cohort_bot.result import Document
from cohort_bot.verdict import Outcome, Result

# CTRF has no word for a check that broke without the learner's doing; `other` keeps it apart from failures.
_STATUS: Mapping[Outcome, str] = {
    Outcome.PASSED: "passed", Outcome.FAILED: "failed", Outcome.SKIPPED: "skipped", Outcome.ERROR: "other",
}  # fmt: skip


def render(documents: Sequence[Document]) -> str:
    """One report for all milestones. Its clock starts at 0: documents hold durations, not times of day."""
    tests = [_test(document, one) for document in documents for one in document.checks]
    counts = Counter(str(test["status"]) for test in tests)
    total = sum(one.duration_ms for document in documents for one in document.checks)
    summary = {status: counts[status] for status in ("passed", "failed", "skipped", "pending", "other")}
    report = {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "generatedBy": "cohort-bot",
        "results": {
            "tool": {"name": "cohort-bot", "version": __version__},
            "summary": {"tests": len(tests), **summary, "start": 0, "stop": total},
            "tests": tests,
            **_environment(documents),
        },
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _test(document: Document, one: Result) -> dict[str, object]:
    test: dict[str, object] = {
        "name": one.title,
        "status": _STATUS[one.status],
        "duration": one.duration_ms,
        "suite": [document.milestone],
        "rawStatus": one.status.value,
        "type": one.kind,
        "extra": {"id": one.id, "required": one.required, "points": one.points, "fault": one.fault},
    }
    if one.status is not Outcome.PASSED:
        test["message"] = " ".join(filter(None, [one.found, one.expected and f"Expected: {one.expected}"]))
        test["trace"] = "\n".join(filter(None, [one.why, one.next and f"Next: {one.next}", one.log_tail]))
    if one.where:
        test["filePath"] = one.where[0].path
        if one.where[0].line:
            test["line"] = one.where[0].line
    return test


def _environment(documents: Sequence[Document]) -> dict[str, object]:
    known = {"repositoryName": documents[0].repo, "commit": documents[0].commit} if documents else {}
    given = {key: value for key, value in known.items() if value}
    return {"environment": given} if given else {}
