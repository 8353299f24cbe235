"""The stages that the judge's tests use, and copies of a learner by the thousand."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from tests.cheats.school import School, stage

PLAIN = stage(
    "plain", "1-40", {"id": "there", "kind": "files", "title": "It is there", "all_of": ["plain/work.md"]}
)
SIGN = stage(
    "sign", "41-44",
    {"id": "work", "kind": "files", "title": "It is there", "all_of": ["sign/work.md"]},
    {"id": "seen", "kind": "manual", "title": "Looked at", "asks": "Is it good?", "needs": ["work"]},
)  # fmt: skip
DATABASE = "sandbox.sqlite3"
WORK = {"plain/work.md": "work"}


def later(school: School) -> None:
    """Return once the forge's clock shows another second."""
    now = school.sandbox.now()
    while school.sandbox.now()[:19] == now[:19]:
        pass


def cohort_repo(school: School) -> str:
    made = school.sandbox.api(
        "POST", f"/orgs/{school.sandbox.org}/repos", json={"name": "cohort", "private": True}
    )
    assert made.status_code == 201
    return f"{school.sandbox.org}/cohort"


def copies(data: Path, name: str, names: list[str]) -> None:
    """Give the sandbox repos that are as `name` in everything that a sweep looks at."""
    books = sqlite3.connect(data / DATABASE)
    books.row_factory = sqlite3.Row
    repo = dict(books.execute("SELECT * FROM repos WHERE name = ?", (name,)).fetchone())
    rows = {
        table: [dict(row) for row in books.execute(f"SELECT * FROM {table} WHERE repo_id = ?", (repo["id"],))]
        for table in ("labels", "milestones", "issues")
    }
    tags = [tuple(row) for row in books.execute("SELECT issue_id, label_id FROM issue_labels")]
    said = [dict(row) for row in books.execute("SELECT * FROM comments")]
    for copy in names:
        new = _insert(books, "repos", repo | {"name": copy})
        ids = {table: {row["id"]: 0 for row in found} for table, found in rows.items()}
        for table, found in rows.items():
            for row in found:
                more = (
                    {"milestone_id": ids["milestones"].get(row["milestone_id"])} if table == "issues" else {}
                )
                ids[table][row["id"]] = _insert(books, table, row | {"repo_id": new} | more)
        for issue, label in tags:
            if issue in ids["issues"]:
                _insert(
                    books,
                    "issue_labels",
                    {"issue_id": ids["issues"][issue], "label_id": ids["labels"][label]},
                )
        for row in said:
            if row["issue_id"] in ids["issues"]:
                _insert(books, "comments", row | {"issue_id": ids["issues"][row["issue_id"]]})
        (data / "repos" / f"{new}.git").symlink_to(data / "repos" / f"{repo['id']}.git")
    books.commit()
    books.close()


def _insert(books: sqlite3.Connection, table: str, row: dict[str, Any]) -> int:
    given = {key: value for key, value in row.items() if key != "id"}
    marks = ", ".join("?" * len(given))
    made = books.execute(f"INSERT INTO {table} ({', '.join(given)}) VALUES ({marks})", tuple(given.values()))
    return int(made.lastrowid or 0)
