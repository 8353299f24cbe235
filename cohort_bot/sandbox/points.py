"""What a GraphQL request costs in points.

GitHub adds up the requests that the connections of a query would take if every `first` or `last` were
reached, and divides by a hundred
(https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

Variables = Mapping[str, Any]
REQUESTS_A_POINT = 100
_BOUNDS = {"first", "last"}


def of_query(document: DocumentNode, variables: Variables) -> int:
    """The points that the first operation of `document` takes: never less than one."""
    fragments = {
        node.name.value: node.selection_set
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    requests = _requests(operation.selection_set, 1, fragments, variables)
    return max(1, round(requests / REQUESTS_A_POINT))


def _requests(
    selected: SelectionSetNode | None,
    times: int,
    fragments: Mapping[str, SelectionSetNode],
    variables: Variables,
) -> int:
    """How many requests the connections below take, where what they hang from is there `times` over."""
    total = 0
    for node in selected.selections if selected else ():
        if isinstance(node, FragmentSpreadNode):
            total += _requests(fragments.get(node.name.value), times, fragments, variables)
            continue
        bound = _bound(node, variables) if isinstance(node, FieldNode) else None
        below = getattr(node, "selection_set", None)
        total += (times if bound else 0) + _requests(below, times * (bound or 1), fragments, variables)
    return total


def _bound(field: FieldNode, variables: Variables) -> int | None:
    for argument in field.arguments or ():
        if argument.name.value in _BOUNDS:
            value = argument.value
            if isinstance(value, VariableNode):
                return int(variables.get(value.name.value) or 1)
            return int(value.value) if isinstance(value, IntValueNode) else None
    return None
