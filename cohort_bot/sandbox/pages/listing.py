"""Lists of issues, pull requests and milestones."""

from __future__ import annotations

from werkzeug import Response

from cohort_bot.sandbox.domain import milestones as stored
from cohort_bot.sandbox.pages.repo import find
from cohort_bot.sandbox.pages.view import Page
from cohort_bot.sandbox.store import Row

_ISSUES = """
SELECT i.*, a.login AS author, m.title AS milestone, m.number AS milestone_number, m.due_on,
  (SELECT COUNT(*) FROM comments c WHERE c.issue_id = i.id) AS comments
FROM issues i LEFT JOIN accounts a ON a.id = i.author_id LEFT JOIN milestones m ON m.id = i.milestone_id
WHERE i.repo_id = ? AND i.is_pull = ? AND (? = 'all' OR i.state = ?) AND (? = 0 OR m.number = ?)
ORDER BY m.due_on IS NULL, m.due_on, i.number LIMIT 200
"""
STATES = ("open", "closed", "all")


def issues(page: Page, owner: str, name: str, kind: str) -> Response:
    """Issues or pull requests, open ones unless `?state=` says otherwise."""
    repo = find(page, owner, name)
    wanted = page.request.args.get("state", "open")
    state = wanted if wanted in STATES else "open"
    pulls = kind == "pulls"
    rows = select(page, repo, pulls, state)
    return page.show("issues.html.j2", repo=repo, tab=kind, kind=kind, state=state, issues=rows)


def select(page: Page, repo: Row, pulls: bool, state: str, milestone: int = 0) -> list[Row]:
    """Issues with what a line of a list shows."""
    rows = page.all(_ISSUES, repo["id"], pulls, state, state, milestone, milestone)
    for row in rows:
        row["due"] = page.due(row["due_on"], row["state"] == "closed")
        row["labels"] = labels_of(page, row["id"])
        row["assignees"] = assignees_of(page, row["id"])
    return rows


def labels_of(page: Page, issue_id: int) -> list[Row]:
    """The labels of an issue."""
    sql = "SELECT l.* FROM labels l JOIN issue_labels x ON x.label_id = l.id WHERE x.issue_id = ?"
    return page.all(f"{sql} ORDER BY l.name", issue_id)


def assignees_of(page: Page, issue_id: int) -> list[str]:
    """The logins of those an issue is assigned to."""
    sql = "SELECT a.login FROM accounts a JOIN issue_assignees x ON x.user_id = a.id WHERE x.issue_id = ?"
    return [row["login"] for row in page.all(sql, issue_id)]


def milestones(page: Page, owner: str, name: str) -> Response:
    """Milestones by due date."""
    repo = find(page, owner, name)
    order = "m.due_on IS NULL, m.due_on, m.number"
    rows = page.all(f"{stored.SELECT} WHERE m.repo_id = ? ORDER BY {order}", repo["id"])
    for row in rows:
        done = row["state"] == "closed" or (bool(row["closed_issues"]) and not row["open_issues"])
        row["due"] = page.due(row["due_on"], done)
    return page.show("milestones.html.j2", repo=repo, tab="milestones", milestones=rows)


def milestone(page: Page, owner: str, name: str, number: int) -> Response:
    """One milestone and its issues."""
    repo = find(page, owner, name)
    row = stored.need(page.context, repo, number)
    row["due"] = page.due(row["due_on"], row["state"] == "closed")
    rows = select(page, repo, pulls=False, state="all", milestone=number)
    return page.show("milestone.html.j2", repo=repo, tab="milestones", milestone=row, issues=rows)
