"""OpenAPI 3.0 schemas as JSON Schema 2020-12, so that `jsonschema` can judge payloads by them.

The two differ in `nullable`, and in how far an object is open. OpenAPI leaves objects open; here an
object that lists its properties is closed, because an undocumented field is exactly what we look for.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.exceptions import NoSuchResource
from referencing.jsonschema import DRAFT202012

Schema = dict[str, Any]
_PREFIX = "#/components/"
_KEPT = (
    "type",
    "enum",
    "format",
    "required",
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
)


class Translator:
    """Makes validators for the schemas of one OpenAPI document; components are translated when first met."""

    def __init__(self, document: Schema) -> None:
        self._components = document["components"]
        # A registry that fetches on demand: of GitHub's 1,000 schemas a run meets a few dozen.
        self._registry: Registry[Any] = Registry(retrieve=cache(self._retrieve))  # type: ignore[call-arg]

    def validator(self, schema: Schema) -> Draft202012Validator:
        """A validator for `schema`, closed against undocumented fields."""
        return Draft202012Validator(
            translate(schema),
            registry=self._registry,
            format_checker=FormatChecker(("date-time", "date", "uri")),
        )

    def _retrieve(self, uri: str) -> Resource[Any]:
        openness, _, name = uri.removeprefix("described:").partition("/")
        group, _, key = name.partition("/")
        try:
            schema = self._components[group][key]
        except KeyError as missing:
            raise NoSuchResource(uri) from missing
        return Resource.from_contents(
            translate(schema, closed=openness == "closed"), default_specification=DRAFT202012
        )


def translate(schema: Schema, *, closed: bool = True) -> Schema:
    """`schema` in JSON Schema 2020-12. `closed` refuses fields that it does not name."""
    if "$ref" in schema:
        openness = "closed" if closed else "open"
        return {"$ref": f"described:{openness}/{schema['$ref'].removeprefix(_PREFIX)}"}
    made = {key: schema[key] for key in _KEPT if key in schema}
    made |= _containers(schema) | _alternatives(schema, closed=closed)
    if closed:
        made |= _closing(schema)
    return _nullable(made) if schema.get("nullable") else made


def _containers(schema: Schema) -> Schema:
    made: Schema = {}
    if "properties" in schema:
        made["properties"] = {name: translate(part) for name, part in schema["properties"].items()}
    if "items" in schema:
        made["items"] = translate(schema["items"])
    extra = schema.get("additionalProperties")
    if extra is not None:
        made["additionalProperties"] = translate(extra) if isinstance(extra, dict) else extra
    return made


def _alternatives(schema: Schema, *, closed: bool) -> Schema:
    """The `…Of` keywords. A branch stays open when fields beside it, or in another branch, also count."""
    made: Schema = {}
    if "allOf" in schema:
        made["allOf"] = [translate(branch, closed=False) for branch in schema["allOf"]]
    # GitHub's branches often overlap (a `oneOf` of which two fit), so one fitting branch is enough.
    branches = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if branches:
        alone = closed and "properties" not in schema
        made["anyOf"] = [translate(branch, closed=alone) for branch in branches]
    return made


def _closing(schema: Schema) -> Schema:
    if "additionalProperties" in schema or not schema.keys() & {"properties", "allOf"}:
        return {}
    composed = schema.keys() & {"allOf", "anyOf", "oneOf"}
    return {"unevaluatedProperties" if composed else "additionalProperties": False}


def _nullable(schema: Schema) -> Schema:
    if "enum" in schema:
        schema = schema | {"enum": [*schema["enum"], None]}
    if isinstance(schema.get("type"), str) and "anyOf" not in schema and "allOf" not in schema:
        return schema | {"type": [schema["type"], "null"]}
    return {"anyOf": [{"type": "null"}, schema]}
