"""Boards over REST: https://docs.github.com/en/rest/projects. They cannot be made or copied here."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from cohort_bot.sandbox.calls import MAX_PER_PAGE, Call, Payload, Reply, Routes
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, accounts, fields, issues, items, projects, repos
from cohort_bot.sandbox.failures import Invalid, NotFound, invalid_field
from cohort_bot.sandbox.rest.shapes import projects as shapes
from cohort_bot.sandbox.store import Row

routes = Routes()
ORG = "/orgs/<org>/projectsV2"
ONE = f"{ORG}/<int:number>"


def _owner(call: Call) -> Row:
    projects.need_scope(call.ctx)
    return accounts.org(call.ctx, call.path["org"])


def _project(call: Call, level: int = 1) -> Row:
    return projects.need(call.ctx, projects.by_number(call.ctx, _owner(call), call.path["number"]), level)


def _paged(call: Call, rows: list[Row], shape: Callable[[Context, Row], Payload]) -> Reply:
    """A page by cursor, as this part of the API has it."""
    size, args = call.number("per_page", 30, MAX_PER_PAGE), call.request.args
    start = _position(args["after"]) if args.get("after") else 0
    if args.get("before"):
        start = max(0, _position(args["before"]) - 1 - size)
    shown = rows[start : start + size]
    targets = []
    if start + size < len(rows):
        targets.append(("next", {"after": _cursor(start + size)}))
    if start:
        targets.append(("prev", {"before": _cursor(start + 1)}))
    headers = {"Link": call.link_header(targets)} if targets else {}
    return Reply([shape(call.ctx, row) for row in shown], headers=headers)


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(str(position).encode()).decode()


def _position(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor))
    except ValueError as error:
        raise Invalid("The cursor is invalid.") from error


@routes.get(ORG, "read:project")
def _list(call: Call) -> Reply:
    sql = "SELECT * FROM projects WHERE owner_id = ? ORDER BY number DESC"
    rows = call.ctx.db.all(sql, _owner(call)["id"])
    wanted = call.request.args.get("q", "").lower()
    found = [row for row in rows if projects.visible(call.ctx, row) and wanted in row["title"].lower()]
    return _paged(call, found, shapes.project)


@routes.get(ONE, "read:project")
def _get(call: Call) -> Payload:
    return shapes.project(call.ctx, _project(call))


@routes.get(f"{ONE}/fields", "read:project")
def _fields(call: Call) -> Reply:
    return _paged(call, fields.of_project(call.ctx, _project(call)["id"]), shapes.field)


@routes.get(f"{ONE}/fields/<int:field>", "read:project")
def _field(call: Call) -> Payload:
    found = fields.by_id(call.ctx, call.path["field"])
    if found is None or found["project_id"] != _project(call)["id"]:
        raise NotFound
    return shapes.field(call.ctx, found)


@routes.post(f"{ONE}/fields", "project")
def _create_field(call: Call) -> Reply:
    project = _project(call, 2)
    given = call.body.get("single_select_options") or []
    choices = fields.new_options([_plain_option(one) for one in given])
    kind = call.need_text("data_type").upper()
    row = fields.create(call.ctx, project, call.need_text("name"), kind, choices)
    return Reply(shapes.field(call.ctx, row), 201)


def _plain_option(one: Row) -> Row:
    """Names and descriptions come as text or as {"raw": …}."""
    texts = {key: one.get(key) or "" for key in ("name", "description")}
    raw = {key: value.get("raw", "") if isinstance(value, dict) else value for key, value in texts.items()}
    return raw | {"color": one.get("color")}


@routes.get(f"{ONE}/items", "read:project")
def _items(call: Call) -> Reply:
    sql = (
        "SELECT * FROM project_items WHERE project_id = ? AND visible AND archived_at IS NULL"
        " ORDER BY position"
    )
    return _paged(call, call.ctx.db.all(sql, _project(call)["id"]), shapes.item_with_fields)


@routes.post(f"{ONE}/items", "project")
def _add_item(call: Call) -> Reply:
    project = _project(call, 2)
    issue = _content(call)
    return Reply(shapes.item(call.ctx, items.add(call.ctx, project, issue)), 201)


def _content(call: Call) -> Row:
    """The issue named by its database id, or by owner, repo and number."""
    if call.text("owner") and call.text("repo"):
        repo = repos.need(call.ctx, call.need_text("owner"), call.need_text("repo"))
        return issues.need(call.ctx, repo, int(call.body.get("number") or 0))
    found = issues.by_id(call.ctx, int(call.body.get("id") or 0))
    home = repos.by_id(call.ctx, found["repo_id"]) if found else None
    if found is None or home is None or not access.visible(call.ctx, home):
        raise NotFound
    return found


def _item(call: Call, level: int = 1) -> Row:
    return items.need(call.ctx, _project(call, level), call.path["item"])


@routes.get(f"{ONE}/items/<int:item>", "read:project")
def _get_item(call: Call) -> Payload:
    return shapes.item_with_fields(call.ctx, _item(call))


@routes.patch(f"{ONE}/items/<int:item>", "project")
def _change_item(call: Call) -> Payload:
    row = _item(call, 2)
    for change in call.body.get("fields") or []:
        field = fields.by_id(call.ctx, int(change["id"]))
        if field is None or field["project_id"] != row["project_id"]:
            raise NotFound
        if change.get("value") is None:
            fields.clear_value(call.ctx, row, field)
        else:
            key = fields.VALUE_KEYS.get(field["data_type"], "text")
            fields.set_value(call.ctx, row, field, {key: change["value"]})
    return shapes.item_with_fields(call.ctx, items.by_id(call.ctx, row["id"]) or row)


@routes.delete(f"{ONE}/items/<int:item>", "project")
def _delete_item(call: Call) -> Reply:
    items.delete(call.ctx, _item(call, 2))
    return Reply(None, 204)


@routes.post(f"{ONE}/views", "project")
def _create_view(call: Call) -> Reply:
    project = _project(call, 2)
    layout = call.need_text("layout")
    if layout not in {"table", "board", "roadmap"}:
        raise invalid_field("ProjectV2View", "layout")
    lists = {key: json.dumps(call.body[key]) for key in _LISTS if key in call.body}
    columns = {"name": call.need_text("name"), "layout": layout, "filter": call.text("filter")}
    return Reply(shapes.view(call.ctx, projects.add_view(call.ctx, project, **columns, **lists)), 201)


_LISTS = ("visible_fields", "sort_by", "group_by", "vertical_group_by")
