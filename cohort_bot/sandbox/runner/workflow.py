"""A workflow file as values: when it runs, and what its jobs do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

Json = Any


class WorkflowError(ValueError):
    """A workflow or an action that this runner cannot carry out; the message says why."""


@dataclass(frozen=True)
class Step:
    """One step: a script (`run`) or an action (`uses`)."""

    id: str = ""
    name: str = ""
    condition: object = None
    run: str = ""
    uses: str = ""
    given: Mapping[str, Json] = field(default_factory=dict)
    env: Mapping[str, Json] = field(default_factory=dict)
    folder: str = ""
    may_fail: bool = False

    @property
    def title(self) -> str:
        """What the log calls it."""
        return self.name or self.uses or self.run.strip().partition("\n")[0]


@dataclass(frozen=True)
class Job:
    """One job. `permissions` is None where nothing is said: then the workflow's count."""

    id: str
    name: str
    steps: tuple[Step, ...]
    needs: tuple[str, ...] = ()
    condition: object = None
    env: Mapping[str, Json] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    permissions: object = None
    minutes: float = 360


@dataclass(frozen=True)
class Workflow:
    """One file of `.github/workflows`. `group` is its concurrency group, an expression."""

    name: str
    on: Mapping[str, Mapping[str, Json]]
    jobs: Mapping[str, Job]
    env: Mapping[str, Json] = field(default_factory=dict)
    permissions: object = None
    group: str = ""

    def wants_push(self, ref: str, changed: Sequence[str] | None) -> bool:
        """Whether a push to `ref` (full name) starts it. `changed` are the paths it changed, None for any."""
        given = self.on.get("push")
        if given is None or not ref.startswith("refs/heads/"):
            return False
        branch = ref.removeprefix("refs/heads/")
        if "branches" in given and not _any_match(given["branches"], [branch]):
            return False
        if _any_match(given.get("branches-ignore", ()), [branch]):
            return False
        if changed is None:
            return True
        if "paths" in given and not _any_match(given["paths"], changed):
            return False
        ignored = given.get("paths-ignore")
        return not ignored or any(not _any_match(ignored, [path]) for path in changed)

    @property
    def looks_at_paths(self) -> bool:
        """Whether its push trigger asks which paths changed."""
        return bool({"paths", "paths-ignore"} & (self.on.get("push") or {}).keys())

    def wants(self, event: str, action: str = "") -> bool:
        """Whether another event starts it."""
        given = self.on.get(event)
        if given is None:
            return False
        types = _listed(given.get("types", ()))
        return not types or not action or action in types


@lru_cache(maxsize=256)
def parse(text: str) -> Workflow:
    """The workflow that `text` is. Raises WorkflowError."""
    found = _mapping(_load(text), "the file")
    # YAML 1.1 takes a bare `on` for a truth value.
    triggers = found.get("on", found.get(True))
    jobs = {str(name): _job(str(name), raw) for name, raw in _mapping(found.get("jobs"), "`jobs`").items()}
    _in_order(jobs)
    group = found.get("concurrency") or ""
    return Workflow(
        name=str(found.get("name") or ""), on=_triggers(triggers), jobs=jobs, env=found.get("env") or {},
        permissions=found.get("permissions"), group=str(group["group"] if isinstance(group, dict) else group),
    )  # fmt: skip


def steps(raw: object) -> tuple[Step, ...]:
    """The steps that a job or a composite action lists. Raises WorkflowError."""
    if not isinstance(raw, list):
        raise WorkflowError("`steps` is not a list")
    return tuple(_step(_mapping(one, "a step")) for one in raw)


def _load(text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as problem:
        raise WorkflowError(f"not YAML: {problem}") from None


def _mapping(found: object, what: str) -> dict[Any, Any]:
    if not isinstance(found, dict):
        raise WorkflowError(f"{what} is not a mapping")
    return found


def _triggers(raw: object) -> dict[str, dict[str, Json]]:
    if isinstance(raw, str):
        return {raw: {}}
    if isinstance(raw, list):
        return {str(one): {} for one in raw}
    named = _mapping(raw, "`on`")
    return {str(name): given if isinstance(given, dict) else {} for name, given in named.items()}


def _job(name: str, raw: object) -> Job:
    found = _mapping(raw, f"the job {name}")
    if "uses" in found or "strategy" in found or "container" in found or "services" in found:
        raise WorkflowError(
            f"the job {name} asks for what this runner has not: uses, strategy, container, services"
        )
    return Job(
        id=name, name=str(found.get("name") or name), steps=steps(found.get("steps")),
        needs=tuple(_listed(found.get("needs"))), condition=found.get("if"), env=found.get("env") or {},
        outputs=found.get("outputs") or {}, permissions=found.get("permissions"),
        minutes=float(found.get("timeout-minutes") or 360),
    )  # fmt: skip


def _step(found: dict[str, Json]) -> Step:
    if found.get("shell", "bash") not in ("bash", "sh"):
        raise WorkflowError(f"this runner has no shell {found['shell']}")
    if bool(found.get("run")) == bool(found.get("uses")):
        raise WorkflowError("a step has either `run` or `uses`")
    return Step(
        id=str(found.get("id") or ""), name=str(found.get("name") or ""), condition=found.get("if"),
        run=str(found.get("run") or ""), uses=str(found.get("uses") or ""), given=found.get("with") or {},
        env=found.get("env") or {}, folder=str(found.get("working-directory") or ""),
        may_fail=found.get("continue-on-error") is True,
    )  # fmt: skip


def _in_order(jobs: Mapping[str, Job]) -> None:
    """Refuse jobs that need what is not there, or each other."""
    done: set[str] = set()
    while len(done) < len(jobs):
        ready = [name for name, job in jobs.items() if name not in done and done.issuperset(job.needs)]
        if not ready:
            raise WorkflowError("jobs need each other, or one that is not there")
        done.update(ready)


def _listed(raw: object) -> list[str]:
    if raw is None:
        return []
    return [str(one) for one in raw] if isinstance(raw, list | tuple) else [str(raw)]


def _any_match(patterns: object, names: Sequence[str]) -> bool:
    """Whether one of `names` is left by the patterns: in order, those with `!` take names out again.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
    """
    left = set[str]()
    for pattern in _listed(patterns):
        matching = {name for name in names if _glob(pattern.removeprefix("!")).fullmatch(name)}
        left = left - matching if pattern.startswith("!") else left | matching
    return bool(left)


@lru_cache(maxsize=256)
def _glob(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/?|\*|\?)", pattern)
    known = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    return re.compile("".join(known.get(part, re.escape(part)) for part in parts))
