"""Query roots, users and organisations."""

from __future__ import annotations

from cohort_bot.sandbox.domain import access, accounts, projects, repos
from cohort_bot.sandbox.failures import NotFound
from cohort_bot.sandbox.graphql import nodes
from cohort_bot.sandbox.graphql.asking import Ask, account, resolves, typed
from cohort_bot.sandbox.graphql.connections import Connection, Query, from_query, from_rows
from cohort_bot.sandbox.store import Row

ACCOUNT_TYPES = ("User", "Organization")
_REPO_KEYS = {
    "CREATED_AT": "r.created_at",
    "UPDATED_AT": "r.updated_at",
    "PUSHED_AT": "r.pushed_at",
    "NAME": "r.name",
}


@resolves("Query", "id")
def _query_id(_ask: Ask) -> str:
    return "Q"


@resolves("Query", "viewer")
def _viewer(ask: Ask) -> Row | None:
    return account(access.need_actor(ask.ctx).user)


@resolves("Query", "rateLimit")
def _rate_limit(ask: Ask) -> object:
    # With limits switched off there are none to tell, as on Enterprise Server.
    return ask.ctx.cache.get("rateLimit")


@resolves("Query", "node")
def _node(ask: Ask) -> Row:
    found = nodes.find(ask.ctx, ask.args["id"])
    if found is None:
        raise NotFound(f"Could not resolve to a node with the global id of '{ask.args['id']}'")
    return found


@resolves("Query", "nodes")
def _nodes(ask: Ask) -> list[Row | Exception | None]:
    """Each that is not there is null, with an error of its own."""
    found: list[Row | Exception | None] = []
    for node_id in ask.args["ids"]:
        row = nodes.find(ask.ctx, node_id)
        found.append(row or NotFound(f"Could not resolve to a node with the global id of '{node_id}'"))
    return found


def _named(ask: Ask, kind: str) -> Row:
    login = ask.args["login"]
    found = accounts.find(ask.ctx, login) if kind == "User" else accounts.known(ask.ctx, login)
    if found is None or found["kind"] != kind:
        article = "an Organization" if kind == "Organization" else "a User"
        raise NotFound(f"Could not resolve to {article} with the login of '{login}'.")
    return typed(kind, found)


@resolves("Query", "organization")
def _organization(ask: Ask) -> Row:
    return _named(ask, "Organization")


@resolves("Query", "user")
def _user(ask: Ask) -> Row:
    return _named(ask, "User")


@resolves("Query", "repositoryOwner")
def _repository_owner(ask: Ask) -> Row | None:
    return account(accounts.find(ask.ctx, ask.args["login"]))


def find_repository(ask: Ask, owner: str, name: str) -> Row:
    """A repository by name; one that was renamed is followed unless the client says not to."""
    found = repos.lookup(ask.ctx, owner, name)
    if found is None and ask.args.get("followRenames", True):
        found = repos.follow(ask.ctx, owner, name)
    if found is None or not access.visible(ask.ctx, found):
        raise NotFound(f"Could not resolve to a Repository with the name '{owner}/{name}'.")
    return typed("Repository", found)


@resolves("Query", "repository")
def _repository(ask: Ask) -> Row:
    return find_repository(ask, ask.args["owner"], ask.args["name"])


def _repository_of(ask: Ask) -> Row | None:
    try:
        return find_repository(ask, ask.row["login"], ask.args["name"])
    except NotFound:
        return None


def _repositories(ask: Ask) -> Connection:
    order = ask.args.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    source, values = "FROM repos r WHERE r.owner_id = ?", [ask.row["id"]]
    for argument, column in (("isArchived", "archived"), ("privacy", "private"), ("visibility", "private")):
        wanted = ask.args.get(argument)
        if wanted is not None:
            source += f" AND r.{column} = ?"
            values.append(int(wanted in {True, "PRIVATE"}))
    if ask.args.get("isFork"):
        source += " AND 0"  # nothing is ever forked here
    descending = order["direction"] == "DESC"
    key = _REPO_KEYS.get(order["field"], "r.id")
    if accounts.is_org_admin(ask.ctx, ask.row["id"]) and ask.ctx.actor and ask.ctx.actor.has("repo"):
        return from_query(ask, Query(source, tuple(values), "r", key, descending))
    direction = "DESC" if descending else "ASC"
    rows = ask.ctx.db.all(f"SELECT r.* {source} ORDER BY {key} {direction}, r.id {direction}", *values)
    return from_rows(ask, [row for row in rows if access.visible(ask.ctx, row)])


