"""Boards, their fields, items and views."""

from __future__ import annotations

import json
from typing import Any

from cohort_bot.sandbox import nodeids
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import accounts, fields, issues, milestones, projects, repos
from cohort_bot.sandbox.domain.labels import of_issue
from cohort_bot.sandbox.rest.shapes import accounts as account_shapes
from cohort_bot.sandbox.rest.shapes import issues as issue_shapes
from cohort_bot.sandbox.rest.shapes import repos as repo_shapes
from cohort_bot.sandbox.store import Row

Json = dict[str, Any]


def urls(ctx: Context, row: Row) -> tuple[str, str]:
    """A board's address in the API, and its page."""
    owner = accounts.by_id(ctx, row["owner_id"]) or {}
    kind = "orgs" if owner["kind"] == "Organization" else "users"
    rest = f"{kind}/{owner['login']}/projects"
    return f"{ctx.urls.api}/{rest}V2/{row['number']}", f"{ctx.urls.html}/{rest}/{row['number']}"


def project(ctx: Context, row: Row) -> Json:
    """`projects-v2`."""
    kept = ("id", "number", "title", "short_description", "closed_at", "created_at", "updated_at")
    return {
        **{key: row[key] for key in kept},
        "node_id": nodeids.encode("ProjectV2", row["id"]),
        "owner": account_shapes.simple_by_id(ctx, row["owner_id"]),
        "creator": account_shapes.simple_by_id(ctx, row["creator_id"]),
        "description": row["readme"],
        "public": bool(row["public"]),
        "deleted_at": None,
        "deleted_by": None,
        "state": "closed" if row["closed"] else "open",
        "is_template": bool(row["template"]),
        "latest_status_update": _latest_status(ctx, row),
    }


def _latest_status(ctx: Context, row: Row) -> Json | None:
    sql = "SELECT * FROM project_statuses WHERE project_id = ? ORDER BY id DESC LIMIT 1"
    found = ctx.db.one(sql, row["id"])
    if found is None:
        return None
    dates = {key: found[key] for key in ("start_date", "target_date") if found[key]}
    return {
        **{key: found[key] for key in ("id", "status", "body", "created_at", "updated_at")},
        **dates,
        "node_id": nodeids.encode("ProjectV2StatusUpdate", found["id"]),
        "project_node_id": nodeids.encode("ProjectV2", row["id"]),
        "creator": account_shapes.simple_by_id(ctx, found["creator_id"]),
    }


def field_type(row: Row) -> str:
    """The GraphQL type of a field."""
    kinds = {"SINGLE_SELECT": "ProjectV2SingleSelectField", "ITERATION": "ProjectV2IterationField"}
    return kinds.get(row["data_type"], "ProjectV2Field")


def field(ctx: Context, row: Row) -> Json:
    """`projects-v2-field`."""
    parent = projects.by_id(ctx, row["project_id"]) or {}
    payload = {
        "id": row["id"],
        "node_id": nodeids.encode(field_type(row), row["id"]),
        "project_url": urls(ctx, parent)[0],
        "name": row["name"],
        "data_type": row["data_type"].lower(),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }
    if row["data_type"] == "SINGLE_SELECT":
        payload["options"] = [option(one) for one in fields.options(row)]
    return payload


def option(one: Row) -> Json:
    """`projects-v2-single-select-options`."""
    texts = {key: {"raw": one[key], "html": one[key]} for key in ("name", "description")}
    return {"id": one["id"], **texts, "color": one["color"]}


def item(ctx: Context, row: Row) -> Json:
    """`projects-v2-item-with-content`, with the fields that have a value."""
    parent = projects.by_id(ctx, row["project_id"]) or {}
    kind, content = _content(ctx, row)
    api = urls(ctx, parent)[0]
    return {
        "id": row["id"],
        "node_id": nodeids.encode("ProjectV2Item", row["id"]),
        "project_url": api,
        "content_type": kind,
        "content": content,
        "creator": account_shapes.simple_by_id(ctx, row["creator_id"]),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "archived_at": row["archived_at"],
        "item_url": f"{api}/items/{row['id']}",
    }


def item_with_fields(ctx: Context, row: Row) -> Json:
    """`projects-v2-item-with-content` with its `fields`."""
    found = []
    for one in fields.of_project(ctx, row["project_id"]):
        value = field_value(ctx, row, one)
        if value is not None:
            brief = {"id": one["id"], "name": one["name"], "data_type": one["data_type"].lower()}
            found.append(brief | {"value": value})
    return item(ctx, row) | {"fields": found}


def _content(ctx: Context, row: Row) -> tuple[str, Json]:
    found = issues.by_id(ctx, row["issue_id"]) if row["issue_id"] else None
    if found:
        return ("PullRequest" if found["is_pull"] else "Issue"), issue_shapes.issue(ctx, found)
    return "DraftIssue", {
        "id": row["id"],
        "node_id": nodeids.encode("DraftIssue", row["id"]),
        "title": row["draft_title"],
        "body": row["draft_body"],
        "user": account_shapes.simple_by_id(ctx, row["creator_id"]),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def field_value(ctx: Context, row: Row, one: Row) -> object:
    """What an item shows in a field; None for nothing."""
    if one["data_type"] in fields.CUSTOM:
        return _own_value(ctx, row, one)
    found = issues.by_id(ctx, row["issue_id"]) if row["issue_id"] else None
    if one["data_type"] == "TITLE":
        title = found["title"] if found else row["draft_title"]
        return {"raw": title, "html": title}
    if found is None:
        return None
    return _issue_value(ctx, found, one["data_type"])


def _own_value(ctx: Context, row: Row, one: Row) -> object:
    value = fields.value(ctx, row, one)
    if value is None:
        return None
    if one["data_type"] == "SINGLE_SELECT":
        return next((option(o) for o in fields.options(one) if o["id"] == value["value"]), None)
    return value["value"]


def _issue_value(ctx: Context, found: Row, data_type: str) -> object:
    if data_type == "ASSIGNEES":
        return [account_shapes.simple(ctx, user) for user in issues.assignees(ctx, found["id"])] or None
    if data_type == "LABELS":
        return [issue_shapes.label(ctx, one) for one in of_issue(ctx, found["id"])] or None
    if data_type == "MILESTONE":
        stone = milestones.by_id(ctx, found["milestone_id"])
        return issue_shapes.milestone(ctx, stone) if stone else None
    if data_type == "REPOSITORY":
        repo = repos.by_id(ctx, found["repo_id"])
        return repo_shapes.minimal(ctx, repo) if repo else None
    return None


def view(ctx: Context, row: Row) -> Json:
    """`projects-v2-view`."""
    parent = projects.by_id(ctx, row["project_id"]) or {}
    api, page = urls(ctx, parent)
    lists = ("visible_fields", "sort_by", "group_by", "vertical_group_by")
    return {
        **{key: row[key] for key in ("id", "number", "name", "layout", "filter", "created_at", "updated_at")},
        **{key: json.loads(row[key]) for key in lists},
        "node_id": nodeids.encode("ProjectV2View", row["id"]),
        "project_url": api,
        "html_url": f"{page}/views/{row['number']}",
        "creator": account_shapes.simple_by_id(ctx, row["creator_id"]),
    }
