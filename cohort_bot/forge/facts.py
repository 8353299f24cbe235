"""What a token can see of itself and of its organisation, for `doctor`."""

from __future__ import annotations

from dataclasses import dataclass, field

from cohort_bot.errors import ForgeError
from cohort_bot.forge.connection import Connection, Json

_QUERY = """
query doctor($org: String!, $template: String!) {
  viewer { login }
  organization(login: $org) {
    viewerCanCreateRepositories
    viewerCanAdminister
    projectsV2(first: 1) { totalCount }
  }
  template: repository(owner: $org, name: $template) { isTemplate }
}
"""
FORBIDDEN, NOT_FOUND = 403, 404


@dataclass(frozen=True)
class Facts:
    """What was found. `scopes` None: the token does not say (fine-grained, App). `limits` None: switched off.

    `actions`: in which repos Actions run (all, none, selected), `allowed`: which of them (all, local_only,
    selected); both empty where the token may not know. `refusals` are GitHub's own words about what could
    not be looked at.
    """

    login: str
    scopes: frozenset[str] | None
    org_seen: bool = False
    may_create: bool = False
    is_owner: bool = False
    boards_seen: bool = False
    template: bool = False
    plan: str = ""
    actions: str = ""
    allowed: str = ""
    limits: Json | None = None
    refusals: tuple[str, ...] = field(default=())


def look(connection: Connection, org: str, template: str) -> Facts:
    """Look, in four requests. Raises ForgeError where the token is not accepted at all."""
    data, errors = connection.graphql(_QUERY, {"org": org, "template": template})
    owner = data.get("organization") or {}
    actions = _actions(connection, org) if owner else {}
    told = tuple(str(e.get("message", "")) for e in errors if e.get("type") != "NOT_FOUND")
    return Facts(
        login=(data.get("viewer") or {}).get("login", ""),
        scopes=connection.scopes,
        org_seen=bool(owner),
        may_create=bool(owner.get("viewerCanCreateRepositories")),
        is_owner=bool(owner.get("viewerCanAdminister")),
        boards_seen=bool(owner.get("projectsV2")),
        template=bool((data.get("template") or {}).get("isTemplate")),
        plan=_plan(connection, org) if owner else "",
        actions=actions.get("enabled_repositories", ""),
        allowed=actions.get("allowed_actions", ""),
        limits=_limits(connection),
        refusals=told,
    )


def _plan(connection: Connection, org: str) -> str:
    """The organisation's plan, which GitHub tells its owners only."""
    return str((connection.rest("GET", f"/orgs/{org}").get("plan") or {}).get("name", ""))


def _actions(connection: Connection, org: str) -> Json:
    """What the organisation lets Actions do, which GitHub tells owners whose token has `admin:org` only."""
    try:
        found: Json = connection.rest("GET", f"/orgs/{org}/actions/permissions")
    except ForgeError as refusal:
        if refusal.status not in (FORBIDDEN, NOT_FOUND):
            raise
        return {}
    return found


def _limits(connection: Connection) -> Json | None:
    """GitHub's own account of its limits. A server that has them switched off answers 404."""
    try:
        resources: Json = connection.rest("GET", "/rate_limit")["resources"]
    except ForgeError as refusal:
        if refusal.status != NOT_FOUND:
            raise
        return None
    return resources
