"""Boards, their fields, views and workflows."""

from __future__ import annotations

import json

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import accounts, fields, issues, projects, repos
from cohort_bot.sandbox.domain.access import RANK, granted
from cohort_bot.sandbox.graphql import values
from cohort_bot.sandbox.graphql.asking import Ask, account_by_id, issue, resolves, typed
from cohort_bot.sandbox.graphql.connections import Connection, Query, from_query, from_rows
from cohort_bot.sandbox.rest.shapes.projects import urls
from cohort_bot.sandbox.store import Row

_INSIDE = ("ProjectV2Item", "ProjectV2View", "ProjectV2Workflow", "ProjectV2StatusUpdate")
_FIELDS = ("ProjectV2Field", "ProjectV2SingleSelectField")


def _flag(name: str, column: str) -> None:
    resolves("ProjectV2", name)(lambda ask: bool(ask.row[column]))


for _name in ("closed", "public", "template"):
    _flag(_name, _name)


@resolves("ProjectV2", "owner")
def _owner(ask: Ask) -> Row | None:
    return account_by_id(ask.ctx, ask.row["owner_id"])


@resolves("ProjectV2", "url")
def _url(ask: Ask) -> str:
    return urls(ask.ctx, ask.row)[1]


@resolves("ProjectV2", "resourcePath")
def _path(ask: Ask) -> str:
    return _url(ask).removeprefix(ask.ctx.urls.html)


@resolves("ProjectV2", "viewerCanUpdate", "viewerCanClose", "viewerCanReopen")
def _may_update(ask: Ask) -> bool:
    return projects.rank(ask.ctx, ask.row) >= 2


def _descending(ask: Ask, default: str = "ASC") -> bool:
    order = ask.args.get("orderBy") or {"direction": default}
    return bool(order["direction"] == "DESC")


@resolves("ProjectV2", "items")
def _items(ask: Ask) -> Connection:
    source = "FROM project_items pi WHERE pi.project_id = ? AND pi.visible AND pi.archived_at IS NULL"
    return from_query(ask, Query(source, (ask.row["id"],), "pi", "pi.position", _descending(ask)))


@resolves("ProjectV2", "fields")
def _fields(ask: Ask) -> Connection:
    rows = [values.typed_field(row) for row in fields.of_project(ask.ctx, ask.row["id"])]
    return from_rows(ask, rows[::-1] if _descending(ask) else rows)


@resolves("ProjectV2", "field")
def _field(ask: Ask) -> Row | None:
    found = fields.by_name(ask.ctx, ask.row["id"], ask.args["name"])
    return values.typed_field(found) if found else None


@resolves("ProjectV2", "repositories")
def _repositories(ask: Ask) -> Connection:
    source = "FROM repos r JOIN project_repos pr ON pr.repo_id = r.id WHERE pr.project_id = ?"
    rows = ask.ctx.db.all(f"SELECT r.* {source} ORDER BY r.id DESC", ask.row["id"])
    return from_rows(ask, [row for row in rows if granted(ask.ctx, row) >= RANK["read"]])


@resolves("ProjectV2", "views")
def _views(ask: Ask) -> Connection:
    source = "FROM project_views v WHERE v.project_id = ?"
    return from_query(ask, Query(source, (ask.row["id"],), "v", "v.number", _descending(ask)))


@resolves("ProjectV2", "view")
def _view(ask: Ask) -> Row | None:
    sql = "SELECT * FROM project_views WHERE project_id = ? AND number = ?"
    return ask.ctx.db.one(sql, ask.row["id"], ask.args["number"])


@resolves("ProjectV2", "workflows")
def _workflows(ask: Ask) -> Connection:
    order = ask.args.get("orderBy") or {"field": "NAME"}
    key = "w.number" if order["field"] == "NUMBER" else "w.name"
    source = "FROM project_workflows w WHERE w.project_id = ?"
    return from_query(ask, Query(source, (ask.row["id"],), "w", key, _descending(ask)))


