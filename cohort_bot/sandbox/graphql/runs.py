"""Workflow runs on a commit. GitHub keeps a check suite for each; here the run stands for its suite."""

from __future__ import annotations

from cohort_bot.sandbox.domain import repos
from cohort_bot.sandbox.graphql.asking import Ask, resolves
from cohort_bot.sandbox.graphql.connections import Connection, Query, from_query
from cohort_bot.sandbox.store import Row


@resolves("Commit", "checkSuites")
def _suites(ask: Ask) -> Connection:
    source = "FROM workflow_runs r WHERE r.repo_id = ? AND r.head_sha = ?"
    return from_query(ask, Query(source, (ask.row["repo"]["id"], ask.row["sha"]), "r"))


@resolves("CheckSuite", "workflowRun")
def _run(ask: Ask) -> Row:
    return ask.row


@resolves("CheckSuite", "status")
def _status(ask: Ask) -> str:
    return str(ask.row["status"]).upper()


@resolves("CheckSuite", "conclusion")
def _conclusion(ask: Ask) -> str | None:
    return str(ask.row["conclusion"]).upper() if ask.row["conclusion"] else None


@resolves("WorkflowRun", "workflow")
def _workflow(ask: Ask) -> Row | None:
    return ask.ctx.db.one("SELECT * FROM workflows WHERE id = ?", ask.row["workflow_id"])


def _home(ask: Ask) -> str:
    repo = repos.by_id(ask.ctx, ask.row["repo_id"])
    return f"/{repos.full_name(ask.ctx, repo)}" if repo else ""


@resolves("WorkflowRun", "resourcePath")
def _run_path(ask: Ask) -> str:
    return f"{_home(ask)}/actions/runs/{ask.row['id']}"


@resolves("CheckSuite", "url")
@resolves("WorkflowRun", "url")
def _run_url(ask: Ask) -> str:
    return ask.ctx.urls.html + _run_path(ask)


@resolves("Workflow", "resourcePath")
def _workflow_path(ask: Ask) -> str:
    return f"{_home(ask)}/actions/workflows/{ask.row['path'].rpartition('/')[2]}"


@resolves("Workflow", "url")
def _workflow_url(ask: Ask) -> str:
    return ask.ctx.urls.html + _workflow_path(ask)
