"""Commit statuses, check runs, workflows and their runs."""

from __future__ import annotations

import json
from typing import Any

from cohort_bot.sandbox import nodeids
from cohort_bot.sandbox.clock import stamp
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import accounts, repos
from cohort_bot.sandbox.rest.shapes import accounts as account_shapes
from cohort_bot.sandbox.rest.shapes import repos as repo_shapes
from cohort_bot.sandbox.store import Row

Json = dict[str, Any]
ACTIONS_APP_ID = 15368  # the number that github-actions has on GitHub


def status(ctx: Context, row: Row) -> Json:
    """`status`."""
    repo = repos.by_id(ctx, row["repo_id"]) or {}
    creator = account_shapes.simple_by_id(ctx, row["creator_id"])
    kept = ("id", "state", "description", "target_url", "context", "created_at", "updated_at")
    return {
        **{key: row[key] for key in kept},
        "url": f"{repo_shapes.api_url(ctx, repo)}/statuses/{row['sha']}",
        "avatar_url": creator["avatar_url"] if creator else None,
        "node_id": nodeids.encode("Status", row["id"]),
        "creator": creator,
    }


def simple_status(ctx: Context, row: Row) -> Json:
    """`simple-commit-status`: without who made it."""
    payload = status(ctx, row)
    del payload["creator"]
    return payload


def app(ctx: Context) -> Json:
    """`integration`: GitHub Actions itself, which is what makes check runs here."""
    bot = accounts.need_bot(ctx)
    return {
        "id": ACTIONS_APP_ID,
        "slug": "github-actions",
        "node_id": nodeids.encode("App", ACTIONS_APP_ID),
        "owner": account_shapes.simple(ctx, bot),
        "name": "GitHub Actions",
        "description": "Automate your workflow from idea to production",
        "external_url": f"{ctx.urls.html}/features/actions",
        "html_url": f"{ctx.urls.html}/apps/github-actions",
        "created_at": bot["created_at"],
        "updated_at": bot["updated_at"],
        "permissions": {"checks": "write", "contents": "write", "issues": "write", "metadata": "read"},
        "events": [],
    }


def check_run(ctx: Context, row: Row) -> Json:
    """`check-run`."""
    repo = repos.by_id(ctx, row["repo_id"]) or {}
    url = f"{repo_shapes.api_url(ctx, repo)}/check-runs/{row['id']}"
    page = f"{repo_shapes.html_url(ctx, repo)}/runs/{row['id']}"
    output = {key: json.loads(row["output"]).get(key) for key in ("title", "summary", "text")}
    count = len(json.loads(row["annotations"]))
    return {
        **{key: row[key] for key in ("id", "name", "status", "conclusion", "started_at", "completed_at")},
        "external_id": row["external_id"] or "",
        "head_sha": row["sha"],
        "node_id": nodeids.encode("CheckRun", row["id"]),
        "url": url,
        "html_url": page,
        "details_url": row["details_url"] or page,
        "output": output | {"annotations_count": count, "annotations_url": f"{url}/annotations"},
        "check_suite": {"id": row["id"]},
        "app": app(ctx),
        "pull_requests": [],
    }


def workflow(ctx: Context, row: Row) -> Json:
    """`workflow`."""
    repo = repos.by_id(ctx, row["repo_id"]) or {}
    page = repo_shapes.html_url(ctx, repo)
    return {
        **{key: row[key] for key in ("id", "name", "path", "state", "created_at", "updated_at")},
        "node_id": nodeids.encode("Workflow", row["id"]),
        "url": f"{repo_shapes.api_url(ctx, repo)}/actions/workflows/{row['id']}",
        "html_url": f"{page}/blob/{repo['default_branch']}/{row['path']}",
        "badge_url": f"{page}/workflows/{row['name']}/badge.svg",
    }


def run(ctx: Context, row: Row) -> Json:
    """`workflow-run`; `row` is of workflow_runs with the workflow's `path` and `name`."""
    repo = repos.by_id(ctx, row["repo_id"]) or {}
    api, page = repo_shapes.api_url(ctx, repo), repo_shapes.html_url(ctx, repo)
    url = f"{api}/actions/runs/{row['id']}"
    kept = ("id", "name", "path", "run_number", "event", "head_branch", "head_sha", "status", "conclusion")
    parts = {"jobs_url": "jobs", "logs_url": "logs", "artifacts_url": "artifacts"}
    actor = account_shapes.simple_by_id(ctx, row["actor_id"])
    people = {"actor": actor, "triggering_actor": actor} if actor else {}
    return {
        **{key: row[key] for key in (*kept, "workflow_id", "created_at", "updated_at")},
        **{
            key: f"{url}/{part}"
            for key, part in (parts | {"cancel_url": "cancel", "rerun_url": "rerun"}).items()
        },
        **people,
        "node_id": nodeids.encode("WorkflowRun", row["id"]),
        "run_attempt": 1,
        "referenced_workflows": [],
        "url": url,
        "html_url": f"{page}/actions/runs/{row['id']}",
        "pull_requests": [],
        "run_started_at": row["created_at"],
        "check_suite_url": f"{api}/check-suites/{row['id']}",
        "workflow_url": f"{api}/actions/workflows/{row['workflow_id']}",
        "previous_attempt_url": None,
        "head_commit": _head(ctx, repo, row["head_sha"]),
        "repository": repo_shapes.minimal(ctx, repo),
        "head_repository": repo_shapes.minimal(ctx, repo),
        "head_repository_id": repo["id"],
        "display_title": row["name"],
    }


def _head(ctx: Context, repo: Row, sha: str) -> Json | None:
    found = ctx.git(repo).commit(sha)
    if found is None:
        return None
    people = {"author": found.author, "committer": found.committer}
    return {
        "id": found.sha,
        "tree_id": found.tree,
        "message": found.message,
        "timestamp": stamp(found.committer.when),
        **{role: {"name": one.name, "email": one.email} for role, one in people.items()},
    }