def _projects(ask: Ask) -> Connection:
    projects.need_scope(ask.ctx)
    return projects_page(ask, "p.owner_id = ?", ask.row["id"], accounts.is_org_admin(ask.ctx, ask.row["id"]))


def projects_page(ask: Ask, condition: str, value: int, all_visible: bool) -> Connection:
    """Boards that a condition picks, narrowed by `query` (words of the title, is:open, is:closed,
    is:template)."""
    source, values = f"FROM projects p WHERE {condition}", [value]
    known = {"is:open": "NOT p.closed", "is:closed": "p.closed", "is:template": "p.template"}
    more: list[object] = [*values]
    for word in (ask.args.get("query") or "").split():
        source += f" AND {known.get(word, 'p.title LIKE ?')}"
        more += [] if word in known else [f"%{word}%"]
    order = ask.args.get("orderBy") or {"field": "NUMBER", "direction": "DESC"}
    keys = {"TITLE": "p.title", "CREATED_AT": "p.created_at", "UPDATED_AT": "p.updated_at"}
    key, descending = keys.get(order["field"], "p.number"), order["direction"] == "DESC"
    if all_visible:
        return from_query(ask, Query(source, tuple(more), "p", key, descending))
    direction = "DESC" if descending else "ASC"
    rows = ask.ctx.db.all(f"SELECT p.* {source} ORDER BY {key} {direction}, p.id {direction}", *more)
    return from_rows(ask, [row for row in rows if projects.visible(ask.ctx, row)])


def _project(ask: Ask) -> Row:
    projects.need_scope(ask.ctx)
    found = projects.by_number(ask.ctx, ask.row, ask.args["number"])
    if found is None or not projects.visible(ask.ctx, found):
        raise NotFound(f"Could not resolve to a ProjectV2 with the number {ask.args['number']}.")
    return found


def _url(ask: Ask) -> str:
    return ask.ctx.urls.html + _path(ask)


def _path(ask: Ask) -> str:
    return f"/{ask.row['login']}"


def _avatar(ask: Ask) -> str:
    return f"{ask.ctx.urls.html}/avatars/u/{ask.row['id']}?v=4"


for _type in (*ACCOUNT_TYPES, "Bot"):
    resolves(_type, "url")(_url)
    resolves(_type, "resourcePath")(_path)
    resolves(_type, "avatarUrl")(_avatar)
for _type in ACCOUNT_TYPES:
    resolves(_type, "repository")(_repository_of)
    resolves(_type, "repositories")(_repositories)
    resolves(_type, "projectsV2")(_projects)
    resolves(_type, "projectV2")(_project)


@resolves("User", "email")
def _email(ask: Ask) -> str:
    return ask.row["email"] or ""


@resolves("User", "isViewer")
def _is_viewer(ask: Ask) -> bool:
    return bool(access.need_actor(ask.ctx).id == ask.row["id"])


@resolves("User", "organizations")
def _organizations(ask: Ask) -> Connection:
    source = (
        "FROM accounts a WHERE a.id IN (SELECT org_id FROM memberships WHERE user_id = ? AND"
        " state = 'active')"
    )
    return from_query(ask, Query(source, (ask.row["id"],), "a"))


@resolves("User", "organization")
def _organization_of(ask: Ask) -> Row | None:
    found = accounts.known(ask.ctx, ask.args["login"])
    return found if found and accounts.role_in(ask.ctx, found["id"], ask.row["id"]) else None


@resolves("Organization", "membersWithRole")
def _members(ask: Ask) -> Connection:
    source = (
        "FROM accounts a WHERE a.id IN (SELECT user_id FROM memberships WHERE org_id = ? AND"
        " state = 'active')"
    )
    org_id = ask.row["id"]

    def with_role(row: Row) -> Row:
        role = accounts.role_in(ask.ctx, org_id, row["id"])
        return row | {"role": "ADMIN" if role == "admin" else "MEMBER"}

    return from_query(ask, Query(source, (org_id,), "a", shape=with_role))


@resolves("Organization", "viewerCanAdminister")
def _can_administer(ask: Ask) -> bool:
    return accounts.is_org_admin(ask.ctx, ask.row["id"])


@resolves("Organization", "viewerCanCreateRepositories")
def _can_create(ask: Ask) -> bool:
    role = accounts.role_in(ask.ctx, ask.row["id"], access.need_actor(ask.ctx).id)
    return role == "admin" or bool(role and ask.row["members_can_create"])


@resolves("Organization", "viewerIsAMember", "viewerCanCreateProjects")
def _is_a_member(ask: Ask) -> bool:
    return accounts.role_in(ask.ctx, ask.row["id"], access.need_actor(ask.ctx).id) is not None
