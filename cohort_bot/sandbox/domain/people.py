"""Who is in a repository: collaborators and invitations.

https://docs.github.com/en/rest/collaborators
"""

from __future__ import annotations

from datetime import timedelta

from cohort_bot.sandbox.clock import parse, stamp
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, accounts
from cohort_bot.sandbox.failures import Invalid, NotFound
from cohort_bot.sandbox.store import Row

EXPIRES = timedelta(days=7)


def collaborators(ctx: Context, repo: Row, affiliation: str = "all") -> list[Row]:
    """Accounts with access, by id, each with its `rank`; `affiliation` is all, direct or outside."""
    owner = accounts.by_id(ctx, repo["owner_id"]) or {}
    members = "SELECT user_id FROM memberships WHERE org_id = :owner AND state = 'active'"
    direct = "SELECT user_id FROM collaborators WHERE repo_id = :repo"
    condition = {
        "outside": f"id IN ({direct}) AND id NOT IN ({members})",
        "direct": f"id IN ({direct}) OR id = :owner OR id IN ({members} AND role = 'admin')",
    }.get(affiliation, f"id IN ({direct}) OR id = :owner OR id IN ({members})")
    sql = f"SELECT * FROM accounts WHERE kind = 'User' AND ({condition}) ORDER BY id"  # noqa: S608 - our own text
    sql = sql.replace(":owner", str(int(owner.get("id", 0)))).replace(":repo", str(int(repo["id"])))
    found = [row | {"rank": access.of_user(ctx, repo | {"private": 1}, row["id"])} for row in ctx.db.all(sql)]
    return [row for row in found if row["rank"] >= access.RANK["read"]]


def is_collaborator(ctx: Context, repo: Row, user_id: int) -> bool:
    """Whether a person has been given access, themselves or as a member; seeing a public repository is not
    enough."""
    return access.of_user(ctx, repo | {"private": 1}, user_id) >= access.RANK["read"]


def add(ctx: Context, repo: Row, user: Row, permission: str) -> Row | None:
    """Give a person access: an invitation for an outsider (its row), None for who
    is a member or in already."""
    if user["kind"] != "User":
        raise Invalid("Validation Failed", [{"resource": "Repository", "code": "invalid", "field": "user"}])
    member = accounts.role_in(ctx, repo["owner_id"], user["id"])
    inside = is_collaborator(ctx, repo, user["id"])
    if user["id"] == repo["owner_id"]:
        raise Invalid(
            "Repository owner cannot be a collaborator", ["Repository owner cannot be a collaborator"]
        )
    if member or inside:
        _set(ctx, repo["id"], user["id"], permission)
        return None
    return _invite(ctx, repo, user, permission)


def _set(ctx: Context, repo_id: int, user_id: int, permission: str) -> None:
    ctx.db.run(
        "INSERT INTO collaborators (repo_id, user_id, permission) VALUES (?, ?, ?)"
        " ON CONFLICT (repo_id, user_id) DO UPDATE SET permission = excluded.permission",
        *(repo_id, user_id, permission),
    )


def _invite(ctx: Context, repo: Row, user: Row, permission: str) -> Row:
    """An invitation; asked for again, the one that is pending is kept, and one
    that has expired is replaced."""
    sql = "SELECT * FROM invitations WHERE repo_id = ? AND invitee_id = ?"
    old = ctx.db.one(sql, repo["id"], user["id"])
    if old and not expired(ctx, old):
        ctx.db.update("invitations", old["id"], permission=permission)
        return old | {"permission": permission}
    if old:
        ctx.db.run("DELETE FROM invitations WHERE id = ?", old["id"])
    inviter = ctx.actor.id if ctx.actor else None
    columns = {"invitee_id": user["id"], "inviter_id": inviter, "permission": permission}
    return need_invitation(
        ctx, ctx.db.insert("invitations", repo_id=repo["id"], created_at=ctx.now, **columns)
    )


def remove(ctx: Context, repo: Row, user: Row) -> None:
    """Take a person's own access away, and the invitation they have not answered."""
    ids = (repo["id"], user["id"])
    ctx.db.run("DELETE FROM collaborators WHERE repo_id = ? AND user_id = ?", *ids)
    ctx.db.run("DELETE FROM invitations WHERE repo_id = ? AND invitee_id = ?", *ids)
    ctx.db.run(
        "DELETE FROM issue_assignees WHERE user_id = ? AND issue_id IN (SELECT id FROM issues"
        " WHERE repo_id = ?)",
        *(user["id"], repo["id"]),
    )


def need_invitation(ctx: Context, invitation_id: int) -> Row:
    """The invitation with that id."""
    found = ctx.db.one("SELECT * FROM invitations WHERE id = ?", invitation_id)
    if found is None:
        raise NotFound
    return found


def mine(ctx: Context, invitation_id: int) -> Row:
    """An invitation to the asker, or a 404."""
    actor = access.need_person(ctx)
    found = need_invitation(ctx, invitation_id)
    if found["invitee_id"] != actor.id:
        raise NotFound
    return found


def expired(ctx: Context, invitation: Row) -> bool:
    """Whether seven days have gone by unanswered."""
    return parse(invitation["created_at"]) + EXPIRES <= ctx.instant


def accept(ctx: Context, invitation_id: int) -> None:
    """Take up an invitation; one that has expired is as good as gone."""
    invitation = mine(ctx, invitation_id)
    if expired(ctx, invitation):
        raise NotFound
    _set(ctx, invitation["repo_id"], invitation["invitee_id"], invitation["permission"])
    ctx.db.run("DELETE FROM invitations WHERE id = ?", invitation_id)


def decline(ctx: Context, invitation_id: int) -> None:
    """Turn an invitation down."""
    ctx.db.run("DELETE FROM invitations WHERE id = ?", mine(ctx, invitation_id)["id"])


def pending_for_me(ctx: Context) -> list[Row]:
    """Invitations to the asker that can still be accepted."""
    actor = access.need_person(ctx)
    oldest = stamp(ctx.instant - EXPIRES)
    sql = "SELECT * FROM invitations WHERE invitee_id = ? AND created_at > ? ORDER BY id"
    return ctx.db.all(sql, actor.id, oldest)


def outside(ctx: Context, org: Row) -> list[Row]:
    """People in some repository of the organisation who are not members of it."""
    return ctx.db.all(
        "SELECT * FROM accounts WHERE id IN (SELECT c.user_id FROM collaborators c JOIN repos r"
        " ON r.id = c.repo_id"
        " WHERE r.owner_id = ?) AND id NOT IN (SELECT user_id FROM memberships WHERE org_id = ?) ORDER BY id",
        *(org["id"], org["id"]),
    )
