"""Labels, milestones, issues, pull requests, comments and events."""

from __future__ import annotations

import re

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, issues, projects, repos
from cohort_bot.sandbox.graphql.accounts import projects_page
from cohort_bot.sandbox.graphql.asking import Ask, account_by_id, resolves
from cohort_bot.sandbox.graphql.connections import Connection, Query, from_query, from_rows
from cohort_bot.sandbox.graphql.issuelists import issues_page
from cohort_bot.sandbox.rest.shapes.issues import association, html_url
from cohort_bot.sandbox.store import Row

ISSUE_TYPES = ("Issue", "PullRequest")
_MARKUP = re.compile(r"<!--.*?-->|[#*_`>]", re.DOTALL)


def repo_of(ctx: Context, repo_id: int) -> Row:
    """The repository with that id; remembered for the length of the request."""
    key = ("repo", repo_id)
    if key not in ctx.cache:
        ctx.cache[key] = repos.by_id(ctx, repo_id)
    found = ctx.cache[key]
    return found if isinstance(found, dict) else {}


def _repository(ask: Ask) -> Row:
    return repo_of(ask.ctx, ask.row["repo_id"])


def _creator(ask: Ask) -> Row | None:
    return account_by_id(ask.ctx, ask.row["creator_id"])


def _author(ask: Ask) -> Row | None:
    return account_by_id(ask.ctx, ask.row["author_id"])


def _resource_path(ask: Ask) -> str:
    return html_url(ask.ctx, ask.row).removeprefix(ask.ctx.urls.html)


def _url(ask: Ask) -> str:
    return html_url(ask.ctx, ask.row)


def _state_is_closed(ask: Ask) -> bool:
    return bool(ask.row["state"] == "closed")


def _body(ask: Ask) -> str:
    return ask.row["body"] or ""


def body_text(ask: Ask) -> str:
    """The body without its markup, roughly."""
    return _MARKUP.sub("", _body(ask)).strip()


def _association(ask: Ask) -> str:
    return association(ask.ctx, ask.row["repo_id"], ask.row["author_id"])


def _labels(ask: Ask) -> Connection:
    order = ask.args.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    source = "FROM labels l WHERE l.id IN (SELECT label_id FROM issue_labels WHERE issue_id = ?)"
    key = "l.name" if order["field"] == "NAME" else "l.id"
    return from_query(ask, Query(source, (ask.row["id"],), "l", key, order["direction"] == "DESC"))


def _assignees(ask: Ask) -> Connection:
    return from_rows(ask, issues.assignees(ask.ctx, ask.row["id"]))


def _comments(ask: Ask) -> Connection:
    order = ask.args.get("orderBy") or {"direction": "ASC"}
    source, key = (
        "FROM comments c WHERE c.issue_id = ?",
        "c.updated_at" if ask.args.get("orderBy") else "c.id",
    )
    return from_query(ask, Query(source, (ask.row["id"],), "c", key, order["direction"] == "DESC"))


def _milestone(ask: Ask) -> Row | None:
    number = ask.row["milestone_id"]
    key = ("milestone", number)
    if number is not None and key not in ask.ctx.cache:
        ask.ctx.cache[key] = ask.ctx.db.one("SELECT * FROM milestones WHERE id = ?", number)
    found = ask.ctx.cache.get(key)
    return found if isinstance(found, dict) else None


def _project_items(ask: Ask) -> Connection:
    projects.need_scope(ask.ctx)
    source = "FROM project_items pi WHERE pi.issue_id = ? AND pi.visible"
    if not ask.args.get("includeArchived", True):
        source += " AND pi.archived_at IS NULL"
    page = from_query(ask, Query(source, (ask.row["id"],), "pi"))
    page.nodes = [row for row in page.nodes if _on_visible_board(ask.ctx, row)]
    return page


def _on_visible_board(ctx: Context, item: Row) -> bool:
    key = ("board seen", item["project_id"])
    if key not in ctx.cache:
        project = projects.by_id(ctx, item["project_id"])
        ctx.cache[key] = project is not None and projects.visible(ctx, project)
    return bool(ctx.cache[key])


def _projects(ask: Ask) -> Connection:
    projects.need_scope(ask.ctx)
    condition = "p.id IN (SELECT project_id FROM project_items WHERE issue_id = ? AND visible)"
    return projects_page(ask, condition, ask.row["id"], all_visible=False)


def _project(ask: Ask) -> Row | None:
    projects.need_scope(ask.ctx)
    sql = (
        "SELECT p.* FROM projects p JOIN project_items pi ON pi.project_id = p.id"
        " WHERE pi.issue_id = ? AND pi.visible AND p.number = ?"
    )
    found = ask.ctx.db.one(sql, ask.row["id"], ask.args["number"])
    return found if found and projects.visible(ask.ctx, found) else None


