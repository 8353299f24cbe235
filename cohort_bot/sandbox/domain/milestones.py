"""Milestones of a repository. Only REST can write them; GraphQL reads them."""

from __future__ import annotations

from cohort_bot.sandbox.clock import parse, stamp
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import repos
from cohort_bot.sandbox.failures import NotFound, already_exists, invalid_field, missing_field
from cohort_bot.sandbox.store import Row

# The two counts that every payload shows.
SELECT = (
    "SELECT m.*, (SELECT COUNT(*) FROM issues i WHERE i.milestone_id = m.id AND i.state ="
    " 'open') AS open_issues,"
    " (SELECT COUNT(*) FROM issues i WHERE i.milestone_id = m.id AND i.state = 'closed') AS closed_issues"
    " FROM milestones m"
)


def by_id(ctx: Context, milestone_id: int | None) -> Row | None:
    """The milestone with that id."""
    return ctx.db.one(f"{SELECT} WHERE m.id = ?", milestone_id) if milestone_id else None


def need(ctx: Context, repo: Row, number: int) -> Row:
    """The milestone with that number, or a 404."""
    found = ctx.db.one(f"{SELECT} WHERE m.repo_id = ? AND m.number = ?", repo["id"], number)
    if found is None:
        raise NotFound
    return found


def create(ctx: Context, repo: Row, title: str, **columns: object) -> Row:
    """A new milestone; `due_on` is kept to the second."""
    checked = _checked(ctx, repo, {"title": title, **columns})
    number = ctx.db.value("SELECT COALESCE(MAX(number), 0) + 1 FROM milestones WHERE repo_id = ?", repo["id"])
    ctx.db.insert(
        "milestones",
        **{"repo_id": repo["id"], "number": number, "creator_id": ctx.actor.id if ctx.actor else None},
        **{"created_at": ctx.now, "updated_at": ctx.now, "closed_at": _closed_at(ctx, checked)},
        **checked,
    )
    repos.touch(ctx, repo)
    return need(ctx, repo, number)


def change(ctx: Context, repo: Row, milestone: Row, **columns: object) -> Row:
    """Change `title`, `description`, `state` or `due_on`."""
    checked = _checked(ctx, repo, columns, milestone["id"])
    if checked.get("state", milestone["state"]) != milestone["state"]:
        checked["closed_at"] = _closed_at(ctx, checked)
    ctx.db.update("milestones", milestone["id"], **checked, updated_at=ctx.now)
    return need(ctx, repo, milestone["number"])


def delete(ctx: Context, milestone: Row) -> None:
    """Remove a milestone; its issues stay, without one."""
    ctx.db.run("DELETE FROM milestones WHERE id = ?", milestone["id"])


def _closed_at(ctx: Context, columns: Row) -> str | None:
    return ctx.now if columns.get("state") == "closed" else None


def _checked(ctx: Context, repo: Row, columns: Row, own_id: int | None = None) -> Row:
    checked = dict(columns)
    if "title" in checked:
        title = checked["title"]
        if not isinstance(title, str) or not title.strip():
            raise missing_field("Milestone", "title")
        sql = "SELECT id FROM milestones WHERE repo_id = ? AND title = ? AND id IS NOT ?"
        if ctx.db.one(sql, repo["id"], title, own_id):
            raise already_exists("Milestone", "title")
    if checked.get("state", "open") not in {"open", "closed"}:
        raise invalid_field("Milestone", "state")
    if checked.get("due_on"):
        checked["due_on"] = _instant(checked["due_on"])
    return checked


def _instant(text: object) -> str:
    try:
        return stamp(parse(str(text)))
    except ValueError as error:
        raise invalid_field("Milestone", "due_on") from error
