"""Commits and workflow runs of a repository."""

from __future__ import annotations

from itertools import islice

from werkzeug import Response

from cohort_bot.sandbox.failures import NotFound
from cohort_bot.sandbox.pages.repo import find
from cohort_bot.sandbox.pages.view import Page
from cohort_bot.sandbox.runner.shell import read_log

SHOWN = 100


def log(page: Page, owner: str, name: str, ref: str = "HEAD") -> Response:
    """The latest commits of a branch."""
    repo = find(page, owner, name)
    git = page.context.git(repo)
    sha = git.resolve(ref, repo["default_branch"])
    commits = list(islice(git.log(sha), SHOWN)) if sha else []
    return page.show("commits.html.j2", repo=repo, tab="commits", commits=commits)


def commit(page: Page, owner: str, name: str, ref: str) -> Response:
    """One commit: its message and the files it changed."""
    repo = find(page, owner, name)
    git = page.context.git(repo)
    sha = git.resolve(ref, repo["default_branch"])
    found = git.commit(sha) if sha else None
    if found is None:
        raise NotFound
    arguments = ("diff-tree", "--root", "--no-commit-id", "-r", "-p", "--stat", "--no-ext-diff", found.sha)
    diff = git.git(*arguments).stdout[: 256 * 1024].decode("utf-8", "replace")
    return page.show("commit.html.j2", repo=repo, tab="commits", commit=found, diff=diff)


def runs(page: Page, owner: str, name: str, run: int = 0) -> Response:
    """Workflow runs, the latest first; `run` picks out one, and shows its log."""
    repo = find(page, owner, name)
    rows = page.all(
        "SELECT x.*, w.name, w.path, a.login FROM workflow_runs x JOIN workflows w ON w.id = x.workflow_id"
        " LEFT JOIN accounts a ON a.id = x.actor_id WHERE x.repo_id = ? AND (? = 0 OR x.id = ?)"
        " ORDER BY x.id DESC LIMIT ?",
        *(repo["id"], run, run, SHOWN),
    )
    text = read_log(page.context.data_dir, run) if run and rows else ""
    return page.show("runs.html.j2", repo=repo, tab="runs", runs=rows, log=text)
