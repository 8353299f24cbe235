"""Repositories."""

from __future__ import annotations

from cohort_bot.sandbox.domain import access, accounts, labels, people, projects, repos
from cohort_bot.sandbox.failures import Forbidden, NotFound
from cohort_bot.sandbox.graphql import gitnodes
from cohort_bot.sandbox.graphql.accounts import projects_page
from cohort_bot.sandbox.graphql.asking import Ask, account_by_id, issue, resolves, typed
from cohort_bot.sandbox.graphql.connections import Connection, Query, from_query, from_rows
from cohort_bot.sandbox.graphql.issuelists import issues_page
from cohort_bot.sandbox.store import Row

_MILESTONE_KEYS = {
    "NUMBER": "m.number",
    "CREATED_AT": "m.created_at",
    "UPDATED_AT": "m.updated_at",
    "DUE_DATE": "COALESCE(m.due_on, '9')",
}
_LABEL_KEYS = {"NAME": "l.name", "CREATED_AT": "l.created_at"}
_LEVELS = {"read": "READ", "triage": "TRIAGE", "write": "WRITE", "maintain": "MAINTAIN", "admin": "ADMIN"}


@resolves("Repository", "nameWithOwner")
def _full_name(ask: Ask) -> str:
    return repos.full_name(ask.ctx, ask.row)


@resolves("Repository", "resourcePath")
def _path(ask: Ask) -> str:
    return f"/{_full_name(ask)}"


@resolves("Repository", "url")
def _url(ask: Ask) -> str:
    return ask.ctx.urls.html + _path(ask)


@resolves("Repository", "sshUrl")
def _ssh_url(ask: Ask) -> str:
    return f"git@{ask.ctx.urls.html.partition('://')[2]}:{_full_name(ask)}.git"


@resolves("Repository", "homepageUrl")
def _homepage(ask: Ask) -> str | None:
    return ask.row["homepage"] or None


@resolves("Repository", "owner")
def _owner(ask: Ask) -> Row | None:
    return account_by_id(ask.ctx, ask.row["owner_id"])


def _flag(column: str, name: str) -> None:
    resolves("Repository", name)(lambda ask: bool(ask.row[column]))


for _column, _name in (
    ("private", "isPrivate"),
    ("archived", "isArchived"),
    ("has_issues", "hasIssuesEnabled"),
    ("has_projects", "hasProjectsEnabled"),
    ("has_wiki", "hasWikiEnabled"),
):
    _flag(_column, _name)


@resolves("Repository", "isDisabled", "isFork")
def _never(_ask: Ask) -> bool:
    return False


@resolves("Repository", "isInOrganization")
def _in_organization(ask: Ask) -> bool:
    owner = accounts.by_id(ask.ctx, ask.row["owner_id"])
    return owner is not None and owner["kind"] == "Organization"


@resolves("Repository", "isEmpty")
def _is_empty(ask: Ask) -> bool:
    return ask.ctx.git(ask.row).is_empty()


@resolves("Repository", "diskUsage")
def _disk_usage(ask: Ask) -> int:
    return int(ask.row["size"])


@resolves("Repository", "visibility")
def _visibility(ask: Ask) -> str:
    return "PRIVATE" if ask.row["private"] else "PUBLIC"


@resolves("Repository", "viewerPermission")
def _viewer_permission(ask: Ask) -> str | None:
    return _LEVELS.get(access.LEVELS[access.granted(ask.ctx, ask.row)])


@resolves("Repository", "viewerCanAdminister")
def _viewer_can_administer(ask: Ask) -> bool:
    return access.granted(ask.ctx, ask.row) >= access.RANK["admin"]


@resolves("Repository", "templateRepository")
def _template(ask: Ask) -> Row | None:
    found = repos.by_id(ask.ctx, ask.row["template_id"])
    return found if found and access.visible(ask.ctx, found) else None


@resolves("Repository", "defaultBranchRef")
def _default_branch(ask: Ask) -> Row | None:
    return gitnodes.ref(ask.ctx, ask.row, f"refs/heads/{ask.row['default_branch']}")


@resolves("Repository", "ref")
def _ref(ask: Ask) -> Row | None:
    name = ask.args["qualifiedName"]
    full = name if name.startswith("refs/") else f"refs/heads/{name}"
    return gitnodes.ref(ask.ctx, ask.row, full)


@resolves("Repository", "refs")
def _refs(ask: Ask) -> Connection:
    prefix, wanted = ask.args["refPrefix"], (ask.args.get("query") or "").lower()
    found = ask.ctx.git(ask.row).refs(prefix)
    rows = [
        typed("Ref", {"repo": ask.row, "full": name, "sha": sha})
        for name, sha in found.items()
        if wanted in name.removeprefix(prefix).lower()
    ]
    return from_rows(ask, rows[::-1] if ask.args.get("direction") == "DESC" else rows)


@resolves("Ref", "associatedPullRequests")
def _pulls_of_ref(ask: Ask) -> Connection:
    branch = str(ask.row["full"]).removeprefix("refs/heads/")
    return issues_page(ask, "i.repo_id = ? AND i.is_pull AND i.head_ref = ?", ask.row["repo"]["id"], branch)


