"""REST exchanges judged by GitHub's OpenAPI description, in both directions.

Undocumented paths, methods, parameters, statuses, media types and fields are mistakes, and so are missing or
ill-typed ones. `exceptions.py` names what is let through nevertheless.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from tests.contract.exceptions import ALIASES, EVERYWHERE, UNDESCRIBED, UNDESCRIBED_SHAPES
from tests.contract.traffic import Exchange
from tests.contract.translation import Schema, Translator

BASIC_ERROR = {"$ref": "#/components/schemas/basic-error"}


@dataclass(frozen=True)
class Operation:
    """One documented endpoint: its path template, method, and description."""

    template: str
    method: str
    described: Schema
    pattern: re.Pattern[str]

    @cached_property
    def specificity(self) -> tuple[bool, ...]:
        """Orders templates that match the same path: a literal segment beats a parameter, from the left."""
        return tuple("{" not in segment for segment in self.template.split("/"))


class Description:
    """GitHub's OpenAPI description, ready to judge by."""

    def __init__(self, document: Schema) -> None:
        self._document = document
        self._described = {place for place in UNDESCRIBED if place[1] in _properties(document, place[0])}
        for (component, field), schema in UNDESCRIBED.items():
            _properties(document, component).setdefault(field, schema)
        for component, shape in UNDESCRIBED_SHAPES:
            choice = document["components"]["schemas"][component]["anyOf"]
            choice.append({"$ref": f"#/components/schemas/{shape}"})
        self._translator = Translator(document)
        self._operations = list(self._index())
        self._validators: dict[tuple[str, ...], Draft202012Validator] = {}

    def find(self, method: str, path: str) -> Operation | None:
        """The documented operation for a concrete path. HEAD answers wherever GET does."""
        wanted = "get" if method == "HEAD" else method.lower()
        for alias, described in ALIASES.items():
            path = re.sub(f"^{alias}$", described, path)
        fitting = [o for o in self._operations if o.method == wanted and o.pattern.fullmatch(path)]
        return max(fitting, key=lambda o: o.specificity, default=None)

    def publishes(self, component: str, field: str) -> bool:
        """Whether GitHub itself describes a field that exceptions.py adds."""
        return (component, field) in self._described

    def judge(self, exchange: Exchange) -> Iterator[str]:
        """Everything wrong with one REST exchange. A request that was refused as invalid is not judged again:
        a test may well be asking how a bad one is refused."""
        operation = self.find(exchange.method, exchange.path)
        if operation is None:
            yield f"{exchange}: GitHub documents no such endpoint"
            return
        if exchange.status not in (400, 422):
            yield from self._judge_query(exchange, operation)
            yield from self._judge_sent(exchange, operation)
        yield from self._judge_received(exchange, operation)

    def _judge_query(self, exchange: Exchange, operation: Operation) -> Iterator[str]:
        parameters = {p["name"]: p for p in self._parameters(operation) if p["in"] == "query"}
        for name, value in exchange.query:
            parameter = parameters.get(name) or parameters.get(f"{name.removesuffix('[]')}[]")
            if parameter is None:
                yield f"{exchange}: query parameter {name!r} is not documented"
                continue
            key = (operation.template, operation.method, "query", name)
            validator = self._validator(key, parameter["schema"])
            if not any(validator.is_valid(reading) for reading in _readings(value)):
                yield f"{exchange}: query parameter {name}={value!r} is not what is documented"
        missing = {n for n, p in parameters.items() if p.get("required")} - {n for n, _ in exchange.query}
        for name in sorted(missing):
            yield f"{exchange}: query parameter {name!r} is required"

    def _judge_sent(self, exchange: Exchange, operation: Operation) -> Iterator[str]:
        body = self._resolve(operation.described.get("requestBody", {}))
        if not exchange.sent:
            if body.get("required"):
                yield f"{exchange}: a body is required"
            return
        schema = body.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            # PyGithub and others send an empty object with every PUT and POST; GitHub ignores it.
            if exchange.sent_json not in (None, {}):
                yield f"{exchange}: no body is documented"
            return
        validator = self._validator((operation.template, operation.method, "sent"), schema)
        yield from _mistakes(f"{exchange}: sent", validator, exchange.sent_json)

    def _judge_received(self, exchange: Exchange, operation: Operation) -> Iterator[str]:
        described = operation.described["responses"].get(str(exchange.status))
        if described is None and exchange.status not in EVERYWHERE:
            yield f"{exchange}: this status is not documented for {operation.template}"
            return
        if exchange.method == "HEAD" or exchange.status == 304:
            return
        content = self._resolve(described or {}).get("content", {})
        if not content and exchange.status >= 400:
            content = {"application/json": {"schema": BASIC_ERROR}}
        yield from self._judge_content(exchange, operation, content)

    def _judge_content(self, exchange: Exchange, operation: Operation, content: Schema) -> Iterator[str]:
        if not exchange.received:
            if content:
                yield f"{exchange}: a body is documented, none came"
            return
        kind = exchange.received_type.partition(";")[0].strip()
        if kind not in content:
            documented = ", ".join(content) or "nothing"
            yield f"{exchange}: {kind or 'an untyped body'} came, documented: {documented}"
            return
        key = (operation.template, operation.method, str(exchange.status), kind)
        validator = self._validator(key, content[kind]["schema"])
        if "json" in kind or kind.endswith(".object"):
            yield from _mistakes(f"{exchange}: received", validator, exchange.received_json)

    def _validator(self, key: tuple[str, ...], schema: Schema) -> Draft202012Validator:
        if key not in self._validators:
            self._validators[key] = self._translator.validator(schema)
        return self._validators[key]

    def _resolve(self, part: Schema) -> Schema:
        while "$ref" in part:
            _, _, group, name = part["$ref"].split("/", 3)
            part = self._document["components"][group][name]
        return part

    def _parameters(self, operation: Operation) -> list[Schema]:
        return [self._resolve(p) for p in operation.described.get("parameters", ())]

    def _index(self) -> Iterator[Operation]:
        for template, methods in self._document["paths"].items():
            for method, described in methods.items():
                parameters = [self._resolve(p) for p in described.get("parameters", ())]
                long = {p["name"] for p in parameters if p.get("x-multi-segment")}
                yield Operation(template, method, described, _pattern(template, long))


def _properties(document: Schema, component: str) -> Schema:
    properties: Schema = document["components"]["schemas"][component]["properties"]
    return properties


def _pattern(template: str, long: set[str]) -> re.Pattern[str]:
    """A template as a regular expression; parameters named in `long` may contain slashes."""
    parts = re.split(r"\{([^}]+)\}", template)
    made = [
        (".+" if part in long else "[^/]+") if at % 2 else re.escape(part) for at, part in enumerate(parts)
    ]
    return re.compile("".join(made))


def _readings(value: str) -> list[Any]:
    """What a value in a query may stand for: text, a number, a truth value, or one of a list."""
    readings: list[Any] = [value, [value], value.split(",")]
    if re.fullmatch(r"-?\d+", value):
        readings += [int(value), [int(value)]]
    if value in ("true", "false"):
        readings.append(value == "true")
    return readings


def _mistakes(where: str, validator: Draft202012Validator, value: object) -> Iterator[str]:
    for error in validator.iter_errors(value):
        found = _deepest(error)
        yield f"{where} {found.json_path}: {found.message[:300]}"


def _deepest(error: ValidationError) -> ValidationError:
    """The innermost cause: for a value with several allowed shapes, the one that came nearest."""
    return best_match([error]) or error
