"""A repository's front page, its folders and its files."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass

from werkzeug import Response

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import milestones, repos
from cohort_bot.sandbox.failures import NotFound
from cohort_bot.sandbox.gitobjects import Commit, Entry
from cohort_bot.sandbox.pages.view import POLICY, Page
from cohort_bot.sandbox.store import Row

SHOWN_BYTES = 512 * 1024
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"}
_COUNTS = """
SELECT (SELECT COUNT(*) FROM issues WHERE repo_id = ? AND NOT is_pull AND state = 'open') AS open_issues,
  (SELECT COUNT(*) FROM issues WHERE repo_id = ? AND is_pull AND state = 'open') AS open_pulls,
  (SELECT COUNT(*) FROM milestones WHERE repo_id = ?) AS milestone_count,
  (SELECT COUNT(*) FROM workflow_runs WHERE repo_id = ?) AS runs
"""
_BOARDS = """
SELECT p.*, a.login AS owner, a.kind AS owner_kind FROM projects p
JOIN project_repos x ON x.project_id = p.id JOIN accounts a ON a.id = p.owner_id
WHERE x.repo_id = ? ORDER BY p.number
"""


@dataclass(frozen=True)
class Place:
    """A path at a commit. `ref` is the branch or sha as it stands in the address."""

    ref: str
    path: str
    commit: Commit
    entry: Entry


def find(page: Page, owner: str, name: str) -> Row:
    """The repository, with what every page of it shows; pages need no permission."""
    context = page.context
    found = repos.lookup(context, owner, name)
    if found is None:
        moved = repos.follow(context, owner, name)
        if moved is None:
            raise NotFound
        raise repos.Moved(moved)
    return found | {"owner": repos.owner_login(context, found)} | _tabs(page, found)


def _tabs(page: Page, repo: Row) -> Row:
    counts = page.one(_COUNTS, *[repo["id"]] * 4) or {}
    return counts | {"boards": page.all(_BOARDS, repo["id"])}


def overview(page: Page, owner: str, name: str) -> Response:
    """Files, README, milestones and people."""
    repo = find(page, owner, name)
    place = locate(page.context, repo, repo["default_branch"])
    entries = _listed(page.context, repo, place) if place else []
    stages = page.all(
        f"{milestones.SELECT} WHERE m.repo_id = ? ORDER BY m.due_on IS NULL, m.due_on, m.number", repo["id"]
    )
    for stage in stages:
        stage["due"] = page.due(stage["due_on"], stage["state"] == "closed" or _all_closed(stage))
    return page.show(
        "repo.html.j2",
        repo=repo,
        tab="files",
        place=place,
        entries=entries,
        readme=_readme(page.context, repo, entries),
        milestones=stages,
        people=_people(page, repo),
    )


def _all_closed(milestone: Row) -> bool:
    return bool(milestone["closed_issues"]) and not milestone["open_issues"]


def _people(page: Page, repo: Row) -> list[Row]:
    return page.all(
        "SELECT a.login, c.permission, 0 AS invited FROM collaborators c JOIN accounts a ON a.id = c.user_id"
        " WHERE c.repo_id = ? UNION ALL SELECT a.login, v.permission, 1 FROM invitations v"
        " JOIN accounts a ON a.id = v.invitee_id WHERE v.repo_id = ? ORDER BY invited, login",
        repo["id"],
        repo["id"],
    )


def locate(context: Context, repo: Row, place: str) -> Place | None:
    """What `ref/and/a/path` names. Branches may have slashes: the longest one that fits is meant."""
    git = context.git(repo)
    parts = place.strip("/").split("/")
    for count in range(len(parts), 0, -1):
        ref, path = "/".join(parts[:count]), "/".join(parts[count:])
        sha = git.resolve(ref, repo["default_branch"])
        commit = git.commit(sha) if sha else None
        entry = git.at(commit.tree, path) if commit else None
        if commit and entry:
            return Place(ref, path, commit, entry)
    return None


def _listed(context: Context, repo: Row, place: Place) -> list[Entry]:
    """Folders first, then files, each by name."""
    entries = context.git(repo).tree(place.entry.sha)
    return sorted(entries, key=lambda entry: (not entry.is_tree, entry.name.lower()))


def _readme(context: Context, repo: Row, entries: list[Entry]) -> str | None:
    found = next((entry for entry in entries if entry.name.lower() in {"readme.md", "readme"}), None)
    data = context.git(repo).read(found.sha) if found else None
    return data.data.decode("utf-8", "replace") if data else None


def _need(page: Page, repo: Row, place: str, folder: bool) -> Place:
    found = locate(page.context, repo, place)
    if found is None or found.entry.is_tree != folder:
        raise NotFound
    return found


def folder(page: Page, owner: str, name: str, place: str) -> Response:
    """What lies in a folder."""
    repo = find(page, owner, name)
    found = _need(page, repo, place, folder=True)
    entries = _listed(page.context, repo, found)
    readme = _readme(page.context, repo, entries)
    return page.show(
        "folder.html.j2", repo=repo, tab="files", place=found, entries=entries, readme=readme, milestones=[]
    )


def file(page: Page, owner: str, name: str, place: str) -> Response:
    """A file: Markdown rendered (unless `?plain=1`), text with line numbers, pictures as pictures."""
    repo = find(page, owner, name)
    found = _need(page, repo, place, folder=False)
    blob = page.context.git(repo).read(found.entry.sha)
    data = blob.data if blob else b""
    binary = b"\0" in data[:8000]
    return page.show(
        "file.html.j2",
        repo=repo,
        tab="files",
        place=found,
        size=len(data),
        binary=binary,
        picture=mimetypes.guess_type(found.path)[0] in PICTURES,
        markdown=found.path.lower().endswith((".md", ".markdown")) and "plain" not in page.request.args,
        text="" if binary else data[:SHOWN_BYTES].decode("utf-8", "replace"),
        cut=len(data) > SHOWN_BYTES and not binary,
    )


def raw(page: Page, owner: str, name: str, place: str) -> Response:
    """A file as it is: pictures as such, everything else as plain text, so that nothing in it can run."""
    repo = find(page, owner, name)
    found = _need(page, repo, place, folder=False)
    blob = page.context.git(repo).read(found.entry.sha)
    kind = mimetypes.guess_type(found.path)[0]
    response = Response(blob.data if blob else b"", mimetype=kind if kind in PICTURES else "text/plain")
    response.headers["Content-Security-Policy"] = f"{POLICY}; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
