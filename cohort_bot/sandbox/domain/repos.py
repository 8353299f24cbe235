"""Repositories: finding, making, changing and removing them."""

from __future__ import annotations

import re

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, accounts, arrivals, seeds
from cohort_bot.sandbox.failures import Forbidden, Invalid, NotFound, field_error, missing_field
from cohort_bot.sandbox.store import Row

NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
# GitHub does not refuse other characters; it puts a dash in their place.
_UNUSABLE = re.compile(r"[^A-Za-z0-9._-]+")
CHANGEABLE = ("description", "homepage", "is_template", "has_issues", "has_projects", "has_wiki", "private")


class Moved(Exception):
    """The repository has been renamed; `repo` is its row. Not an error: REST answers with the new address."""

    def __init__(self, repo: Row) -> None:
        super().__init__(str(repo["id"]))
        self.repo = repo


def by_id(ctx: Context, repo_id: int | None) -> Row | None:
    """The repository with that id, whoever asks."""
    return ctx.db.one("SELECT * FROM repos WHERE id = ?", repo_id)


def lookup(ctx: Context, owner: str, name: str) -> Row | None:
    """The repository with that name, whoever asks."""
    sql = "SELECT r.* FROM repos r JOIN accounts a ON a.id = r.owner_id WHERE a.login = ? AND r.name = ?"
    return ctx.db.one(sql, owner, name)


def follow(ctx: Context, owner: str, name: str) -> Row | None:
    """The repository that used to have that name."""
    target = ctx.db.value("SELECT repo_id FROM redirects WHERE owner = ? AND name = ?", owner, name)
    return by_id(ctx, target) if target else None


def need(ctx: Context, owner: str, name: str) -> Row:
    """The repository with that name, if the asker may see it. Raises Moved after a rename."""
    repo = lookup(ctx, owner, name)
    moved = None if repo else follow(ctx, owner, name)
    found = repo or moved
    if found is None or not access.visible(ctx, found):
        raise NotFound
    if moved:
        raise Moved(moved)
    return found


def owner_login(ctx: Context, repo: Row) -> str:
    """The login of the account it belongs to."""
    owner = accounts.by_id(ctx, repo["owner_id"])
    return str(owner["login"]) if owner else ""


def full_name(ctx: Context, repo: Row) -> str:
    """`owner/name`."""
    return f"{owner_login(ctx, repo)}/{repo['name']}"


def need_creator(ctx: Context, owner: Row, private: bool) -> None:
    """Refuse unless the asker may make repositories in that account."""
    actor = access.need_person(ctx)
    if not (actor.has("repo") or (not private and actor.has("public_repo"))):
        raise NotFound
    if actor.id == owner["id"]:
        return
    role = accounts.role_in(ctx, owner["id"], actor.id)
    if role != "admin" and not (role and owner["members_can_create"]):
        name = owner["login"]
        raise Forbidden(
            f"You need admin access to the organization before adding a repository to it. ({name})"
        )


def create(ctx: Context, owner: Row, name: str, **columns: object) -> Row:
    """An empty repository; its default labels follow a moment later."""
    need_creator(ctx, owner, bool(columns.get("private")))
    name = _UNUSABLE.sub("-", name)
    need_free_name(ctx, owner, name)
    new = ctx.db.insert(
        "repos",
        **{
            "owner_id": owner["id"],
            "name": name,
            "created_at": ctx.now,
            "updated_at": ctx.now,
            "pushed_at": ctx.now,
        },
        **columns,
    )
    repo = by_id(ctx, new)
    if repo is None:
        raise NotFound
    ctx.db.run("DELETE FROM redirects WHERE owner = ? AND name = ?", owner["login"], name)
    if ctx.actor and not accounts.is_org_admin(ctx, owner["id"]):
        ctx.db.insert("collaborators", repo_id=new, user_id=ctx.actor.id, permission="admin")
    ctx.git(repo).create(repo["default_branch"])
    arrivals.schedule(ctx, "labels", repo_id=new)
    return repo


