"""Files and history: https://docs.github.com/en/rest/repos/contents and …/commits/commits."""

from __future__ import annotations

import itertools
from typing import Any

from werkzeug import Response

from cohort_bot.sandbox.calls import Call, Payload, Reply, Routes
from cohort_bot.sandbox.clock import parse
from cohort_bot.sandbox.domain import access
from cohort_bot.sandbox.failures import Conflict, Invalid, NotFound
from cohort_bot.sandbox.gitobjects import Commit, Entry
from cohort_bot.sandbox.gitrepo import NO_OBJECT, GitRepo
from cohort_bot.sandbox.rest.git import EMPTY, from_base64, move_ref, need_commit, signature
from cohort_bot.sandbox.rest.shapes import git as shapes

routes = Routes()
_READMES = ("readme.md", "readme", "readme.rst", "readme.txt")


def _head(call: Call, name: str | None) -> Commit:
    """The commit that `ref` names, by default the tip of the default branch."""
    git = call.ctx.git(call.repo)
    branch = name or call.repo["default_branch"]
    if git.is_empty():
        raise NotFound("This repository is empty.")
    sha = git.resolve(branch, call.repo["default_branch"])
    if sha is None or (found := git.commit(sha)) is None:
        raise NotFound(f"No commit found for the ref {branch}")
    return found


@routes.get("/repos/<owner>/<repo>/contents/<path:file>", "repo")
def _contents(call: Call) -> Reply | Payload:
    return _show(call, call.path["file"].strip("/"))


@routes.get("/repos/<owner>/<repo>/contents", "repo")
def _top(call: Call) -> Reply | Payload:
    return _show(call, "")


@routes.get("/repos/<owner>/<repo>/contents/", "repo")
def _top_with_slash(call: Call) -> Reply | Payload:
    return _show(call, "")


def _show(call: Call, path: str) -> Reply | Payload:
    ref = call.request.args.get("ref")
    commit, git = _head(call, ref), call.ctx.git(call.repo)
    found = git.at(commit.tree, path)
    if found is None:
        raise NotFound
    branch = ref or call.repo["default_branch"]
    if found.is_tree:
        prefix = f"{path}/" if path else ""
        rows = [(prefix + entry.name, entry) for entry in git.tree(found.sha)]
        return [shapes.content(call.ctx, call.repo, name, entry, branch, None) for name, entry in rows]
    return _file(call, git, path, found, branch)


def _file(call: Call, git: GitRepo, path: str, found: Entry, branch: str) -> Reply | Payload:
    blob = git.read(found.sha)
    data = blob.data if blob else b""
    if "raw" in call.request.headers.get("Accept", ""):
        return Reply(None, raw=Response(data, content_type="application/vnd.github.raw; charset=utf-8"))
    return shapes.content(call.ctx, call.repo, path, found, branch, data)


@routes.get("/repos/<owner>/<repo>/readme", "repo")
def _readme(call: Call) -> Reply | Payload:
    ref = call.request.args.get("ref")
    commit, git = _head(call, ref), call.ctx.git(call.repo)
    names = {entry.name.lower(): entry for entry in git.tree(commit.tree) if not entry.is_tree}
    found = next((names[name] for name in _READMES if name in names), None)
    if found is None:
        raise NotFound
    return _file(call, git, found.name, found, ref or call.repo["default_branch"])


@routes.put("/repos/<owner>/<repo>/contents/<path:file>", "repo")
def _put(call: Call) -> Reply:
    path = call.path["file"]
    data = from_base64(call.need_text("content"))
    old, commit = _write(call, path, data)
    git = call.ctx.git(call.repo)
    entry = git.at(commit.tree, path)
    branch = call.text("branch") or call.repo["default_branch"]
    content = shapes.content(call.ctx, call.repo, path, entry, branch, None) if entry else None
    return Reply(_file_commit(call, content, commit), 200 if old else 201)


@routes.delete("/repos/<owner>/<repo>/contents/<path:file>", "repo")
def _delete(call: Call) -> Payload:
    _, commit = _write(call, call.path["file"], None)
    return _file_commit(call, None, commit)


def _file_commit(call: Call, content: Payload, commit: Commit) -> dict[str, Any]:
    return {"content": content, "commit": shapes.git_commit(call.ctx, call.repo, commit)}


def _write(call: Call, path: str, data: bytes | None) -> tuple[Entry | None, Commit]:
    """Write or delete (None) one file as one commit: what was there before, and the commit."""
    access.need_write(call.ctx, call.repo)
    access.need_workflow_scope(call.ctx, [path])
    git = call.ctx.git(call.repo)
    branch = call.text("branch") or call.repo["default_branch"]
    head = git.head(branch)
    if head is None and not git.is_empty():
        raise NotFound(f"Branch {branch} not found")
    base = git.commit(head) if head else None
    old = git.at(base.tree, path) if base else None
    _check_sha(call, path, old, deleting=data is None)
    author = signature(call, "author")
    committer = signature(call, "committer", author)
    new = git.commit_files(head, {path: data}, call.need_text("message"), author, committer)
    move_ref(call.ctx, call.repo, f"refs/heads/{branch}", new, head or NO_OBJECT)
    return old, need_commit(git, new)


def _check_sha(call: Call, path: str, old: Entry | None, deleting: bool) -> None:
    """Replacing a file takes its sha, so that nobody overwrites what they have not seen."""
    sha = call.text("sha")
    if old is None:
        if deleting:
            raise NotFound
        return
    if sha is None:
        raise Invalid('Invalid request.\n\n"sha" wasn\'t supplied.')
    if sha != old.sha:
        raise Conflict(f"{path} does not match {sha}")


@routes.get("/repos/<owner>/<repo>/commits", "repo")
def _commits(call: Call) -> Reply:
    git, args = call.ctx.git(call.repo), call.request.args
    if git.is_empty():
        raise Conflict(EMPTY)
    start = git.resolve(args.get("sha") or call.repo["default_branch"], call.repo["default_branch"])
    if start is None:
        raise NotFound
    since, until = (parse(args[key]) if args.get(key) else None for key in ("since", "until"))
    found = (
        commit
        for commit in git.log(start)
        if (since is None or commit.committer.when >= since)
        and (until is None or commit.committer.when <= until)
    )
    if path := args.get("path"):
        found = (commit for commit in found if git.touches(commit, path))
    rows = [{"commit": commit} for commit in itertools.islice(found, 5000)]
    return call.listing(rows, lambda ctx, row: shapes.commit(ctx, call.repo, row["commit"]))


@routes.get("/repos/<owner>/<repo>/commits/<path:ref>", "repo")
def _commit(call: Call) -> Payload:
    git, name = call.ctx.git(call.repo), call.path["ref"]
    if git.is_empty():
        raise Conflict(EMPTY)
    sha = git.resolve(name, call.repo["default_branch"])
    found = git.commit(sha) if sha else None
    if found is None:
        raise Invalid(f"No commit found for SHA: {name}")
    files = [shapes.diff_entry(call.ctx, call.repo, line, found.sha) for line in git.changes(found.sha)]
    plus, minus = (sum(file[key] for file in files) for key in ("additions", "deletions"))
    stats = {"additions": plus, "deletions": minus, "total": plus + minus}
    return shapes.commit(call.ctx, call.repo, found) | {"stats": stats, "files": files}
