"""The root, users, organisations and their members."""

from __future__ import annotations

from cohort_bot.sandbox.calls import Call, Payload, Reply, Routes
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, accounts, people, repos
from cohort_bot.sandbox.failures import Forbidden, Invalid, NotFound, invalid_field
from cohort_bot.sandbox.rest.shapes import accounts as shapes
from cohort_bot.sandbox.rest.shapes import repos as repo_shapes
from cohort_bot.sandbox.store import Row

routes = Routes()
_ROOT = {
    "current_user_url": "/user",
    "authorizations_url": "/authorizations",
    "code_search_url": "/search/code?q={query}{&page,per_page,sort,order}",
    "commit_search_url": "/search/commits?q={query}{&page,per_page,sort,order}",
    "emails_url": "/user/emails",
    "emojis_url": "/emojis",
    "events_url": "/events",
    "feeds_url": "/feeds",
    "followers_url": "/user/followers",
    "following_url": "/user/following{/target}",
    "gists_url": "/gists{/gist_id}",
    "issue_search_url": "/search/issues?q={query}{&page,per_page,sort,order}",
    "issues_url": "/issues",
    "keys_url": "/user/keys",
    "label_search_url": "/search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    "notifications_url": "/notifications",
    "organization_url": "/orgs/{org}",
    "organization_repositories_url": "/orgs/{org}/repos{?type,page,per_page,sort}",
    "organization_teams_url": "/orgs/{org}/teams",
    "public_gists_url": "/gists/public",
    "rate_limit_url": "/rate_limit",
    "repository_url": "/repos/{owner}/{repo}",
    "repository_search_url": "/search/repositories?q={query}{&page,per_page,sort,order}",
    "current_user_repositories_url": "/user/repos{?type,page,per_page,sort}",
    "starred_url": "/user/starred{/owner}{/repo}",
    "starred_gists_url": "/gists/starred",
    "user_url": "/users/{user}",
    "user_organizations_url": "/user/orgs",
    "user_repositories_url": "/users/{user}/repos{?type,page,per_page,sort}",
    "user_search_url": "/search/users?q={query}{&page,per_page,sort,order}",
}


@routes.get("/")
def _root(call: Call) -> Payload:
    page = f"{call.ctx.urls.html}/settings/connections/applications{{/client_id}}"
    links = {name: call.ctx.urls.api + rest for name, rest in _ROOT.items()}
    return links | {"current_user_authorizations_html_url": page}


@routes.get("/meta")
def _meta(_call: Call) -> Payload:
    return {"verifiable_password_authentication": False}


@routes.get("/rate_limit")
def _rate_limit(_call: Call) -> Payload:
    # What GitHub Enterprise Server answers when its limits are switched off.
    raise NotFound("Rate limiting is not enabled.")


@routes.get("/user")
def _me(call: Call) -> Payload:
    return shapes.private(call.ctx, access.need_person(call.ctx).user)


@routes.get("/users/<login>")
def _user(call: Call) -> Payload:
    return shapes.public(call.ctx, accounts.need(call.ctx, call.path["login"]))


@routes.get("/user/<int:number>")
def _user_by_id(call: Call) -> Payload:
    found = accounts.by_id(call.ctx, call.path["number"])
    if found is None:
        raise NotFound
    return shapes.public(call.ctx, found)


@routes.get("/user/orgs", "read:org")
def _my_orgs(call: Call) -> Reply:
    actor = access.need_person(call.ctx)
    sql = (
        "SELECT * FROM accounts WHERE id IN (SELECT org_id FROM memberships WHERE user_id = ?"
        " AND state = 'active')"
    )
    return call.listing(call.ctx.db.all(f"{sql} ORDER BY id", actor.id), shapes.org)


@routes.get("/user/repos", "repo")
def _my_repos(call: Call) -> Reply:
    access.need_person(call.ctx)
    rows = call.ctx.db.all("SELECT * FROM repos ORDER BY id")
    return call.listing([row for row in rows if _is_mine(call.ctx, row)], repo_shapes.plain)


