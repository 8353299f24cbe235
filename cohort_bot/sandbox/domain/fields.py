"""Fields of a board and the values that items hold in them.

Only custom fields and Status hold values of their own; Title, Assignees, Labels, Milestone and Repository
show the issue.
"""

from __future__ import annotations

import json
import re
import secrets
from datetime import date

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.failures import Invalid, NotFound
from cohort_bot.sandbox.store import Row

CUSTOM = ("TEXT", "NUMBER", "DATE", "SINGLE_SELECT")
FIELD_LIMIT = 50
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# Which key of ProjectV2FieldValue each kind of field takes.
VALUE_KEYS = {
    "TEXT": "text",
    "NUMBER": "number",
    "DATE": "date",
    "SINGLE_SELECT": "singleSelectOptionId",
}


def of_project(ctx: Context, project_id: int) -> list[Row]:
    """Its fields, in order."""
    return ctx.db.all("SELECT * FROM project_fields WHERE project_id = ? ORDER BY position", project_id)


def by_id(ctx: Context, field_id: int | None) -> Row | None:
    """The field with that id; remembered for the length of the request."""
    key = ("field", field_id)
    if key not in ctx.cache:
        ctx.cache[key] = ctx.db.one("SELECT * FROM project_fields WHERE id = ?", field_id)
    found = ctx.cache[key]
    return found if isinstance(found, dict) else None


def by_name(ctx: Context, project_id: int, name: str) -> Row | None:
    """The field with that name, whatever its case."""
    return ctx.db.one("SELECT * FROM project_fields WHERE project_id = ? AND name = ?", project_id, name)


def options(field: Row | None) -> list[Row]:
    """The choices of a single select."""
    return list(json.loads(field["options"])) if field else []


def new_options(given: list[Row]) -> list[Row]:
    """Choices with ids of their own; one that comes with an id keeps it."""
    names = [str(option["name"]).lower() for option in given]
    if len(set(names)) != len(names):
        raise Invalid("Name has already been taken")
    return [
        {
            "id": str(option.get("id") or secrets.token_hex(4)),
            "name": option["name"],
            "color": option.get("color") or "GRAY",
            "description": option.get("description") or "",
        }
        for option in given
    ]


def create(ctx: Context, project: Row, name: str, data_type: str, choices: list[Row]) -> Row:
    """A custom field at the end."""
    if not name.strip():
        raise Invalid("Name can't be blank")
    if by_name(ctx, project["id"], name):
        raise Invalid("Name has already been taken")
    if data_type not in CUSTOM:
        raise Invalid("Data type is invalid")
    count = ctx.db.value("SELECT COUNT(*) FROM project_fields WHERE project_id = ?", project["id"])
    if count >= FIELD_LIMIT:
        raise Invalid(f"A project cannot have more than {FIELD_LIMIT} fields")
    new = ctx.db.insert(
        "project_fields",
        **{"project_id": project["id"], "name": name, "data_type": data_type, "position": count},
        **{"options": json.dumps(choices), "created_at": ctx.now, "updated_at": ctx.now},
    )
    return by_id(ctx, new) or {}


def change(ctx: Context, field: Row, name: str | None, choices: list[Row] | None) -> Row:
    """Rename it or replace its choices; values that named a choice which is gone are dropped."""
    columns: Row = {}
    if name is not None:
        columns["name"] = name
    if choices is not None:
        columns["options"] = json.dumps(choices)
        _drop_orphans(ctx, field, {choice["id"] for choice in choices})
    ctx.db.update("project_fields", field["id"], **columns, updated_at=ctx.now)
    ctx.cache.pop(("field", field["id"]), None)
    return by_id(ctx, field["id"]) or field


def _drop_orphans(ctx: Context, field: Row, kept: set[str]) -> None:
    for row in ctx.db.all("SELECT id, value FROM project_values WHERE field_id = ?", field["id"]):
        if row["value"] not in kept:
            ctx.db.run("DELETE FROM project_values WHERE id = ?", row["id"])


def delete(ctx: Context, field: Row) -> None:
    """Remove a custom field."""
    if field["data_type"] not in CUSTOM or field["name"] == "Status":
        raise Invalid("Only custom fields can be deleted.")
    ctx.db.run("DELETE FROM project_fields WHERE id = ?", field["id"])


def value(ctx: Context, item: Row, field: Row) -> Row | None:
    """What an item holds in a field of its own."""
    return ctx.db.one(
        "SELECT * FROM project_values WHERE item_id = ? AND field_id = ?", item["id"], field["id"]
    )


def write_value(ctx: Context, item: Row, field: Row, new: object) -> None:
    """Let the item hold `new`, already checked."""
    creator = ctx.actor.id if ctx.actor else None
    ctx.db.run(
        "INSERT INTO project_values (item_id, field_id, value, creator_id, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (item_id, field_id) DO UPDATE SET value = excluded.value, updated_at ="
        " excluded.updated_at",
        *(item["id"], field["id"], new, creator, ctx.now, ctx.now),
    )
    ctx.db.update("project_items", item["id"], updated_at=ctx.now)


def clear_value(ctx: Context, item: Row, field: Row) -> None:
    """Let the item hold nothing there."""
    ctx.db.run("DELETE FROM project_values WHERE item_id = ? AND field_id = ?", item["id"], field["id"])
    ctx.db.update("project_items", item["id"], updated_at=ctx.now)


def set_value(ctx: Context, item: Row, field: Row, given: Row) -> None:
    """Write a value as GraphQL gives it: one key of ProjectV2FieldValue, the one that fits the field."""
    key = VALUE_KEYS.get(field["data_type"])
    if key is None:
        name = field["name"]
        raise Invalid(f"The field of type {name.lower()} is currently not supported.")
    if key not in given or given[key] is None:
        raise Invalid("Did not receive a value of the type that the field holds")
    new = given[key]
    if key == "singleSelectOptionId" and new not in {o["id"] for o in options(field)}:
        raise NotFound("The single select option Id does not belong to the field")
    if key == "date":
        new = _checked_date(new)
    write_value(ctx, item, field, new)


def _checked_date(text: object) -> str:
    found = _DATE.match(str(text))
    try:
        return date.fromisoformat(found.group() if found else "").isoformat()
    except ValueError as error:
        raise Invalid("Date is invalid") from error
