"""What a run is told of its event: the `github` context and the file behind GITHUB_EVENT_PATH.

https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context
"""

from __future__ import annotations

import json
from typing import Any

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import accounts, issues, repos
from cohort_bot.sandbox.rest.shapes import accounts as account_shapes
from cohort_bot.sandbox.rest.shapes import issues as issue_shapes
from cohort_bot.sandbox.rest.shapes import repos as repo_shapes
from cohort_bot.sandbox.store import Row

Json = dict[str, Any]


def payload(ctx: Context, run: Row, repo: Row) -> Json:
    """The event as GitHub's webhooks describe it:
    https://docs.github.com/en/webhooks/webhook-events-and-payloads.
    """
    told: Json = json.loads(run["payload"])
    issue_id = told.pop("issue_id", None)
    issue = issues.by_id(ctx, issue_id) if issue_id else None
    if issue:
        told["issue"] = issue_shapes.issue(ctx, issue)
    if run["event"] == "push":
        found = ctx.git(repo).commit(run["head_sha"])
        told["head_commit"] = {"id": run["head_sha"], "message": found.message if found else ""}
    sender = account_shapes.simple_by_id(ctx, run["actor_id"])
    return told | {
        "repository": repo_shapes.minimal(ctx, repo) | {"default_branch": repo["default_branch"]},
        "sender": sender,
    }


def github(ctx: Context, run: Row, repo: Row) -> Json:
    """The `github` context, without token and without what belongs to one job."""
    actor = accounts.by_id(ctx, run["actor_id"])
    owner, full = repos.owner_login(ctx, repo), repos.full_name(ctx, repo)
    branch = run["head_branch"]
    return {
        "event_name": run["event"], "event": payload(ctx, run, repo), "repository": full,
        "repository_owner": owner, "repository_id": str(repo["id"]), "sha": run["head_sha"],
        "ref": f"refs/heads/{branch}", "ref_name": branch, "ref_type": "branch", "run_id": str(run["id"]),
        "run_number": str(run["run_number"]), "run_attempt": "1", "workflow": run["name"],
        "workflow_ref": f"{full}/{run['path']}@refs/heads/{branch}",
        "actor": actor["login"] if actor else "", "triggering_actor": actor["login"] if actor else "",
        "server_url": ctx.urls.html, "api_url": ctx.urls.api, "graphql_url": f"{ctx.urls.api}/graphql",
    }  # fmt: skip
