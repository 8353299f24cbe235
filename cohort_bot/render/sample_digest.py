"""What the templates of a digest see, made up: for trying overrides before a week's mail depends on them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from cohort_bot.render import sample

_CURRENT = {
    "number": 2,
    "title": "A milestone",
    "issue": 2,
    "due": date(2026, 11, 1),
    "waiting": False,
    "days_left": 12,
    "late_days": 0,
    "tell_days": True,
}
_LETTER: dict[str, Any] = {
    "week": "2026-W43",
    "hello": "Sample Learner",
    "study_week": 7,
    "weeks": 3,
    "road": ["● 1. A milestone", "◉ 2. A milestone"],
    "bar": "████████████░░░░░░░░░░░░",
    "done": 1,
    "milestones": 2,
    "current": _CURRENT,
    "moved": [{"title": "A milestone", "passed": True, "earned": 3, "possible": 3}],
    "heard": {
        "status": "needs_work",
        "day": date(2026, 10, 20),
        "url": "https://example.org/",
        "lately": True,
    },
    "asked": {"checks": ["A check"], "hidden": 1, "more": 1, "points": [1, 3]},
    "next": "A thing",
    "tip": "Try it.",
    "cohort": sample.COHORT,
}
_QUIET = {"checks": [], "hidden": 0, "more": 0, "points": None}
_UNHEARD = {"status": "", "day": "", "url": "", "lately": False}
_SUMMARY: dict[str, Any] = {
    "week": "2026-W43",
    "cohort": sample.COHORT,
    "roadmap": sample.roadmap(),
    "active": 3,
    "finished": 1,
    "total": 6,
    "planned": 3,
    "verified": 3,
    "claimed": 1,
    "open": 2,
    "planned_bar": "████████████░░░░░░░░░░░░",
    "verified_bar": "████████████░░░░░░░░░░░░",
    "curve": "▁▂▅",
    "stages": [
        {"number": 1, "title": "A milestone", "open": 1, "claimed": 0, "verified": 2, "median": 12},
        {"number": 2, "title": "A milestone", "open": 1, "claimed": 1, "verified": 1, "median": None},
    ],
    "at_risk": [
        {
            "login": "sample-learner",
            "name": "Sample Learner",
            "url": "https://example.org/",
            "working_on": "A milestone",
            "due": "2026-11-01",
            "why": "overdue by 8 days",
        }
    ],
    "more_at_risk": 1,
    "outside": ["another-learner"],
    "more_outside": 1,
    "passed": [{"login": "sample-learner", "title": "A milestone"}],
    "shout_outs": True,
    "reviews": [{"learner": "sample-learner", "milestone": "a", "reviewer": "another-learner", "days": 8}],
    "more_reviews": 1,
    "rules": sample.COHORT.policies.at_risk,
}
_BOARD: dict[str, Any] = {
    "finished": False,
    "done": 1,
    "milestones": 2,
    "current": {"title": "A milestone", "due": date(2026, 11, 1), "waiting": False},
}

# Template → the values it is tried with, so that most of its branches are taken.
DIGESTS: Mapping[str, tuple[dict[str, Any], ...]] = {
    "digest/learner.md.j2": (
        _LETTER,
        _LETTER
        | {
            "current": _CURRENT | {"waiting": True},
            "next": "",
            "moved": [],
            "asked": _QUIET,
            "heard": _UNHEARD,
        },
        _LETTER | {"current": _CURRENT | {"days_left": -3, "late_days": 3}, "tip": ""},
        _LETTER | {"current": _CURRENT | {"days_left": -3, "tell_days": False}},
        _LETTER | {"current": _CURRENT | {"days_left": 0}},
    ),
    "digest/summary.md.j2": (
        _SUMMARY,
        _SUMMARY
        | {
            "at_risk": [],
            "more_at_risk": 0,
            "outside": [],
            "more_outside": 0,
            "passed": [],
            "reviews": [],
            "more_reviews": 0,
        },
    ),
    "digest/board.md.j2": (_BOARD, _BOARD | {"finished": True, "current": {}}),
}
