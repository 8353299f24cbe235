"""Connections: pages of rows by cursor, forwards (`first`, `after`) and backwards (`last`, `before`).

https://docs.github.com/en/graphql/guides/using-pagination-in-the-graphql-api
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode

from cohort_bot.sandbox.failures import Invalid, Paging
from cohort_bot.sandbox.graphql.asking import Ask
from cohort_bot.sandbox.store import Row

LIMIT = 100


@dataclass
class Connection:
    """One page. `cursors` go with `nodes`; `count` is asked for only when totalCount is."""

    nodes: list[Row]
    cursors: list[str]
    has_next: bool
    has_previous: bool
    count: Callable[[], int]


@dataclass(frozen=True)
class Query:
    """Rows to page through: `source` is everything from FROM to the last condition, `alias` names the
    table whose rows are wanted, `key` what they are ordered by (the id decides between equals)."""

    source: str
    values: tuple[object, ...]
    alias: str
    key: str = ""
    descending: bool = False
    shape: Callable[[Row], Row] = dict


def from_query(ask: Ask, query: Query) -> Connection:
    """A page straight from the database."""
    size, backwards = bounds(ask)
    key, alias, args = query.key or f"{query.alias}.id", query.alias, ask.args
    where, values = [query.source], [*query.values]
    for argument, before in (("after", False), ("before", True)):
        if args.get(argument):
            sign = "<" if before != query.descending else ">"
            where.append(f"AND ({key}, {alias}.id) {sign} (?, ?)")
            values += _decode(args[argument])
    order = "DESC" if query.descending != backwards else "ASC"
    sql = (
        f"SELECT {alias}.*, {key} AS _key {' '.join(where)}"
        f" ORDER BY {key} {order}, {alias}.id {order} LIMIT {size + 1}"
    )
    rows = ask.ctx.db.all(sql, *values)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    cursors = [_encode([row.pop("_key"), row["id"]]) for row in rows]
    count_sql = f"SELECT COUNT(*) {query.source}"

    def count() -> int:
        return int(ask.ctx.db.value(count_sql, *query.values))

    other = bool(args.get("before" if backwards else "after"))
    has_next, has_previous = (bool(args.get("before")), more) if backwards else (more, other)
    return Connection([query.shape(row) for row in rows], cursors, has_next, has_previous, count)


def from_rows(ask: Ask, rows: list[Row]) -> Connection:
    """A page of rows that are at hand already; their place is their cursor."""
    size, backwards = bounds(ask)
    start, end = 0, len(rows)
    if ask.args.get("after"):
        start = int(_decode(ask.args["after"])[0]) + 1
    if ask.args.get("before"):
        end = int(_decode(ask.args["before"])[0])
    start, end = (max(start, end - size), end) if backwards else (start, min(end, start + size))
    places = range(start, max(start, end))
    cursors = [_encode([place]) for place in places]
    return Connection(
        [rows[place] for place in places], cursors, end < len(rows), start > 0, lambda: len(rows)
    )


def bounds(ask: Ask) -> tuple[int, bool]:
    """How many are wanted, and whether from the end. Refuses no bound at all, or one above 100, as GitHub
    does."""
    name, first, last = ask.info.field_name, ask.args.get("first"), ask.args.get("last")
    if first is None and last is None:
        if _only_counts(ask):
            return 0, False
        message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise Paging("MISSING_PAGINATION_BOUNDARIES", message)
    which, size = ("first", first) if first is not None else ("last", int(last or 0))
    if size > LIMIT:
        message = (
            f"Requesting {size} records on the `{name}` connection exceeds the `{which}` limit of"
            f" {LIMIT} records."
        )
        raise Paging("EXCESSIVE_PAGINATION", message)
    if size < 0:
        raise Paging("ARGUMENT_LIMIT", f"`{which}` on the `{name}` connection cannot be less than zero.")
    return size, first is None


def _only_counts(ask: Ask) -> bool:
    """Whether nothing but `totalCount` is asked of the connection, which needs no bound."""
    sets = [node.selection_set for node in ask.info.field_nodes if node.selection_set]
    asked = [selection for selected in sets for selection in selected.selections]
    return all(isinstance(one, FieldNode) and one.name.value == "totalCount" for one in asked)


def _encode(values: list[object]) -> str:
    return base64.b64encode(b"cursor:v2:" + json.dumps(values).encode()).decode()


def _decode(cursor: str) -> list[Any]:
    try:
        found = json.loads(base64.b64decode(cursor).removeprefix(b"cursor:v2:"))
    except ValueError as error:
        raise Invalid(f"`{cursor}` does not appear to be a valid cursor.") from error
    return found if isinstance(found, list) else [found]


def page_info(page: Connection) -> Row:
    """`PageInfo`."""
    return {
        "start_cursor": page.cursors[0] if page.cursors else None,
        "end_cursor": page.cursors[-1] if page.cursors else None,
        "has_next_page": page.has_next,
        "has_previous_page": page.has_previous,
    }


def edges(page: Connection) -> list[Row]:
    """The nodes with their cursors; a row's own columns stand beside them for edges that say more."""
    return [
        {**row, "node": row, "cursor": cursor} for row, cursor in zip(page.nodes, page.cursors, strict=True)
    ]
