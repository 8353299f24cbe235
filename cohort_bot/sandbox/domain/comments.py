"""Comments on issues and pull requests."""

from __future__ import annotations

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, issues, repos
from cohort_bot.sandbox.failures import Invalid, NotFound, field_error, missing_field
from cohort_bot.sandbox.store import Row


def by_id(ctx: Context, comment_id: int) -> Row | None:
    """The comment with that id."""
    return ctx.db.one("SELECT * FROM comments WHERE id = ?", comment_id)


def need(ctx: Context, repo: Row, comment_id: int) -> tuple[Row, Row]:
    """A comment of the repository and its issue, or a 404."""
    found = by_id(ctx, comment_id)
    issue = issues.by_id(ctx, found["issue_id"]) if found else None
    if found is None or issue is None or issue["repo_id"] != repo["id"]:
        raise NotFound
    return found, issue


def create(ctx: Context, repo: Row, issue: Row, body: object) -> Row:
    """A new comment by the asker."""
    actor = access.need_actor(ctx)
    access.need_unlocked(repo)
    text = _checked(body)
    new = ctx.db.insert(
        "comments",
        **{"issue_id": issue["id"], "author_id": actor.id, "body": text},
        **{"created_at": ctx.now, "updated_at": ctx.now},
    )
    repos.touch(ctx, repo, issue["id"])
    return by_id(ctx, new) or {}


def change(ctx: Context, repo: Row, comment: Row, body: object) -> Row:
    """Change its text; its author may, and who can write to the repository."""
    _need_editor(ctx, repo, comment)
    text = _checked(body)
    ctx.db.update("comments", comment["id"], body=text, updated_at=ctx.now, last_edited_at=ctx.now)
    return by_id(ctx, comment["id"]) or {}


def delete(ctx: Context, repo: Row, comment: Row) -> None:
    """Remove it."""
    _need_editor(ctx, repo, comment)
    ctx.db.run("DELETE FROM comments WHERE id = ?", comment["id"])


def _need_editor(ctx: Context, repo: Row, comment: Row) -> None:
    access.need_unlocked(repo)
    if comment["author_id"] != access.need_actor(ctx).id:
        access.need(ctx, repo, "write")


def _checked(body: object) -> str:
    if not isinstance(body, str) or not body.strip():
        raise missing_field("IssueComment", "body")
    if len(body) > issues.BODY_LIMIT:
        message = f"body is too long (maximum is {issues.BODY_LIMIT} characters)"
        raise Invalid(message.capitalize(), [field_error("IssueComment", "body", "custom", message)])
    return body