@resolves("ProjectV2", "workflow")
def _workflow(ask: Ask) -> Row | None:
    sql = "SELECT * FROM project_workflows WHERE project_id = ? AND number = ?"
    return ask.ctx.db.one(sql, ask.row["id"], ask.args["number"])


@resolves("ProjectV2", "statusUpdates")
def _statuses(ask: Ask) -> Connection:
    source = "FROM project_statuses s WHERE s.project_id = ?"
    return from_query(ask, Query(source, (ask.row["id"],), "s", "s.id", _descending(ask, "DESC")))


def project_of(ctx: Context, project_id: int) -> Row:
    """The board with that id; remembered for the length of the request."""
    key = ("project", project_id)
    if key not in ctx.cache:
        ctx.cache[key] = projects.by_id(ctx, project_id)
    found = ctx.cache[key]
    return found if isinstance(found, dict) else {}


def _project(ask: Ask) -> Row:
    return project_of(ask.ctx, ask.row["project_id"])


for _type in (*_INSIDE, *_FIELDS):
    resolves(_type, "project")(_project)


@resolves("ProjectV2SingleSelectField", "options")
def _options(ask: Ask) -> list[Row]:
    wanted = ask.args.get("names")
    return [row for row in fields.options(ask.row) if wanted is None or row["name"] in wanted]


@resolves("ProjectV2SingleSelectFieldOption", "id")
def _option_id(ask: Ask) -> str:
    return str(ask.row["id"])


@resolves("ProjectV2View", "layout")
def _layout(ask: Ask) -> str:
    return f"{ask.row['layout']}_LAYOUT".upper()


@resolves("ProjectV2View", "fields")
def _view_fields(ask: Ask) -> Connection:
    return _named_fields(ask, "visible_fields")


@resolves("ProjectV2View", "groupByFields")
def _view_groups(ask: Ask) -> Connection:
    return _named_fields(ask, "group_by")


def _named_fields(ask: Ask, column: str) -> Connection:
    found = (fields.by_id(ask.ctx, number) for number in json.loads(ask.row[column]))
    return from_rows(ask, [values.typed_field(row) for row in found if row])


@resolves("ProjectV2Workflow", "enabled")
def _enabled(ask: Ask) -> bool:
    return bool(ask.row["enabled"])


@resolves("ProjectV2Item", "content")
def _content(ask: Ask) -> Row | None:
    """What the item is about; of an issue that the asker may not see, nothing."""
    if ask.row["issue_id"] is None:
        draft = {"title": ask.row["draft_title"], "body": ask.row["draft_body"] or ""}
        return typed("DraftIssue", ask.row | draft)
    found = issues.by_id(ask.ctx, ask.row["issue_id"])
    repo = repos.by_id(ask.ctx, found["repo_id"]) if found else None
    return issue(found) if repo and granted(ask.ctx, repo) >= RANK["read"] else None


@resolves("ProjectV2Item", "type")
def _item_type(ask: Ask) -> str:
    if ask.row["issue_id"] is None:
        return "DRAFT_ISSUE"
    found = issue(issues.by_id(ask.ctx, ask.row["issue_id"]))
    return "PULL_REQUEST" if found and found["is_pull"] else "ISSUE"


@resolves("ProjectV2Item", "isArchived")
def _is_archived(ask: Ask) -> bool:
    return ask.row["archived_at"] is not None


@resolves("DraftIssue", "bodyText")
def _draft_text(ask: Ask) -> str:
    return str(ask.row["body"])


@resolves("DraftIssue", "assignees")
def _draft_assignees(ask: Ask) -> Connection:
    return from_rows(ask, [])


def collaborators(ask: Ask) -> Connection:
    """Who has been given a role on the board in hand."""
    sql = "SELECT user_id FROM project_collaborators WHERE project_id = ? ORDER BY rowid"
    found = (accounts.by_id(ask.ctx, row["user_id"]) for row in ask.ctx.db.all(sql, ask.row["id"]))
    return from_rows(ask, [typed("User", row) for row in found if row])
