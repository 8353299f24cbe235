"""Copying a board: views, custom fields and workflows, and drafts if asked; never the items.

https://docs.github.com/en/issues/planning-and-tracking-with-projects/creating-projects/copying-an-existing-project
"""

from __future__ import annotations

import json

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import fields, items, projects
from cohort_bot.sandbox.store import Row

_LISTS = ("visible_fields", "sort_by", "group_by", "vertical_group_by")


def copy(ctx: Context, source: Row, owner: Row, title: str, drafts: bool) -> Row:
    """A new board of `owner` that looks like `source`."""
    kept = {"short_description": source["short_description"], "readme": source["readme"]}
    new = projects.create(ctx, owner, title, **kept)
    field_ids = _copy_fields(ctx, source, new)
    _copy_views(ctx, source, new, field_ids)
    ctx.db.run(
        "INSERT INTO project_workflows (project_id, number, name, enabled, created_at, updated_at)"
        " SELECT ?, number, name, enabled, ?, ? FROM project_workflows WHERE project_id = ?",
        *(new["id"], ctx.now, ctx.now, source["id"]),
    )
    if drafts:
        _copy_drafts(ctx, source, new, field_ids)
    return projects.by_id(ctx, new["id"]) or new


def _copy_fields(ctx: Context, source: Row, new: Row) -> dict[int, int]:
    ids = {}
    for field in fields.of_project(ctx, source["id"]):
        kept = {key: field[key] for key in ("name", "data_type", "position", "options")}
        stamps = {"created_at": ctx.now, "updated_at": ctx.now}
        ids[field["id"]] = ctx.db.insert("project_fields", project_id=new["id"], **kept, **stamps)
    return ids


def _copy_views(ctx: Context, source: Row, new: Row, field_ids: dict[int, int]) -> None:
    sql = "SELECT * FROM project_views WHERE project_id = ? ORDER BY number"
    for view in ctx.db.all(sql, source["id"]):
        lists = {name: json.dumps(_translated(json.loads(view[name]), field_ids)) for name in _LISTS}
        kept = {key: view[key] for key in ("name", "layout", "filter")}
        projects.add_view(ctx, new, **kept, **lists)


def _translated(ids: list[object], field_ids: dict[int, int]) -> list[object]:
    """Field ids of the copy; `sort_by` holds pairs of a field id and a direction."""
    new: list[object] = []
    for one in ids:
        if isinstance(one, list):
            new.append([field_ids.get(one[0], one[0]), *one[1:]])
        elif isinstance(one, int):
            new.append(field_ids.get(one, one))
    return new


def _copy_drafts(ctx: Context, source: Row, new: Row, field_ids: dict[int, int]) -> None:
    sql = "SELECT * FROM project_items WHERE project_id = ? AND issue_id IS NULL ORDER BY position"
    for draft in ctx.db.all(sql, source["id"]):
        item = items.add_draft(ctx, new, draft["draft_title"], draft["draft_body"])
        for value in ctx.db.all("SELECT * FROM project_values WHERE item_id = ?", draft["id"]):
            field = fields.by_id(ctx, field_ids[value["field_id"]])
            if field:
                fields.write_value(ctx, item, field, value["value"])
