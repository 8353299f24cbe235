"""Mutations of boards: their settings, fields, items and collaborators."""

from __future__ import annotations

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, copying, fields, items, projects
from cohort_bot.sandbox.failures import NotFound
from cohort_bot.sandbox.graphql import nodes, values
from cohort_bot.sandbox.graphql.changing import mutation
from cohort_bot.sandbox.store import Row

_FIELD_TYPES = ("ProjectV2Field", "ProjectV2SingleSelectField")


def _board(ctx: Context, given: Row, level: int = 2) -> Row:
    return projects.need(ctx, nodes.load(ctx, given["projectId"], "ProjectV2"), level)


def _owner(ctx: Context, given: Row) -> Row:
    owner = nodes.load(ctx, given["ownerId"], "Organization", "User")
    projects.need_owner(ctx, owner)
    return owner


@mutation("createProjectV2")
def _create(ctx: Context, given: Row) -> Row:
    project = projects.create(ctx, _owner(ctx, given), given["title"])
    projects.furnish(ctx, project)
    if given.get("repositoryId"):
        projects.link(ctx, project, nodes.load(ctx, given["repositoryId"], "Repository"))
    return {"project_v2": project}


@mutation("copyProjectV2")
def _copy(ctx: Context, given: Row) -> Row:
    source, owner = _board(ctx, given, 1), _owner(ctx, given)
    drafts = given.get("includeDraftIssues", False)
    return {"project_v2": copying.copy(ctx, source, owner, given["title"], drafts)}


@mutation("updateProjectV2")
def _update(ctx: Context, given: Row) -> Row:
    names = {"title": "title", "readme": "readme", "shortDescription": "short_description"}
    columns = {column: given[key] for key, column in names.items() if key in given}
    columns |= {key: int(given[key]) for key in ("closed", "public") if given.get(key) is not None}
    return {
        "project_v2": projects.change(ctx, _board(ctx, given, 3 if "public" in columns else 2), **columns)
    }


@mutation("deleteProjectV2")
def _delete(ctx: Context, given: Row) -> Row:
    project = _board(ctx, given, 3)
    ctx.db.run("DELETE FROM projects WHERE id = ?", project["id"])
    return {"project_v2": project}


@mutation("markProjectV2AsTemplate")
def _mark(ctx: Context, given: Row) -> Row:
    return {"project_v2": projects.change(ctx, _board(ctx, given, 3), template=1)}


@mutation("unmarkProjectV2AsTemplate")
def _unmark(ctx: Context, given: Row) -> Row:
    return {"project_v2": projects.change(ctx, _board(ctx, given, 3), template=0)}


def _linked(ctx: Context, given: Row) -> tuple[Row, Row]:
    repo = nodes.load(ctx, given["repositoryId"], "Repository")
    access.need_write(ctx, repo)
    return _board(ctx, given), repo


@mutation("linkProjectV2ToRepository")
def _link(ctx: Context, given: Row) -> Row:
    project, repo = _linked(ctx, given)
    projects.link(ctx, project, repo)
    return {"repository": repo}


@mutation("unlinkProjectV2FromRepository")
def _unlink(ctx: Context, given: Row) -> Row:
    project, repo = _linked(ctx, given)
    projects.unlink(ctx, project, repo)
    return {"repository": repo}


@mutation("addProjectV2ItemById")
def _add_item(ctx: Context, given: Row) -> Row:
    content = nodes.load(ctx, given["contentId"], "Issue", "PullRequest")
    return {"item": items.add(ctx, _board(ctx, given), content)}


@mutation("addProjectV2DraftIssue")
def _add_draft(ctx: Context, given: Row) -> Row:
    return {"project_item": items.add_draft(ctx, _board(ctx, given), given["title"], given.get("body"))}


def _item(ctx: Context, given: Row) -> Row:
    project = _board(ctx, given)
    found = nodes.load(ctx, given["itemId"], "ProjectV2Item")
    if found["project_id"] != project["id"]:
        raise NotFound(f"Could not resolve to a node with the global id of '{given['itemId']}'.")
    return found


@mutation("deleteProjectV2Item")
def _delete_item(ctx: Context, given: Row) -> Row:
    items.delete(ctx, _item(ctx, given))
    return {"deleted_item_id": given["itemId"]}


@mutation("archiveProjectV2Item")
def _archive_item(ctx: Context, given: Row) -> Row:
    return {"item": items.archive(ctx, _item(ctx, given), archived=True)}


@mutation("unarchiveProjectV2Item")
def _unarchive_item(ctx: Context, given: Row) -> Row:
    return {"item": items.archive(ctx, _item(ctx, given), archived=False)}


def _field(ctx: Context, given: Row, project_id: int | None = None) -> Row:
    found = nodes.load(ctx, given["fieldId"], *_FIELD_TYPES)
    if project_id is not None and found["project_id"] != project_id:
        raise NotFound(f"Could not resolve to a node with the global id of '{given['fieldId']}'.")
    return found


@mutation("updateProjectV2ItemFieldValue")
def _set_value(ctx: Context, given: Row) -> Row:
    item = _item(ctx, given)
    fields.set_value(ctx, item, _field(ctx, given, item["project_id"]), given["value"])
    return {"project_v2_item": items.by_id(ctx, item["id"])}


@mutation("clearProjectV2ItemFieldValue")
def _clear_value(ctx: Context, given: Row) -> Row:
    item = _item(ctx, given)
    fields.clear_value(ctx, item, _field(ctx, given, item["project_id"]))
    return {"project_v2_item": items.by_id(ctx, item["id"])}


@mutation("createProjectV2Field")
def _create_field(ctx: Context, given: Row) -> Row:
    choices = fields.new_options(given.get("singleSelectOptions") or [])
    field = fields.create(ctx, _board(ctx, given), given["name"], given["dataType"], choices)
    return {"project_v2_field": values.typed_field(field)}


def _field_of_mine(ctx: Context, given: Row) -> Row:
    field = _field(ctx, given)
    projects.need(ctx, projects.by_id(ctx, field["project_id"]), 2)
    return field


@mutation("updateProjectV2Field")
def _update_field(ctx: Context, given: Row) -> Row:
    field = _field_of_mine(ctx, given)
    options = given.get("singleSelectOptions")
    choices = None if options is None else fields.new_options(options)
    return {"project_v2_field": values.typed_field(fields.change(ctx, field, given.get("name"), choices))}


@mutation("deleteProjectV2Field")
def _delete_field(ctx: Context, given: Row) -> Row:
    field = _field_of_mine(ctx, given)
    fields.delete(ctx, field)
    return {"project_v2_field": values.typed_field(field)}


@mutation("updateProjectV2Collaborators")
def _set_collaborators(ctx: Context, given: Row) -> Row:
    project = _board(ctx, given, 3)
    for one in given["collaborators"]:
        projects.set_collaborator(ctx, project, nodes.load(ctx, one["userId"], "User"), one["role"])
    return {"id": project["id"]}


@mutation("createProjectV2StatusUpdate")
def _create_status(ctx: Context, given: Row) -> Row:
    project = _board(ctx, given)
    new = ctx.db.insert(
        "project_statuses",
        **{"project_id": project["id"], "status": given.get("status"), "body": given.get("body")},
        **{"start_date": given.get("startDate"), "target_date": given.get("targetDate")},
        **{"creator_id": access.need_actor(ctx).id, "created_at": ctx.now, "updated_at": ctx.now},
    )
    return {"status_update": ctx.db.one("SELECT * FROM project_statuses WHERE id = ?", new)}