def need_free_name(ctx: Context, owner: Row, name: str) -> None:
    """Refuse a name that is not one, or taken in that account."""
    if not name:
        raise missing_field("Repository", "name")
    if not NAME.fullmatch(name) or name in {".", ".."}:
        raise Invalid("Name is invalid", [field_error("Repository", "name", "custom", "name is invalid")])
    if ctx.db.one("SELECT id FROM repos WHERE owner_id = ? AND name = ?", owner["id"], name):
        message = "name already exists on this account"
        raise Invalid(
            "Name already exists on this account", [field_error("Repository", "name", "custom", message)]
        )


def first_commit(ctx: Context, repo: Row) -> None:
    """The README that `auto_init` asks for."""
    git = ctx.git(repo)
    text = f"# {repo['name']}\n" + (f"{repo['description']}\n" if repo["description"] else "")
    author = accounts.person(ctx, ctx.actor.user if ctx.actor else None)
    sha = git.commit_files(None, {"README.md": text.encode()}, "Initial commit", author)
    git.write_first_ref(repo["default_branch"], sha)
    ctx.db.update("repos", repo["id"], size=git.kilobytes())


def generate(
    ctx: Context, template: Row, owner: Row, name: str, all_branches: bool, **columns: object
) -> Row:
    """A repository made from a template. It stays empty for a moment, as GitHub copies after it has answered.

    Only files are copied: https://docs.github.com/en/repositories/creating-and-managing-repositories/creating-a-repository-from-a-template
    """
    if not template["is_template"]:
        raise NotFound
    branch = template["default_branch"]
    repo = create(ctx, owner, name, template_id=template["id"], default_branch=branch, **columns)
    arrivals.schedule(
        ctx,
        "contents",
        **{"repo_id": repo["id"], "template_id": template["id"], "all_branches": all_branches},
        author_id=ctx.actor.id if ctx.actor else None,
    )
    return repo


def change(ctx: Context, repo: Row, **columns: object) -> Row:
    """Change settings; a changed `name` leaves a redirect behind."""
    name = columns.get("name")
    if isinstance(name, str) and name != repo["name"]:
        _rename(ctx, repo, name)
    ctx.db.update("repos", repo["id"], **columns, updated_at=ctx.now)
    ctx.cache.pop(("granted", repo["id"]), None)
    return by_id(ctx, repo["id"]) or repo


def _rename(ctx: Context, repo: Row, name: str) -> None:
    owner = accounts.by_id(ctx, repo["owner_id"])
    if owner is None:
        raise NotFound
    if name.lower() != repo["name"].lower():
        need_free_name(ctx, owner, name)
        ctx.db.run("DELETE FROM redirects WHERE owner = ? AND name = ?", owner["login"], name)
        ctx.db.run(
            "INSERT OR REPLACE INTO redirects (owner, name, repo_id) VALUES (?, ?, ?)",
            *(owner["login"], repo["name"], repo["id"]),
        )


def set_default_branch(ctx: Context, repo: Row, branch: str) -> None:
    """Let `branch` be the one that HEAD means."""
    ctx.db.update("repos", repo["id"], default_branch=branch, updated_at=ctx.now)
    ctx.git(repo).point_head(branch)


def delete(ctx: Context, repo: Row) -> None:
    """Remove a repository with everything in it."""
    ctx.db.run("DELETE FROM repos WHERE id = ?", repo["id"])
    ctx.git(repo).delete()


def touch(ctx: Context, repo: Row, issue_id: int | None = None) -> None:
    """Note that something in the repository (and in an issue of it) has just changed."""
    ctx.db.update("repos", repo["id"], updated_at=ctx.now)
    if issue_id is not None:
        ctx.db.update("issues", issue_id, updated_at=ctx.now)


def arrive_labels(ctx: Context, repo_id: int) -> None:
    """Bring the default labels in; those whose names are already taken are left as they are."""
    if by_id(ctx, repo_id) is None:
        return
    for name, color, description in seeds.LABELS:
        ctx.db.run(
            "INSERT OR IGNORE INTO labels (repo_id, name, color, description, is_default,"
            " created_at, updated_at)"
            " VALUES (?, ?, ?, ?, 1, ?, ?)",
            *(repo_id, name, color, description, ctx.now, ctx.now),
        )
