"""JSON Schema of the YAML files, for editors that complete and check while one types."""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

from pydantic import BaseModel

from cohort_bot.model import Cohort, Roadmap

Kind = Literal["roadmap", "cohort"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_MODELS: dict[Kind, type[BaseModel]] = {"roadmap": Roadmap, "cohort": Cohort}


def schema(kind: Kind) -> dict[str, Any]:
    """The schema of `roadmap.yaml` or of `cohort.yaml`, as JSON Schema 2020-12."""
    body = _MODELS[kind].model_json_schema()
    description = " ".join(str(body.pop("description", "")).split())
    stage = body.get("$defs", {}).get("Stage")
    if stage:
        weeks = stage["properties"]["weeks"]
        # A single week is written without quotes, which makes it a number to an editor.
        weeks["anyOf"] = [
            {"type": "string", "pattern": weeks.pop("pattern")},
            {"type": "integer", "minimum": 1},
        ]
        del weeks["type"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **body,
        "title": f"{kind}.yaml of a cohort-bot cohort",
        "description": description,
    }
