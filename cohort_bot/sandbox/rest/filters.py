"""What lists of issues can be narrowed and ordered by, and the search for them."""

from __future__ import annotations

import shlex

from cohort_bot.sandbox.calls import Call, Payload, Reply, Routes
from cohort_bot.sandbox.clock import parse, stamp
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import access, repos
from cohort_bot.sandbox.failures import Invalid, invalid_field
from cohort_bot.sandbox.rest.shapes import issues as shapes
from cohort_bot.sandbox.store import Row

routes = Routes()
_ORDER = {"created": "i.id", "updated": "i.updated_at", "comments": "i.id"}
_HAS_LABEL = (
    "EXISTS (SELECT 1 FROM issue_labels il JOIN labels l ON l.id = il.label_id"
    " WHERE il.issue_id = i.id AND l.name = ?)"
)
_ASSIGNED = (
    "EXISTS (SELECT 1 FROM issue_assignees ia JOIN accounts a ON a.id = ia.user_id"
    " WHERE ia.issue_id = i.id AND a.login = ?)"
)
_AUTHOR = "i.author_id = (SELECT id FROM accounts WHERE login = ?)"
_MILESTONE = "i.milestone_id IN (SELECT id FROM milestones WHERE number = ? AND repo_id = i.repo_id)"


def since(call: Call) -> str:
    """The `since` of the query as it is stored; the beginning of time without one."""
    given = call.request.args.get("since")
    try:
        return stamp(parse(given)) if given else ""
    except ValueError as error:
        raise invalid_field("Issue", "since") from error


def issues_of(call: Call) -> list[Row]:
    """The issues of a repository that the query asks for; pull requests among them, as on GitHub."""
    args = call.request.args
    conditions: list[tuple[str, list[object]]] = [("i.repo_id = ?", [call.repo["id"]])]
    state = args.get("state", "open")
    if state not in {"open", "closed", "all"}:
        raise invalid_field("Issue", "state")
    if state != "all":
        conditions.append(("i.state = ?", [state]))
    conditions += [(_HAS_LABEL, [name]) for name in args.get("labels", "").split(",") if name]
    if args.get("since"):
        conditions.append(("i.updated_at >= ?", [since(call)]))
    conditions += _of_people(call)
    order = _ORDER.get(args.get("sort", "created"), "i.id")
    direction = "ASC" if args.get("direction") == "asc" else "DESC"
    return _select(call.ctx, conditions, f"{order} {direction}, i.id {direction}")


def _of_people(call: Call) -> list[tuple[str, list[object]]]:
    args = call.request.args
    found: list[tuple[str, list[object]]] = []
    if creator := args.get("creator"):
        found.append((_AUTHOR, [creator]))
    assignee, milestone = args.get("assignee", ""), args.get("milestone", "")
    if assignee == "none":
        found.append(("NOT EXISTS (SELECT 1 FROM issue_assignees ia WHERE ia.issue_id = i.id)", []))
    elif assignee not in {"", "*"}:
        found.append((_ASSIGNED, [assignee]))
    if milestone == "none":
        found.append(("i.milestone_id IS NULL", []))
    elif milestone == "*":
        found.append(("i.milestone_id IS NOT NULL", []))
    elif milestone:
        found.append((_MILESTONE, [milestone]))
    return found


def _select(ctx: Context, conditions: list[tuple[str, list[object]]], order: str) -> list[Row]:
    where = " AND ".join(condition for condition, _ in conditions)
    values = [value for _, some in conditions for value in some]
    sql = f"SELECT i.* FROM issues i WHERE {where} ORDER BY {order}"  # noqa: S608 - conditions are ours, values bound
    return ctx.db.all(sql, *values)


@routes.get("/search/issues", "repo")
def _search(call: Call) -> Reply:
    query = call.request.args.get("q", "").strip()
    if not query:
        raise Invalid("Validation Failed", [{"resource": "Search", "field": "q", "code": "missing"}])
    conditions = [_qualifier(call.ctx, word) for word in shlex.split(query)]
    rows = _select(call.ctx, conditions, "i.id DESC")
    seen = [row for row in rows if _may_see(call.ctx, row)]
    reply = call.listing(seen, _found, wrap="items")
    more = {"incomplete_results": False, "search_type": "lexical"}
    return Reply((reply.payload if isinstance(reply.payload, dict) else {}) | more, headers=reply.headers)


def _found(ctx: Context, row: Row) -> Payload:
    payload = shapes.issue(ctx, row) | {"score": 1.0}
    payload.pop("parent_issue_url", None)  # not described for what a search finds
    return payload if payload["body"] is not None else payload | {"body": ""}


def _may_see(ctx: Context, row: Row) -> bool:
    repo = repos.by_id(ctx, row["repo_id"])
    return repo is not None and access.visible(ctx, repo)


def _qualifier(ctx: Context, word: str) -> tuple[str, list[object]]:
    """One word of https://docs.github.com/en/search-github/searching-on-github/searching-issues-and-pull-requests."""
    name, colon, value = word.partition(":")
    fixed = {
        "is:issue": "NOT i.is_pull",
        "type:issue": "NOT i.is_pull",
        "is:pr": "i.is_pull",
        "type:pr": "i.is_pull",
        **{
            f"{key}:{state}": f"i.state = '{state}'"
            for key in ("is", "state")
            for state in ("open", "closed")
        },
    }.get(word)
    if fixed:
        return fixed, []
    if name == "repo" and "/" in value:
        owner, _, repo_name = value.partition("/")
        repo = repos.lookup(ctx, owner, repo_name)
        return "i.repo_id = ?", [repo["id"] if repo else 0]
    of_owner = (
        "i.repo_id IN (SELECT r.id FROM repos r JOIN accounts a ON a.id = r.owner_id WHERE a.login = ?)"
    )
    columns = {
        "org": of_owner,
        "user": of_owner,
        "label": _HAS_LABEL,
        "author": _AUTHOR,
        "assignee": _ASSIGNED,
    }
    if colon and name in columns:
        return columns[name], [value]
    return "(i.title LIKE ? OR i.body LIKE ?)", [f"%{word}%"] * 2
