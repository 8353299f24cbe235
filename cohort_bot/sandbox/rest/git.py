"""The Git Data API and branches: https://docs.github.com/en/rest/git."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from cohort_bot.sandbox.calls import Call, Payload, Reply, Routes
from cohort_bot.sandbox.clock import parse
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, accounts
from cohort_bot.sandbox.failures import Conflict, Invalid, NotFound, invalid_field
from cohort_bot.sandbox.gitobjects import TREE_MODE, Commit, Person
from cohort_bot.sandbox.gitrepo import NO_OBJECT, GitRepo
from cohort_bot.sandbox.push import pushed
from cohort_bot.sandbox.rest.shapes import git as shapes
from cohort_bot.sandbox.store import Row

routes = Routes()
EMPTY = "Git Repository is empty."


def _filled(call: Call, level: str = "read") -> GitRepo:
    """The repository, which must have a commit: without one the Git Data API answers 409."""
    access.need(call.ctx, call.repo, level)
    if level != "read":
        access.need_unlocked(call.repo)
    git = call.ctx.git(call.repo)
    if git.is_empty():
        raise Conflict(EMPTY)
    return git


def need_commit(git: GitRepo, sha: str | None) -> Commit:
    """The commit with that sha, or a 404."""
    found = git.commit(sha) if sha else None
    if found is None:
        raise NotFound
    return found


@routes.get("/repos/<owner>/<repo>/branches", "repo")
def _branches(call: Call) -> Reply:
    heads = call.ctx.git(call.repo).refs("refs/heads/")
    rows: list[Row] = [{"name": name.removeprefix("refs/heads/"), "sha": sha} for name, sha in heads.items()]
    return call.listing(rows, lambda ctx, row: shapes.branch(ctx, call.repo, row["name"], row["sha"]))


@routes.get("/repos/<owner>/<repo>/branches/<path:branch>", "repo")
def _branch(call: Call) -> Payload:
    git, name = call.ctx.git(call.repo), call.path["branch"]
    sha = git.head(name)
    if sha is None:
        raise NotFound("Branch not found")
    return shapes.branch_full(call.ctx, call.repo, name, need_commit(git, sha))


@routes.get("/repos/<owner>/<repo>/git/ref/<path:ref>", "repo")
def _ref(call: Call) -> Payload:
    name = f"refs/{call.path['ref']}"
    sha = _filled(call).ref(name)
    if sha is None:
        raise NotFound
    return shapes.ref(call.ctx, call.repo, name, sha)


@routes.get("/repos/<owner>/<repo>/git/matching-refs/<path:ref>", "repo")
def _matching_refs(call: Call) -> Payload:
    found = _filled(call).refs(f"refs/{call.path['ref']}")
    return [shapes.ref(call.ctx, call.repo, name, sha) for name, sha in found.items()]


@routes.post("/repos/<owner>/<repo>/git/refs", "repo")
def _create_ref(call: Call) -> Reply:
    git = _filled(call, "write")
    name, sha = call.need_text("ref"), call.need_text("sha")
    if not name.startswith("refs/") or name.count("/") < 2:
        raise Invalid("Reference name must start with 'refs/' and have at least two slashes.")
    if not git.has(sha):
        raise Invalid("Object does not exist")
    if git.ref(name):
        raise Invalid("Reference already exists")
    move_ref(call.ctx, call.repo, name, sha, NO_OBJECT)
    return Reply(shapes.ref(call.ctx, call.repo, name, sha), 201)


@routes.patch("/repos/<owner>/<repo>/git/refs/<path:ref>", "repo")
def _update_ref(call: Call) -> Payload:
    git = _filled(call, "write")
    name, sha = f"refs/{call.path['ref']}", call.need_text("sha")
    old = git.ref(name)
    if old is None:
        raise Invalid("Reference does not exist")
    if not git.has(sha):
        raise Invalid("Object does not exist")
    if not call.flag("force") and not git.is_ancestor(old, sha):
        raise Invalid("Update is not a fast forward")
    move_ref(call.ctx, call.repo, name, sha, old)
    return shapes.ref(call.ctx, call.repo, name, sha)


@routes.delete("/repos/<owner>/<repo>/git/refs/<path:ref>", "repo")
def _delete_ref(call: Call) -> Reply:
    git = _filled(call, "write")
    name = f"refs/{call.path['ref']}"
    old = git.ref(name)
    if old is None or not git.delete_ref(name):
        raise Invalid("Reference does not exist")
    pushed(call.ctx, call.repo, old, NO_OBJECT, name, call.ctx.actor)
    return Reply(None, 204)


def move_ref(ctx: Context, repo: Row, name: str, new: str, old: str) -> None:
    """Point a ref elsewhere, with everything that follows from a push; what `old` says must still be so."""
    git = ctx.git(repo)
    _need_workflow_scope(ctx, git, old, new)
    if not git.set_ref(name, new, old):
        raise Conflict(f"Could not update {name}: it has changed, or its name is not a valid one.")
    pushed(ctx, repo, old, new, name, ctx.actor)


def _need_workflow_scope(ctx: Context, git: GitRepo, old: str, new: str) -> None:
    """A commit that changes workflow files must not slip in through a ref either."""
    after, before = git.commit(new), git.commit(old) if old != NO_OBJECT else None
    trees = [git.at(commit.tree, ".github/workflows") if commit else None for commit in (before, after)]
    if trees[1] and (trees[0] is None or trees[0].sha != trees[1].sha) and not _known_tree(git, trees[1].sha):
        access.need_workflow_scope(ctx, [".github/workflows/"])


def _known_tree(git: GitRepo, tree: str) -> bool:
    """Whether some branch already has these workflow files: a new branch from it writes nothing new."""
    heads = (git.commit(sha) for sha in git.refs("refs/heads/").values())
    found = (git.at(head.tree, ".github/workflows") for head in heads if head)
    return any(entry and entry.sha == tree for entry in found)


@routes.get("/repos/<owner>/<repo>/git/trees/<path:tree>", "repo")
def _tree(call: Call) -> Payload:
    git = _filled(call)
    sha = git.resolve(call.path["tree"], call.repo["default_branch"])
    commit = git.commit(sha) if sha else None
    root = commit.tree if commit else sha
    found = git.read(root) if root else None
    if root is None or found is None or found.kind != "tree":
        raise NotFound
    deep = "recursive" in call.request.args
    entries = list(git.walk(root)) if deep else [(entry.name, entry) for entry in git.tree(root)]
    return shapes.tree(call.ctx, call.repo, root, entries)


@routes.post("/repos/<owner>/<repo>/git/trees", "repo")
def _create_tree(call: Call) -> Reply:
    git = _filled(call, "write")
    base = call.text("base_tree")
    commit = git.commit(base) if base else None
    lines = call.body.get("tree")
    if not isinstance(lines, list) or not lines:
        raise Invalid("Invalid tree info")
    changes = {str(line.get("path")): _tree_change(git, line) for line in lines if isinstance(line, dict)}
    access.need_workflow_scope(call.ctx, list(changes))
    sha = git.edit(commit.tree if commit else base, changes) or git.write("tree", b"")
    entries = [(entry.name, entry) for entry in git.tree(sha)]
    return Reply(shapes.tree(call.ctx, call.repo, sha, entries), 201)


def _tree_change(git: GitRepo, line: dict[str, Any]) -> tuple[str, str] | None:
    mode, sha = str(line.get("mode", "100644")).lstrip("0"), line.get("sha")
    if "content" in line:
        return mode, git.write("blob", str(line["content"]).encode())
    if sha is None:
        return None
    if mode not in {"100644", "100755", "120000", TREE_MODE} or not git.has(str(sha)):
        raise Invalid("Invalid tree info")
    return mode, str(sha)


@routes.post("/repos/<owner>/<repo>/git/blobs", "repo")
def _create_blob(call: Call) -> Reply:
    git = _filled(call, "write")
    data = call.need_text("content").encode()
    if call.text("encoding") == "base64":
        data = from_base64(data.decode())
    sha = git.write("blob", data)
    full = shapes.blob(call.ctx, call.repo, sha, data)
    return Reply({"sha": sha, "url": full["url"]}, 201)


def from_base64(text: str) -> bytes:
    """The bytes that base64 `text` stands for, line breaks allowed."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("content is not valid Base64") from error


