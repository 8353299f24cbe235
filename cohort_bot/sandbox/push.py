"""What follows when a branch moves, by `git push` or through the API."""

from __future__ import annotations

import re

from cohort_bot.sandbox import triggers
from cohort_bot.sandbox.context import Actor, Context
from cohort_bot.sandbox.domain import issues, repos
from cohort_bot.sandbox.gitobjects import Commit
from cohort_bot.sandbox.gitrepo import NO_OBJECT, GitRepo
from cohort_bot.sandbox.store import Row

# https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
_KEYWORD = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d+)\b", re.IGNORECASE)
_WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
_NAME = re.compile(r"^name:\s*(.+?)\s*$", re.MULTILINE)


def pushed(context: Context, repo: Row, old: str, new: str, ref: str, actor: Actor | None) -> None:
    """Take note that `ref` (full name) of `repo` went from sha `old` to `new` (NO_OBJECT: made, deleted)
    by `actor`.

    Records the push, moves `pushed_at`, learns the workflows of the default branch, and closes the issues
    that its new commits name with a closing keyword, and starts workflows. Call it inside a write
    transaction.
    """
    context.db.insert(
        "pushes",
        **{"repo_id": repo["id"], "ref": ref, "before": old, "after": new},
        **{"actor_id": actor.id if actor else None, "created_at": context.now},
    )
    git = context.git(repo)
    stamps = {"pushed_at": context.now, "updated_at": context.now}
    context.db.update("repos", repo["id"], **stamps, size=git.kilobytes())
    _adopt_first_branch(context, repo, git, ref)
    if ref == f"refs/heads/{repo['default_branch']}" and new != NO_OBJECT:
        learn_workflows(context, repo, git, new)
        _close_named(context, repo, git, old, new)
    triggers.push(context, repo, old, new, ref, actor)


def _adopt_first_branch(ctx: Context, repo: Row, git: GitRepo, ref: str) -> None:
    """The first branch pushed to an empty repository becomes its default branch."""
    branch = ref.removeprefix("refs/heads/")
    if branch == ref or branch == repo["default_branch"] or git.head(repo["default_branch"]):
        return
    if list(git.refs("refs/heads/")) == [ref]:
        repos.set_default_branch(ctx, repo, branch)
        repo["default_branch"] = branch


def learn_workflows(ctx: Context, repo: Row, git: GitRepo, sha: str) -> None:
    """Let the table of workflows say what lies in `.github/workflows` at a commit."""
    commit = git.commit(sha)
    folder = git.at(commit.tree, ".github/workflows") if commit else None
    found = git.walk(folder.sha, ".github/workflows/") if folder else iter(())
    files = {path: entry.sha for path, entry in found if _WORKFLOW.fullmatch(path)}
    for path, blob in files.items():
        data = git.read(blob)
        match = _NAME.search(data.data.decode("utf-8", "replace")) if data else None
        name = match.group(1).strip("'\"") if match else path
        ctx.db.run(
            "INSERT INTO workflows (repo_id, path, name, created_at, updated_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (repo_id, path) DO UPDATE SET name = excluded.name",
            *(repo["id"], path, name, ctx.now, ctx.now),
        )
    for row in ctx.db.all("SELECT id, path FROM workflows WHERE repo_id = ?", repo["id"]):
        if row["path"] not in files:
            ctx.db.run("DELETE FROM workflows WHERE id = ?", row["id"])


def _close_named(ctx: Context, repo: Row, git: GitRepo, old: str, new: str) -> None:
    for commit in _new_commits(git, old, new):
        for number in dict.fromkeys(_KEYWORD.findall(commit.message)):
            sql = "SELECT * FROM issues WHERE repo_id = ? AND number = ? AND NOT is_pull AND state = 'open'"
            issue = ctx.db.one(sql, repo["id"], int(number))
            if issue:
                issues.close(ctx, issue, commit_id=commit.sha)


def _new_commits(git: GitRepo, old: str, new: str) -> list[Commit]:
    """The commits that `new` has and `old` had not, oldest first."""
    if old == NO_OBJECT:
        return list(git.log(new))[::-1]
    known = {commit.sha for commit in git.log(old)}
    return [commit for commit in git.log(new) if commit.sha not in known][::-1]
