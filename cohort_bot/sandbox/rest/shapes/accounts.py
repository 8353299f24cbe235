"""Users and organisations."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from cohort_bot.sandbox import nodeids
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, accounts
from cohort_bot.sandbox.store import Row

Json = dict[str, Any]
# What follows the user's own address in each of its links.
_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}


def simple(ctx: Context, row: Row) -> Json:
    """`simple-user`."""
    key = ("simple", row["id"])
    if key not in ctx.cache:
        ctx.cache[key] = _simple(ctx, row)
    found = ctx.cache[key]
    return dict(found) if isinstance(found, dict) else {}


def _simple(ctx: Context, row: Row) -> Json:
    url = f"{ctx.urls.api}/users/{quote(row['login'])}"  # a bot's has brackets
    return {
        "login": row["login"],
        "id": row["id"],
        "node_id": nodeids.encode(row["kind"], row["id"]),
        "avatar_url": avatar(ctx, row),
        "gravatar_id": "",
        "url": url,
        "html_url": f"{ctx.urls.html}/{quote(row['login'])}",
        **{name: url + rest for name, rest in _LINKS.items()},
        "type": row["kind"],
        "user_view_type": "public",
        "site_admin": False,
    }


def avatar(ctx: Context, row: Row) -> str:
    """The address of a picture; there is none behind it."""
    return f"{ctx.urls.html}/avatars/u/{row['id']}?v=4"


def simple_by_id(ctx: Context, account_id: int | None) -> Json | None:
    """`nullable-simple-user`."""
    row = accounts.by_id(ctx, account_id)
    return simple(ctx, row) if row else None


def public(ctx: Context, row: Row) -> Json:
    """`public-user`."""
    repos = ctx.db.value("SELECT COUNT(*) FROM repos WHERE owner_id = ? AND NOT private", row["id"])
    nothing = dict.fromkeys(("company", "location", "hireable", "bio", "twitter_username"))
    return {
        **simple(ctx, row),
        **nothing,
        "name": row["name"],
        "blog": "",
        "email": row["email"],
        "public_repos": repos,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def private(ctx: Context, row: Row) -> Json:
    """`private-user`: what one sees of oneself."""
    repos = ctx.db.value("SELECT COUNT(*) FROM repos WHERE owner_id = ? AND private", row["id"])
    return {
        **public(ctx, row),
        "private_gists": 0,
        "total_private_repos": repos,
        "owned_private_repos": repos,
        "disk_usage": 0,
        "collaborators": 0,
        "two_factor_authentication": True,
        "plan": {"name": "free", "space": 976_562_499, "collaborators": 0, "private_repos": 10_000},
    }


def org(ctx: Context, row: Row) -> Json:
    """`organization-simple`."""
    url = f"{ctx.urls.api}/orgs/{row['login']}"
    return {
        "login": row["login"],
        "id": row["id"],
        "node_id": nodeids.encode("Organization", row["id"]),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": avatar(ctx, row),
        "description": row["description"],
    }


def org_full(ctx: Context, row: Row) -> Json:
    """`organization-full`; what only owners see is there for owners only."""
    counts = ctx.db.one(
        "SELECT COALESCE(SUM(NOT private), 0) AS open, COALESCE(SUM(private), 0) AS hidden FROM repos"
        " WHERE owner_id = ?",
        row["id"],
    ) or {"open": 0, "hidden": 0}
    return {
        **org(ctx, row),
        "name": row["name"] or row["login"],
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": counts["open"],
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "html_url": f"{ctx.urls.html}/{row['login']}",
        "type": "Organization",
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "archived_at": None,
        **(_owners_view(ctx, row, counts["hidden"]) if accounts.is_org_admin(ctx, row["id"]) else {}),
    }


def _owners_view(ctx: Context, row: Row, hidden: int) -> Json:
    seats = ctx.db.value("SELECT COUNT(*) FROM memberships WHERE org_id = ?", row["id"])
    return {
        "total_private_repos": hidden,
        "owned_private_repos": hidden,
        "default_repository_permission": row["default_permission"],
        "members_can_create_repositories": bool(row["members_can_create"]),
        "two_factor_requirement_enabled": False,
        "billing_email": row["email"],
        "plan": {
            "name": "free",
            "space": 976_562_499,
            "private_repos": 10_000,
            "filled_seats": seats,
            "seats": seats,
        },
    }


def membership(ctx: Context, row: Row) -> Json:
    """`org-membership`; `row` is of the memberships table."""
    owner = accounts.by_id(ctx, row["org_id"]) or {}
    user = accounts.by_id(ctx, row["user_id"]) or {}
    url = f"{ctx.urls.api}/orgs/{owner['login']}"
    return {
        "url": f"{url}/memberships/{user['login']}",
        "state": row["state"],
        "role": row["role"],
        "organization_url": url,
        "organization": org(ctx, owner),
        "user": simple(ctx, user),
    }


def collaborator(ctx: Context, row: Row) -> Json:
    """`collaborator`; `row` is an account with its `rank`."""
    level = access.LEVELS[row["rank"]]
    return {**simple(ctx, row), "permissions": access.rest_flags(row["rank"]), "role_name": level}


def org_invitation(ctx: Context, row: Row) -> Json:
    """`organization-invitation`; `row` is a pending one of the memberships table, with an `id`."""
    user, inviter = accounts.by_id(ctx, row["user_id"]) or {}, accounts.by_id(ctx, row["inviter_id"] or 0)
    owner = accounts.by_id(ctx, row["org_id"]) or {}
    return {
        "id": row["id"],
        "node_id": nodeids.encode("OrganizationInvitation", row["id"]),
        "login": user["login"],
        "email": user["email"],
        "role": {"admin": "admin", "member": "direct_member"}[row["role"]],
        "created_at": row["created_at"],
        "inviter": simple(ctx, inviter or owner),
        "team_count": 0,
        "invitation_teams_url": f"{ctx.urls.api}/orgs/{owner['login']}/invitations/{row['id']}/teams",
        "invitation_source": "member",
    }
