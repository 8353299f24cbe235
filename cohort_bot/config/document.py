"""YAML as a tree that knows where each of its keys and values stands.

PyYAML reads; we decide what a plain word means. YAML 1.1 turns `no` into false, `12:30` into 750 and `010`
into 8; here only `true`, `false`, `null` and plain decimal numbers are more than text, and even those become
text again, as written, where text is expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import yaml

from cohort_bot.config import slips
from cohort_bot.config.source import Place, Source
from cohort_bot.errors import ConfigError, Problem

MAX_NODES = 20_000
MAX_DEPTH = 40
_TOO_LARGE = f"the file holds more than {MAX_NODES:,} values, aliases (`*name`) written out"
_TOO_LARGE_CURE = "Check that it is the right file, and write values out instead of repeating them by alias."
_TAG = "tag:yaml.org,2002:"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_READINGS: tuple[tuple[re.Pattern[str], Callable[[str], object]], ...] = (
    (re.compile(r"~|null|Null|NULL|"), lambda _: None),
    (re.compile(r"true|True|TRUE"), lambda _: True),
    (re.compile(r"false|False|FALSE"), lambda _: False),
    (re.compile(r"[-+]?[0-9]{1,18}"), int),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?"), float),
)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # libyaml where it is built in
    """Takes every plain word as text; an explicit tag is all that can make it anything else."""

    yaml_implicit_resolvers: Mapping[str, object] = {}


@dataclass(frozen=True)
class Node:
    """A value and where it stands: a scalar with its `text` as written, a list of `items`, or `entries`."""

    place: Place
    value: object = None
    text: str | None = None
    quoted: bool = False
    items: tuple[Node, ...] | None = None
    entries: Mapping[str, Node] | None = None
    keys: Mapping[str, Place] = field(default_factory=lambda: MappingProxyType({}))

    def __iter__(self) -> Iterator[Node]:
        """The items of a list; nothing for anything else."""
        return iter(self.items or ())

    def get(self, key: str) -> Node:
        """The value under `key`, or an empty node standing where this one does."""
        return (self.entries or {}).get(key) or Node(self.place)

    def words(self) -> str:
        """The scalar's text without surrounding space; empty for anything else, and for a bare `null`."""
        return (self.text or "").strip() if self.value is not None else ""

    def plain(self, as_text: frozenset[Place] = frozenset()) -> object:
        """The value without places. Scalars standing at a place in `as_text` stay as they were written."""
        if self.entries is not None:
            return {key: node.plain(as_text) for key, node in self.entries.items()}
        if self.items is not None:
            return [node.plain(as_text) for node in self.items]
        return self.text if self.place in as_text else self.value

    def find(self, path: tuple[int | str, ...]) -> Node:
        """The deepest node along `path`; parts of the path that lead nowhere are passed over."""
        node = self
        for part in path:
            if isinstance(part, int) and node.items is not None and part < len(node.items):
                node = node.items[part]
            elif node.entries is not None and part in node.entries:
                node = node.entries[str(part)]
        return node


def parse(source: Source) -> tuple[Node, list[Problem]]:
    """The tree of the one YAML document in `source`, and its repeated keys, odd keys and tags.

    Raises ConfigError when there is no telling what was meant: it is not YAML, is too deep or, once its
    aliases are written out, too large, or is no mapping of keys.
    """
    _refuse_control_characters(source)
    try:
        _refuse_floods(source)
        root = yaml.compose(source.text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise _broken(source, error) from None
    except yaml.YAMLError as error:
        raise source.refuse(0, f"this is not YAML: {str(error).splitlines()[0]}") from None
    if root is None:
        raise ConfigError([Problem(source.file, 1, 1, "the file is empty", slips.EMPTY)])
    builder = _Builder(source)
    tree = builder.build(root)
    if tree.entries is None:
        message = f"the file holds {slips.found(tree.plain(), tree.text)}, and keys are needed"
        builder.add(root, message, slips.ROOT)
        raise ConfigError(builder.problems)
    return tree, builder.problems


def _refuse_control_characters(source: Source) -> None:
    if bad := _FORBIDDEN.search(source.text):
        message = f"an invisible character, U+{ord(bad[0]):04X}, which YAML does not allow"
        raise source.refuse(bad.start(), message, "Delete it; it probably came in by copying.")


def _refuse_floods(source: Source) -> None:
    """Stop before PyYAML builds anything very deep or large: a flood of brackets must not end the program."""
    depth = count = 0
    for event in yaml.parse(source.text, Loader=_Loader):
        offset = event.start_mark.index if event.start_mark else 0
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        count += isinstance(event, yaml.NodeEvent)
        if depth > MAX_DEPTH:
            raise source.refuse(offset, f"this is nested more than {MAX_DEPTH} levels deep")
        if count > MAX_NODES:
            raise source.refuse(offset, _TOO_LARGE, _TOO_LARGE_CURE)


def _broken(source: Source, error: yaml.MarkedYAMLError) -> ConfigError:
    offset, message, cure = slips.broken_yaml(error, source.text)
    return source.refuse(offset, message, cure)


class _Builder:
    """Builds the tree from PyYAML's nodes, gathering problems, within a budget that aliases count against."""

    def __init__(self, source: Source) -> None:
        self.problems: list[Problem] = []
        self._source = source
        self._left = MAX_NODES

    def add(self, node: yaml.Node, message: str, cure: str = "") -> None:
        self.problems.append(self._source.problem(self._place(node), message, cure))

    def build(self, node: yaml.Node, depth: int = 0) -> Node:
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            raise self._source.refuse(node.start_mark.index, _TOO_LARGE, _TOO_LARGE_CURE)
        self._refuse_tag(node)
        place = self._place(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place, depth)
        if isinstance(node, yaml.SequenceNode):
            return Node(place, items=tuple(self.build(item, depth + 1) for item in node.value))
        assert isinstance(node, yaml.ScalarNode)  # noqa: S101 - YAML has three kinds of node
        quoted = bool(node.style)
        return Node(place, node.value if quoted else _read(node.value), node.value, quoted)

    def _mapping(self, node: yaml.MappingNode, place: Place, depth: int) -> Node:
        entries: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        for key, value in node.value:
            name = self._key(key, keys)
            built = self.build(value, depth + 1)
            if name is not None:
                entries[name] = built
                keys[name] = self._place(key)
        return Node(place, entries=entries, keys=keys)

    def _key(self, key: yaml.Node, seen: Mapping[str, Place]) -> str | None:
        if not isinstance(key, yaml.ScalarNode):
            self.add(key, "a key must be one word", "Put quotes around the text if it starts with { or [.")
            return None
        if key.value == "<<" and not key.style:
            self.add(key, "`<<` (merging another group of keys) is not supported", "Write the keys out.")
            return None
        if key.value in seen:
            line, column = seen[key.value]
            self.add(
                key,
                f"`{slips.show(key.value)}` is given twice, first at {line}:{column}",
                "Keep one of the two.",
            )
            return None
        return str(key.value)

    def _refuse_tag(self, node: yaml.Node) -> None:
        if node.tag not in {f"{_TAG}str", f"{_TAG}seq", f"{_TAG}map"}:
            tag = node.tag.replace(_TAG, "!!")
            self.add(
                node, f"the tag `{slips.show(tag)}` is not allowed", "Remove it and write the plain value."
            )

    def _place(self, node: yaml.Node) -> Place:
        return self._source.place(node.start_mark.index)


def _read(text: str) -> object:
    """What a plain word means."""
    for pattern, reading in _READINGS:
        if pattern.fullmatch(text):
            return reading(text)
    return text
