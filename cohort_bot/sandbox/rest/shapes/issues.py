"""Labels, milestones, issues, comments and events."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from cohort_bot.sandbox import nodeids
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import accounts, issues, labels, milestones, people, repos
from cohort_bot.sandbox.rest.shapes import accounts as account_shapes
from cohort_bot.sandbox.rest.shapes import repos as repo_shapes
from cohort_bot.sandbox.store import Row

Json = dict[str, Any]


def _repo(ctx: Context, repo_id: int) -> Row:
    key = ("repo", repo_id)
    if key not in ctx.cache:
        ctx.cache[key] = repos.by_id(ctx, repo_id)
    found = ctx.cache[key]
    return found if isinstance(found, dict) else {}


def _url(ctx: Context, repo_id: int) -> str:
    return repo_shapes.api_url(ctx, _repo(ctx, repo_id))


def label(ctx: Context, row: Row) -> Json:
    """`label`."""
    return {
        "id": row["id"],
        "node_id": nodeids.encode("Label", row["id"]),
        "url": f"{_url(ctx, row['repo_id'])}/labels/{quote(row['name'], safe='')}",
        "name": row["name"],
        "color": row["color"],
        "default": bool(row["is_default"]),
        "description": row["description"],
    }


def milestone(ctx: Context, row: Row) -> Json:
    """`milestone`."""
    url = f"{_url(ctx, row['repo_id'])}/milestones/{row['number']}"
    kept = ("number", "state", "title", "description", "open_issues", "closed_issues")
    stamps = ("created_at", "updated_at", "closed_at", "due_on")
    return {
        "url": url,
        "html_url": f"{repo_shapes.html_url(ctx, _repo(ctx, row['repo_id']))}/milestone/{row['number']}",
        "labels_url": f"{url}/labels",
        "id": row["id"],
        "node_id": nodeids.encode("Milestone", row["id"]),
        "creator": account_shapes.simple_by_id(ctx, row["creator_id"]),
        **{key: row[key] for key in (*kept, *stamps)},
    }


def html_url(ctx: Context, row: Row) -> str:
    """The page of an issue or pull request."""
    kind = "pull" if row["is_pull"] else "issues"
    return f"{repo_shapes.html_url(ctx, _repo(ctx, row['repo_id']))}/{kind}/{row['number']}"


def association(ctx: Context, repo_id: int, account_id: int | None) -> str:
    """`author-association`: what the author is to the repository."""
    repo = _repo(ctx, repo_id)
    if account_id is None:
        return "NONE"
    if account_id == repo["owner_id"]:
        return "OWNER"
    if accounts.role_in(ctx, repo["owner_id"], account_id):
        return "MEMBER"
    return "COLLABORATOR" if people.is_collaborator(ctx, repo, account_id) else "NONE"


def issue(ctx: Context, row: Row) -> Json:
    """`issue`; a pull request comes with `pull_request`."""
    base = _url(ctx, row["repo_id"])
    url = f"{base}/issues/{row['number']}"
    assignees = [account_shapes.simple(ctx, user) for user in issues.assignees(ctx, row["id"])]
    stone = milestones.by_id(ctx, row["milestone_id"])
    kept = ("number", "title", "state", "state_reason", "body", "created_at", "updated_at", "closed_at")
    payload = {
        "url": url,
        "repository_url": base,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": html_url(ctx, row),
        "id": row["id"],
        "node_id": nodeids.encode("PullRequest" if row["is_pull"] else "Issue", row["id"]),
        "user": account_shapes.simple_by_id(ctx, row["author_id"]),
        "labels": [label(ctx, one) for one in labels.of_issue(ctx, row["id"])],
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "milestone": milestone(ctx, stone) if stone else None,
        "locked": False,
        "active_lock_reason": None,
        "comments": ctx.db.value("SELECT COUNT(*) FROM comments WHERE issue_id = ?", row["id"]),
        "author_association": association(ctx, row["repo_id"], row["author_id"]),
        "reactions": _reactions(url),
        "performed_via_github_app": None,
        **{key: row[key] for key in kept},
    }
    return payload | (_pull_links(ctx, base, row) if row["is_pull"] else _sub_issues(ctx, base, row))


def issue_full(ctx: Context, row: Row) -> Json:
    """`issue` as it is answered alone: with who closed it."""
    return issue(ctx, row) | {"closed_by": account_shapes.simple_by_id(ctx, row["closed_by_id"])}


def _sub_issues(ctx: Context, base: str, row: Row) -> Json:
    sql = (
        "SELECT COUNT(*) AS total, COALESCE(SUM(state = 'closed'), 0) AS completed FROM issues"
        " WHERE parent_id = ?"
    )
    summary = ctx.db.one(sql, row["id"]) or {"total": 0, "completed": 0}
    done = 100 * summary["completed"] // summary["total"] if summary["total"] else 0
    parent = issues.by_id(ctx, row["parent_id"]) if row["parent_id"] else None
    parent_url = f"{base}/issues/{parent['number']}" if parent else None
    return {"sub_issues_summary": summary | {"percent_completed": done}, "parent_issue_url": parent_url}


def _pull_links(ctx: Context, base: str, row: Row) -> Json:
    page = html_url(ctx, row)
    url = f"{base}/pulls/{row['number']}"
    links = {"url": url, "html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch"}
    return {"draft": bool(row["draft"]), "pull_request": links | {"merged_at": row["merged_at"]}}


def _reactions(url: str) -> Json:
    kinds = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    return {"url": f"{url}/reactions", "total_count": 0, **dict.fromkeys(kinds, 0)}


def comment(ctx: Context, row: Row) -> Json:
    """`issue-comment`."""
    parent = issues.by_id(ctx, row["issue_id"]) or {}
    base = _url(ctx, parent["repo_id"])
    url = f"{base}/issues/comments/{row['id']}"
    return {
        "url": url,
        "html_url": f"{html_url(ctx, parent)}#issuecomment-{row['id']}",
        "issue_url": f"{base}/issues/{parent['number']}",
        "id": row["id"],
        "node_id": nodeids.encode("IssueComment", row["id"]),
        "user": account_shapes.simple_by_id(ctx, row["author_id"]),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "author_association": association(ctx, parent["repo_id"], row["author_id"]),
        "body": row["body"],
        "reactions": _reactions(url),
        "performed_via_github_app": None,
    }


def event(ctx: Context, row: Row) -> Json:
    """`issue-event`; its own part lies in the row as JSON."""
    detail: Json = json.loads(row["detail"])
    base = _url(ctx, row["repo_id"])
    commit = row["commit_id"]
    payload = {
        "id": row["id"],
        "node_id": nodeids.encode("Event", row["id"]),
        "url": f"{base}/issues/events/{row['id']}",
        "actor": account_shapes.simple_by_id(ctx, row["actor_id"]),
        "event": row["event"],
        "commit_id": commit,
        "commit_url": f"{base}/commits/{commit}" if commit else None,
        "created_at": row["created_at"],
        "performed_via_github_app": None,
    }
    if "assignee_id" in detail:
        payload["assignee"] = account_shapes.simple_by_id(ctx, detail.pop("assignee_id"))
        payload["assigner"] = payload["actor"]
    return payload | detail


def event_with_issue(ctx: Context, row: Row) -> Json:
    """`issue-event` as the repository's list holds it."""
    parent = issues.by_id(ctx, row["issue_id"])
    payload = event(ctx, row) | {"issue": issue(ctx, parent) if parent else None}
    payload.pop("state_reason", None)
    return payload


def timeline_event(ctx: Context, row: Row) -> Json:
    """An event as the timeline of its issue shows it: without who assigned, since that is the actor."""
    payload = event(ctx, row)
    payload.pop("assigner", None)
    return payload


def timeline_comment(ctx: Context, row: Row) -> Json:
    """`timeline-comment-event`."""
    payload = comment(ctx, row)
    return payload | {"event": "commented", "actor": payload["user"]}
