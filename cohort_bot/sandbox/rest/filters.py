"""What lists of issues can be narrowed and ordered by, and the search for them."""

from __future__ import annotations

from cohort_bot.sandbox.calls import Call, Payload, Reply, Routes
from cohort_bot.sandbox.clock import parse, stamp
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import searching
from cohort_bot.sandbox.failures import Invalid, invalid_field
from cohort_bot.sandbox.rest.shapes import issues as shapes
from cohort_bot.sandbox.store import Row

routes = Routes()
_ORDER = {"created": "i.id", "updated": "i.updated_at", "comments": "i.id"}
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
    conditions: list[searching.Condition] = [("i.repo_id = ?", [call.repo["id"]])]
    state = args.get("state", "open")
    if state not in {"open", "closed", "all"}:
        raise invalid_field("Issue", "state")
    if state != "all":
        conditions.append(("i.state = ?", [state]))
    conditions += [(searching.HAS_LABEL, [name]) for name in args.get("labels", "").split(",") if name]
    if args.get("since"):
        conditions.append(("i.updated_at >= ?", [since(call)]))
    conditions += _of_people(call)
    order = _ORDER.get(args.get("sort", "created"), "i.id")
    direction = "ASC" if args.get("direction") == "asc" else "DESC"
    return searching.select(call.ctx, conditions, f"{order} {direction}, i.id {direction}")


def _of_people(call: Call) -> list[searching.Condition]:
    args = call.request.args
    found: list[searching.Condition] = []
    if creator := args.get("creator"):
        found.append((searching.AUTHOR, [creator]))
    assignee, milestone = args.get("assignee", ""), args.get("milestone", "")
    if assignee == "none":
        found.append(("NOT EXISTS (SELECT 1 FROM issue_assignees ia WHERE ia.issue_id = i.id)", []))
    elif assignee not in {"", "*"}:
        found.append((searching.ASSIGNED, [assignee]))
    if milestone == "none":
        found.append(("i.milestone_id IS NULL", []))
    elif milestone == "*":
        found.append(("i.milestone_id IS NOT NULL", []))
    elif milestone:
        found.append((_MILESTONE, [milestone]))
    return found


@routes.get("/search/issues", "repo")
def _search(call: Call) -> Reply:
    query = call.request.args.get("q", "").strip()
    if not query:
        raise Invalid("Validation Failed", [{"resource": "Search", "field": "q", "code": "missing"}])
    reply = call.listing(searching.search(call.ctx, query), _found, wrap="items")
    more = {"incomplete_results": False, "search_type": "lexical"}
    return Reply((reply.payload if isinstance(reply.payload, dict) else {}) | more, headers=reply.headers)


def _found(ctx: Context, row: Row) -> Payload:
    payload = shapes.issue(ctx, row) | {"score": 1.0}
    payload.pop("parent_issue_url", None)  # not described for what a search finds
    return payload if payload["body"] is not None else payload | {"body": ""}
