"""Resolvers: how they are written down and what they are given."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from graphql import GraphQLResolveInfo

from cohort_bot.sandbox import nodeids
from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.domain import accounts
from cohort_bot.sandbox.store import Row


class Ask(NamedTuple):
    """One field of one object: the row behind the object, the request, and the arguments as the client gave
    them."""

    row: Row
    ctx: Context
    args: Row
    info: GraphQLResolveInfo[Context]


Resolver = Callable[[Ask], object]
AnyResolver = TypeVar("AnyResolver", bound=Resolver)
RESOLVERS: dict[tuple[str, str], Resolver] = {}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def resolves(type_name: str, *field_names: str) -> Callable[[AnyResolver], AnyResolver]:
    """Let a function resolve fields of a type; fields that nothing resolves show the column of the same
    name."""

    def keep(resolver: AnyResolver) -> AnyResolver:
        for name in field_names:
            RESOLVERS[type_name, name] = resolver
        return resolver

    return keep


def column_of(field_name: str) -> str:
    """The column that `fieldName` shows: `field_name`."""
    return _HUMP.sub("_", field_name).lower()


def typed(type_name: str, row: Row) -> Row:
    """A row that knows its GraphQL type, for fields whose type is an interface or a union."""
    return {**row, "_type": type_name}


def account(row: Row | None) -> Row | None:
    """An accounts row as an Actor."""
    return typed(row["kind"], row) if row else None


def account_by_id(ctx: Context, account_id: int | None) -> Row | None:
    """The account with that id as an Actor."""
    return account(accounts.by_id(ctx, account_id))


def issue(row: Row | None) -> Row | None:
    """An issues row as Issue or PullRequest."""
    return typed("PullRequest" if row["is_pull"] else "Issue", row) if row else None


def node_id(ask: Ask) -> str:
    """The global id of the object in hand."""
    kind = ask.row.get("_type") or ask.info.parent_type.name
    kind = "Event" if kind.endswith("Event") else kind
    return nodeids.encode(kind, ask.row["id"])
