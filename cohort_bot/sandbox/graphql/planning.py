"""Labels and milestones."""

from __future__ import annotations

from urllib.parse import quote

from cohort_bot.sandbox.domain import access, repos
from cohort_bot.sandbox.graphql.asking import Ask, resolves
from cohort_bot.sandbox.graphql.connections import Connection
from cohort_bot.sandbox.graphql.issuelists import issues_page
from cohort_bot.sandbox.graphql.issues import repo_of


@resolves("Label", "isDefault")
def _is_default(ask: Ask) -> bool:
    return bool(ask.row["is_default"])


@resolves("Label", "resourcePath")
def _label_path(ask: Ask) -> str:
    name = quote(ask.row["name"], safe="")
    return f"/{repos.full_name(ask.ctx, repo_of(ask.ctx, ask.row['repo_id']))}/labels/{name}"


@resolves("Label", "url")
def _label_url(ask: Ask) -> str:
    return ask.ctx.urls.html + _label_path(ask)


@resolves("Label", "issues")
def _label_issues(ask: Ask) -> Connection:
    condition = "i.id IN (SELECT issue_id FROM issue_labels WHERE label_id = ?) AND NOT i.is_pull"
    return issues_page(ask, condition, ask.row["id"])


@resolves("Milestone", "resourcePath")
def _path(ask: Ask) -> str:
    return f"/{repos.full_name(ask.ctx, repo_of(ask.ctx, ask.row['repo_id']))}/milestone/{ask.row['number']}"


@resolves("Milestone", "url")
def _url(ask: Ask) -> str:
    return ask.ctx.urls.html + _path(ask)


@resolves("Milestone", "state")
def _state(ask: Ask) -> str:
    return str(ask.row["state"]).upper()


@resolves("Milestone", "closed")
def _closed(ask: Ask) -> bool:
    return bool(ask.row["state"] == "closed")


@resolves("Milestone", "issues")
def _issues(ask: Ask) -> Connection:
    return issues_page(ask, "i.milestone_id = ? AND NOT i.is_pull", ask.row["id"])


@resolves("Milestone", "progressPercentage")
def _progress(ask: Ask) -> float:
    sql = (
        "SELECT COUNT(*) AS total, COALESCE(SUM(state = 'closed'), 0) AS done FROM issues WHERE"
        " milestone_id = ?"
    )
    found = ask.ctx.db.one(sql, ask.row["id"]) or {"total": 0, "done": 0}
    return 100.0 * found["done"] / found["total"] if found["total"] else 0.0


@resolves("Milestone", "viewerCanClose", "viewerCanReopen")
def _may_write(ask: Ask) -> bool:
    return access.granted(ask.ctx, repo_of(ask.ctx, ask.row["repo_id"])) >= access.RANK["write"]
