"""What an item shows in each field of its board."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from cohort_bot.sandbox import nodeids
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import fields, issues, repos
from cohort_bot.sandbox.domain.labels import of_issue
from cohort_bot.sandbox.graphql.asking import Ask, account_by_id, resolves, typed
from cohort_bot.sandbox.graphql.connections import Connection, from_rows
from cohort_bot.sandbox.rest.shapes.projects import field_type
from cohort_bot.sandbox.store import Row

_OWN = ("Text", "Number", "Date", "SingleSelect")
_FIELDS_PER_ITEM = 1000


def typed_field(row: Row) -> Row:
    """A field as a ProjectV2FieldConfiguration."""
    return typed(field_type(row), row)


@resolves("ProjectV2Item", "fieldValueByName")
def _by_name(ask: Ask) -> Row | None:
    field = fields.by_name(ask.ctx, ask.row["project_id"], ask.args["name"])
    return _value(ask.ctx, ask.row, field) if field else None


@resolves("ProjectV2Item", "fieldValues")
def _all(ask: Ask) -> Connection:
    found = (_value(ask.ctx, ask.row, field) for field in fields.of_project(ask.ctx, ask.row["project_id"]))
    return from_rows(ask, [value for value in found if value])


def _value(ctx: Context, item: Row, field: Row) -> Row | None:
    """The value, typed; None if there is none."""
    if field["data_type"] in fields.CUSTOM:
        stored = fields.value(ctx, item, field)
        return _own(field, item, stored) if stored else None
    show = _OF_ISSUE.get(field["data_type"])
    shown = show(ctx, item) if show else None
    if shown is None:
        return None
    kept = {key: item[key] for key in ("id", "creator_id", "created_at", "updated_at")}
    number = item["id"] * _FIELDS_PER_ITEM + field["position"]
    return {**kept, **shown, "id": number, "field": typed_field(field), "item": item}


def _own(field: Row, item: Row, stored: Row) -> Row | None:
    base = {**stored, "field": typed_field(field), "item": item}
    match field["data_type"]:
        case "TEXT":
            return typed("ProjectV2ItemFieldTextValue", base | {"text": stored["value"]})
        case "NUMBER":
            return typed("ProjectV2ItemFieldNumberValue", base | {"number": stored["value"]})
        case "DATE":
            day = date.fromisoformat(stored["value"]).isoformat()
            return typed("ProjectV2ItemFieldDateValue", base | {"date": day})
    choice = next((row for row in fields.options(field) if row["id"] == stored["value"]), None)
    if choice is None:
        return None
    shown = {"option_id": choice["id"], **{key: choice[key] for key in ("name", "color", "description")}}
    return typed("ProjectV2ItemFieldSingleSelectValue", base | shown)


def _content(ctx: Context, item: Row) -> Row | None:
    key = ("issue", item["issue_id"])
    if item["issue_id"] is not None and key not in ctx.cache:
        ctx.cache[key] = issues.by_id(ctx, item["issue_id"])
    found = ctx.cache.get(key)
    return found if isinstance(found, dict) else None


def _title(ctx: Context, item: Row) -> Row:
    issue = _content(ctx, item)
    return typed("ProjectV2ItemFieldTextValue", {"text": issue["title"] if issue else item["draft_title"]})


def _assignees(ctx: Context, item: Row) -> Row | None:
    found = issues.assignees(ctx, item["issue_id"]) if item["issue_id"] else []
    return typed("ProjectV2ItemFieldUserValue", {"rows": found}) if found else None


def _labels(ctx: Context, item: Row) -> Row | None:
    found = of_issue(ctx, item["issue_id"]) if item["issue_id"] else []
    return typed("ProjectV2ItemFieldLabelValue", {"rows": found}) if found else None


def _milestone(ctx: Context, item: Row) -> Row | None:
    issue = _content(ctx, item)
    sql = "SELECT * FROM milestones WHERE id = ?"
    found = ctx.db.one(sql, issue["milestone_id"]) if issue and issue["milestone_id"] else None
    return typed("ProjectV2ItemFieldMilestoneValue", {"milestone": found}) if found else None


def _repository(ctx: Context, item: Row) -> Row | None:
    issue = _content(ctx, item)
    found = repos.by_id(ctx, issue["repo_id"]) if issue else None
    return typed("ProjectV2ItemFieldRepositoryValue", {"repository": found}) if found else None


_OF_ISSUE: Mapping[str, Callable[[Context, Row], Row | None]] = {
    "TITLE": _title,
    "ASSIGNEES": _assignees,
    "LABELS": _labels,
    "MILESTONE": _milestone,
    "REPOSITORY": _repository,
}


@resolves("ProjectV2ItemFieldUserValue", "users")
@resolves("ProjectV2ItemFieldLabelValue", "labels")
def _rows(ask: Ask) -> Connection:
    return from_rows(ask, ask.row["rows"])


def _id(ask: Ask) -> str:
    return nodeids.encode("ProjectV2FieldValue", ask.row["id"])


def _creator(ask: Ask) -> Row | None:
    return account_by_id(ask.ctx, ask.row["creator_id"])


for _kind in _OWN:
    resolves(f"ProjectV2ItemField{_kind}Value", "id")(_id)
    resolves(f"ProjectV2ItemField{_kind}Value", "creator")(_creator)
