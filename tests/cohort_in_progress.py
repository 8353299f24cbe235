"""A small cohort in the middle of its life, built in memory: five stages, learners with different fates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cohort_bot.ledger import Entry, Ledger, Record
from cohort_bot.model import Cohort, Learner, Roadmap
from cohort_bot.standing import Survey, survey
from cohort_bot.state import Access, Board, CohortState, Issue, Repo
from tests.ledger_entries import entry

STAGES = ("one", "two", "three", "four", "five")
START = date(2026, 9, 7)
NOW = datetime(2026, 10, 12, 8, tzinfo=UTC)  # Monday of week 6
COHORT = Cohort.model_validate(
    {
        "org": "acme", "slug": "ml", "title": "Autumn <cohort>", "start": START, "timezone": "Europe/Berlin",
        "breaks": [{"name": "Rest", "first": date(2026, 9, 28), "last": date(2026, 10, 4)}],
    }
)  # fmt: skip


def roadmap(stages: Iterable[str] = STAGES, **more: Any) -> Roadmap:
    """Two weeks a stage."""
    return Roadmap.model_validate(
        {
            "title": "A short road",
            "promise": "You will know it.",
            "tips": ["Draw it first.", "Sleep on it.", "Ask @somebody about `it`."],
            "stages": [stage(key, number) for number, key in enumerate(stages)],
        }
        | more
    )


def stage(key: str, number: int) -> dict[str, Any]:
    return {
        "id": key,
        "title": f"Stage {key}",
        "weeks": f"{2 * number + 1}-{2 * number + 2}",
        "aim": "Learn it.",
        "concepts": ["An idea"],
        "resources": [{"title": "A book", "url": "https://example.org/book", "kind": "book"}],
        "milestone": {
            "title": f"Show {key}",
            "summary": "Show it.",
            "folder": key,
            "deliverables": [{"id": f"{key}-code", "text": "The code", "checks": ["tests"]}],
            "checks": [
                {"id": "tests", "title": "Tests pass", "kind": "pytest", "points": 3},
                {"id": "held-out", "title": "Secret rows", "kind": "files", "hidden": True, "points": 2},
            ],
        },
    }


ROADMAP = roadmap()


def ledger(*entries: Entry) -> Ledger:
    records: dict[str, tuple[Record, ...]] = {}
    for made in entries:
        key = made.learner.lower()
        records[key] = (*records.get(key, ()), Record(made, f"{key}.jsonl", len(records.get(key, ())) + 1))
    return Ledger(records)


def repo(login: str, closed: Iterable[str] = (), pushed: float = 33, **more: Any) -> Repo:
    """A learner's repo on the forge, joined, last pushed to `pushed` days after the start."""
    name = COHORT.repo_of(login)
    closed = set(closed)
    values: dict[str, Any] = {
        "name": name,
        "path": f"acme/{name}",
        "url": f"https://github.com/acme/{name}",
        "id": f"R_{login}",
        "learner": login,
        "access": Access.JOINED,
        "board": Board(name, id=f"P_{login}"),
        "created_at": datetime(2026, 9, 1, tzinfo=UTC),
        "pushed_at": datetime(2026, 9, 7, 9, tzinfo=UTC) + timedelta(days=pushed),
        "issues": {
            key: Issue(key, key, "", key, closed=key in closed, id=f"I_{login}_{key}", number=number)
            for number, key in enumerate(STAGES, 1)
        },
    }
    return Repo(**(values | more))


def state(*repos: Repo) -> CohortState:
    return CohortState(None, {found.name: found for found in repos})


ROSTER = (
    Learner(github="ada", name="Ada Lovelace", email="ada@example.org", group="A"),
    Learner(github="bob", name="Bob <script>alert(1)</script>", email="bob@example.org", extension_days=7),
    Learner(github="cy", name="=cmd()", email="cy@example.org"),
    Learner(github="dee", name="Dee Dee"),
    Learner.model_validate({"github": "eve", "name": "Eve", "status": "paused"}),
    Learner.model_validate({"github": "fay", "status": "withdrawn"}),
    Learner(github="gil", name="Gil"),
)


def example() -> Survey:
    """ada: on track, one claimed; bob: extended, needs work; cy: far behind; dee: not in; gil: finished."""
    entries = (
        entry("ada", "one", "a1", 8),
        entry("ada", "two", "a2", 25),
        entry("bob", "one", "b1", 19),
        entry("bob", "two", "b2", 33, status="needs_work", points={"earned": 1, "possible": 5},
              results=[{"id": "tests", "status": "failed"}, {"id": "held-out", "status": "failed"}]),
        *(entry("gil", key, f"g{key}", 5 + 4 * number) for number, key in enumerate(STAGES)),
    )  # fmt: skip
    repos = (
        repo("ada", ["one", "two", "three"]),
        repo("bob", ["one"]),
        repo("cy", pushed=3),
        repo("dee", access=Access.INVITED, created_at=datetime(2026, 10, 1, tzinfo=UTC)),
        repo("gil", STAGES),
    )
    return survey(COHORT, ROADMAP, ROSTER, ledger(*entries), state(*repos), NOW)