def _is_mine(ctx: Context, repo: Row) -> bool:
    actor = access.need_person(ctx)
    return access.visible(ctx, repo) and people.is_collaborator(ctx, repo, actor.id)


@routes.get("/user/memberships/orgs", "read:org")
def _my_memberships(call: Call) -> Reply:
    actor = access.need_scope(call.ctx, "read:org", "user")
    sql = "SELECT * FROM memberships WHERE user_id = ? AND state = COALESCE(?, state)"
    rows = call.ctx.db.all(sql, actor.id, call.request.args.get("state"))
    return call.listing(rows, shapes.membership)


@routes.patch("/user/memberships/orgs/<org>", "write:org")
def _join(call: Call) -> Payload:
    actor = access.need_person(call.ctx)
    org = accounts.org(call.ctx, call.path["org"])
    row = _membership(call.ctx, org, actor.user)
    accounts.set_member(call.ctx, org, actor.user, row["role"])
    return shapes.membership(call.ctx, row | {"state": "active"})


@routes.get("/orgs/<org>")
def _org(call: Call) -> Payload:
    return shapes.org_full(call.ctx, accounts.org(call.ctx, call.path["org"]))


@routes.patch("/orgs/<org>", "admin:org")
def _change_org(call: Call) -> Payload:
    org = accounts.org(call.ctx, call.path["org"])
    access.need_org_admin(call.ctx, org)
    columns = call.given("name", "description")
    base = call.text("default_repository_permission")
    if base is not None:
        if base not in access.RANK:
            raise invalid_field("Organization", "default_repository_permission")
        columns["default_permission"] = base
    if "members_can_create_repositories" in call.body:
        columns["members_can_create"] = int(call.flag("members_can_create_repositories"))
    call.ctx.db.update("accounts", org["id"], **columns, updated_at=call.ctx.now)
    call.ctx.cache.clear()
    return shapes.org_full(call.ctx, accounts.org(call.ctx, org["login"]))


@routes.get("/orgs/<org>/members", "read:org")
def _members(call: Call) -> Reply:
    org = accounts.org(call.ctx, call.path["org"])
    role = call.request.args.get("role", "all")
    sql = (
        "SELECT a.* FROM accounts a JOIN memberships m ON m.user_id = a.id"
        " WHERE m.org_id = ? AND m.state = 'active' AND (? = 'all' OR m.role = ?) ORDER BY a.id"
    )
    return call.listing(call.ctx.db.all(sql, org["id"], role, role), shapes.simple)


@routes.get("/orgs/<org>/members/<login>", "read:org")
def _is_member(call: Call) -> Reply:
    org, user = accounts.org(call.ctx, call.path["org"]), accounts.need(call.ctx, call.path["login"])
    if accounts.role_in(call.ctx, org["id"], user["id"]) is None:
        raise NotFound
    return Reply(None, 204)


def _membership(ctx: Context, org: Row, user: Row) -> Row:
    sql = "SELECT * FROM memberships WHERE org_id = ? AND user_id = ?"
    found = ctx.db.one(sql, org["id"], user["id"])
    if found is None:
        raise NotFound
    return found


@routes.get("/orgs/<org>/memberships/<login>", "read:org")
def _get_membership(call: Call) -> Payload:
    org = accounts.org(call.ctx, call.path["org"])
    actor = access.need_person(call.ctx)
    if accounts.role_in(call.ctx, org["id"], actor.id) is None and call.path["login"] != actor.login:
        raise Forbidden("You must be a member of the organization to see membership information.")
    return shapes.membership(
        call.ctx, _membership(call.ctx, org, accounts.need(call.ctx, call.path["login"]))
    )


@routes.put("/orgs/<org>/memberships/<login>", "admin:org")
def _set_membership(call: Call) -> Payload:
    org, user = accounts.org(call.ctx, call.path["org"]), accounts.need(call.ctx, call.path["login"])
    access.need_org_admin(call.ctx, org)
    role = call.text("role") or "member"
    if role not in {"admin", "member"}:
        raise invalid_field("Membership", "role")
    # Somebody new is invited; they are in when they have accepted.
    state = "active" if accounts.role_in(call.ctx, org["id"], user["id"]) else "pending"
    accounts.set_member(call.ctx, org, user, role, state)
    return shapes.membership(call.ctx, _membership(call.ctx, org, user))


