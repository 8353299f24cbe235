"""A small made-up cohort with one check of every kind, for trying templates before a real one sees them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from cohort_bot.model import Break, Cohort, Learner, Roadmap

COHORT = Cohort(
    org="sample-org",
    slug="sample",
    start=date(2026, 9, 7),
    timezone="Europe/Berlin",
    breaks=(Break(name="Winter break", first=date(2026, 12, 21), last=date(2027, 1, 3)),),
)
LEARNER = Learner(github="sample-learner", name="Sample Learner", email="sample@example.org", group="a")

_CHECKS: tuple[dict[str, Any], ...] = (
    {"kind": "files", "all_of": ["a.py"], "any_of": ["b/*.py"], "forbid": ["**/.env"]},
    {"kind": "sections", "file": "README.md", "headings": ["Data"], "min_words": 100, "images": 1},
    {"kind": "notebook", "path": "a.ipynb", "executed_fraction": 0.9, "rerun": True},
    {"kind": "pytest", "min_tests": 3, "min_coverage": 50, "setup": ["make setup"], "workdir": "one"},
    {"kind": "blackbox", "command": "python a.py", "inputs": [{"stdin": "1", "expect": "2"}]},
    {
        "kind": "mlflow",
        "experiment": "images",
        "metrics": ["loss"],
        "params": ["model"],
        "distinct_params": {"model": 3},
        "param_values": {"model": ["*dummy*"]},
        "registered": 2,
    },
    {
        "kind": "model_eval",
        "model": "a.onnx",
        "data": "a.csv",
        "metric": "accuracy",
        "min": 0.8,
        "hidden": True,
    },
    {"kind": "docker_build", "context": "one"},
    {
        "kind": "docker_service",
        "probes": [{"path": "/", "answer": "a"}],
        "bad_input": {"path": "/", "status": 422},
        "registered": "*",
    },
    {"kind": "train_smoke", "command": "python a.py"},
    {"kind": "git", "min_commit_days": 3, "path": "one"},
    {"kind": "url"},
    {"kind": "manual", "asks": "Is it good?", "approvers": ["organiser", "peer"]},
)


@lru_cache(maxsize=1)
def roadmap() -> Roadmap:
    """Two stages: one with everything, one with only what every stage must have."""
    checks = [{"id": f"check-{number}", "title": "A check", **check} for number, check in enumerate(_CHECKS)]
    link: dict[str, Any] = {"title": "A book", "url": "https://example.org/", "kind": "book"}
    full = {
        "id": "full",
        "title": "Everything",
        "weeks": "1-2",
        "aim": "To try every part.",
        "concepts": ["One", "Two"],
        "resources": [{**link, "note": "Read it."}, {**link, "kind": "course"}],
        "milestone": _milestone("one", [check["id"] for check in checks]) | {"checks": checks},
    }
    least = {
        **full,
        "id": "least",
        "title": "Little",
        "weeks": "3",
        "resources": [link],
        "milestone": _milestone("two", []),
    }
    return Roadmap.model_validate(
        {
            "title": "A sample",
            "promise": "You will see.",
            "approach": "Step by step.",
            "prerequisites": ["Patience"],
            "stages": [full, least],
            "careers": ["Tester"],
            "tips": ["Try it."],
            "questions": [{"question": "Why?", "answer": "To find out."}],
        }
    )


def _milestone(name: str, checks: list[str]) -> dict[str, Any]:
    deliverable = {"id": f"{name}-thing", "text": "A thing", "checks": checks}
    return {"title": "A milestone", "summary": "Show it.", "folder": name, "deliverables": [deliverable]}
