"""Boards (Projects v2): who may see them, making, copying and changing them.

GitHub publishes no test of these rules; they follow
https://docs.github.com/en/issues/planning-and-tracking-with-projects and are listed in docs/sandbox.md.
"""

from __future__ import annotations

import json

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, accounts, fields, seeds
from cohort_bot.sandbox.failures import Forbidden, Invalid, MissingScope, NotFound
from cohort_bot.sandbox.store import Row

ROLES = {"READER": 1, "WRITER": 2, "ADMIN": 3}


def by_id(ctx: Context, project_id: int) -> Row | None:
    """The board with that id, whoever asks."""
    return ctx.db.one("SELECT * FROM projects WHERE id = ?", project_id)


def by_number(ctx: Context, owner: Row, number: int) -> Row | None:
    """The board of an account with that number, whoever asks."""
    return ctx.db.one("SELECT * FROM projects WHERE owner_id = ? AND number = ?", owner["id"], number)


def need_scope(ctx: Context, write: bool = False) -> None:
    """Refuse a token that cannot touch boards at all; a workflow's own token never can."""
    actor = access.need_person(ctx)
    wanted = ("project",) if write else ("read:project", "project")
    if not actor.has(*wanted):
        raise MissingScope(f"This endpoint needs the scope {wanted[0]}.", wanted[:1])


def rank(ctx: Context, project: Row) -> int:
    """What the asker may do with a board: 0 nothing, 1 read, 2 write, 3 manage."""
    public = 1 if project["public"] else 0
    actor = ctx.actor
    if actor is None or actor.is_bot or not actor.has("read:project"):
        return public
    role = accounts.role_in(ctx, project["owner_id"], actor.id)
    if role == "admin" or actor.id in {project["owner_id"], project["creator_id"]}:
        return 3
    sql = "SELECT role FROM project_collaborators WHERE project_id = ? AND user_id = ?"
    given = ROLES.get(ctx.db.value(sql, project["id"], actor.id) or "", 0)
    # An organisation's members may write to its boards unless the base role is changed.
    return max(public, given, 2 if role else 0)


def visible(ctx: Context, project: Row) -> bool:
    """Whether the asker may know of the board."""
    return rank(ctx, project) >= 1


def need(ctx: Context, project: Row | None, level: int) -> Row:
    """The board, if the asker has at least `level` on it."""
    if project is None or not visible(ctx, project):
        raise NotFound
    if level > 1:
        need_scope(ctx, write=True)
    if rank(ctx, project) < level:
        login = ctx.actor.login if ctx.actor else ""
        raise Forbidden(f"{login} does not have permission to update this project")
    return project


def need_owner(ctx: Context, owner: Row) -> None:
    """Refuse unless the asker may make boards for that account; members of an organisation may."""
    need_scope(ctx, write=True)
    actor = access.need_person(ctx)
    if actor.id != owner["id"] and not accounts.role_in(ctx, owner["id"], actor.id):
        raise Forbidden(f"{actor.login} does not have permission to create projects")


def create(ctx: Context, owner: Row, title: str, **columns: object) -> Row:
    """A board without fields, views or workflows; `furnish` gives it GitHub's own."""
    if not title.strip():
        raise Invalid("Title can't be blank")
    number = ctx.db.value("SELECT COALESCE(MAX(number), 0) + 1 FROM projects WHERE owner_id = ?", owner["id"])
    # Numbers of deleted boards are not used again.
    key = f"project-number:{owner['id']}"
    number = max(number, int(ctx.db.value("SELECT value FROM settings WHERE name = ?", key) or 0) + 1)
    ctx.db.run("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", key, str(number))
    new = ctx.db.insert(
        "projects",
        **{
            "owner_id": owner["id"],
            "number": number,
            "title": title,
            "created_at": ctx.now,
            "updated_at": ctx.now,
        },
        creator_id=ctx.actor.id if ctx.actor else None,
        **columns,
    )
    return by_id(ctx, new) or {}


def furnish(ctx: Context, project: Row) -> None:
    """Give a new board the built-in fields, one table view and the built-in workflows."""
    for position, (name, data_type) in enumerate(seeds.FIELDS):
        choices = [
            dict(zip(("id", "name", "color", "description"), o, strict=True)) for o in seeds.STATUS_OPTIONS
        ]
        ctx.db.insert(
            "project_fields",
            **{"project_id": project["id"], "name": name, "data_type": data_type, "position": position},
            **{"options": json.dumps(choices if name == seeds.STATUS else [])},
            **{"created_at": ctx.now, "updated_at": ctx.now},
        )
    shown = [row["id"] for row in fields.of_project(ctx, project["id"]) if row["name"] in seeds.SHOWN]
    add_view(ctx, project, name="View 1", layout="table", visible_fields=json.dumps(shown))
    for number, (name, enabled) in enumerate(seeds.WORKFLOWS, start=1):
        ctx.db.insert(
            "project_workflows",
            **{"project_id": project["id"], "number": number, "name": name, "enabled": int(enabled)},
            **{"created_at": ctx.now, "updated_at": ctx.now},
        )


def add_view(ctx: Context, project: Row, **columns: object) -> Row:
    """A view after the others."""
    sql = "SELECT COALESCE(MAX(number), 0) + 1 FROM project_views WHERE project_id = ?"
    new = ctx.db.insert(
        "project_views",
        **{"project_id": project["id"], "number": ctx.db.value(sql, project["id"])},
        **{"created_at": ctx.now, "updated_at": ctx.now, "creator_id": ctx.actor.id if ctx.actor else None},
        **columns,
    )
    return ctx.db.one("SELECT * FROM project_views WHERE id = ?", new) or {}


def change(ctx: Context, project: Row, **columns: object) -> Row:
    """Change title, texts, visibility or whether it is closed."""
    title = columns.get("title")
    if isinstance(title, str) and not title.strip():
        raise Invalid("Title can't be blank")
    if "closed" in columns:
        columns["closed_at"] = ctx.now if columns["closed"] else None
    ctx.db.update("projects", project["id"], **columns, updated_at=ctx.now)
    return by_id(ctx, project["id"]) or project


def link(ctx: Context, project: Row, repo: Row) -> None:
    """Show the board in a repository of the same owner."""
    if project["owner_id"] != repo["owner_id"]:
        raise Invalid("Project and repository must have the same owner")
    sql = "INSERT OR IGNORE INTO project_repos (project_id, repo_id) VALUES (?, ?)"
    ctx.db.run(sql, project["id"], repo["id"])


def unlink(ctx: Context, project: Row, repo: Row) -> None:
    """Stop showing it there."""
    ctx.db.run("DELETE FROM project_repos WHERE project_id = ? AND repo_id = ?", project["id"], repo["id"])


def set_collaborator(ctx: Context, project: Row, user: Row, role: str) -> None:
    """Give a person a role on the board; NONE takes it away."""
    if role == "NONE":
        sql = "DELETE FROM project_collaborators WHERE project_id = ? AND user_id = ?"
        ctx.db.run(sql, project["id"], user["id"])
        return
    ctx.db.run(
        "INSERT INTO project_collaborators (project_id, user_id, role) VALUES (?, ?, ?)"
        " ON CONFLICT (project_id, user_id) DO UPDATE SET role = excluded.role",
        *(project["id"], user["id"], role),
    )