@routes.delete("/orgs/<org>/memberships/<login>", "admin:org")
def _remove_membership(call: Call) -> Reply:
    org, user = accounts.org(call.ctx, call.path["org"]), accounts.need(call.ctx, call.path["login"])
    access.need_org_admin(call.ctx, org)
    row = _membership(call.ctx, org, user)
    owners = "SELECT COUNT(*) FROM memberships WHERE org_id = ? AND role = 'admin' AND state = 'active'"
    if row["role"] == "admin" and call.ctx.db.value(owners, org["id"]) == 1:
        raise Invalid("The organization needs at least one owner.")
    call.ctx.db.run("DELETE FROM memberships WHERE org_id = ? AND user_id = ?", org["id"], user["id"])
    return Reply(None, 204)


@routes.get("/orgs/<org>/invitations", "admin:org")
def _org_invitations(call: Call) -> Reply:
    org = accounts.org(call.ctx, call.path["org"])
    access.need_org_admin(call.ctx, org)
    sql = "SELECT rowid AS id, * FROM memberships WHERE org_id = ? AND state = 'pending' ORDER BY rowid"
    return call.listing(call.ctx.db.all(sql, org["id"]), shapes.org_invitation)


@routes.get("/orgs/<org>/outside_collaborators", "admin:org")
def _outside(call: Call) -> Reply:
    org = accounts.org(call.ctx, call.path["org"])
    access.need_org_admin(call.ctx, org)
    return call.listing(people.outside(call.ctx, org), shapes.simple)


@routes.get("/orgs/<org>/repos", "repo")
def _org_repos(call: Call) -> Reply:
    org = accounts.org(call.ctx, call.path["org"])
    return call.listing(_repos_of(call, org), repo_shapes.minimal)


@routes.get("/users/<login>/repos")
def _user_repos(call: Call) -> Reply:
    return call.listing(_repos_of(call, accounts.need(call.ctx, call.path["login"])), repo_shapes.minimal)


def _repos_of(call: Call, owner: Row) -> list[Row]:
    """Those that may be seen, in the order asked for; by default the newest first, as for organisations."""
    column = {"full_name": "name", "updated": "updated_at", "pushed": "pushed_at"}.get(
        call.request.args.get("sort", ""), "created_at"
    )
    default = "asc" if column == "name" else "desc"
    direction = "ASC" if call.request.args.get("direction", default) == "asc" else "DESC"
    sql = f"SELECT * FROM repos WHERE owner_id = ? ORDER BY {column} {direction}, id {direction}"  # noqa: S608 - from a table of ours
    wanted = {"public": 0, "private": 1}.get(call.request.args.get("type", "all"))
    rows = [row for row in call.ctx.db.all(sql, owner["id"]) if wanted in {None, row["private"]}]
    return [row for row in rows if access.visible(call.ctx, row)]


@routes.post("/orgs/<org>/repos", "public_repo", "repo")
def _create_org_repo(call: Call) -> Reply:
    return create_repo(call, accounts.org(call.ctx, call.path["org"]))


@routes.post("/user/repos", "public_repo", "repo")
def _create_my_repo(call: Call) -> Reply:
    return create_repo(call, access.need_person(call.ctx).user)


def create_repo(call: Call, owner: Row) -> Reply:
    """POST of a repository into an account."""
    columns = call.given("description", "homepage")
    columns["private"] = int(call.flag("private") or call.text("visibility") == "private")
    for flag in ("is_template", "has_issues", "has_projects", "has_wiki"):
        columns[flag] = int(call.flag(flag, flag != "is_template"))
    repo = repos.create(call.ctx, owner, call.need_text("name"), **columns)
    if call.flag("auto_init"):
        repos.first_commit(call.ctx, repo)
    return Reply(repo_shapes.full(call.ctx, repo), 201, {"Location": repo_shapes.api_url(call.ctx, repo)})
