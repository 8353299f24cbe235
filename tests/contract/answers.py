"""The data of a GraphQL answer, held to the operation that asked and to the types that GitHub publishes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    is_abstract_type,
    is_leaf_type,
)
from jsonschema import FormatChecker

Path = tuple[str | int, ...]
# Shapes of GitHub's scalars, from their descriptions in the schema; what is not here may be anything.
_SCALARS: Mapping[str, type | tuple[type, ...]] = {
    "Boolean": bool,
    "Float": (int, float),
    "Int": int,
    **dict.fromkeys(("Date", "DateTime", "GitObjectID", "HTML", "ID", "String", "URI"), str),
}
_FORMATS = {"DateTime": "date-time", "Date": "date", "URI": "uri"}
_FORMAT_CHECKER = FormatChecker()


class AnswerJudge:
    """Walks an answer beside its operation. `failed` are the paths at which the answer reports an error."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, failed: Set[Path]) -> None:
        self._schema = schema
        self._failed = failed
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def data(self, operation: OperationDefinitionNode, data: Mapping[str, Any]) -> Iterator[str]:
        """Everything wrong with `data`."""
        root = self._schema.get_root_type(operation.operation)
        yield from self._object(root, [operation.selection_set], data, ())

    def _object(self, kind: Any, asked: list[SelectionSetNode], value: Any, path: Path) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{_dotted(path)}: {kind} came as {type(value).__name__}"
            return
        kind = self._concrete(kind, value)
        fields = self._fields(kind, asked)
        yield from (f"{_dotted(path)}: {name!r} was not asked for" for name in value.keys() - fields.keys())
        for name, nodes in fields.items():
            if name in value:
                yield from self._field(kind, nodes, value[name], (*path, name))
            elif not is_abstract_type(kind) and not any(node.directives for node in nodes):
                yield f"{_dotted(path)}: {name!r} is missing"

    def _concrete(self, kind: Any, value: Mapping[str, Any]) -> Any:
        name = value.get("__typename")
        return self._schema.type_map.get(name, kind) if is_abstract_type(kind) and name else kind

    def _fields(self, kind: Any, asked: list[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        """The fields asked of `kind`, by the name they come back under, fragments included."""
        found: dict[str, list[FieldNode]] = {}
        for selection in (s for selections in asked for s in selections.selections):
            if isinstance(selection, FieldNode):
                found.setdefault((selection.alias or selection.name).value, []).append(selection)
                continue
            fragment: Any = selection
            if isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments[selection.name.value]
            if self._applies(fragment.type_condition, kind):
                for name, nodes in self._fields(kind, [fragment.selection_set]).items():
                    found.setdefault(name, []).extend(nodes)
        return found

    def _applies(self, condition: Any, kind: Any) -> bool:
        if condition is None or condition.name.value == kind.name or is_abstract_type(kind):
            return True
        wanted = self._schema.type_map[condition.name.value]
        return is_abstract_type(wanted) and self._schema.is_sub_type(wanted, kind)

    def _field(self, kind: Any, nodes: list[FieldNode], value: Any, path: Path) -> Iterator[str]:
        name = nodes[0].name.value
        if name == "__typename":
            if not is_abstract_type(kind) and value != kind.name:
                yield f"{_dotted(path)}: {value!r}, expected {kind.name!r}"
            return
        owners = self._schema.get_possible_types(kind) if is_abstract_type(kind) else [kind]
        field = next((o.fields[name] for o in owners if name in o.fields), None)
        if field is not None:
            asked = [node.selection_set for node in nodes if node.selection_set]
            yield from self._value(field.type, asked, value, path)

    def _value(
        self,
        kind: GraphQLOutputType,
        asked: list[SelectionSetNode],
        value: Any,
        path: Path,
    ) -> Iterator[str]:
        if isinstance(kind, GraphQLNonNull):
            if value is None:
                yield f"{_dotted(path)}: null, GitHub says {kind}"
                return
            kind = kind.of_type
        if value is None:
            return
        if isinstance(kind, GraphQLList):
            for at, item in enumerate(value):
                yield from self._value(kind.of_type, asked, item, (*path, at))
        elif is_leaf_type(kind):
            yield from self._leaf(kind, value, path)
        else:
            yield from self._object(kind, asked, value, path)

    def _leaf(self, kind: Any, value: Any, path: Path) -> Iterator[str]:
        if isinstance(kind, GraphQLEnumType):
            if value not in kind.values:
                yield f"{_dotted(path)}: {value!r} is no {kind.name}"
            return
        shape = _SCALARS.get(kind.name, object)
        wrong = not isinstance(value, shape) or (kind.name == "Int" and isinstance(value, bool))
        if wrong or not _FORMAT_CHECKER.conforms(value, _FORMATS.get(kind.name, "")):
            yield f"{_dotted(path)}: {value!r} is no {kind.name}"


def _dotted(path: Path) -> str:
    return ".".join(map(str, path)) or "data"
