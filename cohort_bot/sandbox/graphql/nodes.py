"""From a global id to the row behind it, if the asker may see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cohort_bot.sandbox import nodeids
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, projects, repos
from cohort_bot.sandbox.failures import NotFound
from cohort_bot.sandbox.graphql import gitnodes
from cohort_bot.sandbox.graphql.asking import typed
from cohort_bot.sandbox.store import Row

TABLES = {
    "User": "accounts",
    "Bot": "accounts",
    "Organization": "accounts",
    "Repository": "repos",
    "Issue": "issues",
    "PullRequest": "issues",
    "IssueComment": "comments",
    "Label": "labels",
    "Milestone": "milestones",
    "ProjectV2": "projects",
    "ProjectV2Item": "project_items",
    "ProjectV2Field": "project_fields",
    "ProjectV2SingleSelectField": "project_fields",
    "ProjectV2View": "project_views",
    "ProjectV2Workflow": "project_workflows",
    "ProjectV2StatusUpdate": "project_statuses",
}


def find(ctx: Context, node_id: str) -> Row | None:
    """The object with that id, typed; None if there is none or the asker may not know of it."""
    git = nodeids.decode_git(node_id)
    if git:
        return gitnodes.by_id(ctx, *git)
    decoded = nodeids.decode(node_id)
    table = TABLES.get(decoded[0]) if decoded else None
    if decoded is None or table is None:
        return None
    kind, row_id = decoded
    row = ctx.db.one(f"SELECT * FROM {table} WHERE id = ?", row_id)  # noqa: S608 - names are ours
    return typed(kind, row) if row and _SEEN[table](ctx, row) else None


def load(ctx: Context, node_id: str, *kinds: str) -> Row:
    """The object with that id, which must be of one of `kinds`."""
    found = find(ctx, node_id)
    if found is None:
        raise NotFound(f"Could not resolve to a node with the global id of '{node_id}'.")
    if found["_type"] not in kinds:
        raise NotFound(f"Could not resolve to {kinds[0]} node with the global id of '{node_id}'.")
    return found


def load_all(ctx: Context, node_ids: list[str] | None, *kinds: str) -> list[Row]:
    """Several at once; none for None."""
    return [load(ctx, node_id, *kinds) for node_id in node_ids or []]


def _in_repo(ctx: Context, row: Row) -> bool:
    repo = repos.by_id(ctx, row["repo_id"])
    return repo is not None and access.visible(ctx, repo)


def _comment(ctx: Context, row: Row) -> bool:
    issue = ctx.db.one("SELECT repo_id FROM issues WHERE id = ?", row["issue_id"])
    return issue is not None and _in_repo(ctx, issue)


def _project(ctx: Context, row: Row) -> bool:
    projects.need_scope(ctx)
    return projects.visible(ctx, row)


def _in_project(ctx: Context, row: Row) -> bool:
    project = projects.by_id(ctx, row["project_id"])
    return project is not None and _project(ctx, project) and bool(row.get("visible", 1))


_SEEN: Mapping[str, Callable[[Context, Row], bool]] = {
    "accounts": lambda _ctx, row: not row["absent"],
    "repos": access.visible,
    "issues": _in_repo,
    "comments": _comment,
    "labels": _in_repo,
    "milestones": _in_repo,
    "projects": _project,
    **dict.fromkeys(
        ("project_items", "project_fields", "project_views", "project_workflows", "project_statuses"),
        _in_project,
    ),
}
