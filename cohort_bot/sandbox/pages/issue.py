"""An issue or pull request: its text, what was said and done, and where it stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from werkzeug import Response

from cohort_bot.sandbox.domain import issues, milestones
from cohort_bot.sandbox.pages.listing import assignees_of, labels_of
from cohort_bot.sandbox.pages.repo import find
from cohort_bot.sandbox.pages.view import Page
from cohort_bot.sandbox.store import Row

_SAID: Mapping[str, Callable[[Row], str]] = {
    "assigned": lambda d: f"assigned {d['who']}",
    "unassigned": lambda d: f"unassigned {d['who']}",
    "closed": lambda d: f"closed this as {(d.get('state_reason') or 'completed').replace('_', ' ')}",
    "reopened": lambda _: "reopened this",
    "labeled": lambda d: f"added the label {d['label']['name']}",
    "unlabeled": lambda d: f"removed the label {d['label']['name']}",
    "milestoned": lambda d: f"put this under the milestone {d['milestone']['title']}",
    "demilestoned": lambda d: f"took this off the milestone {d['milestone']['title']}",
    "renamed": lambda d: f"renamed this from “{d['rename']['from']}” to “{d['rename']['to']}”",
}
_BOARDS = """
SELECT p.*, a.login AS owner, a.kind AS owner_kind,
  (SELECT v.value FROM project_values v WHERE v.item_id = t.id AND v.field_id = f.id) AS status_id, f.options
FROM project_items t JOIN projects p ON p.id = t.project_id JOIN accounts a ON a.id = p.owner_id
LEFT JOIN project_fields f ON f.project_id = p.id AND f.name = 'Status'
WHERE t.issue_id = ? AND t.visible ORDER BY p.number
"""
_COMMENTS = """
SELECT c.*, a.login AS author FROM comments c LEFT JOIN accounts a ON a.id = c.author_id WHERE c.issue_id = ?
"""
_EVENTS = """
SELECT e.*, a.login AS author FROM events e LEFT JOIN accounts a ON a.id = e.actor_id WHERE e.issue_id = ?
"""


def show(page: Page, owner: str, name: str, number: int) -> Response:
    """Everything about one issue."""
    repo = find(page, owner, name)
    row = issues.need(page.context, repo, number)
    milestone = milestones.by_id(page.context, row["milestone_id"])
    if milestone:
        milestone["due"] = page.due(milestone["due_on"], row["state"] == "closed")
    return page.show(
        "issue.html.j2",
        repo=repo,
        tab="pulls" if row["is_pull"] else "issues",
        issue=row,
        author=_login(page, row["author_id"]),
        labels=labels_of(page, row["id"]),
        assignees=assignees_of(page, row["id"]),
        milestone=milestone,
        boards=_boards(page, row["id"]),
        parent=_parent(page, row),
        children=page.all("SELECT * FROM issues WHERE parent_id = ? ORDER BY id", row["id"]),
        timeline=_timeline(page, row["id"]),
    )


def _login(page: Page, account_id: int | None) -> str:
    row = page.one("SELECT login FROM accounts WHERE id = ?", account_id)
    return str(row["login"]) if row else "ghost"


def _parent(page: Page, issue: Row) -> Row | None:
    return page.one("SELECT * FROM issues WHERE id = ?", issue["parent_id"]) if issue["parent_id"] else None


def _boards(page: Page, issue_id: int) -> list[Row]:
    rows = page.all(_BOARDS, issue_id)
    for row in rows:
        names = {option["id"]: option["name"] for option in json.loads(row["options"] or "[]")}
        row["status"] = names.get(row["status_id"], "No status")
    return rows


def _timeline(page: Page, issue_id: int) -> list[Row]:
    """Comments and events together, oldest first."""
    comments = [row | {"kind": "comment"} for row in page.all(_COMMENTS, issue_id)]
    events = [row | {"kind": "event", "said": _said(page, row)} for row in page.all(_EVENTS, issue_id)]
    return sorted(comments + events, key=lambda row: (row["created_at"], row["kind"] == "event", row["id"]))


def _said(page: Page, event: Row) -> str:
    detail = json.loads(event["detail"])
    if "assignee_id" in detail:
        detail["who"] = _login(page, detail["assignee_id"])
    known = _SAID.get(event["event"])
    return known(detail) if known else event["event"].replace("_", " ")
