"""Write the parts of docs/checks.md that the code knows best: parameters, messages, known failures.

`python docs/generate.py` rewrites them between their marks; `--check` only says whether they are up to date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import yaml
from docs_samples import SAMPLES

from cohort_bot.model import CheckSpec
from cohort_bot.model.checks import Case, CheckBase, Probe
from cohort_bot.verdict import Result, judge
from cohort_bot.verdict.patterns import PATTERNS

PAGE = Path(__file__).parent / "checks.md"
COMMON = frozenset(CheckBase.model_fields)
_PART = re.compile(r"(<!-- generated: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> int:
    """Rewrite the page, or say whether it is as it would be written. The exit code is 1 when it is not."""
    before = PAGE.read_text(encoding="utf-8")
    after = page(before)
    if "--check" in sys.argv[1:]:
        return int(before != after)
    PAGE.write_text(after, encoding="utf-8")
    return 0


def page(text: str) -> str:
    """`text` with every generated part as it is now."""
    parts = {"common": common, "kinds": kinds, "failures": failures}
    return _PART.sub(lambda match: f"{match[1]}{parts[match['name']]()}\n{match[3]}", text)


def common() -> str:
    """The parameters that every check has."""
    return table(CheckBase, CheckBase.model_fields)


def kinds() -> str:
    """A section for each kind of check."""
    return "\n\n".join("\n".join(kind(model)) for model in get_args(get_args(CheckSpec)[0]))


def kind(model: type[CheckBase]) -> Iterator[str]:
    """What one kind judges, its parameters, an example, and what it says when it fails."""
    name = get_args(model.model_fields["kind"].annotation)[0]
    example, evidence = SAMPLES[name]
    yield f"## `{name}`\n"
    yield (model.__doc__ or "").strip() + "\n"
    yield table(model, [field for field in model.model_fields if field not in COMMON and field != "kind"])
    if name in ("docker_service", "blackbox"):
        inner = Probe if name == "docker_service" else Case
        yield f"\nEach {'probe' if inner is Probe else 'input'}:\n"
        yield table(inner, inner.model_fields)
    yield "\n```yaml"
    yield yaml.safe_dump([example], sort_keys=False, allow_unicode=True, width=100).rstrip()
    yield "```\n"
    yield from message(judge(model.model_validate(example), evidence))


def message(one: Result) -> Iterator[str]:
    """What the learner reads."""
    if not one.found:
        yield "It says nothing but yes: until somebody has signed the work off, it waits."
        return
    yield "A learner may read, for example:\n"
    yield f"> **{one.title}**  "
    for label in ("found", "expected", "why", "next"):
        yield f"> {label.capitalize()}: {getattr(one, label)}  "
    if one.reproduce:
        yield f"> Try it: `{one.reproduce}`"


def table(model: Any, fields: Any) -> str:
    """Parameters as a table: name, type, default, meaning."""
    schema = model.model_json_schema()
    rows = ["| parameter | type | default | meaning |", "|---|---|---|---|"]
    for name in fields:
        about = schema["properties"][name]
        default = "required" if name in schema.get("required", ()) else f"`{shown(about.get('default'))}`"
        meaning = about.get("description", "")
        rows.append(f"| `{name}` | {typed(about)} | {default} | {meaning} |".replace("  |", " |"))
    return "\n".join(rows)


def shown(value: object) -> str:
    """A default as one would write it in YAML."""
    text = yaml.safe_dump(value, default_flow_style=True, width=200).removesuffix("\n...\n").strip()
    return text.replace("|", "\\|")


def typed(about: dict[str, Any]) -> str:
    """A type in a word or two."""
    if "enum" in about:
        return " or ".join(f"`{value}`" for value in about["enum"])
    if "anyOf" in about:
        return " or ".join(dict.fromkeys(typed(one) for one in about["anyOf"] if one.get("type") != "null"))
    if "$ref" in about:
        return str(about["$ref"]).rsplit("/", 1)[-1].lower()
    kinds = {"string": "text", "integer": "whole number", "boolean": "true or false", "object": "mapping"}
    if about.get("type") == "array":
        return f"list of {typed(about['items'])}" if about.get("items") else "list"
    return kinds.get(about.get("type", ""), str(about.get("type", "anything")))


def failures() -> str:
    """The table of known failures."""
    rows = ["| failure | why | what the learner is told to do |", "|---|---|---|"]
    for pattern in PATTERNS:
        why, step = (re.sub(r"\{\w+\}", "…", text) for text in (pattern.why, pattern.next))
        rows.append(f"| {pattern.key.replace('-', ' ')} | {why} | {step} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