@resolves("Repository", "object")
def _object(ask: Ask) -> Row | None:
    if ask.args.get("expression"):
        return gitnodes.by_expression(ask.ctx, ask.row, ask.args["expression"])
    oid = ask.args.get("oid")
    return gitnodes.git_object(ask.ctx, ask.row, oid) if oid and ask.ctx.git(ask.row).has(oid) else None


@resolves("Repository", "labels")
def _labels(ask: Ask) -> Connection:
    order = ask.args.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    source, values = "FROM labels l WHERE l.repo_id = ?", [ask.row["id"]]
    if ask.args.get("query"):
        source += " AND l.name LIKE ?"
        values.append(f"%{ask.args['query']}%")
    key = _LABEL_KEYS.get(order["field"], "l.id")
    return from_query(ask, Query(source, tuple(values), "l", key, order["direction"] == "DESC"))


@resolves("Repository", "label")
def _label(ask: Ask) -> Row | None:
    return labels.by_name(ask.ctx, ask.row, ask.args["name"])


@resolves("Repository", "milestones")
def _milestones(ask: Ask) -> Connection:
    order = ask.args.get("orderBy") or {"field": "NUMBER", "direction": "ASC"}
    source, values = "FROM milestones m WHERE m.repo_id = ?", [ask.row["id"]]
    states = ask.args.get("states")
    if states:
        source += f" AND m.state IN ({', '.join('?' * len(states))})"
        values += [state.lower() for state in states]
    if ask.args.get("query"):
        source += " AND m.title LIKE ?"
        values.append(f"%{ask.args['query']}%")
    key = _MILESTONE_KEYS.get(order["field"], "m.number")
    return from_query(ask, Query(source, tuple(values), "m", key, order["direction"] == "DESC"))


@resolves("Repository", "milestone")
def _milestone(ask: Ask) -> Row | None:
    sql = "SELECT * FROM milestones WHERE repo_id = ? AND number = ?"
    return ask.ctx.db.one(sql, ask.row["id"], ask.args["number"])


@resolves("Repository", "issues")
def _issues(ask: Ask) -> Connection:
    return issues_page(ask, "i.repo_id = ? AND NOT i.is_pull", ask.row["id"])


@resolves("Repository", "pullRequests")
def _pulls(ask: Ask) -> Connection:
    return issues_page(ask, "i.repo_id = ? AND i.is_pull", ask.row["id"])


def _numbered(ask: Ask, condition: str, what: str) -> Row:
    sql = f"SELECT * FROM issues WHERE repo_id = ? AND number = ? AND {condition}"  # noqa: S608 - our own text
    found = ask.ctx.db.one(sql, ask.row["id"], ask.args["number"])
    if found is None:
        raise NotFound(f"Could not resolve to {what} with the number of {ask.args['number']}.")
    return issue(found) or {}


@resolves("Repository", "issue")
def _issue(ask: Ask) -> Row:
    return _numbered(ask, "NOT is_pull", "an Issue")


@resolves("Repository", "pullRequest")
def _pull(ask: Ask) -> Row:
    return _numbered(ask, "is_pull", "a PullRequest")


@resolves("Repository", "issueOrPullRequest")
def _issue_or_pull(ask: Ask) -> Row:
    return _numbered(ask, "1", "an issue or pull request")


@resolves("Repository", "collaborators")
def _collaborators(ask: Ask) -> Connection:
    if access.granted(ask.ctx, ask.row) < access.RANK["write"]:
        raise Forbidden("You do not have permission to view repository collaborators.")
    affiliation = (ask.args.get("affiliation") or "ALL").lower()
    rows = people.collaborators(ask.ctx, ask.row, affiliation)
    for name in ("login", "query"):
        wanted = (ask.args.get(name) or "").lower()
        rows = [row for row in rows if wanted in row["login"].lower()]
    shown = [row | {"permission": access.LEVELS[row["rank"]].upper()} for row in rows]
    return from_rows(ask, shown)


@resolves("Repository", "assignableUsers")
def _assignable(ask: Ask) -> Connection:
    wanted = (ask.args.get("query") or "").lower()
    rows = people.collaborators(ask.ctx, ask.row)
    return from_rows(ask, [row for row in rows if wanted in row["login"].lower()])


@resolves("Repository", "projectsV2")
def _projects(ask: Ask) -> Connection:
    projects.need_scope(ask.ctx)
    condition = "p.id IN (SELECT project_id FROM project_repos WHERE repo_id = ?)"
    return projects_page(ask, condition, ask.row["id"], accounts.is_org_admin(ask.ctx, ask.row["owner_id"]))


@resolves("Repository", "projectV2")
def _project(ask: Ask) -> Row | None:
    projects.need_scope(ask.ctx)
    sql = (
        "SELECT p.* FROM projects p JOIN project_repos pr ON pr.project_id = p.id"
        " WHERE pr.repo_id = ? AND p.number = ?"
    )
    found = ask.ctx.db.one(sql, ask.row["id"], ask.args["number"])
    return found if found and projects.visible(ask.ctx, found) else None
