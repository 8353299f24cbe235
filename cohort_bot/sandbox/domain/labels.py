"""Labels of a repository."""

from __future__ import annotations

import re

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import repos, seeds
from cohort_bot.sandbox.failures import (
    Invalid,
    NotFound,
    already_exists,
    field_error,
    invalid_field,
    missing_field,
)
from cohort_bot.sandbox.store import Row

COLOR = re.compile(r"[0-9a-fA-F]{6}")
NAME_LIMIT = 50
DESCRIPTION_LIMIT = 100
DEFAULT_COLOR = "ededed"


def by_name(ctx: Context, repo: Row, name: str) -> Row | None:
    """The label with that name, whatever its case."""
    return ctx.db.one("SELECT * FROM labels WHERE repo_id = ? AND name = ?", repo["id"], name)


def need(ctx: Context, repo: Row, name: str) -> Row:
    """As `by_name`, or a 404."""
    found = by_name(ctx, repo, name)
    if found is None:
        raise NotFound
    return found


def of_issue(ctx: Context, issue_id: int) -> list[Row]:
    """The labels on an issue, in the order of their making."""
    sql = (
        "SELECT l.* FROM labels l JOIN issue_labels il ON il.label_id = l.id WHERE il.issue_id ="
        " ? ORDER BY l.id"
    )
    return ctx.db.all(sql, issue_id)


def create(ctx: Context, repo: Row, name: str, color: str, description: str | None) -> Row:
    """A new label."""
    _check(name, color, description)
    if by_name(ctx, repo, name):
        raise already_exists("Label", "name")
    ctx.db.insert(
        "labels",
        **{"repo_id": repo["id"], "name": name, "color": color.lower(), "description": description},
        **{
            "is_default": int(name in seeds.DEFAULT_LABEL_NAMES),
            "created_at": ctx.now,
            "updated_at": ctx.now,
        },
    )
    repos.touch(ctx, repo)
    return need(ctx, repo, name)


def find_or_create(ctx: Context, repo: Row, name: str) -> Row:
    """The label with that name; REST makes a grey one when an issue is given a label that is not there."""
    return by_name(ctx, repo, name) or create(ctx, repo, name, DEFAULT_COLOR, None)


def change(ctx: Context, repo: Row, label: Row, **columns: object) -> Row:
    """Change `name`, `color` or `description`."""
    merged = label | columns
    _check(merged["name"], merged["color"], merged["description"])
    other = by_name(ctx, repo, merged["name"])
    if other and other["id"] != label["id"]:
        raise already_exists("Label", "name")
    ctx.db.update("labels", label["id"], **columns, updated_at=ctx.now)
    return merged | {"updated_at": ctx.now}


def delete(ctx: Context, label: Row) -> None:
    """Remove a label, from every issue too."""
    ctx.db.run("DELETE FROM labels WHERE id = ?", label["id"])


def _check(name: str, color: str, description: str | None) -> None:
    if not name.strip():
        raise missing_field("Label", "name")
    if len(name) > NAME_LIMIT:
        raise invalid_field("Label", "name", f"Name is too long (maximum is {NAME_LIMIT} characters)")
    if not COLOR.fullmatch(color):
        raise Invalid("Color is invalid", [field_error("Label", "color", "invalid")])
    if description and len(description) > DESCRIPTION_LIMIT:
        message = f"description is too long (maximum is {DESCRIPTION_LIMIT} characters)"
        raise invalid_field("Label", "description", message)
