"""Pydantic's verdict on a document, in plain words and with places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cohort_bot.config import slips
from cohort_bot.config.document import Node
from cohort_bot.config.source import Place, Source
from cohort_bot.errors import Problem
from cohort_bot.model.base import Line, Slug
from cohort_bot.model.cohort import Login
from cohort_bot.model.roadmap import WEEKS
from cohort_bot.model.roster import Short

Model = TypeVar("Model", bound=BaseModel)
Path = tuple[int | str, ...]
Says = tuple[str, str]


def validate(model: type[Model], root: Node, source: Source) -> tuple[Model | None, list[Problem]]:
    """`root` as a `model`, or None and everything that keeps it from being one.

    Where text is expected, a bare number, `true` or `null`-like word is taken as the text that was written:
    `weeks: 8`, `title: 2026`.
    """
    as_text: frozenset[Place] = frozenset()
    while True:
        try:
            return model.model_validate(root.plain(as_text)), []
        except ValidationError as error:
            errors = error.errors(include_url=False)
        more = {node.place for node in _bare_words(errors, root)} - as_text
        if not more:
            return None, list(problems(errors, model, root, source))
        as_text |= more


def _bare_words(errors: list[ErrorDetails], root: Node) -> Iterator[Node]:
    for error in errors:
        node = root.find(error["loc"])
        if error["type"] == "string_type" and node.value is not None:
            yield node


def problems(
    errors: list[ErrorDetails], model: type[BaseModel], root: Node, source: Source
) -> Iterator[Problem]:
    """Every error as a problem, standing at the key or the value it is about."""
    for error in errors:
        path, kind = error["loc"], error["type"]
        node = root.find(path)
        if kind == "too_short" and len(node.items or ()) >= error["ctx"]["min_length"]:
            continue  # Pydantic counts only the valid items; what is wrong with the others is said there.
        place = node.place
        if kind == "extra_forbidden":
            place = root.find(path[:-1]).keys.get(str(path[-1]), place)
        message, cure = _say(error, node, model)
        yield source.problem(place, message, cure)


def _say(error: ErrorDetails, node: Node, model: type[BaseModel]) -> Says:
    """Message and cure of one error."""
    kind, path = error["type"], error["loc"]
    name, what = _name(path), slips.found(node.plain(), node.text)
    context: Mapping[str, Any] = error.get("ctx") or {}
    if kind == "extra_forbidden":
        known = known_keys(model, path[:-1])
        return f"`{slips.show(str(path[-1]))}` is not a key known here", slips.one_of(str(path[-1]), known)
    if say := _CHOICES.get(kind):
        return say(name, what, context)
    if kind in _LIMITS:
        return f"{name} {_LIMITS[kind].format(**context)}; found {_amount(kind, node, what)}", ""
    if kind in _EXPECTED:
        return f"{name} needs {_EXPECTED[kind]}; found {what}", _HOW.get(_EXPECTED[kind], "")
    if kind.startswith("url"):
        return (
            f"{name} is {what}, which is no web address",
            "Write it in full, such as `https://example.org`.",
        )
    # What is left is said by the model itself, in a sentence about the value and a second line with the cure.
    message, _, cure = error["msg"].partition("\n")
    return f"{name} {message}", cure


def _missing(name: str, _: str, __: Mapping[str, Any]) -> Says:
    return f"{name} is missing", f"Add a line `{name.strip('`')}: …`."


def _no_choice(name: str, what: str, context: Mapping[str, Any]) -> Says:
    return f"{name} is {what}, which is not one of its values", slips.one_of(
        what, _quoted(context["expected"])
    )


def _no_kind(_: str, __: str, context: Mapping[str, Any]) -> Says:
    key = context["discriminator"].strip("'")
    return f"`{key}` is missing", f"Add a line `{key}: …`."


def _unknown_kind(_: str, __: str, context: Mapping[str, Any]) -> Says:
    tag = str(context["tag"])
    return f"there is no kind `{slips.show(tag)}`", slips.one_of(tag, _quoted(context["expected_tags"]))


def _no_match(name: str, what: str, context: Mapping[str, Any]) -> Says:
    pattern = context["pattern"]
    return f"{name} is {what}, which does not fit", _PATTERNS.get(pattern, f"It must match `{pattern}`.")


_CHOICES: Mapping[str, Callable[[str, str, Mapping[str, Any]], Says]] = {
    "missing": _missing,
    "literal_error": _no_choice,
    "enum": _no_choice,
    "union_tag_not_found": _no_kind,
    "union_tag_invalid": _unknown_kind,
    "string_pattern_mismatch": _no_match,
}


def _name(path: Path) -> str:
    """The last key of `path` in backticks: what the value is called where it stands."""
    keys = [part for part in path if isinstance(part, str)]
    if not keys:
        return "the file"
    return f"an item of `{keys[-1]}`" if isinstance(path[-1], int) else f"`{keys[-1]}`"


def _quoted(expected: str) -> list[str]:
    """The words between quotes in Pydantic's list of what it expects, or its plain numbers."""
    return re.findall(r"'([^']*)'", expected) or re.findall(r"\w+", expected)


