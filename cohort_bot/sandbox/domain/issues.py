"""Issues: making and changing them, with the events that GitHub records and the boards that follow."""

from __future__ import annotations

import json

from cohort_bot.sandbox import triggers
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, automation, labels, milestones, people, repos
from cohort_bot.sandbox.failures import Gone, Invalid, NotFound, field_error, missing_field
from cohort_bot.sandbox.store import Row

BODY_LIMIT = 65_536
TITLE_LIMIT = 256
ASSIGNEE_LIMIT = 10


def by_id(ctx: Context, issue_id: int) -> Row | None:
    """The issue or pull request with that id."""
    return ctx.db.one("SELECT * FROM issues WHERE id = ?", issue_id)


def need(ctx: Context, repo: Row, number: int) -> Row:
    """The issue or pull request with that number, or a 404."""
    found = ctx.db.one("SELECT * FROM issues WHERE repo_id = ? AND number = ?", repo["id"], number)
    if found is None:
        raise NotFound
    return found


def need_enabled(repo: Row) -> None:
    """Refuse when the repository has no issues."""
    if not repo["has_issues"]:
        raise Gone("Issues are disabled for this repo")


def record(ctx: Context, issue: Row, event: str, commit_id: str | None = None, **detail: object) -> None:
    """Note an event of an issue, by the asker."""
    ctx.db.insert(
        "events",
        **{"repo_id": issue["repo_id"], "issue_id": issue["id"], "event": event, "commit_id": commit_id},
        **{
            "actor_id": ctx.actor.id if ctx.actor else None,
            "detail": json.dumps(detail),
            "created_at": ctx.now,
        },
    )


def create(ctx: Context, repo: Row, title: str, body: str | None, **columns: object) -> Row:
    """A new issue without labels, assignees or boards; `columns` may hold milestone_id, parent_id, pull
    columns."""
    _check_text(title, body)
    number = ctx.db.value("SELECT COALESCE(MAX(number), 0) + 1 FROM issues WHERE repo_id = ?", repo["id"])
    new = ctx.db.insert(
        "issues",
        **{"repo_id": repo["id"], "number": number, "title": title, "body": body},
        **{"author_id": ctx.actor.id if ctx.actor else None, "created_at": ctx.now, "updated_at": ctx.now},
        **columns,
    )
    issue = reload(ctx, new)
    milestone = milestones.by_id(ctx, issue["milestone_id"])
    if milestone:
        record(ctx, issue, "milestoned", milestone={"title": milestone["title"]})
    repos.touch(ctx, repo)
    return issue


def reload(ctx: Context, issue_id: int) -> Row:
    """The issue as it now is."""
    found = by_id(ctx, issue_id)
    if found is None:
        raise NotFound
    return found


def _check_text(title: str | None, body: str | None) -> None:
    if title is not None and not title.strip():
        raise missing_field("Issue", "title")
    if title is not None and len(title) > TITLE_LIMIT:
        raise _too_long("title", TITLE_LIMIT)
    if body is not None and len(body) > BODY_LIMIT:
        raise _too_long("body", BODY_LIMIT)


def _too_long(field: str, limit: int) -> Invalid:
    message = f"{field} is too long (maximum is {limit} characters)"
    return Invalid(message.capitalize(), [field_error("Issue", field, "custom", message)])


def change_text(ctx: Context, issue: Row, title: str | None = None, body: str | None = None) -> None:
    """Change title or body; None leaves it as it is."""
    _check_text(title, body)
    if title is not None and title != issue["title"]:
        record(ctx, issue, "renamed", rename={"from": issue["title"], "to": title})
        ctx.db.update("issues", issue["id"], title=title, updated_at=ctx.now)
    if body is not None and body != issue["body"]:
        ctx.db.update("issues", issue["id"], body=body, updated_at=ctx.now, last_edited_at=ctx.now)


def set_milestone(ctx: Context, issue: Row, milestone: Row | None) -> None:
    """Put the issue under a milestone, or under none."""
    old = milestones.by_id(ctx, issue["milestone_id"])
    if (old and old["id"]) == (milestone and milestone["id"]):
        return
    if old:
        record(ctx, issue, "demilestoned", milestone={"title": old["title"]})
    if milestone:
        record(ctx, issue, "milestoned", milestone={"title": milestone["title"]})
    new_id = milestone["id"] if milestone else None
    ctx.db.update("issues", issue["id"], milestone_id=new_id, updated_at=ctx.now)


