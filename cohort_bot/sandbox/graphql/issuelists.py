"""Lists of issues and pull requests, narrowed and ordered as GraphQL allows."""

from __future__ import annotations

from collections.abc import Callable

from cohort_bot.sandbox.clock import parse, stamp
from cohort_bot.sandbox.graphql.asking import Ask, issue
from cohort_bot.sandbox.graphql.connections import Connection, Query, from_query
from cohort_bot.sandbox.store import Row

_KEYS = {"CREATED_AT": "i.created_at", "UPDATED_AT": "i.updated_at", "COMMENTS": "i.id"}
_WITH_LABELS = (
    "EXISTS (SELECT 1 FROM issue_labels il JOIN labels l ON l.id = il.label_id"
    " WHERE il.issue_id = i.id AND l.name IN ({marks}))"
)
_ASSIGNED = (
    "EXISTS (SELECT 1 FROM issue_assignees ia JOIN accounts a ON a.id = ia.user_id"
    " WHERE ia.issue_id = i.id AND a.login = ?)"
)
_STATES = {
    "OPEN": "i.state = 'open'",
    "CLOSED": "(i.state = 'closed' AND i.merged_at IS NULL)",
    "MERGED": "i.merged_at IS NOT NULL",
}
_FILTERS = {
    "createdBy": "i.author_id = (SELECT id FROM accounts WHERE login = ?)",
    "milestone": "i.milestone_id IN (SELECT id FROM milestones WHERE number = ?)",
}


def issues_page(ask: Ask, condition: str, *values: object) -> Connection:
    """The issues that `condition` picks and the field's arguments narrow."""
    conditions, bound = [condition], [*values]

    def also(text: str, *more: object) -> None:
        conditions.append(text)
        bound.extend(more)

    _by_arguments(ask.args, also)
    _by_filter(ask.args.get("filterBy") or {}, also)
    order = ask.args.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    key = _KEYS.get(order["field"], "i.id")
    source = f"FROM issues i WHERE {' AND '.join(conditions)}"
    return from_query(ask, Query(source, tuple(bound), "i", key, order["direction"] == "DESC", _typed))


def _typed(row: Row) -> Row:
    return issue(row) or {}


def _by_arguments(args: Row, also: Callable[..., None]) -> None:
    states = args.get("states")
    if states:
        choices = " OR ".join(_STATES[state] for state in states)
        also(f"({choices})")
    if args.get("labels"):
        also(_WITH_LABELS.format(marks=", ".join("?" * len(args["labels"]))), *args["labels"])
    for name, column in (("headRefName", "i.head_ref"), ("baseRefName", "i.base_ref")):
        if args.get(name):
            also(f"{column} = ?", args[name])


def _by_filter(wanted: Row, also: Callable[..., None]) -> None:
    for name, condition in _FILTERS.items():
        if wanted.get(name) is not None:
            also(condition, wanted[name])
    if wanted.get("labels"):
        also(_WITH_LABELS.format(marks=", ".join("?" * len(wanted["labels"]))), *wanted["labels"])
    if wanted.get("since"):
        also("i.updated_at >= ?", stamp(parse(wanted["since"])))
    if wanted.get("mentioned"):
        also("instr(lower(i.body), '@' || lower(?)) > 0", wanted["mentioned"])
    if "assignee" in wanted:
        if wanted["assignee"] is None:
            also("NOT EXISTS (SELECT 1 FROM issue_assignees ia WHERE ia.issue_id = i.id)")
        elif wanted["assignee"] != "*":
            also(_ASSIGNED, wanted["assignee"])