def _amount(kind: str, node: Node, what: str) -> str:
    if kind.startswith("string_") and node.words():
        return f"{len(node.words())} characters"
    return str(len(node.items)) if node.items is not None else what


def _pattern(alias: object) -> str:
    return next(str(part.pattern) for part in get_args(alias) if getattr(part, "pattern", None))


_PATTERNS = {
    _pattern(Slug): "Use lower-case letters, digits and single hyphens, such as `deep-learning`.",
    _pattern(Line): "Keep it on one line.",
    _pattern(Short): "Delete the invisible characters; they probably came in by copying.",
    _pattern(Login): "Write a GitHub name: letters, digits and single hyphens, at most 39 characters.",
    WEEKS.pattern: "Write the first and the last week, such as `1-8`, or one week, such as `9`.",
    r"^[\w.-]+(?:/[\w.-]+)*$": "Write a folder inside the repo, such as `01-foundations`, without spaces.",
    r"^[0-9]+[mg]$": "Write a size such as `512m` or `2g`.",
    r"^/": "Start it with `/`.",
}
_LIMITS = {
    "string_too_short": "needs text",
    "string_too_long": "may have at most {max_length} characters",
    "too_short": "needs {min_length} or more items",
    "too_long": "may have at most {max_length} items",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
}
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "`true` or `false`",
    "bool_parsing": "`true` or `false`",
    "tuple_type": "a list",
    "list_type": "a list",
    "model_type": "a group of keys",
    "model_attributes_type": "a group of keys",
    "dict_type": "a group of keys",
}
_HOW = {
    "a list": "Put each item on a line of its own, starting with `- `.",
    "a group of keys": "Put `key: value` lines below it, indented.",
}


def known_keys(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that may stand where `path` leads in a document of `model`."""
    schema = _schema(model)
    here = [schema]
    for part in path:
        here = [step for node in here for step in _steps(node, part, schema)] or here
    return [key for node in here for key in node.get("properties", ())]


@lru_cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _steps(node: Mapping[str, Any], part: int | str, schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Where one part of a path leads from one node of a JSON Schema: an item, a property, a kind of union."""
    inner = node.get("items", {})
    tags: Mapping[str, str] = node.get("discriminator", {}).get("mapping", {})
    candidates: list[dict[str, Any]] = []
    if isinstance(part, int) and inner:
        candidates = [inner]
    elif part in node.get("properties", {}):
        candidates = [node["properties"][part]]
    elif part in tags:
        candidates = [{"$ref": tags[str(part)]}]
    for candidate in candidates:
        for option in [candidate, *candidate.get("anyOf", ())]:
            reference = option.get("$ref")
            yield schema["$defs"][reference.rsplit("/", 1)[1]] if reference else option
