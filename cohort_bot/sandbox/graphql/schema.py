"""Our part of GitHub's schema with a resolver behind every field."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
)

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.failures import ApiError, MissingScope
from cohort_bot.sandbox.graphql import (
    accounts,
    boardmutations,
    connections,
    conversation,
    gitnodes,
    issuemutations,
    issues,
    planning,
    projects,
    repomutations,
    repos,
    runs,
    searches,
    unfilled,
    values,
)
from cohort_bot.sandbox.graphql.asking import RESOLVERS, Ask, Resolver, column_of, node_id, resolves

SDL = Path(__file__).with_name("schema.graphql")
# Importing them is what fills the table of resolvers.
MODULES = (
    accounts,
    boardmutations,
    conversation,
    gitnodes,
    issuemutations,
    issues,
    planning,
    projects,
    repomutations,
    repos,
    runs,
    searches,
    unfilled,
    values,
)


def load() -> GraphQLSchema:
    """The schema, ready to be executed. Raises KeyError for a resolver of a field that is not in the SDL."""
    schema = build_schema(SDL.read_text(encoding="utf-8"))
    for type_name, field_name in RESOLVERS:
        kind = schema.type_map[type_name]
        if not isinstance(kind, GraphQLObjectType) or field_name not in kind.fields:
            raise KeyError(f"{type_name}.{field_name} is resolved but not in the schema")
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__"):
            for field_name, field in kind.fields.items():
                _attach(name, field_name, field)
        elif isinstance(kind, (GraphQLInterfaceType, GraphQLUnionType)):
            kind.resolve_type = _type_of
    return schema


def _type_of(value: Any, _info: GraphQLResolveInfo[Context], _kind: object) -> str:
    return str(value["_type"])


def _attach(type_name: str, field_name: str, field: GraphQLField) -> None:
    resolver = RESOLVERS.get((type_name, field_name))
    if resolver is not None:
        field.resolve = partial(_resolve, resolver)
    elif type_name.endswith("Connection"):
        field.resolve = _CONNECTION[field_name]
    elif field_name == "id":
        field.resolve = partial(_resolve, node_id)
    elif field_name in {"databaseId", "fullDatabaseId"}:
        field.resolve = partial(_column, "id")
    else:
        field.resolve = partial(_column, column_of(field_name))


def _resolve(resolver: Resolver, source: Any, info: GraphQLResolveInfo[Context], **args: object) -> object:
    try:
        return resolver(Ask(source, info.context, args, info))
    except MissingScope as error:
        raise _scope_error(error, info) from error


def _scope_error(error: MissingScope, info: GraphQLResolveInfo[Context]) -> ApiError:
    held = sorted(info.context.actor.scopes) if info.context.actor else []
    return MissingScope(
        "Your token has not been granted the required scopes to execute this query."
        f" The '{info.field_name}' field requires one of the following scopes: {list(error.scopes)!r},"
        f" but your token has only been granted the: {held!r} scopes."
        " Please modify your token's scopes at: https://github.com/settings/tokens.",
        error.scopes,
    )


def _column(column: str, source: Any, _info: GraphQLResolveInfo[Context], **_args: object) -> object:
    return source.get(column)


_CONNECTION: dict[str, Callable[..., object]] = {
    "nodes": lambda page, _info: page.nodes,
    "edges": lambda page, _info: connections.edges(page),
    "pageInfo": lambda page, _info: connections.page_info(page),
    "totalCount": lambda page, _info: page.count(),
    "issueCount": lambda page, _info: page.count(),
}
resolves("UpdateProjectV2CollaboratorsPayload", "collaborators")(projects.collaborators)
