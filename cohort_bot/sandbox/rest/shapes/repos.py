"""Repositories and invitations to them."""

from __future__ import annotations

from typing import Any

from cohort_bot.sandbox import nodeids
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, accounts, people, repos
from cohort_bot.sandbox.rest.shapes import accounts as account_shapes
from cohort_bot.sandbox.store import Row

Json = dict[str, Any]
# What follows the repository's own address in each of its links.
_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
_ZEROES = ("forks_count", "stargazers_count", "watchers_count", "forks", "watchers")


def api_url(ctx: Context, repo: Row) -> str:
    """Its address in the API."""
    return f"{ctx.urls.api}/repos/{repos.full_name(ctx, repo)}"


def html_url(ctx: Context, repo: Row) -> str:
    """Its page."""
    return f"{ctx.urls.html}/{repos.full_name(ctx, repo)}"


def minimal(ctx: Context, repo: Row) -> Json:
    """`minimal-repository`, which is also what lists hold."""
    rank = access.granted(ctx, repo)
    return {
        **_names(ctx, repo),
        **_clones(ctx, repo),
        **dict.fromkeys(_ZEROES, 0),
        **_settings(ctx, repo),
        "permissions": access.rest_flags(rank),
        "role_name": access.LEVELS[rank],
    }


def _names(ctx: Context, repo: Row) -> Json:
    url, name = api_url(ctx, repo), repos.full_name(ctx, repo)
    return {
        "id": repo["id"],
        "node_id": nodeids.encode("Repository", repo["id"]),
        "name": repo["name"],
        "full_name": name,
        "private": bool(repo["private"]),
        "owner": account_shapes.simple_by_id(ctx, repo["owner_id"]),
        "html_url": html_url(ctx, repo),
        "description": repo["description"],
        "fork": False,
        "url": url,
        **{key: url + rest for key, rest in _LINKS.items()},
    }


def _clones(ctx: Context, repo: Row) -> Json:
    name, page = repos.full_name(ctx, repo), html_url(ctx, repo)
    host = ctx.urls.html.partition("://")[2]
    return {
        "git_url": f"git://{host}/{name}.git",
        "ssh_url": f"git@{host}:{name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "mirror_url": None,
    }


def _settings(ctx: Context, repo: Row) -> Json:
    sql = "SELECT COUNT(*) FROM issues WHERE repo_id = ? AND state = 'open'"
    open_issues = ctx.db.value(sql, repo["id"])
    return {
        "homepage": repo["homepage"],
        "language": None,
        "size": repo["size"],
        "default_branch": repo["default_branch"],
        "open_issues": open_issues,
        "open_issues_count": open_issues,
        "is_template": bool(repo["is_template"]),
        "topics": [],
        "has_issues": bool(repo["has_issues"]),
        "has_projects": bool(repo["has_projects"]),
        "has_wiki": bool(repo["has_wiki"]),
        "has_pages": False,
        "has_downloads": True,
        "has_discussions": False,
        "archived": bool(repo["archived"]),
        "disabled": False,
        "visibility": "private" if repo["private"] else "public",
        "pushed_at": repo["pushed_at"],
        "created_at": repo["created_at"],
        "updated_at": repo["updated_at"],
        "license": None,
        "allow_forking": True,
        "web_commit_signoff_required": False,
    }


def full(ctx: Context, repo: Row) -> Json:
    """`full-repository`."""
    payload = minimal(ctx, repo) | {"network_count": 0, "subscribers_count": 0, **_merging(ctx, repo)}
    del payload["role_name"]
    owner = accounts.by_id(ctx, repo["owner_id"])
    if owner and owner["kind"] == "Organization":
        payload["organization"] = account_shapes.simple(ctx, owner)
    template = repos.by_id(ctx, repo["template_id"])
    if template and access.visible(ctx, template):
        payload["template_repository"] = plain(ctx, template)
    return payload


def plain(ctx: Context, repo: Row) -> Json:
    """`repository`."""
    payload = minimal(ctx, repo)
    del payload["role_name"]
    return payload


def _merging(ctx: Context, repo: Row) -> Json:
    if access.granted(ctx, repo) < access.RANK["write"]:
        return {}
    return {
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": True,
        "allow_auto_merge": False,
        "delete_branch_on_merge": False,
        "temp_clone_token": "",
    }


def invitation(ctx: Context, row: Row) -> Json:
    """`repository-invitation`."""
    repo = repos.by_id(ctx, row["repo_id"]) or {}
    return {
        "id": row["id"],
        "node_id": nodeids.encode("Invitation", row["id"]),
        "repository": minimal(ctx, repo),
        "invitee": account_shapes.simple_by_id(ctx, row["invitee_id"]),
        "inviter": account_shapes.simple_by_id(ctx, row["inviter_id"]),
        "permissions": row["permission"],
        "created_at": row["created_at"],
        "expired": people.expired(ctx, row),
        "url": f"{ctx.urls.api}/user/repository_invitations/{row['id']}",
        "html_url": f"{html_url(ctx, repo)}/invitations",
    }
