"""What the template of a feedback comment sees, made up: for trying overrides before anybody needs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cohort_bot.render import sample
from cohort_bot.render.views import View

_CHECK = {
    "title": "Tests pass", "required": True, "found": "1 test failed: `test_sum`", "expected": "no failure",
    "why": "A test that fails tells of a fault.", "next": "Mend `sum`.", "reproduce": "`pytest`",
    "where": ["`tests/test_sum.py:3`"], "also": ["too few tests"], "waiting": ["The image"],
    "log": "```text\n1 failed\n```",
}  # fmt: skip
_BARE = dict.fromkeys(("found", "expected", "why", "next", "reproduce", "log"), "")
_NOTHING: dict[str, list[str]] = {"where": [], "also": [], "waiting": []}
_WORK: dict[str, Any] = {
    "stage": sample.roadmap().stages[0],
    "number": 1,
    "stages": 2,
    "status": "needs_work",
    "note": "closed",
    "commit": "0123abc",
    "earned": 1,
    "possible": 3,
    "failed": [View(**_CHECK), View(**_CHECK | _BARE | _NOTHING | {"required": False})],
    "ours": [],
    "more": ["The write-up"],
    "passed": ["Files are there"],
    "elsewhere": ["The judge's rows"],
    "advice": [View(title="The image", texts=["It runs as root."])],
}
_NONE: dict[str, Any] = {"failed": [], "ours": [], "more": [], "elsewhere": [], "advice": []}

# Template → the values it is tried with, so that most of its branches are taken.
COMMENTS: Mapping[str, tuple[dict[str, Any], ...]] = {
    "comments/feedback.md.j2": (
        _WORK,
        _WORK | {"note": "slipped", "more": [], "passed": [], "commit": ""},
        _WORK | {"failed": _WORK["failed"][:1], "more": [], "note": ""},
        _WORK | _NONE | {"status": "passed", "note": ""},
        _WORK | _NONE | {"status": "passed", "note": "", "elsewhere": ["The judge's rows"], "commit": ""},
        _WORK | _NONE | {"status": "could_not_check", "ours": [View(**_CHECK)]},
    ),
}
