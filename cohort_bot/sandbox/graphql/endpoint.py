"""POST /graphql: reading the request, running it in one transaction, and telling errors as GitHub does.

https://docs.github.com/en/graphql/guides/forming-calls-with-graphql
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationType,
    OverlappingFieldsCanBeMergedRule,
    SelectionSetNode,
    execute_sync,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)
from werkzeug import Response

from cohort_bot.sandbox.context import Context
from cohort_bot.sandbox.failures import ApiError, BadCredentials, BadRequest, NotFound
from cohort_bot.sandbox.graphql.schema import load
from cohort_bot.sandbox.pipeline import Exchange
from cohort_bot.sandbox.rest.dispatch import failure

Json = dict[str, Any]
KEPT_DOCUMENTS = 512
# GitHub lets fields under one name differ in type between branches, which the specification forbids: its own
# command line asks for `state` of "issue or pull request" like that.
RULES = [rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule]


@dataclass(frozen=True)
class Prepared:
    """A request that has been read: what to run, or what is wrong with it."""

    document: DocumentNode | None
    variables: Json
    operation_name: str | None
    is_mutation: bool
    errors: list[GraphQLError]


@cache
def schema() -> GraphQLSchema:
    """The one schema of this process."""
    return load()


class _Documents:
    """Parsed and validated documents; clients send the same text again and again with other variables."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[DocumentNode | None, list[GraphQLError]]] = OrderedDict()
        self._lock = Lock()

    def get(self, text: str) -> tuple[DocumentNode | None, list[GraphQLError]]:
        """The document of `text`, and what is wrong with it."""
        with self._lock:
            if text in self._known:
                self._known.move_to_end(text)
                return self._known[text]
        found = _read(text)
        with self._lock:
            self._known[text] = found
            if len(self._known) > KEPT_DOCUMENTS:
                self._known.popitem(last=False)
        return found


def _read(text: str) -> tuple[DocumentNode | None, list[GraphQLError]]:
    try:
        document = parse(text)
    except GraphQLError as error:
        return None, [error]
    return document, validate(schema(), document, RULES)


_documents = _Documents()


def prepare(exchange: Exchange) -> Response | None:
    """Read the request so that the gates know what it will do; an answer if it cannot be read."""
    if exchange.request.method != "POST":
        return failure(NotFound())
    if exchange.ctx.actor is None:
        return failure(BadCredentials("This endpoint requires you to be authenticated."))
    try:
        body = json.loads(exchange.request.get_data() or b"null")
    except ValueError:
        return failure(BadRequest("Problems parsing JSON"))
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return _json({"errors": [{"message": "A query attribute must be specified and must be a string."}]})
    document, errors = _documents.get(body["query"])
    name = body.get("operationName")
    operation = get_operation_ast(document, name) if document else None
    is_mutation = operation is not None and operation.operation == OperationType.MUTATION
    exchange.operation = operation.name.value if operation and operation.name else name
    if document and operation and is_mutation:
        exchange.mutations = sum(1 for _ in _fields(document, operation.selection_set))
    exchange.prepared = Prepared(document, body.get("variables") or {}, name, is_mutation, errors)
    return None


def _fields(document: DocumentNode, selected: SelectionSetNode) -> Iterator[FieldNode]:
    """The top fields of an operation, those inside fragments too."""
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    for node in selected.selections:
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _fields(document, node.selection_set)
        elif isinstance(node, FragmentSpreadNode) and node.name.value in fragments:
            yield from _fields(document, fragments[node.name.value].selection_set)


def answer(exchange: Exchange) -> Response:
    """Carry out what `prepare` has read."""
    prepared, ctx = exchange.prepared, exchange.ctx
    if not isinstance(prepared, Prepared):
        return failure(BadRequest("Problems parsing JSON"))
    if prepared.document is None or prepared.errors:
        return _json({"errors": [_format(error) for error in prepared.errors]})
    with ctx.db.writing() if prepared.is_mutation else ctx.db.reading():
        payload = _run(prepared.document, prepared, ctx)
    exchange.created_content = ctx.created
    response = _json(payload)
    if ctx.actor and not ctx.actor.is_bot:
        response.headers["X-OAuth-Scopes"] = ", ".join(sorted(ctx.actor.scopes))
        response.headers["X-Accepted-OAuth-Scopes"] = "repo"
    response.headers["X-GitHub-Media-Type"] = "github.v4; format=json"
    return response


def _run(document: DocumentNode, prepared: Prepared, ctx: Context) -> Json:
    result = execute_sync(
        schema(),
        document,
        context_value=ctx,
        root_value={"_type": "Query"},
        variable_values=prepared.variables,
        operation_name=prepared.operation_name,
    )
    payload: Json = {}
    if result.data is not None or not result.errors or any(error.path for error in result.errors):
        payload["data"] = result.data
    if result.errors:
        payload["errors"] = [_format(error) for error in result.errors]
    return payload


def _format(error: GraphQLError) -> Json:
    """An error as GitHub has it: with a `type` of its own for refusals, and no stack."""
    cause = error.original_error
    if cause is not None and not isinstance(cause, (ApiError, GraphQLError)):
        raise cause
    entry: Json = {"type": cause.kind} if isinstance(cause, ApiError) else {}
    if error.path:
        entry["path"] = error.path
    if error.locations:
        entry["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    return entry | {"message": cause.message if isinstance(cause, ApiError) else error.message}


def _json(payload: Json) -> Response:
    body = json.dumps(payload, separators=(",", ":"))
    return Response(body, 200, content_type="application/json; charset=utf-8")
