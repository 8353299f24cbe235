"""Items of a board."""

from __future__ import annotations

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import arrivals
from cohort_bot.sandbox.failures import Invalid, NotFound
from cohort_bot.sandbox.store import Row

EXISTS = "Content already exists in this project"


def by_id(ctx: Context, item_id: int) -> Row | None:
    """The item with that id, once it has reached its board."""
    return ctx.db.one("SELECT * FROM project_items WHERE id = ? AND visible", item_id)


def need(ctx: Context, project: Row, item_id: int) -> Row:
    """An item of that board, or a 404."""
    found = by_id(ctx, item_id)
    if found is None or found["project_id"] != project["id"]:
        raise NotFound
    return found


def add(ctx: Context, project: Row, issue: Row, late: bool = False) -> Row:
    """Put an issue on a board. `late`: it counts as being there at once but shows a moment later."""
    sql = "SELECT id FROM project_items WHERE project_id = ? AND issue_id = ?"
    if ctx.db.one(sql, project["id"], issue["id"]):
        raise Invalid(EXISTS)
    new = _insert(ctx, project, issue_id=issue["id"], visible=int(not late))
    if late:
        arrivals.schedule(ctx, "item", item_id=new)
    return ctx.db.one("SELECT * FROM project_items WHERE id = ?", new) or {}


def add_draft(ctx: Context, project: Row, title: str, body: str | None) -> Row:
    """A draft issue, which lives on the board only."""
    if not title.strip():
        raise Invalid("Title can't be blank")
    new = _insert(ctx, project, draft_title=title, draft_body=body)
    return ctx.db.one("SELECT * FROM project_items WHERE id = ?", new) or {}


def _insert(ctx: Context, project: Row, **columns: object) -> int:
    sql = "SELECT COALESCE(MAX(position), 0) + 1 FROM project_items WHERE project_id = ?"
    ctx.db.update("projects", project["id"], updated_at=ctx.now)
    return ctx.db.insert(
        "project_items",
        **{"project_id": project["id"], "position": ctx.db.value(sql, project["id"])},
        **{"created_at": ctx.now, "updated_at": ctx.now, "creator_id": ctx.actor.id if ctx.actor else None},
        **columns,
    )


def delete(ctx: Context, item: Row) -> None:
    """Take it off the board."""
    ctx.db.run("DELETE FROM project_items WHERE id = ?", item["id"])


def archive(ctx: Context, item: Row, archived: bool) -> Row:
    """Put it away, or bring it back."""
    ctx.db.update("project_items", item["id"], archived_at=ctx.now if archived else None, updated_at=ctx.now)
    return by_id(ctx, item["id"]) or item


def arrive(ctx: Context, item_id: int) -> Row | None:
    """Let a late item show; the item, if it is still there."""
    ctx.db.update("project_items", item_id, visible=1)
    return by_id(ctx, item_id)
