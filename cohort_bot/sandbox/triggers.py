"""Which workflows an event starts. A run begins as a row that is queued; carrying it out is the runner's
business.

Events that a workflow's own token makes start nothing but what was dispatched
(https://docs.github.com/en/actions/concepts/security/github_token). What nobody asked for (a template's files
as they arrive) starts nothing here either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from cohort_bot.sandbox.context import Actor, Context
from cohort_bot.sandbox.domain import policy
from cohort_bot.sandbox.gitobjects import Commit
from cohort_bot.sandbox.gitrepo import NO_OBJECT, GitRepo
from cohort_bot.sandbox.runner.workflow import Workflow, WorkflowError, parse
from cohort_bot.sandbox.store import Row

# https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs
_SKIP = re.compile(r"\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]")


def push(ctx: Context, repo: Row, old: str, new: str, ref: str, actor: Actor | None) -> None:
    """Queue what a push to `ref` (full name) starts. Call it inside the write transaction of the push."""
    git = ctx.git(repo)
    commit = git.commit(new) if new != NO_OBJECT else None
    if actor is None or actor.is_bot or commit is None or _SKIP.search(commit.message):
        return
    found = list(_workflows(ctx, repo, git, commit))
    asked = any(workflow.looks_at_paths for _, workflow in found if workflow)
    changed = _changed(git, old, new) if asked else None
    payload = {"ref": ref, "before": old, "after": new}
    for row, workflow in found:
        if workflow is None or workflow.wants_push(ref, changed):
            queue(ctx, repo, row, "push", ref.removeprefix("refs/heads/"), new, payload)


def issue(ctx: Context, changed: Row, action: str) -> None:
    """Queue what an event of an issue starts: the workflows of the default branch."""
    if ctx.actor is None or ctx.actor.is_bot or changed["is_pull"]:
        return
    repo = ctx.db.one("SELECT * FROM repos WHERE id = ?", changed["repo_id"])
    git = ctx.git_by_id(changed["repo_id"])
    head = git.head(repo["default_branch"]) if repo else None
    commit = git.commit(head) if head else None
    if repo is None or commit is None:
        return
    for row, workflow in _workflows(ctx, repo, git, commit):
        if workflow and workflow.wants("issues", action):
            payload = {"action": action, "issue_id": changed["id"]}
            queue(ctx, repo, row, "issues", repo["default_branch"], commit.sha, payload)


def queue(
    ctx: Context, repo: Row, workflow: Row, event: str, branch: str, sha: str, payload: Mapping[str, object]
) -> None:
    """Put a run of `workflow` in line; `payload` is what the event is about."""
    if not policy.workflows_run(ctx):
        return
    sql = "SELECT COALESCE(MAX(run_number), 0) + 1 FROM workflow_runs WHERE workflow_id = ?"
    ctx.db.insert(
        "workflow_runs",
        **{"repo_id": repo["id"], "workflow_id": workflow["id"], "event": event, "head_branch": branch},
        **{"run_number": ctx.db.value(sql, workflow["id"]), "head_sha": sha, "status": "queued"},
        **{"inputs": json.dumps(payload.get("inputs") or {}), "payload": json.dumps(payload)},
        **{"actor_id": ctx.actor.id if ctx.actor else None, "created_at": ctx.now, "updated_at": ctx.now},
    )
    ctx.queued = True


def read(git: GitRepo, commit: Commit, path: str) -> str | None:
    """The text of a workflow's file at a commit; None if it is not there."""
    entry = git.at(commit.tree, path)
    found = git.read(entry.sha) if entry else None
    return found.data.decode("utf-8", "replace") if found else None


def _workflows(
    ctx: Context, repo: Row, git: GitRepo, commit: Commit
) -> Iterator[tuple[Row, Workflow | None]]:
    """The active workflows as they are at `commit`; None for one that cannot be read, which fails when it
    runs.
    """
    sql = "SELECT * FROM workflows WHERE repo_id = ? AND state = 'active' ORDER BY id"
    for row in ctx.db.all(sql, repo["id"]):
        text = read(git, commit, row["path"])
        if text is None:
            continue
        try:
            yield row, parse(text)
        except WorkflowError:
            yield row, None


def _changed(git: GitRepo, old: str, new: str) -> list[str] | None:
    """The paths that a push changed; None (any) for a new branch, as GitHub has it then."""
    if old == NO_OBJECT:
        return None
    told = git.git("diff", "--name-only", "--no-renames", "-z", old, new)
    return [path for path in told.stdout.decode("utf-8", "replace").split("\0") if path]
