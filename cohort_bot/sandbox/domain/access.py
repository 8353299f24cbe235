"""Who may see and do what to a repository.

Levels are those of https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization
"""

from __future__ import annotations

from collections.abc import Iterable

from cohort_bot.sandbox.context import Actor, Context
from cohort_bot.sandbox.domain import accounts
from cohort_bot.sandbox.failures import Forbidden, MissingScope, NotFound
from cohort_bot.sandbox.store import Row

LEVELS = ("none", "read", "triage", "write", "maintain", "admin")
RANK = {name: rank for rank, name in enumerate(LEVELS)}
# REST speaks of pull and push where GraphQL and the settings page say read and write.
FROM_REST = {"pull": "read", "push": "write"} | {name: name for name in LEVELS[1:]}
INTEGRATION = "Resource not accessible by integration"
NOT_ADMIN = "Must have admin rights to Repository."


def of_user(ctx: Context, repo: Row, user_id: int | None) -> int:
    """The rank a person has in a repository, whatever their token may be."""
    public = RANK["none"] if repo["private"] else RANK["read"]
    if user_id is None:
        return public
    if user_id == repo["owner_id"]:
        return RANK["admin"]
    role = accounts.role_in(ctx, repo["owner_id"], user_id)
    if role == "admin":
        return RANK["admin"]
    base = accounts.by_id(ctx, repo["owner_id"]) if role else None
    given = ctx.db.value(
        "SELECT permission FROM collaborators WHERE repo_id = ? AND user_id = ?", repo["id"], user_id
    )
    return max(public, RANK[base["default_permission"] if base else "none"], RANK[given or "none"])


def granted(ctx: Context, repo: Row) -> int:
    """The rank the asker has in a repository, with what their token is allowed taken into account."""
    key = ("granted", repo["id"])
    if key not in ctx.cache:
        ctx.cache[key] = _granted(ctx, repo, ctx.actor)
    rank = ctx.cache[key]
    return rank if isinstance(rank, int) else 0


def _granted(ctx: Context, repo: Row, actor: Actor | None) -> int:
    public = RANK["none"] if repo["private"] else RANK["read"]
    if actor is None:
        return public
    if actor.is_bot:
        return RANK["write"] if actor.repo_id == repo["id"] else public
    enough = actor.has("repo") if repo["private"] else actor.has("repo", "public_repo")
    return of_user(ctx, repo, actor.id) if enough else public


def visible(ctx: Context, repo: Row) -> bool:
    """Whether the asker may know of the repository."""
    return granted(ctx, repo) >= RANK["read"]


def need(ctx: Context, repo: Row, level: str) -> None:
    """Refuse unless the asker has at least `level`: 404 for what they may not see, 403 for what they may not
    do."""
    rank = granted(ctx, repo)
    if rank >= RANK[level]:
        return
    if rank < RANK["read"]:
        raise NotFound
    if ctx.actor and ctx.actor.is_bot:
        raise Forbidden(INTEGRATION)
    if ctx.actor and of_user(ctx, repo, ctx.actor.id) >= RANK[level]:
        # The person may, the token may not: REST does not admit that the thing can be written to at all.
        raise NotFound
    raise Forbidden(NOT_ADMIN)


def need_unlocked(repo: Row) -> None:
    """Refuse to write to an archived repository."""
    if repo["archived"]:
        raise Forbidden("Repository was archived so is read-only.")


def need_write(ctx: Context, repo: Row, level: str = "write") -> None:
    """As `need`, and the repository must not be archived."""
    need(ctx, repo, level)
    need_unlocked(repo)


def need_actor(ctx: Context) -> Actor:
    """The asker, who must have come with a token."""
    if ctx.actor is None:
        raise NotFound
    return ctx.actor


def need_person(ctx: Context) -> Actor:
    """The asker, who must not be a workflow's token."""
    actor = need_actor(ctx)
    if actor.is_bot:
        raise Forbidden(INTEGRATION)
    return actor


def need_scope(ctx: Context, *scopes: str) -> Actor:
    """The asker, whose classic token must have one of `scopes`."""
    actor = need_person(ctx)
    if not actor.has(*scopes):
        raise MissingScope(f"This endpoint needs one of the following scopes: {', '.join(scopes)}.", scopes)
    return actor


def need_org_admin(ctx: Context, org: Row, scope: str = "admin:org") -> None:
    """Refuse unless the asker owns the organisation and their token may manage it."""
    need_scope(ctx, scope)
    if not accounts.is_org_admin(ctx, org["id"]):
        raise Forbidden("You must be an owner of this organization to do that.")


def lacks_workflow_scope(ctx: Context, paths: Iterable[str]) -> list[str]:
    """Those of `paths` that are workflow files which the asker's token may not write, for want of `workflow`.

    https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
    """
    if ctx.actor is None or (not ctx.actor.is_bot and ctx.actor.has("workflow")):
        return []
    return [path for path in paths if path.startswith(".github/workflows/")]


def need_workflow_scope(ctx: Context, paths: Iterable[str]) -> None:
    """Refuse to let such a token write workflow files; REST answers as if there were nothing to write to."""
    if lacks_workflow_scope(ctx, paths):
        raise NotFound


def rest_flags(rank: int) -> dict[str, bool]:
    """The `permissions` object of REST payloads."""
    names = {"admin": "admin", "maintain": "maintain", "push": "write", "triage": "triage", "pull": "read"}
    return {flag: rank >= RANK[level] for flag, level in names.items()}