def _may_edit(ask: Ask) -> bool:
    return issues.may_edit(ask.ctx, _repository(ask), ask.row)


def _may_triage(ask: Ask) -> bool:
    return access.granted(ask.ctx, _repository(ask)) >= access.RANK["triage"]


def _is_mine(ask: Ask) -> bool:
    return bool(access.need_actor(ask.ctx).id == ask.row["author_id"])


def _never(_ask: Ask) -> bool:
    return False


for _type in ISSUE_TYPES:
    for _names, _resolver in {
        ("url",): _url,
        ("resourcePath",): _resource_path,
        ("closed",): _state_is_closed,
        ("bodyText",): body_text,
        ("body",): _body,
        ("labels",): _labels,
        ("assignees",): _assignees,
        ("comments",): _comments,
        ("milestone",): _milestone,
        ("projectItems",): _project_items,
        ("projectsV2",): _projects,
        ("projectV2",): _project,
        ("viewerCanUpdate", "viewerCanClose", "viewerCanReopen"): _may_edit,
        ("viewerCanLabel",): _may_triage,
        ("locked",): _never,
    }.items():
        resolves(_type, *_names)(_resolver)
for _type in (*ISSUE_TYPES, "IssueComment"):
    resolves(_type, "author")(_author)
    resolves(_type, "viewerDidAuthor")(_is_mine)
for _type in (*ISSUE_TYPES, "Label", "Milestone"):
    resolves(_type, "repository")(_repository)
for _type in ISSUE_TYPES:
    resolves(_type, "authorAssociation")(_association)
for _type in ("Milestone", "DraftIssue", "ProjectV2", "ProjectV2Item", "ProjectV2StatusUpdate"):
    resolves(_type, "creator")(_creator)


@resolves("Issue", "state")
def _issue_state(ask: Ask) -> str:
    return str(ask.row["state"]).upper()


@resolves("PullRequest", "state")
def _pull_state(ask: Ask) -> str:
    return "MERGED" if ask.row["merged_at"] else str(ask.row["state"]).upper()


@resolves("Issue", "stateReason")
def _state_reason(ask: Ask) -> str | None:
    return reason(ask, ask.row["state_reason"])


def reason(ask: Ask, given: str | None) -> str | None:
    """A state reason as GraphQL's enum has it."""
    # Clients that do not know of DUPLICATE are told NOT_PLANNED.
    if given == "duplicate" and not ask.args.get("enableDuplicate"):
        given = "not_planned"
    return given.upper() if given else None


@resolves("Issue", "parent")
def _parent(ask: Ask) -> Row | None:
    return issues.by_id(ask.ctx, ask.row["parent_id"]) if ask.row["parent_id"] else None


@resolves("Issue", "subIssues")
def _sub_issues(ask: Ask) -> Connection:
    return issues_page(ask, "i.parent_id = ?", ask.row["id"])


@resolves("Issue", "subIssuesSummary")
def _sub_issues_summary(ask: Ask) -> Row:
    sql = (
        "SELECT COUNT(*) AS total, COALESCE(SUM(state = 'closed'), 0) AS completed FROM issues"
        " WHERE parent_id = ?"
    )
    found = ask.ctx.db.one(sql, ask.row["id"]) or {"total": 0, "completed": 0}
    percent = 100 * found["completed"] // found["total"] if found["total"] else 0
    return found | {"percent_completed": percent}


@resolves("PullRequest", "merged")
def _merged(ask: Ask) -> bool:
    return ask.row["merged_at"] is not None


@resolves("PullRequest", "isDraft")
def _is_draft(ask: Ask) -> bool:
    return bool(ask.row["draft"])


@resolves("PullRequest", "baseRefName")
def _base(ask: Ask) -> str:
    return str(ask.row["base_ref"])


@resolves("PullRequest", "headRefName")
def _head(ask: Ask) -> str:
    return str(ask.row["head_ref"])


@resolves("PullRequest", "baseRefOid")
def _base_oid(ask: Ask) -> str:
    return str(ask.row["base_sha"])


@resolves("PullRequest", "headRefOid")
def _head_oid(ask: Ask) -> str:
    git = ask.ctx.git_by_id(ask.row["repo_id"])
    return (git.head(ask.row["head_ref"]) if ask.row["state"] == "open" else None) or str(ask.row["head_sha"])


def _diff(ask: Ask) -> list[tuple[int, int]]:
    return ask.ctx.git_by_id(ask.row["repo_id"]).diff_numbers(ask.row["base_sha"], _head_oid(ask))


resolves("PullRequest", "additions")(lambda ask: sum(plus for plus, _ in _diff(ask)))
resolves("PullRequest", "deletions")(lambda ask: sum(minus for _, minus in _diff(ask)))
resolves("PullRequest", "changedFiles")(lambda ask: len(_diff(ask)))
