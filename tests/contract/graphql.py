"""GraphQL judged by GitHub's published schema: operations, variables, answers, and our own schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    build_ast_schema,
    extend_schema,
    get_operation_ast,
    parse,
    print_ast,
    validate,
)
from graphql.execution.values import get_variable_values

from tests.contract.answers import AnswerJudge
from tests.contract.exceptions import NEWER_GRAPHQL
from tests.contract.traffic import Exchange

# https://spec.graphql.org/October2021/#sec-Errors; `type` is GitHub's own addition.
ERROR_FIELDS = {"message", "locations", "path", "extensions", "type"}


def read_schema(sdl: str, *, newer: bool) -> GraphQLSchema:
    """A schema from its text, with the newer fields that exceptions.py names if `newer`."""
    schema = build_ast_schema(parse(sdl, no_location=True), assume_valid=True, assume_valid_sdl=True)
    if not newer:
        return schema
    return extend_schema(schema, parse("\n".join(NEWER_GRAPHQL.values())), assume_valid=True)


class Contract:
    """GitHub's schema, ready to judge by."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    def judge(self, exchange: Exchange) -> Iterator[str]:
        """Everything wrong with one GraphQL exchange: the operation, its variables, and the answer."""
        if exchange.status != 200:
            return
        request = exchange.sent_json
        operation, mistakes = self.operation(request["query"], request.get("operationName"))
        if operation is not None and not mistakes:
            mistakes = self.variables(operation, request.get("variables") or {})
        yield from (f"{_name(operation)}: {mistake}" for mistake in mistakes)
        yield from self.judge_answer(exchange)

    def judge_answer(self, exchange: Exchange) -> Iterator[str]:
        """Everything wrong with the answer alone."""
        request = exchange.sent_json
        operation, _ = self.operation(request["query"], request.get("operationName"))
        if exchange.status == 200 and operation is not None:
            found = self.answer(request["query"], operation, exchange.received_json)
            yield from (f"{_name(operation)}: {mistake}" for mistake in found)

    def operation(
        self, text: str, name: str | None = None
    ) -> tuple[OperationDefinitionNode | None, list[str]]:
        """The operation that `text` asks for, and what GitHub's schema has against it."""
        try:
            document = parse(text)
        except GraphQLError as error:
            return None, [error.message]
        return get_operation_ast(document, name), [e.message for e in validate(self._schema, document)]

    def variables(self, operation: OperationDefinitionNode, values: Mapping[str, Any]) -> list[str]:
        """What is wrong with the variables sent; one that `operation` does not declare is wrong too."""
        declared = {v.variable.name.value for v in operation.variable_definitions or ()}
        undeclared = [f"variable ${name} is not declared" for name in sorted(values.keys() - declared)]
        found = get_variable_values(self._schema, operation.variable_definitions or (), dict(values))
        return undeclared + ([e.message for e in found] if isinstance(found, list) else [])

    def answer(
        self, text: str, operation: OperationDefinitionNode, answer: Mapping[str, Any]
    ) -> Iterator[str]:
        """What is wrong with the response: its envelope, its errors, and the shape of its data."""
        members = answer.keys() - {"data", "errors", "extensions"}
        yield from (f"undocumented member {name!r}" for name in members)
        for error in answer.get("errors", ()):
            yield from (f"undocumented error field {name!r}" for name in error.keys() - ERROR_FIELDS)
            if not isinstance(error.get("message"), str):
                yield "an error without a message"
        if answer.get("data") is None:
            if not answer.get("errors"):
                yield "neither data nor errors"
            return
        failed = {tuple(e["path"]) for e in answer.get("errors", ()) if "path" in e}
        yield from AnswerJudge(self._schema, parse(text), failed).data(operation, answer["data"])


def _name(operation: OperationDefinitionNode | None) -> str:
    return f"GraphQL {operation.name.value if operation and operation.name else '(unnamed)'}"


def outside(ours: GraphQLSchema, published: GraphQLSchema) -> Iterator[str]:
    """Where `ours` is not a part of `published`: types, fields, arguments, values, nullability, defaults."""
    for name, mine in sorted(ours.type_map.items()):
        theirs = published.type_map.get(name)
        if name.startswith("__") or (isinstance(mine, GraphQLScalarType) and theirs is not None):
            continue
        if theirs is None or type(mine) is not type(theirs):
            yield f"{name}: GitHub has no such {mine.ast_node.kind if mine.ast_node else 'type'}"
            continue
        yield from _outside_type(mine, theirs)


def _outside_type(mine: GraphQLNamedType, theirs: Any) -> Iterator[str]:
    match mine:
        case GraphQLObjectType() | GraphQLInterfaceType():
            yield from _outside_fields(mine, theirs)
            extra = {i.name for i in mine.interfaces} - {i.name for i in theirs.interfaces}
            yield from (f"{mine.name}: does not implement {name}" for name in sorted(extra))
        case GraphQLInputObjectType():
            yield from _outside_inputs(mine.name, mine.fields, theirs.fields)
        case GraphQLEnumType():
            yield from (f"{mine.name}.{v}: no such value" for v in mine.values.keys() - theirs.values.keys())
        case GraphQLUnionType():
            extra = {t.name for t in mine.types} - {t.name for t in theirs.types}
            yield from (f"{mine.name}: has no member {name}" for name in sorted(extra))


def _outside_fields(mine: GraphQLObjectType | GraphQLInterfaceType, theirs: Any) -> Iterator[str]:
    for name, field in mine.fields.items():
        published = theirs.fields.get(name)
        if published is None:
            yield f"{mine.name}.{name}: no such field"
            continue
        if str(field.type) != str(published.type):
            yield f"{mine.name}.{name}: is {field.type}, GitHub says {published.type}"
        yield from _outside_inputs(f"{mine.name}.{name}", field.args, published.args)


def _outside_inputs(where: str, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    """Arguments of a field, or fields of an input object."""
    for name, value in mine.items():
        published = theirs.get(name)
        if published is None:
            yield f"{where}({name}): no such argument"
        elif str(value.type) != str(published.type):
            yield f"{where}({name}): is {value.type}, GitHub says {published.type}"
        elif _default(value) != _default(published):
            yield f"{where}({name}): default {_default(value)!r}, GitHub says {_default(published)!r}"
    for name, published in theirs.items():
        if name not in mine and str(published.type).endswith("!") and not _default(published):
            yield f"{where}({name}): GitHub requires it, here it is missing"


def _default(value: Any) -> str:
    """The default as written in the schema; empty without one."""
    written = value.ast_node and value.ast_node.default_value
    return print_ast(written) if written else ""