@routes.get("/repos/<owner>/<repo>/git/blobs/<sha>", "repo")
def _blob(call: Call) -> Payload:
    git, sha = _filled(call), call.path["sha"]
    found = git.read(sha) if git.has(sha) else None
    if found is None or found.kind != "blob":
        raise NotFound
    return shapes.blob(call.ctx, call.repo, sha, found.data)


@routes.post("/repos/<owner>/<repo>/git/commits", "repo")
def _create_commit(call: Call) -> Reply:
    git = _filled(call, "write")
    tree, parents = call.need_text("tree"), call.strings("parents", "sha") or []
    for sha in (tree, *parents):
        if not git.has(sha):
            raise Invalid("Tree SHA does not exist" if sha == tree else "Parent SHA does not exist")
    author = signature(call, "author")
    committer = signature(call, "committer", author)
    sha = git.write_commit(tree, tuple(parents), call.need_text("message"), author, committer)
    return Reply(shapes.git_commit(call.ctx, call.repo, need_commit(git, sha)), 201)


def signature(call: Call, field: str, default: Person | None = None) -> Person:
    """`author` or `committer` of the body; the asker if it is not there."""
    own = default or accounts.person(call.ctx, access.need_actor(call.ctx).user)
    given = call.body.get(field)
    if not isinstance(given, dict):
        return own
    try:
        when = parse(str(given["date"])) if given.get("date") else own.when
    except ValueError as error:
        raise invalid_field("Commit", f"{field}.date") from error
    return Person(str(given.get("name") or own.name), str(given.get("email") or own.email), when)


@routes.get("/repos/<owner>/<repo>/git/commits/<sha>", "repo")
def _git_commit(call: Call) -> Payload:
    git, sha = _filled(call), call.path["sha"]
    return shapes.git_commit(call.ctx, call.repo, need_commit(git, sha if git.has(sha) else None))
