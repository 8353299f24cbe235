"""Branches, refs, commits, trees, blobs and files."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from cohort_bot.sandbox import nodeids
from cohort_bot.sandbox.clock import stamp
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.gitobjects import Commit, Entry, Person
from cohort_bot.sandbox.rest.shapes import accounts as account_shapes
from cohort_bot.sandbox.rest.shapes import repos as repo_shapes
from cohort_bot.sandbox.store import Row

Json = dict[str, Any]
SUBMODULE = "160000"
SYMLINK = "120000"
_UNVERIFIED = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


def ref(ctx: Context, repo: Row, name: str, sha: str) -> Json:
    """`git-ref`; `name` is the full one."""
    url = repo_shapes.api_url(ctx, repo)
    found = ctx.git(repo).read(sha)
    kind = found.kind if found else "commit"
    return {
        "ref": name,
        "node_id": nodeids.encode_git("Ref", repo["id"], name),
        "url": f"{url}/git/{quote(name)}",
        "object": {"sha": sha, "type": kind, "url": f"{url}/git/{kind}s/{sha}"},
    }


def branch(ctx: Context, repo: Row, name: str, sha: str) -> Json:
    """`short-branch`."""
    url = repo_shapes.api_url(ctx, repo)
    return {"name": name, "commit": {"sha": sha, "url": f"{url}/commits/{sha}"}, "protected": False}


def branch_full(ctx: Context, repo: Row, name: str, found: Commit) -> Json:
    """`branch-with-protection`; nothing is protected here."""
    url = f"{repo_shapes.api_url(ctx, repo)}/branches/{quote(name)}"
    checks = {"enforcement_level": "off", "contexts": [], "checks": []}
    return {
        "name": name,
        "commit": commit(ctx, repo, found),
        "_links": {"self": url, "html": f"{repo_shapes.html_url(ctx, repo)}/tree/{quote(name)}"},
        "protected": False,
        "protection": {"enabled": False, "required_status_checks": checks},
        "protection_url": f"{url}/protection",
    }


def commit(ctx: Context, repo: Row, found: Commit) -> Json:
    """`commit`."""
    url, page = repo_shapes.api_url(ctx, repo), repo_shapes.html_url(ctx, repo)
    return {
        "sha": found.sha,
        "node_id": nodeids.encode_git("Commit", repo["id"], found.sha),
        "url": f"{url}/commits/{found.sha}",
        "html_url": f"{page}/commit/{found.sha}",
        "comments_url": f"{url}/commits/{found.sha}/comments",
        "commit": {
            "author": person(found.author),
            "committer": person(found.committer),
            "message": found.message,
            "tree": {"sha": found.tree, "url": f"{url}/git/trees/{found.tree}"},
            "url": f"{url}/git/commits/{found.sha}",
            "comment_count": 0,
            "verification": _UNVERIFIED,
        },
        "author": _account(ctx, found.author),
        "committer": _account(ctx, found.committer),
        "parents": _parents(ctx, repo, found, "commits"),
    }


def _parents(ctx: Context, repo: Row, found: Commit, kind: str) -> list[Json]:
    url, page = repo_shapes.api_url(ctx, repo), repo_shapes.html_url(ctx, repo)
    return [
        {"sha": sha, "url": f"{url}/{kind}/{sha}", "html_url": f"{page}/commit/{sha}"}
        for sha in found.parents
    ]


def person(found: Person) -> Json:
    """`git-user`."""
    return {"name": found.name, "email": found.email, "date": stamp(found.when)}


def _account(ctx: Context, found: Person) -> Json | None:
    """The account whose address the commit bears: its own, or the one that GitHub gives out."""
    key = ("author", found.email)
    if key not in ctx.cache:
        number = found.email.partition("+")[0]
        hidden = number.isdigit() and found.email.endswith("@users.noreply.github.com")
        row_id = int(number) if hidden else -1
        ctx.cache[key] = ctx.db.one("SELECT * FROM accounts WHERE id = ? OR email = ?", row_id, found.email)
    row = ctx.cache[key]
    return account_shapes.simple(ctx, row) if isinstance(row, dict) else None


def git_commit(ctx: Context, repo: Row, found: Commit) -> Json:
    """`git-commit`."""
    url, page = repo_shapes.api_url(ctx, repo), repo_shapes.html_url(ctx, repo)
    return {
        "sha": found.sha,
        "node_id": nodeids.encode_git("Commit", repo["id"], found.sha),
        "url": f"{url}/git/commits/{found.sha}",
        "html_url": f"{page}/commit/{found.sha}",
        "author": person(found.author),
        "committer": person(found.committer),
        "message": found.message,
        "tree": {"sha": found.tree, "url": f"{url}/git/trees/{found.tree}"},
        "parents": _parents(ctx, repo, found, "git/commits"),
        "verification": _UNVERIFIED,
    }


def tree(ctx: Context, repo: Row, sha: str, entries: list[tuple[str, Entry]]) -> Json:
    """`git-tree`."""
    url = repo_shapes.api_url(ctx, repo)
    lines = [_tree_line(ctx, repo, path, entry) for path, entry in entries]
    return {"sha": sha, "url": f"{url}/git/trees/{sha}", "tree": lines, "truncated": False}


def _tree_line(ctx: Context, repo: Row, path: str, entry: Entry) -> Json:
    kind = "commit" if entry.mode == SUBMODULE else "tree" if entry.is_tree else "blob"
    line: Json = {"path": path, "mode": entry.mode.zfill(6), "type": kind, "sha": entry.sha}
    if kind == "commit":
        return line
    if kind == "blob":
        line["size"] = ctx.git(repo).size(entry.sha)
    return line | {"url": f"{repo_shapes.api_url(ctx, repo)}/git/{kind}s/{entry.sha}"}


def blob(ctx: Context, repo: Row, sha: str, data: bytes) -> Json:
    """`blob`."""
    return {
        "sha": sha,
        "node_id": nodeids.encode_git("Blob", repo["id"], sha),
        "url": f"{repo_shapes.api_url(ctx, repo)}/git/blobs/{sha}",
        "size": len(data),
        "content": _base64(data),
        "encoding": "base64",
    }


def _base64(data: bytes) -> str:
    return base64.encodebytes(data).decode("ascii")


def content(ctx: Context, repo: Row, path: str, entry: Entry, branch_name: str, data: bytes | None) -> Json:
    """`content-file` with `data`, or one line of `content-directory` without."""
    url, page = repo_shapes.api_url(ctx, repo), repo_shapes.html_url(ctx, repo)
    kind = "dir" if entry.is_tree else "submodule" if entry.mode == SUBMODULE else "file"
    here = f"{url}/contents/{quote(path)}?ref={quote(branch_name)}"
    git = f"{url}/git/{'trees' if entry.is_tree else 'blobs'}/{entry.sha}"
    shown = f"{page}/{'tree' if entry.is_tree else 'blob'}/{quote(branch_name)}/{quote(path)}"
    raw = f"{page}/raw/{quote(branch_name)}/{quote(path)}" if kind == "file" else None
    payload = {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.sha,
        "size": ctx.git(repo).size(entry.sha) if kind == "file" else 0,
        "url": here,
        "html_url": shown,
        "git_url": git,
        "download_url": raw,
        "type": kind,
        "_links": {"self": here, "git": git, "html": shown},
    }
    return payload if data is None else payload | {"content": _base64(data), "encoding": "base64"}


def diff_entry(ctx: Context, repo: Row, line: str, sha: str) -> Json:
    """`diff-entry` from a line that holds status, added, removed and path, tab-separated."""
    url, page = repo_shapes.api_url(ctx, repo), repo_shapes.html_url(ctx, repo)
    status, added, removed, path = line.split("\t", 3)
    plus, minus = (int(n) if n.isdigit() else 0 for n in (added, removed))
    return {
        "sha": None,
        "filename": path,
        "status": {"A": "added", "D": "removed"}.get(status, "modified"),
        "additions": plus,
        "deletions": minus,
        "changes": plus + minus,
        "blob_url": f"{page}/blob/{sha}/{quote(path)}",
        "raw_url": f"{page}/raw/{sha}/{quote(path)}",
        "contents_url": f"{url}/contents/{quote(path)}?ref={sha}",
    }