def close(ctx: Context, issue: Row, reason: str | None = None, commit_id: str | None = None) -> None:
    """Close it; `reason` is completed (None means that), not_planned or duplicate. Boards follow."""
    reason = None if issue["is_pull"] else reason or "completed"
    if issue["state"] == "closed":
        ctx.db.update("issues", issue["id"], state_reason=reason)
        return
    closer = ctx.actor.id if ctx.actor else None
    columns = {"state": "closed", "state_reason": reason, "closed_by_id": closer}
    ctx.db.update("issues", issue["id"], **columns, closed_at=ctx.now, updated_at=ctx.now)
    record(ctx, issue, "closed", commit_id, state_reason=reason)
    automation.item_closed(ctx, issue["id"])
    triggers.issue(ctx, issue, "closed")


def reopen(ctx: Context, issue: Row) -> None:
    """Open it again."""
    if issue["state"] == "open":
        return
    columns = {"state": "open", "state_reason": "reopened", "closed_by_id": None, "closed_at": None}
    ctx.db.update("issues", issue["id"], **columns, updated_at=ctx.now)
    record(ctx, issue, "reopened", state_reason="reopened")
    triggers.issue(ctx, issue, "reopened")


def add_labels(ctx: Context, issue: Row, rows: list[Row]) -> None:
    """Put labels on; those already there are left."""
    for label in rows:
        sql = "INSERT OR IGNORE INTO issue_labels (issue_id, label_id) VALUES (?, ?)"
        if ctx.db.run(sql, issue["id"], label["id"]):
            record(ctx, issue, "labeled", label={"name": label["name"], "color": label["color"]})
    _touched(ctx, issue)


def remove_labels(ctx: Context, issue: Row, rows: list[Row]) -> None:
    """Take labels off."""
    for label in rows:
        sql = "DELETE FROM issue_labels WHERE issue_id = ? AND label_id = ?"
        if ctx.db.run(sql, issue["id"], label["id"]):
            record(ctx, issue, "unlabeled", label={"name": label["name"], "color": label["color"]})
    _touched(ctx, issue)


def set_labels(ctx: Context, issue: Row, rows: list[Row]) -> None:
    """Let exactly these labels be on it."""
    wanted = {row["id"] for row in rows}
    remove_labels(ctx, issue, [row for row in labels.of_issue(ctx, issue["id"]) if row["id"] not in wanted])
    add_labels(ctx, issue, rows)


def assignees(ctx: Context, issue_id: int) -> list[Row]:
    """Who it is assigned to."""
    sql = "SELECT a.* FROM accounts a JOIN issue_assignees ia ON ia.user_id = a.id WHERE ia.issue_id = ?"
    return ctx.db.all(f"{sql} ORDER BY ia.rowid", issue_id)


def assignable(ctx: Context, repo: Row, user: Row) -> bool:
    """Whether work can be given to that person here: who has not accepted an invitation yet cannot be
    assigned."""
    return user["kind"] == "User" and people.is_collaborator(ctx, repo, user["id"])


def assign(ctx: Context, repo: Row, issue: Row, users: list[Row]) -> None:
    """Assign those who can be; the others are left out silently, as REST does."""
    for user in users:
        if not assignable(ctx, repo, user) or len(assignees(ctx, issue["id"])) >= ASSIGNEE_LIMIT:
            continue
        sql = "INSERT OR IGNORE INTO issue_assignees (issue_id, user_id) VALUES (?, ?)"
        if ctx.db.run(sql, issue["id"], user["id"]):
            record(ctx, issue, "assigned", assignee_id=user["id"])
    _touched(ctx, issue)


def unassign(ctx: Context, issue: Row, users: list[Row]) -> None:
    """Take assignees off."""
    for user in users:
        sql = "DELETE FROM issue_assignees WHERE issue_id = ? AND user_id = ?"
        if ctx.db.run(sql, issue["id"], user["id"]):
            record(ctx, issue, "unassigned", assignee_id=user["id"])
    _touched(ctx, issue)


def set_assignees(ctx: Context, repo: Row, issue: Row, users: list[Row]) -> None:
    """Let exactly these people be assigned."""
    wanted = {user["id"] for user in users}
    unassign(ctx, issue, [row for row in assignees(ctx, issue["id"]) if row["id"] not in wanted])
    assign(ctx, repo, issue, users)


def _touched(ctx: Context, issue: Row) -> None:
    ctx.db.update("issues", issue["id"], updated_at=ctx.now)


def may_edit(ctx: Context, repo: Row, issue: Row) -> bool:
    """Whether the asker may change its text and state: its author, or anybody with triage rights."""
    actor = access.need_actor(ctx)
    return issue["author_id"] == actor.id or access.granted(ctx, repo) >= access.RANK["triage"]


def need_editor(ctx: Context, repo: Row, issue: Row) -> None:
    """Refuse who may not."""
    access.need_unlocked(repo)
    if not may_edit(ctx, repo, issue):
        access.need(ctx, repo, "triage")
